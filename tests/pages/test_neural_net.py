"""The story of the page Neural net: its losses, pictures and presets are what NumPy makes of the same weights."""

import base64
import io
import itertools
import re

import numpy as np
import pytest
from PIL import Image
from screens import figure, fine, frame, says, text
from sklearn.metrics import r2_score, root_mean_squared_error
from sklearn.preprocessing import StandardScaler

from mml_core import datasets, problems, samples, training
from mml_ui import frame as frames
from mml_ui import tables

NUMBER = r"−?\d+(?:\.\d+)?(?:e[+−]\d+)?"
ACTIVATIONS = {
    "tanh": np.tanh, "ReLU": lambda z: z * (z > 0), "linear": lambda z: z, "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "softmax": lambda z: np.exp(z - z.max(1, keepdims=True)) / np.exp(z - z.max(1, keepdims=True)).sum(1, keepdims=True),
}  # fmt: skip
PRESETS = [
    "Circles", "Exclusive or", "No hidden layer", "A better input", "Six linear layers", "Spirals", "Zero start", "Too fast",
    "Dead neurons", "Saturated", "Overfitting", "A curve", "Digits",
]  # fmt: skip
TWO = "Two colours only"
CIRCLES = datasets.circles(500, 0, 1).X
ONE_CLASS = "a,b,kind\n" + "".join(f"{i},{i * i % 7},yes\n" for i in range(12))
TWO_CLASSES = "a,b,kind\n" + "".join(f"{i},{i * i % 7},{'no' if i < 6 else 'yes'}\n" for i in range(12))


@pytest.fixture(autouse=True)
def _moves_follow_each_other_faster_than_a_message_can_be_late(monkeypatch):
    monkeypatch.setattr(frames, "STALE", 0)


@pytest.fixture
def opened(open_page):
    def page(**names):
        return fine(
            open_page("neural_net", **{f"neural_net_{k}": v if isinstance(v, list) else str(v) for k, v in names.items()})
        )

    return page


# What is on the screen


def value(found):
    return float(found.replace("−", "-"))


def close(expected, digits=3):
    """As many digits as the page writes."""
    return pytest.approx(expected, rel=0.6 * 10.0 ** (1 - digits), abs=1e-12)


class Told:
    """The main sentence."""

    def __init__(self, app):
        n = f"({NUMBER})"
        match = re.fullmatch(
            rf"(?:Shown is neuron (.+?)\. )?Epoch (\d+): training loss {n}, test loss {n}; "
            rf"(right|R²): {n}(?: %)? and {n}(?: %)?\.( \*\*.*?\*\*)?(?: Across is (.+?), up is (.+?)\.(?: (.+))?)?",
            says(app),
        )
        assert match, says(app)
        self.shown, self.epoch, self.more = match[1], int(match[2]), (match[8] or "").strip()
        self.train, self.test = value(match[3]), value(match[4])
        self.axes, self.note = (match[9], match[10]), match[11] or ""
        share = 100 if match[5] == "right" else 1
        self.right = value(match[6]) / share, value(match[7]) / share


def press(app, name):
    (pills,) = (b for b in app.get("button_group") if b.key == "neural_net_preset")
    return fine(pills.set_value(name).run())


def click(app, name):
    return fine(app.button(key=f"neural_net_{name}").click().run())


def set_slider(app, name, number):
    return fine(app.slider(key=f"neural_net_{name}").set_value(number).run())


def choose(app, name, option):
    (group,) = (b for b in app.get("button_group") if b.key == f"neural_net_{name}")
    return fine(group.set_value(option).run())


def value_of(app, name):
    return app.session_state[f"neural_net_{name}"]


def type_into(app, name, line):
    return fine(app.text_input(key=f"neural_net_{name}").set_value(line).run())


def turn_to(app, view):
    app.session_state["neural_net_view"] = view
    return fine(app.run())


def upload(app, data):
    return fine(app.file_uploader(key="neural_net_table_file").set_value(("mine.csv", data.encode(), "text/csv")).run())


def yours(opened, data, **names):
    return upload(opened(data="A table", table="Yours", **names), data)


def table(app, kind, name="main"):
    return figure(app, name).tables[kind]


def called(app, name):
    return next(c for c in frame(app).calls if c.function.__name__ == name)


def network(app):
    """Return the network that is on the screen."""
    return called(app, "bent").arguments["network"]


def picture(app, name="main", kind="picture"):
    (url,) = table(app, kind, name)["url"]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",", 1)[1]))).convert("RGBA")).astype(int)


def middles(radius, n):
    """Return the places (n, n, 2) of the pixels of a picture, the first row at the top."""
    middle = radius * ((2 * np.arange(n) + 1) / n - 1)
    return np.stack(np.meshgrid(middle, -middle), axis=2)


def assert_positive_where(app, own, name="main"):
    """See that of a picture in two colours the one lies where our own function is positive, and only there."""
    pixels = picture(app, name)[..., :3]
    r = figure(app, name).window[1]
    field = own(middles(r, len(pixels)).reshape(-1, 2)).reshape(pixels.shape[:2])
    sure = 0.05 * np.abs(field).max()
    above, below = pixels[field > sure], pixels[field < -sure]
    assert len(above) > 500
    assert len(below) > 500
    colours, counts = np.unique(above, axis=0, return_counts=True)
    colour = colours[counts.argmax()]
    assert (above == colour).all(axis=1).mean() > 0.98
    assert (below == colour).all(axis=1).mean() < 0.01


def tiles(app):
    """Return the maps of the neurons as pictures, by column from the left."""
    pixels, found = picture(app, "layers", "pictures"), table(app, "neurons", "layers")
    found = found[(found["kind"] == "square") & (found["angle"] == 0)].drop_duplicates(["x", "y"])
    half = int(np.sqrt(found["size"].min())) // 2 - 3
    return [
        [pixels[int(y) - half : int(y) + half, int(x) - half : int(x) + half] for y in sorted(column["y"])]
        for x, column in found.groupby("x")
    ]


# Our own calculation


def activations(net, X):
    """Return what every layer gives."""
    a, names = [X], [net.activation] * (len(net.weights) - 1) + [net.output]
    for W, b, name in zip(net.weights, net.biases, names, strict=True):
        a.append(ACTIVATIONS[name](a[-1] @ W.T + b))
    return a


def output(net, X):
    return activations(net, X)[-1]


