"""Each table shows what it says: the made ones for every seed, the measured ones as scikit-learn has them."""

import doctest

import numpy as np
import pytest
from scipy.linalg import subspace_angles

from mml_core import cases
from mml_core.cases import MADE, N_MADE, REAL, TYPED_WRONG, case
from mml_core.pca import fit
from mml_core.statistics import correlation, covariance, mean

SEEDS = (1, 2, 3, 7)


def ratio(name, seed=1, **how):
    return fit(case(name, seed).X, **how).explained_variance_ratio


def accuracy(X, y, k, classifier="knn", standardise=False, seed=1):
    """Return the mean accuracy of a classifier on k scores over five folds, all of it fitted on the training part."""
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    last = KNeighborsClassifier(5) if classifier == "knn" else LogisticRegression()
    steps = make_pipeline(*[StandardScaler()] * standardise, PCA(k, random_state=0), last)
    return cross_val_score(steps, X, y, cv=StratifiedKFold(5, shuffle=True, random_state=seed)).mean()


def test_examples_in_the_docstrings_hold():
    found = doctest.testmod(cases)
    assert found.failed == 0
    assert found.attempted > 0


@pytest.mark.parametrize("name", [*REAL, *MADE])
def test_every_table_is_whole_and_says_what_to_look_for(name):
    found = case(name)
    n, d = found.X.shape
    assert found.X.dtype == np.float64
    assert np.isfinite(found.X).all()
    assert len(found.columns) == len(set(found.columns)) == d
    assert all(type(words) is str and words for words in (*found.columns, *found.classes))
    assert found.y.shape == (n,)
    assert found.y.dtype == np.int64
    assert set(found.y.tolist()) == set(range(max(len(found.classes), 1)))
    assert len(found.classes) >= 2
    assert found.shape in ((), (8, 8))
    assert not found.shape or np.prod(found.shape) == d
    assert found.about.endswith(".")
    assert ". " not in found.about
    assert not found.X.flags.writeable
    assert not found.y.flags.writeable
    assert case(name) is found


@pytest.mark.parametrize("name", MADE)
def test_a_made_table_is_small_and_drawn_anew_by_each_seed(name):
    X = case(name).X
    assert len(X) == N_MADE == 200
    assert 2 <= X.shape[1] <= 4
    assert (case(name, 2).X != X).any()
    cases.case.cache_clear()
    np.testing.assert_array_equal(case(name).X, X)
    fit(X)
    fit(X, standardise=True)


def test_measured_tables_are_those_of_scikit_learn():
    from sklearn import datasets

    for name, load in zip(
        REAL, (datasets.load_digits, datasets.load_wine, datasets.load_iris, datasets.load_breast_cancer), strict=True
    ):
        X, y = load(return_X_y=True)
        np.testing.assert_array_equal(case(name).X, X)
        np.testing.assert_array_equal(case(name).y, y)
    assert case("Digits").classes == tuple("0123456789")
    assert case("Digits").columns[8] == "row 2, column 1"
    assert case("Digits").shape == (8, 8)
    assert case("Wine").columns[9] == "colour intensity"
    assert case("Breast cancer").classes == ("malignant", "benign")


