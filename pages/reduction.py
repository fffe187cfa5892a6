"""Reduction: ten numbers do 64's work; sometimes they do not."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from mml_charts import densities, graphs, maps
from mml_core import cases, pca, reductions, score_maps
from mml_ui import columns, controls, latex, page, tables, uploads
from mml_ui.contents import Step
from mml_ui.figures import show
from mml_ui.page import Preset, number
from mml_ui.pairs import pairs
from mml_ui.take_home import csv_files, take_home

TABLE = "A table"
NAMES = [*cases.REAL, TABLE, *cases.MADE]
SMALL = 328  # width of the pictures beside the main one, in pixels
MOST_COMPONENTS = 100
CELLS = 50  # squares of a density across
MOST_SPOTS = 1_000  # samples that are drawn one by one; more as a density
MOST_COUNTS = 16  # numbers of components that are tried
FEW = 6  # samples whose distances are compared
LEAKS = ["This table", "Few rows of many columns", "Classes that mean nothing"]
NEAREST, LOGISTIC = reductions.CLASSIFIERS
RULE = (
    r"\text{accuracy}(k) = \frac{1}{F} \sum_{f=1}^{F} \text{right}_f(k), \qquad "
    r"k^\star = \min \{ k : \text{accuracy}(k) \ge \text{accuracy}_\text{all} - s / \sqrt{F} \}"
)
PRESETS = [
    Preset("Digits", "fifteen numbers a digit do what 64 do; ten come close.", dict(tries=16, neighbours=5, seed=1, draw=1)),
    Preset("Wine", "178 rows in ten folds: two of 13 numbers are nearly enough, once the columns are standardised.",
           dict(data="Wine", standardise=True, folds=10)),
    Preset("Unscaled wine", "not standardised, the first component is proline alone, and whoever has as much of it is near.",
           dict(data="Wine")),
    Preset("Parallel clouds", "the label lives in the direction of the least variance, and PCA drops it first: chance.",
           dict(data="Parallel clouds", k=1)),
    Preset("A ring", "one component alone takes the front of a ring for its back: both are needed.", dict(data="Ring")),
    Preset("A straight cut", "logistic regression on the ring: no straight cut parts an inner ring from an outer one.",
           dict(data="Ring", classifier=LOGISTIC)),
    Preset("Breast cancer", "30 measurements that say much the same: a third of them is enough.",
           dict(data="Breast cancer", standardise=True)),
    Preset("Unscaled columns", "an income in cents is the first component, and it knows nothing of the body.",
           dict(data="Unscaled columns", k=1)),
    Preset("One outlier", "one typing error is most of the variance, and turns the first component.",
           dict(data="One outlier", k=1)),
    Preset("Tied variances", "two equal variances: another draw, another first component, another accuracy with k = 1.",
           dict(data="Tied variances", k=1)),
    Preset("Nearly constant", "standardised, the noise of a thermometer counts as much as a size.",
           dict(data="Nearly constant column", standardise=True)),
    Preset("Codes", "a district's code taken for a number is the first component, and says nothing of flat or house.",
           dict(data="Codes as numbers", k=1)),
]  # fmt: skip
REASONS = [
    ("Each point is how often the classifier is right on rows that neither it nor the components have seen.", "points"),
    ("The band is one standard error: what another deal of the folds may change by chance.", "lines"),
    ("Enough is the first k within that band of all columns; a larger one buys nothing that can be told from chance.", "rules"),
    ("PCA knows no labels. It keeps what varies most, which often, not always, is what the label hangs on.", "lines"),
]
TRIES = [
    "Digits: how many numbers until half of the errors of k = 2 are gone?",
    "Parallel clouds: which component tells the two apart? Standardise, and look again.",
    "Take 1 neighbour instead of 5: does the k that is enough change by more than the band?",
]


@dataclass(frozen=True)
class Data:
    """A table with classes: samples, the names of its columns, the number of each sample's class, and their names."""

    X: np.ndarray
    columns: tuple
    y: np.ndarray
    classes: tuple


@dataclass(frozen=True)
class Scene:
    """What one frame shows: the data with their components, the accuracies, and which of the counts is looked at."""

    data: Data
    found: pca.Fit
    tried: reductions.Reduction
    at: int

    @property
    def k(self):
        """The number of components that is looked at."""
        return int(self.tried.counts[self.at])


def of_table():
    """Draw the upload with the choice of the label and of columns, and return the table with the label's name."""
    given = uploads.table("A table of yours", key="table", samples={"Wine": tables.one_table, "Digits": tables.digits})
    st.caption("What is to be predicted:")
    label = controls.pick("Label", [*given.others, *given.columns], key="label")
    return given, columns.chosen(given, key="out", without=label), label


