"""What a network is given to learn: inputs, targets and the map belong together, and only training rows set the scale."""

import doctest
import math
import warnings

import numpy as np
import pytest

from mml_core import datasets, problems, samples
from mml_core.problems import CURVE_RADIUS, MOST_SAMPLES, TOY_RADIUS, UNITS, digits_problem, table_problem, toy_problem

CLASS_SETS, VALUE_SETS, CURVES = tuple(datasets.CLASS_SETS), tuple(datasets.VALUE_SETS), tuple(datasets.CURVES)
RNG = np.random.default_rng(3)
X = RNG.normal(size=(90, 5)) @ RNG.normal(size=(5, 5)) + [0, 1, -3, 100, 0.5]
NAMES = ("u", "v", "w", "s", "t")
TWO, THREE = ["no", "yes"] * 45, ["b", "a", "c"] * 30
VALUES = 40 + 7 * X[:, 0] * X[:, 1]
OF_COORDINATES = {
    **{f"{name}, {u}": toy_problem(name, 0.1, units=u, n_samples=60) for name in CLASS_SETS + VALUE_SETS for u in UNITS},
    **{f"{name}, {u}": toy_problem(name, 0.1, units=u, n_samples=60) for name in CURVES for u in UNITS},
    **{f"all features, {u}": toy_problem("Circles", inputs=samples.FEATURES, units=u, n_samples=60) for u in UNITS},
    "two columns, classes": table_problem(X, NAMES, TWO, (3, 0)),
    "two columns, features": table_problem(X, NAMES, THREE, (1, 4), inputs=("x2", "sin x1", "x1 x2")),
    "two columns, values": table_problem(X, NAMES, VALUES, (0, 1), kind="Values"),
    "the two that are left": table_problem(X[:, :3], NAMES[:3], 2, kind="Values"),
}  # fmt: skip
ON_A_PLANE = {
    "all columns, classes": table_problem(X, NAMES, THREE, train_share=0.6, seed=4),
    "all columns but the target": table_problem(X, NAMES, 1, kind="Values"),
    "digits": digits_problem(0.3, 2),
}
ALL = {**OF_COORDINATES, **ON_A_PLANE}
each = pytest.mark.parametrize("p", ALL.values(), ids=ALL)
each_of_coordinates = pytest.mark.parametrize("p", OF_COORDINATES.values(), ids=OF_COORDINATES)
each_on_a_plane = pytest.mark.parametrize("p", ON_A_PLANE.values(), ids=ON_A_PLANE)


def same(one, other):
    """Say whether two problems are the same in every number and word."""
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in one.__dataclass_fields__)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(problems).failed == 0


@each
def test_every_sample_has_its_inputs_its_target_its_place_and_one_part(p):
    n = len(p.X)
    assert p.X.shape == (n, len(p.inputs))
    assert p.targets.shape == (n, p.n_outputs)
    assert p.y.shape == (n,)
    assert p.at.shape == (n, 2)
    assert sorted([*p.train.tolist(), *p.test.tolist()]) == list(range(n))
    assert p.shift.shape == p.scale.shape == (len(p.inputs),)
    assert all(np.isfinite(v).all() for v in (p.X, p.targets, p.y, p.at, p.shift, p.scale))


@each
def test_targets_and_loss_fit_the_output(p):
    if not p.classes:
        assert (p.output, p.loss, p.n_outputs) == ("linear", "squared", 1)
        np.testing.assert_allclose(p.targets[:, 0] * p.unit[0] + p.unit[1], p.y, rtol=1e-12, atol=1e-12)
    elif len(p.classes) == 2:
        assert (p.output, p.loss, p.n_outputs) == ("tanh", "squared", 1)
        np.testing.assert_array_equal(p.targets[:, 0], 2 * p.y - 1)
    else:
        assert (p.output, p.loss, p.n_outputs) == ("softmax", "cross-entropy", len(p.classes))
        np.testing.assert_array_equal(p.targets.argmax(axis=1), p.y)
        np.testing.assert_array_equal(p.targets.sum(axis=1), 1)


