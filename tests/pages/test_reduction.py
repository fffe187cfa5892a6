"""The story of the page Reduction: accuracies are what scikit-learn finds on the same folds, presets keep their word."""

import io
import re

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist
from screens import figure, fine, frame, says, text
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from mml_core import cases, reductions
from mml_ui import frame as frames
from mml_ui import tables, take_home

NUMBER = r"−?\d+(?:\.\d+)?(?:e[+−]\d+)?"
NEAREST, LOGISTIC = reductions.CLASSIFIERS
PRESETS = [
    "Digits", "Wine", "Unscaled wine", "Parallel clouds", "A ring", "A straight cut", "Breast cancer", "Unscaled columns",
    "One outlier", "Tied variances", "Nearly constant", "Codes",
]  # fmt: skip
LUCK = 0.12  # how far from chance 200 guesses may be right


@pytest.fixture(autouse=True)
def _moves_follow_each_other_faster_than_a_message_can_be_late(monkeypatch):
    monkeypatch.setattr(frames, "STALE", 0)


@pytest.fixture
def opened(open_page):
    def page(**names):
        query = {f"reduction_{k}": v if isinstance(v, list) else str(v) for k, v in names.items()}
        return fine(open_page("reduction", **query))

    return page


@pytest.fixture
def saved(monkeypatch):
    """Return what opens the drawer of downloads and reads its CSV files, by name."""
    files, draw = {}, take_home.st.download_button

    def noted(label, data, file_name, *args, **more):
        files[file_name] = data
        return draw(label, data, file_name, *args, **more)

    monkeypatch.setattr(take_home.st, "download_button", noted)

    def read(app):
        app.session_state["reduction_home"] = True
        fine(app.run())
        return {
            name.removeprefix("reduction-").removesuffix(".csv"): pd.read_csv(io.BytesIO(data()))
            for name, data in files.items()
            if name.endswith(".csv")
        }

    return read


# What is on the screen


def value(found):
    return float(found.replace("−", "-"))


def close(expected, digits=3):
    """As many digits as the page writes."""
    return pytest.approx(expected, rel=0.6 * 10.0 ** (1 - digits), abs=1e-9)


class Told:
    """The main sentence."""

    def __init__(self, app):
        n = f"({NUMBER})"
        match = re.fullmatch(
            rf"With (\d+) of (\d+) numbers {n} ± {n} % are right; with all (\d+): {n} ± {n} %; "
            rf"who always says the same: {n} %\. \*\*(?:(\d+) (?:is|are) enough|None that was tried is enough|"
            r"All columns do no better than that: nothing is enough)\.\*\*(.*)",
            says(app),
        )
        assert match, says(app)
        self.k, self.d, self.d_all = int(match[1]), int(match[2]), int(match[5])
        self.right, self.error, self.full, self.full_error, self.chance = (value(match[i]) for i in (3, 4, 6, 7, 8))
        self.enough, self.more = match[9] and int(match[9]), match[10].strip()


def press(app, name):
    (pills,) = (b for b in app.get("button_group") if b.key == "reduction_preset")
    return fine(pills.set_value(name).run())


def preset(opened, name):
    """Press a preset on a page that shows something else."""
    return press(opened(data="Iris", classifier=LOGISTIC, k=2), name)


def choose(app, name, option):
    (group,) = (b for b in app.get("button_group") if b.key == f"reduction_{name}")
    return fine(group.set_value(option).run())


def pick(app, name, option):
    return fine(app.selectbox(key=f"reduction_{name}").set_value(option).run())


def switch(app, name, on):
    return fine(app.toggle(key=f"reduction_{name}").set_value(on).run())


def put(app, name, number):
    return fine(app.number_input(key=f"reduction_{name}").set_value(float(number)).run())


def set_slider(app, name, number):
    return fine(app.slider(key=f"reduction_{name}").set_value(number).run())


def upload(app, data):
    return fine(app.file_uploader(key="reduction_table_file").set_value(("mine.csv", data.encode(), "text/csv")).run())


def yours(opened, data, **names):
    return upload(opened(data="A table", table="Yours", **names), data)


def table(app, kind, name="main"):
    return figure(app, name).tables[kind]


def curve(app):
    """Return the mean accuracies as the page draws them, by number of components."""
    dots = table(app, "points").query("ink == 'result'")
    return {round(10**x): y / 100 for x, y in dots[["x", "y"]].to_numpy().tolist()}


