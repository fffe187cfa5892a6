"""Mini-batch gradient descent of a line: its batches, its steps, and full batch as the limit."""

import doctest
import warnings

import numpy as np
import pytest

from mml_core import minibatches
from mml_core.descents import descend
from mml_core.minibatches import epochs, minibatch_descent
from mml_core.quadratics import least_squares

RNG = np.random.default_rng(4)
T = RNG.uniform(-2, 2, 30)
Y = 0.7 * T - 0.4 + RNG.normal(0, 0.2, 30)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(minibatches).failed == 0


def test_the_first_two_steps_are_those_computed_by_hand():
    fit = minibatch_descent([1, 2, 4], [2, 3, 4], (0, 0), 0.25, 1, 2, seed=0)
    (i,), (j,) = fit.batches
    t, y = np.array([1.0, 2, 4]), np.array([2.0, 3, 4])
    w1, b1 = 0.25 * y[i] * t[i], 0.25 * y[i]
    r = w1 * t[j] + b1 - y[j]
    assert fit.points.tolist() == [[0, 0], [w1, b1], [w1 - 0.25 * r * t[j], b1 - 0.25 * r]]
    assert fit.values[0] == pytest.approx((4 + 9 + 16) / 6)


@pytest.mark.parametrize("seed", [0, 7])
def test_one_batch_of_all_data_is_gradient_descent(seed):
    fit = minibatch_descent(T, Y, (-1, 2), 0.3, 30, 100, seed)
    w, b = -1.0, 2.0
    for point in fit.points:
        assert point.tolist() == [w, b]  # digit for digit
        r = w * T + b - Y
        w, b = w - 0.3 * float((r * T).mean()), b - 0.3 * float(r.mean())
    full = descend(least_squares(np.column_stack([T, Y])), (-1, 2), "Gradient descent", 0.3, 100)
    np.testing.assert_allclose(fit.points, full.points, rtol=1e-12)
    np.testing.assert_allclose(fit.values, full.values, rtol=1e-10)


@pytest.mark.parametrize("batch_size", [1, 7, 10, 30])
def test_each_epoch_sees_each_datum_once_in_a_new_order(batch_size):
    per_epoch = -(-30 // batch_size)
    fit = minibatch_descent(T, Y, (0, 0), 0.1, batch_size, 3 * per_epoch, seed=5)
    seen = [np.concatenate(fit.batches[k * per_epoch : (k + 1) * per_epoch]) for k in range(3)]
    for epoch in seen:
        assert sorted(epoch.tolist()) == list(range(30))
    assert batch_size == 30 or seen[0].tolist() != seen[1].tolist()
    assert all(len(batch) <= batch_size and (np.diff(batch) > 0).all() for batch in fit.batches)


def test_the_seed_decides_and_nothing_else():
    one, same, other = (minibatch_descent(T, Y, (0, 0), 0.1, 4, 50, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.points, same.points)
    assert not np.array_equal(one.points, other.points)
    rng = np.random.default_rng(3)
    order = rng.permutation(30)
    assert epochs(30, 4, 1, 3)[0].tolist() == sorted(order[:4].tolist())


def test_a_batchs_slope_is_right_on_average():
    """Over an epoch of equal batches the mean of their slopes at one place is the slope of the whole."""
    surface = least_squares(np.column_stack([T, Y]))
    slopes = []
    for batch in epochs(30, 5, 6, 1):
        part = minibatch_descent(T[batch], Y[batch], (0.3, 0.1), 1.0, 5, 1)
        slopes.append(part.points[0] - part.points[1])
    np.testing.assert_allclose(np.mean(slopes, axis=0), surface.gradient(0.3, 0.1), rtol=1e-12)


def test_small_batches_never_settle_but_hover_about_the_fit():
    w, b = np.polyfit(T, Y, 1)
    whole, small = (minibatch_descent(T, Y, (2, 2), 0.2, size, 2000) for size in (30, 1))
    np.testing.assert_allclose(whole.points[-1], (w, b), atol=1e-10)
    assert 1e-4 < np.linalg.norm(small.points[-500:] - [w, b], axis=1).mean() < 0.3
    assert (small.values >= whole.values[-1] * (1 - 1e-12)).all()


def test_a_rate_too_large_ends_in_a_sentence_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = minibatch_descent(T, Y, (0, 0), 50, 3, 200)
    lost = int(np.isnan(fit.points[:, 0]).argmax())
    assert fit.reason == f"Step {lost} leaves all lines behind: the rate is too large."
    assert np.isnan(fit.points[lost:]).all()
    assert np.isnan(fit.values[lost:]).all()
    assert np.isfinite(fit.points[:lost]).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1, 2], [1], (0, 0), 0.1, 1, 5), "y has shape 1; it must be a vector with 2 numbers."),
        (([1, 2], [1, 2], (0, 0), 0.1, 3, 5), "the batch size is 3; it must lie between 1 and 2."),
        (([1, 2], [1, 2], (0, 0), 0.1, 0, 5), "the batch size is 0; it must lie between 1 and 2."),
        (([1, 2], [1, 2], (0, 0), -1, 1, 5), "the learning rate is -1; it must be at least 0."),
        (([1, 2], [1, 2], (0, 0), 0.1, 1, -5), "n_steps is -5; it must lie between 0 and 10000."),
        (([1, 2], [1, 2], (0, 0), 0.1, 1, 5, 0.5), "the seed is 0.5; it must be a whole number."),
    ],
)
def test_arguments_out_of_range_end_in_a_sentence(arguments, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        minibatch_descent(*arguments)
    assert str(problem.value).replace("1e+04", "10000") == words
