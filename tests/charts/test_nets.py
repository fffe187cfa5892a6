"""Networks: signs told twice, widths that grow with weights, neurons and numbers that never meet, heat maps in place."""

import base64
import doctest
import io
import itertools
import json
from collections import Counter

import altair as alt
import numpy as np
import pandas as pd
import pytest
from conftest import some
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mml_charts import nets
from mml_charts.curves import LETTER, LINE
from mml_charts.inks import INKS
from mml_charts.nets import (
    FAINT,
    LARGEST,
    LARGEST_ROUND,
    MARKS,
    Link,
    Neuron,
    link_places,
    link_width,
    net,
    neuron_places,
    neuron_side,
    room,
)
from mml_charts.signed import SHADES, signed_colours
from mml_charts.theme import Look, rgb

LOOKS = [Look(), Look("small", "lecture", "dark")]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
FRAMES = [(300, 200), (328, 328), (340, 328), (620, 330), (800, 520), (300, 520), (800, 200)]
SHAPES = [(n,) * c for n in range(1, 9) for c in range(2, 9)] + [(1, 8, 1), (8, 1, 8), (1, 2, 1), (2, 3, 2), (1, 6, 7, 2), (3,)]
weights = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([0.0, -0.0, 1.0, -2.0, 1e300]))


def neurons(sizes, picture=None, value="−0.52", below="", names=True, state="plain"):
    last = len(sizes) - 1
    return [
        [
            Neuron((f"x{i}" if c == 0 else "ŷ" if c == last else "") if names else "", value, picture, below, state)
            for i in range(n)
        ]
        for c, n in enumerate(sizes)
    ]


def full_links(sizes, label="−0.52", weight=1.5, state="plain"):
    return [
        Link(c, i, j, weight, label, state)
        for c, (n, m) in enumerate(itertools.pairwise(sizes))
        for i in range(n)
        for j in range(m)
    ]


def heads_of(sizes):
    return ["inputs", *(f"layer {i}" for i in range(1, len(sizes) - 1)), "output"][: len(sizes)]


def drawn(sizes=(2, 3, 2), look=None, links=(), picture=None, below="", heads=(), size=(620, 330), **more):
    given = neurons(sizes, picture, below=below, **more)
    return net("A network", look=look or Look(), columns=given, links=links, width=size[0], height=size[1], heads=heads)


def table(figure, name):
    return pd.DataFrame(figure.columns[name])


def one_link(weight, look=None, **more):
    (row,) = table(drawn((1, 1), look, [Link(0, 0, 0, weight, **more)]), "links").to_dict("records")
    return row


def meet(a, b, slack=1e-6):
    return a[0] < b[1] - slack and b[0] < a[1] - slack and a[2] < b[3] - slack and b[2] < a[3] - slack


def overlaps(boxes):
    return [(i, j) for (i, a), (j, b) in itertools.combinations(enumerate(boxes), 2) if meet(a, b)]


def neuron_boxes(figure):
    rows = table(figure, "neurons")
    rows = rows[rows["width"] > 0]
    return [(x - s / 2, x + s / 2, y - s / 2, y + s / 2) for x, y, s in zip(rows.x, rows.y, np.sqrt(rows["size"]), strict=True)]


def text_boxes(figure, look, *kinds):
    rows = pd.concat([table(figure, "labels"), table(figure, "heads")])
    boxes = []
    for row in rows[rows["kind"].isin(kinds)].to_dict("records"):
        wide, half = LETTER * look.text * len(row["text"]), LINE * look.text / 2
        left = row["x"] - (wide if row["kind"] == "left" else wide / 2)
        boxes.append((left, left + wide, row["y"] - half, row["y"] + half))
    return boxes


def sprite(figure):
    (url,) = figure.columns["pictures"]["url"]
    head, body = url.split(",", 1)
    assert head == "data:image/png;base64"
    data = base64.b64decode(body, validate=True)
    return Image.open(io.BytesIO(data)), len(data)


