"""One run of a page: what it holds, and that a visitor's session is one object of his own."""

import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mml_ui import frame as frames
from mml_ui.frame import Control, Frame, Session


def run(held=None, **options):
    return Frame("demo", 0.0, held or {}, Session(), **options)


def number(key="demo_x", default=5.0):
    return Control(key, "x", default, lambda v: v if isinstance(v, float) and math.isfinite(v) else None)


def test_short_names_carry_the_page_in_front():
    assert run().full("step") == "demo_step"


def test_a_control_is_declared_once():
    frame = run()
    frame.declare(number())
    with pytest.raises(RuntimeError, match="demo declares the control demo_x twice"):
        frame.declare(number())


@pytest.mark.parametrize(
    ("native", "held", "expected"),
    [
        (1.0, {}, 1.0),
        (1.0, {"demo_x": 2.0}, 2.0),
        (1.0, {"demo_x": "2"}, 1.0),
        (1.0, {"demo_y": 2.0}, 1.0),
        (None, {}, 5.0),
        ("x", {}, 5.0),
        (None, {"demo_x": 2.0}, 2.0),
        (math.nan, {"demo_x": math.nan}, 5.0),
    ],
)
def test_the_held_value_counts_then_the_widgets_then_the_default(native, held, expected):
    frame = run(held)
    assert frame.value(number(), native) == expected
    assert frame.values == {"demo_x": expected}


@given(st.floats() | st.none() | st.text(max_size=3), st.floats() | st.none() | st.text(max_size=3))
def test_whatever_comes_the_value_is_clean(native, held):
    value = run({"demo_x": held}).value(number(), native)
    assert isinstance(value, float)
    assert math.isfinite(value)


def test_a_fallback_takes_the_defaults_only():
    assert run({"demo_x": 2.0}, defaults_only=True).value(number(), 1.0) == 5.0


def test_a_new_run_starts_with_nothing_of_the_last_one(sink):
    seen = []

    def story():
        frame = frames.current()
        seen.append((dict(frame.controls), list(frame.calls), frame.problem, frame))
        frame.problem = "left behind"
        frame.controls["sink_x"] = number("sink_x")

    app = sink(story).run()
    assert not app.exception
    assert [s[:3] for s in seen] == [({}, [], "")] * 2
    assert seen[0][3] is not seen[1][3]
    assert seen[0][3].session is seen[1][3].session


def test_visitors_share_nothing(sink):
    sessions = [sink(lambda: None).session_state["mml"] for _ in range(2)]
    assert sessions[0] is not sessions[1]
    for name in ("good", "uploads", "small", "results"):
        assert getattr(sessions[0], name) is not getattr(sessions[1], name), name


def test_a_run_is_known_to_its_own_thread_only():
    found = []

    def ask():
        with pytest.raises(RuntimeError, match=r"page\.begin"):
            frames.current()
        found.append(True)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [True]
