"""The least page that answers to a slider: what Streamlit itself costs for each interaction."""

import streamlit as st

st.write(st.slider("Turn", -180.0, 180.0, 30.0, step=1.0, key="turn"))
