"""Axes of powers of ten: clouds of any size, lines cut where they leave, labels that find room, axes that stay."""

import base64
import doctest
import io
import json

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mml_charts import loglog
from mml_charts.loglog import DISTRIBUTION_MARKS, MOST, SCATTER_MARKS, THINNED, ZERO
from mml_charts.theme import ROLES, Look, contrast, rgb

LOOKS = [Look(), Look(size="small", scale="lecture", theme="dark")]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
X = np.array([0, 1, 3, 10, 50, 900.0])
Y = np.array([1e-5, 2e-5, 1e-4, 3e-4, 2e-3, 0.05])
any_number = st.floats(allow_nan=True, allow_infinity=True)


def scatter(x=X, y=Y, look=None, zero_x=True, **more):
    return loglog.scatter(
        "A cloud", look=look or Look(), x=np.asarray(x, float), y=np.asarray(y, float), x_title="links in", y_title="rank",
        zero_x=zero_x, **more,
    )  # fmt: skip


def full(look=None, **more):
    curve = (np.array([1.0, 1000]), np.array([1e-5, 1e-2]), "in proportion")
    return scatter(look=look, names=[(5, "sys"), (4, "os")], marked=(2, "here"), curve=curve, **more)


def cloud(n=5000, look=None):
    rng = np.random.default_rng(1)
    x = np.floor(rng.pareto(1.2, n))
    return scatter(x, (x + 1) * np.exp(rng.normal(size=n)) / n, look, decades=(0, 6, -8, 2))


def tails(*series, look=None, **more):
    x = np.logspace(0, 3, 40)
    series = series or [(x, 1 / x, "links in", "first", False), (x, x**-1.5, "slope", "reference", True)]
    return loglog.distribution("Tails", look=look or Look(), series=series, x_title="links", y_title="share", **more)


def table(figure, name):
    return pd.DataFrame(figure.columns[name])


def xy(rows):
    return rows[["x", "y"]].to_numpy(float)


def picture(figure):
    (url,) = figure.columns["density"]["url"]
    return np.array(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))))


def pixels(figure, rows):
    left, right, bottom, top = figure.window
    across = (rows["x"] - left) / (right - left) * figure.spec["width"]
    return across.to_numpy(), ((top - rows["y"]) / (top - bottom) * figure.spec["height"]).to_numpy()


@each_look
def test_the_charts_stay_while_values_move_within_their_powers_of_ten(look):
    assert full(look).spec is scatter(X, Y * 1.5, look).spec
    assert full(look).window == scatter(X, Y * 1.5, look).window
    assert cloud(look=look).spec is cloud(3000, look).spec
    x = np.logspace(0, 3, 40)
    assert (
        tails(look=look).spec
        is tails((x, 0.9 / x, "links on", "second", True), (x, x**-1.5, "", "first", False), look=look).spec
    )


@pytest.mark.parametrize(
    ("figure", "marks"),
    [
        (full, [m for m in SCATTER_MARKS if m != "density"]),
        (cloud, [m for m in SCATTER_MARKS if m != "points"]),
        (tails, list(DISTRIBUTION_MARKS)),
    ],
    ids=["points", "density", "lines"],
)
def test_the_charts_are_valid_light_and_read_exactly_their_tables(figure, marks):
    figure = figure()
    spec, (left, right, bottom, top) = figure.spec, figure.window
    text = json.dumps(spec, allow_nan=False)
    if figure.title == "A cloud":
        alt.Chart.from_dict(json.loads(text))
    assert (spec["width"], spec["height"]) == (520, 312)
    assert spec["autosize"] == "none"
    assert set(spec["padding"].values()) == {0}
    assert len(text) < 9_000
    first = spec["layer"][0]["encoding"]
    assert first["x"]["scale"]["domain"] == [left, right]
    assert first["y"]["scale"]["domain"] == [bottom, top]
    names = [layer["name"] for layer in spec["layer"]]
    assert len(set(names)) == len(names)
    assert list(dict.fromkeys(name.rsplit("_", 1)[0] for name in names)) == sorted(
        marks, key=lambda m: (m != "density", marks.index(m))
    )
    assert figure.marks == tuple(marks)
    live = [layer for layer in spec["layer"] if "name" in layer["data"]]
    assert {layer["data"]["name"] for layer in live} == set(figure.columns)
    for layer in live:
        assert {e["field"] for e in layer["encoding"].values() if "field" in e} <= set(figure.columns[layer["data"]["name"]])


def test_tables_keep_their_columns_and_types_when_empty():
    for whole, empty in ((full(), scatter([], [], decades=(0, 3, -5, -1))), (tails(), tails(([], [], "", "first", False)))):
        assert set(whole.columns) == set(empty.columns)
        for name in whole.columns:
            kinds = [{column: v.dtype.kind for column, v in figure.columns[name].items()} for figure in (whole, empty)]
            assert kinds[0] == kinds[1]
            assert len(table(empty, name)) == 0