def test_examples_in_the_module():
    result = doctest.testmod(nets)
    assert result.attempted
    assert not result.failed


@each_look
def test_the_chart_stays_while_what_it_shows_moves(look):
    one = drawn(look=look, links=full_links((2, 3, 2)))
    other = drawn((1, 4, 1), look, picture=np.ones((3, 3)), heads=["a", "b", "c"], below="1.00", state="chosen")
    assert one.spec is other.spec
    assert one.spec is not drawn(look=look, size=(600, 330)).spec
    assert one.title == other.title


@each_look
def test_the_window_is_in_pixels_and_the_chart_fills_it(look):
    figure = drawn(look=look)
    assert figure.window == (0, 620, 330, 0)
    assert (figure.spec["width"], figure.spec["height"]) == (620, 330)
    assert figure.spec["autosize"] == "none"
    scales = {axis: figure.spec["layer"][0]["encoding"][axis]["scale"]["domain"] for axis in "xy"}
    assert scales == {"x": [0, 620], "y": [330, 0]}
    usual = net("A network", look=look, columns=neurons((1, 1)), links=[])
    assert usual.window == (0, look.width, round(0.6 * look.width), 0)


@each_look
def test_the_chart_is_valid_light_and_reads_exactly_its_tables(look):
    figure = drawn(look=look, links=full_links((2, 3, 2)), picture=np.ones((3, 3)), heads=heads_of((2, 3, 2)))
    text = json.dumps(figure.spec, allow_nan=False)
    alt.Chart.from_dict(json.loads(text))
    assert len(text) < 9000
    names = [layer["name"] for layer in figure.spec["layer"]]
    assert len(set(names)) == len(names)
    assert list(dict.fromkeys(name.rsplit("_", 1)[0] for name in names)) == list(figure.marks) == list(MARKS)
    live = {name: set(rows) for name, rows in figure.columns.items()}
    assert {layer["data"]["name"] for layer in figure.spec["layer"]} == set(live)
    for layer in figure.spec["layer"]:
        fields = {e["field"] for e in layer["encoding"].values() if "field" in e}
        assert fields <= live[layer["data"]["name"]], layer["name"]
    empty = net("A network", look=look, columns=[], links=[])
    for name, rows in figure.columns.items():
        assert set(rows) == set(empty.columns[name])
        assert all(len(v) == 0 and v.dtype == rows[k].dtype for k, v in empty.columns[name].items()), name


@each_look
def test_texts_are_as_large_as_texts_are(look):
    for layer in drawn(look=look).spec["layer"]:
        if layer["mark"]["type"] == "text":
            assert layer["mark"]["fontSize"] >= look.text


def test_a_sign_is_told_by_dash_and_ink():
    assert (one_link(2)["ink"], one_link(2)["dash"]) == ("first", "solid")
    assert (one_link(-2)["ink"], one_link(-2)["dash"]) == ("second", "dashed")


@pytest.mark.parametrize("weight", [0.0, -0.0])
def test_a_weight_of_zero_is_thin_and_has_no_sign(weight):
    row = one_link(weight)
    assert (row["ink"], row["dash"], row["width"]) == ("reference", "solid", pytest.approx(nets.THIN))


@pytest.mark.parametrize("weight", [np.nan, np.inf, -np.inf])
def test_a_weight_that_is_no_number_is_thin_and_dotted(weight):
    row = one_link(weight)
    assert (row["ink"], row["dash"]) == ("reference", "dotted")
    assert row["width"] <= link_width(1, Look())


@each_look
def test_width_grows_with_the_size_of_the_weight_and_saturates(look):
    sizes = [0, 0.01, 0.3, 1, 2, 5, 30, 1e6, 1e300]
    widths = [one_link(w, look)["width"] for w in sizes]
    assert widths == [one_link(-w, look)["width"] for w in sizes]
    assert (np.diff(widths[:-1]) > 0).all()
    scale = look.stroke / 3
    assert widths[0] == pytest.approx(0.8 * scale)
    assert widths[4] == pytest.approx(4.3 * scale)
    assert widths[-1] == pytest.approx(7.8 * scale)


