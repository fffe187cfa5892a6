"""Results kept by what they were computed from, within a budget in bytes; and the fingerprint that names them."""

from __future__ import annotations

import dataclasses
import hashlib
import sys
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

# A read-only array never changes, so that it is read once however often it is an argument.
_known: dict[int, tuple[weakref.ref[Any], bytes]] = {}


def fingerprint(value: Any) -> bytes:
    """Return a digest of everything in `value`: all bytes of an array, never a sample of them.

    >>> fingerprint([1, 2.0]) == fingerprint([1, 2.0]), fingerprint([1, 2.0]) == fingerprint([1, 2.5])
    (True, False)
    """
    if isinstance(value, np.ndarray):
        if value.flags.writeable:
            return _array_digest(value)
        known = _known.get(id(value))
        if known is not None and known[0]() is value:
            return known[1]
        digest = _array_digest(value)
        _known[id(value)] = (weakref.ref(value, _forget(_known, id(value))), digest)
        return digest
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = [getattr(value, f.name) for f in dataclasses.fields(value)]
        return _joined(type(value).__qualname__, parts)
    if isinstance(value, dict):
        return _joined("dict", [part for item in value.items() for part in item])
    if isinstance(value, list | tuple):
        return _joined("sequence", value)
    if value is None or isinstance(value, bool | int | float | complex | str | bytes | np.generic):
        return f"{type(value).__name__}:{value!r}".encode()
    raise TypeError(f"No fingerprint for {type(value).__name__}: pass plain values, arrays or frozen dataclasses.")


def _array_digest(array: np.ndarray[Any, Any]) -> bytes:
    head = f"{array.dtype.str}{array.shape}".encode()
    if array.dtype.kind == "T":  # a table's texts, which lie elsewhere than in the array
        array = np.array(array.tolist(), np.str_)
    return hashlib.blake2b(np.ascontiguousarray(array).data, digest_size=20, key=head[:64]).digest()


def _forget(table: dict[int, Any], key: int) -> Callable[[Any], None]:
    """Return what takes an array's entry out of a table when the array is gone."""
    return lambda _: table.pop(key, None)


def _joined(name: str, parts: Any) -> bytes:
    digest = hashlib.blake2b(name.encode(), digest_size=20)
    for part in parts:
        mark = fingerprint(part)
        digest.update(len(mark).to_bytes(4, "big") + mark)
    return digest.digest()


def n_bytes(value: Any) -> int:
    """Return how much memory a result takes, arrays counted whole.

    >>> n_bytes(np.zeros(1000)) >= 8000
    True
    """
    if isinstance(value, np.ndarray):
        return int(value.nbytes) + 128
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return 64 + sum(n_bytes(getattr(value, f.name)) for f in dataclasses.fields(value))
    if isinstance(value, dict):
        return 64 + n_bytes([*value, *value.values()])
    if isinstance(value, list | tuple):
        return 64 + sum(n_bytes(part) for part in value)
    if hasattr(value, "tocsr"):  # a sparse matrix
        return n_bytes([value.data, value.indices, value.indptr])
    return sys.getsizeof(value)


def frozen(value: Any) -> Any:
    """Make every array of a result read-only, because whoever asks next gets the same one."""
    for array in _arrays(value):
        array.setflags(write=False)
    return value


# Arrays that come from a visitor's upload, and what was computed from them: their results stay in that visitor's session.
_private: dict[int, weakref.ref[Any]] = {}


def mark_private(value: Any) -> Any:
    """Mark every array in `value` as a visitor's own and return it."""
    for array in _arrays(value):
        _private[id(array)] = weakref.ref(array, _forget(_private, id(array)))
    return value


def is_private(value: Any) -> bool:
    """Return whether any array in `value` is a visitor's own."""
    return any((ref := _private.get(id(array))) is not None and ref() is array for array in _arrays(value))


def _arrays(value: Any) -> Iterator[Any]:
    if isinstance(value, np.ndarray):
        yield value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for f in dataclasses.fields(value):
            yield from _arrays(getattr(value, f.name))
    elif isinstance(value, dict):
        yield from _arrays(list(value.values()))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _arrays(part)
    elif hasattr(value, "tocsr"):
        yield from (value.data, value.indices, value.indptr)


class Budget:
    """A store of results that never takes more than `limit` bytes: the one unused for longest goes first."""

    def __init__(self, limit: int) -> None:
        self.limit, self.used = limit, 0
        self._results: OrderedDict[bytes, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def holds(self, key: bytes) -> bool:
        """Return whether the result of that name is here."""
        with self._lock:
            return key in self._results

    def get(self, key: bytes, make: Callable[[], Any]) -> Any:
        """Return the result of that name, made now if it is not here."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key][0]
        result = frozen(make())
        size = n_bytes(result)
        with self._lock:
            if key not in self._results and size <= self.limit:
                self._results[key] = (result, size)
                self.used += size
            while self.used > self.limit:
                _, (_, freed) = self._results.popitem(last=False)
                self.used -= freed
        return result

    def __len__(self) -> int:
        return len(self._results)
