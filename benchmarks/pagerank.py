"""Measure PageRank on webs of up to five million links against igraph and networkx: python benchmarks/pagerank.py [runs].

Each has one thread: igraph's would wait for each other where the machine has other things to do, and ours has only one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mml_core.graphs import Graph
from mml_core.pagerank import pagerank
from mml_core.webs import power_law_web

try:
    import igraph
except ImportError:
    igraph = None

ROOT = Path(__file__).resolve().parents[1]
SIZES = ((1_000, 10_000), (100_000, 1_000_000), (900_000, 5_000_000))
SLOW = 2_000_000  # links from which networkx, which then takes minutes and gigabytes, runs once
DAMPING, TOL = 0.85, 1e-10
STEP = TOL * (1 - DAMPING) / DAMPING  # ranks that a step of power iteration changes by no more are within TOL of the true ones
POWER, BLOCKS, IGRAPH, NETWORKX = "ours, power iteration", "ours, Gauss-Seidel", "igraph, PRPACK", "networkx"

# What a reader of a file waits for, in a process of its own: seconds, peak memory in MB, and a number that tells ranks apart.
SCRIPT = """
import sys, time
sys.path.insert(0, {root!r})
{imports}
start = time.perf_counter()
{work}
seconds = time.perf_counter() - start
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(seconds, int(status["VmHWM"].split()[0]) / 1024, sum(rank * rank for rank in list(ranks)))
"""
READ_OURS = """
import scipy.sparse
from mml_core.graphs import Graph
from mml_core.pagerank import pagerank
from mml_ui.links import read
read(b"1 2", "warm")
"""
OURS = """
found = read(open({path!r}, "rb").read(), "web.txt")
web = Graph.from_edges(found.sources, found.targets, found.weights, len(found.names))
ranks = pagerank(web, {d}, {tol}, method="METHOD").ranks
"""
UPLOADS = {
    POWER: (READ_OURS, OURS.replace("METHOD", "power iteration")),
    BLOCKS: (READ_OURS, OURS.replace("METHOD", "Gauss-Seidel")),
    "igraph, read by pandas": (
        "import igraph, numpy as np, pandas as pd\nigraph.Graph.Ring(3).pagerank()",
        """
links = pd.read_csv({path!r}, sep=" ", header=None, dtype=np.int64, engine="c").to_numpy()
ranks = igraph.Graph(n=int(links.max()) + 1, edges=links, directed=True).pagerank(damping={d})
""",
    ),
    "igraph, its own reader": (
        "import igraph\nigraph.Graph.Ring(3).pagerank()",
        "ranks = igraph.Graph.Read_Edgelist({path!r}, directed=True).pagerank(damping={d})",
    ),
    NETWORKX: (
        "import networkx as nx, scipy.sparse",
        """
