"""PCA: turn the axes to the spread, drop the quiet ones."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from mml_charts import densities, graphs, heatmaps, loadings, maps, mosaics, rasters
from mml_core import cases, pca, reconstructions, relations, score_maps
from mml_ui import columns, controls, latex, page, tables, uploads
from mml_ui.contents import Step
from mml_ui.figures import Handle, show
from mml_ui.page import Preset, number
from mml_ui.pairs import pairs
from mml_ui.take_home import csv_files, take_home

TABLE, ALBUM = "A table", "Pictures"
NAMES = [*cases.REAL, TABLE, ALBUM, *cases.MADE]
SMALL = 328  # width of the pictures beside the map, in pixels
MOST_COMPONENTS = 100
CELLS = 65  # squares of a density across; twice as many of very many points
MANY = 20_000
MOST_SPOTS = 600  # samples that are drawn one by one; more as a density
MOST_ARROWS = 12
FEW = 6  # samples whose distances are compared
SAMPLE, OWN = "A sample", "My own point"
RULE = (
    r"x \approx \bar x + s_1 e_1 + \dots + s_k e_k, \qquad s_j = e_j^\top (x - \bar x), \qquad "
    r"\Sigma e_j = \lambda_j e_j, \quad \lambda_1 \ge \lambda_2 \ge \dots"
)
PRESETS = [
    Preset("Digits", "64 numbers a digit; drag the point in the map of the first two, and a digit changes under your finger."),
    Preset("Ten of 64", "ten numbers, and most digits can be read.", dict(k=10, shown=SAMPLE)),
    Preset("All 64", "all components: nothing is lost, PCA alone is only a turn.", dict(k=64, shown=SAMPLE)),
    Preset("Either sign", "the first component turned round: the map is mirrored, the picture is the same.",
           dict(flip=True, shown=SAMPLE)),
    Preset("Wine", "13 measurements of three cultivars, standardised: two components part them.",
           dict(data="Wine", standardise=True, shown=SAMPLE, arrows=True, across=1, up=2, sample=1, seed=1)),
    Preset("Unscaled wine", "proline is measured in the hundreds: not standardised, it is the first component alone.",
           dict(data="Wine", shown=SAMPLE, arrows=True)),
    Preset("Unscaled columns", "a unit makes one column larger than all others, and the components follow the unit.",
           dict(data="Unscaled columns", shown=SAMPLE, arrows=True)),
    Preset("One outlier", "one typing error turns the first component.",
           dict(data="One outlier", shown=SAMPLE, arrows=True)),
    Preset("Ring", "no straight direction tells the inner ring from the outer one.", dict(data="Ring", shown=SAMPLE)),
    Preset("Tied variances", "two equal variances: another draw, other components. Change the seed.",
           dict(data="Tied variances", shown=SAMPLE, arrows=True)),
    Preset("Nearly constant", "standardised, the noise of a column that hardly varies counts as much as any.",
           dict(data="Nearly constant column", standardise=True, shown=SAMPLE, arrows=True)),
    Preset("Codes", "codes of kinds have no order, yet PCA takes their size for a measurement.",
           dict(data="Codes as numbers", shown=SAMPLE, arrows=True)),
]  # fmt: skip
REASONS = [
    (
        "Each dot is a sample, seen from where they lie widest apart: no other plane shows more of the variance.",
        "points",
    ),
    ("A score is the sample's shadow on a component: how far it lies from the mean in that direction.", "paths"),
    ("Mean plus scores times components gives the sample back; with all of them exactly, with few of them nearly.", "points"),
    ("What is lost is the variance along the components left out, and they are those with the least.", "labels"),
]
TRIES = [
    "Drag the point over the map of digits: where does a 0 become a 6?",
    "How few components make 95 % of the digits' variance, and can you read a digit made of so few?",
    "Wine: standardise it, then not. Which columns have long arrows, and why?",
]


@dataclass(frozen=True)
class Data:
    """A table to look at: samples, names, classes (numbers and names, none where there are none), the shape of a picture."""

    X: np.ndarray
    columns: tuple
    y: np.ndarray
    classes: tuple
    shape: tuple
    about: str
    rows: tuple


@dataclass(frozen=True)
class Scene:
    """What one frame shows: the data, the fit, which components lie across and up, the sample, how many components add up."""

    data: Data
    found: pca.Fit
    axes: tuple
    signs: np.ndarray
    seen: score_maps.ScoreMap
    k: int
    sample: int
    own: bool
    at: np.ndarray
    arrows: bool


def of_table():
    """Draw the upload with the choice of a label and of columns, and return the table as data."""
    given = uploads.table("A table of yours", key="table", samples={"Wine": tables.one_table, "Digits": tables.digits})
    label = controls.pick("Colour by", ["no label", *given.others], key="label")
    table = columns.chosen(given, key="out")
    known = page.attempt(score_maps.classes_of, table.others[label]) if label in table.others else None
    if known is None:
        return Data(table.X, table.columns, np.zeros(len(table.X), int), (), (), "", ())
    return Data(table.X, table.columns, known.y, known.names, (), "", ())


def of_album():
    """Draw the upload of pictures and return them as data; digits until there are some."""
    album = uploads.pictures("Pictures of equal size, several files or a zip", key="album")
    if album is None:
        st.caption("There are no pictures of yours yet, so these are digits.")
        return of_case("Digits", 1)
    names = tuple(f"pixel {i + 1}" for i in range(album.X.shape[1]))
    return Data(album.X, names, np.zeros(len(album.X), int), (), album.shape, " ".join(album.notes), album.names)


def of_case(name, seed):
    """Return a table that comes with the app as data."""
    found = page.compute(cases.case, name, seed)
    return Data(found.X, found.columns, found.y, found.classes, found.shape, found.about, ())


def data_controls():
    """Draw what chooses the table, and return its name, it, and whether it is standardised."""
    name = controls.pick("Data", NAMES, key="data", width=170)
    with st.popover("Data"):
        standardise = controls.toggle("Standardise", key="standardise", help="Divide each column by its standard deviation.")
        with controls.shown_if(name in cases.MADE):
            seed = controls.seed(1)
        data = of_table() if name == TABLE else of_album() if name == ALBUM else of_case(name, seed)
        if data.about:
            st.caption(latex.plain(data.about))
    return data, standardise


def fitted(data, standardise):
    """Return the data with their components; where there are none, those of the table before."""
    most = min(MOST_COMPONENTS, *data.X.shape)
    return data, page.compute(pca.fit, data.X, most, standardise=standardise, keep_constant=True)


def scene(sliders):
    """Draw the controls, those moved while watching in a place of their own, and return what they say."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        data, standardise = data_controls()
        data, found = page.together(lambda: fitted(data, standardise))
        most, n = len(found.components), len(data.X)
        with st.popover("Map"):
            across = controls.stepper("Component across", 1, most, 1, key="across")
            up = controls.stepper("Component up", 1, most, min(2, most), key="up")
            flip = controls.toggle("Turn the first one round", key="flip", help="Minus e is as good as e.")
            arrows = controls.toggle("Arrows of the columns", key="arrows", help="A biplot: how much each column takes part.")
        shown = controls.choice("Shown", [SAMPLE, OWN], OWN, key="shown", hide_label=True)
        controls.reset()
    axes, signs = (across - 1, up - 1), np.array([-1.0 if flip else 1.0, 1.0])
    seen = page.compute(score_maps.score_map, found, data.X, *axes, flip)
    spread = np.sqrt(found.explained_variance[list(axes)])
    with sliders:
        on_sample = dict(shown=SAMPLE)
        k = controls.step("Components k", 0, most, min(10, most), key="k", seconds=5, sets=on_sample)
        sample = controls.step("Sample", 1, n, 1, key="sample", playable=False, sets=on_sample) - 1
        place = None if shown == OWN else np.divide(seen.scores[sample], spread, out=np.zeros(2), where=spread > 0)
        s = [
            controls.slider(
                f"Own point, {way}", -3, 3, start, key=f"s{i + 1}", shows=None if place is None else float(place[i]),
                sets=dict(shown=OWN) if place is not None else None, help="In standard deviations of that component.",
            )
            for i, (way, start) in enumerate((("across", -1.5), ("up", 1.0)))
        ]  # fmt: skip
    at = np.array(s) * spread if shown == OWN else seen.scores[sample]
    return Scene(data, found, axes, signs, seen, k, sample, shown == OWN, at, arrows)


