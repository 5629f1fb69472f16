// How long it takes from the wish to enter a room to the first decoded frame of somebody who is there already.
// node join.js --offhook PATH [--runs 20] [--json]
import { parseArgs } from "node:util";
import { launch } from "./lib/chromium.js";
import { figuresOf, sentence } from "./lib/figures.js";
import { Offhook } from "./lib/offhook.js";
import { Person } from "./lib/person.js";
import { until } from "./lib/until.js";

const { values } = parseArgs({
  options: {
    offhook: { type: "string" },
    runs: { type: "string", default: "20" },
    json: { type: "boolean", default: false },
  },
});
if (!values.offhook) throw new Error("--offhook must name the server's binary");

const KEYFRAME_PAUSE_MS = 1_100;

const offhook = await Offhook.start(values.offhook);
const browser = await launch();
const times = [];
try {
  const alice = await Person.enter(browser, offhook.base, "alice", "bench");
  await until(
    "alice is in the room",
    () => alice.ask("sent"),
    (all) => all.some(({ frames }) => frames > 0),
  );
  // One that is not counted: it loads what all the others have loaded.
  for (let run = 0; run <= Number(values.runs); run += 1) {
    const bob = await Person.enter(browser, offhook.base, "bob", "bench");
    const ms = await until(
      "bob sees alice",
      () => bob.ask("firstFrame", "alice"),
      (time) => time !== null,
    );
    if (run > 0) times.push(ms);
    await bob.close();
    await alice.isTogetherWith(["alice"]);
    // A publisher is asked for one keyframe a second at most: those who join an instant after another wait for the next.
    await new Promise((resolve) => setTimeout(resolve, KEYFRAME_PAUSE_MS));
  }
} finally {
  await browser.close();
  await offhook.end();
}

const figures = figuresOf(times);
console.log(values.json ? JSON.stringify({ join_to_first_frame: figures }) : sentence("join to first frame", figures));
