"""Heat maps: exact tints in squares, numbers, names and signs where there is room, places that are those of the cells."""

import base64
import doctest
import io
import json

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import ValidationError
from PIL import Image

from mml_charts import heatmaps
from mml_charts.heatmaps import DIGIT, LARGEST, LETTER, LINED, MARKS, NAMED, WRITTEN, power_of_ten, short
from mml_charts.signed import SHADES, shades, signed_colours
from mml_charts.theme import WIDTHS, Look, contrast, rgb

LOOKS = [
    Look(size=size, scale=scale, theme=theme)
    for size in WIDTHS
    for scale in ("normal", "lecture")
    for theme in ("light", "dark")
]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
SHAPES = [(1, 1), (2, 2), (4, 4), (13, 13), (3, 40), (40, 3), (64, 64), (200, 200)]
SMALL = np.array([[1.0, -0.5, 0.25], [-0.5, 1.0, 0.0]])
LONG = "od280/od315 of diluted wines"
any_number = st.floats(allow_nan=True, allow_infinity=True)


def names(n, letter="x"):
    return [f"{letter}{i}" for i in range(n)]


def heat_map(values=SMALL, look=None, reach=1.0, across=None, down=None, **more):
    n, m = np.shape(values)
    across, down = (names(k) if given is None else given for k, given in ((m, across), (n, down)))
    return heatmaps.heat_map("A", look=look or Look(), values=values, across=across, down=down, reach=reach, **more)


def table(figure, name):
    return pd.DataFrame(figure.columns[name])


def box(figure):
    return table(figure, "picture").iloc[0]


def squares(figure, shape):
    """The picture's squares, (n, m, rows, columns, 3), as they come out of the data URL."""
    image = Image.open(io.BytesIO(base64.b64decode(box(figure)["url"].split(",", 1)[1], validate=True)))
    assert image.format == "PNG"
    pixels = np.asarray(image.convert("RGB"))
    side = pixels.shape[0] // shape[0]
    assert pixels.shape == (shape[0] * side, shape[1] * side, 3)
    return pixels.reshape(shape[0], side, shape[1], side, 3).transpose(0, 2, 1, 3, 4)


def middles(figure, n, m):
    """Return where the window says that the middles of the cells are, in pixels, row by row."""
    left, right, bottom, top = figure.window
    wide, high = figure.spec["width"], figure.spec["height"]
    rows, columns = (i.ravel() + 1 for i in np.indices((n, m)))
    return np.column_stack([(columns - left) / (right - left) * wide, (top + rows) / (top - bottom) * high])


def code(colour):
    return "#{:02X}{:02X}{:02X}".format(*(int(c) for c in colour))


def noise(n, m, seed=1):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (n, m))


@each_look
@pytest.mark.parametrize("shape", [(3, 3), (64, 64)], ids=str)
def test_the_chart_is_the_same_whatever_it_shows(look, shape):
    one, other = heat_map(noise(*shape), look), heat_map(np.full(shape, np.nan), look, reach=7, chosen=(1, 2))
    assert one.spec is other.spec
    assert one.window == other.window
    assert len(json.dumps(one.spec, separators=(",", ":"))) < 5_000


def test_another_look_shape_or_width_is_another_chart():
    assert len({json.dumps(heat_map(look=look).spec) for look in LOOKS[::3]}) == len(LOOKS[::3])
    shown = (heat_map(), heat_map(SMALL.T), heat_map(width=300), heat_map(across=[LONG] * 3))
    assert len({json.dumps(figure.spec) for figure in shown}) == len(shown)


@each_look
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_cells_are_squares_inside_the_box_at_most_as_wide_as_it(look, shape):
    figure = heat_map(np.zeros(shape), look)
    place, left, top, right, bottom = box(figure), 0, 0, figure.spec["width"], figure.spec["height"]
    assert right == look.width
    assert figure.square
    side = (place["x2"] - place["x"]) / shape[1]
    assert side == pytest.approx((place["y2"] - place["y"]) / shape[0])
    assert 0 < side <= LARGEST * look.text + 1e-9
    assert left < place["x"] < place["x2"] < right
    assert top < place["y"] < place["y2"] < bottom
    assert bottom <= 1.5 * look.width


def test_a_large_matrix_fills_the_width_that_is_asked_for():
    for width in (None, 300, 700):
        figure = heat_map(np.zeros((64, 64)), width=width)
        assert figure.spec["width"] == (width or Look().width)
        assert box(figure)["x2"] - box(figure)["x"] > 0.95 * figure.spec["width"]


