"""The story of the page Gradients: slopes are what formulas say, level points are named, and no typed text breaks the page."""

import re

import numpy as np
import pytest
from screens import figure, fine, frame, says, text

from mml_ui import frame as frames

NUMBER = r"−?\d+(?:\.\d+)?(?:e[+−]\d+)?"
TOLD = re.compile(
    r"At \((N), (N)\) the height is (N) and ∇f = \((N), (N)\), \|∇f\| = (N)\. Along d it goes (\w+): slope (N)\.(.*)".replace(
        "N", NUMBER
    ),
    re.DOTALL,
)
MINIMA = np.array([[3, 2], [-2.805118, 3.131313], [-3.779310, -3.283186], [3.584428, -1.848127]])  # Himmelblau's, 1972
START = (-1.5, 1.2)
BOWL_AXES = np.array([[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]])
HOSTILE = {
    "a call": "__import__('os').system('x')", "a tower": "9**9**9", "brackets": "(" * 40, "an attribute": "x.__class__",
    "a lambda": "lambda: 1", "length": "x+" * 2500, "no end": "sin(x", "no operand": "2 +", "a stranger": "z",
    "nothing": "", "a division by 0": "1/0", "markup": "<script>alert(1)</script>", "a name of Python": "eval(x)",
}  # fmt: skip


def value(found):
    return float(found.replace("−", "-"))


@pytest.fixture(autouse=True)
def _moves_follow_each_other_faster_than_a_message_can_be_late(monkeypatch):
    monkeypatch.setattr(frames, "STALE", 0)


@pytest.fixture
def opened(open_page):
    def page(own=None, p=None, **names):
        if own is not None:
            names |= dict(f="Your function", own=own)
        if p is not None:
            names |= dict(p1=p[0], p2=p[1])
        query = {f"gradients_{name}": v if isinstance(v, list) else str(v) for name, v in names.items()}
        return fine(open_page("gradients", **query))

    return page


class Told:
    """What the sentence under the map says."""

    def __init__(self, app):
        match = TOLD.fullmatch(says(app))
        assert match, says(app)
        x, y, self.height, gx, gy, self.steepest, _, self.along = (
            v if i == 6 else value(v) for i, v in enumerate(match.groups()[:8])
        )
        self.at, self.slopes = (x, y), np.array([gx, gy])
        self.word, self.more = match[7], match[9].strip()


def close(expected):
    """Four digits, as the page writes them."""
    return pytest.approx(expected, rel=6e-4, abs=1e-9)


def table(app, name, of="main"):
    return figure(app, of).tables[name]


def view_table(app):
    (found,) = app.dataframe
    return found.value


def press(app, name):
    (pills,) = (b for b in app.get("button_group") if b.key == "gradients_preset")
    return fine(pills.set_value(name).run())


def set_number(app, name, number):
    return fine(app.number_input(key=f"gradients_{name}").set_value(number).run())


def set_slider(app, name, number):
    return fine(app.slider(key=f"gradients_{name}").set_value(number).run())


def type_function(app, own):
    return fine(app.text_input(key="gradients_own").set_value(own).run())


def own_default(x, y):
    """Return height and slopes of the function that "Your function" starts with, derived by hand."""
    e = np.exp(-x * x)
    return np.sin(x) * y * y + e, np.array([np.cos(x) * y * y - 2 * x * e, 2 * np.sin(x) * y])


def differences(f, x, y, h=1e-5):
    return np.array([f(x + h, y) - f(x - h, y), f(x, y + h) - f(x, y - h)]) / (2 * h)


# Height, gradient, slope


def test_a_typed_function_has_the_height_and_the_slopes_that_one_works_out_by_hand(opened):
    app = opened("x^2+y^2", (1, 2), turn=0)
    assert says(app) == "At (1, 2) the height is 5 and ∇f = (2, 4), |∇f| = 4.472. Along d it goes up: slope 2."
    assert says(app, "slice_x") == "∂f/∂x = **2**, the other held still."
    assert says(app, "slice_y") == "∂f/∂y = **4**, the other held still."


