/**
 * The feed: one live stream of the gateway, kept open by whatever ends it, resumed by its position.
 *
 * Runs in the worker that all tabs share (shared.js), or in a page that has none (stream.js).
 * @module
 */

/** @typedef {{kind: string, position: number | null, data: string}} Frame its data is JSON */

const KINDS = ["alarm", "delivery", "device", "test", "heartbeat", "reset"];
/** Says that the line is not cut, while the gateway's store is away; it is no heartbeat. */
const ALIVE = "alive";
/** A stream that says nothing for so long is half open: there is a heartbeat each second. */
const DEAD_MS = 5000;
const CONNECT_MS = 4000;
const AGAIN_MS = 1000;
const ASK_MS = 3000;
const WATCH_MS = 500;

/** One EventSource after another. */
export class Feed {
  /**
   * @param {(frame: Frame) => void} hear
   * @param {() => void} refused the gateway does not know this session any more
   * @param {(who: string) => void} known as whom this browser is signed in, at each new stream
   * @param {boolean} isSeat whether a person sits here: what they hold does not lapse meanwhile
   */
  constructor(hear, refused, known, isSeat) {
    this.isSeat = isSeat;
    this.known = known;
    this.hear = hear;
    this.refused = refused;
    /** The last position heard of. @type {number | null} */
    this.position = null;
    this.connected = false;
    this.failures = 0;
    this.askedAt = -ASK_MS;
    /** @type {EventSource | null} */
    this.source = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.waiting = undefined;
    this.mark();
  }

  /** @param {number | null} after the position to go on from; null: from now on */
  start(after) {
    this.position = after;
    setInterval(() => this.watch(), WATCH_MS);
    globalThis.addEventListener("online", () => this.open());
    this.open();
  }

  open() {
    clearTimeout(this.waiting);
    this.source?.close();
    this.connected = false;
    this.mark();
    const asked = new URLSearchParams({ seat: String(this.isSeat) });
    if (this.position !== null) asked.set("after", String(this.position));
    const source = new EventSource(`/api/v1/alarms/stream?${asked}`);
    this.source = source;
    source.addEventListener("open", () => {
      this.connected = true;
      this.mark();
      this.ask(); // another person may have signed in at this browser since
    });
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => this.take(kind, event));
    }
    source.addEventListener(ALIVE, () => this.mark());
    source.addEventListener("error", () => this.fail(source));
  }

  /** @param {string} kind @param {MessageEvent} event */
  take(kind, event) {
    this.mark();
    this.failures = 0;
    const position = event.lastEventId ? Number(event.lastEventId) : null;
    // A frame without an id keeps the browser's last one: it moves nothing.
    const isNew = position !== null && position !== this.position;
    if (position !== null) this.position = position;
    this.hear({ kind, position: isNew || kind !== "alarm" ? position : null, data: event.data });
  }

  /** @param {EventSource} source */
  fail(source) {
    if (source !== this.source) return;
    if (source.readyState === EventSource.CLOSED) this.ask(); // an answer that was no stream
    source.close();
    const wasGood = this.connected && this.failures === 0;
    this.connected = false;
    this.failures += 1;
    // The gateway ends each stream now and then: that one is resumed at once.
    const rest = wasGood ? 0 : AGAIN_MS / 2 + (Math.random() * AGAIN_MS) / 2;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.open(), rest);
  }

  /** A line that was cut says nothing; a machine that slept wakes with a dead stream. */
  watch() {
    const quiet = since(this.heardAt);
    if (quiet > (this.connected ? DEAD_MS : CONNECT_MS)) this.open();
  }

  /** Whether the session is over, and whose it is. */
  async ask() {
    if (performance.now() - this.askedAt < ASK_MS) return;
    this.askedAt = performance.now();
    try {
      const answer = await fetch("/api/v1/session", { cache: "no-store" });
      if (answer.status === 401) this.refused();
      if (!answer.ok) return;
      const { name, role, districts } = await answer.json();
      this.known([name, role, ...districts].join("|"));
    } catch {
      // Nobody answers: the page says so.
    }
  }

  mark() {
    this.heardAt = moment();
  }
}

/** A moment by both clocks: one stands still while a machine sleeps, the other may be set. */
export function moment() {
  return { steady: performance.now(), wall: Date.now() };
}

/** @param {{steady: number, wall: number}} then @returns {number} milliseconds */
export function since(then) {
  return Math.max(performance.now() - then.steady, Date.now() - then.wall);
}
