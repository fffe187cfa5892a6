from functools import cache

import numpy as np
from PIL import Image

from mml_ui.images import picture
from scripts.sample_pictures import SIDE, TARGET, encoded, scene

SMALL = 300


@cache
def painted() -> np.ndarray:
    return scene(SMALL, grain=0)


@cache
def kept() -> np.ndarray:
    return np.asarray(Image.fromarray(picture(TARGET.read_bytes(), TARGET.name).pixels).reduce(SIDE // SMALL))


def test_the_sample_is_the_scene_the_script_paints():
    # Painted small, edges and fine waves fall between pixels: near, not equal.
    # Other waves differ by 5, other clouds by 13.
    difference = np.abs(kept().astype(float) - painted())
    assert difference.mean() < 3
    assert np.abs(kept().mean(axis=(0, 1)) - painted().mean(axis=(0, 1))).max() < 1


def test_painting_twice_gives_the_same_bytes():
    assert encoded(scene(60)) == encoded(scene(60))


def test_the_sample_is_square_and_light_enough_to_send():
    shot = picture(TARGET.read_bytes(), TARGET.name)
    assert shot.pixels.shape == (SIDE, SIDE, 3)
    assert shot.note == ""
    assert TARGET.stat().st_size <= 250_000


def test_no_flip_or_turn_leaves_the_sample_alike():
    small = kept().astype(float)
    for moved in (
        small[::-1],
        small[:, ::-1],
        np.rot90(small),
        np.rot90(small, 2),
        np.rot90(small, 3),
        small.swapaxes(0, 1),
    ):
        assert np.abs(moved - small).mean() > 25
