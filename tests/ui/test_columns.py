"""The choice of a table's columns: by name or by number, what stays when nothing would be left, and whose it is."""

import doctest

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from mml_ui import cache, columns, controls, page, tables, uploads
from mml_ui import frame as frames

SEEN = {}
SMALL = tables.table(b"a,b,c\n1,2,3\n4,5,6\n", "small.csv")
HOLES = tables.table(b"a,b,c,who\n1,,3,x\n4,5,6,y\n", "holes.csv")
WIDE, WIDER = (tables.table(",".join(map(str, range(n))).encode() + b"\n", f"{n}.csv") for n in (40, 50))
GIVEN = {"Small": SMALL, "Holes": HOLES, "Wide": WIDE, "Wider": WIDER}


def mean(X: np.ndarray) -> np.ndarray:
    """Return the mean of each column."""
    return X.mean(axis=0)


def story():
    """A page with a table, the choice of its columns, and one that is not among them."""
    without = controls.text("Without", "", key="without")
    given = GIVEN[controls.pick("Table", list(GIVEN), key="table")]
    SEEN.update(given=given, table=columns.chosen(given, key="out", without=without), problem=frames.current().problem)


def of_ones_own():
    """A page on which the table may be the reader's own."""
    given = uploads.table("A table of yours", key="table", samples={"Wine": tables.one_table})
    SEEN.update(given=given, table=columns.chosen(given, key="out"))
    page.compute(mean, SEEN["table"].X)


@pytest.fixture
def opened(sink):
    return lambda what=story, **names: healthy(sink(what, **{f"sink_{name}": value for name, value in names.items()}))


def healthy(app):
    assert not app.exception, app.exception
    return app


def leave_out(app, *names):
    (pills,) = (b for b in app.get("button_group") if b.key == "sink_out")
    return healthy(pills.set_value(list(names)).run())


def typed(app, line):
    return healthy(app.text_input(key="sink_out_numbers").set_value(line).run())


def take(app, table):
    return healthy(app.selectbox(key="sink_table").set_value(table).run())


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(columns).failed == 0


# By name


def test_at_first_the_whole_table_is_taken_as_it_is(opened):
    app = opened()
    assert SEEN["table"] is SMALL
    (pills,) = (b for b in app.get("button_group") if b.key == "sink_out")
    assert (pills.options, pills.value) == (["a", "b", "c"], [])


@pytest.mark.parametrize(("out", "kept"), [(["b"], "ac"), (["c", "a"], "b"), (["a"], "bc")])
def test_the_named_columns_are_left_out_and_the_rest_is_untouched(opened, out, kept):
    leave_out(opened(), *out)
    found = SEEN["table"]
    assert "".join(found.columns) == kept
    np.testing.assert_array_equal(found.X, SMALL.X[:, ["abc".index(name) for name in kept]])
    assert (found.name, found.digest, found.notes, found.missing) == (SMALL.name, SMALL.digest, SMALL.notes, (0,) * len(kept))
    assert not found.X.flags.writeable
    assert found.X.flags.c_contiguous


def test_what_is_missing_is_counted_of_the_columns_that_are_left(opened):
    leave_out(opened(table="Holes"), "a")
    assert (SEEN["table"].columns, SEEN["table"].missing) == (("b", "c"), (1, 0))
    assert SEEN["table"].others["who"].tolist() == ["x", "y"]


def test_the_same_choice_is_the_same_object(opened):
    app = leave_out(opened(), "b")
    found = SEEN["table"]
    healthy(app.run())
    assert SEEN["table"] is found
    leave_out(leave_out(app, "a", "b"), "b")
    assert SEEN["table"] == found
    leave_out(app)
    assert SEEN["table"] is SMALL


def test_with_all_left_out_the_last_good_choice_stays_and_a_sentence_says_so(opened):
    app = leave_out(opened(), "a", "c")
    before = SEEN["table"]
    leave_out(app, "a", "b", "c")
    assert SEEN["problem"] == "All columns are left out; keep at least one. The table before it stays."
    assert SEEN["table"] is before
    leave_out(app, "b", "c")
    assert (SEEN["table"].columns, SEEN["problem"]) == (("a",), "")


def test_with_all_left_out_at_once_the_whole_table_stays_where_it_was_the_last_good_one(opened):
    app = leave_out(leave_out(leave_out(opened(), "a"), *()), "a", "b", "c")
    assert SEEN["problem"]
    assert SEEN["table"] is SMALL
    assert not app.exception


def test_a_link_that_leaves_all_out_shows_the_whole_table(opened):
    opened(out=["a", "b", "c"])
    assert SEEN["table"] is SMALL
    assert SEEN["problem"].startswith("All columns are left out")


def test_the_last_good_choice_of_another_table_is_none_of_this_one(opened):
    app = leave_out(opened(), "a", "b")
    app.selectbox(key="sink_table").set_value("Holes")
    leave_out(app, "a", "b", "c")
    assert SEEN["table"] is HOLES
    assert SEEN["problem"].startswith("All columns are left out")


def test_another_table_with_these_names_leaves_them_out_too_and_one_without_them_nothing(opened):
    app = take(leave_out(opened(), "a"), "Holes")
    assert (SEEN["table"].name, SEEN["table"].columns) == ("holes.csv", ("b", "c"))
    take(app, "Wide")
    assert SEEN["table"] is WIDE


@pytest.mark.parametrize("link", ["z", "", ["b", "z"], "a b"])
def test_nonsense_in_a_link_does_no_harm(opened, link):
    opened(out=link)
    assert {"a", "c"} <= set(SEEN["table"].columns)


