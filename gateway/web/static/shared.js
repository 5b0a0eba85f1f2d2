/**
 * The worker that all tabs of one browser share: one stream for them all (a SharedWorker).
 *
 * From a tab: `{hello: position | null}` it joins; `{here: {...}}` it is awake, and how its sound is;
 * `{bye: true}`; `{left: true}` the person signs out; `{putAway: id}` a cry that nobody stored. To a tab: a frame `{kind, position, data}`, `{kind: "tick"}` each half second, which
 * no browser slows down in a hidden tab, `{kind: "signin"}`, `{kind: "putAway", id}`, and `{kind: "who", who}` whose session it is.
 * @module
 */

import { Feed, moment, since } from "./feed.js";
import { Console } from "./presence.js";
import { Remembered } from "./remembered.js";

const TICK_MS = 500;
/** A tab that says nothing for so long is frozen: its letters would only heap up. */
const FROZEN_MS = 15_000;
/** And one that says nothing for so long is gone. */
const GONE_MS = 6 * 3600 * 1000;
const FRESH_MS = 3000;

/** @typedef {{port: MessagePort, sent: number | null, heardAt: ReturnType<typeof moment>, away: boolean, here: any}} Tab */

/** @type {Set<Tab>} */
const tabs = new Set();
/** A wall has a worker of its own: nobody sits there. */
const isSeat = /** @type {any} */ (globalThis).name.split(" ")[2] === "seat";
const memory = new Remembered();
const presence = new Console();
let beat = { frame: /** @type {import("./feed.js").Frame | null} */ (null), at: moment() };
/** @type {Feed | null} */
let feed = null;
let before = /** @type {number | null} */ (null);

/** @param {import("./feed.js").Frame} frame */
function hear(frame) {
  memory.keep(frame, before);
  before = feed?.position ?? null;
  if (frame.kind === "heartbeat") beat = { frame, at: moment() };
  for (const tab of tabs) if (!tab.away) send(tab, frame);
}

/** @param {Tab} tab @param {import("./feed.js").Frame} frame */
function send(tab, frame) {
  tab.port.postMessage(frame);
  if (frame.position !== null) tab.sent = frame.position;
}

/** The session is over, for all. @param {Tab} [but] the one that knows */
function refused(but) {
  for (const tab of tabs) if (tab !== but) tab.port.postMessage({ kind: "signin" });
}

/** Whose session it is now, for each tab to compare. @param {string} who */
function known(who) {
  for (const tab of tabs) tab.port.postMessage({ kind: "who", who });
}

/** A tab joins, or wakes: what it missed, or the word that it must read everything anew. @param {Tab} tab */
function resume(tab) {
  const isAbreast = tab.sent === null || tab.sent === (feed?.position ?? null);
  const missed = isAbreast ? [] : memory.after(/** @type {number} */ (tab.sent));
  if (missed) for (const frame of missed) send(tab, frame);
  else send(tab, { kind: "reset", position: feed?.position ?? null, data: "{}" });
  for (const cry of memory.cries.values()) send(tab, cry);
  if (beat.frame && since(beat.at) < FRESH_MS) send(tab, beat.frame);
}

/** @param {Tab} tab @param {any} said */
function hearTab(tab, said) {
  tab.heardAt = moment();
  if (said.bye) return void tabs.delete(tab);
  if (said.left) return refused(tab);
  if (said.putAway) return putAway(tab, said.putAway);
  if ("hello" in said) {
    tabs.add(tab);
    tab.sent = said.hello ?? feed?.position ?? null;
    if (feed) resume(tab);
    else begin(said.hello);
  }
  if (said.here) tab.here = said.here;
  if (tab.away) {
    tab.away = false;
    resume(tab);
  }
}

/** @param {Tab} by @param {string} id of a cry that nobody stored */
function putAway(by, id) {
  memory.putAway(id);
  for (const tab of tabs) if (tab !== by) tab.port.postMessage({ kind: "putAway", id });
}

/** @param {number | null} after */
function begin(after) {
  feed = new Feed(hear, () => refused(), known, isSeat);
  before = after;
  feed.start(after);
  setInterval(tick, TICK_MS);
}

function tick() {
  for (const tab of tabs) {
    const quiet = since(tab.heardAt);
    if (quiet > GONE_MS) tabs.delete(tab);
    else if (quiet > FROZEN_MS) tab.away = true;
    else tab.port.postMessage({ kind: "tick" });
  }
  presence.say([...tabs].filter((tab) => !tab.away).map((tab) => tab.here));
}

/** @type {any} */ (globalThis).addEventListener("connect", (/** @type {MessageEvent} */ event) => {
  const [port] = event.ports;
  /** @type {Tab} */
  const tab = { port, sent: null, heardAt: moment(), away: false, here: null };
  port.addEventListener("message", (message) => hearTab(tab, message.data));
  port.start();
});
