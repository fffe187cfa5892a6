"""Measure the training of small networks: python -m benchmarks.neural_net [rounds].

500 points, half of them to train on. `train` and the two that are written to be read also take both losses and both scores and
keep the weights after each epoch; scikit-learn and PyTorch only train, so that our steps alone stand beside them as well. All
begin at the same weights and see the same batches where they can be told: then they end at the same weights, which is checked
first. A frame is what a page shows while a network trains: an epoch, both losses, the weights kept, and what each neuron makes
of 100 x 100 points. With PyTorch:
    /tmp/torchvenv/bin/pip install torch numpy scipy scikit-learn
    /tmp/torchvenv/bin/python -m benchmarks.neural_net
"""

from __future__ import annotations

import functools
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mml_core import engine, neural_net, training
from mml_core.engine import Engine
from mml_core.training import Recipe, packed, train, train_plainly

try:
    import torch  # type: ignore[import-not-found, unused-ignore]
except ImportError:
    torch = None

Array = NDArray[np.float64]
Times = dict[str, Array]
N, HALF, RATE, SIDE = 500, 250, 0.03, 100
LAYERS, BATCHES = ((2, 4, 2, 1), (2, 8, 8, 8, 1)), (10, 30)
OURS, STEPS, PLAIN, FRESH = "train", "steps alone", "train_plainly", "fresh arrays"
SCIKIT, SCIKIT_ON, TORCH = "fit", "partial_fit", "PyTorch"
# Epochs of a round, so that each takes some tens of milliseconds: what a training costs once is small beside them.
EPOCHS = {OURS: 50, STEPS: 50, PLAIN: 5, FRESH: 20, SCIKIT: 10, SCIKIT_ON: 10, TORCH: 5}


@functools.cache
def data() -> tuple[Array, Array]:
    """Return points of two classes that no line parts."""
    rng = np.random.default_rng(4)
    X = rng.normal(size=(N, 2))
    return X, np.sign(X[:, :1] * X[:, 1:])


def ours(recipe: Recipe, n_epochs: int, plainly: bool = False) -> Array:
    """Train with the project's fast or plain way."""
    X, y = data()
    words: dict[str, Any] = {name: getattr(recipe, name) for name in ("layers", "output", "learning_rate", "batch_size")}
    way: Callable[..., training.Training] = train_plainly if plainly else train
    end: Array = way(X[:HALF], y[:HALF], n_epochs=n_epochs, test=(X[HALF:], y[HALF:]), **words).end[0]
    return end


