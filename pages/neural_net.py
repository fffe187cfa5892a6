"""Neural net: layers bend space until a straight cut works."""

from dataclasses import dataclass, fields, replace

import numpy as np
import streamlit as st

from mml_charts import graphs, maps, mosaics, nets, signed
from mml_charts.inks import CATEGORIES, GLYPH_OF
from mml_core import backprop, datasets, engine, inside, learning, neural_net, problems, samples, training
from mml_ui import controls, latex, page, tables, uploads
from mml_ui.contents import Step
from mml_ui.figures import Pad, show
from mml_ui.page import Preset, number
from mml_ui.take_home import take_home

TABLE, DIGITS = "A table", "Digits"
NAMES = [*datasets.CLASS_SETS, *datasets.VALUE_SETS, *datasets.CURVES, DIGITS, TABLE]
MOST_LAYERS, MOST_NEURONS = 6, 8
WIDTHS = (4, 2, 4, 4, 4, 4)  # of the hidden layers as they are added
MOST_DRAWN = 300  # samples of each part on the map: more hide each other
SHOWN_INPUTS = 7  # of more, only so many stand in the picture of the network
MOST_WIRES = 60  # links that are all drawn in full
SMALL = 328  # width of the pictures beside the map, in pixels
OUTPUT = "Output"
MOST_EPOCHS = 2_000
LARGEST_EDIT = 1000.0
RULE = (
    r"a^{(l)} = \sigma\left(W^{(l)} a^{(l-1)} + b^{(l)}\right), \qquad "
    r"W \leftarrow W - \alpha \, \frac{\partial L}{\partial W}"
)
PRESETS = [
    Preset("Circles", "four neurons bend the plane until one straight cut has the inside on one side: scrub the epochs."),
    Preset("Exclusive or", "two layers fold opposite corners onto each other.", dict(data="Exclusive or")),
    Preset("No hidden layer", "one straight cut cannot do it, however long it is trained.", dict(data="Exclusive or", n=0)),
    Preset("A better input", "no hidden layer either, but x1 x2 as an input: one cut is enough.",
           dict(data="Exclusive or", n=0, inputs=["x1 x2"])),
    Preset("Six linear layers", "more layers, no bending: six linear maps are one linear map.",
           dict(data="Circles", n=6, activation="linear", rate=-2)),
    Preset("Spirals", "three layers of eight ReLUs, 400 epochs: the plane is folded many times.",
           dict(data="Spirals", n=3, n1=8, n2=8, n3=8, activation="ReLU", scheme="He", rate=-1.3, epochs=400,
                epoch=400, way="Principal components")),
    Preset("Zero start", "all weights 0: every neuron of a layer stays the same as the others, and nothing is learnt.",
           dict(scheme="zero")),
    Preset("Too fast", "steps so long that each lands higher on the other side, until the numbers end.",
           dict(data="Plane", n=0, batch=1000, rate=-0.4)),
    Preset("Dead neurons", "one long step, and a ReLU gives 0 to every sample: no slope comes back through it, ever.",
           dict(activation="ReLU", rate=0.35, seed=2)),
    Preset("Saturated", "x1 in units a hundred times smaller: tanh sits at its limits, where it has no slope.",
           dict(units="first in hundredths")),
    Preset("Overfitting", "50 noisy points, three layers of eight: the training loss goes to 0, the test loss turns up.",
           dict(noise=20, share=10, n=3, n1=8, n2=8, n3=8, epochs=400, epoch=400, marks=["Test samples"])),
    Preset("A curve", "one input, one output: each neuron is one bend of the line.",
           dict(data="Sine", n=1, n1=6, rate=-0.3, epochs=800, epoch=800)),
    Preset("Digits", "64 pixels, ten classes, on their principal plane.",
           dict(data="Digits", n=1, n1=8, way="Principal components")),
]  # fmt: skip
REASONS = [
    ("A neuron adds up what it gets, each times a weight, and bends the sum: a = tanh(w · a + b).", "labels"),
    ("Without a bend, layers of sums are one sum: the grid stays straight, and so does the boundary.", "paths"),
    ("The output layer is one more sum: on the right it can only cut along a straight line.", "picture"),
    ("So the layers before it have to move the samples until such a cut parts them. Training finds how.", "points"),
]
TRIES = [
    "Scrub the epochs on Circles: at which epoch does the bent grid fold, and what does the loss do there?",
    "Exclusive or with one hidden layer: how few neurons are enough? Look at twelve seeds before you answer.",
    "Give Circles the inputs x1² and x2², and no hidden layer. Why is that enough?",
]


