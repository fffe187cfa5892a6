"""Inks: each has contrast on its page, and each category has a glyph of its own besides its colour."""

import itertools
import re

import altair as alt
import pytest

from mml_charts import inks
from mml_charts.inks import CATEGORIES, DASHES, GLYPH_OF, GLYPHS, INKS
from mml_charts.theme import PALETTES, ROLES, Look, contrast

each_theme = pytest.mark.parametrize("theme", PALETTES)


def scale(encoding):
    return encoding.to_dict()["scale"]


@each_theme
def test_every_ink_has_a_colour_with_contrast_on_the_page(theme):
    look = Look(theme=theme)
    colours = scale(inks.colour(look))
    assert colours["domain"] == list(INKS) == [*ROLES, *CATEGORIES]
    assert len(colours["range"]) == len(INKS)
    for ink, colour in zip(INKS, colours["range"], strict=True):
        assert contrast(colour, look.palette.background) >= 3, ink


@each_theme
def test_a_role_has_its_own_colour_and_categories_are_numbered_in_the_palettes_order(theme):
    p = PALETTES[theme]
    colours = dict(zip(INKS, scale(inks.colour(Look(theme=theme)))["range"], strict=True))
    assert {role: colours[role] for role in ROLES} == {role: p.role(role) for role in ROLES}
    assert [colours[c] for c in CATEGORIES] == list(p.categories)
    assert len({colours[c] for c in CATEGORIES}) == len(CATEGORIES)


def test_every_category_has_a_glyph_and_no_two_have_the_same_shape():
    assert list(GLYPH_OF) == list(CATEGORIES)
    shapes = [GLYPHS[glyph] for glyph in GLYPH_OF.values()]
    assert len(set(shapes)) == len(CATEGORIES)


def test_no_category_looks_like_something_that_left_or_like_a_place_in_hollow():
    assert not {"edge", "head", "ring"} & set(GLYPH_OF.values())
    assert not {GLYPHS["edge"], GLYPHS["head"]} & {GLYPHS[glyph] for glyph in GLYPH_OF.values()}


def test_only_the_ring_shares_its_outline_as_it_alone_is_hollow():
    same = {(a, b) for a, b in itertools.combinations(GLYPHS, 2) if GLYPHS[a] == GLYPHS[b]}
    assert same == {("dot", "ring")}


def test_drawn_glyphs_fit_into_the_box_of_a_mark_and_are_closed():
    paths = {name: shape for name, shape in GLYPHS.items() if shape.startswith("M")}
    assert {"edge", "head", "wedge", "pin", "bar"} == set(paths)
    for name, path in paths.items():
        numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", path)]
        assert path.endswith("Z"), name
        assert len(numbers) % 2 == 0, name
        assert max(map(abs, numbers)) <= 1, name


def test_an_edge_points_upwards_from_its_middle_and_the_tip_of_a_head_is_its_place():
    edge, head = (re.findall(r"(-?[\d.]+),(-?[\d.]+)", GLYPHS[name]) for name in ("edge", "head"))
    assert min(edge, key=lambda at: float(at[1])) == ("0", "-1")
    assert min(head, key=lambda at: float(at[1])) == ("0", "0")


def test_dashes_are_distinct_and_the_solid_one_has_no_gap():
    drawn = [tuple(dash) for dash in DASHES.values()]
    assert len(set(drawn)) == len(DASHES) == 4
    assert DASHES["solid"][1] == 0
    for name, dash in DASHES.items():
        assert len(dash) % 2 == 0, name
        assert name == "solid" or min(dash) >= 2, name


def test_encodings_name_every_dash_and_glyph_and_draw_no_legend():
    dash, glyph = inks.dash().to_dict(), inks.glyph().to_dict()
    assert dict(zip(dash["scale"]["domain"], dash["scale"]["range"], strict=True)) == DASHES
    assert dict(zip(glyph["scale"]["domain"], glyph["scale"]["range"], strict=True)) == GLYPHS
    assert dash["legend"] is glyph["legend"] is inks.colour(Look()).to_dict()["legend"] is None
    assert (dash["field"], glyph["field"], inks.colour(Look()).to_dict()["field"]) == ("dash", "kind", "ink")


@each_theme
def test_a_halo_is_of_the_grounds_colour_and_a_valid_style_of_text(theme):
    look = Look(theme=theme)
    style = inks.halo(look)
    assert style["stroke"] == look.palette.background
    rows = alt.Chart(alt.Data(values=[dict(x=1, text="a")]))
    mark = rows.mark_text(**style).encode(x="x:Q", text="text:N").to_dict(validate=True)["mark"]
    assert mark["strokeWidth"] == style["strokeWidth"] >= 3
