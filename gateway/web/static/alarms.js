/** The store of the page: every open alarm once, as the gateway last said it. @module */

import * as api from "./api.js";
import { emit } from "./bus.js";

const LINGERS_MS = 6000;
const PAGE = 200;
/** @type {Map<string, any>} */
const known = new Map();
/** What the stream said while the list was on its way: newer than the list. @type {Set<string> | null} */
let touched = null;
let isLoaded = false;

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  bus.on("alarm", show);
  bus.on("delivery", deliver);
  bus.on("reset", reload);
  bus.on("heartbeat", () => {
    // The stream runs first, so that nothing falls between it and the list.
    if (!isLoaded) reload();
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

/** The same, in the order of the list. */
export function ordered() {
  return all().sort(byGravity);
}

/** @param {any} alarm as the stream, or the answer to a step of ours, gave it */
export function show(alarm) {
  touched?.add(alarm.id);
  put(alarm);
}

/** Reads every open alarm anew; where that fails, the stream's next word tries again. */
export function reload() {
  isLoaded = true;
  load().catch(() => {
    isLoaded = false;
  });
}

async function load() {
  const since = (touched = new Set());
  const found = [];
  let cursor = "";
  do {
    const page = await api.get(`/alarms?open=true&with=deliveries,evidence&limit=${PAGE}${cursor}`);
    found.push(...page.items);
    cursor = page.next && `&cursor=${encodeURIComponent(page.next)}`;
  } while (cursor);
  if (touched === since) touched = null;
  const open = new Set(found.map((alarm) => alarm.id));
  for (const alarm of all()) {
    // What is not stored yet is in no list.
    if (!open.has(alarm.id) && !since.has(alarm.id) && alarm.stored) remove(alarm);
  }
  for (const alarm of found) {
    const isNewer = since.has(alarm.id) && known.get(alarm.id)?.stored;
    if (!isNewer) put(alarm);
  }
  emit("loaded");
}

function put(alarm) {
  const before = get(alarm.id);
  if (!before && alarm.closed_at) return;
  if (before && before.version > alarm.version) return;
  if (before?.stored && !alarm.stored) return; // said before it was stored, heard after
  // A step's answer has no deliveries and no stills: what is known of them stays.
  const kept = {
    deliveries: alarm.deliveries ?? before?.deliveries ?? [],
    evidence: alarm.evidence ?? before?.evidence ?? [],
  };
  known.set(alarm.id, { ...alarm, ...kept });
  emit("changed", { alarm: get(alarm.id), before });
  if (alarm.closed_at) setTimeout(forget, LINGERS_MS, alarm.id);
}

function forget(id) {
  const alarm = get(id);
  if (alarm?.closed_at) remove(alarm);
}

function remove(alarm) {
  known.delete(alarm.id);
  emit("removed", alarm);
}

function deliver(delivery) {
  const alarm = get(delivery.alarm);
  if (!alarm) return;
  const others = alarm.deliveries.filter((one) => one.id !== delivery.id);
  known.set(alarm.id, { ...alarm, deliveries: [...others, delivery] });
  emit("changed", { alarm: get(alarm.id), before: alarm });
}

function byGravity(a, b) {
  return (
    Number(Boolean(a.closed_at)) - Number(Boolean(b.closed_at)) ||
    Number(a.test) - Number(b.test) ||
    a.priority - b.priority ||
    Date.parse(b.raised_at) - Date.parse(a.raised_at)
  );
}
