def test_probe(open):
    js = "[...document.querySelectorAll('svg.marks')].map(s=>[s.getAttribute('aria-label')?.slice(0,20), s.getAttribute('width'), [...s.children].map(c=>c.getAttribute('aria-hidden'))])"
    for path, n in (("/transforms", 2), ("/vectors", 2), ("/eigen", 2), ("/eigen", 3)):
        for rate in (1, 10):
            screen = open(path, 390, 844)
            cdp = screen.page.context.new_cdp_session(screen.page)
            cdp.send("Emulation.setCPUThrottlingRate", {"rate": rate})
            screen.page.get_by_role("tab").nth(n).click()
            screen.page.wait_for_timeout(4000)
            screen.settle()
            screen.page.wait_for_timeout(1000)
            print("D", path, n, rate, screen.page.evaluate(js))
            screen.page.context.close()
    assert 0
