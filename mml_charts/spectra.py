"""What eigenvalues look like: the complex plane with Gershgorin's discs, and the ring that shows which directions turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mml_charts import plane
from mml_charts.figure import Figure
from mml_charts.theme import Look, Tint

Floats = NDArray[np.float64]
ROUND = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 8.0, 10.0)
AXES = ((0.82, 0.07, "real"), (0.3, 0.93, "imaginary"))
WAYS: tuple[tuple[Tint, int, str], ...] = (("left", 1, "↺"), ("right", -1, "↻"))


def complex_plane(
    title: str,
    *,
    look: Look,
    eigenvalues: NDArray[np.complex128],
    labels: Sequence[str] = (),
    centres: Sequence[float] = (),
    radii: Sequence[float] = (),
) -> Figure:
    """Return the eigenvalues in the complex plane, and as much of their discs as leaves the eigenvalues in sight."""
    most = float(np.abs(eigenvalues).max())
    widest = max((abs(centre) + radius for centre, radius in zip(centres, radii, strict=True)), default=0.0)
    window = _window(max(1.2 * most, min(1.1 * widest, 4 * most)))
    circle = plane.arc(0, 2 * np.pi, 1.0)[:: 1 if len(radii) <= 30 else 4]
    discs = [np.array([centre, 0.0]) + r * circle for centre, r in zip(centres, radii, strict=True) if r]
    spots = np.column_stack([eigenvalues.real, eigenvalues.imag])
    above = np.where(spots[:, 1] < 0, -0.1, 0.1) * window
    names = [
        plane.Note((x, y + up), text, "second") for (x, y), up, text in zip(spots.tolist(), above, labels, strict=bool(labels))
    ]
    return plane.figure(
        title,
        radius=window,
        look=look,
        paths=[plane.Path(disc, "reference", "thin") for disc in discs],
        points=spots,
        notes=[*(plane.Note((x * window, y * window), text, "reference") for x, y, text in AXES), *names],
    )


def _window(wanted: float) -> float:
    """Return a round number that is not smaller: few windows, so that few charts are built."""
    if wanted == 0:
        return 1.0
    ten = 10.0 ** np.floor(np.log10(wanted))
    return float(next(ten * k for k in ROUND if ten * k >= wanted * (1 - 1e-9)))


@dataclass(frozen=True)
class TurningRing:
    """The parts of the ring, for the plane's figure."""

    areas: tuple[plane.Area, ...]
    paths: tuple[plane.Path, ...]
    notes: tuple[plane.Note, ...]


def turning_ring(directions: Floats, turns: Floats, *, radius: float, bulge: float) -> TurningRing:
    """Return a circle that bulges by the sine of each turn (n,), outwards to the left, inwards to the right.

    `directions` are unit vectors (n, 2) all round. A turn by half a circle leaves the line of a vector as it is, and so does
    none: the sine is zero for both. Where a turn is not a number (the vector vanishes) there is no bulge.
    """
    circle = radius * np.vstack([directions, directions[:1]])
    sines = np.sin(np.nan_to_num(np.append(turns, turns[0])))
    areas, notes = [], []
    for tint, way, sign in WAYS:
        out = np.maximum(way * sines, 0)
        if out.max() < 1e-9:
            continue
        edge = circle * (1 + way * bulge * out)[:, None]
        areas.append(plane.Area(np.vstack([circle, edge[::-1]]), tint, outline=False))
        x, y = (circle[np.argmax(out)] * (1 + way * 0.5 * bulge * out.max())).tolist()
        notes += [plane.Note((x, y), sign, tint), plane.Note((-x, -y), sign, tint)]
    return TurningRing(tuple(areas), (plane.Path(circle, "reference", "thin"),), tuple(notes))