def result(app, function):
    return next(c.result for c in frame(app).calls if c.function.__name__ == function)


# Our own calculation


def scaled(X, rows, standardise):
    part = X[rows]
    return (X - part.mean(axis=0)) / (part.std(axis=0, ddof=1) if standardise else 1)


def accuracies(X, y, ks, standardise=False, n_folds=5, seed=1, model=None, inside=True):
    """Return the share of right answers for each k and, last, for all columns, in each fold."""
    model, found = model or KNeighborsClassifier(5), []
    for test in reductions.folds(y, n_folds, seed):
        train = np.delete(np.arange(len(y)), test)
        seen = train if inside else np.arange(len(y))
        Z = scaled(X, seen, standardise)
        scores = PCA(max(ks)).fit(Z[seen]).transform(Z)
        tables = [*(scores[:, :k] for k in ks), Z]
        found.append([model.fit(T[train], y[train]).score(T[test], y[test]) for T in tables])
    return np.array(found).T


def error(of_folds):
    return of_folds.std(ddof=1) / np.sqrt(len(of_folds))


def enough(ks, found):
    """Return the first k within one standard error of all columns."""
    least = found[-1].mean() - error(found[-1]) - 1e-12
    return next((k for k, a in zip(ks, found, strict=False) if a.mean() >= least), None)


# Presets


def test_every_preset_has_its_promise_here(opened):
    (pills,) = (b for b in opened(data="Iris").get("button_group") if b.key == "reduction_preset")
    assert pills.options == PRESETS


def test_fifteen_numbers_a_digit_do_what_64_do_and_ten_come_close(opened):
    app, case = opened(), cases.case("Digits")
    ks = (1, 2, 3, 5, 7, 10, 15)
    found, drawn, told = accuracies(case.X, case.y, ks), curve(app), Told(app)
    assert [drawn[k] for k in ks] == pytest.approx(found[:-1].mean(axis=1), abs=2e-3)
    assert told.enough == enough(ks, found) == 15
    assert found[ks.index(10)].mean() > found[-1].mean() - 0.015
    assert (told.k, told.d) == (10, 64)


def test_two_of_13_are_nearly_enough_for_the_wines_once_the_columns_are_standardised(opened):
    app, case = preset(opened, "Wine"), cases.case("Wine")
    ks = tuple(curve(app))
    found = accuracies(case.X, case.y, ks, True, n_folds=10)
    assert list(curve(app).values()) == pytest.approx(found[:-1].mean(axis=1))
    assert Told(app).enough == enough(ks, found)
    assert found[-1].mean() - found[1].mean() < 0.03 < found[-1].mean() - found[0].mean()


def test_unscaled_wine_is_proline_alone_and_never_as_good(opened):
    app, case = preset(opened, "Unscaled wine"), cases.case("Wine")
    ks = tuple(curve(app))
    found = accuracies(case.X, case.y, ks)
    assert list(curve(app).values()) == pytest.approx(found[:-1].mean(axis=1))
    assert max(curve(app).values()) < 0.8
    assert abs(result(app, "fit").components[0, case.columns.index("proline")]) > 0.999


def test_parallel_clouds_are_chance_until_all_three_components_are_there(opened):
    app = preset(opened, "Parallel clouds")
    found = curve(app)
    assert found[1] == pytest.approx(0.5, abs=LUCK)
    assert found[2] == pytest.approx(0.5, abs=LUCK)
    assert found[3] > 0.95
    assert Told(app).enough == 3
    app = switch(app, "standardise", True)
    assert curve(app)[1] == pytest.approx(0.5, abs=LUCK), "standardising changes no direction of these"


def test_the_ring_needs_both_components(opened):
    app = preset(opened, "A ring")
    assert curve(app)[2] > 0.99
    assert curve(app)[1] < 0.8
    assert Told(app).enough == 2


def test_no_straight_cut_parts_the_rings(opened):
    app, case = preset(opened, "A straight cut"), cases.case("Ring")
    found = accuracies(case.X, case.y, (1, 2), model=LogisticRegression(max_iter=100))
    assert list(curve(app).values()) == pytest.approx(found[:-1].mean(axis=1))
    assert max(curve(app).values()) < 0.6


def test_nothing_is_enough_where_all_columns_do_no_better_than_chance(opened):
    told = Told(preset(opened, "A straight cut"))
    assert told.full < told.chance
    assert told.enough is None


