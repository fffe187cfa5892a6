"""Pictures land where points land, pixel for pixel where that is possible."""

import doctest

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from mml_core import warping
from mml_core.transforms import apply, projection, reflection, rotation, scaling, shear, signed_area
from mml_core.warping import inverse_map, pixel_maps, warp_image, warp_into_window

TURN_AND_SHEAR = rotation(0.4) @ shear(0.3, 0)


def noise(*shape):
    return np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)


def smooth(h=60, w=80):
    y, x = np.mgrid[:h, :w]
    return np.stack([127 + 100 * np.sin(x / 9), 127 + 100 * np.cos(y / 7), 60 + x + y], axis=2).astype(np.uint8)


def inside(A, h, w, margin=3):
    covered = warp_image(np.full((h, w), 255, np.uint8), A) == 255
    return ndimage.binary_erosion(covered, iterations=margin, border_value=1)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(warping).failed == 0


# --- where a pixel came from


def test_the_map_goes_back_where_points_came_from():
    A, b = np.array([[1.2, 0.4], [-0.3, 0.8]]), np.array([3.0, -2.0])
    M = inverse_map(A, (40, 30), (90, 70), shift=b)
    x_s = np.array([[5.0, 7.0], [-12.0, 3.0], [0.0, 0.0]])
    u_t = apply(A, x_s, b) * [1, -1] + [45, 35]
    np.testing.assert_allclose(u_t @ M[:, :2].T + M[:, 2], x_s * [1, -1] + [20, 15], atol=1e-9)


def test_plane_units_do_not_depend_on_pixels():
    M = inverse_map(np.eye(2), (100, 50), (400, 400), source_half=(2, 1), target_half=(4, 4))
    np.testing.assert_allclose(M @ [[100, 300], [150, 250], [1, 1]], [[0, 100], [0, 50]])


def test_the_maps_of_a_matrix_and_of_its_inverse_undo_each_other():
    there, back = (
        np.vstack([inverse_map(A, (64, 48), (64, 48)), [0, 0, 1]]) for A in (TURN_AND_SHEAR, np.linalg.inv(TURN_AND_SHEAR))
    )
    np.testing.assert_allclose(there @ back, np.eye(3), atol=1e-9)


def test_a_singular_map_and_bad_sizes_are_refused_in_a_sentence():
    for call in (
        lambda A: inverse_map(A, (4, 4), (4, 4)),
        lambda A: warp_image(noise(4, 4), A),
        lambda A: warp_into_window(noise(4, 4), A, half_size=(1, 1), radius=2, size=8),
        lambda A: pixel_maps(noise(4, 4), A),
    ):
        with pytest.raises(ValueError, match="collapses onto the line at 45 degrees"):
            call(projection(np.pi / 4))
    with pytest.raises(ValueError, match="a side in pixels is 0"):
        inverse_map(np.eye(2), (0, 4), (4, 4))
    with pytest.raises(ValueError, match="half width or half height is not positive"):
        warp_into_window(noise(4, 4), np.eye(2), half_size=(1, 0), radius=2, size=8)


# --- whole pictures


@pytest.mark.parametrize("shape", [(5, 5), (6, 6, 1), (7, 4, 3), (4, 7, 3), (6, 6, 2), (6, 5, 4), (1, 1, 3)])
@pytest.mark.parametrize("quarters", [-1, 0, 1, 2, 3])
def test_quarter_turns_are_exact_pixel_for_pixel(shape, quarters):
    image = noise(*shape)
    if len(shape) == 3 and shape[2] in (2, 4):
        image[..., -1] = 255
    turned = warp_image(image, rotation(quarters * np.pi / 2), frame="whole")
    assert np.array_equal(turned, np.rot90(image, quarters))


def test_mirrors_are_exact_pixel_for_pixel():
    image = noise(8, 6, 3)
    assert np.array_equal(warp_image(image, reflection(0)), image[::-1])
    assert np.array_equal(warp_image(image, reflection(np.pi / 2)), image[:, ::-1])


def test_a_whole_shift_moves_right_and_up():
    image = noise(8, 6)
    moved = warp_image(image, np.eye(2), shift=(2, 3), fill=7)
    assert np.array_equal(moved[:5, 2:], image[3:, :4])
    assert np.all(moved[5:] == 7)
    assert np.all(moved[:, :2] == 7)


