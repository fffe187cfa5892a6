"""Loadings: bars end where their values are, on either side of zero in a way of their own, and nothing leaves the chart."""

import doctest
import json

import altair as alt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import ValidationError

from mml_charts import loadings as module
from mml_charts.heatmaps import DIGIT
from mml_charts.loadings import FOOTER, HEADER, LETTER, LONGEST, MARKS, SLOT
from mml_charts.theme import WIDTHS, Look, contrast

LOOKS = [
    Look(size=size, scale=scale, theme=theme)
    for size in WIDTHS
    for scale in ("normal", "lecture")
    for theme in ("light", "dark")
]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
LONG = "od280/od315 of diluted wines"
VALUES = [0.5, -0.25, 1.0, 0.0]
any_number = st.floats(allow_nan=True, allow_infinity=True)


def loadings(values=VALUES, look=None, names=None, reach=1.0, **more):
    names = [f"x{i}" for i in range(len(values))] if names is None else names
    return module.loadings("Loadings", look=look or Look(), names=names, values=values, reach=reach, **more)


def rows(figure, *kinds):
    table = figure.tables["rows"]
    return table[table["kind"].isin(kinds)]


def bars(figure):
    return rows(figure, "above", "below").query(f"y > {module.EDGE - 1e-9}")


def axis(figure):
    """Where zero lies and how far the axis reaches to either side, in pixels."""
    layers = {layer["name"]: layer["data"]["values"] for layer in figure.spec["layer"] if layer["name"].startswith("axis")}
    (zero,), (left, right) = layers["axis_2"], layers["axis_1"]
    assert right["x"] - zero["x"] == pytest.approx(zero["x"] - left["x"])
    return zero["x"], right["x"] - zero["x"]


def shares(figure):
    """How long the bars are, in reaches."""
    middle, half = axis(figure)
    assert (bars(figure)["x"] == middle).all()
    return ((bars(figure)["x2"] - middle) / half).tolist()


def numbers(figure):
    return rows(figure, "after", "before")


@each_look
def test_the_chart_is_the_same_whatever_it_shows(look):
    one = loadings(look=look)
    other = loadings([np.nan, -7.0, 0, 1e300], look, reach=50.0, other=[1.0, 2, 3, 4], order="size")
    assert one.spec is other.spec
    assert one.window == other.window
    assert len(json.dumps(one.spec, separators=(",", ":"))) < 6_000


def test_another_look_number_of_lines_or_key_is_another_chart():
    figures = [
        *(loadings(look=look) for look in LOOKS[::3]),
        loadings(VALUES[:3]),
        loadings(labels=("a", "b")),
        loadings(width=300),
    ]
    assert len({json.dumps(figure.spec) for figure in figures}) == len(figures)


@each_look
@pytest.mark.parametrize("n", [0, 1, 5, 16, 17, 100])
def test_the_height_is_that_of_its_lines(look, n):
    for labels, head in ((("", ""), module.EDGE), (("a", "b"), HEADER)):
        figure = loadings(np.zeros(n), look, labels=labels)
        lines = head + SLOT * min(n, 17) + FOOTER
        assert figure.window == (0, look.width, pytest.approx(lines), 0)
        assert figure.spec["height"] == round(lines * look.text)
        assert figure.spec["width"] == look.width
    assert loadings(np.zeros(n), width=250).spec["width"] == 250


def test_the_chart_fills_its_box_and_is_transparent():
    spec = loadings().spec
    assert spec["autosize"] == "none"
    assert set(spec["padding"].values()) == {0}
    assert spec["background"] == "transparent"
    for layer in spec["layer"][1:]:
        assert not any("scale" in layer["encoding"].get(channel, {}) for channel in ("x", "y", "x2", "y2"))


