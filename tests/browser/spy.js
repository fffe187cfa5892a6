// Loaded before the page's own scripts: it looks at what the live component is told and what it reports, and at the chart.
(() => {
  let given, answeredSeq = 0;
  const spy = (window.mmlTest = {
    reports: [], answers: [], most: 0, blocked: false,
    inFlight: () => (window.mmlLive ? window.mmlLive.counters.sent - answeredSeq : 0),
    svg: () => document.querySelector('[class*="st-key-mml_figure"] svg.marks'),
    // The chart as text: clip paths are counted anew in each document, a picture is long.
    state() {
      const svg = spy.svg();
      if (!svg) return '';
      let sum = 0;
      const pictures = [...svg.querySelectorAll('image')].map((i) => i.getAttribute('href') || i.getAttribute('xlink:href') || '');
      for (const c of pictures.join('')) sum = (31 * sum + c.charCodeAt(0)) | 0;
      const marks = svg.innerHTML.replace(/(xlink:)?href="data:[^"]*"/g, '').replace(/clip\d+/g, 'clip');
      return `${svg.getAttribute('aria-label')} ${sum} ${marks}`;
    },
    // Count the distinct charts that are seen, frame by frame.
    states: new Set(), watching: false,
    watch() {
      spy.states = new Set(); spy.watching = true;
      const look = () => { if (!spy.watching) return; spy.states.add(spy.state()); requestAnimationFrame(look); };
      look();
    },
    unwatch() { spy.watching = false; return spy.states.size; },
    // What a control shows, frame by frame.
    seen: [],
    follow(key) {
      spy.seen = []; spy.following = true;
      const look = () => {
        if (!spy.following) return;
        const host = document.querySelector(`.st-key-${key}`);
        const thumb = host?.querySelector('[data-rac][style*="left"]');
        spy.seen.push([host?.querySelector('[data-testid="stSliderThumbValue"]')?.textContent ?? null, parseFloat(thumb?.style.left)]);
        requestAnimationFrame(look);
      };
      look();
    },
    unfollow() { spy.following = false; return spy.seen; },
    labels: new Set(),
    followLabel() {
      spy.labels = new Set();
      const note = () => spy.labels.add(spy.svg().getAttribute('aria-label'));
      new MutationObserver(note).observe(spy.svg(), { attributes: true, attributeFilter: ['aria-label'] });
    },
    // The arrows of the main chart as they are drawn.
    arrows: () => [...spy.svg().querySelectorAll('[class*=" arrows_"] path')].map((p) => [p.getAttribute('d'), p.getAttribute('transform')]),
    drawn: () => Number(spy.svg().getAttribute('width')),
    paths: (name) => [...spy.svg().querySelectorAll(`[class*=" ${name}_"][class*="_marks"] path`)].map((p) => p.getAttribute('d')),
    points: () => [...spy.svg().querySelectorAll('[class*=" points_"] path')].map((p) => p.getAttribute('transform')),
    picture: () => {
      const image = spy.svg().querySelector('image');
      return image.getAttribute('href') || image.getAttribute('xlink:href');
    },
    says: () => document.querySelector('[class*="st-key-mml_figure"] [data-testid="stMarkdown"]').innerText,
    query: (name) => new URLSearchParams(location.search).get(name),
    // What has the focus, by the key of its control.
    focus() {
      const e = document.activeElement;
      const key = e?.closest('[class*="st-key-transforms_"]')?.className.match(/st-key-(transforms_\w+)/)?.[1];
      if (e?.classList.contains('mml-grip')) return `grip ${e.dataset.grip}`;
      if (e?.classList.contains('mml-snap')) return 'snap';
      if (e?.closest('.mml-play')) return `play ${key} ${e.getAttribute('aria-label')}`;
      if (e?.getAttribute('role') === 'tab') return 'tab';
      return key ?? `${e?.tagName} ${e?.textContent?.slice(0, 30)}`;
    },
    // How wide what can scroll is inside, and how wide it is seen.
    widths: () => [document.querySelector('[data-testid="stMain"]'), document.documentElement].map((e) => [e.scrollWidth, e.clientWidth]),
    // No run is on and none is asked for.
    idle() {
      const app = document.querySelector('[data-testid="stApp"]');
      if (app?.getAttribute('data-test-script-state') !== 'notRunning') return false;
      if (app.getAttribute('data-test-connection-state') !== 'CONNECTED') return false;
      if (document.querySelector('[data-stale="true"]')) return false;
      return !window.mmlLive || spy.inFlight() <= 0;
    },
    // Idle for a while, and the chart stands still.
    settled: (patience) => new Promise((done, fail) => {
      const began = performance.now();
      let calm = 0, last = null;
      const look = () => {
        const state = spy.state();
        calm = spy.idle() && state === last ? calm + 1 : 0;
        last = state;
        if (calm >= 10) done(true);
        else if (performance.now() - began < patience) setTimeout(look, 40);
        else {
          const app = document.querySelector('[data-testid="stApp"]').getAttribute('data-test-script-state');
          const stale = document.querySelectorAll('[data-stale="true"]').length;
          const last = (list) => JSON.stringify(list.slice(-3));
          fail(new Error(`not settled: ${app}, ${stale} stale, ${spy.inFlight()} in flight, ${last(spy.reports)}, ${last(spy.answers)}`));
        }
      };
      look();
    }),
    // For each plane: its box, and how long one unit is along each axis, from where the numbers on the axes stand.
    planes: () => [...document.querySelectorAll('[class*="st-key-mml_figure"] svg.marks')]
  .filter((svg) => svg.querySelector('[class*=" ghost_"], [class*=" pages_0"], [class*=" field_0"]'))  // a plane, a web or a map
  .map((svg) => {
    const box = svg.querySelector('.background').getBoundingClientRect();
    const spots = (name, side) => [...svg.querySelectorAll(`[class*=" ${name} "], [class$=" ${name}"]`)].flatMap((g) => [...g.querySelectorAll('text')])
      .map((t) => { const b = t.getBoundingClientRect(); return [Number(t.textContent.replace('−', '-')), side === 'x' ? b.left + b.width / 2 : b.top + b.height / 2]; })
      .filter(([n]) => Number.isFinite(n)).sort(([a], [b]) => a - b);
    if (svg.querySelector('[class*=" pages_0"]')) return { width: box.width, height: box.height, x: box.width, y: box.height };
    const unit = (found) => Math.abs((found.at(-1)[1] - found[0][1]) / (found.at(-1)[0] - found[0][0]));
    const [below, beside] = svg.querySelector('[class*=" field_0"]') ? [1, 3] : [2, 3];
    return { width: box.width, height: box.height, x: unit(spots(`numbers_${below}_marks`, 'x')), y: unit(spots(`numbers_${beside}_marks`, 'y')) };
  }),
    // Text that is hard to read, with its contrast to the nearest background; pictures behind a text are not looked at.
    faint: (selectors) => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); const d = canvas.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
  const over = (top, under) => [0, 1, 2].map((i) => top[3] * top[i] + (1 - top[3]) * under[i]).concat(1);
  const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (e) => { const layers = []; for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); layers.push(c); if (c[3] === 1) break; }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]); };
  const seen = (e) => { let share = 1; for (; e; e = e.parentElement) share *= Number(getComputedStyle(e).opacity); return share; };
  const found = { looked: 0, faint: [] };
  for (const selector of selectors) for (const e of document.querySelectorAll(selector)) {
    const says = ((e.matches('input') ? e.value : e.innerText) ?? '').trim();
    if (!says || !e.getClientRects().length) continue;
    const back = ground(e.closest('[data-testid="stSlider"]') ?? e), colour = rgba(getComputedStyle(e).color);
    const front = over([...colour.slice(0, 3), colour[3] * seen(e)], back);
    const [a, b] = [light(front), light(back)], ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.looked += 1;
    if (ratio < 4.5) found.faint.push([selector, says.slice(0, 40), Math.round(100 * ratio) / 100]);
  }
  return found;
},
  });
  const through = (component) => {
    answeredSeq = component.data.seq;
    spy.answers.push({ seq: component.data.seq, holding: component.data.holding });
    const sees = {
      get(target, name) {
        if (name !== 'setStateValue') return Reflect.get(target, name);
        return (state, report) => {
          const under = report.seq - answeredSeq;
          spy.most = Math.max(spy.most, under);
          spy.reports.push({ seq: report.seq, under, hold: report.hold, commit: report.commit });
          return target.setStateValue(state, report);
        };
      },
    };
    return spy.blocked ? undefined : given?.(new Proxy(component, sees));
  };
  Object.defineProperty(window, 'mmlAnswer', { configurable: true, set(f) { given = f; }, get: () => (given ? through : undefined) });
})();
