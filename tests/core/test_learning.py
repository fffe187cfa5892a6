"""A problem and a recipe together: going on is the same as at once, and scores are those that scikit-learn counts."""

import doctest
import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.metrics import accuracy_score, confusion_matrix, r2_score, root_mean_squared_error

from mml_core import backprop, inside, learning, neural_net, training
from mml_core.learning import checked_slope, learn, other_seeds, reference, scores
from mml_core.problems import UNITS, digits_problem, table_problem, toy_problem
from mml_core.training import Recipe

RNG = np.random.default_rng(2)
TABLE = RNG.normal(size=(60, 4)) * [1, 2, 5, 0.1]
CIRCLES = toy_problem("Circles", 0.1, n_samples=60)
SIGMOID = toy_problem("Spirals", loss="cross-entropy", inputs=("x1", "x2", "sin x1"), units="standardised", n_samples=60)
CURVE = toy_problem("Sine", 0.2, n_samples=200)
HEIGHTS = toy_problem("Plane", 0.2, n_samples=60)
THREE = table_problem(TABLE, "abcd", np.array(["x", "y", "z"])[np.digitize(TABLE[:, 0], [-0.4, 0.4])])
MONEY = table_problem(TABLE, "abcd", 4000 + 900 * TABLE[:, 1], kind="Values")
PROBLEMS = {"circles": CIRCLES, "sigmoid": SIGMOID, "curve": CURVE, "heights": HEIGHTS, "three": THREE, "money": MONEY}
each_problem = pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)


def recipe(problem, *hidden, **more):
    return Recipe(
        (problem.X.shape[1], *hidden, problem.n_outputs),
        **(dict(output=problem.output, loss=problem.loss, batch_size=7) | more),
    )


def same(one, other):
    """Say whether two trainings are the same in every bit."""
    return all(
        np.array_equal(a, b, equal_nan=True) if isinstance(a, np.ndarray) else a == b
        for a, b in ((getattr(one, name), getattr(other, name)) for name in one.__dataclass_fields__)
    )


@pytest.fixture
def begun(monkeypatch):
    """The recipes of trainings that were begun anew."""
    found, train = [], training.train
    monkeypatch.setattr(training, "train", lambda *args, **more: found.append(more["layers"]) or train(*args, **more))
    return found


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(learning).failed == 0


@each_problem
def test_learning_is_training_on_the_training_part_in_plain_words(problem):
    how = recipe(problem, 3, momentum=0.5, l1=0.001, l2=0.01, scheme="He", seed=4)
    run = learn(problem, how, 6)
    part, test = problem.train, (problem.X[problem.test], problem.targets[problem.test])
    settings = {name: getattr(how, name) for name in how.__dataclass_fields__}
    plain = training.train_plainly(problem.X[part], problem.targets[part], n_epochs=6, test=test, **settings)
    assert run.recipe == how
    np.testing.assert_allclose(run.history, plain.history, atol=1e-12)
    np.testing.assert_allclose(run.test_loss, plain.test_loss, atol=1e-12)
    np.testing.assert_allclose(run.test_accuracy, plain.test_accuracy, atol=1e-12)


@each_problem
@pytest.mark.parametrize("first", [0, 5, 12])
def test_going_on_is_the_same_in_every_bit_as_at_once(problem, first, begun):
    how = recipe(problem, 4, momentum=0.9, l2=0.01)
    once, before = learn(problem, how, 12), learn(problem, how, first)
    begun.clear()
    assert same(learn(problem, how, 12, before=before), once)
    assert begun == []


def test_of_the_digits_a_training_is_gone_on_from_too(begun):
    problem = digits_problem(0.2)
    how = recipe(problem, 5, batch_size=50)
    before = learn(problem, how, 1)
    assert same(learn(problem, how, 2, before=before), learn(problem, how, 2))
    assert len(begun) == 2


@pytest.mark.parametrize(
    "change",
    [
        dict(seed=2), dict(learning_rate=0.1), dict(batch_size=8), dict(momentum=0.5), dict(l1=0.1), dict(l2=0.1),
        dict(activation="ReLU"), dict(scheme="He"), dict(output="linear"), dict(layers=(2, 4, 1)), dict(layers=(2, 3, 3, 1)),
    ],
)  # fmt: skip
def test_a_training_by_another_recipe_is_ignored(change, begun):
    how = recipe(CIRCLES, 3)
    before = learn(CIRCLES, replace(how, **change), 4)
    begun.clear()
    assert same(learn(CIRCLES, how, 6, before=before), learn(CIRCLES, how, 6))
    assert len(begun) == 2