SURFACES = {
    "Bowl": lambda x, y: 0.5 * np.array([1, 10]) @ (BOWL_AXES.T @ [x, y]) ** 2,
    "Saddle": lambda x, y: x * x + y * y - 3 * x * y,
    "Himmelblau": lambda x, y: (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2,
    "Rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    "Beale": lambda x, y: sum((c - x + x * y**i) ** 2 for i, c in ((1, 1.5), (2, 2.25), (3, 2.625))),
    "Rastrigin": lambda x, y: 20 + x * x + y * y - 10 * np.cos(2 * np.pi * x) - 10 * np.cos(2 * np.pi * y),
    "Ravine": lambda x, y: x * x / 20 + 4 * (y - np.sin(x)) ** 2,
    "Plateau": lambda x, y: 1 - np.exp(-(x * x + 2 * y * y) / 2),
}


def test_each_surface_is_as_high_and_as_steep_as_its_formula_says(opened):
    app = opened()
    x, y = START
    for name, f in SURFACES.items():
        if name in ("Bowl", "Saddle", "Himmelblau"):
            continue  # their slopes are told further down
        app = fine(app.selectbox(key="gradients_f").set_value(name).run())
        told, g = Told(app), differences(f, x, y)
        assert told.at == START
        assert told.height == close(f(x, y)), name
        assert told.slopes.tolist() == pytest.approx(g.tolist(), rel=6e-4, abs=1e-4), name
        assert told.steepest == pytest.approx(np.hypot(*g), rel=6e-4), name


def test_the_slope_along_d_is_the_shadow_of_the_gradient_on_it(opened):
    app = opened("x^2+y^2", (1, 2))
    for turn in (0, 63, 120, 243):
        app = set_slider(app, "turn", float(turn))
        d = np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))])
        expected = d @ [2, 4]
        told = Told(app)
        assert told.along == close(expected)
        assert told.word == ("up" if expected > 0 else "down")
        size, angle, slope = re.fullmatch(
            rf"Along d: ({NUMBER}) · cos ({NUMBER})° = \*\*({NUMBER})\*\*\.", says(app, "dial")
        ).groups()
        assert value(size) == close(np.sqrt(20))
        assert value(slope) == close(expected)
        lean = np.degrees(np.arccos(expected / np.sqrt(20)))
        assert value(angle) == pytest.approx(lean, rel=6e-3, abs=0.06)
        (point,) = table(app, "points", "dial")[["x", "y"]].to_numpy()
        assert point.tolist() == pytest.approx([turn, expected / np.sqrt(20)])
        assert f"measured {TOLD.fullmatch(says(app))[8]}, ∇f · d = {TOLD.fullmatch(says(app))[8]}, equal to 1e-6" in text(app)


def test_the_dial_is_highest_where_d_lies_along_the_gradient(opened):
    curve = table(opened("x^2+y^2", (1, 2)), "lines", "dial")
    assert curve["x"][curve["y"].idxmax()] == pytest.approx(np.degrees(np.arctan2(4, 2)), abs=1.3)
    (rule,) = table(opened("x^2+y^2", (-1, -1)), "rules", "dial")["x"]
    assert rule == pytest.approx(225)


def test_the_formula_adds_up_with_the_numbers_of_the_sentence(opened):
    app = opened("x^2 - 3*y", (1, 2))
    for turn in (20, 200):
        app = set_slider(app, "turn", float(turn))
        (line,) = (m.value for m in app.latex if "nabla" not in m.value and "D_d f =" in m.value)
        found = re.search(r"D_d f = (\S+) \\cdot (\S+) ([+-]) (\S+) \\cdot (\S+) = (\S+)", line)
        gx, dx, gy, dy, total = (float(n) for n in found.group(1, 2, 4, 5, 6))
        gy = -gy if found[3] == "-" else gy
        assert (gx, gy) == (2, -3)
        assert [dx, dy] == pytest.approx([np.cos(np.radians(turn)), np.sin(np.radians(turn))], abs=1e-4)
        assert total == pytest.approx(gx * dx + gy * dy, abs=1e-3)
        assert total == pytest.approx(Told(app).along, abs=1e-3)


