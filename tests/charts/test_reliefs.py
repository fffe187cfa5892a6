"""Reliefs: a block drawn pixel by pixel, on which points lie where `seen` says."""

import base64
import io
import json

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import ValidationError
from PIL import Image

from mml_charts import reliefs
from mml_charts.maps import Spot, Track
from mml_charts.reliefs import GROUND, MARKS, STAND, TALL, WIDE, seen
from mml_charts.theme import Look, rgb

LOOKS = [Look(), Look("small", "lecture", "dark")]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
FLAT = np.full((160, 160), 0.5)
TILT = np.radians(40)
any_number = st.floats(allow_nan=True, allow_infinity=True)


def relief(heights=FLAT, tilt=TILT, look=None, **more):
    return reliefs.relief("A block", look=look or Look(), heights=heights, tilt=tilt, **more)


def picture(figure):
    """The pixels, row 0 at the top."""
    (url,) = figure.columns["picture"]["url"]
    head, body = url.split(",", 1)
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(body, validate=True))), int)


def drawn(figure, look=None):
    """Which pixels are not of the ground's colour."""
    return (picture(figure) != rgb((look or Look()).palette.background)).any(axis=2)


def cell(n, row, col):
    """The place of a cell's middle: to the right and away, from -1 to 1."""
    return np.array([[2 * (col + 0.5) / n - 1, 1 - 2 * (row + 0.5) / n]])


def at(place, height, tilt=TILT):
    """The column and the row of pixels in which a place is seen, row 0 at the top."""
    ((x, y),) = seen(np.asarray(place, float).reshape(1, 2), np.array([height]), tilt)
    return x * WIDE - 0.5, TALL - y * WIDE - 0.5


def hilly(n=160):
    x, y = np.meshgrid(*[np.linspace(-1, 1, n)] * 2)
    return 0.5 + 0.2 * np.sin(4 * x) * np.cos(3 * y)


@each_look
def test_the_chart_stays_while_what_it_shows_moves(look):
    one, other = relief(look=look), relief(np.zeros((9, 9)), 1.0, look, spots=[Spot((0.5, 0.5))])
    assert one.spec is other.spec
    assert one.window == other.window == (0, 1, 0, TALL / WIDE)
    assert relief(look=Look("large")).spec != one.spec


@each_look
def test_the_picture_fills_the_box_at_its_own_proportions(look):
    figure = relief(look=look)
    spec = figure.spec
    assert picture(figure).shape == (TALL, WIDE, 3)
    assert (spec["width"], spec["height"]) == (look.width, round(look.width * TALL / WIDE))
    assert set(spec["padding"].values()) == {0}
    first = spec["layer"][0]
    assert first["encoding"]["x"]["scale"]["domain"] == [0, 1]
    assert first["encoding"]["y"]["scale"]["domain"] == [0, TALL / WIDE]
    corners = {t["as"]: float(t["calculate"]) for t in first["transform"]}
    assert corners == {"x": 0, "x2": 1, "y": 0, "y2": TALL / WIDE}


@each_look
def test_the_chart_is_valid_vega_lite(look):
    spec = json.loads(json.dumps(relief(look=look).spec))
    alt.Chart.from_dict(spec)
    spec["layer"][0]["mark"]["type"] = "relief"
    with pytest.raises(ValidationError):
        alt.Chart.from_dict(spec)


def test_the_chart_reads_exactly_the_tables_and_fields_that_it_gets():
    figure = relief(tracks=[Track(np.array([[0.2, 0.3], [0.5, 0.5]]))], spots=[Spot((0.5, 0.5))])
    assert {layer["data"]["name"] for layer in figure.spec["layer"]} == set(figure.columns) == set(MARKS) == set(figure.marks)
    for layer in figure.spec["layer"]:
        made = {t["as"] for t in layer.get("transform", [])}
        fields = {e["field"] for e in layer["encoding"].values() if "field" in e} - made
        assert fields <= set(figure.columns[layer["data"]["name"]]), layer["name"]


@pytest.mark.parametrize("degrees", [15, 40, 60])
@pytest.mark.parametrize(("height", "look"), [(0.0, LOOKS[0]), (0.5, LOOKS[1]), (1.0, LOOKS[0])], ids=["low", "middle", "high"])
def test_a_flat_plate_is_a_box_with_the_outline_of_its_corners(height, degrees, look):
    tilt, heights = np.radians(degrees), np.full((320, 320), np.nan)
    heights[60:260, 60:260] = height
    there = drawn(relief(heights, tilt, look), look)
    rows, cols = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    half = 200 / 320
    left, top = at((-half, half), height, tilt)
    right, bottom = at((half, -half), 0.0, tilt)
    np.testing.assert_allclose([cols[0], cols[-1], rows[0], rows[-1]], [left, right, top, bottom], atol=2)
    assert there[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1].all(), "nothing shows through"


