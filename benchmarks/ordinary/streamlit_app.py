"""The Transforms page written the ordinary way: what `benchmarks/interaction.py` compares the real page with.

The same controls, picture, sentence, invariant, formula and numbers, computed by the same core functions; one script that
runs from top to bottom, an Altair chart built anew on each run, Streamlit's default configuration (no config.toml here).
Where a choice was open, it is the cheaper one: the photo is sent as JPEG and only the open tab is drawn.
"""

import base64
import inspect
import io
import sys
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from mml_core import transforms, warping  # noqa: E402

RADIUS, HALF_PHOTO, WIDTH = 3.0, 1.5, 520
SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
CLOUD = "-1.5,-1;-1.2,-0.6;-1,-0.8;-0.7,-0.2;-0.5,-0.5;-0.2,0.1;0,-0.2;0.3,0.3;0.4,0;0.7,0.6;0.9,0.3;1.1,0.9;1.4,0.7;1.5,1.2"
BLUE, ORANGE, INK, GREY = "#0068A8", "#B94A00", "#101820", "#66717F"
DIALS = {"turn": 30.0, "shear": 0.0, "sx": 1.0, "sy": 1.0}
ENTRIES = {"A11": 1.0, "A12": 0.0, "A21": 0.0, "A22": 1.0}
OTHERS = {"t": 1.0, "b1": 0.0, "b2": 0.0, "by": "Dials", "show": "Photo", "points": CLOUD}
PRESETS = {
    "Identity": ("nothing moves: e₁ and e₂ land where they are.", dict(turn=0)),
    "Quarter turn": ("lengths, angles and areas stay; only the direction changes.", dict(turn=90)),
    "Half turn": ("halfway it is a quarter turn, not a point.", dict(turn=180, t=0.5)),
    "Stretch": ("one direction doubles, and so does every area.", dict(turn=0, sx=2)),
    "Squeeze": ("twice as wide, half as high: the area stays.", dict(turn=0, sx=2, sy=0.5)),
    "Shear": ("a square becomes a parallelogram of the same area.", dict(turn=0, shear=1)),
    "Tenfold arrow": ("det is 1, yet e₂ grows tenfold: det is area, not length.", dict(turn=0, shear=9.95)),
    "Mirror": ("det < 0: the picture flips, and no turn brings it back.", dict(turn=0, sy=-1)),
    "Flip and turn": ("a negative det passes through collapse.", dict(turn=20, sx=1.4, sy=-0.8)),
    "Projection": ("det = 0: the plane falls onto a line; no inverse.", dict(turn=0, sy=0)),
    "Nearly singular": ("the inverse exists, and magnifies fiftyfold.", dict(turn=25, shear=0.5, sy=0.02)),
    "Shift": ("every line stays straight, but the origin leaves.", dict(turn=20, b1=1, b2=0.5)),
}


def number(value, digits=4):
    """Write a number with at most `digits` significant digits."""
    return "0" if abs(value) < 1e-12 else f"{value:.{digits}g}".replace("-", "−")


def tex(matrix):
    """Write a matrix for a formula, its columns in the colours of the arrows."""
    rows = [
        rf"\textcolor{{{BLUE}}}{{{number(a).replace('−', '-')}}} & \textcolor{{{ORANGE}}}{{{number(b).replace('−', '-')}}}"
        for a, b in matrix
    ]
    return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"


def choose(values):
    """Put all controls to their defaults and then to a preset's values."""
    for key, value in {**DIALS, **OTHERS, **values}.items():
        st.session_state[key] = type({**DIALS, **OTHERS}[key])(value)


def owned_by(name):
    """Say who owns the matrix."""
    st.session_state["by"] = name


@st.cache_data
def sample():
    """Return the sample photo, at most 400 pixels wide."""
    return shrunk((ROOT / "mml_ui" / "samples" / "harbour.jpg").read_bytes())


def shrunk(data):
    """Return a photo's pixels, at most 400 pixels on its long side."""
    photo = Image.open(io.BytesIO(data)).convert("RGB")
    photo.thumbnail((400, 400), Image.Resampling.LANCZOS)
    return np.asarray(photo)


