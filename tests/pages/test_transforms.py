"""The story of the page Transforms: what a student sees when he turns, drags, types and uploads."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from screens import figure, fine, frame, rows, says, text

from mml_core import transforms, warping
from mml_ui import images

SQUARE = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
NAMES = ("turn", "shear", "sx", "sy", "A11", "A12", "A21", "A22")


@pytest.fixture
def opened(open_page):
    def page(**names):
        return fine(open_page("transforms", **{f"transforms_{name}": str(value) for name, value in names.items()}))

    return page


def values(app):
    return {name: frame(app).values[f"transforms_{name}"] for name in NAMES}


def drawn(app):
    """Return the matrix that is on screen: the columns are the ends of the two arrows."""
    (call,) = [c for c in frame(app).calls if c.function is transforms.interpolation]
    return call.result


def photo(app, name="main"):
    """Return the picture in the figure as pixels, None where there is none."""
    table = figure(app, name).tables["picture"]
    if table.empty:
        return None
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(table["url"].item().split(",")[1]))), dtype=int)


def set_number(app, name, value):
    return fine(app.number_input(key=f"transforms_{name}").set_value(value).run())


def set_slider(app, name, value):
    return fine(app.slider(key=f"transforms_{name}").set_value(value).run())


def choose(app, name, value):
    (group,) = (b for b in app.get("button_group") if b.key == f"transforms_{name}")
    return fine(group.set_value(value).run())


def file_of(colour, size=(30, 20)):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def upload(app, name, data):
    return fine(app.file_uploader(key="transforms_photo").set_value((name, data, "image/png")).run())


# The first look


def test_one_sees_the_photo_turned_by_30_degrees(opened):
    app = opened()
    np.testing.assert_allclose(drawn(app), transforms.rotation(np.pi / 6))
    assert photo(app).shape[:2] == (400, 400)
    assert says(app).startswith("e₁ lands at (0.866, 0.5), e₂ at (−0.5, 0.866); every area is multiplied by 1: no flip.")
    assert "det A = 1, measured 1, equal to 1e-12" in text(app)


def test_the_arrows_end_where_the_columns_are_and_their_grips_too(opened):
    app = opened(by="Entries", A11=2, A12=-1, A21=0.5, A22=1)
    heads = rows(app, "head").sort_values("role")[["x", "y"]].to_numpy(float)
    np.testing.assert_allclose(heads, [[2, 0.5], [-1, 1]])
    grips = {g["id"]: g["at"] for g in frame(app).handles}
    assert grips == {"e1": [2.0, 0.5], "e2": [-1.0, 1.0]}


def test_the_square_is_the_parallelogram_of_the_columns(opened):
    app = opened(by="Entries", A11=2, A12=-1, A21=0.5, A22=1)
    corners = rows(app, "area", "strokes")[["x", "y"]].to_numpy(float)
    np.testing.assert_allclose(corners, SQUARE @ drawn(app).T)
    assert "area 2.5" in rows(app, "label")["text"].tolist()


# Presets

PRESETS = {
    "Identity": (np.eye(2), 1, "no flip"),
    "Quarter turn": (transforms.rotation(np.pi / 2), 1, "no flip"),
    "Half turn": (transforms.rotation(np.pi / 2), 1, "50 % of the way"),
    "Stretch": (np.diag([2.0, 1]), 2, "multiplied by 2"),
    "Squeeze": (np.diag([2, 0.5]), 1, "multiplied by 1"),
    "Shear": (np.array([[1.0, 1], [0, 1]]), 1, "no flip"),
    "Tenfold arrow": (np.array([[1.0, 9.95], [0, 1]]), 1, "no flip"),
    "Mirror": (np.diag([1.0, -1]), -1, "left and right are swapped"),
    "Flip and turn": (transforms.from_dials(np.radians(20), 1.4, -0.8, 0), -1.12, "left and right are swapped"),
    "Projection": (np.diag([1.0, 0]), 0, "the plane collapses"),
    "Nearly singular": (transforms.from_dials(np.radians(25), 1, 0.02, 0.5), 0.02, "no flip"),
    "Shift": (transforms.rotation(np.radians(20)), 1, "**not linear any more**"),
}


def test_every_preset_has_its_promise_here(opened):
    (pills,) = (b for b in opened().get("button_group") if b.key == "transforms_preset")
    assert set(pills.options) == set(PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_does_what_its_line_promises(opened, name):
    matrix, det, words = PRESETS[name]
    app = choose(opened(turn=-100, shear=2, sx=-1.5, sy=2.5, t=0.3, b1=1), "preset", name)
    np.testing.assert_allclose(drawn(app), matrix, atol=1e-12)
    assert transforms.determinant(drawn(app)) == pytest.approx(det, abs=1e-12)
    assert words in says(app)
    assert (photo(app) is None) == (det == 0)
    assert ("Press one" in text(app)) is False


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_does_the_same_while_the_entries_own_the_matrix(opened, name):
    app = choose(opened(by="Entries", A11=-2), "preset", name)
    np.testing.assert_allclose(drawn(app), PRESETS[name][0], atol=1e-12)


def test_the_tenfold_arrow_ends_at_the_edge_with_its_length(opened):
    app = choose(opened(), "preset", "Tenfold arrow")
    assert rows(app, "edge")["role"].tolist() == ["second"]
    assert any(t == "e₂ · length 10" for t in rows(app, "label")["text"])


def test_the_inverse_of_the_nearly_singular_matrix_magnifies_fiftyfold(opened):
    app = choose(opened(view="Numbers"), "preset", "Nearly singular")
    stretch = np.linalg.svd(transforms.inverse(drawn(app)), compute_uv=False)[0]
    assert 45 < stretch < 65


def test_the_shift_moves_the_origin_and_only_that(opened):
    app = choose(opened(), "preset", "Shift")
    assert "The origin moved to (1, 0.5)" in says(app)
    corners = rows(app, "area", "strokes")[["x", "y"]].to_numpy(float)
    np.testing.assert_allclose(corners, SQUARE @ drawn(app).T + [1, 0.5])
    assert {g["id"]: g["at"] for g in frame(app).handles}["b"] == [1.0, 0.5]


# Dials and entries


def test_a_number_typed_makes_the_entries_own_the_matrix_and_the_dials_follow(opened):
    app = set_number(opened(turn=0), "A11", 2.0)
    assert frame(app).values["transforms_by"] == "Entries"
    np.testing.assert_allclose(drawn(app), np.diag([2.0, 1]))
    assert values(app)["sx"] == 2
    app = set_number(app, "A21", 2.0)
    assert values(app)["turn"] == 45
    np.testing.assert_allclose(drawn(app), [[2, 0], [2, 1]])


def test_a_dial_moved_takes_the_matrix_back_and_the_numbers_follow(opened):
    app = set_slider(set_number(opened(turn=0), "A11", 2.0), "turn", 90.0)
    assert frame(app).values["transforms_by"] == "Dials"
    np.testing.assert_allclose(drawn(app), transforms.from_dials(np.pi / 2, 2, 1, 0), atol=1e-12)
    assert [values(app)[n] for n in ("A11", "A12", "A21", "A22")] == [0, -1, 2, 0]


def test_the_choice_of_the_owner_keeps_the_picture_to_two_decimals(opened):
    app = choose(opened(), "by", "Entries")
    np.testing.assert_allclose(drawn(app), transforms.rotation(np.pi / 6), atol=0.005)


def test_a_matrix_beyond_the_dials_is_drawn_as_it_is(opened):
    app = opened(by="Entries", A11=20, A12=-30, A21=0, A22=-25)
    np.testing.assert_allclose(drawn(app), [[20, -30], [0, -25]])
    assert values(app)["sx"] == 3


# On the way


@pytest.mark.parametrize("names", [dict(turn=77, sx=2), dict(sy=-1), dict(by="Entries", A11=-3, A12=2)])
def test_the_way_starts_at_the_identity_and_ends_at_the_matrix(opened, names):
    np.testing.assert_array_equal(drawn(opened(t=0, **names)), np.eye(2))
    end, moved = opened(**names), set_slider(opened(t=0, **names), "t", 1.0)
    np.testing.assert_array_equal(drawn(moved), drawn(end))


def test_halfway_a_half_turn_is_a_quarter_turn_of_the_same_area(opened):
    app = opened(turn=180, t=0.5)
    assert transforms.determinant(drawn(app)) == pytest.approx(1)
    assert says(app).startswith("50 % of the way: ")
    assert photo(app) is not None


def test_a_mirror_passes_through_nothing(opened):
    app = opened(turn=0, sy=-1, t=0.5)
    assert transforms.determinant(drawn(app)) == pytest.approx(0, abs=1e-12)
    assert "collapses" in says(app)
    assert photo(app) is None


# Collapse


@pytest.mark.parametrize("names", [dict(sy=0), dict(by="Entries", A11=1, A12=2, A21=2, A22=4), dict(sx=0, sy=0)])
@pytest.mark.parametrize("view", ["Numbers", "How the photo is turned"])
def test_a_singular_matrix_says_that_the_plane_collapses_and_the_photo_goes(opened, names, view):
    app = opened(view=view, **names)
    assert "the plane collapses, nothing has any area" in says(app)
    assert photo(app) is None
    if view == "Numbers":
        assert "**No inverse.**" in text(app)
        assert "**Orientation** lost" in text(app)
    else:
        assert "The plane has collapsed" in text(app)


def test_the_numbers_name_rank_line_and_null_space(opened):
    found = text(opened(view="Numbers", by="Entries", A11=1, A12=1, A21=1, A22=1))
    assert "**rank** 1" in found
    assert "the line at 45 degrees" in found
    assert "all multiples of (0.7071, −0.7071)" in found
    assert "**rank** 2" in text(opened(view="Numbers"))


def test_the_photo_cannot_be_taken_home_when_it_is_gone(opened):
    for names, gone in ((dict(), False), (dict(sy=0), True)):
        app = opened(**names)
        app.session_state["transforms_home"] = True
        fine(app.run())
        (button,) = (d for d in app.get("download_button") if d.key == "transforms_full")
        assert button.proto.disabled is gone


# The photo


def test_an_uploaded_photo_takes_the_samples_place(opened):
    app = upload(opened(turn=0), "mine.png", file_of((250, 0, 0)))
    middle = photo(app)[200, 200]
    assert np.abs(middle - [250, 0, 0]).max() <= 6
    assert np.abs(photo(app)[20, 200] - 255).max() <= 6, "a wide photo leaves the top of the window empty"
    assert frame(app).problem == ""


def test_a_broken_photo_gets_a_sentence_and_the_one_before_stays(opened):
    app = upload(opened(turn=0), "mine.png", file_of((250, 0, 0)))
    before = figure(app).tables["picture"]["url"].item()
    app = upload(app, "broken.png", file_of((0, 250, 0))[:60])
    assert figure(app).tables["picture"]["url"].item() == before
    assert frame(app).problem.startswith('"broken.png"')
    assert frame(app).problem.endswith("The picture before it stays.")
    assert frame(app).problem in text(app).replace("\\", "")
    app = set_slider(app, "turn", 90.0)
    assert frame(app).problem, "the sentence stays as long as the broken file does"


def test_an_uploaded_photo_is_not_shared_with_other_visitors(opened):
    from mml_ui import cache, page

    opened(turn=11)
    before = len(page._shared)
    app = upload(opened(turn=11), "mine.png", file_of((1, 2, 3)))
    assert len(page._shared) == before
    assert len(app.session_state["mml"].results) >= 1
    assert cache.is_private([c.arguments for c in frame(app).calls])


def test_taking_the_photo_away_brings_the_sample_back(opened):
    app = opened()
    sample = figure(app).tables["picture"]["url"].item()
    app = upload(app, "mine.png", file_of((250, 0, 0)))
    assert figure(app).tables["picture"]["url"].item() != sample
    app = fine(app.file_uploader(key="transforms_photo").set_value(None).run())
    assert figure(app).tables["picture"]["url"].item() == sample


def test_the_photo_at_full_resolution_fits_round_the_result(opened):
    picture = images.picture(file_of((250, 0, 0), (301, 200)), "mine.png")
    A = drawn(opened(turn=90, sx=2))
    data = images.jpeg(warping.warp_image(picture.pixels, A, frame="whole", fill=255))
    shown = Image.open(io.BytesIO(data))
    assert (shown.format, shown.size) == ("JPEG", (200, 602))


# Points


def test_points_take_the_photos_place_as_rows_of_X_under_A(opened):
    app = opened(show="Points", points="1,0;0,1;2,-1", turn=90)
    X = np.array([[1.0, 0], [0, 1], [2, -1]])
    np.testing.assert_allclose(rows(app, "point")[["x", "y"]].to_numpy(float), X @ drawn(app).T, atol=1e-12)
    assert photo(app) is None


def test_malformed_points_get_a_sentence_and_the_last_points_stay(opened):
    app = opened(show="Points", points="1,0;0,1", turn=0)
    app = fine(app.text_input(key="transforms_points").set_value("1,0;zero,1").run())
    assert "point 2, “zero,1”, is not two numbers" in frame(app).problem
    assert frame(app).problem in text(app).replace("\\", "")
    np.testing.assert_allclose(rows(app, "point")[["x", "y"]].to_numpy(float), [[1, 0], [0, 1]])


@pytest.mark.parametrize("line", [";", " ; ; "])
def test_no_points_at_all_are_no_mistake_of_the_page(opened, line):
    app = opened(show="Points", points=line)
    assert rows(app, "point").empty or frame(app).problem


def test_only_the_grid_shows_neither(opened):
    app = opened(show="Grid")
    assert photo(app) is None
    assert rows(app, "point").empty
    assert not rows(app, "grid", "strokes").empty


# Second level


def test_the_product_is_its_columns_weighted_and_added(opened):
    app = opened(view="A x, spelt out", x1=2, x2=-1, turn=90)
    y = drawn(app) @ [2, -1]
    assert "A x = (1, 2)" in says(app, "product")
    table = figure(app, "product").tables["marks"]
    ends = table[(table["kind"] == "head") & (table["role"].isin(["result", "second"]))][["x", "y"]].to_numpy(float)
    np.testing.assert_allclose(ends, [y, y], atol=1e-12)


def test_pixels_sent_forwards_leave_holes_and_fetched_ones_do_not(opened):
    app = opened(view="How the photo is turned", turn=0, sx=2, sy=2)
    call = next(c for c in frame(app).calls if c.function is warping.pixel_maps)
    assert call.result.n_holes > 100
    assert f"{call.result.n_holes} of the target stay empty: **holes**" in says(app, "forward")
    assert "**no holes**" in says(app, "backward")
    assert np.ptp(photo(app, "backward")[..., -1]) >= 0


def test_pixels_appear_one_after_the_other(opened):
    filled = []
    for done in (0, 40, 100):
        app = opened(view="How the photo is turned", done=done)
        image = photo(app, "backward")
        filled.append(int((image[..., 3] > 0).sum()))
    assert filled[0] == 0
    assert filled[0] < filled[1] < filled[2]
