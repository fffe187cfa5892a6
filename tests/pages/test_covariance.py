"""The story of the page Covariance: signed rectangles, shadows, the ellipse and two lines; own points, tables, maps, space."""

import io
import math
import re

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from screens import figure, fine, frame, lines, rows, says, text, tips

from mml_ui import frame as frames
from mml_ui import page, tables

STEPS, TABLE, MAP = "Step by step", "All columns of a table", "After a map"
SPACE, DISTANCES, MINE = "Three dimensions", "Distances", "My points"
NUMBER = r"−?\d+(?:\.\d+)?(?:e[+−]\d+)?"
SAME = "1,1;1,1;1,1"  # all at one place
STATES = {
    "as it starts": {},
    "leaning back": dict(tilt=-70, spread=1.2, width=0.3, n=7, seed=5, direction=17),
    "two groups": dict(cloud="Two groups", tilt=10, direction=299),
    "a parabola": dict(cloud="Parabola", direction=180),
    "outliers": dict(outliers=3, seed=9, n=60),
    "x in tenths": dict(tenths=True, n=11, direction=1),
    "standardised": dict(standardise=True, cloud="Flat line", direction=46),
    "own points": dict(cloud=MINE, direction=123),
    "two points": dict(cloud=MINE, points="-1,2;3,-1.5", direction=318),
    "upright": dict(tilt=90, width=0.5, direction=89),
}
in_states = pytest.mark.parametrize("state", STATES.values(), ids=STATES)


@pytest.fixture(autouse=True)
def _moves_follow_each_other_faster_than_a_message_can_be_late(monkeypatch):
    monkeypatch.setattr(frames, "STALE", 0)


@pytest.fixture
def opened(open_page):
    def with_these(**names):
        link = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in names.items()}
        return fine(open_page("covariance", **{f"covariance_{name}": value for name, value in link.items()}))

    return with_these


@pytest.fixture
def files(monkeypatch):
    """The files that a page offers, by name: what makes the bytes of each."""
    found, draw = {}, st.download_button

    def noted(label, data, file_name, *more, **options):
        found[file_name] = data
        return draw(label, data, file_name, *more, **options)

    monkeypatch.setattr(st, "download_button", noted)
    return found


def choose(app, name, value):
    (group,) = (b for b in app.get("button_group") if b.key == f"covariance_{name}")
    return fine(group.set_value(value).run())


def preset(app, name):
    return choose(app, "preset", name)


def slide(app, name, value):
    return fine(app.slider(key=f"covariance_{name}").set_value(value).run())


def typed(app, line):
    return fine(app.text_input(key="covariance_points").set_value(line).run())


def upload(app, data):
    return fine(app.file_uploader(key="covariance_table_file").set_value(("mine.csv", data, "text/csv")).run())


def taken_home(app):
    app.session_state["covariance_home"] = True
    return fine(app.run())


def points(app, name="main"):
    """Return the points that are drawn."""
    return rows(app, "point", name=name)[["x", "y"]].to_numpy(float)


def curve(app, name):
    return figure(app, name).tables["lines"][["x", "y"]].to_numpy(float).T


def values(app, *names):
    return [frame(app).values[f"covariance_{name}"] for name in names]


def eigen(X):
    """Return the variances of points in the plane, the larger first, and the angle of the larger."""
    variances, V = np.linalg.eigh(np.cov(X.T))
    return variances[::-1], math.atan2(V[1, 1], V[0, 1])


def between(a, b):
    """Return how far two directions are apart in degrees, whichever way they point."""
    return math.degrees(abs(math.remainder(a - b, math.pi)))


def unit(degrees):
    return np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])


def written(*found):
    """Return numbers as the page wrote them."""
    return [float(word.replace("−", "-")) for word in found]


def numbers(pattern, found):
    """Return the numbers that stand where the pattern has an N."""
    match = re.search(pattern.replace("N", f"({NUMBER})"), found)
    assert match, f"{pattern} in {found}"
    return written(*match.groups())


def near(value):
    """A number that is written with four digits; a crumb is 0."""
    return pytest.approx(value, rel=6e-4, abs=1e-9)


def both_sides(app, pattern, tol="1e-12"):
    """Return both sides of an invariant, which the page says are equal."""
    return numbers(f"{pattern}, equal to {tol}", text(app))


# The four pictures


def test_one_sees_rectangles_whose_average_is_the_covariance(opened):
    app = opened()
    assert says(app).endswith("The difference over n − 1 = 23 is the covariance, **1.579**.")
    assert says(app, "matrix") == "Variances 2.895 and 1.745, covariance 1.579."
    R = np.column_stack([unit(35), unit(125)])
    np.testing.assert_allclose(np.cov(points(app).T), R @ np.diag([2**2, 0.8**2]) @ R.T, atol=1e-9)
    grips = [g for g in frame(app).handles if g["x"] == "covariance_points"]
    np.testing.assert_allclose([g["at"] for g in grips], points(app), atol=1e-4)
    assert all(g["sets"] == {"covariance_cloud": MINE} for g in grips)


