"""Transforms: a matrix is where two arrows land."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from mml_charts import plane
from mml_charts.theme import rgb
from mml_core import transforms, warping
from mml_ui import controls, images, latex, page, uploads
from mml_ui.contents import Step
from mml_ui.figures import Handle, point_handles, show
from mml_ui.page import Preset, number
from mml_ui.take_home import take_home

RADIUS, HALF_PHOTO = 3.0, 1.5
SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
CLOUD = "-1.5,-1;-1.2,-0.6;-1,-0.8;-0.7,-0.2;-0.5,-0.5;-0.2,0.1;0,-0.2;0.3,0.3;0.4,0;0.7,0.6;0.9,0.3;1.1,0.9;1.4,0.7;1.5,1.2"
PRESETS = [
    Preset("Identity", "nothing moves: e₁ and e₂ land where they are.", dict(turn=0)),
    Preset("Quarter turn", "lengths, angles and areas stay; only the direction changes.", dict(turn=90)),
    Preset("Half turn", "halfway it is a quarter turn, not a point: press play.", dict(turn=180, t=0.5)),
    Preset("Stretch", "one direction doubles, and so does every area.", dict(turn=0, sx=2)),
    Preset("Squeeze", "twice as wide, half as high: the area stays.", dict(turn=0, sx=2, sy=0.5)),
    Preset("Shear", "a square becomes a parallelogram of the same area.", dict(turn=0, shear=1)),
    Preset("Tenfold arrow", "det is 1, yet e₂ grows tenfold: det is area, not length.", dict(turn=0, shear=9.95)),
    Preset("Mirror", "det < 0: the picture flips, and no turn brings it back.", dict(turn=0, sy=-1)),
    Preset("Flip and turn", "a negative det passes through collapse: press play.", dict(turn=20, sx=1.4, sy=-0.8)),
    Preset("Projection", "det = 0: the plane falls onto a line; no inverse.", dict(turn=0, sy=0)),
    Preset("Nearly singular", "the inverse exists, and magnifies fiftyfold.", dict(turn=25, shear=0.5, sy=0.02)),
    Preset("Shift", "every line stays straight, but the origin leaves: not linear.", dict(turn=20, b="1 0.5")),
]
REASONS = [
    ("Every x is x₁ e₁ + x₂ e₂, and a linear map keeps sums: so A x = x₁ A e₁ + x₂ A e₂.", "arrows"),
    ("So the two landing places, the columns of A, say where everything lands: the grid stays straight and even.", "grid"),
    ("The unit square becomes the parallelogram of the columns; its signed area is det A.", "areas"),
    ("Every small square of the picture is scaled alike: det A is the factor of every area.", "picture"),
]
TRIES = [
    "Drag e₂ slowly across the line of e₁: the photo turns thin, vanishes, and comes back as its mirror image.",
    "Find two different matrices with determinant 1 that send e₁ to the same place.",
    "Press play on a half turn, then on a mirror: only one of them passes through nothing.",
]


@dataclass(frozen=True)
class Moment:
    """What one frame shows: the matrix A, how far on the way t, the matrix there, the shift, and what lies under it."""

    A: np.ndarray
    t: float
    At: np.ndarray
    b: np.ndarray
    under: str
    photo: images.Picture
    points: np.ndarray

    @property
    def name(self):
        """The name of the matrix in formulas."""
        return "A" if self.t == 1 else "A_t"


def dials(box, shows=None):
    """Draw the dials and return turn, stretches and shear; `shows` is what they show while the entries own the matrix."""
    turn, stretch_x, stretch_y, lean = [None] * 4
    if shows is not None:
        turn, stretch_x, stretch_y, lean = np.degrees(shows.angle), shows.scale_x, shows.scale_y, shows.shear
    own = dict(by="Dials")
    with box:
        angle = controls.slider("Turn", -180, 180, 30, key="turn", step=1, unit="°", shows=turn, sets=own)
        k = controls.slider("Shear", -10, 10, 0, key="shear", step=0.05, shows=lean, sets=own)
        sx = controls.slider("Stretch x", -3, 3, 1, key="sx", shows=stretch_x, sets=own)
        sy = controls.slider("Stretch y", -3, 3, 1, key="sy", shows=stretch_y, sets=own)
    return np.radians(angle), sx, sy, k


def entries(box, shows=None):
    """Draw the four numbers and return the matrix; `shows` is what they show while the dials own it."""
    with box:
        return controls.matrix("", [[1, 0], [0, 1]], key="A", low=-30, high=30, shows=shows, sets=dict(by="Entries"))


def moment():
    """Draw the controls and return what they say."""
    with st.container(horizontal=True, vertical_alignment="center"):
        under = controls.choice("Under the matrix", ["Photo", "Points", "Grid"], key="show", hide_label=True)
        with st.popover("Your photo", icon=":material/add_photo_alternate:"):
            photo = uploads.image("A photo of yours", key="photo", default="harbour.jpg")
        with st.popover("More", icon=":material/tune:"):
            b = controls.vector("Shift b, in A x + b", (0, 0), key="b", low=-3, high=3)
            points = controls.points("Your points, as x,y;x,y", CLOUD, key="points")
        controls.reset()
    t = controls.slider("The way from I (0) to A (1)", 0, 1, 1, key="t", playable=True)
    dial_box = page.grid(2)
    entry_box = st.container(horizontal=True, vertical_alignment="center")
    with entry_box:
        owner = controls.choice("A comes from the", ["Dials", "Entries"], key="by", hide_label=True)
    if owner == "Dials":
        A = page.compute(transforms.from_dials, *dials(dial_box))
        entries(entry_box, A)
    else:
        A = entries(entry_box)
        dials(dial_box, page.compute(transforms.dials, A))
    return Moment(A, t, page.compute(transforms.interpolation, A, t), b, under, photo, points)


def picture(m, look):
    """Draw the plane under the matrix, and return the determinant, the measured area and whether the plane has collapsed."""
    square = transforms.apply(m.At, SQUARE, m.b)
    det, area = page.compute(transforms.determinant, m.At), page.compute(transforms.signed_area, square)
    flat = page.compute(transforms.rank_nullspace_image, m.At).rank < 2
    origin = tuple(m.b.tolist())
    photo, cloud, grips = None, None, []
    if m.under == "Photo" and not flat:
        sides = np.array(m.photo.preview.shape[1::-1])
        half_size = tuple((HALF_PHOTO * sides / sides.max()).tolist())
        small = uploads.small(m.photo, 400)
        ground = rgb(look.palette.background)
        pixels = page.compute(
            warping.warp_into_window, small, m.At, m.b, half_size=half_size, radius=RADIUS, size=400, background=ground
        )
        photo = plane.Picture(pixels, (-RADIUS, RADIUS, -RADIUS, RADIUS))
    if m.under == "Points" and len(m.points):
        cloud = page.compute(transforms.apply, m.At, m.points, m.b)
        if not flat:
            grips += point_handles("points", m.points, cloud, origin=origin, back=transforms.inverse(m.At), grows=True)
    for j, (label, role) in enumerate((("e₁", "first"), ("e₂", "second"))):
        tip, taken = tuple((m.At[:, j] + m.b).tolist()), dict(by="Entries", t=1.0)
        grips.append(Handle(f"e{j + 1}", f"A1{j + 1}", f"A2{j + 1}", tip, label, role, origin, sets=taken))
    if m.b.any():
        grips.append(Handle("b", "b1", "b2", origin, "b"))
    drawn = plane.figure(
        "The plane, its grid and what lies on it, under the matrix A",
        radius=RADIUS,
        look=look,
        picture=photo,
        paths=plane.grid_lines(6, lambda P: transforms.apply(m.At, P, m.b)),
        areas=[plane.Area(square, flipped=det < 0, label=f"area {number(area, 3)}")],
        points=cloud,
        arrows=[
            plane.Arrow(m.At[:, 0] + m.b, "first", "e₁", origin),
            plane.Arrow(m.At[:, 1] + m.b, "second", "e₂", origin),
        ],
    )
    way = "" if m.t == 1 else f"{number(100 * m.t, 3)} % of the way: "
    kept = "the plane collapses, nothing has any area" if flat else "left and right are swapped" if det < 0 else "no flip"
    moved = f" The origin moved to {latex.vector_text(m.b)}: **not linear any more**." if m.b.any() else ""
    show(
        drawn,
        handles=grips,
        says=f"{way}e₁ lands at {latex.vector_text(m.At[:, 0])}, e₂ at {latex.vector_text(m.At[:, 1])}; "
        f"every area is multiplied by {number(det)}: {kept}.{moved}",
    )
    return det, area, flat


def numbers(m, look, det):
    """Second level: what else is to be said of the matrix."""
    svd = page.compute(transforms.rotate_stretch_rotate, m.At)
    d = page.compute(transforms.dials, m.At)
    parts = page.compute(transforms.rank_nullspace_image, m.At)
    both, inverse = f"{m.name} = {latex.matrix(m.At, look.palette)}", "Its inverse brings every point home."
    try:
        both += rf", \quad {m.name}^{{-1}} = {latex.matrix(transforms.inverse(m.At), look.palette)}"
    except ValueError as collapse:
        inverse = f"**No inverse.** {collapse}"
    lost = ["the whole plane", "all multiples of " + latex.vector_text(parts.null_space[:, :1].ravel()), "only 0"][parts.rank]
    st.latex(both)
    st.markdown(
        f"**Orientation** {'lost' if parts.rank < 2 else 'flipped' if det < 0 else 'kept'} · **rank** {parts.rank} · "
        f"**null space** {lost}. {inverse}\n\n"
        f"**As dials** shear {number(d.shear)}, then stretch {number(d.scale_x)} and {number(d.scale_y)}, then turn "
        f"{number(np.degrees(d.angle))}°. **As two turns and a stretch** turn {number(np.degrees(svd.first_turn))}°, stretch "
        f"{number(svd.stretch[0])} and {number(svd.stretch[1])}, turn {number(np.degrees(svd.second_turn))}°."
    )


def spelt_out(m, look):
    """Second level: the product as the two columns, weighted and added."""
    left, right = page.beside()
    with right:
        x = controls.vector("The vector x (or drag its tip)", (1.5, -1), key="x", low=-3, high=3)
    first, y = x[0] * m.At[:, 0], m.At @ x
    product = plane.figure(
        "A x as its two columns, weighted and added",
        radius=RADIUS,
        look=replace(look, size="small"),
        paths=plane.grid_lines(6, lambda P: transforms.apply(m.At, P)),
        arrows=[
            plane.Arrow(first, "first", "x₁ A e₁"),
            plane.Arrow(y, "second", "", tuple(first)),
            plane.Arrow(y, "result", "A x"),
            plane.Arrow(x, "reference", "x"),
        ],
    )
    says = f"x₁ times the first column, then x₂ times the second, ends at A x = {latex.vector_text(y)}."
    with left:
        show(product, name="product", handles=[Handle("x", "x1", "x2", tuple(x.tolist()), "x")], says=says)
    one, two = (latex.coloured(latex.column(m.At[:, j]), role, look.palette) for j, role in enumerate(("first", "second")))
    with right:
        st.latex(rf"{m.name} x = {latex.num(x[0])} {one} + {latex.num(x[1])} {two} = {latex.column(y)}")


def resampling(m, look, flat):
    """Second level: the picture pixel by pixel, sent forwards with holes, fetched backwards without."""
    done = controls.slider("Pixels done", 0, 100, 100, key="done", step=1, unit="%", playable=True, seconds=6)
    if flat:
        st.markdown("The plane has collapsed: no pixel can ask where it came from. Move a column out of the line.")
        return
    coarse, side = uploads.small(m.photo, 24), 48
    maps = page.compute(warping.pixel_maps, coarse, m.At, size=(side, side))
    sent, asked = (round(done / 100 * n) for n in (coarse.shape[0] * coarse.shape[1], side * side))
    stories = [
        ("forward", "Each pixel sent to where it lands", maps.forward_until(sent),
         f"{sent} pixels sent. In the end {maps.n_holes} of the target stay empty: **holes**."),
        ("backward", "Each target pixel asks where it came from", maps.backward_until(asked),
         f"{asked} target pixels asked; each found its colour at A⁻¹ x: **no holes**."),
    ]  # fmt: skip
    half = HALF_PHOTO * side / 24
    for where, (key, title, pixels, says) in zip(page.beside(), stories, strict=True):
        with where:
            st.markdown(f"**{title}**")
            cells = plane.Picture(pixels, (-half, half, -half, half), coarse=True)
            show(plane.figure(title, radius=RADIUS, look=replace(look, size="small"), picture=cells), name=key, says=says)


def photo_button(m):
    """Offer the photo at full resolution under A."""
    st.download_button(
        "The photo under A, full resolution",
        lambda: images.jpeg(warping.warp_image(m.photo.pixels, m.A, frame="whole", fill=255)),
        f"{m.photo.name.rsplit('.', 1)[0]}-transformed.jpg", "image/jpeg", key="transforms_full", on_click="ignore",
        disabled=transforms.rank_nullspace_image(m.A).rank < 2, icon=":material/photo_camera:",
    )  # fmt: skip


def story():
    """The page, from the matrix to the way onward."""
    look = page.look()
    picture_side, control_side = page.columns()
    with control_side:
        m = moment()
    with picture_side:
        det, area, flat = picture(m, look)
    with control_side:
        page.invariant("Signed area of the unit square", ("det A =" if m.t == 1 else "det =", det), ("measured", area))
        page.presets(PRESETS)
    page.views(
        {
            "Why it is true": lambda: page.truths("main", REASONS),
            "Numbers": lambda: numbers(m, look, det),
            "A x, spelt out": lambda: spelt_out(m, look),
            "How the photo is turned": lambda: resampling(m, look, flat),
        }
    )
    a, b, c, d = (latex.num(v) for v in m.At.ravel())
    page.why(
        r"A x = x_1 \, A e_1 + x_2 \, A e_2, \qquad \det A = a_{11} a_{22} - a_{12} a_{21}",
        rf"{m.name} = {latex.matrix(m.At, look.palette)}, \quad "
        rf"\det {m.name} = {a} \cdot {d} - ({b}) \cdot ({c}) = {latex.num(det)}",
        transforms.apply,
    )
    take_home(lambda: photo_button(m))
    page.end(
        tries=TRIES,
        before=Step("vectors", "where lengths and shadows are measured"),
        after=Step("eigen", "the directions that a matrix does not turn"),
    )


page.run("transforms", story)
