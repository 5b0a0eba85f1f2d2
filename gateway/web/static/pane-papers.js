/** The papers of the alarm that is open: what is read beside it, and read again as it moves. @module */

import * as api from "./api.js";
import * as chain from "./chain.js";
import { responded } from "./pane-facts.js";
import { recent, written } from "./pane-line.js";
import * as plan from "./pane-plan.js";
import * as procedure from "./pane-procedure.js";
import * as stills from "./stills.js";
import * as when from "./when.js";
import { named, say } from "./words.js";

const AGAIN_MS = 30000;
const BREATH_MS = 400;
const page = document.body.dataset;
const rights = new Set((page.rights ?? "").split(" "));
const authorities = (page.authorities ?? "").split(" ").filter(Boolean);
/** @type {HTMLElement} */
let pane;
/** The alarm if it is still the one that is shown. @type {(id: string) => any} */
let current;
/** Opens another one. @type {(id: string) => void} */
let select;
/** What was read of it: the papers, and the alarm with its time line. */
let read = nothing();
let isReading = false;
let isDue = false;

/** @param {HTMLElement} given @param {(id: string) => any} whether @param {(id: string) => void} open */
export function init(given, whether, open) {
  [pane, current, select] = [given, whether, open];
  plan.init(pane);
  setInterval(() => {
    const alarm = current(pane.dataset.shown ?? "");
    if (alarm?.stored && !document.hidden) fetchPapers(alarm.id);
  }, AGAIN_MS);
}

/** Another alarm is shown. @param {any} alarm */
export function open(alarm) {
  read = nothing();
  plan.shut();
  look(alarm);
}

/** What is to be done may be another thing now. @param {any} alarm */
export function again(alarm) {
  if (alarm.stored && read.isAsked) fetchPapers(alarm.id);
}

/** Nothing is shown any more. */
export function shut() {
  read = nothing();
}

/** @returns {{papers: any, full: any, isAsked: boolean}} */
function nothing() {
  return { papers: null, full: null, isAsked: false };
}

/** It moved: draw what is known, and read its time line again; once for many moves. @param {any} alarm */
export function look(alarm) {
  draw(alarm);
  if (!alarm.stored) return; // there is nothing to be read of it yet
  if (!read.isAsked) fetchPapers(alarm.id);
  if (isReading) {
    isDue = true;
    return;
  }
  isReading = true;
  api
    .get(`/alarms/${alarm.id}`)
    .then((full) => {
      if (!current(alarm.id)) return;
      read.full = full;
      draw(current(alarm.id));
    })
    .catch(() => null) // the gateway is away: its next word reads again
    .finally(() => setTimeout(rested, BREATH_MS));
}

function rested() {
  isReading = false;
  const alarm = current(pane.dataset.shown ?? "");
  if (isDue && alarm) look(alarm);
  isDue = false;
}

function fetchPapers(id) {
  read.isAsked = true;
  api
    .get(`/alarms/${id}/papers`)
    .then((papers) => {
      if (!current(id)) return;
      read.papers = papers;
      draw(current(id));
    })
    .catch(() => (read.isAsked = false));
}

function draw(alarm) {
  const { papers, full } = read;
  inside(papers?.occupancy, Boolean(alarm.site));
  text("access", named(papers?.access));
  plan.draw(section("plan"), papers?.plan, alarm);
  procedure.draw(section("procedure"), papers?.procedure ?? [], full?.transitions ?? [], alarm);
  const seen = alarm.evidence ?? [];
  section("seen").hidden = seen.length === 0;
  stills.draw(list("seen"), seen, rights.has("see_evidence"));
  if (full) responded(pane, alarm, full.transitions ?? []);
  const owed = full?.deliveries ?? alarm.deliveries ?? [];
  chain.draw(/** @type {Element} */ (pane.querySelector(".way .chain")), alarm, merged(owed, alarm.deliveries ?? []), authorities);
  written(section("way"), section("line"), merged(owed, alarm.deliveries ?? []), full?.transitions ?? [], papers?.procedure ?? [], alarm);
  recent(section("recent"), papers?.recent, Boolean(alarm.site), select);
}

/** The deliveries by their ids, each as it was heard last. */
function merged(first, later) {
  const all = new Map(first.map((one) => [one.id, one]));
  for (const one of later) {
    if ((all.get(one.id)?.attempts ?? -1) <= one.attempts) all.set(one.id, one);
  }
  return [...all.values()].sort((a, b) => a.id - b.id);
}

/** Its line is kept free where it may come late: the steps below must not move under a finger. */
function inside(count, isPlaced) {
  const line = /** @type {HTMLElement} */ (pane.querySelector(".inside"));
  line.hidden = !isPlaced;
  if (!count) return line.replaceChildren();
  // A count of nobody may be a turnstile's fault: it is never what is seen first.
  if (count.inside === 0 && count.quality !== "not_counted") return line.replaceChildren(say("inside.nobody"));
  const n = String(count.inside);
  const words = say(`inside.${count.quality}`, { n: count.inside, time: when.hour(count.as_of) });
  const at = words.indexOf(n);
  if (at < 0) return line.replaceChildren(words);
  const figure = document.createElement("b");
  figure.textContent = n;
  line.replaceChildren(words.slice(0, at), figure, words.slice(at + n.length));
}

function text(name, words) {
  section(name).hidden = !words;
  /** @type {HTMLElement} */ (section(name).querySelector("p")).textContent = words;
}

/** @param {string} name */
function section(name) {
  return /** @type {HTMLElement} */ (pane.querySelector(`.pane-papers > .${name}`));
}

function list(name) {
  return /** @type {HTMLElement} */ (section(name).querySelector("ol, ul"));
}
