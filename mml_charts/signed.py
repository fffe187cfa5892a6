"""Signed fields: a smooth picture of values from -1 to 1, its zero line drawn, small minus signs all over its negative side.

The tint of 1 is that of the first role, the tint of -1 that of the second, and zero is the ground; a grid of minus signs says
which side is which without the colours. Tints stay light enough for points in full ink to be seen on them.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mml_charts.figure import image_url
from mml_charts.maps import _filled
from mml_charts.theme import Look, rgb

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]
SIDE = 390  # pixels of the picture: a browser enlarges it by a third at most, and at 520 it costs 60 % more
SHADES = 20  # on each side of zero: with 24 the file is a tenth larger, and no eye tells them apart
FULL = 0.44  # how much of the ink there is where a value is 1: points in any ink keep 3:1 on it
FLAT = 0.32  # the same where there are only two sides
SOFT = 3  # shades from a tint to the zero line
LINE = 0.95  # half the width of the zero line in pixels, with half of its soft edge
SIGN = 0.78  # how much of the ink there is in a minus sign
GRID, DASH = 14, 6  # pixels from one row of minus signs to the next, and the length of each; two pixels high
LEVEL = 4  # of compression: 6 takes twice as long and saves a tenth


@functools.lru_cache(maxsize=16)
def signed_colours(look: Look) -> Pixels:
    """Return the colours (2 SHADES + 3, 3) of a signed field: from -1 over 0 to 1, then that of a minus sign and of a hole."""
    p = look.palette
    ground, above, below = (np.array(rgb(c), float) for c in (p.background, p.first, p.second))
    share = FULL * np.arange(1, SHADES + 1)[:, None] / SHADES
    tints = [ground + share[::-1] * (below - ground), ground[None], ground + share * (above - ground)]
    extra = np.array([ground + SIGN * (below - ground), rgb(p.panel)])
    colours: Pixels = np.rint(np.vstack([*tints, extra])).astype(np.uint8)
    colours.flags.writeable = False
    return colours


def shades(values: NDArray[np.floating]) -> Pixels:
    """Return the number of each value's colour; what lies beyond -1 and 1 is cut."""
    numbers: Pixels = (np.clip(values, -1, 1) * SHADES + (SHADES + 0.5)).astype(np.uint8)
    return numbers


def signed_url(values: Floats, look: Look, *, side: int = SIDE, discrete: bool = False, hatched: bool = True) -> str:
    """Return a signed field (n, n), row 0 at the top, as a picture, a data URL.

    Args:
        values: From -1 to 1; what is beyond is cut, and where there is none the picture is grey with a hatch.
        look: The look.
        side: Pixels of the picture; it may be shown larger.
        discrete: Whether each side has one tint only.
        hatched: Whether the negative side carries minus signs.
    """
    u = np.clip(np.asarray(values, float), -1, 1)
    missing = np.isnan(u)
    if missing.any():
        u = _filled(u, missing)
    # A plateau at zero must stay there: enlarging it smoothly would ripple, and each ripple would have its zero lines.
    smooth = np.count_nonzero(u) > 0.98 * u.size
    kind = Image.Resampling.BICUBIC if smooth else Image.Resampling.BILINEAR
    fine = np.asarray(Image.fromarray(u.astype(np.float32)).resize((side, side), kind))
    above, below = fine > 0, fine < 0
    if discrete:
        step = round(SHADES * FLAT / FULL)
        shade = np.where(above, np.uint8(SHADES + step), np.where(below, np.uint8(SHADES - step), np.uint8(SHADES)))
    else:
        shade = shades(fine)
    index = shade * np.uint8(SOFT + 1)
    colours = _lined_colours(look)
    if hatched:
        index[below & _signs(side)] = len(colours) - 3
    rows, cols, line = _zero_line(fine, above)
    index[rows, cols] = shade[rows, cols] * (SOFT + 1) + line
    if missing.any():
        hole = np.asarray(Image.fromarray(missing).resize((side, side), Image.Resampling.NEAREST))
        down, across = np.indices(hole.shape)
        index = np.where(hole, np.uint8(len(colours) - 2) + ((down + across) % 12 < 2), index).astype(np.uint8)
    return image_url(index, colours, LEVEL)


def _zero_line(fine: NDArray[np.float32], above: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp], Pixels]:
    """Return the pixels at the zero line and how much of it each has, from 1 to SOFT.

    Steepness is only looked at where the sign changes: everywhere it would take longer than all the rest.
    """
    near = np.zeros_like(above)
    down, across = above[1:] ^ above[:-1], above[:, 1:] ^ above[:, :-1]
    near[1:] |= down
    near[:-1] |= down
    near[:, 1:] |= across
    near[:, :-1] |= across
    rows, cols = np.nonzero(near)
    n = len(fine) - 1
    up, low, left, right = np.maximum(rows - 1, 0), np.minimum(rows + 1, n), np.maximum(cols - 1, 0), np.minimum(cols + 1, n)
    dy, dx = fine[low, cols] - fine[up, cols], fine[rows, right] - fine[rows, left]
    steepness = np.hypot(dx / np.maximum(right - left, 1), dy / np.maximum(low - up, 1)) + 1e-12
    line = np.rint(SOFT * np.clip(LINE + 0.5 - np.abs(fine[rows, cols]) / steepness, 0, 1)).astype(np.uint8)
    return rows, cols, line


@functools.lru_cache(maxsize=8)
def _signs(side: int) -> NDArray[np.bool_]:
    """Return where minus signs lie in a picture: in rows, each row shifted by half their distance."""
    rows, cols = np.indices((side, side))
    shifted = cols + GRID * ((rows // GRID) % 2)
    signs: NDArray[np.bool_] = (rows % GRID < 2) & (shifted % (2 * GRID) < DASH)
    signs.flags.writeable = False
    return signs


@functools.lru_cache(maxsize=16)
def _lined_colours(look: Look) -> Pixels:
    """Return each tint in SOFT + 1 shades towards the zero line, then a minus sign, and the two colours of a hole."""
    colours = signed_colours(look).astype(float)
    tints, line = colours[:-2, None], np.array(rgb(look.palette.reference), float)
    soft = np.linspace(0, 1, SOFT + 1)[None, :, None]
    lined = (tints + soft * (line - tints)).reshape(-1, 3)
    every: Pixels = np.rint(np.vstack([lined, colours[-2:], rgb(look.palette.border)])).astype(np.uint8)
    every.flags.writeable = False
    return every
