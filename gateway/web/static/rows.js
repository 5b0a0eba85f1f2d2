/** Rows: one line of the list as it is seen; made once from the page's template, then kept true. @module */

import { times } from "./again.js";
import * as clock from "./clock.js";
import { opens } from "./lines.js";
import { write } from "./naming.js";
import { told } from "./rung.js";
import { stateOf } from "./state.js";
import { day, hour } from "./when.js";
import { named, say } from "./words.js";

/** @typedef {import("./lines.js").Line} Line */

const page = document.body.dataset;
/** What Dabyl says of itself hangs in no school. */
const OURS = /^(broker|centre|delivery|gateway|path|store)\./;
const NAMED = 3;
const LONG = new Set(["kind", "site", "place", "device", "state", "holder"]);
const template = /** @type {HTMLTemplateElement} */ (document.getElementById("row"));

/** A row is its element and the line that it shows. */
export class Row {
  /** @param {Line} line */
  constructor(line) {
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    this.element = /** @type {HTMLElement} */ (copy.firstElementChild);
    this.element.dataset.key = line.key;
    this.line = line;
    this.isOpened = false;
    /** Where it stands now; −1: nowhere yet. */
    this.place = -1;
    /** @type {Record<string, HTMLElement>} */
    this.parts = {};
    for (const part of this.element.querySelectorAll("[data-part]")) {
      const found = /** @type {HTMLElement} */ (part);
      this.parts[found.dataset.part ?? ""] = found;
    }
  }

  /** @param {Line} line @param {boolean} isOpened */
  show(line, isOpened) {
    if (this.line === line && this.isOpened === isOpened && this.place >= 0) return;
    this.line = line;
    this.isOpened = isOpened;
    const { lead } = line;
    const { element } = this;
    element.className = `entry p${lead.priority}`;
    // What only heads others has no alarm of its own that a key could claim.
    if (line.sort === "alarm" || line.sort === "site") element.dataset.alarm = lead.id;
    else delete element.dataset.alarm;
    element.classList.toggle("asks", line.asks);
    element.classList.toggle("closed", line.alarms.every((one) => one.closed_at));
    element.classList.toggle("is-test", lead.test);
    element.classList.toggle("unstored", !lead.stored);
    element.classList.toggle("within", line.depth > 0);
    element.classList.toggle("mine", isMine(lead));
    this.say("priority", `P${lead.priority}`);
    this.say("kind", line.sort === "shelved" ? say("list.shelved") : say(`kind.${lead.kind}`));
    this.say("site", site(line));
    this.say("place", where(line));
    this.say("device", devices(line));
    this.say("state", state(line));
    this.say("holder", [holder(line), rung(line)].filter(Boolean).join(" · "));
    this.say("stills", stills(line));
    this.badge("test", lead.test);
    this.badge("said", !lead.test && lead.said_test);
    this.badge("quietly", line.alarms.some((one) => one.silent && one.priority === 0 && !one.closed_at));
    this.badge("doubt", !lead.stored);
    this.say("buttons", say("list.buttons", { n: line.buttons }));
    this.badge("second", lead.priority === 0 && line.buttons > 1);
    this.badge("chatter", line.chatters);
    this.toggle(line, isOpened);
    this.tick(clock.now());
  }

  /** @param {boolean} isChosen whether its alarm is open beside the list */
  choose(isChosen) {
    this.element.classList.toggle("chosen", isChosen);
    this.element.setAttribute("aria-selected", String(isChosen));
  }

  /** @param {number} now by the gateway's clock */
  tick(now) {
    const { lead } = this.line;
    const until = lead.closed_at ? Date.parse(lead.closed_at) : now;
    this.say("timer", clock.lasting(until - began(lead)));
  }

  /** @param {string} part @param {string} text */
  say(part, text) {
    const found = this.parts[part];
    if (found.textContent === text) return;
    if (part === "site") write(found, text);
    else found.textContent = text;
    if (LONG.has(part)) found.title = text; // where there is no room for all of it
  }

  badge(part, isShown) {
    this.parts[part].hidden = !isShown;
  }

  toggle(line, isOpened) {
    const { toggle } = this.parts;
    toggle.hidden = !opens(line);
    if (toggle.hidden) return;
    this.say("toggle", `${isOpened ? "▾" : "▸"} ${line.alarms.length}`);
    toggle.setAttribute("aria-expanded", String(isOpened));
    toggle.setAttribute("aria-label", say(isOpened ? "list.fold" : "list.unfold", { n: line.alarms.length }));
  }
}

