"""Uploads on a page: what is chosen, what is read, what is said of it, what stays after a bad file, and whose it is."""

import gzip
import io
import zipfile

import numpy as np
import pytest
from conftest import SEED, SOAK
from streamlit.elements.lib.mutable_status_container import StatusContainer
from streamlit.testing.v1 import AppTest
from ui import hostile_albums
from ui.hostile_tables import hostile_files

from mml_ui import albums, cache, controls, frame, images, page, tables, uploads

N_HOSTILE = 500 if SOAK else 32
WINE, DIGITS = tables.one_table(), tables.digits()
GOOD = b"x,y,who\n1,2,ann\n3,4.5,bob\n"
HOLES = b"x,y,z,who\n1,2,5,a\n,4,6,b\n4,NA,7,c\n7,12,8,d\n"
SEEN = {}
CALLS = []


def mean(X: np.ndarray) -> np.ndarray:
    """Return the mean of each column."""
    CALLS.append(X.shape)
    return X.mean(axis=0)


def story():
    """A page with a table."""
    SEEN.clear()
    samples = {"Wine": tables.one_table, "Digits": tables.digits}
    SEEN["table"] = uploads.table("A table of yours", key="table", samples=samples)
    SEEN["row"] = controls.step("Row", 1, len(SEEN["table"].X), key="row")
    SEEN["mean"] = page.compute(mean, SEEN["table"].X)
    SEEN["problem"] = frame.current().problem


def tabs():
    """The same page with the table in the first of two tabs."""
    page.views({"Table": story, "Other": lambda: SEEN.update(other=True)})


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    CALLS.clear()
    monkeypatch.setattr(page, "_shared", cache.Budget(1_000_000))


@pytest.fixture
def opened(sink):
    return lambda what=story, **names: healthy(sink(what, **{f"sink_{name}": value for name, value in names.items()}))


@pytest.fixture
def yours(opened):
    """The page with "Yours" chosen and a good file in it."""
    return upload(opened(table="Yours"), GOOD)


def healthy(app):
    assert not app.exception, app.exception
    return app


def upload(app, data, name="mine.csv"):
    return healthy(app.file_uploader(key="sink_table_file").set_value((name, data, "text/csv")).run())


def removed(app):
    return healthy(app.file_uploader(key="sink_table_file").set_value(None).run())


def choose(app, option, key="table"):
    (group,) = (b for b in app.get("button_group") if b.key == f"sink_{key}")
    return healthy(group.set_value(option).run())


def options(app, key):
    return [option for b in app.get("button_group") if b.key == f"sink_{key}" for option in b.options]


def caption(app):
    (found,) = (c for c in app.caption if "**" in c.value)
    return found


def is_wine():
    return SEEN["table"] is WINE


# Samples


def test_it_starts_with_the_first_sample_and_offers_all_and_yours(opened):
    app = opened()
    assert is_wine()
    assert options(app, "table") == ["Wine", "Digits", "Yours"]
    assert not app.file_uploader
    assert caption(app).value == "**wine.csv**: 178 rows × 13 columns."
    assert 'Set aside as text\\: "cultivar"' in caption(app).help


def test_a_sample_is_a_choice_and_a_link_and_is_read_once(opened):
    app = choose(opened(), "Digits")
    assert SEEN["table"] is DIGITS
    opened(table="Digits")
    assert SEEN["table"] is DIGITS
    healthy(app.run())
    assert len(CALLS) == 2
    assert len(page._shared) == 2


@pytest.mark.parametrize("link", ["Mine", "", "yours", "<script>", "Wine Digits"])
def test_an_unknown_table_in_a_link_is_the_first_sample(opened, link):
    opened(table=link, table_missing=link)
    assert is_wine()


def test_the_first_sample_stands_in_until_something_is_uploaded(opened):
    for app in (opened(table="Yours"), choose(opened(table="Digits"), "Yours")):
        assert is_wine()
        assert SEEN["problem"] == ""
        assert caption(app).value.startswith("There is no table of yours yet, so this is Wine. **wine.csv**")
        assert caption(app).value.endswith("It is not in the link.")
        (uploader,) = app.file_uploader
        assert (uploader.label, uploader.key) == ("A table of yours", "sink_table_file")
        assert uploader.allowed_type == [".csv", ".tsv", ".txt", ".gz"]


# Good files


