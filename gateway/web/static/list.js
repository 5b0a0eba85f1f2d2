/** The list: what it is asked to do by people, by the bus and by time; window.js draws it. @module */

import * as alarms from "./alarms.js";
import { emit } from "./bus.js";
import * as clock from "./clock.js";
import * as fresh from "./fresh.js";
import * as hold from "./hold.js";
import { flood, lines, opens } from "./lines.js";
import { say } from "./words.js";
import * as rows from "./window.js";

/** @typedef {import("./lines.js").Line} Line */

/** Of the time, at most one part in so many goes into ordering, however many alarms there are. */
const SHARE = 4;
const MOVES = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const view = part("alarms");
/** The lines in their newest order, whether they stand so on the page or not. @type {Line[]} */
let newest = [];
let isFlood = false;
let isDue = false;
let restUntil = 0;

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  bus.on("changed", ({ alarm, before }) => {
    fresh.note(alarm, before);
    soon();
  });
  bus.on("removed", soon);
  bus.on("loaded", soon);
  bus.on("opened", rows.select);
  bus.on("closed", () => rows.select(""));
  bus.on("key", ({ name }) => {
    if (name === "down" || name === "up") rows.step(name === "down" ? 1 : -1);
  });
  clock.each(tick);
  hold.watch(view, settle);
  fresh.init((key) => {
    settle();
    rows.reach(key);
  });
  rows.init(() => fresh.show(newest, rows.side));
  view.addEventListener("click", click);
  view.addEventListener("keydown", key);
}

/** Sees to it that the list is put in order: at once, or a little later when there is much. */
function soon() {
  if (isDue) return;
  isDue = true;
  setTimeout(arrange, Math.max(0, restUntil - performance.now()));
}

function arrange() {
  isDue = false;
  const began = performance.now();
  const all = alarms.all();
  const found = flood(all, clock.now(), isFlood);
  isFlood = found.isFlood;
  newest = lines(all, isFlood);
  if (hold.isHeld()) rows.renew(newest);
  else rows.put(newest);
  fresh.show(newest, rows.side);
  head(found.count, all.filter((one) => !one.closed_at).length);
  restUntil = performance.now() + (performance.now() - began) * (SHARE - 1);
}

/** What waited takes its place now. */
function settle() {
  rows.put(newest);
  fresh.show(newest, rows.side);
}

function tick(now) {
  rows.tick(now);
  // A flood ends by time alone.
  if (isFlood && !flood(alarms.all(), now, isFlood).isFlood) soon();
}

/** @param {number} count raised in the last ten minutes @param {number} open */
function head(count, open) {
  const { size, isWhole, isCut } = alarms.extent();
  const unseen = newest.filter((line) => line.asks).length;
  part("tally-alarms").textContent = size ? say("list.tally", { n: open, m: unseen }) : "";
  const said = [];
  if (isFlood) said.push(say("list.flood", { n: count }));
  if (isCut) said.push(say("list.cut", { n: size }));
  else if (!isWhole && size) said.push(say("list.reading", { n: size }));
  part("list-said").textContent = said.join(" · ");
  part("list-said").title = isFlood ? say("list.flood_why") : said.join(" · ");
  part("calm").hidden = size > 0 || !isWhole;
}

/** Does what a press on a line does: opens its alarm, or shows what stands on it. @param {Line} line */
function open(line) {
  if (line.sort === "alarm" || line.sort === "site") emit("select", line.lead.id);
  else rows.unfold(line);
}

function click(event) {
  const row = rows.of(event.target);
  if (!row) return;
  row.element.focus({ preventScroll: true });
  // What came under a pointer that did not move was not what the person aimed at.
  if (!hold.isAimed(event)) return;
  if (event.target.closest("button")) rows.unfold(row.line);
  else open(row.line);
}

function key(event) {
  const row = rows.of(event.target);
  if (!row || event.ctrlKey || event.altKey || event.metaKey) return;
  const { line } = row;
  if (event.key in MOVES) rows.step(MOVES[event.key]);
  else if (event.key === "ArrowRight" && opens(line)) rows.unfold(line, true);
  else if (event.key === "ArrowLeft" && opens(line)) rows.unfold(line, false);
  else if (event.key === " ") open(line);
  // On an alarm Enter claims (keys.js); what is only a heading opens.
  else if (event.key === "Enter" && !row.element.dataset.alarm) open(line);
  else return;
  event.preventDefault();
}
