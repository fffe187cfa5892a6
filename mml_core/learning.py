"""A problem and a recipe together: the training, how well it does, other seeds, and scikit-learn beside it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mml_core import backprop, checks, inside, neural_net, samples, training
from mml_core.checks import Array
from mml_core.neural_net import Network
from mml_core.problems import Problem
from mml_core.training import Recipe, Report, Training


@dataclass(frozen=True)
class Scores:
    """How well a network does on the training part and on the test part.

    Attributes:
        train, test: Share of right answers; of a regression R^2.
        train_error, test_error: Of a regression the root mean square error in the unit of the target; else NaN.
        confusion: Of classes, how many test samples of each class (rows) are taken for each (columns); else (0, 0).
    """

    train: float
    test: float
    train_error: float
    test_error: float
    confusion: NDArray[np.int64]


@dataclass(frozen=True)
class Seeds:
    """The same training from other first weights: its last picture (n, m, m) and its test score (n,) for each seed."""

    seeds: NDArray[np.int64]
    shown: Array
    regions: NDArray[np.int64]
    scores: Array


@dataclass(frozen=True)
class Reference:
    """scikit-learn's MLP with the same layers and rate beside ours: test scores, losses, and seconds that both took."""

    name: str
    ours: float
    theirs: float
    their_losses: Array
    our_seconds: float = field(metadata={"varies": True})
    their_seconds: float = field(metadata={"varies": True})


@dataclass(frozen=True)
class CheckedSlope:
    """The derivative of the mean training loss by one weight: by backpropagation, and by a central difference."""

    slope: float
    difference: float


def learn(
    problem: Problem, recipe: Recipe, n_epochs: int = 100, *, report: Report = None, before: Training | None = None
) -> Training:
    """Train on the training part of a problem, and look at the test part after every epoch.

    Args:
        problem: What is to be learnt.
        recipe: How; its layers, output and loss must fit the problem.
        n_epochs: For how long, 0 to 100,000.
        report: Called as (done, total) after every few epochs.
        before: A training that may be gone on from, where it is of the same samples and recipe: the result is the same.

    Returns:
        The training.

    Raises:
        ValueError: The recipe does not fit the problem, or something in it is out of range.

    >>> from mml_core.problems import toy_problem
    >>> run = learn(toy_problem("Two blobs"), Recipe((2, 1)), 20)
    >>> run.n_epochs, bool(run.test_accuracy[-1] > 0.99)
    (20, True)
    """
    X, y = problem.X[problem.train], problem.targets[problem.train]
    test = (problem.X[problem.test], problem.targets[problem.test])
    if before is not None and before.recipe == recipe and before.n_epochs <= n_epochs and _is_of(before, problem):
        return training.train_on(before, X, y, n_epochs - before.n_epochs, test=test, report=report)
    return training.train(X, y, n_epochs=n_epochs, test=test, report=report, **vars(recipe))


def _is_of(run: Training, problem: Problem) -> bool:
    """Return whether a training was on these samples: the last network that it kept has the same losses on them."""
    if problem.X.shape[1] != run.recipe.layers[0] or problem.n_outputs != run.recipe.layers[-1]:
        return False
    last = run.n_epochs - run.n_epochs % run.every
    return bool(
        np.allclose(losses_of(problem, run.network(last)), [run.train_loss[last], run.test_loss[last]], rtol=1e-9, atol=0)
    )


def losses_of(problem: Problem, network: Network) -> tuple[float, float]:
    """Return the mean loss of a network on the training part and on the test part, without any price of weights.

    >>> from mml_core.problems import toy_problem
    >>> net = Network((np.zeros((1, 2)),), (np.zeros(1),), output="tanh")
    >>> losses_of(toy_problem("Two blobs"), net)  # half of 1, whatever the class
    (0.5, 0.5)
    """
    train, test = (
        neural_net.loss_of(network, neural_net.forward(network, problem.X[part]), problem.targets[part])
        for part in (problem.train, problem.test)
    )
    return train, test


def scores(problem: Problem, network: Network) -> Scores:
    """Return how well a network does.

    >>> from mml_core.problems import toy_problem
    >>> p = toy_problem("Two blobs")
    >>> scores(p, Network((np.array([[1.0, 1.0]]),), (np.zeros(1),), output="tanh")).confusion.sum() == len(p.test)
    np.True_
    """
    parts = (problem.train, problem.test)
    passes = [neural_net.forward(network, problem.X[part]) for part in parts]
    if problem.classes:
        chosen = [neural_net.predicted(network, one) for one in passes]
        right = [float((c == problem.y[part]).mean()) for c, part in zip(chosen, parts, strict=True)]
        table = samples.confusion(problem.y[problem.test], chosen[1], len(problem.classes))
        return Scores(right[0], right[1], np.nan, np.nan, table)
    values = [one.a[-1][:, 0] * problem.unit[0] + problem.unit[1] for one in passes]
    wanted = [problem.y[part] for part in parts]
    fits = [samples.r_squared(w, v) if np.ptp(w) > 0 else np.nan for w, v in zip(wanted, values, strict=True)]
    off = [samples.root_mean_square_error(w, v) for w, v in zip(wanted, values, strict=True)]
    return Scores(fits[0], fits[1], off[0], off[1], np.empty((0, 0), np.int64))