def test_the_chart_fills_its_box_and_is_transparent():
    spec = heat_map().spec
    assert spec["autosize"] == "none"
    assert set(spec["padding"].values()) == {0}
    assert spec["background"] == "transparent"
    assert spec["layer"][0]["mark"] == {"type": "image", "aspect": False}
    for layer in spec["layer"][1:]:
        assert not any("scale" in layer["encoding"].get(axis, {}) for axis in ("x", "y", "x2", "y2"))


def test_the_chart_is_valid_vega_lite():
    spec = json.loads(json.dumps(heat_map().spec, allow_nan=False))  # it has all layers
    alt.Chart.from_dict(spec)
    spec["layer"][0]["mark"]["type"] = "photograph"
    with pytest.raises(ValidationError):
        alt.Chart.from_dict(spec)


@pytest.mark.parametrize("n", [3, 64])
def test_the_chart_has_all_its_marks_and_reads_exactly_its_tables(n):
    figure = heat_map(np.zeros((n, n)))
    found = {layer["name"].rsplit("_", 1)[0] for layer in figure.spec["layer"]}
    assert found == set(figure.marks) == {mark for mark in MARKS if mark != "numbers" or n == 3}
    assert {layer["data"]["name"] for layer in figure.spec["layer"]} == set(figure.columns)
    for layer in figure.spec["layer"]:
        fields = {e["field"] for e in layer["encoding"].values() if "field" in e}
        assert fields <= set(figure.columns[layer["data"]["name"]])


@each_look
@pytest.mark.parametrize("reach", [1.0, 25.0])
def test_a_square_has_the_tint_of_its_value(look, reach):
    for values in (SMALL, noise(8, 5), noise(30, 30)):
        seen = squares(heat_map(reach * values, look, reach), values.shape)
        np.testing.assert_array_equal(seen[:, :, 0, 0], signed_colours(look)[shades(values)])
    assert (squares(heat_map(np.zeros((2, 2)), look), (2, 2))[:, :, 0, 0] == rgb(look.palette.background)).all()


def test_row_0_is_at_the_top_and_column_0_at_the_left():
    seen = squares(heat_map(np.array([[1.0, 0], [0, 0], [0, -1]])), (3, 2))[:, :, 0, 0]
    colours = signed_colours(Look())
    assert tuple(seen[0, 0]) == tuple(colours[2 * SHADES])
    assert tuple(seen[2, 1]) == tuple(colours[0])


@each_look
@pytest.mark.parametrize("n", [30, 64])
def test_a_negative_square_without_a_number_has_a_minus_sign_and_no_other_has(look, n):
    values = noise(n, n)
    seen = squares(heat_map(values, look), (n, n))
    sign = tuple(heatmaps._colours(look)[-1])
    signed = (seen == sign).all(axis=-1)
    np.testing.assert_array_equal(signed.any(axis=(2, 3)), shades(values) < SHADES)
    bars = signed[shades(values) < SHADES]
    assert (bars.any(axis=2).sum(axis=1) <= bars.any(axis=1).sum(axis=1)).all(), "it lies"


def test_a_number_says_its_sign_itself():
    figure = heat_map(look=Look())
    colours = np.unique(squares(figure, SMALL.shape).reshape(-1, 3), axis=0).tolist()
    assert list(heatmaps._colours(Look())[-1]) not in colours
    assert table(figure, "numbers")["text"].tolist() == ["1.00", "−0.50", "0.25", "−0.50", "1.00", "0"]


@each_look
def test_numbers_and_signs_are_seen_on_every_tint(look):
    p = look.palette
    for tint in signed_colours(look)[: 2 * SHADES + 1]:
        assert contrast(p.text, code(tint)) >= 4.5
        assert contrast(code(heatmaps._colours(look)[-1]), code(tint)) >= 3
        assert contrast(p.result, code(tint)) >= 3, "the frame of the chosen cell"
    assert contrast(p.reference, p.background) >= 3


@each_look
def test_what_is_no_number_is_grey_hatched_and_has_no_text(look):
    values = SMALL.copy()
    values[0, 1] = np.nan
    figure = heat_map(values, look)
    p = look.palette
    hole = squares(figure, values.shape)[0, 1, :-1, :-1].reshape(-1, 3)
    assert {tuple(c) for c in hole.tolist()} == {rgb(p.panel), rgb(p.border)}
    if "numbers" in figure.columns:
        assert len(table(figure, "numbers")) == 5
    assert not table(heat_map(np.full((2, 2), np.nan), look), "picture").empty


