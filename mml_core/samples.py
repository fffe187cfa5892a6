"""What stands between data and a network: split, scale, features, targets, classes, a plane to look at, and scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mml_core import checks
from mml_core.checks import Array

Indices = NDArray[np.int64]
MOST_CLASSES = 12  # a column with more different values is hardly meant as classes
FEATURE_RULES: dict[str, Callable[[Array, Array], Array]] = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1^2": lambda x1, x2: x1 * x1,
    "x2^2": lambda x1, x2: x2 * x2,
    "x1 x2": lambda x1, x2: x1 * x2,
    "sin x1": lambda x1, x2: np.sin(x1),
    "sin x2": lambda x1, x2: np.sin(x2),
}
FEATURES = tuple(FEATURE_RULES)


@dataclass(frozen=True, eq=False)
class Split:
    """Which rows a network learns from, `train`, and which it is tested on, `test`: each a row number in random order."""

    train: Indices
    test: Indices


@dataclass(frozen=True, eq=False)
class Standardised:
    """`X` in units of the training rows: (X - mean) / scale; `mean` and `scale` have shape (d,)."""

    X: Array
    mean: Array
    scale: Array


@dataclass(frozen=True, eq=False)
class LabelledColumn:
    """A column as classes: `y` the class numbers as floats, shape (n,); `classes` their names, in ascending order."""

    y: Array
    classes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Plane:
    """The plane mean + s axes[0] + t axes[1]: `mean` shape (d,), `axes` orthonormal rows, shape (2, d)."""

    mean: Array
    axes: Array


def split(n_samples: int, train_share: float = 0.5, seed: int = 1) -> Split:
    """Deal the rows 0 to n_samples - 1 at random into a training and a test part.

    The first round(train_share n) of a permutation train, so with the same seed a larger share only adds to them.
    Args:
        n_samples: 2 to 10^7.
        train_share: 0.1 to 0.9; each part gets at least one row.
        seed: 0 or more.
    Returns: Split.
    Raises: ValueError when a number is out of range.

    >>> rows = split(10, 0.7)
    >>> len(rows.train), sorted([*rows.train.tolist(), *rows.test.tolist()])
    (7, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    n = checks.whole_number(n_samples, "n_samples", 2, 10**7)
    share = checks.number(train_share, "the training share", 0.1, 0.9)
    rng = np.random.default_rng(checks.whole_number(seed, "the seed"))
    order = rng.permutation(n).astype(np.int64)
    n_train = min(max(round(share * n), 1), n - 1)
    return Split(order[:n_train], order[n_train:])


def standardised(X: ArrayLike, train: ArrayLike) -> Standardised:
    """Shift and scale each column so that over the training rows its mean is 0 and its standard deviation 1.

    (X - mean) / scale, both from the training rows alone: the test rows must stay unseen.
    Args:
        X: the data, shape (n, d).
        train: row numbers from 0 to n - 1, at least two.
    Returns: Standardised.
    Raises: ValueError when a shape does not fit, a row number is wrong, or a column is constant in the training rows.

    >>> standardised([[0, 5], [2, 9], [3, 7]], [0, 1]).X.tolist()
    [[-1.0, -1.0], [1.0, 1.0], [2.0, 0.0]]
    """
    data = checks.matrix(X, (None, None), "X")
    rows = data[_whole_numbers(train, len(data), "train")]
    spread = rows.max(axis=0) - rows.min(axis=0)
    same = spread < 1e-300  # 0, or too little to divide by
    if same.any():
        raise ValueError(f"column {int(same.argmax()) + 1} has the same value in every training row; leave it out.")
    mean = rows.mean(axis=0)
    scale = spread * ((rows - mean) / spread).std(axis=0)  # by way of the spread, as squares of large numbers overflow
    return Standardised((data - mean) / scale, mean, scale)


def features(points: ArrayLike, names: Sequence[str]) -> Array:
    """Compute a network's inputs from points of the plane, one column per name.

    Args:
        points: (x1, x2), shape (n, 2), at most 10^150 in size.
        names: one or more of FEATURES, in the order of the columns.
    Returns: shape (n, len(names)).
    Raises: ValueError when a name is unknown, there is none, or a point is out of range.

    >>> features([[2, 3]], ["x1^2", "x1 x2"]).tolist()
    [[4.0, 6.0]]
    """
    if len(names) == 0:
        raise ValueError(f"there is no feature; choose at least one of {', '.join(FEATURES)}.")
    for name in names:
        if name not in FEATURE_RULES:
            raise ValueError(f"there is no feature {name}; there are {', '.join(FEATURES)}.")
    x1, x2 = checks.points(points, 2, "points").T
    checks.number(max(np.abs(x1).max(), np.abs(x2).max()), "the largest coordinate", 0, 1e150)
    return np.column_stack([FEATURE_RULES[name](x1, x2) for name in names])


def targets(y: ArrayLike, n_classes: int, output: str) -> Array:
    """Write down the numbers that a network's outputs are to give.

    Values (n_classes = 0): y itself. Two classes: -1 or 1 for "linear" and "tanh", 0 or 1 for "sigmoid". Two or more with
    "softmax": one column per class, 1 in that of the class and 0 elsewhere.
    Args:
        y: the values, or class numbers from 0 to n_classes - 1, shape (n,).
        n_classes: 0 for values, else 2 to 1000.
        output: the function at the output: "linear", "tanh", "sigmoid" or "softmax".
    Returns: shape (n, 1), for "softmax" (n, n_classes).
    Raises: ValueError when the output does not fit the number of classes, or y does not.

    >>> targets([0, 1], 2, "tanh").tolist(), targets([2, 0], 3, "softmax").tolist()
    ([[-1.0], [1.0]], [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    """
    if output not in ("linear", "tanh", "sigmoid", "softmax"):
        raise ValueError(f"there is no output {output}; there are linear, tanh, sigmoid, softmax.")
    k = checks.whole_number(n_classes, "n_classes", 0, 1000)
    if k == 1:
        raise ValueError("there is one class; a network tells apart two or more.")
    if k == 0 and output == "softmax":
        raise ValueError("the output is softmax, which gives shares of classes; values need linear, tanh or sigmoid.")
    if k > 2 and output != "softmax":
        raise ValueError(f"the output is {output}, which tells two classes apart; {k} classes need softmax.")
    if k == 0:
        return checks.vector(y, name="y")[:, None]
    classes = _whole_numbers(y, k, "y")
    if output == "softmax":
        return np.eye(k)[classes]
    column = classes[:, None].astype(float)
    return column if output == "sigmoid" else 2 * column - 1


def labelled(column: ArrayLike) -> LabelledColumn:
    """Turn a column of a table into classes: its different values, sorted, become classes 0, 1, ...

    Args:
        column: texts or finite numbers, shape (n,); one text makes all of them texts.
    Returns: LabelledColumn; numbers are named as written, "1" or "2.5".
    Raises: ValueError when an entry is empty, there are more than 12 different values or only one, or one stands there once.

    >>> labelled(["red", "blue", "blue", "red"])
    LabelledColumn(y=array([1., 0., 0., 1.]), classes=('blue', 'red'))
    """
    raw = np.asarray(column, dtype=object)  # else numpy would write 1 and "a" as texts in its own way
    entries = raw.tolist() if raw.ndim == 1 else []
    if not entries:
        raise ValueError("the column holds nothing to tell apart; it must be a list of texts or numbers.")
    for row, entry in enumerate(entries, 1):
        if not isinstance(entry, str):
            checks.number(entry, f"row {row} of the column")
        elif not entry.strip():
            raise ValueError(f"row {row} of the column is empty; every row needs a text or a number.")
    as_text = any(isinstance(entry, str) for entry in entries)
    values = np.array([_written(entry) for entry in entries] if as_text else [float(entry) for entry in entries])
    distinct, y, counts = np.unique(values, return_inverse=True, return_counts=True)
    classes = tuple(_written(value) for value in distinct.tolist())
    if len(classes) > MOST_CLASSES:
        like = "names of single rows" if as_text else "a value to predict"
        raise ValueError(
            f"the column has {len(classes)} different entries and looks like {like}; at most {MOST_CLASSES} are classes."
        )
    if len(classes) == 1:
        raise ValueError(f'every row is "{classes[0]}"; there must be at least two classes to tell apart.')
    if counts.min() < 2:
        raise ValueError(f'the class "{classes[counts.argmin()]}" has one sample; every class needs at least two.')
    return LabelledColumn(y.astype(float), classes)


def principal_plane(X: ArrayLike) -> Plane:
    """Find the plane through the mean along which the data vary most: their first two principal components.

    The axes are the first two right singular vectors of X - mean, with signs that make each one's largest entry positive.
    Where the data vary in fewer than two directions, a missing axis is any one perpendicular to the other.
    Args:
        X: the data, shape (n, d), n and d at least 2.
    Returns: Plane.
    Raises: ValueError when there are fewer than two rows or columns, or an entry is not finite.
    Source: Jolliffe, 2002, Principal component analysis, section 3.5.

    >>> principal_plane([[0, 0, 5], [4, 0, 5], [0, 2, 5], [4, 2, 5]]).axes.round(9).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    data = checks.matrix(X, (None, None), "X")
    if min(data.shape) < 2:
        raise ValueError(f"X has shape {len(data)} x {len(data.T)}; a plane needs at least two rows and two columns.")
    mean = data.mean(axis=0)
    axes = np.linalg.svd(data - mean, full_matrices=False)[2][:2]
    sizes = np.abs(axes)
    # The first among equals, whatever rounding makes of them.
    largest = (sizes > (1 - 1e-9) * sizes.max(axis=1, keepdims=True)).argmax(axis=1)
    return Plane(mean, axes * np.sign(axes[[0, 1], largest])[:, None] + 0.0)


def confusion(actual: ArrayLike, predicted: ArrayLike, n_classes: int) -> NDArray[np.int64]:
    """Count how often each class (row) was taken for each class (column).

    Args:
        actual, predicted: class numbers from 0 to n_classes - 1, shape (n,) each.
        n_classes: 2 to 1000.
    Returns: int64, shape (n_classes, n_classes), with the right answers on the diagonal.
    Raises: ValueError when the lengths differ or a class number is wrong.

    >>> confusion([0, 0, 1], [0, 1, 1], 2).tolist()
    [[1, 1], [0, 1]]
    """
    k = checks.whole_number(n_classes, "n_classes", 2, 1000)
    rows = _whole_numbers(actual, k, "actual")
    columns = _whole_numbers(predicted, k, "predicted", len(rows))
    # One number per pair of classes, so that one pass counts them all.
    return np.bincount(k * rows + columns, minlength=k * k).reshape(k, k).astype(np.int64)


def r_squared(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return how much of the spread is explained: R^2 = 1 - sum (a_i - p_i)^2 / sum (a_i - mean a)^2.

    1 is perfect, 0 as good as always saying the mean; worse is negative.
    Args:
        actual, predicted: shape (n,) each, n at least 2.
    Returns: R^2; -inf where the errors are too large for a float.
    Raises: ValueError when the lengths differ, or all actual values are equal: then R^2 has no meaning.

    >>> r_squared([1, 2, 3], [1, 2, 3]), r_squared([1, 2, 3], [2, 2, 2])
    (1.0, 0.0)
    """
    a = checks.vector(actual, name="actual")
    p = checks.vector(predicted, len(a), "predicted")
    if (a == a[0]).all():
        raise ValueError(f"every actual value is {a[0]:g}; R^2 needs values that differ.")
    ratio = _root_mean_square(a - p) / _root_mean_square(a - a.mean())
    return 1 - ratio * ratio


def root_mean_square_error(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return the typical error, in the unit of the values: the root of the mean of (a_i - p_i)^2.

    Args:
        actual, predicted: shape (n,) each, n at least 1.
    Returns: the error, at least 0.
    Raises: ValueError when the lengths differ or a number is not finite.

    >>> root_mean_square_error([0, 0], [1, 7])
    5.0
    """
    a = checks.vector(actual, name="actual")
    return _root_mean_square(a - checks.vector(predicted, len(a), "predicted"))


def _root_mean_square(v: Array) -> float:
    """Return the root of the mean of the squares, scaled by the largest entry so that none of them overflows."""
    largest = float(np.abs(v).max())
    return largest * float(np.sqrt(np.mean((v / largest) ** 2))) if largest > 0 else 0.0


def _whole_numbers(values: ArrayLike, below: int, name: str, size: int | None = None) -> Indices:
    """Return a vector of whole numbers from 0 to below - 1 as int64."""
    found = checks.vector(values, size, name)
    bad = (found != np.floor(found)) | (found < 0) | (found >= below)
    if bad.any():
        i = int(bad.argmax())
        raise ValueError(f"{name} has {found[i]:g} in entry {i + 1}; every entry must be a whole number from 0 to {below - 1}.")
    return found.astype(np.int64)


def _written(entry: object) -> str:
    """Return a text as it is, a number as one writes it: 1 rather than 1.0."""
    return entry if isinstance(entry, str) else repr(float(entry) + 0.0).removesuffix(".0")  # type: ignore[arg-type]
