import ast
import gzip
import hashlib
import io
import itertools
import os
import re
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import SEED
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits, load_wine
from ui.hostile_tables import hostile_files

from mml_ui import tables
from mml_ui.tables import Table, complete, digits, one_table, table

N_HOSTILE = 1000 if os.environ.get("MML_SOAK") == "1" else 50
HOLES = b"x,y,who\n1,2,a\n,4,b\n4,NA,c\n7,12,d\n"


def refusal(data: bytes, name: str = "mine.csv") -> str:
    with pytest.raises(ValueError, match=r"\.$") as caught:
        table(data, name)
    assert str(caught.value).startswith('"')
    return str(caught.value)


def read(text: str) -> Table:
    return table(text.encode(), "mine.csv")


def noted(found: Table, words: str) -> str:
    """The one note that holds these words."""
    (note,) = [note for note in found.notes if words in note]
    return note


@pytest.mark.parametrize(("separator", "name"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
def test_every_separator_is_found_and_said(separator, name):
    found = read("x,y,who\n1,2.5,ann\n-3e2,.5,bob\n".replace(",", separator))
    np.testing.assert_array_equal(found.X, [[1, 2.5], [-300, 0.5]])
    assert found.columns == ("x", "y")
    assert found.others["who"].tolist() == ["ann", "bob"]
    assert found.notes == (
        f"Fields separated by {name}.",
        "The first line holds the names.",
        'Set aside as text: "who" (line 2: "ann").',
    )


@pytest.mark.parametrize(("text", "X"), [
    ("1,5;2,5\n3,5;4,5\n", [[1.5, 2.5], [3.5, 4.5]]), ("1,5\t2\n3\t4,25\n", [[1.5, 2], [3, 4.25]]),
    ("1,5|2\n", [[1.5, 2]]), ("0,125;2\n", [[0.125, 2]]), ("1234,567;2\n", [[1234.567, 2]]), ("1,5e3;-,5\n", [[1500, -0.5]]),
    ("1,234;2,5\n", [[1.234, 2.5]]), ("a;b\n1.234,5;2\n", [[1234.5, 2]]), ("a;b\n1.234;2,5\n", [[1234, 2.5]]),
])  # fmt: skip
def test_a_decimal_comma_is_recognised_and_said(text, X):
    found = read(text)
    np.testing.assert_array_equal(found.X, X)
    assert "with a decimal comma" in found.notes[0]


def test_a_decimal_comma_that_comes_late_is_read_too():
    found = read("x;y\n" + "1;2\n" * 500 + "1,5;2.5\n")
    np.testing.assert_array_equal(found.X[-1], [1.5, 2.5])
    assert noted(found, "Decimal comma") == 'Decimal comma: "x".'


@pytest.mark.parametrize(("text", "value"), [
    ('a,b\n"1,234.5",2\n', 1234.5), ('a,b\n"1,234,567",2\n', 1234567), ('a,b\n"1,234",2.5\n', 1234),
    ("a;b\n1.234.567;2\n", 1234567), ("a;b\n1 234;2\n", 1234), ("a;b\n1\u00a0234\u00a0567,5;2\n", 1234567.5),
    ("a;b\n-1\u202f234,25;2\n", -1234.25),
])  # fmt: skip
def test_thousands_separators_are_taken_out_where_they_are_sure(text, value):
    found = read(text)
    assert found.X[0, 0] == value
    assert noted(found, "Thousands") == 'Thousands separators taken out: "a".'


@pytest.mark.parametrize("text", ["a;b\n1,234;2\n5,678;3\n", "a\tb\n1,234\t2\n\t3\n"])
def test_a_number_that_may_mean_two_is_set_aside_and_said(text):
    found = read(text)
    assert found.columns == ("b",)
    assert noted(found, "aside") == 'Set aside as text: "a" (line 2: "1,234", which may be 1234 or 1.234).'


@pytest.mark.parametrize(
    "cell",
    [
        "2024-01-31",
        "31.01.2024",
        "12%",
        "True",
        "1,5 kg",
        "0x10",
        "1_000",
        "1.2.3",
        "12:30",
        "\u0661",
        "#N/A",
        "1,23,456",
        "1 23",
        "=1+1",
    ],
)
@pytest.mark.parametrize("before", [0, 400])
def test_what_is_no_number_sets_its_column_aside_with_line_and_text(cell, before):
    found = read("x;y\n" + "1;2\n" * before + f"{cell};2\n5;3\n")
    assert found.columns == ("y",)
    assert found.others["x"][before] == cell
    assert noted(found, "aside") == f'Set aside as text: "x" (line {before + 2}: "{cell}").'


def test_text_is_kept_as_it_was_written():
    words = ["NA", "", "?", "-", "\u65e5\u672c", 'say "hi"', "two\nlines", "1,5", "\U0001f600" * 20]
    frame = pd.DataFrame({"word": words, "n": range(9)})
    found = table(frame.to_csv(index=False).encode(), "a.csv")
    assert found.others["word"].tolist() == words
    assert all(type(word) is str for word in found.others["word"])


@pytest.mark.parametrize("marker", ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "?", "-", " NA ", "n/a"])
@pytest.mark.parametrize("before", [1, 400])
def test_missing_markers_are_counted_by_column(marker, before):
    found = read("x,y\n" + "1,2\n" * before + f"{marker},4\n")
    assert np.isnan(found.X[-1, 0])
    assert found.missing == (1, 0)
    assert noted(found, "Missing").endswith('"x" (1).')


def test_a_column_of_missing_values_only_is_kept_and_counted():
    assert read("x,y\n,1\n,2\n").missing == (2, 0)


@pytest.mark.parametrize(("text", "columns"), [
    ("1,2\n3,4\n", ("column 1", "column 2")), ("1,NA\n3,4\n", ("column 1", "column 2")), ("a,2019\n3,4\n", ("a", "2019")),
    ("5.1,3,x\n4.9,2,x\n", ("column 1", "column 2")), ("id,1.5\n1,2\n", ("id", "1.5")), ("1,5;2\n", ("column 1", "column 2")),
    ("7\n8\n", ("column 1",)), ("a\n8\n", ("a",)),
    ("a\n8,5\n7,25\n", ("a",)), ("3\n4,5\n6\n", ("column 1",)),
])  # fmt: skip
def test_the_line_of_names_is_recognised_and_said(text, columns):
    found = read(text)
    assert found.columns == columns
    assert noted(found, "first line").startswith("No line" if columns[0] == "column 1" else "The first line")


def test_names_are_made_printable_short_and_unique_and_it_is_said():
    found = read("x,x,,x (2),a\u202eb," + "n" * 200 + "\n1,2,3,4,5,6\n")
    assert found.columns[:5] == ("x", "x (2)", "column 3", "x (2) (2)", "a b")
    assert len(found.columns[5]) == tables.MAX_NAME
    assert '"x (2)" (column 2)' in noted(found, "Names made")


def test_a_trailing_separator_makes_no_column():
    found = read("x,y,\n1,2,\n3,4,\n")
    assert found.columns == ("x", "y")
    assert noted(found, "Left out") == 'Left out, with neither name nor value: "column 3".'


@pytest.mark.parametrize(("encoding", "note"), [
    ("utf-8", "Text in UTF-8."), ("utf-8-sig", "Text in UTF-8."), ("utf-16", "Text in UTF-16."),
    ("latin-1", "Text in Latin-1, as it is no UTF-8."),
])  # fmt: skip
def test_every_encoding_is_read_and_said(encoding, note):
    found = table("größe;wer\n1,5;Zoë\n".encode(encoding), "a.csv")
    assert found.columns == ("größe",)
    assert found.others["wer"].tolist() == ["Zoë"]
    assert found.notes[0] == note


def test_big_endian_utf_16_is_read():
    assert table(b"\xfe\xff" + "x,y\n1,2\n".encode("utf-16-be"), "a").X.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    "data", [gzip.compress(b"x,y\n1,2\n", mtime=0), gzip.compress(b"x,y\n", mtime=0) + gzip.compress(b"1,2\n", mtime=0)]
)
def test_gz_is_unpacked_and_said(data):
    found = table(data, "a.csv.gz")
    assert found.X.tolist() == [[1, 2]]
    assert found.notes[0] == "Unpacked from gz."


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read(end):
    assert read(end.join(["x,y", "1,2", "3,4", ""])).X.tolist() == [[1, 2], [3, 4]]


