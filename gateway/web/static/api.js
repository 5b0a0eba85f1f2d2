/** Asks the API; an answer, or the problem that it gave. @module */

/** @typedef {{status: number, detail: string, by?: string}} Problem */

/** A line that is half cut answers nothing: then it is said so, and tried again. */
const WITHIN_MS = 8000;

/**
 * @param {string} path below /api/v1
 * @returns {Promise<any>}
 */
export async function get(path) {
  return read(await ask(path, { headers: { Accept: "application/json" } }));
}

/**
 * @param {string} path below /api/v1
 * @param {object} body
 * @returns {Promise<any>}
 */
export async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return read(await ask(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** @param {string} path below /api/v1 @returns {Promise<any>} */
export async function remove(path) {
  return read(await ask(path, { method: "DELETE" }));
}

/** Ends the session and goes to the door. */
export async function leave() {
  await ask("/session", { method: "DELETE" }).catch(() => null);
  location.assign("/signin");
}

/** @param {string} path @param {RequestInit} how */
function ask(path, how) {
  return fetch(`/api/v1${path}`, { ...how, signal: AbortSignal.timeout(WITHIN_MS) });
}

/** @param {Response} answer */
async function read(answer) {
  if (answer.status === 401) location.assign("/signin");
  const body = await answer.json();
  if (!answer.ok) throw /** @type {Problem} */ (body);
  return body;
}
