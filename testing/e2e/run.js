// Plays every scenario in Chromium against a server of ours, and judges by what the browser counted.
// node run.js --offhook PATH [--only TEXT] [--shots FOLDER]
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Coturn } from "./lib/coturn.js";
import { launch } from "./lib/chromium.js";
import { Offhook } from "./lib/offhook.js";
import { calledAndAccepted } from "./scenarios/calls.js";
import { codec, programJoins, relayOnly, tcpOnly } from "./scenarios/networks.js";
import { four, layersFollowTheSize, leaveAndComeBack, mute, screen, signalingLost } from "./scenarios/rooms.js";

const SCENARIOS = [
  ["alice calls bob, who accepts; they see and hear each other until she hangs up", calledAndAccepted],
  ["four people in a room see and hear each other", four],
  ["the layer follows the size at which a picture is shown", layersFollowTheSize],
  ["a muted camera and microphone are still, and come back", mute],
  ["a screen is shown beside the camera, stopped, and shown again", screen],
  ["bob leaves and comes back", leaveAndComeBack],
  ["the WebSocket is lost while media flows; the room is read afterwards", signalingLost],
  ["a client behind a relay takes part", relayOnly],
  ["a client with TCP alone takes part", tcpOnly],
  ...["vp8", "vp9", "h264", "av1"].map((name) => [`${name.toUpperCase()} passes`, codec(name)]),
  ["`offhook join` publishes a test picture and a tone", programJoins],
];

const { values } = parseArgs({
  options: { offhook: { type: "string" }, only: { type: "string", default: "" }, shots: { type: "string" } },
});
if (!values.offhook) throw new Error("--offhook must name the server's binary");
const chosen = SCENARIOS.filter(([name]) => name.includes(values.only));
if (chosen.length === 0) throw new Error(`no scenario has "${values.only}" in its name`);
if (values.shots) await mkdir(values.shots, { recursive: true });

let failed = 0;
const turn = await Coturn.start();
const offhook = await Offhook.start(values.offhook, { turn });
const browser = await launch();
try {
  for (const [index, [name, scenario]] of chosen.entries()) if (!(await play(name, scenario, index))) failed += 1;
} finally {
  await browser.close();
  await offhook.end();
  await turn.end();
}
console.log(`${chosen.length - failed} scenarios passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Plays one scenario in a room of its own, and clears away whatever it brought. */
async function play(name, scenario, index) {
  const people = [];
  const programs = [];
  const keep = (all) => (one) => {
    all.push(one);
    return one;
  };
  const shot = async (title, ...shown) => {
    if (!values.shots) return;
    for (const person of shown)
      await person.page.screenshot({ path: join(values.shots, `${title}-${person.name}.png`) });
  };
  const began = Date.now();
  try {
    const parts = { browser, offhook, room: `room-${index}`, meet: keep(people), start: keep(programs), shot };
    const said = await scenario(parts);
    const failure = people.find(({ error }) => error)?.error;
    if (failure) throw new Error(failure);
    console.log(`  ok    ${name}: ${said} (${seconds(began)})`);
    return true;
  } catch (error) {
    console.log(`  FAIL  ${name} (${seconds(began)})\n${error.message}`);
    await shot(`failed-${index}`, ...people).catch(() => {}); // The page may be what failed.
    return false;
  } finally {
    await Promise.all([...people.map((person) => person.close()), ...programs.map((program) => program.end())]);
  }
}

function seconds(since) {
  return `${((Date.now() - since) / 1_000).toFixed(1)} s`;
}
