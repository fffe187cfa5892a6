"""The story of the page Rank your own web: rank against links in, who is unlike what they let expect, one link more or less."""

import gzip
import io
import re

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from screens import figure, fine, frame, says, text

from mml_core import pagerank

NUMBER = r"−?\d+(?:\.\d+)?(?:e[+−]\d+)?"
NEAR = "Neighbourhood and what if"
SNAP = (
    b"# Directed graph\r\n# Nodes: 4 Edges: 5\r\n# FromNodeId\tToNodeId\r\n"
    b"10\t20\r\n20\t30\r\n30\t10\r\n1000000000\t10\r\n10\t30\r\n"
)


@pytest.fixture
def opened(open_page):
    def page(**names):
        return fine(open_page("webgraph", **{f"webgraph_{name}": str(value) for name, value in names.items()}))

    return page


def ranking(app):
    return next(c for c in reversed(frame(app).calls) if c.function is pagerank.pagerank)


def upload(app, name, data):
    return fine(app.file_uploader(key="webgraph_file").set_value((name, data, "text/csv")).run())


def number(found):
    return float(found.replace("−", "-").replace(",", ""))


def test_one_sees_the_library_and_who_is_unlike_its_number_of_links(opened):
    app = opened()
    assert says(app).startswith("**sys** ranks first of ")
    assert re.search(r"\\_codecs has 1 link in, and \d+ times the rank that they alone let expect\.$", says(app))
    labels = set(figure(app).tables["labels"]["text"]) - {""}
    assert {"sys", "_codecs", "encodings", "socket"} <= labels


def test_the_ranks_are_those_of_networkx(opened):
    run = ranking(opened())
    graph = run.arguments["graph"]
    web = nx.DiGraph()
    web.add_nodes_from(range(graph.n_pages))
    web.add_edges_from(zip(graph.sources.tolist(), graph.targets.tolist(), strict=True))
    expected = nx.pagerank(web, alpha=0.85, tol=1e-12 / graph.n_pages, max_iter=1000)
    assert np.abs(run.result.ranks - [expected[i] for i in range(graph.n_pages)]).sum() < 2e-10


@pytest.mark.parametrize("d", [0.01, 0.5, 0.99])
def test_the_axes_stay_while_the_damping_moves(opened, d):
    assert figure(opened(d=d)).spec == figure(opened()).spec


def test_both_methods_give_the_same_ranks(opened):
    one, other = ranking(opened()), ranking(opened(method="Gauss-Seidel"))
    assert other.result.method == "Gauss-Seidel"
    assert other.result.n_steps < one.result.n_steps
    assert np.abs(one.result.ranks - other.result.ranks).sum() < 2e-10


def test_a_page_is_found_by_its_name(opened):
    app = opened(page="json.decoder")
    assert re.search(r"\*\*json.decoder\*\*: rank 0\.\d+, place [\d,]+; \d+ links in, place [\d,]+", text(app))
    app.text_input(key="webgraph_page").set_value("jason.decoder").run()
    assert "there is no page “jason.decoder” in Python's library; there are json.decoder" in frame(fine(app)).problem
    assert "**json.decoder**" in text(app), "the page chosen before stays"


def test_a_large_web_is_ranked_with_a_bar_and_says_how_large_it_is(opened):
    app = opened(web="100,000 pages")
    (status,) = app.status
    assert re.fullmatch(r"100,000 pages, 1,000,000 links, 2\d,\d{3} dead ends · \d+ steps", status.label)
    assert status.state == "complete"
    assert not frame(app).controls["webgraph_d"].live
    assert frame(opened()).controls["webgraph_d"].live


