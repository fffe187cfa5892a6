"""Curves: values step by step on an axis of powers of ten, and one function with its labelled points."""

import doctest
import json

import altair as alt
import numpy as np
import pytest
from conftest import SOAK
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import ValidationError

from mml_charts import curves
from mml_charts.curves import CURVE_MARKS, HISTORY_MARKS, Series, apart
from mml_charts.theme import ROLES, WIDTHS, Look

LOOKS = [
    Look(size=size, scale=scale, theme=theme)
    for size in WIDTHS
    for scale in ("normal", "lecture")
    for theme in ("light", "dark")
]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
some_looks = pytest.mark.parametrize(
    "look", LOOKS if SOAK else LOOKS[::5], ids=lambda look: f"{look.size}-{look.scale}-{look.theme}"
)
HALVES = 0.5 ** np.arange(11.0)
X = np.linspace(-6, 6, 241)
any_number = st.floats(allow_nan=True, allow_infinity=True)


def history(*series, look=None, step=4, n_steps=10, **more):
    return curves.history(
        "A history", look=look or Look(), series=series, n_steps=n_steps, step=step, x_title="step", y_title="residual", **more
    )


def measured(values, label="measured", role="result", **more):
    return Series(np.asarray(values, float), label, role, **more)


def curve(x=X, y=X, points=(), look=None, **more):
    reach = dict(reach_x=6.0, reach_y=9.0) | more
    y = np.asarray(y, float)
    return curves.curve("A curve", look=look or Look(), x=x, y=y, points=points, x_title="λ", y_title="p(λ)", **reach)


def figures(look=None):
    return (
        history(measured(HALVES), measured(HALVES * 1.1, "predicted", "reference", dashed=True), look=look),
        curve(y=X**2 - 4, points=[(-2, 0, "λ₂", "second"), (2, 0, "λ₁", "first")], look=look),
    )


def marks(figure, *kinds):
    table = figure.tables["marks"]
    return table[table["kind"].isin(kinds)]


def paths(figure, **where):
    table = figure.tables["lines"]
    for name, value in where.items():
        table = table[table[name] == value]
    return [group[["x", "y"]].to_numpy() for _, group in table.groupby("path")]


@each_look
def test_the_charts_are_the_same_whatever_they_show(look):
    again = history(look=look, step=9), curve(y=np.full(X.shape, 1e150), points=[(0, 0, "a", "first")], look=look)
    for one, other in zip(figures(look), again, strict=True):
        assert one.spec is other.spec
        assert one.window == other.window


def test_another_look_window_or_title_is_another_chart():
    assert len({json.dumps(figure.spec) for look in LOOKS for figure in figures(look)}) == 2 * len(LOOKS)
    texts = [
        json.dumps(f.spec) for f in (history(), history(n_steps=11), history(low=-4), history(high=3), history(height=200))
    ]
    texts += [json.dumps(f.spec) for f in (curve(), curve(reach_x=7.0), curve(reach_y=7.0), curve(height=200))]
    assert len(set(texts)) == 9


@each_look
def test_the_charts_fill_their_box_and_are_light(look):
    for figure in figures(look):
        spec, (left, right, bottom, top) = figure.spec, figure.window
        assert (spec["width"], spec["height"]) == (look.width, round(0.6 * look.width))
        assert spec["autosize"] == "none"
        assert set(spec["padding"].values()) == {0}
        assert spec["background"] == "transparent"
        assert len(json.dumps(spec, separators=(",", ":"))) < 12_000
        first = spec["layer"][0]["encoding"]
        assert first["x"]["scale"]["domain"] == [left, right]
        assert first["y"]["scale"]["domain"] == [bottom, top]
        for layer in spec["layer"][1:]:
            assert not any("scale" in layer["encoding"].get(axis, {}) for axis in ("x", "y", "x2", "y2")), layer["name"]
    assert history(height=200).spec["height"] == curve(height=200).spec["height"] == 200


def test_every_mark_that_a_sentence_can_light_up_is_a_layer():
    for figure, names in zip(figures(), (HISTORY_MARKS, CURVE_MARKS), strict=True):
        layers = [layer["name"] for layer in figure.spec["layer"]]
        assert len(set(layers)) == len(layers)
        assert {name.rsplit("_", 1)[0] for name in layers} == set(names) == set(figure.marks)


def test_the_charts_are_valid_vega_lite():
    for figure in figures():
        spec = json.loads(json.dumps(figure.spec))
        alt.Chart.from_dict(spec)
        spec["layer"][0]["mark"]["type"] = "curve"
        with pytest.raises(ValidationError):
            alt.Chart.from_dict(spec)


