/**
 * Away: how many alarms were raised while the gateway was not heard, or while nobody looked at the
 * page; said when it is over, until somebody has read it.
 * @module
 */

import * as api from "./api.js";
import * as bars from "./bars.js";
import * as clock from "./clock.js";
import * as when from "./when.js";
import { say } from "./words.js";

/** A tab that was hidden for less is not said to have been away. */
const HIDDEN_MS = 60_000;
const PAGE = 500;
/** What was raised meanwhile may come a little behind the first heartbeat. */
const LATE_MS = 1000;

/** Since when the page is hidden, by the gateway's clock. */
let hiddenAt = 0;
/** The alarms that were raised since it is, by their id. @type {Set<string>} */
const unseen = new Set();
/** What still comes of it. @type {any[] | null} */
let late = null;
/** Whether everything had to be read anew meanwhile. */
let isTorn = false;

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  bus.on("changed", ({ alarm, before }) => {
    if (document.hidden && !before) unseen.add(alarm.id);
  });
  bus.on("reset", () => (isTorn = true));
  bus.on("back", (/** @type {any} */ away) => {
    if (document.hidden || !away.since) return; // it is said when somebody looks
    const since = Date.parse(away.since);
    late = away.alarms;
    setTimeout(() => {
      const told = late ?? [];
      late = null;
      if (away.reset) count(since).then((n) => tell(n, since));
      else tell(raised(told, since), since);
    }, LATE_MS);
  });
  bus.on("alarm", (alarm) => late?.push(alarm));
  document.addEventListener("visibilitychange", seen);
}

function seen() {
  if (document.hidden) {
    hiddenAt = clock.now();
    unseen.clear();
    isTorn = false;
    return;
  }
  const since = hiddenAt;
  if (clock.now() - since < HIDDEN_MS) return;
  if (isTorn) count(since).then((n) => tell(n, since));
  else tell(unseen.size, since);
}

/** How many of them were raised since then. @param {any[]} alarms @param {number} since */
function raised(alarms, since) {
  const fresh = alarms.filter((one) => Date.parse(one.raised_at) >= since);
  return new Set(fresh.map((one) => one.id)).size;
}

/** Asks the gateway. @param {number} since @returns {Promise<number | null>} null: it did not answer */
async function count(since) {
  try {
    const after = encodeURIComponent(new Date(since).toISOString());
    let n = 0;
    let cursor = "";
    do {
      const page = await api.get(`/alarms?since=${after}&limit=${PAGE}${cursor}`);
      n += page.items.length;
      cursor = page.next && `&cursor=${encodeURIComponent(page.next)}`;
    } while (cursor);
    return n;
  } catch {
    return null;
  }
}

/** @param {number | null} n @param {number} since */
function tell(n, since) {
  const from = when.time(since);
  const text = n === null ? say("bar.away_unknown", { from }) : say("bar.away", { n, from });
  bars.show("away", n === 0 ? "note" : "warn", text, {
    actions: [{ text: say("bar.seen"), act: () => bars.hide("away") }],
  });
}
