"""The contents list and the folder of pages are equal."""

import ast
from pathlib import Path

import pytest

from mml_ui import contents

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "pages").glob("*.py"))


def test_every_page_is_in_the_contents_list_and_the_other_way_round():
    assert sorted(e.url for e in contents.EXPLORERS) == [page.stem for page in PAGES]


def test_no_explorer_is_listed_twice():
    for attribute in ("url", "name", "claim"):
        values = [getattr(e, attribute) for e in contents.EXPLORERS]
        assert len(values) == len(set(values)), attribute


@pytest.mark.parametrize("explorer", contents.EXPLORERS, ids=lambda e: e.url)
def test_every_claim_is_one_short_sentence(explorer):
    assert explorer.claim.endswith(".")
    assert explorer.claim[0].isupper()
    assert len(explorer.claim) <= 90
    assert explorer.name.strip() == explorer.name != ""


def test_every_explorer_belongs_to_a_known_part_and_parts_are_in_order():
    parts = [e.part for e in contents.EXPLORERS]
    assert set(parts) <= set(contents.PARTS)
    assert parts == sorted(parts, key=contents.PARTS.index)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_runs_under_its_own_name(page):
    runs = [
        node
        for node in ast.walk(ast.parse(page.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "page.run"
    ]
    assert len(runs) == 1
    name = runs[0].args[0]
    assert isinstance(name, ast.Constant)
    assert name.value == page.stem


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_names_of_pages_are_plain_words_for_a_link(page):
    assert page.stem.replace("_", "").isalpha()
    assert page.stem.islower()


def test_an_explorer_is_found_by_its_url():
    for e in contents.EXPLORERS:
        assert contents.explorer(e.url) is e
