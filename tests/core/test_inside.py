"""Inside a network: pictures agree with its forward pass, and the bent map with what its last hidden layer makes of the map."""

import doctest
from dataclasses import replace

import numpy as np
import pytest

from mml_core import inside, neural_net
from mml_core.inside import N_LINES, PER_LINE, WAYS, bent, grid_lines_of, heat_maps, last_hidden, places_of, quiet_neurons
from mml_core.neural_net import Network
from mml_core.problems import digits_problem, table_problem, toy_problem

RNG = np.random.default_rng(6)
TABLE = RNG.normal(size=(60, 4)) * [1, 2, 5, 0.1]
CIRCLES = toy_problem("Circles", n_samples=60)
SIGMOID = toy_problem("Spirals", loss="cross-entropy", inputs=("x1", "sin x2", "x1 x2"), units="standardised", n_samples=60)
CURVE = toy_problem("Sine", n_samples=200)
HEIGHTS = toy_problem("Bumps", n_samples=60)
THREE = table_problem(TABLE, "abcd", ["x", "y", "z"] * 20)
DIGITS = digits_problem()
PROBLEMS = {"circles": CIRCLES, "sigmoid": SIGMOID, "curve": CURVE, "heights": HEIGHTS, "three": THREE, "digits": DIGITS}
each_problem = pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
each_activation = pytest.mark.parametrize("activation", neural_net.ACTIVATIONS)
each_way = pytest.mark.parametrize("way", WAYS)


def network(problem, *hidden, activation="tanh", seed=1):
    """A network that fits the problem, with random weights and biases."""
    rng = np.random.default_rng(seed)
    layers = (problem.X.shape[1], *hidden, problem.n_outputs)
    net = neural_net.initial(layers, rng, activation=activation, output=problem.output, loss=problem.loss)
    return replace(net, biases=tuple(rng.normal(size=len(b)) / 2 for b in net.biases))


def drawn(a, name):
    """What a picture shows of activations that are no inputs."""
    return np.clip(2 * a - 1 if name in ("sigmoid", "softmax") else a, -1, 1)


def assert_is_the_cut(cut, corners, radius):
    """See that a cut ends on the border, and is there where the sum at the four corners has both signs, and only there."""
    if corners.min() < 0 < corners.max():
        assert cut.shape == (2, 2)
        np.testing.assert_allclose(np.abs(cut).max(axis=1), radius, rtol=1e-9)
        assert np.hypot(*(cut[1] - cut[0])) > 0
    else:
        assert cut.shape == (0, 2)


def corners_of(radius):
    return radius * np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(inside).failed == 0


@pytest.mark.parametrize(("radius", "n"), [(6.0, 5), (1.5, 100), (3.0, 1)])
def test_places_are_the_middles_of_squares_from_the_upper_left_in_reading_order(radius, n):
    places, side = places_of(radius, n).reshape(n, n, 2), 2 * radius / n
    assert places[0, 0] == pytest.approx([-radius + side / 2, radius - side / 2], abs=1e-14)
    np.testing.assert_allclose(np.diff(places[..., 0], axis=1), side, atol=1e-13)
    np.testing.assert_allclose(np.diff(places[..., 1], axis=0), -side, atol=1e-13)
    np.testing.assert_allclose(places, -places[::-1, ::-1], atol=1e-13)


@each_activation
@each_problem
def test_pictures_agree_with_the_forward_pass_of_every_neuron(problem, activation):
    net = network(problem, 4, 3, activation=activation)
    found = heat_maps(problem, net, n=9, m=6)
    a = neural_net.forward(net, problem.inputs_at(places_of(problem.radius, 6))).a
    assert [len(one) for one in found.neurons] == list(net.layers)
    for seen, exact, name in zip(found.neurons[1:], a[1:], net.activations, strict=True):
        assert seen.shape == (exact.shape[1], 6, 6)
        np.testing.assert_allclose(seen.reshape(len(seen), -1).T, drawn(exact, name), atol=1e-5)
    out = neural_net.forward(net, problem.inputs_at(places_of(problem.radius, 9))).a[-1]
    np.testing.assert_allclose(found.shown.ravel(), drawn(out[:, 0], net.output), atol=1e-5)


