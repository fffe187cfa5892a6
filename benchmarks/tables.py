"""Measure reading a table of numbers against pandas' C reader alone: python benchmarks/tables.py [rounds].

Ours decides on separator, decimal sign and header, counts the fields of every line, looks for damage, missing and infinite
values, takes the file's fingerprint and reports how far it is; pandas is called with its defaults and only parses. Each has a
process of its own, which holds the file and has read a small one before; they read in turn, so that a busy moment of the
machine hits both. Memory is the most that a process had during a call, less what it had just before: the file's bytes are not
in it, the table is.
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
READER = """
import hashlib, io, sys, time
sys.path.insert(0, {root!r})
import numpy, pandas
from mml_ui import tables

def kilobytes(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name))

data, told = b"a,b\\n1,2.5\\n", []
{call}
data = open({path!r}, "rb").read()
for _ in sys.stdin:
    told.clear()
    open("/proc/self/clear_refs", "w").write("5")
    before, cpu, start = kilobytes("VmRSS"), time.process_time(), time.perf_counter()
    found = {call}
    seconds, cpu, most = time.perf_counter() - start, time.process_time() - cpu, kilobytes("VmHWM") - before
    digest = hashlib.sha256(numpy.ascontiguousarray(found, float)).hexdigest()
    del found
    print(seconds, cpu, most / 1000 * 1.024, len(told), digest, flush=True)
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


def reader(way: str, path: str) -> subprocess.Popen[str]:
    """Start a process that reads the file this way as often as it is told to."""
    script = READER.format(root=str(ROOT), path=path, call=WAYS[way])
    return subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def told(process: subprocess.Popen[str]) -> list[str]:
    """Let it read once; return seconds, those of the processor, megabytes, how many reports there were, and what was read."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("again\n")
    process.stdin.flush()
    return process.stdout.readline().split()


def rounds(path: str, n_rounds: int) -> dict[str, NDArray[np.float64]]:
    """Read in turn; return a row of seconds, processor's seconds, megabytes and reports for each round."""
    processes = {way: reader(way, path) for way in WAYS}
    found: dict[str, list[list[float]]] = {way: [] for way in WAYS}
    read = set()
    for _ in range(n_rounds):
        for way, process in processes.items():
            *numbers, digest = told(process)
            found[way].append([float(number) for number in numbers])
            read.add(digest)
    for process in processes.values():
        process.communicate()
    if len(read) > 1:
        raise AssertionError("ours and pandas read different numbers")
    return {way: np.array(rows) for way, rows in found.items()}


def ratio(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> str:
    """Return the ratio of the least, and the median of the rounds' ratios."""
    return f"{ours.min() / theirs.min():.2f}, {np.median(ours / theirs):.2f}"


def main(n_rounds: int) -> None:
    """Run all and print their table."""
    print(f"{n_rounds} interleaved rounds, the least and the median; memory beside the file, the most of all rounds\n")
    print("| rows x columns | file, MB | ours, s | pandas, s | ours / pandas | of CPU | reports ", end="")
    print("| table, MB | ours, MB | pandas, MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for n_rows, n_columns in SHAPES:
        data = written(n_rows, n_columns)
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            found = rounds(file.name, n_rounds)
        (ours, our_cpu, our_peak, reports), (theirs, their_cpu, their_peak, _) = found["ours"].T, found["pandas"].T
        times = [f"{seconds.min():.3f}, {np.median(seconds):.3f}" for seconds in (ours, theirs)]
        cells = [f"{n_rows:,} x {n_columns}", f"{len(data) / 1e6:.0f}", *times, ratio(ours, theirs), ratio(our_cpu, their_cpu)]
        cells += [f"{size:.0f}" for size in (reports.max(), 8e-6 * n_rows * n_columns, our_peak.max(), their_peak.max())]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
