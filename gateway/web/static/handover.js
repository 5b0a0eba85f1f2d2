/** The page of hand-overs: each button is one step; what is refused is said in words. @module */

import * as api from "./api.js";
import { say } from "./words.js";

const REFRESH_MS = 30_000;
const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const refusal = document.getElementById("refusal");
/** What is under way holds the page as it is. */
let isUnderWay = false;

// What must be sure asks on its button: a confirm() would halt the console that opened this page.
main.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest("button");
  if (!button?.dataset.post) return;
  const { post, sure } = button.dataset;
  if (sure && button.textContent !== sure) button.textContent = sure;
  else if (!sure || event.detail < 2) step(post, {}, button); // a double click has not read it
});
main.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const said = new FormData(form);
  const body = { taker: said.get("taker") || null, note: said.get("note") };
  step("/handovers", body, /** @type {HTMLButtonElement} */ (form.querySelector("button")));
});
document.getElementById("print")?.addEventListener("click", () => print());
if (document.getElementById("duty-title")) {
  addEventListener("focus", refresh);
  setInterval(refresh, REFRESH_MS);
}

/** Shows who is on duty now; what somebody writes stays while they may still hand over. */
async function refresh() {
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  if (!found || isUnderWay) return;
  for (const part of ["past", "open", "give", "offers", "duty"]) renew(part, found);
}

/** @param {string} part @param {Element} found the page as it is now */
function renew(part, found) {
  const shown = sectionOf(main, part);
  const now = sectionOf(found, part);
  if (part === "give" && shown && now) return;
  if (shown?.outerHTML === now?.outerHTML) return;
  if (!now) shown?.remove();
  else if (shown) shown.replaceWith(now);
  else main.insertBefore(now, follower(now));
}

/** The section here that comes after that one there; the last are renewed first. @param {Element} there */
function follower(there) {
  const next = there.nextElementSibling?.getAttribute("aria-labelledby");
  return next ? sectionOf(main, next.replace("-title", "")) : null;
}

/** @param {Element} page @param {string} part */
function sectionOf(page, part) {
  return page.querySelector(`section[aria-labelledby="${part}-title"]`);
}

/** @param {string} path @param {object} body @param {HTMLButtonElement} button */
async function step(path, body, button) {
  if (isUnderWay) return;
  isUnderWay = button.disabled = true;
  try {
    await api.post(path, body);
    location.reload();
  } catch (problem) {
    isUnderWay = button.disabled = false;
    if (!refusal) return;
    refusal.textContent = reason(/** @type {any} */ (problem), path);
    refusal.hidden = false;
    refusal.scrollIntoView({ block: "nearest" });
  }
}

/** @param {any} problem @param {string} path */
function reason(problem, path) {
  if (typeof problem?.status !== "number") return say("step.offline");
  if (problem.status === 409 && problem.by) return say("handover.first", { name: problem.by });
  if (problem.status === 409) return say("handover.over");
  if (problem.status === 403) return say("handover.not_yours");
  if (problem.status === 404) return say("step.gone");
  if (problem.status === 422 && path.endsWith("/end")) return say("handover.must");
  if (problem.status === 503) return say("step.unstored");
  return `${say("step.failed")}: ${problem.detail}`;
}
