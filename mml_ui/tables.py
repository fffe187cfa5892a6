"""Read an uploaded table, whatever it turns out to be: bytes in, checked numbers or a sentence out.

A first reading of the first lines decides on separator, decimal sign and header. A second, over the bytes of the whole
file, counts the fields of every line, so a ragged line or an open quote is named before anything is parsed. Only then
do numbers come, block by block, into the array they stay in. Memory beside the file: 8 bytes a field, about 0.5 GB for the
densest 100 MB; a copy of the file where it is packed, encoded or ends its lines in another way; twice the numbers where a
column is set aside late.
"""

import csv
import hashlib
import importlib.metadata
import io
import re
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import compress, islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MAX_BYTES = 100 * 2**20
MAX_ROWS = 1_000_000
MAX_COLUMNS = 1_000
MAX_NAME = 80
MAX_LINE = 2**20
MAX_MEMBERS = 10_000
SAMPLE_LINES = 200
SAMPLE_BYTES = 2**17
BLOCK_BYTES = 2**19  # with what is found in it, a block fits into a processor's cache
BLOCK_FIELDS = 500_000

Numbers = NDArray[np.float64]
Words = NDArray[Any]
Report = Callable[[int, int], None]

_PIECE = 2**16
_PAUSE = 0.06  # seconds between two reports
_COMMA, _THOUSANDS, _ROUNDED = _STYLES = (
    "Decimal comma",
    "Thousands separators taken out",
    "Whole numbers over 9,007,199,254,740,992 rounded after 15 digits",
)

_WANTED = "Choose a table as text: CSV, TSV, or CSV packed as .gz"
_SMALLER = "Save fewer rows or columns of it and choose that"
_AGAIN = "Open it in a spreadsheet, save it again as CSV and choose that file"
_MISSING = frozenset({"", "na", "n/a", "nan", "null", "?", "-"})
_MARKERS = sorted(_MISSING | {m.upper() for m in _MISSING} | {m.title() for m in _MISSING} | {"NaN"})
_SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "vertical bars", ",": "commas"}

# Known strangers, so that the sentence can say what the file is and not only what it is not.
_STRANGERS = (
    (re.compile(rb"%PDF"), "a PDF document"),
    (re.compile(rb"PK\x03\x04|PK\x05\x06"), "an Excel workbook or a zip archive"),
    (re.compile(rb"\xd0\xcf\x11\xe0"), "an old Excel workbook"),
    (re.compile(rb"\s*<[a-z!?]", re.IGNORECASE), "a web page or XML"),
    (re.compile(rb'\s*(?:\{\s*["}]|\[\s*[\[{"\d\]-])'), "JSON"),
    (re.compile(rb"\x1f\x8b|BZh|7z\xbc\xaf|Rar!|\xfd7zXZ|\x28\xb5\x2f\xfd"), "a compressed archive"),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF.{4}WEBP", re.DOTALL), "a picture"),
    (re.compile(rb"PAR1|ARROW1|SQLite format|\x93NUMPY|\x89HDF"), "a database or binary table"),
)

# How a number may be written, by its decimal sign; repeats never give back (+), so that no field takes quadratic time.
_SPACES = " \u00a0\u2009\u202f"
_NUMBER, _GROUPED = (
    {
        point: re.compile(form.format(p=re.escape(point), t=f"[{other}{_SPACES}]"), re.ASCII | re.IGNORECASE)
        for point, other in (".,", ",.")
    }
    for form in (
        r"[+-]?+(?:(?:\d++(?:{p}\d*+)?+|{p}\d++)(?:e[+-]?+\d++)?+|inf(?:inity)?)",
        r"[+-]?+[1-9]\d{{0,2}}(?P<t>{t})\d{{3}}(?:(?P=t)\d{{3}})*+(?:{p}\d*+)?+",
    )
)
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_PLAIN = {
    ".": str.maketrans("", "", "," + _SPACES),
    ",": str.maketrans(",", ".", "." + _SPACES),
}


