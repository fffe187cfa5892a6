"""Let walkers walk: few of them one by one on plain floats, many side by side on arrays."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mml_core.checks import Array
from mml_core.heights import Surface
from mml_core.optimisers import Optimiser

FAR = 1e12  # whoever is farther out has left for good
FEW = 16  # from so many walkers on arrays are faster than plain floats
CROWD = 16384  # walkers at a time: with fewer, calls cost more than what they do; with more, arrays are far from the processor
STRIDE = 100  # steps on floats between two looks at where they lead


class Walked(NamedTuple):
    """n walks; a row is x, y and the method's inner state.

    `record` (n_steps + 1, k, n) or None; `final` (k, n), the row at which a walk ended, where it was lost that of this step;
    `ended` (n,) the step; `lost` (n,) whether it left the plane or numbers.
    """

    record: Array | None
    final: Array
    ended: NDArray[np.int64]
    lost: NDArray[np.bool_]


def walk_all(
    surface: Surface, starts: Array, rates: Array, method: Optimiser, n_steps: int, constants: dict[str, float], recorded: bool
) -> Walked:
    """Walk n_steps from each start, shape (n, 2), with its rate, shape (n,); stop when x or y is beyond 1e12 or no number."""
    n, k = len(starts), 2 + len(method.state)
    record = np.full((n_steps + 1, k, n), np.nan) if recorded else None
    walked = Walked(record, np.zeros((k, n)), np.full(n, n_steps), np.zeros(n, dtype=bool))
    walked.final[:2] = starts.T
    if record is not None:
        record[0] = walked.final
    for i in range(n if n < FEW else 0):
        if not _walk_alone(surface, rates[i], method, n_steps, constants, _part(walked, slice(i, i + 1))):
            _walk_together(surface, rates[i : i + 1], method, n_steps, constants, _part(walked, slice(i, i + 1)))
    for i in range(0, n if n >= FEW else 0, CROWD):
        crowd = slice(i, i + CROWD)
        _walk_together(surface, rates[crowd], method, n_steps, constants, _part(walked, crowd))
    return walked


def _part(walked: Walked, which: slice) -> Walked:
    """Return views of some of the walks."""
    record = None if walked.record is None else walked.record[..., which]
    return Walked(record, walked.final[:, which], walked.ended[which], walked.lost[which])


def _walk_alone(
    surface: Surface, rate: Any, method: Optimiser, n_steps: int, constants: dict[str, float], walked: Walked
) -> bool:
    """Walk on plain floats; return False, with nothing done, where these raise what arrays answer with inf or nan."""
    x, y = walked.final[:2, 0].tolist()
    walk, raised = method.walk(surface, x, y, float(rate), **constants), False
    rows: list[tuple[float, ...]] = []
    try:
        while len(rows) < n_steps and abs(x) <= FAR and abs(y) <= FAR:
            rows.extend(itertools.islice(walk, min(STRIDE, n_steps - len(rows))))
            x, y = rows[-1][:2]
    except (ArithmeticError, ValueError):
        raised = True  # the rows before it are there
    if not rows:
        return n_steps == 0
    k = len(walked.final)
    table = np.fromiter(itertools.chain.from_iterable(rows), float, k * len(rows)).reshape(-1, k)
    outside = ~(np.abs(table[:, :2]) <= FAR).all(axis=1)
    if outside.any():
        walked.ended[0], walked.lost[0] = outside.argmax() + 1, True
    elif raised:
        return False
    walked.final[:, 0] = table[walked.ended[0] - 1]
    if walked.record is not None:
        walked.record[1 : walked.ended[0] + 1, :, 0] = table[: walked.ended[0]]
    return True


def _walk_together(
    surface: Surface, rates: Array, method: Optimiser, n_steps: int, constants: dict[str, float], walked: Walked
) -> None:
    """Walk on arrays, one entry a walker."""
    x, y = walked.final[:2].copy()
    rate = float(rates[0]) if (rates == rates[0]).all() else rates  # one number is read faster than many equal ones
    row: tuple[Any, ...] = tuple(walked.final)
    for t, row in enumerate(itertools.islice(method.walk(surface, x, y, rate, **constants), n_steps), 1):
        if walked.record is not None:
            for k, entry in enumerate(row):
                walked.record[t, k] = entry
        inside = (np.abs(row[0]) <= FAR) & (np.abs(row[1]) <= FAR)
        if inside.all():
            continue
        leaving = ~(inside | walked.lost)
        if not leaving.any():
            continue
        for k, entry in enumerate(row):
            walked.final[k, leaving] = np.broadcast_to(entry, leaving.shape)[leaving]
        walked.ended[leaving], walked.lost[leaving] = t, True
        if walked.lost.all():
            break
    for k, entry in enumerate(row):
        walked.final[k] = np.where(walked.lost, walked.final[k], entry)
