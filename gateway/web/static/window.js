/** The window: of many lines only those are drawn that can be seen, each at its place. @module */

import * as fresh from "./fresh.js";
import { opens, renewed, spread } from "./lines.js";
import { Row } from "./rows.js";

/** @typedef {import("./lines.js").Line} Line */

/** So many more are drawn above and below what can be seen. */
const BESIDE = 4;
const HEAD_ROWS = 1;
const view = /** @type {HTMLElement} */ (document.getElementById("alarms"));
const sheet = /** @type {HTMLElement} */ (document.getElementById("lines"));
const grid = /** @type {HTMLElement} */ (document.getElementById("grid"));
/** The rows that are drawn, by their lines' keys. @type {Map<string, Row>} */
const rows = new Map();
/** @type {Set<string>} */
const opened = new Set();
/** The lines in the order in which they stand on the page. @type {Line[]} */
let standing = [];
/** The same, with those that belong to opened ones. @type {Line[]} */
let shown = [];
/** Where each of them stands. @type {Map<string, number>} */
let places = new Map();
let selected = "";
/** The line that has the focus, or had it last, and its place. */
let focus = { key: "", place: 0 };
/** One row's height in pixels; 0: not measured yet. */
let height = 0;

/** @param {() => void} moved told when other lines can be seen than before */
export function init(moved) {
  const look = () => {
    draw();
    moved();
  };
  view.addEventListener("scroll", look, { passive: true });
  view.addEventListener("focusin", (event) => {
    const row = of(event.target);
    if (row) focus = { key: row.line.key, place: row.place };
  });
  document.addEventListener("visibilitychange", look);
  new ResizeObserver(() => {
    height = Number.parseFloat(getComputedStyle(view).getPropertyValue("--row"));
    for (const row of rows.values()) row.place = -1;
    lay();
    look();
  }).observe(view);
}

/** Puts the lines in that order; what a person looks at stays where it is on the screen. @param {Line[]} next */
export function put(next) {
  const before = shown;
  const [from, to] = inView();
  standing = next;
  lay();
  const by = view.scrollTop > 0 ? drift(before.slice(from, to), from) : 0;
  if (by) view.scrollTop += by * height;
  draw();
}

/**
 * Keeps each line in its place, and shows what it says now, also one that will go; what comes after
 * all of them is added.
 * @param {Line[]} next
 */
export function renew(next) {
  const order = new Map(next.map((line, place) => [line.key, place]));
  const old = new Set(standing.map((line) => line.key));
  let last = -1;
  const kept = standing.map((line) => {
    const place = order.get(line.key);
    if (place === undefined) return renewed(line);
    last = Math.max(last, place);
    return next[place];
  });
  standing = [...kept, ...next.slice(last + 1).filter((line) => !old.has(line.key))];
  lay();
  draw();
}

/** @param {number} now by the gateway's clock */
export function tick(now) {
  for (const row of rows.values()) row.tick(now);
}

/** Marks the row of the alarm that is open elsewhere. @param {string} id */
export function select(id) {
  selected = id;
  draw();
}

/** Shows, or hides again, the alarms that stand on a line. @param {Line} line @param {boolean} [isOpen] */
export function unfold(line, isOpen = !opened.has(line.key)) {
  if (!opens(line)) return;
  if (isOpen) opened.add(line.key);
  else opened.delete(line.key);
  lay();
  draw();
}

/** Moves the focus by so many lines. @param {number} by */
export function step(by) {
  if (!shown.length) return;
  const at = places.get(focus.key) ?? focus.place - (by > 0 ? 1 : 0);
  reach(shown[Math.min(Math.max(at + by, 0), shown.length - 1)].key);
}

/** Goes to a line and gives it the focus. @param {string} key */
export function reach(key) {
  const at = places.get(key);
  if (at === undefined) return;
  const top = at * height;
  if (top < view.scrollTop) view.scrollTop = top;
  const under = top + height - view.clientHeight;
  if (under > view.scrollTop) view.scrollTop = under;
  focus = { key, place: at };
  draw();
  rows.get(key)?.element.focus({ preventScroll: true });
}

/** Where a line stands: −1 above what can be seen, or nowhere yet; 0 in it; 1 below. @param {string} key */
export function side(key) {
  const at = places.get(key) ?? -1;
  const [from, to] = inView();
  return at < from ? -1 : at >= to ? 1 : 0;
}

/** The row in which something happened. @param {EventTarget | null} target */
export function of(target) {
  const element = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest?.(".entry"));
  return element ? rows.get(element.dataset.key ?? "") : undefined;
}

function lay() {
  shown = spread(standing, opened);
  places = new Map(shown.map((line, place) => [line.key, place]));
  sheet.style.height = `${shown.length * height}px`;
  grid.setAttribute("aria-rowcount", String(shown.length + HEAD_ROWS));
}

/** By how many places that has moved which could be seen first, and kept its rank. */
function drift(seen, from) {
  for (const [at, line] of seen.entries()) {
    const place = places.get(line.key);
    if (place !== undefined && shown[place].weight === line.weight) return place - (from + at);
  }
  return 0;
}

/** The lines that can be seen: from the first, to before the last. */
function inView() {
  if (!height) return [0, 0];
  const from = Math.floor(view.scrollTop / height);
  const to = Math.ceil((view.scrollTop + view.clientHeight) / height);
  return [Math.max(0, from), Math.min(shown.length, to)];
}

function draw() {
  if (!height) return;
  const [from, to] = inView();
  const drawn = new Set();
  const last = Math.min(shown.length, to + BESIDE);
  for (let place = Math.max(0, from - BESIDE); place < last; place += 1) {
    drawn.add(shown[place].key);
    drawLine(shown[place], place);
  }
  keepFocus(drawn, from);
  for (const [key, row] of rows) {
    if (drawn.has(key)) continue;
    row.element.remove();
    rows.delete(key);
  }
  fresh.saw(shown.slice(from, to));
}

/** Draws a line at its place. @param {Line} line @param {number} place */
function drawLine(line, place) {
  const row = rows.get(line.key) ?? new Row(line);
  rows.set(line.key, row);
  const isOpened = opened.has(line.key);
  row.show(line, isOpened);
  row.choose(!isOpened && line.alarms.some((one) => one.id === selected));
  if (row.place === place) return;
  row.place = place;
  row.element.style.transform = `translateY(${place * height}px)`;
  row.element.setAttribute("aria-rowindex", String(place + HEAD_ROWS + 1));
  insert(row);
}

/** In the text of the page the rows stand in their order too: so they are read aloud. @param {Row} row */
function insert(row) {
  if (row.element.contains(document.activeElement)) return; // moved, it would lose the focus
  const after = [...rows.values()]
    .filter((other) => other.place > row.place && other.element.parentElement)
    .reduce((a, b) => (!a || b.place < a.place ? b : a), /** @type {Row | null} */ (null));
  sheet.insertBefore(row.element, after?.element ?? null);
}

/** The row that has the focus stays, however far away it is; one row can be reached by Tab. */
function keepFocus(drawn, from) {
  const held = rows.get(focus.key);
  const at = places.get(focus.key);
  if (at !== undefined && held?.element.contains(document.activeElement)) {
    drawn.add(focus.key);
    drawLine(shown[at], at);
  }
  const entry = drawn.has(focus.key) ? focus.key : shown[from]?.key;
  for (const row of rows.values()) row.element.tabIndex = row.line.key === entry ? 0 : -1;
}
