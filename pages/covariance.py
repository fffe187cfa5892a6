"""Covariance: the average signed rectangle from the mean."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from mml_charts import densities, graphs, heatmaps, maps, plane
from mml_core import clouds, made_clouds, reconstructions, relations, score_maps, statistics, turning
from mml_ui import controls, latex, page, tables, uploads
from mml_ui.contents import Step
from mml_ui.figures import Handle, point_handles, show
from mml_ui.page import Preset, number
from mml_ui.pairs import pairs
from mml_ui.take_home import csv_files, take_home

RADIUS = 6.0
SMALL = 328  # width of the pictures beside the plane, in pixels
MINE = "My points"
CLOUD = "-3,-1.5;-2,-2;-1.5,0.5;-0.5,-1;0.5,1.5;1,0;2,1;2.5,2.5;3.5,1.5"
PICTURES = ["Rectangles", "Shadows", "Ellipse", "Two lines"]
MOST_SPOTS = 2_000  # points that are drawn one by one; more as a density
FEW = 6  # points whose distances are compared
RULE = r"\Sigma = \frac{1}{n-1} \sum_i (x_i - \bar x)(x_i - \bar x)^\top = \frac{1}{n-1} X_c^\top X_c"
PRESETS = [
    Preset("A cloud", "plus rectangles outweigh the minus ones: both coordinates are above their mean together, or below."),
    Preset("No covariance", "plus and minus rectangles cancel: no line tells y from x.", dict(tilt=0, width=1.5)),
    Preset("A parabola", "covariance 0, and yet x tells y exactly: zero covariance is not independence.",
           dict(cloud="Parabola")),
    Preset("Steep", "correlation 0.95, slope 4.", dict(cloud="Steep line", show="Two lines")),
    Preset("Flat", "the same correlation, slope 1/4: correlation is no slope.", dict(cloud="Flat line", show="Two lines")),
    Preset("The best direction", "turn the direction until the shadows spread most: there is the first eigenvector.",
           dict(show="Shadows", direction=120)),
    Preset("A ring", "every direction has the same spread: no direction is best.", dict(cloud="Ring", show="Ellipse")),
    Preset("Equal spreads", "tied variances: the ellipse is a circle, and eigenvectors turn freely.",
           dict(width=1.8, spread=1.8, show="Ellipse")),
    Preset("One outlier", "a single point far off turns the best direction.", dict(outliers=1, n=10, show="Ellipse")),
    Preset("Two units", "x in units a tenth as long: its variance is 100 times as large, and the direction follows the unit.",
           dict(tenths=True, tilt=45, spread=0.35, width=0.2, show="Ellipse")),
    Preset("Nearly constant", "y hardly varies; standardised, its noise counts as much as x.",
           dict(spread=2.4, width=0.02, tilt=0, standardise=True, show="Ellipse")),
    Preset("Codes", "codes 1 to 4 of kinds without an order: number them another way, and the covariance is another.",
           dict(cloud="Codes", show="Shadows")),
]  # fmt: skip
REASONS = [
    (
        "Each point spans a rectangle with the mean: (x − x̄)(y − ȳ), negative where one is above its mean, one below.",
        "areas",
    ),
    ("Their average is the covariance. Dashed rectangles take away from it.", "outlines"),
    ("It is divided by n − 1: the mean lies amid these very points, so distances from it are a little too small.", "points"),
    ("The average square on the x side is the variance of x, the covariance of x with itself.", "axes"),
]
TRIES = [
    "Drag one point until the covariance is 0. How many places are there?",
    "Shadows: turn the direction to the largest spread, then to the smallest. What is the angle between the two?",
    "Make the correlation 1, then make the slope smaller without changing the correlation.",
]
MATRIX = [[0.8, -0.6], [0.6, 0.8]]


@dataclass(frozen=True)
class Scene:
    """What one frame shows: the cloud with its mean and covariance, which picture, the direction in radians, the grips."""

    cloud: clouds.Summary
    shown: str
    direction: float
    draggable: bool


def dials(box, best=None):
    """Draw the sliders of a made cloud and return spread, width and tilt; of the reader's own points they show theirs."""
    spread = width = tilt = sets = None
    if best is not None:
        spread, width = np.sqrt(best.variances)
        tilt, sets = (np.degrees(best.angle) + 90) % 180 - 90, dict(cloud="Gaussian")
    with box:
        tilt = controls.slider("Tilt", -90, 90, 35, key="tilt", step=1, unit="°", shows=tilt, sets=sets)
        spread = controls.slider("Spread", 0.1, 2.5, 2.0, key="spread", shows=spread, sets=sets)
        width = controls.slider("Width", 0.0, 2.5, 0.8, key="width", shows=width, sets=sets)
    return spread, width, np.radians(tilt)


