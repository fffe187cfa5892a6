"""Graphs: axes stay while lines move, whatever leaves them is cut or marked at the edge, and labels find room."""

import itertools
import json

import altair as alt
import numpy as np
import pandas as pd
import pytest
from conftest import SOAK
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import ValidationError

from mml_charts import graphs
from mml_charts.curves import LETTER, LINE
from mml_charts.graphs import LOWEST, MARKS, Axis, Line, Point, Rule
from mml_charts.inks import INKS
from mml_charts.theme import Look

LOOKS = [Look(), Look("small", "lecture", "dark")]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
some_looks = pytest.mark.parametrize("look", LOOKS if SOAK else LOOKS[1:], ids=lambda look: look.scale)
X, Y = Axis(-2.0, 6.0, "t"), Axis(-1.0, 3.0, "height")
DECADES = Axis(1e-4, 1e5, "loss", log=True)
AXES = [
    Axis(0, 1), Axis(-2, 6), Axis(0, 3), Axis(-0.3, 0.7), Axis(0, 250), Axis(12, 13), Axis(-5e-3, 2e-3), Axis(0, 40_000),
    Axis(1e-4, 1e5, log=True), Axis(1, 1e300, log=True), Axis(0.01, 100, log=True), Axis(2e-12, 30, log=True),
]  # fmt: skip
any_number = st.floats(allow_nan=True, allow_infinity=True)


def graph(*lines, look=None, x_axis=X, y_axis=Y, **more):
    return graphs.graph("A graph", look=look or Look(), x_axis=x_axis, y_axis=y_axis, lines=lines, **more)


def line(x, y, *style, **more):
    return Line(np.asarray(x, float), np.asarray(y, float), *style, **more)


def full(look=None, **more):
    t = np.linspace(-2, 6, 81)
    return graph(
        line(t, np.sin(t), "c1", "dashed", "waves"), line(t, 0.5 * t, faint=True),
        points=[Point(1, 1, "first", "here", "square"), Point(9, 0, "second", "far")],
        rules=[Rule(2, "reference", "now")], look=look, labels=6, **more,
    )  # fmt: skip


def table(figure, name):
    return pd.DataFrame(figure.columns[name])


def paths(figure):
    return [rows[["x", "y"]].to_numpy(float) for _, rows in table(figure, "lines").groupby("path")]


def layer(figure, name):
    (found,) = (layer for layer in figure.spec["layer"] if layer["name"] == name)
    return found


def values(figure, name):
    return layer(figure, name)["data"]["values"]


def pixels(figure, x, y):
    """Places in pixels from the left and from the top of the box."""
    left, right, bottom, top = figure.window
    across = (np.asarray(x, float) - left) / (right - left) * figure.spec["width"]
    return across, (top - np.asarray(y, float)) / (top - bottom) * figure.spec["height"]


def boxes(figure, look):
    """The labels' left, right and middle in pixels, by text."""
    rows = table(figure, "labels")
    across, down = pixels(figure, rows["x"], rows["y"])
    wide = [LETTER * look.text * len(text) for text in rows["text"]]
    return {text: (a, a + w, d) for text, a, w, d in zip(rows["text"], across, wide, down, strict=True)}


def overlaps(figure, look):
    return [
        (one, other)
        for (one, a), (other, b) in itertools.combinations(boxes(figure, look).items(), 2)
        if a[0] < b[1] and b[0] < a[1] and abs(a[2] - b[2]) < LINE * look.text - 1e-6
    ]


@each_look
def test_the_chart_stays_while_what_it_shows_moves(look):
    other = graph(line([0, 1], [1e150, np.nan]), look=look, points=[Point(0, 0)], labels=6)
    assert full(look).spec is other.spec
    assert full(look).window == other.window


