"""What a hand finds on the pages Neural net and Backprop: epochs, neurons and weights that are taken hold of."""

from __future__ import annotations

import re

import pytest
from conftest import some

EPOCH, SHOWN, VALUE, BY = "neural_net_epoch", "neural_net_shown", "neural_net_value", "neural_net_by"
MOMENT, NUDGE = "backprop_moment", "backprop_nudge"
PLAY, PAUSE = re.compile("^Play"), re.compile("^Pause")
WINDOWS = [(1280, 670), (390, 844)]
SVG = ".st-key-mml_figure_{} svg.marks"
# Where the point "actual" is on the screen, where the curve is at that place, and its two ends: -1 and 1 on the axis.
ON_THE_CURVE = """() => {
  const svg = document.querySelector('.st-key-mml_figure_backprop_along svg.marks');
  const of = (name, ink) => [...svg.querySelectorAll(`[class*=" ${name}_"][class*="_marks"] path`)]
    .find((path) => path.__data__.datum.ink === ink);
  const dot = of('points', 'first').getBoundingClientRect(), x = dot.left + dot.width / 2, y = dot.top + dot.height / 2;
  const path = of('lines', 'result'), to = path.getScreenCTM(), n = path.getTotalLength();
  const at = (t) => { const p = path.getPointAtLength(t); return [p.x * to.a + to.e, p.y * to.d + to.f]; };
  const along = Array.from({ length: 401 }, (_, i) => at(n * i / 400));
  const near = along.reduce((a, b) => (Math.abs(a[0] - x) < Math.abs(b[0] - x) ? a : b));
  return { x, y, curve: near[1], left: along[0][0], right: along.at(-1)[0] }; }"""


def box(screen, figure):
    """Return the box of a figure's chart. (A bounding box of Playwright's counts strokes in.)"""
    return screen.page.locator(SVG.format(figure)).evaluate("(e) => e.getBoundingClientRect().toJSON()")


def bent_lines(screen):
    """Return the lines of the bent grid, as they are drawn."""
    paths = screen.page.locator(f'{SVG.format("neural_net_bent")} [class*=" paths_"] path')
    return paths.evaluate_all("(all) => all.map((path) => path.getAttribute('d'))")


def tell_epoch(screen):
    """Return the epoch of the sentence."""
    return re.search(r"Epoch (\d+):", screen.sentence())[1]


def pad(screen, name):
    """Return the place of a neuron or weight that can be tapped."""
    return screen.page.locator(f'.mml-page[data-page="{name}"]')


def written(screen, part):
    """Return what stands in the network, of one kind; every text is drawn over a halo, its own copy."""
    layer = dict(biases=3, deltas=5, weights=7, numbers=8)[part]
    texts = screen.page.locator(f"{SVG.format('backprop_main')} .labels_{layer}_marks text")
    return [t for t in texts.all_text_contents() if t]


def click(screen, name):
    """Press a button of the page and wait for what it does."""
    screen.page.get_by_test_id("stButton").get_by_role("button", name=name).click()
    screen.settle()


def formula(screen):
    """Return the first formula, as it is written."""
    return screen.page.locator(".katex-display annotation").first.evaluate("(e) => e.textContent")


@pytest.fixture(scope="module")
def trained(chromium, server):
    """Let the server train the network that most tests begin with: where a test waits for it, a bar is shown meanwhile."""
    page = chromium.new_page()
    page.goto(f"http://127.0.0.1:{server}/neural_net")
    page.get_by_text("training loss").wait_for(timeout=60_000)
    page.close()


# Neural net


def test_after_a_bar_was_shown_a_control_can_be_held(open):
    screen = open("/neural_net?neural_net_epochs=1000&neural_net_n=4&neural_net_n1=8&neural_net_n2=8&neural_net_seed=77")
    screen.drag(screen.thumb(EPOCH), (60, 0), moves=3)
    screen.until_answered()
    screen.page.mouse.up()
    screen.settle()


