"""Read an uploaded picture, whatever it turns out to be: bytes in, a checked array or a sentence out.

Before anything is decoded the file is cut down to the parts that make its first picture. Comments, profiles,
thumbnails and later frames never reach the decoder, so neither their size nor their faults can matter. Colour
profiles are ignored.
"""

import hashlib
import io
import re
import struct
import zlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MAX_BYTES = 20 * 2**20
MAX_PIXELS = 50_000_000
MAX_PIECES = 100_000
MAX_SCANNED_PIXELS = 600_000_000
MAX_NAME = 80
PREVIEW_SIDE = 1024

Pixels = NDArray[np.uint8]

_WANTED = "Choose a JPEG, PNG, WebP or GIF file"
_SMALLER = "Save a smaller version of it and choose that"
_AGAIN = "Open it in an image viewer, save it again as JPEG or PNG and choose that file"

# Known strangers, so that the sentence can say what the file is and not only what it is not.
_STRANGERS = (
    (re.compile(rb"%PDF"), "a PDF document"),
    (re.compile(rb"PK\x03\x04|PK\x05\x06"), "a zip archive or an office document"),
    (re.compile(rb"BM.{4}\0\0\0\0", re.DOTALL), "a BMP picture"),
    (re.compile(rb"II\*\0|MM\0\*"), "a TIFF or camera raw picture"),
    (re.compile(rb".{4}ftyp(?:hei|hev|mif|msf)", re.DOTALL), "a HEIC photo"),
    (re.compile(rb".{4}ftypavi", re.DOTALL), "an AVIF picture"),
    (re.compile(rb".{4}ftyp", re.DOTALL), "a video"),
    (re.compile(rb"\s*(?:<\?xml.{0,2000})?<svg", re.DOTALL | re.IGNORECASE), "an SVG drawing"),
    (re.compile(rb"\s*<(?:!doctype|html|\?xml)", re.IGNORECASE), "a web page"),
    (re.compile(rb"\x1f\x8b|BZh|7z\xbc\xaf|Rar!|\xfd7zXZ"), "a compressed archive"),
)

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Picture:
    """A picture that was read. Two are equal when they come from the same bytes under the same name.

    Attributes:
        pixels: shape (height, width, 3), or 4 where some pixel is transparent; uint8, read-only, full resolution.
        preview: the same picture with at most 1024 px on its long side; `pixels` itself when that is small already.
        name: the file's name, printable, at most 80 characters.
        digest: SHA-256 of the uploaded bytes, in hex.
        note: one sentence on what was done to it, empty when nothing was.
    """

    pixels: Pixels = field(repr=False, compare=False)
    preview: Pixels = field(repr=False, compare=False)
    name: str
    digest: str
    note: str = ""


@dataclass(frozen=True)
class _Essence:
    """What of a file makes its first picture, and what its header says."""

    body: bytes
    size: tuple[int, int] | None
    exif: bytes = b""
    animated: bool = False
    depth: int = 8
    scans: int = 1


def picture(data: bytes, name: str) -> Picture:
    """Read an uploaded picture, upright, as 8-bit RGB or RGBA.

    The bytes decide what it is, never the name. Of an animation the first frame is read.

    Args:
        data: the file's bytes; JPEG, PNG, WebP or GIF, at most 20 MB and 50 megapixels.
        name: the file's name, any text; used in the sentences only.

    Returns:
        The picture, its arrays read-only.

    Raises:
        ValueError: if it cannot be read; a sentence with what is wrong, where, and what would be right.

    >>> shot = picture(png(np.zeros((2, 3, 3), dtype=np.uint8)), "dir/night.png")
    >>> shot.pixels.shape, shot.name, shot.note
    ((2, 3, 3), 'night.png', '')
    >>> picture(b"%PDF-1.7", "night.png")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: "night.png" is a PDF document, ... Choose a JPEG, PNG, WebP or GIF file.
    """
    label = _printable(name)
    kind = _kind(data, label)
    essence = _ESSENCES[kind](data, label)
    if essence.size:
        _check_size(essence.size, essence.scans, label)
    # The decoder meets arbitrary bytes: whatever it raises about them means one thing, that they are no picture.
    try:
        with Image.open(io.BytesIO(essence.body), formats=[kind]) as image:
            _check_size(image.size, essence.scans, label)
            animated = essence.animated or (kind == "WEBP" and getattr(image, "n_frames", 1) > 1)
            exif = essence.exif or image.info.get("exif") or b""
            plain, notes = _eight_bit_rgb(image, essence.depth)
    except _RefusedError as refusal:
        raise ValueError(str(refusal)) from None
    except MemoryError:
        raise _no_memory(label) from None
    except Exception as fault:
        raise ValueError(f'"{label}" is damaged or cut short: its {_shown(kind)} data does not decode. {_AGAIN}.') from fault
    if animated:
        notes.insert(0, "first frame of an animation")
    turn = _TURNS.get(_orientation(exif))
    try:
        if turn is not None:
            plain = plain.transpose(turn)
            notes.append("turned by its EXIF tag")
        pixels = np.asarray(plain)
        preview = pixels if max(plain.size) <= PREVIEW_SIDE else np.asarray(_shrunk(plain))
    except MemoryError:
        raise _no_memory(label) from None
    for array in (pixels, preview):
        array.flags.writeable = False
    note = "; ".join(notes)
    return Picture(pixels, preview, label, hashlib.sha256(data).hexdigest(), note and f"{note[0].upper()}{note[1:]}.")


