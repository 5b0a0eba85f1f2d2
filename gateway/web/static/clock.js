/** The gateway's clock, and one tick each second for everything on the page that runs. @module */

/** How far the gateway's clock is ahead of this one. */
let aheadMs = 0;
/** @type {((now: number) => void)[]} */
const tickers = [];

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  bus.on("heartbeat", (said) => set(Date.parse(said.at)));
  setInterval(() => {
    for (const tick of tickers) tick(now());
  }, 1000);
}

/** Now, by the gateway's clock, in milliseconds. */
export function now() {
  return Date.now() + aheadMs;
}

/** @param {number} ms now, by the gateway's clock */
export function set(ms) {
  aheadMs = ms - Date.now();
}

/** @param {(now: number) => void} tick called each second */
export function each(tick) {
  tickers.push(tick);
}

/**
 * How long it lasts, as minutes and seconds, with hours where there are any.
 * @param {number} ms
 */
export function lasting(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((n) => String(n).padStart(2, "0")).join(":");
}