def test_blank_lines_are_skipped_and_said_and_lines_still_counted():
    assert noted(read("\n\nx,y\n1,2\n\n3,4\n\n\n"), "blank") == "3 blank lines skipped."
    assert "in line 6," in refusal(b"\n\nx,y\n1,2\n\n3,4,5\n")


def test_a_blank_line_in_a_single_column_is_a_missing_value():
    np.testing.assert_array_equal(read("x\n1\n\n3\n").X[:, 0], [1, np.nan, 3])


def test_quoted_fields_may_hold_separators_marks_and_line_ends():
    found = read('"a;b";"n"\n"x; ""y""\nz";"1,5"\n"; ";2\n')
    assert found.columns == ("n",)
    assert found.others["a;b"].tolist() == ['x; "y"\nz', "; "]
    assert found.X[:, 0].tolist() == [1.5, 2]


@pytest.mark.parametrize("block", [1, 7, 64])
def test_lines_are_counted_the_same_across_blocks(monkeypatch, block):
    monkeypatch.setattr(tables, "BLOCK_BYTES", block)
    monkeypatch.setattr(tables, "BLOCK_FIELDS", block)
    text = 'n,who\n1,"a\n""b"",\n"\n\n2,c\n3,"\n"\n'
    assert read(text).others["who"].tolist() == ['a\n"b",\n', "c", "\n"]
    assert "has 3 fields in line 9, where 2" in refusal((text + "1,2,3\n").encode())
    assert "opens a quotation mark in line 9 that" in refusal((text + '1,"3\n4\n').encode())


