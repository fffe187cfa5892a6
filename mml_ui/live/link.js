// The line to the server: the newest values win, a few reports are on their way at a time, none waits in a queue.
// A report is {seq, hold, commit, viewport}: `hold` are the values that count while a drag or a play is on, `commit` the
// values to write into the controls (and so into the link). The server echoes `seq` and says how long its run took.
function createLink(send) {
  const GIVE_UP = 5000;
  const counters = { sent: 0, answered: 0 };
  let seq = 0, hold = {}, commit = null, viewport = null, dirty = false;
  let waiting = [], trips = [60], roundTrip = 60, serverTime = 12, lastSent = 0, timer = 0;

  // One report fills a fast line; on a distant one up to three share the round trip.
  const limit = () => clamp(Math.round(roundTrip / Math.max(serverTime + 12, 30)), 1, 3);

  function pump(urgent = false) {
    clearTimeout(timer);
    if (!dirty) return;
    const now = performance.now();
    waiting = waiting.filter((w) => now - w.at < GIVE_UP);
    const gap = Math.max(16, 1.2 * serverTime, limit() > 1 ? roundTrip / limit() : 0);
    if (!urgent && waiting.length >= limit()) { timer = setTimeout(pump, GIVE_UP); return; }
    if (!urgent && now - lastSent < gap) { timer = setTimeout(pump, gap - (now - lastSent)); return; }
    seq += 1; lastSent = now; dirty = false; counters.sent += 1;
    waiting.push({ seq, at: now });
    send({ seq, hold: { ...hold }, commit, viewport });
    commit = null;
  }

  return {
    counters,
    hold(values) { Object.assign(hold, values); dirty = true; pump(); },
    // End the hold: what was held is written into the controls, but for the one whose native widget has its own last word.
    release(omit = null) {
      const { [omit]: _, ...values } = hold;
      commit = { ...(commit ?? {}), ...values };
      hold = {}; dirty = true; pump(true);
    },
    report(size) { viewport = size; dirty = true; pump(); },
    holding: () => Object.keys(hold).length > 0,
    held: (key) => hold[key],
    quiet: () => !dirty && waiting.length === 0,
    idle: () => !dirty && waiting.length < limit(),
    answered(answer, milliseconds) {
      const now = performance.now();
      const mine = waiting.find((w) => w.seq === answer);
      if (mine) {
        // The shortest of the last trips: the others waited for a busy browser or server, not for the line.
        trips = [...trips.slice(-9), now - mine.at]; roundTrip = Math.min(...trips); counters.answered += 1;
      }
      if (milliseconds) serverTime += 0.3 * (milliseconds - serverTime);
      waiting = waiting.filter((w) => w.seq > answer);
      pump();
    },
    timing: () => ({ roundTrip, serverTime, limit: limit() }),
    close() { clearTimeout(timer); },
  };
}
