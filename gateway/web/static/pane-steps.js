/** What a person does to the alarm that is open: one press of a button, one step. @module */

import * as api from "./api.js";
import * as clock from "./clock.js";
import * as closings from "./closings.js";
import * as guard from "./guard.js";
import { reason } from "./problem.js";
import { ago, say } from "./words.js";

const page = document.body.dataset;
const rights = new Set((page.rights ?? "").split(" "));
const RESPONSES = ["accepted", "dispatched", "on_scene"];
const TAKEN = new Set(["claim", "take_over", "reopen", "handed_over"]);
const NEEDS_A_NOTE = new Set(["confirmed", "false"]);
/** @type {any} */
let alarm = null;
/** What else was pressed at its site. @type {any[]} */
let others = [];
let isUnderWay = false;
/** @type {{moved: (alarm: any, click?: string) => void, looked: () => void, done: (id: string) => void, putAway: (id: string) => void}} */
let told;

/**
 * @param {HTMLElement} pane
 * @param {typeof told} given who is told what a step made of the alarm
 */
export function init(pane, given) {
  told = given;
  for (const button of buttons(pane)) {
    const { step, respond, form } = button.dataset;
    button.addEventListener("click", () => {
      if (form) toggle(pane, form);
      else if (respond) send(pane, "respond", { id: token(), state: respond, version: alarm.version });
      else if (step) press(pane, step);
    });
  }
  for (const form of forms(pane)) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit(pane, form);
    });
    form.addEventListener("change", () => need(form));
    form.querySelector("[data-away]")?.addEventListener("click", () => away(pane));
  }
}

/** Shows the steps that this person may take now. @param {HTMLElement} pane @param {any} given */
export function draw(pane, given) {
  const isAnother = alarm?.id !== given.id;
  if (isAnother) refuse(pane, "");
  alarm = given;
  const offered = offer(alarm);
  for (const button of buttons(pane)) {
    const { step, respond, form } = button.dataset;
    button.hidden = !offered.has(/** @type {string} */ (step ?? (respond ? "respond" : form)));
    if (!respond) continue;
    const reached = RESPONSES.indexOf(alarm.responded) >= RESPONSES.indexOf(respond);
    button.setAttribute("aria-pressed", String(reached));
    button.disabled = reached || isUnderWay;
    button.classList.toggle("next", respond === RESPONSES[RESPONSES.indexOf(alarm.responded) + 1]);
  }
  /** @type {HTMLElement} */ (pane.querySelector(".steps-more")).hidden = !offered.has("respond");
  for (const form of forms(pane)) {
    // What was written of one alarm must never end another.
    if (isAnother || !offered.has(/** @type {string} */ (form.dataset.form))) fold(pane, form);
  }
}

/** What else was pressed at its site: claimed with it, and closed with it where that is wished. @param {HTMLElement} pane @param {any[]} given */
export function beside(pane, given) {
  others = given;
  every(pane, "close", mine().length);
}

/** Offers the same step for so many others. @param {HTMLElement} pane @param {string} name @param {number} n */
function every(pane, name, n) {
  const label = /** @type {HTMLElement} */ (pane.querySelector(`[data-form="${name}"] .every`));
  label.hidden = n === 0;
  const words = n && say(name === "close" ? "pane.every" : "reopen.every", { n: n + 1 });
  /** @type {HTMLElement} */ (label.querySelector("span")).textContent = words || "";
}

/** Those of them that this person holds; a silent cry is ended by itself alone. */
function mine() {
  return others.filter((one) => one.claimed_by === page.name && one.state === "ACKNOWLEDGED" && !one.silent);
}

/** What a key asks for: claim, note, close or reopen. @param {HTMLElement} pane @param {string} name */
export function key(pane, name) {
  const button = buttons(pane).find((one) => (one.dataset.step ?? one.dataset.form) === name);
  if (button && !button.hidden && !button.disabled) button.click();
  else if (name === "claim" && isAnothers(alarm)) taken(pane, alarm.claimed_by);
}

