import hashlib
import io
import os
import time
import warnings
import zlib

import numpy as np
import pytest
from conftest import SEED
from PIL import Image, ImageFile
from ui.hostile_images import exif_block, hostile_files, jpeg_segment, png_chunk, png_file

from mml_ui import images
from mml_ui.images import Picture, jpeg, picture, png

N_HOSTILE = 1000 if os.environ.get("MML_SOAK") == "1" else 50
SECONDS_EACH = 5.0

RNG = np.random.default_rng(5)
RGB = RNG.integers(0, 256, (13, 17, 3), dtype=np.uint8)
GREY = RGB[:, :, 0]
BLOCKS = np.kron(np.array([[[250, 0, 0], [0, 250, 0], [0, 0, 250]], [[250, 250, 0], [0, 0, 0], [250, 250, 250]]]),
                 np.ones((16, 16, 1), dtype=int)).astype(np.uint8)  # fmt: skip


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def grey3(grey: np.ndarray) -> np.ndarray:
    return np.repeat(grey[:, :, None], 3, axis=2)


def refusal(data: bytes, name: str = "mine.png") -> str:
    with pytest.raises(ValueError, match=r"\.$") as caught:
        picture(data, name)
    return str(caught.value)


def test_rgb_png_comes_back_exactly():
    np.testing.assert_array_equal(picture(png(RGB), "a.png").pixels, RGB)


def test_rgba_comes_back_exactly_where_some_pixel_is_transparent():
    rgba = np.dstack([RGB, GREY])
    np.testing.assert_array_equal(picture(png(rgba), "a.png").pixels, rgba)


def test_opaque_alpha_is_dropped():
    opaque = np.dstack([RGB, np.full_like(GREY, 255)])
    np.testing.assert_array_equal(picture(png(opaque), "a.png").pixels, RGB)


def test_grey_becomes_three_equal_channels():
    np.testing.assert_array_equal(picture(png(GREY), "a.png").pixels, grey3(GREY))


def test_grey_with_alpha_becomes_four_channels():
    both = Image.merge("LA", (Image.fromarray(GREY), Image.fromarray(GREY.T.reshape(GREY.shape).copy())))
    np.testing.assert_array_equal(picture(saved(both, "PNG"), "a.png").pixels, np.asarray(both.convert("RGBA")))


def test_one_bit_is_black_and_white():
    bits = GREY > 127
    np.testing.assert_array_equal(picture(saved(Image.fromarray(bits), "PNG"), "a").pixels, grey3(bits * np.uint8(255)))


def test_palette_is_looked_up():
    indexed = Image.fromarray(RGB).quantize(16)
    np.testing.assert_array_equal(picture(saved(indexed, "PNG"), "a").pixels, np.asarray(indexed.convert("RGB")))


@pytest.mark.parametrize("key", [3, bytes([255, 0, 128, 255])])
def test_palette_with_transparency_becomes_four_channels(key):
    indexed = Image.fromarray(RGB).quantize(16)
    pixels = picture(saved(indexed, "PNG", transparency=key), "a").pixels
    alpha = np.full(256, 255)
    alpha[: len(key) if isinstance(key, bytes) else 256] = list(key) if isinstance(key, bytes) else 255
    if isinstance(key, int):
        alpha[key] = 0
    np.testing.assert_array_equal(pixels[:, :, 3], alpha[np.asarray(indexed)])
    np.testing.assert_array_equal(pixels[:, :, :3], np.asarray(indexed.convert("RGB")))


def test_16_bit_grey_is_scaled_not_clipped():
    deep = np.array([[0, 255, 256, 257 * 100, 65_535]], dtype=np.uint16)
    shot = picture(saved(Image.fromarray(deep), "PNG"), "a.png")
    assert shot.pixels[0, :, 0].tolist() == [0, 0, 1, 100, 255]
    assert shot.note == "16-bit reduced to 8."


