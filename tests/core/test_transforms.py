"""What the moves of the plane must do, against known answers and independent references."""

import doctest

import numpy as np
import pytest
import scipy.linalg
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mml_core import transforms as tf

EVERY = settings(derandomize=True, deadline=None, max_examples=300)
UNIT_SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1]]
angles = st.floats(-10, 10)
tame = st.floats(-10, 10).map(lambda x: round(x, 3))
wild = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 5e-324, 1e-310, -1e-200, 1e200, 1e300, -1e300]), st.floats(-1e300, 1e300)
)


def matrices(entries):
    return st.tuples(*[entries] * 4).map(lambda e: np.array(e).reshape(2, 2))


def assert_same(A, B, tol=1e-12):
    """Equal up to tol times the largest entry (and the graininess of the smallest floats)."""
    np.testing.assert_allclose(A, B, rtol=0, atol=tol * np.abs(B).max() + 1e-321)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(tf).failed == 0


# --- the basic moves


@EVERY
@given(angles, angles)
def test_turns_add_up_and_keep_lengths(alpha, beta):
    R = tf.rotation(alpha)
    np.testing.assert_allclose(R.T @ R, np.eye(2), atol=1e-15)
    np.testing.assert_allclose(R @ tf.rotation(beta), tf.rotation(alpha + beta), atol=1e-14)
    assert tf.determinant(R) == pytest.approx(1)


@EVERY
@given(angles)
def test_a_reflection_undoes_itself_and_keeps_its_line(theta):
    F, u = tf.reflection(theta), np.array([np.cos(theta), np.sin(theta)])
    np.testing.assert_allclose(F @ F, np.eye(2), atol=1e-14)
    np.testing.assert_allclose(F @ u, u, atol=1e-14)
    assert tf.determinant(F) == pytest.approx(-1)


@EVERY
@given(angles)
def test_a_projection_twice_is_the_projection_once(theta):
    P, u = tf.projection(theta), np.array([np.cos(theta), np.sin(theta)])
    np.testing.assert_allclose(P @ P, P, atol=1e-15)
    np.testing.assert_allclose(P @ u, u, atol=1e-15)
    np.testing.assert_allclose(2 * P - np.eye(2), tf.reflection(theta), atol=1e-14)


def test_a_shear_slides_by_the_other_coordinate():
    assert tf.apply(tf.shear(2, 0), [[0, 1], [1, 0]]).tolist() == [[2, 1], [1, 0]]
    assert tf.determinant(tf.shear(0.5, 0.25)) == 1 - 0.125


@pytest.mark.parametrize("move", [tf.rotation, tf.reflection, tf.projection])
@pytest.mark.parametrize("bad", [np.nan, np.inf, "90", None])
def test_a_move_refuses_an_angle_that_is_no_number(move, bad):
    with pytest.raises(ValueError, match=r"the angle is .* finite real number"):
        move(bad)


@pytest.mark.parametrize("move", [tf.scaling, tf.shear])
def test_a_move_refuses_factors_that_are_no_numbers(move):
    with pytest.raises(ValueError, match="along x is nan"):
        move(np.nan, 1)
    with pytest.raises(ValueError, match="along y is inf"):
        move(1, np.inf)


@EVERY
@given(matrices(tame), st.lists(st.tuples(tame, tame), min_size=1, max_size=5), st.tuples(tame, tame))
def test_apply_moves_each_point_by_the_matrix_and_the_shift(A, X, b):
    expected = [A @ np.array(x) + b for x in X]
    np.testing.assert_allclose(tf.apply(A, X, b), expected, atol=1e-12)


# --- areas


@EVERY
@given(matrices(tame), matrices(tame))
def test_determinants_multiply_and_agree_with_numpy(A, B):
    assert tf.determinant(A @ B) == pytest.approx(tf.determinant(A) * tf.determinant(B), abs=1e-8)
    assert tf.determinant(A) == pytest.approx(np.linalg.det(A), abs=1e-11)


