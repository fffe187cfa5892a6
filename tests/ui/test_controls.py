"""Every kind of control: its default, its link, what the browser holds, who owns it, presets, reset and computations."""

import doctest
import logging
import math
import threading

import numpy as np
import pytest
import streamlit as st

from mml_ui import cache, controls, live, page
from mml_ui import frame as frames
from mml_ui.page import Preset

SEEN = {}


def kitchen():
    """Every kind of control once."""
    SEEN.clear()
    SEEN["slider"] = controls.slider("Angle", -180, 180, 30, key="angle", step=1, unit="°")
    SEEN["fine"] = controls.slider("Share", 0, 1, 0.25, key="fine", playable=True)
    SEEN["rate"] = controls.log_slider("Rate", -4, 1, -2, key="rate")
    SEEN["step"] = controls.step("Step", 0, 20, key="step")
    SEEN["stepper"] = controls.stepper("How many", 1, 9, 3, key="count")
    SEEN["choice"] = controls.choice("Metric", ["one", "two", "three"], "two", key="metric")
    SEEN["choices"] = controls.choices("Layers", ["a", "b", "c"], ["a"], key="layers")
    SEEN["toggle"] = controls.toggle("Snap", key="snap")
    SEEN["seed"] = controls.seed(7)
    SEEN["number"] = controls.number("Bias", -2, 2, 0.5, key="bias")
    SEEN["vector"] = controls.vector("x", (1, -0.5), key="x")
    SEEN["matrix"] = controls.matrix("A", [[2, 1], [0, 3]], key="A")
    SEEN["text"] = controls.text("Name", "abc", key="name", max_chars=20)
    SEEN["points"] = controls.points("Points", "0,0;1,2", key="points")
    SEEN["edits"] = controls.edits("Weights", "w1=0.5", key="edits")
    SEEN["square"] = controls.square("Square", "1 2; 3 4", key="square", largest=6)
    controls.reset()
    page.presets(
        [
            Preset("Plain", "the defaults.", dict(angle=30)),
            Preset("Turned", "turned.", dict(angle=90)),
            Preset("Other", "all other.", dict(angle=45, A="0 -1 1 0", x=[3, 4], metric="three", snap=True)),
        ]
    )
    SEEN["problem"] = frames.current().problem


DEFAULTS = {
    "slider": 30.0,
    "fine": 0.25,
    "rate": 0.01,
    "step": 0,
    "stepper": 3,
    "choice": "two",
    "choices": ["a"],
    "toggle": False,
    "seed": 7,
    "number": 0.5,
    "vector": [1, -0.5],
    "matrix": [[2, 1], [0, 3]],
    "text": "abc",
    "points": [[0, 0], [1, 2]],
    "edits": {"w1": 0.5},
    "square": [[1, 2], [3, 4]],
    "problem": "",
}

# Kind: what a link says, the value that must arrive, and nonsense of every sort that must leave the default.
LINKS = [
    ("slider", {"angle": "-90"}, -90.0),
    ("fine", {"fine": "0.75"}, 0.75),
    ("rate", {"rate": "-3"}, 1e-3),
    ("step", {"step": "17"}, 17),
    ("stepper", {"count": "9"}, 9),
    ("choice", {"metric": "three"}, "three"),
    ("choices", {"layers": ["b", "c"]}, ["b", "c"]),
    ("toggle", {"snap": "true"}, True),
    ("seed", {"seed": "4321"}, 4321),
    ("number", {"bias": "-1.25"}, -1.25),
    ("vector", {"x1": "2", "x2": "-3.5"}, [2, -3.5]),
    ("matrix", {"A11": "0", "A12": "-1", "A21": "1.5"}, [[0, -1], [1.5, 3]]),
    ("text", {"name": "ünï <b>"}, "ünï <b>"),
    ("points", {"points": "1,1;2,2;3,-3"}, [[1, 1], [2, 2], [3, -3]]),
    ("edits", {"edits": "w21=-2;b=1e-3"}, {"w21": -2.0, "b": 1e-3}),
    ("square", {"square": "0 1 0; 0 0 1; -1e2 0 .5"}, [[0, 1, 0], [0, 0, 1], [-100, 0, 0.5]]),
]
NONSENSE = ["nan", "inf", "-inf", "1e999", "", " ", "x", "<script>alert(1)</script>", "ü", "9" * 400, "[]", "null", "0x10"]
NUMBERS = dict(slider="angle", fine="fine", rate="rate", step="step", stepper="count", seed="seed", number="bias")
OTHERS = {"choice": "metric", "choices": "layers", "toggle": "snap", "vector": "x1", "matrix": "A12"}


def plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value


def query(names):
    return {f"sink_{name}": value for name, value in names.items()}


def healthy(app):
    assert not app.exception, app.exception
    return app


def group(app, key):
    (found,) = (b for b in app.get("button_group") if b.key == key)
    return found


@pytest.fixture
def opened(sink):
    return lambda **names: healthy(sink(kitchen, **query(names)))


def test_doctests():
    assert doctest.testmod(controls).failed == 0


# Defaults and links


def test_every_control_starts_at_its_default(opened):
    opened()
    assert {name: plain(value) for name, value in SEEN.items()} == DEFAULTS


