"""The plane: one fixed chart, square in pixels and units, whose tables alone say what is drawn."""

import doctest
import json
import math
from typing import get_args

import altair as alt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import ValidationError

from mml_charts import plane
from mml_charts.plane import MARKS, OUTLINES, Area, Arrow, Kind, Note, Path, Picture
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


@pytest.mark.parametrize("radius", [0.01, 1e150])
def test_a_chart_of_the_smallest_and_of_the_largest_window_is_valid_vega_lite(radius):
    alt.Chart.from_dict(json.loads(json.dumps(plane.figure("A plane", radius=radius, look=Look()).spec, allow_nan=False)))


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


# --- kinds of lines


def layer(name, figure=None):
    (found,) = [one for one in (figure or drawn()).spec["layer"] if one["name"] == name]
    return found


def drawn_kinds(one):
    filters = [t["filter"] for t in one.get("transform", []) if isinstance(t["filter"], dict)]
    return {kind for f in filters if f["field"] == "kind" for kind in f["oneOf"]}


def shared_scale(spec, channel):
    """Return the one scale that all layers share for a channel."""
    scales = [one["encoding"][channel]["scale"] for one in spec["layer"] if "scale" in one["encoding"].get(channel, {})]
    assert len(scales) == 1, f"{channel} is said {len(scales)} times"
    return scales[0]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("grid", "grid_0"),
        ("space", "spaces_0"),
        ("outline", "outlines_0"),
        ("flipped", "outlines_0"),
        ("path", "outlines_0"),
        ("dashed", "outlines_0"),
        ("thin", "outlines_0"),
        ("area", "areas_0"),
    ],
)
def test_every_kind_of_path_is_drawn_by_one_layer(kind, name):
    points = np.array([[0.0, 1.0], [2.0, -1.0]])
    figure = drawn(paths=[Path(points, "first", kind)])
    np.testing.assert_array_equal(strokes(figure, kind)[["x", "y"]], points)
    assert [one["name"] for one in figure.spec["layer"] if kind in drawn_kinds(one)] == [name]
    assert layer(name)["mark"]["clip"]


def test_no_kind_of_path_is_left_undrawn():
    known = {kind for one in drawn().spec["layer"] for kind in drawn_kinds(one)}
    assert set(get_args(Kind)) <= known


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
def test_every_outline_has_its_dash_and_width(look):
    spec = drawn(look).spec
    dashes, widths = shared_scale(spec, "strokeDash"), shared_scale(spec, "strokeWidth")
    assert set(dashes["domain"]) == set(widths["domain"]) == set(OUTLINES) == drawn_kinds(layer("outlines_0"))
    dash = dict(zip(dashes["domain"], dashes["range"], strict=True))
    width = dict(zip(widths["domain"], widths["range"], strict=True))
    assert widths["type"] == "ordinal", "widths are looked up by kind, not interpolated"
    for kind, (expected, strokes_wide) in OUTLINES.items():
        assert dash[kind] == expected
        assert width[kind] == pytest.approx(strokes_wide * look.stroke, rel=1e-15)
        assert 1.4 < width[kind] <= look.stroke
    solid = [kind for kind in OUTLINES if 0 in dash[kind]]
    assert solid == ["outline", "path", "thin"]
    assert dash["dashed"] != dash["flipped"], "a dashed line is no flipped area"
    assert width["thin"] < width["dashed"] < width["path"]


def test_a_space_is_a_broad_band_that_lets_what_lies_below_shine_through():
    for look in LOOKS:
        mark = layer("spaces_0", drawn(look))["mark"]
        assert mark["strokeWidth"] == 4 * look.stroke
        assert mark["opacity"] == 0.3
    names = [one["name"] for one in drawn().spec["layer"]]
    assert names.index("areas_0") < names.index("grid_0") < names.index("spaces_0") < names.index("outlines_0")


def test_lines_are_drawn_in_the_order_of_their_points_and_never_closed():
    for name in ("grid_0", "spaces_0", "outlines_0", "arrows_0", "arrows_1", "areas_0"):
        one = layer(name)
        assert one["mark"]["order"] is False
        assert one["encoding"]["detail"]["field"] == "path"
        assert one["mark"].get("filled", False) == (name == "areas_0")


