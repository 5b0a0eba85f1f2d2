/** What the shared stream said lately: for a tab that was frozen, and for one that comes later. @module */

/** @typedef {import("./feed.js").Frame} Frame */

const FRAMES = 3000;
const LETTERS = 8_000_000;
const CRIES = 500;

/** The last frames by position, and the cries that are not stored yet. Bounded by number and size. */
export class Remembered {
  constructor() {
    /** @type {Frame[]} */
    this.frames = [];
    this.letters = 0;
    /** The position after which nothing is missing here. @type {number | null} */
    this.from = null;
    /** @type {Map<string, Frame>} */
    this.cries = new Map();
  }

  /** @param {Frame} frame @param {number | null} before the position before it */
  keep(frame, before) {
    if (frame.kind === "reset") this.forget(frame.position);
    if (frame.kind === "alarm") this.cry(frame);
    if (frame.position === null) return;
    const isNews = frame.kind !== "heartbeat" && frame.kind !== "reset";
    this.from ??= before ?? (isNews ? frame.position - 1 : frame.position);
    if (!isNews) return;
    this.frames.push(frame);
    this.letters += frame.data.length;
    while (this.frames.length > FRAMES || this.letters > LETTERS) {
      const gone = /** @type {Frame} */ (this.frames.shift());
      this.letters -= gone.data.length;
      this.from = gone.position;
    }
  }

  /** @param {number | null} position it begins anew behind that one */
  forget(position) {
    this.frames = [];
    this.letters = 0;
    this.from = position;
  }

  /**
   * @param {number} position
   * @returns {Frame[] | null} all after it; null: that is not known any more
   */
  after(position) {
    if (this.from === null || position < this.from) return null;
    return this.frames.filter((one) => Number(one.position) > position);
  }

  /** Somebody put it away, for the gateway knows of none. @param {string} id */
  putAway(id) {
    this.cries.delete(id);
  }

  /** An alarm without a position is a cry that no store has taken yet. @param {Frame} frame */
  cry(frame) {
    if (frame.position !== null && !this.cries.size) return;
    const { id, stored } = JSON.parse(frame.data);
    this.cries.delete(id);
    if (stored) return;
    this.cries.set(id, frame);
    if (this.cries.size > CRIES) this.cries.delete(this.cries.keys().next().value ?? "");
  }
}