def jpeg(pixels: Pixels, quality: int = 95) -> bytes:
    """Encode a picture as JPEG, at full colour resolution; transparent parts turn white.

    Args:
        pixels: uint8, shape (height, width), (height, width, 3) or (height, width, 4).
        quality: 1 (smallest) to 95 (best).

    Returns:
        The file's bytes; the same pixels give the same bytes.

    Raises:
        ValueError: if the array is no picture, a side is over 65,500 px or the quality is out of range.

    >>> picture(jpeg(np.full((8, 8, 3), 128, dtype=np.uint8)), "grey.jpg").pixels[0, 0].tolist()
    [128, 128, 128]
    """
    image = _image(pixels)
    if not 1 <= quality <= 95:
        raise ValueError(f"The JPEG quality is {quality}; choose one from 1 to 95.")
    if max(image.size) > 65_500:
        raise ValueError(f"A JPEG has at most 65,500 px a side; this picture has {max(image.size):,}. Save it as PNG.")
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, subsampling=0)
    return file.getvalue()


def png(pixels: Pixels) -> bytes:
    """Encode a picture as PNG, without loss.

    Args:
        pixels: uint8, shape (height, width), (height, width, 3) or (height, width, 4).

    Returns:
        The file's bytes; the same pixels give the same bytes.

    Raises:
        ValueError: if the array is no picture.

    >>> picture(png(np.eye(2, dtype=np.uint8)), "eye.png").pixels[:, :, 0].tolist()
    [[1, 0], [0, 1]]
    """
    file = io.BytesIO()
    _image(pixels).save(file, "PNG")
    return file.getvalue()


class _RefusedError(ValueError):
    """A finished sentence, told apart from the decoder's own ValueError."""


def _image(pixels: Pixels) -> Image.Image:
    """Wrap the array as a Pillow image."""
    shape = pixels.shape
    if pixels.dtype != np.uint8 or len(shape) not in (2, 3) or shape[2:] not in ((), (3,), (4,)) or 0 in shape:
        raise ValueError(
            f"A picture is a uint8 array of shape (height, width), (height, width, 3) or (height, width, 4); "
            f"this one is {pixels.dtype} of shape {shape}."
        )
    return Image.fromarray(np.ascontiguousarray(pixels))


def _printable(name: str) -> str:
    """Keep the last part of a path, no control or direction characters, at most MAX_NAME long with its ending."""
    last = re.split(r"[/\\]", name[-4 * MAX_NAME :])[-1]
    shown = " ".join("".join(c if c.isprintable() and c != '"' else " " for c in last).split()) or "picture"
    return shown if len(shown) <= MAX_NAME else f"{shown[: MAX_NAME - 11]}\N{HORIZONTAL ELLIPSIS}{shown[-10:]}"


def _shown(kind: str) -> str:
    return "WebP" if kind == "WEBP" else kind


def _kind(data: bytes, label: str) -> str:
    """Pillow's name of the format, by the first bytes."""
    if not data:
        raise ValueError(f'"{label}" is empty: it has 0 bytes. {_WANTED}.')
    if len(data) > MAX_BYTES:
        size, limit = len(data) / 2**20, MAX_BYTES / 2**20
        raise ValueError(f'"{label}" has {size:,.4g} MB; at most {limit:.4g} MB can be read. {_SMALLER}.')
    for kind, start in _STARTS.items():
        if start.match(data):
            return kind
    for start, what in _STRANGERS:
        if start.match(data):
            raise ValueError(f'"{label}" is {what}, by its first bytes, whatever its ending says. {_WANTED}.')
    raise ValueError(f'"{label}" is no picture of a known kind: its first bytes are those of no format read here. {_WANTED}.')