def test_measured_tables_hold_what_is_said_of_them():
    assert 0.7 < ratio("Digits")[:10].sum() < 0.8
    digits, wine, iris, cells = (case(name) for name in REAL)
    assert accuracy(digits.X, digits.y, 10) > 0.9
    assert wine.columns[np.abs(fit(wine.X).components[0]).argmax()] == "proline"
    assert np.abs(fit(wine.X).components[0]).max() > 0.99
    assert accuracy(wine.X, wine.y, 2) < 0.8
    assert accuracy(wine.X, wine.y, 2, standardise=True) > 0.9
    assert ratio("Iris")[0] > 0.9
    first = fit(iris.X, 1).project(iris.X)[:, 0]
    assert first[iris.y == 0].max() < first[iris.y > 0].min()
    assert np.cumsum(ratio("Breast cancer", standardise=True))[[5, 6]].round(2).tolist() == [0.89, 0.91]
    assert cells.X.shape == (569, 30)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_income_in_cents_is_the_first_component_until_columns_are_standardised(seed):
    X = case("Unscaled columns", seed).X
    assert (X > 0).all()
    raw, standardised = fit(X), fit(X, standardise=True)
    np.testing.assert_allclose(np.abs(raw.components[0]), [0, 0, 1], rtol=0, atol=1e-4)
    assert raw.explained_variance_ratio[0] > 1 - 1e-9
    np.testing.assert_allclose(standardised.components[0], [0.5**0.5, 0.5**0.5, 0], rtol=0, atol=1e-9)
    np.testing.assert_allclose(standardised.explained_variance, [1.7, 1, 0.3], rtol=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_typing_error_turns_the_first_component(seed):
    X = case("One outlier", seed).X
    typed = X[TYPED_WRONG - 1]
    right = np.vstack([X[: TYPED_WRONG - 1], typed / [1, 100], X[TYPED_WRONG:]])
    assert (right > 0).all()
    assert typed[1] > 10 * np.delete(X, TYPED_WRONG - 1, axis=0)[:, 1].max()
    np.testing.assert_allclose(mean(right), [8, 4], rtol=1e-12)
    np.testing.assert_allclose(correlation(right)[0, 1], 0.9, rtol=1e-12)
    e, turned = fit(right).components[0], fit(X).components[0]
    assert e[0] > 0.85
    assert abs(turned[1]) > 0.99
    assert abs(correlation(X)[0, 1]) < 0.3


@pytest.mark.parametrize("seed", SEEDS)
def test_no_direction_parts_a_ring_from_the_ring_in_it(seed):
    found = case("Ring", seed)
    lengths = np.hypot(*found.X.T)
    assert lengths[found.y == 0].max() < lengths[found.y == 1].min()
    assert np.bincount(found.y).tolist() == [100, 100]
    shares = ratio("Ring", seed)
    assert shares[0] < 0.52
    for angle in np.linspace(0, np.pi, 90):
        y = found.y[np.argsort(found.X @ [np.cos(angle), np.sin(angle)])]
        beyond = np.append(0, np.cumsum(2 * y - 1))  # all rows up to a place on the line called outer, the others inner
        assert 0.5 + np.abs(beyond).max() / N_MADE < 0.75
    assert accuracy(found.X, found.y, 2) == 1


def test_of_tied_variances_only_the_plane_is_certain():
    fits = [fit(case("Tied variances", seed).X) for seed in range(1, 9)]
    for found in fits:
        np.testing.assert_allclose(found.explained_variance, [4, 4, 0.5], rtol=1e-12)
        assert subspace_angles(found.components[:2].T, fits[0].components[:2].T).max() < 1e-8
    firsts = np.array([found.components[0] for found in fits])
    assert np.abs(firsts @ firsts.T).min() < 0.7
    standardised = fit(case("Tied variances").X, standardise=True)
    np.testing.assert_allclose(standardised.explained_variance[0], standardised.explained_variance[1], rtol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_standardising_blows_up_a_column_that_hardly_varies(seed):
    X = case("Nearly constant column", seed).X
    assert 0.9e-6 < X[:, 3].std(ddof=1) < 1.1e-6
    raw, standardised = fit(X), fit(X, standardise=True)
    np.testing.assert_allclose(np.abs(raw.components[-1]), [0, 0, 0, 1], rtol=0, atol=1e-6)
    assert raw.explained_variance_ratio[-1] < 1e-12
    np.testing.assert_allclose(standardised.components[1], [0, 0, 0, 1], rtol=0, atol=1e-6)
    np.testing.assert_allclose(standardised.explained_variance, [2.6, 1, 0.2, 0.2], rtol=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_code_taken_as_a_number_is_the_first_component_and_tells_nothing(seed):
    found = case("Codes as numbers", seed)
    code, area = found.X[:, 0], found.X[:, 1]
    assert (code == np.rint(code)).all()
    assert 100 <= code.min() < code.max() < 1000
    assert 40 < area[found.y == 0].mean() < 100 < area[found.y == 1].mean()
    assert fit(found.X).components[0, 0] > 0.99
    assert accuracy(found.X, found.y, 1) < 0.65
    assert accuracy(found.X, found.y, 2) > 0.95


def test_which_of_two_parallel_clouds_is_known_by_the_last_component_only():
    by_k = []
    for seed in (1, 2, 3):
        found = case("Parallel clouds", seed)
        E, sides = fit(found.X).components, np.array([found.X[found.y == c].mean(axis=0) for c in (0, 1)])
        across = sides[1] - sides[0]
        assert abs(E[2] @ across) > 0.8 * np.linalg.norm(across)
        np.testing.assert_allclose(np.diag(covariance(found.X)), 19.38 / 3, rtol=0.1)
        ways = (("knn", False), ("knn", True), ("line", False))[: 3 if seed == 1 else 1]
        by_k += [[accuracy(found.X, found.y, k, *way, seed) for k in (1, 2, 3)] for way in ways]
    by_k = np.array(by_k)
    assert (np.abs(by_k[:, :2] - 0.5) < 0.12).all()
    np.testing.assert_allclose(by_k[:, :2].mean(axis=0), 0.5, rtol=0, atol=0.04)
    assert by_k[:, 2].min() > 0.97


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: case("Flowers"),
            "there is no table Flowers; there are Digits, Wine, Iris, Breast cancer, Unscaled columns, One outlier, Ring, "
            "Tied variances, Nearly constant column, Codes as numbers, Parallel clouds.",
        ),
        (lambda: case("Ring", -1), "the seed is -1; it must be at least 0."),
        (lambda: case("Iris", 0.5), "the seed is 0.5; it must be a whole number."),
    ],
)
def test_arguments_that_do_not_fit_end_in_a_sentence(call, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        call()
    assert str(problem.value) == words
