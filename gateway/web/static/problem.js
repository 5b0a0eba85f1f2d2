/** Why a step was refused, in the words of the page. @module */

import { ago, named, say } from "./words.js";

/** @param {any} problem */
export function reason(problem) {
  if (typeof problem?.status !== "number") return say("step.offline");
  if (problem.status === 409 && problem.by && !problem.version) {
    return say("step.taken", { name: problem.by, ago: ago(1000 * (problem.seconds_ago ?? 0)) });
  }
  if (problem.status === 409 && problem.version) return say("step.stale", { name: problem.by ?? "Dabyl" });
  if (problem.status === 409 && problem.site) {
    return say("tests.alarmed", { site: named(problem.site_name) || problem.site });
  }
  if (problem.status === 409 && problem.step === "reopen" && problem.reason) return say(`reopen.${problem.reason}`);
  if (problem.status === 403) return say("step.forbidden");
  if (problem.status === 404) return say("step.gone");
  if (problem.status === 503) return say("step.unstored");
  return `${say("step.failed")}: ${problem.detail}`;
}
