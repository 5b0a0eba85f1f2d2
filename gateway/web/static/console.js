/** The console: joins the modules of the page; each hears of the others over the bus. @module */

import * as alarms from "./alarms.js";
import * as api from "./api.js";
import * as away from "./away.js";
import * as bus from "./bus.js";
import * as clock from "./clock.js";
import * as closings from "./closings.js";
import * as dialogs from "./dialogs.js";
import * as devices from "./devices.js";
import * as duty from "./duty.js";
import * as guard from "./guard.js";
import * as head from "./head.js";
import * as honesty from "./honesty.js";
import * as keys from "./keys.js";
import * as lately from "./lately.js";
import "./leaving.js";
import * as list from "./list.js";
import * as pane from "./pane.js";
import * as sound from "./sound.js";
import * as stream from "./stream.js";
import * as theme from "./theme.js";
import * as together from "./together.js";

// In this order they hear: the clock and the store first, the stream last, when all listen.
const modules = [clock, alarms, guard, list, together, dialogs, head, pane, closings, lately, duty, sound, honesty, away, devices, keys, theme, stream];
for (const module of modules) module.init(bus);

// The pages beside it, each in a tab of its own, find the way back by this name.
window.name = "dabyl-console";
document.getElementById("leave")?.addEventListener("click", api.leave);
document.getElementById("asleep")?.remove();
