import ast
import csv
import doctest
import gzip
import io
import os
import platform
import re
import sysconfig
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from conftest import SEED
from hypothesis import given
from hypothesis import strategies as st
from ui.hostile_links import hostile_files

from mml_ui import link_layout, link_lines, link_pages, link_text, links
from mml_ui.links import Links, read
from scripts import standard_library_links

N_HOSTILE = 1000 if os.environ.get("MML_SOAK") == "1" else 42
SAMPLE = standard_library_links.TARGET


def refusal(data: bytes | str, name: str = "web.csv") -> str:
    """The sentence that refuses a file, without its name."""
    with pytest.raises(ValueError, match=r"\.$") as caught:
        read(data.encode() if isinstance(data, str) else data, name)
    label, sentence = str(caught.value).split(" ", 1)
    assert label == f'"{name}"'
    return sentence


def found(data: bytes | str) -> Links:
    return read(data.encode() if isinstance(data, str) else data, "web.csv")


def pairs(web: Links) -> list[tuple]:
    return list(zip(web.names[web.sources].tolist(), web.names[web.targets].tolist(), strict=True))


def small_blocks(monkeypatch: pytest.MonkeyPatch, size: int = 64) -> None:
    monkeypatch.setattr(link_text, "BLOCK_BYTES", size)
    monkeypatch.setattr(link_text, "MAX_LINE", size // 2)
    monkeypatch.setattr(link_pages, "_PIECE", 8)
    monkeypatch.setattr(link_pages, "_MERGE", 16)


@pytest.mark.parametrize(("text", "how"), [
    ("10,2\n2,10\n", "commas"), ("10;2\n2;10\n", "semicolons"), ("10\t2\n2\t10\n", "tabs"), ("10|2\n2|10\n", "vertical bars"),
    ("10 2\n2 10\n", "blanks"), ("  10    2 \n2 \t10\n\n", "blanks"), ("10, 2\n2 ,10\n", "commas"),
    ("10 \t2\n2\t 10\n", "tabs"),
    ("10->2\n 2  -> 10", "arrows"), ("10→2\n2 →\t10", "arrows"), ('"10","2"\n2,"10"\n', "commas"),
    ('"10" "2"\n2 10\n', "blanks"),
])  # fmt: skip
def test_every_separator_is_found_and_said(text, how):
    web = found(text)
    assert pairs(web) == [(10, 2), (2, 10)]
    assert web.names.tolist() == [2, 10]
    assert web.notes == (f"Fields separated by {how}.",)


def test_what_is_returned_is_compact_and_read_only():
    web = found("7,1000,2\n1000,7,0.25\n")
    assert (web.sources.dtype, web.targets.dtype, web.weights.dtype, web.names.dtype) == (
        np.int32,
        np.int32,
        np.float64,
        np.int64,
    )
    assert (web.sources.tolist(), web.targets.tolist()) == ([0, 1], [1, 0])
    assert web.weights.tolist() == [2, 0.25]
    assert web.name == "web.csv"
    assert found("b a").names.dtype == object
    for array in (web.sources, web.targets, web.weights, web.names, found("b a").names, found("b a").sources):
        assert not array.flags.writeable
    # What is kept is no part of something larger.
    assert web.sources.flags.owndata
    assert web.weights.flags.owndata


def test_a_snap_file_works_as_it_comes():
    text = (
        "# Directed graph (each unordered pair of nodes is saved once): web-Google.txt \r\n# Webgraph from the contest\r\n"
        "# Nodes: 875713 Edges: 5105039\r\n# FromNodeId\tToNodeId\r\n0\t11342\r\n0\t824020\r\n11342\t0\r\n"
    )
    web = found(gzip.compress(text.encode()))
    assert pairs(web) == [(0, 11342), (0, 824020), (11342, 0)]
    assert web.weights is None
    assert web.notes == ("Unpacked from gz.", "Fields separated by tabs.", "4 comment lines skipped.")


def test_a_matrix_market_file_works_as_it_comes():
    web = found("%%MatrixMarket matrix coordinate real general\n% made by hand\n3 3 2\n1 2 0.5\n3 1 2\n")
    assert pairs(web) == [(1, 2), (3, 1)]
    assert web.weights.tolist() == [0.5, 2]
    assert "The line of sizes of a Matrix Market file skipped." in web.notes


def test_comments_and_blank_lines_may_stand_anywhere():
    web = found("\n#a\n\n  % b\n1,2\n \t\n# c, d\n\t#\n2,3\n#")
    assert pairs(web) == [(1, 2), (2, 3)]
    assert web.notes[-1] == "5 comment lines skipped."
    assert pairs(found("a,#1\n\n  \nC#,a\n")) == [("a", "#1"), ("C#", "a")]


def test_lines_are_counted_over_comments_blanks_and_line_ends():
    assert "in line 8:" in refusal("# a\r\n\r\n1,2\r\n\r\n  \r\n# b\r\n3,4\r\n5\r\n")
    assert "in line 3:" in refusal("1,2\r3,4\r5\r")


@pytest.mark.parametrize(
    "heading", ["source,target", "Source, Target", "FromNodeId,ToNodeId", "src,dst", "from_id,to_id", "a,b"]
)
def test_headings_are_recognised_and_said(heading):
    web = found(f"{heading}\n1,2\n")
    assert pairs(web) == [(1, 2)]
    assert web.notes[1] == f"The first line holds headings: “{heading}”."


@pytest.mark.parametrize(("text", "expected"), [
    ("source,target\nann,bob\n", [("ann", "bob")]), ("x,y,z\nann,bob,3\n", [("ann", "bob")]),
    ("ann,bob\n", [("ann", "bob")]), ("ann,bob\nbob,ann\n", [("ann", "bob"), ("bob", "ann")]),
    ("ann,5\n5,6\n", [("ann", "5"), ("5", "6")]),
])  # fmt: skip
def test_headings_over_names_are_known_words_or_stand_over_weights(text, expected):
    assert pairs(found(text)) == expected


def test_pages_are_names_unless_all_are_whole_numbers():
    web = found("b,a\n10,9\n\u00e4,b\n")
    assert web.names.tolist() == ["10", "9", "a", "b", "\u00e4"]
    assert all(type(name) is str for name in web.names)
    assert pairs(found("1.0,2\n")) == [("1.0", "2")]
    assert pairs(found("0x10,+2\n")) == [("0x10", "+2")]


def test_names_may_hold_blanks_quotes_and_separators():
    assert pairs(found("New York,Los  Angeles\n Rome ,\tOslo \n")) == [("New York", "Los  Angeles"), ("Rome", "Oslo")]
    assert pairs(found('"New York, NY","say ""hi"""\nRome,5" disk\n')) == [("New York, NY", 'say "hi"'), ("Rome", '5" disk')]
    assert pairs(found('1, "a, b"\n"#x", c\n')) == [("1", "a, b"), ("#x", "c")]
    assert pairs(found("New York -> Rome, San Jos\u00e9; Oslo,\nRome -> New York\n")) == [
        ("New York", "Rome"), ("New York", "San Jos\u00e9"), ("New York", "Oslo"), ("Rome", "New York"),
    ]  # fmt: skip


def test_a_name_after_a_hundred_thousand_numbers_makes_all_of_them_names():
    numbers = [(i % 997, i % 89) for i in range(100_000)]
    web = found("".join(f"{a}\t{b}\n" for a, b in numbers) + "007\thome\n")
    assert pairs(web) == [(str(a), str(b)) for a, b in numbers] + [("007", "home")]
    assert web.notes[-1] == "Pages are names, not numbers: line 100,001 holds “home”."


def test_zeros_in_front_of_numbers_do_not_count_and_it_is_said():
    web = found("007,8\n7,08\n")
    assert pairs(web) == [(7, 8), (7, 8)]
    assert web.notes[-1] == "Zeros in front of numbers do not count: page 007 is page 7."
    assert not any("Zeros" in note for note in found("0,10,0.05\n-0,100,1e-05\n").notes)


def test_weights_are_read_as_they_are_written():
    assert found("1 2 1e-3\n1 2 +.5\n1 2 3.\n1 2 0\n").weights.tolist() == [0.001, 0.5, 3, 0]
    web = found("1;2;0,5\n1;3;2\n")
    assert web.weights.tolist() == [0.5, 2]
    assert web.notes[-1] == "The third column holds weights, with a decimal comma."


def test_repeated_links_and_links_to_itself_are_kept_in_order():
    assert pairs(found("2,1\n1,1\n2,1\n")) == [(2, 1), (1, 1), (2, 1)]


@pytest.mark.parametrize(("data", "note"), [
    ("\u00e9,b\n".encode(), None), ("\ufeff\u00e9,b\n".encode(), None), ("\u00e9,b\n".encode("utf-16"), "Text in UTF-16."),
    ("\u00e9,b\n".encode("latin-1"), "Text in Latin-1, as it is no UTF-8."),
])  # fmt: skip
def test_every_encoding_is_read_and_said(data, note):
    web = found(data)
    assert pairs(web) == [("\u00e9", "b")]
    assert web.notes == ((note,) if note else ()) + ("Fields separated by commas.",)


def test_latin_1_is_noticed_late_too():
    web = found(b"a,b\n" * 300_000 + b"\xe9,b\n")
    assert pairs(web)[-1] == ("\u00e9", "b")
    assert len(web.sources) == 300_001


ONE = "Give every line two pages, source and target, separated by {}."
NUMBER = "A weight is a number of 0 or more, such as 1 or 0.5"
GIVE = "Give every line a weight after source and target, or none."
BIG = "numbers of pages go up to 9,223,372,036,854,775,807. Put a letter before each number, so that pages are names."
MOST = "at most 3 can be read: source, target and weight. Take the other columns out."
QUOTES = "Put quotation marks around the whole name and write those inside it twice; a name cannot go on in the next line."


@pytest.mark.parametrize(("text", "sentence"), [
    ("1\n2\n", "has one field in line 1: “1”. " + ONE.format("a comma, a tab or a blank")),
    ("1,2\n3\n4,5\n", "has one field in line 2: “3”. " + ONE.format("commas")),
    ("a b\nb c\nd\n", "has one field in line 3: “d”. " + ONE.format("blanks")),
    ("1,2,3,4\n", f"has 4 fields in line 1, separated by commas; {MOST}"),
    ("1 2 3\n1 2 3 4\n", f"has 4 fields in line 2, separated by blanks; {MOST}"),
    ("1,2,1\n1,3\n", f"has no weight in line 2, while line 1 has one. {GIVE}"),
    ("# x\n1,2\n1,3,1\n", f"has a third field in line 3, while line 2 has two fields. {GIVE}"),
    ("1,2,1\n1,2,heavy\n", f"has a weight that is no number in line 2: “heavy”. {NUMBER}."),
    ("1,2,nan\n", f"has a weight that is no number in line 1: “nan”. {NUMBER}."),
    ("1,2,1_0\n", f"has a weight that is no number in line 1: “1_0”. {NUMBER}."),
    ("1,2,1\n1,2,-0.5\n", f"has a negative weight in line 2: -0.5. {NUMBER}."),
    ("1,2,1\n1,2,inf\n", f"has an infinite weight in line 2: “inf”. {NUMBER}."),
    ("1,2,1e999\n", f"has an infinite weight in line 1: “1e999”. {NUMBER}."),
    ("1,2,1\n1,2,\n", f"has an empty weight in line 2. {NUMBER}; give every line one, or none."),
    ("1,2\n,3\n", "has an empty source in line 2. Give every line two pages, source and target."),
    ("a,b\nc, \n", "has an empty target in line 2. Give every line two pages, source and target."),
    ('a,b\n"",c\n', "has an empty source in line 2. Give every line two pages, source and target."),
    ("a,b\nb," + "c" * 201, f"has a name of 201 characters in line 2, “{'c' * 39}…”; at most 200 can be read. Shorten it."),
    ("1,9223372036854775808\n", f"has the page 9223372036854775808 in line 1; {BIG}"),
    ("1,2\n-9223372036854775809,2\n", f"has the page -9223372036854775809 in line 2; {BIG}"),
    (f"1,2\n{'9' * 5000},2\n", f"has the page {'9' * 39}… in line 2; {BIG}"),
    ('a,b\n"c,d\n', f"has a quotation mark out of place in line 2: “\"c,d”. {QUOTES}"),
    ('a,b\n"c"d,e\n', f"has a quotation mark out of place in line 2: “\"c\"d,e”. {QUOTES}"),
    ('a,b\n"c\nd",e\n', f"has a quotation mark out of place in line 2: “\"c”. {QUOTES}"),
    ("a -> b\na -> b -> c\n", "has 2 arrows in line 2. Write one page a line and one arrow, as A -> B, C."),
    ("a -> b\na ->\n", "has an empty target in line 2. Give every line two pages, source and target."),
    ("", f"is empty: it has 0 bytes. {link_text.WANTED}."),
    ("\n \n", f"is empty: it holds only blank lines or comments. {link_text.WANTED}."),
    ("# a\n%b\n", f"is empty: it holds only blank lines or comments. {link_text.WANTED}."),
    ("# a\nsource,target\n", f"is empty: it holds only a line of headings, “source,target”. {link_text.WANTED}."),
    ("1,2\n3,\x004\n", f"holds the byte 00, no text, in line 2: it is damaged or binary. {link_text.WANTED}."),
    ("a,b\nc\x1a,d\n", f"holds the byte 1A, no text, in line 2: it is damaged or binary. {link_text.WANTED}."),
])  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(text, sentence):
    assert refusal(text) == sentence


@pytest.mark.parametrize(("data", "what"), [
    (b"PK\x03\x04\x14\0", "is an Excel workbook or a zip archive"), (b"\x89PNG\r\n\x1a\n\0\0\0\r", "is a picture"),
    (b"%PDF-1.7\n%\xe2\xe3", "is a PDF document"), (gzip.compress(gzip.compress(b"1 2")), "is packed twice"),
])  # fmt: skip
def test_a_binary_file_is_named(data, what):
    assert refusal(data) == f"{what}, by its first bytes, whatever its ending says. {link_text.WANTED}."


def test_the_first_bad_line_of_many_is_named(monkeypatch):
    small_blocks(monkeypatch)
    good = "1,2,0.5\n" * 40
    assert "in line 41:" in refusal(f"{good}1,2,-1\n{good}1\n{good}")
    assert "in line 41:" in refusal(f"{good}1\n{good}1,2,-1\n{good}")
    assert "in line 43." in refusal(f"{good}# c\n\n1,,1\n{good}a,1,x\n" + "1" * 500)
    assert "more than 32 bytes in line 41." in refusal(f"{good}{'1' * 500}\n{good}1\n")


def test_a_bad_line_just_before_damage_is_still_the_first(monkeypatch):
    small_blocks(monkeypatch)
    packed = gzip.compress(("1,2\n" * 30 + "1\n" + "1,2\n" * 20).encode())
    assert "in line 31:" in refusal(packed[:-1])


def test_bad_lines_count_as_they_would_among_names(monkeypatch):
    small_blocks(monkeypatch)
    assert "negative weight in line 20:" in refusal("1,2,1\n" * 19 + "1,2,-1\n" + "a,2,1\n")
    assert "negative weight in line 40:" in refusal("1,2,1\n" * 19 + "a,2,1\n" + "1,2,1\n" * 19 + "1,2,-1\n")
    assert pairs(found("1,2\n" * 300 + "a,99999999999999999999\n"))[-1] == ("a", "99999999999999999999")


def test_gz_is_unpacked_in_parts_and_refused_when_damaged():
    text = b"1 2\n" * 2_000
    packed = gzip.compress(text, mtime=0)
    assert len(found(packed + packed).sources) == 4_000
    assert refusal(packed[:-1]).startswith("is cut short: its gz data goes on beyond byte")
    assert refusal(b"\x1f\x8b" + b"x" * 50) == "is damaged: its gz data does not unpack near byte 0. Pack it again."
    assert refusal(gzip.compress(b"", mtime=0) * 10_001).startswith("is packed in more than 10,000 parts.")


def test_a_bomb_ends_early():
    bomb = gzip.compress(b"1" * 2**26, 1, mtime=0) * 20
    start = time.perf_counter()
    assert refusal(bomb) == f"has more than 524,288 bytes in line 1. {link_text.WANTED}."
    assert time.perf_counter() - start < 1


def test_more_than_the_limits_is_refused(monkeypatch):
    monkeypatch.setattr(link_text, "MAX_BYTES", 2**21)
    too_much = "the most that can be read. Take fewer links and choose that file."
    lines = b"1,2\n" * 600_000
    assert refusal(lines) == f"has more than 2 MB, {too_much}"
    assert refusal(gzip.compress(lines, 1)) == f"has more than 2 MB when unpacked, {too_much}"
    monkeypatch.setattr(links, "MAX_LINKS", 1_000)
    assert refusal(b"1,2\n" * 1_001) == "has more than 1,000 links, the most that can be read. Take fewer of them."
    assert len(found(b"1,2\n" * 1_000).sources) == 1_000


@pytest.mark.parametrize("ids", [(0, 10**9), (-(10**9), 10**9), (0, 2**63 - 1), (-(2**63), 2**63 - 1), (2**40, 2**40 + 1)])
@pytest.mark.parametrize("crowd", [0, 3_000])
def test_a_large_number_takes_no_more_memory_than_a_small_one(ids, crowd):
    rows = [ids, *((i, (i * 7) % 3_000) for i in range(crowd)), ids[::-1]]
    data = "".join(f"{a} {b}\n" for a, b in rows).encode()
    found(data)
    tracemalloc.start()
    web = found(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert pairs(web) == rows
    assert web.names.tolist() == sorted({page for row in rows for page in row})
    assert peak < 20e6


@pytest.mark.parametrize("top", [400, 10**6, 2**31, 2**33, 2**62])
def test_numbers_of_every_width_come_back_over_many_blocks(top, monkeypatch):
    small_blocks(monkeypatch, 512)
    rng = np.random.default_rng(top % 97)
    pages = rng.integers(-top // 2, top, 200)
    rows = rng.choice(pages, (2_000, 2))
    rows[:1_000] %= 50  # wide numbers come late
    web = found("".join(f"{a},{b}\n" for a, b in rows))
    np.testing.assert_array_equal(web.names[web.sources], rows[:, 0])
    np.testing.assert_array_equal(web.names[web.targets], rows[:, 1])
    np.testing.assert_array_equal(web.names, np.unique(rows))


@pytest.mark.parametrize("text", ["1,5000000000\n2,1\n", "5000000000,1\n1,2\n", "1,2\n" * 300 + "1,-5000000000\n"])
def test_one_column_may_be_wider_than_the_other(text):
    assert pairs(found(text)) == [tuple(map(int, line.split(","))) for line in text.split()]


def test_progress_is_told_from_nothing_to_all(monkeypatch):
    small_blocks(monkeypatch)
    data, told = b"1 2\n" * 200, []
    read(data, "web.txt", lambda done, total: told.append((done, total)))
    assert told[0] == (0, 800)
    assert told[-1] == (800, 800)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len(told) > 10
    packed = gzip.compress(data)
    read(packed, "web.txt.gz", lambda done, total: told.append((done, total)))
    assert told[-1] == (len(packed), len(packed))


def test_progress_starts_again_where_numbers_turn_out_to_be_names(monkeypatch):
    small_blocks(monkeypatch)
    told = []
    read(b"1 2\n" * 300 + b"a 2\n", "web.txt", lambda done, _: told.append(done))
    assert told.count(0) == 2
    assert told[-1] == 1_204


def test_a_mistake_of_the_caller_is_not_taken_for_one_in_the_file():
    with pytest.raises(ZeroDivisionError):
        read(b"1 2\n", "web.txt", lambda done, total: 1 // 0)


def test_the_name_is_shown_printable_and_short():
    assert found("1 2").name == "web.csv"
    assert read(b"1 2", 'C:\\dir/we"b\u202e.csv').name == "we b .csv"
    assert read(b"1 2", "\n").name == "list of links"
    assert len(read(b"1 2", "n" * 500).name) == 80


PAGE_NUMBERS = st.one_of(st.integers(0, 50), st.integers(-(2**63), 2**63 - 1))
PAGE_NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20).map(lambda text: f"p{text}q")
WEIGHTS = st.floats(0, allow_nan=False, allow_infinity=False)
SPECIAL = re.compile(r'[\s,;|"#%]|->|→')


@st.composite
def webs(draw: st.DrawFn) -> tuple[list[tuple], bool]:
    pages = draw(st.lists(draw(st.sampled_from([PAGE_NUMBERS, PAGE_NAMES])), min_size=1, max_size=12))
    page = st.sampled_from(pages)
    weighted = draw(st.booleans())
    row = st.tuples(page, page, WEIGHTS) if weighted else st.tuples(page, page)
    return draw(st.lists(row, min_size=1, max_size=40)), weighted


def in_dialect(rows: list[tuple], separator: str, quote: bool, end: str, heading: bool) -> str:
    def field(value: object) -> str:
        text = repr(value) if isinstance(value, float) else str(value)
        return '"' + text.replace('"', '""') + '"' if quote or SPECIAL.search(text) else text

    lines = [separator.join(field(value) for value in row) for row in rows]
    names = [separator.join(["source", "target", "weight"][: len(rows[0])])] if heading else []
    return end.join([*names, *lines, ""])


@given(
    webs(), st.sampled_from([",", ";", "\t", "|", " ", "   ", ", "]), st.booleans(), st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(), st.sampled_from(["", "# one, two\n", "\n%\n \t\n"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(), st.sampled_from([16, 2**20]),
)  # fmt: skip
def test_any_links_come_back_in_any_dialect(web, separator, quote, end, heading, before, encoding, pack, size):
    rows, weighted = web
    data = (before.replace("\n", end) + in_dialect(rows, separator, quote, end, heading)).encode(encoding)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(link_text, "BLOCK_BYTES", max(size, 2 * max(map(len, data.splitlines(True)))))
        patch.setattr(link_pages, "_MERGE", 8)
        back = found(gzip.compress(data) if pack and encoding != "utf-16" else data)
    assert pairs(back) == [row[:2] for row in rows]
    assert back.names.tolist() == sorted({page for row in rows for page in row[:2]})
    assert (back.weights.tolist() == [row[2] for row in rows]) if weighted else back.weights is None


@given(webs(), st.sampled_from([",", "\t", " ", "  ", ", "]), st.booleans())
def test_arrow_reads_what_is_read_line_by_line(web, separator, quote):
    data = in_dialect(web[0], separator, quote, "\n", False)
    fast = found(data)
    with pytest.MonkeyPatch.context() as patch:

        def irregular(*_):
            raise link_lines._IrregularError

        patch.setattr(link_lines, "_by_arrow", irregular)
        slow = found(data)
    assert pairs(fast) == pairs(slow)
    assert (fast.weights is None) == (slow.weights is None)
    np.testing.assert_array_equal(fast.weights if web[1] else [], slow.weights if web[1] else [])


@pytest.mark.parametrize("text", [
    "1\t2\n" * 9, "# c\n1,2\n\n3,4\n", "a  b \n  c d\n", "a\t b\nb \tc\n", '"a, b",c\n"d","e ""f"""\n', "1;2;0,5\n",
    "a -> b\nb→c\n", "x,y\n1,2\n \n3,4\n", "1 2 1e-3\n",
])  # fmt: skip
def test_regular_files_are_left_to_arrow(text, monkeypatch):
    monkeypatch.setattr(link_lines, "_by_line", lambda *_: pytest.fail("read line by line"))
    assert len(found(text).sources) > 0


def test_the_modules_need_no_streamlit_and_no_pandas():
    for module in (links, link_text, link_layout, link_lines, link_pages):
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        names = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not names & {"streamlit", "pandas"}


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(links).failed == 0
    assert doctest.testmod(standard_library_links).failed == 0


def test_hostile_files_are_the_same_for_the_same_seed():
    few, more = hostile_files(SEED, 15), hostile_files(SEED, 18)
    assert few == more[:15]
    assert few != hostile_files(SEED + 1, 15)


def test_every_hostile_file_ends_in_links_or_a_sentence():
    print(f"hostile link seed: {SEED}")
    for name, data in hostile_files(SEED, N_HOSTILE):
        sentence, web, start = "", None, time.perf_counter()
        try:
            web = read(data, name)
        except ValueError as refused:
            sentence = str(refused)
        assert time.perf_counter() - start < 10, name
        if web is None:
            assert re.fullmatch(rf'"{re.escape(name)}" [^\n]+\.', sentence), sentence
            assert sentence.isprintable()
            assert len(sentence) < 1_000
        else:
            assert len(web.sources) == len(web.targets) > 0
            np.testing.assert_array_equal(np.unique([web.sources, web.targets]), np.arange(len(web.names)))
            assert sorted(set(web.names.tolist())) == web.names.tolist()
            assert web.weights is None or (np.isfinite(web.weights).all() and (web.weights >= 0).all())
            assert all(note.endswith(".") and note.isprintable() for note in web.notes)


def test_the_sample_is_the_import_graph_of_the_standard_library():
    web = read(SAMPLE.read_bytes(), SAMPLE.name)
    known = set(pairs(web))
    assert 300 <= len(web.names) <= 900
    assert {"os", "re", "sys", "collections", "json.decoder"} <= set(web.names)
    assert {("json.decoder", "re"), ("json", "json.decoder"), ("os", "sys"), ("collections", "_collections_abc")} <= known
    assert not {"source", "target", "test", "idlelib"} & {name.split(".")[0] for name in web.names}
    assert not any(a == b or a == "sys" for a, b in known)
    assert web.weights is None
    assert SAMPLE.stat().st_size < 100_000


def test_the_sample_is_sorted_and_says_what_it_is():
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    comments = [line for line in lines if line.startswith("#")]
    rows = list(csv.reader(io.StringIO("\n".join(lines[len(comments) + 1 :]))))
    assert rows == sorted(rows)
    assert len(rows) == len({tuple(row) for row in rows})
    assert re.search(r"standard library of Python 3\.\d+\.\d+", comments[0])
    assert comments[-1] == f"# {len({name for row in rows for name in row}):,} modules, {len(rows):,} links."


def test_the_sample_is_what_the_script_reads():
    """Some modules only, as reading all of them takes seconds; and only under the Python that the sample is of."""
    places = standard_library_links.modules(Path(sysconfig.get_path("stdlib")))
    text = SAMPLE.read_text(encoding="utf-8")
    if f"Python {platform.python_version()} " not in text:
        pytest.skip("the sample is of another Python")
    kept = set(pairs(read(text.encode(), SAMPLE.name)))
    known = frozenset(page for link in kept for page in link)
    for name in ("json.decoder", "json", "os", "logging.config", "asyncio.base_events"):
        path = places[name]
        wanted = standard_library_links.imported(path.read_text(encoding="utf-8"), name, path.name == "__init__.py", known)
        assert {(name, target) for target in wanted} == {link for link in kept if link[0] == name}


def test_imports_are_read_wherever_they_stand_and_relative_ones_resolved():
    source = "from .. import c\nfrom .d import x, e\nfrom . import gone\ndef f():\n    import os.path, nowhere\n"
    known = frozenset({"a", "a.b", "a.b.d", "a.b.d.e", "a.c", "os"})
    assert sorted(standard_library_links.imported(source, "a.b.f", False, known)) == ["a.b", "a.b.d", "a.b.d.e", "a.c", "os"]
    assert "a.b" not in set(standard_library_links.imported(source, "a.b", True, known))
