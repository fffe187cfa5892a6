"""What a network is given to learn: samples as its inputs see them, targets, and the plane on which all of it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mml_core import checks, datasets, samples
from mml_core.checks import Array

MOST_SAMPLES = 3000  # of a table; more would take minutes and change nothing that one sees
TOY_RADIUS = 6.0
CURVE_RADIUS = 3.0
UNITS = ("as drawn", "standardised", "first in hundredths")


@dataclass(frozen=True)
class Problem:
    """Samples, targets, and how the plane of the map lies among the inputs.

    Attributes:
        X: Inputs, (n_samples, n_inputs).
        targets: What the outputs should be, (n_samples, n_outputs).
        y: Class numbers, or the values to predict in their own unit, (n_samples,).
        classes: Names of the classes; none for a regression.
        inputs: Names of the inputs.
        at: Where each sample lies on the map, (n_samples, 2).
        train, test: Which samples are which.
        radius: The map goes from -radius to radius.
        axes: Names of the two axes of the map.
        output, loss: The output's activation and the loss that go with the targets.
        shift, scale: (n_inputs,): inputs are (features of the two coordinates - shift) / scale.
        directions: Where all columns are inputs: the directions of the map's axes among them, (2, n_inputs), its middle being
            `shift`; else empty.
        unit: Of a regression, what one unit of the target is in the unit of y, and where its 0 is.
        note: What was done to the samples, a sentence, or "".
    """

    X: Array
    targets: Array
    y: Array
    classes: tuple[str, ...]
    inputs: tuple[str, ...]
    at: Array
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    radius: float
    axes: tuple[str, str]
    output: str
    loss: str
    shift: Array
    scale: Array
    directions: Array
    unit: tuple[float, float] = (1.0, 0.0)
    note: str = ""

    @property
    def n_outputs(self) -> int:
        """How many outputs the network has."""
        return int(self.targets.shape[1])

    @property
    def is_curve(self) -> bool:
        """Whether there is one input only, so that the map shows its curve."""
        return self.inputs == ("x",)

    def inputs_at(self, places: Array) -> Array:
        """Return what the inputs are at places (n, 2) of the map."""
        if len(self.directions):
            return self.shift + places @ self.directions
        found = places[:, :1] if self.is_curve else samples.features(places, self.inputs)
        return (found - self.shift) / self.scale


def toy_problem(
    name: str, noise: float = 0.0, train_share: float = 0.5, seed: int = 1, inputs: Sequence[str] = ("x1", "x2"),
    units: str = "as drawn", loss: str = "squared", n_samples: int = 500,
) -> Problem:  # fmt: skip
    """Return one of the bundled sets of points as a problem; where they lie is what the seed says.

    Args:
        name: One of `datasets.CLASS_SETS`, `VALUE_SETS` or `CURVES`.
        noise: 0 to 0.5.
        train_share: Which share is for training, 0.1 to 0.9.
        seed: Of the points and of which are for training.
        inputs: Which features of the two coordinates the network is given; a curve has its own.
        units: "as drawn", "standardised" (minus the training rows' mean, over their deviation), or "first in hundredths":
            the first input is given in units a hundred times smaller than the others.
        loss: "squared" or, of classes, "cross-entropy".
        n_samples: How many; of a curve a fifth of it.

    Returns:
        The problem.

    Raises:
        ValueError: A name is unknown, or a number out of range.

    >>> p = toy_problem("Exclusive or", n_samples=40)
    >>> p.X.shape, p.targets.shape, len(p.train), p.output
    ((40, 2), (40, 1), 20, 'tanh')
    """
    made = datasets.CLASS_SETS | datasets.VALUE_SETS
    if name in datasets.CURVES:
        curve = datasets.curve(name, max(2, n_samples // 5), noise, seed)
        at = np.column_stack([curve.X[:, 0], curve.y])
        return _in_units(curve.X, curve.y, (), ("x",), at, train_share, seed, units, loss, CURVE_RADIUS, ("x", "y"))
    if name not in made:
        raise ValueError(f"there is no data set {name!r}; choose one of {', '.join([*made, *datasets.CURVES])}.")
    data = made[name](n_samples, noise, seed)
    found = samples.features(data.X, inputs)
    return _in_units(found, data.y, data.classes, inputs, data.X, train_share, seed, units, loss, TOY_RADIUS, ("x1", "x2"))


def digits_problem(train_share: float = 0.5, seed: int = 1) -> Problem:
    """Return the 1,797 digits of 8 x 8 pixels as a problem with 64 inputs and ten classes, on their principal plane.

    >>> p = digits_problem()
    >>> p.X.shape, p.n_outputs, p.loss
    ((1797, 64), 10, 'cross-entropy')
    """
    data = datasets.digits()
    names = tuple(f"pixel {i + 1}" for i in range(64))
    return _on_plane(data.X, data.y, data.classes, names, samples.split(len(data.X), train_share, seed), "cross-entropy")


def table_problem(
    X: ArrayLike, names: Sequence[str], target: int | ArrayLike, columns: Sequence[int] = (), *, kind: str = "Classes",
    train_share: float = 0.5, seed: int = 1, inputs: Sequence[str] = ("x1", "x2"), loss: str = "squared",
) -> Problem:  # fmt: skip
    """Return columns of a table as a problem, standardised: minus the mean of the training rows, over their deviation.

    Args:
        X: The table, (n_samples, n_columns). Of more than 3,000 rows as many are drawn.
        names: Of its columns.
        target: Which of them is to be predicted; or that itself, (n_samples,), classes as texts or numbers, or values.
        columns: Which two of them are inputs, by their features; or none: then all but the target are, and they are drawn on
            the plane of their first two principal components.
        kind: "Classes" or "Values".
        train_share: Which share is for training, 0.1 to 0.9.
        seed: Of which rows are drawn, and of which are for training.
        inputs: Features of two columns, as for the bundled sets.
        loss: "squared" or, of classes, "cross-entropy"; more than two classes always take the latter.

    Returns:
        The problem; values to predict are standardised, too, and `unit` leads back.

    Raises:
        ValueError: Fewer than two columns vary; the target has one class only, or too many, or one value only; or there are
            too few rows.

    >>> p = table_problem([[1, 5], [2, 7], [3, 5], [4, 9.0]], ("u", "v"), ["a", "b", "a", "b"])
    >>> p.classes, p.axes, bool(abs(p.at[p.train].mean(axis=0)).max() < 1e-12)
    (('a', 'b'), ('u', 'v'), True)
    """
    X = checks.matrix(X, (None, None), "X")
    given = np.asarray(target)
    if kind not in ("Classes", "Values"):
        raise ValueError(f"{kind!r} is no way to predict; choose Classes or Values.")
    for j in columns:
        checks.whole_number(j, "a column", 0, X.shape[1] - 1)
    if given.ndim == 0:
        checks.whole_number(given.item(), "the target's column", 0, X.shape[1] - 1)
    elif len(given) != len(X):
        raise ValueError(f"the target has {len(given)} entries and the table {len(X)} rows; give each row one.")
    target = X[:, int(given)] if given.ndim == 0 else given
    left = [j for j in range(X.shape[1]) if given.ndim or j != int(given)]
    kept_columns = list(columns) or left
    X, names = X[:, kept_columns], [names[j] for j in kept_columns]
    if len(X) < 4:
        raise ValueError(f"there are {len(X)} rows; at least 4 are needed, to train and to test.")
    if X.shape[1] < 2:
        raise ValueError("two columns are needed; choose another one beside the target.")
    note = ""
    if len(X) > MOST_SAMPLES:
        rng = np.random.default_rng(seed)
        kept = np.sort(rng.permutation(len(X))[:MOST_SAMPLES])
        note = f"{MOST_SAMPLES:,} of {len(X):,} rows, drawn by the seed."
        X, target = X[kept], target[kept]
    parts = samples.split(len(X), train_share, seed)
    classes: tuple[str, ...] = ()
    unit = (1.0, 0.0)
    if kind == "Classes":
        found = samples.labelled(target)
        y, classes = found.y, found.classes
    else:
        y = checks.vector(target, len(X), "the target")
        with np.errstate(over="ignore", under="ignore"):
            unit = (float(y[parts.train].std()), float(y[parts.train].mean()))
        if np.ptp(y[parts.train]) == 0:
            raise ValueError("the target has the same value in every training row; choose another column.")
        if not 1e-150 < unit[0] < 1e150:
            raise ValueError("the target's values are too small or too large to work with; give them in another unit.")
    varies = np.ptp(X[parts.train], axis=0) > 0
    if not varies.all():
        note = f"{note} Without variation in the training rows, so left out: {_counted(int((~varies).sum()))}.".strip()
        X, names = X[:, varies], [name for name, there in zip(names, varies, strict=True) if there]
    if X.shape[1] < 2:
        raise ValueError("fewer than two columns vary in the training rows; choose other columns.")
    Z = samples.standardised(X, parts.train).X
    if Z.shape[1] > 2:
        return _on_plane(Z, y, classes, tuple(names), parts, loss, unit, note)
    features = samples.features(Z, inputs)
    none = np.zeros(features.shape[1]), np.ones(features.shape[1])
    return _problem(features, y, classes, inputs, Z, parts, loss, _reach(Z), (names[0], names[1]), *none, unit=unit, note=note)


def _counted(n: int) -> str:
    return f"{n} column{'s' * (n > 1)}"


def _in_units(
    features: Array, y: Array, classes: tuple[str, ...], inputs: Sequence[str], at: Array, share: float, seed: int,
    units: str, loss: str, radius: float, axes: tuple[str, str],
) -> Problem:  # fmt: skip
    """Return a problem whose inputs are features in other units."""
    parts = samples.split(len(features), share, seed)
    shift, scale = np.zeros(features.shape[1]), np.ones(features.shape[1])
    if units == "standardised":
        shift, scale = features[parts.train].mean(axis=0), features[parts.train].std(axis=0)
    elif units == "first in hundredths":
        scale[0] = 0.01
    elif units != "as drawn":
        raise ValueError(f"units {units!r} are not known; choose one of {', '.join(UNITS)}.")
    if not scale.all():
        raise ValueError("an input has the same value in every training row, so it cannot be standardised; take more samples.")
    return _problem((features - shift) / scale, y, classes, inputs, at, parts, loss, radius, axes, shift, scale)


def _on_plane(
    X: Array, y: Array, classes: tuple[str, ...], names: tuple[str, ...], parts: samples.Split, loss: str,
    unit: tuple[float, float] = (1.0, 0.0), note: str = "",
) -> Problem:  # fmt: skip
    """Return a problem with all columns as inputs, drawn on the plane of the first two principal components."""
    plane = samples.principal_plane(X[parts.train])
    at, axes = (X - plane.mean) @ plane.axes.T, ("component 1", "component 2")
    ones = np.ones(X.shape[1])
    return _problem(X, y, classes, names, at, parts, loss, _reach(at), axes, plane.mean, ones, plane.axes, unit, note)


def _problem(
    X: Array, y: Array, classes: tuple[str, ...], inputs: Sequence[str], at: Array, parts: samples.Split, loss: str,
    radius: float, axes: tuple[str, str], shift: Array, scale: Array, directions: Array | None = None,
    unit: tuple[float, float] = (1.0, 0.0), note: str = "",
) -> Problem:  # fmt: skip
    """Return a problem with its targets as the outputs give them."""
    if len(classes) > 2:
        loss, output = "cross-entropy", "softmax"
    elif classes:
        output = "sigmoid" if loss == "cross-entropy" else "tanh"
    else:
        loss, output = "squared", "linear"
    targets = samples.targets(y if classes else (y - unit[1]) / unit[0], len(classes), output)
    directions = np.empty((0, X.shape[1])) if directions is None else directions
    return Problem(
        X, targets, y, classes, tuple(inputs), at, parts.train, parts.test, radius, axes, output, loss, shift, scale,
        directions, unit, note,
    )  # fmt: skip


def _reach(at: Array) -> float:
    """Return a round radius around nearly all places."""
    far = float(np.quantile(np.abs(at), 0.99))
    return next((r for r in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0, 50.0) if r >= far), 100.0)