@pytest.mark.parametrize(
    "other",
    [
        toy_problem("Circles", 0.1, seed=2, n_samples=60), toy_problem("Circles", 0.3, n_samples=60),
        toy_problem("Circles", 0.1, 0.4, n_samples=60), toy_problem("Circles", 0.1, n_samples=62),
        *(toy_problem("Circles", 0.1, units=units, n_samples=60) for units in UNITS[1:]),
        toy_problem("Circles", 0.1, inputs=("x2", "x1"), n_samples=60), toy_problem("Exclusive or", n_samples=60),
        toy_problem("Circles", 0.1, inputs=("x1", "x2", "x1 x2"), n_samples=60), HEIGHTS, CURVE, THREE,
    ],
)  # fmt: skip
def test_a_training_on_other_samples_is_ignored(other, begun):
    how = recipe(CIRCLES, 3)
    before = learn(other, recipe(other, 3), 4)
    recast = replace(before, recipe=how) if before.recipe.layers == how.layers else before
    for given in (before, recast):
        begun.clear()
        assert same(learn(CIRCLES, how, 6, before=given), learn(CIRCLES, how, 6))
        assert len(begun) == 2


@pytest.mark.parametrize("other", [dict(name="Two blobs"), dict(name="Circles", seed=2), dict(name="Circles", units=UNITS[1])])
def test_a_training_on_other_samples_is_ignored_where_all_weights_began_at_0(other):
    problem = toy_problem("Circles", n_samples=60)
    how = Recipe((2, 1), scheme="zero")
    before = learn(toy_problem(**other, n_samples=60), how, 4)
    assert same(learn(problem, how, 6, before=before), learn(problem, how, 6))


def test_a_longer_training_is_not_cut_short(begun):
    how = recipe(CIRCLES, 3)
    before = learn(CIRCLES, how, 9)
    assert same(learn(CIRCLES, how, 6, before=before), learn(CIRCLES, how, 6))
    assert len(begun) == 3


def test_a_training_that_was_never_tested_is_ignored():
    how = recipe(CIRCLES, 3)
    untested = training.train(
        CIRCLES.X[CIRCLES.train], CIRCLES.targets[CIRCLES.train], layers=how.layers, batch_size=7, n_epochs=4
    )
    found = learn(CIRCLES, how, 6, before=untested)
    assert same(found, learn(CIRCLES, how, 6))
    assert np.isfinite(found.test_loss).all()


def test_a_training_that_ran_away_stays_as_it_is():
    how = recipe(HEIGHTS, 4, activation="ReLU", learning_rate=50)
    before = learn(HEIGHTS, how, 30)
    assert before.reason
    assert before.n_epochs < 30
    assert same(learn(HEIGHTS, how, 60, before=before), learn(HEIGHTS, how, 60))


def test_how_far_it_is_is_reported_of_all_epochs():
    heard = []
    how = recipe(CIRCLES, 2)
    before = learn(CIRCLES, how, 20)
    learn(CIRCLES, how, 50, report=lambda *told: heard.append(told), before=before)
    assert heard == [(32, 50), (48, 50)]


@pytest.mark.parametrize("problem", [CIRCLES, SIGMOID, THREE], ids=["circles", "sigmoid", "three"])
@pytest.mark.parametrize("n_epochs", [0, 10])
def test_shares_of_right_answers_and_confusion_are_those_of_scikit_learn(problem, n_epochs):
    run = learn(problem, recipe(problem, 3), n_epochs)
    found = scores(problem, run.network(n_epochs))
    out = neural_net.forward(run.network(n_epochs), problem.X).a[-1]
    said = out.argmax(axis=1) if problem.n_outputs > 1 else out[:, 0] > {"tanh": 0, "sigmoid": 0.5}[problem.output]
    assert found.train == accuracy_score(problem.y[problem.train], said[problem.train])
    assert found.test == accuracy_score(problem.y[problem.test], said[problem.test])
    k = range(len(problem.classes))
    np.testing.assert_array_equal(found.confusion, confusion_matrix(problem.y[problem.test], said[problem.test], labels=k))
    assert found.confusion.trace() == round(found.test * len(problem.test))
    assert math.isnan(found.train_error)
    assert math.isnan(found.test_error)
    assert (found.train, found.test) == (run.train_accuracy[-1], run.test_accuracy[-1])


