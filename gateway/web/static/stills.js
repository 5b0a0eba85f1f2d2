/** What cameras saw of an alarm: a strip of stills, each to be enlarged; what is missing in words. @module */

import * as dialogs from "./dialogs.js";
import { time } from "./when.js";
import { named, say } from "./words.js";

const SHOWN_LIMIT = 24;
const DEAD = ["failed", "missed", "skipped"];
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("still"));
const large = /** @type {HTMLImageElement} */ (dialog.querySelector("img"));
const title = /** @type {HTMLElement} */ (dialog.querySelector("p"));
/** The stills that can be enlarged now, and which of them is. @type {any[]} */
let open = [];
let at = 0;

/**
 * Draws the stills into a list, touching only what changed: what is looked at must not jump.
 * @param {HTMLElement} list
 * @param {any[]} stills
 * @param {boolean} maySee
 */
export function draw(list, stills, maySee) {
  list.hidden = stills.length === 0;
  const kept = stills.filter((one) => one.state === "kept");
  const shown = maySee ? ordered(stills) : [];
  const items = shown.map((one) => tile(list, one, kept));
  if (!maySee && kept.length) items.push(hidden(kept.length));
  if (items.some((item, place) => list.children[place] !== item)) list.replaceChildren(...items);
  else while (list.children.length > items.length) list.lastElementChild?.remove();
}

/** By time, pictures first; of what is missing once for each camera and reason. */
function ordered(stills) {
  const pictures = stills.filter((one) => !DEAD.includes(one.state));
  const missing = new Map(
    stills.filter((one) => DEAD.includes(one.state)).map((one) => [`${one.camera} ${one.why}`, one]),
  );
  pictures.sort((a, b) => a.offset_s - b.offset_s || a.camera.localeCompare(b.camera));
  return [...pictures, ...missing.values()].slice(0, SHOWN_LIMIT);
}

/** The tile of a still: the one that is there already, where it shows the same. */
function tile(list, still, kept) {
  const key = [still.camera, still.offset_s, still.state, still.sha256 ?? still.why].join(" ");
  const known = [...list.children].find((one) => /** @type {HTMLElement} */ (one).dataset.key === key);
  const item = /** @type {HTMLElement} */ (known ?? document.createElement("li"));
  if (known) {
    item.onclick = () => enlarge(kept, still);
    return item;
  }
  item.dataset.key = key;
  item.className = still.state;
  if (still.state === "kept") item.append(picture(item, still));
  item.append(caption(still));
  if (still.state === "kept") item.onclick = () => enlarge(kept, still);
  return item;
}

function picture(item, still) {
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-label", say("still.open", { what: described(still) }));
  const image = document.createElement("img");
  image.alt = described(still);
  image.loading = "lazy";
  image.decoding = "async";
  image.src = still.link;
  image.onerror = () => {
    item.classList.add("broken");
    button.replaceChildren(say("still.broken"));
  };
  button.append(image);
  return button;
}

function caption(still) {
  const text = document.createElement("p");
  const name = document.createElement("b");
  name.textContent = still.camera;
  const said = document.createElement("span");
  said.textContent = DEAD.includes(still.state) ? say(`no_still.${still.why}`) : when(still);
  text.append(name, said);
  return text;
}

/** When it shows: by the clock, and so many seconds from the alarm. */
function when(still) {
  if (still.state === "waiting") return say("still.waiting");
  if (still.state !== "kept") return say("still.dropped");
  const sign = still.offset_s < 0 ? "−" : still.offset_s > 0 ? "+" : "";
  return `${time(still.taken_at)} · ${sign}${Math.abs(still.offset_s)} ${say("chain.s")}`;
}

function beside(seconds) {
  if (!seconds) return say("still.moment");
  return say(seconds < 0 ? "still.earlier" : "still.after", { n: Math.abs(seconds) });
}

function described(still) {
  const facts = [say("still.alt", { camera: still.camera }), named(still.zone), time(still.taken_at)];
  return facts.filter(Boolean).join(", ");
}

function hidden(n) {
  const item = document.createElement("li");
  item.className = "yours";
  item.textContent = say("still.yours", { n });
  return item;
}

function enlarge(kept, still) {
  open = ordered(kept);
  at = Math.max(0, open.findIndex((one) => one.sha256 === still.sha256 && one.offset_s === still.offset_s && one.camera === still.camera));
  show();
  dialogs.open(dialog);
}

function show() {
  const still = open[at];
  large.src = still.link;
  large.alt = described(still);
  title.textContent = `${described(still)} · ${beside(still.offset_s)} · ${at + 1} / ${open.length}`;
}

/** @param {number} step */
function turn(step) {
  at = (at + step + open.length) % open.length;
  show();
}

dialog.addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") turn(-1);
  if (event.key === "ArrowRight") turn(1);
});
dialog.addEventListener("click", (event) => {
  const pressed = /** @type {HTMLElement} */ (event.target).closest("button")?.dataset.turn;
  if (pressed) turn(Number(pressed));
  else if (event.target === dialog || pressed === "") dialog.close();
});
