/**
 * Beside: the pages that are read beside the console hear of a press too.
 *
 * They show that one waits, how many alarms are open and whether the gateway is heard; they make no
 * sound and are no console. The console that opened such a page goes on sounding in its own tab,
 * and the way back leads to that tab.
 * @module
 */

import * as alarms from "./alarms.js";
import * as bars from "./bars.js";
import * as bus from "./bus.js";
import * as clock from "./clock.js";
import * as honesty from "./honesty.js";
import * as stream from "./stream.js";
import { named, say } from "./words.js";

const HOME = "/";
const me = document.body.dataset.name ?? "";

/** @param {import("./bus.js").Bus} given */
function init(given) {
  for (const kind of /** @type {const} */ (["changed", "removed", "loaded"])) given.on(kind, soon);
  clock.each(show);
  document.querySelector(`.places a[href="${HOME}"]`)?.addEventListener("click", (event) => {
    if (goBack()) event.preventDefault();
  });
}

let isDue = false;
/** Once for many words that came together. */
function soon() {
  if (isDue) return;
  isDue = true;
  setTimeout(() => {
    isDue = false;
    show(clock.now());
  });
}

/** @param {number} now by the gateway's clock */
function show(now) {
  const asking = waiting();
  const [first] = asking;
  if (!first) return bars.hide("waits");
  const name = named(first.place.site) || first.device;
  const text = asking.length > 1 ? say("beside.presses", { n: asking.length, name }) : say("beside.press", { name });
  bars.show("waits", "press", text, { since: clock.lasting(now - first.raised_ms), actions: [{ text: say("beside.open"), act: open }] });
}

/** The presses that ask this person, the oldest first. */
function waiting() {
  return alarms
    .all()
    .filter(
      (one) =>
        one.priority === 0 &&
        one.state === "UNACKNOWLEDGED" &&
        (!one.claimed_by || one.claimed_by === me) &&
        !one.test &&
        !one.closed_at,
    )
    .sort((a, b) => a.raised_ms - b.raised_ms);
}

function open() {
  if (!goBack()) location.assign(HOME);
}

/** To the console that opened this page, as it is: one that began anew would have to be armed. */
function goBack() {
  const { opener } = window;
  if (!opener || opener.closed || opener.location.pathname !== HOME || !opener.name) return false;
  return window.open("", opener.name) !== null;
}

// In this order they hear: the clock and the store first, the stream last, when all listen.
for (const module of [clock, alarms, { init }, honesty, stream]) module.init(bus);
document.getElementById("asleep")?.remove();
