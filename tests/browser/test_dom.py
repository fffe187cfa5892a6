"""One test for each selector of mml_ui/live/dom.js: an upgrade of Streamlit that moves something fails here, loudly."""

from __future__ import annotations

import re

import pytest
from browser.driver import ROOT

SOURCE = (ROOT / "mml_ui" / "live" / "dom.js").read_text(encoding="utf-8")
FIGURE, SLIDER, NUMBER = "mml_figure_transforms_main", "transforms_turn", "transforms_A11"

# What each member of DOM must find on the page; the value is a condition in JavaScript.
FINDS = {
    "app": "DOM.app().contains(document.querySelector('svg.marks'))",
    "control": f"DOM.control('{SLIDER}').dataset.testid === 'stElementContainer' && !DOM.control('no')",
    "range": f"DOM.range('{SLIDER}').min === '-180' && DOM.range('{SLIDER}').value === '30' && DOM.range('{NUMBER}') === null",
    "number": f"Number(DOM.number('{NUMBER}').value) > 0 && DOM.number('{SLIDER}') === null",
    "slider": f"DOM.control('{SLIDER}').contains(DOM.slider(DOM.range('{SLIDER}'))) && !DOM.slider(DOM.number('{NUMBER}'))",
    "thumb": f"Math.abs(parseFloat(DOM.thumb(DOM.range('{SLIDER}')).style.left) - 58.33) < 0.01",
    "track": f"getComputedStyle(DOM.track(DOM.range('{SLIDER}'))).backgroundImage.includes('58.3')",
    "thumbText": f"DOM.thumbText(DOM.range('{SLIDER}')).textContent === '30°'",
    "figure": f"DOM.figure('{FIGURE}').contains(document.querySelector('svg.marks'))",
    "svg": f"DOM.svg('{FIGURE}').tagName === 'svg' && DOM.svg('no') === null",
    "plot": f"DOM.plot('{FIGURE}').getBoundingClientRect().width > 100",
    "marks": f"DOM.marks(DOM.svg('{FIGURE}'), 'arrows').length >= 2 && DOM.marks(DOM.svg('{FIGURE}'), 'no').length === 0",
    "images": f"DOM.images(DOM.svg('{FIGURE}')).length === 1",
    "href": f"DOM.href(DOM.images(DOM.svg('{FIGURE}'))[0]).startsWith('data:image/jpeg;base64,')",
    "typing": f"DOM.typing(DOM.number('{NUMBER}')) && DOM.typing(document.querySelector('a')) && !DOM.typing(document.body)",
}


@pytest.fixture(scope="module")
def page(chromium, server):
    """One page for all of them: they only look."""
    context = chromium.new_context(viewport={"width": 1280, "height": 670})
    opened = context.new_page()
    opened.goto(f"http://127.0.0.1:{server}/transforms")
    opened.locator("svg.marks image").first.wait_for(state="attached", timeout=60_000)
    opened.locator(".mml-grip").first.wait_for(timeout=60_000)
    yield opened
    context.close()


@pytest.mark.parametrize("member", FINDS)
def test_selector_finds_what_it_is_for(page, member):
    assert page.evaluate(f"() => {{ {SOURCE}\n return !!({FINDS[member]}); }}")


def test_every_selector_has_a_test(page):
    assert set(page.evaluate(f"() => {{ {SOURCE}\n return Object.keys(DOM); }}")) == set(FINDS)


def test_places_measure_the_plot_within_the_figure(page):
    place = page.evaluate(f"() => {{ {SOURCE}\n return Places.of('{FIGURE}'); }}")
    box, host = page.locator("svg.marks").bounding_box(), page.locator(f".st-key-{FIGURE}").bounding_box()
    assert place["width"] == pytest.approx(place["height"], abs=0.5)
    assert place["left"] == pytest.approx(box["x"] - host["x"], abs=2)
    assert place["top"] == pytest.approx(box["y"] - host["y"], abs=2)


def test_other_selectors_are_on_the_page_too(page):
    """What the scripts and the style sheet look for outside dom.js."""
    for selector in (
        '[data-testid="stApp"]',
        '[data-testid="stMain"]',
        '[data-testid="stButton"]',
        '[data-testid="stButtonGroup"]',
        ".stMainBlockContainer h1",
        ".st-key-mml_stage > :nth-child(2)",
        '.st-key-mml_controls [data-testid="stSliderTickBar"]',
        '[class*="st-key-mml_brackets"] [data-testid="stNumberInputContainer"]',
        f'.st-key-{FIGURE} [data-testid="stMarkdown"]',
        '[class*="st-key-mml_lines"] li',
    ):
        assert page.locator(selector).count() > 0, selector


def test_live_scripts_use_no_test_id_that_is_not_known_here():
    known = {"stSlider", "stSliderThumbValue", "stVegaLiteChart", "stApp", "stButton", "stButtonGroup"}
    used = {
        name
        for path in (ROOT / "mml_ui" / "live").glob("*.js")
        for name in re.findall(r'data-testid="(\w+)"', path.read_text())
    }
    assert used <= known
