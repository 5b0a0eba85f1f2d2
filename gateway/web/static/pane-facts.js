/** The facts of the alarm that is open: what, where, since when, whose it is. @module */

import { times } from "./again.js";
import { lasting, now as clockNow } from "./clock.js";
import { told } from "./rung.js";
import { stateOf } from "./state.js";
import { who } from "./who.js";
import { named, say } from "./words.js";

const page = document.body.dataset;
/** What Dabyl says of itself hangs in no school. */
const OURS = /^(broker|centre|delivery|gateway|path|store)\./;

/** Who told how far help has come: the time line knows, which comes a moment after the alarm. */
let teller = { alarm: "", state: "", by: "" };

/** @param {HTMLElement} pane @param {any} alarm */
export function draw(pane, alarm) {
  const put = (selector, text) => {
    const part = /** @type {HTMLElement} */ (pane.querySelector(selector));
    if (part.textContent !== text) part.textContent = text;
    part.hidden = !text;
  };
  const { place } = alarm;
  const asks = alarm.state === "UNACKNOWLEDGED" && !alarm.closed_at;
  pane.className = `pane p${alarm.priority}`;
  pane.classList.toggle("asks", asks);
  pane.classList.toggle("is-test", alarm.test);
  pane.classList.toggle("is-closed", Boolean(alarm.closed_at));
  pane.dataset.shown = alarm.id;
  put(".pane-head .priority", `P${alarm.priority}`);
  put(".pane-head .kind", say(`kind.${alarm.kind}`));
  show(pane, ".badge.test", alarm.test);
  show(pane, ".badge.said", alarm.said_test && !alarm.test);
  show(pane, ".badge.doubt", !alarm.stored);
  show(pane, ".badge.quietly", alarm.silent);
  show(pane, ".unstored-why", !alarm.stored);
  put("#pane-site", siteOf(alarm));
  const floor = place.floor && say("alarm.floor", { n: place.floor });
  const part = alarm.part > 1 ? say("alarm.part", { n: alarm.part }) : "";
  const where = [named(place.zone), floor, place.building, part, alarm.device];
  apart(pane, ".where", where);
  put(".affected", counted(alarm));
  apart(pane, ".address", [place.address, place.district]);
  phones(pane, place.phones);
  put(".state", standing(alarm));
  put(".closing", closing(alarm));
}

/** @param {HTMLElement} pane @param {any} alarm @param {number} now */
export function tick(pane, alarm, now) {
  const end = alarm.closed_at ? Date.parse(alarm.closed_at) : now;
  const timer = /** @type {HTMLElement} */ (pane.querySelector(".pane-head .timer"));
  timer.textContent = lasting(end - Date.parse(alarm.raised_at));
  if (alarm.closing_due_at) {
    /** @type {HTMLElement} */ (pane.querySelector(".closing")).textContent = closing(alarm, now);
  }
}

/** The time line has come: it knows who responded. @param {HTMLElement} pane @param {any} alarm @param {any[]} transitions */
export function responded(pane, alarm, transitions) {
  const by = transitions.filter((one) => one.what === alarm.responded).at(-1)?.by ?? "";
  teller = { alarm: alarm.id, state: alarm.responded, by };
  const text = standing(alarm);
  const line = /** @type {HTMLElement} */ (pane.querySelector(".state"));
  if (line.textContent !== text) line.textContent = text;
}

/** The site's name; what stands in its place where there is none. @param {any} alarm */
export function siteOf(alarm) {
  const name = named(alarm.place.site) || alarm.site;
  if (name) return name;
  if (OURS.test(alarm.kind)) return say("alarm.ours");
  return alarm.registered ? alarm.place.district || alarm.device : say("alarm.unplaced");
}

/** Whether nothing at the site may betray a cry, this one or another. @param {HTMLElement} pane @param {boolean} isHushed */
export function hush(pane, isHushed) {
  const was = pane.classList.contains("is-silent");
  pane.classList.toggle("is-silent", isHushed);
  show(pane, ".hush", isHushed);
  return was !== isHushed;
}

/**
 * What else was pressed at the same site, each to be looked at.
 * @param {HTMLElement} pane @param {any[]} alarms @param {(id: string) => void} select
 */
