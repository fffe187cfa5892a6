"""The web: circles whose area is a share, and curves that leave one rim and touch the other, whatever the shares are."""

import doctest
import json

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mml_charts import network
from mml_charts.network import EDGE, LOOP, MARKS, SMALL, LinkMark, PageMark
from mml_charts.theme import Look, contrast

LOOKS = [Look(), Look(size="small", scale="lecture", theme="dark")]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
LINKS = [(0, 1), (1, 0), (0, 2), (2, 3), (3, 4), (4, 5), (5, 0), (3, 3), (0, 0)]
EQUAL = [1 / 6] * 6
TABLES = {"links", "heads", "pages", "rings", "surfers", "labels"}
any_share = st.one_of(st.floats(0, 1), st.floats(allow_nan=True, allow_infinity=True))


def web(shares=EQUAL, look=None, links=LINKS, at=None, names="ABCDEF", ring=None, **more):
    places = network.circle_layout(len(shares)) if at is None else np.array(at, float)
    pages = [
        PageMark(tuple(places[i]), share, names[i], f"{share:.2f}", "second" if i == 2 else "first", ring)
        for i, share in enumerate(shares)
    ]
    arrows = [LinkMark(a, b, 0.1, f"{names[a]}→{names[b]}", dashed=a == 5) for a, b in links]
    return network.figure("A web", look=look or Look(), pages=pages, links=arrows, **more)


def crowd(n=100, m=500, backdrop=False, **more):
    places = network.sunflower_layout(n).tolist()
    source, target = np.random.default_rng(0).integers(0, n, (2, m))
    links = [LinkMark(a, b, 0.02, "") for a, b in zip(source.tolist(), target.tolist(), strict=True)]
    pages = [PageMark((x, y), 1 / n, f"p{i}" if i < 5 else "") for i, (x, y) in enumerate(places)]
    ends = dict(backdrop=(source, target)) if backdrop else {}
    return network.figure("A web", look=Look(), pages=pages, links=links[:3] if backdrop else links, **ends, **more)


def table(figure, name):
    return pd.DataFrame(figure.columns[name])  # one table alone: all of them take longer


def xy(rows):
    return rows[["x", "y"]].to_numpy(float)


def radii(figure, name="pages"):
    """The radii of drawn circles in half widths, by page."""
    rows = table(figure, name)
    return dict(zip(rows["page"], np.sqrt(rows["size"]) / figure.spec["width"], strict=True))


def curve(figure, name):
    rows = table(figure, "links")
    return xy(rows[rows["link"] == name])


def test_the_chart_stays_while_values_move():
    for look in LOOKS:
        moved = web([0.5, 0.3, 0.1, 0.05, 0.05, 0], look, ring=0.1, surfers=np.zeros((9, 2)))
        assert web(look=look).spec is moved.spec
        assert web(look=look).window == moved.window == (-1, 1, -1, 1)
    one, other = crowd(), crowd(surfers=np.zeros((5, 2)))
    assert one.spec is other.spec


@each_look
def test_the_chart_is_square_light_transparent_and_shares_its_scales(look):
    figure = web(look=look)
    spec = figure.spec
    assert figure.square
    assert spec["width"] == spec["height"] == look.width
    assert spec["autosize"] == "none"
    assert set(spec["padding"].values()) == {0}
    assert spec["background"] == "transparent"
    assert len(json.dumps(spec, separators=(",", ":"))) < 6_000
    for axis in "xy":
        assert spec["layer"][0]["encoding"][axis]["scale"] == {"domain": [-1, 1], "nice": False, "zero": False}
        assert not any("scale" in layer["encoding"][axis] for layer in spec["layer"][1:])