def scene():
    """Draw the controls and return what they say."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        shown = controls.choice("Picture", PICTURES, key="show", hide_label=True)
        name = controls.pick("Cloud", [*made_clouds.CLOUDS, MINE], key="cloud", width=130)
        with st.popover("Points"):
            n = controls.stepper("Points", 5, 60, 24, key="n")
            outliers = controls.stepper("Outliers", 0, 5, 0, key="outliers")
            seed = controls.seed(1)
            units = controls.toggle("x in tenths", key="tenths", help="In tenths of its unit every x is ten times as large.")
            standardise = controls.toggle("Standardise", key="standardise", help="Divide x and y by their standard deviations.")
            points = controls.points("My points, as x,y;x,y", CLOUD, key="points", low=-RADIUS, high=RADIUS)
        controls.reset()
    box = page.grid(2)
    X = points if name == MINE else page.compute(made_clouds.cloud, name, n, *dials(box), outliers, seed)
    found = page.compute(clouds.summary, X * [10, 1] if units else X, standardise)
    if name == MINE:
        own = page.compute(clouds.best_direction, page.compute(statistics.covariance, X))
        dials(box, own)  # in their own units, so that taking a slider moves nothing else
    with box:
        direction = controls.slider("Direction", 0, 359, 60, key="direction", step=1, unit="°", playable=True, seconds=8)
    return Scene(found, shown, np.radians(direction), not (units or standardise))


def grips(s):
    """Return the grips of the points, which a drag of one makes the reader's own, and that of the direction."""
    found = []
    if s.draggable:
        own = point_handles("points", s.cloud.X.round(2), s.cloud.X, grows=True)
        found = [replace(h, sets=dict(cloud=MINE)) for h in own]
    if s.shown == "Shadows":
        tip = s.cloud.mean + 0.8 * RADIUS * unit(s.direction)
        found.append(
            Handle("u", "direction", "", tuple(tip.tolist()), "direction", "result", tuple(s.cloud.mean.tolist()), dial=True)
        )
    return found


def unit(angle):
    """Return the direction at an angle."""
    return np.array([np.cos(angle), np.sin(angle)])


def through(point, angle, role, kind="path"):
    """Return a line through the whole window."""
    return plane.Path(np.array([point - 20 * unit(angle), point + 20 * unit(angle)]), role, kind)


def rectangles(s):
    """The signed rectangles from the mean."""
    found = page.compute(clouds.rectangles, s.cloud.X)
    (x, y), areas = found.mean, []
    for (px, py), product in zip(s.cloud.X.tolist(), found.products.tolist(), strict=True):
        corners = np.array([(x, y), (px, y), (px, py), (x, py)])
        areas.append(plane.Area(corners, "left" if product >= 0 else "right", flipped=product < 0))
    plus, minus = (float(found.products[keep].sum()) for keep in (found.products > 0, found.products < 0))
    says = (
        f"Plus rectangles: {number(plus)} in all; minus, dashed: {number(-minus)}. The difference over n − 1 = "
        f"{len(s.cloud.X) - 1} is the covariance, **{number(s.cloud.covariance[0, 1])}**."
    )
    cross = [through(found.mean, angle, "reference", "dashed") for angle in (0, np.pi / 2)]
    return dict(areas=areas, paths=cross), says


def shadows(s):
    """The points' shadows on a line through the mean, and what is lost between."""
    found = page.compute(clouds.shadows, s.cloud.X, s.direction)
    drops = [plane.Path(np.vstack(pair), "second", "thin") for pair in zip(s.cloud.X, found.feet, strict=True)]
    tick = 0.06 * unit(s.direction)
    feet = [plane.Path(np.vstack([foot - tick, foot + tick]), "result", "space") for foot in found.feet]
    share = number(100 * found.variance / found.total if found.total else 0.0, 3)
    says = (
        f"The shadows have the variance {number(found.variance)}, {share} % of the total {number(found.total)}; the drops lose "
        f"{number(found.error)}."
    )
    return dict(paths=[through(s.cloud.mean, s.direction, "result"), *drops, *feet]), f"{says} {by_hand(s)}"