def data_url(pixels):
    """Return a picture as a JPEG data URL on white."""
    picture = Image.fromarray(pixels)
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    buffer = io.BytesIO()
    ground.save(buffer, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def chart(At, b, square, area, flipped, pixels, points):
    """Build the plane: photo, grid, unit square, arrows and labels."""
    scale = alt.Scale(domain=[-RADIUS, RADIUS], nice=False)
    x, kx, x0 = (alt.X(f"{name}:Q", scale=scale, axis=None) for name in ("x", "k", "zero"))
    y, ky, y0 = (alt.Y(f"{name}:Q", scale=scale, axis=None) for name in ("y", "k", "zero"))
    layers = []
    if pixels is not None:
        box = pd.DataFrame([(-RADIUS, RADIUS, -RADIUS, RADIUS, data_url(pixels))], columns=["x", "x2", "y", "y2", "url"])
        layers.append(alt.Chart(box).mark_image(aspect=False).encode(x=x, y=y, x2="x2", y2="y2", url="url:N"))
    ticks = pd.DataFrame({"k": np.arange(-2.0, 3.0)})
    for dash, ghost in (([2, 4], ticks[ticks.k != 0]), ([1, 0], ticks[ticks.k == 0])):
        rule = alt.Chart(ghost).mark_rule(color=GREY, strokeDash=dash, opacity=0.6)
        layers += [rule.encode(x=kx), rule.encode(y=ky)]
    digits = alt.Chart(ticks[ticks.k != 0].assign(zero=0.0))
    layers += [
        digits.mark_text(fontSize=13, dy=11, color=GREY).encode(x=kx, y=y0, text="k:Q"),
        digits.mark_text(fontSize=13, dx=-10, color=GREY).encode(x=x0, y=ky, text="k:Q"),
    ]
    corners = pd.DataFrame(np.vstack([square, square[:1]]), columns=["x", "y"]).assign(i=range(5))
    layers += [
        alt.Chart(corners).mark_line(filled=True, opacity=0.16, fill=INK, clip=True).encode(x=x, y=y, order="i:Q"),
    ]
    ends = [((k, -6.0), (k, 6.0)) for k in range(-6, 7)] + [((-6.0, k), (6.0, k)) for k in range(-6, 7)]
    moved = transforms.apply(At, np.array(ends).reshape(-1, 2), b)
    grid = pd.DataFrame(moved, columns=["x", "y"]).assign(line=np.repeat(np.arange(len(ends)), 2), i=np.arange(len(moved)))
    layers.append(
        alt.Chart(grid).mark_line(color=GREY, strokeWidth=1.2, opacity=0.6, clip=True)
        .encode(x=x, y=y, detail="line:N", order="i:Q")
    )  # fmt: skip
    layers.append(
        alt.Chart(corners).mark_line(color=INK, strokeWidth=2.4, strokeDash=[7, 5] if flipped else [1, 0], clip=True)
        .encode(x=x, y=y, order="i:Q")
    )  # fmt: skip
    if points is not None:
        dots = pd.DataFrame(transforms.apply(At, points, b), columns=["x", "y"])
        layers.append(alt.Chart(dots).mark_point(filled=True, size=40, color=ORANGE, clip=True).encode(x=x, y=y))
    names = []
    for column, colour, label in ((At[:, 0], BLUE, "e₁"), (At[:, 1], ORANGE, "e₂")):
        tip = column + b
        shaft = pd.DataFrame([b, tip], columns=["x", "y"]).assign(i=[0, 1])
        angle = 90 - np.degrees(np.arctan2(column[1], column[0]))
        head = pd.DataFrame([(*tip, angle)], columns=["x", "y", "angle"])
        layers += [
            alt.Chart(shaft).mark_line(color="white", strokeWidth=6, opacity=0.8, clip=True).encode(x=x, y=y, order="i:Q"),
            alt.Chart(shaft).mark_line(color=colour, strokeWidth=3, clip=True).encode(x=x, y=y, order="i:Q"),
            alt.Chart(head).mark_point(shape="triangle", filled=True, size=200, color=colour, opacity=1)
            .encode(x=x, y=y, angle=alt.Angle("angle:Q", scale=None)),
        ]  # fmt: skip
        names.append((*np.clip(tip * 1.15, -2.8, 2.8), label, colour))
    names.append((*np.clip(square.mean(axis=0), -2.8, 2.8), f"area {number(area, 3)}", INK))
    labels = alt.Chart(pd.DataFrame(names, columns=["x", "y", "text", "colour"]))
    layers += [
        labels.mark_text(fontSize=16, fontWeight="bold", stroke="white", strokeWidth=4, opacity=0.85)
        .encode(x=x, y=y, text="text:N"),
        labels.mark_text(fontSize=16, fontWeight="bold")
        .encode(x=x, y=y, text="text:N", color=alt.Color("colour:N", scale=None)),
    ]  # fmt: skip
    return alt.layer(*layers).properties(width=WIDTH, height=WIDTH, autosize="pad").configure_view(stroke=None)


st.set_page_config(page_title="Transforms, the ordinary way", layout="wide", initial_sidebar_state="collapsed")
with st.sidebar:
    st.markdown("MML Explorers\n\n**▸ Transforms**")
st.markdown("# Transforms :small[A matrix is where two arrows land.]")

state = st.session_state
for key, value in {**DIALS, **ENTRIES, **OTHERS}.items():
    if key not in state:  # a link carries what differs
        state[key] = type(value)(st.query_params.get(key, value))
if state.by == "Dials":
    A = transforms.from_dials(np.radians(state.turn), state.sx, state.sy, state.shear)
    for key, value in zip(ENTRIES, A.ravel(), strict=True):
        state[key] = float(round(value, 2))
else:
    A = np.array([state[key] for key in ENTRIES]).reshape(2, 2)
    d = transforms.dials(A)
    for key, value in zip(DIALS, (np.degrees(d.angle), d.shear, d.scale_x, d.scale_y), strict=True):
        limit, step = {"turn": (180, 1), "shear": (10, 0.05)}.get(key, (3, 0.1))
        state[key] = float(np.clip(round(value / step) * step, -limit, limit))

picture_side, control_side = st.columns(2)

with control_side:
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = st.segmented_control(
            "Under the matrix",
            ["Photo", "Points", "Grid"],
            key="show",
            required=True,
            label_visibility="collapsed",
            bind="query-params",
        )
        with st.popover("Your photo", icon=":material/add_photo_alternate:"):
            upload = st.file_uploader("A photo of yours", type=["jpg", "jpeg", "png", "webp", "gif"])
            st.caption("Your picture stays in this server's memory and is gone when you close the page.")
        with st.popover("More", icon=":material/tune:"):
            st.caption("Shift b, in A x + b")
            b = np.array([st.number_input(f"b {i}", -3.0, 3.0, step=0.1, key=f"b{i}", bind="query-params") for i in (1, 2)])
            line = st.text_input("Your points, as x,y;x,y", key="points", bind="query-params")
        st.button("Reset", on_click=choose, args=({},), icon=":material/restart_alt:")
    t = st.slider("The way from I (0) to A (1)", 0.0, 1.0, step=0.01, key="t", bind="query-params")
    left, right = st.columns(2)
    with left:
        st.slider(
            "Turn",
            -180.0,
            180.0,
            step=1.0,
            format="%.0f°",
            key="turn",
            on_change=owned_by,
            args=("Dials",),
            bind="query-params",
        )
        st.slider("Stretch x", -3.0, 3.0, step=0.1, key="sx", on_change=owned_by, args=("Dials",), bind="query-params")
    with right:
        st.slider("Shear", -10.0, 10.0, step=0.05, key="shear", on_change=owned_by, args=("Dials",), bind="query-params")
        st.slider("Stretch y", -3.0, 3.0, step=0.1, key="sy", on_change=owned_by, args=("Dials",), bind="query-params")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "A comes from the", ["Dials", "Entries"], key="by", required=True, label_visibility="collapsed", bind="query-params"
        )
        for key in ENTRIES:
            st.number_input(
                key, -30.0, 30.0, step=0.1, format="%.2f", key=key, on_change=owned_by, args=("Entries",),
                label_visibility="collapsed", bind="query-params",
            )  # fmt: skip

