"""The table of pairs: every pair once, distances as numbers, angles in degrees."""

import doctest
import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from mml_core import pca, reconstructions
from mml_ui import pairs
from mml_ui.pairs import pairs as table_of

NAMES = ["wine 1", "wine 2", "*x*", "ü"]
AFTER = "of the shadows"


def symmetric(*upper):
    """Return the symmetric matrix with these entries above its diagonal, row by row."""
    n = round((1 + np.sqrt(1 + 8 * len(upper))) / 2)
    M = np.zeros((n, n))
    M[np.triu_indices(n, 1)] = upper
    return M + M.T


def drawn(sink, found, names):
    """Return the table that a page shows."""
    app = sink(lambda: table_of(found, names, AFTER))
    assert not app.exception, app.exception
    (shown,) = app.dataframe
    return shown.value


def compared(before, after, angles, turned):
    return SimpleNamespace(distances_before=before, distances_after=after, angles_before=angles, angles_after=turned)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(pairs).failed == 0


def test_every_pair_has_its_line_with_what_was_before_and_after(sink):
    found = compared(
        symmetric(1, 2, 3, 4, 5, 6),
        symmetric(0.5, 1 / 3, 0, 1e-17, 5, 123456.0),
        symmetric(*np.radians([90, 60, 180, 0, 33.333, 120])),
        symmetric(np.pi, 0, 0, np.nan, np.pi / 7, np.nan),
    )
    rows = drawn(sink, found, NAMES)
    assert list(rows.columns) == ["samples", "distance", f"distance {AFTER}", "angle", f"angle {AFTER}"]
    assert rows["samples"].tolist() == [f"{a} and {b}" for a, b in itertools.combinations(NAMES, 2)]
    assert rows["distance"].tolist() == ["1", "2", "3", "4", "5", "6"]
    assert rows[f"distance {AFTER}"].tolist() == ["0.5", "0.3333", "0", "0", "5", "1.235e+05"]
    assert rows["angle"].tolist() == ["90°", "60°", "180°", "0°", "33.3°", "120°"]
    assert rows[f"angle {AFTER}"].tolist() == ["180°", "0°", "0°", "none", "25.7°", "none"]


def test_only_the_named_samples_are_in_it(sink):
    M = symmetric(1, 2, 3, 4, 5, 6)
    rows = drawn(sink, compared(M, M, M, M), NAMES[:3])
    assert rows["distance"].tolist() == ["1", "2", "4"]


@pytest.mark.parametrize("names", [[], ["alone"]])
def test_fewer_than_two_samples_have_no_pair(sink, names):
    M = np.zeros((len(names), len(names)))
    app = sink(lambda: table_of(compared(M, M, M, M), names, AFTER))
    assert not app.exception
    assert all(shown.value.empty for shown in app.dataframe)


def test_what_the_core_compares_is_written_with_its_numbers(sink):
    X = np.array([[0.0, 0], [6, 0], [0, 2], [6, 2], [3, 1]])  # the last one lies on the mean
    rows = drawn(sink, reconstructions.compared(pca.fit(X), X, 1), ["a", "b", "c", "d", "m"]).set_index("samples")
    assert rows.loc["a and b"].tolist() == ["6", "6", "143°", "180°"]
    assert rows.loc["a and c"].tolist() == ["2", "0", "36.9°", "0°"]
    assert rows.loc["a and d"].tolist() == ["6.325", "6", "180°", "180°"]
    assert rows.loc["a and m"].tolist() == ["3.162", "3", "none", "none"]
