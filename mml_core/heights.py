"""What every surface over the plane is: f(x, y) with its gradient and Hessian, for one walker or for many.

All take plain floats (one walker, fast) or arrays of one shape (many at once); the same lines serve both. Outside what
numbers can hold arrays give inf or nan, floats may raise OverflowError: who walks there looks out for both.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

Window = tuple[float, float, float, float]  # left, right, bottom, top


class Surface:
    """A smooth f(x, y).

    `value(x, y)`; `gradient(x, y)` -> (df/dx, df/dy); `hessian(x, y)` -> ((fxx, fxy), (fxy, fyy)); each as x and y are, floats
    or arrays. `window` is where it is worth seeing, as wide as high; `start` a point from which the way down is telling;
    `lowest` its lowest value, nan where nobody knows it.
    """

    window: ClassVar[Window] = (-3.0, 3.0, -3.0, 3.0)
    start: ClassVar[tuple[float, float]] = (-2.0, 2.0)
    lowest: ClassVar[float] = math.nan

    def value(self, x: Any, y: Any) -> Any:
        """Return f(x, y)."""
        raise NotImplementedError

    def gradient(self, x: Any, y: Any) -> Any:
        """Return (df/dx, df/dy)."""
        raise NotImplementedError

    def hessian(self, x: Any, y: Any) -> Any:
        """Return ((fxx, fxy), (fxy, fyy))."""
        raise NotImplementedError

    @property
    def latex(self) -> str:
        """The formula."""
        raise NotImplementedError


def smooth_exp(x: Any) -> Any:
    """Return e^x of a float or an array; for a float Python's own is four times as fast."""
    return math.exp(x) if type(x) is float else np.exp(x)


def smooth_cos(x: Any) -> Any:
    """Return cos x of a float or an array."""
    return math.cos(x) if type(x) is float else np.cos(x)


def smooth_sin(x: Any) -> Any:
    """Return sin x of a float or an array."""
    return math.sin(x) if type(x) is float else np.sin(x)
