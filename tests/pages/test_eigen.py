"""The story of the page Eigenvectors: most directions turn, these only stretch, and some matrices have none."""

import re

import numpy as np
import pytest
from conftest import some
from screens import figure, fine, frame, lines, rows, says, text, tips

from mml_core import eigen, eigendirections, iteration
from mml_ui import live, tables

NUMBERS, POLYNOMIAL, POWER = "Numbers", "Polynomial", "Power iteration"
SUM, LARGER = "A as a sum", "A larger matrix"
VIEWS = ("Why it is true", NUMBERS, POLYNOMIAL, POWER, SUM, LARGER)
CRUMB = re.compile(r"\de[-−]1[5-9]")  # what rounding leaves where a 0 belongs
NUMBER = r"−?\d+(?:\.\d+)?(?:e[+−]\d+)?"
ENTRIES = ("A11", "A12", "A21", "A22")
FAMILY = ("abd1", "abd2", "abd3", "s")

MATRICES = {
    "symmetric": [[1.5, 0.5], [0.5, 1.5]],
    "two real": [[2, 1], [0, -1]],
    "saddle": [[-1, 2], [1, 0.5]],
    "rotation": [[0, -1], [1, 0]],
    "spiral": [[1, -2], [0.5, 1]],
    "shear": [[1, 1], [0, 1]],
    "reflection": [[0.6, 0.8], [0.8, -0.6]],
    "projection": [[0.5, 0.5], [0.5, 0.5]],
    "nilpotent": [[0, 1], [0, 0]],
    "multiple of I": [[1.5, 0], [0, 1.5]],
    "minus I": [[-1, 0], [0, -1]],
    "zero": [[0, 0], [0, 0]],
}
COMPLEX = ("rotation", "spiral")


@pytest.fixture
def opened(open_page):
    def page(A=None, x=None, **names):
        if A is not None:
            names |= dict(zip(ENTRIES, np.ravel(A).tolist(), strict=True))
        if x is not None:
            names |= dict(x1=x[0], x2=x[1])
        return fine(open_page("eigen", **{f"eigen_{name}": str(value) for name, value in names.items()}))

    return page


def readout(app):
    """Return the line that lists the eigenvalues."""
    (line,) = (m.value for m in app.markdown if m.value.startswith("**λ = "))
    return line


def result(app, function):
    return next(c.result for c in frame(app).calls if c.function is function)


def matrix(app):
    """Return the matrix that is on screen."""
    return next(c.arguments["A"] for c in frame(app).calls if c.function is eigen.spectrum)


def values(app, names):
    return [frame(app).values[f"eigen_{name}"] for name in names]


def choose(app, name, value):
    (group,) = (b for b in app.get("button_group") if b.key == f"eigen_{name}")
    return fine(group.set_value(value).run())


def turn_to(app, view):
    """Open another view, as a click on its tab does."""
    app.session_state["eigen_view"] = view
    return fine(app.run())


def set_number(app, name, value):
    return fine(app.number_input(key=f"eigen_{name}").set_value(value).run())


def set_slider(app, name, value):
    return fine(app.slider(key=f"eigen_{name}").set_value(value).run())


def type_text(app, name, value):
    return fine(app.text_input(key=f"eigen_{name}").set_value(value).run())


def at(degrees, length=2.0):
    return length * np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])


def value_of(pattern, found):
    """Return the number that stands where the pattern has a group, as the page wrote it."""
    match = re.search(pattern.replace("NUMBER", NUMBER), found)
    assert match, f"{pattern} in {found}"
    return float(match[1].replace("−", "-"))


# On an eigenvector or not


def test_one_sees_that_x_turns_and_how_far_the_nearest_eigenvector_is(opened):
    app = opened()
    assert says(app) == "A x leaves the line of x, 1.324 times as long: no eigenvector. The nearest is 30.1° away."
    np.testing.assert_allclose(tips(app)["first"], [1.5, -0.4])
    np.testing.assert_allclose(tips(app)["result"], [2.05, 0.15])
    assert not lines(app, "space")
    assert readout(app) == "**λ = 2, λ = 1**: two real eigenvalues, two lines of eigenvectors."


@pytest.mark.parametrize("side", [0, 180])
@pytest.mark.parametrize("off", [0, 1.9, -1.9])
def test_x_near_an_eigenvector_snaps_onto_it(opened, side, off):
    app = opened(x=at(45 + side + off))
    assert says(app).startswith("**x lies on an eigenvector, λ = 2**: A x = 2 x, it becomes 2 times as long")
    np.testing.assert_allclose(tips(app)["first"], at(45 + side), atol=1e-12)
    np.testing.assert_allclose(tips(app)["result"], 2 * at(45 + side), atol=1e-12)
    ((role, line),) = lines(app, "space")
    assert role == "second"
    np.testing.assert_allclose(line[:, 0], line[:, 1], atol=1e-12)
    assert "λ = 2" in rows(app, "label")["text"].tolist()
    assert {g["id"]: g["at"] for g in frame(app).handles}["x"] == pytest.approx(at(45 + side + off), abs=1e-4), "the hand"