def test_a_dragged_epoch_takes_map_bent_grid_and_sentence_along_and_the_link_after(open, trained):
    screen = open("/neural_net")
    picture, bent = screen.tell("picture()"), bent_lines(screen)
    assert tell_epoch(screen) == screen.thumb_text(EPOCH) == "100"
    x, y = screen.drag(screen.thumb(EPOCH), (-60, 0), moves=3)
    pictures, grids, epochs = [picture], [bent], [100]
    for way in (0, -90):
        screen.page.mouse.move(x + way, y, steps=2)
        screen.until_answered()
        held = screen.thumb_text(EPOCH)
        assert tell_epoch(screen) == held
        pictures, grids, epochs = [*pictures, screen.tell("picture()")], [*grids, bent_lines(screen)], [*epochs, int(held)]
        assert EPOCH not in screen.query, "the link waits for the release"
    assert epochs == sorted({*epochs}, reverse=True)
    assert len({*pictures}) == len({*map(tuple, grids)}) == 3, "all of it moves on the way, not only at the end"
    assert {len(grid) for grid in grids} == {len(bent)}
    screen.page.mouse.up()
    screen.until_query(**{EPOCH: held})
    screen.settle()
    assert tell_epoch(screen) == screen.thumb_text(EPOCH) == held
    assert (screen.tell("picture()"), bent_lines(screen)) == (pictures[-1], grids[-1]), "nothing jumps back"


def test_epochs_play_to_the_end_and_stop_there(open, trained):
    screen = open(f"/neural_net?{EPOCH}=40")
    picture = screen.tell("picture()")
    screen.button(EPOCH, PLAY).click()
    screen.button(EPOCH, PAUSE).wait_for()
    screen.until("() => { const at = Number(mmlTest.says().match(/Epoch (\\d+)/)[1]); return 40 < at && at < 100; }")
    screen.button(EPOCH, PLAY).wait_for()
    screen.until_query(**{EPOCH: None})  # the last epoch is where the page begins
    screen.settle()
    end = screen.sentence(), screen.tell("picture()")
    assert tell_epoch(screen) == screen.thumb_text(EPOCH) == "100"
    assert end[1] != picture
    screen.page.wait_for_timeout(700)
    screen.settle()
    assert (screen.sentence(), screen.tell("picture()")) == end, "it has stopped"
    assert screen.button(EPOCH, PLAY).count() == 1


def test_a_tap_on_a_neuron_shows_it_large_and_one_on_the_output_brings_that_back(open, trained):
    screen = open("/neural_net", touch=True)
    said, picture = screen.sentence(), screen.tell("picture()")
    pad(screen, "1.2").tap()
    screen.until_query(**{SHOWN: "1.2"})
    screen.settle()
    assert screen.sentence() == f"Shown is neuron 1.2. {said}", "losses are those of the network, whatever is shown"
    large = screen.tell("picture()")
    assert large != picture
    pad(screen, "x2").tap()
    screen.until_query(**{SHOWN: "x2"})
    screen.settle()
    assert screen.sentence().startswith("Shown is neuron x2. ")
    assert screen.tell("picture()") not in (picture, large)
    pad(screen, "Output").tap()
    screen.until_query(**{SHOWN: None})
    screen.settle()
    assert (screen.sentence(), screen.tell("picture()")) == (said, picture)


@pytest.mark.parametrize(("width", "height"), some(WINDOWS, 1, "neural_backprop"))
def test_both_maps_are_square_and_all_of_it_is_in_the_window(open, width, height):
    screen = open("/neural_net", width, height)
    figures = {name: box(screen, f"neural_net_{name}") for name in ("main", "bent", "layers", "losses")}
    for name in ("main", "bent"):
        assert figures[name]["width"] == pytest.approx(figures[name]["height"], abs=0.5), name
        assert figures[name]["width"] > 300, name
    for plane in screen.tell("planes()"):
        assert plane["x"] == pytest.approx(plane["y"], rel=0.01), "one unit is as long across as up"
    for name, found in figures.items():
        assert 0 <= found["left"] < found["right"] <= width, name
        assert found["bottom"] <= height or width < 640, f"{name} ends at {found['bottom']:.0f} of {height}"
    for inner, outer in screen.tell("widths()"):
        assert inner <= outer


