// A real call: invited, rung, accepted, talked in, hung up.
import { Person } from "../lib/person.js";
import { until } from "../lib/until.js";

/** Two tabs call each other, and see and hear each other until one of them hangs up. */
export async function calledAndAccepted({ browser, offhook, meet, shot }) {
  const bob = meet(await Person.open(browser, "bob", `${offhook.base}/u/bob`));
  const alice = meet(await Person.open(browser, "alice", `${offhook.base}/u/alice`));
  await alice.press("Video call to bob");
  await bob.press("Accept");
  const [seen, heard] = await Promise.all([alice.sees("bob"), alice.hears("bob")]);
  await Promise.all([bob.sees("alice"), bob.hears("alice")]);
  await shot("call", alice, bob);
  await alice.press("Hang up");
  for (const person of [alice, bob])
    await until(
      `${person.name} is out of the room`,
      () => person.ask("connections"),
      (all) => all.length === 0,
    );
  return `${seen.frames} frames of ${seen.width}×${seen.height}, ${heard.packets} packets of sound`;
}
