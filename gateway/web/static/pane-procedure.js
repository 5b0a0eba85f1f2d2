/** The procedure as steps to tick; a tick is a line of the time line, seen by everybody. @module */

import * as api from "./api.js";
import { reason } from "./problem.js";
import * as when from "./when.js";
import { named } from "./words.js";

const page = document.body.dataset;
const rights = new Set((page.rights ?? "").split(" "));
/** What was ticked, or taken back, and is on its way: by step. @type {Map<string, boolean>} */
const underWay = new Map();
/** @type {any} */
let alarm = null;

/**
 * Each step once; only what a tick changed is touched.
 * @param {HTMLElement} section
 * @param {any[]} steps
 * @param {any[]} lines the alarm's time line
 * @param {any} given
 */
export function draw(section, steps, lines, given) {
  if (alarm?.id !== given.id) underWay.clear();
  alarm = given;
  section.hidden = steps.length === 0;
  const list = /** @type {HTMLElement} */ (section.querySelector("ol"));
  const key = JSON.stringify([alarm.id, steps]);
  if (list.dataset.key !== key) {
    list.dataset.key = key;
    list.replaceChildren(...steps.map(item));
  }
  const ticks = ticked(lines);
  for (const row of list.children) show(/** @type {HTMLElement} */ (row), ticks);
}

/** Who ticked what, and when; what was taken back is not ticked. @param {any[]} lines @returns {Map<string, any>} */
export function ticked(lines) {
  const found = new Map();
  for (const line of lines) {
    if (line.what !== "procedure" || !line.data?.step) continue;
    if (line.data.done === false) found.delete(line.data.step);
    else found.set(line.data.step, line);
  }
  return found;
}

function item(step) {
  const row = document.createElement("li");
  row.dataset.step = step.id;
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  box.addEventListener("change", () => tick(row, box, step.id));
  const words = document.createElement("span");
  words.className = "words";
  words.textContent = named(step.text);
  const who = document.createElement("span");
  who.className = "who";
  label.append(box, words, who);
  row.append(label);
  return row;
}

/** @param {HTMLElement} row @param {Map<string, any>} ticks */
function show(row, ticks) {
  const id = row.dataset.step ?? "";
  const box = /** @type {HTMLInputElement} */ (row.querySelector("input"));
  const done = ticks.get(id);
  if (underWay.get(id) === Boolean(done)) underWay.delete(id);
  const isOn = underWay.get(id) ?? Boolean(done);
  box.checked = isOn;
  box.disabled = underWay.has(id) || !rights.has("step") || Boolean(alarm.closed_at) || !alarm.stored;
  row.classList.toggle("done", isOn);
  /** @type {HTMLElement} */ (row.querySelector(".who")).textContent = done
    ? `${done.by} · ${when.time(done.at)}`
    : "";
}

/** @param {HTMLElement} row @param {HTMLInputElement} box @param {string} step */
async function tick(row, box, step) {
  const done = box.checked;
  underWay.set(step, done);
  box.disabled = true;
  const { id } = alarm;
  try {
    await api.post(`/alarms/${id}/procedure`, { step, done });
  } catch (problem) {
    underWay.delete(step);
    if (alarm?.id !== id) return;
    box.checked = !done;
    box.disabled = false;
    /** @type {HTMLElement} */ (row.querySelector(".who")).textContent = reason(problem);
  }
}
