"""Paint the sample picture `mml_ui/samples/harbour.jpg`: a lighthouse, a low sun and a boat with an F on its sail.

Nothing in it is symmetric, so every flip and turn shows at once. It is drawn from formulas and fixed seeds, in units of
the picture's side, so the same scene comes out at any size. Run it to write the file again.
"""

import io
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

SIDE = 1200
SEED = 7
TARGET = Path(__file__).resolve().parents[1] / "mml_ui" / "samples" / "harbour.jpg"

HORIZON = 0.60
SUN = (0.565, 0.535)
BOAT_LINE = 0.775
CLIFF_LINE = 0.80

Field = NDArray[np.float32]
Points = list[tuple[float, float]]


def scene(side: int = SIDE, grain: float = 0.011) -> NDArray[np.uint8]:
    """Paint the scene.

    Args:
        side: of the square picture, in px.
        grain: standard deviation of the film grain, as a share of full white.

    Returns:
        Shape (side, side, 3), uint8.
    """
    n = 2 * side
    y, x = (np.mgrid[:n, :n].astype(np.float32) + np.float32(0.5)) / np.float32(n)
    canvas = _sky(x, y)
    canvas = _sea(canvas, x, y)
    ripple = _ripple(x, y)
    for layer, line in ((_cliff(n, x, y), CLIFF_LINE), (_boat(n, x, y), BOAT_LINE)):
        canvas = _over(canvas, _mirrored(layer, line, ripple, x, y))
        canvas = _over(canvas, layer)
    canvas = _foam(canvas, x, y)
    canvas = _over(canvas, _birds(n))
    canvas = _beam(canvas, x, y)
    canvas *= (1.06 - 0.55 * ((x - 0.5) ** 2 + (y - 0.5) ** 2))[..., None]
    small = canvas.reshape(side, 2, side, 2, 3).mean(axis=(1, 3))
    small = small + np.random.default_rng(SEED).normal(0, 1, (side, side, 1)) * grain
    pixels: NDArray[np.uint8] = (np.clip(small, 0, 1) * 255 + 0.5).astype(np.uint8)
    return pixels


