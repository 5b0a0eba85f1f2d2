/**
 * Duty: whoever arms the sound begins to work; where their shift has not begun, a bar offers it.
 *
 * Nothing of the sound waits for it. Where somebody hands over to them it leads there instead: what
 * is taken over is read first.
 * @module
 */

import * as api from "./api.js";
import * as bars from "./bars.js";
import { say } from "./words.js";

const AGAIN_MS = 30_000;
const SAID_MS = 6000;
const page = document.body.dataset;
const may = (page.rights ?? "").split(" ").includes("hand_over");
let isArmed = false;
/** They do not want it now: until the sound is armed anew. */
let isLater = false;

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  if (!may) return;
  bus.on("armed", (is) => {
    isArmed = is;
    if (is) return look();
    isLater = false;
    bars.hide("duty");
  });
  addEventListener("focus", () => bars.isShown("duty") && look()); // begun elsewhere meanwhile
}

/** Asks whether they are on duty; a gateway that does not answer is asked again. */
async function look() {
  try {
    const [on, offers] = await Promise.all([api.get("/shifts"), api.get("/handovers")]);
    const isOn = on.items.some((one) => one.person === page.name && !one.ended_at);
    if (isOn || isLater || !isArmed) bars.hide("duty");
    else offer(offers.items.find(isForMe));
  } catch {
    setTimeout(() => isArmed && look(), AGAIN_MS);
  }
}

function isForMe(one) {
  const isOpen = !one.taken_at && !one.withdrawn_at;
  return isOpen && one.giver !== page.name && (!one.taker || one.taker === page.name);
}

/** @param {any} [handover] that waits for them */
function offer(handover) {
  const later = { text: say("duty.later"), act: putOff };
  if (handover) {
    const text = say("duty.offered", { name: handover.giver });
    bars.show("duty", "note", text, { actions: [{ text: say("handover.read"), act: read }, later] });
  } else bars.show("duty", "note", say("duty.none"), { actions: [{ text: say("handover.begin"), act: begin }, later] });
}

function putOff() {
  isLater = true;
  bars.hide("duty");
}

/** The page of hand-overs, in its own tab: here it goes on sounding. */
function read() {
  /** @type {HTMLElement | null} */ (document.querySelector('.places a[href="/handover"]'))?.click();
}

async function begin() {
  try {
    await api.post("/shifts", {});
    bars.show("duty", "note", say("duty.begun"));
    setTimeout(() => bars.hide("duty"), SAID_MS);
  } catch {
    bars.show("duty", "warn", say("duty.failed"), { actions: [{ text: say("handover.begin"), act: begin }, { text: say("duty.later"), act: putOff }] });
  }
}
