"""A figure's tables and grips on their way to the browser."""

import doctest
import json

import numpy as np
import pyarrow as pa
import pytest
from screens import fine, frame

from mml_ui import controls, figures

HERE = ("mml_figure_demo_main", "rows")
KINDS = np.array(["a", "b"], object)
HUGE = {"x": np.array([1e150, 0.0]), "n": np.array([3, 4])}
ONE, OTHER = {"x": np.array([0.0, 1.0]), "kind": KINDS}, {"x": np.array([0.0, 2.0]), "kind": KINDS}
NONE = {"x": np.array([], float), "kind": np.array([], object)}


def listed(rows):
    return {name: values.tolist() for name, values in rows.items()}


def test_doctests():
    assert doctest.testmod(figures).failed == 0


def test_what_is_sent_holds_the_rows_and_nothing_but_them():
    data = figures._as_sent({}, HERE, ONE)
    assert pa.ipc.open_stream(data).read_all().to_pydict() == listed(ONE)
    empty = pa.ipc.open_stream(figures._as_sent({}, HERE, NONE)).read_all()
    assert (empty.num_rows, empty.column_names) == (0, ["x", "kind"])


def test_places_travel_in_single_precision_unless_they_would_lose_their_size():
    small, huge = (pa.ipc.open_stream(figures._as_sent({}, HERE, rows)).read_all() for rows in (ONE, HUGE))
    assert small.schema.field("x").type == pa.float32()
    assert small.schema.field("kind").type == pa.dictionary(pa.int8(), pa.string())
    assert huge.schema.field("x").type == pa.float64()
    assert huge.schema.field("n").type == pa.int16()
    assert huge.to_pydict() == listed(HUGE)


def test_an_unchanged_table_is_sent_as_the_same_bytes_a_changed_one_as_bytes_never_sent_before():
    sent = {}
    first = figures._as_sent(sent, HERE, ONE)
    assert figures._as_sent(sent, HERE, dict(ONE)) is first
    seen = {first}
    for rows in (OTHER, ONE, OTHER, NONE, ONE):
        data = figures._as_sent(sent, HERE, rows)
        assert data not in seen
        assert figures._as_sent(sent, HERE, dict(rows)) is data
        seen.add(data)
    elsewhere = figures._as_sent(sent, ("mml_figure_demo_other", "rows"), ONE)
    assert figures._as_sent(sent, HERE, ONE) in seen
    assert elsewhere == first


# Grips of a list of points

SQUARE = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])


def test_each_point_of_a_list_has_a_handle_where_it_is_drawn():
    handles = figures.point_handles("data", SQUARE, 2 * SQUARE)
    assert [(h.name, h.label, h.index) for h in handles] == [(f"data{i}", f"point {i + 1}", i) for i in range(4)]
    assert [h.at for h in handles] == [tuple(p) for p in (2 * SQUARE).tolist()]
    assert {(h.x, h.y, h.least) for h in handles} == {("data", "", None)}, "a list keeps its length unless it is to grow"


@pytest.mark.parametrize("least", [1, 3, controls.MAX_POINTS])
def test_points_of_a_list_that_grows_say_how_many_stay(least):
    assert {h.least for h in figures.point_handles("data", SQUARE, SQUARE, grows=True, least=least)} == {least}
    assert {h.least for h in figures.point_handles("data", SQUARE, SQUARE, least=least)} == {None}


@pytest.mark.parametrize("least", [0, -1, controls.MAX_POINTS + 1])
def test_a_list_cannot_be_emptied_or_keep_more_than_fit(least):
    with pytest.raises(ValueError, match=rf"least is {least}; a list can keep 1 to 60 points\."):
        figures.point_handles("data", SQUARE, SQUARE, grows=True, least=least)


def story():
    from mml_charts import plane
    from mml_ui import controls, figures, frame

    look = frame.current().look
    points = controls.points("Points", ";".join(f"{i / 10 - 3:.4f},{-i / 7:.4f}" for i in range(60)), key="data")
    grips = figures.point_handles("data", points, points, origin=(1.0, 2.0), grows=True)
    tip = figures.Handle("tip", "tip1", "tip2", (1.0, 1.0), "tip")
    controls.vector("Tip", (1, 1), key="tip")
    figures.show(plane.figure("Points", radius=3.0, look=look, points=points), handles=[*grips, tip], says="Points.")


def test_a_list_says_once_what_its_points_share_and_each_point_says_its_own(sink):
    first, *others, tip = frame(fine(sink(story))).handles
    assert (first["grows"], first["origin"], first["window"]) == ([3, 60], [1.0, 2.0], [-3.0, 3.0, -3.0, 3.0])
    assert all(other.keys() < first.keys() for other in others)
    assert [(h["points"], h["index"]) for h in [first, *others]] == [
        ([round(i / 10 - 3, 4), round(-i / 7, 4)], i) for i in range(60)
    ]
    assert (tip["points"], tip["grows"], tip["origin"]) == (None, None, [0.0, 0.0])


def test_the_grips_of_as_many_points_as_there_can_be_cost_less_than_a_move_may(sink):
    assert len(json.dumps(frame(fine(sink(story))).handles)) < 16_000
