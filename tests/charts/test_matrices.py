"""Matrices: squares where something is, each with the name of its link, in a chart that only the size changes."""

import doctest
import json

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mml_charts import matrices
from mml_charts.matrices import ALONE, LEVELS, MARKS, NAMED, UNDER_NUMBERS, WRITTEN
from mml_charts.network import _mixed
from mml_charts.theme import Look, contrast

LOOKS = [Look(), Look(size="small", scale="lecture", theme="dark")]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
THIRDS = dict(rows=[1, 2, 0, 3], columns=[0, 0, 1, 1], values=[1 / 3, 2 / 3, 0.5, 0.5], links=["A→B", "A→C", "B→A", "B→D"])
NONE = dict(rows=[], columns=[], values=[], links=[])
any_number = st.floats(allow_nan=True, allow_infinity=True)


def cells(n=4, look=None, names=None, **more):
    names = names or [chr(ord("A") + i) if n < 27 else str(i) for i in range(n)]
    return matrices.cells("A matrix", look=look or Look(), names=names, **{**THIRDS, **more})


def table(figure, name):
    return pd.DataFrame(figure.columns[name])


def layers(figure):
    return {layer["name"]: layer for layer in figure.spec["layer"]}


@each_look
def test_the_chart_stays_while_values_move(look):
    assert cells(look=look).spec is cells(look=look, **NONE, mended=[0, 3]).spec
    assert cells(look=look).window == cells(look=look, **NONE).window


@pytest.mark.parametrize("n", [4, 16, 100])
def test_the_chart_is_valid_square_light_and_reads_exactly_its_tables(n):
    figure = cells(n, mended=[2])
    text = json.dumps(figure.spec, allow_nan=False)
    if n == 4:  # it has all layers
        alt.Chart.from_dict(json.loads(text))
    left, right, bottom, top = figure.window
    assert figure.square
    assert figure.spec["width"] / (right - left) == pytest.approx(figure.spec["height"] / (bottom - top))
    assert left < 0 < n < right
    assert top < 0 < n < bottom
    assert figure.spec["autosize"] == "none"
    assert set(figure.spec["padding"].values()) == {0}
    assert len(json.dumps(figure.spec, separators=(",", ":"))) < 5_000
    assert (
        {name.rsplit("_", 1)[0] for name in layers(figure)}
        == set(figure.marks)
        == {m for m in MARKS if m != "numbers" or n <= WRITTEN}
    )
    read = {layer["data"]["name"] for layer in figure.spec["layer"] if "name" in layer["data"]}
    assert read == set(figure.columns)
    for layer in figure.spec["layer"]:
        made = {t["as"] for t in layer.get("transform", []) if "as" in t}
        fields = {e["field"] for e in layer["encoding"].values() if "field" in e} - made
        assert "name" not in layer["data"] or fields <= set(figure.columns[layer["data"]["name"]])


def test_a_cell_is_where_it_belongs_and_says_its_link():
    rows = table(cells(), "cells").set_index("link")
    assert rows.loc["A→B", ["x", "y"]].tolist() == [0, 1], "column: from, row: to"
    assert rows.loc["B→D", ["x", "y"]].tolist() == [1, 3]
    assert rows.loc["A→C", "level"] > rows.loc["B→A", "level"] > rows.loc["A→B", "level"]
    assert rows["x"].dtype.kind == "i", "half the bytes"
    assert rows.loc["A→B", "level"] == round(LEVELS * np.sqrt(1 / 3))


def test_every_cell_is_at_least_a_pixel():
    n, look = 1000, Look()
    figure = cells(n, look, rows=[0, 999], columns=[999, 0], values=[1, 0.001], links=["", ""])
    left, right, *_ = figure.window
    side = next(t["calculate"] for t in layers(figure)["cells_0"]["transform"] if t["as"] == "x2").split("+")[1]
    assert float(side) * look.width / (right - left) >= 1 - 1e-9
    assert len(table(figure, "cells")) == 2