@dataclass(frozen=True)
class Setup:
    """All that a training depends on, besides an uploaded table."""

    data: str
    table: tuple  # of an uploaded table: which of its columns, texts first, is the target, and which two are inputs
    kind: str
    noise: int
    share: int
    draw: int
    inputs: tuple
    units: str
    loss: str
    hidden: tuple
    activation: str
    scheme: str
    seed: int
    rate: float
    batch: int
    momentum: float
    l1: float
    l2: float
    epochs: int

    def text(self):
        """Return it as one line, for the link."""
        parts = []
        for f in fields(self):
            value = getattr(self, f.name)
            parts.append(f"{f.name}={','.join(map(str, value)) if isinstance(value, tuple) else value}")
        return ";".join(parts)

    @staticmethod
    def read(line):
        """Read what `text` wrote, None where there is nothing; it only has to be well formed, its values are checked later."""
        if not line.strip():
            return None
        given = dict(part.split("=", 1) for part in line.split(";") if "=" in part)
        kinds = {f.name: f.type for f in fields(Setup)}
        if set(given) != set(kinds):
            raise ValueError("this is no pinned run; press “Pin this run” to write one.")
        try:
            hidden, table = (tuple(int(n) for n in given[name].split(",") if n) for name in ("hidden", "table"))
            plain = {name: kind(given[name]) for name, kind in kinds.items() if kind is not tuple}
        except ValueError:
            raise ValueError("a number in this pinned run is none; press “Pin this run” to write a new one.") from None
        sizes = [abs(v) for v in plain.values() if not isinstance(v, str)]
        small = plain["epochs"] <= MOST_EPOCHS and len(hidden) <= MOST_LAYERS and max(hidden, default=1) <= MOST_NEURONS
        if not small or not all(size < 1e6 for size in sizes) or len(table) > 3 or min(table, default=0) < 0:
            raise ValueError("this pinned run is larger than the page can make; press “Pin this run” to write a new one.")
        return Setup(**plain, hidden=hidden, table=table, inputs=tuple(given["inputs"].split(",")))


@dataclass(frozen=True)
class Scene:
    """What one frame shows: what is learnt, the run, the epoch, its network with edited weights, and what is drawn of it."""

    setup: Setup
    problem: problems.Problem
    run: training.Training
    epoch: int
    network: neural_net.Network
    maps: inside.HeatMaps
    bent: inside.Bent
    shown: str
    marks: list
    pinned: tuple | None
    quiet: tuple
    weight: str


def names_of(problem, layers):
    """Return the name of each neuron that is drawn, by (layer, neuron)."""
    features = set(problem.inputs) <= {*samples.FEATURES, "x"}  # a table's columns may be called anything
    found = {(0, i): name if features else f"input {i + 1}" for i, name in enumerate(problem.inputs[:SHOWN_INPUTS])}
    found |= {(k, i): f"{k}.{i + 1}" for k in range(1, len(layers) - 1) for i in range(layers[k])}
    return found


def data_controls():
    """Draw what chooses the samples, and return it as parts of the setup, with the table and its columns."""
    data = controls.pick("Data", NAMES, key="data", width=145)
    with st.popover("Data"):
        table, chosen, kind = table_controls() if data == TABLE else (None, (), "Classes")
        noise = controls.slider("Noise", 0, 50, 0, key="noise", step=5, unit=" %", live=False)
        share = controls.slider("For training", 10, 90, 50, key="share", step=10, unit=" %", live=False)
        draw = controls.seed(1, key="draw", label="Data seed")
        inputs = controls.choices("Inputs", samples.FEATURES, ["x1", "x2"], key="inputs")
        units = controls.choice("Units", problems.UNITS, key="units", help="In hundredths the first input is 100 times larger.")
    parts = dict(data=data, table=chosen, kind=kind, noise=int(noise), share=int(share), draw=draw)
    return parts | dict(inputs=tuple(inputs), units=units), table


