"""Hostile and odd lists of links, the same for the same seed: what a class, a crawler or an attacker may upload."""

import gzip
import io
import random
import zipfile
from collections.abc import Callable
from functools import cache

ENDINGS = ("csv", "tsv", "txt", "CSV", "csv.gz", "txt.gz", "xlsx", "mtx", "exe", "")
SEPARATORS = (",", ";", "\t", "|", " ", "   ", " \t ", ", ", " -> ", "→")
FIELDS = (
    "",
    " ",
    "1",
    "007",
    "-5",
    "+5",
    "0x10",
    "1_000",
    "1.0",
    "1e3",
    "1,5",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "99999999999999999999",
    "1000000000",
    "9" * 5_000,
    "0" * 5_000 + "1",
    "nan",
    "inf",
    "-Infinity",
    "1e999",
    "-1",
    "-0.0",
    "a b",
    "\u00a0",
    "\u202e1",
    "\u0661",
    "\u65e5\u672c",
    "\U0001f600",
    "\x85",
    "\u2028",
    "\x7f",
    "\x1a",
    "\x00",
    "#",
    "%",
    '"',
    '""',
    '"""',
    '"a, b"',
    '"a',
    'a"b',
    "'",
    "\\",
    "->",
    "A -> B",
    "=1+1",
    "<b>",
    "$x$",
    "a" * 200,
    "a" * 201,
    "\u00e9" * 200,
    "a" * 20_000,
    "source",
    "target",
    "weight",
)


def hostile_files(seed: int, count: int) -> list[tuple[str, bytes]]:
    """Make `count` files; file number i is the same for every count above i."""
    files = []
    for i in range(count):
        # Each file has a generator of its own, so one of them can be made again alone.
        rng = random.Random(f"{seed}-{i}")
        make = MAKERS[i % len(MAKERS)]
        files.append((f"{i:04d}_{make.__name__}.{rng.choice(ENDINGS)}", make(rng)))
    return files


@cache
def valid_files() -> tuple[bytes, ...]:
    """Small webs of every kind."""
    rng = random.Random(7)
    numbers = [(str(rng.randrange(30)), str(rng.randrange(30))) for _ in range(60)]
    words = [(f"page {a}", f"page {b}") for a, b in numbers]
    snap = "# Nodes: 30 Edges: 60\r\n# FromNodeId\tToNodeId\r\n" + "".join(f"{a}\t{b}\r\n" for a, b in numbers)
    comma = "source,target,weight\n" + "".join(f"{a},{b},{rng.random():.3f}\n" for a, b in words)
    german = "von;nach;wie oft\n" + "".join(f"{a};{b};{rng.randrange(9)},5\n" for a, b in numbers)
    quoted = "".join(f'"{a}, ""so""" "{b}"\n' for a, b in words)
    arrows = "".join(f"{a} -> {b}, {b}!\n" for a, b in words)
    blanks = "".join(f"  {a}   {b} \n" for a, b in numbers) + "% the end\n"
    late = "".join(f"{a} {b}\n" for a, b in numbers * 5) + "seven 8\n"
    matrix = "%%MatrixMarket matrix coordinate real general\n30 30 60\n" + "".join(f"{a} {b} 1.5\n" for a, b in numbers)
    plain = tuple(text.encode() for text in (snap, comma, german, quoted, arrows, blanks, late, matrix))
    accents = ("\u00e9" + comma).replace("page", "stra\u00dfe")
    return (
        *plain,
        accents.encode("latin-1"),
        accents.encode("utf-16"),
        accents.encode("utf-8-sig"),
        gzip.compress(plain[0], mtime=0),
        gzip.compress(plain[1], mtime=0) + gzip.compress(plain[1], mtime=0),
    )


def truncated(rng: random.Random) -> bytes:
    file = rng.choice(valid_files())
    return file[: rng.randrange(len(file))]


def flipped(rng: random.Random) -> bytes:
    file = bytearray(rng.choice(valid_files()))
    for _ in range(rng.choice((1, 1, 3, 20, 200))):
        file[rng.randrange(len(file))] ^= 1 << rng.randrange(8)
    return bytes(file)


def flipped_start(rng: random.Random) -> bytes:
    file = bytearray(rng.choice(valid_files()))
    for _ in range(rng.choice((1, 2, 6))):
        file[rng.randrange(20)] = rng.randrange(256)
    return bytes(file)


def with_marks(rng: random.Random) -> bytes:
    """Separators, quotation marks, line ends, comment marks and NULs where they do not belong."""
    file = rng.choice(valid_files())
    marks = (b'"', b'"', b'""', b"\0", b"\n", b"\r", b",", b";", b"\t", b"|", b" ", b"#", b"\n#", b"->", b"\x1a")
    for _ in range(rng.choice((1, 1, 2, 30))):
        at = rng.randrange(len(file))
        file = file[:at] + rng.choice(marks) + file[at:]
    return file


def spliced(rng: random.Random) -> bytes:
    one, other = rng.sample(valid_files(), 2)
    return one[: rng.randrange(len(one))] + other[rng.randrange(len(other)) :]


