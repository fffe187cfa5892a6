"""A function of x and y, typed like `sin(x)*y^2 + exp(-x^2)`: read into a checked tree, never run as a program."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, NoReturn

from mml_core import forward
from mml_core.formulas import formulas
from mml_core.forward import Apply, Number, Tree, Variable
from mml_core.heights import Surface

MOST_CHARACTERS = 2000
MOST_PARTS = 200  # numbers, names and operations
MOST_LEVELS = 20  # of brackets and of operations inside operations
LARGEST_EXPONENT = 20
LARGEST_CONSTANT = 1e100

NAMED = {"pi": math.pi, "e": math.e}
NAMES = ("x", "y", *NAMED)
SPELLINGS = {"ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan"}
OPERATIONS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}
TOKENS = re.compile(
    r"(?P<space> +)|(?P<number>([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)|(?P<name>[A-Za-z]+)"
    r"|(?P<sign>\*\*|[-+*/^−·])|(?P<open>\()|(?P<close>\))|(?P<unknown>.)",
    re.DOTALL,
)
IN_PYTHON = {"^": "**", "−": "-", "·": "*"}
HINTS = {"=": "write only what f(x, y) equals", "|": "write abs(x)", ",": "write a decimal with a point, as in 0.5"}
TOO_DEEP = f"This is nested too deeply; at most {MOST_LEVELS} levels are read."
KNOWN = "write + - * / ^, brackets, numbers and names"
OPERAND = "a number, x, y, a function or an opening bracket"
COMPLETE = ("number", "name", "close")  # after these an operation, or nothing, is due


class Mistake(ValueError):  # noqa: N818
    """What is wrong with a typed function: the whole `text`, the `spot` in it (from 0) and the `reason`, one sentence."""

    def __init__(self, text: str, spot: int, reason: str) -> None:
        super().__init__(text, spot, reason)
        self.text, self.spot, self.reason = text, spot, reason

    def __str__(self) -> str:
        start = max(0, min(self.spot - 30, len(self.text) - 60))
        window = "".join(c if c.isprintable() else "?" for c in self.text[start : start + 60])
        return f"{self.reason}\n{window}\n{' ' * (self.spot - start)}^"


@dataclass(frozen=True)
class Expression(Surface):
    """A function of x and y by its text; it takes floats, or arrays whose shapes fit together, and gives the like.

    Outside its domain the function and its derivatives are nan. `parse` makes one whose text is known to be right.

    >>> f = Expression("x^2 y")
    >>> f.value(3.0, 2.0), f.gradient(3.0, 2.0), f.hessian(3.0, 2.0)
    (18.0, (12.0, 9.0), ((4.0, 6.0), (6.0, 0.0)))
    """

    text: str

    @cached_property
    def tree(self) -> Tree:
        """The function as a tree of numbers, variables and operations."""
        return _Reader(self.text).tree()

    def value(self, x: Any, y: Any) -> Any:
        """Return f(x, y)."""
        return forward.walk(self.tree, x, y, 0).value

    def gradient(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Return (f_x, f_y)."""
        jet = forward.walk(self.tree, x, y, 1)
        return jet.x, jet.y

    def hessian(self, x: Any, y: Any) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        """Return ((f_xx, f_xy), (f_xy, f_yy))."""
        jet = forward.walk(self.tree, x, y, 2)
        return (jet.xx, jet.xy), (jet.xy, jet.yy)

    @cached_property
    def latex(self) -> str:
        """The function in LaTeX; its derivatives too are in `formulas`."""
        return formulas(self).f


def parse(text: str) -> Expression:
    """Read a typed function of x and y.

    Numbers, x, y, pi, e, + - * / ^ (or **), brackets and the functions sin, cos, tan, exp, log (ln), sqrt, abs, sinh, cosh,
    tanh, asin, acos, atan (arcsin, arccos, arctan). The * may be left out: 2x sin(y). As usual -x^2 is -(x^2), x^y^2 is
    x^(y^2), and 1/2x is read from the left, (1/2) x. A variable exponent needs a base above 0.
    Args: text: at most 2000 characters and 200 numbers, names and operations, in at most 20 levels; exponents from -20 to 20.
    Returns: Expression.
    Raises: Mistake, a ValueError, that says what is wrong, what was expected and where.

    >>> parse("sin(x)*y^2 + exp(-x^2)").value(0.0, 5.0)
    1.0
    >>> parse("2 + z")
    Traceback (most recent call last):
    ...
    mml_core.expressions.Mistake: “z” is not known; write x, y, pi, e or a function such as sin(x).
    2 + z
        ^
    """
    expression = Expression(text)
    _ = expression.tree
    return expression


class Token(NamedTuple):
    """One number, name, sign or bracket, and where it starts."""

    kind: str
    text: str
    spot: int


