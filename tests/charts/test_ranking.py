"""Rankings: bars in the order given on an axis that stays, with where they started and how far chance may take them."""

import doctest
import json

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mml_charts import ranking
from mml_charts.ranking import FOOTER, HEADER, MARKS, MOST, SLOT
from mml_charts.theme import ROLES, Look

LOOKS = [Look(), Look(size="small", scale="lecture", theme="dark")]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
VALUES = np.array([0.5, 0.3, 0.2])
any_number = st.floats(allow_nan=True, allow_infinity=True)


def ranked(values=VALUES, look=None, names="ABC", high=0.6, **more):
    return ranking.ranking("A ranking", look=look or Look(), names=names, values=values, high=high, **more)


def full(values=VALUES, look=None, **more):
    return ranked(values, look, starts=np.full(3, 1 / 3), bands=(VALUES - 0.1, VALUES + 0.1), marked=1, **more)


def rows(figure, kind):
    table = pd.DataFrame(figure.columns["rows"])
    return table[table["kind"] == kind]


def axis(figure):
    """Where the axis begins and ends, in pixels."""
    x = [v["x"] for layer in figure.spec["layer"] if layer["name"] == "axis_0" for v in layer["data"]["values"]]
    return min(x), max(x)


@each_look
def test_the_chart_stays_while_values_move(look):
    assert full(look=look).spec is full(np.array([0.6, np.nan, 0]), look).spec
    assert full(look=look).spec is full(look=look, high=0.52).spec, "the axis is rounded up"
    assert ranked(look=look, names=["D", "E", "F"]).spec is ranked(look=look).spec


def test_an_axis_ends_at_few_round_numbers():
    ends = [ranking._ends(0, high)[1] for high in np.linspace(0.1, 1, 1000)]
    odd = [(0, np.nan), (2, 1), (0, np.inf), (0, 1e-300), (-1e300, 1e300), (np.nan, -np.inf), (0, 0), (-1, 0)]
    for low, high in (ranking._ends(*ends) for ends in odd):
        assert low < high < np.inf
    assert set(ends) == {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0}
    assert all(end >= high - 1e-9 for end, high in zip(ends, np.linspace(0.1, 1, 1000), strict=True))


@each_look
def test_the_chart_is_valid_light_as_high_as_its_rows_and_reads_exactly_its_table(look):
    figure = full(look=look)
    spec, (left, right, bottom, top) = figure.spec, figure.window
    text = json.dumps(spec, allow_nan=False)
    if look == Look():
        alt.Chart.from_dict(json.loads(text))
    lines = round((bottom - 3 * SLOT - FOOTER) / HEADER, 6)
    assert lines == (1 if look == Look() else 2), "the key takes a second line where it must"
    assert (spec["width"], spec["height"]) == (look.width, round((lines * HEADER + 3 * SLOT + FOOTER) * look.text))
    assert spec["autosize"] == "none"
    assert set(spec["padding"].values()) == {0}
    assert len(json.dumps(spec, separators=(",", ":"))) < 9_000
    first = spec["layer"][0]["encoding"]
    assert first["x"]["scale"]["domain"] == [left, right]
    assert first["y"]["scale"]["domain"] == [bottom, top]
    names = [layer["name"] for layer in spec["layer"]]
    assert len(set(names)) == len(names)
    assert {name.rsplit("_", 1)[0] for name in names} == set(MARKS) == set(figure.marks)
    live = [layer for layer in spec["layer"] if "name" in layer["data"]]
    assert {layer["data"]["name"] for layer in live} == {"rows"}
    drawn = {kind for layer in live for t in layer["transform"] for kind in t["filter"]["oneOf"]}
    assert set(figure.columns["rows"]["kind"]) == drawn
    for layer in live:
        assert {e["field"] for e in layer["encoding"].values() if "field" in e} <= set(figure.columns["rows"])


def test_bars_go_from_the_start_of_the_axis_to_their_value_in_the_order_given():
    figure = full(np.array([0.2, 0.6, 0.3]))
    bars, (left, right) = rows(figure, "bar"), axis(figure)
    np.testing.assert_allclose((bars["x2"] - left) / (right - left), [1 / 3, 1, 1 / 2])
    assert set(bars["x"]) == {left}
    assert bars["page"].tolist() == ["A", "B", "C"]
    assert bars["role"].tolist() == ["first", "second", "first"]
    np.testing.assert_allclose(np.diff(bars["y"]), SLOT)
    assert rows(figure, "number")["text"].tolist() == ["0.200", "0.600", "0.300"]


