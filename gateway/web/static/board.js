/** The board: every open alarm once, the gravest first; what closed stays a moment to be seen. @module */

import * as api from "./api.js";
import { Card } from "./card.js";

const LINGERS_MS = 6000;
const PAGE = 200;
const list = /** @type {HTMLElement} */ (document.getElementById("alarms"));
const calm = /** @type {HTMLElement} */ (document.getElementById("calm"));
/** @type {Map<string, Card>} */
const cards = new Map();
/** What the stream said while the list was on its way: newer than the list. @type {Set<string> | null} */
let touched = null;
/** How far the gateway's clock is ahead of this one. */
let aheadMs = 0;

/** Reads every open alarm anew. */
export async function load() {
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
  for (const [id, card] of cards) {
    // What is not stored yet is in no list.
    if (!open.has(id) && !since.has(id) && card.alarm.stored) remove(id, card);
  }
  for (const alarm of found) {
    const isNewer = since.has(alarm.id) && cards.get(alarm.id)?.alarm.stored;
    if (!isNewer) put(alarm);
  }
  settle();
}

/** @param {any} alarm as the stream or an answer gave it */
export function show(alarm) {
  touched?.add(alarm.id);
  put(alarm);
  settle();
}

/** @param {any} delivery */
export function deliver(delivery) {
  cards.get(delivery.alarm)?.deliver(delivery);
}

/** @param {number} now by the gateway's clock */
export function setClock(now) {
  aheadMs = now - Date.now();
}

/** Now, by the gateway's clock. */
export function clock() {
  return Date.now() + aheadMs;
}

function put(alarm) {
  let card = cards.get(alarm.id);
  if (!card && alarm.closed_at) return;
  if (card && card.alarm.version > alarm.version) return;
  if (card && card.alarm.stored && !alarm.stored) return; // said before it was stored, heard after
  if (!card) {
    card = new Card(alarm, show);
    cards.set(alarm.id, card);
  }
  card.show(alarm);
  card.tick(clock());
  if (alarm.closed_at) {
    const closed = card;
    setTimeout(() => {
      if (!closed.alarm.closed_at) return;
      remove(alarm.id, closed);
      settle();
    }, LINGERS_MS);
  }
}

function remove(id, card) {
  if (cards.get(id) === card) cards.delete(id);
  card.element.remove();
}

/** Puts the cards in order, touching only those that stand wrong. */
function settle() {
  const ordered = [...cards.values()].sort(byGravity);
  ordered.forEach((card, place) => {
    if (list.children[place] !== card.element) {
      list.insertBefore(card.element, list.children[place] ?? null);
    }
  });
  calm.hidden = cards.size > 0;
}

function byGravity(a, b) {
  return (
    Number(Boolean(a.alarm.closed_at)) - Number(Boolean(b.alarm.closed_at)) ||
    Number(a.alarm.test) - Number(b.alarm.test) ||
    a.alarm.priority - b.alarm.priority ||
    Date.parse(b.alarm.raised_at) - Date.parse(a.alarm.raised_at)
  );
}

setInterval(() => {
  for (const card of cards.values()) card.tick(clock());
}, 1000);
