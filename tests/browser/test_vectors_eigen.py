"""What a student's hand finds on the pages Vectors and Eigenvectors: the picture, the sentence and the formula go with it."""

from __future__ import annotations

import re

import numpy as np
import pytest

X1, X2, S = "eigen_x1", "eigen_x2", "eigen_s"
ON = "() => mmlTest.says().includes('lies on an eigenvector')"
OFF = "() => mmlTest.says().includes('The nearest is')"
RADIUS = {"x": 4.0, "v": 5.0}
NUMBER = r"[−-]?\d+(?:\.\d+)?"


def place(screen, name):
    """Return where a grip says that it is."""
    told = screen.grip(name).get_attribute("aria-valuetext").split(" at ")[1]
    return [float(n) for n in told.split(", ")]


class Hand:
    """A pointer that holds a grip and carries it to places in data units; let go with `page.mouse.up()`."""

    def __init__(self, screen, name):
        self.screen, self.at, self.pointer = screen, place(screen, name), screen.press(screen.grip(name))
        self.unit = screen.page.locator("svg.marks .background").first.bounding_box()["width"] / (2 * RADIUS[name])

    def to(self, x, y, *, moves=6, pause=30):
        """Move there in steps and wait until the server has answered the last one."""
        (left, top), mouse = self.pointer, self.screen.page.mouse
        across, down = self.unit * (x - self.at[0]), -self.unit * (y - self.at[1])
        for i in range(1, moves + 1):
            mouse.move(left + across * i / moves, top + down * i / moves)
            self.screen.page.wait_for_timeout(pause)
        self.at, self.pointer = (x, y), (left + across, top + down)
        self.screen.until_answered()


def spaces(screen):
    """Return the lines of the eigenspaces that are drawn in the main picture."""
    return screen.tell("paths('spaces')")


def number(text):
    """Read a number with a true minus."""
    return float(text.replace("−", "-"))


def formula(screen):
    """Return the formula with the current numbers, as it is written."""
    return screen.page.locator(".katex-display annotation").first.evaluate("(e) => e.textContent")


# Eigenvectors


def test_x_dragged_onto_an_eigenvector_says_so_and_its_line_lights_up_while_it_is_held(open):
    screen = open("/eigen")
    assert "no eigenvector" in screen.sentence()
    assert spaces(screen) == []
    hand = Hand(screen, "x")
    hand.to(1.5, 1.5)
    screen.until(ON)
    assert "λ = 2" in screen.sentence()
    assert "becomes 2 times as long" in screen.sentence()
    assert len(spaces(screen)) == 1
    assert X2 not in screen.query, "the link waits for the release"
    hand.to(1.5, 2.2)
    screen.until(OFF)
    assert "no eigenvector" in screen.sentence()
    assert spaces(screen) == []
    hand.to(1.8, 1.8)
    screen.until(ON)
    screen.page.mouse.up()
    screen.until_names(X2)
    screen.settle()
    said, drawn, line, url = screen.sentence(), screen.tell("arrows()"), spaces(screen), screen.page.url
    assert "x lies on an eigenvector, λ = 2" in said
    assert len(line) == 1
    screen.page.reload()
    screen.ready()
    assert screen.page.url == url
    assert (screen.sentence(), screen.tell("arrows()"), spaces(screen)) == (said, drawn, line)


def test_arrow_keys_carry_x_across_an_eigenvector_and_away_again(open):
    screen = open("/eigen?eigen_x2=1.3")
    grip = screen.grip("x")
    grip.focus()
    said = []

    def press(key):
        screen.page.keyboard.press(key)
        screen.page.wait_for_timeout(50)
        screen.until_answered()
        said.append(("lies on an eigenvector" in screen.sentence(), place(screen, "x")[1]))

    for _ in range(6):
        press("ArrowUp")
    assert [y for _, y in said] == pytest.approx([1.4, 1.5, 1.6, 1.7, 1.8, 1.9]), "each press is one step"
    assert [on for on, _ in said] == [abs(np.degrees(np.arctan2(y, 1.5)) - 45) <= 2 for _, y in said]
    said.clear()
    for _ in range(6):
        press("ArrowDown")
    assert [y for _, y in said] == pytest.approx([1.8, 1.7, 1.6, 1.5, 1.4, 1.3])
    assert [on for on, _ in said] == [abs(np.degrees(np.arctan2(y, 1.5)) - 45) <= 2 for _, y in said]
    screen.until_query(**{X2: "1.3"})
    # Pausing on the eigenvector, so that the keys' hold ends there and the link is written, holds nobody either.
    press("ArrowUp")
    press("ArrowUp")
    screen.until_query(**{X2: "1.5"})
    screen.settle()
    assert "lies on an eigenvector" in screen.sentence()
    for _ in range(3):
        press("ArrowUp")
    assert place(screen, "x") == pytest.approx([1.5, 1.8])
    assert "no eigenvector" in screen.sentence()