@in_states
def test_each_point_spans_its_signed_rectangle_and_the_sentence_adds_them_up(opened, state):
    app = opened(**state)
    X, areas = points(app), lines(app, "area")
    products = np.prod(X - X.mean(axis=0), axis=1)
    assert len(areas) == len(X)
    for x, product, (role, corners) in zip(X, products, areas, strict=True):
        np.testing.assert_allclose(corners[0], X.mean(axis=0), atol=1e-9)
        np.testing.assert_allclose(corners[2], x, atol=1e-12)
        np.testing.assert_allclose(np.prod(corners[2] - corners[0]), product, atol=1e-9)
        assert abs(product) < 1e-9 or role == ("left" if product > 0 else "right")
    assert rows(app, "flipped", "strokes")["path"].nunique() == (products < 0).sum(), "dashed where they take away"
    plus, minus, n, c = numbers(r"Plus rectangles: N in all; minus, dashed: N\..* = N is the covariance, \*\*N\*\*", says(app))
    assert plus == near(products[products > 0].sum())
    assert minus == near(-products[products < 0].sum())
    C = np.cov(X.T)
    assert (n, c) == (len(X) - 1, near(C[0, 1]))
    assert numbers(r"Variances N and N, covariance N\.", says(app, "matrix")) == [near(C[0, 0]), near(C[1, 1]), near(C[0, 1])]
    assert both_sides(app, "of x \\+ of y N, λ₁ \\+ λ₂ N") == [near(np.trace(C))] * 2
    for v in C.ravel():
        assert abs(v) < 1e-9 or f"{v:.4g}" in text(app), "in the formula"


@in_states
def test_the_shadows_are_feet_on_the_line_and_the_sentence_says_what_they_keep(opened, state):
    app = opened(show="Shadows", **state)
    X, u = points(app), unit(values(app, "direction")[0])
    Z = X - X.mean(axis=0)
    drops = [p for role, p in lines(app, "thin")]
    np.testing.assert_allclose([p[0] for p in drops], X, atol=1e-12)
    np.testing.assert_allclose([p[1] for p in drops], X.mean(axis=0) + np.outer(Z @ u, u), atol=1e-9)
    variance, total = (Z @ u).var(ddof=1), np.trace(np.cov(X.T))
    pattern = r"shadows have the variance N, N % of the total N; the drops lose N\."
    assert numbers(pattern, says(app)) == [
        near(variance), pytest.approx(100 * variance / total, rel=6e-3, abs=1e-9), near(total), near(total - variance),
    ]  # fmt: skip
    assert both_sides(app, "variance \\+ error N, total N") == [near(total)] * 2
    assert numbers(r"Standard deviation of the shadows: N\.", says(app, "histogram")) == [near(math.sqrt(variance))]
    edges, heights = curve(app, "histogram")
    expected = np.histogram(np.clip(Z @ u, -6, 6), 24, (-6, 6))[0]
    np.testing.assert_allclose(heights[1:-1:2], np.minimum(100 * expected / len(X), 50), atol=1e-9)
    assert (edges[0], edges[-1], heights[0], heights[-1]) == (-6, 6, 0, 0)


def test_a_bin_with_most_of_the_shadows_is_as_high_as_its_share(opened):
    app = opened(show="Shadows", cloud=MINE, points="-2,0;-2,0.1;-2,0.2;3,0", direction=0)
    assert curve(app, "histogram")[1].max() == pytest.approx(75)


@in_states
def test_how_far_the_hand_is_from_the_best_direction_is_said_and_drawn(opened, state):
    app = opened(show="Shadows", **state)
    degrees, C, (variances, angle) = values(app, "direction")[0], np.cov(points(app).T), eigen(points(app))
    angles, shares = curve(app, "along")
    v = np.array([unit(a) for a in angles])
    np.testing.assert_allclose(shares, 100 * ((v @ C) * v).sum(axis=1) / np.trace(C), atol=1e-9)
    spot = figure(app, "along").tables["points"][["x", "y"]].to_numpy(float)
    np.testing.assert_allclose(spot, [[degrees % 180, 100 * unit(degrees) @ C @ unit(degrees) / np.trace(C)]], atol=1e-9)
    away = between(math.radians(degrees), angle)
    assert variances[0] > variances[1] * (1 + 1e-9), "ties have a test of their own"
    assert between(math.radians(figure(app, "along").tables["rules"]["x"].item()), angle) < 1e-6
    if away < 0.6:
        assert says(app, "along") == "**This is the best direction.**"
    else:
        assert numbers("The best direction is N° away", says(app, "along")) == [pytest.approx(away, rel=6e-3)]
    assert says(app, "along") in says(app)


