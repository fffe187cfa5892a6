"""What a hand finds on the pages Gradients and Descent: maps that are exact, walks that follow, mistakes pointed at."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from conftest import some
from PIL import Image

from mml_core import contours, expressions

OWN = "gradients_f=Your+function&gradients_own="
WINDOW = (-3.0, 3.0, -3.0, 3.0)


def plot(screen):
    """Return the box of the main chart, which its plot area fills. (A bounding box of Playwright's counts strokes in.)"""
    return screen.page.locator("svg.marks").first.evaluate("(e) => e.getBoundingClientRect().toJSON()")


def at(screen, x, y):
    """Return the pixel of a place on the map."""
    box = plot(screen)
    return box["x"] + (x - WINDOW[0]) / 6 * box["width"], box["y"] + (WINDOW[3] - y) / 6 * box["height"]


def place(screen, name):
    """Return where a grip says that it is."""
    return [float(n) for n in re.findall(r"[-−]?\d+\.?\d*", screen.grip(name).get_attribute("aria-valuetext"))]


def centre(screen, name):
    """Return the pixel of a grip's middle."""
    box = screen.grip(name).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def edges(screen, typed, row):
    """Return where contours cross a line of the map from left to right, y = `row`, in pixels of the screen."""
    box = plot(screen)
    shot = np.asarray(Image.open(io.BytesIO(screen.page.screenshot())).convert("L"), float)
    _, down = at(screen, 0, row)
    left, right = round(box["x"]), round(box["x"] + box["width"])
    line = shot[round(down) - 1 : round(down) + 2, left:right].mean(axis=0)
    inner = line[1:-1]
    dips = (inner < line[:-2]) & (inner <= line[2:]) & (np.minimum(line[:-2], line[2:]) - inner > 2)
    return left + 1 + np.flatnonzero(dips) + 0.5


@pytest.mark.parametrize("typed", some(["x", "x^2+y/2", "exp(-x^2/4)+y/9"], 1))
def test_the_contours_on_the_screen_lie_where_the_heights_pass_their_levels(open, typed):
    screen = open(f"/gradients?{OWN}{typed.replace('+', '%2B')}&gradients_p1=2.9&gradients_p2=2.9")
    surface = expressions.parse(typed)
    levels = contours.ground_of(surface, WINDOW).levels[1:-1]
    row = -1.6  # no grip, arrow or number lies on it
    x = np.linspace(-2.8, 2.8, 56_001)
    height = surface.value(x, np.full_like(x, row))
    passed = np.concatenate([x[:-1][np.diff(np.sign(height - level)) != 0] for level in levels])
    expected = np.array([at(screen, v, row)[0] for v in passed])
    found = edges(screen, typed, row)
    assert len(expected) >= 3
    for pixel in expected:
        assert np.abs(found - pixel).min() <= 1, (typed, pixel, found)


def test_the_picture_covers_the_map_and_the_grip_lies_on_its_point(open):
    screen = open("/gradients?gradients_p1=1.25&gradients_p2=-0.75")
    box, image = (
        plot(screen),
        screen.page.locator("svg.marks image").first.evaluate("(e) => e.getBoundingClientRect().toJSON()"),
    )
    for side in ("x", "y", "width", "height"):
        assert image[side] == pytest.approx(box[side], abs=0.5)
    assert centre(screen, "p") == pytest.approx(at(screen, 1.25, -0.75), abs=1)


def test_the_gradient_crosses_the_contour_at_a_right_angle_on_the_screen(open):
    screen = open(f"/gradients?{OWN}x%2B2*y&gradients_p1=0&gradients_p2=0")
    lines = [re.findall(r"[-\d.]+", d) for d in screen.tell("paths('paths')")]
    ways = [np.subtract(*np.array(d[:4], float).reshape(2, 2)) for d in lines if len(d) == 4]
    along = max(ways, key=lambda w: np.hypot(*w))  # the longest straight line is the contour's tangent
    assert abs(along @ [1, -2]) / np.hypot(*along) < 0.02, "the contour of x + 2y falls by 1 in 2, and down is positive here"
    assert min(abs(w @ along) / np.hypot(*w) / np.hypot(*along) for w in ways if np.hypot(*w) > 5) < 0.01


def test_a_dragged_point_takes_sentence_slices_and_link_along(open):
    screen = open("/gradients")
    before, slices = screen.sentence(), screen.page.locator("svg.marks").nth(1).inner_html()
    screen.drag(screen.grip("p"), (90, 60))
    screen.until_answered()
    held = screen.sentence()
    assert held != before
    assert screen.page.locator("svg.marks").nth(1).inner_html() != slices
    assert "gradients_p1" not in screen.query, "the link waits for the release"
    screen.page.mouse.up()
    screen.until_names("gradients_p1", "gradients_p2")
    screen.settle()
    x, y = place(screen, "p")
    assert (float(screen.query["gradients_p1"]), float(screen.query["gradients_p2"])) == pytest.approx((x, y), abs=0.006)
    said = screen.sentence()
    screen.page.reload()
    screen.ready()
    assert screen.sentence() == said


def test_the_direction_turns_about_its_point_by_hand_and_by_keys(open):
    screen = open("/gradients?gradients_p1=0&gradients_p2=0&gradients_turn=0")
    (px, py), (dx, dy) = centre(screen, "p"), centre(screen, "d")
    far = np.hypot(dx - px, dy - py)
    screen.press(screen.grip("d"))
    for angle in np.linspace(0, np.pi / 2, 12):  # the hand comes closer while it turns: the grip keeps its distance
        screen.page.mouse.move(px + (far - 20 * angle) * np.cos(angle), py - (far - 20 * angle) * np.sin(angle))
        screen.page.wait_for_timeout(30)
    screen.until_answered()
    screen.page.mouse.up()
    screen.until_names("gradients_turn")
    screen.settle()
    assert abs(float(screen.query["gradients_turn"]) - 90) <= 1
    x, y = centre(screen, "d")
    assert (x, y) == pytest.approx((px, py - far), abs=2.5)
    turn = float(screen.query["gradients_turn"])
    screen.grip("d").focus()
    screen.page.keyboard.press("ArrowLeft")
    screen.until_query(gradients_turn=f"{turn + 2:g}")


def test_a_typed_mistake_is_pointed_at_and_the_picture_stays(open):
    screen = open(f"/gradients?{OWN}x*y")
    picture = screen.tell("picture()")
    screen.page.get_by_role("button", name="Your function").click()
    line = screen.control("gradients_own").locator("input")
    line.fill("sin(x)*z")
    line.press("Enter")
    screen.until("() => mmlTest.says().includes('not known')")
    screen.settle()
    assert "sin(x)*z\n       ^" in screen.page.locator('[class*="st-key-mml_figure"] pre').first.inner_text()
    assert screen.tell("picture()") == picture
    line.fill("y*x^2")
    line.press("Enter")
    screen.until("() => mmlTest.says().startsWith('At ')")
    screen.settle()
    assert screen.tell("picture()") != picture


def test_a_click_on_the_map_puts_the_start_there_and_a_drag_moves_whole_paths(open):
    screen = open("/descent")
    x, y = at(screen, 1.5, -2)
    screen.page.mouse.click(x, y)
    screen.until_names("descent_start1", "descent_start2")
    screen.settle()
    assert place(screen, "start") == pytest.approx([1.5, -2], abs=0.02)
    assert centre(screen, "start") == pytest.approx((x, y), abs=1.5)
    paths = screen.tell("paths('paths')")
    screen.drag(screen.grip("start"), (-60, -40))
    screen.until_answered()
    assert screen.tell("paths('paths')") != paths
    screen.page.mouse.up()
    screen.settle()


def test_the_rate_dragged_past_the_cliff_says_so_while_it_is_held(open):
    screen = open("/descent?descent_by=Mine&descent_rate=-1.3&descent_on=Gradient+descent")
    strip = screen.page.locator('.st-key-mml_figure_descent_strip [data-testid="stMarkdown"]')
    assert "of the cliff" in strip.inner_text()
    paths = screen.tell("paths('paths')")
    screen.drag(screen.thumb("descent_rate"), (70, 0))
    screen.until_answered()
    screen.until("() => document.querySelector('.st-key-mml_figure_descent_strip').innerText.includes('Past the cliff')")
    assert screen.tell("paths('paths')") != paths
    screen.page.mouse.up()
    screen.settle()
    assert "Past the cliff" in strip.inner_text()
    assert float(screen.query["descent_rate"]) > -1


def test_a_rate_in_the_hand_is_ones_own(open):
    screen = open("/descent")
    assert "descent_by" not in screen.query
    screen.drag(screen.thumb("descent_rate"), (-60, 0))
    screen.page.mouse.up()
    screen.until_query(descent_by="Mine")
    screen.until_names("descent_rate")
    screen.settle()
    assert screen.thumb_text("descent_rate") == f"10^{float(screen.query['descent_rate']):.2f}"


def test_a_dragged_data_point_moves_the_bowl(open):
    screen = open("/descent?descent_f=A+line+through+data&descent_view=Data+and+line")
    picture = screen.tell("picture()")
    screen.drag(screen.grip("data8"), (0, 60))
    screen.until_answered()
    screen.until("(old) => mmlTest.picture() !== old", picture)
    screen.page.mouse.up()
    screen.until_names("descent_data")
    screen.settle()
    assert screen.tell("picture()") != picture
