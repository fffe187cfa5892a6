"""The story of the page PCA: its sentences, maps and sums are what NumPy and scikit-learn make of the same tables."""

import io
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.linalg import subspace_angles
from scipy.spatial.distance import pdist
from screens import figure, fine, frame, says, text
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid

from mml_core import cases
from mml_ui import frame as frames
from mml_ui import tables, take_home

NUMBER = r"−?\d+(?:\.\d+)?(?:e[+−]\d+)?"
OWN, SAMPLE = "My own point", "A sample"
PRESETS = [
    "Digits", "Ten of 64", "All 64", "Either sign", "Wine", "Unscaled wine", "Unscaled columns", "One outlier", "Ring",
    "Tied variances", "Nearly constant", "Codes",
]  # fmt: skip
X40 = np.arange(400).reshape(10, 40) ** 2 % 97
WIDE = pd.DataFrame(X40, columns=[f"c{j}" for j in range(1, 41)]).to_csv(index=False)
HOLES = "a,b,c\n1,2,1\n2,,5\n4,1,3\n3,7,\n0,5,2\n6,2,9\n"


@pytest.fixture(autouse=True)
def _moves_follow_each_other_faster_than_a_message_can_be_late(monkeypatch):
    monkeypatch.setattr(frames, "STALE", 0)


@pytest.fixture
def opened(open_page):
    def page(**names):
        return fine(open_page("pca", **{f"pca_{k}": v if isinstance(v, list) else str(v) for k, v in names.items()}))

    return page


@pytest.fixture
def saved(monkeypatch):
    """Return what opens the drawer of downloads and reads its CSV files, by name."""
    files, draw = {}, take_home.st.download_button

    def noted(label, data, file_name, *args, **more):
        files[file_name] = data
        return draw(label, data, file_name, *args, **more)

    monkeypatch.setattr(take_home.st, "download_button", noted)

    def read(app):
        app.session_state["pca_home"] = True
        fine(app.run())
        return {
            name.removeprefix("pca-").removesuffix(".csv"): pd.read_csv(io.BytesIO(data()))
            for name, data in files.items()
            if name.endswith(".csv")
        }

    return read


# What is on the screen


def value(found):
    return float(found.replace("−", "-"))


def close(expected, digits=3):
    """As many digits as the page writes."""
    return pytest.approx(expected, rel=0.6 * 10.0 ** (1 - digits), abs=1e-9)


class Told:
    """The main sentence."""

    def __init__(self, app):
        n = f"({NUMBER})"
        match = re.fullmatch(
            rf"Across: component (\d+), {n} % of the variance; up: component (\d+), {n} %\. "
            rf"Shown is (?:your own point|sample (\d+)(?: \((.+)\))?)\. The first (\d+) of (\d+) hold {n} %\.( [^*]+\.)?"
            r"(?: \*\*The first component is one column alone, (.+): standardise\?\*\*)?",
            says(app),
        )
        assert match, says(app)
        self.axes, self.shares = (int(match[1]), int(match[3])), (value(match[2]), value(match[4]))
        self.sample, self.named = match[5] and int(match[5]), match[6]
        self.k, self.d, self.held, self.alone = int(match[7]), int(match[8]), value(match[9]), match[11]
        self.note = (match[10] or "").strip()


def press(app, name):
    (pills,) = (b for b in app.get("button_group") if b.key == "pca_preset")
    return fine(pills.set_value(name).run())


def preset(opened, name):
    """Press a preset on a page that shows something else."""
    return press(opened(data="Iris", k=1, shown=OWN), name)


def choose(app, name, option):
    (group,) = (b for b in app.get("button_group") if b.key == f"pca_{name}")
    return fine(group.set_value(option).run())


def switch(app, name, on):
    return fine(app.toggle(key=f"pca_{name}").set_value(on).run())


def set_slider(app, name, number):
    return fine(app.slider(key=f"pca_{name}").set_value(number).run())


def type_into(app, name, line):
    return fine(app.text_input(key=f"pca_{name}").set_value(line).run())


def upload(app, name, *files):
    """Give an upload files, each a name, bytes and a kind; an album takes a list."""
    return fine(app.file_uploader(key=f"pca_{name}").set_value(list(files) if name == "album" else files[0]).run())


def yours(opened, data, **names):
    app = opened(data="A table", table="Yours", **names)
    return upload(app, "table_file", ("mine.csv", data.encode(), "text/csv"))


def table(app, kind, name="main"):
    return figure(app, name).tables[kind]


def dots(app):
    """Return the samples on the map (n, 2), without the heads of the arrows, and their inks."""
    found = table(app, "points")
    found = found[~found["kind"].isin(["head", "edge"])]
    return found[["x", "y"]].to_numpy(), found["ink"].tolist()


def labels(app):
    return table(app, "labels")["text"].tolist()


def tip(app):
    """Return where the line from the mean to the point ends."""
    return table(app, "paths").query("path == 0")[["x", "y"]].to_numpy()[-1]


def tiles(app, name="parts"):
    found = table(app, "tiles", name)
    return found["text"].tolist(), found["url"].tolist()


def result(app, function):
    return next(c.result for c in frame(app).calls if c.function.__name__ == function)


