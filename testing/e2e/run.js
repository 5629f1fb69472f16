// Plays every scenario in Chromium, and some in Firefox, against a server of ours, and judges by what the browser counted.
// node run.js --offhook PATH [--cluster FOLDER] [--only TEXT] [--shots FOLDER]
// With --cluster, on the nodes that `cargo xtask cluster` has in that folder, each person on another one.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Coturn } from "./lib/coturn.js";
import { launch } from "./lib/chromium.js";
import { Offhook } from "./lib/offhook.js";
import { Site } from "./lib/bundle.js";
import * as answers from "./scenarios/app/answers.js";
import * as asleep from "./scenarios/app/asleep.js";
import * as browsers from "./scenarios/app/browsers.js";
import * as closedTab from "./scenarios/app/closed_tab.js";
import * as everyone from "./scenarios/app/everyone.js";
import * as signIn from "./scenarios/app/sign_in.js";
import * as tabs from "./scenarios/app/tabs.js";
import * as talks from "./scenarios/app/talks.js";
import * as troubles from "./scenarios/app/troubles.js";
import * as facades from "./scenarios/facades.js";
import { withFirefox } from "./scenarios/firefox.js";
import * as cluster from "./scenarios/cluster.js";
import { codec, programJoins, relayOnly, tcpOnly } from "./scenarios/networks.js";
import { againstTheServer } from "./scenarios/packages.js";
import { four, layersFollowTheSize, leaveAndComeBack, mute, screen, signalingLost } from "./scenarios/rooms.js";

/** About pages, browsers, or the vendor of pushes that each node of `offhook dev` is for itself: several nodes say nothing more. */
const PAGES = { needs: "one node" };

const SCENARIOS = [
  ["app: a video call from ring to hang-up", answers.video],
  ["app: a voice call opens no camera", answers.voice],
  ["app: a ring is rejected", answers.rejected],
  ["app: a ring is canceled, and missed", answers.canceled],
  ["app: nobody answers", answers.unanswered],
  ["app: a second caller is told that bob is busy", answers.busy],
  ["app: answered in another tab", answers.answeredElsewhere],
  ["asleep: a phone is woken, and declines", asleep.declines, PAGES],
  ["asleep: a phone is woken, and the call is canceled", asleep.canceled, PAGES],
  ["asleep: a phone is woken, answers and talks", asleep.talks, PAGES],
  ["asleep: a push comes after the end", asleep.tooLate, PAGES],
  ["asleep: a push comes twice", asleep.twice, PAGES],
  ["asleep: the page of pushes", asleep.onThePage, PAGES],
  ["closed tab: the service worker rings, and bob declines", closedTab.declines, PAGES],
  ["closed tab: the service worker rings, and the call is canceled", closedTab.canceled, PAGES],
  ["closed tab: bob accepts the notification, and talks", closedTab.talks, PAGES],
  ["app: a group of three, and a fourth is added", talks.group],
  ["app: pages are loaded again while it rings, and in the call", talks.reload],
  ["app: the network is gone for 5 s", talks.networkLost(5)],
  ["app: the network is gone for 40 s", talks.networkLost(40)],
  ["app: screen, mute, camera, and a minimized call", talks.screenAndMinimized],
  ["app: on a phone", talks.phone, PAGES],
  ["app: the camera is refused, and permitted later", troubles.cameraDenied, PAGES],
  ["app: neither camera nor microphone", troubles.nothingToRecord, PAGES],
  [
    "app: the microphone is refused and the camera taken, and both are given later",
    troubles.microphoneDeniedAndCameraTaken,
    PAGES,
  ],
  ["app: camera and microphone are unplugged in the call", troubles.unplugged, PAGES],
  ["app: the browser keeps the sound off", browsers.autoplayBlocked, PAGES],
  ["app: on an insecure page", browsers.insecure, PAGES],
  ["app: a laptop's lid is closed for a minute", browsers.lidClosed, PAGES],
  ["app: a second tab in every state", tabs.second],
  ["app: sign-ins are renewed in the call", signIn.renewed],
  ["app: sign-ins end in the call", signIn.ended],
  ["app: by keyboard alone", everyone.keyboard, PAGES],
  ["app: axe finds nothing", everyone.accessible, PAGES],
  ["app: hostile names and data", everyone.hostile, PAGES],
  ["app: in Chinese", everyone.chinese, PAGES],
  ["Firefox: it is called by Chromium", withFirefox(answers.video, 0), PAGES],
  ["Firefox: it calls Chromium", withFirefox(answers.video, 1), PAGES],
  ["Firefox: it calls Firefox, by voice", withFirefox(answers.voice, 0, 1), PAGES],
  ["Firefox: it rejects", withFirefox(answers.rejected, 0), PAGES],
  ["Firefox: it sees Chromium's screen, and minimizes the call", withFirefox(talks.screenAndMinimized, 0), PAGES],
  ["Firefox: it shows its screen, and turns its camera off and on", withFirefox(talks.screenAndMinimized, 1), PAGES],
  ["Firefox: its page is loaded again while it rings, and in the call", withFirefox(talks.reload, 0), PAGES],
  ["Firefox: its network is gone for 5 s", withFirefox(talks.networkLost(5), 0), PAGES],
  ["Firefox: in a group with three in Chromium", withFirefox(talks.group, 0), PAGES],
  ["Firefox: through the façades, with Chromium", withFirefox(facades.call, 0), PAGES],
  ["the packages' own tests pass against this server", againstTheServer, PAGES],
  ["façades: a call with picture, sound and messages", facades.call],
  ["façades: a rejected call", facades.reject],
  ["façades: a canceled call, and one that nobody answers", facades.cancelAndTimeout],
  ["façades: answered on another device", facades.elsewhere],
  ["façades: the network is gone while it rings", facades.networkLost],
  ["façades: pages are loaded again while it rings, and in the call", facades.reload],
  ["façades: a third one is invited during the call", facades.group],
  ["four people in a room see and hear each other", four],
  ["the layer follows the size at which a picture is shown", layersFollowTheSize],
  ["a muted camera and microphone are still, and come back", mute],
  ["a screen is shown beside the camera, stopped, and shown again", screen],
  ["bob leaves and comes back", leaveAndComeBack],
  ["the WebSocket is lost while media flows; the room is read afterwards", signalingLost],
  ["a client behind a relay takes part", relayOnly, { needs: "turn" }],
  ["a client with TCP alone takes part", tcpOnly],
  ...["vp8", "vp9", "h264", "av1"].map((name) => [`${name.toUpperCase()} passes`, codec(name), PAGES]),
  ["`offhook join` publishes a test picture and a tone", programJoins],
  ["two nodes: one dies while it rings", cluster.diesWhileItRings, { needs: "nodes" }],
  ["two nodes: the one with the room dies while they talk", cluster.diesWhileTheyTalk, { needs: "nodes" }],
];

