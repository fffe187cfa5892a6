"""Read an uploaded album: many pictures of one size, as files or in zips; bytes in, one row of numbers a picture out.

A zip is read in memory, entry by entry, and no name in it is ever a path. What its headers say of sizes is not believed:
bytes, pixels and the time it all takes are counted while it is read, and it ends at the first that is too much.
"""

from __future__ import annotations

import hashlib
import io
import re
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count

import numpy as np
from numpy.typing import NDArray

from mml_ui import images

MAX_PICTURES = 2_000
MAX_BYTES = 100 * 2**20
MAX_UNPACKED = 200 * 2**20
MAX_PIXELS = 300_000_000
MAX_NUMBERS = 8_000_000
MAX_SECONDS = 30.0
MAX_ENTRIES = 10_000
MAX_EXTRAS = 2**20
MAX_NAME = 80

Report = Callable[[int, int], None]

_GREY = (299, 587, 114)  # thousandths of red, green and blue: ITU-R BT.601
_STRIP = 2**18  # pixels that are made grey at a time
_SEVERAL = "Choose several pictures of one size, or a zip of them"
_FEWER = "Choose fewer or smaller pictures"
_AGAIN = "Pack the pictures again as an ordinary zip and choose that file"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_LOCKED = 0x41  # bits of an entry that is encrypted, the old way or the new one
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others unpack any amount at once
_LISTED = b"PK\x01\x02"  # starts each entry of a list of contents
_EXTRA = re.compile(re.escape(_LISTED) + rb"(?=.{26}(..))", re.DOTALL)  # how long its extra field is
_SYSTEM = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Album:
    """Pictures of one size that were read. Two are equal when they come from the same bytes under the same names.

    Attributes:
        X: shape (n_pictures, height * width), each picture's grey levels from 0 to 255, row by row; float64, read-only.
        shape: height and width of a picture in `X`.
        names: of the pictures, printable, each once; with their folders where they are not told apart without.
        name: the file's name, printable; of several files that of the first and how many more there are.
        digest: SHA-256 of all uploaded bytes, in hex.
        notes: sentences on what was done to them.
    """

    X: NDArray[np.float64] = field(repr=False, compare=False)
    shape: tuple[int, int]
    names: tuple[str, ...] = field(repr=False)
    name: str
    digest: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Entry:
    """A picture that is still to be read: its name, the zip it is in, if any, and what returns at most so many bytes of it."""

    path: str
    zip: str
    read: Callable[[int], bytes]

    @property
    def label(self) -> str:
        """How a sentence names it."""
        return f'"{_shown(_last(self.path))}"' + (f" in {self.zip}" if self.zip else "")


def album(files: Sequence[tuple[str, bytes]], report: Report | None = None) -> Album:
    """Read pictures of one size, each a row of grey levels: 0.299 red + 0.587 green + 0.114 blue, transparent parts white.

    The bytes decide what a file is, never its name. In a zip folders, hidden files and those of the system are skipped. More
    than 8,000,000 numbers are reduced, all pictures alike: each pixel becomes the mean of a square of k by k (at the right and
    lower edge of what is left of it), with the smallest whole k that does.

    Args:
        files: names and bytes; JPEG, PNG, WebP or GIF, or zips of such; 2 to 2,000 pictures, at most 100 MB (200 MB
            unpacked) and 300 megapixels in all, each within the limits of `images.picture`.
        report: called after each picture with how many are read, and how many there are.

    Returns:
        The album, in the order of the files, its array read-only.

    Raises:
        ValueError: if it cannot be read; a sentence with what is wrong, where, and what would be right.

    >>> shots = [(f"{v}.png", images.png(np.full((2, 3), v, np.uint8))) for v in (0, 7)]
    >>> found = album(shots)
    >>> found.X.tolist(), found.shape, found.names
    ([[0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [7.0, 7.0, 7.0, 7.0, 7.0, 7.0]], (2, 3), ('0.png', '7.png'))
    >>> album(shots[:1])
    Traceback (most recent call last):
    ...
    ValueError: There is 1 picture; at least 2 are needed. Choose several pictures of one size, or a zip of them.
    """
    n_bytes = sum(len(data) for _, data in files)
    if n_bytes > MAX_BYTES:
        raise ValueError(f"There are {_megabytes(n_bytes)} in all; at most {_megabytes(MAX_BYTES)} can be read. {_FEWER}.")
    found = [_entries(data, name) for name, data in files]
    entries, n_hidden = [entry for some, _ in found for entry in some], sum(n for _, n in found)
    if len(entries) > MAX_PICTURES:
        raise ValueError(f"There are {len(entries):,} pictures; at most {MAX_PICTURES:,} can be read. Choose fewer.")
    if len(entries) < 2:
        raise ValueError(f"There is {'1' if entries else 'no'} picture; at least 2 are needed. {_SEVERAL}.")
    try:
        X, shape, notes = _read(entries, report or (lambda done, total: None))
    except MemoryError:
        raise ValueError(f"The pictures need more memory than there is to read them. {_FEWER}.") from None
    X.flags.writeable = False
    if n_hidden:
        notes.append(f"{n_hidden:,} hidden file{'s' * (n_hidden > 1)} skipped.")
    digest = hashlib.sha256()
    for _, data in files:
        digest.update(data)
    name = _shown(_last(files[0][0])) + (f" and {len(files) - 1:,} more" if len(files) > 1 else "")
    return Album(X, shape, _names([entry.path for entry in entries]), name, digest.hexdigest(), tuple(notes))


