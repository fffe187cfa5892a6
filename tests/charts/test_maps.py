"""Maps: a picture as exact as the screen, and paths, arrows and labels that end where the window ends."""

import base64
import io
import itertools
import json

import altair as alt
import numpy as np
import pandas as pd
import pytest
from conftest import SEED
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import ValidationError
from PIL import Image

from mml_charts import maps
from mml_charts.curves import LETTER, LINE
from mml_charts.figure import image_url
from mml_charts.maps import FAR, MARKS, SIDE, SOFT, Arrow, Spot, Track
from mml_charts.theme import Look, rgb

LOOKS = [Look(), Look("small", "lecture", "dark")]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
WINDOW = (-2.0, 2.0, 1.0, 5.0)
DOT = "data:image/png;base64,AAAA"
any_number = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([0.0, 3.0, 20.0, -1e12]))
places = st.lists(st.tuples(any_number, any_number), max_size=8).map(lambda rows: np.array(rows, float).reshape(-1, 2))


def contour_map(look=None, window=WINDOW, picture=DOT, **more):
    return maps.contour_map("A map", window=window, look=look or Look(), picture=picture, **more)


def track(*points, **more):
    return Track(np.array(points, float).reshape(-1, 2), **more)


def full(look=None, **more):
    return contour_map(
        look,
        tracks=[
            track((0, 2), (1, 3), ink="c1", dash="dashed", label="way", steps=np.array([[0.0, 2], [1, 3]]), glyph="square"),
            track((0, 2), (9, 2), faint=True),
        ],
        arrows=[Arrow((-1, 2), (-1, 4), "first", "up"), Arrow((0, 3), (5, 3), "second", "out")],
        spots=[Spot((1, 1.5), "c3", "up", "lowest")], field=np.array([[0, 3, 0.1, 0.1], [1, 2, 0, -0.1]]), **more,
    )  # fmt: skip


def table(figure, name):
    return pd.DataFrame(figure.columns[name])


def paths(figure):
    return [rows[["x", "y"]].to_numpy(float) for _, rows in table(figure, "paths").groupby("path")]


def points(figure, *kinds):
    rows = table(figure, "points")
    return rows[rows["kind"].isin(kinds)].to_dict("records")


def boxes(figure, look):
    """The labels' left, right and middle in pixels, by text."""
    (left, right, _, top), rows = figure.window, table(figure, "labels")
    unit = look.width / (right - left)
    across, down = (rows["x"] - left) * unit, (top - rows["y"]) * unit
    wide = [LETTER * (look.text + 1) * len(text) for text in rows["text"]]
    return [(text, a, a + w, d) for text, a, w, d in zip(rows["text"], across, wide, down, strict=True)]


def opened(url):
    head, body = url.split(",", 1)
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(body, validate=True)))


def decoded(url):
    """The band of each pixel, and how much of a contour it has, from 0 to SOFT."""
    index = np.asarray(opened(url), int)
    return index // (SOFT + 1), index % (SOFT + 1)


def middles(n=SIDE, low=-1.0, high=1.0):
    """The coordinates of the middles of n x n pixels, row 0 at the top."""
    at = low + (np.arange(n) + 0.5) / n * (high - low)
    return np.meshgrid(at, at[::-1])


@each_look
def test_the_chart_stays_while_what_it_shows_moves(look):
    other = contour_map(look, tracks=[track((0, 0), (np.nan, 1))], picture="data:image/png;base64,BBBB")
    assert full(look).spec is other.spec
    assert full(look).window == other.window == WINDOW


def test_another_window_or_look_is_another_chart():
    charts = [contour_map(), contour_map(window=(-2.0, 2.5, 1.0, 5.5)), *(contour_map(look) for look in LOOKS[1:])]
    assert len({json.dumps(figure.spec) for figure in charts}) == len(charts)


