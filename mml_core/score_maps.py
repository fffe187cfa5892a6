"""What a map of two scores shows: the samples on two components, their classes, and the sample that belongs to a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mml_core import checks, samples
from mml_core.checks import Array
from mml_core.pca import BLOCK, Fit
from mml_core.reconstructions import BuildUp, Comparison, compared
from mml_core.statistics import moments

ALONE = 0.9  # share of the variance from which a component that is one column deserves a word


@dataclass(frozen=True)
class Classes:
    """The class of each row: its number (n_samples,), and the names of the classes."""

    y: NDArray[np.int64]
    names: tuple[str, ...]


def classes_of(values: ArrayLike, j: int | None = None) -> Classes:
    """Return the classes of a column of texts or numbers, or of column j of a table.

    Args:
        values: (n_samples,), or (n_samples, n_features) where j says which column.
        j: From 0.

    Returns:
        Numbers from 0 by sorted names.

    Raises:
        ValueError: As `samples.labelled` has it: too many different entries, only one, or one that stands there once.

    >>> classes_of([[1.0, 5.0], [2.0, 7.0], [1.0, 6.0], [2.0, 8.0]], 0)
    Classes(y=array([0, 1, 0, 1]), names=('1', '2'))
    """
    column = np.asarray(values)
    found = samples.labelled(column if j is None else column[:, j])
    return Classes(found.y.astype(np.int64), found.classes)


@dataclass(frozen=True)
class ScoreMap:
    """The samples on two components: their scores (n_samples, 2), and the largest of each in size, (2,)."""

    scores: Array
    reach: Array


def score_map(found: Fit, X: ArrayLike, i: int, j: int, flip: bool = False) -> ScoreMap:
    """Return the scores of all samples on two components: s = e . (x - mean) / scale.

    Args:
        found: The components.
        X: Samples, (n_samples, n_features).
        i, j: Which components, from 0.
        flip: Whether the first of the two is turned round: -e is as good as e.

    Returns:
        The scores, and how far they reach.

    Raises:
        ValueError: There is no such component, or X does not fit.

    >>> from mml_core.pca import fit
    >>> score_map(fit([[0, 0], [4, 0], [0, 2], [4, 2.0]]), [[5, 3]], 1, 0, flip=True)
    ScoreMap(scores=array([[-2.,  3.]]), reach=array([2., 3.]))
    """
    E = found.components[_both(found, i, j)] * [[-1.0 if flip else 1.0], [1.0]]
    scores = replace(found, components=E).project(X).astype(float)
    return ScoreMap(scores, np.abs(scores).max(axis=0, initial=0.0))


def scaled_map(found: Fit, X: ArrayLike, i: int, j: int) -> Array:
    """Return the scores on two components, each in units of its largest in size, so that a thin direction is seen as well.

    Args:
        found, X, i, j: As for `score_map`.

    Returns:
        (n_samples, 2), from -1 to 1.

    Raises:
        ValueError: As `score_map`.

    >>> from mml_core.pca import fit
    >>> X = [[0, 0], [4, 0], [0, 2], [4, 2.0]]
    >>> scaled_map(fit(X), X, 0, 1)[:2]
    array([[-1., -1.],
           [ 1., -1.]])
    """
    seen = score_map(found, X, i, j)
    return np.divide(seen.scores, seen.reach, out=np.zeros_like(seen.scores), where=seen.reach > 0)


def class_middles(scores: ArrayLike, y: ArrayLike, n_classes: int) -> Array:
    """Return the mean score of each class, NaN of a class without a sample.

    Args:
        scores: (n_samples, d).
        y: The number of each sample's class, (n_samples,), from 0 to n_classes - 1.
        n_classes: How many classes, 0 where there are none.

    Returns:
        (n_classes, d).

    Raises:
        ValueError: Scores and classes are not equally many, or a class is out of range.

    >>> class_middles([[0, 0], [2, 4], [1, 1]], [0, 0, 1], 2)
    array([[1., 2.],
           [1., 1.]])
    """
    S, classes = checks.matrix(scores, (None, None), "scores"), np.asarray(y)
    n = checks.whole_number(n_classes, "n_classes")
    if len(classes) != len(S):
        raise ValueError(f"there are {len(S)} scores and {len(classes)} classes; give each sample one.")
    if n and len(classes) and not 0 <= classes.min() <= classes.max() < n:
        raise ValueError(f"a class lies outside 0 to {n - 1}.")
    if not n:
        return np.empty((0, S.shape[1]))
    counts = np.bincount(classes, minlength=n).astype(float)
    counts[counts == 0] = np.nan
    return np.column_stack([np.bincount(classes, column, n) / counts for column in S.T])


def one_column(found: Fit) -> int | None:
    """Return the column that the first component is, alone and with nearly all variance; None where there is none such.

    That is what a column in small units does to a table which is not standardised.

    >>> from mml_core.pca import fit
    >>> one_column(fit([[1, 100], [2, 300], [2, 500.0]])), one_column(fit([[1, 1], [2, 3], [2, 5.0]]))
    (1, None)
    """
    largest = int(np.abs(found.components[0]).argmax())
    alone = len(found.mean) > 1 and found.components[0, largest] ** 2 > 0.99
    return largest if alone and found.explained_variance_ratio[0] > ALONE else None


def nearest_on_map(scores: ArrayLike, at: ArrayLike) -> int:
    """Return which sample is nearest to a place of the map.

    Args:
        scores: Of the samples, (n_samples, 2).
        at: The place, (2,).

    Returns:
        Its number, from 0; the first among equals.

    Raises:
        ValueError: There is no sample, or the place is none.

    >>> nearest_on_map([[0, 0], [4, 0]], [3, 1])
    1
    """
    S = np.asarray(scores, float)
    if S.ndim != 2 or not len(S):
        raise ValueError("there is no sample on the map.")
    return int(((S - checks.vector(at, S.shape[1], "at")) ** 2).sum(axis=1).argmin())


def still_columns(found: Fit) -> int:
    """Return how many columns take no part in any component that has variance: they are the same in every row.

    >>> from mml_core.pca import fit
    >>> still_columns(fit([[1, 7], [2, 7], [4, 7.0]]))
    1
    """
    varied = found.explained_variance > 1e-12 * found.explained_variance[0]
    return int((np.abs(found.components[varied]).max(axis=0) < 1e-9).sum())


def put_together(found: Fit, axes: Sequence[int], scores: ArrayLike) -> BuildUp:
    """Return the sample at a place of the map: mean + s_i e_i + s_j e_j, all other scores being 0.

    Args:
        found: The components.
        axes: Which components, (m,), from 0.
        scores: How much of each, (m,).

    Returns:
        It step by step; nothing is missing in the end.

    Raises:
        ValueError: There is no such component, or not one score for each.

    >>> from mml_core.pca import fit
    >>> put_together(fit([[0, 0], [4, 0], [0, 2], [4, 2.0]]), [1, 0], [2, 3]).sums.tolist()
    [[2.0, 1.0], [2.0, 3.0], [5.0, 3.0]]
    """
    s = checks.vector(scores, len(axes), "scores")
    E = found.components[_both(found, *axes)]
    parts = found.scale * (s[:, None] * E)
    sums = np.vstack([found.mean, found.mean + np.cumsum(parts, axis=0)])
    rest = np.append(np.cumsum(s[::-1] ** 2)[::-1], 0.0)
    return BuildUp(s, parts, sums, rest)


def column_deviations(X: ArrayLike) -> Array:
    """Return the standard deviation of each column, with n - 1 in the average.

    Args:
        X: Samples, (n_samples, n_features), at least two.

    Returns:
        (n_features,).

    Raises:
        ValueError: There are fewer than two samples.

    >>> column_deviations([[1, 5], [3, 5]]).round(6)
    array([1.414214, 0.      ])
    """
    X = np.asarray(X, float)
    if X.ndim != 2 or len(X) < 2:
        raise ValueError("a deviation needs at least two rows.")
    shift = X[0]  # near the mean, so that a large mean takes no digits away
    sums, squares = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for at in range(0, len(X), BLOCK):
        Z = X[at : at + BLOCK] - shift
        sums += Z.sum(axis=0)
        squares += (Z**2).sum(axis=0)
    n = len(X)
    return np.sqrt(np.maximum(squares - sums**2 / n, 0) / (n - 1))


def score_correlations(found: Fit, X: ArrayLike, k: int) -> Array:
    """Return the covariances of the first k scores, in units of the largest: nothing but the diagonal is left.

    Args:
        found: The components.
        X: The samples that they are of, (n_samples, n_features).
        k: How many scores, 1 to n_components.

    Returns:
        (k, k).

    Raises:
        ValueError: X does not fit the components, or there are fewer than k.

    >>> from mml_core.pca import fit
    >>> X = [[0, 0], [4, 0], [0, 2], [4, 2.0]]
    >>> score_correlations(fit(X), X, 2)
    array([[1.  , 0.  ],
           [0.  , 0.25]])
    """
    some = found.components[: _both(found, k - 1)[0] + 1]
    C = moments(replace(found, components=some).project(X)).covariance()
    largest: float = C.max()
    return C / largest


def nearest(found: Fit, X: ArrayLike, x: ArrayLike, k: int) -> int:
    """Return which sample is nearest to x by the first k scores; by one where k is 0.

    Args:
        found: The components.
        X: Samples, (n_samples, n_features).
        x: A row, (n_features,).
        k: How many scores, 0 to n_components.

    Returns:
        Its number, from 0; the first among equals.

    Raises:
        ValueError: X or x do not fit the components.

    >>> from mml_core.pca import fit
    >>> nearest(fit([[0, 0], [4, 0], [0, 2], [4, 2.0]]), [[0, 9], [4, 0]], [3, 9], 1)
    1
    """
    some = _first(found, max(k, 1))
    gaps = some.project(X) - some.project([checks.vector(x, len(found.mean))])
    return int((gaps**2).sum(axis=1).argmin())


def compared_rows(found: Fit, X: ArrayLike, rows: Sequence[int], k: int) -> Comparison:
    """Compare some samples of a table as `compared` does.

    Args:
        found: The components.
        X: Samples, (n_samples, n_features).
        rows: Which of them, 2 to 12 numbers from 0.
        k: How many scores, 1 to n_components.

    Returns:
        Distances and angles before and after.

    Raises:
        ValueError: There is no such row, or `compared` refuses.

    >>> from mml_core.pca import fit
    >>> X = [[0, 0], [4, 0], [0, 2], [4, 2.0]]
    >>> compared_rows(fit(X), X, [0, 3], 1).distances_after[0, 1]
    np.float64(4.0)
    """
    X = np.asarray(X)
    return compared(found, X[[checks.whole_number(i, "a row", 0, len(X) - 1) for i in rows]], k)


def read_row(line: str, mean: ArrayLike, names: Sequence[str]) -> Array:
    """Read a row that is typed, numbers apart by commas; where one is left empty, or none follows, the mean stands.

    Args:
        line: The text.
        mean: Of the columns, (n_features,).
        names: Of the columns.

    Returns:
        (n_features,).

    Raises:
        ValueError: A part is no number up to 1e100, or there are more than columns.

    >>> read_row("1.5, , 3", [7, 8, 9, 10], "abcd")
    array([ 1.5,  8. ,  3. , 10. ])
    """
    x = checks.vector(mean, len(names), "mean").copy()
    parts = [part.strip() for part in line.split(",")]
    if len(parts) > len(x):
        raise ValueError(f"there are {len(parts)} numbers and {len(x)} columns; give at most one each.")
    for j, part in enumerate(parts):
        if part:
            try:
                x[j] = checks.number(float(part), names[j], -1e100, 1e100)
            except ValueError:
                raise ValueError(f"“{part[:30]}”, for {names[j]}, is no number up to 1e100; write it as 1.5 or -2e3.") from None
    return x


def score_columns(found: Fit, X: ArrayLike, k: int) -> dict[str, Array]:
    """Return the first k scores of all samples as named columns, to be saved.

    >>> from mml_core.pca import fit
    >>> score_columns(fit([[0, 0], [4, 0], [0, 2], [4, 2.0]]), [[4, 1]], 1)
    {'score 1': array([2.])}
    """
    return {f"score {j + 1}": column for j, column in enumerate(_first(found, k).project(X).T)}


def component_columns(found: Fit, names: Sequence[str], k: int) -> dict[str, Array]:
    """Return mean, scale and the first k components as rows of named columns, to be saved; the mean and the scale stand above.

    >>> from mml_core.pca import fit
    >>> component_columns(fit([[0, 0], [4, 0], [0, 2], [4, 2.0]]), ("u", "v"), 1)["u"]
    array([2., 1., 1.])
    """
    some = _first(found, k)
    rows = np.vstack([some.mean, some.scale, some.components])
    what = np.array(["mean", "scale", *(f"component {j + 1}" for j in range(k))], object)
    variance = np.concatenate([[np.nan, np.nan], some.explained_variance[:k]])
    own = [name + "_" * sum(other.rstrip("_") == name for other in names) for name in ("row", "variance")]
    return dict(zip(own, (what, variance), strict=True)) | {name: rows[:, j] for j, name in enumerate(names)}


def reconstructed_columns(found: Fit, X: ArrayLike, names: Sequence[str], k: int) -> dict[str, Array]:
    """Return what the first k components give back of each sample as named columns, to be saved.

    >>> from mml_core.pca import fit
    >>> reconstructed_columns(fit([[0, 0], [4, 0], [0, 2], [4, 2.0]]), [[4, 2]], ("u", "v"), 1)
    {'u': array([4.]), 'v': array([1.])}
    """
    some = _first(found, k)
    made = some.reconstruct(some.project(X))
    return {name: made[:, j] for j, name in enumerate(names)}


def _first(found: Fit, k: int) -> Fit:
    """Return the fit with its first k components only."""
    return replace(found, components=found.components[: checks.whole_number(k, "k", 0, len(found.components))])


def _both(found: Fit, *axes: int) -> list[int]:
    """Return numbers of components that exist."""
    return [checks.whole_number(axis, "a component", 0, len(found.components) - 1) for axis in axes]
