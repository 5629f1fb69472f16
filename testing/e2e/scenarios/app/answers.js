// Every way in which a call of two can go before anybody talks, and what both sides are told.
import { AppPerson } from "../../lib/app_person.js";

const SHORT = { ringS: 15 };

async function two(parts, how) {
  const bob = parts.meet(await AppPerson.use(parts, parts.as("bob"), how));
  const alice = parts.meet(await AppPerson.use(parts, parts.as("alice"), how));
  return { alice, bob };
}

/** With picture and sound on both sides. */
export async function video(parts) {
  const { alice, bob } = await two(parts);
  await parts.shot("home", alice);
  await alice.call(bob.name);
  await bob.rings();
  await parts.shot("waiting", alice);
  await parts.shot("incoming", bob);
  await bob.press("Accept");
  const seen = await Promise.all([alice.seesAndHears(1, 1), bob.seesAndHears(1, 1)]);
  await parts.shot("call", alice, bob);
  await alice.press("Hang up");
  await Promise.all([alice.isOut(), bob.isOut()]);
  await bob.reads(/hung up|Call ended/);
  await parts.shot("over", bob);
  const [{ pictures, voices }] = seen;
  return `${pictures[0].frames} frames ${pictures[0].width} wide, ${voices[0].packets} packets of sound`;
}

/** Sound alone, and no camera is opened on either side. */
export async function voice(parts) {
  const { alice, bob } = await two(parts);
  await alice.call(bob.name, "Voice");
  await bob.rings();
  await bob.press("Accept");
  const [{ voices }] = await Promise.all([alice.seesAndHears(0, 1), bob.seesAndHears(0, 1)]);
  await parts.shot("voice", alice);
  await bob.press("Hang up");
  await Promise.all([alice.isOut(), bob.isOut()]);
  return `${voices[0].packets} packets of sound, no picture`;
}

export async function rejected(parts) {
  const { alice, bob } = await two(parts);
  await alice.call(bob.name);
  await bob.rings();
  await bob.press("Decline");
  await bob.ringIsOver();
  await alice.reads(/declined/);
  return "alice reads that he declined";
}

export async function canceled(parts) {
  const { alice, bob } = await two(parts);
  await alice.call(bob.name);
  await bob.rings();
  await alice.press(/^(Cancel|Hang up)$/);
  await bob.ringIsOver();
  await bob.reads(/Missed call/);
  await parts.shot("missed", bob);
  return "bob reads that he missed her";
}

export async function unanswered(parts) {
  const { alice, bob } = await two(parts, { preferences: SHORT });
  await alice.call(bob.name, "Voice");
  await bob.rings();
  await alice.reads(/did not answer|Nobody answered/);
  await bob.ringIsOver();
  return `both are told after ${SHORT.ringS} s`;
}

/** Bob talks with carol; alice is told that he is busy, and the call goes on. */
export async function busy(parts) {
  const { alice, bob } = await two(parts);
  const carol = parts.meet(await AppPerson.use(parts, parts.as("carol")));
  await bob.call(carol.name, "Voice");
  await carol.rings();
  await carol.press("Accept");
  await bob.seesAndHears(0, 1);
  await alice.call(bob.name, "Voice");
  await bob.reads(/is calling/);
  await parts.shot("second-call", bob);
  await bob.press("Decline");
  await alice.reads(/busy/);
  const { voices } = await bob.seesAndHears(0, 1);
  return `alice reads it; ${voices[0].packets} packets in bob's call`;
}

/** Two tabs of one user ring; the one that is not answered says where the call went. */
export async function answeredElsewhere(parts) {
  const { alice, bob } = await two(parts);
  const other = await AppPerson.use(parts, bob.name, { look: { context: bob.context } });
  await alice.call(bob.name, "Voice");
  await Promise.all([bob.rings(), other.rings()]);
  await other.press("Accept");
  await bob.ringIsOver();
  await bob.reads(/Answered on another device|on another device/);
  await Promise.all([alice.seesAndHears(0, 1), other.seesAndHears(0, 1)]);
  await alice.press("Hang up");
  await other.isOut();
  return "one tab talks, the other says so";
}
