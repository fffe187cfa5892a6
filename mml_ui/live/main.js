// One page with its live parts. The line component calls mmlAnswer at first and again with the answer to each run.
let page = null;

function open(component) {
  let data = component.data;
  const controls = () => data.controls;
  const link = createLink((report) => page.component.setStateValue("report", report));
  const play = createPlay(link, controls);
  const drag = createDrag(link, controls, (except) => play.pause(except));
  const handles = createHandles(link, (except) => play.pause(except));
  const drawing = createDrawing(link, (except) => play.pause(except)), pointing = createPointing();
  const mirror = createMirror(drag), pictures = createPictures(), marks = createMarks(), keys = createKeys(play);
  const parts = [link, play, drag, handles, drawing, pointing, pictures, marks, keys];

  // A preset or a reset moves the controls: what plays must not move them back.
  const press = (event) => { if (event.target.closest?.('[data-testid="stButton"], [data-testid="stButtonGroup"]')) play.pause(null); };
  window.addEventListener("pointerdown", press, true);

  let resized = 0;
  const tell = () => {
    const size = [window.innerWidth, window.innerHeight];
    if (!data.viewport || data.viewport[0] !== size[0] || data.viewport[1] !== size[1]) link.report(size);
  };
  // A visitor may switch between light and dark: the figures are drawn for the one that the server was told of last.
  let switched = "";
  const ground = () => getComputedStyle(DOM.app()).backgroundColor;
  const compare = () => {
    const probe = make("i", ""); probe.style.color = data.background;
    document.body.appendChild(probe); const expected = getComputedStyle(probe).color; probe.remove();
    const found = ground();
    if (found !== expected && switched !== found + expected) { switched = found + expected; link.report([window.innerWidth, window.innerHeight]); }
  };
  const measure = () => { Places.forget(); handles.place(); drawing.place(); pictures.refresh(); };
  const resize = () => { clearTimeout(resized); resized = setTimeout(tell, 300); measure(); };
  window.addEventListener("resize", resize);
  const shape = new ResizeObserver(measure);
  // A chart is embedded some time after its run, and anew when it is another one: it is looked at once it is there.
  const embedded = new MutationObserver(() => {
    const bare = (svg) => svg && (!svg.hasAttribute("aria-label") || [...svg.children].some((child) => !child.hasAttribute("aria-hidden")));
    if (data.figures.some((key) => bare(DOM.svg(key)))) { measure(); marks.update(data); }
  });

  const scheme = window.matchMedia("(prefers-color-scheme: dark)");
  const recheck = () => setTimeout(compare, 300);
  scheme.addEventListener("change", recheck);
  const theme = new MutationObserver(recheck);
  theme.observe(DOM.app(), { attributes: true, attributeFilter: ["class"] });

  document.documentElement.classList.add("mml-live");
  window.mmlLive = { counters: link.counters, timing: link.timing };
  return {
    component,
    id: data.page,
    update(next) {
      data = { ...data, ...next };  // a held run tells only what a move changes
      link.answered(data.seq, data.ms);
      play.update(); handles.update(data.handles); drawing.update(data.pads); if (link.holding()) mirror.update(data.shown); else if (!data.holding) mirror.clear();  // a late answer must not paint over what was let go
      pictures.update(data.figures); marks.update(data);
      for (const key of data.figures) {
        const host = DOM.figure(key);
        if (host) { shape.observe(host); embedded.observe(host, { childList: true, subtree: true }); }
      }
      // A hold of a visit before this one (a reload, a lost line) is over; an answer that is only late is no such hold.
      if (data.holding && !link.holding() && link.quiet()) link.release();
    },
    start() { tell(); },
    close() {
      window.removeEventListener("pointerdown", press, true);
      window.removeEventListener("resize", resize);
      clearTimeout(resized); shape.disconnect(); embedded.disconnect(); theme.disconnect(); scheme.removeEventListener("change", recheck);
      for (const part of parts) part.close();
      document.documentElement.classList.remove("mml-live");
    },
  };
}

let leaving = 0;

window.mmlAnswer = (component) => {
  clearTimeout(leaving);
  if (page && page.id !== component.data.page) { page.close(); page = null; }
  const fresh = page === null;
  if (fresh && !component.data.controls) return;  // the answer to a held run of a page that is gone
  if (fresh) page = open(component);
  page.component = component;
  page.update(component.data);
  if (fresh) page.start();
};

// A run that was overtaken can take the line away for a moment: what is in the hand stays there until it is back.
window.mmlClose = (component) => {
  if (!page || page.id !== component.data.page) return;
  clearTimeout(leaving);
  leaving = setTimeout(() => { page?.close(); page = null; window.mmlComponent = null; }, 700);
};

// The line may have come before the scripts did.
if (window.mmlComponent) window.mmlAnswer(window.mmlComponent);

export default function () {}
