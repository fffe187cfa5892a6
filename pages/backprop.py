"""Backprop: blame is slopes multiplied along paths, summed over paths."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from mml_charts import graphs, nets, plane
from mml_core import backprop, hand_calculation, lessons, neural_net
from mml_core.delta_flow import delta_flow, delta_sizes
from mml_ui import controls, latex, page
from mml_ui.contents import Step
from mml_ui.figures import Pad, point_handles, show
from mml_ui.page import Preset, number
from mml_ui.take_home import take_home

HEART = "0,1.3;0.7,2;1.7,2.1;2.4,1.3;2.3,0.2;1.6,-0.8;0.8,-1.6;0,-2.3;-0.8,-1.6;-1.6,-0.8;-2.3,0.2;-2.4,1.3;-1.7,2.1;-0.7,2"
FEW = 12  # weights up to which each has its number on it and can be tapped
MOST_SHOWN = 3  # paths that are spelt out
MOST_STEPS = 100
EXACT = 1e-11  # error of the widest difference, below which the loss is a parabola in that weight
SMALL = 300  # width of the two graphs, in pixels
BENDS = [*neural_net.ACTIVATIONS]
DASH = dict(zip(BENDS, ("solid", "dashed", "dotted", "dashdot"), strict=True))
INK = dict(zip(BENDS, ("c0", "c1", "c2", "c3"), strict=True))
RULE = (
    r"\frac{\partial L}{\partial w} = \sum_{\text{paths}} \; \prod_{\text{along the path}} \text{slopes}, \qquad "
    r"\delta^{(l)} = \left(W^{(l+1)T} \delta^{(l+1)}\right) \cdot \sigma'(z^{(l)})"
)
PRESETS = [
    Preset("One path", "a weight of the first layer, one neuron on: five slopes in a row."),
    Preset("Two paths", "2-3-2 has two outputs: blame comes back from both, and is added up.",
           dict(net="2-3-2", moment=16, w="w1_1_2")),
    Preset("A chain", "1-1-1-1: every path is the path; each layer multiplies one more slope below 1.",
           dict(net="1-1-1-1", moment=10)),
    Preset("Step too long", "the slope says down, and the step lands higher than it began.",
           dict(rate=1, w="w2_1_2")),
    Preset("After 30 steps", "the slopes of this sample are small now: its loss has little left to fall.", dict(steps=30)),
    Preset("A dead neuron", "ReLU with z below 0: one slope is 0, and so is every product through it.",
           dict(activation="ReLU", sample=2, w="w1_2_1")),
    Preset("Fourteen paths", "1-6-7-2: from one weight of the first layer through seven neurons to two outputs.",
           dict(net="1-6-7-2", moment=46)),
]  # fmt: skip
REASONS = [
    ("Move w a little: z moves by its input, a by the bend's slope, the next z by a weight, and so on to the loss.", "links"),
    ("Along one path these slopes multiply: each says how much of a change is handed on.", "labels"),
    ("Paths that part and meet again add up: the loss feels what comes through each.", "links"),
    ("All paths share their ends, so one pass backward, delta by delta, does for every weight at once.", "neurons"),
]
TRIES = [
    "Find a weight whose slope is negative. Which way does a step move it, and why?",
    "Nudge a weight further and further. When does the prediction stop being any good?",
    "Press “Step”, then “Find slopes”, and so on by turns: which of the two moves a weight?",
]


@dataclass(frozen=True)
class Scene:
    """What one frame shows: samples, the network after some steps, the sample, the chosen weight with its paths, the moment."""

    start: lessons.Lesson
    walk: lessons.Steps
    step: int
    sample: int
    learns: int | None
    name: str
    rate: float
    found: backprop.Paths
    story: tuple
    moment: int
    nudge: float
    lost: bool

    @property
    def network(self):
        """The network as it is now."""
        return self.walk.networks[self.step]

    @property
    def is_small(self):
        """Whether each weight has its number on it."""
        return sum(W.size for W in self.network.weights) <= FEW

    @property
    def told(self):
        """What has been computed until this moment, by (kind, layer, neuron)."""
        return {(m.kind, m.layer, m.neuron): m.value for m in self.story[: self.moment]}


def scene():
    """Draw the controls and return what they say."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        net = controls.pick("Network", list(lessons.LESSONS), key="net", width=105)
        with st.popover("Set up"):
            activation = controls.choice("Activation", BENDS, key="activation")
            seed = controls.seed(1)
            rate = controls.log_slider("Learning rate", -3, 1, -1, key="rate", step=0.01)
            learns = controls.choice("A step learns from", ["This sample", "All samples"], key="learns")
        start = page.compute(lessons.lesson, net, activation, seed)
        name = controls.pick("Weight", backprop.parameter_names(start.network.layers), key="w", width=110)
        buttons = st.container(horizontal=True, width="content", gap="xsmall")
        controls.reset()
    with page.grid(2):
        sample = controls.step("Sample", 1, len(start.X), 2, key="sample", playable=False) - 1
        step = controls.step("Steps made", 0, MOST_STEPS, 0, key="steps", seconds=8)
        walk = page.compute(lessons.walked, start, rate, MOST_STEPS, sample if learns == "This sample" else -1)
        lost, step = step >= len(walk.networks), min(step, len(walk.networks) - 1)
        network = walk.networks[step]
        story = page.compute(hand_calculation.forward_story, network, start.X, start.y, sample)
        moment = controls.step("Moment", 0, len(story), len(story), key="moment", seconds=6)
        nudge = controls.slider("Nudge of the weight", -1, 1, 0.3, key="nudge")
    forward = next(i for i, m in enumerate(story) if m.kind == "loss") + 1
    with buttons:
        controls.setter(
            "Find slopes",
            dict(moment=len(story)),
            key="find",
            icon=":material/undo:",
            help="Goes back through the network; moves no weight.",
            off=moment == len(story),
        )
        controls.setter("Step", dict(steps=min(step + 1, MOST_STEPS), moment=forward), key="go", icon=":material/redo:",
                        help="Moves every weight downhill by its slope.",
                        off=moment < len(story) or step >= len(walk.networks) - 1)  # fmt: skip
    found = page.compute(backprop.paths, network, start.X, start.y, name, sample)
    on_one = sample if learns == "This sample" else None
    return Scene(start, walk, step, sample, on_one, name, rate, found, story, moment, nudge, lost)


