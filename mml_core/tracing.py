"""Forward differentiation, step by step: what each operation of a typed function receives and passes on."""

from __future__ import annotations

from dataclasses import dataclass

from mml_core import forward
from mml_core.expressions import Expression
from mml_core.forward import Apply, Number, Tree, Variable

BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "negative": 3, "^": 4}  # how tightly an operation holds its parts


@dataclass(frozen=True)
class Passed:
    """One step of the walk: the part of the function, as text, its value, its slopes in x and in y, and the rule for these."""

    part: str
    value: float
    x: float
    y: float
    rule: str


def trace(expression: Expression, x: float, y: float, most: int = 60) -> tuple[Passed, ...]:
    """Return what forward differentiation computes at a point, from x and y up to the whole function.

    Each step takes value and slopes of its parts and passes on its own; the last one is the gradient.
    Args:
        expression: the function.
        x, y: the point.
        most: how many steps to return at most; the last ones are the whole function's.
    Returns: a Passed for each different part, parts before what they are parts of.
    Source: Griewank and Walther, 2008, Evaluating Derivatives, chapter 3.

    >>> [(step.part, step.value, step.x, step.y) for step in trace(Expression("x*y + 1"), 2.0, 3.0)]
    [('x', 2.0, 1.0, 0.0), ('y', 3.0, 0.0, 1.0), ('x y', 6.0, 3.0, 2.0), ('x y + 1', 7.0, 3.0, 2.0)]
    """
    found: dict[str, Passed] = {}

    def visit(tree: Tree) -> None:
        if tree.value is not None:
            return
        if isinstance(tree, Apply):
            for part in tree.arguments:
                visit(part)
        text = spelt(tree)
        if text not in found:
            jet = forward.walk(tree, float(x), float(y), 1)
            found[text] = Passed(text, float(jet.value), float(jet.x), float(jet.y), _rule(tree))

    visit(expression.tree)
    return tuple(found.values())[-most:]


def _rule(tree: Tree) -> str:
    """Return the rule by which an operation passes slopes on, in words."""
    if not isinstance(tree, Apply):
        return "a variable: slope 1 in itself"
    if tree.operation in ("+", "-", "negative"):
        return "sum: slopes add up"
    first, last = tree.arguments[0], tree.arguments[-1]
    if tree.operation == "*":
        return "constant factor" if first.value is not None or last.value is not None else "product: u′ v + u v′"
    if tree.operation == "/":
        return "constant factor" if last.value is not None else "quotient: (u′ − (u/v) v′) / v"
    return "chain: f′(u) u′"


def spelt(tree: Tree) -> str:
    """Write a tree as one would type it, with as few brackets as needed.

    >>> spelt(Expression("sin(x)*y^2 - (1 + x)/2").tree)
    'sin(x) y^2 - (1 + x)/2'
    """
    if isinstance(tree, Variable):
        return tree.name
    if isinstance(tree, Number):
        return tree.name or f"{tree.value:.6g}"
    if tree.operation not in BINDING:
        return f"{tree.operation}({spelt(tree.arguments[0])})"
    hold = BINDING[tree.operation]
    if tree.operation == "negative":
        return "-" + _held(tree.arguments[0], hold)
    left, right = tree.arguments
    if tree.operation == "^":
        return f"{_held(left, hold + 1)}^{_held(right, hold)}"
    sign = {"+": " + ", "-": " - ", "*": " ", "/": "/"}[tree.operation]
    if tree.operation == "*" and not _starts_with_a_letter(right):
        sign = "*"
    return f"{_held(left, hold)}{sign}{_held(right, hold + (tree.operation in '-/'))}"


def _starts_with_a_letter(tree: Tree) -> bool:
    return spelt(tree)[:1].isalpha()


def _held(tree: Tree, hold: int) -> str:
    """Write a part, in brackets where the operation around it holds more tightly."""
    loose = isinstance(tree, Apply) and BINDING.get(tree.operation, 9) < hold
    return f"({spelt(tree)})" if loose else spelt(tree)