def test_the_chart_is_valid_vega_lite():
    spec = json.loads(json.dumps(loadings().spec, allow_nan=False))
    alt.Chart.from_dict(spec)
    spec["layer"][0]["mark"]["type"] = "loading"
    with pytest.raises(ValidationError):
        alt.Chart.from_dict(spec)


def test_the_chart_has_all_its_marks_and_reads_exactly_its_table_and_kinds():
    figure = loadings([0.5, -2, 3, np.nan, 0, 0], other=[0.1, -3, 0, 1, 9, 0], labels=("a", "b"), rows=5)
    names = [layer["name"] for layer in figure.spec["layer"]]
    assert len(set(names)) == len(names)
    assert {name.rsplit("_", 1)[0] for name in names} == set(MARKS) == set(figure.marks)
    live = [layer for layer in figure.spec["layer"] if "name" in layer["data"]]
    assert {layer["data"]["name"] for layer in live} == set(figure.columns) == {"rows"}
    kinds = {kind for layer in live for t in layer["transform"] for kind in t["filter"]["oneOf"]}
    assert set(figure.tables["rows"]["kind"]) == kinds
    for layer in live:
        assert {e["field"] for e in layer["encoding"].values() if "field" in e} <= set(figure.tables["rows"].columns)


def test_the_table_keeps_its_types_when_there_are_no_values():
    assert loadings([]).tables["rows"].dtypes.to_dict() == loadings().tables["rows"].dtypes.to_dict()
    assert bars(loadings([])).empty


@each_look
@pytest.mark.parametrize("reach", [1.0, 0.25, 40_000.0])
def test_bars_go_from_zero_to_their_values(look, reach):
    figure = loadings(reach * np.array(VALUES), look, reach=reach)
    assert shares(figure) == pytest.approx(VALUES)
    assert bars(figure)["kind"].tolist() == ["above", "below", "above", "above"]
    assert np.diff(bars(figure)["y"]) == pytest.approx(SLOT)
    assert rows(figure, "edge").empty
    middle, half = axis(figure)
    assert half >= 1.8 * look.text
    assert rows(figure, "limit")["x"].tolist()[:: len(rows(figure, "limit")) - 1] == pytest.approx(
        [middle - half, middle + half]
    )


@each_look
def test_bars_below_zero_are_hollow(look):
    layers = {layer["name"]: layer["mark"] for layer in loadings(look=look).spec["layer"]}
    p = look.palette
    assert layers["bars_0"]["fill"] == p.first
    assert (layers["bars_1"]["fill"], layers["bars_1"]["stroke"]) == (p.background, p.second)
    assert layers["bars_1"]["strokeWidth"] >= 2
    for ink in (p.first, p.second, p.result, p.reference):
        assert contrast(ink, p.background) >= 3


def test_numbers_stand_at_the_ends_of_their_bars():
    figure = loadings()
    said = numbers(figure)
    assert said["text"].tolist() == ["0.50", "−0.25", "1.00", "0"]
    assert said["kind"].tolist() == ["after", "before", "after", "after"]
    gap = (said["x"].to_numpy() - bars(figure)["x2"].to_numpy()) * [1, -1, 1, 1]
    assert gap == pytest.approx(np.full(4, module.GAP * Look().text))


def test_where_there_is_little_room_numbers_stand_in_a_column_of_their_own():
    figure = loadings(look=Look("small", "lecture"), names=[LONG] * 4)
    assert numbers(figure)["text"].tolist() == ["0.50", "−0.25", "1.00", "0"]
    assert set(numbers(figure)["kind"]) == {"before"}
    assert set(numbers(figure)["x"]) == {326.0}
    middle, half = axis(figure)
    assert middle + half < 326 - 5.5 * DIGIT * figure.spec["config"]["axis"]["labelFontSize"]


