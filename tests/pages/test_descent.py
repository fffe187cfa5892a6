"""The story of the page Descent: walks are what NumPy works out, the cliff stands at 2/lambda_max, and who is lost is named."""

import re

import numpy as np
import pytest
from screens import figure, fine, frame, says, text

from mml_core import descents, optimisers, surfaces
from mml_ui import frame as frames

NUMBER = r"−?\d+(?:\.\d+)?(?:e[+−]\d+)?"
AXES = np.array([[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]])  # of the bowl, the flat one first
START = (-1.5, 1.2)
RATES = np.logspace(-4, 0.5, 64)  # that gradient descent is tried with
MINIMA = np.array([[3, 2], [-2.805118, 3.131313], [-3.779310, -3.283186], [3.584428, -1.848127]])  # Himmelblau's, 1972
DATA = np.array([[-2, -1.4], [-1.5, -1.2], [-1, -0.2], [-0.5, -0.4], [0, 0.5], [0.5, 0.4], [1, 1.3], [1.5, 1.1], [2, 2.1]])
T, Y = DATA.T
ALL = list(optimisers.METHODS)
GD = "Gradient descent"


@pytest.fixture(autouse=True)
def _moves_follow_each_other_faster_than_a_message_can_be_late(monkeypatch):
    monkeypatch.setattr(frames, "STALE", 0)


@pytest.fixture
def opened(open_page):
    def page(start=None, **names):
        if start is not None:
            names |= dict(start1=start[0], start2=start[1])
        query = {f"descent_{name}": v if isinstance(v, list) else str(v) for name, v in names.items()}
        return fine(open_page("descent", **query))

    return page


def value(found):
    return float(found.replace("−", "-"))


def close(expected):
    """Four digits, as the page writes them."""
    return pytest.approx(expected, rel=6e-4, abs=1e-11)


def told(app):
    """Return the loss of each method in the main sentence, None where it is gone, and what follows."""
    match = re.fullmatch(r"Step (\d+) of (\d+), loss: (.*?)\.( \*\*.*)?", says(app), re.DOTALL)
    assert match, says(app)
    found = {}
    for part in match[3].split(", "):
        name, _, loss = part.rpartition(" ")
        found[name] = None if loss == "gone" else value(loss)
    return found, (match[4] or "").strip()


def view_table(app):
    (found,) = app.dataframe
    return found.value


def rates(app):
    return {name: value(rate) for name, rate in view_table(app)[["method", "rate"]].itertuples(index=False)}


def tracks(app, ink, part="full"):
    paths = figure(app).tables["paths"]
    return paths[(paths["ink"] == ink) & (paths["part"] == part)][["x", "y"]].to_numpy()


def set_slider(app, name, number):
    return fine(app.slider(key=f"descent_{name}").set_value(number).run())


def press(app, name):
    (pills,) = (b for b in app.get("button_group") if b.key == "descent_preset")
    return fine(pills.set_value(name).run())


def bowl_walk(kappa, rate, n_steps, start=START):
    """Return all points of gradient descent on the bowl: each axis shrinks by its own factor."""
    eigenvalues, t = np.array([1, kappa]), np.arange(n_steps + 1)[:, None]
    return (AXES.T @ start * (1 - rate * eigenvalues) ** t) @ AXES.T


def bowl(kappa, points):
    return 0.5 * (points @ AXES) ** 2 @ [1, kappa]


def line_slopes(w, b, t=T, y=Y):
    r = w * t + b - y
    return np.array([(r * t).mean(), r.mean()])


def line_walk(rate, n_steps, start=START, t=T, y=Y):
    points = [np.array(start)]
    for _ in range(n_steps):
        points.append(points[-1] - rate * line_slopes(*points[-1], t, y))
    return np.array(points)


# Rates


