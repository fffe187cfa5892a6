"""Gradients: steepest up lies in the floor, across the contour."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from mml_charts import graphs, maps, reliefs
from mml_core import contours, expressions, formulas, forward, gradients, surfaces, tracing
from mml_ui import controls, latex, page, uploads
from mml_ui.contents import Step
from mml_ui.figures import Handle, show
from mml_ui.page import Preset, number
from mml_ui.take_home import take_home

NAMES = ["Two valleys", "Bowl", "Saddle", *surfaces.BUNDLED, "Your function", "Your photo"]
OWN = "sin(x)*y^2 + exp(-x^2)"
WINDOWS = ["2", "3", "5", "10"]
START = (-1.5, 1.2)  # inside every window
SPANS = {
    "Bowl": (-5.0, 60.0),
    "Saddle": (-8.0, 24.0),
    "Your photo": (-0.25, 2.25),
}  # a slider moves the heights, the axis stays
LAYERS = ["Field", "Level points", "Ellipse", "Ray downhill"]
N_FIELD = 11  # arrows of the field along each side
SMALL = 300  # width of the two slices and the dial, in pixels
PRESETS = [
    Preset("Two valleys", "drag the point: the arrow always crosses the contour at a right angle."),
    Preset(
        "Not at the minimum",
        "minus the gradient is the steepest way down, and yet the ray misses the minimum.",
        dict(f="Bowl", kappa=12, p="-1.8 1.4", show=["Level points", "Ray downhill"]),
    ),
    Preset(
        "A minimum both ways",
        "along x and along y this is a minimum; turn the direction to 45°: the curve through the saddle goes down.",
        dict(f="Saddle", c=3, p="0 0", turn=45, show=["Level points"]),
    ),
    Preset(
        "Trough",
        "c = 2: one eigenvalue is 0, and a whole line is level.",
        dict(f="Saddle", c=2, p="1 -1", show=["Level points"]),
    ),
    Preset(
        "Four minima",
        "and four saddles and a maximum between them.",
        dict(f="Himmelblau", p="-1 1", show=["Field", "Level points"]),
    ),
    Preset(
        "Banana", "on the floor the gradient points across the valley, hardly along it.", dict(f="Rosenbrock", p="-0.7 0.6")
    ),
    Preset(
        "Egg box", "every dent has a level point, and every gradient knows its own dent only.", dict(f="Rastrigin", p="1.3 0.8")
    ),
    Preset(
        "Monkey saddle",
        "at the middle slopes and curvatures are all 0, and still it is no minimum.",
        dict(f="Your function", own="x^3 - 3*x*y^2", p="0 0", show=["Level points"]),
    ),
    Preset(
        "A kink",
        "at x = 0 there is no slope: the formula's 0 is neither the one from the left nor from the right.",
        dict(f="Your function", own="abs(x) + y^2/2", p="0 0.8", turn=0),
    ),
    Preset(
        "Photo",
        "brightness as height: the gradient points to the light, across every edge.",
        dict(f="Your photo", show=["Field"]),
    ),
]
REASONS = [
    ("Near p the surface is its tangent plane: f(p + s) ≈ f(p) + ∇f · s. Only the shadow of s on ∇f counts.", "picture"),
    ("Of all steps of one length the one along ∇f has the longest shadow: that is steepest up, |∇f| per unit.", "arrows"),
    ("A step with no shadow on ∇f changes nothing: it runs along the contour. So they are perpendicular.", "paths"),
    ("The parts of ∇f are the slopes of the two slices: ∂f/∂x along x, ∂f/∂y along y.", "arrows"),
]
TRIES = [
    "Turn the direction until the slope is 0, twice: both ways lie along the contour.",
    "Drag the point to a minimum by the slices alone. Now try the saddle with c = 3.",
    "Find a place where minus the gradient points exactly at the minimum of the bowl. How many lines of such places are there?",
]


@dataclass(frozen=True)
class Scene:
    """What one frame shows: the slopes at the point, the ground, the direction in degrees, layers and the slices' axis."""

    here: gradients.Slopes
    ground: contours.Ground
    turn: float
    layers: list
    levels: gradients.CriticalPoints | None
    span: tuple

    @property
    def surface(self):
        """The surface."""
        return self.here.surface

    @property
    def window(self):
        """Left, right, bottom, top of the map."""
        return self.here.window

    @property
    def p(self):
        """The point as two floats."""
        return tuple(self.here.model.at.tolist())

    @property
    def width(self):
        """How wide the window is."""
        return self.window[1] - self.window[0]

    def scaled(self, vector):
        """Return where an arrow for a slope vector ends: long where it is steep, but never too long for the map."""
        typical = (self.span[1] - self.span[0]) / self.width
        size = float(np.hypot(*vector))
        tip = self.here.model.at + (0 if size == 0 else 0.34 * self.width / (size + typical)) * vector
        return tuple(tip.tolist())