@pytest.mark.parametrize("degrees", [10, 45, 137, -60])
def test_a_turn_equals_the_picture_library_s_own(degrees):
    image = smooth()
    own = np.asarray(Image.fromarray(image).rotate(degrees, Image.Resampling.BILINEAR)).astype(int)
    A = rotation(np.radians(degrees))
    assert np.abs(warp_image(image, A) - own)[inside(A, *image.shape[:2])].max() <= 1


@pytest.mark.parametrize("A", [TURN_AND_SHEAR, scaling(1.7, 0.8), rotation(2) @ scaling(1, -1.3)])
def test_warping_equals_an_independent_resampler(A):
    image = noise(50, 70).astype(np.uint8)
    row_column = np.array([[0, -1], [1, 0]])
    matrix = row_column @ np.linalg.inv(A) @ row_column.T
    centre = np.array([24.5, 34.5])
    reference = ndimage.affine_transform(image.astype(float), matrix, centre - matrix @ centre, order=1)
    assert np.abs(warp_image(image, A) - reference)[inside(A, 50, 70)].max() <= 1


def test_warping_there_and_back_returns_the_picture():
    image = smooth(90, 90)
    back = warp_image(warp_image(image, TURN_AND_SHEAR), np.linalg.inv(TURN_AND_SHEAR)).astype(int)
    assert np.abs(back - image)[30:60, 30:60].max() <= 5


def test_the_whole_frame_loses_nothing_and_is_tight():
    image = np.full((30, 50), 255, np.uint8)
    whole = warp_image(image, rotation(0.5), frame="whole")
    assert whole.sum() / 255 == pytest.approx(1500, rel=0.01)
    assert all(edge.any() for edge in (whole[:2], whole[-2:], whole[:, :2], whole[:, -2:]))


def test_the_area_of_the_result_grows_by_the_determinant():
    whole = warp_image(np.full((40, 40), 255, np.uint8), [[1.5, 1], [-0.5, 1]], frame="whole")
    assert whole.sum() / 255 / 1600 == pytest.approx(2, rel=0.01)


def test_transparent_colours_do_not_bleed():
    image = np.zeros((20, 20, 4), np.uint8)
    image[:, :10] = (200, 0, 0, 255)
    image[:, 10:] = (0, 255, 0, 0)
    moved = warp_image(image, rotation(0.3), fill=0)
    assert moved[..., 1].max() == 0
    assert moved[moved[..., 3] > 50][:, 0].min() >= 195


def test_strong_shrinking_averages():
    checker = (np.indices((64, 64)).sum(axis=0) % 2 * 254).astype(np.uint8)
    assert np.ptp(warp_image(checker, scaling(0.125, 0.125), frame="whole")) <= 1


def test_a_canvas_of_its_own_size_and_a_fill_of_its_own_colour():
    moved = warp_image(noise(4, 4, 3), np.eye(2), size=(8, 6), fill=(1, 2, 3))
    assert moved.shape == (6, 8, 3)
    assert moved[0, 0].tolist() == [1, 2, 3]
    alpha = warp_image(noise(4, 4, 4), np.eye(2), size=(8, 6), fill=(200, 100, 50, 128))[0, 0]
    np.testing.assert_allclose(alpha, [200, 100, 50, 128], atol=2)


def test_bad_pictures_frames_and_fills_get_a_sentence():
    with pytest.raises(ValueError, match="more than 100 megapixels"):
        warp_image(noise(10, 10), scaling(5000, 5000), frame="whole")
    with pytest.raises(ValueError, match="more than 100 megapixels"):
        warp_image(noise(10, 10), np.eye(2), size=(20_000, 20_000))
    with pytest.raises(ValueError, match='must be "same" or "whole"'):
        warp_image(noise(10, 10), np.eye(2), frame="half")
    with pytest.raises(ValueError, match="fill has 2 levels"):
        warp_image(noise(10, 10, 3), np.eye(2), fill=(1, 2))
    with pytest.raises(ValueError, match="must lie between 0 and 255"):
        warp_image(noise(10, 10, 3), np.eye(2), fill=300)
    with pytest.raises(ValueError, match="uint8"):
        warp_image(np.zeros((4, 4)), np.eye(2))
    with pytest.raises(ValueError, match="A has inf in row 1, column 1"):
        warp_image(noise(4, 4), [[np.inf, 0], [0, 1]])