def test_gradient_descent_gets_the_rate_that_ends_lowest_in_the_bowl(opened):
    app = opened(view="Table")
    ends = [bowl(20, bowl_walk(20, rate, 50)[-1]) for rate in RATES]
    best = RATES[np.argmin(ends)]
    row = view_table(app).set_index("method").loc[GD]
    assert value(row["rate"]) == close(best)
    assert value(row["final loss"]) == close(min(ends))
    assert told(app)[0][GD] == pytest.approx(min(ends), rel=6e-3)
    assert says(app, "strip") == f"2/λ_max = 0.1, so α is at {100 * best / 0.1:.3g} % of the cliff."
    assert app.slider(key="descent_rate").value == pytest.approx(np.log10(best), abs=0.006), "the slider shows it"


def test_each_method_has_its_tuned_rate_in_the_table(opened):
    app = opened(more=[m for m in ALL if m not in ("Gradient descent", "Momentum", "Adam")], view="Table")
    found, steep = rates(app), surfaces.bowl(20)
    assert sorted(found) == sorted(ALL)
    for method in ALL:
        assert found[method] == close(descents.tuned_rate(steep, START, method, 50)), method
    rows = view_table(app).set_index("method")
    assert rows["gradients"].tolist() == [50] * 9
    assert {m: n for m, n in rows["Hessians"].items() if n} == {"Newton": 50, "Guarded Newton": 50}
    assert [m for m, n in rows["values"].items() if n] == ["Line search"]
    assert rows.loc["Newton", ["ends", "because"]].tolist() == ["minimum", ""]
    assert set(told(app)[0]) == set(ALL)


def test_my_rate_is_that_of_my_method_only(opened):
    tuned = rates(opened(view="Table"))
    app = opened(view="Table", by="Mine", of="Momentum", rate=-2)
    assert rates(app) == tuned | {"Momentum": 0.01}
    app = set_slider(app, "rate", -1.5)
    assert rates(app) == tuned | {"Momentum": close(10**-1.5)}


def test_the_steps_to_a_thousandth_are_counted_from_the_losses(opened):
    app = opened(view="Table", by="Mine", rate=-1.3, on=[GD])
    losses = bowl(20, bowl_walk(20, 10**-1.3, 50))
    assert view_table(app)["steps to a thousandth"].tolist() == [str(np.flatnonzero(losses <= losses[0] / 1000)[0])]
    app = set_slider(app, "rate", -3.0)
    assert view_table(app)["steps to a thousandth"].tolist() == ["–"]
    assert view_table(app)["ends"].tolist() == ["on its way"]


# The cliff


def test_just_below_the_cliff_it_arrives_and_just_past_it_every_step_grows(opened):
    app = press(opened(), "Just below the cliff")
    assert says(app, "strip") == "2/λ_max = 0.2, so α is at 97.8 % of the cliff."
    losses = bowl(10, bowl_walk(10, 10**-0.7088, 50, (-2, 1.5)))
    assert told(app)[0] == {GD: pytest.approx(losses[-1], rel=6e-3)}
    assert losses[-1] < 0.2 * losses[0]
    app = press(app, "Past the cliff")
    assert says(app, "strip") == "**Past the cliff**: α is over 2/λ_max = 0.2."
    losses = bowl(10, bowl_walk(10, 10**-0.6904, 50, (-2, 1.5)))
    assert told(app)[0] == {GD: pytest.approx(losses[-1], rel=6e-3)}
    lines = figure(app, "losses").tables["lines"]
    drawn = 10 ** lines[lines["part"] == "full"]["y"].to_numpy()
    seen = drawn[10 : 1 + np.argmax(losses > 1000)]  # further up it leaves the axis
    assert len(seen) > 30
    assert (np.diff(seen) > 0).all()


def test_far_past_the_cliff_the_sentence_names_the_divergence(opened):
    app = opened(kappa=10, by="Mine", rate=-0.5, on=[GD])
    assert says(app, "strip") == "**Past the cliff**: α is over 2/λ_max = 0.2."
    found, why = told(app)
    assert found == {GD: None}
    out = np.abs(bowl_walk(10, 10**-0.5, 50)).max(axis=1) > 1e12
    assert why.startswith(f"**Gradient descent: Step {np.argmax(out)} leaves everything behind: the rate 0.3162 is above 2 / ")
    assert "lands 2.162 times as far on the other side" in why
    assert says(app, "losses") == "Nobody arrives."
    assert "α = 0.316" in figure(app, "strip").tables["labels"]["text"].tolist()


