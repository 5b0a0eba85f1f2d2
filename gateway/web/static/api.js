/** Asks the API; an answer, or the problem that it gave. @module */

/** @typedef {{status: number, detail: string, by?: string}} Problem */

/**
 * @param {string} path below /api/v1
 * @returns {Promise<any>}
 */
export async function get(path) {
  return read(await fetch(`/api/v1${path}`, { headers: { Accept: "application/json" } }));
}

/**
 * @param {string} path below /api/v1
 * @param {object} body
 * @returns {Promise<any>}
 */
export async function post(path, body) {
  const answer = await fetch(`/api/v1${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return read(answer);
}

/** @param {string} path below /api/v1 @returns {Promise<any>} */
export async function remove(path) {
  return read(await fetch(`/api/v1${path}`, { method: "DELETE" }));
}

/** Ends the session and goes to the door. */
export async function leave() {
  await fetch("/api/v1/session", { method: "DELETE" });
  location.assign("/signin");
}

/** @param {Response} answer */
async function read(answer) {
  if (answer.status === 401) location.assign("/signin");
  const body = await answer.json();
  if (!answer.ok) throw /** @type {Problem} */ (body);
  return body;
}