def radius_of(s):
    """Return how far the map reaches: a round number over the largest score."""
    most = max(float(s.seen.reach.max()), 1e-9)
    ten = 10.0 ** np.floor(np.log10(most))
    return next(float(m * ten) for m in (1.1, 1.5, 2, 3, 4, 5, 6, 8, 10.3) if m * ten >= 1.02 * most)


def picture(s, look):
    """Draw the map of the two chosen scores, with the sample or the reader's own point on it."""
    r = radius_of(s)
    window, points = (-r, r, -r, r), s.seen.scores
    n_classes = len(s.data.classes)
    many = len(points) > MOST_SPOTS
    ground = densities.density_url(
        points if many else densities.NOTHING,
        window,
        look,
        groups=s.data.y if many and n_classes else None,
        n_groups=max(n_classes, 1),
        cells=CELLS if len(points) < MANY else 2 * CELLS,
    )
    looks = densities.group_looks(max(n_classes, 1))
    spots = [] if many else [maps.Spot(tuple(p), *looks[c]) for p, c in zip(points.tolist(), s.data.y.tolist(), strict=True)]
    middles = page.compute(score_maps.class_middles, points, s.data.y, n_classes)
    spots += [maps.Spot(tuple(p), "result", "", name[:12]) for p, name in zip(middles.tolist(), s.data.classes, strict=True)]
    drawn = maps.contour_map(
        "The samples on two of their components", window=window, look=look, picture=ground, spots=spots,
        arrows=column_arrows(s, r) if s.arrows else [], tracks=[maps.Track(np.vstack([np.zeros(2), s.at]), "result")],
    )  # fmt: skip
    spread = np.sqrt(s.found.explained_variance[list(s.axes)])
    back = np.diag(np.divide(1.0, spread, out=np.zeros(2), where=spread > 0))
    grip = Handle(
        "own",
        "s1",
        "s2",
        tuple(s.at.tolist()),
        "own point",
        "result",
        back=back,
        sets=dict(shown=OWN),
        step=r / 500,
        nudge=r / 40,
        snap=r / 10,
    )
    show(drawn, handles=[grip], says=sentence(s))


