"""Put a figure on the page: the chart, the sentence that says what it shows, its grips, and what can be saved of it."""

from __future__ import annotations

import functools
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st
from numpy.typing import NDArray

from mml_charts.figure import Columns, Figure
from mml_charts.theme import Role
from mml_ui import frame as frames
from mml_ui import latex
from mml_ui.controls import MAX_POINTS

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Handle:
    """A place on a figure that can be dragged; it drives two controls, or one point of a list, and sets others while it does.

    Attributes:
        name: Its name in the figure.
        x, y: Short names of the controls that it drives.
        at: Where it is now, in data units.
        label: What it is called beside its value.
        role: Whose colour it has.
        origin: What is taken off its place before it becomes the controls' values.
        back: The matrix (2, 2) that then brings it back from the map that it is drawn under.
        points, index: Where `x` names a list of points: all of them, each with a handle, and which one this is.
        least: How many points of the list stay where a click adds one and Delete takes one away; None where neither does.
        sets: Controls (short name to value) that a drag of it sets too.
        dial: Whether it turns about its origin: it then drives `x` alone, the direction in whole degrees, 0 to 359.
        tap: Whether a click anywhere on the figure brings it there.
        step, nudge, snap: What a drag rounds to; one press of an arrow key; one step of the visible grid.
    """

    name: str
    x: str
    y: str
    at: tuple[float, float]
    label: str
    role: Role = "reference"
    origin: tuple[float, float] = (0.0, 0.0)
    back: Floats | None = None
    points: Floats | None = None
    index: int = 0
    least: int | None = None
    sets: dict[str, Any] = field(default_factory=dict)
    dial: bool = False
    tap: bool = False
    step: float = 0.01
    nudge: float = 0.05
    snap: float = 0.25


@dataclass(frozen=True)
class Pad:
    """The pages of a web on a figure: a drag from one to another draws a link or takes it away, a tap chooses a page.

    Attributes:
        names, at: The pages and where they are drawn (n, 2), in data units.
        links: Short name of the control that holds the links as text, "" where none can be drawn; `text` is what it says now.
        chosen: Short name of the control that says which page is chosen.
        sets: Controls (short name to value) that a drawn link sets too.
        live: Whether the picture follows before the link is let go.
        hint: What a tap does where nothing can be drawn, for screen readers.
    """

    names: Sequence[str]
    at: Floats
    links: str
    text: str
    chosen: str
    sets: dict[str, Any] = field(default_factory=dict)
    live: bool = True
    hint: str = "go there"


@dataclass(frozen=True)
class Sent:
    """A figure's table as the browser has it: its columns as they came, how often it had changed then, and its bytes."""

    rows: Columns
    table: pa.Table
    version: int
    data: bytes


def point_handles(
    key: str, points: Floats, shown: Floats, *, origin: tuple[float, float] = (0.0, 0.0), back: Floats | None = None,
    grows: bool = False, least: int = 3,
) -> list[Handle]:  # fmt: skip
    """Return one handle for each point of a points control that is drawn at `shown` (n, 2).

    Where the list grows, a click on the figure adds a point at its end, up to as many as fit into a link, and Delete takes
    one away while more than `least` are left. A list without any point has no handles: its first point is typed.

    Raises:
        ValueError: `least` is not 1 to 60.
    """
    if not 1 <= least <= MAX_POINTS:
        raise ValueError(f"least is {least}; a list can keep 1 to {MAX_POINTS} points.")
    stay = least if grows else None
    return [
        Handle(f"{key}{i}", key, "", (x, y), f"point {i + 1}", "second", origin, back, points, i, stay)
        for i, (x, y) in enumerate(shown.tolist())
    ]


def container_key(page: str, name: str) -> str:
    """Return the key of the container that a figure lives in."""
    return f"mml_figure_{page}_{name}"


def show(figure: Figure, *, says: str, name: str = "main", handles: Sequence[Handle] = (), pad: Pad | None = None) -> None:
    """Draw a figure and, under it, the sentence that says what it shows now.

    The chart's alternative text is its constant title (a changing one would embed the chart anew); the live component
    writes the sentence into the picture's label.
    """
    frame = frames.current()
    key = container_key(frame.page, name)
    palette = frame.look.palette
    frame.says[key] = says
    with st.container(key=key):
        tables = {name: _as_sent(frame.session.sent, (key, name), rows) for name, rows in figure.columns.items()}
        st.vega_lite_chart({**figure.spec, "datasets": tables}, width="content", theme=None, alt=figure.title)
        if frame.slot is None:
            frame.slot = st.markdown(problem_text(frame.problem) if frame.problem else says)
        else:
            st.markdown(says)
    frame.figures[key] = (name, figure)
    for h in handles:
        own = {
            "figure": key, "id": h.name, "x": frame.full(h.x), "y": frame.full(h.y) if h.y else "", "label": h.label,
            "at": [round(float(v), 4) for v in h.at], "sets": {frame.full(short): value for short, value in h.sets.items()},
            "points": None if h.points is None else h.points[h.index].tolist(), "index": h.index,
        }  # fmt: skip
        shared = {
            "dial": h.dial, "tap": h.tap, "origin": [float(v) for v in h.origin], "window": list(figure.window),
            "back": None if h.back is None else [round(float(v), 12) for v in h.back.ravel()],
            "grows": None if h.least is None else [h.least, MAX_POINTS], "colour": palette.role(h.role),
            "step": h.step, "nudge": h.nudge, "snap": h.snap,
        }  # fmt: skip
        frame.handles.append(own | shared if h.index == 0 else own)  # a list tells it once: a move shall cost few bytes
    if pad is not None:
        frame.pads.append(
            {
                "figure": key, "names": list(pad.names), "at": pad.at.round(4).tolist(), "window": list(figure.window),
                "key": frame.full(pad.links) if pad.links else None, "text": pad.text, "live": pad.live,
                "hint": pad.hint, "chosen": frame.full(pad.chosen),
                "sets": {frame.full(short): value for short, value in pad.sets.items()},
            }
        )  # fmt: skip


