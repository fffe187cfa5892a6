"""The notebook of a screen runs on a machine that has never seen this project, and its assertions mean something."""

import functools
import re
from dataclasses import dataclass
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from notebooks import as_script

from mml_core import eigen, iteration, transforms, vectors, warping
from mml_ui.frame import Call
from mml_ui.notebook import is_too_large, notebook

PHOTO = np.random.default_rng(3).integers(0, 256, (64, 64, 3), dtype=np.uint8)
A = np.array([[0.3, -1.2], [1.1, 1 / 3]])


def call(function, **arguments):
    return Call(function, arguments, function(**arguments))


CALLS = [
    call(transforms.interpolation, A=A, t=0.3),
    call(warping.warp_into_window, image=PHOTO, A=A, shift=np.zeros(2), half_size=(1.5, 1.5), radius=3.0, size=64),
    call(transforms.rank_nullspace_image, A=A, tol=1e-12),
    call(transforms.rotate_stretch_rotate, A=A),
    call(transforms.dials, A=A),
    call(warping.pixel_maps, image=PHOTO[:16, :16].copy(), A=A, size=(24, 24)),
]


@functools.cache
def text_of(places):
    return notebook("Title", "A claim.", "/transforms?transforms_turn=30", [CALLS[i] for i in places])


def book(calls=CALLS):
    places = tuple(i for c in calls for i, known in enumerate(CALLS) if known is c)
    known = len(places) == len(calls)
    return nbformat.reads(text_of(places) if known else notebook("Title", "A claim.", "/x", calls), as_version=4)


def code(calls=CALLS):
    return [cell.source for cell in book(calls).cells if cell.cell_type == "code"]


def test_the_project_cannot_be_found_there(alone):
    assert "No module named 'mml_core'" in alone("import mml_core").stderr


def test_all_cells_run_without_the_project(alone):
    done = alone(as_script(code()))
    assert done.returncode == 0, done.stderr
    assert "all cells ran" in done.stdout


def test_each_function_runs_alone_too(alone):
    done = alone("".join(as_script(code([c])) + "\n" for c in CALLS))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("all cells ran") == len(CALLS)


@pytest.mark.parametrize("i", range(len(CALLS)), ids=[c.function.__name__ for c in CALLS])
def test_a_wrong_result_fails_its_assertion(alone, i):
    """The function is replaced by one that returns something else of the same form."""
    cells = code([CALLS[i]])
    name = CALLS[i].function.__name__
    worse = f"""
import dataclasses as _d
def _worse(v):
    if isinstance(v, np.ndarray):
        return v + np.array(9).astype(v.dtype) if v.dtype != bool else ~v
    if _d.is_dataclass(v):
        return _d.replace(v, **{{f.name: _worse(getattr(v, f.name)) for f in _d.fields(v)}})
    return tuple(map(_worse, v)) if isinstance(v, tuple) else v + 1
_right = {name}
def {name}(*a, **k):
    return _worse(_right(*a, **k))
"""
    done = alone(as_script([cells[0], worse, *cells[1:]]))
    assert "AssertionError" in done.stderr


def test_a_value_off_by_a_millionth_fails_its_assertion(alone):
    call_cell, check_cell = code([CALLS[0]])[1:]
    assert "t=0.3" in call_cell
    done = alone(as_script([code([CALLS[0]])[0], call_cell.replace("t=0.3", "t=0.300001"), check_cell]))
    assert "AssertionError" in done.stderr


def test_it_is_a_valid_notebook_of_version_4():
    found = book()
    nbformat.validate(found)
    assert found.nbformat == 4
    assert len({cell["id"] for cell in found.cells}) == len(found.cells)


def test_the_same_screen_gives_the_same_bytes():
    assert notebook("T", "C.", "/x", CALLS[1:2]) == notebook("T", "C.", "/x", CALLS[1:2])
    assert notebook("T", "C.", "/x", CALLS[1:2]) != notebook("T", "C.", "/x", CALLS[2:3])


def test_nothing_of_the_project_is_imported():
    for cell in code():
        assert not re.search(r"^\s*(import|from)\s+(mml_|pages|streamlit)", cell, flags=re.MULTILINE), cell


def test_it_says_where_it_comes_from():
    first = book().cells[0].source
    assert first.startswith("# Title")
    assert "A claim." in first
    assert "/transforms?transforms_turn=30" in first


def test_the_source_is_the_one_that_ran():
    text = code([CALLS[0]])[0]
    assert "def interpolation(A: ArrayLike, t: float) -> Array:" in text
    assert text.count("def interpolation(") == text.count("def polar(") == text.count("def rotation(") == 1


def test_a_function_called_twice_is_told_once_with_its_last_arguments():
    calls = [call(transforms.rotation, theta=0.1), call(transforms.rotation, theta=0.2)]
    text = "\n".join(code(calls))
    assert "theta=0.2" in text
    assert "theta=0.1" not in text
    assert text.count("def rotation(") == 1