@pytest.mark.parametrize("off", [2.1, -2.1, 5])
def test_x_further_off_does_not_snap(opened, off):
    app = opened(x=at(45 + off))
    assert f"no eigenvector. The nearest is {abs(off)}° away." in says(app)
    np.testing.assert_allclose(tips(app)["first"], at(45 + off), atol=1e-12)
    assert not lines(app, "space")


def test_the_other_eigenvector_keeps_its_length(opened):
    app = opened(x=at(-45))
    assert says(app) == "**x lies on an eigenvector, λ = 1**: A x = 1 x, it keeps its length, and so does all of its line."


def test_no_snap_takes_what_belongs_to_neither_of_two_close_eigenvectors(opened):
    one = np.degrees(np.arctan(np.sqrt(0.001)))
    gap = 2 * one  # 3.6 degrees: less than twice the tolerance
    places = [(one, 1), (one - 0.45 * gap, 1), (one - 0.499 * gap, 0), (0, 0), (-one + 0.45 * gap, -1), (one + 0.45 * gap, 1)]
    for degrees, side in [*places, (one + 1.9, 0), (180 - one, -1), (180, 0)]:
        app = opened([[1, 1], [0.001, 1]], at(degrees))
        assert says(app).startswith("**x lies on an eigenvector") == (side != 0), degrees
        if side:
            value = 1 + side * np.sqrt(0.001)
            assert result(app, eigendirections.snap).eigenvalue == pytest.approx(value)
            assert value_of(r"\*\*x lies on an eigenvector, λ = (NUMBER)\*\*", says(app)) == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize("name", COMPLEX)
@pytest.mark.parametrize("degrees", [0, 33, 90, 200])
def test_a_rotation_has_no_real_direction(opened, name, degrees):
    app = opened(MATRICES[name], at(degrees))
    assert says(app).endswith("No real direction keeps its line: **no eigenvector**.")
    assert "a complex pair: every real direction turns" in readout(app)
    assert not lines(app, "space")


@pytest.mark.parametrize("name", MATRICES)
def test_a_zero_x_is_no_eigenvector(opened, name):
    app = opened(MATRICES[name], (0, 0))
    assert says(app).startswith("x is zero: give it some length.")
    assert not lines(app, "space")


@pytest.mark.parametrize("view", VIEWS)
def test_a_zero_x_does_no_harm_on_the_second_level(opened, view):
    for name in ("symmetric", "shear", "rotation"):
        assert says(opened(MATRICES[name], (0, 0), view=view)).startswith("x is zero: give it some length.")
    if view == POWER:
        assert "x is zero, and stays zero for ever" in text(opened(x=(0, 0), view=view))


@pytest.mark.parametrize("k", [1.5, -2, 18])
def test_of_a_multiple_of_the_identity_every_direction_is_an_eigenvector(opened, k):
    for degrees in (0, 17, 123):
        app = opened([[k, 0], [0, k]], at(degrees))
        assert f"**x is an eigenvector, λ = {str(k).replace('-', '−')}**, and so is every other direction" in says(app)
        areas = dict(lines(app, "area"))
        assert np.abs(areas["second"]).min() == 4, "the whole window is lit"
        np.testing.assert_allclose(tips(app)["first"], at(degrees), atol=1e-12)


def test_of_the_zero_matrix_every_direction_is_an_eigenvector(opened):
    app = opened(MATRICES["zero"])
    assert "**x is an eigenvector, λ = 0**" in says(app)
    assert "the zero matrix: every vector is sent to 0" in readout(app)


@pytest.mark.parametrize("A", [[[0.5, 0.5], [0.5, 0.5]], [[0, 1], [0, 0]], [[0.2, 0.4], [0.4, 0.8]]])
def test_a_direction_in_the_null_space_vanishes(opened, A):
    null = np.linalg.svd(A)[2][1]
    app = opened(A, 2 * null)
    assert says(app) == "**x lies on an eigenvector, λ = 0**: A x = 0 x, it vanishes, and so does all of its line."
    np.testing.assert_allclose(tips(app)["result"], 0, atol=1e-9)


def test_a_reflection_turns_one_direction_round(opened):
    A = MATRICES["reflection"]
    across, along = np.array([1, -2]) / np.sqrt(5), np.array([2, 1]) / np.sqrt(5)
    app = opened(A, 2 * across)
    assert says(app).startswith(
        "**x lies on an eigenvector, λ = −1**: A x = −1 x, it keeps its length and points the other way"
    )
    np.testing.assert_allclose(tips(app)["result"], -2 * across, atol=1e-12)
    assert "it keeps its length, and so does all of its line." in says(opened(A, 2 * along))


@pytest.mark.parametrize("name", [n for n in MATRICES if n not in COMPLEX])
def test_on_each_eigenvector_A_x_lies_on_the_line_of_x(opened, name):
    A = np.array(MATRICES[name], float)
    eigenvalues, V = np.linalg.eig(A)
    for value, v in zip(eigenvalues.real, V.real.T, strict=True):
        app = opened(A, 1.7 * v)
        assert says(app).startswith(("**x lies on an eigenvector", "**x is an eigenvector"))
        x, y = result(app, eigendirections.snap).x, A @ result(app, eigendirections.snap).x
        np.testing.assert_allclose(y, value * x, atol=1e-7)
        assert np.hypot(*x) == pytest.approx(1.7)