const { values } = parseArgs({
  options: {
    cluster: { type: "string" },
    offhook: { type: "string" },
    only: { type: "string", default: "" },
    shots: { type: "string" },
  },
});
if (!values.offhook) throw new Error("--offhook must name the server's binary");
/** What is there to play on. The nodes are told of no relay. */
const grounds = values.cluster ? ["nodes"] : ["one node", "turn"];
const canBePlayed = ([, , { needs } = {}]) => needs === undefined || grounds.includes(needs);
const chosen = SCENARIOS.filter(canBePlayed).filter(([name]) => name.includes(values.only));
if (chosen.length === 0) throw new Error(`no scenario has "${values.only}" in its name`);
if (values.shots) await mkdir(values.shots, { recursive: true });

let failed = 0;
const turn = chosen.some(([, , { needs } = {}]) => needs === "turn") ? await Coturn.start() : null;
const offhook = values.cluster
  ? await Offhook.ofCluster(values.offhook, values.cluster)
  : await Offhook.start(values.offhook, { turn });
const browser = await launch();
const site = await Site.start(new URL("facade/app.js", import.meta.url).pathname);
try {
  for (const [index, [name, scenario]] of chosen.entries()) if (!(await play(name, scenario, index))) failed += 1;
} finally {
  await browser.close();
  await site.end();
  await offhook.end();
  await turn?.end();
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
    const room = `room-${index}`;
    const as = (person) => `${person}${index}`; // Every scenario has people of its own.
    const parts = { browser, offhook, site, room, as, meet: keep(people), start: keep(programs), shot };
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
    await Promise.all(people.map((person) => person.close()));
    await Promise.all(programs.map((program) => program.end()));
  }
}

function seconds(since) {
  return `${((Date.now() - since) / 1_000).toFixed(1)} s`;
}
