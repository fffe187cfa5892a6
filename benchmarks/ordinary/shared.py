"""What the ordinary Vectors and Eigenvectors pages share: numbers, formulas, and the layers of an Altair plane."""

import altair as alt
import numpy as np
import pandas as pd

BLUE, ORANGE, INK, GREY, GREEN, PURPLE = "#0068A8", "#B94A00", "#101820", "#66717F", "#1B7A3D", "#8E24AA"
WIDTH = 520


def number(value, digits=4):
    """Write a number with at most `digits` significant digits."""
    return "0" if abs(value) < 1e-12 else f"{value:.{digits}g}".replace("-", "−")


def column(vector, colour=None):
    """Write a vector as a column of a formula."""
    text = r"\begin{pmatrix} " + r" \\ ".join(number(v).replace("−", "-") for v in vector) + r" \end{pmatrix}"
    return rf"\textcolor{{{colour}}}{{{text}}}" if colour else text


def plane(radius, *, areas=(), spaces=(), lines=(), arrows=(), texts=()):
    """Return the plane on two equal axes, one layer for each kind of mark.

    Areas and spaces are (points, colour), lines (points, colour, dashed), arrows (tip, colour), texts (x, y, text, colour).
    """
    scale = alt.Scale(domain=[-radius, radius], nice=False)
    x, kx, x0 = (alt.X(f"{name}:Q", scale=scale, axis=None) for name in ("x", "k", "zero"))
    y, ky, y0 = (alt.Y(f"{name}:Q", scale=scale, axis=None) for name in ("y", "k", "zero"))
    colour, fill = alt.Color("colour:N", scale=None), alt.Fill("colour:N", scale=None)
    dash = alt.StrokeDash("dashed:N", scale=alt.Scale(domain=[False, True], range=[[1, 0], [4, 4]]), legend=None)
    at = dict(x=x, y=y, detail="path:N", order="i:Q")
    ticks = pd.DataFrame({"k": np.arange(1.0 - radius, radius)})
    layers = []
    for pattern, ghost in (([2, 4], ticks[ticks.k != 0]), ([1, 0], ticks[ticks.k == 0])):
        rule = alt.Chart(ghost).mark_rule(color=GREY, strokeDash=pattern, opacity=0.6)
        layers += [rule.encode(x=kx), rule.encode(y=ky)]
    digits = alt.Chart(ticks[ticks.k != 0].assign(zero=0.0))
    layers += [
        digits.mark_text(fontSize=13, dy=11, color=GREY).encode(x=kx, y=y0, text="k:Q"),
        digits.mark_text(fontSize=13, dx=-10, color=GREY).encode(x=x0, y=ky, text="k:Q"),
    ]
    if areas:
        layers.append(alt.Chart(paths(areas)).mark_line(filled=True, opacity=0.2, clip=True).encode(fill=fill, **at))
    if spaces:
        layers.append(alt.Chart(paths(spaces)).mark_line(strokeWidth=12, opacity=0.3, clip=True).encode(color=colour, **at))
    if lines:
        layers.append(alt.Chart(paths(lines)).mark_line(clip=True).encode(color=colour, strokeDash=dash, **at))
    shafts = alt.Chart(paths([(np.vstack([np.zeros(2), tip]), c) for tip, c in arrows]))
    heads = [(*tip, 90 - np.degrees(np.arctan2(tip[1], tip[0])), c) for tip, c in arrows]
    room = 0.93 * radius
    placed = [(*np.clip([a, b], -room, room), *rest) for a, b, *rest in texts]
    labels = alt.Chart(pd.DataFrame(placed, columns=["x", "y", "text", "colour"]))
    layers += [
        shafts.mark_line(color="white", strokeWidth=6, opacity=0.8, clip=True).encode(**at),
        shafts.mark_line(strokeWidth=3, clip=True).encode(color=colour, **at),
        alt.Chart(pd.DataFrame(heads, columns=["x", "y", "angle", "colour"]))
        .mark_point(shape="triangle", filled=True, size=200, opacity=1)
        .encode(x=x, y=y, color=colour, angle=alt.Angle("angle:Q", scale=None)),
        labels.mark_text(fontSize=16, fontWeight="bold", stroke="white", strokeWidth=4, opacity=0.85)
        .encode(x=x, y=y, text="text:N"),
        labels.mark_text(fontSize=16, fontWeight="bold").encode(x=x, y=y, text="text:N", color=colour),
    ]  # fmt: skip
    return alt.layer(*layers).properties(width=WIDTH, height=WIDTH, autosize="pad").configure_view(stroke=None)


def paths(items):
    """Return lines (points (n, 2), colour, dashed or not) as one table."""
    tables = []
    for k, (points, colour, *dashed) in enumerate(items):
        rows = pd.DataFrame(points, columns=["x", "y"])
        tables.append(rows.assign(path=k, i=np.arange(len(rows)), colour=colour, dashed=bool(dashed and dashed[0])))
    return pd.concat(tables)


def closed(points):
    """Return the points of a polygon with the first one again at the end."""
    return np.vstack([points, points[:1]])


def invariant(name, left, right):
    """Write an invariant with both sides and whether they agree."""
    gap = abs(left[1] - right[1]) / max(1.0, abs(left[1]), abs(right[1]))
    verdict = "equal to 1e-12" if gap <= 1e-12 else f"**they differ by {gap:.1e}**"
    return f"{name} · check: {left[0]} {number(left[1])}, {right[0]} {number(right[1])}, {verdict}"