def test_a_point_that_is_moved_takes_its_slopes_along(opened):
    app = opened("x^2+y^2", (1, 2))
    assert Told(set_number(app, "p1", -2.0)).slopes.tolist() == [-4, 4]
    assert Told(set_number(app, "p2", -0.25)).slopes.tolist() == [-4, -0.5]


def test_the_slices_are_cuts_through_the_surface_with_the_slope_as_tangent(opened):
    app = opened("x^2*y + y", (1, 1.5))
    for name, f, slope in (("x", lambda t: 1.5 * t * t + 1.5, 3), ("y", lambda t: 2 * t, 2)):
        lines = table(app, "lines", f"slice_{name}")
        curve, tangent = (lines[lines["dash"] == dash] for dash in ("solid", "dashed"))
        np.testing.assert_allclose(curve["y"], f(curve["x"]), atol=0.02)  # cut at the edge of the axes between two points
        np.testing.assert_allclose(np.diff(tangent["y"]) / np.diff(tangent["x"]), slope)
        assert table(app, "points", f"slice_{name}")["y"].tolist() == [3]


# The map


def test_the_arrow_of_the_gradient_crosses_the_contour_at_a_right_angle(opened):
    for x, y in ((0.5, 1), (-1.2, 0.4)):
        app = opened("x^2 + 3*y^2 + x*y", (x, y))
        g, points = np.array([2 * x + y, 6 * y + x]), table(app, "points")
        heads = points[points["kind"] == "head"].set_index("ink")
        tip = heads.loc["result", ["x", "y"]].to_numpy(float) - [x, y]
        assert tip @ g == pytest.approx(np.hypot(*tip) * np.hypot(*g)), "it points along the gradient"
        assert heads.loc["first", ["x", "y"]].tolist() == pytest.approx([x + tip[0], y])
        assert heads.loc["second", ["x", "y"]].tolist() == pytest.approx([x, y + tip[1]])
        paths = table(app, "paths")
        ends = paths[paths["dash"] == "dashed"][["x", "y"]].to_numpy()
        assert (ends[1] - ends[0]) @ g == pytest.approx(0, abs=1e-12), "the contour's tangent lies across"
        assert ends.mean(axis=0).tolist() == pytest.approx([x, y])


def test_each_arrow_of_the_field_lies_along_the_gradient_at_its_middle(opened):
    found = table(opened("x^2 - 2*x*y", show="Field"), "field")
    assert len(found) == 121
    x, y = (found[a] + found[f"{a}2"] for a in "xy")
    step = found[["x2", "y2"]].to_numpy() - found[["x", "y"]].to_numpy()
    g = np.column_stack([x - y, -x])  # 2 x - 2 y and -2 x, where x is already twice the middle
    np.testing.assert_allclose((step * g).sum(axis=1), np.hypot(*step.T) * np.hypot(*g.T), atol=1e-9)


@pytest.mark.parametrize(("name", "names"), [("bowl", dict(f="Bowl", kappa=4)), ("saddle", dict(f="Saddle", c=3))])
def test_the_axes_of_the_ellipse_are_the_eigenvectors(opened, name, names):
    app = opened(p=(0.5, 0.5), show="Ellipse", **names)
    H = BOWL_AXES @ np.diag([1, 4]) @ BOWL_AXES.T if name == "bowl" else np.array([[2, -3], [-3, 2]])
    eigenvalues, V = np.linalg.eigh(H)
    paths = table(app, "paths")
    axes = [part for _, part in paths[paths["ink"] == "c3"].groupby("path")]
    assert [a["dash"].iloc[0] for a in axes] == ["solid" if v > 0 else "dashed" for v in eigenvalues]
    ways = [np.subtract(*a[["x", "y"]].to_numpy()) for a in axes]
    for way, v in zip(ways, V.T, strict=True):
        assert abs(way @ v) == pytest.approx(np.hypot(*way))
    assert np.hypot(*ways[0]) / np.hypot(*ways[1]) == pytest.approx(np.sqrt(abs(eigenvalues[1] / eigenvalues[0])))