def made(app):
    """Return the sample as it is put together."""
    own = any(c.function.__name__ == "put_together" for c in frame(app).calls)
    return result(app, "put_together" if own else "build_up").sums[-1]


# Our own calculation


def scaled(X, standardise=False):
    X = np.asarray(X) - np.mean(X, axis=0)
    return X / X.std(axis=0, ddof=1) if standardise else X


def components(X, standardise=False):
    """Return scikit-learn's principal components, each with its largest entry positive, and the scores."""
    Z = scaled(X, standardise)
    found = PCA().fit(Z)
    E = found.components_
    E = E * np.sign(E[np.arange(len(E)), np.abs(E).argmax(axis=1)])[:, None]
    return found, E, Z @ E.T


def straight_cut(x, y):
    """Return the share that the best single threshold on x gets right, of two classes."""
    right = np.cumsum(2 * np.asarray(y)[np.argsort(x)] - 1)
    return 0.5 + max(np.abs(right).max(), 0) / len(x)


# Presets


def test_every_preset_has_its_promise_here(opened):
    (pills,) = (b for b in opened(data="Iris").get("button_group") if b.key == "pca_preset")
    assert pills.options == PRESETS


def test_digits_start_with_a_point_of_ones_own_and_the_digit_follows_it(opened):
    app = opened()
    told, names = Told(app), tiles(app)[0]
    assert (told.sample, told.d) == (None, 64)
    assert names[0] == "mean"
    assert names[3] == "sum of the two"
    assert frame(app).handles[0]["sets"] == {"pca_shown": OWN}
    assert set(labels(app)) == set("0123456789")
    pictures = tiles(app)[1]
    moved = tiles(set_slider(app, "s1", 1.0))[1]
    assert [a == b for a, b in zip(pictures, moved, strict=True)] == [True, False, True, False, False, True]


def test_ten_of_64_numbers_hold_three_quarters_and_most_digits_can_be_read(opened):
    app, X, y = preset(opened, "Ten of 64"), cases.case("Digits").X, cases.case("Digits").y
    found, E, S = components(X)
    told = Told(app)
    assert (told.k, told.d, told.sample, told.named) == (10, 64, 1, "0")
    assert told.held == close(100 * found.explained_variance_ratio_[:10].sum())
    assert KNeighborsClassifier().fit(S[::2, :10], y[::2]).score(S[1::2, :10], y[1::2]) > 0.95
    np.testing.assert_allclose(made(app), X.mean(axis=0) + S[0, :10] @ E[:10], atol=1e-9)
    parts = [f"{s:+.3g} e{k}".replace("-", "−") for s, k in zip(S[0], "₁₂₃", strict=False)]
    assert tiles(app)[0] == ["sample 1", "mean", *parts, "sum of 10"]


def test_all_64_lose_nothing(opened):
    app = preset(opened, "All 64")
    told = Told(app)
    assert (told.k, told.d, told.held) == (64, 64, 100)
    assert says(app, "parts").endswith("Lost: 0 % of the square.")
    np.testing.assert_allclose(made(app), cases.case("Digits").X[0], atol=1e-9)
    E = result(app, "fit").components
    np.testing.assert_allclose(E @ E.T, np.eye(64), atol=1e-9)  # a turn


def test_either_sign_mirrors_the_map_and_leaves_the_sum(opened):
    app = preset(opened, "Either sign")
    before = opened(shown=SAMPLE)
    np.testing.assert_allclose(tip(app), tip(before) * [-1, 1], atol=1e-12)
    middles, mirrored = (result(a, "class_middles") for a in (before, app))
    np.testing.assert_allclose(mirrored, middles * [-1, 1], atol=1e-9)
    names, pictures = tiles(app)
    assert pictures == tiles(before)[1]
    signs = str.maketrans("+−", "−+")
    assert names[2] == tiles(before)[0][2].translate(signs)
    assert names[:2] + names[3:] == tiles(before)[0][:2] + tiles(before)[0][3:]
    assert says(app) == says(before)


def test_turning_the_first_one_round_mirrors_every_sample_arrow_and_grip(opened):
    plain, turned = (opened(data="Iris", shown=SAMPLE, arrows=True, flip=flip) for flip in (False, True))
    np.testing.assert_allclose(dots(turned)[0], dots(plain)[0] * [-1, 1], atol=1e-12)
    assert dots(turned)[1] == dots(plain)[1]
    heads = [table(a, "points").query("kind == 'head'")[["x", "y"]].to_numpy() for a in (plain, turned)]
    np.testing.assert_allclose(heads[1], heads[0] * [-1, 1], atol=1e-9)
    back = [np.reshape(frame(a).handles[0]["back"], (2, 2)) @ frame(a).handles[0]["at"] for a in (plain, turned)]
    np.testing.assert_allclose(back[1], back[0] * [-1, 1], atol=1e-9)
    np.testing.assert_allclose(made(turned), made(plain))


def test_the_formula_and_the_parts_agree_on_a_sign_that_was_turned(opened):
    app = opened(shown=SAMPLE, flip=True)
    part = tiles(app)[0][2]
    (shown,) = re.findall(r"([-+]) 1\.259 \\, e_\{1\}", app.latex[0].value)
    assert part == f"{shown}1.26 e₁".replace("-", "−")


