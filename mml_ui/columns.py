"""The choice of a table's columns: by their names where they are few, by ranges of their numbers where they are many."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from mml_ui import cache, controls
from mml_ui import frame as frames
from mml_ui.tables import Table

MOST_NAMED = 30  # columns whose names are all drawn


def chosen(table: Table, *, key: str, without: str = "") -> Table:
    """Draw the choice of columns and return the table with those alone; the last good one where none would be left.

    The column called `without` serves something else and is left out in any case. A table of the reader's own stays private.
    It is made once: the same choice returns the same table.
    """
    frame = frames.current()
    n = len(table.columns)
    if n <= MOST_NAMED:
        out = controls.choices("Leave out", table.columns, key=key)
        kept = tuple(j for j, name in enumerate(table.columns) if name not in out)
    else:
        said = "Columns by number, such as 1-20, 25; nothing means all."
        kept = controls.typed("Columns", "", lambda line: ranges(line, n), key=f"{key}_numbers", about=n, help=said)
    kept = tuple(j for j in kept if table.columns[j] != without)
    good, name = frame.session.good, (frame.page, "columns", key)
    if len(kept) == n:
        good[name] = (table, kept, table)
        return table
    if not kept:
        frame.problem = frame.problem or "All columns are left out; keep at least one. The table before it stays."
        return cast(Table, good[name][2]) if name in good and good[name][0] == table else table
    if name not in good or good[name][:2] != (table, kept):
        X = cache.frozen(np.ascontiguousarray(table.X[:, kept]))
        if cache.is_private(table.X):
            cache.mark_private(X)
        some = replace(table, X=X, columns=tuple(table.columns[j] for j in kept), missing=tuple(table.missing[j] for j in kept))
        good[name] = (table, kept, some)
    return cast(Table, good[name][2])


def ranges(line: str, n: int) -> tuple[int, ...]:
    """Read which of n columns are meant, counted from 1, and return them counted from 0; nothing means all.

    >>> ranges("2-4, 1", 9), ranges("", 3)
    ((0, 1, 2, 3), (0, 1, 2))

    Raises:
        ValueError: A part is no number or range of numbers from 1 to n.
    """
    found: set[int] = set()
    for part in (p.strip() for p in line.split(",") if p.strip()):
        low, dash, high = (word.strip() for word in part.partition("-"))
        high = high if dash else low
        if not (low.isdecimal() and high.isdecimal() and len(part) < 20 and 1 <= int(low) <= int(high) <= n):
            raise ValueError(f"“{part[:30]}” is no column from 1 to {n} and no range of them; write them as 1-20, 25.")
        found |= set(range(int(low) - 1, int(high)))
    return tuple(sorted(found)) or tuple(range(n))