def loss(net, X, targets):
    a = output(net, X)
    if net.loss == "squared":
        return ((a - targets) ** 2).sum(axis=1).mean() / 2
    if net.output == "softmax":
        return -np.log(a[targets == 1]).mean()
    return -np.log(np.where(targets == 1, a, 1 - a)).mean()


def right(net, X, targets):
    """Return the share of right answers, of values R²."""
    a = output(net, X)
    if net.output == "linear":
        return r2_score(targets, a)
    if a.shape[1] > 1:
        return (a.argmax(axis=1) == targets.argmax(axis=1)).mean()
    middle = 0.5 if net.output == "sigmoid" else 0.0
    return ((a > middle) == (targets > middle)).mean()


def plainly(problem, n_epochs, hidden=(4, 2), rate=0.1, **more):
    """Return the training that the page makes by default, in the plain words of the core."""
    layers = (problem.X.shape[1], *hidden, problem.n_outputs)
    names = dict(output=problem.output, loss=problem.loss, learning_rate=rate, batch_size=10) | more
    return training.train_plainly(
        problem.X[problem.train], problem.targets[problem.train], layers=layers, n_epochs=n_epochs, **names
    )


def assert_told(app, net, problem, epoch):
    told = Told(app)
    parts = [(problem.X[part], problem.targets[part]) for part in (problem.train, problem.test)]
    assert told.epoch == epoch
    assert [told.train, told.test] == close([loss(net, *part) for part in parts])
    assert list(told.right) == close([right(net, *part) for part in parts])


# Epochs


PROBLEMS = {
    "classes": (dict(), problems.toy_problem("Circles")),
    "noisy classes, cross-entropy": (
        dict(data="Spirals", noise=20, share=70, draw=3, loss="cross-entropy", inputs=["x1", "x2", "sin x1"]),
        problems.toy_problem("Spirals", 0.2, 0.7, 3, ("x1", "x2", "sin x1"), loss="cross-entropy"),
    ),
    "values": (dict(data="Plane"), problems.toy_problem("Plane")),
    "a curve": (dict(data="Sine", noise=10), problems.toy_problem("Sine", 0.1)),
}


@pytest.mark.parametrize("what", PROBLEMS)
def test_losses_and_shares_right_are_those_of_the_plain_network_at_each_epoch(opened, what):
    names, problem = PROBLEMS[what]
    run = plainly(problem, 3)
    app = opened(epoch=3, **names)
    for epoch in (3, 0):
        app = set_slider(app, "epoch", epoch)
        assert_told(app, run.network(epoch), problem, epoch)


def test_all_that_changes_a_training_is_in_the_losses(opened):
    names = dict(activation="ReLU", scheme="He", seed=4, n=1, n1=3, rate=-1.5, batch=25, momentum=0.5, price="L2", much=-1)
    problem = problems.toy_problem("Exclusive or")
    more = dict(activation="ReLU", scheme="He", seed=4, batch_size=25, momentum=0.5, l2=0.1)
    run = plainly(problem, 2, (3,), 10**-1.5, **more)
    assert_told(opened(data="Exclusive or", epoch=2, **names), run.network(2), problem, 2)


def test_at_epoch_0_are_the_first_weights_and_going_back_brings_them_again(opened):
    rng = np.random.default_rng(1)
    own = [np.sqrt(2 / (n + m)) * rng.standard_normal((m, n)) for n, m in ((2, 4), (4, 2), (2, 1))]
    start = opened(epoch=0)
    for app in (start, set_slider(set_slider(opened(), "epoch", 37), "epoch", 0)):
        for W, b, ours in zip(network(app).weights, network(app).biases, own, strict=True):
            np.testing.assert_allclose(W, ours, atol=1e-12)
            assert not b.any()
        assert says(app) == says(start)
        for name in ("main", "bent"):
            assert (picture(app, name) == picture(start, name)).all()
    assert says(opened()) != says(start)


def test_the_lines_of_the_losses_are_those_of_every_epoch(opened):
    app, problem = opened(epoch=60), PROBLEMS["classes"][1]
    run = called(app, "learn").result
    nets = [run.network(e) for e in range(101)]
    lines = table(app, "lines", "losses")
    for ink, part in (("result", problem.train), ("second", problem.test)):
        own = [loss(net, problem.X[part], problem.targets[part]) for net in nets]
        drawn = lines[lines["ink"] == ink]
        np.testing.assert_allclose(drawn["x"], np.arange(101))
        np.testing.assert_allclose(10 ** drawn["y"], own, rtol=1e-6)
    assert says(app, "losses") == f"Lowest test loss at epoch {np.argmin(own)}."
    assert table(app, "rules", "losses")["x"].tolist() == [60]


def test_train_on_doubles_the_epochs_and_ends_where_training_at_once_does(opened):
    app = click(opened(n=1), "on")
    assert (value_of(app, "epochs"), value_of(app, "epoch")) == (200, 200)
    assert Told(app).epoch == 200
    assert says(app) == says(opened(n=1, epochs=200, epoch=200))
    app = opened(n=0, epochs=1500)
    app = click(app, "on")
    assert (value_of(app, "epochs"), value_of(app, "epoch")) == (2000, 2000)
    assert app.button(key="neural_net_on").disabled


def test_a_training_that_ends_early_says_why_and_what_to_try_and_later_epochs_show_its_last(opened):
    problem = problems.toy_problem("Plane")
    run = plainly(problem, 5, rate=10.0, activation="ReLU")
    last = run.n_epochs
    assert last < 5, "it diverges"
    app = opened(data="Plane", rate=1, activation="ReLU", epoch=100)
    told = Told(app)
    assert told.epoch == last
    assert f"**Training ended: in epoch {last + 1} the loss grew beyond any number" in told.more
    assert (
        "the steps are too long. Try a learning rate of 1, inputs of smaller size, or another activation than ReLU" in told.more
    )
    assert value_of(app, "epoch") == 100
    assert told.train == close(loss(run.network(last), problem.X[problem.train], problem.targets[problem.train]))
    app = set_slider(app, "epoch", 1)
    assert Told(app).epoch == 1
    for view in ("Scores", "One weight", "Compare"):
        fine(turn_to(app, view))


# Pictures


