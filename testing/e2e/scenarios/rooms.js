// Rooms without a call: several people, what they mute and share, and how they come and go.
import { Person } from "../lib/person.js";
import { until } from "../lib/until.js";

const NAMES = ["alice", "bob", "carol", "dave"];

export async function four({ browser, offhook, room, meet, shot }) {
  const people = [];
  // Small pictures: four browsers' worth of encoding and decoding on one machine would starve what is to be shown.
  const small = { height: "180" };
  for (const name of NAMES) people.push(meet(await Person.enter(browser, offhook.nextBase(), name, room, small)));
  const seen = await Promise.all(
    people.flatMap((person) =>
      NAMES.filter((name) => name !== person.name).flatMap((name) => [person.sees(name), person.hears(name)]),
    ),
  );
  for (const person of people) await person.isTogetherWith(NAMES);
  await shot("four", people[0]);
  const pictures = seen.filter(({ frames }) => frames > 0);
  return `${pictures.length} pictures, the slowest ${Math.min(...pictures.map(({ frames }) => frames))} frames`;
}

export async function layersFollowTheSize({ browser, offhook, room, meet, shot }) {
  meet(await Person.enter(browser, offhook.nextBase(), "bob", room, { height: "720", microphone: "0" }));
  const alice = meet(await Person.enter(browser, offhook.nextBase(), "alice", room, { camera: "0" }));
  const large = await alice.sees("bob", "camera", ({ width }) => width >= 1280);
  // The own tile in the light leaves a stamp for the other.
  await alice.press("Show You large, or as before");
  const small = await alice.sees("bob", "camera", ({ width }) => width <= 640);
  await shot("small", alice);
  await alice.press("Show You large, or as before");
  const again = await alice.sees("bob", "camera", ({ width }) => width >= 1280);
  return `${[large, small, again].map(({ width }) => width).join(" → ")} pixels wide, ${again.freezes} freezes`;
}

export async function mute({ browser, offhook, room, meet, shot }) {
  const bob = meet(await Person.enter(browser, offhook.nextBase(), "bob", room));
  const alice = meet(await Person.enter(browser, offhook.nextBase(), "alice", room));
  await Promise.all([alice.sees("bob"), alice.hears("bob")]);
  await bob.press("Turn the camera off");
  await bob.press("Mute the microphone");
  const tile = alice.page.locator('.picture[data-user="bob"]');
  await tile.and(alice.page.locator(".is-dark.is-silent")).waitFor();
  const packets = await alice.hearsNothingOf("bob");
  await shot("muted", alice);
  await bob.press("Turn the camera on");
  await bob.press("Unmute the microphone");
  await alice.sees("bob");
  const heard = await alice.hears("bob");
  return `silent at ${packets} packets, ${heard.packets} after speaking again`;
}

export async function screen({ browser, offhook, room, meet, shot }) {
  const bob = meet(await Person.enter(browser, offhook.nextBase(), "bob", room));
  const alice = meet(await Person.enter(browser, offhook.nextBase(), "alice", room));
  await alice.sees("bob");
  await bob.press("Share screen");
  const shared = await alice.sees("bob", "screen");
  await alice.sees("bob", "camera");
  await shot("screen", alice);
  await bob.press("Stop sharing");
  await alice.page.locator('[data-source="screen"]').first().waitFor({ state: "detached" });
  await alice.sees("bob", "camera");
  await bob.press("Share screen");
  const again = await alice.sees("bob", "screen");
  return `${shared.frames} frames of ${shared.width}×${shared.height}, shared again with ${again.frames}`;
}

export async function leaveAndComeBack({ browser, offhook, room, meet, shot }) {
  const bob = meet(await Person.enter(browser, offhook.nextBase(), "bob", room));
  const alice = meet(await Person.enter(browser, offhook.nextBase(), "alice", room));
  await Promise.all([alice.sees("bob"), bob.sees("alice")]);
  await bob.press("Leave");
  await alice.isTogetherWith(["alice"]);
  await shot("left", bob);
  await bob.press("Enter again");
  const [seen] = await Promise.all([alice.sees("bob"), bob.sees("alice"), alice.hears("bob"), bob.hears("alice")]);
  return `${seen.frames} frames after coming back`;
}

/** The WebSocket is lost; sound and picture go on; what happened meanwhile is read afterwards. */
export async function signalingLost({ browser, offhook, room, meet }) {
  const bob = meet(await Person.enter(browser, offhook.nextBase(), "bob", room));
  const alice = meet(await Person.enter(browser, offhook.nextBase(), "alice", room));
  await Promise.all([alice.sees("bob"), bob.sees("alice")]);
  await alice.ask("cut");
  await alice.page.locator("#connection", { hasText: "Reconnecting" }).waitFor();
  const [meanwhile] = await Promise.all([alice.sees("bob"), bob.sees("alice"), alice.hears("bob")]);
  await bob.press("Turn the camera off");
  const carol = meet(await Person.enter(browser, offhook.nextBase(), "carol", room));
  await carol.sees("alice");
  await alice.ask("mend");
  await until(
    "alice reads the room",
    () => alice.ask("frames"),
    (types) => types.includes("room.read"),
  );
  await alice.isTogetherWith(["alice", "bob", "carol"]);
  await alice.page.locator('.picture[data-user="bob"].is-dark').waitFor();
  await alice.sees("carol");
  const joins = (await alice.ask("frames")).filter((type) => type === "room.join").length;
  if (joins !== 1) throw new Error(`alice entered ${joins} times, although her media never stopped`);
  return `${meanwhile.frames} frames at a time without signaling, one join`;
}