@each_problem
def test_inputs_are_divided_by_the_largest_there_is(problem):
    found = heat_maps(problem, network(problem, 2), n=5, m=8).neurons[0].reshape(problem.X.shape[1], -1)
    exact = problem.inputs_at(places_of(problem.radius, 8)).T
    np.testing.assert_allclose(found, exact / np.maximum(np.abs(exact).max(axis=1, keepdims=True), 1e-30), atol=1e-6)
    assert np.abs(found).max() == pytest.approx(1, abs=1e-6)


def test_an_input_that_is_0_everywhere_is_drawn_as_0():
    flat = replace(CIRCLES, scale=np.array([np.inf, 1.0]))
    assert (heat_maps(flat, network(flat, 2), n=4, m=4).neurons[0][0] == 0).all()


@each_problem
def test_any_neuron_can_be_shown_large(problem):
    net = network(problem, 4, 3, activation="sigmoid")
    places = problem.inputs_at(places_of(problem.radius, 7))
    a = neural_net.forward(net, places).a
    for layer, neuron in ((1, 3), (2, 0), (3, problem.n_outputs - 1)):
        found = heat_maps(problem, net, (layer, neuron), n=7, m=2)
        np.testing.assert_allclose(found.shown.ravel(), drawn(a[layer][:, neuron], net.activations[layer - 1]), atol=1e-5)
        assert found.regions.shape == (0, 0)
    last = problem.X.shape[1] - 1
    one = heat_maps(problem, net, (0, last), n=7, m=7)
    np.testing.assert_array_equal(one.shown, one.neurons[0][last])


@pytest.mark.parametrize("problem", [THREE, DIGITS], ids=["three", "digits"])
def test_regions_are_the_largest_output_and_no_regions_are_there_with_one_output(problem):
    net = network(problem, 5)
    out = neural_net.forward(net, problem.inputs_at(places_of(problem.radius, 30))).a[-1]
    ordered = np.sort(out, axis=1)
    sure = ordered[:, -1] - ordered[:, -2] > 1e-5
    found = heat_maps(problem, net, n=30, m=2).regions
    assert found.shape == (30, 30)
    assert sure.mean() > 0.99
    np.testing.assert_array_equal(found.ravel()[sure], out.argmax(axis=1)[sure])
    assert heat_maps(CIRCLES, network(CIRCLES, 2), n=5, m=2).regions.shape == (0, 0)


def test_row_0_is_at_the_top_and_column_0_at_the_left():
    up, right = (Network((np.array([w]),), (np.zeros(1),), output="tanh") for w in ([0, 1.0], [1.0, 0]))
    assert heat_maps(CIRCLES, up, n=8, m=2).shown[[0, -1], 3].round(3).tolist() == [1, -1]
    assert heat_maps(CIRCLES, right, n=8, m=2).shown[3, [0, -1]].round(3).tolist() == [-1, 1]


def test_a_sigmoid_goes_from_minus_1_to_1_and_a_relu_is_cut_at_1():
    weights = (np.array([[1.0, 0]]), np.array([[1.0]]))
    sigmoid, relu = (Network(weights, (np.zeros(1),) * 2, name) for name in ("sigmoid", "ReLU"))
    x = places_of(CIRCLES.radius, 12)[:12, 0]
    np.testing.assert_allclose(heat_maps(CIRCLES, sigmoid, (1, 0), n=12, m=2).shown[0], np.tanh(x / 2), atol=1e-6)
    np.testing.assert_allclose(heat_maps(CIRCLES, relu, (1, 0), n=12, m=2).shown[0], np.clip(x, 0, 1), atol=1e-6)