def by_hand(s):
    """Say how far the hand is from the best direction."""
    if s.cloud.best.tied:
        return "No direction is best: all have the same spread."
    away = np.degrees(abs((s.direction - s.cloud.best.angle + np.pi / 2) % np.pi - np.pi / 2))
    return "**This is the best direction.**" if away < 0.6 else f"The best direction is {number(away, 3)}° away."


def ellipse(s):
    """The ellipse of one standard deviation, the polar curve around it, and the eigenvectors."""
    around = s.cloud.mean + page.compute(clouds.spread_around, s.cloud.covariance)
    inner = s.cloud.mean + page.compute(clouds.deviation_ellipse, s.cloud.covariance)
    first = s.cloud.best.angle
    arrows = [
        plane.Arrow(s.cloud.mean + np.sqrt(v) * unit(first + turn), role, label, tuple(s.cloud.mean.tolist()))
        for v, turn, role, label in zip(
            s.cloud.best.variances.tolist(), (0, np.pi / 2), ("first", "second"), ("v₁", "v₂"), strict=True
        )
        if v > 1e-9
    ]
    paths = [plane.Path(around, "result"), plane.Path(inner, "reference", "dashed")]
    l1, l2 = s.cloud.best.variances
    says = (
        "Solid: how far the shadow spreads in each direction. Dashed: the ellipse of one standard deviation; they touch at the "
        f"eigenvectors. λ₁ = {number(l1)}, λ₂ = {number(l2)}."
    )
    return dict(paths=paths, arrows=arrows), says + (" Tied: the eigenvectors may turn freely." if s.cloud.best.tied else "")


def two_lines(s):
    """Least squares and the first principal component, each with its kind of residual."""
    found = page.attempt(clouds.lines, s.cloud.X)
    if found is None:
        return dict(), "No line can be fitted."
    upright = [plane.Path(pair, "first", "thin") for pair in found.upright]
    across = [plane.Path(pair, "second", "thin") for pair in found.perpendicular]
    paths = [
        *upright, *across, through(found.mean, np.arctan(found.slope), "first"), through(found.mean, found.angle, "second"),
    ]  # fmt: skip
    says = (
        f"Least squares ({slope_of(found.slope)}) makes the upright residuals small, the first component "
        f"({slope_of(np.tan(found.angle))}) the perpendicular ones. Correlation {correlation_of(s)}."
    )
    return dict(paths=paths), says


def slope_of(slope):
    """Write the slope of a line."""
    return "upright" if abs(slope) > 1e6 else f"slope {number(float(slope))}"


def correlation_of(s):
    """Write the correlation, or that there is none."""
    return "undefined: one coordinate does not vary" if s.cloud.correlation is None else number(s.cloud.correlation)


def picture(s, look):
    """Draw the cloud with what the chosen picture adds."""
    extra, says = {"Rectangles": rectangles, "Shadows": shadows, "Ellipse": ellipse, "Two lines": two_lines}[s.shown](s)
    drawn = plane.figure(
        "A cloud of points in the plane", radius=RADIUS, look=look, points=s.cloud.X, point_role="result", **extra
    )
    outside = int((np.abs(s.cloud.X) > RADIUS).any(axis=1).sum())
    beyond = f" {outside} point{'s lie' if outside > 1 else ' lies'} outside the picture." if outside else ""
    show(drawn, handles=grips(s), says=says + beyond)


def matrix_picture(s, look):
    """The covariance matrix as a heat map."""
    drawn = heatmaps.heat_map(
        "The covariance matrix", look=replace(look, size="small"), values=s.cloud.covariance, across="xy", down="xy",
        reach=6.0, width=170,
    )  # fmt: skip
    a, c, b = (number(s.cloud.covariance[i, j]) for i, j in ((0, 0), (0, 1), (1, 1)))
    show(drawn, name="matrix", says=f"Variances {a} and {b}, covariance {c}.")