def test_30_measurements_of_tumours_say_much_the_same(opened):
    app, case = preset(opened, "Breast cancer"), cases.case("Breast cancer")
    ks = (1, 2, 3, 5, 7, 10)
    found = accuracies(case.X, case.y, ks, True)
    assert [curve(app)[k] for k in ks] == pytest.approx(found[:-1].mean(axis=1), abs=1e-3)
    assert Told(app).enough == enough(ks, found)
    assert curve(app)[1] > 0.85
    assert curve(app)[5] > found[-1].mean() - 0.02


def test_an_income_in_cents_is_the_first_component_and_knows_nothing_of_the_body(opened):
    app = preset(opened, "Unscaled columns")
    assert abs(result(app, "fit").components[0, 2]) > 0.999
    assert curve(app)[1] == pytest.approx(0.5, abs=LUCK)
    assert curve(switch(app, "standardise", True))[1] > 0.9


def test_one_typing_error_is_most_of_the_variance_and_turns_the_first_component(opened):
    app, X = preset(opened, "One outlier"), cases.case("One outlier").X
    found = result(app, "fit")
    kept = PCA(1).fit(np.delete(X, cases.TYPED_WRONG - 1, axis=0))
    assert found.explained_variance_ratio[0] > 0.9
    assert kept.explained_variance_[0] < 0.02 * found.explained_variance[0]
    assert np.degrees(np.arccos(abs(kept.components_[0] @ found.components[0]))) > 45
    assert curve(app)[1] < curve(app)[2]


def test_with_tied_variances_another_draw_has_another_accuracy_with_one_component(opened):
    app, ones, twos = preset(opened, "Tied variances"), [], []
    for draw in (1, 4, 11):
        app = put(app, "draw", draw)
        ones.append(curve(app)[1])
        twos.append(curve(app)[2])
    assert max(ones) - min(ones) > 0.1
    assert min(twos) > 0.9


def test_standardised_noise_of_a_thermometer_counts_as_much_as_a_size(opened):
    app = preset(opened, "Nearly constant")
    found = result(app, "fit")
    assert abs(found.components[1, 3]) > 0.99
    assert found.explained_variance_ratio[1] == pytest.approx(0.25, abs=1e-3)
    assert curve(app)[1] > 0.95


def test_a_districts_code_is_the_first_component_and_says_nothing(opened):
    app = preset(opened, "Codes")
    assert abs(result(app, "fit").components[0, 0]) > 0.99
    assert curve(app)[1] == pytest.approx(0.5, abs=LUCK)
    assert curve(app)[2] > 0.95
    assert Told(app).enough == 2


@pytest.mark.parametrize("name", ["Parallel clouds", "Unscaled columns", "One outlier", "Tied variances", "Codes"])
def test_presets_about_the_first_component_show_it_alone(opened, name):
    assert Told(preset(opened, name)).k == 1


def test_a_preset_tries_all_counts(opened):
    app = press(opened(data="Iris", tries=1), "Wine")
    assert Told(app).enough == 3


# The sentence and the curve


STATES = {
    "iris": ("Iris", dict(k=2), KNeighborsClassifier(5)),
    "one neighbour, two folds": ("Wine", dict(neighbours=1, folds=2, k=3), KNeighborsClassifier(1)),
    "logistic, ten folds": ("Iris", dict(classifier=LOGISTIC, folds=10, seed=3, k=1), LogisticRegression(max_iter=100)),
    "standardised, 25 neighbours": ("Wine", dict(standardise=True, neighbours=25, seed=2, k=1), KNeighborsClassifier(25)),
}


@pytest.mark.parametrize("name", STATES)
def test_the_sentence_says_what_scikit_learn_finds_on_the_same_folds(opened, name):
    data, names, model = STATES[name]
    case, app = cases.case(data), opened(data=data, **names)
    ks, told = tuple(curve(app)), Told(app)
    found = accuracies(case.X, case.y, ks, names.get("standardise", False), names.get("folds", 5), names.get("seed", 1), model)
    at = names["k"] - 1
    assert told.k == ks[at]
    assert told.d == told.d_all == case.X.shape[1]
    assert [told.right, told.full] == close([100 * found[at].mean(), 100 * found[-1].mean()])
    assert [told.error, told.full_error] == close([100 * error(found[at]), 100 * error(found[-1])], 2)
    assert told.chance == close(100 * np.bincount(case.y).max() / len(case.y))
    assert told.enough == enough(ks, found)
    assert list(curve(app).values()) == pytest.approx(found[:-1].mean(axis=1))
    assert rf"\text{{accuracy}}({ks[at]}) = {found[at].mean():.4g} \pm {error(found[at]):.4g}" in app.latex[0].value
    assert rf"k^\star = {told.enough}" in app.latex[0].value
    rules = table(app, "rules")["x"].tolist()
    assert rules == pytest.approx([np.log10(told.enough)])


