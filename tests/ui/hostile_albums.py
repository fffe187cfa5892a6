"""Hostile and odd albums, the same for the same seed: what a class, a camera or an attacker may upload as many pictures."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from PIL import Image
from ui import hostile_images

Files = list[tuple[str, bytes]]

NAMES = (
    "../../etc/passwd.png",
    "/etc/shadow.png",
    "C:\\Windows\\a.png",
    "a\\b\\..\\c.png",
    "",
    "/",
    ".",
    "..",
    "...",
    ".png",
    "a/",
    "__MACOSX/._a.png",
    "Thumbs.db",
    "a\0b.png",
    "a\nb.png",
    'say "hi".png',
    "\u202egnp.a",
    "\u65e5\u672c.png",
    "n" * 3_000,
    "d/" * 5_000 + "a.png",
    "a.zip",
    "con",
    "<b>.png",
    "1.png",
    "1.png",
)


@dataclass(frozen=True)
class Entry:
    """One entry of a zip, written as it is said, true or not."""

    name: bytes
    body: bytes
    crc: int
    size: int
    method: int = 8
    flags: int = 0x800
    packed_size: int = -1
    at: int = -1
    extra: bytes = b""
    there: bool = True

    def heads(self, at: int) -> tuple[bytes, bytes]:
        """Return what stands before the body, and what stands in the list of contents."""
        packed = len(self.body) if self.packed_size < 0 else self.packed_size
        same = struct.pack("<HHHHHIII", 20, self.flags, self.method, 0, 33, self.crc, packed, self.size)
        start = b"PK\x03\x04" + same + struct.pack("<HH", len(self.name), 0) + self.name
        lengths = struct.pack("<HHHHHII", len(self.name), len(self.extra), 0, 0, 0, 0, at if self.at < 0 else self.at)
        return start, b"PK\x01\x02" + struct.pack("<H", 20) + same + lengths + self.name + self.extra


def entry(name: str, data: bytes, method: int = 8) -> Entry:
    """Return an entry that is as it should be."""
    engine = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = engine.compress(data) + engine.flush() if method == 8 else data
    return Entry(name.encode("utf-8", "surrogateescape"), body, zlib.crc32(data), len(data), method)


def zip_file(entries: Sequence[Entry], comment: bytes = b"", claimed: int = -1) -> bytes:
    """Write a zip of these entries."""
    body, contents = bytearray(), bytearray()
    for each in entries:
        start, listed = each.heads(len(body))
        body += start + each.body if each.there else b""
        contents += listed
    n = min(len(entries), 65_535) if claimed < 0 else claimed
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, n, n, len(contents), len(body), len(comment))
    return bytes(body + contents) + end + comment


@cache
def shots(width: int = 9, height: int = 7, n: int = 5) -> tuple[bytes, ...]:
    """Small pictures of one size."""
    ramp = Image.linear_gradient("L").resize((width, height))
    kinds = ("PNG", "JPEG", "GIF", "WEBP")
    files = [io.BytesIO() for _ in range(n)]
    for i, file in enumerate(files):
        ramp.rotate(30 * i).save(file, kinds[i % 4])
    return tuple(file.getvalue() for file in files)


@cache
def good() -> tuple[bytes, ...]:
    """Zips that can be read."""
    plain = [entry(f"faces/{i}.png", shot) for i, shot in enumerate(shots())]
    stored = [entry(f"{i}.png", shot, 0) for i, shot in enumerate(shots())]
    odd = [entry("__MACOSX/._1.png", b"?"), entry("faces/", b"", 0), entry("faces/.hidden", b"?"), *plain]
    return zip_file(plain), zip_file(stored), zip_file(odd, b"made by hand")


def hostile_files(seed: int, count: int) -> list[tuple[str, Files]]:
    """Make `count` albums; number i is the same for every count above i."""
    albums = []
    for i in range(count):
        # Each has a generator of its own, so one of them can be made again alone.
        rng = random.Random(f"{seed}-{i}")
        make = MAKERS[i % len(MAKERS)]
        name, made = f"{i:04d}_{make.__name__}", make(rng)
        albums.append((name, [(f"{name}.zip", made)] if isinstance(made, bytes) else made))
    return albums


def truncated(rng: random.Random) -> bytes:
    file = rng.choice(good())
    return file[: rng.randrange(len(file))]


def flipped(rng: random.Random) -> bytes:
    file = bytearray(rng.choice(good()))
    for _ in range(rng.choice((1, 1, 3, 20, 200))):
        file[rng.randrange(len(file))] ^= 1 << rng.randrange(8)
    return bytes(file)


def flipped_contents(rng: random.Random) -> bytes:
    """Damage in the list of contents or its end, where all sizes and places are."""
    file = bytearray(rng.choice(good()))
    start = file.index(b"PK\x01\x02")
    for _ in range(rng.choice((1, 1, 2, 6))):
        file[rng.randrange(start, len(file))] = rng.choice((0, 1, 0x7F, 0xFF, rng.randrange(256)))
    return bytes(file)


def spliced(rng: random.Random) -> bytes:
    one, other = rng.sample(good(), 2)
    return one[: rng.randrange(4, len(one))] + other[rng.randrange(len(other)) :]


def surrounded(rng: random.Random) -> bytes:
    file = rng.choice(good())
    return b"PK\x03\x04" * rng.choice((0, 1, 300)) + file + rng.choice((b"", b"\0" * 70_000, file, b"PK\x05\x06"))


def lying(rng: random.Random) -> bytes:
    """One entry says what is not so."""
    entries = [entry(f"{i}.png", shot, rng.choice((0, 8))) for i, shot in enumerate(shots())]
    i, sizes = rng.randrange(len(entries)), (0, 1, 10, 10**5, 2**31 - 1, 2**32 - 1)
    lie = rng.choice(("crc", "size", "packed_size", "method", "flags", "at", "extra"))
    value = {
        "method": rng.choice((0, 1, 8, 9, 12, 14, 93, 99)),
        "flags": rng.choice((1, 8, 0x20, 0x40, 0x41, 0x2000, 0xFFFF)),
        "extra": rng.choice((b"\1\0\x18\0" + b"\xff" * 24, b"\1\0\xff\xff", b"\0", b"\1\0\0\0" * 16_000)),
    }.get(lie, rng.choice(sizes))
    entries[i] = replace(entries[i], **{lie: value})
    return zip_file(entries, claimed=rng.choice((-1, -1, 0, 65_535)))


def locked(rng: random.Random) -> bytes:
    entries = [replace(entry(f"{i}.png", shot), flags=rng.choice((0, 1, 0x41))) for i, shot in enumerate(shots())]
    return zip_file([*entries, replace(entries[0], flags=1)])


def other_methods(rng: random.Random) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", rng.choice((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))) as file:
        for i in range(2):
            file.writestr(f"{i}.png", b"\0" * rng.choice((100, 3_000_000)))
    return archive.getvalue()


def oddly_named(rng: random.Random) -> bytes:
    return zip_file([entry(rng.choice(NAMES), rng.choice(shots())) for _ in range(rng.choice((2, 5, 30)))])


def all_alike(rng: random.Random) -> bytes:
    return zip_file([entry("same.png", rng.choice(shots())) for _ in range(rng.choice((2, 40, 400)))])


def sizes_differ(rng: random.Random) -> bytes:
    others = shots(rng.choice((9, 8, 7)), rng.choice((7, 9)))
    return zip_file([entry(f"{i}.png", shot) for i, shot in enumerate(rng.choice(((*shots(), *others), (*others, *shots()))))])


def hostile_inside(rng: random.Random) -> bytes:
    bad = hostile_images.MAKERS[rng.randrange(len(hostile_images.MAKERS))](rng)
    return zip_file([entry("1.png", shots()[0]), entry("2.png", bad), entry("3.png", shots()[2])])


def other_things_inside(rng: random.Random) -> bytes:
    thing = rng.choice(
        (
            zip_file([entry("[Content_Types].xml", b"<?xml version='1.0'?>"), entry("word/document.xml", b"<w/>")]),
            zip_file([entry("a/", b"", 0), entry("b/", b"", 0)]),
            zip_file([entry(".hidden.png", shots()[0]), entry("__MACOSX/a.png", shots()[0])]),
            zip_file([entry("1.png", shots()[0])]),
            zip_file([entry("1.png", shots()[0]), entry("inner.zip", good()[0], 0)]),
            zip_file([entry("1.png", shots()[0]), entry("readme.txt", b"Faces.")]),
            zip_file([entry("1.png", b""), entry("2.png", b"")]),
            zip_file([]),
        )
    )
    return thing


@cache
def zeros() -> Entry:
    return entry("zeros.png", b"\0" * 30_000_000)


@cache
def padded(n_blocks: int) -> Entry:
    """A picture whose packed bytes go on with blocks of nothing."""
    shot = shots()[0]
    engine = zlib.compressobj(6, zlib.DEFLATED, -15)
    start = engine.compress(shot) + engine.flush(zlib.Z_SYNC_FLUSH)
    body = start + b"\0\0\0\xff\xff" * n_blocks + b"\3\0"
    return Entry(b"padded.png", body, zlib.crc32(shot), len(shot))


def bomb(rng: random.Random) -> bytes:
    first = entry("1.png", shots()[0])
    makers: tuple[Callable[[], bytes], ...] = (
        lambda: zip_file([first, zeros()]),
        lambda: zip_file([first] + [replace(zeros(), size=60)] * 3),
        lambda: zip_file([entry(f"{i}.png", shots()[0] + b"\0" * 19_000_000) for i in range(2)] * 8),
        # Entries that all are the same bytes of the file.
        lambda: zip_file([replace(zeros(), at=0, there=not i) for i in range(1_000)]),
        lambda: zip_file([replace(padded(100_000), at=0, there=not i) for i in range(1_000)]),
    )
    return rng.choice(makers)()


def long_contents(rng: random.Random) -> bytes:
    empty = Entry(b"a/", b"", 0, 0, 0)
    long = replace(empty, extra=b"\0\0\0\0" * 16_383)
    return rng.choice(
        (
            lambda: zip_file([empty] * rng.choice((9_000, 30_000))),
            lambda: zip_file([long] * rng.choice((3, 40))),
            lambda: zip_file([entry(f"{i}.png", b"") for i in range(rng.choice((2_001, 5_000)))]),
            lambda: b"PK\x03\x04" + b"PK\x01\x02" * 500_000,
        )
    )()


@cache
def flat(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


def pixel_bomb(rng: random.Random) -> bytes:
    size, n = rng.choice((((5_000, 5_000), 13), ((7_100, 7_100), 2), ((1, 50_000), 200), ((1_000, 800), 20)))
    return zip_file([entry(f"{i}.png", flat(*size)) for i in range(n)])


def several(rng: random.Random) -> Files:
    """Files next to each other: pictures, zips, neither."""
    pool = [*shots(), *good(), b"", b"hello", b"PK\x03\x04", b"%PDF-1.7", shots(8, 7)[0]]
    weights = [6] * 8 + [1] * 5
    return [(rng.choice(NAMES), data) for data in rng.choices(pool, weights, k=rng.choice((0, 1, 2, 3, 8)))]


MAKERS: tuple[Callable[[random.Random], bytes | Files], ...] = (
    truncated, flipped, flipped_contents, spliced, surrounded, lying, locked, other_methods, oddly_named, all_alike,
    sizes_differ, hostile_inside, other_things_inside, bomb, long_contents, pixel_bomb, several,
)  # fmt: skip