@EVERY
@given(matrices(tame), st.tuples(tame, tame))
def test_the_drawn_square_has_the_determinant_as_area(A, b):
    assert tf.signed_area(tf.apply(A, UNIT_SQUARE, b)) == pytest.approx(tf.determinant(A), abs=1e-10)


def test_area_changes_sign_when_the_corners_run_clockwise():
    assert tf.signed_area(UNIT_SQUARE) == 1
    assert tf.signed_area(UNIT_SQUARE[::-1]) == -1
    assert tf.signed_area(np.array(UNIT_SQUARE) + 1e9) == 1


def test_area_of_a_regular_polygon_is_known():
    turn = 2 * np.pi * np.arange(7) / 7
    assert tf.signed_area(np.column_stack([np.cos(turn), np.sin(turn)])) == pytest.approx(3.5 * np.sin(2 * np.pi / 7))


def test_two_corners_have_no_area():
    with pytest.raises(ValueError, match="2 corners; an area needs at least 3"):
        tf.signed_area([[0, 0], [1, 1]])


def test_a_determinant_too_large_for_a_number_is_refused():
    with pytest.raises(ValueError, match="exceeds every number"):
        tf.determinant(np.diag([1e200, 1e200]))


# --- dials


@EVERY
@given(matrices(st.one_of(wild, tame)))
@example(np.zeros((2, 2)))
@example(np.array([[5e-324, 1e300], [5e-324, -1e300]]))
@example(np.array([[0.0, -1.0], [-0.0, 0.0]]))
@example(np.array([[1e-160, 1.0], [1e-160, 1.0]]))
def test_dials_give_every_matrix_back(A):
    d = tf.dials(A)
    assert d.scale_x >= 0
    assert -np.pi <= d.angle <= np.pi
    assert_same(tf.from_dials(d.angle, d.scale_x, d.scale_y, d.shear), A)


@EVERY
@given(st.floats(-3.1, 3.1), st.floats(0.1, 5), st.floats(-5, 5), st.floats(-3, 3))
def test_dials_read_what_was_dialled(angle, sx, sy, k):
    A = tf.rotation(angle) @ tf.scaling(sx, sy) @ tf.shear(k, 0)
    np.testing.assert_allclose(list(vars(tf.dials(A)).values()), [angle, sx, sy, k], atol=1e-11)
    assert_same(tf.from_dials(angle, sx, sy, k), A)


def test_a_zero_first_column_takes_its_angle_from_the_second():
    assert tf.dials([[0, -2], [0, 0]]) == tf.Dials(np.pi / 2, 0.0, 2.0, 0.0)
    assert tf.dials(np.zeros((2, 2))) == tf.Dials(0.0, 0.0, 0.0, 0.0)


def test_the_second_scale_carries_the_flip():
    assert tf.dials(tf.reflection(0)) == tf.Dials(0.0, 1.0, -1.0, 0.0)
    assert tf.dials([[-1, -0.0], [-0.0, -1]]).angle == np.pi


# --- on the way from the identity


@EVERY
@given(matrices(tame))
def test_polar_is_a_turn_after_a_symmetric_stretch(A):
    p = tf.polar(A)
    assert np.array_equal(p.stretch, p.stretch.T)
    assert_same(tf.rotation(p.angle) @ p.stretch, A, 1e-11)
    low, high = np.linalg.eigvalsh(p.stretch)
    if tf.determinant(A) < -1e-9 * np.abs(A).max() ** 2:
        assert low < 0 < high
        assert abs(p.angle) <= np.pi / 2
    else:
        assert low >= -1e-9 * np.abs(A).max()


@EVERY
@given(matrices(tame))
def test_polar_agrees_with_scipy_when_nothing_flips(A):
    if tf.determinant(A) > 1e-3:
        U, P = scipy.linalg.polar(A)
        np.testing.assert_allclose(tf.rotation(tf.polar(A).angle), U, atol=1e-9)
        np.testing.assert_allclose(tf.polar(A).stretch, P, atol=1e-9)


