/** Folds: what a phone shows at a touch only, and a wider screen always. @module */

/** @param {HTMLElement} button @param {HTMLElement} place */
export function init(button, place) {
  button.addEventListener("click", () => unfold(button, place, !place.classList.contains("open")));
}

/** @param {HTMLElement} button @param {HTMLElement} place @param {boolean} isOpen */
export function unfold(button, place, isOpen) {
  place.classList.toggle("open", isOpen);
  button.ariaExpanded = String(isOpen);
}
