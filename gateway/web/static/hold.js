/** Hold: while somebody points at the list nothing in it moves. @module */

/** A pointer that lies still so long belongs to nobody; the list goes on. */
const LEFT_MS = 60_000;
/** A finger that was lifted may tap again at the same place. */
const LIFTED_MS = 1000;
let isOver = false;
let movedAt = 0;
let settledAt = 0;
/** @type {number | undefined} */
let lifting;

/**
 * @param {HTMLElement} view the list
 * @param {() => void} settle told when it may move again
 */
export function watch(view, settle) {
  const free = () => {
    isOver = false;
    settledAt = performance.now();
    settle();
  };
  const hold = () => {
    clearTimeout(lifting);
    isOver = true;
  };
  const aim = () => {
    hold();
    movedAt = performance.now();
  };
  view.addEventListener("pointerenter", hold);
  view.addEventListener("pointermove", aim);
  view.addEventListener("wheel", aim, { passive: true });
  view.addEventListener("pointerdown", (event) => (event.pointerType === "mouse" ? hold() : aim()));
  view.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") free();
    else lifting = setTimeout(free, LIFTED_MS);
  });
  setInterval(() => {
    if (isOver && performance.now() - Math.max(movedAt, settledAt) > LEFT_MS) free();
  }, 1000);
}

/** Whether the list must stay as it is. */
export function isHeld() {
  return isOver;
}

/**
 * Whether a click was aimed at what is there: the pointer has moved since the list last did, or
 * there was no pointer.
 * @param {MouseEvent} event
 */
export function isAimed(event) {
  return event.detail === 0 || movedAt >= settledAt;
}
