"""The story of the page Vectors: two shadows, two rectangles of one area, and what else two arrows make together."""

import re

import numpy as np
import pytest
from screens import figure, fine, frame, lines, rows, says, text, tips
from sklearn.metrics.pairwise import cosine_similarity

from mml_core import vectors
from mml_ui import tables

BASIS, ROWS = "A third vector in the basis u, v", "Two rows of a table"
UNNUMBER = re.compile(r"(?<![a-z])(nan|inf|infinity)(?![a-z])", re.IGNORECASE)
CRUMB = re.compile(r"\de[-−]1[5-9]")  # what rounding leaves where a 0 belongs
NUMBER = r"−?\d+(?:\.\d+)?(?:e[+−]\d+)?"

PAIRS = [
    ((3, 1), (1, 2.5)),
    ((3, 1), (-1, 3)),
    ((3, 1), (-2.5, 1.5)),
    ((1.5, 1), (3, 2)),
    ((1.5, 1), (-3, -2)),
    ((-0.1, 0.7), (-4, 0.3)),
    ((2, -3), (0.4, 0.1)),
    ((9, -9), (-9, 9)),
    ((0.1, 0.3), (9, 8.9)),
    ((-1.7, -2.3), (-1.7, -2.3)),
]
PARALLEL = [((1.5, 1), (3, 2)), ((0.1, 0.3), (0.7, 2.1)), ((1.5, 1), (-3, -2)), ((0.3, -0.7), (-0.9, 2.1)), ((2, 0), (2, 0))]
ZEROS = [((0, 0), (1, 2.5), "u is zero"), ((3, 1), (0, 0), "v is zero"), ((0, 0), (0, 0), "Both vectors are zero")]


@pytest.fixture
def opened(open_page):
    def page(**names):
        return fine(open_page("vectors", **{f"vectors_{name}": str(value) for name, value in names.items()}))

    return page


def choose(app, name, value):
    (group,) = (b for b in app.get("button_group") if b.key == f"vectors_{name}")
    return fine(group.set_value(value).run())


def pair(u, v):
    return dict(u1=u[0], u2=u[1], v1=v[0], v2=v[1])