def along(s, look):
    """How much the shadows spread in each direction, as a share of the total."""
    angles = np.radians(np.arange(0, 181, 2.0))
    v = np.column_stack([np.cos(angles), np.sin(angles)])
    total = max(float(np.trace(s.cloud.covariance)), 1e-300)
    share = 100 * np.einsum("ij,jk,ik->i", v, s.cloud.covariance, v) / total
    here = np.degrees(s.direction) % 180
    now = 100 * float(unit(s.direction) @ s.cloud.covariance @ unit(s.direction)) / total
    rules = [] if s.cloud.best.tied else [graphs.Rule(float(np.degrees(s.cloud.best.angle)), "first", "v₁")]
    drawn = graphs.graph(
        "The spread of the shadows in each direction", look=replace(look, size="small"), width=SMALL, height=170,
        x_axis=graphs.Axis(0, 180, "direction, degrees"), y_axis=graphs.Axis(0, 100, "%"),
        lines=[graphs.Line(np.degrees(angles), share, "result")], points=[graphs.Point(here, now, "second")], rules=rules,
    )  # fmt: skip
    show(drawn, name="along", says=by_hand(s))


def histogram(s, look):
    """How the shadows lie along the line."""
    found = page.compute(clouds.shadows, s.cloud.X, s.direction)
    counts = page.compute(clouds.histogram, found.coordinates, -RADIUS, RADIUS, 24)
    edges = np.linspace(-RADIUS, RADIUS, 25)
    x, y = np.repeat(edges, 2), np.concatenate([[0.0], np.repeat(100 * counts / len(s.cloud.X), 2), [0.0]])
    drawn = graphs.graph(
        "How the shadows lie along the line", look=replace(look, size="small"), width=SMALL, height=170,
        x_axis=graphs.Axis(-RADIUS, RADIUS, "from the mean"), y_axis=graphs.Axis(0, 100, "%"),
        lines=[graphs.Line(x, y, "second")],
    )  # fmt: skip
    show(drawn, name="histogram", says=f"Standard deviation of the shadows: {number(np.sqrt(found.variance))}.")


def checks_of(s):
    """The invariant of the picture that is on."""
    if s.shown == "Shadows":
        found = page.compute(clouds.shadows, s.cloud.X, s.direction)
        page.invariant("Shadow and drop", ("variance + error", found.variance + found.error), ("total", found.total))
    elif s.shown == "Two lines" and s.cloud.correlation is not None:
        found = page.compute(clouds.lines, s.cloud.X)
        both = found.slope * found.inverse_slope
        page.invariant("Two slopes", ("y on x times x on y", both), ("r²", s.cloud.correlation**2))
    else:
        page.invariant(
            "Total variance",
            ("of x + of y", float(np.trace(s.cloud.covariance))),
            ("λ₁ + λ₂", float(s.cloud.best.variances.sum())),
        )


def by_steps(s):
    """Second level: X'X step by step, for the first points."""
    found = page.compute(clouds.rectangles, s.cloud.X)
    rows = [
        {"x": x, "y": y, "x − x̄": a, "y − ȳ": b, "(x − x̄)²": a * a, "(x − x̄)(y − ȳ)": a * b, "(y − ȳ)²": b * b}
        for (x, y), (a, b) in zip(s.cloud.X.tolist(), found.centred.tolist(), strict=True)
    ]
    st.dataframe(
        rows,
        hide_index=True,
        height=250,
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in rows[0]},
    )
    scatter = found.centred.T @ found.centred
    n = len(s.cloud.X)
    st.markdown(
        f"The columns on the right add up to X'X of the centred points; over n − 1 = {n - 1} it is the covariance matrix."
    )
    plain = [latex.num(v) for v in scatter.ravel().tolist()]
    done = [latex.num(v) for v in s.cloud.covariance.ravel().tolist()]
    st.latex(
        rf"\bar x = {latex.column(s.cloud.mean)}, \qquad X_c^\top X_c = {block(plain)}, \qquad "
        rf"\frac{{1}}{{{n - 1}}} X_c^\top X_c = {block(done)}"
    )
    few = page.compute(clouds.chunked, s.cloud.X, min(3, n))
    parts = " + ".join(str(part.n) for part in few.parts)
    st.markdown(f"Read in chunks of {parts} points and merged, the covariance is the same:")
    page.invariant("Covariance of x and y", ("merged", few.merged.covariance()[0, 1]), ("at once", s.cloud.covariance[0, 1]))


