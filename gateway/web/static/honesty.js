/**
 * Honesty: whether what the page shows can be trusted, and since when it cannot.
 *
 * `data-trust` of the body: `blind` the gateway is not heard, `differs` it counts other alarms than
 * the page, `unproven` the path from the buttons is not proven, `whole`. But for `whole` the page is
 * grey, and a bar says why and for how long.
 * @module
 */

import * as alarms from "./alarms.js";
import * as bars from "./bars.js";
import * as clock from "./clock.js";
import * as health from "./health.js";
import { ago, say } from "./words.js";

const UNPROVEN_S = 90;
/** Counts may differ while a press is on its way; after so many heartbeats they may not. */
const PATIENCE = 3;
/** A long list takes a while to be read. */
const READING = 15;
const RELOAD_MS = 10_000;
/** How often the gateway is asked why it is silent. */
const ASK_MS = 5000;
const part = (/** @type {string} */ id) => document.getElementById(id);
const title = document.title;

/** @type {import("./bus.js").Bus} */
let bus;
let differing = 0;
let doesDiffer = false;
let reloadedAt = -RELOAD_MS;
/** @type {{since: string | null} | null} */
let blind = null;
let trust = "whole";
/** When what is shown was last true, by the gateway's clock; null: nobody knows. @type {number | null} */
let trueAt = null;
let askedAt = 0;

/** @param {import("./bus.js").Bus} given */
export function init(given) {
  bus = given;
  bus.on("heartbeat", beat);
  bus.on("silent", (said) => {
    blind = said;
    judge();
  });
  bus.on("back", () => (blind = null));
  bus.on("loaded", health.recall);
  bus.on("tick", show);
  const place = part("bars");
  if (place) new ResizeObserver(() => makeRoom(place)).observe(place);
}

function beat(said) {
  blind = null;
  const open = said.open.P0 + said.open.P1;
  document.title = (open ? `(${open}) ` : "") + title;
  set("pulse", "live");
  for (const [priority, n] of Object.entries(said.open)) {
    const shown = part(`open-${priority.toLowerCase()}`);
    if (shown && shown.textContent !== String(n)) shown.textContent = String(n);
    shown?.parentElement?.classList.toggle("some", Number(n) > 0);
  }
  compare(said.open);
  prove(said.canary_age_s);
  health.show(said);
  judge(said.canary_age_s);
}

/** What the gateway counts, against what this page holds. @param {{P0: number, P1: number}} open */
function compare(open) {
  const held = alarms.counts();
  const isSame = held?.P0 === open.P0 && held?.P1 === open.P1;
  differing = isSame || alarms.extent().isCut ? 0 : differing + 1;
  // What differed goes on differing while the list is on its way: only the same counts end it.
  doesDiffer = differing > 0 && (doesDiffer || differing >= (held ? PATIENCE : READING));
  if (!held || !doesDiffer || performance.now() - reloadedAt < RELOAD_MS) return;
  reloadedAt = performance.now();
  bus.emit("reset", {});
}

/** Whether silence can be trusted. @param {number | null} age of the oldest proof, seconds */
function prove(age) {
  const isProven = age !== null && age <= UNPROVEN_S;
  const text = isProven ? say("page.proven", { n: Math.round(age) }) : say("page.unproven");
  set("proof", isProven ? "proven" : "unproven", text);
  const why = part("calm-why");
  if (why) why.textContent = say(isProven ? "page.calm_why" : "page.calm_doubt");
}

/** @param {number | null} [age] of the proof */
function judge(age = null) {
  const isUnproven = age === null || age > UNPROVEN_S;
  const found = blind ? "blind" : doesDiffer ? "differs" : isUnproven ? "unproven" : "whole";
  if (found === "blind") trueAt = blind?.since ? Date.parse(blind.since) : null;
  else if (found === "unproven") trueAt = age === null ? null : clock.now() - age * 1000;
  else if (found !== trust) trueAt = clock.now();
  trust = found;
  document.body.dataset.trust = trust;
  if (blind) set("pulse", "waiting");
  show();
}

function show() {
  const age = trueAt === null ? "" : ago(clock.now() - trueAt);
  const since = (key) => ({ since: age && say(key, { ago: age }) });
  bar("silent", "blind", "stop", "page.silence", since("bar.heard"));
  bar("differs", "differs", "stop", "bar.differs", since("bar.since"));
  bar("unproven", "unproven", "warn", "bar.unproven", since("bar.proven"));
  if (trust !== "blind" || performance.now() - askedAt < ASK_MS) return;
  askedAt = performance.now();
  health.ask();
}

function bar(name, state, level, key, more) {
  if (trust === state) bars.show(name, level, say(key), { ...more, brief: say(`brief.${name}`) });
  else bars.hide(name);
}

/** @param {string} id @param {string} state @param {string} [text] */
function set(id, state, text) {
  const shown = part(id);
  if (!shown) return;
  if (shown.dataset.state !== state) shown.dataset.state = state;
  if (text !== undefined && shown.textContent !== text) shown.textContent = text;
}

/** The bars lie over the page's end, so that nothing moves when one comes. @param {HTMLElement} place */
function makeRoom(place) {
  document.documentElement.style.setProperty("--bars", `${place.offsetHeight}px`);
}
