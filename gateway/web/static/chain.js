/** The chain: pressed, heard, stored, sent, accepted; each station with the time that it took. @module */

import { isPress } from "./again.js";
import { time } from "./when.js";
import { say } from "./words.js";

/** @typedef {{at: number | null, done: boolean, refused?: boolean, said?: string}} Station */

/**
 * Draws the way of an alarm's first word into a list.
 * @param {Element} list
 * @param {any} alarm
 * @param {any[]} deliveries those known of it
 * @param {string[]} authorities the receivers whose word counts most
 */
export function draw(list, alarm, deliveries, authorities) {
  const first = deliveries.filter((one) => one.type === "dabyl.alarm.raised");
  const told = first.find((one) => authorities.includes(one.receiver)) ?? first[0];
  const stations = way(alarm, told);
  /** @type {number | null} */
  let before = null;
  list.replaceChildren(
    ...Object.entries(stations).map(([name, station]) => {
      const item = document.createElement("li");
      item.className = station.refused ? "refused" : station.done ? "done" : "";
      const took = document.createElement("span");
      took.className = "took";
      const passed = station.at !== null && before !== null ? station.at - before : null;
      took.textContent = station.said ?? (passed === null ? "" : `+${spoken(passed)}`);
      if (station.at !== null) before = station.at;
      item.append(say(`chain.${station.refused ? "refused" : named(name, alarm)}`), took);
      return item;
    }),
  );
}

/** @returns {Record<string, Station>} */
function way(alarm, told) {
  const moment = (text) => (text ? Date.parse(text) : null);
  const isSettled = Boolean(told?.settled_at);
  const isAccepted = isSettled && told.state === "done";
  const attempts = told?.attempts ?? 0;
  return {
    pressed: { at: moment(alarm.pressed_at.value), done: true, said: time(alarm.pressed_at.value) },
    heard: { at: moment(alarm.raised_at), done: true },
    stored: { at: moment(told?.created_at), done: alarm.stored },
    sent: {
      at: null,
      done: attempts > 0 || isSettled,
      said: attempts > 1 ? say("chain.attempts", { n: attempts }) : undefined,
    },
    accepted: { at: moment(told?.settled_at), done: isAccepted, refused: isSettled && !isAccepted },
  };
}

/** Only a button is pressed; everything else began. @param {string} name @param {any} alarm */
function named(name, alarm) {
  return name === "pressed" && !isPress(alarm) ? "began" : name;
}

/** @param {number} ms */
function spoken(ms) {
  const whole = Math.max(0, ms);
  if (whole < 10000) return `${Math.round(whole)} ${say("chain.ms")}`;
  return `${Math.round(whole / 1000)} ${say("chain.s")}`;
}