# The ring


def bulges(app):
    """Return the directions of the ring in degrees and how far it bulges at each: outwards positive, inwards negative."""
    found = {}
    for role, corners in lines(app, "area"):
        if role in ("left", "right"):
            half = len(corners) // 2
            circle, edge = corners[:half], corners[half:][::-1]
            for p, q in zip(circle, edge, strict=True):
                angle = round(float(np.degrees(np.arctan2(p[1], p[0]))) % 360, 6) % 360
                found[angle] = found.get(angle, 0) + np.hypot(*q) - np.hypot(*p)
    return np.array(sorted(found)), np.array([found[a] for a in sorted(found)])


def changes(app):
    """Return the directions between which the ring changes sides, each in its middle, in degrees."""
    angles, bulge = bulges(app)
    angles, signs = angles[np.abs(bulge) > 1e-9], np.sign(bulge[np.abs(bulge) > 1e-9])
    gap = (np.roll(angles, -1) - angles) % 360
    return ((angles + gap / 2) % 360)[signs != np.roll(signs, -1)]


@pytest.mark.parametrize("name", ["symmetric", "two real", "saddle", "reflection", "projection"])
def test_the_ring_changes_sides_at_the_eigenvectors_and_nowhere_else(opened, name):
    A = MATRICES[name]
    V = np.linalg.eig(A)[1].real
    lines_at = np.degrees(np.arctan2(V[1], V[0])) % 180
    expected = np.sort(np.concatenate([lines_at, lines_at + 180]))
    found = np.sort(changes(opened(A)))
    assert len(found) == 4
    apart = np.abs((found[:, None] - expected + 180) % 360 - 180)
    assert (apart.min(axis=0) <= 2 * 3.75).all(), (found, expected)


@pytest.mark.parametrize("name", ["rotation", "spiral", "shear", "nilpotent"])
def test_without_two_eigenvectors_the_ring_keeps_its_side(opened, name):
    app = opened(MATRICES[name])
    assert len(changes(app)) == 0
    angles, bulge = bulges(app)
    touching = angles[np.abs(bulge) < 1e-9]
    assert touching.tolist() == ([] if name in COMPLEX else [0, 180])


@pytest.mark.parametrize("name", ["multiple of I", "minus I", "zero"])
def test_where_nothing_turns_the_ring_is_a_circle(opened, name):
    assert not {"left", "right"} & {role for role, _ in lines(opened(MATRICES[name]), "area")}


def test_the_ring_bulges_to_the_side_that_A_turns_to(opened):
    angles, bulge = bulges(opened(MATRICES["two real"]))
    for angle, out in zip(angles, bulge, strict=True):
        x = at(angle, 1)
        y = np.array(MATRICES["two real"]) @ x
        assert out == pytest.approx(2.6 * 0.4 * (x[0] * y[1] - x[1] * y[0]) / np.hypot(*y), abs=1e-9)


def test_the_circle_becomes_an_ellipse_and_the_columns_the_grid(opened):
    A = MATRICES["two real"]
    (_, circle), (_, ellipse) = lines(opened(A, show="Circle"), "thin")
    np.testing.assert_allclose(np.hypot(*circle.T), np.hypot(1.5, 0.4))
    np.testing.assert_allclose(ellipse, circle @ np.array(A).T, atol=1e-12)
    app = opened(A, show="Columns")
    grid = np.vstack([line for _, line in lines(app, "grid")])
    whole = np.linalg.solve(A, grid.T)
    np.testing.assert_allclose(whole, np.rint(whole), atol=1e-9)
    assert {g["id"]: g["at"] for g in frame(app).handles} == {"x": [1.5, -0.4], "e1": [2, 0], "e2": [1, -1]}


# Presets: with x = the exact values

LEFT = (1.5, -0.4)
GOLDEN = (1 + np.sqrt(5)) / 2
PRESETS = {
    "Symmetric": ([[1.5, 0.5], [0.5, 1.5]], LEFT, "The nearest is 30.1° away", "two real eigenvalues"),
    "Rotation": ([[0, -1], [1, 0]], LEFT, "**no eigenvector**", "a complex pair"),
    "Shear": ([[1, 1], [0, 1]], (1, 1.5), "no eigenvector. The nearest is 56.3° away", "defective"),
    "Multiple of I": ([[1.5, 0], [0, 1.5]], LEFT, "**x is an eigenvector, λ = 1.5**", "every direction is an eigenvector"),
    "Projection": ([[0.5, 0.5], [0.5, 0.5]], (2, -1.5), "no eigenvector. The nearest is 8.13° away", "two real"),
    "Reflection": ([[0.6, 0.8], [0.8, -0.6]], LEFT, "1 times as long: no eigenvector", "two real"),
    "Nearly defective": ([[1, 1], [0.001, 1]], LEFT, "no eigenvector", "two real"),
    "Fibonacci": ([[1, 1], [1, 0]], (1, 0), "no eigenvector. The nearest is 31.7° away", "two real"),
    "Markov chain": ([[0.9, 0.5], [0.1, 0.5]], (0.5, 2), "no eigenvector", "two real"),
    "Scissor": ([[1.5, 0.9], [0.1, 1.5]], LEFT, "no eigenvector", "two real"),
    "Merge": ([[1.5, 1], [0, 1.5]], LEFT, "no eigenvector", "defective"),
    "Wrong start": ([[1.5, 0.5], [0.5, 1.5]], (1.5, -1.5), "**x lies on an eigenvector, λ = 1**", "two real"),
}