@pytest.mark.parametrize(
    ("figure", "missing"),
    [(web, {"backdrop"}), (crowd, {"backdrop", "heads", "hits"}), (lambda: crowd(backdrop=True), set())],
    ids=["small", "straight", "backdrop"],
)
def test_charts_are_valid_and_read_exactly_their_tables_and_columns(figure, missing):
    figure = figure()
    text = json.dumps(figure.spec, allow_nan=False)
    if missing != {"backdrop"}:  # it is part of the one with a backdrop
        alt.Chart.from_dict(json.loads(text))
    names = [layer["name"] for layer in figure.spec["layer"]]
    assert len(set(names)) == len(names)
    assert {name.rsplit("_", 1)[0] for name in names} == set(figure.marks) == set(MARKS) - missing
    read = {layer["data"]["name"] for layer in figure.spec["layer"]}
    live = {name: set(rows) for name, rows in figure.columns.items()}
    looked_up = {
        t["from"]["data"]["name"] for layer in figure.spec["layer"] for t in layer.get("transform", []) if "lookup" in t
    }
    assert read | looked_up == set(live)
    for layer in figure.spec["layer"]:
        made = {name for t in layer.get("transform", []) for name in np.atleast_1d(t.get("as", []))}
        fields = {e["field"] for e in layer["encoding"].values() if "field" in e} - made
        assert fields <= live[layer["data"]["name"]], layer["name"]


def test_layers_lie_in_the_order_of_the_marks():
    order = [layer["name"].rsplit("_", 1)[0] for layer in crowd(backdrop=True).spec["layer"]]
    assert list(dict.fromkeys(order)) == list(MARKS)


def test_tables_keep_their_columns_and_types_when_empty():
    full = web(ring=0.2, surfers=np.zeros((3, 2)))
    empty = network.figure("A web", look=Look(), pages=[], links=[])
    assert set(empty.tables) == set(full.tables) == TABLES
    for name, rows in full.tables.items():
        assert len(rows) > len(empty.tables[name]) == 0
        assert empty.tables[name].dtypes.to_dict() == rows.dtypes.to_dict()


@each_look
def test_areas_are_proportional_to_shares_and_rings_are_on_the_same_scale(look):
    shares = [0.4, 0.3, 0.15, 0.1, 0.04, 0.01]
    r = radii(web(shares, look, ring=0.25))
    np.testing.assert_allclose([r[c] ** 2 / r["A"] ** 2 for c in "ABCD"], np.array(shares[:4]) / 0.4)
    assert r["A"] == pytest.approx(network.SCALE * np.sqrt(0.4))
    assert all(ring == pytest.approx(network.SCALE * 0.5) for ring in radii(web(shares, look, ring=0.25), "rings").values())
    assert min(radii(web([1, 0, 0, 0, 0, 0], look)).values()) * look.width / 2 >= network.DOT * (1 - 1e-9)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_circles_of_few_pages_never_touch_nor_leave_the_window(n):
    at, rng = network.circle_layout(n), np.random.default_rng(n)
    shares = [*rng.dirichlet(np.full(n, 0.2), 50), *np.eye(n), np.r_[0.5, 0.5, np.zeros(n - 2)]]
    for share in shares:
        r = network.SCALE * np.sqrt(share)
        gaps = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) - r[:, None] - r[None]
        assert gaps[~np.eye(n, dtype=bool)].min() > 0
        assert (np.abs(at).max(axis=1) + r).max() < 1 - 2 * EDGE / 328


@pytest.mark.parametrize("shares", [EQUAL, [0.5, 0.1, 0.2, 0.1, 0.1, 0], [0.02, 0.02, 0.02, 0.9, 0.02, 0.02]])
@each_look
def test_curves_start_at_the_rim_of_one_page_and_heads_touch_that_of_the_other(shares, look):
    figure = web(shares, look)
    at, r, pixel = network.circle_layout(6), radii(figure), 2 / look.width
    heads = table(figure, "heads").set_index("link")
    for a, b in LINKS:
        name = f"{'ABCDEF'[a]}→{'ABCDEF'[b]}"
        line, head = curve(figure, name), heads.loc[name]
        rims = [r["ABCDEF"[k]] + EDGE / 2 * pixel for k in (a, b)]
        assert np.hypot(*(line[0] - at[a])) == pytest.approx(rims[0], abs=1e-9)
        assert np.hypot(head["x"] - at[b, 0], head["y"] - at[b, 1]) == pytest.approx(rims[1], abs=1e-9)
        assert np.hypot(*(line - at[b]).T).min() >= rims[1] - 1e-9, "the line stops outside"
        length = np.sqrt(head["size"]) / 2 * pixel
        back = np.hypot(*(line[-1] - [head["x"], head["y"]]))
        assert 0 < back < length, "the line ends inside the head"
        way = np.array([head["x"], head["y"]]) - line[-1]
        turn = head["angle"] - (90 - np.degrees(np.arctan2(way[1], way[0])))
        assert abs((turn + 180) % 360 - 180) < 9, "the head points along the line"


