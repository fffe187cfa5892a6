"""The plane: one fixed chart, square in pixels and units, whose tables alone say what is drawn."""

import doctest
import json

import altair as alt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import ValidationError

from mml_charts import plane
from mml_charts.plane import MARKS, Area, Arrow, Path, Picture
from mml_charts.theme import ROLES, TINTS, WIDTHS, Look

LOOKS = [
    Look(size=size, scale=scale, theme=theme)
    for size in WIDTHS
    for scale in ("normal", "lecture")
    for theme in ("light", "dark")
]
RADIUS = 3.0
finite = st.floats(-1e6, 1e6, allow_nan=False)
STRIPES = np.zeros((8, 8, 3), dtype=np.uint8)


def drawn(look=None, **things):
    return plane.figure("A plane", radius=RADIUS, look=look or Look(), **things)


def full(look=None):
    return drawn(
        look,
        arrows=[Arrow(np.array([1.0, 2.0]), "first", "a"), Arrow(np.array([9.0, 0.0]), "second", "b")],
        paths=[Path(np.array([[0.0, 0], [1, 1], [2, 0]])), *plane.grid_lines(3, lambda P: P)],
        areas=[Area(np.array([[0.0, 0], [1, 0], [1, 1]]), flipped=True, label="area")],
        points=np.array([[0.5, 0.5]]),
        picture=Picture(STRIPES, (-1.0, 1.0, -1.0, 1.0)),
    )


def marks(figure, kind):
    table = figure.tables["marks"]
    return table[table["kind"] == kind]


def strokes(figure, kind):
    table = figure.tables["strokes"]
    return table[table["kind"] == kind]


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
def test_the_chart_is_the_same_whatever_it_shows(look):
    assert full(look).spec is drawn(look).spec
    assert json.dumps(full(look).spec) == json.dumps(drawn(look, points=np.zeros((50, 2))).spec)


def test_another_look_or_window_is_another_chart():
    texts = {json.dumps(drawn(look).spec) for look in LOOKS}
    assert len(texts) == len(LOOKS)
    assert plane.figure("A plane", radius=5.0, look=Look()).spec != drawn().spec


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
def test_one_unit_is_as_long_on_both_axes(look):
    figure = drawn(look)
    left, right, bottom, top = figure.window
    assert figure.square
    assert figure.spec["width"] == figure.spec["height"] == look.width
    assert right - left == top - bottom == 2 * RADIUS
    picture = figure.spec["layer"][0]["encoding"]
    for axis in "xy":
        assert picture[axis]["scale"] == {"domain": [-RADIUS, RADIUS], "nice": False, "zero": False}
        assert picture[axis]["axis"] is None
    assert figure.spec["autosize"] == "none"
    assert set(figure.spec["padding"].values()) == {0}


def test_no_other_layer_declares_a_scale_of_its_own():
    for layer in drawn().spec["layer"][1:]:
        for axis in ("x", "y", "x2", "y2"):
            assert "scale" not in layer["encoding"].get(axis, {}), layer["name"]
    assert "resolve" not in drawn().spec


def test_the_chart_is_transparent_svg_and_silent():
    spec = drawn().spec
    assert spec["background"] == "transparent"
    assert spec["usermeta"]["embedOptions"]["renderer"] == "svg"
    assert spec["config"]["aria"] is False


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
def test_the_chart_is_light(look):
    assert len(json.dumps(drawn(look).spec, separators=(",", ":"))) < 9_000


def test_every_mark_that_a_sentence_can_light_up_is_a_layer():
    names = [layer["name"] for layer in drawn().spec["layer"]]
    assert len(set(names)) == len(names)
    assert {name.rsplit("_", 1)[0] for name in names} == set(MARKS) == set(drawn().marks)
    assert names[0] == "picture_0", "the picture lies lowest"
    assert names[-1].startswith("labels"), "labels lie on top"


def test_the_chart_is_valid_vega_lite():
    spec = json.loads(json.dumps(drawn().spec))
    alt.Chart.from_dict(spec)
    spec["layer"][0]["mark"]["type"] = "photograph"
    with pytest.raises(ValidationError):
        alt.Chart.from_dict(spec)


