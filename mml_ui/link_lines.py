"""How a list of links is written, and its blocks parsed: by Arrow where they are regular, line by line where they are not."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from mml_ui.link_text import WANTED, Block, NotUtf8Error, RefusedError

MAX_NAME = 200
SAMPLE_LINES = 200
SAMPLE_BYTES = 2**17
SEPARATORS = {"->": "arrows", "\t": "tabs", ";": "semicolons", ",": "commas", "|": "vertical bars", " ": "blanks"}

_BLANKS = " \t"
_LIMIT = 2**63
_WHOLE = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_ENDLESS = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_MARGIN = re.compile(rb"^[ \t]+$", re.MULTILINE)
_PADDED = re.compile(rb"(?:^|[\n\t;,| -])0[0-9]")
_PEEK = 2**12
_KINDS = {True: (pa.int32(), pa.int64()), False: (pa.string(),)}
_ARROW = re.compile("->|→")
_SEVERAL = re.compile("[,;]")
# What the two columns are called in the files of others, without blanks, signs and capitals.
_NODES = ("{}", "{}id", "{}node", "{}nodeid", "{}page", "{}vertex", "{}name", "{}label", "{}url", "{}key")
_FROM, _TO = (
    frozenset(form.format(word) for word in words.split() for form in _NODES)
    for words in ("source src from start tail citing follower referrer node1 nodea", "target tgt dst dest destination to end head cited followee node2 nodeb")
)  # fmt: skip


class NoNumbersError(Exception):
    """Pages turn out to be names; says where."""


class _IrregularError(Exception):
    """Arrow is not to be trusted with this block."""


@dataclass(frozen=True)
class Layout:
    """How the links are written, by the first lines.

    Attributes:
        separator: one of SEPARATORS.
        width: how many fields a line has: 2, or 3 with weights.
        numbers: whether pages are whole numbers.
        comma: whether weights have a decimal comma.
        first: the number of the first line with a link.
        headings: the line of headings as it stands there, "" for none.
        sizes: whether a line of sizes stands before the links, as in a Matrix Market file.
    """

    separator: str
    width: int
    numbers: bool
    comma: bool
    first: int
    headings: str
    sizes: bool


@dataclass(frozen=True)
class Parsed:
    """The links of a block: pages as arrays of numbers or Arrow arrays of names; whether numbers have zeros in front."""

    sources: Any
    targets: Any
    weights: NDArray[np.float64] | None
    padded: bool = False


@dataclass(frozen=True)
class _Row:
    """A line of the sample: its number, where it begins and ends in the block, and its text."""

    line: int
    begin: int
    end: int
    text: str


def shown(text: str, limit: int = 40) -> str:
    """Return the text as it can stand in a sentence: printable, in one line, not long."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * limit]).split())
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def layout(block: Block, numbers: bool) -> tuple[Layout | None, Block]:
    """Decide how the links are written, by the first lines; return the block without its headings, too.

    Pages are numbers when the first lines say so, unless that turned out wrong (`numbers` is False). None for a block
    without any line that counts.
    """
    rows = list(_sample(block))
    sizes, block = _cut(block, rows if block.matrix else [])
    rows = rows[len(sizes) :]
    if not rows:
        return None, block
    separator = _separator(rows)
    fields = [_tried(row.text, separator) for row in rows]
    headings, block = _cut(block, rows if _is_heading(fields) else [])
    rows, fields = rows[len(headings) :], fields[len(headings) :]
    widths = [len(one) for one in fields if len(one) in (2, 3)]
    width = 2 if separator == "->" or not widths else widths[0]
    weights = [one[2] for one in fields if width == 3 and len(one) == 3]
    return Layout(
        separator,
        width,
        numbers and all(_WHOLE.fullmatch(page) for one in fields for page in one[:2]),
        separator != "," and any("," in weight for weight in weights) and not any("." in weight for weight in weights),
        rows[0].line if rows else block.line,
        shown(headings[0].text, 80) if headings else "",
        bool(sizes),
    ), block


def _sample(block: Block) -> Iterator[_Row]:
    """Yield the first lines that are not blank."""
    text = block.text
    begin = text.rfind(b"\n", 0, len(text) - len(text.lstrip())) + 1
    line, stop, n = block.line + text.count(b"\n", 0, begin), begin + SAMPLE_BYTES, 0
    while begin < min(stop, len(text)) and n < SAMPLE_LINES:
        end = text.find(b"\n", begin)
        end = len(text) if end < 0 else end
        row = text[begin : min(end, stop)].decode(errors="replace")
        if row.strip():
            n += 1
            yield _Row(line, begin, end, row)
        line, begin = line + 1, end + 1


def _cut(block: Block, rows: list[_Row]) -> tuple[list[_Row], Block]:
    """Take the first of these rows out of the block, and leave its line empty."""
    if not rows:
        return [], block
    return rows[:1], replace(block, text=block.text[: rows[0].begin] + block.text[rows[0].end :])


def _separator(rows: list[_Row]) -> str:
    """Return the separator by which most lines are a link, then by which most fields are numbers."""
    best, found = (0.0, 0.0, 0.0), ""
    for separator in SEPARATORS:
        fields = [_tried(row.text, separator) for row in rows]
        good = sum(len(one) == 2 or (len(one) == 3 and _is_weight(one[2], separator)) for one in fields)
        several = sum(len(one) > 1 for one in fields)
        whole = sum(bool(_WHOLE.fullmatch(page)) for one in fields if len(one) > 1 for page in one[:2])
        score = (good / len(rows), several / len(rows), whole / len(rows))
        if several and score > best:
            best, found = score, separator
    if not found:
        raise _one_field(rows[0].line, rows[0].text, "a comma, a tab or a blank")
    return found