def steps_alone(recipe: Recipe, n_epochs: int) -> Array:
    """Train with the engine of `train`, and look at nothing."""
    X, y = data()
    weights = packed(recipe.start())
    machine = Engine(recipe, [(X[:HALF], y[:HALF])], weights, 0 * weights)
    for epoch in range(n_epochs):
        machine.epoch(training._orders(recipe.seed, epoch // 64, HALF)[epoch % 64])
    return machine.weights


def with_fresh_arrays(recipe: Recipe, n_epochs: int) -> Array:
    """Train as a textbook would write it: tanh, samples in rows, new arrays at each step, nothing checked."""
    X, y = data()
    X, y, Z, t = X[:HALF], y[:HALF], X[HALF:], y[HALF:]
    first = recipe.start()
    W, b = [w.T.copy() for w in first.weights], [v.copy() for v in first.biases]
    kept, losses = [], []

    def ahead(a: Array) -> list[Array]:
        found = [a]
        for w, v in zip(W[:-1], b[:-1], strict=True):
            found.append(np.tanh(found[-1] @ w + v))
        return [*found, found[-1] @ W[-1] + b[-1]]

    for epoch in range(n_epochs + 1):
        order = training._orders(recipe.seed, (epoch - 1) // 64, HALF)[(epoch - 1) % 64] if epoch else np.arange(0)
        for at in range(0, len(order), recipe.batch_size):
            rows = order[at : at + recipe.batch_size]
            a = ahead(X[rows])
            delta = (a[-1] - y[rows]) / len(rows)
            for i in reversed(range(len(W))):
                dW, db = a[i].T @ delta, delta.sum(axis=0)
                if i:
                    delta = (delta @ W[i].T) * (1 - a[i] ** 2)
                W[i] = W[i] - recipe.learning_rate * dW
                b[i] = b[i] - recipe.learning_rate * db
        offs = [ahead(points)[-1] - wanted for points, wanted in ((X, y), (Z, t))]
        losses.append([(off**2).mean() / 2 for off in offs] + [1 - (off**2).mean() for off in offs])  # and about R^2
        kept.append([part.copy() for part in (*W, *b)])
    return np.concatenate([np.column_stack([w.T, v]).ravel() for w, v in zip(W, b, strict=True)])


def by_scikit_learn(recipe: Recipe, n_epochs: int, on: bool) -> Array:
    """Train with MLPRegressor, in one fit or an epoch at a time; it draws its own first weights and orders."""
    X, y = data()
    theirs = MLPRegressor(
        hidden_layer_sizes=recipe.layers[1:-1], activation="tanh", solver="sgd", alpha=0, batch_size=recipe.batch_size,
        learning_rate_init=recipe.learning_rate, momentum=0, max_iter=n_epochs, tol=0, n_iter_no_change=10**9, random_state=1,
    )  # fmt: skip
    with warnings.catch_warnings(), sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
        warnings.simplefilter("ignore")  # that it has not converged
        if on:
            for _ in range(n_epochs):
                theirs.partial_fit(X[:HALF], y[:HALF, 0])
        else:
            theirs.fit(X[:HALF], y[:HALF, 0])
    return np.concatenate([part.ravel() for part in (*theirs.coefs_, *theirs.intercepts_)])


def by_torch(recipe: Recipe, n_epochs: int) -> Array:
    """Train with torch.nn and torch.optim.SGD, the gradient by autograd."""
    X, y = (torch.tensor(part[:HALF]) for part in data())
    modules: list[Any] = []
    first = recipe.start()
    for W, b in zip(first.weights, first.biases, strict=True):
        linear = torch.nn.Linear(W.shape[1], W.shape[0], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(W))
            linear.bias.copy_(torch.tensor(b))
        modules += [linear, torch.nn.Tanh()]
    net = torch.nn.Sequential(*modules[:-1])
    optimiser = torch.optim.SGD(net.parameters(), lr=recipe.learning_rate)
    for epoch in range(n_epochs):
        order = torch.from_numpy(training._orders(recipe.seed, epoch // 64, HALF)[epoch % 64].copy())
        inputs, wanted = X[order].split(recipe.batch_size), y[order].split(recipe.batch_size)
        for x, t in zip(inputs, wanted, strict=True):
            optimiser.zero_grad()
            (torch.nn.functional.mse_loss(net(x), t) / 2).backward()
            optimiser.step()
    return np.concatenate([torch.hstack([m.weight, m.bias[:, None]]).detach().numpy().ravel() for m in modules[:-1:2]])


def timed(ways: Mapping[str, Callable[[], object]], n_runs: int) -> Times:
    """Run all in turn, so that a busy moment of the machine hits each of them, and return the seconds of each run."""
    spans: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(n_runs):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            spans[name].append(time.perf_counter() - start)
    return {name: np.array(span) for name, span in spans.items()}


def trainings(n_runs: int) -> list[str]:
    """Return a row for each network and size of a batch."""
    rows = []
    for layers in LAYERS:
        for batch_size in BATCHES:
            recipe = Recipe(layers, output="linear", learning_rate=RATE, batch_size=batch_size)
            ways: dict[str, Callable[..., Array]] = {
                OURS: ours,
                STEPS: steps_alone,
                PLAIN: functools.partial(ours, plainly=True),
                FRESH: with_fresh_arrays,
                SCIKIT: functools.partial(by_scikit_learn, on=False),
                SCIKIT_ON: functools.partial(by_scikit_learn, on=True),
            }
            if torch is not None:
                ways[TORCH] = by_torch
            ends = [way(recipe, 3) for name, way in ways.items() if name not in (SCIKIT, SCIKIT_ON)]
            if max(np.abs(end - ends[0]).max() for end in ends) > 1e-12:
                raise AssertionError(f"not all train {layers} alike")
            times = timed({name: functools.partial(way, recipe, EPOCHS[name]) for name, way in ways.items()}, n_runs)
            each = {name: spans / EPOCHS[name] for name, spans in times.items()}
            each["scikit-learn"] = min(each[SCIKIT], each[SCIKIT_ON], key=np.median)
            pairs = [(PLAIN, OURS), (FRESH, OURS)] + [(rival, us) for rival in ("scikit-learn", TORCH) for us in (OURS, STEPS)]
            ratios = [f"{np.median(each[a] / each[b]):.1f}" if a in each else "not installed" for a, b in pairs]
            name = "-".join(map(str, layers))
            rows.append(f"| {name} | {batch_size} | {1 / np.median(each[OURS]):.0f} | {' | '.join(ratios)} |")
    return rows


def frames(n_runs: int) -> list[str]:
    """Return a row for each way to make the maps of all neurons."""
    X, y = data()
    parts = [(X[:HALF], y[:HALF]), (X[HALF:], y[HALF:])]
    axis = np.linspace(-3, 3, SIDE)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    rows, count = [], 20
    for batch_size in BATCHES:
        recipe = Recipe((2, 4, 2, 1), batch_size=batch_size)
        weights = packed(recipe.start())
        machine = Engine(recipe, parts, weights, 0 * weights)
        maps = engine._Pass(machine, np.vstack([grid.T, np.ones(len(grid))]), np.zeros((1, len(grid))))
        kept: list[Array] = []

        def epochs(machine: Engine, kept: list[Array], show: Callable[[], object]) -> None:
            for epoch in range(count):
                machine.epoch(training._orders(1, 0, HALF)[epoch])
                machine.losses()
                kept.append(machine.weights.copy())
                show()
            kept.clear()

        def forward(machine: Engine, recipe: Recipe) -> object:
            return neural_net.forward(training.unpacked_network(machine.weights, recipe), grid)

        # Single precision is all that colours need, and NumPy's tanh is several times as fast in it.
        columns = np.vstack([grid.T, np.ones(len(grid))]).astype(np.float32)
        single = [np.ones((size + 1, len(grid)), np.float32) for size in recipe.layers[1:]]

        def in_single(machine: Engine, columns: Any, single: list[Any]) -> None:
            before = columns
            for W, a in zip(engine.matrices(machine.weights.astype(np.float32), machine.recipe.layers), single, strict=True):
                np.dot(W, before, a[:-1])
                np.tanh(a[:-1], a[:-1])
                before = a

        shows: dict[str, Callable[[], object]] = {
            "no maps": lambda: None, "maps in the engine's arrays": maps.forward,
            "maps by forward": functools.partial(forward, machine, recipe),
            "maps in single precision": functools.partial(in_single, machine, columns, single),
        }  # fmt: skip
        times = timed({name: functools.partial(epochs, machine, kept, show) for name, show in shows.items()}, n_runs)
        rows += [
            f"| {batch_size} | {name} | {count / np.median(spans):.0f} | {np.median(spans / times['no maps']):.1f} |"
            for name, spans in times.items()
        ]
    return rows


def main(repeats: int) -> None:
    """Run both and print their tables."""
    if torch is not None:
        torch.set_num_threads(1)
    with threadpool_limits(1):
        print(f"Training with {HALF} of {N} points, tanh, how many times as long an epoch takes as with `train`;")
        print(f"median of {repeats} interleaved rounds, one thread. `train_plainly` also checks its inputs at every step;")
        print("fresh arrays are the same lines without checks. scikit-learn's is the faster of `fit` and `partial_fit`.")
        print("Of the last four columns, which stand for rivals that only train, two compare with our steps alone.\n")
        rivals = "scikit-learn / `train` | scikit-learn / steps | PyTorch, eager / `train` | PyTorch / steps"
        head = f"| network | batch | epochs a second, `train` | `train_plainly` | fresh arrays | {rivals} |"
        print(f"{head}\n|---|---:|---:|---:|---:|---:|---:|---:|---:|", *trainings(repeats), sep="\n")
        print(f"\nA frame of 2-4-2-1: an epoch, both losses, the weights kept, all neurons at {SIDE} x {SIDE} points\n")
        head = "| batch | maps | frames a second | time / that without maps |"
        print(f"{head}\n|---:|---|---:|---:|", *frames(repeats), sep="\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
