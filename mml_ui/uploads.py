"""Uploads: one function a kind, from a file in the browser to a checked value, or the sentence that says what is wrong.

What was there before a bad upload stays. Nothing is written to disk; an upload is gone with the session.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, get_args

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image
from streamlit.elements.lib.mutable_status_container import StatusContainer

from mml_ui import albums, cache, controls, images, latex, replay, tables
from mml_ui import frame as frames
from mml_ui.albums import Album
from mml_ui.images import Picture
from mml_ui.links import Links
from mml_ui.links import read as read_links
from mml_ui.tables import Table

T = TypeVar("T")
How = Literal["drop rows", "fill with mean", "fill with median", "drop columns"]
_WAYS = get_args(How)
YOURS = "Yours"
PRIVACY = "Your {} stays in this server's memory and is gone when you close the page. It is not in the link."
_SAMPLES = Path(__file__).parent / "samples"


@dataclass(frozen=True)
class _Upload:
    """What is known of an upload: its files' ids, what they hold, what is wrong with it, and what was there before it."""

    file: str | None = None
    value: Any = None
    problem: str = ""
    before: Any = None


@st.cache_resource(max_entries=4)
def sample(name: str) -> Picture:
    """Return a picture that comes with the app."""
    return images.picture((_SAMPLES / name).read_bytes(), name)


@st.cache_resource(max_entries=4)
def sample_links(name: str, called: str) -> Links:
    """Return a list of links that comes with the app."""
    return read_links((_SAMPLES / name).read_bytes(), called)


def image(label: str, *, key: str, default: str) -> Picture:
    """Draw an upload for one picture and return it; the sample `default` until there is a good one.

    JPEG, PNG, WebP or a GIF's first frame, up to 20 MB and 50 megapixels. A file that cannot be read gets its sentence
    under the picture, and the previous picture stays.
    """
    frame = frames.current()
    full = frame.full(key)

    def draw() -> None:
        picture = _taken(label, full, ["jpg", "jpeg", "png", "webp", "gif"], 20, _picture).value
        done = f"{picture.name}: {picture.note} " if picture is not None and picture.note else ""
        st.caption(done + PRIVACY.format("picture"))

    replay.unmoved(draw)
    upload = frame.session.uploads.get(full, _Upload())
    if upload.problem:
        frame.problem = f"{upload.problem} The picture before it stays."
    return upload.value if upload.value is not None else sample(default)


def table(label: str, *, key: str, samples: Mapping[str, Callable[[], Table]]) -> Table:
    """Draw a choice among the samples and a table of the reader's own; return what is chosen, without missing values.

    CSV, TSV or the like, also packed as gz, up to 100 MB. A file that cannot be read, or a way to treat missing values
    that leaves nothing, gets its sentence under the picture, and the previous table stays. "Yours" is the first sample
    until there is a good file. The array X of a table of the reader's own is private, and so is what is computed from it.

    Args:
        label: What the upload is called.
        key: Short name of the choice; those of the upload and of the way to treat missing values end in `_file`, `_missing`.
        samples: Names, and what returns the table of that name, the same one on each call.
    """
    chosen = controls.choice("Table", [*samples, YOURS], key=key)
    own = _own(label, f"{key}_file", ["csv", "tsv", "txt", "gz"], 100, _table, "table") if chosen == YOURS else None
    name = next(iter(samples)) if chosen == YOURS else chosen
    shown = _completed(samples[name]() if own is None else own, key)
    nothing = "" if chosen != YOURS or own is not None else f"There is no table of yours yet, so this is {name}."
    replay.unmoved(lambda: _describe(shown, nothing, chosen == YOURS))
    return shown


def links(label: str, *, key: str, build: Callable[[Links], T]) -> T | None:
    """Draw an upload for a list of links and return what `build` made of the reader's, None until there is a good one.

    CSV, TSV or numbers apart by blanks, also packed as gz, up to 200 MB unpacked. It is built once; what it is made of stays
    private. A file that cannot be read, or of which `build` makes nothing (ValueError), gets its sentence under the picture,
    and the web before it stays.
    """
    return _own(label, key, ["csv", "tsv", "txt", "gz"], 200, lambda data, name: _links(data, name, build), "web")


def pictures(label: str, *, key: str) -> Album | None:
    """Draw an upload for many pictures of one size and return those of the reader's own, None until there are good ones.

    Several JPEG, PNG, WebP or GIF files, or zips of them, up to 100 MB in all. What cannot be read gets its sentence under the
    picture, and the album before it stays. The array X is private, and so is what is computed from it.
    """
    found = _own(label, key, ["jpg", "jpeg", "png", "webp", "gif", "zip"], 100, _album, "album", several=True)
    replay.unmoved(lambda: _describe_album(found))
    return found


def _own(
    label: str, key: str, kinds: Sequence[str], megabytes: int, read: Callable[..., T], word: str, *, several: bool = False
) -> T | None:
    """Draw an upload and return what the reader's file holds, None until there is a good one; `read` as in `_taken`."""
    frame = frames.current()
    full, kept = frame.full(key), frame.session.uploads

    def draw() -> None:
        if full in kept and full not in st.session_state:  # after a look elsewhere the upload is empty, its value still here
            kept[full] = replace(kept[full], file=None, problem="")
        with st.container():
            _taken(label, full, kinds, megabytes, read, several)

    replay.unmoved(draw)
    upload: _Upload = kept.get(full, _Upload())
    if upload.problem:
        frame.problem = f"{upload.problem} The {word} before it stays."
    return cast("T | None", upload.value)


