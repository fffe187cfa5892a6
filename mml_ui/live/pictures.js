// A picture inside a chart blinks: Vega draws one frame without it whenever it changes. So the picture that is seen is a
// buffer behind the chart, swapped only when the next one is decoded; the one in the chart stays for saving and printing.
function createPictures() {
  const watched = new Map();

  function refresh(state) {
    const svg = DOM.svg(state.key), host = DOM.figure(state.key);
    if (!host) return;
    const images = svg ? DOM.images(svg).filter((image) => DOM.href(image)) : [];
    if (!images.length) {
      // The frame without a picture, or a figure that has none any more: wait before believing the latter.
      clearTimeout(state.gone);
      state.gone = setTimeout(() => { if (!(DOM.svg(state.key) && DOM.images(DOM.svg(state.key)).some(DOM.href))) state.layer?.replaceChildren(); }, 250);
      return;
    }
    clearTimeout(state.gone);
    if (!state.layer || state.layer.parentElement !== host) {
      state.layer = make("div", "mml-back", { "aria-hidden": "true" });
      host.prepend(state.layer);
      host.classList.add("mml-buffered");
    }
    images.forEach((image, i) => {
      const url = DOM.href(image);
      let back = state.layer.children[i];
      if (!back) { back = make("img", "", { alt: "" }); state.layer.appendChild(back); }
      position(back, image, state.key);
      if (back.dataset.next === url) return;
      back.dataset.next = url;
      const stamp = (state.stamp = (state.stamp ?? 0) + 1);
      const next = new Image();
      next.src = url;
      next.decode().then(() => {
        if (stamp < (back.stamp ?? 0)) return;
        back.stamp = stamp; back.src = url;
      }).catch(() => { /* a picture that cannot be decoded leaves the last one standing */ });
    });
    while (state.layer.children.length > images.length) state.layer.lastChild.remove();
  }

  // The picture's own attributes say where it lies in the plot; Vega writes them in the chart's pixels.
  function position(back, image, key) {
    const place = Places.of(key);
    if (!place) return;
    const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(image.getAttribute(name)) * place.scale);
    const shift = /translate\(([-\d.e]+)[ ,]+([-\d.e]+)\)/.exec(image.getAttribute("transform") ?? "");
    const [dx, dy] = shift ? [Number(shift[1]) * place.scale, Number(shift[2]) * place.scale] : [0, 0];
    Object.assign(back.style, { left: `${place.left + x + dx}px`, top: `${place.top + y + dy}px`, width: `${width}px`, height: `${height}px` });
  }

  return {
    update(keys) {
      for (const key of keys) {
        const host = DOM.figure(key);
        if (!host || watched.get(key)?.host === host) continue;
        watched.get(key)?.observer.disconnect();
        const state = { key, host };
        state.observer = new MutationObserver((changes) => { if (changes.some((c) => !state.layer?.contains(c.target) && !c.target.closest?.(".mml-grips, .mml-pad"))) refresh(state); });
        state.observer.observe(host, { subtree: true, childList: true, attributes: true, attributeFilter: ["href", "xlink:href", "width", "height"] });
        watched.set(key, state);
        refresh(state);
      }
    },
    refresh() { for (const state of watched.values()) refresh(state); },
    close() { for (const state of watched.values()) { state.observer.disconnect(); clearTimeout(state.gone); state.layer?.remove(); state.host.classList.remove("mml-buffered"); } },
  };
}