def test_the_heat_map_of_a_curve_has_equal_rows():
    shown = heat_maps(CURVE, network(CURVE, 3), n=20, m=4).shown
    assert (shown == shown[0]).all()
    assert np.ptp(shown[0]) > 0.1


@pytest.mark.parametrize("place", [(-1, 0), (3, 0), (1, 4), (2, 1), (1, -1)])
def test_a_neuron_that_is_not_there_is_named(place):
    with pytest.raises(ValueError, match=rf"^there is no neuron {place[1] + 1} in layer {place[0]}; the layers have .*\.$"):
        heat_maps(CIRCLES, network(CIRCLES, 4), place)


@pytest.mark.parametrize("size", [1e3, 1e30])
def test_pictures_of_a_network_that_ran_away_are_numbers_from_minus_1_to_1(size):
    net = network(HEIGHTS, 4, activation="ReLU")
    found = heat_maps(HEIGHTS, replace(net, weights=tuple(W * size for W in net.weights)), n=9, m=4)
    assert all((np.abs(one) <= 1).all() for one in (found.shown, *found.neurons))


@pytest.mark.parametrize("size", [1e40, 1e45])
def test_a_network_whose_loss_is_still_finite_has_a_picture(size):
    """The loss may grow to 1e100 before a training ends, so the last network may have weights of 1e45."""
    net = network(HEIGHTS, 4, activation="ReLU")
    found = heat_maps(HEIGHTS, replace(net, weights=(net.weights[0] * size, net.weights[1])), n=9, m=4)
    assert all((np.abs(one) <= 1).all() for one in (found.shown, *found.neurons))


@each_problem
@pytest.mark.parametrize("hidden", [(), (3,), (4, 2)])
def test_the_last_hidden_layer_is_that_of_the_forward_pass(problem, hidden):
    net = network(problem, *hidden)
    a = problem.X
    for W, b in zip(net.weights[:-1], net.biases[:-1], strict=True):
        a = np.tanh(a @ W.T + b)
    np.testing.assert_allclose(last_hidden(net, problem.X), a, atol=1e-13)


def test_the_grid_has_as_many_lines_in_each_direction_and_reaches_the_edge():
    lines, r = grid_lines_of(THREE), THREE.radius
    assert lines.shape == (2 * N_LINES, PER_LINE, 2)
    across = np.linspace(-r, r, N_LINES)
    for half, axis in ((lines[:N_LINES], 0), (lines[N_LINES:], 1)):
        np.testing.assert_allclose(half[:, :, axis], np.repeat(across[:, None], PER_LINE, axis=1), atol=1e-14)
        np.testing.assert_allclose(half[:, :, 1 - axis], np.repeat(np.linspace(-r, r, PER_LINE)[None], N_LINES, 0), atol=1e-14)


def test_a_curve_has_one_line_of_inputs():
    (line,) = grid_lines_of(CURVE)
    np.testing.assert_allclose(line[:, 0], np.linspace(-3, 3, 121), atol=1e-14)
    assert (line[:, 1] == 0).all()


@each_activation
@each_problem
@pytest.mark.parametrize("hidden", [(), (1,), (2,), (3, 8)])
def test_seen_by_neurons_the_bent_grid_is_what_the_first_two_make_of_the_grid(problem, hidden, activation):
    net, last = network(problem, *hidden, activation=activation), network(problem, *hidden, activation=activation, seed=2)
    found, lines = bent(problem, net, last), grid_lines_of(problem)
    size = net.layers[-2]
    for seen, X in ((found.lines.reshape(-1, 2), problem.inputs_at(lines.reshape(-1, 2))), (found.points, problem.X)):
        exact = last_hidden(net, X)[:, :2]
        np.testing.assert_allclose(seen[:, : min(size, 2)], exact, atol=1e-12)
        if size == 1:
            assert (seen[:, 1] == 0).all()
    assert found.lines.shape == lines.shape
    kind = "neuron" if hidden else "input"
    assert found.axes == (f"{kind} 1" if size == 1 else f"{kind}s 1 and 2")


