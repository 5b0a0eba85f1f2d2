/** The wall's map: the operator's own outline, districts by their state, open alarms as dots. @module */

import * as alarms from "./alarms.js";
import * as api from "./api.js";
import { byDistrict, gravity, isCounted, isUnclaimed } from "./wall_order.js";

const SVG = "http://www.w3.org/2000/svg";
const RADIUS = [15, 11, 7];
const NAME_WIDE = 110;
const NAME_TALL = 32;
/** @type {Record<string, [number, number]>} */
let places = {};
let isDue = false;

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  const map = document.getElementById("map");
  if (!map) return;
  const due = () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(draw);
  };
  bus.on("changed", due);
  bus.on("removed", due);
  bus.on("loaded", () => {
    api.get("/wall").then((found) => {
      places = found.places;
      due();
    }, () => null);
    due();
  });
}

function draw() {
  isDue = false;
  const open = alarms.all().filter((one) => isCounted(one) && !one.test);
  const found = byDistrict(open);
  for (const shape of document.querySelectorAll("#map .shape")) {
    const one = found.get(/** @type {SVGElement} */ (shape).dataset.district ?? "");
    shape.classList.toggle("asks", Boolean(one?.unclaimed[0]));
    shape.classList.toggle("held", Boolean(one?.counts[0]));
    shape.classList.toggle("watch", Boolean(one?.unclaimed[1]));
  }
  /** @type {Map<string, any>} the gravest of each site */
  const gravest = new Map();
  for (const alarm of open.sort(gravity)) {
    if (alarm.site && places[alarm.site] && !gravest.has(alarm.site)) gravest.set(alarm.site, alarm);
  }
  const dots = [...gravest.values()].reverse().map(dot); // the gravest is drawn last, on top
  document.getElementById("dots")?.replaceChildren(...dots.flat());
  clear([...gravest.keys()].map((site) => places[site]));
}

/** Moves names off the dots. @param {[number, number][]} dots */
function clear(dots) {
  for (const found of document.querySelectorAll("#shape-names > text")) {
    const name = /** @type {SVGTextElement} */ (found);
    const [x, y] = [Number(name.getAttribute("x")), Number(name.getAttribute("y"))];
    const isHit = dots.some(([a, b]) => Math.abs(a - x) < NAME_WIDE && Math.abs(b - y + 9) < NAME_TALL);
    name.setAttribute("dy", isHit ? "-44" : "0");
  }
}

/** @param {any} alarm */
function dot(alarm) {
  const [x, y] = places[alarm.site];
  const radius = RADIUS[alarm.priority];
  const circle = document.createElementNS(SVG, "circle");
  circle.setAttribute("class", `dot p${alarm.priority}${isUnclaimed(alarm) ? " unclaimed" : ""}`);
  circle.setAttribute("cx", String(x));
  circle.setAttribute("cy", String(y));
  circle.setAttribute("r", String(radius));
  if (alarm.priority !== 0 || !isUnclaimed(alarm)) return [circle];
  const ring = document.createElementNS(SVG, "circle");
  ring.setAttribute("class", "ring");
  ring.setAttribute("cx", String(x));
  ring.setAttribute("cy", String(y));
  ring.setAttribute("r", String(radius * 2));
  return [ring, circle];
}