def _entries(data: bytes, name: str) -> tuple[list[_Entry], int]:
    """Return the file as it is or, of a zip, its pictures and how many files are hidden; nothing is unpacked yet."""
    if not data.startswith(_ZIP):
        return [_Entry(name, "", lambda most: data)], 0
    label = f'"{_shown(_last(name))}"'
    # Lists of contents are long in a hostile zip only; they are measured before the reader makes objects of them.
    if data.count(_LISTED) > MAX_ENTRIES or sum(int.from_bytes(n[1], "little") for n in _EXTRA.finditer(data)) > MAX_EXTRAS:
        raise ValueError(f"{label} lists more than a zip of {MAX_PICTURES:,} pictures does. {_AGAIN}.")
    # The reader of zips meets arbitrary bytes: whatever it raises about them means one thing, that they are no zip.
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        listed = [info for info in archive.infolist() if not info.is_dir()]
    except Exception as fault:
        raise ValueError(f"{label} is damaged or cut short: its list of contents cannot be read. {_AGAIN}.") from fault
    kept = [info for info in listed if not _is_hidden(info.filename)]
    entries = [_Entry(info.filename, label, partial(_unpacked, archive, info)) for info in kept]
    for info, entry in zip(kept, entries, strict=True):
        if info.flag_bits & _LOCKED:
            raise ValueError(f"{entry.label} is locked with a password. Pack the pictures without one and choose that file.")
        if info.compress_type not in _METHODS:
            raise ValueError(f"{entry.label} is packed in an unusual way. {_AGAIN}.")
    if sum(info.compress_size for info in kept) > len(data):
        raise ValueError(f"{label} is damaged: its entries are longer than the file, so that they overlap. {_AGAIN}.")
    return entries, len(listed) - len(kept)


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """Unpack at most so many bytes, whatever the entry says of its size."""
    with archive.open(info) as file:
        return file.read(most)


