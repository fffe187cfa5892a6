"""Signed bars, each in the track of what it can be at most: how much of a limit is used, and in which direction."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from mml_charts.figure import Figure, fixed
from mml_charts.theme import ROLES, Look, Role

ROW = 3.6  # height of a row in units of the text's size


@dataclass(frozen=True)
class Bar:
    """A bar from 0 to `value`, in a track from -`limit` to `limit`; the track itself ends at `full`, the longest limit."""

    label: str
    value: float
    limit: float
    full: float
    text: str
    role: Role = "result"


def figure(title: str, bars: Sequence[Bar], *, look: Look) -> Figure:
    """Return the bars below each other. Lengths are shares of `full`, so that the track can grow and shrink too."""
    rows = [
        (i, b.label, b.text, b.role, _share(b.value, b.full), -_share(b.limit, b.full), _share(b.limit, b.full))
        for i, b in enumerate(bars)
    ]
    table = pd.DataFrame(rows, columns=["row", "label", "text", "role", "value", "low", "high"])
    spec = _spec(len(bars), look)
    return Figure(title, spec, {"bars": table}, (-1.0, 1.0, len(bars) - 0.5, -0.5), marks=("track", "bar", "zero", "names"))


def _share(value: float, full: float) -> float:
    return max(-1.0, min(1.0, value / full)) if full > 0 else 0.0


@functools.lru_cache(maxsize=64)
def _spec(n_bars: int, look: Look) -> dict[str, Any]:
    p, text = look.palette, look.text
    x = alt.X("low:Q", scale=alt.Scale(domain=[-1, 1], nice=False), axis=None)
    y = alt.Y("row:Q", scale=alt.Scale(domain=[n_bars - 0.5, -0.5], nice=False, zero=False), axis=None)
    colour = alt.Color("role:N", scale=alt.Scale(domain=list(ROLES), range=[p.role(r) for r in ROLES]), legend=None)
    rows = alt.Chart(alt.NamedData("bars"))
    thick, down = text * 1.1, text * 0.7
    track = rows.mark_bar(height=thick, yOffset=down, fill="transparent", stroke=p.reference, strokeDash=[3, 3])
    bar = rows.mark_bar(height=thick, yOffset=down)
    zero = rows.mark_tick(orient="vertical", thickness=2, height=thick * 1.5, yOffset=down, color=p.reference)
    name = rows.mark_text(fontSize=text + 1, color=p.text, dy=-text * 0.75, fontWeight="bold")
    layers = {
        "track": track.encode(x=x, x2="high:Q", y=y),
        "bar": bar.encode(x="value:Q", x2=alt.datum(0), y="row:Q", color=colour),
        "zero": zero.encode(x=alt.datum(0), y="row:Q"),
        "names": name.encode(x=alt.datum(0), y="row:Q", text="text:N"),
    }
    flat = [layer.properties(name=f"{name}_0") for name, layer in layers.items()]
    chart = alt.layer(*flat).properties(autosize="none", padding={"left": 0, "right": 0, "top": 0, "bottom": 0})
    return fixed(chart, look, width=look.width, height=round(n_bars * ROW * text))
