"""Picture and controls on one screen, square planes, a phone that does not scroll sideways, text that can be read."""

from __future__ import annotations

import random
import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.driver import PAGES
from conftest import SEED, SOAK, some

FIGURES = '[class*="st-key-mml_figure"]'
SLIDERS, NUMBERS = (f'.st-key-mml_controls [data-testid="{name}"]' for name in ("stSlider", "stNumberInput"))

TEXTS = [
    ".stMainBlockContainer h1",
    ".stMainBlockContainer h1 span",
    f'{FIGURES} [data-testid="stMarkdown"] p',
    '[data-testid="stWidgetLabel"] p',
    '[data-testid="stSliderThumbValue"] p',
    '.st-key-mml_controls input[type="number"]',
    ".st-key-mml_controls button p",
    ".st-key-mml_controls .stMarkdown p",
    '.st-key-mml_controls [data-testid="stCaptionContainer"] p',
    '[role="tab"] p',
    '[class*="st-key-mml_lines"] li',
    ".mml-play button",
    ".mml-snap",
]
SIZES = [(1280, 670), (390, 844)]
NO_PLANE = ("webgraph", "backprop", "reduction")  # first pictures: two axes of powers of ten, a network, a curve
# Streamlit's own elements, by rule and a part of the element's markup.
STREAMLITS_OWN = [
    ("scrollable-region-focusable", "katex-display"),  # st.latex: a formula wider than its column scrolls, without a focus
]


def schemes(page):
    """Return the themes in which a page is looked at: both in soak, else one that is drawn."""
    both = ["light", "dark"]
    return both if SOAK else [random.Random(f"{SEED} {page}").choice(both)]


def path(page):
    """Return a page's path."""
    return f"/{page}"


def boxes(screen, selector):
    """Return the boxes of what is visible of a selector."""
    return [box for box in (e.bounding_box() for e in screen.page.locator(selector).all()) if box and box["width"] > 1]


def in_every_view(screen):
    """Open views and yield their names: all of them in soak, else the first, which is open already, and one that is drawn."""
    tabs = screen.page.get_by_role("tab").all()
    for tab in tabs if SOAK else [tabs[0], random.Random(f"{SEED} {urlsplit(screen.page.url).path}").choice(tabs[1:])]:
        if tab is not tabs[0]:
            tab.click()
            screen.until("(e) => e.getAttribute('aria-selected') === 'true'", tab.element_handle())
            screen.settle()
        yield tab.inner_text()


@pytest.mark.parametrize(("page", "width", "height"), [(page, *size) for page in PAGES for size in some(SIZES, 1, page)])
def test_planes_are_square_and_nothing_scrolls_sideways(open, page, width, height):
    screen = open(path(page), width, height)
    assert screen.tell("planes()") or page in NO_PLANE
    if width > 640:
        assert_on_one_screen(screen, height)
    else:
        assert_picture_stays_in_view(screen, height)
    for view in in_every_view(screen):
        for plane in screen.tell("planes()"):
            assert plane["width"] == pytest.approx(plane["height"], abs=0.5), view
            assert plane["x"] == pytest.approx(plane["y"], rel=0.01), view
            assert plane["width"] > 200, view
        for inner, outer in screen.tell("widths()"):
            assert inner <= outer, view
        assert_sentences_are_labels(screen)
        assert_text_can_be_read(screen, view)
        assert_nothing_lies_over_a_help(screen, view)


@pytest.mark.parametrize(("width", "height", "drawn"), [(390, 844, 328), (1280, 670, 520), (1600, 1000, 800)])
def test_figures_are_drawn_for_the_size_of_the_window(open, width, height, drawn):
    screen = open("/transforms", width, height)
    assert screen.tell("drawn()") == drawn
    screen.page.get_by_role("tab").nth(1).click()
    screen.settle()
    assert screen.tell("drawn()") == drawn, "it does not change its size at the first press of a button"


def until_labelled(screen):
    """Wait until the live component has looked at every chart: a chart is embedded some time after its run."""
    screen.until(
        """() => [...document.querySelectorAll('svg.marks')].every((svg) => svg.getAttribute('aria-label')
          && [...svg.children].every((child) => child.getAttribute('aria-hidden')))"""
    )


def assert_sentences_are_labels(screen):
    """What stands under each picture is what it is called for a screen reader."""
    until_labelled(screen)
    figures = screen.page.evaluate(
        """(where) => [...document.querySelectorAll(where)].map((figure) => [
          figure.querySelector('svg.marks')?.getAttribute('aria-label'),
          figure.querySelector('[data-testid="stMarkdown"]')?.innerText])""",
        FIGURES,
    )
    for label, sentence in figures:
        assert label
        assert label.split() == sentence.split()