def column_arrows(s, r):
    """Return an arrow for each column, those with the largest part in the two components: a biplot."""
    parts = s.found.components[list(s.axes)].T * s.signs
    order = np.argsort(-(parts**2).sum(axis=1), kind="stable")[:MOST_ARROWS]
    scale = 0.8 * r / max(float(np.sqrt((parts**2).sum(axis=1)).max()), 1e-12)
    return [maps.Arrow((0.0, 0.0), tuple((scale * parts[j]).tolist()), "second", s.data.columns[j][:18]) for j in order]


def sentence(s):
    """Return what the map shows now."""
    i, j = s.axes
    shares = 100 * s.found.explained_variance_ratio
    told = (
        f"Across: component {i + 1}, {number(shares[i], 3)} % of the variance; up: component {j + 1}, {number(shares[j], 3)} %."
    )
    what = "your own point" if s.own else f"sample {s.sample + 1}{said_of(s)}"
    told += f" Shown is {what}. The first {s.k} of {len(s.data.columns)} hold {number(float(shares[: s.k].sum()), 3)} %."
    still = page.compute(score_maps.still_columns, s.found)
    if still and (s.found.scale != 1).any():
        told += f" {still} column{' does' if still == 1 else 's do'} not vary and take{'s' * (still == 1)} no part."
    alone = page.compute(score_maps.one_column, s.found)
    if alone is not None:
        told += f" **The first component is one column alone, {latex.plain(s.data.columns[alone])}: standardise?**"
    return told


def said_of(s):
    """Return what is known of the sample: its class or its file."""
    if s.data.rows:
        return f" ({latex.plain(s.data.rows[s.sample])})"
    return f" ({latex.plain(s.data.classes[s.data.y[s.sample]])})" if s.data.classes else ""


def steps_of(s):
    """Return the sample put together from mean and components; of the reader's own point, from the two that are shown."""
    if not s.own:
        return page.compute(reconstructions.build_up, s.found, s.data.X[s.sample], s.k)
    both = slice(0, 1 if s.axes[0] == s.axes[1] else 2)  # one component both ways counts once
    return page.compute(score_maps.put_together, s.found, list(s.axes[both]), (s.at * s.signs)[both])


def shown_scores(s, steps):
    """Return the number of each component that is added and its score, turned round where that component is."""
    which = s.axes[: len(steps.scores)] if s.own else range(len(steps.scores))
    return [(j, float(v * (s.signs[0] if j == s.axes[0] else 1.0))) for j, v in zip(which, steps.scores.tolist(), strict=True)]