def test_every_preset_has_its_promise_here(opened):
    (pills,) = (b for b in opened().get("button_group") if b.key == "eigen_preset")
    assert set(pills.options) == set(PRESETS)


@pytest.mark.parametrize("start", [dict(A11=-3, A12=7, x1=0.3), dict(by="Slider s", s=-1.5, abd1=3, x1=0, x2=0)])
@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_does_what_its_line_promises(opened, name, start):
    A, x, words, kind = PRESETS[name]
    app = choose(opened(**start), "preset", name)
    np.testing.assert_allclose(matrix(app), A, atol=1e-12)
    np.testing.assert_array_equal(values(app, ("x1", "x2")), x)
    np.testing.assert_allclose(tips(app)["first"], x, atol=1e-9)
    assert words in says(app)
    assert kind in readout(app)


def test_the_presets_keep_their_numbers(opened):
    def distinct(name):
        return result(choose(opened(), "preset", name), eigen.spectrum).distinct

    np.testing.assert_allclose(distinct("Fibonacci"), [GOLDEN, 1 - GOLDEN])
    np.testing.assert_allclose(distinct("Markov chain"), [1, 0.4], atol=1e-12)
    np.testing.assert_allclose(distinct("Reflection"), [1, -1], atol=1e-12)
    np.testing.assert_allclose(distinct("Projection"), [1, 0], atol=1e-12)
    np.testing.assert_allclose(distinct("Scissor"), [1.8, 1.2], atol=1e-12)
    assert "3.62° apart" in text(choose(opened(view=NUMBERS), "preset", "Nearly defective"))


# Who owns the matrix


def test_slider_s_moved_owns_the_matrix_and_the_entries_follow_outside_the_link(opened):
    app = set_slider(opened(), "s", 0.4)
    assert values(app, ("by",)) == ["Slider s"]
    np.testing.assert_allclose(matrix(app), [[1.5, 0.9], [0.1, 1.5]])
    np.testing.assert_allclose(values(app, ENTRIES), [1.5, 0.9, 0.1, 1.5])
    for link in (frame(app).link(), *app.query_params):
        assert not re.search(r"eigen_A\d", link), link
    assert "eigen_s=0.4" in frame(app).link()
    assert app.number_input(key="eigen_A12").value == pytest.approx(0.9)


def test_a_held_slider_s_does_the_same_before_it_is_let_go(opened, hold):
    app = fine(hold(opened(), "eigen", {"eigen_s": 0.4, "eigen_by": "Slider s"}))
    np.testing.assert_allclose(matrix(app), [[1.5, 0.9], [0.1, 1.5]])
    assert says(app) == says(opened(by="Slider s", s=0.4))
    shown = app.session_state["mml"].line["shown"]
    assert [shown[f"eigen_{name}"]["text"] for name in ENTRIES] == ["1.500", "0.900", "0.100", "1.500"]


def test_an_entry_typed_owns_the_matrix_and_the_family_follows_outside_the_link(opened):
    app = set_number(opened(by="Slider s", s=0.4), "A11", 2.5)
    assert values(app, ("by",)) == ["Entries"]
    np.testing.assert_allclose(matrix(app), [[2.5, 0.9], [0.1, 1.5]])
    np.testing.assert_allclose(values(app, FAMILY), [2.5, 0.5, 1.5, 0.4])
    for link in (frame(app).link(), *app.query_params):
        assert not re.search(r"eigen_(s|abd\d)\b", link), link
    app = set_slider(app, "s", 0.0)
    np.testing.assert_allclose(matrix(app), [[2.5, 0.5], [0.5, 1.5]])


def test_a_column_dragged_hands_over_to_the_entries(opened, hold):
    app = opened(by="Slider s", s=0.4, show="Columns")
    grip = next(g for g in app.session_state["mml"].line["handles"] if g["id"] == "e1")
    assert grip["at"] == [1.5, 0.1]
    holding = {**grip["sets"], grip["x"]: 2.0, grip["y"]: -1.0}
    app = fine(hold(app, "eigen", holding))
    np.testing.assert_allclose(matrix(app), [[2, 0.9], [-1, 1.5]])
    assert values(app, ("by",)) == ["Entries"]
    np.testing.assert_allclose(tips(app)["first"], [1.5, -0.4])
    for key, value in holding.items():  # let go
        app.session_state[key] = value
    app.session_state[live.key("eigen")] = {"report": {"seq": 2, "hold": None, "commit": None, "viewport": None}}
    app = fine(app.run())
    np.testing.assert_allclose(matrix(app), [[2, 0.9], [-1, 1.5]])
    assert "eigen_A21=-1" in frame(app).link()
    assert not re.search(r"eigen_(s|abd\d)=", frame(app).link())


