"""What a hand finds on the pages Covariance, PCA and Reduction: clouds, directions, cells, digits and counts that are held."""

from __future__ import annotations

import re

import numpy as np
import pytest

from mml_core import reductions
from mml_ui import tables

TILT, SPREAD, WIDTH, DIRECTION = (f"covariance_{name}" for name in ("tilt", "spread", "width", "direction"))
POINTS, ACROSS, UP = "covariance_points", "covariance_across", "covariance_up"
K, SHOWN, S1, S2 = "pca_k", "pca_shown", "pca_s1", "pca_s2"
AT, TRIES, CLASSIFIER = "reduction_k", "reduction_tries", "reduction_classifier"
NUMBER = r"−?\d+(?:\.\d+)?"
PLAY = re.compile("^Play")
NEAREST, LOGISTIC = reductions.CLASSIFIERS
OWN = "-3,-1;-1,-1.5;0,0.5;1,0;2,1.5;1,-0.5"

# Look at a figure frame by frame: which charts it is, and which pictures are seen, those of the buffer behind the chart.
WATCH = """(figure) => {
  const host = document.querySelector(`.st-key-mml_figure_${figure}`);
  const seen = (window.mmlSeen = { charts: new Set(), pictures: new Set(), points: [], on: true });
  const look = () => {
    if (!seen.on) return;
    seen.charts.add(host.querySelector('svg.marks'));
    seen.pictures.add([...host.querySelectorAll('.mml-back img')].map((img) => img.isConnected && img.src).join(' '));
    seen.points.push([...host.querySelectorAll('.points_1_marks path')].map((p) => p.getAttribute('transform')).join(' '));
    requestAnimationFrame(look);
  };
  look(); }"""
WATCHED = """() => { const { charts, pictures, points } = window.mmlSeen; window.mmlSeen.on = false;
  return { charts: [...charts].map((svg) => !!svg?.isConnected), pictures: [...pictures], points }; }"""

# A slider shows this above its thumb.
THUMB = """([key, text]) =>
  document.querySelector(`.st-key-${key} [data-testid="stSliderThumbValue"]`).innerText.trim() === text"""


def part(screen, name):
    """Return a figure below or beside the main one."""
    return screen.page.locator(f".st-key-mml_figure_{name}")


def says(screen, name):
    """Return the sentence under a figure."""
    return part(screen, name).locator('[data-testid="stMarkdown"]').inner_text().strip()


def drawn(screen, name, layer, attribute="d"):
    """Return an attribute of each path of a layer of a figure."""
    paths = part(screen, name).locator(f"svg.marks .{layer}_marks path")
    return paths.evaluate_all("(all, name) => all.map((path) => path.getAttribute(name))", attribute)


def pictures(screen, name):
    """Return the pictures in a figure, as data URLs."""
    images = part(screen, name).locator("svg.marks image")
    return images.evaluate_all("(all) => all.map((image) => image.getAttribute('href') ?? image.getAttribute('xlink:href'))")


def number(text):
    """Read a number with a true minus."""
    return float(text.replace("−", "-"))


def place(screen, name):
    """Return the numbers that a grip says."""
    return [float(n) for n in re.findall(r"-?\d+\.?\d*", screen.grip(name).get_attribute("aria-valuetext").split(" at ")[1])]


def centre(screen, name):
    """Return the pixel of a grip's middle."""
    box = screen.grip(name).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def carry(screen, x, y):
    """Move what is held there, by which its value changes, and wait until all that follows has come."""
    reports = screen.page.evaluate("mmlTest.reports.length")
    screen.page.mouse.move(x, y, steps=4)
    screen.until("(n) => mmlTest.reports.length > n", reports)
    screen.settle()


# Covariance


