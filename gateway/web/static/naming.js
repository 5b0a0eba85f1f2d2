/** Names of schools that differ in their numbers alone: the number is seen, however little room. @module */

/** A number with its sign (№ 12, No. 12, N 12), or one at the end (Gymnasium 12). */
const NUMBER = /\s*(?:№|(?<![\p{L}\p{N}])(?:no\.?|n)(?=\s*\d))\s*\d[\p{L}\p{N}/-]*|\s+\d[\p{L}\p{N}/-]*$/iu;

/**
 * What stands before a name's number, the number with its sign, and what stands after it; together the name.
 * @param {string} name @returns {[string, string, string]}
 */
export function split(name) {
  const found = NUMBER.exec(name);
  if (!found) return [name, "", ""];
  const end = found.index + found[0].length;
  return [name.slice(0, found.index), found[0], name.slice(end)];
}

/** Writes a name in three parts, of which the number is never cut. @param {HTMLElement} place @param {string} name */
export function write(place, name) {
  if (place.textContent === name) return;
  place.replaceChildren(
    ...split(name).map((text, n) => {
      const part = document.createElement("span");
      part.className = ["before", "number", "after"][n];
      part.textContent = text;
      return part;
    }),
  );
}
