"""Descent: past 2/lambda_max it explodes."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from mml_charts import graphs, maps, plane
from mml_charts.inks import CATEGORIES, DASHES, GLYPH_OF
from mml_core import contours, descents, expressions, gradients, minibatches, optimisers, races, surfaces
from mml_ui import controls, latex, page
from mml_ui.contents import Step
from mml_ui.figures import Handle, point_handles, show
from mml_ui.page import Preset, number
from mml_ui.take_home import take_home

NAMES = ["Bowl", "Saddle", "Two valleys", *surfaces.BUNDLED, "A line through data", "Your function"]
OWN = "sin(x)*y^2 + exp(-x^2)"
DATA = "-2,-1.4;-1.5,-1.2;-1,-0.2;-0.5,-0.4;0,0.5;0.5,0.4;1,1.3;1.5,1.1;2,2.1"
FIRST = ["Gradient descent", "Momentum", "Adam"]
MORE = [m for m in optimisers.METHODS if m not in FIRST]
# Each method has its ink, dash and glyph wherever it is drawn; with nine methods and eight inks, one is told by its dash.
INK = {m: CATEGORIES[i % 8] for i, m in enumerate([*FIRST, *MORE])}
DASH = {m: list(DASHES)[(i // 3) % 4] for i, m in enumerate([*FIRST, *MORE])}
SHORT = {"Gradient descent": "GD", "Guarded Newton": "Guarded", "Line search": "Search"}
WINDOWS = ["2", "3", "5", "10"]
START = (-1.5, 1.2)  # inside every window
DECADES = {"Bowl": 3, "Saddle": 2, "A line through data": 2}  # where a slider moves the heights, their axis stays
# What one step of each method does, written as its code does it.
STEPS = {
    "Gradient descent": r"x \leftarrow x - \alpha \, \nabla f",
    "Momentum": r"v \leftarrow \beta v - \alpha \, \nabla f, \quad x \leftarrow x + v",
    "Nesterov": r"v \leftarrow \beta v - \alpha \, \nabla f, \quad x \leftarrow x + \beta v - \alpha \, \nabla f",
    "AdaGrad": r"s \leftarrow s + (\nabla f)^2, \quad x \leftarrow x - \alpha \, \nabla f / \sqrt{s}",
    "RMSProp": r"s \leftarrow \rho s + (1 - \rho) (\nabla f)^2, \quad x \leftarrow x - \alpha \, \nabla f / \sqrt{s}",
    "Adam": r"v \leftarrow \beta_1 v + (1 - \beta_1) \nabla f, \; s \leftarrow \beta_2 s + (1 - \beta_2) (\nabla f)^2, "
    r"\; x \leftarrow x - \alpha \, \hat v / \sqrt{\hat s}",
    "Newton": r"x \leftarrow x - \alpha \, H^{-1} \nabla f",
    "Guarded Newton": r"x \leftarrow x - H^{-1} \nabla f \;\text{ downhill and short, else }\; x - \alpha \, \nabla f",
    "Line search": r"x \leftarrow x - r \, \nabla f, \quad r = \alpha, \tfrac{\alpha}{2}, \tfrac{\alpha}{4} \dots",
}
MOST_DATA = 40
SMALL = 300  # width of the two graphs, in pixels
PRESETS = [
    Preset("Bowl", "three methods, each at the rate that suits it best: drag the start."),
    Preset(
        "Just below the cliff", "the rate is 98 % of 2/λ_max: it crosses the valley at every step and still arrives.",
        dict(f="Bowl", kappa=10, by="Mine", rate=-0.7088, on=["Gradient descent"], start="-2 1.5"),
    ),
    Preset(
        "Past the cliff", "2 % above 2/λ_max: the same steps grow, and nothing brings them back.",
        dict(f="Bowl", kappa=10, by="Mine", rate=-0.6904, on=["Gradient descent"], start="-2 1.5"),
    ),
    Preset(
        "Too small", "no cliff, and no progress either: after as many steps it has hardly moved.",
        dict(f="Bowl", kappa=10, by="Mine", rate=-2.5, on=["Gradient descent"], start="-2 1.5"),
    ),
    Preset(
        "Narrow valley", "κ = 50: the steep direction forbids the rate that the flat one needs. Momentum remembers.",
        dict(f="Bowl", kappa=50),
    ),
    Preset(
        "Banana", "the valley is found in a few steps; following it takes the rest.",
        dict(f="Rosenbrock", start="-1.5 2", steps="100", step=100),
    ),
    Preset(
        "Plateau", "where it is flat the gradient is no help: only methods that divide by its size move.",
        dict(f="Plateau", start="-3.3 2.2"),
    ),
    Preset("Saddle", "everyone first walks along the ridge to the saddle; Newton jumps onto it, and stays.",
           dict(f="Saddle", c=3, start="1.5 1.49", of="Newton", by="Mine", rate=0, on=["Gradient descent", "Momentum"])),
    Preset(
        "Egg box", "everyone ends in some dent on the way: none finds the deepest, in the middle.",
        dict(f="Rastrigin", start="-2.3 1.7"),
    ),
    Preset(
        "Winding gorge", "steep walls, a floor that hardly falls.",
        dict(f="Ravine", start="-4.3 2.5", steps="100", step=100),
    ),
    Preset("Mini-batches", "two points a step: the path jitters, and still arrives near the line that fits.",
           dict(f="A line through data", batch=2, on=["Gradient descent"], steps="100", step=100)),
]  # fmt: skip
REASONS = [
    ("−∇f is the steepest way down from here, so a small step along it lowers f.", "arrows"),
    ("Near a minimum f is a bowl; along each axis a step multiplies the distance by 1 − α λ.", "picture"),
    (
        "|1 − α λ| < 1 for all axes means α < 2/λ_max. Past it the steepest axis grows at every step: the path explodes.",
        "paths",
    ),
    (
        "The flattest axis shrinks by 1 − α λ_min only, so the condition number λ_max/λ_min says how slow the best rate is.",
        "paths",
    ),
]
TRIES = [
    "Drag the rate up to the cliff and past it. Where is it exactly? Compare with 2/λ_max in “Predicted rates”.",
    "Find a start on Himmelblau's surface from which two methods end in different valleys.",
    "On the banana, which method is lowest after 20 steps, and which after 100?",
]


@dataclass(frozen=True)
class Scene:
    """What one frame shows: who starts where, the ground, the race, the step, the method in focus, and what is on the map."""

    up: races.Lineup
    ground: contours.Ground
    race: tuple
    step: int
    focus: str
    layers: list
    data: np.ndarray | None
    noisy: minibatches.MinibatchDescent | None
    lowest: float
    decade: int

    @property
    def surface(self):
        """The surface."""
        return self.up.surface

    @property
    def window(self):
        """Left, right, bottom, top of the map."""
        return self.up.window

    @property
    def start(self):
        """Where all start."""
        return self.up.start

    @property
    def strips(self):
        """All rates that were tried, for each method."""
        return self.up.strips

    @property
    def n_steps(self):
        """How many steps there are."""
        return self.up.n_steps

    @property
    def width(self):
        """How wide the window is."""
        return self.window[1] - self.window[0]

    @property
    def chosen(self):
        """The descent whose rate is in the hand."""
        return next(d for d in self.race if d.method == self.focus)

    @property
    def is_quadratic(self):
        """Whether rates can be predicted exactly."""
        return isinstance(self.surface, surfaces.Quadratic | surfaces.LeastSquares)

    def above(self, values):
        """Return how far values are above the lowest known."""
        return np.maximum(np.asarray(values, float) - self.lowest, 0)

    @property
    def heights(self):
        """The axis of losses: ten powers of ten, up to about the highest of the map."""
        return graphs.Axis(10.0 ** (self.decade - 10), 10.0**self.decade, "loss above the lowest", log=True)


def course():
    """Draw what chooses surface and rivals, and return these with all that belongs to them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        name = controls.pick("Surface", NAMES, key="f")
        with st.popover("Your function", icon=":material/function:"):
            own = controls.typed(
                "f(x, y) =", OWN, expressions.parse, key="own", help="Of x and y: sin(x)*y^2, exp(-x^2), abs(x) ..."
            )
            half = float(controls.choice("Window, from − to +", WINDOWS, "3", key="half"))
        with st.popover("More", icon=":material/tune:"):
            more = controls.choices("More rivals", MORE, key="more")
            n_steps = int(controls.choice("Steps", ["10", "20", "50", "100", "200"], "50", key="steps"))
            layers = controls.choices("On the map", ["Arrows of the step", "Level points"], key="show")
            data = controls.points("Data, as t,y;t,y", DATA, key="data", low=-3, high=3)
        controls.reset()
    chosen = {}
    with page.grid(2):
        rivals = controls.choices("Race against", FIRST, FIRST, key="on")
        with controls.shown_if(name == "Bowl"):
            chosen["Bowl"] = controls.slider("Condition number κ", 1, 100, 20, key="kappa", step=1)
        with controls.shown_if(name == "Saddle"):
            chosen["Saddle"] = controls.slider("c in x² + y² − c x y", -4, 4, 3, key="c", step=0.1)
        with controls.shown_if(name == "Two valleys"):
            chosen["Two valleys"] = controls.stepper(
                "Seed", 0, 9999, 1, key="seed", help="Another seed puts the valleys elsewhere."
            )
        with controls.shown_if(name == "A line through data"):
            batch = controls.stepper("Points a step (0: no mini-batches)", 0, MOST_DATA, 0, key="batch")
    if name in chosen:
        surface = page.compute(surfaces.MADE[name], chosen[name])
    elif name == "A line through data":
        surface = page.compute(surfaces.least_squares, data)
    else:
        surface = own if name == "Your function" else surfaces.BUNDLED[name]
    own_window = (-half, half, -half, half)
    window = own_window if name == "Your function" else surface.window
    fitted = data if name == "A line through data" else None
    return surface, window, layers, fitted, batch, [*rivals, *more], n_steps, DECADES.get(name)