@pytest.mark.parametrize("s", [0.0, 0.3, 0.5, 1.2, -0.5])
def test_the_choice_of_the_owner_keeps_the_picture(opened, s):
    app = opened(by="Slider s", s=s, x1=1, x2=2)
    before = says(app)
    for owner in ("Entries", "Slider s"):
        app = choose(app, "by", owner)
        assert says(app) == before
        np.testing.assert_allclose(matrix(app), [[1.5, 0.5 + s], [0.5 - s, 1.5]])


def test_the_choice_of_the_slider_keeps_a_matrix_that_it_can_show(opened):
    A = [[2, 3.5], [0.5, -1]]  # b = 2, s = 1.5
    app = choose(opened(A), "by", "Slider s")
    np.testing.assert_allclose(matrix(app), A)


def test_the_eigenvectors_close_merge_and_are_gone(opened):
    apart = []
    app = opened(view=NUMBERS, by="Slider s")
    for s in (0.0, 0.2, 0.4, 0.48):
        app = set_slider(app, "s", s)
        assert "two real eigenvalues" in readout(app)
        apart.append(value_of(r"two lines are (NUMBER)° apart", text(app)))
    assert apart[0] == 90
    assert apart == sorted(apart, reverse=True)
    app = set_slider(app, "s", 0.5)
    assert readout(app) == "**λ = 1.5**: one eigenvalue twice, but only one line of eigenvectors: defective."
    assert "has 1 independent eigenvector (geometric multiplicity 1)" in text(app)
    app = set_slider(app, "s", 0.52)
    assert "a complex pair: every real direction turns" in readout(app)
    assert "**no eigenvector**" in says(app)
    app = set_slider(app, "s", -0.5)
    assert "defective" in readout(app)


def test_the_merge_is_where_the_help_says_for_any_a_b_d(opened):
    for a, b, d, s in ((3, 1.5, -1, 2.0), (2, 0.6, 0.4, 1.0)):  # s^2 = ((a - d)/2)^2 + b^2, or near it
        gone = ((a - d) / 2) ** 2 + b**2 < s**2
        app = opened(by="Slider s", abd1=a, abd2=b, abd3=d, s=s)
        kind = result(app, eigen.spectrum).kind
        assert kind == ("defective" if (a, b) == (2, 0.6) else "complex pair" if gone else "two real")


# Numbers and polynomial


@pytest.mark.parametrize("name", MATRICES)
def test_the_invariants_hold(opened, name):
    app = opened(MATRICES[name])
    assert "they differ" not in text(app)
    assert text(app).count("equal to 1e-12") == 3


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("symmetric", ["λ = 2 is a root once (algebraic multiplicity 1)", "λ = 1 is a root once", "90° apart"]),
        ("shear", ["λ = 1 is a root twice (algebraic multiplicity 2) and has 1 independent eigenvector (geometric"]),
        ("multiple of I", ["λ = 1.5 is a root twice (algebraic multiplicity 2) and has 2 independent eigenvectors (geometric"]),
        ("rotation", ["λ = i is a root once", "λ = −i is a root once"]),
        ("spiral", ["λ = 1 + i is a root once", "λ = 1 − i is a root once"]),
    ],
)
def test_the_numbers_say_how_often_each_eigenvalue_counts(opened, name, said):
    found = text(opened(MATRICES[name], view=NUMBERS)).replace("1 i ", "i ")
    for words in said:
        assert words in found, found


@pytest.mark.parametrize("name", MATRICES)
def test_the_roots_of_the_polynomial_are_numpys(opened, name):
    app = opened(MATRICES[name], view=POLYNOMIAL)
    expected = np.roots(np.poly(np.array(MATRICES[name], float)))
    expected = expected[np.argsort(-np.abs(expected), kind="stable")]
    dots = rows(app, "point", "marks", "roots")[["x", "y"]].to_numpy(float)
    found = dots[:, 0] + 1j * dots[:, 1]
    tolerance = 1e-6  # a double root of NumPy's is good to half the digits
    for root in expected:
        assert np.abs(found - root).min() < tolerance
    for root in found:
        assert np.abs(expected - root).min() < tolerance
    assert len(found) == len(result(app, eigen.spectrum).distinct)
    real = {"rotation": 0, "spiral": 0, "shear": 1, "nilpotent": 1, "multiple of I": 1, "minus I": 1, "zero": 1}.get(name, 2)
    assert ("no crossing", "it touches the axis", "two crossings")[real] in says(app, "polynomial")
    curve = figure(app, "polynomial").tables["lines"]
    inside = curve[curve["y"].abs() < 0.99 * figure(app, "polynomial").window[3]]
    np.testing.assert_allclose(inside["y"], np.polyval(np.poly(np.array(MATRICES[name], float)), inside["x"]), atol=1e-9)


