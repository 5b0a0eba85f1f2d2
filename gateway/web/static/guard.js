/** Guard: what opens by itself takes no click at first, for it was aimed at what was there before. @module */

const UNAIMED_MS = 600;
/** The alarm that a person asked for last. */
let wanted = "";

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  bus.on("select", (id) => (wanted = id));
  bus.on("closed", () => (wanted = ""));
  bus.on("opened", (id) => {
    if (id === wanted) return;
    document.body.classList.add("unaimed");
    setTimeout(() => document.body.classList.remove("unaimed"), UNAIMED_MS);
  });
}