@in_states
def test_the_ellipse_touches_the_curve_of_spreads_at_the_eigenvectors_only(opened, state):
    app = opened(show="Ellipse", **state)
    X, (variances, angle) = points(app), eigen(points(app))
    C, mean = np.cov(X.T), X.mean(axis=0)
    ((_, outer),), ((_, inner),) = lines(app, "path"), lines(app, "dashed")
    z = outer - mean
    r = np.hypot(*z.T)
    np.testing.assert_allclose(((z @ C) * z).sum(axis=1), r**4, atol=1e-9 * variances[0] ** 2)
    assert r.max() ** 2 == pytest.approx(variances[0], rel=1e-3)
    if variances[1] > 1e-9:
        np.testing.assert_allclose((np.linalg.solve(C, (inner - mean).T) * (inner - mean).T).sum(axis=0), 1, rtol=1e-9)
    assert numbers("λ₁ = N, λ₂ = N", says(app)) == [near(variances[0]), near(variances[1])]
    heads = tips(app)
    assert set(heads) == ({"first", "second"} if variances[1] > 1e-9 else {"first"})
    if variances[0] < 25 and variances[0] - variances[1] > 1e-9:  # else it ends at the edge, or turns freely
        assert np.hypot(*(heads["first"] - mean)) == pytest.approx(math.sqrt(variances[0]))
        assert between(math.atan2(*(heads["first"] - mean)[::-1]), angle) < 1e-6
        if variances[1] > 1e-9:
            assert (heads["first"] - mean) @ (heads["second"] - mean) == pytest.approx(0, abs=1e-9)


@in_states
def test_the_two_lines_are_those_of_numpy_and_their_residuals_stand_as_they_say(opened, state):
    app = opened(show="Two lines", **state)
    X, (_, angle) = points(app), eigen(points(app))
    slope = np.polyfit(*X.T, 1)[0]
    r = np.corrcoef(X.T)[0, 1]
    upright, across = ([p for role, p in lines(app, "thin") if role == wanted] for wanted in ("first", "second"))
    assert len(upright) == len(across) == len(X)
    for (x, foot), (y, other) in zip(upright, across, strict=True):
        np.testing.assert_allclose(x, y)
        assert foot[0] == pytest.approx(x[0], abs=1e-9)
        assert (foot - X.mean(axis=0)) @ [slope, -1] == pytest.approx(0, abs=1e-8), "the foot is on the line"
        assert (other - x) @ [math.cos(angle), math.sin(angle)] == pytest.approx(0, abs=1e-8)
    assert both_sides(app, "y on x times x on y N, r² N") == [near(r * r)] * 2
    assert numbers(r"Least squares \(slope N\)", says(app)) == [near(slope)]
    assert numbers(r"Correlation N\.", says(app)) == [near(r)]
    if abs(math.cos(angle)) > 1e-9:
        assert numbers(r"first component \(slope N\)", says(app)) == [near(math.tan(angle))]


def test_an_upright_first_component_has_no_slope_that_is_a_number(opened):
    assert not re.search(r"e\+1\d", says(opened(show="Two lines", cloud=MINE, points="0,2;0,-2;1,0;-1,0")))


def test_an_upright_cloud_without_width_keeps_its_picture_and_says_that_no_line_fits(opened):
    app = opened(show="Two lines", tilt=90, width=0)
    assert frame(app).problem == ""
    assert says(app).startswith("No line can be fitted.")


@pytest.mark.parametrize("line", ["1,0;1,3;1,5", "0,1;3,1;-2,1", SAME])
def test_points_on_one_upright_or_level_line_get_a_sentence_instead_of_lines(opened, line):
    app = opened(show="Two lines", cloud=MINE, points=line)
    assert says(app) == "No line can be fitted."
    assert "all points have the same " in text(app)
    assert frame(app).problem == ""
    assert len(points(app)) == 3
    assert "they differ" not in text(app)


def test_one_point_outside_is_one_point(opened):
    app = preset(opened(), "Two units")
    assert (np.abs(points(app)) > 6).any(axis=1).sum() == 1
    assert "1 points" not in says(app)


def test_points_outside_the_picture_are_counted(opened):
    app = opened(tenths=True)
    outside = (np.abs(points(app)) > 6).any(axis=1).sum()
    assert outside > 1
    assert says(app).endswith(f" {outside} points lie outside the picture.")


