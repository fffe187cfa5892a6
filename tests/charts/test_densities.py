"""Densities: every point that has a place is in its square, and inks and patterns say how many there are and of which class."""

import base64
import doctest
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mml_charts import densities, maps
from mml_charts.densities import ALONE, FLOOR, FULL, KINDS, LINES, density_url, group_looks
from mml_charts.inks import CATEGORIES, GLYPH_OF
from mml_charts.theme import Look, contrast, rgb

LOOKS = [Look(), Look(theme="dark")]
each_look = pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.theme)
WINDOW = (0.0, 10.0, 0.0, 10.0)  # with 10 cells a square is a unit wide
any_number = st.floats(allow_nan=True, allow_infinity=True)


def opened(url):
    head, body = url.split(",", 1)
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(body, validate=True)))


def squares(points, look=None, *, cells=10, window=WINDOW, **more):
    """The colour of each square (cells, cells, 3)."""
    url = density_url(np.array(points, float).reshape(-1, 2), window, look or Look(), cells=cells, **more)
    pixels = np.asarray(opened(url).convert("RGB"))
    side = len(pixels) // cells
    assert pixels.shape == (cells * side, cells * side, 3)
    parts = pixels.reshape(cells, side, cells, side, 3).transpose(0, 2, 1, 3, 4).reshape(cells, cells, -1, 3)
    assert (parts == parts[:, :, :1]).all(), "a square has one colour"
    return parts[:, :, 0].astype(int)


def drawn(*args, look=None, **more):
    """Which squares are not the ground, as (row, column)."""
    found = (squares(*args, look, **more) != rgb((look or Look()).palette.background)).any(axis=-1)
    return [(int(i), int(k)) for i, k in np.argwhere(found)]


def code(colour):
    return "#{:02X}{:02X}{:02X}".format(*(int(c) for c in colour))


def strength(colour, ink, look):
    """How much of an ink a colour has, and how far it is from any such mixture."""
    ground, full = (np.array(rgb(c), float) for c in (look.palette.background, ink))
    share = (colour - ground) @ (full - ground) / ((full - ground) @ (full - ground))
    return share, np.abs(ground + share * (full - ground) - colour).max()


def cloud(n, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(5, 2, (n, 2))


def everywhere(cells, n=1):
    """A point of the same class in each square, and the classes."""
    at = np.arange(cells) + 0.5
    x, y = np.meshgrid(at, at)
    return np.repeat(np.column_stack([x.ravel(), y.ravel()]), n, axis=0)


@each_look
def test_a_point_is_in_its_square_and_row_0_is_at_the_top(look):
    assert drawn([[2.5, 9.5]], look=look) == [(0, 2)]
    assert drawn([[0.1, 0.1], [9.9, 0.1]], look=look) == [(9, 0), (9, 9)]
    assert drawn([[2.5, -1.5]], look=look, window=(2.0, 3.0, -2.0, -1.0)) == [(5, 5)]


def test_the_picture_has_whole_pixels_for_each_square():
    for side, cells, size in ((520, 130, 520), (520, 100, 500), (50, 130, 130), (300, 7, 294)):
        assert opened(density_url(cloud(9), WINDOW, Look(), side=side, cells=cells)).size == (size, size)


def test_the_edges_belong_to_the_picture():
    assert drawn([[0, 0], [10, 10], [0, 10], [10, 0]]) == [(0, 0), (0, 9), (9, 0), (9, 9)]
    assert drawn([[1, 9]]) == [(1, 1)]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300, -1e300, 10.001, -0.001])
def test_what_is_outside_or_no_number_is_left_out(value):
    for point in ((value, 5), (5, value), (value, value)):
        assert drawn([point]) == []
        assert drawn([point, (5.5, 5.5)], groups=np.array([1, 0]), n_groups=2) == [(4, 5)]


def test_without_points_the_picture_is_the_ground():
    for more in ({}, dict(groups=np.array([], int), n_groups=3)):
        assert drawn([], **more) == []


@each_look
def test_ink_grows_with_the_logarithm_of_the_count(look):
    counts = np.array([1, 2, 5, 20, 100, 1000])
    points = np.repeat(np.column_stack([np.arange(6) + 0.5, np.full(6, 0.5)]), counts, axis=0)
    row = squares(points, look)[-1, :6]
    found, error = np.array([strength(c, look.palette.categories[0], look) for c in row]).T
    assert error.max() < 1
    assert (np.diff(found) > 0).all()
    expected = FLOOR + (ALONE - FLOOR) * np.log1p(counts) / np.log1p(1000)
    step = (ALONE - FLOOR) / (densities.STEPS - 1)
    np.testing.assert_allclose(found, expected, atol=step / 2 + 0.01)


def test_the_order_of_the_points_does_not_matter():
    points, rng = cloud(5_000), np.random.default_rng(2)
    groups, order = rng.integers(0, 4, 5_000), rng.permutation(5_000)
    one = density_url(points, WINDOW, Look(), groups=groups, n_groups=4)
    assert one == density_url(points[order], WINDOW, Look(), groups=groups[order], n_groups=4)


def test_a_million_points_are_counted_as_a_slow_count_does():
    points = cloud(1_000_000)
    inside = points[((points >= 0) & (points <= 10)).all(axis=1)]
    count, _, _ = np.histogram2d(10 - inside[:, 1], inside[:, 0], bins=10, range=[[0, 10], [0, 10]])
    step = np.rint((densities.STEPS - 1) * np.log1p(count) / np.log1p(count.max())).astype(int)
    steps, colours = densities._colours(1, Look())
    assert steps == densities.STEPS
    np.testing.assert_array_equal(squares(points), colours[np.where(count > 0, 1 + step, 0)])


