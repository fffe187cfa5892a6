"""Eigenvectors: most directions turn; these only stretch."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from mml_charts import curves, plane, spectra
from mml_core import eigen, eigendirections, iteration, vectors
from mml_ui import controls, latex, page, tables, uploads
from mml_ui.contents import Step
from mml_ui.figures import Handle, show
from mml_ui.page import Preset, number
from mml_ui.take_home import take_home

RADIUS = 4.0
N_DIRECTIONS, N_STEPS = 96, 30
PICTURES = ["Ring", "Circle", "Columns"]
PRESETS = [
    Preset("Symmetric", "two eigenvectors, perpendicular; λ = 2 and 1.", dict(A="1.5 0.5 0.5 1.5", x="1.5 -0.4")),
    Preset("Rotation", "every direction turns: a complex pair, no real eigenvector.", dict(A="0 -1 1 0", x="1.5 -0.4")),
    Preset("Shear", "defective: λ = 1 twice, but one line of eigenvectors only.", dict(A="1 1 0 1", x="1 1.5")),
    Preset("Multiple of I", "every direction is an eigenvector.", dict(A="1.5 0 0 1.5", x="1.5 -0.4")),
    Preset("Projection", "λ = 1 on its line, 0 across: that direction vanishes.", dict(A="0.5 0.5 0.5 0.5", x="2 -1.5")),
    Preset(
        "Reflection",
        "λ = 1 along the mirror, −1 across: equal in size, so no iteration settles.",
        dict(A="0.6 0.8 0.8 -0.6", x="1.5 -0.4"),
    ),
    Preset(
        "Nearly defective", "two eigenvectors under 4° apart: a snap must not mix them up.", dict(A="1 1 0.001 1", x="1.5 -0.4")
    ),
    Preset("Fibonacci", "λ is the golden ratio: repeat, and each number is the sum of two.", dict(A="1 1 1 0", x="1 0")),
    Preset(
        "Markov chain", "columns add up to 1, so λ = 1: its eigenvector is the long run.", dict(A="0.9 0.5 0.1 0.5", x="0.5 2")
    ),
    Preset(
        "Scissor",
        "s = 0.4 in [[a, b + s], [b − s, d]]: the eigenvectors close.",
        dict(by="Slider s", abd="1.5 0.5 1.5", s=0.4, x="1.5 -0.4"),
    ),
    Preset(
        "Merge",
        "s = 0.5: they merge into one line; beyond it they are gone.",
        dict(by="Slider s", abd="1.5 0.5 1.5", s=0.5, x="1.5 -0.4"),
    ),
    Preset(
        "Wrong start",
        "x is perpendicular to the leading eigenvector: no iteration finds that one.",
        dict(A="1.5 0.5 0.5 1.5", x="1.5 -1.5"),
    ),
]
REASONS = [
    ("The ring's bulge says by how much A turns that direction: outwards to the left, inwards to the right.", "areas"),
    ("Where the bulge changes sides the turn is zero: A x = λ x. Those directions are the eigenvectors.", "areas"),
    ("All multiples of an eigenvector do the same: they fill a line, the eigenspace.", "spaces"),
    ("A x − λ x = 0 for an x other than 0 needs det(A − λ I) = 0: the roots of that polynomial are all there are.", "arrows"),
]
TRIES = [
    "Drag x once round: how often do x and A x line up?",
    "Press play at s: the eigenvectors close like scissors, merge, and are gone.",
    "Find a matrix for which every x you try is an eigenvector, and one for which none is.",
]
FAMILY = "A = [[a, b + s], [b − s, d]]: symmetric at s = 0; beyond s² = ((a − d)/2)² + b² no real eigenvector is left."
DIAGONALLY_HEAVY = "5 1 0 0; 0 -3 1 0.5; 1 0 1 1; 0 0.5 -1 2"
KINDS = {
    "two real": "two real eigenvalues, two lines of eigenvectors",
    "repeated diagonalisable": "one eigenvalue twice, and every direction is an eigenvector",
    "defective": "one eigenvalue twice, but only one line of eigenvectors: defective",
    "complex pair": "a complex pair: every real direction turns",
    "zero": "the zero matrix: every vector is sent to 0",
}


@dataclass(frozen=True)
class Moment:
    """What one frame shows: the matrix, the vector in the hand, and what is known of them."""

    A: np.ndarray
    x: np.ndarray
    shown: str
    spectrum: eigen.Spectrum
    snap: eigendirections.Snap

    @property
    def Ax(self):
        """The image of x, where it came to rest."""
        return self.A @ self.snap.x


def entries(box, shows=None):
    """Draw the four numbers and return the matrix; `shows` is what they show while s owns it."""
    with box:
        own = dict(by="Entries")
        return controls.matrix("A", [[1.5, 0.5], [0.5, 1.5]], key="A", low=-18, high=18, decimals=3, shows=shows, sets=own)


def family(box, shows=None):
    """Draw a, b, d and s and return them; `shows` is what they show while the entries own the matrix."""
    abd, s = (None, None) if shows is None else (shows[:3], shows[3])
    own = dict(by="Slider s")
    with box:
        a, b, d = controls.vector("a, b, d", (1.5, 0.5, 1.5), key="abd", shows=abd, sets=own)
        t = controls.slider("s", -2, 2, 0, key="s", step=0.02, playable=True, seconds=8, shows=s, sets=own, help=FAMILY)
    return a, b, d, t


def moment():
    """Draw the controls and return what they say."""
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = controls.choice("Picture", PICTURES, key="show", hide_label=True)
        owner = controls.choice("A comes from the", ["Entries", "Slider s"], key="by", hide_label=True)
        controls.reset()
    top, below = st.container(horizontal=True), page.grid(2)
    if owner == "Entries":
        A = entries(top)
        family(below, [A[0, 0], (A[0, 1] + A[1, 0]) / 2, A[1, 1], (A[0, 1] - A[1, 0]) / 2])
    else:
        A = page.compute(eigendirections.family, *family(below))
        entries(top, A)
    with top:
        x = controls.vector("x", (1.5, -0.4), key="x")
    return Moment(A, x, shown, page.compute(eigen.spectrum, A), page.compute(eigendirections.snap, A, x))


def sentence(m):
    """Say what A does to this x."""
    if not m.x.any():
        return "x is zero: give it some length. (0 is never called an eigenvector: A 0 = λ 0 for every λ.)"
    if m.snap.index is None:
        size = float(np.hypot(*m.Ax) / np.hypot(*m.x))
        if m.snap.distance is None:
            return f"A turns x and makes it {number(size)} times as long. No real direction keeps its line: **no eigenvector**."
        away = number(np.degrees(m.snap.distance), 3)
        return f"A x leaves the line of x, {number(size)} times as long: no eigenvector. The nearest is {away}° away."
    value = m.snap.eigenvalue
    if m.spectrum.kind in ("repeated diagonalisable", "zero"):
        return f"**x is an eigenvector, λ = {number(value)}**, and so is every other direction: A = {number(value)} I."
    if abs(value) < 1e-12:
        fate = "it vanishes"
    else:
        stretch = "keeps its length" if abs(abs(value) - 1) < 1e-12 else f"becomes {number(abs(value))} times as long"
        fate = f"it {stretch}" + (" and points the other way" if value < 0 else "")
    return f"**x lies on an eigenvector, λ = {number(value)}**: A x = {number(value)} x, {fate}, and so does all of its line."


def ring_of(m):
    """At each direction x the ring bulges by the sine of the angle from x to A x, out to the left, in to the right."""
    around = page.compute(eigendirections.ring, m.A, N_DIRECTIONS)
    ring = spectra.turning_ring(around.directions, around.turns, radius=2.6, bulge=0.4)
    return ring.areas, ring.paths, ring.notes


def circle_of(m):
    """All x of one length, and where A sends them: an ellipse."""
    around = page.compute(eigendirections.ring, m.A, 72)
    length = float(np.hypot(*m.snap.x)) or 1.0
    circle, ellipse = (np.vstack([P, P[:1]]) * length for P in (around.directions, around.images))
    return [], [plane.Path(circle, "first", "thin"), plane.Path(ellipse, "result", "thin")], []


def columns_of(m):
    """The grid under A, and where e1 and e2 land."""
    tips = [np.vstack([np.zeros(2), column]) for column in m.A.T]
    lines = [plane.Path(tip, "reference", "dashed") for tip in tips]
    return [], [*plane.grid_lines(6, lambda P: P @ m.A.T), *lines], []


def lit(m):
    """Light up the eigenspace that x has come to rest on."""
    if m.snap.index is None:
        return [], [], []
    if m.spectrum.kind in ("repeated diagonalisable", "zero"):
        corners = RADIUS * np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
        return [plane.Area(corners, "second", outline=False)], [], []
    line = m.spectrum.eigenvectors[:, m.snap.index].real
    reach = 0.85 * RADIUS / np.abs(line).max()
    spot = -line * reach if line @ m.snap.x > 0 else line * reach
    ends = np.vstack([-line, line]) * 2 * RADIUS
    return (
        [],
        [plane.Path(ends, "second", "space")],
        [plane.Note(tuple(spot.tolist()), f"λ = {number(m.snap.eigenvalue)}", "second")],
    )


def picture(m, look):
    """Draw x, A x, and what the chosen picture adds."""
    areas, paths, notes = {"Ring": ring_of, "Circle": circle_of, "Columns": columns_of}[m.shown](m)
    more_areas, more_paths, more_notes = lit(m)
    drawn = plane.figure(
        "A vector x, its image A x, and the directions in which they line up",
        radius=RADIUS,
        look=look,
        areas=[*areas, *more_areas],
        paths=[*paths, *more_paths],
        notes=[*notes, *more_notes],
        arrows=[plane.Arrow(m.Ax, "result", "A x"), plane.Arrow(m.snap.x, "first", "x")],
    )
    grips = [Handle("x", "x1", "x2", tuple(m.x.tolist()), "x", "first", nudge=0.1)]
    if m.shown == "Columns":
        for j, label in enumerate(("A e₁", "A e₂")):
            tip, taken = tuple(m.A[:, j].tolist()), dict(by="Entries")
            grips.append(Handle(f"e{j + 1}", f"A1{j + 1}", f"A2{j + 1}", tip, label, "reference", sets=taken))
    show(drawn, handles=grips, says=sentence(m))


def invariants(m):
    """What the eigenvalues must agree with."""
    found = page.compute(eigen.invariants, m.A)
    page.invariant("λ₁ + λ₂ is the trace", ("sum", found.eigenvalue_sum), ("trace", found.trace))
    page.invariant("λ₁ λ₂ is det A", ("product", found.eigenvalue_product), ("det", found.determinant))
    page.invariant("A v = λ v", ("largest |A v − λ v|", float(found.residuals.max())), ("wanted", 0.0))


def spelt_out(m, look):
    """Second level: eigenvalues, eigenvectors and how often each counts."""
    found = m.spectrum
    lines = [f"**{KINDS[found.kind][0].upper()}{KINDS[found.kind][1:]}.**"]
    for value, algebraic, geometric in zip(found.distinct, found.algebraic, found.geometric, strict=True):
        lines.append(
            f"λ = {page.complex_number(value)} is a root {'once' if algebraic == 1 else 'twice'} (algebraic multiplicity "
            f"{algebraic}) and has {geometric} independent eigenvector{'s' * (int(geometric) > 1)} (geometric multiplicity "
            f"{geometric})."
        )
    if found.kind == "two real":
        one, other = found.eigenvectors.T
        lines.append(f"The two lines are {number(np.degrees(line_angle(one, other)), 3)}° apart.")
        pairs = zip(found.eigenvalues, (one, other), strict=True)
        st.latex(r", \quad ".join(rf"A {latex.column(v)} = {latex.num(value)} {latex.column(v)}" for value, v in pairs))
    st.markdown("\n\n".join(lines))


def line_angle(one, other):
    """Return the angle between two lines, 0 to a right angle."""
    theta = page.compute(vectors.angle, one, other)
    return min(theta, np.pi - theta)


def polynomial(m, look):
    """Second level: the characteristic polynomial and its roots, on the line and in the complex plane."""
    small = replace(look, size="small")
    _, b, c = p = page.compute(eigen.characteristic_polynomial, m.A)
    st.latex(rf"\det(\lambda I - A) = \lambda^2 {latex.signed(b)} \, \lambda {latex.signed(c)}")
    values = np.asarray(m.spectrum.distinct, complex)
    reach = next((r for r in (4.0, 8.0, 16.0) if np.abs(values).max() <= 0.9 * r), 40.0)
    x = np.linspace(-reach, reach, 121)
    roots = [(v.real, 0.0, f"λ = {number(v.real)}", "second") for v in values if not v.imag]
    curve = curves.curve(
        "The characteristic polynomial and its real roots",
        look=small, x=x, y=np.polyval(p, x), reach_x=reach, reach_y=reach * reach / 2, points=roots,
        x_title="λ", y_title="det(λI − A)",
    )  # fmt: skip
    names = [page.complex_number(v) for v in values]
    drawn = spectra.complex_plane("The eigenvalues in the complex plane", look=small, eigenvalues=values, labels=names)
    story = {
        0: "no crossing: the roots have left the real line and lie above and below it, as a pair",
        1: "it touches the axis: one root, twice",
        2: "two crossings, two real roots",
    }
    left, right = page.beside()
    with left:
        show(curve, name="polynomial", says=f"The curve over the real λ: {story[len(roots)]}.")
    with right:
        show(drawn, name="roots", says=f"The same roots in the complex plane: {' and '.join(names)}.")


def power(m, look):
    """Second level: A again and again, brought back to length 1, and how fast it settles."""
    if not m.x.any():
        st.markdown("x is zero, and stays zero for ever: give it some length.")
        return
    small = replace(look, size="small")
    t = controls.step("Steps", 0, N_STEPS, 0, key="step", seconds=8)
    run = page.compute(iteration.power_iteration, m.A, m.x, N_STEPS)
    trail = [plane.Path(np.vstack([np.zeros(2), run.vectors[k]]), "reference", "thin") for k in range(t)]
    drawn = plane.figure(
        "The iterate of power iteration on the unit circle",
        radius=1.25,
        look=small,
        paths=[plane.Path(plane.arc(0, 2 * np.pi, 1.0), "reference", "thin"), *trail],
        arrows=[plane.Arrow(run.vectors[t], "first", f"x after {t}")],
    )
    size = float(np.linalg.norm(m.A)) or 1.0
    measured = run.residuals / size
    predicted = measured[0] * run.predicted_rate ** np.arange(N_STEPS + 1)
    history = curves.history(
        "Residual of power iteration by step, measured and predicted",
        look=small,
        series=[
            curves.Series(measured, "measured", "first"),
            curves.Series(predicted, "predicted", "reference", dashed=True),
        ],
        n_steps=N_STEPS, step=t, x_title="step", y_title="|A x − λ x| / |A|",
    )  # fmt: skip
    rate = run.measured_rates[t - 1] if t else np.nan
    said = (
        f"measured rate {number(rate)}"
        if np.isfinite(rate)
        else "no rate to measure" + (" yet" if not t else ": only rounding is left")
    )
    left, right = page.beside()
    with left:
        settled = f"λ ≈ {number(run.rayleigh[t], 6)}, |A x − λ x| = {number(run.residuals[t], 3)}"
        show(drawn, name="iterate", says=f"After {t} step{'s' * (t != 1)}: {settled}.")
    with right:
        show(
            history,
            name="residuals",
            says="In the long run each step multiplies the residual by |λ₂/λ₁|: "
            f"{said}, predicted {number(run.predicted_rate)}.",
        )
    if run.reason:
        st.markdown(f":material/info: **It cannot settle on the leading eigenvector.** {run.reason}")


def as_a_sum(m, look):
    """Second level: a symmetric matrix as the sum of stretched projections on its eigenvectors."""
    try:
        eigendirections.projections(m.A)
    except ValueError as unequal:
        st.markdown(f"Only a symmetric matrix comes apart like this. {unequal}")
        return
    parts = page.compute(eigendirections.projections, m.A)
    x = m.snap.x
    one, two = (term @ x for term in parts.terms)
    lines = [
        plane.Path(np.vstack([-v, v]) * 9, role, "dashed")
        for v, role in zip(parts.eigenvectors.T, ("first", "second"), strict=True)
    ]
    drawn = plane.figure(
        "A x as the sum of two stretched shadows",
        radius=RADIUS,
        look=replace(look, size="small"),
        paths=[
            *lines,
            plane.Path(np.vstack([one, one + two]), "second", "dashed"),
            plane.Path(np.vstack([two, one + two]), "first", "dashed"),
        ],
        arrows=[
            plane.Arrow(x, "reference", "x"),
            plane.Arrow(one, "first", "λ₁ (v₁·x) v₁"),
            plane.Arrow(two, "second", "λ₂ (v₂·x) v₂"),
            plane.Arrow(one + two, "result", "A x"),
        ],
    )
    left, right = page.beside()
    with left:
        grip = Handle("x_sum", "x1", "x2", tuple(m.x.tolist()), "x", nudge=0.1)
        says = "x falls on the two perpendicular eigenvectors; each shadow is stretched by its λ, and together they are A x."
        show(drawn, name="sum", handles=[grip], says=says)
    with right:
        terms = " + ".join(
            rf"{latex.num(value)} \cdot {latex.matrix(np.outer(v, v), look.palette, (role, role))}"
            for value, v, role in zip(parts.eigenvalues, parts.eigenvectors.T, ("first", "second"), strict=True)
        )
        st.latex(rf"A = {latex.matrix(m.A, look.palette, ('result', 'result'))} = {terms}")
        st.markdown("Each v v′ is the projection on its line. Keep only the largest λ and you have what PCA keeps of a table.")
        gap = parts.terms.sum(axis=0) - m.A
        page.invariant("The terms and A", ("largest difference", float(np.abs(gap).max())), ("wanted", 0.0))


def chosen_matrix():
    """Draw the controls of the larger matrix and return it with its name, or None and what is missing."""
    source = controls.choice("Matrix", ["Typed", "Random", "Table"], key="large")
    if source == "Typed":
        typed = controls.square("Rows by semicolon, numbers by blanks", DIAGONALLY_HEAVY, key="typed")
        return typed, f"Your {len(typed)} × {len(typed)} matrix"
    if source == "Random":
        with page.grid(2):
            n = controls.stepper("Rows", 2, 200, 12, key="rows")
            seed = controls.seed(8, key="seed")
        symmetric = controls.toggle("Symmetric", key="symmetric")
        return page.compute(iteration.random_matrix, n, seed, symmetric), f"{n} × {n} random numbers"
    table = uploads.table("A matrix of yours", key="table", samples={"Wine correlations": tables.correlations})
    rows, columns = table.X.shape
    if rows != columns or rows > 200:
        return None, f"{table.name} has {rows} rows and {columns} columns of numbers; a square of at most 200 × 200 is needed."
    return table.X, table.name


def larger(look):
    """Second level: all eigenvalues of a larger matrix, the discs that must hold them, and the leading pair twice."""
    left, right = page.beside()
    with right:
        M, name = chosen_matrix()
        if M is None:
            st.markdown(f":material/error: **{name}**")
            return
        found = page.slow(iteration.survey, M) if len(M) > 30 else page.compute(iteration.survey, M)
        verdict = f"The two eigenvectors are {number(found.apart, 2)} rad apart."
        if found.reason:
            verdict = f"They differ, and for a reason: {found.reason}"
        st.markdown(
            f"**Power iteration** λ₁ ≈ {number(found.value, 8)} after {found.n_steps} steps, |A x − λ x| = "
            f"{number(found.residual, 2)}. **NumPy** {page.complex_number(found.reference_value, 8)}. {verdict}"
        )
        page.invariant("Sum of all λ", ("sum", float(found.eigenvalues.sum().real)), ("trace", float(np.trace(M))), 1e-9)
    n_complex = int((found.eigenvalues.imag != 0).sum())
    kinds = f"{n_complex} of them complex, in conjugate pairs" if n_complex else "all of them real"
    with left:
        show(
            spectra.complex_plane(
                "The eigenvalues of the larger matrix in the complex plane, with Gershgorin's discs",
                look=replace(look, size="small"),
                eigenvalues=found.eigenvalues,
                centres=found.discs.centres,
                radii=found.discs.radii,
            ),
            name="larger",
            says=f"{name}: {len(M)} eigenvalues, {kinds}. Each lies in at least one of Gershgorin's discs: centre a diagonal "
            "entry, radius the sum of the sizes of the rest of its row.",
        )


def story():
    """The page, from the matrix to the way onward."""
    look = page.look()
    picture_side, control_side = page.columns()
    with control_side:
        m = moment()
    with picture_side:
        picture(m, look)
    with control_side:
        listed = ", ".join(f"λ = {page.complex_number(v)}" for v in m.spectrum.distinct)
        st.markdown(f"**{listed}**: {KINDS[m.spectrum.kind]}.")
        invariants(m)
        page.presets(PRESETS)
    page.views(
        {
            "Why it is true": lambda: page.truths("main", REASONS),
            "Numbers": lambda: spelt_out(m, look),
            "Polynomial": lambda: polynomial(m, look),
            "Power iteration": lambda: power(m, look),
            "A as a sum": lambda: as_a_sum(m, look),
            "A larger matrix": lambda: larger(look),
        }
    )
    x = latex.coloured(latex.column(m.snap.x), "first", look.palette)
    image = latex.column(m.Ax) if m.snap.index is None else rf"{latex.num(m.snap.eigenvalue)} {x}"
    page.why(
        r"A v = \lambda v, \; v \ne 0 \iff (A - \lambda I) v = 0, \; v \ne 0 \iff \det(A - \lambda I) = 0",
        rf"A x = {latex.matrix(m.A, look.palette, ('result', 'result'))} {x} = {image}",
        eigen.spectrum,
    )
    take_home()
    page.end(
        tries=TRIES,
        before=Step("transforms", "what a matrix does to the whole plane"),
        after=Step("pagerank", "the eigenvector that ranks the web"),
    )


page.run("eigen", story)