def _check_size(size: tuple[int, int], scans: int, label: str) -> None:
    """Refuse what is empty, too large, or would be decoded over and over."""
    width, height = size
    n_pixels = width * height
    if n_pixels < 1:
        raise _RefusedError(f'"{label}" says in its header that it is {width} by {height} px: no pixel at all. {_AGAIN}.')
    if n_pixels > MAX_PIXELS:
        raise _RefusedError(
            f'"{label}" is {width:,} by {height:,} px by its header, {n_pixels / 1e6:,.4g} megapixels; '
            f"at most {MAX_PIXELS / 1e6:.4g} megapixels can be read. {_SMALLER}."
        )
    if scans > 1 and scans * n_pixels > MAX_SCANNED_PIXELS:
        raise _RefusedError(
            f'"{label}" is a progressive JPEG that draws its {n_pixels / 1e6:.4g} megapixels {scans:,} times; '
            f"about ten times is usual. {_AGAIN}."
        )


def _no_memory(label: str) -> _RefusedError:
    return _RefusedError(f'"{label}" needs more memory than there is to decode it. {_SMALLER}.')


def _cut_up(label: str) -> _RefusedError:
    return _RefusedError(f'"{label}" is cut into more than {MAX_PIECES:,} pieces, far more than a picture needs. {_AGAIN}.')


