/** The store of the page: every open alarm once, as the gateway last said it. @module */

import * as api from "./api.js";
import { emit } from "./bus.js";

const LINGERS_MS = 6000;
const PAGE = 200;
/** Above so many, what only tells of trouble (P2, P3) is not kept; the list says so. */
const ROOM = 12000;
const AGAIN = 10000;
/** @type {Map<string, any>} */
const known = new Map();
/** What the stream said while the list was on its way: newer than the list. @type {Set<string> | null} */
let touched = null;
/** The reading that counts; an earlier one that still runs ends by itself. @type {object | null} */
let reading = null;
let isWhole = false;
let isCut = false;

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  bus.on("alarm", show);
  bus.on("delivery", deliver);
  bus.on("reset", reload);
  bus.on("putAway", putAway);
  bus.on("heartbeat", () => {
    // The stream runs first, so that nothing falls between it and the list.
    if (!reading || (isCut && known.size < AGAIN)) reload();
  });
}

/** @param {string} id */
export function get(id) {
  return known.get(id) ?? null;
}

/** Every alarm that is shown, in no order; one that closed stays a moment. */
export function all() {
  return [...known.values()];
}

/** The same, the gravest first: as the gateway orders them (`order=gravity`). */
export function ordered() {
  return all().sort(byGravity);
}

/** How much of what is open is here: whether all was read, and whether there was room for it. */
export function extent() {
  return { size: known.size, isWhole, isCut };
}

/**
 * How many are open and stored, to be compared with a heartbeat's counts; null while that cannot
 * be compared, because not all was read yet.
 * @returns {{P0: number, P1: number} | null}
 */
export function counts() {
  if (!isWhole) return null;
  const found = { P0: 0, P1: 0 };
  for (const alarm of known.values()) {
    const key = `P${alarm.priority}`;
    if (key in found && alarm.stored && !alarm.closed_at) found[key] += 1;
  }
  return found;
}

/** @param {any} alarm as the stream, or the answer to a step of ours, gave it */
export function show(alarm) {
  touched?.add(alarm.id);
  const before = get(alarm.id);
  const after = put(alarm);
  if (after) emit("changed", { alarm: after, before });
}

/** Reads every open alarm anew; where that fails, the stream's next word tries again. */
export function reload() {
  const own = (reading = {});
  isWhole = isCut = false;
  load(own).catch(() => {
    if (reading === own) reading = null;
  });
}

/** @param {object} own */
async function load(own) {
  const since = (touched = new Set());
  /** @type {Set<string>} */
  const open = new Set();
  let cursor = "";
  do {
    const asked = `/alarms?open=true&order=gravity&with=deliveries,evidence&limit=${PAGE}${cursor}`;
    const page = await api.get(asked);
    if (reading !== own) return;
    for (const alarm of page.items) {
      open.add(alarm.id);
      const isNewer = since.has(alarm.id) && known.get(alarm.id)?.stored;
      if (!isNewer) put(alarm);
    }
    cursor = page.next && `&cursor=${encodeURIComponent(page.next)}`;
    if (cursor) emit("loaded", { isWhole: false });
  } while (cursor && !isCut);
  isWhole = !isCut;
  touched = null;
  for (const alarm of known.values()) {
    // What is not stored yet is in no list.
    const isGone = !open.has(alarm.id) && !since.has(alarm.id) && alarm.stored && !alarm.closed_at;
    if (isGone) remove(alarm);
  }
  emit("loaded", { isWhole });
}

/** Takes it in; null: what is known is newer, or there is no room. */
function put(alarm) {
  const before = get(alarm.id);
  if (!before && alarm.closed_at) return null;
  if (before && before.version > alarm.version) return null;
  if (before?.stored && !alarm.stored) return null; // said before it was stored, heard after
  if (!before && alarm.priority > 1 && known.size >= ROOM) {
    isCut = true;
    return null;
  }
  const after = {
    ...alarm,
    // A step's answer has no deliveries and no stills: what is known of them stays.
    deliveries: alarm.deliveries ?? before?.deliveries ?? [],
    evidence: alarm.evidence ?? before?.evidence ?? [],
    raised_ms: Date.parse(alarm.raised_at),
  };
  known.set(alarm.id, after);
  if (alarm.closed_at) setTimeout(forget, LINGERS_MS, alarm.id);
  return after;
}

function forget(id) {
  const alarm = get(id);
  if (alarm?.closed_at) remove(alarm);
}

/** A cry that no store took, and that the gateway does not know any more. @param {{id: string}} said */
function putAway({ id }) {
  const alarm = get(id);
  if (alarm && !alarm.stored) remove(alarm);
}

function remove(alarm) {
  known.delete(alarm.id);
  emit("removed", alarm);
}

function deliver(delivery) {
  const before = get(delivery.alarm);
  if (!before) return;
  const others = before.deliveries.filter((one) => one.id !== delivery.id);
  const after = { ...before, deliveries: [...others, delivery] };
  known.set(after.id, after);
  emit("changed", { alarm: after, before });
}

function byGravity(a, b) {
  return (
    gravity(a) - gravity(b) ||
    Number(isSeen(a)) - Number(isSeen(b)) ||
    a.raised_ms - b.raised_ms ||
    (a.id < b.id ? -1 : 1)
  );
}

/** By priority; a test after the gravest two; what somebody hid last, but never a press. @param {any} alarm */
export function gravity(alarm) {
  if (alarm.hidden && alarm.priority > 0) return 9;
  return alarm.test ? 3 : alarm.priority * 2;
}

/** Whether somebody has it, and nothing new was said since. @param {any} alarm */
export function isSeen(alarm) {
  return alarm.state === "ACKNOWLEDGED" || alarm.state === "NORMAL";
}