def scene(rate_place, step_place):
    """Draw the controls, those of rate and step in their own places, and return what they say."""
    surface, window, layers, data, batch, rivals, n_steps, decade = course()
    with st.container(horizontal=True, vertical_alignment="center"):
        focus = controls.pick("Your method", list(optimisers.METHODS), key="of")
        owner = controls.choice(
            "Rates", ["Tuned", "Mine"], key="by", hide_label=True,
            help="Tuned: each method at the rate that ends lowest. Mine: this method at the slider's.",
        )  # fmt: skip
        start = controls.vector("Start", START, key="start", low=window[::2], high=window[1::2], step=0.05)
    methods = [m for m in INK if m in {focus, *rivals}]
    # Where there is nothing to start from, surface, window and start fall back together: the last good picture stays whole.
    up = page.compute(races.lineup, surface, window, start, methods, n_steps)
    tuned = {one.method: one.best for one in up.strips}
    focus = focus if focus in tuned else up.methods[0]
    shown = float(np.log10(tuned[focus])) if owner == "Tuned" else None
    with rate_place:
        low, high = optimisers.METHODS[focus].exponents
        rate = controls.log_slider(
            f"Learning rate, {SHORT.get(focus, focus)}", low, high, -1, key="rate", step=0.01, shows=shown, sets=dict(by="Mine")
        )
    with step_place:
        step = controls.step("Step", 0, n_steps, n_steps, key="step", seconds=max(4.0, n_steps / 12))
    wanted = [rate if m == focus and owner == "Mine" else tuned[m] for m in up.methods]
    run = page.compute(races.race, up.surface, up.start, up.methods, wanted, up.n_steps)
    ground = page.compute(contours.ground_of, up.surface, up.window)
    lowest = races.lowest_known(up.surface, ground.heights, *(d.values for d in run))
    if decade is None:
        decade = int(np.ceil(np.log10(max(float(ground.levels[-1]) - lowest, 1e-6))))
    fitted = data if data is not None and up.surface is surface else None
    noisy = None
    if fitted is not None and batch:
        plain = dict(zip(up.methods, wanted, strict=True)).get("Gradient descent")
        alpha = page.compute(races.strip_of, surface, up.start, "Gradient descent", n_steps).best if plain is None else plain
        noisy = page.compute(
            minibatches.minibatch_descent, surface.t, surface.y, up.start, alpha, min(batch, len(data)), n_steps, 1
        )
    return Scene(up, ground, run, min(step, up.n_steps), focus, layers, fitted, noisy, lowest, decade)


