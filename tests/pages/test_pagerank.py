"""The story of the page PageRank: areas are ranks, arrows carry what flows, traps are named, and the numbers add up."""

import re

import numpy as np
import pytest
from screens import figure, fine, frame, says, text

from mml_charts import network
from mml_core import pagerank
from mml_ui import typed_links

NUMBER = r"−?\d+(?:\.\d+)?(?:e[+−]\d+)?"


@pytest.fixture
def opened(open_page):
    def page(**names):
        return fine(open_page("pagerank", **{f"pagerank_{name}": str(value) for name, value in names.items()}))

    return page


def table(app, name, of="main"):
    return figure(app, of).tables[name]


def call(app, function):
    return next(c for c in reversed(frame(app).calls) if c.function is function)


def press(app, name):
    (pills,) = (b for b in app.get("button_group") if b.key == "pagerank_preset")
    return fine(pills.set_value(name).run())


def shares(app, of="main"):
    """Return each page's share of the drawn area, by name."""
    pages = table(app, "pages", of).sort_values("page")
    return dict(zip(pages["page"], pages["size"] / pages["size"].sum(), strict=True))


def number(found):
    return float(found.replace("−", "-"))


# The picture


def test_one_sees_six_pages_whose_areas_are_their_ranks(opened):
    app = opened()
    ranks = call(app, pagerank.power_iteration).result.ranks[20]
    assert list(shares(app)) == list("ABCDEF")
    assert np.allclose(list(shares(app).values()), ranks, rtol=0, atol=2e-3)
    assert says(app) == "After 20 steps **C** leads with 29.8 % of all surfers; in the long run it has 29.8 %."
    assert len(table(app, "rings")) == 6


@pytest.mark.parametrize("d", [0.0, 0.3, 0.85, 1.0])
def test_the_arrows_carry_what_the_next_step_moves(opened, d):
    app = opened(d=d, step=3)
    walk = call(app, pagerank.power_iteration)
    graph, ranks = walk.arguments["graph"], walk.result.ranks[3]
    widths = table(app, "links").groupby("link", sort=False)["width"].first()
    flows = dict(
        zip(zip(graph.sources.tolist(), graph.targets.tolist(), strict=True), pagerank.flows(graph, ranks, d), strict=True)
    )
    names = "ABCDEF"
    low, high = network.WIDTHS
    flow = np.array([flows[names.index(link[0]), names.index(link[-1])] for link in widths.index])
    assert np.allclose(widths, low + (high - low) * 2 * flow, rtol=0, atol=1e-9)


def test_between_two_steps_areas_and_surfers_are_on_their_way(opened):
    early, between, late = (opened(step=step, start="A") for step in (1, 1.5, 2))
    ranks = call(early, pagerank.power_iteration).result.ranks
    total = table(between, "pages")["size"].sum()
    assert total > 0
    assert np.allclose(list(shares(between).values()), ranks[1:3].mean(axis=0), rtol=0, atol=2e-3)
    dots = [table(app, "surfers")[["x", "y"]].to_numpy() for app in (early, between, late)]
    moved = np.hypot(*(dots[2] - dots[0]).T) > 0.2
    assert moved.sum() > 50
    nearer = np.hypot(*(dots[1] - dots[0]).T) < np.hypot(*(dots[2] - dots[0]).T) + 0.15
    assert nearer.all(), "who is on the way is not further off than who has arrived"


def test_all_surfers_start_where_they_are_told_to(opened):
    app = opened(step=0, start="B")
    assert says(app).startswith("At the start **B** leads with 100 % of all surfers")
    app = opened(step=0, start="A = 1, B = 3")
    ranks = call(app, pagerank.power_iteration).result.ranks[0]
    assert ranks.tolist() == [0.25, 0.75, 0, 0, 0, 0]


def test_jumps_lead_where_they_are_told_to(opened):
    anywhere, to_f = opened(), opened(jumps="F")
    f = call(anywhere, pagerank.pagerank).result.ranks[5]
    assert call(to_f, pagerank.pagerank).result.ranks[5] > 2 * f
    assert call(to_f, pagerank.power_iteration).arguments["teleport"].tolist() == [0, 0, 0, 0, 0, 1]


