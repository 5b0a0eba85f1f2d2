/** The wall: joins what everybody in the room looks at; it shows, and takes no step. @module */

import * as alarms from "./alarms.js";
import * as away from "./away.js";
import * as bus from "./bus.js";
import * as clock from "./clock.js";
import * as honesty from "./honesty.js";
import * as stream from "./stream.js";
import * as map from "./wall_map.js";
import * as rows from "./wall_rows.js";
import * as scope from "./wall_scope.js";
import * as sound from "./wall_sound.js";
import * as tests from "./wall_tests.js";
import * as tiles from "./wall_tiles.js";

// In this order they hear: the clock and the store first, the stream last, when all listen.
const modules = [clock, scope, alarms, rows, tiles, map, tests, sound, honesty, away, stream];
for (const module of modules) module.init(bus);
document.getElementById("asleep")?.remove();
