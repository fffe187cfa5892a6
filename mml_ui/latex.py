"""Formulas with numbers in them: at most four significant digits, columns in the colours of the arrows."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mml_charts.theme import Palette, Role


def num(value: float) -> str:
    """Write a number for a formula.

    >>> num(0.123456), num(-0.0), num(1e-17), num(12345.6)
    ('0.1235', '0', '0', '1.235 \\\\cdot 10^{4}')
    """
    if abs(value) < 1e-12:
        return "0"
    mantissa, _, exponent = f"{value:.4g}".partition("e")
    return mantissa if not exponent else rf"{mantissa} \cdot 10^{{{int(exponent)}}}"


def signed(value: float) -> str:
    """Write a number that is added or taken off.

    >>> signed(-0.5), signed(2)
    ('- 0.5', '+ 2')
    """
    return f"{'-' if value < 0 else '+'} {num(abs(value))}"


def coloured(text: str, role: Role, palette: Palette) -> str:
    """Write `text` in a role's colour."""
    return rf"\textcolor{{{palette.role(role)}}}{{{text}}}"


def column(x: ArrayLike) -> str:
    """Write a vector as a column."""
    return r"\begin{pmatrix} " + r" \\ ".join(num(v) for v in np.asarray(x, float)) + r" \end{pmatrix}"


def matrix(A: ArrayLike, palette: Palette, roles: Sequence[Role] = ("first", "second")) -> str:
    """Write a matrix with each column in the colour of its arrow."""
    rows = [
        " & ".join(coloured(num(v), role, palette) for v, role in zip(row, roles, strict=True)) for row in np.asarray(A, float)
    ]
    return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"


def plain(text: str) -> str:
    """Return text that a reader typed or that comes from a file, so that no character of it is taken for Markdown.

    >>> plain("a*b.png")
    'a\\\\*b.png'
    """
    return re.sub(r"([\\`*_\[\]<>$~:|#])", r"\\\1", text)


def vector_text(x: ArrayLike) -> str:
    """Write a vector in a sentence.

    >>> vector_text([1, -0.5])
    '(1, −0.5)'
    """
    return "(" + ", ".join("0" if abs(v) < 1e-12 else f"{v:.4g}".replace("-", "−") for v in np.asarray(x, float)) + ")"