def test_two_components_of_wine_part_the_cultivars_once_it_is_standardised(opened):
    y, right = cases.case("Wine").y, {}
    for name in ("Wine", "Unscaled wine"):
        app = preset(opened, name)
        points, inks = dots(app)
        assert inks == [f"c{c}" for c in y]
        assert {"cultivar 1", "cultivar 2", "cultivar 3"} <= set(labels(app))
        right[name] = NearestCentroid().fit(points, y).score(points, y)
    assert right["Wine"] > 0.95
    assert right["Unscaled wine"] < 0.75


def test_unscaled_wine_is_proline_alone(opened):
    app = preset(opened, "Unscaled wine")
    found, E, _ = components(cases.case("Wine").X)
    proline = cases.case("Wine").columns.index("proline")
    assert Told(app).alone == "proline"
    assert E[0, proline] > 0.999
    assert found.explained_variance_ratio_[0] > 0.99
    longest = table(app, "points").query("kind == 'head'")[["x", "y"]].to_numpy()
    angle = np.arctan2(longest[0][1], longest[0][0])
    assert np.hypot(*longest.T).argmax() == 0
    assert angle == pytest.approx(np.arctan2(E[1, proline], E[0, proline]), abs=1e-6)
    assert Told(preset(opened, "Wine")).alone is None


def test_a_unit_makes_one_column_the_first_component_until_all_are_standardised(opened):
    app = preset(opened, "Unscaled columns")
    assert Told(app).alone == "income (cents)"
    app = switch(app, "standardise", True)
    assert Told(app).alone is None
    assert np.abs(result(app, "fit").components[0][:2]).min() > 0.7, "height and mass alike"


def test_one_outlier_turns_the_first_component(opened):
    app = preset(opened, "One outlier")
    X = cases.case("One outlier").X
    e1 = result(app, "fit").components[0]
    _, E, _ = components(np.delete(X, cases.TYPED_WRONG - 1, axis=0))
    assert Told(app).alone == "leaf width (cm)"
    assert E[0, 0] > 0.85, "without that row it is the length"
    assert np.degrees(np.arccos(abs(e1 @ E[0]))) > 45


def test_every_sample_is_on_the_map_the_outlier_too(opened):
    points, _ = dots(preset(opened, "One outlier"))
    assert len(points) == 200
    assert np.abs(points).max(axis=1).argmax() == cases.TYPED_WRONG - 1


def test_no_straight_direction_tells_the_inner_ring_from_the_outer(opened):
    app = preset(opened, "Ring")
    points, inks = dots(app)
    y = np.array([ink == "c1" for ink in inks])
    angles = np.linspace(0, np.pi, 91)
    cuts = [straight_cut(points @ [np.cos(a), np.sin(a)], y) for a in angles]
    assert max(cuts) < 0.75
    assert straight_cut(np.hypot(*points.T), y) == 1
    assert min(Told(app).shares) > 45, "every direction varies alike"


def test_with_tied_variances_another_seed_turns_the_first_component_in_the_same_plane(opened):
    app = preset(opened, "Tied variances")
    fits = [result(app, "fit")]
    for seed in (2, 4, 6):
        app = fine(app.number_input(key="pca_seed").set_value(float(seed)).run())
        fits.append(result(app, "fit"))
        assert Told(app).shares[0] == Told(app).shares[1]
    turned = [np.degrees(np.arccos(abs(fits[0].components[0] @ f.components[0]))) for f in fits[1:]]
    assert min(turned) > 10
    for f in fits[1:]:
        assert f.explained_variance[1] == pytest.approx(f.explained_variance[0], rel=1e-9)
        assert subspace_angles(fits[0].components[:2].T, f.components[:2].T).max() < 1e-6


def test_standardised_noise_of_a_nearly_constant_column_counts_as_much_as_any(opened):
    app = preset(opened, "Nearly constant")
    found = result(app, "fit")
    np.testing.assert_allclose(found.explained_variance_ratio[1], 0.25, atol=1e-3)  # one of four
    assert abs(found.components[1, 3]) > 0.99
    app = switch(app, "standardise", False)
    assert result(app, "fit").components[:3, 3] == pytest.approx(0, abs=1e-5)


def test_codes_are_the_first_component_and_say_nothing(opened):
    app = preset(opened, "Codes")
    assert Told(app).alone == "district code"
    points, inks = dots(app)
    y = np.array([ink == "c1" for ink in inks])
    assert straight_cut(points[:, 0], y) < 0.65
    assert straight_cut(points[:, 1], y) > 0.95


def test_a_preset_brings_back_the_first_two_components(opened):
    app = press(opened(across=5, up=7), "Wine")
    assert Told(app).axes == (1, 2)


# Sentences


STATES = {
    "digits": ("Digits", dict(shown=SAMPLE, sample=1797, k=21)),
    "wine, standardised": ("Wine", dict(standardise=True, shown=SAMPLE, sample=131, k=3, across=2, up=5)),
    "iris, the last two": ("Iris", dict(k=2, across=4, up=3)),
    "tumours": ("Breast cancer", dict(standardise=True, k=7, up=30, shown=SAMPLE, sample=20)),
}


