"""Forward, backward and one step: by hand, against central differences, and against scikit-learn."""

import doctest
import itertools
import math

import numpy as np
import pytest
from conftest import some
from sklearn.neural_network import MLPClassifier, MLPRegressor

from mml_core import neural_net
from mml_core.neural_net import ACTIVATIONS, Network, backpropagate, downhill_step, forward, initial, loss_of, predicted

ENDS = [*((output, "squared") for output in ACTIVATIONS), ("sigmoid", "cross-entropy"), ("softmax", "cross-entropy")]
SHAPES = [(1, 1), (2, 4, 2, 1), (3, 5, 3), (2, 8, 8, 8, 1), (1, 6, 7, 2)]
AWAY = 1e-3  # from the kinks of ReLU and |w|
THEIRS = {"tanh": "tanh", "ReLU": "relu", "sigmoid": "logistic", "linear": "identity"}


def some_network(rng, layers, activation="tanh", output="linear", loss="squared"):
    """Return a network with random weights and biases, none of them 0."""
    pairs = list(itertools.pairwise(layers))
    weights = tuple(rng.normal(0, 1 / math.sqrt(n_in), (n_out, n_in)) for n_in, n_out in pairs)
    return Network(weights, tuple(rng.normal(0, 0.5, n) for n in layers[1:]), activation, output, loss)


def some_targets(rng, n_samples, n_outputs, output, loss):
    """Return targets of the kind that goes with the output."""
    if output == "softmax":
        return np.eye(n_outputs)[rng.integers(n_outputs, size=n_samples)]
    if loss == "cross-entropy":
        return rng.integers(2, size=(n_samples, n_outputs)).astype(float)
    return rng.normal(size=(n_samples, n_outputs))


def away_from_kinks(layers, activation, output, loss):
    """Return a network and samples of the first seed that keeps ReLU's z and all weights away from 0."""
    for seed in itertools.count():
        rng = np.random.default_rng(seed)
        network = some_network(rng, layers, activation, output, loss)
        X = rng.normal(size=(5, layers[0]))
        bent = [z for z, name in zip(forward(network, X).z, network.activations, strict=True) if name == "ReLU"]
        if min(np.abs(part).min() for part in (*bent, *network.weights)) > AWAY:
            return network, X, some_targets(rng, len(X), layers[-1], output, loss)


def by_central_differences(network, X, y, l1, l2, h=1e-5):
    """Return dL/dw of every weight and bias, one at a time, in the order of the layers."""
    found = []
    for part in (*network.weights, *network.biases):
        slopes = np.empty_like(part)
        for i in np.ndindex(part.shape):
            kept, losses = part[i], []
            for at in (kept + h, kept - h):
                part[i] = at
                losses.append(loss_of(network, forward(network, X), y, l1, l2))
            part[i] = kept
            slopes[i] = (losses[0] - losses[1]) / (2 * h)
        found.append(slopes)
    return found


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(neural_net).failed == 0


# --- derivatives


CASES = [
    (activation, output, loss, shape)
    for activation in ACTIVATIONS
    for output, loss in ENDS
    for shape in some(SHAPES, 2, activation, output, loss)
]


@pytest.mark.parametrize(("activation", "output", "loss", "shape"), CASES)
def test_derivatives_are_the_central_differences(activation, output, loss, shape):
    network, X, y = away_from_kinks(shape, activation, output, loss)
    for l1, l2 in some([(0, 0), (0, 0.3), (0.2, 0), (0.2, 0.3)], 1, activation, output, loss, shape):
        ours = backpropagate(network, X, y, l1, l2)
        theirs = by_central_differences(network, X, y, l1, l2)
        for exact, about in zip((*ours.weights, *ours.biases), theirs, strict=True):
            np.testing.assert_allclose(exact, about, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("l1", "l2"), [(0, 0), (0, 0.3), (0.2, 0), (0.2, 0.3)])
