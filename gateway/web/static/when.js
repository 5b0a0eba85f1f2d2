/**
 * When: moments and figures as the page's reader writes them. The server gives patterns, names and
 * the hours to add, because a browser may know no Kazakh, or keep the zones of years ago.
 * @module
 */

import { manner } from "./words.js";

/** A quoted word of a pattern, a run of one letter, or any other sign. */
const PIECE = /'([^']*)'|([a-zA-Z])\2*|[^]/g;

/** Such as 20:15:07. @param {string | number} at RFC 3339, or milliseconds */
export const time = (at) => written(at, "time");

/** Such as 20:15. @param {string | number} at */
export const hour = (at) => written(at, "hour");

/** Day and month, such as 26 қар. @param {string | number} at */
export const day = (at) => written(at, "day");

/** With the year, such as 2026 ж. 26 қар. @param {string | number} at */
export const date = (at) => written(at, "date");

/** Date and time. @param {string | number} at */
export const moment = (at) => written(at, "moment");

/**
 * A figure with its thousands apart.
 * @param {number} value
 * @param {number} [digits] behind the comma
 */
export function number(value, digits = 0) {
  const [whole, part] = Math.abs(value).toFixed(digits).split(".");
  const apart = whole.replace(/\B(?=(\d{3})+$)/g, manner.group);
  return (value < 0 ? "-" : "") + apart + (part ? manner.decimal + part : "");
}

/** @param {string | number} at @param {string} form */
function written(at, form) {
  const ms = typeof at === "number" ? at : Date.parse(at);
  const local = new Date(ms + manner.offset_ms);
  return manner.forms[form].replace(PIECE, (piece, quoted, letter) => {
    if (quoted !== undefined) return quoted || "'";
    return letter ? field(local, letter, piece.length) : piece;
  });
}

/** One field of a pattern (CLDR's letters). @param {Date} local @param {string} letter @param {number} width */
function field(local, letter, width) {
  if (letter === "M" && width > 2) return manner.months[local.getUTCMonth()];
  const value = {
    y: local.getUTCFullYear(),
    M: local.getUTCMonth() + 1,
    d: local.getUTCDate(),
    H: local.getUTCHours(),
    m: local.getUTCMinutes(),
    s: local.getUTCSeconds(),
  }[letter];
  return String(value).padStart(width, "0");
}