def test_equal_axes_give_the_same_chart_and_others_another():
    again = graph(x_axis=Axis(-2.0, 6.0, "t"), y_axis=Axis(-1.0, 3.0, "height"))
    assert graph().spec is again.spec
    others = [
        graph(), graph(x_axis=Axis(-2, 7, "t")), graph(x_axis=Axis(-2, 6, "s")), graph(y_axis=Axis(0.1, 3, "height")),
        graph(y_axis=Axis(0.1, 3, "height", log=True)), graph(labels=6), graph(width=300, height=222), graph(look=LOOKS[1]),
    ]  # fmt: skip
    assert len({json.dumps(figure.spec) for figure in others}) == len(others)


@each_look
def test_the_chart_fills_its_box_and_is_light(look):
    figure = full(look)
    spec, (left, right, bottom, top) = figure.spec, figure.window
    assert (spec["width"], spec["height"]) == (look.width, max(round(0.6 * look.width), LOWEST * look.text))
    assert spec["autosize"] == "none"
    assert set(spec["padding"].values()) == {0}
    assert spec["background"] == "transparent"
    assert len(json.dumps(spec, separators=(",", ":"))) < 12_000
    first = spec["layer"][0]["encoding"]
    assert first["x"]["scale"]["domain"] == [left, right]
    assert first["y"]["scale"]["domain"] == [bottom, top]
    for other in spec["layer"][1:]:
        assert not any("scale" in other["encoding"].get(axis, {}) for axis in ("x", "y", "x2", "y2")), other["name"]


def test_the_box_has_the_size_that_is_asked_for():
    spec = graph(width=300, height=222).spec
    assert (spec["width"], spec["height"]) == (300, 222)


@pytest.mark.parametrize(("scale", "height", "tall"), [("normal", 100, 117), ("lecture", 100, 243)])
def test_large_text_makes_a_low_graph_higher(scale, height, tall):
    assert graph(look=Look(scale=scale), width=300, height=height).spec["height"] == tall


def test_room_for_labels_is_taken_from_the_right():
    one, other = (pixels(graph(labels=n), 6, 0)[0] for n in (0, 6))
    assert 500 < one < 520
    assert 520 - other >= 6 * LETTER * 13


@each_look
def test_the_chart_is_valid_vega_lite(look):
    spec = json.loads(json.dumps(full(look).spec))
    alt.Chart.from_dict(spec)
    spec["layer"][0]["mark"]["type"] = "graph"
    with pytest.raises(ValidationError):
        alt.Chart.from_dict(spec)


def test_the_chart_reads_exactly_the_tables_and_fields_that_it_gets():
    figure = full()
    live = [layer for layer in figure.spec["layer"] if "name" in layer["data"]]
    assert {layer["data"]["name"] for layer in live} == set(figure.columns)
    for drawn in live:
        fields = {e["field"] for e in drawn["encoding"].values() if "field" in e}
        assert fields <= set(figure.columns[drawn["data"]["name"]]), drawn["name"]


def test_every_mark_that_a_sentence_can_light_up_is_a_layer():
    figure = full()
    names = [layer["name"] for layer in figure.spec["layer"]]
    assert len(set(names)) == len(names)
    assert tuple(dict.fromkeys(name.rsplit("_", 1)[0] for name in names)) == MARKS == figure.marks


def test_tables_keep_their_columns_and_types_when_empty():
    full_one, empty = full(), graph()
    for name, rows in full_one.tables.items():
        assert len(rows) > len(empty.tables[name]) == 0
        assert [*empty.tables[name]] == [*rows]
        numbers = rows.select_dtypes("number").columns
        assert empty.tables[name].dtypes[numbers].to_dict() == rows.dtypes[numbers].to_dict()


def test_a_line_inside_the_axes_is_itself_with_its_ink_and_dash():
    t = np.linspace(-2, 6, 9)
    figure = graph(line(t, np.sin(t), "c1", "dashed"), line(t, 0 * t, faint=True))
    np.testing.assert_allclose(paths(figure)[0], np.column_stack([t, np.sin(t)]), atol=1e-12)
    styles = table(figure, "lines").groupby("path")[["ink", "dash", "part"]].first().to_numpy().tolist()
    assert styles == [["c1", "dashed", "full"], ["result", "solid", "faint"]]
    assert (np.diff(table(figure, "lines")["i"]) == 1).all()


