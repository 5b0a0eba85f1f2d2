/**
 * The pane: everything about one alarm. It opens by itself for the first press that nobody has
 * claimed; never over one that is open, and never taking the focus from anybody.
 * @module
 */

import * as alarms from "./alarms.js";
import * as api from "./api.js";
import * as bars from "./bars.js";
import * as clock from "./clock.js";
import * as closings from "./closings.js";
import * as fold from "./fold.js";
import * as lately from "./lately.js";
import * as facts from "./pane-facts.js";
import * as papers from "./pane-papers.js";
import * as steps from "./pane-steps.js";
import * as tests from "./pane-tests.js";
import { reason } from "./problem.js";
import { named, say } from "./words.js";

const LINGERS_MS = 2500;
const SAID_MS = 8000;
const page = document.body.dataset;
/** Whoever cannot claim works at something else: nothing opens before them by itself. */
const mayClaim = (page.rights ?? "").split(" ").includes("claim");
const pane = /** @type {HTMLElement} */ (document.getElementById("pane"));
const next = /** @type {HTMLElement} */ (document.getElementById("pane-next"));
const said = /** @type {HTMLElement} */ (document.getElementById("pane-said"));
/** What stands behind one button on a phone. */
const folds = [[".beside-more", ".beside-it"], [".steps-more", ".pane-steps"]].map((pair) =>
  pair.map((one) => /** @type {HTMLElement} */ (pane.querySelector(one))),
);
/** What is shown, as it was last known; null: the pane is shut. @type {any} */
let shown = null;
/** Whether it opened by itself, and nobody has touched it since. */
let isUntouched = false;
/** What a person looked at and left: it opens by itself no more. @type {Set<string>} */
const left = new Set();
/** What a person asked for last: an answer that comes late opens nothing. */
let wanted = "";
/** Where the focus was when a person opened it. @type {HTMLElement | null} */
let cameFrom = null;
/** @type {import("./bus.js").Bus} */
let bus;

/** @param {import("./bus.js").Bus} given */
export function init(given) {
  bus = given;
  bus.on("changed", ({ alarm, before }) => {
    // Who left it sees it again when it is pressed again, or when whoever held it is gone.
    if (before && (alarm.count > before.count || asksAgain(alarm, before))) left.delete(alarm.id);
    if (alarm.id === shown?.id) draw(alarm);
    soon();
  });
  bus.on("removed", (alarm) => {
    left.delete(alarm.id);
    if (alarm.id === shown?.id) gone(alarm.id);
    soon();
  });
  bus.on("loaded", () => {
    const known = shown && alarms.get(shown.id);
    if (known) draw(known);
    soon();
  });
  bus.on("select", select);
  bus.on("look", look);
  bus.on("reopen", async (id) => {
    await look(id);
    if (shown?.id === id) steps.key(pane, "reopen");
  });
  bus.on("key", hear);
  for (const kind of ["pointerdown", "focusin"]) pane.addEventListener(kind, () => (isUntouched = false));
  for (const [button, place] of folds) fold.init(button, place);
  pane.querySelector(".shut")?.addEventListener("click", shut);
  next.querySelector("button")?.addEventListener("click", () => {
    const one = waiting().find((alarm) => alarm.id !== shown?.id && !isSibling(alarm, shown));
    if (one) select(one.id);
  });
  clock.each((now) => shown && facts.tick(pane, shown, now));
  steps.init(pane, { moved, looked: () => shown && papers.look(shown), done: leaveSoon, putAway: (id) => bus.emit("putAway", { id, isOwn: true }) });
  papers.init(pane, (id) => id === shown?.id && shown, (id) => bus.emit("look", id));
  tests.init(bus);
}

/** A step of this person's made it so. @param {any} alarm @param {string} [click] what else the same click did bears the same word */
function moved(alarm, click = alarm.id) {
  alarms.show(alarm);
  if (alarm.id === shown?.id && !alarms.get(alarm.id)) draw(alarm); // closed: in no list any more
  if (alarm.closed_at) bus.emit("ended", { alarm, click });
}

/** The presses that ask this person, the oldest first. */
function waiting() {
  const asking = alarms.all().filter(
    (one) =>
      one.priority === 0 &&
      one.state === "UNACKNOWLEDGED" &&
      (!one.claimed_by || one.claimed_by === page.name) &&
      !one.test &&
      !one.hidden &&
      !one.closed_at,
  );
  return asking.sort((a, b) => a.raised_ms - b.raised_ms || (a.id < b.id ? -1 : 1));
}

/** What else was pressed at its site: of one school's press the others are a part. @param {any} alarm */
function siblings(alarm) {
  return alarms
    .all()
    .filter((one) => isSibling(one, alarm) && !one.closed_at)
    .sort((a, b) => a.raised_ms - b.raised_ms);
}

function isSibling(one, alarm) {
  const isPress = (it) => it.priority === 0 && !it.test && it.stored;
  if (!alarm) return false;
  return one.id !== alarm.id && isPress(one) && isPress(alarm) && Boolean(one.site) && one.site === alarm.site;
}

/** A silent cry hushes all that is shown of its site; what is to be done then is read again. */
function hush() {
  const cries = (one) => one.silent && one.priority === 0 && !one.test && !one.closed_at;
  const isNear = (one) => one.id === shown.id || (one.site && one.site === shown.site);
  const isHushed = alarms.all().some((one) => cries(one) && isNear(one)) || cries(shown);
  if (facts.hush(pane, isHushed)) papers.again(shown);
}