def test_every_kind_of_control_is_in_this_kitchen():
    makers = {"slider", "log_slider", "step", "stepper", "choice", "choices", "toggle", "seed", "number", "vector", "matrix"}
    makers |= {"text", "points", "edits", "square", "reset"}
    makers |= {"pick", "links", "typed"}  # in test_drawn_links.py
    public = {n for n, f in vars(controls).items() if getattr(f, "__module__", "") == controls.__name__ and n[0].islower()}
    assert public - {"parsed_points", "parsed_edits", "parsed_square", "spread", "shown_if", "setter"} == makers


@pytest.mark.parametrize(("kind", "names", "value"), LINKS, ids=lambda v: v if isinstance(v, str) else "")
def test_a_link_brings_the_value(opened, kind, names, value):
    opened(**names)
    assert plain(SEEN[kind]) == value
    assert type(plain(SEEN[kind])) is type(value)
    others = {n: plain(v) for n, v in SEEN.items() if n != kind}
    assert others == {n: v for n, v in DEFAULTS.items() if n != kind}


def test_every_kind_has_a_link():
    assert {kind for kind, _, _ in LINKS} == set(DEFAULTS) - {"problem"}


@pytest.mark.parametrize("value", NONSENSE)
def test_nonsense_in_a_link_leaves_the_default(opened, value):
    kinds = {kind: name for kind, name in {**NUMBERS, **OTHERS}.items() if kind not in ("stepper", "seed")}
    opened(**dict.fromkeys(kinds.values(), value))
    for kind in kinds:
        nothing = kind == "choices" and value == ""  # a link can say that nothing is chosen
        assert plain(SEEN[kind]) == ([] if nothing else DEFAULTS[kind]), kind


@pytest.mark.parametrize("value", NONSENSE)
@pytest.mark.parametrize("kind", ["stepper", "seed"])
def test_nonsense_in_a_link_leaves_the_default_of_a_whole_number(opened, kind, value):
    opened(**{NUMBERS[kind]: value})
    assert SEEN[kind] == DEFAULTS[kind]


@pytest.mark.parametrize("value", ["1e6", "-1e6", "181", "-181.5"])
def test_out_of_range_in_a_link_leaves_a_value_in_range(opened, value):
    opened(**dict.fromkeys(NUMBERS.values(), value))
    assert -180 <= SEEN["slider"] <= 180
    assert 0 <= SEEN["fine"] <= 1
    assert 0 <= SEEN["step"] <= 20
    assert 1 <= SEEN["stepper"] <= 9
    assert -2 <= SEEN["number"] <= 2


def test_repeated_and_unknown_parameters_do_no_harm(opened):
    opened(angle=["1", "2"], metric=["one", "two"], layers=["b", "nobody", "b"], mystery="1")
    assert set(SEEN["choices"]) <= {"a", "b", "c"}
    assert -180 <= SEEN["slider"] <= 180
    assert SEEN["choice"] in ("one", "two", "three")


def test_a_text_is_bounded(opened):
    opened(name="x" * 5000)
    assert len(SEEN["text"]) <= 20


def test_moving_a_widget_moves_the_value(opened):
    app = opened()
    app.slider(key="sink_angle").set_value(90.0)
    app.number_input(key="sink_A12").set_value(-4.0)
    app.toggle(key="sink_snap").set_value(True)
    app.text_input(key="sink_points").set_value("5,5")
    group(app, "sink_metric").set_value("one")
    healthy(app.run())
    assert (SEEN["slider"], SEEN["matrix"][0, 1], SEEN["toggle"], SEEN["choice"]) == (90.0, -4.0, True, "one")
    assert SEEN["points"].tolist() == [[5, 5]]


def test_a_new_seed_is_another_number_and_goes_into_the_link(opened):
    app = opened()
    seeds = set()
    for _ in range(3):
        app.button(key="sink_seed_new").click()
        healthy(app.run())
        seeds.add(SEEN["seed"])
        assert app.query_params.get("sink_seed", "7") == str(SEEN["seed"])
    assert len(seeds) > 1
    assert all(isinstance(s, int) and 0 <= s <= 9999 for s in seeds)


def test_a_short_name_can_be_used_once(sink):
    def story():
        controls.toggle("One", key="same")
        with pytest.raises(RuntimeError, match="twice"):
            controls.toggle("Two", key="same")

    healthy(sink(story))


# Typed lists


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1,2;3", "point 2"),
        ("1,2;3,x", "point 2"),
        ("1,2,3", "point 1"),
        ("nan,1", "outside"),
        ("1e999,1", "outside"),
        ("10,0", "outside -9 to 9"),
        (";".join(["1,1"] * 61), "61 points; at most 60"),
    ],
)
def test_malformed_points_get_a_sentence_and_the_last_good_ones_stay(opened, line, words):
    app = opened(points="4,4;5,5")
    healthy(app.text_input(key="sink_points").set_value(line).run())
    assert words in SEEN["problem"]
    assert SEEN["problem"].startswith("Points: ")
    assert SEEN["problem"].endswith(".")
    assert SEEN["points"].tolist() == [[4, 4], [5, 5]]
    healthy(app.text_input(key="sink_points").set_value("6,6").run())
    assert SEEN["problem"] == ""
    assert SEEN["points"].tolist() == [[6, 6]]