def test_a_good_file_takes_the_samples_place_and_is_described(yours):
    np.testing.assert_array_equal(SEEN["table"].X, [[1, 2], [3, 4.5]])
    assert SEEN["table"].columns == ("x", "y")
    assert SEEN["table"].others["who"].tolist() == ["ann", "bob"]
    assert SEEN["problem"] == ""
    said = caption(yours)
    assert said.value.startswith("**mine.csv**: 2 rows × 2 columns. Fields separated by commas.")
    assert 'Set aside as text\\: "who"' in said.value
    assert said.value.endswith(
        "Your table stays in this server's memory and is gone when you close the page. It is not in the link."
    )
    assert not said.help
    assert not options(yours, "table_missing"), "nothing is missing"


def test_reading_says_how_far_it_is(opened, monkeypatch):
    monkeypatch.setattr(tables, "BLOCK_FIELDS", 10_000)
    monkeypatch.setattr(tables, "_PAUSE", 0)
    labels, data = [], b"x,y\n" + b"1,2\n" * 50_000
    monkeypatch.setattr(StatusContainer, "update", lambda status, label=None, **_: labels.append(label))
    upload(opened(table="Yours"), data)
    told = [label for label in labels if label]
    assert (told[0], told[-2]) == ("Reading: 0.0 of 0.2 MB", "Reading: 0.2 of 0.2 MB")
    assert "Reading: 0.1 of 0.2 MB" in told
    assert told[-1] == "50,000 rows × 2 columns"
    assert len(SEEN["table"].X) == 50_000


def test_a_table_of_one_number_is_a_table(opened):
    app = upload(opened(table="Yours"), b"x\n7\n")
    assert SEEN["table"].X.tolist() == [[7]]
    assert caption(app).value.startswith("**mine.csv**: 1 row × 1 column.")
    assert SEEN["row"] == 1


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"x;y\n1,5;2\n3;4,25\n", "mine.csv", "with a decimal comma"),
        (b"x\ty\n1.5\t2\n3\t4.25\n", "mine.tsv", "Fields separated by tabs"),
        (gzip.compress(b"x,y\n1.5,2\n3,4.25\n", mtime=0), "mine.csv.gz", "Unpacked from gz"),
        ("x|y\n1,5|2\n3|4,25\n".encode("utf-16"), "mine.txt", "Text in UTF-16"),
    ],
)
def test_other_ways_to_write_a_table_are_read_and_said(opened, data, name, words):
    app = upload(opened(table="Yours"), data, name)
    np.testing.assert_array_equal(SEEN["table"].X, [[1.5, 2], [3, 4.25]])
    assert words in caption(app).value


def test_a_file_is_read_once_and_replaced_by_the_next(yours, monkeypatch):
    before = SEEN["table"]
    with monkeypatch.context() as patch:
        patch.setattr(tables, "table", lambda *_: pytest.fail("read again"))
        healthy(yours.run())
        healthy(yours.slider(key="sink_row").set_value(2).run())
    assert SEEN["table"] is before
    assert SEEN["row"] == 2
    upload(yours, b"a\n5\n6\n7\n", "next.csv")
    assert SEEN["table"].X.tolist() == [[5], [6], [7]]
    assert SEEN["table"].name == "next.csv"


def test_a_row_beyond_the_new_table_is_its_last_one(opened):
    app = opened(row="150")
    assert SEEN["row"] == 150
    upload(choose(app, "Yours"), GOOD)
    assert (SEEN["row"], app.query_params["sink_row"]) == (2, "2")


def test_a_removed_file_brings_the_samples_back(yours):
    removed(yours)
    assert is_wine()
    assert "There is no table of yours yet" in caption(yours).value
    upload(yours, b"a\n5\n", "again.csv")
    assert SEEN["table"].name == "again.csv"


def test_a_table_stays_while_a_sample_is_looked_at(yours):
    mine = SEEN["table"]
    choose(yours, "Digits")
    assert SEEN["table"] is DIGITS
    choose(yours, "Yours")
    for _ in range(3):
        assert SEEN["table"] is mine
        healthy(yours.run())


def test_a_table_stays_while_another_tab_is_open(opened):
    app = upload(opened(tabs, table="Yours"), GOOD)
    mine = SEEN["table"]
    for view in ("Other", "Table"):
        app.session_state["sink_view"] = view
        healthy(app.run())
    assert SEEN.pop("other", None) is None
    assert SEEN["table"] is mine
    healthy(app.run())
    assert SEEN["table"] is mine
    upload(app, b"a\n5\n", "next.csv")
    assert SEEN["table"].name == "next.csv"
    removed(app)
    assert is_wine()


