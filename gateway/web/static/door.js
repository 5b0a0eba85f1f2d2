/**
 * Whoever comes by a link on a foreign page may be signed in: their browser shows the session only
 * to pages of ours. This is one; it looks, and leads on. @module
 */

const onward = /** @type {HTMLInputElement} */ (document.querySelector("input[name=next]"));
fetch("/api/v1/session", { headers: { Accept: "application/json" } })
  .then((answer) => {
    if (answer.ok) location.replace(onward.value);
  })
  .catch(() => undefined); // the form is there