def test_malformed_points_in_a_link_show_the_default(opened):
    opened(points="rubbish")
    assert SEEN["points"].tolist() == DEFAULTS["points"]
    assert "rubbish" in SEEN["problem"]


@pytest.mark.parametrize(
    "line", ["w1", "w1=x", "1w=2", "w1=nan", "w1=1e999", "w1==2", "import os=1", "w1=0.1=2", "__class__.x=1"]
)
def test_malformed_edits_get_a_sentence_and_the_last_good_ones_stay(opened, line):
    app = opened(edits="w9=9")
    healthy(app.text_input(key="sink_edits").set_value(line).run())
    assert "is not a change" in SEEN["problem"]
    assert SEEN["edits"] == {"w9": 9.0}


def test_points_may_be_written_as_people_write_them():
    for line in ("1,2;3,4", " 1 , 2 ; 3 , 4 ; ", "(1,2);(3,4)", "1 2;3 4"):
        assert controls.parsed_points(line).tolist() == [[1, 2], [3, 4]]
    assert controls.parsed_points("").shape == (0, 2)
    assert len(controls.parsed_points(";".join(["1,1"] * 60))) == 60


SQUARES = [
    ("1 2; 3", "row 2 has 1 number and row 1 has 2"),
    ("1 2; 3 x", "row 2, entry 2, “x”, is not a number"),
    ("1 2 3; 4 5 6", "2 rows of 3 numbers are not square"),
    ("1 2", "1 row of 2 numbers are not square"),
    ("1; 2", "2 rows of 1 number are not square"),
    ("", "there is no number"),
    (" ; ;", "there is no number"),
    (";".join(["1 2 3 4 5 6 7"] * 7), "there are 7 rows; at most 6"),
    (" ".join("1" * 7), "1 row of 7 numbers"),
    ("1,,2; 3 4", "row 1, entry 2, “”"),
    ("1, 2,; 3, 4,", "row 1, entry 3, “”"),
    ("1e151 0; 0 1", "row 1, entry 1, “1e151”, is too large"),
    ("0 1; -1e999 0", "row 2, entry 1, “-1e999”, is too large"),
    ("9" * 400, "is too large"),
    *((f"1 2; 3 {word}", f"row 2, entry 2, “{word}”, is not a number") for word in (
        "nan", "inf", "-Infinity", "1_000", "0x10", "1j", "--1", "1e", ".", "e5", "+", "²", "٣", "1.2.3", "[1]", "1+1", "None",
        "__import__('os')", "1e5e5", "True", "1d0", "\x00",
    )),
]  # fmt: skip


@pytest.mark.parametrize(("line", "words"), SQUARES, ids=lambda v: v[:20])
def test_a_malformed_square_matrix_gets_a_sentence_and_the_last_good_one_stays(opened, line, words):
    app = opened(square="7 8; 9 0")
    healthy(app.text_input(key="sink_square").set_value(line).run())
    assert words in SEEN["problem"]
    assert SEEN["problem"].startswith("Square: ")
    assert SEEN["problem"].endswith(".")
    assert SEEN["square"].tolist() == [[7, 8], [9, 0]]
    healthy(app.text_input(key="sink_square").set_value("5").run())
    assert (SEEN["problem"], SEEN["square"].tolist()) == ("", [[5]])


def test_a_malformed_square_matrix_in_a_link_shows_the_default(opened):
    opened(square="1 2; rubbish")
    assert SEEN["square"].tolist() == DEFAULTS["square"]
    assert "rubbish" in SEEN["problem"]


def test_a_square_matrix_may_be_written_as_people_write_it():
    for line in ("1 2;3 4", " 1,2 ; 3,4 ; ", "1\t2\n3\t4\n", "+1., 2e0\r\n3 ,4", "1.0  02;3   4.E0;"):
        found = controls.parsed_square(line)
        assert found.dtype == float
        assert found.tolist() == [[1, 2], [3, 4]]
    assert controls.parsed_square("-1e150").tolist() == [[-1e150]]
    largest = np.arange(200 * 200).reshape(200, 200) % 7
    lines = "\n".join(" ".join(map(str, row)) for row in largest.tolist())
    assert (controls.parsed_square(lines) == largest).all()


# Ranges and options that depend on data

SIZES = {"Twenty": 20, "Ten": 10, "Thirty": 30, "One": 1}
OPTIONS = {"Twenty": ["a", "b", "c"], "Ten": ["x", "a"], "Thirty": ["c", "b"], "One": ["x"]}
NEEDED = dict(row=17, share=17.5, number=17.25, count=17)
DEFAULT = dict(row=2, share=3.0, number=4.0, count=5, rate=10.0)


def ranges():
    """Every kind of control whose range or options are those of the data."""
    SEEN.clear()
    data = controls.choice("Data", list(SIZES), key="data")
    n = SIZES[data]
    SEEN["row"] = controls.step("Row", 1, n, 2, key="row")
    SEEN["share"] = controls.slider("Share", 0, n, 3, key="share", step=0.25)
    SEEN["number"] = controls.number("Number", 0, n, 4, key="number")
    SEEN["count"] = controls.stepper("Count", 0, n, 5, key="count")
    SEEN["rate"] = controls.log_slider("Rate", -3, n / 10, 1, key="rate")
    SEEN["by"] = controls.choice("By", OPTIONS[data], key="by")
    SEEN["among"] = controls.choices("Among", OPTIONS[data], OPTIONS[data][:1], key="among")
    SEEN["shown"] = controls.slider("Shown", 0, n, 0, key="shown", shows=float(SEEN["row"]), sets=dict(data="Ten"))
    controls.reset()
    SEEN["frame"] = frames.current()


