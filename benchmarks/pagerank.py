"""Measure PageRank on webs of up to five million links against networkx and igraph: python benchmarks/pagerank.py [runs]."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mml_core.graphs import Graph
from mml_core.pagerank import pagerank
from mml_core.webs import power_law_web

try:
    import igraph
except ImportError:
    igraph = None

SIZES = ((1_000, 10_000), (100_000, 1_000_000), (900_000, 5_000_000))
DAMPING, TOL = 0.85, 1e-10
STEP = TOL * (1 - DAMPING) / DAMPING  # a step of power iteration that changes no more than this is within TOL of the ranks
POWER, BLOCKS, IGRAPH, NETWORKX = "power iteration (ours)", "Gauss-Seidel (ours)", "igraph, PRPACK", "networkx"
LARGE = 2_000_000  # links from which networkx, which takes minutes, runs once

Ranks = NDArray[np.float64]
Ways = dict[str, Callable[[], object]]

# What a reader of a file waits for, each in a process of its own: seconds, peak memory in MB, and the sum of squared ranks.
BEGIN = """
import resource, sys, time
sys.path.insert(0, {root!r})
{imports}
start = time.perf_counter()
{work}
seconds = time.perf_counter() - start
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, float((np.asarray(ranks) ** 2).sum()))
"""
OURS = (
    "import numpy as np\nfrom mml_core.graphs import Graph\nfrom mml_core.pagerank import pagerank\nfrom mml_ui.links import read",
    """
data = open({path!r}, "rb").read()
found = read(data, "web.txt")
web = Graph.from_edges(found.sources, found.targets, found.weights, len(found.names))
ranks = pagerank(web, {d}, {tol}, method={method!r}).ranks
""",
)
UPLOADS = {
    POWER: (OURS[0], OURS[1].replace("{method!r}", "'power iteration'")),
    BLOCKS: (OURS[0], OURS[1].replace("{method!r}", "'Gauss-Seidel'")),
    "igraph, read by pandas": (
        "import igraph\nimport numpy as np\nimport pandas as pd\nigraph.Graph.Ring(3).pagerank()",
        """
links = pd.read_csv({path!r}, sep=" ", header=None, dtype=np.int64, engine="c").to_numpy()
ranks = igraph.Graph(n=int(links.max()) + 1, edges=links, directed=True).pagerank(damping={d})
""",
    ),
    "igraph, its own reader": (
        "import igraph\nimport numpy as np\nigraph.Graph.Ring(3).pagerank()",
        "ranks = igraph.Graph.Read_Edgelist({path!r}, directed=True).pagerank(damping={d})",
    ),
    NETWORKX: (
        "import networkx as nx\nimport numpy as np\nimport scipy.sparse",
        """
web = nx.read_edgelist({path!r}, create_using=nx.DiGraph, nodetype=int)
ranks = list(nx.pagerank(web, {d}, tol={step} / len(web), max_iter=1000).values())
""",
    ),
}


def links_of(n_pages: int, n_links: int) -> tuple[int, NDArray[np.int32]]:
    """Return a seeded web of which every page has a link: how many pages, and the links by source, shape (n_links, 2)."""
    web = power_law_web(n_pages, n_links, 1)
    pages, ends = np.unique(np.stack([web.sources, web.targets]), return_inverse=True)
    sources, targets = ends.reshape(2, -1).astype(np.int32)
    return len(pages), np.stack([sources, targets], axis=1)[np.argsort(sources, kind="stable")]


def timed(ways: Ways, n_runs: int) -> dict[str, NDArray[np.float64]]:
    """Run all in turn, so that a busy moment of the machine hits each of them, and return the seconds of each run."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for i in range(n_runs):
        for name, way in ways.items():
            if name == NETWORKX and i and ways.get("large"):
                continue
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
    return {name: np.array(spans) for name, spans in times.items()}
