"""Inks: the four roles and eight categories, each category doubled by a dash and by the shape of its points."""

from __future__ import annotations

from typing import Any, Literal

import altair as alt

from mml_charts.theme import ROLES, Look

# As mere words Altair would look them up in its whole schema, 10 ms for each.
X, Y, X2, Y2 = alt.X("x:Q"), alt.Y("y:Q"), alt.X2("x2:Q"), alt.Y2("y2:Q")
TEXT, PATH, ORDER, URL = alt.Text("text:N"), alt.Detail("path:N"), alt.Order("i:Q"), alt.Url("url:N")
Ink = str  # one of INKS
Dash = Literal["solid", "dashed", "dotted", "dashdot"]
CATEGORIES = tuple(f"c{i}" for i in range(8))
INKS: tuple[Ink, ...] = (*ROLES, *CATEGORIES)
DASHES: dict[str, list[float]] = {"solid": [1, 0], "dashed": [8, 5], "dotted": [2, 4], "dashdot": [9, 4, 2, 4]}
EDGE = "M0,-1L0.75,0.55L0,0.2L-0.75,0.55Z"  # a hollow head that points upwards: where something leaves the window
GLYPHS: dict[str, str] = {
    "dot": "circle",
    "ring": "circle",
    "square": "square",
    "diamond": "diamond",
    "up": "triangle-up",
    "down": "triangle-down",
    "cross": "cross",
    "wedge": "M-0.9,-0.5L0.9,-0.5L0,0.9Z",
    "pin": "M0,-0.95L0.35,-0.3L0.95,0L0.35,0.3L0,0.95L-0.35,0.3L-0.95,0L-0.35,-0.3Z",
    "bar": "M-0.95,-0.3L0.95,-0.3L0.95,0.3L-0.95,0.3Z",
    "edge": EDGE,
    "head": "M0,0L-0.42,1L0,0.82L0.42,1Z",
}
# The glyph of each category, so that no two rely on their colours alone.
GLYPH_OF = dict(zip(CATEGORIES, ("dot", "square", "up", "diamond", "cross", "pin", "down", "bar"), strict=True))


def colour(look: Look) -> alt.Color:
    """Return the encoding of the field `ink` as a colour."""
    return alt.Color("ink:N", scale=_inks(look), legend=None)


def _inks(look: Look) -> alt.Scale:
    p = look.palette
    return alt.Scale(domain=list(INKS), range=[*(p.role(role) for role in ROLES), *p.categories])


def dash() -> alt.StrokeDash:
    """Return the encoding of the field `dash`."""
    return alt.StrokeDash("dash:N", scale=alt.Scale(domain=list(DASHES), range=list(DASHES.values())), legend=None)


def glyph() -> alt.Shape:
    """Return the encoding of the field `kind` as a shape."""
    return alt.Shape("kind:N", scale=alt.Scale(domain=list(GLYPHS), range=list(GLYPHS.values())), legend=None)


def halo(look: Look) -> dict[str, Any]:
    """Return how a text is drawn under itself in the ground's colour, for where lines may cross it."""
    return dict(stroke=look.palette.background, strokeWidth=4, strokeJoin="round", opacity=0.85)