let isDue = false;
/** The presses that waited when it was last looked. @type {Set<string>} */
let known = new Set();
/** Considers at once, but only once for many words that came together. */
function soon() {
  if (isDue) return;
  isDue = true;
  setTimeout(() => {
    isDue = false;
    consider();
  });
}

function asksAgain(alarm, before) {
  return alarm.state === "UNACKNOWLEDGED" && before.state !== "UNACKNOWLEDGED";
}

/** Opens the first press that waits; where another is open, a bar says that one waits. */
function consider() {
  const asking = waiting();
  const before = known;
  known = new Set(asking.map((one) => one.id));
  if (asking.some((one) => !before.has(one.id) && one.id !== shown?.id)) {
    bus.emit("waits", null);
    // What is over is only looked at: it gives way to a press.
    if (shown?.closed_at && !steps.isWriting(pane)) return shut();
  }
  const first = asking.find((one) => !left.has(one.id));
  if (!shown && first && mayClaim) open(first, { byItself: true });
  if (shown) {
    const beside = siblings(shown);
    facts.beside(pane, beside, select);
    steps.beside(pane, beside);
    hush();
  }
  const others = asking.filter((one) => one.id !== shown?.id && !isSibling(one, shown));
  next.hidden = !shown || others.length === 0;
  if (next.hidden) return;
  const text = /** @type {HTMLElement} */ (next.querySelector(".which"));
  const more = others.length > 1 ? ` · ${say("pane.more", { n: others.length - 1 })}` : "";
  const words = `${facts.siteOf(others[0])}${more}`;
  if (text.textContent !== words) text.textContent = words;
}

/** A person wants to see it. @param {string} id */
function select(id) {
  wanted = id;
  const alarm = alarms.get(id);
  if (alarm) view(alarm);
}

/** The same of what may be in no list any more. @param {string} id */
async function look(id) {
  wanted = id;
  const known = alarms.get(id) ?? (id === shown?.id ? shown : null);
  const alarm = known ?? (await api.get(`/alarms/${id}`).catch(unread));
  if (!alarm || wanted !== id) return;
  if (shown && id !== shown.id && steps.isUnfinished(pane)) return;
  view(alarm);
}

/** @param {any} problem */
function unread(problem) {
  bars.show("unread", "warn", reason(problem), { isPassing: true });
  setTimeout(() => bars.hide("unread"), SAID_MS);
}

/** @param {any} alarm */
function view(alarm) {
  if (!shown) cameFrom = /** @type {HTMLElement | null} */ (document.activeElement);
  if (alarm.id !== shown?.id) open(alarm, { byItself: false });
  isUntouched = false;
  consider();
}

/** @param {any} alarm @param {{byItself: boolean}} how */
function open(alarm, { byItself }) {
  const before = shown?.id;
  if (before) bus.emit("closed", before);
  shown = null; // what is drawn next is drawn anew
  steps.away(pane);
  for (const [button, place] of folds) fold.unfold(button, place, false);
  pane.hidden = false;
  pane.scrollTop = 0;
  isUntouched = byItself;
  draw(alarm);
  papers.open(alarm);
  bus.emit("opened", alarm.id);
  if (byItself) said.textContent = [say(`kind.${alarm.kind}`), facts.siteOf(alarm), named(alarm.place.zone)].filter(Boolean).join(". ");
}

function draw(alarm) {
  const before = shown;
  shown = alarm;
  facts.draw(pane, alarm);
  facts.beside(pane, siblings(alarm), select);
  hush();
  steps.draw(pane, alarm);
  facts.tick(pane, alarm, clock.now());
  if (before && (before.stored !== alarm.stored || before !== alarm)) papers.look(alarm);
  const isOthers = alarm.claimed_by && alarm.claimed_by !== page.name && alarm.state === "ACKNOWLEDGED";
  if (isUntouched && (alarm.closed_at || isOthers)) leaveSoon(alarm.id);
}

/** It is in no list any more: closed, and while we were away that was not told. @param {string} id */
function gone(id) {
  if (isUntouched) return shut();
  api
    .get(`/alarms/${id}`)
    .then((full) => shown?.id === id && draw(full))
    .catch(() => shown?.id === id && shut());
}

/** What needs nobody here any more goes by itself: a closed one, or one that another took. */
function leaveSoon(id) {
  setTimeout(() => {
    const isDone = shown?.id === id && (shown.closed_at || isUntouched);
    if (isDone && !steps.isWriting(pane)) shut();
  }, LINGERS_MS);
}

function shut() {
  if (!shown) return;
  const { id } = shown;
  left.add(id);
  const hadFocus = pane.contains(document.activeElement);
  shown = null;
  pane.hidden = true;
  said.textContent = "";
  papers.shut();
  bus.emit("closed", id);
  if (hadFocus && cameFrom?.isConnected) cameFrom.focus();
  cameFrom = null;
  consider();
}

/** @param {{name: string, alarm: string | null}} key */
function hear({ name, alarm }) {
  if (name === "away") {
    if (!steps.away(pane)) shut();
    return;
  }
  if (name === "back") return back();
  if (!alarm || !["claim", "close", "note"].includes(name)) return;
  select(alarm);
  if (shown?.id === alarm) steps.key(pane, name);
}

/** What was closed just now, else what is shown, else what anybody closed; no press waits for that. */
function back() {
  if ((shown && steps.isWriting(pane)) || waiting().length) return;
  const id = closings.offered();
  if (id) bus.emit("reopen", id);
  else if (shown?.closed_at) steps.key(pane, "reopen");
  else lately.show();
}
