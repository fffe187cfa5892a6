import ast
import hashlib
import io
import os
import tracemalloc
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import SEED
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from ui.hostile_albums import Files, entry, hostile_files, padded, zeros, zip_file
from ui.hostile_images import exif_block, jpeg_segment

from mml_ui import albums, images
from mml_ui.albums import Album, album
from mml_ui.images import jpeg, png

N_HOSTILE = 1020 if os.environ.get("MML_SOAK") == "1" else 34

RNG = np.random.default_rng(5)
GREYS = RNG.integers(0, 256, (4, 5, 7), dtype=np.uint8)
SHOTS = [(f"{i}.png", png(grey)) for i, grey in enumerate(GREYS)]


def zipped(files: Sequence[tuple[str, bytes]], name: str = "mine.zip", method: int = zipfile.ZIP_DEFLATED) -> Files:
    """One zip of these files, as an ordinary tool writes it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as file:
        for path, data in files:
            file.writestr(path, data)
    return [(name, archive.getvalue())]


def refusal(files: Files) -> str:
    with pytest.raises(ValueError, match=r"\.$") as caught:
        album(files)
    return str(caught.value)


def noted(found: Album, words: str) -> str:
    """The one note that holds these words."""
    (note,) = [note for note in found.notes if words in note]
    return note


def means(image: np.ndarray, k: int) -> np.ndarray:
    """The mean of each square of k by k, one after another."""
    h, w = image.shape
    return np.array([[image[i : i + k, j : j + k].mean() for j in range(0, w, k)] for i in range(0, h, k)])


# What is read


def test_grey_pictures_come_back_exactly_each_in_a_row():
    found = album(SHOTS)
    np.testing.assert_array_equal(found.X, GREYS.reshape(4, -1))
    assert (found.shape, found.names) == ((5, 7), ("0.png", "1.png", "2.png", "3.png"))
    assert (found.name, found.notes) == ("0.png and 3 more", ())


def test_the_array_is_read_only():
    X = album(SHOTS).X
    assert X.dtype == np.float64
    assert X.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        X[0, 0] = 1


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_holds_the_same_as_its_files(method):
    found = album(zipped(SHOTS, "dir/faces.zip", method))
    np.testing.assert_array_equal(found.X, album(SHOTS).X)
    assert found.names == album(SHOTS).names
    assert (found.name, found.notes) == ("faces.zip", ())


def test_files_and_zips_are_read_in_their_order_whatever_they_are_called():
    found = album([("b.txt", SHOTS[2][1]), *zipped(SHOTS[:2], "faces.png"), ("a", SHOTS[3][1])])
    np.testing.assert_array_equal(found.X, GREYS[[2, 0, 1, 3]].reshape(4, -1))
    assert found.names == ("b.txt", "0.png", "1.png", "a")
    assert found.name == "b.txt and 2 more"


def test_colours_become_grey_by_their_brightness_and_it_is_said():
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 30]]], dtype=np.uint8)
    found = album([("a.png", png(colours)), ("b.png", png(np.full((1, 4), 9, np.uint8)))])
    np.testing.assert_allclose(found.X, [[76.245, 149.685, 29.07, 18.15], [9, 9, 9, 9]], rtol=1e-14)
    assert found.notes == ("Colours made grey: 1 picture.",)


def test_transparent_parts_become_white_and_it_is_said():
    clear = np.array([[[40, 40, 40, 255], [0, 0, 0, 0], [0, 0, 0, 51], [255, 0, 0, 51]]], dtype=np.uint8)
    found = album([("a.png", png(clear)), ("b.png", png(clear))])
    np.testing.assert_allclose(found.X[0], [40, 255, 204, 204 + 76.245 / 5], rtol=1e-14)
    assert noted(found, "white") == "Transparent parts made white: 2 pictures."


def test_every_format_is_read_and_what_was_done_is_counted():
    grey = Image.fromarray(GREYS[0])
    files = []
    for kind in ("PNG", "GIF", "WEBP", "JPEG"):
        file = io.BytesIO()
        grey.save(file, kind, **({"lossless": True} if kind == "WEBP" else {}))
        files.append((kind, file.getvalue()))
    shot = jpeg(GREYS[0].T)
    files.append(("turned", shot[:2] + jpeg_segment(0xE1, b"Exif\0\0" + exif_block(6)) + shot[2:]))
    found = album(files)
    np.testing.assert_array_equal(found.X[:3], np.tile(GREYS[0].ravel(), (3, 1)))
    assert noted(found, "EXIF") == "Turned by its EXIF tag: 1 picture."


def test_the_digest_is_that_of_all_uploaded_bytes():
    assert album(SHOTS).digest == hashlib.sha256(b"".join(data for _, data in SHOTS)).hexdigest()
    assert album(SHOTS) == album(SHOTS) != album(SHOTS[::-1])
    assert len({album(SHOTS), album(SHOTS), album(SHOTS[:3])}) == 2


def test_progress_is_told_after_each_picture():
    told = []
    album(SHOTS, lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_mistake_of_the_caller_is_not_taken_for_one_in_the_files():
    with pytest.raises(ZeroDivisionError):
        album(SHOTS, lambda done, total: 1 // 0)


# Reduced


SIDE = st.integers(1, 23)


@given(st.integers(2, 4), SIDE, SIDE, st.integers(1, 60), st.sampled_from([1, 3, 4]), st.integers(0, 99))
def test_too_many_numbers_are_reduced_to_means_of_squares_and_it_is_said(n, h, w, most, channels, seed):
    rng = np.random.default_rng(seed)
    grey = rng.integers(0, 256, (n, h, w), dtype=np.uint8)
    pixels = grey if channels == 1 else np.repeat(grey[..., None], channels, axis=-1)
    if channels == 4:
        pixels[..., 3] = 51  # a fifth of it, the rest is white
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(albums, "MAX_NUMBERS", n * most)
        patch.setattr(albums, "_STRIP", 50)
        found = album([(f"{i}", png(image)) for i, image in enumerate(pixels)])
    assert found.X.size <= n * most
    k = next(k for k in range(1, 24) if -(-h // k) * -(-w // k) <= most)
    expected = [means(0.8 * 255 + image / 5 if channels == 4 else image.astype(float), k).ravel() for image in grey]
    np.testing.assert_allclose(found.X, expected, rtol=1e-13)
    assert found.shape == (-(-h // k), -(-w // k))
    said = f"Reduced from {w} by {h} px to {-(-w // k)} by {-(-h // k)}: each pixel is the mean of {k} by {k}."
    assert (said in found.notes) == (k > 1)


def test_a_flat_picture_stays_as_flat_as_it_was(monkeypatch):
    monkeypatch.setattr(albums, "MAX_NUMBERS", 50)
    found = album([(f"{v}", png(np.full((19, 31), v, np.uint8))) for v in (7, 100)])
    assert [set(row) for row in found.X] == [{7.0}, {100.0}]


def test_the_real_limit_is_eight_million_numbers():
    shot = png(np.zeros((1, 2), np.uint8))
    assert albums._factor(2_000, 40, 100) == 1
    assert albums._factor(2_000, 40, 101) == 2
    assert album([("a", shot)] * 2_000).X.shape == (2_000, 2)


# Names


@pytest.mark.parametrize(("given", "shown"), [
    ("../../etc/night.png", "night.png"), ("C:\\pictures\\night.png", "night.png"), ("/night.png", "night.png"),
    ("a\nb\x07c\u202egnp.png", "a b c gnp.png"), ("\u200b", "picture"), ("\u00e9 \u65e5.png", "\u00e9 \u65e5.png"),
    ('say "hi".png', "say hi .png"), ("n" * 500 + ".jpeg", "n" * 69 + "\u2026nnnnn.jpeg"),
])  # fmt: skip
def test_names_are_made_printable_and_are_never_paths(given, shown, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert album([(given, SHOTS[0][1]), SHOTS[1]]).names == (shown, "1.png")
    assert album(zipped([(given, SHOTS[0][1]), SHOTS[1]])).names == (shown, "1.png")
    assert album(zipped(SHOTS, given)).name == shown
    assert not list(tmp_path.iterdir())


def test_equal_names_are_told_apart_by_their_folders_or_else_by_numbers():
    paths = ("ann/1.png", "bob/1.png", "bob/2.png")
    assert album(zipped([(path, SHOTS[0][1]) for path in paths])).names == paths
    assert album([SHOTS[0]] * 3).names == ("0.png", "0.png (2)", "0.png (3)")
    assert album([("a", SHOTS[0][1]), ("a (2)", SHOTS[0][1]), ("a", SHOTS[0][1])]).names == ("a", "a (2)", "a (3)")


def test_folders_and_hidden_files_are_skipped_and_said():
    hidden = ["__MACOSX/._0.png", "faces/.DS_Store", ".git/0.png", "faces/Thumbs.db", "__MACOSX/faces/0.png"]
    found = album(zipped([("faces/", b""), *((path, b"?") for path in hidden), *SHOTS]))
    np.testing.assert_array_equal(found.X, GREYS.reshape(4, -1))
    assert found.notes == ("5 hidden files skipped.",)
    assert album(zipped([("..png", SHOTS[0][1]), *SHOTS])).notes == ("1 hidden file skipped.",)


# What is wrong


def test_the_first_picture_of_another_size_is_named_with_both_sizes():
    wide, tall = png(np.zeros((5, 8), np.uint8)), png(np.zeros((8, 5), np.uint8))
    said = '"wide.png" is 8 by 5 px, but "0.png", the first, is 7 by 5 px. Give all pictures one size.'
    assert refusal([*SHOTS, ("wide.png", wide), ("tall.png", tall)]) == said
    inside = refusal([SHOTS[0], *zipped([SHOTS[1], ("tall.png", tall)])])
    assert inside.startswith('"tall.png" in "mine.zip" is 5 by 8 px, but "0.png", the first, is 7 by 5 px.')


def test_pictures_of_as_many_pixels_but_another_shape_are_of_another_size():
    assert "is 5 by 7 px" in refusal([SHOTS[0], ("turned.png", png(GREYS[0].T))])


@pytest.mark.parametrize("files", [[], zipped([]), zipped([("a/", b""), (".0.png", SHOTS[0][1])])])
def test_no_picture_is_too_few(files):
    assert refusal(files) == f"There is no picture; at least 2 are needed. {albums._SEVERAL}."


def test_one_picture_is_too_few():
    for files in (SHOTS[:1], zipped(SHOTS[:1])):
        assert refusal(files) == f"There is 1 picture; at least 2 are needed. {albums._SEVERAL}."


def test_two_thousand_pictures_are_the_most(monkeypatch):
    assert "There are 2,001 pictures; at most 2,000" in refusal([SHOTS[0]] * 2_001)
    monkeypatch.setattr(albums, "MAX_PICTURES", 3)
    assert len(album(SHOTS[:3]).X) == 3
    assert "There are 4 pictures; at most 3" in refusal([*SHOTS[:2], *zipped(SHOTS[2:])])


def test_too_many_bytes_are_refused_unread(monkeypatch):
    size = sum(len(data) for _, data in SHOTS)
    monkeypatch.setattr(albums, "MAX_BYTES", size)
    assert len(album(SHOTS).X) == 4
    monkeypatch.setattr(albums, "MAX_BYTES", size - 1)
    monkeypatch.setattr(images, "picture", lambda *_: pytest.fail("read"))
    assert "in all; at most" in refusal(SHOTS)


def test_unpacked_bytes_are_counted_not_believed(monkeypatch):
    size = sum(len(data) for _, data in SHOTS)
    monkeypatch.setattr(albums, "MAX_UNPACKED", size)
    assert len(album(zipped(SHOTS)).X) == 4
    monkeypatch.setattr(albums, "MAX_UNPACKED", size - 1)
    assert 'when unpacked, the most that can be read, up to "3.png" in "mine.zip".' in refusal(zipped(SHOTS))


def test_a_bomb_ends_at_the_limit(monkeypatch):
    monkeypatch.setattr(images, "MAX_BYTES", 10_000)
    bomb = [("bomb.zip", zip_file([entry(*SHOTS[0]), zeros()]))]
    for limit, words in ((50_000, "the most a picture may have"), (5_000, "the most that can be read")):
        monkeypatch.setattr(albums, "MAX_UNPACKED", limit)
        tracemalloc.start()
        assert words in refusal(bomb)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000  # of 30,000,000
        tracemalloc.stop()


def test_entries_that_are_the_same_bytes_are_refused_unread(monkeypatch):
    monkeypatch.setattr(albums, "_unpacked", lambda *_: pytest.fail("unpacked"))
    for one in (zeros(), padded(10_000)):
        again = [type(one)(**{**vars(one), "at": 0, "there": not i}) for i in range(100)]
        assert "so that they overlap" in refusal([("a.zip", zip_file(again))])


def test_too_many_pixels_are_refused_after_the_first_picture(monkeypatch):
    monkeypatch.setattr(albums, "MAX_PIXELS", 4 * 35)
    assert len(album(SHOTS).X) == 4
    monkeypatch.setattr(albums, "MAX_PIXELS", 4 * 35 - 1)
    monkeypatch.setattr(albums, "_grey", lambda *_: pytest.fail("read on"))
    assert "There are 4 pictures of 7 by 5 px" in refusal(SHOTS)


def test_what_takes_too_long_ends(monkeypatch):
    monkeypatch.setattr(albums, "MAX_SECONDS", -1.0)
    assert "seconds of computing" in refusal(SHOTS)


@pytest.mark.parametrize("flags", [1, 0x41])
def test_a_locked_zip_is_named(flags):
    locked = [entry(*SHOTS[0]), type(zeros())(**{**vars(entry(*SHOTS[1])), "flags": flags})]
    assert refusal([("a.zip", zip_file(locked))]).startswith('"1.png" in "a.zip" is locked with a password.')


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_any_amount_at_once_is_not_unpacked(method):
    assert '"0.png" in "mine.zip" is packed in an unusual way.' in refusal(zipped(SHOTS, method=method))


def test_a_zip_in_a_zip_is_not_opened():
    inner = zipped(SHOTS, "inner.zip")
    assert refusal(zipped([SHOTS[0], *inner])).startswith('"inner.zip" in "mine.zip" is a zip in a zip')


def test_long_lists_of_contents_are_refused_before_they_are_read(monkeypatch):
    monkeypatch.setattr(albums.zipfile, "ZipFile", lambda *_: pytest.fail("read"))
    blank = type(zeros())(b"a/", b"", 0, 0, 0)
    extra = type(zeros())(b"a/", b"", 0, 0, 0, extra=b"\0\0\0\0" * 16_383)
    for listed in ([blank] * 10_001, [extra] * 17):
        assert '"a.zip" lists more than a zip of 2,000' in refusal([("a.zip", zip_file(listed))])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", '"bad.png" is empty'),
        (b"%PDF-1.7", '"bad.png" is a PDF document'),
        (b"hello", '"bad.png" is no picture of a known kind'),
        (SHOTS[0][1][:-20], '"bad.png" is cut short'),
    ],
)
def test_what_is_no_picture_is_named_with_its_zip(data, words):
    assert refusal([SHOTS[0], ("bad.png", data)]).startswith(words)
    assert refusal(zipped([SHOTS[0], ("d/bad.png", data)])).startswith(f'In "mine.zip": {words}')


def test_a_damaged_zip_is_named():
    ((name, data),) = zipped(SHOTS)
    assert "its list of contents cannot be read" in refusal([(name, data[:-1])])
    at = data.index(b"0.png") + 20
    assert '"0.png" in "mine.zip" is damaged' in refusal([(name, data[:at] + b"????" + data[at + 4 :])])


def test_whatever_the_reader_of_zips_raises_becomes_a_sentence(monkeypatch):
    files = zipped(SHOTS)
    for fault in (OSError, RuntimeError, NotImplementedError, EOFError, KeyError, RecursionError):
        with monkeypatch.context() as patch:
            patch.setattr(zipfile.ZipFile, "open", lambda *_, fault=fault: (_ for _ in ()).throw(fault("inside")))
            assert "it does not unpack" in refusal(files)
            patch.setattr(zipfile, "ZipFile", lambda *_, fault=fault: (_ for _ in ()).throw(fault("inside")))
            assert "its list of contents cannot be read" in refusal(files)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: (_ for _ in ()).throw(MemoryError()))
    assert "need more memory" in refusal(files)


def test_the_module_needs_no_streamlit():
    tree = ast.parse(Path(albums.__file__).read_text(encoding="utf-8"))
    found = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not found & {"streamlit", "pandas"}


def test_hostile_albums_are_the_same_for_the_same_seed():
    few, more = hostile_files(SEED, 13), hostile_files(SEED, 17)
    assert few == more[:13]
    assert few != hostile_files(SEED + 1, 13)


def test_every_hostile_album_ends_in_an_album_or_a_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    print(f"hostile album seed: {SEED}")
    outcomes = set()
    for name, files in hostile_files(SEED, N_HOSTILE):
        sentence, found = "", None
        try:
            found = album(files)
        except ValueError as refused:
            sentence = str(refused)
        outcomes.add(found is None)
        if found is None:
            assert sentence.endswith("."), (name, sentence)
            assert sentence.isprintable(), (name, sentence)
            assert len(sentence) < 1_000
        else:
            h, w = found.shape
            assert found.X.shape == (len(found.names), h * w)
            assert len(set(found.names)) == len(found.names) >= 2
            assert 0 <= found.X.min() <= found.X.max() <= 255
            assert all(text.isprintable() for text in (found.name, *found.names, *found.notes))
    assert outcomes == {True, False}
    assert not list(tmp_path.iterdir()), "nothing is written to disk"