def test_the_ray_misses_the_nearest_minimum_by_the_angle_between_the_two_ways(opened):
    app = press(opened(), "Not at the minimum")
    p = np.array([-1.8, 1.4])
    g = BOWL_AXES @ np.diag([1, 12]) @ BOWL_AXES.T @ p
    off = np.degrees(np.arccos(g @ p / np.hypot(*g) / np.hypot(*p)))
    found = re.search(rf"Straight downhill leads ({NUMBER})° past the nearest minimum\.", says(app))
    assert value(found[1]) == pytest.approx(off, rel=6e-3)
    for p in ((-1, 1), (2.5, -0.5)):
        app = opened(f="Himmelblau", p=p, show="Ray downhill")
        g = differences(SURFACES["Himmelblau"], *p)
        way = MINIMA[np.hypot(*(MINIMA - p).T).argmin()] - p
        off = np.degrees(np.arccos(-g @ way / np.hypot(*g) / np.hypot(*way)))
        found = re.search(rf"leads ({NUMBER})° past", says(app))
        assert value(found[1]) == pytest.approx(off, rel=6e-3), p


def test_without_a_minimum_in_the_window_the_ray_misses_none(opened):
    app = opened("x + y", (0, 0), show="Ray downhill")
    assert "nearest minimum" not in says(app)
    assert "dashdot" in set(table(app, "paths")["dash"])


# Level points


def test_himmelblau_has_four_minima_four_saddles_and_a_maximum(opened):
    app = opened(f="Himmelblau", show="Level points", view="Level points")
    counted = "In the window: 4 minima ▼, 1 maximum ▲, 4 saddles +."
    assert Told(app).more == counted
    assert Told(app).height == close(SURFACES["Himmelblau"](*START))
    assert Told(app).slopes.tolist() == close(differences(SURFACES["Himmelblau"], *START).tolist())
    assert counted in [m.value for m in app.markdown]
    found = view_table(app)
    assert found["kind"].value_counts().to_dict() == {"minimum": 4, "saddle": 4, "maximum": 1}
    minima = found[found["kind"] == "minimum"][["x", "y"]].to_numpy()
    for place in MINIMA:
        assert np.hypot(*(minima - place).T).min() < 1e-4
    for _, row in found.iterrows():
        x, y = row["x"], row["y"]
        assert np.abs(differences(SURFACES["Himmelblau"], x, y)).max() < 0.02, "level to the four places written"
        xx, yy, xy = 12 * x * x + 4 * y - 42, 12 * y * y + 4 * x - 26, 4 * (x + y)
        assert [row["λ₁"], row["λ₂"]] == pytest.approx(np.linalg.eigvalsh([[xx, xy], [xy, yy]]).tolist(), rel=1e-3)
    glyphs = table(app, "points")["kind"].value_counts()
    assert [glyphs[g] for g in ("down", "cross", "up")] == [4, 4, 1]


def test_a_minimum_both_ways_is_a_saddle_that_falls_at_45_degrees(opened):
    app = press(opened(), "A minimum both ways")
    told = Told(app)
    assert (told.at, told.height, told.steepest, told.word) == ((0, 0), 0, 0, "level")
    assert told.more == "In the window: 1 saddle +."
    for name in ("slice_x", "slice_y"):
        assert f"∂f/∂{name[-1]} = **0**" in says(app, name)
        lines = table(app, "lines", name)
        curve = lines[lines["dash"] == "solid"]
        np.testing.assert_allclose(curve["y"], curve["x"] ** 2, atol=1e-9)
    app.session_state["gradients_view"] = "Nearby"
    app = fine(app.run())
    assert "**bends up one way and down another**" in text(app)
    # Along d, f = s^2 (1 - 3/2) = -s^2 / 2, and s is a tenth of a window that is 6 wide.
    assert says(app, "nearby") == ("0.6 along d, f is −0.18; the plane says 0 (off by −0.18), the quadratic −0.18 (off by 0).")


