"""A figure is a fixed chart and live tables; pictures travel inside them and arrive as they were."""

import base64
import doctest
import io

import altair as alt
import numpy as np
import pytest
from PIL import Image

from mml_charts import figure
from mml_charts.figure import fixed, picture_url, raster_url
from mml_charts.theme import Look


def opened(url: str) -> Image.Image:
    head, body = url.split(",", 1)
    assert head in ("data:image/png;base64", "data:image/jpeg;base64")
    image = Image.open(io.BytesIO(base64.b64decode(body, validate=True)))
    assert image.format.lower() in head
    return image


def chart() -> alt.LayerChart:
    line = alt.Chart(alt.NamedData("rows")).mark_line().encode(x="x:Q", y="y:Q")
    return alt.layer(line)


def test_a_chart_is_transparent_svg_and_silent_to_screen_readers():
    spec = fixed(chart(), Look(), width=200, height=100)
    assert spec["background"] == "transparent"
    assert spec["usermeta"]["embedOptions"]["renderer"] == "svg"
    assert spec["config"]["aria"] is False
    assert (spec["width"], spec["height"]) == (200, 100)


@pytest.mark.parametrize("look", [Look(), Look(theme="dark"), Look(scale="lecture", height=1440)])
def test_axes_are_written_in_the_sizes_and_colours_of_the_look(look):
    axis = fixed(chart(), look, width=10, height=10)["config"]["axis"]
    assert axis["labelFontSize"] == axis["titleFontSize"] == look.text
    assert axis["labelColor"] == look.palette.text


def test_a_photo_arrives_in_its_size_and_colours():
    pixels = np.zeros((40, 64, 3), dtype=np.uint8)
    pixels[:, :32], pixels[:, 32:] = (200, 30, 30), (30, 60, 200)
    image = opened(picture_url(pixels, "#FFFFFF"))
    assert image.size == (64, 40)
    assert np.abs(np.asarray(image, dtype=int)[:, [4, 60]] - pixels[:, [4, 60]].astype(int)).max() <= 8


@pytest.mark.parametrize(("ground", "level"), [("#FFFFFF", (255, 255, 255)), ("#11161D", (17, 22, 29))])
def test_a_photo_is_laid_on_the_background_where_it_is_transparent(ground, level):
    pixels = np.full((32, 32, 4), 255, dtype=np.uint8)
    pixels[:, :, :3] = (250, 0, 0)
    pixels[:, 16:, 3] = 0
    image = np.asarray(opened(picture_url(pixels, ground)), dtype=int)
    assert np.abs(image[:, 26] - np.array(level)).max() <= 8
    assert np.abs(image[:, 4] - np.array((250, 0, 0))).max() <= 8


def test_a_photo_of_the_plane_costs_few_bytes():
    ramp = np.linspace(0, 255, 400).astype(np.uint8)
    pixels = np.dstack([np.tile(ramp, (400, 1)), np.tile(ramp[:, None], (1, 400)), np.full((400, 400), 90, np.uint8)])
    assert len(picture_url(pixels, "#FFFFFF")) < 40_000


@pytest.mark.parametrize("shape", [(24, 24, 3), (48, 48, 4), (7, 3, 3), (600, 2, 3), (1, 1, 4)])
def test_a_coarse_picture_keeps_every_pixel_exactly(shape):
    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    image = np.asarray(opened(raster_url(pixels)))
    times = image.shape[0] // shape[0]
    assert image.shape == (shape[0] * times, shape[1] * times, shape[2])
    assert times == max(1, 512 // max(shape[:2]))
    for i in (0, times - 1):
        np.testing.assert_array_equal(image[i::times, i::times], pixels)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(figure).failed == 0