def test_pages_stay_where_they_are_whatever_moves(opened):
    tables = (table(opened(d=d, step=step), "pages") for d, step in ((0.85, 20), (0.1, 20), (1, 0.35)))
    places = [found.sort_values("page")[["x", "y"]].to_numpy() for found in tables]
    assert (places[0] == places[1]).all()
    assert (places[0] == places[2]).all()


# Presets


def test_the_trap_swallows_everyone_and_jumps_free_them(opened):
    app = press(opened(), "Spider trap")
    assert says(app) == "After 20 steps **T** leads with 98.9 % of all surfers; in the long run it has 100 %."
    assert "Trap: T" in text(app)
    cured = press(app, "Trap, cured")
    share = call(cured, pagerank.pagerank).result.ranks[3]
    assert 0.4 < share < 0.7


def test_a_dead_end_and_islands_are_named(opened):
    app = press(opened(), "Dead end")
    assert "Dead end: D" in text(app)
    app = press(app, "Two islands")
    assert "2 islands, no link between them" in text(app)
    app = press(app, "Six pages")
    assert "No dead end, no trap, no island." in text(app)


def test_on_a_ring_all_pages_become_equal(opened):
    app = press(opened(), "Ring")
    ranks = call(app, pagerank.pagerank).result.ranks
    assert np.allclose(ranks, 1 / 6, rtol=0, atol=1e-10)


def test_without_jumps_a_ring_goes_round_for_ever_and_the_page_says_so(opened):
    app = opened(web="A > B; B > C; C > A", start="A", d=1)
    assert says(app).endswith("They go round in circles of 3 steps for ever: without jumps nothing breaks the rhythm.")
    assert "it never settles" in text(opened(web="A > B; B > C; C > A", d=1, start="A", view="Convergence"))
    assert call(app, pagerank.power_iteration).result.ranks[20].max() == 1


def test_one_good_link_beats_sixteen(opened):
    app = press(opened(), "One good link")
    web = typed_links.parsed(frame(app).values["pagerank_web"])
    ranks = call(app, pagerank.pagerank).result.ranks
    into = np.bincount(web.targets, minlength=len(web.names))
    king, crowd = web.names.index("King"), web.names.index("Crowd")
    assert (into[king], into[crowd]) == (1, 16)
    assert ranks[king] > 2 * ranks[crowd]


def test_three_links_bring_you_to_the_top(opened):
    app = press(opened(), "Reach the top")
    web = frame(app).values["pagerank_web"]
    before = call(app, pagerank.pagerank).result.ranks
    assert before[0] == before.min()
    app = opened(web=typed_links.settled(f"{web}\nC ~> You\nA ~> You\nB ~> You"))
    after = call(app, pagerank.pagerank).result.ranks
    assert after[0] > 2 * before[0]


# Where the web comes from


def test_a_web_may_be_typed_and_a_mistake_leaves_the_last_one(opened):
    app = opened(web="A > B; B > A, C")
    assert list(shares(app)) == ["A", "B", "C"]
    app.text_area(key="pagerank_web").set_value("A -> B -> C").run()
    assert says(fine(app)), "there is a picture"
    assert list(shares(app)) == ["A", "B", "C"]
    assert frame(app).problem.startswith("Links: line 1, “A -> B -> C”, has more than one arrow")


def test_the_chosen_page_stays_chosen_or_is_the_first(opened):
    app = opened(page="D")
    assert (table(app, "pages")["role"] == "second").tolist() == [False, False, False, True, False, False]
    app.text_area(key="pagerank_web").set_value("P > Q").run()
    assert frame(fine(app)).values["pagerank_page"] == "P"


@pytest.mark.parametrize("n", [5, 40, 60, 61, 1000])
def test_a_random_web_has_as_many_pages_as_asked_for(opened, n):
    app = opened(by="Random", n=n, page="3")
    assert len(table(app, "pages")) == n
    assert abs(call(app, pagerank.pagerank).result.ranks.sum() - 1) < 1e-12
    drawn = set(table(app, "links")["link"])
    if n <= 60:
        assert frame(app).pads[0]["text"] == typed_links.parsed(frame(app).pads[0]["text"]).text
        assert len(frame(app).pads[0]["names"]) == n
    else:
        assert not frame(app).pads
        assert all("3" in link.split("→") for link in drawn), "of a large web only the chosen page's links are arrows"