def chosen(app, data):
    return healthy(group(app, "sink_data").set_value(data).run())


def assert_screen_and_link_agree(app):
    frame = SEEN["frame"]
    for key, control in frame.controls.items():
        value, linked = frame.values[key], app.query_params.get(key)
        assert app.session_state[key] == value, key
        if key == "sink_data":
            continue  # what a reader moves is put into the address by the browser, and here there is none
        if key in frame.followers or value == control.default:
            assert linked is None, key
        elif isinstance(value, list):
            assert linked in (value, *value), key
        else:
            assert type(value)(float(linked) if control.step else linked) == value, key


def test_a_range_that_shrinks_takes_its_values_along_and_the_link_too(sink):
    app = healthy(sink(ranges, **query({name: str(value) for name, value in NEEDED.items()})))
    assert {name: SEEN[name] for name in NEEDED} == NEEDED
    for _ in range(2):
        chosen(app, "Ten")
        assert [SEEN[name] for name in NEEDED] == [10, 10.0, 10.0, 10]
        assert [type(SEEN[name]) for name in NEEDED] == [int, float, float, int]
        assert_screen_and_link_agree(app)
        healthy(app.run())
        assert_screen_and_link_agree(app)
        chosen(app, "Thirty")
        assert [SEEN[name] for name in NEEDED] == [10, 10.0, 10.0, 10], "what was cut off does not come back"
        assert_screen_and_link_agree(app)


def test_a_value_within_both_ranges_stays_and_one_that_went_back_to_the_default_too(sink):
    app = healthy(sink(ranges, **query(dict.fromkeys(NEEDED, "6"))))
    for data in ("Ten", "Thirty", "Twenty"):
        chosen(app, data)
        assert [SEEN[name] for name in NEEDED] == [6, 6, 6, 6]
        assert_screen_and_link_agree(app)
    healthy(app.slider(key="sink_row").set_value(2).run())
    for data in ("Ten", "Thirty", "Twenty"):
        chosen(app, data)
        assert SEEN["row"] == 2
        assert_screen_and_link_agree(app)


def test_a_range_of_one_value_leaves_nothing_to_choose(sink):
    app = healthy(sink(ranges, **query(dict.fromkeys(NEEDED, "6"))))
    chosen(app, "One")
    assert [SEEN[name] for name in NEEDED] == [1, 1, 1, 1]
    assert app.slider(key="sink_row").disabled
    assert not app.slider(key="sink_share").disabled
    healthy(app.run())
    assert_screen_and_link_agree(app)


@pytest.mark.parametrize("data", SIZES)
def test_a_default_that_data_put_out_of_range_is_the_end_of_the_range(sink, data):
    app = healthy(sink(ranges, sink_data=data))
    assert {name: SEEN[name] for name in DEFAULT} == {
        name: min(value, SIZES[data] if name != "rate" else 10 ** (SIZES[data] / 10)) for name, value in DEFAULT.items()
    }
    assert_screen_and_link_agree(app)


@pytest.mark.parametrize("value", ["17", "-5", "1e9", "nan", "inf", "x", "", "9" * 400])
@pytest.mark.parametrize("data", ["Ten", "One"])
def test_a_link_that_is_out_of_range_shows_a_value_in_range_and_is_mended(sink, data, value):
    app = healthy(sink(ranges, sink_data=data, **query(dict.fromkeys([*NEEDED, "rate", "by", "among"], value))))
    for _ in range(2):
        for key, control in SEEN["frame"].controls.items():
            assert control.clean(SEEN["frame"].values[key]) == SEEN["frame"].values[key], key
        assert app.query_params.get("sink_row") is None
        healthy(app.run())


def test_options_that_are_gone_leave_the_default_on_screen_and_in_the_link(sink):
    app = healthy(sink(ranges, sink_by="b", sink_among=["c", "b"]))
    assert (SEEN["by"], SEEN["among"]) == ("b", ["b", "c"])
    chosen(app, "Thirty")
    assert (SEEN["by"], SEEN["among"]) == ("b", ["c", "b"])
    chosen(app, "Ten")
    assert (SEEN["by"], SEEN["among"]) == ("x", ["x"])
    assert_screen_and_link_agree(app)
    healthy(app.run())
    assert_screen_and_link_agree(app)
    chosen(app, "Twenty")
    assert SEEN["by"] == "a"


def test_reset_counts_more_than_the_old_link_where_it_changes_the_range(sink):
    app = healthy(sink(ranges, sink_data="Ten", **query(dict.fromkeys(NEEDED, "7"))))
    healthy(app.button(key="sink_reset").click().run())
    assert {name: SEEN[name] for name in DEFAULT} == DEFAULT
    assert not {name for name in app.query_params if name.startswith("sink_")}
    healthy(app.run())
    assert {name: SEEN[name] for name in DEFAULT} == DEFAULT


