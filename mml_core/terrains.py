"""A photo as a landscape: heights on a grid, made smooth, with exact slopes everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg, ndimage

from mml_core import checks
from mml_core.checks import Array, Picture
from mml_core.heights import Surface


@dataclass(frozen=True, eq=False)
class Terrain(Surface):
    """Heights on a grid, made smooth by cubic B-splines: f = sum of c_ij B(u - j) B(v - i).

    `coefficients` c (rows, columns), row 0 at the top; each cell is `cell` wide, and the grid's middle is the origin. B is the
    cubic B-spline, so f has two continuous derivatives inside; beyond the grid it stays as it is at the edge.
    Source: Unser, 1999, Splines: a perfect fit for signal and image processing.
    """

    coefficients: Array
    cell: float

    def value(self, x: Any, y: Any) -> Any:
        """Return f."""
        return self._sum(x, y, 0, 0)

    def gradient(self, x: Any, y: Any) -> Any:
        """Return its slopes."""
        return self._sum(x, y, 1, 0) / self.cell, -self._sum(x, y, 0, 1) / self.cell

    def hessian(self, x: Any, y: Any) -> Any:
        """Return its second derivatives."""
        q = self.cell * self.cell
        mixed = -self._sum(x, y, 1, 1) / q
        return (self._sum(x, y, 2, 0) / q, mixed), (mixed, self._sum(x, y, 0, 2) / q)

    def _sum(self, x: Any, y: Any, along: int, down: int) -> Any:
        """Return the sum over the 4 x 4 splines that reach a place, differentiated `along` columns and `down` rows."""
        rows, columns = self.coefficients.shape
        u, beyond_u = _inside_grid(np.asarray(x, float) / self.cell + (columns - 1) / 2, columns)
        v, beyond_v = _inside_grid((rows - 1) / 2 - np.asarray(y, float) / self.cell, rows)
        j, i = (np.minimum(np.floor(a).astype(np.intp), n - 2) for a, n in ((u, columns), (v, rows)))
        across, downwards = spline_weights(u - j, along), spline_weights(v - i, down)
        total = 0.0
        for p in range(4):
            row = np.clip(i + p - 1, 0, rows - 1)
            inner = sum(across[q] * self.coefficients[row, np.clip(j + q - 1, 0, columns - 1)] for q in range(4))
            total = total + downwards[p] * inner
        flat = (beyond_u if along else False) | (beyond_v if down else False)
        found = np.where(flat, 0.0, total)
        return found if found.ndim else float(found)

    @property
    def latex(self) -> str:
        """The formula."""
        return r"f(x, y) = \sum_{i, j} c_{ij} \, B(u - j) \, B(v - i)"


def _inside_grid(u: Any, n: int) -> tuple[Any, Any]:
    """Return a place held inside the grid 0 .. n - 1, and whether it was outside; what is no number counts as the edge."""
    held = np.clip(np.nan_to_num(u, nan=0.0), 0.0, n - 1.0)
    return held, u != held


def spline_weights(s: Any, derivative: int) -> tuple[Any, Any, Any, Any]:
    """Return the four cubic B-splines that reach a place s of the way between two grid points, or their derivatives.

    The splines' middles are at -1, 0, 1 and 2.

    >>> [round(6 * w, 12) for w in spline_weights(0.0, 0)]
    [1.0, 4.0, 1.0, 0.0]
    """
    r = 1.0 - s
    if derivative == 0:
        return r * r * r / 6, (4 - 6 * s * s + 3 * s * s * s) / 6, (4 - 6 * r * r + 3 * r * r * r) / 6, s * s * s / 6
    if derivative == 1:
        return -r * r / 2, (3 * s * s - 4 * s) / 2, (4 * r - 3 * r * r) / 2, s * s / 2
    return r, 3 * s - 2, 3 * r - 2, s


def terrain(heights: ArrayLike, smoothing: float = 1.0, side: float = 6.0) -> Terrain:
    """Return a smooth surface through heights on a grid, such as the brightness of a photo.

    Args:
        heights: shape (rows, columns), 4 to 400 each; row 0 is at the top (north).
        smoothing: the width of the Gaussian that smooths them first, in cells, 0 to 20.
        side: how long the longer side is, in the plane's units.
    Returns: Terrain, the grid's middle at the origin.
    Raises: ValueError when the grid is too small, too large or not finite, or a number is out of range.
    Source: Unser, 1999, Splines: a perfect fit for signal and image processing.

    >>> hill = terrain(np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0]), smoothing=0, side=4)
    >>> round(hill.value(0.0, 0.0), 12), [round(g, 12) + 0.0 for g in hill.gradient(0.0, 0.0)]
    (4.0, [0.0, 0.0])
    """
    grid = checks.matrix(heights, (None, None), "the heights")
    if min(grid.shape) < 4 or max(grid.shape) > 400:
        raise ValueError(f"the heights are {grid.shape[0]} x {grid.shape[1]}; give 4 to 400 rows and columns.")
    width = checks.number(smoothing, "smoothing", 0, 20)
    smooth = ndimage.gaussian_filter(grid, width, mode="nearest") if width else grid
    return Terrain(_spline_coefficients(smooth), checks.number(side, "side", 1e-6, 1e6) / (max(grid.shape) - 1))


def photo_terrain(pixels: Picture, smoothing: float = 1.5, side: float = 6.0) -> Terrain:
    """Return a photo's brightness as a landscape: black is 0, white is 2.

    Args:
        pixels: uint8, shape (height, width, channels), 4 to 400 along each side.
        smoothing, side: as for `terrain`.
    Returns: Terrain.
    Raises: ValueError when the picture is too small, or a number is out of range.
    Source: ITU-R BT.601 for the weights of red, green and blue.

    >>> photo_terrain(np.full((8, 8, 3), 255, np.uint8)).value(0.0, 0.0).__round__(9)
    2.0
    """
    image = checks.picture(pixels)
    colours = image[..., :3].astype(float) if image.shape[-1] >= 3 else image[..., :1].repeat(3, axis=-1).astype(float)
    return terrain(colours @ np.array([0.299, 0.587, 0.114]) * (2 / 255), smoothing, side)


def _spline_coefficients(grid: Array) -> Array:
    """Return the c that make the splines pass through the grid, where edges are repeated outwards."""
    for _ in range(2):
        n = len(grid)
        system = np.zeros((3, n))
        system[0, 1:], system[1], system[2, :-1] = 1 / 6, 4 / 6, 1 / 6
        system[1, 0] = system[1, -1] = 5 / 6
        grid = linalg.solve_banded((1, 1), system, grid).T
    return np.ascontiguousarray(grid)
