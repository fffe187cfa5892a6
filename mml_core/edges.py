"""Links as they are given, two ends and a weight: checked, and put in order by where they lead."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from mml_core import checks
from mml_core.checks import Array

Duplicates = Literal["add", "ignore"]
SelfLinks = Literal["keep", "drop"]
Ends = NDArray[Any]
Ordered = tuple[NDArray[np.int32], NDArray[np.int32], Array]
MOST_EMPTY = 10_000_000  # pages that no link names, above which a page number is taken for an identifier


def by_target(sources: Ends, targets: Ends, weights: Array | None, n: int, duplicates: Duplicates) -> Ordered:
    """Return links in order by target, then by source, each once.

    Args:
        sources, targets: page numbers from 0 to n - 1, shape (n_links,).
        weights: shape (n_links,), or None for 1 each.
        n: how many pages there are.
        duplicates: "add" the weights of links that are there several times, or "ignore" all but the first.
    Returns: indptr (n + 1,), where the links into each page begin; the sources; the weights.

    >>> [part.tolist() for part in by_target(np.array([1, 0, 1]), np.array([0, 1, 0]), None, 2, "add")]
    [[0, 1, 2], [1, 0], [2.0, 1.0]]
    """
    if weights is not None and duplicates == "add":
        rows = sparse.coo_matrix((weights, (targets, sources)), shape=(n, n)).tocsr()
        return rows.indptr.astype(np.int32), rows.indices.astype(np.int32), rows.data
    keys = targets.astype(np.int64)  # one number a link; sorted, they stand by target, then by source
    keys <<= 32
    keys |= sources
    if weights is None:
        keys.sort()
    else:
        order = np.argsort(keys, kind="stable")
        keys, weights = keys[order], weights[order]
    new = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    if not new.all():
        first = np.flatnonzero(new)
        if weights is not None:
            weights = weights[first]
        elif duplicates == "add":
            weights = np.diff(first, append=len(keys)).astype(float)
        keys = keys[first]
    indptr = np.searchsorted(keys, np.arange(n + 1, dtype=np.int64) << 32).astype(np.int32)
    found = keys.astype(np.uint32).view(np.int32)
    del keys
    return indptr, found, np.ones(len(found)) if weights is None else weights


def checked_pages(sources: ArrayLike, targets: ArrayLike, n_pages: int | None) -> tuple[Ends, Ends, int]:
    """Return checked page numbers, and how many pages there are: one more than the largest number if that is not given.

    Raises: ValueError when they are negative, not whole, too large, not as many or far more than the links that name them.

    >>> checked_pages([0, 2], [1, 0], None)[2]
    3
    """
    s, t = _checked_numbers(sources, "sources"), _checked_numbers(targets, "targets")
    if len(s) != len(t):
        raise ValueError(f"there are {len(s)} sources and {len(t)} targets; every link needs both.")
    largest = int(max(s.max(initial=-1), t.max(initial=-1)))
    n = checks.whole_number(largest + 1 if n_pages is None else n_pages, "the number of pages", 1, 2**31 - 1)
    if largest >= n:
        raise ValueError(f"there is a link of page {largest}, but the pages are 0 to {n - 1}.")
    if n > MOST_EMPTY + 2 * len(s):
        raise ValueError(f"{n:,} pages would have {len(s):,} links; number the pages that occur from 0 on, without gaps.")
    return s, t, n


def _checked_numbers(given: ArrayLike, name: str) -> Ends:
    """Return page numbers as signed whole numbers."""
    ids = np.asarray(given)
    if ids.size == 0:
        ids = ids.astype(np.int64)
    if ids.dtype.kind == "f" and np.isfinite(ids).all() and (ids == np.floor(ids)).all():
        ids = np.clip(ids, -(2.0**62), 2.0**62).astype(np.int64)
    if ids.dtype.kind == "u":
        ids = (np.minimum(ids, 2**62) if ids.dtype.itemsize == 8 else ids).astype(np.int64)
    if ids.dtype.kind != "i":
        raise ValueError(f"{name} holds {ids.dtype} values; page numbers must be whole numbers from 0.")
    if ids.ndim != 1:
        raise ValueError(f"{name} has {ids.ndim} dimensions; it must be one list of page numbers.")
    if ids.size and ids.min() < 0:
        raise ValueError(f"{name} has {ids.min()} in entry {int(ids.argmin()) + 1}; page numbers start at 0.")
    return ids


def checked_weights(weights: ArrayLike, n_links: int) -> Array:
    """Return checked weights, shape (n_links,).

    Raises: ValueError when there are not as many finite ones, or one is negative.

    >>> checked_weights([1, 2], 2)
    array([1., 2.])
    """
    w = checks.vector(weights, n_links, "the weights") if n_links else np.empty(0)
    if (w < 0).any():
        raise ValueError(f"the weights have {w.min():g} in entry {int(w.argmin()) + 1}; a weight must be 0 or more.")
    return w