def test_starts_and_bands_are_where_they_are_on_the_same_axis():
    figure = full()
    left, right = axis(figure)
    np.testing.assert_allclose((rows(figure, "start")["x"] - left) / (right - left), [1 / 3 / 0.6] * 3)
    level = rows(figure, "band")
    level = level[level["y"] == level["y2"]]
    np.testing.assert_allclose((level["x2"] - level["x"]) / (right - left), np.array([0.2, 0.2, 0.2]) / 0.6)
    assert len(rows(figure, "band")) == 9, "with its two ends each"
    for kind in ("start", "band"):
        assert rows(ranked(), kind).empty


def test_the_key_names_only_what_is_drawn_and_has_room():
    for look in LOOKS:
        for figure, words in (
            (ranked(look=look), ["now"]),
            (full(look=look), list(ranking.KEY)),
        ):
            values = [v for x in figure.spec["layer"] if x["name"].startswith("key") for v in x["data"]["values"]]
            said = {v["text"]: v for v in values if v["kind"] == "word"}
            assert list(said) == words
            for text, v in said.items():
                assert v["x"] + ranking.LETTER * look.text * len(text) <= look.width


def test_what_is_beyond_the_axis_is_cut_and_what_is_no_number_is_left_out():
    figure = ranked(np.array([9.0, -1.0, np.nan]), starts=[np.inf, 0.1, np.nan], bands=([0, np.nan, 1], [1, 1, 2]))
    left, right = axis(figure)
    assert rows(figure, "bar")["x2"].tolist() == [right, left]
    assert rows(figure, "start")["page"].tolist() == ["B"]
    assert set(rows(figure, "band")["page"]) == {"A", "C"}
    assert rows(figure, "name")["text"].tolist() == ["A", "B", "C"]


def test_there_are_sixteen_rows_at_most_and_none_is_fine():
    figure = ranked(np.linspace(0.5, 0, 30), names=[f"page {i}" for i in range(30)])
    assert len(rows(figure, "bar")) == MOST
    empty = ranked([], names=[])
    assert all(len(values) == 0 for values in empty.columns["rows"].values())


@each_look
def test_long_names_are_cut_to_their_column_and_nothing_leaves_the_chart(look):
    figure = ranked(look=look, names=["importlib._bootstrap_external", "os", "C"])
    names, (left, right) = rows(figure, "name"), axis(figure)
    assert names["text"].str.len().max() * ranking.LETTER * look.text <= left
    assert names["text"].iloc[0].endswith("…")
    assert names["page"].iloc[0] == "importlib._bootstrap_external"
    numbers = rows(figure, "number")
    assert right < look.width - 2 - numbers["text"].str.len().max() * ranking.LETTER * look.text


@given(
    st.lists(st.tuples(any_number, any_number, any_number), min_size=4, max_size=4),
    st.sampled_from([(0, 1), (0, np.nan), (-1e300, 1e300)]),
)
@settings(max_examples=40)
def test_nothing_odd_is_ever_drawn(entries, ends):
    values, starts, other = np.array(entries, float).T
    figure = ranked(values, names="ABCD", starts=starts, bands=(starts, other), low=ends[0], high=ends[1])
    for column, numbers in figure.columns["rows"].items():
        if numbers.dtype.kind == "f":
            assert np.isfinite(numbers).all()
            if column.startswith("x"):
                assert ((numbers >= 0) & (numbers <= 520)).all()


@each_look
def test_texts_have_their_size_and_roles_their_colours(look):
    spec = full(look=look).spec
    assert {layer["mark"]["fontSize"] for layer in spec["layer"] if layer["mark"]["type"] == "text"} == {look.text}
    scales = [e["scale"] for x in spec["layer"] for c, e in x["encoding"].items() if c == "color" and "scale" in e]
    assert scales == [{"domain": list(ROLES), "range": [look.palette.role(r) for r in ROLES]}]


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(ranking).failed == 0