def test_there_and_back_are_two_curves_to_the_left_of_each_way():
    figure = web()
    there, back = curve(figure, "A→B"), curve(figure, "B→A")
    a, b = network.circle_layout(6)[:2]
    normal = np.array([-(b - a)[1], (b - a)[0]]) / np.hypot(*(b - a))
    assert ((there - a) @ normal)[1:-1].min() > 0.02
    assert ((back - a) @ normal)[1:-1].max() < -0.02
    assert ((there - a) @ normal).max() < 0.15 * np.hypot(*(b - a)), "gently"


@pytest.mark.parametrize("share", [0.001, 0.17, 0.6, 1.0])
def test_a_link_to_itself_is_a_loop_outside_its_page_and_inside_the_window(share):
    for n in (1, 2, 5, 8):
        for k in range(n):
            at = network.circle_layout(n)
            page = [PageMark((x, y), share if i == k else 0, "A") for i, (x, y) in enumerate(at.tolist())]
            figure = network.figure("A web", look=Look(), pages=page, links=[LinkMark(k, k, 1.0, "A→A")])
            loop, r = xy(table(figure, "links")), network.SCALE * np.sqrt(share)
            far = np.hypot(*(loop - at[k]).T)
            assert (far >= r - 1e-9).all()
            assert far.max() > r + 0.08, "it can be seen"
            assert (np.abs(loop) < 1).all()
            assert (loop - at[k]).mean(axis=0) @ at[k] > -1e-9, "away from the middle of the web"


@pytest.mark.parametrize("radius", [0.85, 0.9, 0.95])
def test_a_loop_at_the_edge_of_the_window_stays_inside(radius):
    for x, y in ((0, radius), (radius, 0), (-radius / 2, -radius)):
        loop = xy(table(web([0.05], links=[(0, 0)], at=[(x, y)]), "links"))
        assert (np.abs(loop) < 1).all()
        assert np.hypot(*(loop - [x, y]).T).max() < 3 * LOOP + 0.1


def test_widths_go_from_a_hairline_to_a_broad_stroke_by_what_flows():
    pages = [PageMark((x, 0), 0.1, "A") for x in (-0.5, 0.5)]
    links = [LinkMark(0, 1, flow, str(flow)) for flow in (0, 0.25, 0.5, 1, 7, -1, np.nan)]
    rows = table(network.figure("A web", look=Look(), pages=pages, links=links), "links").groupby("link")["width"].first()
    low, high = network.WIDTHS
    assert rows["0"] == rows["-1"] == rows["nan"] == low
    assert rows["1"] == rows["7"] == high
    assert rows["0.5"] - rows["0.25"] == pytest.approx((high - low) / 4)


def test_whatever_can_be_pointed_at_says_its_link_or_page():
    figure = web(ring=0.1)
    names = {f"{'ABCDEF'[a]}→{'ABCDEF'[b]}" for a, b in LINKS}
    assert set(table(figure, "links")["link"]) == set(table(figure, "heads")["link"]) == names
    for name in ("pages", "rings", "labels"):
        assert set(table(figure, name)["page"]) == set("ABCDEF")
    (hit,) = (layer for layer in figure.spec["layer"] if layer["name"] == "hits_0")
    assert hit["data"]["name"] == "links"
    assert hit["mark"]["opacity"] == 0
    assert hit["mark"]["strokeWidth"] >= 14
    assert hit["mark"]["stroke"], "without a stroke nothing is met"