@each_look
@pytest.mark.parametrize("n", [1, 2, 3, 8, 20])
def test_a_single_point_is_seen_whatever_its_class(look, n):
    for k in range(n):
        # Alone, and beside a square with very many points.
        for crowd in (0, 100_000):
            points = [(5.5, 5.5), *[(0.5, 0.5)] * crowd]
            groups = np.full(len(points), k)
            colour = squares(points, look, groups=groups, n_groups=n)[4, 5]
            assert contrast(code(colour), look.palette.background) >= 1.6


@each_look
def test_a_square_has_the_colour_of_its_most_frequent_class(look):
    points = [(0.5, 0.5)] * 3 + [(1.5, 0.5)] * 5 + [(2.5, 0.5)] * 2
    groups = np.array([2, 2, 1, 0, 1, 1, 0, 1, 2, 1])
    row = squares(points, look, groups=groups, n_groups=3)[-1]
    for colour, k in zip(row[:3], (2, 1, 1), strict=True):
        assert strength(colour, look.palette.categories[k], look)[1] < 1


def test_of_equally_frequent_classes_the_first_is_drawn():
    one = squares([(0.5, 0.5)] * 4, groups=np.array([3, 1, 1, 3]), n_groups=5)
    assert strength(one[-1, 0], Look().palette.categories[1], Look())[1] < 1


def test_points_of_other_classes_are_left_out():
    points = [(0.5, 0.5), (1.5, 0.5), (2.5, 0.5), (3.5, 0.5)]
    for groups in (np.array([-1, 0, 3, 2]), np.array([np.nan, 0.0, 3.0, 2.0])):
        assert drawn(points, groups=groups, n_groups=3) == [(9, 1), (9, 3)]


def test_one_class_is_drawn_as_no_classes_are():
    points = cloud(500)
    assert density_url(points, WINDOW, Look(), groups=np.zeros(500, int)) == density_url(points, WINDOW, Look())


@each_look
def test_classes_are_told_apart_by_their_pattern_as_well(look):
    cells, points, patterns = 24, everywhere(24), []
    for k in range(KINDS):
        seen = squares(points, look, cells=cells, window=(0, cells, 0, cells), groups=np.full(len(points), k), n_groups=KINDS)
        shares = np.array([strength(c, look.palette.categories[k], look)[0] for c in seen.reshape(-1, 3)])
        lined = shares > FULL + LINES / 2
        np.testing.assert_allclose(shares, np.where(lined, FULL + LINES, FULL), atol=0.02)
        assert lined.mean() < 0.5
        patterns.append(lined.tobytes())
    assert len(set(patterns)) == KINDS
    assert not np.frombuffer(patterns[0], bool).any()


def test_where_colours_repeat_patterns_do_not_until_64_classes():
    points, seen = everywhere(12), set()
    for k in range(64):
        groups = np.full(len(points), k)
        seen.add(squares(points, cells=12, window=(0, 12, 0, 12), groups=groups, n_groups=64).tobytes())
    assert len(seen) == 64


@pytest.mark.parametrize("n", range(1, 13))
def test_all_inks_fit_into_a_picture(n):
    steps, colours = densities._colours(min(n, KINDS), Look())
    assert steps >= 15
    assert len(colours) == 1 + 2 * min(n, KINDS) * steps <= 256
    assert tuple(colours[0]) == rgb(Look().palette.background)
    with pytest.raises(ValueError, match="read-only"):
        colours[0, 0] = 1


@given(st.lists(st.tuples(any_number, any_number, st.integers(-3, 9)), max_size=20), st.integers(1, 6), st.sampled_from(LOOKS))
def test_any_points_make_a_picture(rows, n, look):
    points, groups = np.array([r[:2] for r in rows]).reshape(-1, 2), np.array([r[2] for r in rows], int)
    for more in ({}, dict(groups=groups, n_groups=n)):
        assert opened(density_url(points, WINDOW, look, side=60, cells=20, **more)).size == (60, 60)


@pytest.mark.parametrize(("n", "most"), [(1, 20_000), (3, 24_000), (10, 28_000)])
def test_a_picture_costs_few_bytes(n, most):
    rng = np.random.default_rng(1)
    points, groups = cloud(200_000), rng.integers(0, n, 200_000)
    assert len(density_url(points, WINDOW, Look(), groups=groups, n_groups=n)) * 3 // 4 < most


def test_it_is_the_picture_of_a_map():
    url = density_url(cloud(100), WINDOW, Look())
    figure = maps.contour_map("A cloud", window=WINDOW, look=Look(), picture=url)
    assert figure.columns["picture"]["url"].tolist() == [url]


def test_looks_of_classes_differ_by_their_glyph_where_inks_repeat():
    assert group_looks(8) == list(GLYPH_OF.items())
    assert [ink for ink, _ in group_looks(20)] == [CATEGORIES[i % 8] for i in range(20)]
    assert len(set(group_looks(64))) == 64
    assert group_looks(0) == []
    glyphs = list(GLYPH_OF.values())
    assert [glyph for _, glyph in group_looks(30)] == [glyphs[(i + i // 8) % 8] for i in range(30)]


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(densities).failed == 0