def block(entries):
    """Write four entries as a matrix."""
    a, b, c, d = entries
    return rf"\begin{{pmatrix}} {a} & {b} \\ {c} & {d} \end{{pmatrix}}"


def of_a_table(look):
    """Second level: the covariances of all columns of a table; a cell opens that pair's scatter."""
    left, right = page.beside()
    with right:
        table = uploads.table("A table of yours", key="table", samples={"Wine": tables.one_table, "Digits": tables.digits})
        kind = controls.choice("Show", relations.KINDS, key="kind")
        found = page.attempt(relations.all_pairs, table.X, table.columns, kind)
        if found is None:
            return
        n = len(found.columns)
        with page.grid(2):
            j = controls.step("Across", 1, n, 1, key="across", playable=False) - 1
            i = controls.step("Up", 1, n, min(2, n), key="up", playable=False) - 1
    names, small = found.columns, replace(look, size="small")
    drawn = heatmaps.heat_map(
        "All columns of a table, each with each", look=small, values=found.values, across=names, down=names, reach=found.reach,
        chosen=(i, j),
    )  # fmt: skip
    one, other = latex.plain(names[j]), latex.plain(names[i])
    with left:
        spot = (j + 1.0, -i - 1.0)  # rows go down
        grip = Handle(
            "cell", "across", "up", spot, "cell", "second", back=np.diag([1.0, -1.0]), tap=True, step=1, nudge=1, snap=1,
        )  # fmt: skip
        show(
            drawn, name="table", handles=[grip], says=f"{one} with {other}: {number(found.values[i, j])}. {found.note}".rstrip()
        )
    with right:
        pair(page.compute(relations.pair_of, table.X, found, j, i), one, other, look)


def pair(points, one, other, look):
    """The scatter of two columns in units of their deviations."""
    small = replace(look, size="small")
    window = (-4.0, 4.0, -4.0, 4.0)
    ground = densities.density_url(points if len(points) > MOST_SPOTS else densities.NOTHING, window, small)
    spots = [maps.Spot(tuple(p), "second") for p in points.tolist()] if len(points) <= MOST_SPOTS else []
    drawn = maps.contour_map("Two columns of a table", window=window, look=small, picture=ground, spots=spots)
    show(drawn, name="pair", says=f"Across {one}, up {other}, in standard deviations from their means.")


def mapped(s, look):
    """Second level: what an affine map does to mean and covariance."""
    left, right = page.beside()
    with right:
        with st.container(horizontal=True):
            A = controls.matrix("A", MATRIX, key="A", low=-3, high=3)
            b = controls.vector("b", (0, 0), key="b", low=-5, high=5)
        mean, C = page.compute(statistics.affine_moments, s.cloud.mean, s.cloud.covariance, A, b)
        moved = s.cloud.X @ A.T + b
        measured = page.compute(statistics.covariance, moved)
        st.latex(
            rf"A \Sigma A^\top = {block([latex.num(v) for v in C.ravel().tolist()])}, "
            rf"\qquad A \bar x + b = {latex.column(mean)}"
        )
        for i, j, name in ((0, 0, "variance of x"), (0, 1, "covariance"), (1, 1, "variance of y")):
            page.invariant(name.capitalize(), ("A Σ A'", C[i, j]), ("of the moved points", measured[i, j]), tol=1e-9)
    outline = mean + page.compute(clouds.deviation_ellipse, C)
    before = s.cloud.mean + page.compute(clouds.deviation_ellipse, s.cloud.covariance)
    drawn = plane.figure(
        "The cloud after an affine map", radius=RADIUS, look=replace(look, size="small"), points=moved, point_role="second",
        paths=[plane.Path(before, "reference", "dashed"), plane.Path(outline, "second")],
    )  # fmt: skip
    tip = Handle("b", "b1", "b2", tuple(mean.tolist()), "mean", "second", tuple((mean - b).tolist()))
    with left:
        show(
            drawn,
            name="mapped",
            handles=[tip],
            says="Dashed: the ellipse before. The shift b moves the mean and changes no covariance.",
        )


