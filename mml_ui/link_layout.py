"""How a list of links is written: separator, weights, headings, by its first lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mml_ui.link_text import Block, RefusedError

SAMPLE_LINES = 200
SAMPLE_BYTES = 2**17
SEPARATORS = {"->": "arrows", "\t": "tabs", ";": "semicolons", ",": "commas", "|": "vertical bars", " ": "blanks"}
BLANKS = " \t"
WHOLE = re.compile(r"-?[0-9]+")
DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

_ARROW = re.compile("->|→")
# What the two columns are called in the files of others, without blanks, signs and capitals.
_ENDINGS = ("", "id", "node", "nodeid", "page", "vertex", "name", "label", "url", "key")
_FROM, _TO = (
    frozenset(word + ending for word in words.split() for ending in _ENDINGS)
    for words in (
        "source src from start tail parent caller citing follower referrer node1 nodea",
        "target tgt to dst dest destination end head child callee cited followee node2 nodeb",
    )
)


@dataclass(frozen=True)
class Layout:
    """How the links are written, by the first lines.

    Attributes:
        separator: one of SEPARATORS.
        width: how many fields a line has: 2, or 3 with weights.
        numbers: whether pages are whole numbers.
        wide: whether some of them need more than 32 bits.
        comma: whether weights have a decimal comma.
        first: the number of the first line with a link.
        headings: the line of headings as it stands there, "" for none.
        sizes: whether a line of sizes stands before the links, as in a Matrix Market file.
    """

    separator: str
    width: int
    numbers: bool
    wide: bool
    comma: bool
    first: int
    headings: str
    sizes: bool


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
    pages = [page for one in fields for page in one[:2]]
    numbers = numbers and all(map(WHOLE.fullmatch, pages))
    return Layout(
        separator,
        width,
        numbers,
        numbers and max(map(len, pages), default=0) > 9,
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
        if end > stop and n:  # half a line would tell nothing
            return
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
    """Return the separator by which most lines are a link; then the one that cuts no quoted field, then by numbers."""
    best, found = (0, 0, 0, 0), ""
    for separator in SEPARATORS:
        # An arrow inside quotation marks is part of a name.
        fields = [[""] if separator == "->" and '"' in row.text else _tried(row.text, separator) for row in rows]
        several = [one for one in fields if len(one) > 1]
        good = [one for one in several if len(one) == 2 or (len(one) == 3 and _is_weight(one[2], separator))]
        whole = [one for one in several if not any('"' in field for field in one)]
        numeric = sum(bool(WHOLE.fullmatch(page)) for one in several for page in one[:2])
        score = (len(good), len(whole), len(several), numeric)
        if several and score > best:
            best, found = score, separator
    if not found:
        fields_of(rows[0].text, rows[0].line, ",")  # its quotation marks may be what is wrong
        raise one_field(rows[0].line, rows[0].text, "a comma, a tab or a blank")
    return found


def _is_weight(field: str, separator: str) -> bool:
    return bool(DECIMAL.fullmatch(field if separator == "," else field.replace(",", ".", 1)))


def _tried(row: str, separator: str) -> list[str]:
    """Split a line; one that cannot be split counts as one field for now, its turn to be refused comes."""
    try:
        return fields_of(row, 0, separator)
    except RefusedError:
        return [row]


def _is_heading(fields: list[list[str]]) -> bool:
    """Tell whether the first line holds headings: well-known ones, or text over numbers of pages or over weights."""
    first, others = fields[0], fields[1:]
    if len(first) < 2:
        return False
    words = [re.sub(r"[^a-z0-9]", "", field.lower()) for field in first]
    if words[0] in _FROM and words[1] in _TO:
        return True
    if not others or any(map(WHOLE.fullmatch, first[:2])):
        return False
    if all(len(one) > 1 and all(map(WHOLE.fullmatch, one[:2])) for one in others):
        return True
    weighted = all(len(one) == 3 and _is_weight(one[2], ";") for one in others)
    return weighted and len(first) == 3 and first[2] != "" and not _is_weight(first[2], ";")


def fields_of(row: str, line: int, separator: str) -> list[str]:
    """Split a line into fields, without the blanks around them."""
    if separator == "->":
        return [field.strip(BLANKS) for field in _ARROW.split(row)]
    if separator == " ":
        row = row.replace("\t", " ").strip(" ")
    if '"' not in row:
        fields = row.split(separator)
        return [field for field in fields if field] if separator == " " else [field.strip(BLANKS) for field in fields]
    try:
        (quoted,) = csv.reader([row], delimiter=separator, skipinitialspace=True, strict=True)
    except (csv.Error, ValueError):
        raise RefusedError(
            f"has a quotation mark out of place in line {line:,}: “{shown(row)}”. "
            "Put quotation marks around the whole name and write those inside it twice; a name cannot go on in the next line."
        ) from None
    return [field.strip(BLANKS) for field in quoted]


def one_field(line: int, row: str, how: str) -> RefusedError:
    """Return what is said of a line that cannot be split."""
    return RefusedError(
        f"has one field in line {line:,}: “{shown(row)}”. Give every line two pages, source and target, separated by {how}."
    )
