"""Rasters: small pictures side by side, each value a crisp square in the right colour."""

import base64
import doctest
import io
import json

import altair as alt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import ValidationError
from PIL import Image

from mml_charts import rasters
from mml_charts.rasters import CELL, MARKS, Raster
from mml_charts.theme import WIDTHS, Look, rgb

LOOKS = [
    Look(size=size, scale=scale, theme=theme)
    for size in WIDTHS
    for scale in ("normal", "lecture")
    for theme in ("light", "dark")
]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
RAMP = np.linspace(0, 1, 64).reshape(8, 8)
SHAPES = [[(8, 8)] * 3, [(8, 8)], [(13, 1)] * 3, [(1, 13)], [(8, 8), (2, 5)], [(64, 64)] * 2]


def figure(*values, look=None):
    roles = ("first", "second", "result")
    pictures = [Raster(v, f"picture {i}", roles[i % 3]) for i, v in enumerate(values)]
    return rasters.rasters("Pictures", look=look or Look(), pictures=pictures)


def table(*values, **more):
    return figure(*values, **more).tables["pictures"]


def squares(url, shape):
    """The picture's squares, (h, w, rows, columns, 3), as they come out of the data URL."""
    image = Image.open(io.BytesIO(base64.b64decode(url.split(",", 1)[1], validate=True)))
    assert image.format == "PNG"
    pixels = np.asarray(image.convert("RGB"))
    side = pixels.shape[0] // shape[0]
    assert pixels.shape == (shape[0] * side, shape[1] * side, 3)
    return pixels.reshape(shape[0], side, shape[1], side, 3).transpose(0, 2, 1, 3, 4)


@each_look
def test_the_chart_is_the_same_whatever_it_shows(look):
    one, other = figure(RAMP, RAMP, look=look), figure(-RAMP, np.full((8, 8), np.nan), look=look)
    assert one.spec is other.spec
    assert one.window == other.window
    assert len(json.dumps(one.spec, separators=(",", ":"))) < 4_000


def test_another_look_number_or_shape_is_another_chart():
    assert len({json.dumps(figure(RAMP, look=look).spec) for look in LOOKS}) == len(LOOKS)
    assert len({json.dumps(f.spec) for f in (figure(RAMP), figure(RAMP, RAMP), figure(RAMP[:5]))}) == 3


@each_look
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_values_are_squares_of_one_size_inside_the_box(look, shapes):
    shown = figure(*map(np.zeros, shapes), look=look)
    rows, spec, (left, right, bottom, top) = shown.tables["pictures"], shown.spec, shown.window
    assert (left, right, top) == (0, look.width, 0)
    assert (spec["width"], spec["height"]) == (look.width, bottom)
    assert shown.square
    sides = [
        side
        for row, (high, wide) in zip(rows.itertuples(), shapes, strict=True)
        for side in ((row.x2 - row.x) / wide, (row.y2 - row.y) / high)
    ]
    assert sides == pytest.approx([sides[0]] * len(sides))
    assert rows["y"].min() >= 0
    assert rows["y2"].max() <= bottom - 1.5 * look.text
    assert rows["x"].min() >= 0
    assert rows["x2"].max() <= look.width
    assert (rows["x"].to_numpy()[1:] > rows["x2"].to_numpy()[:-1]).all()
    assert spec["height"] < look.width


def test_three_digits_fill_the_width():
    rows = table(RAMP, RAMP, RAMP)
    assert rows["x"].iloc[0] < 2
    assert rows["x2"].iloc[-1] > Look().width - 2


def test_the_chart_fills_its_box_and_is_transparent():
    spec = figure(RAMP).spec
    assert spec["autosize"] == "none"
    assert set(spec["padding"].values()) == {0}
    assert spec["background"] == "transparent"
    assert spec["layer"][0]["mark"] == {"type": "image", "aspect": False}


def test_every_mark_that_a_sentence_can_light_up_is_a_layer():
    names = [layer["name"] for layer in figure(RAMP).spec["layer"]]
    assert {name.rsplit("_", 1)[0] for name in names} == set(MARKS) == set(figure(RAMP).marks)
    assert names[0] == "pictures_0"


def test_the_chart_is_valid_vega_lite():
    spec = json.loads(json.dumps(figure(RAMP).spec))
    alt.Chart.from_dict(spec)
    spec["layer"][0]["mark"]["type"] = "photograph"
    with pytest.raises(ValidationError):
        alt.Chart.from_dict(spec)