def test_extreme_matrices_still_give_a_picture():
    for A in (scaling(1e-6, 1e-6), scaling(1e-140, 1e-140), scaling(1e13, 1e13), scaling(1e140, 1e140), shear(1e5, 0)):
        assert warp_image(noise(20, 20, 3), A).shape == (20, 20, 3)
        assert warp_into_window(noise(20, 20), A, half_size=(1, 1), radius=2, size=16).shape == (16, 16, 4)
        assert pixel_maps(noise(20, 20), A, size=(16, 16)).forward.shape == (16, 16, 4)


# --- seen through a window of the plane


def test_a_photo_that_fills_the_window_comes_out_as_it_is():
    image = noise(40, 40, 3)
    seen = warp_into_window(image, np.eye(2), half_size=(2, 2), radius=2, size=40)
    assert np.array_equal(seen[..., :3], image)
    assert np.all(seen[..., 3] == 255)


def test_every_kind_of_picture_is_drawn_alike():
    grey = noise(30, 30)
    kinds = [
        grey,
        grey[..., None],
        np.dstack([grey, np.full_like(grey, 255)]),
        np.dstack([grey] * 3),
        np.dstack([grey] * 3 + [np.full_like(grey, 255)]),
    ]
    seen = [warp_into_window(kind, TURN_AND_SHEAR, (0.1, 0), half_size=(1, 1), radius=2, size=50) for kind in kinds]
    assert all(np.array_equal(picture, seen[0]) for picture in seen)


@pytest.mark.parametrize("A", [np.eye(2), TURN_AND_SHEAR, scaling(1, -0.5), scaling(0.1, 1)])
def test_what_is_seen_covers_the_area_of_the_parallelogram(A):
    seen = warp_into_window(noise(50, 100, 3), A, (0.2, -0.1), half_size=(1, 0.5), radius=2, size=200)
    drawn = seen[..., 3].sum() / 255 * (4 / 200) ** 2
    corners = apply(A, [[-1, -0.5], [1, -0.5], [1, 0.5], [-1, 0.5]])
    assert drawn == pytest.approx(abs(signed_area(corners)), rel=0.02)


def test_what_is_seen_lies_inside_the_parallelogram_and_its_edge_is_soft():
    n, A, b = 200, TURN_AND_SHEAR, np.array([0.3, 0.2])
    seen = warp_into_window(np.full((80, 80, 3), 90, np.uint8), A, b, half_size=(1, 1), radius=2, size=n)
    v, u = np.mgrid[:n, :n] + 0.5
    plane = np.stack([u - n / 2, n / 2 - v], axis=-1) * 4 / n
    reach = np.abs((plane - b) @ np.linalg.inv(A).T).max(axis=-1)
    assert np.all(seen[..., 3][reach < 0.97] == 255)
    assert np.all(seen[reach > 1.03] == 0)
    assert np.any((seen[..., 3] > 0) & (seen[..., 3] < 255))
    # Colours are carried weighted by alpha, in whole levels: the fainter the edge, the coarser they come back.
    alpha = seen[..., 3:].astype(float)
    gap = np.abs(seen[..., :3].astype(int) - 90) - 255 / np.maximum(alpha, 1)
    assert np.all(gap[alpha[..., 0] > 0] <= 1)


def test_a_photo_laid_on_a_colour_is_the_transparent_one_laid_on_it():
    image, ink = smooth(90, 120), (200, 30, 10)
    seen = warp_into_window(image, TURN_AND_SHEAR, (0.1, -0.2), half_size=(1, 0.75), radius=2, size=150)
    laid = warp_into_window(image, TURN_AND_SHEAR, (0.1, -0.2), half_size=(1, 0.75), radius=2, size=150, background=ink)
    alpha = seen[..., 3:] / 255
    expected = alpha * seen[..., :3] + (1 - alpha) * np.array(ink)
    assert laid.shape == (150, 150, 3)
    assert np.abs(laid - expected).max() <= 3
    with_holes = np.dstack([image, np.where(np.arange(120) < 60, 0, 255)[None, :].repeat(90, 0)]).astype(np.uint8)
    assert np.all(
        warp_into_window(with_holes, np.eye(2), half_size=(1, 0.75), radius=1, size=80, background=ink)[40, :35] == ink
    )


