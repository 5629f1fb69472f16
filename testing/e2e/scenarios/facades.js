// The same calls, by an app that was written for the closed packages: two imports swapped, nothing else.
import { FacadePerson } from "../lib/facade_person.js";
import { until } from "../lib/until.js";

const GENERAL = 0;
const ADVANCED = 1;
const ACCEPTED = 1;
const REJECTED = 2;
const INVITING = 0;
/** Of the connection. */
const CONNECTED = 2;
const RECONNECTING = 3;
const SUCCESS = 0;
const INTERRUPTED = 3;

async function two(parts) {
  const alice = parts.meet(await FacadePerson.login(parts, parts.as("alice")));
  const bob = parts.meet(await FacadePerson.login(parts, parts.as("bob")));
  return { alice, bob };
}

function isState(user, state) {
  return ({ callUserList }) => callUserList.some((each) => each.userID === user && each.state === state);
}

function holds(what, is) {
  if (!is) throw new Error(`${what} does not hold`);
}

/** Invites, rings, accepts, talks with picture and sound, and ends. */
export async function call(parts) {
  const { alice, bob } = await two(parts);
  const config = { mode: ADVANCED, timeout: 60, extendedData: '{"type":1}' };
  const { callID, errorUserList } = await alice.zim("callInvite", [bob.name], config);
  holds("the call has an id of at most 20 characters", callID.length > 0 && callID.length <= 20);
  holds("nobody is left out", errorUserList.length === 0);
  const [received] = await bob.hearsOf("callInvitationReceived");
  holds("the ring bears what alice sent", received.extendedData === '{"type":1}' && received.inviter === alice.name);
  await bob.zim("callAccept", callID, { extendedData: "{}" });
  await alice.hearsOf("callUserStateChanged", isState(bob.name, ACCEPTED));
  for (const person of [alice, bob]) holds(`${person.name} is in the room`, await person.talk(callID));
  const [seen, heard] = await Promise.all([alice.sees(bob.name), alice.hears(bob.name)]);
  await Promise.all([bob.sees(alice.name), bob.hears(alice.name)]);
  await bob.mute("camera", true);
  await alice.hearsOf("remoteCameraStatusUpdate", (_stream, status) => status === "MUTE");
  await alice.seesNothingMoveOf(bob.name);
  await alice.engine("sendBroadcastMessage", callID, "hello");
  await bob.hearsOf("IMRecvBroadcastMessage", (_room, [message]) => message.message === "hello");
  const ended = await alice.zim("callEnd", callID, { extendedData: "bye" });
  holds("the end has its times", ended.endTime >= ended.acceptTime);
  const [end] = await bob.hearsOf("callInvitationEnded");
  holds("bob is told who ended", end.operatedUserID === alice.name && end.extendedData === "bye");
  for (const person of [alice, bob]) await person.leave(callID);
  return `${seen.frames} frames, ${heard.packets} packets of sound; ${(await bob.story()).length} events at bob`;
}

/** A general call that is rejected: the caller hears it twice, as of old. */
export async function reject(parts) {
  const { alice, bob } = await two(parts);
  const { callID } = await alice.zim("callInvite", [bob.name], { mode: GENERAL, timeout: 60 });
  await bob.hearsOf("callInvitationReceived");
  await bob.zim("callReject", callID, { extendedData: '{"reason":"busy"}' });
  const [rejected] = await alice.hearsOf("callInvitationRejected");
  holds("the reason comes along", rejected.extendedData === '{"reason":"busy"}' && rejected.invitee === bob.name);
  const story = await alice.story();
  const state = story.indexOf(`state ${bob.name} ${REJECTED}`);
  holds("the state comes before the rejection", state >= 0 && state < story.indexOf("callInvitationRejected"));
  const late = await alice.zim("callCancel", [bob.name], callID, {});
  holds("a call that is over cannot be canceled", late.code === 6000276);
  return story.join(" → ");
}

/** Cancel before an answer, and a ring that nobody answers. */
export async function cancelAndTimeout(parts) {
  const { alice, bob } = await two(parts);
  const first = await alice.zim("callInvite", [bob.name], { mode: GENERAL, timeout: 60 });
  await bob.hearsOf("callInvitationReceived");
  await alice.zim("callCancel", [bob.name], first.callID, { extendedData: "never mind" });
  const [canceled] = await bob.hearsOf("callInvitationCancelled");
  holds("the cancel says what alice sent", canceled.extendedData === "never mind" && canceled.inviter === alice.name);
  const second = await alice.zim("callInvite", [bob.name], { mode: GENERAL, timeout: 2 });
  await bob.hearsOf("callInvitationTimeout", ({ callID }) => callID === second.callID);
  const [silent] = await alice.hearsOf("callInviteesAnsweredTimeout");
  holds("alice is told who was silent", silent.invitees.join() === bob.name);
  return (await bob.story()).join(" → ");
}