def test_the_chart_reads_exactly_the_table_it_gets():
    spec = figure(RAMP).spec
    assert spec["data"] == {"name": "pictures"}
    for layer in spec["layer"]:
        assert "data" not in layer
        assert {e["field"] for e in layer["encoding"].values() if "field" in e} <= set(table(RAMP).columns)


def test_the_table_keeps_its_columns_and_types_when_empty():
    assert len(table()) == 0
    assert table().dtypes.to_dict() == table(RAMP).dtypes.to_dict()


def test_labels_stand_in_the_middle_in_the_colour_of_their_role():
    rows = table(RAMP, RAMP)
    assert rows["text"].tolist() == ["picture 0", "picture 1"]
    assert rows["role"].tolist() == ["first", "second"]
    np.testing.assert_allclose(rows["middle"], (rows["x"] + rows["x2"]) / 2)


@each_look
def test_a_picture_goes_from_the_background_to_the_colour_of_its_role(look):
    rows = table(RAMP, 1 - RAMP, RAMP.T, look=look)
    for row, values in zip(rows.itertuples(), (RAMP, 1 - RAMP, RAMP.T), strict=True):
        ground, full = (np.array(rgb(c), float) for c in (look.palette.background, look.palette.role(row.role)))
        seen = squares(row.url, (8, 8))
        expected = ground + values[..., None] * (full - ground)
        assert np.abs(seen - expected[:, :, None, None]).max() <= 0.5


@each_look
def test_signs_have_a_tint_each_and_negative_squares_a_minus(look):
    p = look.palette
    values = np.array([[1.0, -1.0], [0.0, -0.4]])
    seen = squares(table(values, look=look)["url"].item(), (2, 2))
    assert (seen[0, 0] == rgb(p.left)).all()
    assert (seen[1, 0] == rgb(p.background)).all()
    assert tuple(seen[0, 1, 0, 0]) == rgb(p.right)
    side, middle = seen.shape[2], seen.shape[2] // 2
    assert tuple(seen[0, 1, middle, middle]) == rgb(p.background)
    assert tuple(seen[1, 1, middle, middle]) == rgb(p.text)
    sign = (seen[0, 1] == rgb(p.background)).all(axis=-1)
    assert sign.sum() * CELL**2 == 12 * side**2
    assert np.flatnonzero(sign.any(axis=1)).size < np.flatnonzero(sign.any(axis=0)).size


def test_a_value_that_is_almost_zero_has_no_sign():
    seen = squares(table(np.array([[-1.0, -0.01]]))["url"].item(), (1, 2))
    assert len(np.unique(seen[0, 1].reshape(-1, 3), axis=0)) == 1


def test_small_squares_have_no_signs():
    seen = squares(table(np.full((64, 64), -0.5))["url"].item(), (64, 64))
    assert len(np.unique(seen.reshape(-1, 3), axis=0)) == 1


@pytest.mark.parametrize(("value", "like"), [(1e150, 1), (np.inf, 1), (-1e150, -1), (-np.inf, -1), (7, 1)])
def test_what_is_beyond_is_cut(value, like):
    assert table(np.full((2, 2), value))["url"].item() == table(np.full((2, 2), like))["url"].item()


def test_a_value_that_is_no_number_is_a_grey_square():
    seen = squares(table(np.array([[np.nan, 1.0]]))["url"].item(), (1, 2))
    assert (seen[0, 0] == rgb(Look().palette.faint)).all()
    assert (seen[0, 1] == rgb(Look().palette.first)).all()


def test_a_row_of_values_is_a_picture_of_one_row():
    assert table(np.zeros(13))["url"].item() == table(np.zeros((1, 13)))["url"].item()


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=12, max_size=12), st.sampled_from(LOOKS))
def test_any_values_make_a_picture(values, look):
    rows = table(np.array(values).reshape(3, 4), look=look)
    assert np.isfinite(rows.select_dtypes("number").to_numpy()).all()
    squares(rows["url"].item(), (3, 4))


@pytest.mark.parametrize("sign", [1, -1])
def test_three_digits_cost_few_bytes(sign):
    rng = np.random.default_rng(1)
    assert table(*(sign * rng.random((3, 8, 8))))["url"].str.len().sum() < 17_000


def test_lecture_text_is_as_large_as_the_look_says():
    look = Look(scale="lecture", height=1440)
    sizes = [layer["mark"]["fontSize"] for layer in figure(RAMP, look=look).spec["layer"] if layer["mark"]["type"] == "text"]
    assert sizes == [36]


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(rasters).failed == 0