def test_a_dragged_point_takes_rectangles_and_sentence_along_and_the_cloud_is_ones_own(open):
    screen = open("/covariance")
    main = "covariance_main"
    x, y = screen.press(screen.grip("points15"))
    seen = [(drawn(screen, main, "areas_0"), screen.sentence())]
    for dx, dy in ((-20, 60), (-60, 140), (-90, 200)):
        carry(screen, x + dx, y + dy)
        seen.append((drawn(screen, main, "areas_0"), screen.sentence()))
    assert [len(areas) for areas, _ in seen] == [24] * 4
    assert len({tuple(areas) for areas, _ in seen}) == len({said for _, said in seen}) == 4, "they move on the way, too"
    assert screen.query == {}, "the link waits for the release"
    held = place(screen, "points15")
    screen.page.mouse.up()
    query = screen.until_names("covariance_cloud", POINTS)
    assert query["covariance_cloud"] == "My points"
    screen.settle()
    assert (drawn(screen, main, "areas_0"), screen.sentence()) == seen[-1], "nothing jumps back"
    X = np.array([[float(n) for n in point.split(",")] for point in query[POINTS].split(";")])
    assert X.shape == (24, 2)
    np.testing.assert_allclose(X[15], held, atol=0.0051)
    products = (X - X.mean(axis=0)).prod(axis=1)
    assert number(re.search(rf"covariance, ({NUMBER})\.", screen.sentence())[1]) == pytest.approx(np.cov(X.T)[0, 1], rel=1e-3)
    dashes = drawn(screen, main, "outlines_0", "stroke-dasharray")
    assert dashes.count("7,5") == (products < 0).sum(), "minus rectangles are dashed"
    assert products[15] < 0
    said, areas, url = screen.sentence(), sorted(drawn(screen, main, "areas_0")), screen.page.url
    screen.page.reload()
    screen.ready()
    assert screen.page.url == url
    assert (screen.sentence(), sorted(drawn(screen, main, "areas_0"))) == (said, areas)


def test_the_direction_is_turned_by_hand_and_by_keys_until_it_is_the_best(open):
    screen = open("/covariance?covariance_show=Shadows")
    u, angle = np.array(centre(screen, "u")), np.radians(60)
    far = 0.4 * screen.page.locator("svg.marks .background").first.bounding_box()["width"]  # 4.8 of the 12 units across
    mean = u - far * np.array([np.cos(angle), -np.sin(angle)])

    def told(degrees):
        away = "This is the best direction." if degrees == 35 else f"The best direction is {degrees - 35}° away."
        screen.until(THUMB, [DIRECTION, f"{degrees}°"])  # the slider turns with it
        screen.until("(away) => mmlTest.says().includes(away)", away)
        screen.until_answered()
        assert screen.grip("u").get_attribute("aria-valuetext") == f"direction at {degrees}°"
        assert says(screen, "covariance_along") == away
        (point,) = drawn(screen, "covariance_along", "points_1", "transform")
        return screen.sentence(), point

    screen.press(screen.grip("u"))
    seen = [told(60)]
    for degrees, share in ((110, 0.8), (39, 1.1)):  # the hand comes closer and goes away: the grip does neither
        turn = np.radians(degrees)
        carry(screen, *(mean + share * far * np.array([np.cos(turn), -np.sin(turn)])))
        seen.append(told(degrees))
        assert np.hypot(*(np.array(centre(screen, "u")) - mean)) == pytest.approx(far, abs=2)
    assert all(len({*of}) == 3 for of in zip(*seen, strict=True))
    assert DIRECTION not in screen.query, "the link waits for the release"
    screen.page.mouse.up()
    screen.until_query(**{DIRECTION: "39"})
    screen.grip("u").focus()
    for key, degrees in (("ArrowRight", 37), ("ArrowDown", 35), ("ArrowLeft", 37)):
        screen.page.keyboard.press(key)
        told(degrees)
    screen.until_query(**{DIRECTION: "37"})