@dataclass(frozen=True)
class Table:
    """A table that was read. Two are equal when they come from the same bytes under the same name and were treated alike.

    Attributes:
        X: shape (n_rows, n_columns), the numeric columns, missing values as NaN; float64, read-only.
        columns: their names, each once.
        others: the columns set aside, name to text as it was written; read-only NumPy strings, for labels.
        name: the file's name, printable, at most 80 characters.
        digest: SHA-256 of the uploaded bytes, in hex.
        missing: how many values are missing in each numeric column.
        notes: sentences on what was found and what was done to it.
    """

    X: Numbers = field(repr=False, compare=False)
    columns: tuple[str, ...]
    others: Mapping[str, Words] = field(repr=False, compare=False)
    name: str
    digest: str
    missing: tuple[int, ...]
    notes: tuple[str, ...]


def table(data: bytes, name: str, report: Report | None = None) -> Table:
    """Read an uploaded table: its numeric columns as numbers, the others set aside as text.

    The bytes decide what it is, never the name. Line ends are made alike and blank lines skipped.

    Args:
        data: the file's bytes; CSV by comma, semicolon, tab or vertical bar, also packed as gz; at most 100 MB (unpacked,
            too), 1,000,000 rows and 1,000 columns; UTF-8, UTF-16 with its mark, or Latin-1.
        name: the file's name, any text; used in the sentences only.
        report: called with how many bytes of the file are read and how many it has, at most 17 times a second and when all
            are. It starts again at 0 where some of the columns turn out to hold more than plain numbers.

    Returns:
        The table, its arrays read-only.

    Raises:
        ValueError: if it cannot be read; a sentence with what is wrong, where, and what would be right.

    >>> wines = table(b"cultivar;alcohol\\nBarolo;14,23\\nBarbera;\\n", "dir/wines.csv")
    >>> wines.X.tolist(), wines.columns, wines.others["cultivar"].tolist(), wines.missing
    ([[14.23], [nan]], ('alcohol',), ['Barolo', 'Barbera'], (1,))
    >>> table(b"a,b\\n1,2\\n3\\n", "wines.csv")
    Traceback (most recent call last):
    ...
    ValueError: "wines.csv" has 1 field in line 3, where 2 are expected. Give every line as many fields as the others.
    """
    label = _printable(re.split(r"[/\\]", name[-4 * MAX_NAME :])[-1]) or "table"
    # The parser meets arbitrary bytes: whatever it raises about them means one thing, that they are no table.
    try:
        return _read(data, label, _paced(report))
    except _CallersError as mistake:
        raise mistake.args[0] from None
    except _RefusedError as refusal:
        raise ValueError(f'"{label}" {refusal}') from None
    except MemoryError:
        raise ValueError(f'"{label}" needs more memory than there is to read it. {_SMALLER}.') from None
    except Exception as fault:
        raise ValueError(f'"{label}" does not parse as a table. {_AGAIN}.') from fault


def complete(given: Table, how: Literal["drop rows", "fill with mean", "fill with median", "drop columns"]) -> Table:
    """Return the table without missing values, and say in its notes what that took; as it is when none are missing.

    Raises:
        ValueError: if nothing would be left, a column has no value to take a mean of, or `how` is none of the four.

    >>> complete(table(b"x,y\\n1,2\\n,4\\n3,9\\n", "a.csv"), "fill with mean").X.tolist()
    [[1.0, 2.0], [2.0, 4.0], [3.0, 9.0]]
    """
    if how not in ("drop rows", "fill with mean", "fill with median", "drop columns"):
        raise ValueError(f'"{how}" is no way to complete a table: drop rows, fill with mean, fill with median or drop columns.')
    gaps = np.isnan(given.X)
    holed, empty = np.atleast_1d(gaps.any(axis=0)), np.atleast_1d(gaps.all(axis=0))
    n_gaps = int(gaps.sum())
    if not n_gaps:
        return given
    X, others, columns = given.X, given.others, given.columns
    if empty.any() and how != "drop columns":
        which = _listed(compress(columns, empty))
        raise ValueError(f'"{given.name}" has no value at all in {which}. Drop the columns with missing values instead.')
    if how == "drop columns":
        if holed.all():
            raise ValueError(f'"{given.name}" has missing values in every numeric column. Drop rows or fill them instead.')
        X, columns = X[:, ~holed], tuple(compress(columns, ~holed))
        done = f"Left out for their missing values: {_listed(compress(given.columns, holed))}"
    elif how == "drop rows":
        kept = np.atleast_1d(~gaps.any(axis=1))
        if not kept.any():
            raise ValueError(f'"{given.name}" has a missing value in every row. Drop columns or fill them instead.')
        X, others = X[kept], {column: words[kept] for column, words in others.items()}
        done = f"{_counted(int((~kept).sum()), 'row')} of {len(kept):,} left out for missing values"
    else:
        X = X.copy()
        for j in np.flatnonzero(holed):
            X[gaps[:, j], j] = _middle(X[~gaps[:, j], j], how.removeprefix("fill with "))
        done = f"{_counted(n_gaps, 'missing value')} filled with the {how.removeprefix('fill with ')} of the column"
    return _frozen(replace(given, X=X, columns=columns, others=others, notes=(*given.notes, f"{done}.")))


