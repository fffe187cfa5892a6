"""What every page keeps, tried on each file of `pages/` by itself: nobody has to write these tests for a new page."""

import itertools
import math
import random
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import pytest
from conftest import SEED, SOAK, some
from notebooks import as_script, code_of
from ui import hostile_albums, hostile_images, hostile_links, hostile_tables

from mml_ui import contents
from mml_ui import frame as frames
from mml_ui.notebook import is_too_large, notebook

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(file.stem for file in (ROOT / "pages").glob("*.py"))
N_LINKS = 200 if SOAK else 25
N_FILES = 500 if SOAK else 48
N_DRAWN = 10  # of these, for each upload of a page
N_STATES = 20 if SOAK else 4

pytestmark = pytest.mark.parametrize("url", PAGES)
# By the short name of an upload: what is thrown at it, as what, and what stays.
KINDS = {
    "photo": (hostile_images, "image/png", "picture"),
    "image": (hostile_images, "image/png", "picture"),
    "table_file": (hostile_tables, "text/csv", "table"),
    "file": (hostile_links, "text/csv", "web"),
    "album": (hostile_albums, "application/zip", "album"),
}
NONSENSE = (
    "nan", "NaN", "inf", "-inf", "1e999", "-0", "0", "-1e308", "1" * 400, "", " ", "\x00", "ünïcödé", "😀", "true", "false",
    "<script>alert(1)</script>", "'; DROP TABLE pages; --", "../../etc/passwd", "[]", "{}", "null", "None", "0x10", "1,2;3",
    "1,2;3,4", "a=b", "w21=0.5", ";;;", "9,9;" * 100, "%00", "%s", "${x}", "1 2 3 4", "[[1,2],[3,4]]", "x" * 6000,
)  # fmt: skip


# What a page is made of, read off one fresh run


def frame_of(app):
    return app.session_state["mml"].frame


def trouble(app):
    """Return what a visitor must never see: a traceback, or the number of an incident."""
    incidents = [m.value for m in (*app.markdown, *app.caption) if "incident" in m.value]
    return [*(e.message for e in app.exception), *(e.value for e in app.error), *incidents]


def fine(app, what=""):
    assert not trouble(app), f"{what}: {trouble(app)}"
    return app


def views_of(app):
    return [tab.label for tab in app.tabs]


def opened(open_page, url, **query):
    return fine(open_page(url, **query), query)


def in_every_view(open_page, url):
    """Yield a fresh session in each view of the page."""
    for view in views_of(opened(open_page, url)) or [""]:
        yield view, opened(open_page, url, **({f"{url}_view": view} if view else {}))


def in_some_views(open_page, url):
    """Yield a fresh session in the first view and one that is drawn; in soak in each."""
    views = views_of(opened(open_page, url)) or [""]
    chosen = views if SOAK else dict.fromkeys([views[0], random.Random(f"{SEED} {url}").choice(views)])
    for view in chosen:
        yield view, opened(open_page, url, **({f"{url}_view": view} if view else {}))


def link_to(app):
    """Return the parameters that the address bar carries for what is on screen: all that is bound."""
    query = {}
    for key in frame_of(app).controls:
        value = app.session_state[key]
        query[key] = [str(v) for v in value] if isinstance(value, list) else str(value)
    return query


def linked(values):
    """Write values as a link has them."""
    return {key: str(value) for key, value in values.items()}


def tables(app):
    return {
        (name, table): rows
        for name, figure in frame_of(app).figures.values()
        for table, rows in figure.tables.items()
    }  # fmt: skip


def assert_same_picture(one, other):
    assert frame_of(one).says == frame_of(other).says
    assert tables(one).keys() == tables(other).keys()
    for name, rows in tables(one).items():
        pd.testing.assert_frame_equal(rows, tables(other)[name], rtol=1e-9, atol=1e-9, obj=str(name))


