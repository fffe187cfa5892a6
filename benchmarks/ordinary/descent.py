"""The Descent page written the ordinary way: what `benchmarks/interaction.py` compares the real page with.

The same map with the walks of the methods, strip of rates, losses and sentence by the same core functions; sliders where the
real page has a start and data points to drag. `?f=data` fits a line, `?five=1` lets five methods race.
"""

import inspect
import sys
from pathlib import Path

import numpy as np
import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from maps import contour_map, graph, ground_picture  # noqa: E402
from shared import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, number  # noqa: E402

from mml_core import contours, races, surfaces  # noqa: E402
from mml_core.optimisers import METHODS  # noqa: E402

INKS = dict(
    zip(["Gradient descent", "Momentum", "Adam", "Nesterov", "RMSProp"], [BLUE, ORANGE, GREEN, PURPLE, GREY], strict=True)
)
DATA = np.array([[-2, -1.4], [-1.5, -1.2], [-1, -0.2], [-0.5, -0.4], [0, 0.5], [0.5, 0.4], [1, 1.3], [1.5, 1.1], [2, 2.1]])
N_STEPS, WINDOW = 200, surfaces.Quadratic.window

st.set_page_config(page_title="Descent, the ordinary way", layout="wide", initial_sidebar_state="collapsed")


@st.cache_data(max_entries=200)
def ground(kappa, last):
    """Return the ground of the surface and its picture; kappa is 0 where a line is fitted."""
    found = contours.ground_of(surface_of(kappa, last), WINDOW)
    return found, ground_picture(found)


def surface_of(kappa, last):
    """Return the bowl, or the loss of a line through the data with this last height."""
    data = DATA.copy()
    data[-1, 1] = last
    return surfaces.bowl(kappa) if kappa else surfaces.least_squares(data)


with st.sidebar:
    st.markdown("MML Explorers\n\n**▸ Descent**")
st.markdown("# Descent :small[Past 2/λ_max it explodes.]")
fitted, methods = st.query_params.get("f") == "data", list(INKS)[: 5 if st.query_params.get("five") else 3]
picture_side, control_side = st.columns(2)
with control_side:
    st.button(
        "Reset",
        on_click=st.session_state.update,
        args=({"start1": -1.5, "start2": 1.2, "step": N_STEPS, "rate": -1.0, "kappa": 20, "y9": 2.1},),
    )
    st.selectbox("Surface", ["Bowl", "Saddle", "Rosenbrock"], key="surface")
    left, right = st.columns(2)
    with left:
        st.pills("Race against", methods, selection_mode="multi", default=methods)
        rate = st.slider("Learning rate, GD", -4.0, 0.5, -1.0, 0.01, key="rate", bind="query-params")
    with right:
        kappa = st.slider("Condition number κ", 1, 100, 20, key="kappa", bind="query-params")
        step = st.slider("Step", 0, N_STEPS, N_STEPS, key="step", bind="query-params")
    start = np.array([
        st.slider("start1", -3.0, 3.0, -1.5, 0.05, key="start1", bind="query-params"),
        st.slider("start2", -3.0, 3.0, 1.2, 0.05, key="start2", bind="query-params"),
    ])  # fmt: skip
    last = st.slider("y9", -3.0, 3.0, 2.1, 0.05, key="y9", bind="query-params")
key = (0 if fitted else kappa, last)
surface, (found, picture) = surface_of(*key), ground(*key)
strips = races.strips(surface, start, methods, N_STEPS)
run = races.race(surface, start, methods, [one.best for one in strips], N_STEPS)
lowest = races.lowest_known(surface, found.heights)


def above(values):
    """Return losses on the axis."""
    return np.clip(np.asarray(values, float) - lowest, 1e-7, 1e3)


with picture_side:
    lines = [(part, INKS[d.method], k == 0) for d in run for k, part in enumerate((d.points[step:], d.points[: step + 1]))]
    marks = [(*p, INKS[d.method], "") for d in run for p in d.points[: step + 1]]
    names = [(*d.points[step], INKS[d.method], d.method) for d in run]
    st.altair_chart(contour_map(WINDOW, picture, lines, [*marks, *names, (*start, INK, "start")]), width="content")
    told = ", ".join(f"{d.method} {number(d.values[step], 3)}" for d in run)
    st.markdown(f"Step {step} of {N_STEPS}, loss: {told}.")
with control_side:
    left, right = st.columns(2)
    with left:
        curves = [(one.rates, above(one.ends), INKS[one.method], one is not strips[0]) for one in strips]
        mine = [(run[0].learning_rate, float(above(run[0].values[-1])), BLUE)]
        st.altair_chart(graph(curves, mine, (1e-4, 3), (1e-7, 1e3), log_x=True, log_y=True, rule=mine[0][0]), width="content")
        st.markdown(f"α = {number(run[0].learning_rate)}")
    with right:
        t = np.arange(N_STEPS + 1)
        curves = [(t, above(d.values), INKS[d.method], False) for d in run]
        st.altair_chart(graph(curves, [], (0, N_STEPS), (1e-7, 1e3), log_y=True, rule=step), width="content")
        st.markdown(f"Lowest in the end: **{min(run, key=lambda d: d.values[-1]).method}**.")
    st.pills("Presets", ["Bowl", "Just below the cliff", "Past the cliff", "Banana"], label_visibility="collapsed")
if fitted:
    w, b = run[0].points[step]
    ends = np.array([-3.0, 3.0])
    line = graph([(ends, w * ends + b, BLUE, False)], [(*p, ORANGE) for p in DATA], (-3, 3), (-3, 3))
    st.altair_chart(line, width="content")
st.latex(r"x_{t+1} = x_t - \alpha \, \nabla f(x_t)")
code = st.expander("The code that drew this", on_change="rerun", key="code", icon=":material/code:")
if code.open:
    code.code(inspect.getsource(METHODS["Gradient descent"].walk), language="python")