/** A third one is invited during the call, and the list of calls knows it all. */
export async function group(parts) {
  const { alice, bob } = await two(parts);
  const carol = parts.meet(await FacadePerson.login(parts, parts.as("carol")));
  const { callID } = await alice.zim("callInvite", [bob.name], { mode: ADVANCED });
  await bob.hearsOf("callInvitationReceived");
  await bob.zim("callAccept", callID, {});
  await bob.zim("callingInvite", [carol.name], callID, {});
  await alice.hearsOf("callUserStateChanged", isState(carol.name, INVITING));
  const [received] = await carol.hearsOf("callInvitationReceived");
  holds("carol knows who invited her", received.inviter === bob.name && received.caller === alice.name);
  await carol.zim("callAccept", callID, {});
  const all = [alice, bob, carol];
  await Promise.all(all.map((person) => person.talk(callID, { video: false })));
  for (const person of all)
    await Promise.all(all.filter((other) => other !== person).map((other) => person.hears(other.name)));
  await carol.zim("callQuit", callID, {});
  await alice.hearsOf("callUserStateChanged", isState(carol.name, 7));
  await alice.zim("callEnd", callID, {});
  const { callList } = await until(
    "the list knows that the call is over",
    () => bob.zim("queryCallInvitationList", { count: 5 }),
    ({ callList: calls }) => calls[0]?.callID === callID && calls[0].state === 2,
  );
  return `${callList[0].callUserList.length} parties in the list`;
}

/** Both devices of bob ring; the one that did not answer hears so, and nothing more. */
export async function elsewhere(parts) {
  const { alice, bob } = await two(parts);
  const other = parts.meet(await FacadePerson.login(parts, bob.name));
  const { callID } = await alice.zim("callInvite", [bob.name], { mode: ADVANCED });
  await Promise.all([bob, other].map((device) => device.hearsOf("callInvitationReceived")));
  await other.zim("callAccept", callID, {});
  await bob.hearsOf("callUserStateChanged", isState(bob.name, ACCEPTED));
  await alice.zim("callEnd", callID, {});
  await other.hearsOf("callInvitationEnded");
  const heard = await bob.story();
  holds("the device that did not answer hears nothing of the end", !heard.includes("callInvitationEnded"));
  return heard.join(" → ");
}

/** The network of one who rings is gone for some seconds; the invitation is answered afterwards. */
export async function networkLost(parts) {
  const { alice, bob } = await two(parts);
  const { callID } = await alice.zim("callInvite", [bob.name], { mode: ADVANCED });
  await bob.hearsOf("callInvitationReceived");
  await bob.ask("cut");
  await bob.hearsOf("connectionStateChanged", ({ state, event }) => state === RECONNECTING && event === INTERRUPTED);
  await bob.ask("mend");
  await bob.hearsOf("connectionStateChanged", ({ state, event }) => state === CONNECTED && event === SUCCESS);
  await bob.zim("callAccept", callID, {});
  await alice.hearsOf("callUserStateChanged", isState(bob.name, ACCEPTED));
  const rings = (await bob.story()).filter((name) => name === "callInvitationReceived").length;
  holds("it rang once", rings === 1);
  await alice.zim("callEnd", callID, {});
  return "reconnected, answered, rung once";
}

/** An app that is loaded again while it rings is told of the ring anew; one in a call finds the call, and comes back into it. */
export async function reload(parts) {
  const { alice, bob } = await two(parts);
  const config = { mode: ADVANCED, timeout: 60, extendedData: '{"type":1}' };
  const { callID } = await alice.zim("callInvite", [bob.name], config);
  const [first] = await bob.hearsOf("callInvitationReceived");
  await bob.reload();
  const [again] = await bob.hearsOf("callInvitationReceived");
  holds("it is the same ring", again.callID === callID && again.extendedData === '{"type":1}');
  holds("it does not ring for longer", again.timeout <= first.timeout);
  await alice.reload();
  await bob.zim("callAccept", callID, {});
  await alice.hearsOf("callUserStateChanged", isState(bob.name, ACCEPTED));
  for (const person of [alice, bob]) await person.talk(callID);
  await Promise.all([alice.sees(bob.name), bob.sees(alice.name), alice.hears(bob.name), bob.hears(alice.name)]);
  await bob.reload();
  const { callList } = await bob.zim("queryCallInvitationList", { count: 1 });
  const own = callList[0].callUserList.find(({ userID }) => userID === bob.name);
  holds("the call is in the list, with bob in it", callList[0].callID === callID && own.state === ACCEPTED);
  holds("bob is in the room again", await bob.talk(callID));
  await Promise.all([alice.sees(bob.name), bob.sees(alice.name), alice.hears(bob.name), bob.hears(alice.name)]);
  const moves = (await alice.told()).filter(([name]) => name === "roomUserUpdate");
  holds("alice is told that bob came, and not that he left", moves.length === 1 && moves[0][2] === "ADD");
  await bob.zim("callEnd", callID, {});
  await alice.hearsOf("callInvitationEnded", ({ operatedUserID }) => operatedUserID === bob.name);
  for (const person of [alice, bob]) await person.leave(callID);
  return "rings on, and talks on";
}