def test_the_reader_s_own_web_comes_as_it_is(opened):
    app = upload(opened(web="Yours"), "web.txt", SNAP)
    run = ranking(app)
    assert run.arguments["graph"].n_pages == 4, "an identifier of a thousand million takes no more room than another"
    assert says(app).startswith("**10** ranks first of 4") or says(app).startswith("**30** ranks first of 4")
    again = upload(opened(web="Yours"), "web.csv.gz", gzip.compress(b"a;b;2\nb;a;1\na;c;1\n"))
    weights = ranking(again).arguments["graph"].weights
    assert sorted(weights.tolist()) == [1, 1, 2]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"alone\nlonely\n", "line 1"),
        (b"a,b,1\nb,c,heavy\n", "line 2"),
        (b"a,b,1\nb,c,-1\n", "line 2"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", ""),
    ],
)
def test_what_cannot_be_read_gets_a_sentence_and_the_web_before_stays(opened, data, words):
    app = upload(opened(web="Yours"), "good.csv", b"a,b\nb,a\nb,c\n")
    before = says(app)
    app = upload(app, "bad.csv", data)
    assert frame(app).problem.startswith('"bad.csv" ')
    assert words in frame(app).problem
    assert frame(app).problem.endswith(" The web before it stays.")
    assert says(app) == before


def test_results_of_an_upload_stay_with_the_visitor(opened):
    from mml_ui import cache

    app = upload(opened(web="Yours"), "web.csv", b"a,b\nb,a\nb,c\n")
    assert cache.is_private(ranking(app).arguments["graph"])
    assert cache.is_private(ranking(app).result)


def test_the_first_hundred_have_their_place_in_both_orders(opened):
    app = opened(view="The first 100")
    (shown,) = app.dataframe
    found = shown.value
    assert len(found) == 100
    assert found["Place"].tolist() == sorted(found["Place"])
    ranks, degrees = ranking(app).result.ranks, np.diff(ranking(app).arguments["graph"].indptr)
    order = np.argsort(-ranks, kind="stable")[:100]
    assert np.allclose(found["Rank, %"], 100 * ranks[order], rtol=0, atol=5e-5)
    assert found["Links in"].tolist() == degrees[order].tolist()
    assert (found["Place by links in"] - found["Place"] == found["Gained by rank"]).all()


def test_a_link_more_lifts_a_page_and_taken_away_again_it_falls(opened):
    app = opened(view=NEAR, page="turtle", change="One link more", other="sys")
    before, after, old, new = (
        number(n)
        for n in re.search(
            rf"drawn: rank ({NUMBER}) → \*\*({NUMBER})\*\*, place ([\d,]+) → \*\*([\d,]+)\*\*", text(app)
        ).groups()
    )
    assert after > 5 * before
    assert new < old
    app = opened(view=NEAR, page="_abc", change="One link less", other="abc")
    before, after = (number(n) for n in re.search(rf"taken away: rank ({NUMBER}) → \*\*({NUMBER})\*\*", text(app)).groups())
    assert after < before / 3


def test_a_link_that_is_not_there_cannot_be_taken_away(opened):
    app = opened(view=NEAR, page="_abc", change="One link less", other="sys")
    assert "there is no link from" in text(app)


def test_the_neighbourhood_is_the_page_and_its_links(opened):
    app = opened(view=NEAR, page="_abc")
    pages = figure(app, "near").tables["pages"]
    assert "_abc" in set(pages["page"])
    assert len(pages) <= 17
    assert {link.split("→")[1] for link in figure(app, "near").tables["links"]["link"]} >= {"_abc"}
    assert frame(app).pads[0]["names"][0] == "_abc"
    assert frame(app).pads[0]["key"] is None, "here no links are drawn"


def test_all_ranks_come_as_a_table(opened):
    app = opened(d=0.5)
    app.session_state["webgraph_home"] = True
    app = fine(app.run())
    assert "All ranks as CSV" in {b.label for b in app.get("download_button")}
    from mml_ui import tables

    data = tables.as_csv({"page": np.array(["a", 'b"c'], object), "rank": np.array([0.75, 0.25])})
    found = pd.read_csv(io.BytesIO(data))
    assert found["page"].tolist() == ["a", 'b"c']
    assert found["rank"].tolist() == [0.75, 0.25]