# Presets

PROMISED = [
    "A cloud", "No covariance", "A parabola", "Steep", "Flat", "The best direction", "A ring", "Equal spreads", "One outlier",
    "Two units", "Nearly constant", "Codes",
]  # fmt: skip
ELSEWHERE = dict(tilt=-50, width=2.2, spread=0.4, cloud="Ring", show="Shadows", outliers=4, standardise=True, direction=7)


def test_every_preset_has_its_promise_here(opened):
    (pills,) = (b for b in opened().get("button_group") if b.key == "covariance_preset")
    assert pills.options == PROMISED


def test_plus_outweighs_minus_in_a_cloud(opened):
    app = preset(opened(**ELSEWHERE, seed=3), "A cloud")
    plus, minus = numbers("Plus rectangles: N in all; minus, dashed: N", says(app))
    assert plus > 2 * minus > 0


def test_no_covariance_leaves_no_line_that_tells_y_from_x(opened):
    app = preset(opened(**ELSEWHERE, n=13), "No covariance")
    assert np.cov(points(app).T)[0, 1] == pytest.approx(0, abs=1e-9)
    assert np.polyfit(*points(app).T, 1)[0] == pytest.approx(0, abs=1e-9)
    assert says(app).endswith("is the covariance, **0**.")


@pytest.mark.parametrize("n", [5, 24, 60])
def test_the_parabola_has_no_covariance_and_yet_x_tells_y(opened, n):
    app = preset(opened(**ELSEWHERE, n=n), "A parabola")
    x, y = points(app).T
    assert np.cov(x, y)[0, 1] == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(np.polyval(np.polyfit(x, y, 2), x), y, atol=1e-9)
    assert np.ptp(y) > 1, "so that they are not independent"
    assert says(app).endswith("is the covariance, **0**.")


def test_steep_and_flat_have_one_correlation_and_two_slopes(opened):
    for name, slope in (("Steep", 4), ("Flat", 0.25)):
        app = preset(opened(**ELSEWHERE, seed=8), name)
        assert np.corrcoef(points(app).T)[0, 1] == pytest.approx(0.95)
        assert np.polyfit(*points(app).T, 1)[0] == pytest.approx(slope)
        assert f"Least squares (slope {slope:g})" in says(app)
        assert says(app).endswith("Correlation 0.95.")


def test_the_shadows_spread_most_along_the_first_eigenvector(opened):
    app = preset(opened(**ELSEWHERE), "The best direction")
    assert says(app).endswith("The best direction is 85° away.")
    C = np.cov(points(app).T)
    best = max(range(180), key=lambda d: unit(d) @ C @ unit(d))
    for degrees in (best, best + 180):
        app = slide(app, "direction", float(degrees))
        assert says(app).endswith("**This is the best direction.**")
        assert numbers("have the variance N,", says(app)) == [near(eigen(points(app))[0][0])]


@pytest.mark.parametrize("name", ["A ring", "Equal spreads"])
def test_tied_variances_have_no_best_direction(opened, name):
    app = preset(opened(**ELSEWHERE, n=17, seed=5), name)
    C = np.cov(points(app).T)
    np.testing.assert_allclose(C, C[0, 0] * np.eye(2), atol=1e-9)
    assert says(app).endswith("Tied: the eigenvectors may turn freely.")
    assert says(app, "along").startswith("No direction is best")
    assert np.ptp(curve(app, "along")[1]) < 1e-9
    assert figure(app, "along").tables["rules"].empty


def test_one_outlier_turns_the_best_direction(opened):
    app = opened(n=10)
    before, X = eigen(points(app))[1], points(app)
    app = preset(app, "One outlier")
    assert (points(app) != X).any(axis=1).sum() == 1, "a single point"
    first = unit(35)
    assert abs(points(app)[-1] @ [-first[1], first[0]]) > 5 * 0.8, "across the cloud"
    assert between(eigen(points(app))[1], before) > 8


def test_with_x_in_tenths_its_variance_is_100_times_as_large_and_the_direction_follows(opened):
    app = preset(opened(**ELSEWHERE), "Two units")
    C, angle = np.cov(points(app).T), eigen(points(app))[1]
    app = fine(app.toggle(key="covariance_tenths").set_value(False).run())
    before = np.cov(points(app).T)
    np.testing.assert_allclose(C, before * [[100, 10], [10, 1]], rtol=1e-9)
    assert between(eigen(points(app))[1], math.radians(45)) < 1e-6
    assert between(angle, 0) < 5


