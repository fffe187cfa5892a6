"""What is computed together is shown together: all of it, or all of what it was before."""

import logging

import numpy as np
import pytest

from mml_ui import cache, controls, page
from mml_ui import frame as frames

CALLS = []
SEEN = {}


def table(n: int) -> np.ndarray:
    """Return n numbers; of 7 there is no table."""
    CALLS.append(("table", n))
    if n == 7:
        raise ValueError("7 is no table; choose another one.")
    return np.arange(float(n))


def fit(X: np.ndarray, k: int) -> np.ndarray:
    """Return k of the numbers; 13 is a bug."""
    CALLS.append(("fit", len(X), k))
    if k == 13:
        raise KeyError("secret inside")
    if k > len(X):
        raise ValueError(f"{k} are asked for, and there are {len(X)}; ask for fewer.")
    return X[:k]


def shown(k: int) -> int:
    """Return k; 5 is refused."""
    if k == 5:
        raise ValueError("5 is refused.")
    return k


def slowly(X: np.ndarray, *, report) -> int:
    """Count the numbers, slowly."""
    report(1, 1)
    return len(X)


def both(n, k):
    X = page.compute(table, n)
    return X, page.compute(fit, X, k)


def story():
    """A page with a table and what was fitted to it, something computed before and something after."""
    SEEN.clear()
    n, k = controls.stepper("n", 1, 20, 4, key="n"), controls.step("k", 0, 15, 2, key="k")
    page.compute(len, [1, 2])
    X, found = page.together(lambda: both(n, k))
    SEEN["strict"] = frames.current().strict
    SEEN["after"] = page.compute(shown, k)
    SEEN.update(n=len(X), k=len(found), problem=frames.current().problem)
    SEEN["calls"] = [(call.function, call.result) for call in frames.current().calls]
    SEEN["same"] = SEEN["calls"][1][1] is X and SEEN["calls"][2][1] is found


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    CALLS.clear()
    SEEN.clear()
    monkeypatch.setattr(page, "_shared", cache.Budget(1_000_000))
    monkeypatch.setattr(frames, "STALE", 0)


@pytest.fixture
def opened(sink):
    return lambda what=story, **names: healthy(sink(what, **{f"sink_{name}": str(value) for name, value in names.items()}))


def healthy(app):
    assert not app.exception, app.exception
    return app


def put(app, n=None, k=None):
    if n is not None:
        app.number_input(key="sink_n").set_value(float(n))
    if k is not None:
        app.slider(key="sink_k").set_value(k)
    return healthy(app.run())


def recorded():
    """Return which functions are recorded, in their order; what is recorded of the two is what is shown."""
    assert SEEN["same"], "what is recorded belongs to what is shown"
    return [function for function, _ in SEEN["calls"]]


# All


def test_what_is_made_is_returned_and_its_calls_are_recorded(opened):
    opened(n=9, k=3)
    assert (SEEN["n"], SEEN["k"], SEEN["problem"]) == (9, 3, "")
    assert recorded() == [len, table, fit, shown]
    assert CALLS == [("table", 9), ("fit", 9, 3)]


def test_it_is_computed_once(opened):
    healthy(opened().run())
    opened()
    assert len(CALLS) == 2


# Or all of what it was before


def test_where_the_second_fails_the_first_is_not_shown_either(opened):
    app = put(opened(n=9, k=6), n=3)
    assert CALLS[-2:] == [("table", 3), ("fit", 3, 6)]
    assert (SEEN["n"], SEEN["k"]) == (9, 6)
    assert SEEN["problem"] == "6 are asked for, and there are 3; ask for fewer. The last good picture stays."
    assert recorded() == [len, table, fit, shown]
    assert [call.arguments for call in frames_of(app).calls[1:3]] == [
        {"n": 9},
        {"X": frames_of(app).calls[1].result, "k": 6},
    ]


def frames_of(app):
    return app.session_state["mml"].frame


def test_where_the_first_fails_the_second_is_not_even_tried(opened):
    put(opened(n=9, k=6), n=7, k=1)
    assert CALLS[-1] == ("table", 7)
    assert (SEEN["n"], SEEN["k"]) == (9, 6)
    assert SEEN["problem"] == "7 is no table; choose another one. The last good picture stays."
    assert recorded() == [len, table, fit, shown]


def test_the_last_good_result_stays_through_several_failures_and_goes_with_the_next_good_one(opened):
    app = opened(n=9, k=6)
    for n in (3, 7, 5, 3):
        put(app, n=n)
        assert (SEEN["n"], SEEN["k"], bool(SEEN["problem"])) == (9, 6, True)
    put(app, n=8)
    assert (SEEN["n"], SEEN["k"], SEEN["problem"]) == (8, 6, "")
    put(app, n=3)
    assert (SEEN["n"], SEEN["k"]) == (8, 6)


def test_what_is_computed_after_it_keeps_its_own_last_result(opened):
    app = opened(n=9, k=6)
    assert SEEN["strict"] is False
    put(app, n=3)
    assert SEEN["strict"] is False
    put(app, n=9, k=5)
    assert (SEEN["n"], SEEN["k"], SEEN["after"]) == (9, 5, 6)
    assert SEEN["problem"] == "5 is refused. The last good picture stays."


