/** The time line, what is owed to the centre, and what the site had in the last day. @module */

import { isPress, times } from "./again.js";
import * as clock from "./clock.js";
import { told } from "./rung.js";
import * as when from "./when.js";
import { who } from "./who.js";
import { named, say } from "./words.js";

const LINES = 200;

/**
 * @param {HTMLElement} way @param {HTMLElement} line
 * @param {any[]} deliveries @param {any[]} transitions @param {any[]} steps the procedure's
 * @param {any} alarm
 */
export function written(way, line, deliveries, transitions, steps, alarm) {
  fill(way.querySelector(".owed"), deliveries.slice(-LINES), (one) => owed(one, alarm));
  const names = new Map(steps.map((one) => [one.id, named(one.text)]));
  const newest = transitions.slice(-LINES).reverse();
  fill(line.querySelector("ol"), newest, (one) => entry(one, names, alarm));
  line.hidden = transitions.length === 0;
}

/** Each can be opened: there a closing is taken back. @param {HTMLElement} section @param {any[] | undefined} alarms @param {boolean} isPlaced @param {(id: string) => void} select */
export function recent(section, alarms, isPlaced, select) {
  section.hidden = !alarms || !isPlaced;
  if (!alarms) return;
  const none = { id: "", none: true };
  fill(section.querySelector("ol"), alarms.length ? alarms : [none], (one) => {
    if (one.none) return [span("small", say("pane.recent_none"))];
    const how = one.closed_at ? say(one.disposition ? `disposition.${one.disposition}` : "state.NORMAL") : say("pane.still_open");
    const count = one.count > 1 ? ` · ${times([one], one.count)}` : "";
    const where = [named(one.zone) || one.device].filter(Boolean).join(" · ");
    const parts = [
      span("at", dayTime(one.raised_at)),
      span(`priority p${one.priority}`, `P${one.priority}`),
      opener(`${say(`kind.${one.kind}`)} · ${where}${count}`, () => select(one.id)),
      span("how", one.test ? say("alarm.test") : how),
    ];
    if (one.note) parts.push(span("note", one.note));
    return parts;
  });
}

/** The time; with its day where that is not today. */
function dayTime(at) {
  const day = when.day(at);
  return day === when.day(clock.now()) ? when.time(at) : `${day}, ${when.time(at)}`;
}

/** Fills a list; where nothing changed, nothing is touched. */
function fill(list, items, draw) {
  const key = JSON.stringify(items);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(
    ...items.map((one) => {
      const row = document.createElement("li");
      row.append(...draw(one).flatMap((part, n) => (n ? [" ", part] : [part])));
      return row;
    }),
  );
}

function owed(one, alarm) {
  const what = one.type.split(".").pop() ?? "";
  const isDone = one.state === "done";
  const state = one.state === "done" ? say("owed.done") : say(`owed.${one.state}`);
  const parts = [
    span("at", when.time(one.settled_at ?? one.created_at)),
    span("to", one.receiver),
    span("what", what === "repeated" && !isPress(alarm) ? say("again.told") : say(`told.${what}`)),
    span(`how ${isDone ? "good" : one.state === "dead" ? "bad" : ""}`, state),
  ];
  if (one.attempts > 1) parts.push(span("small", say("chain.attempts", { n: one.attempts })));
  if (one.reference) parts.push(span("small", one.reference));
  return parts;
}

function entry(line, names, alarm) {
  const isTakenBack = line.what === "procedure" && line.data?.done === false;
  const isAgain = line.what === "repeat" && !isPress(alarm);
  const known = isTakenBack ? say("line.not_done") : say(isAgain ? "again.line" : `line.${line.what}`);
  const climbed = line.what === "escalate" && line.data?.rung ? capital(told(line.data.rung)) : "";
  const words = climbed || (known === line.what ? say(`kind.${line.what}`) : known);
  const more = detail(line, names, alarm);
  const parts = [
    span("at", when.time(line.at)),
    span("what", more ? `${words}: ${more}` : words),
    span("by", who(line.by)),
  ];
  if (line.note && line.what !== "no_still") parts.push(span("note", line.note));
  return parts;
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What a line says beside its name. */
function detail(line, names, alarm) {
  if (line.what === "procedure") return names.get(line.data?.step) ?? line.data?.step;
  if (line.what === "escalate" && line.data?.why) return say(`escalated.${line.data.why}`);
  if (line.what === "reopen" && line.data?.was) return say("reopen.was", { how: say(`disposition.${line.data.was}`) });
  const how = line.what === "close" && (line.data?.disposition ?? alarm.disposition); // an old line holds none
  if (how) return say(`disposition.${how}`);
  if (line.what === "closing" && alarm.closing_as) return say(`disposition.${alarm.closing_as}`);
  if (line.what !== "no_still") return "";
  return `${line.data?.camera ?? ""} · ${say(`no_still.${line.data?.why}`)}`;
}

/** @param {string} text @param {() => void} act */
function opener(text, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "what";
  button.append(span("words", text));
  button.addEventListener("click", act);
  return button;
}

function span(name, text) {
  const part = document.createElement("bdi"); // whatever is written in it turns no other text
  part.className = name;
  part.textContent = text;
  return part;
}