def valid(control, widget, rng):
    """Return a random value that the widget of a control takes, in the form that a link has it; None for free text."""
    if control.high > control.low:
        steps = rng.randint(0, round((control.high - control.low) / control.step))
        value = control.clean(round(control.low + steps * control.step, 6))
        return str(value)
    if isinstance(control.default, bool):
        return rng.choice(["true", "false"])
    options = getattr(widget, "options", None)
    if isinstance(control.default, list):
        return rng.sample(options, rng.randint(0, len(options)))
    return rng.choice(options) if options else None


def widgets(app):
    kinds = ("slider", "number_input", "button_group", "toggle", "text_input", "text_area", "selectbox")
    return {w.key: w for kind in kinds for w in app.get(kind)}


def random_state(app, rng):
    """Return a valid link with about half of the page's controls in it."""
    drawn = widgets(app)
    picks = {key: valid(c, drawn.get(key), rng) for key, c in frame_of(app).controls.items() if rng.random() < 0.5}
    return {key: value for key, value in picks.items() if value is not None}


# Starts


def test_the_page_starts_at_its_defaults(open_page, url):
    app = opened(open_page, url)
    frame = frame_of(app)
    assert frame.page == url
    assert frame.problem == ""
    assert frame.controls
    for key, control in frame.controls.items():
        assert key.startswith(f"{url}_")
        assert control.clean(control.default) == control.default, f"{key}: its own default is not a value of it"


def test_home_leads_to_the_page(open_page, url):
    from streamlit.testing.v1 import AppTest

    home = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60).run()
    assert not home.exception
    assert url in {link.proto.page for link in home.get("page_link")}
    assert not fine(home.switch_page(f"pages/{url}.py").run()).error


def test_every_view_starts(open_page, url):
    for view, app in in_every_view(open_page, url):
        assert not frame_of(app).problem, view


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lecture", ["0", "1"])
def test_every_look_starts(open_page, url, theme, lecture):
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
    app.context, app.query_params["lecture"] = {"theme": theme}, lecture
    fine(app.switch_page(f"pages/{url}.py").run())
    look = frame_of(app).look
    assert (look.theme, look.scale) == (theme, "lecture" if lecture == "1" else "normal")


# Every end, every choice, every preset


def test_every_slider_and_number_goes_to_both_ends(open_page, url, monkeypatch):
    monkeypatch.setattr(frames, "STALE", 0)  # these moves follow each other faster than a message can be late
    moved = set()
    for _, app in in_some_views(open_page, url):
        ends = {key: (c.low, c.high) for key, c in frame_of(app).controls.items() if c.high > c.low}
        for key, limits in ends.items():
            if key in moved and not frame_of(app).controls[key].live:
                continue  # numbers once, sliders in every view
            before = widgets(app)[key].value
            for end in limits:
                fine(widgets(app)[key].set_value(type(before)(end)).run(), f"{key} = {end}")
                assert math.isclose(frame_of(app).values[key], end)
            fine(widgets(app)[key].set_value(before).run(), f"{key} back to {before}")
            moved.add(key)
    assert moved


def test_all_sliders_at_one_end_together(open_page, url):
    app = opened(open_page, url)
    ranges = {key: c for key, c in frame_of(app).controls.items() if c.high > c.low}
    for end in ("low", "high"):
        fine(open_page(url, **{key: str(getattr(c, end)) for key, c in ranges.items()}), end)


def test_every_option_of_every_choice(open_page, url):
    for view, app in in_some_views(open_page, url):
        for key, control in list(frame_of(app).controls.items()):
            switch = isinstance(control.default, bool)
            choices = [True, False] if switch else getattr(widgets(app).get(key), "options", [])
            for option in some(choices, 2, key):
                value = [option] if isinstance(control.default, list) else option
                fine(widgets(app)[key].set_value(value).run(), f"{view}: {key} {option}")
                assert frame_of(app).values[key] == value
            if choices:
                fine(widgets(app)[key].set_value(control.default).run())


