"""Measure principal components: python benchmarks/pca.py [rounds].

Fit and transform, by `mml_core.pca` and by each of scikit-learn's solvers that is as exact as the precision of the table lets
it be and ends in time (its randomised one is some per cent off in the variances of the wide table). One BLAS thread each, as
on the server. Errors are the largest relative ones of the variances, against the two-pass covariance in double precision: for
the tables in single precision that is the truth, for those in double precision it is itself off by about 1e-14. Memory is the
peak of what NumPy asks for during one fit and transform, besides the table.
"""

from __future__ import annotations

import functools
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mml_core.pca import fit

Table = NDArray[Any]
Variances = NDArray[np.float64]
OURS = "ours"


def digits() -> Table:
    """Return the bundled digits, 1,797 x 64."""
    return np.array(load_digits().data)


def pictures() -> Table:
    """Return grey pictures of low rank and noise, whole numbers from 0 to 255 in single precision, 70,000 x 784."""
    rng, kind = np.random.default_rng(0), np.float32
    strength = (12 * 0.93 ** np.arange(100)).astype(kind)
    X = (rng.standard_normal((70_000, 100), kind) * strength) @ rng.standard_normal((100, 784), kind)
    X += 10 * rng.standard_normal(X.shape, kind)
    return np.clip(np.rint(X + 128), 0, 255)


def faces() -> Table:
    """Return fewer rows than columns, in single precision, 400 x 4,096."""
    rng, kind = np.random.default_rng(1), np.float32
    strength = (0.97 ** np.arange(300)).astype(kind)
    X: Table = (rng.standard_normal((400, 300), kind) * strength) @ rng.standard_normal((300, 4096), kind)
    return X + rng.standard_normal(X.shape, kind) / 10 + 5


def measurements() -> Table:
    """Return many rows of few columns, whose means are a thousand times their spread, 1,000,000 x 50."""
    rng = np.random.default_rng(2)
    return rng.standard_normal((1_000_000, 50)) * 0.9 ** np.arange(50) + 1000


# Name, table, components, orders of memory, scikit-learn's solvers.
CASES: tuple[tuple[str, Callable[[], Table], int, str, tuple[str, ...]], ...] = (
    ("1,797 x 64", digits, 2, "C", ("covariance_eigh", "full", "arpack")),
    ("1,797 x 64", digits, 10, "C", ("covariance_eigh", "full", "arpack")),
    ("400 x 4,096, single", faces, 100, "CF", ("full", "arpack")),
    ("1,000,000 x 50", measurements, 10, "CF", ("covariance_eigh",)),
    ("70,000 x 784, single", pictures, 50, "CF", ("covariance_eigh",)),
)


def ours(X: Table, k: int) -> Variances:
    """Fit and transform with the project's own."""
    found = fit(X, k)
    found.project(X)
    return found.explained_variance


def by_scikit_learn(X: Table, k: int, solver: str) -> Variances:
    """Fit and transform with scikit-learn."""
    found = PCA(k, svd_solver=solver, random_state=0)
    found.fit_transform(X)
    return np.asarray(found.explained_variance_, dtype=float)


def in_double_precision(X: Table, k: int) -> Variances:
    """Return the largest variances of the table, from the covariance in double precision about the mean."""
    mean = X.mean(axis=0, dtype=float)
    if len(X) < X.shape[1]:
        Z = X - mean
        return np.asarray(np.linalg.eigvalsh(Z @ Z.T)[: -k - 1 : -1] / (len(X) - 1))
    C = np.zeros((X.shape[1], X.shape[1]))
    for at in range(0, len(X), 5000):
        Z = X[at : at + 5000] - mean
        C += Z.T @ Z
    return np.asarray(np.linalg.eigvalsh(C)[: -k - 1 : -1] / (len(X) - 1))


def peak(way: Callable[[], object]) -> float:
    """Return the megabytes that a call takes at its height."""
    tracemalloc.start()
    way()
    height = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return height / 1e6


def timed(ways: Mapping[str, Callable[[], object]], n_runs: int) -> dict[str, NDArray[np.float64]]:
    """Run all in turn, so that a busy moment of the machine hits each of them, and return the seconds of each run."""
    spans: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(n_runs):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            spans[name].append(time.perf_counter() - start)
    return {name: np.array(span) for name, span in spans.items()}


def rows_of(name: str, X: Table, k: int, order: str, solvers: tuple[str, ...], n_runs: int) -> list[str]:
    """Return a row for each solver of scikit-learn."""
    truth = in_double_precision(X, k)
    ways: dict[str, Callable[[], Variances]] = {OURS: functools.partial(ours, X, k)}
    ways |= {solver: functools.partial(by_scikit_learn, X, k, solver) for solver in solvers}
    errors = {way: np.abs(call() / truth - 1).max() for way, call in ways.items()}
    if errors[OURS] > (1e-5 if X.dtype == np.float32 else 1e-12):
        raise AssertionError(f"the variances of {name} are off by {errors[OURS]:.1e}")
    heights = {way: peak(call) for way, call in ways.items()}
    times = timed(ways, n_runs if X.size > 1e6 else 5 * n_runs)
    return [
        f"| {name}, k = {k} | {'rows' if order == 'C' else 'columns'} | {solver} | {1e3 * np.median(times[OURS]):.1f} | "
        f"{np.median(times[OURS] / times[solver]):.2f} | {errors[OURS]:.1e} | {errors[solver]:.1e} | "
        f"{heights[OURS]:.1f} | {heights[OURS] / heights[solver]:.2f} |"
        for solver in solvers
    ]


@threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator, unused-ignore]
def main(repeats: int) -> None:
    """Run all and print their table."""
    print(f"Fit and transform, against scikit-learn, median of {repeats} interleaved runs (small tables: five times as many)\n")
    print("| table | in memory by | its solver | ours, ms | ours / its time | our error | its error | ours, MB | / its |")
    print("|---|---|---|---:|---:|---:|---:|---:|---:|")
    for name, made, k, orders, solvers in CASES:
        for order in orders:
            X = np.asarray(made(), order=order)  # type: ignore[call-overload]
            print(*rows_of(name, X, k, order, solvers, repeats), sep="\n", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