def test_a_mistake_in_the_making_itself_gets_its_sentence_too(opened):
    def making():
        n = controls.stepper("n", 1, 20, 4, key="n")

        def make():
            X = page.compute(table, n)
            if n == 2:
                raise ValueError("2 are too few.")
            return X

        SEEN.update(n=len(page.together(make)), problem=frames.current().problem)

    put(opened(making), n=2)
    assert SEEN == {"n": 4, "problem": "2 are too few. The last good picture stays."}


def test_what_may_be_left_out_does_not_end_it(opened):
    def leaving_out():
        n = controls.stepper("n", 1, 20, 4, key="n")
        X, found = page.together(lambda: (page.compute(table, n), page.attempt(fit, np.ones(2), n)))
        SEEN.update(n=len(X), found=found, problem=frames.current().problem)

    app = opened(leaving_out)
    assert SEEN == {"n": 4, "found": None, "problem": ""}
    assert any("4 are asked for, and there are 2; ask for fewer." in m.value for m in app.markdown)


def test_while_something_is_held_it_is_all_or_nothing_too(opened, hold):
    app = opened(n=9, k=6)
    healthy(hold(app, "sink", {"sink_k": 10}))
    assert (SEEN["n"], SEEN["k"], SEEN["after"]) == (9, 6, 10)
    assert SEEN["problem"].startswith("10 are asked for, and there are 9")
    healthy(hold(app, "sink", {"sink_k": 4}))
    assert (SEEN["n"], SEEN["k"], SEEN["problem"]) == (9, 4, "")


# In a fresh session


def test_in_a_fresh_session_the_page_is_shown_with_its_defaults(opened):
    app = opened(n=3, k=6)
    assert (SEEN["n"], SEEN["k"]) == (4, 2)
    assert SEEN["problem"] == "6 are asked for, and there are 3; ask for fewer. Shown instead: the page's default."
    assert recorded() == [len, table, fit, shown]
    assert (app.query_params["sink_n"], app.query_params["sink_k"]) == ("3", "6"), "so that it can be mended"
    put(app, n=9)
    assert (SEEN["n"], SEEN["k"], SEEN["problem"]) == (9, 6, "")


def test_what_was_good_by_itself_is_none_of_what_is_made_together(opened):
    def apart():
        n, k = controls.stepper("n", 1, 20, 4, key="n"), controls.step("k", 0, 15, 2, key="k")
        page.compute(fit, page.compute(table, 15), 14)
        X, found = page.together(lambda: both(n, k))
        SEEN.update(n=len(X), k=len(found))

    opened(apart, n=3, k=6)
    assert SEEN == {"n": 4, "k": 2}


def test_a_page_that_fails_at_its_defaults_stops_instead_of_running_for_ever(sink):
    assert sink(lambda: page.together(lambda: page.compute(table, 7))).exception


# A mistake of ours


def test_a_mistake_of_ours_shows_an_incident_and_all_that_was_before(opened, caplog):
    app = opened(n=15, k=6)
    with caplog.at_level(logging.ERROR, logger="mml"):
        put(app, n=14, k=13)
    assert (SEEN["n"], SEEN["k"]) == (15, 6)
    assert recorded() == [len, table, fit, shown]
    assert SEEN["problem"].startswith("This went wrong, and the mistake is ours: please report it as incident ")
    assert SEEN["problem"].endswith(" The last good picture stays.")
    assert "secret" not in SEEN["problem"]
    (record,) = [r for r in caplog.records if r.name == "mml"]
    assert SEEN["problem"].split("incident ")[1][:6] in record.getMessage()
    assert record.exc_info[0] is KeyError


def test_a_mistake_of_ours_in_a_fresh_session_shows_the_default(opened):
    opened(n=14, k=13)
    assert (SEEN["n"], SEEN["k"]) == (4, 2)
    assert "incident " in SEEN["problem"]
    assert SEEN["problem"].endswith(" Shown instead: the page's default.")


# Several of them


def test_two_of_different_functions_keep_their_own_results(opened):
    def two():
        n = controls.stepper("n", 1, 20, 4, key="n")

        def one():
            return page.compute(table, 2 * n)

        def other():
            return page.compute(fit, np.ones(9), n)

        SEEN.update(one=len(page.together(one)), other=len(page.together(other)))

    app = put(opened(two, n=5), n=12)
    assert SEEN == {"one": 24, "other": 5}
    assert len(frames_of(app).calls) == 2


def test_two_lambdas_of_one_function_keep_their_own_results(opened):
    def two():
        n = controls.stepper("n", 1, 20, 4, key="n")
        one = page.together(lambda: page.compute(table, 2 * n))
        other = page.together(lambda: page.compute(fit, np.ones(9), n))
        SEEN.update(one=len(one), other=len(other))

    put(opened(two, n=5), n=12)
    assert SEEN == {"one": 24, "other": 5}


def test_in_a_hold_a_slow_result_is_not_shown_with_another_table(opened, hold):
    def with_slow():
        k = controls.step("k", 1, 15, 2, key="k")

        def make():
            X = page.compute(table, k)
            return X, page.slow(slowly, X)

        X, count = page.together(make)
        SEEN.update(n=len(X), count=count)

    app = opened(with_slow)
    assert SEEN == {"n": 2, "count": 2}
    healthy(hold(app, "sink", {"sink_k": 6}))
    assert SEEN["n"] == SEEN["count"]