def test_links_of_small_neurons_are_slimmer():
    large, small = (table(drawn((n, n), links=full_links((n, n)), size=(328, 200)), "links")["width"].max() for n in (1, 8))
    assert 0.4 * large <= small < 0.7 * large


def test_states_of_links_are_told_by_opacity_and_glow():
    rows = {state: one_link(1, state=state) for state in ("plain", "faint", "lit", "chosen")}
    assert [rows[s]["opacity"] for s in rows] == [1, FAINT, 1, 1]
    glows = [rows[s]["glow"] for s in rows]
    assert glows[:2] == [0, 0]
    assert rows["lit"]["width"] + 5 < glows[2] < glows[3]


def test_faint_links_lie_under_all_others_and_chosen_ones_on_top():
    links = [Link(0, 0, j, j + 1.0, "", state) for j, state in enumerate(("chosen", "faint", "lit", "plain"))]
    rows = table(drawn((1, 4), links=links), "links")
    slim = rows["width"] / rows["width"].max()
    assert [rows["opacity"][0], *rows["glow"][:2], rows["glow"].idxmax()] == [FAINT, 0, 0, 3]
    assert slim.idxmax() == 1  # the plain one has the largest weight


def test_links_run_from_side_to_side_and_meet_no_other_neuron():
    sizes = (5, 8, 6)
    links = full_links(sizes)
    rows = table(drawn(sizes, links=links), "links").to_dict("records")
    places = neuron_places(sizes, 620, 330, Look(), **room(neurons(sizes)))
    side = neuron_side(sizes, 620, 330, Look(), **room(neurons(sizes)))
    assert len(rows) == len(links)
    for k, row in zip(links, rows, strict=True):
        (x, y), (x2, y2) = places[k.layer][k.source], places[k.layer + 1][k.target]
        assert x < row["x"] < x + side / 2
        assert x2 - side / 2 < row["x2"] < x2
        for at, middle in ((row["y"], y), (row["y2"], y2)):
            assert abs(at - middle) < 0.3 * side


def test_a_link_to_what_is_no_neuron_is_left_out():
    links = [
        Link(0, 0, 0, 1.0, "1"),
        Link(0, 0, 9, 1.0, "1"),
        Link(2, 0, 0, 1.0, "1"),
        Link(-1, 0, 0, 1.0),
        Link(0, -1, 0, 1.0),
    ]
    figure = drawn((1, 1, 1), links=links)
    assert len(figure.columns["links"]["x"]) == 1
    at = link_places(neurons((1, 1, 1)), links, Look(), width=620, height=330)
    assert np.isfinite(at).all(axis=1).tolist() == [True, False, False, False, False]


@pytest.mark.parametrize("look", LOOKS, ids=["normal", "lecture"])
@pytest.mark.parametrize("size", FRAMES, ids=str)
def test_nothing_overlaps_nor_leaves_the_window_whatever_the_shape(size, look):
    for sizes in some(SHAPES, 20, size, look):
        for picture, below, heads in ((None, "−0.52", heads_of(sizes)), (np.ones((2, 2)), "", ())):
            given = neurons(sizes, picture, below=below)
            links = full_links(sizes)[:40]
            figure = net("N", look=look, columns=given, links=links, width=size[0], height=size[1], heads=heads)
            places = neuron_places(sizes, *size, look, **room(given, heads))
            rows = table(figure, "neurons")
            np.testing.assert_array_equal(np.vstack(places), rows[["x", "y"]].to_numpy())
            boxes = neuron_boxes(figure)
            texts = text_boxes(figure, look, "left", "name", "under", "head", "link")
            for left, right, top, bottom in boxes + texts:
                assert left >= 0, (sizes, size)
                assert right <= size[0], (sizes, size)
                assert top >= -1, (sizes, size)  # half of the room between two lines is empty
                assert bottom <= size[1] + 2, (sizes, size)
            assert not overlaps(boxes), (sizes, size)
            clashes = overlaps([(a, b, c + 2, d - 2) for a, b, c, d in boxes + texts])
            assert not clashes, (sizes, size, clashes)