def test_a_fallback_to_the_data_of_the_default_leaves_the_link_as_it_is(sink):
    def story():
        ranges()
        page.compute(root, -1.0 if SIZES[SEEN["frame"].values["sink_data"]] == 30 else 4.0)

    app = healthy(sink(story, sink_data="Thirty", sink_row="25"))
    assert "Shown instead: the page's default." in SEEN["frame"].problem
    assert SEEN["frame"].values["sink_data"] == "Twenty"
    chosen(app, "Ten")
    assert SEEN["frame"].problem == ""
    assert SEEN["row"] <= 10


# What the browser holds


@pytest.mark.parametrize(
    ("kind", "name", "value", "result"),
    [
        ("slider", "angle", 12.5, 12.5),
        ("slider", "angle", 3, 3.0),
        ("slider", "angle", 1e6, 180.0),
        ("slider", "angle", -1e6, -180.0),
        ("slider", "angle", 10**400, 180.0),
        ("rate", "rate", -1, 0.1),
        ("rate", "rate", 5, 10.0),
        ("step", "step", 4.6, 5),
        ("step", "step", 99, 20),
        ("stepper", "count", -5, 1),
        ("number", "bias", 7, 2.0),
        ("choice", "metric", "one", "one"),
        ("choices", "layers", ["c", "x", "b"], ["b", "c"]),
        ("toggle", "snap", True, True),
        ("text", "name", "y" * 50, "y" * 20),
        ("points", "points", "7,7", [[7, 7]]),
        ("matrix", "A21", 5, [[2, 1], [5, 3]]),
    ],
)
def test_a_held_value_counts_within_its_range(opened, hold, kind, name, value, result):
    app = opened()
    healthy(hold(app, "sink", {f"sink_{name}": value}))
    assert plain(SEEN[kind]) == result
    assert type(plain(SEEN[kind])) is type(result)
    assert {n: plain(v) for n, v in SEEN.items() if n != kind} == {n: v for n, v in DEFAULTS.items() if n != kind}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "12", None, True, [1], {"a": 1}, b"1", "", object])
def test_a_held_value_of_the_wrong_type_is_ignored(opened, hold, value):
    app = opened()
    healthy(hold(app, "sink", {f"sink_{name}": value for name in NUMBERS.values()}))
    assert {n: plain(v) for n, v in SEEN.items()} == DEFAULTS


@pytest.mark.parametrize("value", [5, 1.5, "a", "abc", None, {"a": 1}, [["a"]], [{}]])
def test_what_is_held_for_a_choice_is_an_option_or_nothing(opened, hold, value):
    app = opened()
    healthy(hold(app, "sink", {"sink_layers": value, "sink_metric": value, "sink_snap": value}))
    assert SEEN["choices"] == ([] if isinstance(value, list) else ["a"])
    assert (SEEN["choice"], SEEN["toggle"]) == ("two", False)


@pytest.mark.parametrize("report", [[1], "x", 3, None, {"sink_nobody": 3, "angle": 1, "mml": 2, "": 1, "sink_": 1, 5: 5}])
def test_what_is_no_hold_at_all_is_ignored(opened, hold, report):
    app = opened()
    healthy(hold(app, "sink", report))
    assert {n: plain(v) for n, v in SEEN.items()} == DEFAULTS


def test_a_report_that_is_none_is_ignored(opened):
    app = opened()
    for state in ({}, {"report": None}, {"report": [1, 2]}, {"report": "x"}, {"report": {}}):
        app.session_state[live.key("sink")] = state
        healthy(app.run())
        assert {n: plain(v) for n, v in SEEN.items()} == DEFAULTS


def test_a_hold_leaves_the_widget_and_the_link_alone(opened, hold):
    app = opened(angle="60")
    hold(app, "sink", {"sink_angle": 90})
    assert SEEN["slider"] == 90
    assert app.slider(key="sink_angle").value == 60
    assert app.query_params["sink_angle"] == "60"
    hold(app, "sink", {})
    assert SEEN["slider"] == 60


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ([1280, 670], (1280, 670)),
        ([390.5, 844], (390, 844)),
        ([0, 5], None),
        ([1e9, 5], None),
        ([math.nan, 5], None),
        ([10**400, 5], None),
        (["a", "b"], None),
        ([5], None),
        ("ab", None),
        ({"w": 1}, None),
    ],
)
def test_only_a_usable_viewport_is_kept(opened, hold, size, kept):
    app = opened()
    healthy(hold(app, "sink", {}, viewport=size))
    assert app.session_state["mml"].viewport == kept


def test_a_commit_writes_clean_values_of_known_controls_only(opened, hold):
    app = opened()
    values = {
        "sink_angle": 90.4, "sink_step": 500, "sink_count": "5", "sink_bias": math.nan, "sink_metric": "nobody",
        "sink_layers": ["c", "nobody"], "sink_nobody": 1, "mml": "gone", "commit": True, "sink_snap": 1, "sink_x1": -2.5,
    }  # fmt: skip
    app.session_state[live.key("sink")] = {"report": {"seq": 2, "hold": {}, "commit": values, "viewport": None}}
    app.button(key="commit").click()
    healthy(app.run())
    expected = {**DEFAULTS, "slider": 90.4, "step": 20, "choices": ["c"], "vector": [-2.5, -0.5]}
    assert {n: plain(v) for n, v in SEEN.items()} == expected
    assert app.query_params["sink_angle"] == "90.4"
    assert "sink_nobody" not in app.session_state
    assert isinstance(app.session_state["mml"], frames.Session)


