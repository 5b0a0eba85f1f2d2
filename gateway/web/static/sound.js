/**
 * Sound: a looped siren for a P0 until it is claimed, a two-tone each ten seconds for a P1, a chime
 * for a test. What the page says of it is measured at the running AudioContext, twice a second.
 *
 * Armed once at the start of a shift: a person lets it run (no browser does so by itself), hears the
 * test tone and says so. After a reload the first touch lets it run again.
 * @module
 */

import * as alarms from "./alarms.js";
import * as bars from "./bars.js";
import * as clock from "./clock.js";
import { foreign } from "./health.js";
import * as presence from "./presence.js";
import * as sounding from "./sounding.js";
import { isHeard } from "./stream.js";
import { Synth } from "./synth.js";
import * as voice from "./voice.js";
import { named, say } from "./words.js";

const PERIOD_MS = 10_000;
const SHIFT_MS = 12 * 3600 * 1000;
/** A gateway that is not heard for so long is heard as a tone; a restart is shorter. */
const FAULT_MS = 8000;
/** An alarm that is read later is not chimed. */
const FRESH_MS = 10_000;
/** A siren is measured when it had so long to begin. */
const BEGIN_MS = 400;
const me = document.body.dataset.name ?? "";
const SHIFT = `dabyl-shift ${me}`;
const may = (document.body.dataset.rights ?? "").split(" ").includes("arm");
const sign = document.getElementById("sound");

/** @typedef {"off" | "asked" | "on" | "stopped" | "elsewhere" | "failed"} State */

/** @type {import("./bus.js").Bus} */
let bus;
/** @type {Synth | null} */
let synth = null;
/** When somebody heard the test tone; null: nobody yet. @type {number | null} */
let armedAt = null;
let tonedAt = 0;
let sirenAt = 0;
let silentAt = 0;
/** Whether a press of another district has climbed so far that everybody is called. */
let isCalled = false;
/** @type {State} */
let state = "off";

/** @param {import("./bus.js").Bus} given */
export function init(given) {
  bus = given;
  bus.on("changed", changed);
  bus.on("removed", (alarm) => quiet(alarm.id));
  bus.on("loaded", reloaded);
  bus.on("silent", () => (silentAt = Date.now()));
  bus.on("heartbeat", called);
  bus.on("tick", look);
  bus.on("key", key);
  voice.init(obey, judge);
  sign?.addEventListener("click", touch);
  document.getElementById("leave")?.addEventListener("click", () => localStorage.removeItem(SHIFT));
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, touched, true);
  if (inShift()) takeUp();
  look();
}

/** What is measured now. */
export function measure() {
  return {
    state,
    siren: synth?.siren ?? "off",
    context: synth?.context.state ?? "none",
    time: synth?.context.currentTime ?? 0,
    peak: synth?.peak() ?? 0,
  };
}

/** The contexts that run here, for whoever wants to look closer. */
export function contexts() {
  return synth ? [synth.context] : [];
}

/** @param {{alarm: any, before: any}} said */
function changed({ alarm, before }) {
  sounding.take(alarm);
  const isFresh = !before && clock.now() - Date.parse(alarm.raised_at) < FRESH_MS;
  if (isFresh && alarm.test && !alarm.closed_at && voice.isMine()) synth?.chime();
  judge();
}

/** @param {{escalated?: {district: string | null, rung: number, count: number}[]}} said */
function called(said) {
  isCalled = foreign(said.escalated ?? []).length > 0;
  judge();
}

/** @param {string} id */
function quiet(id) {
  sounding.drop(id);
  judge();
}

function reloaded() {
  for (const alarm of alarms.all()) sounding.take(alarm);
  judge();
}

/** Lets sound what ought to, at once. */
function judge() {
  if (!synth) return;
  const now = Date.now();
  const wanted = voice.isMine() ? sounding.wanted(now) : { siren: /** @type {const} */ ("off"), twoTone: false };
  if (wanted.siren !== synth.siren) sirenAt = now;
  synth.loop(wanted.siren);
  if (wanted.siren !== "off" || now - tonedAt < PERIOD_MS) return;
  const isDeaf = !isHeard() && now - silentAt > FAULT_MS && voice.isMine();
  const isDue = wanted.twoTone || (isCalled && voice.isMine());
  if (!isDue && !isDeaf) return;
  tonedAt = now;
  if (isDue) synth.twoTone();
  else synth.fault();
}