def data_of(name, seed, upload):
    """Return the data, the uploaded ones with their label as classes."""
    if name != TABLE:
        found = page.compute(cases.case, name, seed)
        return Data(found.X, found.columns, found.y, found.classes)
    given, table, label = upload
    known = page.compute(
        score_maps.classes_of, *((given.others[label],) if label in given.others else (given.X, given.columns.index(label)))
    )
    return Data(table.X, table.columns, known.y, known.names)


def reduced(data, standardise, options, n_tries):
    """Return the data with their components and the accuracies; all of them or, where one fails, none."""
    fewest = len(data.y) - -(-len(data.y) // options["n_folds"])
    counts = page.compute(reductions.component_counts, data.X.shape[1], fewest + 1, MOST_COUNTS)[:n_tries]
    most = min(MOST_COMPONENTS, *data.X.shape)
    found = page.compute(pca.fit, data.X, most, standardise=standardise, keep_constant=True)
    options = options | dict(standardise=standardise, names=data.classes)
    return data, found, page.slow(reductions.accuracies, data.X, data.y, counts, stops="tries", **options)


def scene(slider, bar):
    """Draw the controls and return what they say."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        name = controls.pick("Data", NAMES, key="data", width=170)
        with st.popover("Data"):
            standardise = controls.toggle("Standardise", key="standardise", help="Divide each column by its deviation.")
            with controls.shown_if(name in cases.MADE):
                draw = controls.seed(1, key="draw", label="Data seed")
            upload = of_table() if name == TABLE else None
        with st.popover("Trial"):
            classifier = controls.choice("Classifier", reductions.CLASSIFIERS, key="classifier")
            with controls.shown_if(classifier == NEAREST):
                n_neighbours = controls.stepper("Neighbours", 1, 25, 5, key="neighbours")
            n_folds = controls.stepper("Folds", 2, 10, 5, key="folds")
            seed = controls.seed(1, label="Seed of the folds")
            tries = controls.stepper("Counts tried", 1, MOST_COUNTS, MOST_COUNTS, key="tries", help="The smallest ones.")
        controls.reset()
    options = dict(classifier=classifier, n_folds=n_folds, seed=seed, n_neighbours=n_neighbours)
    with bar:
        data, found, tried = page.together(lambda: reduced(data_of(name, draw, upload), standardise, options, tries))
    with slider:
        at = controls.step("Components, as tried", 1, len(tried.counts), min(6, len(tried.counts)), key="k", seconds=5) - 1
    return Scene(data, found, tried, at), standardise, options


def picture(s, look):
    """Draw the accuracy against the number of components, with its band, all columns and chance."""
    t, far = s.tried, max(int(s.tried.counts[-1]), 2)
    x, last = t.counts.astype(float), np.array([1.0, float(far)])

    def flat(level):
        return np.full(2, 100 * level)

    lines = [
        graphs.Line(last, flat(t.full_mean), "first", "solid", "all columns"),
        graphs.Line(last, flat(t.full_mean - t.full_error), "first", "dotted"),
        graphs.Line(last, flat(t.chance), "reference", "dashed", "chance"),
        graphs.Line(x, 100 * np.minimum(t.mean + t.error, 1), "result", "dotted"),
        graphs.Line(x, 100 * np.maximum(t.mean - t.error, 0), "result", "dotted"),
        graphs.Line(x, 100 * t.mean, "result", "solid"),
    ]
    here = graphs.Point(float(s.k), float(100 * t.mean[s.at]), "second", f"k = {s.k}")
    dots = [graphs.Point(float(k), float(100 * m), "result") for k, m in zip(x, t.mean, strict=True)]
    rules = [] if t.enough is None else [graphs.Rule(float(t.enough), "first", "enough")]
    drawn = graphs.graph(
        "How often the classifier is right with so many components", look=look, height=round(0.86 * look.width),
        x_axis=graphs.Axis(1, far, "components k", log=True), y_axis=graphs.Axis(0, 100, "% right"), lines=lines,
        points=[*dots, here], rules=rules, labels=8,
    )  # fmt: skip
    show(drawn, says=sentence(s))


def sentence(s):
    """Return what the picture shows now."""
    t, d = s.tried, len(s.data.columns)
    told = (
        f"With {s.k} of {d} numbers {number(100 * t.mean[s.at], 3)} ± {number(100 * t.error[s.at], 2)} % are right; with all "
        f"{d}: {number(100 * t.full_mean, 3)} ± {number(100 * t.full_error, 2)} %; who always says the same: "
        f"{number(100 * t.chance, 3)} %. "
    )
    if t.full_mean <= t.chance:
        told += "**All columns do no better than that: nothing is enough.**"
    elif t.enough is None:
        told += "**None that was tried is enough.**"
    else:
        told += f"**{t.enough} {'is' if t.enough == 1 else 'are'} enough.**"
    if t.n_samples < len(s.data.y):
        told += f" Tried on {t.n_samples:,} of {len(s.data.y):,} rows, drawn by the seed."
    return told


def costs(s, look):
    """How long learning and answering take with so many components, beside all columns."""
    t = s.tried
    seconds = 1000 * (t.train_seconds + t.test_seconds)
    whole = 1000 * sum(t.full_seconds)
    top = 10.0 ** np.ceil(np.log10(max(float(seconds.max()), whole, 1e-3)))
    least = 10.0 ** np.floor(np.log10(max(min(float(seconds.min()), whole), 1e-4)))
    far = max(int(t.counts[-1]), 2)
    drawn = graphs.graph(
        "How long learning and answering take", look=replace(look, size="small"), width=SMALL, height=190,
        x_axis=graphs.Axis(1, far, "components k", log=True), y_axis=graphs.Axis(least, max(top, 10 * least), "ms", log=True),
        lines=[
            graphs.Line(t.counts.astype(float), seconds, "result"),
            graphs.Line(np.array([1.0, far]), np.full(2, whole), "first", "dotted", "all"),
        ],
        points=[graphs.Point(float(s.k), float(seconds[s.at]), "second")], labels=3,
    )  # fmt: skip
    share = 100 * t.numbers[s.at] / len(s.data.columns)
    show(drawn, name="costs", says=f"Size: {number(share, 3)} % of all columns. Time: as measured here.")


def seen(s, look):
    """The samples on the first component and on the last of those that are looked at."""
    last = min(s.k, len(s.found.components)) - 1
    j = last if last else min(1, len(s.found.components) - 1)
    points = page.compute(score_maps.scaled_map, s.found, s.data.X, 0, j)
    n, window = len(s.data.classes), (-1.05, 1.05, -1.05, 1.05)
    many = len(points) > MOST_SPOTS
    small, looks = replace(look, size="small"), densities.group_looks(n)
    ground = densities.density_url(
        points if many else densities.NOTHING, window, small, groups=s.data.y if many else None, n_groups=n, cells=CELLS
    )
    spots = [] if many else [maps.Spot(tuple(p), *looks[c]) for p, c in zip(points.tolist(), s.data.y.tolist(), strict=True)]
    drawn = maps.contour_map(
        "The classes on the first and on the last component taken", window=window, look=small, picture=ground, spots=spots
    )
    share = 100 * float(s.found.explained_variance_ratio[j])
    show(
        drawn,
        name="seen",
        says=f"Across component 1, up component {j + 1} ({number(share, 2)} % of the variance), each to its own scale.",
    )


def percent(share):
    """Write a share."""
    return f"{number(100 * share, 3)} %"


def every_fold(s):
    """Second level: each fold by itself."""
    t = s.tried

    def row(k, n, accuracy):
        each = {f"fold {f}": percent(a) for f, a in enumerate(accuracy.tolist(), 1)}
        return {"k": str(k), "numbers": int(n)} | each | {"mean": percent(float(accuracy.mean()))}

    rows = [row(k, n, accuracy) for k, n, accuracy in zip(t.counts.tolist(), t.numbers, t.accuracy, strict=True)]
    st.dataframe([*rows, row("all", len(s.data.columns), t.full)], hide_index=True)
    st.caption(
        f"Scaling and components of one training part took {number(1000 * t.reduce_seconds, 3)} ms (median of the folds)."
    )
    if t.unfinished:
        said = "of the logistic regressions ended after 100 rounds, before they had converged; standardised columns need fewer."
        st.caption(f"{t.unfinished} {said}")


def leak(s, standardise, options, look):
    """Second level: the same with scaling and components from all rows, the test part included."""
    st.markdown(
        "Whoever scales and finds the components on **all** rows first, and deals the folds afterwards, lets the test part "
        "take part. Components know no labels, so with many rows it changes little; with few rows of many columns a component "
        "leans towards the very rows that it is tested on."
    )
    if not controls.toggle("Show what it does", key="leak"):
        return
    table = controls.choice("Table", LEAKS, key="leaks", hide_label=True)
    if table == LEAKS[0]:
        X, y, counts = s.data.X, s.data.y, tuple(s.tried.counts.tolist())
    else:
        X, y = page.compute(reductions.leaky if table == LEAKS[1] else reductions.pure_noise)
        counts = page.compute(reductions.component_counts, X.shape[1], len(X) - -(-len(X) // options["n_folds"]))
    found = page.attempt_slow(reductions.leak, X, y, counts, standardise=standardise, **options)
    if found is None:
        return
    far = max(int(found.inside.counts[-1]), 2)
    x = found.inside.counts.astype(float)
    drawn = graphs.graph(
        "Inside each fold, and outside", look=replace(look, size="small"), x_axis=graphs.Axis(1, far, "components k", log=True),
        y_axis=graphs.Axis(0, 100, "% right"),
        lines=[
            graphs.Line(x, 100 * found.inside.mean, "result", label="inside"),
            graphs.Line(x, 100 * found.outside.mean, "second", "dashed", "outside"),
        ],
        labels=5,
    )  # fmt: skip
    largest = float(found.difference[np.abs(found.difference).argmax()])
    show(
        drawn,
        name="leak",
        says=f"The largest difference is {number(100 * largest, 2)} percentage points; above 0 the outside flatters.",
    )


def both_ways(s):
    """Second level: the same components through the columns' matrix and through the rows', and scikit-learn's beside."""
    table = controls.choice("Table", ["Fewer rows than columns", "This table"], key="way")
    X = page.compute(reductions.wide_table) if table == "Fewer rows than columns" else s.data.X
    k = min(10, X.shape[0] - 1, X.shape[1])
    found = page.attempt_slow(reductions.both_ways, X, k)
    if found is None:
        return
    n, d = X.shape
    st.markdown(
        f"{n:,} rows of {d:,} columns, the first {k} components. X'X is {d:,} x {d:,}, XX' is {n:,} x {n:,}: both have the "
        "same eigenvalues, so take the smaller one."
    )
    rows = [
        {"way": name, "matrix": f"{a:,} x {b:,}", "milliseconds": number(1000 * t, 3), "first variance": number(v[0], 6)}
        for name, (a, b), t, v in zip(found.names, found.sizes, found.seconds, found.variances, strict=True)
    ]
    st.dataframe(rows, hide_index=True)
    page.invariant(
        "Largest difference of the variances", ("of both ways", found.largest_difference), ("nothing", 0.0), tol=1e-9
    )
    page.invariant("Largest difference", ("to scikit-learn", found.difference_sklearn), ("nothing", 0.0), tol=1e-9)
    angle = number(np.degrees(found.angle_sklearn), 2)
    st.caption(f"The largest angle between our components and scikit-learn's is {angle}°.")


def between(s):
    """Second level: distances and angles of some samples before and after the projection."""
    k, rows = min(s.k, len(s.found.components)), list(range(min(FEW, len(s.data.X))))
    found = page.attempt(score_maps.compared_rows, s.found, s.data.X, rows, k)
    if found is not None:
        st.markdown(f"The first samples, with all columns and with {k} scores. A distance may shrink, never grow.")
        pairs(found, [f"{i + 1}" for i in rows], f"by {k} scores")


def downloads(s):
    """What can be saved: the accuracies, scores, components, and the table that k components give back."""
    k, t = min(s.k, len(s.found.components)), s.tried
    csv_files(
        {
            "accuracies": lambda: {"components": t.counts, "accuracy": t.mean, "standard error": t.error},
            "scores": lambda: score_maps.score_columns(s.found, s.data.X, k),
            "components": lambda: score_maps.component_columns(s.found, s.data.columns, k),
            "reconstructed table": lambda: score_maps.reconstructed_columns(s.found, s.data.X, s.data.columns, k),
        }
    )


def story():
    """The page, from the table to the way onward."""
    look = page.look()
    picture_side, control_side = page.columns()
    with control_side:
        top, bar, slider = st.container(), st.container(), st.container()
        with page.grid(2):
            seen_place, cost_place = st.container(), st.container()
    with top:
        s, standardise, options = scene(slider, bar)
    with picture_side:
        picture(s, look)
    with seen_place:
        seen(s, look)
    with cost_place:
        costs(s, look)
    with control_side:
        page.presets(PRESETS)
    page.views(
        {
            "Why it is true": lambda: page.truths("main", REASONS),
            "Every fold": lambda: every_fold(s),
            "The leak": lambda: leak(s, standardise, options, look),
            "Two ways": lambda: both_ways(s),
            "Distances": lambda: between(s),
        }
    )
    t = s.tried
    enough = "-" if t.enough is None else str(t.enough)
    mean, error = (latex.num(float(v[s.at])) for v in (t.mean, t.error))
    numbers = rf"\text{{accuracy}}({s.k}) = {mean} \pm {error}, \qquad k^\star = {enough}"
    page.why(RULE, numbers, reductions.accuracies)
    take_home(lambda: downloads(s))
    page.end(
        tries=TRIES,
        before=Step("pca", "where the components come from"),
        after=Step("neural_net", "when no straight direction will do"),
    )


page.run("reduction", story)