def doubled_middle(rng: random.Random) -> bytes:
    file = rng.choice(valid_files())
    a, b = sorted(rng.sample(range(len(file)), 2))
    return file[:b] + file[a:b] * rng.choice((1, 5, 60)) + file[b:]


def odd_fields(rng: random.Random) -> bytes:
    separator, width = rng.choice(SEPARATORS), rng.choice((1, 2, 2, 3, 4))
    rows = [[rng.choice(FIELDS) for _ in range(width)] for _ in range(rng.choice((1, 3, 40)))]
    text = "\n".join(separator.join(row) for row in rows)
    return text.encode(rng.choice(("utf-8", "utf-16", "utf-8-sig")))


def odd_field_late(rng: random.Random) -> bytes:
    """Nothing odd in the first lines that decisions are made by, nor in the first block."""
    separator, weight = rng.choice(SEPARATORS), rng.choice((False, True))
    usual, odd = ["1", "2", "0.5"][: 2 + weight], ["1", "2", "0.5"][: 2 + weight]
    odd[rng.randrange(len(odd))] = rng.choice(FIELDS)
    line = separator.join(usual) + "\n"
    return (line * rng.choice((400, 200_000)) + separator.join(odd) + "\n" + line * 9).encode()


def ragged(rng: random.Random) -> bytes:
    rows = [["1"] * rng.choice((2, 2, 2, 2, 3, 1, 0, 4, 1_200)) for _ in range(rng.choice((2, 20, 500)))]
    return "\n".join(rng.choice(",; \t").join(row) for row in rows).encode()


def far_apart(rng: random.Random) -> bytes:
    """Numbers that a table with a place for each of them would not hold."""
    top = rng.choice((10**9, 2**31, 2**32, 2**62))
    rows = [(rng.randrange(-top, top), rng.randrange(-top, top)) for _ in range(rng.choice((1, 30, 2_000)))]
    return "\n".join(f"{a}\t{b}" for a, b in rows).encode()


def one_long_line(rng: random.Random) -> bytes:
    start = rng.choice((b"", b'"', b"1,2\n", b'a "', b"#", b"1 2\n#"))
    return start + rng.choice((b"1", b" ", b"a", b'""', b"\xe9", b"-", b"->", b"1,", b"\t")) * rng.choice((140_000, 600_000))


def many_lines(rng: random.Random) -> bytes:
    lines = (b"1 2\n", b"\n", b" \n", b"#\n", b" %\n", b"\r", b'"a" "b"\n', b"a -> b\n", b"a,b\n \n")
    return rng.choice(lines) * rng.choice((1_000, 200_000))


def disguised(rng: random.Random) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("links.csv", "1,2\n")
    return rng.choice(
        (
            b"",
            b"\0",
            b"\n",
            b"#",
            b"# only this\n",
            b"hello",
            b"hello, this is no list of links",
            b"source,target",
            b"7",
            b'"',
            b",",
            b",\n,\n",
            b"->",
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"\xfe\xff\0",
            b"\xff\xfe\0\0a\0\0\0",
            b"<!DOCTYPE html><a href='b'>b</a>",
            b'{"nodes": [], "links": [{"source": 1, "target": 2}]}',
            b"graph [\n node [ id 1 ]\n edge [ source 1 target 2 ]\n]",
            b'digraph { "a" -> "b"; }',
            b"*Vertices 2\n1 a\n2 b\n*Arcs\n1 2\n",
            b"%PDF-1.7\n%\xe2\xe3",
            b"%%MatrixMarket",
            b"%%MatrixMarket\n3 3 3\n",
            archive.getvalue(),
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500,
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            b"PAR1" + rng.randbytes(50),
            b"\x80\x04\x95cos\nsystem\n",
            "čeština;1\n".encode("utf-16-le"),
            "1 2\n\ud800 3".encode("utf-16", "surrogatepass"),
            rng.randbytes(rng.randrange(1, 4_000)),
            b"\0" * rng.randrange(1, 100_000),
            b"\x1f\x8b" + rng.randbytes(300),
        )
    )


@cache
def packed(text: bytes) -> bytes:
    return gzip.compress(text * (210 * 2**20 // len(text)), 1, mtime=0)


def bomb(rng: random.Random) -> bytes:
    makers: tuple[Callable[[], bytes], ...] = (
        lambda: packed(b"1"),
        lambda: packed(b"\n" * 1000),
        lambda: gzip.compress(packed(b"1"), mtime=0),
        lambda: gzip.compress(b"", mtime=0) * 12_000,
        lambda: gzip.compress(b"1,2\n" * 300_000, mtime=0)[:-400],
    )
    return rng.choice(makers)()


MAKERS: tuple[Callable[[random.Random], bytes], ...] = (
    truncated, flipped, flipped_start, with_marks, spliced, doubled_middle, odd_fields, odd_field_late, ragged, far_apart,
    one_long_line, many_lines, disguised, bomb,
)  # fmt: skip