def test_a_trough_is_level_along_a_line_and_a_monkey_saddle_without_curvature(opened):
    app = press(opened(), "Trough")
    assert "There is a whole line or area of level points; one of them is marked." in says(app)
    app = press(app, "Monkey saddle")
    assert Told(app).slopes.tolist() == [0, 0]
    assert Told(app).more == "In the window: 1 saddle +."
    app.session_state["gradients_view"] = "Level points"
    (row,) = view_table(fine(app.run()))[["kind", "λ₁", "λ₂"]].to_numpy().tolist()
    assert row == ["saddle", pytest.approx(0, abs=1e-12), pytest.approx(0, abs=1e-12)]


def test_no_level_point_is_none(opened):
    app = opened("x + y", show="Level points", view="Level points")
    assert Told(app).more == "No level point in the window."
    assert not app.dataframe


def test_at_a_kink_the_formula_says_0_and_the_two_sides_do_not(opened):
    app = press(opened(), "A kink")
    assert Told(app).slopes.tolist() == [0, 0.8]
    app.session_state["gradients_view"] = "Differences"
    app = fine(app.run())
    assert "one-sided **1** off, two-sided **0** off" in text(app)


def test_the_seed_moves_the_valleys_and_a_point_put_into_one_is_level(opened):
    places = []
    for seed in (1, 2):
        app = opened(f="Two valleys", seed=seed, view="Level points")
        found = view_table(app)
        places.append(found[found["kind"] == "minimum"][["x", "y", "f"]].to_numpy())
        assert len(places[-1]) == 2, "two valleys"
        (x, y, deep), shallow = places[-1][0], places[-1][1]
        assert deep < shallow[2]
        app = set_number(set_number(app, "p1", float(x)), "p2", float(y))
        assert Told(app).steepest < 1e-3
        assert Told(app).height == close(deep)
    assert np.hypot(*(places[0][0] - places[1][0])[:2]) > 0.1


# Views


def test_nearby_compares_plane_and_quadratic_with_the_surface(opened):
    app = opened("x^3", (1, 0), turn=0, view="Nearby", step=0.1)
    assert says(app, "nearby") == (
        "0.6 along d, f is 4.096; the plane says 2.8 (off by 1.3), the quadratic 3.88 (off by 0.22)."
    )
    assert says(set_slider(app, "step", 0.05), "nearby") == (
        "0.3 along d, f is 2.197; the plane says 1.9 (off by 0.3), the quadratic 2.17 (off by 0.027)."
    )
    points = table(app, "points", "nearby")
    np.testing.assert_allclose(points[["x", "y"]], [[0, 1], [0.3, 2.197], [0.3, 1.9], [0.3, 2.17]], atol=1e-9)


def test_nearby_names_how_the_surface_bends(opened):
    app = opened("x^2+y^2", (0.5, 0.5), view="Nearby")
    for own, bends in {
        "x^2+y^2": "bends up every way", "-x^2-y^2": "bends down every way", "x^2": "bends up one way and not at all across it",
    }.items():  # fmt: skip
        assert f"The surface **{bends}** at p." in text(type_function(app, own)), own


