/** Themes: dark, light and high contrast; kept in a cookie, so that the next page comes in it at once. @module */

const YEAR_S = 365 * 24 * 3600;
const root = document.documentElement;

/** @param {import("./bus.js").Bus} _bus */
export function init(_bus) {
  const choice = /** @type {HTMLSelectElement | null} */ (document.getElementById("theme"));
  if (!choice) return;
  const others = new BroadcastChannel("dabyl-theme");
  others.addEventListener("message", (event) => wear(choice, event.data));
  choice.value = root.dataset.theme ?? "dark";
  choice.addEventListener("change", () => {
    wear(choice, choice.value);
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `theme=${choice.value}; path=/; max-age=${YEAR_S}; samesite=lax${secure}`;
    others.postMessage(choice.value);
  });
}

/** @param {HTMLSelectElement} choice @param {string} theme one of its options */
function wear(choice, theme) {
  if (![...choice.options].some((one) => one.value === theme)) return;
  choice.value = theme;
  root.dataset.theme = theme;
}