def test_complex_roots_are_written_as_a_pair(opened):
    app = opened(MATRICES["spiral"], view=POLYNOMIAL)
    assert says(app, "roots") == "The same roots in the complex plane: 1 + 1 i and 1 − 1 i."
    assert "the roots have left the real line and lie above and below it, as a pair" in says(app, "polynomial")


# Power iteration


def test_power_iteration_gains_the_predicted_rate(opened):
    for t in (5, 10, 20):
        app = opened(view=POWER, step=t)
        run = result(app, iteration.power_iteration)
        assert run.predicted_rate == pytest.approx(0.5)
        assert run.measured_rates[t - 1] == pytest.approx(0.5, rel=2e-2)
        assert value_of(r"measured rate (NUMBER), predicted", says(app, "residuals")) == pytest.approx(0.5, rel=2e-2)
        assert value_of(r"predicted (NUMBER)\.$", says(app, "residuals")) == 0.5
        assert value_of(r"λ ≈ (NUMBER),", says(app, "iterate")) == pytest.approx(2, abs=0.01)
        assert "It cannot settle" not in text(app)


@pytest.mark.parametrize("A", [[[2, 1], [0, -1]], [[-1, 2], [1, 0.5]], [[0.9, 0.5], [0.1, 0.5]], [[1, 1], [1, 0]]])
def test_the_rate_is_that_of_the_two_largest_eigenvalues(opened, A):
    sizes = np.sort(np.abs(np.linalg.eigvals(A)))
    app = opened(A, (1, 0.3), view=POWER, step=12)
    assert value_of(r"predicted (NUMBER)\.$", says(app, "residuals")) == pytest.approx(sizes[0] / sizes[1], rel=1e-3)
    assert value_of(r"measured rate (NUMBER)", says(app, "residuals")) == pytest.approx(sizes[0] / sizes[1], rel=0.05)


def test_without_a_step_there_is_no_rate_yet_and_at_the_end_only_rounding(opened):
    assert "no rate to measure yet, predicted 0.5" in says(opened(view=POWER), "residuals")
    app = opened([[18, 0], [0, 0.001]], (1, 1), view=POWER, step=30)
    assert "only rounding is left" in says(app, "residuals")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Rotation", "A complex pair leads: no real direction stays, x goes on turning, 90 degrees a step"),
        ("Reflection", "Two eigenvalues of equal size and opposite sign lead: x alternates between two directions"),
        ("Wrong start", "The start has no part along the leading eigenvector"),
    ],
)
def test_the_reason_why_it_cannot_settle_is_said(opened, name, reason):
    app = choose(opened(view=POWER, step=10), "preset", name)
    assert f"**It cannot settle on the leading eigenvector.** {reason}" in text(app)


@pytest.mark.parametrize("name", [n for n in MATRICES if n not in COMPLEX and n != "reflection"])
def test_power_iteration_of_any_matrix_says_something_true(opened, name):
    app = opened(MATRICES[name], (1.1, 0.7), view=POWER, step=15)
    for figure_name in ("iterate", "residuals"):
        assert says(app, figure_name)
    run = result(app, iteration.power_iteration)
    assert (run.reason in text(app)) or not run.reason


def test_the_iterate_is_on_the_unit_circle_and_leaves_its_trail(opened):
    app = opened(view=POWER, step=4)
    np.testing.assert_allclose(np.hypot(*tips(app, "iterate")["first"]), 1)
    A, x = np.array(MATRICES["symmetric"]), np.array([1.5, -0.4])
    for _ in range(4):
        x = A @ x / np.linalg.norm(A @ x)
    np.testing.assert_allclose(tips(app, "iterate")["first"], x, atol=1e-12)


# A as a sum


def test_a_symmetric_matrix_is_the_sum_of_its_projections(opened):
    app = opened(view=SUM)
    ends = tips(app, "sum")
    np.testing.assert_allclose(ends["first"] + ends["second"], ends["result"], atol=1e-12)
    np.testing.assert_allclose(ends["result"], [2.05, 0.15], atol=1e-12)
    assert ends["first"] @ ends["second"] == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(result(app, eigendirections.projections).terms.sum(axis=0), MATRICES["symmetric"])
    assert {g["id"] for g in frame(app).handles} == {"x", "x_sum"}


@pytest.mark.parametrize("name", ["reflection", "projection", "multiple of I", "minus I", "zero"])
def test_every_symmetric_matrix_comes_apart(opened, name):
    app = opened(MATRICES[name], view=SUM)
    ends = tips(app, "sum")
    np.testing.assert_allclose(ends["result"], np.array(MATRICES[name]) @ [1.5, -0.4], atol=1e-9)
    assert "they differ" not in text(app)
    assert not CRUMB.search(says(app, "sum"))


@pytest.mark.parametrize(
    ("A", "words"),
    [
        ([[1, 1], [0, 1]], "row 1, column 2 is 1, row 2, column 1 is 0."),
        ([[1, 2.25], [-2.25, 1]], "row 1, column 2 is 2.25, row 2, column 1 is -2.25."),
        ([[1, 1], [1.001, 1]], "row 1, column 2 is 1, row 2, column 1 is 1.001."),
    ],
)
def test_of_a_matrix_that_is_not_symmetric_the_entries_that_differ_are_named(opened, A, words):
    app = opened(A, view=SUM)
    assert "Only a symmetric matrix comes apart like this." in text(app)
    assert words.replace("-", "−") in text(app).replace("-", "−")
    assert "mml_figure_eigen_sum" not in frame(app).figures
    assert frame(app).problem == ""