def test_the_relief_is_turned_about_its_middle(opened):
    app = opened("x + y", (2, 1), view="Relief")
    x, y, half = 2, 1, 6 / np.sqrt(2)
    for turn, across in ((0, x), (90, y), (180, -x), (45, (x + y) / np.sqrt(2))):
        app = set_slider(app, "around", float(turn))
        assert says(app, "relief").startswith(f"Seen from {turn}°, 40° from above: the slices along x and (dashed) y")
        (spot,) = table(app, "points", "relief")[["x", "y"]].to_numpy()
        assert (spot[0] - 0.5) / 0.47 == pytest.approx(across / half, abs=1e-6), "across the picture"
        paths = [part[["x", "y"]].to_numpy() for _, part in table(app, "paths", "relief").groupby("path")]
        assert len(paths) == 3
        for path in paths:  # both slices and the way uphill pass through the point
            assert np.hypot(*(path - spot).T).min() < 0.01
    assert "Seen from 45°, 75° from above" in says(set_slider(app, "tilt", 75.0), "relief")


def test_formulas_shows_every_derivative_and_a_walk_that_ends_with_the_gradient(opened):
    app = opened("x^2 sin(y)", (1, 2), view="Formulas")
    shown = [m.value for m in app.latex]
    for line in (
        r"f = x^{2} \sin{\left(y \right)}",
        r"\frac{\partial f}{\partial x} = 2 x \sin{\left(y \right)}",
        r"\frac{\partial f}{\partial y} = x^{2} \cos{\left(y \right)}",
        r"\frac{\partial^2 f}{\partial x^2} = 2 \sin{\left(y \right)}",
        r"\frac{\partial^2 f}{\partial x \partial y} = 2 x \cos{\left(y \right)}",
        r"\frac{\partial^2 f}{\partial y^2} = - x^{2} \sin{\left(y \right)}",
    ):
        assert any(line in m for m in shown), line
    walk = view_table(app)
    assert walk["part"].tolist() == ["x", "x^2", "y", "sin(y)", "x^2 sin(y)"]
    last = [value(v) for v in walk.iloc[-1][["value", "∂/∂x", "∂/∂y"]]]
    assert last == close([np.sin(2), 2 * np.sin(2), np.cos(2)])
    told = Told(app)
    assert last == [told.height, *told.slopes]


def test_a_bundled_surface_shows_its_formula_and_its_own_code(opened):
    app = opened(f="Himmelblau", view="Formulas")
    assert any("(x^2 + y - 11)^2 + (x + y^2 - 7)^2" in m.value for m in app.latex)
    assert any("def gradient" in c.value for c in app.code)
    assert not app.dataframe


def test_the_error_of_a_measured_slope_is_taylors(opened):
    app = opened("x^3", (1, 0), turn=0, view="Differences", k=2)
    assert "h = 0.01: one-sided **0.03** off, two-sided **0.0001** off." in text(app)  # 3 h + h^2 and h^2
    assert "h = 0.001: one-sided **0.003** off, two-sided **1e−06** off." in text(set_slider(app, "k", 3.0))
    best = re.fullmatch(rf"Two-sided differences are best near h = ({NUMBER}) here\.", says(app, "differences"))
    assert 1e-7 < value(best[1]) < 1e-3
    lines = table(app, "lines", "differences")
    one_sided = lines[(lines["ink"] == "first") & (lines["x"] > -4)]
    slope = np.polyfit(one_sided["x"], one_sided["y"], 1)[0]
    assert slope == pytest.approx(1, abs=0.05), "one power of ten in h is one in the error"


# A photo


def test_a_photo_is_a_terrain_between_0_and_2(opened):
    app = opened(f="Your photo")
    for p in ((-2.5, 1.5), (2.5, -1.5)):
        app = set_number(set_number(app, "p1", float(p[0])), "p2", float(p[1]))
        assert 0 <= Told(app).height <= 2
        for name in ("slice_x", "slice_y"):
            lines = table(app, "lines", name)
            curve = lines[lines["dash"] == "solid"]["y"]
            assert (curve.min() >= 0, curve.max() <= 2) == (True, True)
            assert curve.max() - curve.min() > 0.1, "a photo is not flat"
    rough = roughness(set_slider(app, "soft", 0.5))
    assert roughness(set_slider(app, "soft", 6.0)) < 0.7 * rough, "smoothing takes steepness off"


