"""Rank your own web: the same short loop ranks millions."""

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np
import streamlit as st

from mml_charts import curves, loglog, network
from mml_core import graphs, orders, pagerank, subgraphs, webs
from mml_ui import controls, latex, page, tables, uploads
from mml_ui.contents import Step
from mml_ui.figures import Pad, show
from mml_ui.page import Preset, number
from mml_ui.take_home import take_home

QUICK = 20_000  # links up to which ranks follow while d is dragged
LIBRARY, LARGE = "Python's library", "100,000 pages"
NOTHING = f"There is no web of yours yet, so this is {LIBRARY}."
METHODS = {"Power iteration": "power iteration", "Gauss-Seidel": "Gauss-Seidel"}
BLANK = "The name of a page; blank: the first."
CHANGES = ["As it is", "One link more", "One link less"]
N_NAMED, N_NEAR, N_TOP = 8, 17, 100
PRESETS = [
    Preset("Library", "who imports whom in Python: encodings has two links in and ranks tenth, as one of them is codecs'."),
    Preset("Only links count", "d near 0: a page is as good as any other.", dict(d=0.05)),
    Preset("Only rank counts", "d near 1: a few modules that import each other keep nearly all.", dict(d=0.99)),
    Preset("Large", "100,000 pages, a million links: the same loop.", dict(web=LARGE)),
    Preset("Half the sweeps", "Gauss-Seidel uses new ranks at once: same answer, half the work.", dict(method="Gauss-Seidel")),
]
REASONS = [
    ("The dashed line is the rank that links in alone let expect: each link worth the same.", "curve"),
    (
        "Above it: few links in, but good ones. Below it: many links, from pages of little rank or with many links out.",
        "points",
    ),
    ("The names are those furthest from the line: there, counting links gets it wrong.", "labels"),
]
FORMULA = (
    r"r = d \, P \, r + \frac{1 - d}{n} \, \mathbf 1, \qquad "
    r"\lVert r - r^{(t)} \rVert_1 \le \frac{d}{1 - d} \, \lVert r^{(t)} - r^{(t - 1)} \rVert_1"
)
TRIES = [
    "Upload a link list of your own: two columns, from and to. Files of the SNAP collection work as they come.",
    "Find a module with two links in that ranks above one with twenty. Who links to it?",
    "What if: give a page one link more from the top page. How far does it climb?",
]


@dataclass(frozen=True, eq=False)
class Web:
    """A web: its name, the names of its pages (whole numbers or texts), its links, and what was found in its file."""

    name: str
    names: np.ndarray
    graph: graphs.Graph
    notes: tuple = ()


@dataclass(frozen=True, eq=False)
class Moment:
    """What one frame shows."""

    web: Web
    damping: float
    method: str
    ranking: pagerank.Ranking
    in_degree: np.ndarray
    chosen: int

    def name(self, i):
        """Return a page's name."""
        return str(self.web.names[i])