def test_the_lines_are_the_mean_its_band_all_columns_and_chance(opened):
    case = cases.case("Iris")
    app, found = opened(data="Iris"), accuracies(case.X, case.y, (1, 2, 3, 4))
    lines, mean, all_of = table(app, "lines"), found[:-1].mean(axis=1), found[-1]
    errors = np.array([error(a) for a in found[:-1]])
    own = {
        ("first", "solid"): [all_of.mean()] * 2, ("first", "dotted"): [all_of.mean() - error(all_of)] * 2,
        ("reference", "dashed"): [1 / 3] * 2, ("result", "solid"): mean,
        ("result", "dotted"): [*np.minimum(mean + errors, 1), *(mean - errors)],
    }  # fmt: skip
    for (ink, dash), expected in own.items():
        drawn = lines[(lines["ink"] == ink) & (lines["dash"] == dash)]
        np.testing.assert_allclose(drawn["y"], 100 * np.array(expected), atol=1e-9)


def test_of_one_the_sentence_is_in_the_singular(opened):
    assert "**1 is enough.**" in says(opened(data="Nearly constant column", standardise=True))


def test_counts_tried_shorten_the_curve(opened):
    app = opened(data="Wine", standardise=True, tries=3, k=3)
    assert tuple(curve(app)) == (1, 2, 3)
    assert Told(app).k == 3
    assert Told(app).enough == 2
    assert app.slider(key="reduction_k").max == 3
    app = put(app, "tries", 1)
    told = Told(app)
    assert tuple(curve(app)) == (1,)
    assert (told.k, told.enough) == (1, None)
    assert table(app, "rules").empty
    assert r"k^\star = -" in app.latex[0].value
    case = cases.case("Wine")
    assert told.full == close(100 * accuracies(case.X, case.y, (1,), True)[-1].mean()), "all columns are tried in any case"
    assert tuple(curve(put(app, "tries", 16))) == (1, 2, 3, 5, 7, 10, 13)


def test_numbers_in_a_link_that_are_out_of_range_are_the_defaults(opened):
    plain = says(opened(data="Iris"))
    for name, values in (("folds", (1, 11)), ("neighbours", (0, 26)), ("tries", (17,)), ("k", (5,))):
        for given in values:
            assert says(opened(data="Iris", **{name: given})) == plain, (name, given)


def test_digits_can_be_standardised_though_some_pixels_never_vary(opened):
    app, case = opened(standardise=True, tries=2), cases.case("Digits")
    found = result(app, "accuracies")
    assert not frame(app).problem
    assert found.counts.tolist() == [1, 2]
    fit, varies = result(app, "fit"), case.X.std(axis=0) > 0
    assert fit.components[:2, ~varies] == pytest.approx(0, abs=1e-12)
    assert fit.total_variance == pytest.approx(varies.sum())
    assert Told(app).full > 95


# What stands beside and under it


def test_the_small_map_shows_the_first_and_the_last_component_each_to_its_own_scale(opened):
    case = cases.case("Iris")
    found = PCA().fit(case.X)
    S = np.abs(found.transform(case.X))
    for k, j in ((1, 1), (2, 1), (4, 3)):
        app = opened(data="Iris", k=k)
        share = f"{100 * found.explained_variance_ratio_[j]:.2g}"
        assert (
            says(app, "seen") == f"Across component 1, up component {j + 1} ({share} % of the variance), each to its own scale."
        )
        drawn = table(app, "points", "seen")
        assert drawn["ink"].tolist() == [f"c{c}" for c in case.y]
        np.testing.assert_allclose(np.abs(drawn[["x", "y"]]), S[:, [0, j]] / S[:, [0, j]].max(axis=0), atol=1e-9)
    assert says(app, "costs").startswith("Size: 100 % of all columns.")
    assert says(set_slider(app, "k", 1), "costs").startswith("Size: 25 % of all columns.")


