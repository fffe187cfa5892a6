"""A web's links as a control: typed, drawn on the picture, and drawn while the text is not on the page."""

import numpy as np
import pytest

from mml_ui import controls, figures, page, typed_links
from mml_ui import frame as frames

SEEN = {}


def healthy(app):
    assert not app.exception, app.exception
    return app


def one_web():
    SEEN.clear()
    controls.reset()
    by = controls.choice("By", ["Links", "Random"], key="by")
    web = controls.links("Links", "A -> B\nB -> A", key="web", drawn=by == "Links")
    SEEN.update(web=web, problem=frames.current().problem, link=frames.current().link())
    page.presets([page.Preset("Three", "there are three.", dict(web="A -> B\nB -> C\nC", by="Links"))])


def commit(app, hold, **values):
    """Let the browser report what was drawn; the button stands for the component's own callback."""
    hold(app, "sink", {}, commit=values)
    return healthy(app.button(key="commit").click().run())


def test_links_are_a_web_and_a_mistake_keeps_the_last_one(sink):
    app = healthy(sink(one_web))
    assert SEEN["web"] == typed_links.parsed("A -> B; B -> A")
    healthy(app.text_area(key="sink_web").set_value("A -> B -> C").run())
    assert SEEN["web"] == typed_links.parsed("A -> B; B -> A")
    assert SEEN["problem"].startswith("Links: line 1, “A -> B -> C”, has more than one arrow")


def test_a_drawn_link_is_previewed_while_it_is_held_and_written_when_it_is_let_go(sink, hold):
    app = healthy(sink(one_web))
    healthy(hold(app, "sink", {"sink_web": "A -> B\nB -> A\nA ~> A"}))
    assert SEEN["web"].links == ((0, 0), (0, 1), (1, 0))
    assert app.text_area(key="sink_web").value == "A -> B\nB -> A", "the text follows when it is let go"
    commit(app, hold, sink_web="A -> B\nB -> A\nA ~> B")
    assert app.text_area(key="sink_web").value == "A\nB -> A"
    assert app.query_params["sink_web"] == "A\nB -> A"


def test_a_link_may_be_drawn_while_the_text_is_not_on_the_page(sink, hold):
    app = healthy(sink(one_web, sink_by="Random"))
    assert SEEN["web"] is None
    assert not app.text_area
    commit(app, hold, sink_web="P -> Q\nQ ~> P", sink_by="Links")
    assert SEEN["web"] == typed_links.parsed("P -> Q; Q -> P")
    assert app.text_area(key="sink_web").value == "P -> Q\nQ -> P"


def test_a_preset_may_set_links_while_the_text_is_not_on_the_page(sink):
    app = healthy(sink(one_web, sink_by="Random"))
    (pills,) = (b for b in app.get("button_group") if b.key == "sink_preset")
    healthy(pills.set_value("Three").run())
    assert SEEN["web"].names == ("A", "B", "C")


def picked():
    SEEN.clear()
    names = controls.text("Names", "a b c", key="names").split()
    SEEN["page"] = controls.pick("Page", names, key="page")


def test_what_is_picked_stays_as_long_as_it_is_there(sink):
    app = healthy(sink(picked, sink_page="c"))
    assert SEEN["page"] == "c"
    healthy(app.text_input(key="sink_names").set_value("c d").run())
    assert SEEN["page"] == "c"
    healthy(app.text_input(key="sink_names").set_value("x y").run())
    assert SEEN["page"] == "x"


@pytest.mark.parametrize("nonsense", ["", "z", "<b>", "1" * 500])
def test_what_cannot_be_picked_is_the_first(sink, nonsense):
    healthy(sink(picked, sink_page=nonsense))
    assert SEEN["page"] == "a"


def padded():
    from mml_charts import network

    look = page.look()
    drawn = network.figure("A web of two pages", look=look, pages=[network.PageMark((0, 0), 0.5, "A")], links=[])
    pad = figures.Pad(["A"], np.array([[0.0, 0.5]]), "web", "A", "page", dict(by="Links"), live=False)
    figures.show(drawn, says="One page.", pad=pad)
    SEEN["pads"] = frames.current().pads


def test_a_pad_travels_to_the_browser_under_full_names(sink):
    healthy(sink(padded))
    assert SEEN["pads"] == [
        {
            "figure": "mml_figure_sink_main", "names": ["A"], "at": [[0.0, 0.5]], "window": [-1.0, 1.0, -1.0, 1.0],
            "key": "sink_web", "text": "A", "live": False, "hint": "go there", "chosen": "sink_page",
            "sets": {"sink_by": "Links"},
        }
    ]  # fmt: skip