def encoded(pixels: NDArray[np.uint8]) -> bytes:
    """Encode the scene as the JPEG that is kept; the same pixels give the same bytes."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=82, optimize=True, progressive=True)
    return file.getvalue()


def _rgb(code: str) -> Field:
    return np.array([int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)], dtype=np.float32)


def _mix(a: Field, b: Field, share: Field) -> Field:
    return a + (b - a) * np.clip(share, 0, 1)[..., None]


def _noise(seed: int, shape: tuple[int, int], x: Field, y: Field) -> Field:
    """Smooth noise in 0..1: a seeded lattice, stretched over the picture, whatever its size."""
    lattice = np.random.default_rng(seed).random(shape).astype(np.float32)
    stretched = Image.fromarray(lattice).resize((x.shape[1], x.shape[0]), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(stretched, dtype=np.float32), 0, 1)


def _clouds(seed: int, rows: int, columns: int, x: Field, y: Field) -> Field:
    """Noise over noise, each twice as fine and half as strong."""
    total = np.zeros_like(x)
    for octave in range(6):
        total += _noise(seed + octave, (rows * 2**octave, columns * 2**octave), x, y) * np.float32(0.5**octave)
    return total / np.float32(2 - 0.5**5)


def _warped(noise: Field, by: Field, strength: float) -> Field:
    """Move each point by other noise, which hides the lattice."""
    n = len(noise)
    rows, columns = np.ogrid[:n, :n]
    shift = ((by - 0.5) * strength * n).astype(np.intp)
    return noise[np.clip(rows + shift, 0, n - 1), np.clip(columns + 2 * shift.T, 0, n - 1)]


def _ramp(stops: list[tuple[float, str]], at: Field) -> Field:
    places = [place for place, _ in stops]
    colours = np.array([_rgb(code) for _, code in stops])
    return np.stack([np.interp(at, places, colours[:, i]).astype(np.float32) for i in range(3)], axis=-1)


def _sky(x: Field, y: Field) -> Field:
    sky = _ramp([(0.0, "1f2f63"), (0.18, "3c4f8c"), (0.34, "8a7aa8"), (0.46, "e09c92"), (0.54, "f9b070"), (0.60, "ffcb85")], y)
    far = np.hypot((x - SUN[0]) * 0.8, y - SUN[1])
    sky = _mix(sky, _rgb("6a6296"), (far - 0.35) * 0.9 * (y > 0.2))
    cloud = _warped(_clouds(21, 9, 3, x, y), _clouds(31, 5, 4, x, y), 0.10)
    thickness = np.clip((cloud - 0.50) * 6, 0, 1) * np.clip(1.25 - y * 1.2, 0.25, 1)
    above = np.roll(cloud, -max(1, len(x) // 90), axis=0)
    lit = np.clip(0.55 + (cloud - above) * 9 - (far - 0.3) * 0.9, 0, 1)
    colour = _mix(np.broadcast_to(_rgb("51508a"), sky.shape), _rgb("ffb48c"), lit)
    sky = _mix(sky, colour, thickness * 0.85)
    sky += _rgb("ff9a4a") * (0.26 * np.exp(-((far / 0.17) ** 2)))[..., None]
    sky += _rgb("ffd9a0") * (0.34 * np.exp(-((far / 0.060) ** 2)))[..., None]
    disc = np.clip((0.036 - np.hypot(x - SUN[0], y - SUN[1])) / 0.003, 0, 1)
    sky = _mix(sky, _rgb("fff6d8"), disc)
    for seed, base, height, colour_code, start in ((3, 0.598, 0.05, "94799f", 0.55), (5, 0.601, 0.034, "6d5c8b", 0.74)):
        ridge = _clouds(seed, 1, 4, x[:1], y[:1])[0]
        rise = np.clip((x[0] - start) / 0.22, 0, 1) ** 0.7
        top = base - rise * height * (0.35 + 1.3 * ridge)
        sky = _mix(sky, _rgb(colour_code), (y - top[None]) / 0.002)
    return np.clip(sky, 0, 1)


def _waves(x: Field, y: Field) -> Field:
    """Slope of the water, in perspective: a sum of seeded wave trains, those too fine for their distance faded out."""
    depth = np.maximum(y - np.float32(HORIZON), np.float32(0.0015))
    across, away = (x - np.float32(0.5)) / depth, np.float32(1.0) / depth
    rng = np.random.default_rng(SEED + 1)
    slope = np.zeros_like(x)
    for _ in range(40):
        length = np.float32(2 ** rng.uniform(2.4, 7.0))
        angle, phase = rng.normal(0, 0.5), rng.uniform(0, 2 * np.pi)
        seen = np.exp(-((length / (depth * depth) / 2400) ** 2))
        slope += np.sin(length * (away * np.cos(angle) + across * np.sin(angle) * 0.6) + phase) * seen / length**0.30
    return slope * np.float32(0.42)


def _ripple(x: Field, y: Field) -> Field:
    depth = np.maximum(y - np.float32(HORIZON), np.float32(0.002))
    ripple: Field = _waves(x, y) * depth
    return ripple


def _sea(canvas: Field, x: Field, y: Field) -> Field:
    n = len(x)
    first = int(HORIZON * n)
    x, y = x[first:], y[first:]
    slope = _waves(x, y)
    depth = y - HORIZON
    # A wave's face turned to the viewer mirrors a higher, darker part of the sky.
    mirror = np.clip(HORIZON - depth * 1.15 - np.abs(slope) * 0.10 - 0.012, 0, HORIZON - 0.004)
    rows = (mirror * n).astype(np.intp)
    columns = np.clip(((x + slope * depth * 0.05) * n).astype(np.intp), 0, n - 1)
    sea = canvas[rows, columns] * _rgb("dfc9d2")
    sea = _mix(sea, _rgb("1b2c5e"), 0.24 + depth * 0.80 + slope * 0.26)
    width = 0.030 + depth * 0.20
    path = np.exp(-(((x - SUN[0]) / width) ** 2))
    glint = np.clip((slope + 0.10 + path * 0.35 - 0.28) * 3.2, 0, 1)
    sea = _mix(sea, _rgb("ffd796"), path * glint * 0.95)
    sea = _mix(sea, _rgb("fff3cf"), path**2 * np.clip((slope - 0.10) * 4, 0, 1))
    canvas[first:] = sea
    return canvas


class _Layer:
    """Colours and cover of one thing, over the whole picture."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.colour: Field = np.zeros((n, n, 3), dtype=np.float32)
        self.cover: Field = np.zeros((n, n), dtype=np.float32)

    def mask(self, points: Points, soft: float = 0) -> Field:
        image = Image.new("L", (self.n, self.n))
        ImageDraw.Draw(image).polygon([(px * self.n, py * self.n) for px, py in points], fill=255)
        if soft:
            image = image.filter(ImageFilter.GaussianBlur(soft * self.n))
        return np.asarray(image, dtype=np.float32) / np.float32(255)

    def paint(self, points: Points, colour: Field, soft: float = 0, strength: float = 1) -> None:
        mask = self.mask(points, soft) * np.float32(strength)
        self.colour = _mix(self.colour, colour, mask)
        self.cover = np.maximum(self.cover, mask)

    def shade(self, points: Points, colour: Field, soft: float = 0, strength: float = 1) -> None:
        """Paint only where something is already."""
        self.colour = _mix(self.colour, colour, self.mask(points, soft) * self.cover * np.float32(strength))