@pytest.mark.parametrize("name", STATES)
def test_the_sentences_say_what_scikit_learn_finds(opened, name):
    data, names = STATES[name]
    case, standardise = cases.case(data), names.get("standardise", False)
    app, (found, _, S) = opened(data=data, **names), components(case.X, standardise)
    told, ratio = Told(app), found.explained_variance_ratio_
    i, j, k = names.get("across", 1), names.get("up", 2), names["k"]
    assert told.axes == (i, j)
    assert told.shares == close((100 * ratio[i - 1], 100 * ratio[j - 1]))
    assert (told.k, told.d) == (k, case.X.shape[1])
    assert told.held == close(100 * ratio[:k].sum())
    assert told.alone is None
    sample = names.get("sample")
    assert told.sample == sample
    if sample:
        assert told.named == case.classes[case.y[sample - 1]]
        s = S[sample - 1]
        np.testing.assert_allclose(tip(app), s[[i - 1, j - 1]], atol=1e-9)
        lost = 100 * (1 - (s[:k] ** 2).sum() / (scaled(case.X, standardise)[sample - 1] ** 2).sum())
        assert value(re.search(rf"Lost: ({NUMBER}) % of the square\.", says(app, "parts"))[1]) == close(lost)
    if len(case.X) <= 600:
        np.testing.assert_allclose(dots(app)[0], S[:, [i - 1, j - 1]], atol=1e-9)


@pytest.mark.parametrize(("data", "standardise"), [("Digits", False), ("Wine", True), ("Wine", False), ("Breast cancer", True)])
def test_the_scree_names_the_counts_that_hold_90_95_and_99_per_cent(opened, data, standardise):
    app = opened(data=data, standardise=standardise, k=5)
    variances = np.linalg.svd(scaled(cases.case(data).X, standardise), compute_uv=False) ** 2
    ratio = variances / variances.sum()
    held = np.append(0, np.cumsum(ratio))
    counts = [int(np.argmax(held >= share)) for share in (0.9, 0.95, 0.99)]
    assert says(app, "scree") == f"90, 95, 99 % at k = {', '.join(map(str, counts))}. Dashed: each alone."
    assert sorted(table(app, "rules", "scree")["x"]) == sorted({*counts})
    lines = table(app, "lines", "scree")
    drawn = lines[lines["dash"] == "solid"]
    np.testing.assert_allclose(drawn["y"], 100 * np.interp(drawn["x"], np.arange(len(held)), held), atol=1e-9)
    np.testing.assert_allclose(lines[lines["dash"] != "solid"]["y"], 100 * ratio, atol=1e-9)
    (at,) = table(app, "points", "scree")[["x", "y"]].to_numpy().tolist()
    assert at == [5, pytest.approx(100 * held[5])]


def test_the_scree_reaches_the_last_component(opened):
    app = opened(k=64)
    assert table(app, "points", "scree")["kind"].tolist() == ["dot"]
    lines = table(app, "lines", "scree")
    assert lines[lines["dash"] == "solid"]["x"].max() == 64


def test_the_second_level_says_what_is_lost_for_each_k(opened):
    app = opened(data="Iris", view="How many?", k=1)
    found, _, _ = components(cases.case("Iris").X)
    lost = 100 * (1 - np.append(0, np.cumsum(found.explained_variance_ratio_)))
    np.testing.assert_allclose(table(app, "lines", "lost")["y"], lost, atol=1e-9)
    assert says(app, "lost") == f"With k = 1, {lost[1]:.3g} % of the mean square are lost."
    assert [value(v.split()[0]) for v in app.dataframe[0].value["lost of the square"]] == close(lost[1:4])
    assert "equal to 1e-9" in text(app)
    assert "they differ" not in text(app)


@pytest.mark.parametrize("shown", [SAMPLE, OWN])
def test_no_component_gives_the_mean_and_all_of_them_the_sample(opened, shown):
    X = cases.case("Iris").X
    app = opened(data="Iris", shown=shown, sample=3, k=0)
    told = Told(app)
    assert (told.k, told.held) == (0, 0)
    if shown == SAMPLE:
        np.testing.assert_allclose(made(app), X.mean(axis=0))
        assert says(app, "parts").endswith("Lost: 100 % of the square.")
        assert app.latex[0].value.strip("$\n") == r"x \approx \bar x"
    app = set_slider(app, "k", 4)
    assert (Told(app).k, Told(app).held) == (4, 100)
    if shown == SAMPLE:
        np.testing.assert_allclose(made(app), X[2])
    for view in ("Worst samples", "A new row", "Distances"):
        for k in (0, 4):
            opened(data="Iris", view=view, k=k, shown=shown)


def test_a_sample_or_component_that_there_is_not_is_the_first_one(opened):
    told = Told(opened(data="Iris", shown=SAMPLE, sample=151, across=5, up=0))
    assert (told.sample, told.named, told.axes) == (1, "setosa", (1, 2))
    app = opened(data="Digits", shown=SAMPLE, sample=1797, k=64)
    told = Told(fine(app.selectbox(key="pca_data").set_value("Iris").run()))
    assert told.sample <= 150
    assert told.k <= 4


# One's own point