def test_standardised_noise_counts_as_much_as_x(opened):
    app = preset(opened(**ELSEWHERE), "Nearly constant")
    np.testing.assert_allclose(np.diag(np.cov(points(app).T)), 1)
    assert "λ₁ = 1, λ₂ = 1. Tied" in says(app)
    app = fine(app.toggle(key="covariance_standardise").set_value(False).run())
    C = np.cov(points(app).T)
    assert C[1, 1] < 1e-3 * C[0, 0]


def renumbered(X, order):
    """Return the points with their four kinds numbered in another order."""
    codes = np.unique(X[:, 0].round(9))
    return np.column_stack([codes[np.array(order)[np.searchsorted(codes, X[:, 0].round(9))]], X[:, 1]])


def test_codes_are_four_numbers_evenly_apart_and_another_numbering_changes_the_covariance(opened):
    app = preset(opened(**ELSEWHERE), "Codes")
    steps = np.diff(np.unique(points(app)[:, 0].round(9)))
    assert len(steps) == 3
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)
    C, other = (np.cov(X.T) for X in (points(app), renumbered(points(app), [2, 0, 3, 1])))
    assert abs(other[0, 1] - C[0, 1]) > 0.1
    assert between(eigen(renumbered(points(app), [2, 0, 3, 1]))[1], eigen(points(app))[1]) > 1


# Units


def test_standardise_turns_covariances_into_correlations(opened):
    for state in (dict(cloud=MINE), dict(cloud="Steep line", tenths=True)):
        before, app = (points(opened(**state, standardise=on)) for on in (False, True))
        np.testing.assert_allclose(np.cov(app.T), np.corrcoef(before.T), atol=1e-9)
        np.testing.assert_allclose(app.mean(axis=0), 0, atol=1e-9)


def test_in_other_units_the_points_cannot_be_dragged(opened):
    for names in (dict(tenths=True), dict(standardise=True)):
        assert {g["id"] for g in frame(opened(show="Shadows", **names)).handles} == {"u"}


def test_a_coordinate_that_does_not_vary_cannot_be_standardised_and_what_was_before_stays(opened):
    app = opened(cloud=MINE, standardise=True)
    before = points(app)
    app = typed(app, "1,0;1,3;1,5")
    assert frame(app).problem.startswith("x is the same at all points, so it cannot be standardised; move one aside.")
    np.testing.assert_array_equal(points(app), before)


def test_an_upright_cloud_without_width_cannot_be_standardised_either(opened):
    assert "x is the same at all points" in frame(opened(tilt=90, width=0, standardise=True)).problem


# Points of the reader's own


@pytest.mark.parametrize("line", ["1,1", ";"])
def test_too_few_points_get_a_sentence_and_what_was_before_stays(opened, line):
    app = opened(cloud=MINE)
    before, said = points(app), says(app)
    app = typed(app, line)
    assert frame(app).problem.endswith(" The last good picture stays.")
    assert frame(app).problem in text(app).replace("\\", "")
    np.testing.assert_array_equal(points(app), before)
    assert says(app) == said
    assert frame(typed(app, "1,1;2,3")).problem == ""


def test_one_point_is_told_that_two_are_needed(opened):
    assert frame(opened(cloud=MINE, points="1,1")).problem.startswith("there is 1 point; at least two are needed to vary.")


def test_no_points_are_told_that_two_are_needed(opened):
    problem = frame(opened(cloud=MINE, points=";")).problem
    assert "two are needed" in problem
    assert "shape" not in problem


def test_points_that_are_none_leave_the_last_good_ones(opened):
    app = typed(opened(cloud=MINE, points="0,0;1,2;3,1"), "0,0;1,two;3,1")
    assert "point 2, “1,two”, is not two numbers" in frame(app).problem
    np.testing.assert_array_equal(points(app), [[0, 0], [1, 2], [3, 1]])


@pytest.mark.parametrize("shown", ["Rectangles", "Shadows", "Ellipse"])
def test_points_at_one_place_have_no_spread_and_do_no_harm(opened, shown):
    app = opened(cloud=MINE, points=SAME, show=shown)
    assert frame(app).problem == ""
    assert says(app, "along").startswith("No direction is best")
    assert "they differ" not in text(app)


def test_a_dragged_point_makes_the_cloud_the_readers_own(opened, hold):
    app = opened(seed=4, show="Shadows")
    grips = [g for g in frame(app).handles if g["x"] == "covariance_points"]
    own = np.array([g["points"] for g in grips])
    np.testing.assert_allclose(own, points(app), atol=0.005)
    own[3] = (4.5, -4.25)
    line = ";".join(f"{x:g},{y:g}" for x, y in own)
    end = opened(cloud=MINE, points=line, show="Shadows")
    held = fine(hold(app, "covariance", {"covariance_points": line, **grips[0]["sets"]}))
    for there in (held, end):
        np.testing.assert_allclose(points(there), own)
        C = np.cov(own.T)
        assert numbers("of the total N;", says(there)) == [near(np.trace(C))]
        assert values(there, "cloud") == [MINE]
    assert says(held) == says(end)
    assert values(held, "tilt", "spread", "width") == values(end, "tilt", "spread", "width")


