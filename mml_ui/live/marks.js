// What points at the marks of a figure: the sentence that says what the figure shows, the lines of "why it is true" that
// light up the mark they speak of, and the button that saves the figure as SVG.
function createMarks() {
  const plain = (sentence) => sentence.replace(/\*\*/g, "").replace(/\\(.)/g, "$1");  // without bold, and without what keeps a name plain
  const lit = (figure, name) => {
    const svg = DOM.svg(figure);
    if (!svg) return;
    svg.classList.toggle("mml-dimmed", !!name);
    svg.querySelectorAll(".mml-lit").forEach((mark) => mark.classList.remove("mml-lit"));
    if (name) DOM.marks(svg, name).forEach((mark) => mark.classList.add("mml-lit"));
    DOM.figure(figure).classList.toggle("mml-picture-dimmed", !!name && name !== "picture");
  };

  function save(figure, name) {
    const svg = DOM.svg(figure);
    if (!svg) return;
    const copy = svg.cloneNode(true);
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("xmlns:xlink", "http://www.w3.org/1999/xlink");
    copy.classList.remove("mml-dimmed");
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    rect.setAttribute("width", "100%"); rect.setAttribute("height", "100%");
    rect.setAttribute("fill", getComputedStyle(DOM.app()).backgroundColor);
    copy.prepend(rect);
    const url = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
    const link = make("a", "", { href: url, download: `${name}.svg` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  return {
    update({ says, lines, saves }) {
      for (const [figure, sentence] of Object.entries(says)) {
        const svg = DOM.svg(figure);
        if (!svg) continue;
        svg.setAttribute("role", "img");
        svg.setAttribute("aria-label", plain(sentence));
        // One picture with one sentence: the marks inside have no names of their own.
        for (const child of svg.children) child.setAttribute("aria-hidden", "true");
      }
      for (const { key, figure, marks } of lines) {
        DOM.control(key)?.querySelectorAll("li").forEach((line, i) => {
          if (line.dataset.mml) return;
          line.dataset.mml = "line"; line.tabIndex = 0;
          for (const name of ["pointerenter", "focus"]) line.addEventListener(name, () => lit(figure, marks[i]));
          for (const name of ["pointerleave", "blur"]) line.addEventListener(name, () => lit(figure, null));
        });
      }
      for (const { key, figure, name } of saves) {
        const button = DOM.control(key)?.querySelector("button");
        if (!button || button.dataset.mml) continue;
        button.dataset.mml = "save";
        button.addEventListener("click", (event) => { event.stopPropagation(); event.preventDefault(); save(figure, name); }, true);
      }
    },
    close() {},
  };
}
