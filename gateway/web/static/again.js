/** What came again: only a button is pressed; everything else happens. @module */

import { say } from "./words.js";

/** Whether it is somebody's press. @param {any} alarm */
export function isPress(alarm) {
  return alarm.kind.startsWith("panic.");
}

/** How often all of these came. @param {any[]} alarms @param {number} n */
export function times(alarms, n) {
  return say(alarms.every(isPress) ? "alarm.count" : "again.times", { n });
}
