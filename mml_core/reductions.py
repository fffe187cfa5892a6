"""How few numbers are enough: the accuracy of a classifier against the number of principal components that it is given."""

from __future__ import annotations

import itertools
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import subspace_angles

from mml_core import checks, pca
from mml_core.checks import Array

RowNumbers = NDArray[np.int64]
CLASSIFIERS = ("nearest neighbours", "logistic regression")
MOST_ROWS_TRIED = 5000  # neighbours are looked for among all rows, so the time grows with their square
MOST_ROUNDS = 100  # of the logistic regression's solver: unscaled columns would take ten times as many, for 1 % of the answers
MOST_BOTH_WAYS = (2000, 4096)  # rows and columns: the matrix of all pairs of either is made
ONE_RUN_SECONDS = 1.0  # what takes longer is run once, not three times
ROUND_COUNTS = (1, 2, 3, 5, 7, *(m * 10**e for e in range(1, 6) for m in (1, 1.5, 2, 3, 5, 7)))
LEAST_SPREAD, MOST_APART = 1e-150, 1e150  # of a column, and from its mean: other squares are no numbers
LEAKY_SHIFT = 3.0  # of either class from the middle: seen among all rows, hardly seen without a fifth of them


@dataclass(frozen=True)
class Reduction:
    """How well a classifier does with the first k principal components, for several k.

    Attributes:
        counts: The numbers of components k, (m,).
        accuracy: The share of right answers on the test part of each fold, (m, n_folds).
        mean, error: Its mean over the folds and the standard error of that, s / sqrt(n_folds), (m,). It is a rough one, as
            training parts overlap.
        numbers: How many numbers a sample takes, (m,): k, or fewer where no training part has k columns that vary.
        chance: The share of the largest class: who always names that one is right so often.
        full: The accuracy on all columns, scaled and without principal components, (n_folds,).
        enough: The smallest k whose mean is at most one standard error below that of `full`; None where there is
            none, and where all columns do no better than chance.
        n_samples: How many rows were used.
        unfinished: How many of the (m + 1) n_folds logistic regressions ended before they had converged.
        train_seconds, test_seconds: For learning from a training part and for answering a test part, (m,), without the
            reduction; the median of the folds.
        full_seconds: The same two on all columns.
        reduce_seconds: For scaling, principal components and scores, the median of the folds.
    """

    counts: RowNumbers
    accuracy: Array
    mean: Array
    error: Array
    numbers: RowNumbers
    chance: float
    full: Array
    enough: int | None
    n_samples: int
    unfinished: int
    train_seconds: Array = field(metadata={"varies": True})
    test_seconds: Array = field(metadata={"varies": True})
    full_seconds: tuple[float, float] = field(metadata={"varies": True})
    reduce_seconds: float = field(metadata={"varies": True})

    @property
    def full_mean(self) -> float:
        """The mean accuracy on all columns."""
        return float(self.full.mean())

    @property
    def full_error(self) -> float:
        """The standard error of that mean."""
        return float(_standard_error(self.full))


@dataclass(frozen=True)
class Leak:
    """The same folds twice: scaling and components from each training part alone, `inside`, or once from all rows, `outside`.

    `difference` is what the mean accuracy gains outside, (m,).
    """

    inside: Reduction
    outside: Reduction
    difference: Array


@dataclass(frozen=True)
class BothWays:
    """The principal components of one table by two matrices, and by scikit-learn.

    Attributes:
        names: "D x D": from the covariance of the columns; "N x N": from the products of the rows; "scikit-learn": by the SVD.
        sizes: Sides of the matrix that each takes apart, (D, D), (N, N) and (N, D).
        variances: Along the components, (3, k).
        largest_difference: Between the variances of the first two, in units of the largest variance.
        difference_sklearn: Between those of the first and of scikit-learn, likewise.
        angle_sklearn: The largest angle, in radians, from the space of our components, either way, to scikit-learn's. It says
            nothing where the variance of the last one taken is 0 or that of the next: any direction is as good then.
        seconds: The best of three runs, (3,); of one where that takes more than a second.
    """

    names: tuple[str, str, str]
    sizes: tuple[tuple[int, int], ...]
    variances: Array
    largest_difference: float
    difference_sklearn: float
    angle_sklearn: float
    seconds: Array = field(metadata={"varies": True})


