/** The state of an alarm in a word. @module */

import { say } from "./words.js";

/** What somebody holds and asks again is not said to be nobody's. @param {any} alarm that is open */
export function stateOf(alarm) {
  const isHeld = Boolean(alarm.claimed_by);
  if (isHeld && alarm.state === "ACKNOWLEDGED") return say("state.claimed");
  if (isHeld && alarm.state === "UNACKNOWLEDGED") return say(alarm.priority === 0 ? "state.pressed_again" : "state.came_again");
  return say(`state.${alarm.state}`);
}