# What serves something else


def test_the_column_that_serves_something_else_is_left_out_in_any_case(opened):
    app = opened(without="b")
    assert SEEN["table"].columns == ("a", "c")
    leave_out(app, "a")
    assert SEEN["table"].columns == ("c",)
    before = SEEN["table"]
    leave_out(app, "a", "c")
    assert SEEN["table"] is before
    assert SEEN["problem"].startswith("All columns are left out")


def test_a_name_that_is_no_column_leaves_all(opened):
    opened(without="who", table="Holes")
    assert SEEN["table"] is HOLES


def test_of_many_columns_one_serves_something_else(opened):
    app = opened(table="Wide", without="column 3")
    assert SEEN["table"].columns == tuple(name for name in WIDE.columns if name != "column 3")
    typed(app, "2-4")
    assert SEEN["table"].columns == ("column 2", "column 4")
    before = SEEN["table"]
    typed(app, "3")
    assert SEEN["table"] is before
    assert SEEN["problem"].startswith("All columns are left out")


# By number


def test_many_columns_are_chosen_by_their_numbers(opened):
    app = opened(table="Wide")
    assert SEEN["table"] is WIDE
    assert not [b for b in app.get("button_group") if b.key == "sink_out"]
    typed(app, "39-40, 2")
    assert SEEN["table"].columns == ("column 2", "column 39", "column 40")
    assert SEEN["table"].X.tolist() == [[1, 38, 39]]
    found = SEEN["table"]
    healthy(app.run())
    assert SEEN["table"] is found
    typed(app, "")
    assert SEEN["table"] is WIDE


@pytest.mark.parametrize("n", [30, 31])
def test_up_to_thirty_columns_have_their_names_drawn(opened, monkeypatch, n):
    table = tables.table(",".join(["1"] * n).encode() + b"\n", "n.csv")
    app = opened(lambda: columns.chosen(table, key="out"))
    assert bool(app.get("button_group")) == (n == 30)
    assert bool(app.text_input) == (n == 31)


NONSENSE = ["0", "41", "1-41", "4-3", "-3", "3-", "1-2-3", "x", "1.5", "1;2", "²", "1 2", "9" * 4000, "1\u20133"]


@pytest.mark.parametrize("line", NONSENSE)
def test_nonsense_gets_a_sentence_and_the_last_good_choice_stays(opened, line):
    app = typed(opened(table="Wide"), "1-3")
    before = SEEN["table"]
    typed(app, line)
    assert SEEN["table"] is before
    assert SEEN["problem"].startswith(f"Columns: “{line[:30]}” is no column from 1 to 40 and no range of them")
    assert SEEN["problem"].endswith("write them as 1-20, 25.")


def test_the_last_good_numbers_of_a_table_are_none_of_one_with_more_columns(opened):
    app = typed(opened(table="Wide"), "1-3")
    take(typed(app, "x"), "Wider")
    assert SEEN["table"] is WIDER
    assert "is no column from 1 to 50" in SEEN["problem"]


@given(some.lists(some.tuples(some.integers(1, 40), some.integers(0, 5)), max_size=6))
def test_ranges_are_read_in_any_order_each_column_once(parts):
    parts = [(low, min(low + more, 40)) for low, more in parts]
    line = " ,".join(f" {low}" if low == high else f"{low} - {high}" for low, high in parts)
    expected = sorted({k - 1 for low, high in parts for k in range(low, high + 1)}) or range(40)
    assert columns.ranges(line, 40) == tuple(expected)


@given(some.text("0123456789-,. x²٣\u2013", max_size=12), some.integers(1, 60))
@example("٣", 5)
@example("1-1", 1)
@example(",,,", 3)
def test_whatever_is_typed_is_columns_or_a_sentence(line, n):
    found = meant(line, n)
    if isinstance(found, str):
        assert found.endswith(f" is no column from 1 to {n} and no range of them; write them as 1-20, 25.")
    else:
        assert found == tuple(sorted(set(found)))
        assert found
        assert set(found) <= set(range(n))


def meant(line, n):
    """Return the columns that are meant, or the sentence on what is wrong."""
    try:
        return columns.ranges(line, n)
    except ValueError as mistake:
        return str(mistake)


# Whose it is


def test_the_columns_of_a_table_of_ones_own_stay_private(opened, monkeypatch):
    monkeypatch.setattr(page, "_shared", cache.Budget(1_000_000))
    app = opened(of_ones_own, table="Yours")
    assert len(page._shared) == 1, "the sample's"
    healthy(app.file_uploader(key="sink_table_file").set_value(("mine.csv", b"a,b,c\n1,2,3\n4,5,6\n", "text/csv")).run())
    leave_out(app, "b")
    assert SEEN["table"].X.tolist() == [[1, 3], [4, 6]]
    assert cache.is_private(SEEN["table"].X)
    assert len(page._shared) == 1
    assert len(app.session_state["mml"].results) == 2


def test_the_columns_of_a_sample_are_everybodys(opened, monkeypatch):
    monkeypatch.setattr(page, "_shared", cache.Budget(1_000_000))
    app = leave_out(opened(of_ones_own), "alcohol")
    assert len(SEEN["table"].columns) == 12
    assert not cache.is_private(SEEN["table"].X)
    leave_out(opened(of_ones_own), "alcohol")
    assert len(page._shared) == 2, "the same columns are computed once for all visitors"
    assert len(app.session_state["mml"].results) == 0
