// Pads: the pages of a web on a figure. A drag from one page to another draws a link, or takes it away if it is there; so do
// Enter on one page and Enter on the other. A tap chooses a page, a click on a link takes the link away.
function createDrawing(link, pause) {
  const NEAR = 30, TAP = 8;  // pixels: what counts as on a page, and as no move at all
  const shown = new Map();
  let from = null;  // the page in the hand, or the one that waits for its other end: {pad, name, key, ...}

  const text = (pad, a, b) => ({ ...pad.sets, [pad.key]: `${pad.text}\n${a} ~> ${b}` });
  const draw = (pad, a, b) => { link.hold(text(pad, a, b)); link.release(); };
  const choose = (pad, name) => { link.hold({ [pad.chosen]: name }); link.release(); };

  function spot(pad, i) {
    const box = Places.of(pad.figure), [left, right, bottom, top] = pad.window, [x, y] = pad.at[i];
    return box && [box.left + ((x - left) / (right - left)) * box.width, box.top + ((top - y) / (top - bottom)) * box.height];
  }

  function layerOf(pad) {
    const host = DOM.figure(pad.figure);
    if (!host) return null;
    let layer = host.querySelector(":scope > .mml-pad");
    if (!layer) {
      layer = make("div", "mml-pad");
      layer.innerHTML = '<svg class="mml-rubber" aria-hidden="true"><line></line></svg>';
      host.appendChild(layer);
      host.addEventListener("pointerdown", (event) => press(pad.figure, event));
      host.addEventListener("click", (event) => click(pad.figure, event));
    }
    return layer;
  }

  // A link is taken away by a click on it that is no drag and no scroll.
  let pressed = null;
  const linkAt = (event) => event.target.closest?.("svg.marks") ? datumOf(event.target)?.link : undefined;
  function press(figure, event) { pressed = [figure, event.clientX, event.clientY, linkAt(event)]; }
  function click(figure, event) {
    const name = linkAt(event), pad = shown.get(figure)?.pad;
    if (!pad || !name || !pressed || pressed[3] !== name || Math.hypot(event.clientX - pressed[1], event.clientY - pressed[2]) > TAP) return;
    const [a, b] = name.split("→");
    if (pad.key && pad.names.includes(a) && pad.names.includes(b)) { pause(null); draw(pad, a, b); }
  }

  function rubber(entry, to) {
    const line = entry.layer.querySelector("line"), svg = line.parentElement;
    svg.style.display = to ? "block" : "none";
    if (!to) return;
    const [x, y] = spot(entry.pad, from.index);
    for (const [name, value] of [["x1", x], ["y1", y], ["x2", to[0]], ["y2", to[1]]]) line.setAttribute(name, value);
  }

  function under(entry, x, y) {
    let best = null, least = NEAR;
    entry.pad.names.forEach((name, i) => {
      const [a, b] = spot(entry.pad, i), distance = Math.hypot(a - x, b - y);
      if (distance < least) { least = distance; best = name; }
    });
    return best;
  }

  function light(entry) {
    for (const button of entry.layer.querySelectorAll(".mml-page")) {
      button.classList.toggle("mml-from", from?.entry === entry && button.dataset.page === from.name);
      button.classList.toggle("mml-to", from?.entry === entry && button.dataset.page === from.over);
    }
  }

  function move(event) {
    if (!from || from.pointer !== event.pointerId) return;
    const { entry, name } = from, { pad } = entry;
    const box = DOM.figure(pad.figure).getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > NEAR) from.left = true;
    if (!pad.key) return;
    const over = under(entry, x, y), target = over === name && !from.left ? null : over;
    rubber(entry, [x, y]);
    if (target !== from.over) {
      from.over = target;
      if (pad.live) link.hold(target ? text(pad, name, target) : { ...pad.sets, [pad.key]: pad.text });
      light(entry);
    }
  }

  function finish(event) {
    if (!from || from.pointer !== event.pointerId) return;
    const { entry, name, over } = from, { pad } = entry;
    const tapped = !over && Math.hypot(event.clientX - from.x, event.clientY - from.y) <= TAP;
    rubber(entry, null); from = null; light(entry);
    if (event.type === "pointerup" && over) draw(pad, name, over);
    else if (event.type === "pointerup" && tapped) choose(pad, name);
    else if (link.holding()) { link.hold({ ...pad.sets, [pad.key]: pad.text }); link.release(); }
  }

  function button(figure, name) {
    const element = make("div", "mml-page", { role: "button", tabindex: "0", "data-page": name });
    element.setAttribute("aria-label", shown.get(figure).pad.key ? `${name}: drag to a page to link it, or press Enter here and there; Space chooses it` : `${name}: ${shown.get(figure).pad.hint}`);
    element.addEventListener("pointerdown", (event) => {
      if (event.button > 0) return;
      const entry = shown.get(figure);
      pause(null);
      element.setPointerCapture(event.pointerId);
      from = { entry, name, index: entry.pad.names.indexOf(name), pointer: event.pointerId, x: event.clientX, y: event.clientY, over: null };
      element.focus({ preventScroll: true }); light(entry);
      event.preventDefault(); event.stopPropagation();
    });
    element.addEventListener("pointermove", move);
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) element.addEventListener(end, finish);
    element.addEventListener("keydown", (event) => {
      const entry = shown.get(figure);
      if (event.key === "Escape" && from) { from = null; light(entry); }
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault(); event.stopPropagation(); pause(null);
      if (event.key === " " || !entry.pad.key) { choose(entry.pad, name); return; }
      if (from?.entry === entry && from.pointer === undefined) { const start = from.name; from = null; light(entry); draw(entry.pad, start, name); return; }
      from = { entry, name, index: entry.pad.names.indexOf(name), over: null }; light(entry);
    });
    return element;
  }

  function place(entry) {
    entry.pad.names.forEach((name, i) => {
      const at = spot(entry.pad, i), element = entry.buttons.get(name);
      if (at && element) { element.style.left = `${at[0]}px`; element.style.top = `${at[1]}px`; }
    });
  }

  // The Tab key goes from page to page in their order.
  function arrange({ pad, layer, buttons }) {
    const there = [...layer.querySelectorAll(".mml-page")], focused = document.activeElement;
    if (pad.names.every((name, i) => there[i] === buttons.get(name))) return;
    layer.append(...pad.names.map((name) => buttons.get(name)));
    if (layer.contains(focused)) focused.focus({ preventScroll: true });
  }

  return {
    update(pads) {
      for (const pad of pads) {
        const layer = layerOf(pad);
        if (!layer) continue;
        let entry = shown.get(pad.figure);
        if (!entry || entry.layer !== layer) { entry = { buttons: new Map() }; shown.set(pad.figure, entry); layer.querySelectorAll(".mml-page").forEach((old) => old.remove()); }
        Object.assign(entry, { pad, layer });
        for (const [name, element] of entry.buttons) if (!pad.names.includes(name)) { element.remove(); entry.buttons.delete(name); }
        for (const name of pad.names) if (!entry.buttons.has(name)) entry.buttons.set(name, button(pad.figure, name));
        arrange(entry);
        place(entry);
      }
      for (const [figure, entry] of shown) if (!pads.some((pad) => pad.figure === figure)) { entry.layer.querySelectorAll(".mml-page").forEach((old) => old.remove()); shown.delete(figure); }
    },
    place() { for (const entry of shown.values()) place(entry); },
    close() { for (const entry of shown.values()) entry.layer.remove(); },
  };
}