def parts_picture(s, look):
    """The sample, the mean, the first parts and their sum: as pictures, or column by column."""
    steps = steps_of(s)
    if not s.data.shape:
        return column_bars(s, steps, look)
    small, reach = replace(look, size="small"), float(np.abs(s.data.X[:MOST_SPOTS]).max())

    def tile(v, text, role="result"):
        return mosaics.Tile(rasters.tile_url(v.reshape(s.data.shape), look, reach=reach, role=role), text)

    parts = [
        tile(part, f"{score:+.3g} e{subscript(j)}".replace("-", "−"))
        for (j, score), part in zip(shown_scores(s, steps), steps.parts, strict=True)
    ]
    sum_of = tile(np.clip(steps.sums[-1], 0, None), "sum of the two" if s.own else f"sum of {s.k}", "first")
    mean, blank = tile(np.clip(s.found.mean, 0, None), "mean"), tile(np.zeros(s.data.shape), "")
    if s.own:
        near = page.compute(score_maps.nearest_on_map, s.seen.scores, s.at)
        tiles = [mean, *[*parts, blank][:2], sum_of, tile(s.data.X[near], f"nearest: {near + 1}", "first"), blank]
    else:
        tiles = [
            tile(s.data.X[s.sample], f"sample {s.sample + 1}", "first"),
            mean,
            *[*parts[:3], blank, blank, blank][:3],
            sum_of,
        ]
    drawn = mosaics.mosaic("The sample as a sum: mean and components times scores", look=small, tiles=tiles, across=3)
    more = f"And {s.k - 3} more parts. " if not s.own and s.k > 3 else ""
    lost = "" if s.own else f"Lost: {number(lost_share(steps), 3)} % of the square."
    show(drawn, name="parts", says=(more + lost) or "Drag the point: the digit follows.")


def lost_share(steps):
    """Return what is missing as a share of what there was beyond the mean, in percent."""
    return 100 * float(steps.rest[-1] / steps.rest[0]) if steps.rest[0] else 0.0


def subscript(j):
    """Write the number of component j."""
    return str(j + 1).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def column_bars(s, steps, look):
    """The sample column by column in deviations from the mean, and what its first components give back."""
    spread = page.compute(score_maps.column_deviations, s.data.X)
    made = np.divide(steps.sums[-1] - s.found.mean, spread, out=np.zeros_like(spread), where=spread > 0)
    there = None if s.own else np.divide(s.data.X[s.sample] - s.found.mean, spread, out=np.zeros_like(spread), where=spread > 0)
    text = "the two components" if s.own else f"{s.k} components"
    drawn = loadings.loadings(
        "The sample column by column, in deviations from the mean", look=replace(look, size="small"), names=s.data.columns,
        values=made, other=there, reach=4.0, labels=(text, "" if s.own else "the sample"), rows=9,
    )  # fmt: skip
    lost = "" if s.own else f" Lost: {number(lost_share(steps), 3)} % of the square."
    show(drawn, name="parts", says=f"In standard deviations.{lost}")


def scree(s, look):
    """The variance of each component, and how much the first k hold together."""
    shares = 100 * s.found.explained_variance_ratio
    k = np.arange(1, len(shares) + 1.0)
    held = np.append(0.0, np.minimum(np.cumsum(shares), 100.0))  # rounding may add up to more
    marks = dict.fromkeys(reconstructions.enough(s.found.explained_variance_ratio))
    far = max(len(shares), 2)
    drawn = graphs.graph(
        "The variance of each component, and of the first k together", look=replace(look, size="small"), width=SMALL,
        height=235, rules=[graphs.Rule(float(m), "reference") for m in marks],
        x_axis=graphs.Axis(0, far, "components k"), y_axis=graphs.Axis(0, 100, "% of the variance"),
        lines=[graphs.Line(np.arange(0, len(shares) + 1.0), held, "result"), graphs.Line(k, shares, "second", "dashed")],
        points=[graphs.Point(float(s.k), float(held[s.k]), "result")],
    )  # fmt: skip
    show(drawn, name="scree", says=f"90, 95, 99 % at k = {listed_counts(s)}. Dashed: each alone.")


def listed_counts(s):
    """Write how many components hold 90, 95 and 99 % of the variance."""
    counts, whole = reconstructions.enough(s.found.explained_variance_ratio), float(s.found.explained_variance_ratio.sum())
    return ", ".join(
        f"{c}" if whole >= share - 1e-9 else f"over {c}" for c, share in zip(counts, (0.9, 0.95, 0.99), strict=True)
    )


