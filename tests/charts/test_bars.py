"""Bars: gauges whose axes never move, and components beside their products, one row each."""

import doctest
import itertools
import json

import altair as alt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import ValidationError

from mml_charts import bars
from mml_charts.bars import CONTRIBUTION_MARKS, GAUGE, GAUGE_MARKS, LONGEST, MOST, PRODUCTS, Gauge
from mml_charts.theme import ROLES, WIDTHS, Look

LOOKS = [
    Look(size=size, scale=scale, theme=theme)
    for size in WIDTHS
    for scale in ("normal", "lecture")
    for theme in ("light", "dark")
]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
LIMITS = ("−|u||v|", "|u||v|")
DOT = Gauge("u·v", 8.0, -32.0, 32.0, "u·v = 8", (-16.0, 16.0), LIMITS)
COSINE = Gauge("cos θ", 0.5, -1.0, 1.0, "cos θ = 0.5")
any_number = st.floats(allow_nan=True, allow_infinity=True)


def gauges(*shown, look=None):
    return bars.gauges("Gauges", look=look or Look(), gauges=shown)


def products(first, second, look=None, names=None, **more):
    a, b = np.asarray(first, float), np.asarray(second, float)
    names = names or [f"name {i}" for i in range(len(a))]
    return bars.contributions("Products", look=look or Look(), names=names, first=a, second=b, products=a * b, **more)


def figures(look=None):
    return gauges(DOT, COSINE, look=look), products([0.6, -0.8, 0.9], [0.8, 0.6, 0.9], look=look)


def rows(figure, kind):
    (table,) = figure.tables.values()
    return table[table["kind"] == kind]


def sides(figure):
    """The middle of each panel's axis and half its width, from the zero lines and labels of the fixed chart."""
    (place,) = (layer["data"]["values"] for layer in figure.spec["layer"] if layer["name"] == "rows_1")
    return [(place[i + 1]["x"], place[i + 1]["x"] - place[i]["x"]) for i in (0, 3)]


@each_look
def test_the_charts_are_the_same_whatever_they_show(look):
    again = gauges(Gauge("x", 1e150, 0, 1, ""), COSINE, look=look), products(np.zeros(3), [1e150, np.nan, 0], look=look)
    for one, other in zip(figures(look), again, strict=True):
        assert one.spec is other.spec
        assert one.window == other.window


def test_another_look_or_number_of_rows_is_another_chart():
    assert len({json.dumps(figure.spec) for look in LOOKS for figure in figures(look)}) == 2 * len(LOOKS)
    assert gauges(DOT).spec != gauges(DOT, COSINE).spec
    assert products([1.0], [1.0]).spec != products([1.0, 0], [1.0, 0]).spec
    assert products([1.0], [1.0], slots=13).spec is products([1.0, 0], [1.0, 0], slots=13).spec


@each_look
def test_the_charts_fill_their_box_and_are_light(look):
    for figure in figures(look):
        spec, (left, right, bottom, top) = figure.spec, figure.window
        assert spec["width"] == look.width
        assert spec["autosize"] == "none"
        assert set(spec["padding"].values()) == {0}
        assert spec["background"] == "transparent"
        assert len(json.dumps(spec, separators=(",", ":"))) < 9_500
        first = spec["layer"][0]["encoding"]
        assert first["x"]["scale"]["domain"] == [left, right]
        assert first["y"]["scale"]["domain"] == [bottom, top]
        for layer in spec["layer"][1:]:
            assert not any("scale" in layer["encoding"].get(axis, {}) for axis in ("x", "y", "x2", "y2")), layer["name"]


@each_look
def test_a_gauge_is_as_high_as_three_lines_and_a_bit(look):
    assert gauges(DOT, COSINE, look=look).spec["height"] == round(2 * GAUGE * look.text)


def test_every_mark_that_a_sentence_can_light_up_is_a_layer():
    for figure, marks in zip(figures(), (GAUGE_MARKS, CONTRIBUTION_MARKS), strict=True):
        names = [layer["name"] for layer in figure.spec["layer"]]
        assert len(set(names)) == len(names)
        assert {name.rsplit("_", 1)[0] for name in names} == set(marks) == set(figure.marks)