@pytest.mark.parametrize("values", [None, [], "x", 5, {}])
def test_a_commit_of_nothing_changes_nothing(opened, values):
    app = opened()
    app.session_state[live.key("sink")] = {"report": {"seq": 2, "hold": None, "commit": values, "viewport": None}}
    app.button(key="commit").click()
    healthy(app.run())
    assert {n: plain(v) for n, v in SEEN.items()} == DEFAULTS


# Who owns a value


def owners():
    SEEN.clear()
    by = controls.choice("By", ["angle", "number"], key="by")
    if by == "angle":
        value = controls.slider("Angle", 0, 90, 10, key="angle", step=1, sets=dict(by="angle"))
        controls.number("Number", 0, 90, 0, key="number", shows=value, sets=dict(by="number"))
    else:
        value = controls.number("Number", 0, 90, 0, key="number", sets=dict(by="number"))
        controls.slider("Angle", 0, 90, 10, key="angle", step=1, shows=value, sets=dict(by="angle"))
    SEEN.update(by=by, value=value)


def test_the_one_that_does_not_own_shows_the_value_and_taking_it_makes_it_the_owner(sink):
    app = healthy(sink(owners))
    assert (SEEN["by"], SEEN["value"]) == ("angle", 10)
    assert app.number_input(key="sink_number").value == 10
    healthy(app.number_input(key="sink_number").set_value(42.25).run())
    assert (SEEN["by"], SEEN["value"]) == ("number", 42.25)
    assert app.slider(key="sink_angle").value == 42
    healthy(app.slider(key="sink_angle").set_value(7.0).run())
    assert (SEEN["by"], SEEN["value"]) == ("angle", 7)
    assert app.number_input(key="sink_number").value == 7


def test_what_a_control_sets_travels_to_the_browser_under_full_names(sink):
    app = healthy(sink(owners))
    assert app.session_state["mml"].frame.controls["sink_angle"].sets == {"sink_by": "angle"}


@pytest.mark.parametrize("shown", [math.nan, math.inf, None])
def test_what_cannot_be_shown_is_not(sink, shown):
    def story():
        controls.slider("Angle", 0, 90, 10, key="angle", step=1, shows=shown)

    assert healthy(sink(story)).slider(key="sink_angle").value == 10


@pytest.mark.parametrize(("shown", "value"), [(1e9, 90), (-5, 0), (44.6, 45)])
def test_what_is_shown_is_clipped_and_rounded_to_the_control(sink, shown, value):
    def story():
        controls.slider("Angle", 0, 90, 10, key="angle", step=1, shows=shown)

    assert healthy(sink(story)).slider(key="sink_angle").value == value


# Reset and presets


def test_reset_brings_everything_back(opened):
    app = opened(**{name: value for _, names, _ in LINKS for name, value in names.items()})
    assert all(plain(SEEN[kind]) == value for kind, _, value in LINKS)
    app.button(key="sink_reset").click()
    healthy(app.run())
    assert {n: plain(v) for n, v in SEEN.items()} == DEFAULTS
    assert not {name: v for name, v in app.query_params.items() if name.startswith("sink_")}


def test_the_preset_that_fits_is_lit(opened):
    assert group(opened(), "sink_preset").value == "Plain"
    assert group(opened(angle="90"), "sink_preset").value == "Turned"
    assert group(opened(angle="91"), "sink_preset").value is None


def test_a_preset_that_fits_but_for_another_named_control_is_not_lit(opened):
    assert group(opened(angle="90", snap="true"), "sink_preset").value is None


def test_a_preset_sets_its_values_and_brings_the_others_back(opened):
    app = opened(fine="0.5")
    healthy(group(app, "sink_preset").set_value("Other").run())
    assert SEEN["slider"] == 45
    assert SEEN["matrix"].tolist() == [[0, -1], [1, 0]]
    assert SEEN["vector"].tolist() == [3, 4]
    assert (SEEN["choice"], SEEN["toggle"]) == ("three", True)
    assert SEEN["fine"] == 0.5, "no preset names it, so that none moves it"
    assert group(app, "sink_preset").value == "Other"
    assert app.query_params["sink_A12"] == "-1.0"
    healthy(group(app, "sink_preset").set_value("Turned").run())
    assert SEEN["slider"] == 90
    assert SEEN["matrix"].tolist() == DEFAULTS["matrix"]
    assert (plain(SEEN["vector"]), SEEN["choice"], SEEN["toggle"]) == (DEFAULTS["vector"], "two", False)


def test_the_light_of_a_preset_goes_out_with_the_first_move(opened):
    app = opened(angle="90")
    healthy(app.slider(key="sink_angle").set_value(89.0).run())
    assert group(app, "sink_preset").value is None
    assert any("Press one" in c.value for c in app.caption)


def test_a_lit_preset_says_why(opened):
    assert any(c.value == "**Turned**: turned." for c in opened(angle="90").caption)


def test_pressing_a_lit_preset_again_keeps_its_values(opened):
    app = opened(angle="90")
    healthy(group(app, "sink_preset").set_value(None).run())
    assert SEEN["slider"] == 90
    assert group(app, "sink_preset").value == "Turned"