@pytest.mark.parametrize("n_fields", [258, 65_538, 131_074])
@pytest.mark.parametrize("block", [100, 2**19])
def test_fields_are_counted_however_many_there_are(monkeypatch, block, n_fields):
    monkeypatch.setattr(tables, "BLOCK_BYTES", block)
    said = f"has {n_fields:,} fields in line 402, where 2 are expected"
    assert said in refusal(b"a,b\n" + b"1,2\n" * 400 + b"," * (n_fields - 1) + b"\n1,2\n")


def test_a_control_character_is_found_wherever_a_block_ends(monkeypatch):
    monkeypatch.setattr(tables, "BLOCK_BYTES", 5)
    text = b"a,b\n1,2\n3,4\n5,6\n"
    for at in range(len(text) - 1):
        line = text[:at].count(b"\n") + 1
        assert f"holds the byte 1F, no text, in line {line}:" in refusal(text[:at] + b"\x1f" + text[at:])


@pytest.mark.parametrize("before", [0, 400])
@pytest.mark.parametrize("line", ["3, 4", '3, "4"', " 3,4", ' "3",   4', '"3", 4'])
def test_blanks_in_front_of_a_field_do_not_count_wherever_they_come(line, before):
    found = read("x,y\n" + "1,2\n" * before + line + "\n")
    np.testing.assert_array_equal(found.X[-1], [3, 4])
    assert found.columns == ("x", "y")


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n", "\r\n", "\r"])
def test_the_last_line_counts_however_it_ends(end):
    assert read("x,y\n1,2\n3,4" + end).X.tolist() == [[1, 2], [3, 4]]