def test_every_fold_is_told_by_itself(opened):
    case = cases.case("Iris")
    app = opened(data="Iris", view="Every fold", folds=3, seed=4)
    found = accuracies(case.X, case.y, (1, 2, 3, 4), n_folds=3, seed=4)
    shown = app.dataframe[0].value
    assert shown["k"].tolist() == ["1", "2", "3", "4", "all"]
    assert shown["numbers"].tolist() == [1, 2, 3, 4, 4]
    for f in range(3):
        assert [value(v.split()[0]) for v in shown[f"fold {f + 1}"]] == close(100 * found[:, f])
    assert [value(v.split()[0]) for v in shown["mean"]] == close(100 * found.mean(axis=1))


def test_distances_never_grow(opened):
    X = cases.case("Wine").X
    Z = ((X - X.mean(axis=0)) / X.std(axis=0, ddof=1))[:6]
    app = opened(data="Wine", standardise=True, view="Distances", k=2)
    (found,) = app.dataframe
    before, after = ([value(v) for v in found.value[name]] for name in ("distance", "distance by 2 scores"))
    assert before == close(pdist(Z), 4)
    assert all(a <= b * (1 + 1e-3) for a, b in zip(after, before, strict=True))


# The leak


def test_the_leak_is_shown_when_it_is_asked_for(opened):
    case = cases.case("Wine")
    app = opened(data="Wine", standardise=True, view="The leak", tries=3)
    assert "mml_figure_reduction_leak" not in frame(app).figures
    app = switch(app, "leak", True)
    lines = table(app, "lines", "leak")
    inside, outside = (lines[lines["dash"] == dash]["y"] / 100 for dash in ("solid", "dashed"))
    np.testing.assert_allclose(inside, list(curve(app).values()))
    own = accuracies(case.X, case.y, (1, 2, 3), True, inside=False)[:-1].mean(axis=1)
    np.testing.assert_allclose(outside, own)
    difference = own - inside
    largest = 100 * difference.iloc[np.abs(difference).argmax()]
    told = re.match(
        rf"The largest difference is ({NUMBER}) percentage points; above 0 the outside flatters\.", says(app, "leak")
    )
    assert value(told[1]) == close(largest, 2)
    assert "mml_figure_reduction_leak" not in frame(switch(app, "leak", False)).figures


def test_with_few_rows_of_many_columns_the_leak_flatters(opened):
    app = opened(data="Ring", view="The leak", leak=True, leaks="Few rows of many columns")
    found = result(app, "leak")
    assert value(re.search(rf"difference is ({NUMBER}) percentage", says(app, "leak"))[1]) > 10
    assert found.outside.mean.max() > 0.8
    assert Told(app).d == 2, "the main picture is of the page's own table"


# Two ways


@pytest.mark.parametrize(("data", "way"), [("Iris", "Fewer rows than columns"), ("Iris", "This table"), ("Wine", "This table")])
def test_both_ways_and_scikit_learn_have_the_same_variances(opened, data, way):
    app = opened(data=data, view="Two ways", way=way)
    found = result(app, "both_ways")
    assert found.largest_difference < 1e-9
    assert found.difference_sklearn < 1e-9
    assert text(app).count("nothing 0, equal to 1e-9") == 2
    X = cases.case(data).X if way == "This table" else result(app, "wide_table")
    own = PCA(min(10, *X.shape)).fit(X).explained_variance_
    np.testing.assert_allclose(found.variances, np.tile(own, (3, 1)), rtol=1e-8, atol=1e-9 * own[0])
    shown = app.dataframe[0].value
    n, d = X.shape
    assert shown["matrix"].tolist() == [f"{d:,} x {d:,}", f"{n:,} x {n:,}", f"{n:,} x {d:,}"]
    assert [value(v) for v in shown["first variance"]] == close([own[0]] * 3, 6)


def test_a_table_of_few_rows_has_both_ways_too(opened):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((8, 12))
    rows = pd.DataFrame(X, columns=[f"c{j}" for j in range(12)]).assign(kind=list("ababbaab")).to_csv(index=False)
    app = yours(opened, rows, folds=2, neighbours=2, view="Two ways", way="This table")
    assert not frame(app).problem
    assert result(app, "both_ways").variances.shape == (3, 7)


# A table of one's own


def rows_of(kinds, header="kind,a,b"):
    return f"{header}\n" + "\n".join(f"{kind},{i},{i * i % 7}" for i, kind in enumerate(kinds)) + "\n"


