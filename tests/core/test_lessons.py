"""Small networks for lessons: their numbers, their steps beside descent written by hand, and curves that are learnt."""

import doctest
import math
import warnings
from dataclasses import replace

import numpy as np
import pytest

from mml_core import lessons
from mml_core.lessons import LESSONS, Lesson, learnt_curve, lesson, walked

SAMPLES = ((-1.5, -0.78), (-1.0, -1.0), (-0.5, -0.68), (0.5, 0.68), (1.0, 1.0), (1.5, 0.78))  # sin 1.5 x, to two places
START = {"w1_1_1": 0.3, "b1_1": 0.5, "w1_2_1": 0.7, "b1_2": 0.2, "w2_1_1": 0.3, "w2_1_2": -1.1, "b2_1": -0.3}
CURVES = {
    "heart": [
        (16 * math.sin(u) ** 3 / 8, (13 * math.cos(u) - 5 * math.cos(2 * u) - 2 * math.cos(3 * u) - math.cos(4 * u)) / 8)
        for u in np.arange(24) * math.pi / 12
    ],
    "circle": [(2 * math.cos(u), 2 * math.sin(u)) for u in np.arange(8) * math.pi / 4],
}


def by_hand(p, x, y):
    """Return values, loss, deltas and slopes of 1-2-1 with tanh for one sample, each line as one writes it on paper."""
    a1, a2 = math.tanh(p["w1_1_1"] * x + p["b1_1"]), math.tanh(p["w1_2_1"] * x + p["b1_2"])
    out = p["w2_1_1"] * a1 + p["w2_1_2"] * a2 + p["b2_1"]
    error = out - y
    delta1, delta2 = error * p["w2_1_1"] * (1 - a1 * a1), error * p["w2_1_2"] * (1 - a2 * a2)
    slopes = dict(
        w1_1_1=delta1 * x, b1_1=delta1, w1_2_1=delta2 * x, b1_2=delta2, w2_1_1=error * a1, w2_1_2=error * a2, b2_1=error
    )
    return dict(a=(a1, a2, out), loss=error * error / 2, deltas=(delta1, delta2, error), slopes=slopes)


def walk_by_hand(rate, n_steps, samples, p=START):
    """Return the parameters after each step of plain descent on the mean loss of these samples."""
    found = [p]
    for _ in range(n_steps):
        each = [by_hand(found[-1], x, y)["slopes"] for x, y in samples]
        found.append({k: v - rate * sum(s[k] for s in each) / len(each) for k, v in found[-1].items()})
    return found


def mean_loss(p, samples=SAMPLES):
    return sum(by_hand(p, x, y)["loss"] for x, y in samples) / len(samples)


def named(network):
    """Return the parameters of 1-2-1 by name."""
    (W1, W2), (b1, b2) = network.weights, network.biases
    return {
        "w1_1_1": W1[0, 0], "b1_1": b1[0], "w1_2_1": W1[1, 0], "b1_2": b1[1], "w2_1_1": W2[0, 0], "w2_1_2": W2[0, 1],
        "b2_1": b2[0],
    }  # fmt: skip


def parameters(start):
    return np.concatenate([v.ravel() for v in (*start.network.weights, *start.network.biases)])


def outputs(network, X):
    """Return what a tanh network with a linear output gives, in plain NumPy."""
    a = np.asarray(X, float)
    for W, b in zip(network.weights[:-1], network.biases[:-1], strict=True):
        a = np.tanh(a @ W.T + b)
    return a @ network.weights[-1].T + network.biases[-1]


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(lessons).failed == 0


# What lessons start with


@pytest.mark.parametrize("name", LESSONS)
def test_weights_have_one_decimal_and_none_is_0(name):
    for seed in range(100):
        found = parameters(lesson(name, seed=seed))
        assert all(float(f"{v:.1f}") == v for v in found), seed
        assert np.abs(found).min() > 0.09, seed


def test_the_first_lesson_is_the_one_that_is_worked_by_hand():
    start = lesson("1-2-1")
    assert named(start.network) == START
    assert list(zip(start.X[:, 0], start.y[:, 0], strict=True)) == list(SAMPLES)