@pytest.mark.parametrize(("kappa", "limit"), [(1, 2), (50, 0.04)])
def test_the_cliff_stands_at_2_over_lambda_max(opened, kappa, limit):
    for share, past in ((0.98, False), (1.02, True)):
        app = opened(kappa=kappa, by="Mine", rate=np.log10(share * limit).round(4), on=[GD])
        assert says(app, "strip").startswith("**Past the cliff**") == past
        assert f"2/λ_max = {limit}" in says(app, "strip")
    rules = figure(app, "strip").tables["rules"].set_index("ink")["x"]
    assert rules["reference"] == pytest.approx(np.log10(limit))
    assert rules["c0"] == pytest.approx(np.log10(1.02 * limit), abs=1e-4)


def test_the_strip_is_as_low_as_each_rate_comes(opened):
    lines = figure(opened(kappa=10, on=[GD]), "strip").tables["lines"]
    ends = np.array([bowl(10, bowl_walk(10, rate, 50)[-1]) for rate in RATES])
    shown = 10 ** np.interp(np.log10(RATES), lines["x"], lines["y"])
    inside = (ends > 1e-6) & (ends < 500)
    assert inside.sum() > 30
    np.testing.assert_allclose(shown[inside], ends[inside], rtol=1e-6)


@pytest.mark.parametrize("names", [dict(f="Bowl", kappa=10), dict(f="Saddle", c=3), dict(f="A line through data")])
def test_each_axis_shrinks_by_the_factor_that_was_predicted(opened, names):
    H = {
        "Bowl": AXES @ np.diag([1, 10]) @ AXES.T, "Saddle": np.array([[2, -3], [-3, 2]]),
        "A line through data": np.array([[(T * T).mean(), T.mean()], [T.mean(), 1]]),
    }[names["f"]]  # fmt: skip
    app = opened(by="Mine", rate=-0.8, steps="20", view="Predicted rates", **names)
    eigenvalues = np.linalg.eigvalsh(H)[::-1]
    found = view_table(app)
    assert [value(v) for v in found["λ"]] == close(eigenvalues.tolist())
    predicted = [value(v) for v in found["predicted |1 − α λ|"]]
    assert predicted == pytest.approx(np.abs(1 - 10**-0.8 * eigenvalues).tolist(), abs=1e-6)
    assert [value(v) for v in found["measured, a step"]] == pytest.approx(predicted, abs=1e-4)
    assert f"2/λ_max = **{2 / eigenvalues[0]:.4g}**." in text(app)


def test_rates_are_predicted_for_plain_gradient_descent_on_bowls_only(opened):
    app = opened(of="Momentum", view="Predicted rates")
    assert set(view_table(app)["predicted |1 − α λ|"]) == {"only for plain gradient descent"}
    app = opened(f="Rosenbrock", view="Predicted rates")
    assert "Rates can be predicted where the curvature is the same everywhere" in text(app)
    assert not app.dataframe


# Step by step


def test_the_sentence_tells_the_loss_of_the_chosen_step(opened):
    app = opened(kappa=10, by="Mine", rate=-1, on=[GD], start=(2, -1))
    points = bowl_walk(10, 0.1, 50, (2, -1))
    for step in (0, 1, 7, 50):
        app = set_slider(app, "step", step)
        assert says(app).startswith(f"Step {step} of 50, loss: ")
        assert told(app)[0] == {GD: pytest.approx(bowl(10, points[step]), rel=6e-3)}
        np.testing.assert_allclose(tracks(app, "c0"), points[: step + 1], atol=1e-12)
        np.testing.assert_allclose(tracks(app, "c0", "faint"), points[step:], atol=1e-12)
        assert figure(app, "losses").tables["rules"]["x"].tolist() == [step]


