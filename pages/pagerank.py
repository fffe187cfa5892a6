"""PageRank: important pages are those that important pages link to."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from mml_charts import curves, matrices, network, ranking
from mml_core import graphs, pagerank, surfers, webs
from mml_ui import controls, latex, page, typed_links, uploads
from mml_ui.contents import Step
from mml_ui.figures import Pad, show
from mml_ui.page import Preset, number
from mml_ui.take_home import take_home

N_STEPS = 20  # of the step control; the convergence view looks further
N_FAR = 100
TOL = 1e-10
WIDER = 2.0  # the widest arrow carries half of all surfers
N_SURFERS, N_DOTS = 1000, 150
SPREAD = 0.8 * network.SCALE  # of the surfers on a page: they fill its circle
MOST_DRAWN = 60  # pages up to which every link is an arrow, and can be drawn
MOST_PAGES, MOST_LINKS = 1000, 5000  # of an upload
CIRCLE = 24  # pages up to which they stand in a circle
OWN = "A -> B, C\nB -> C, D\nC -> A\nD -> C, E\nE -> C, F\nF -> D"
NOBODIES = " ".join(f"n{i}" for i in range(1, 17))
PRESETS = [
    Preset("Six pages", "A has one link in, D has two; but A's is all that C has to give."),
    Preset("Dead end", "D links nowhere: who is there jumps.", dict(web="A -> B, C\nB -> C, D\nC -> A, D\nD", page="D")),
    Preset(
        "Spider trap",
        "T links only to itself, and d = 1: nobody ever jumps, so it swallows everyone. Play the steps.",
        dict(web="A -> B, C\nB -> A, T\nC -> A, B\nT -> T", d=1.0, page="T"),
    ),
    Preset(
        "Trap, cured",
        "the same web with d = 0.85: jumps free the surfers again.",
        dict(web="A -> B, C\nB -> A, T\nC -> A, B\nT -> T", d=0.85, page="T"),
    ),
    Preset(
        "Two islands",
        "no link leads across: without jumps each keeps whom it has.",
        dict(web="A -> B\nB -> C\nC -> A, B\nD -> E\nE -> D, F\nF -> E", page="D"),
    ),
    Preset(
        "Hub and authorities",
        "the hub links to all, but rank goes to whom many link to.",
        dict(web="Hub -> P, Q, R, S\nP -> Q\nQ -> R\nR -> Q\nS -> Q, R", page="Q"),
    ),
    Preset(
        "One good link",
        "Crowd has sixteen links in, King has one, from Hub: look who is larger.",
        dict(web=f"King -> Hub\nHub -> King\nCrowd -> Hub\n{NOBODIES.replace(' ', ', ')} -> Crowd", page="King"),
    ),
    Preset(
        "Ring",
        "every page has one link in and one out: all are equal.",
        dict(web="A->B\nB->C\nC->D\nD->E\nE->F\nF->A", start="A"),
    ),
    Preset(
        "Reach the top",
        "nobody links to You. Draw three links from page to page so that You come out on top.",
        dict(web="You -> A\nA -> B, C\nB -> C, D\nC -> A, E\nD -> C\nE -> C, A", page="You"),
    ),
    Preset("Random", "a power law: few pages have most of the links.", dict(by="Random")),
]
REASONS = [
    ("Each page hands its rank on, in equal parts, along its links: the width of an arrow is what flows along it.", "links"),
    ("What a page receives is its rank in the next step: the area of its circle.", "pages"),
    ("With chance 1 − d a surfer jumps anywhere, so no trap keeps everyone and every page gets a little.", "surfers"),
    (
        "Step by step the changes shrink at least by d: in the end the ranks stay as they are, an eigenvector with λ = 1.",
        "rings",
    ),
]
FORMULA = (
    r"r^{(t+1)} = d \, P \, r^{(t)} + \frac{1 - d}{n} \, \mathbf 1, \qquad "
    r"P_{ij} = \frac{1}{\text{links of } j} \text{ where } j \to i"
)
TRIES = [
    "Draw a link by dragging from page to page; drag again, or click the link, to take it away.",
    "Spider trap: play the steps with d = 1, then move d down. When does the trap let go?",
    "Reach the top: which three links are enough for You? Are two?",
]


@dataclass(frozen=True)
class Moment:
    """What one frame shows."""

    names: list
    graph: graphs.Graph
    text: str
    sets: dict
    damping: float
    time: float
    start: np.ndarray | None
    teleport: np.ndarray | None
    at: np.ndarray
    walk: pagerank.Walk
    settled: pagerank.Ranking

    @property
    def step(self):
        """The last whole step."""
        return int(self.time)

    @property
    def ranks(self):
        """The ranks now; between two steps on the way from one to the next."""
        k, part = self.step, self.time - self.step
        return self.walk.ranks[k] if not part else (1 - part) * self.walk.ranks[k] + part * self.walk.ranks[k + 1]


def web(by):
    """Draw where the web comes from, and return names, graph, its text, and what a drawn link sets."""
    typed = controls.links("Links", OWN, key="web", lines=6, drawn=by != "Random")
    if by == "Random":
        with page.grid(2):
            n = controls.step("Pages", 5, 1000, 40, key="n", playable=False)
            seed = controls.seed(3)
        graph = page.compute(webs.power_law_web, n, min(4 * n, n * (n - 1) // 2), seed)
        return named([str(i + 1) for i in range(n)], graph)
    if by == uploads.YOURS:
        own = uploads.links("A list of links: two columns, from and to", key="file", build=small_web)
        if own is not None:
            return named(*own)
        st.caption(f"There is no small web of yours yet, so this is the typed one. Up to {MOST_PAGES:,} pages can be drawn.")
    graph = page.compute(graphs.Graph.from_edges, typed.sources, typed.targets, None, len(typed.names))
    return list(typed.names), graph, typed.text, {}


def small_web(found):
    """Return names and graph of a list of links that can be drawn."""
    n_pages, n_links = len(found.names), len(found.sources)
    if n_pages > MOST_PAGES or n_links > MOST_LINKS:
        size, most = f"{n_pages:,} pages and {n_links:,} links", f"{MOST_PAGES:,} and {MOST_LINKS:,}"
        raise ValueError(f"{found.name} has {size}; at most {most} can be drawn. “Rank your own web” takes them all.")
    graph = graphs.Graph.from_edges(found.sources, found.targets, found.weights, n_pages)
    return [str(name) for name in found.names], graph


def named(names, graph):
    """Return a web that was not typed; a drawn link makes it a typed one, if it is small enough."""
    links = tuple(zip(graph.sources.tolist(), graph.targets.tolist(), strict=True))
    text = typed_links.TypedWeb(tuple(names), tuple(sorted(links))).text if len(names) <= MOST_DRAWN else ""
    return names, graph, text, dict(by="Links")


def moment():
    """Draw the controls and return what they say."""
    with st.container(horizontal=True, vertical_alignment="center"):
        by = controls.choice("The web is", ["Links", "Random", uploads.YOURS], key="by", hide_label=True)
        jumps = st.popover("Start and jumps")
        controls.reset()
    names, graph, text, sets = web(by)
    with page.grid(2):
        d = controls.slider(
            "Follow a link, d",
            0,
            1,
            0.85,
            key="d",
            help="The chance of following a link; with chance 1 − d a surfer jumps anywhere.",
        )
        t = controls.slider("Step", 0, N_STEPS, N_STEPS, key="step", step=0.05, playable=True, seconds=15)
    with jumps:
        st.caption("Pages with weights, such as A = 2, B. Who is at a dead end jumps the same way.")
        start = weighted("Surfers start at (blank: everywhere)", "start", names)
        teleport = weighted("Jumps lead to (blank: anywhere)", "jumps", names)
    walk = page.compute(pagerank.power_iteration, graph, d, N_STEPS, start, teleport)
    settled = page.compute(pagerank.pagerank, graph, d, TOL, 500, teleport, None, start)
    at = network.circle_layout(len(names)) if len(names) <= CIRCLE else network.sunflower_layout(len(names))
    return Moment(names, graph, text, sets, d, t, start, teleport, at, walk, settled)


def weighted(label, key, names):
    """Draw weights by page and return them, None for no text."""
    return controls.typed(label, "", lambda line: typed_links.weights(line, names), key=key, about=tuple(names))


def crowd(m):
    """Return where the surfers that are drawn are at the moment: spread over their page, or on the way to the next."""
    run = page.compute(surfers.random_surfers, m.graph, m.damping, N_DOTS, N_STEPS, 1, m.start, m.teleport)
    k, part = m.step, m.time - m.step
    spread = SPREAD * network.sunflower_layout(N_DOTS)
    here = run.pages[k]
    if not part:
        return m.at[here] + np.sqrt(m.ranks[here])[:, None] * spread
    there = run.pages[k + 1]
    along = network.position(m.at[here], m.at[there], part, m.ranks[here])
    straight = (1 - part) * m.at[here] + part * m.at[there]
    room = np.sqrt((1 - part) * m.ranks[here] + part * m.ranks[there])[:, None]
    return np.where(run.followed[k][:, None], along, straight) + room * spread


def picture(m, chosen, look):
    """Draw the web: areas are ranks, widths are what flows, rings are where the ranks will end."""
    n, ranks, small = len(m.names), m.ranks, len(m.names) <= MOST_DRAWN
    flow = pagerank.flows(m.graph, ranks, m.damping)
    pairs = list(zip(m.graph.sources.tolist(), m.graph.targets.tolist(), flow.tolist(), strict=True))
    top = set(np.argsort(-ranks, kind="stable")[: n if small else 8].tolist())
    pages = [
        network.PageMark(
            at=tuple(m.at[i]),
            area=float(ranks[i]),
            label=m.names[i] if i in top or i == chosen else "",
            value=number(float(ranks[i]), 2) if n <= CIRCLE and ranks[i] > 0.03 else "",
            role="second" if i == chosen else "first",
            ring=float(m.settled.ranks[i]) if small else None,
        )
        for i in range(n)
    ]
    links = [
        network.LinkMark(a, b, min(1.0, WIDER * share), f"{m.names[a]}→{m.names[b]}")
        for a, b, share in pairs
        if small or chosen in (a, b)
    ]
    drawn = network.figure(
        "A web: each page's area is its rank, each arrow's width what flows along it",
        look=look, pages=pages, links=links, surfers=crowd(m), backdrop=None if small else (m.graph.sources, m.graph.targets),
    )  # fmt: skip
    pad = Pad(m.names, m.at, "web", m.text, "page", m.sets, live=not m.sets) if small else None
    show(drawn, says=sentence(m), pad=pad)


def sentence(m):
    """Say who leads now and in the end."""
    now, end = int(np.argmax(m.ranks)), int(np.argmax(m.settled.ranks))
    steps = "At the start" if m.time == 0 else f"After {number(m.time, 3)} step{'s' * (m.time != 1)}"
    if np.ptp(m.settled.ranks) < 1e-9 and np.ptp(m.ranks) < 1e-9:
        return f"{steps} all pages are equal, {number(float(m.ranks[0]))} each, and they stay so."
    said = f"{steps} **{latex.plain(m.names[now])}** leads with {percent(m.ranks[now])} of all surfers"
    if not m.settled.converged:
        return f"{said}. {m.settled.reason}"
    who = "it has" if end == now else f"it is {latex.plain(m.names[end])} with"
    return f"{said}; in the long run {who} {percent(m.settled.ranks[end])}."


def percent(share):
    """Write a share of all surfers."""
    return f"{number(100 * float(share), 3)} %"


def chosen_page(m):
    """Draw which page is spelt out, and how it stands; return it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        k = m.names.index(controls.pick("Page", m.names, key="page"))
        standing(m, k)
    return k


