"""A figure's tables on their way to the browser."""

import doctest

import numpy as np
import pyarrow as pa

from mml_ui import figures

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
