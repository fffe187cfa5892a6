"""Run benchmarks and print their tables: python -m benchmarks [--write] [part ...].

Without names all parts run; `--write` puts their tables into README.md as well, in the place of what stood there of each.
"""

from __future__ import annotations

import contextlib
import io
import os
import platform
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import packages_distributions, version
from pathlib import Path

from benchmarks import interaction, links, neural_net, optimisers, pagerank, pca, tables, transforms

README = Path(__file__).resolve().parent / "README.md"
LIBRARIES = (
    "streamlit", "altair", "numpy", "pandas", "scipy", "pyarrow", "Pillow", "opencv-python-headless", "python-igraph",
    "networkx", "scikit-learn", "torch", "playwright",
)  # fmt: skip

HEAD = """\
# Benchmarks

`make bench` prints these tables anew; `python -m benchmarks --write` also writes this file. Both sides of a table ran in the
same run on the same machine, in turn and in small rounds, so that a busy moment hit each of them. Read the ratios (below 1
ours is less); the times are those of one machine, with whatever else ran on it. Where the load was higher than the number of
cores, or fewer than five rounds fitted into the time, waiting times and updates a second say little; CPU and bytes hold. Each
part says when and on what it ran.
"""

INTERACTION = """
## A move on a page

`interaction.py` drives three apps with one Chromium, for each of our pages: ours, the same page written the ordinary way
(`ordinary/`: the same picture, sentence, readouts and numbers by the same core functions, Altair charts built anew on each
run with `st.altair_chart`, sliders where ours has tips to drag, Streamlit's default configuration), and a page with one
slider and nothing else (`empty/`, with our configuration). Where a choice was open, the ordinary page has the cheaper one:
one table for all lines, the photo as JPEG, only the open tab drawn.

- *key press*: an arrow key on a slider or a grip; the mean of ten, what a grip writes into the link in the end included.
- *held*: moved all the time for some seconds and not let go; for each report that was answered.
- *server, CPU*: user and system time of the server's process, what it takes while idling taken off.
- *browser, main thread, CPU*: time of the tab's main thread, whatever it does.
- *key press to chart, to photo*: from the key's event to the first animation frame in which the lines of the chart, or the
  photo, are new. Ours counts the photo when it has been decoded, the ordinary one when it begins to be.
- *received, sent*: bytes on the wire, as a proxy between browser and server counts them. Ours are compressed
  (`server.enableWebsocketCompression`), which is not Streamlit's default.
- *chart updates a second*: different pictures that were painted while the pointer moved without letting go. Streamlit's own
  slider answers when it is let go, so the ordinary page has none to compare with: there the cost of an update stands beside
  that of the ordinary page's key press, which is its only way to see the next picture.

Our server runs BLAS with one thread (set once, in `_once` of `mml_ui/page.py`), the other two with the default: on a server
with many visitors and few cores, two BLAS threads wait for each other, and the slowest moves take ten times as long.

"""

TRANSFORMS = """
## Warping a photo

`transforms.py` turns and shears a 12-megapixel photo by our inverse map (`mml_core.warping.warp_image`) and by three
libraries, and shows what one picture of a drag takes (`warp_into_window`).

"""


LINKS = """
## Reading a list of links

`links.py` reads five million links (numbers, numbers with weights, names, numbers far apart) by `mml_ui.links.read` and by
pandas' C reader alone, which only makes columns of them: no checks, no pages.

"""

PAGERANK = """
## Ranking a web

`pagerank.py` ranks seeded webs, with links by a power law, by our two methods, by igraph's PRPACK and by networkx, each with
one thread and to the same tolerance; builds them; and goes the whole way from a text file to ranks, each time in a process
of its own.

"""


OPTIMISERS = """
## Walking downhill

`optimisers.py` walks 1,000 steps down Rosenbrock's valley by `mml_core.descents.descend`, with all that a page shows, and by
rivals that only walk; and 200 steps from ten thousand starts at once.

"""

NEURAL_NET = """
## Training a network

`neural_net.py` trains small networks by `mml_core.training.train`, which also takes losses and scores and keeps all weights of
every epoch, by the project's readable version and the same lines without checks, and by two rivals that only train; and counts
the frames a second of a page that shows what every neuron makes of the plane.

"""


COMPONENTS = """
## Finding principal components

`pca.py` fits and transforms four tables by `mml_core.pca` and by scikit-learn's PCA, with each of its solvers that is exact and
ends in time, in both orders of memory; and compares variances with those in double precision, and the memory both take.

"""

TABLES = """
## Reading a table

`tables.py` reads three tables of numbers by `mml_ui.tables.table` and by pandas' C reader alone, which only parses: no checks
of lines, quotes, damage and infinite values, no finding out how the file is written.

"""


class Both(io.StringIO):
    """Text that is kept and shown at once."""

    def write(self, text: str) -> int:
        """Show the text and keep it."""
        sys.__stdout__.write(text)
        sys.__stdout__.flush()
        return super().write(text)


def machine() -> str:
    """Say when and on what this runs: no names, no paths."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    there = {name for names in packages_distributions().values() for name in names}
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES if name in there)
    load = f"{os.getloadavg()[0]:.1f}"
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {os.cpu_count()} cores, {model}, load before the start {load} · "
        f"Python {platform.python_version()}, {libraries}."
    )


# What each part says before its tables, and what prints these.
PARTS: dict[str, tuple[str, Callable[[], None]]] = {
    "interaction": (INTERACTION, lambda: interaction.main()),
    "transforms": (TRANSFORMS, lambda: transforms.main(9)),
    "links": (LINKS, lambda: links.main(5)),
    "pagerank": (PAGERANK, lambda: pagerank.main(5)),
    "optimisers": (OPTIMISERS, lambda: optimisers.main(9)),
    "neural_net": (NEURAL_NET, lambda: neural_net.main(9)),
    "pca": (COMPONENTS, lambda: pca.main(5)),
    "tables": (TABLES, lambda: tables.main(9)),
}


def main(names: list[str], write: bool) -> None:
    """Run these parts, or all."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"There is no part {unknown[0]!r}; there are {', '.join(PARTS)}.")
    sections = []
    for name in names or PARTS:
        head, run = PARTS[name]
        text = Both()
        with contextlib.redirect_stdout(text):
            print(f"{head.rstrip()}\n\n{machine()}\n")
            run()
        sections.append(text.getvalue())
    if write:
        README.write_text(merged(README.read_text(encoding="utf-8"), sections), encoding="utf-8")


def merged(page: str, sections: list[str]) -> str:
    """Return the page with these sections in the place of those of the same heading, or at its end."""
    kept: dict[str, str] = {}
    for part in [*re.split(r"(?m)^(?=## )", page)[1:], *sections]:
        kept[part.strip().split("\n", 1)[0]] = part.strip()
    return re.sub(r"\n{3,}", "\n\n", "\n\n".join([HEAD.strip(), *kept.values()])) + "\n"


if __name__ == "__main__":
    main([word for word in sys.argv[1:] if not word.startswith("-")], "--write" in sys.argv[1:])