def test_the_label_of_a_table_is_predicted_from_its_columns(opened):
    wine = tables.one_table()
    _, y = np.unique(wine.others["cultivar"].tolist(), return_inverse=True)
    app = opened(data="A table", standardise=True, out=["proline"], tries=3)
    assert app.selectbox(key="reduction_label").options == ["cultivar", *wine.columns]
    kept = [j for j, name in enumerate(wine.columns) if name != "proline"]
    own = accuracies(wine.X[:, kept], y, (1, 2, 3), True)[:-1].mean(axis=1)
    assert Told(app).d == 12
    assert list(curve(app).values()) == pytest.approx(own)


def test_a_label_of_numbers_is_no_column_of_the_table_any_more(opened):
    data = rows_of([i % 2 + 1 for i in range(20)])
    app = pick(yours(opened, data), "label", "kind")
    assert not frame(app).problem
    assert Told(app).d == 2
    assert result(app, "classes_of").names == ("1", "2")
    X = np.column_stack([np.arange(20), np.arange(20) ** 2 % 7]).astype(float)
    assert list(curve(app).values()) == pytest.approx(accuracies(X, np.arange(20) % 2, (1, 2))[:-1].mean(axis=1))


@pytest.mark.parametrize(("kinds", "sentence"), [
    ("x" * 9 + "y", 'the class "y" has one sample; every class needs at least two.'),
    ("x" * 10, 'every row is "x"; there must be at least two classes to tell apart.'),
    ("abcdefghijklm" * 2, "the column has 13 different entries and looks like names of single rows"),
    (
        "x" * 9 + "y" * 3, "class y has 3 rows, and each of 5 folds needs one; take at most 3 folds, or leave it out."),
])  # fmt: skip
def test_a_label_that_cannot_be_predicted_gets_a_sentence_and_the_picture_before_stays(opened, kinds, sentence):
    good = rows_of("xy" * 10)
    app = yours(opened, good)
    before = says(app), curve(app)
    app = upload(app, rows_of(kinds))
    assert sentence in frame(app).problem
    assert frame(app).problem.endswith("The last good picture stays.")
    assert (says(app), curve(app)) == before
    assert not frame(upload(app, good.replace("x", "z"))).problem


def test_fewer_folds_or_neighbours_make_a_small_table_possible(opened):
    app = yours(opened, rows_of("x" * 9 + "y" * 3), neighbours=25)
    assert "of 5 folds needs one" in frame(app).problem
    app = put(app, "folds", 3)
    assert "n_neighbours" in frame(app).problem
    app = put(app, "neighbours", 3)
    assert not frame(app).problem
    told = Told(app)
    assert (told.d, told.chance) == (2, 75)


def test_a_value_to_predict_is_no_label(opened):
    app = pick(opened(data="A table"), "label", "proline")
    assert "the column has 121 different entries and looks like a value to predict" in frame(app).problem
    assert Told(app).d == 13, "the cultivar and all columns stay"


# Downloads


def test_the_downloads_are_the_curve_and_scikit_learns_components(opened, saved):
    case = cases.case("Iris")
    files = saved(opened(data="Iris", standardise=True, k=2))
    assert set(files) == {"accuracies", "scores", "components", "reconstructed-table"}
    found = accuracies(case.X, case.y, (1, 2, 3, 4), True)[:-1]
    assert files["accuracies"]["components"].tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(files["accuracies"]["accuracy"], found.mean(axis=1))
    np.testing.assert_allclose(files["accuracies"]["standard error"], [error(a) for a in found])
    Z = scaled(case.X, np.arange(150), True)
    own = PCA(2).fit(Z)
    rows = files["components"].set_index("row")
    assert rows.index.tolist() == ["mean", "scale", "component 1", "component 2"]
    ours = rows.iloc[2:][list(case.columns)].to_numpy()
    np.testing.assert_allclose(np.abs(ours), np.abs(own.components_), atol=1e-9)
    np.testing.assert_allclose(rows["variance"].iloc[2:], own.explained_variance_)
    np.testing.assert_allclose(np.abs(files["scores"]), np.abs(own.transform(Z)), atol=1e-9)
    again = own.inverse_transform(own.transform(Z)) * case.X.std(axis=0, ddof=1) + case.X.mean(axis=0)
    np.testing.assert_allclose(files["reconstructed-table"], again, atol=1e-9)
