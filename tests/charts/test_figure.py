"""A figure is a fixed chart and live tables; pictures travel inside them and arrive as they were."""

import base64
import copy
import doctest
import io
import json

import altair as alt
import numpy as np
import pytest
from PIL import Image

from mml_charts import bars, curves, figure, plane, rasters, spectra
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


# --- each scale is said once

SQUARE = np.array([[0.0, 0], [1, 0], [1, 1]])
TURNS = np.linspace(0, 2 * np.pi, 36, endpoint=False)


def every_figure(look):
    """Return one figure of each kind."""
    ring = spectra.turning_ring(np.column_stack([np.cos(TURNS), np.sin(TURNS)]), np.sin(TURNS), radius=2, bulge=0.3)
    areas, arrows = [plane.Area(SQUARE, "left")], [plane.Arrow(SQUARE[1], "first")]
    series = [curves.Series(np.array([1, 0.1, 0.01]), "measured", "first")]
    gauges = [bars.Gauge("u·v", 1.0, -2, 2, "1", (-1, 1), ("low", "high"))]
    x = np.linspace(-2, 2, 9)
    return {
        "plane": plane.figure("A", radius=3.0, look=look, areas=areas, arrows=arrows),
        "ring": plane.figure("A", radius=1e150, look=look, areas=ring.areas, paths=ring.paths, notes=ring.notes),
        "complex plane": spectra.complex_plane("A", look=look, eigenvalues=np.array([1j, -1j]), centres=[0], radii=[1]),
        "history": curves.history("A", look=look, series=series, n_steps=2, step=1, x_title="step", y_title="size"),
        "curve": curves.curve("A", look=look, x=x, y=x**2, reach_x=2, reach_y=4, x_title="x", y_title="y"),
        "gauges": bars.gauges("A", look=look, gauges=gauges),
        "contributions": bars.contributions("A", look=look, names=["a", "b"], first=x[:2], second=x[:2], products=x[:2] ** 2),
        "rasters": rasters.rasters("A", look=look, pictures=[rasters.Raster(np.eye(3), "one", "first")]),
    }


@pytest.fixture(scope="module", params=[Look(), Look(size="small", scale="lecture", theme="dark")], ids=["normal", "lecture"])
def charts(request):
    """Return for each kind of chart its specification before scales were left out, and as it is sent."""
    whole, lean = [], figure._lean
    for module in (plane, curves, bars, rasters):
        for built in vars(module).values():
            if hasattr(built, "cache_clear"):
                built.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figure, "_lean", lambda spec: whole.append(copy.deepcopy(spec)) or lean(spec))
        sent = every_figure(request.param)
    return {name: (before, drawn.spec) for (name, drawn), before in zip(sent.items(), whole, strict=True)}


def test_no_layer_loses_a_scale_that_no_earlier_layer_says(charts):
    for name, (whole, lean) in charts.items():
        said = {}
        for before, after in zip(whole["layer"], lean["layer"], strict=True):
            assert before | {"encoding": None} == after | {"encoding": None}
            for channel, encoding in before.get("encoding", {}).items():
                if "scale" in after["encoding"][channel]:
                    assert after["encoding"][channel] == encoding
                    said.setdefault(channel, []).append(encoding["scale"])
                elif "scale" in encoding:
                    assert after["encoding"][channel] == {key: value for key, value in encoding.items() if key != "scale"}
                    assert encoding["scale"] in said.get(channel, []), f"{name}: {before['name']} lost its {channel}"
                else:
                    assert after["encoding"][channel] == encoding
        assert whole | {"layer": None} == lean | {"layer": None}


def test_layers_share_their_scales_and_never_disagree_about_one(charts):
    for name, (whole, lean) in charts.items():
        assert "resolve" not in lean, "a scale that is resolved apart must be said by each layer"
        for channel in {channel for layer in whole["layer"] for channel in layer.get("encoding", {})}:
            scales = [
                layer["encoding"][channel].get("scale") for layer in whole["layer"] if channel in layer.get("encoding", {})
            ]
            assert len({json.dumps(scale) for scale in scales if scale}) <= 1, f"{name}: {channel} has two scales"


def test_whatever_is_coloured_shaped_or_dashed_by_a_field_has_its_values_written_down(charts):
    for name, (_, lean) in charts.items():
        for channel in ("color", "fill", "stroke", "shape", "strokeDash", "strokeWidth", "opacity"):
            encodings = [layer["encoding"][channel] for layer in lean["layer"] if channel in layer.get("encoding", {})]
            scaled = [encoding for encoding in encodings if "field" in encoding and encoding.get("scale", "shared") is not None]
            said = [encoding["scale"] for encoding in scaled if "scale" in encoding]
            assert bool(said) == bool(scaled), f"{name}: nobody says the scale of {channel}"
            for scale in said:
                assert len(scale["domain"]) == len(scale["range"]) == len(set(scale["domain"]))


def test_leaving_scales_out_makes_charts_lighter_and_never_heavier(charts):
    sizes = {name: [len(json.dumps(spec)) for spec in pair] for name, pair in charts.items()}
    assert all(after <= before for before, after in sizes.values())
    assert any(after < before for before, after in sizes.values())


def scales_of(*encodings):
    """Return what is left of the scales of layers with these encodings."""
    lean = figure._lean({"layer": [{"encoding": encoding} for encoding in encodings]})
    return [{channel: e.get("scale", "shared") for channel, e in layer["encoding"].items()} for layer in lean["layer"]]


def test_a_scale_is_kept_where_it_is_said_first():
    one, other = {"domain": ["a", "b"], "range": ["red", "blue"]}, {"domain": ["a", "b"], "range": ["blue", "red"]}
    a, b = ({"field": "role", "scale": dict(scale)} for scale in (one, other))
    assert scales_of({"color": dict(a)}, {"color": dict(a)}) == [{"color": one}, {"color": "shared"}]
    assert scales_of({"color": dict(a)}, {"fill": dict(a)}) == [{"color": one}, {"fill": one}], (
        "a channel shares with itself only"
    )
    assert scales_of({"color": dict(a)}, {"color": dict(b)}) == [{"color": one}, {"color": other}], "another scale is kept"
    assert scales_of({}, {"x": {"field": "x"}}, {"x": dict(a), "y": dict(a)}) == [{}, {"x": "shared"}, {"x": one, "y": one}]


def test_a_scale_with_a_type_or_none_at_all_stays_as_it_is():
    log, none = {"type": "log", "domain": [1, 10]}, None
    for scale in (log, none):
        kept = scales_of(*[{"x": {"field": "x", "scale": scale}} for _ in range(3)])
        assert kept == [{"x": scale}] * 3


def test_what_has_no_layers_stays_as_it_is():
    spec = {"facet": {"field": "a"}, "spec": {"mark": "line", "encoding": {"x": {"field": "x"}}}}
    assert figure._lean(dict(spec)) == spec
    assert figure._lean({"layer": [{"mark": "rule"}]}) == {"layer": [{"mark": "rule"}]}
