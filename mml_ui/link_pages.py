"""Links between pages as they come, block by block, until all pages are known: then each page becomes a small number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mml_ui.link_lines import Parsed

_PIECE = 2**16  # links at a time where an index needs 8 bytes
_MERGE = 3 * 2**20  # names that wait before they are looked up: more take memory, fewer take time
# Numbers are looked up on shelves of 4,096 where all of them are on few shelves of not too many.
_SHELF = 12
_ON_SHELF = 2**_SHELF - 1
_SHELVES = 2**22


def give_back() -> None:
    """Let Arrow return what it keeps for later, which is as much as the file."""
    pa.default_memory_pool().release_unused()


class Column:
    """An array that grows at its end and can be written over piece by piece."""

    def __init__(self, kind: type[np.generic]) -> None:
        self._values: NDArray[Any] = np.empty(0, dtype=kind)
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def reserve(self, n: int) -> None:
        """Make room for about `n` values; what is not used takes no memory."""
        if not self._n:
            self._values = np.empty(n, dtype=self._values.dtype)
        elif n > len(self._values):
            self._values.resize(n, refcheck=False)

    def append(self, values: NDArray[Any]) -> None:
        """Add values, which fit."""
        upto = self._n + len(values)
        if upto > len(self._values):
            self.reserve(max(upto, len(self._values) * 5 // 4))
        self._values[self._n : upto] = values
        self._n = upto

    def widen(self) -> None:
        """Make room for numbers of 64 bits."""
        if self._values.dtype != np.int64:
            narrow, self._values = self._values, np.empty(len(self._values), dtype=np.int64)
            self._values[: self._n] = narrow[: self._n]

    def array(self) -> NDArray[Any]:
        """Return the values as they are kept."""
        return self._values[: self._n]

    def finished(self, kind: type[np.generic]) -> NDArray[Any]:
        """Return the values for good, read-only and without the room for more."""
        self._values.resize(self._n, refcheck=False)
        result: NDArray[Any] = self._values.astype(kind, copy=False)
        result.flags.writeable = False
        return result

    def pieces(self) -> Iterator[NDArray[Any]]:
        """Yield the values in pieces, each of which may be written over."""
        for at in range(0, self._n, _PIECE):
            yield self._values[at : min(at + _PIECE, self._n)]


class Numbers:
    """Links between pages that are numbers: kept as they are until all pages are known."""

    def __init__(self) -> None:
        self.sources, self.targets = Column(np.int32), Column(np.int32)
        self.padded = False

    def add(self, found: Parsed) -> None:
        """Add the links of a block."""
        self.padded = self.padded or found.padded
        wide = any(_is_wide(values) for values in (found.sources, found.targets))
        for column, values in ((self.sources, found.sources), (self.targets, found.targets)):
            if wide:  # both, as they have pages in common
                column.widen()
            column.append(values)

    def settled(self) -> NDArray[Any]:
        """Return the numbers of the pages, ascending; sources and targets become places among them."""
        low = min(int(column.array().min()) for column in (self.sources, self.targets))
        span = max(int(column.array().max()) for column in (self.sources, self.targets)) - low + 1
        room = 4 * len(self.sources) + _PIECE

        def near(numbers: NDArray[Any]) -> NDArray[Any]:
            return numbers.astype(np.int64) - low

        if span <= room:
            return low + self._marked(near, span)
        if span > _SHELVES << _SHELF:
            return self._far_apart()
        taken = np.zeros((span >> _SHELF) + 1, dtype=np.bool_)
        for piece in self._pieces():
            taken[near(piece) >> _SHELF] = True
            if np.count_nonzero(taken) << _SHELF > room:
                return self._far_apart()
        shelves, number = np.flatnonzero(taken), np.cumsum(taken) - 1

        def shelved(numbers: NDArray[Any]) -> NDArray[Any]:
            far = near(numbers)
            address: NDArray[Any] = number[far >> _SHELF] << _SHELF | far & _ON_SHELF
            return address

        marked = self._marked(shelved, len(shelves) << _SHELF)
        pages: NDArray[Any] = low + (shelves[marked >> _SHELF] << _SHELF | marked & _ON_SHELF)
        return pages

    def _marked(self, address: Callable[[NDArray[Any]], NDArray[Any]], size: int) -> NDArray[Any]:
        """Return the ascending addresses that occur, of `size` there are; numbers become their places among them."""
        marks = np.zeros(size, dtype=np.bool_)
        for piece in self._pieces():
            marks[address(piece)] = True
        places = np.cumsum(marks, dtype=np.int32) - np.int32(1)
        for piece in self._pieces():
            piece[:] = places[address(piece)]
        return np.flatnonzero(marks)

    def _pieces(self) -> Iterator[NDArray[Any]]:
        yield from self.sources.pieces()
        yield from self.targets.pieces()

    def _far_apart(self) -> NDArray[Any]:
        """Settle numbers between which most are no pages."""
        columns = (self.sources, self.targets)
        encoded = pa.chunked_array([pa.array(column.array()) for column in columns]).dictionary_encode()
        for column, chunk in zip(columns, encoded.chunks, strict=True):
            column.array()[:] = chunk.indices.to_numpy()
        pages = encoded.chunks[-1].dictionary.to_numpy().astype(np.int64)
        order = np.argsort(pages)
        _put_in_order(order, self._pieces())
        ascending: NDArray[Any] = pages[order]
        return ascending


class Names:
    """Links between pages that are names: kept as places in a growing list of names."""

    padded = False

    def __init__(self) -> None:
        self.sources, self.targets = Column(np.int32), Column(np.int32)
        self._pages: Any = pa.array([], pa.string())
        self._waiting: list[Any] = []

    def add(self, found: Parsed) -> None:
        """Add the links of a block; they wait until there are enough, as all known names are looked at each time."""
        self._waiting += [found.sources, found.targets]
        if sum(map(len, self._waiting)) >= _MERGE:
            self._merge()

    def _merge(self) -> None:
        """Look up the names that wait; known ones keep their places, new ones come after them."""
        encoded = pa.chunked_array([self._pages, *self._waiting]).dictionary_encode()
        # An empty array has no chunk of its own, so that chunks and arrays need not go together.
        places = np.concatenate([chunk.indices.to_numpy() for chunk in encoded.chunks])[len(self._pages) :]
        self._pages = encoded.chunks[-1].dictionary
        ends = np.cumsum([len(names) for names in self._waiting])
        for i, one in enumerate(np.split(places, ends[:-1])):
            (self.targets if i % 2 else self.sources).append(one)
        self._waiting = []
        give_back()

    def settled(self) -> NDArray[Any]:
        """Return the names, sorted; sources and targets become places among them."""
        if self._waiting:
            self._merge()
        order = pc.array_sort_indices(self._pages)
        _put_in_order(order.to_numpy(), chain(self.sources.pieces(), self.targets.pieces()))
        self._pages = self._pages.take(order)
        names: NDArray[Any] = self._pages.to_numpy(zero_copy_only=False)
        return names


def _is_wide(numbers: NDArray[Any]) -> bool:
    return numbers.dtype == np.int64 and bool(numbers.min() < -(2**31) or numbers.max() >= 2**31)


def _put_in_order(order: NDArray[Any], pieces: Iterable[NDArray[Any]]) -> None:
    """Turn places into those after sorting."""
    places = np.empty(len(order), dtype=np.int32)
    places[order] = np.arange(len(order), dtype=np.int32)
    for piece in pieces:
        piece[:] = places[piece]