@pytest.mark.parametrize(("data", "standardise", "i", "j", "flip"), [
    ("Iris", False, 1, 2, False), ("Wine", True, 3, 1, False), ("Digits", False, 5, 12, True), ("Iris", True, 4, 2, True),
])  # fmt: skip
def test_the_sample_of_ones_own_point_projects_back_onto_its_place(opened, data, standardise, i, j, flip):
    X = cases.case(data).X
    app = opened(data=data, standardise=standardise, across=i, up=j, flip=flip, s1=0.7, s2=-1.25)
    found, E, _ = components(X, standardise)
    E[i - 1] *= -1 if flip else 1
    scores = E @ ((made(app) - X.mean(axis=0)) / (X.std(axis=0, ddof=1) if standardise else 1))
    place = scores[[i - 1, j - 1]]
    np.testing.assert_allclose(place / np.sqrt(found.explained_variance_[[i - 1, j - 1]]), [0.7, -1.25], atol=1e-9)
    np.testing.assert_allclose(np.delete(scores, [i - 1, j - 1]), 0, atol=1e-9)
    np.testing.assert_allclose(tip(app), place, atol=1e-9)
    (grip,) = frame(app).handles
    np.testing.assert_allclose(np.reshape(grip["back"], (2, 2)) @ grip["at"], [0.7, -1.25], atol=1e-3)


def test_one_component_in_both_directions_counts_once(opened):
    X = cases.case("Iris").X
    app = opened(data="Iris", across=1, up=1, s1=1, s2=1)
    found, E, _ = components(X)
    assert E[0] @ (made(app) - X.mean(axis=0)) == pytest.approx(np.sqrt(found.explained_variance_[0]))


def test_the_nearest_sample_of_a_point_is_named_in_its_tile(opened):
    _, _, S = components(cases.case("Digits").X)
    app = opened(s1=1.2, s2=-0.4)
    at = np.array([1.2, -0.4]) * S[:, :2].std(axis=0, ddof=1)
    assert tiles(app)[0][-2] == f"nearest: {np.hypot(*(S[:, :2] - at).T).argmin() + 1}"


def test_from_a_sample_the_own_point_goes_on_where_it_was(opened, hold):
    _, _, S = components(cases.case("Iris").X)
    app = choose(opened(data="Iris", shown=SAMPLE, sample=150), "shown", OWN)
    place = S[149, :2] / S[:, :2].std(axis=0, ddof=1)
    assert [app.session_state[f"pca_s{i}"] for i in (1, 2)] == pytest.approx(place, abs=0.006)
    assert Told(app).sample is None
    app = choose(app, "shown", SAMPLE)
    assert Told(app).sample == 150
    app = fine(hold(app, "pca", {"pca_s1": 1.5, "pca_s2": -2.0, "pca_shown": OWN}))
    np.testing.assert_allclose(tip(app), np.array([1.5, -2]) * S[:, :2].std(axis=0, ddof=1), atol=1e-9)
    assert Told(app).sample is None


# Columns that do not vary


@pytest.mark.parametrize("data", ["Digits", "A table"])
def test_columns_that_do_not_vary_take_no_part_where_the_others_are_standardised(opened, data):
    X = cases.case("Digits").X if data == "Digits" else np.column_stack([np.arange(9), np.full(9, 4), np.arange(9) ** 2 % 7])
    varies = X.std(axis=0) > 0
    own = pd.DataFrame(X, columns=[f"c{j}" for j in range(X.shape[1])]).to_csv(index=False)
    app = opened(k=2, standardise=True) if data == "Digits" else yours(opened, own, k=2, standardise=True)
    found, E, _ = components(X[:, varies], True)
    told, fit = Told(app), result(app, "fit")
    assert not frame(app).problem
    assert told.shares == close(tuple(100 * found.explained_variance_ratio_[:2]))
    assert told.held == close(100 * found.explained_variance_ratio_[:2].sum())
    np.testing.assert_allclose(np.abs(fit.components[:2, varies]), np.abs(E[:2]), atol=1e-9)
    assert fit.components[:2, ~varies] == pytest.approx(0, abs=1e-12)
    app = choose(app, "shown", SAMPLE)
    app = set_slider(app, "k", len(fit.components))
    np.testing.assert_allclose(made(app), X[0], atol=1e-9)


def test_columns_that_do_not_vary_are_counted_in_the_sentence(opened):
    assert Told(opened(standardise=True)).note.startswith("3 columns do not vary")
    assert not Told(opened()).note


# A table of one's own


def test_columns_that_are_left_out_are_not_in_the_components(opened):
    wine = tables.one_table()
    kept = [j for j, name in enumerate(wine.columns) if name not in ("proline", "ash")]
    app = opened(data="A table", out=["proline", "ash"], k=2)
    found, _, S = components(wine.X[:, kept])
    told = Told(app)
    assert (told.d, told.held) == (11, close(100 * found.explained_variance_ratio_[:2].sum()))
    assert told.alone == "magnesium"
    np.testing.assert_allclose(dots(app)[0], S[:, :2], atol=1e-9)
    app = opened(data="A table", out=list(wine.columns))
    assert "All columns are left out; keep at least one." in frame(app).problem
    assert Told(app).d == 13