def test_points_lie_at_their_powers_of_ten_and_zero_has_a_place_of_its_own():
    points = xy(table(full(), "points"))
    np.testing.assert_allclose(points[1:], np.log10(np.column_stack([X, Y])[1:]))
    assert points[0].tolist() == [-ZERO, -5]
    assert len(xy(table(scatter(zero_x=False), "points"))) == 5
    said = {v["text"] for layer in full().spec["layer"] for v in layer["data"].get("values", []) if "text" in v}
    assert {"0", "1", "10", "100", "10³", "10⁻⁵", "links in", "rank"} <= said
    assert "0" not in json.dumps([layer["data"] for layer in scatter(zero_x=False).spec["layer"]]).split('"')


def test_axes_go_from_whole_power_to_whole_power():
    assert full().window == scatter(decades=(0, 3, -5, -1)).window
    assert loglog._decades(np.log10(X[1:]), np.log10(Y[1:]), None) == (0, 3, -5, -1)
    assert loglog._decades(np.zeros(2), np.zeros(2), None) == (0, 1, 0, 1)
    assert loglog._decades(np.log10([1, 1000]), np.log10([1e-3, 1]), None) == (0, 3, -3, 0), "no power more for rounding"
    assert scatter(decades=(0, 2, -5, -1)).spec is not full().spec
    assert len(table(scatter(decades=(0, 2, -5, -1)), "points")) == 5


@each_look
@pytest.mark.parametrize("decades", [(0, 1, 0, 1), (0, 6, -9, 0), (-300, 300, -30, 300)])
def test_numbers_on_the_axes_do_not_overlap(look, decades):
    box = loglog._box(decades, True, 1.2, None, look)
    upright, level = (
        layer.to_dict(context={"datasets": {}})["data"]["values"] for layer in loglog._axes(box, "x", "y", look)[3:5]
    )
    across = [box.pixels(v["x"], 0)[0] for v in upright if v["text"] != "0"]
    down = [box.pixels(0, v["y"])[1] for v in level]
    assert np.all(np.diff(across) >= 2.9 * look.text)
    assert np.all(-np.diff(down) >= 1.7 * look.text)
    assert across
    assert down


def test_a_cloud_is_a_picture_of_how_many_lie_where():
    figure = cloud()
    assert "points" not in figure.columns
    (row,) = table(figure, "density").to_dict("records")
    left, right, bottom, top = loglog._decades(*(loglog._powers(v, False) for v in ([1, 999], [1, 9])), None)
    assert row["x"] < 0 < row["x2"]
    shades = picture(figure).reshape(-1, 3)
    ground, ink = rgb(Look().palette.background), rgb(Look().palette.first)
    assert ground in set(map(tuple, shades.tolist()))
    assert ink in set(map(tuple, shades.tolist())), "the fullest square has the full colour"
    assert len(cloud(MOST).columns["points"]["x"]) == MOST
    assert (left, right, bottom, top) == (0, 3, 0, 1)


def test_a_square_of_the_picture_is_where_its_points_are():
    n = MOST + 1
    figure = scatter(np.r_[np.full(n, 100.0), 1, 1000], np.r_[np.full(n, 0.01), 1e-4, 1], zero_x=False)
    shades, (row,) = picture(figure), table(figure, "density").to_dict("records")
    dark = np.argwhere((shades == rgb(Look().palette.first)).all(axis=2)).mean(axis=0)
    down, across = dark / shades.shape[:2]
    assert row["x"] + across * (row["x2"] - row["x"]) == pytest.approx(2, abs=0.05)
    assert row["y2"] - down * (row["y2"] - row["y"]) == pytest.approx(-2, abs=0.05)


@each_look
def test_one_point_of_a_cloud_can_be_seen(look):
    p = look.palette
    faint = [round(g + loglog.FAINTEST * (i - g)) for g, i in zip(rgb(p.background), rgb(p.first), strict=True)]
    assert contrast("#" + "".join(f"{c:02X}" for c in faint), p.background) > 1.4
    assert contrast(p.first, p.background) >= 3


def test_a_million_points_are_drawn_whole():
    counts = cloud(1_000_000)
    assert len(counts.columns["density"]["url"][0]) < 40_000


def test_named_points_are_drawn_on_top_with_their_labels_beside_them():
    figure = full()
    points, labels = table(figure, "outliers"), table(figure, "labels")
    assert points["text"].tolist() == ["os", "sys", "here"], "the marked one lies on top"
    assert points["role"].tolist() == ["result", "result", "second"]
    assert labels["text"].tolist() == ["here", "sys", "os", "in proportion"]
    np.testing.assert_allclose(xy(points)[2], np.log10([3, 1e-4]))
    assert scatter(names=[(99, "no"), (-1, "no")], marked=(77, "no")).columns["labels"]["text"].tolist() == []
    assert scatter(names=[(2, "twice")], marked=(2, "here")).columns["labels"]["text"].tolist() == ["here"]