@pytest.mark.parametrize(("value", "like", "said"), [(1e300, 1, "1.0e300"), (-np.inf, -1, "−∞"), (-7, -1, "−7.00")])
def test_what_is_beyond_is_cut_but_its_number_is_true(value, like, said):
    beyond, at_the_end = heat_map(np.full((2, 2), value)), heat_map(np.full((2, 2), like))
    assert box(beyond)["url"] == box(at_the_end)["url"]
    assert set(table(beyond, "numbers")["text"]) == {said}


@each_look
@pytest.mark.parametrize("n", range(1, 25))
def test_numbers_stand_in_cells_that_are_large_enough_and_fit(look, n):
    values = noise(n, n)
    figure = heat_map(values, look, across=[], down=[])
    cell = (box(figure)["x2"] - box(figure)["x"]) / n
    assert ("numbers" in figure.columns) == (cell >= WRITTEN * look.text)
    if "numbers" in figure.columns:
        rows = table(figure, "numbers")
        np.testing.assert_allclose(rows[["x", "y"]], middles(figure, n, n))
        assert max(DIGIT * look.text * (len(t) - 0.5 * ("." in t)) for t in rows["text"]) <= cell
        assert (rows["text"].str.replace("−", "-").astype(float) - values.ravel()).abs().max() <= 0.005 + 1e-9


def test_34_pixels_are_enough_for_a_number():
    assert WRITTEN * Look().text == pytest.approx(34, abs=0.5)
    assert short(-0.456, 1.0, 0, WRITTEN / DIGIT) == "−0.46"
    assert short(-9.456, 9.9, 0, WRITTEN / DIGIT) == "−9.46"
    assert short(-99.46, 99.9, 0, WRITTEN / DIGIT) == "−99.5"
    assert short(-9999, 9999, 0, WRITTEN / DIGIT) == "−9999"


@given(any_number, st.floats(1e-300, 1e300), st.floats(5.2, 12))
def test_a_number_is_never_longer_than_its_room(value, reach, letters):
    said = short(value, reach, power_of_ten(reach), letters)
    assert 0 < len(said) - 0.5 * ("." in said) <= letters
    assert "nan" not in said
    assert "inf" not in said
    assert "-" not in said


def test_large_and_small_numbers_are_in_a_power_of_ten_that_is_said():
    figure = heat_map(30_000 * SMALL, reach=30_000.0)
    assert table(figure, "numbers")["text"].tolist() == ["3.00", "−1.50", "0.75", "−1.50", "3.00", "0"]
    (note,) = table(figure, "names").query("kind == 'note'").to_dict("records")
    assert note["text"] == "numbers × 10⁴"
    assert note["y"] + 0.5 * Look().text <= figure.spec["height"]
    assert table(figure, "names").query("kind == 'column'")["y"].max() + 1.3 * Look().text <= note["y"]
    plain = heat_map()
    assert "note" not in set(table(plain, "names")["kind"])
    assert box(plain)[["x", "x2", "y", "y2"]].tolist() == box(figure)[["x", "x2", "y", "y2"]].tolist()
    assert table(heat_map(SMALL / 1e5, reach=1e-5), "numbers")["text"].tolist()[:2] == ["1.00", "−0.50"]


@each_look
@pytest.mark.parametrize("n", [1, 4, 9, 13, 16, 20, 30, 64])
@pytest.mark.parametrize("long", ["x", "proline", LONG])
def test_names_stand_where_there_is_room_and_inside_the_box(look, n, long):
    figure = heat_map(np.zeros((n, n)), look, across=[long] * n, down=[long] * n)
    rows, place = table(figure, "names"), box(figure)
    cell = (place["x2"] - place["x"]) / n
    assert rows.empty or cell >= look.text + NAMED - 1e-9
    if rows.empty:
        return
    beside, below = rows.query("kind == 'row'"), rows.query("kind == 'column'")
    text, wide = look.text, LETTER * look.text * below["text"].str.len().max()
    assert len(beside) == len(below) == n
    assert (beside["x"] < place["x"]).all()
    assert (beside["x"] - LETTER * text * beside["text"].str.len() >= -1e-9).all()
    assert (below["y"] > place["y2"]).all()
    angle = next(layer["mark"].get("angle") for layer in figure.spec["layer"] if layer["name"] == "names_1")
    across, down = {None: (0.5 * wide, 1.1 * text), 315: (0.71 * wide, 0.71 * wide), 270: (0, wide)}[angle]
    assert (below["x"] - across >= -0.5 * text).all()
    assert (below["y"] + down <= figure.spec["height"] + 0.5).all()
    assert cell >= {None: wide, 315: 1.5 * text, 270: text + NAMED}[angle] - 1e-9, "no two of them touch"