# --- areas, notes and points


@pytest.mark.parametrize("flipped", [False, True])
def test_an_area_without_an_outline_is_a_fill_only(flipped):
    corners = np.array([[0.0, 0], [2, 0], [2, 1]])
    bare = drawn(areas=[Area(corners, "left", flipped=flipped, label="area", outline=False)])
    assert set(bare.tables["strokes"]["kind"]) == {"area"}
    np.testing.assert_array_equal(strokes(bare, "area")[["x", "y"]], corners)
    assert marks(bare, "label")["text"].item() == "area"
    lined = drawn(areas=[Area(corners, "left", flipped=flipped)])
    assert len(lined.tables["strokes"]) == len(bare.tables["strokes"]) + len(corners) + 1


def test_areas_with_and_without_outlines_stay_apart():
    corners = np.array([[0.0, 0], [2, 0], [2, 1]])
    figure = drawn(areas=[Area(corners, "first", outline=False), Area(corners + 1, "second"), Area(corners - 1, "right")])
    assert strokes(figure, "outline")["role"].tolist() == ["second"] * 4 + ["right"] * 4
    assert strokes(figure, "area")["role"].tolist() == ["first"] * 3 + ["second"] * 3 + ["right"] * 3
    assert figure.tables["strokes"].groupby("path")[["role", "kind"]].nunique().max().max() == 1


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
def test_tints_are_filled_more_strongly_than_roles(look):
    encoding = layer("areas_0", drawn(look))["encoding"]
    assert encoding["fill"]["field"] == "role"
    assert encoding["fillOpacity"]["condition"]["test"] == {"field": "role", "oneOf": list(TINTS)}
    assert encoding["fillOpacity"]["condition"]["value"] == 0.4
    assert encoding["fillOpacity"]["value"] == 0.16


@pytest.mark.parametrize("role", [*ROLES, *TINTS])
def test_every_role_and_tint_can_be_drawn_as_anything(role):
    corners = np.array([[0.0, 0], [1, 0], [1, 1]])
    figure = drawn(paths=[Path(corners, role, "space")], areas=[Area(corners, role)], notes=[Note((0, 0), "here", role)])
    assert set(figure.tables["strokes"]["role"]) == set(figure.tables["marks"]["role"]) == {role}
    for channel in ("fill", "color"):
        scale = shared_scale(figure.spec, channel)
        assert dict(zip(scale["domain"], scale["range"], strict=True))[role] == Look().palette.role(role)


def test_every_layer_that_colours_by_role_finds_the_colours():
    for look in LOOKS:
        spec = drawn(look).spec
        for one in spec["layer"]:
            for channel in ("color", "fill", "stroke"):
                if one["encoding"].get(channel, {}).get("field") == "role":
                    assert shared_scale(spec, channel)["domain"] == [*ROLES, *TINTS]


def test_a_note_is_a_text_where_it_stands():
    figure = drawn(notes=[Note((1.0, -2.0), "real"), Note((0.5, 0.25), "↺", "left")])
    table = marks(figure, "label")
    assert table["text"].tolist() == ["real", "↺"]
    assert table["role"].tolist() == ["result", "left"]
    assert table[["x", "y"]].to_numpy(float).tolist() == [[1, -2], [0.5, 0.25]]
    assert layer("labels_1")["encoding"]["text"]["field"] == "text"


@given(st.tuples(finite, finite), st.sampled_from([0.01, 1.0, 3.0, 1e150]))
def test_a_note_stays_inside_whatever_its_place(at, radius):
    figure = plane.figure("A plane", radius=radius, look=Look(), notes=[Note(at, "here")])
    (row,) = marks(figure, "label").to_dict("records")
    for here, there in zip((row["x"], row["y"]), at, strict=True):
        assert here == pytest.approx(max(-0.92 * radius, min(0.92 * radius, there)), rel=1e-15)


def test_points_wear_the_role_they_are_given():
    X = np.array([[0.5, -1.0], [2.0, 2.5]])
    assert marks(drawn(points=X), "point")["role"].tolist() == ["second"] * 2
    assert marks(drawn(points=X, point_role="result"), "point")["role"].tolist() == ["result"] * 2
    assert drawn(points=np.empty((0, 2))).tables["marks"].empty