def test_a_line_is_cut_exactly_at_the_axes():
    figure = graph(line([-6, 2, 10], [-3, 1, 5]))
    (cut,) = paths(figure)
    np.testing.assert_allclose(cut, [[-2, -1], [2, 1], [6, 3]], atol=1e-12)


def test_a_line_that_leaves_and_comes_back_is_several_lines():
    t = np.linspace(-2, 6, 801)
    parts = paths(graph(line(t, 1 + 5 * np.cos(2 * t))))
    inside = np.abs(5 * np.cos(2 * t)) <= 2
    assert len(parts) == np.count_nonzero(np.diff(inside.astype(int)) == 1) + inside[0] == 5
    for part in parts:
        assert part[0, 1] in (-1, 3)
        np.testing.assert_allclose(part[1:-1, 1], 1 + 5 * np.cos(2 * part[1:-1, 0]), atol=1e-9)


def test_a_line_that_stays_outside_is_not_drawn():
    assert paths(graph(line([-2, 6], [4, 9]), line([7, 9], [0, 0]), line([-9, -3], [0, 1]))) == []


def test_a_line_that_passes_in_one_step_is_still_seen():
    (part,) = paths(graph(line([1.0, 3.0], [-1e9 + 1, 1e9 + 1])))
    np.testing.assert_allclose(part, [[2, -1], [2, 3]], atol=1e-6)


def test_a_line_to_a_place_far_to_the_upper_right_keeps_its_slope():
    (part,) = paths(graph(line([0, 1e9], [0, 1e9])))
    np.testing.assert_allclose(part[-1], [3, 3], atol=1e-6)


def test_a_line_is_broken_where_it_is_no_number():
    y = np.array([0, 1, np.nan, 1, 2, np.inf, 1, np.nan])
    parts = paths(graph(line(np.arange(8) - 2, y)))
    assert [part.tolist() for part in parts] == [[[-2, 0], [-1, 1]], [[1, 1], [2, 2]]]
    assert paths(graph(line([0, np.nan, 2], [1, 1, 1]))) == []
    assert paths(graph(line([], []), line([1], [1]))) == []


def test_parts_of_two_lines_are_never_joined():
    figure = graph(line([0, 1], [0, 0]), line([1, 2], [0, 0]), line([2, 3, 4, 5], [0, np.nan, 0, 0]))
    assert [part.tolist() for part in paths(figure)] == [[[0, 0], [1, 0]], [[1, 0], [2, 0]], [[4, 0], [5, 0]]]


def test_a_thousand_lies_at_three_on_an_axis_of_powers_of_ten():
    np.testing.assert_allclose(DECADES.coordinate([1000, 1, 1e-4, 0.02]), [3, 0, -4, np.log10(0.02)])
    assert DECADES.span == pytest.approx((-4, 5))
    assert Axis(1, 1000).span == (1, 1000)
    figure = graph(
        line([1, 10], [1, 1000]), y_axis=DECADES, x_axis=Axis(1, 100, log=True), points=[Point(10, 1e5)], rules=[Rule(100)]
    )
    np.testing.assert_allclose(paths(figure)[0], [[0, 0], [1, 3]], atol=1e-12)
    assert table(figure, "points")[["x", "y"]].to_numpy().tolist() == [[1, 5]]
    assert table(figure, "rules")["x"].tolist() == [2]


def test_zero_falls_to_the_floor_of_an_axis_of_powers_of_ten():
    figure = graph(line([0, 1, 2], [100, 0, 0]), y_axis=DECADES, points=[Point(2, 0)])
    (part,) = paths(figure)
    assert part[0].tolist() == [0, 2]
    assert part[-1, 1] == pytest.approx(-4)
    assert 0 < part[-1, 0] < 0.1, "almost upright"
    (mark,) = table(figure, "points").to_dict("records")
    assert (mark["x"], mark["angle"], mark["kind"]) == (2, 180, "edge")
    assert mark["y"] == pytest.approx(-4)