@each_activation
@each_problem
def test_seen_by_components_the_bent_grid_is_that_of_scikit_learn_fitted_at_the_end(problem, activation):
    from sklearn.decomposition import PCA

    net, last = network(problem, 8, activation=activation), network(problem, 8, activation=activation, seed=2)
    found, lines = bent(problem, net, last, WAYS[1]), grid_lines_of(problem)
    reference = PCA(2, svd_solver="full").fit(last_hidden(last, problem.X[problem.train]))
    assert found.axes == "components 1 and 2"
    signs = np.sign((reference.transform(last_hidden(net, problem.X)) * found.points).sum(axis=0))
    for seen, X in ((found.lines.reshape(-1, 2), problem.inputs_at(lines.reshape(-1, 2))), (found.points, problem.X)):
        np.testing.assert_allclose(seen, signs * reference.transform(last_hidden(net, X)), atol=1e-8)


@each_way
@each_problem
def test_axes_and_radius_do_not_depend_on_the_epoch(problem, way):
    """Whatever the network of an epoch is: places with the same activations lie at the same place."""
    last = network(problem, 8, activation="ReLU")
    one = bent(problem, last, last, way)
    other = bent(problem, replace(last, weights=(*last.weights[:-1], -3 * last.weights[-1])), last, way)
    far = bent(problem, network(problem, 8, activation="ReLU", seed=5), last, way)
    assert one.radius == other.radius == far.radius
    assert one.axes == other.axes == far.axes
    np.testing.assert_array_equal(one.lines, other.lines)
    np.testing.assert_array_equal(one.points, other.points)


@each_problem
@pytest.mark.parametrize("hidden", [(2,), (5, 2)])
def test_on_the_cut_a_network_with_two_last_neurons_answers_0(problem, hidden):
    last, seen = network(problem, *hidden, seed=2), 0
    for seed in range(8):
        net = network(problem, *hidden, seed=seed)
        found = bent(problem, net, last)
        if problem.n_outputs > 1:
            assert found.cut.shape == (0, 2)
            continue
        w, b = net.weights[-1][0], net.biases[-1][0]
        assert_is_the_cut(found.cut, corners_of(found.radius) @ w + b, found.radius)
        if len(found.cut):
            along = found.cut[0] + np.linspace(0, 1, 7)[:, None] * (found.cut[1] - found.cut[0])
            np.testing.assert_allclose(along @ w + b, 0, atol=1e-9)
            seen += 1
    assert (seen >= 4) == (problem.n_outputs == 1)


def straight(w, b):
    """A network whose output layer cuts two tanh neurons along w . a + b = 0."""
    net = network(CIRCLES, 2)
    return replace(net, weights=(net.weights[0], np.array([w], float)), biases=(net.biases[0], np.array([float(b)])))


def test_a_cut_is_there_just_where_the_line_meets_the_picture():
    rng, n_cuts = np.random.default_rng(8), 0
    for w, b in zip(rng.normal(size=(300, 2)), 1.5 * rng.normal(size=300), strict=True):
        net = straight(w, b)
        found = bent(CIRCLES, net, net)
        assert_is_the_cut(found.cut, corners_of(1.15) @ w + b, 1.15)
        np.testing.assert_allclose(found.cut @ w + b, 0, atol=1e-12)
        n_cuts += len(found.cut) // 2
    assert 60 < n_cuts < 240


@pytest.mark.parametrize(("w", "b", "wanted"), [
    ((1, 0), -0.5, [[0.5, -1.15], [0.5, 1.15]]),
    ((0, -3), 1.5, [[-1.15, 0.5], [1.15, 0.5]]),
    ((1, -1), 0, [[-1.15, -1.15], [1.15, 1.15]]),
    ((1, 1), -2, [[0.85, 1.15], [1.15, 0.85]]),
    ((1, 0), -1.14, [[1.14, -1.15], [1.14, 1.15]]),
    ((1, 0), -1.16, []),
    ((0, 1), 9, []),
    ((1, 1), -2.31, []),
])  # fmt: skip
def test_a_cut_that_is_known_ends_where_it_does(w, b, wanted):
    net = straight(w, b)
    cut = bent(CIRCLES, net, net).cut
    assert cut.shape == (len(wanted), 2)
    if wanted:
        np.testing.assert_allclose(cut[np.lexsort(np.round(cut, 9).T[::-1])], wanted, atol=1e-12)


