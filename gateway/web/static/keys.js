/** Keys: what each letter does. @module */

/** @param {import("./bus.js").Bus} _bus */
export function init(_bus) {}