def test_the_charts_read_exactly_the_tables_and_kinds_that_they_get():
    cut = history(measured([1, 0, 1e9, np.nan, 1]), step=1), curve(y=X**3, points=[(9, 0, "far", "first")])
    for figure in (*figures(), *cut):
        live = [layer for layer in figure.spec["layer"] if "name" in layer["data"]]
        assert {layer["data"]["name"] for layer in live} == set(figure.tables)
        kinds = {kind for layer in live for t in layer.get("transform", []) for kind in t["filter"]["oneOf"]}
        assert set(figure.tables["marks"]["kind"]) <= kinds
        for layer in live:
            fields = {e["field"] for e in layer["encoding"].values() if "field" in e}
            assert fields <= set(figure.tables[layer["data"]["name"]].columns), layer["name"]


def test_tables_keep_their_columns_and_types_when_empty():
    for full, empty in zip(figures(), (history(), curve(y=X + 50)), strict=True):
        for name, table in full.tables.items():
            assert len(table) > len(empty.tables[name]) == 0
            assert empty.tables[name].dtypes.to_dict() == table.dtypes.to_dict()


def test_what_is_ahead_is_faint_and_what_is_now_is_large():
    """Without a scale: Vega-Lite would spread a range of numbers evenly over the parts."""
    for figure in figures():
        live = [layer["encoding"] for layer in figure.spec["layer"] if "name" in layer["data"]]
        faint = [e["opacity"] for e in live if "opacity" in e]
        large = [e["size"] for e in live if "size" in e]
        assert all("scale" not in e and "field" not in e for e in (*faint, *large))
        assert {(e["condition"]["test"], e["condition"]["value"], e["value"]) for e in faint} == {
            ("datum.part == 'ahead'", 0.4, 1)
        }
        assert all(e["condition"]["test"] == "datum.part == 'now'" and e["condition"]["value"] > e["value"] for e in large)
        assert large


def test_a_value_lies_at_its_power_of_ten():
    figure = history(measured([1, 0.1, 1e-8, 1e-15], role="first"), step=2)
    done, ahead = paths(figure, part="done"), paths(figure, part="ahead")
    assert len(done) == len(ahead) == 1
    np.testing.assert_allclose(done[0], [[0, 0], [1, -1], [2, -8]])
    np.testing.assert_allclose(ahead[0], [[2, -8], [3, -15]])
    (point,) = marks(figure, "point").to_dict("records")
    assert (point["x"], point["y"], point["part"], point["role"]) == (2, -8, "now", "first")
    assert set(figure.tables["lines"]["role"]) == {"first"}


@pytest.mark.parametrize(("step", "parts"), [(0, ["ahead"]), (10, ["done"]), (5, ["done", "ahead"])])
def test_the_first_and_the_last_step_leave_one_part(step, parts):
    assert figures()[0].tables["lines"]["dash"].unique().tolist() == ["solid", "dashed"]
    assert history(measured(HALVES), step=step).tables["lines"]["part"].unique().tolist() == parts


def test_a_dashed_series_has_a_ring_around_the_point_of_the_other():
    figure = figures()[0]
    assert marks(figure, "point")["role"].tolist() == ["result"]
    assert marks(figure, "ring")["role"].tolist() == ["reference"]


def test_what_is_zero_or_below_the_floor_lies_on_it_under_a_hollow_mark():
    figure = history(measured([1, 1e-16, 1e-20, 0, -1, 1e-3]), step=5)
    floor = marks(figure, "floor")
    assert floor["x"].tolist() == [1, 2, 3, 4]
    assert set(floor["y"]) == {-16}
    assert paths(figure)[0][:, 1].tolist() == pytest.approx([0, -16, -16, -16, -16, -3])
    assert marks(history(measured([1, 0]), step=1), "floor")["part"].tolist() == ["now"]


def test_what_is_above_the_ceiling_lies_on_it_under_a_hollow_mark():
    figure = history(measured([1, 1e150, np.inf, 10]), step=3)
    assert marks(figure, "ceiling")[["x", "y"]].to_numpy().tolist() == [[1, 1], [2, 1]]
    assert paths(figure)[0][:, 1].tolist() == [0, 1, 1, 1]


def test_hollow_marks_leave_room_for_each_other():
    figure = history(measured(np.zeros(1001)), n_steps=1000, step=500)
    x = marks(figure, "floor")["x"].to_numpy()
    left, right, *_ = figure.window
    assert 20 < len(x) < 80
    assert {0, 500} <= set(x)
    assert np.diff(x[x != 500]).min() / (right - left) * Look().width > 3 * Look().stroke


def test_what_is_no_number_is_left_out_and_lone_values_are_points():
    figure = history(measured([np.nan, 1, np.nan, 0.1, 0.01, np.nan]), step=4)
    (line,) = paths(figure)
    np.testing.assert_allclose(line, [[3, -1], [4, -2]])
    assert marks(figure, "point")[["x", "part"]].to_numpy().tolist() == [[1, "done"], [4, "now"]]
    assert marks(history(measured([1, np.nan, 1]), step=1), "ring", "point")["x"].tolist() == [0, 2]
    nothing = history(measured(np.full(11, np.nan)))
    assert all(len(table) == 0 for table in nothing.tables.values())