def test_the_chart_reads_exactly_the_tables_it_gets():
    figure = full()
    read = {layer["data"]["name"] for layer in figure.spec["layer"] if "name" in layer["data"]}
    assert read == set(figure.tables)
    for layer in figure.spec["layer"]:
        table = figure.tables.get(layer["data"].get("name"))
        if table is not None:
            fields = {e["field"] for e in layer["encoding"].values() if "field" in e}
            assert fields <= set(table.columns), layer["name"]


def test_kinds_that_the_chart_draws_are_all_that_the_tables_hold():
    figure = full()
    kinds = {
        kind
        for layer in figure.spec["layer"]
        for transform in layer.get("transform", [])
        if isinstance(transform["filter"], dict)
        for kind in transform["filter"]["oneOf"]
    }
    for name in ("strokes", "marks"):
        assert set(figure.tables[name]["kind"]) <= kinds


def test_tables_keep_their_columns_and_types_when_empty():
    empty, rows = drawn(), full()
    for name, table in rows.tables.items():
        assert len(table) > 0
        assert len(empty.tables[name]) == 0
        assert list(empty.tables[name].columns) == list(table.columns)


def test_empty_tables_keep_number_columns_as_numbers():
    for name in ("strokes", "picture"):
        for column in ("x", "y"):
            assert drawn().tables[name][column].dtype.kind == full().tables[name][column].dtype.kind == "f"


@given(st.tuples(finite, finite), st.tuples(finite, finite))
def test_no_arrow_label_or_tip_ever_leaves_the_window(tip, tail):
    tail = tuple(np.clip(tail, -RADIUS, RADIUS))
    table = drawn(arrows=[Arrow(np.array(tip), "first", "v", tail)]).tables["marks"]
    assert np.isfinite(table[["x", "y", "angle"]].to_numpy(float)).all()
    assert (np.abs(table[["x", "y"]].to_numpy(float)) <= RADIUS * (1 + 1e-9)).all()


@pytest.mark.parametrize(
    ("tip", "edge"),
    [((9, 0), (3, 0)), ((0, -30), (0, -3)), ((6, 6), (3, 3)), ((-6, 3), (-3, 1.5)), ((1e6, 0), (3, 0))],
)
def test_an_arrow_that_leaves_the_window_ends_at_its_edge_with_its_length(tip, edge):
    figure = drawn(arrows=[Arrow(np.array(tip, float), "first", "v")])
    (head,) = marks(figure, "edge").to_dict("records")
    (label,) = marks(figure, "label").to_dict("records")
    assert (head["x"], head["y"]) == pytest.approx(edge)
    assert label["text"] == f"v · length {np.hypot(*tip):.4g}"
    assert marks(figure, "head").empty
    assert max(abs(label["x"]), abs(label["y"])) < RADIUS


def test_the_length_is_that_from_tail_to_tip():
    figure = drawn(arrows=[Arrow(np.array([1.0, 9.0]), "first", "v", (1.0, -1.0))])
    assert marks(figure, "label")["text"].item() == "v · length 10"
    assert marks(figure, "edge")[["x", "y"]].to_numpy(float).tolist() == [[1.0, 3.0]]


@pytest.mark.parametrize("degrees", range(0, 360, 30))
def test_an_arrow_inside_ends_at_its_tip_and_its_head_points_along_it(degrees):
    tip = 2 * np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    figure = drawn(arrows=[Arrow(tip, "second", "v")])
    (head,) = marks(figure, "head").to_dict("records")
    assert (head["x"], head["y"]) == pytest.approx(tuple(tip))
    assert (head["angle"] - (90 - degrees)) % 360 == pytest.approx(0, abs=1e-9) or (
        head["angle"] - (90 - degrees)
    ) % 360 > 359.9
    assert marks(figure, "label")["text"].item() == "v"
    shaft = strokes(figure, "shaft")[["x", "y"]].to_numpy(float)
    assert shaft[0] == pytest.approx([0, 0])
    assert np.hypot(*shaft[1]) < 2 < np.hypot(*shaft[1]) + 0.3


def test_the_zero_arrow_is_a_dot_that_says_so():
    figure = drawn(arrows=[Arrow(np.zeros(2), "first", "e₁")])
    assert marks(figure, "dot")[["x", "y"]].to_numpy(float).tolist() == [[0.0, 0.0]]
    assert marks(figure, "label")["text"].item() == "e₁ = 0"
    assert strokes(figure, "shaft").empty
    assert marks(figure, "head").empty


