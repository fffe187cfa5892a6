// Grips: named places on a figure that can be dragged, tapped and moved with the arrow keys. A grip follows the pointer at
// once, in the browser; the picture follows the server.
function createHandles(link, pause) {
  const grips = new Map();
  let active = null;

  const layerOf = (figure) => {
    const host = DOM.figure(figure);
    if (!host) return null;
    let layer = host.querySelector(":scope > .mml-grips");
    if (!layer) { layer = make("div", "mml-grips"); host.appendChild(layer); }
    return layer;
  };

  function place(grip) {
    const box = Places.of(grip.spec.figure);
    if (!box) return;
    const [left, right, bottom, top] = grip.spec.window;
    // What lies outside the window is held at its edge, on the way from its origin: where the arrow's edge mark is.
    const [ox, oy] = grip.spec.origin, dx = grip.at[0] - ox, dy = grip.at[1] - oy;
    const reach = (d, o, low, high) => (d > 0 ? (high - o) / d : d < 0 ? (low - o) / d : Infinity);
    const part = clamp(Math.min(1, reach(dx, ox, left, right), reach(dy, oy, bottom, top)), 0, 1);
    const x = ox + part * dx, y = oy + part * dy;
    grip.element.style.left = `${box.left + ((x - left) / (right - left)) * box.width}px`;
    grip.element.style.top = `${box.top + ((top - y) / (top - bottom)) * box.height}px`;
    const dial = grip.spec.dial, text = dial ? `${degrees(grip, ...grip.at)}°` : meant(grip).map((v) => Number(v.toFixed(2))).join(", ");
    grip.bubble.textContent = dial ? `${grip.spec.label} ${text}` : `${grip.spec.label} (${text})`;
    grip.element.setAttribute("aria-valuenow", dial ? degrees(grip, ...grip.at) : grip.at[0].toFixed(2));
    grip.element.setAttribute("aria-valuetext", `${grip.spec.label} at ${text}`);
  }

  const rounded = (grip, v) => tidy(v, snapping(grip.spec.figure) ? grip.spec.snap : grip.spec.step);
  // What a place means for the controls: off its origin, and back through the map that it is drawn under.
  const meant = (grip) => {
    const { origin, back } = grip.spec, dx = grip.at[0] - origin[0], dy = grip.at[1] - origin[1];
    const [x, y] = back ? [back[0] * dx + back[1] * dy, back[2] * dx + back[3] * dy] : [dx, dy];
    return [Number(x.toFixed(4)), Number(y.toFixed(4))];
  };
  // A grip on a dial sets one control, the direction from its origin in degrees, and stays at its distance.
  const degrees = (grip, x, y) => ((tidy((Math.atan2(y - grip.spec.origin[1], x - grip.spec.origin[0]) * 180) / Math.PI, 1) % 360) + 360) % 360;
  const onDial = (grip, angle) => {
    const { at, origin } = grip.spec, far = Math.hypot(at[0] - origin[0], at[1] - origin[1]), turn = (angle * Math.PI) / 180;
    return [origin[0] + far * Math.cos(turn), origin[1] + far * Math.sin(turn)];
  };
  const values = (grip) => {
    const { sets, x, y, points, index, dial } = grip.spec, [a, b] = meant(grip);
    if (dial) return { ...sets, [x]: degrees(grip, ...grip.at) };
    if (!points) return { ...sets, [x]: a, [y]: b };
    return { ...sets, [x]: points.map((point, i) => (i === index ? [a, b] : point).join(",")).join(";") };
  };

  function move(grip, x, y) {
    const [left, right, bottom, top] = grip.spec.window;
    grip.at = grip.spec.dial ? onDial(grip, degrees(grip, x, y)) : [clamp(rounded(grip, x), left, right), clamp(rounded(grip, y), bottom, top)];
    grip.moved = true;
    place(grip);
    link.hold(values(grip));
  }

  function finish(grip) {
    if (grip.moved) link.release();
    grip.moved = false; grip.pointer = null; active = null;
    grip.element.classList.remove("mml-held");
  }

  function snapping(figure) { return DOM.figure(figure)?.querySelector(".mml-snap")?.getAttribute("aria-pressed") === "true"; }

  function snapToggle(figure, layer) {
    if (layer.querySelector(".mml-snap")) return;
    const toggle = make("button", "mml-snap", { type: "button", "aria-pressed": "false", title: "Snap the grips to the grid" });
    toggle.textContent = "Snap";
    toggle.addEventListener("click", () => toggle.setAttribute("aria-pressed", String(toggle.getAttribute("aria-pressed") !== "true")));
    layer.appendChild(toggle);
  }

  function create(spec, layer) {
    const element = make("div", "mml-grip", {
      role: "slider", tabindex: "0", "aria-label": `${spec.label}: drag, or move with the arrow keys`,
      "aria-valuemin": spec.dial ? 0 : spec.window[0], "aria-valuemax": spec.dial ? 359 : spec.window[1], "data-grip": spec.id,
    });
    element.classList.toggle("mml-quiet", spec.points !== null);
    const bubble = make("span", "mml-bubble", { "aria-hidden": "true" });
    element.appendChild(bubble);
    const grip = { element, bubble, spec, at: spec.at, moved: false, pointer: null, timer: 0 };

    element.addEventListener("pointerdown", (event) => {
      if (event.button > 0) return;
      pause(null);
      element.setPointerCapture(event.pointerId);
      const box = element.getBoundingClientRect();
      grip.pointer = event.pointerId; active = grip;
      grip.offset = [event.clientX - (box.left + box.width / 2), event.clientY - (box.top + box.height / 2)];
      element.classList.add("mml-held");
      element.focus({ preventScroll: true });
      event.preventDefault();
    });
    element.addEventListener("pointermove", (event) => {
      const box = grip.pointer === event.pointerId && plotBox(grip.spec.figure);
      if (!box) return;
      const [left, right, bottom, top] = grip.spec.window;
      move(grip,
        left + ((event.clientX - grip.offset[0] - box.left) / box.width) * (right - left),
        top - ((event.clientY - grip.offset[1] - box.top) / box.height) * (top - bottom));
    });
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
      element.addEventListener(name, (event) => { if (grip.pointer === event.pointerId) finish(grip); });
    }
    element.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!way) return;
      event.preventDefault(); pause(null);
      const by = snapping(grip.spec.figure) ? grip.spec.snap : grip.spec.nudge;
      if (grip.spec.dial) move(grip, ...onDial(grip, degrees(grip, ...grip.at) + 2 * (way[1] - way[0])));
      else move(grip, grip.at[0] + way[0] * by, grip.at[1] + way[1] * by);
      clearTimeout(grip.timer);
      grip.timer = setTimeout(() => finish(grip), 400);
    });
    element.addEventListener("blur", () => { clearTimeout(grip.timer); finish(grip); });
    layer.appendChild(element);
    return grip;
  }

  // A click on the figure, off every grip and button, brings the grip that wants it there.
  function tapped(event) {
    for (const grip of grips.values()) {
      const box = grip.spec.tap && plotBox(grip.spec.figure);
      if (!box || !DOM.svg(grip.spec.figure).contains(event.target)) continue;
      const [left, right, bottom, top] = grip.spec.window;
      const x = (event.clientX - box.left) / box.width, y = (event.clientY - box.top) / box.height;
      if (x < 0 || x > 1 || y < 0 || y > 1) continue;
      pause(null);
      move(grip, left + x * (right - left), top - y * (top - bottom));
      finish(grip);
    }
  }
  window.addEventListener("click", tapped);

  const lost = () => { if (active) finish(active); };
  window.addEventListener("blur", lost);

  return {
    update(specs) {
      const seen = new Set();
      for (const spec of specs) {
        const layer = layerOf(spec.figure), id = `${spec.figure} ${spec.id}`;
        if (!layer) continue;
        seen.add(id);
        snapToggle(spec.figure, layer);
        let grip = grips.get(id);
        if (!grip || grip.element.parentElement !== layer) { grip?.element.remove(); grip = create(spec, layer); grips.set(id, grip); }
        grip.spec = spec;
        grip.element.style.setProperty("--grip", spec.colour);
        if (!grip.moved) grip.at = spec.at;
        place(grip);
      }
      for (const [id, grip] of grips) if (!seen.has(id)) { grip.element.remove(); grips.delete(id); }
    },
    place() { for (const grip of grips.values()) place(grip); },
    close() {
      window.removeEventListener("blur", lost);
      window.removeEventListener("click", tapped);
      for (const grip of grips.values()) grip.element.parentElement?.remove();
    },
  };
}
