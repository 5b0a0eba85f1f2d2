/** The page's words, in its language. @module */

const language = document.body.dataset.lang ?? "kk";
const AGAIN_MS = 1000;
/** @typedef {{offset_ms: number, forms: Record<string, string>, months: string[], decimal: string, group: string}} Manner */
/** @type {{words: Record<string, string | Record<string, string>>, manner: Manner}} */
const told = await read();
// A browser that knows no Kazakh counts as the English do: one, and all others. So does Kazakh.
const plurals = new Intl.PluralRules([language, "en"]);
const { words } = told;

/** A gateway that starts just now is asked again: without words nothing of the page would run. */
async function read() {
  for (;;) {
    const answer = await fetch(`/words/${language}.json`).catch(() => null);
    if (answer?.ok) return answer.json();
    await new Promise((done) => setTimeout(done, AGAIN_MS));
  }
}

/** How moments and figures are written (when.js). */
export const { manner } = told;

/**
 * @param {string} key
 * @param {Record<string, string | number>} [facts] what stands in braces; `n` chooses a plural
 */
export function say(key, facts = {}) {
  const found = words[key] ?? key.slice(key.indexOf(".") + 1);
  const text = typeof found === "string" ? found : found[plurals.select(Number(facts.n))];
  return text.replace(/\{(\w+)\}/g, (_, name) => String(facts[name] ?? ""));
}

/**
 * A name in the page's language, or in the first that it has.
 * @param {{kk: string, ru: string, en: string} | null | undefined} names
 */
export function named(names) {
  if (!names) return "";
  return names[language] || names.kk || names.ru || names.en || "";
}

/** @param {number} ms how long ago */
export function ago(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return say("ago.s", { n: s });
  if (s < 3600) return say("ago.m", { n: Math.floor(s / 60) });
  if (s < 86400) return say("ago.h", { n: Math.floor(s / 3600) });
  return say("ago.d", { n: Math.floor(s / 86400) });
}