class _Reader:
    """Reads one text: tokens in a right order, then Python's own grammar for what binds first, then our tree."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spots: list[int] = []  # for each character that Python sees, where the reader typed it

    def stop(self, spot: int, reason: str) -> NoReturn:
        raise Mistake(self.text, spot, reason)

    def tree(self) -> Tree:
        if not isinstance(self.text, str):
            raise Mistake("", 0, "This is no text; write a function such as sin(x)*y^2.")
        if len(self.text) > MOST_CHARACTERS:
            self.stop(MOST_CHARACTERS, f"The text has {len(self.text)} characters; at most {MOST_CHARACTERS} are read.")
        tokens = list(self.arranged())
        parts = [token for token in tokens if token.kind not in ("open", "close")]
        if len(parts) > MOST_PARTS:
            self.stop(parts[MOST_PARTS].spot, f"This is too long; at most {MOST_PARTS} numbers, names and operations are read.")
        written = [repr(float(t.text)) if t.kind == "number" else IN_PYTHON.get(t.text, t.text) for t in tokens]
        self.spots = [token.spot for token, word in zip(tokens, written, strict=True) for _ in word]
        return self.branch(ast.parse("".join(written), mode="eval").body, 1)

    def tokens(self) -> Iterator[Token]:
        """Yield what the text is made of; a name is a function or stands for a number."""
        for found in TOKENS.finditer(self.text):
            kind, word, spot = str(found.lastgroup), SPELLINGS.get(found.group(), found.group()), found.start()
            if kind == "name" and word in forward.FUNCTIONS:
                kind = "function"
            if kind == "name" and word not in NAMES:
                self.stop(spot, f"“{word[:20]}” is not known; {_advice(word)}.")
            if kind == "unknown":
                shown = f"“{word}”" if word.isprintable() else f"The character U+{ord(word):04X}"
                self.stop(spot, f"{shown} is not known; {HINTS.get(word, KNOWN)}.")
            if kind == "number" and not float(word) < LARGEST_CONSTANT:
                self.stop(spot, f"This number is too large; it must be below {LARGEST_CONSTANT:g}.")
            if kind != "space":
                yield Token(kind, word, spot)

    def arranged(self) -> Iterator[Token]:
        """Yield the tokens with each * that was left out, as long as their order makes a function."""
        opened: list[int] = []
        last = Token("start", "", 0)
        for token in self.tokens():
            self.check_order(last, token)
            if last.kind in COMPLETE and token.kind in ("name", "function", "open"):
                yield Token("sign", "*", token.spot)
            if token.kind == "close" and not opened:
                self.stop(token.spot, "This bracket closes none; take it away or open one before it.")
            opened = opened[:-1] if token.kind == "close" else [*opened, token.spot] if token.kind == "open" else opened
            if len(opened) > MOST_LEVELS:
                self.stop(token.spot, TOO_DEEP)
            yield token
            last = token
        if last.kind not in COMPLETE:
            self.stop(len(self.text), f"The function ends too early; write {OPERAND} here.")
        if opened:
            self.stop(opened[-1], "This bracket is never closed; write ) where it ends.")

    def check_order(self, last: Token, token: Token) -> None:
        """Stop at a token that cannot follow the last one."""
        if last.kind == "function" and token.kind != "open":
            self.stop(token.spot, f"After {last.text} its argument must follow in brackets: {last.text}(x).")
        if last.kind in COMPLETE and token.kind == "number":
            self.stop(token.spot, f"{token.text[:20]} cannot follow directly; write an operation such as * or ^ before it.")
        needs_operand = token.kind == "close" or (token.kind == "sign" and token.text not in "+-−")
        if last.kind not in COMPLETE and needs_operand:
            self.stop(token.spot, f"“{token.text}” cannot stand here; write {OPERAND} before it.")

    def branch(self, node: ast.expr, level: int) -> Tree:
        """Return our tree for Python's; nothing passes but what is listed here."""
        spot = self.spots[node.col_offset]
        if level > MOST_LEVELS:
            self.stop(spot, TOO_DEEP)
        match node:
            case ast.Constant(value=float(value)):
                return Number(value)
            case ast.Name(id=name) if name in NAMES:
                return Number(NAMED[name], name) if name in NAMED else Variable(name)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.branch(operand, level + 1)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.joined(spot, spot, "negative", self.branch(operand, level + 1))
            case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in forward.FUNCTIONS:
                return self.joined(spot, spot, name, self.branch(argument, level + 1))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
                parts = self.branch(left, level + (not _continues(node))), self.branch(right, level + 1)
                return self.joined(spot, self.spots[right.col_offset], OPERATIONS[type(op)], *parts)
        self.stop(spot, f"This is not known; {KNOWN}.")

    def joined(self, first: int, second: int, operation: str, *parts: Tree) -> Tree:
        """Return an operation whose parts start at `first` and `second`; what is constant is computed here once, in floats."""
        u, v = parts[0].value, parts[-1].value
        if operation == "/" and v == 0:
            self.stop(second, "This divides by 0; the divisor must be another number.")
        if operation == "^" and v is not None and abs(v) > LARGEST_EXPONENT:
            self.stop(second, f"The exponent is {v:g}; it must lie between -{LARGEST_EXPONENT} and {LARGEST_EXPONENT}.")
        if operation == "^" and v is None and u is not None and u <= 0:
            self.stop(first, f"The base is {u:g}; where x or y is in the exponent, it must be above 0.")
        if operation == "^" and v == 0:
            return Apply(operation, parts, 1.0)
        if u is None or v is None:
            return Apply(operation, parts)
        value = forward.walk(Apply(operation, parts), 0.0, 0.0, 0).value
        if math.isnan(value):
            self.stop(first, "What starts here is no real number; choose numbers for which it is one.")
        if not abs(value) < LARGEST_CONSTANT:
            self.stop(first, f"What starts here is too large; it must be below {LARGEST_CONSTANT:g}.")
        return Apply(operation, parts, value)


def _continues(node: ast.BinOp) -> bool:
    """Return whether the left operand is the same chain, as a + b in a + b - c: a long sum is not deep."""
    pair = [type(n.op) for n in (node, node.left) if isinstance(n, ast.BinOp)]
    return len(pair) == 2 and (set(pair) <= {ast.Add, ast.Sub} or set(pair) <= {ast.Mult, ast.Div})


def _advice(word: str) -> str:
    """Return what to write instead of an unknown name."""
    small = SPELLINGS.get(word.lower(), word.lower())
    if small in NAMES or small in forward.FUNCTIONS:
        return f"write {small}"
    if set(small) <= {"x", "y"}:
        return f"write {'*'.join(small[:10])}"
    return "write x, y, pi, e or a function such as sin(x)"
