"""A list of points on a picture grows and shrinks under the hand, and the link goes with it."""

from __future__ import annotations

import numpy as np
import pytest

POINTS = "transforms_points"
FOUR = "2,2;-2,2;-2,-2;2,-2"
GRIPS = '.mml-grip[data-grip^="points"]'


def at_points(open, points=FOUR, **more):
    """Open the picture of points under the identity."""
    return open(f"/transforms?transforms_show=Points&transforms_turn=0&{POINTS}={points}", **more)


def pixel(screen, x, y):
    """Return the pixel of a place on the plane."""
    box = screen.page.locator("svg.marks .background").first.evaluate("(e) => e.getBoundingClientRect().toJSON()")
    return box["x"] + (x + 3) / 6 * box["width"], box["y"] + (3 - y) / 6 * box["height"]


def tap(screen, x, y):
    """Click on the plane."""
    screen.page.mouse.click(*pixel(screen, x, y))


def listed(screen):
    """Return the list of points in the link."""
    return np.array([[float(n) for n in point.split(",")] for point in screen.query[POINTS].split(";")])


def until_listed(screen, n):
    """Wait until the link has so many points and the picture stands still, and return them."""
    screen.until(f"(n) => (mmlTest.query('{POINTS}') ?? '').split(';').length === n", n)
    screen.settle()
    assert screen.page.locator(GRIPS).count() == len(screen.tell("points()")) == n
    return listed(screen)


def commits(screen):
    """Return how often the list was written into its control."""
    return sum(POINTS in (report["commit"] or {}) for report in screen.tell("reports"))


def remove(screen):
    """Return the toggle under which a tap on a grip removes its point."""
    return screen.page.locator(".mml-remove").first


# A point comes.


def test_tap_adds_a_point_at_the_end_and_the_link_shows_it_again(open):
    screen = at_points(open)
    tap(screen, 0.5, -1.5)
    points = until_listed(screen, 5)
    np.testing.assert_array_equal(points[:4], [[2, 2], [-2, 2], [-2, -2], [2, -2]])
    np.testing.assert_allclose(points[4], [0.5, -1.5], atol=0.02)
    np.testing.assert_array_equal(points, points.round(2))
    assert screen.grip("points4").get_attribute("aria-valuetext").startswith("point 5 at")
    assert commits(screen) == 1
    seen, said, url = screen.tell("points()"), screen.sentence(), screen.page.url
    screen.page.reload()
    screen.ready()
    assert screen.page.url == url
    assert (screen.tell("points()"), screen.sentence()) == (seen, said)
    np.testing.assert_array_equal(until_listed(screen, 5), points)


def test_tap_under_a_map_adds_the_point_that_lands_there(open):
    screen = open(f"/transforms?transforms_show=Points&transforms_turn=90&transforms_b1=0.5&{POINTS}={FOUR}")
    tap(screen, -1.5, 0.5)
    np.testing.assert_allclose(until_listed(screen, 5)[4], [0.5, 2], atol=0.02)  # (-1.5, 0.5) - b = (-2, 0.5), turned back
    assert [float(n) for n in screen.query["transforms_b1"].split()] == [0.5]


def test_snap_brings_an_added_point_to_the_grid(open):
    screen = at_points(open)
    screen.page.locator(".mml-snap").first.click()
    tap(screen, 0.57, -1.44)
    np.testing.assert_array_equal(until_listed(screen, 5)[4], [0.5, -1.5])


def test_neither_a_drag_nor_a_press_on_a_grip_or_button_adds_a_point(open):
    screen = at_points(open)
    x, y = pixel(screen, 0.5, -1.5)
    for to in ((60, 20), (9, 0)):
        screen.page.mouse.move(x, y)
        screen.page.mouse.down()
        screen.page.mouse.move(x + to[0], y + to[1], steps=5)
        screen.page.mouse.up()
    tap(screen, 2, 2)
    tap(screen, 1, 0)  # the tip of e1
    screen.page.locator(".mml-snap").first.click()
    tap(screen, 3.4, 0)  # beside the plot
    screen.settle()
    assert commits(screen) == 0
    assert screen.page.locator(GRIPS).count() == 4