def test_each_sample_is_marked_at_its_place_by_its_class_and_tests_only_where_asked_for(opened):
    r = np.hypot(*CIRCLES.T)
    train = samples.split(500, 0.5, 1).train
    is_train = np.isin(np.arange(500), train)
    for marks in ([], ["Test samples"]):
        points = table(opened(marks=marks), "points")
        looks = {(True, True): ("first", "dot"), (True, False): ("second", "diamond")}
        if marks:
            looks |= {(False, True): ("first", "cross"), (False, False): ("second", "bar")}
        assert len(points) == (500 if marks else 250)
        for (trained, inside), (ink, kind) in looks.items():
            found = points[(points["ink"] == ink) & (points["kind"] == kind)][["x", "y"]].to_numpy()
            own = CIRCLES[(is_train == trained) & ((r < 2.5) == inside)]
            np.testing.assert_allclose(found[np.lexsort(found.T)], own[np.lexsort(own.T)])


def test_of_many_samples_three_hundred_of_each_part_are_drawn(opened):
    assert len(table(opened(share=90, marks=["Test samples"]), "points")) == 300 + 50


def test_values_are_marked_by_three_shapes_from_low_to_high(opened):
    points = table(opened(data="Plane", n=0), "points")
    heights = points[["x", "y"]].sum(axis=1) / 10
    assert len(points) == 250
    assert points["kind"].tolist() == np.select([heights < -0.33, heights < 0.33], ["down", "square"], "up").tolist()


def test_the_main_picture_is_positive_where_the_output_is(opened):
    for names, inputs in ((dict(), lambda p: p), (dict(inputs=["x1^2", "x1 x2"], n=0), lambda p: p[:, :1] * p)):
        app = opened(marks=[TWO], epoch=20, **names)
        assert_positive_where(app, lambda p, app=app, inputs=inputs: output(network(app), inputs(p)))