/** Since when somebody waits: since the press, where its clock can be trusted. @param {any} alarm */
export function began(alarm) {
  const pressed = alarm.pressed_at.quality === "synced" ? Date.parse(alarm.pressed_at.value) : NaN;
  return pressed < alarm.raised_ms ? pressed : alarm.raised_ms;
}

/** The line's site in the page's language; for what stands in many, how many. @param {Line} line */
export function site(line) {
  const { lead } = line;
  const sites = new Set(line.alarms.map((one) => one.site).filter(Boolean));
  if (sites.size > 1) return say("list.sites", { n: sites.size });
  const own = named(lead.place.site) || lead.site;
  if (own) return own;
  if (OURS.test(lead.kind)) return say("alarm.ours");
  return lead.registered ? lead.place.district || lead.device : say("alarm.unplaced");
}

function where(line) {
  const { place } = line.lead;
  if (line.sort === "cause" || line.sort === "shelved") return distinct(line, (one) => one.place.district);
  const floor = place.floor && say("alarm.floor", { n: place.floor });
  const zones = distinct(line, (one) => named(one.place.zone));
  const known = line.lead.site ? place.district : "";
  const single = line.alarms.length === 1 ? [place.building, floor] : [];
  return [known, zones, ...single].filter(Boolean).join(" · ");
}

function devices(line) {
  const { lead } = line;
  const { affected } = lead;
  if (affected) return say("alarm.affected", { n: affected.devices, m: affected.of_devices });
  if (line.sort === "cause") return say("list.devices", { n: new Set(line.alarms.map((one) => one.device)).size });
  const presses = line.alarms.reduce((sum, one) => sum + one.count, 0);
  const counted = presses > line.alarms.length || line.sort === "site";
  const often = counted && presses > 1 ? times(line.alarms, presses) : "";
  return [distinct(line, button), often].filter(Boolean).join(" · ");
}

function button(alarm) {
  return alarm.part > 1 ? `${alarm.device} (${say("alarm.part", { n: alarm.part })})` : alarm.device;
}

/** What the line's alarms have of it, each once; the first few, and how many more there are. */
function distinct(line, of) {
  const found = [...new Set(line.alarms.map(of).filter(Boolean))];
  const more = found.length - NAMED;
  return found.slice(0, NAMED).join(", ") + (more > 0 ? ` +${more}` : "");
}

function state(line) {
  const { lead } = line;
  if (lead.closed_at) {
    const how = lead.disposition ? `: ${say(`disposition.${lead.disposition}`)}` : "";
    return say("state.NORMAL") + how;
  }
  if (lead.hidden && !line.asks && line.alarms.length === 1) return hidden(lead);
  const asking = line.alarms.filter((one) => one.state === "UNACKNOWLEDGED" && !one.claimed_by && !one.closed_at).length;
  if (line.alarms.length > 1 && asking && line.asks) return say("list.unseen", { n: asking });
  if (lead.responded && !line.asks) return say(`responded.${lead.responded}`);
  return stateOf(lead);
}

/** Until when somebody hid it. */
function hidden(alarm) {
  if (!alarm.hidden_until) return say("list.hidden");
  return say("list.until", { time: `${day(alarm.hidden_until)}, ${hour(alarm.hidden_until)}` });
}

function holder(line) {
  const names = [...new Set(line.alarms.filter((one) => !one.closed_at).map((one) => one.claimed_by).filter(Boolean))];
  if (!names.length) return "";
  if (names.length === 1 && names[0] === page.name) return say("alarm.claimed_me");
  return say("alarm.claimed", { name: names.join(", ") });
}

/** How far the ladder has climbed: who was called because nobody acts. */
function rung(line) {
  const highest = Math.max(...line.alarms.map((one) => (one.closed_at ? 0 : one.escalation)));
  return highest ? told(highest) : "";
}

function isMine(alarm) {
  return alarm.claimed_by === page.name && !alarm.closed_at;
}

function stills(line) {
  const kept = line.alarms.reduce((sum, one) => sum + one.evidence.filter((still) => still.state === "kept").length, 0);
  return kept ? say("list.stills", { n: kept }) : "";
}
