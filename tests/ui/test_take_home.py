"""Tables to take home as CSV: named, made when they are wanted, each with what it says."""

import io

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from mml_ui.take_home import csv_files

ASKED = []


def of(name, **columns):
    """Return what returns these columns, and notes that it was asked."""

    def asked():
        ASKED.append(name)
        return columns

    return asked


FILES = {
    "scores": of("scores", **{"score 1": np.array([0.1, 1 / 3, -1e-300]), "score 2": np.array([1e300, 2, 3])}),
    "reconstructed table": of("reconstructed table", who=np.array(["ann", 'b,"ob"', "ü\n"], object), x=[1.0, np.nan, 3]),
    "nothing": of("nothing", x=np.empty(0)),
}


@pytest.fixture
def files(monkeypatch):
    """What was offered: by file name what makes its bytes, its label, kind and further options."""
    found, draw = {}, st.download_button

    def noted(label, data, file_name, kind, **options):
        found[file_name] = (data, label, kind, options)
        return draw(label, data, file_name, kind, **options)

    monkeypatch.setattr(st, "download_button", noted)
    return found


@pytest.fixture
def offered(sink, files):
    """The files that a page of the name "sink" offers."""
    ASKED.clear()
    app = sink(lambda: csv_files(FILES))
    assert not app.exception, app.exception
    assert [b.label for b in app.get("download_button")] == [label for _, label, _, _ in files.values()]
    return files


def read(offered, file):
    return pd.read_csv(io.BytesIO(offered[file][0]()))


def test_each_has_a_name_of_the_page_and_a_label(offered):
    labels = {file: label for file, (_, label, _, _) in offered.items()}
    assert labels == {
        "sink-scores.csv": "Scores as CSV",
        "sink-reconstructed-table.csv": "Reconstructed table as CSV",
        "sink-nothing.csv": "Nothing as CSV",
    }
    assert {kind for _, _, kind, _ in offered.values()} == {"text/csv"}


def test_the_keys_carry_the_page_and_a_download_does_not_run_the_page_again(offered):
    options = [more for _, _, _, more in offered.values()]
    assert [more["key"] for more in options] == ["sink_csv_scores", "sink_csv_reconstructed table", "sink_csv_nothing"]
    assert {more["on_click"] for more in options} == {"ignore"}


def test_a_table_is_made_when_it_is_wanted_and_no_other_with_it(offered):
    assert ASKED == []
    read(offered, "sink-reconstructed-table.csv")
    assert ASKED == ["reconstructed table"]
    read(offered, "sink-scores.csv")
    assert ASKED == ["reconstructed table", "scores"]


def test_numbers_come_back_to_the_last_digit(offered):
    found = read(offered, "sink-scores.csv")
    assert list(found.columns) == ["score 1", "score 2"]
    assert found["score 1"].tolist() == [0.1, 1 / 3, -1e-300]
    assert found["score 2"].tolist() == [1e300, 2, 3]


def test_texts_come_back_whole_and_what_is_missing_is_an_empty_field(offered):
    found = read(offered, "sink-reconstructed-table.csv")
    assert found["who"].tolist() == ["ann", 'b,"ob"', "ü\n"]
    assert np.isnan(found["x"][1])
    assert offered["sink-reconstructed-table.csv"][0]().startswith(b"who,x\nann,1.0\n")


def test_a_table_without_rows_has_its_names(offered):
    assert offered["sink-nothing.csv"][0]() == b"x\n"


def test_no_files_draw_nothing(sink, files):
    app = sink(lambda: csv_files({}))
    assert not app.exception
    assert not files