def test_no_point_is_added_to_sixty(open):
    grid = [f"{x:g},{y:g}" for x in np.linspace(-2.9, 2.9, 10) for y in np.linspace(0.6, 2.8, 6)]
    screen = at_points(open, ";".join(grid[:59]))
    tap(screen, 0.5, -1.5)
    assert len(until_listed(screen, 60)) == 60
    tap(screen, -1.5, -1.5)
    screen.page.wait_for_timeout(300)
    assert len(until_listed(screen, 60)) == 60
    assert commits(screen) == 1


def test_taps_and_keys_faster_than_the_line_lose_nothing(open, distant):
    screen = at_points(open, port=distant)
    places = [(0.5, -1.5), (-0.5, -1.5), (1.5, -1), (-1.5, -1)]
    for place in places:
        tap(screen, *place)
    np.testing.assert_allclose(until_listed(screen, 8)[4:], places, atol=0.02)
    screen.grip("points5").focus()
    for _ in range(2):
        screen.page.keyboard.press("Delete")
    np.testing.assert_allclose(until_listed(screen, 6)[4:], [places[0], places[3]], atol=0.02)


# Before each tap comes an answer of the server from before all that was done.
TAPS = """([grips, ...places]) => places.map(([clientX, clientY]) => {
  window.mmlAnswer(window.late);
  for (const name of ['pointerdown', 'click']) {
    mmlTest.svg().dispatchEvent(new PointerEvent(name, { clientX, clientY, bubbles: true }));
  }
  return document.querySelectorAll(grips).length;
})"""


def test_late_answer_takes_nothing_back(open):
    screen = at_points(open)
    screen.page.evaluate("window.late = window.mmlComponent; null")
    screen.drag(screen.grip("points0"), (-60, 0), moves=3)
    screen.page.mouse.up()
    assert screen.page.evaluate(TAPS, [GRIPS, pixel(screen, 0.5, -1.5), pixel(screen, -0.5, -1.5)]) == [5, 6]
    points = until_listed(screen, 6)
    assert points[0, 0] < 1.6, "the point that was dragged stays where it was let go"
    np.testing.assert_allclose(points[4:], [[0.5, -1.5], [-0.5, -1.5]], atol=0.02)


# A point goes.


def test_keys_remove_the_point_in_focus_until_three_are_left(open):
    screen = at_points(open, f"{FOUR};0.5,-1.5;-0.5,-1.5")
    label = screen.grip("points1").get_attribute("aria-label")
    assert label == "point 2: drag, move with the arrow keys, Delete removes it"
    assert screen.grip("e1").get_attribute("aria-label") == "e₁: drag, or move with the arrow keys"
    screen.grip("points1").focus()
    screen.page.keyboard.press("Delete")
    np.testing.assert_array_equal(until_listed(screen, 5), [[2, 2], [-2, -2], [2, -2], [0.5, -1.5], [-0.5, -1.5]])
    assert screen.tell("focus()") == "grip points1"
    assert screen.grip("points1").get_attribute("aria-valuetext") == "point 2 at -2, -2", "the next point"
    screen.grip("points4").focus()
    screen.page.keyboard.press("Backspace")
    np.testing.assert_array_equal(until_listed(screen, 4), [[2, 2], [-2, -2], [2, -2], [0.5, -1.5]])
    assert screen.tell("focus()") == "grip points3", "the last one's neighbour"
    screen.page.keyboard.press("ArrowUp")
    screen.page.keyboard.press("Delete")  # while the move by the key before is still held
    np.testing.assert_array_equal(until_listed(screen, 3), [[2, 2], [-2, -2], [2, -2]])
    assert commits(screen) == 3
    for key in ("Delete", "Backspace"):
        screen.page.keyboard.press(key)
    screen.page.wait_for_timeout(300)
    np.testing.assert_array_equal(until_listed(screen, 3), [[2, 2], [-2, -2], [2, -2]])
    assert screen.tell("focus()") == "grip points2"
    screen.grip("e1").focus()
    screen.page.keyboard.press("Delete")
    screen.settle()
    assert screen.grip("e1").count() == 1
    assert commits(screen) == 3