def _is_weight(field: str, separator: str) -> bool:
    return bool(_DECIMAL.fullmatch(field if separator == "," else field.replace(",", ".", 1)))


def _tried(row: str, separator: str) -> list[str]:
    """Split a line; one that cannot be split counts as one field for now, its turn to be refused comes."""
    try:
        return _fields(row, 0, separator)
    except RefusedError:
        return [row]


def _is_heading(fields: list[list[str]]) -> bool:
    """Tell whether the first line holds headings: well-known ones, or text where all other lines have numbers."""
    first, others = fields[0], fields[1:]
    if len(first) < 2:
        return False
    words = [re.sub(r"[^a-z0-9]", "", field.lower()) for field in first]
    if words[0] in _FROM and words[1] in _TO:
        return True
    if any(_WHOLE.fullmatch(field) for field in first[:2]) or not others:
        return len(first) == 3 and _weighted(others) and not _DECIMAL.fullmatch(first[2].replace(",", ".")) and bool(first[2])
    numeric = all(len(one) > 1 and all(map(_WHOLE.fullmatch, one[:2])) for one in others)
    return numeric or (len(first) == 3 and bool(first[2]) and not _is_weight(first[2], ";") and _weighted(others))


def _weighted(others: list[list[str]]) -> bool:
    return bool(others) and all(len(one) == 3 and _is_weight(one[2], ";") for one in others)


def _fields(row: str, line: int, separator: str) -> list[str]:
    """Split a line into fields, without the blanks around them."""
    if separator == "->":
        return [field.strip(_BLANKS) for field in _ARROW.split(row)]
    if separator == " ":
        row = row.replace("\t", " ").strip(" ")
    if '"' not in row:
        fields = row.split(separator)
        return [field for field in fields if field] if separator == " " else [field.strip(_BLANKS) for field in fields]
    try:
        (quoted,) = csv.reader([row], delimiter=separator, skipinitialspace=True, strict=True)
    except (csv.Error, ValueError):
        raise RefusedError(
            f"has a quotation mark out of place in line {line:,}: “{shown(row)}”. "
            "Put quotation marks around the whole name and write those inside it twice; a name cannot go on in the next line."
        ) from None
    return [field.strip(_BLANKS) for field in quoted]


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
        for kind in _KINDS[form.numbers]:
            with suppress(pa.ArrowException):
                return _by_arrow(text, form, kind)
        return _by_arrow(_MARGIN.sub(b"", text), form, kind)
    except (pa.ArrowException, _IrregularError):
        return _by_line(block, form)


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
        sources, targets = (pc.ascii_trim(pages, characters=_BLANKS) for pages in (sources, targets))
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
    links = [link for line, row in rows if row.strip(_BLANKS) for link in _links(row, line, form)]
    if not links:
        return None
    sources, targets, weights = zip(*links, strict=True)
    found = np.array(weights, dtype=np.float64) if form.width == 3 else None
    if not form.numbers:
        return Parsed(pa.array(sources, pa.string()), pa.array(targets, pa.string()), found)
    padded = any(page.lstrip("-").startswith("0") and page.strip("-0") != "" for page in (*sources, *targets))
    both = (np.array([int(page) for page in pages], dtype=np.int64) for pages in (sources, targets))
    return Parsed(*both, weights=found, padded=padded)


def _links(row: str, line: int, form: Layout) -> Iterator[tuple[str, str, float]]:
    """Yield the links of a line, which is one unless an arrow leads to several pages."""
    if control := _CONTROL.search(row):
        raise RefusedError(
            f"holds the byte {ord(control[0]):02X}, no text, in line {line:,}: it is damaged or binary. {WANTED}."
        )
    fields = _fields(row, line, form.separator)
    how = SEPARATORS[form.separator]
    if len(fields) == 1:
        raise _one_field(line, row, how)
    if form.separator == "->":
        if len(fields) > 2:
            raise RefusedError(
                f"has {len(fields) - 1} arrows in line {line:,}. Write one page a line and one arrow, as A -> B, C."
            )
        several = [page.strip(_BLANKS) for page in _SEVERAL.split(fields[1])]
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
            f"has {one} in line {line:,}, while line {form.first:,} {other}. Give every line a weight after source and target, or none."
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
    if not _WHOLE.fullmatch(field):
        raise NoNumbersError(f"line {line:,} holds “{shown(field)}”")
    if len(field.lstrip("-0")) > 19 or not -_LIMIT <= int(field) < _LIMIT:
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
    if _ENDLESS.fullmatch(field) or (_DECIMAL.fullmatch(plain) and abs(float(plain)) == float("inf")):
        raise RefusedError(f"has an infinite weight in line {line:,}: “{shown(field)}”. {right}.")
    if not _DECIMAL.fullmatch(plain):
        raise RefusedError(f"has a weight that is no number in line {line:,}: “{shown(field)}”. {right}.")
    if float(plain) < 0:
        raise RefusedError(f"has a negative weight in line {line:,}: {shown(field)}. {right}.")
    return float(plain)


def _one_field(line: int, row: str, how: str) -> RefusedError:
    return RefusedError(
        f"has one field in line {line:,}: “{shown(row)}”. Give every line two pages, source and target, separated by {how}."
    )
