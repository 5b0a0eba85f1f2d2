/** Health: what is known of brokers, the centre, the store, the clock and armed consoles. @module */

import * as alarms from "./alarms.js";
import * as bars from "./bars.js";
import { say } from "./words.js";

const CLOCK_OFF_S = 5;
const ANSWER_MS = 3000;
const BRIEF = new Set(["broker", "centre", "escalated", "store", "unarmed"]);

/** @typedef {{brokers?: Record<string, boolean | string>, receivers?: Record<string, string>, store?: string, clock_off_s?: number | null}} Health */

/** @typedef {{district: string | null, rung: number, count: number}} Called where everybody is called */

/** As the last heartbeat had it. @type {Called[]} */
let called = [];

/** @param {any} said a heartbeat; what it does not tell of stays as it was */
export function show(said) {
  tell(said.health ?? {});
  if (said.escalated) {
    called = said.escalated;
    tellCalled();
  }
  if (!said.unarmed) return;
  const names = said.unarmed.map((one) => one || say("bar.everywhere")).join(", ");
  bar("unarmed", "stop", said.unarmed.length > 0, say("bar.unarmed", { names }), said.unarmed.length);
}

/** The page has read its alarms: what a heartbeat before that called another district's may be its own. */
export function recall() {
  if (called.length > 0) tellCalled();
}

function tellCalled() {
  const names = foreign(called).map((one) => `${one.district || say("bar.everywhere")} (${one.count})`);
  bar("escalated", "stop", names.length > 0, say("bar.escalated", { names: names.join(", ") }), names.length);
}

/**
 * What climbed so far that everybody is called, in districts that this page does not see itself.
 * @param {Called[]} escalated
 */
export function foreign(escalated) {
  const own = new Set(alarms.all().map((one) => one.place.district));
  return escalated.filter((one) => !own.has(one.district));
}

/** Asks a gateway that sends no heartbeat what it lacks; often it does not answer at all. */
export async function ask() {
  try {
    const answer = await fetch("/readyz", { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
    tell(await answer.json());
  } catch {
    // The bar of silence stands.
  }
}

/** @param {Health} health */
function tell(health) {
  if (health.brokers) {
    const names = bad(health.brokers);
    bar("broker", "stop", names.length > 0, say("bar.broker", { names: names.join(", ") }));
  }
  if (health.receivers) {
    const names = bad(health.receivers);
    bar("centre", "stop", names.length > 0, say("bar.centre", { names: names.join(", ") }));
  }
  if (health.store) bar("store", "stop", health.store !== "ok", say("bar.store"));
  if (health.clock_off_s === undefined) return;
  const off = Math.abs(health.clock_off_s ?? 0);
  bar("clock", "warn", off > CLOCK_OFF_S, say("bar.clock", { n: Math.round(off) }));
}

/** @param {string} name @param {import("./bars.js").Level} level @param {boolean} is @param {string} text */
function bar(name, level, is, text, n = 0) {
  if (is) bars.show(name, level, text, { brief: BRIEF.has(name) ? say(`brief.${name}`, { n }) : "" });
  else bars.hide(name);
}

/** The names of those that are not well. @param {Record<string, boolean | string>} states */
function bad(states) {
  return Object.entries(states)
    .filter(([, state]) => state !== "ok" && state !== true)
    .map(([name]) => name);
}