def test_a_link_drawn_on_a_random_web_makes_it_a_typed_one(opened):
    pad = frame(opened(by="Random", n=8)).pads[0]
    assert pad["sets"] == {"pagerank_by": "Links"}
    app = opened(web=f"{pad['text']}\n4 ~> 7")
    before, after = (set(typed_links.parsed(line).links) for line in (pad["text"], frame(app).pads[0]["text"]))
    assert before ^ after == {(3, 6)}


def test_a_small_link_list_may_be_uploaded_and_a_large_one_is_sent_on(opened):
    app = opened(by="Yours")
    assert "There is no small web of yours yet" in text(app)
    app.file_uploader(key="pagerank_file").set_value(
        ("web.csv", b"from,to\nrome,milan\nmilan,rome\nturin,milan\n", "text/csv")
    ).run()
    assert sorted(shares(fine(app))) == ["milan", "rome", "turin"]
    many = "".join(f"{i},{(i * 7 + 1) % 6001}\n" for i in range(6001)).encode()
    app.file_uploader(key="pagerank_file").set_value(("big.csv", many, "text/csv")).run()
    assert sorted(shares(fine(app))) == ["milan", "rome", "turin"]
    assert frame(app).problem.startswith("big.csv has 6,001 pages and 6,001 links; at most 1,000 and 5,000 can be drawn.")


# Second level


def test_the_equation_adds_up_to_the_next_step(opened):
    for page in "ABCDEF":
        app = opened(page=page, step=4)
        line = next(m.value for m in app.latex if "underbrace" in m.value)
        total = number(re.search(rf"= ({NUMBER})\s*\$*\s*$", line)[1])
        next_rank = call(app, pagerank.power_iteration).result.ranks[5]["ABCDEF".index(page)]
        assert abs(total - next_rank) < 5e-5
        links = re.findall(rf"underbrace\{{({NUMBER}) \\cdot ({NUMBER})\}}", line)
        jumps = number(re.search(rf"underbrace\{{({NUMBER})\}}_\{{\\text\{{jumps\}}\}}", line)[1])
        assert abs(0.85 * sum(number(a) * number(b) for a, b in links) + jumps - total) < 2e-4


def test_the_cells_of_the_matrix_are_the_links_of_the_web(opened):
    app = opened(view="Matrix")
    cells = table(app, "cells", "matrix")
    assert set(cells["link"]) == set(table(app, "links")["link"])
    assert len(opened(view="Matrix", web="A>B;B>A;C").session_state["mml"].frame.figures) == 2


def test_the_measured_rate_comes_close_to_the_predicted_one(opened):
    app = opened(view="Convergence", step=20)
    found = re.search(rf"= ({NUMBER}) · ({NUMBER}) = ({NUMBER}); .* step 20: ({NUMBER})", says(app, "convergence"))
    damping, second, rate, measured = (number(n) for n in found.groups())
    assert abs(damping * second - rate) < 1e-3
    assert abs(measured - rate) < 0.02
    steps = [int(n) for n in re.findall(r"(?:at step|:) \**\s*(\d+)", text(app))]
    assert abs(steps[0] - call(app, pagerank.pagerank).result.n_steps) <= 30


def test_gauss_seidel_needs_fewer_steps(opened):
    app = opened(view="Convergence")
    found = {name: int(n) for name, n in re.findall(r"\*\*(Power iteration|Gauss-Seidel)\*\*: (\d+) steps", text(app))}
    assert found["Gauss-Seidel"] < 0.7 * found["Power iteration"]


def test_the_ranks_are_sorted_by_the_long_run(opened):
    app = opened(view="Ranks", step=2)
    assert "In the order of the long run; the bar is the rank after step 2." in says(app, "ranks")


def test_a_thousand_surfers_are_where_the_ranks_say_within_the_error(opened):
    app = opened(view="Random surfers", luck=5)
    inside = int(re.search(r"on (\d) of 6 pages", says(app, "surfers"))[1])
    assert inside >= 4
    assert says(app, "surfers").startswith("1,000 surfers after step 20: ")


def test_names_cannot_write_markup(opened):
    app = opened(web="**bold** -> <b>x</b>\n<b>x</b> -> [a](b)", d=0.5)
    for m in app.markdown:
        assert "<b>x</b>" not in m.value.replace("\\<", "") or "\\<b" in m.value