def test_two_classes_with_cross_entropy_have_a_sigmoid_and_targets_of_0_and_1():
    for p in (toy_problem("Spirals", loss="cross-entropy", n_samples=20), table_problem(X, NAMES, TWO, loss="cross-entropy")):
        assert (p.output, p.loss) == ("sigmoid", "cross-entropy")
        np.testing.assert_array_equal(p.targets[:, 0], p.y)


@each_of_coordinates
def test_inputs_at_the_samples_places_are_the_samples(p):
    np.testing.assert_allclose(p.inputs_at(p.at), p.X, rtol=1e-12, atol=1e-12)


@each_on_a_plane
def test_inputs_at_the_samples_places_are_the_samples_projected_onto_the_plane(p):
    from sklearn.decomposition import PCA

    reference = PCA(2, svd_solver="full").fit(p.X[p.train])
    projected = reference.inverse_transform(reference.transform(p.X))
    np.testing.assert_allclose(p.inputs_at(p.at), projected, atol=1e-9)
    np.testing.assert_allclose(np.abs(p.at), np.abs(reference.transform(p.X)), atol=1e-9)
    assert p.axes == ("component 1", "component 2")
    assert p.at[p.train, 0].std() >= p.at[p.train, 1].std()


@each_on_a_plane
def test_places_on_the_plane_lead_back_to_themselves(p):
    places = np.random.default_rng(1).uniform(-p.radius, p.radius, (50, 2))
    np.testing.assert_allclose((p.inputs_at(places) - p.shift) @ p.directions.T, places, atol=1e-12)
    np.testing.assert_allclose(p.inputs_at(np.zeros((1, 2)))[0], p.X[p.train].mean(axis=0), atol=1e-12)


def test_a_curves_inputs_do_not_ask_how_high_a_place_is():
    p = toy_problem("Sine", units="standardised")
    assert p.is_curve
    assert p.axes == ("x", "y")
    np.testing.assert_array_equal(p.inputs_at(np.array([[0.7, -3]])), p.inputs_at(np.array([[0.7, 2]])))
    np.testing.assert_array_equal(p.at[:, 1], p.y)
    assert not any(other.is_curve for name, other in ALL.items() if name.split(",")[0] not in CURVES)


@pytest.mark.parametrize("name", CLASS_SETS + VALUE_SETS)
def test_a_set_as_drawn_is_that_of_datasets(name):
    data, p = (datasets.CLASS_SETS | datasets.VALUE_SETS)[name](70, 0.2, 5), toy_problem(name, 0.2, seed=5, n_samples=70)
    np.testing.assert_array_equal(p.X, data.X)
    np.testing.assert_array_equal(p.at, data.X)
    np.testing.assert_array_equal(p.y, data.y)
    assert (p.classes, p.inputs, p.radius, p.unit, p.note) == (data.classes, ("x1", "x2"), TOY_RADIUS, (1, 0), "")


def test_a_curve_has_a_fifth_of_the_samples_and_its_own_input():
    p = toy_problem("Parabola", n_samples=500, inputs=("x1^2", "x2"))
    assert (p.X.shape, p.inputs, p.radius) == ((100, 1), ("x",), CURVE_RADIUS)
    np.testing.assert_allclose(p.y, p.X[:, 0] ** 2 / 3 - 1.5, atol=1e-14)


def test_features_are_inputs_in_the_order_in_which_they_are_named():
    p = toy_problem("Circles", inputs=("sin x2", "x1^2"), n_samples=30)
    np.testing.assert_allclose(p.X, np.column_stack([np.sin(p.at[:, 1]), p.at[:, 0] ** 2]), rtol=1e-15)