def table_controls():
    """Draw the upload and what is chosen of it: the table, target and inputs by number, and whether classes are predicted."""
    table = uploads.table("A table of yours", key="table", samples={"Wine": tables.one_table})
    st.caption("What is to be predicted:")
    target = controls.pick("Target", [*table.others, *table.columns], key="target")
    kind = controls.choice("Predict", ["Classes", "Values"], key="kind")
    rest = [name for name in table.columns if name != target]
    wanted = controls.choice("From", ["Two columns", "All columns"], key="from")
    picked = ()
    if wanted == "Two columns" and len(rest) > 1:
        one = controls.pick("Across", rest, rest[0], key="across")
        other = controls.pick("Up", rest, rest[1], key="up")
        picked = (table.columns.index(one), table.columns.index(other))
    return table, ([*table.others, *table.columns].index(target), *picked), kind


def learning_controls():
    """Draw what chooses network and training, and return it as parts of the setup."""
    with st.popover("Network"):
        n = controls.stepper("Hidden layers", 0, MOST_LAYERS, 2, key="n")
        hidden = []
        with page.grid(2):
            for i, width in enumerate(WIDTHS, 1):
                with controls.shown_if(i <= n):
                    hidden.append(controls.stepper(f"Neurons in layer {i}", 1, MOST_NEURONS, width, key=f"n{i}"))
        activation = controls.choice("Activation", list(neural_net.ACTIVATIONS), key="activation")
        scheme = controls.choice("First weights", neural_net.SCHEMES, "Xavier", key="scheme")
        seed = controls.seed(1, key="seed", label="Seed of the weights")
    with st.popover("Training"):
        epochs = controls.stepper("Train for (epochs)", 100, MOST_EPOCHS, 100, key="epochs")
        rate = controls.log_slider("Learning rate", -5, 1, -1, key="rate", step=0.01, live=False)
        batch = controls.stepper("Samples a step", 1, 1000, 10, key="batch", help="The size of a mini-batch.")
        momentum = controls.slider("Momentum", 0, 0.99, 0, key="momentum", live=False)
        loss = controls.choice("Loss", neural_net.LOSSES, key="loss", help="Values always take the squared loss.")
        price = controls.choice("Price of weights", ["None", "L1", "L2"], key="price")
        with controls.shown_if(price != "None"):
            much = controls.log_slider("How much", -4, 0, -2, key="much", live=False)
    return dict(
        loss=loss, hidden=tuple(hidden[:n]), activation=activation, scheme=scheme, seed=seed, rate=rate, batch=batch,
        momentum=momentum, l1=much if price == "L1" else 0.0, l2=much if price == "L2" else 0.0, epochs=epochs,
    )  # fmt: skip


def problem_of(setup, table, run=page.compute):
    """Return what is to be learnt, None of a pinned run whose table is not there."""
    if setup.data == DIGITS:
        return run(problems.digits_problem, setup.share / 100, setup.draw)
    more = dict(train_share=setup.share / 100, seed=setup.draw, inputs=setup.inputs, loss=setup.loss)
    if setup.data != TABLE:
        return run(problems.toy_problem, setup.data, setup.noise / 100, units=setup.units, **more)
    texts = [] if table is None else list(table.others)
    n_columns = 0 if table is None else len(table.columns)
    if not setup.table or not 0 <= setup.table[0] < len(texts) + n_columns or max(setup.table[1:], default=0) >= n_columns:
        return None
    target, *picked = setup.table
    known = table.others[texts[target]] if target < len(texts) else target - len(texts)
    return run(problems.table_problem, table.X, table.columns, known, picked, kind=setup.kind, **more)