def test_every_line_of_text_may_be_empty_or_rubbish_under_every_choice(open_page, url):
    start = opened(open_page, url)
    drawn, controls = widgets(start), frame_of(start).controls
    lines = [key for key, c in controls.items() if isinstance(c.default, str) and not getattr(drawn.get(key), "options", None)]
    few = [key for key in controls if getattr(drawn.get(key), "type", "") != "selectbox"]  # which of many names makes no odds
    options = [(key, o) for key in few for o in getattr(drawn.get(key), "options", [])] or [("unknown", "x")]
    for line in lines:
        for key, option in some(options, 4, line):
            for nothing in (";", "rubbish"):
                fine(open_page(url, **{key: option, line: nothing}), (key, option, line, nothing))


def test_every_preset_applies_lights_up_and_shows_a_picture(open_page, url):
    app = opened(open_page, url)
    found = [b for b in app.get("button_group") if b.key == f"{url}_preset"]
    assert found, "a page has presets"
    for name in found[0].options:
        (pills,) = (b for b in app.get("button_group") if b.key == f"{url}_preset")
        fine(pills.set_value(name).run(), name)
        (pills,) = (b for b in app.get("button_group") if b.key == f"{url}_preset")
        assert pills.value == name, f"the preset {name} is pressed and {pills.value} lights up"
        assert not frame_of(app).problem, name
        assert any(c.value.startswith(f"**{name}**: ") and c.value.endswith(".") for c in app.caption), name


def test_a_message_that_comes_late_does_not_bring_a_preset_back(open_page, url):
    app = opened(open_page, url)
    pills = next(b for b in app.get("button_group") if b.key == f"{url}_preset")
    if pills.value is None:
        fine(pills.set_value(pills.options[-1]).run())
        pills = next(b for b in app.get("button_group") if b.key == f"{url}_preset")
    lit, frame = pills.value, frame_of(app)
    for key, control in frame.controls.items():
        drawn = widgets(app).get(key)
        if control.high <= control.low or getattr(drawn, "disabled", False) or key in frame.followers:
            continue
        value = control.low if frame.values[key] != control.low else control.high
        fine(drawn.set_value(value).run())
        (pills,) = (b for b in app.get("button_group") if b.key == f"{url}_preset")
        if pills.value is None:  # the browser heard of it too late, and says once more that it is on
            fine(pills.set_value(lit).run())
            (pills,) = (b for b in app.get("button_group") if b.key == f"{url}_preset")
            assert (frame_of(app).values[key], pills.value) == (value, None), key
            return
    raise AssertionError("no control puts the preset out")


def test_every_preset_is_a_link(open_page, url):
    app = opened(open_page, url)
    (pills,) = (b for b in app.get("button_group") if b.key == f"{url}_preset")
    for name in some(pills.options, 3, url):
        (pills,) = (b for b in app.get("button_group") if b.key == f"{url}_preset")
        fine(pills.set_value(name).run(), name)
        assert_same_picture(app, opened(open_page, url, **app.query_params))


def test_reset_brings_the_page_back_to_its_start(open_page, url):
    start = opened(open_page, url)
    app = opened(open_page, url, **random_state(start, random.Random(SEED)))
    fine(app.button(key=f"{url}_reset").click().run())
    assert_same_picture(start, app)


# Links


def test_random_nonsense_links_do_no_harm(open_page, url):
    rng = random.Random(SEED)
    start = opened(open_page, url)
    others = ("view", "preset", "photo", "live", "reset", "home", "code")
    names = [*frame_of(start).controls, *(f"{url}_{other}" for other in others), "lecture", "mml"]
    for i in range(N_LINKS):
        # Every other link has sense in some of its parts: nonsense alone would never get past the first choice.
        query = random_state(start, rng) if i % 2 else {}
        for name in rng.sample(names, rng.randint(1, 4 if i % 2 else len(names))):
            query[name] = rng.sample(NONSENSE, rng.randint(2, 3)) if rng.random() < 0.1 else rng.choice(NONSENSE)
        query[f"unknown_{rng.randint(0, 9)}"] = rng.choice(NONSENSE)
        app = fine(open_page(url, **query), query)
        frame = frame_of(app)
        assert frame.figures, query
        for key, control in frame.controls.items():
            value = frame.values[key]
            assert control.clean(value) == value, (key, value, query)