@pytest.mark.parametrize("shape", SHAPES)
def test_derivatives_hold_for_every_shape_and_price(shape, l1, l2):
    network, X, y = away_from_kinks(shape, "tanh", "tanh", "squared")
    ours, theirs = backpropagate(network, X, y, l1, l2), by_central_differences(network, X, y, l1, l2)
    for exact, about in zip((*ours.weights, *ours.biases), theirs, strict=True):
        np.testing.assert_allclose(exact, about, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_of_an_activation_is_its_central_difference(name):
    value, slope = ACTIVATIONS[name].value, ACTIVATIONS[name].slope
    z = np.linspace(-4, 4, 40)  # an even number: 0 is not among them
    np.testing.assert_allclose(slope(z, value(z)), (value(z + 1e-6) - value(z - 1e-6)) / 2e-6, rtol=1e-6, atol=1e-9)


def test_the_factors_of_the_chain_rule_multiply_to_the_derivatives():
    rng = np.random.default_rng(4)
    network, X, y = some_network(rng, (2, 3, 4, 2), "sigmoid", "tanh"), rng.normal(size=(6, 2)), rng.normal(size=(6, 2))
    found = backpropagate(network, X, y)
    a, slopes, deltas = found.passed.a, found.slopes, found.deltas
    np.testing.assert_allclose(deltas[2], (a[3] - y) / 6 * slopes[2], rtol=1e-15)
    for layer in (1, 0):
        np.testing.assert_allclose(deltas[layer], deltas[layer + 1] @ network.weights[layer + 1] * slopes[layer], rtol=1e-15)
    for layer in range(3):
        by_sample = sum(np.outer(d, before) for d, before in zip(deltas[layer], a[layer], strict=True))
        np.testing.assert_allclose(found.weights[layer], by_sample, rtol=1e-13)
        np.testing.assert_allclose(found.biases[layer], deltas[layer].sum(axis=0), rtol=1e-15)
    assert found.loss == loss_of(network, forward(network, X), y)


# --- by hand


def test_a_tanh_net_is_the_one_computed_by_hand():
    """With tanh(log 2) = 0.6 and tanh(log 3) = 0.8."""
    W1, b1 = np.array([[math.log(2)], [0.0]]), np.array([0.0, -math.log(3)])
    network = Network((W1, np.array([[5.0, 2.5]])), (b1, np.array([1.0])))
    found = backpropagate(network, [[1.0]], [[1.0]])
    assert found.passed.a[1].tolist() == [pytest.approx([0.6, -0.8], rel=1e-15)]
    assert found.passed.z[1].tolist() == [[pytest.approx(2, rel=1e-15)]]
    assert found.loss == pytest.approx(0.5, rel=1e-14)
    assert found.slopes[0].tolist() == [pytest.approx([0.64, 0.36], rel=1e-14)]
    assert found.deltas[1].tolist() == [[pytest.approx(1, rel=1e-14)]]
    assert found.deltas[0].tolist() == [pytest.approx([3.2, 0.9], rel=1e-14)]
    assert found.weights[1].tolist() == [pytest.approx([0.6, -0.8], rel=1e-14)]
    assert found.weights[0].tolist() == [pytest.approx([3.2], rel=1e-14), pytest.approx([0.9], rel=1e-14)]
    assert found.biases[1].tolist() == pytest.approx([1], rel=1e-14)
    assert found.biases[0].tolist() == pytest.approx([3.2, 0.9], rel=1e-14)


def test_a_relu_net_with_prices_is_the_one_computed_by_hand():
    """Sample 2: z = (3, 3), both on; sample -3: z = (-2, 8), the first is off."""
    network = Network(
        (np.array([[1.0], [-1.0]]), np.array([[2.0, -1.0]])), (np.array([1.0, 5.0]), np.array([0.5])), activation="ReLU"
    )  # fmt: skip
    passed = forward(network, [[2.0], [-3.0]])
    assert [a.tolist() for a in passed.a] == [[[2], [-3]], [[3, 3], [0, 8]], [[3.5], [-7.5]]]
    y, l1, l2 = [[1.5], [-3.5]], 0.5, 0.25  # off by 2 and by -4
    assert loss_of(network, passed, y) == (2 + 8) / 2
    assert loss_of(network, passed, y, l1, l2) == 5 + 0.5 * 5 + 0.125 * 7
    found = backpropagate(network, [[2.0], [-3.0]], y)
    assert [d.tolist() for d in found.deltas] == [[[2, -1], [0, 2]], [[1], [-2]]]
    assert [W.tolist() for W in found.weights] == [[[4], [-2 - 6]], [[3, 3 - 16]]]
    assert [b.tolist() for b in found.biases] == [[2, 1], [-1]]
    priced = backpropagate(network, [[2.0], [-3.0]], y, l1, l2)
    assert [W.tolist() for W in priced.weights] == [[[4 + 0.75], [-8 - 0.75]], [[3 + 1, -13 - 0.75]]]
    assert [b.tolist() for b in priced.biases] == [[2, 1], [-1]]


def test_a_step_goes_against_the_slope_and_keeps_a_part_of_its_velocity():
    network = Network((np.array([[2.0]]),), (np.array([0.0]),))
    first, velocity = downhill_step(network, [[1.0]], [[1.0]], 0.25, momentum=0.5)  # dL/dw = dL/db = 1
    assert (first.weights[0].item(), first.biases[0].item()) == (1.75, -0.25)
    second, velocity = downhill_step(first, [[1.0]], [[1.0]], 0.25, velocity, 0.5)  # dL/dw = dL/db = 0.5
    assert [part.item() for part in velocity[0]] == [-0.25, -0.25]
    assert (second.weights[0].item(), second.biases[0].item()) == (1.5, -0.5)
    assert network.weights[0].item() == 2.0  # the first network is as it was


def test_l1_leaves_a_weight_of_zero_where_it_is():
    network = Network((np.zeros((1, 1)),), (np.zeros(1),))
    assert backpropagate(network, [[0.0]], [[0.0]], l1=1.0).weights[0].item() == 0


# --- the first weights


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_from_zero_all_neurons_of_a_layer_stay_alike(activation):
    rng = np.random.default_rng(0)
    network, X, y = initial((2, 4, 3, 1), rng, "zero", activation=activation), rng.normal(size=(9, 2)), rng.normal(size=(9, 1))
    velocity = None
    for _ in range(20):
        network, velocity = downhill_step(network, X, y, 0.3, velocity, 0.5)
    assert abs(network.biases[-1].item()) > 0.05  # it did learn something
    for W, b in zip(network.weights, network.biases, strict=True):
        np.testing.assert_allclose(W, np.broadcast_to(W[0], W.shape), rtol=0, atol=1e-15)
        np.testing.assert_allclose(b, b[0], rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("scheme", "spread"),
    [("normal", 1), ("Xavier", math.sqrt(2 / (500 + 300))), ("He", math.sqrt(2 / 500)), ("zero", 0)],
)  # fmt: skip
def test_first_weights_are_spread_as_the_scheme_says(scheme, spread):
    network = initial((500, 300), np.random.default_rng(2), scheme)
    assert network.weights[0].std() == pytest.approx(spread, rel=0.01)  # the error of 150,000 is 0.2 %
    assert abs(network.weights[0].mean()) <= 0.01 * spread
    assert not network.biases[0].any()


def test_the_same_generator_gives_the_same_first_weights_of_every_scheme_up_to_their_size():
    drawn = {s: initial((3, 4, 2), np.random.default_rng(8), s) for s in ("normal", "Xavier", "He")}
    for i, (n_in, n_out) in enumerate([(3, 4), (4, 2)]):
        np.testing.assert_allclose(drawn["Xavier"].weights[i], drawn["normal"].weights[i] * math.sqrt(2 / (n_in + n_out)))
        np.testing.assert_allclose(drawn["He"].weights[i], drawn["normal"].weights[i] * math.sqrt(2 / n_in))


# --- softmax and cross-entropy


def straight(n, output):
    """Return a network whose z are its inputs."""
    return Network((np.eye(n),), (np.zeros(n),), "linear", output, "cross-entropy")


def test_softmax_sums_to_one_and_does_not_mind_what_all_have_in_common():
    X = np.random.default_rng(3).normal(0, 300, (50, 4))
    a = forward(straight(4, "softmax"), X).a[-1]
    np.testing.assert_allclose(a.sum(axis=1), 1, rtol=1e-14)
    assert (a >= 0).all()
    np.testing.assert_allclose(forward(straight(4, "softmax"), X + 100).a[-1], a, rtol=1e-10, atol=1e-300)


@pytest.mark.parametrize(
    ("output", "X", "y", "loss", "slopes"),
    [
        ("sigmoid", [[1000.0]], [[1.0]], 0, [[0.0]]),
        ("sigmoid", [[1000.0]], [[0.0]], 1000, [[1.0]]),
        ("sigmoid", [[-1000.0]], [[1.0]], 1000, [[-1.0]]),
        ("sigmoid", [[-1000.0]], [[0.0]], 0, [[0.0]]),
        ("softmax", [[1000.0, -1000.0]], [[1.0, 0.0]], 0, [[0.0, 0.0]]),
        ("softmax", [[1000.0, -1000.0]], [[0.0, 1.0]], 2000, [[1.0, -1.0]]),
        ("softmax", [[1000.0, 1000.0]], [[0.0, 1.0]], math.log(2), [[0.5, -0.5]]),
        ("softmax", [[-1000.0, -1000.0, -1000.0]], [[0.0, 1.0, 0.0]], math.log(3), [[1 / 3, -2 / 3, 1 / 3]]),
    ],
)
def test_cross_entropy_is_right_where_a_probability_is_0_in_floats(output, X, y, loss, slopes):
    found = backpropagate(straight(len(X[0]), output), X, y)
    assert found.loss == pytest.approx(loss, rel=1e-13)
    np.testing.assert_allclose(found.deltas[-1], slopes, rtol=1e-13)


def test_cross_entropy_is_minus_the_log_of_the_probability_of_what_is_true():
    network, X = straight(1, "sigmoid"), [[0.3], [-1.2]]
    p, q = 1 / (1 + math.exp(-0.3)), 1 / (1 + math.exp(1.2))
    assert loss_of(network, forward(network, X), [[1.0], [0.0]]) == pytest.approx(
        -(math.log(p) + math.log(1 - q)) / 2, rel=1e-14
    )
    network, X = straight(3, "softmax"), [[0.3, -1.2, 2.0]]
    p = math.exp(-1.2) / (math.exp(0.3) + math.exp(-1.2) + math.exp(2))
    assert loss_of(network, forward(network, X), [[0.0, 1.0, 0.0]]) == pytest.approx(-math.log(p), rel=1e-14)


def test_a_sigmoid_and_a_softmax_of_two_are_one_network():
    """sigmoid(z) is the softmax of (z, 0)."""
    X, y = np.random.default_rng(6).normal(size=(9, 1)), np.array([[0.0, 1, 1, 0, 1, 0, 0, 1, 1]]).T
    one = Network((np.array([[1.7]]),), (np.array([0.2]),), output="sigmoid", loss="cross-entropy")
    two = Network((np.array([[1.7], [0.0]]),), (np.array([0.2, 0.0]),), output="softmax", loss="cross-entropy")
    ours, theirs = backpropagate(one, X, y), backpropagate(two, X, np.hstack([y, 1 - y]))
    assert ours.loss == pytest.approx(theirs.loss, rel=1e-14)
    np.testing.assert_allclose(ours.weights[0][0], theirs.weights[0][0], rtol=1e-13)
    np.testing.assert_allclose(theirs.weights[0][0], -theirs.weights[0][1], rtol=1e-13)


# --- what the network says, and what it is


@pytest.mark.parametrize(
    ("output", "loss", "X", "classes"),
    [
        ("tanh", "squared", [[-3], [2], [0]], [0, 1, 0]),
        ("linear", "squared", [[-0.1], [0.1]], [0, 1]),
        ("sigmoid", "cross-entropy", [[-0.1], [0.1]], [0, 1]),
        ("softmax", "cross-entropy", [[1, 2, 0], [5, 2, 0], [-3, -2, -1]], [1, 0, 2]),
        ("sigmoid", "squared", [[1, 2, 0], [5, 2, 0]], [1, 0]),
    ],
)
def test_the_predicted_class_is_the_sign_or_the_largest_output(output, loss, X, classes):
    n = len(X[0])
    network = Network((np.eye(n),), (np.zeros(n),), "tanh", output, loss)
    assert predicted(network, forward(network, X)).tolist() == classes


def test_a_network_knows_its_layers_and_their_activations():
    network = initial((3, 5, 4, 2), np.random.default_rng(0), activation="ReLU", output="sigmoid")
    assert network.layers == (3, 5, 4, 2)
    assert network.activations == ("ReLU", "ReLU", "sigmoid")


# --- errors


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ({"activation": "Tanh"}, "activation 'Tanh' is not known; choose one of tanh, ReLU, sigmoid, linear."),
        ({"activation": "softmax"}, "activation 'softmax' is not known"),
        ({"output": "argmax"}, "output 'argmax' is not known; choose one of tanh, ReLU, sigmoid, linear, softmax."),
        ({"loss": "hinge"}, "loss 'hinge' is not known; choose one of squared, cross-entropy."),
        ({"scheme": "xavier"}, "scheme 'xavier' is not known; choose one of zero, normal, Xavier, He."),
        ({"output": "tanh", "loss": "cross-entropy"}, "cross-entropy needs probabilities: .* not tanh."),
        ({"output": "linear", "loss": "cross-entropy"}, "cross-entropy needs probabilities: .* not linear."),
        ({"output": "softmax", "loss": "squared"}, "softmax goes with the loss cross-entropy"),
    ],
)
def test_names_that_are_unknown_or_do_not_go_together_are_answered_with_a_sentence(names, sentence):
    with pytest.raises(ValueError, match=sentence):
        initial((2, 1), np.random.default_rng(0), **names)


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        ((), "a network needs its inputs and at least one layer"),
        ((2,), "a network needs its inputs and at least one layer"),
        ((2, 0, 1), "layer 1 is 0; it must lie between 1 and 512."),
        ((2, 513), "layer 1 is 513; it must lie between 1 and 512."),
        ((2.5, 1), "layer 0 is 2.5; it must be a whole number."),
    ],
)
def test_layers_that_are_none_are_answered_with_a_sentence(layers, sentence):
    with pytest.raises(ValueError, match=sentence):
        initial(layers, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("X", "y", "sentence"),
    [
        ([[1, 2, 3]], [[1]], "X has shape 1 x 3; it must be a matrix with any number of rows and 2 columns."),
        ([1, 2], [[1]], "X has shape 2; it must be a matrix"),
        ([[1, math.nan]], [[1]], "X has nan in row 1, column 2; every entry must be a finite number."),
        ([[1, math.inf]], [[1]], "X has inf in row 1, column 2; every entry must be a finite number."),
        ([[1, 2]], [[1, 2]], "y has shape 1 x 2; it must be a matrix with 1 rows and 1 columns."),
        ([[1, 2]], [[1], [2]], "y has shape 2 x 1; it must be"),
        ([[1, 2]], [1], "y has shape 1; it must be"),
        ([[1, 2]], [[math.nan]], "y has nan in row 1, column 1"),
    ],
)
def test_samples_that_do_not_fit_are_answered_with_a_sentence(X, y, sentence):
    network = initial((2, 3, 1), np.random.default_rng(0))
    for use in (lambda: backpropagate(network, X, y), lambda: downhill_step(network, X, y, 0.1)):
        with pytest.raises(ValueError, match=sentence):
            use()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_what_overflows_becomes_no_number_without_a_warning(activation):
    huge = Network((np.full((2, 1), 1e300), np.full((1, 2), 1e300)), (np.zeros(2), np.zeros(1)), activation)
    after, _ = downhill_step(huge, [[1e200]], [[0.0]], 1.0, momentum=0.5, l1=1.0, l2=1.0)
    assert not np.isfinite(loss_of(after, forward(after, [[1e200]]), [[0.0]], 1.0, 1.0))


