"""Hostile and odd image files, the same for the same seed: what a class, a phone or an attacker may upload."""

import io
import random
import struct
import zlib
from collections.abc import Callable
from functools import cache

from PIL import Image

PNG_START = b"\x89PNG\r\n\x1a\n"
ENDINGS = ("png", "jpg", "JPEG", "gif", "webp", "txt", "png.exe", "")


def hostile_files(seed: int, count: int) -> list[tuple[str, bytes]]:
    """Make `count` files; file number i is the same for every count above i."""
    files = []
    for i in range(count):
        # Each file has a generator of its own, so one of them can be made again alone.
        rng = random.Random(f"{seed}-{i}")
        make = MAKERS[i % len(MAKERS)]
        files.append((f"{i:04d}_{make.__name__}.{rng.choice(ENDINGS)}", make(rng)))
    return files


def png_chunk(tag: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))


def png_file(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return PNG_START + header + b"".join(extra) + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")


def exif_block(orientation: int, order: str = "<", entries: int = 1) -> bytes:
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return start + struct.pack(order + "HHHIHHI", entries, 0x0112, 3, 1, orientation, 0, 0)


def jpeg_segment(code: int, body: bytes) -> bytes:
    return bytes((0xFF, code)) + struct.pack(">H", len(body) + 2) + body


@cache
def valid_files() -> tuple[bytes, ...]:
    """Small files of every format and mode."""
    ramp = Image.linear_gradient("L").resize((61, 43))
    colour = Image.merge("RGB", (ramp, ramp.transpose(Image.Transpose.ROTATE_180), Image.new("L", ramp.size, 90)))
    clear = colour.copy()
    clear.putalpha(ramp)
    frames = [colour.rotate(30 * i) for i in range(3)]

    def saved(image: Image.Image, kind: str, **options: object) -> bytes:
        file = io.BytesIO()
        image.save(file, kind, **options)
        return file.getvalue()

    modes = [colour.convert(mode) for mode in ("1", "L", "P", "RGB", "I;16")] + [clear, clear.convert("LA")]
    return (
        *(saved(image, "PNG") for image in modes),
        saved(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        *(saved(colour.convert(mode), "JPEG") for mode in ("L", "RGB", "CMYK")),
        saved(colour, "JPEG", progressive=True),
        saved(colour, "GIF"),
        saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=40),
        saved(colour, "WEBP"),
        saved(clear, "WEBP", lossless=True),
        saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
    )


def valid_of(rng: random.Random, *starts: bytes) -> bytes:
    return rng.choice([file for file in valid_files() if file.startswith(starts)])


def truncated(rng: random.Random) -> bytes:
    file = rng.choice(valid_files())
    return file[: rng.randrange(len(file))]


def flipped(rng: random.Random) -> bytes:
    file = bytearray(rng.choice(valid_files()))
    for _ in range(rng.choice((1, 1, 3, 20, 200))):
        file[rng.randrange(len(file))] ^= 1 << rng.randrange(8)
    return bytes(file)


def flipped_header(rng: random.Random) -> bytes:
    file = bytearray(rng.choice(valid_files()))
    for _ in range(rng.choice((1, 2, 6))):
        file[rng.randrange(6, 64)] = rng.randrange(256)
    return bytes(file)


def flipped_png_with_good_checksums(rng: random.Random) -> bytes:
    """Damage that the checksums do not show, so that it reaches the decoder."""
    file, out, at = valid_of(rng, PNG_START), PNG_START, 8
    while at < len(file):
        length = struct.unpack_from(">I", file, at)[0]
        body = bytearray(file[at + 8 : at + 8 + length])
        if body and rng.random() < 0.5:
            body[rng.randrange(len(body))] = rng.randrange(256)
        out += png_chunk(file[at + 4 : at + 8], bytes(body))
        at += 12 + length
    return out


def swapped_header(rng: random.Random) -> bytes:
    one, other = rng.sample(valid_files(), 2)
    cut = rng.choice((4, 8, 12, 16, 33))
    return one[:cut] + other[cut:]


def spliced(rng: random.Random) -> bytes:
    one, other = rng.sample(valid_files(), 2)
    return one[: rng.randrange(len(one))] + other[rng.randrange(len(other)) :]


def doubled_middle(rng: random.Random) -> bytes:
    file = rng.choice(valid_files())
    a, b = sorted(rng.sample(range(len(file)), 2))
    return file[:b] + file[a:b] * rng.choice((1, 5, 60)) + file[b:]


def with_tail(rng: random.Random) -> bytes:
    return rng.choice(valid_files()) + rng.choice((b"\0" * 5000, b"PK\x03\x04" + rng.randbytes(300), valid_files()[8]))


def disguised(rng: random.Random) -> bytes:
    return rng.choice(
        (
            b"",
            b"\0",
            b"hello, this is no picture",
            "čeština, 日本語".encode("utf-16"),
            b"<!DOCTYPE html><html><body><img src=x onerror=alert(1)></body></html>",
            b'<?xml version="1.0"?>\n<!-- drawn --><svg xmlns="http://www.w3.org/2000/svg"><circle r="5"/></svg>',
            b'<svg onload="alert(1)"/>',
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
            b"PK\x03\x04\x14\0\0\0\x08\0" + b"\0" * 40,
            b"BM" + struct.pack("<IHHI", 1000, 0, 0, 54) + b"\0" * 100,
            b"II*\0\x08\0\0\0" + b"\xff" * 60,
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
            b"\0\0\0\x18ftypisom\0\0\0\0isomavc1",
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
            b"P6 60000 60000 255\n",
            rng.randbytes(rng.randrange(1, 4000)),
            b"\0" * rng.randrange(1, 100_000),
        )
    )


def only_a_start(rng: random.Random) -> bytes:
    start = rng.choice((PNG_START, b"\xff\xd8\xff", b"\xff\xd8\xff\xd9", b"GIF89a", b"GIF87a", b"RIFF\x40\0\0\0WEBPVP8X"))
    return start + rng.randbytes(rng.choice((0, 1, 7, 30, 500)))


def png_claiming_too_much(rng: random.Random) -> bytes:
    width, height = rng.choice(((60_000, 60_000), (2**31 - 1, 2**31 - 1), (1, 2**31 - 1), (7_072, 7_072), (0, 5), (5, 0)))
    return png_file(width, height, rng.choice((1, 8, 16)), rng.choice((0, 2, 3, 6)), b"\0" * 50)


def png_with_wrong_rows(rng: random.Random) -> bytes:
    depth, colour = rng.choice((1, 2, 4, 8, 16, 3, 255)), rng.choice((0, 2, 3, 4, 6, 1, 99))
    return png_file(rng.randrange(1, 90), rng.randrange(1, 90), depth, colour, rng.randbytes(rng.randrange(4000)))


@cache
def packed_zeros() -> bytes:
    return zlib.compress(b"\0" * 30_000_000, 9)


def png_metadata_bomb(rng: random.Random) -> bytes:
    zeros = packed_zeros()
    bomb = rng.choice(
        (
            png_chunk(b"iCCP", b"profile\0\0" + zeros),
            png_chunk(b"zTXt", b"Comment\0\0" + zeros),
            png_chunk(b"iTXt", b"Comment\0\1\0\0\0" + zeros),
            png_chunk(b"zTXt", b"a\0\0" + zlib.compress(zeros)) * 300,
            png_chunk(b"tEXt", b"k\0v") * 20_000,
            png_chunk(b"eXIf", exif_block(1, entries=65_535) + b"\0\1\0\7\xff\xff\xff\0\0\0\0\0" * 65_535),
        )
    )
    return png_file(2, 2, 8, 0, b"\0\1\2\0\3\4", bomb)


def png_in_pieces(rng: random.Random) -> bytes:
    empty = png_chunk(rng.choice((b"IDAT", b"teSt", b"PLTE", b"tRNS")), b"")
    return png_file(2, 2, 8, 0, b"\0\1\2\0\3\4", empty * rng.choice((1, 1000, 150_000)))


def png_pixel_bomb(rng: random.Random) -> bytes:
    return png_file(4, 4, 8, 0, b"\0" * rng.choice((1, 19, 21, 20_000_000)))


def jpeg_with_absurd_exif(rng: random.Random) -> bytes:
    file = valid_of(rng, b"\xff\xd8")
    entries = b"".join(struct.pack("<HHII", i, 7, 60_000, 0) for i in range(5_000))
    exif = rng.choice(
        (
            exif_block(rng.randrange(65_536), rng.choice("<>"), rng.choice((0, 1, 65_535))),
            b"II*\0" + struct.pack("<I", rng.choice((8, 4, 2**32 - 1, 60_000))) + struct.pack("<H", 5_000) + entries,
            b"MM\0*" + rng.randbytes(500),
            rng.randbytes(rng.randrange(40)),
        )
    )
    return file[:2] + jpeg_segment(0xE1, b"Exif\0\0" + exif) * rng.choice((1, 1, 40)) + file[2:]


def jpeg_with_lying_size(rng: random.Random) -> bytes:
    file = bytearray(valid_of(rng, b"\xff\xd8"))
    for code in (b"\xff\xc0", b"\xff\xc2"):
        at = file.find(code)
        if at > 0:
            size = rng.choice(((0, 0), (0, 61), (65_535, 65_535), (8_000, 8_000), (44, 61), (43, 1), (2_000, 2_000)))
            file[at + 5 : at + 9] = struct.pack(">HH", *size)
    return bytes(file)


def jpeg_with_many_segments(rng: random.Random) -> bytes:
    file = valid_of(rng, b"\xff\xd8")
    segment = jpeg_segment(rng.choice((0xFE, 0xE1, 0xE2, 0xED, 0xDB, 0xC4, 0xDD)), rng.choice((b"", b"\0", b"ICC_PROFILE\0")))
    return file[:2] + segment * rng.choice((1, 300, 150_000)) + file[2:]


def jpeg_with_many_scans(rng: random.Random) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1500, 1000), "navy").save(file, "JPEG", progressive=True)
    whole = file.getvalue()
    return whole[:-2] + whole[whole.rindex(b"\xff\xda") : -2] * rng.choice((1, 30, 5_000)) + whole[-2:]


