"""Home: the explorers by part of the course, each with its claim."""

import streamlit as st

from mml_ui import contents, page

page.home()
for part in contents.PARTS:
    here = [e for e in contents.EXPLORERS if e.part == part]
    if here:
        st.subheader(part, anchor=False)
    for e in here:
        with st.container(border=True):
            contents.link(e.url, f"**{e.name}**")
            st.markdown(e.claim)