/** Leaves a form that is open; whether there was one. @param {HTMLElement} pane */
export function away(pane) {
  const open = forms(pane).find((form) => !form.hidden);
  if (!open) return false;
  const hadFocus = open.contains(document.activeElement);
  const opener = fold(pane, open);
  if (hadFocus) opener?.focus();
  return true;
}

/** Empties a form and hides it; the button that opens it. @param {HTMLElement} pane @param {HTMLFormElement} form */
function fold(pane, form) {
  form.hidden = true;
  form.reset();
  need(form);
  const opener = buttons(pane).find((one) => one.dataset.form === form.dataset.form);
  opener?.setAttribute("aria-expanded", "false");
  return opener;
}

/** Whether somebody has begun to write. @param {HTMLElement} pane */
export function isWriting(pane) {
  return forms(pane).some((form) => !form.hidden);
}

/** Whether something is written that another alarm would drop: then it asks to finish that first. @param {HTMLElement} pane */
export function isUnfinished(pane) {
  const open = forms(pane).find((form) => !form.hidden && text(form).value.trim());
  if (!open) return false;
  refuse(pane, say("pane.unfinished"));
  text(open).focus();
  return true;
}

/** @param {any} one */
function offer(one) {
  const offered = new Set();
  const may = (right) => rights.has(right);
  if (!one.stored) return may("step") ? offered.add("put-away") : offered;
  if (one.closed_at) return may("reopen") && one.disposition ? offered.add("reopen") : offered;
  const isMine = one.claimed_by === page.name;
  const holds = isMine && one.state === "ACKNOWLEDGED";
  if (may("claim") && !holds && !isAnothers(one)) offered.add("claim");
  if (may("take_over") && isAnothers(one)) offered.add("take-over");
  if (may("step")) offered.add("note");
  if (may("step") && isMine && one.closing_as) offered.add("agree");
  // A press is claimed before anything else is done with it; trouble may just be seen, or ended.
  const isPress = one.priority === 0 && !one.test;
  if (may("step") && !isPress && one.state !== "ACKNOWLEDGED") offered.add("acknowledge");
  if (may("step") && (holds || !isPress)) offered.add("close");
  if (may("respond") && holds && one.priority <= 1) offered.add("respond");
  return offered;
}

/** Somebody else holds it, and has seen it. */
function isAnothers(one) {
  return Boolean(one?.claimed_by) && one.claimed_by !== page.name && one.state === "ACKNOWLEDGED";
}

/** @param {HTMLElement} pane @param {string} step */
function press(pane, step) {
  if (step === "put-away") return void putAway(pane);
  const { version } = alarm;
  const together = step === "claim" ? others.filter((one) => !isAnothers(one) && one.claimed_by !== page.name) : [];
  send(pane, step, step === "claim" ? {} : { version }).then((isDone) => {
    if (isDone) for (const one of together) also(one.id, "claim", {});
  });
}

/** @param {HTMLElement} pane @param {string} name */
function toggle(pane, name) {
  const form = forms(pane).find((one) => one.dataset.form === name);
  if (!form) return;
  if (name === "reopen") every(pane, name, closings.withIt(alarm.id).length);
  if (form.hidden) away(pane); // pressed again it is shown again: what was written stays
  form.hidden = false;
  form.scrollIntoView({ block: "nearest" });
  buttons(pane).find((one) => one.dataset.form === name)?.setAttribute("aria-expanded", "true");
  /** @type {HTMLElement | null} */ (form.querySelector("input, textarea"))?.focus();
}

/** Says at once that these endings need a note. @param {HTMLFormElement} form */
function need(form) {
  const mark = /** @type {HTMLElement | null} */ (form.querySelector(".needed"));
  const isNeeded = NEEDS_A_NOTE.has(String(new FormData(form).get("disposition")));
  if (mark) mark.hidden = !isNeeded;
  text(form).required = isNeeded;
  text(form).removeAttribute("aria-invalid");
}