def test_a_table_of_numbers_is_parsed_into_the_array_it_stays_in(monkeypatch):
    monkeypatch.setattr(tables, "BLOCK_FIELDS", 10_000)
    monkeypatch.setattr(tables, "BLOCK_BYTES", 2**15)
    rng = np.random.default_rng(4)
    X = rng.standard_normal((4_000, 50)).round(3)
    data = pd.DataFrame(X).to_csv(index=False, header=False).encode()
    table(b"x,y\n1,2\n", "a.csv")
    tracemalloc.start()
    found = table(data, "a.csv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(found.X, X)
    assert peak < 2 * X.nbytes


# Progress


def told(data: bytes, **settings: float) -> list[tuple[int, int]]:
    """What is reported with these settings."""
    found: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ({"BLOCK_FIELDS": 100, "_PAUSE": 0} | settings).items():
            patch.setattr(tables, name, value)
        table(data, "a.csv", lambda done, total: found.append((done, total)))
    return found


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_progress_is_told_from_nothing_to_all(pack):
    data = pack(b"x,y\n" + b"1,2\n" * 999)
    found = told(data)
    assert (found[0], found[-1]) == ((0, len(data)), (len(data), len(data)))
    assert [done for done, _ in found] == sorted(done for done, _ in found)
    assert len(found) > 20


def test_progress_is_told_once_a_pause():
    data = b"x,y\n" + b"1,2\n" * 999
    with pytest.MonkeyPatch.context() as patch:
        ticks = itertools.count()
        patch.setattr(tables.time, "monotonic", lambda: next(ticks) / 100)
        assert 15 <= len(told(data)) <= 25
        assert 3 <= len(told(data, _PAUSE=0.06)) <= 6
        assert {done for done, _ in told(data, _PAUSE=1e9)} == {0, len(data)}


def test_progress_starts_again_where_a_column_turns_out_to_hold_text():
    data = b"x,y\n" + b"1,2\n" * 500 + b"a,2\n"
    found = [done for done, _ in told(data)]
    assert found.index(len(data)) < found.index(0, found.index(len(data)))
    assert found[-1] == len(data)


def test_a_mistake_of_the_caller_is_not_taken_for_one_in_the_file():
    with pytest.raises(ZeroDivisionError):
        table(b"x,y\n1,2\n", "a.csv", lambda done, total: 1 // 0)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a,b\n1,2\n3,4,5\n", "has 3 fields in line 3, where 2 are expected"),
        (b"a,b\n1,2\n3\n", "has 1 field in line 3, where 2 are expected"),
        (b"My title\na,b\n1,2\n3,4\n", "has 1 field in line 1, where 2 are"),
        (b'a,b\n1,"2\n3,4\n', "opens a quotation mark in line 2 that is never closed"),
        (b'a,b\n1,"2\n3,"4"\n', "in line 3, or the one in line 2 is never closed"),
        (b'a,b\n5" x,2\n', "middle of a field in line 2."),
        (b"a,b\n1,2\0\n", "holds the byte 00, no text, in line 2"),
        (b"a,b\n1,\x07\n", "holds the byte 07"),
        ("a\n1\n".encode("utf-16-le"), "UTF-16 without its mark"),
        (b"\xff\xfea\0\n\0\0\xd8", "starts like UTF-16, but is none at byte"),
        (b"", "is empty: it has 0 bytes"),
        (b" \n\n", "is empty: it holds only blank lines"),
        (b"a,b\n", 'has a line of names, "a", "b", and no row'),
        (b"a,b\nx,y\n", 'has no column of numbers: "a" (line 2: "x"), "b" (line 2: "y")'),
        (b",\n,\n", "every field is empty"),
        (b"a;b\n1,234;x\n", "may be 1234 or 1.234"),
        (b"100 200 300\n400 500 600\n", 'line 1: "100 200 300"'),
        (b"a,b\n1,2\n3,1e400\n", 'in line 3, column "b"'),
        (b"a,b\n1,-inf\n", 'in line 2, column "b"'),
        (b"a;b\n" + b"1;2\n" * 400 + b"Infinity;2\n", 'in line 402, column "a"'),
        (b"a,b\n1," + b"9" * 400 + b"\n", "1.8e308"),
        (b'a,b\n"1' + b",234" * 200 + b'",2\n', "1.8e308"),
        (gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-9], "is cut short: its gz data"),
        (b"\x1f\x8bhello there", "is damaged: its gz data"),
        (gzip.compress(gzip.compress(b"1,2\n", mtime=0), mtime=0), "is a compressed archive"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(data, words):
    sentence = refusal(data)
    assert sentence.startswith('"mine.csv" ')
    assert words in sentence


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.4", "a PDF document"),
        (b"PK\x03\x04abc", "an Excel workbook or a zip archive"),
        (b"\xd0\xcf\x11\xe0..", "an old Excel workbook"),
        (b"<!doctype html>", "a web page or XML"),
        (b"\n <table>", "a web page or XML"),
        (b'{"a": 1}', "JSON"),
        (b"[[1, 2]]", "JSON"),
        (b"BZh9", "a compressed archive"),
        (b"\x89PNG\r\n", "a picture"),
        (b"PAR1..", "a database or binary table"),
        ("<html>".encode("utf-16"), "a web page or XML"),
        (gzip.compress(b"%PDF", mtime=0), "a PDF document"),
    ],
)
def test_a_disguised_file_is_named_for_what_it_is(data, what):
    assert (
        refusal(data, "marks.csv") == f'"marks.csv" is {what}, by its first bytes, whatever its ending says. {tables._WANTED}.'
    )