@pytest.mark.parametrize("t", [0, 3])
def test_the_formula_is_the_step_that_is_next(opened, t):
    app = opened(by="Mine", rate=-1, kappa=10, start=(2, -1), step=t)
    (line,) = (m.value for m in app.latex if "pmatrix" in m.value)
    x, way, after = (np.array(c.split(r" \\ "), float) for c in re.findall(r"begin\{pmatrix\} (.*?) \\end", line))
    walk = bowl_walk(10, 0.1, 4, (2, -1))
    assert f"x_{{{t + 1}}} = " in line
    assert x.tolist() == pytest.approx(walk[t].tolist(), rel=1e-3)
    assert way.tolist() == pytest.approx((walk[t + 1] - walk[t]).tolist(), rel=1e-3)
    assert after.tolist() == pytest.approx(walk[t + 1].tolist(), rel=1e-3)


@pytest.mark.parametrize("method", ["Momentum", "Adam"])
def test_the_arrows_of_the_step_are_slope_velocity_and_step(opened, method):
    app = opened(kappa=4, show="Arrows of the step", of=method, by="Mine", rate=-1, on=[GD], step=3, start=(-1, 0.5))
    H, p, v, s, points = AXES @ np.diag([1, 4]) @ AXES.T, np.array([-1, 0.5]), np.zeros(2), np.zeros(2), []
    for t in range(1, 5):
        points.append(p)
        g = H @ p
        if method == "Momentum":
            v = 0.9 * v - 0.1 * g
            p = p + v
        else:
            v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g * g
            p = p - 0.1 * v / (1 - 0.9**t) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
        if t == 3:
            velocity = v if method == "Momentum" else -v
    tail, slope = points[3], -H @ points[3]
    found = figure(app).tables["points"]
    heads = found[found["kind"] == "head"].set_index("ink")[["x", "y"]]
    np.testing.assert_allclose(heads.loc["result"], p, atol=1e-9, err_msg="the step ends where the next one starts")
    for ink, way in (("reference", slope), ("second", velocity)):
        arrow = heads.loc[ink].to_numpy(float) - tail
        assert arrow @ way == pytest.approx(np.hypot(*arrow) * np.hypot(*way)), ink
    app = set_slider(app, "step", 0)
    inks = figure(app).tables["points"].query("kind == 'head'")["ink"].tolist()
    assert sorted(inks) == ["reference", "result"], "at the start nothing is carried along"


def test_inside_a_step_shows_the_numbers_of_that_step(opened):
    app = opened(kappa=10, by="Mine", rate=-1, step=2, start=(2, -1), view="Inside a step")
    assert "**Gradient descent, step 2 → 3**, α = 0.1" in text(app)
    points = bowl_walk(10, 0.1, 3, (2, -1))
    (line,) = (m.value for m in app.latex if "x_{2} =" in m.value)
    columns = [np.array(c.split(r" \\ "), float) for c in re.findall(r"begin\{pmatrix\} (.*?) \\end", line)]
    np.testing.assert_allclose(columns, points[2:4], rtol=6e-4)
    assert any("def gradient_descent" in c.value for c in app.code)


# Every start


def test_on_himmelblaus_surface_starts_end_in_four_places(opened):
    app = opened(f="Himmelblau", view="Every start")
    listed = re.findall(rf"({NUMBER}) % to \(({NUMBER}), ({NUMBER})\)", says(app, "basins"))
    assert says(app, "basins").startswith("Gradient descent from 10,000 starts: ")
    assert len(listed) == 4
    shares, places = [value(s) for s, _, _ in listed], np.array([[value(x), value(y)] for _, x, y in listed])
    for minimum in MINIMA:
        assert np.hypot(*(places - minimum).T).min() < 0.01
    assert shares == sorted(shares, reverse=True)
    assert min(shares) > 15
    lost, on_the_way = (value(n) for n in re.findall(rf"\*\*({NUMBER}) %\*\*", text(app)))
    assert sum(shares) + lost + on_the_way == pytest.approx(100, abs=0.3)
    assert on_the_way < 10


