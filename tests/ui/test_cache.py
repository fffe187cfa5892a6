"""Results are kept by everything they were made from, within a bound, read-only, and a visitor's own stay his."""

import gc
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mml_ui import cache
from mml_ui.cache import Budget, fingerprint, frozen, is_private, mark_private, n_bytes


@dataclass(frozen=True)
class Pair:
    a: Any
    b: Any = 0


@dataclass(frozen=True)
class Other:
    a: Any
    b: Any = 0


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)


def same(one: Any, other: Any) -> bool:
    """Equal in type and value all the way down; a list and a tuple may count as one."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return same([x for item in one.items() for x in item], [x for item in other.items() for x in item])
    return type(one) is type(other) and repr(one) == repr(other)


@given(plain, plain)
def test_two_values_share_a_fingerprint_exactly_when_they_are_the_same(one, other):
    assert (fingerprint(one) == fingerprint(other)) == same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        (0.0, -0.0),
        ("1", 1),
        (b"a", "a"),
        ([1, [2]], [[1], 2]),
        (["ab"], ["a", "b"]),
        ([], None),
        (Pair(1), Other(1)),
        (Pair(1, 2), Pair(2, 1)),
        ({"a": 1}, {"b": 1}),
        (np.zeros(4), np.zeros((2, 2))),
        (np.zeros(4), np.zeros(4, dtype=np.float32)),
        (np.array([1.0]), [1.0]),
        (np.float64(1), 1.0),
    ],
)
def test_near_misses_have_fingerprints_of_their_own(one, other):
    assert fingerprint(one) != fingerprint(other)


def test_one_cell_of_a_large_array_counts():
    X = np.zeros((2000, 500))
    Y = X.copy()
    Y[1234, 321] = 1e-300
    assert fingerprint(X) != fingerprint(Y)
    assert fingerprint(X) == fingerprint(np.zeros((2000, 500)))


def test_the_memory_layout_does_not_count():
    X = np.arange(12.0).reshape(3, 4)
    assert fingerprint(X) == fingerprint(np.asfortranarray(X)) == fingerprint(np.repeat(X, 2, axis=1)[:, ::2])


def test_an_array_that_can_change_is_read_anew():
    X = np.zeros(3)
    before = fingerprint(X)
    X[1] = 1
    assert fingerprint(X) != before


def test_a_read_only_array_is_read_once_and_forgotten_with_it(monkeypatch):
    reads = []
    digest = cache._array_digest
    monkeypatch.setattr(cache, "_array_digest", lambda array: reads.append(1) or digest(array))
    X = frozen(np.arange(5.0))
    known = len(cache._known)
    assert fingerprint(X) == fingerprint(X) == digest(np.arange(5.0))
    assert len(reads) == 1
    assert len(cache._known) == known + 1
    del X
    gc.collect()
    assert len(cache._known) == known


def test_what_has_no_fingerprint_says_so():
    for value in (object(), lambda: 1, {1, 2}, [object()], Pair):
        with pytest.raises(TypeError, match="No fingerprint"):
            fingerprint(value)


def test_results_are_read_only_all_the_way_down():
    result = frozen(Pair(np.zeros(2), [np.zeros(2), {"x": (np.zeros(2),)}]))
    for array in (result.a, result.b[0], result.b[1]["x"][0]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_a_result_is_made_once_and_kept():
    store, made = Budget(10_000), []
    for _ in range(3):
        result = store.get(b"k", lambda: made.append(1) or np.ones(3))
    assert len(made) == 1
    np.testing.assert_array_equal(result, np.ones(3))
    assert not result.flags.writeable


def test_nothing_is_kept_of_what_failed():
    store = Budget(10_000)

    def fails():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.get(b"k", fails)
    assert store.get(b"k", lambda: 5) == 5


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 900)), max_size=40))
def test_a_store_never_exceeds_its_budget(requests):
    store = Budget(4000)
    for name, size in requests:
        assert len(store.get(bytes([name]), lambda size=size: np.zeros(size, dtype=np.uint8))) >= 0
        assert 0 <= store.used <= store.limit
    assert store.used == sum(size for _, size in store._results.values())
    assert len(store) == len(store._results)


def test_the_one_unused_for_longest_goes_first():
    store = Budget(3 * n_bytes(np.zeros(100)))
    for name in (b"a", b"b", b"c"):
        store.get(name, lambda: np.zeros(100))
    store.get(b"a", lambda: pytest.fail("was kept"))
    store.get(b"d", lambda: np.zeros(100))
    made = []
    for name in (b"a", b"c", b"d"):
        store.get(name, lambda: pytest.fail("was kept"))
    store.get(b"b", lambda: made.append(1))
    assert made == [1]


def test_a_result_larger_than_the_budget_is_returned_but_not_kept():
    store = Budget(100)
    small = store.get(b"s", lambda: 1)
    assert store.get(b"k", lambda: np.zeros(1000)).size == 1000
    assert store.get(b"s", lambda: pytest.fail("was kept")) == small
    assert len(store) == 1


@pytest.mark.parametrize(
    "wrap", [lambda x: x, lambda x: [x], lambda x: Pair(1, x), lambda x: {"image": (x,)}, lambda x: Pair([{"a": x}])]
)
def test_a_private_array_makes_private_whatever_holds_it(wrap):
    X = np.zeros(3)
    assert not is_private(wrap(X))
    mark_private(X)
    assert is_private(wrap(X))
    assert not is_private(wrap(X.copy()))


def test_a_private_mark_ends_with_its_array():
    known = len(cache._private)
    X = mark_private(np.zeros(3))
    assert len(cache._private) == known + 1
    del X
    gc.collect()
    assert len(cache._private) == known


@pytest.mark.parametrize("value", [np.zeros(1000), [np.zeros(500), np.zeros(500)], Pair(np.zeros(1000)), {"a": np.zeros(1000)}])
def test_memory_counts_arrays_wherever_they_are(value):
    assert n_bytes(value) >= 8000