@pytest.mark.parametrize("problem", [CURVE, HEIGHTS, MONEY], ids=["curve", "heights", "money"])
@pytest.mark.parametrize("n_epochs", [0, 10])
def test_of_values_r_squared_and_errors_are_those_of_scikit_learn_in_the_targets_own_unit(problem, n_epochs):
    run = learn(problem, recipe(problem, 3), n_epochs)
    found = scores(problem, run.network(n_epochs))
    said = neural_net.forward(run.network(n_epochs), problem.X).a[-1][:, 0] * problem.unit[0] + problem.unit[1]
    for part, fit, error in ((problem.train, found.train, found.train_error), (problem.test, found.test, found.test_error)):
        assert fit == pytest.approx(r2_score(problem.y[part], said[part]), abs=1e-9)
        assert error == pytest.approx(root_mean_squared_error(problem.y[part], said[part]), rel=1e-9)
    assert (found.train, found.test) == pytest.approx((run.train_accuracy[-1], run.test_accuracy[-1]), abs=1e-9)
    assert found.confusion.shape == (0, 0)


def test_r_squared_of_test_values_that_are_all_equal_is_no_number_and_the_error_is_one():
    p = table_problem(TABLE, "abcd", 7 + TABLE[:, 0], kind="Values")
    y = p.y.copy()
    y[p.test] = 3.0
    flat = replace(p, y=y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = scores(flat, learn(p, recipe(p, 2), 1).network(1))
    assert math.isnan(found.test)
    assert found.test_error > 0
    assert np.isfinite(found.train)


def test_the_first_of_other_seeds_is_the_training_itself():
    how = recipe(THREE, 3, seed=7)
    found, run = other_seeds(THREE, how, 5, 3), learn(THREE, how, 5)
    seen = inside.heat_maps(THREE, run.network(5), n=48, m=2)
    np.testing.assert_array_equal(found.shown[0], seen.shown)
    np.testing.assert_array_equal(found.regions[0], seen.regions)
    assert found.scores[0] == run.test_accuracy[-1] == scores(THREE, run.network(5)).test
    assert found.seeds.tolist() == [7, 8, 9]
    assert found.shown.shape == found.regions.shape == (3, 48, 48)


def test_each_of_other_seeds_is_a_training_with_that_seed_and_is_reported():
    heard = []
    found = other_seeds(CIRCLES, recipe(CIRCLES, 3, seed=2), 4, 3, report=lambda *told: heard.append(told))
    for i, seed in enumerate((2, 3, 4)):
        run = learn(CIRCLES, recipe(CIRCLES, 3, seed=seed), 4)
        np.testing.assert_array_equal(found.shown[i], inside.heat_maps(CIRCLES, run.network(4), n=48, m=2).shown)
        assert found.scores[i] == run.test_accuracy[-1]
    assert not np.array_equal(found.shown[0], found.shown[1])
    assert found.regions.shape == (3, 0, 0)
    assert heard == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("problem", [CIRCLES, THREE, MONEY], ids=["circles", "three", "money"])
def test_beside_scikit_learn_ours_is_our_score(problem):
    how = recipe(problem, 4, learning_rate=0.05)
    found, again = (reference(problem, how, 12) for _ in range(2))
    assert found.name == ("MLPClassifier" if problem.classes else "MLPRegressor")
    assert found.ours == scores(problem, learn(problem, how, 12).network(12)).test
    assert found.theirs > 0.5
    assert len(found.their_losses) == 12
    assert found.their_losses[-1] < found.their_losses[0]
    assert min(found.our_seconds, found.their_seconds) > 0
    assert again.theirs == found.theirs
    np.testing.assert_array_equal(again.their_losses, found.their_losses)


@pytest.mark.parametrize(
    "problem",
    [SIGMOID, THREE, HEIGHTS, MONEY],
    ids=["sigmoid", "three", "heights", "money"],
)
@pytest.mark.parametrize("activation", neural_net.ACTIVATIONS)
def test_scikit_learn_with_our_first_weights_and_no_batches_goes_our_way(problem, activation, monkeypatch):
    """So rate, momentum, the price of weights and both losses mean the same there."""
    how = recipe(problem, 4, activation=activation, learning_rate=0.1, momentum=0.8, l2=0.02, batch_size=1000)
    name = "MLPClassifier" if problem.classes else "MLPRegressor"
    made = []

    class Started(getattr(sklearn.neural_network, name)):
        def _initialize(self, *args):
            super()._initialize(*args)
            made.append(self)
            self.coefs_ = [W.T.copy() for W in how.start().weights]
            self.intercepts_ = [b.copy() for b in how.start().biases]

    Started.__name__ = name
    monkeypatch.setattr(sklearn.neural_network, name, Started)
    found, run = reference(problem, how, 9), learn(problem, how, 9)
    (theirs,), ours = made, run.network(9)
    for W, coefs in zip(ours.weights, theirs.coefs_, strict=True):
        np.testing.assert_allclose(coefs, W.T, atol=1e-10)
    for b, intercepts in zip(ours.biases, theirs.intercepts_, strict=True):
        np.testing.assert_allclose(intercepts, b, atol=1e-10)
    assert found.theirs == pytest.approx(found.ours, abs=1e-9)
    # Theirs is that before each step, with the price of the weights.
    prices = [0.01 * sum((W**2).sum() for W in run.network(k).weights) for k in range(9)]
    np.testing.assert_allclose(found.their_losses, run.train_loss[:9] + prices, rtol=1e-9)


def test_while_scikit_learn_trains_it_is_reported_as_the_first_half():
    heard = []
    reference(CIRCLES, recipe(CIRCLES, 2), 20, report=lambda *told: heard.append(told))
    assert heard == [(0, 40), (8, 40), (16, 40)]


def test_without_a_hidden_layer_there_is_nothing_to_compare():
    with pytest.raises(ValueError, match=r"^scikit-learn's network has to have a hidden layer; add one to compare\.$"):
        reference(CIRCLES, recipe(CIRCLES), 5)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("problem", [THREE, HEIGHTS], ids=["three", "heights"])
def test_where_scikit_learns_numbers_overflow_the_epoch_is_said(problem):
    how = recipe(problem, 4, 4, activation="linear", learning_rate=100, l2=1.0)
    with pytest.raises(ValueError, match=r"^scikit-learn's training ended in epoch \d+: its numbers overflow\.$") as told:
        reference(problem, how, 120)
    assert "non-finite" in str(told.value.__cause__)


def test_before_any_training_there_is_a_comparison_or_a_sentence_of_ours():
    try:
        assert reference(CIRCLES, recipe(CIRCLES, 2), 0).their_losses.size == 0
    except ValueError as told:
        assert "This MLPClassifier instance is not fitted yet" not in str(told)  # noqa: PT017


@each_problem
def test_a_slope_is_the_same_by_backpropagation_and_by_differences(problem):
    net = learn(problem, recipe(problem, 3), 2).network(2)
    X, y = problem.X[problem.train], problem.targets[problem.train]
    for name in backprop.parameter_names(net.layers)[:: 2 if len(problem.classes) > 2 else 1]:
        found = checked_slope(problem, net, name)
        assert found.slope == pytest.approx(found.difference, abs=1e-8)
        ends = [backprop.with_parameter(net, name, backprop.parameter(net, name) + e) for e in (-1e-5, 1e-5)]
        low, high = (neural_net.loss_of(one, neural_net.forward(one, X), y) for one in ends)
        assert found.difference == pytest.approx((high - low) / 2e-5, abs=1e-9)


def test_a_weight_that_is_not_there_is_said():
    with pytest.raises(ValueError, match=r"\.$"):
        checked_slope(CIRCLES, recipe(CIRCLES, 2).start(), "w9_1_1")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (Recipe((3, 1)), "X has shape 30 x 2; "),
        (Recipe((2, 2)), "y has shape 30 x 1; "),
        (Recipe((2, 1), learning_rate=0), "learning_rate is 0, so nothing would move; "),
        (Recipe((2, 1), output="softmax"), "softmax goes with the loss cross-entropy; "),
    ],
)
def test_a_recipe_that_does_not_fit_ends_in_a_sentence(how, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        learn(CIRCLES, how, 3)
    assert str(problem.value).startswith(words)
