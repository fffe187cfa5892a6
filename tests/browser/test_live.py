"""Everything moves while it is held, nothing blinks, nothing floods the line, and the link says what is seen."""

from __future__ import annotations

import base64
import io
import itertools
import re

import numpy as np
import pytest
from PIL import Image

TURN, T, DONE = "transforms_turn", "transforms_t", "transforms_done"
ENTRIES = ("transforms_A11", "transforms_A12", "transforms_A21", "transforms_A22")
PLAY, PAUSE = re.compile("^Play"), re.compile("^Pause")
AT_MOST = 3  # reports on their way at once


def parts(query):
    """Return a query without what only says which drawer is open."""
    return {name: value for name, value in query.items() if not name.endswith(("_view", "_home", "_code"))}


# While it is held.


def test_chart_follows_a_slider_before_its_release_and_the_link_after(open):
    screen = open()
    before = screen.query
    screen.tell("watch()")
    screen.drag(screen.thumb(TURN), (60, 0), moves=40)
    screen.until("() => mmlTest.states.size >= 6")
    states = screen.tell("unwatch()")
    assert states >= 5, f"{states} charts were seen while the slider was held"
    shown = screen.thumb_text(TURN)
    assert parts(screen.query) == parts(before), "the link waits for the release"
    screen.page.mouse.up()
    assert f"{float(screen.until_names(TURN)[TURN]):.0f}°" == shown
    screen.settle()
    assert screen.thumb_text(TURN) == shown


def test_nothing_jumps_back_after_the_release(open):
    screen = open()
    screen.drag(screen.thumb(TURN), (55, 0))
    screen.until_answered()
    shown, held = screen.thumb_text(TURN), screen.page.evaluate("mmlTest.svg().getAttribute('aria-label')")
    screen.tell("followLabel()")
    screen.tell(f"follow('{TURN}')")
    screen.page.wait_for_timeout(100)
    screen.page.mouse.up()
    screen.page.wait_for_timeout(1000)
    screen.settle()
    seen = screen.tell("unfollow()")
    assert len(seen) > 5
    assert {text for text, _ in seen} == {shown}
    places = [place for _, place in seen]
    assert max(places) - min(places) < 0.01, f"the thumb moved between {min(places)} % and {max(places)} %"
    assert set(screen.page.evaluate("[...mmlTest.labels]")) <= {held}, "the picture stayed, too"


def test_tip_moves_the_entries_and_the_dials_while_it_is_held(open):
    screen = open()
    turn, entries = screen.thumb_text(TURN), [screen.number(key) for key in ENTRIES]
    screen.drag(screen.grip("e1"), (60, -70))
    screen.until_answered()
    told = screen.grip("e1").get_attribute("aria-valuetext")
    x, y = (float(n) for n in re.findall(r"-?\d+\.?\d*", told.split(" at ")[1]))
    assert [x, y] != [entries[0], entries[2]]
    assert (screen.number(ENTRIES[0]), screen.number(ENTRIES[2])) == (x, y), "the numbers show the place of the tip"
    assert (screen.number(ENTRIES[1]), screen.number(ENTRIES[3])) == (entries[1], entries[3])
    assert screen.thumb_text(TURN) != turn, "the dial turns with the tip"
    assert screen.thumb_text(TURN) == f"{np.degrees(np.arctan2(y, x)):.0f}°"
    screen.page.mouse.up()
    screen.until_query(transforms_by="Entries")
    query = screen.until_names(*ENTRIES)
    # A number shows two decimals; the link carries four, so that the column that was not dragged stays where it is.
    assert [float(query[key]) for key in ENTRIES] == pytest.approx([x, entries[1], y, entries[3]], abs=0.0051)
    screen.settle()
    assert [screen.number(key) for key in ENTRIES] == [x, entries[1], y, entries[3]]


def test_tip_on_the_second_level_moves_too_and_snap_rounds_it_to_the_grid(open):
    screen = open("/transforms?transforms_view=A+x%2C+spelt+out")
    grip = screen.page.locator('.mml-grip[data-grip="x"]')
    grip.wait_for()
    screen.page.locator(".mml-snap").nth(1).click()
    screen.drag(grip, (37, -23))
    screen.page.mouse.up()
    query = screen.until_names("transforms_x1", "transforms_x2")
    screen.settle()
    found = [screen.number("transforms_x1"), screen.number("transforms_x2")]
    assert found == [float(query["transforms_x1"]), float(query["transforms_x2"])]
    assert [value % 0.25 for value in found] == [0, 0]