def ground_floor():
    """Draw what chooses the surface and the point, and return these with the layers and the axis of the slices."""
    with st.container(horizontal=True, vertical_alignment="center"):
        name = controls.pick("Surface", NAMES, key="f")
        with st.popover("Your function", icon=":material/function:"):
            own = controls.typed(
                "f(x, y) =", OWN, expressions.parse, key="own", help="Of x and y: sin(x)*y^2, exp(-x^2), abs(x) ..."
            )
            half = float(controls.choice("Window, from − to +", WINDOWS, "3", key="half"))
        with st.popover("Your photo", icon=":material/landscape:"):
            photo = uploads.image("A photo of yours: bright is high", key="photo", default="harbour.jpg")
            soft = controls.slider("Smoothing", 0.5, 6, 1.5, key="soft", step=0.5)
        with st.popover("Layers", icon=":material/layers:"):
            layers = controls.choices("On the map", LAYERS, key="show")
        controls.reset()
    chosen = {}
    with page.grid(2):
        at = st.container()
        with controls.shown_if(name == "Bowl"):
            chosen["Bowl"] = controls.slider("Condition number κ", 1, 50, 10, key="kappa", step=1)
        with controls.shown_if(name == "Saddle"):
            chosen["Saddle"] = controls.slider("c in x² + y² − c x y", -4, 4, 3, key="c", step=0.1)
        with controls.shown_if(name == "Two valleys"):
            chosen["Two valleys"] = controls.stepper(
                "Seed", 0, 9999, 1, key="seed", help="Another seed puts the valleys elsewhere."
            )
    if name in chosen:
        surface = page.compute(surfaces.MADE[name], chosen[name])
    elif name == "Your photo":
        surface = page.compute(surfaces.photo_terrain, uploads.small(photo, 96), soft)
    else:
        surface = own if name == "Your function" else surfaces.BUNDLED[name]
    own_window = (-half, half, -half, half)
    window = own_window if name == "Your function" else surface.window
    with at:
        p = controls.vector("p", START, key="p", low=window[::2], high=window[1::2], step=0.05)
    return surface, window, p, layers, SPANS.get(name)


def scene(direction):
    """Draw the controls, that of the direction in its own place, and return what they say."""
    surface, window, p, layers, span = ground_floor()
    with direction:
        turn = controls.slider("Direction d", 0, 359, 20, key="turn", step=1, unit="°", playable=True, seconds=6)
    # Where there is no slope, surface and window fall back together with it: the last good picture stays whole.
    here = page.compute(gradients.slopes, surface, p, np.radians(turn).item(), window)
    ground = page.compute(contours.ground_of, here.surface, here.window)
    needed = {"Level points", "Ray downhill"} & set(layers)
    levels = page.compute(gradients.critical_points, here.surface, here.window) if needed else None
    return Scene(here, ground, turn, layers, levels, span or ground.span)


