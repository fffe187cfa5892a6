"""Signed fields: exact tints, a zero line where the sign changes, minus signs on the negative side only."""

import base64
import io
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mml_charts import signed
from mml_charts.signed import DASH, GRID, SHADES, SIDE, SOFT, shades, signed_colours, signed_url
from mml_charts.theme import Look, contrast, rgb

LOOKS = [Look(), Look("small", "lecture", "dark")]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.size}-{look.scale}-{look.theme}")
SIGN, PANEL, BORDER = ((2 * SHADES + 1) * (SOFT + 1) + i for i in range(3))


def opened(url):
    head, body = url.split(",", 1)
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(body, validate=True)))


def parts(url):
    """The number of each pixel's shade, from -SHADES to SHADES, how much of the zero line it has, and the raw numbers."""
    index = np.asarray(opened(url), int)
    return index // (SOFT + 1) - SHADES, index % (SOFT + 1), index


def field(n=100):
    """Coordinates, x to the right and y up."""
    at = (np.arange(n) + 0.5) / n * 2 - 1
    return np.meshgrid(at, at[::-1])


def code(colour):
    return "#{:02X}{:02X}{:02X}".format(*colour)


@each_look
def test_colours_go_from_one_tint_over_the_ground_to_the_other(look):
    p, colours = look.palette, signed_colours(look)
    assert colours.shape == (2 * SHADES + 3, 3)
    assert tuple(colours[SHADES]) == rgb(p.background)
    for end, ink in ((0, p.second), (2 * SHADES, p.first)):
        share = (colours[end].astype(float) - rgb(p.background)) / (np.array(rgb(ink), float) - rgb(p.background))
        np.testing.assert_allclose(share, signed.FULL, atol=0.03)
        assert contrast(p.result, code(colours[end])) > 5
        assert contrast(p.background, code(colours[end])) > 1.5
    for side in (colours[SHADES::-1], colours[SHADES : 2 * SHADES + 1]):
        far = [contrast(code(c), p.background) for c in side]
        assert (np.diff(far) > 0).all()


@each_look
def test_a_minus_sign_and_the_zero_line_are_seen_on_the_ground(look):
    assert contrast(code(signed_colours(look)[2 * SHADES + 1]), look.palette.background) >= 3
    assert contrast(look.palette.reference, look.palette.background) >= 3


def test_colours_are_shared_and_cannot_be_changed():
    assert signed_colours(Look()) is signed_colours(Look())
    with pytest.raises(ValueError, match="read-only"):
        signed_colours(Look())[0, 0] = 1


def test_shades_are_the_nearest_and_what_is_beyond_is_cut():
    values = np.array([-9.0, -1, -0.5, -0.4 / SHADES, 0, 0.4 / SHADES, 0.5, 1, np.inf, -np.inf])
    half = SHADES // 2
    assert shades(values).tolist() == [0, 0, half, SHADES, SHADES, SHADES, SHADES + half, 2 * SHADES, 2 * SHADES, 0]


@each_look
def test_a_flat_field_has_one_tint_and_minus_signs_only_where_it_is_negative(look):
    for value in (1.0, 0.5, -0.5, -1.0):
        shade, line, index = parts(signed_url(np.full((9, 9), value), look, side=56))
        signs = index == SIGN
        assert signs.any() == (value < 0)
        assert (shade[~signs] == round(value * SHADES)).all()
        assert (line[~signs] == 0).all()
    assert (parts(signed_url(np.zeros((9, 9)), look))[2] == SHADES * (SOFT + 1)).all()


def test_minus_signs_stand_in_rows_each_shifted_by_half():
    index = np.asarray(opened(signed_url(np.full((9, 9), -1.0), Look(), side=4 * GRID)), int)
    signs = index == SIGN
    for row, start in ((0, 0), (1, 0), (GRID, GRID), (GRID + 1, GRID), (2 * GRID, 0)):
        expected = {start + k + d for k in (0, 2 * GRID) for d in range(DASH)}
        assert set(np.flatnonzero(signs[row])) == expected
    assert not signs[2:GRID].any()


