/** Together: who claims one press of a site takes those that ask there at that moment too. @module */

import * as alarms from "./alarms.js";
import * as api from "./api.js";

const page = document.body.dataset;
/** What was asked for and not answered yet. @type {Set<string>} */
const asked = new Set();

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  bus.on("changed", ({ alarm, before }) => {
    const isTaken = alarm.claimed_by === page.name && alarm.state === "ACKNOWLEDGED";
    const isNew = before?.state === "UNACKNOWLEDGED" && before.claimed_by !== page.name;
    if (isTaken && isNew && isPress(alarm)) for (const id of beside(alarm)) claim(id);
  });
}

/** The presses that nobody has claimed at the site of that one. */
function beside(alarm) {
  const asking = (one) => one.state === "UNACKNOWLEDGED" && !one.claimed_by && one.stored;
  return alarms.all().filter((one) => one.site === alarm.site && isPress(one) && asking(one)).map((one) => one.id);
}

function isPress(alarm) {
  return alarm.priority === 0 && alarm.site && !alarm.test && !alarm.closed_at;
}

/** @param {string} id */
async function claim(id) {
  if (asked.has(id)) return;
  asked.add(id);
  try {
    alarms.show(await api.post(`/alarms/${id}/claim`, {}));
  } catch {
    // Another was first, or nothing can be stored now: it goes on asking, and its row says so.
  } finally {
    asked.delete(id);
  }
}