def test_names_stand_where_there_is_room_for_them():
    named = table(cells(NAMED, **NONE), "names")
    assert named[named["kind"] == "row"]["text"].tolist() == [chr(ord("A") + i) for i in range(NAMED)]
    assert named[named["kind"] == "column"]["x"].tolist() == [i + 0.5 for i in range(NAMED)]
    assert table(cells(100, **NONE), "names").empty
    assert not matrices._layout(NAMED + 1, 1, Look(size="large")).named
    long = table(cells(names=["importlib._bootstrap", "B", "C", "D"]), "names")["text"]
    assert long[0] == long[4] == "importlib…"
    assert matrices._layout(4, 10, Look(size="small")).upright
    assert not matrices._layout(4, 1, Look(size="small")).upright
    assert not matrices._layout(16, 10, Look(size="small", scale="lecture")).named


@pytest.mark.parametrize("look", [Look(size=s, scale=c) for s in ("small", "medium", "large") for c in ("normal", "lecture")])
def test_what_is_written_has_room(look):
    for n in range(1, 41):
        for letters in (1, 4, 10):
            layout = matrices._layout(n, letters, look)
            assert layout.left + n * layout.cell <= layout.width
            assert layout.top + n * layout.cell <= layout.height
            if layout.named:
                assert layout.cell >= 1.15 * look.text
                assert layout.upright or letters * matrices.LETTER * look.text < layout.cell
            if layout.written:
                assert layout.cell >= 3 * matrices.LETTER * look.text
    assert matrices._layout(6, 1, look).named


def test_numbers_stand_in_the_cells_of_small_matrices():
    rows = table(cells(mended=[2]), "numbers")
    assert rows["text"].tolist() == [".33", ".67", ".5", ".5"] + [".25"] * 4
    assert rows["link"].tolist() == ["A→B", "A→C", "B→A", "B→D", *[""] * 4]
    assert rows.loc[0, ["x", "y"]].tolist() == [0.5, 1.5]
    assert rows["x"].tolist()[4:] == [2.5] * 4
    assert "numbers" not in cells(NAMED).columns
    assert not matrices._layout(WRITTEN + 1, 1, Look(size="large")).written
    assert max(len(matrices._short(v)) for v in np.linspace(0, 1, 1001)) <= 3


def test_mended_columns_are_dashed_nearly_empty_and_named_once():
    figure = cells(mended=np.array([3, 2, 3, 99, -1]))
    assert table(figure, "mended")["x"].tolist() == [2, 3]
    mark = layers(figure)["mended_0"]["mark"]
    assert mark["strokeDash"]
    assert mark["fillOpacity"] < 0.2
    filled = cells(mended=[0])
    assert len(table(filled, "numbers")) == 4, "a mended column with cells of its own keeps their numbers"


def test_what_is_zero_no_number_or_outside_is_left_out():
    figure = cells(
        rows=[0, 0, 1, 9, 0, -1], columns=[0, 1, 2, 0, 3, 0], values=[0, np.nan, 2.0, 1, np.inf, 1], links=list("abcdef")
    )
    assert table(figure, "cells")["link"].tolist() == ["c", "e"]
    assert table(figure, "cells")["value"].tolist() == [1, 1]


@given(st.lists(any_number, max_size=20), st.sampled_from([0, 4]))
@settings(max_examples=30)
def test_nothing_odd_is_ever_drawn(values, n):
    k = np.arange(len(values))
    figure = cells(n, rows=k % 5, columns=k // 5, values=values, links=[""] * len(k), mended=[1])
    for rows in figure.columns.values():
        assert len({len(v) for v in rows.values()}) == 1
        assert all(np.isfinite(v).all() for v in rows.values() if v.dtype.kind in "if")


@each_look
def test_texts_have_their_size_and_contrast_on_every_cell(look):
    p = look.palette
    marks = [layer["mark"] for layer in cells(look=look).spec["layer"] if layer["mark"]["type"] == "text"]
    assert {mark["fontSize"] for mark in marks} == {look.text}
    assert {mark["color"] for mark in marks} == {p.text, p.reference}
    for role in ("first", "second"):
        for strength in np.linspace(*UNDER_NUMBERS, 20):
            assert contrast(p.text, _mixed(p.role(role), p.background, float(strength))) >= 4.5
        assert contrast(p.role(role), p.background) >= 3, "the edges of cells"
    assert UNDER_NUMBERS[1] < ALONE[1] == 1


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(matrices).failed == 0
