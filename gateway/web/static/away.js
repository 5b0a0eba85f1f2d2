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
/** That there was nothing need not be read by anybody. */
const NOTHING_MS = 20_000;

/** Since when the page is hidden, by the gateway's clock. */
let hiddenAt = 0;
/** The alarms that came since it is, by their id. @type {Set<string>} */
const unseen = new Set();
/** What still comes of it. @type {any[] | null} */
let late = null;
/** Whether everything had to be read anew meanwhile. */
let isTorn = false;
/** What nobody has read of yet: since when, and which alarms; null: the gateway could not say. */
let from = Infinity;
/** @type {Set<string> | null} */
let missed = new Set();

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
    setTimeout(async () => {
      const told = late ?? [];
      late = null;
      tell(away.reset ? await ask(since) : raised(told, since), since);
    }, LATE_MS);
  });
  bus.on("alarm", (alarm) => late?.push(alarm));
  document.addEventListener("visibilitychange", seen);
}

async function seen() {
  if (document.hidden) {
    hiddenAt = clock.now();
    unseen.clear();
    isTorn = false;
    return;
  }
  const since = hiddenAt;
  if (clock.now() - since < HIDDEN_MS) return;
  const found = isTorn ? await ask(since) : [...unseen];
  if (!found || found.length) tell(found, since);
}

/** Those that were raised since then. @param {any[]} alarms @param {number} since */
function raised(alarms, since) {
  return alarms.filter((one) => Date.parse(one.raised_at) >= since).map((one) => one.id);
}

/** Asks the gateway. @param {number} since @returns {Promise<string[] | null>} null: it did not answer */
async function ask(since) {
  try {
    const after = encodeURIComponent(new Date(since).toISOString());
    const found = [];
    let cursor = "";
    do {
      const page = await api.get(`/alarms?since=${after}&limit=${PAGE}${cursor}`);
      found.push(...page.items.map((one) => one.id));
      cursor = page.next && `&cursor=${encodeURIComponent(page.next)}`;
    } while (cursor);
    return found;
  } catch {
    return null;
  }
}

/** @param {string[] | null} ids @param {number} since */
function tell(ids, since) {
  from = Math.min(from, since);
  missed = ids && missed && new Set([...missed, ...ids]);
  const at = when.time(from);
  const text = missed ? say("bar.away", { n: missed.size, from: at }) : say("bar.away_unknown", { from: at });
  const level = missed?.size === 0 ? "note" : "warn";
  bars.show("away", level, text, { actions: [{ text: say("bar.seen"), act: read }] });
  if (level === "note") setTimeout(() => missed?.size === 0 && read(), NOTHING_MS);
}

function read() {
  from = Infinity;
  missed = new Set();
  bars.hide("away");
}
