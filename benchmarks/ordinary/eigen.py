"""The Eigenvectors page written the ordinary way: what `benchmarks/interaction.py` compares the real page with.

The same picture (ring, x and A x), sentence, invariants, formula and numbers, computed by the same core functions; sliders
for x where the real page has numbers and a tip to drag; an Altair chart built anew on each run, Streamlit's default
configuration.
"""

import inspect
import sys
from pathlib import Path

import numpy as np
import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from shared import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, closed, column, invariant, number, plane  # noqa: E402

from mml_core import eigen, eigendirections  # noqa: E402

RADIUS, RING, BULGE = 4.0, 2.6, 0.4
ENTRIES = {"A11": 1.5, "A12": 0.5, "A21": 0.5, "A22": 1.5}
FAMILY = {"a": 1.5, "b": 0.5, "d": 1.5, "s": 0.0}
OTHERS = {"x1": 1.5, "x2": -0.4, "by": "Entries", "show": "Ring"}
PRESETS = {
    "Symmetric": ("two eigenvectors, perpendicular; λ = 2 and 1.", (1.5, 0.5, 0.5, 1.5)),
    "Rotation": ("every direction turns: a complex pair, no real eigenvector.", (0, -1, 1, 0)),
    "Shear": ("defective: λ = 1 twice, but one line of eigenvectors only.", (1, 1, 0, 1)),
    "Multiple of I": ("every direction is an eigenvector.", (1.5, 0, 0, 1.5)),
    "Projection": ("λ = 1 on its line, 0 across: that direction vanishes.", (0.5, 0.5, 0.5, 0.5)),
    "Reflection": ("λ = 1 along the mirror, −1 across: equal in size, so no iteration settles.", (0.6, 0.8, 0.8, -0.6)),
    "Nearly defective": ("two eigenvectors under 4° apart: a snap must not mix them up.", (1, 1, 0.001, 1)),
    "Fibonacci": ("λ is the golden ratio: repeat, and each number is the sum of two.", (1, 1, 1, 0)),
    "Markov chain": ("columns add up to 1, so λ = 1: its eigenvector is the long run.", (0.9, 0.5, 0.1, 0.5)),
}
KINDS = {
    "two real": "two real eigenvalues, two lines of eigenvectors",
    "repeated diagonalisable": "one eigenvalue twice, and every direction is an eigenvector",
    "defective": "one eigenvalue twice, but only one line of eigenvectors: defective",
    "complex pair": "a complex pair: every real direction turns",
    "zero": "the zero matrix: every vector is sent to 0",
}


def choose(values):
    """Put all controls to their defaults and then to these values."""
    st.session_state.update({**ENTRIES, **FAMILY, **OTHERS, **values})


def owned_by(name):
    """Say who owns the matrix."""
    st.session_state["by"] = name


def ring(A):
    """Return the ring: at each direction it bulges by how much A turns it, out to the left, in to the right."""
    around = eigendirections.ring(A, 96)
    circle = RING * np.vstack([around.directions, around.directions[:1]])
    sines = np.sin(np.nan_to_num(np.append(around.turns, around.turns[0])))
    areas, texts = [], []
    for colour, way, sign in ((GREEN, 1, "↺"), (PURPLE, -1, "↻")):
        out = np.maximum(way * sines, 0)
        if out.max() > 1e-9:
            edge = circle * (1 + way * BULGE * out)[:, None]
            areas.append((np.vstack([circle, edge[::-1]]), colour))
            x, y = circle[np.argmax(out)] * (1 + way * 0.5 * BULGE * out.max())
            texts += [(x, y, sign, colour), (-x, -y, sign, colour)]
    return areas, [(circle, GREY)], texts


def sentence(A, x, snap):
    """Say what A does to this x."""
    y = A @ snap.x
    if not x.any():
        return "x is zero: give it some length."
    if snap.index is not None:
        value = number(snap.eigenvalue)
        return f"**x lies on an eigenvector, λ = {value}**: A x = {value} x, and so does all of its line."
    size = number(np.hypot(*y) / np.hypot(*x))
    if snap.distance is None:
        return f"A turns x and makes it {size} times as long. No real direction keeps its line: **no eigenvector**."
    away = number(np.degrees(snap.distance), 3)
    return f"A x leaves the line of x, {size} times as long: no eigenvector. The nearest is {away}° away."


st.set_page_config(page_title="Eigenvectors, the ordinary way", layout="wide", initial_sidebar_state="collapsed")
with st.sidebar:
    st.markdown("MML Explorers\n\n**▸ Eigenvectors**")
st.markdown("# Eigenvectors :small[Most directions turn; these only stretch.]")
state = st.session_state
for key, value in {**ENTRIES, **FAMILY, **OTHERS}.items():
    if key not in state:
        state[key] = type(value)(st.query_params.get(key, value))
if state.by == "Slider s":
    A = eigendirections.family(*(state[key] for key in FAMILY))
    for key, value in zip(ENTRIES, A.ravel(), strict=True):
        state[key] = float(value)
