"""What the ordinary Gradients and Descent pages share: the map as a picture below lines, and small graphs, as Altair charts."""

import altair as alt
import numpy as np
import pandas as pd
from shared import GREY, WIDTH, paths

from mml_charts import maps
from mml_charts.theme import Look


def ground_picture(ground):
    """Return the map's picture, drawn once for each ground as the real page draws it."""
    return maps.bands(ground.heights, ground.levels, Look())


def contour_map(window, picture, lines, points, arrows=()):
    """Return a map: lines are (points, colour, dashed), points (x, y, colour, label), arrows (tail, tip, colour)."""
    left, right, bottom, top = window
    x, y = (alt.X("x:Q", scale=alt.Scale(domain=[left, right], nice=False), title=None),
            alt.Y("y:Q", scale=alt.Scale(domain=[bottom, top], nice=False), title=None))  # fmt: skip
    colour = alt.Color("colour:N", scale=None)
    dash = alt.StrokeDash("dashed:N", scale=alt.Scale(domain=[False, True], range=[[1, 0], [6, 4]]), legend=None)
    image = pd.DataFrame([dict(x=left, x2=right, y=bottom, y2=top, url=picture)])
    layers = [alt.Chart(image).mark_image(aspect=False).encode(x=x, y=y, x2="x2", y2="y2", url="url:N")]
    lines = [*lines, *((np.array([tail, tip]), ink, False) for tail, tip, ink in arrows)]
    if lines:
        rows = alt.Chart(paths(lines))
        at = dict(x=x, y=y, detail="path:N", order="i:Q")
        layers += [
            rows.mark_line(clip=True, stroke="white", strokeWidth=5, opacity=0.8).encode(**at),
            rows.mark_line(clip=True, strokeWidth=2.6).encode(color=colour, strokeDash=dash, **at),
        ]
    heads = [(*tip, 90 - np.degrees(np.arctan2(tip[1] - tail[1], tip[0] - tail[0])), ink) for tail, tip, ink in arrows]
    if heads:
        table = pd.DataFrame(heads, columns=["x", "y", "angle", "colour"])
        layers.append(
            alt.Chart(table).mark_point(shape="triangle", filled=True, size=180, opacity=1)
            .encode(x=x, y=y, color=colour, angle=alt.Angle("angle:Q", scale=None))
        )  # fmt: skip
    table = pd.DataFrame(points, columns=["x", "y", "colour", "label"])
    layers += [
        alt.Chart(table).mark_point(filled=True, size=60, opacity=1, clip=True).encode(x=x, y=y, color=colour),
        alt.Chart(table).mark_text(fontSize=14, dx=8, dy=-9, align="left", fontWeight="bold", clip=True)
        .encode(x=x, y=y, text="label:N", color=colour),
    ]  # fmt: skip
    return alt.layer(*layers).properties(width=WIDTH, height=WIDTH, autosize="pad")


def graph(lines, points, x_range, y_range, *, log_x=False, log_y=False, rule=None):
    """Return a small graph: lines are (x, y, colour, dashed), points (x, y, colour)."""

    def scale(ends, log):
        return alt.Scale(domain=list(ends), type="log" if log else "linear", nice=False, clamp=True)

    x = alt.X("x:Q", scale=scale(x_range, log_x), title=None)
    y = alt.Y("y:Q", scale=scale(y_range, log_y), title=None)
    colour = alt.Color("colour:N", scale=None)
    rows = paths([(np.column_stack([a, b]), ink, dashed) for a, b, ink, dashed in lines])
    dash = alt.StrokeDash("dashed:N", scale=alt.Scale(domain=[False, True], range=[[1, 0], [6, 4]]), legend=None)
    drawn = [
        alt.Chart(rows.dropna()).mark_line(clip=True)
        .encode(x=x, y=y, detail="path:N", order="i:Q", color=colour, strokeDash=dash),
        alt.Chart(pd.DataFrame(points, columns=["x", "y", "colour"])).mark_point(filled=True, size=60, clip=True)
        .encode(x=x, y=y, color=colour),
    ]  # fmt: skip
    if rule is not None:
        drawn.append(alt.Chart(pd.DataFrame({"x": [rule]})).mark_rule(color=GREY, strokeDash=[5, 4]).encode(x=x))
    return alt.layer(*drawn).properties(width=260, height=100)