def how_many(s, look):
    """Second level: what is lost with k components, for every k."""
    errors = page.compute(pca.Fit.reconstruction_errors, s.found, s.data.X)
    share = 100 * errors / max(float(errors[0]), 1e-300)
    counts = reconstructions.enough(s.found.explained_variance_ratio)
    rows = [
        {"variance held": f"{name} %", "components": said, "lost of the square": f"{number(float(share[c]), 3)} %"}
        for name, said, c in zip((90, 95, 99), listed_counts(s).split(", "), counts, strict=True)
    ]
    left, right = page.beside()
    drawn = graphs.graph(
        "What is lost with k components", look=replace(look, size="small"),
        x_axis=graphs.Axis(0, max(len(share) - 1, 1), "components k"), y_axis=graphs.Axis(0, 100, "% lost"),
        lines=[graphs.Line(np.arange(len(share)) * 1.0, share, "result")],
        points=[graphs.Point(float(s.k), float(share[s.k]), "second")],
    )  # fmt: skip
    with left:
        show(drawn, name="lost", says=f"With k = {s.k}, {number(float(share[s.k]), 3)} % of the mean square are lost.")
    with right:
        st.dataframe(rows, hide_index=True)
        kept = float(s.found.explained_variance[: s.k].sum())
        lost = float(errors[s.k]) * s.found.n_samples / (s.found.n_samples - 1)
        page.invariant("Variance", (f"held by {s.k} + lost", kept + lost), ("total", s.found.total_variance), tol=1e-9)


def column_weights(s, look):
    """Second level: how much each column takes part in the component across and in the one up."""
    weights = page.compute(reconstructions.loadings, s.found)
    spread = page.compute(score_maps.column_deviations, s.data.X) / s.found.scale
    left, right = st.columns(2)
    for place, axis, sign in zip((left, right), s.axes, s.signs.tolist(), strict=True):
        r = np.divide(sign * weights[:, axis], spread, out=np.zeros(len(spread)), where=spread > 0)
        drawn = loadings.loadings(
            "Correlation of each column with a component's score", look=replace(look, size="small"), names=s.data.columns,
            values=r,
            reach=1.0, rows=14,
        )  # fmt: skip
        with place:
            says = f"Correlation of each column with the score on component {axis + 1}."
            show(drawn, name=f"weights{'across' if place is left else 'up'}", says=says)


def before_and_after(s, look):
    """Second level: the covariances of the columns, and those of the scores, which are 0 off the diagonal."""
    found = page.attempt(relations.all_pairs, s.data.X, s.data.columns)
    if found is None:
        return
    most = min(len(s.found.components), 30)
    after = page.attempt(score_maps.score_correlations, s.found, s.data.X, most)
    left, right = st.columns(2)
    small = replace(look, size="small")
    with left:
        drawn = heatmaps.heat_map(
            "Correlations of the columns", look=small, values=found.values, across=found.columns, down=found.columns, reach=1.0
        )
        show(drawn, name="before", says=f"Before: the columns go together. {found.note}".rstrip())
    if after is not None:
        names = [f"{k + 1}" for k in range(len(after))]
        with right:
            drawn = heatmaps.heat_map(
                "Covariances of the scores", look=small, values=after, across=names, down=names, reach=1.0
            )
            show(drawn, name="after", says="After: scores have no covariance with each other; the diagonal falls (largest: 1).")
            worst = float(np.abs(after - np.diag(np.diag(after))).max())
            page.invariant("Off the diagonal", ("largest", worst), ("nothing", 0.0), tol=1e-9)