def test_the_charts_are_valid_vega_lite():
    for figure in figures():
        spec = json.loads(json.dumps(figure.spec))
        alt.Chart.from_dict(spec)
        spec["layer"][0]["mark"]["type"] = "gauge"
        with pytest.raises(ValidationError):
            alt.Chart.from_dict(spec)


def test_the_charts_read_exactly_the_tables_and_kinds_that_they_get():
    crowded = gauges(Gauge("a", 99, 0, 5, "t", (-1, 4), LIMITS), DOT), products([0.9, -0.9, 1, 2], [0.9, 0.9, 0, 1], slots=3)
    for figure in (*figures(), *crowded):
        ((name, table),) = figure.tables.items()
        live = [layer for layer in figure.spec["layer"] if layer["data"].get("name") == name]
        kinds = {kind for layer in live for t in layer["transform"] for kind in t["filter"]["oneOf"]}
        assert {layer["data"]["name"] for layer in figure.spec["layer"] if "name" in layer["data"]} == {name}
        assert set(table["kind"]) <= kinds
        for layer in live:
            assert {e["field"] for e in layer["encoding"].values() if "field" in e} <= set(table.columns)


def test_tables_keep_their_columns_and_types_when_empty():
    full, empty = gauges(DOT).tables["gauges"], gauges().tables["gauges"]
    assert len(full) > len(empty) == 0
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
    assert products([1], [1]).tables["bars"].dtypes.to_dict() == products([], []).tables["bars"].dtypes.to_dict()
    assert full["text"].dtype.kind in "OUT"
    assert full["x"].dtype == float


def test_a_gauge_goes_from_zero_to_its_value_on_its_own_axis():
    figure = gauges(DOT, COSINE)
    assert rows(figure, "bar")[["x", "x2", "value"]].to_numpy().tolist() == [[0, 0.25, 8], [0, 0.5, 0.5]]
    assert rows(figure, "end")["x"].tolist() == [0.25, 0.5]
    assert rows(figure, "zero")["x"].tolist() == [0, 0]
    assert rows(figure, "name")["text"].tolist() == ["u·v", "cos θ"]
    assert rows(figure, "value")[["x", "text"]].to_numpy().tolist() == [[1, "u·v = 8"], [1, "cos θ = 0.5"]]
    assert np.diff(rows(figure, "bar")["y"]).tolist() == pytest.approx([GAUGE])


def test_limits_are_brackets_with_their_names_outside():
    figure = gauges(DOT)
    assert rows(figure, "from")[["x", "value"]].to_numpy().tolist() == [[-0.5, -16]]
    assert rows(figure, "to")[["x", "value"]].to_numpy().tolist() == [[0.5, 16]]
    (lower,) = rows(figure, "right").query("text == '−|u||v|'")["x"]
    (upper,) = rows(figure, "left").query("text == '|u||v|'")["x"]
    assert lower < -0.5 < 0.5 < upper
    assert "from" not in set(gauges(COSINE).tables["gauges"]["kind"])


def test_the_ends_of_the_axis_and_zero_are_written_with_a_true_minus():
    figure = gauges(COSINE)
    assert rows(figure, "left")[["x", "text"]].to_numpy().tolist() == [[-1, "−1"]]
    assert rows(figure, "right")[["x", "text"]].to_numpy().tolist() == [[1, "1"]]
    assert rows(figure, "middle")[["x", "text"]].to_numpy().tolist() == [[0, "0"]]
    assert rows(gauges(Gauge("a", 1, 0, 123456.0, "")), "right")["text"].tolist() == ["1.235e+05"]


@pytest.mark.parametrize(("value", "side"), [(45, 1), (-1e150, -1), (np.inf, 1), (-np.inf, -1)])
def test_a_value_beyond_its_axis_is_cut_under_a_hollow_head(value, side):
    figure = gauges(Gauge("a", value, -32, 32, "far"))
    (head,) = rows(figure, "edge").to_dict("records")
    assert (head["x"], head["angle"]) == (side, 90 * side)
    assert 0.9 < side * rows(figure, "bar")["x2"].item() < 1
    assert rows(figure, "end").empty


