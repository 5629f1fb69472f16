// The app for everybody: by keyboard alone, with a screen reader's rules, in Chinese, and with names that mean harm.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { AppPerson } from "../../lib/app_person.js";

const PAGES = ["", "/recents", "/settings"];
/** Names that would run if they ever became markup. */
const HOSTILE = [
  `<img src=x onerror="globalThis.harmed=1">`,
  `"><script>globalThis.harmed=1</script>`,
  `javascript:globalThis.harmed=1`,
  `\u202Egnp.exe\u0000{{constructor.constructor('globalThis.harmed=1')()}}`,
  `<svg/onload=globalThis.harmed=1>`,
  "👩‍👩‍👧‍👦".repeat(8),
];

/** From the list to the call and out of it without a pointer. */
export async function keyboard(parts) {
  const bob = parts.meet(await AppPerson.use(parts, parts.as("bob")));
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice")));
  await reach(alice, new RegExp(`^Voice call to ${bob.name}$`, "i"));
  await alice.page.keyboard.press("Enter");
  await bob.rings();
  await reach(bob, /^Accept$/);
  await bob.page.keyboard.press("Enter");
  await alice.seesAndHears(0, 1);
  await reach(alice, /^Hang up$/);
  await alice.page.keyboard.press("Space");
  await Promise.all([alice.isOut(), bob.isOut()]);
  return "called, accepted and hung up";
}

/** Presses the tabulator until the focus is where it is to be. */
async function reach(person, name) {
  const target = person.page.getByRole("button", { name }).first();
  await target.waitFor({ state: "visible" });
  for (let pressed = 0; pressed < 60; pressed += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await person.page.keyboard.press("Tab");
  }
  throw new Error(`${person.name} does not reach ${name} by the keyboard`);
}

/** Every page and every state of a call, by axe's rules. */
export async function accessible(parts) {
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const checked = [];
  const check = async (person, what) => {
    await person.page.evaluate(axe);
    const { violations } = await person.page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
    const found = violations.map(
      ({ id, help, nodes }) =>
        `${id}: ${help} (${nodes
          .map(({ html }) => html)
          .join(" · ")
          .slice(0, 400)})`,
    );
    if (found.length > 0) throw new Error(`${what}: ${found.join("\n")}`);
    checked.push(what);
  };
  for (const colorScheme of ["light", "dark"]) {
    const look = { colorScheme, reducedMotion: "reduce" };
    const choice = parts.meet(await AppPerson.open(parts.browser, "nobody", `${parts.offhook.base}/`, look));
    await choice.reads("Who are you?");
    await check(choice, `choice, ${colorScheme}`);
    await parts.shot(`choice-${colorScheme}`, choice);
    const bob = parts.meet(await AppPerson.use(parts, parts.as("bob"), { look }));
    const alice = parts.meet(await AppPerson.use(parts, parts.as("alice"), { look }));
    await alice.call(bob.name);
    await bob.rings();
    await check(alice, `waiting, ${colorScheme}`);
    await check(bob, `ring, ${colorScheme}`);
    await parts.shot(`ring-${colorScheme}`, bob, alice);
    await bob.press("Accept");
    await alice.seesAndHears(1, 1);
    await check(alice, `call, ${colorScheme}`);
    await parts.shot(`call-${colorScheme}`, alice);
    await alice.press("Hang up");
    await bob.isOut();
    await check(bob, `over, ${colorScheme}`);
    for (const path of PAGES) {
      const page = parts.meet(await AppPerson.use(parts, parts.as("carol"), { path, look }));
      await check(page, `${path || "/people"}, ${colorScheme}`);
      await parts.shot(`page${path.replace("/", "-") || "-people"}-${colorScheme}`, page);
    }
  }
  return `${checked.length} views without a finding`;
}

/** Names and data that mean harm are shown as text, and a call with data that is no JSON rings. */
export async function hostile(parts) {
  const bob = parts.meet(await AppPerson.use(parts, parts.as("bob")));
  const harm = [];
  bob.page.on("dialog", (dialog) => harm.push(dialog.message()));
  const mallory = parts.meet(await AppPerson.open(parts.browser, "mallory", `${parts.offhook.base}/`));
  for (const [index, text] of HOSTILE.entries()) {
    await mallory.page.evaluate(ringWith, { user: `${parts.as("mallory")}${index}`, text, to: bob.name });
    await bob.rings();
    if (index === 0) await parts.shot("hostile", bob);
    await bob.press("Decline");
    await bob.ringIsOver();
    if (await bob.page.evaluate(() => "harmed" in globalThis)) throw new Error(`${text} ran`);
  }
  await bob.page.goto(`${parts.offhook.base}/u/${bob.name}/recents`);
  await bob.isConnected();
  if (await bob.page.evaluate(() => "harmed" in globalThis)) throw new Error("a name in the list of calls ran");
  if (harm.length > 0) throw new Error(`a dialog opened: ${harm.join()}`);
  return `${HOSTILE.length} names and texts shown, none run`;
}

/** Runs in a page: rings as somebody whose app sends whatever it likes. */
async function ringWith({ user, text, to }) {
  const token = await (await fetch(`/dev/token?user=${encodeURIComponent(user)}`)).text();
  const socket = new WebSocket(new URL("/v1/ws", location.href.replace("http", "ws")), "offhook.v1");
  const send = (frame) => socket.send(JSON.stringify(frame));
  const invite = { invitees: [to], mode: "general", timeout_s: 30, extended_data: text };
  socket.onopen = () => {
    send({ type: "hello", body: { device: `${user}-1`, token, platform: "web", name: text } });
    send({ type: "call.invite", id: 1, body: invite });
  };
  await new Promise((resolve, reject) => {
    socket.onmessage = ({ data }) => {
      const { type, body } = JSON.parse(data);
      if (type === "reply.invited") resolve();
      if (type === "problem") reject(new Error(body.message));
    };
  });
}

export async function chinese(parts) {
  const preferences = { language: "zh", ringS: 60 };
  const bob = parts.meet(await AppPerson.use(parts, parts.as("bob"), { preferences }));
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice")));
  await alice.call(bob.name);
  await bob.ring.waitFor();
  const language = await bob.page.evaluate(() => document.documentElement.lang);
  if (!language.startsWith("zh")) throw new Error(`the page says that it is in ${language}`);
  const words = await bob.ring.innerText();
  if (/[A-Za-z]{4,}/.test(words.replaceAll(new RegExp(alice.name, "gi"), "")))
    throw new Error(`English is left: ${words}`);
  await parts.shot("chinese-ring", bob);
  await bob.press("接听");
  await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
  await parts.shot("chinese-call", bob);
  return "rings and talks in Chinese";
}