def tracks(s):
    """Return each method's way: what is behind it full, what is ahead faint, its steps marked."""
    found = []
    for d in s.race:
        ink, dash, every = INK[d.method], DASH[d.method], max(1, s.n_steps // 60)
        found.append(maps.Track(d.points[s.step :], ink, dash, faint=True))
        found.append(
            maps.Track(
                d.points[: s.step + 1], ink, dash, SHORT.get(d.method, d.method), d.points[: s.step + 1 : every], GLYPH_OF[ink]
            )
        )
    if s.noisy is not None:
        behind = s.noisy.points[: s.step + 1]
        found.append(maps.Track(behind, "c7", "dotted", "Mini-batches", behind, GLYPH_OF["c7"]))
    return found


def step_arrows(s):
    """Return the arrows at the point of the method in the hand: minus the gradient, what it carries along, and its step."""
    d, t = s.chosen, min(s.step, s.n_steps - 1)
    p = d.points[t]
    if not np.isfinite(d.points[t + 1]).all():
        return []
    g, typical = d.gradients[t], (s.ground.span[1] - s.ground.span[0]) / s.width
    size = float(np.hypot(*g))
    down = p - 0.3 * s.width / (size + typical) * g
    arrows = [
        maps.Arrow(tuple(p), tuple(down), "reference", "−∇f"),
        maps.Arrow(tuple(p), tuple(d.points[t + 1]), "result", "step"),
    ]
    if d.velocity is not None and t:
        way = d.velocity[t] * (-1 if d.method == "Adam" else 1)
        scale = 0.2 * s.width / max(float(np.hypot(*way)), 1e-12) if d.method == "Adam" else 1.0
        arrows.insert(1, maps.Arrow(tuple(p), tuple(p + scale * way), "second", "velocity"))
    return arrows


def picture(s, look):
    """Draw the map with all walks."""
    spots = []
    if "Level points" in s.layers:
        found = page.compute(gradients.critical_points, s.surface, s.window)
        spots = maps.level_spots(found.points, found.kinds)
    drawn = maps.contour_map(
        "A map of the loss with the ways of the methods",
        window=s.window, look=look, picture=maps.bands(s.ground.heights, s.ground.levels, look), tracks=tracks(s),
        arrows=step_arrows(s) if "Arrows of the step" in s.layers else [],
        spots=[*spots, maps.Spot(tuple(s.start.tolist()), "result", "ring", "start" if s.step else "")],
    )  # fmt: skip
    now = [(d, d.values[s.step]) for d in s.race]
    told = ", ".join(f"{d.method} {'gone' if np.isnan(v) else number(float(v), 3)}" for d, v in now)
    lost = [d for d in s.race if str(d.endings[0]) in ("diverged", "not a number", "line search failed")]
    note = f" **{lost[0].method}: {lost[0].reasons[0]}**" if lost else ""
    show(
        drawn,
        handles=[Handle("start", "start1", "start2", tuple(s.start.tolist()), "start", "result", tap=True)],
        says=f"Step {s.step} of {s.n_steps}, loss: {told}.{note}",
    )


def strip(s, look):
    """Draw how low each rate would come: the cliff can be seen before it is reached."""
    mine = next(one for one in s.strips if one.method == s.focus)
    lines = [
        graphs.Line(
            one.rates, np.where(np.isnan(one.ends), np.nan, np.clip(s.above(one.ends), s.heights.low, s.heights.high)),
            INK[one.method], DASH[one.method], faint=one.method != s.focus,
        )
        for one in s.strips
    ]  # fmt: skip
    rate, end = s.chosen.learning_rate, float(s.chosen.values[-1])
    rules = [graphs.Rule(rate, INK[s.focus], f"α = {number(rate, 3)}")]
    gone = np.flatnonzero(np.isnan(mine.ends))
    if s.is_quadratic and s.focus == "Gradient descent":
        rules.append(graphs.Rule(descents.linear_rates(hessian(s), rate).limit, "reference", "2/λ_max"))
    elif len(gone) and gone[0]:
        rules.append(graphs.Rule(float(mine.rates[gone[0]]), "reference", "diverges"))
    height = float(np.clip(s.above(end), s.heights.low, s.heights.high)) if np.isfinite(end) else 10 * s.heights.high
    drawn = graphs.graph(
        "The final loss at every learning rate", look=look, width=SMALL, height=130,
        x_axis=graphs.Axis(float(mine.rates[0]), float(mine.rates[-1]), "α", log=True),
        y_axis=replace(s.heights, title="final loss"), lines=lines, rules=rules,
        points=[graphs.Point(rate, height, INK[s.focus], glyph=GLYPH_OF[INK[s.focus]])],
    )  # fmt: skip
    show(drawn, name="strip", says=cliff(s))


def cliff(s):
    """Return the sentence on where the rate stands before the cliff."""
    if s.is_quadratic and s.focus == "Gradient descent":
        told = descents.linear_rates(hessian(s), s.chosen.learning_rate)
        rate, limit = s.chosen.learning_rate, told.limit
        if rate > limit:
            return f"**Past the cliff**: α is over 2/λ_max = {number(limit)}."
        if told.reason:
            return f"**{sentence(told.reason)}**"
        return f"2/λ_max = {number(limit)}, so α is at {number(100 * rate / limit, 3)} % of the cliff."
    return f"**{s.focus}** ends: {s.chosen.endings[0]}."


def sentence(reason):
    """Return a reason of the core as a sentence of the page."""
    return f"{reason[:1].upper()}{reason[1:]}.".replace("lambda_max", "λ_max").replace("lambda", "λ")


def hessian(s):
    """Return the Hessian of a quadratic surface."""
    return np.array(s.surface.hessian(0.0, 0.0))


def losses(s, look):
    """Draw the loss of each method step by step."""
    t, named = np.arange(s.n_steps + 1), look.scale == "normal"  # large names leave no room for lines; the map has them too
    lines = []
    for d in s.race:
        y = np.where(np.isnan(d.values), np.nan, np.clip(s.above(d.values), s.heights.low, s.heights.high))
        ink, dash = INK[d.method], DASH[d.method]
        name = SHORT.get(d.method, d.method) if named else ""
        lines.append(graphs.Line(t[s.step :], y[s.step :], ink, dash, faint=True))
        lines.append(graphs.Line(t[: s.step + 1], y[: s.step + 1], ink, dash, name))
    if s.noisy is not None:
        lines.append(
            graphs.Line(t, np.clip(s.above(s.noisy.values), s.heights.low, s.heights.high), "c7", "dotted", "Mini-batches")
        )
    drawn = graphs.graph(
        "The loss of each method, step by step", look=look, width=SMALL, height=130,
        x_axis=graphs.Axis(0, s.n_steps, "step"), y_axis=replace(s.heights, title="loss"),
        lines=lines, rules=[graphs.Rule(s.step, "reference")], labels=10 if named else 0,
    )  # fmt: skip
    ends = [float(d.values[-1]) for d in s.race]
    best = s.race[int(np.nanargmin(ends))] if np.isfinite(ends).any() else None
    show(
        drawn,
        name="losses",
        says="Nobody arrives."
        if best is None
        else f"Lowest in the end: **{best.method}**, {number(float(best.values[-1]), 3)}.",
    )


def predicted(s, look):
    """Second level: on a quadratic surface, each axis shrinks by its own factor."""
    if not s.is_quadratic:
        st.markdown(
            "Rates can be predicted where the curvature is the same everywhere: choose the bowl, the saddle or the line."
        )
        return
    run, H = s.chosen, hessian(s)
    told = page.compute(descents.linear_rates, H, run.learning_rate)
    middle = np.linalg.lstsq(H, -np.array(s.surface.gradient(0.0, 0.0)), rcond=None)[0]
    parts = np.abs(page.compute(descents.error_components, s.surface, middle, run.points))
    t = np.arange(s.n_steps + 1)
    left, right = page.beside()
    lines, rows = [], []
    for i, role in enumerate(("second", "first")):
        # What is small beside its own start, or beside the other axis by now, is rounding.
        heard = (parts[:, i] > 1e-13 * max(parts[0, i], 1e-300)) & (parts[:, i] > 1e-10 * parts.max(axis=1))
        known = np.flatnonzero(np.isfinite(parts[:, i]) & heard)
        measured = (parts[known[-1], i] / parts[0, i]) ** (1 / known[-1]) if len(known) > 1 and parts[0, i] > 0 else np.nan
        lines.append(graphs.Line(t, parts[:, i], role, label=f"λ = {number(told.eigenvalues[i], 3)}"))
        plain = s.focus == "Gradient descent"
        if plain:
            with np.errstate(over="ignore"):
                lines.append(graphs.Line(t, parts[0, i] * told.factors[i] ** t, "reference", "dashed"))
        rows.append(
            {
                "λ": number(told.eigenvalues[i]),
                "measured, a step": "–" if np.isnan(measured) else number(measured, 6),
                "predicted |1 − α λ|": number(told.factors[i], 6) if plain else "only for plain gradient descent",
            }
        )
    drawn = graphs.graph(
        "How far off, along each eigenvector", look=replace(look, size="small"), x_axis=graphs.Axis(0, s.n_steps, "step"),
        y_axis=graphs.Axis(1e-10, 1e2, "distance along each eigenvector", log=True), lines=lines, labels=8,
        rules=[graphs.Rule(s.step, "reference")],
    )  # fmt: skip
    with left:
        show(drawn, name="axes", says=f"{s.focus} at α = {number(run.learning_rate)}; dashed is what was predicted.")
    with right:
        st.dataframe(rows, hide_index=True)
        st.markdown(
            f"2/λ_max = **{number(told.limit)}**. "
            + (f"**{sentence(told.reason)}**" if told.reason else "Below it every axis shrinks.")
        )


def table(s):
    """Second level: all methods in numbers."""
    tolerance = 1e-3 * max(s.above(s.race[0].values[0]).item(), 1e-12)
    rows = []
    for d in s.race:
        when = int(descents.steps_to(d, tolerance, s.lowest).ravel()[0])
        rows.append({
            "method": d.method, "rate": number(d.learning_rate), "final loss": number(float(d.values[-1])),
            "steps to a thousandth": "–" if when < 0 else str(when), "gradients": d.n_gradients, "values": d.n_values,
            "Hessians": d.n_hessians, "ends": str(d.endings[0]), "because": d.reasons[0],
        })  # fmt: skip
    st.dataframe(rows, hide_index=True)
    st.caption("A thousandth of the first loss above the lowest known. A line search also pays for the values that it tries.")


def inside(s, look):
    """Second level: one step of the method in the hand, with its code."""
    d, t = s.chosen, min(s.step, s.n_steps - 1)
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{d.method}, step {t} → {t + 1}**, α = {number(d.learning_rate)}")
        for label, values in (("x", d.points), (r"\nabla f", d.gradients), ("v", d.velocity), ("s", d.squares)):
            if values is not None and np.isfinite(values[t : t + 2]).all():
                st.latex(
                    rf"{label}_{{{t}}} = {latex.column(values[t])}, \quad {label}_{{{t + 1}}} = {latex.column(values[t + 1])}"
                )
        st.caption("The layer “Arrows of the step” (under More) draws −∇f, the velocity and the step on the map.")
    with right:
        page.code(optimisers.METHODS[d.method].walk)


def starts(s, look):
    """Second level: where the method ends up from every start."""
    found = page.slow(races.basins, s.surface, s.window, s.focus, s.chosen.learning_rate, s.n_steps, 100)
    left, right = page.beside()
    drawn = maps.contour_map(
        "Every start, coloured by where the method ends", window=s.window, look=replace(look, size="small"),
        picture=maps.regions(found.index, len(found.places), np.zeros(found.index.shape), look),
        spots=[maps.Spot(tuple(q), "result", "down") for q in found.places.tolist()],
    )  # fmt: skip
    first = zip(found.shares[:4], found.places[:4], strict=True)
    listed = ", ".join(f"{number(100 * share, 3)} % to {latex.vector_text(q)}" for share, q in first)
    listed += f", the others to {len(found.places) - 4} more places" if len(found.places) > 4 else ""
    with left:
        show(drawn, name="basins", says=f"{s.focus} from 10,000 starts: {listed or 'nowhere'}.")
    with right:
        st.markdown(
            f"Each pixel is a start; its colour and pattern say in which place (▼) {s.focus} ends after {s.n_steps} steps at "
            f"α = {number(s.chosen.learning_rate)}. **{number(100 * found.lost, 3)} %** diverge, "
            f"**{number(100 * found.on_the_way, 3)} %** are still on their way (grey)."
        )


def data_space(s, look):
    """Second level: the line that each point of the map stands for, through points that can be dragged."""
    if s.data is None:
        st.markdown("Choose **A line through data** as the surface: each point of the map then is a line, its height the loss.")
        return
    left, right = page.beside()
    t = np.array([-3.0, 3.0])
    lines = [plane.Path(np.column_stack([t, w * t + b]), "reference", "dashed") for w, b in [s.start.tolist()]]
    now = s.chosen.points[s.step]
    fits = np.isfinite(now).all()
    if fits:
        lines.append(plane.Path(np.column_stack([t, now[0] * t + now[1]]), "first", "path"))
        lines += [plane.Path(np.array([[a, y], [a, now[0] * a + now[1]]]), "second", "thin") for a, y in s.data.tolist()]
    drawn = plane.figure("The data and the line", radius=3.0, look=replace(look, size="small"), paths=lines, points=s.data)
    says = "The line has left for good: the rate is too large."
    if fits:
        height = f"{'−' if now[1] < 0 else '+'} {number(abs(now[1]))}"
        says = f"The line at step {s.step}: y = {number(now[0])} t {height}, loss {number(float(s.chosen.values[s.step]))}."
    with left:
        show(drawn, name="data", handles=point_handles("data", s.data, s.data), says=says)
    with right:
        st.markdown(
            "On the map, across is a line's slope w, up its height b. Drag a point: the whole bowl moves, "
            "because its height is half the mean squared residual (thin lines) of every line. "
            f"Dashed: the line at the start. The step slider moves both pictures; drawn is {s.focus}."
        )
        if s.noisy is not None:
            seen = s.noisy.batches[min(s.step, s.n_steps - 1)] + 1
            st.markdown(
                f"Mini-batches: the next step sees point{'s' if len(seen) > 1 else ''} {', '.join(map(str, seen))} only."
            )


def story():
    """The page, from the surface to the way onward."""
    look = page.look()
    picture_side, control_side = page.columns()
    with control_side:
        top = st.container()
        with page.grid(2):
            rate_place, step_place = st.container(), st.container()
    with top:
        s = scene(rate_place, step_place)
    with picture_side:
        picture(s, look)
    with rate_place:
        strip(s, look)
    with step_place:
        losses(s, look)
    with control_side:
        page.presets(PRESETS)
    page.views(
        {
            "Why it is true": lambda: page.truths("main", REASONS),
            "Predicted rates": lambda: predicted(s, look),
            "Table": lambda: table(s),
            "Inside a step": lambda: inside(s, look),
            "Every start": lambda: starts(s, look),
            "Data and line": lambda: data_space(s, look),
        }
    )
    d, t = s.chosen, min(s.step, s.n_steps - 1)
    here, there = d.points[t], d.points[t + 1]
    landed = rf"x_{{{t + 1}}} = {latex.column(here)} + {latex.column(there - here)} = {latex.column(there)}"
    gone = rf"\text{{{d.method} has no step {t + 1} any more}}"
    page.why(STEPS[d.method], landed if np.isfinite(there).all() else gone, optimisers.METHODS[d.method].walk)
    take_home()
    page.end(
        tries=TRIES,
        before=Step("gradients", "which way is up, and how steep"),
        after=Step("neural_net", "the same steps, for all weights of a network"),
    )


page.run("descent", story)
