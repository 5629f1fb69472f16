// Two nodes on one database, and one of them dies.
import { AppPerson } from "../lib/app_person.js";

/** Alice came in through one node, and Bob through the other. */
async function both(parts) {
  const bases = [];
  const offhook = { nextBase: () => bases[bases.push(parts.offhook.nextBase()) - 1] };
  const alice = parts.meet(await AppPerson.use({ ...parts, offhook }, parts.as("alice")));
  const bob = parts.meet(await AppPerson.use({ ...parts, offhook }, parts.as("bob")));
  if (bases[0] === bases[1]) throw new Error(`both came in at ${bases[0]}`);
  return { alice, bob, bases };
}

/** The caller's node dies; the ring goes on, is answered, and they talk. */
export async function diesWhileItRings(parts) {
  const { alice, bob, bases } = await both(parts);
  await alice.call(bob.name);
  await bob.rings();
  const name = await parts.offhook.kill(bases[0]);
  await bob.press("Accept");
  await alice.isConnected();
  await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
  await parts.shot("node-died-ringing", alice, bob);
  await alice.press("Hang up");
  await Promise.all([alice.isOut(), bob.isOut()]);
  await parts.offhook.isWhole();
  return `${name} died, and they talked`;
}

/** First the one node dies and then the other, so that one of the two had the room. */
export async function diesWhileTheyTalk(parts) {
  const { alice, bob, bases } = await both(parts);
  await alice.call(bob.name);
  await bob.rings();
  await bob.press("Accept");
  await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
  const names = [];
  for (const base of bases) {
    names.push(await parts.offhook.kill(base));
    await Promise.all([alice.isConnected(), bob.isConnected()]);
    await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
    await parts.shot(`${names.at(-1)}-died-talking`, alice, bob);
    await parts.offhook.isWhole();
  }
  await bob.press("Hang up");
  await Promise.all([alice.isOut(), bob.isOut()]);
  return `${names.join(" and ")} died in turn, and they talked on`;
}