def standing(m, k):
    """Say how a page stands."""
    n_in = int(graphs.in_degree(m.graph)[k])
    place = 1 + int((m.settled.ranks > m.settled.ranks[k] + 1e-9).sum())
    long_run = f"in the long run place {place} of {len(m.names)}"
    st.markdown(f"has rank {number(float(m.ranks[k]))}, {n_in} link{'s' * (n_in != 1)} in; {long_run}.")


def readouts(m):
    """What traps there are, and what must hold."""
    found = page.compute(graphs.strongly_connected, m.graph)
    traps = said("Dead end", "Dead ends", m, [[i] for i in found.dead_ends])
    traps += said("Trap", "Traps", m, found.spider_traps)
    if len(found.islands) > 1:
        traps.append(f"{len(found.islands)} islands, no link between them")
    st.markdown(" · ".join(traps) or "No dead end, no trap, no island.")
    page.invariant("No surfer is lost", ("sum of ranks", float(m.ranks.sum())), ("all", 1.0))


def said(one, many, m, groups):
    """Name some groups of pages, as far as there is room."""
    if not len(groups):
        return []
    names = [" and ".join(m.names[i] for i in group[:4]) + " …" * (len(group) > 4) for group in groups[:3]]
    several = len(groups) > 1 or len(groups[0]) > 1
    return [f"{many if several else one}: {latex.plain(', '.join(names))}{' …' * (len(groups) > 3)}"]


