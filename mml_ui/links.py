"""Read an uploaded list of links: bytes in, checked pairs of pages or a sentence out.

The first lines decide how it is written (`link_lines.Layout`). Then each block of the file is parsed by Arrow, which takes
what is regular and nothing else; a block that it does not take is read line by line, which either understands it or
names the first line that is wrong. Pages become small numbers as they come, so that beside the file there are 8 bytes
a link (16 with weights) and the names.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mml_ui import link_lines, link_text
from mml_ui.link_lines import Layout, NoNumbersError, Parsed
from mml_ui.link_text import Block, NotUtf8Error, RefusedError

MAX_LINKS = 25_000_000
MAX_LABEL = 80
_PIECE = 2**18  # links at a time where an index needs 8 bytes
_AHEAD = 3  # blocks that may be parsed before their turn
_MERGE = 2**22  # names that wait before they are looked up

Report = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Links:
    """Links between pages that were read from a file.

    Attributes:
        name: the file's name, printable, at most 80 characters.
        sources: shape (n_links,), int32: where each link starts, an index into `names`; read-only.
        targets: shape (n_links,), int32: where each link leads; read-only.
        weights: shape (n_links,), float64, finite and >= 0; None where the file has none; read-only.
        names: of the pages, each once and each used: int64, ascending, where all are whole numbers; else an object array of
            str, sorted by code points; read-only.
        notes: sentences on what was found and what was done to it.
    """

    name: str
    sources: NDArray[np.int32] = field(repr=False)
    targets: NDArray[np.int32] = field(repr=False)
    weights: NDArray[np.float64] | None = field(repr=False)
    names: NDArray[Any] = field(repr=False)
    notes: tuple[str, ...]


def read(data: bytes, name: str, report: Report | None = None) -> Links:
    """Read links, one a line: source, target and, if there is one, weight.

    The bytes decide what it is, never the name. Fields are separated by tabs, commas, semicolons, vertical bars, blanks or
    an arrow (`A -> B, C` is two links); lines that start with # or %, blank lines and a line of headings are skipped. Pages
    are numbers if all of them are whole numbers (007 is 7), else names. Links are kept as they come: in their order, with
    repeated ones and those from a page to itself.

    Args:
        data: the file's bytes, also packed as gz; at most 200 MB (unpacked, too) and 25,000,000 links; UTF-8, UTF-16 with
            its mark, or Latin-1.
        name: the file's name, any text; used in the sentences only.
        report: called after each block of the file with how many of its bytes are read, and how many it has. It starts again
            where numbers turn out to be names, or UTF-8 to be Latin-1.

    Returns:
        The links, their arrays read-only.

    Raises:
        ValueError: if it cannot be read; a sentence with what is wrong, in which line, and what would be right. Either all
            links have a weight or none has.

    >>> found = read(b"# two pages\\nrome,oslo\\noslo,rome\\n", "cities.csv")
    >>> found.sources.tolist(), found.targets.tolist(), found.names.tolist()
    ([1, 0], [0, 1], ['oslo', 'rome'])
    >>> read(b"1 2\\n3\\n", "web.txt")
    Traceback (most recent call last):
    ...
    ValueError: "web.txt" has one field in line 2: “3”. Give every line two pages, source and target, such as 1 2.
    """
    label = link_lines.shown(re.split(r"[/\\]", name[-4 * MAX_LABEL :])[-1].replace('"', " "), MAX_LABEL) or "list of links"
    way = _Way(encoding=link_text.first_guess(data))
    # Two things may turn out wrong on the way, each once: that pages are numbers, and that the text is UTF-8.
    while True:
        try:
            return _read(data, label, way, report)
        except NoNumbersError as found:
            way = replace(way, numbers=False, why=str(found))
        except NotUtf8Error:
            way = replace(way, encoding="latin-1")
        except RefusedError as refusal:
            raise ValueError(f'"{label}" {refusal}') from None
        except MemoryError:
            raise ValueError(f'"{label}" needs more memory than there is to read it. Take fewer links.') from None


@dataclass(frozen=True)
class _Way:
    """How the file is read this time."""

    encoding: str
    numbers: bool = True
    why: str = ""


def _read(data: bytes, label: str, way: _Way, report: Report | None) -> Links:
    """Read what `read` reads; the sentences lack the file's name."""
    blocks = link_text.blocks(data, way.encoding)
    form, n_links, n_comments = None, 0, 0
    for block in blocks:
        form, block = link_lines.layout(block, way.numbers)
        if form is not None:
            blocks = chain([block], blocks)
            break
        n_comments += block.n_comments
    if form is None:
        raise RefusedError(f"is empty: it holds only blank lines or comments. {link_text.WANTED}.")
    pages, weights = _Numbers() if form.numbers else _Names(), _Column(np.float64)
    for block, found in _parsed(blocks, form):
        n_comments += block.n_comments
        if found is not None:
            pages.add(found)
            if found.weights is not None:
                weights.append(found.weights)
            n_links += len(found.sources)
            if n_links > MAX_LINKS:
                raise RefusedError(f"has more than {MAX_LINKS:,} links, the most that can be read. Take fewer of them.")
        if report is not None:
            report(block.done, len(data))
    if not n_links:
        raise RefusedError(f"is empty: it holds only a line of headings, “{form.headings}”. {link_text.WANTED}.")
    names = pages.settled()
    names.flags.writeable = False
    return Links(
        label,
        pages.sources.finished(np.int32),
        pages.targets.finished(np.int32),
        weights.finished(np.float64) if form.width == 3 else None,
        names,
        tuple(_notes(data, way, form, n_comments, pages.padded)),
    )