@each_look
def test_the_wall_of_a_block_stands_under_its_near_edge_in_one_colour(look):
    heights = np.full((160, 160), np.nan)
    heights[30:130, 30:130] = 0.8
    pixels = picture(relief(heights, look=look))
    p = look.palette
    wall = np.rint(0.5 * np.array(rgb(p.reference)) + 0.2 * np.array(rgb(p.first)))
    rows = np.flatnonzero((pixels[:, WIDE // 2] == wall).all(axis=1))
    _, top = at((0, -100 / 160), 0.8)
    _, bottom = at((0, -100 / 160), 0.0)
    np.testing.assert_allclose([rows[0], rows[-1]], [top, bottom], atol=2)
    assert len(rows) == rows[-1] - rows[0] + 1


@pytest.mark.parametrize("degrees", [15, 30, 45])
def test_a_nearer_hill_hides_what_is_behind_it(degrees):
    tilt, front = np.radians(degrees), np.zeros((160, 160))
    front[120:126] = 1.0
    behind = np.array(front)
    hidden = slice(112, 118)  # a shadow of at least 0.4 cot(45°) / 0.47 in places
    behind[hidden, 40:120] = 0.1
    assert np.array_equal(picture(relief(front, tilt)), picture(relief(behind, tilt)))
    behind[hidden, 40:120] = 1.0
    assert not np.array_equal(picture(relief(front, tilt)), picture(relief(behind, tilt))), "it rises above the hill"


def test_a_farther_hill_hides_nothing_in_front_of_it():
    low = np.zeros((160, 160))
    far = np.array(low)
    far[20:26] = 1.0
    one, other = picture(relief(low)), picture(relief(far))
    _, foot = at(cell(160, 27, 80), 0.0)
    assert (one[: int(foot) - 20] != other[: int(foot) - 20]).any()
    np.testing.assert_array_equal(one[int(foot) + 3 :], other[int(foot) + 3 :])


def test_where_there_is_no_height_nothing_is_drawn():
    heights = np.array(FLAT)
    heights[:, :60] = np.nan
    there = drawn(relief(heights))
    edge, _ = at((2 * 60 / 160 - 1, 0), 0.5)
    assert not there[:, : int(edge) - 2].any()
    assert there[:, int(edge) + 2 : int(at((0.99, 0), 0.5)[0])].any(axis=0).all()


def test_the_ground_behind_the_last_height_is_not_drawn():
    heights = np.array(FLAT)
    heights[:80] = np.nan
    _, top = at((0, 0), 0.5)
    assert np.flatnonzero(drawn(relief(heights)).any(axis=1))[0] == pytest.approx(top, abs=2)


@each_look
@pytest.mark.parametrize("n", [2, 160])
def test_a_block_without_any_height_is_an_empty_picture(n, look):
    assert not drawn(relief(np.full((n, n), np.nan), look=look), look).any()


@pytest.mark.parametrize(("row", "col"), [(80, 80), (30, 50), (50, 120), (110, 40), (120, 118)])
@pytest.mark.parametrize("degrees", [15, 40, 75])
def test_a_point_is_seen_where_the_picture_has_it(row, col, degrees):
    tilt, heights = np.radians(degrees), np.zeros((160, 160))
    heights[:row] = np.nan  # nothing behind, so that the cell itself is the skyline
    heights[row, col] = 1.0
    across, down = at(cell(160, row, col), 1.0, tilt)
    there = drawn(relief(heights, tilt))
    top = np.where(there.any(axis=0), there.argmax(axis=0), TALL)
    high = np.flatnonzero(top == top.min())
    assert top.min() == pytest.approx(down, abs=2)
    if degrees < 75:  # from above a column is hardly higher than the ground around it
        assert high.mean() == pytest.approx(across, abs=2)


def test_seen_is_the_middle_for_the_middle_and_further_up_for_what_is_higher_or_farther():
    middle = seen(np.zeros((1, 2)), np.array([0.5]), TILT)
    np.testing.assert_allclose(middle, [[0.5, TALL / WIDE / 2]])
    moved = seen(np.array([[0.5, 0], [0, 0.5], [0, 0]]), np.array([0.5, 0.5, 1.0]), TILT) - middle
    np.testing.assert_allclose(
        moved, [[GROUND / 2, 0], [0, GROUND / 2 * np.sin(TILT)], [0, STAND / 2 * np.cos(TILT)]], atol=1e-12
    )
    above = seen(np.array([[0, 0.5], [0, 0.5]]), np.array([0.0, 1.0]), np.pi / 2)
    np.testing.assert_allclose(above[0], above[1], atol=1e-12)
    assert seen(np.empty((0, 2)), np.empty(0), TILT).shape == (0, 2)


def test_turning_is_up_to_the_caller():
    """Another turn is another array: a quarter turn of a block with one hill shows it where the turned place is."""
    heights = np.zeros((160, 160))
    heights[60, 90] = 1.0
    for quarter in range(4):
        turned = np.rot90(heights, quarter)
        ((row, col),) = np.argwhere(turned)
        bare = picture(relief(np.zeros((160, 160))))
        changed = (picture(relief(turned)) != bare).any(axis=2)
        across, down = at(cell(160, row, col), 1.0)
        rows, cols = np.nonzero(changed)
        assert rows.min() == pytest.approx(down, abs=2)
        assert cols[rows == rows.min()].mean() == pytest.approx(across, abs=2)


@pytest.mark.parametrize("degrees", [40, 75])
def test_the_whole_block_is_in_the_picture(degrees):
    corners = seen(np.array([[0.0, 1], [0, -1], [1, 0], [-1, 0]]), np.array([1.0, 0, 0, 0]), np.radians(degrees))
    assert corners.min() >= 0
    assert corners[:, 1].max() <= TALL / WIDE


@each_look
def test_the_lit_picture_is_the_same_each_time_and_leaves_its_heights_alone(look):
    heights = hilly()
    before = heights.copy()
    one, other = (relief(heights, look=look).columns["picture"]["url"][0] for _ in range(2))
    assert one == other
    np.testing.assert_array_equal(heights, before)
    assert relief(heights, TILT + 0.05, look).columns["picture"]["url"][0] != one


def test_slopes_towards_the_light_are_brighter():
    """Lit from the upper left: what rises to the right faces the light."""
    away = np.tile(np.linspace(0, 1, 160), (160, 1))
    rising, falling = (picture(relief(h)) for h in (away, away[:, ::-1]))
    across, down = (round(v) for v in at((0, 0), 0.5))
    area = np.s_[down - 5 : down + 5, across - 8 : across + 8]
    assert rising[area].mean() > falling[area].mean() + 20


@each_look
def test_high_ground_is_of_another_shade_than_low_ground(look):
    shades = []
    for height in (0.02, 0.5, 0.97):
        across, down = (round(v) for v in at((0, 0), height))
        shades.append(picture(relief(np.full((160, 160), height), look=look))[down, across].sum())
    assert shades[0] + 40 < shades[1] < shades[2] - 40


def test_tracks_end_where_they_are_no_number_and_spots_without_a_place_are_left_out():
    way = np.array([[0.2, 0.3], [0.4, 0.5], [np.nan, 0.5], [0.6, 0.6]])
    spots = [Spot((0.5, 0.4), "c1", "square"), Spot((np.nan, 0.4)), Spot((0.4, np.inf))]
    figure = relief(tracks=[Track(way, "first", "dashed")], spots=spots)
    rows = pd.DataFrame(figure.columns["paths"])
    assert rows[["x", "y"]].to_numpy().tolist() == way[:2].tolist()
    assert set(rows["ink"]) == {"first"}
    assert set(rows["dash"]) == {"dashed"}
    assert pd.DataFrame(figure.columns["points"]).to_dict("records") == [dict(x=0.5, y=0.4, angle=0, ink="c1", kind="square")]


@given(
    st.lists(st.one_of(any_number, st.floats(0, 1)), min_size=16, max_size=16),
    st.floats(0, np.pi / 2),
    st.lists(st.tuples(any_number, any_number), max_size=4),
    st.sampled_from(LOOKS),
)
def test_nothing_ever_raises_and_tables_stay_finite(heights, tilt, places, look):
    way = np.array([(0.31, 0.47), *places])
    known = np.array([h if 0 <= h <= 1 else np.nan for h in heights]).reshape(4, 4)
    figure = relief(known, tilt, look, tracks=[Track(way), Track(way[1:])], spots=[Spot(tuple(p)) for p in places])
    there = drawn(figure, look).any()
    assert np.isfinite(known).any() or not there
    assert there or tilt > 1 or not (known > 0.1).any()
    for rows in figure.columns.values():
        assert all(np.isfinite(column).all() for column in rows.values() if column.dtype.kind == "f")