def wires_of(s):
    """Return which links the paths of the chosen weight take, and which is the weight itself."""
    lit = {
        (layer + 1, i, j)
        for path in s.found.paths
        for (layer, i), (_, j) in zip(path.neurons[:-1], path.neurons[1:], strict=True)
    }
    layer, target, source = backprop.place_of(s.name)
    return lit, (layer, source, target)  # of a bias there is no source, and so no such link


def picture(s, look):
    """Draw the network with its numbers, up to this moment, and the paths of the chosen weight."""
    lit, chosen = wires_of(s)
    sizes, told = s.network.layers, s.told
    on_path, decimals = {neuron for path in s.found.paths for neuron in path.neurons}, 2 if s.is_small else 1

    def neuron(column, i):
        if column == 0:
            return nets.Neuron(f"x{i + 1}" if sizes[0] > 1 else "x", value=short(s.start.X[s.sample, i], decimals))
        layer = column - 1
        delta = told.get(("delta", layer, i))
        state = "chosen" if s.name == f"b{column}_{i + 1}" else "lit" if (layer, i) in on_path else "plain"
        below = f"{'δ ?':7}" if delta is None else f"δ {short(delta)}"  # as wide as one that is found: nothing moves then
        bias = f"b {short(s.network.biases[layer][i])}" if s.is_small else ""
        return nets.Neuron(bias, short(told.get(("a", layer, i)), decimals), below=below, state=state)

    columns = [[neuron(c, i) for i in range(n)] for c, n in enumerate(sizes)]
    links = []
    for k, W in enumerate(s.network.weights):
        for j, i in np.ndindex(W.shape):
            state = "chosen" if (k, i, j) == chosen else "lit" if (k, i, j) in lit else "plain" if s.is_small else "faint"
            label = short(W[j, i]) if s.is_small or state == "chosen" else ""
            links.append(nets.Link(k, i, j, float(W[j, i]), label, state))
    heads = ["input", *("hidden" for _ in sizes[2:]), "output"]
    size = dict(width=look.width, height=round(0.82 * look.width))
    drawn = nets.net("The network with its numbers", look=look, columns=columns, links=links, heads=heads, **size)
    show(drawn, says=sentence(s), pad=pad_of(s, columns, links, look, heads, size))


def pad_of(s, columns, links, look, heads, size):
    """Return where weights and biases can be tapped."""
    sizes = s.network.layers
    middles = nets.neuron_places(sizes, size["width"], size["height"], look, **nets.room(columns, heads))
    at = {f"b{c}_{i + 1}": middles[c][i] for c in range(1, len(sizes)) for i in range(sizes[c])}
    if s.is_small:
        places = nets.link_places(columns, links, look, heads=heads, **size)
        at |= {f"w{k.layer + 1}_{k.target + 1}_{k.source + 1}": place for k, place in zip(links, places, strict=True)}
    return Pad(list(at), np.array(list(at.values())), "", "", "w", hint="choose it")