def assert_text_can_be_read(screen, view):
    """Text has enough contrast."""
    found = screen.page.evaluate("(texts) => mmlTest.faint(texts)", TEXTS)
    assert found["looked"] > 20
    assert found["faint"] == [], view


def assert_nothing_lies_over_a_help(screen, view):
    """The sign that says what a control does can be pointed at."""
    covered = screen.page.evaluate(
        """() => [...document.querySelectorAll('[data-testid="stTooltipIcon"]')].filter((e) => e.offsetParent).flatMap((e) => {
          e.scrollIntoView({ block: 'end' });
          const box = e.getBoundingClientRect();
          const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
          const key = e.closest('[class*="st-key-"]')?.className.match(/st-key-\\w+/)?.[0];
          return e.contains(top) || top?.contains(e) ? [] : [`${key} lies under ${top?.outerHTML.slice(0, 80)}`]; })"""
    )
    assert covered == [], view


def assert_on_one_screen(screen, height):
    """Picture, sliders, numbers and sentence lie within the first screen."""
    seen = {
        "picture": boxes(screen, f"{FIGURES} svg.marks")[:1],
        "sentence": boxes(screen, f'{FIGURES} [data-testid="stMarkdown"]')[:1],
        "sliders": boxes(screen, SLIDERS),
        "numbers": boxes(screen, NUMBERS),
    }
    assert seen["picture"]
    assert seen["sentence"]
    assert seen["sliders"] or seen["numbers"]
    for what, found in seen.items():
        for box in found:
            assert box["y"] >= 0, what
            assert box["y"] + box["height"] <= height, f"{what} end at {box['y'] + box['height']:.0f} of {height}"


def assert_picture_stays_in_view(screen, height):
    """The picture is on screen whole when the last slider or number is, and does not lie over it."""
    last = screen.page.locator(f"{SLIDERS}, {NUMBERS}").last
    last.evaluate("(e) => e.scrollIntoView({ block: 'end' })")
    screen.page.wait_for_timeout(200)
    picture, control = boxes(screen, f"{FIGURES} svg.marks")[0], last.bounding_box()
    assert picture["y"] >= -1
    assert picture["y"] + picture["height"] <= height
    assert control["y"] >= picture["y"] + picture["height"] - 1
    assert control["y"] + control["height"] <= height + 1


@pytest.mark.parametrize(("page", "scheme"), [(page, scheme) for page in PAGES for scheme in schemes(page)])
def test_text_can_be_read_and_a_screen_reader_finds_no_fault(open, page, scheme):
    screen = open(path(page), scheme=scheme)
    background = screen.page.evaluate("getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor")
    bright = sum(int(n) for n in re.findall(r"\d+", background)[:3]) > 384
    assert bright == (scheme == "light"), f"the {scheme} theme has the background {background}"
    assert_text_can_be_read(screen, "first")
    until_labelled(screen)
    faults = []
    for rule in Axe().run(screen.page).response["violations"]:
        if rule["impact"] not in ("critical", "serious"):
            continue
        for node in rule["nodes"]:
            if not any(rule["id"] == known and re.search(markup, node["html"]) for known, markup in STREAMLITS_OWN):
                faults.append((rule["id"], str(node["target"]), node["html"][:200], node["failureSummary"][:200]))  # noqa: PERF401
    assert faults == []
    for view in in_every_view(screen) if scheme == "dark" else ():  # the light ones are looked at above, in both widths
        assert_text_can_be_read(screen, view)


def test_what_is_wrong_takes_the_place_of_the_sentence_and_nothing_moves(open):
    parts = "svg.marks", '.st-key-mml_controls [data-testid="stSlider"]', ".stMainBlockContainer h1"
    good, bad = (open(f"/transforms?transforms_points={points}") for points in ("1,1;2,0", "abc"))
    said = bad.sentence()
    assert "is not two numbers" in said
    assert "is not two numbers" not in good.sentence()
    for selector in parts:
        assert boxes(bad, selector) == boxes(good, selector), selector


def test_what_is_wrong_keeps_the_picture_that_was_there(open):
    screen = open("/transforms?transforms_show=Points&transforms_points=1,1;2,0")
    before, picture = screen.tell("points()"), boxes(screen, "svg.marks")
    assert len(before) == 2
    screen.page.get_by_role("button", name="More").click()
    line = screen.control("transforms_points").locator("input")
    line.fill("1,1;oops")
    line.press("Enter")
    screen.until("() => mmlTest.says().includes('oops')")
    screen.settle()
    assert screen.tell("points()") == before
    assert boxes(screen, "svg.marks") == picture
