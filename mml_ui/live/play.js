// Play: a control is driven from its value to its end, at the pace of the answers. One plays at a time; pausing writes the
// value into the link.
function createPlay(link, controls) {
  const ICONS = {
    start: "M5 5h2.5v14H5zM20 5v14L9 12z", play: "M7 4l13 8-13 8z", pause: "M6 4h4.5v16H6zM13.5 4H18v16h-4.5z", one: "M4 5l11 7-11 7zM16.5 5H19v14h-2.5z",
  };
  const icon = (name) => `<svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true" fill="currentColor"><path d="${ICONS[name]}"/></svg>`;
  const SPEEDS = [0.25, 0.5, 1, 2, 4];
  const bars = new Map();
  let running = null, last = null, frame = 0;

  const valueOf = (key) => Number(link.held(key) ?? DOM.range(key)?.value ?? controls()[key].low);
  const show = (key) => {
    const bar = bars.get(key), on = running?.key === key;
    if (!bar) return;
    bar.play.innerHTML = icon(on ? "pause" : "play");
    bar.play.setAttribute("aria-label", `${on ? "Pause" : "Play"} ${controls()[key].label}`);
  };

  function start(key) {
    pause(null);
    const { low, high, seconds } = controls()[key];
    const now = valueOf(key), from = now >= high ? low : now;
    running = { key, from, at: performance.now(), rate: ((high - low) / seconds) * bars.get(key).speed, value: null };
    last = key; show(key);
    frame = requestAnimationFrame(tick);
  }

  function tick() {
    if (!running) return;
    const { key, from, at, rate } = running, { step, high, sets } = controls()[key] ?? {};
    if (step === undefined) { running = null; return; }
    const value = Math.min(high, tidy(from + ((performance.now() - at) / 1000) * rate, step));
    if (value !== running.value && link.idle()) { running.value = value; link.hold({ ...sets, [key]: value }); }
    if (running.value >= high) { pause(null); return; }
    frame = requestAnimationFrame(tick);
  }

  // `except` is a control that the reader has taken into the hand: its own value rules then.
  function pause(except) {
    if (!running) return;
    cancelAnimationFrame(frame);
    const { key } = running;
    running = null; show(key);
    link.release(key === except ? key : null);
  }

  function put(key, value) {
    pause(null); last = key;
    const { sets, low, high } = controls()[key];
    link.hold({ ...sets, [key]: clamp(value, low, high) });
    link.release();
  }

  function bar(key, host) {
    const box = make("div", "mml-play", { role: "group", "aria-label": `Play ${controls()[key].label}` });
    const button = (text, label, act) => {
      const element = make("button", "", { type: "button", "aria-label": label, title: label });
      element.innerHTML = text;
      element.addEventListener("click", act);
      box.appendChild(element);
      return element;
    };
    const state = { box, speed: 1 };
    button(icon("start"), "To start", () => put(key, controls()[key].low));
    state.play = button(icon("play"), "Play", () => (running?.key === key ? pause(null) : start(key)));
    button(icon("one"), "One step", () => put(key, tidy(valueOf(key) + controls()[key].stride, controls()[key].step)));
    const speed = button("1×", "Speed", () => {
      state.speed = SPEEDS[(SPEEDS.indexOf(state.speed) + 1) % SPEEDS.length];
      speed.textContent = `${state.speed}×`;
      if (running?.key === key) { const value = running.value; running.from = value ?? running.from; running.at = performance.now(); running.rate = ((controls()[key].high - controls()[key].low) / controls()[key].seconds) * state.speed; }
    });
    host.appendChild(box);
    bars.set(key, state);
    show(key);
  }

  return {
    pause,
    toggle() {
      const visible = (key) => DOM.control(key)?.offsetParent != null;
      const key = last && visible(last) ? last : [...bars.keys()].find(visible);
      if (!key) return false;
      if (running?.key === key) pause(null); else start(key);
      return true;
    },
    update() {
      for (const [key, control] of Object.entries(controls())) {
        if (!control.playable) continue;
        const host = DOM.control(key);
        if (host && bars.get(key)?.box.parentElement !== host) { bars.get(key)?.box.remove(); bar(key, host); }
      }
    },
    close() { cancelAnimationFrame(frame); for (const state of bars.values()) state.box.remove(); },
  };
}
