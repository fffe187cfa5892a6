"""The formulas of a function and its derivatives in LaTeX, printed by SymPy from our own checked tree."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from mml_core.forward import Apply, Number, Tree, Variable

if TYPE_CHECKING:
    from mml_core.expressions import Expression

LONGEST_FORMULA = 600  # characters of LaTeX
LARGEST_EXACT = 1e12  # beyond it a constant is printed as 1.2 10^30, and never becomes thousands of digits
MOST_TERMS = 150  # parts of a formula that is differentiated again
MOST_DIGITS = 1000  # that whole numbers may grow to when SymPy multiplies out powers of powers
LATEX_NAMES = {"asin": r"\arcsin", "acos": r"\arccos", "atan": r"\arctan", "sign": r"\operatorname{sign}"}


@dataclass(frozen=True)
class Formulas:
    """f, its slopes and its second derivatives in LaTeX; "" for a derivative too long to read or to work out at once."""

    f: str
    fx: str
    fy: str
    fxx: str
    fxy: str
    fyy: str


def formulas(expression: Expression) -> Formulas:
    """Print a function and its derivatives.

    SymPy gets numbers, names and operations one by one, never the text; it differentiates and prints, no more.
    Args: expression: the function.
    Returns: Formulas; a derivative is "" when its formula would be longer than 600 characters, or when what it is the
    derivative of has more than 150 parts.
    Raises: ValueError when the expression cannot be read.
    Source: Meurer et al., 2017, SymPy: symbolic computing in Python, PeerJ Computer Science 3:e103.

    >>> from mml_core.expressions import Expression
    >>> formulas(Expression("x^2 sin(y)")).fxy
    '2 x \\\\cos{\\\\left(y \\\\right)}'
    """
    import sympy  # type: ignore[import-untyped]

    x, y = sympy.symbols("x y")
    f = _in_sympy(expression.tree, _digits(expression.tree) <= MOST_DIGITS)
    fx, fy = _derivative(f, x), _derivative(f, y)
    second = (_derivative(fx, x), _derivative(fx, y), _derivative(fy, y))
    return Formulas(sympy.latex(f), *(_short_latex(g) for g in (fx, fy, *second)))


def _derivative(f: Any, z: Any) -> Any:
    """Return df/dz, or None when f is None or so long that SymPy would take a while."""
    return None if f is None or _is_longer(f, MOST_TERMS) else f.diff(z)


def _short_latex(f: Any) -> str:
    """Return the formula, or "" when it is too long to read."""
    import sympy

    text = "" if f is None or _is_longer(f, LONGEST_FORMULA) else sympy.latex(f)
    return text if len(text) <= LONGEST_FORMULA else ""


def _is_longer(f: Any, most: int) -> bool:
    """Return whether a formula has more than `most` parts, without counting them all."""
    import sympy

    return next(itertools.islice(sympy.preorder_traversal(f), most, None), None) is not None


def _in_sympy(tree: Tree, exact: bool) -> Any:
    """Return our tree as SymPy's; `exact` keeps whole numbers whole."""
    import sympy

    if isinstance(tree, Variable) or (isinstance(tree, Number) and tree.name):
        return sympy.Symbol(tree.name)  # pi and e too: SymPy would work out the sign of 7 - pi
    if isinstance(tree, Number):
        return _number_in_sympy(tree.value, exact)
    if tree.value is not None and not (exact and _is_simple(tree)):
        return _number_in_sympy(tree.value, exact)
    parts = [_in_sympy(part, exact) for part in tree.arguments]
    match tree.operation:
        case "+":
            return sympy.Add(*parts)
        case "-":
            return sympy.Add(parts[0], sympy.Mul(-1, parts[1]))
        case "negative":
            return sympy.Mul(-1, parts[0])
        case "*":
            return sympy.Mul(*parts)
        case "/":
            return sympy.Mul(parts[0], sympy.Pow(parts[1], -1))
        case "sqrt":
            return sympy.sqrt(parts[0])
        case "^" if tree.arguments[1].value is not None:
            return sympy.Pow(parts[0], _in_sympy(tree.arguments[1], True))
        case "^" if tree.arguments[0] == Number(math.e, "e"):
            return _applied("exp", parts[1])
    return _applied("power" if tree.operation == "^" else tree.operation, *parts)


