"""The story of the page Backprop: numbers are those of a calculation by hand, slopes those of differences, presets are true."""

import math
import re
from typing import NamedTuple

import numpy as np
import pytest
from core.test_lessons import SAMPLES, START, by_hand, mean_loss, walk_by_hand
from screens import figure, fine, frame, lines, rows, says, text

from mml_core import lessons
from mml_ui import frame as frames

NUMBER = r"−?\d+(?:\.\d+)?(?:e[+−]\d+)?"
X0, Y0 = SAMPLES[1]  # the page starts with sample 2
ALL_PRESETS = ["One path", "Two paths", "A chain", "Step too long", "After 30 steps", "A dead neuron", "Fourteen paths"]
BENDS = {
    "tanh": math.tanh, "ReLU": lambda z: max(z, 0.0), "sigmoid": lambda z: 1 / (1 + math.exp(-z)), "linear": lambda z: z,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _moves_follow_each_other_faster_than_a_message_can_be_late(monkeypatch):
    monkeypatch.setattr(frames, "STALE", 0)


@pytest.fixture
def opened(open_page):
    def page(**names):
        return fine(open_page("backprop", **{f"backprop_{name}": str(v) for name, v in names.items()}))

    return page


class Net:
    """A lesson's network as named numbers, run neuron by neuron in plain Python; slopes are differences."""

    def __init__(self, name, activation="tanh"):
        start = lessons.lesson(name, activation)
        self.sizes, self.bend, self.X, self.y = start.network.layers, BENDS[activation], start.X, start.y
        self.p = {}
        for layer, (W, b) in enumerate(zip(start.network.weights, start.network.biases, strict=True), 1):
            self.p |= {f"w{layer}_{j + 1}_{i + 1}": float(W[j, i]) for j, i in np.ndindex(W.shape)}
            self.p |= {f"b{layer}_{j + 1}": float(v) for j, v in enumerate(b)}

    def values(self, sample, p=None):
        """Return what each neuron gives, column by column."""
        p, found = p or self.p, [[float(v) for v in self.X[sample]]]
        for layer, size in enumerate(self.sizes[1:], 1):
            z = [
                p[f"b{layer}_{j}"] + sum(p[f"w{layer}_{j}_{i}"] * a for i, a in enumerate(found[-1], 1))
                for j in range(1, size + 1)
            ]
            found.append(z if layer == len(self.sizes) - 1 else [self.bend(v) for v in z])
        return found

    def loss(self, sample, p=None):
        return sum((a - w) ** 2 for a, w in zip(self.values(sample, p)[-1], self.y[sample], strict=True)) / 2

    def slope(self, sample, name, h=1e-5):
        up, down = (self.loss(sample, self.p | {name: self.p[name] + d}) for d in (h, -h))
        return (up - down) / (2 * h)


def value(found):
    return float(found.replace("−", "-"))


def close(expected):
    """Four digits, as the page writes them."""
    return pytest.approx(expected, rel=6e-4, abs=1e-9)


def closely(expected):
    """Three digits."""
    return pytest.approx(expected, rel=6e-3, abs=1e-9)


def set_slider(app, name, number):
    return fine(app.slider(key=f"backprop_{name}").set_value(number).run())


def choose(app, name, option):
    return fine(app.selectbox(key=f"backprop_{name}").set_value(option).run())


def button(app, name):
    return app.button(key=f"backprop_{name}")


def click(app, name):
    return fine(button(app, name).click().run())


def pills(app):
    (found,) = (b for b in app.get("button_group") if b.key == "backprop_preset")
    return found


def press(app, name):
    return fine(pills(app).set_value(name).run())


class Shown(NamedTuple):
    """What is seen of a neuron: the number in it, its bias and its delta, None where there is none, and how it stands out."""

    number: float | None
    bias: float | None
    delta: float | None
    state: str


def neurons(app):
    """Return what is shown of each neuron, column by column."""
    table, said = figure(app).tables["neurons"], figure(app).tables["labels"]
    xs, n_read, found = sorted(table["x"].unique()), 0, []
    for x in xs:
        column, texts = table[table["x"] == x], said[(said["x"] == x) & said["kind"].isin(["in", "name", "under"])]
        ys, found = sorted(column["y"].unique()), [*found, []]
        for y, next_y in zip(ys, [*ys[1:], math.inf], strict=True):
            own = texts[(texts["y"] >= y) & (texts["y"] < next_y)].sort_values("y")["text"].tolist()
            n_read += len(own)
            kinds = [t.split(" ")[0] if t[0] in "bδ" else "a" for t in own]
            assert kinds == [k for k in "abδ" if k in kinds], "the number, under it the bias, under that the delta"
            # A delta that is not found yet is "δ ?", as wide as one that is.
            told = {k: value(t.split()[-1]) for k, t in zip(kinds, own, strict=True) if "?" not in t}
            rings = column[column["y"] == y]["ink"].tolist()
            state = {("reference",): "plain", ("result",): "lit", ("result", "result"): "chosen"}[tuple(rings)]
            found[-1].append(Shown(told.get("a"), told.get("b"), told.get("δ"), state))
    assert n_read == said["kind"].isin(["in", "name", "under"]).sum(), "each text belongs to a neuron"
    return found


def numbers_in(app):
    return [[n.number for n in column] for column in neurons(app)]


def biases_under(app):
    return [[n.bias for n in column] for column in neurons(app)[1:]]


def deltas_under(app):
    return [[n.delta for n in column] for column in neurons(app)[1:]]


def states(app):
    return [[n.state for n in column] for column in neurons(app)]


def to_two_places(expected):
    """As numbers are written in neurons and on links."""
    return [[pytest.approx(v, abs=0.0051, rel=6e-3) for v in column] for column in expected]


def to_one_place(expected):
    """As numbers are written in the neurons of a large network, which are small."""
    return [[pytest.approx(round(v, 1), abs=1e-9) for v in column] for column in expected]


def places(app):
    """Return where each weight and bias can be tapped."""
    (pad,) = frame(app).pads
    assert pad["chosen"] == "backprop_w"
    return dict(zip(pad["names"], map(tuple, pad["at"]), strict=True))


def weights_shown(app):
    """Return the number that stands where a weight is tapped."""
    said = rows(app, "link", "labels")
    at = {(round(x, 4), round(y, 4)): value(t) for x, y, t in said[["x", "y", "text"]].itertuples(index=False)}
    return {name: at[place] for name, place in places(app).items() if place in at}


def links(app):
    """Return the names of weights whose links are lit, and of those that are marked as chosen."""
    table, columns = figure(app).tables["neurons"], figure(app).tables["links"]
    xs = sorted(table["x"].unique())
    ys = [table[table["x"] == x]["y"].sort_values().to_numpy() for x in xs]
    strength = {}
    for x, y, x2, y2, width, glow in columns[["x", "y", "x2", "y2", "width", "glow"]].itertuples(index=False):
        layer = int(np.argmin(np.abs(np.array(xs) - x)))
        assert np.argmin(np.abs(np.array(xs) - x2)) == layer + 1
        name = f"w{layer + 1}_{np.abs(ys[layer + 1] - y2).argmin() + 1}_{np.abs(ys[layer] - y).argmin() + 1}"
        if glow:
            strength[name] = glow - width
    return set(strength), {name for name, glow in strength.items() if glow > 10}  # pixels: of others it is 8 at most


def plainly(line):
    r"""Return LaTeX with 2 \cdot 10^{-5} as 2e-5."""
    return re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", line)


def formula(app):
    """Return the names of the first path's factors, and of each path that is spelt out the factors and their product."""
    names, paths = spelt_out(app)
    return names, [([float(f.strip("()")) for f in factors], float(product)) for factors, product in paths]


def spelt_out(app):
    """Return the same as it is written."""
    (shown,) = (m.value for m in app.latex if r": \quad &" in m.value)
    head, *body = plainly(shown.split(r": \quad &")[1].split(r" \end{aligned}")[0]).split(r" \\ ")
    paths = []
    for line in body:
        left, right = line.removeprefix("&").split(" = ")
        paths.append((left.split(r" \cdot "), right))
    return head.removesuffix(r" + \dots").split(r" \cdot "), paths


def update_formula(app):
    """Return old, rate, slope and new of the formula under the page."""
    (shown,) = (m.value for m in app.latex if r"\leftarrow" in m.value)
    found = re.search(r"leftarrow (\S+) - (\S+) \\cdot (\S+) = (\S+)", plainly(shown))
    return [float(n.strip("()")) for n in found.groups()]


def summed(app):
    """Return how many more paths there are, their sum, and the difference quotient."""
    (shown,) = (m.value for m in app.markdown if "sum over paths" in m.value)
    pattern = rf"(?:and (\d+) more paths; )?sum over paths · check: paths ({NUMBER}), difference ({NUMBER}), equal to 1e-6"
    more, total, difference = re.fullmatch(pattern, shown).groups()
    return int(more or 0), value(total), value(difference)


def view_table(app):
    (found,) = app.dataframe
    return found.value


def update_table(app):
    alone, together = view_table(app).to_dict("records")
    assert together["what moves"] == "all weights"
    return alone, together


def loss_told(app):
    found = re.search(rf"Loss ({NUMBER})\.", says(app))
    return None if found is None else value(found[1])


# Numbers in the picture


def test_at_the_start_numbers_are_those_of_a_forward_pass_by_hand(opened):
    app = opened()
    for sample in (2, 5):
        app = set_slider(app, "sample", sample)
        x, y = SAMPLES[sample - 1]
        found = by_hand(START, x, y)
        assert numbers_in(app) == to_two_places([[x], found["a"][:2], found["a"][2:]])
        assert deltas_under(app) == to_two_places([found["deltas"][:2], found["deltas"][2:]])
        assert biases_under(app) == [[START["b1_1"], START["b1_2"]], [START["b2_1"]]]
        assert weights_shown(app) == {k: v for k, v in START.items() if k[0] == "w"}
        assert says(app).startswith(f"Sample {sample}: x = {x:g}, wanted {y:g}. Loss ".replace("-", "−"))
        assert loss_told(app) == closely(found["loss"])


@pytest.mark.parametrize(
    ("name", "activation"), [("1-1-1-1", "sigmoid"), ("2-3-1", "ReLU"), ("2-3-2", "tanh"), ("1-2-1", "linear")]
)
def test_each_network_shows_its_forward_pass_and_how_much_each_neuron_is_to_blame(opened, name, activation):
    app, net = opened(net=name, activation=activation, sample=3), Net(name, activation)
    assert numbers_in(app) == to_two_places(net.values(2))
    # A bias is added to z with slope 1: the slope of the loss by it is what the neuron is to blame for.
    blame = [[net.slope(2, f"b{c}_{j + 1}") for j in range(n)] for c, n in enumerate(net.sizes[1:], 1)]
    assert deltas_under(app) == to_two_places(blame)
    assert biases_under(app) == [[net.p[f"b{c}_{j + 1}"] for j in range(n)] for c, n in enumerate(net.sizes[1:], 1)]
    assert loss_told(app) == closely(net.loss(2))
    assert weights_shown(app) == {k: v for k, v in net.p.items() if k[0] == "w"}
    assert set(places(app)) == set(net.p), "each weight and each bias can be tapped"


def test_only_what_is_computed_up_to_the_moment_is_shown(opened):
    app, found = opened(moment=0, view="By hand"), by_hand(START, X0, Y0)
    (a1, a2, out), (d1, d2, error) = found["a"], found["deltas"]
    order = [("z", 0), ("a", a1), ("z", 0), ("a", a2), ("z", 0), ("a", out), ("loss", 0), ("δ", error), ("δ", d1), ("δ", d2)]
    assert app.slider(key="backprop_moment").max == len(order)
    for moment in (0, 1, 2, 3, 4, 6, 7, 8, 9, 10):
        app = set_slider(app, "moment", moment)
        done = order[:moment]
        a, delta = ([v for kind, v in done if kind == k] + [None] * 3 for k in "aδ")
        assert biases_under(app) == [[START["b1_1"], START["b1_2"]], [START["b2_1"]]], "biases are there before anything"
        known = [n for column in numbers_in(app)[1:] for n in column]
        assert [n is None for n in known] == [v is None for v in a[:3]], moment
        assert [n for n in known if n is not None] == pytest.approx([v for v in a[:3] if v is not None], abs=0.0051)
        blame = [deltas_under(app)[1][0], *deltas_under(app)[0]]
        assert [n is None for n in blame] == [v is None for v in delta[:3]], moment
        assert [n for n in blame if n is not None] == pytest.approx([v for v in delta[:3] if v is not None], abs=0.0051)
        assert (loss_told(app) is None) == (moment < 7)
        assert ("slopes are not found yet" in says(app)) == (moment < 10)
        assert ("Slopes are found" in says(app)) == (moment == 10)
        assert f"{moment} of 10 lines" in text(app)
        (shown,) = (m.value for m in app.latex if "begin{aligned}" in m.value and r": \quad" not in m.value)
        assert shown.count(" = ") == 2 * moment


def test_the_calculation_by_hand_ends_with_the_numbers_of_the_picture(opened):
    (shown,) = (m.value for m in opened(view="By hand").latex if "begin{aligned}" in m.value and r": \quad" not in m.value)
    written = [float(line.split(" = ")[-1]) for line in shown.split(r" \end")[0].split(r" \\ ")]
    found = by_hand(START, X0, Y0)
    z = [START["w1_1_1"] * X0 + START["b1_1"], START["w1_2_1"] * X0 + START["b1_2"]]
    (a1, a2, out), (d1, d2, error) = found["a"], found["deltas"]
    assert written == close([z[0], a1, z[1], a2, out, out, found["loss"], error, d1, d2])


def test_the_largest_network_shows_its_forward_pass_with_one_decimal_and_no_biases(opened):
    app = opened(net="1-6-7-2")
    assert numbers_in(app) == to_one_place(Net("1-6-7-2").values(1))
    assert all(b is None for column in biases_under(app) for b in column)
    assert says(app).startswith("Sample 2: x = −0.83, wanted 0.12, 0.66. "), "the sentence has the input with both decimals"


def test_the_largest_network_shows_every_delta_and_the_chosen_weight(opened):
    app, net = opened(net="1-6-7-2", w="w2_4_1"), Net("1-6-7-2")
    blame = [[net.slope(1, f"b{c}_{j + 1}") for j in range(n)] for c, n in enumerate(net.sizes[1:], 1)]
    assert deltas_under(app) == to_two_places(blame)
    assert [value(t) for t in rows(app, "link", "labels")["text"]] == [net.p["w2_4_1"]]
    assert set(places(app)) == {name for name in net.p if name[0] == "b"}


# Paths


@pytest.mark.parametrize(
    ("net", "w", "n_paths"),
    [("1-2-1", "w1_2_1", 1), ("1-2-1", "w2_1_2", 1), ("2-3-2", "w1_2_2", 2), ("1-1-1-1", "b1_1", 1), ("1-6-7-2", "w1_1_1", 14)],
)
def test_factors_multiply_to_the_product_and_the_sum_over_paths_is_the_difference(opened, net, w, n_paths):
    app, reference = opened(net=net, w=w), Net(net)
    _, paths = formula(app)
    more, total, difference = summed(app)
    assert (len(paths), more) == (min(n_paths, 3), max(n_paths - 3, 0))
    for factors, product in paths:
        assert math.prod(factors) == pytest.approx(product, rel=2e-3)
    slope = reference.slope(1, w)
    assert abs(slope) > 1e-3, "there is something to see"
    assert total == close(slope)
    assert difference == close(slope)
    if n_paths <= 3:
        assert sum(product for _, product in paths) == pytest.approx(slope, rel=2e-3)
    assert [abs(p) for _, p in paths] == sorted((abs(p) for _, p in paths), reverse=True), "the largest first"
    old, rate, told, new = update_formula(app)
    assert [old, rate, told, new] == close([reference.p[w], 0.1, slope, reference.p[w] - 0.1 * slope])


def test_the_factors_of_one_path_are_those_by_hand_and_have_their_names(opened):
    app = opened(w="w1_2_1")
    names, ((factors, product),) = formula(app)
    _, a2, _ = by_hand(START, X0, Y0)["a"]
    error = by_hand(START, X0, Y0)["deltas"][2]
    assert factors == close([X0, 1 - a2 * a2, START["w2_1_2"], 1, error])
    assert product == close(by_hand(START, X0, Y0)["slopes"]["w1_2_1"])
    assert names == [
        r"\frac{\partial z^{(1)}_{2}}{\partial w^{(1)}_{2 1}}", r"\frac{\partial a^{(1)}_{2}}{\partial z^{(1)}_{2}}",
        r"\frac{\partial z^{(2)}_{1}}{\partial a^{(1)}_{2}}", r"\frac{\partial a^{(2)}_{1}}{\partial z^{(2)}_{1}}",
        r"\frac{\partial L}{\partial a^{(2)}_{1}}",
    ]  # fmt: skip


@pytest.mark.parametrize("net", ["1-2-1", "2-3-2", "1-6-7-2"])
def test_the_lit_links_are_those_of_all_paths_and_the_chosen_one_is_marked(opened, net):
    app, sizes = opened(net=net), tuple(map(int, net.split("-")))
    last = len(sizes) - 1
    for w in dict.fromkeys(["w1_1_1", f"w1_2_{sizes[0]}", f"w2_{sizes[2]}_2", f"w{last}_{sizes[-1]}_{sizes[-2]}"]):
        app = choose(app, "w", w)
        layer, target, _ = map(int, w[1:].split("_"))
        from_target = {f"w{layer + 1}_{k}_{target}" for k in range(1, (*sizes, 0)[layer + 1] + 1)}
        behind = {
            f"w{i}_{k}_{j}"
            for i in range(layer + 2, last + 1)
            for k in range(1, sizes[i] + 1)
            for j in range(1, sizes[i - 1] + 1)
        }
        assert links(app) == ({w} | from_target | behind, {w})
        expected = [[c > layer or (c == layer and j + 1 == target) for j in range(n)] for c, n in enumerate(sizes)]
        assert states(app) == [["lit" if lit else "plain" for lit in column] for column in expected]


def test_of_a_bias_its_neuron_is_chosen_and_all_that_follows_is_lit(opened):
    app = opened(w="b1_2")
    assert links(app) == ({"w2_1_2"}, set())
    assert states(app) == [["plain"], ["plain", "chosen"], ["lit"]]
    assert states(choose(app, "w", "b2_1")) == [["plain"], ["plain", "plain"], ["chosen"]]
    assert links(app) == (set(), set())
    expected = [["plain"], ["plain"] * 2 + ["chosen"] + ["plain"] * 3, ["lit"] * 7, ["lit"] * 2]
    assert states(opened(net="1-6-7-2", w="b1_3")) == expected


def test_a_bias_has_its_layer_and_neuron_in_each_formula(opened):
    names, _ = formula(opened(w="b1_2"))
    assert names[0] == r"\frac{\partial z^{(1)}_{2}}{\partial b^{(1)}_{2}}"


@pytest.mark.parametrize(
    ("net", "w", "n_factors", "rest"),
    [("1-2-1", "w1_2_1", [5], ""), ("2-3-2", "b1_1", [5, 5], ""), ("1-6-7-2", "w1_1_1", [7] * 3, "and 11 more paths; ")],
)
def test_before_slopes_are_found_each_factor_is_a_question(opened, net, w, n_factors, rest):
    app = opened(net=net, w=w)
    known, (_, total, _) = formula(app), summed(app)
    assert "Find slopes" not in "".join(m.value for m in app.markdown if "sum over paths" in m.value)
    for moment in (0, app.slider(key="backprop_moment").max - 1):
        app = set_slider(app, "moment", moment)
        names, paths = spelt_out(app)
        assert names == known[0], "what the slopes are called is known before"
        assert paths == [(["?"] * n, "?") for n in n_factors]
        (told,) = (m.value for m in app.markdown if "press **Find slopes**" in m.value)
        assert told == f"{rest}press **Find slopes**: they come from the output, backwards."
        assert "sum over paths" not in text(app).split("**Try**")[0]
    app = click(app, "find")
    assert formula(app) == known
    assert summed(app)[1] == total
    assert "press **Find slopes**" not in text(app)


# Find slopes, step


def test_finding_slopes_moves_no_weight(opened):
    app = opened(moment=3, view="One update")
    before, table = weights_shown(app), view_table(app)
    assert not button(app, "find").disabled
    assert button(app, "go").disabled, "no step without slopes"
    app = click(app, "find")
    assert app.slider(key="backprop_moment").value == 10
    assert "Slopes are found; no weight has moved for that. Steps made: 0." in says(app)
    assert all(d is not None for column in deltas_under(app) for d in column)
    assert weights_shown(app) == before == {k: v for k, v in START.items() if k[0] == "w"}
    assert view_table(app).equals(table)
    assert not button(app, "go").disabled
    assert button(app, "find").disabled


@pytest.mark.parametrize("net", ["1-2-1", "1-6-7-2"])
def test_finding_slopes_moves_no_neuron_either(opened, net):
    app = opened(net=net, moment=0)
    before, places_before = figure(app).tables["neurons"], places(app)
    app = click(app, "find")
    assert figure(app).tables["neurons"].equals(before)
    assert places(app) == places_before


def test_a_step_moves_every_weight_downhill_by_rate_times_slope(opened):
    app, walk = opened(rate=-0.5), walk_by_hand(10**-0.5, 3, [SAMPLES[1]])
    for step in (1, 2):
        app = click(app, "go")
        assert f"Steps made: {step}; slopes are not found yet." in says(app)
        assert app.slider(key="backprop_moment").value == 7, "the forward part is calculated, the slopes are not"
        assert all(d is None for column in deltas_under(app) for d in column)
        expected = {k: v for k, v in walk[step].items() if k[0] == "w"}
        assert weights_shown(app) == pytest.approx(expected, abs=0.0051)
        assert biases_under(app) == to_two_places([[walk[step]["b1_1"], walk[step]["b1_2"]], [walk[step]["b2_1"]]])
        assert update_formula(app)[0] == close(walk[step]["w1_1_1"])
        found = by_hand(walk[step], X0, Y0)
        assert numbers_in(app) == to_two_places([[X0], found["a"][:2], found["a"][2:]])
        assert button(app, "go").disabled
        app = click(app, "find")
    app = choose(app, "w", "b1_2")
    assert update_formula(app)[0] == close(walk[2]["b1_2"]), "biases move too"


def test_with_a_small_rate_the_loss_of_the_sample_falls_with_each_step(opened):
    app, walk = opened(rate=-2), walk_by_hand(0.01, 3, [SAMPLES[1]])
    losses = [loss_told(app)]
    for _ in range(3):
        app = click(app if button(app, "find").disabled else click(app, "find"), "go")
        losses.append(loss_told(app))
    assert losses == closely([by_hand(p, X0, Y0)["loss"] for p in walk])
    assert (np.diff(losses) < 0).all()


def test_steps_that_learn_from_all_samples_go_down_the_mean_loss(opened):
    app = opened(learns="All samples", steps=4, view="One update")
    walk = walk_by_hand(0.1, 5, SAMPLES)
    assert weights_shown(app) == pytest.approx({k: v for k, v in walk[4].items() if k[0] == "w"}, abs=0.0051)
    alone, together = update_table(app)
    assert value(alone["old"]) == close(walk[4]["w1_1_1"])
    assert value(alone["new"]) == close(walk[5]["w1_1_1"])
    assert value(together["loss before"]) == close(mean_loss(walk[4]))
    assert value(together["loss after"]) == close(mean_loss(walk[5]))


@pytest.mark.parametrize(("learns", "of"), [("This sample", [SAMPLES[1]]), ("All samples", SAMPLES)])
def test_the_formula_lands_where_the_step_does(opened, learns, of):
    app, walk = opened(learns=learns, steps=2, w="w1_2_1"), walk_by_hand(0.1, 3, of)
    slope = sum(by_hand(walk[2], x, y)["slopes"]["w1_2_1"] for x, y in of) / len(of)
    assert update_formula(app) == close([walk[2]["w1_2_1"], 0.1, slope, walk[3]["w1_2_1"]])
    app = click(app, "go")
    assert update_formula(app)[0] == close(walk[3]["w1_2_1"])


def test_where_steps_overflow_the_last_network_stays_and_no_step_is_offered(opened):
    ended = " **The steps ended there: the next ones grow beyond any number.** "
    app = opened(net="2-3-2", activation="linear", rate=1, steps=100, view="One update")
    assert not frame(app).problem
    last = int(re.search(r"Steps made: (\d+)\.", says(app))[1])
    assert 0 < last < 10
    assert ended in says(app)
    assert button(app, "go").disabled
    shown = weights_shown(app)
    app = set_slider(app, "steps", last)
    assert weights_shown(app) == shown, "the last network"
    assert ended.strip() not in says(app), "so many steps there are"
    assert button(app, "go").disabled
    app = set_slider(app, "steps", last + 1)
    assert ended in says(app)
    assert ended.strip() not in says(opened(steps=100))


def test_another_rate_is_another_walk(opened):
    app = set_slider(opened(steps=5), "rate", -2.0)
    assert weights_shown(app) == pytest.approx(
        {k: v for k, v in walk_by_hand(0.01, 5, [SAMPLES[1]])[5].items() if k[0] == "w"}, abs=0.0051
    )


# A nudge, and one update


@pytest.mark.parametrize("w", ["w1_1_1", "w2_1_2"])
def test_a_nudge_promises_slope_times_nudge_and_brings_the_difference_of_two_losses(opened, w):
    app, start = opened(w=w), by_hand(START, X0, Y0)
    for nudge in (0.3, -0.8, 0.0):
        app = set_slider(app, "nudge", nudge)
        promised = start["slopes"][w] * nudge
        actual = by_hand(START | {w: START[w] + nudge}, X0, Y0)["loss"] - start["loss"]
        told = re.fullmatch(rf"Nudge ({NUMBER}): promised ({NUMBER}), actual \*\*({NUMBER})\*\*\.", says(app, "along"))
        assert [value(n) for n in told.groups()] == closely([nudge, promised, actual])
        points = figure(app, "along").tables["points"].set_index("ink")
        assert points.loc["second", ["x", "y"]].tolist() == pytest.approx([nudge, start["loss"] + promised])
        assert points.loc["first", ["x", "y"]].tolist() == pytest.approx([nudge, start["loss"] + actual])
    drawn = figure(app, "along").tables["lines"]
    curve = drawn[drawn["dash"] == "solid"][["x", "y"]].to_numpy(float)
    expected = [by_hand(START | {w: START[w] + x}, X0, Y0)["loss"] for x in curve[:, 0]]
    assert len(curve) == 101
    np.testing.assert_allclose(curve[:, 1], expected, atol=1e-12)


@pytest.mark.parametrize(("net", "activation"), [("1-2-1", "tanh"), ("2-3-2", "linear")])
def test_the_axis_of_losses_is_the_same_for_all_that_is_done_with_a_network(opened, net, activation):
    app, reference = opened(net=net, activation=activation, rate=0), Net(net, activation)
    least = 1.5 * np.mean([reference.loss(i) for i in range(len(reference.X))])
    round_numbers = (m * 10.0**e for e in range(-6, 6) for m in (1, 2, 5))
    top = next(n for n in round_numbers if n >= least * (1 - 1e-12))
    window, rules = figure(app, "along").window, figure(app, "along").tables["rules"]
    assert rules[["y", "y2"]].to_numpy().tolist() == [[0, pytest.approx(top)]], "the rule is as high as the axis"
    for name, number in (("sample", 4), ("steps", 3), ("nudge", -1.0), ("rate", -2.0), ("moment", 0)):
        app = set_slider(app, name, number)
        assert figure(app, "along").window == window, name
        assert figure(app, "along").tables["rules"][["y", "y2"]].equals(rules[["y", "y2"]]), name
    app = choose(app, "w", "b2_1")
    assert figure(app, "along").window == window


@pytest.mark.parametrize("w", ["w1_2_1", "b2_1"])
def test_one_update_tells_what_was_promised_and_what_came(opened, w):
    alone, together = update_table(opened(w=w, rate=-0.5, view="One update"))
    rate, found = 10**-0.5, by_hand(START, X0, Y0)
    slope = found["slopes"][w]
    after = by_hand(START | {w: START[w] - rate * slope}, X0, Y0)["loss"]
    assert alone["what moves"] == w
    told = [value(alone[k]) for k in ("old", "slope", "step", "new", "loss before", "loss after")]
    assert told == close([START[w], slope, -rate * slope, START[w] - rate * slope, found["loss"], after])
    assert value(alone["change promised"]) == closely(-rate * slope**2)
    assert value(alone["actual change"]) == closely(after - found["loss"])
    length = math.hypot(*found["slopes"].values())
    assert together["old"] == "7 numbers"
    assert together["slope"].startswith("length ")
    assert [value(together[k].removeprefix("length ")) for k in ("slope", "step")] == close([length, rate * length])
    after = by_hand(walk_by_hand(rate, 1, [(X0, Y0)])[1], X0, Y0)["loss"]
    assert [value(together[k]) for k in ("loss before", "loss after")] == close([found["loss"], after])
    assert value(together["change promised"]) == closely(-rate * length**2)
    assert value(together["actual change"]) == closely(after - found["loss"])


def test_along_the_step_of_all_weights_the_loss_is_that_of_each_shorter_and_longer_step(opened):
    app, start, rate = opened(view="One update"), by_hand(START, X0, Y0), 0.1

    def after(steps):
        return by_hand({k: v - steps * rate * start["slopes"][k] for k, v in START.items()}, X0, Y0)["loss"]

    drawn, points = figure(app, "step").tables["lines"], figure(app, "step").tables["points"].set_index("ink")
    curve = drawn[drawn["dash"] == "solid"][["x", "y"]].to_numpy(float)
    assert curve[[0, -1], 0].tolist() == [0, 2]
    np.testing.assert_allclose(curve[:, 1], [after(x) for x in curve[:, 0]], atol=1e-12)
    promised = start["loss"] - rate * sum(v * v for v in start["slopes"].values())
    assert points.loc["second", ["x", "y"]].tolist() == pytest.approx([1, promised])
    assert points.loc["first", ["x", "y"]].tolist() == pytest.approx([1, after(1)])
    told = re.fullmatch(rf"All weights, α = 0\.1: the loss goes by ({NUMBER})\.", says(app, "step"))
    assert value(told[1]) == closely(after(1) - start["loss"])
    lowest = re.search(rf"at a rate of \*\*({NUMBER})\*\*", text(app))
    widths = np.linspace(0, 2, 101)
    assert value(lowest[1]) == pytest.approx(rate * widths[np.argmin([after(x) for x in widths])], rel=0.06)


def test_every_slope_is_that_by_hand(opened):
    app = opened(view="Every slope")
    found, expected = view_table(app).set_index("weight"), by_hand(START, X0, Y0)["slopes"]
    assert list(found.index) == list(expected)
    for column in ("backpropagation", "central difference"):
        assert {w: value(n) for w, n in found[column].items()} == pytest.approx(expected, rel=6e-6)
    largest = re.search(rf"Largest relative error of 7 slopes: \*\*({NUMBER})\*\*", text(app))
    assert value(largest[1]) == max(value(e) for e in found["error"]) < 1e-8


# The V of errors


def errors_drawn(app, ink):
    """Return widths and errors, from narrow to wide."""
    table = figure(app, "errors").tables["lines"]
    return 10 ** table[table["ink"] == ink][["x", "y"]].to_numpy(float).T


def test_measured_slopes_are_best_at_a_width_in_between(opened):
    app = opened()
    widths, errors = errors_drawn(app, "first")
    assert widths[[0, -1]].tolist() == pytest.approx([1e-12, 0.1])
    best = value(re.match(rf"Measured best with ε = ({NUMBER}):", says(app, "errors"))[1])
    assert best == pytest.approx(widths[errors.argmin()], rel=0.06)
    assert 1e-9 < best < 1e-3
    assert errors.min() < 1e-3 * min(errors[0], errors[-1])
    slope, loss = by_hand(START, X0, Y0)["slopes"]["w1_1_1"], by_hand(START, X0, Y0)["loss"]

    def moved(e):
        return by_hand(START | {"w1_1_1": START["w1_1_1"] + e}, X0, Y0)["loss"]

    for ink, measured in (
        ("first", lambda e: (moved(e) - moved(-e)) / (2 * e)), ("second", lambda e: (moved(e) - loss) / e),
    ):  # fmt: skip
        widths, errors = errors_drawn(app, ink)
        for e, error in zip(widths, errors, strict=True):
            if e > 1e-3:  # narrower, rounding is another one each time
                assert error == pytest.approx(abs(measured(e) - slope), rel=1e-3), ink


PARABOLA = "From both sides it is exact here, but for rounding: the loss is a parabola."


@pytest.mark.parametrize(
    "names", [dict(w="w2_1_2"), dict(w="b2_1"), dict(activation="ReLU", w="w1_2_1"), dict(activation="linear", w="b1_1")]
)
def test_where_the_loss_is_a_parabola_differences_are_exact_and_the_sentence_says_so(opened, names):
    app = opened(**names)
    widths, errors = errors_drawn(app, "first")
    assert errors[widths > 1e-3].max() < 1e-11
    assert says(app, "errors") == PARABOLA


@pytest.mark.parametrize(
    "names",
    [dict(w="w2_1_1", sample=3), dict(w="b2_1", net="2-3-1", sample=2), dict(w="w1_1_1", activation="linear", sample=3)],
)
def test_the_sentence_knows_a_parabola_where_an_error_is_by_chance_smaller(opened, names):
    app = opened(**names)
    widths, errors = errors_drawn(app, "first")
    assert errors[widths > 1e-3].max() < 1e-11
    assert says(app, "errors") == PARABOLA


# Presets


def test_presets_one_after_another_are_on_and_show_found_slopes(opened):
    app = opened()
    assert pills(app).options == ALL_PRESETS
    for name in [*ALL_PRESETS, "Two paths", "One path"]:
        app = press(app, name)
        assert pills(app).value == name
        assert not frame(app).problem
        assert "Slopes are found" in says(app), name
        assert any(c.value.startswith(f"**{name}**: ") for c in app.caption)


def test_one_path_has_five_slopes_in_a_row(opened):
    _, ((factors, _),) = formula(press(opened(w="b2_1"), "One path"))
    assert len(factors) == 5


def test_blame_comes_back_from_two_outputs(opened):
    app = press(opened(), "Two paths")
    _, paths = formula(app)
    assert len(paths) == 2
    assert app.selectbox(key="backprop_w").value == "w1_1_2"
    assert links(app) == ({"w1_1_2", "w2_1_1", "w2_2_1"}, {"w1_1_2"})


def test_two_paths_add_up_to_something(opened):
    app = press(opened(), "Two paths")
    _, paths = formula(app)
    assert all(abs(product) > 1e-3 for _, product in paths)
    slope = Net("2-3-2").slope(1, "w1_1_2")
    assert sum(product for _, product in paths) == pytest.approx(slope, rel=2e-3)
    assert summed(app) == (0, close(slope), close(slope))


def test_a_chain_is_one_path_with_more_factors_below_1(opened):
    app = press(opened(), "A chain")
    _, ((factors, product),) = formula(app)
    assert len(factors) == 7
    assert all(abs(f) < 1 for f in factors[1:5]), "bend, weight, bend, weight"
    assert product == close(Net("1-1-1-1").slope(1, "w1_1_1"))
    assert links(app)[0] == {"w1_1_1", "w2_1_1", "w3_1_1"}


def test_a_step_too_long_lands_higher(opened):
    alone, together = update_table(press(opened(view="One update"), "Step too long"))
    slope, before = by_hand(START, X0, Y0)["slopes"]["w2_1_2"], by_hand(START, X0, Y0)["loss"]
    after = by_hand(START | {"w2_1_2": START["w2_1_2"] - 10 * slope}, X0, Y0)["loss"]
    assert (value(alone["loss before"]), value(alone["loss after"])) == (close(before), close(after))
    assert after > before
    assert value(alone["change promised"]) < 0 < value(alone["actual change"])
    assert value(together["loss after"]) > value(together["loss before"])


def test_after_30_steps_the_slopes_of_the_sample_are_small(opened):
    app = opened(view="One update")
    at_start = value(update_table(app)[1]["slope"].removeprefix("length "))
    app = press(app, "After 30 steps")
    after = value(update_table(app)[1]["slope"].removeprefix("length "))
    assert after < at_start / 1000
    assert after == close(math.hypot(*by_hand(walk_by_hand(0.1, 30, [(X0, Y0)])[30], X0, Y0)["slopes"].values()))
    assert "Steps made: 30." in says(app)


def test_a_dead_neuron_has_a_slope_of_0_and_so_has_its_weight(opened):
    app, net = press(opened(), "A dead neuron"), Net("1-2-1", "ReLU")
    _, ((factors, product),) = formula(app)
    assert factors == close([-1, 0, START["w2_1_2"], 1, net.values(1)[-1][0] - Y0])
    assert product == 0
    assert summed(app)[1:] == (0, 0)
    assert net.slope(1, "w1_2_1") == 0
    assert numbers_in(app)[1][1] == deltas_under(app)[0][1] == 0


def test_fourteen_paths_are_three_and_eleven_more(opened):
    app = press(opened(), "Fourteen paths")
    assert "and 11 more paths" in text(app)
    assert len(links(app)[0]) == 1 + 7 + 14


# Many layers, and a closed curve


def ratios(app):
    return {row["activation"]: value(row["a layer back multiplies delta by"]) for row in view_table(app).to_dict("records")}


def test_a_sigmoid_lets_blame_vanish_and_large_weights_let_it_explode(opened):
    app = opened(view="Many layers")
    found = ratios(app)
    assert list(found) == list(BENDS)
    assert 0.01 < found["sigmoid"] < 0.5
    table, inks = figure(app, "flow").tables["lines"], dict(zip(BENDS, ("c0", "c1", "c2", "c3"), strict=True))
    for name, ink in inks.items():
        line = table[table["ink"] == ink].sort_values("x")
        assert line["x"].tolist() == list(range(1, 21))
        if line["y"].min() > -11.9:  # else it has left the axis
            assert 10 ** ((line["y"].iloc[0] - line["y"].iloc[-1]) / 19) == pytest.approx(found[name], rel=0.01)
    tripled = ratios(set_slider(app, "scale", 3.0))
    assert tripled["linear"] == pytest.approx(3 * found["linear"], rel=0.01), "each layer multiplies by three times as much"
    assert tripled["linear"] > 2


def curves(app):
    """Return the curve that is wanted, and the network's at the same places."""
    (_, wanted), (_, given) = lines(app, "dashed", "curve") + lines(app, "path", "curve")
    assert wanted[0].tolist() == wanted[-1].tolist(), "it is closed"
    assert len(given) - 1 == 2 * (len(wanted) - 1)
    return wanted[:-1], given[:-1:2]


def curve_told(app):
    """Return passes, loss, the largest distance and the size of delta in each layer."""
    pattern = (
        rf"After (\d+) passes: loss \*\*({NUMBER})\*\*, nowhere further off than \*\*({NUMBER})\*\*\. Size of delta: (.*)\."
    )
    (told,) = filter(None, (re.fullmatch(pattern, m.value) for m in app.markdown))
    return int(told[1]), value(told[2]), value(told[3]), [value(n) for n in re.findall(rf"layer \d: ({NUMBER})", told[4])]


def assert_curve_is_told(app, passes):
    wanted, given = curves(app)
    told, loss, off, deltas = curve_told(app)
    assert told == passes
    assert loss == closely(((wanted - given) ** 2).sum(axis=1).mean() / 2)
    assert off == closely(np.hypot(*(wanted - given).T).max())
    assert len(deltas) == 3
    assert min(deltas) > 0
    return off


def test_a_network_learns_a_closed_curve(opened):
    app = opened(view="A closed curve")
    assert assert_curve_is_told(app, 1000) < 0.5
    wanted, _ = curves(app)
    for x, y in [(0, 1.3), (2.4, 1.3), (0, -2.3), (-1.7, 2.1)]:
        assert np.hypot(*(wanted - [x, y]).T).min() < 0.2, "through the points"
    assert assert_curve_is_told(set_slider(app, "pass", 0), 0) > 1
    assert_curve_is_told(set_slider(app, "pass", 57), 57)


def test_own_points_are_learnt_and_two_get_a_sentence(opened):
    app = opened(view="A closed curve")
    app = fine(app.text_input(key="backprop_curve").set_value("2,0;0,2;-2,0;0,-2").run())
    wanted, given = curves(app)
    np.testing.assert_allclose(np.hypot(*wanted.T), 2, atol=0.06, err_msg="a spline through four points of a circle")
    assert np.hypot(*(wanted - given).T).max() < 0.5
    assert len([h for h in frame(app).handles if h["x"] == "backprop_curve"]) == 4, "each point can be dragged"
    app = fine(app.text_input(key="backprop_curve").set_value("0,0;1,1").run())
    assert frame(app).problem == "there are 2 points; a closed curve needs at least three. The last good picture stays."
    for now, before in zip(curves(app), (wanted, given), strict=True):
        np.testing.assert_array_equal(now, before)
    app = fine(app.text_input(key="backprop_curve").set_value("0,0;1,1;9,9").run())
    assert "point 3, “9,9”, is outside -3 to 3." in frame(app).problem
    app = fine(app.text_input(key="backprop_curve").set_value("0,1;1,-1;-1,-1").run())
    assert not frame(app).problem


# Names and links


@pytest.mark.parametrize("w", ["w9_9_9", "w1_1_1;import os", "<script>", "w"])
def test_an_unknown_weight_in_the_link_is_the_default(opened, w):
    app = opened(w=w)
    assert app.selectbox(key="backprop_w").value == "w1_1_1"
    assert not frame(app).problem
    assert links(app)[1] == {"w1_1_1"}


def test_a_weight_that_the_next_network_has_not_is_given_up(opened):
    app = opened(net="1-6-7-2", w="w3_2_7")
    assert links(app) == ({"w3_2_7"}, {"w3_2_7"})
    app = choose(app, "net", "1-2-1")
    assert app.selectbox(key="backprop_w").value == "w1_1_1"
    assert not frame(app).problem
    assert links(app) == ({"w1_1_1", "w2_1_1"}, {"w1_1_1"})
    assert summed(app)[1] == close(by_hand(START, X0, Y0)["slopes"]["w1_1_1"])
    app = choose(opened(net="2-3-2", w="w2_1_2"), "net", "1-2-1")
    assert app.selectbox(key="backprop_w").value == "w2_1_2", "one that it has stays"


def test_a_link_with_nonsense_shows_the_default_page(opened):
    app = opened(net="nonsense", sample=99, steps=-5, moment=999, nudge="x", rate=40)
    assert not frame(app).problem
    assert says(app) == says(opened())
    assert "Slopes are found" in says(app)


def test_a_network_that_is_chosen_is_shown_as_a_link_to_it_shows_it(opened):
    assert says(choose(opened(), "net", "1-6-7-2")) == says(opened(net="1-6-7-2"))