def _completed(given: Table, key: str) -> Table:
    """Draw the ways to treat missing values where there are any; return the table without, made once, or the last good one."""
    frame = frames.current()
    how = _WAYS[0]
    if any(given.missing):
        how = cast(How, controls.choice("Missing values", _WAYS, key=f"{key}_missing"))
    good, name = frame.session.good, (frame.page, "table", key)
    if name not in good or good[name][:2] != (given, how):
        try:
            good[name] = (given, how, _private(tables.complete(given, how), cache.is_private(given.X)))
        except ValueError as mistake:
            frame.problem = frame.problem or f"{mistake} The table before it stays."
    return cast(Table, good[name][2]) if name in good else tables.complete(given, _WAYS[0])


def _describe(shown: Table, nothing: str, privacy: bool) -> None:
    """Say which table is shown; what was found in the file is said at once of the reader's own, on demand of a sample."""
    notes, own = latex.plain(" ".join(shown.notes)), cache.is_private(shown.X)
    parts = [
        nothing,
        f"**{latex.plain(shown.name)}**: {_size(shown)}.",
        notes if own else "",
        PRIVACY.format("table") if privacy else "",
    ]
    st.caption(" ".join(part for part in parts if part), help=None if own else notes)


def _size(shown: Table) -> str:
    n_rows, n_columns = shown.X.shape
    return f"{n_rows:,} row{'s' * (n_rows != 1)} × {n_columns:,} column{'s' * (n_columns != 1)}"


def _describe_album(found: Album | None) -> None:
    """Say which pictures are shown, and what was done to them."""
    h, w = found.shape if found else (0, 0)
    said = f"**{latex.plain(found.name)}**: {len(found.X):,} pictures of {w:,} × {h:,} px. " if found else ""
    notes = f"{latex.plain(' '.join(found.notes))} " if found and found.notes else ""
    st.caption(said + notes + PRIVACY.format("album"))


def _picture(data: bytes, name: str) -> Picture:
    """Read a picture of the visitor's own."""
    picture = images.picture(data, name)
    cache.mark_private([picture.pixels, picture.preview])
    return picture


def _table(data: bytes, name: str) -> Table:
    """Read a table of the visitor's own; that may take seconds."""
    with st.status("Reading") as status:
        read = _private(tables.table(data, name, _progress(status)), True)
        status.update(label=_size(read), state="complete")
    return read


def _links(data: bytes, name: str, build: Callable[[Links], T]) -> T:
    """Read a list of links of the visitor's own and build what the page makes of it; that may take seconds."""
    with st.status("Reading") as status:
        found = read_links(data, name, _progress(status))
        size = f"{len(found.names):,} pages, {len(found.sources):,} links"
        status.update(label=f"Building: {size}")
        built = cache.mark_private(cache.frozen(build(found)))
        status.update(label=size, state="complete")
    return cast(T, built)


def _progress(status: StatusContainer) -> Callable[[int, int], None]:
    """Return what says how many bytes of a file are read."""
    return lambda done, total: status.update(label=f"Reading: {done / 1e6:,.1f} of {total / 1e6:,.1f} MB")


def _album(files: Sequence[tuple[str, bytes]]) -> Album:
    """Read pictures of the visitor's own; that may take seconds."""
    with st.status("Reading") as status:

        def report(done: int, total: int) -> None:
            if done == total or done % (total // 50 + 1) == 0:
                status.update(label=f"Reading: {done:,} of {total:,} pictures")

        found = albums.album(files, report)
        status.update(label=f"{len(found.X):,} pictures", state="complete")
    return cast(Album, cache.mark_private(found))


def _private(read: Table, own: bool) -> Table:
    if own:
        cache.mark_private([read.X, *read.others.values()])
    return read


def _taken(
    label: str, full: str, kinds: Sequence[str], megabytes: int, read: Callable[..., Any], several: bool = False
) -> _Upload:
    """Draw an upload; keep what a new file holds, or what was there before with the sentence on what is wrong.

    `read` is given bytes and name, of several files a list of names and bytes.
    """
    given: Any = st.file_uploader(label, type=kinds, key=full, max_upload_size=megabytes, accept_multiple_files=several)
    files = given if several else [given] if given is not None else []
    ids = " ".join(file.file_id for file in files) or None
    kept = frames.session().uploads
    last: _Upload = kept.get(full, _Upload())
    before = last.value if last.value is not None else last.before
    if ids is None and last.file is not None:  # taken away, or about to be replaced: what is before it must still be known
        kept[full] = _Upload(before=before)
    elif ids is not None and ids != last.file:
        held = [(file.name, file.getvalue()) for file in files]
        try:
            kept[full] = _Upload(ids, read(held) if several else read(held[0][1], held[0][0]))
        except ValueError as mistake:
            kept[full] = _Upload(ids, before, str(mistake))
    return kept.get(full, last)  # type: ignore[no-any-return]


def small(picture: Picture, side: int) -> NDArray[np.uint8]:
    """Return the picture with at most `side` pixels on its long side, read-only, the same array for the same picture."""
    made = frames.current().session.small
    name = (picture.digest, side)
    if name not in made:
        while len(made) >= 4:
            made.pop(next(iter(made)))
        image = Image.fromarray(picture.preview)
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        pixels = cache.frozen(np.asarray(image))
        made[name] = cache.mark_private(pixels) if cache.is_private(picture.preview) else pixels
    return made[name]  # type: ignore[no-any-return]