@each_look
def test_both_axes_have_the_same_scale_and_the_picture_covers_the_window_exactly(look):
    figure = full(look)
    spec, (left, right, bottom, top) = figure.spec, figure.window
    assert figure.square
    assert spec["width"] == spec["height"] == look.width
    assert spec["autosize"] == "none"
    assert set(spec["padding"].values()) == {0}
    first = spec["layer"][0]
    assert first["encoding"]["x"]["scale"]["domain"] == [left, right]
    assert first["encoding"]["y"]["scale"]["domain"] == [bottom, top]
    assert first["mark"] == {"type": "image", "aspect": False}
    (box,) = table(figure, "picture").to_dict("records")
    assert box == dict(x=left, x2=right, y=bottom, y2=top, url=DOT)
    for layer in spec["layer"][1:]:
        assert not any("scale" in layer["encoding"].get(axis, {}) for axis in ("x", "y", "x2", "y2")), layer["name"]
    assert len(json.dumps(spec, separators=(",", ":"))) < 13_000


@each_look
def test_the_chart_is_valid_vega_lite(look):
    spec = json.loads(json.dumps(full(look).spec))
    alt.Chart.from_dict(spec)
    spec["layer"][0]["mark"]["type"] = "map"
    with pytest.raises(ValidationError):
        alt.Chart.from_dict(spec)


def test_the_chart_reads_exactly_the_tables_and_fields_that_it_gets():
    figure = full()
    live = [layer for layer in figure.spec["layer"] if "name" in layer["data"]]
    assert {layer["data"]["name"] for layer in live} == set(figure.columns)
    for drawn in live:
        fields = {e["field"] for e in drawn["encoding"].values() if "field" in e}
        assert fields <= set(figure.columns[drawn["data"]["name"]]), drawn["name"]


def test_every_mark_that_a_sentence_can_light_up_is_a_layer_in_this_order():
    names = [layer["name"].rsplit("_", 1)[0] for layer in full().spec["layer"]]
    assert set(names) == set(MARKS) == set(full().marks)
    assert names[0] == "picture"
    assert names.index("paths") < names.index("arrows") < names.index("points") < names.index("labels")


def test_tables_keep_their_columns_and_types_when_empty():
    full_one, empty = full(), contour_map()
    for name, rows in full_one.columns.items():
        assert list(empty.columns[name]) == list(rows)
        if name != "picture":
            assert len(full_one.tables[name]) > len(empty.tables[name]) == 0
            kinds = {k: (v.dtype, empty.columns[name][k].dtype) for k, v in rows.items()}
            assert all(one == other for one, other in kinds.values()), kinds


@pytest.mark.parametrize("window", [WINDOW, (0.0, 1.0, 0.0, 1.0), (-3e-4, 1e-4, 0.0, 4e-4), (99.0, 101.0, -1.0, 1.0)])
def test_numbers_are_round_true_and_away_from_the_corners(window):
    layers = {layer["name"]: layer for layer in contour_map(window=window).spec["layer"]}
    for name, field, low, high in (("numbers_0", "x", *window[:2]), ("numbers_2", "y", *window[2:])):
        rows = layers[name]["data"]["values"]
        at = np.array([row[field] for row in rows])
        assert 3 <= len(at) <= 8
        assert (at >= low + 0.05 * (high - low)).all()
        assert (at <= high - 0.05 * (high - low)).all()
        np.testing.assert_allclose([float(row["text"].replace("−", "-")) for row in rows], at, atol=1e-9 * (high - low))
        assert float(f"{np.diff(at)[0]:.6e}"[:8]) in (1, 2, 5)
        assert "−0" not in [row["text"] for row in rows]


