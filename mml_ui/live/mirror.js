// While a hold is on, the native widgets show the values that count: the numbers follow the arrow, the thumb follows play.
// Only what is seen is written; the widgets' own values change when the hold ends and the server commits.
function createMirror(drag) {
  const setValue = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  const painted = new Set();
  return {
    // The widgets' own values have come: their own tracks show again.
    clear() { for (const track of painted) track.style.background = ""; painted.clear(); },
    update(shown) {
      for (const [key, { value, text }] of Object.entries(shown)) {
        if (drag.dragging() === key) continue;
        const number = DOM.number(key), range = DOM.range(key);
        if (number && number !== document.activeElement && number.value !== text) setValue.call(number, text);
        if (!range) continue;
        const thumb = DOM.thumb(range), low = Number(range.min), high = Number(range.max), label = DOM.thumbText(range);
        const share = `${(100 * (clamp(value, low, high) - low)) / (high - low)}%`, track = DOM.track(range);
        if (thumb) thumb.style.left = share;
        if (track && (Number(range.value) !== value || painted.has(track))) { track.style.background = `linear-gradient(to right, var(--mml-accent) ${share}, var(--mml-faint) ${share})`; painted.add(track); }
        if (label && label.textContent !== text) label.textContent = text;
      }
    },
  };
}
