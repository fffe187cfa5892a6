"""Measure warp_image on a 12-megapixel photo against other libraries: python benchmarks/transforms.py [runs]."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mml_core.transforms import rotation, shear
from mml_core.warping import inverse_map, warp_image, warp_into_window

try:
    import cv2
except ImportError:
    cv2 = None

Pixels = NDArray[np.uint8]
A = rotation(0.3) @ shear(0.2, 0)


def photo(width: int, height: int) -> Pixels:
    """A synthetic photo: smooth colours with seeded, slightly blurred grain."""
    rng = np.random.default_rng(7)
    x, y = np.meshgrid(np.linspace(0, 9, width), np.linspace(0, 7, height))
    layers = [127 + 60 * np.sin(x + i) * np.cos(y - i) for i in range(3)]
    grain = ndimage.gaussian_filter(rng.normal(0, 60, (height, width)), 1.5)
    return np.stack([layer + grain for layer in layers], axis=2).clip(0, 255).astype(np.uint8)


def rivals(image: Pixels) -> dict[str, Callable[[], Pixels] | None]:
    """Every way to warp, all from and to the form the library itself works on, with the map already inverted."""
    height, width, _ = image.shape
    M = inverse_map(A, (width, height), (width, height))
    ready = Image.fromarray(image)
    # These two count from the centre of the first pixel, Pillow from its corner.
    centred = M[:, 2] + M[:, :2] @ [0.5, 0.5] - 0.5

    def pillow() -> Pixels:
        moved = ready.transform(ready.size, Image.Transform.AFFINE, tuple(M.ravel()), Image.Resampling.BILINEAR)
        return moved  # type: ignore[return-value]  # becomes an array outside the clock

    def scipy() -> Pixels:
        flipped = M[::-1, 1::-1]
        return np.dstack([ndimage.affine_transform(image[:, :, c], flipped, centred[::-1], order=1) for c in range(3)])

    def opencv() -> Pixels:
        map_back = np.column_stack([M[:, :2], centred])
        return cv2.warpAffine(image, map_back, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)

    return {"Pillow alone": pillow, "scipy.ndimage": scipy, "OpenCV": opencv if cv2 is not None else None}


def main(n_runs: int) -> None:
    """Run all in turn, so that a busy moment of the machine hits each of them, and print a table."""
    image = photo(4000, 3000)
    ways: dict[str, Callable[[], Pixels] | None] = {"warp_image (ours)": lambda: warp_image(image, A), **rivals(image)}
    runnable = {name: way for name, way in ways.items() if way is not None}
    times: dict[str, list[float]] = {name: [] for name in runnable}
    results: dict[str, NDArray[np.int16]] = {}
    for _ in range(n_runs):
        for name, way in runnable.items():
            start = time.perf_counter()
            result = way()
            times[name].append(time.perf_counter() - start)
            results[name] = np.asarray(result).astype(np.int16)
    ours = "warp_image (ours)"
    inside = ndimage.binary_erosion(warp_image(np.full(image.shape[:2], 255, np.uint8), A) == 255, iterations=3)
    print(f"4000 x 3000 RGB, turn and shear, bilinear, median of {n_runs} interleaved runs\n")
    print("| way | ms | ours / this | largest difference inside |\n|---|---:|---:|---:|")
    for name in ways:
        if name not in runnable:
            print(f"| {name} | not installed | | |")
            continue
        ratio = np.median(np.array(times[ours]) / np.array(times[name]))
        gap = np.abs(results[name] - results[ours])[inside].max()
        print(f"| {name} | {1e3 * np.median(times[name]):.0f} | {ratio:.2f} | {gap} |")

    print("\n| warp_into_window, 400 x 400 photo to 400 x 400 | ms |\n|---|---:|")
    small = photo(400, 400)
    for label, picture in (("RGB", small), ("RGBA", np.dstack([small, small[:, :, 0]]))):
        for radius in (1.0, 1.5):
            spans = []
            for _ in range(50):
                start = time.perf_counter()
                warp_into_window(picture, A, half_size=(1, 1), radius=radius, size=400)
                spans.append(time.perf_counter() - start)
            print(f"| {label}, window radius {radius:g} half widths | {1e3 * np.median(spans):.2f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
