"""The Gradients page written the ordinary way: what `benchmarks/interaction.py` compares the real page with.

The same map, slices, dial, sentence and checks by the same core functions; sliders where the real page has tips to drag.
"""

import inspect
import sys
from pathlib import Path

import numpy as np
import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from maps import contour_map, graph, ground_picture  # noqa: E402
from shared import BLUE, GREY, INK, ORANGE, invariant, number  # noqa: E402

from mml_core import contours, gradients, surfaces  # noqa: E402

st.set_page_config(page_title="Gradients, the ordinary way", layout="wide", initial_sidebar_state="collapsed")


@st.cache_data
def ground():
    """Return the ground of the surface and its picture, once."""
    found = contours.ground_of(surfaces.two_valleys(1), surfaces.Pit.window)
    return found, ground_picture(found)


with st.sidebar:
    st.markdown("MML Explorers\n\n**▸ Gradients**")
st.markdown("# Gradients :small[Steepest up lies in the floor, across the contour.]")
surface, window = surfaces.two_valleys(1), surfaces.Pit.window
(found, picture), (picture_side, control_side) = ground(), st.columns(2)
with control_side:
    st.button("Reset", on_click=st.session_state.update, args=({"p1": -1.5, "p2": 1.2, "turn": 20},))
    st.selectbox("Surface", ["Two valleys", "Bowl", "Saddle"], key="f")
    left, right = st.columns(2)
    with left:
        p = np.array([
            st.slider("p1", -3.0, 3.0, -1.5, 0.05, key="p1", bind="query-params"),
            st.slider("p2", -3.0, 3.0, 1.2, 0.05, key="p2", bind="query-params"),
        ])  # fmt: skip
    with right:
        turn = st.slider("Direction d", 0, 359, 20, key="turn", bind="query-params")
here = gradients.slopes(surface, p, np.radians(turn))
g, size = here.model.slopes, here.steepest
k = 0.34 * 6 / (size + (found.span[1] - found.span[0]) / 6)
tip, out, level = p + k * g, p + 0.27 * 6 * here.direction, 0.3 * 6 * here.level
with picture_side:
    arrows = [(p, out, GREY), (p, np.array([tip[0], p[1]]), BLUE), (p, np.array([p[0], tip[1]]), ORANGE), (p, tip, INK)]
    names = [(*out, GREY, "d"), (tip[0], p[1], BLUE, "∂f/∂x"), (p[0], tip[1], ORANGE, "∂f/∂y"), (*tip, INK, "∇f")]
    lines = [(np.array([p - level, p + level]), GREY, True)]
    st.altair_chart(contour_map(window, picture, lines, [*names, (*p, INK, "")], arrows), width="content")
    st.markdown(f"The height is {number(here.model.height)}, |∇f| = {number(size)}; along d the slope is {number(here.along)}.")
with control_side:
    along = np.linspace(-3, 3, 121)
    curves = surface.value(along, np.full(121, p[1])), surface.value(np.full(121, p[0]), along)
    for column, i, ink in zip(st.columns(2), (0, 1), (BLUE, ORANGE), strict=True):
        reach = np.array([-0.22, 0.22]) * 6
        tangent = (p[i] + reach, here.model.height + g[i] * reach, INK, True)
        point = [(p[i], here.model.height, ink)]
        with column:
            st.altair_chart(graph([(along, curves[i], ink, False), tangent], point, (-3, 3), found.span), width="content")
            st.markdown(f"∂f/∂{'xy'[i]} = **{number(g[i])}**, the other held still.")
    turns = np.linspace(0, 360, 145)
    lean = np.degrees(np.arctan2(g[1], g[0])) % 360
    dial, checks = st.columns(2)
    with dial:
        cosine = [(turns, np.cos(np.radians(turns - lean)), INK, False)]
        st.altair_chart(graph(cosine, [(turn, here.along / size, GREY)], (0, 360), (-1.2, 1.2), rule=lean), width="content")
        st.markdown(f"Along d: {number(size)} · cos {number(np.degrees(abs(here.angle)), 3)}° = **{number(here.along)}**.")
    with checks:
        st.markdown(invariant("Slope along d", ("measured", here.measured), ("∇f · d =", here.along)))
        st.markdown(invariant("Along the contour", ("measured", here.on_level), ("∇f ⟂ it:", 0.0)))
    st.pills("Presets", ["Two valleys", "Not at the minimum", "Trough", "Banana"], label_visibility="collapsed")
st.latex(rf"D_d f = {number(g[0])} \cdot {number(here.direction[0])} + {number(g[1])} \cdot {number(here.direction[1])}")
st.latex(r"\nabla f = (\partial f / \partial x, \partial f / \partial y)', \qquad D_d f = \nabla f \cdot d")
code = st.expander("The code that drew this", on_change="rerun", key="code", icon=":material/code:")
if code.open:
    code.code(inspect.getsource(gradients.slopes), language="python")