def folds(y: ArrayLike, n_folds: int = 5, seed: int = 1, names: Sequence[str] = ()) -> tuple[RowNumbers, ...]:
    """Deal the rows out to folds, class by class, as cards are dealt round: each fold gets its share of every class.

    Args:
        y: The class of each row, numbers or names, (n_samples,).
        n_folds: From 2 to 10, and at most as many as the smallest class has rows.
        seed: Of the order in which the rows of a class are dealt, 0 or more.
        names: Of classes that are numbers from 0, for what is said if there are too few of one.

    Returns:
        The test part of each fold, row numbers in ascending order; the other rows are its training part. Sizes of folds
        differ by at most 1, and so does what each has of a class.

    Raises:
        ValueError: y is no list of classes, a number is out of range, or a class has fewer rows than there are folds.

    Source: M. Stone, "Cross-validatory choice and assessment of statistical predictions", 1974.

    >>> [len(part) for part in folds(["a", "b", "b", "a", "a"], 2)]
    [3, 2]
    """
    classes, codes, sizes = np.unique(_labels(y), return_inverse=True, return_counts=True)
    n_folds, seed = checks.whole_number(n_folds, "n_folds", 2, 10), checks.whole_number(seed, "seed", 0)
    least, n = classes[sizes.argmin()], int(sizes.min())
    if n < n_folds:
        advice = "leave it out" if n == 1 else f"take at most {n} folds, or leave it out"
        name = names[int(least)] if len(names) else least
        raise ValueError(f"class {name} has {n} row{'s' * (n > 1)}, and each of {n_folds} folds needs one; {advice}.")
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.permutation(len(codes)), codes))  # by class, and at random within each
    return tuple(np.sort(order[i::n_folds]) for i in range(n_folds))


def component_counts(n_features: int, n_samples_in_training: int, most: int = 16) -> tuple[int, ...]:
    """Return numbers of components worth trying: 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, ... and the largest possible.

    That is min(n_features, n - 1): n rows less their mean lie in a space of n - 1 dimensions.

    Args:
        n_features: Columns, 1 or more.
        n_samples_in_training: Rows of a training part, 2 or more.
        most: How many numbers at most, 2 or more; of a longer list some are left out.

    Returns:
        Rising numbers.

    Raises:
        ValueError: A number is out of range.

    >>> component_counts(64, 1000), component_counts(64, 13)
    ((1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 64), (1, 2, 3, 5, 7, 10, 12))
    """
    d = checks.whole_number(n_features, "n_features", 1)
    n = checks.whole_number(n_samples_in_training, "n_samples_in_training", 2)
    most = checks.whole_number(most, "most", 2)
    largest = min(d, n - 1)
    counts = [*(int(k) for k in ROUND_COUNTS if k < largest), largest]
    kept = np.linspace(0, len(counts) - 1, min(most, len(counts))).round().astype(int)
    return tuple(counts[i] for i in kept)


