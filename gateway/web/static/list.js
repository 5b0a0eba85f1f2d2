/** The list of alarms: the gravest first. @module */

import * as alarms from "./alarms.js";
import { Card } from "./card.js";
import * as clock from "./clock.js";

const list = /** @type {HTMLElement} */ (document.getElementById("alarms"));
const calm = /** @type {HTMLElement} */ (document.getElementById("calm"));
/** @type {Map<string, Card>} */
const cards = new Map();

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  bus.on("changed", ({ alarm }) => {
    draw(alarm);
    settle();
  });
  bus.on("removed", (alarm) => {
    cards.get(alarm.id)?.element.remove();
    cards.delete(alarm.id);
    settle();
  });
  bus.on("loaded", settle);
  clock.each((now) => {
    for (const card of cards.values()) card.tick(now);
  });
}

function draw(alarm) {
  const card = cards.get(alarm.id) ?? new Card(alarm, alarms.show);
  cards.set(alarm.id, card);
  card.show(alarm);
  card.tick(clock.now());
}

/** Puts the cards in order, touching only those that stand wrong. */
function settle() {
  alarms.ordered().forEach((alarm, place) => {
    const card = cards.get(alarm.id);
    if (card && list.children[place] !== card.element) {
      list.insertBefore(card.element, list.children[place] ?? null);
    }
  });
  calm.hidden = cards.size > 0;
}