def test_a_preset_for_a_control_that_is_not_there_is_the_authors_mistake(sink):
    def story():
        controls.toggle("Snap", key="snap")
        with pytest.raises(RuntimeError, match="no control nobody"):
            page.presets([Preset("Wrong", "no such control.", dict(nobody=1))])

    healthy(sink(story))


# Computations

CALLS = []


def root(x: float, scale: float = 1.0) -> np.ndarray:
    """Return the root of x, refused for negative x; 13 is a bug."""
    CALLS.append((x, scale))
    if x == 13:
        raise KeyError("secret inside")
    if x < 0:
        raise ValueError(f"x is {x:g}; a root needs x of at least 0.")
    return np.array([math.sqrt(x) * scale])


def blur(image: np.ndarray) -> np.ndarray:
    """Return the image, copied."""
    CALLS.append("blur")
    return image.copy()


def counting(n: int, *, report) -> int:
    """Count to n, slowly."""
    CALLS.append(("slow", n, threading.current_thread().name))
    for i in range(n):
        report(i + 1, n)
    if n == 3:
        raise ValueError("3 is unlucky.")
    return n


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    CALLS.clear()
    monkeypatch.setattr(page, "_shared", cache.Budget(1_000_000))


def roots():
    SEEN.clear()
    x = controls.slider("x", -10, 20, 4, key="x", step=1)
    SEEN["root"] = page.compute(root, x)
    SEEN["problem"] = frames.current().problem
    SEEN["x"] = x
    SEEN["calls"] = list(frames.current().calls)


def test_a_result_is_computed_once_for_all_visitors_and_read_only(sink):
    app = healthy(sink(roots))
    healthy(app.run())
    healthy(sink(roots))
    assert CALLS == [(4.0, 1.0)]
    assert SEEN["root"].tolist() == [2.0]
    with pytest.raises(ValueError, match="read-only"):
        SEEN["root"][0] = 5


def test_function_and_arguments_are_recorded_defaults_too(sink):
    healthy(sink(roots))
    (call,) = SEEN["calls"]
    assert call.function is root
    assert call.arguments == {"x": 4.0, "scale": 1.0}
    assert call.result is SEEN["root"]


def test_another_argument_is_another_computation(sink):
    app = healthy(sink(roots))
    healthy(app.slider(key="sink_x").set_value(9.0).run())
    assert SEEN["root"].tolist() == [3.0]
    assert len(CALLS) == 2


def test_a_refusal_in_a_fresh_session_shows_the_default_and_the_sentence(sink):
    app = healthy(sink(roots, sink_x="-4"))
    assert SEEN["root"].tolist() == [2.0]
    assert SEEN["x"] == 4
    assert SEEN["problem"] == "x is -4; a root needs x of at least 0. Shown instead: the page's default."
    assert app.query_params["sink_x"] == "-4", "the link stays as it was, so that it can be mended"


def test_a_refusal_later_keeps_the_last_good_result(sink):
    app = healthy(sink(roots, sink_x="16"))
    healthy(app.slider(key="sink_x").set_value(-1.0).run())
    assert SEEN["root"].tolist() == [4.0]
    assert SEEN["problem"] == "x is -1; a root needs x of at least 0. The last good picture stays."
    assert SEEN["calls"][0].arguments["x"] == 16, "what is recorded belongs to what is shown"
    healthy(app.slider(key="sink_x").set_value(1.0).run())
    assert (SEEN["root"].tolist(), SEEN["problem"]) == ([1.0], "")


def test_a_mistake_of_ours_shows_an_incident_and_is_logged_without_a_traceback_on_the_page(sink, caplog):
    app = healthy(sink(roots))
    with caplog.at_level(logging.ERROR, logger="mml"):
        healthy(app.slider(key="sink_x").set_value(13.0).run())
    assert SEEN["root"].tolist() == [2.0]
    assert "incident " in SEEN["problem"]
    assert "secret" not in SEEN["problem"]
    incident = SEEN["problem"].split("incident ")[1][:6]
    (record,) = [r for r in caplog.records if r.name == "mml"]
    assert incident in record.getMessage()
    assert record.exc_info[0] is KeyError
    assert len(incident.strip(". ")) == 6


def test_a_mistake_of_ours_in_a_fresh_session_shows_the_default(sink):
    healthy(sink(roots, sink_x="13"))
    assert SEEN["root"].tolist() == [2.0]
    assert "incident " in SEEN["problem"]
    assert "the page's default" in SEEN["problem"]


def test_a_page_that_fails_at_its_defaults_stops_instead_of_running_for_ever(sink):
    def story():
        page.compute(root, -1.0)

    assert sink(story).exception


def test_what_comes_from_an_upload_stays_with_its_visitor(sink):
    photo = cache.mark_private(np.ones((4, 4), dtype=np.uint8))

    def story():
        SEEN["first"] = page.compute(blur, photo)
        SEEN["second"] = page.compute(blur, SEEN["first"])

    app = healthy(sink(story))
    assert len(page._shared) == 0
    assert len(app.session_state["mml"].results) == 1, "both have the same bytes, so that they have the same name"
    assert cache.is_private(SEEN["first"])
    assert cache.is_private(SEEN["second"])
    healthy(app.run())
    assert CALLS == ["blur"]
    healthy(sink(story))
    assert CALLS == ["blur", "blur"]
    assert len(page._shared) == 0