@cache
def one_table() -> Table:
    """Return the small real table that travels through the course: 178 wines, 13 measurements, three cultivars.

    Source: Forina et al. (1988), PARVUS; the Wine data of the UCI Machine Learning Repository.
    """
    path = Path(__file__).parent / "samples" / "wine.csv"
    return table(path.read_bytes(), path.name)


@cache
def correlations() -> Table:
    """Return how the 13 measurements of the wines go together: the correlation of each with each."""
    wines = one_table()
    note = "Each entry is the correlation of two columns of the wine table, 1 on the diagonal."
    X = np.asarray(np.corrcoef(wines.X.T), np.float64)
    return _frozen(replace(wines, X=X, others={}, name="Wine correlations", notes=(note,)))


@cache
def digits() -> Table:
    """Return 1,797 handwritten digits of 8 by 8 pixels from 0 to 16, row by row, with their "digit" set aside.

    Source: Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI; the file is scikit-learn's own.
    """
    path = importlib.metadata.distribution("scikit-learn").locate_file("sklearn/datasets/data/digits.csv.gz")
    raw = table(Path(str(path)).read_bytes(), "digits.csv.gz")
    labels = np.array([f"{digit:.0f}" for digit in raw.X[:, 64]], dtype=np.dtypes.StringDType())
    columns = tuple(f"pixel {row},{column}" for row in range(8) for column in range(8))
    note = 'Columns 1 to 64 are the pixels, by row and column; column 65 is set aside as "digit".'
    return _frozen(
        replace(raw, X=raw.X[:, :64], columns=columns, others={"digit": labels}, name="digits", notes=(*raw.notes, note))
    )


class _RefusedError(ValueError):
    """The rest of a sentence that starts with the file's name, told apart from the parser's own ValueError."""


class _CallersError(Exception):
    """Holds what `report` raised, so that it is not taken for a fault of the file."""