def test_a_label_gives_colours_and_names_in_the_middle_of_each_class(opened):
    wine, (_, _, S) = tables.one_table(), components(tables.one_table().X)
    plain = opened(data="A table", shown=SAMPLE)
    assert set(dots(plain)[1]) == {"c0"}
    assert not labels(plain)
    assert Told(plain).named is None
    app = fine(plain.selectbox(key="pca_label").set_value("cultivar").run())
    kinds, y = np.unique(wine.others["cultivar"].tolist(), return_inverse=True)
    assert dots(app)[1] == [f"c{c}" for c in y]
    assert Told(app).named == kinds[y[0]]
    assert labels(app) == [name[:12] for name in kinds]
    own = [S[y == c, :2].mean(axis=0) for c in range(len(kinds))]
    np.testing.assert_allclose(result(app, "class_middles"), own, atol=1e-9)


@pytest.mark.parametrize(("column", "sentence"), [
    (["x"] * 14, 'every row is "x"'), ([*["x"] * 13, "y"], 'the class "y" has one sample'),
    ([f"n{i}" for i in range(14)], "the column has 14 different entries"),
])  # fmt: skip
def test_a_label_that_makes_no_classes_gets_a_sentence_and_the_map_stays_without_colours(opened, column, sentence):
    data = "kind,a,b\n" + "\n".join(f"{name},{i},{i * i % 11}" for i, name in enumerate(column))
    app = fine(yours(opened, data).selectbox(key="pca_label").set_value("kind").run())
    assert sentence in text(app)
    assert not frame(app).problem
    assert set(dots(app)[1]) == {"c0"}
    assert not labels(app)


def test_of_a_wide_table_columns_are_chosen_by_ranges(opened):
    app = yours(opened, WIDE)
    assert Told(app).d == 40
    app = type_into(app, "out_numbers", "2-4, 9")
    assert Told(app).d == 4
    np.testing.assert_allclose(dots(app)[0], components(X40[:, [1, 2, 3, 8]])[2][:, :2], atol=1e-9)
    before = says(app)
    for nonsense in ("0-3", "x", "41", "9-2"):
        app = type_into(app, "out_numbers", nonsense)
        assert f"“{nonsense}” is no column from 1 to 40" in frame(app).problem
        assert says(app) == before


def test_missing_values_are_dropped_or_filled(opened):
    X = pd.read_csv(io.StringIO(HOLES))
    for how, whole in (("drop rows", X.dropna()), ("fill with mean", X.fillna(X.mean())), ("drop columns", X[["a"]])):
        app = yours(opened, HOLES)
        app = choose(app, "table_missing", how)
        assert not frame(app).problem
        assert Told(app).d == whole.shape[1]
        np.testing.assert_allclose(dots(app)[0][:, 0], components(whole.to_numpy())[2][:, 0], atol=1e-9)


@pytest.mark.parametrize(("data", "sentence"), [
    ("a,b\n1,2\n", "there is 1 row; at least two are needed to vary."), ("a,b\n1,2\n1,2\n1,2\n", "all rows are the same"),
])  # fmt: skip
def test_a_table_without_components_gets_a_sentence_and_the_one_before_stays(opened, data, sentence):
    app = opened(data="A table", table="Yours")
    before = says(app)
    app = upload(app, "table_file", ("mine.csv", data.encode(), "text/csv"))
    assert sentence in frame(app).problem
    assert frame(app).problem.endswith("The last good picture stays.")
    assert says(app) == before


# Pictures of one's own


def png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def shots(n, h, w):
    rng = np.random.default_rng(3)
    return rng.integers(0, 256, (n, h, w), dtype=np.uint8)