def _read(entries: Sequence[_Entry], report: Report) -> tuple[NDArray[np.float64], tuple[int, int], list[str]]:
    """Decode all pictures; return their numbers, the shape of each and what was done to them."""
    start, left, n = time.thread_time(), MAX_UNPACKED, len(entries)
    done: Counter[str] = Counter()
    for i, entry in enumerate(entries):
        data = _bytes(entry, left)
        left -= len(data)
        pixels = _decoded(data, entry, done)
        if i == 0:
            h, w = pixels.shape[:2]
            k = _factor(n, h, w)
            shape = (-(-h // k), -(-w // k))
            X = np.empty((n, shape[0] * shape[1]))
        elif pixels.shape[:2] != (h, w):
            raise ValueError(
                f"{entry.label} is {pixels.shape[1]:,} by {pixels.shape[0]:,} px, but {entries[0].label}, the first, is "
                f"{w:,} by {h:,} px. Give all pictures one size."
            )
        X[i] = _grey(pixels, k).ravel()
        if time.thread_time() - start > MAX_SECONDS:
            raise ValueError(f"The pictures take more than {MAX_SECONDS:g} seconds of computing to read. {_FEWER}.")
        report(i + 1, n)
    notes = [f"{what}: {n_done:,} picture{'s' * (n_done > 1)}." for what, n_done in done.items()]
    if k > 1:
        by = f"{w:,} by {h:,} px to {shape[1]:,} by {shape[0]:,}"
        notes.append(f"Reduced from {by}: each pixel is the mean of {k} by {k}.")
    return X, shape, notes


def _bytes(entry: _Entry, left: int) -> bytes:
    """Return the bytes of a picture, or say why they are none, or too many."""
    try:
        data = entry.read(min(left, images.MAX_BYTES) + 1)
    except MemoryError:
        raise
    except Exception as fault:
        raise ValueError(f"{entry.label} is damaged or cut short: it does not unpack. {_AGAIN}.") from fault
    if len(data) > left:
        raise ValueError(
            f"There are more than {_megabytes(MAX_UNPACKED)} when unpacked, the most that can be read, up to {entry.label}. "
            f"{_FEWER}."
        )
    if entry.zip and len(data) > images.MAX_BYTES:
        raise ValueError(f"{entry.label} has more than {_megabytes(images.MAX_BYTES)}, the most a picture may have. {_FEWER}.")
    if entry.zip and data.startswith(_ZIP):
        raise ValueError(f"{entry.label} is a zip in a zip, or an office document. {_SEVERAL}.")
    return data


def _decoded(data: bytes, entry: _Entry, done: Counter[str]) -> images.Pixels:
    """Decode a picture and count what was done to it."""
    try:
        picture = images.picture(data, _last(entry.path))
    except ValueError as mistake:
        raise ValueError(f"In {entry.zip}: {mistake}" if entry.zip else str(mistake)) from None
    pixels = picture.pixels
    if picture.note:
        done[picture.note.removesuffix(".")] += 1
    if pixels.shape[2] == 4:
        done["Transparent parts made white"] += 1
    if (pixels[..., 0] != pixels[..., 1]).any() or (pixels[..., 1] != pixels[..., 2]).any():
        done["Colours made grey"] += 1
    return pixels


def _factor(n: int, h: int, w: int) -> int:
    """Return the smallest side of a square of pixels whose means are few enough, or say that the pixels are too many."""
    if n * h * w > MAX_PIXELS:
        raise ValueError(
            f"There are {n:,} pictures of {w:,} by {h:,} px, {n * h * w / 1e6:,.4g} megapixels in all; at most "
            f"{MAX_PIXELS / 1e6:,.4g} megapixels can be read. {_FEWER}."
        )
    return next(k for k in count(1) if n * -(-h // k) * -(-w // k) <= MAX_NUMBERS)


def _grey(pixels: images.Pixels, k: int) -> NDArray[np.float64]:
    """Return the mean grey of each square of k by k pixels; whole numbers up to the end, so that grey stays as it is."""
    h, w = pixels.shape[:2]
    columns, grey = np.arange(0, w, k), np.empty((-(-h // k), -(-w // k)))
    height = k * max(1, _STRIP // (k * w))
    for top in range(0, h, height):
        strip = pixels[top : top + height].astype(np.int32)
        levels, white = sum(share * strip[..., colour] for colour, share in enumerate(_GREY)), 255_000
        if strip.shape[2] == 4:
            levels, white = levels * strip[..., 3] + white * (255 - strip[..., 3]), white * 255
        rows = np.arange(0, len(strip), k)
        sums = np.add.reduceat(np.add.reduceat(levels, rows, axis=0, dtype=np.int64), columns, axis=1)
        sizes = np.outer(np.diff(rows, append=len(strip)), np.diff(columns, append=w))
        grey[top // k : top // k + len(rows)] = 255 * sums / (white * sizes)
    return grey


def _names(paths: Sequence[str]) -> tuple[str, ...]:
    """Return printable names, each once: the last parts of the paths, or all of them where these are not told apart."""
    short = [_shown(_last(path)) for path in paths]
    names: dict[str, None] = {}
    again: Counter[str] = Counter()
    for plain in short if len(set(short)) == len(short) else map(_shown, paths):
        name = plain
        while name in names:
            again[plain] += 1
            name = f"{plain} ({again[plain] + 1})"
        names[name] = None
    return tuple(names)


def _parts(path: str) -> list[str]:
    return re.split(r"[/\\]", path)


def _last(path: str) -> str:
    return _parts(path)[-1]


def _is_hidden(path: str) -> bool:
    """Tell whether a file in a zip is one that its owner has never seen."""
    parts = _parts(path)
    dotted = any(part.startswith(".") and part.strip(".") for part in parts)
    return dotted or "__MACOSX" in parts or parts[-1].lower() in _SYSTEM


def _shown(text: str) -> str:
    """Keep no control or direction characters, no double quotes, at most MAX_NAME characters with the ending."""
    plain: Iterable[str] = (c if c.isprintable() and c != '"' else " " for c in text[-4 * MAX_NAME :])
    shown = " ".join("".join(plain).split()) or "picture"
    return shown if len(shown) <= MAX_NAME else f"{shown[: MAX_NAME - 11]}\N{HORIZONTAL ELLIPSIS}{shown[-10:]}"


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.4g} MB"