def field(s):
    """Return the arrows of the gradient field, longer where it is steeper."""
    along = (np.arange(N_FIELD) + 0.5) / N_FIELD
    x, y = (a.ravel() for a in np.meshgrid(s.window[0] + along * s.width, s.window[2] + along * s.width))
    with np.errstate(all="ignore"):
        g = np.array(np.broadcast_arrays(*s.surface.gradient(x, y)), float)
        size = np.hypot(*g)
        g *= 0.8 * s.width / N_FIELD / (size + np.nanmedian(size) + 1e-300)
    return np.column_stack([x, y, *g])


def ellipse(s):
    """Return the curve on which the curvature alone says f changes as much as over a tenth of the window, and its two axes."""
    model, reach = s.here.model, 0.1 * s.width
    lengths = reach * np.sqrt(np.abs(model.eigenvalues).max() / np.maximum(np.abs(model.eigenvalues), 1e-12))
    lengths = np.minimum(lengths, 4 * reach)
    turn = np.linspace(0, 2 * np.pi, 73)
    round_about = model.at + np.column_stack([lengths[0] * np.cos(turn), lengths[1] * np.sin(turn)]) @ model.axes.T
    axes = [np.array([model.at - w, model.at + w]) for w in (lengths * model.axes).T]
    return round_about, axes


def ray(s):
    """Return the straight way down as a path, and the sentence on how far it misses the nearest minimum."""
    g, p = s.here.model.slopes, s.here.model.at
    if s.here.steepest == 0:
        return None, ""
    path = np.array([p, p - 2 * s.width * g / s.here.steepest])
    pits = s.levels.points[[kind == "minimum" for kind in s.levels.kinds]] if s.levels is not None else np.empty((0, 2))
    ways = pits - p
    far = np.hypot(*ways.T)
    if not len(pits) or far.min() < 1e-6:
        return path, ""
    way = ways[np.argmin(far)] / far.min()
    off = np.degrees(abs(np.arctan2(g[0] * way[1] - g[1] * way[0], -way @ g)))
    if off < 0.01:
        return path, " Straight downhill leads exactly to the nearest minimum."
    return path, f" Straight downhill leads {number(off, 3)}° past the nearest minimum."


def picture(s, look):
    """Draw the map with the point, its slopes and the direction."""
    p, g, size = s.p, s.here.model.slopes, 0.17 * s.width
    across = s.here.level * 0.3 * s.width
    tip = s.scaled(g)
    out = tuple((s.here.model.at + 0.27 * s.width * s.here.direction).tolist())
    tracks, spots, missed = [], [], ""
    if "Ellipse" in s.layers:
        oval, axes = ellipse(s)
        dashes = ["solid" if v > 0 else "dashed" for v in s.here.model.eigenvalues]
        tracks += [
            maps.Track(oval, "reference", "dotted"),
            *(maps.Track(a, "c3", dash) for a, dash in zip(axes, dashes, strict=True)),
        ]
    if "Ray downhill" in s.layers:
        path, missed = ray(s)
        tracks += [] if path is None else [maps.Track(path, "c2", "dashdot")]
    if s.here.steepest > 0:
        tracks.append(maps.Track(np.array([p - across, p + across]), "reference", "dashed"))
        corner = np.array([0.05 * size * 3 * v for v in (s.here.level, g / s.here.steepest)])
        tracks.append(maps.Track(np.array([p + corner[0], p + corner[0] + corner[1], p + corner[1]]), "reference"))
    if "Level points" in s.layers:
        spots += maps.level_spots(s.levels.points, s.levels.kinds)
    arrows = [
        maps.Arrow(p, out, "reference", "d"),
        maps.Arrow(p, (tip[0], p[1]), "first", "∂f/∂x"),
        maps.Arrow(p, (p[0], tip[1]), "second", "∂f/∂y"),
        maps.Arrow(p, tip, "result", "∇f"),
    ]
    drawn = maps.contour_map(
        "A map of the surface with the gradient at a point",
        window=s.window, look=look, picture=maps.bands(s.ground.heights, s.ground.levels, look),
        tracks=tracks, arrows=arrows, spots=[*spots, maps.Spot(p, "result", "ring")],
        field=field(s) if "Field" in s.layers else None,
    )  # fmt: skip
    along = 0.0 if abs(s.here.along) <= 1e-9 * max(s.here.steepest, 1.0) else s.here.along
    word = "up" if along > 0 else "down" if along < 0 else "level"
    shown = "" if s.levels is None or "Level points" not in s.layers else f" {count(s.levels)}"
    show(
        drawn,
        handles=[
            Handle("p", "p1", "p2", p, "p", "result"),
            Handle("d", "turn", "", out, "d", "reference", p, dial=True),
        ],
        says=f"At {latex.vector_text(p)} the height is {number(s.here.model.height)} and ∇f = {latex.vector_text(g)}, "
        f"|∇f| = {number(s.here.steepest)}. Along d it goes {word}: slope {number(along)}.{missed}{shown}",
    )


