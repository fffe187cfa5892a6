"""Links as a reader types them: what is read, how it is written back, and the sentence for what cannot be read."""

import re
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mml_ui import typed_links
from mml_ui.typed_links import parsed, settled, weights

NAMES = st.text(string.ascii_letters + string.digits + "._-é漢", min_size=1, max_size=8)


def links_of(text):
    web = parsed(text)
    return {(web.names[a], web.names[b]) for a, b in web.links}


@pytest.mark.parametrize(
    "line",
    [
        "A -> B, C",
        "A->B,C",
        "A → B C",
        "A: B C",
        "A > B,, C,",
        "A => B ,C",
        "  A   --> B   C  ",
        "A ==> B\tC",
        "A:\tB, C",
        "A ⇒ B; A>C",
    ],
)
def test_arrows_commas_and_blanks_are_forgiven(line):
    assert links_of(line) == {("A", "B"), ("A", "C")}


@pytest.mark.parametrize("line", ["A <- B", "A<--B", "A <= B", "A ← B"])
def test_an_arrow_may_point_back(line):
    assert links_of(line) == {("B", "A")}


@pytest.mark.parametrize("line", ["A <-> B", "A<=>B", "A ↔ B", "A -> B; B -> A"])
def test_an_arrow_may_point_both_ways(line):
    assert links_of(line) == {("A", "B"), ("B", "A")}


def test_a_name_alone_is_a_page_without_links():
    assert parsed("A -> B\nD\n\nB") == typed_links.TypedWeb(("A", "D", "B"), ((0, 2),))


def test_pages_stand_in_the_order_of_their_lines_then_as_they_are_linked_to():
    assert parsed("C -> Z, A\nA -> B").names == ("C", "A", "Z", "B")


def test_several_pages_may_stand_before_the_arrow_and_a_page_may_link_to_itself():
    assert links_of("A, B -> B") == {("A", "B"), ("B", "B")}


def test_a_link_counts_once_however_often_it_is_typed():
    assert parsed("A -> B, B; A > B").links == ((0, 1),)


def test_hyphens_dots_colons_within_names_are_part_of_them():
    assert links_of("my-page -> json.decoder, http://a") == {("my-page", "json.decoder"), ("my-page", "http://a")}


@given(st.lists(NAMES, min_size=1, max_size=8, unique=True), st.data())
def test_what_is_written_is_read_back_the_same(names, data):
    place = st.integers(0, len(names) - 1)
    links = tuple(sorted(data.draw(st.sets(st.tuples(place, place), max_size=20))))
    web = typed_links.TypedWeb(tuple(names), links)
    assert parsed(web.text) == web
    assert parsed(web.text.replace("\n", ";").replace(" -> ", "→")) == web


@given(st.lists(NAMES, min_size=2, max_size=6, unique=True), st.data())
def test_a_drawn_link_is_there_and_drawn_again_it_is_gone_and_no_page_has_moved(names, data):
    a, b = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names))
    web = typed_links.TypedWeb(tuple(names), ())
    once = settled(f"{web.text}\n{a} ~> {b}")
    assert links_of(once) == {(a, b)}
    assert parsed(once).names == web.names
    assert settled(f"{once}\n{a} ~> {b}") == web.text


def test_text_without_a_drawn_link_stays_as_it_was_typed():
    assert settled("A>B ,C\n\n") == "A>B ,C\n\n"


def test_text_that_cannot_be_read_stays_as_it_was_typed():
    assert settled("A -> B -> C\nA ~> B") == "A -> B -> C\nA ~> B"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "there is no page; write a page and the pages it links to, such as A -> B, C."),
        (" ;\n; ", "there is no page"),
        ("A -> B\nA -> B -> C", "line 2, “A -> B -> C”, has more than one arrow"),
        ("-> B", "line 1, “-> B”, names no page before its arrow"),
        ("A -> " + "x" * 30, "is no name of a page; write at most 24 letters or digits."),
        ("A -> b\x00c", "is no name of a page"),
        ("A:, B", "“A:” is no name of a page"),
        (" ".join(f"n{i}" for i in range(201)), "there are 201 pages; at most 200 can be typed."),
    ],
)
def test_a_mistake_gets_a_sentence(text, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        parsed(text)


@given(st.text(max_size=200))
def test_any_text_is_a_web_or_gets_a_sentence(text):
    assert settled(text) is not None
    try:
        web = parsed(text)
    except ValueError as mistake:
        said = str(mistake)
    else:
        assert parsed(web.text) == web
        said = "it was read."
    assert said.endswith((".", "uploaded."))


def test_weights_are_read_by_page():
    names = ["A", "B", "C"]
    assert weights("", names) is None
    assert np.array_equal(weights("C", names), [0, 0, 1])
    assert np.array_equal(weights("A = 2, C=.5 ;B", names), [2, 1, 0.5])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Z", "“Z” is none of the pages; write names such as A = 2."),
        ("A=-1", "the weight must be a number of 0 or more"),
        ("A=nan", "the weight must be a number of 0 or more"),
        ("A=1e999", "the weight must be a number of 0 or more"),
        ("A=0", "all weights are 0; give at least one page some"),
    ],
)
def test_weights_that_cannot_be_read_get_a_sentence(text, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        weights(text, ["A", "B"])
