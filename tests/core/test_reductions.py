"""How few numbers are enough: against scikit-learn's pipelines, folds as cards dealt round, and what a leak does."""

import dataclasses
import doctest
import inspect
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.decomposition import PCA
from sklearn.feature_selection import VarianceThreshold
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from mml_core import reductions
from mml_core.reductions import (
    CLASSIFIERS,
    BothWays,
    Reduction,
    accuracies,
    both_ways,
    component_counts,
    folds,
    leak,
    leaky,
    pure_noise,
    wide_table,
)

TABLES = {"iris": load_iris, "wine": load_wine, "breast cancer": load_breast_cancer}
KNN, LOGISTIC = CLASSIFIERS


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    """As in the app: small products are slower on two."""
    with threadpool_limits(limits=1):
        yield


def table(name):
    return TABLES[name](return_X_y=True)


def parallel_clouds(n=40, seed=3):
    """Return two long clouds side by side: the class is in the direction of the smallest variance."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    return np.c_[rng.normal(size=n) * 20, rng.normal(size=n) * 5, y + rng.normal(size=n) * 0.03], y


def by_sklearn(model, X, y, n_folds=5, seed=1):
    """Return the accuracy of a pipeline on each of our folds."""
    rows = np.arange(len(y))
    cv = [(np.setdiff1d(rows, test), test) for test in folds(y, n_folds, seed)]
    return cross_val_score(model, X, y, cv=cv)


def apart_from_seconds(found):
    """Return all of a result that is the same whenever it is computed, as lists."""
    names = [f.name for f in dataclasses.fields(found) if not f.metadata.get("varies")]
    return {name: np.asarray(getattr(found, name)).tolist() for name in names}


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(reductions).failed == 0


@given(st.lists(st.integers(5, 23), min_size=1, max_size=4), st.integers(2, 5), st.integers(0, 99))
def test_folds_are_a_partition_and_each_has_its_share_of_each_class(sizes, n_folds, seed):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    parts = folds(y, n_folds, seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(y)))
    assert np.ptp([len(part) for part in parts]) <= 1
    shares = np.array([np.bincount(y[part], minlength=len(sizes)) for part in parts])
    assert np.ptp(shares, axis=0).max() <= 1
    assert all((np.diff(part) > 0).all() for part in parts)


def test_folds_hang_on_the_seed_and_not_on_the_names_of_classes():
    y = np.arange(60) % 3
    as_lists = [part.tolist() for part in folds(y, seed=7)]
    assert as_lists == [part.tolist() for part in folds(y, seed=7)]
    assert as_lists != [part.tolist() for part in folds(y, seed=8)]
    for names in (["ant", "bee", "cow"], [0.5, 1.5, 2.5]):
        assert as_lists == [part.tolist() for part in folds(np.array(names)[y], seed=7)]
    texts = np.array(["ant", "bee", "cow"])[y].astype(np.dtypes.StringDType())
    assert as_lists == [part.tolist() for part in folds(texts, seed=7)]


@pytest.mark.parametrize(
    ("d", "n", "most", "counts"),
    [
        (1, 2, 16, (1,)),
        (4, 120, 16, (1, 2, 3, 4)),
        (13, 142, 16, (1, 2, 3, 5, 7, 10, 13)),
        (2000, 48, 16, (1, 2, 3, 5, 7, 10, 15, 20, 30, 47)),
        (64, 1437, 2, (1, 64)),
        (64, 1437, 4, (1, 5, 20, 64)),
    ],
)
def test_counts_are_round_numbers_up_to_the_largest_possible(d, n, most, counts):
    assert component_counts(d, n, most) == counts


@given(st.integers(1, 10_000), st.integers(2, 10_000), st.integers(2, 30))
def test_counts_rise_from_one_and_there_are_not_too_many(d, n, most):
    counts = component_counts(d, n, most)
    assert (np.diff(counts) > 0).all()
    assert (counts[0], counts[-1]) == (1, min(d, n - 1))
    assert len(counts) <= most


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("standardise", [True, False])
def test_neighbours_are_right_as_often_as_in_scikit_learns_pipeline(name, standardise):
    """StandardScaler divides by n, we by n - 1: a common factor of all columns, which makes no other row nearer."""
    X, y = table(name)
    counts = (1, 2, 3)
    found = accuracies(X, y, counts, standardise=standardise)
    first = [StandardScaler()] if standardise else []
    for i, k in enumerate(counts):
        pipeline = make_pipeline(*first, PCA(k), KNeighborsClassifier(5))
        np.testing.assert_allclose(found.accuracy[i], by_sklearn(pipeline, X, y), rtol=0, atol=1e-12)
    whole = by_sklearn(make_pipeline(*first, KNeighborsClassifier(5)), X, y)
    np.testing.assert_allclose(found.full, whole, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["iris", "wine"])
def test_logistic_regression_is_right_as_often_as_in_scikit_learns_pipeline(name):
    """The common factor changes the price of its weights by half a percent, here no answer."""
    X, y = table(name)
    found = accuracies(X, y, (1, 3), classifier=LOGISTIC, n_folds=4, seed=2)
    for i, k in enumerate((1, 3)):
        pipeline = make_pipeline(StandardScaler(), PCA(k), LogisticRegression(max_iter=100))
        np.testing.assert_allclose(found.accuracy[i], by_sklearn(pipeline, X, y, 4, 2), rtol=0, atol=1e-12)
    whole = by_sklearn(make_pipeline(StandardScaler(), LogisticRegression(max_iter=100)), X, y, 4, 2)
    np.testing.assert_allclose(found.full, whole, rtol=0, atol=1e-12)
    assert found.unfinished == 0


def test_columns_that_are_constant_in_a_training_part_are_left_out_there():
    digits = load_digits()
    X, y = digits.data[:500], digits.target[:500]
    found = accuracies(X, y, (10, 64), n_neighbours=1)
    first = [VarianceThreshold(), StandardScaler()]
    reduced = by_sklearn(make_pipeline(*first, PCA(10), KNeighborsClassifier(1)), X, y)
    np.testing.assert_allclose(found.accuracy[0], reduced, rtol=0, atol=1e-12)
    whole = by_sklearn(make_pipeline(*first, KNeighborsClassifier(1)), X, y)
    np.testing.assert_allclose(found.full, whole, rtol=0, atol=1e-12)
    kept = [np.ptp(np.delete(X, part, axis=0), axis=0).astype(bool).sum() for part in folds(y)]
    assert found.counts.tolist() == [10, 64]
    assert found.numbers.tolist() == [10, max(kept)]
    assert max(kept) < 64


def test_a_column_that_varies_in_the_test_part_alone_says_nothing_unless_seen_from_outside():
    X, y = table("iris")
    odd = np.zeros(150)
    odd[folds(y)[2][0]] = 1.0
    counts, wider = (1, 4), np.c_[X, odd]
    plain, found = accuracies(X, y, counts), accuracies(wider, y, counts)
    assert plain.accuracy[:, 2].tolist() == found.accuracy[:, 2].tolist()
    assert plain.full[2] == found.full[2]
    assert found.numbers.tolist() == accuracies(wider, y, counts, inside=False).numbers.tolist() == [1, 4]


def test_without_standardising_a_constant_column_may_stay():
    X, y = table("iris")
    plain, found = (accuracies(Z, y, (1, 4), standardise=False) for Z in (X, np.c_[X, np.full(150, 7.0)]))
    assert plain.accuracy.tolist() == found.accuracy.tolist()
    assert plain.full.tolist() == found.full.tolist()


@pytest.mark.parametrize("name", ["iris", "wine"])
@pytest.mark.parametrize("inside", [True, False])
def test_one_fit_of_the_largest_count_serves_the_smaller_ones(name, inside):
    X, y = table(name)
    together = accuracies(X, y, (1, 2, 4), inside=inside)
    for i, k in enumerate((1, 2, 4)):
        alone = accuracies(X, y, (k,), inside=inside)
        assert alone.accuracy[0].tolist() == together.accuracy[i].tolist()


def test_all_components_are_as_good_as_all_columns():
    """They are the same points, turned."""
    X, y = table("wine")
    for classifier in CLASSIFIERS:
        found = accuracies(X, y, (13,), classifier=classifier, n_folds=3)
        assert found.accuracy[0].tolist() == found.full.tolist()
        assert found.enough == 13


def test_standardised_columns_may_come_in_any_unit():
    X, y = table("wine")
    units = 2.0 ** (np.arange(13) * 5 - 30)
    one, other = accuracies(X, y, (1, 5)), accuracies(X * units + 8 * units, y, (1, 5))
    assert one.accuracy.tolist() == other.accuracy.tolist()


def test_a_label_in_the_smallest_direction_is_lost_until_all_components_are_there():
    X, y = parallel_clouds(200)
    found = accuracies(X, y, (1, 2, 3), classifier=LOGISTIC, standardise=False)
    assert np.abs(found.mean[:2] - 0.5).max() < 0.12
    assert found.mean[2] == found.full_mean == 1
    assert found.enough == 3
    assert found.chance == 0.5
    assert accuracies(X, y, (1, 2), classifier=LOGISTIC, standardise=False).enough is None


@pytest.mark.parametrize("seed", range(3))
def test_enough_is_the_first_within_one_standard_error_of_all_columns(seed):
    X, y = table("wine")
    found = accuracies(X, y, (1, 2, 3, 5, 13), seed=seed)
    assert found.accuracy.shape == (5, 5)
    np.testing.assert_allclose(found.mean, found.accuracy.mean(axis=1), rtol=1e-15)
    np.testing.assert_allclose(found.error, found.accuracy.std(axis=1, ddof=1) / np.sqrt(5), rtol=1e-14)
    assert found.full_mean == pytest.approx(found.full.mean(), rel=1e-15)
    assert found.full_error == pytest.approx(found.full.std(ddof=1) / np.sqrt(5), rel=1e-14)
    near = found.mean >= found.full_mean - found.full_error - 1e-12
    assert found.enough == found.counts[near.argmax()]
    assert found.chance == 71 / 178
    assert found.numbers.tolist() == found.counts.tolist()


def test_each_row_is_answered_without_having_been_seen():
    """A typing error in one test part costs that fold one answer at most; seen from outside it turns the component."""
    X, y = table("iris")
    wild, part = X.copy(), folds(y)[0]
    wild[part[0], 1] *= 1e6
    plain, found, outside = (
        accuracies(Z, y, (1,), standardise=False, inside=inside).accuracy[0, 0]
        for Z, inside in ((X, True), (wild, True), (wild, False))
    )
    assert abs(found - plain) <= 1 / len(part) + 1e-12
    assert outside < 0.8 < found


def test_the_same_seed_gives_the_same_and_names_of_classes_do_not_matter():
    X, y = table("iris")
    once = apart_from_seconds(accuracies(X, y, (1, 2), seed=4))
    assert once == apart_from_seconds(accuracies(X.tolist(), y.tolist(), [1, 2], seed=4))
    assert once == apart_from_seconds(accuracies(X, np.array(["a", "b", "c"])[y], (1, 2), seed=4))
    assert once != apart_from_seconds(accuracies(X, y, (1, 2), seed=5))


def test_of_too_many_rows_each_class_gives_its_share(monkeypatch):
    monkeypatch.setattr(reductions, "MOST_ROWS_TRIED", 100)
    rng = np.random.default_rng(1)
    y = rng.permutation(np.repeat([0, 1, 2], [600, 393, 7]))
    X = rng.normal(size=(1000, 2)) + 10 * y[:, None]
    found = accuracies(X, y, (1, 2))
    assert found.n_samples == 60 + 39 + 5  # a rare class as often as there are folds
    assert found.chance == 60 / 104
    assert found.mean[0] > 0.95
    assert apart_from_seconds(found) == apart_from_seconds(accuracies(X, y, (1, 2)))
    monkeypatch.setattr(reductions, "MOST_ROWS_TRIED", 1000)
    assert accuracies(X, y, (1,)).n_samples == 1000


def test_more_rows_than_five_thousand_are_drawn_from():
    y = np.arange(12_001) % 2
    assert accuracies(np.c_[y, np.arange(12_001) % 7], y, (1,)).n_samples == 4999


@pytest.mark.parametrize("m", [1, 3])
def test_the_report_is_monotone_and_complete(m):
    X, y = table("iris")
    heard, twice = [], []
    counts = range(1, m + 1)
    found = accuracies(X, y, counts, n_folds=3, report=lambda *pair: heard.append(pair))
    assert len(heard) == 3 * m
    assert {total for _, total in heard} == {m}
    done = [d for d, _ in heard]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (1, m)
    assert found.accuracy.shape == (m, 3)
    leak(X, y, counts, n_folds=3, report=lambda *pair: twice.append(pair))
    assert len(twice) == 6 * m
    assert twice == sorted(twice)
    assert (twice[0], twice[-1]) == ((1, 2 * m), (2 * m, 2 * m))


def test_seconds_are_measured_and_marked_as_never_the_same():
    X, y = table("iris")
    found = accuracies(X, y, (1, 2, 3))
    for seconds in (found.train_seconds, found.test_seconds):
        assert seconds.shape == (3,)
        assert (seconds > 0).all()
    assert min(*found.full_seconds, found.reduce_seconds) > 0
    for record in (Reduction, BothWays):
        marked = {f.name for f in dataclasses.fields(record) if f.metadata.get("varies")}
        assert marked == {f.name for f in dataclasses.fields(record) if "seconds" in f.name}


def test_regressions_that_do_not_converge_are_counted_and_do_not_warn(monkeypatch):
    X, y = table("wine")
    monkeypatch.setattr(reductions, "MOST_ROUNDS", 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = accuracies(X, y, (1, 2), classifier=LOGISTIC)
    assert found.unfinished == 15
    assert accuracies(X, y, (1, 2)).unfinished == 0


def test_a_leak_is_the_difference_of_both_ways_to_fit():
    X, y = table("wine")
    found = leak(X, y, (1, 2, 13), n_folds=4, seed=3, n_neighbours=3)
    for inside, result in ((True, found.inside), (False, found.outside)):
        alone = accuracies(X, y, (1, 2, 13), n_folds=4, seed=3, n_neighbours=3, inside=inside)
        assert apart_from_seconds(alone) == apart_from_seconds(result)
    assert found.difference.tolist() == (found.outside.mean - found.inside.mean).tolist()
    assert np.abs(found.difference).max() < 0.03  # 178 rows of 13 columns: next to nothing


def test_a_leak_has_all_settings_of_accuracies():
    ours, theirs = (inspect.signature(f).parameters for f in (leak, accuracies))
    assert list(ours.values()) == [p for p in theirs.values() if p.name != "inside"]


def test_of_noise_not_even_components_from_all_rows_know_the_class():
    found = [leak(*pure_noise(60, 150, seed), (2,), seed=seed) for seed in range(12)]
    for part in ("inside", "outside"):
        assert np.abs(np.mean([getattr(f, part).mean for f in found], axis=0) - 0.5).max() < 0.06  # 3 standard errors


def test_of_few_rows_with_many_columns_the_leak_flatters():
    found = [leak(*leaky(seed), (3,), seed=seed) for seed in range(6)]
    gains = np.array([f.difference[0] for f in found])
    assert (gains > 0).all()
    assert gains.mean() > 0.15


def test_noise_and_leaky_have_as_many_rows_of_either_class():
    X, y = pure_noise(61, 7, 5)
    assert X.shape == (61, 7)
    assert np.bincount(y).tolist() == [31, 30]
    X, y = leaky(5)
    assert np.bincount(y).tolist() == [30, 30]
    np.testing.assert_array_equal(X, leaky(5)[0])
    noise = pure_noise(seed=5)
    np.testing.assert_array_equal(noise[1], y)
    np.testing.assert_allclose(np.linalg.norm(X - noise[0], axis=1), 3, rtol=1e-12)
    assert np.linalg.matrix_rank(X - noise[0]) == 1


@pytest.mark.parametrize(("n", "d"), [(30, 200), (200, 30), (40, 40), (2, 1), (5, 3)])
def test_both_ways_give_the_same_variances(n, d):
    rng = np.random.default_rng(n)
    X = rng.normal(size=(n, d)) * 0.9 ** np.arange(d) + 5
    k = min(n - 1, d, 8)
    found = both_ways(X, k)
    assert found.names == ("D x D", "N x N", "scikit-learn")
    assert found.sizes == ((d, d), (n, n), (n, d))
    s = np.linalg.svd(X - X.mean(axis=0), compute_uv=False)
    for variances in found.variances:
        np.testing.assert_allclose(variances, s[:k] ** 2 / (n - 1), rtol=1e-9)
    assert found.largest_difference < 1e-12
    assert found.difference_sklearn < 1e-12
    assert found.angle_sklearn < 1e-6
    assert found.seconds.shape == (3,)
    assert (found.seconds > 0).all()


def test_a_long_way_is_gone_once(monkeypatch):
    heard, fits = [], []
    fit = reductions.pca.fit
    monkeypatch.setattr(reductions.pca, "fit", lambda *args, **more: fits.append(more) or fit(*args, **more))
    both_ways(wide_table(10, 20), 2, report=lambda *pair: heard.append(pair))
    assert (len(fits), heard) == (6, [(1, 3), (2, 3), (3, 3)])
    monkeypatch.setattr(reductions, "ONE_RUN_SECONDS", 1e-12)
    fits.clear()
    assert both_ways(wide_table(10, 20), 2).variances.shape == (3, 2)
    assert len(fits) == 2


def test_the_wide_table_holds_smooth_curves_that_need_all_directions():
    X = wide_table(20, 400, 3)
    assert X.shape == (20, 400)
    np.testing.assert_array_equal(X, wide_table(20, 400, 3))
    assert np.abs(np.diff(X, axis=1)).max() < 0.1 < np.ptp(X, axis=1).min()
    assert np.linalg.matrix_rank(X - X.mean(axis=0)) == 19
    np.testing.assert_allclose(X[:, 0] - X[:, -1], 2 * _odd_waves(20, 3), rtol=1e-12)


def _odd_waves(n, seed):
    """Return the sum of the odd waves at t = 0: the even ones end as high as they begin."""
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((n, n)) / np.arange(1, n + 1) ** 2
    return a[:, ::2].sum(axis=1)


SIX = ([[0.0, 1], [1, 1], [2, 0], [3, 0], [4, 5], [5, 2]], [0, 0, 0, 1, 1, 1])


def tried(counts=(1,), X=SIX[0], y=SIX[1], n_folds=3, n_neighbours=1, **more):
    return accuracies(X, y, counts, n_folds=n_folds, n_neighbours=n_neighbours, **more)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: folds([]), "y has shape 0; it must be a list of classes, one for each row."),
        (lambda: folds(3), "y has shape of a single value; it must be a list of classes, one for each row."),
        (lambda: folds([[1, 2], [3]]), "y has entries of different lengths; it must be a list of classes, one for each row."),
        (lambda: folds([1, None]), "y holds something else than numbers or names; every row needs a class such as 1 or “red”."),
        (lambda: folds([1.0, np.nan]), "y has nan in entry 2; every row needs a class."),
        (lambda: folds(["a", "b", "b"], 2), "class a has 1 row, and each of 2 folds needs one; leave it out."),
        (lambda: folds(np.repeat([4, 9], [3, 5])),
         "class 4 has 3 rows, and each of 5 folds needs one; take at most 3 folds, or leave it out."),
        (lambda: folds([0, 0, 1, 1], 1), "n_folds is 1; it must lie between 2 and 10."),
        (lambda: folds([0, 0, 1, 1], 11), "n_folds is 11; it must lie between 2 and 10."),
        (lambda: folds([0, 0, 1, 1], 2, -1), "seed is -1; it must be at least 0."),
        (lambda: component_counts(0, 5), "n_features is 0; it must be at least 1."),
        (lambda: component_counts(5, 1), "n_samples_in_training is 1; it must be at least 2."),
        (lambda: component_counts(5, 9, 1), "most is 1; it must be at least 2."),
        (lambda: tried(y=[0, 1]), "X has 6 rows and y 2 classes; each row needs one."),
        (lambda: tried(y=["a"] * 6), "all rows are of class a; at least two classes are needed to tell apart."),
        (lambda: tried(()), "the numbers of components do not rise; give at least one, each larger than the one before."),
        (lambda: tried((2, 2)), "the numbers of components do not rise; give at least one, each larger than the one before."),
        (lambda: tried((3,)), "a number of components is 3; it must lie between 1 and 2."),
        (lambda: tried((0, 1)), "a number of components is 0; it must lie between 1 and 2."),
        (lambda: tried((1.5,)), "a number of components is 1.5; it must be a whole number."),
        (lambda: tried(classifier="tree"),
         "there is no classifier 'tree'; choose one of nearest neighbours, logistic regression."),
        (lambda: tried(n_neighbours=5), "n_neighbours is 5; it must lie between 1 and 4."),
        (lambda: tried(X=[[1.0, 2]] * 6),
         "no column of a training part varies, so no row can be told from another; give rows that differ."),
        (lambda: tried(X=[[1.0, 2]] * 6, standardise=False),
         "all rows are the same, so no direction has any variance; give rows that differ."),
        (lambda: tried(X=[[1e-149, 0], [2e-149, 1], [3e-149, 0], [1e-149, 1], [2e-149, 0], [1e9, 1]]),
         "row 6 lies too far from the others to be compared with them; leave it out."),
        (lambda: tried(X=[*SIX[0][:5], [1e200, 1]]),
         "the entries of X are too large to be squared as float64; give them in other units."),
        (lambda: tried(X=[*SIX[0][:5], [np.inf, 1]]), "X has inf in row 6, column 1; every entry must be a finite number."),
        (lambda: leak(*SIX, (1,)), "class 0 has 3 rows, and each of 5 folds needs one; take at most 3 folds, or leave it out."),
        (lambda: pure_noise(3), "n_samples is 3; it must lie between 4 and 2000."),
        (lambda: pure_noise(4, 5000), "n_features is 5000; it must lie between 1 and 4096."),
        (lambda: leaky(-1), "seed is -1; it must be at least 0."),
        (lambda: wide_table(1), "n_samples is 1; it must lie between 2 and 2000."),
        (lambda: wide_table(2, 1), "n_features is 1; it must lie between 2 and 4096."),
        (lambda: both_ways(np.zeros((1, 3)), 1), "X has 1 rows of 3 columns; give 2 to 2,000 rows of at most 4,096 columns."),
        (lambda: both_ways(np.zeros((2001, 3)), 1),
         "X has 2,001 rows of 3 columns; give 2 to 2,000 rows of at most 4,096 columns."),
        (lambda: both_ways(np.zeros((9, 4097)), 1),
         "X has 9 rows of 4,097 columns; give 2 to 2,000 rows of at most 4,096 columns."),
        (lambda: both_ways(wide_table(9, 20), 9), "n_components is 9; it must lie between 1 and 8."),
        (lambda: both_ways(np.ones((9, 20)), 2),
         "all rows are the same, so no direction has any variance; give rows that differ."),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_end_in_a_sentence(call, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        call()
    assert str(problem.value) == words