def test_held_runs_send_little_and_never_flood_the_line(open):
    screen = open()
    screen.drag(screen.grip("e1"), (10, -10), moves=5)  # the hold has begun
    screen.until_answered()
    frames, answers = len(screen.frames), len(screen.tell("answers"))
    box = screen.grip("e1").bounding_box()
    x, y = box["x"] + 22, box["y"] + 22
    for i in range(30):
        screen.page.mouse.move(x - i, y + i)
        screen.page.wait_for_timeout(40)
    screen.until_answered()
    came, answered = screen.frames[frames:], len(screen.tell("answers")) - answers
    screen.page.mouse.up()
    screen.settle()
    assert answered >= 3
    assert 1 <= screen.most_in_flight() <= AT_MOST
    assert screen.tell("most") <= AT_MOST + 1  # the report that ends a hold does not wait
    assert len(came) / answered < 20, f"{len(came)} frames for {answered} answers"
    assert sum(came) / answered < 60_000, f"{sum(came)} bytes for {answered} answers"


# Nothing blinks.


def blinks(frames, box, threshold=12.0):
    """Return the screen frames that differ from both their neighbours while these agree (mean grey levels in the box)."""
    grey = []
    for frame in frames:
        image = Image.open(io.BytesIO(base64.b64decode(frame))).convert("L")
        crop = image.crop((box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]))
        grey.append(np.asarray(crop.resize((64, 64)), float))

    def gap(a, b):
        return float(np.abs(a - b).mean())

    return [
        i + 1
        for i, (a, b, c) in enumerate(zip(grey, grey[1:], grey[2:], strict=False))
        if gap(b, a) > threshold and gap(b, c) > threshold and gap(a, c) < threshold / 2
    ]


def filmed(screen, act):
    """Return the screen frames while `act` is done."""
    frames, cdp = [], screen.page.context.new_cdp_session(screen.page)

    def keep(event):
        frames.append(event["data"])
        cdp.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    cdp.on("Page.screencastFrame", keep)
    cdp.send("Page.startScreencast", {"format": "png", "everyNthFrame": 1})
    act()
    screen.page.wait_for_timeout(400)
    cdp.send("Page.stopScreencast")
    return frames


def turned_slowly(screen):
    """Turn the photo by a slider, hold, and let it go."""
    screen.drag(screen.thumb(TURN), (40, 0), moves=40)
    screen.page.mouse.up()
    screen.settle()


@pytest.mark.soak  # three quarters of a minute of looking
def test_no_screen_frame_blinks_while_the_photo_is_dragged(open):
    screen = open()
    box = screen.page.locator("svg.marks").bounding_box()

    def act():
        turned_slowly(screen)
        screen.drag(screen.grip("e1"), (25, -25), moves=30)
        screen.page.mouse.up()
        screen.settle()

    frames = filmed(screen, act)
    assert len(frames) > 10
    assert blinks(frames, box) == []

    # The rule does see the blink that the buffer hides.
    screen.page.add_style_tag(content=".mml-buffered svg image { opacity: 1 !important } .mml-back { display: none }")
    for _ in range(4):
        if blinks(filmed(screen, lambda: turned_slowly(screen)), box):
            return
    pytest.fail("without the buffer the photo blinks, and the rule did not see it")


# The link says what is seen.


def test_reload_shows_the_same(open):
    screen = open("/transforms?transforms_sx=1.4&transforms_show=Points")
    screen.drag(screen.grip("e2"), (-30, 40))
    screen.page.mouse.up()
    screen.until_query(transforms_by="Entries")
    screen.settle()
    seen, url, said = screen.state(), screen.page.url, screen.sentence()
    screen.page.reload()
    screen.ready()
    assert screen.page.url == url
    assert screen.sentence() == said
    assert screen.state() == seen


def test_link_shows_the_same_in_another_browser(open):
    screen = open()
    screen.drag(screen.thumb(TURN), (45, 0))
    screen.page.mouse.up()
    screen.until_names(TURN)
    screen.drag(screen.thumb("transforms_shear"), (20, 0))
    screen.page.mouse.up()
    screen.until_names("transforms_shear")
    screen.settle()
    other = open(screen.page.url.removeprefix(screen.base))
    assert other.sentence() == screen.sentence()
    drawn = other.tell("arrows()")
    assert drawn
    assert drawn == screen.tell("arrows()")


# Play.


