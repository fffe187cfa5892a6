"""What can be taken home, and what can be brought along."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from PIL import Image

SVG = "{http://www.w3.org/2000/svg}"


def downloaded(screen, button):
    """Press a button and return the name and the bytes of the file that comes."""
    with screen.page.expect_download() as waiting:
        button.click()
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


@pytest.fixture
def drawer(open):
    """A page, turned a little, with the drawer "Take this home" open."""
    screen = open("/transforms?transforms_turn=20&transforms_home=true")
    if screen.control("transforms_notebook").count() == 0:
        screen.page.get_by_text("Take this home").click()
    screen.control("transforms_notebook").wait_for()
    screen.settle()
    return screen


def test_notebook_svg_tables_and_photo_come_as_files(drawer):
    name, data = downloaded(drawer, drawer.control("transforms_notebook").get_by_role("button"))
    assert name == "transforms.ipynb"
    notebook = nbformat.reads(data.decode(), as_version=4)
    nbformat.validate(notebook)
    assert notebook.nbformat == 4
    assert "transforms_turn=20" in "".join(cell.source for cell in notebook.cells)

    name, data = downloaded(drawer, drawer.control("mml_save_transforms_main").get_by_role("button"))
    assert name == "transforms-main.svg"
    svg = ElementTree.fromstring(data)
    assert svg.tag == f"{SVG}svg"
    images = list(svg.iter(f"{SVG}image"))
    assert len(images) == 1
    assert images[0].attrib["{http://www.w3.org/1999/xlink}href"].startswith("data:image/jpeg;base64,")
    assert "e₁ lands at (0.9397, 0.342)" in svg.attrib["aria-label"]
    assert next(iter(svg)).attrib["fill"] == "rgb(255, 255, 255)"

    name, data = downloaded(drawer, drawer.control("mml_save_transforms_main_tables").get_by_role("button"))
    assert name == "transforms-main-tables.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert set(archive.namelist()) == {"strokes.csv", "marks.csv", "picture.csv"}
        assert len(archive.read("strokes.csv").splitlines()) > 20

    name, data = downloaded(drawer, drawer.control("transforms_full").get_by_role("button"))
    assert name.endswith("-transformed.jpg")
    photo = Image.open(io.BytesIO(data))
    assert photo.format == "JPEG"
    assert min(photo.size) > 400, "the photo is larger than the one on the screen"


def test_own_photo_takes_the_place_of_the_sample_and_a_false_one_does_not(open):
    screen = open()
    rng = np.random.default_rng(1)
    file = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (60, 90, 3), dtype=np.uint8)).save(file, "PNG")
    shown = "mmlTest.picture()"
    sample = screen.page.evaluate(shown)
    screen.page.get_by_role("button", name="Your photo").click()
    chooser = screen.page.locator('[data-testid="stFileUploaderDropzoneInput"]')
    chooser.wait_for(state="attached")
    chooser.set_input_files({"name": "mine.png", "mimeType": "image/png", "buffer": file.getvalue()})
    screen.until(f"(before) => {shown} !== before", sample)
    screen.settle()
    mine = screen.page.evaluate(shown)
    back = "document.querySelector('.mml-back img').src"
    screen.until(f"(now) => {back} === now", mine)

    chooser.set_input_files({"name": "false.png", "mimeType": "image/png", "buffer": b"this is not a picture at all"})
    screen.until("() => mmlTest.says().includes('The picture before it stays')")
    screen.settle()
    assert screen.page.evaluate(shown) == mine
