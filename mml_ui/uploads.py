"""Uploads: one function a kind, from a file in the browser to a checked value, or the sentence that says what is wrong.

What was there before a bad upload stays. Nothing is written to disk; an upload is gone with the session.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from mml_ui import cache, images, replay
from mml_ui import frame as frames
from mml_ui.images import Picture

# Of an upload: the file's id, its picture, what is wrong with it, and the picture before it.
_NOTHING: tuple[str | None, Picture | None, str, Picture | None] = (None, None, "", None)
PRIVACY = "Your picture stays in this server's memory and is gone when you close the page. It is not in the link."
_SAMPLES = Path(__file__).parent / "samples"


@st.cache_resource(max_entries=4)
def sample(name: str) -> Picture:
    """Return a picture that comes with the app."""
    return images.picture((_SAMPLES / name).read_bytes(), name)


def image(label: str, *, key: str, default: str) -> Picture:
    """Draw an upload for one picture and return it; the sample `default` until there is a good one.

    JPEG, PNG, WebP or a GIF's first frame, up to 20 MB and 50 megapixels. A file that cannot be read gets its sentence
    under the picture, and the previous picture stays.
    """
    frame = frames.current()
    full = frame.full(key)
    kept = frame.session.pictures
    replay.unmoved(lambda: _upload(label, full, kept))
    _, picture, problem, _ = kept.get(full, _NOTHING)
    if problem:
        frame.problem = f"{problem} The picture before it stays."
    return picture if picture is not None else sample(default)


def _upload(label: str, full: str, kept: dict[str, Any]) -> None:
    """Draw the upload; keep the new picture, or the previous one with the sentence on what is wrong."""
    file = st.file_uploader(label, type=["jpg", "jpeg", "png", "webp", "gif"], key=full, max_upload_size=20)
    if file is None:  # taken away, or about to be replaced: then the picture before it must still be known
        kept[full] = (None, None, "", kept.get(full, _NOTHING)[1] or kept.get(full, _NOTHING)[3])
    elif kept.get(full, _NOTHING)[0] != file.file_id:
        previous = kept.get(full, _NOTHING)[1] or kept.get(full, _NOTHING)[3]
        try:
            picture = images.picture(file.getvalue(), file.name)
            cache.mark_private([picture.pixels, picture.preview])
            kept[full] = (file.file_id, picture, "", None)
        except ValueError as mistake:
            kept[full] = (file.file_id, previous, str(mistake), None)
    picture = kept[full][1]
    done = f"{picture.name}: {picture.note} " if picture is not None and picture.note else ""
    st.caption(done + PRIVACY)


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
