"""Tables to try principal components on: measured ones, and made ones that each show where they mislead."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mml_core import checks
from mml_core.checks import Array

REAL = ("Digits", "Wine", "Iris", "Breast cancer")
N_MADE = 200  # rows of a made table
TYPED_WRONG = 100  # the row of the outlier, counted from 1


@dataclass(frozen=True, eq=False)
class Case:
    """A table with what is to be seen in it; its arrays are read-only.

    Attributes:
        X: Samples, (n_samples, n_features).
        columns: The names of the columns.
        y: The number of each row's class, (n_samples,), all 0 where there are no classes.
        classes: Their names, empty where there are none.
        shape: Of the picture that a row is, (8, 8) for digits; () where it is none.
        about: What the table is and what to look for, in a sentence.
    """

    X: Array
    columns: tuple[str, ...]
    y: NDArray[np.int64]
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    about: str


@functools.lru_cache(maxsize=16)
def case(name: str, seed: int = 1) -> Case:
    """Return a table by its name.

    Args:
        name: One of `REAL`, measured, or of `MADE`, drawn with `N_MADE` rows.
        seed: Of the draw, 0 or more; without effect on a measured table.

    Returns:
        The table, the same object whenever it is asked for again.

    Raises:
        ValueError: There is no such table, or the seed is not a whole number from 0.

    Source: Alpaydin and Kaynak, 1998 (digits), Aeberhard and Forina, 1991 (wine), Fisher, 1936 (iris), Street, Wolberg and
        Mangasarian, 1993 (breast cancer); all as in scikit-learn.

    >>> found = case("Iris")
    >>> found.X.shape, found.classes[found.y[0]], found.columns[0]
    ((150, 4), 'setosa', 'sepal length (cm)')
    """
    rng = np.random.default_rng(checks.whole_number(seed, "the seed"))
    if name in REAL:
        return _measured(name)
    if name not in _MADE:
        raise ValueError(f"there is no table {name}; there are {', '.join((*REAL, *MADE))}.")
    return _MADE[name](rng)


def _case(
    X: ArrayLike, columns: tuple[str, ...], about: str, y: ArrayLike | None = None, classes: tuple[str, ...] = (),
    shape: tuple[int, ...] = (),
) -> Case:  # fmt: skip
    """Return a case whose arrays are read-only: whoever asks next gets the same ones."""
    X = np.array(X, dtype=np.float64)
    y = np.zeros(len(X), np.int64) if y is None else np.array(y, dtype=np.int64)
    X.setflags(write=False)
    y.setflags(write=False)
    return Case(X, columns, y, classes, shape, about)


def _measured(name: str) -> Case:
    """Return one of scikit-learn's tables."""
    # Inside, as importing it takes a second.
    from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

    if name == "Digits":
        found = load_digits()
        columns = tuple(f"row {i}, column {j}" for i in range(1, 9) for j in range(1, 9))
        about = (
            "1,797 handwritten digits of 8 x 8 pixels from 0 (paper) to 16 (ink): ten of 64 components hold three quarters "
            "of the variance and tell most digits apart."
        )
        return _case(found.data, columns, about, found.target, tuple("0123456789"), (8, 8))
    if name == "Wine":
        found = load_wine()
        columns = tuple(c.replace("_", " ").replace("color", "colour") for c in found.feature_names)
        about = (
            "178 wines of three cultivars in 13 chemical measures: proline, in hundreds, is nearly all of the first "
            "component, and the cultivars part only when the columns are standardised."
        )
        return _case(found.data, columns, about, found.target, ("cultivar 1", "cultivar 2", "cultivar 3"))
    if name == "Iris":
        found = load_iris()
        about = (
            "150 iris flowers of three species in four lengths: one component holds over 90 % of the variance and tells "
            "setosa from the others."
        )
    else:
        found = load_breast_cancer()
        about = (
            "569 tumours in 30 measures of their cell nuclei: many say nearly the same, so that of the standardised "
            "columns seven components hold 90 % of the variance."
        )
    return _case(found.data, tuple(map(str, found.feature_names)), about, found.target, tuple(map(str, found.target_names)))


def _unscaled_columns(rng: np.random.Generator) -> Case:
    Z = _uncorrelated(rng, 3)
    size = 0.7 * Z[:, 0] + np.sqrt(1 - 0.7**2) * Z[:, 1]  # correlated with the height by 0.7
    X = np.column_stack([1.7 + 0.09 * Z[:, 0], 70 + 12 * size, 3.6e6 + 0.9e6 * Z[:, 2]])
    about = (
        "Height, mass and income of 200 people, the income in cents: it swamps the first component until the columns are "
        "standardised, and then that is body size, height and mass alike."
    )
    y = (Z[:, 0] + size > 0).astype(int)
    return _case(X, ("height (m)", "mass (kg)", "income (cents)"), about, y, ("slight", "sturdy"))


def _one_outlier(rng: np.random.Generator) -> Case:
    Z = _uncorrelated(rng, 2)
    X = np.array([8, 4]) + Z @ np.array([[1.5, 0.72], [0, np.sqrt(0.8**2 - 0.72**2)]])  # correlation 0.9
    X[TYPED_WRONG - 1, 1] *= 100
    about = (
        f"Length and width of 200 leaves, and in row {TYPED_WRONG} a width typed 100 times too large: that row alone turns "
        "the first component from the length to the width."
    )
    return _case(X, ("leaf length (cm)", "leaf width (cm)"), about, (Z[:, 0] > 0).astype(int), ("short leaf", "long leaf"))