def test_the_direction_is_turned_by_its_tip(opened, hold):
    app = opened(show="Shadows", cloud=MINE, direction=200)
    (tip,) = (g for g in frame(app).handles if g["id"] == "u")
    mean = points(app).mean(axis=0)
    np.testing.assert_allclose(tip["origin"], mean, atol=1e-9)
    np.testing.assert_allclose(np.array(tip["at"]) - mean, 4.8 * unit(200), atol=1e-4)
    held = fine(hold(app, "covariance", {"covariance_direction": 33}))
    assert says(held) == says(opened(show="Shadows", cloud=MINE, direction=33))


@pytest.mark.parametrize("line", ["-1,2;0.5,0;1,-1.5;0,0", "1,0;1,2", "0,0;2,2;1,1.5;1.5,1", "0,-1;0.1,1;0,2", SAME])
def test_the_sliders_show_the_spread_of_own_points(opened, line):
    app = opened(cloud=MINE, points=line)
    variances, angle = eigen(points(app))
    tilt, spread, width = values(app, "tilt", "spread", "width")
    assert spread == pytest.approx(np.clip(math.sqrt(max(variances[0], 0)), 0.1, 2.5), abs=0.0051)
    assert width == pytest.approx(np.clip(math.sqrt(max(variances[1], 0)), 0, 2.5), abs=0.0051)
    if variances[0] > 0:
        assert between(math.radians(tilt), angle) <= 0.51
    assert set(frame(app).followers) == {"covariance_tilt", "covariance_spread", "covariance_width"}
    assert "tilt" not in frame(app).link()


@pytest.mark.parametrize("unit", ["tenths", "standardise"])
def test_the_sliders_show_the_spread_of_own_points_before_their_units_are_changed(opened, unit):
    names = "tilt", "spread", "width"
    points = "-1,2;0.5,0;1,-1.5;0,0"
    assert values(opened(cloud=MINE, points=points, **{unit: True}), *names) == values(
        opened(cloud=MINE, points=points), *names
    )


def test_a_made_cloud_goes_on_from_the_spread_of_own_points(opened):
    app = opened(cloud=MINE, points="-1,2;0.5,0;1,-1.5;0,0")
    C, shown = np.cov(points(app).T), values(app, "spread", "width")
    app = fine(app.selectbox(key="covariance_cloud").set_value("Gaussian").run())
    np.testing.assert_allclose(np.cov(points(app).T), C, atol=0.05)
    app = fine(app.selectbox(key="covariance_cloud").set_value(MINE).run())
    np.testing.assert_allclose(np.cov(points(app).T), C)
    app = slide(app, "tilt", 60.0)
    assert values(app, "cloud", "tilt", "spread", "width") == ["Gaussian", 60, *shown]
    assert between(eigen(points(app))[1], math.radians(60)) < 1e-6


# Step by step


def test_the_columns_add_up_to_the_scatter_and_chunks_to_the_same_covariance(opened):
    for state in (dict(n=11, seed=2), dict(cloud=MINE)):
        app = opened(view=STEPS, **state)
        X, found = points(app), app.dataframe[0].value
        n, C = len(X), np.cov(points(app).T)
        np.testing.assert_allclose(found[["x", "y"]].to_numpy(), X)
        sums = found.to_numpy()[:, 2:].sum(axis=0)
        np.testing.assert_allclose(sums[:2], 0, atol=1e-9)
        np.testing.assert_allclose(sums[2:] / (n - 1), [C[0, 0], C[0, 1], C[1, 1]], atol=1e-9)
        assert f"over n − 1 = {n - 1} it is the covariance matrix" in text(app)
        assert both_sides(app, "merged N, at once N") == [near(C[0, 1])] * 2
        assert sum(map(int, re.search(r"chunks of (\d+) \+ (\d+) \+ (\d+) points", text(app)).groups())) == n


def test_two_points_can_be_gone_through_step_by_step(opened):
    app = opened(view=STEPS, cloud=MINE, points="0,2;1,1")
    assert frame(app).problem == ""
    assert len(points(app)) == 2


# All columns of a table