export function beside(pane, alarms, select) {
  const list = /** @type {HTMLElement} */ (pane.querySelector(".beside-it"));
  list.hidden = alarms.length === 0;
  const key = JSON.stringify(alarms.map((one) => [one.id, one.state, one.count, one.claimed_by]));
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  const line = /** @type {HTMLElement} */ (pane.querySelector(".beside-more"));
  line.hidden = list.hidden;
  const asks = alarms.findLast((one) => one.state === "UNACKNOWLEDGED");
  const more = alarms.length > 1 ? ` · +${alarms.length - 1}` : "";
  line.textContent = asks ? also(asks) + more : say("pane.also_n", { n: alarms.length });
  line.classList.toggle("asks", Boolean(asks));
  list.replaceChildren(
    ...alarms.map((one) => {
      const button = document.createElement("button");
      button.type = "button";
      button.classList.toggle("seen", one.state === "ACKNOWLEDGED");
      button.textContent = also(one);
      button.addEventListener("click", () => select(one.id));
      const row = document.createElement("li");
      row.append(button);
      return row;
    }),
  );
}

/** One of them in a line. @param {any} alarm */
function also(alarm) {
  const where = named(alarm.place.zone) || alarm.device;
  const kind = say(`kind.${alarm.kind}`);
  return say("pane.also_here", { kind, where, state: standing(alarm) });
}

/** Telephone numbers to be pressed; the same ones are left alone, for a finger is on its way. */
function phones(pane, numbers) {
  const list = /** @type {HTMLElement} */ (pane.querySelector(".phones"));
  const key = numbers.join("\n");
  list.hidden = numbers.length === 0;
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(
    ...numbers.map((number) => {
      const link = document.createElement("a");
      link.href = `tel:${number.replace(/[^+\d]/g, "")}`;
      link.textContent = number;
      return link;
    }),
  );
}

/** Texts side by side, none of which can turn the direction of the next. */
function apart(pane, selector, texts) {
  const line = /** @type {HTMLElement} */ (pane.querySelector(selector));
  const own = texts.filter(Boolean);
  const key = own.join("\n");
  line.hidden = own.length === 0;
  if (line.dataset.key === key) return;
  line.dataset.key = key;
  line.replaceChildren(
    ...own.flatMap((text, n) => {
      const part = document.createElement("bdi");
      part.textContent = text;
      return n ? [" · ", part] : [part];
    }),
  );
}

function show(pane, selector, isShown) {
  /** @type {HTMLElement} */ (pane.querySelector(selector)).hidden = !isShown;
}

function counted(alarm) {
  const { affected } = alarm;
  if (affected) return say("alarm.affected", { n: affected.devices, m: affected.of_devices });
  return alarm.count > 1 ? times([alarm], alarm.count) : "";
}

/** Its state, who holds it, and how far help has come. */
function standing(alarm) {
  if (alarm.closed_at) {
    const how = alarm.disposition ? `: ${say(`disposition.${alarm.disposition}`)}` : "";
    return say("state.NORMAL") + how;
  }
  const said = [];
  const isMine = alarm.claimed_by === page.name;
  if (alarm.claimed_by) said.push(isMine ? say("alarm.claimed_me") : say("alarm.claimed", { name: alarm.claimed_by }));
  const isUnclaimed = !alarm.claimed_by && alarm.state === "UNACKNOWLEDGED";
  if (isUnclaimed) said.push(say("pane.unclaimed"));
  else if (!alarm.claimed_by || alarm.state !== "ACKNOWLEDGED") said.push(stateOf(alarm));
  if (alarm.escalation && !alarm.responded) said.push(told(alarm.escalation));
  const isTold = teller.alarm === alarm.id && teller.state === alarm.responded;
  // Whoever holds it is named already.
  const by = isTold && teller.by !== alarm.claimed_by ? who(teller.by) : "";
  if (alarm.responded) said.push([say(`responded.${alarm.responded}`), by].filter(Boolean).join(" — "));
  return said.join(" · ");
}

/** The centre closed it while somebody holds it. */
function closing(alarm, now = clockNow()) {
  if (!alarm.closing_as || alarm.closed_at) return "";
  const left = Math.max(0, Math.ceil((Date.parse(alarm.closing_due_at) - now) / 1000));
  const how = say(`disposition.${alarm.closing_as}`);
  return say("pane.closing", { how, n: left });
}
