/** The page's words, in its language. @module */

const language = document.body.dataset.lang ?? "kk";
/** @type {Record<string, string>} */
const words = await (await fetch(`/words/${language}.json`)).json();

/**
 * @param {string} key
 * @param {Record<string, string | number>} [facts] what stands in braces
 */
export function say(key, facts = {}) {
  const text = words[key] ?? key.slice(key.indexOf(".") + 1);
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
