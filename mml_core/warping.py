"""Pictures under a linear map: each target pixel asks where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mml_core import checks
from mml_core.checks import Array, Picture
from mml_core.transforms import inverse

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 100_000_000
SNAP = 2.0**40  # a quarter turn has cos = 6e-17; on this grid of 1e-12 pixels it becomes exactly 0


def inverse_map(
    A: ArrayLike,
    source_size: tuple[int, int],
    target_size: tuple[int, int],
    *,
    shift: ArrayLike = (0.0, 0.0),
    source_half: ArrayLike | None = None,
    target_half: ArrayLike | None = None,
) -> Array:
    """Find the source pixel from which each target pixel came.

    x_s = A^-1 (x_t - b) in the plane (y up, origin in the middle of both pictures), written in pixels (y down, origin
    in the upper left corner, centre of the first pixel at (0.5, 0.5)): (u_s, v_s) = M (u_t, v_t, 1).
    Args:
        A: the map from source to target, shape (2, 2).
        source_size, target_size: (width, height) in pixels.
        shift: b in plane units, shape (2,).
        source_half, target_half: half width and half height in plane units; without them a unit is one pixel.
    Returns: M, shape (2, 3), from target to source pixel coordinates.
    Raises: ValueError when A is singular, a size is below 1 or something is not finite.
    Source: Wolberg, 1990, Digital Image Warping, section 3.1 (inverse mapping).

    >>> inverse_map([[2, 0], [0, 2]], (10, 10), (20, 20))
    array([[0.5, 0. , 0. ],
           [0. , 0.5, 0. ]])
    """
    source, target = (
        np.array([checks.whole_number(n, "a side in pixels", 1) for n in size], dtype=np.float64)
        for size in (source_size, target_size)
    )
    b = checks.vector(shift, 2, "the shift")
    hs, ht = (
        size / 2 if half is None else checks.vector(half, 2, "the half size")
        for size, half in ((source, source_half), (target, target_half))
    )
    if min(*hs, *ht) <= 0:
        raise ValueError("A half width or half height is not positive; give it in plane units, such as (1, 0.75).")
    to_pixels, to_plane = source / 2 / hs * [1, -1], ht * 2 / target * [1, -1]
    A_inv = inverse(A)
    P = to_pixels[:, None] * A_inv * to_plane
    q = source / 2 - to_pixels * (A_inv @ b) - P @ (target / 2)
    return np.round(np.column_stack([P, q]) * SNAP) / SNAP


def warp_image(
    image: NDArray[np.uint8],
    A: ArrayLike,
    *,
    frame: Literal["same", "whole"] = "same",
    size: tuple[int, int] | None = None,
    shift: ArrayLike = (0.0, 0.0),
    fill: int | tuple[int, ...] = 0,
) -> Picture:
    """Move a picture by A about its centre.

    Target pixel x_t takes the colour at A^-1 (x_t - b), mixed from its four neighbours (bilinear, rounded down, so up
    to one level darker); where A shrinks k-fold in every direction, k x k pixels are averaged first. A photo that
    is shrunk in one direction only may shimmer there.
    Args:
        image: uint8, shape (h, w) or (h, w, channels): grey, grey + alpha, RGB or RGBA.
        A: the map in the plane, y up, shape (2, 2).
        frame: "same" keeps the canvas, "whole" fits it round the result (and moves with the shift).
        size: (width, height) of the canvas in pixels instead of `frame`.
        shift: b in pixels, y up.
        fill: colour where nothing lands, a level 0 to 255 or one a channel.
    Returns: uint8 picture with the channels of `image`.
    Raises: ValueError when A is singular, the canvas exceeds 100 megapixels or an input has the wrong form.
    Source: Wolberg, 1990, Digital Image Warping, sections 3.1 and 5.4; Porter and Duff, 1984 (alpha).

    >>> warp_image(np.array([[1, 2], [3, 4]], dtype=np.uint8), [[0, -1], [1, 0]])
    array([[2, 4],
           [1, 3]], dtype=uint8)
    """
    from PIL import Image

    pixels, A = checks.picture(image), checks.matrix(A)
    h, w, channels = pixels.shape
    colour = _colour(fill, channels)
    if frame not in ("same", "whole"):
        raise ValueError(f'frame is "{frame}"; it must be "same" or "whole".')
    follows = frame == "whole" and size is None
    target = _canvas(_whole_size(A, (w, h)) if follows else size or (w, h))
    M = inverse_map(A, (w, h), target, shift=(0.0, 0.0) if follows else shift)
    photo = Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels)
    # Alpha weighs the colours, else the invisible ones bleed into the edges.
    plain, weighted = photo.mode, {"LA": "La", "RGBA": "RGBa"}.get(photo.mode, photo.mode)
    moved = _resampled(photo if plain == weighted else photo.convert(weighted), M, target, colour, Image.Resampling.BILINEAR)
    result = np.asarray(moved if plain == weighted else moved.convert(plain))
    return result.reshape(target[1], target[0], *image.shape[2:])


def warp_into_window(
    image: NDArray[np.uint8],
    A: ArrayLike,
    shift: ArrayLike = (0.0, 0.0),
    *,
    half_size: tuple[float, float],
    radius: float,
    size: int,
    background: tuple[int, int, int] | None = None,
) -> Picture:
    """Draw a photo of the plane after A, seen through a square window about the origin.

    The photo lies on [-hx, hx] x [-hy, hy], is moved by x -> A x + b and drawn into [-r, r]^2. Each window pixel takes
    the colour at A^-1 (x - b), mixed from its four neighbours (bilinear); a border of one invisible pixel round the photo
    makes the edges smooth. Shrinking is treated as in `warp_image`.
    Args:
        image: uint8, shape (h, w) or (h, w, channels): grey, grey + alpha, RGB or RGBA.
        A: the map in the plane, shape (2, 2).
        shift: b in plane units.
        half_size: (hx, hy) in plane units, positive.
        radius: r in plane units, positive.
        size: pixels along a side of the window, 1 to 10,000.
        background: a colour (red, green, blue), 0 to 255, to lay the photo on; without it the rest is transparent. On a
            colour it takes half the time.
    Returns: RGBA picture, shape (size, size, 4), alpha 0 outside the parallelogram; RGB (size, size, 3) on a background.
    Raises: ValueError when A is singular or an input has the wrong form.
    Source: Wolberg, 1990, Digital Image Warping, sections 3.1 and 5.4; Porter and Duff, 1984 (alpha).

    >>> red = np.array([[[255, 0, 0]]], dtype=np.uint8)
    >>> warp_into_window(red, [[2, 0], [0, 1]], half_size=(1, 1), radius=3, size=9)[4, :, 3] > 127
    array([False, False,  True,  True,  True,  True,  True, False, False])
    """
    from PIL import Image

    pixels = checks.picture(image)
    h, w, channels = pixels.shape
    r, n = checks.number(radius, "the radius"), checks.whole_number(size, "size", 1, 10_000)
    M = inverse_map(A, (w, h), (n, n), shift=shift, source_half=half_size, target_half=(r, r))
    photo = Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels)
    ground = (0, 0, 0, 0) if background is None else background
    framed = Image.new("RGBA" if background is None else "RGB", (w + 2, h + 2), ground)
    framed.paste(photo, (1, 1), photo.getchannel("A") if background is not None and "A" in photo.getbands() else None)
    if background is None:
        framed = framed.convert("RGBa")  # alpha weighs the colours, else the invisible ones bleed into the edges
    M[:, 2] += 1  # the border
    moved = _resampled(framed, M, (n, n), ground, Image.Resampling.BILINEAR)
    return np.asarray(moved.convert("RGBA") if background is None else moved)


@dataclass(frozen=True, eq=False)
class PixelMaps:
    """A coarse picture sent pixel by pixel forwards (with holes) and fetched pixel by pixel backwards.

    forward, backward: RGBA pictures of the target, shape (h_t, w_t, 4); sent_to, came_from: for each source / target
    pixel in reading order the (row, column) of its partner, -1 when it has none; holes: target pixels inside the
    parallelogram that forward mapping misses, shape (h_t, w_t).
    """

    forward: Picture
    backward: Picture
    sent_to: NDArray[np.intp]
    came_from: NDArray[np.intp]
    holes: NDArray[np.bool_]

    @property
    def n_holes(self) -> int:
        """How many pixels inside the parallelogram stay empty when pixels are sent forwards."""
        return int(self.holes.sum())

    def backward_until(self, n_pixels: int) -> Picture:
        """Return the backward picture with only the first `n_pixels` target pixels filled, in reading order."""
        done = np.arange(self.holes.size).reshape(self.holes.shape) < n_pixels
        return np.where(done[:, :, None], self.backward, np.uint8(0))

    def forward_until(self, n_pixels: int) -> Picture:
        """Return the forward picture after the first `n_pixels` source pixels were sent, in reading order."""
        landed = np.zeros(self.holes.shape, dtype=np.bool_)
        rows, columns = self.sent_to[: max(n_pixels, 0)].T
        landed[rows[rows >= 0], columns[rows >= 0]] = True
        return np.where(landed[:, :, None], self.forward, np.uint8(0))


def pixel_maps(image: NDArray[np.uint8], A: ArrayLike, *, size: tuple[int, int] | None = None) -> PixelMaps:
    """Send each source pixel forwards, then fetch each target pixel backwards.

    Forwards: the colour of pixel x_s goes to the pixel that holds A x_s; some pixels get none (holes), some several
    (the first stays). Backwards: target pixel x_t takes the colour of the pixel that holds A^-1 x_t: no holes.
    Args:
        image: uint8, shape (h, w) or (h, w, channels), a coarse picture, at most 256 x 256.
        A: the map in the plane, y up, shape (2, 2).
        size: (width, height) of the target in pixels; without it the whole result fits.
    Returns: PixelMaps with both pictures, alpha 0 where nothing landed.
    Raises: ValueError when A is singular, a picture is larger than 1024 x 1024 or an input has the wrong form.
    Source: Wolberg, 1990, Digital Image Warping, section 3.1 (forward and inverse mapping).

    >>> pixel_maps(np.full((2, 2), 9, dtype=np.uint8), [[2, 0], [0, 2]]).n_holes
    12
    """
    colours, A = _rgba(checks.picture(image)), checks.matrix(A)
    h, w, _ = colours.shape
    wt, ht = _canvas(_whole_size(A, (w, h)) if size is None else size)
    if max(h, w) > 256 or max(ht, wt) > 1024:
        raise ValueError(
            "The picture is too fine to follow single pixels; use at most 256 x 256, with a result of at most 1024 x 1024."
        )
    sent_to = _partners(inverse_map(inverse(A), (wt, ht), (w, h)), (w, h), (wt, ht))
    came_from = _partners(inverse_map(A, (w, h), (wt, ht)), (wt, ht), (w, h))
    backward, forward = np.zeros((2, ht, wt, 4), dtype=np.uint8)
    inside, lands = came_from[:, 0] >= 0, sent_to[:, 0] >= 0
    backward.reshape(-1, 4)[inside] = colours[tuple(came_from[inside].T)]
    # Sent in reverse, so that where several pixels land the first in reading order is on top.
    forward[tuple(sent_to[lands][::-1].T)] = colours.reshape(-1, 4)[lands][::-1]
    holes = inside.reshape(ht, wt)
    holes[tuple(sent_to[lands].T)] = False
    return PixelMaps(forward, backward, sent_to, came_from, holes)


def _partners(M: Array, size: tuple[int, int], other_size: tuple[int, int]) -> NDArray[np.intp]:
    """Return for each pixel, in reading order, the (row, column) in which M puts its centre, -1 when outside."""
    v, u = np.indices(size[::-1]).reshape(2, -1) + 0.5
    # The nudge sends centres that fall on a border between two pixels all the same way, whatever their rounding.
    columns, rows = np.floor(M @ [u, v, np.ones_like(u)] + 1e-9).clip(-1, 2**31).astype(np.intp)
    outside = (columns < 0) | (rows < 0) | (columns >= other_size[0]) | (rows >= other_size[1])
    return np.where(outside[:, None], -1, np.column_stack([rows, columns]))


def _resampled(
    photo: Image.Image, M: Array, size: tuple[int, int], colour: tuple[int, ...], method: Image.Resampling
) -> Image.Image:
    """Fetch every target pixel by the inverse map M."""
    from PIL import Image

    # A target pixel that spans k x k photo pixels or more gets their mean, not one of them.
    k = min(int(np.linalg.svd(M[:, :2], compute_uv=False)[-1] + 1e-9), *photo.size)
    if k > 1:
        photo, M = photo.reduce(k), M / k
    (a, b, c), (d, e, f) = M.tolist()
    ink = colour[0] if len(colour) == 1 else colour
    return photo.transform(size, Image.Transform.AFFINE, (a, b, c, d, e, f), method, fillcolor=ink)


def _whole_size(A: Array, size: tuple[int, int]) -> tuple[float, float]:
    """Return (width, height) of the smallest upright canvas round a picture moved by A."""
    width, height = np.ceil(np.abs(A) @ np.array(size, dtype=np.float64) - 1e-9).clip(1)
    return float(width), float(height)


def _canvas(size: tuple[float, float]) -> tuple[int, int]:
    """Return the size in whole pixels, at most 100 megapixels."""
    width, height = (checks.whole_number(n, "a side of the result in pixels", 1) for n in size)
    if width * height > MOST_PIXELS:
        raise ValueError(
            f"The result would have {float(width):.4g} x {float(height):.4g} pixels, more than 100 "
            "megapixels; stretch less or start from a smaller picture."
        )
    return width, height


def _colour(fill: int | tuple[int, ...], channels: int) -> tuple[int, ...]:
    """Return one level a channel, weighed by alpha where there is alpha."""
    levels = tuple(checks.whole_number(c, "a fill level", 0, 255) for c in np.atleast_1d(fill).tolist())
    levels = levels * channels if len(levels) == 1 else levels
    if len(levels) != channels:
        raise ValueError(f"fill has {len(levels)} levels; give one, or one for each of the {channels} channels.")
    if channels in (2, 4):
        return (*(round(c * levels[-1] / 255) for c in levels[:-1]), levels[-1])
    return levels


def _rgba(pixels: Picture) -> Picture:
    """Return grey, grey + alpha, RGB or RGBA as RGBA."""
    h, w, channels = pixels.shape
    alpha = pixels[:, :, -1:] if channels in (2, 4) else np.full((h, w, 1), 255, dtype=np.uint8)
    colours = pixels[:, :, :3] if channels >= 3 else pixels[:, :, :1].repeat(3, axis=2)
    return np.concatenate([colours, alpha], axis=2)