def test_dashed_links_are_dashed_and_roles_are_kept():
    rows = table(web(), "links").drop_duplicates("link").set_index("link")
    assert rows.loc["F→A", "dash"] == "dashed"
    assert set(rows.drop("F→A")["dash"]) == {"solid"}
    assert set(rows["role"]) == {"reference"}
    assert dict(zip(table(web(), "pages")["page"], table(web(), "pages")["role"], strict=True))["C"] == "second"


@given(
    st.lists(any_share, min_size=6, max_size=6),
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=6, max_size=6),
    st.sampled_from(LOOKS),
)
@settings(max_examples=50)
def test_nothing_odd_is_ever_drawn(shares, places, look):
    figure = web(shares, look, at=places, ring=shares[0], surfers=np.array(places))
    for rows in figure.columns.values():
        assert all(np.isfinite(values).all() for values in rows.values() if values.dtype.kind == "f")
    assert all((np.abs(figure.columns["labels"][axis]) <= 1).all() for axis in "xy")
    assert (figure.columns["pages"]["size"] > 0).all()


def test_what_has_no_place_and_links_to_nowhere_are_left_out():
    at = [(0, 0), (np.nan, 0), (0.5, 0.5)]
    figure = web([0.1] * 3, links=[(0, 1), (0, 2)], at=at, surfers=np.array([[np.nan, 0], [5, 5], [0.1, 0.1]]))
    assert set(table(figure, "pages")["page"]) == set(table(figure, "labels")["page"]) == {"A", "C"}
    assert set(table(figure, "links")["link"]) == {"A→C"}
    assert xy(table(figure, "surfers")).tolist() == [[0.1, 0.1]]
    stray = network.figure("A web", look=Look(), pages=[PageMark((0, 0), 1, "A")], links=[LinkMark(0, 1, 1, "n")])
    assert table(stray, "links").empty


def test_small_circles_lie_over_large_ones():
    sizes = table(web([0.1, 0.4, 0.05, 0.3, 0.1, 0.05]), "pages")["size"].to_numpy()
    assert (np.diff(sizes) <= 0).all()


@each_look
def test_short_names_stand_in_their_circles_and_stay_there(look):
    for shares in (EQUAL, [0.9, 0.02, 0.02, 0.02, 0.02, 0.02]):
        rows = table(web(shares, look), "labels")
        if look.size == "small":  # lecture type does not fit there: names are beside the circles
            assert set(rows["kind"]) == {"name"}
            continue
        middles = rows.groupby("page")[["x", "y"]].mean().to_numpy(float)
        np.testing.assert_allclose(middles, network.circle_layout(6), atol=1e-9)
        assert rows["kind"].tolist() == ["name", "value"] * 6


@each_look
def test_long_names_stand_beside_their_circles_in_the_window_and_move_smoothly(look):
    names = ["importlib._bootstrap", "os", "collections.abc", "re", "typing", "asyncio.events"]
    before = None
    for share in np.linspace(0.05, 0.9, 30):
        labels = web([(1 - share) / 5] * 5 + [share], look, names=names).columns["labels"]
        spots = np.column_stack([labels["x"], labels["y"]])
        wide = [network.LETTER * look.text * len(text) / look.width for text in labels["text"]]
        assert (np.abs(spots[:, 0]) + np.minimum(wide, 0.97) < 1.03).all()
        assert before is None or np.abs(spots - before).max() < 0.06
        before = spots


def test_labels_of_many_long_names_do_not_hide_each_other():
    names = [f"a long name {i:02}" for i in range(14)]
    rows = table(web([1 / 14] * 14, links=[], names=names), "labels")
    down = np.sort(rows["y"].to_numpy() * 260)
    wide = network.LETTER * 13 * len("a long name 00 0.07")
    for i, (x, y) in enumerate(xy(rows) * 260):
        for x2, y2 in xy(rows)[:i] * 260:
            assert abs(y - y2) > 13 or abs(x - x2) > 0.8 * wide
    assert np.ptp(down) > 300


