"""Between data and a network: what each helper gives on known answers, and against scikit-learn."""

import doctest
import math
import warnings

import numpy as np
import pytest

from mml_core import samples
from mml_core.samples import (
    FEATURES,
    confusion,
    features,
    labelled,
    principal_plane,
    r_squared,
    root_mean_square_error,
    split,
    standardised,
    targets,
)

RNG = np.random.default_rng(8)
X = RNG.normal(size=(60, 5)) @ RNG.normal(size=(5, 5)) + [0, 1, -3, 100, 0.5]


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(samples).failed == 0


@pytest.mark.parametrize(
    ("n", "share", "n_train"), [(2, 0.1, 1), (2, 0.9, 1), (3, 0.9, 2), (10, 0.7, 7), (101, 0.5, 50), (1797, 0.8, 1438)]
)
def test_a_split_deals_each_row_once(n, share, n_train):
    rows = split(n, share, 3)
    assert len(rows.train) == n_train
    assert sorted([*rows.train.tolist(), *rows.test.tolist()]) == list(range(n))
    assert rows.train.dtype == rows.test.dtype == np.int64


def test_the_seed_decides_a_split_and_a_larger_share_only_adds_to_training():
    one, same, other, larger = split(50, 0.4, 1), split(50, 0.4, 1), split(50, 0.4, 2), split(50, 0.6, 1)
    np.testing.assert_array_equal(one.train, same.train)
    np.testing.assert_array_equal(one.test, same.test)
    assert one.train.tolist() != other.train.tolist()
    np.testing.assert_array_equal(larger.train[:20], one.train)