def test_an_equal_picture_that_is_nobodys_own_is_shared(sink):
    def story():
        page.compute(blur, np.ones((4, 4), dtype=np.uint8))

    healthy(sink(story))
    assert len(page._shared) == 1


def slowly():
    SEEN.clear()
    n = controls.step("n", 1, 9, 2, key="n", live=False)
    SEEN["count"] = page.slow(counting, n)
    SEEN["problem"] = frames.current().problem


def test_a_slow_computation_answers_on_release_only(sink, hold):
    app = healthy(sink(slowly))
    assert SEEN["count"] == 2
    hold(app, "sink", {"sink_n": 7})
    assert SEEN["count"] == 2
    assert len(CALLS) == 1
    hold(app, "sink", {})
    healthy(app.slider(key="sink_n").set_value(7).run())
    assert SEEN["count"] == 7
    assert len(CALLS) == 2


def test_a_slow_computation_leaves_no_bar_behind_and_is_kept(sink):
    app = healthy(sink(slowly))
    assert not app.get("progress")
    healthy(app.run())
    assert len(CALLS) == 1


def test_a_slow_computation_that_refuses_keeps_the_last_good_result(sink):
    app = healthy(sink(slowly))
    healthy(app.slider(key="sink_n").set_value(3).run())
    assert SEEN["count"] == 2
    assert "3 is unlucky. The last good picture stays." in SEEN["problem"]


def going_on(n, *, report=None, before=None):
    """Count to n, from where an earlier count ended."""
    CALLS.append((before or 0, n))
    return n


def test_a_slow_computation_may_go_on_from_its_last_result(sink):
    def story():
        n = controls.step("n", 1, 9, 2, key="n", live=False)
        SEEN["count"] = page.slow(going_on, n)

    app = healthy(sink(story))
    healthy(app.slider(key="sink_n").set_value(5).run())
    assert CALLS == [(0, 2), (2, 5)]
    assert frames_of(app).good["sink", "going_on"].arguments == {"n": 5}, "what only saves time is no part of its name"


def frames_of(app):
    return app.session_state["mml"]


def test_a_slow_computation_can_be_stopped_where_it_is(sink, monkeypatch):
    monkeypatch.setattr(page, "PATIENCE", -1.0)

    def stopped(n, *, report=None):
        report(3, n)
        button = next(iter(SEEN["waiting"]))
        button.stop()
        return n

    def story():
        controls.step("n", 1, 9, 8, key="n", live=False)
        SEEN["count"] = page.slow(stopped, 8, stops="n")

    SEEN["waiting"] = []
    made = page._Waiting.__init__

    def noted(self, *args):
        made(self, *args)
        SEEN["waiting"].append(self)
        monkeypatch.setattr(frames, "write", lambda key, value: SEEN.update(written=(key, value)))

    monkeypatch.setattr(page._Waiting, "__init__", noted)
    app = healthy(sink(story))
    assert SEEN["written"] == ("sink_n", 3)
    assert not [b for b in app.button if b.label == "Stop"], "it goes with its bar"


def test_a_held_run_takes_what_is_kept_before_it_takes_the_last_result(sink, hold):
    def story():
        SEEN["count"] = page.slow(going_on, controls.step("n", 1, 9, 2, key="n"))

    app = healthy(sink(story))
    healthy(app.slider(key="sink_n").set_value(5).run())
    hold(app, "sink", {"sink_n": 2})
    assert SEEN["count"] == 2, "computed before"
    hold(app, "sink", {"sink_n": 7})
    assert SEEN["count"] == 2, "the last good one"
    assert CALLS == [(0, 2), (2, 5)]


def test_a_setter_gives_values_to_other_controls(sink):
    def story():
        SEEN["n"] = controls.step("n", 1, 9, 2, key="n")
        SEEN["word"] = controls.text("word", "a", key="word")
        controls.setter("Both", dict(n=SEEN["n"] + 3, word="b"), key="both")
        controls.setter("Off", dict(n=1), key="off", off=True)

    app = healthy(sink(story))
    assert app.button(key="sink_off").disabled
    healthy(app.button(key="sink_both").click().run())
    assert (SEEN["n"], SEEN["word"]) == (5, "b")


def test_a_control_of_a_slow_computation_says_so(sink):
    assert "on release" in healthy(sink(slowly)).slider(key="sink_n").help


# Views


def tabs():
    SEEN["ran"] = []
    page.views({name: (lambda name=name: SEEN["ran"].append(name) or st.caption(name)) for name in ("One", "Two")})


def test_only_the_open_view_runs(sink):
    healthy(sink(tabs))
    assert SEEN["ran"] == ["One"]
    healthy(sink(tabs, sink_view="Two"))
    assert SEEN["ran"] == ["Two"]
    healthy(sink(tabs, sink_view="<script>"))
    assert SEEN["ran"] == ["One"]


def test_an_invariant_shows_both_sides_and_whether_they_agree(sink):
    def story():
        page.invariant("Area", ("left", 1.0), ("right", 1.0 + 1e-15))
        page.invariant("Area", ("left", 1.0), ("right", 1.1))

    first, second = (m.value for m in healthy(sink(story)).markdown)
    assert "left 1, right 1, equal to 1e-12" in first
    assert "**they differ by" in second