def test_16_bit_colour_is_scaled_the_same_way():
    row = b"\0" + np.array([0, 256, 257 * 100, 65_535, 25_700, 300], dtype=">u2").tobytes()
    shot = picture(png_file(2, 1, 16, 2, row), "a.png")
    assert shot.pixels.tolist() == [[[0, 1, 100], [255, 100, 1]]]
    assert shot.note == "16-bit reduced to 8."


@pytest.mark.parametrize(("depth", "row", "key", "grey"), [
    (1, b"\0\x40", 1, [0, 255]), (2, b"\0\x90", 1, [170, 85]), (4, b"\0\x53", 3, [85, 51]),
    (8, b"\0\x07\x09", 9, [7, 9]),
    (16, b"\0\x01\x02\x01\x03", 0x0103, [1, 1]),
])  # fmt: skip
def test_the_transparent_grey_is_found_at_every_depth(depth, row, key, grey):
    pixels = picture(png_file(2, 1, depth, 0, row, png_chunk(b"tRNS", key.to_bytes(2, "big"))), "a").pixels
    assert pixels[0, :, 0].tolist() == grey
    assert pixels[0, :, 3].tolist() == [255, 0]


def test_the_transparent_colour_is_found_at_16_bits():
    row = b"\0" + np.array([257, 514, 771, 257, 514, 25_700], dtype=">u2").tobytes()
    key = png_chunk(b"tRNS", np.array([257, 514, 771], dtype=">u2").tobytes())
    assert picture(png_file(2, 1, 16, 2, row, key), "a").pixels.tolist() == [[[1, 2, 3, 0], [1, 2, 100, 255]]]


def test_cmyk_jpeg_keeps_its_colours():
    shot = picture(saved(Image.fromarray(BLOCKS).convert("CMYK"), "JPEG", quality=95, subsampling=0), "a.jpg")
    assert shot.note == "CMYK converted."
    np.testing.assert_allclose(shot.pixels[8::16, 8::16].astype(int), BLOCKS[8::16, 8::16].astype(int), atol=6)


def test_grey_jpeg_and_webp_are_read():
    flat = Image.new("L", (20, 10), 77)
    assert set(np.unique(picture(saved(flat, "JPEG"), "a").pixels)) == {77}
    np.testing.assert_array_equal(picture(saved(Image.fromarray(RGB), "WEBP", lossless=True), "a").pixels, RGB)


UPRIGHT = {
    1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud, 5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1), 7: lambda a: np.rot90(a, 2).swapaxes(0, 1), 8: lambda a: np.rot90(a, 1),
}  # fmt: skip


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured_in_every_format(orientation, order):
    exif, stored = exif_block(orientation, order), Image.fromarray(BLOCKS)
    plain = png(BLOCKS)
    with_png = plain[:33] + png_chunk(b"eXIf", exif) + plain[33:]
    shot = picture(with_png, "a.png")
    np.testing.assert_array_equal(shot.pixels, UPRIGHT[orientation](BLOCKS))
    assert shot.note == ("" if orientation == 1 else "Turned by its EXIF tag.")
    np.testing.assert_array_equal(
        picture(saved(stored, "WEBP", lossless=True, exif=exif), "a").pixels, UPRIGHT[orientation](BLOCKS)
    )
    whole = jpeg(BLOCKS)
    turned = picture(whole[:2] + jpeg_segment(0xE1, b"Exif\0\0" + exif) + whole[2:], "a").pixels
    np.testing.assert_array_equal(turned, UPRIGHT[orientation](picture(whole, "a").pixels))


