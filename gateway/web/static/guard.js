/** Guard: what opens by itself takes no click at first, for it was aimed at what was there before. @module */

const UNAIMED_MS = 600;
/** The alarm that a person asked for last. */
let wanted = "";
/** @type {ReturnType<typeof setTimeout> | undefined} */
let holding;

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  for (const kind of /** @type {const} */ (["select", "look", "reopen"])) bus.on(kind, (id) => (wanted = id));
  bus.on("closed", (id) => {
    if (id === wanted) wanted = "";
  });
  bus.on("opened", (id) => {
    if (id !== wanted) hold();
  });
}

/** Also where other buttons stand now than those that were aimed at. */
export function hold() {
  clearTimeout(holding);
  document.body.classList.add("unaimed");
  holding = setTimeout(() => document.body.classList.remove("unaimed"), UNAIMED_MS);
}