def test_labels_stand_at_the_ends_and_give_way_to_each_other():
    figure = history(measured(HALVES), measured(HALVES * 1.01, "predicted", "reference", dashed=True))
    labels = marks(figure, "label")
    assert labels["text"].tolist() == ["measured", "predicted"]
    assert labels["role"].tolist() == ["result", "reference"]
    assert (labels["x"] > 10).all()
    *_, bottom, top = figure.window
    down = (top - labels["y"].to_numpy()) / (top - bottom) * figure.spec["height"]
    assert abs(down[0] - down[1]) >= 1.2 * Look().text
    assert labels["y"].iloc[0] == pytest.approx(np.log10(HALVES[-1]))


def test_the_label_of_a_series_that_ends_early_stands_where_it_ends():
    figure = history(measured(np.where(np.arange(11) > 5, np.nan, 1)), step=2)
    assert 5 < marks(figure, "label")["x"].item() < 6


@given(st.lists(any_number, min_size=11, max_size=11), st.integers(0, 10), st.sampled_from(LOOKS))
def test_nothing_ever_leaves_the_window_of_a_history(values, step, look):
    figure = history(measured(values), measured(values, "predicted", "reference"), step=step, look=look)
    left, right, bottom, top = figure.window
    for table in figure.tables.values():
        assert np.isfinite(table.select_dtypes("number").to_numpy()).all()
        assert table["x"].between(left, right).all()
        assert table["y"].between(bottom, top).all()
    lines = figure.tables["lines"]
    assert lines["y"].between(-16, 1).all()
    assert lines["x"].between(0, 10).all()


def test_a_history_without_steps_is_a_point():
    figure = history(measured([0.1]), n_steps=0, step=0)
    assert marks(figure, "point")[["x", "y"]].to_numpy().tolist() == [[0, -1]]


@some_looks
def test_numbers_on_the_axes_of_a_history_do_not_overlap(look):
    for n in (1, 5, 30, 1000):
        figure = history(look=look, n_steps=n)
        left, right, bottom, top = figure.window
        for layer in figure.spec["layer"]:
            if layer["name"] in ("axes_2", "axes_4"):
                values = layer["data"]["values"]
                x = np.array([v["x"] for v in values]) / (right - left) * look.width
                y = np.array([v["y"] for v in values]) / (top - bottom) * figure.spec["height"]
                assert values
                assert (np.diff(x if np.ptp(x) else y) >= 1.5 * look.text).all()


def test_powers_of_ten_are_written_with_superscripts():
    texts = [v["text"] for layer in history().spec["layer"] for v in layer["data"].get("values", []) if "text" in v]
    assert {"1", "10⁻⁸", "≤10⁻¹⁶", "step", "residual", "10"} <= set(texts)


def test_a_curve_is_cut_exactly_where_it_crosses_the_edge():
    figure = curve(x=np.array([-6.0, 0.0, 6.0]), y=np.array([-18.0, 0.0, 18.0]))
    (line,) = paths(figure)
    np.testing.assert_allclose(line, [[-3, -9], [0, 0], [3, 9]])
    heads = marks(figure, "edge")
    assert heads[["x", "y"]].to_numpy().tolist() == [[-3, -9], [3, 9]]
    up = np.degrees(np.arctan2(3 / 12 * 520, 9 / 18 * 312))
    assert heads["angle"].tolist() == pytest.approx([up - 180, up])


def test_a_curve_that_leaves_and_comes_back_is_several_lines():
    figure = curve(y=20 * np.sin(X))
    lines = paths(figure)
    assert len(lines) == 5
    for line in lines:
        assert np.abs(line[:, 1]).max() == 9
        inside = line[1:-1]
        np.testing.assert_allclose(inside[:, 1], 20 * np.sin(inside[:, 0]), atol=1e-9)
    assert len(marks(figure, "edge")) == 8


def test_a_curve_that_passes_the_window_in_one_step_is_still_seen():
    figure = curve(x=np.array([-1.0, 1.0]), y=np.array([-1e150, 1e150]))
    (line,) = paths(figure)
    np.testing.assert_allclose(line, [[0, -9], [0, 9]], atol=1e-5)


def test_a_curve_that_stays_inside_is_itself():
    figure = curve(y=np.sin(X))
    (line,) = paths(figure)
    np.testing.assert_allclose(line, np.column_stack([X, np.sin(X)]))
    assert marks(figure, "edge").empty
    np.testing.assert_allclose(paths(curve(y=0 * X))[0][:, 1], 0)