def test_standardised_agrees_with_scikit_learn():
    from sklearn.preprocessing import StandardScaler

    rows = split(60, 0.6).train
    found, reference = standardised(X, rows), StandardScaler().fit(X[rows])
    np.testing.assert_allclose(found.X, reference.transform(X), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(found.mean, reference.mean_, rtol=1e-13)
    np.testing.assert_allclose(found.scale, reference.scale_, rtol=1e-13)
    np.testing.assert_allclose(found.X[rows].mean(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose(found.X[rows].std(axis=0), 1, rtol=1e-13)


def test_the_test_rows_do_not_change_the_scale():
    changed = X.copy()
    changed[40:] *= 7
    one, two = standardised(X, range(40)), standardised(changed, range(40))
    np.testing.assert_array_equal(one.mean, two.mean)
    np.testing.assert_array_equal(one.scale, two.scale)


@pytest.mark.parametrize("size", [1e-290, 1e-150, 1e150, 1e299])
def test_standardised_takes_tiny_and_huge_numbers(size):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(standardised([[-size], [size]], [0, 1]).X, [[-1], [1]], rtol=1e-14)


def test_features_are_what_their_names_say():
    x1, x2 = 0.5, -3.0
    found = features([[x1, x2], [0, 0]], FEATURES)
    np.testing.assert_allclose(found[0], [x1, x2, x1**2, x2**2, x1 * x2, math.sin(x1), math.sin(x2)], rtol=1e-15)
    assert found[1].tolist() == [0] * 7
    assert features([[x1, x2]], ["x2", "x1"]).tolist() == [[x2, x1]]


def test_targets_fit_the_output():
    assert targets([0.5, -2], 0, "linear").tolist() == [[0.5], [-2]]
    assert targets([0.5, -2], 0, "tanh").tolist() == [[0.5], [-2]]
    for output, low in (("tanh", -1), ("linear", -1), ("sigmoid", 0)):
        found = targets([0, 1, 1], 2, output)
        assert found.tolist() == [[low], [1], [1]]
        assert found.dtype == np.float64
    assert targets([0, 1], 2, "softmax").tolist() == [[1, 0], [0, 1]]
    y = RNG.integers(0, 7, 100)
    one_hot = targets(y, 7, "softmax")
    np.testing.assert_array_equal(one_hot.argmax(axis=1), y)
    np.testing.assert_array_equal(one_hot.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("column", "classes", "y"),
    [
        (["b", "a", "b", "a"], ("a", "b"), [1, 0, 1, 0]),
        (np.array(["b", "a", "b", "a"], dtype=np.dtypes.StringDType()), ("a", "b"), [1, 0, 1, 0]),
        ([10, 9, 9, 10], ("9", "10"), [1, 0, 0, 1]),
        (np.array([2.5, 1.0, 2.5, 1.0]), ("1", "2.5"), [1, 0, 1, 0]),
        ([-0.0, 0, 1, 1], ("0", "1"), [0, 0, 1, 1]),
        ([True, False, False, True], ("0", "1"), [1, 0, 0, 1]),
        ([1, "a", 1.0, "a"], ("1", "a"), [0, 1, 0, 1]),
        ([1e300, 0.1 + 0.2, 0.3, 1e300, 0.3, 0.1 + 0.2], ("0.3", "0.30000000000000004", "1e+300"), [2, 1, 0, 2, 0, 1]),
    ],
)
def test_labelled_sorts_and_names_the_classes(column, classes, y):
    found = labelled(column)
    assert found.classes == classes
    assert found.y.tolist() == y
    assert found.y.dtype == np.float64


def test_twelve_classes_are_taken():
    assert len(labelled([k % 12 for k in range(24)]).classes) == 12


@pytest.mark.parametrize("shape", [(60, 5), (4, 30), (300, 2)])
def test_the_plane_is_that_of_scikit_learns_components(shape):
    from sklearn.decomposition import PCA

    data = np.random.default_rng(1).normal(size=shape) * np.linspace(1, 3, shape[1])
    found, reference = principal_plane(data), PCA(2).fit(data)
    np.testing.assert_allclose(found.mean, reference.mean_, atol=1e-14)
    signs = np.sign((found.axes * reference.components_).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(found.axes, signs * reference.components_, atol=1e-10)
    np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(2), atol=1e-13)
    assert (found.axes.max(axis=1) == np.abs(found.axes).max(axis=1)).all()


def test_an_axis_with_a_tie_has_its_first_entry_positive():
    line = np.outer(np.linspace(-1, 1, 9), [0.1, -0.1, 0.1])
    for sign in (1, -1):
        plane = principal_plane(sign * line)
        np.testing.assert_allclose(plane.axes[0], np.array([1, -1, 1]) / math.sqrt(3), atol=1e-14)
        assert abs(plane.axes[0] @ plane.axes[1]) < 1e-14


def test_confusion_and_r_squared_agree_with_scikit_learn():
    from sklearn.metrics import confusion_matrix, r2_score, root_mean_squared_error

    actual, predicted = RNG.integers(0, 4, (2, 200))
    found = confusion(actual, predicted, 5)
    np.testing.assert_array_equal(found, confusion_matrix(actual, predicted, labels=range(5)))
    assert found.dtype == np.int64
    assert found.sum() == 200
    a, p = X[:, 3], X[:, 2]
    assert r_squared(a, p) == pytest.approx(r2_score(a, p), rel=1e-12)
    assert root_mean_square_error(a, p) == pytest.approx(root_mean_squared_error(a, p), rel=1e-14)


def test_scores_have_their_known_values():
    assert r_squared([1, 2, 3], [1, 2, 3]) == 1
    assert r_squared([1, 2, 3], [1, 2, 4]) == pytest.approx(0.5, abs=1e-15)
    assert r_squared([1, 2, 3], [2, 2, 2]) == 0
    assert r_squared([1, 3], [3, 1]) == pytest.approx(-3, abs=1e-14)
    assert root_mean_square_error([1, 2], [1, 2]) == 0
    assert root_mean_square_error([5], [2]) == 3


def test_scores_of_a_network_that_ran_away_need_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert r_squared([0, 1], [1e299, 0]) == -math.inf
        assert root_mean_square_error([0, 0], [1e299, 1e299]) == pytest.approx(1e299, rel=1e-14)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: split(1), "n_samples is 1; it must lie between 2 and 1e+07."),
        (lambda: split(10, 0.95), "the training share is 0.95; it must lie between 0.1 and 0.9."),
        (lambda: split(10, 0.5, -1), "the seed is -1; it must be at least 0."),
        (
            lambda: standardised([[1, 2, 0.1], [2, 3, 0.1], [3, 4, 5]], [0, 1]),
            "column 3 has the same value in every training row; leave it out.",
        ),
        (lambda: standardised([[1], [2]], [0]), "column 1 has the same value in every training row; leave it out."),
        (
            lambda: standardised([[1], [2]], [0, 2]),
            "train has 2 in entry 2; every entry must be a whole number from 0 to 1.",
        ),
        (lambda: features([[1, 2]], []), f"there is no feature; choose at least one of {', '.join(FEATURES)}."),
        (lambda: features([[1, 2]], ["x3"]), f"there is no feature x3; there are {', '.join(FEATURES)}."),
        (
            lambda: features([[1, 2, 3]], ["x1"]),
            "points has shape 1 x 3; it must be a list of points with 2 coordinates each.",
        ),
        (lambda: features([[1, -1e200]], ["x1"]), "the largest coordinate is 1e+200; it must lie between 0 and 1e+150."),
        (lambda: targets([0, 1], 2, "relu"), "there is no output relu; there are linear, tanh, sigmoid, softmax."),
        (lambda: targets([0, 0], 1, "softmax"), "there is one class; a network tells apart two or more."),
        (
            lambda: targets([0.5], 0, "softmax"),
            "the output is softmax, which gives shares of classes; values need linear, tanh or sigmoid.",
        ),
        (lambda: targets([0, 2], 3, "tanh"), "the output is tanh, which tells two classes apart; 3 classes need softmax."),
        (lambda: targets([0, 2], 2, "tanh"), "y has 2 in entry 2; every entry must be a whole number from 0 to 1."),
        (lambda: targets([0.5, 1], 2, "softmax"), "y has 0.5 in entry 1; every entry must be a whole number from 0 to 1."),
        (
            lambda: labelled(np.arange(30) / 2),
            "the column has 30 different entries and looks like a value to predict; at most 12 are classes.",
        ),
        (
            lambda: labelled(list("abcdefghijklm")),
            "the column has 13 different entries and looks like names of single rows; at most 12 are classes.",
        ),
        (lambda: labelled([2, 2, 2]), 'every row is "2"; there must be at least two classes to tell apart.'),
        (lambda: labelled(["a", "b", "a"]), 'the class "b" has one sample; every class needs at least two.'),
        (lambda: labelled(["a", " "]), "row 2 of the column is empty; every row needs a text or a number."),
        (lambda: labelled([1, None]), "row 2 of the column is None; it must be one finite real number such as 0.5."),
        (lambda: labelled([math.nan, 1]), "row 1 of the column is nan; it must be one finite real number such as 0.5."),
        (lambda: labelled([]), "the column holds nothing to tell apart; it must be a list of texts or numbers."),
        (lambda: labelled([[1, 2], [3, 4]]), "the column holds nothing to tell apart; it must be a list of texts or numbers."),
        (lambda: principal_plane([[1], [2]]), "X has shape 2 x 1; a plane needs at least two rows and two columns."),
        (lambda: principal_plane([[1, 2]]), "X has shape 1 x 2; a plane needs at least two rows and two columns."),
        (lambda: confusion([0, 1], [0], 2), "predicted has shape 1; it must be a vector with 2 numbers."),
        (lambda: confusion([0, 2], [0, 1], 2), "actual has 2 in entry 2; every entry must be a whole number from 0 to 1."),
        (lambda: r_squared([3, 3], [1, 2]), "every actual value is 3; R^2 needs values that differ."),
        (lambda: r_squared([3, 4], [1]), "predicted has shape 1; it must be a vector with 2 numbers."),
        (
            lambda: root_mean_square_error([3], [math.nan]),
            "predicted has nan in entry 1; every entry must be a finite number.",
        ),
    ],
)
def test_arguments_that_do_not_fit_end_in_a_sentence(call, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        call()
    assert str(problem.value) == words