def test_a_value_at_the_end_of_its_axis_is_whole():
    figure = gauges(Gauge("a", 0.1 + 0.2, -0.3, 0.3, ""))
    assert rows(figure, "edge").empty
    assert rows(figure, "end")["x"].item() == pytest.approx(1)


def test_a_value_that_is_no_number_has_a_text_and_no_bar():
    figure = gauges(Gauge("cos θ", np.nan, -1, 1, "not defined"))
    assert rows(figure, "bar").empty
    assert rows(figure, "value")["text"].item() == "not defined"


@pytest.mark.parametrize(("low", "high", "start"), [(0, 50, -1), (-10, -2, 1), (3, 5, -1)])
def test_an_axis_without_zero_inside_starts_at_its_nearest_end(low, high, start):
    figure = gauges(Gauge("a", (low + high) / 2, low, high, ""))
    assert rows(figure, "bar")[["x", "x2"]].to_numpy().tolist() == [[start, 0]]
    assert len(rows(figure, "zero")) == (low == 0)


def test_a_limit_beyond_the_axis_is_an_arrow_at_its_name():
    figure = gauges(Gauge("a", 1, -32, 32, "", (-45, 45), LIMITS))
    assert rows(figure, "from").empty
    assert rows(figure, "to").empty
    assert "← −|u||v|" in rows(figure, "right")["text"].tolist()
    assert "|u||v| →" in rows(figure, "left")["text"].tolist()


@each_look
@pytest.mark.parametrize("limit", [0, 0.5, 3, 12, 30, 32, 50])
def test_no_two_texts_under_a_gauge_overlap_or_leave_the_window(look, limit):
    figure = gauges(Gauge("a", 0, -32, 32, "", (-limit, limit), LIMITS), look=look)
    pixel = figure.window[1] * 2 / look.width
    spans = []
    for kind, back in (("left", 0), ("middle", 0.5), ("right", 1)):
        for x, text in rows(figure, kind)[["x", "text"]].to_numpy():
            width = 0.52 * look.text * len(text) * pixel
            spans.append((x - back * width, x + (1 - back) * width))
    spans.sort()
    assert all(a[1] <= b[0] + 1e-9 for a, b in itertools.pairwise(spans))
    assert spans[0][0] >= -1 - 1e-9
    assert spans[-1][1] <= 1 + 1e-9
    assert len(spans) >= 2


@given(any_number, st.tuples(any_number, any_number), st.sampled_from(LOOKS))
def test_nothing_ever_leaves_the_window_of_the_gauges(value, limits, look):
    limits = None if np.isnan(limits).any() else limits
    figure = gauges(Gauge("a", value, -32, 32, "t", limits, LIMITS), look=look)
    table = figure.tables["gauges"]
    assert np.isfinite(table.select_dtypes("number").to_numpy()).all()
    assert table[["x", "x2"]].abs().to_numpy().max() <= figure.window[1]
    assert ((table[["y", "y2"]] >= 0) & (table[["y", "y2"]] <= GAUGE)).to_numpy().all()


def test_components_and_products_are_where_their_values_are():
    figure = products([0.6, -0.8], [0.8, 0.5])
    (left, half_left), (right, half_right) = sides(figure)
    for kind, middle, half, reach, values in (
        ("first", left, half_left, 1, [0.6, -0.8]),
        ("second", left, half_left, 1, [0.8, 0.5]),
        ("product", right, half_right, PRODUCTS, [0.48, -0.4]),
    ):
        bar = rows(figure, kind)
        assert bar["value"].tolist() == pytest.approx(values)
        assert (bar["x"] == middle).all()
        assert ((bar["x2"] - bar["x"]) / half * reach).tolist() == pytest.approx(values)
    assert rows(figure, "first")["role"].unique().tolist() == ["first"]
    assert rows(figure, "product")["role"].unique().tolist() == ["result"]
    assert (rows(figure, "first")["y2"].to_numpy() < rows(figure, "second")["y"].to_numpy()).all()