# A line through data


def test_the_line_at_the_last_step_is_the_one_that_fits_best(opened):
    app = opened(f="A line through data", steps="200", view="Data and line")
    slope, height = np.polyfit(T, Y, 1)
    found = re.fullmatch(rf"The line at step 200: y = ({NUMBER}) t \+ ({NUMBER}), loss ({NUMBER})\.", says(app, "data"))
    assert [value(n) for n in found.group(1, 2)] == pytest.approx([slope, height], abs=1e-4)
    assert value(found[3]) == close(((slope * T + height - Y) ** 2).mean() / 2)
    assert len([h for h in frame(app).handles if h["points"]]) == len(DATA), "each point can be dragged"


def test_typed_data_move_the_bowl(opened):
    app = opened(f="A line through data", data="-1,-1;0,1;1,3", steps="200", view="Data and line")
    found = re.search(rf"y = ({NUMBER}) t \+ ({NUMBER}),", says(app, "data"))
    assert [value(n) for n in found.groups()] == pytest.approx([2, 1], abs=1e-3)
    app = fine(app.text_input(key="descent_data").set_value("-1,1;0,1;nonsense").run())
    assert "point 3, “nonsense”, is not two numbers" in frame(app).problem
    assert re.search(rf"y = ({NUMBER}) t \+ ({NUMBER}),", says(app, "data")).groups() == found.groups()


def test_a_mini_batch_steps_along_the_slope_of_the_points_that_it_names(opened):
    app = opened(f="A line through data", batch=2, by="Mine", rate=-1, on=[GD], step=0, view="Data and line")
    for step in (0, 1, 5):
        app = set_slider(app, "step", step)
        seen = re.search(r"the next step sees points? ([\d, ]+) only", text(app))[1]
        chosen = np.array([int(n) - 1 for n in seen.split(",")])
        assert len(chosen) in (1, 2)
        here = tracks(app, "c7")[-1]
        after = tracks(set_slider(app, "step", step + 1), "c7")[-1]
        np.testing.assert_allclose(after, here - 0.1 * line_slopes(*here, T[chosen], Y[chosen]), atol=1e-9)
    assert "Mini-batches" in figure(app).tables["labels"]["text"].tolist()


def test_with_all_points_a_step_mini_batches_walk_as_gradient_descent_does(opened):
    for batch in (9, 40):
        app = opened(f="A line through data", batch=batch, by="Mine", rate=-1, on=[GD])
        np.testing.assert_allclose(tracks(app, "c7"), line_walk(0.1, 50), atol=1e-12)
        np.testing.assert_allclose(tracks(app, "c0"), line_walk(0.1, 50), atol=1e-12)
    assert not len(tracks(opened(f="A line through data", batch=0), "c7"))


# Presets and what people type


def test_every_preset_tells_losses_or_names_who_is_lost_and_why(opened):
    app = opened()
    (pills,) = (b for b in app.get("button_group") if b.key == "descent_preset")
    assert len(pills.options) == 11
    for name in pills.options:
        app = press(app, name)
        app = set_slider(app, "step", app.slider(key="descent_step").max)
        found, why = told(app)
        assert all(v is None or np.isfinite(v) for v in found.values())
        gone = [method for method, loss in found.items() if loss is None]
        assert bool(gone) <= why.startswith(tuple(f"**{method}: Step " for method in gone)), name
        if not gone:
            best = re.fullmatch(rf"Lowest in the end: \*\*(.*)\*\*, ({NUMBER})\.", says(app, "losses"))
            lowest = min(found.values())
            assert value(best[2]) == lowest, name
            assert found[best[1]] == lowest, name


def test_on_the_plateau_only_what_divides_by_the_slopes_size_moves(opened):
    losses = told(press(opened(), "Plateau"))[0]
    assert losses[GD] > 0.99
    assert losses["Momentum"] > 0.99
    assert losses["Adam"] < 0.01


