"""Formulas carry the current numbers, short and true; and every example in the docstrings of the shared layers holds."""

import doctest
import importlib
import pkgutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mml_charts
import mml_ui
from mml_charts.theme import PALETTES
from mml_ui import latex
from mml_ui.page import number

LIGHT = PALETTES["light"]
MODULES = [f"{p.__name__}.{m.name}" for p in (mml_ui, mml_charts) for m in pkgutil.iter_modules(p.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_the_docstrings_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples_to_hold():
    attempted = sum(doctest.testmod(importlib.import_module(name)).attempted for name in MODULES)
    assert attempted >= 10


def value(text: str) -> float:
    """Read a number of a formula back."""
    mantissa, _, power = text.partition(r" \cdot 10^{")
    return float(mantissa.replace("−", "-")) * 10.0 ** int(power.rstrip("}") or 0)


@given(st.floats(-1e15, 1e15))
def test_a_number_in_a_formula_is_right_to_four_digits(x):
    text = latex.num(x)
    digits = text.partition(r" \cdot")[0].lstrip("-0.").replace(".", "")
    assert len(digits.rstrip("0")) <= 4
    assert value(text) == pytest.approx(x, rel=6e-4, abs=1e-12)


@given(st.floats(-1e15, 1e15))
def test_a_number_in_a_sentence_is_right_to_four_digits(x):
    assert float(number(x).replace("−", "-")) == pytest.approx(x, rel=6e-4, abs=1e-12)
    assert "-" not in number(x).partition("e")[0]


def test_a_zero_has_no_sign():
    assert latex.num(-0.0) == latex.num(-1e-15) == number(-0.0) == "0"
    assert latex.vector_text([-0.0, 0.0]) == "(0, 0)"


def test_a_matrix_has_rows_and_columns_in_the_colours_of_their_arrows():
    text = latex.matrix([[1, 2], [3, 4]], LIGHT)
    rows = text.removeprefix(r"\begin{pmatrix} ").removesuffix(r" \end{pmatrix}").split(r" \\ ")
    cells = [row.split(" & ") for row in rows]
    assert cells == [
        [latex.coloured("1", "first", LIGHT), latex.coloured("2", "second", LIGHT)],
        [latex.coloured("3", "first", LIGHT), latex.coloured("4", "second", LIGHT)],
    ]
    assert LIGHT.first in cells[0][0]


def test_a_matrix_with_a_column_too_many_is_refused():
    with pytest.raises(ValueError, match="zip"):
        latex.matrix(np.eye(3), LIGHT)


def test_a_column_has_one_entry_a_row():
    assert latex.column([1, -0.5]) == r"\begin{pmatrix} 1 \\ -0.5 \end{pmatrix}"


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=4))
def test_braces_are_always_balanced(x):
    for text in (latex.column(x), latex.coloured(latex.num(x[0]), "result", LIGHT)):
        assert text.count("{") == text.count("}")