def test_without_hatch_there_are_no_minus_signs():
    x, _ = field()
    _, _, index = parts(signed_url(x, Look(), hatched=False))
    assert not (index == SIGN).any()
    assert not (np.asarray(opened(signed_url(x, Look())))[:, SIDE // 2 + 2 :] == SIGN).any()


def test_the_zero_line_is_thin_and_where_the_sign_changes():
    x, y = field()
    middles = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
    for u, distance in (
        (x - 0.3, np.abs(middles[None, :] - 0.3) + 0 * middles[:, None]),
        (x + y, np.abs(middles[None, :] - middles[:, None]) / np.sqrt(2)),
    ):
        _, line, index = parts(signed_url(np.tanh(3 * u), Look(), hatched=False))
        pixels = distance * SIDE / 2
        assert (line[pixels < 0.4] == SOFT).all()
        assert (line[pixels > 2.2] == 0).all()
        assert (index < SIGN).all()


def test_row_0_is_at_the_top():
    _, y = field()
    shade, _, _ = parts(signed_url(y, Look(), hatched=False))
    assert shade[5, 9] > SHADES // 2 > -SHADES // 2 > shade[-5, 9]


@each_look
def test_a_discrete_picture_has_two_tints(look):
    x, _ = field()
    picture = signed_url(x, look, discrete=True, hatched=False)
    shade, line, _ = parts(picture)
    assert set(shade.ravel().tolist()) == {-shade.max(), shade.max()}
    assert (shade[:, : SIDE // 2 - 2] < 0).all()
    assert (shade[:, SIDE // 2 + 2 :] > 0).all()
    assert (line[:, SIDE // 2] > 0).all()
    colours = np.asarray(opened(picture).convert("RGB"))
    assert tuple(colours[0, 0]) == tuple(signed_colours(look)[SHADES + shade[0, 0]])


def test_a_plateau_at_zero_stays_flat_and_without_signs():
    x, _ = field()
    shade, line, index = parts(signed_url(np.maximum(0.0, x), Look()))
    left = slice(0, SIDE // 2 - 4)
    assert (shade[:, left] == 0).all()
    assert (line[:, left] == 0).all()
    assert not (index == SIGN).any()


@each_look
def test_where_there_is_no_value_the_picture_is_grey_and_hatched(look):
    x, _ = field()
    x[20:50, 60:90] = np.nan
    picture = signed_url(np.tanh(x), look)
    index, colours = np.asarray(opened(picture), int), np.asarray(opened(picture).convert("RGB"))
    hole = np.zeros((SIDE, SIDE), bool)
    hole[20 * SIDE // 100 : 50 * SIDE // 100, 60 * SIDE // 100 : 90 * SIDE // 100] = True
    assert set(index[hole]) == {PANEL, BORDER}
    assert (index[~hole] < PANEL).all()
    assert {tuple(c) for c in colours[index == PANEL].tolist()} == {rgb(look.palette.panel)}
    everywhere = np.asarray(opened(signed_url(np.full((4, 4), np.nan), look)), int)
    assert set(everywhere.ravel().tolist()) == {PANEL, BORDER}


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=9, max_size=9), st.booleans())
def test_any_numbers_give_a_picture(numbers, discrete):
    image = opened(signed_url(np.array(numbers).reshape(3, 3), Look(), side=60, discrete=discrete))
    assert image.size == (60, 60)
    assert np.asarray(image).max() <= BORDER


def test_a_picture_is_small_and_soon_there():
    x, y = (3 * v for v in field())
    u = np.tanh(2 * np.sin(1.7 * x) * np.cos(1.3 * y) + 0.6 * x * np.tanh(y))  # with more folds than a network's
    assert len(signed_url(u, Look())) * 3 // 4 < 20_000
    assert len(signed_url(np.tanh(x - 0.4 * y), Look())) * 3 // 4 < 10_000
    times = []
    for _ in range(5):
        start = time.perf_counter()
        signed_url(u, Look())
        times.append(time.perf_counter() - start)
    assert min(times) < 0.05  # about 5 ms; the bound only catches what is quite wrong