@each_way
@pytest.mark.parametrize("problem", [CIRCLES, SIGMOID, HEIGHTS, CURVE], ids=["circles", "sigmoid", "heights", "curve"])
def test_the_cut_parts_what_is_shown_and_off_the_axes_the_others_are_at_their_mean(problem, way):
    net, last = network(problem, 8), network(problem, 8, seed=2)
    found = bent(problem, net, last, way)
    train = last_hidden(last, problem.X[problem.train])
    middle = train.mean(axis=0)
    if way == WAYS[0]:
        middle[:2], D = 0, np.eye(2, 8)
    else:
        hidden = last_hidden(net, problem.X)
        # The axes from what they do to the samples: their shadows are known, and so are the samples.
        D = np.linalg.lstsq(hidden - middle, found.points, rcond=None)[0].T
    there = middle + places_of(found.radius, 64) @ D
    z = (there @ net.weights[-1].T + net.biases[-1])[:, 0]
    a = 1 / (1 + np.exp(-z)) if problem.output == "sigmoid" else np.tanh(z) if problem.output == "tanh" else z
    np.testing.assert_allclose(found.shown.ravel(), drawn(a, problem.output), atol=1e-7)
    corners = (middle + corners_of(found.radius) @ D) @ net.weights[-1][0] + net.biases[-1][0]
    assert_is_the_cut(found.cut, corners, found.radius)
    if not len(found.cut):
        assert len(set(np.sign(z).tolist())) == 1
        return
    one, two = found.cut
    side = np.cross(np.append(two - one, 0), np.column_stack([places_of(found.radius, 64) - one, np.zeros(4096)]))[:, 2]
    sure = np.abs(side) > 1e-7 * np.abs(side).max()
    assert len(set((np.sign(side) * np.sign(found.shown.ravel()))[sure].tolist())) == 1


@each_way
@pytest.mark.parametrize("problem", [THREE, DIGITS], ids=["three", "digits"])
def test_with_more_classes_the_picture_shows_the_class_chosen_there(problem, way):
    net = network(problem, 2)
    found = bent(problem, net, net, way)
    out = places_of(found.radius, 64) @ net.weights[-1].T + net.biases[-1]
    np.testing.assert_array_equal(found.regions.ravel(), out.argmax(axis=1))
    assert found.cut.shape == (0, 2)
    assert bent(CIRCLES, network(CIRCLES, 2), network(CIRCLES, 2), way).regions.shape == (0, 0)


def test_the_radius_is_just_beyond_the_limits_of_neurons_that_have_limits_and_else_around_nearly_all_samples():
    for activation in ("tanh", "sigmoid"):
        net = network(CIRCLES, 5, activation=activation)
        assert bent(CIRCLES, net, net).radius == 1.15
    for activation in ("ReLU", "linear"):
        net = network(CIRCLES, 5, activation=activation)
        for way in WAYS:
            found = bent(CIRCLES, net, net, way)
            train = found.points[CIRCLES.train]
            assert found.radius == pytest.approx(1.1 * np.quantile(np.abs(train), 0.99), rel=1e-12)


@each_way
@each_problem
@pytest.mark.parametrize("activation", ["ReLU", "tanh", "sigmoid"])
def test_dead_and_saturated_layers_have_pictures_without_any_hole(problem, way, activation):
    net = network(problem, 4, 5, activation=activation)
    still = replace(net, biases=(net.biases[0], np.full(5, -1e4), net.biases[2]))
    for now, last in ((still, still), (net, still), (still, net)):
        found = bent(problem, now, last, way)
        assert all(np.isfinite(v).all() for v in (found.lines, found.points, found.shown, found.cut, found.radius))
        assert found.radius > 0
        maps = heat_maps(problem, now, n=5, m=3)
        assert all(np.isfinite(v).all() for v in (maps.shown, *maps.neurons))