def test_the_axis_says_its_ends_and_the_power_of_ten():
    assert rows(loadings(), "limit")["text"].tolist() == ["−1", "0", "1"]
    assert rows(loadings(reach=2.5), "limit")["text"].tolist() == ["−2.5", "0", "2.5"]
    large = loadings([20_000.0, -1_234.0], reach=25_000.0)
    assert rows(large, "limit")["text"].tolist() == ["−2.5", "0", "2.5"]
    assert numbers(large)["text"].tolist() == ["2.00", "−0.12"]
    assert rows(large, "name")["text"].tolist() == ["x0", "x1", "× 10⁴"]
    assert numbers(loadings([0.123, -0.04], reach=0.3))["text"].tolist() == ["0.123", "−0.040"]


@pytest.mark.parametrize(("value", "said"), [(7, "7.00"), (-1e300, "−1e300"), (np.inf, "∞"), (-np.inf, "−∞")])
def test_a_value_beyond_the_axis_is_cut_under_a_hollow_head_but_its_number_is_true(value, said):
    figure = loadings([value])
    middle, half = axis(figure)
    (head,) = rows(figure, "edge").to_dict("records")
    side = 1 if value > 0 else -1
    assert (head["angle"], head["ink"]) == (90 * side, "first" if value > 0 else "second")
    assert side * (head["x"] - middle) + module.HEAD * Look().text == pytest.approx(half)
    assert 0.8 < side * shares(figure)[0] < 1
    assert numbers(figure)["text"].tolist() == [said]
    assert side * (numbers(figure)["x"].item() - middle) > half


def test_a_value_that_is_no_number_has_a_dash_and_no_bar():
    figure = loadings([np.nan, 0.5])
    assert numbers(figure)["text"].tolist() == ["–", "0.50"]
    assert shares(figure) == pytest.approx([0.5])


def test_a_diamond_lies_where_the_other_value_is():
    figure = loadings(other=[0.75, -0.5, np.nan, 0.0])
    middle, half = axis(figure)
    assert ((rows(figure, "other")["x"] - middle) / half).tolist() == pytest.approx([0.75, -0.5, 0])
    lines = bars(figure).iloc[[0, 1, 3]]
    assert rows(figure, "other")["y"].tolist() == pytest.approx(((lines["y"] + lines["y2"]) / 2).tolist())
    assert rows(figure, "far").empty


@pytest.mark.parametrize("value", [0.2, 3.0, -3.0, np.nan])
def test_a_diamond_beyond_the_axis_is_a_head_behind_that_of_the_bar(value):
    figure = loadings([value], other=[5.0])
    middle, half = axis(figure)
    (far,) = rows(figure, "far").to_dict("records")
    size = module.HEAD * Look().text
    assert far["angle"] == 90
    assert far["x"] == pytest.approx(middle + half - (3 if value == 3 else 1) * size)


@each_look
@given(st.lists(st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)), min_size=4, max_size=4))
def test_no_number_lies_on_a_diamond(look, pairs):
    values, other = np.array(pairs).T
    figure = loadings(values, look, other=other)
    size = module.HEAD * look.text
    for said, mark in zip(numbers(figure).itertuples(), rows(figure, "other", "far").itertuples(), strict=True):
        wide = DIGIT * look.text * len(said.text)
        left, right = (said.x, said.x + wide) if said.kind == "after" else (said.x - wide, said.x)
        assert mark.x + size <= left + 1e-6 or right <= mark.x - size + 1e-6


def test_the_key_says_what_bars_and_diamonds_are():
    figure = loadings(labels=("reconstructed", "original"))
    key = figure.tables["rows"].query(f"y < {HEADER}")
    assert key["text"].tolist() == ["", "reconstructed", "", "original"]
    assert key["kind"].tolist() == ["above", "name", "other", "name"]
    assert (np.diff(key["x"]) > 0).all()
    assert loadings(labels=("", "original")).tables["rows"].query(f"y < {HEADER}")["kind"].tolist() == ["other", "name"]


