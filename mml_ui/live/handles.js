// Grips: named places on a figure that can be dragged, tapped and moved with the arrow keys. A grip follows the pointer at
// once, in the browser; the picture follows the server. A list of points may grow: a click adds one, Delete takes one away.
function createHandles(link, pause) {
  const TAP = 8, GIVE_UP = 5000;  // pixels: what counts as no move at all; milliseconds
  const grips = new Map();
  let active = null, pressed = null, due = 0, since = 0, unsent = {}, timer = 0;

  const layerOf = (figure) => {
    const host = DOM.figure(figure);
    if (!host) return null;
    let layer = host.querySelector(":scope > .mml-grips");
    if (!layer) {
      const switches = make("div", "mml-switches");
      switches.append(
        toggle("snap", "Snap", "Snap the grips to the grid"),
        toggle("remove", "Remove", "A click on the picture adds a point, Delete removes one; while this is on, so does a tap on it"));
      layer = make("div", "mml-grips");
      layer.appendChild(switches);
      host.appendChild(layer);
    }
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

  // Where a pixel of the screen lies on a figure, in data units; and the place that it is rounded to.
  const under = ({ figure, window: [left, right, bottom, top] }, x, y) => {
    const box = plotBox(figure);
    return box && [left + ((x - box.left) / box.width) * (right - left), top - ((y - box.top) / box.height) * (top - bottom)];
  };
  const rounded = ({ figure, window: [left, right, bottom, top], snap, step }, x, y) => {
    const by = on(figure, "snap") ? snap : step;
    return [clamp(tidy(x, by), left, right), clamp(tidy(y, by), bottom, top)];
  };
  // What a place means for the controls: off its origin, and back through the map that it is drawn under.
  const meant = ({ spec: { origin, back }, at }) => {
    const dx = at[0] - origin[0], dy = at[1] - origin[1];
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
    const { sets, x, y, points, dial } = grip.spec, [a, b] = meant(grip);
    if (dial) return { ...sets, [x]: degrees(grip, ...grip.at) };
    if (!points) return { ...sets, [x]: a, [y]: b };
    return { ...sets, [x]: listOf(grip).map(({ point }) => point.join(",")).join(";") };
  };
  // The grips of a list of points, in its order.
  const listOf = ({ spec }) =>
    [...grips.values()].filter((g) => g.spec.figure === spec.figure && g.spec.x === spec.x).sort((a, b) => a.spec.index - b.spec.index);

  function move(grip, x, y) {
    grip.at = grip.spec.dial ? onDial(grip, degrees(grip, x, y)) : rounded(grip.spec, x, y);
    grip.point = meant(grip);
    grip.moved = true;
    place(grip);
    link.hold({ ...unsent, ...values(grip) });
    unsent = {};
  }

  // What is let go counts at once: an answer to a report from before is not believed any more.
  function letGo() {
    link.release();
    due = link.counters.sent; since = performance.now();
    clearTimeout(timer); timer = setTimeout(flush, GIVE_UP + 1);
  }
  const heard = () => page.component.data.seq >= due || performance.now() - since > GIVE_UP;

  function finish(grip) {
    if (grip.moved) letGo();
    grip.moved = false; grip.pointer = null; active = null;
    grip.element.classList.remove("mml-held");
  }

  // A point comes at the end of its list or goes, and the grips show it at once: the next one builds on it. One such change
  // is on its way at a time; those that come meanwhile go together.
  function commit(grip) { Object.assign(unsent, values(grip)); flush(); }
  function flush() {
    if (!Object.keys(unsent).length || !heard()) return;
    link.hold(unsent); letGo();
    unsent = {};
  }
  const numbered = (text, old) => text.slice(0, text.length - String(old).length) + (old + 1);

  function add(last, x, y) {
    const { id, label, index, grows } = last.spec, at = rounded(last.spec, x, y);
    if (index + 1 >= grows[1]) return;
    show({ ...last.spec, id: numbered(id, index), label: numbered(label, index + 1), index: index + 1, at, points: meant({ spec: last.spec, at }) });
    commit(last);
  }

  function remove(grip) {
    const list = listOf(grip), i = list.indexOf(grip), last = list.at(-1);
    if (list.length <= grip.spec.grows[0]) return;
    clearTimeout(grip.timer); grip.moved = false;
    // This grip and those behind it take the next point each, so that the focus is on a neighbour.
    list.slice(i + 1).forEach((next, k) => show({ ...list[i + k].spec, at: next.at, points: next.point }));
    if (grip === last) list.at(-2).element.focus({ preventScroll: true });
    drop(last);
    commit(list[0]);
  }

  const on = (figure, name) => DOM.figure(figure)?.querySelector(`.mml-${name}`)?.getAttribute("aria-pressed") === "true";

  function toggle(name, text, title) {
    const button = make("button", `mml-toggle mml-${name}`, { type: "button", "aria-pressed": "false", title });
    button.textContent = text;
    button.addEventListener("click", () => button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true")));
    return button;
  }

  // A tap is a press on a grip, or on a figure, that lets go where it began.
  const press = (event) => { pressed = { x: event.clientX, y: event.clientY, svg: event.target.closest?.("svg.marks") ?? null }; };
  const still = (event) => pressed !== null && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) <= TAP;
  const removes = ({ spec }) => spec.grows && on(spec.figure, "remove");

  function create(spec, layer) {
    const element = make("div", "mml-grip", {
      role: "slider", tabindex: "0", "aria-valuemin": spec.dial ? 0 : spec.window[0], "aria-valuemax": spec.dial ? 359 : spec.window[1],
      "data-grip": spec.id,
    });
    element.classList.toggle("mml-quiet", spec.points !== null);
    const bubble = make("span", "mml-bubble", { "aria-hidden": "true" });
    element.appendChild(bubble);
    const grip = { element, bubble, spec, at: spec.at, point: spec.points, moved: false, pointer: null, timer: 0 };

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
      if (grip.pointer !== event.pointerId || (!grip.moved && removes(grip) && still(event))) return;
      const to = under(grip.spec, event.clientX - grip.offset[0], event.clientY - grip.offset[1]);
      if (to) move(grip, ...to);
    });
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
      element.addEventListener(name, (event) => {
        if (grip.pointer !== event.pointerId) return;
        const tap = name === "pointerup" && !grip.moved && removes(grip);
        finish(grip);
        if (tap) remove(grip);
      });
    }
    element.addEventListener("keydown", (event) => {
      if ((event.key === "Delete" || event.key === "Backspace") && grip.spec.grows) {
        event.preventDefault(); pause(null);
        if (!event.repeat && !active) remove(grip);  // one press, one point; none from under the hand
      }
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!way) return;
      event.preventDefault(); pause(null);
      const by = on(grip.spec.figure, "snap") ? grip.spec.snap : grip.spec.nudge;
      if (grip.spec.dial) move(grip, ...onDial(grip, degrees(grip, ...grip.at) + 2 * (way[1] - way[0])));
      else move(grip, grip.at[0] + way[0] * by, grip.at[1] + way[1] * by);
      clearTimeout(grip.timer);
      grip.timer = setTimeout(() => finish(grip), 400);
    });
    element.addEventListener("blur", () => { clearTimeout(grip.timer); finish(grip); });
    layer.appendChild(element);
    return grip;
  }

  // A click on the figure, off every grip and button, brings the grip that wants it there, or a new point to its list.
  function tapped(event) {
    for (const grip of [...grips.values()]) {
      const { spec } = grip, svg = DOM.svg(spec.figure), [left, right, bottom, top] = spec.window;
      const grows = spec.grows && grip === listOf(grip).at(-1);
      if (!(spec.tap || grows) || !svg?.contains(event.target) || pressed?.svg !== svg || !still(event)) continue;
      const [x, y] = under(spec, event.clientX, event.clientY) ?? [];
      if (!(left <= x && x <= right && bottom <= y && y <= top)) continue;
      pause(null);
      if (grows) add(grip, x, y);
      else { move(grip, x, y); finish(grip); }
    }
  }
  window.addEventListener("pointerdown", press, true);
  window.addEventListener("click", tapped);

  const lost = () => { if (active) finish(active); };
  window.addEventListener("blur", lost);

  function show(spec) {
    const layer = layerOf(spec.figure), id = `${spec.figure} ${spec.id}`;
    if (!layer) return null;
    let grip = grips.get(id);
    if (!grip || grip.element.parentElement !== layer) { grip?.element.remove(); grip = create(spec, layer); grips.set(id, grip); }
    grip.spec = spec;
    grip.element.style.setProperty("--grip", spec.colour);
    grip.element.classList.toggle("mml-grows", !!spec.grows);
    grip.element.setAttribute("aria-label", `${spec.label}: drag, ${spec.grows ? "move with the arrow keys, Delete removes it" : "or move with the arrow keys"}`);
    if (!grip.moved) { grip.at = spec.at; grip.point = spec.points; }
    place(grip);
    return grip;
  }

  function drop(grip) { grip.element.remove(); grips.delete(`${grip.spec.figure} ${grip.spec.id}`); }

  return {
    update(specs) {
      flush();
      if (!heard()) return;
      // The first point of a list says for all of them what they share.
      const shown = specs.map((spec) => show({ ...specs.find((s) => s.figure === spec.figure && s.x === spec.x), ...spec }));
      for (const grip of [...grips.values()]) if (!shown.includes(grip)) drop(grip);
      for (const layer of document.querySelectorAll(".mml-grips")) layer.querySelector(".mml-remove").hidden = !layer.querySelector(".mml-grows");
    },
    place() { for (const grip of grips.values()) place(grip); },
    close() {
      clearTimeout(timer);
      window.removeEventListener("blur", lost);
      window.removeEventListener("pointerdown", press, true);
      window.removeEventListener("click", tapped);
      for (const grip of grips.values()) grip.element.parentElement?.remove();
    },
  };
}
