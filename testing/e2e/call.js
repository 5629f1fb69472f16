// How long a call takes to be a picture: from the caller's click to their first picture of the other, who accepts the moment
// it rings, and from the callee's click on "Accept" to theirs, then and after a ring as people let it ring. In the demo app, in
// two windows of Chromium.
// node call.js --offhook PATH [--runs 20] [--json]
import { parseArgs } from "node:util";
import { AppPerson } from "./lib/app_person.js";
import { launch } from "./lib/chromium.js";
import { figuresOf, sentence } from "./lib/figures.js";
import { Offhook } from "./lib/offhook.js";
import { until } from "./lib/until.js";

const { values } = parseArgs({
  options: {
    offhook: { type: "string" },
    runs: { type: "string", default: "20" },
    json: { type: "boolean", default: false },
  },
});
if (!values.offhook) throw new Error("--offhook must name the server's binary");

/** How long a phone rings that somebody is near. */
const RING_MS = 2_000;

const offhook = await Offhook.start(values.offhook);
const browser = await launch();
/** @type {Record<string, number[]>} */
const times = { click_to_first_frame: [], accept_to_first_frame: [], accept_after_a_ring_to_first_frame: [] };
try {
  // One that is not counted: it loads and compiles what all the others find ready.
  for (let run = 0; run <= Number(values.runs); run += 1) {
    const hasty = await call(`${run}a`, 0);
    const usual = await call(`${run}b`, RING_MS);
    if (run === 0) continue;
    times.click_to_first_frame.push(hasty.click);
    times.accept_to_first_frame.push(hasty.accept);
    times.accept_after_a_ring_to_first_frame.push(usual.accept);
  }
} finally {
  await browser.close();
  await offhook.end();
}

const figures = Object.fromEntries(Object.entries(times).map(([what, each]) => [what, figuresOf(each)]));
if (values.json) console.log(JSON.stringify(figures));
else for (const [what, each] of Object.entries(figures)) console.log(sentence(what.replaceAll("_", " "), each));

/** One call between two who have just opened the app. @returns {Promise<{click: number, accept: number}>} in milliseconds */
async function call(run, ringMs) {
  const parts = { browser, offhook };
  const people = [];
  try {
    for (const name of [`bob${run}`, `alice${run}`]) people.push(await AppPerson.use(parts, name));
    const [bob, alice] = people;
    await bob.page.evaluate(press, ["^Accept$", ringMs]);
    await alice.page.evaluate(press, [`^Video call to ${bob.name}$`, 0]);
    const [mine, theirs] = await Promise.all(
      [alice, bob].map((person) =>
        until(
          `${person.name} sees the other`,
          () => person.ask("firstPicture"),
          (time) => time !== null,
        ),
      ),
    );
    const pressed = await Promise.all([alice, bob].map((person) => person.page.evaluate(() => globalThis.pressedAt)));
    return { click: mine - pressed[0], accept: theirs - pressed[1] };
  } finally {
    for (const person of people) await person.close();
  }
}

/** Runs in a page: presses the button of this name once it has been there for so long, and notes when. */
function press([name, afterMs]) {
  const wanted = new RegExp(name, "i");
  const look = () => {
    const words = (button) => button.getAttribute("aria-label") ?? button.textContent.trim();
    const button = [...document.querySelectorAll("button")].find((each) => wanted.test(words(each)) && !each.disabled);
    if (!button) return requestAnimationFrame(look);
    setTimeout(() => {
      globalThis.pressedAt = performance.timeOrigin + performance.now();
      button.click();
    }, afterMs);
  };
  look();
}
