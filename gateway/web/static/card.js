/** One alarm's card: made once from the page's template, then kept true. @module */

import * as api from "./api.js";
import * as chain from "./chain.js";
import * as stills from "./stills.js";
import { named, say } from "./words.js";

const page = document.body.dataset;
const rights = new Set((page.rights ?? "").split(" "));
const authorities = (page.authorities ?? "").split(" ").filter(Boolean);
/** What Dabyl says of itself hangs in no school. */
const OURS = /^(broker|centre|delivery|gateway|path|store)\./;
const template = /** @type {HTMLTemplateElement} */ (document.getElementById("card"));

/** A card is its element and what it shows. */
export class Card {
  /**
   * @param {any} alarm
   * @param {(alarm: any) => void} moved told what a step of ours made of it
   */
  constructor(alarm, moved) {
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    this.element = /** @type {HTMLElement} */ (copy.firstElementChild);
    this.element.classList.add("fresh");
    this.element.dataset.alarm = alarm.id;
    this.alarm = alarm;
    this.moved = moved;
    /** @type {Map<number, any>} */
    this.deliveries = new Map();
    /** @type {any[]} */
    this.stills = [];
    this.part(".claim").addEventListener("click", () => this.step("claim", {}));
    this.part(".acknowledge").addEventListener("click", () => {
      this.step("acknowledge", { version: this.alarm.version });
    });
    this.part(".close").addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = new FormData(/** @type {HTMLFormElement} */ (event.target));
      const disposition = chosen.get("disposition");
      this.step("close", { version: this.alarm.version, disposition });
    });
  }

  /** @param {string} selector @returns {any} */
  part(selector) {
    return this.element.querySelector(selector);
  }

  /** @param {any} alarm */
  show(alarm) {
    this.alarm = alarm;
    for (const delivery of alarm.deliveries ?? []) this.deliveries.set(delivery.id, delivery);
    if (alarm.evidence) this.stills = alarm.evidence;
    stills.draw(this.part(".stills"), this.stills, rights.has("see_evidence"));
    const { place } = alarm;
    const isOpen = !alarm.closed_at;
    const asks = alarm.state === "UNACKNOWLEDGED";
    this.element.className = `card p${alarm.priority}`;
    this.element.classList.toggle("asks", asks);
    this.element.classList.toggle("closed", !isOpen);
    this.element.classList.toggle("is-test", alarm.test);
    this.part(".priority").textContent = `P${alarm.priority}`;
    this.part(".kind").textContent = say(`kind.${alarm.kind}`);
    this.part(".badge.test").hidden = !alarm.test;
    this.part(".badge.said").hidden = alarm.test || !alarm.said_test;
    this.part(".badge.doubt").hidden = alarm.stored;
    this.part(".unstored-why").hidden = alarm.stored;
    this.part(".site").textContent = named(place.site) || alarm.site || nowhere(alarm);
    const floor = place.floor && say("alarm.floor", { n: place.floor });
    const where = [named(place.zone), place.building, floor, place.address, ...place.phones];
    this.part(".place").textContent = where.filter(Boolean).join(" · ");
    this.part(".state").textContent = isOpen ? say(`state.${alarm.state}`) : ended(alarm);
    this.part(".count").textContent = counted(alarm);
    this.part(".holder").textContent = holder(alarm);
    const part = alarm.part > 1 ? ` · ${say("alarm.part", { n: alarm.part })}` : "";
    this.part(".device").textContent = alarm.device + part;
    this.element.classList.toggle("unstored", !alarm.stored);
    const may = (right) => alarm.stored && isOpen && rights.has(right);
    const isMine = alarm.claimed_by === page.name && alarm.state === "ACKNOWLEDGED";
    this.part(".claim").classList.toggle("first", !alarm.claimed_by);
    this.part(".claim").hidden = isMine || !may("claim");
    this.part(".acknowledge").hidden = !asks || !may("step");
    this.part(".close").hidden = !may("step");
    this.way();
  }

  /** @param {any} delivery */
  deliver(delivery) {
    this.deliveries.set(delivery.id, delivery);
    this.way();
  }

  way() {
    chain.draw(this.part(".chain"), this.alarm, [...this.deliveries.values()], authorities);
  }

  /** @param {number} now by the gateway's clock */
  tick(now) {
    const end = this.alarm.closed_at ? Date.parse(this.alarm.closed_at) : now;
    const s = Math.max(0, Math.floor((end - Date.parse(this.alarm.raised_at)) / 1000));
    const parts = [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60];
    const shown = parts[0] ? parts : parts.slice(1);
    this.part(".timer").textContent = shown.map((n) => String(n).padStart(2, "0")).join(":");
  }

  /** @param {string} name @param {object} body */
  async step(name, body) {
    const buttons = this.element.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    try {
      this.moved(await api.post(`/alarms/${this.alarm.id}/${name}`, body));
      this.refuse("");
    } catch (problem) {
      this.refuse(reason(problem));
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  /** @param {string} text */
  refuse(text) {
    const line = this.element.querySelector(":scope > .refusal");
    line.textContent = text;
    line.hidden = !text;
  }
}

/** @param {any} problem */
function reason(problem) {
  if (typeof problem?.status !== "number") return say("step.offline");
  if (problem.status === 409 && problem.version) return say("step.stale", { name: problem.by });
  if (problem.status === 409 && problem.by) return say("step.claimed", { name: problem.by });
  if (problem.status === 403) return say("step.forbidden");
  if (problem.status === 404) return say("step.gone");
  if (problem.status === 503) return say("step.unstored");
  return `${say("step.failed")}: ${problem.detail}`;
}

/** What an alarm without a site is about. */
function nowhere(alarm) {
  if (OURS.test(alarm.kind)) return say("alarm.ours");
  return alarm.registered ? alarm.place.district || alarm.device : say("alarm.unplaced");
}

function counted(alarm) {
  const { affected } = alarm;
  if (affected) return say("alarm.affected", { n: affected.devices, m: affected.of_devices });
  return alarm.count > 1 ? say("alarm.count", { n: alarm.count }) : "";
}

function holder(alarm) {
  if (!alarm.claimed_by) return "";
  if (alarm.claimed_by === page.name) return say("alarm.claimed_me");
  return say("alarm.claimed", { name: alarm.claimed_by });
}

function ended(alarm) {
  const how = alarm.disposition ? `: ${say(`disposition.${alarm.disposition}`)}` : "";
  return say("state.NORMAL") + how;
}