def chosen_web():
    """Draw which web is ranked, and the upload of the reader's own, and return it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        source = controls.choice("Web", [LIBRARY, LARGE, uploads.YOURS], key="web", hide_label=True)
        controls.reset()
    if source == LARGE:
        graph = page.compute(webs.power_law_web, 100_000, 1_000_000, 1)
        return Web(LARGE, np.arange(1, graph.n_pages + 1), graph)
    own = None
    if source == uploads.YOURS:
        label = "A list of links: two columns, from and to, weights in a third if you like"
        own = uploads.links(label, key="file", build=built)
        notes = f"**{latex.plain(own.name)}**. {latex.plain(' '.join(own.notes))} " if own else f"{NOTHING} "
        st.caption(notes + uploads.PRIVACY.format("web"))
    if own is not None:
        return own
    found = uploads.sample_links("standard_library.csv", LIBRARY)
    graph = page.compute(graphs.Graph.from_edges, found.sources, found.targets, None, len(found.names))
    return Web(LIBRARY, found.names, graph)


def built(found):
    """Return the web of a list of links."""
    graph = graphs.Graph.from_edges(found.sources, found.targets, found.weights, len(found.names))
    return Web(found.name, found.names, graph, found.notes)


def ranked(graph, d, method):
    """Return the ranks: at once for a small web, with a bar for a large one."""
    run = page.compute if graph.n_links <= QUICK else page.slow
    return run(pagerank.pagerank, graph, d, 1e-10, 2000, None, None, None, METHODS[method])


def counted(graph):
    """Say how large a web is."""
    return f"{graph.n_pages:,} pages, {graph.n_links:,} links, {len(graph.dangling):,} dead ends"


def how(method, ranking):
    """Say how ranks were found."""
    settled = "" if ranking.converged else ", not settled"
    return f"{method}: {ranking.n_steps} steps, error at most {number(ranking.bound, 2)}{settled}"


def moment():
    """Draw the controls and return what they say."""
    web = chosen_web()
    quick = web.graph.n_links <= QUICK
    d = controls.slider("Chance of following a link, d", 0.01, 0.99, 0.85, key="d", live=quick)
    with page.grid(2):
        method = controls.choice("Method", list(METHODS), key="method")
        chosen = controls.typed("Page", "", lambda line: found(line, web), key="page", about=id(web.graph), help=BLANK)
    if quick:
        ranking = ranked(web.graph, d, method)
        st.markdown(f"{counted(web.graph)} · {how(method, ranking)}")
    else:
        with st.status(f"Iterating: {counted(web.graph)}") as status:
            ranking = ranked(web.graph, d, method)
            st.markdown(how(method, ranking))
            status.update(label=f"{counted(web.graph)} · {ranking.n_steps} steps", state="complete")
    first = int(np.argmax(ranking.ranks))
    return Moment(web, d, method, ranking, graphs.in_degree(web.graph), first if chosen is None else chosen)


def found(line, web):
    """Return the position of a page by its name, None for no name."""
    name = line.strip()
    if not name:
        return None
    numbers = web.names.dtype.kind in "iu"
    wanted = int(name) if numbers and re.fullmatch(r"[-+]?\d{1,18}", name) else name
    at = np.flatnonzero(web.names == wanted) if numbers == isinstance(wanted, int) else []
    if not len(at):
        near = get_close_matches(name, [str(n) for n in web.names[:50_000]], 3) or [str(n) for n in web.names[:3]]
        raise ValueError(f"there is no page “{name[:60]}” in {web.name}; there are {', '.join(near)}.")
    return int(at[0])


def picture(m, look):
    """Draw rank against links in, with the names of those that are not what their number of links lets expect."""
    ranks, n = m.ranking.ranks, len(m.ranking.ranks)
    degrees = m.in_degree.astype(float)
    expected = orders.expected_ranks(degrees, m.damping)
    far = orders.outliers(ranks, expected, N_NAMED)
    ends = np.geomspace(1, max(degrees.max(), 2), 60)
    line = (1 - m.damping) / n + m.damping * ends / max(degrees.sum(), 1)
    drawn = loglog.scatter(
        "Rank against the number of links in, on axes of powers of ten",
        look=look, x=degrees, y=ranks, names=[(int(i), m.name(i)) for i in far if i != m.chosen],
        x_title="links in", y_title="rank",
        zero_x=True, curve=(ends, line, "links alone"), marked=(m.chosen, m.name(m.chosen)), height=round(0.85 * look.width),
        decades=(0, int(np.ceil(np.log10(max(degrees.max(), 10)))), int(np.floor(np.log10(0.01 / n))), 0),
    )  # fmt: skip
    show(drawn, says=sentence(m, far, ranks / expected))


def sentence(m, far, ratio):
    """Say who is first, and who is furthest from what links in let expect."""
    top = int(np.argmax(m.ranking.ranks))
    share = number(100 * float(m.ranking.ranks[top]), 3)
    said = f"**{latex.plain(m.name(top))}** ranks first of {len(m.ranking.ranks):,}, with {share} %."
    if not m.ranking.converged:
        return f"{said} {m.ranking.reason}"
    if not len(far):
        return f"{said} Every page is about as its number of links lets expect."
    i = int(far[0])
    links = f"{int(m.in_degree[i]):,} link{'s' * int(m.in_degree[i] != 1)} in"
    times = f"{number(float(ratio[i]), 2)} times the rank that they alone let expect"
    return f"{said} {latex.plain(m.name(i))} has {links}, and {times}."


def readouts(m):
    """How the chosen page stands in both orders, and what must hold."""
    k, ranks = m.chosen, m.ranking.ranks
    by_rank, by_links = orders.places(ranks)[k], orders.places(m.in_degree)[k]
    rank, links = f"rank {number(float(ranks[k]))}, place {by_rank:,}", f"{m.in_degree[k]:,} links in, place {by_links:,}"
    st.markdown(f"**{latex.plain(m.name(k))}**: {rank}; {links}")
    page.invariant("No surfer is lost", ("sum of ranks", float(ranks.sum())), ("all", 1.0))


def top_view(m):
    """Second level: the first hundred, with their place by links in."""
    ranks = m.ranking.ranks
    first = np.argsort(-ranks, kind="stable")[:N_TOP]
    by_rank, by_links = orders.places(ranks)[first], orders.places(m.in_degree)[first]
    st.dataframe(
        {
            "Place": by_rank,
            "Page": [m.name(i) for i in first],
            "Rank, %": (100 * ranks[first]).round(4),
            "Links in": m.in_degree[first],
            "Place by links in": by_links,
            "Gained by rank": by_links - by_rank,
        },
        hide_index=True,
    )  # fmt: skip
    same = int((np.abs(by_links - by_rank) == 0).sum())
    st.markdown(f"Of these {len(first)} pages {same} have the same place in both orders.")


def distributions(m, look):
    """Second level: which share of the pages has at least so many links in, or so much rank."""
    small = replace(look, size="small")
    left, right = page.beside()
    for place, name, values, title in (
        (left, "degrees", m.in_degree.astype(float), "links in"),
        (right, "spread", m.ranking.ranks * len(m.ranking.ranks), "rank, in times the average"),
    ):
        line = orders.at_least(values)
        with place:
            drawn = loglog.distribution(
                f"Share of the pages with at least so much: {title}", look=small,
                series=[(line.values, line.shares, "", "first", False)], x_title=title, y_title="share of pages",
            )  # fmt: skip
            half = number(100 * top_share(values), 3)
            show(
                drawn,
                name=name,
                says=f"A nearly straight line is a power law: the first hundredth of the pages has {half} % of all.",
            )


def top_share(values):
    """Return what part of the total the first hundredth of the pages has."""
    largest = np.sort(values)[::-1]
    return float(largest[: max(1, len(values) // 100)].sum() / max(largest.sum(), 1e-300))


def neighbourhood(m, look):
    """Second level: the chosen page, who links to it and where it links, and what one link more or less would do."""
    left, right = page.beside()
    with right:
        change = controls.choice("What if", CHANGES, key="change")
        other = controls.typed(
            "Linking page",
            "",
            lambda line: found(line, m.web),
            key="other",
            about=id(m.web.graph),
            help="Blank: the first that fits.",
        )
        graph, after = changed(m, change, other)
    near = subgraphs.neighbourhood(graph, m.chosen, after.ranks, N_NEAR)
    part = subgraphs.subgraph(graph, near)
    at = np.vstack([[0.0, 0.0], network.circle_layout(max(len(near) - 1, 1))])[: len(near)]
    flow = m.damping * after.ranks[near[part.sources]] * part.weights / graph.out_weight[near[part.sources]]
    top = float(after.ranks[near].max())
    names = [m.name(i) for i in near]
    pages = [
        network.PageMark(tuple(at[j]), 0.2 * float(after.ranks[i]) / top, names[j], role="second" if j == 0 else "first")
        for j, i in enumerate(near)
    ]
    links = [
        network.LinkMark(int(a), int(b), 0.3 * float(share / max(flow.max(), 1e-300)), f"{names[a]}→{names[b]}")
        for a, b, share in zip(part.sources, part.targets, flow, strict=True)
    ]
    drawn = network.figure("The chosen page among its neighbours", look=replace(look, size="small"), pages=pages, links=links)
    with left:
        says = f"**{latex.plain(names[0])}** among those that give it most and some it links to. Tap a page to go there."
        show(drawn, name="near", says=says, pad=Pad(names, at, "", "", "page"))


def changed(m, change, other):
    """Return the web with the change, and its ranks, worked out from those before it; say what it does."""
    graph, k = m.web.graph, m.chosen
    before = m.ranking.ranks
    links_in = graph.sources[graph.indptr[k] : graph.indptr[k + 1]]
    if change == CHANGES[0]:
        st.markdown("Choose a change to see what it does to the rank of the chosen page.")
        return graph, m.ranking
    if change == CHANGES[2] and not len(links_in):
        st.markdown(f"No page links to {latex.plain(m.name(k))}: there is none to take away.")
        return graph, m.ranking
    if other is None:
        order = (
            np.argsort(-before, kind="stable")
            if change == CHANGES[1]
            else links_in[np.argsort(-before[links_in], kind="stable")]
        )
        other = int(next((i for i in order if change == CHANGES[2] or (i != k and i not in links_in)), order[0]))
    function = subgraphs.with_link if change == CHANGES[1] else subgraphs.without_link
    graph = page.attempt(function, graph, other, k)
    if graph is None:
        return m.web.graph, m.ranking
    run = page.compute if graph.n_links <= QUICK else page.slow
    after = run(pagerank.pagerank, graph, m.damping, 1e-10, 2000, None, None, before)
    places_of = [int(orders.places(ranks)[k]) for ranks in (before, after.ranks)]
    st.markdown(
        f"{latex.plain(m.name(other))} → {latex.plain(m.name(k))} {'drawn' if change == CHANGES[1] else 'taken away'}: rank "
        f"{number(float(before[k]))} → **{number(float(after.ranks[k]))}**, place {places_of[0]:,} → **{places_of[1]:,}**. "
        f"From the ranks before that took {after.n_steps} steps; from nothing it was {m.ranking.n_steps}."
    )
    return graph, after


def methods(m, look):
    """Second level: the same ranks by two methods, and how many sweeps each takes."""
    graph = m.web.graph
    runs = {name: ranked(graph, m.damping, name) for name in METHODS}
    n = min(200, max(len(run.residuals) for run in runs.values()))
    series = [
        curves.Series(np.pad(run.residuals[:n], (0, max(0, n - len(run.residuals))), constant_values=np.nan), name, role)
        for (name, run), role in zip(runs.items(), ("first", "second"), strict=True)
    ]
    drawn = curves.history(
        "Change of the ranks by sweep, two methods", look=replace(look, size="small"), series=series, n_steps=n - 1, step=n - 1,
        x_title="sweep", y_title="change of the ranks",
    )  # fmt: skip
    left, right = page.beside()
    one, other = runs.values()
    with left:
        gap = float(np.abs(one.ranks - other.ranks).sum())
        show(drawn, name="methods", says=f"Both end at the same ranks, {number(gap, 2)} apart in all.")
    with right:
        for name, run in runs.items():
            st.markdown(how(f"**{name}**", run))
        st.markdown(
            "Power iteration works out all new ranks from the old ones. Gauss-Seidel goes block by block, and each block "
            "already uses the new ranks of those before it."
        )
        page.invariant(
            "Both methods", ("largest difference", float(np.abs(one.ranks - other.ranks).max())), ("wanted", 0.0), 1e-9
        )


def downloads(m):
    """Offer all ranks as a table."""

    def file():
        ranks = m.ranking.ranks
        order = np.argsort(-ranks, kind="stable")
        columns = {"place": orders.places(ranks), "page": m.web.names, "rank": ranks, "links_in": m.in_degree}
        return tables.as_csv({name: np.asarray(values)[order] for name, values in columns.items()})

    st.download_button("All ranks as CSV", file, "ranks.csv", "text/csv", on_click="ignore", icon=":material/table:")


def story():
    """The page, from the web to the way onward."""
    look = page.look()
    picture_side, control_side = page.columns()
    with control_side:
        m = moment()
    with picture_side:
        picture(m, look)
    with control_side:
        readouts(m)
        page.presets(PRESETS)
    page.views(
        {
            "Why it is true": lambda: page.truths("main", REASONS),
            "The first 100": lambda: top_view(m),
            "Distributions": lambda: distributions(m, look),
            "Neighbourhood and what if": lambda: neighbourhood(m, look),
            "Two methods": lambda: methods(m, look),
        }
    )
    n, d = m.web.graph.n_pages, latex.num(m.damping)
    after = rf"\quad \text{{after {m.ranking.n_steps} steps: an error of at most }}"
    page.why(
        FORMULA,
        rf"r = {d} \, P \, r + \frac{{{latex.num(1 - m.damping)}}}{{{n}}} \, \mathbf 1 {after} {latex.num(m.ranking.bound)}",
        pagerank.pagerank,
    )
    take_home(lambda: downloads(m))
    page.end(
        tries=TRIES,
        before=Step("pagerank", "the same on a web that you can draw"),
        after=Step("vectors", "what a rank's vector is made of"),
    )


page.run("webgraph", story)