def test_to_start_one_step_and_play_to_the_end(open):
    place = f"(want) => mmlTest.query('{T}') !== null && Number(mmlTest.query('{T}')) === want"
    screen = open("/transforms?transforms_t=0.5")
    screen.button(T, "One step").click()
    screen.until(place, 0.55)
    screen.settle()
    assert screen.thumb_text(T) == "0.55"
    screen.button(T, "To start").click()
    screen.until(place, 0)
    screen.settle()
    assert screen.thumb_text(T) == "0.00"
    screen.tell("watch()")
    screen.button(T, PLAY).click()
    screen.button(T, PAUSE).wait_for()
    screen.until_query(**{T: None})
    screen.settle()
    assert screen.tell("unwatch()") >= 6
    assert screen.thumb_text(T) == "1.00"
    screen.button(T, PLAY).wait_for()


def test_pause_leaves_the_place_in_the_link(open):
    screen = open()
    screen.tell("watch()")
    screen.button(T, PLAY).click()  # from the end, play begins at the start
    screen.until("() => mmlTest.states.size >= 3")
    screen.button(T, PAUSE).click()
    value = float(screen.until_names(T)[T])
    assert 0 < value < 1
    screen.settle()
    assert screen.thumb_text(T) == f"{value:.2f}"


def test_space_plays_when_nothing_has_the_focus_and_not_in_a_number(open):
    screen = open()
    number = screen.control(ENTRIES[0]).locator("input")
    number.focus()
    screen.page.keyboard.press("Space")
    screen.page.wait_for_timeout(300)
    assert screen.button(T, PAUSE).count() == 0
    number.blur()
    screen.settle()
    screen.tell("watch()")
    screen.page.keyboard.press("Space")
    screen.button(T, PAUSE).wait_for()
    screen.until("() => mmlTest.states.size >= 3")
    shown = f".st-key-{T} [data-testid=stSliderThumbValue]"
    screen.until(f"() => {{ const t = parseFloat(document.querySelector('{shown}').textContent); return t > 0 && t < 1; }}")
    screen.page.keyboard.press("Space")
    screen.button(T, PLAY).wait_for()
    assert 0 < float(screen.until_names(T)[T]) < 1


def test_one_control_plays_at_a_time(open):
    screen = open("/transforms?transforms_view=How+the+photo+is+turned&transforms_done=0")
    screen.button(T, PLAY).click()
    screen.button(T, PAUSE).wait_for()
    screen.button(DONE, PLAY).click()
    screen.button(DONE, PAUSE).wait_for()
    screen.button(T, PLAY).wait_for()
    screen.button(DONE, PAUSE).click()
    screen.settle()


# Without a mouse.


def test_keyboard_reaches_everything(open):
    screen = open()
    reached = set()
    wanted = {"transforms_show", "transforms_reset", "transforms_by", "transforms_preset", "tab", "snap", "grip e1", "grip e2"}
    wanted |= {f"transforms_{key}" for key in ("t", "turn", "shear", "sx", "sy", "A11", "A12", "A21", "A22")}
    wanted |= {f"play transforms_t {label}" for label in ("To start", "Play The way from I (0) to A (1)", "One step", "Speed")}
    for _ in range(120):
        screen.page.keyboard.press("Tab")
        reached.add(screen.tell("focus()"))
        if wanted <= reached:
            break
    assert wanted - reached == set()


def test_arrow_keys_move_a_slider_and_a_grip(open):
    screen = open()
    seen = screen.state()
    screen.control(TURN).locator('input[type="range"]').focus()
    screen.page.keyboard.press("ArrowLeft")
    assert float(screen.until_names(TURN)[TURN]) == 29
    screen.page.keyboard.press("ArrowRight")
    screen.until_query(**{TURN: None})
    screen.settle()
    assert screen.state() == seen
    grip = screen.grip("e1")
    assert grip.get_attribute("role") == "slider"
    assert grip.get_attribute("aria-valuetext") == "e₁ at 0.87, 0.5"
    grip.focus()
    for _ in range(3):
        screen.page.keyboard.press("ArrowUp")
    screen.page.keyboard.press("ArrowLeft")
    screen.until_query(transforms_by="Entries")
    query = screen.until_names(*ENTRIES)
    screen.settle()
    assert float(query[ENTRIES[2]]) == 0.65
    assert float(query[ENTRIES[0]]) == pytest.approx(0.82)
    assert grip.get_attribute("aria-valuetext") == "e₁ at 0.82, 0.65"
    assert screen.page.evaluate("document.activeElement.dataset.grip") == "e1", "the focus stays on the grip"