def recipe_of(setup, problem):
    """Return how it is to be learnt."""
    layers = (problem.X.shape[1], *setup.hidden, problem.n_outputs)
    return training.Recipe(
        layers, setup.activation, problem.output, problem.loss, setup.rate, setup.batch, setup.l1, setup.l2, setup.momentum,
        setup.scheme, setup.seed,
    )  # fmt: skip


def pinned_run(pinned, table):
    """Return the pinned setup with its training, or None."""
    if pinned is None:
        return None
    problem = problem_of(pinned, table, page.attempt)
    run = None if problem is None else page.attempt_slow(learning.learn, problem, recipe_of(pinned, problem), pinned.epochs)
    return None if run is None else (pinned, problem, run)


def scene(epoch_place, bar):
    """Draw the controls, those of time in their own place, and return what they say."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        parts, table = data_controls()
        setup = Setup(**parts, **learning_controls())
        weights_place = st.popover("Weights")
        with st.popover("More"):
            marks = controls.choices("On the map", ["Test samples", "Two colours only"], key="marks")
            way = controls.choice("The last layer, seen by", inside.WAYS, key="way")
            pinned = controls.typed("Pinned run", "", Setup.read, key="pin")
            st.caption("Shown large:")
            shown_place = st.container()
        controls.reset()
    before = pinned_run(pinned, table)
    problem = problem_of(setup, table)
    with bar:
        run = page.slow(learning.learn, problem, recipe_of(setup, problem), setup.epochs, stops="epochs")
    with epoch_place:
        epoch = controls.step("Epoch", 0, setup.epochs, 100, key="epoch", seconds=max(4.0, min(12.0, setup.epochs / 40)))
        with st.container(horizontal=True):
            longer = min(2 * setup.epochs, MOST_EPOCHS)
            controls.setter(
                "Train on",
                dict(epochs=longer, epoch=longer),
                key="on",
                icon=":material/fast_forward:",
                help="As many epochs again.",
                off=longer == setup.epochs,
            )
            controls.setter("Pin this run", dict(pin=setup.text()), key="pin_it", icon=":material/keep:",
                            help="Its loss stays as a ghost; “Compare” says what differs.")  # fmt: skip
    epoch = min(epoch, run.n_epochs)
    network, weight = edited(run.network(epoch), weights_place)
    names = names_of(problem, network.layers)
    with shown_place:
        shown = controls.pick("Shown large", [OUTPUT, *names.values()], key="shown")
    place = next((at for at, name in names.items() if name == shown), None)
    seen = page.compute(inside.heat_maps, problem, network, place)
    moved = page.compute(inside.bent, problem, network, run.network(run.n_epochs), way)
    quiet = page.compute(inside.quiet_neurons, network, problem.X)
    return Scene(setup, problem, run, epoch, network, seen, moved, shown, marks, before, quiet, weight)


def edited(network, place):
    """Draw what edits weights, and return the network with them, and the name of the weight that is chosen."""
    with place:
        st.caption("A weight is w + layer, neuron, input; a bias b + layer, neuron.")
        name = controls.pick("Weight", backprop.parameter_names(network.layers), key="w")
        owner = controls.choice("Its value", ["Trained", "Mine"], key="by")
        trained = backprop.parameter(network, name)
        value = controls.slider(
            f"Value of {name}", -10, 10, 0, key="value", shows=trained if owner == "Trained" else None, sets=dict(by="Mine")
        )
        changes = controls.typed(
            "More changes, as w1_2_1=0.5; b2_1=1", "", lambda line: checked_edits(line, network.layers), key="edits",
            about=network.layers,
        )  # fmt: skip
    for changed, now in (changes | ({name: value} if owner == "Mine" else {})).items():
        network = page.compute(backprop.with_parameter, network, changed, now)
    return network, name


def checked_edits(line, layers):
    """Read changes of weights, or say which weight there is not."""
    found = controls.parsed_edits(line)
    for name, value in found.items():
        backprop.parameter_place(layers, name)
        if abs(value) > LARGEST_EDIT:
            raise ValueError(f"{name} is over {LARGEST_EDIT:g}; give it a smaller value, such as 2.")
    return found


def marks_of(problem, part, places, tested):
    """Return samples as marks: each class, or each third of the values, with an ink and a shape of its own."""
    part = part[:MOST_DRAWN]
    y, found = problem.y[part], []
    if len(problem.classes) > 2:
        glyphs = list(GLYPH_OF.values())
        looks = [(CATEGORIES[i % 8], glyphs[(i + i // 8 + 4 * tested) % 8]) for i in range(len(problem.classes))]
        kinds = y.astype(int)
    elif problem.classes:
        looks = [("second", "bar"), ("first", "cross")] if tested else [("second", "diamond"), ("first", "dot")]
        kinds = y.astype(int)
    else:
        looks = [("second", "down"), ("reference", "bar" if tested else "square"), ("first", "up")]
        kinds = np.digitize((y - problem.unit[1]) / problem.unit[0], [-0.33, 0.33])
    for at, kind in zip(places[part].tolist(), kinds.tolist(), strict=True):
        found.append(maps.Spot(tuple(at), *looks[kind]))
    return found


def spots_of(s, places):
    """Return the samples that are drawn."""
    found = marks_of(s.problem, s.problem.train, places, False)
    return found + (marks_of(s.problem, s.problem.test, places, True) if "Test samples" in s.marks else [])


def background(s, shown, regions, look, side=signed.SIDE):
    """Return the picture of what is answered at each place."""
    if regions.size:
        return maps.regions(regions, len(s.problem.classes), np.full(regions.shape, 0.35), look)
    return signed.signed_url(shown, look, side=side, discrete="Two colours only" in s.marks)


def picture(s, look):
    """Draw the map of the answers with the samples on it."""
    r, tracks, shown = s.problem.radius, [], s.maps.shown
    if s.problem.is_curve and s.shown == OUTPUT:
        x = np.linspace(-r, r, 121)[:, None]
        y = neural_net.forward(s.network, s.problem.inputs_at(x)).a[-1]
        tracks, shown = [maps.Track(np.hstack([x, y]), "result")], np.zeros((8, 8))
    drawn = maps.contour_map(
        "What the network answers at each place of the map",
        window=(-r, r, -r, r), look=look, picture=background(s, shown, s.maps.regions, look), tracks=tracks,
        spots=spots_of(s, s.problem.at),
    )  # fmt: skip
    show(drawn, says=sentence(s))


def sentence(s):
    """Return what the picture shows now."""
    what = "" if s.shown == OUTPUT else f"Shown is neuron {latex.plain(s.shown)}. "
    losses, right = page.compute(learning.losses_of, s.problem, s.network), page.compute(learning.scores, s.problem, s.network)
    told = f"{what}Epoch {s.epoch}: training loss {number(losses[0], 3)}, test loss {number(losses[1], 3)}"
    if s.problem.classes:
        told += f"; right: {number(100 * right.train, 3)} % and {number(100 * right.test, 3)} %."
    else:
        told += f"; R²: {number(right.train, 3)} and {number(right.test, 3)}."
    still = [why for layer in s.quiet for why in layer if why]
    if still:
        counted = ", ".join(f"{still.count(why)} {why}" for why in sorted(set(still)))
        told += f" **{counted} of {sum(map(len, s.quiet))} neurons.**"
    if s.run.reason:
        told += f" **Training ended: {latex.plain(s.run.reason)}.**"
    if s.setup.data in (TABLE, DIGITS):
        across, up = map(latex.plain, s.problem.axes)
        told += f" Across is {across}, up is {up}. {latex.plain(s.problem.note)}".rstrip()
    return told


def layers_picture(s, look):
    """Draw the network: what each neuron says to each place, and how much weight each link has."""
    names, sizes = names_of(s.problem, s.network.layers), s.network.layers
    last, counts = len(sizes) - 1, [min(sizes[0], SHOWN_INPUTS), *(min(n, MOST_NEURONS) for n in sizes[1:])]

    def state(layer, i):
        if names.get((layer, i), OUTPUT if layer == last else "") == s.shown and (layer < last or i == 0):
            return "chosen"
        return "dead" if 0 < layer < last and s.quiet[layer - 1][i] == "dead" else "plain"

    def label(layer, i):
        if layer == 0:
            return s.problem.inputs[i] if len(s.problem.inputs[i]) < 8 else ""
        return s.problem.classes[i][:6] if layer == last and s.problem.n_outputs > 1 else ""

    seen = s.maps.neurons
    columns = [[nets.Neuron(label(k, i), values=seen[k][i], state=state(k, i)) for i in range(n)] for k, n in enumerate(counts)]
    wires = [
        (k, i, j, float(W[j, i])) for k, W in enumerate(s.network.weights) for j, i in np.ndindex(counts[k + 1], counts[k])
    ]
    sizes_of = np.abs([w for *_, w in wires])
    least = np.quantile(sizes_of, 0.6) if len(wires) > MOST_WIRES else 0.0  # of many, the small ones are faint
    links = [nets.Link(*wire, state="faint" if abs(wire[3]) < least else "plain") for wire in wires]
    small = replace(look, size="small")
    heads = ["inputs", *(f"{k}" for k in range(1, last)), "output"]
    drawn = nets.net(
        "The network: a map in each neuron, links as wide as their weights", look=small, columns=columns, links=links,
        width=SMALL, height=SMALL, heads=heads,
    )  # fmt: skip
    places = nets.neuron_places(tuple(counts), SMALL, SMALL, small, **nets.room(columns, heads))
    shown = {names[k, i]: places[k][i] for k in range(last) for i in range(counts[k])} | {OUTPUT: places[-1][0]}
    pad = Pad(list(shown), np.array(list(shown.values())), "", "", "shown", hint="show it large")
    show(drawn, name="layers", says="Tap a neuron to see it large. Dashed: negative.", pad=pad)


def bent_picture(s, look):
    """Draw the map as the last hidden layer sees it."""
    r, layer = s.bent.radius, len(s.network.weights) - 1
    grid = [maps.Track(line, "reference", thin=True) for line in s.bent.lines]
    drawn = maps.contour_map(
        "The map as the last hidden layer sees it",
        window=(-r, r, -r, r), look=replace(look, size="small"),
        picture=background(s, s.bent.shown, s.bent.regions, look, SMALL),
        tracks=[*grid, maps.Track(s.bent.cut, "result", label="cut")], spots=spots_of(s, s.bent.points),
    )  # fmt: skip
    where = f"Layer {layer}, {s.bent.axes}" if layer else f"No hidden layer: {s.bent.axes}"
    show(drawn, name="bent", says=f"{where}: cut straight.")


def losses(s, look):
    """Draw both losses over the epochs, with those of the pinned run as ghosts."""
    runs = [(s.run, False)] + ([(s.pinned[2], True)] if s.pinned else [])
    values = np.concatenate([np.concatenate([run.train_loss, run.test_loss]) for run, _ in runs])
    values = np.maximum(values[np.isfinite(values)], 1e-6)
    low, high = (10.0 ** fit(np.log10(v)) for fit, v in ((np.floor, values.min()), (np.ceil, values.max())))
    lines = []
    for run, ghost in runs[::-1]:
        t = np.unique(np.linspace(0, run.n_epochs, 200).astype(int))
        both = ("train", run.train_loss, "result", "solid"), ("test", run.test_loss, "second", "dashed")
        for name, loss, ink, dash in both:
            lines.append(graphs.Line(t, np.clip(loss[t], low, high), ink, dash, "" if ghost else name, faint=ghost))
    far = max(run.n_epochs for run, _ in runs)
    drawn = graphs.graph(
        "The loss after each epoch", look=look, width=SMALL, height=120, x_axis=graphs.Axis(0, max(far, 1), "epoch"),
        y_axis=graphs.Axis(low, high if high > low else 10 * low, "loss", log=True), lines=lines,
        rules=[graphs.Rule(s.epoch, "reference")], labels=5,
    )  # fmt: skip
    best = f"Lowest test loss at epoch {int(np.nanargmin(s.run.test_loss))}."
    show(drawn, name="losses", says="Faint: the pinned run." if s.pinned else best)


def scored(s):
    """Second level: how well it does, class by class or in the unit of the values."""
    found = page.attempt(learning.scores, s.problem, s.network)
    if found is None:
        return
    if not s.problem.classes:
        st.markdown(
            f"Training: R² = **{number(found.train)}**, root mean square error {number(found.train_error)}. "
            f"Test: R² = **{number(found.test)}**, root mean square error {number(found.test_error)}."
        )
        return
    st.markdown(
        f"Right on the training part: **{number(100 * found.train)} %**, on the test part: **{number(100 * found.test)} %**. "
        "Each row is a class of the test part, each column what it is taken for."
    )
    most = found.confusion.sum(axis=1)
    usual, share = s.problem.classes[int(most.argmax())], number(100 * most.max() / max(most.sum(), 1), 3)
    st.caption(f"Whoever always says “{latex.plain(usual)}” is right on {share} % of the test part.")
    rows = [
        {"class": name} | {f"as {other}": int(n) for other, n in zip(s.problem.classes, row, strict=True)}
        for name, row in zip(s.problem.classes, found.confusion, strict=True)
    ]
    st.dataframe(rows, hide_index=True)


def seeds(s, look):
    """Second level: twelve other first weights."""
    found = page.slow(learning.other_seeds, s.problem, recipe_of(s.setup, s.problem), s.setup.epochs)
    word = "%" if s.problem.classes else "R²"
    tiles = []
    for seed, shown, regions, score in zip(found.seeds, found.shown, found.regions, found.scores, strict=True):
        told = f"{number(100 * score, 3)} %" if s.problem.classes else f"R² {number(score, 3)}"
        tiles.append(mosaics.Tile(background(s, shown, regions, look, 180), f"{seed}: {told}"))
    drawn = mosaics.mosaic("What other first weights lead to", look=look, tiles=tiles, across=3 if look.size == "small" else 4)
    best, worst = (number(float(f(found.scores)) * (100 if s.problem.classes else 1), 3) for f in (np.nanmax, np.nanmin))
    show(drawn, name="seeds", says=f"Seed and test score ({word}) after {s.setup.epochs} epochs: from {worst} to {best}.")


def one_weight(s, look):
    """Second level: the weight that is chosen under Weights, over all epochs, and its slope checked."""
    name = s.weight
    found = page.attempt(learning.checked_slope, s.problem, s.network, name)
    left, right = page.beside()
    place = backprop.parameter_place(s.network.layers, name)
    kept = s.run.history[:, place]
    t = np.arange(len(kept)) * s.run.every
    few = np.unique(np.linspace(0, len(kept) - 1, 200).astype(int))
    low, high = float(kept.min()), float(kept.max())
    room = max(0.1 * (high - low), 0.1)
    drawn = graphs.graph(
        "One weight over the epochs", look=replace(look, size="small"), x_axis=graphs.Axis(0, max(s.run.n_epochs, 1), "epoch"),
        y_axis=graphs.Axis(low - room, high + room, "value"), lines=[graphs.Line(t[few], kept[few], "result")],
        rules=[graphs.Rule(s.epoch, "reference")],
    )  # fmt: skip
    with left:
        show(drawn, name="weight", says=f"{name} is {number(float(backprop.parameter(s.network, name)))} now.")
    with right:
        st.markdown("Choose another one under **Weights**. Its slope, the derivative of the mean training loss:")
        if found is not None:
            page.invariant(f"dL/d{name}", ("backpropagation", found.slope), ("central difference", found.difference), tol=1e-6)


def compared(s):
    """Second level: the pinned run beside this one."""
    if s.pinned is None:
        st.markdown("Press **Pin this run**, then change something: its loss stays as a ghost, and here stands what differs.")
        return
    before, run = s.pinned[0], s.pinned[2]
    rows = [
        {"": f.name, "pinned": str(getattr(before, f.name)), "now": str(getattr(s.setup, f.name))}
        for f in fields(Setup)
        if getattr(before, f.name) != getattr(s.setup, f.name)
    ]
    ends = [
        {"": what, "pinned": number(float(of(run)), 3), "now": number(float(of(s.run)), 3)}
        for what, of in (
            ("training loss at the end", lambda r: r.train_loss[-1]),
            ("test loss at the end", lambda r: r.test_loss[-1]),
            ("test score at the end", lambda r: r.test_accuracy[-1]),
        )
    ]
    st.dataframe([*rows, *ends], hide_index=True)
    if not rows:
        st.caption("Nothing differs yet.")
    controls.setter("Forget the pinned run", dict(pin=""), key="unpin", icon=":material/keep_off:")


def beside_sklearn(s, look):
    """Second level: scikit-learn's network with the same layers."""
    if not controls.toggle("Train scikit-learn's network as well", key="other"):
        st.markdown("It has the same layers, activation, rate, batches and momentum, and its own first weights and loss.")
        return
    found = page.attempt_slow(learning.reference, s.problem, recipe_of(s.setup, s.problem), s.setup.epochs)
    if found is None:
        return
    word = "right on the test part" if s.problem.classes else "R² on the test part"
    st.dataframe(
        [
            {"": "ours", word: number(found.ours), "seconds": number(found.our_seconds, 3)},
            {"": f"scikit-learn {found.name}", word: number(found.theirs), "seconds": number(found.their_seconds, 3)},
        ],
        hide_index=True,
    )
    st.caption(f"{s.setup.epochs} epochs each; ours looks at both losses after every one and keeps all weights.")


