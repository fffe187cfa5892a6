"""Training: the fast way against the plain one, against PyTorch and by hand; going on, going back, and ending early."""

import doctest
import functools
import itertools
import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from conftest import some
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, r2_score

from mml_core import engine, neural_net, training
from mml_core.engine import Engine
from mml_core.training import Recipe, packed, scorer, train, train_on, train_plainly, unpacked_network

FIXTURE = json.loads((Path(__file__).parent / "fixtures" / "neural_net.json").read_text(encoding="utf-8"))
ENDS = [
    *((output, "squared") for output in neural_net.ACTIVATIONS), ("sigmoid", "cross-entropy"), ("softmax", "cross-entropy"),
]  # fmt: skip
KINDS = [(activation, *end) for activation in neural_net.ACTIVATIONS for end in ENDS]
SERIES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")


@functools.cache
def samples(n=47, n_outputs=1, output="tanh", loss="squared", seed=7):
    """Return samples inside and outside a wavy circle, with targets of the kind that goes with the output."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.5, 1.5, (n, 2))
    groups = ((X**2).sum(axis=1) > 1 + 0.5 * np.sin(3 * X[:, 0])).astype(int)
    if output == "softmax":
        return X, np.eye(n_outputs)[(groups + (X[:, 1] > 0)) % n_outputs]
    if loss == "cross-entropy":
        return X, np.repeat(groups[:, None].astype(float), n_outputs, axis=1)
    return X, np.column_stack([2 * groups - 1 + 0.1 * j * X[:, 0] for j in range(n_outputs)])


def same(ours, theirs, atol=0.0):
    """See that two trainings are the same, number by number."""
    assert (ours.recipe, ours.every, ours.reason) == (theirs.recipe, theirs.every, theirs.reason)
    for name in ("history", *SERIES):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=0, atol=atol, err_msg=name)
    used = 2 if ours.recipe.momentum else 1  # without momentum nobody asks for the velocity
    np.testing.assert_allclose(ours.end[:used], theirs.end[:used], rtol=0, atol=atol)


def finite(run):
    """Say whether all that can be looked at is made of numbers; where there is no test part, nothing is."""
    parts = [run.history, run.train_loss, *([] if np.isnan(run.test_loss).all() else [run.test_loss])]
    return all(np.isfinite(part).all() for part in parts)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(training).failed == 0
    assert doctest.testmod(engine).failed == 0


# --- fast and plain are the same

SETTINGS = list(itertools.product((0, 0.01), (0, 0.02), (0, 0.9), (1, 10, 30, 47, 100), (1, 3), (False, True)))


@pytest.mark.parametrize(
    ("activation", "output", "loss", "settings"),
    [(*kind, settings) for kind in KINDS for settings in some(SETTINGS, 2, kind)],
)
def test_fast_training_is_the_plain_one(activation, output, loss, settings):
    l1, l2, momentum, batch_size, n_outputs, with_test = settings
    n_outputs += output == "softmax"
    X, y = samples(47, n_outputs, output, loss)
    test = samples(21, n_outputs, output, loss, 8) if with_test else None
    words = dict(
        layers=(2, 5, 3, n_outputs), activation=activation, output=output, loss=loss, learning_rate=0.02,
        batch_size=batch_size, n_epochs=4, l1=l1, l2=l2, momentum=momentum, test=test, seed=3,
    )  # fmt: skip
    fast = train(X, y, **words)
    same(fast, train_plainly(X, y, **words), 1e-12)
    assert len(fast.history) == len(fast.train_loss) == 5
    assert np.isnan(fast.test_loss).all() == np.isnan(fast.test_accuracy).all() == (not with_test)
    assert finite(fast)


def test_fast_training_is_the_plain_one_for_a_hundred_epochs():
    X, y = samples()
    words = dict(layers=(2, 4, 2, 1), n_epochs=100, momentum=0.5, l1=1e-4, l2=1e-3, test=samples(20, seed=9))
    same(train(X, y, **words), train_plainly(X, y, **words), 1e-12)


def test_the_velocity_at_the_end_is_the_last_step_also_without_momentum():
    X, y = samples()
    words = dict(layers=(2, 3, 1), n_epochs=3)
    np.testing.assert_allclose(train(X, y, **words).end, train_plainly(X, y, **words).end, rtol=0, atol=1e-12)


def test_training_learns():
    X, y = samples(200)
    run = train(X, y, layers=(2, 8, 1), learning_rate=0.1, momentum=0.5, n_epochs=200, test=samples(100, seed=8))
    assert run.train_loss[-1] < 0.1 * run.train_loss[0]
    assert run.train_accuracy[-1] > 0.95
    assert run.test_accuracy[-1] > 0.9


def test_the_test_part_is_only_looked_at():
    X, y = samples()
    alone, watched = (train(X, y, layers=(2, 3, 1), n_epochs=10, test=test) for test in (None, samples(30, seed=9)))
    assert np.abs(alone.history - watched.history).max() == 0
    np.testing.assert_allclose(alone.train_loss, watched.train_loss, rtol=1e-14)


def test_losses_and_scores_are_those_of_the_networks_that_were_kept():
    (X, y), test = samples(), samples(20, seed=9)
    run = train(X, y, layers=(2, 4, 1), n_epochs=12, l1=0.01, l2=0.01, test=test)
    for epoch in range(13):
        network = run.network(epoch)
        for (inputs, wanted), losses, scores in (
            ((X, y), run.train_loss, run.train_accuracy), (test, run.test_loss, run.test_accuracy),
        ):  # fmt: skip
            passed = neural_net.forward(network, inputs)
            assert losses[epoch] == pytest.approx(neural_net.loss_of(network, passed, wanted), rel=1e-12)
            assert scores[epoch] == np.mean((passed.a[-1] > 0) == (wanted > 0))


# --- by hand


def test_three_steps_of_a_net_of_two_neurons_are_those_computed_by_hand():
    """h = tanh(u x + p), o = tanh(w h + q), L = mean of (o - y)^2 / 2, with plain math."""
    xs, ys, rate, momentum, l1, l2 = (0.5, -1.5), (1.0, -0.5), 0.3, 0.6, 0.01, 0.1
    recipe = Recipe((1, 1, 1), learning_rate=rate, batch_size=2, momentum=momentum, l1=l1, l2=l2)
    u, p, w, q = 0.7, -0.2, -1.1, 0.4
    at = np.array([u, p, w, q])
    X, Y = np.array(xs)[:, None], np.array(ys)[:, None]
    machine, network, velocity = Engine(recipe, [(X, Y)], at, 0 * at), unpacked_network(at, recipe), None
    vu = vp = vw = vq = 0.0
    for _ in range(3):
        du = dp = dw = dq = 0.0
        for x, y in zip(xs, ys, strict=True):
            h = math.tanh(u * x + p)
            o = math.tanh(w * h + q)
            by_o = (o - y) / 2
            by_outer = by_o * (1 - o * o)
            by_inner = by_outer * w * (1 - h * h)
            dw, dq, du, dp = dw + by_outer * h, dq + by_outer, du + by_inner * x, dp + by_inner
        dw, du = dw + l1 * math.copysign(1, w) + l2 * w, du + l1 * math.copysign(1, u) + l2 * u
        vu, vp, vw, vq = (momentum * v - rate * d for v, d in ((vu, du), (vp, dp), (vw, dw), (vq, dq)))
        u, p, w, q = u + vu, p + vp, w + vw, q + vq
        machine.epoch(np.array([1, 0]))
        network, velocity = neural_net.downhill_step(network, X, Y, rate, velocity, momentum, l1, l2)
        np.testing.assert_allclose(machine.weights, [u, p, w, q], rtol=1e-14)
        np.testing.assert_allclose(machine.velocity, [vu, vp, vw, vq], rtol=1e-13)
        np.testing.assert_allclose(packed(network), [u, p, w, q], rtol=1e-14)


def test_an_epoch_goes_through_the_samples_in_the_order_given():
    """One weight w with loss (w x - y)^2 / 2, batches of one: w <- w - r x (w x - y)."""
    recipe = Recipe((1, 1), output="linear", learning_rate=0.5, batch_size=1)
    X, y, w, b = [1.0, 2.0, -1.0], [1.0, 0.0, 3.0], 0.25, 0.5
    machine = Engine(recipe, [(np.array(X)[:, None], np.array(y)[:, None])], np.array([w, b]), np.zeros(2))
    for i in (2, 0, 1):
        off = w * X[i] + b - y[i]
        w, b = w - 0.5 * off * X[i], b - 0.5 * off
    machine.epoch(np.array([2, 0, 1]))
    np.testing.assert_allclose(machine.weights, [w, b], rtol=1e-15)


# --- PyTorch: the formulas of benchmarks/neural_net_fixtures.py


def orders(n):
    """Return the order of the samples in epoch after epoch."""
    return ([((1 + epoch % (n - 1)) * i + epoch) % n for i in range(n)] for epoch in itertools.count())


@pytest.mark.parametrize("run", FIXTURE["runs"], ids=lambda r: f"{r['layers']}-{r['loss']}-{r['momentum']}-{r['l2']}")
def test_a_hundred_steps_are_those_of_pytorch(run):
    n, size, n_groups = FIXTURE["samples"], FIXTURE["batch"], max(2, run["layers"][-1])
    words = {name: run[name] for name in ("activation", "output", "loss", "momentum", "l2")}
    recipe = Recipe(tuple(run["layers"]), learning_rate=FIXTURE["rate"], batch_size=size, **words)
    X = np.array([[2 * math.sin(3 * i), 2 * math.cos(5 * i)] for i in range(n)])
    groups = np.array([(i * i + i) % 5 % n_groups for i in range(n)])
    y = np.eye(3)[groups] if n_groups == 3 else groups[:, None] * (2.0 if run["loss"] == "squared" else 1.0)
    y = y - (run["loss"] == "squared")
    start = np.sin(1 + 2.0 * np.arange(len(run["weights"][0])))
    theirs = dict(zip(FIXTURE["steps"], run["weights"], strict=True))

    network, velocity, step = unpacked_network(start, recipe), None, 0
    machines = [make(recipe, [(X, y)], start, 0 * start) for make in (Engine, training._PlainEngine)]
    for order in orders(n):
        for rows in (order[at : at + size] for at in range(0, n, size)):
            network, velocity = neural_net.downhill_step(
                network, X[rows], y[rows], recipe.learning_rate, velocity, recipe.momentum, 0, recipe.l2
            )  # fmt: skip
            step += 1
            if step in theirs:
                np.testing.assert_allclose(packed(network), theirs[step], rtol=0, atol=1e-9)
        if step == 5:  # one step alone: an epoch of the first batch
            first = Engine(recipe, [(X[order[:size]], y[order[:size]])], start, 0 * start)
            first.epoch(np.arange(size))
            np.testing.assert_allclose(first.weights, theirs[1], rtol=0, atol=1e-9)
        for machine in machines:
            machine.epoch(np.array(order))
            if step in theirs:
                np.testing.assert_allclose(machine.weights, theirs[step], rtol=0, atol=1e-9)
        if step == FIXTURE["steps"][-1]:
            break


def test_the_fixture_is_pytorchs_and_ends_where_epochs_end():
    assert FIXTURE["made by"].startswith("torch ")
    assert FIXTURE["steps"] == [1, 10, 100]
    per_epoch = math.ceil(FIXTURE["samples"] / FIXTURE["batch"])
    assert [step % per_epoch for step in FIXTURE["steps"]] == [1, 0, 0]
    assert len(FIXTURE["runs"]) == 12


# --- going on


@pytest.mark.parametrize("momentum", [0, 0.9])
@pytest.mark.parametrize(
    ("parts", "rows"),  # rows: how many networks fit; 201 are all
    [
        ((100, 100), 1000),
        ((100, 100), 40),
        *some(itertools.product([(0, 200), (37, 5, 158), (199, 0, 1), (64, 136)], [1000, 201, 100, 40]), 8),
    ],
)
def test_a_training_that_goes_on_is_one_that_went_on_at_once(monkeypatch, momentum, parts, rows):
    (X, y), test = samples(), samples(20, seed=9)
    monkeypatch.setattr(training, "MOST_BYTES", rows * 8 * 13)
    words = dict(layers=(2, 3, 1), momentum=momentum, batch_size=20, l2=0.01, test=test)
    once, run = train(X, y, n_epochs=200, **words), train(X, y, n_epochs=parts[0], **words)
    for n_epochs in parts[1:]:
        run = train_on(run, X, y, n_epochs, test=test)
    same(run, once)
    assert once.every == {1000: 1, 201: 1, 100: 4, 40: 8}[rows]


def test_going_on_leaves_the_training_before_as_it_was():
    X, y = samples()
    run = train(X, y, layers=(2, 3, 1), n_epochs=5, momentum=0.5)
    copy = {name: getattr(run, name).copy() for name in ("history", "end", *SERIES)}
    train_on(run, X, y, 5)
    for name, before in copy.items():
        np.testing.assert_array_equal(getattr(run, name), before)


def test_going_on_for_fewer_than_no_epochs_is_answered_with_a_sentence():
    X, y = samples()
    with pytest.raises(ValueError, match="n_epochs is -5; it must"):
        train_on(train(X, y, layers=(2, 1), n_epochs=10), X, y, -5)


# --- chance


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    X, y = samples()
    training._orders.cache_clear()
    first = train(X, y, layers=(2, 4, 1), n_epochs=70, seed=5)
    training._orders.cache_clear()
    same(train(X, y, layers=(2, 4, 1), n_epochs=70, seed=5), first)
    other = train(X, y, layers=(2, 4, 1), n_epochs=70, seed=6)
    assert (other.history != first.history)[:, :2].all()


def test_each_epoch_has_an_order_of_its_own():
    found = [tuple(row) for block in range(2) for row in training._orders(3, block, 30)]
    assert len(set(found)) == 2 * training.BLOCK
    assert all(sorted(row) == list(range(30)) for row in found)


def test_first_weights_are_those_of_the_recipe():
    X, y = samples()
    run = train(X, y, layers=(2, 4, 1), n_epochs=1, scheme="He", activation="ReLU", seed=12)
    wanted = neural_net.initial((2, 4, 1), np.random.default_rng(12), "He", activation="ReLU", output="tanh")
    np.testing.assert_array_equal(run.history[0], packed(wanted))
    assert run.network(0).activations == ("ReLU", "tanh")


# --- going back


@pytest.mark.parametrize("rows", [1000, 20])
def test_the_network_of_an_epoch_is_that_of_a_training_that_ended_there(monkeypatch, rows):
    X, y = samples()
    whole = train(X, y, layers=(2, 3, 1), n_epochs=0)
    monkeypatch.setattr(training, "MOST_BYTES", rows * whole.history.nbytes)
    whole = train(X, y, layers=(2, 3, 1), n_epochs=60)
    assert whole.every == (1 if rows == 1000 else 4)
    for epoch in (0, 1, 3, 4, 17, 59, 60, 1000):
        kept = min(epoch, 60) // whole.every * whole.every
        there = unpacked_network(train(X, y, layers=(2, 3, 1), n_epochs=kept).end[0], whole.recipe)
        np.testing.assert_array_equal(packed(whole.network(epoch)), packed(there))


def test_weights_go_into_a_vector_and_come_back():
    recipe = Recipe((3, 5, 4, 2), "ReLU", "softmax", "cross-entropy")
    network = recipe.start()
    pairs = zip(network.weights, network.biases, strict=True)
    network = neural_net.stepped(network, [(0 * W, 1 + np.arange(len(b))) for W, b in pairs])
    back = unpacked_network(packed(network), recipe)
    assert (back.activation, back.output, back.loss) == ("ReLU", "softmax", "cross-entropy")
    for name in ("weights", "biases"):
        for ours, theirs in zip(getattr(back, name), getattr(network, name), strict=True):
            np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(packed(network)[:4], [*network.weights[0][0], 1])


@pytest.mark.parametrize("n_epochs", [0, 1, 99, 100, 127, 128, 129, 254, 255, 256, 257, 999])
def test_a_history_stays_below_its_bytes(monkeypatch, n_epochs):
    X, y = samples(5)
    row = 8 * 3
    monkeypatch.setattr(training, "MOST_BYTES", 128 * row)
    run = train(X, y, layers=(2, 1), n_epochs=n_epochs)
    assert run.history.nbytes <= training.MOST_BYTES
    assert run.every == 2 ** math.ceil(math.log2(max(1, (n_epochs + 1) / 128)))
    assert len(run.history) == n_epochs // run.every + 1
    assert run.history.base is None  # nothing larger is kept behind it


def test_a_history_stays_below_its_bytes_where_they_are_no_whole_rows(monkeypatch):
    X, y = samples(5)
    monkeypatch.setattr(training, "MOST_BYTES", 3 * 24 // 2)  # a row and a half
    assert train(X, y, layers=(2, 1), n_epochs=2).history.nbytes <= training.MOST_BYTES


# --- ending early


@pytest.mark.parametrize("make", [train, train_plainly])
@pytest.mark.parametrize(
    ("activation", "output"), [("ReLU", "linear"), ("linear", "linear"), ("tanh", "linear"), ("ReLU", "ReLU")]
)
@pytest.mark.parametrize("settings", [{}, {"momentum": 0.9}, {"l2": 10}, {"batch_size": 47}], ids=str)
def test_a_training_that_diverges_ends_before_with_numbers_only(make, activation, output, settings):
    X, y = samples()
    words = dict(
        layers=(2, 4, 1), activation=activation, output=output, learning_rate=100, n_epochs=40, test=samples(20, seed=9)
    )
    run = make(X, y, **words | settings)
    assert finite(run)
    assert {len(getattr(run, name)) for name in SERIES} == {run.n_epochs + 1} == {len(run.history)}
    if run.reason:
        assert run.n_epochs < 40
        assert run.reason.startswith(f"in epoch {run.n_epochs + 1} the loss grew beyond any number")
        assert f"Try a learning rate of 10, inputs of smaller size, or another activation than {activation}" in run.reason
        assert train_on(run, X, y, 10) is run
    else:
        assert "ReLU" in (activation, output)  # all neurons may have been switched off for good
        assert run.n_epochs == 40


ONE_INPUT = dict(X=[[1.0], [2.0]], y=[[1.0], [1.0]], layers=(1, 1), learning_rate=100, l2=10, n_epochs=200)


@pytest.mark.parametrize("output", ["tanh", "sigmoid"])
def test_weights_that_overflow_end_a_training_though_its_loss_stays_small(output):
    assert finite(train(**ONE_INPUT, output=output))


def test_a_test_loss_that_overflows_ends_a_training_though_that_of_training_stays_small():
    X, y = samples(11, 1, "ReLU")
    words = dict(activation="linear", output="ReLU", learning_rate=42, batch_size=4, l2=1, seed=0, n_epochs=30)
    assert finite(train(1e-3 * X, y, layers=(2, 1, 1, 1), test=samples(7, 1, "ReLU", seed=8), **words))


def test_a_price_of_zero_costs_nothing_however_large_the_weights():
    network = neural_net.Network((np.array([[1e160]]),), (np.zeros(1),), output="tanh")
    assert neural_net.loss_of(network, neural_net.forward(network, [[1.0]]), [[0.0]]) == 0.5


@pytest.mark.filterwarnings("error")
def test_nothing_that_numpy_will_drop_is_used():
    train(*samples(), layers=(2, 3, 1), activation="ReLU", n_epochs=1)


def test_targets_that_are_no_probabilities_are_answered_with_a_sentence():
    with pytest.raises(ValueError, match="y"):
        train([[1.0], [2.0]], [[1.0], [-1.0]], layers=(1, 1), output="sigmoid", loss="cross-entropy")


def test_no_samples_are_answered_with_a_sentence():
    with pytest.raises(ValueError, match="there are no samples"):
        train(np.empty((0, 2)), np.empty((0, 1)), layers=(2, 1))


def test_a_linear_training_with_too_long_steps_does_end_early():
    X, y = samples()
    run = train(X, y, layers=(2, 4, 1), activation="linear", output="linear", learning_rate=100, n_epochs=40)
    assert run.reason
    assert run.n_epochs < 10


def test_what_was_kept_before_the_end_is_what_a_shorter_training_keeps():
    X, y = samples()
    words = dict(layers=(2, 4, 1), activation="linear", output="linear", learning_rate=2, batch_size=47)
    run = train(X, y, n_epochs=5000, **words)
    assert 2 < run.n_epochs < 5000
    shorter = train(X, y, n_epochs=run.n_epochs, **words)
    assert not shorter.reason
    np.testing.assert_array_equal(run.history, shorter.history)
    np.testing.assert_array_equal(run.train_loss, shorter.train_loss)


def test_a_loss_that_is_no_number_from_the_start_is_answered_with_a_sentence():
    with pytest.raises(ValueError, match="the loss is no number before any step"):
        train([[1e200]], [[0.0]], layers=(1, 1), output="linear")


NUMBERS_ONLY = given(
    layers=st.lists(st.integers(1, 5), min_size=0, max_size=3),
    kind=st.sampled_from(KINDS),
    rate=st.floats(1e-3, 100),
    batch_size=st.integers(1, 12),
    prices=st.tuples(st.sampled_from([0, 1e-3, 1]), st.sampled_from([0, 1e-3, 1])),
    momentum=st.sampled_from([0, 0.5, 0.999]),
    size=st.sampled_from([1e-3, 1, 1e3]),
    seed=st.integers(0, 100),
)


@NUMBERS_ONLY
def test_every_number_of_a_history_is_one(layers, kind, rate, batch_size, prices, momentum, size, seed):
    activation, output, loss = kind
    n_outputs = 3 if output == "softmax" else 1
    X, y = samples(11, n_outputs, output, loss)
    run = train(
        size * X, y, layers=(2, *layers, n_outputs), activation=activation, output=output, loss=loss, learning_rate=rate,
        batch_size=batch_size, l1=prices[0], l2=prices[1], momentum=momentum, seed=seed, n_epochs=30,
        test=samples(7, n_outputs, output, loss, 8),
    )  # fmt: skip
    assert finite(run)
    assert 0 <= run.n_epochs <= 30
    assert (run.n_epochs < 30) == bool(run.reason)
    assert (run.train_loss >= 0).all()


# --- reports and scores


@pytest.mark.parametrize("make", [train, train_plainly])
def test_a_report_comes_with_more_and_more_epochs_done(make):
    X, y = samples()
    said = []
    run = make(X, y, layers=(2, 1), n_epochs=100, report=lambda done, total: said.append((done, total)))
    done = [n for n, _ in said]
    assert len(said) > 3
    assert done == sorted(set(done))
    assert done[0] >= 0
    assert done[-1] <= 100
    assert {total for _, total in said} == {100}
    more = []
    train_on(run, X, y, 100, report=lambda done, total: more.append((done, total)))
    assert more[0][0] > 100
    assert {total for _, total in more} == {200}


def test_a_report_may_end_a_training():
    X, y = samples()

    def stop(done, total):
        if done >= 32:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(X, y, layers=(2, 1), n_epochs=100_000, report=stop)


@pytest.mark.parametrize("n_outputs", [1, 3])
def test_scores_of_a_regression_are_scikit_learns_r2(n_outputs):
    rng = np.random.default_rng(1)
    y = rng.normal(size=(40, n_outputs)) * (1 + np.arange(n_outputs)) + 3
    outputs = y + rng.normal(size=y.shape)
    ours = scorer(Recipe((2, n_outputs), output="linear"), y)(outputs)
    assert ours == pytest.approx(r2_score(y, outputs, multioutput="variance_weighted"), rel=1e-12)
    assert math.isnan(scorer(Recipe((2, n_outputs), output="linear"), 0 * y + 2)(outputs))


@pytest.mark.parametrize(
    ("output", "loss", "n_outputs"),
    [("tanh", "squared", 1), ("sigmoid", "cross-entropy", 1), ("softmax", "cross-entropy", 4), ("ReLU", "squared", 1)],
)
def test_scores_of_classes_are_scikit_learns_accuracy(output, loss, n_outputs):
    X, y = samples(60, n_outputs, output, loss)
    run = train(X, y, layers=(2, 4, n_outputs), output=output, loss=loss, n_epochs=20)
    for epoch in (0, 20):
        network = run.network(epoch)
        classes = neural_net.predicted(network, neural_net.forward(network, X))
        wanted = y.argmax(axis=1) if n_outputs > 1 else (y[:, 0] > 0).astype(float)
        assert run.train_accuracy[epoch] == accuracy_score(wanted, classes)


# --- errors


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"learning_rate": 0}, "learning_rate is 0, so nothing would move"),
        ({"learning_rate": -1}, "learning_rate is -1; it must lie between 0 and 100."),
        ({"learning_rate": 101}, "learning_rate is 101; it must"),
        ({"learning_rate": math.nan}, "learning_rate is nan; it must be one finite real number"),
        ({"batch_size": 0}, "batch_size is 0; it must be at least 1."),
        ({"batch_size": 1.5}, "batch_size is 1.5; it must be a whole number."),
        ({"n_epochs": -1}, "n_epochs is -1; it must"),
        ({"n_epochs": 100_001}, "n_epochs is 1e\\+05; it must"),
        ({"l1": -1}, "l1 is -1; it must"),
        ({"l2": 11}, "l2 is 11; it must"),
        ({"momentum": 1}, "momentum is 1; it must lie between 0 and 0.999."),
        ({"seed": -1}, "seed is -1; it must"),
        ({"activation": "tan"}, "activation 'tan' is not known"),
        ({"output": "tanh", "loss": "cross-entropy"}, "cross-entropy needs probabilities"),
        ({"layers": (2,)}, "a network needs its inputs"),
        ({"layers": (3, 1)}, "X has shape 47 x 2; it must be a matrix with any number of rows and 3 columns."),
        ({"layers": (2, 2)}, "y has shape 47 x 1; it must be a matrix with 47 rows and 2 columns."),
        ({"test": ([[1, 2, 3]], [[1]])}, "X has shape 1 x 3; it must"),
        ({"test": ([[1, 2]], [[1, 1]])}, "y has shape 1 x 2; it must"),
        ({"test": ([[1, math.nan]], [[1]])}, "X has nan in row 1, column 2"),
    ],
)
@pytest.mark.parametrize("make", [train, train_plainly])
def test_settings_out_of_range_are_answered_with_a_sentence(make, settings, sentence):
    X, y = samples()
    with pytest.raises(ValueError, match=sentence):
        make(X, y, **{"layers": (2, 1)} | settings)


def test_a_recipe_keeps_plain_numbers():
    run = train(*samples(), layers=[np.int64(2), 1.0], batch_size=np.int32(10), learning_rate=np.float32(0.5), n_epochs=0)
    kinds = {name: type(value) for name, value in asdict(run.recipe).items()}
    assert kinds["batch_size"] is kinds["seed"] is int
    assert kinds["learning_rate"] is kinds["momentum"] is kinds["l1"] is float
    assert [type(n) for n in run.recipe.layers] == [int, int]
    assert (len(run.history), run.n_epochs, run.train_loss.shape) == (1, 0, (1,))
