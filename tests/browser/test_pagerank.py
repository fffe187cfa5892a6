"""Links are drawn with the hand, by mouse, finger and keys; a cell of the matrix and its arrow light up each other."""

from __future__ import annotations

import pytest

WEB, CHOSEN = "pagerank_web", "pagerank_page"
LINKS = """(name) => [...document.querySelectorAll('[class*="st-key-mml_figure"] svg.marks .role-mark path')]
  .filter((path) => path.__data__?.datum?.link === name || path.__data__?.items?.[0]?.datum?.link === name)"""


def dot(screen, name):
    """The place on the picture where a page can be taken."""
    return screen.page.locator(f'.mml-page[data-page="{name}"]')


def typed(screen):
    """The links as the text says, by page."""
    lines = screen.control(WEB).locator("textarea").input_value().split("\n")
    return {name: set(to.split(", ")) if to else set() for name, _, to in (line.partition(" -> ") for line in lines)}


def links_in(query):
    """The links that the address carries."""
    return query.get(WEB, "")


def middle(screen, name):
    """Where a link can be pointed at: the middle of the widest of its lines, which nobody sees."""
    return screen.page.evaluate(
        f"""(name) => {{ const hit = ({LINKS})(name).find((path) => path.closest('[class*="hits_0"]'));
          const at = hit.getPointAtLength(hit.getTotalLength() / 2), to = hit.getScreenCTM();
          return [at.x * to.a + to.e, at.y * to.d + to.f]; }}""",
        name,
    )


def pointed(screen):
    """Which links are lit up, and in how many figures."""
    return screen.page.evaluate(
        """() => { const lit = [...document.querySelectorAll('.mml-pointed')];
          const names = new Set(lit.map((e) => (e.__data__.datum ?? e.__data__.items?.[0].datum ?? e.__data__[0].datum).link));
          return [[...names], new Set(lit.map((e) => e.closest('svg'))).size]; }"""
    )


def test_a_link_is_drawn_by_dragging_and_the_picture_follows_before_it_is_let_go(open):
    screen = open("/pagerank")
    before, start = screen.sentence(), typed(screen)
    goal = dot(screen, "E").bounding_box()
    from_a = dot(screen, "A").bounding_box()
    screen.drag(dot(screen, "A"), (goal["x"] - from_a["x"], goal["y"] - from_a["y"]), moves=10)
    screen.until("(before) => mmlTest.says() !== before", before)
    assert links_in(screen.query) == "", "the address changes when the link is let go"
    screen.page.mouse.up()
    screen.until_names(WEB)
    screen.settle()
    assert typed(screen) == start | {"A": start["A"] | {"E"}}
    followed = screen.sentence()
    assert open(f"/pagerank?{screen.page.url.split('?')[1]}").sentence() == followed


def test_a_drag_that_ends_nowhere_changes_nothing(open):
    screen = open("/pagerank")
    before, start = screen.sentence(), typed(screen)
    screen.drag(dot(screen, "A"), (-120, 40), moves=6)
    screen.page.mouse.up()
    screen.settle()
    assert (screen.sentence(), typed(screen), screen.query) == (before, start, {})


def test_a_drag_over_a_page_and_away_again_leaves_the_web_as_it_was(open):
    screen = open("/pagerank")
    before, start = screen.sentence(), typed(screen)
    goal, from_a = dot(screen, "E").bounding_box(), dot(screen, "A").bounding_box()
    x, y = screen.drag(dot(screen, "A"), (goal["x"] - from_a["x"], goal["y"] - from_a["y"]), moves=6)
    screen.until("(before) => mmlTest.says() !== before", before)
    screen.page.mouse.move(x + 80, y - 60, steps=4)
    screen.until("(before) => mmlTest.says() === before", before)
    screen.page.mouse.up()
    screen.settle()
    assert (typed(screen), screen.query) == (start, {})