def test_the_vectors_are_told_apart_by_more_than_their_colour():
    layers = {layer["name"]: layer for layer in figures()[1].spec["layer"]}
    assert "fill" not in layers["components_0"]["mark"]
    assert layers["components_1"]["mark"]["fill"] == Look().palette.background
    texts = products([1], [1], labels=("a wine", "another", "product")).tables["bars"]["text"].tolist()
    assert {"■ a wine", "□ another", "product"} <= set(texts)


def test_names_stand_in_their_order_and_are_cut():
    figure = products([0.1, 0.9], [0.1, 0.9], names=["proline", "od280/od315 of diluted wines"])
    names = rows(figure, "left")["text"].tolist()
    assert names[0] == "proline"
    assert names[1] == "od280/od315 of di…"
    assert len(names[1]) == LONGEST


@pytest.mark.parametrize("n", [17, 64, 1000])
def test_of_many_components_the_largest_products_are_shown_and_the_others_added_up(n):
    rng = np.random.default_rng(n)
    a, b = rng.normal(size=(2, n)) / np.sqrt(n)
    figure = products(a, b)
    largest = np.sort(np.argsort(-np.abs(a * b))[: MOST - 1])
    shown = rows(figure, "product")["value"].to_numpy()
    assert len(shown) == MOST
    np.testing.assert_allclose(shown[:-1], (a * b)[largest])
    assert shown.sum() == pytest.approx(a @ b)
    names = rows(figure, "left")["text"].tolist()
    assert names == [*(f"name {k}" for k in largest), f"{n - MOST + 1} others"]
    assert len(rows(figure, "first")) == len(rows(figure, "second")) == MOST - 1


def test_the_number_of_rows_can_be_kept():
    for n in (0, 3, 5, 9):
        figure = products(np.ones(n) / 4, np.ones(n) / 4, slots=5)
        assert figure.spec is products([], [], slots=5).spec
        assert len(rows(figure, "product")) == min(n, 5)
    assert rows(figure, "left")["text"].tolist()[-1] == "5 others"


def test_a_product_beyond_its_axis_is_cut_and_says_its_number_on_the_free_side():
    figure = products([1, -1], [0.9897, 0.9])
    (_, _), (middle, half) = sides(figure)
    heads = rows(figure, "edge")
    assert heads["x"].tolist() == pytest.approx([middle + half, middle - half])
    assert heads["angle"].tolist() == [90, -90]
    (positive,) = rows(figure, "right").query("role == 'result'").to_dict("records")
    (negative,) = rows(figure, "left").query("role == 'result' and x > 300").to_dict("records")
    assert (positive["text"], negative["text"]) == ("0.9897", "−0.9")
    assert positive["x"] < middle < negative["x"]


@given(st.lists(st.tuples(any_number, any_number), min_size=1, max_size=30), st.sampled_from(LOOKS))
def test_nothing_ever_leaves_the_window_of_the_components(pairs, look):
    a, b = np.array(pairs).T
    with np.errstate(all="ignore"):
        figure = products(a, b, look=look)
    table, (left, right, bottom, top) = figure.tables["bars"], figure.window
    assert np.isfinite(table.select_dtypes("number").to_numpy()).all()
    assert table[["x", "x2"]].to_numpy().min() >= left
    assert table[["x", "x2"]].to_numpy().max() <= right
    assert table[["y", "y2"]].to_numpy().min() >= top
    assert table[["y", "y2"]].to_numpy().max() <= bottom


def test_zeros_have_bars_without_length():
    figure = products(np.zeros(3), np.zeros(3))
    for kind in ("first", "second", "product"):
        assert (rows(figure, kind)["x"] == rows(figure, kind)["x2"]).all()
        assert len(rows(figure, kind)) == 3


@each_look
def test_every_role_has_its_colour_and_texts_their_size(look):
    for figure in figures(look):
        scales = [
            encoding["scale"]
            for layer in figure.spec["layer"]
            for channel, encoding in layer["encoding"].items()
            if channel in ("color", "stroke") and "scale" in encoding
        ]
        assert scales
        assert all(s == {"domain": list(ROLES), "range": [look.palette.role(r) for r in ROLES]} for s in scales)
        sizes = [layer["mark"]["fontSize"] for layer in figure.spec["layer"] if layer["mark"]["type"] == "text"]
        assert set(sizes) == {look.text}


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(bars).failed == 0
