// A phone that sleeps: it has no connection, a push wakes it, and it answers by the credential of that push.
import { AppPerson } from "../../lib/app_person.js";
import { Pushes } from "../../lib/pushes.js";

const SHORT = { ringS: 15 };

/** Bob's phone is asleep and alice is there; pushes do as they are told. */
async function night(parts, mode = "deliver") {
  const pushes = new Pushes(parts.offhook);
  await pushes.become(mode);
  const bob = parts.meet(await AppPerson.use(parts, parts.as("bob"), { path: "?device=asleep", connected: false }));
  await bob.reads("Asleep");
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice"), { preferences: SHORT }));
  return { alice, bob, pushes };
}

export async function declines(parts) {
  const { alice, bob } = await night(parts);
  await parts.shot("asleep", bob);
  await alice.call(bob.name);
  await bob.rings();
  await parts.shot("woken", bob);
  await bob.press("Decline");
  await alice.reads(/declined/);
  await bob.ringIsOver();
  await parts.shot("woken-declined", bob);
  return "alice reads that he declined";
}

export async function canceled(parts) {
  const { alice, bob } = await night(parts);
  await alice.call(bob.name);
  await bob.rings();
  await alice.press(/^(Cancel|Hang up)$/);
  await bob.ringIsOver();
  await bob.reads("Missed call");
  await parts.shot("woken-missed", bob);
  return "the phone shows a missed call";
}

export async function talks(parts) {
  const { alice, bob } = await night(parts);
  await alice.call(bob.name);
  await bob.rings();
  await bob.press("Accept");
  const [{ pictures }] = await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
  await parts.shot("woken-talks", bob);
  await alice.press("Hang up");
  await Promise.all([alice.isOut(), bob.isOut()]);
  return `${pictures[0].frames} frames between a phone that slept and alice`;
}

/** The push comes after the ring; the phone shows what it missed, and rings for nobody. */
export async function tooLate(parts) {
  const { alice, bob, pushes } = await night(parts, "hold");
  await alice.call(bob.name, "Voice");
  const held = await pushes.one(({ user, kind }) => user === bob.name && kind === "ring");
  await parts.shot("waking", alice);
  await alice.press(/^(Cancel|Hang up)$/);
  await pushes.one(({ user, kind }) => user === bob.name && kind === "stop");
  await pushes.deliverAll(bob.name, "stop");
  await pushes.deliver(held.id);
  await bob.reads("Missed call");
  const rang = await bob.ring.count();
  await pushes.become("deliver");
  if (rang > 0) throw new Error("a ring that came after its end rings");
  return "no ring after the end";
}

/** A push that comes twice rings once. */
export async function twice(parts) {
  const { alice, bob, pushes } = await night(parts, "double");
  await alice.call(bob.name, "Voice");
  await bob.rings();
  await bob.press("Decline");
  await bob.ringIsOver();
  await alice.reads(/declined/);
  await pushes.become("deliver");
  return "declined once";
}

/** What was sent stands on the page of pushes, and can be let go there. */
export async function onThePage(parts) {
  const { alice, bob, pushes } = await night(parts, "hold");
  const watcher = parts.meet(await AppPerson.open(parts.browser, "watcher", `${parts.offhook.base}/dev/push`));
  await alice.call(bob.name);
  await pushes.one(({ user, kind }) => user === bob.name && kind === "ring");
  await watcher.reads(bob.name);
  await parts.shot("pushes", watcher);
  await watcher.page
    .getByRole("button", { name: new RegExp(`^Deliver.*${bob.name}`) })
    .first()
    .click();
  await bob.rings();
  await watcher.page
    .getByRole("button", { name: new RegExp(bob.name) })
    .first()
    .click();
  await watcher.reads("zpns_request_id");
  await parts.shot("push-open", watcher);
  await bob.press("Decline");
  await alice.reads(/declined/);
  await pushes.become("deliver");
  return "held, delivered and read";
}
