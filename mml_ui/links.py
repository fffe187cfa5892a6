"""Read an uploaded list of links: bytes in, checked pairs of pages or a sentence out.

The first lines decide how it is written (`link_layout`). Then each block of the file is parsed by Arrow, which takes
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
from numpy.typing import NDArray

from mml_ui import link_layout, link_lines, link_text
from mml_ui.link_layout import Layout, shown
from mml_ui.link_lines import NoNumbersError, Parsed
from mml_ui.link_pages import Column, Names, Numbers, give_back
from mml_ui.link_text import Block, NotUtf8Error, RefusedError

MAX_LINKS = 25_000_000
MAX_LABEL = 80
_AHEAD = 3  # blocks that may be parsed before their turn

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
        report: called at once and after each megabyte with how many bytes of the file are read, and how many it has. It
            starts again at 0 where numbers turn out to be names, or UTF-8 to be Latin-1.

    Returns:
        The links, their arrays read-only.

    Raises:
        ValueError: if it cannot be read; a sentence with what is wrong, in which line, and what would be right. Either all
            links have a weight or none has.

    >>> found = read(b"# two pages\\nrome,oslo\\noslo,rome\\n", "cities.csv")
    >>> found.sources.tolist(), found.targets.tolist(), found.names.tolist()
    ([1, 0], [0, 1], ['oslo', 'rome'])
    >>> read(b"1 2 0.5\\n2 1 -1\\n", "web.txt")
    Traceback (most recent call last):
    ...
    ValueError: "web.txt" has a negative weight in line 2: -1. A weight is a number of 0 or more, such as 1 or 0.5.
    """
    label = shown(re.split(r"[/\\]", name[-4 * MAX_LABEL :])[-1].replace('"', " "), MAX_LABEL) or "list of links"
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
    report = report or (lambda done, total: None)
    report(0, len(data))
    blocks = link_text.blocks(data, way.encoding)
    form, n_links, n_comments = None, 0, 0
    for block in blocks:
        form, block = link_layout.layout(block, way.numbers)
        if form is not None:
            blocks = chain([block], blocks)
            break
        n_comments += block.n_comments
    if form is None:
        raise RefusedError(f"is empty: it holds only blank lines or comments. {link_text.WANTED}.")
    pages, weights = Numbers() if form.numbers else Names(), Column(np.float64)
    for block, found in _parsed(blocks, form):
        n_comments += block.n_comments
        if found is not None:
            if not n_links:  # the others are likely to be as long
                expected = min(len(found.sources) * len(data) // max(block.done, 1) * 21 // 20, MAX_LINKS)
                for column in (pages.sources, pages.targets, weights)[: form.width]:
                    column.reserve(expected)
            pages.add(found)
            if found.weights is not None:
                weights.append(found.weights)
            n_links += len(found.sources)
            if n_links > MAX_LINKS:
                raise RefusedError(f"has more than {MAX_LINKS:,} links, the most that can be read. Take fewer of them.")
        report(block.done, len(data))
    if not n_links:
        raise RefusedError(f"is empty: it holds only a line of headings, “{form.headings}”. {link_text.WANTED}.")
    give_back()
    names = pages.settled()
    give_back()
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
                    first, found = waiting[0]
                    yield first, found.result()
                    waiting.popleft()
        except RefusedError:
            for _, found in waiting:  # a line before that may be wrong, and the first one is named
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
    yield f"Fields separated by {link_layout.SEPARATORS[form.separator]}."
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