@pytest.mark.parametrize(
    "exif", [b"", b"II*\0", exif_block(0), exif_block(9), b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff"]
)
def test_senseless_exif_leaves_the_picture_as_it_is(exif):
    whole = jpeg(BLOCKS)
    shot = picture(whole[:2] + jpeg_segment(0xE1, b"Exif\0\0" + exif) + whole[2:], "a")
    np.testing.assert_array_equal(shot.pixels, picture(whole, "a").pixels)
    assert shot.note == ""


@pytest.mark.parametrize(("kind", "options"), [("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {})])
def test_the_first_frame_of_an_animation_is_read(kind, options):
    first, *later = (Image.fromarray(np.roll(BLOCKS, 16 * i, axis=1)) for i in range(3))
    shot = picture(saved(first, kind, save_all=True, append_images=later, duration=50, **options), "a")
    np.testing.assert_array_equal(shot.pixels, BLOCKS)
    assert shot.note == "First frame of an animation."


def test_a_gif_of_one_frame_is_no_animation():
    shot = picture(saved(Image.fromarray(BLOCKS), "GIF", comment=b"hello"), "a.gif")
    np.testing.assert_array_equal(shot.pixels, BLOCKS)
    assert shot.note == ""


def test_transparent_gif_has_four_channels():
    indexed = Image.fromarray(BLOCKS).quantize(8)
    pixels = picture(saved(indexed, "GIF", transparency=indexed.getpixel((0, 0))), "a.gif").pixels
    assert pixels[0, 0, 3] == 0
    assert pixels[0, 20, 3] == 255


def test_the_bytes_decide_and_not_the_name():
    np.testing.assert_array_equal(picture(png(RGB), "really.jpg").pixels, RGB)


@pytest.mark.parametrize(("data", "what"), [
    (b"%PDF-1.4", "a PDF document"), (b"PK\x03\x04abc", "a zip archive"), (b"<!doctype html>", "a web page"),
    (b"<?xml version='1.0'?><svg/>", "an SVG drawing"), (b"\n <svg>", "an SVG drawing"), (b"", "empty"),
    (b"\0\0\0\x18ftypheic", "a HEIC photo"), (b"just text", "no picture of a known kind"), (b"MM\0*", "a TIFF"),
])  # fmt: skip
def test_a_disguised_file_is_named_for_what_it_is(data, what):
    sentence = refusal(data, "holiday.png")
    assert sentence.startswith(f'"holiday.png" is {what}')
    assert "Choose a JPEG, PNG, WebP or GIF file" in sentence


def test_too_many_bytes_are_refused_unread(monkeypatch):
    monkeypatch.setattr(images, "MAX_BYTES", 100)
    sentence = refusal(png(RGB))
    assert "at most" in sentence
    assert "smaller version" in sentence


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_too_many_pixels_are_refused_by_the_header(monkeypatch, kind):
    data = saved(Image.fromarray(RGB), kind)
    monkeypatch.setattr(images, "MAX_PIXELS", 13 * 17)
    assert picture(data, "a").pixels.shape == (13, 17, 3)
    monkeypatch.setattr(images, "MAX_PIXELS", 13 * 17 - 1)
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("decoded before the size was checked"))
    assert "17 by 13 px" in refusal(data)


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (2**31 - 1, 2**31 - 1), (10_000, 9_000)])
def test_a_decompression_bomb_is_a_sentence_and_no_warning(width, height):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sentence = refusal(png_file(width, height, 8, 2, b"\0"))
    assert f"{width:,} by {height:,} px" in sentence
    assert "at most 50 megapixels" in sentence


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0)])
def test_no_pixels_at_all_are_refused(width, height):
    assert "no pixel at all" in refusal(png_file(width, height, 8, 2, b"\0"))