@each_look
def test_labels_of_close_points_give_way_to_each_other_and_stay_inside(look):
    k = np.arange(8)
    figure = scatter(900.0 + k, 0.05 + 1e-4 * k, look, names=[(int(i), f"page {i}") for i in k], decades=(0, 3, -5, -1))
    labels = table(figure, "labels")
    across, down = pixels(figure, labels)
    wide = loglog.LETTER * look.text * len("page 0")
    for i in range(8):
        assert all(abs(down[i] - down[j]) >= 1.2 * look.text or abs(across[i] - across[j]) >= wide for j in range(i))
        assert 0 <= across[i] <= look.width - wide
    points = table(figure, "outliers")
    assert (points["x2"] != points["x"]).sum() >= 6, "lines lead from moved labels to their points"


def test_a_curve_is_cut_exactly_at_the_axes():
    curve = (np.array([1e-3, 1e9]), np.array([1e-8, 1e4]), "in proportion")
    figure = scatter(curve=curve)
    np.testing.assert_allclose(xy(table(figure, "lines")), [[0, -5], [3, -2]], atol=1e-12)
    assert set(table(figure, "lines")["dash"]) == {"dashed"}
    assert table(scatter(curve=(np.ones(2), np.array([1e5, 1e6]), "above")), "labels").empty


def test_lines_are_drawn_through_their_points_and_labelled_at_their_ends():
    figure = tails()
    lines = table(figure, "lines")
    assert lines.drop_duplicates("path")[["role", "dash"]].to_numpy().tolist() == [["first", "solid"], ["reference", "dashed"]]
    np.testing.assert_allclose(
        xy(lines[lines["path"] == 0]), np.column_stack([np.linspace(0, 3, 40), np.linspace(0, -3, 40)]), atol=1e-12
    )
    labels = table(figure, "labels")
    assert labels["text"].tolist() == ["links in", "slope"]
    assert (labels["x"] > 3).all()
    np.testing.assert_allclose(labels["y"], [-3, -4.5], atol=0.2)


def test_dotted_lines_and_lone_points_are_points():
    x = np.array([1.0, 10, 100])
    figure = tails(loglog.Tail(x, 1 / x, "dots", "first", False, True), (x[:1], x[:1], "one", "second", False))
    assert table(figure, "lines").empty
    assert table(figure, "points")["role"].tolist() == ["first"] * 3 + ["second"]


def test_long_lines_are_thinned_out_to_what_can_be_seen():
    x = np.linspace(1, 1000, 50_001)
    rows = table(tails((x, 1 / x, "a", "first", False)), "lines")
    assert THINNED / 3 < len(rows) <= THINNED
    np.testing.assert_allclose(xy(rows)[[0, -1]], [[0, 0], [3, -3]])
    assert np.diff(rows["x"]).max() < 0.02
    assert len(table(tails((np.ones(5000), x[:5000], "a", "first", False)), "lines")) <= THINNED


@given(st.lists(st.tuples(any_number, any_number), max_size=12), st.booleans())
@settings(max_examples=60)
def test_nothing_odd_is_ever_drawn(points, zero):
    x, y = np.array(points, float).reshape(-1, 2).T
    named = [(k, "n") for k in range(len(x))]
    figures = (
        scatter(x, y, zero_x=zero, names=named, marked=(0, "m"), curve=(x, y, "c"), decades=(0, 3, -5, -1)),
        tails((x, y, "a", "first", False), (y, x, "links in", "second", True, True), decades=(0, 3, -5, 0)),
    )
    for figure in figures:
        left, right, bottom, top = figure.window
        for rows in figure.columns.values():
            assert all(np.isfinite(v).all() for v in rows.values() if v.dtype.kind == "f")
            assert all(
                (v >= low - 1e-9).all() and (v <= high + 1e-9).all()
                for v, low, high in ((rows["x"], left, right), (rows["y"], bottom, top))
            )


@pytest.mark.parametrize("values", [[], [np.nan], [0.0], [-1.0], [np.inf], [1e-300, 1e300], [5.0]])
def test_axes_are_found_for_any_values(values):
    v = loglog._powers(np.array(values), True)
    left, right, bottom, top = loglog._decades(v, loglog._powers(np.array(values), False), None)
    assert left < right
    assert bottom < top


@each_look
def test_texts_have_their_size_and_roles_their_colours(look):
    for figure in (full(look), tails(look=look)):
        spec = figure.spec
        assert {layer["mark"]["fontSize"] for layer in spec["layer"] if layer["mark"]["type"] == "text"} == {look.text}
        scales = [e["scale"] for x in spec["layer"] for c, e in x["encoding"].items() if c == "color" and "scale" in e]
        assert scales == [{"domain": list(ROLES), "range": [look.palette.role(r) for r in ROLES]}]
        halo, over = (layer["mark"] for layer in spec["layer"] if layer["name"].startswith("labels"))
        assert halo["stroke"] == look.palette.background
        assert "stroke" not in over


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(loglog).failed == 0