def test_a_valid_link_changes_a_value_and_the_picture(open_page, url):
    start = opened(open_page, url)
    changed = 0
    for key, control in frame_of(start).controls.items():
        if control.high > control.low:
            end = control.low if control.default == control.high else control.high
            app = opened(open_page, url, **linked(control.sets), **{key: str(end)})
            assert frame_of(app).values[key] == end, key
            changed += frame_of(app).says != frame_of(start).says
    assert changed


def test_a_link_reproduces_the_frame(open_page, url):
    rng = random.Random(SEED)
    start = opened(open_page, url)
    for _ in range(N_STATES):
        app = opened(open_page, url, **random_state(start, rng))
        assert_same_picture(app, opened(open_page, url, **link_to(app)))


def test_moving_there_and_following_a_link_show_the_same(open_page, url):
    start = opened(open_page, url)
    key, control = next((k, c) for k, c in frame_of(start).controls.items() if c.high > c.low)
    middle = control.clean(control.low + control.step * round((control.high - control.low) / 3 / control.step))
    widget = widgets(start)[key]
    fine(widget.set_value(type(widget.value)(middle)).run())
    assert_same_picture(start, opened(open_page, url, **linked(control.sets), **{key: str(middle)}))


def test_a_hold_shows_what_a_link_to_the_same_value_shows(open_page, url, hold):
    app = opened(open_page, url)
    for key, control in list(frame_of(app).controls.items()):
        if control.live:
            value = control.clean(control.low + control.step * round((control.high - control.low) / 3 / control.step))
            fine(hold(app, url, {**control.sets, key: value}))
            assert_same_picture(app, opened(open_page, url, **linked(control.sets), **{key: str(value)}))


# Figures


def test_every_figure_has_a_title_a_sentence_and_equal_units(open_page, url):
    for view, app in in_every_view(open_page, url):
        frame = frame_of(app)
        charts = [c.proto for c in app.get("vega_lite_chart")]
        assert len(charts) == len(frame.figures) >= 1
        assert sorted(c.alt for c in charts) == sorted(figure.title for _, figure in frame.figures.values())
        for key, (name, figure) in frame.figures.items():
            assert len(figure.title) > 10, (view, name)
            if SOAK:  # half a second each
                alt.Chart.from_dict(dict(figure.spec))  # Vega-Lite's schema knows it
            assert len(frame.says[key]) > 20, (view, name)
            assert frame.says[key].rstrip("*").endswith("."), (view, name)
            if figure.square:
                left, right, bottom, top = figure.window
                unit = figure.spec["height"] / abs(top - bottom)
                assert figure.spec["width"] / (right - left) == pytest.approx(unit, rel=1e-9), name
            for table in figure.tables.values():
                numbers = table.select_dtypes("number").to_numpy(float)
                assert np.isfinite(numbers).all(), (view, name)


def test_charts_stay_the_same_while_values_move(open_page, url):
    app = opened(open_page, url)
    before = {key: figure.spec for key, (_, figure) in frame_of(app).figures.items()}
    live = {key for key, control in frame_of(app).controls.items() if control.live}
    moved = {key: value for key, value in random_state(app, random.Random(SEED)).items() if key in live}
    app = opened(open_page, url, **moved)
    for key, (_, figure) in frame_of(app).figures.items():
        assert figure.spec == before.get(key, figure.spec)


