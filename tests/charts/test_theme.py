"""Every colour can be told from every other by everyone, and read on its background; sizes grow in lectures."""

import doctest
import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest

from mml_charts import theme
from mml_charts.theme import PALETTES, ROLES, TINTS, WIDTHS, Look, contrast, streamlit_theme

CONFIG = tomllib.loads((Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
THEMES = list(PALETTES)
READABLE = 4.5
FLOOR = 19.5  # the smallest distance there is: blue and grey of the light theme, 20.0 for tritanopia

# Machado, Oliveira and Fernandes, 2009, A physiologically-based model for simulation of color vision deficiency, severity 1.
EYES = {
    "normal": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}


def linear(colour: str) -> np.ndarray:
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(colour: str, eye: str) -> np.ndarray:
    """Return CIELAB (D65) of a colour as that eye sees it."""
    seen = (EYES[eye] @ linear(colour)).clip(0, 1)
    to_xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
    x, y, z = to_xyz @ seen / [0.95047, 1.0, 1.08883]
    f = [v ** (1 / 3) if v > (6 / 29) ** 3 else v / (3 * (6 / 29) ** 2) + 4 / 29 for v in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: str, other: str, eye: str) -> float:
    return float(np.linalg.norm(lab(one, eye) - lab(other, eye)))


def test_the_ruler_measures_known_distances():
    assert distance("#000000", "#FFFFFF", "normal") == pytest.approx(100, abs=0.1)
    assert distance("#FF0000", "#00FF00", "normal") == pytest.approx(170.6, abs=0.5)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("ground", ["background", "panel"])
def test_text_and_roles_are_readable_on_page_and_panel(name, ground):
    p = PALETTES[name]
    for word in ("text", *ROLES):
        assert contrast(getattr(p, word), getattr(p, ground)) >= READABLE, (word, ground)


@pytest.mark.parametrize("name", THEMES)
def test_categories_are_readable_and_at_most_eight(name):
    p = PALETTES[name]
    assert 2 <= len(set(p.categories)) == len(p.categories) <= 8
    for colour in p.categories:
        assert contrast(colour, p.background) >= READABLE, colour


@pytest.mark.parametrize("name", THEMES)
def test_accent_links_and_coloured_text_are_readable(name):
    values = streamlit_theme()[f"theme.{name}"]
    for word in ("primaryColor", "linkColor", "textColor", "blueTextColor", "orangeTextColor", "grayTextColor"):
        assert contrast(values[word], values["backgroundColor"]) >= READABLE, word
    assert contrast(values["codeTextColor"], values["codeBackgroundColor"]) >= READABLE


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("eye", EYES)
def test_every_eye_tells_every_role_from_every_other(name, eye):
    p = PALETTES[name]
    for one, other in itertools.combinations(ROLES, 2):
        assert distance(p.role(one), p.role(other), eye) >= FLOOR, (one, other)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("eye", EYES)
def test_every_eye_tells_the_tints_from_each_other(name, eye):
    left, right = (PALETTES[name].role(tint) for tint in TINTS)
    assert distance(left, right, eye) >= FLOOR


def test_a_red_and_a_green_that_a_colour_blind_eye_confuses_would_be_noticed():
    assert distance("#D04040", "#8A7A2A", "deuteranopia") < FLOOR < distance("#D04040", "#8A7A2A", "normal")


@pytest.mark.parametrize("name", THEMES)
def test_streamlit_uses_the_palette(name):
    assert CONFIG["theme"][name] == streamlit_theme()[f"theme.{name}"]


def test_the_configuration_is_the_measured_one():
    assert CONFIG["runner"]["postScriptGC"] is False
    assert CONFIG["server"]["fileWatcherType"] == "none"
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showSidebarNavigation"] is False
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["server"]["maxUploadSize"] <= 200


def test_the_printed_configuration_is_the_one_in_the_file(capsys):
    theme.print_config()
    printed = tomllib.loads(capsys.readouterr().out)["theme"]
    assert printed == {name: CONFIG["theme"][name] for name in THEMES}


@pytest.mark.parametrize("height", [720, 768, 1080, 1440, 2160])
def test_lecture_text_is_2_5_percent_of_the_screens_height(height):
    look = Look(scale="lecture", height=height)
    assert look.text == pytest.approx(0.025 * height, abs=0.5)
    assert 4 <= look.stroke <= 6


def test_text_is_never_small():
    assert Look(height=200).text >= 13
    assert Look(scale="lecture", height=200).text >= 18
    assert 2 <= Look().stroke <= 4


def test_figures_come_in_three_widths_that_fit_a_phone_a_laptop_and_a_screen():
    widths = [Look(size=size).width for size in WIDTHS]
    assert widths == sorted(widths)
    assert len(set(widths)) == 3
    assert widths[0] <= 360
    assert widths[1] <= 560
    assert widths[2] <= 820


def test_examples_in_the_docstrings_hold():
    results = doctest.testmod(theme)
    assert results.attempted > 0
    assert results.failed == 0