def album(pictures):
    """Return a zip of the pictures day_1.png, day_2.png, ..."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for i, pixels in enumerate(pictures, 1):
            archive.writestr(f"day_{i}.png", png(pixels))
    return ("mine.zip", buffer.getvalue(), "application/zip")


def test_an_album_of_ones_own_has_components_as_pictures_and_names_of_files_in_the_sentence(opened):
    pictures = shots(7, 5, 4)
    app = opened(data="Pictures", view="Components as pictures", shown=SAMPLE)
    assert "There are no pictures of yours yet, so these are digits." in text(app)
    app = upload(app, "album", album(pictures))
    assert not frame(app).problem
    told, X = Told(app), pictures.reshape(7, 20).astype(float)
    assert (told.d, told.sample, told.named) == (20, 1, r"day\_1.png")
    found, E, _ = components(X)
    labels_of, urls = tiles(app, "faces")
    assert len(urls) == len({*urls}) == 7
    shares = [value(re.fullmatch(rf"e.: ({NUMBER}) %", said)[1]) for said in labels_of]
    assert shares == [pytest.approx(100 * r, rel=0.06, abs=1e-9) for r in found.explained_variance_ratio_]
    np.testing.assert_allclose(np.abs(result(app, "fit").components[:6]), np.abs(E[:6]), atol=1e-9)
    app = set_slider(set_slider(app, "sample", 7), "k", 7)
    assert Told(app).named == r"day\_7.png"
    np.testing.assert_allclose(made(app), X[6], atol=1e-9)


def test_tables_have_no_components_as_pictures(opened):
    app = opened(data="Iris", view="Components as pictures")
    assert "These rows are no pictures." in text(app)


def test_pictures_of_two_sizes_get_a_sentence_and_the_album_before_stays(opened):
    app = upload(opened(data="Pictures", shown=SAMPLE), "album", album(shots(3, 5, 4)))
    before = says(app)
    app = upload(app, "album", *((f"{h}.png", png(shots(1, h, 4)[0]), "image/png") for h in (5, 6)))
    assert frame(app).problem.endswith("Give all pictures one size. The album before it stays.")
    assert says(app) == before


# A new row


def test_a_typed_row_is_projected_with_the_tables_mean_and_components(opened):
    X = cases.case("Iris").X
    _, E, S = components(X)
    app = opened(data="Iris", view="A new row", k=2)
    assert "Its first scores: **0, 0, 0, 0**" in text(app), "the mean stands where nothing is typed"
    app = type_into(app, "row", "6.5, , 5")
    x = np.array([6.5, X[:, 1].mean(), 5, X[:, 3].mean()]) - X.mean(axis=0)
    s = E @ x
    found = re.search(rf"Its first scores: \*\*(.+?)\*\*\. With k = 2, ({NUMBER}) % of it are lost\.", text(app))
    assert [value(v) for v in found[1].split(", ")] == close(s, 4)
    assert value(found[2]) == close(100 * (1 - (s[:2] ** 2).sum() / (x @ x)))
    near = np.hypot(*(S[:, :2] - s[:2]).T).argmin()
    named = cases.case("Iris").classes[cases.case("Iris").y[near]]
    assert f"Nearest of all samples by 2 scores: sample {near + 1} ({named})." in text(app)


@pytest.mark.parametrize(("line", "sentence"), [
    ("1, two", "“two”, for sepal width (cm), is no number up to 1e100"), ("1e200", "“1e200”, for sepal length (cm)"),
    ("1,2,3,4,5", "there are 5 numbers and 4 columns"), ("3;4", "“3;4”, for sepal length (cm), is no number"),
])  # fmt: skip
def test_nonsense_as_a_row_gets_a_sentence_beside_the_page(opened, line, sentence):
    app = type_into(opened(data="Iris", view="A new row"), "row", line)
    assert sentence in text(app).replace("\\", "")
    assert "Its first scores" not in text(app)
    assert not frame(app).problem
    assert Told(app).d == 4


def drawn_one():
    """Return a digit 1: a black bar on white."""
    pixels = np.full((90, 90), 255, np.uint8)
    pixels[10:80, 40:52] = 0
    return png(pixels)


def test_a_picture_of_a_digit_finds_digits_of_its_kind(opened):
    app = opened(view="A new row", k=20)
    assert re.search(r"Nearest of all samples by 20 scores: sample \d+ \(7\)\.", text(app)), "the sample is a seven"
    assert tiles(app, "row")[0][:2] == ["as a row", "k = 20"]
    app = upload(app, "photo", ("one.png", drawn_one(), "image/png"))
    x = result(app, "as_digit")
    _, E, S = components(cases.case("Digits").X)
    s = E[:20] @ (x - cases.case("Digits").X.mean(axis=0))
    near = ((S[:, :20] - s) ** 2).sum(axis=1).argmin()
    assert f"sample {near + 1} ({cases.case('Digits').y[near]})." in text(app)
    assert cases.case("Digits").y[near] == 1
    blank = png(np.full((40, 40), 255, np.uint8))
    app = upload(app, "photo", ("blank.png", blank, "image/png"))
    assert "the picture has one tone only" in text(app)
    assert not frame(app).problem


def test_a_picture_of_an_album_of_8_by_8_is_nearest_to_itself(opened):
    rng = np.random.default_rng(1)
    pictures = rng.integers(0, 256, (6, 8, 8)).astype(np.uint8)
    app = opened(data="Pictures", view="A new row", k=5)
    app = upload(app, "album", album(pictures))
    found = set()
    for i, pixels in enumerate(pictures, 1):
        app = upload(app, "photo", (f"{i}.png", png(pixels), "image/png"))
        found.add((i, int(re.search(r"scores: sample (\d+)", text(app))[1])))
    assert found == {(i, i) for i in range(1, 7)}


# Rows of a picture


def test_more_components_of_a_picture_cost_more_numbers_and_lose_less(opened):
    app = opened(data="Iris", view="Your picture")
    pixels = np.repeat(shots(1, 24, 30)[0][..., None], 3, axis=2)
    pixels[..., 1] //= 2
    app = upload(app, "image", ("mine.png", png(pixels), "image/png"))
    rows = pixels.reshape(24, 90).astype(float)
    dropped = np.linalg.svd(rows - rows.mean(axis=0), compute_uv=False) ** 2
    sizes, errors = [], []
    for k in (0, 5, 12, 23):
        app = set_slider(app, "image_k", k)
        errors.append(value(re.search(rf"Off by ({NUMBER}) of 255", says(app, "image"))[1]))
        assert errors[-1] == close(np.sqrt(max(dropped[k:23].sum(), 0) / rows.size))
        n = k * (24 + 90) + 90
        assert f"{n:,} of {24 * 90:,} numbers, **{100 * n / rows.size:.3g} %**" in text(app)
        assert ("save nothing" in text(app)) == (n > rows.size)
        sizes.append(n)
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] == 0
    shown = result(app, "compressed").pixels
    assert (shown == pixels).all()


# Distances, columns, worst samples


def test_distances_never_grow_and_stay_with_all_components(opened):
    Z = scaled(cases.case("Wine").X, True)[49:55]
    for k in (1, 3, 13):
        app = opened(data="Wine", standardise=True, view="Distances", k=k, sample=50)
        (found,) = app.dataframe
        before, after = ([value(v) for v in found.value[name]] for name in ("distance", f"distance with k = {k}"))
        assert before == close(pdist(Z), 4)
        assert all(a <= b * (1 + 1e-3) for a, b in zip(after, before, strict=True))
        assert (after == before) == (k == 13)
    app = opened(data="Wine", view="Distances", sample=178)
    assert "Choose at least one component, and a sample that has one after it." in text(app)


def test_columns_are_drawn_with_their_correlations_with_the_scores(opened):
    X = cases.case("Iris").X
    _, _, S = components(X)
    app = opened(data="Iris", view="Columns", flip=True, up=3)
    for name, i, sign in (("across", 0, -1), ("up", 2, 1)):
        drawn = table(app, "rows", f"weights{name}").query("kind in ('after', 'before')")["text"]
        own = [sign * np.corrcoef(X[:, j], S[:, i])[0, 1] for j in range(4)]
        assert [value(v) for v in drawn] == [pytest.approx(r, abs=0.006) for r in own]


def test_scores_have_no_covariance_with_each_other(opened):
    app = opened(data="Wine", standardise=True, view="Before and after")
    np.testing.assert_allclose(result(app, "all_pairs").values, np.corrcoef(cases.case("Wine").X.T), atol=1e-12)
    after = result(app, "score_correlations")
    found, _, _ = components(cases.case("Wine").X, True)
    np.testing.assert_allclose(after, np.diag(found.explained_variance_ / found.explained_variance_[0]), atol=1e-9)
    assert "Off the diagonal · check: largest 0, nothing 0, equal to 1e-9" in text(app)


def test_the_worst_samples_lose_most_by_numpy(opened):
    Z = scaled(cases.case("Wine").X, True)
    _, E, S = components(cases.case("Wine").X, True)
    errors = ((Z - S[:, :3] @ E[:3]) ** 2).sum(axis=1)
    app = opened(data="Wine", standardise=True, view="Worst samples", k=3)
    found = app.dataframe[0].value
    assert (found["sample"] - 1).tolist() == np.argsort(-errors)[:4].tolist()
    assert [value(v) for v in found["distance"]] == close(np.sqrt(np.sort(errors)[::-1][:4]), 4)


# Downloads


@pytest.mark.parametrize("standardise", [False, True])
def test_the_downloads_are_scikit_learns_components_and_make_the_table_again(opened, saved, standardise):
    case = cases.case("Iris")
    files = saved(opened(data="Iris", standardise=standardise, k=2))
    assert set(files) == {"scores", "components", "reconstructed-table"}
    found, _, S = components(case.X, standardise)
    rows = files["components"].set_index("row")
    assert rows.index.tolist() == ["mean", "scale", *(f"component {i}" for i in range(1, 5))]
    mean, scale = rows.loc["mean", list(case.columns)].to_numpy(float), rows.loc["scale", list(case.columns)].to_numpy(float)
    ours = rows.iloc[2:][list(case.columns)].to_numpy()
    np.testing.assert_allclose(mean, case.X.mean(axis=0))
    np.testing.assert_allclose(scale, case.X.std(axis=0, ddof=1) if standardise else 1)
    np.testing.assert_allclose(np.abs(ours), np.abs(found.components_), atol=1e-9)
    np.testing.assert_allclose(rows["variance"].iloc[2:], found.explained_variance_)
    scores = files["scores"]
    assert scores.columns.tolist() == [f"score {i}" for i in range(1, 5)]
    np.testing.assert_allclose(np.abs(scores), np.abs(S), atol=1e-9)
    np.testing.assert_allclose(mean + scale * (scores.to_numpy() @ ours), case.X, atol=1e-9)
    again = files["reconstructed-table"]
    assert again.columns.tolist() == list(case.columns)
    np.testing.assert_allclose(again, mean + scale * (scores.to_numpy()[:, :2] @ ours[:2]), atol=1e-9)


def test_a_column_called_variance_does_not_take_the_place_of_the_variances(opened, saved):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((9, 2))
    files = saved(yours(opened, "row,variance\n" + "\n".join(f"{a},{b}" for a, b in X)))
    found = files["components"]
    assert "component 1" in found.astype(str).to_numpy()
    np.testing.assert_allclose(found["variance_"][2:], PCA().fit(X).explained_variance_)


def test_the_solver_and_why_it_was_taken_are_told(opened):
    for data, words in (("Iris", "Solver: **covariance**, because the covariance matrix, 4 x 4, is small beside the table."),
                        ("Pictures", "Solver: **covariance**")):  # fmt: skip
        assert words in text(opened(data=data, view="How it is computed"))
    app = upload(opened(data="Pictures", view="How it is computed"), "album", album(shots(3, 5, 4)))
    assert "Solver: **rows**, because fewer rows than columns" in text(app)
