/** Who did a step, in words: a person by name, a machine as the centre, Dabyl itself. @module */

import { say } from "./words.js";

/** The names of the centre's keys. @type {Set<string>} */
const centre = new Set(JSON.parse(document.body.dataset.centre ?? "[]"));

/** @param {string} name as the time line has it */
export function who(name) {
  if (name === "time") return say("line.by_time");
  if (name === "gateway") return "Dabyl";
  return centre.has(name) ? say("line.by_centre") : name;
}