def test_names_are_cut_and_may_be_left_out():
    figure = heat_map(across=[LONG] * 3, down=["a", "b"])
    assert set(table(figure, "names").query("kind == 'column'")["text"]) == {"od280/od315 o…"}
    assert table(figure, "names").query("kind == 'row'")["text"].tolist() == ["a", "b"]
    assert set(table(heat_map(across=[], down=["a", "b"]), "names")["kind"]) == {"row"}
    assert table(heat_map(across=[], down=[]), "names").empty
    assert table(heat_map(np.zeros((64, 64))), "names").empty


@each_look
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_places_are_the_middles_of_the_cells_row_by_row(look, shape):
    n, m = shape
    across, down = names(m), names(n, "row ")
    figure = heat_map(np.zeros(shape), look, across=across, down=down)
    places, place = middles(figure, n, m), box(figure)
    cell = (place["x2"] - place["x"]) / m
    for (i, k), (x, y) in zip(np.ndindex(n, m), places.tolist(), strict=True):
        assert x == pytest.approx(place["x"] + (k + 0.5) * cell)
        assert y == pytest.approx(place["y"] + (i + 0.5) * cell)


@each_look
@pytest.mark.parametrize("n", [1, 4, 16, 64, 200])
def test_the_frame_is_around_the_chosen_cell_and_inside_the_box(look, n):
    for cell in ((0, 0), (0, n - 1), (n - 1, n // 2)):
        figure = heat_map(np.zeros((n, n)), look, chosen=cell)
        (frame,) = table(figure, "chosen").to_dict("records")
        x, y = middles(figure, n, n)[cell[0] * n + cell[1]]
        side = (box(figure)["x2"] - box(figure)["x"]) / n
        assert ((frame["x"] + frame["x2"]) / 2, (frame["y"] + frame["y2"]) / 2) == pytest.approx((x, y))
        assert frame["x2"] - frame["x"] == pytest.approx(frame["y2"] - frame["y"])
        assert frame["x2"] - frame["x"] >= max(side, 2 * look.stroke * 0.9)
        assert min(frame["x"], frame["y"]) - look.stroke / 2 >= 0
        assert frame["x2"] + look.stroke / 2 <= look.width


@pytest.mark.parametrize("chosen", [None, (2, 0), (0, 3), (-1, 0), (0, -1)])
def test_without_a_cell_in_the_matrix_there_is_no_frame(chosen):
    figure = heat_map(chosen=chosen)
    assert table(figure, "chosen").empty
    full = table(heat_map(chosen=(1, 2)), "chosen")
    assert table(figure, "chosen").dtypes.to_dict() == full.dtypes.to_dict()


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (1, 1), (64, 64)], ids=str)
@pytest.mark.parametrize("value", [0.0, np.nan, 1e300, -1e300])
@pytest.mark.parametrize("reach", [0.0, np.nan, -1.0, np.inf, 1e-300, 5e-324, 1e308])
def test_extremes_make_finite_tables(shape, value, reach):
    figure = heat_map(np.full(shape, value), reach=reach)
    for columns in figure.columns.values():
        assert len({len(v) for v in columns.values()}) == 1
        assert all(np.isfinite(v).all() for v in columns.values() if v.dtype.kind in "if")


@given(st.lists(any_number, min_size=12, max_size=12), st.sampled_from(LOOKS), any_number)
def test_any_values_make_a_picture(values, look, reach):
    figure = heat_map(np.array(values).reshape(3, 4), look, reach)
    squares(figure, (3, 4))
    for columns in figure.columns.values():
        assert all(np.isfinite(v).all() for v in columns.values() if v.dtype.kind in "if")


@pytest.mark.parametrize(("n", "most"), [(4, 1_500), (16, 4_000), (64, 20_000)])
def test_a_picture_costs_few_bytes(n, most):
    assert len(box(heat_map(noise(n, n)))["url"]) * 3 // 4 < most


def test_lines_lie_between_large_cells_only():
    faint = rgb(Look().palette.faint)
    assert (squares(heat_map(), SMALL.shape)[:, :, -1, 0] == faint).all()
    small = heat_map(np.zeros((64, 64)))
    assert (box(small)["x2"] - box(small)["x"]) / 64 < LINED
    assert not (squares(small, (64, 64)) == faint).all(axis=-1).any()


@each_look
def test_texts_are_as_large_as_the_look_says(look):
    marks = [layer["mark"] for layer in heat_map(look=look).spec["layer"] if layer["mark"]["type"] == "text"]
    assert {mark["fontSize"] for mark in marks} == {look.text}
    assert {mark["color"] for mark in marks} == {look.palette.text}


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(heatmaps).failed == 0