def count(levels):
    """Return the sentence on what level points there are."""
    kinds = {k: levels.kinds.count(k) for k in ("minimum", "maximum", "saddle", "flat") if k in levels.kinds}
    plural = {"minimum": "minima ▼", "maximum": "maxima ▲", "saddle": "saddles +", "flat": "flat places"}
    single = {"minimum": "minimum ▼", "maximum": "maximum ▲", "saddle": "saddle +", "flat": "flat place"}
    listed = ", ".join(f"{n} {(single if n == 1 else plural)[k]}" for k, n in kinds.items())
    return (f"In the window: {listed}." if listed else "No level point in the window.") + (
        f" {levels.note}" if levels.note else ""
    )


def slices(s, look):
    """Draw the two slices through the point, each with its slope."""
    (x0, y0), model = s.p, s.here.model
    xs, ys = (np.linspace(s.window[i], s.window[i + 1], 121) for i in (0, 2))
    with np.errstate(all="ignore"):
        curves = [s.surface.value(xs, np.full(121, y0)) + 0 * xs, s.surface.value(np.full(121, x0), ys) + 0 * ys]
    stories = [
        ("x", xs, curves[0], x0, model.slopes[0], "first", "The slice along x", s.window[:2]),
        ("y", ys, curves[1], y0, model.slopes[1], "second", "The slice along y", s.window[2:]),
    ]
    with page.grid(2):
        for name, along, curve, at, slope, role, title, (low, high) in stories:
            reach = np.array([-0.22, 0.22]) * s.width
            drawn = graphs.graph(
                title, look=look, width=SMALL, height=118,
                x_axis=graphs.Axis(low, high, name), y_axis=graphs.Axis(*s.span, "f"),
                lines=[
                    graphs.Line(along, curve, role),
                    graphs.Line(at + reach, model.height + slope * reach, "result", "dashed"),
                ],
                points=[graphs.Point(at, model.height, role)],
            )  # fmt: skip
            with st.container():
                show(drawn, name=f"slice_{name}", says=f"∂f/∂{name} = **{number(slope)}**, the other held still.")


def dial(s, look):
    """Draw the slope for every direction: a cosine."""
    turns = np.linspace(0, 360, 145)
    g = s.here.model.slopes
    lean = np.degrees(np.arctan2(g[1], g[0])) % 360
    level = s.here.steepest == 0
    drawn = graphs.graph(
        "The slope in every direction, as a share of the steepest", look=look, width=SMALL, height=118,
        x_axis=graphs.Axis(0, 360, "degrees"), y_axis=graphs.Axis(-1.2, 1.2, "slope / |∇f|"),
        lines=[graphs.Line(turns, 0 * turns if level else np.cos(np.radians(turns - lean)), "result")],
        rules=[] if level else [graphs.Rule(lean, "reference", "∇f")],
        points=[graphs.Point(s.turn, 0.0 if level else s.here.along / s.here.steepest, "reference", "d")],
    )  # fmt: skip
    angle = "no angle" if level else f"cos {number(np.degrees(abs(s.here.angle)), 3)}°"
    show(drawn, name="dial", says=f"Along d: {number(s.here.steepest)} · {angle} = **{number(s.here.along)}**.")