def _paced(report: Report | None) -> Report:
    """Return what passes progress on, not too often."""
    last = -np.inf

    def told(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if report is None or (now - last < _PAUSE and 0 < done < total):
            return
        last = now
        try:
            report(done, total)
        except Exception as mistake:
            raise _CallersError(mistake) from None

    return told


def _frozen(loose: Table) -> Table:
    """Make the arrays read-only and count what is missing."""
    X, others = np.ascontiguousarray(loose.X), dict(loose.others)
    array: NDArray[Any]
    for array in (X, *others.values()):
        array.flags.writeable = False
    return replace(loose, X=X, others=MappingProxyType(others), missing=tuple(np.isnan(X).sum(axis=0).tolist()))


def _middle(values: Numbers, which: str) -> float:
    """Return mean or median; where a sum overflows, of the values scaled down, which is exact for a power of two."""
    middle = np.mean if which == "mean" else np.median
    with np.errstate(over="ignore"):
        plain = float(middle(values))
        return plain if np.isfinite(plain) else float(middle(values / 2**21)) * 2**21


def _printable(text: str) -> str:
    """Keep no control or direction characters, no double quotes, at most MAX_NAME characters with the ending."""
    shown = " ".join("".join(c if c.isprintable() and c != '"' else " " for c in text[: 4 * MAX_NAME]).split())
    return shown if len(shown) <= MAX_NAME else f"{shown[: MAX_NAME - 11]}\N{HORIZONTAL ELLIPSIS}{shown[-10:]}"


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _listed(names: Iterable[str], said: Sequence[str] = ()) -> str:
    """Name them in quotes, each with what is said of it; twelve at most, the rest counted."""
    quoted = [f'"{name}"' for name in names]
    shown = [f"{name} {more}" for name, more in zip(quoted, said, strict=True)] if said else quoted
    return ", ".join(shown[:12]) + (f" and {len(shown) - 12:,} more" if len(shown) > 12 else "")


def _read(data: bytes, label: str, report: Report) -> Table:
    """Read what `table` reads; the sentences lack the file's name."""
    report(0, len(data))
    body, notes = _text(data)
    layout = _layout(body)
    names = layout.names
    X, numbers, words, rounded = _parsed(body, layout, lambda row: report(len(data) * row // len(layout.lines), len(data)))
    styles: dict[int, tuple[str, ...]] = dict.fromkeys(sorted(rounded), (_ROUNDED,))
    aside: dict[int, str] = {}
    for j in sorted(words):
        outcome = _numbers(words[j], layout)
        if isinstance(outcome, str):
            aside[j] = outcome
        else:
            numbers[j], styles[j] = outcome
    set_aside = _listed((names[j] for j in aside), list(aside.values()))
    idle = [j for j in sorted(numbers) if not layout.given[j] and np.isnan(numbers[j]).all()]
    kept = [j for j in sorted(numbers) if j not in idle]
    if not kept:
        raise _RefusedError(f"has no column of numbers: {set_aside or 'every field is empty'}. {_WANTED}, with numbers in it.")
    if len(kept) < X.shape[1] or any(numbers[j].base is not X for j in kept):
        X = np.column_stack([numbers[j] for j in kept])
    numbers.clear()
    _check_finite(X, [names[j] for j in kept], layout.lines)
    others = {names[j]: words[j] for j in aside}
    read = _frozen(Table(X, tuple(names[j] for j in kept), others, label, hashlib.sha256(data).hexdigest(), (), ()))
    gaps = {column: f"({n:,})" for column, n in zip(read.columns, read.missing, strict=True) if n}
    found = {style: _listed(names[j] for j in sorted(styles) if style in styles[j]) for style in _STYLES} | {
        "Set aside as text": set_aside,
        "Left out, with neither name nor value": _listed(names[j] for j in idle),
        "Missing values (an empty field, NA, N/A, NaN, null, ? or -)": _listed(gaps, list(gaps.values())),
    }
    return replace(read, notes=(*notes, *layout.notes, *(f"{what}: {which}." for what, which in found.items() if which)))


def _text(data: bytes) -> tuple[bytes, list[str]]:
    """Unpack and decode: UTF-8 with plain line ends, without control characters, and what that took."""
    notes = []
    if not data:
        raise _RefusedError(f"is empty: it has 0 bytes. {_WANTED}.")
    _check_size(len(data))
    if data.startswith(b"\x1f\x8b"):
        data = _unpacked(data)
        notes.append("Unpacked from gz.")
    _check_kind(data)
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            data = data.decode("utf-16").encode()
            notes.append("Text in UTF-16.")
        elif not data.isascii():
            data = data.decode("utf-8-sig").encode()
            notes.append("Text in UTF-8.")
    except UnicodeDecodeError as fault:
        if fault.encoding != "utf-8":
            raise _RefusedError(f"starts like UTF-16, but is none at byte {fault.start:,}. {_AGAIN}.") from None
        data = data.removeprefix(b"\xef\xbb\xbf").decode("latin-1").encode()
        notes.append("Text in Latin-1, as it is no UTF-8.")
    _check_kind(data)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    _check_controls(data)
    if not data or data.isspace():
        raise _RefusedError(f"is empty: it holds only blank lines. {_WANTED}.")
    # Most files end as they should, and are not copied.
    return data if data.endswith(b"\n") and not data.endswith(b"\n\n") else data.rstrip(b"\n") + b"\n", notes


def _check_controls(data: bytes) -> None:
    raw = np.frombuffer(data, dtype=np.uint8)
    for at in range(0, len(raw), BLOCK_BYTES):
        block = raw[at : at + BLOCK_BYTES]
        control = (block < 32) & (block != ord("\n")) & (block != ord("\t"))
        if control.any():
            at += int(np.argmax(control))
            raise _RefusedError(
                f"holds the byte {data[at]:02X}, no text, in line {_line(data, at):,}: "
                f"it is damaged, binary, or UTF-16 without its mark. {_AGAIN}."
            )


def _unpacked(data: bytes) -> bytes:
    """Unpack gz, piece by piece and never more than MAX_BYTES."""
    parts, size, at, engine = [], 0, 0, None
    try:
        for _ in range(MAX_MEMBERS + len(data) // _PIECE + 1):
            if at >= len(data):
                break
            engine = engine or zlib.decompressobj(31)
            piece = data[at : at + _PIECE]
            parts.append(engine.decompress(piece, MAX_BYTES + 1 - size))
            size += len(parts[-1])
            _check_size(size, unpacked=True)
            at += len(piece) - len(engine.unused_data) - len(engine.unconsumed_tail)
            engine = None if engine.eof else engine
        else:
            raise _RefusedError(f"is packed in more than {MAX_MEMBERS:,} parts, far more than a table needs. {_AGAIN}.")
    except zlib.error:
        raise _RefusedError(f"is damaged: its gz data does not unpack near byte {at:,}. {_AGAIN}.") from None
    if engine:
        raise _RefusedError(f"is cut short: its gz data goes on beyond byte {len(data):,}, where the file ends. {_AGAIN}.")
    return b"".join(parts)


def _check_size(size: int, unpacked: bool = False) -> None:
    if size > MAX_BYTES:
        limit = f"{MAX_BYTES / 2**20:,.4g} MB"
        shown = f"more than {limit} when unpacked" if unpacked else f"{size / 2**20:,.4g} MB"
        raise _RefusedError(f"has {shown}; at most {limit} can be read. {_SMALLER}.")


def _check_kind(data: bytes) -> None:
    for start, what in _STRANGERS:
        if start.match(data[:1000]):
            raise _RefusedError(f"is {what}, by its first bytes, whatever its ending says. {_WANTED}.")


def _line(body: bytes, at: int) -> int:
    return body.count(b"\n", 0, at) + 1


def _too_many(what: str, limit: int) -> _RefusedError:
    return _RefusedError(f"has more than {limit:,} {what}, the most that can be read. {_SMALLER}.")


@dataclass(frozen=True)
class _Layout:
    """How a table is written: what its first lines show, and where each of its rows begins."""

    separator: str
    point: str
    given: list[str]
    names: list[str]
    texts: frozenset[int]
    lines: NDArray[np.int32]
    start: int
    notes: list[str]


def _layout(body: bytes) -> _Layout:
    """Decide on separator, decimal sign and header by the first lines; check the fields of all lines."""
    separator, rows = _separated(body)
    n_columns = Counter(map(len, rows)).most_common(1)[0][0]
    if n_columns > MAX_COLUMNS:
        raise _too_many("columns", MAX_COLUMNS)
    lines, starts, n_blank = _records(body, separator, n_columns)
    header = not _is_data(rows)
    given = rows[0] if header else [""] * n_columns
    names = _names(given)
    if len(lines) == header:
        raise _RefusedError(f"has a line of names, {_listed(names)}, and no row under it. {_WANTED}, with numbers in it.")
    if len(lines) - header > MAX_ROWS:
        raise _too_many("rows", MAX_ROWS)
    signs = {_sign(cell) for row in rows[header:] for cell in row} - {""}
    point = signs.pop() if len(signs) == 1 else ""
    plain = _NUMBER[point or "."].fullmatch
    texts = {j for row in rows[header:] for j, cell in enumerate(row) if not plain(cell) and cell.lower() not in _MISSING}
    how = "One column" if n_columns == 1 else f"Fields separated by {_SEPARATORS[separator]}"
    notes = [f"{how}, with a decimal comma." if point == "," else f"{how}."]
    notes.append("The first line holds the names." if header else "No line of names: the first line holds numbers.")
    changed = [j for j in range(n_columns) if names[j] != given[j]] if header else []
    if changed:
        places = [f"(column {j + 1:,})" for j in changed]
        notes.append(f"Names made printable, short and unique: {_listed((names[j] for j in changed), places)}.")
    if n_blank:
        notes.append(f"{_counted(n_blank, 'blank line')} skipped.")
    return _Layout(separator, point, given, names, frozenset(texts), lines[header:], starts[header], notes)


def _separated(body: bytes) -> tuple[str, list[list[str]]]:
    """Find the separator that gives the first lines equally many fields, more than one, most of them numbers.

    Numbers under a name without any separator are one column, whatever is in them: a decimal comma.
    """
    begin = len(body) - len(body.lstrip(b"\n"))
    end = body.find(b"\n", begin + SAMPLE_BYTES) + 1 or len(body)
    long = end - 1 - body.rfind(b"\n", 0, end - 1)
    if long > MAX_LINE:
        raise _RefusedError(
            f"has {long:,} bytes in line {_line(body, end - 1):,}; at most {MAX_LINE:,} bytes and "
            f"{MAX_COLUMNS:,} columns can be read. {_SMALLER}."
        )
    sample = body[begin:end].decode()
    best: tuple[tuple[bool, float, float, bool], str, list[list[str]]] | None = None
    for separator in _SEPARATORS:
        rows = _rows(sample, separator)
        n_columns, n_alike = Counter(map(len, rows)).most_common(1)[0]
        numeric = [_is_number(cell) for row in rows for cell in row[:MAX_COLUMNS]]
        several = n_columns > 1
        single = (
            not several
            and not set(rows[0][0]) & set(_SEPARATORS)
            and all(row[0].lower() in _MISSING or _is_number(row[0]) for row in rows[1:])
        )
        score = (several or single, n_alike / len(rows), sum(numeric) / len(numeric), several)
        if best is None or score > best[0]:
            best = score, separator, rows
    assert best is not None
    return best[1:]


def _rows(sample: str, separator: str) -> list[list[str]]:
    """Split the first lines into fields; a field beyond the reader's own limit ends them."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator, skipinitialspace=True)
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend([cell.strip() for cell in row] for row in islice(reader, SAMPLE_LINES) if row)
    return rows or [[sample.strip()]]


def _records(body: bytes, separator: str, expected: int) -> tuple[NDArray[np.int32], tuple[int, int], int]:
    """Count the fields of every record; return the lines they begin in, the first two's bytes, how many are blank."""
    raw = np.frombuffer(body, dtype=np.uint8)
    begin = len(body) - len(body.lstrip(b"\n"))
    edge = np.isin(np.arange(256), [ord(separator), *b'\n "'])
    begun, n_begun, n_blank, second = [], 0, 0, 0
    inside, carried, line, next_line, last = False, 0, 1, 1, -1
    for at in range(0, len(raw), BLOCK_BYTES):
        block = raw[at : at + BLOCK_BYTES]
        newline, cut, quote = block == ord("\n"), block == ord(separator), block == ord('"')
        ends = breaks = np.flatnonzero(newline)
        if inside or quote.any():
            within = np.logical_xor.accumulate(quote) ^ inside
            _check_quotes(body, np.flatnonzero(quote) + at, within[quote], edge)
            newline &= ~within
            cut &= ~within
            inside = bool(within[-1])
            ends = np.flatnonzero(newline)
        n_cuts = np.add.reduceat(cut.view(np.int8), np.append(0, ends), dtype=np.int32)
        n_cuts[0] += carried
        fields, carried = n_cuts[:-1] + 1, int(n_cuts[-1])
        after = next_line + 1 + (np.arange(len(ends)) if ends is breaks else np.searchsorted(breaks, ends))
        first = np.concatenate([[line], after])
        next_line, line = next_line + len(breaks), int(first[-1])
        blank = (np.diff(ends, prepend=last - at) == 1) & ((expected > 1) | (ends + at < begin))
        wrong = (fields != expected) & ~blank
        if wrong.any():
            raise _ragged(int(fields[wrong][0]), expected, int(first[:-1][wrong][0]))
        full = np.flatnonzero(~blank)
        second = at + int(ends[full[0]]) + 1 if not n_begun and len(full) else second
        last = at + int(ends[-1]) if len(ends) else last
        begun.append(first[full].astype(np.int32))
        n_begun, n_blank = n_begun + len(full), n_blank + int(blank.sum())
        if n_begun > MAX_ROWS + 1:
            raise _too_many("rows", MAX_ROWS)
    if inside:
        at = body.rfind(b'"')
        raise _RefusedError(f"opens a quotation mark in line {_line(body, at):,} that is never closed. Close it there.")
    return np.concatenate(begun), (begin, second), n_blank


def _check_quotes(body: bytes, places: NDArray[np.intp], opening: NDArray[np.bool_], edge: NDArray[np.bool_]) -> None:
    """Refuse a quotation mark that stands in the middle of a field and is not doubled."""
    raw = np.frombuffer(body, dtype=np.uint8)
    # The first byte's neighbour is the last one, a line end; nothing but a line end can follow the last mark.
    fits = edge[raw[np.where(opening, places - 1, places + 1)]]
    if not fits.all():
        k = int(np.argmin(fits))
        begun = "" if opening[k] else f", or the one in line {_line(body, int(places[max(k - 1, 0)])):,} is never closed"
        raise _RefusedError(
            f"has a quotation mark in the middle of a field in line {_line(body, int(places[k])):,}{begun}. "
            "Put quotation marks around the whole field and write those inside it twice."
        )


def _ragged(n_fields: int, expected: int, line: int) -> _RefusedError:
    return _RefusedError(
        f"has {_counted(n_fields, 'field')} in line {line:,}, where {expected:,} {'is' if expected == 1 else 'are'} expected. "
        "Give every line as many fields as the others."
    )


def _is_number(cell: str) -> bool:
    return _fits(cell, ".") or _fits(cell, ",")


def _fits(cell: str, point: str) -> bool:
    return bool(_NUMBER[point].fullmatch(cell) or _GROUPED[point].fullmatch(cell))


def _sign(cell: str) -> str:
    """Return the decimal sign that this number proves: nothing for 1234, nor for 1,234, which may be 1234 or 1.234."""
    if ("," not in cell and "." not in cell) or _AMBIGUOUS.fullmatch(cell):
        return ""
    return next((point for point in _NUMBER if _fits(cell, point)), "")


def _is_data(rows: list[list[str]]) -> bool:
    """Tell whether the first line is data: all numbers, or some fractions in a line like the one under it."""
    filled = [cell for cell in rows[0] if cell.lower() not in _MISSING]
    numeric = [cell for cell in filled if _is_number(cell)]
    if len(numeric) == len(filled):
        return bool(numeric)
    alike = len(rows) > 1 and all(_is_number(a) or not _is_number(b) for a, b in zip(*rows[:2], strict=False))
    return alike and any("." in cell or "," in cell for cell in numeric)


def _names(given: list[str]) -> list[str]:
    """Make names printable, each different from the others."""
    names: dict[str, None] = {}
    for j, cell in enumerate(given, 1):
        plain = _printable(cell) or f"column {j}"
        tries = (f"{plain} ({k})" if k > 1 else plain for k in range(1, len(given) + 2))
        names[next(name for name in tries if name not in names)] = None
    return list(names)


def _parsed(
    body: bytes, layout: _Layout, report: Callable[[int], None]
) -> tuple[Numbers, dict[int, Numbers], dict[int, Words], set[int]]:
    """Parse all rows: an array, its columns that are plain numbers throughout, the others as text, which were rounded."""
    n_rows, n_columns = len(layout.lines), len(layout.names)
    plain = [j for j in range(n_columns) if j not in layout.texts]
    X = np.empty((n_rows, len(plain)))
    words: dict[int, Words] = {j: np.empty(n_rows, dtype=np.dtypes.StringDType()) for j in layout.texts}
    late: set[int] = set()
    rounded: set[int] = set()
    for at, chunk in _chunks(body, layout, range(n_columns), layout.texts, report):
        for j in words:
            words[j][at : at + len(chunk)] = chunk[j].to_numpy()
        kinds = {j: dtype.kind for j, dtype in chunk.dtypes.items()}
        late.update(j for j in plain if kinds[j] not in "iuf")
        numeric = [j for j in plain if j not in late]
        for j in numeric:
            if kinds[j] != "f" and max(-int(chunk[j].min()), int(chunk[j].max())) > 2**53:
                rounded.add(j)
        if len(numeric) == n_columns:
            X[at : at + len(chunk)] = chunk.to_numpy(np.float64)
        else:
            X[at : at + len(chunk), np.isin(plain, numeric)] = chunk[numeric].to_numpy(np.float64)
    words |= {j: np.empty(n_rows, dtype=np.dtypes.StringDType()) for j in late}
    for at, chunk in _chunks(body, layout, sorted(late), frozenset(late), report):
        for j in late:
            words[j][at : at + len(chunk)] = chunk[j].to_numpy()
    return X, {j: X[:, k] for k, j in enumerate(plain) if j not in late}, words, rounded - late


def _chunks(
    body: bytes, layout: _Layout, columns: Sequence[int], texts: frozenset[int], report: Callable[[int], None]
) -> Iterator[tuple[int, pd.DataFrame]]:
    """Parse these columns block by block, `texts` untouched, the others as what they turn out to be in that block."""
    if not columns:
        return
    n_columns, at = len(layout.names), 0
    stream = io.BytesIO(body)
    stream.seek(layout.start)
    options: dict[str, Any] = {
        "sep": layout.separator, "decimal": layout.point or ".", "header": None, "names": range(n_columns), "usecols": columns,
        "dtype": dict.fromkeys(texts, object), "keep_default_na": False,
        "na_values": {j: _MARKERS for j in columns if j not in texts} if texts else _MARKERS, "skip_blank_lines": n_columns > 1,
        "skipinitialspace": body.find(b" ", layout.start) >= 0,  # to look for blanks in each field takes a fifth of the time
        "engine": "c", "low_memory": False, "chunksize": max(1, BLOCK_FIELDS // n_columns),
    }  # fmt: skip
    report(0)
    with pd.read_csv(stream, **options) as reader:
        for chunk in reader:
            if not isinstance(chunk.index, pd.RangeIndex):
                raise _RefusedError(f"has more fields in some line than the {n_columns:,} of the others. {_AGAIN}.")
            yield at, chunk
            at += len(chunk)
            report(at)
    if at != len(layout.lines):
        raise _RefusedError(f"has {len(layout.lines):,} rows by its line ends and {at:,} by its quotation marks. {_AGAIN}.")


def _numbers(words: Words, layout: _Layout) -> tuple[Numbers, tuple[str, ...]] | str:
    """Read a column of text as numbers, with how they were written; or name the first field that is no sure number."""
    cells = [word.strip() for word in words.tolist()]
    proved, grouped = "", False
    for row, cell in enumerate(cells):
        if cell.lower() not in _MISSING and not _is_number(cell):
            return _first(cell, layout.lines[row])
        proved = _sign(cell)
        if proved:
            break
    point = proved or layout.point or "."
    for row, cell in enumerate(cells):
        if not _NUMBER[point].fullmatch(cell):
            if cell.lower() in _MISSING:
                cells[row] = "nan"
                continue
            # Spaces in the only column may as well stand between columns.
            if not _GROUPED[point].fullmatch(cell) or (len(layout.names) == 1 and set(cell) & set(_SPACES)):
                return _first(cell, layout.lines[row])
            grouped = True
        if not (proved or layout.point) and _AMBIGUOUS.fullmatch(cell):
            return _first(cell, layout.lines[row], f", which may be {re.sub('[.,]', '', cell)} or {cell.replace(',', '.')}")
    plain = "\n".join(cells).translate(_PLAIN[point]).split("\n")
    values = np.fromiter(map(float, plain), dtype=np.float64, count=len(plain))
    large = np.flatnonzero(np.abs(values) > 2**53)
    rounded = any(cells[row].lstrip("+-").isdigit() for row in large)
    used = {_COMMA: point == "," != layout.point, _THOUSANDS: grouped, _ROUNDED: rounded}
    return values, tuple(compress(used, used.values()))


def _first(cell: str, line: int, more: str = "") -> str:
    return f'(line {line:,}: "{_printable(cell)}"{more})'


def _check_finite(X: Numbers, names: Sequence[str], lines: NDArray[np.int32]) -> None:
    large = np.isinf(X)
    if large.any():
        j = int(np.argmax(large.any(axis=0)))
        raise _RefusedError(
            f"has an infinite number, or one over 1.8e308, in line {lines[int(np.argmax(large[:, j]))]:,}, "
            f'column "{names[j]}". Write a smaller number there or leave the field empty.'
        )


def as_csv(columns: Mapping[str, Any]) -> bytes:
    """Return columns of one length as a CSV file.

    >>> as_csv({"page": ["A", "B"], "rank": [0.75, 0.25]})
    b'page,rank\\nA,0.75\\nB,0.25\\n'
    """
    return pd.DataFrame(dict(columns)).to_csv(index=False, lineterminator="\n").encode()
