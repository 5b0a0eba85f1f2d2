/**
 * Lines: which alarms stand together on one line of the list, and in which order. It only thinks.
 *
 * Presses (P0) of one site are one line, always, and of nothing else. One cause in more than three
 * sites is one line. In a flood the rest is put together by site and kind. The order is by
 * priority, then what nobody has seen, then the oldest; a site whose first press nobody has seen
 * stands above one that somebody works on already, or whose device only chatters.
 * @module
 */

import { get, gravity, isSeen } from "./alarms.js";

/**
 * @typedef {object} Line
 * @property {string} key stays the same while it stands for the same
 * @property {"alarm" | "site" | "cause" | "group" | "shelved"} sort
 * @property {any[]} alarms the oldest first
 * @property {any} lead the one that a person would take first
 * @property {number} weight the first part of its order: the smaller, the graver
 * @property {number} since the second part: when what stands for it began, in milliseconds
 * @property {boolean} asks whether somebody must look
 * @property {boolean} chatters whether only chattering devices ask
 * @property {number} buttons how many different buttons were pressed
 * @property {number} depth 1: it belongs to the opened line above it
 */

/** More sites than this with one cause are one line. */
const SITES = 3;
/** A person who presses so often has been heard; what goes on then is the device. */
const CHATTER = 10;
const HIDDEN = 9;
/** @type {Set<string>} */
const NONE = new Set();
const FLOOD_MS = 600_000;
/** Source: ISA-18.2 (more than 10 in 10 minutes for one operator, until fewer than 5). */
const FLOOD_BEGINS = 10;
const FLOOD_ENDS = 5;
/** What somebody did at a site; the same at four sites is four deeds, and no common cause. */
const DEEDS =
  /^(panic|passage|tamper|input|alarm|events)\.|^camera\.(line_crossed|intrusion|motion|tampered)$|^device\.(moved|duplicated)$/;

/**
 * How many real alarms were raised in the last ten minutes, and whether that is a flood.
 * @param {any[]} alarms
 * @param {number} now
 * @param {boolean} was whether it was one before
 */
export function flood(alarms, now, was) {
  let count = 0;
  for (const one of alarms) {
    if (!one.test && !one.hidden && one.raised_ms > now - FLOOD_MS) count += 1;
  }
  return { count, isFlood: was ? count >= FLOOD_ENDS : count > FLOOD_BEGINS };
}

/**
 * The lines of those alarms, in order.
 * @param {any[]} alarms
 * @param {boolean} isFlood
 * @returns {Line[]}
 */
export function lines(alarms, isFlood) {
  const stuck = new Set();
  for (const one of alarms) {
    if (one.kind === "device.stuck" && !one.closed_at) stuck.add(one.device);
  }
  const shared = causes(alarms);
  /** @type {Map<string, any[]>} */
  const together = new Map();
  for (const one of alarms) {
    const key = place(one, shared, isFlood);
    const known = together.get(key);
    if (known) known.push(one);
    else together.set(key, [one]);
  }
  return [...together].map(([key, members]) => line(key, members, stuck)).sort(byWeight);
}

/**
 * The same, each opened line followed by one for each of its alarms.
 * @param {Line[]} lines
 * @param {Set<string>} opened their keys
 */
export function spread(lines, opened) {
  if (!opened.size) return lines;
  return lines.flatMap((one) => (opened.has(one.key) && opens(one) ? [one, ...within(one)] : [one]));
}

/** The same line, with what its alarms say now. @param {Line} line */
export function renewed({ key, alarms, depth }) {
  return line(key, alarms.map((one) => get(one.id) ?? one), NONE, depth);
}

/**
 * What it sounds like: 0 the siren, 1 the two-tone, null nothing. One line, one sound.
 * @param {Line} line
 */
export function tone(line) {
  if (line.sort === "shelved") return null;
  const loud = line.alarms.filter((one) => asks(one) && !one.test && one.priority <= 1);
  return loud.length ? Math.min(...loud.map((one) => one.priority)) : null;
}

/** Whether several stand on it that can be looked at one by one. @param {Line} line */
export function opens(line) {
  return line.alarms.length > 1;
}

/** The kinds of trouble that are open in more than three sites. */
function causes(alarms) {
  /** @type {Map<string, Set<string>>} */
  const sites = new Map();
  for (const one of alarms) {
    if (!one.site || one.closed_at || one.test || one.hidden || DEEDS.test(one.kind)) continue;
    const known = sites.get(one.kind);
    if (known) known.add(one.site);
    else sites.set(one.kind, new Set([one.site]));
  }
  return new Set([...sites].filter(([, of]) => of.size > SITES).map(([kind]) => kind));
}

/** The key of the line on which an alarm stands. */
function place(alarm, shared, isFlood) {
  if (alarm.hidden && alarm.priority > 0) return "shelved";
  if (alarm.priority === 0 && !alarm.test) {
    return alarm.site ? `site ${alarm.site}` : `device ${alarm.device}`;
  }
  if (shared.has(alarm.kind) && alarm.site && !alarm.test) return `cause ${alarm.kind}`;
  if (isFlood && alarm.site) return `group ${alarm.site} ${alarm.kind}${alarm.test ? " test" : ""}`;
  return `alarm ${alarm.id}`;
}

/** @returns {Line} */
function line(key, members, stuck, depth = 0) {
  if (members.length > 1) members.sort((a, b) => a.raised_ms - b.raised_ms);
  const open = members.filter((one) => !one.closed_at);
  const asking = open.filter(asks);
  const lead = asking.find((one) => !one.claimed_by) ?? asking[0] ?? open[0] ?? members.at(-1);
  const chatters = asking.length > 0 && asking.every((one) => one.count >= CHATTER || stuck.has(one.device));
  const sort = /** @type {Line["sort"]} */ (members.length > 1 || key === "shelved" ? key.split(" ", 1)[0] : "alarm");
  const grave = Math.min(...(open.length ? open : members).map(gravity));
  return {
    key,
    sort: sort === /** @type {string} */ ("device") ? "site" : sort,
    alarms: members,
    lead,
    weight: grave * 4 + rank(open, asking, chatters),
    since: lead.raised_ms,
    asks: asking.length > 0 && grave < HIDDEN,
    chatters,
    buttons: new Set(open.filter((one) => one.priority === 0).map((one) => `${one.device} ${one.part}`)).size,
    depth,
  };
}

/** 0: nobody has seen any of it; 1: it asks, but somebody knows of the site, or it chatters; 2: seen. */
function rank(open, asking, chatters) {
  if (!asking.length) return 2;
  const isNew = asking.some((one) => !one.claimed_by) && open.length === asking.length;
  return isNew && !chatters ? 0 : 1;
}

function within(whole) {
  const parts = whole.alarms.map((one) => line(`alarm ${one.id}`, [one], NONE, 1));
  return parts.sort(byWeight);
}

function asks(alarm) {
  return !alarm.closed_at && !isSeen(alarm);
}

function byWeight(a, b) {
  return a.weight - b.weight || a.since - b.since || (a.key < b.key ? -1 : 1);
}