def short(value, decimals=2):
    """Return a number that fits into a neuron, nothing where there is none yet."""
    return "" if value is None else number(round(float(value), decimals), 3)


def sentence(s):
    """Return what the picture shows now."""
    x, y = s.start.X[s.sample], s.start.y[s.sample]
    given, wanted = (", ".join(number(float(v)) for v in row) for row in (x, y))
    said = f"Sample {s.sample + 1}: x = {given}, wanted {wanted}."
    loss = s.told.get(("loss", len(s.network.weights) - 1, -1))
    said += "" if loss is None else f" Loss {number(loss, 3)}."
    said += " **The steps ended there: the next ones grow beyond any number.**" if s.lost else ""
    if s.moment == len(s.story):
        return f"{said} Slopes are found; no weight has moved for that. Steps made: {s.step}."
    return f"{said} Steps made: {s.step}; slopes are not found yet."


def chain(s):
    """Write every factor of the chosen weight's slope, path by path, and check the sum."""
    paths = sorted(s.found.paths, key=lambda p: -abs(p.product))
    is_found = s.moment == len(s.story)
    names = r" \cdot ".join(f.name for f in paths[0].factors)
    lines = [
        r" \cdot ".join(bracketed(f.value) if is_found else "?" for f in p.factors)
        + f" = {latex.num(p.product) if is_found else '?'}"
        for p in paths[:MOST_SHOWN]
    ]
    head = rf"\frac{{\partial L}}{{\partial {backprop.parameter_symbol(s.name)}}}: \quad &{names}" + (
        r" + \dots" if len(paths) > 1 else ""
    )
    body = r" \\ ".join([head, *(f"&{line}" for line in lines)])
    st.latex(rf"\begin{{aligned}} {body} \end{{aligned}}")
    rest = f"and {len(paths) - MOST_SHOWN} more paths; " if len(paths) > MOST_SHOWN else ""
    if is_found:
        page.invariant(f"{rest}sum over paths", ("paths", s.found.total), ("difference", s.found.difference), tol=1e-6)
    else:
        st.markdown(f"{rest}press **Find slopes**: they come from the output, backwards.")


def bracketed(value):
    """Return a factor, in brackets where it is negative."""
    return f"({latex.num(value)})" if value < 0 else latex.num(value)


def along(s, look):
    """Draw the loss as the chosen weight moves, with the slope's straight line: what a nudge promises and what comes."""
    found = page.compute(backprop.along, s.network, s.start.X, s.start.y, s.name, 1.0, 101, s.sample)
    slope, loss = s.found.derivative, float(found.losses[50])
    moved = page.compute(backprop.with_parameter, s.network, s.name, backprop.parameter(s.network, s.name) + s.nudge)
    one = (s.start.X[[s.sample]], s.start.y[[s.sample]])
    actual = neural_net.loss_of(moved, neural_net.forward(moved, one[0]), one[1]) - loss
    promised = slope * s.nudge
    drawn = graphs.graph(
        "The loss as the weight moves", look=look, width=SMALL, height=150,
        x_axis=graphs.Axis(-1, 1, "change of the weight"), y_axis=graphs.Axis(0, highest(s.start), "loss"),
        lines=[
            graphs.Line(found.shifts, found.tangent, "reference", "dashed"), graphs.Line(found.shifts, found.losses, "result"),
        ],
        rules=[graphs.Rule(s.nudge, "reference")],
        points=[
            graphs.Point(s.nudge, loss + promised, "second", "promised", "ring"),
            graphs.Point(s.nudge, loss + actual, "first", "actual"),
        ],
    )  # fmt: skip
    says = f"Nudge {number(s.nudge, 3)}: promised {number(promised, 3)}, actual **{number(actual, 3)}**."
    show(drawn, name="along", says=says)


def highest(start):
    """Return the top of the axis of losses: a round number over one and a half times the mean loss before the first step."""
    cost = 0.75 * float(((neural_net.forward(start.network, start.X).a[-1] - start.y) ** 2).sum(axis=1).mean())
    least = max(cost, 1e-6)
    ten = 10.0 ** np.floor(np.log10(least))
    return next(float(m * ten) for m in (1, 2, 5, 10) if m * ten >= least)


