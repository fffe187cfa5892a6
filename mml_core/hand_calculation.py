"""Backpropagation as a calculation by hand: every line that a person would write down, in that order, with its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike

from mml_core.backprop import chosen_samples, symbol_of
from mml_core.checks import Array
from mml_core.neural_net import Backward, Network, backpropagate

MOST_TERMS = 4  # of a sum that is spelt out


@dataclass(frozen=True)
class Moment:
    """One line of a calculation by hand; `neuron` is -1 for the loss, whose `layer` is the last one."""

    layer: int
    neuron: int
    kind: str
    latex: str
    value: float


def forward_story(network: Network, X: ArrayLike, y: ArrayLike, sample: int) -> tuple[Moment, ...]:
    r"""Return the calculation of one sample in the order in which a person does it, each line in LaTeX with its numbers.

    Layer by layer z and a of each neuron (of a softmax all z, then all a), then the loss, then delta from the last layer to
    the first. Numbers have 4 digits, and sums of more than 4 products end in dots.
    Args:
        network, X, y: as in `neural_net.backpropagate`.
        sample: index of the sample, from 0.
    Returns: one moment a line, of kind "z", "a", "loss" or "delta".
    Raises: ValueError when there is no such sample, or X or y does not fit.

    >>> import numpy as np
    >>> net = Network((np.array([[0.5]]),), (np.array([0.1]),))
    >>> [moment.latex for moment in forward_story(net, [[1.2]], [[1.0]], 0)][::3]
    ['z^{(1)}_{1} = 0.5 \\cdot 1.2 + 0.1 = 0.7', '\\delta^{(1)}_{1} = (0.7 - 1) \\cdot 1 = -0.3']
    """
    X, y = chosen_samples(network, X, y, sample)
    found = backpropagate(network, X, y)
    story = []
    for layer, z in enumerate(found.passed.z):
        order = [(kind, j) for j in range(z.shape[1]) for kind in "za"]
        if network.activations[layer] == "softmax":
            order.sort(key=lambda line: line[0] == "a")  # each a needs all z
        for kind, neuron in order:
            text, value = (_sum_line if kind == "z" else _activation_line)(network, found, layer, neuron)
            story.append(_moment(kind, layer, neuron, text, value))
    last = len(found.deltas) - 1
    story.append(Moment(last, -1, "loss", f"L = {_loss_text(network, found, y[0])} = {_digits(found.loss)}", found.loss))
    for layer in range(last, -1, -1):
        for neuron, delta in enumerate(found.deltas[layer][0]):
            story.append(_moment("delta", layer, neuron, _delta_text(network, found, y[0], layer, neuron), delta))
    return tuple(story)


def _moment(kind: str, layer: int, neuron: int, text: str, value: float) -> Moment:
    """Return the moment at which symbol = text = value is written down."""
    symbol = symbol_of(r"\delta" if kind == "delta" else kind, layer, neuron)
    return Moment(layer, neuron, kind, f"{symbol} = {text} = {_digits(value)}", float(value))


def _sum_line(network: Network, found: Backward, layer: int, neuron: int) -> tuple[str, float]:
    """Return what z is made of, and z."""
    products, b = _products(network.weights[layer][neuron], found.passed.a[layer][0]), network.biases[layer][neuron]
    return f"{products} {'-' if b < 0 else '+'} {_digits(abs(b))}", found.passed.z[layer][0, neuron]


def _activation_line(network: Network, found: Backward, layer: int, neuron: int) -> tuple[str, float]:
    """Return what a is made of, and a."""
    z, name = found.passed.z[layer][0], network.activations[layer]
    if name == "softmax":
        powers = [f"e^{{{_digits(x)}}}" for x in z]
        text = rf"\frac{{{powers[neuron]}}}{{{_plus(powers)}}}"
    else:
        forms = {
            "tanh": r"\tanh({})",
            "ReLU": r"\max(0, {})",
            "sigmoid": r"\sigma({})",
            "linear": symbol_of("z", layer, neuron),
        }
        text = forms[name].replace("{}", _digits(z[neuron]))
    return text, found.passed.a[layer + 1][0, neuron]


def _loss_text(network: Network, found: Backward, y: Array) -> str:
    """Return what the loss of a sample is made of."""
    outputs = found.passed.a[-1][0]
    if network.loss == "squared":
        squares = [f"({_error_text(a, wanted)})^2" for a, wanted in zip(outputs, y, strict=True)]
        return r"\frac{1}{2} " + (squares[0] if len(squares) == 1 else rf"\left({_plus(squares)}\right)")
    parts = [(wanted, _digits(a)) for a, wanted in zip(outputs, y, strict=True)]
    if network.output == "sigmoid":
        parts = [part for wanted, a in parts for part in ((wanted, a), (1 - wanted, f"1 - {a}"))]
    logs = [(rf"{_bracketed(share)} \cdot " if share != 1 else "") + rf"\ln({p})" for share, p in parts if share]
    return "0" if not logs else f"-{logs[0]}" if len(logs) == 1 else rf"-\left({_plus(logs)}\right)"


def _delta_text(network: Network, found: Backward, y: Array, layer: int, neuron: int) -> str:
    """Return what delta is made of: blame from behind (or the error) times the neuron's own slope."""
    if layer == len(found.deltas) - 1:
        blame = _error_text(found.passed.a[-1][0, neuron], y[neuron])
        if network.loss == "cross-entropy":
            return blame
    else:
        blame = _products(network.weights[layer + 1][:, neuron], found.deltas[layer + 1][0])
    return rf"({blame}) \cdot {_bracketed(found.slopes[layer][0, neuron])}"


def _products(left: Array, right: Array) -> str:
    """Return a sum of products with their numbers."""
    return _plus([rf"{_bracketed(u)} \cdot {_bracketed(v)}" for u, v in zip(left, right, strict=True)])


def _plus(terms: Sequence[str]) -> str:
    """Return a sum, of which at most 4 terms are spelt out."""
    return " + ".join([*terms[:MOST_TERMS], r"\dots"] if len(terms) > MOST_TERMS else terms)


def _error_text(a: float, wanted: float) -> str:
    """Return a - y in numbers."""
    return f"{_digits(a)} - {_bracketed(wanted)}"


def _bracketed(x: float) -> str:
    """Return a number that can stand behind a sign: a negative one in brackets."""
    return f"({_digits(x)})" if x < 0 else _digits(x)


def _digits(x: float) -> str:
    r"""Return a number in LaTeX with 4 significant digits.

    >>> _digits(-0.00001234567)
    '-1.235 \\cdot 10^{-5}'
    """
    if not math.isfinite(x):
        return r"\text{NaN}" if math.isnan(x) else r"-\infty" if x < 0 else r"\infty"
    digits, _, power = f"{x + 0.0:.4g}".partition("e")  # + 0.0: no -0
    return rf"{digits} \cdot 10^{{{int(power)}}}" if power else digits