def test_no_character_of_a_file_is_taken_for_markdown(opened):
    app = upload(opened(table="Yours"), b"$x$,*y*,[a](http://b.c)\n1,2,:red[no]\n", "**b**_`.csv")
    said = caption(app).value
    assert said.startswith("**\\*\\*b\\*\\*\\_\\`.csv**: 1 row")
    assert "\\:red\\[no\\]" in said
    assert "\\[a\\](http" in said


# Missing values


@pytest.mark.parametrize(
    ("how", "X", "columns"),
    [
        ("drop rows", [[1, 2, 5], [7, 12, 8]], "xyz"),
        ("fill with mean", [[1, 2, 5], [4, 4, 6], [4, 6, 7], [7, 12, 8]], "xyz"),
        ("fill with median", [[1, 2, 5], [4, 4, 6], [4, 4, 7], [7, 12, 8]], "xyz"),
        ("drop columns", [[5], [6], [7], [8]], "z"),
    ],
)
def test_missing_values_are_named_and_treated_as_the_reader_chooses(opened, how, X, columns):
    app = upload(opened(table="Yours"), HOLES)
    assert options(app, "table_missing") == ["drop rows", "fill with mean", "fill with median", "drop columns"]
    choose(app, how, "table_missing")
    found = SEEN["table"]
    np.testing.assert_array_equal(found.X, X)
    assert "".join(found.columns) == columns
    assert not any(found.missing)
    assert '"x" (1), "y" (1)' in caption(app).value
    assert found.notes[-1].split()[0] in caption(app).value
    assert f"{len(X)} rows × {len(columns)} column" in caption(app).value
    healthy(app.run())
    assert SEEN["table"] is found, "it is made once"
    assert cache.is_private(found.X)
    assert cache.is_private(list(found.others.values()))


def test_rows_with_missing_values_are_dropped_unless_the_reader_chooses_otherwise(opened):
    upload(opened(table="Yours"), HOLES)
    assert len(SEEN["table"].X) == 2
    upload(opened(table="Yours", table_missing="fill with mean"), HOLES)
    assert len(SEEN["table"].X) == 4


def test_the_same_bytes_under_another_name_are_another_table(opened):
    app = upload(opened(table="Yours"), HOLES)
    upload(app, HOLES, "other.csv")
    assert SEEN["table"].name == "other.csv"


@pytest.mark.parametrize(
    ("data", "how", "words"),
    [
        (b"x,y\n1,\n,2\n", "drop rows", "has a missing value in every row"),
        (b"x,y\n1,\n,2\n", "drop columns", "has missing values in every numeric column"),
        (b"x,y\n1,\n2,\n", "fill with mean", 'has no value at all in "y"'),
    ],
)
def test_a_way_that_leaves_nothing_gets_a_sentence_and_the_table_before_it_stays(yours, data, how, words):
    mine = SEEN["table"]
    choose(upload(yours, HOLES), how, "table_missing")
    before = SEEN["table"]
    assert before is not mine
    upload(yours, data, "holes.csv")
    assert words in SEEN["problem"]
    assert SEEN["problem"].endswith(" The table before it stays.")
    assert SEEN["table"] is before
    assert caption(yours).value.startswith("**mine.csv**")
    way_out = {"drop rows": "fill with mean", "drop columns": "fill with median", "fill with mean": "drop columns"}[how]
    choose(yours, way_out, "table_missing")
    assert SEEN["problem"] == ""
    assert SEEN["table"].name == "holes.csv"


def test_the_sentence_is_on_the_last_file_also_when_the_one_before_was_no_use_either(yours):
    mine = SEEN["table"]
    upload(yours, b"x,y\n1,\n,2\n", "holes.csv")
    upload(yours, b"{}", "bad.csv")
    assert SEEN["problem"].startswith('"bad.csv"')
    assert SEEN["table"] is mine


def test_a_sample_with_missing_values_is_completed_too_and_a_bad_way_in_a_link_shows_the_default(sink):
    holes = tables.table(b"x,y\n1,\n2,3\n,4\n", "holes.csv")

    def with_holes():
        SEEN["table"] = uploads.table("Yours", key="table", samples={"Holes": lambda: holes})
        SEEN["problem"] = frame.current().problem

    healthy(sink(with_holes))
    assert SEEN["table"].X.tolist() == [[2, 3]]
    assert not cache.is_private(SEEN["table"].X)
    healthy(sink(with_holes, sink_table_missing="drop columns"))
    assert SEEN["table"].X.tolist() == [[2, 3]]
    assert "missing values in every numeric column" in SEEN["problem"]


# Bad files