# --- scikit-learn


def scikit(network, X, y, rate=0.1, l2=0.0):
    """Return scikit-learn's estimator with our weights; its penalty is alpha / (2 n) ||w||^2."""
    kind, targets, classes = (
        MLPClassifier,
        y.argmax(axis=1) if y.shape[1] > 1 else y[:, 0],
        {"classes": range(max(2, y.shape[1]))},
    )
    if network.output == "linear":
        kind, targets, classes = MLPRegressor, y if y.shape[1] > 1 else y[:, 0], {}
    theirs = kind(
        hidden_layer_sizes=network.layers[1:-1], activation=THEIRS[network.activation], solver="sgd", alpha=l2 * len(X),
        batch_size=len(X), learning_rate_init=rate, momentum=0, shuffle=False, random_state=0,
    )  # fmt: skip
    theirs.partial_fit(X, targets, **classes)  # makes the arrays
    for part, ours in zip((*theirs.coefs_, *theirs.intercepts_), (*network.weights, *network.biases), strict=True):
        part[...] = ours.T
    return theirs, lambda: theirs.partial_fit(X, targets)


SAME = [
    (activation, *end)
    for activation in ACTIVATIONS
    for end in [("linear", "squared", 1), ("linear", "squared", 2), (*ENDS[-2], 1), (*ENDS[-1], 3)]
]


