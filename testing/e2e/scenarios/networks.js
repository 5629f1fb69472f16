// Ways through networks, and codecs.
import { Person } from "../lib/person.js";
import { until } from "../lib/until.js";

/** Alice may be reached through the relay only; the server mints her credentials. */
export async function relayOnly({ browser, offhook, room, meet }) {
  const bob = meet(await Person.enter(browser, offhook.nextBase(), "bob", room));
  const alice = meet(await Person.enter(browser, offhook.nextBase(), "alice", room, { relay: "1" }));
  const [seen, heard] = await Promise.all([
    alice.sees("bob"),
    alice.hears("bob"),
    bob.sees("alice"),
    bob.hears("alice"),
  ]);
  const path = await travels(alice, ({ local }) => local === "relay");
  return `${path.local} over ${path.relayProtocol}, ${seen.frames} frames, ${heard.packets} packets of sound`;
}

export async function tcpOnly({ browser, offhook, room, meet }) {
  const bob = meet(await Person.enter(browser, offhook.nextBase(), "bob", room));
  const alice = meet(await Person.enter(browser, offhook.nextBase(), "alice", room, { tcp: "1" }));
  const [seen, heard] = await Promise.all([
    alice.sees("bob"),
    alice.hears("bob"),
    bob.sees("alice"),
    bob.hears("alice"),
  ]);
  const path = await travels(alice, ({ protocol }) => protocol === "tcp");
  return `${path.local} over ${path.protocol}, ${seen.frames} frames, ${heard.packets} packets of sound`;
}

function travels(person, holds) {
  return until(
    "the path is as asked",
    () => person.ask("path"),
    (path) => path !== null && holds(path),
  );
}

/** @param {string} codec */
export function codec(codec) {
  return async ({ browser, offhook, room, meet }) => {
    const bob = meet(await Person.enter(browser, offhook.nextBase(), "bob", room, { codec, microphone: "0" }));
    const alice = meet(await Person.enter(browser, offhook.nextBase(), "alice", room, { camera: "0" }));
    const seen = await alice.sees("bob", "camera", (seen) => seen.codec.toLowerCase() === `video/${codec}`);
    const layers = (await bob.ask("sent")).filter(({ frames }) => frames > 0).length;
    return `${seen.codec}, ${seen.frames} frames of ${seen.width}×${seen.height}, ${layers} layers sent`;
  };
}

/** A participant without a browser, which publishes a test picture and a tone. */
export async function programJoins({ browser, offhook, room, meet, start }) {
  const alice = meet(await Person.enter(browser, offhook.nextBase(), "alice", room));
  const bob = start(offhook.client("join", ["--user", "bob", "--room", room, "--publish", "test-pattern"]));
  try {
    const [seen, heard] = await Promise.all([alice.sees("bob"), alice.hears("bob")]);
    return `${seen.codec}, ${seen.frames} frames of ${seen.width}×${seen.height}, ${heard.packets} packets of sound`;
  } catch (error) {
    throw new Error(`${error.message}\n${bob.words}`, { cause: error });
  }
}
