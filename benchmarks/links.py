"""Measure reading a list of five million links against pandas' C reader alone: python benchmarks/links.py [runs]."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mml_ui.links import Links, read

N_PAGES, N_LINKS = 880_000, 5_100_000
WIDE = 2 * 10**12
KINDS = ("numbers", "numbers far apart", "numbers and weights", "names")
PEAK = """
import sys, time
sys.path.insert(0, {root!r})
import pandas, pyarrow.csv, scipy.sparse
from mml_ui.links import read
data = open({path!r}, "rb").read()
told = []
start = time.perf_counter()
web = read(data, "web", lambda done, total: told.append(time.perf_counter() - start) if done and not told else None)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(told[0], int(status["VmHWM"].split()[0]) / 1024)
"""


def web(n_pages: int = N_PAGES, n_links: int = N_LINKS) -> NDArray[np.int64]:
    """Sources, ascending as in the files of SNAP, and targets of a seeded web: few pages have most of the links."""
    rng = np.random.default_rng(7)
    numbers = rng.permutation(n_pages + n_pages // 25)[:n_pages]
    ends = np.minimum(n_pages * rng.random((2, n_links)) ** 2.2, n_pages - 1).astype(np.int64)
    return np.stack([np.sort(numbers[ends[0]]), numbers[ends[1]]])


def written(kind: str, links: NDArray[np.int64]) -> bytes:
    """Write the web as a file of this kind."""
    rng = np.random.default_rng(8)
    if kind == "names":
        frame = pd.DataFrame({i: np.char.add("page_", ends.astype(str)) for i, ends in enumerate(links)})
    else:
        numbers = rng.choice(WIDE, int(links.max()) + 1, replace=False)[links] if kind == "numbers far apart" else links
        frame = pd.DataFrame(dict(enumerate(numbers)))
    if kind == "numbers and weights":
        frame[2] = rng.random(links.shape[1]).round(3)
    file = io.BytesIO()
    frame.to_csv(file, sep="\t", header=False, index=False)
    return file.getvalue()


def rival(kind: str, data: bytes) -> Callable[[], pd.DataFrame]:
    """pandas' C reader, told everything that ours finds out, and with none of what comes after parsing."""
    kinds: dict[int, Any] = {0: object, 1: object} if kind == "names" else {0: np.int64, 1: np.int64, 2: np.float64}
    n_columns = data[: data.index(b"\n")].count(b"\t") + 1
    wanted = {column: dtype for column, dtype in kinds.items() if column < n_columns}
    return lambda: pd.read_csv(io.BytesIO(data), sep="\t", header=None, dtype=wanted, engine="c")


def agree(found: Links, frame: pd.DataFrame) -> bool:
    """Tell whether both have read the same."""
    ends = (found.names[found.sources] == frame[0].to_numpy()).all() and (
        found.names[found.targets] == frame[1].to_numpy()
    ).all()
    return bool(ends) and (found.weights is None or np.allclose(found.weights, frame[2].to_numpy(), rtol=1e-12, atol=0))


def peak(data: bytes) -> tuple[float, float]:
    """Read the file in a process of its own: seconds to the first progress, and its peak memory in MB, the file included."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        script = PEAK.format(root=str(Path(__file__).resolve().parents[1]), path=file.name)
        told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout
    first, most = map(float, told.split())
    return first, most


def main(n_runs: int, n_links: int = N_LINKS) -> None:
    """Run both in turn on each kind of file, so that a busy moment of the machine hits both, and print a table."""
    links = web(N_PAGES * n_links // N_LINKS, n_links)
    print(f"{n_links:,} links between {len(np.unique(links)):,} pages, a file of tabs, median of {n_runs} interleaved runs\n")
    print("| file | MB | ours, s | pandas alone, s | ours / pandas | first progress, s | peak memory, MB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for kind in KINDS:
        data = written(kind, links)
        theirs = rival(kind, data)
        times: dict[str, list[float]] = {"ours": [], "theirs": []}
        for _ in range(n_runs):
            start = time.perf_counter()
            found = read(data, "web.tsv")
            middle = time.perf_counter()
            frame = theirs()
            times["ours"].append(middle - start)
            times["theirs"].append(time.perf_counter() - middle)
        if not agree(found, frame):
            raise AssertionError(f"ours and pandas read the {kind} differently")
        del found, frame
        ours, other = (float(np.median(times[way])) for way in ("ours", "theirs"))
        ratio = np.median(np.array(times["ours"]) / np.array(times["theirs"]))
        first, most = peak(data)
        print(f"| {kind} | {len(data) / 2**20:.0f} | {ours:.2f} | {other:.2f} | {ratio:.2f} | {first:.2f} | {most:.0f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