def test_a_curve_is_broken_where_it_is_no_number():
    y = np.where(np.abs(X) < 1, np.nan, 1.0)
    assert [len(line) for line in paths(curve(y=y))] == [101, 101]
    assert paths(curve(y=np.full(X.shape, np.nan))) == []
    assert paths(curve(x=np.array([]), y=np.array([]))) == paths(curve(x=np.array([1.0]), y=np.array([1.0]))) == []


def test_points_lie_where_they_are_with_their_labels_over_them():
    figure = figures()[1]
    points, labels = marks(figure, "point"), marks(figure, "label")
    assert points[["x", "y", "role"]].to_numpy().tolist() == [[-2, 0, "second"], [2, 0, "first"]]
    assert labels["text"].tolist() == ["λ₂", "λ₁"]
    assert (labels["y"] > 0).all()


def test_labels_of_close_points_give_way_to_each_other():
    figure = curve(y=X**2, points=[(2, 0, "λ₁ = 2", "first"), (2.01, 0, "λ₂ = 2.01", "second")])
    one, other = marks(figure, "label")["y"]
    assert abs(one - other) / 18 * figure.spec["height"] >= 1.2 * Look().text


@pytest.mark.parametrize(
    ("x", "y", "edge", "angle"),
    [(9, 0, (6, 0), 90), (-1e150, 1, (-6, 1), -90), (0, np.inf, (0, 9), 0), (1, -30, (1, -9), 180), (9, 90, (6, 9), 45)],
)
def test_a_point_outside_is_a_hollow_head_at_the_edge(x, y, edge, angle):
    figure = curve(y=0 * X, points=[(x, y, "far", "first")])
    (head,) = marks(figure, "edge").to_dict("records")
    assert (head["x"], head["y"], head["angle"]) == (*edge, angle)
    assert marks(figure, "point").empty
    assert marks(figure, "label")["text"].tolist() == ["far"]


def test_a_point_that_is_no_number_is_left_out():
    assert len(curve(y=X + 50, points=[(np.nan, 0, "a", "first"), (0, np.nan, "b", "first")]).tables["marks"]) == 0


@given(st.lists(any_number, min_size=2, max_size=40), st.tuples(any_number, any_number), st.sampled_from(LOOKS))
def test_nothing_ever_leaves_the_window_of_a_curve(values, point, look):
    x = np.linspace(-7, 7, len(values))
    figure = curve(x=x, y=values, points=[(*point, "p", "first")], look=look)
    for table in figure.tables.values():
        assert np.isfinite(table.select_dtypes("number").to_numpy()).all()
        assert (table["x"].abs() <= 6).all()
        assert (table["y"].abs() <= 9).all()


@some_looks
@pytest.mark.parametrize(("reach_x", "reach_y"), [(0.6, 300.0), (6.0, 10.0), (1e4, 1e-3)])
def test_numbers_on_the_axes_of_a_curve_do_not_overlap(look, reach_x, reach_y):
    figure = curve(look=look, reach_x=reach_x, reach_y=reach_y)
    for layer in figure.spec["layer"]:
        if layer["name"] in ("numbers_1", "numbers_3"):
            values = layer["data"]["values"]
            x = np.array([v["x"] for v in values]) / (2 * reach_x) * look.width
            y = np.array([v["y"] for v in values]) / (2 * reach_y) * figure.spec["height"]
            across = bool(np.ptp(x))
            assert len(values) >= 2
            assert np.diff(x if across else y).min() >= (3.9 if across else 1.5) * look.text
            assert all("-" not in v["text"] and float(v["text"].replace("−", "-")) for v in values)


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(1, 50), st.floats(-50, 300)), max_size=6),
)
def test_labels_that_find_room_never_overlap(spots):
    spots = [(left, left + wide, down) for left, wide, down in spots]
    placed = apart(spots, 12, 0, 200)
    for i, (one, at) in enumerate(zip(spots, placed, strict=True)):
        assert 0 <= at <= 200
        for (left, right, _), other in zip(spots[:i], placed, strict=False):
            assert abs(at - other) >= 12 - 1e-6 or not (left < one[1] and one[0] < right)


def test_a_label_without_room_stays_where_it_is():
    assert apart([(0, 10, 5), (0, 10, 6)], height=20, low=0, high=10) == [5, 6]


@each_look
def test_every_role_has_its_colour_and_texts_their_size(look):
    for figure in figures(look):
        scales = [
            layer["encoding"]["color"]["scale"]
            for layer in figure.spec["layer"]
            if "scale" in layer["encoding"].get("color", {})
        ]
        assert scales
        assert all(s == {"domain": list(ROLES), "range": [look.palette.role(r) for r in ROLES]} for s in scales)
        sizes = [layer["mark"]["fontSize"] for layer in figure.spec["layer"] if layer["mark"]["type"] == "text"]
        assert set(sizes) == {look.text}


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(curves).failed == 0
