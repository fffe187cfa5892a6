"""Every bundled surface: its hand-written slopes and curvature against differences, SymPy and the same formula typed."""

import doctest
import math

import numpy as np
import pytest
import sympy
from conftest import SEED
from scipy import ndimage, optimize

from mml_core import heights, landscapes, quadratics, surfaces, terrains
from mml_core.expressions import parse
from mml_core.heights import Surface
from mml_core.landscapes import Beale, Himmelblau, Plateau, Rastrigin, Ravine, Rosenbrock, two_valleys
from mml_core.quadratics import Quadratic, bowl, least_squares, saddle
from mml_core.terrains import Terrain, photo_terrain, spline_weights, terrain

MANY = 10_000
EPS = float(np.finfo(float).eps)
DATA = np.random.default_rng(SEED).normal(size=(6, 2)).round(3) * [1.5, 2.0] + [0.3, -0.7]
CELLS = np.random.default_rng(SEED + 1).random((12, 12))
PIXELS = np.random.default_rng(SEED + 2).integers(0, 256, (15, 15, 3), dtype=np.uint8)

FORMULAS = {
    Rosenbrock(): "(1 - x)^2 + 100*(y - x^2)^2",
    Himmelblau(): "(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    Beale(): "(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2",
    Rastrigin(): "20 + x^2 + y^2 - 10*cos(2*pi*x) - 10*cos(2*pi*y)",
    Ravine(): "x^2/20 + 4*(y - sin(x))^2",
    Plateau(): "1 - exp(-(x^2 + 2*y^2)/2)",
    **{saddle(c): f"x^2 + y^2 - ({c})*x*y" for c in (-3, 0, 1.5, 2, 3)},
    **{
        bowl(k, t): f"((x*cos({t}) + y*sin({t}))^2 + {k}*(y*cos({t}) - x*sin({t}))^2)/2"
        for k, t in ((1, 0.5), (4, 0), (20, -1.1), (100, 3), (1e4, 0.3))
    },
    **{
        two_valleys(seed): "(x^2 + y^2)/20"
        + "".join(f" - {d!r}*exp(-((x - ({a!r}))^2 + (y - ({b!r}))^2)/(2*{r!r}^2))" for a, b, d, r in two_valleys(seed).valleys)
        for seed in (1, 77)
    },
    least_squares(DATA): "(" + " + ".join(f"(x*({t!r}) + y - ({h!r}))^2" for t, h in DATA.tolist()) + f")/{2 * len(DATA)}",
}
GRIDS = (terrain(CELLS), terrain(CELLS, smoothing=0, side=6), photo_terrain(PIXELS))
SURFACES = (*FORMULAS, *GRIDS)


def name(surface):
    return f"{type(surface).__name__}-{SURFACES.index(surface)}" if isinstance(surface, Surface) else "typed"


every_surface = pytest.mark.parametrize("surface", SURFACES, ids=name)
every_formula = pytest.mark.parametrize(("surface", "formula"), FORMULAS.items(), ids=name)


def places(surface, n=MANY):
    """Return random points of the window; on a grid of heights none so near a cell's border that a difference looks across."""
    rng = np.random.default_rng(SEED)
    if isinstance(surface, Terrain):
        rows, columns = surface.coefficients.shape
        u, v = (rng.integers(0, k - 1, n) + rng.uniform(1e-3, 1 - 1e-3, n) - (k - 1) / 2 for k in (columns, rows))
        return surface.cell * u, surface.cell * v
    left, right, bottom, top = surface.window
    return rng.uniform(left, right, n), rng.uniform(bottom, top, n)


def flat(nested, shape):
    """Return two derivatives, or two by two, as one array with the points in the last axis."""
    parts = [p for row in nested for p in row] if isinstance(nested[0], tuple) else nested
    return np.stack([np.broadcast_to(np.asarray(p, float), shape) for p in parts])


def all_of(surface, x, y):
    """Return value, gradient and Hessian: 1, 2 and 4 rows, a column a point."""
    return tuple(flat(d, x.shape) for d in ((surface.value(x, y),), surface.gradient(x, y), surface.hessian(x, y)))


def differences(f, x, y):
    """Return the central differences of f along x and along y, over distances that numbers can hold exactly."""
    hx, hy = ((a + EPS ** (1 / 3) * np.maximum(1.0, np.abs(a))) - a for a in (x, y))
    return (f(x + hx, y) - f(x - hx, y)) / (2 * hx), (f(x, y + hy) - f(x, y - hy)) / (2 * hy)


def furthest(found, wanted):
    """Return the largest distance between two lists of vectors, as a share of the wanted one's length, or of 1."""
    return float((np.linalg.norm(found - wanted, axis=0) / np.maximum(1.0, np.linalg.norm(wanted, axis=0))).max())


@pytest.mark.parametrize("module", [heights, quadratics, landscapes, terrains, surfaces])
def test_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


def test_every_surface_that_is_offered_can_be_had_from_one_file():
    assert all(getattr(surfaces, word) is not None for word in surfaces.__all__)
    assert {type(s).__name__ for s in SURFACES} | {"Surface"} == {
        word for word in surfaces.__all__ if isinstance(getattr(surfaces, word), type)
    }


# --- slopes and curvature


@every_surface
def test_slopes_agree_with_differences_of_heights(surface):
    x, y = places(surface)
    assert furthest(np.stack(differences(surface.value, x, y)), np.stack(surface.gradient(x, y))) < 1e-6


@every_surface
def test_curvature_agrees_with_differences_of_slopes(surface):
    x, y = places(surface)
    found = [differences(lambda a, b, i=i: surface.gradient(a, b)[i], x, y) for i in (0, 1)]
    assert furthest(flat(tuple(found), x.shape), all_of(surface, x, y)[2]) < 1e-6


@every_formula
def test_derivatives_by_hand_agree_with_those_of_sympy(surface, formula):
    x, y = places(surface)
    a, b = sympy.symbols("x y")
    f = sympy.sympify(formula.replace("^", "**"))
    wanted = [[f], [f.diff(a), f.diff(b)], [f.diff(a, 2), f.diff(a, b), f.diff(a, b), f.diff(b, 2)]]
    for found, parts in zip(all_of(surface, x, y), wanted, strict=True):
        reference = sympy.lambdify((a, b), parts, "numpy", cse=True)(x, y)
        assert furthest(found, flat(tuple(reference), x.shape)) < 1e-9


@every_formula
def test_derivatives_by_hand_agree_with_those_of_the_same_formula_typed(surface, formula):
    x, y = places(surface)
    for found, reference in zip(all_of(surface, x, y), all_of(parse(formula), x, y), strict=True):
        assert furthest(found, reference) < 1e-9


@every_surface
def test_the_hessian_is_symmetric_to_the_last_bit(surface):
    (_, xy), (yx, _) = surface.hessian(*places(surface))
    np.testing.assert_array_equal(xy, yx)


@every_surface
def test_one_walker_sees_in_plain_floats_what_many_see_in_arrays(surface):
    x, y = places(surface, 40)
    many = np.vstack(all_of(surface, x, y))
    for i, (a, b) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        (xx, xy), (yx, yy) = surface.hessian(a, b)
        alone = [surface.value(a, b), *surface.gradient(a, b), xx, xy, yx, yy]
        assert {type(v) for v in alone} == {float}
        np.testing.assert_allclose(alone, many[:, i], rtol=1e-12, atol=1e-12)


@every_surface
@pytest.mark.parametrize("shape", [(0,), (1,), (7,), (3, 4), (2, 1, 3)])
def test_every_height_slope_and_bend_is_shaped_as_the_places_are(surface, shape):
    x, y = (a[: math.prod(shape)].reshape(shape) for a in places(surface, 20))
    (xx, xy), (yx, yy) = surface.hessian(x, y)
    assert {np.shape(v) for v in (surface.value(x, y), *surface.gradient(x, y), xx, xy, yx, yy)} == {shape}


@every_surface
def test_the_window_is_as_wide_as_high_and_the_start_inside_it(surface):
    left, right, bottom, top = surface.window
    assert right - left == top - bottom > 0
    assert left < surface.start[0] < right
    assert bottom < surface.start[1] < top
    assert math.hypot(*surface.gradient(*surface.start)) > 0


def test_a_surface_that_says_nothing_of_itself_is_refused():
    bare = Surface()
    for ask in (bare.value, bare.gradient, bare.hessian):
        with pytest.raises(NotImplementedError):
            ask(0.0, 0.0)
    with pytest.raises(NotImplementedError):
        _ = bare.latex


SPOKEN = {r"\tfrac{1}{20}": "(1/20)", r"\tfrac12": "(1/2)", r"\left": "", r"\right": "", r"\,": " ",
          r"\cos 2 \pi x": "cos(2 pi x)", r"\cos 2 \pi y": "cos(2 pi y)",
          r"\sin x": "sin(x)", "e^{-(x^2 + 2 y^2) / 2}": "exp(-(x^2 + 2 y^2) / 2)"}  # fmt: skip


@pytest.mark.parametrize(
    "surface",
    [Rosenbrock(), Himmelblau(), Beale(), Rastrigin(), Ravine(), Plateau(), Quadratic(1.5, -0.25, 4.0), Quadratic(-1, 0, 0)],
    ids=lambda s: type(s).__name__,
)
def test_the_formula_on_screen_is_the_one_that_is_walked_on(surface):
    text = surface.latex.removeprefix("f(x, y) = ")
    for latex, typed in SPOKEN.items():
        text = text.replace(latex, typed)
    x, y = places(surface, 100)
    np.testing.assert_allclose(parse(text).value(x, y), surface.value(x, y), rtol=1e-12, atol=1e-12)


# --- minima


MINIMA = [
    (Rosenbrock(), (1, 1)), (Himmelblau(), (3, 2)), (Beale(), (3, 0.5)), (Rastrigin(), (0, 0)), (Ravine(), (0, 0)),
    (Plateau(), (0, 0)), (bowl(1), (0, 0)), (bowl(4), (0, 0)), (bowl(1e6, 2), (0, 0)), (saddle(1), (0, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("surface", "at"), MINIMA, ids=lambda v: type(v).__name__)
def test_the_known_minimum_is_level_and_as_low_as_is_said(surface, at):
    x, y = map(float, at)
    assert surface.gradient(x, y) == (0.0, 0.0)
    assert surface.value(x, y) == surface.lowest == 0.0
    (xx, xy), (_, yy) = surface.hessian(x, y)
    assert np.linalg.eigvalsh([[xx, xy], [xy, yy]]).min() > 0
    assert surface.value(*places(surface)).min() > 0


@pytest.mark.parametrize(
    ("x", "y"), [(-2.8051180869527448, 3.1313125182505730), (-3.7793102533777469, -3.2831859912861694),
                 (3.5844283403304917, -1.8481265269644036)],
)  # fmt: skip
def test_himmelblaus_other_minima_lie_where_the_literature_says(x, y):
    assert Himmelblau().value(x, y) < 1e-25
    np.testing.assert_allclose(Himmelblau().gradient(x, y), 0, atol=1e-12)


def test_beales_saddle_is_level():
    assert Beale().gradient(0.0, 1.0) == (0.0, 0.0)
    assert np.linalg.det(Beale().hessian(0.0, 1.0)) < 0


@pytest.mark.parametrize("surface", [saddle(3), two_valleys(1), least_squares(DATA), terrain(CELLS), Quadratic(-1, 0, 4)])
def test_a_surface_whose_lowest_value_nobody_knows_says_nan(surface):
    assert math.isnan(surface.lowest)


@pytest.mark.parametrize(
    ("abc", "lowest"),
    [((1, 0, 4), 0), ((1, 2, 4), 0), ((2, -2, 2), 0), ((0, 0, 1), 0), ((0, 0, 0), 0), ((1, 2.01, 4), math.nan),
     ((-1, 0, -1), math.nan), ((0, 1, 0), math.nan), ((0, 1, 5), math.nan),
     ((0, 0, -1), math.nan)],
)  # fmt: skip
def test_bowls_and_troughs_end_at_0_and_nothing_else_does(abc, lowest):
    surface = Quadratic(*map(float, abc))
    assert math.isnan(lowest) == (surface.value(*places(surface)).min() < 0)
    assert surface.lowest == pytest.approx(lowest, abs=0, nan_ok=True)


# --- quadratics


@pytest.mark.parametrize("kappa", [1, 1.5, 4, 100, 1e4, 1e6])
@pytest.mark.parametrize("turn", [-math.pi, -2, 0, 0.5, 1, math.pi / 2, math.pi])
def test_a_bowl_bends_by_1_along_its_turned_axis_and_by_kappa_across(kappa, turn):
    H = np.array(bowl(kappa, turn).hessian(0.0, 0.0))
    np.testing.assert_allclose(np.linalg.eigvalsh(H), [1, kappa], rtol=1e-14 * kappa + 1e-15)
    axis = np.array([math.cos(turn), math.sin(turn)])
    np.testing.assert_allclose(H @ axis, axis, atol=1e-15 * kappa)


@pytest.mark.parametrize("c", [-100, -3, -2, -1, 0, 0.5, 2, 3, 100])
def test_a_saddle_bends_by_2_minus_c_and_2_plus_c_along_the_diagonals(c):
    surface = saddle(c)
    H = np.array(surface.hessian(1.0, -1.0))
    np.testing.assert_array_equal(H @ [1, 1], [2 - c, 2 - c])
    np.testing.assert_array_equal(H @ [1, -1], [2 + c, -2 - c])
    assert surface.value(1.0, 0.0) == surface.value(0.0, 1.0) == 1
    assert surface.value(1.0, 1.0) == 2 - c


@pytest.mark.parametrize("n", [2, 3, 10, 500])
def test_the_loss_of_a_line_is_the_mean_of_squares_and_lowest_where_lstsq_says(n):
    rng = np.random.default_rng([SEED, n])
    t, h = rng.normal(2, 3, n), rng.normal(-1, 2, n)
    loss = least_squares(np.column_stack([t, h]))
    A = np.column_stack([t, np.ones(n)])
    best = np.linalg.lstsq(A, h)[0]
    np.testing.assert_allclose(loss.gradient(*best), 0, atol=1e-12 * (1 + np.abs(A.T @ A).max() / n * np.abs(best).max()))
    np.testing.assert_allclose(np.array(loss.hessian(0.0, 0.0)), A.T @ A / n, rtol=1e-13)
    for w, b in [*rng.normal(0, 2, (50, 2)), best]:
        residuals = w * t + b - h
        assert loss.value(w, b) == pytest.approx(np.mean(residuals**2) / 2, rel=1e-12, abs=1e-12)
        np.testing.assert_allclose(loss.gradient(w, b), [np.mean(residuals * t), np.mean(residuals)], rtol=1e-11, atol=1e-12)


def test_a_line_through_two_points_has_no_loss_but_rounding_and_never_a_negative_one():
    rng = np.random.default_rng(SEED)
    for (t1, h1), (t2, h2) in rng.normal(0, 100, (300, 2, 2)).tolist():
        loss, w = least_squares([[t1, h1], [t2, h2]]), (h2 - h1) / (t2 - t1)
        b = h1 - w * t1
        assert 0 <= loss.value(w, b) < 1e-14 * ((w * t1) ** 2 + (w * t2) ** 2 + b * b + h1 * h1 + h2 * h2)
        assert loss.value(np.full(3, w), np.full(3, b)).min() >= 0


def test_the_loss_of_data_at_a_single_place_is_a_trough():
    loss = least_squares([[2, 1], [2, 5]])
    np.testing.assert_allclose(np.linalg.eigvalsh(loss.hessian(0.0, 0.0)), [0, 5], atol=1e-15)
    assert [loss.value(float(w), 3.0 - 2 * w) for w in (-1, 0, 1, 7)] == [2, 2, 2, 2]


def test_the_loss_keeps_its_data_when_the_caller_changes_them():
    data = np.array([[0.0, 1.0], [1.0, 3.0]])
    loss = least_squares(data)
    data[:] = 0
    assert loss.value(2.0, 1.0) == 0.0


# --- two valleys


@pytest.mark.parametrize("seed", [*range(8), 10**9])
def test_two_valleys_have_two_minima_on_opposite_sides_and_the_deep_one_is_deeper(seed):
    surface = two_valleys(seed)
    ends = [
        optimize.minimize(lambda p: surface.value(*map(float, p)), v[:2], method="Nelder-Mead", options={"xatol": 1e-6}).x
        for v in surface.valleys
    ]
    for (a, b, _, wide), end in zip(surface.valleys, ends, strict=True):
        assert math.dist((a, b), end) < wide / 2
        np.testing.assert_allclose(surface.gradient(*map(float, end)), 0, atol=1e-4)
        assert np.linalg.eigvalsh(surface.hessian(*map(float, end))).min() > 0
    deep, shallow = (surface.value(*map(float, end)) for end in ends)
    assert deep < shallow - 0.3
    assert ends[0] @ ends[1] < 0
    assert np.abs(ends).max() < 2.9


def test_valleys_are_as_deep_and_wide_as_is_said_and_differ_with_the_seed():
    pits = [two_valleys(seed) for seed in range(300)]
    deep, shallow = (np.array([p.valleys[i] for p in pits]) for i in (0, 1))
    for rows, low, high in ((deep, 2.0, 2.5), (shallow, 1.0, 1.4)):
        assert low <= rows[:, 2].min() < rows[:, 2].max() <= high
        assert 0.6 <= rows[:, 3].min() < rows[:, 3].max() <= 0.9
        assert 1.1 <= np.hypot(*rows[:, :2].T).min() < np.hypot(*rows[:, :2].T).max() <= 1.8
    assert len(set(pits)) == 300
    np.testing.assert_allclose(deep[:, 0] * shallow[:, 1], deep[:, 1] * shallow[:, 0], atol=1e-14)


# --- terrains


def grid_places(shape, cell):
    """Return x and y of each height."""
    rows, columns = shape
    return np.meshgrid((np.arange(columns) - (columns - 1) / 2) * cell, ((rows - 1) / 2 - np.arange(rows)) * cell)


@pytest.mark.parametrize("shape", [(4, 4), (4, 9), (13, 5), (40, 31), (400, 4)])
@pytest.mark.parametrize("side", [0.5, 6, 1000])
def test_a_terrain_that_is_not_smoothed_passes_through_its_heights(shape, side):
    cells = np.random.default_rng(SEED).normal(0, 3, shape)
    surface = terrain(cells, smoothing=0, side=side)
    assert surface.cell == side / (max(shape) - 1)
    np.testing.assert_allclose(surface.value(*grid_places(shape, surface.cell)), cells, rtol=0, atol=1e-9)


@pytest.mark.parametrize("shape", [(25, 31), (20, 20)])  # SciPy misses heights of its own in few rows
def test_between_its_heights_a_terrain_is_scipys_cubic_spline(shape):
    rng = np.random.default_rng(SEED)
    cells = rng.normal(size=shape)
    surface = terrain(cells, smoothing=0)
    rows, columns = rng.uniform(0, shape[0] - 1, 2000), rng.uniform(0, shape[1] - 1, 2000)
    x, y = (columns - (shape[1] - 1) / 2) * surface.cell, ((shape[0] - 1) / 2 - rows) * surface.cell
    wanted = ndimage.map_coordinates(cells, [rows, columns], order=3, mode="reflect")
    np.testing.assert_allclose(surface.value(x, y), wanted, rtol=0, atol=1e-12)


def test_smoothing_is_gauss_filter_with_edges_repeated():
    surface = terrain(CELLS, smoothing=1.7)
    wanted = ndimage.gaussian_filter(CELLS, 1.7, mode="nearest")
    np.testing.assert_allclose(surface.value(*grid_places(CELLS.shape, surface.cell)), wanted, rtol=0, atol=1e-12)
    spread = [np.ptp(terrain(CELLS, smoothing=s).value(*places(surface))) for s in (0, 1, 3, 20)]
    assert spread == sorted(spread, reverse=True)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_terrain_bends_without_a_jump_from_cell_to_cell(axis):
    surface = terrain(np.random.default_rng(SEED).random((9, 9)), smoothing=0, side=8)
    middles = np.arange(-3.0, 4.0)
    across = np.random.default_rng(SEED).uniform(-4, 4, 40)
    lines, others = (a.ravel() for a in np.meshgrid(middles, across))
    step = 1e-9
    before, after = ((lines + s, others) if axis == 0 else (others, lines + s) for s in (-step, step))
    for low, high in zip(all_of(surface, *before), all_of(surface, *after), strict=True):
        np.testing.assert_allclose(low, high, rtol=0, atol=1e-6)
    bends = flat(surface.hessian(*after), lines.shape)
    assert np.ptp(bends, axis=1).min() > 1


def test_beyond_its_grid_a_terrain_stays_as_it_is_at_the_edge():
    surface = terrain(CELLS[:, :8], smoothing=0, side=6)  # 12 rows, 8 columns: y from -3 to 3, x not as far
    far = 3.5 * surface.cell
    along = np.linspace(-1.5, 1.5, 50)
    for sign in (-1, 1):
        for out in (1e-6, 0.3, 1e6):
            edge, beyond = sign * np.full(50, far), sign * np.full(50, far + out)
            np.testing.assert_allclose(surface.value(beyond, along), surface.value(edge, along), rtol=0, atol=1e-12)
            np.testing.assert_array_equal(surface.gradient(beyond, along)[0], 0)
            np.testing.assert_allclose(surface.gradient(beyond, along)[1], surface.gradient(edge, along)[1], rtol=0, atol=1e-12)
            (xx, xy), (_, yy) = surface.hessian(beyond, along)
            assert not xx.any()
            assert not xy.any()
            assert np.abs(yy).max() > 0.1
            corner = surface.hessian(sign * (far + out), 3.0 + out)
            assert corner == ((0, 0), (0, 0))
            assert surface.gradient(sign * (far + out), 3.0 + out) == (0, 0)
    assert surface.value(-1e9, 1e9) == pytest.approx(CELLS[0, 0], abs=1e-12)
    assert surface.value(math.inf, -math.inf) == pytest.approx(CELLS[-1, 7], abs=1e-12)


def test_a_level_terrain_is_level_and_a_ramp_a_ramp_in_its_middle():
    level = terrain(np.full((6, 8), 2.5))
    found = all_of(level, *places(level, 500))
    np.testing.assert_allclose(found[0], 2.5, rtol=1e-14)
    np.testing.assert_allclose(np.vstack(found[1:]), 0, atol=1e-12)
    ramp = terrain(np.add.outer(-np.arange(41.0), 2 * np.arange(41.0)), smoothing=0, side=40)  # row 0, the top, is higher
    x, y = np.random.default_rng(SEED).uniform(-2, 2, (2, 500))
    value, gradient, hessian = all_of(ramp, x, y)
    np.testing.assert_allclose(value[0], 20 + 2 * x + y, rtol=1e-9)  # the edges' repeats die out by 0.27 a cell
    np.testing.assert_allclose(gradient, np.outer([2, 1], np.ones(500)), atol=1e-8)
    np.testing.assert_allclose(hessian, 0, atol=1e-8)


@pytest.mark.parametrize("s", [0.0, 0.25, 0.5, 1.0])
def test_the_four_splines_add_up_to_one_whatever_the_place(s):
    sums = [sum(spline_weights(s, d)) for d in (0, 1, 2)]
    assert sums == pytest.approx([1, 0, 0], abs=1e-15)
    assert [sum(w * k for w, k in zip(spline_weights(s, d), (-1, 0, 1, 2), strict=True)) for d in (0, 1, 2)] == pytest.approx(
        [s, 1, 0], abs=1e-15
    )


@pytest.mark.parametrize(
    ("colour", "height"),
    [
        ((0, 0, 0), 0), ((255, 255, 255), 2), ((255, 0, 0), 0.598), ((0, 255, 0), 1.174), ((0, 0, 255), 0.228),
        ((255,), 2), ((51,), 0.4), ((51, 255), 0.4), ((51, 0), 0.4), ((255, 0, 0, 255), 0.598), ((255, 0, 0, 7), 0.598),
    ],
)  # fmt: skip
def test_a_photos_height_is_its_brightness(colour, height):
    surface = photo_terrain(np.full((5, 7, len(colour)), colour, np.uint8))
    np.testing.assert_allclose(surface.value(*places(surface, 50)), height, rtol=1e-12, atol=1e-14)


def test_a_photo_lies_as_one_looks_at_it():
    pixels = np.zeros((9, 9), np.uint8)
    pixels[:3, 6:] = 255  # white at the top right
    surface = photo_terrain(pixels, smoothing=0)
    assert surface.value(2.8, 2.8) == pytest.approx(2, abs=0.1)
    assert [surface.value(x, y) for x, y in ((-2.8, 2.8), (-2.8, -2.8), (2.8, -2.8))] == pytest.approx([0, 0, 0], abs=0.1)


# --- what is refused


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: bowl(0.5), r"^kappa is 0\.5; it must lie between 1 and 1e\+06\.$"),
        (lambda: bowl(2e6), r"^kappa is 2e\+06; .*\.$"),
        (lambda: bowl(math.nan), r"^kappa is nan; .*\.$"),
        (lambda: bowl("4"), r"^kappa is 4; it must be one finite real number"),
        (lambda: bowl(4, 3.2), r"^turn is 3\.2; it must lie between -3\.14159 and 3\.14159\.$"),
        (lambda: saddle(101), r"^c is 101; it must lie between -100 and 100\.$"),
        (lambda: saddle(math.inf), r"^c is inf; .*\.$"),
        (lambda: two_valleys(-1), r"^seed is -1; it must lie between 0 and 1e\+09\.$"),
        (lambda: two_valleys(10**9 + 1), r"^seed is 1e\+09; .*\.$"),
        (lambda: two_valleys(1.5), r"^seed is 1\.5; it must be a whole number\.$"),
        (lambda: least_squares([[0, 1]]), r"^there is one point; a line needs at least two\.$"),
        (lambda: least_squares([[0, 1, 2], [1, 2, 3]]), r"^the data has shape 2 x 3; .*\.$"),
        (lambda: least_squares([]), r"^the data has shape 0; .*\.$"),
        (lambda: least_squares([[0, math.nan], [1, 2]]), r"^the data has nan in row 1, column 2; .*\.$"),
        (lambda: terrain(np.ones((3, 5))), r"^the heights are 3 x 5; give 4 to 400 rows and columns\.$"),
        (lambda: terrain(np.ones((4, 401))), r"^the heights are 4 x 401; .*\.$"),
        (lambda: terrain([[1, 2], [3]]), r"^the heights has rows of different lengths; .*\.$"),
        (lambda: terrain(np.full((4, 4), math.inf)), r"^the heights has inf in row 1, column 1; .*\.$"),
        (lambda: terrain(CELLS, -0.1), r"^smoothing is -0\.1; it must lie between 0 and 20\.$"),
        (lambda: terrain(CELLS, 21), r"^smoothing is 21; .*\.$"),
        (lambda: terrain(CELLS, 1, 0), r"^side is 0; .*\.$"),
        (lambda: photo_terrain(np.ones((5, 5))), r"^the picture holds float64 values; .*\.$"),
        (lambda: photo_terrain(np.ones((5, 5, 5), np.uint8)), r"^the picture has shape 5 x 5 x 5; .*\.$"),
        (lambda: photo_terrain(np.ones((3, 5, 3), np.uint8)), r"^the heights are 3 x 5; .*\.$"),
    ],
)
def test_what_cannot_be_built_is_refused_with_a_sentence(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