def test_toggle_makes_a_tap_remove_while_a_drag_still_moves(open):
    screen = at_points(open, f"{FOUR};0.5,-1.5")
    assert "adds a point" in remove(screen).get_attribute("title")
    tap(screen, 2, 2)
    screen.settle()
    assert commits(screen) == 0, "a tap on a grip alone does nothing"
    remove(screen).click()
    assert remove(screen).get_attribute("aria-pressed") == "true"
    screen.drag(screen.grip("points0"), (-60, 0), moves=10)
    screen.page.mouse.up()
    points = until_listed(screen, 5)
    assert points[0, 0] < 1.6
    np.testing.assert_array_equal(points[1:], [[-2, 2], [-2, -2], [2, -2], [0.5, -1.5]])
    tap(screen, 0.5, -1.5)  # the last one: its grip goes, and the click that ends the tap adds none
    np.testing.assert_array_equal(until_listed(screen, 4)[1:], [[-2, 2], [-2, -2], [2, -2]])
    tap(screen, -2, 2)
    np.testing.assert_array_equal(until_listed(screen, 3)[1:], [[-2, -2], [2, -2]])
    tap(screen, -2, -2)
    tap(screen, 1, 0)
    screen.settle()
    assert commits(screen) == 3
    assert screen.grip("e1").count() == 1
    remove(screen).click()
    assert remove(screen).get_attribute("aria-pressed") == "false"


def test_finger_adds_and_removes_and_a_swipe_does_neither(open):
    screen = at_points(open, width=390, height=844, touch=True)
    cdp = screen.page.context.new_cdp_session(screen.page)

    def touch(place, *moves):
        x, y = pixel(screen, *place)
        for kind, by in [("touchStart", (0, 0)), *(("touchMove", move) for move in moves)]:
            cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x + by[0], "y": y + by[1]}]})
            screen.page.wait_for_timeout(30)
        cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    screen.page.touchscreen.tap(*pixel(screen, 0.5, -1.5))
    np.testing.assert_allclose(until_listed(screen, 5)[4], [0.5, -1.5], atol=0.03)
    remove(screen).tap()
    touch((-2, 2), (2, 1), (3, -2))  # a finger is never quite still
    points = until_listed(screen, 4)
    np.testing.assert_array_equal(points[:3], [[2, 2], [-2, -2], [2, -2]])
    touch((-0.5, -1.2), (0, -20), (0, -60))
    screen.settle()
    assert commits(screen) == 2


def test_the_toggle_is_there_only_where_a_list_grows(open):
    screen = at_points(open)
    assert remove(screen).is_visible()
    snap, box = screen.page.locator(".mml-snap").first.bounding_box(), remove(screen).bounding_box()
    assert 0 < box["x"] - snap["x"] - snap["width"] < 10
    assert box["y"] == pytest.approx(snap["y"])
    screen.control("transforms_show").get_by_text("Photo").click()
    screen.until("() => mmlTest.query('transforms_show') !== 'Points'")
    screen.settle()
    assert screen.page.locator(".mml-snap").first.is_visible()
    assert not remove(screen).is_visible()
    tap(screen, 0.5, -1.5)
    screen.settle()
    assert commits(screen) == 0


# Other pictures


def test_a_click_still_brings_the_start_to_a_map_and_a_drag_over_it_does_not(open):
    screen = open("/descent")
    box = screen.page.locator("svg.marks").first.bounding_box()
    x, y = box["x"] + 0.75 * box["width"], box["y"] + 0.8 * box["height"]
    screen.page.mouse.move(x + 40, y + 40)
    screen.page.mouse.down()
    screen.page.mouse.move(x, y, steps=5)
    screen.page.mouse.up()
    screen.settle()
    assert not {"descent_start1", "descent_start2"} & set(screen.query)
    screen.page.mouse.click(x, y)
    screen.until_names("descent_start1", "descent_start2")


def test_a_list_that_does_not_grow_is_dragged_and_keeps_its_length(open):
    screen = open("/descent?descent_f=A+line+through+data&descent_view=Data+and+line&descent_data=-2,-1;0,0;2,1.5")
    grip = screen.grip("data2")
    grip.wait_for()
    assert grip.get_attribute("aria-label") == "point 3: drag, or move with the arrow keys"
    assert not screen.page.locator(".mml-remove:visible").count()
    plot = screen.page.locator(".st-key-mml_figure_descent_data svg.marks .background").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    screen.page.mouse.click(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    grip.focus()
    screen.page.keyboard.press("Delete")
    screen.drag(grip, (0, 20), moves=5)
    screen.page.mouse.up()
    screen.until("() => mmlTest.query('descent_data') !== '-2,-1;0,0;2,1.5'")
    screen.settle()
    points = screen.query["descent_data"].split(";")
    assert points[:2] == ["-2,-1", "0,0"]
    assert float(points[2].split(",")[1]) < 1.5
    assert len(points) == 3