@pytest.mark.parametrize(
    ("table", "across", "up", "kind"),
    [
        ("Wine", 1, 2, "correlations"),
        ("Wine", 13, 7, "covariances"),
        ("Wine", 4, 4, "covariances"),
        ("Digits", 20, 3, "correlations"),
    ],
)
def test_a_cell_is_the_pair_across_and_up_as_numpy_has_it(opened, table, across, up, kind):
    app = opened(view=TABLE, table=table, across=across, up=up, kind=kind)
    given = {"Wine": tables.one_table, "Digits": tables.digits}[table]()
    kept = np.flatnonzero(np.ptp(given.X, axis=0) > 0)
    X = given.X[:, kept]
    one, other = (given.columns[kept[k - 1]] for k in (across, up))
    both = X[:, [across - 1, up - 1]]
    expected = (np.corrcoef if kind == "correlations" else np.cov)(both.T)[0, 1]
    found = says(app, "table").replace("\\", "")
    assert found.startswith(f"{one} with {other}: ")
    assert numbers(f"^{re.escape(f'{one} with {other}: ')}N", found) == [near(expected)]
    assert says(app, "pair").replace("\\", "").startswith(f"Across {one}, up {other}, ")
    spots = figure(app, "pair").tables["points"][["x", "y"]].to_numpy(float)
    Z = (both - both.mean(axis=0)) / both.std(axis=0, ddof=1)
    np.testing.assert_allclose(spots, np.clip(Z, -4, 4), atol=1e-9)
    (cell,) = (g for g in frame(app).handles if g["id"] == "cell")
    assert cell["at"] == [across, -up]
    assert (cell["x"], cell["y"], cell["tap"]) == ("covariance_across", "covariance_up", True)


def test_columns_that_do_not_vary_are_left_out_and_said(opened):
    app = upload(opened(view=TABLE, table="Yours", up=2), b"a,still,b,c\n1,7,2,0\n2,7,1,3\n3,7,3,1\n")
    assert says(app, "table") == "a with b: 0.5. Left out: 1 that does not vary."
    assert set(figure(app, "table").tables["names"]["text"]) == {"a", "b", "c"}
    assert frame(app).controls["covariance_across"].high == 3
    assert says(opened(view=TABLE, table="Digits"), "table").endswith("Left out: 3 that do not vary.")
    assert "Left out" not in says(opened(view=TABLE), "table")


def test_a_table_in_which_nothing_varies_gets_a_sentence_where_it_would_be(opened):
    app = upload(opened(view=TABLE, table="Yours"), b"a,b\n1,2\n1,2\n")
    assert "no column varies; at least one has to." in text(app)
    assert frame(app).problem == ""
    assert "mml_figure_covariance_table" not in frame(app).figures


def test_a_table_of_ones_own_is_shown_stays_private_and_a_bad_one_leaves_it(opened):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(2500, 2)) @ [[1, 0.5], [0, 0.2]]
    data = ("*x*,y\n" + "\n".join(f"{a},{b}" for a, b in X)).encode()
    app = opened(view=TABLE, table="Yours", across=2, up=1)
    shared = len(page._shared)
    app = upload(app, data)
    assert says(app, "table").startswith(r"y with \*x\*: ")
    assert numbers(": N", says(app, "table")) == [near(np.corrcoef(X.T)[0, 1])]
    assert figure(app, "pair").tables["points"].empty, "so many points are a density"
    assert figure(app, "pair").tables["picture"]["url"].item() != ""
    assert len(page._shared) == shared
    assert len(app.session_state["mml"].results) >= 2
    said = says(app, "table")
    app = upload(app, b"%PDF-1.7")
    assert frame(app).problem.startswith('"mine.csv" is a PDF document')
    assert says(app, "table") == said


# After a map