@each_look
def test_texts_have_their_size_a_halo_and_contrast_and_pages_an_edge(look):
    layers = {layer["name"]: layer for layer in web(look=look).spec["layer"]}
    texts = [layer["mark"] for name, layer in layers.items() if name.startswith("labels")]
    assert {mark["fontSize"] for mark in texts} == {look.text}
    assert [mark.get("stroke") for mark in texts] == [look.palette.background, None] * 2
    colours = layers["pages_0"]["encoding"]
    for edge, fill in zip(colours["stroke"]["scale"]["range"], colours["fill"]["scale"]["range"], strict=True):
        assert contrast(edge, look.palette.background) >= 3
        assert contrast(look.palette.text, fill) >= 4.5
    assert contrast(look.palette.reference, look.palette.background) >= 3


def test_many_pages_have_straight_links_that_look_up_their_places():
    figure = crowd()
    rows, places = table(figure, "links"), table(figure, "places").set_index("i")
    assert len(rows) == 500
    assert set(rows.columns) == {"source", "target", "flow", "role", "link"}
    assert (rows["flow"] == 0.02 * network.FLOW).all()
    np.testing.assert_allclose(places.loc[range(100)].to_numpy(float), network.sunflower_layout(100))
    assert len(table(figure, "labels")) == 5
    assert {"links", "places", "pages", "rings", "surfers", "labels"} == set(figure.tables)
    assert SMALL < 100


def test_a_backdrop_hints_at_each_pair_once_and_leaves_the_chosen_links_curved():
    figure = crowd(backdrop=True)
    rows = table(figure, "backdrop")
    assert len(rows) == len(rows.drop_duplicates())
    assert (rows["source"] < rows["target"]).all()
    assert set(table(figure, "heads").columns) >= {"angle", "link"}
    assert len(table(figure, "heads")) == 3
    more = crowd(m=5000, backdrop=True)
    faint, fainter = (next(x["mark"]["opacity"] for x in f.spec["layer"] if x["name"] == "backdrop_0") for f in (figure, more))
    assert fainter < faint


def test_pages_stand_clockwise_from_the_top_and_like_the_seeds_of_a_sunflower():
    np.testing.assert_allclose(network.circle_layout(4) / network.RING, [[0, 1], [1, 0], [0, -1], [-1, 0]], atol=1e-12)
    assert network.circle_layout(0).shape == network.sunflower_layout(0).shape == (0, 2)
    assert network.circle_layout(1).tolist() == network.sunflower_layout(1).tolist() == [[0, 0]]
    at = network.sunflower_layout(300)
    gaps = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) + 9 * np.eye(300)
    assert at[0].tolist() == [0, 0]
    assert np.abs(at).max() < 0.95
    assert gaps.min(axis=1).min() > 0.5 * gaps.min(axis=1).max(), "evenly"


def test_walkers_stay_on_the_drawn_curve():
    figure, at = web(), network.circle_layout(6)
    line = curve(figure, "A→C")
    walked = network.position(at[[0]], at[[2]], np.linspace(0, 1, 2001))
    np.testing.assert_allclose(walked[[0, -1]], at[[0, 2]], atol=1e-12)
    for point in line:
        assert np.hypot(*(walked - point).T).min() < 1e-3
    steps = np.hypot(*np.diff(walked, axis=0).T)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)


def test_walkers_on_a_loop_begin_and_end_in_their_page_and_never_jump():
    figure, at = web(), network.circle_layout(6)
    walked = network.position(at[[3]], at[[3]], np.linspace(0, 1, 2001), area=1 / 6)
    np.testing.assert_allclose(walked[[0, -1]], at[[3, 3]], atol=1e-12)
    assert np.hypot(*np.diff(walked, axis=0).T).max() < 0.002
    for point in curve(figure, "D→D"):
        assert np.hypot(*(walked - point).T).min() < 2 * 2 / 520
    assert network.position(at, at[::-1], 0.5).shape == (6, 2)
    assert network.position(np.empty((0, 2)), np.empty((0, 2)), np.empty(0)).shape == (0, 2)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(network).failed == 0