def test_shown_large_a_neuron_takes_the_main_picture(opened):
    app = opened(marks=[TWO])
    before = picture(app)
    (pad,) = (p for p in frame(app).pads if p["chosen"] == "neural_net_shown")
    assert pad["names"] == ["x1", "x2", "1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "Output"]
    for name, layer, i in (("1.3", 1, 2), ("2.1", 2, 0), ("x2", 0, 1)):
        app = fine(app.selectbox(key="neural_net_shown").set_value(name).run())
        assert Told(app).shown == name
        assert (picture(app) != before).any()
        if layer == 2:  # one that is near a limit everywhere has no second side
            own = activations(network(app), middles(6, 390).reshape(-1, 2))[2][:, 0]
            if min(own.max(), -own.min()) < 0.1:
                continue
        assert_positive_where(app, lambda p, layer=layer, i=i, app=app: activations(network(app), p)[layer][:, i])
    app = fine(app.selectbox(key="neural_net_shown").set_value("Output").run())
    assert Told(app).shown is None
    assert (picture(app) == before).all()


def test_two_colours_only_leaves_few_of_many_colours(opened):
    many, few = (len(np.unique(picture(opened(marks=m)).reshape(-1, 4), axis=0)) for m in ([], [TWO]))
    assert few <= 12 < 30 < many


def test_the_bent_grid_and_samples_are_what_the_last_hidden_layer_gives_and_the_cut_is_its_zero(opened):
    app = opened(epoch=30)
    net = network(app)
    along, across = np.linspace(-6, 6, 31), np.linspace(-6, 6, 13)
    upright = np.array([[(k, s) for s in along] for k in across])
    own = activations(net, np.concatenate([upright, upright[..., ::-1]]).reshape(-1, 2))[-2].reshape(26, 31, 2)
    paths = table(app, "paths", "bent")
    grid = [line[["x", "y"]].to_numpy() for _, line in paths[paths["part"] == "thin"].groupby("path")]
    np.testing.assert_allclose(grid, own, atol=1e-12)
    cut = paths[paths["ink"] == "result"][["x", "y"]].to_numpy()
    assert len(cut) == 2
    np.testing.assert_allclose(cut @ net.weights[-1][0] + net.biases[-1][0], 0, atol=1e-9)
    points = table(app, "points", "bent")
    rows = samples.split(500, 0.5, 1).train
    np.testing.assert_allclose(points[["x", "y"]], activations(net, CIRCLES[rows])[-2], atol=1e-12)
    inside = np.hypot(*CIRCLES[rows].T) < 2.5
    assert points["kind"].tolist() == np.where(inside, "dot", "diamond").tolist()
    assert says(app, "bent") == "Layer 2, neurons 1 and 2: cut straight."


def test_the_bent_picture_is_positive_on_one_side_of_the_cut(opened):
    app = opened(marks=[TWO])
    net = network(app)
    assert_positive_where(app, lambda p: np.tanh(p @ net.weights[-1][0] + net.biases[-1][0]), "bent")


def test_without_hidden_layers_the_grid_is_straight_and_the_cut_is_the_boundary(opened):
    app = opened(n=0, data="Two blobs")
    assert says(app, "bent") == "No hidden layer: inputs 1 and 2: cut straight."
    paths = table(app, "paths", "bent")
    for _, line in paths[paths["part"] == "thin"].groupby("path"):
        assert min(np.ptp(line["x"]), np.ptp(line["y"])) == 0
    net, cut = network(app), paths[paths["ink"] == "result"][["x", "y"]].to_numpy()
    np.testing.assert_allclose(cut @ net.weights[0][0] + net.biases[0][0], 0, atol=1e-9)


def test_the_principal_components_of_a_wide_layer_are_those_of_the_samples(opened):
    app = opened(n=1, n1=6, way="Principal components")
    assert says(app, "bent") == "Layer 1, components 1 and 2: cut straight."
    hidden = activations(network(app), CIRCLES[samples.split(500, 0.5, 1).train])[-2]
    centred = hidden - hidden.mean(axis=0)
    spread = np.sqrt(np.linalg.eigvalsh(centred.T @ centred / len(centred))[::-1][:2])
    found = (called(app, "bent").result.points[samples.split(500, 0.5, 1).train]).std(axis=0)
    np.testing.assert_allclose(found, spread, rtol=1e-9)


@pytest.mark.parametrize(("names", "layers"), [
    (dict(n=0), (2, 1)),
    (dict(n=1, n1=3), (2, 3, 1)),
    (dict(n=3, n1=5, n2=1, n3=2, inputs=["x1", "x1^2", "sin x2"]), (3, 5, 1, 2, 1)),
    (dict(n=6, n1=8, n2=8, n3=8, n4=8, n5=8, n6=8), (2, 8, 8, 8, 8, 8, 8, 1)),
])  # fmt: skip
def test_the_network_has_as_many_neurons_and_links_as_its_layers_say(opened, names, layers):
    app = opened(epoch=0, **names)
    neurons = table(app, "neurons", "layers").drop_duplicates(["x", "y"])
    assert neurons.groupby("x").size().tolist() == list(layers)
    assert [len(column) for column in tiles(app)] == list(layers)
    links = table(app, "links", "layers")
    weights = network(app).weights
    assert [W.shape for W in weights] == [(m, n) for n, m in itertools.pairwise(layers)]
    w = np.concatenate([W.ravel() for W in weights])
    assert len(links) == len(w)
    faint = links["opacity"] < 1
    assert links[faint]["width"].max() <= links[~faint]["width"].min() if faint.any() else len(w) <= 60


def test_links_are_as_wide_as_their_weights_and_dashed_where_negative(opened):
    app = opened(n=2, n1=3, n2=2)
    links = table(app, "links", "layers")
    neurons = table(app, "neurons", "layers").drop_duplicates(["x", "y"])
    columns = [np.sort(column["y"].to_numpy()) for _, column in neurons.groupby("x")]
    xs = np.unique(neurons["x"])
    w = []
    for x, y, x2, y2 in links[["x", "y", "x2", "y2"]].to_numpy():
        k = int(np.abs(xs - x).argmin())
        assert int(np.abs(xs - x2).argmin()) == k + 1
        i, j = (int(np.abs(columns[c] - v).argmin()) for c, v in ((k, y), (k + 1, y2)))
        w.append(network(app).weights[k][j, i])
    w = np.array(w)
    assert len(np.unique(w)) == 2 * 3 + 3 * 2 + 2
    assert (np.argsort(np.abs(w)) == np.argsort(links["width"])).all()
    assert links["dash"].tolist() == np.where(w < 0, "dashed", "solid").tolist()
    assert links["ink"].tolist() == np.where(w < 0, "second", "first").tolist()


def test_the_bent_picture_names_its_cut_where_it_has_one(opened):
    def drawn(app):
        paths = table(app, "paths", "bent")
        return table(app, "labels", "bent")["text"].tolist(), len(paths[paths["ink"] == "result"])

    app = opened()
    assert drawn(app) == (["cut"], 2)
    r, cut = figure(app, "bent").window[1], called(app, "bent").result.cut
    np.testing.assert_allclose(np.abs(cut).max(axis=1), r, rtol=1e-9)
    assert drawn(type_into(app, "edits", "b3_1=-50")) == ([], 0), "the line misses the picture"
    assert drawn(opened(data="A table")) == ([], 0), "three classes"


# Presets


def test_these_are_the_presets_and_the_first_is_the_page(opened):
    (pills,) = (b for b in opened().get("button_group") if b.key == "neural_net_preset")
    assert list(pills.options) == PRESETS
    assert pills.value == "Circles"


def test_one_straight_cut_cannot_do_exclusive_or_and_a_better_input_can(opened):
    app = press(opened(), "No hidden layer")
    assert network(app).layers == (2, 1)
    best = max(Told(set_slider(app, "epoch", e)).right[0] for e in (50, 100))
    assert 0.5 <= best < 0.75
    assert all(0.5 <= share < 0.75 for share in Told(app).right)
    app = press(app, "A better input")
    assert network(app).layers == (1, 1)
    assert min(Told(app).right) > 0.98
    app = press(app, "Exclusive or")
    assert min(Told(app).right) > 0.98


def test_circles_are_parted(opened):
    assert min(Told(opened()).right) > 0.98


def test_six_linear_layers_are_one_linear_map_and_stay_below_three_quarters(opened):
    app = press(opened(), "Six linear layers")
    told, net = Told(app), network(app)
    assert net.layers == (2, 4, 2, 4, 4, 4, 4, 1)
    assert max(told.right) < 0.75
    product, shift = np.eye(2), np.zeros(2)
    for W, b in zip(net.weights, net.biases, strict=True):
        product, shift = W @ product, W @ shift + b
    parts = called(app, "toy_problem").result
    one = np.tanh(CIRCLES @ product.T + shift)[:, 0] > 0
    shares = [(one == (np.hypot(*CIRCLES.T) < 2.5))[part].mean() for part in (parts.train, parts.test)]
    assert list(told.right) == close(shares)


def test_three_layers_of_eight_part_the_spirals(opened):
    app = press(opened(), "Spirals")
    told, net = Told(app), network(app)
    assert (net.layers, net.activation) == ((2, 8, 8, 8, 1), "ReLU")
    assert told.epoch == 400
    assert told.right[0] > 0.98
    assert told.right[1] > 0.9


def test_from_zero_weights_all_neurons_of_a_layer_stay_alike_and_nothing_is_learnt(opened):
    app = press(opened(), "Zero start")
    for layer in tiles(app)[1:3]:
        for tile in layer[1:]:
            assert (tile == layer[0]).all()
    first, second = tiles(app)[0]
    assert (first != second).any(), "the inputs differ"
    for W in network(app).weights[:2]:
        assert not np.ptp(W, axis=0).any()
    assert Told(app).right[1] == pytest.approx(0.5, abs=0.06)
    assert Told(app).train == pytest.approx(0.5, abs=0.01)


def test_too_fast_ends_every_epoch_above_the_one_before_it_until_the_numbers_end(opened):
    app = press(opened(), "Too fast")
    told, problem = Told(app), problems.toy_problem("Plane")
    run = plainly(problem, 100, (), 10**-0.4, batch_size=1000)
    assert (run.n_epochs, told.epoch) == (84, 84)
    assert network(app).layers == (2, 1)
    losses = [loss(run.network(e), problem.X[problem.train], problem.targets[problem.train]) for e in range(85)]
    lines = table(app, "lines", "losses")
    drawn = lines[lines["ink"] == "result"].sort_values("x")
    np.testing.assert_allclose(drawn["x"], np.arange(85), atol=1e-9)
    np.testing.assert_allclose(drawn["y"], np.log10(losses), rtol=1e-6)
    assert (np.diff(drawn["y"]) > 0).all()
    assert told.train == close(losses[-1])
    assert told.train > 1e90
    assert told.right[0] < -1e90


def test_too_fast_says_why_it_ended_and_what_it_says_helps(opened):
    app = press(opened(), "Too fast")
    found = re.fullmatch(
        rf"\*\*Training ended: in epoch 85 the loss grew beyond any number\\?: the steps are too long\. Try a learning rate of "
        rf"({NUMBER}), inputs of smaller size, or another activation than tanh\.\*\*",
        Told(app).more,
    )
    assert found, Told(app).more
    rate = value(found[1])
    assert rate == close(10**-0.4 / 10, 2)
    told = Told(set_slider(app, "rate", round(np.log10(rate), 2)))
    assert (told.epoch, told.more) == (100, "")
    assert min(told.right) > 0.99


def test_dead_neurons_names_how_many_and_crosses_them_out_and_they_never_learn_again(opened):
    app = press(opened(), "Dead neurons")
    net, run = network(app), called(app, "learn").result
    dead = [(a == 0).all(axis=0) for a in activations(net, CIRCLES)[1:-1]]
    assert [layer.tolist() for layer in dead] == [[False] * 4, [True] * 2]
    assert Told(app).epoch == 100
    assert Told(app).more == "**2 dead of 6 neurons.**"
    neurons = table(app, "neurons", "layers")
    columns = np.unique(neurons[neurons["kind"] == "square"]["x"])
    assert len(columns) == 4
    crosses = neurons[neurons["kind"] == "cross"]["x"].to_numpy()
    assert np.abs(columns - crosses[:, None]).argmin(axis=1).tolist() == [2, 2], "both neurons of the second hidden layer"
    for e in (1, 50):  # dead from the first epoch on: no slope comes back
        assert all((now == W).all() for W, now in zip(run.network(e).weights[:2], net.weights[:2], strict=True))


def test_dead_neurons_are_alive_before_the_long_step(opened):
    app = set_slider(press(opened(), "Dead neurons"), "epoch", 0)
    assert all((a > 0).any(axis=0).all() for a in activations(network(app), CIRCLES)[1:-1])
    assert Told(app).more == ""


def test_of_all_columns_the_inputs_have_numbers(opened):
    app = opened(data="A table", **{"from": "All columns"})
    (pad,) = (p for p in frame(app).pads if p["chosen"] == "neural_net_shown")
    hidden = ["1.1", "1.2", "1.3", "1.4", "2.1", "2.2"]
    assert pad["names"] == [*(f"input {i}" for i in range(1, 8)), *hidden, "Output"]
    app = fine(app.selectbox(key="neural_net_shown").set_value("input 2").run())
    assert Told(app).shown == "input 2"
    assert called(app, "heat_maps").arguments["shown"] == (0, 1)


# Whole layers that die early stay dead, whatever a machine's rounding makes of such long steps.
@pytest.mark.parametrize("names", [dict(rate=0.35), dict(rate=0.5), dict(rate=0, n=3, n2=4, scheme="He")])
def test_dead_neurons_are_counted_in_the_sentence_and_crossed_out_in_the_network(opened, names):
    app = opened(activation="ReLU", seed=3, **names)
    hidden = activations(network(app), CIRCLES)[1:-1]
    dead, of = sum(int((a == 0).all(axis=0).sum()) for a in hidden), sum(a.shape[1] for a in hidden)
    assert dead >= 2
    assert Told(app).more == f"**{dead} dead of {of} neurons.**"
    assert (table(app, "neurons", "layers")["kind"] == "cross").sum() == dead
    assert max(Told(app).right) < 0.55, "a whole layer is dead"


def test_saturated_counts_its_saturated_neurons_and_does_clearly_worse(opened):
    app = opened()
    good = Told(app)
    app = press(app, "Saturated")
    bad, X = Told(app), CIRCLES * [100, 1]
    limits = [(np.abs(a) > 0.95).mean(axis=0) >= 0.95 for a in activations(network(app), X)[1:-1]]
    n = int(sum(layer.sum() for layer in limits))
    assert n >= 1
    assert bad.more == f"**{n} saturated of 6 neurons.**"
    assert bad.right[1] < good.right[1] - 0.3
    assert bad.test > 10 * good.test


def test_overfitting_learns_the_noise_and_its_test_loss_turns_up(opened):
    app = press(opened(), "Overfitting")
    told, problem = Told(app), called(app, "toy_problem").result
    assert len(problem.train) == 50
    run = called(app, "learn").result
    tested = [loss(run.network(e), problem.X[problem.test], problem.targets[problem.test]) for e in range(401)]
    assert told.test == close(tested[-1])
    assert told.train < 0.2 * told.test
    assert told.test > 1.5 * min(tested)
    assert says(app, "losses") == f"Lowest test loss at epoch {np.argmin(tested)}."
    assert np.argmin(tested) < 200


def test_overfitting_learns_its_training_samples_by_heart(opened):
    assert Told(press(opened(), "Overfitting")).train < 0.01


def test_a_curve_is_drawn_through_its_points(opened):
    app = press(opened(), "A curve")
    told = Told(app)
    assert told.epoch == 800
    assert told.test < 0.05
    assert told.right[1] > 0.8
    path = table(app, "paths")[["x", "y"]].to_numpy()
    np.testing.assert_allclose(path[:, 1:], output(network(app), path[:, :1]), atol=1e-12)
    points = table(app, "points")
    np.testing.assert_allclose(points["y"], np.sin(2 * points["x"]), atol=1e-12)


def test_digits_are_read_and_told_apart_by_ink_and_shape(opened):
    app = press(opened(), "Digits")
    told = Told(app)
    assert told.right[1] > 0.9
    assert_told(app, network(app), called(app, "digits_problem").result, 100)
    points = table(app, "points")
    assert len(points) >= 290
    assert len(points[["ink", "kind"]].drop_duplicates()) == 10
    neurons = table(app, "neurons", "layers").drop_duplicates(["x", "y"])
    assert neurons.groupby("x").size().tolist() == [7, 8, 8], "of many inputs or outputs some stand for all"
    app = turn_to(app, "Scores")
    (found,) = app.dataframe
    confusion = found.value.set_index("class").to_numpy()
    assert confusion.sum() == len(called(app, "digits_problem").result.test)
    assert np.trace(confusion) / confusion.sum() == close(told.right[1])


# Weights in the hand


def test_a_weight_shows_its_trained_value_and_taken_into_the_hand_it_is_mine(opened):
    app = opened(w="w3_1_2", marks=[TWO])
    before, trained = picture(app), network(app)
    assert app.slider(key="neural_net_value").value == pytest.approx(trained.weights[2][0, 1], abs=0.006)
    app = set_slider(app, "value", -4.5)
    assert value_of(app, "by") == "Mine"
    W = [M.copy() for M in trained.weights]
    W[2][0, 1] = -4.5
    edited = type(trained)(tuple(W), trained.biases, "tanh", "tanh", "squared")
    assert (picture(app) != before).any()
    assert_positive_where(app, lambda p: output(edited, p))
    app = choose(app, "by", "Trained")
    assert (picture(app) == before).all()
    assert app.slider(key="neural_net_value").value == pytest.approx(trained.weights[2][0, 1], abs=0.006)


def test_a_typed_bias_moves_the_picture_and_a_mistake_keeps_it(opened):
    app = opened(marks=[TWO])
    net = network(app)
    app = type_into(app, "edits", "b3_1=-0.8; w1_2_1=0")
    moved = type(net)(
        (np.where([[0, 0], [1, 0], [0, 0], [0, 0]], 0, net.weights[0]), *net.weights[1:]),
        (*net.biases[:2], np.array([-0.8])), "tanh", "tanh", "squared",
    )  # fmt: skip
    assert_positive_where(app, lambda p: output(moved, p))
    before = picture(app)
    for line, sentence in {
        "b3_1=high": "“b3_1=high” is not a change; write name=number",
        "w4_1_1=2": "there is no parameter 'w4_1_1'; with layers 2, 4, 2, 1 there are weights from w1_1_1",
        "b3_2=1": "there is no parameter 'b3_2'",
        "b3_1=1e999": "“b3_1=1e999” is not a change",
    }.items():
        app = type_into(app, "edits", line)
        assert sentence in frame(app).problem, line
        assert (picture(app) == before).all(), line
    app = type_into(app, "edits", "")
    assert not frame(app).problem
    assert_positive_where(app, lambda p: output(net, p))


def test_edits_of_a_layer_that_is_taken_away_get_a_sentence(opened):
    app = opened(edits="b3_1=1")
    app = fine(app.number_input(key="neural_net_n").set_value(1.0).run())
    assert "there is no parameter 'b3_1'; with layers 2, 4, 1" in frame(app).problem


def test_after_an_edit_the_sentence_tells_the_losses_of_the_network_that_is_shown(opened):
    app, problem = opened(edits="b3_1=-5"), PROBLEMS["classes"][1]
    assert network(app).biases[2] == [-5]
    assert_told(app, network(app), problem, 100)
    edited, trained = Told(app), called(app, "learn").result.network(100)
    lines = table(app, "lines", "losses")
    for ink, part in (("result", problem.train), ("second", problem.test)):
        drawn = lines[(lines["ink"] == ink) & (lines["x"] == 100)]["y"].item()
        assert 10**drawn == pytest.approx(loss(trained, problem.X[part], problem.targets[part]), rel=1e-6), "the trained run"
    app = type_into(app, "edits", "")
    assert_told(app, trained, problem, 100)
    assert Told(app).train < edited.train / 10


@pytest.mark.parametrize("what", ["values", "noisy classes, cross-entropy"])
def test_a_weight_in_the_hand_is_in_the_sentence(opened, what):
    names, problem = PROBLEMS[what]
    app = set_slider(opened(w="w1_1_1", epoch=3, **names), "value", 4.0)
    assert network(app).weights[0][0, 0] == 4
    assert_told(app, network(app), problem, 3)


def test_edits_whose_loss_is_no_number_get_a_sentence(opened):
    opened(data="Plane", edits="b3_1=1e200")


def test_one_weight_is_drawn_over_all_epochs(opened):
    app = opened(view="One weight", w="b2_1", epoch=40)
    run = called(app, "learn").result
    lines = table(app, "lines", "weight")
    np.testing.assert_allclose(lines["y"], [run.network(e).biases[1][0] for e in range(101)], atol=1e-6)
    assert says(app, "weight").startswith("b2_1 is ")
    assert value(re.search(rf"is ({NUMBER}) now", says(app, "weight"))[1]) == close(run.network(40).biases[1][0], 4)
    assert "equal to" in text(app)
    assert "they differ" not in text(app)


# Tables


def own_table(X, y=None, target=None):
    """Return standardised columns and targets of a table, with the parts: scikit-learn's scaling by the training rows."""
    parts = samples.split(len(X), 0.5, 1)
    Z = StandardScaler().fit(X[parts.train]).transform(X)
    if target is None:
        return Z, (y[:, None] == np.unique(y)).astype(float), parts
    return Z, StandardScaler().fit(target[parts.train, None]).transform(target[:, None]), parts


@pytest.mark.parametrize("wanted", ["Two columns", "All columns"])
def test_the_wines_cultivar_is_told_from_columns(opened, wanted):
    wine = tables.one_table()
    y = np.asarray(wine.others["cultivar"])
    columns = [1, 6] if wanted == "Two columns" else range(len(wine.columns))
    Z, targets, parts = own_table(np.asarray(wine.X)[:, columns], y)
    run = training.train_plainly(
        Z[parts.train], targets[parts.train], layers=(len(columns), 4, 2, 3), output="softmax", loss="cross-entropy",
        learning_rate=0.1, batch_size=10, n_epochs=3,
    )  # fmt: skip
    names = dict(across=wine.columns[1], up=wine.columns[6]) if wanted == "Two columns" else {}
    app = opened(data="A table", epoch=3, **{"from": wanted}, **names)
    told, net = Told(app), run.network(3)
    for part, found, share in ((parts.train, told.train, told.right[0]), (parts.test, told.test, told.right[1])):
        assert found == close(loss(net, Z[part], targets[part]))
        assert share == close(right(net, Z[part], targets[part]))
    if wanted == "Two columns":
        points = table(app, "points")
        shown = Z[parts.train]
        np.testing.assert_allclose(points[["x", "y"]], shown[np.abs(shown).max(axis=1) <= figure(app).window[1]], atol=1e-9)
        assert len(points[["ink", "kind"]].drop_duplicates()) == 3
    assert Told(set_slider(app, "epoch", 100)).right[1] > (0.6 if wanted == "Two columns" else 0.9)


def test_a_value_is_told_in_r2_and_its_error_in_its_own_unit(opened):
    wine = tables.one_table()
    X, target = np.asarray(wine.X), np.asarray(wine.X)[:, wine.columns.index("proline")]
    columns = [wine.columns.index(name) for name in ("alcohol", "color intensity")]
    Z, targets, parts = own_table(X[:, columns], target=target)
    run = training.train_plainly(
        Z[parts.train], targets[parts.train], layers=(2, 4, 2, 1), output="linear", learning_rate=0.1, batch_size=10, n_epochs=3
    )
    net = run.network(3)
    names = dict(target="proline", kind="Values", across="alcohol", up="color intensity")
    app = opened(data="A table", view="Scores", epoch=3, **names)
    told, values = Told(app), output(net, Z)[:, 0] * target[parts.train].std() + target[parts.train].mean()
    fits = [r2_score(target[part], values[part]) for part in (parts.train, parts.test)]
    assert list(told.right) == close(fits)
    assert [told.train, told.test] == close([loss(net, Z[part], targets[part]) for part in (parts.train, parts.test)])
    n = f"({NUMBER})"
    found = re.search(
        rf"Training: R² = \*\*{n}\*\*, root mean square error {n}\. Test: R² = \*\*{n}\*\*, root mean square error {n}\.",
        text(app),
    )
    off = [root_mean_squared_error(target[part], values[part]) for part in (parts.train, parts.test)]
    assert [value(v) for v in found.groups()] == close([fits[0], off[0], fits[1], off[1]], 4)
    assert off[0] > 100, "proline goes to more than 1000"


def test_a_table_of_ones_own_is_learnt_and_one_that_cannot_be_leaves_the_picture(opened):
    app = yours(opened, TWO_CLASSES)
    assert not frame(app).problem
    assert called(app, "table_problem").result.classes == ("no", "yes")
    assert len(table(app, "points")) == 6
    shown, told = picture(app), says(app)
    one_sample = TWO_CLASSES.replace(",no", ",yes", 5)
    assert one_sample.count(",no") == 1
    for data, sentence in ((ONE_CLASS, 'every row is "yes"; there must be at least two classes'),
                           (one_sample, 'the class "no" has one sample; every class needs at least two')):  # fmt: skip
        app = upload(app, data)
        assert sentence in frame(app).problem
        assert frame(app).problem.endswith("The last good picture stays.")
        assert says(app) == told
        assert (picture(app) == shown).all()
    assert not frame(upload(app, TWO_CLASSES)).problem


def test_a_column_called_output_does_not_take_the_outputs_place(opened):
    data = "Output,b,c,kind\n" + "".join(
        f"{i % 5},{i * i % 7},{i * 3 % 11},{'no' if i % 11 < 5 else 'yes'}\n" for i in range(24)
    )
    app = yours(opened, data, n=1, **{"from": "All columns"})
    assert called(app, "heat_maps").arguments["shown"] is None


# Pins


FIELDS = dict(  # of a pinned run, as the page writes them at its start
    data="Circles", table="", kind="Classes", noise=0, share=50, draw=1, inputs="x1,x2", units="as drawn", loss="squared",
    hidden="4,2", activation="tanh", scheme="Xavier", seed=1, rate=0.1, batch=10, momentum=0.0, l1=0.0, l2=0.0, epochs=100,
)  # fmt: skip


def pin(**values):
    """Return a pin with other values."""
    assert set(values) <= set(FIELDS)
    return ";".join(f"{name}={value}" for name, value in (FIELDS | values).items())


def ghosts(app):
    return table(app, "lines", "losses").query("part == 'faint'")


def pinned(app):
    return click(app, "pin_it")


def compared(app):
    (found,) = app.dataframe
    return {row[0]: tuple(row[1:]) for row in found.value.to_numpy().tolist()}


ENDS = ["training loss at the end", "test loss at the end", "test score at the end"]


def test_a_pin_goes_into_the_link_and_compare_lists_what_differs(opened):
    app = pinned(opened(view="Compare"))
    line = value_of(app, "pin")
    assert app.query_params["neural_net_pin"] in (line, [line])
    assert line == pin()
    assert "Nothing differs yet." in text(app)
    assert list(compared(app)) == ENDS
    drawn, told = table(app, "lines", "losses"), Told(app)
    app = set_slider(app, "rate", -2.0)
    found = compared(app)
    assert list(found) == ["rate", *ENDS]
    assert found["rate"] == ("0.1", "0.01")
    assert [value(v) for v in found[ENDS[0]]] == [told.train, Told(app).train]
    assert [value(v) for v in found[ENDS[1]]] == [told.test, Told(app).test]
    faint = ghosts(app)
    assert len(faint) == 2 * 101
    full = drawn[(drawn["part"] == "full") & (drawn["ink"] == "result")]
    np.testing.assert_allclose(faint[faint["ink"] == "result"]["y"], full["y"], rtol=1e-9)
    app = fine(app.number_input(key="neural_net_n1").set_value(5.0).run())
    assert list(compared(app)) == ["hidden", "rate", *ENDS]
    assert compared(app)["hidden"] == ("(4, 2)", "(5, 2)")
    app = click(app, "unpin")
    assert value_of(app, "pin") == ""
    assert ghosts(app).empty


def test_rubbish_as_a_pin_gets_a_sentence_and_draws_no_ghost(opened):
    app = opened()
    for line, sentence in (
        ("rubbish", "Pinned run: this is no pinned run"),
        *((pin().replace(f"{name}={FIELDS[name]}", ""), "Pinned run: this is no pinned run") for name in ("table", "epochs")),
        (f"{pin()};more=1", "Pinned run: this is no pinned run"),
        (pin(table="0,b"), "Pinned run: a number in this pinned run is none"),
        (pin(table="0,1,2,3"), "Pinned run: this pinned run is larger than the page can make"),
        (pin(rate="fast"), "Pinned run: a number in this pinned run is none"),
        (pin(hidden="4,x"), "Pinned run: a number in this pinned run is none"),
        (pin(epochs=10**9), "Pinned run: this pinned run is larger than the page can make"),
        (pin(hidden="9"), "Pinned run: this pinned run is larger than the page can make"),
        (pin(hidden=",".join(["2"] * 7)), "Pinned run: this pinned run is larger than the page can make"),
    ):
        app = type_into(app, "pin", line)
        assert frame(app).problem.startswith(sentence), line
        assert ghosts(app).empty, line
        assert Told(app).epoch == 100


@pytest.mark.parametrize(("name", "given", "word"), [
    ("rate", "-1", "learning\\_rate"), ("batch", 0, "batch\\_size"), ("epochs", -3, "n\\_epochs"), ("data", "Rings", "Rings"),
    ("activation", "cosine", "cosine"), ("share", 400, "share"), ("seed", -1, "seed"), ("inputs", "", "feature"),
    ("momentum", 2, "momentum"), ("hidden", "-3", "layer 1"), ("loss", "cubic", "cubic"), ("units", "miles", "miles"),
])  # fmt: skip
def test_a_pin_that_cannot_be_trained_gets_a_sentence_beside_the_page(opened, name, given, word):
    app = opened(pin=pin(**{name: given}))
    (sentence,) = (m.value for m in app.markdown if m.value.startswith(":material/error: "))
    assert word in sentence
    assert Told(app).epoch == 100


@pytest.mark.parametrize(("name", "given"), [
    *((name, 10**6) for name, value in FIELDS.items() if not isinstance(value, str)),
    ("noise", "9" * 400), ("share", "-" + "9" * 400), ("rate", "1e999"), ("l2", "-inf"),
])  # fmt: skip
def test_a_pin_with_a_number_that_is_too_large_gets_a_sentence(opened, name, given):
    app = opened(pin=pin(**{name: given}))
    assert frame(app).problem.startswith("Pinned run: this pinned run is larger than the page can make")
    assert ghosts(app).empty
    assert Told(app).epoch == 100


@pytest.mark.parametrize("name", ["rate", "momentum", "l1"])
def test_a_pin_with_nan_gets_a_sentence_of_the_pin(opened, name):
    app = opened(pin=pin(**{name: "nan"}))
    assert frame(app).problem.startswith("Pinned run: ")


def test_a_pin_of_a_table_differs_by_its_target(opened):
    names = dict(kind="Values", across="alcohol", up="hue", view="Compare")
    app = pinned(opened(data="A table", target="proline", **names))
    before = compared(app)
    wine, drawn, told = tables.one_table(), table(app, "lines", "losses"), Told(app)
    one, other, *inputs = (wine.columns.index(name) for name in ("proline", "ash", "alcohol", "hue"))
    texts = len(wine.others)
    assert value_of(app, "pin") == pin(data="A table", table=f"{texts + one},{inputs[0]},{inputs[1]}", kind="Values")
    assert list(before) == ENDS
    app = fine(app.selectbox(key="neural_net_target").set_value("ash").run())
    after = compared(app)
    assert "Nothing differs yet." not in text(app)
    assert list(after) == ["table", *ENDS]
    assert after["table"] == (str((texts + one, *inputs)), str((texts + other, *inputs)))
    assert [after[end][0] for end in ENDS] == [before[end][1] for end in ENDS]
    assert [value(after[end][1]) for end in ENDS[:2]] == [Told(app).train, Told(app).test]
    assert value(after[ENDS[0]][0]) == told.train != Told(app).train
    full = drawn[(drawn["part"] == "full") & (drawn["ink"] == "result")]["y"]
    np.testing.assert_allclose(ghosts(app).query("ink == 'result'")["y"], full, rtol=1e-9)


def test_a_pin_of_a_table_keeps_what_was_predicted_and_from_what(opened):
    app = pinned(opened(data="A table", view="Compare", **{"from": "All columns"}))
    assert value_of(app, "pin") == pin(data="A table", table="0")
    told = Told(app)
    app = choose(app, "from", "Two columns")
    assert compared(app)["table"] == ("(0,)", "(0, 0, 1)")
    app = fine(app.selectbox(key="neural_net_target").set_value("ash").run())
    found = compared(choose(app, "kind", "Values"))
    assert found["kind"] == ("Classes", "Values")
    assert [value(found[end][0]) for end in ENDS[:2]] == [told.train, told.test]


@pytest.mark.parametrize(("names", "given"), [
    (dict(), "0,0,1"), (dict(data="Sine"), "13,0,1"), (dict(data="A table"), ""), (dict(data="A table"), "14,0,1"),
    (dict(data="A table"), "0,0,13"),
])  # fmt: skip
def test_a_pin_of_a_table_that_is_not_there_draws_no_ghost(opened, names, given):
    app = opened(view="Compare", pin=pin(data="A table", table=given), **names)
    assert ghosts(app).empty
    assert not frame(app).problem
    assert "Press **Pin this run**" in text(app)
    assert not app.dataframe


@pytest.mark.parametrize("given", ["0,-1,2", "0,-99,1", "-1,0,1"])
def test_a_pin_of_a_table_with_columns_below_0_draws_no_ghost(opened, given):
    assert ghosts(opened(data="A table", pin=pin(data="A table", table=given))).empty


# The notebook


def test_the_notebook_holds_training_and_pictures(opened):
    names = [c.function.__name__ for c in frame(opened()).calls]
    assert names[0] == "toy_problem"
    assert {"learn", "heat_maps", "bent"} <= set(names)


# What is on the map of a table


@pytest.mark.parametrize(("names", "axes"), [
    (dict(data="Circles"), (None, None)),
    (dict(data="Digits", n=1), ("component 1", "component 2")),
    (dict(data="A table", across="ash", up="hue"), ("ash", "hue")),
    ({"data": "A table", "from": "All columns"}, ("component 1", "component 2")),
])  # fmt: skip
def test_the_sentence_says_what_lies_across_and_up_on_the_map_of_a_table(opened, names, axes):
    assert Told(opened(**names)).axes == axes


def test_what_was_done_to_a_table_is_said_under_the_map(opened):
    rows = "\n".join(f"{i % 7},{i % 5},4,{'ab'[i % 2]}" for i in range(3100))
    app = opened(**{"data": "A table", "table": "Yours", "from": "All columns"})
    app = fine(
        app.file_uploader(key="neural_net_table_file").set_value(("t.csv", f"u,v,w,kind\n{rows}".encode(), "text/csv")).run()
    )
    told = Told(app).note
    assert "3,000 of 3,100 rows, drawn by the seed." in told
    assert told.endswith("left out\\: 1 column.")


def test_the_weight_that_is_looked_at_is_the_one_that_is_chosen(opened):
    app = opened(view="One weight", w="w2_1_3")
    assert says(app, "weight").startswith("w2_1_3 is ")
    app = fine(app.selectbox(key="neural_net_w").set_value("b3_1").run())
    assert says(app, "weight").startswith("b3_1 is ")
    assert "dL/db3_1" in text(app)


def test_where_scikit_learn_cannot_follow_only_its_own_part_is_left_out(opened):
    app = opened(data="Spirals", n=0, view="scikit-learn", other=True)
    assert "has to have a hidden layer" in text(app)
    assert value_of(app, "data") == "Spirals", "the page is not brought back to its default for that"
    assert not frame(app).problem
