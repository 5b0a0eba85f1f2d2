/**
 * The wall's sound, where a room wants one: what has climbed to everybody is heard from the wall too.
 *
 * It is no console: it watches over no district, and it is silent for what a desk still may claim.
 * @module
 */

import * as alarms from "./alarms.js";
import * as bars from "./bars.js";
import { Synth } from "./synth.js";
import { say } from "./words.js";

/** From this rung of the ladder on an alarm is everybody's. */
const EVERYBODY = 2;
const PERIOD_MS = 10_000;
const WANTED = "dabyl-wall-sound";
const button = /** @type {HTMLElement} */ (document.getElementById("wall-sound"));
/** @type {Synth | null} */
let synth = null;
let tonedAt = 0;

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  for (const said of /** @type {const} */ (["changed", "removed", "loaded"])) bus.on(said, judge);
  bus.on("tick", look);
  button.addEventListener("click", turn);
  for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, wake, true);
  if (isWanted()) begin();
  look();
}

/** What is measured now. */
export function measure() {
  return { siren: synth?.siren ?? "off", peak: synth?.peak() ?? 0 };
}

/** A person at the wall: on, with a tone; off where it runs. */
async function turn() {
  if (isWanted() && synth?.runs()) {
    localStorage.removeItem(WANTED);
    synth.close().catch(() => null);
    synth = null;
    return look();
  }
  localStorage.setItem(WANTED, "yes");
  await begin();
  synth?.test();
}

async function begin() {
  if (synth?.failed || synth?.context.state === "closed") synth = null;
  synth ??= new Synth(look);
  await synth.resume();
  look();
}

/** Any touch lets it run again; the button has its own. @param {Event} event */
function wake(event) {
  if (isWanted() && synth?.context.state !== "running" && !event.composedPath().includes(button)) begin();
}

function isWanted() {
  return localStorage.getItem(WANTED) === "yes";
}

/** Lets sound what everybody is called to. */
function judge() {
  if (!synth) return;
  const called = alarms.all().filter(isEverybodys);
  const isPress = called.some((one) => one.priority === 0);
  synth.loop(isPress ? "second" : "off");
  if (isPress || called.length === 0 || Date.now() - tonedAt < PERIOD_MS) return;
  tonedAt = Date.now();
  synth.twoTone();
}

function isEverybodys(alarm) {
  const asks = alarm.state === "UNACKNOWLEDGED" && !alarm.closed_at && !alarm.test;
  return asks && alarm.priority <= 1 && !(alarm.priority && alarm.hidden) && (alarm.escalation ?? 0) >= EVERYBODY;
}

/** Twice a second: sound, and say whether it would. */
function look() {
  judge();
  const state = !isWanted() ? "off" : synth?.runs() ? "on" : "stopped";
  if (button.dataset.state !== state) {
    button.dataset.state = state;
    /** @type {HTMLElement} */ (button.lastElementChild).textContent = say(`sound.${state}`);
  }
  if (state === "stopped") bars.show("sound", "stop", say("unheard.stopped"));
  else bars.hide("sound");
}