@pytest.mark.parametrize(
    ("A", "b", "state"),
    [
        ([[0.8, -0.6], [0.6, 0.8]], (0, 0), {}),
        ([[2, 1], [-0.5, 1.5]], (1, -2), dict(cloud=MINE)),
        ([[1, 2], [0.5, 1]], (-5, 5), dict(outliers=2, n=9)),
        ([[0, 0], [0, 0]], (3, 0), {}),
    ],
)
def test_the_covariance_of_the_moved_points_is_that_of_the_map(opened, A, b, state):
    names = dict(A11=A[0][0], A12=A[0][1], A21=A[1][0], A22=A[1][1], b1=b[0], b2=b[1])
    app = opened(view=MAP, **names, **state)
    X, Y, A = points(app), points(app, "mapped"), np.array(A)
    np.testing.assert_allclose(Y, X @ A.T + b, atol=1e-12)
    C = A @ np.cov(X.T) @ A.T
    np.testing.assert_allclose(C, np.cov(Y.T), atol=1e-9)
    for name, value in (("Variance of x", C[0, 0]), ("Covariance", C[0, 1]), ("Variance of y", C[1, 1])):
        assert both_sides(app, f"{name} · check: A Σ A' N, of the moved points N", "1e-9") == [near(value)] * 2
    (grip,) = (g for g in frame(app).handles if g["id"] == "b")
    np.testing.assert_allclose(grip["at"], Y.mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(np.array(grip["at"]) - grip["origin"], b, atol=1e-4)


def test_a_shift_moves_the_ellipse_and_changes_no_covariance(opened):
    one, other = (opened(view=MAP, b1=b, b2=-b) for b in (0, 1.5))
    outlines = [next(p for role, p in lines(app, "path", "mapped") if role == "second") for app in (one, other)]
    np.testing.assert_allclose(outlines[1] - outlines[0], np.broadcast_to([1.5, -1.5], outlines[0].shape), atol=1e-9)
    assert [m.value for m in one.markdown if "A Σ A'" in m.value] == [m.value for m in other.markdown if "A Σ A'" in m.value]


# Three dimensions


@pytest.mark.parametrize(("turn", "tip", "thick"), [(110, 15, 0.3), (-180, -90, 0), (33, 80, 1.5), (0, 0, 0.9)])
def test_what_is_seen_and_what_is_not_add_up(opened, turn, tip, thick):
    app = opened(view=SPACE, turn=turn, tip=tip, thick=thick)
    total = 1.6**2 + 0.9**2 + thick**2
    assert both_sides(app, "seen \\+ along the line of sight N, total N", "1e-9") == [near(total)] * 2
    Y = points(app, "space")
    seen = 100 * np.trace(np.cov(Y.T)) / total
    assert numbers("From here N % of the variance is seen", says(app, "space")) == [pytest.approx(seen, rel=6e-3)]


@pytest.mark.parametrize("thick", [0, 0.3, 1.2])
def test_straight_at_the_plane_one_sees_most(opened, thick):
    app = opened(view=SPACE, thick=thick, turn=20)
    app = fine(app.button(key="covariance_face").click().run())
    (seen,) = numbers("From here N %", says(app, "space"))
    best = sorted([1.6**2, 0.9**2, thick**2])
    assert seen == pytest.approx(100 * sum(best[1:]) / sum(best), rel=2e-3), "but for rounding to degrees"


# Distances


def test_points_at_one_place_have_no_distances_to_show(opened):
    app = opened(view=DISTANCES, cloud=MINE, points=SAME)
    assert "all points are at the same place; move one aside." in text(app)
    assert not app.dataframe
    assert frame(app).problem == ""


@pytest.mark.parametrize("names", [dict(direction=60), dict(direction=215, cloud="Ring"), dict(direction=90, cloud=MINE)])
def test_no_shadow_of_a_distance_is_longer_than_the_distance(opened, names):
    app = opened(view=DISTANCES, **names)
    found, X = app.dataframe[0].value, points(app)[:6]
    assert len(found) == 15
    t = X @ unit(names["direction"])
    for _, row in found.iterrows():
        i, j = (int(k) - 1 for k in row["samples"].split(" and "))
        before, after = written(row["distance"], row["distance of the shadows"])
        assert before == near(np.hypot(*(X[i] - X[j])))
        assert after == near(abs(t[i] - t[j]))
        assert after <= before * (1 + 1e-3)
    assert set(found["angle of the shadows"]) <= {"0°", "180°", "none"}


# Downloads


@pytest.mark.parametrize("names", [dict(direction=117), dict(direction=300, cloud=MINE), dict(standardise=True)])
def test_saved_tables_reproduce_points_scores_and_what_they_give_back(opened, files, names):
    app = taken_home(opened(**names))
    X, u = points(app), unit(values(app, "direction")[0])
    found = {
        name: pd.read_csv(io.BytesIO(files[f"covariance-{name}.csv"]()))
        for name in ("points", "scores", "components", "reconstructed-table")
    }
    np.testing.assert_allclose(found["points"][["x", "y"]], X, atol=1e-12)
    components = found["components"].set_index("row")
    assert components.index.tolist() == ["mean", "scale", "component 1"]
    mean, scale, e = (components.loc[row, ["x", "y"]].to_numpy(float) for row in components.index)
    np.testing.assert_allclose(mean, X.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(scale, 1)
    np.testing.assert_allclose(e, u, atol=1e-12)
    scores = found["scores"]["score 1"].to_numpy()
    assert components.loc["component 1", "variance"] == pytest.approx(scores.var(ddof=1))
    np.testing.assert_allclose(scores, (X - mean) @ e, atol=1e-9)
    np.testing.assert_allclose(found["reconstructed-table"][["x", "y"]], mean + np.outer(scores, e), atol=1e-9)


def test_points_at_one_place_can_be_taken_home(opened):
    taken_home(opened(cloud=MINE, points=SAME))
