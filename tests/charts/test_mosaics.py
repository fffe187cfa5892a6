"""Mosaics: square pictures in rows, in reading order, each with its label under it and nothing over the edge."""

import doctest
import json

import altair as alt
import numpy as np
import pytest
from jsonschema import ValidationError

from mml_charts import mosaics
from mml_charts.mosaics import GAP, LABEL, MARKS, Tile
from mml_charts.theme import WIDTHS, Look

LOOKS = [
    Look(size=size, scale=scale, theme=theme)
    for size in WIDTHS
    for scale in ("normal", "lecture")
    for theme in ("light", "dark")
]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
SIZES = [look for look in LOOKS if look.theme == "light"]
each_size = pytest.mark.parametrize("look", SIZES, ids=lambda look: f"{look.size}-{look.scale}")
DOT = "data:image/png;base64,"
SHAPES = [(12, 3), (5, 4), (1, 4), (3, 1)]


def mosaic(n=12, across=4, look=None, letter="A"):
    tiles = [Tile(f"{DOT}{letter}{i}", f"{letter} {i}") for i in range(n)]
    return mosaics.mosaic("Pictures", look=look or Look(), tiles=tiles, across=across)


def table(*args, **more):
    return mosaic(*args, **more).tables["tiles"]


@each_look
def test_the_chart_is_the_same_object_whatever_it_shows(look):
    one, other = mosaic(look=look), mosaic(look=Look(look.size, look.scale, look.theme), letter="B")
    assert one.spec is other.spec
    assert one.window == other.window
    assert len(json.dumps(one.spec, separators=(",", ":"))) < 4_000


def test_another_look_or_height_is_another_chart():
    assert len({json.dumps(mosaic(look=look).spec) for look in LOOKS}) == len(LOOKS)
    assert len({json.dumps(one.spec) for one in (mosaic(), mosaic(8), mosaic(12, 3))}) == 3


@each_size
@pytest.mark.parametrize(("n", "across"), SHAPES)
def test_pictures_stand_in_reading_order(look, n, across):
    rows = table(n, across, look)
    assert rows["text"].tolist() == [f"A {i}" for i in range(n)]
    assert rows["url"].tolist() == [f"{DOT}A{i}" for i in range(n)]
    # Sorted from top to bottom and then from left to right they are where they were.
    assert np.lexsort((rows["x"], rows["y"])).tolist() == list(range(n))
    for at, count in (("x", min(n, across)), ("y", -(-n // across))):
        assert len(np.unique(rows[at].to_numpy().round(6))) == count
    np.testing.assert_allclose(rows["x"], rows["x"].to_numpy()[np.arange(n) % across], atol=1e-9)
    np.testing.assert_allclose(rows["y"], rows["y"].to_numpy()[np.arange(n) // across * across], atol=1e-9)


@each_size
@pytest.mark.parametrize(("n", "across"), SHAPES)
def test_pictures_are_equal_squares_inside_the_window_with_gaps_between(look, n, across):
    figure = mosaic(n, across, look)
    rows, (left, right, bottom, top) = figure.tables["tiles"], figure.window
    assert (left, right, top) == (0, look.width, 0)
    assert (figure.spec["width"], figure.spec["height"]) == (look.width, bottom)
    assert figure.square
    sides = np.concatenate([rows["x2"] - rows["x"], rows["y2"] - rows["y"]])
    np.testing.assert_allclose(sides, sides[0], rtol=1e-12)
    assert sides[0] > 0
    assert rows["x"].min() == rows["y"].min() == 0
    assert rows["x2"].max() <= look.width + 1e-9
    if n >= across:
        assert rows["x2"].max() == pytest.approx(look.width, abs=1e-9)
    for i in range(n - 1):
        if (i + 1) % across:
            assert rows["x"][i + 1] - rows["x2"][i] == pytest.approx(GAP * look.text, abs=1e-9)
    for i in range(n - across):
        assert rows["y"][i + across] - rows["y2"][i] == pytest.approx(LABEL * look.text, abs=1e-9)


@each_size
@pytest.mark.parametrize(("n", "across"), SHAPES)
def test_a_label_stands_under_its_picture_clear_of_it_of_the_next_row_and_of_the_edge(look, n, across):
    figure = mosaic(n, across, look)
    rows, half = figure.tables["tiles"], 0.6 * look.text
    np.testing.assert_allclose(rows["middle"], (rows["x"] + rows["x2"]) / 2, atol=1e-9)
    assert (rows["below"] - half >= rows["y2"]).all()
    assert (rows["below"] + half <= figure.window[2]).all()
    for i in range(n - across):
        assert rows["below"][i] + half <= rows["y"][i + across]


@pytest.mark.parametrize(
    "look", [look for look in LOOKS if look.scale == "normal"], ids=lambda look: f"{look.size}-{look.theme}"
)
def test_a_seed_and_a_share_fit_under_a_picture(look):
    """As many across as the page asks for; letters are about 0.56 of their size wide."""
    rows = table(12, 3 if look.size == "small" else 4, look)
    assert 0.56 * look.text * len("100: 100.0 %") <= (rows["x2"] - rows["x"]).min() + GAP * look.text


def test_the_axes_are_those_of_the_window_with_the_first_row_at_the_top():
    figure = mosaic(5, 4)
    first = figure.spec["layer"][0]["encoding"]
    assert first["x"]["scale"]["domain"] == [0, Look().width]
    assert first["y"]["scale"]["domain"] == [figure.window[2], 0]
    assert first["x"]["axis"] is first["y"]["axis"] is None
    for layer in figure.spec["layer"][1:]:
        assert not any("scale" in layer["encoding"].get(axis, {}) for axis in ("x", "y", "x2", "y2"))


def test_the_chart_fills_its_box_and_is_transparent():
    spec = mosaic().spec
    assert spec["autosize"] == "none"
    assert set(spec["padding"].values()) == {0}
    assert spec["background"] == "transparent"
    assert spec["layer"][0]["mark"] == {"type": "image", "aspect": False}


def test_every_mark_that_a_sentence_can_light_up_is_a_layer():
    names = [layer["name"].rsplit("_", 1)[0] for layer in mosaic().spec["layer"]]
    assert tuple(names) == MARKS == mosaic().marks
    assert names[0] == "pictures"


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[-1]], ids=["small", "large"])
def test_the_chart_is_valid_vega_lite(look):
    spec = json.loads(json.dumps(mosaic(look=look).spec))
    alt.Chart.from_dict(spec)
    spec["layer"][0]["mark"]["type"] = "photograph"
    with pytest.raises(ValidationError):
        alt.Chart.from_dict(spec)


def test_the_chart_reads_exactly_the_table_it_gets():
    spec = mosaic().spec
    assert spec["data"] == {"name": "tiles"}
    read = {e["field"] for layer in spec["layer"] for e in layer["encoding"].values() if "field" in e}
    assert read == set(table().columns)
    assert not any("data" in layer for layer in spec["layer"])


def test_the_table_keeps_its_columns_and_types_when_empty():
    assert len(table(0)) == 0
    assert table(0).dtypes.to_dict() == table().dtypes.to_dict()
    assert mosaic(0).window[2] == 0


@pytest.mark.parametrize("look", [Look(), Look(scale="lecture", height=1440)], ids=["normal", "lecture"])
def test_text_is_as_large_as_the_look_says(look):
    (size,) = (layer["mark"]["fontSize"] for layer in mosaic(look=look).spec["layer"] if layer["mark"]["type"] == "text")
    assert size == look.text


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(mosaics).failed == 0