def gif_with_lying_size(rng: random.Random) -> bytes:
    file = bytearray(valid_of(rng, b"GIF8"))
    sizes = ((0, 0), (1, 1), (65_535, 65_535), (65_535, 1), (60, 42))
    file[6:10] = struct.pack("<HH", *rng.choice(sizes))
    frame = file.find(b"\x2c\0\0\0\0")
    if frame > 0 and rng.random() < 0.6:
        file[frame + 1 : frame + 9] = struct.pack("<HHHH", *rng.choice(sizes), *rng.choice(sizes))
    return bytes(file)


def gif_with_many_blocks(rng: random.Random) -> bytes:
    file = valid_of(rng, b"GIF8")
    palette = 13 + 3 * 2 ** ((file[10] & 7) + 1) if file[10] & 0x80 else 13
    block = rng.choice((b"!\xfe\1a\0", b"!\xfe" + b"\xff" * 256 + b"\0", b"!\xf9\4\1\0\0\0\0", b"!\xfe" + b"\1a" * 900 + b"\0"))
    return file[:palette] + block * rng.choice((1, 100, 5_000)) + file[palette:]


def webp_with_lying_size(rng: random.Random) -> bytes:
    file = bytearray(valid_of(rng, b"RIFF"))
    at, width = rng.choice(((24, 6), (21, 4), (26, 4), (4, 4), (16, 4)))
    file[at : at + width] = rng.choice((b"\0" * width, b"\xff" * width, rng.randbytes(width)))
    return bytes(file)


def thin(rng: random.Random) -> bytes:
    width, height = rng.choice(((1, 1), (1, 50_000), (50_000, 1), (1, 1025), (3, 16_000)))
    file = io.BytesIO()
    Image.new(rng.choice(("1", "L", "RGB")), (width, height)).save(file, rng.choice(("PNG", "JPEG", "GIF")))
    return file.getvalue()


MAKERS: tuple[Callable[[random.Random], bytes], ...] = (
    truncated,
    flipped,
    flipped_header,
    flipped_png_with_good_checksums,
    swapped_header,
    spliced,
    doubled_middle,
    with_tail,
    disguised,
    only_a_start,
    png_claiming_too_much,
    png_with_wrong_rows,
    png_metadata_bomb,
    png_in_pieces,
    png_pixel_bomb,
    jpeg_with_absurd_exif,
    jpeg_with_lying_size,
    jpeg_with_many_segments,
    jpeg_with_many_scans,
    gif_with_lying_size,
    gif_with_many_blocks,
    webp_with_lying_size,
    thin,
)
