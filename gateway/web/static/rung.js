/** The rung of the ladder on which an alarm stands, in words. @module */

import { say } from "./words.js";

const RECEIVER = 3;

/**
 * @param {number} rung 1 to 3; without a receiver to call, the last says no more than the one before
 */
export function told(rung) {
  const most = document.body.dataset.called ? RECEIVER : RECEIVER - 1;
  return say(`rung.${Math.min(rung, most)}`);
}