@EVERY
@given(matrices(st.one_of(wild, tame)))
def test_interpolation_starts_at_the_identity_and_ends_at_the_matrix(A):
    assert np.array_equal(tf.interpolation(A, 0), np.eye(2))
    assert np.array_equal(tf.interpolation(A, 1), A)
    almost = tf.interpolation(A, np.nextafter(1, 0))
    np.testing.assert_allclose(almost, A, rtol=0, atol=1e-11 * max(1, np.abs(A).max()))


@pytest.mark.parametrize("t", np.linspace(0, 1, 21))
def test_a_half_turn_keeps_every_length_on_the_way(t):
    for A in (-np.eye(2), tf.rotation(np.pi), tf.rotation(2.0), tf.rotation(-3.0)):
        np.testing.assert_allclose(np.linalg.svd(tf.interpolation(A, t))[1], 1, atol=1e-12)


@EVERY
@given(matrices(tame))
def test_the_way_collapses_once_exactly_when_the_matrix_flips(A):
    det = tf.determinant(A)
    if abs(det) > 1e-6 * np.abs(A).max() ** 2:
        dets = np.array([np.linalg.det(tf.interpolation(A, t)) for t in np.linspace(0, 1, 101)])
        assert np.sum(np.diff(np.sign(dets)) != 0) == (det < 0) or 0 in np.sign(dets)
        assert np.all(np.diff(np.sign(dets)) <= 0)


@pytest.mark.parametrize("A", [np.diag([1, -1]), np.diag([1, -2]), np.diag([-3, 1]), tf.reflection(0.4)])
def test_a_mirror_flips_without_turning(A):
    assert tf.polar(A).angle == 0
    np.testing.assert_allclose(tf.interpolation(A, 0.5), (np.eye(2) + A) / 2)


@pytest.mark.parametrize("A", [np.zeros((2, 2)), tf.projection(0.3), [[1, 2], [2, 4]], [[0, 1], [0, 0]], [[-1, 0], [0, 0]]])
def test_a_collapsing_matrix_is_reached_without_collapsing_before(A):
    assert all(np.linalg.det(tf.interpolation(A, t)) > 0 for t in (0.1, 0.5, 0.9, 0.999))


@pytest.mark.parametrize("t", [-0.1, 1.1, np.nan])
def test_interpolation_refuses_times_off_the_way(t):
    with pytest.raises(ValueError, match="t is"):
        tf.interpolation(np.eye(2), t)


# --- undoing and changing basis


