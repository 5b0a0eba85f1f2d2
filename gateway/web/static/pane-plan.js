/** The plan of the floor, with the device on it and the cameras around. @module */

import * as dialogs from "./dialogs.js";
import { named, say } from "./words.js";

const large = /** @type {HTMLDialogElement} */ (document.getElementById("plan-large"));
let shownKey = "";

/** @param {HTMLElement} pane */
export function init(pane) {
  const drawing = /** @type {HTMLElement} */ (pane.querySelector(".plan .drawing"));
  drawing.addEventListener("click", () => {
    const copies = [...drawing.querySelectorAll(":scope > :not(.aloud)")].map((one) => one.cloneNode(true));
    /** @type {HTMLElement} */ (large.querySelector(".drawing")).replaceChildren(...copies);
    dialogs.open(large);
    large.querySelector(".spot.here")?.scrollIntoView({ block: "nearest", inline: "center" });
  });
  large.addEventListener("click", (event) => event.target === large && large.close());
}

/** Another alarm comes: its plan is drawn anew. */
export function shut() {
  shownKey = "";
}

/** @param {HTMLElement} section @param {any} plan @param {any} alarm */
export function draw(section, plan, alarm) {
  if (!plan) {
    section.hidden = true;
    shownKey = "";
    return;
  }
  const key = JSON.stringify([plan, alarm.id]);
  if (key === shownKey) return; // what somebody looks at is not touched
  shownKey = key;
  section.hidden = false;
  const sheet = /** @type {HTMLElement} */ (section.querySelector(".drawing"));
  const caption = /** @type {HTMLElement} */ (section.querySelector("figcaption"));
  const image = document.createElement("img");
  image.src = plan.link;
  image.alt = say("pane.plan_of", { device: alarm.device });
  image.decoding = "async";
  image.onerror = () => {
    sheet.replaceChildren();
    caption.textContent = say("pane.plan_lost");
  };
  const cameras = plan.cameras.map((one) => mark("camera", one.at, [one.device]));
  const own = plan.at ? [mark("here", plan.at, [named(alarm.place.zone), alarm.device].filter(Boolean))] : [];
  // Within the button, as what lies on the plan is: its name holds the words that are seen on it.
  const larger = document.createElement("span");
  larger.className = "aloud";
  larger.textContent = say("pane.plan_larger");
  sheet.replaceChildren(larger, image, ...cameras, ...own);
  caption.textContent = plan.at ? "" : say("pane.plan_nowhere");
}

/** @param {string} sort @param {number[]} at @param {string[]} names a line each */
function mark(sort, [x, y], names) {
  const spot = document.createElement("span");
  spot.className = `spot ${sort}`;
  // Said by the object model, not as an attribute: the page permits no styles in its text.
  spot.style.left = `${x * 100}%`;
  spot.style.top = `${y * 100}%`;
  const label = document.createElement("b");
  label.replaceChildren(
    ...names.map((name) => {
      const line = document.createElement("bdi");
      line.textContent = name;
      return line;
    }),
  );
  // Moved by as much of its own width as the spot lies from the left: so it never leaves the drawing.
  label.style.translate = `${-x * 100}% 0`;
  if (y > 0.5) spot.classList.add("upward");
  spot.append(label);
  return spot;
}