def checked_slope(problem: Problem, network: Network, name: str) -> CheckedSlope:
    """Return the slope of the training loss by one weight twice: dL/dw, and (L(w + e) - L(w - e)) / 2e with e = 1e-5.

    Args:
        problem: What is learnt; its training part counts.
        network: The network.
        name: Of the weight or bias, as in `backprop.parameter_names`.

    Raises:
        ValueError: There is no weight of that name, or the network does not fit.

    >>> from mml_core.problems import toy_problem
    >>> net = Network((np.array([[1.0, 1.0]]),), (np.zeros(1),), output="tanh")
    >>> found = checked_slope(toy_problem("Two blobs"), net, "w1_1_1")
    >>> abs(found.slope - found.difference) < 1e-9
    True
    """
    X, y = problem.X[problem.train], problem.targets[problem.train]
    slope = backprop.one_step(network, X, y, name, 0).gradient[0]
    around = backprop.along(network, X, y, name, 1e-5, 3).losses
    return CheckedSlope(float(slope), float(around[2] - around[0]) / 2e-5)


def other_seeds(problem: Problem, recipe: Recipe, n_epochs: int, n: int = 12, *, report: Report = None) -> Seeds:
    """Train from n other first weights, with seeds recipe.seed, recipe.seed + 1, ..., and keep the last pictures.

    Args:
        problem, recipe, n_epochs: As for `learn`.
        n: How many seeds, 1 to 100.
        report: Called as (done, total) after each of them.

    Returns:
        Seeds, pictures and scores; where a training ended early, the last network that it has.

    Raises:
        ValueError: As for `learn`.

    >>> from mml_core.problems import toy_problem
    >>> other_seeds(toy_problem("Two blobs"), Recipe((2, 1)), 5, 3).seeds.tolist()
    [1, 2, 3]
    """
    seeds = recipe.seed + np.arange(checks.whole_number(n, "n", 1, 100))
    shown, regions, found = [], [], []
    for i, seed in enumerate(seeds.tolist()):
        run = learn(problem, replace(recipe, seed=seed), n_epochs)
        last = run.n_epochs - run.n_epochs % run.every
        seen = inside.heat_maps(problem, run.network(last), n=48, m=2)
        shown.append(seen.shown)
        regions.append(seen.regions)
        found.append(run.test_accuracy[last])
        if report is not None:
            report(i + 1, n)
    return Seeds(seeds, np.array(shown, float), np.array(regions), np.array(found))


def reference(problem: Problem, recipe: Recipe, n_epochs: int, *, report: Report = None) -> Reference:
    """Train scikit-learn's multilayer perceptron with the same layers, activation, rate, batches, momentum and L2.

    Its output is its own: for classes logistic or softmax with cross-entropy, for values linear with the squared error. Its
    first weights and the order of its batches are drawn by its own rules.

    Args:
        problem, recipe, n_epochs: As for `learn`; at least one hidden layer.
        report: Called as (done, total) after every few epochs.

    Returns:
        Scores, losses and times of both.

    Raises:
        ValueError: There is no hidden layer, which scikit-learn's has to have; or the numbers overflow there.

    >>> from mml_core.problems import toy_problem
    >>> reference(toy_problem("Two blobs"), Recipe((2, 3, 1)), 20).theirs > 0.9
    True
    """
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    hidden = recipe.layers[1:-1]
    if not hidden:
        raise ValueError("scikit-learn's network has to have a hidden layer; add one to compare.")
    checks.whole_number(n_epochs, "n_epochs", 1)
    X, wanted = problem.X[problem.train], problem.y[problem.train] if problem.classes else problem.targets[problem.train][:, 0]
    names = {"tanh": "tanh", "ReLU": "relu", "sigmoid": "logistic", "linear": "identity"}
    kind = MLPClassifier if problem.classes else MLPRegressor
    size = min(recipe.batch_size, len(X))
    theirs = kind(
        hidden_layer_sizes=hidden, activation=names[recipe.activation], solver="sgd", alpha=recipe.l2 * size, batch_size=size,
        learning_rate_init=recipe.learning_rate, momentum=recipe.momentum, nesterovs_momentum=False, random_state=recipe.seed,
    )  # fmt: skip
    known = {"classes": np.arange(len(problem.classes), dtype=float)} if problem.classes else {}
    begun = time.perf_counter()
    for epoch in range(n_epochs):
        try:
            theirs.partial_fit(X, wanted, **known)
        except ValueError as overflow:
            if "non-finite" not in str(overflow):
                raise
            raise ValueError(f"scikit-learn's training ended in epoch {epoch + 1}: its numbers overflow.") from overflow
        if report is not None and epoch % 8 == 0:
            report(epoch, 2 * n_epochs)
    middle = time.perf_counter()
    run = learn(problem, recipe, n_epochs)
    ended = time.perf_counter()
    there = problem.y[problem.test] if problem.classes else problem.targets[problem.test][:, 0]
    score = float(theirs.score(problem.X[problem.test], there))
    ours = scores(problem, run.network(run.n_epochs)).test
    return Reference(kind.__name__, ours, score, np.array(theirs.loss_curve_), ended - middle, middle - begun)