def _number_in_sympy(value: float, exact: bool) -> Any:
    import sympy

    whole = exact and value == math.floor(value) and abs(value) <= LARGEST_EXACT
    return sympy.Integer(int(value)) if whole else sympy.Float(value)


def _is_simple(tree: Tree) -> bool:
    """Return whether a constant is written as typed, like 1/2 or sqrt(2): no part of it may be very large or very small."""
    if not isinstance(tree, Apply):
        return isinstance(tree, Number)
    in_range = 1 / LARGEST_EXACT <= abs(tree.value or 1.0) <= LARGEST_EXACT
    return in_range and all(_is_simple(part) for part in tree.arguments)


def _digits(tree: Tree) -> float:
    """Return a bound for the digits of the whole numbers that SymPy makes of a tree: products add them, powers multiply."""
    if isinstance(tree, Variable):
        return 0.0
    if isinstance(tree, Number):
        return 1 + math.log10(1 + abs(tree.value))
    if tree.operation == "^" and tree.arguments[1].value is not None:
        return _digits(tree.arguments[1]) + max(1.0, abs(tree.arguments[1].value)) * _digits(tree.arguments[0])
    return sum(_digits(part) for part in tree.arguments)


def _applied(name: str, *parts: Any) -> Any:
    """Return f(u), or a symbol that is printed alike where u is constant: of numbers SymPy would work out the sign."""
    import sympy

    applied = _plain_function(name)(*parts)
    return applied if applied.has(sympy.Symbol("x"), sympy.Symbol("y")) else sympy.Symbol(sympy.latex(applied))


@cache
def _plain_function(name: str) -> Any:
    """Return a function that SymPy differentiates and prints but knows nothing of: on its own it might compute for hours."""
    import sympy

    class Plain(sympy.Function):  # type: ignore[misc]
        """One of our functions, or the "power" of a base and a variable exponent."""

        def fdiff(self, argindex: int = 1) -> Any:
            return SLOPES[name](*self.args, self) if argindex == 1 else self * _applied("log", self.args[0])

        def _latex(self, printer: Any, exp: str = "") -> str:
            parts = [printer._print(part) for part in self.args]
            first, last = parts[0], parts[-1]
            if name in ("exp", "power"):
                base = first if self.args[0].is_Symbol or self.args[0].is_Integer else rf"\left({first}\right)"
                text = f"{'e' if name == 'exp' else base}^{{{last}}}"
                return rf"\left({text}\right)^{{{exp}}}" if exp else text
            power = f"^{{{exp}}}" if exp else ""
            if name == "abs":
                return rf"\left|{{{first}}}\right|{power}"
            return LATEX_NAMES.get(name, f"\\{name}") + rf"{power}{{\left({first} \right)}}"

    Plain.__name__ = f"our_{name}"  # for the order of terms; by its own name SymPy would know it
    return Plain


SLOPES: dict[str, Callable[..., Any]] = {  # of f(u), from u and f = f(u)
    "sin": lambda u, f: _applied("cos", u),
    "cos": lambda u, f: -_applied("sin", u),
    "tan": lambda u, f: 1 + f**2,
    "exp": lambda u, f: f,
    "log": lambda u, f: 1 / u,
    "abs": lambda u, f: _applied("sign", u),
    "sign": lambda u, f: 0 * u,
    "sinh": lambda u, f: _applied("cosh", u),
    "cosh": lambda u, f: _applied("sinh", u),
    "tanh": lambda u, f: 1 - f**2,
    "asin": lambda u, f: (1 - u**2) ** Fraction(-1, 2),
    "acos": lambda u, f: -((1 - u**2) ** Fraction(-1, 2)),
    "atan": lambda u, f: 1 / (1 + u**2),
    "power": lambda u, v, f: v * f / u,  # u^v in u; in v it is f log(u)
}