def test_a_bad_file_gets_a_sentence_and_the_table_before_it_stays(yours):
    mine = SEEN["table"]
    upload(yours, b"%PDF-1.7", "report.csv")
    assert SEEN["problem"].startswith('"report.csv" is a PDF document')
    assert SEEN["problem"].endswith(" The table before it stays.")
    assert SEEN["table"] is mine
    healthy(yours.run())
    assert SEEN["problem"], "as long as the file is there"
    choose(yours, "Wine")
    assert (is_wine(), SEEN["problem"]) == (True, "")
    choose(yours, "Yours")
    assert (SEEN["table"], SEEN["problem"]) == (mine, "")


def test_a_bad_first_file_leaves_the_sample(opened):
    app = upload(opened(table="Yours"), b"")
    assert is_wine()
    assert "is empty" in SEEN["problem"]
    removed(app)
    assert (is_wine(), SEEN["problem"]) == (True, "")


def test_a_bad_file_in_the_place_of_a_removed_one_brings_that_one_back(yours):
    mine = SEEN["table"]
    upload(removed(yours), b"{}", "a.csv")
    assert SEEN["table"] is mine


def test_every_hostile_file_ends_in_a_table_or_a_sentence(opened):
    app = opened(table="Yours")
    refused = taken = 0
    for name, data in hostile_files(SEED, N_HOSTILE):
        before = SEEN["table"]
        upload(app, data, f"{name.split('.')[0]}.csv")
        if SEEN["problem"]:
            refused += 1
            assert name.split(".")[0] in SEEN["problem"], name
            assert SEEN["problem"].endswith(". The table before it stays."), name
            assert SEEN["table"] is before, name
        else:
            taken += 1
            assert SEEN["table"].name.startswith(name.split(".")[0]), name
            assert np.isfinite(SEEN["table"].X).all(), name
    assert refused
    assert taken


# While something is dragged


def _moved(story, sent):
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from mml_ui import frame as frames
    from mml_ui import replay

    frames.begin("sink", {})
    recording = replay.first(story)

    @st.fragment
    def line():
        context, send = get_script_run_ctx(), get_script_run_ctx()._enqueue
        context._enqueue = lambda message: (sent.append(message), send(message))
        frames.begin("sink", {"sink_row": 2})
        replay.again(story, recording)
        context._enqueue = send

    line()


@pytest.mark.parametrize("data", [b"", GOOD, HOLES, b"x,y\n1,\n2,\n"])
def test_a_move_draws_nothing_of_it_again_and_has_the_same_table(data):
    sent, shown = [], []
    app = AppTest.from_function(_moved, args=(lambda: (story(), shown.append(SEEN["table"])), sent), default_timeout=30)
    app.query_params["sink_table"] = "Yours"
    upload(healthy(app.run()), data)
    assert (SEEN["row"], bool(SEEN["problem"])) == (2, data not in (GOOD, HOLES))
    assert sent == []
    assert shown[-1] is shown[-2]


# Whose it is


def test_what_is_computed_from_an_upload_stays_with_its_visitor(yours, opened):
    shared = len(page._shared)
    assert cache.is_private(SEEN["table"].X)
    assert cache.is_private(SEEN["mean"])
    assert len(yours.session_state["mml"].results) == 1
    upload(opened(table="Yours"), GOOD)
    assert SEEN["mean"].tolist() == [2, 3.25]
    assert CALLS.count((2, 2)) == 2
    assert len(page._shared) == shared
    choose(opened(), "Wine")
    assert not cache.is_private(SEEN["mean"])


def test_visitors_do_not_see_each_others_tables(yours, opened):
    opened(table="Yours")
    assert is_wine()


def test_a_picture_and_a_table_live_side_by_side(sink):
    def both():
        SEEN["photo"] = uploads.image("A photo of yours", key="photo", default="harbour.jpg")
        story()

    app = upload(healthy(sink(both, sink_table="Yours")), GOOD)
    assert SEEN["table"].name == "mine.csv"
    healthy(app.file_uploader(key="sink_photo").set_value(("a.png", b"no picture", "image/png")).run())
    assert SEEN["problem"].endswith("The picture before it stays.")
    assert SEEN["table"].name == "mine.csv"


# Albums

SHOTS = [(f"{v}.png", images.png(np.full((2, 3), v, np.uint8))) for v in (0, 7, 9)]


def album_story():
    """A page with pictures of the reader's own."""
    SEEN.clear()
    SEEN["album"] = uploads.pictures("Pictures of yours", key="album")
    if SEEN["album"] is not None:
        SEEN["mean"] = page.compute(mean, SEEN["album"].X)
    SEEN["row"] = controls.step("Row", 1, 3, key="row")
    SEEN["problem"] = frame.current().problem


