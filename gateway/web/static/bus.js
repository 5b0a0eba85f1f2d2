/**
 * The bus: how the page's modules hear of each other, without importing each other.
 *
 * From the stream (stream.js): `alarm` an alarm as it is now, `delivery`, `device`, `heartbeat`,
 * `test` (a test window began or ended),
 * `reset` (read everything anew), `silent` and `back` (the gateway went away, and is there again),
 * `tick` each half second, in a hidden tab too.
 * From the store of alarms (alarms.js), once it has taken a word in: `changed` {alarm, before}
 * (before: null for one that is new to the page), `removed` an alarm that is shown no more,
 * `loaded` {isWhole} when a page of the list was read: whatever is there may be another than before,
 * and no `changed` came for it (there may be ten thousand).
 * From people: `select` an alarm's id that somebody wants to see, `opened` and `closed` an alarm's
 * id that the pane shows, or showed; `armed` whether this page's sound was armed; `key` {name, alarm}
 * what a key asks for, and of which alarm (keys.js); `putAway` {id, isOwn} a cry that nobody stored
 * was put away, in this tab or in another one. `waits` a press waits that did not a moment ago.
 * `look` as `select`, of what may be closed and in no list any more; `ended` {alarm, click} an
 * alarm that this person has just closed, and the word of the click that did it; `reopen` an alarm's id whose closing they want
 * to take back: the pane shows it and asks why.
 * @module
 */

/** @typedef {"alarm" | "delivery" | "device" | "test" | "heartbeat" | "reset" | "silent" | "back" | "changed" | "removed" | "loaded" | "select" | "opened" | "closed" | "armed" | "key" | "putAway" | "waits" | "look" | "ended" | "reopen" | "tick"} Kind */
/** @typedef {{on: typeof on, emit: typeof emit}} Bus */

/** @type {Map<string, ((said: any) => void)[]>} */
const listeners = new Map();

/**
 * Hear of it, in the order of asking.
 * @param {Kind} kind
 * @param {(said: any) => void} hear
 */
export function on(kind, hear) {
  const known = listeners.get(kind);
  if (known) known.push(hear);
  else listeners.set(kind, [hear]);
}

/**
 * Tell everybody; a listener that fails takes nobody with it, and is seen on the browser's console.
 * @param {Kind} kind
 * @param {any} [said]
 */
export function emit(kind, said) {
  for (const hear of listeners.get(kind) ?? []) {
    try {
      hear(said);
    } catch (fault) {
      reportError(fault);
    }
  }
}