def test_a_wrong_checksum_is_named_with_its_place():
    data = bytearray(png(RGB))
    data[50] ^= 1
    assert "checksum of its IDAT chunk at byte 33 is wrong" in refusal(bytes(data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_file_cut_in_half_says_so(kind):
    data = saved(Image.fromarray(BLOCKS), kind)
    assert "cut short" in refusal(data[: len(data) // 2])


def test_metadata_never_reaches_the_decoder():
    zeros = zlib.compress(b"\0" * 20_000_000)
    extra = png_chunk(b"iCCP", b"p\0\0" + zeros) + png_chunk(b"zTXt", b"c\0\0" + zeros)
    plain = png(RGB)
    np.testing.assert_array_equal(picture(plain[:33] + extra + plain[33:], "a").pixels, RGB)


def test_a_file_of_too_many_pieces_is_refused(monkeypatch):
    monkeypatch.setattr(images, "MAX_PIECES", 30)
    whole, moving = jpeg(BLOCKS), saved(Image.fromarray(BLOCKS), "GIF", comment=b"hello")
    comment = moving.index(b"!\xfe")
    for data in (
        png_file(2, 2, 8, 0, b"\0\1\2\0\3\4", png_chunk(b"teSt", b"") * 40),
        whole[:2] + jpeg_segment(0xFE, b"") * 40 + whole[2:],
        moving[:comment] + b"!\xfe\1a\0" * 40 + moving[comment:],
    ):
        assert "more than 30 pieces" in refusal(data)


def test_a_jpeg_that_draws_itself_too_often_is_refused(monkeypatch):
    data = saved(Image.fromarray(BLOCKS), "JPEG", progressive=True)
    assert picture(data, "a").pixels.shape == BLOCKS.shape
    monkeypatch.setattr(images, "MAX_SCANNED_PIXELS", BLOCKS[:, :, 0].size * 3)
    assert "progressive JPEG" in refusal(data)


@pytest.mark.parametrize("size", [(1, 1), (1, 50_000), (50_000, 1)])
def test_the_thinnest_pictures_are_read(size):
    shot = picture(saved(Image.new("RGB", size, "teal"), "PNG"), "thin.png")
    assert shot.pixels.shape == (size[1], size[0], 3)
    assert max(shot.preview.shape) <= images.PREVIEW_SIDE
    assert min(shot.preview.shape) >= 1


def test_the_preview_is_small_and_the_same_picture():
    y, x = np.mgrid[:1500, :2500]
    large = np.stack([x * 255 // 2500, y * 255 // 1500, np.full_like(x, 40)], axis=-1).astype(np.uint8)
    shot = picture(png(large), "a.png")
    assert shot.pixels.shape == (1500, 2500, 3)
    assert shot.preview.shape == (614, 1024, 3)
    expected = np.asarray(Image.fromarray(large).resize((1024, 614))).astype(int)
    np.testing.assert_allclose(shot.preview.astype(int), expected, atol=2)


def test_a_small_picture_is_its_own_preview():
    shot = picture(png(RGB), "a.png")
    assert shot.preview is shot.pixels


@pytest.mark.parametrize("shape", [(40, 30, 3), (1200, 30, 3), (40, 1100, 4)])
def test_arrays_are_read_only(shape):
    shot = picture(png(np.zeros(shape, dtype=np.uint8)), "a.png")
    for array in (shot.pixels, shot.preview):
        assert array.dtype == np.uint8
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


def test_the_digest_is_that_of_the_uploaded_bytes():
    data = png(RGB)
    assert picture(data, "a").digest == picture(data, "b").digest == hashlib.sha256(data).hexdigest()
    assert picture(data, "a") == picture(data, "a")
    assert len({picture(data, "a"), picture(data, "a"), picture(data, "b")}) == 2


@pytest.mark.parametrize(("given", "shown"), [
    ("../../etc/night.png", "night.png"), ("C:\\pictures\\night.png", "night.png"),
    ("a\nb\x00c\u202egnp.png", "a b c gnp.png"),
    ("", "picture"), ("\u200b", "picture"), ("\ud800x", "x"),
    ("r\u00e9union \u65e5\u672c.png", "r\u00e9union \u65e5\u672c.png"),
    ('say "hi".png', "say hi .png"), ("n" * 500 + ".jpeg", "n" * 69 + "\u2026nnnnn.jpeg"),
])  # fmt: skip
def test_names_are_made_printable(given, shown):
    assert picture(png(RGB), given).name == shown
    assert len(shown) <= images.MAX_NAME
    assert refusal(b"no", given).startswith(f'"{shown}" ')


def test_no_global_setting_of_the_decoder_changes():
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, warnings.filters[:])
    picture(png(RGB), "a")
    refusal(png_file(60_000, 60_000, 8, 2, b"\0"))
    assert (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, warnings.filters[:]) == before


def test_whatever_the_decoder_raises_becomes_a_sentence(monkeypatch):
    for fault in (OSError, SyntaxError, RecursionError, ZeroDivisionError, Image.DecompressionBombError, KeyError):
        monkeypatch.setattr(Image, "open", lambda *_, fault=fault, **__: (_ for _ in ()).throw(fault("inside")))
        assert "does not decode" in refusal(png(RGB))
    monkeypatch.setattr(Image, "open", lambda *_, **__: (_ for _ in ()).throw(MemoryError()))
    assert "needs more memory" in refusal(png(RGB))


def test_no_memory_for_the_array_is_a_sentence_too(monkeypatch):
    data = png(np.zeros((1, 1025, 3), dtype=np.uint8))
    monkeypatch.setattr(images, "_shrunk", lambda _: (_ for _ in ()).throw(MemoryError()))
    assert "needs more memory" in refusal(data)


def test_hostile_files_are_the_same_for_the_same_seed():
    few, more = hostile_files(SEED, 23), hostile_files(SEED, 46)
    assert few == more[:23]
    assert few != hostile_files(SEED + 1, 23)


def test_every_hostile_file_ends_in_a_picture_or_a_sentence():
    print(f"hostile image seed: {SEED}")
    for name, data in hostile_files(SEED, N_HOSTILE):
        start = time.perf_counter()
        try:
            shot = picture(data, name)
        except ValueError as refused:
            sentence = str(refused)
            assert sentence.startswith(f'"{name}" '), sentence
            assert sentence.endswith("."), sentence
            assert any(advice in sentence for advice in (images._WANTED, images._AGAIN, images._SMALLER)), sentence
        else:
            assert isinstance(shot, Picture)
            assert shot.pixels.ndim == 3
            assert shot.pixels.shape[2] in (3, 4)
            assert 1 <= max(shot.preview.shape[:2]) <= images.PREVIEW_SIDE
        assert time.perf_counter() - start < SECONDS_EACH, name


def test_png_and_jpeg_downloads_can_be_read_again():
    for pixels in (RGB, GREY, np.dstack([RGB, GREY])):
        again = picture(png(pixels), "a").pixels
        np.testing.assert_array_equal(again, grey3(pixels) if pixels.ndim == 2 else pixels)
    flat = np.full((20, 30, 3), (200, 100, 50), dtype=np.uint8)
    np.testing.assert_allclose(picture(jpeg(flat), "a").pixels.astype(int), flat.astype(int), atol=2)
    assert len(jpeg(RGB, 20)) < len(jpeg(RGB))


def test_transparent_parts_turn_white_in_a_jpeg():
    clear = np.zeros((8, 8, 4), dtype=np.uint8)
    assert picture(jpeg(clear), "a").pixels.min() == 255


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((2, 2)),
        np.zeros((2, 2, 2), dtype=np.uint8),
        np.zeros((0, 2, 3), dtype=np.uint8),
        np.zeros(3, dtype=np.uint8),
    ],
)
def test_what_is_no_picture_is_not_encoded(pixels):
    for encode in (png, jpeg):
        with pytest.raises(ValueError, match="A picture is a uint8 array of shape"):
            encode(pixels)


def test_a_jpeg_refuses_sides_and_qualities_it_has_not():
    with pytest.raises(ValueError, match="65,500 px a side"):
        jpeg(np.zeros((1, 65_501), dtype=np.uint8))
    with pytest.raises(ValueError, match="from 1 to 95"):
        jpeg(RGB, 0)