def test_in_the_narrow_valley_momentum_comes_lower_than_gradient_descent(opened):
    losses = told(press(opened(), "Narrow valley"))[0]
    assert losses["Momentum"] < losses[GD]


def test_in_the_egg_box_everyone_ends_in_a_dent_that_is_not_the_deepest(opened):
    losses = told(press(opened(), "Egg box"))[0]
    assert min(losses.values()) > 1 - 0.01, "the second deepest dents lie 0.995 above the deepest"


def test_a_preset_with_more_steps_shows_its_last_one(opened):
    assert says(press(opened(), "Banana")).startswith("Step 100 of 100, loss: ")


def test_from_the_ridge_the_others_leave_the_saddle(opened):
    found, _ = told(press(opened(), "Saddle"))
    assert found["Momentum"] < -1e6
    assert found[GD] < -1e6


def test_newton_is_drawn_to_the_saddle_as_its_preset_says(opened):
    app = press(opened(view="Table"), "Saddle")
    assert view_table(app).set_index("method").loc["Newton", "ends"] == "saddle"


def test_newton_at_rate_1_stands_on_the_saddle_after_one_step(opened):
    app = opened(f="Saddle", c=3, start=(1.5, 1.49), of="Newton", by="Mine", rate=0, on=[GD], step=1, view="Table")
    assert told(app)[0]["Newton"] == pytest.approx(0, abs=1e-9)
    row = view_table(app).set_index("method").loc["Newton"]
    assert row["ends"] == "saddle"
    assert "yet the surface curves down along one direction" in row["because"]


@pytest.mark.parametrize(
    ("own", "start"),
    [("log(x)+y^2", (1, 1)), ("sqrt(x)+y^2", (1, 1)), ("1/x", START), ("exp(exp(x*x))", START), ("0*x", START)],
)
def test_a_function_with_holes_is_walked_on_or_the_sentence_says_why_not(opened, own, start):
    app = opened(f="Your function", own=own, start=start, view="Table")
    assert not frame(app).problem
    found, why = told(app)
    assert view_table(app)["method"].tolist() == list(found) == [GD, "Momentum", "Adam"]
    gone = [method for method, loss in found.items() if loss is None]
    assert bool(gone) == why.startswith(tuple(f"**{method}: Step " for method in gone))


@pytest.mark.parametrize("view", ["Why it is true", "Table"])
def test_a_start_where_the_function_has_no_value_is_named_and_nothing_breaks(opened, view):
    assert "has no" in text(opened(f="Your function", own="log(x)+y^2", view=view))


def test_the_formula_ends_where_newtons_first_step_does(opened):
    app = opened(of="Newton", by="Mine", rate=0, kappa=10, start=(2, -1), on=[GD])
    (line,) = (m.value for m in app.latex if "begin{pmatrix}" in m.value)
    last = re.findall(r"begin\{pmatrix\} (.*?) \\end", line)[-1]
    np.testing.assert_allclose(np.array(last.split(r" \\ "), float), 0, atol=1e-9)


def test_past_the_cliff_the_flat_axis_still_shrinks_as_predicted(opened):
    app = opened(kappa=10, by="Mine", rate=-0.5, on=[GD], view="Predicted rates")
    row = view_table(app).iloc[1]
    assert value(row["measured, a step"]) == pytest.approx(value(row["predicted |1 − α λ|"]), abs=1e-4)


def test_a_mistaken_function_shows_a_sentence_and_the_default(opened):
    app = opened(f="Your function", own="__import__('os').system('x')", step=0)
    x, y = START
    assert frame(app).problem.startswith("f(x, y) =: ")
    assert told(app)[0][GD] == pytest.approx(np.sin(x) * y * y + np.exp(-x * x), rel=6e-3)
    app = fine(app.text_input(key="descent_own").set_value("x^2+y^2").run())
    assert not frame(app).problem
    assert told(app)[0][GD] == pytest.approx(x * x + y * y, rel=6e-3)