def worst(s, look):
    """Second level: the samples that lose most with k components."""
    found = page.compute(reconstructions.worst_samples, s.found, s.data.X, s.k, 4)
    total = page.compute(reconstructions.sample_errors, s.found, s.data.X, 0)
    names = [
        s.data.rows[i] if s.data.rows else s.data.classes[s.data.y[i]] if s.data.classes else "" for i in found.rows.tolist()
    ]
    if s.data.shape:
        reach = float(np.abs(found.originals).max())
        tiles = [
            mosaics.Tile(rasters.tile_url(np.clip(v, 0, None).reshape(s.data.shape), look, reach=reach), text)
            for row, name, x, made in zip(found.rows.tolist(), names, found.originals, found.reconstructions, strict=True)
            for v, text in ((x, f"{row + 1} {name}"[:14]), (made, f"k = {s.k}"))
        ]
        drawn = mosaics.mosaic("The samples that lose most, and what is left of them", look=look, tiles=tiles, across=4)
        show(drawn, name="worst", says=f"Each beside what {s.k} components give back.")
    rows = [
        {
            "sample": row + 1,
            "": name,
            "lost": f"{number(100 * error / max(float(total[row]), 1e-300), 3)} %",
            "distance": number(np.sqrt(error)),
        }
        for row, name, error in zip(found.rows.tolist(), names, found.errors.tolist(), strict=True)
    ]
    st.dataframe(rows, hide_index=True)


def as_pictures(s, look):
    """Second level: the first components as pictures."""
    if not s.data.shape:
        st.markdown(
            "These rows are no pictures. Choose **Digits**, or **Pictures** of your own, to see components as pictures."
        )
        return
    faces = page.compute(reconstructions.faces, s.found, s.data.shape, min(12, len(s.found.components)))
    tiles = [
        mosaics.Tile(rasters.tile_url(face, look), f"e{subscript(j)}: {number(100 * share, 2)} %")
        for j, (face, share) in enumerate(zip(faces, s.found.explained_variance_ratio.tolist(), strict=False))
    ]
    across = 3 if look.size == "small" else 6
    drawn = mosaics.mosaic("The first components as pictures", look=look, tiles=tiles, across=across)
    show(
        drawn,
        name="faces",
        says="One tint adds ink, the other, with minus signs, takes it away. Below: the share of the variance.",
    )


def new_row(s, look):
    """Second level: a row that was not in the table."""
    left, right = page.beside()
    with right:
        if s.data.shape:
            what = "A picture of your own, made as large as the others" if s.data.rows else "A picture of one digit"
            shot = uploads.small(uploads.image(what, key="photo", default="seven.png"), 400)
            x = (
                page.attempt(reconstructions.as_picture, shot, s.data.shape)
                if s.data.rows
                else page.attempt(reconstructions.as_digit, shot)
            )
        else:
            said = "Numbers for all columns, apart by commas; the mean where one is left empty."
            line = controls.text("A new row", "", key="row", help=said)
            x = page.attempt(score_maps.read_row, line, s.found.mean, s.data.columns)
        if x is None:
            return
        steps = page.compute(reconstructions.build_up, s.found, x, s.k)
        all_of = page.compute(reconstructions.build_up, s.found, x, len(s.found.components))
        scores = ", ".join(number(v) for v in all_of.scores[:6].tolist())
        st.markdown(f"Its first scores: **{scores}**. With k = {s.k}, {number(lost_share(steps), 3)} % of it are lost.")
        near = page.compute(score_maps.nearest, s.found, s.data.X, x, s.k)
        named = f" ({latex.plain(s.data.classes[s.data.y[near]])})" if s.data.classes else ""
        by = f"{s.k} scores" if s.k > 1 else "its first score"
        st.markdown(f"Nearest of all samples by {by}: sample {near + 1}{named}.")
    with left:
        small = replace(look, size="small")
        if s.data.shape:
            tiles = [
                mosaics.Tile(
                    rasters.tile_url(np.clip(v, 0, None).reshape(s.data.shape), look, reach=float(np.abs(x).max())), text
                )
                for v, text in ((x, "as a row"), (steps.sums[-1], f"k = {s.k}"), (s.data.X[near], f"sample {near + 1}"))
            ]
            drawn = mosaics.mosaic("A new picture, and what the components make of it", look=small, tiles=tiles, across=3)
        else:
            spread = page.compute(score_maps.column_deviations, s.data.X)
            made, there = (
                np.divide(v - s.found.mean, spread, out=np.zeros_like(spread), where=spread > 0) for v in (steps.sums[-1], x)
            )
            drawn = loadings.loadings(
                "A new row, and what the components make of it", look=small, names=s.data.columns, values=made, other=there,
                reach=4.0,
                labels=(f"{s.k} components", "the row"), rows=12,
            )  # fmt: skip
        show(drawn, name="row", says="It was projected with the mean and the components of the table; it changed neither.")