@each_look
def test_neurons_are_as_large_as_they_may_be_where_there_is_room(look):
    scale = look.text / 13
    wide = round(620 * scale)
    tall = round(330 * scale)
    assert abs(neuron_side((1, 2, 1), wide, tall, look) - LARGEST_ROUND * scale) <= 2
    assert abs(neuron_side((1, 2, 1), wide, tall, look, pictures=True) - LARGEST * scale) <= 2
    assert neuron_side((8, 8), 300, 200, Look()) >= 18


def test_columns_go_from_left_to_right_evenly_and_equal_rows_are_level():
    places = neuron_places((2, 2, 4, 2), 620, 330, Look(), under=((0, 0), (0, 5), (0, 0), (2, 5)))
    across = [p[0, 0] for p in places]
    steps = np.diff(across)
    assert steps.min() > 0
    assert np.ptp(steps) <= 1
    assert (places[1] == places[3])[:, 1].all()
    assert (places[0] == places[1])[:, 1].all()
    for p in places:
        assert (np.diff(p[:, 1]) > 0).all()


@pytest.mark.parametrize("look", [Look(), Look(theme="dark")], ids=["light", "dark"])
@pytest.mark.parametrize("sizes", [(1, 2, 1), (2, 3, 2)], ids=str)
def test_every_link_of_small_nets_has_its_label_on_it_and_none_overlap(sizes, look):
    given, links = neurons(sizes, below="−0.52"), full_links(sizes)
    figure = net("N", look=look, columns=given, links=links, width=620, height=330)
    boxes = text_boxes(figure, look, "link")
    assert len(boxes) == len(links)
    assert not overlaps(boxes)
    assert not overlaps([*neuron_boxes(figure), *boxes])
    at = link_places(given, links, look, width=620, height=330)
    rows = table(figure, "labels")
    np.testing.assert_allclose(at, rows[rows["kind"] == "link"][["x", "y"]])
    lines = table(figure, "links").to_dict("records")
    for (x, y), row in zip(at, lines, strict=True):
        share = (x - row["x"]) / (row["x2"] - row["x"])
        assert 0.05 < share < 0.95
        assert abs(row["y"] + share * (row["y2"] - row["y"]) - y) < 5


def test_a_label_stays_where_it_is_when_its_number_changes():
    sizes = (2, 3, 2)
    given = neurons(sizes)
    one, other = (link_places(given, full_links(sizes, label), Look(), width=620, height=330) for label in ("−0.52", "1.0"))
    np.testing.assert_array_equal(one, other)


def test_labels_of_chosen_links_come_first_where_there_is_no_room_for_all():
    sizes = (8, 8)
    links = [Link(k.layer, k.source, k.target, 1.0, k.label, "chosen" if k.source == 4 else "plain") for k in full_links(sizes)]
    figure = drawn(sizes, links=links, size=(328, 200), value="")
    shown = table(figure, "labels").query("kind == 'link'")
    assert 3 < len(shown) < len(links)
    assert not overlaps(text_boxes(figure, Look(), "link"))
    chosen = [Link(0, 1, 2, -1.0, "−1.00", "chosen")]
    alone = table(drawn((6, 7), links=full_links((6, 7), "") + chosen), "labels").query("kind == 'link'")
    assert alone["text"].tolist() == ["−1.00"]
    assert alone["ink"].tolist() == ["second"]


def test_the_place_of_a_link_without_a_label_is_its_middle():
    given = neurons((1, 1))
    ((x, y),) = link_places(given, [Link(0, 0, 0, 1.0)], Look(), width=620, height=330)
    (a,), (b,) = neuron_places((1, 1), 620, 330, Look(), **room(given))
    assert (x, y) == (pytest.approx((a[0] + b[0]) / 2), pytest.approx(a[1]))