def test_a_weight_is_edited_by_hand_and_the_trained_one_comes_back(open, trained):
    screen = open("/neural_net")
    said, picture, bent = screen.sentence(), screen.tell("picture()"), bent_lines(screen)
    screen.page.locator("[data-testid=stPopover] button", has_text="Weights").click()
    screen.thumb(VALUE).wait_for()
    trained = screen.thumb_text(VALUE)
    assert float(trained.replace("−", "-")) != 0, "the slider shows the trained weight"
    screen.drag(screen.thumb(VALUE), (50, 0), moves=8)
    screen.until_answered()
    screen.until("(old) => mmlTest.picture() !== old", picture)
    assert bent_lines(screen) != bent
    assert BY not in screen.query, "the link waits for the release"
    screen.page.mouse.up()
    query = screen.until_query(**{BY: "Mine"})
    screen.settle()
    assert float(query[VALUE]) == pytest.approx(float(screen.thumb_text(VALUE).replace("−", "-")), abs=0.0051)
    assert screen.tell("picture()") != picture
    assert screen.sentence() != said
    screen.page.wait_for_timeout(1100)  # within a second, what undoes the app's own change is taken for an old message
    screen.control(BY).get_by_text("Trained", exact=True).click()
    screen.until_query(**{BY: None})
    screen.until("(said) => mmlTest.says().trim() === said", said)
    screen.settle()
    assert (screen.sentence(), screen.tell("picture()"), bent_lines(screen)) == (said, picture, bent)
    assert screen.thumb_text(VALUE) == trained


# Backprop


def test_a_tap_chooses_a_weight_and_only_the_step_moves_weights(open):
    screen = open("/backprop", touch=True)
    assert "w^{(1)}_{1 1}" in formula(screen)
    pad(screen, "w2_1_2").tap()
    screen.until_query(backprop_w="w2_1_2")
    screen.settle()
    assert "w^{(2)}_{1 2}" in formula(screen)
    before, biases, deltas = (written(screen, part) for part in ("weights", "biases", "deltas"))
    assert (before, biases) == (["0.3", "0.7", "0.3", "−1.1"], ["b 0.5", "b 0.2", "b −0.3"])
    assert len(deltas) == 3
    click(screen, "Step")
    query = screen.until_query(backprop_steps="1", **{MOMENT: "7"})
    assert query["backprop_w"] == "w2_1_2"
    moved = written(screen, "weights"), written(screen, "biases")
    assert len(moved[0]) == len(before)
    assert all(now != then for now, then in zip(moved[0], before, strict=True)), "each weight moves"
    assert moved[1] != biases
    assert {text.strip() for text in written(screen, "deltas")} == {"δ ?"}, "slopes of the new place are not found yet"
    assert "slopes are not found yet" in screen.sentence()
    click(screen, "Find slopes")
    query = screen.until_query(backprop_steps="1", **{MOMENT: None})
    assert (written(screen, "weights"), written(screen, "biases")) == moved, "to look for slopes moves nothing"
    found = written(screen, "deltas")
    assert len(found) == 3
    assert found != deltas
    assert "no weight has moved for that. Steps made: 1." in screen.sentence()


def test_a_dragged_nudge_carries_the_point_along_the_curve_and_says_what_came(open):
    screen = open("/backprop")
    sentence = screen.page.locator('.st-key-mml_figure_backprop_along [data-testid="stMarkdown"]')
    said, start, network = sentence.inner_text(), screen.page.evaluate(ON_THE_CURVE), screen.state()
    screen.drag(screen.thumb(NUDGE), (-150, 0), moves=10)
    screen.until_answered()
    nudge = float(screen.thumb_text(NUDGE).replace("−", "-"))
    assert nudge < -0.4
    told = re.fullmatch(r"Nudge (\S+): promised (\S+), actual (\S+)\.", sentence.inner_text().strip())
    assert sentence.inner_text() != said
    assert float(told[1].replace("−", "-")) == pytest.approx(nudge, abs=0.0051)
    held = screen.page.evaluate(ON_THE_CURVE)
    for at, where in ((start, 0.3), (held, nudge)):
        assert at["x"] == pytest.approx(at["left"] + (where + 1) / 2 * (at["right"] - at["left"]), abs=1.5)
        assert at["y"] == pytest.approx(at["curve"], abs=1.5), "the point lies on the curve"
    assert held["y"] < start["y"] - 5, "this weight's slope is negative: to the left the loss is higher"
    assert held["left"] == pytest.approx(start["left"], abs=0.1), "axes stay"
    assert screen.state() == network, "a nudge is a question: no weight of the network moves"
    assert NUDGE not in screen.query, "the link waits for the release"
    screen.page.mouse.up()
    screen.until_names(NUDGE)
    screen.settle()
    assert float(screen.query[NUDGE]) == pytest.approx(nudge, abs=0.0051)