@EVERY
@given(matrices(tame))
def test_inverse_undoes_and_agrees_with_numpy(A):
    if abs(tf.determinant(A)) > 1e-3:
        np.testing.assert_allclose(tf.inverse(A) @ A, np.eye(2), atol=1e-8)
        np.testing.assert_allclose(tf.inverse(A), np.linalg.inv(A), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("scale", [1e-100, 1e-9, 1, 1e9, 1e100])
def test_inverse_does_not_mind_the_unit(scale):
    np.testing.assert_allclose(tf.inverse(scale * np.array([[2, 1], [1, 1]])) * scale, [[1, -1], [-1, 2]], rtol=1e-14)


@pytest.mark.parametrize(
    ("A", "words"),
    [
        ([[1, 2], [1, 2]], "line at 45 degrees"),
        ([[0, -3], [0, 3]], "line at 135 degrees"),
        ([[1e9, 0], [0, 1e-9]], "line at 0 degrees"),
        ([[0, 0], [0, 0]], "one point, the origin"),
    ],
)
def test_a_singular_matrix_names_what_the_plane_collapses_onto(A, words):
    with pytest.raises(ValueError, match=words):
        tf.inverse(A)


def test_a_mirror_in_its_own_basis_is_the_same_four_numbers():
    for theta in np.linspace(0, 3, 7):
        E = tf.rotation(theta)
        np.testing.assert_allclose(tf.in_basis(np.diag([1, -1]), E), tf.reflection(theta), atol=1e-14)


def test_a_change_of_basis_keeps_eigenvalues_in_any_dimension():
    rng = np.random.default_rng(1)
    A_E, E = rng.normal(size=(2, 5, 5))
    A = tf.in_basis(A_E, E)
    np.testing.assert_allclose(A, E @ A_E @ np.linalg.inv(E), atol=1e-10)
    seen, seen_E = (np.sort_complex(np.linalg.eigvals(matrix)) for matrix in (A, A_E))
    np.testing.assert_allclose(seen, seen_E, atol=1e-9)


def test_dependent_columns_are_no_basis():
    with pytest.raises(ValueError, match="no basis"):
        tf.in_basis(np.eye(2), [[1, 2], [2, 4]])
    with pytest.raises(ValueError, match="A_E has shape 3 x 3"):
        tf.in_basis(np.eye(3), np.eye(2))


# --- what is kept and what is lost


@EVERY
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 6), st.integers(0, 10**6), st.sampled_from([1e-200, 1, 1e200]))
def test_rank_null_space_and_image_fit_together(m, n, r, seed, scale):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(m, r)) @ rng.normal(size=(r, n)) * scale
    found = tf.rank_nullspace_image(A, tol=1e-9)
    assert found.rank == np.linalg.matrix_rank(A / scale, rtol=1e-9)
    assert found.null_space.shape == (n, n - found.rank)
    assert found.image.shape == (m, found.rank)
    for Q in (found.null_space, found.image):
        np.testing.assert_allclose(Q.T @ Q, np.eye(Q.shape[1]), atol=1e-12)
        assert all(column[np.abs(column) > 1e-9][0] > 0 for column in Q.T)
    np.testing.assert_allclose(A / scale @ found.null_space, 0, atol=1e-7)
    np.testing.assert_allclose(found.image @ (found.image.T @ (A / scale)), A / scale, atol=1e-7)


def test_the_zero_matrix_loses_everything():
    found = tf.rank_nullspace_image(np.zeros((2, 3)))
    assert (found.rank, found.null_space.shape, found.image.shape) == (0, (3, 3), (2, 0))


# --- turn, stretch, turn


@EVERY
@given(matrices(st.one_of(wild, tame)))
@example(np.array([[1.0, 0.0], [0.0, -1.0]]))
@example(np.array([[-1.0, 0.0], [0.0, -1.0]]))
def test_two_turns_and_a_stretch_give_every_matrix_back(A):
    found = tf.rotate_stretch_rotate(A)
    first, stretch, second = found.matrices
    with np.errstate(all="ignore"):
        assert_same(second @ (stretch @ first), A, 1e-11)
    assert found.stretch[0] >= abs(found.stretch[1])
    assert -np.pi / 2 < found.first_turn <= np.pi / 2
    assert -np.pi < found.second_turn <= np.pi


@EVERY
@given(matrices(tame))
def test_the_stretches_are_the_singular_values_with_the_sign_of_the_determinant(A):
    s1, s2 = tf.rotate_stretch_rotate(A).stretch
    np.testing.assert_allclose([s1, abs(s2)], scipy.linalg.svd(A)[1], atol=1e-11)
    assert s1 * s2 == pytest.approx(tf.determinant(A), abs=1e-10)


def test_a_turn_or_a_mirror_needs_no_first_turn():
    turn, mirror = tf.rotate_stretch_rotate(2 * tf.rotation(0.7)), tf.rotate_stretch_rotate(tf.reflection(0.7))
    assert (turn.first_turn, mirror.first_turn) == (0, 0)
    assert turn.second_turn == pytest.approx(0.7)
    np.testing.assert_allclose(mirror.stretch, [1, -1])


@pytest.mark.parametrize(
    "function", [tf.determinant, tf.dials, tf.polar, tf.inverse, tf.rotate_stretch_rotate, tf.rank_nullspace_image]
)
def test_every_function_of_a_matrix_names_a_bad_entry(function):
    with pytest.raises(ValueError, match="A has nan in row 2, column 1"):
        function([[1, 2], [np.nan, 3]])
