/** Until the pane stands: the cards of what is open, beside the list. @module */

import * as alarms from "./alarms.js";
import { Card } from "./card.js";
import * as clock from "./clock.js";

const list = document.getElementById("cards");
/** @type {Map<string, Card>} */
const cards = new Map();

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  if (!list || document.getElementById("pane")) return void list?.parentElement?.remove();
  for (const kind of /** @type {const} */ (["changed", "removed", "loaded"])) bus.on(kind, settle);
  clock.each((now) => {
    for (const card of cards.values()) card.tick(now);
  });
}

function settle() {
  const open = alarms.ordered().slice(0, 50);
  for (const [id, card] of cards) if (!open.some((one) => one.id === id) && cards.delete(id)) card.element.remove();
  open.forEach((alarm, place) => {
    const card = cards.get(alarm.id) ?? new Card(alarm, alarms.show);
    cards.set(alarm.id, card);
    card.show(alarm);
    card.tick(clock.now());
    if (list?.children[place] !== card.element) list?.insertBefore(card.element, list.children[place] ?? null);
  });
}