def spelt_out(m, k):
    """Return the rank of the chosen page with its numbers: what each linking page gives it, and what jumps bring."""
    t = m.step
    got = page.compute(pagerank.received, m.graph, m.walk.ranks[t], m.damping, k, m.teleport)
    order = np.argsort(-got.gifts, kind="stable")
    given = [(got.shares[i], m.walk.ranks[t][got.sources[i]], m.names[got.sources[i]]) for i in order]
    terms = [braced(rf"{latex.num(share)} \cdot {latex.num(rank)}", texed(name)) for share, rank, name in given[:4]]
    if len(given) > 4:
        rest = sum(share * rank for share, rank, _ in given[4:])
        terms.append(braced(latex.num(float(rest)), f"{len(given) - 4} more"))
    dead = " + " + braced(latex.num(got.from_dangling), "dead ends") if len(m.graph.dangling) else ""
    name = rf"r_{{\text{{{texed(m.names[k])}}}}}^{{({t + 1})}}"
    links = rf"{latex.num(m.damping)} \, \bigl({' + '.join(terms) or '0'}\bigr)"
    return rf"{name} = {links}{dead} + {braced(latex.num(got.from_teleport), 'jumps')} = {latex.num(got.total)}"


def braced(term, below):
    """Return a term with what it is, below a brace."""
    return rf"\underbrace{{{term}}}_{{\text{{{below}}}}}"


