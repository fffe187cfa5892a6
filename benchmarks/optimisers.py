"""Measure descents of one walker and of ten thousand: python benchmarks/optimisers.py [runs].

One walker, 1,000 steps on Rosenbrock's valley: `descend` with all that it returns, against the same steps on NumPy arrays of
two numbers and against torch.optim with autograd, which only walk. Many walkers: `descend(keep="last")` against the same lines
on plain floats, one walker after the other.
"""

from __future__ import annotations

import collections
import functools
import itertools
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mml_core.descents import descend
from mml_core.landscapes import Rosenbrock
from mml_core.optimisers import METHODS

try:
    import torch
except ImportError:
    torch = None

Times = dict[str, NDArray[np.float64]]
Pair = NDArray[np.float64]
START, N_STEPS, N_WALKERS, N_MANY = (-1.5, 2.0), 1000, 10_000, 200
RATES = {
    "Gradient descent": 1e-3, "Momentum": 1e-4, "Nesterov": 1e-4, "AdaGrad": 0.5, "RMSProp": 0.01, "Adam": 0.05, "Newton": 1.0,
    "Guarded Newton": 1e-3, "Line search": 0.01,
}  # fmt: skip
OURS, LINES, ARRAYS, TORCH = "ours", "our lines alone", "small NumPy arrays", "torch.optim"


def slopes(p: Pair) -> Pair:
    """Return the gradient of Rosenbrock's function."""
    v = 200.0 * (p[1] - p[0] * p[0])
    return np.array([2.0 * (p[0] - 1.0 - p[0] * v), v])


def ours(method: str, rate: float, n_steps: int) -> Pair:
    """Walk with our lines, and collect all that a page shows."""
    return descend(Rosenbrock(), START, method, rate, n_steps).points[-1]


def lines_alone(method: str, rate: float, n_steps: int) -> Pair:
    """Walk with our lines and keep nothing."""
    last = collections.deque(itertools.islice(METHODS[method].walk(Rosenbrock(), *START, rate), n_steps), maxlen=1)
    return np.array(last[0][:2])


def on_small_arrays(method: str, rate: float, n_steps: int) -> Pair:
    """Walk with arrays of two numbers, as a tutorial would write it."""
    p, v, s = np.array(START), np.zeros(2), np.zeros(2)
    for t in range(1, n_steps + 1):
        g = slopes(p)
        if method == "Gradient descent":
            p = p - rate * g
        elif method in ("Momentum", "Nesterov"):
            v = 0.9 * v - rate * g
            p = p + v if method == "Momentum" else p + 0.9 * v - rate * g
        elif method == "AdaGrad":
            s = s + g * g
            p = p - rate * g / (np.sqrt(s) + 1e-10)
        elif method == "RMSProp":
            s = 0.99 * s + 0.01 * g * g
            p = p - rate * g / (np.sqrt(s) + 1e-8)
        else:
            v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g * g
            p = p - rate / (1 - 0.9**t) * v / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
    return p


def by_torch(method: str, rate: float, n_steps: int) -> Pair:
    """Walk with torch.optim, the gradient by autograd."""
    kinds: dict[str, tuple[Any, dict[str, Any]]] = {
        "Gradient descent": (torch.optim.SGD, {}),
        "Momentum": (torch.optim.SGD, {"momentum": 0.9}),
        "Nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
        "AdaGrad": (torch.optim.Adagrad, {}),
        "RMSProp": (torch.optim.RMSprop, {}),
        "Adam": (torch.optim.Adam, {}),
    }
    kind, words = kinds[method]
    p = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimiser = kind([p], lr=rate, **words)
    for _ in range(n_steps):
        optimiser.zero_grad()
        ((1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2).backward()
        optimiser.step()
    return np.array(p.tolist())


def timed(ways: dict[str, Callable[[], object]], n_runs: int) -> Times:
    """Run all in turn, so that a busy moment of the machine hits each of them, and return the seconds of each run."""
    spans: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(n_runs):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            spans[name].append(time.perf_counter() - start)
    return {name: np.array(span) for name, span in spans.items()}


def one_walker(n_runs: int) -> list[str]:
    """Return a row for each method that PyTorch has too."""
    rows = []
    for method in ("Gradient descent", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam"):
        rate = RATES[method]
        walks: dict[str, Callable[..., Pair]] = {OURS: ours, LINES: lines_alone, ARRAYS: on_small_arrays}
        if torch is not None:
            walks[TORCH] = by_torch
        ends = [walk(method, rate, 100) for walk in walks.values()]  # later rounding grows where a walk bounces to and fro
        if max(np.abs(end - ends[0]).max() for end in ends) > 1e-9:
            raise AssertionError(f"not all walk as {method} does")
        times = timed({name: functools.partial(walk, method, rate, N_STEPS) for name, walk in walks.items()}, n_runs)
        pairs = ((OURS, ARRAYS), (LINES, ARRAYS), (OURS, TORCH), (LINES, TORCH))
        ratios = [f"{np.median(times[a] / times[b]):.3f}" if b in times else "not installed" for a, b in pairs]
        rows.append(f"| {method} | {1e3 * np.median(times[OURS]):.2f} | {' | '.join(ratios)} |")
    return rows


def many_walkers(n_runs: int) -> list[str]:
    """Return a row for each method."""
    rows, few = [], 40
    starts = np.random.default_rng(0).uniform([-2, -1], [2, 3], (N_WALKERS, 2))

    def side_by_side(method: str, rate: float) -> None:
        descend(Rosenbrock(), starts, method, rate, N_MANY, keep="last")

    def on_floats(method: str, rate: float) -> None:
        for x, y in starts[:few].tolist():
            for _ in itertools.islice(METHODS[method].walk(Rosenbrock(), x, y, rate), N_MANY):
                pass

    for method, rate in RATES.items():
        ways = {walk.__name__: functools.partial(walk, method, rate) for walk in (side_by_side, on_floats)}
        times = timed(ways, n_runs)
        each, alone = 1e9 * times["side_by_side"] / (N_MANY * N_WALKERS), 1e9 * times["on_floats"] / (N_MANY * few)
        rows.append(f"| {method} | {np.median(each):.1f} | {each.min():.1f} | {np.median(each / alone):.3f} |")
    return rows


def main(repeats: int) -> None:
    """Run both and print their tables."""
    print(f"One walker, {N_STEPS} steps on Rosenbrock's valley, median of {repeats} interleaved runs\n")
    head = "| method | ms | ours / small NumPy arrays | our lines alone / these | ours / torch.optim | our lines alone / this |"
    print(f"{head}\n|---|---:|---:|---:|---:|---:|", *one_walker(repeats), sep="\n")
    print(f"\n{N_WALKERS} walkers, {N_MANY} steps, the ends and how they ended; {repeats} interleaved runs\n")
    head = "| method | ns a step and walker, median | least | ours / the same lines on floats |"
    print(f"{head}\n|---|---:|---:|---:|", *many_walkers(repeats), sep="\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
