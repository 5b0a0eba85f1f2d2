/** What ought to sound now: of all alarms that ask, with what was snoozed and muted. @module */

export const SNOOZE_MS = 60_000;
export const MUTE_MS = 300_000;
/** From this rung of the ladder on nothing that one console decided for itself keeps it quiet. */
const UNMUTABLE = 2;
/** Whoever may take an alarm over is called when its holder does not answer. */
const isCalled = (document.body.dataset.rights ?? "").split(" ").includes("take_over");
const me = document.body.dataset.name ?? "";

/** Every alarm that asks to be seen, by its id. @type {Map<string, any>} */
const asking = new Map();
/** Cries that are held, or only seen, and since when the ladder has called this person for them. @type {Map<string, number>} */
const unanswered = new Map();
/** @type {Map<string, number>} */
const snoozed = new Map();
/** When it was muted, and until when. */
let mute = { from: 0, until: 0 };
/** When this page first knew of each. @type {Map<string, number>} */
const knownAt = new Map();

/** @param {any} alarm as it is now */
export function take(alarm) {
  const { id } = alarm;
  const shelved = alarm.priority > 0 && alarm.hidden;
  const isReal = !alarm.closed_at && !alarm.test && !shelved && alarm.priority <= 1;
  const calledAt = unanswered.get(id) ?? Date.now();
  if (!isReal || alarm.state !== "UNACKNOWLEDGED") drop(id);
  if (!isReal) return;
  if (alarm.state !== "UNACKNOWLEDGED") {
    if (alarm.state === "ACKNOWLEDGED" && calls(alarm)) unanswered.set(id, calledAt);
    return;
  }
  unanswered.delete(id);
  const before = asking.get(id);
  // A new press of the same button is a new cry: what was snoozed of the last one does not hold.
  const again = before && alarm.priority === 0 && alarm.count > before.count;
  if (!before || again) {
    knownAt.set(id, Date.now());
    snoozed.delete(id);
  }
  asking.set(id, alarm);
}

/** @param {string} id */
export function drop(id) {
  asking.delete(id);
  unanswered.delete(id);
  snoozed.delete(id);
  knownAt.delete(id);
}

/** @param {string} id @param {number} until */
export function snooze(id, until) {
  if (asking.has(id)) snoozed.set(id, until);
}

/** @param {{from: number, until: number}} given */
export function setMute(given) {
  mute = given;
}

export function muted() {
  return mute;
}

/** The alarms whose sound waits, and until when. @param {number} now */
export function sleeping(now) {
  return [...snoozed].filter(([id, until]) => until > now && !isUrgent(asking.get(id)));
}

/**
 * @param {number} now
 * @returns {{siren: "off" | "siren" | "second", twoTone: boolean}}
 */
export function wanted(now) {
  let siren = /** @type {"off" | "siren" | "second"} */ ("off");
  // Muted is what this person was called for then; a new call is heard.
  let twoTone = [...unanswered.values()].some((since) => mute.until <= now || since > mute.from);
  for (const alarm of asking.values()) {
    if (siren === "second") break;
    if (isQuiet(alarm, now)) continue;
    if (alarm.priority === 1) twoTone = true;
    else siren = (alarm.escalation ?? 0) > 0 ? "second" : "siren";
  }
  return { siren, twoTone };
}

/** @param {any} alarm @param {number} now */
function isQuiet(alarm, now) {
  if (isUrgent(alarm)) return false;
  if ((snoozed.get(alarm.id) ?? 0) > now) return true;
  // Muted is what was known then, and every P1; a new press is heard.
  const isNewPress = alarm.priority === 0 && (knownAt.get(alarm.id) ?? 0) > mute.from;
  return mute.until > now && !isNewPress;
}

/** Whether a cry that nobody answers calls this person: from the rung of everybody on all but its holder. */
function calls(alarm) {
  const rung = alarm.escalation ?? 0;
  return isCalled ? rung > 0 : rung >= UNMUTABLE && alarm.claimed_by !== me;
}

function isUrgent(alarm) {
  return alarm?.priority === 0 && (alarm.escalation ?? 0) >= UNMUTABLE;
}