def own_image(look):
    """Second level: the rows of one picture as samples."""
    left, right = page.beside()
    with right:
        shot = uploads.image("A picture of yours", key="image", default="harbour.jpg")
        pixels = uploads.small(shot, 320)
        rows = page.compute(reconstructions.rows_of, pixels)
        most = min(MOST_COMPONENTS, *rows.shape)
        found = page.compute(pca.fit, rows, most)
        scores = page.compute(pca.Fit.project, found, rows)
        k = controls.step("Components of the picture", 0, most, min(20, most), key="image_k", seconds=5)
    made = page.compute(
        reconstructions.compressed,
        found,
        pixels.shape[:2] + (rows.shape[1] // pixels.shape[1],) * (rows.shape[1] > pixels.shape[1]),
        scores,
        k,
    )
    tiles = [mosaics.Tile(rasters.photo_url(p, look), text) for p, text in ((pixels, "the picture"), (made.pixels, f"k = {k}"))]
    with left:
        drawn = mosaics.mosaic(
            "A picture, and what is left of its rows", look=replace(look, size="small"), tiles=tiles, across=1
        )
        show(drawn, name="image", says=f"Off by {number(made.error, 3)} of 255 grey levels (root mean square).")
    with right:
        share = 100 * made.numbers / made.original
        st.markdown(
            f"Each of the {len(rows)} rows is a sample of {rows.shape[1]} numbers. Kept are {k} scores a row, {k} components "
            f"and the mean row: {made.numbers:,} of {made.original:,} numbers, **{number(share, 3)} %**."
        )
        if share > 100:
            st.markdown("More than the picture itself: so many components save nothing.")


def between(s):
    """Second level: distances and angles of some samples before and after the projection."""
    rows = list(range(s.sample, min(s.sample + FEW, len(s.data.X))))
    if s.k == 0 or len(rows) < 2:
        st.markdown("Choose at least one component, and a sample that has one after it.")
        return
    found = page.compute(score_maps.compared_rows, s.found, s.data.X, rows, s.k)
    st.markdown(
        f"Samples from number {rows[0] + 1} on, with all columns and with k = {s.k}. A distance may shrink, never grow."
    )
    pairs(found, [f"{i + 1}" for i in rows], f"with k = {s.k}")


def computed(s):
    """Second level: how it was computed, and why that way."""
    st.markdown(f"Solver: **{s.found.solver}**, because {latex.plain(s.found.why)}." if s.found.why else "")
    page.code(pca.fit)
    page.code(pca.Fit.project)


def downloads(s):
    """What can be saved: scores, components, and the table that k components give back."""
    most = len(s.found.components)
    csv_files(
        {
            "scores": lambda: score_maps.score_columns(s.found, s.data.X, most),
            "components": lambda: score_maps.component_columns(s.found, s.data.columns, most),
            "reconstructed table": lambda: score_maps.reconstructed_columns(s.found, s.data.X, s.data.columns, s.k),
        }
    )


def story():
    """The page, from the table to the way onward."""
    look = page.look()
    picture_side, control_side = page.columns()
    with control_side:
        top, sliders = st.container(), page.grid(2)
        with page.grid(2):
            parts_place, scree_place = st.container(), st.container()
    with top:
        s = scene(sliders)
    with picture_side:
        picture(s, look)
    with parts_place:
        parts_picture(s, look)
    with scree_place:
        scree(s, look)
    with control_side:
        page.presets(PRESETS)
    page.views(
        {
            "Why it is true": lambda: page.truths("main", REASONS),
            "How many?": lambda: how_many(s, look),
            "Columns": lambda: column_weights(s, look),
            "Before and after": lambda: before_and_after(s, look),
            "Components as pictures": lambda: as_pictures(s, look),
            "Worst samples": lambda: worst(s, look),
            "A new row": lambda: new_row(s, look),
            "Your picture": lambda: own_image(look),
            "Distances": lambda: between(s),
            "How it is computed": lambda: computed(s),
        }
    )
    steps = steps_of(s)
    terms = " ".join(rf"{latex.signed(v)} \, e_{{{j + 1}}}" for j, v in shown_scores(s, steps)[:4])
    more = r" + \dots" if len(steps.scores) > 4 else ""
    page.why(RULE, rf"x \approx \bar x {terms}{more}", pca.fit)
    take_home(lambda: downloads(s))
    page.end(
        tries=TRIES,
        before=Step("covariance", "what the components are the eigenvectors of"),
        after=Step("reduction", "how few numbers still do the work"),
    )


page.run("pca", story)
