// Everything that leans on Streamlit's own elements, in one place: an upgrade that moves them fails here, and in one test.
const DOM = {
  app: () => document.querySelector('[data-testid="stApp"]'),
  control: (key) => document.querySelector(`.st-key-${CSS.escape(key)}`),
  range: (key) => DOM.control(key)?.querySelector('input[type="range"]') ?? null,
  number: (key) => DOM.control(key)?.querySelector('input[type="number"]') ?? null,
  slider: (target) => target.closest?.('[data-testid="stSlider"]') ?? null,
  thumb: (range) => range.closest('[data-rac][style*="left"]'),
  track: (range) => DOM.thumb(range)?.previousElementSibling ?? null,
  thumbText: (range) => DOM.thumb(range)?.querySelector('[data-testid="stSliderThumbValue"] p') ?? null,
  figure: (key) => DOM.control(key),
  svg: (key) => DOM.figure(key)?.querySelector('[data-testid="stVegaLiteChart"] svg.marks') ?? null,
  plot: (key) => DOM.svg(key)?.querySelector(".background") ?? null,
  marks: (svg, name) => svg.querySelectorAll(`[class*=" ${CSS.escape(name)}_"]`),
  images: (svg) => [...svg.querySelectorAll("image")],
  href: (image) => image.getAttribute("href") || image.getAttribute("xlink:href") || "",
  typing: (element) => !!element?.closest?.('input, textarea, select, button, a, summary, [role="radio"], [role="tab"], [contenteditable="true"]'),
};

// The plot area on the screen. Vega draws its background half a pixel off, for crisp edges; what is plotted is not.
const plotBox = (key) => {
  const plot = DOM.plot(key);
  if (!plot) return null;
  const box = plot.getBoundingClientRect(), inner = plot.getBBox();
  if (!box.width) return null;
  const scale = box.width / inner.width;
  return { left: box.left - inner.x * scale, top: box.top - inner.y * scale, width: box.width, height: box.height, scale };
};

// Where a figure's plot area lies within the figure's container, in pixels; measured once for each chart and size, because
// each measurement makes the browser lay out the whole page.
const Places = {
  known: new WeakMap(),
  forget() { Places.known = new WeakMap(); },
  of(key) {
    const svg = DOM.svg(key), host = DOM.figure(key);
    if (!svg || !host) return null;
    if (!Places.known.has(svg)) {
      const box = plotBox(key), origin = host.getBoundingClientRect();
      if (!box) return null;
      Places.known.set(svg, { ...box, left: box.left - origin.left, top: box.top - origin.top });
    }
    return Places.known.get(svg);
  },
};

// What a mark of a chart stands for: the row of its table; a line has those of its points.
const datumOf = (element) => { const item = element.__data__; return (item?.datum ?? item?.items?.[0]?.datum ?? item?.[0]?.datum) || null; };

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
// A value that is sent looks like the one a person would type: 0.3, not 0.30000000000000004.
const tidy = (value, step) => Number((Math.round(value / step) * step).toFixed(6));
const make = (tag, className, attributes = {}) => {
  const element = Object.assign(document.createElement(tag), { className });
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};
