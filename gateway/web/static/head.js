/** Head: on a phone its less used controls stand behind one button, so that an alarm has the room. @module */

import * as fold from "./fold.js";

const button = /** @type {HTMLElement} */ (document.getElementById("head-more"));
const head = /** @type {HTMLElement} */ (button.closest("header"));

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  fold.init(button, head);
  // A press needs the room more; whoever stands on a button there is not thrown off it.
  bus.on("waits", () => head.contains(document.activeElement) || fold.unfold(button, head, false));
}