def _over(canvas: Field, layer: _Layer) -> Field:
    return _mix(canvas, layer.colour, layer.cover)


def _mirrored(layer: _Layer, line: float, ripple: Field, x: Field, y: Field) -> _Layer:
    """The layer upside down below its waterline, broken up by the waves."""
    n = layer.n
    first = int(line * n)
    below = y[first:] - line
    rows = np.clip(((line - below * 1.05 + ripple[first:] * 0.055) * n).astype(np.intp), 0, first - 1)
    columns = np.clip(((x[first:] + ripple[first:] * 0.085) * n).astype(np.intp), 0, n - 1)
    mirrored = _Layer(n)
    mirrored.colour[first:] = layer.colour[rows, columns] * _rgb("8592b4")
    mirrored.cover[first:] = layer.cover[rows, columns] * np.clip(0.70 - below * 1.7, 0, 1)
    return mirrored


def _cliff(n: int, x: Field, y: Field) -> _Layer:
    layer = _Layer(n)
    rng = np.random.default_rng(SEED + 2)
    outline: Points = [(-0.02, 0.455), (0.05, 0.452), (0.13, 0.462), (0.21, 0.47), (0.265, 0.485), (0.285, 0.52)]
    outline += [
        (0.282, 0.56),
        (0.305, 0.60),
        (0.302, 0.645),
        (0.335, 0.68),
        (0.34, 0.725),
        (0.375, 0.755),
        (0.40, 0.80),
    ]
    edge: Points = []
    for (ax, ay), (bx, by) in pairwise(outline):
        for t in np.linspace(0, 1, 9)[:-1]:
            edge.append((ax + (bx - ax) * t + rng.normal(0, 0.0022), ay + (by - ay) * t + rng.normal(0, 0.0018)))
    edge += [(0.40, 0.801), (-0.02, 0.801)]
    strata = _warped(_clouds(40, 30, 6, x, y), _clouds(45, 9, 9, x, y), 0.10)
    crags = _warped(_clouds(60, 7, 16, x, y), _clouds(65, 12, 12, x, y), 0.08)
    # Light from the right: what rises towards it is bright, what falls away is dark.
    relief = (crags - np.roll(crags, -max(1, n // 200), axis=1)) * 9
    rock = _ramp([(0.25, "1d1b36"), (0.45, "3d3353"), (0.58, "6b4f62"), (0.75, "a9755f")], strata * 0.55 + crags * 0.45)
    rock = _mix(rock, _rgb("e79a63"), (crags - 0.50) * 3 * np.clip((x - 0.12) * 4.5, 0, 1))
    rock = _mix(rock, _rgb("f0a872"), relief * np.clip(x * 3, 0.2, 1))
    rock = _mix(rock, _rgb("141433"), -relief * 0.9)
    rock = _mix(rock, _rgb("1a2145"), np.clip((y - 0.60) * 2.3, 0, 0.62))
    layer.paint(edge, rock)
    top = [p for p in edge if p[1] < 0.53]
    grass = _ramp([(0.3, "2b3b3c"), (0.5, "56603f"), (0.7, "b89a55")], _clouds(80, 40, 60, x, y))
    grass = _mix(grass, _rgb("d9a862"), (x - 0.10) * 2.2)
    layer.shade([*top, (0.262, 0.512), (0.20, 0.497), (0.11, 0.487), (-0.02, 0.482)], grass, soft=0.0025)
    _cottage(layer, x)
    _lighthouse(layer, x, y)
    return layer


def _cottage(layer: _Layer, x: Field) -> None:
    layer.paint([(0.008, 0.412), (0.085, 0.412), (0.085, 0.463), (0.008, 0.463)], _rgb("b9a5ae"))
    layer.shade([(0.060, 0.412), (0.085, 0.412), (0.085, 0.463), (0.060, 0.463)], _rgb("f3cfae"))
    layer.paint([(0.001, 0.414), (0.018, 0.378), (0.074, 0.378), (0.093, 0.414)], _rgb("4a3a55"))
    layer.shade([(0.060, 0.414), (0.074, 0.378), (0.093, 0.414)], _rgb("8d5f5e"))
    layer.paint([(0.026, 0.36), (0.038, 0.36), (0.038, 0.392), (0.026, 0.392)], _rgb("6d5262"))
    for left in (0.018, 0.040):
        layer.shade([(left, 0.424), (left + 0.013, 0.424), (left + 0.013, 0.441), (left, 0.441)], _rgb("ffd678"))


def _lighthouse(layer: _Layer, x: Field, y: Field) -> None:
    centre, foot, top = 0.172, 0.480, 0.178

    def half(at: float) -> float:
        return float(0.027 + 0.017 * ((at - top) / (foot - top)) ** 1.25)

    def body(a: float, b: float, extra: float = 0.0) -> Points:
        levels = [a + (b - a) * i / 12 for i in range(13)]
        right = [(centre + half(v) + extra, v) for v in levels]
        return right + [(centre - half(v) - extra, v) for v in reversed(levels)]

    # Lit by the sun from the right, with a little sky from the left: a cylinder, not a strip.
    turn = (x - centre) / (0.027 + 0.017 * np.clip((y - top) / (foot - top), 0, 1) ** 1.25)
    light = np.clip(0.60 + 0.42 * turn - 0.34 * np.clip(turn - 0.72, 0, 1) + 0.10 * np.clip(-turn - 0.5, 0, 1), 0, 1.1)
    white = _ramp([(0.0, "595a86"), (0.45, "a79bb2"), (0.8, "ffe6c9"), (1.1, "fff6e4")], light)
    band = _ramp([(0.0, "2e1631"), (0.45, "74243c"), (0.8, "c8463f"), (1.1, "e8694c")], light)
    layer.paint(body(top, foot), white)
    height = (foot - top) / 7
    for i in (1, 3, 5):
        layer.shade(body(top + i * height, top + (i + 1) * height), band)
    for at, lean in ((0.245, 0.004), (0.335, -0.004), (0.42, 0.003)):
        layer.shade(
            [(centre + lean + dx * 0.0055, at + dy * 0.011) for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1))],
            _rgb("2a2143"),
        )
    layer.shade(
        [(centre - 0.012, 0.449), (centre + 0.004, 0.449), (centre + 0.004, 0.48), (centre - 0.012, 0.48)],
        _rgb("3a2540"),
    )
    metal = _ramp([(0.0, "15142c"), (0.6, "37305a"), (1.0, "c98a6a")], light * 0.9)
    layer.paint([(centre - 0.040, 0.166), (centre + 0.040, 0.166), (centre + 0.034, 0.181), (centre - 0.034, 0.181)], metal)
    layer.paint(
        [(centre - 0.020, 0.122), (centre + 0.020, 0.122), (centre + 0.020, 0.167), (centre - 0.020, 0.167)],
        _rgb("ffedb0"),
    )
    glass = [(centre - 0.012, 0.126), (centre + 0.012, 0.126), (centre + 0.012, 0.163), (centre - 0.012, 0.163)]
    layer.shade(glass, _rgb("fffbe6"), soft=0.003)
    for post in (-0.020, -0.007, 0.007, 0.020):
        layer.paint(
            [
                (centre + post - 0.0014, 0.12),
                (centre + post + 0.0014, 0.12),
                (centre + post + 0.0014, 0.168),
                (centre + post - 0.0014, 0.168),
            ],
            metal,
        )
    dome = [(centre + 0.027 * np.cos(t), 0.124 - 0.034 * np.sin(t)) for t in np.linspace(0, np.pi, 24)]
    layer.paint(dome, band)
    layer.paint([(centre - 0.0018, 0.068), (centre + 0.0018, 0.068), (centre + 0.0018, 0.095), (centre - 0.0018, 0.095)], metal)
    for post in np.linspace(-0.040, 0.040, 9):
        layer.paint(
            [
                (centre + post - 0.0009, 0.148),
                (centre + post + 0.0009, 0.148),
                (centre + post + 0.0009, 0.167),
                (centre + post - 0.0009, 0.167),
            ],
            metal,
        )
    layer.paint([(centre - 0.041, 0.147), (centre + 0.041, 0.147), (centre + 0.041, 0.1495), (centre - 0.041, 0.1495)], metal)


def _curve(a: tuple[float, float], b: tuple[float, float], bulge: tuple[float, float]) -> Points:
    """A quadratic curve from a to b, pulled towards `bulge`."""
    t = np.linspace(0, 1, 24)
    return [
        (
            float((1 - s) ** 2 * a[0] + 2 * s * (1 - s) * bulge[0] + s * s * b[0]),
            float((1 - s) ** 2 * a[1] + 2 * s * (1 - s) * bulge[1] + s * s * b[1]),
        )
        for s in t
    ]


def _boat(n: int, x: Field, y: Field) -> _Layer:
    layer = _Layer(n)
    mast, peak, boom = 0.700, 0.318, 0.706
    # The sun is behind and to the left: the cloth glows, darker towards its free edge.
    cloth = _ramp([(0.0, "fff4dc"), (0.5, "fbe0bd"), (1.0, "d9a99a")], (x - mast) / 0.22 + (0.5 - y) * 0.25)
    cloth = cloth * (1 - 0.05 * np.sin((y - peak) * 120 + x * 14)[..., None] * np.clip((y - peak) * 3, 0, 1)[..., None])
    main = _curve((mast + 0.006, peak), (0.925, boom - 0.004), (0.872, 0.49)) + _curve(
        (0.925, boom - 0.004), (mast + 0.006, boom), (0.81, boom + 0.012)
    )
    layer.paint(main, cloth)
    for share in (0.30, 0.53, 0.76):
        at = peak + (boom - peak) * share
        layer.shade([(mast, at), (0.95, at + 0.018), (0.95, at + 0.0205), (mast, at + 0.002)], _rgb("c79684"), strength=0.55)
    ink = _rgb("18265a")
    left, up, tall = 0.726, 0.500, 0.170

    bars = [
        (0, 0),
        (0.62, 0),
        (0.62, 0.18),
        (0.19, 0.18),
        (0.19, 0.42),
        (0.50, 0.42),
        (0.50, 0.60),
        (0.19, 0.60),
        (0.19, 1),
        (0, 1),
    ]
    # Leaning with the cloth, so the letter belongs to the sail.
    layer.shade([(left + px * tall, up + py * tall + px * tall * 0.05) for px, py in bars], ink, strength=0.95)
    jib = _curve((mast - 0.006, peak + 0.045), (0.560, 0.715), (0.655, 0.56)) + _curve(
        (0.560, 0.715), (mast - 0.012, 0.700), (0.63, 0.728)
    )
    jib += _curve((mast - 0.012, 0.700), (mast - 0.006, peak + 0.045), (mast - 0.03, 0.53))
    layer.paint(jib, _ramp([(0.0, "f7b873"), (0.55, "e88f5a"), (1.0, "c06a52")], (x - 0.56) / 0.14))
    layer.paint(
        [(mast - 0.004, peak - 0.022), (mast + 0.003, peak - 0.022), (mast + 0.005, 0.735), (mast - 0.005, 0.735)],
        _rgb("4b3144"),
    )
    layer.paint([(mast, boom), (0.935, boom - 0.006), (0.935, boom + 0.001), (mast, boom + 0.008)], _rgb("5a3b45"))
    flag = _curve((mast - 0.003, peak - 0.022), (mast - 0.058, peak - 0.012), (mast - 0.03, peak - 0.034))
    layer.paint([*flag, (mast - 0.003, peak - 0.002)], _rgb("ffcf5c"))
    hull = _curve((0.535, 0.722), (0.60, BOAT_LINE), (0.555, 0.765))
    hull += [(0.60, BOAT_LINE + 0.001), (0.905, BOAT_LINE + 0.001)]
    hull += _curve((0.905, BOAT_LINE), (0.945, 0.728), (0.935, 0.757)) + _curve((0.945, 0.728), (0.535, 0.722), (0.74, 0.752))
    layer.paint(hull, _ramp([(0.0, "3d5793"), (0.35, "24386f"), (1.0, "131d47")], (y - 0.725) / 0.05 + (x - 0.6) * 0.5))
    rail = _curve((0.535, 0.722), (0.945, 0.728), (0.74, 0.752)) + _curve((0.945, 0.734), (0.537, 0.729), (0.74, 0.760))
    layer.paint(rail, _ramp([(0.5, "fff0d2"), (0.95, "c7a2a0")], x))
    layer.paint(
        [(0.765, 0.716), (0.862, 0.716), (0.872, 0.742), (0.757, 0.742)], _ramp([(0.76, "f1d6b8"), (0.87, "a98796")], x)
    )
    for at in (0.785, 0.815, 0.845):
        layer.shade([(at - 0.008, 0.722), (at + 0.008, 0.722), (at + 0.008, 0.733), (at - 0.008, 0.733)], _rgb("2b2c52"))
    return layer


def _foam(canvas: Field, x: Field, y: Field) -> Field:
    fine = _clouds(120, 60, 30, x, y)
    cliff = np.exp(-(((y - CLIFF_LINE - 0.002) / 0.009) ** 2)) * np.clip((0.425 - x) * 20, 0, 1)
    bow = np.exp(-(((y - BOAT_LINE - 0.003) / 0.006) ** 2)) * np.clip((x - 0.55) * 20, 0, 1) * np.clip((0.99 - x) * 12, 0, 1)
    return _mix(canvas, _rgb("ffe9d6"), (cliff + bow) * np.clip((fine - 0.40) * 5, 0, 1) * 0.8)


def _birds(n: int) -> _Layer:
    layer = _Layer(n)
    for cx, cy, size, tilt in (
        (0.47, 0.20, 0.040, 0.10),
        (0.56, 0.155, 0.030, -0.12),
        (0.395, 0.275, 0.024, 0.2),
        (0.60, 0.25, 0.020, 0.0),
        (0.83, 0.13, 0.034, -0.2),
    ):
        for sign in (-1, 1):
            tip = (cx + sign * size, cy - size * 0.20 + sign * tilt * size)
            wing = _curve((cx, cy), tip, (cx + sign * size * 0.45, cy - size * 0.62))
            back = _curve(tip, (cx, cy + size * 0.13), (cx + sign * size * 0.42, cy - size * 0.40))
            layer.paint(wing + back, _rgb("2a2a52"))
    return layer


def _beam(canvas: Field, x: Field, y: Field) -> Field:
    lamp = (0.172, 0.145)
    far = np.hypot(x - lamp[0], y - lamp[1])
    canvas = canvas + _rgb("ffe2a0") * (0.55 * np.exp(-((far / 0.035) ** 2)) + 0.20 * np.exp(-((far / 0.10) ** 2)))[..., None]
    angle = np.arctan2(y - lamp[1], x - lamp[0])
    ray = np.exp(-(((angle + 0.13) / 0.075) ** 2)) * np.exp(-far / 0.45) * np.clip((far - 0.018) * 40, 0, 1)
    lit: Field = canvas + _rgb("ffe8b8") * (0.34 * ray)[..., None]
    return lit


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(encoded(scene()))