def test_numbers_are_in_their_circles_or_in_none_at_all():
    assert Counter(table(drawn((1, 6, 7, 2)), "labels")["kind"])["in"] == 16
    assert "in" not in set(table(drawn((8, 8), size=(300, 200)), "labels")["kind"])
    mixed = [[Neuron(value="1.00"), Neuron(value="−123456.78")]]
    shown = table(net("N", look=Look(), columns=mixed, links=[], width=300, height=200), "labels")
    assert shown["text"].tolist() == ["1.00"]


def test_names_stand_beside_inputs_and_under_outputs_and_deltas_under_those():
    figure = drawn((2, 3, 1), below="−0.52")
    rows = table(figure, "labels")
    places = neuron_places((2, 3, 1), 620, 330, Look(), **room(neurons((2, 3, 1), below="−0.52")))
    left = rows[rows["kind"] == "left"]
    assert left["text"].tolist() == ["x0", "x1"]
    assert (left["x"] < places[0][0, 0]).all()
    assert left["y"].tolist() == places[0][:, 1].tolist()
    (name,) = rows[rows["kind"] == "name"].to_dict("records")
    assert (name["text"], name["x"]) == ("ŷ", places[2][0, 0])
    under = rows[rows["kind"] == "under"]
    assert len(under) == 6
    assert under["y"].iloc[-1] > name["y"] > places[2][0, 1]


def test_a_long_name_of_an_input_stands_under_it():
    figure = net("N", look=Look(), columns=[[Neuron("a long name")], [Neuron()]], links=[], width=300, height=200)
    assert table(figure, "labels")["kind"].tolist() == ["name"]


def test_heads_that_have_no_room_in_one_row_stand_in_two():
    def rows(size):
        return table(drawn((2,) * 6, heads=heads_of((2,) * 6), size=size), "heads")

    one, two = rows((800, 330)), rows((340, 328))
    assert one["text"].tolist() == two["text"].tolist() == heads_of((2,) * 6)
    assert (one["y"].nunique(), two["y"].nunique()) == (1, 2)
    assert not len(table(drawn(heads=()), "heads"))


def test_states_of_neurons_differ_in_more_than_colour():
    rows = {s: table(drawn((1,), state=s), "neurons") for s in ("plain", "lit", "chosen", "dead")}
    assert [len(rows[s]) for s in rows] == [1, 1, 2, 3]
    assert rows["lit"]["width"][0] > 2 * rows["plain"]["width"][0]
    inner, outer = np.sqrt(rows["chosen"]["size"])
    assert (outer - inner) / 2 > rows["chosen"]["width"].max() + 1
    assert rows["chosen"]["fill"].tolist() == ["full", "none"]
    assert rows["dead"]["dash"][0] == "dashed"
    assert rows["dead"]["kind"].tolist() == ["ring", "ring", "cross"]
    assert table(drawn((1,), picture=np.ones((2, 2)), state="dead"), "neurons")["kind"][0] == "square"


@each_look
def test_a_heat_map_has_its_colours_where_its_neuron_is(look):
    x, y = np.meshgrid(np.linspace(-1, 1, 30), np.linspace(1, -1, 30))
    given = [[Neuron(values=np.ones((30, 30))), Neuron(values=y)], [Neuron(values=x)], [Neuron("", "1.00")]]
    figure = net("N", look=look, columns=given, links=[], width=620, height=330)
    image, _ = sprite(figure)
    assert image.size == (620, 330)
    (box,) = table(figure, "pictures").to_dict("records")
    assert (box["x"], box["x2"], box["y"], box["y2"]) == (0, 620, 0, 330)
    pixels = np.asarray(image.convert("RGBA"))
    shape = room(given)
    places, side = (f((2, 1, 1), 620, 330, look, **shape) for f in (neuron_places, neuron_side))
    colours, reach = signed_colours(look), side // 2 - 1
    above, below = {tuple(c) for c in colours[SHADES + 1 :].tolist()}, {tuple(c) for c in colours[:SHADES].tolist()}
    (left, top), (_, down) = places[0].astype(int)
    assert (pixels[top - reach : top + reach, left - reach : left + reach, :3] == colours[2 * SHADES]).all()
    assert tuple(pixels[down - reach, left, :3]) in above
    assert tuple(pixels[down + reach, left, :3]) in below | {tuple(colours[2 * SHADES + 1])}
    middle, level = places[1][0].astype(int)
    assert tuple(pixels[level, middle + reach, :3]) in above
    ground = np.array(rgb(look.palette.background))
    assert np.abs(pixels[level - reach : level + reach, middle, :3].astype(int) - ground).max() <= 14
    inside = pixels[..., 3] > 0
    assert inside.sum() == 3 * side**2
    assert not inside[int(places[2][0, 1]), int(places[2][0, 0])]


