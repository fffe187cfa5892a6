"""What a few principal components keep of samples and pictures, and what they lose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from mml_core import checks
from mml_core.checks import Array, Picture
from mml_core.pca import Fit

ROWS_AT_ONCE = 4096
MOST_COMPARED = 12
FAINT = 24  # levels of 255 between paper and ink below which there is no ink
SPECK = 0.05  # a blot smaller than this share of the largest is dirt
LONGEST_DRAWING = 1024  # pixels; of a larger one every second, third, ... pixel is enough for 8 x 8


@dataclass(frozen=True, eq=False)
class BuildUp:
    """A sample put together component by component.

    Attributes:
        scores: How much of each component, (k,).
        parts: What each adds, in the table's units, (k, n_features).
        sums: The mean, and the sample so far after each part, (k + 1, n_features).
        rest: The squared length that is missing still, in units of the scale, (k + 1,), never growing but for rounding.
    """

    scores: Array
    parts: Array
    sums: Array
    rest: Array


@dataclass(frozen=True, eq=False)
class WorstSamples:
    """The samples that lose most, the worst first.

    Attributes:
        rows: Their numbers, from 0, (m,).
        errors: The squared length that each loses, in units of the scale, (m,).
        originals, reconstructions: In the table's units, (m, n_features).
    """

    rows: NDArray[np.int64]
    errors: Array
    originals: Array
    reconstructions: Array


@dataclass(frozen=True, eq=False)
class Comparison:
    """A few samples against each other, with all their columns and with a few scores only, (m, m) each.

    Attributes:
        distances_before, distances_after: Euclidean, in units of the scale; none grows.
        angles_before, angles_after: In radians, seen from the mean; NaN where a sample lies on it.
    """

    distances_before: Array
    distances_after: Array
    angles_before: Array
    angles_after: Array


@dataclass(frozen=True, eq=False)
class Compressed:
    """A picture kept as a mean row, a few components and their scores.

    Attributes:
        pixels: What can be put together from them, uint8, of the picture's shape.
        numbers: How many numbers they are: k scores for each row of pixels, k components and the mean.
        original: How many numbers the picture has.
        error: The root mean square of what is lost, in grey levels of 255, before rounding to whole levels.
    """

    pixels: Picture
    numbers: int
    original: int
    error: float


def enough(ratio: ArrayLike, shares: Sequence[float] = (0.9, 0.95, 0.99)) -> tuple[int, ...]:
    """Return how many components hold each share of the variance: the least k with r_1 + ... + r_k >= share.

    Args:
        ratio: The share of each component, falling, as in `Fit.explained_variance_ratio`.
        shares: From 0 to 1; one is reached if only 1e-12 is missing.

    Returns:
        The counts; all there are where even they do not reach it, because further ones were not computed.

    Raises:
        ValueError: A ratio is negative, or a share does not lie between 0 and 1.

    >>> enough([0.5, 0.25, 0.25], (0.5, 0.7, 1))
    (1, 2, 3)
    """
    r = checks.vector(ratio, name="the ratio")
    if r.min() < 0:
        raise ValueError(f"the ratio of component {r.argmin() + 1} is {r.min():.4g}; a share of variance is at least 0.")
    reached = np.append(0, np.cumsum(r))
    return tuple(min(int((reached < checks.number(s, "a share", 0, 1) - 1e-12).sum()), len(r)) for s in shares)


def loadings(found: Fit) -> Array:
    """Return the covariance of each column with each component's score in units of its deviation: e_jk sqrt(variance_k).

    Of a standardised table these are correlations: the squares of a column add up to 1 over all components.

    Args:
        found: The components; columns count in units of its scale.

    Returns:
        (n_features, n_components).

    >>> from mml_core.pca import fit
    >>> loadings(fit([[1, 10], [2, 20], [3, 30]], 1, standardise=True)).round(9)
    array([[1.],
           [1.]])
    """
    return found.components.T * np.sqrt(found.explained_variance)


def build_up(found: Fit, x: ArrayLike, k: int) -> BuildUp:
    """Put a sample together from the mean and its first components: mean + s_1 e_1 + ... + s_k e_k.

    With z = (x - mean) / scale, s_j = z . e_j. What is missing after j parts is perpendicular to them, so its squared length
    is |z|^2 - s_1^2 - ... - s_j^2 (Pythagoras).

    Args:
        found: The components.
        x: The sample, (n_features,).
        k: How many parts, 0 to n_components.

    Returns:
        The parts, the sums and what is missing after each.

    Raises:
        ValueError: x does not fit the components, or there are fewer than k.

    >>> from mml_core.pca import fit
    >>> steps = build_up(fit([[0, 0], [4, 0], [0, 2], [4, 2.0]]), [5, 3], 2)
    >>> steps.sums.tolist(), steps.rest.tolist()
    ([[2.0, 1.0], [5.0, 1.0], [5.0, 3.0]], [13.0, 4.0, 0.0])
    """
    E = found.components[: _count(found, k)]
    z = (checks.vector(x, len(found.mean)) - found.mean) / found.scale
    scores = E @ z
    steps = scores[:, None] * E
    so_far = np.vstack([np.zeros_like(z), np.cumsum(steps, axis=0)])
    return BuildUp(scores, found.scale * steps, found.mean + found.scale * so_far, ((z - so_far) ** 2).sum(axis=1))


def sample_errors(found: Fit, X: ArrayLike, k: int) -> Array:
    """Return what each sample loses with k components: the squared length of z - (z . e_1) e_1 - ... - (z . e_k) e_k.

    z = (x - mean) / scale. Their mean is `Fit.reconstruction_errors` at k.

    Args:
        found: The components.
        X: Samples, (n_samples, n_features).
        k: How many components are kept, 0 to n_components.

    Returns:
        (n_samples,), in units of the scale.

    Raises:
        ValueError: X does not fit the components, or there are fewer than k.

    >>> from mml_core.pca import fit
    >>> sample_errors(fit([[0, 0], [4, 0], [0, 2], [4, 2.0]]), [[9, 1], [2, 3]], 1)
    array([0., 4.])
    """
    X, E = checks.matrix(X, (None, len(found.mean)), "X"), found.components[: _count(found, k)]
    errors = np.empty(len(X))
    for at in range(0, len(X), ROWS_AT_ONCE):  # so that the temporary tables stay small
        Z = (X[at : at + ROWS_AT_ONCE] - found.mean) / found.scale
        errors[at : at + ROWS_AT_ONCE] = ((Z - Z @ E.T @ E) ** 2).sum(axis=1)
    return errors


def worst_samples(found: Fit, X: ArrayLike, k: int, n_worst: int = 8) -> WorstSamples:
    """Find the samples that lose most with k components, as `sample_errors` has it.

    Args:
        found: The components.
        X: Samples, (n_samples, n_features).
        k: How many components are kept, 0 to n_components.
        n_worst: How many samples, at least 1; all if there are fewer.

    Returns:
        The samples, the worst first, the first rows among equals.

    Raises:
        ValueError: X does not fit the components, or a number is out of range.

    >>> from mml_core.pca import fit
    >>> found = worst_samples(fit([[0, 0], [4, 0], [0, 2], [4, 2.0]]), [[9, 1], [2, 3]], 1, 1)
    >>> found.rows, found.originals, found.reconstructions
    (array([1]), array([[2., 3.]]), array([[2., 1.]]))
    """
    X, n_worst = checks.matrix(X, (None, len(found.mean)), "X"), checks.whole_number(n_worst, "n_worst", 1)
    errors = sample_errors(found, X, k)
    rows = np.argsort(-errors, kind="stable")[:n_worst]
    E = found.components[: _count(found, k)]
    kept = (X[rows] - found.mean) / found.scale @ E.T @ E
    return WorstSamples(rows, errors[rows], X[rows], found.mean + found.scale * kept)


def compared(found: Fit, X: ArrayLike, k: int) -> Comparison:
    """Compare a few samples with all columns, z = (x - mean) / scale, and with their first k scores.

    Scores are the shadow of z on k perpendicular axes, so a distance stays or shrinks; an angle may do either.

    Args:
        found: The components.
        X: 2 to 12 samples, (m, n_features).
        k: How many scores, 1 to n_components.

    Returns:
        Distances and angles before and after.

    Raises:
        ValueError: X does not fit the components, or there are too few or too many samples.

    >>> from mml_core.pca import fit
    >>> found = compared(fit([[0, 0], [4, 0], [0, 2], [4, 2.0]]), [[5, 1], [2, 5]], 1)
    >>> found.distances_before[0, 1], found.distances_after[0, 1]
    (np.float64(5.0), np.float64(3.0))
    """
    Z = (checks.matrix(X, (None, len(found.mean)), "X") - found.mean) / found.scale
    return compared_vectors(Z, Z @ found.components[: _count(found, k, 1)].T)


def compared_vectors(before: ArrayLike, after: ArrayLike) -> Comparison:
    """Compare a few vectors, seen from 0, with what became of them.

    Args:
        before: 2 to 12 vectors, (m, n).
        after: As many, (m, k).

    Returns:
        Distances and angles before and after; a vector shorter than 1e-12 of the longest before counts as 0.

    Raises:
        ValueError: There are too few or too many, or not as many after as before.

    >>> found = compared_vectors([[1, 0], [0, 1]], [[1], [0]])
    >>> found.distances_after[0, 1], found.angles_after[0, 1]
    (np.float64(1.0), np.float64(nan))
    """
    Z = checks.matrix(before, (None, None), "before")
    S = checks.matrix(after, (len(Z), None), "after")
    if not 2 <= len(Z) <= MOST_COMPARED:
        raise ValueError(f"there are {len(Z)} samples to compare; choose 2 to {MOST_COMPARED}.")
    none = 1e-12 * np.sqrt((Z**2).sum(axis=1).max())  # such a length is rounding only
    return Comparison(_distances(Z), _distances(S), _angles(Z, none), _angles(S, none))


def rows_of(pixels: NDArray[np.uint8]) -> Array:
    """Return the rows of a picture as samples, the colours of a row's pixels one after the other.

    Args:
        pixels: (h, w) or (h, w, 3), uint8; a transparent one, (h, w, 4), is laid on white first and counts as (h, w, 3).

    Returns:
        (h, w) or (h, 3 w), 0 to 255.

    Raises:
        ValueError: It is no such picture.

    >>> rows_of(np.array([[0, 255], [7, 8]], np.uint8))
    array([[  0., 255.],
           [  7.,   8.]])
    """
    shot = _opaque(pixels)
    return shot.reshape(len(shot), -1)


def compression_errors(found: Fit, shape: tuple[int, ...]) -> Array:
    """Return how far k components of a picture's rows miss a pixel, as a root mean square, for all k from 0 on.

    sqrt((h - 1) (variance_{k+1} + variance_{k+2} + ...) / numbers of the picture): what is lost is the variance dropped, so
    no picture has to be put together to know it.

    Args:
        found: The components of the picture's rows, not standardised.
        shape: Of the picture, (h, w) or (h, w, 3).

    Returns:
        In grey levels, (n_components + 1,), falling.

    Raises:
        ValueError: The components are not those of such a picture, or they are standardised.

    >>> from mml_core.pca import fit
    >>> compression_errors(fit([[0, 0], [200.0, 0]]), (2, 2)).round(9)
    array([70.71067812,  0.        ,  0.        ])
    """
    h, width = _sides(found, shape)
    dropped = np.append(np.cumsum(found.explained_variance[::-1])[::-1], 0.0)
    if len(found.components) < min(h, width):
        dropped += max(found.total_variance - found.explained_variance.sum(), 0.0)
    errors: Array = np.sqrt((h - 1) * dropped / (h * width))
    return errors


def compressed(found: Fit, shape: tuple[int, ...], scores: ArrayLike, k: int) -> Compressed:
    """Put a picture together from the mean of its rows and k components: row i is mean + s_i1 e_1 + ... + s_ik e_k.

    It takes k (h + w c) + w c numbers instead of h w c, so a k above about half the smaller side saves nothing.

    Args:
        found: The components of the picture's rows, as `fit(rows_of(pixels))` finds them.
        shape: Of the picture, (h, w) or (h, w, 3).
        scores: Of all rows, (h, at least k), as `found.project(rows_of(pixels))` finds them.
        k: How many components, 0 to n_components.

    Returns:
        The picture, its numbers, and what is lost.

    Raises:
        ValueError: The components or the scores are not those of such a picture.

    >>> from mml_core.pca import fit
    >>> rows = rows_of(np.array([[10, 20], [30, 60]], np.uint8))
    >>> compressed(fit(rows), (2, 2), fit(rows).project(rows), 1).pixels
    array([[10, 20],
           [30, 60]], dtype=uint8)
    """
    h, width = _sides(found, shape)
    k, S = _count(found, k), np.asarray(scores)
    if S.ndim != 2 or len(S) != h or S.shape[1] < k:
        raise ValueError(f"the scores have shape {' x '.join(map(str, S.shape))}; {h} rows of at least {k} are needed.")
    rows = found.mean + S[:, :k] @ found.components[:k]
    pixels = np.clip(np.rint(rows), 0, 255).astype(np.uint8).reshape(shape)
    error = float(compression_errors(found, shape)[k])
    return Compressed(pixels, k * (h + width) + width, h * width, error)


def as_digit(pixels: NDArray[np.uint8]) -> Array:
    """Make a photo or a drawing of one digit comparable with the 8 x 8 digits of scikit-learn.

    The tone of the border is paper, the tone farthest from it ink, whichever is dark. What is more than halfway to the ink
    is the digit, without specks. The smallest square about its middle (in those data too a digit fills the height) is
    averaged in 8 x 8 cells, and these are scaled from 0 to 16.

    Args:
        pixels: (h, w), (h, w, 3) or, laid on white, (h, w, 4), uint8.

    Returns:
        (64,), row by row, the largest 16.

    Raises:
        ValueError: There is no ink or hardly anything but ink, or it is no picture.

    Source: Alpaydin and Kaynak, 1998, Optical recognition of handwritten digits (32 x 32 bitmaps counted in 4 x 4 cells).

    >>> bar = np.full((80, 80), 255, np.uint8)
    >>> bar[:, 30:40] = 0
    >>> as_digit(bar).reshape(8, 8)[0]
    array([ 0.,  0.,  0., 16., 16.,  0.,  0.,  0.])
    """
    step = -(-max(checks.picture(pixels).shape[:2]) // LONGEST_DRAWING)
    grey = _opaque(pixels[::step, ::step]).mean(axis=2)
    paper = float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
    ink = float(max(grey.min(), grey.max(), key=lambda tone: abs(tone - paper)))
    if abs(ink - paper) < FAINT:
        raise ValueError("the picture has one tone only, so no ink can be seen; give a digit in strokes that stand out.")
    strength = np.clip((grey - paper) / (ink - paper), 0, 1)
    wet = strength > 0.5
    if wet.mean() > 0.6:
        raise ValueError("nearly all of the picture is ink; leave more paper around the strokes.")
    blots, _ = ndimage.label(wet, np.ones((3, 3)))
    sizes = np.bincount(blots[wet])
    digit = (sizes >= SPECK * sizes.max())[blots]
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    box = strength[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    side = max(box.shape)
    cells = _shares(box.shape[0], side) @ box @ _shares(box.shape[1], side).T
    scaled: Array = 16 * cells.ravel() / cells.max()
    return scaled


def as_picture(pixels: NDArray[np.uint8], shape: tuple[int, ...]) -> Array:
    """Make a picture as large as others: grey, each pixel the average of what it covers.

    Args:
        pixels: (h, w), (h, w, 3) or, laid on white, (h, w, 4), uint8.
        shape: Of the others, rows and columns.

    Returns:
        The picture as a row, (rows * columns,), 0 to 255.

    Raises:
        ValueError: It is no picture, or the shape is none.

    >>> as_picture(np.array([[0, 100, 200, 100]], np.uint8), (1, 2))
    array([ 50., 150.])
    """
    rows, columns = (checks.whole_number(n, "the shape", 1) for n in shape)
    grey = _opaque(pixels).mean(axis=2)
    h, w = grey.shape
    return np.asarray((_shares(h, h, rows) @ grey @ _shares(w, w, columns).T).ravel(), dtype=np.float64)


def faces(found: Fit, shape: tuple[int, ...], n: int) -> Array:
    """Return the first components as pictures, the largest entry of each 1 in size.

    Args:
        found: The components of pictures.
        shape: Of a picture, with as many pixels as there are columns.
        n: How many, 1 to n_components.

    Returns:
        Signed, (n, *shape), from -1 to 1.

    Raises:
        ValueError: The shape does not fit, or there are fewer components.

    >>> from mml_core.pca import fit
    >>> faces(fit([[0, 0, 0, 0], [2, 0, 0, -4.0]]), (2, 2), 1)[0]
    array([[-0.5,  0. ],
           [ 0. ,  1. ]])
    """
    if np.prod(shape) != len(found.mean):
        raise ValueError(f"a picture of {' x '.join(map(str, shape))} has not the {len(found.mean)} pixels of a component.")
    E = found.components[: _count(found, n, 1, "n")]
    signed: Array = (E / np.abs(E).max(axis=1, keepdims=True)).reshape(-1, *shape)
    return signed


def _count(found: Fit, k: int, least: int = 0, name: str = "k") -> int:
    """Return a number of components that there are."""
    return checks.whole_number(k, name, least, len(found.components))


def _distances(Z: Array) -> Array:
    """Return the distances of all rows from each other."""
    return np.asarray(np.sqrt(((Z[:, None] - Z) ** 2).sum(axis=2)), dtype=np.float64)


def _angles(Z: Array, none: float) -> Array:
    """Return the angles between all rows, 2 atan2(|u - v|, |u + v|); NaN where one is no longer than `none`."""
    lengths = np.sqrt((Z**2).sum(axis=1))
    there = lengths > none
    U = np.where(there[:, None], Z, np.nan) / np.where(there, lengths, 1.0)[:, None]
    u, v = U[:, None], U[None]
    return np.asarray(2 * np.arctan2(np.linalg.norm(u - v, axis=2), np.linalg.norm(u + v, axis=2)), dtype=np.float64)


def _opaque(pixels: NDArray[Any]) -> Array:
    """Return a picture laid on white, (h, w, 1) or (h, w, 3)."""
    shot = checks.picture(pixels).astype(np.float64)
    if shot.shape[2] in (1, 3):
        return shot
    alpha = shot[:, :, -1:] / 255
    return np.asarray(shot[:, :, :-1] * alpha + 255 * (1 - alpha), dtype=np.float64)


def _sides(found: Fit, shape: tuple[int, ...]) -> tuple[int, int]:
    """Return how many rows a picture has and how many numbers a row, if these are the components of its rows."""
    h, width = shape[0], int(np.prod(shape[1:]))
    if (found.n_samples, len(found.mean)) != (h, width):
        raise ValueError(
            f"a picture of {' x '.join(map(str, shape))} has {h} rows of {width} numbers, and the components are of "
            f"{found.n_samples} rows of {len(found.mean)}; fit the rows of this picture."
        )
    if (found.scale != 1).any():
        raise ValueError("the components are of standardised columns; fit the rows of the picture as they are.")
    return h, width


def _shares(n: int, side: float, m: int = 8) -> Array:
    """Return how much of each of n pixels, in the middle of `side`, is in each of m cells, in parts of a cell; (m, n)."""
    edges = np.linspace(0, side, m + 1)[:, None] - (side - n) / 2
    pixel = np.arange(n)
    overlap = np.minimum(edges[1:], pixel + 1) - np.maximum(edges[:-1], pixel)
    return np.asarray(np.clip(overlap, 0, None) * m / side, dtype=np.float64)
