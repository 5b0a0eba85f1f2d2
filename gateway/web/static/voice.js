/**
 * The voice: of all tabs of one person in one browser, one sounds; the others stand by, and take
 * over when it is not heard of any more. What is snoozed or muted in one is so in all.
 * @module
 */

import { moment, since } from "./feed.js";

const ALIVE_MS = 3000;
const me = document.body.dataset.name ?? "";
const tab = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16)).join("");
const channel = new BroadcastChannel(`dabyl-sound ${me}`);
/** The other tabs whose sound runs. @type {Map<string, {armedAt: number, at: ReturnType<typeof moment>}>} */
const others = new Map();
let own = { running: false, armedAt: Infinity };

/**
 * @param {(what: any) => void} hear what another tab decided
 * @param {() => void} changed who sounds may be another now
 */
export function init(hear, changed) {
  channel.addEventListener("message", ({ data }) => {
    if (data.what) hear(data.what);
    if (!data.tab) return;
    if (data.running) others.set(data.tab, { armedAt: data.armedAt, at: moment() });
    else others.delete(data.tab);
    changed();
  });
  addEventListener("pagehide", () => say(false, Infinity));
}

/** @param {boolean} running by measure @param {number} armedAt */
export function say(running, armedAt) {
  own = { running, armedAt };
  channel.postMessage({ tab, running, armedAt });
}

/** Tell the other tabs what a person decided here. @param {any} what */
export function share(what) {
  channel.postMessage({ what });
}

/** Whether it is this tab that sounds: it runs, and none that was armed before it does. */
export function isMine() {
  return own.running && !alive().some(([name, one]) => before(name, one, tab, own));
}

/** Whether another tab of this browser runs. */
export function isElsewhere() {
  return alive().length > 0;
}

function alive() {
  return [...others].filter(([, one]) => since(one.at) < ALIVE_MS);
}

function before(name, one, otherName, other) {
  if (one.armedAt !== other.armedAt) return one.armedAt < other.armedAt;
  return name < otherName;
}
