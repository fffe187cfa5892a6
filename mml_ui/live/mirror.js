// While a hold is on, the native widgets show the values that count: the numbers follow the arrow, the thumb follows play.
// Only what is seen is written; the widgets' own values change when the hold ends and the server commits.
function createMirror(drag) {
  const setValue = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  const painted = new Set(), before = new Map();
  // A widget that did not change meanwhile is not drawn anew: what was painted over it is put back.
  const back = ({ range, value, thumb, left, label, text }) => {
    if (range.value !== value) return;
    if (thumb) thumb.style.left = left;
    if (label) label.textContent = text;
  };
  return {
    // The widgets' own values have come: they show again.
    clear() {
      for (const track of painted) track.style.background = "";
      before.forEach(back);
      painted.clear(); before.clear();
    },
    update(shown) {
      for (const [key, { value, text }] of Object.entries(shown)) {
        if (drag.dragging() === key) continue;
        const number = DOM.number(key), range = DOM.range(key);
        if (number && number !== document.activeElement && number.value !== text) setValue.call(number, text);
        if (!range) continue;
        const thumb = DOM.thumb(range), low = Number(range.min), high = Number(range.max), label = DOM.thumbText(range);
        const share = `${(100 * (clamp(value, low, high) - low)) / (high - low)}%`, track = DOM.track(range);
        if (!before.has(key)) before.set(key, { range, value: range.value, thumb, left: thumb?.style.left, label, text: label?.textContent });
        if (thumb) thumb.style.left = share;
        if (track && (Number(range.value) !== value || painted.has(track))) { track.style.background = `linear-gradient(to right, var(--mml-accent) ${share}, var(--mml-faint) ${share})`; painted.add(track); }
        if (label && label.textContent !== text) label.textContent = text;
      }
    },
  };
}