def _two_rings(rng: np.random.Generator) -> Case:
    y = np.repeat([0, 1], N_MADE // 2)
    u = 4 * np.pi / N_MADE * np.arange(N_MADE) + rng.uniform(0, 2 * np.pi, 2)[y]  # evenly, from anywhere
    X = (1 + y)[:, None] * np.column_stack([np.cos(u), np.sin(u)]) + 0.08 * rng.standard_normal((N_MADE, 2))
    about = (
        "A ring inside a ring: every direction has about the same variance and none parts the two, because what tells them "
        "apart, the distance from the middle, is not along a line."
    )
    return _case(X, ("x", "y"), about, y, ("inner", "outer"))


def _tied_variances(rng: np.random.Generator) -> Case:
    about = (
        "A flat cloud whose two largest variances are equal: only the plane of the first two components is certain, and in "
        "it they point elsewhere with each seed."
    )
    Z = _uncorrelated(rng, 3)
    return _case(_turned(Z, (4, 4, 0.5)), ("x", "y", "z"), about, (Z[:, 0] > 0).astype(int), ("one half", "other half"))


def _nearly_constant_column(rng: np.random.Generator) -> Case:
    Z = _uncorrelated(rng, 4)
    Z[:, :3] = Z[:, :3] @ np.linalg.cholesky(0.2 * np.eye(3) + 0.8).T  # the three sizes correlated by 0.8
    X = np.array([500, 12, 6, 20]) + Z * np.array([60, 0.9, 0.5, 1e-6])
    about = (
        "Three sizes of 200 beans and a temperature that was always 20 but for its seventh digit: standardised, that noise "
        "counts as much as a size and becomes the second component."
    )
    y = (Z[:, :3].sum(axis=1) > 0).astype(int)
    return _case(X, ("mass (mg)", "length (mm)", "width (mm)", "temperature (°C)"), about, y, ("small bean", "large bean"))


def _codes_as_numbers(rng: np.random.Generator) -> Case:
    y = np.arange(N_MADE) % 2
    area = 70 + 70 * y + 12 * rng.standard_normal(N_MADE)
    X = np.column_stack([rng.integers(100, 1000, N_MADE), area, 2 * area + 10 * rng.standard_normal(N_MADE)])
    about = (
        "Flats and houses with the code of their district taken as a number: it varies most, so the first component is the "
        "code, which measures nothing, and what tells a flat from a house is in the second."
    )
    return _case(X, ("district code", "floor area (m²)", "weekly rent (€)"), about, y, ("flat", "house"))


def _parallel_clouds(rng: np.random.Generator) -> Case:
    y = np.arange(N_MADE) % 2
    along = _uncorrelated(rng, 2, uniform=True)
    across = 0.9 * (2 * y - 1) + 0.1 * rng.standard_normal(N_MADE)
    Z = np.column_stack([along, across / across.std(ddof=1)])
    about = (
        "Two long thin clouds side by side: which cloud a row is from lives in the direction of the smallest variance, which "
        "one or two components drop, so a classifier guesses until it has all three."
    )
    return _case(_turned(Z, (16, 2.56, 0.82)), ("x", "y", "z"), about, y, ("one cloud", "other cloud"))


_MADE: dict[str, Callable[[np.random.Generator], Case]] = {
    "Unscaled columns": _unscaled_columns,
    "One outlier": _one_outlier,
    "Ring": _two_rings,
    "Tied variances": _tied_variances,
    "Nearly constant column": _nearly_constant_column,
    "Codes as numbers": _codes_as_numbers,
    "Parallel clouds": _parallel_clouds,
}
MADE = tuple(_MADE)


def _uncorrelated(rng: np.random.Generator, d: int, uniform: bool = False) -> Array:
    """Return d drawn columns, (N_MADE, d), turned so that their mean is 0 and their covariance the unit matrix, with n - 1.

    So that a claim about variances holds for each seed, not on average.
    """
    Z = rng.uniform(-1, 1, (N_MADE, d)) if uniform else rng.standard_normal((N_MADE, d))
    Q, _ = np.linalg.qr(Z - Z.mean(axis=0))
    return np.asarray(Q * np.sqrt(N_MADE - 1), dtype=np.float64)


def _turned(Z: Array, variances: tuple[float, float, float]) -> Array:
    """Return three columns of variance 1 with these variances, by falling size, turned so that every column varies equally.

    So that standardising changes no direction. The first turn gives column 1 the mean variance; the second shares what
    columns 2 and 3 have, which are not correlated then, between the two.
    """
    a, _, c = variances
    cosine = np.sqrt((np.mean(variances) - c) / (a - c))
    sine, half = np.sqrt(1 - cosine**2), np.sqrt(0.5)
    first = np.array([[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]])
    second = np.array([[1, 0, 0], [0, half, -half], [0, half, half]])
    return np.asarray(Z * np.sqrt(variances) @ (second @ first).T, dtype=np.float64)
