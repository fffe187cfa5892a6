"""A table of pairs: how far apart some samples are, and under which angle they are seen, before and after something."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import streamlit as st

from mml_ui import page


class Compared(Protocol):
    """Distances and angles of m samples, (m, m) each, angles in radians."""

    @property
    def distances_before(self) -> Any: ...
    @property
    def distances_after(self) -> Any: ...
    @property
    def angles_before(self) -> Any: ...
    @property
    def angles_after(self) -> Any: ...


def pairs(found: Compared, names: Sequence[str], after: str) -> None:
    """Draw the table of all pairs; `after` says what was done to the samples."""
    rows = []
    for i, j in itertools.combinations(range(len(names)), 2):
        before_angle, after_angle = (np.degrees(a[i, j]) for a in (found.angles_before, found.angles_after))
        rows.append(
            {
                "samples": f"{names[i]} and {names[j]}",
                "distance": page.number(float(found.distances_before[i, j])),
                f"distance {after}": page.number(float(found.distances_after[i, j])),
                "angle": degrees(before_angle),
                f"angle {after}": degrees(after_angle),
            }
        )
    st.dataframe(rows, hide_index=True, height=min(300, 36 * (len(rows) + 1)))


def degrees(angle: float) -> str:
    """Write an angle; there is none where a sample lies on the mean.

    >>> degrees(90.0), degrees(float("nan"))
    ('90°', 'none')
    """
    return f"{page.number(angle, 3)}°" if np.isfinite(angle) else "none"
