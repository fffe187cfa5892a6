"""The contents list: every explorer that exists, in the order of the course. A test holds it and `pages/` equal."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Explorer:
    """One line of the contents list; `url` is the page's file name and path."""

    url: str
    name: str
    claim: str
    part: str


@dataclass(frozen=True)
class Step:
    """Where to go from a page, and why."""

    url: str
    why: str


PARTS = ("Linear algebra", "Multivariate calculus", "Dimensionality reduction")

EXPLORERS = (
    Explorer("vectors", "Vectors", "The dot product is one length times the other's shadow.", "Linear algebra"),
    Explorer("transforms", "Transforms", "A matrix is where two arrows land.", "Linear algebra"),
    Explorer("eigen", "Eigenvectors", "Most directions turn; these only stretch.", "Linear algebra"),
    Explorer("pagerank", "PageRank", "Important pages are those that important pages link to.", "Linear algebra"),
    Explorer("webgraph", "Rank your own web", "The same short loop ranks millions.", "Linear algebra"),
    Explorer("gradients", "Gradients", "Steepest up lies in the floor, across the contour.", "Multivariate calculus"),
    Explorer("descent", "Descent", "Past 2/λ_max it explodes.", "Multivariate calculus"),
    Explorer("neural_net", "Neural net", "Layers bend space until a straight cut works.", "Multivariate calculus"),
    Explorer("backprop", "Backprop", "Blame is slopes multiplied along paths, summed over paths.", "Multivariate calculus"),
    Explorer("covariance", "Covariance", "The average signed rectangle from the mean.", PARTS[2]),
    Explorer("pca", "PCA", "Turn the axes to the spread, drop the quiet ones.", PARTS[2]),
    Explorer("reduction", "How few numbers are enough?", "Ten numbers do 64's work; sometimes they do not.", PARTS[2]),
)  # fmt: skip

HOME = "streamlit_app.py"


def explorer(url: str) -> Explorer:
    """Return the explorer of that URL."""
    return next(e for e in EXPLORERS if e.url == url)


def link(url: str, label: str, query: dict[str, str] | None = None, *, disabled: bool = False) -> None:
    """Draw a link to a page that keeps what must travel along (lecture mode)."""
    lecture = st.query_params.get("lecture")
    travelling = {**({"lecture": lecture} if lecture else {}), **(query or {})}
    page = HOME if url == "" else f"pages/{url}.py"
    st.page_link(page, label=label, query_params=travelling or None, disabled=disabled)


def sidebar(current: str) -> None:
    """Draw the contents list in the sidebar, by part, the current page marked."""
    with st.sidebar:
        link("", "**MML Explorers**" if current else "**MML Explorers** ·", disabled=False)
        for part in PARTS:
            here = [e for e in EXPLORERS if e.part == part]
            if not here:
                continue
            st.caption(part)
            for e in here:
                link(e.url, f"**▸ {e.name}**" if e.url == current else e.name)
