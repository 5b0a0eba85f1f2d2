/** The pane: everything about the alarm that is open. @module */

/** @param {import("./bus.js").Bus} _bus */
export function init(_bus) {}
