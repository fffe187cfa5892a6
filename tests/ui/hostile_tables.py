"""Hostile and odd table files, the same for the same seed: what a class, a spreadsheet or an attacker may upload."""

import gzip
import io
import random
import zipfile
from collections.abc import Callable
from functools import cache

ENDINGS = ("csv", "tsv", "txt", "CSV", "csv.gz", "xlsx", "csv.exe", "")
CELLS = (
    "",
    "1",
    "-2.5",
    "1e400",
    "-1e999",
    "inf",
    "-Infinity",
    "nan",
    "NA",
    "?",
    "-",
    "--",
    "+",
    ".",
    "1e",
    "0x10",
    "1_000",
    "1,5",
    "1.234,5",
    "1,234.5",
    "1 234",
    "1 234",
    "12%",
    "True",
    "2024-02-30",
    "12:30",
    "=1+1",
    "@SUM(A1)",
    "#N/A",
    "#REF!",
    "\u0661\u0662",
    "\uff11",
    "\u22125",
    "\u202e1",
    "a b",
    "\u65e5\u672c",
    '"',
    '""',
    '"""',
    "'",
    "\\",
    "\\n",
    "9" * 400,
    "0." + "0" * 400 + "1",
    "1" * 5_000,
    "1e-400",
    "1" + "e1" * 30,
    "1," * 30,
    "1 " * 500,
    "1." * 500,
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
    """Small tables of every kind."""
    rng = random.Random(7)
    rows = [[f"row {i}", *(repr(rng.uniform(-100, 100)) for _ in range(3)), str(rng.randrange(9))] for i in range(40)]
    names = ["name", "x", "y", "z", "n"]
    comma = "\n".join(",".join(row) for row in [names, *rows]) + "\n"
    german = "\n".join(";".join(cell.replace(".", ",") for cell in row) for row in [names, *rows]) + "\n"
    bare = "\n".join("\t".join(row[1:]) for row in rows)
    quoted = "\r\n".join("|".join(f'"{cell}, ""so""\nsaid"' for cell in row[:1]) + "|" + "|".join(row[1:]) for row in rows)
    holes = comma.replace("1", "").replace("row ,", "NA,")
    texts = (comma, german, bare, quoted, holes, "é" + german)
    plain = tuple(text.encode() for text in texts)
    return (
        *plain,
        plain[5].decode().encode("latin-1"),
        german.encode("utf-16"),
        comma.encode("utf-8-sig"),
        gzip.compress(plain[0], mtime=0),
        gzip.compress(plain[0], mtime=0) + gzip.compress(plain[1], mtime=0),
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
    """Separators, quotation marks, line ends and NULs where they do not belong."""
    file = rng.choice(valid_files())
    for _ in range(rng.choice((1, 1, 2, 30))):
        at = rng.randrange(len(file))
        file = file[:at] + rng.choice((b'"', b'"', b'""', b"\0", b"\n", b"\r", b",", b";", b"\t", b"|", b"\x1a")) + file[at:]
    return file


def open_quote(rng: random.Random) -> bytes:
    file = rng.choice(valid_files()[:5])
    at = file.find(rng.choice((b",", b";", b"\t", b"|", b"\n", b"")), rng.randrange(len(file) // 2))
    return file[: at + 1] + b'"' + file[at + 1 :] * rng.choice((1, 400))


def spliced(rng: random.Random) -> bytes:
    one, other = rng.sample(valid_files(), 2)
    return one[: rng.randrange(len(one))] + other[rng.randrange(len(other)) :]


def doubled_middle(rng: random.Random) -> bytes:
    file = rng.choice(valid_files())
    a, b = sorted(rng.sample(range(len(file)), 2))
    return file[:b] + file[a:b] * rng.choice((1, 5, 60)) + file[b:]


def odd_cells(rng: random.Random) -> bytes:
    separator = rng.choice(",;\t|")
    n_columns = rng.choice((1, 2, 5))
    rows = [[rng.choice(CELLS) for _ in range(n_columns)] for _ in range(rng.choice((1, 3, 40)))]
    return "\n".join(separator.join(row) for row in rows).encode(rng.choice(("utf-8", "utf-16", "utf-8-sig")))


def odd_cells_late(rng: random.Random) -> bytes:
    """Nothing odd in the first lines that decisions are made by."""
    separator = rng.choice(";\t|")
    return ("x;y\n" + "1;2\n" * 400 + f"{rng.choice(CELLS)};3\n" + "4;5\n" * 9).replace(";", separator).encode()


def ragged(rng: random.Random) -> bytes:
    rows = [["1"] * rng.choice((3, 3, 3, 3, 2, 4, 0, 1_200)) for _ in range(rng.choice((2, 20, 500)))]
    return "\n".join(",".join(row) for row in rows).encode()


def ragged_late(rng: random.Random) -> bytes:
    return b"1,2,3\n" * rng.choice((300, 700_000)) + rng.choice(
        (b"1,2\n", b"1,2,3,4\n", b'1,"2,3\n', b"," * 2_000, b'1,2,3"\n')
    )


def too_wide(rng: random.Random) -> bytes:
    return rng.choice((b"1", b"", b'"a"')) + rng.choice((b",1", b",", b";x", b'\t"a"')) * rng.choice(
        (999, 1_000, 50_000, 1_000_000)
    )


def too_long(rng: random.Random) -> bytes:
    return rng.choice((b"1\n", b"\n", b"1\r\n", b'"1"\n', b"1,2\n")) * rng.choice((1_000_000, 1_000_001, 1_200_000))


def one_long_line(rng: random.Random) -> bytes:
    return rng.choice((b"", b'"', b"x\n", b'x\n"')) + rng.choice((b"1", b" ", b"a", b'""', b"\xe9", b"-")) * rng.choice(
        (140_000, 3_000_000)
    )


def disguised(rng: random.Random) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
    return rng.choice(
        (
            b"",
            b"\0",
            b"\n",
            b" \n \n",
            b"hello",
            b"hello, this is no table",
            b"x",
            b"7",
            b"NA",
            b'"',
            b'""',
            b",",
            b",\n,\n",
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"\xfe\xff\0",
            b"\xff\xfe\0\0a\0\0\0",
            b"<!DOCTYPE html><table><tr><td>1</td></tr></table>",
            b'{"a": [1, 2]}',
            b"[[1, 2], [3, 4]]",
            b"%PDF-1.7\n%\xe2\xe3",
            archive.getvalue(),
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500,
            b"\x89PNG\r\n\x1a\n",
            b"PAR1" + rng.randbytes(50),
            b"SQLite format 3\0",
            b"\x93NUMPY\1\0",
            b"\x80\x04\x95cos\nsystem\n",
            b"BZh91AY",
            "čeština;1\n".encode("utf-16-le"),
            "x\n\ud800".encode("utf-16", "surrogatepass"),
            rng.randbytes(rng.randrange(1, 4_000)),
            b"\0" * rng.randrange(1, 100_000),
            b"\x1f\x8b" + rng.randbytes(300),
        )
    )


@cache
def packed(letter: bytes) -> bytes:
    return gzip.compress(letter * 110_000_000, 6, mtime=0)


def bomb(rng: random.Random) -> bytes:
    makers: tuple[Callable[[], bytes], ...] = (
        lambda: packed(b"1"),
        lambda: packed(b"\n"),
        lambda: packed(b"1") * 20,
        lambda: gzip.compress(packed(b"1"), mtime=0),
        lambda: gzip.compress(b"", mtime=0) * 12_000,
        lambda: gzip.compress(b"1,2\n" * 300_000, mtime=0)[:-400],
    )
    return rng.choice(makers)()


MAKERS: tuple[Callable[[random.Random], bytes], ...] = (
    truncated, flipped, flipped_start, with_marks, open_quote, spliced, doubled_middle, odd_cells, odd_cells_late, ragged,
    ragged_late, too_wide, too_long, one_long_line, disguised, bomb,
)  # fmt: skip
