// Sliders answer while they are dragged. The native slider stays the widget: on release it sends its own value, and rules.
function createDrag(link, controls, pause) {
  let key = null, ending = null, frame = 0, last = null;

  function watch() {
    const range = DOM.range(key);
    if (range && range.value !== last) {
      last = range.value;
      link.hold({ ...(controls()[key].sets ?? {}), [key]: Number(range.value) });
    }
    frame = requestAnimationFrame(watch);
  }

  function begin(event) {
    const slider = DOM.slider(event.target);
    if (!slider || event.target.closest(".mml-play")) return;
    const found = Object.keys(controls()).find((k) => controls()[k].live && DOM.control(k)?.contains(slider));
    if (!found) return;
    pause(found);
    key = found; last = DOM.range(key)?.value ?? null;
    frame = requestAnimationFrame(watch);
  }

  function end(event) {
    // A button that loses the focus to the slider is no lost pointer; the window that loses it is.
    if (key === null || (event.type === "blur" && event.target !== window)) return;
    cancelAnimationFrame(frame);
    const ended = key;
    key = null;
    if (link.held(ended) === undefined) return;
    // A lost pointer: the native slider may not hear of it, so what it shows is written for it.
    if (event.type !== "pointerup") { link.release(); return; }
    // Two frames later the native slider has sent its value, so that no old one shows in between. It keeps its own text
    // till then: a late answer would paint an older value over it, and nothing would paint it anew.
    ending = ended;
    requestAnimationFrame(() => requestAnimationFrame(() => { ending = null; link.release(ended); }));
  }

  const starts = [["pointerdown", begin]];
  const ends = [["pointerup", end], ["pointercancel", end], ["blur", end], ["lostpointercapture", end]];
  for (const [name, act] of [...starts, ...ends]) window.addEventListener(name, act, true);
  return {
    dragging: () => key ?? ending,
    close() { cancelAnimationFrame(frame); for (const [name, act] of [...starts, ...ends]) window.removeEventListener(name, act, true); },
  };
}