def nearby(s, look):
    """Second level: the tangent plane and the quadratic against the surface, along the direction."""
    model, d = s.here.model, s.here.direction
    away = np.linspace(-0.5, 0.5, 161) * s.width
    x, y = (model.at[i] + away * d[i] for i in (0, 1))
    with np.errstate(all="ignore"):
        true = np.broadcast_to(s.surface.value(x, y), x.shape)
    plane, bent = model.plane(x, y), model.quadratic(x, y)
    left, right = page.beside()
    with right:
        how_far = controls.slider("A step along d, in windows", 0.01, 0.5, 0.1, key="step", step=0.01, playable=True)
    step = how_far * s.width
    q = model.at + step * d
    with np.errstate(all="ignore"):
        f_q, plane_q, bent_q = (float(np.asarray(v(q[0], q[1]))) for v in (s.surface.value, model.plane, model.quadratic))
    drawn = graphs.graph(
        "The surface along d, its tangent plane and its quadratic", look=replace(look, size="small"),
        x_axis=graphs.Axis(-0.5 * s.width, 0.5 * s.width, "along d"), y_axis=graphs.Axis(*s.span, "f"), labels=9,
        lines=[
            graphs.Line(away, true, "result", label="f"),
            graphs.Line(away, bent, "second", "dashdot", "quadratic"),
            graphs.Line(away, plane, "first", "dashed", "plane"),
        ],
        points=[graphs.Point(0, model.height, "result", "p"), graphs.Point(step, f_q, "result"),
                graphs.Point(step, plane_q, "first"), graphs.Point(step, bent_q, "second")],
    )  # fmt: skip
    says = f"{number(step, 3)} along d, f has no value; the plane would say {number(plane_q)}, the quadratic {number(bent_q)}."
    if np.isfinite(f_q):
        says = (
            f"{number(step, 3)} along d, f is {number(f_q)}; the plane says {number(plane_q)} (off by "
            f"{number(f_q - plane_q, 2)}), the quadratic {number(bent_q)} (off by {number(f_q - bent_q, 2)})."
        )
    with left:
        show(drawn, name="nearby", says=says)
    H, (low, high) = model.curvature, model.eigenvalues
    least = 1e-9 * max(abs(low), abs(high))
    bends = ["down" if v < -least else "up" if v > least else "" for v in (low, high)]
    kind = {
        ("up", "up"): "bends up every way", ("down", "down"): "bends down every way", ("", ""): "does not bend at all",
        ("down", "up"): "bends up one way and down another",
    }.get(tuple(bends), f"bends {''.join(bends)} one way and not at all across it")  # fmt: skip
    with right:
        st.latex(rf"H = {latex.matrix(H, look.palette)}, \quad \lambda = {latex.num(low)}, \; {latex.num(high)}")
        st.markdown(
            f"The surface **{kind}** at p. The axes of the ellipse "
            "(in the layers) are the eigenvectors of H; a dashed one bends down. Halve the step: the plane's error falls to a "
            "quarter, the quadratic's to an eighth."
        )


