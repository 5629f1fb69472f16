// Two tabs of one user: what the second says and offers in every state of a call.
import { AppPerson } from "../../lib/app_person.js";

const THERE = "You are in a call on another device";

/** A second tab while alice calls, and while she talks; it takes the call over; and nothing is said of the call when it is over. */
export async function second(parts) {
  const bob = parts.meet(await AppPerson.use(parts, parts.as("bob")));
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice")));
  await alice.call(bob.name);
  await bob.rings();
  const other = await beside(parts, alice);
  await other.reads(THERE);
  await bob.press("Accept");
  await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
  await parts.shot("second-tab", other);
  await other.press("Take it here");
  await alice.reads("Moved to another device");
  await alice.isOut();
  await parts.shot("moved", alice);
  const third = await beside(parts, alice);
  await third.reads(THERE);
  await Promise.all([other.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
  await bob.press("Hang up");
  await other.reads(`${bob.name} hung up`);
  // The server tells only the device that is in a call how it ends: the others have asked.
  await Promise.all([alice.readsNoMore("The call goes on there."), third.readsNoMore(THERE)]);
  await alice.reads(`${bob.name} hung up`);
  await parts.shot("moved-and-over", alice);
  return "offered, taken over, and over in every tab";
}

function beside(parts, person) {
  return AppPerson.use(parts, person.name, { look: { context: person.context } });
}