@pytest.mark.parametrize("name", ["Circles", "Bumps", "Sine"])
def test_standardised_inputs_have_mean_0_and_deviation_1_over_the_training_rows_only(name):
    p = toy_problem(name, 0.1, 0.4, units="standardised", n_samples=100)
    np.testing.assert_allclose(p.X[p.train].mean(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose(p.X[p.train].std(axis=0), 1, rtol=1e-13)
    assert np.abs(p.X[p.test].mean(axis=0)).min() > 1e-3


def test_the_first_in_hundredths_is_a_hundred_times_larger_and_the_others_stay():
    drawn, p = (toy_problem("Circles", units=u, inputs=("x2", "x1", "x1 x2"), n_samples=30) for u in (UNITS[0], UNITS[2]))
    np.testing.assert_allclose(p.X, drawn.X * [100, 1, 1], rtol=1e-14)
    np.testing.assert_array_equal(p.at, drawn.at)
    np.testing.assert_array_equal(p.targets, drawn.targets)


def test_the_seed_decides_and_nothing_else():
    for make in (
        lambda seed: toy_problem("Spirals", 0.1, seed=seed, n_samples=40),
        lambda seed: table_problem(X, NAMES, THREE, seed=seed),
    ):
        assert same(make(3), make(3))
        assert not same(make(3), make(4))
    assert same(digits_problem(0.3, 2), ON_A_PLANE["digits"])


def test_a_tables_inputs_are_standardised_as_scikit_learn_does_it():
    from sklearn.preprocessing import StandardScaler

    p = ON_A_PLANE["all columns, classes"]
    np.testing.assert_allclose(p.X, StandardScaler().fit(X[p.train]).transform(X), rtol=1e-10, atol=1e-11)
    two = OF_COORDINATES["two columns, classes"]
    chosen = X[:, [3, 0]]
    np.testing.assert_allclose(two.X, StandardScaler().fit(chosen[two.train]).transform(chosen), rtol=1e-10, atol=1e-11)
    assert two.axes == ("s", "u")


def test_the_test_rows_of_a_table_change_neither_the_training_rows_nor_the_plane_nor_the_unit():
    one = table_problem(X, NAMES, VALUES, kind="Values")
    changed, values = X.copy(), VALUES.copy()
    changed[one.test] = changed[one.test] * 3 + 5
    values[one.test] += 1000
    other = table_problem(changed, NAMES, values, kind="Values")
    for name in ("shift", "scale", "directions", "train", "unit"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    np.testing.assert_array_equal(one.X[one.train], other.X[one.train])
    np.testing.assert_array_equal(one.targets[one.train], other.targets[one.train])


def test_values_of_a_table_are_standardised_and_a_unit_leads_back():
    p = table_problem(X, NAMES, VALUES, kind="Values")
    assert p.unit == pytest.approx((VALUES[p.train].std(), VALUES[p.train].mean()), rel=1e-14)
    np.testing.assert_allclose(p.targets[p.train].mean(), 0, atol=1e-13)
    np.testing.assert_allclose(p.targets[p.train].std(), 1, rtol=1e-13)
    np.testing.assert_array_equal(p.y, VALUES)


def test_a_target_that_is_a_column_is_no_input():
    p = ON_A_PLANE["all columns but the target"]
    assert p.inputs == ("u", "w", "s", "t")
    np.testing.assert_array_equal(p.y, X[:, 1])


@pytest.mark.parametrize(
    ("kind", "target", "classes"),
    [("Classes", [3, 1] * 45, ("1", "3")), ("Classes", [0.5, 2, -1] * 30, ("-1", "0.5", "2")), ("Values", VALUES, ())],
)
def test_a_target_beside_the_table_is_the_same_as_one_in_it(kind, target, classes):
    beside = table_problem(X, NAMES, target, kind=kind)
    assert same(beside, table_problem(np.column_stack([X, target]), (*NAMES, "target"), 5, kind=kind))
    assert beside.classes == classes


def test_with_two_columns_chosen_the_others_do_not_matter():
    for target, kind in ((THREE, "Classes"), (4, "Values")):
        one = table_problem(X, NAMES, target, (2, 0), kind=kind)
        changed = X.copy()
        changed[:, [1, 3]] = 0.0, 1e9
        assert same(one, table_problem(changed, NAMES, target, (2, 0), kind=kind))
        swapped = table_problem(X, NAMES, target, (0, 2), kind=kind)
        np.testing.assert_array_equal(swapped.at, one.at[:, ::-1])


def test_of_a_long_table_as_many_rows_as_are_allowed_are_drawn_by_the_seed():
    n = MOST_SAMPLES + 500
    rows = np.arange(n)
    long = np.column_stack([rows, rows % 7, rows % 2])
    p, again, other = (table_problem(long, ("row", "week", "odd"), 2, (0, 1), seed=seed) for seed in (1, 1, 2))
    assert len(p.X) == MOST_SAMPLES
    assert p.note == "3,000 of 3,500 rows, drawn by the seed."
    assert same(p, again)
    scale = np.ptp(other.X[:, 0]) / np.ptp(p.X[:, 0])
    assert not np.allclose(other.X[:, 0], scale * p.X[:, 0], atol=1e-3)
    # The targets go with their rows: standardising moves them all alike, so that whole row numbers come back.
    step = np.diff(p.X[:, 0]).min()
    number = np.rint((p.X[:, 0] - p.X[0, 0]) / step)
    np.testing.assert_array_equal((p.y - p.y[0]) % 2, number % 2)
    assert len(set(number.tolist())) == MOST_SAMPLES
    assert table_problem(long[:MOST_SAMPLES], ("row", "week", "odd"), 2, (0, 1)).note == ""


@pytest.mark.parametrize(("columns", "said"), [((1,), "1 column"), ((0, 3), "2 columns")])
def test_columns_without_variation_are_left_out_and_a_note_says_so(columns, said):
    changed = X.copy()
    changed[:, columns] = 2.0
    p = table_problem(changed, NAMES, TWO)
    assert p.inputs == tuple(name for j, name in enumerate(NAMES) if j not in columns)
    assert p.note == f"Without variation in the training rows, so left out: {said}."
    np.testing.assert_array_equal(p.X, table_problem(np.delete(X, columns, axis=1), p.inputs, TWO).X)


@pytest.mark.parametrize("size", [0.3, 1e-3])
def test_a_column_without_variation_is_left_out_whatever_its_number(size):
    changed = X.copy()
    changed[:, 1] = size
    assert table_problem(changed, NAMES, TWO).inputs == ("u", "w", "s", "t")


@pytest.mark.parametrize("size", [0.1, 0.3])
def test_values_without_variation_are_refused_whatever_their_number(size):
    with pytest.raises(ValueError, match=r"^the target has the same value in every training row"):
        table_problem(X, NAMES, np.full(90, size), kind="Values")


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_a_table_of_tiny_or_huge_numbers_is_the_same_problem(size):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one, other = table_problem(X, NAMES, TWO), table_problem(X * size, NAMES, TWO)
    np.testing.assert_allclose(other.X, one.X, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_values_to_predict_that_are_tiny_or_huge_are_answered_with_a_sentence(size):
    with pytest.raises(ValueError, match="too small or too large"):
        table_problem(X, NAMES, VALUES * size, kind="Values")


@pytest.mark.parametrize("size", [1e-100, 1e100])
def test_values_to_predict_in_another_unit_are_the_same_problem(size):
    one, other = (table_problem(X, NAMES, v, kind="Values") for v in (VALUES, VALUES * size))
    np.testing.assert_allclose(other.targets, one.targets, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("columns", [(0, -1), (0, 5), (-9, 1)])
def test_columns_that_are_not_there_are_refused(columns):
    with pytest.raises(ValueError, match=r"\.$"):
        table_problem(X, NAMES, TWO, columns)


@pytest.mark.parametrize("size", [0.3, 1e300])
def test_a_column_that_varies_in_test_rows_only_is_left_out_and_one_that_varies_in_a_training_row_is_not(size):
    train = table_problem(X, NAMES, TWO).train
    changed = X.copy()
    changed[:, 1] = np.where(np.isin(np.arange(90), train), size, X[:, 1])
    p = table_problem(changed, NAMES, TWO)
    np.testing.assert_array_equal(p.train, train)
    assert p.inputs == ("u", "w", "s", "t")
    changed[train[7], 1] = size / 2
    assert table_problem(changed, NAMES, TWO).inputs == NAMES


@each
def test_nearly_all_samples_lie_on_the_map(p):
    assert (np.abs(p.at) <= p.radius).mean() >= 0.97
    assert p.radius in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 50, 100)


def test_the_map_of_a_table_is_no_larger_than_it_has_to_be():
    p = ON_A_PLANE["digits"]
    assert np.quantile(np.abs(p.at), 0.99) <= p.radius <= 2 * np.abs(p.at).max()


def test_the_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    p, found = ON_A_PLANE["digits"], load_digits()
    np.testing.assert_allclose(p.X * 16, found.data, atol=1e-14)
    np.testing.assert_array_equal(p.y, found.target)
    assert p.classes == tuple("0123456789")
    assert len(p.train) == round(0.3 * 1797)


def test_one_feature_is_one_input_and_no_curve():
    p = toy_problem("Two blobs", inputs=("x2",), n_samples=20)
    assert p.X.shape == (20, 1)
    assert not p.is_curve
    assert p.inputs_at(np.array([[3.0, -2.0]])).tolist() == [[-2.0]]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: toy_problem("Moons"),
            "there is no data set 'Moons'; choose one of Circles, Exclusive or, Two blobs, Spirals, Plane, Bumps, Sine, Step, "
            "Absolute value, Bump, Parabola.",
        ),
        (
            lambda: toy_problem("Circles", units="inches"),
            "units 'inches' are not known; choose one of as drawn, standardised, first in hundredths.",
        ),
        (
            lambda: toy_problem("Sine", units="standardised", n_samples=10),
            "an input has the same value in every training row, so it cannot be standardised; take more samples.",
        ),
        (lambda: toy_problem("Circles", 0.6), "the noise is 0.6; it must lie between 0 and 0.5."),
        (
            lambda: toy_problem("Circles", inputs=()),
            f"there is no feature; choose at least one of {', '.join(samples.FEATURES)}.",
        ),
        (lambda: toy_problem("Sine", train_share=0.95), "the training share is 0.95; it must lie between 0.1 and 0.9."),
        (lambda: table_problem(X[:3], NAMES, TWO[:3]), "there are 3 rows; at least 4 are needed, to train and to test."),
        (lambda: table_problem(X[:, :2], NAMES[:2], 0), "two columns are needed; choose another one beside the target."),
        (lambda: table_problem(X, NAMES, TWO, (3,)), "two columns are needed; choose another one beside the target."),
        (
            lambda: table_problem(X, NAMES, [5] * 90, kind="Values"),
            "the target has the same value in every training row; choose another column.",
        ),
        (
            lambda: table_problem(X * [1, 0, 1, 1, 1], NAMES, TWO, (0, 1)),
            "fewer than two columns vary in the training rows; choose other columns.",
        ),
        (lambda: table_problem(X, NAMES, ["a"] * 90), 'every row is "a"; there must be at least two classes to tell apart.'),
        (
            lambda: table_problem(X, NAMES, 0),
            "the column has 90 different entries and looks like a value to predict; at most 12 are classes.",
        ),
        (
            lambda: table_problem(X, NAMES, VALUES[:50], kind="Values"),
            "the target has 50 entries and the table 90 rows; give each row one.",
        ),
        (
            lambda: table_problem(X, NAMES, TWO + TWO),
            "the target has 180 entries and the table 90 rows; give each row one.",
        ),
        (lambda: table_problem(X, NAMES, TWO, kind="Rows"), "'Rows' is no way to predict; choose Classes or Values."),
        (
            lambda: table_problem(X, NAMES, 5, kind="Values"),
            "the target's column is 5; it must lie between 0 and 4.",
        ),
        (
            lambda: table_problem(X, NAMES, -1, kind="Values"),
            "the target's column is -1; it must lie between 0 and 4.",
        ),
        (
            lambda: table_problem([[1, math.nan]] * 5, ("u", "v"), TWO[:5]),
            "X has nan in row 1, column 2; every entry must be a finite number.",
        ),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_end_in_a_sentence(call, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        call()
    assert str(problem.value) == words