# A larger matrix


def large(app):
    return result(app, iteration.survey)


def test_a_typed_matrix_is_surveyed(opened):
    app = opened(view=LARGER)
    M = np.array([[5, 1, 0, 0], [0, -3, 1, 0.5], [1, 0, 1, 1], [0, 0.5, -1, 2]])
    np.testing.assert_allclose(np.sort_complex(large(app).eigenvalues), np.sort_complex(np.linalg.eigvals(M)))
    assert says(app, "larger").startswith("Your 4 × 4 matrix: 4 eigenvalues,")
    assert "check: sum 5, trace 5, equal to 1e-9" in text(app)
    app = type_text(app, "typed", "2 1 0; 1 2 1; 0 1 2")
    assert says(app, "larger").startswith("Your 3 × 3 matrix: 3 eigenvalues, all of them real.")
    np.testing.assert_allclose(large(app).reference_value, 2 + np.sqrt(2))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1 2; 3 x", "row 2, entry 2, “x”, is not a number"),
        ("1 2; 3", "row 2 has 1 number and row 1 has 2"),
        ("1 2 3; 4 5 6", "2 rows of 3 numbers are not square"),
        ("nan 1; 1 1", "row 1, entry 1, “nan”, is not a number"),
        ("1e999 1; 1 1", "is too large"),
        ("*a* $b$", "row 1, entry 1, “*a*”, is not a number"),
        (";", "there is no number"),
    ],
)
def test_typed_nonsense_gets_a_sentence_and_the_last_matrix_stays(opened, line, words):
    app = type_text(opened(view=LARGER), "typed", "2 1; 1 2")
    before = figure(app, "larger").tables["marks"]
    app.text_input(key="eigen_typed").set_value(line).run()
    assert not app.exception
    assert words in frame(app).problem
    assert sum(words in m.value.replace("\\", "") for m in app.markdown) >= 1
    assert figure(app, "larger").tables["marks"].equals(before)
    assert says(app, "larger").startswith("Your 2 × 2 matrix")
    app = type_text(app, "typed", "3 0; 0 1")
    assert frame(app).problem == ""
    np.testing.assert_allclose(large(app).value, 3)


@pytest.mark.soak
def test_odd_typed_matrices_are_surveyed(opened):
    app = opened(view=LARGER)
    small, large_ = "1e-150 0; 0 1e-150", "1e150 1e150; 1e150 1e150"
    for line in ("7", "0", "0 0; 0 0", "0 1; 0 0", "0 -1; 1 0", "1 0; 0 -1", "1e150 0; 0 1", small, large_):
        app = type_text(app, "typed", line)
        assert frame(app).problem == "", line
        n = line.count(";") + 1
        assert says(app, "larger").startswith(f"Your {n} × {n} matrix: {n} eigenvalue"), line
        assert "they differ by" not in text(app), line
        M = np.array([row.split() for row in line.split(";")], float)
        largest = np.abs(M).max() or 1.0
        expected = np.linalg.eigvals(M / largest)
        found = large(app).eigenvalues / largest
        np.testing.assert_allclose(np.sort(np.abs(found)), np.sort(np.abs(expected)), atol=1e-9, err_msg=line)


@pytest.mark.parametrize("symmetric", ["true", "false"])
@pytest.mark.parametrize("n", [2, 30, 200])
def test_random_matrices_up_to_200_rows_are_surveyed(opened, n, symmetric):
    app = opened(view=LARGER, large="Random", rows=n, seed=3, symmetric=symmetric)
    M = iteration.random_matrix(n, 3, symmetric == "true")
    found = large(app).eigenvalues
    np.testing.assert_allclose(np.sort(np.abs(found)), np.sort(np.abs(np.linalg.eigvals(M))), rtol=1e-6, atol=1e-9)
    assert says(app, "larger").startswith(f"{n} × {n} random numbers: {n} eigenvalues,")
    assert ("all of them real" in says(app, "larger")) or symmetric == "false"
    assert len(rows(app, "point", "marks", "larger")) == n
    window = figure(app, "larger").window[1]
    assert np.abs(found).max() <= window
    assert "**NumPy**" in text(app)
    assert "they differ by" not in text(app)


def test_every_eigenvalue_lies_in_a_disc_that_is_drawn(opened):
    app = opened(view=LARGER)
    discs = [line for _, line in lines(app, "thin", "larger")]
    centres = np.array([(d.max(axis=0) + d.min(axis=0)) / 2 for d in discs])
    radii = np.array([np.ptp(d[:, 0]) / 2 for d in discs])
    for value in large(app).eigenvalues:
        assert (np.hypot(centres[:, 0] - value.real, centres[:, 1] - value.imag) <= radii * 1.01).any()


