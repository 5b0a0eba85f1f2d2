/** Follows the live stream: resumes it by its position, and says when it has gone silent. @module */

import { get } from "./api.js";

const SILENT_MS = 3000;
const AGAIN_MS = 2000;
const KINDS = ["alarm", "delivery", "device", "heartbeat", "reset"];

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  let position = "";
  let lastAt = performance.now();
  let isSilent = false;

  const open = () => {
    const source = new EventSource(`/api/v1/alarms/stream${position && `?after=${position}`}`);
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        if (event.lastEventId) position = event.lastEventId;
        lastAt = performance.now();
        tell(false);
        bus.emit(/** @type {import("./bus.js").Kind} */ (kind), JSON.parse(event.data));
      });
    }
    source.addEventListener("error", () => {
      // The browser resumes by itself, but not after an answer that was no stream.
      if (source.readyState !== EventSource.CLOSED) return;
      get("/session").catch(() => null); // leads to the door where the session is over
      setTimeout(open, AGAIN_MS);
    });
  };
  /** @param {boolean} now */
  const tell = (now) => {
    if (now === isSilent) return;
    isSilent = now;
    bus.emit(now ? "silent" : "back");
  };
  setInterval(() => tell(performance.now() - lastAt > SILENT_MS), 250);
  open();
}
