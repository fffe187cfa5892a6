"""What is on a page's screen, read off an AppTest: figures, sentences, texts."""

import re

import numpy as np

UNNUMBER = re.compile(r"(?<![a-z/])(nan|inf|infinity)(?![a-z])")


def fine(app):
    """No traceback, and nothing on screen that is no number."""
    assert not app.exception, app.exception
    words = [m.value for m in (*app.markdown, *app.caption, *app.latex)]
    for _, shown in frame(app).figures.values():
        for table in shown.tables.values():
            assert np.isfinite(table.select_dtypes("number").to_numpy(float)).all()
            words += [str(t) for t in table.get("text", [])]
    for word in words:
        assert not UNNUMBER.search(word), word
    return app


def frame(app):
    return app.session_state["mml"].frame


def figure(app, name="main"):
    return frame(app).figures[f"mml_figure_{frame(app).page}_{name}"][1]


def says(app, name="main"):
    return frame(app).says[f"mml_figure_{frame(app).page}_{name}"]


def rows(app, kind, table="marks", name="main"):
    found = figure(app, name).tables[table]
    return found[found["kind"] == kind]


def lines(app, kind, name="main"):
    """Return the polylines of a kind as (role, points)."""
    found = rows(app, kind, "strokes", name)
    return [(part["role"].iloc[0], part[["x", "y"]].to_numpy(float)) for _, part in found.groupby("path", sort=True)]


def tips(app, name="main"):
    """Return where the arrows end, by role."""
    table = figure(app, name).tables["marks"]
    heads = table[table["kind"].isin(["head", "edge", "dot"])]
    return {role: np.array([x, y], float) for role, x, y in heads[["role", "x", "y"]].itertuples(index=False)}


def text(app):
    return "\n".join(m.value for m in (*app.markdown, *app.caption, *app.latex))
