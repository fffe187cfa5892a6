"""The blocks of a list of links, parsed: by Arrow where they are regular, line by line where they are not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from mml_ui.link_layout import BLANKS, DECIMAL, SEPARATORS, WHOLE, Layout, fields_of, one_field, shown
from mml_ui.link_text import WANTED, Block, NotUtf8Error, RefusedError

MAX_NAME = 200

_LIMIT = 2**63
_LONGEST = 40  # digits and zeros in front that a page's number may have
_ENDLESS = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_MARGIN = re.compile(rb"^[ \t]+$", re.MULTILINE)
_PADDED = re.compile(rb"(?:^|[\n\t;,| ])0[0-9]")
_PEEK = 2**10
_SEVERAL = re.compile("[,;]")


class NoNumbersError(Exception):
    """Pages turn out to be names; says where."""


class _IrregularError(Exception):
    """Arrow is not to be trusted with this block."""


@dataclass(frozen=True)
class Parsed:
    """The links of a block: pages as arrays of numbers or Arrow arrays of names; whether numbers have zeros in front."""

    sources: Any
    targets: Any
    weights: NDArray[np.float64] | None
    padded: bool = False


def parsed(block: Block, form: Layout) -> Parsed | None:
    """Return the links of a block, None where it has none.

    Raises:
        RefusedError: A line is wrong: the first one.
        NoNumbersError: A page is no number, and should be.
        NotUtf8Error: The text is not in UTF-8.
    """
    if not block.text or block.text.isspace():
        return None
    try:
        text = _plain(block.text, form)
        for kind in _kinds(form):
            with suppress(pa.ArrowException):
                return _by_arrow(text, form, kind)
        return _by_arrow(_MARGIN.sub(b"", text), form, kind)
    except (pa.ArrowException, _IrregularError):
        return _by_line(block, form)


def _kinds(form: Layout) -> list[Any]:
    """Return what pages may be, in Arrow's terms; half as wide is less to carry about."""
    return [pa.string()] if not form.numbers else [pa.int64()] if form.wide else [pa.int32(), pa.int64()]


def _plain(text: bytes, form: Layout) -> bytes:
    """Bring blanks and arrows to single separators."""
    if form.separator == "->":
        if b"," in text or b";" in text:
            raise _IrregularError
        return text.replace(b"\t", b" ").replace(b"->", b"\t").replace("→".encode(), b"\t")
    if form.separator != " ":
        return text
    text = text.replace(b"\t", b" ") if b"\t" in text else text
    return text if b'"' in text else _squeezed(text)


def _squeezed(text: bytes) -> bytes:
    """Leave one blank between fields and none around the line."""
    raw = np.frombuffer(text + b"\n", dtype=np.uint8)
    blank, newline = raw == ord(" "), raw == ord("\n")
    spare = blank.copy()
    spare[1:] &= (blank | newline)[:-1]
    if not spare.any() and not (blank[:-1] & newline[1:]).any():
        return text
    raw = raw[~spare]
    last = raw == ord(" ")
    last[:-1] &= raw[1:] == ord("\n")
    return bytes(raw[~last])


def _by_arrow(text: bytes, form: Layout, page: Any) -> Parsed:
    """Parse a block that is regular; anything that might be read otherwise than line by line is an error."""
    separator = "\t" if form.separator == "->" else form.separator
    quoted = form.separator != "->" and b'"' in text
    raw = np.frombuffer(text, dtype=np.uint8)
    if quoted and not _well_quoted(raw, separator):
        raise _IrregularError
    kinds = {"source": page, "target": page, "weight": pa.float64()}
    table = arrow_csv.read_csv(
        pa.py_buffer(text),
        arrow_csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=list(kinds)[: form.width]),
        arrow_csv.ParseOptions(delimiter=separator, quote_char='"' if quoted else False),
        arrow_csv.ConvertOptions(column_types=kinds, null_values=[], decimal_point="," if form.comma else "."),
    )
    sources, targets, *others = (column.combine_chunks() for column in table.columns)
    weights = others[0].to_numpy() if others else None
    # A comparison with nan is False, and nothing is more than infinite.
    if weights is not None and not ((weights >= 0) & (weights < np.inf)).all():
        raise _IrregularError
    if form.numbers:
        if b"x" in text or b"X" in text:  # Arrow reads 0x10 as 16
            raise _IrregularError
        # Numbers have zeros in front from the start or not at all.
        return Parsed(sources.to_numpy(), targets.to_numpy(), weights, _PADDED.search(text[:_PEEK]) is not None)
    if ((raw < ord(" ")) & (raw != ord("\n")) & (raw != ord("\t"))).any():
        raise _IrregularError
    if (b" " in text and (quoted or separator != " ")) or (b"\t" in text and separator != "\t"):
        sources, targets = (pc.ascii_trim(pages, characters=BLANKS) for pages in (sources, targets))
    for pages in (sources, targets):
        lengths = pc.min_max(pc.binary_length(pages))
        if lengths["min"].as_py() < 1 or lengths["max"].as_py() > MAX_NAME:
            raise _IrregularError
    return Parsed(sources, targets, weights)


