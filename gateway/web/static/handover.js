/** The page of hand-overs: each button is one step; what is refused is said in words. @module */

import * as api from "./api.js";
import { say } from "./words.js";

const refusal = document.getElementById("refusal");

for (const found of document.querySelectorAll("[data-post]")) {
  const button = /** @type {HTMLButtonElement} */ (found);
  const { post, sure } = button.dataset;
  button.addEventListener("click", () => {
    if (!sure || confirm(sure)) step(post ?? "", {}, button);
  });
}
document.getElementById("give")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const said = new FormData(form);
  const body = { taker: said.get("taker") || null, note: said.get("note") };
  step("/handovers", body, /** @type {HTMLButtonElement} */ (form.querySelector("button")));
});
document.getElementById("print")?.addEventListener("click", () => print());

/** @param {string} path @param {object} body @param {HTMLButtonElement} button */
async function step(path, body, button) {
  button.disabled = true;
  try {
    await api.post(path, body);
    location.reload();
  } catch (problem) {
    button.disabled = false;
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