/** Twice a second: measure, sound, tell. */
function look() {
  const isRunning = synth?.runs() ?? false;
  voice.say(isRunning, armedAt ?? Infinity);
  judge();
  const found = find(isRunning);
  presence.set(armedAt !== null, isRunning && found !== "failed" && isHeard());
  if (found !== state) bus.emit("armed", found === "on" || found === "elsewhere");
  state = found;
  show();
}

/** @param {boolean} isRunning @returns {State} */
function find(isRunning) {
  if (!isRunning && voice.isElsewhere()) return "elsewhere";
  if (!synth || (!isRunning && armedAt === null)) return "off";
  if (!isRunning) return "stopped";
  const isDue = synth.siren !== "off" && Date.now() - sirenAt > BEGIN_MS;
  if (isDue && !synth.sounds()) return "failed";
  return armedAt === null ? "asked" : "on";
}

function show() {
  if (!may) return;
  const now = Date.now();
  const isMuted = sounding.muted().until > now;
  const said = isMuted && state === "on" ? "muted" : state;
  document.body.dataset.sound = said;
  document.body.dataset.siren = synth && voice.isMine() && synth.sounds() ? synth.siren : "off";
  if (sign) {
    sign.dataset.state = said;
    const text = say(`sound.${said}`);
    if (sign.lastElementChild && sign.lastElementChild.textContent !== text) sign.lastElementChild.textContent = text;
  }
  showRunning();
  if (isMuted) {
    const left = clock.lasting(sounding.muted().until - now);
    bars.show("muted", "loud", say("bar.muted"), { brief: say("brief.muted"), since: left, actions: [{ text: say("bar.unmute"), act: unmute }] });
  } else bars.hide("muted");
  showSnoozed(now);
}

/** The bar that says why nothing would be heard. */
function showRunning() {
  const turnOn = { text: say("sound.turn_on"), act: touch };
  const heard = { text: say("sound.i_hear"), act: confirm };
  const again = { text: say("sound.again"), act: () => synth?.test() };
  if (state === "on" || state === "elsewhere") return bars.hide("sound");
  const actions = state === "asked" ? [heard, again] : [turnOn];
  bars.show("sound", "stop", say(`unheard.${state}`), { brief: say(`brief.${state}`), actions });
}

/** @param {number} now */
function showSnoozed(now) {
  const [first, ...others] = sounding.sleeping(now);
  if (!first) return bars.hide("snoozed");
  const alarm = alarms.get(first[0]);
  const name = named(alarm?.place.site) || alarm?.device || "";
  const text = others.length ? say("bar.snoozed_many", { n: others.length + 1 }) : say("bar.snoozed", { name });
  bars.show("snoozed", "loud", text, { since: clock.lasting(first[1] - now) });
}

/** A person's touch: lets it run; where it does already, plays the test tone. */
async function touch() {
  const isNew = state === "off" || !inShift();
  if (state === "failed" || synth?.failed || synth?.context.state === "closed") {
    synth?.close().catch(() => null);
    synth = null;
  }
  synth ??= new Synth(look);
  const isRunning = await synth.resume();
  if (isRunning && isNew) armedAt = null;
  if (isRunning) synth.test();
  look();
}

/** The person says that the test tone was heard: the shift begins. */
function confirm() {
  armedAt = Date.now();
  localStorage.setItem(SHIFT, String(armedAt + SHIFT_MS));
  look();
}

function inShift() {
  return Number(localStorage.getItem(SHIFT) ?? 0) > Date.now();
}

/** After a reload in the same shift: at once where the browser lets us, else at the first touch. */
function takeUp() {
  armedAt = Date.now();
  synth = new Synth(look);
  synth.resume().then(look);
}

/** Any touch lets it run again, where somebody began a shift. */
async function touched() {
  if (!synth || armedAt === null || synth.context.state === "running") return;
  await synth.resume();
  look();
}

/** @param {{name: string, alarm: string | null}} said */
function key({ name, alarm }) {
  const now = Date.now();
  if (name === "mute") {
    if (sounding.muted().until > now) unmute();
    else decide({ mute: { from: now, until: now + sounding.MUTE_MS } });
  }
  if (name === "snooze" && alarm) decide({ snooze: alarm, until: now + sounding.SNOOZE_MS });
}

function unmute() {
  decide({ mute: { from: 0, until: 0 } });
}

/** @param {any} what decided here, and so in every tab */
function decide(what) {
  voice.share(what);
  obey(what);
}

/** @param {any} what */
function obey(what) {
  if (what.mute) sounding.setMute(what.mute);
  if (what.snooze) sounding.snooze(what.snooze, what.until);
  judge();
  show();
}
