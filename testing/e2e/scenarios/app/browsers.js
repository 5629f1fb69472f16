// What browsers forbid, and what laptops do: each in a browser of its own, which is launched for it.
import { AppPerson } from "../../lib/app_person.js";
import { launch } from "../../lib/chromium.js";
import { until } from "../../lib/until.js";

const INSECURE = "offhook.test";
const SHORT = { ringS: 15 };

/**
 * Their browser keeps the sound off, as nobody has clicked in the page and it still asks for the camera: both are told so. One
 * press turns it on for bob; dave permits the camera, after which a browser holds the page for clicked.
 */
export async function autoplayBlocked(parts) {
  const browser = await another(parts, ["--autoplay-policy=document-user-activation-required"]);
  for (const [name, from, turnOn] of [
    ["bob", "alice", ({ person }) => person.press("Turn sound on")],
    ["dave", "carol", ({ look }) => look("globalThis.permit()")],
  ]) {
    const { person, look } = await unclicked({ ...parts, browser }, name);
    const caller = parts.meet(await AppPerson.use(parts, parts.as(from)));
    await caller.call(person.name);
    await until(
      `${name} reads that the sound is off`,
      () => look("document.body.innerText"),
      (words) => words.includes("keeps the sound off"),
    );
    if (await look("globalThis.soundingFor() !== null")) throw new Error("the sound is not blocked");
    if (await look("navigator.userActivation.hasBeenActive")) throw new Error("the trial has clicked itself");
    if (name === "bob") await parts.shot("sound-blocked", person);
    await turnOn({ person, look });
    const since = await until(
      `${name} hears something`,
      () => look("globalThis.soundingFor()"),
      (time) => time > 0,
    );
    await until(
      `${name} goes on hearing`,
      () => look("globalThis.soundingFor()"),
      (time) => time > since,
    );
    await person.readsNoMore(/keeps the sound off/);
    await person.seesAndHears(1, 1);
    await caller.press("Hang up");
    await person.isOut();
  }
  return "silent, told so, and heard after a press or a permission";
}

/** Somebody whose page accepts by itself, and how to ask it: any usual question would be taken for a click. */
async function unclicked(parts, name) {
  const prepare = (page) => page.addInitScript(acceptByItself);
  const person = parts.meet(await AppPerson.use(parts, parts.as(name), { connected: false, prepare }));
  const session = await person.context.newCDPSession(person.page);
  const look = async (expression) => {
    const { result } = await session.send("Runtime.evaluate", { expression, returnByValue: true });
    return result.value;
  };
  await until(
    `${name} is connected`,
    () => look("document.documentElement.dataset.connection"),
    (state) => state === "online",
  );
  return { person, look };
}

/** Runs in the page before anything else: accepts without a press, permits nothing yet, and notes what is to be heard. */
function acceptByItself() {
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const permitted = new Promise((resolve) => (globalThis.permit = resolve));
  navigator.mediaDevices.getUserMedia = (wanted) => permitted.then(() => real(wanted));

  const asked = new Set();
  const play = globalThis.HTMLMediaElement.prototype.play;
  globalThis.HTMLMediaElement.prototype.play = function () {
    asked.add(this);
    return play.call(this);
  };
  /** For how many seconds a voice has been heard; `null` if none is. */
  globalThis.soundingFor = () =>
    [...asked].find((each) => each instanceof globalThis.HTMLAudioElement && each.srcObject && !each.paused)
      ?.currentTime ?? null;

  const look = () => {
    const button = [...document.querySelectorAll("[role=alertdialog] button")].find(
      (each) => each.textContent.trim() === "Accept",
    );
    if (button) button.click();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** Bob's page has come without TLS, so it has neither camera nor microphone: he is told so, sees and hears alice, and she that he is mute. */
export async function insecure(parts) {
  const rules = `MAP ${INSECURE} 127.0.0.1 , MAP * ~NOTFOUND , EXCLUDE 127.0.0.1`;
  const browser = await another(parts, [`--host-resolver-rules=${rules}`]);
  const offhook = { nextBase: () => parts.offhook.nextBase().replace("127.0.0.1", INSECURE) };
  const bob = parts.meet(await AppPerson.use({ ...parts, browser, offhook }, parts.as("bob")));
  if (await bob.page.evaluate(() => globalThis.isSecureContext)) throw new Error("the page is secure");
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice")));
  await alice.call(bob.name);
  await bob.rings();
  await bob.press("Decline");
  await alice.reads(/declined/);
  await alice.press("Call again");
  await bob.rings();
  await bob.press("Accept");
  await bob.reads("No camera or microphone on an insecure page");
  await bob.seesAndHears(1, 1);
  await alice.readsIsMuted(bob.name);
  await parts.shot("insecure", bob, alice);
  await alice.press("Hang up");
  await bob.isOut();
  await bob.press("Close");
  await bob.call(alice.name, "Voice");
  await alice.rings();
  await bob.reads("No microphone on an insecure page");
  await parts.shot("insecure-waiting", bob);
  await alice.press("Accept");
  await bob.seesAndHears(0, 1);
  await alice.readsIsMuted(bob.name);
  await parts.shot("insecure-voice", bob, alice);
  await bob.press("Hang up");
  await alice.isOut();
  return "declines, and takes part without a voice";
}

/**
 * The lid of a laptop is closed for a minute, on bob, who talks with alice, on dave, whom carol calls, and on erin, who calls
 * frank. Those outside are told, and those who wake up agree with them.
 */
export async function lidClosed(parts) {
  const browser = await another(parts, []);
  const [bob, dave, erin] = await all({ ...parts, browser }, ["bob", "dave", "erin"]);
  const [alice, carol, frank] = await all(parts, ["alice", "carol", "frank"], { preferences: SHORT });
  await alice.call(bob.name);
  await bob.rings();
  await bob.press("Accept");
  await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
  await Promise.all([carol.call(dave.name, "Voice"), erin.call(frank.name, "Voice")]);
  await Promise.all([dave.rings(), frank.rings()]);
  const lid = await lidOf(browser);
  lid.close();
  try {
    await alice.reads("Reconnecting…");
    await parts.shot("lid", alice);
    await carol.reads(`${dave.name} did not answer`);
    await Promise.all([alice.reads(`${bob.name} left`), frank.ringIsOver()]);
    await frank.reads("Missed call");
  } finally {
    lid.open();
  }
  await Promise.all([
    bob.reads("You were away for too long."),
    dave.reads("Missed call"),
    erin.reads("The connection was lost"),
  ]);
  await Promise.all([bob.isOut(), bob.readsNoMore("Join again")]);
  await parts.shot("lid-opened", bob, dave, erin);
  return "told outside, and believed inside";
}

/** Another browser besides, which is closed after the scenario. */
async function another({ start }, flags) {
  const browser = await launch(flags);
  start({ end: () => browser.close() });
  return browser;
}

async function all(parts, names, how) {
  const people = [];
  for (const name of names) people.push(parts.meet(await AppPerson.use(parts, parts.as(name), how)));
  return people;
}

/** A computer that sleeps stops everything in it, and its connections are not told. */
async function lidOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const signal = (name) => {
    for (const { id } of processInfo) process.kill(id, name);
  };
  return { close: () => signal("SIGSTOP"), open: () => signal("SIGCONT") };
}