def put(app, *files):
    """Upload these files, all at once."""
    return healthy(app.file_uploader(key="sink_album").set_value([(*file, "image/png") for file in files]).run())


def zipped(*files):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, data in files:
            file.writestr(name, data)
    return archive.getvalue()


def test_there_are_no_pictures_until_some_are_uploaded(opened):
    app = opened(album_story)
    assert SEEN["album"] is None
    (uploader,) = app.file_uploader
    assert (uploader.label, uploader.key, uploader.accept_multiple_files) == ("Pictures of yours", "sink_album", True)
    assert uploader.allowed_type == [".jpg", ".jpeg", ".png", ".webp", ".gif", ".zip"]
    assert [c.value for c in app.caption] == [uploads.PRIVACY.format("album")]


def test_several_files_are_an_album_and_it_is_described(opened):
    app = put(opened(album_story), *SHOTS)
    assert SEEN["album"].X.tolist() == [[v] * 6 for v in (0, 7, 9)]
    assert caption(app).value == (
        "**0.png and 2 more**: 3 pictures of 3 × 2 px. "
        "Your album stays in this server's memory and is gone when you close the page. It is not in the link."
    )
    (status,) = app.status
    assert (status.label, status.state) == ("3 pictures", "complete")


def test_a_zip_is_an_album_too_and_no_character_of_its_name_is_taken_for_markdown(opened):
    app = put(opened(album_story), ("**a**.zip", zipped((".hidden", b"?"), *SHOTS)))
    assert SEEN["album"].names == ("0.png", "7.png", "9.png")
    assert caption(app).value.startswith("**\\*\\*a\\*\\*.zip**: 3 pictures of 3 × 2 px. 1 hidden file skipped. Your album")


def test_an_album_is_read_once_and_again_when_a_picture_comes_or_goes(opened, monkeypatch):
    app = put(opened(album_story), *SHOTS)
    before = SEEN["album"]
    with monkeypatch.context() as patch:
        patch.setattr(albums, "album", lambda *_: pytest.fail("read again"))
        healthy(app.run())
        healthy(app.slider(key="sink_row").set_value(2).run())
    assert SEEN["album"] is before
    put(app, *SHOTS[1:])
    assert SEEN["album"].names == ("7.png", "9.png")
    healthy(app.file_uploader(key="sink_album").set_value(None).run())
    assert SEEN["album"] is None


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (SHOTS[:1], "There is 1 picture; at least 2 are needed"),
        ([SHOTS[0], ("bad.png", b"%PDF-1.7")], '"bad.png" is a PDF document'),
        ([SHOTS[0], ("tall.png", images.png(np.zeros((5, 2), np.uint8)))], '"tall.png" is 2 by 5 px, but "0.png"'),
        ([("bad.zip", zipped(*SHOTS)[:-9])], '"bad.zip" is damaged or cut short'),
    ],
)
def test_bad_pictures_get_a_sentence_and_the_album_before_stays(opened, files, words):
    app = put(opened(album_story), *files)
    assert SEEN["album"] is None
    assert SEEN["problem"].startswith(words)
    put(app, *SHOTS)
    mine = SEEN["album"]
    assert SEEN["problem"] == ""
    put(app, *files)
    assert SEEN["problem"].startswith(words)
    assert SEEN["problem"].endswith(" The album before it stays.")
    assert SEEN["album"] is mine
    assert caption(app).value.startswith("**0.png and 2 more**")


def test_every_hostile_album_ends_in_an_album_or_a_sentence(opened):
    app = opened(album_story)
    for name, files in hostile_albums.hostile_files(SEED, 170 if SOAK else 12):
        before = SEEN["album"]
        put(app, *files)
        if SEEN["problem"]:
            assert SEEN["problem"].endswith(". The album before it stays."), name
            assert SEEN["album"] is before, name
        elif files:
            assert len(SEEN["album"].X) >= 2, name


def test_a_move_draws_nothing_of_an_album_again():
    sent, shown = [], []
    both = (lambda: (album_story(), shown.append(SEEN["album"])), sent)
    put(healthy(AppTest.from_function(_moved, args=both, default_timeout=30).run()), *SHOTS)
    assert SEEN["row"] == 2
    assert sent == []
    assert shown[-1] is shown[-2] is not None


def test_what_is_computed_from_an_album_stays_with_its_visitor(opened):
    app = put(opened(album_story), *SHOTS)
    assert cache.is_private(SEEN["album"].X)
    assert cache.is_private(SEEN["mean"])
    assert len(page._shared) == 0
    assert len(app.session_state["mml"].results) == 1
    opened(album_story)
    assert SEEN["album"] is None