def test_a_link_is_taken_away_by_a_click_and_by_drawing_it_again(open):
    screen = open("/pagerank")
    start = typed(screen)
    screen.page.mouse.click(*middle(screen, "D→E"))
    screen.until_names(WEB)
    screen.settle()
    assert typed(screen) == start | {"D": {"C"}}
    goal, from_d = dot(screen, "E").bounding_box(), dot(screen, "D").bounding_box()
    screen.drag(dot(screen, "D"), (goal["x"] - from_d["x"], goal["y"] - from_d["y"]), moves=6)
    screen.page.mouse.up()
    screen.until_query(**{WEB: None})
    screen.settle()
    assert typed(screen) == start


def test_a_tap_chooses_a_page_and_its_equation_is_shown(open):
    screen = open("/pagerank", touch=True)
    dot(screen, "D").tap()
    screen.until_query(**{CHOSEN: "D"})
    screen.settle()
    assert "{D}" in screen.page.locator(".katex-display annotation").first.evaluate("(e) => e.textContent")
    assert typed(screen)["D"] == {"C", "E"}


def test_links_are_drawn_with_the_keys_too(open):
    screen = open("/pagerank")
    start = typed(screen)
    for name in "FA":
        dot(screen, name).focus()
        screen.page.keyboard.press("Enter")
    screen.until_names(WEB)
    screen.settle()
    assert typed(screen) == start | {"F": {"D", "A"}}
    dot(screen, "B").focus()
    screen.page.keyboard.press("Space")
    screen.until_query(**{CHOSEN: "B"})


def test_a_link_that_is_drawn_on_a_random_web_makes_it_a_typed_one_with_a_link_of_its_own(open):
    screen = open("/pagerank?pagerank_by=Random&pagerank_n=9")
    for name in "27":
        dot(screen, name).focus()
        screen.page.keyboard.press("Enter")
    screen.until_query(pagerank_by=None)
    screen.until_names(WEB)
    screen.settle()
    said, drawn = screen.sentence(), typed(screen)
    assert len(drawn) == 9
    screen.page.reload()
    screen.ready()
    assert (screen.sentence(), typed(screen)) == (said, drawn)


def test_a_cell_of_the_matrix_and_its_arrow_light_up_each_other(open):
    screen = open("/pagerank?pagerank_view=Matrix", 1280, 1400)
    screen.page.mouse.move(*middle(screen, "A→C"))
    screen.until("() => document.querySelectorAll('.mml-pointed').length > 1")
    assert pointed(screen) == [["A→C"], 2]
    cell = screen.page.evaluate(
        f"""() => {{ const box = ({LINKS})('D→E').find((path) => path.closest('[class*="cells_0"]')).getBoundingClientRect();
          return [box.left + box.width / 2, box.top + box.height / 2]; }}"""
    )
    screen.page.mouse.move(*cell)
    screen.until("() => [...document.querySelectorAll('.mml-pointed')].length > 1")
    assert pointed(screen) == [["D→E"], 2]
    screen.page.mouse.move(5, 5)
    screen.until("() => document.querySelectorAll('.mml-pointed').length === 0")


@pytest.mark.parametrize("page", ["pagerank", "webgraph"])
def test_the_web_is_never_stretched(open, page):
    view = "&webgraph_view=Neighbourhood+and+what+if" if page == "webgraph" else ""
    screen = open(f"/{page}?{view}", 390, 844)
    boxes = screen.page.evaluate(
        """() => [...document.querySelectorAll('svg.marks')].filter((svg) => svg.querySelector('[class*=" pages_0"]'))
          .map((svg) => svg.querySelector('.background').getBoundingClientRect()).map((box) => [box.width, box.height])"""
    )
    assert len(boxes) == 1
    assert boxes[0][0] == pytest.approx(boxes[0][1], abs=0.5)


def test_a_tap_on_a_neighbour_goes_there(open):
    screen = open("/webgraph?webgraph_view=Neighbourhood+and+what+if", 1280, 1300)
    there = screen.page.locator(".mml-page").nth(1)
    name = there.get_attribute("data-page")
    there.click()
    screen.until_query(webgraph_page=name)
    screen.settle()
    assert screen.page.locator(".mml-page").first.get_attribute("data-page") == name
