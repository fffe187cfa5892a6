"""Take this home: the notebook of this screen, its figures and tables, and whatever else a page offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from mml_ui import contents, figures, replay, tables
from mml_ui import frame as frames
from mml_ui.notebook import is_too_large, notebook


def take_home(extra: Callable[[], None] | None = None) -> None:
    """Draw the drawer of downloads; what is in it is made when it is asked for. `extra` draws what only this page has."""
    replay.unmoved(lambda: _drawer(extra))


def _drawer(extra: Callable[[], None] | None) -> None:
    frame = frames.current()
    this = contents.explorer(frame.page)
    calls = list(frame.calls)
    drawer = st.expander("Take this home", key=frame.full("home"), on_change="rerun", icon=":material/download:")
    if not drawer.open:
        return
    with drawer:
        if is_too_large(calls):
            st.caption("There is no notebook of this screen: its data would make it larger than most programs open.")
        else:
            st.download_button(
                "This screen as a notebook", lambda: notebook(this.name, this.claim, frame.link(), calls),
                f"{this.url}.ipynb", "application/x-ipynb+json", key=frame.full("notebook"), on_click="ignore",
                icon=":material/menu_book:",
            )  # fmt: skip
        if extra is not None:
            extra()
        figures.save_buttons()
        st.caption("A link to this screen is in the address bar. An uploaded file is not in it, and not on any disk.")


def csv_files(files: Mapping[str, Callable[[], Mapping[str, Any]]]) -> None:
    """Draw downloads of tables as CSV: names, and what returns the columns, which is asked when the file is wanted."""
    frame = frames.current()
    with st.container(horizontal=True):
        for name, columns in files.items():

            def written(columns: Callable[[], Mapping[str, Any]] = columns) -> bytes:
                return tables.as_csv(columns())

            label = f"{name.capitalize()} as CSV"
            st.download_button(
                label, written, f"{frame.page}-{name.replace(' ', '-')}.csv", "text/csv", key=frame.full(f"csv_{name}"),
                on_click="ignore", icon=":material/table:",
            )  # fmt: skip