def errors(s, look):
    """Draw how far differences are off the slope, for every width."""
    found = page.compute(backprop.epsilon_errors, s.network, s.start.X, s.start.y, s.name, s.sample)
    lines = [
        graphs.Line(found.epsilons[::-1], np.clip(values[::-1], 1e-15, 1), ink, dash, label)
        for values, ink, dash, label in (
            (found.forward, "second", "dashed", "one side"), (found.central, "first", "solid", "both"),
        )
    ]  # fmt: skip
    drawn = graphs.graph(
        "How far differences are off the slope", look=look, width=SMALL, height=150,
        x_axis=graphs.Axis(1e-12, 1e-1, "ε", log=True), y_axis=graphs.Axis(1e-15, 1, "error", log=True), lines=lines, labels=8,
    )  # fmt: skip
    best = float(found.epsilons[int(np.argmin(found.central))])
    says = f"Measured best with ε = {number(best, 2)}: wider bends, narrower rounds."
    if found.central[0] < EXACT * max(1.0, abs(s.found.derivative)):
        says = "From both sides it is exact here, but for rounding: the loss is a parabola."
    show(drawn, name="errors", says=says)


def one_update(s, look):
    """Second level: one step of this weight alone, and of all together, and the loss along the way that the latter goes."""
    rows = []
    for told, name in ((s.name, s.name), ("all weights", "")):
        done = page.attempt(backprop.one_step, s.network, s.start.X, s.start.y, name, s.rate, s.learns)
        if done is None:
            return
        alone = len(done.names) == 1
        rows.append({
            "what moves": told, "old": number(float(done.old[0])) if alone else f"{len(done.names)} numbers",
            "slope": number(float(done.gradient[0])) if alone else f"length {number(float(np.linalg.norm(done.gradient)))}",
            "step": number(float(done.step[0])) if alone else f"length {number(float(np.linalg.norm(done.step)))}",
            "new": number(float(done.new[0])) if alone else "", "loss before": number(done.loss_before),
            "loss after": number(done.loss_after), "change promised": number(done.predicted, 3),
            "actual change": number(done.actual, 3),
        })  # fmt: skip
    st.dataframe(rows, hide_index=True)
    ahead = page.attempt(backprop.along, s.network, s.start.X, s.start.y, "", 2 * s.rate, 101, s.learns)
    if ahead is None:
        return
    left, right = page.beside()
    steps = ahead.shifts / s.rate
    drawn = graphs.graph(
        "The loss along the step", look=replace(look, size="small"), x_axis=graphs.Axis(0, 2, "steps of α"),
        y_axis=graphs.Axis(0, highest(s.start), "loss"),
        lines=[graphs.Line(steps, ahead.tangent, "reference", "dashed"), graphs.Line(steps, ahead.losses, "result")],
        rules=[graphs.Rule(1, "reference")],
        points=[
            graphs.Point(1, done.loss_before + done.predicted, "second", "promised", "ring"),
            graphs.Point(1, done.loss_after, "first", "actual"),
        ],
    )  # fmt: skip
    with left:
        show(drawn, name="step", says=f"All weights, α = {number(s.rate, 3)}: the loss goes by {number(done.actual, 3)}.")
    with right:
        st.markdown(
            "The promise is the slope times the step (dashed). The longer the step, the more the bend of the loss takes off "
            "it, until a step lands higher than it began: press **Step too long**. The lowest place along this way is at "
            f"a rate of **{number(float(ahead.shifts[int(np.nanargmin(ahead.losses))]), 2)}**."
        )


def by_hand(s):
    """Second level: the calculation line by line, up to this moment."""
    st.caption(f"{s.moment} of {len(s.story)} lines; the slider “Moment” goes through them.")
    body = r" \\ ".join(f"&{m.latex}" for m in s.story[: s.moment]) or "&"
    st.latex(rf"\begin{{aligned}} {body} \end{{aligned}}")


def every_slope(s):
    """Second level: all slopes, by backpropagation and by differences."""
    rows = slice(None) if s.learns is None else slice(s.learns, s.learns + 1)
    found = page.attempt(backprop.gradient_check, s.network, s.start.X[rows], s.start.y[rows])
    if found is None:
        return
    st.markdown(f"Largest relative error of {len(found.names)} slopes: **{number(found.largest, 2)}**.")
    st.dataframe(
        [
            {
                "weight": name,
                "backpropagation": number(float(a), 6),
                "central difference": number(float(n), 6),
                "error": number(float(e), 2),
            }
            for name, a, n, e in zip(found.names, found.analytic, found.numeric, found.errors, strict=True)
        ],
        hide_index=True,
    )