def test_tilt_in_the_hand_makes_own_points_a_made_cloud_and_no_other_slider_jumps(open):
    screen = open(f"/covariance?covariance_cloud=My+points&{POINTS}={OWN}")
    X = np.array([[float(n) for n in point.split(",")] for point in OWN.split(";")])
    own = [float(screen.thumb_text(key)) for key in (SPREAD, WIDTH)]
    assert own == pytest.approx(np.sqrt(np.linalg.eigvalsh(np.cov(X.T))[::-1]), abs=0.0051)
    tilt, direction = screen.thumb_text(TILT), screen.thumb_text(DIRECTION)
    assert screen.page.locator('.mml-grip[data-grip^="points"]').count() == 6
    screen.tell(f"follow('{SPREAD}')")
    screen.drag(screen.thumb(TILT), (-50, 0), moves=10)
    screen.until_answered()
    held = screen.thumb_text(TILT)
    assert held != tilt
    assert [float(screen.thumb_text(key)) for key in (SPREAD, WIDTH)] == own
    assert screen.page.locator('.mml-grip[data-grip^="points"]').count() == 24, "the cloud is a made one while it is held"
    assert screen.query["covariance_cloud"] == "My points"
    said = screen.sentence()
    screen.page.mouse.up()
    screen.until_query(covariance_cloud=None, **{TILT: held.rstrip("°")})
    query = screen.until_names(SPREAD, WIDTH)
    screen.settle()
    texts, places = zip(*screen.tell("unfollow()"), strict=True)
    assert {*texts} == {f"{own[0]:.2f}"}
    assert max(places) - min(places) < 0.5
    assert [float(query[key]) for key in (SPREAD, WIDTH)] == own, "they are the made cloud's now"
    assert [screen.thumb_text(key) for key in (TILT, DIRECTION)] == [held, direction]
    assert screen.sentence() == said


def test_a_cell_of_a_table_is_chosen_by_a_click_by_a_drag_and_by_keys(open):
    screen = open("/covariance?covariance_view=All+columns+of+a+table")
    wine, table = tables.one_table(), "covariance_table"
    r, n = np.corrcoef(wine.X.T), len(wine.columns)
    screen.grip("cell").wait_for()
    screen.page.locator(".st-key-mml_figure_covariance_table svg.marks").scroll_into_view_if_needed()
    box = screen.page.locator(".st-key-mml_figure_covariance_table svg.marks image").bounding_box()

    def pixel(across, up):
        return box["x"] + (across - 0.5) / n * box["width"], box["y"] + (up - 0.5) / n * box["height"]

    def chosen(across, up):
        said = says(screen, table)
        assert said.startswith(f"{wine.columns[across - 1]} with {wine.columns[up - 1]}: "), said
        assert number(re.search(rf"({NUMBER})\.$", said)[1]) == pytest.approx(r[up - 1, across - 1], abs=1e-3)
        assert (screen.thumb_text(ACROSS), screen.thumb_text(UP)) == (f"{across}", f"{up}")
        assert centre(screen, "cell") == pytest.approx(pixel(across, up), abs=1.5)
        return tuple(drawn(screen, "covariance_pair", "points_0", "transform"))

    pairs = {chosen(1, 2)}
    screen.page.mouse.click(*pixel(7.3, 3.8))
    screen.until_query(**{ACROSS: "7", UP: "4"})
    screen.settle()
    pairs.add(chosen(7, 4))
    screen.press(screen.grip("cell"))
    for cell in ((8, 4), (5, 9)):
        carry(screen, *pixel(*cell))
        pairs.add(chosen(*cell))
    assert len(pairs) == 4, "the pair beside it is the one of the cell, on the way, too"
    assert (screen.query[ACROSS], screen.query[UP]) == ("7", "4"), "the link waits for the release"
    screen.page.mouse.up()
    screen.until_query(**{ACROSS: "5", UP: "9"})
    screen.settle()
    screen.grip("cell").focus()
    screen.page.keyboard.press("ArrowRight")
    screen.page.keyboard.press("ArrowDown")
    screen.until_query(**{ACROSS: "6", UP: "10"})
    screen.settle()
    chosen(6, 10)


# PCA