def test_the_negative_side_of_a_heat_map_carries_minus_signs_and_the_positive_none():
    for value, there in ((-0.5, True), (0.5, False)):
        image, _ = sprite(drawn((1,), picture=np.full((3, 3), value)))
        assert (np.asarray(image) == 2 * SHADES + 2).any() == there


def test_a_heat_map_without_values_is_grey_and_any_numbers_are_drawn():
    values = np.array([[np.nan, np.inf], [-np.inf, 0.0]])
    figure = drawn((1,), picture=values)
    image, _ = sprite(figure)
    ((x, y),) = table(figure, "neurons")[["x", "y"]].astype(int).to_numpy()
    pixels = np.asarray(image.convert("RGB"))
    assert tuple(pixels[y - 5, x - 5]) == rgb(Look().palette.panel)
    assert tuple(pixels[y - 15, x + 15]) == tuple(signed_colours(Look())[2 * SHADES])
    assert sprite(drawn((1,), picture=np.ones((1, 1))))[0].size == (620, 330)


def test_heat_maps_of_different_sizes_stand_side_by_side():
    given = [[Neuron(values=np.ones((n, n)))] for n in (1, 2, 5, 90)]
    image, _ = sprite(net("N", look=Look(), columns=given, links=[], width=620, height=330))
    assert set(np.unique(image)) == {0, 2 * SHADES + 1}


def test_all_heat_maps_are_one_small_picture():
    x, y = np.meshgrid(np.linspace(-1, 1, 30), np.linspace(1, -1, 30))

    def maps(sizes, size):
        rng = np.random.default_rng(0)
        given = [
            [
                Neuron(values=np.tanh(rng.normal(0, 4) * x + rng.normal(0, 4) * y + rng.normal() * np.sin(4 * x)))
                for _ in range(n)
            ]
            for n in sizes
        ]
        return net("N", look=Look(), columns=given, links=[], width=size[0], height=size[1])

    assert sprite(maps((7,) * 7, (340, 328)))[1] < 30_000
    assert sprite(maps((2, 4, 1), (620, 330)))[1] < 8_000
    assert not len(drawn().columns["pictures"]["url"])


@given(
    st.lists(st.integers(0, 8), max_size=8),
    st.lists(weights, max_size=20),
    st.sampled_from(["plain", "faint", "lit", "chosen"]),
    st.sampled_from(FRAMES),
    st.sampled_from(LOOKS),
)
def test_nothing_ever_raises_and_tables_stay_finite(sizes, numbers, state, size, look):
    links = [Link(k.layer, k.source, k.target, w, f"{w:.2f}", state) for k, w in zip(full_links(sizes), numbers, strict=False)]
    figure = drawn(tuple(sizes), look, links, heads=heads_of(sizes), size=size)
    for name, rows in figure.columns.items():
        assert len({len(column) for column in rows.values()}) == 1, name
        assert all(np.isfinite(column).all() for column in rows.values() if column.dtype.kind == "f"), name
        if "ink" in rows:
            assert set(rows["ink"]) <= set(INKS)
