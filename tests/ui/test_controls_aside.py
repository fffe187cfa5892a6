"""Controls that belong to one choice and stand aside under another: presets, links and Reset go on."""

import pytest

from mml_ui import controls, page
from mml_ui import frame as frames
from mml_ui.page import Preset

SEEN = {}


def scaled(x, **factors):
    """Multiply a number by factors that have names."""
    for factor in factors.values():
        x = x * factor
    return x


def test_a_computation_records_named_extras_as_arguments_of_their_own(sink):
    def story():
        SEEN.clear()
        SEEN["result"] = page.compute(scaled, 2.0, by=3.0)
        SEEN["arguments"] = frames.current().calls[-1].arguments
        page.presets([Preset("One", "one.", {})])

    healthy(sink(story))
    assert SEEN == {"result": 6.0, "arguments": {"x": 2.0, "by": 3.0}}


def two_shapes():
    SEEN.clear()
    controls.reset()
    shape = controls.choice("Shape", ["Ball", "Box"], key="shape")
    with controls.shown_if(shape == "Ball"):
        radius = controls.slider("Radius", 0, 10, 2, key="radius")
    with controls.shown_if(shape == "Box"):
        width = controls.number("Width", 0, 9, 1, key="width")
        with controls.shown_if(False):
            never = controls.stepper("Never", 0, 9, 3, key="never")
    SEEN.update(shape=shape, radius=radius, width=width, never=never)
    page.presets(
        [
            Preset("Wide", "a wide box.", dict(shape="Box", width=7)),
            Preset("Large", "a large ball.", dict(shape="Ball", radius=8)),
        ]
    )


@pytest.fixture
def opened(sink):
    def fresh(**names):
        return healthy(sink(two_shapes, **{f"sink_{name}": value for name, value in names.items()}))

    return fresh


def healthy(app):
    assert not app.exception, app.exception
    return app


def press(app, name):
    (pills,) = (b for b in app.get("button_group") if b.key == "sink_preset")
    return healthy(pills.set_value(name).run())


def drawn(app):
    return {w.key for w in [*app.slider, *app.number_input]}


def test_only_the_controls_of_the_choice_are_drawn_and_the_others_are_their_defaults(opened):
    app = opened(radius="5", width="4")
    assert drawn(app) == {"sink_radius"}
    assert SEEN == {"shape": "Ball", "radius": 5.0, "width": 1.0, "never": 3}
    app = opened(shape="Box", radius="5", width="4")
    assert drawn(app) == {"sink_width"}
    assert SEEN == {"shape": "Box", "radius": 2.0, "width": 4.0, "never": 3}


def test_a_preset_reaches_a_control_that_stands_aside_and_its_link_says_so(opened):
    app = press(opened(), "Wide")
    assert (SEEN["shape"], SEEN["width"]) == ("Box", 7.0)
    assert {name: app.query_params[name] for name in app.query_params} == {"sink_shape": "Box", "sink_width": "7"}
    app = press(app, "Large")
    assert (SEEN["shape"], SEEN["radius"]) == ("Ball", 8.0)
    (pills,) = (b for b in app.get("button_group") if b.key == "sink_preset")
    assert pills.value == "Large"


def test_reset_reaches_a_control_that_stands_aside_even_if_the_link_had_said_otherwise(opened):
    app = opened(shape="Box", radius="5")
    assert drawn(app) == {"sink_width"}
    healthy(app.button(key="sink_reset").click().run())
    assert SEEN == {"shape": "Ball", "radius": 2.0, "width": 1.0, "never": 3}
    assert "sink_radius" not in app.query_params