/** @param {HTMLElement} pane @param {HTMLFormElement} form */
async function submit(pane, form) {
  const written = new FormData(form);
  const note = String(written.get("note") ?? "").trim();
  const name = /** @type {string} */ (form.dataset.form);
  const isClose = name === "close";
  const disposition = String(written.get("disposition") ?? "");
  if (isClose && !disposition) {
    refuse(pane, say("pane.choose"));
    /** @type {HTMLElement | null} */ (form.querySelector("input"))?.focus();
    return;
  }
  if (!note && (!isClose || NEEDS_A_NOTE.has(disposition))) {
    refuse(pane, say(isClose ? "pane.note_first" : name === "reopen" ? "reopen.why_first" : "pane.write_first"));
    text(form).setAttribute("aria-invalid", "true");
    text(form).focus();
    return;
  }
  const body = {
    close: { version: alarm.version, disposition, ...(note && { note }) },
    reopen: { version: alarm.version, reason: note },
  }[name] ?? { note };
  const together = !written.has("every") ? [] : isClose ? mine() : closings.withIt(alarm.id);
  const { id } = alarm;
  const click = token();
  if (!(await send(pane, name, body, click))) return;
  if (alarm.id === id) away(pane);
  for (const one of together) await also(one.id, name, { ...body, version: one.version }, click);
}

/**
 * The same step for what was pressed beside it; what is refused shows in its own line of the list.
 * @param {string} id @param {string} name @param {object} body @param {string} [click]
 */
async function also(id, name, body, click) {
  const after = await api.post(`/alarms/${id}/${name}`, body).catch(() => null);
  if (after) told.moved(after, click);
}

/** Asks for a step; whether it was done. @param {HTMLElement} pane @param {string} name @param {object} body @param {string} [click] */
async function send(pane, name, body, click) {
  if (isUnderWay) return false;
  isUnderWay = true;
  const { id } = alarm;
  for (const button of buttons(pane)) button.disabled = true;
  try {
    const after = await api.post(`/alarms/${id}/${name}`, body);
    told.moved(after, click);
    if (alarm.id === id) refuse(pane, "");
    if (after.closed_at) told.done(id);
    return true;
  } catch (problem) {
    if (alarm.id === id) refuse(pane, reason(problem));
    return false;
  } finally {
    isUnderWay = false;
    guard.hold(); // the second click of two meant the button that was there
    for (const button of buttons(pane)) button.disabled = false;
    draw(pane, alarm);
    told.looked();
  }
}

/**
 * A cry that no store took: where the gateway that told it is gone, nobody can claim it, and it
 * would sound for ever. Put away only once the gateway says that it knows of none.
 * @param {HTMLElement} pane
 */
async function putAway(pane) {
  const { id } = alarm;
  try {
    told.moved(await api.get(`/alarms/${id}`)); // it is stored by now
  } catch (problem) {
    if (/** @type {any} */ (problem)?.status === 404) return told.putAway(id);
    if (alarm.id === id) refuse(pane, reason(problem));
  }
}

/** Says who holds it, and since when: by its time line, which knows. @param {HTMLElement} pane @param {string} by */
async function taken(pane, by) {
  const { id } = alarm;
  const full = await api.get(`/alarms/${id}`).catch(() => null);
  if (alarm?.id !== id) return;
  const lines = (full?.transitions ?? []).filter((one) => one.by === by);
  const at = lines.reverse().find((one) => TAKEN.has(one.what))?.at;
  const ms = at ? clock.now() - Date.parse(at) : 0;
  refuse(pane, say("step.taken", { name: by, ago: ago(ms) }));
}

/** @param {HTMLElement} pane @param {string} text */
function refuse(pane, text) {
  const line = /** @type {HTMLElement} */ (pane.querySelector(".pane-body > .refusal"));
  line.textContent = text;
  line.hidden = !text;
}

/** One word of ours, known again if it is said twice. */
function token() {
  const drawn = crypto.getRandomValues(new Uint8Array(16));
  return [...drawn].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {HTMLElement} pane @returns {HTMLButtonElement[]} */
function buttons(pane) {
  return [...pane.querySelectorAll(".pane-steps button")].map((one) => /** @type {HTMLButtonElement} */ (one));
}

/** @param {HTMLFormElement} form */
function text(form) {
  return /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("note"));
}

/** @param {HTMLElement} pane @returns {HTMLFormElement[]} */
function forms(pane) {
  return [...pane.querySelectorAll(".pane-form")].map((one) => /** @type {HTMLFormElement} */ (one));
}
