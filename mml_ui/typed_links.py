"""Links as a reader types them, `A -> B, C`, one page a line: read forgivingly, and written back the same way each time.

A page's place in the web is the order of the lines, so that a link that is drawn or taken away moves no page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_PAGES = 200
MAX_NAME = 24
TOGGLE = "~>"  # what a drag from page to page adds as a last line: the link is drawn, or taken away if it is there
_ARROW = re.compile(r"\s*(<-+>|<=+>|↔|~>|-+>|=+>|→|⇒|>+|<-+|<=+|←|:(?=\s|$))\s*")
_BETWEEN = re.compile(r"[\s,]+")
_ENDS = re.compile(r"[;\r\n]+")
_BACK, _BOTH = ("<-", "<=", "←"), ("↔",)


@dataclass(frozen=True)
class TypedWeb:
    """Pages by name, in the order of their lines, and links between them as pairs of positions, each once."""

    names: tuple[str, ...]
    links: tuple[tuple[int, int], ...]

    @property
    def sources(self) -> NDArray[np.int64]:
        """Where each link starts."""
        return np.array([a for a, _ in self.links], dtype=np.int64)

    @property
    def targets(self) -> NDArray[np.int64]:
        """Where each link leads."""
        return np.array([b for _, b in self.links], dtype=np.int64)

    @property
    def text(self) -> str:
        """The web as it is typed: a line for each page, in order.

        >>> parsed("B->A;A>B").text
        'B -> A\\nA -> B'
        """
        to: dict[int, list[str]] = {i: [] for i in range(len(self.names))}
        for a, b in self.links:
            to[a].append(self.names[b])
        return "\n".join(f"{self.names[i]} -> {', '.join(found)}" if found else self.names[i] for i, found in to.items())


def parsed(text: str) -> TypedWeb:
    """Read a web: a page's links a line (or up to `;`), arrows as `->`, `→`, `>`, `:`, names apart by commas or blanks.

    `A <-> B` links both ways, `A <- B` the other way; a name alone is a page without links; `A ~> B` draws a link, or takes
    it away if it is there.

    >>> parsed("A -> B, C; B: A").links
    ((0, 1), (0, 2), (1, 0))

    Raises:
        ValueError: There is no page, a line has two arrows or none of its sides, a name is too long, there are too many pages.
    """
    statements = [_statement(i, line) for i, line in enumerate(filter(str.strip, _ENDS.split(text)), 1)]
    if not statements:
        raise ValueError("there is no page; write a page and the pages it links to, such as A -> B, C.")
    # First the pages that have a line of their own, then those that are only linked to.
    heads = (name for one in statements if one[1] != TOGGLE for name in one[0])
    names = list(dict.fromkeys([*heads, *(name for one, _, other in statements for name in (*one, *other))]))
    if len(names) > MAX_PAGES:
        raise ValueError(f"there are {len(names)} pages; at most {MAX_PAGES} can be typed. A larger web can be uploaded.")
    position = {name: i for i, name in enumerate(names)}
    links: dict[tuple[int, int], None] = {}
    for one, arrow, other in statements:
        pairs = [(position[a], position[b]) for a in one for b in other]
        for pair in pairs:
            if arrow == TOGGLE and pair in links:
                del links[pair]
                continue
            for way in _ways(pair, arrow):
                links[way] = None
    return TypedWeb(tuple(names), tuple(sorted(links)))


def _ways(pair: tuple[int, int], arrow: str) -> list[tuple[int, int]]:
    """Return which links an arrow between two pages means."""
    if arrow in _BOTH or (arrow.startswith("<") and arrow.endswith(">")):
        return [pair, pair[::-1]]
    return [pair[::-1]] if arrow.startswith(_BACK) else [pair]


def _statement(i: int, line: str) -> tuple[list[str], str, list[str]]:
    """Read line number i: the names before its arrow, the arrow, and the names after it."""
    before, *rest = _ARROW.split(line.strip())
    if len(rest) > 2:
        raise ValueError(f"line {i}, “{line.strip()[:40]}”, has more than one arrow; write one page a line, as A -> B, C.")
    arrow, after = rest if rest else ("", "")
    one, other = (_names(i, side) for side in (before, after))
    if not one:
        raise ValueError(f"line {i}, “{line.strip()[:40]}”, names no page before its arrow; write A -> B, C.")
    return one, arrow, other


def _names(i: int, side: str) -> list[str]:
    names = [name for name in _BETWEEN.split(side) if name]
    for name in names:
        if len(name) > MAX_NAME or not name.isprintable() or _ARROW.search(name):
            raise ValueError(f"line {i}: “{name[:40]}” is no name of a page; write at most {MAX_NAME} letters or digits.")
    return names


def settled(text: str) -> str:
    """Return the text with what was drawn worked in, each page on its line; text without a drawn link stays as it was typed.

    >>> settled("A -> B\\nB -> A\\nA ~> B")
    'A\\nB -> A'
    """
    if TOGGLE not in text:
        return text
    try:
        return parsed(text).text
    except ValueError:
        return text


def weights(text: str, names: Sequence[str]) -> NDArray[np.float64] | None:
    """Read weights by page, `A = 2, B`: what is not named has none, a name alone counts 1; None for no text at all.

    >>> weights("A=3 B", ["A", "B", "C"])
    array([3., 1., 0.])

    Raises:
        ValueError: A name is not one of the pages, a weight is not a positive number.
    """
    parts = [part for part in re.split(r"[,;\s]+", re.sub(r"\s*=\s*", "=", text.strip())) if part]
    if not parts:
        return None
    found: Mapping[str, int] = {name: i for i, name in enumerate(names)}
    result = np.zeros(len(names))
    for part in parts:
        name, _, value = part.partition("=")
        if name not in found:
            raise ValueError(f"“{name[:40]}” is none of the pages; write names such as {names[0]} = 2.")
        if value and not re.fullmatch(r"\d{1,9}(\.\d{0,9})?|\.\d{1,9}", value):
            raise ValueError(f"“{part[:40]}”: the weight must be a number of 0 or more; write {name} = 2.")
        result[found[name]] = float(value) if value else 1.0
    if not result.any():
        raise ValueError(f"all weights are 0; give at least one page some, such as {names[0]} = 1.")
    return result