# --- arcs and right angles

angles = st.floats(-2 * math.pi, 2 * math.pi)
lengths = st.sampled_from([1e-150, 1e-3, 1.0, 7.5, 1e150])


def at(angle, length=1.0):
    return length * np.array([math.cos(angle), math.sin(angle)])


@given(angles, angles, lengths, st.tuples(st.floats(-5, 5), st.floats(-5, 5)))
def test_an_arc_lies_on_its_circle_from_its_start_to_its_end(start, turn, radius, centre):
    centre = np.multiply(centre, radius)
    points = plane.arc(start, turn, radius, tuple(centre))
    assert len(points) >= 2
    np.testing.assert_allclose(np.hypot(*((points - centre) / radius).T), 1, atol=1e-14)
    np.testing.assert_allclose((points[0] - centre) / radius, at(start), atol=1e-14)
    np.testing.assert_allclose((points[-1] - centre) / radius, at(start + turn), atol=1e-14)
    steps = np.hypot(*np.diff(points / radius, axis=0).T)
    assert steps.max() < 0.16, "no corner is seen"
    np.testing.assert_allclose(steps, steps[0], atol=1e-13)


@given(angles, angles, lengths, lengths, st.floats(0.1, 3))
def test_the_arc_between_two_vectors_goes_the_short_way(one, other, s, t, radius):
    u, v = at(one, s), at(other, t)
    points = plane.arc_between(u, v, radius)
    np.testing.assert_allclose(points[0], at(one, radius), atol=1e-13)
    np.testing.assert_allclose(points[-1], at(other, radius), atol=1e-13)
    along = np.unwrap(np.arctan2(points[:, 1], points[:, 0]))
    angle = math.acos(max(-1, min(1, math.cos(one - other))))
    assert abs(along[-1] - along[0]) == pytest.approx(angle, abs=1e-7)
    assert (np.diff(along) >= -1e-12).all() or (np.diff(along) <= 1e-12).all()


def test_known_arcs():
    np.testing.assert_allclose(plane.arc(0, math.pi / 2, 2.0)[[0, -1]], [[2, 0], [0, 2]], atol=1e-15)
    np.testing.assert_allclose(plane.arc(0, 0, 2.0, (1, 1)), [[3, 1], [3, 1]], rtol=1e-15)
    full = plane.arc(0, 2 * math.pi, 1.0)
    np.testing.assert_allclose(full[0], full[-1], atol=1e-15)
    quarter = plane.arc_between(np.array([1.0, 0]), np.array([0.0, -3]), 1.0)
    assert (quarter[1:-1, 1] < 0).all(), "clockwise is the short way here"
    half = plane.arc_between(np.array([1.0, 0]), np.array([-1.0, 0]), 1.0)
    np.testing.assert_allclose(half[-1], [-1, 0], atol=1e-15)
    assert np.ptp(half[:, 1]) == pytest.approx(1, abs=1e-3), "opposite vectors: half a circle"
    same = plane.arc_between(np.array([2.0, 2]), np.array([5.0, 5]), 1.0)
    np.testing.assert_allclose(same, [[math.sqrt(0.5)] * 2] * 2, rtol=1e-15)


@given(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), angles, lengths, lengths, st.floats(0.01, 2), st.sampled_from([1, -1]))
def test_the_mark_of_a_right_angle_is_the_outer_corner_of_a_square(where, one, s, t, size, side):
    where = np.array(where)
    first, middle, last = plane.right_angle(where, at(one, s), at(one + side * math.pi / 2, t), size) - where
    np.testing.assert_allclose(first, at(one, size), atol=1e-14)
    np.testing.assert_allclose(last, at(one + side * math.pi / 2, size), atol=1e-14)
    np.testing.assert_allclose(middle, first + last, atol=1e-14)
    assert np.hypot(*middle) == pytest.approx(size * math.sqrt(2), rel=1e-12)


def test_a_right_angle_takes_whole_numbers():
    mark = plane.right_angle(np.zeros(2), np.array([2, 0]), np.array([0, 3]), 0.25)
    np.testing.assert_allclose(mark, [[0.25, 0], [0.25, 0.25], [0, 0.25]], rtol=1e-15)


# --- windows of any size