def test_what_is_negative_has_no_place_among_powers_of_ten():
    assert np.isnan(DECADES.coordinate([-1, -1e-300, -np.inf, np.nan])).all()
    figure = graph(line([0, 1, 2, 3, 4], [1, 10, -5, 10, 1]), y_axis=DECADES, points=[Point(1, -1)], x_axis=X, rules=[Rule(0)])
    np.testing.assert_allclose(np.vstack(paths(figure)), [[0, 0], [1, 1], [3, 1], [4, 0]], atol=1e-12)
    assert table(figure, "points").empty
    assert table(graph(x_axis=DECADES, rules=[Rule(-1), Rule(0), Rule(10)]), "rules")["x"].tolist() == [1]


@pytest.mark.parametrize(
    ("at", "edge", "angle"),
    [
        ((9, 0), (6, 0), 90), ((-1e300, 1), (-2, 1), -90), ((0, 1e12), (0, 3), 0), ((1, -30), (1, -1), 180),
        ((9, 90), (6, 3), 45), ((-9, 90), (-2, 3), -45), ((9, -90), (6, -1), 135), ((-9, -90), (-2, -1), -135),
    ],
)  # fmt: skip
def test_a_point_outside_is_a_hollow_head_at_the_edge(at, edge, angle):
    (mark,) = table(graph(points=[Point(*at, "c3", glyph="square")]), "points").to_dict("records")
    assert (mark["x"], mark["y"]) == edge
    assert mark["angle"] == pytest.approx(angle)
    assert (mark["kind"], mark["ink"]) == ("edge", "c3")


def test_a_point_inside_or_on_the_edge_has_its_own_glyph():
    figure = graph(points=[Point(0, 0, "c2", glyph="up"), Point(6, 3, glyph="ring"), Point(-2, -1)])
    assert table(figure, "points")[["x", "y", "angle", "ink", "kind"]].to_numpy().tolist() == [
        [0, 0, 0, "c2", "up"], [6, 3, 0, "result", "ring"], [-2, -1, 0, "result", "dot"],
    ]  # fmt: skip


def test_points_without_a_place_are_left_out_with_their_labels():
    figure = graph(points=[Point(np.nan, 0, label="a"), Point(0, np.inf, label="b"), Point(-np.inf, np.nan, label="c")])
    assert table(figure, "points").empty
    assert table(figure, "labels").empty


def test_every_point_is_drawn_once_hollow_or_filled():
    hollow, filled = layer(full(), "points_0"), layer(full(), "points_1")
    assert hollow["transform"] == [{"filter": {"field": "kind", "oneOf": ["edge", "ring"]}}]
    assert filled["transform"] == [{"filter": "datum.kind != 'edge' && datum.kind != 'ring'"}]
    assert (hollow["mark"]["filled"], filled["mark"]["filled"]) == (False, True)
    assert hollow["encoding"]["angle"]["field"] == "angle"


def test_rules_stand_inside_the_axis_only():
    figure = graph(rules=[Rule(x, "first", f"{x}") for x in (-2, 0, 6, -2.1, 6.1, np.nan, np.inf, -np.inf)])
    assert table(figure, "rules").to_dict("list") == {"x": [-2, 0, 6], "y": [-1] * 3, "y2": [3] * 3, "ink": ["first"] * 3}
    assert table(figure, "labels")["text"].tolist() == ["-2", "0", "6"]


@each_look
def test_labels_stand_at_the_end_of_a_line_over_a_point_and_at_the_top_of_a_rule(look):
    figure = graph(
        line([0, 5, 9], [0, 1, np.nan], label="end"), points=[Point(1, 0, label="mid")], rules=[Rule(2, label="top")],
        look=look, labels=6,
    )  # fmt: skip
    found = boxes(figure, look)
    across, down = pixels(figure, 5, 1)
    assert 0 < found["end"][0] - across < look.text
    assert found["end"][2] == pytest.approx(down)
    across, down = pixels(figure, 1, 0)
    assert (found["mid"][0] + found["mid"][1]) / 2 == pytest.approx(across)
    assert look.text < down - found["mid"][2] < 2 * look.text
    assert 0 < found["top"][0] - pixels(figure, 2, 0)[0] < look.text
    assert found["top"][2] < 1.5 * look.text