def test_a_digit_follows_the_point_that_is_dragged_over_the_map_and_the_map_stays(open):
    screen = open("/pca")
    at, ground, tiles = place(screen, "own"), screen.tell("picture()"), pictures(screen, "pca_parts")
    assert len(tiles) == 6
    screen.page.evaluate(WATCH, "pca_main")
    x, y = screen.press(screen.grip("own"))
    sums, lines = [tiles[3]], [drawn(screen, "pca_main", "paths_1")]
    for dx, dy in ((60, 40), (190, 150)):
        carry(screen, x + dx, y + dy)
        now = pictures(screen, "pca_parts")
        assert now[0] == tiles[0], "the mean stays"
        sums, lines = [*sums, now[3]], [*lines, drawn(screen, "pca_main", "paths_1")]
    assert len({*sums}) == len({*map(tuple, lines)}) == 3, "the digit changes on the way, not only at the end"
    assert (S1 in screen.query, S2 in screen.query) == (False, False), "the link waits for the release"
    held = place(screen, "own")
    assert held[0] > at[0]
    assert held[1] < at[1]
    assert [number(screen.thumb_text(key)) for key in (S1, S2)] == pytest.approx(held, abs=0.0051)
    screen.page.mouse.up()
    query = screen.until_names(S1, S2)
    screen.settle()
    watched = screen.page.evaluate(WATCHED)
    assert watched["charts"] == [True], "it is one chart all the time"
    assert len(watched["pictures"]) == 1, "its picture is there in every frame"
    assert watched["pictures"][0] == screen.tell("picture()") == ground
    assert [float(query[key]) for key in (S1, S2)] == pytest.approx(held, abs=0.0051)
    seen = screen.sentence(), screen.state(), pictures(screen, "pca_parts")
    assert seen[2][3] == sums[-1], "nothing jumps back"
    screen.page.reload()
    screen.ready()
    assert (screen.sentence(), screen.state(), pictures(screen, "pca_parts")) == seen


def test_k_taken_into_the_hand_shows_a_sample_and_its_sum_on_the_way(open):
    screen = open("/pca")
    assert "your own point" in screen.sentence()
    screen.page.evaluate(WATCH, "pca_main")
    seen = [(drawn(screen, "pca_scree", "points_1", "transform"), screen.sentence(), pictures(screen, "pca_parts")[-1])]
    x, y = screen.drag(screen.thumb(K), (25, 0), moves=3)
    for dx in (30, 70, 120):
        carry(screen, x + dx, y)
        held = screen.thumb_text(K)
        assert f"Shown is sample 1 (0). The first {held} of 64" in screen.sentence()
        seen.append((drawn(screen, "pca_scree", "points_1", "transform"), screen.sentence(), pictures(screen, "pca_parts")[-1]))
    for shown in zip(*seen, strict=True):
        assert len({str(one) for one in shown}) == 4
    screen.page.mouse.up()
    screen.until_query(**{K: held, SHOWN: "A sample"})
    screen.settle()
    watched = screen.page.evaluate(WATCHED)
    assert (watched["charts"], len(watched["pictures"])) == ([True], 1)
    assert (drawn(screen, "pca_scree", "points_1", "transform"), screen.sentence()) == seen[-1][:2], "nothing jumps back"


def test_k_plays_and_the_point_of_the_scree_goes_up_to_the_end(open):
    screen = open(f"/pca?{K}=24&{SHOWN}=A+sample")
    screen.page.evaluate(WATCH, "pca_scree")
    screen.button(K, PLAY).click()
    screen.until_query(**{K: "64"})
    screen.button(K, PLAY).wait_for()
    screen.settle()
    watched = screen.page.evaluate(WATCHED)
    assert watched["charts"] == [True]
    places = [[float(n) for n in re.findall(r"-?[\d.]+", at)] for at in dict.fromkeys(watched["points"]) if at]
    assert len(places) >= 3, "it is seen on the way"
    right, down = np.diff(places, axis=0).T
    assert (right > 0).all()
    assert (down <= 0).all()
    assert "The first 64 of 64 hold 100 %." in screen.sentence()
    assert "Lost: 0 % of the square." in says(screen, "pca_parts")