def texed(name):
    """Return a name for use in a formula's text."""
    return "".join(c if c.isalnum() or c in " .-" else r"\_" if c == "_" else "·" for c in name)


def ranks_view(m, chosen, look):
    """Second level: the pages by their rank in the long run, with where they started."""
    order = np.argsort(-m.settled.ranks, kind="stable")[:16]
    drawn = ranking.ranking(
        "Pages by rank, with where each started", look=look, names=[m.names[i] for i in order], values=m.ranks[order],
        starts=m.walk.ranks[0][order], marked=mark_of(order, chosen),
        high=top_of(m.settled.ranks, m.ranks, m.walk.ranks[0]),
    )  # fmt: skip
    more = f" The first {len(order)} of {len(m.names)} pages." if len(m.names) > len(order) else ""
    show(drawn, name="ranks", says=f"In the order of the long run; the bar is the rank after step {number(m.time, 3)}.{more}")


def mark_of(order, chosen):
    """Return where the chosen page is among these, None if it is not."""
    found = np.flatnonzero(order == chosen)
    return int(found[0]) if len(found) else None


def top_of(*values):
    """Return the end of an axis for these: a round number that does not change while they move a little."""
    largest = max(float(v.max()) for v in values)
    return next((r for r in (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75) if largest <= r), 1.0)


def matrix_view(m, look):
    """Second level: the transition matrix; its cells and the arrows of the web light up each other."""
    moves = page.compute(graphs.transition_matrix, m.graph)
    entries = moves.matrix.tocoo()
    drawn = matrices.cells(
        "The transition matrix: column, from; row, to", look=look, names=m.names, rows=entries.row, columns=entries.col,
        values=entries.data, links=[f"{m.names[b]}→{m.names[a]}" for a, b in zip(entries.row, entries.col, strict=True)],
        mended=moves.dangling,
    )  # fmt: skip
    dead = " A column of dashes is a dead end: who is there jumps." if len(moves.dangling) else ""
    show(
        drawn,
        name="matrix",
        says=f"Each column is one page's links, in equal parts, and adds up to 1. Point at a cell: its arrow lights up.{dead}",
    )