RADII = [0.01, 0.02, 0.05, 0.1, 0.3, 0.5, 1, 1.25, 1.999, 2, 3, 5, 6, 6.001, 7, 10, 15, 40, 100, 1234, 1e6, 1e15, 1e150]

BUILT = [0.01, 0.3, 1.25, 7, 40, 1e150]  # a chart takes a third of a second to build


@pytest.mark.parametrize(
    ("radius", "tick"),
    [(0.01, 0.002), (0.1, 0.02), (1, 0.2), (1.25, 0.5), (1.5, 0.5), (2, 1), (3, 1), (5, 1), (6, 1), (8, 2), (20, 5), (40, 10)],
)
def test_known_distances_of_grid_lines(radius, tick):
    assert plane._tick(radius) == pytest.approx(tick, rel=1e-12)


@given(st.one_of(st.sampled_from(RADII), st.floats(-2, 150).map(lambda e: 10.0**e)))
def test_grid_lines_are_round_and_neither_few_nor_many(radius):
    tick = plane._tick(radius)
    leading = f"{tick:.10e}"
    assert leading[0] in "125"
    assert float(leading.split("e")[0]) in (1, 2, 5)
    assert 2 * (1 - 1e-12) <= radius / tick <= 6


@pytest.mark.parametrize("radius", BUILT)
def test_a_window_of_any_size_has_its_lines_axes_and_numbers(radius):
    figure = plane.figure("A plane", radius=radius, look=Look())
    json.dumps(figure.spec, allow_nan=False)
    assert figure.window == (-radius, radius, -radius, radius)
    names = [one["name"] for one in figure.spec["layer"] if one["name"].startswith(("ghost", "axes", "numbers"))]
    assert len(names) == 8
    for name in names:
        one = layer(name, figure)
        run = one["data"]["sequence"]
        k = run["start"] + run["step"] * np.arange(math.ceil((run["stop"] - run["start"]) / run["step"] - 1e-9))
        assert 5 <= len(k) <= 14
        inside = k[np.abs(k) <= radius * (1 + 1e-12)]
        np.testing.assert_allclose(inside, -inside[::-1], atol=1e-12 * radius)
        assert np.sum(np.abs(k) < run["step"] / 2) == 1, "one line is the axis"
        assert inside.max() >= radius - run["step"], "lines reach the edge"
        for transform in one.get("transform", []):
            kept = np.array([eval(transform["filter"].replace("datum.k", repr(float(v))).replace("&&", "and")) for v in k])
            expected = (
                np.abs(k) < run["step"] / 2 if name.startswith("axes") else (np.abs(k) > run["step"] / 2) & (np.abs(k) < radius)
            )
            np.testing.assert_array_equal(kept, expected)


@pytest.mark.parametrize("radius", BUILT)
def test_a_window_of_any_size_shows_the_same_picture(radius):
    def shown(size):
        scale = size / RADIUS
        corners = scale * np.array([[0.0, 0], [2, 0], [2, 1]])
        return plane.figure(
            "A plane",
            radius=size,
            look=Look(),
            arrows=[Arrow(scale * np.array([1.0, 2.0]), "first", "a"), Arrow(scale * np.array([9.0, -4.0]), "second", "b")],
            paths=[Path(corners, "left", "thin")],
            areas=[Area(corners, "right", label="area")],
            points=scale * np.array([[0.5, 0.5]]),
            notes=[Note((7 * scale, 0.1 * scale), "note")],
        )

    plain, scaled = shown(RADIUS), shown(radius)
    for name in ("strokes", "marks"):
        here, there = plain.tables[name], scaled.tables[name]
        np.testing.assert_allclose(there[["x", "y"]] * (RADIUS / radius), here[["x", "y"]], atol=1e-12)
        assert there["kind"].tolist() == here["kind"].tolist()
        assert there["role"].tolist() == here["role"].tolist()
    np.testing.assert_allclose(scaled.tables["marks"]["angle"], plain.tables["marks"]["angle"], atol=1e-12)
    (far,) = [text for text in scaled.tables["marks"]["text"] if text.startswith("b")]
    assert far == f"b · length {math.hypot(9, 4) * radius / RADIUS:.4g}"


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(plane).failed == 0