def test_a_bracket_or_a_bar_in_a_name_is_no_disguise():
    assert read("[cm],{s}\n1,2\n").columns == ("[cm]", "{s}")


def test_too_many_bytes_are_refused_unread(monkeypatch):
    monkeypatch.setattr(tables, "MAX_BYTES", 100)
    assert table(b"1,2\n" * 25, "a").X.shape == (25, 2)
    assert "MB; at most" in refusal(b"1,2\n" * 26)
    assert table(gzip.compress(b"1,2\n" * 25, mtime=0), "a").X.shape == (25, 2)
    assert "MB when unpacked; at most" in refusal(gzip.compress(b"1,2\n" * 26, mtime=0))


def test_a_bomb_ends_at_the_limit(monkeypatch):
    monkeypatch.setattr(tables, "MAX_BYTES", 10_000)
    asked = []
    real = tables.zlib.decompressobj

    class Watched:
        def __init__(self, bits):
            self.engine = real(bits)

        def decompress(self, piece, most):
            asked.append(most)
            return self.engine.decompress(piece, most)

        def __getattr__(self, name):
            return getattr(self.engine, name)

    monkeypatch.setattr(tables.zlib, "decompressobj", Watched)
    assert "unpacked" in refusal(gzip.compress(b"1\n" * 1_000_000, mtime=0))
    assert asked
    assert max(asked) <= 10_001


def test_gz_of_too_many_parts_is_refused(monkeypatch):
    monkeypatch.setattr(tables, "MAX_MEMBERS", 30)
    assert "more than 30 parts" in refusal(gzip.compress(b"", mtime=0) * 40)


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 300)
    assert read("x\n" + "1\n" * 300).X.shape == (300, 1)
    assert read("1\n" * 300).X.shape == (300, 1)
    for n in (301, 302, 5_000):
        assert "more than 300 rows" in refusal(b"1\n" * n)
    assert "more than 300 rows" in refusal(b"x\n" + b"1\n" * 301)


def test_too_many_columns_are_refused(monkeypatch):
    monkeypatch.setattr(tables, "MAX_COLUMNS", 30)
    assert read(",".join("1" * 30)).X.shape == (1, 30)
    assert "more than 30 columns" in refusal(",".join("1" * 31).encode())


@pytest.mark.parametrize("data", [b"1" + b",1" * 999_999, b"x" + b",x" * 999_999 + b"\n1\n", b'"' + b"a," * 999_999])
def test_a_million_columns_are_refused_by_the_length_of_their_line(data):
    assert "bytes in line 1; at most 1,048,576 bytes and 1,000 columns" in refusal(data)


def test_a_long_field_is_no_fault():
    assert len(read("who,n\n" + "a" * 200_000 + ",1\nb,2\n").others["who"][0]) == 200_000


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/marks.csv", "marks.csv"),
        ("C:\\tables\\marks.csv", "marks.csv"),
        ("a\nb\x00c\u202evsc.csv", "a b c vsc.csv"),
        ("", "table"),
        ("\ud800x", "x"),
        ('say "hi".csv', "say hi .csv"),
        ("n" * 500 + ".jpeg", "n" * 69 + "\u2026nnnnn.jpeg"),
    ],
)
def test_file_names_are_made_printable(given, shown):
    assert table(b"1,2\n", given).name == shown
    assert len(shown) <= tables.MAX_NAME
    assert refusal(b"", given).startswith(f'"{shown}" ')


def test_whole_numbers_that_lose_digits_are_said():
    assert noted(read("id,x\n9007199254740993,1\n"), "rounded").endswith('digits: "id".')
    assert noted(read("id,x\n123456789012345678901234567890,1\n"), "rounded").endswith('digits: "id".')
    assert not [note for note in read("id,x\n9007199254740991,1e300\n").notes if "rounded" in note]


def test_arrays_are_read_only_and_the_others_too():
    for found in (read("x,who\n1,a\n,b\n"), complete(read("x,who\n1,a\n,b\n"), "drop rows"), one_table(), digits()):
        assert found.X.dtype == np.float64
        assert found.X.flags.c_contiguous
        for array in (found.X, *found.others.values()):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1
        with pytest.raises(TypeError):
            found.others["new"] = found.X


