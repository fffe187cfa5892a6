"""The Vectors page written the ordinary way: what `benchmarks/interaction.py` compares the real page with.

The same pictures, sentences, invariant, formula and numbers, computed by the same core functions; sliders for u and v where
the real page has numbers and tips to drag; both charts built anew on each run, Streamlit's default configuration.
"""

import inspect
import sys
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from shared import BLUE, GREY, INK, ORANGE, closed, column, invariant, number, plane  # noqa: E402

from mml_core import vectors  # noqa: E402

RADIUS, MOST, WIDE = 5.0, 25.0, 440
START = {"u1": 3.0, "u2": 1.0, "v1": 1.0, "v2": 2.5, "show": "Shadow", "a": 1.5, "b": -0.5}
PRESETS = {
    "Acute": ("less than 90°: the shadow falls forwards, the dot product is positive.", (3, 1, 1, 2.5)),
    "Right": ("90°: no shadow, the dot product is 0, whatever the lengths.", (3, 1, -1, 3)),
    "Obtuse": ("over 90°: the shadow falls backwards, the dot product is negative.", (3, 1, -2.5, 1.5)),
    "Same direction": ("the shadow is the whole arrow: u·v = |u||v|, the most there can be.", (1.5, 1, 3, 2)),
    "Opposite": ("u·v = −|u||v|, the least there can be.", (1.5, 1, -3, -2)),
    "Longer, not closer": ("u·v is twice that of “Acute”, the cosine is the same.", (3, 1, 2, 5)),
    "Zero vector": ("it has a length, 0, but no direction: no angle, no shadow on it.", (0, 0, 1, 2.5)),
}


def choose(values):
    """Put all controls to their defaults and then to these values."""
    st.session_state.update({**START, **values})


def shadow(x, onto, colour, side):
    """Return what shows the shadow of x on a line: its rectangle, itself, the lines, and the rectangle's name."""
    foot = vectors.projection(x, onto)
    drop, along = foot - x, onto / vectors.norm(onto)
    up = side * np.array([-along[1], along[0]]) * vectors.norm(onto)
    signed = vectors.scalar_projection(x, onto) * vectors.norm(onto)
    corners = np.array([np.zeros(2), foot, foot + up, up])
    lines = [(closed(corners), colour, signed < 0)]
    if vectors.norm(drop) > 1e-9:
        inward = -foot / vectors.norm(foot) if foot.any() else along
        away = -drop / vectors.norm(drop)
        lines += [(np.array([x, foot]), colour, True), (foot + 0.25 * np.array([inward, inward + away, away]), colour)]
    name = (*corners.mean(axis=0), number(signed, 3) if abs(signed) > 0.02 else "", colour)
    return (corners, colour), (corners[:2], colour), lines, name


