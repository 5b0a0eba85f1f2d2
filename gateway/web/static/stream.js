/**
 * The stream, as this page hears it: from the worker that all tabs share, or from its own.
 *
 * Tells the bus what the gateway says, `tick` each half second (in a hidden tab too), `silent`
 * {since} when the gateway has not been heard for three seconds, `back` {since, alarms, reset}
 * when it is heard again: since when it was silent (by the gateway's clock), which alarms were told
 * meanwhile, and whether everything had to be read anew.
 * @module
 */

import * as clock from "./clock.js";
import { Feed, moment, since } from "./feed.js";
import { Console, here } from "./presence.js";

const SILENT_MS = 3000;
/** The last of a queue of heartbeats is younger than this. */
const LATE_MS = 1500;
const LOOK_MS = 250;
const PARTED_MS = 4000;
/** Where the whole browser slept the worker takes its tabs for frozen, and says nothing: they knock. */
const KNOCK_MS = 1000;
const STRIKES = 3;
/** Heartbeats that come quicker than this were waiting in a queue. */
const QUEUED_MS = 500;
const COMPARED = "dabyl-compared";
const me = document.body.dataset.name ?? "";
/** What page and worker say to each other; a page that came with an update asks for another worker. */
const PROTOCOL = 3;
const isSeat = !document.body.classList.contains("wall");

/** @type {import("./bus.js").Bus} */
let bus;
/** @type {number | null} */
let position = null;
let beatAt = moment();
let arrivedAt = moment();
/** The time of the last heartbeat, by the gateway's clock. @type {string | null} */
let beaten = null;
/** What came while the gateway was silent, or just behind it. @type {{since: string | null, alarms: any[], reset: boolean} | null} */
let away = null;
/** @type {MessagePort | null} */
let port = null;
let workerAt = moment();
let strikes = 0;

/** @param {import("./bus.js").Bus} given */
export function init(given) {
  bus = given;
  setInterval(look, LOOK_MS);
  bus.on("putAway", ({ id, isOwn }) => isOwn && port?.postMessage({ putAway: id }));
  if (globalThis.SharedWorker) share();
  else alone();
}

/** Whether this page hears the gateway now. */
export function isHeard() {
  return away === null;
}

/** @param {import("./feed.js").Frame} frame */
function hear(frame) {
  if (frame.position !== null) position = frame.position;
  const said = JSON.parse(frame.data);
  if (frame.kind === "heartbeat" && isOld(said)) return;
  if (frame.kind === "alarm") away?.alarms.push(said);
  if (frame.kind === "reset" && away) away.reset = true;
  bus.emit(/** @type {import("./bus.js").Kind} */ (frame.kind), said);
  if (frame.kind !== "heartbeat") return;
  beatAt = moment();
  beaten = said.at;
  if (!away) return;
  const was = away;
  away = null;
  bus.emit("back", was);
}

/**
 * Whether a heartbeat waited in a queue while this page slept, and proves nothing. A gateway whose
 * clock was set back, or another gateway, is told from that by its beats coming one each second.
 * @param {{at: string}} said
 */
function isOld(said) {
  const quiet = since(arrivedAt);
  arrivedAt = moment();
  if (beaten === null || clock.now() - Date.parse(said.at) <= LATE_MS) return false;
  return quiet < QUEUED_MS || quiet > SILENT_MS;
}

/** Is the gateway still there, and is the worker? */
function look() {
  if (!away && since(beatAt) > SILENT_MS) {
    away = { since: beaten, alarms: [], reset: false };
    bus.emit("silent", away);
  }
  if (port && since(workerAt) > KNOCK_MS) port.postMessage({ here: here() });
  // Not at the first look: a page that wakes looks before it hears.
  strikes = port && since(workerAt) > PARTED_MS ? strikes + 1 : 0;
  if (strikes >= STRIKES) alone();
}

function share() {
  // Its name parts people who sign in one after another: each has a stream of their own.
  const name = `dabyl ${PROTOCOL} ${isSeat ? "seat" : "wall"} ${me}`;
  const worker = new SharedWorker("/static/shared.js", { type: "module", name });
  worker.addEventListener("error", () => alone());
  port = worker.port;
  port.addEventListener("message", (event) => {
    if (!port) return;
    workerAt = moment();
    if (event.data.kind === "tick") tick();
    else if (event.data.kind === "signin") leave();
    else if (event.data.kind === "who") compare(event.data.who);
    else if (event.data.kind === "putAway") bus.emit("putAway", { id: event.data.id, isOwn: false });
    else hear(event.data);
  });
  port.start();
  port.postMessage({ hello: position, here: here() });
  document.getElementById("leave")?.addEventListener("click", () => port?.postMessage({ left: true }));
  addEventListener("pagehide", () => port?.postMessage({ bye: true }));
  addEventListener("pageshow", (event) => {
    if (event.persisted) port?.postMessage({ hello: position, here: here() });
  });
}

function tick() {
  port?.postMessage({ here: here() });
  look();
  bus.emit("tick");
}

/** Without the worker: a stream of this page's own. */
function alone() {
  if (document.body.dataset.stream === "own") return;
  document.body.dataset.stream = "own";
  port?.postMessage({ bye: true });
  port = null;
  const presence = new Console();
  new Feed(hear, leave, compare, isSeat).start(position);
  setInterval(() => {
    bus.emit("tick");
    presence.say([here()]);
  }, 2 * LOOK_MS);
}

/** A page is of one person: where another one has signed in, or may see others, it begins anew. @param {string} who */
function compare(who) {
  const own = document.body.dataset.who;
  if (own === undefined || own === who || sessionStorage.getItem(COMPARED) === who) return;
  sessionStorage.setItem(COMPARED, who); // once: two who never agree would begin anew for ever
  location.reload();
}

function leave() {
  location.assign("/signin");
}