else:
    A = np.array([state[key] for key in ENTRIES]).reshape(2, 2)
    shown = (A[0, 0], (A[0, 1] + A[1, 0]) / 2, A[1, 1], (A[0, 1] - A[1, 0]) / 2)
    for (key, _), value, limit in zip(FAMILY.items(), shown, (9, 9, 9, 2), strict=True):
        state[key] = float(np.clip(round(value / 0.02) * 0.02, -limit, limit))

picture_side, control_side = st.columns(2)
with control_side:
    with st.container(horizontal=True, vertical_alignment="center"):
        drawing = st.segmented_control(
            "Picture", ["Ring", "Circle"], key="show", required=True, label_visibility="collapsed", bind="query-params"
        )
        st.segmented_control(
            "A comes from the", ["Entries", "Slider s"], key="by", required=True, label_visibility="collapsed",
            bind="query-params",
        )  # fmt: skip
        st.button("Reset", on_click=choose, args=({},), icon=":material/restart_alt:")
    for keys in (("A11", "A12"), ("A21", "A22"), ("a", "b", "d")):
        owner = "Entries" if keys[0] in ENTRIES else "Slider s"
        with st.container(horizontal=True):
            for key in keys:
                low, high = (-18.0, 18.0) if owner == "Entries" else (-9.0, 9.0)
                st.number_input(
                    key, low, high, step=0.1, format="%.3f", key=key, on_change=owned_by, args=(owner,), bind="query-params"
                )
    left, right = st.columns(2)
    with left:
        x = np.array([st.slider(key, -9.0, 9.0, step=0.1, key=key, bind="query-params") for key in ("x1", "x2")])
    with right:
        st.slider("s", -2.0, 2.0, step=0.02, key="s", on_change=owned_by, args=("Slider s",), bind="query-params")

spectrum, snap = eigen.spectrum(A), eigendirections.snap(A, x)
y = A @ snap.x
with picture_side:
    if drawing == "Ring":
        areas, lines, texts = ring(A)
    else:
        around, areas, texts = eigendirections.ring(A, 72), [], []
        lines = [(closed(P * np.hypot(*x)), c) for P, c in ((around.directions, BLUE), (around.images, INK))]
    spaces = []
    if snap.index is not None:
        line = spectrum.eigenvectors[:, snap.index].real
        spaces.append((np.vstack([-line, line]) * 2 * RADIUS, ORANGE))
    texts += [(*y * 1.15, "A x", INK), (*snap.x * 1.2, "x", BLUE)]
    arrows = [(y, INK), (snap.x, BLUE)]
    chart = plane(RADIUS, areas=areas, spaces=spaces, lines=lines, arrows=arrows, texts=texts)
    st.altair_chart(chart, width="content")
    st.markdown(sentence(A, x, snap))
with control_side:
    listed = ", ".join(f"λ = {number(v.real)}{f' + {number(v.imag)} i' if v.imag else ''}" for v in spectrum.distinct)
    st.markdown(f"**{listed}**: {KINDS[spectrum.kind]}.")
    same = eigen.invariants(A)
    st.markdown(invariant("λ₁ + λ₂ is the trace", ("sum", same.eigenvalue_sum), ("trace", same.trace)))
    st.markdown(invariant("λ₁ λ₂ is det A", ("product", same.eigenvalue_product), ("det", same.determinant)))
    st.markdown(invariant("A v = λ v", ("largest |A v − λ v|", float(same.residuals.max())), ("wanted", 0.0)))
    with st.container(horizontal=True):
        for preset, (why, values) in PRESETS.items():
            given = dict(zip(ENTRIES, map(float, values), strict=True))
            st.button(preset, help=why, on_click=choose, args=(given,))

tabs = st.tabs(["Why it is true", "Numbers"], on_change="rerun", key="view")
if tabs[0].open:
    with tabs[0]:
        st.markdown(
            "1. The ring's bulge says by how much A turns that direction: outwards to the left, inwards to the right.\n"
            "2. Where the bulge changes sides the turn is zero: A x = λ x. Those directions are the eigenvectors.\n"
            "3. All multiples of an eigenvector do the same: they fill a line, the eigenspace.\n"
            "4. A x − λ x = 0 for an x other than 0 needs det(A − λ I) = 0: the roots of that polynomial are all there are."
        )
if tabs[1].open:
    with tabs[1]:
        for value, times, lines in zip(spectrum.distinct, spectrum.algebraic, spectrum.geometric, strict=True):
            st.markdown(f"λ = {value:.4g}: a root {times} times, {lines} independent eigenvectors.")
rows = r" \\ ".join(" & ".join(number(v).replace("−", "-") for v in row) for row in A)
st.latex(rf"A x = \begin{{pmatrix}} {rows} \end{{pmatrix}} {column(snap.x, BLUE)} = {column(y)}")
st.latex(r"A v = \lambda v, \; v \ne 0 \iff (A - \lambda I) v = 0, \; v \ne 0 \iff \det(A - \lambda I) = 0")
code = st.expander("The code that drew this", on_change="rerun", key="code", icon=":material/code:")
if code.open:
    code.code(inspect.getsource(eigen.spectrum), language="python")
st.markdown(
    "**Try**  \n→ Move x once round: how often do x and A x line up?  \n"
    "→ Move s: the eigenvectors close like scissors, merge, and are gone.  \n"
    "→ Find a matrix for which every x you try is an eigenvector, and one for which none is."
)
