"""From the bytes of a list of links to blocks of whole lines: unpacked, in UTF-8, with plain line ends, comments emptied.

A block keeps the number of its first line, so that what is wrong anywhere can be named by its line; at no time is there
more than one block beside the file.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

MAX_BYTES = 200 * 2**20
MAX_MEMBERS = 10_000
BLOCK_BYTES = 2**20  # what fits into a processor's cache is parsed in half the time
MAX_LINE = 2**19

WANTED = "Choose a text file with one link a line: source, target and, if you like, a weight; CSV, TSV, or packed as .gz"
_SMALLER = "Take fewer links and choose that file"
_PIECE = 2**12  # packed bytes at a time: gz unpacks them to at most 4 MB
_MARK, _BLANK = (np.isin(np.arange(256), list(marks)) for marks in (b"#%", b" \t"))
_CODES = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_STRANGERS = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "packed twice",
    b"BZh": "a compressed archive",
    b"7z\xbc\xaf": "a compressed archive",
    b"\xfd7zXZ": "a compressed archive",
    b"\x28\xb5\x2f\xfd": "a compressed archive",
    b"PAR1": "a binary table",
}


class RefusedError(ValueError):
    """The rest of a sentence that starts with the file's name."""


class NotUtf8Error(Exception):
    """The file is no UTF-8 after all."""


@dataclass(frozen=True)
class Block:
    """Whole lines of the file.

    Attributes:
        line: the number of the first.
        text: their bytes, comments emptied.
        n_comments: how many there were.
        done: how many bytes of the file have been read.
        matrix: whether a Matrix Market file begins here.
    """

    line: int
    text: bytes
    n_comments: int
    done: int
    matrix: bool = False


def blocks(data: bytes, encoding: str) -> Iterator[Block]:
    """Yield the file block by block.

    Raises:
        RefusedError: It is empty, binary, damaged or too long, when that place is reached.
    """
    if not data:
        raise RefusedError(f"is empty: it has 0 bytes. {WANTED}.")
    line = 1
    for text, done in _whole_lines(_decoded(_unpacked(data) if packed(data) else _plain(data), encoding)):
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        n_lines = int(np.count_nonzero(np.frombuffer(text, dtype=np.uint8) == ord("\n")))
        if len(text) >= MAX_LINE and not n_lines:
            raise RefusedError(f"has more than {MAX_LINE:,} bytes in line {line:,}. {WANTED}.")
        plain, n_comments = _without_comments(text)
        yield Block(line, plain, n_comments, done, line == 1 and text.startswith(b"%%MatrixMarket"))
        line += n_lines


def _without_comments(text: bytes) -> tuple[bytes, int]:
    """Empty the comment lines; without a loop over lines, as a file may have nothing but comments."""
    if b"#" not in text and b"%" not in text:
        return text, 0
    raw = np.frombuffer(text, dtype=np.uint8)
    ends = np.append(np.flatnonzero(raw == ord("\n")), len(raw))
    starts = np.append(0, ends[:-1] + 1)
    starts, ends = starts[starts < len(raw)], ends[starts < len(raw)]
    if not (_MARK | _BLANK)[raw[starts]].any():
        return text, 0
    solid = np.flatnonzero(~_BLANK[raw])
    begins = solid[np.minimum(np.searchsorted(solid, starts), len(solid) - 1)]
    comments = _MARK[raw[begins]] & (begins >= starts)
    edges = np.zeros(len(raw) + 1, dtype=np.int8)
    edges[starts[comments]], edges[ends[comments]] = 1, -1
    inside = np.cumsum(edges[:-1], dtype=np.int8).astype(np.bool_)
    return bytes(raw[~inside]), int(comments.sum())


def packed(data: bytes) -> bool:
    """Tell whether the file is packed as gz."""
    return data.startswith(b"\x1f\x8b")


def first_guess(data: bytes) -> str:
    """Return the encoding by the mark at the start of the file, which gz hides."""
    return _CODES.get(data[:2], "utf-8")


def _plain(data: bytes) -> Iterator[tuple[bytes, int]]:
    if len(data) > MAX_BYTES:
        raise _too_long()
    at = 0
    while at < len(data):
        upto = at + BLOCK_BYTES
        # Cut at a line's end where there is one: then nothing has to be put together again.
        upto = data.rfind(b"\n", at, upto) + 1 or upto
        yield data[at:upto], min(upto, len(data))
        at = upto


def _unpacked(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Unpack gz piece by piece; a bomb ends as soon as it is too long."""
    at, size, n_members, engine = 0, 0, 0, None
    while at < len(data):
        if engine is None:
            n_members += 1
            engine = zlib.decompressobj(31)
        if n_members > MAX_MEMBERS:
            raise RefusedError(f"is packed in more than {MAX_MEMBERS:,} parts. Pack it again in one and choose that file.")
        piece = data[at : at + _PIECE]
        try:
            text = engine.decompress(piece)
        except zlib.error:
            raise RefusedError(f"is damaged: its gz data does not unpack near byte {at:,}. Pack it again.") from None
        size += len(text)
        if size > MAX_BYTES:
            raise _too_long(" when unpacked")
        at += len(piece) - len(engine.unused_data)
        engine = None if engine.eof else engine
        yield text, at
    if engine is not None:
        raise RefusedError(f"is cut short: its gz data goes on beyond byte {len(data):,}, where the file ends. Pack it again.")


def _too_long(when: str = "") -> RefusedError:
    return RefusedError(f"has more than {MAX_BYTES // 2**20} MB{when}, the most that can be read. {_SMALLER}.")


def _decoded(chunks: Iterator[tuple[bytes, int]], encoding: str) -> Iterator[tuple[bytes, int]]:
    """Bring the text to UTF-8 without a mark; what is UTF-8 already passes as it is."""
    decoder = codecs.getincrementaldecoder(encoding)() if encoding != "utf-8" else None
    first = True
    for chunk, done in chunks:
        if first and chunk:
            first = False
            if not decoder:
                chunk = chunk.removeprefix(codecs.BOM_UTF8)
                _check_kind(chunk)
        try:
            yield decoder.decode(chunk).encode() if decoder else chunk, done
        except UnicodeError:
            raise RefusedError(f"starts like {encoding.upper()}, but is none. Save it again as UTF-8.") from None


def _check_kind(start: bytes) -> None:
    for mark, what in _STRANGERS.items():
        if start.startswith(mark):
            raise RefusedError(f"is {what}, by its first bytes, whatever its ending says. {WANTED}.")


def _whole_lines(chunks: Iterator[tuple[bytes, int]]) -> Iterator[tuple[bytes, int]]:
    """Gather chunks into blocks that end with a line; a line that is longer than a block comes without its end."""
    parts: list[bytes] = []
    size, done = 0, 0
    for chunk, done in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size >= MAX_LINE:
            text = b"".join(parts)
            cut = text.rfind(b"\n") + 1 or text.rfind(b"\r") + 1 or size
            yield text[:cut], done
            parts = [text[cut:]] if cut < size else []
            size -= cut
    if size:
        yield b"".join(parts), done
