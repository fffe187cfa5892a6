"""Every surface that a walk can start on: the bundled ones, a photo's, and those that are typed."""

from collections.abc import Callable

from mml_core.heights import Surface, Window
from mml_core.landscapes import Beale, Himmelblau, Pit, Plateau, Rastrigin, Ravine, Rosenbrock, two_valleys
from mml_core.quadratics import LeastSquares, Quadratic, bowl, least_squares, saddle
from mml_core.terrains import Terrain, photo_terrain, terrain

__all__ = [
    "BUNDLED", "MADE", "Beale", "Himmelblau", "LeastSquares", "Pit", "Plateau", "Quadratic", "Rastrigin", "Ravine",
    "Rosenbrock", "Surface", "Terrain", "Window", "bowl", "least_squares", "photo_terrain", "saddle", "terrain",
    "two_valleys",
]  # fmt: skip

# Those that have no number to choose, by their names on screen.
BUNDLED: dict[str, Surface] = {
    "Himmelblau": Himmelblau(), "Rosenbrock": Rosenbrock(), "Beale": Beale(), "Rastrigin": Rastrigin(), "Ravine": Ravine(),
    "Plateau": Plateau(),
}  # fmt: skip
# Those with one number to choose, by what makes them of it.
MADE: dict[str, Callable[..., Surface]] = {"Bowl": bowl, "Saddle": saddle, "Two valleys": two_valleys}
