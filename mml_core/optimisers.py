"""Methods that walk downhill, each in the few lines of its mathematics: gradients, momentum, adaptive rates and Newton.

Each is a generator that goes on for ever and yields the next point, then its inner state. x, y and the rate are plain floats
(one walker, fast) or arrays of one shape (one walker an entry): the same lines serve both. Names and constants are those of
PyTorch; its formulas are at pytorch.org/docs/stable/optim.html.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from mml_core.heights import Surface

OptimiserSteps = Iterator[tuple[Any, ...]]
N_TRIALS = 41  # of a line search: the rate itself and 40 halvings


def gradient_descent(surface: Surface, x: Any, y: Any, rate: Any) -> OptimiserSteps:
    """Step against the gradient: x <- x - rate g.

    Source: Cauchy, 1847, Methode generale pour la resolution des systemes d'equations simultanees.

    >>> from mml_core.quadratics import Quadratic
    >>> next(gradient_descent(Quadratic(1.0, 0.0, 4.0), 2.0, 1.0, 0.25))
    (1.5, 0.0)
    """
    while True:
        gx, gy = surface.gradient(x, y)
        x, y = x - rate * gx, y - rate * gy
        yield x, y


def momentum(surface: Surface, x: Any, y: Any, rate: Any, beta: float = 0.9) -> OptimiserSteps:
    """Roll like a heavy ball: v <- beta v - rate g; x <- x + v.

    torch.optim.SGD(momentum=beta) walks the same way; its buffer is b <- beta b + g, so v = -rate b.
    Source: Polyak, 1964, Some methods of speeding up the convergence of iteration methods.

    >>> from mml_core.quadratics import Quadratic
    >>> walk = momentum(Quadratic(1.0, 0.0, 4.0), 2.0, 1.0, 0.25)
    >>> next(walk), next(walk)[:2]
    ((1.5, 0.0, -0.5, -1.0), (0.675, -0.9))
    """
    vx = vy = 0.0 * x
    while True:
        gx, gy = surface.gradient(x, y)
        vx, vy = beta * vx - rate * gx, beta * vy - rate * gy
        x, y = x + vx, y + vy
        yield x, y, vx, vy


def nesterov(surface: Surface, x: Any, y: Any, rate: Any, beta: float = 0.9) -> OptimiserSteps:
    """Take the slope where the velocity will lead: v <- beta v - rate g; x <- x + beta v - rate g.

    x is the place that is looked ahead to, as in torch.optim.SGD(nesterov=True), whose buffer is b = -v / rate: Nesterov's own
    point is x - beta v.
    Source: Nesterov, 1983; in this form Sutskever et al., 2013, On the importance of initialization and momentum.

    >>> from mml_core.quadratics import Quadratic
    >>> next(nesterov(Quadratic(1.0, 0.0, 4.0), 2.0, 1.0, 0.25, beta=0.5))
    (1.25, -0.5, -0.5, -1.0)
    """
    vx = vy = 0.0 * x
    while True:
        gx, gy = surface.gradient(x, y)
        vx, vy = beta * vx - rate * gx, beta * vy - rate * gy
        x, y = x + beta * vx - rate * gx, y + beta * vy - rate * gy
        yield x, y, vx, vy


def adagrad(surface: Surface, x: Any, y: Any, rate: Any, eps: float = 1e-10) -> OptimiserSteps:
    """Step less where much was stepped: s <- s + g^2; x <- x - rate g / (sqrt s + eps), for each coordinate.

    Source: Duchi, Hazan and Singer, 2011, Adaptive subgradient methods.

    >>> from mml_core.quadratics import Quadratic
    >>> next(adagrad(Quadratic(1.0, 0.0, 4.0), 2.0, 1.0, 0.25, eps=0.0))
    (1.75, 0.75, 4.0, 16.0)
    """
    sx = sy = 0.0 * x
    while True:
        gx, gy = surface.gradient(x, y)
        sx, sy = sx + gx * gx, sy + gy * gy
        x, y = x - rate * gx / (sx**0.5 + eps), y - rate * gy / (sy**0.5 + eps)
        yield x, y, sx, sy


def rmsprop(surface: Surface, x: Any, y: Any, rate: Any, alpha: float = 0.99, eps: float = 1e-8) -> OptimiserSteps:
    """Divide by the recent size of the slope: s <- alpha s + (1 - alpha) g^2; x <- x - rate g / (sqrt s + eps).

    Source: Tieleman and Hinton, 2012, Neural networks for machine learning, lecture 6.5.

    >>> from mml_core.quadratics import Quadratic
    >>> next(rmsprop(Quadratic(1.0, 0.0, 4.0), 2.0, 1.0, 0.25, alpha=0.75, eps=0.0))
    (1.5, 0.5, 1.0, 4.0)
    """
    sx = sy = 0.0 * x
    while True:
        gx, gy = surface.gradient(x, y)
        sx, sy = alpha * sx + (1 - alpha) * gx * gx, alpha * sy + (1 - alpha) * gy * gy
        x, y = x - rate * gx / (sx**0.5 + eps), y - rate * gy / (sy**0.5 + eps)
        yield x, y, sx, sy


def adam(
    surface: Surface, x: Any, y: Any, rate: Any, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
) -> OptimiserSteps:
    """Step along the mean slope over its mean size: v <- beta1 v + (1 - beta1) g; s <- beta2 s + (1 - beta2) g^2.

    x <- x - rate v' / (sqrt s' + eps) with v' = v / (1 - beta1^t), s' = s / (1 - beta2^t), which makes up for the start at 0.
    Here v is a mean gradient: it points uphill.
    Source: Kingma and Ba, 2015, Adam: a method for stochastic optimization.

    >>> from mml_core.quadratics import Quadratic
    >>> next(adam(Quadratic(1.0, 0.0, 4.0), 2.0, 1.0, 0.25, beta1=0.5, beta2=0.75, eps=0.0))
    (1.75, 0.75, 1.0, 2.0, 1.0, 4.0)
    """
    vx = vy = sx = sy = 0.0 * x
    for t in itertools.count(1):
        gx, gy = surface.gradient(x, y)
        vx, vy = beta1 * vx + (1 - beta1) * gx, beta1 * vy + (1 - beta1) * gy
        sx, sy = beta2 * sx + (1 - beta2) * gx * gx, beta2 * sy + (1 - beta2) * gy * gy
        step, share = rate / (1 - beta1**t), 1 - beta2**t
        x, y = x - step * vx / ((sx / share) ** 0.5 + eps), y - step * vy / ((sy / share) ** 0.5 + eps)
        yield x, y, vx, vy, sx, sy


def newton(surface: Surface, x: Any, y: Any, rate: Any = 1.0) -> OptimiserSteps:
    """Jump to where the fitted parabola is level, a minimum or not: x <- x - rate H^-1 g.

    Source: Nocedal and Wright, 2006, Numerical Optimization, section 3.3.

    >>> from mml_core.quadratics import Quadratic
    >>> next(newton(Quadratic(1.0, 0.0, 4.0), 2.0, 1.0))
    (0.0, 0.0)
    """
    while True:
        gx, gy = surface.gradient(x, y)
        (a, b), (_, c) = surface.hessian(x, y)
        det = a * c - b * b
        x, y = x - rate * (c * gx - b * gy) / det, y - rate * (a * gy - b * gx) / det
        yield x, y


def guarded_newton(surface: Surface, x: Any, y: Any, rate: Any, longest: float = 5.0) -> OptimiserSteps:
    """Take the whole Newton step p = H^-1 g where it can be trusted, else the gradient step: x <- x - p or x - rate g.

    It is not trusted where H is singular, -p does not lead downhill (g . p <= 0) or |p| exceeds `longest`. The state is whether
    it was trusted.
    Source: Nocedal and Wright, 2006, Numerical Optimization, section 3.4.

    >>> from mml_core.quadratics import Quadratic
    >>> next(guarded_newton(Quadratic(1.0, 0.0, -4.0), 2.0, 1.0, 0.25))
    (1.5, 2.0, False)
    """
    while True:
        gx, gy = surface.gradient(x, y)
        (a, b), (_, c) = surface.hessian(x, y)
        det = a * c - b * b
        nonzero = det + (det == 0)
        px, py = (c * gx - b * gy) / nonzero, (a * gy - b * gx) / nonzero
        downhill = (gx * px + gy * py > 0) | ((gx == 0) & (gy == 0))
        trusted = (det != 0) & downhill & (px * px + py * py <= longest * longest)
        x, y = x - choose(trusted, px, rate * gx), y - choose(trusted, py, rate * gy)
        yield x, y, trusted


def line_search(surface: Surface, x: Any, y: Any, rate: Any, decrease: float = 1e-4) -> OptimiserSteps:
    """Halve the rate until the step is worth it: f(x - r g) <= f(x) - decrease r |g|^2, then x <- x - r g (Armijo's rule).

    r starts from the given rate at each step and is halved at most 40 times; after that the walker stays, r = 0. The state is
    r and how many values have been computed so far.
    Source: Nocedal and Wright, 2006, Numerical Optimization, section 3.1.

    >>> from mml_core.quadratics import Quadratic
    >>> next(line_search(Quadratic(1.0, 0.0, 4.0), 2.0, 1.0, 1.0))
    (1.0, -1.0, 0.5, 3)
    """
    value, n_values = surface.value(x, y), 1
    while True:
        gx, gy = surface.gradient(x, y)
        slope = decrease * (gx * gx + gy * gy)
        r, low_enough = 2.0 * rate, False
        for _ in range(N_TRIALS):
            r = r * (0.5 + 0.5 * low_enough)
            n_values = n_values + (1 - low_enough)
            trial = surface.value(x - r * gx, y - r * gy)
            low_enough = trial <= value - r * slope
            if everywhere(low_enough):
                break
        r = r * low_enough
        x, y, value = x - r * gx, y - r * gy, choose(low_enough, trial, value)
        yield x, y, r, n_values


def choose(condition: Any, a: Any, b: Any) -> Any:
    """Return a where the condition holds, else b; for one walker or for many."""
    return np.where(condition, a, b) if isinstance(condition, np.ndarray) else a if condition else b


def everywhere(condition: Any) -> bool:
    """Return whether the condition holds for each walker."""
    return bool(condition.all() if isinstance(condition, np.ndarray) else condition)


class Optimiser(NamedTuple):
    """A method as the screen knows it: its generator, the names of its inner state, and 10 to which powers rates are."""

    walk: Callable[..., OptimiserSteps]
    state: tuple[str, ...]
    exponents: tuple[float, float]


VELOCITY, SQUARES = ("velocity_x", "velocity_y"), ("squares_x", "squares_y")
METHODS: dict[str, Optimiser] = {
    "Gradient descent": Optimiser(gradient_descent, (), (-4.0, 0.5)),
    "Momentum": Optimiser(momentum, VELOCITY, (-4.0, 0.5)),
    "Nesterov": Optimiser(nesterov, VELOCITY, (-4.0, 0.5)),
    "AdaGrad": Optimiser(adagrad, SQUARES, (-3.0, 1.0)),
    "RMSProp": Optimiser(rmsprop, SQUARES, (-4.0, 0.0)),
    "Adam": Optimiser(adam, (*VELOCITY, *SQUARES), (-3.0, 0.5)),
    "Newton": Optimiser(newton, (), (-1.0, 0.3)),
    "Guarded Newton": Optimiser(guarded_newton, ("trusted",), (-4.0, 0.5)),
    "Line search": Optimiser(line_search, ("rate", "n_values"), (-2.0, 2.0)),
}
