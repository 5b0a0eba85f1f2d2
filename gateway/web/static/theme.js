/** Themes: dark, light and high contrast. @module */

/** @param {import("./bus.js").Bus} _bus */
export function init(_bus) {}
