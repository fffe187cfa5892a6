"""The input checks say in a sentence what is wrong and where."""

import doctest
from fractions import Fraction

import numpy as np
import pytest

from mml_core import checks


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(checks).failed == 0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([[1, 2, 3], [4, 5, 6]], ["2 x 3", "2 rows and 2 columns"]),
        ([1, 2, 3, 4], ["shape 4", "2 rows"]),
        (5, ["single number"]),
        ([[1, 2], [3]], ["different lengths"]),
        ([[1, 2], [np.nan, 4]], ["nan", "row 2, column 1", "finite"]),
        ([[1, -np.inf], [3, 4]], ["-inf", "row 1, column 2"]),
        ([[1, 2j], [3, 4]], ["complex", "real"]),
        ([[1, "two"], [3, 4]], ["two", "row 1, column 2"]),
        ([["1", "2"], ["3", "4"]], ["row 1, column 1", "real number"]),
        ([[1, None], [3, 4]], ["None", "row 1, column 2"]),
        ([[1, 2], [3, 10**400]], ["row 2, column 2"]),
        ([[1e301, 2], [3, 4]], ["1e+301", "at most 1e+300"]),
    ],
)
def test_a_bad_matrix_is_named_with_its_place(value, words):
    with pytest.raises(ValueError, match=r"^A ") as error:
        checks.matrix(value)
    assert all(word in str(error.value) for word in words), error.value
    assert str(error.value).endswith(".")


def test_a_matrix_is_a_fresh_float_copy():
    A = np.array([[1.0, 2.0], [3.0, 4.0]])
    copy = checks.matrix(A)
    copy[0, 0] = 9
    assert A[0, 0] == 1
    assert checks.matrix([[True, 0], [Fraction(1, 2), 1]]).tolist() == [[1, 0], [0.5, 1]]


def test_none_in_a_shape_allows_any_number_but_zero():
    assert checks.matrix(np.ones((3, 5)), (None, 5)).shape == (3, 5)
    with pytest.raises(ValueError, match="any number of rows and 5 columns"):
        checks.matrix(np.ones((0, 5)), (None, 5))


def test_a_vector_has_the_length_asked_for():
    assert checks.vector((1, 2), 2).dtype == np.float64
    for bad in ([], [[1, 2]], [1, 2, 3]):
        with pytest.raises(ValueError, match="must be a vector with 2 numbers"):
            checks.vector(bad, 2)
    with pytest.raises(ValueError, match="b has nan in entry 2"):
        checks.vector([1, np.nan], name="b")


def test_points_have_as_many_coordinates_as_the_plane():
    assert checks.points([[1, 2]]).shape == (1, 2)
    for bad in ([1, 2], np.ones((0, 2)), np.ones((4, 3))):
        with pytest.raises(ValueError, match="2 coordinates"):
            checks.points(bad)


@pytest.mark.parametrize("bad", ["3", None, np.nan, np.inf, 1j, [1, 2]])
def test_a_number_is_finite_and_real(bad):
    with pytest.raises(ValueError, match=r"^t is .* finite real number"):
        checks.number(bad, "t")


def test_a_number_keeps_to_its_range():
    with pytest.raises(ValueError, match="must be at least 0"):
        checks.number(-1, "t", 0)
    with pytest.raises(ValueError, match="must be at most 2"):
        checks.number(3, "t", high=2)
    assert checks.whole_number(3.0) == 3


@pytest.mark.parametrize(
    "bad", [np.zeros((2, 2)), np.zeros((2, 2, 5), np.uint8), np.zeros((0, 2), np.uint8), np.zeros(4, np.uint8)]
)
def test_a_picture_is_uint8_with_up_to_four_channels(bad):
    with pytest.raises(ValueError, match=r"^the picture .*must"):
        checks.picture(bad)