@pytest.mark.parametrize("n", [SIDE, SIDE // 2])
def test_a_plane_has_upright_bands_whose_borders_lie_at_the_levels_to_a_pixel(n):
    x, _ = middles(n)
    levels = np.linspace(-1, 1, 9)
    band, line = decoded(maps.bands(x, levels, Look()))
    assert band.shape == (SIDE, SIDE)
    assert (band == band[0]).all(), "upright"
    borders = np.flatnonzero(np.diff(band[0])) + 1
    np.testing.assert_array_less(np.abs(borders - (levels[1:-1] + 1) / 2 * SIDE), 1 + 1e-9)
    assert band[0, [0, -1]].tolist() == [0, 7]
    drawn = np.flatnonzero(line[0])
    nearest = np.abs(drawn[:, None] + 0.5 - (levels[1:-1] + 1) / 2 * SIDE).min(axis=1)
    assert nearest.max() <= 1.5
    assert len({round((c + 0.5) / SIDE * 8) for c in drawn}) == 7, "each level has its contour"


@pytest.mark.parametrize("n", [SIDE, SIDE // 2, SIDE // 4])
def test_contours_of_a_bowl_are_circles_of_the_right_radii_to_a_pixel(n):
    x, y = middles(n)
    levels = np.linspace(0, 2, 11)
    band, line = decoded(maps.bands(x**2 + y**2, levels, Look()))
    x, y = middles()
    radius, pixel = np.hypot(x, y), 2 / SIDE
    circles = np.sqrt(levels[1:-1])
    off = np.abs(radius[..., None] - circles).min(axis=-1) / pixel
    inside = np.maximum(np.abs(x), np.abs(y)) < 0.95  # a coarse grid knows nothing beyond the middles of its outermost cells
    assert off[(line == SOFT) & inside].max() <= 0.5
    assert off[(line > 0) & inside].max() <= 1.2
    assert (line[(off < 0.2) & inside] > SOFT / 2).all(), "no gaps"
    sure = (off > 0.1) & inside
    np.testing.assert_array_equal(band[sure], np.searchsorted(levels, radius[sure] ** 2) - 1)


def test_row_0_is_at_the_top():
    _, y = middles(40)
    band, _ = decoded(maps.bands(y, np.linspace(-1, 1, 5), Look()))
    assert (band[0, 0], band[-1, 0]) == (3, 0)


def test_what_lies_beyond_the_levels_has_the_first_and_the_last_band_and_no_contour():
    x, _ = middles()
    band, line = decoded(maps.bands(x, np.linspace(-0.5, 0.5, 6), Look()))
    assert set(band[0, : SIDE // 4 - 2]) == {0}
    assert set(band[0, 3 * SIDE // 4 + 2 :]) == {4}
    assert not line[:, : SIDE // 4 + 20].any()
    assert not line[:, 3 * SIDE // 4 - 20 :].any()


def test_uneven_levels_have_their_contours_where_the_height_passes_them():
    x, _ = middles()
    levels = np.array([-1, -0.9, -0.7, -0.3, 0.2, 1])
    band, _ = decoded(maps.bands(x, levels, Look()))
    borders = np.flatnonzero(np.diff(band[0])) + 1
    np.testing.assert_array_less(np.abs(borders - (levels[1:-1] + 1) / 2 * SIDE), 1 + 1e-9)


@each_look
def test_bands_become_lighter_on_a_light_page_from_low_to_high_and_reach_the_ground(look):
    x, _ = middles()
    levels = np.linspace(-1, 1, 9) + 1 / SIDE  # in the middles of pixels
    url = maps.bands(x, levels, look)
    band, line = decoded(url)
    pixels = np.asarray(opened(url).convert("RGB"), int)
    flat = np.array([pixels[(band == k) & (line == 0)][0] for k in range(8)])
    ground, ink = np.array(rgb(look.palette.background)), np.array(rgb(look.palette.first))
    far = np.abs(flat - ground).sum(axis=1)
    assert (np.diff(far) < 0).all()
    assert far[-1] == 0
    np.testing.assert_allclose(flat[0], ground + maps.FLOOR * (ink - ground), atol=0.51)
    lined = pixels[(band == 4) & (line == SOFT)][0]
    np.testing.assert_allclose(lined, (flat[4] + rgb(look.palette.reference)) / 2, atol=1)


@each_look
@pytest.mark.parametrize("gone", [np.nan, np.inf, -np.inf])
def test_what_has_no_height_is_hatched_in_grey(gone, look):
    x, y = middles(130)
    hole = np.hypot(x, y) < 0.4
    url = maps.bands(np.where(hole, gone, x), np.linspace(-1, 1, 9), look)
    pixels = np.asarray(opened(url).convert("RGB"))
    x, y = middles()
    deep, outside = np.hypot(x, y) < 0.36, np.hypot(x, y) > 0.44
    grey = (pixels == rgb(look.palette.panel)).all(axis=2)
    hatch = (pixels == rgb(look.palette.border)).all(axis=2)
    assert (grey | hatch)[deep].all()
    assert 0.1 < hatch[deep].mean() < 0.25
    assert not hatch[outside].any()
    runs = np.diff(np.flatnonzero(hatch[SIDE // 2]))
    assert set(runs) == {1, 11}, "oblique lines, two pixels wide"


def test_a_map_without_any_height_is_hatched_all_over():
    image = opened(maps.bands(np.full((9, 9), np.nan), np.linspace(0, 1, 5), Look())).convert("RGB")
    assert {colour for _, colour in image.getcolors()} == {rgb(Look().palette.panel), rgb(Look().palette.border)}


def test_there_are_no_contours_around_a_hole_in_level_ground():
    x, y = middles(260)
    values = np.where(np.hypot(x, y) < 0.4, np.nan, 0.6)
    band, line = decoded(maps.bands(values, np.linspace(0, 1, 9), Look()))
    x, y = middles()
    ground = np.hypot(x, y) > 0.41
    assert set(band[ground]) == {4}
    assert not line[ground].any()


def test_the_picture_of_an_array_that_never_changes_is_kept_for_each_look_and_levels():
    values, levels = middles(30)[0].copy(), np.linspace(-1, 1, 5)
    values.flags.writeable = False
    url = maps.bands(values, levels, Look())
    assert maps.bands(values, levels.copy(), Look()) is url
    assert maps.bands(values, levels, Look(theme="dark")) != url
    assert maps.bands(values, levels / 2, Look()) != url
    assert maps.bands(values, levels, Look()) is url


def test_the_picture_of_an_array_that_may_change_is_drawn_anew():
    values, levels = middles(30)[0].copy(), np.linspace(-1, 1, 5)
    before = maps.bands(values, levels, Look())
    again = maps.bands(values, levels, Look())
    assert again == before
    assert again is not before
    values[:] = values[:, ::-1].copy()
    assert maps.bands(values, levels, Look()) != before


def test_only_the_last_pictures_are_kept():
    levels, kept = np.linspace(-1, 1, 5), []
    for k in range(maps.KEPT + 3):
        values = np.full((4, 4), k / 99.0)
        values.flags.writeable = False
        kept.append((values, maps.bands(values, levels, Look())))
    assert len(maps._drawn) == maps.KEPT
    assert maps.bands(kept[-1][0], levels, Look()) is kept[-1][1]
    assert maps.bands(kept[0][0], levels, Look()) is not kept[0][1]


@each_look
def test_each_region_has_its_categorys_colour_and_none_that_of_a_panel(look):
    index = np.repeat(np.arange(-1, 8), 6).reshape(9, 6)
    pixels = np.asarray(opened(maps.regions(index, 8, np.zeros(index.shape), look)), int)
    times, p = SIDE // 9, look.palette
    assert pixels.shape == (9 * times, 6 * times, 3)
    assert (pixels[:times] == rgb(p.panel)).all()
    ground = np.array(rgb(p.background))
    for k in range(8):
        block = pixels[(k + 1) * times : (k + 2) * times].reshape(-1, 3)
        colours, counts = np.unique(block, axis=0, return_counts=True)
        flat = ground + 0.62 * (rgb(p.categories[k]) - ground)
        np.testing.assert_allclose(colours[counts.argmax()], flat, atol=0.51)
        assert len(colours) == (1 if k == 0 else 2), k
        if k:
            dots = ground + 0.92 * (rgb(p.categories[k]) - ground)
            np.testing.assert_allclose(colours[counts.argmin()], dots, atol=0.51)


def test_no_two_regions_have_the_same_pattern():
    index = np.repeat(np.arange(8), 8).reshape(8, 8)
    pixels = np.asarray(opened(maps.regions(index, 8, np.zeros(index.shape), Look())), int)
    drawn = []
    for k, block in enumerate(np.split(pixels, 8)):
        flat = rgb("#FFFFFF") + 0.62 * (np.array(rgb(Look().palette.categories[k])) - 255)
        drawn.append(np.abs(block - flat).max(axis=2) > 1)
    shares = [pattern.mean() for pattern in drawn]
    assert shares[0] == 0
    assert all(0.05 < share < 0.35 for share in shares[1:])
    for one, other in itertools.combinations(drawn, 2):
        assert min((one ^ np.roll(other, (i, j), (0, 1))).mean() for i in range(12) for j in range(12)) > 0.03


def test_where_the_shade_is_full_more_of_the_ground_shows_through():
    index, shade = np.zeros((1, 3), int), np.array([[0, 0.5, 1.0]])
    pixels = np.asarray(opened(maps.regions(index, 1, shade, Look())), int)
    red = pixels[0, [0, SIDE // 2, -1], 0]
    np.testing.assert_allclose((255 - red) / 255, [0.62, 0.41, 0.2], atol=0.003)


def test_places_outside_all_regions_may_have_no_shade_and_a_ninth_region_has_the_first_colour_in_another_pattern():
    url = maps.regions(np.array([[-1, 8], [0, -1]]), 9, np.array([[np.nan, 0], [0, np.nan]]), Look())
    pixels, half = np.asarray(opened(url), int), SIDE // 2
    assert (pixels[:half, :half] == rgb(Look().palette.panel)).all()
    ninth, first = pixels[:half, half:], pixels[half:, :half]
    assert (ninth == first[0, 0]).all(axis=-1).mean() > 0.5
    assert not (ninth == first).all()


@pytest.mark.parametrize("shape", [(1, 1, 3), (5, 9, 3), (64, 40, 3)])
def test_a_picture_of_colours_arrives_without_any_loss(shape):
    pixels = np.random.default_rng(SEED).integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(np.asarray(opened(image_url(pixels))), pixels)


def test_a_picture_of_numbers_has_the_colours_that_they_stand_for():
    rng = np.random.default_rng(SEED)
    numbers, colours = rng.integers(0, 70, (30, 20), dtype=np.uint8), rng.integers(0, 256, (70, 3), dtype=np.uint8)
    image = opened(image_url(numbers, colours))
    assert image.mode == "P"
    np.testing.assert_array_equal(np.asarray(image), numbers)
    np.testing.assert_array_equal(np.asarray(image.convert("RGB")), colours[numbers])


def test_a_path_is_itself_with_its_ink_and_dash():
    way = np.array([[0, 2], [1, 3], [3, 4], [1, 4]])
    figure = contour_map(tracks=[track(*way, ink="c1", dash="dotted"), track((0, 2), (0, 4), faint=True)])
    assert [part.tolist() for part in paths(figure)] == [way.tolist(), [[0, 2], [0, 4]]]
    styles = table(figure, "paths").groupby("path")[["ink", "dash", "part"]].first().to_numpy().tolist()
    assert styles == [["c1", "dotted", "full"], ["result", "solid", "faint"]]


def test_a_thin_path_is_itself_and_has_no_halo():
    way = np.array([[0, 2], [1, 3], [3, 4]])
    figure = contour_map(tracks=[track(*way, ink="reference", thin=True, faint=True), track((0, 2), (0, 4))])
    assert [part.tolist() for part in paths(figure)] == [way.tolist(), [[0, 2], [0, 4]]]
    assert table(figure, "paths").groupby("path")["part"].first().tolist() == ["thin", "full"]
    assert table(figure, "points").empty
    halo, lines = (layer for layer in figure.spec["layer"] if layer["name"].startswith("paths"))
    rule = halo["transform"][0]["filter"].replace("datum.part", "part")
    assert {part: eval(rule, {"part": part}) for part in ("thin", "faint", "full")} == dict(thin=False, faint=True, full=True)
    assert "transform" not in lines, "the line itself is drawn whatever it is"


@each_look
def test_a_thin_path_is_thinner_than_any_other_and_not_fainter(look):
    figure = contour_map(look, tracks=[track((0, 2), (1, 3), thin=True)])
    assert figure.spec is full(look).spec
    (encoding,) = (layer["encoding"] for layer in figure.spec["layer"] if layer["name"] == "paths_1")
    width, opacity = encoding["strokeWidth"], encoding["opacity"]
    assert width["condition"]["test"] == "datum.part == 'thin'"
    assert 1 <= width["condition"]["value"] < width["value"] / 2
    assert (opacity["condition"]["test"], opacity["value"]) == ("datum.part == 'faint'", 1)


def test_what_is_no_number_ends_a_path():
    nan = track((0, 2), (1, 3), (1, np.nan), (0, 4), (1, 4), label="a")
    endless = track((0, 2), (0, 3), (np.inf, 3), label="b")
    figure = contour_map(tracks=[nan, endless, track((np.nan, 0), (0, 2), label="c"), track(label="d")])
    assert [part.tolist() for part in paths(figure)] == [[[0, 2], [1, 3]], [[0, 2], [0, 3]]]
    assert table(figure, "labels")["text"].tolist() == ["a", "b"]


def test_steps_are_marked_inside_the_window_only():
    steps = np.array([[0, 2], [2, 5], [2.01, 3], [0, 0.9], [np.nan, 2], [np.inf, 2]])
    figure = contour_map(tracks=[track((0, 2), steps=steps, glyph="up", ink="c4")])
    assert points(figure, "up") == [dict(x=x, y=y, angle=0.0, ink="c4", kind="up") for x, y in ((0, 2), (2, 5))]
    assert len(table(figure, "points")) == 2


@pytest.mark.parametrize(
    ("way", "edge", "angle"),
    [
        ([(0, 3), (4, 4)], (2, 3.5), np.degrees(np.arctan2(4, 1))),
        ([(0, 3), (-5, 3.5)], (-2, 3.2), -np.degrees(np.arctan2(5, 0.5))),
        ([(1, 4), (1.5, 8)], (1.125, 5), np.degrees(np.arctan2(0.5, 4))),
        ([(0, 2), (-1, -1)], (-1 / 3, 1), 180 + np.degrees(np.arctan2(1, 3))),
        ([(0, 3), (5, 3)], (2, 3), 90),
        ([(0, 3), (0, -3)], (0, 1), 180),
        ([(0, 3), (3, 3), (3, 4), (0, 4), (0, 6), (5, 9)], (0, 5), 0),
        ([(2, 5), (3, 6)], (2, 5), 45),
    ],
)
def test_a_walk_that_leaves_for_good_ends_in_a_hollow_head_at_the_crossing(way, edge, angle):
    figure = contour_map(tracks=[track(*way, steps=np.array(way, float), ink="c2")])
    (head,) = points(figure, "edge")
    assert (head["x"], head["y"]) == pytest.approx(edge)
    assert head["angle"] % 360 == pytest.approx(angle % 360)
    assert head["ink"] == "c2"


def test_a_walk_that_comes_back_and_a_line_without_steps_have_no_hollow_head():
    way = [(0, 3), (4, 4), (1, 4)]
    assert points(contour_map(tracks=[track(*way, steps=np.array(way, float))]), "edge") == []
    assert points(contour_map(tracks=[track((0, 3), (4, 4))]), "edge") == []


@pytest.mark.parametrize("end", [(1e12, 3e12), (-1e12, 5), (1e300, -1e300), (14.5, 3.5)])
def test_a_path_to_far_outside_ends_within_reach_and_in_its_own_direction(end):
    way = track((0, 2), (0.5, 3), end, (0, 3), steps=np.array([[0.0, 2]]))
    figure = contour_map(tracks=[way])
    (drawn,) = paths(figure)
    assert drawn[:2].tolist() == [[0, 2], [0.5, 3]]
    assert len(drawn) == 3, "it ends there"
    assert np.abs(drawn[-1] - [0, 3]).max() == pytest.approx(4 * FAR)
    one, other = drawn[-1] - drawn[-2], np.array(end) - drawn[-2]
    np.testing.assert_allclose(one / np.hypot(*one), other / np.hypot(*(other / 1e100)) / 1e100, atol=1e-9)
    assert len(points(figure, "edge")) == 1


@pytest.mark.parametrize("end", [(1e12, 3), (0, -1e12), (20, 3)])
def test_a_path_along_an_axis_to_far_outside_ends_within_reach(end):
    figure = contour_map(tracks=[track((0, 3), end, steps=np.array([[0.0, 3]]))])
    np.testing.assert_allclose(paths(figure)[0][-1], [0, 3] + 4 * FAR * np.sign(np.subtract(end, [0, 3])))
    (head,) = points(figure, "edge")
    np.testing.assert_allclose([head["x"], head["y"]], np.clip(end, [-2, 1], [2, 5]))


@each_look
def test_the_head_of_an_arrow_is_at_its_tip_and_the_shaft_ends_inside_it(look):
    figure = contour_map(look, arrows=[Arrow((-1, 2), (0, 3), "first")])
    (head,) = points(figure, "head")
    assert head == dict(x=0, y=3, angle=pytest.approx(45), ink="first", kind="head")
    (shaft,) = paths(figure)
    assert shaft[0].tolist() == [-1, 2]
    assert np.ptp(shaft[1] - shaft[0]) == pytest.approx(0)
    long = 5 * look.stroke / look.width * 4  # the glyph's length: half the root of the mark's size
    assert 0.5 * long < np.hypot(*(shaft[1] - [0, 3])) < 0.82 * long, "before the notch, it would show behind the head"
    size = next(layer for layer in figure.spec["layer"] if layer["name"] == "arrows_0")["mark"]["size"]
    assert long == pytest.approx(np.sqrt(size) / 2 / look.width * 4)


def test_a_short_arrow_is_all_head():
    figure = contour_map(arrows=[Arrow((0, 3), (0.01, 3))])
    np.testing.assert_allclose(paths(figure)[0], [[0, 3], [0, 3]], atol=1e-12)
    assert points(figure, "head")[0]["x"] == 0.01


def test_an_arrow_that_leaves_ends_in_an_edge_mark_and_says_its_length():
    figure = contour_map(arrows=[Arrow((0, 3), (3, 7), "second", "g"), Arrow((0, 3), (1, 4), "first", "h")])
    (head,) = points(figure, "edge")
    assert (head["x"], head["y"], head["ink"]) == (pytest.approx(1.5), 5, "second")
    assert head["angle"] == pytest.approx(np.degrees(np.arctan2(3, 4)))
    assert [text for text, *_ in boxes(figure, Look())] == ["g · length 5", "h"]
    assert len(points(figure, "head")) == 1
    assert paths(figure)[0].tolist() == [[0, 3], [1.5, 5]]


@pytest.mark.parametrize("tip", [(0, 3), (np.nan, 3), (0, np.inf), (1e-12, 3)])
def test_an_arrow_without_a_length_is_not_drawn_nor_named(tip):
    figure = contour_map(arrows=[Arrow((0, 3), tip, label="v")])
    assert all(table(figure, name).empty for name in ("paths", "points", "labels"))


def test_an_arrow_from_far_outside_has_its_shaft():
    figure = contour_map(arrows=[Arrow((-30, 3), (0, 3))])
    assert len(points(figure, "head")) == len(paths(figure)) == 1


def test_an_arrow_outside_the_window_is_not_named():
    figure = contour_map(arrows=[Arrow((3, 6), (4, 7), label="v")])
    assert table(figure, "labels").empty
    assert table(figure, "points").empty


@pytest.mark.parametrize(("size", "length"), [(1e6, 1e-4), (1e-8, 5e-10)])
def test_an_arrow_is_named_exactly_where_it_is_drawn(size, length):
    figure = contour_map(
        window=(0, size, 0, size), arrows=[Arrow((size / 2, size / 2), (size / 2 + length, size / 2), label="v")]
    )
    assert len(table(figure, "labels")) == len(points(figure, "head"))


def test_spots_lie_where_they_are_inside_the_window_only():
    spots = [Spot((x, y), "c5", "diamond", f"{x}") for x, y in [(0, 3), (2, 1), (2.1, 1), (0, 0.9), (np.nan, 3), (0, np.inf)]]
    figure = contour_map(spots=spots)
    assert points(figure, "diamond") == [dict(x=x, y=y, angle=0.0, ink="c5", kind="diamond") for x, y in ((0, 3), (2, 1))]
    assert table(figure, "labels")["text"].tolist() == ["0", "2"]


def test_every_point_is_drawn_by_exactly_one_layer():
    filters = {
        layer["name"]: layer["transform"][0]["filter"]
        for layer in full().spec["layer"]
        if layer["data"].get("name") == "points"
    }
    kinds = {
        kind: [name for name, rule in filters.items() if holds(rule, kind)] for kind in ("head", "edge", "ring", "dot", "up")
    }
    assert kinds == {"head": ["arrows_0"], "edge": ["points_1"], "ring": ["points_1"], "dot": ["points_0"], "up": ["points_0"]}


def holds(rule, kind):
    """Whether a rule of Vega holds for a kind of point."""
    return eval(rule.replace("datum.kind", repr(kind)).replace("&&", "and").replace("||", "or"))


def test_the_arrows_of_a_field_are_centred_and_point_along_their_steps():
    steps = [
        [0, 3, 0.2, 0],
        [1, 2, 0, 0.2],
        [-1, 2, -0.2, 0],
        [1, 4, 0, -0.2],
        [0, 2, 0.1, 0.1],
        [np.nan, 2, 1, 1],
        [0, 2, np.inf, 1],
    ]
    field = table(contour_map(field=np.array(steps)), "field")
    np.testing.assert_allclose(field["angle"] % 360, [90, 0, 270, 180, 45])
    np.testing.assert_allclose((field[["x", "y"]].to_numpy() + field[["x2", "y2"]].to_numpy()) / 2, np.array(steps)[:5, :2])
    np.testing.assert_allclose(field[["x2", "y2"]].to_numpy() - field[["x", "y"]].to_numpy(), np.array(steps)[:5, 2:])


@each_look
@pytest.mark.parametrize("gap", [0.0, 0.01, 0.1, 0.3])
def test_labels_of_close_things_do_not_overlap(look, gap):
    figure = contour_map(
        look, arrows=[Arrow((0, 3), (0.5 + i * gap, 3), label=f"v{i}") for i in range(3)],
        spots=[Spot((0.5, 3 + i * gap), label=f"p{i}") for i in range(3)],
        tracks=[track((0, 2), (0.5 + i * gap, 3.1), label=f"way {i}") for i in range(3)],
    )  # fmt: skip
    found = boxes(figure, look)
    assert len(found) == 9
    for one, other in itertools.combinations(found, 2):
        if one[1] < other[2] and other[1] < one[2]:
            assert abs(one[3] - other[3]) >= LINE * (look.text + 1) - 1e-6, (one, other)


@given(st.lists(st.tuples(any_number, any_number), min_size=1, max_size=4), st.sampled_from(LOOKS))
def test_labels_stay_inside_the_window(ends, look):
    figure = contour_map(
        look, arrows=[Arrow((0, 3), end, label="v") for end in ends], spots=[Spot(end, label="spot") for end in ends],
        tracks=[track((0, 3), (0.1, 3.1), end, label="a way") for end in ends],
    )  # fmt: skip
    for _, left, right, down in boxes(figure, look):
        assert left >= 3 - 1e-6
        assert right <= look.width - 3 + 1e-6
        assert 0.5 * look.text <= down <= look.width - 0.5 * look.text


@each_look
def test_labels_stand_beside_what_they_name_in_its_ink(look):
    figure = full(look)
    inks = table(figure, "labels").set_index("text")["ink"].to_dict()
    assert inks == {"up": "first", "out · length 5": "second", "lowest": "c3", "way": "c1"}
    at = {text: (left, right, down) for text, left, right, down in boxes(figure, look)}
    unit = look.width / 4
    for text, (x, y) in {"lowest": (1, 1.5), "way": (1, 3), "up": (-1, 4)}.items():
        across, down = (x + 2) * unit, (5 - y) * unit
        left, right, middle = at[text]
        assert max(left - across, across - right, 0) <= 12 or right >= look.width - 4
        assert abs(middle - down) <= 2 * LINE * (look.text + 1)


@given(places, places, places, places, st.sampled_from(LOOKS))
@example(np.array([[0.0, 20.0]]), np.zeros((1, 2)), np.array([[0.0, 3.0], [20.0, 3.0]]), np.zeros((1, 2)), Look())
def test_nothing_ever_raises_and_tables_stay_finite(way, steps, ends, marks, look):
    inner = np.vstack([[0.0, 3.0], way])
    figure = contour_map(
        look, tracks=[Track(way, label="t", steps=steps), Track(inner, steps=inner), Track(inner, label="u")],
        arrows=[Arrow(tuple(a), tuple(b), label="v") for a, b in itertools.pairwise(ends.tolist())],
        spots=[Spot(tuple(at), label="p") for at in marks.tolist()], field=np.hstack([marks, marks[::-1]]) / 4,
    )  # fmt: skip
    for name, rows in figure.columns.items():
        assert len({len(column) for column in rows.values()}) == 1, name
        assert all(np.isfinite(column).all() for column in rows.values() if column.dtype.kind == "f"), (name, rows)
    drawn = np.vstack([np.empty((0, 2)), *(p for p in paths(figure)[:3])])
    assert (np.abs(drawn - [0, 3]) <= 4 * FAR + 1e-6).all()