photo = shrunk(upload.getvalue()) if upload else sample()
X = np.array([[float(v) for v in part.split(",")] for part in line.split(";")])
At = transforms.interpolation(A, t)
square = transforms.apply(At, SQUARE, b)
det, area = transforms.determinant(At), transforms.signed_area(square)
parts = transforms.rank_nullspace_image(At)
flat = parts.rank < 2
name = "A" if t == 1 else "A_t"

with picture_side:
    pixels = None
    if shown == "Photo" and not flat:
        half = HALF_PHOTO * np.array(photo.shape[1::-1]) / max(photo.shape[:2])
        pixels = warping.warp_into_window(photo, At, b, half_size=tuple(half.tolist()), radius=RADIUS, size=400)
    st.altair_chart(chart(At, b, square, area, det < 0, pixels, X if shown == "Points" else None), width="content")
    way = "" if t == 1 else f"{number(100 * t, 3)} % of the way: "
    kept = "the plane collapses, nothing has any area" if flat else "left and right are swapped" if det < 0 else "no flip"
    moved = "" if not b.any() else f" The origin moved to ({number(b[0])}, {number(b[1])}): **not linear any more**."
    st.markdown(
        f"{way}e₁ lands at ({number(At[0, 0])}, {number(At[1, 0])}), e₂ at ({number(At[0, 1])}, {number(At[1, 1])}); "
        f"every area is multiplied by {number(det)}: {kept}.{moved}"
    )

