"""How all columns of a table go together, two by two, and the scatter of one pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mml_core import checks, statistics
from mml_core.checks import Array

KINDS = ("correlations", "covariances")
MOST_COLUMNS = 200
FAR = 4.0  # standard deviations at which a point of a scatter lies at its edge


@dataclass(frozen=True)
class Relations:
    """How the columns of a table go together.

    Attributes:
        columns: Names of the columns that are in it.
        places: Where these stand in the table, (d,).
        values: Correlations or covariances, (d, d).
        reach: The largest of them in size, 1 of correlations.
        mean, deviation: Of each column, (d,).
        note: What was left out and why, or "".
    """

    columns: tuple[str, ...]
    places: tuple[int, ...]
    values: Array
    reach: float
    mean: Array
    deviation: Array
    note: str


def all_pairs(X: ArrayLike, names: Sequence[str], kind: str = "correlations") -> Relations:
    """Return the correlations or covariances of all columns of a table that vary.

    Args:
        X: The table, (n_samples, n_features), at least two rows.
        names: Of its columns.
        kind: One of `KINDS`.

    Returns:
        The relations of the columns that vary, of more than 200 those of the first 200.

    Raises:
        ValueError: No column varies, or X does not fit.

    >>> all_pairs([[1, 2, 5], [2, 1, 5], [3, 3, 5]], ("u", "v", "w")).values
    array([[1. , 0.5],
           [0.5, 1. ]])
    """
    X = checks.matrix(X, (None, len(names)), "X")
    if kind not in KINDS:
        raise ValueError(f"there is no relation {kind!r}; choose one of {', '.join(KINDS)}.")
    kept = np.flatnonzero(np.ptp(X, axis=0) > 0)
    if not len(kept):
        raise ValueError("no column varies; at least one has to.")
    some = kept[:MOST_COLUMNS]
    found = statistics.moments(X[:, some])
    C = found.covariance()
    n_still, n_more = X.shape[1] - len(kept), len(kept) - len(some)
    left_out = [f"{n_still} that {'does' if n_still == 1 else 'do'} not vary"] * (n_still > 0)
    left_out += [f"{n_more} more"] * (n_more > 0)
    values = statistics.to_correlation(C) if kind == "correlations" else C
    return Relations(
        tuple(names[j] for j in some), tuple(some.tolist()), values, float(np.abs(values).max()), found.mean,
        np.sqrt(np.diag(C)), f"Left out: {' and '.join(left_out)}." if left_out else "",
    )  # fmt: skip


def pair_of(X: ArrayLike, found: Relations, i: int, j: int) -> Array:
    """Return two columns in standard deviations from their means; what is over 4 of them away stands at the edge.

    Args:
        X: The table that the relations are of, (n_samples, n_features).
        found: The relations.
        i, j: Which of their columns, from 0.

    Returns:
        (n_samples, 2), from -4 to 4.

    Raises:
        ValueError: There is no such column.

    >>> pair_of([[1.0, 2.0], [3.0, 6.0]], all_pairs([[1.0, 2.0], [3.0, 6.0]], ("u", "v")), 0, 1).round(3)
    array([[-0.707, -0.707],
           [ 0.707,  0.707]])
    """
    both = [checks.whole_number(k, "a column", 0, len(found.columns) - 1) for k in (i, j)]
    columns = np.asarray(X, float)[:, [found.places[k] for k in both]]
    points: Array = np.clip((columns - found.mean[both]) / found.deviation[both], -FAR, FAR)
    return points