def test_the_digest_is_that_of_the_uploaded_bytes():
    data = gzip.compress(b"1,2\n", mtime=0)
    assert table(data, "a").digest == hashlib.sha256(data).hexdigest()
    assert table(data, "a") == table(data, "a") != table(data, "b")
    assert len({table(data, "a"), table(data, "a"), table(data, "b")}) == 2
    assert complete(table(HOLES, "a"), "drop rows") != table(HOLES, "a")


def test_whatever_the_parser_raises_becomes_a_sentence(monkeypatch):
    for fault in (OSError, RecursionError, pd.errors.ParserError, OverflowError, KeyError, AssertionError):
        monkeypatch.setattr(pd, "read_csv", lambda *_, fault=fault, **__: (_ for _ in ()).throw(fault("inside")))
        assert refusal(b"1,2\n") == f'"mine.csv" does not parse as a table. {tables._AGAIN}.'
    monkeypatch.setattr(pd, "read_csv", lambda *_, **__: (_ for _ in ()).throw(MemoryError()))
    assert "needs more memory" in refusal(b"1,2\n")


def test_no_warning_is_raised_and_no_filter_changed():
    before = warnings.filters[:]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read("x,y\n" + "1,2\n" * 300 + "a,3\n1e400x,3\n" + "1.5,2\n" * 300 + ",5\n")
        refusal(b"x\n1e400\n")
    assert warnings.filters[:] == before


def test_mixed_columns_over_many_blocks_agree_with_pandas(monkeypatch):
    monkeypatch.setattr(tables, "BLOCK_FIELDS", 100)
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.standard_normal(999), "b": rng.integers(-9, 9, 999), "c": rng.choice(["u", "v", "1"], 999)})
    frame.loc[rng.random(999) < 0.2, "a"] = np.nan
    frame["d"] = frame["b"].astype(str)
    frame.loc[900, "d"] = "late"
    text = frame.to_csv(index=False)
    found, reference = read(text), pd.read_csv(io.StringIO(text))
    np.testing.assert_array_equal(found.X, reference[["a", "b"]].to_numpy())
    assert found.missing == (int(reference["a"].isna().sum()), 0)
    assert found.others["c"].tolist() == reference["c"].tolist()
    assert found.others["d"].tolist() == frame["d"].tolist()
    assert 'd" (line 902: "late")' in noted(found, "aside")


def written(X: np.ndarray, separator: str, comma: bool, header: bool, quote: bool) -> str:
    rows = [[repr(float(v)) if np.isfinite(v) else "" for v in row] for row in X]
    if comma:
        rows = [[cell.replace(".", ",") for cell in row] for row in rows]
    names = [[f"name {j}" for j in range(X.shape[1])]] if header else []
    return "\n".join(separator.join(f'"{cell}"' if quote else cell for cell in row) for row in names + rows)


@given(
    st.integers(0, 2**32),
    st.integers(1, 30),
    st.integers(1, 6),
    st.sampled_from(",;\t|"),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0, 3, 300]),
)
@settings(max_examples=60, deadline=None)
def test_any_table_of_numbers_comes_back(seed, n_rows, n_columns, separator, comma, header, quote, decades):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_rows, n_columns)) * 10.0 ** rng.integers(-decades, decades + 1, (n_rows, n_columns))
    X[rng.random(X.shape) < 0.1] = np.nan
    # The first row proves that it is no line of names; a last line without any field is none.
    X[[0, -1]] = rng.uniform(1, 2, (2, n_columns))
    found = read(written(X, separator, comma and (separator != "," or quote), header, quote))
    np.testing.assert_allclose(found.X, X, rtol=1e-15, atol=0)
    assert found.columns == tuple(f"name {j}" if header else f"column {j + 1}" for j in range(n_columns))
    assert found.missing == tuple(np.isnan(X).sum(axis=0))


def test_dropping_rows_keeps_the_whole_ones_and_says_how_many():
    whole = complete(table(HOLES, "a.csv"), "drop rows")
    assert whole.X.tolist() == [[1, 2], [7, 12]]
    assert whole.others["who"].tolist() == ["a", "d"]
    assert whole.missing == (0, 0)
    assert whole.notes[-1] == "2 rows of 4 left out for missing values."