def _parsed(blocks: Iterable[Block], form: Layout) -> Iterator[tuple[Block, Parsed | None]]:
    """Parse the blocks in two threads, a few ahead; Arrow works outside Python's lock."""
    waiting: deque[tuple[Block, Future[Parsed | None]]] = deque()
    with ThreadPoolExecutor(2) as pool:
        try:
            for block in blocks:
                waiting.append((block, pool.submit(link_lines.parsed, block, form)))
                if len(waiting) > _AHEAD:
                    block, found = waiting.popleft()
                    yield block, found.result()
        except RefusedError:
            for _, found in waiting:  # a line before that may be wrong, and then it is the first one
                found.result()
            raise
        for block, found in waiting:
            yield block, found.result()


def _notes(data: bytes, way: _Way, form: Layout, n_comments: int, padded: bool) -> Iterator[str]:
    """Say what was found and what was done to it."""
    if link_text.packed(data):
        yield "Unpacked from gz."
    if way.encoding != "utf-8":
        yield "Text in Latin-1, as it is no UTF-8." if way.encoding == "latin-1" else "Text in UTF-16."
    yield f"Fields separated by {link_lines.SEPARATORS[form.separator]}."
    if n_comments:
        yield f"{n_comments:,} comment line{'s' if n_comments > 1 else ''} skipped."
    if form.sizes:
        yield "The line of sizes of a Matrix Market file skipped."
    if form.headings:
        yield f"The first line holds headings: “{form.headings}”."
    if form.width == 3:
        yield f"The third column holds weights{', with a decimal comma' if form.comma else ''}."
    if way.why:
        yield f"Pages are names, not numbers: {way.why}."
    if padded:
        yield "Zeros in front of numbers do not count: page 007 is page 7."