def many_layers(look):
    """Second level: how deltas shrink or grow on their way back through many layers."""
    left, right = page.beside()
    with right:
        n_layers = controls.step("Layers", 2, 50, 20, key="layers", playable=False)
        scale = controls.slider("Weights times", 0.1, 3, 1, key="scale", step=0.05)
        scheme = controls.choice("First weights", ["Xavier", "He"], key="first")
    lines, rows = [], []
    for name in BENDS:
        flow = page.compute(delta_flow, n_layers, 16, name, scheme, scale, 1, 32)
        deltas = np.clip(flow.deltas, 1e-12, 1e6)
        lines.append(graphs.Line(np.arange(1, n_layers + 1), deltas, INK[name], DASH[name], name))
        rows.append({"activation": name, "a layer back multiplies delta by": number(flow.ratio, 3)})
    drawn = graphs.graph(
        "The size of delta in each layer", look=replace(look, size="small"), x_axis=graphs.Axis(1, n_layers, "layer"),
        y_axis=graphs.Axis(1e-12, 1e6, "delta", log=True), lines=lines, labels=8,
    )  # fmt: skip
    with left:
        show(drawn, name="flow", says="From the last layer, at the right, back to the first.")
    with right:
        st.dataframe(rows, hide_index=True)
        st.markdown(
            "Each layer multiplies by its weights and by the slope of its bend. A sigmoid's slope is at most ¼: deltas "
            "**vanish**, and the first layers learn nothing. Weights too large, and they **explode**."
        )


def closed_curve(look):
    """Second level: a curve of your own, learnt by a 1-6-7-2 network."""
    left, right = page.beside()
    with right:
        points = controls.points("The curve goes through", HEART, key="curve", low=-3, high=3)
        activation = controls.choice("Bend", ["tanh", "sigmoid", "ReLU"], key="bend")
        epoch = controls.step("Pass", 0, 1000, 1000, key="pass", seconds=8)
        found = page.slow(lessons.learnt_curve, points, activation)
        epoch = min(epoch, found.run.n_epochs)
        network = found.run.network(epoch)
        sizes = page.compute(delta_sizes, network, found.t, found.points)
        told = ", ".join(f"layer {i}: {number(float(v), 2)}" for i, v in enumerate(sizes, 1))
    given = page.compute(neural_net.forward, network, found.t).a[-1]
    off = float(np.sqrt(((given - found.points) ** 2).sum(axis=1)).max())
    with right:
        st.markdown(
            f"After {epoch} passes: loss **{number(float(found.run.train_loss[epoch]), 3)}**, nowhere further off than "
            f"**{number(off, 3)}**. Size of delta: {told}."
        )
    around = np.linspace(-1, 1 - 2 / 120, 120)[:, None]
    given = page.compute(neural_net.forward, network, around).a[-1]
    drawn = plane.figure(
        "A closed curve and what the network makes of it", radius=3.0, look=replace(look, size="small"),
        paths=[
            plane.Path(np.vstack([found.points, found.points[:1]]), "reference", "dashed"),
            plane.Path(np.vstack([given, given[:1]]), "first", "path"),
        ],
        points=points,
    )  # fmt: skip
    with left:
        show(drawn, name="curve", handles=point_handles("curve", points, points), says="Dashed: the curve that is wanted.")


def story():
    """The page, from the network to the way onward."""
    look = page.look()
    picture_side, control_side = page.columns()
    with control_side:
        top = st.container()
        readout = st.container()
        with page.grid(2):
            along_place, error_place = st.container(), st.container()
    with top:
        s = scene()
    with picture_side:
        picture(s, look)
    with readout:
        chain(s)
    with along_place:
        along(s, look)
    with error_place:
        errors(s, look)
    with control_side:
        page.presets(PRESETS)
    page.views(
        {
            "Why it is true": lambda: page.truths("main", REASONS),
            "One update": lambda: one_update(s, look),
            "By hand": lambda: by_hand(s),
            "Every slope": lambda: every_slope(s),
            "Many layers": lambda: many_layers(look),
            "A closed curve": lambda: closed_curve(look),
        }
    )
    rows = (s.start.X, s.start.y, s.name, s.rate, s.learns)
    step = page.compute(backprop.one_step, s.network, *rows)
    old, slope, new = (float(v[0]) for v in (step.old, step.gradient, step.new))
    landed = f"{latex.num(old)} - {latex.num(s.rate)} \\cdot {bracketed(slope)} = {latex.num(new)}"
    page.why(RULE, rf"{backprop.parameter_symbol(s.name)} \leftarrow {landed}", neural_net.backpropagate)
    take_home()
    page.end(
        tries=TRIES,
        before=Step("neural_net", "what all these weights are for"),
        after=Step("gradients", "slopes of any function, by the same walk"),
    )


page.run("backprop", story)