@each_look
def test_the_key_is_cut_to_the_width(look):
    texts = rows(loadings(look=look, labels=(LONG * 2, LONG * 2)), "name").query(f"y < {HEADER}")
    assert (texts["x"] + LETTER * look.text * texts["text"].str.len()).max() <= look.width


def test_names_stand_in_their_order_and_are_cut():
    figure = loadings([0.1, 0.9], names=["proline", LONG])
    names = rows(figure, "name")["text"].tolist()
    assert names == ["proline", "od280/od315 of di…"]
    assert len(names[1]) == LONGEST


@pytest.mark.parametrize("n", [17, 64, 1000])
def test_of_many_the_largest_are_shown_and_the_others_counted(n):
    rng = np.random.default_rng(n)
    values = rng.uniform(-1, 1, n)
    values[3] = np.nan
    by_size = np.argsort(np.where(np.isnan(values), 1, -np.abs(values)))[:16]
    for order, shown in (("given", np.sort(by_size)), ("size", by_size)):
        figure = loadings(values, order=order)
        assert shares(figure) == pytest.approx(values[shown].tolist())
        assert rows(figure, "name")["text"].tolist() == [*(f"x{k}" for k in shown), f"and {n - 16} more"]
        middles = rows(figure, "name")["y"].to_numpy()
        assert np.diff(middles) == pytest.approx(SLOT)


def test_few_are_all_shown_and_can_be_sorted():
    assert shares(loadings(order="size")) == pytest.approx([1, 0.5, -0.25, 0])
    assert shares(loadings([0.5, -0.5, 0.5, np.nan], order="size")) == pytest.approx([0.5, -0.5, 0.5])
    assert rows(loadings(rows=2), "name")["text"].tolist() == ["x0", "x2", "and 2 more"]


@each_look
@pytest.mark.parametrize("name", ["x", LONG])
def test_names_end_before_numbers_and_bars_begin(look, name):
    figure = loadings([-1.0, -7, 1, 9], look, names=[name] * 4, other=[-1.0, -9, 1, 9])
    named = (LETTER * look.text * rows(figure, "name")["text"].str.len()).max()
    middle, half = axis(figure)
    assert named < middle - half
    for said in numbers(figure).itertuples():
        wide = DIGIT * look.text * (len(said.text) - 0.5)
        left, right = (said.x, said.x + wide) if said.kind == "after" else (said.x - wide, said.x)
        assert named <= left
        assert right <= look.width


@given(
    st.one_of(st.lists(st.tuples(any_number, any_number), min_size=n, max_size=n) for n in (1, 4, 20)),
    any_number,
    st.sampled_from([LOOKS[0], LOOKS[3], LOOKS[6]]),
    st.sampled_from(["given", "size"]),
)
def test_nothing_ever_leaves_the_chart(pairs, reach, look, order):
    values, other = np.array(pairs).T
    figure = loadings(values, look, reach=reach, other=other, order=order, labels=("a", "b"))
    table, (left, right, bottom, top) = figure.tables["rows"], figure.window
    assert np.isfinite(table.select_dtypes("number").to_numpy()).all()
    assert left <= table[["x", "x2"]].to_numpy().min()
    assert table[["x", "x2"]].to_numpy().max() <= right
    assert top <= table[["y", "y2"]].to_numpy().min()
    assert table[["y", "y2"]].to_numpy().max() <= bottom


@pytest.mark.parametrize("reach", [0.0, np.nan, -1.0, np.inf])
def test_a_reach_that_is_none_is_1(reach):
    assert shares(loadings(reach=reach)) == shares(loadings())


@each_look
def test_texts_are_as_large_as_the_look_says(look):
    marks = [layer["mark"] for layer in loadings(look=look).spec["layer"] if layer["mark"]["type"] == "text"]
    assert {mark["fontSize"] for mark in marks} == {look.text}
    for mark in marks:
        assert contrast(mark["color"], look.palette.background) >= 4.5


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(module).failed == 0