def test_what_is_seen_agrees_with_bilinear_mixing():
    image = smooth(100, 100)
    seen = warp_into_window(image, TURN_AND_SHEAR, half_size=(1, 1), radius=1, size=100).astype(int)
    difference = np.abs(seen[..., :3] - warp_image(image, TURN_AND_SHEAR))[inside(TURN_AND_SHEAR, 100, 100)]
    assert difference.mean() < 2


def test_the_photo_visibly_flips_with_the_sign_of_the_determinant():
    image = noise(40, 40, 3)
    seen = [warp_into_window(image, scaling(1, sy), half_size=(1, 1), radius=1, size=40) for sy in (1, -1)]
    assert np.array_equal(seen[1], seen[0][::-1])


# --- pixel by pixel


def test_enlarging_forwards_leaves_holes_and_backwards_none():
    maps = pixel_maps(noise(24, 24, 3), scaling(2, 2))
    assert maps.n_holes == 48 * 48 - 24 * 24
    assert np.all(maps.backward[..., 3] == 255)
    assert np.array_equal(maps.forward[..., 3] == 0, maps.holes)
    assert np.array_equal(maps.backward[..., :3], noise(24, 24, 3).repeat(2, 0).repeat(2, 1))


def test_a_turn_leaves_a_few_holes_though_no_area_is_gained():
    maps = pixel_maps(noise(24, 24, 3), rotation(np.pi / 6))
    assert 0 < maps.n_holes < 24 * 24 / 4
    assert np.all(maps.forward[maps.holes] == 0)
    assert np.all(maps.backward[..., 3][maps.holes] == 255)


@pytest.mark.parametrize("A", [np.eye(2), rotation(np.pi / 2), reflection(0)])
def test_moves_that_keep_the_pixel_grid_leave_no_holes(A):
    maps = pixel_maps(noise(24, 20, 3), A)
    assert maps.n_holes == 0
    assert np.array_equal(maps.forward, maps.backward)
    assert np.array_equal(maps.forward[..., :3], warp_image(noise(24, 20, 3), A, frame="whole"))


def test_each_pixel_lands_where_its_centre_lands():
    A = np.array([[1.3, 0.4], [-0.2, 0.9]])
    maps = pixel_maps(noise(10, 12), A, size=(30, 20))
    for index, (row, column) in enumerate(maps.sent_to):
        i, j = divmod(index, 12)
        x, y = A @ [j + 0.5 - 6, 5 - i - 0.5]
        assert (row, column) == (np.floor(10 - y + 1e-9), np.floor(x + 15 + 1e-9))


def test_where_several_pixels_land_the_first_stays():
    image = noise(8, 8)
    maps = pixel_maps(image, scaling(0.5, 0.5))
    assert np.array_equal(maps.forward[..., 0], image[::2, ::2])


def test_pixels_that_leave_the_target_have_no_partner():
    maps = pixel_maps(noise(8, 8), np.eye(2), size=(4, 4))
    assert np.sum(maps.sent_to[:, 0] < 0) == 64 - 16
    assert np.all(maps.came_from >= 0)
    wide = pixel_maps(noise(4, 4), np.eye(2), size=(8, 8))
    assert np.sum(wide.came_from[:, 0] < 0) == 64 - 16


def test_filling_step_by_step_ends_at_the_whole_picture():
    maps = pixel_maps(noise(6, 6, 4), rotation(0.5))
    n_target, n_source = maps.holes.size, 36
    assert not maps.backward_until(0).any()
    assert not maps.forward_until(0).any()
    assert np.array_equal(maps.backward_until(n_target), maps.backward)
    assert np.array_equal(maps.forward_until(n_source), maps.forward)
    half = maps.backward_until(n_target // 2).reshape(-1, 4)
    assert np.array_equal(half[: n_target // 2], maps.backward.reshape(-1, 4)[: n_target // 2])
    assert not half[n_target // 2 :].any()


def test_a_fine_picture_is_refused():
    with pytest.raises(ValueError, match="at most 256 x 256"):
        pixel_maps(noise(300, 4), np.eye(2))
