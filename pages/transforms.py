"""Transforms: a matrix is where two arrows land."""

from dataclasses import replace

import numpy as np
import streamlit as st

from mml_charts import plane
from mml_core import transforms, warping
from mml_ui import controls, images, latex, page, uploads
from mml_ui.contents import Step
from mml_ui.figures import Handle, show
from mml_ui.page import Preset, number
from mml_ui.take_home import take_home

RADIUS, HALF_PHOTO = 3.0, 1.5
SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
CLOUD = "-1.5,-1;-1.2,-0.6;-1,-0.8;-0.7,-0.2;-0.5,-0.5;-0.2,0.1;0,-0.2;0.3,0.3;0.4,0;0.7,0.6;0.9,0.3;1.1,0.9;1.4,0.7;1.5,1.2"


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


def story():
    """The page, from the matrix to the way onward."""
    look = page.look()
    picture_side, control_side = page.columns()

    with control_side:
        with st.container(horizontal=True, vertical_alignment="center"):
            shown = controls.choice("Under the matrix", ["Photo", "Points", "Grid"], key="show", hide_label=True)
            with st.popover("Your photo", icon=":material/add_photo_alternate:"):
                photo = uploads.image("A photo of yours", key="photo", default="harbour.jpg")
            with st.popover("More", icon=":material/tune:"):
                b = controls.vector("Shift b, in A x + b", (0, 0), key="b", low=-3, high=3)
                X = controls.points("Your points, as x,y;x,y", CLOUD, key="points")
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

    At = page.compute(transforms.interpolation, A, t)
    square = transforms.apply(At, SQUARE, b)
    det, area = transforms.determinant(At), transforms.signed_area(square)
    parts = page.compute(transforms.rank_nullspace_image, At)
    flat = parts.rank < 2

    with picture_side:
        half = HALF_PHOTO * np.array(photo.preview.shape[1::-1]) / max(photo.preview.shape[:2])
        picture = None
        if shown == "Photo" and not flat:
            pixels = page.compute(
                warping.warp_into_window,
                uploads.small(photo, 400),
                At,
                b,
                half_size=tuple(half.tolist()),
                radius=RADIUS,
                size=400,
            )
            picture = plane.Picture(pixels, (-RADIUS, RADIUS, -RADIUS, RADIUS))
        figure = plane.figure(
            "The plane, its grid and a picture under the matrix A",
            radius=RADIUS,
            look=look,
            picture=picture,
            paths=plane.grid_lines(6, lambda P: transforms.apply(At, P, b)),
            areas=[plane.Area(square, flipped=det < 0, label=f"area {number(area, 3)}")],
            points=transforms.apply(At, X, b) if shown == "Points" else None,
            arrows=[
                plane.Arrow(At[:, 0] + b, "first", "e₁", tuple(b)),
                plane.Arrow(At[:, 1] + b, "second", "e₂", tuple(b)),
            ],
        )
        taken = dict(by="Entries", t=1.0)
        grips = [
            Handle(
                f"e{j + 1}", f"A1{j + 1}", f"A2{j + 1}", tuple(At[:, j] + b), "e₁e₂"[2 * j : 2 * j + 2], role, tuple(b), taken
            )
            for j, role in enumerate(("first", "second"))
        ]
        if b.any():
            grips.append(Handle("b", "b1", "b2", tuple(b), "b"))
        way = "" if t == 1 else f"{number(100 * t, 3)} % of the way: "
        kept = "the plane collapses, nothing has any area" if flat else "left and right are swapped" if det < 0 else "no flip"
        moved = "" if not b.any() else f" The origin moved to ({number(b[0])}, {number(b[1])}): **not linear any more**."
        show(
            figure,
            handles=grips,
            says=f"{way}e₁ lands at ({number(At[0, 0])}, {number(At[1, 0])}), e₂ at ({number(At[0, 1])}, {number(At[1, 1])}); "
            f"every area is multiplied by {number(det)}: {kept}.{moved}",
        )

    with control_side:
        page.invariant("Signed area of the unit square", ("det A =" if t == 1 else "det =", det), ("measured", area))
        page.presets([
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
            Preset("Shift", "every line stays straight, but the origin leaves: A x + b is not linear.", dict(turn=20, b="1 0.5")),
        ])  # fmt: skip

    def reasons():
        """Second level: why it is true."""
        page.truths(
            "main",
            [
                ("Every x is x₁ e₁ + x₂ e₂, and a linear map keeps sums: so A x = x₁ A e₁ + x₂ A e₂.", "arrows"),
                ("So the two landing places, the columns of A, say where everything lands: the grid stays straight.", "grid"),
                ("The unit square becomes the parallelogram of the columns; its signed area is det A.", "areas"),
                ("Every small square of the picture is scaled alike: det A is the factor of every area.", "picture"),
            ],
        )

    def numbers():
        """Second level: what else is to be said of the matrix."""
        svd = page.compute(transforms.rotate_stretch_rotate, At)
        d = page.compute(transforms.dials, At)
        back = ""
        try:
            back = rf", \quad {name}^{{-1}} = {latex.matrix(transforms.inverse(At), look.palette)}"
            inverse = "Its inverse brings every point home."
        except ValueError as collapse:
            inverse = f"**No inverse.** {collapse}"
        null = "all multiples of " + latex.vector_text(parts.null_space[:, 0]) if parts.rank == 1 else "the whole plane"
        st.latex(f"{name} = {latex.matrix(At, look.palette)}{back}")
        st.markdown(
            f"**Orientation** {'lost' if flat else 'flipped' if det < 0 else 'kept'} · **rank** {parts.rank} · "
            f"**null space** {'only 0' if parts.rank == 2 else null}. {inverse}\n\n"
            f"**As dials** shear {number(d.shear)}, then stretch {number(d.scale_x)} and {number(d.scale_y)}, then turn "
            f"{number(np.degrees(d.angle))}°. **As two turns and a stretch** turn {number(np.degrees(svd.first_turn))}°, stretch "
            f"{number(svd.stretch[0])} and {number(svd.stretch[1])}, turn {number(np.degrees(svd.second_turn))}°."
        )

    def spelt_out():
        """Second level: the product as the two columns, weighted and added."""
        x = controls.vector("The vector x (or drag its tip)", (1, 1), key="x", low=-3, high=3)
        a1, y = x[0] * At[:, 0], At @ x
        first, second = (
            latex.coloured(latex.column(c), r, look.palette) for c, r in zip(At.T, ("first", "second"), strict=True)
        )
        product = plane.figure(
            "A x as its two columns, weighted and added",
            radius=RADIUS,
            look=replace(look, size="small"),
            paths=plane.grid_lines(6, lambda P: transforms.apply(At, P)),
            arrows=[
                plane.Arrow(a1, "first", "x₁ A e₁"),
                plane.Arrow(y, "second", "", tuple(a1)),
                plane.Arrow(y, "result", "A x"),
                plane.Arrow(x, "reference", "x"),
            ],
        )
        says = f"x₁ times the first column, then x₂ times the second, ends at A x = {latex.vector_text(y)}."
        show(product, name="product", handles=[Handle("x", "x1", "x2", tuple(x), "x")], says=says)
        st.latex(rf"{name} x = {latex.num(x[0])} {first} + {latex.num(x[1])} {second} = {latex.column(y)}")

    def resampling():
        """Second level: the picture pixel by pixel, sent forwards with holes, fetched backwards without."""
        done = controls.slider("Pixels done", 0, 100, 100, key="done", step=1, unit="%", playable=True, seconds=6)
        if flat:
            page.problem("The plane has collapsed: no pixel can ask where it came from. Move a column out of the line.")
            return
        coarse = uploads.small(photo, 24)
        pixels = page.compute(warping.pixel_maps, coarse, At, size=(48, 48))
        side = HALF_PHOTO * 48 / 24
        sent, fetched = (round(done / 100 * n) for n in (coarse.shape[0] * coarse.shape[1], 48 * 48))
        stories = [
            ("forward", "Each pixel sent to where it lands", pixels.forward_until(sent),
             f"{sent} pixels sent. In the end {pixels.n_holes} of the target stay empty: **holes**."),
            ("backward", "Each target pixel asks where it came from", pixels.backward_until(fetched),
             f"{fetched} target pixels asked; each found its colour at A⁻¹ x: **no holes**."),
        ]  # fmt: skip
        for where, (key, title, image, says) in zip(st.columns(2), stories, strict=True):
            with where:
                st.markdown(f"**{title}**")
                cells = plane.Picture(image, (-side, side, -side, side), coarse=True)
                show(plane.figure(title, radius=RADIUS, look=replace(look, size="small"), picture=cells), name=key, says=says)

    name = "A" if t == 1 else "A_t"
    page.views(
        {"Why it is true": reasons, "Numbers": numbers, "A x, spelt out": spelt_out, "How the photo is turned": resampling}
    )
    page.why(
        r"A x = x_1 \, A e_1 + x_2 \, A e_2, \qquad \det A = a_{11} a_{22} - a_{12} a_{21}",
        rf"{name} = {latex.matrix(At, look.palette)}, \quad \det {name} = {latex.num(At[0, 0])} \cdot {latex.num(At[1, 1])} "
        rf"- ({latex.num(At[0, 1])}) \cdot ({latex.num(At[1, 0])}) = {latex.num(det)}",
        transforms.apply,
    )

    def photo_button():
        """Offer the photo at full resolution under A."""
        st.download_button(
            "The photo under A, full resolution", lambda: images.jpeg(warping.warp_image(photo.pixels, A, frame="whole", fill=255)),
            f"{photo.name.rsplit('.', 1)[0]}-transformed.jpg", "image/jpeg", key="transforms_full", on_click="ignore",
            disabled=transforms.rank_nullspace_image(A).rank < 2, icon=":material/photo_camera:",
        )  # fmt: skip

    take_home(photo_button)
    page.end(
        tries=[
            "Drag e₂ slowly across the line of e₁: the photo turns thin, vanishes, and comes back as its mirror image.",
            "Find two different matrices with determinant 1 that send e₁ to the same place.",
            "Press play on a half turn, then on a mirror: only one of them passes through nothing.",
        ],
        before=Step("vectors", "where lengths and shadows are measured"),
        after=Step("eigen", "the directions that a matrix does not turn"),
    )


page.run("transforms", story)