def shadows(u, v):
    """Return the marks and the sentence of the picture Shadow."""
    if not u.any() or not v.any():
        return {}, "A vector is zero: without a direction there is no angle and no shadow, and u·v = 0."
    side = 1.0 if u[0] * v[1] - u[1] * v[0] >= 0 else -1.0
    one, other = shadow(v, u, ORANGE, -side), shadow(u, v, BLUE, side)
    theta, product = vectors.angle(u, v), vectors.dot(u, v)
    angles = np.arctan2(u[1], u[0]) + side * theta * np.linspace(0, 1, max(2, round(theta * 16)))
    arc = 0.8 * np.column_stack([np.cos(angles), np.sin(angles)])
    degrees = float(np.degrees(theta))
    kind, falls = ("acute", "forwards") if product > 0 else ("obtuse", "backwards") if product < 0 else ("right", "nowhere")
    says = (
        f"The angle is {number(degrees)}°, {kind}: the shadows fall {falls}. Shadow of v times |u|, shadow of u times |v|: "
        f"both rectangles have the area {number(abs(product))}, and u·v = {number(product)}."
    )
    marks = dict(
        areas=[one[0], other[0]],
        spaces=[one[1], other[1]],
        lines=[*one[2], *other[2], (arc, INK)],
        texts=[one[3], other[3], (*1.45 * arc[len(arc) // 2], f"{number(degrees, 3)}°", INK)],
    )
    return marks, says


def combination(u, v, a, b, name):
    """Return the marks and the sentence of a u + b v."""
    there = a * u + b * v
    ways = [(np.array([np.zeros(2), w, there]), colour, True) for w, colour in ((a * u, BLUE), (b * v, ORANGE))]
    says = f"{name} = ({number(there[0])}, {number(there[1])}), {number(vectors.norm(there))} long."
    return dict(lines=ways, arrows=[(there, INK)], texts=[(*there * 1.1, name, INK)]), says


def gauges(product, bound, cosine):
    """Return the bars of the dot product between its limits and of the cosine."""
    rows = pd.DataFrame(
        [("u·v", product / MOST, number(product)), ("cos θ", cosine, number(cosine))], columns=["name", "x", "text"]
    )
    limits = pd.DataFrame([("u·v", x / MOST) for x in (-bound, bound)], columns=["name", "x"])
    x = alt.X("x:Q", scale=alt.Scale(domain=[-1, 1], nice=False, clamp=True), axis=None)
    y = alt.Y("name:N", sort=None, title=None)
    bars = alt.Chart(rows).mark_bar(color=INK, height=10).encode(x=x, y=y)
    texts = alt.Chart(rows).mark_text(align="right", fontWeight="bold", fontSize=13, dy=-14).encode(
        x=alt.value(WIDE), y=y, text="text:N"
    )  # fmt: skip
    ticks = alt.Chart(limits).mark_tick(color=GREY, thickness=3, size=24).encode(x=x, y=y)
    return alt.layer(bars, ticks, texts).properties(width=WIDE, height=90, autosize="pad")


st.set_page_config(page_title="Vectors, the ordinary way", layout="wide", initial_sidebar_state="collapsed")
with st.sidebar:
    st.markdown("MML Explorers\n\n**▸ Vectors**")
st.markdown("# Vectors :small[The dot product is one length times the other's shadow.]")
for key, value in START.items():
    if key not in st.session_state:
        st.session_state[key] = type(value)(st.query_params.get(key, value))

picture_side, control_side = st.columns(2)
with control_side:
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = st.segmented_control(
            "Picture", ["Shadow", "Sum", "Difference", "Multiples"], key="show", required=True,
            label_visibility="collapsed", bind="query-params",
        )  # fmt: skip
        st.button("Reset", on_click=choose, args=({},), icon=":material/restart_alt:")
    left, right = st.columns(2)
    found = []
    for place, key in ((left, "u1"), (right, "u2"), (left, "v1"), (right, "v2")):
        with place:
            found.append(st.slider(key, -9.0, 9.0, step=0.1, key=key, bind="query-params"))
    u, v = np.array(found[:2]), np.array(found[2:])
    a, b = (1.0, 1.0) if shown == "Sum" else (1.0, -1.0)
    if shown == "Multiples":
        a, b = (st.slider(key, -2.0, 2.0, step=0.05, key=key, bind="query-params") for key in ("a", "b"))

product, bound = vectors.dot(u, v), vectors.norm(u) * vectors.norm(v)
with picture_side:
    name = {"Sum": "u + v", "Difference": "u − v"}.get(shown, "a u + b v")
    marks, says = shadows(u, v) if shown == "Shadow" else combination(u, v, a, b, name)
    arrows = [*marks.pop("arrows", ()), (u, BLUE), (v, ORANGE)]
    texts = [*marks.pop("texts", ()), (*u * 1.12, "u", BLUE), (*v * 1.12, "v", ORANGE)]
    st.altair_chart(plane(RADIUS, arrows=arrows, texts=texts, **marks), width="content")
    st.markdown(says)
with control_side:
    cosine = float(np.cos(vectors.angle(u, v))) if bound else 0.0
    st.altair_chart(gauges(product, bound, cosine), width="content")
    part = number(100 * abs(product) / bound, 3) if bound else "0"
    st.markdown(
        f"|u·v| is {part} % of the most it can be, |u||v| = {number(bound)}; the cosine says how alike the directions are."
    )
    on_u = vectors.scalar_projection(v, u) if u.any() else 0.0
    on_v = vectors.scalar_projection(u, v) if v.any() else 0.0
    st.markdown(invariant("u·v both ways", ("|u| × shadow", vectors.norm(u) * on_u), ("|v| × shadow", vectors.norm(v) * on_v)))
    with st.container(horizontal=True):
        for preset, (why, values) in PRESETS.items():
            given = dict(zip(("u1", "u2", "v1", "v2"), map(float, values), strict=True))
            st.button(preset, help=why, on_click=choose, args=(given,))

tabs = st.tabs(["Why it is true", "A third vector in the basis u, v"], on_change="rerun", key="view")
if tabs[0].open:
    with tabs[0]:
        st.markdown(
            "1. The shadow of v on u is |v| cos θ long; it counts as negative where it falls backwards.\n"
            "2. Times |u| it is the area of a rectangle: u·v = |u| |v| cos θ.\n"
            "3. The shadow of u on v, times |v|, is the other rectangle: the same |u| |v| cos θ, so the same area.\n"
            "4. A shadow is never longer than its arrow, so |u·v| is at most |u| |v| (Cauchy and Schwarz)."
        )
parts = " + ".join(rf"{number(x)} \cdot ({number(y)})".replace("−", "-") for x, y in zip(u, v, strict=True))
st.latex(rf"{column(u, BLUE)} \cdot {column(v, ORANGE)} = {parts} = {number(product).replace('−', '-')}")
st.latex(r"u \cdot v = \sum_i u_i v_i = |u| \, |v| \cos \theta = |u| \cdot \text{(shadow of } v \text{ on } u)")
code = st.expander("The code that drew this", on_change="rerun", key="code", icon=":material/code:")
if code.open:
    code.code(inspect.getsource(vectors.projection), language="python")
st.markdown(
    "**Try**  \n→ Make u·v as large as you can without lengthening an arrow.  \n"
    "→ Keep u·v at 0 while you move v: along which line does its tip move?  \n"
    "→ Lengthen v without turning it: u·v grows, the cosine stays. Which of them says how alike two vectors are?"
)