def code():
    """Second level: the code of a step, as it ran and as it is read."""
    left, right = st.columns(2)
    with left:
        st.markdown("**What ran**: arrays that are made once")
        page.code(engine.Engine.epoch)
        page.code(engine._Pass)
    with right:
        st.markdown("**The same, readable**: equal to 1e-12")
        page.code(neural_net.downhill_step)
        page.code(neural_net.backpropagate)


def story():
    """The page, from the samples to the way onward."""
    look = page.look()
    picture_side, control_side = page.columns()
    with control_side:
        top, bar = st.container(), st.container()
        with page.grid(2):
            epoch_place, loss_place, layers_place, bent_place = (st.container() for _ in range(4))
    with top:
        s = scene(epoch_place, bar)
    with picture_side:
        picture(s, look)
    with loss_place:
        losses(s, look)
    with layers_place:
        layers_picture(s, look)
    with bent_place:
        bent_picture(s, look)
    with control_side:
        page.presets(PRESETS)
    page.views(
        {
            "Why it is true": lambda: page.truths("bent", REASONS),
            "Scores": lambda: scored(s),
            "Twelve seeds": lambda: seeds(s, look),
            "One weight": lambda: one_weight(s, look),
            "Compare": lambda: compared(s),
            "scikit-learn": lambda: beside_sklearn(s, look),
            "The code of a step": code,
        }
    )
    page.why(RULE, cut(s), neural_net.forward)
    take_home()
    page.end(
        tries=TRIES,
        before=Step("descent", "how a loss is walked down"),
        after=Step("backprop", "where each slope comes from"),
    )


def cut(s):
    """Return the output layer's sum with its numbers: where it is 0, there is the cut."""
    W, b = s.network.weights[-1][0], s.network.biases[-1][0]
    terms = [rf"{latex.num(float(W[0]))} \, a_1", *(rf"{latex.signed(float(w))} \, a_{{{i}}}" for i, w in enumerate(W[1:4], 2))]
    more = r"+ \dots" if len(W) > 4 else ""
    return f"z = {' '.join(terms)} {more} {latex.signed(float(b))}"


page.run("neural_net", story)