@pytest.mark.parametrize("name", LESSONS)
def test_a_name_says_the_layers_and_the_samples_fit_them(name):
    start, sizes = lesson(name, "ReLU", 3), tuple(map(int, name.split("-")))
    assert start.network.layers == sizes
    assert start.network.activations == ("ReLU",) * (len(sizes) - 2) + ("linear",)
    assert start.network.loss == "squared"
    assert (start.X.shape[1], start.y.shape[1]) == (sizes[0], sizes[-1])
    assert len(start.X) == len(start.y) == len(np.unique(start.X, axis=0)) >= 4
    np.testing.assert_array_equal(np.round(start.X, 2), start.X, err_msg="two places, as they are shown")
    np.testing.assert_array_equal(np.round(start.y, 2), start.y)


def test_what_is_to_be_learnt():
    corners, turn = lesson("2-3-1"), lesson("2-3-2")
    np.testing.assert_array_equal(np.sign(corners.y[:, 0]), np.sign(corners.X.prod(axis=1)))
    lengths, dots = np.hypot(*turn.y.T), (turn.X * turn.y).sum(axis=1)
    np.testing.assert_allclose(lengths, 1, err_msg="turned, not stretched")
    np.testing.assert_allclose(dots, 0.6, err_msg="all by the same angle")
    heart = lesson("1-6-7-2").y  # symmetric about the upright axis: the k-th place is the mirror image of the k-th last
    np.testing.assert_allclose(heart[1:], heart[:0:-1] * [-1, 1], atol=0.011)


def test_the_seed_decides_the_weights_and_the_activation_does_not():
    np.testing.assert_array_equal(parameters(lesson("2-3-2", seed=4)), parameters(lesson("2-3-2", "sigmoid", 4)))
    assert (parameters(lesson("2-3-2", seed=4)) != parameters(lesson("2-3-2", seed=5))).any()


# Steps


@pytest.mark.parametrize("sample", [-1, 0, 3])
def test_steps_are_those_of_descent_by_hand(sample):
    found = walked(lesson("1-2-1"), 0.1, 3, sample)
    expected = walk_by_hand(0.1, 3, SAMPLES if sample < 0 else SAMPLES[sample : sample + 1])
    assert len(found.networks) == len(found.losses) == 4
    for network, p, loss in zip(found.networks, expected, found.losses, strict=True):
        assert named(network) == pytest.approx(p, abs=1e-14)
        assert loss == pytest.approx(mean_loss(p), abs=1e-14), "of all samples, also where one is learnt from"


def test_one_sample_is_learnt_at_the_cost_of_the_others_and_all_are_learnt_together():
    alone, together = (walked(lesson("1-2-1"), 0.1, 100, sample) for sample in (1, -1))
    x, y = SAMPLES[1]
    assert by_hand(named(alone.networks[-1]), x, y)["loss"] < 1e-12
    assert by_hand(named(together.networks[-1]), x, y)["loss"] > 1e-4
    assert together.losses[-1] < 0.1 * alone.losses[-1]
    assert (np.diff(together.losses) < 0).all()


def test_no_step_is_the_start_and_the_start_stays_as_it_was():
    start = lesson("2-3-1")
    before = parameters(start)
    assert len(walked(start, 0.1, 0).networks) == 1
    walked(start, 0.5, 20)
    np.testing.assert_array_equal(parameters(start), before)


@pytest.mark.parametrize("activation", ["tanh", "ReLU", "linear"])
def test_where_numbers_overflow_the_walk_ends_before(activation):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = walked(lesson("2-3-2", activation), 10, 200)
    assert 2 <= len(found.networks) == len(found.losses) < 200
    assert np.isfinite(found.losses).all()
    assert found.losses[-1] > 1e6 > found.losses[0]
    assert all(np.isfinite(parameters(Lesson(n, None, None))).all() for n in found.networks)


# A closed curve


