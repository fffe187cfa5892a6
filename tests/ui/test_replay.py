"""Held runs: what is recorded, what is left out, and that a replay sends only what differs. (tests/browser has the rest.)"""

from types import SimpleNamespace

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some
from streamlit.delta_generator_singletons import context_dg_stack
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mml_ui import replay
from mml_ui.replay import Recording


def kept(path, *stretches):
    replay._now.kept = list(stretches)
    return replay._kept(path)


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ((0, 3), True),
        ((0, 4), True),
        ((0, 5), False),
        ((0, 2), False),
        ((0, 3, 0), True),
        ((0, 4, 7, 1), True),
        ((0, 5, 3), False),
        ((1, 3), False),
        ((0,), False),
        ((), False),
    ],
)
def test_a_place_is_left_out_with_everything_below_it(path, inside):
    assert kept(path, ((0, 3), 2)) is inside


def test_a_stretch_of_no_elements_keeps_nothing():
    assert not kept((0, 3), ((0, 3), 0))


@given(
    some.lists(some.integers(0, 4), min_size=1, max_size=4), some.lists(some.integers(0, 4), max_size=3), some.integers(1, 3)
)
def test_a_stretch_keeps_exactly_its_elements_and_their_children(start, below, steps):
    start = tuple(start)
    for i in range(-1, steps + 2):
        place = (*start[:-1], start[-1] + i, *below)
        assert kept(place, (start, steps)) == (0 <= i < steps)


def test_outside_a_held_run_unmoved_draws():
    assert not replay.held()
    assert replay.unmoved(lambda: 5) == 5


def test_a_story_runs_inside_streamlit_only():
    for run in (lambda: replay.first(lambda: None), lambda: replay.again(lambda: None, Recording({}, ()))):
        with pytest.raises(RuntimeError, match="inside Streamlit"):
            run()


# The script runs a story the ordinary way and then again, as the live component makes the page do, and keeps what is sent.


def _replayed(story, changed, seen):
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from mml_ui import frame as frames
    from mml_ui import replay

    frames.begin("sink", {})
    st.caption("above the story")
    recording = replay.first(story)
    seen.first = dict(recording.sent)
    seen.recording = recording
    context = get_script_run_ctx()

    @st.fragment
    def line():
        sent, send = [], context._enqueue
        context._enqueue = lambda message: (sent.append(message), send(message))
        try:
            changed()
            replay.again(story, recording)
        finally:
            context._enqueue = send
        seen.sent = sent

    line()


@pytest.fixture
def replayed():
    """Return what runs a story twice and tells what was sent the second time."""
    from streamlit.testing.v1 import AppTest

    def run(story, changed=lambda: None):
        seen = SimpleNamespace()
        app = AppTest.from_function(_replayed, default_timeout=30, args=(story, changed, seen)).run()
        assert not app.exception
        seen.app = app
        return seen

    return run


class Story:
    """A page of a slider that never moves, two sentences and a container, told by a value that a test changes."""

    def __init__(self, value=1):
        self.value, self.extra, self.drawn = value, False, 0

    def __call__(self):
        replay.unmoved(self.controls)
        st.markdown(f"The value is {self.value}")
        with st.container():
            st.markdown("This never changes")
            if self.extra:
                st.markdown("An extra line")
            replay.unmoved(lambda: st.caption("unmoved below"))
        st.latex(rf"x^{self.value % 2}")

    def controls(self):
        self.drawn += 1
        st.slider("Value", 0, 9, 1, key="value")
        st.caption("unmoved")


def places(seen):
    return [tuple(message.metadata.delta_path) for message in seen.sent]


def test_the_first_run_records_every_element_and_how_many_each_unmoved_stretch_has(replayed):
    seen = replayed(Story())
    assert set(seen.first) == {(0, 1), (0, 2), (0, 3), (0, 4), (0, 4, 0), (0, 4, 1), (0, 5)}
    assert all(seen.first.values())
    assert seen.recording.steps == {(0, 1): 2, (0, 4, 1): 1}


def test_a_run_in_which_nothing_moves_sends_nothing(replayed):
    assert places(replayed(Story())) == []


def test_only_what_differs_is_sent(replayed):
    story = Story()
    seen = replayed(story, lambda: setattr(story, "value", 3))
    assert places(seen) == [(0, 3)]
    assert "3" in seen.sent[0].delta.new_element.markdown.body
    assert seen.app.markdown[0].value == "The value is 3"


def test_what_cannot_move_is_not_drawn_again(replayed):
    story = Story()
    replayed(story, lambda: setattr(story, "value", 2))
    assert story.drawn == 1


def test_a_line_that_goes_is_emptied_and_nothing_else(replayed):
    story = Story()
    story.extra = True
    seen = replayed(story, lambda: setattr(story, "extra", False))
    gone = [m for m in seen.sent if m.delta.new_element.WhichOneof("type") == "empty"]
    # Without the extra line the caption moves one place up, where its stretch does not begin, so that it is drawn there.
    assert [tuple(m.metadata.delta_path) for m in gone] == [(0, 4, 2)]
    assert [c.value for c in seen.app.caption] == ["above the story", "unmoved", "unmoved below"]


def test_a_replay_leaves_streamlits_place_as_it_was(replayed):
    outcome = replayed(lambda: st.markdown("inside"), lambda: st.markdown("after"))
    assert [m.value for m in outcome.app.markdown] == ["inside", "after"]
    assert not replay.held()


def test_a_story_that_fails_when_replayed_leaves_nothing_switched(replayed):
    def fails():
        raise ZeroDivisionError

    def changed():
        before = get_script_run_ctx()._enqueue
        with pytest.raises(ZeroDivisionError):
            replay.again(fails, Recording({}, context_dg_stack.get()))
        assert get_script_run_ctx()._enqueue is before
        assert not replay.held()

    assert places(replayed(lambda: st.markdown("the same"), changed)) == []


def test_what_is_not_drawn_any_more_is_emptied(replayed):
    def story():
        if not replay.held():
            st.markdown("only at first")

    seen = replayed(story)
    assert places(seen) == [(0, 1)]
    assert seen.sent[0].delta.new_element.WhichOneof("type") == "empty"
    assert not seen.app.markdown


def test_what_was_in_a_place_that_was_emptied_is_gone_with_it(replayed):
    def story():
        place = st.empty()
        if not replay.held():  # a slow job that is done, and kept, by now
            with place.container():
                st.progress(0.5)
            place.empty()
        st.markdown("below")

    seen = replayed(story)
    assert set(seen.first) == {(0, 1), (0, 2)}
    assert places(seen) == []


def test_the_page_records_its_whole_story(open_page):
    app = open_page("transforms")
    assert not app.exception
    session = app.session_state["mml"]
    assert session.line["page"] == "transforms"
    assert session.line["holding"] is False
    assert set(session.line["figures"]) == set(session.frame.figures)
    assert session.line["ms"] > 0