def _png_essence(data: bytes, label: str) -> _Essence:
    """Keep header, palette, transparent colour and pixels, checksums checked; no text, profiles or later frames."""
    kept, exif, animated, at = [data[:8]], b"", False, 8
    for _ in range(MAX_PIECES):
        if at + 12 > len(data):
            break
        length, tag = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if tag in _PNG_PARTS:
            name = tag.decode("ascii")
            if end > len(data):
                raise ValueError(
                    f'"{label}" is cut short: its {name} chunk at byte {at:,} should end at byte {end:,}, '
                    f"the file ends at {len(data):,}. {_AGAIN}."
                )
            if zlib.crc32(data[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
                raise ValueError(f'"{label}" is damaged: the checksum of its {name} chunk at byte {at:,} is wrong. {_AGAIN}.')
            kept.append(data[at:end])
        elif tag == b"eXIf":
            exif = data[at + 8 : end - 4]
        animated |= tag == b"acTL"
        at = end
        if tag == b"IEND":
            break
    else:
        raise _cut_up(label)
    if len(kept) < 2 or kept[1][4:8] != b"IHDR" or len(kept[1]) != 25:
        raise ValueError(f'"{label}" starts like a PNG, but no header chunk (IHDR) follows at byte 8. {_AGAIN}.')
    width, height, depth = struct.unpack_from(">IIB", kept[1], 8)
    return _Essence(b"".join(kept), (width, height), exif, animated, depth)


def _jpeg_essence(data: bytes, label: str) -> _Essence:
    """Keep tables, frame and scans up to the first end mark; no comments, profiles, previews or what is appended."""
    kept, size, exif, scans, at = [b"\xff\xd8"], None, b"", 0, 2
    for _ in range(MAX_PIECES):
        mark = _JPEG_MARK.search(data, at)
        if mark is None:
            break
        start, code = mark.start(), data[mark.start() + 1]
        if code == 0xD9:
            kept.append(b"\xff\xd9")
            break
        if code in (0x01, 0xD8):
            at = start + 2
            continue
        at = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        if code == 0xDA:
            scans += 1
            following = _JPEG_MARK.search(data, at)
            at = following.start() if following else len(data)
        elif 0xC0 <= code <= 0xCF and code not in (0xC4, 0xC8, 0xCC):
            height, width = (int.from_bytes(data[start + i : start + i + 2], "big") for i in (5, 7))
            size = (width, height)
        elif code == 0xE1 and not exif and data[start + 4 : start + 10] == b"Exif\0\0":
            exif = data[start + 10 : at]
        # JFIF (E0) and Adobe (EE) say how the colours are stored; the other application segments and comments do not.
        if not (0xE1 <= code <= 0xED or code in (0xEF, 0xFE)):
            kept.append(data[start:at])
    else:
        raise _cut_up(label)
    return _Essence(b"".join(kept), size, exif, scans=scans)


def _gif_essence(data: bytes, label: str) -> _Essence:
    """Keep screen, palette and the first frame with its transparent colour; no comments or later frames."""
    if len(data) < 13:
        raise ValueError(f'"{label}" is cut short: a GIF header has 13 bytes, this file {len(data)}. {_AGAIN}.')
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + _gif_palette(flags)
    screen, control, frame = data[:at], b"", b""
    animated = False
    for _ in range(MAX_PIECES):
        if at + 10 >= len(data) or data[at] not in (0x21, 0x2C):
            break
        start = at
        if data[at] == 0x21:
            at = _past_blocks(data, at + 2)
            control = data[start:at] if data[start + 1] == 0xF9 else control
        elif frame:
            animated = True
            break
        else:
            left, top, frame_width, frame_height, flags = struct.unpack_from("<HHHHB", data, at + 1)
            at = _past_blocks(data, at + 11 + _gif_palette(flags))
            frame = control + data[start:at]
            width, height = max(width, left + frame_width), max(height, top + frame_height)
    else:
        raise _cut_up(label)
    if not frame:
        raise ValueError(f'"{label}" starts like a GIF, but holds no frame at byte {at:,}. {_AGAIN}.')
    return _Essence(screen + frame + b";", (width, height), animated=animated)


def _gif_palette(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _past_blocks(data: bytes, at: int) -> int:
    """Find where the chain of blocks that starts at `at` ends."""
    while at < len(data) and data[at]:
        at += data[at] + 1
    return min(at + 1, len(data))


def _webp_essence(data: bytes, label: str) -> _Essence:
    """Keep the whole file, for its decoder skips the rest by itself; the size is in one of three headers."""
    if len(data) < 30:
        raise ValueError(f'"{label}" is cut short: a WebP header has 30 bytes, this file {len(data)}. {_AGAIN}.')
    size = None
    if data[12:16] == b"VP8X":
        size = (1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"))
    elif data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        size = (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    elif data[12:16] == b"VP8 ":
        size = (int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF)
    return _Essence(data, size)


def _orientation(exif: bytes) -> int:
    """Read tag 0x0112 of the first directory; 1 (upright) where it is missing or makes no sense.

    Done here because a general reader follows every entry's length: 65,535 entries, each claiming the whole file.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return 1
    at = struct.unpack_from(order + "I", tiff, 4)[0]
    if at + 2 > len(tiff):
        return 1
    n_entries = min(struct.unpack_from(order + "H", tiff, at)[0], (len(tiff) - at - 2) // 12)
    for entry in range(at + 2, at + 2 + 12 * n_entries, 12):
        tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, entry)
        if tag == 0x0112:
            return value if kind == 3 and 1 <= value <= 8 else 1
    return 1


def _eight_bit_rgb(image: Image.Image, depth: int) -> tuple[Image.Image, list[str]]:
    """Decode to RGB, or RGBA where some pixel is transparent, with what had to be done."""
    image.load()
    notes = ["16-bit reduced to 8"] if depth == 16 else []
    key = image.info.get("transparency")
    if image.mode == "I;16":
        # Pillow would clip at 255; the high byte is what it keeps of 16-bit colours, too.
        deep = np.asarray(image)
        image = Image.fromarray((deep >> 8).astype(np.uint8))
        if isinstance(key, int):
            image.putalpha(Image.fromarray(np.where(deep == key, 0, 255).astype(np.uint8)))
    elif isinstance(key, tuple) and depth == 16:
        image.info["transparency"] = tuple(v >> 8 for v in key)
    elif isinstance(key, int) and image.mode == "L" and depth in (2, 4):
        # The key counts grey levels of the file, the pixels are stretched to 0..255 already.
        image.info["transparency"] = key * 255 // (2**depth - 1)
    if image.mode == "CMYK":
        notes.append("CMYK converted")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema()[0] == 255:
            image = image.convert("RGB")
    return image if image.mode in ("RGB", "RGBA") else image.convert("RGB"), notes


def _shrunk(image: Image.Image) -> Image.Image:
    """Shrink to PREVIEW_SIDE on the long side; averaging whole squares first is what makes it fast."""
    small = image.reduce(max(1, max(image.size) // (2 * PREVIEW_SIDE)))
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), Image.Resampling.LANCZOS)
    return small


_STARTS = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "WEBP": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "GIF": re.compile(rb"GIF8[79]a"),
}
_ESSENCES = {"JPEG": _jpeg_essence, "PNG": _png_essence, "WEBP": _webp_essence, "GIF": _gif_essence}
_PNG_PARTS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
# Inside a scan FF is followed by 00 or a restart mark, so any other pair is the next segment.
_JPEG_MARK = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