with control_side:
    gap = abs(det - area) / max(1.0, abs(det), abs(area))
    verdict = "equal to 1e-12" if gap <= 1e-12 else f"**they differ by {gap:.1e}**"
    st.markdown(f"Signed area of the unit square · check: det = {number(det)}, measured {number(area)}, {verdict}")
    with st.container(horizontal=True):
        for preset, (why, values) in PRESETS.items():
            st.button(preset, help=why, on_click=choose, args=(values,))

tabs = st.tabs(["Why it is true", "Numbers"], on_change="rerun", key="view")
if tabs[0].open:
    with tabs[0]:
        st.markdown(
            "**Why it is true**\n\n"
            "1. Every x is x₁ e₁ + x₂ e₂, and a linear map keeps sums: so A x = x₁ A e₁ + x₂ A e₂.\n"
            "2. So the two landing places, the columns of A, say where everything lands: the grid stays straight.\n"
            "3. The unit square becomes the parallelogram of the columns; its signed area is det A.\n"
            "4. Every small square of the picture is scaled alike: det A is the factor of every area."
        )
if tabs[1].open:
    with tabs[1]:
        svd, d = transforms.rotate_stretch_rotate(At), transforms.dials(At)
        inverse = "" if flat else rf", \quad {name}^{{-1}} = {tex(transforms.inverse(At))}"
        st.latex(f"{name} = {tex(At)}{inverse}")
        st.markdown(
            f"**Orientation** {'lost' if flat else 'flipped' if det < 0 else 'kept'} · **rank** {parts.rank}\n\n"
            f"**As dials** shear {number(d.shear)}, stretch {number(d.scale_x)} and {number(d.scale_y)}, turn "
            f"{number(np.degrees(d.angle))}°. **As two turns and a stretch** turn {number(np.degrees(svd.first_turn))}°, "
            f"stretch {number(svd.stretch[0])} and {number(svd.stretch[1])}, turn {number(np.degrees(svd.second_turn))}°."
        )

a, c, e, f = (number(v).replace("−", "-") for v in (At[0, 0], At[1, 1], At[0, 1], At[1, 0]))
st.latex(rf"{name} = {tex(At)}, \quad \det {name} = {a} \cdot {c} - ({e}) \cdot ({f}) = {number(det).replace('−', '-')}")
st.latex(r"A x = x_1 \, A e_1 + x_2 \, A e_2, \qquad \det A = a_{11} a_{22} - a_{12} a_{21}")
code = st.expander("The code that drew this", on_change="rerun", key="code", icon=":material/code:")
if code.open:
    code.code(inspect.getsource(transforms.apply), language="python")
home = st.expander("Take this home", on_change="rerun", key="home", icon=":material/download:")
if home.open and pixels is not None:
    home.download_button("The photo under A", base64.b64decode(data_url(pixels).split(",")[1]), "photo.jpg", "image/jpeg")
st.markdown(
    "**Try**  \n→ Turn e₂ slowly across the line of e₁: the photo turns thin, vanishes, and comes back as its mirror image.  \n"
    "→ Find two different matrices with determinant 1 that send e₁ to the same place.  \n"
    "→ Go half the way of a half turn, then of a mirror: only one of them passes through nothing."
)