def test_playing_s_closes_the_eigenvectors_until_there_are_none(open):
    screen = open("/eigen")
    assert "two lines of eigenvectors" in screen.control("mml_controls").inner_text()
    screen.tell("followLabel()")
    screen.button(S, re.compile("^Play")).click()
    screen.button(S, re.compile("^Pause")).wait_for()
    screen.until_query(**{S: "2", "eigen_by": "Slider s"})
    screen.settle()
    screen.button(S, re.compile("^Play")).wait_for()
    labels = screen.page.evaluate("[...mmlTest.labels]")
    gone = ["No real direction keeps its line" in label for label in labels]
    assert not gone[0]
    assert gone[-1]
    assert gone == sorted(gone), "once they are gone they stay away"
    assert gone.count(False) >= 2
    assert "no eigenvector" in screen.sentence()
    assert "a complex pair: every real direction turns" in screen.control("mml_controls").inner_text()
    assert screen.number("eigen_A12") == 2.5
    assert not [name for name in screen.query if re.fullmatch(r"eigen_A\d\d", name)], "entries that only follow"
    # The moment in between, where the two lines are one.
    screen.go("/eigen?eigen_by=Slider+s&eigen_s=0.5")
    assert "only one line of eigenvectors: defective" in screen.control("mml_controls").inner_text()


def test_column_dragged_takes_the_matrix_from_slider_s(open):
    screen = open("/eigen?eigen_by=Slider+s&eigen_s=0.4&eigen_show=Columns")
    assert screen.thumb_text(S) == "0.40"
    screen.drag(screen.grip("e1"), (30, -40), moves=10)
    screen.until_answered()
    x, y = place(screen, "e1")
    assert [screen.number(f"eigen_A{i}") for i in ("11", "12", "21", "22")] == [x, 0.9, y, 1.5]
    assert float(screen.thumb_text(S)) == pytest.approx((0.9 - y) / 2, abs=0.0101), "the slider only shows it, in its steps"
    screen.page.mouse.up()
    screen.until_query(eigen_by=None, eigen_s=None)
    screen.settle()
    assert [screen.number(f"eigen_A{i}") for i in ("11", "12", "21", "22")] == [x, 0.9, y, 1.5]


# Vectors


def test_sentence_gauges_and_formula_follow_the_tip_of_v(open):
    screen = open("/vectors")
    gauges = screen.page.locator(".st-key-mml_figure_vectors_gauges svg.marks")
    before = gauges.inner_html(), screen.sentence(), formula(screen)
    assert "u·v = 5.5." in screen.sentence()
    hand, seen = Hand(screen, "v"), []
    for there in ((-1, 3), (-2.5, 1.5), (-2, -2.5)):
        hand.to(*there)
        x, y = place(screen, "v")
        assert [x, y] == pytest.approx(there, abs=0.06)
        product = 3 * x + y
        screen.until("(says) => mmlTest.says().includes(says)", f"u·v = {product:.4g}.".replace("-", "−"))
        assert [screen.number("vectors_v1"), screen.number("vectors_v2")] == [x, y]
        numbers = [number(n) for n in re.findall(NUMBER, formula(screen).split("=")[-1])]
        assert numbers[-1] == pytest.approx(product, abs=0.006)
        bound = np.sqrt(10) * np.hypot(x, y)
        told = gauges.get_attribute("aria-label")
        assert number(re.search(rf"= ({NUMBER})", told)[1]) == pytest.approx(bound, rel=1e-3)
        assert number(re.search(rf"is ({NUMBER}) %", told)[1]) == pytest.approx(100 * abs(product) / bound, abs=0.6)
        seen.append((gauges.inner_html(), screen.sentence(), formula(screen)))
    assert len({s for s, _, _ in [before, *seen]}) == 4, "the bars move too"
    assert screen.query == {}, "the link waits for the release"
    screen.page.mouse.up()
    query = screen.until_names("vectors_v1", "vectors_v2")
    assert [float(query["vectors_v1"]), float(query["vectors_v2"])] == pytest.approx([x, y])
    screen.settle()
    said, drawn, written = screen.sentence(), screen.tell("arrows()"), formula(screen)
    assert (said, written) == seen[-1][1:]
    screen.page.reload()
    screen.ready()
    assert (screen.sentence(), screen.tell("arrows()"), formula(screen)) == (said, drawn, written)


def test_tip_of_w_is_dragged_on_the_second_level_and_the_arrows_above_stay(open):
    screen = open("/vectors?vectors_view=A+third+vector+in+the+basis+u%2C+v")
    screen.grip("w").wait_for()
    above = screen.tell("arrows()")
    screen.drag(screen.grip("w"), (-40, 25), moves=10)
    screen.until_answered()
    x, y = place(screen, "w")
    assert [screen.number("vectors_w1"), screen.number("vectors_w2")] == [x, y]
    says = screen.page.locator('.st-key-mml_figure_vectors_basis [data-testid="stMarkdown"]')
    c = np.linalg.solve([[3, 1], [1, 2.5]], [x, y])
    assert number(re.search(rf"w = ({NUMBER}) u", says.inner_text())[1]) == pytest.approx(c[0], rel=1e-3)
    screen.page.mouse.up()
    screen.until_names("vectors_w1", "vectors_w2")
    screen.settle()
    assert screen.tell("arrows()") == above