def in_space(look):
    """Second level: three dimensions onto two."""
    left, right = page.beside()
    with right:
        turn = controls.slider("Turn", -180, 180, 110, key="turn", step=1, unit="°", playable=True, seconds=8)
        tip = controls.slider("Tip", -90, 90, 15, key="tip", step=1, unit="°")
        thick = controls.slider("Thickness", 0.0, 1.5, 0.3, key="thick", step=0.05)
        X = page.compute(turning.cloud_in_space, 60, thick)
        facing = page.compute(turning.face_on, X)
        controls.setter(
            "Look straight at the plane", dict(turn=round(np.degrees(facing[0])), tip=round(np.degrees(facing[1]))), key="face"
        )
    seen = page.compute(turning.view, X, np.radians(turn), np.radians(tip))
    total = float(seen.spread.sum() + seen.lost)
    axes = [
        plane.Arrow(2 * end, "reference", name) for end, name in zip(seen.axes, "xyz", strict=True) if np.hypot(*end) > 0.05
    ]
    drawn = plane.figure(
        "A cloud in space, seen from a side", radius=RADIUS, look=replace(look, size="small"), points=seen.points,
        point_role="second", arrows=axes,
        areas=[plane.Area(seen.corners, "first", label="")],
        paths=[plane.Path(np.vstack(ends), "second", "thin") for ends in zip(seen.points, seen.feet, strict=True)],
    )  # fmt: skip
    with left:
        show(
            drawn,
            name="space",
            says=f"From here {number(100 * seen.spread.sum() / total, 3)} % of the variance is seen. "
            "The sheet: the plane of the first two components.",
        )
    with right:
        page.invariant(
            "Variance",
            ("seen + along the line of sight", total),
            ("total", float(np.trace(page.compute(statistics.covariance, X)))),
            tol=1e-9,
        )


def distances(s):
    """Second level: distances and angles of the first points before and after the projection onto the direction."""
    hand = page.attempt(clouds.one_direction, s.cloud.X, s.direction)
    if hand is not None:
        found = page.compute(reconstructions.compared, hand, s.cloud.X[:FEW], 1)
        st.markdown(
            "Distances between the first points and between their shadows on the **direction**: a shadow is never longer than "
            "its arrow. Seen from the mean, shadows have an angle of 0° or 180° only."
        )
        pairs(found, [f"{i + 1}" for i in range(min(FEW, len(s.cloud.X)))], "of the shadows")


def downloads(s):
    """What can be saved of this cloud: the direction as a component, its scores, and what these alone would give back."""
    names, files = ("x", "y"), {"points": lambda: dict(zip("xy", s.cloud.X.T, strict=True))}
    hand = page.attempt(clouds.one_direction, s.cloud.X, s.direction)
    if hand is not None:
        files |= {
            "scores": lambda: score_maps.score_columns(hand, s.cloud.X, 1),
            "components": lambda: score_maps.component_columns(hand, names, 1),
            "reconstructed table": lambda: score_maps.reconstructed_columns(hand, s.cloud.X, names, 1),
        }
    csv_files(files)


def story():
    """The page, from the cloud to the way onward."""
    look = page.look()
    picture_side, control_side = page.columns()
    with control_side:
        s = scene()
    with picture_side:
        picture(s, look)
    with control_side:
        with page.grid(2):
            if s.shown == "Shadows":
                histogram(s, look)
            else:
                matrix_picture(s, look)
            along(s, look)
        checks_of(s)
        page.presets(PRESETS)
    page.views(
        {
            "Why it is true": lambda: page.truths("main", REASONS),
            "Step by step": lambda: by_steps(s),
            "All columns of a table": lambda: of_a_table(look),
            "After a map": lambda: mapped(s, look),
            "Three dimensions": lambda: in_space(look),
            "Distances": lambda: distances(s),
        }
    )
    numbers = [latex.num(v) for v in s.cloud.covariance.ravel().tolist()]
    page.why(RULE, rf"\Sigma = {block(numbers)}, \qquad \bar x = {latex.column(s.cloud.mean)}", statistics.moments)
    take_home(lambda: downloads(s))
    page.end(
        tries=TRIES,
        before=Step("eigen", "the directions that only stretch"),
        after=Step("pca", "the same in many dimensions, with tables of your own"),
    )


page.run("covariance", story)