def test_finger_drags_a_grip_and_the_page_stays(open):
    screen = open(width=390, height=844, touch=True)
    cdp = screen.page.context.new_cdp_session(screen.page)
    scrolled = "[document.querySelector('[data-testid=\"stMain\"]').scrollTop, window.scrollY]"
    box = screen.grip("e1").bounding_box()
    x, y = box["x"] + 22, box["y"] + 22

    def touch(kind, *points):
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": px, "y": py} for px, py in points]})

    screen.tell("watch()")
    touch("touchStart", (x, y))
    for i in range(1, 21):
        touch("touchMove", (x - 2 * i, y - 4 * i))
        screen.page.wait_for_timeout(40)
    screen.until_answered()
    assert screen.tell("unwatch()") >= 3
    assert screen.page.evaluate(scrolled) == [0, 0]
    touch("touchEnd")
    screen.until_query(transforms_by="Entries")
    query = screen.until_names(*ENTRIES)
    assert float(query[ENTRIES[2]]) > 0.5
    assert screen.page.evaluate(scrolled) == [0, 0]
    # The same finger beside a grip scrolls the page.
    touch("touchStart", (200, 700))
    for i in range(1, 11):
        touch("touchMove", (200, 700 - 30 * i))
        screen.page.wait_for_timeout(30)
    touch("touchEnd")
    screen.until("() => document.querySelector('[data-testid=\"stMain\"]').scrollTop > 50")


# When something is lost.


def test_lost_window_ends_the_drag_of_a_grip_and_keeps_it(open):
    screen = open()
    screen.drag(screen.grip("e1"), (40, -40))
    screen.page.evaluate("window.dispatchEvent(new Event('blur'))")
    screen.until_query(transforms_by="Entries")
    query = screen.until_names(*ENTRIES)
    screen.settle()
    told = screen.grip("e1").get_attribute("aria-valuetext")
    screen.page.mouse.move(700, 100)
    screen.page.wait_for_timeout(200)
    assert screen.grip("e1").get_attribute("aria-valuetext") == told, "what is let go does not follow any more"
    screen.page.mouse.up()
    screen.settle()
    assert parts(screen.query) == parts(query)


def test_lost_window_during_the_drag_of_a_slider_loses_nothing(open):
    screen = open()
    screen.drag(screen.thumb(TURN), (40, 0))
    screen.page.evaluate("window.dispatchEvent(new Event('blur'))")
    screen.settle()
    shown = screen.thumb_text(TURN)
    angle = np.radians(float(shown.rstrip("°")))
    assert f"{np.cos(angle):.4g}".replace("-", "−") in screen.sentence(), "the picture shows what the thumb shows"
    screen.page.mouse.up()
    assert f"{float(screen.until_names(TURN)[TURN]):.0f}°" == shown


def test_without_the_live_component_sliders_answer_on_release(open):
    nothing = "Object.defineProperty(window, 'mmlAnswer', { get: () => () => {}, set() {} });"
    screen = open(live=False, script=nothing)
    seen = screen.state()
    screen.drag(screen.thumb(TURN), (40, 0), moves=10)
    screen.page.mouse.up()
    screen.until_names(TURN)
    screen.until("(before) => mmlTest.state() !== before", seen)
    assert screen.page.locator(".mml-grip").count() == 0


# The line.


def wiggled(screen, moves=60):
    """Drag a slider back and forth and return how many answers came while it was held."""
    before = len(screen.tell("answers"))
    x, y = screen.press(screen.thumb(TURN))
    for i, _ in zip(itertools.count(), range(moves), strict=False):
        screen.page.mouse.move(x + (i % 40) + 2, y)
        screen.page.wait_for_timeout(30)
    answers = len(screen.tell("answers")) - before
    screen.page.mouse.up()
    screen.settle()
    return answers


def test_distant_line_carries_several_reports_at_once_and_the_last_value_counts(open, distant):
    screen = open(port=distant)
    wiggled(screen, moves=30)  # the component learns how far away the server is
    assert wiggled(screen, moves=80) >= 5
    assert 2 <= screen.most_in_flight() <= AT_MOST
    assert screen.tell("most") <= AT_MOST + 1
    reports = len(screen.tell("reports"))
    screen.drag(screen.thumb(TURN), (60, 0), moves=80, pause=5)
    screen.page.mouse.up()
    shown = screen.thumb_text(TURN)
    screen.settle()
    assert screen.thumb_text(TURN) == shown
    screen.until("([key, shown]) => `${Math.round(Number(mmlTest.query(key)))}°` === shown", [TURN, shown])  # the link follows
    assert len(screen.tell("reports")) - reports < 80, "values that could not be reported in time are left out"