def accuracies(
    X: ArrayLike,
    y: ArrayLike,
    counts: Sequence[int],
    *,
    classifier: str = "nearest neighbours",
    standardise: bool = True,
    n_folds: int = 5,
    seed: int = 1,
    n_neighbours: int = 5,
    inside: bool = True,
    names: Sequence[str] = (),
    report: Callable[[int, int], None] | None = None,
) -> Reduction:
    """Return how well a classifier does that is given k principal components of each row instead of all columns.

    Each fold is answered by what was learnt without it: scaling, components and classifier. Components are found once, for
    the largest k: they come by falling variance, so that the first few are the same however many follow.

    Args:
        X: Samples, (n_samples, n_features). Of more than 5,000 about so many are drawn, of each class its share.
        y: The class of each row, numbers or names, (n_samples,), at least two different.
        counts: The k, rising, from 1 to min(n_features, rows of the smallest training part).
        classifier: One of `CLASSIFIERS`.
        standardise: Whether each column is divided by its standard deviation first. A column that is constant in a training
            part has none and says nothing: it is left out there, and k beyond the columns that are left means all of them.
        n_folds, seed: As for `folds`.
        n_neighbours: How many neighbours vote, 1 to the rows of the smallest training part.
        inside: Whether scaling and components see a training part only. If not, they see all rows once: the leak.
        names: As for `folds`.
        report: Called as (done, total) after every k of every fold; in units of counts, each of which takes all folds.

    Returns:
        Accuracies, what they cost, and the smallest k that is enough.

    Raises:
        ValueError: X, y and counts do not fit, a class has fewer rows than there are folds, or no column varies.

    Source: T. Hastie, R. Tibshirani and J. Friedman, The Elements of Statistical Learning, 2009, section 7.10; the rule of one
        standard error: L. Breiman, J. Friedman, R. Olshen and C. Stone, Classification and Regression Trees, 1984.

    >>> X = np.c_[np.tile([0.0, 9.0], 10), np.arange(20) % 3]
    >>> found = accuracies(X, np.tile(["low", "high"], 10), (1, 2), standardise=False)
    >>> found.mean, found.enough, found.chance
    (array([1., 1.]), 1, 0.5)
    """
    X, y = _checked_rows(X, y, n_folds, seed, names)
    parts = folds(y, n_folds, seed)
    n, n_train = len(y), len(y) - max(len(part) for part in parts)
    ks = _checked_counts(counts, min(X.shape[1], n_train))
    model = _model(classifier, checks.whole_number(n_neighbours, "n_neighbours", 1, n_train))
    trials, numbers, reducing = np.empty((len(parts), len(ks) + 1, 4)), np.zeros(len(ks), np.int64), []
    for fold, test in enumerate(parts):
        train = np.setdiff1d(np.arange(n), test)
        if inside or fold == 0:
            begun = time.perf_counter()
            Z, scores = _scaled_and_scores(X, train if inside else np.arange(n), ks[-1], standardise)
            reducing.append(time.perf_counter() - begun)
        trials[fold, -1] = _trial(model, Z, y, train, test)
        for i, k in enumerate(ks):
            trials[fold, i] = _trial(model, scores[:, :k], y, train, test)
            numbers[i] = max(numbers[i], min(k, scores.shape[1]))
            if report is not None:
                report(max(1, (fold * len(ks) + i + 1) // len(parts)), len(ks))
    chance = float(np.unique(y, return_counts=True)[1].max() / n)
    return _reduction(ks, trials, numbers, chance, n, float(np.median(reducing)))


def leak(
    X: ArrayLike,
    y: ArrayLike,
    counts: Sequence[int],
    *,
    classifier: str = "nearest neighbours",
    standardise: bool = True,
    n_folds: int = 5,
    seed: int = 1,
    n_neighbours: int = 5,
    names: Sequence[str] = (),
    report: Callable[[int, int], None] | None = None,
) -> Leak:
    """Return what it changes that scaling and components are found once from all rows, test parts too, before the folds.

    They never see a class, so with many more rows than columns it changes little, up or down, and of classes that
    have nothing to do with the columns (`pure_noise`) nothing at all but for luck. With few rows of many columns
    (`leaky`) it can change a lot: a component leans towards the very rows that it was found from.

    Args, Raises: As for `accuracies`.

    Returns:
        Both results on the same folds, and their difference.

    Source: A. Moscovich and S. Rosset, "On the cross-validation bias due to unsupervised preprocessing", 2022.

    >>> found = leak(*leaky(), (3, 5))
    >>> bool((found.difference > 0.1).all())
    True
    """

    def result(inside: bool) -> Reduction:
        def halfway(done: int, total: int) -> None:
            if report is not None:
                report(done + (0 if inside else total), 2 * total)

        return accuracies(
            X, y, counts, classifier=classifier, standardise=standardise, n_folds=n_folds, seed=seed,
            n_neighbours=n_neighbours, inside=inside, names=names, report=halfway,
        )  # fmt: skip

    inside, outside = result(True), result(False)
    return Leak(inside, outside, outside.mean - inside.mean)


def pure_noise(n_samples: int = 60, n_features: int = 2000, seed: int = 1) -> tuple[Array, RowNumbers]:
    """Return a table of noise and classes that have nothing to do with it, to try leaks on.

    No accuracy differs from 1/2 but by luck, not even with components from all rows: they never see a class. Choosing columns
    by the classes before the folds would seem to find something.

    Args:
        n_samples: Rows, 4 to 2,000.
        n_features: Columns, 1 to 4,096: independent normal numbers.
        seed: 0 or more.

    Returns:
        X, (n_samples, n_features), and the classes, 0 and 1, equally often, (n_samples,).

    Raises:
        ValueError: A number is out of range.

    >>> X, y = pure_noise(6, 3)
    >>> X.shape, int(y.sum())
    ((6, 3), 3)
    """
    n, d = checks.whole_number(n_samples, "n_samples", 4, 2000), checks.whole_number(n_features, "n_features", 1, 4096)
    rng = np.random.default_rng(checks.whole_number(seed, "seed", 0))
    return rng.standard_normal((n, d)), rng.permutation(np.arange(n, dtype=np.int64) % 2)


def leaky(seed: int = 1) -> tuple[Array, RowNumbers]:
    """Return a table on which components from all rows seem to do better than they will: 60 rows of 2,000 columns.

    x = noise + 3 u for one class, noise - 3 u for the other, along one direction u, |u| = 1, with noise of 1 in each column.

    Args:
        seed: 0 or more.

    Returns:
        X, (60, 2000), and the classes, 0 and 1, 30 of each, (60,).

    Raises:
        ValueError: The seed is out of range.

    >>> X, y = leaky()
    >>> apart = X[y == 1].mean(axis=0) - X[y == 0].mean(axis=0)
    >>> X.shape, bool(apart @ apart > 2000 * 2 / 30 + 30)  # what noise alone would have, and much of 6 squared
    ((60, 2000), True)
    """
    X, y = pure_noise(seed=seed)
    rng = np.random.default_rng((int(seed), 1))
    u = rng.standard_normal(X.shape[1])
    return X + LEAKY_SHIFT * np.outer(2 * y - 1, u / np.linalg.norm(u)), y


def both_ways(X: ArrayLike, n_components: int, report: Callable[[int, int], None] | None = None) -> BothWays:
    """Return the components of a table from the matrix of its columns and from that of its rows, timed, and scikit-learn's.

    Z'Z v = c v gives Z Z' (Z v) = c (Z v): the same eigenvalues, and eigenvectors from each other's.

    Args:
        X: Samples, N x D, at most 2,000 x 4,096.
        n_components: From 1 to min(N - 1, D).
        report: Called as (done, 3) after each way.

    Returns:
        Variances, how far they differ, and seconds.

    Raises:
        ValueError: The table is too large, does not vary, or does not have so many components.

    Source: M. Turk and A. Pentland, "Eigenfaces for recognition", 1991.

    >>> found = both_ways(wide_table(20, 300), 5)
    >>> found.sizes, found.largest_difference < 1e-12, found.angle_sklearn < 1e-6
    (((300, 300), (20, 20), (20, 300)), True, True)
    """
    from sklearn.decomposition import PCA

    X = checks.matrix(X, (None, None), "X")
    n, d = X.shape
    if n < 2 or n > MOST_BOTH_WAYS[0] or d > MOST_BOTH_WAYS[1]:
        raise ValueError(f"X has {n:,} rows of {d:,} columns; give 2 to 2,000 rows of at most 4,096 columns.")
    k = checks.whole_number(n_components, "n_components", 1, min(n - 1, d))
    columns, by_columns = _timed(lambda: pca.fit(X, k, solver="covariance"), report, 1)
    rows, by_rows = _timed(lambda: pca.fit(X, k, solver="rows"), report, 2)
    theirs, by_theirs = _timed(lambda: PCA(k, svd_solver="full").fit(X), report, 3)
    variances = np.array([columns.explained_variance, rows.explained_variance, theirs.explained_variance_])
    off = np.abs(variances - variances[0]).max(axis=1) / variances.max()
    return BothWays(
        names=("D x D", "N x N", "scikit-learn"),
        sizes=((d, d), (n, n), (n, d)),
        variances=variances,
        largest_difference=float(off[1]),
        difference_sklearn=float(off[2]),
        angle_sklearn=max(float(subspace_angles(ours.components.T, theirs.components_.T).max()) for ours in (columns, rows)),
        seconds=np.array([by_columns, by_rows, by_theirs]),
    )


def wide_table(n_samples: int = 60, n_features: int = 1000, seed: int = 1) -> Array:
    """Return smooth random curves, one a row: sum over j of a_j cos(pi j t) / j^2, at evenly spaced t from 0 to 1.

    Args:
        n_samples: Curves, 2 to 2,000; there are as many waves j = 1, 2, ... as curves.
        n_features: Places t, 2 to 4,096.
        seed: Of the normal numbers a_j, 0 or more.

    Returns:
        (n_samples, n_features).

    Raises:
        ValueError: A number is out of range.

    >>> X = wide_table()
    >>> X.shape, bool(np.abs(np.diff(X, axis=1)).max() < 0.05)
    ((60, 1000), True)
    """
    n, d = checks.whole_number(n_samples, "n_samples", 2, 2000), checks.whole_number(n_features, "n_features", 2, 4096)
    rng = np.random.default_rng(checks.whole_number(seed, "seed", 0))
    j, t = np.arange(1, n + 1), np.linspace(0, 1, d)
    return (rng.standard_normal((n, n)) / j**2) @ np.cos(np.pi * np.outer(j, t))


def _labels(y: ArrayLike) -> NDArray[Any]:
    """Return classes as they are, numbers or names, or say what is wrong with them."""
    try:
        labels = np.asarray(y)
    except ValueError:
        raise ValueError("y has entries of different lengths; it must be a list of classes, one for each row.") from None
    if labels.ndim != 1 or not len(labels):
        shape = " x ".join(map(str, labels.shape)) or "of a single value"
        raise ValueError(f"y has shape {shape}; it must be a list of classes, one for each row.")
    if labels.dtype.kind not in "biufUT":
        raise ValueError("y holds something else than numbers or names; every row needs a class such as 1 or “red”.")
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        i = int(np.argmin(np.isfinite(labels)))
        raise ValueError(f"y has {labels[i]} in entry {i + 1}; every row needs a class.")
    return labels


def _checked_rows(X: ArrayLike, y: ArrayLike, n_folds: int, seed: int, names: Sequence[str]) -> tuple[Array, RowNumbers]:
    """Return rows and their class numbers; of too many rows some of each class, drawn at random, one for each fold at least."""
    X, y = checks.matrix(X, (None, None), "X"), _labels(y)
    if len(y) != len(X):
        raise ValueError(f"X has {len(X):,} rows and y {len(y):,} classes; each row needs one.")
    folds(y, n_folds, seed, names)  # says which class is too small, by its name
    classes, codes, sizes = np.unique(y, return_inverse=True, return_counts=True)
    if len(classes) < 2:
        raise ValueError(f"all rows are of class {classes[0]}; at least two classes are needed to tell apart.")
    if len(X) > MOST_ROWS_TRIED:
        rng = np.random.default_rng((int(seed), 1))
        order = np.lexsort((rng.permutation(len(codes)), codes))
        place = np.arange(len(codes)) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # of a row within its class
        kept = np.sort(order[place < np.maximum(MOST_ROWS_TRIED * sizes // len(X), n_folds)[codes[order]]])
        X, codes = X[kept], codes[kept]
    return X, codes


def _checked_counts(counts: Sequence[int], largest: int) -> tuple[int, ...]:
    """Return numbers of components, or say what is wrong with them."""
    ks = tuple(checks.whole_number(k, "a number of components", 1, largest) for k in counts)
    if not ks or any(later <= k for k, later in itertools.pairwise(ks)):
        raise ValueError("the numbers of components do not rise; give at least one, each larger than the one before.")
    return ks


def _model(classifier: str, n_neighbours: int) -> Any:
    """Return scikit-learn's classifier of that name."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    if classifier not in CLASSIFIERS:
        raise ValueError(f"there is no classifier {classifier!r}; choose one of {', '.join(CLASSIFIERS)}.")
    return KNeighborsClassifier(n_neighbours) if classifier == CLASSIFIERS[0] else LogisticRegression(max_iter=MOST_ROUNDS)


def _scaled_and_scores(X: Array, seen: RowNumbers, k: int, standardise: bool) -> tuple[Array, Array]:
    """Return all rows scaled, and their scores on k components or on as many as there are, both learnt from the rows `seen`."""
    part = X[seen]
    if standardise:
        varies = part.max(axis=0) - part.min(axis=0) > LEAST_SPREAD
        if not varies.any():
            raise ValueError("no column of a training part varies, so no row can be told from another; give rows that differ.")
        X, part = X[:, varies], part[:, varies]
    found = pca.fit(part, min(k, *part.shape), standardise=standardise)
    with np.errstate(over="ignore", invalid="ignore"):
        Z = (X - found.mean) / found.scale
    if not np.abs(Z).max() < MOST_APART:
        i = int(np.abs(Z).max(axis=1).argmax())
        raise ValueError(f"row {i + 1} lies too far from the others to be compared with them; leave it out.")
    return Z, np.asarray(found.project(X), float)


def _trial(model: Any, Z: Array, y: RowNumbers, train: RowNumbers, test: RowNumbers) -> tuple[float, ...]:
    """Return accuracy, seconds for learning and for answering, and 1 where learning ended before it had converged."""
    from sklearn.exceptions import ConvergenceWarning

    known, asked = Z[train], Z[test]
    begun = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is counted
        model.fit(known, y[train])
    learnt = time.perf_counter()
    right = float((model.predict(asked) == y[test]).mean())
    ended = time.perf_counter()
    return right, learnt - begun, ended - learnt, float(np.max(getattr(model, "n_iter_", 0)) >= MOST_ROUNDS)


def _reduction(
    ks: tuple[int, ...], trials: Array, numbers: RowNumbers, chance: float, n_samples: int, reduce_seconds: float
) -> Reduction:
    """Return the result of trials, (n_folds, m + 1, 4), the last of each fold on all columns."""
    accuracy, full = trials[:, :-1, 0].T.copy(), trials[:, -1, 0].copy()
    seconds = np.median(trials[:, :, 1:3], axis=0)
    mean = accuracy.mean(axis=1)
    near = mean >= full.mean() - _standard_error(full) - 1e-12  # rounding decides nothing
    return Reduction(
        counts=np.array(ks, np.int64),
        accuracy=accuracy,
        mean=mean,
        error=np.asarray(_standard_error(accuracy)),
        numbers=numbers,
        chance=chance,
        full=full,
        enough=ks[int(near.argmax())] if near.any() and full.mean() > chance else None,
        n_samples=n_samples,
        unfinished=int(trials[:, :, 3].sum()),
        train_seconds=seconds[:-1, 0],
        test_seconds=seconds[:-1, 1],
        full_seconds=(float(seconds[-1, 0]), float(seconds[-1, 1])),
        reduce_seconds=reduce_seconds,
    )


def _standard_error(accuracy: Array) -> Any:
    """Return s / sqrt(n) over the last axis."""
    return accuracy.std(axis=-1, ddof=1) / np.sqrt(accuracy.shape[-1])


def _timed(fitted: Callable[[], Any], report: Callable[[int, int], None] | None, way: int) -> tuple[Any, float]:
    """Return the result of a function and the shortest time that it took in up to three runs."""
    seconds: list[float] = []
    while len(seconds) < 3 and max(seconds, default=0.0) < ONE_RUN_SECONDS:
        begun = time.perf_counter()
        result = fitted()
        seconds.append(time.perf_counter() - begun)
    if report is not None:
        report(way, 3)
    return result, min(seconds)
