"""Held runs: while something is dragged or played, a page runs again and sends only what came out differently.

Streamlit sends every element again on each run, and the browser draws each of them anew: on a page of eighty elements that
is most of the cost of a move, on both sides. Here a move runs the same page code a second time as the content of one
fragment, writes to the same places as the first run did, and passes on only the messages that differ from what the browser
already has. What a move cannot change (`unmoved`: controls, presets, the way onward) is not even drawn again.

On release the whole page runs the ordinary way. This file and live/dom.js are where the app leans on Streamlit's insides.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeVar

from streamlit.delta_generator_singletons import context_dg_stack
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import RunLocation, ThreadState

Path = tuple[int, ...]
R = TypeVar("R")


@dataclass
class Recording:
    """What the browser has: where the story's elements begin, and the hash of the element at each place."""

    cursors: dict[int, Any]
    stack: tuple[Any, ...]
    sent: dict[Path, str] = field(default_factory=dict)
    steps: dict[Path, int] = field(default_factory=dict)

    def note(self, message: ForwardMsg) -> None:
        """Remember what was sent; an element in the place of a container takes away all that was in it."""
        path = tuple(message.metadata.delta_path)
        if not path:
            return
        if path in self.sent and message.delta.WhichOneof("type") == "new_element":
            for inner in [p for p in self.sent if len(p) > len(path) and p[: len(path)] == path]:
                del self.sent[inner]
        self.sent[path] = message.ref_hash or message.hash


class _Now(threading.local):
    """What this thread's run does: record, or run again, in which case it notes the stretches that it left out."""

    recording: Recording | None = None
    again: bool = False
    kept: list[tuple[Path, int]]


_now = _Now()


def held() -> bool:
    """Return whether this is a held run."""
    return _now.again


def unmoved(draw: Callable[[], R]) -> R | None:
    """Draw what no drag or play changes; in a held run its elements stay as they are, and None is returned."""
    cursor = context_dg_stack.get()[-1]._cursor
    if _now.recording is None or cursor is None:
        return draw()
    place = tuple(cursor.delta_path)
    steps = _now.recording.steps.get(place) if _now.again else None
    if steps is not None:
        for _ in range(steps):
            cursor.lock_element()
        _now.kept.append((place, steps))
        return None
    result = draw()
    _now.recording.steps[place] = cursor.delta_path[-1] - place[-1]
    return result


def first(story: Callable[[], None]) -> Recording:
    """Run the story the ordinary way and record what it sends."""
    context = get_script_run_ctx()
    if context is None:
        raise RuntimeError("A page runs inside Streamlit.")
    recording = Recording(deepcopy(context.cursors), context_dg_stack.get())
    send = context._enqueue

    def remember(message: ForwardMsg) -> None:
        send(message)
        recording.note(message)

    _now.recording, _now.again = recording, False
    try:
        with _sending(remember):
            story()
    finally:
        _now.recording = None
    return recording


def again(story: Callable[[], None], recording: Recording) -> None:
    """Run the story from inside a fragment as if the whole page ran, and send only what differs from the recording."""
    context = get_script_run_ctx()
    if context is None:
        raise RuntimeError("A page runs inside Streamlit.")
    send, seen = context._enqueue, set[Path]()

    def compare(message: ForwardMsg) -> None:
        path, digest = tuple(message.metadata.delta_path), message.ref_hash or message.hash
        if path:
            seen.add(path)
            if recording.sent.get(path) == digest:
                return
            # The browser would keep every frame of a drag, and name all of them in every report.
            message.metadata.cacheable = False
        send(message)
        recording.note(message)

    outer_cursors, outer_stack = context.cursors, context_dg_stack.get()
    context.cursors = deepcopy(recording.cursors)
    context_dg_stack.set(recording.stack)
    _now.recording, _now.again, _now.kept = recording, True, []
    try:
        with (
            ThreadState.scoped(fragment_id=None, delta_path=None, run_location=RunLocation.MAIN_SCRIPT),
            _sending(compare),
        ):
            story()
    finally:
        context.cursors = outer_cursors
        context_dg_stack.set(outer_stack)
        _now.recording, _now.again = None, False
    for path in [p for p in recording.sent if p not in seen and not _kept(p)]:
        send(_nothing_at(path))
        del recording.sent[path]


def _kept(path: Path) -> bool:
    """Return whether a place lies in a stretch that was left out."""
    return any(
        path[: len(start) - 1] == start[:-1]
        and len(path) >= len(start)
        and start[-1] <= path[len(start) - 1] < start[-1] + steps
        for start, steps in _now.kept
    )


@contextmanager
def _sending(through: Callable[[ForwardMsg], None]) -> Iterator[None]:
    """Let the run's messages go through `through`."""
    context = get_script_run_ctx()
    assert context is not None
    before = context._enqueue
    context._enqueue = through
    try:
        yield
    finally:
        context._enqueue = before


def _nothing_at(path: Path) -> ForwardMsg:
    """Return the message that empties a place."""
    message = ForwardMsg()
    message.metadata.delta_path[:] = path
    message.delta.new_element.empty.SetInParent()
    return message
