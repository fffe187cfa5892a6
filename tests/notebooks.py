"""Run a notebook's cells the way somebody does who has never seen this project."""

import json
import os
import subprocess
import sys

import nbformat


def as_script(cells):
    """Run each cell in one namespace, as a notebook does; each starts with its own `from __future__`, if any."""
    loop = "for cell in cells:\n    exec(cell, space)\nprint('all cells ran')"
    return f"import json\nspace, cells = {{}}, json.loads({json.dumps(cells)!r})\n{loop}"


def code_of(text):
    """Return the code cells of a notebook's text."""
    return [cell.source for cell in nbformat.reads(text, as_version=4).cells if cell.cell_type == "code"]


def run_alone(text, folder):
    """Run Python text in a process that cannot find the project."""
    found = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    file = folder / "cells.py"
    file.write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", "-W", "error::SyntaxWarning", str(file)],
        cwd=folder, env=found, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