def test_labels_have_the_ink_of_what_they_name():
    rows = table(full(), "labels").set_index("text")["ink"].to_dict()
    assert rows == {"waves": "c1", "here": "first", "far": "second", "now": "reference"}


def test_only_what_is_labelled_and_known_has_a_label():
    assert table(
        graph(line([0, 1], [0, 1]), line([0], [np.nan], label="a"), points=[Point(0, 0)], rules=[Rule(1)]), "labels"
    ).empty


@each_look
@pytest.mark.parametrize("gap", [0.0, 0.01, 0.1, 0.4])
def test_labels_of_close_ends_points_and_rules_do_not_overlap(look, gap):
    figure = graph(
        *(line([-2, 6], [0, i * gap], label=f"line {i}") for i in range(5)),
        points=[Point(1 + i * gap, 1, label=f"at {i}") for i in range(3)],
        rules=[Rule(i * gap, label=f"rule {i}") for i in range(3)],
        look=look, labels=6,
    )  # fmt: skip
    assert len(boxes(figure, look)) == 11
    assert overlaps(figure, look) == []


@given(
    st.lists(st.tuples(any_number, any_number), min_size=1, max_size=4),
    st.lists(any_number, max_size=3),
    st.sampled_from(LOOKS),
)
def test_labels_stay_inside_the_box(ends, uprights, look):
    figure = graph(
        *(line([0, x], [0, y], label="a line's end") for x, y in ends), points=[Point(x, y, label="a point") for x, y in ends],
        rules=[Rule(x, label="a rule") for x in uprights], look=look,
    )  # fmt: skip
    for left, right, down in boxes(figure, look).values():
        assert left >= 2 - 1e-6
        assert right <= figure.spec["width"] - 2 + 1e-6
        assert 0.6 * look.text - 1e-6 <= down <= figure.spec["height"] - 0.6 * look.text + 1e-6


def test_a_point_at_the_top_has_its_label_below():
    figure = graph(points=[Point(2, 3, label="top")])
    assert boxes(figure, Look())["top"][2] > pixels(figure, 2, 3)[1]


