/**
 * The console's sign of life: that somebody began a shift at it, and whether its sound runs.
 *
 * One console is one browser of one person, however many tabs it has.
 * @module
 */

import { moment, since } from "./feed.js";

const EVERY_MS = 10_000;

/** @typedef {{id: string, armed: boolean, sound: boolean}} Here how one page is */

/** @type {Here} */
const state = { id: "", armed: false, sound: false };

/** How this page is now. @returns {Here} */
export function here() {
  return { ...state };
}

/** @param {boolean} armed somebody heard its test tone @param {boolean} sound it runs, by measure */
export function set(armed, sound) {
  state.id ||= ownId();
  Object.assign(state, { armed, sound });
}

/** Tells the gateway: at once when it changes, and every ten seconds. */
export class Console {
  constructor() {
    this.saidAt = moment();
    this.said = "";
    /** Stays when its console is shut while a page beside it is open: that is told at once. */
    this.id = "";
  }

  /** @param {(Here | null)[]} pages those that are awake */
  say(pages) {
    const armed = pages.filter((page) => page?.armed);
    this.id = pages.find((page) => page?.id)?.id ?? this.id;
    const body = JSON.stringify({
      armed: armed.length > 0,
      sound: armed.some((page) => page?.sound),
    });
    // Where nobody ever began a shift there is nothing to tell.
    if (!this.id || (!this.said && !armed.length)) return;
    if (body === this.said && since(this.saidAt) < EVERY_MS) return;
    this.said = body;
    this.saidAt = moment();
    const headers = { "Content-Type": "application/json" };
    // One that is lost is made good by the next; the page says by itself that nobody answers.
    fetch(`/api/v1/consoles/${this.id}`, { method: "POST", headers, body }).catch(() => null);
  }
}

/** The same for this person in every tab, and after a reload. */
function ownId() {
  const key = `dabyl-console ${document.body.dataset.name ?? ""}`;
  const random = [...crypto.getRandomValues(new Uint8Array(12))];
  const made = random.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const kept = localStorage.getItem(key) ?? made;
  localStorage.setItem(key, kept);
  return kept;
}
