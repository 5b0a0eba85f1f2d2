/** Test windows: a strip that tells everybody which are open, and the dialog that opens one. @module */

import * as api from "./api.js";
import * as clock from "./clock.js";
import * as dialogs from "./dialogs.js";
import { reason } from "./problem.js";
import * as when from "./when.js";
import { named, say } from "./words.js";

const LOOK_MS = 30000;
const PAGE = 500;
const rights = new Set((document.body.dataset.rights ?? "").split(" "));
const strip = /** @type {HTMLElement} */ (document.getElementById("tests"));
const opener = /** @type {HTMLElement} */ (document.getElementById("tests-open"));
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("test-window"));
const form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
const site = /** @type {HTMLSelectElement} */ (form.elements.namedItem("site"));
const devices = /** @type {HTMLElement} */ (form.querySelector(".devices-of"));
const refusal = /** @type {HTMLElement} */ (form.querySelector(".refusal"));
/** @type {any[]} */
let windows = [];
let opened = "";

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  opener.hidden = !rights.has("test");
  opener.addEventListener("click", begin);
  bus.on("loaded", look);
  bus.on("test", look);
  bus.on("changed", ({ alarm }) => alarm.test && look());
  bus.on("opened", (id) => (opened = id));
  bus.on("closed", () => (opened = ""));
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);
  clock.each(draw);
  site.addEventListener("change", () => listDevices(site.value));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    open();
  });
  form.querySelector("[data-away]")?.addEventListener("click", () => dialog.close());
}

let isLooking = false;
async function look() {
  if (document.hidden || isLooking) return;
  isLooking = true;
  try {
    windows = (await api.get("/tests")).items;
    draw(clock.now());
  } catch {
    // the next look tells
  } finally {
    isLooking = false;
  }
}

/** @param {number} now */
function draw(now) {
  const standing = windows.filter((one) => !one.closed_at && Date.parse(one.until) > now);
  const key = JSON.stringify(standing);
  strip.hidden = standing.length === 0;
  if (strip.dataset.key === key) return;
  strip.dataset.key = key;
  strip.replaceChildren(...standing.map(row));
}

function row(one) {
  const item = document.createElement("li");
  const mark = document.createElement("b");
  mark.className = "badge test";
  mark.textContent = say("alarm.test");
  const words = document.createElement("span");
  const heard = Object.values(one.heard).reduce((a, b) => a + b, 0);
  const expected = Object.values(one.expected).reduce((a, b) => a + b, 0);
  const where = one.sites.map((place) => named(place.name) || place.id).join(", ");
  words.textContent = say("tests.open", {
    where,
    n: Object.keys(one.expected).length,
    until: when.hour(one.until),
    by: one.by,
    heard,
    expected,
  });
  item.append(mark, words);
  if (rights.has("test")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = say("tests.end");
    button.addEventListener("click", async () => {
      button.disabled = true;
      await api.remove(`/tests/${one.id}`).catch(() => null);
      await look();
      button.disabled = false;
    });
    item.append(button);
  }
  return item;
}

/** Opens the dialog, at the school of the alarm that is open. */
async function begin() {
  refuse("");
  dialogs.open(dialog);
  if (site.options.length <= 1) await listSites();
  const known = opened ? await api.get(`/alarms/${opened}`).catch(() => null) : null;
  if (known?.site && [...site.options].some((one) => one.value === known.site)) site.value = known.site;
  await listDevices(site.value);
}

async function listSites() {
  try {
    const found = [];
    let cursor = "";
    do {
      const page = await api.get(`/sites?limit=${PAGE}${cursor}`);
      found.push(...page.items);
      cursor = page.next && `&cursor=${encodeURIComponent(page.next)}`;
    } while (cursor);
    found.sort((a, b) => named(a.name).localeCompare(named(b.name), undefined, { numeric: true }));
    for (const one of found) site.add(new Option([named(one.name) || one.id, one.district].filter(Boolean).join(" · "), one.id));
  } catch (problem) {
    refuse(reason(problem));
  }
}

/** @param {string} id */
async function listDevices(id) {
  devices.replaceChildren();
  if (!id) return;
  try {
    const found = await api.get(`/sites/${encodeURIComponent(id)}`);
    if (site.value !== id) return;
    const zones = new Map(found.zones.map((zone) => [zone.id, named(zone.name)]));
    devices.replaceChildren(...found.devices.map((one) => choice(one, zones)));
  } catch (problem) {
    refuse(reason(problem));
  }
}

function choice(device, zones) {
  const label = document.createElement("label");
  label.className = "check";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.name = "device";
  box.value = device.id;
  box.checked = device.kind === "panic-button";
  const words = document.createElement("span");
  words.textContent = [say(`sort.${device.kind}`), zones.get(device.zone), device.id].filter(Boolean).join(" · ");
  label.append(box, words);
  return label;
}

async function open() {
  const written = new FormData(form);
  const chosen = written.getAll("device");
  const reasonText = String(written.get("reason") ?? "").trim();
  if (!chosen.length) return refuse(say("tests.choose"));
  if (!reasonText) return refuse(say("tests.why_first"));
  try {
    await api.post("/tests", {
      devices: chosen,
      minutes: Number(written.get("minutes")),
      expected: Number(written.get("expected")),
      reason: reasonText,
    });
    dialog.close();
    form.reset();
    await look();
  } catch (problem) {
    refuse(reason(problem));
  }
}

function refuse(text) {
  refusal.textContent = text;
  refusal.hidden = !text;
}
