/** What the wall counts, and in which order. @module */

/** Whether an alarm is open and asks for people: information does not. @param {any} alarm */
export function isCounted(alarm) {
  return !alarm.closed_at && alarm.priority <= 2;
}

/** Whether nobody has taken it. @param {any} alarm */
export function isUnclaimed(alarm) {
  return alarm.state === "UNACKNOWLEDGED" && !alarm.test && !alarm.hidden;
}

/** The gravest first: by priority, what nobody took, the oldest; tests last. */
export function gravity(a, b) {
  return (
    Number(a.test) - Number(b.test) ||
    a.priority - b.priority ||
    Number(isUnclaimed(b)) - Number(isUnclaimed(a)) ||
    Date.parse(a.raised_at) - Date.parse(b.raised_at)
  );
}

/** Which districts have what open, and all together; what nobody placed is in the whole alone. @param {any[]} open */
export function byDistrict(open) {
  /** @type {Map<string, {counts: number[], unclaimed: number[], oldest: number}>} */
  const found = new Map();
  for (const alarm of open) {
    const key = alarm.place.district ?? "";
    let one = found.get(key);
    if (!one) found.set(key, (one = { counts: [0, 0, 0], unclaimed: [0, 0, 0], oldest: Infinity }));
    if (alarm.test) continue;
    one.counts[alarm.priority] += 1;
    if (!isUnclaimed(alarm)) continue;
    one.unclaimed[alarm.priority] += 1;
    if (alarm.priority === 0) one.oldest = Math.min(one.oldest, Date.parse(alarm.raised_at));
  }
  return found;
}
