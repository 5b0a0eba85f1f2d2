/** Sound: the siren, the two-tone, and whether they run. @module */

/** @param {import("./bus.js").Bus} _bus */
export function init(_bus) {}
