"""Measure reading a table of numbers against pandas' C reader alone: python benchmarks/tables.py [rounds].

Ours decides on separator, decimal sign and header, counts the fields of every line, looks for damage, missing and infinite
values, takes the file's fingerprint and reports how far it is; pandas is called with its defaults and only parses. Each run has
a process of its own, which holds the file and has read a small one before; ours and pandas' run in turn, so that a busy moment
of the machine hits both. Memory is the most that the process had in memory during the call, less what it had just before: the
file's bytes are not in it, the table is.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
SHAPES = ((200_000, 50), (20_000, 50), (1_000_000, 5))
WAYS = {
    "ours": "tables.table(data, 'table.csv', lambda done, total: told.append(done)).X",
    "pandas": "pandas.read_csv(io.BytesIO(data))",
}
# The peak is set to what is in memory now: what importing took is no part of it, nor (as in ru_maxrss) the process before.
RUN = """
import hashlib, io, sys, time
sys.path.insert(0, {root!r})
import numpy, pandas
from mml_ui import tables

def kilobytes(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name))

data, told = b"a,b\\n1,2.5\\n", []
{call}
data, told = open({path!r}, "rb").read(), []
open("/proc/self/clear_refs", "w").write("5")
before, start = kilobytes("VmRSS"), time.perf_counter()
found = {call}
seconds, most = time.perf_counter() - start, 1024 * (kilobytes("VmHWM") - before)
print(seconds, most, len(told), hashlib.sha256(numpy.ascontiguousarray(found, float)).hexdigest())
"""


def written(n_rows: int, n_columns: int) -> bytes:
    """Return a table of seeded normal numbers of five digits, with a line of names."""
    rng = np.random.default_rng(0)
    row = ",".join(["%.5g"] * n_columns) + "\n"
    parts = [",".join(f"x{j}" for j in range(n_columns)) + "\n"]
    for at in range(0, n_rows, 10_000):
        n = min(10_000, n_rows - at)
        parts.append(row * n % tuple(rng.standard_normal(n * n_columns)))
    return "".join(parts).encode()


def run(way: str, path: str) -> tuple[float, float, int, str]:
    """Read the file in a process of its own; return seconds, bytes, how many reports there were, and what was read."""
    script = RUN.format(root=str(ROOT), path=path, call=WAYS[way])
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout.split()
    return float(told[0]), float(told[1]), int(told[2]), told[3]


def rounds(path: str, n_rounds: int) -> tuple[dict[str, NDArray[np.float64]], int]:
    """Run both in turn; return a row of seconds and bytes for each round, and the most reports of one."""
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    read, n_told = set(), 0
    for _ in range(n_rounds):
        for way in WAYS:
            seconds, most, n_reports, digest = run(way, path)
            found[way].append((seconds, most))
            n_told = max(n_told, n_reports)
            read.add(digest)
    if len(read) > 1:
        raise AssertionError("ours and pandas read different numbers")
    return {way: np.array(rows) for way, rows in found.items()}, n_told


def main(n_rounds: int) -> None:
    """Run all and print their table."""
    print(f"{n_rounds} interleaved rounds, the least and the median; memory beside the file, the most of all rounds\n")
    print("| rows x columns | file, MB | ours, s | pandas, s | ours / pandas | reports | table, MB | ours, MB | pandas, MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for n_rows, n_columns in SHAPES:
        data = written(n_rows, n_columns)
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            found, n_told = rounds(file.name, n_rounds)
        ours, theirs = found["ours"], found["pandas"]
        least, each = ours[:, 0].min() / theirs[:, 0].min(), np.median(ours[:, 0] / theirs[:, 0])
        times = [f"{rows[:, 0].min():.3f}, {np.median(rows[:, 0]):.3f}" for rows in (ours, theirs)]
        most = [f"{rows[:, 1].max() / 1e6:.0f}" for rows in (ours, theirs)]
        cells = [f"{n_rows:,} x {n_columns}", f"{len(data) / 1e6:.0f}", *times, f"{least:.2f}, {each:.2f}", str(n_told)]
        print(f"| {' | '.join([*cells, f'{8e-6 * n_rows * n_columns:.0f}', *most])} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