def test_on_a_phone_map_and_digit_are_in_view_together_and_a_finger_moves_both(open):
    screen = open("/pca", 390, 844, touch=True)
    part(screen, "pca_parts").evaluate("(e) => e.scrollIntoView({ block: 'end' })")
    screen.page.wait_for_timeout(200)
    above, below = (part(screen, name).locator("svg.marks").bounding_box() for name in ("pca_main", "pca_parts"))
    assert -1 <= above["y"] < above["y"] + above["height"] <= below["y"] < below["y"] + below["height"] <= 845
    scrolled = "document.querySelector('[data-testid=\"stMain\"]').scrollTop"
    top, tiles, (x, y) = screen.page.evaluate(scrolled), pictures(screen, "pca_parts"), centre(screen, "own")
    cdp = screen.page.context.new_cdp_session(screen.page)

    def touch(kind, *at):
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in at]})
        screen.page.wait_for_timeout(60)

    touch("touchStart", (x, y))
    for i in range(1, 9):
        touch("touchMove", (x + 15 * i, y + 12 * i))
    screen.until_answered()
    held = pictures(screen, "pca_parts")
    assert (held[0], screen.page.evaluate(scrolled)) == (tiles[0], top), "a finger on a grip does not scroll"
    assert held[3] != tiles[3]
    touch("touchEnd")
    screen.until_names(S1, S2)
    screen.settle()
    assert pictures(screen, "pca_parts") == held


# Reduction


def test_a_dragged_count_moves_its_point_along_a_curve_that_stays(open):
    screen = open("/reduction")
    main = "reduction_main"
    counts = reductions.component_counts(64, 1438)
    lines, dots = drawn(screen, main, "lines_0"), drawn(screen, main, "points_1", "transform")
    assert len(dots) == len(counts) + 1
    assert dots[-1] == dots[5]
    screen.page.evaluate(WATCH, main)
    x, y = screen.drag(screen.thumb(AT), (-30, 0), moves=3)
    seen = []
    for dx in (-120, 0, 150):
        carry(screen, x + dx, y)
        held = int(screen.thumb_text(AT))
        now = drawn(screen, main, "points_1", "transform")
        assert now == [*dots[:-1], dots[held - 1]], "the point lies on that dot, and dots stay"
        assert drawn(screen, main, "lines_0") == lines
        assert screen.sentence().startswith(f"With {counts[held - 1]} of 64 numbers ")
        seen.append((held, screen.sentence(), says(screen, "reduction_seen"), pictures(screen, "reduction_seen")[0]))
    assert all(len({*of}) == 3 for of in zip(*seen, strict=True))
    assert AT not in screen.query, "the link waits for the release"
    screen.page.mouse.up()
    screen.until_query(**{AT: f"{held}"})
    screen.settle()
    assert screen.page.evaluate(WATCHED)["charts"] == [True]
    assert (screen.sentence(), drawn(screen, main, "lines_0")) == (seen[-1][1], lines)


def test_another_classifier_is_another_curve(open):
    screen = open("/reduction?reduction_data=Ring")
    said, dots = screen.sentence(), drawn(screen, "reduction_main", "points_1", "transform")
    screen.page.get_by_role("button", name="Trial").click()
    screen.control(CLASSIFIER).get_by_text(LOGISTIC).click()
    screen.until_query(**{CLASSIFIER: LOGISTIC})
    screen.until("(said) => mmlTest.says().trim() !== said", said)
    screen.settle()
    assert "nothing is enough" in screen.sentence()
    assert drawn(screen, "reduction_main", "points_1", "transform") != dots
    assert not screen.control("reduction_neighbours").is_visible()
    screen.control(CLASSIFIER).get_by_text(NEAREST).click()
    screen.until("(said) => mmlTest.says().trim() === said", said)
    screen.settle()
    assert drawn(screen, "reduction_main", "points_1", "transform") == dots


def test_a_long_trial_is_stopped_and_what_was_tried_until_then_is_shown(open):
    screen = open("/reduction?reduction_seed=977")
    dots = drawn(screen, "reduction_main", "points_1", "transform")
    screen.page.get_by_role("button", name="Trial").click()
    screen.control(CLASSIFIER).get_by_text(LOGISTIC).click()
    stop = screen.page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop")
    stop.click()
    query = screen.until_names(TRIES)
    screen.settle()
    assert stop.count() == 0
    tried = int(float(query[TRIES]))
    assert 1 <= tried < len(dots) - 1
    assert len(drawn(screen, "reduction_main", "points_1", "transform")) == tried + 1
    k = reductions.component_counts(64, 1438)[min(6, tried) - 1]
    assert screen.sentence().startswith(f"With {k} of 64 numbers ")
    assert screen.query[CLASSIFIER] == LOGISTIC