def convergence(m, look):
    """Second level: how fast the ranks settle, measured and predicted, and what a second method makes of it."""
    second = abs(page.compute(pagerank.second_eigenvalue, m.graph, m.teleport))
    far = page.compute(pagerank.power_iteration, m.graph, m.damping, N_FAR, m.start, m.teleport)
    rate, measured = m.damping * second, far.residuals
    series = [
        curves.Series(measured, "measured", "first"),
        curves.Series(measured[0] * rate ** np.arange(N_FAR), "predicted", "reference", dashed=True),
    ]
    other = None
    if m.damping < 1:
        arguments = (m.graph, m.damping, TOL, N_FAR, m.teleport, None, m.start, "Gauss-Seidel")
        other = page.compute(pagerank.pagerank, *arguments)
        swept = np.full(N_FAR, np.nan)
        swept[: other.n_steps] = other.residuals
        series.append(curves.Series(swept, "Gauss-Seidel", "second"))
    at = min(m.step, N_FAR - 1)
    drawn = curves.history(
        "Change of the ranks by step, measured and predicted", look=replace(look, size="small"), series=series,
        n_steps=N_FAR - 1, step=at, x_title="step", y_title="|r(t+1) − r(t)|₁",
    )  # fmt: skip
    left, right = page.beside()
    with left:
        product = f"d |λ₂| = {number(m.damping)} · {number(second)} = {number(rate)}"
        measured_too = f"measured over the ten steps before step {at}: {measured_rate(measured, at)}"
        show(drawn, name="convergence", says=f"In the long run each step multiplies the change by {product}; {measured_too}.")
    with right:
        needed = pagerank.step_of_tolerance(rate, float(measured[0]), m.damping, TOL)
        st.markdown("**Predicted**: " + ("it never settles." if needed is None else f"an error below 10⁻¹⁰ at step {needed}."))
        st.markdown(f"**Power iteration**: {how(m.settled)}")
        if other is not None:
            st.markdown(f"**Gauss-Seidel**: {how(other)} Page by page, it uses the new ranks at once.")
        if m.settled.reason:
            st.markdown(f":material/info: {m.settled.reason}")


def measured_rate(changes, step):
    """Return by how much each of the last ten steps multiplied the change, on average."""
    back = min(step, 10)
    if not back:
        return "none yet"
    return (
        number(float((changes[step] / changes[step - back]) ** (1 / back)))
        if changes[step] > 1e-14
        else "only rounding is left"
    )


def how(run):
    """Say how a computation of the ranks ended."""
    bound = f"error at most {number(run.bound, 2)}" if np.isfinite(run.bound) else "no bound on the error"
    return f"{run.n_steps} steps, {bound}{'' if run.converged else ', not settled'}."


def surfers_view(m, chosen, look):
    """Second level: a thousand random surfers, their shares beside the ranks."""
    with page.grid(2):
        seed = controls.seed(1, key="luck", label="Seed of the surfers")
    run = page.compute(surfers.random_surfers, m.graph, m.damping, N_SURFERS, N_STEPS, seed, m.start, m.teleport)
    now, shares = m.walk.ranks[m.step], run.shares[m.step]
    error = 2 * surfers.sampling_error(now, N_SURFERS)
    inside = int((np.abs(shares - now) <= error + 1e-12).sum())
    order = np.argsort(-m.settled.ranks, kind="stable")[:16]
    drawn = ranking.ranking(
        "Shares of a thousand random surfers, beside the ranks",
        look=look,
        names=[m.names[i] for i in order],
        values=shares[order],
        bands=(np.maximum(now - error, 0)[order], (now + error)[order]),
        key=("surfers", "start", "rank ± 2 sampling errors"),
        marked=mark_of(order, chosen),
        high=top_of(now + error, shares),
    )
    within = f"on {inside} of {len(now)} pages their share is within two sampling errors of the rank"
    show(drawn, name="surfers", says=f"{N_SURFERS:,} surfers after step {m.step}: {within}.")


def story():
    """The page, from the web to the way onward."""
    look = page.look()
    picture_side, control_side = page.columns()
    with control_side:
        m = moment()
        chosen = chosen_page(m)
    with picture_side:
        picture(m, chosen, look)
    with control_side:
        readouts(m)
        page.presets(PRESETS)
    page.views(
        {
            "Why it is true": lambda: page.truths("main", REASONS),
            "Ranks": lambda: ranks_view(m, chosen, look),
            "Matrix": lambda: matrix_view(m, look),
            "Convergence": lambda: convergence(m, look),
            "Random surfers": lambda: surfers_view(m, chosen, look),
        }
    )
    page.why(
        FORMULA,
        spelt_out(m, chosen),
        pagerank.power_iteration,
    )
    take_home()
    page.end(
        tries=TRIES,
        before=Step("eigen", "the ranks are an eigenvector with λ = 1"),
        after=Step("webgraph", "the same loop on a web of your own, with millions of links"),
    )


page.run("pagerank", story)