def turnable(s, look):
    """Second level: the relief, to be turned."""
    left, right = page.beside()
    with right:
        turn = controls.slider("Turn", 0, 359, 30, key="around", step=1, unit="°", playable=True, seconds=9)
        tilt = controls.slider("Look down", 15, 75, 40, key="tilt", step=1, unit="°")
    angle, steep = np.radians([turn, tilt]).tolist()
    top = len(s.ground.levels) - 1
    heights = contours.steps_between(page.compute(contours.turned_heights, s.surface, s.window, angle), s.ground.levels) / top
    middle, reach = np.array([s.window[0] + s.window[1], s.window[2] + s.window[3]]) / 2, s.width / np.sqrt(2)
    back = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def on_relief(places):
        with np.errstate(all="ignore"):
            high = np.broadcast_to(s.surface.value(places[:, 0], places[:, 1]), len(places))
        return reliefs.seen((places - middle) @ back / reach, contours.steps_between(high, s.ground.levels) / top, steep)

    (x, y), along = s.p, np.linspace(0, 1, 81)[:, None]
    ways = [
        np.hstack([s.window[0] + along * s.width, 0 * along + y]),
        np.hstack([0 * along + x, s.window[2] + along * s.width]),
    ]
    uphill = np.array([s.p, s.scaled(s.here.model.slopes)])
    uphill = uphill[0] + np.linspace(0, 1, 25)[:, None] * (uphill[1] - uphill[0])
    drawn = reliefs.relief(
        "The surface as a block, lit from the left", look=look if look.size == "small" else replace(look, size="medium"),
        heights=heights, tilt=steep,
        tracks=[maps.Track(on_relief(ways[0]), "first"), maps.Track(on_relief(ways[1]), "second", "dashed"),
                maps.Track(on_relief(uphill), "result")],
        spots=[maps.Spot(tuple(on_relief(np.array([s.p]))[0].tolist()), "result")],
    )  # fmt: skip
    with left:
        show(
            drawn, name="relief",
            says=f"Seen from {number(turn, 3)}°, {number(tilt, 3)}° from above: the slices along x and (dashed) y, and the way "
            "uphill. Heights are drawn in steps of the map's contours.",
        )  # fmt: skip


def rounded(value, digits=4):
    """Return a number for a table; what is only rounding is 0."""
    return 0.0 if abs(value) < 1e-12 else float(f"{value:.{digits}g}")


def level_points(s):
    """Second level: where the gradient is zero, and what is there."""
    found = page.compute(gradients.critical_points, s.surface, s.window)
    st.markdown(count(found))
    rows = [
        {"kind": kind, "x": rounded(q[0], 6), "y": rounded(q[1], 6), "f": rounded(v), "λ₁": rounded(a), "λ₂": rounded(b)}
        for q, kind, v, (a, b) in zip(found.points, found.kinds, found.values, found.eigenvalues, strict=True)
    ]
    if rows:
        st.dataframe(rows, hide_index=True, height=min(38 + 35 * len(rows), 320))
    st.caption("Both eigenvalues of the Hessian positive: a minimum. Both negative: a maximum. One of each: a saddle.")


def derivatives(s):
    """Second level: the formulas of the derivatives, and how they are computed."""
    if not isinstance(s.surface, expressions.Expression):
        st.latex(s.surface.latex)
        st.markdown("This surface's derivatives are written by hand. Type a function of your own to see them derived.")
        page.code(type(s.surface).gradient)
        return
    found = page.compute(formulas.formulas, s.surface)
    st.latex(rf"f = {found.f}")
    for name, formula in {
        r"\frac{\partial f}{\partial x}": found.fx, r"\frac{\partial f}{\partial y}": found.fy,
        r"\frac{\partial^2 f}{\partial x^2}": found.fxx, r"\frac{\partial^2 f}{\partial x \partial y}": found.fxy,
        r"\frac{\partial^2 f}{\partial y^2}": found.fyy,
    }.items():  # fmt: skip
        st.latex(rf"{name} = {formula}" if formula else rf"{name} \;\text{{is too long to print}}")
    st.markdown(
        "The numbers come without these formulas: **forward differentiation** sends value and slopes through the function, "
        "part by part, and each operation passes them on by its own rule. At p:"
    )
    rows = page.compute(tracing.trace, s.surface, *s.p)
    named = [{"part": r.part, "value": number(r.value), "∂/∂x": number(r.x), "∂/∂y": number(r.y), "rule": r.rule} for r in rows]
    st.dataframe(named, hide_index=True, height=min(38 + 35 * len(named), 320))
    page.code(forward.chain_rule)