def _well_quoted(raw: NDArray[np.uint8], separator: str) -> bool:
    """Tell whether all quotation marks stand around whole fields or are doubled inside them, and none holds a line's end."""
    marks = np.flatnonzero(raw == ord('"'))
    if len(marks) % 2:
        return False
    padded = np.concatenate([[ord("\n")], raw, [ord("\n")]]).astype(np.uint8)
    edge = np.isin(np.arange(256), [ord(separator), ord("\n"), ord('"')])
    inside = np.searchsorted(marks, np.flatnonzero(raw == ord("\n"))) % 2
    return bool(edge[padded[marks[::2]]].all() and edge[padded[marks[1::2] + 2]].all() and not inside.any())


def _by_line(block: Block, form: Layout) -> Parsed | None:
    """Read a block line by line."""
    try:
        text = block.text.decode()
    except UnicodeDecodeError:
        raise NotUtf8Error from None
    rows = enumerate(text.split("\n"), block.line)
    links = [link for line, row in rows if row.strip(BLANKS) for link in _links(row, line, form)]
    if not links:
        return None
    sources, targets, weights = zip(*links, strict=True)
    found = np.array(weights, dtype=np.float64) if form.width == 3 else None
    if not form.numbers:
        return Parsed(pa.array(sources, pa.string()), pa.array(targets, pa.string()), found)
    padded = any(page.lstrip("-").startswith("0") and page.strip("-0") != "" for page in (*sources, *targets))
    one, other = (np.array([int(page) for page in pages], dtype=np.int64) for pages in (sources, targets))
    return Parsed(one, other, found, padded)


def _links(row: str, line: int, form: Layout) -> Iterator[tuple[str, str, float]]:
    """Yield the links of a line, which is one unless an arrow leads to several pages."""
    if control := _CONTROL.search(row):
        raise RefusedError(
            f"holds the byte {ord(control[0]):02X}, no text, in line {line:,}: it is damaged or binary. {WANTED}."
        )
    fields = fields_of(row, line, form.separator)
    how = SEPARATORS[form.separator]
    if len(fields) == 1:
        raise one_field(line, row, how)
    if form.separator == "->":
        if len(fields) > 2:
            raise RefusedError(
                f"has {len(fields) - 1} arrows in line {line:,}. Write one page a line and one arrow, as A -> B, C."
            )
        several = [page.strip(BLANKS) for page in _SEVERAL.split(fields[1])]
        for page in [page for page in several if page] or [""]:
            yield _page(fields[0], line, 1, form), _page(page, line, 2, form), 1.0
        return
    if len(fields) > 3:
        raise RefusedError(
            f"has {len(fields):,} fields in line {line:,}, separated by {how}; at most 3 can be read: source, target and "
            "weight. Take the other columns out."
        )
    pages = _page(fields[0], line, 1, form), _page(fields[1], line, 2, form)
    if len(fields) != form.width:
        one, other = ("no weight", "has one") if form.width == 3 else ("a third field", "has two fields")
        raise RefusedError(
            f"has {one} in line {line:,}, while line {form.first:,} {other}. "
            "Give every line a weight after source and target, or none."
        )
    yield *pages, _weight(fields[2], line, form) if form.width == 3 else 1.0


def _page(field: str, line: int, column: int, form: Layout) -> str:
    """Return a page's name or number, as text that was checked."""
    if not field:
        which = "source" if column == 1 else "target"
        raise RefusedError(f"has an empty {which} in line {line:,}. Give every line two pages, source and target.")
    if not form.numbers:
        if len(field) > MAX_NAME:
            raise RefusedError(
                f"has a name of {len(field):,} characters in line {line:,}, “{shown(field)}”; at most {MAX_NAME} can be read. "
                "Shorten it."
            )
        return field
    if not WHOLE.fullmatch(field):
        raise NoNumbersError(f"line {line:,} holds “{shown(field)}”")
    if len(field) > _LONGEST or not -_LIMIT <= int(field) < _LIMIT:
        raise RefusedError(
            f"has the page {shown(field)} in line {line:,}; numbers of pages go up to {_LIMIT - 1:,}. "
            "Put a letter before each number, so that pages are names."
        )
    return field


def _weight(field: str, line: int, form: Layout) -> float:
    """Return a weight that was checked."""
    plain = field.replace(",", ".", 1) if form.comma else field
    right = "A weight is a number of 0 or more, such as 1 or 0.5"
    if not field:
        raise RefusedError(f"has an empty weight in line {line:,}. {right}; give every line one, or none.")
    if _ENDLESS.fullmatch(field) or (DECIMAL.fullmatch(plain) and abs(float(plain)) == float("inf")):
        raise RefusedError(f"has an infinite weight in line {line:,}: “{shown(field)}”. {right}.")
    if not DECIMAL.fullmatch(plain):
        raise RefusedError(f"has a weight that is no number in line {line:,}: “{shown(field)}”. {right}.")
    if float(plain) < 0:
        raise RefusedError(f"has a negative weight in line {line:,}: {shown(field)}. {right}.")
    return float(plain)