def test_numbers_are_written_to_their_last_bit():
    exact = float(np.nextafter(0.1, 1))
    text = code([call(transforms.rotation, theta=np.float64(exact))])[1]
    assert repr(exact) in text
    assert "float64(" not in text.replace("dtype=np.float64", "")


def test_a_large_array_is_packed_once_and_exactly(alone):
    cells = code([CALLS[1]])
    assert cells[1].count("unpacked(") == 1
    done = alone(as_script([cells[0], cells[1], "print(int(packed_1.astype(int).sum()), packed_1.shape, packed_1.dtype)"]))
    assert done.stdout.startswith(f"{int(PHOTO.astype(int).sum())} {PHOTO.shape} uint8"), done.stderr


def test_two_functions_of_one_name_are_refused():
    calls = [Call(function, {}, 1) for function in (transforms.projection, vectors.projection)]
    with pytest.raises(RuntimeError, match="Two modules of the core define projection"):
        notebook("T", "C.", "/x", calls)


@dataclass(frozen=True)
class Odd:
    a: object


def test_every_kind_of_result_gets_an_assertion_that_holds():
    from mml_ui import notebook as module

    values = [1, 2.5, "x", (1, 2), True, np.float64(0.1), np.zeros((2, 0)), np.arange(100), Odd(np.ones(3)), Odd(Odd(2.0))]
    for value in values:
        lines = module._assertions("v", value)
        assert lines
        exec("\n".join(lines), {"v": value, "np": np})
        wrong = SimpleNamespace(a=SimpleNamespace(a=99.0)) if isinstance(value, Odd) else np.full(7, 99)
        with pytest.raises((AssertionError, ValueError, TypeError)):
            exec("\n".join(lines), {"v": wrong, "np": np})


def test_complex_results_and_those_that_are_not_numbers_are_asserted_too(alone):
    turn, start = np.array([[0.0, -1.0], [1.0, 0.0]]), np.array([1.0, 0.0])
    calls = [call(eigen.spectrum, A=turn, tol=1e-14), call(iteration.power_iteration, A=turn, x0=start, n_steps=3)]
    assert np.iscomplexobj(calls[0].result.eigenvalues)
    assert np.isnan(calls[1].result.measured_rates).any() or calls[1].result.reason
    alone("\n".join(code(calls)))


def test_an_empty_list_of_points_keeps_its_shape():
    from mml_ui import notebook as module

    assert eval(module._written(np.zeros((0, 2)), {}), {"np": np}).shape == (0, 2)
    exec("\n".join(module._assertions("v", np.zeros((0, 2)))), {"v": np.zeros((0, 2)), "np": np})


def test_the_notebook_of_the_real_page_runs_and_notices_a_corrupted_value(open_page, tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    app = open_page("transforms", transforms_view="How the photo is turned", transforms_b1="0.5")
    assert not app.exception
    text = notebook("Transforms", "A claim.", "/transforms", app.session_state["mml"].frame.calls)
    assert len(text) < 3_000_000
    found = nbformat.reads(text, as_version=4)
    options = dict(timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}})
    NotebookClient(found, **options).execute()

    found = nbformat.reads(text, as_version=4)
    checks = next(c for c in found.cells if c.source.startswith("assert np.allclose(the_interpolation"))
    checks.source = checks.source.replace("0.8660254037844387", "0.8660264037844387", 1)
    found.cells = found.cells[: found.cells.index(checks) + 1]
    with pytest.raises(CellExecutionError, match="AssertionError"):
        NotebookClient(found, **options).execute()


@dataclass(frozen=True, eq=False)
class Numbers:
    """Some numbers."""

    values: np.ndarray


def test_data_that_several_functions_share_is_written_once(alone):
    from mml_core import graphs, pagerank

    web = graphs.Graph.from_edges([0, 1, 2], [1, 2, 0])
    calls = [
        call(graphs.in_degree, graph=web),
        call(pagerank.flows, graph=web, ranks=np.full(3, 1 / 3), damping=0.5),
        call(graphs.transition_matrix, graph=web),
    ]
    cells = code(calls)
    assert sum("graph = Graph(" in cell for cell in cells) == 1
    assert sum("graph=graph" in cell for cell in cells) == 3
    assert "all cells ran" in alone(as_script(cells)).stdout


def test_what_one_function_returned_is_passed_on_by_name(alone):
    from mml_core import graphs

    edges = Call(graphs.Graph.from_edges, dict(sources=[0, 1], targets=[1, 0]), graphs.Graph.from_edges([0, 1], [1, 0]))
    cells = code([edges, Call(graphs.in_degree, dict(graph=edges.result), graphs.in_degree(edges.result))])
    assert any("the_from_edges = Graph.from_edges(" in cell for cell in cells)
    assert any("in_degree(graph=the_from_edges)" in cell for cell in cells)
    assert "all cells ran" in alone(as_script(cells)).stdout


def test_data_too_large_for_a_notebook_are_known_before_it_is_written():
    small, large = (Call(len, dict(x=Numbers(np.zeros(n))), n) for n in (1000, 2_000_000))
    assert not is_too_large([small, small])
    assert is_too_large([small, large])