web = nx.read_edgelist({path!r}, create_using=nx.DiGraph, nodetype=int)
ranks = nx.pagerank(web, {d}, tol={step} / len(web), max_iter=1000).values()
""",
    ),
}

Times = dict[str, NDArray[np.float64]]
Links = NDArray[np.int32]


def links_of(n_pages: int, n_links: int) -> Links:
    """Return the links of a seeded web in which every page has one, sorted by source, shape (n_links, 2)."""
    web = power_law_web(n_pages, n_links, 1)
    _, ends = np.unique(np.stack([web.sources, web.targets]), return_inverse=True)
    links: Links = ends.reshape(2, -1).T.astype(np.int32)
    return links[np.argsort(links[:, 0], kind="stable")]


def timed(ways: dict[str, Callable[[], object]], n_runs: int, once: tuple[str, ...] = ()) -> tuple[Times, dict[str, Any]]:
    """Run all in turn, so that a busy moment of the machine hits each of them: seconds of each run, and the last results."""
    spans: dict[str, list[float]] = {name: [] for name in ways}
    results: dict[str, Any] = {}
    for i in range(n_runs):
        for name, way in ways.items():
            if i == 0 or name not in once:
                start = time.perf_counter()
                results[name] = way()
                spans[name].append(time.perf_counter() - start)
    return {name: np.array(span) for name, span in spans.items()}, results


def against(times: Times, ours: str, theirs: str) -> str:
    """Return the median ratio of runs that followed each other, or "" without both."""
    if ours == theirs or theirs not in times or len(times[theirs]) == 0:
        return ""
    n = min(len(times[ours]), len(times[theirs]))
    return f"{np.median(times[ours][:n] / times[theirs][:n]):.2g}"


def solving(links: Links, n: int, n_runs: int, with_networkx: bool) -> tuple[list[str], list[str]]:
    """Return the rows of the tables on solving and on building."""
    s, t = links[:, 0].copy(), links[:, 1].copy()
    build: dict[str, Callable[[], Any]] = {"ours": lambda: Graph.from_edges(s, t, None, n)}
    if igraph is not None:
        build["igraph"] = lambda: igraph.Graph(n=n, edges=links, directed=True)
    if with_networkx:
        build["networkx"] = lambda: nx.DiGraph(zip(s.tolist(), t.tolist(), strict=True))
    size = f"{n:,} / {len(links):,}"
    built, webs = timed(build, n_runs, once=("networkx",))
    built_rows = [
        f"| {size} | {name} | {1e3 * np.median(span):.1f} | {against(built, 'ours', name) if name != 'ours' else ''} |"
        for name, span in built.items()
    ]
    solve: dict[str, Callable[[], Any]] = {
        POWER: lambda: pagerank(webs["ours"], DAMPING, TOL),
        BLOCKS: lambda: pagerank(webs["ours"], DAMPING, TOL, method="Gauss-Seidel"),
    }
    if igraph is not None:
        solve[IGRAPH] = lambda: webs["igraph"].pagerank(damping=DAMPING)
        solve[IGRAPH]()  # the first call of all is slow
    if with_networkx:
        solve[NETWORKX] = lambda: nx.pagerank(webs["networkx"], DAMPING, tol=STEP / n, max_iter=1000)
    took, found = timed(solve, n_runs * (20 if n < 10_000 else 2), once=(NETWORKX,) if len(links) > SLOW else ())
    true = pagerank(webs["ours"], DAMPING, 1e-13).ranks
    rows = []
    for name, span in took.items():
        ranks, steps = found[name], ""
        if name in (POWER, BLOCKS):
            ranks, steps = found[name].ranks, str(found[name].n_steps)
        elif name == NETWORKX:
            ranks = [found[name][page] for page in range(n)]
        error = np.abs(np.asarray(ranks) - true).sum()
        if error > TOL:
            raise AssertionError(f"{name} is {error:.1g} off on {size}")
        ratio = against(took, name, IGRAPH)
        rows.append(f"| {size} | {name} | {1e3 * np.median(span):.1f} | {ratio} | {steps} | {error:.0e} |")
    return rows, built_rows


def upload(name: str, path: str) -> tuple[float, float, float]:
    """Go from a file to ranks in a process of its own: seconds, peak memory in MB, and the sum of the squares of the ranks."""
    imports, work = UPLOADS[name]
    filled = work.format(path=path, d=DAMPING, tol=TOL, step=STEP)
    script = SCRIPT.format(root=str(ROOT), imports=imports, work=filled)
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True, env=alone).stdout
    seconds, most, squares = map(float, told.split())
    return seconds, most, squares


def uploading(links: Links, n: int, n_runs: int, with_networkx: bool) -> list[str]:
    """Return the rows of the table on going from a text file to ranks."""
    names = [name for name in UPLOADS if name != NETWORKX or with_networkx]
    names = [name for name in names if igraph is not None or not name.startswith("igraph")]
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        pd.DataFrame(links).to_csv(file, sep=" ", header=False, index=False)
        file.flush()
        runs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in names}
        for i in range(n_runs):
            for name in names:
                if i == 0 or name != NETWORKX or len(links) < SLOW:
                    runs[name].append(upload(name, file.name))
    squares = [run[0][2] for run in runs.values()]
    if max(squares) > min(squares) * (1 + 1e-6):
        raise AssertionError(f"not all found the same ranks: {squares}")
    took = {name: np.array([seconds for seconds, *_ in run]) for name, run in runs.items()}
    rivals = [name for name in names if name.startswith("igraph")]
    best = min(rivals, key=lambda name: float(np.median(took[name])), default="")
    return [
        f"| {n:,} / {len(links):,} | {name} | {np.median(took[name]):.2f} | {against(took, name, best)} | "
        f"{against(took, name, NETWORKX)} | {np.median([most for _, most, _ in runs[name]]):.0f} |"
        for name in names
    ]


def main(n_runs: int, sizes: tuple[tuple[int, int], ...] = SIZES, slow: bool = True) -> None:
    """Run everything and print the tables; without `slow`, networkx sits out where it takes minutes."""
    solved, built, uploaded = [], [], []
    for n_pages, n_links in sizes:
        links = links_of(n_pages, n_links)
        n, with_networkx = int(links.max()) + 1, slow or n_links < SLOW
        uploaded += uploading(links, n, n_runs, with_networkx)
        with threadpool_limits(1):
            rows, built_rows = solving(links, n, n_runs, with_networkx)
        solved, built = solved + rows, built + built_rows
    print(f"Damping {DAMPING}, L1 error at most {TOL:g}, median of {n_runs} or more interleaved runs\n")
    print("| pages / links | solve | ms | this / igraph | steps | L1 error |\n|---|---|---:|---:|---:|---:|", *solved, sep="\n")
    print("\n| pages / links | build from arrays | ms | ours / this |\n|---|---|---:|---:|", *built, sep="\n")
    head = "| pages / links | from text file to ranks | s | this / igraph's best | this / networkx | peak memory, MB |"
    print(f"\n{head}\n|---|---|---:|---:|---:|---:|", *uploaded, sep="\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