def test_the_shaft_of_a_short_arrow_never_points_backwards():
    for length in (1e-6, 1e-3, 0.05, 0.1):
        shaft = strokes(drawn(arrows=[Arrow(np.array([length, 0.0]), "first", "v")]), "shaft")["x"].tolist()
        assert 0 <= shaft[1] - shaft[0] <= length


@pytest.mark.parametrize(("flipped", "kind"), [(False, "outline"), (True, "flipped")])
def test_an_area_is_filled_outlined_all_round_and_dashed_when_flipped(flipped, kind):
    corners = np.array([[0.0, 0], [2, 0], [2, 1]])
    figure = drawn(areas=[Area(corners, flipped=flipped, label="area 1")])
    np.testing.assert_array_equal(strokes(figure, "area")[["x", "y"]], corners)
    np.testing.assert_array_equal(strokes(figure, kind)[["x", "y"]], [*corners, corners[0]])
    assert marks(figure, "label")[["x", "y"]].to_numpy(float)[0] == pytest.approx(corners.mean(axis=0))


def test_the_label_of_a_far_off_area_stays_inside():
    figure = drawn(areas=[Area(np.array([[50.0, 50], [60, 50], [60, 60]]), label="area")])
    assert np.abs(marks(figure, "label")[["x", "y"]].to_numpy(float)).max() < RADIUS


def test_every_path_is_a_line_of_its_own_in_order():
    one, other = np.array([[0.0, 0], [1, 0], [1, 1]]), np.array([[2.0, 2], [0, 2]])
    table = drawn(paths=[Path(one, "first"), Path(other, "second")]).tables["strokes"]
    assert table["path"].tolist() == [0, 0, 0, 1, 1]
    assert table["role"].tolist() == ["first"] * 3 + ["second"] * 2
    np.testing.assert_array_equal(table[["x", "y"]], np.vstack([one, other]))


def test_points_are_where_they_are():
    X = np.array([[0.5, -1.0], [2.0, 2.5]])
    np.testing.assert_array_equal(marks(drawn(points=X), "point")[["x", "y"]].to_numpy(float), X)


def test_grid_lines_are_what_the_map_leaves_of_the_lines():
    A = np.array([[1.0, 2.0], [0.5, -1.0]])
    plain = plane.grid_lines(2, lambda P: P, n_points=3)
    moved = plane.grid_lines(2, lambda P: P @ A.T + [1, 0], n_points=3, role="second")
    assert len(plain) == len(moved) == 10
    for before, after in zip(plain, moved, strict=True):
        np.testing.assert_allclose(after.points, before.points @ A.T + [1, 0])
        assert (after.role, after.kind) == ("second", "grid")
    upright = [p.points for p in plain if np.ptp(p.points[:, 0]) == 0]
    level = [p.points for p in plain if np.ptp(p.points[:, 1]) == 0]
    assert sorted(p[0, 0] for p in upright) == sorted(p[0, 1] for p in level) == [-2, -1, 0, 1, 2]
    assert all(p[0, 1] == -2 and p[-1, 1] == 2 for p in upright)


def test_the_picture_covers_its_box_and_is_a_data_url():
    (row,) = drawn(picture=Picture(STRIPES, (-1, 2, -0.5, 0.5))).tables["picture"].to_dict("records")
    assert (row["x"], row["x2"], row["y"], row["y2"]) == (-1, 2, -0.5, 0.5)
    assert row["url"].startswith("data:image/jpeg;base64,")
    coarse = drawn(picture=Picture(STRIPES, (-1, 1, -1, 1), coarse=True)).tables["picture"]
    assert coarse["url"].item().startswith("data:image/png;base64,")


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
def test_every_role_has_its_colour_wherever_it_is_drawn(look):
    scales = [
        encoding["scale"]
        for layer in drawn(look).spec["layer"]
        for channel, encoding in layer["encoding"].items()
        if channel in ("color", "fill") and "scale" in encoding
    ]
    assert scales
    for scale in scales:
        assert scale == {"domain": [*ROLES, *TINTS], "range": [look.palette.role(role) for role in (*ROLES, *TINTS)]}


def test_lecture_text_is_as_large_as_the_look_says():
    look = Look(scale="lecture", height=1440)
    sizes = [layer["mark"]["fontSize"] for layer in drawn(look).spec["layer"] if layer["mark"]["type"] == "text"]
    assert min(sizes) == look.text == 36


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(plane).failed == 0