@pytest.mark.parametrize(
    ("n_steps", "activation", "output", "loss", "n_outputs"),
    [(n, *case) for n, n_cases in ((1, 16), (100, 5)) for case in some(SAME, n_cases, n)],
)
def test_outputs_and_steps_are_those_of_scikit_learn(n_steps, activation, output, loss, n_outputs):
    rng = np.random.default_rng(11)
    network, X = some_network(rng, (2, 4, 3, n_outputs), activation, output, loss), rng.normal(size=(20, 2))
    y, rate, l2 = some_targets(rng, 20, n_outputs, output, loss), 0.1, 0.02
    theirs, step = scikit(network, X, y, rate, l2)

    passed = forward(network, X)
    if output == "linear":
        np.testing.assert_allclose(theirs.predict(X).reshape(passed.a[-1].shape), passed.a[-1], rtol=1e-12, atol=1e-14)
    else:
        np.testing.assert_allclose(theirs.predict_proba(X)[:, -n_outputs:], passed.a[-1], rtol=1e-12)
        np.testing.assert_array_equal(theirs.predict(X), predicted(network, passed))

    for _ in range(n_steps):
        before = loss_of(network, forward(network, X), y, l2=l2)
        network, _ = downhill_step(network, X, y, rate, l2=l2)
        step()
    if output != "linear" or n_outputs == 1:  # of several outputs scikit-learn reports the mean, and descends the sum
        assert theirs.loss_ == pytest.approx(before, rel=1e-9)
    for W, b, coefs, intercepts in zip(network.weights, network.biases, theirs.coefs_, theirs.intercepts_, strict=True):
        np.testing.assert_allclose(coefs.T, W, rtol=0, atol=1e-9)
        np.testing.assert_allclose(intercepts, b, rtol=0, atol=1e-9)