@some_looks
@pytest.mark.parametrize(
    "pair", list(zip(AXES[::2], AXES[1::2], strict=True)), ids=lambda pair: f"{pair[0].high:g} {pair[1].high:g}"
)
def test_numbers_are_round_inside_the_axis_apart_and_say_the_value_at_their_place(pair, look):
    figure = graph(look=look, x_axis=pair[0], y_axis=pair[1])
    for axis, name, field, room in ((pair[0], "axes_1", "x", 3.4), (pair[1], "axes_0", "y", 2.0)):
        low, high = axis.span
        slack = 1e-9 * (high - low)
        rows = values(figure, name)
        at = np.array([row[field] for row in rows])
        assert len(at) >= 2
        assert ((low - slack <= at) & (at <= high + slack)).all()
        steps = np.diff(at)
        np.testing.assert_allclose(steps, steps[0], rtol=1e-6)
        assert float(f"{steps[0]:.6e}"[:8]) in ((1, 2, 4, 5) if axis.log else (1, 2, 5))
        np.testing.assert_allclose(at / steps[0], np.rint(at / steps[0]), atol=1e-6)
        across, down = pixels(figure, at, at)
        assert np.abs(np.diff(across if field == "x" else down)).min() >= room * look.text - 1e-6
        for row in rows:
            said = row["text"].translate(str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789"))
            if axis.log:
                assert {"1": 0, "10": 1}.get(said, int(said[2:] or 1)) == row[field]
            else:
                assert float(said) == pytest.approx(row[field], abs=1e-12)
                assert said != "-0"


def test_numbers_within_one_power_of_ten_are_round():
    figure = graph(y_axis=Axis(2, 9, log=True))
    for row in values(figure, "axes_0"):
        assert float(row["text"]) == pytest.approx(10 ** row["y"], rel=1e-9)


@pytest.mark.parametrize("axis", [Axis(1000, 1000.001), Axis(1e6, 1e6 + 2)], ids=["thousand", "million"])
def test_neighbouring_numbers_are_written_differently(axis):
    texts = [row["text"] for row in values(graph(y_axis=axis), "axes_0")]
    assert len(set(texts)) == len(texts)


def test_numbers_beside_the_axis_stay_inside_the_box():
    for high in (4, 3, 10):
        figure = graph(y_axis=Axis(0, high))
        for row in values(figure, "axes_3"):
            across, _ = pixels(figure, row["x"], row["y"])
            assert across - (0.4 + LETTER * len(row["text"])) * Look().text >= 0, row["text"]


@each_look
def test_titles_are_written_once_and_no_number_stands_under_that_of_the_axis_along(look):
    figure = graph(look=look, x_axis=Axis(0, 10, "a long title"), y_axis=Axis(0, 1, "height"))
    assert [row["text"] for row in values(figure, "axes_5")] == ["a long title"]
    assert [row["text"] for row in values(figure, "axes_6")] == ["height"]
    (title,), numbers = values(figure, "axes_5"), values(figure, "axes_4")
    right, _ = pixels(figure, title["x"], title["y"])
    left = right - LETTER * look.text * len(title["text"])
    assert figure.spec["width"] - look.text < right <= figure.spec["width"]
    assert 0 < len(numbers) < len(values(figure, "axes_1")), "the grid stays"
    for row in numbers:
        assert pixels(figure, row["x"], 0)[0] + LETTER * look.text * len(row["text"]) / 2 < left


def test_an_axis_without_a_title_keeps_all_its_numbers():
    figure = graph(x_axis=Axis(0, 10), y_axis=Axis(0, 1))
    assert len(values(figure, "axes_4")) == len(values(figure, "axes_1")) > 2
    assert values(figure, "axes_6")[0]["text"] == ""
    assert pixels(figure, 0, 1)[1] < pixels(graph(x_axis=Axis(0, 10), y_axis=Axis(0, 1, "high")), 0, 1)[1]


def test_the_line_of_zero_is_drawn_where_it_lies_inside():
    def grounds(axis):
        return [row["y"] for row in values(graph(y_axis=axis), "axes_2")]

    assert grounds(Y) == [-1, 0]
    assert grounds(Axis(0, 3)) == [0]
    assert grounds(Axis(1, 3)) == [1]
    assert grounds(Axis(0.01, 100, log=True)) == [-2]


@given(
    st.lists(st.tuples(any_number, any_number), max_size=30),
    st.lists(st.tuples(any_number, any_number), max_size=5),
    st.lists(any_number, max_size=5),
    st.sampled_from([(X, Y), (X, DECADES), (DECADES, Y), (Axis(2e-12, 30, log=True), Axis(1e7, 1e7 + 1))]),
    st.sampled_from(LOOKS),
)
def test_nothing_ever_raises_nor_leaves_the_axes(ends, marks, uprights, axes, look):
    x_axis, y_axis = axes
    way = np.array(ends, float).reshape(-1, 2)
    figure = graph(
        line(way[:, 0], way[:, 1], label="line"), line(np.sort(way[:, 0]), way[:, 1]),
        points=[Point(x, y, label="p") for x, y in marks], rules=[Rule(x, label="r") for x in uprights],
        look=look, x_axis=x_axis, y_axis=y_axis,
    )  # fmt: skip
    for name, rows in figure.columns.items():
        assert len({len(column) for column in rows.values()}) == 1, name
        assert all(np.isfinite(column).all() for column in rows.values() if column.dtype.kind == "f"), name
    for name, axis, field in [(n, *a) for n in ("lines", "points") for a in ((x_axis, "x"), (y_axis, "y"))]:
        low, high = axis.span
        slack = 1e-9 * (high - low)
        assert ((figure.columns[name][field] >= low - slack) & (figure.columns[name][field] <= high + slack)).all()
    assert set(figure.columns["labels"]["ink"]) <= set(INKS)