def _as_sent(sent: dict[tuple[str, str], Sent], place: tuple[str, str], rows: Columns) -> bytes:
    """Return a table as the browser gets it: the same bytes as last time, or bytes that were never sent before.

    The browser compares a new table with the last one that it has finished drawing. Where a table changes and changes back
    within one drawing, it would find nothing new and leave the one in between on the screen.
    """
    last = sent.get(place)
    if last is not None and _alike(rows, last.rows):  # most tables of a move: comparing takes a tenth of encoding
        return last.data
    table = pa.table({name: _compact(values) for name, values in rows.items()})
    if last is None or not table.equals(last.table):
        version = 0 if last is None else last.version + 1
        stamped, out = table.replace_schema_metadata({"version": str(version)}), pa.BufferOutputStream()
        with pa.ipc.new_stream(out, stamped.schema) as stream:
            stream.write_table(stamped)
        last = sent[place] = Sent(rows, table, version, out.getvalue().to_pybytes())
    return last.data


def _alike(one: Columns, other: Columns) -> bool:
    """Return whether two tables have the same columns with the same values, numbers that are none included."""
    return one.keys() == other.keys() and all(
        a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        for a, b in ((one[name], other[name]) for name in one)
    )


def _compact(values: NDArray[Any]) -> pa.Array:
    """Return a column in half the bytes: each text once, whole numbers short, places as exact as a screen shows them."""
    if values.dtype.kind == "f":
        return pa.array(values.astype(np.float32) if _fits_single(values) else values)
    if values.dtype.kind in "iu":
        return pa.array(values.astype(np.int16 if np.abs(values).max(initial=0) < 2**15 else np.int32))
    texts = pa.array(values, pa.string()).dictionary_encode()
    short = pa.int8() if len(texts.dictionary) < 2**7 else pa.int32()
    return pa.DictionaryArray.from_arrays(texts.indices.cast(short), texts.dictionary)


def _fits_single(values: Floats) -> bool:
    """Return whether numbers keep their size in single precision."""
    sizes = np.abs(values[values != 0])
    return bool(np.all((sizes < 1e37) & (sizes > 1e-37)))


def say_problem(frame: frames.Frame) -> None:
    """Put what is wrong in the place of the main picture's sentence, if it was found after the picture was drawn."""
    if frame.problem and frame.slot is not None:
        frame.slot.markdown(problem_text(frame.problem))


def problem_text(sentence: str) -> str:
    """Return the sentence on what is wrong, marked by a sign and weight, not by colour alone.

    Lines under it, such as a typed text with a caret under the mistake, are shown as they are.

    >>> problem_text("a*b.png is no picture.")
    ':material/error: **a\\\\*b.png is no picture.**'
    """
    head, *lines = sentence.split("\n")
    shown = "\n".join(line.replace("`", "'") for line in lines)  # a fence in it would end the block
    return f":material/error: **{latex.plain(head)}**" + (f"\n```text\n{shown}\n```" if lines else "")


def save_buttons() -> None:
    """Draw, for each figure of the page, how to save it: SVG by the browser, its tables as CSV. (PNG: the chart's menu.)"""
    frame = frames.current()
    for key, (name, figure) in frame.figures.items():
        save = f"mml_save_{frame.page}_{name}"
        file = f"{frame.page}-{name}"
        frame.saves.append({"key": save, "figure": key, "name": file})
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("SVG", key=save, icon=":material/image:", help=figure.title)
            st.download_button(
                "CSV", functools.partial(tables_zip, figure), f"{file}-tables.zip", "application/zip",
                key=f"{save}_tables", on_click="ignore", icon=":material/table:", help="Its tables",
            )  # fmt: skip
            st.caption(figure.title)


def tables_zip(figure: Figure) -> bytes:
    """Return a figure's tables as CSV files in one archive; a picture's bytes are left out, its place is kept."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in figure.tables.items():
            archive.writestr(f"{name}.csv", table.drop(columns="url", errors="ignore").to_csv(index=False))
    return buffer.getvalue()