def test_without_weights_behind_the_layer_there_is_no_cut():
    net = network(CIRCLES, 2)
    net = replace(net, weights=(net.weights[0], np.zeros((1, 2))))
    assert bent(CIRCLES, net, net).cut.shape == (0, 2)


@pytest.mark.parametrize("size", [1e-160, 1e-170, 1e-200])
def test_a_cut_of_tiny_weights_is_outside_the_picture_and_with_a_tiny_bias_where_it_was(size):
    """An L2 price lets weights shrink by the same share at every step."""
    net = straight((1, 2), 0.5)
    tiny = replace(net, weights=(net.weights[0], size * net.weights[1]))
    assert bent(CIRCLES, tiny, net).cut.shape == (0, 2)
    both = replace(tiny, biases=(net.biases[0], size * net.biases[1]))
    np.testing.assert_allclose(bent(CIRCLES, both, net).cut, bent(CIRCLES, net, net).cut, atol=1e-12)


@pytest.mark.parametrize("w", [(1e-310, 0.0), (0.0, -1e-320)])
def test_a_cut_of_the_smallest_weights_there_are_is_outside_the_picture(w):
    net = straight(w, 1)
    assert bent(CIRCLES, net, net).cut.shape == (0, 2)


def test_a_way_that_is_unknown_is_named():
    net = network(CIRCLES, 2)
    with pytest.raises(ValueError, match=r"^'Sideways' is no way to look at a layer; choose one of First two neurons, .*\.$"):
        bent(CIRCLES, net, net, "Sideways")


def test_a_relu_that_gives_0_to_every_sample_is_dead_and_one_that_gives_something_once_is_not():
    X = np.arange(1.0, 101)[:, None]
    net = Network((np.ones((3, 1)), np.ones((1, 3))), (np.array([0, -100.0, -99.5]), np.zeros(1)), "ReLU")
    assert quiet_neurons(net, X) == (("", "dead", ""),)


@pytest.mark.parametrize(("activation", "steep"), [("tanh", 1.0), ("sigmoid", 2.0)])
def test_a_neuron_is_saturated_where_95_of_100_samples_are_within_5_percent_of_a_limit(activation, steep):
    """tanh(z) = 0.95 at z = 1.832, and a sigmoid is a tanh of half its sum."""
    z = 1.8318
    weights, biases = steep * np.array([[1.0], [-1.0], [1.0]]), steep * np.array([0, 0, 0.002])
    net = Network((weights, np.ones((2, 3)), np.ones((1, 2))), (biases, np.zeros(2), np.zeros(1)), activation)
    for n_below, wanted in ((5, "saturated"), (6, "")):
        X = np.where(np.arange(100) < n_below, 0.0, z + 0.001)[:, None]
        assert quiet_neurons(net, X)[0] == (wanted,) * 3
    assert quiet_neurons(net, np.full((100, 1), z - 0.001))[0] == ("", "", "saturated")


def test_saturation_counts_both_limits_and_every_hidden_layer_is_looked_at():
    net = Network((np.array([[9.0]]), np.array([[0.1], [9.0]]), np.ones((1, 2))), (np.zeros(1), np.zeros(2), np.zeros(1)))
    assert quiet_neurons(net, [[-1.0], [1.0]]) == (("saturated",), ("", "saturated"))


def test_linear_neurons_and_outputs_are_never_quiet():
    net = Network((np.zeros((2, 1)), np.zeros((1, 2))), (np.zeros(2), np.full(1, 99.0)), "linear", "tanh")
    assert quiet_neurons(net, [[1.0]]) == (("", ""),)
    assert quiet_neurons(Network((np.ones((1, 1)),), (np.full(1, 99.0),), output="tanh"), [[1.0]]) == ()