def shoelace(points):
    x, y = points.T
    return (x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def value_of(pattern, found):
    """Return the number that stands where the pattern has a group, as the page wrote it."""
    match = re.search(pattern.replace("NUMBER", NUMBER), found)
    assert match, f"{pattern} in {found}"
    return float(match[1].replace("−", "-"))


# Shadows


def test_one_sees_two_shadows_and_that_both_rectangles_have_one_area(opened):
    app = opened()
    assert says(app).startswith("The angle is 49.76°, acute: the shadows fall forwards.")
    assert says(app).endswith("both rectangles have the area 5.5, and u·v = 5.5.")
    assert "|u| × shadow 5.5, |v| × shadow 5.5, equal to 1e-12" in text(app)
    assert {g["id"]: g["at"] for g in frame(app).handles} == {"u": [3.0, 1.0], "v": [1.0, 2.5]}


@pytest.mark.parametrize(("u", "v"), PAIRS)
def test_both_rectangles_have_the_area_of_the_dot_product(opened, u, v):
    app = opened(**pair(u, v))
    u, v = np.array(u, float), np.array(v, float)
    areas = lines(app, "area")
    assert sorted(role for role, _ in areas) == ["first", "second"]
    for _, corners in areas:
        assert abs(shoelace(corners)) == pytest.approx(abs(u @ v), rel=1e-9, abs=1e-9)
    outlines = rows(app, "flipped" if u @ v < 0 else "outline", "strokes")
    assert outlines["path"].nunique() == 2, "dashed where the dot product is negative"


@pytest.mark.parametrize(("u", "v"), PAIRS)
def test_each_shadow_is_one_side_of_its_rectangle_and_the_other_arrows_length_the_other(opened, u, v):
    app = opened(**pair(u, v))
    u, v = np.array(u, float), np.array(v, float)
    for role, corners in lines(app, "area"):
        x, onto = (v, u) if role == "second" else (u, v)
        origin, foot, far, side = corners
        np.testing.assert_allclose(origin, 0, atol=1e-12)
        np.testing.assert_allclose(foot, (x @ onto) / (onto @ onto) * onto, atol=1e-12)
        assert np.hypot(*side) == pytest.approx(np.hypot(*onto))
        assert side @ onto == pytest.approx(0, abs=1e-9)
        np.testing.assert_allclose(far, foot + side, atol=1e-12)


@pytest.mark.parametrize(("u", "v"), PAIRS)
def test_the_light_falls_at_a_right_angle(opened, u, v):
    app = opened(**pair(u, v))
    u, v = np.array(u, float), np.array(v, float)
    drops = lines(app, "dashed")
    assert len(drops) == (0 if abs(u[0] * v[1] - u[1] * v[0]) < 1e-9 else 2)
    for role, (tip, foot) in drops:
        x, onto = (v, u) if role == "second" else (u, v)
        np.testing.assert_allclose(tip, x)
        assert (foot - tip) @ onto == pytest.approx(0, abs=1e-9), "the foot is perpendicular"
        assert foot[0] * onto[1] - foot[1] * onto[0] == pytest.approx(0, abs=1e-9), "and on the line"
        (corner,) = (p for r, p in lines(app, "thin") if r == role and len(p) == 3)
        assert (corner[1] - corner[0]) @ (corner[2] - corner[1]) == pytest.approx(0, abs=1e-9)
        np.testing.assert_allclose(corner[0] + corner[2] - corner[1], foot, atol=1e-9)


STORIES = {
    "Acute": ("acute: the shadows fall forwards", 5.5),
    "Right": ("90°, right: no shadow at all", 0),
    "Obtuse": ("obtuse: the shadows fall backwards", -6),
    "Same direction": ("0°, acute: the shadows fall forwards", 6.5),
    "Opposite": ("180°, obtuse: the shadows fall backwards", -6.5),
    "Longer, not closer": ("acute: the shadows fall forwards", 11),
    "Sum": ("u + v = (2, 3.5)", -0.5),
    "Detour": ("u + v = (0.5, 1.5)", -10),
    "Zero vector": ("u is zero", 0),
}


def test_every_preset_has_its_promise_here(opened):
    (pills,) = (b for b in opened().get("button_group") if b.key == "vectors_preset")
    assert set(pills.options) == set(STORIES)


@pytest.mark.parametrize("name", STORIES)
def test_a_preset_does_what_its_line_promises(opened, name):
    words, product = STORIES[name]
    app = choose(opened(u1=-2, v2=-3, show="Multiples"), "preset", name)
    assert words in says(app)
    assert rows(app, "bar", "gauges", "gauges")["value"].iloc[0] == pytest.approx(product, abs=1e-12)


def test_longer_is_not_closer(opened):
    one, other = (choose(opened(), "preset", name) for name in ("Acute", "Longer, not closer"))
    cosines = [rows(app, "bar", "gauges", "gauges")["value"].iloc[1] for app in (one, other)]
    assert cosines[0] == pytest.approx(cosines[1])


@pytest.mark.parametrize(("u", "v", "words"), ZEROS)
@pytest.mark.parametrize("shown", ["Shadow", "Sum", "Difference", "Multiples"])
def test_a_zero_vector_gets_a_sentence(opened, u, v, words, shown):
    app = opened(show=shown, **pair(u, v))
    if shown == "Shadow":
        assert says(app) == f"{words}: without a direction there is no angle and no shadow, and u·v = 0."
    assert says(app, "gauges") == "One length is 0, and so is u·v."
    assert "no angle" in figure(app, "gauges").tables["gauges"]["text"].tolist()
    assert "they differ" not in text(app)


@pytest.mark.parametrize("view", [BASIS, ROWS])
@pytest.mark.parametrize(("u", "v", "words"), ZEROS)
def test_a_zero_vector_does_no_harm_on_the_second_level(opened, u, v, words, view):
    assert words in says(opened(view=view, **pair(u, v)))


@pytest.mark.parametrize(("u", "v"), PARALLEL)
@pytest.mark.parametrize("shown", ["Shadow", "Sum", "Difference", "Multiples"])
def test_parallel_vectors_get_a_sentence(opened, u, v, shown):
    app = opened(show=shown, **pair(u, v))
    assert not CRUMB.search(says(app)), says(app)
    if shown == "Shadow":
        same = np.dot(u, v) > 0
        assert says(app).startswith("The angle is 0°, acute" if same else "The angle is 180°, obtuse")
        assert not lines(app, "dashed"), "there is no way down to the line"
    if shown == "Multiples":
        assert "reach one line only" in says(app)
    assert says(app, "gauges").startswith("|u·v| is 100 % of the most it can be")


@pytest.mark.parametrize(
    ("u", "v", "word"),
    [
        ((9, 0.1), (-0.1, 8.9), "obtuse"),
        ((9, 0.1), (-0.1, 9), "right"),
        ((9, 0.1), (-0.09, 9), "acute"),
        ((0.3, 0.1), (-0.1, 0.3), "right"),
        ((9, 0.01), (-0.01, 8.99), "obtuse"),
        ((9, 0.01), (-0.01, 9), "right"),
        ((9, 0.01), (0, 0.01), "acute"),
    ],
)
def test_the_word_of_the_angle_agrees_with_the_sign_of_the_product(opened, u, v, word):
    found = says(opened(**pair(u, v)))
    assert f", {word}: " in found
    assert found.endswith("u·v = 0.") == (word == "right")


# Sum, difference, multiples


@pytest.mark.parametrize(("u", "v"), [p for p in PAIRS if np.abs(np.add(*p)).max() < 5 and np.abs(np.subtract(*p)).max() < 5])
def test_sum_and_difference_end_where_they_must(opened, u, v):
    app = opened(show="Sum", **pair(u, v))
    u, v = np.array(u, float), np.array(v, float)
    if (u + v).any():
        np.testing.assert_allclose(tips(app)["result"], u + v, atol=1e-12)
    for role, way in lines(app, "dashed"):
        np.testing.assert_allclose(way, [[0, 0], u if role == "first" else v, u + v], atol=1e-12)
    assert value_of(r"length (NUMBER) is", says(app)) == pytest.approx(np.hypot(*(u + v)), rel=1e-3)
    app = choose(app, "show", "Difference")
    np.testing.assert_allclose(tips(app)["result"], u - v, atol=1e-12)
    ((_, way),) = lines(app, "dashed")
    np.testing.assert_allclose(way, [v, u])
    assert value_of(r"two tips are (NUMBER) apart", says(app)) == pytest.approx(np.hypot(*(u - v)), rel=1e-3)


def test_a_sum_beyond_the_window_ends_at_its_edge_with_its_length(opened):
    app = opened(show="Sum", **pair((4, 3), (3, 4)))
    assert rows(app, "edge")["role"].tolist() == ["result"]
    assert "u + v · length 9.899" in rows(app, "label")["text"].tolist()


@pytest.mark.parametrize(("a", "b"), [(1.5, -0.5), (2, 2), (-2, 0.3), (0, 0), (0, 1), (-0.05, 1.95)])
def test_multiples_end_where_they_must(opened, a, b):
    app = opened(show="Multiples", a=a, b=b, **pair((1.5, 0.2), (0.4, 1.1)))
    there = a * np.array([1.5, 0.2]) + b * np.array([0.4, 1.1])
    np.testing.assert_allclose(tips(app)["result"], there, atol=1e-12)
    for role, way in lines(app, "dashed"):
        np.testing.assert_allclose(
            way[1], a * np.array([1.5, 0.2]) if role == "first" else b * np.array([0.4, 1.1]), atol=1e-12
        )
        np.testing.assert_allclose(way[2], there, atol=1e-12)
    assert "reach every point of the plane" in says(app)


def test_the_grid_of_multiples_goes_through_both_tips(opened):
    u, v = np.array([1.5, 0.2]), np.array([0.4, 1.1])
    grid = [line for _, line in lines(opened(show="Multiples", **pair(u, v)), "grid")]
    whole = np.linalg.solve(np.column_stack([u, v]), np.vstack(grid).T)
    np.testing.assert_allclose(whole, np.rint(whole), atol=1e-9)


def test_what_rounding_leaves_of_a_zero_is_written_as_zero(opened):
    app = opened(show="Multiples", a=1.5, b=-0.5, **pair((0.2, 1), (0.6, 1)))
    assert "= (0, 1)" in says(app)
    app = opened(show="Sum", **pair((0.3, 1), (-0.3, 1)))
    assert "= (0, 2)" in says(app)


def test_the_parallelogram_law_is_checked(opened):
    for shown in ("Sum", "Difference", "Multiples"):
        assert "Parallelogram · check: |u+v|² + |u−v|² = 34.5, 2|u|² + 2|v|² = 34.5, equal to 1e-12" in text(opened(show=shown))


# Gauges


@pytest.mark.parametrize(("u", "v"), [*PAIRS, *PARALLEL, ((0.1, 0.1), (0.3, 0.3)), ((0.7, 2.1), (0.1, 0.3))])
def test_the_bar_of_the_dot_product_never_passes_its_limits(opened, u, v):
    found = figure(opened(**pair(u, v)), "gauges").tables["gauges"]
    product, cosine = found[found["kind"] == "bar"]["value"]
    bound = np.hypot(*u) * np.hypot(*v)
    assert product == pytest.approx(np.dot(u, v), abs=1e-12)
    assert abs(product) <= bound * (1 + 1e-15)
    assert abs(cosine) <= 1
    assert cosine == pytest.approx(np.dot(u, v) / bound)
    limits = found[found["kind"].isin(["from", "to"])]
    if bound <= 25:
        np.testing.assert_allclose(sorted(limits["value"]), [-bound, bound])
        assert (found[found["kind"].isin(["bar", "end"])]["x2"].abs() <= 1 + 1e-9).all()
        bar = found[found["kind"] == "bar"].iloc[0]
        assert limits["x"].min() - 1e-12 <= bar["x2"] <= limits["x"].max() + 1e-12
    else:
        assert limits.empty
        assert (found[found["kind"] == "edge"]["x"].abs() <= 1).all()


# A third vector


@pytest.mark.parametrize(("u", "v"), [p for p in PAIRS if abs(p[0][0] * p[1][1] - p[0][1] * p[1][0]) > 1e-9])
@pytest.mark.parametrize("w", [(2, 3.5), (0, 0), (-9, 9)])
def test_w_is_measured_with_u_and_v_as_the_rulers(opened, u, v, w):
    app = opened(view=BASIS, w1=w[0], w2=w[1], **pair(u, v))
    c = np.linalg.solve(np.column_stack([u, v]), w)
    found = says(app, "basis")
    assert value_of(r"^w = (NUMBER) u", found) == pytest.approx(c[0], rel=1e-3, abs=1e-9)
    sign = -1 if " u − " in found else 1
    assert sign * value_of(r" u [+−] (NUMBER) v", found) == pytest.approx(c[1], rel=1e-3, abs=1e-9)
    assert not CRUMB.search(found), found
    spaces = dict(lines(app, "space", "basis"))
    np.testing.assert_allclose(spaces["first"], [[0, 0], c[0] * np.array(u)], atol=1e-9)
    np.testing.assert_allclose(spaces["second"], [c[0] * np.array(u), w], atol=1e-9)
    assert "they differ" not in text(app)


@pytest.mark.parametrize(
    ("u", "v", "words"),
    [
        ((1.5, 1), (3, 2), "column 2 is 2 times column 1"),
        ((1.5, 1), (-3, -2), "column 2 is minus 2 times column 1"),
        ((0, 0), (1, 2), "column 1 is the zero vector"),
        ((1, 2), (0, 0), "column 2 is the zero vector"),
        ((0, 0), (0, 0), "column 1 is the zero vector"),
        ((0.1, 0.3), (0.7, 2.1), "column 2 is 7 times column 1"),
    ],
)
def test_a_dependent_basis_gets_a_sentence_and_the_arrows_stay(opened, u, v, words):
    app = opened(view=BASIS, **pair(u, v))
    assert says(app, "basis").startswith("w has no coordinates here.")
    assert words in text(app)
    np.testing.assert_allclose(tips(app, "basis")["result"], [2, 3.5])
    assert not lines(app, "grid", "basis")
    assert frame(app).problem == "", "it is no mistake of the reader's"
    assert "pmatrix" in text(app)


def test_the_preset_same_direction_leaves_no_basis(opened):
    app = choose(opened(view=BASIS), "preset", "Same direction")
    assert "w has no coordinates here." in says(app, "basis")
    assert "column 2 is 2 times column 1" in text(app)
    app = choose(app, "preset", "Acute")
    assert says(app, "basis").startswith("w = ")


def test_the_tip_of_w_is_a_grip_and_u_and_v_are_drawn_as_above(opened):
    app = opened(view=BASIS, w1=-1, w2=2)
    assert {g["id"]: g["at"] for g in frame(app).handles}["w"] == [-1.0, 2.0]
    for role in ("first", "second"):
        np.testing.assert_allclose(tips(app, "basis")[role], tips(app)[role])


# Two rows of a table


def scaled(X, columns):
    shift = X.mean(axis=0) if columns != "as they are" else 0
    spread = X.std(axis=0) if columns == "standardised" else np.ones(X.shape[1])
    return (X - shift) / np.where(spread == 0, 1, spread)


def results(app, function):
    return [c.result for c in frame(app).calls if c.function is function]


def test_rows_of_the_wine_table_have_the_cosine_that_scikit_learn_finds(opened):
    X = tables.one_table().X
    for columns in ("as they are", "centred", "standardised"):
        C = cosine_similarity(scaled(X, columns))
        for i, j in ((1, 2), (1, 178), (60, 131), (7, 7)):
            app = opened(view=ROWS, columns=columns, row_u=i, row_v=j)
            expected = C[i - 1, j - 1]
            assert np.cos(results(app, vectors.angle)[-1]) == pytest.approx(expected, abs=1e-12)
            assert value_of(r"\*\*cos θ = (NUMBER)\*\*", text(app)) == pytest.approx(expected, abs=1e-4)
            assert value_of(r"The angle is (NUMBER)°", says(app, "rows")) == pytest.approx(
                np.degrees(np.arccos(np.clip(expected, -1, 1))), rel=1e-3, abs=1e-5
            )
            assert value_of(r"add up to cos θ = (NUMBER)", says(app, "columns")) == pytest.approx(expected, abs=1e-4)
            others = np.delete(C[i - 1], i - 1)
            assert results(app, vectors.most_similar)[0].cosine == pytest.approx(others.max(), abs=1e-12)


def test_rows_of_the_digits_have_the_cosine_that_scikit_learn_finds(opened):
    X = tables.digits().X
    for columns in ("as they are", "standardised"):
        C = cosine_similarity(scaled(X, columns)[[0, 10, 1796]])
        for (a, i), (b, j) in (((0, 1), (1, 11)), ((0, 1), (2, 1797))):
            app = opened(view=ROWS, table="Digits", columns=columns, row_u=i, row_v=j)
            assert np.cos(results(app, vectors.angle)[-1]) == pytest.approx(C[a, b], abs=1e-12)
            labels = figure(app, "digits").tables["pictures"]["text"].tolist()
            assert [label.split(" (")[0] for label in labels[:2]] == [f"u: row {i}", f"v: row {j}"]
    assert "Most like u of all rows" in text(app)


def test_two_rows_lie_in_one_plane_with_their_true_angle_and_lengths(opened):
    app = opened(view=ROWS, columns="centred", row_u=3, row_v=100)
    Z = scaled(tables.one_table().X, "centred")[[2, 99]]
    ends = tips(app, "rows")
    lengths = np.hypot(*ends["first"]), np.hypot(*ends["second"])
    assert lengths[0] / lengths[1] == pytest.approx(np.linalg.norm(Z[0]) / np.linalg.norm(Z[1]))
    assert ends["first"] @ ends["second"] / (lengths[0] * lengths[1]) == pytest.approx(cosine_similarity(Z)[0, 1])
    assert max(lengths) == pytest.approx(4)


def test_the_first_look_names_both_rows_and_the_table(opened):
    found = says(opened(view=ROWS), "rows")
    assert re.match(r"u is row 1 \(\S+\), v is row 2 \(\S+\) of wine.csv: 13 numbers each", found), found


def upload(app, data, name="mine.csv"):
    return fine(app.file_uploader(key="vectors_table_file").set_value((name, data, "text/csv")).run())


def yours(opened, data, **names):
    return upload(opened(view=ROWS, table="Yours", **names), data)


def test_an_uploaded_table_of_two_columns_works(opened):
    X = np.array([[1.0, 2], [3, -1], [-2, 0.5], [4, 4]])
    data = ("width,height\n" + "\n".join(f"{a},{b}" for a, b in X)).encode()
    for columns in ("as they are", "centred", "standardised"):
        app = yours(opened, data, columns=columns, row_u=2, row_v=4)
        assert frame(app).problem == ""
        assert "of mine.csv: 2 numbers each" in says(app, "rows")
        expected = cosine_similarity(scaled(X, columns))[1, 3]
        assert np.cos(results(app, vectors.angle)[-1]) == pytest.approx(expected, abs=1e-12)
        names = figure(app, "columns").tables["bars"]["text"].tolist()
        assert {"width", "height"} <= set(names)


@pytest.mark.parametrize("columns", ["as they are", "centred", "standardised"])
def test_a_table_of_one_row_does_not_crash(opened, columns):
    app = yours(opened, b"a,b,c\n1,2,3\n", columns=columns)
    assert "1 row × 3 columns" in text(app)
    if columns == "as they are":
        assert "The angle is 0°" in says(app, "rows")
    else:
        assert "Row 1 is zero in all 3 columns" in text(app)


@pytest.mark.parametrize("columns", ["as they are", "centred", "standardised"])
@pytest.mark.parametrize(
    "data",
    [
        b"a\n1\n-2\n3\n",
        b"a,b\n5,7\n5,7\n5,7\n",
        b"a,b\n0,0\n0,0\n",
        b"a,b\n0.1,0.2\n0.3,0.6\n",
        b"a,b\n1e-300,2e-300\n3e-300,1e-300\n",
        b"a,b\n1e300,2e300\n3e300,1e300\n",
        b"a,b\n1e160,1\n-1e160,1\n",
        b"a,b\n1,\n,2\n3,4\n5,6\n",
    ],
    ids=["one column", "constant", "zero", "parallel", "tiny", "huge", "squares overflow", "missing"],
)
def test_odd_tables_show_rows_or_a_sentence(opened, data, columns):
    app = yours(opened, data, columns=columns)
    said = [s for k, s in frame(app).says.items() if k.endswith("_rows")]
    assert said or any(m.value.startswith(":material/error: **") and "." in m.value for m in app.markdown) or frame(app).problem
    assert not frame(app).problem or frame(app).problem.endswith((" stays.", "default.")), frame(app).problem


def test_what_cannot_be_computed_is_not_claimed(opened):
    app = yours(opened, b"a,b\n1e160,1\n-1e160,1\n", columns="as they are")
    assert "u·v = −16" not in text(app), "the last good dot product is another one's"
    assert "their dot product exceeds every number" in text(app)


def test_a_table_that_cannot_be_scaled_leaves_no_half_of_the_one_before(opened):
    app = opened(view=ROWS, row_v=60)
    app = choose(app, "table", "Yours")
    app.file_uploader(key="vectors_table_file").set_value(("mine.csv", b"a,b\n1e160,1\n-1e160,1\n", "text/csv")).run()
    assert not app.exception
    assert "mine.csv: 13 numbers each" not in says(app, "rows"), "the name of one table and the numbers of another"


def test_labels_and_names_of_a_file_are_not_taken_for_markdown(opened):
    app = yours(opened, b"name,a,b\n*x* $y$ [z](q),1,2\n_w_,3,1\n", columns="as they are")
    shown = [m.value for m in app.markdown if "row 1" in m.value]
    assert shown
    for line in shown:
        assert "*x*" not in line.replace(r"\*", "")
        assert "$y$" not in line.replace(r"\$", "")


def test_rows_stay_within_a_smaller_table(opened):
    app = opened(view=ROWS, row_u=150, row_v=178)
    app = choose(app, "table", "Yours")
    app = upload(app, b"a,b\n1,2\n3,-1\n-2,0.5\n")
    assert "u is row 3, v is row 3 of mine.csv" in says(app, "rows")


# Moving


def test_a_drag_shows_what_its_end_shows(opened, hold):
    app = hold(opened(), "vectors", {"vectors_v1": -2.5, "vectors_v2": 1.5})
    assert "obtuse" in says(app)
    assert r"-2.5 \\ 1.5" in text(app) or says(app) == says(opened(v1=-2.5, v2=1.5))
    assert says(app) == says(opened(v1=-2.5, v2=1.5))
    assert says(app, "gauges") == says(opened(v1=-2.5, v2=1.5), "gauges")


def test_the_formula_multiplies_the_entries(opened):
    assert r"= 3 \cdot 1 + 1 \cdot 2.5 = 5.5" in text(opened())
    assert r"= 3 \cdot (-1) + (-2) \cdot 2.5 = -8" in text(opened(u2=-2, v1=-1))