def roughness(app):
    lines = table(app, "lines", "slice_x")
    return np.abs(np.diff(lines[lines["dash"] == "solid"]["y"])).sum()


# What people type


@pytest.mark.parametrize("what", HOSTILE)
def test_a_link_with_a_hostile_or_mistaken_function_shows_a_sentence_and_the_default(opened, what):
    app = opened(HOSTILE[what])
    height, slopes = own_default(*START)
    assert frame(app).problem.startswith("f(x, y) =: "), what
    assert len(frame(app).problem) < 400
    assert any(m.value.startswith(":material/error: ") for m in app.markdown)
    told = Told(app)
    assert told.height == close(height)
    assert told.slopes.tolist() == close(slopes.tolist())


def test_after_all_mistakes_in_a_row_a_good_function_works(opened):
    app = opened("x^2", (1, 2))
    for what in ("a call", "a tower", "brackets", "nothing"):
        app = type_function(app, HOSTILE[what])
        assert frame(app).problem, what
        assert Told(app).slopes.tolist() == [2, 0], what
    app = type_function(app, "x^2+y^2")
    assert not frame(app).problem
    assert Told(app).slopes.tolist() == [2, 4]


def test_two_names_side_by_side_are_multiplied(opened):
    assert Told(opened("x y", (2, 3))).slopes.tolist() == [3, 2]


def test_a_mistake_is_pointed_at_and_leaves_the_last_function(opened):
    app = type_function(opened("x^2+y^2", (1, 2)), "x^2 + z")
    assert frame(app).problem.split("\n")[1:] == ["x^2 + z", "      ^"]
    assert "“z” is not known" in frame(app).problem
    assert Told(app).slopes.tolist() == [2, 4]


def test_where_the_function_has_no_value_the_last_good_point_stays_with_a_sentence(opened):
    app = opened("log(x)", (1, 2), half="3")
    good = says(app)
    assert Told(app).slopes.tolist() == [1, 0]
    app = set_number(app, "p1", -1.0)
    assert frame(app).problem == ("f has no value at (-1, 2); move the point to where it has one. The last good picture stays.")
    assert says(app) == good
    assert Told(set_number(app, "p1", 2.0)).slopes.tolist() == [0.5, 0]
    assert not frame(app).problem


def test_a_link_to_a_point_without_a_value_shows_the_default_page(opened):
    app = opened("log(x)", (-1, 2))
    assert frame(app).problem.startswith("f has no value at (-1, 2)")
    assert frame(app).problem.endswith("Shown instead: the page's default.")
    assert Told(app).at == START


HOLES = {"log(x)": "Relief", "1/(x-y)": "Nearby", "exp(20*x)": "Differences", "0*x": "Level points"}


@pytest.mark.parametrize("own", HOLES)
def test_a_function_with_holes_or_heights_without_end_is_drawn_where_it_has_numbers(opened, own):
    app = opened(own, (0.5, 0.25), view=HOLES[own], show=["Field", "Level points", "Ellipse", "Ray downhill"])
    assert not frame(app).problem
    assert Told(app).at == (0.5, 0.25)


def test_nearby_says_where_a_step_leads_out_of_the_function(opened):
    assert "f has no value" in says(opened("asin(x)", (0.5, 0.25), view="Nearby"), "nearby")


def test_across_the_gradient_it_goes_level(opened):
    assert Told(opened("x^2+y^2", (1, 0), turn=90)).word == "level"


def test_a_bend_that_is_only_rounding_is_none(opened):
    assert "bends up one way and not at all across it" in text(opened("(x+3*y)^2", (0.3, 0.7), view="Nearby"))


def test_a_function_without_a_value_at_the_point_leaves_the_whole_last_picture(opened):
    app = opened("x^2+y^2", (-1, 2))
    before = table(app, "picture")["url"].tolist()
    app = type_function(app, "log(x)")
    assert frame(app).problem.endswith("The last good picture stays.")
    assert table(app, "picture")["url"].tolist() == before