def differences(s, look):
    """Second level: the measured slope's error as the distance shrinks."""
    found = page.compute(gradients.difference_errors, s.surface, s.p, np.radians(s.turn).item())
    left, right = page.beside()
    with right:
        k = controls.slider("Distance h = 10^−k", 0, 14, 4, key="k", step=0.5, playable=True)
        i = int(np.argmin(np.abs(np.log10(found.h) + k)))
        st.markdown(
            f"h = {number(float(found.h[i]), 2)}: one-sided **{number(float(found.forward[i]), 2)}** off, "
            f"two-sided **{number(float(found.central[i]), 2)}** off. From the right the error is Taylor's: it falls "
            "with h, or with h². Further left h is so small that the difference drowns in rounding, and the error grows again."
        )
    drawn = graphs.graph(
        "The error of a measured slope", look=replace(look, size="small"),
        x_axis=graphs.Axis(1e-14, 1, "h", log=True), labels=10,
        y_axis=graphs.Axis(1e-14, 1e2, "error of the slope along d", log=True),
        lines=[
            graphs.Line(found.h[::-1], found.forward[::-1], "first", label="one-sided"),
            graphs.Line(found.h[::-1], found.central[::-1], "second", "dashed", "two-sided"),
        ],
        rules=[graphs.Rule(float(found.h[i]), "reference")],
        points=[graphs.Point(float(found.h[i]), float(found.forward[i]), "first"),
                graphs.Point(float(found.h[i]), float(found.central[i]), "second")],
    )  # fmt: skip
    best = float(found.h[int(np.nanargmin(found.central))])
    with left:
        show(drawn, name="differences", says=f"Two-sided differences are best near h = {number(best, 1)} here.")


def story():
    """The page, from the surface to the way onward."""
    look = page.look()
    picture_side, control_side = page.columns()
    with control_side:
        top, middle = st.container(), st.container()
        with page.grid(2):
            dial_place, direction = st.container(), st.container()
    with top:
        s = scene(direction)
    with picture_side:
        picture(s, look)
    with middle:
        slices(s, look)
    with dial_place:
        dial(s, look)
    with direction:
        page.invariant("Slope along d", ("measured", s.here.measured), ("∇f · d =", s.here.along), tol=1e-6)
        page.invariant("Along the contour", ("measured", s.here.on_level), ("∇f ⟂ it:", 0.0), tol=1e-6)
    with control_side:
        page.presets(PRESETS)
    page.views(
        {
            "Why it is true": lambda: page.truths("main", REASONS),
            "Nearby": lambda: nearby(s, look),
            "Relief": lambda: turnable(s, look),
            "Level points": lambda: level_points(s),
            "Formulas": lambda: derivatives(s),
            "Differences": lambda: differences(s, look),
        }
    )
    gx, gy = s.here.model.slopes
    dx, dy = s.here.direction
    page.why(
        r"\nabla f = \begin{pmatrix} \partial f / \partial x \\ \partial f / \partial y \end{pmatrix}, \qquad "
        r"D_d f = \nabla f \cdot d = |\nabla f| \cos \theta",
        rf"D_d f = {latex.num(gx)} \cdot {latex.num(dx)} {latex.signed(gy)} \cdot {latex.num(dy)} = {latex.num(s.here.along)}",
        gradients.slopes,
    )
    take_home()
    page.end(
        tries=TRIES,
        before=Step("eigen", "the axes of the ellipse are eigenvectors"),
        after=Step("descent", "follow minus the gradient, again and again"),
    )


page.run("gradients", story)