def test_every_line_of_why_it_is_true_names_a_mark(open_page, url):
    lines = [(line, frame_of(app)) for _, app in in_some_views(open_page, url) for line in frame_of(app).lines]
    assert lines, "a page says why it is true"
    for line, frame in lines:
        _, figure = frame.figures[line["figure"]]
        assert set(line["marks"]) <= set(figure.marks)


def test_every_grip_drives_controls_of_the_page(open_page, url):
    for view, app in in_some_views(open_page, url):
        frame = frame_of(app)
        for grip in frame.handles:
            drives = {grip["x"], *([grip["y"]] if grip["y"] else []), *grip["sets"]}  # a dial or a point of a list has one
            assert drives <= set(frame.controls), (view, grip["id"])
            assert grip["figure"] in frame.figures


# Uploads and downloads


def with_an_upload(open_page, url):
    """Yield each upload of the page once, by its key, with a fresh session in which it is on screen."""
    seen = set()
    for view, app in in_every_view(open_page, url):
        at = {f"{url}_view": view} if view else {}
        asked = [
            {key: option} | ({f"{url}_table": "Yours"} if option == "A table" else {})
            for key, option in itertools.product(frame_of(app).controls, ("Yours", "A table", "Pictures"))
            if option in getattr(widgets(app).get(key), "options", [])
        ]
        for link in ({}, *asked):
            for key in [u.key for u in opened(open_page, url, **at, **link).file_uploader]:
                if key not in seen:
                    seen.add(key)
                    yield key, opened(open_page, url, **at, **link)


def test_rubbish_that_is_uploaded_gets_a_sentence_and_what_was_before_stays(open_page, url):
    uploads = 0
    for key, app in with_an_upload(open_page, url):
        uploads += 1
        files, kind, word = KINDS[key.removeprefix(f"{url}_")]
        refused = taken = 0
        # The browser lets only some endings through; what counts is what is inside.
        for name, data in some(files.hostile_files(SEED, max(len(files.MAKERS), N_FILES // len(PAGES))), N_DRAWN, url):
            before, file = tables(app), f"{name.split('.')[0]}.{kind.split('/')[1]}"
            several = isinstance(data, list)  # more files at once, with names of their own
            sent = [(other, part, kind) for other, part in data] if several else (file, data, kind)
            fine(app.file_uploader(key=key).set_value(sent).run(), name)
            frame = frame_of(app)
            assert frame.figures, name
            if frame.problem.endswith(f" The {word} before it stays."):
                refused += 1
                assert several or file in frame.problem, name
                for figure, rows in before.items():
                    pd.testing.assert_frame_equal(rows, tables(app)[figure])
            else:  # it was read; what the page's own mathematics cannot do with it, it says
                taken += 1
                assert not frame.problem or frame.problem.endswith((" stays.", "default.")), name
        assert refused, key
        assert taken, key
    if not uploads:
        pytest.skip("this page takes no files")


def test_everything_to_take_home_is_offered_and_opens(open_page, url):
    app = opened(open_page, url)
    app.session_state[f"{url}_home"] = True
    app.session_state[f"{url}_code"] = True
    fine(app.run())
    keys = {d.key for d in app.get("download_button")}
    assert f"{url}_notebook" in keys
    for name, _ in frame_of(app).figures.values():
        assert f"mml_save_{url}_{name}_tables" in keys
    assert any("def " in c.value for c in app.code)


def test_the_notebook_of_each_screen_runs_without_the_project(open_page, url, alone):
    this = contents.explorer(url)
    for view, app in in_every_view(open_page, url) if SOAK else [("first", opened(open_page, url))]:
        calls = frame_of(app).calls
        if not is_too_large(calls):
            done = alone(as_script(code_of(notebook(this.name, this.claim, frame_of(app).link(), calls))))
            assert "all cells ran" in done.stdout, (view, done.stderr[-2000:])


def test_the_page_ends_with_the_way_onward(open_page, url):
    app = opened(open_page, url)
    assert len(app.get("page_link")) >= 2
    assert any(m.value.startswith("**Try**") for m in app.markdown)
