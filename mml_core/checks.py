"""Input checks shared by all core files: real, finite arrays of the right shape, or a sentence for the learner."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]

LARGEST = 1e300  # sums and lengths of such entries still fit into a float


def number(value: object, name: str = "x", low: float = -math.inf, high: float = math.inf) -> float:
    """Return `value` as a finite float between `low` and `high`, both included.

    Args:
        value: one real number.
        name: what the learner calls it.
        low, high: the allowed range.
    Returns: the number as a float.
    Raises: ValueError when it is not one finite real number in the range.

    >>> number(3, "t")
    3.0
    >>> number(1.5, "t", 0, 1)
    Traceback (most recent call last):
    ...
    ValueError: t is 1.5; it must lie between 0 and 1.
    """
    try:
        x = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        x = math.nan
    if isinstance(value, str | bytes) or not math.isfinite(x):
        raise ValueError(f"{name} is {value}; it must be one finite real number such as 0.5.")
    if not low <= x <= high:
        rule = f"lie between {low:g} and {high:g}"
        if math.isinf(low) or math.isinf(high):
            rule = f"be at most {high:g}" if math.isinf(low) else f"be at least {low:g}"
        raise ValueError(f"{name} is {x:.4g}; it must {rule}.")
    return x


def whole_number(value: object, name: str = "n", low: float = 0, high: float = math.inf) -> int:
    """Return `value` as an int between `low` and `high`, both included.

    Args:
        value: a whole number; 3.0 counts, 2.5 does not.
        name: what the learner calls it.
        low, high: the allowed range.
    Returns: the number as an int.
    Raises: ValueError when it is not a whole number in the range.

    >>> whole_number(2.5, "n_steps")
    Traceback (most recent call last):
    ...
    ValueError: n_steps is 2.5; it must be a whole number.
    """
    x = number(value, name, low, high)
    if x != math.floor(x):
        raise ValueError(f"{name} is {x:g}; it must be a whole number.")
    return int(x)


def vector(x: ArrayLike, size: int | None = None, name: str = "x") -> Array:
    """Return a fresh float64 vector.

    Args:
        x: real numbers, shape (size,); any length when `size` is None.
        size: how many entries there must be.
        name: what the learner calls it.
    Returns: a copy of shape (size,).
    Raises: ValueError when the shape is wrong or an entry is not a finite real number.

    >>> vector([1, 2], 3, name="b")
    Traceback (most recent call last):
    ...
    ValueError: b has shape 2; it must be a vector with 3 numbers.
    """
    array = _real(x, name)
    if array.ndim != 1 or array.size == 0 or (size is not None and array.size != size):
        wanted = "at least one number" if size is None else f"{size} number{'s' * (size != 1)}"
        raise ValueError(f"{name} has shape {_shape(array)}; it must be a vector with {wanted}.")
    return array


def matrix(A: ArrayLike, shape: tuple[int | None, int | None] = (2, 2), name: str = "A") -> Array:
    """Return a fresh float64 matrix.

    Args:
        A: real numbers in rows.
        shape: rows and columns there must be; None stands for any number from 1.
        name: what the learner calls it.
    Returns: a copy of that shape.
    Raises: ValueError when the shape is wrong or an entry is not a finite real number.

    >>> matrix([[1, float("nan")], [0, 1]])
    Traceback (most recent call last):
    ...
    ValueError: A has nan in row 1, column 2; every entry must be a finite number.
    """
    array = _real(A, name)
    fits = array.ndim == 2 and all(n > 0 and n == (want or n) for n, want in zip(array.shape, shape, strict=True))
    if not fits:
        rows, columns = ("any number of" if want is None else str(want) for want in shape)
        raise ValueError(f"{name} has shape {_shape(array)}; it must be a matrix with {rows} rows and {columns} columns.")
    return array


def points(X: ArrayLike, dimension: int = 2, name: str = "X") -> Array:
    """Return a fresh float64 list of points, one a row.

    Args:
        X: real numbers, shape (n, dimension) with n >= 1.
        dimension: coordinates a point must have.
        name: what the learner calls them.
    Returns: a copy of shape (n, dimension).
    Raises: ValueError when the shape is wrong or an entry is not a finite real number.

    >>> points([[0, 1, 2]])
    Traceback (most recent call last):
    ...
    ValueError: X has shape 1 x 3; it must be a list of points with 2 coordinates each.
    """
    array = _real(X, name)
    if array.ndim != 2 or array.shape[1] != dimension or array.size == 0:
        raise ValueError(f"{name} has shape {_shape(array)}; it must be a list of points with {dimension} coordinates each.")
    return array


def window(extent: ArrayLike) -> tuple[float, float, float, float]:
    """Return a window of the plane as left, right, bottom, top.

    Args:
        extent: the four numbers.
    Returns: them as floats.
    Raises: ValueError when they are not four finite numbers, or the window is empty.

    >>> window((-1, 1, 0, 2))
    (-1.0, 1.0, 0.0, 2.0)
    """
    left, right, bottom, top = vector(extent, 4, "the window").tolist()
    if not (left < right and bottom < top):
        raise ValueError("the window is empty; give left < right and bottom < top.")
    return left, right, bottom, top


def picture(image: NDArray[Any], name: str = "the picture") -> Picture:
    """Return a picture as uint8 of shape (height, width, channels) with 1 to 4 channels, without copying.

    Args:
        image: uint8, shape (height, width) or (height, width, channels): grey, grey + alpha, RGB or RGBA.
        name: what the learner calls it.
    Returns: the same pixels, always with a channel axis.
    Raises: ValueError when the type or the shape is wrong.

    >>> picture(np.zeros((2, 3), dtype=np.uint8)).shape
    (2, 3, 1)
    """
    array = np.asarray(image)
    if array.dtype != np.uint8:
        raise ValueError(f"{name} holds {array.dtype} values; it must hold whole numbers from 0 to 255 (uint8).")
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or array.size == 0 or array.shape[2] > 4:
        raise ValueError(f"{name} has shape {_shape(array)}; it must be height x width, with 1 to 4 colour channels.")
    return array


def _real(value: ArrayLike, name: str) -> Array:
    """Return a float64 copy or say which entry is not a finite real number."""
    try:
        raw = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} has rows of different lengths; every row needs as many entries.") from None
    if raw.dtype.kind == "c":
        raise ValueError(f"{name} has complex entries; every entry must be a real number.")
    try:
        # None would silently become nan.
        if raw.dtype.kind not in "biufO" or (raw.dtype.kind == "O" and None in raw.ravel().tolist()):
            raise TypeError
        array = np.array(raw, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        index = _first_non_number(raw)
        raise ValueError(f"{name} has {raw[index]}{_place(index)}; every entry must be a real number.") from None
    finite, small = np.isfinite(array), np.abs(array) <= LARGEST
    for bad, rule in ((~finite, "a finite number"), (~small, f"at most {LARGEST:g} in size")):
        if bad.any():
            index = tuple(int(i) for i in np.argwhere(bad)[0])
            raise ValueError(f"{name} has {array[index]:g}{_place(index)}; every entry must be {rule}.")
    return array


def _first_non_number(raw: NDArray[Any]) -> tuple[int, ...]:
    """Return the index of the first entry that float() refuses, else of the first entry."""
    for index, entry in np.ndenumerate(raw):
        try:
            float(entry)
        except (TypeError, ValueError, OverflowError):
            return index
    return (0,) * raw.ndim


def _place(index: tuple[int, ...]) -> str:
    """Return " in row 1, column 2" for index (0, 1)."""
    words = {1: ("entry",), 2: ("row", "column")}.get(len(index), ("axis",) * len(index))
    return " in " + ", ".join(f"{word} {i + 1}" for word, i in zip(words, index, strict=True)) if index else ""


def _shape(array: NDArray[Any]) -> str:
    """Return "3 x 2" for shape (3, 2)."""
    return " x ".join(map(str, array.shape)) or "of a single number"