@pytest.mark.parametrize("which", CURVES)
def test_a_curve_is_learnt(which):
    found = learnt_curve(CURVES[which])
    assert found.run.n_epochs == 1000
    assert found.run.train_loss[-1] < 0.02 < 1 < found.run.train_loss[0]
    gaps = outputs(found.run.network(1000), found.t) - found.points
    assert (gaps**2).sum(axis=1).mean() / 2 == pytest.approx(found.run.train_loss[-1], rel=1e-9)
    assert np.hypot(*gaps.T).max() < 0.3


def test_a_curve_goes_once_around_through_its_points():
    found = learnt_curve(CURVES["circle"], n_epochs=0)
    np.testing.assert_allclose(found.t[:, 0], np.linspace(-1, 1, 61)[:-1], atol=1e-12)
    np.testing.assert_allclose(found.points[::15], [(2, 0), (0, 2), (-2, 0), (0, -2)], atol=1e-12)
    np.testing.assert_allclose(np.hypot(*found.points.T), 2, atol=0.01)
    assert found.run.n_epochs == 0


def test_learning_a_curve_reports_how_far_it_is():
    told = []
    learnt_curve(CURVES["circle"], n_epochs=300, report=lambda done, total: told.append((done, total)))
    assert {total for _, total in told} == {300}
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_curve_in_too_long_steps_ends_with_a_reason():
    run = learnt_curve(CURVES["heart"], learning_rate=100).run
    assert run.n_epochs < 1000
    assert run.reason
    assert np.isfinite(run.train_loss).all()


# Mistakes


def fresh():
    return lesson("1-2-1")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: lesson("1-9-1"), "there is no network '1-9-1'; choose one of 1-2-1, 1-1-1-1, 2-3-1, 2-3-2, 1-6-7-2."),
        (lambda: lesson("1-2-1", "step"), "activation 'step' is not known; choose one of tanh, ReLU, sigmoid, linear."),
        (lambda: lesson("1-2-1", seed=-1), "seed is -1; it must be at least 0."),
        (lambda: lesson("1-2-1", seed=0.5), "seed is 0.5; it must be a whole number."),
        (lambda: walked(fresh(), -1, 3), "learning_rate is -1; it must be at least 0."),
        (lambda: walked(fresh(), math.nan, 3), "learning_rate is nan; it must be one finite real number such as 0.5."),
        (lambda: walked(fresh(), 0.1, 201), "n_steps is 201; it must lie between 0 and 200."),
        (lambda: walked(fresh(), 0.1, -1), "n_steps is -1; it must lie between 0 and 200."),
        (lambda: walked(fresh(), 0.1, 1.5), "n_steps is 1.5; it must be a whole number."),
        (lambda: walked(fresh(), 0.1, 3, 6), "sample is 6; it must lie between -1 and 5."),
        (lambda: walked(fresh(), 0.1, 3, -2), "sample is -2; it must lie between -1 and 5."),
        (lambda: learnt_curve([(0, 0), (1, 1)]), "there are 2 points; a closed curve needs at least three."),
        (lambda: learnt_curve(CURVES["circle"], n_epochs=-1), "n_epochs is -1; it must lie between 0 and 100000."),
        (
            lambda: learnt_curve(CURVES["circle"], learning_rate=0),
            "learning_rate is 0, so nothing would move; choose one above 0, such as 0.03.",
        ),
        (
            lambda: learnt_curve(CURVES["circle"], "step"),
            "activation 'step' is not known; choose one of tanh, ReLU, sigmoid, linear.",
        ),
    ],
)
def test_arguments_that_do_not_fit_end_in_a_sentence(call, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        call()
    assert str(problem.value) == words


def test_samples_that_do_not_fit_the_network_are_named():
    start = fresh()
    with pytest.raises(ValueError, match="X"):
        walked(replace(start, X=np.ones((6, 2))), 0.1, 1)
    with pytest.raises(ValueError, match="y"):
        walked(replace(start, y=np.ones((5, 1))), 0.1, 1)


def test_a_rate_of_0_stands_still():
    assert np.ptp(walked(fresh(), 0, 3).losses) == 0