def test_the_correlations_of_the_wines_are_surveyed(opened):
    app = opened(view=LARGER, large="Table")
    assert says(app, "larger").startswith("Wine correlations: 13 eigenvalues, all of them real.")
    expected = np.linalg.eigvalsh(np.corrcoef(tables.one_table().X.T))
    np.testing.assert_allclose(np.sort(large(app).eigenvalues.real), expected, atol=1e-12)
    assert large(app).apart < 1e-6


def yours(opened, data):
    app = opened(view=LARGER, large="Table", table="Yours")
    return fine(app.file_uploader(key="eigen_table_file").set_value(("mine.csv", data, "text/csv")).run())


def test_a_table_that_is_not_square_gets_a_sentence(opened):
    app = yours(opened, b"a,b\n1,2\n3,4\n5,6\n")
    assert "mine.csv has 3 rows and 2 columns of numbers; a square of at most 200 × 200 is needed." in text(app).replace(
        "\\", ""
    )
    assert "mml_figure_eigen_main" in frame(app).figures


def test_a_square_table_of_ones_own_is_surveyed_and_a_broken_one_leaves_it(opened):
    app = yours(opened, b"a,b\n2,1\n1,2\n")
    assert says(app, "larger").startswith("mine.csv: 2 eigenvalues, all of them real.")
    np.testing.assert_allclose(large(app).value, 3)
    app.file_uploader(key="eigen_table_file").set_value(("broken.csv", b"\x00\x01", "text/csv")).run()
    assert not app.exception
    assert frame(app).problem.endswith("The table before it stays.")
    assert says(app, "larger").startswith("mine.csv: 2 eigenvalues")


def test_a_table_that_is_too_large_gets_a_sentence(opened):
    data = (",".join(f"c{j}" for j in range(201)) + "\n" + "\n".join([",".join(["1"] * 201)] * 201)).encode()
    assert "mine.csv has 201 rows and 201 columns of numbers" in text(yours(opened, data)).replace("\\", "")


# Hard numbers

HARD = (NUMBERS, POLYNOMIAL, POWER, SUM)
TINY = (1e-3, 1e-4, 1e-8, 1e-12, 1e-14, 1e-15, 1e-16, 1e-100, 1e-300, -1e-8, -1e-16)


def in_every_hard_view(app):
    """Go through the views, each of which must hold what it says."""
    for view in HARD:
        app = turn_to(app, view)
        differing = [m.value for m in app.markdown if "they differ" in m.value]
        assert not differing, (view, differing)
    return app


@pytest.mark.parametrize("epsilon", some(TINY, 3))
def test_a_nearly_defective_matrix_stays_readable(opened, epsilon):
    app = in_every_hard_view(opened([[1, 1], [epsilon, 1]], step=7))
    kind = result(app, eigen.spectrum).kind
    assert kind in (("two real", "defective") if epsilon > 0 else ("complex pair", "defective"))
    assert not CRUMB.search(says(app)), says(app)


SMALL = ([[1e-8, 1], [0, 1e-8]], [[1e-8, 0], [0, -1e-8]], [[1e-8, 1e-8], [1e-8, 1e-8]], [[18, 1e-8], [1e-8, 18]])
ENDS = ([[18, 18], [18, 18]], [[-18, 18], [-18, 18]], [[18, -18], [18, 18]], [[18, 18], [-18, -18]], [[18, 0], [0, -18]])


@pytest.mark.parametrize(("A", "x"), some(zip([*SMALL, *ENDS], [(9, 9), (-9, 0.0001), (0.0001, 0)] * 3, strict=True), 3))
def test_small_entries_and_the_ends_of_their_ranges_do_no_harm(opened, A, x):
    app = opened(A, x, step=30)
    np.testing.assert_allclose(matrix(app), A, rtol=1e-15)
    for shown in ("Circle", "Columns"):
        app = choose(app, "show", shown)
    in_every_hard_view(app)


@pytest.mark.parametrize("ends", some([(9, 9, 9, 2), (-9, 9, 9, -2), (9, -9, -9, 2), (0, 0, 0, 2), (0, 0, 0, 0)], 2))
def test_the_family_at_its_ends_does_no_harm(opened, ends):
    app = in_every_hard_view(opened(by="Slider s", step=30, **dict(zip(FAMILY, ends, strict=True))))
    a, b, d, s = ends
    np.testing.assert_allclose(matrix(app), [[a, b + s], [b - s, d]])


# Moving


@pytest.mark.parametrize("x", [at(44), (0.0, 0.0)])
@pytest.mark.parametrize("view", VIEWS)
def test_a_drag_shows_what_its_end_shows(opened, hold, x, view):
    app = fine(hold(opened(view=view), "eigen", {"eigen_x1": float(x[0]), "eigen_x2": float(x[1])}))
    assert frame(app).says == frame(opened(x=x, view=view)).says


def test_the_formula_shows_lambda_only_on_an_eigenvector(opened):
    on, off = (next(m.value for m in opened(x=x).latex if m.value.strip("$\n ").startswith("A x")) for x in (at(45), at(20)))
    assert on.count("pmatrix") == off.count("pmatrix") == 6
    assert r"} = 2 \textcolor" in on
    assert r"} = 2 \textcolor" not in off
