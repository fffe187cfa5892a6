"""Vectors: the dot product is one length times the other's shadow."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from mml_charts import bars, plane, rasters
from mml_core import vectors
from mml_ui import controls, latex, page, tables, uploads
from mml_ui.contents import Step
from mml_ui.figures import Handle, show
from mml_ui.page import Preset, number
from mml_ui.take_home import take_home

RADIUS = 5.0
MOST = 25.0  # where the bar of the dot product ends
PICTURES = ["Shadow", "Sum", "Difference", "Multiples"]
PRESETS = [
    Preset("Acute", "less than 90°: the shadow falls forwards, the dot product is positive.", dict(u="3 1", v="1 2.5")),
    Preset("Right", "90°: no shadow, the dot product is 0, whatever the lengths.", dict(u="3 1", v="-1 3")),
    Preset("Obtuse", "over 90°: the shadow falls backwards, the dot product is negative.", dict(u="3 1", v="-2.5 1.5")),
    Preset("Same direction", "the shadow is the whole arrow: u·v = |u||v|, the most there can be.", dict(u="1.5 1", v="3 2")),
    Preset("Opposite", "u·v = −|u||v|, the least there can be.", dict(u="1.5 1", v="-3 -2")),
    Preset("Longer, not closer", "u·v is twice that of “Acute”, the cosine is the same.", dict(u="3 1", v="2 5")),
    Preset("Sum", "u + v is the diagonal of the parallelogram.", dict(u="3 1", v="-1 2.5", show="Sum")),
    Preset("Detour", "|u + v| is at most |u| + |v|; here far less.", dict(u="3.5 1", v="-3 0.5", show="Sum")),
    Preset("Zero vector", "it has a length, 0, but no direction: no angle, no shadow on it.", dict(u="0 0", v="1 2.5")),
]
REASONS = [
    ("The shadow of v on u is |v| cos θ long; it counts as negative where it falls backwards.", "spaces"),
    ("Times |u| it is the area of a rectangle: u·v = |u| |v| cos θ.", "areas"),
    ("The shadow of u on v, times |v|, is the other rectangle: the same |u| |v| cos θ, so the same area.", "areas"),
    ("A shadow is never longer than its arrow, so |u·v| is at most |u| |v| (Cauchy and Schwarz).", "outlines"),
]
TRIES = [
    "Make u·v as large as you can without lengthening an arrow.",
    "Keep u·v at 0 while you drag v: along which line does its tip move?",
    "Lengthen v without turning it: u·v grows, the cosine stays. Which of them says how alike two vectors are?",
]


@dataclass(frozen=True)
class Drawing:
    """What a picture adds to the two arrows, and the sentence that says what it shows."""

    says: str
    areas: tuple = ()
    paths: tuple = ()
    arrows: tuple = ()
    notes: tuple = ()


def two_vectors():
    """Draw the controls and return u, v, which picture is on, and how many of each the multiples take."""
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = controls.choice("Picture", PICTURES, key="show", hide_label=True)
        controls.reset()
    with st.container(horizontal=True):
        u = controls.vector("u", (3, 1), key="u")
        v = controls.vector("v", (1, 2.5), key="v")
    a = b = 1.0
    if shown == "Multiples":
        with page.grid(2):
            a = controls.slider("a, in a u + b v", -2, 2, 1.5, key="a", step=0.05)
            b = controls.slider("b", -2, 2, -0.5, key="b", step=0.05)
    return u, v, shown, a, b


def shadow(x, onto, role, side):
    """Return what shows the shadow of x on a line: the drop, the right angle, the shadow, and its rectangle."""
    foot = page.compute(vectors.projection, x, onto)
    drop = foot - x
    along = onto / vectors.norm(onto)
    up = side * np.array([-along[1], along[0]]) * vectors.norm(onto)
    paths = [plane.Path(np.vstack([np.zeros(2), foot]), role, "space")]
    if vectors.norm(drop) > 1e-9:
        inward = -foot if foot.any() else along
        paths += [
            plane.Path(np.vstack([x, foot]), role, "dashed"),
            plane.Path(plane.right_angle(foot, inward, -drop, 0.25), role, "thin"),
        ]
    signed = page.compute(vectors.scalar_projection, x, onto) * vectors.norm(onto)
    corners = np.array([np.zeros(2), foot, foot + up, up])
    label = number(signed, 3) if abs(signed) > 0.02 else ""
    return plane.Area(corners, role, flipped=signed < 0, label=label), paths


def shadows(u, v):
    """Each arrow throws its shadow on the other; each shadow times the other length is a rectangle."""
    if not u.any() or not v.any():
        both = "Both vectors are" if not (u.any() or v.any()) else "u is" if not u.any() else "v is"
        return Drawing(f"{both} zero: without a direction there is no angle and no shadow, and u·v = 0.")
    theta, product = page.compute(vectors.angle, u, v), page.compute(vectors.dot, u, v)
    side = 1.0 if u[0] * v[1] - u[1] * v[0] >= 0 else -1.0
    on_u, drop_v = shadow(v, u, "second", -side)
    on_v, drop_u = shadow(u, v, "first", side)
    arc = plane.arc_between(u, v, 0.8)
    degrees, middle = float(np.degrees(theta)), 1.45 * arc[len(arc) // 2]
    kind, falls = ("acute", "the shadows fall forwards") if product > 0 else ("obtuse", "the shadows fall backwards")
    if abs(product) <= 1e-12 * vectors.norm(u) * vectors.norm(v):
        kind, falls, product = "right", "no shadow at all", 0.0
    return Drawing(
        f"The angle is {number(degrees)}°, {kind}: {falls}. Shadow of v times |u|, shadow of u times |v|: both rectangles "
        f"have the area {number(abs(product))}, and u·v = {number(product)}.",
        (on_u, on_v),
        (*drop_v, *drop_u, plane.Path(arc, "result", "thin")),
        notes=(plane.Note(tuple(middle.tolist()), f"{number(degrees, 3)}°"),),
    )


def combination(u, v, a, b, name, says):
    """The arrow a u + b v, with the ways along u and v that lead there."""
    first, second = a * u, b * v
    there = first + second
    ways = (
        plane.Path(np.vstack([np.zeros(2), first, there]), "first", "dashed"),
        plane.Path(np.vstack([np.zeros(2), second, there]), "second", "dashed"),
    )
    return Drawing(says(there), paths=ways, arrows=(plane.Arrow(there, "result", name),))


def sum_of(u, v):
    """The parallelogram."""

    def says(there):
        detour = vectors.norm(u) + vectors.norm(v)
        return (
            f"u + v = {latex.vector_text(there)}: first along u, then along v, or the other way round. "
            f"Its length {number(vectors.norm(there))} is at most |u| + |v| = {number(detour)}."
        )

    return combination(u, v, 1, 1, "u + v", says)


def difference_of(u, v):
    """The arrow from the tip of v to the tip of u, and the same arrow from the origin."""
    gap = u - v
    between = plane.Path(np.vstack([v, u]), "result", "dashed")
    says = (
        f"u − v = {latex.vector_text(gap)} leads from the tip of v to the tip of u: the two tips are "
        f"{number(vectors.norm(gap))} apart."
    )
    return Drawing(says, paths=(between,), arrows=(plane.Arrow(gap, "result", "u − v"),))


def multiples_of(u, v, a, b):
    """Any a u + b v, and the grid of all with whole numbers."""

    def says(there):
        reach = "every point of the plane" if vectors.rank(np.column_stack([u, v])) == 2 else "one line only"
        return f"{sum_text(a, b)} = {latex.vector_text(there)}. All a and b together reach {reach}."

    done = combination(u, v, a, b, "a u + b v", says)
    return replace(done, paths=(*plane.grid_lines(6, lambda P: P @ np.vstack([u, v])), *done.paths))


def sum_text(a, b):
    """Write a u + b v with its numbers."""
    return f"{number(a)} u {'−' if b < 0 else '+'} {number(abs(b))} v"


def picture(u, v, shown, a, b, look):
    """Draw the two arrows with what the chosen picture adds."""
    extra = {
        "Shadow": lambda: shadows(u, v),
        "Sum": lambda: sum_of(u, v),
        "Difference": lambda: difference_of(u, v),
        "Multiples": lambda: multiples_of(u, v, a, b),
    }[shown]()
    drawn = plane.figure(
        "Two vectors u and v, and what they make together",
        radius=RADIUS,
        look=look,
        areas=extra.areas,
        paths=extra.paths,
        notes=extra.notes,
        arrows=[plane.Arrow(u, "first", "u"), plane.Arrow(v, "second", "v"), *extra.arrows],
    )
    grips = [Handle(name, f"{name}1", f"{name}2", tuple(w.tolist()), name, role) for name, w, role in _named(u, v)]
    show(drawn, handles=grips, says=extra.says)


def _named(u, v):
    return (("u", u, "first"), ("v", v, "second"))


def readout(u, v, look):
    """Dot product and cosine, each within its bounds: the bar of the first cannot pass |u||v|."""
    product, bound = page.compute(vectors.dot, u, v), vectors.norm(u) * vectors.norm(v)
    measured = bool(u.any() and v.any())
    cosine = float(np.cos(page.compute(vectors.angle, u, v))) if measured else 0.0
    gauges = [
        bars.Gauge("u·v", product, -MOST, MOST, number(product), (-bound, bound), ("−|u||v|", "|u||v|")),
        bars.Gauge("cos θ", cosine, -1, 1, number(cosine) if measured else "no angle", None),
    ]
    if bound == 0:
        says = "One length is 0, and so is u·v."
    else:
        part = number(100 * abs(product) / bound, 3)
        says = (
            f"|u·v| is {part} % of the most it can be, |u||v| = {number(bound)}; the cosine says how alike the directions are."
        )
    show(
        bars.gauges("Dot product between minus and plus |u||v|, and cosine", look=look, gauges=gauges), name="gauges", says=says
    )


def checks_of(u, v, shown):
    """The invariant of the picture that is on."""
    if shown == "Shadow":
        on_u = page.compute(vectors.scalar_projection, v, u) if u.any() else 0.0
        on_v = page.compute(vectors.scalar_projection, u, v) if v.any() else 0.0
        page.invariant("u·v both ways", ("|u| × shadow", vectors.norm(u) * on_u), ("|v| × shadow", vectors.norm(v) * on_v))
    else:
        around = 2 * vectors.norm(u) ** 2 + 2 * vectors.norm(v) ** 2
        across = vectors.norm(u + v) ** 2 + vectors.norm(u - v) ** 2
        page.invariant("Parallelogram", ("|u+v|² + |u−v|² =", across), ("2|u|² + 2|v|² =", around))


def in_the_basis(u, v, look):
    """Second level: a third vector measured with u and v as the rulers."""
    left, right = page.beside()
    with right:
        w = controls.vector("The vector w (or drag its tip)", (2, 3.5), key="w")
        B = np.column_stack([u, v])
        c = page.attempt(vectors.coordinates, w, B)
    arrows = [plane.Arrow(u, "first", "u"), plane.Arrow(v, "second", "v"), plane.Arrow(w, "result", "w")]
    paths, says = [], "w has no coordinates here. Turn or lengthen u or v, until they are a basis."
    if c is not None:
        corner = c[0] * u
        paths = plane.grid_lines(8, lambda P: P @ B.T)
        paths += [
            plane.Path(np.vstack([np.zeros(2), corner]), "first", "space"),
            plane.Path(np.vstack([corner, w]), "second", "space"),
        ]
        says = f"w = {sum_text(*c)}: in the basis {{u, v}} it is {latex.vector_text(c)}, though the arrow is the same."
        with right:
            first, second = (latex.coloured(latex.column(x), role, look.palette) for _, x, role in _named(u, v))
            st.latex(rf"{latex.column(w)} = {latex.num(c[0])} {first} {latex.signed(c[1])} {second}")
            page.invariant("The way there and w", ("first entry", (B @ c)[0]), ("w₁", w[0]))
    small = replace(look, size="small")
    drawn = plane.figure("A third vector on the grid of u and v", radius=RADIUS, look=small, paths=paths, arrows=arrows)
    with left:
        show(drawn, name="basis", handles=[Handle("w", "w1", "w2", tuple(w.tolist()), "w", "result")], says=says)


def name_of(table, i):
    """Return what row i is called: its number and its first label."""
    label = next((str(words[i]) for words in table.others.values()), "")
    return f"row {i + 1}" + (f" ({label[:24]})" if label else "")


def rows_of_a_table(look):
    """Second level: the same readouts for two rows of a table, in as many dimensions as it has columns."""
    left, right = page.beside()
    with right:
        table = uploads.table("A table of yours", key="table", samples={"Wine": tables.one_table, "Digits": tables.digits})
        scaling = controls.choice("Columns", ["as they are", "centred", "standardised"], "standardised", key="columns")
        n = len(table.X)
        i = controls.step("Row of u", 1, n, 1, key="row_u", playable=False) - 1
        j = controls.step("Row of v", 1, n, min(2, n), key="row_v", playable=False) - 1
        scales = page.attempt(vectors.column_scales, table.X, scaling)
        found = None if scales is None else page.attempt(vectors.row_comparison, table.X, i, j, scales)
        if found is None:
            return
        st.markdown(
            f"|u| = {number(found.lengths[0])}, |v| = {number(found.lengths[1])}, **u·v = {number(found.dot)}**, "
            f"**cos θ = {number(found.cosine)}**, shadow of v on u {number(found.shadow)}."
        )
        if n > 2 and table.X.size <= 500_000:
            like = page.attempt(vectors.most_similar, table.X, i, scales)
            if like is not None:
                called = latex.plain(name_of(table, like.index))
                st.markdown(f"Most like u of all rows: {called}, cosine {number(like.cosine)}.")
    names = [name_of(table, i), name_of(table, j)]
    with left:
        in_their_plane(found, names, table.name, look)
    if table.name == "digits":
        as_pictures(found, names, look)
    else:
        column_by_column(found, table.columns, look)


def in_their_plane(found, names, table, look):
    """Any two vectors lie in one plane: there they look like this, with their true angle and ratio of lengths."""
    scale = 0.8 * RADIUS / max(found.lengths)
    u = np.array([found.lengths[0] * scale, 0.0])
    v = found.lengths[1] * scale * np.array([np.cos(found.angle), np.sin(found.angle)])
    extra = shadows(u, v)
    drawn = plane.figure(
        "Two rows in the plane that they span",
        radius=RADIUS,
        look=replace(look, size="small"),
        areas=[replace(area, label="") for area in extra.areas],
        paths=extra.paths,
        notes=extra.notes,
        arrows=[plane.Arrow(u, "first", "u"), plane.Arrow(v, "second", "v")],
    )
    one, other, name = (latex.plain(text) for text in (*names, table))
    says = f"u is {one}, v is {other} of {name}: {len(found.u)} numbers each, seen in the plane that they span, the longer one "
    show(drawn, name="rows", says=f"{says}as long as fits. The angle is {number(np.degrees(found.angle))}°.")


def as_pictures(found, names, look):
    """Two digits pixel by pixel, and their product."""
    most = max(np.abs(found.u).max(), np.abs(found.v).max())
    products = found.unit_u * found.unit_v
    grids = [
        (found.u / most, f"u: {names[0]}", "first"),
        (found.v / most, f"v: {names[1]}", "second"),
        (products / max(np.abs(products).max(), 1e-12), "u times v, pixel by pixel", "result"),
    ]
    pictures = [rasters.Raster(values.reshape(8, 8), label, role) for values, label, role in grids]
    says = "Where both have ink the product is large: added up over all pixels it is u·v."
    show(rasters.rasters("Two digits and their product", look=look, pictures=pictures), name="digits", says=says)


def column_by_column(found, columns, look):
    """What each column adds to the cosine."""
    chart = bars.contributions(
        "Two rows, each brought to length 1, and their products",
        look=look, names=columns, first=found.unit_u, second=found.unit_v, products=found.unit_u * found.unit_v,
    )  # fmt: skip
    says = f"Each brought to length 1: the products of all columns add up to cos θ = {number(found.cosine)}."
    show(chart, name="columns", says=says)


def _factor(value):
    return latex.num(value) if value >= 0 else f"({latex.num(value)})"


def story():
    """The page, from the two arrows to the way onward."""
    look = page.look()
    picture_side, control_side = page.columns()
    with control_side:
        u, v, shown, a, b = two_vectors()
    with picture_side:
        picture(u, v, shown, a, b, look)
    with control_side:
        readout(u, v, look)
        checks_of(u, v, shown)
        page.presets(PRESETS)
    page.views(
        {
            "Why it is true": lambda: page.truths("main", REASONS),
            "A third vector in the basis u, v": lambda: in_the_basis(u, v, look),
            "Two rows of a table": lambda: rows_of_a_table(look),
        }
    )
    p, q = (latex.coloured(latex.column(x), role, look.palette) for _, x, role in _named(u, v))
    parts = " + ".join(rf"{_factor(x)} \cdot {_factor(y)}" for x, y in zip(u, v, strict=True))
    page.why(
        r"u \cdot v = \sum_i u_i v_i = |u| \, |v| \cos \theta = |u| \cdot \text{(shadow of } v \text{ on } u)",
        rf"{p} \cdot {q} = {parts} = {latex.num(vectors.dot(u, v))}",
        vectors.projection,
    )
    take_home()
    page.end(tries=TRIES, after=Step("transforms", "what a matrix does to all arrows at once"))


page.run("vectors", story)