class _Column:
    """An array that grows at its end and can be written over piece by piece."""

    def __init__(self, kind: type[np.generic]) -> None:
        self._values: NDArray[Any] = np.empty(_PIECE, dtype=kind)
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def append(self, values: NDArray[Any]) -> None:
        """Add values, which fit."""
        upto = self._n + len(values)
        if upto > len(self._values):
            # The system moves a large array without a copy; a quarter more each time is all that may be too much.
            self._values.resize(max(upto, len(self._values) * 5 // 4), refcheck=False)
        self._values[self._n : upto] = values
        self._n = upto

    def widen(self) -> None:
        """Make room for numbers of 64 bits."""
        self._values = self._values.astype(np.int64, copy=False)

    def replace(self, values: NDArray[Any]) -> None:
        """Take other values."""
        self._values, self._n = values, len(values)

    def array(self) -> NDArray[Any]:
        """Return the values as they are kept."""
        return self._values[: self._n]

    def finished(self, kind: type[np.generic]) -> NDArray[Any]:
        """Return the values for good, read-only and without the room for more."""
        if len(self._values) > self._n:
            self._values.resize(self._n, refcheck=False)
        result = self._values.astype(kind, copy=False)
        result.flags.writeable = False
        return result

    def pieces(self, size: int = _PIECE) -> Iterator[NDArray[Any]]:
        """Yield the values in pieces, each of which may be written over."""
        for at in range(0, self._n, size):
            yield self._values[at : min(at + size, self._n)]


class _Numbers:
    """Links between pages that are numbers: kept as they are until all pages are known."""

    def __init__(self) -> None:
        self.sources, self.targets = _Column(np.int32), _Column(np.int32)
        self.padded = False

    def add(self, found: Parsed) -> None:
        """Add the links of a block."""
        self.padded = self.padded or found.padded
        for column, values in ((self.sources, found.sources), (self.targets, found.targets)):
            if values.dtype == np.int64 and not (-(2**31) <= values.min() and values.max() < 2**31):
                column.widen()
            column.append(values)

    def settled(self) -> NDArray[Any]:
        """Return the numbers of the pages, ascending; sources and targets become places among them."""
        columns = (self.sources, self.targets)
        low = min(int(column.array().min()) for column in columns)
        span = max(int(column.array().max()) for column in columns) - low + 1
        if span > 4 * len(self.sources) + _PIECE:
            return self._far_apart()
        # A mark for each number between the lowest and the highest.
        marks = np.zeros(span, dtype=np.bool_)
        for piece in (piece for column in columns for piece in column.pieces()):
            marks[np.subtract(piece, low, dtype=np.int64)] = True
        places = np.cumsum(marks, dtype=np.int32) - np.int32(1)
        for piece in (piece for column in columns for piece in column.pieces()):
            piece[:] = places[np.subtract(piece, low, dtype=np.int64)]
        return np.flatnonzero(marks) + low

    def _far_apart(self) -> NDArray[Any]:
        """Settle numbers between which most are no pages."""
        columns = (self.sources, self.targets)
        pages = _different(np.concatenate([_different(column.array().copy()) for column in columns]))
        known = pa.array(pages)
        with ThreadPoolExecutor(2) as pool:
            for _ in pool.map(
                lambda column: column.replace(pc.index_in(pa.array(column.array()), value_set=known).to_numpy()), columns
            ):
                pass
        return pages.astype(np.int64)


class _Names:
    """Links between pages that are names: kept as places in a growing list of names."""

    padded = False

    def __init__(self) -> None:
        self.sources, self.targets = _Column(np.int32), _Column(np.int32)
        self._pages: Any = pa.array([], pa.string())
        self._waiting: list[Any] = []

    def add(self, found: Parsed) -> None:
        """Add the links of a block; they wait until there are enough, as all known names are looked at each time."""
        self._waiting += [found.sources, found.targets]
        if sum(map(len, self._waiting)) >= _MERGE:
            self._merge()

    def _merge(self) -> None:
        self._pages, places = _known(self._pages, self._waiting)
        for i, column in enumerate((self.sources, self.targets)):
            for one in places[i::2]:
                column.append(one)
        self._waiting = []

    def settled(self) -> NDArray[Any]:
        """Return the names, sorted; sources and targets become places among them."""
        self._merge()
        names: NDArray[Any] = _in_order(self._pages, (self.sources, self.targets)).to_numpy(zero_copy_only=False)
        return names


def _known(known: Any, arrays: list[Any]) -> tuple[Any, list[NDArray[np.int32]]]:
    """Return an Arrow array of the values known so far and then the new ones, and the places of `arrays` in it."""
    encoded = pa.chunked_array([known, *arrays]).dictionary_encode()
    chunks = encoded.chunks  # not always one for each array: an empty one has none
    places = np.concatenate([chunk.indices.to_numpy() for chunk in chunks])[len(known) :]
    return chunks[-1].dictionary, np.split(places, np.cumsum([len(array) for array in arrays[:-1]]))


def _in_order(known: Any, columns: tuple[_Column, _Column]) -> Any:
    """Sort the known values, and bring the places in the columns along."""
    order = pc.array_sort_indices(known)
    places = np.empty(len(order), dtype=np.int32)
    places[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
    for piece in (piece for column in columns for piece in column.pieces()):
        piece[:] = places[piece]
    return known.take(order)


def _different(values: NDArray[Any]) -> NDArray[Any]:
    """Return the different values, ascending; sorts in place."""
    values.sort()
    return values[np.concatenate([[True], values[1:] != values[:-1]])]