@pytest.mark.parametrize(("how", "middle"), [("fill with mean", np.nanmean), ("fill with median", np.nanmedian)])
def test_filling_takes_the_middle_of_each_column(how, middle):
    given = table(HOLES, "a.csv")
    whole = complete(given, how)
    np.testing.assert_array_equal(whole.X, np.where(np.isnan(given.X), middle(given.X, axis=0), given.X))
    assert whole.notes[-1] == f"2 missing values filled with the {how[10:]} of the column."
    assert np.isnan(given.X).sum() == 2


def test_the_middle_of_huge_numbers_does_not_overflow():
    for how in ("fill with mean", "fill with median"):
        assert complete(read("x\n1e308\n1.5e308\n\n"), how).X.shape == (2, 1)
        assert complete(read("x,y\n1e308,1\n1.5e308,2\n,3\n"), how).X[2, 0] == pytest.approx(1.25e308, rel=1e-15)


def test_dropping_columns_names_them():
    given = read("x,y\n1,2\n,3\n")
    whole = complete(given, "drop columns")
    assert whole.columns == ("y",)
    assert whole.X.tolist() == [[2], [3]]
    assert whole.notes[-1] == 'Left out for their missing values: "x".'


def test_nothing_missing_leaves_the_table_as_it_is():
    assert complete(one_table(), "drop rows") is one_table()


@pytest.mark.parametrize(
    ("text", "how", "words"),
    [
        ("x,y\n,1\n,2\n", "fill with mean", 'no value at all in "x"'),
        ("x,y\n,1\n,2\n", "drop rows", 'no value at all in "x"'),
        ("x,y\n,1\n2,\n", "drop rows", "a missing value in every row"),
        ("x,y\n,1\n2,\n", "drop columns", "in every numeric column"),
        ("x,y\n,1\n2,\n", "guess", '"guess" is no way to complete a table'),
    ],
)
def test_what_cannot_be_completed_gets_a_sentence(text, how, words):
    with pytest.raises(ValueError, match=r"\.$") as caught:
        complete(read(text), how)
    assert words in str(caught.value)


def test_the_one_table_is_the_wine_data():
    reference, wine = load_wine(), one_table()
    np.testing.assert_array_equal(wine.X, reference.data)
    assert wine.columns == tuple(name.replace("_", " ") for name in reference.feature_names)
    cultivars = np.array(["Barolo", "Grignolino", "Barbera"])
    assert wine.others["cultivar"].tolist() == cultivars[reference.target].tolist()
    assert sum(wine.missing) == 0
    assert one_table() is wine


def test_the_digits_are_scikit_learns():
    reference, found = load_digits(), digits()
    np.testing.assert_array_equal(found.X, reference.data)
    assert found.others["digit"].tolist() == [str(label) for label in reference.target]
    assert found.columns[:9:8] == ("pixel 0,0", "pixel 1,0")
    assert found.name == "digits"


def test_the_module_needs_no_streamlit_and_no_heavy_imports():
    tree = ast.parse(Path(tables.__file__).read_text(encoding="utf-8"))
    found = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not found & {"streamlit", "pyarrow", "sklearn"}


def test_hostile_files_are_the_same_for_the_same_seed():
    few, more = hostile_files(SEED, 15), hostile_files(SEED, 18)
    assert few == more[:15]
    assert few != hostile_files(SEED + 1, 15)


def test_every_hostile_file_ends_in_a_table_or_a_sentence():
    print(f"hostile table seed: {SEED}")
    for name, data in hostile_files(SEED, N_HOSTILE):
        sentence, found = "", None
        try:
            found = table(data, name)
        except ValueError as refused:
            sentence = str(refused)
        if found is None:
            assert re.fullmatch(rf'"{re.escape(name)}" [^\n]+\.', sentence), sentence
            assert len(sentence) < 4_000
        else:
            assert found.X.ndim == 2
            assert found.X.shape[1] == len(found.columns) == len(set(found.columns)) > 0
            assert not np.isinf(found.X).any()
            assert all(len(words) == len(found.X) > 0 for words in found.others.values())
            assert all(note.endswith(".") and note.isprintable() for note in found.notes)
