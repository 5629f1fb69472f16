// The order of events and promises: what one device hears of each action, at who acts and at the others.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeCall, legs, type FakeClient } from "../testing/fake_client.js";
import { settled } from "../testing/clock.js";
import { Stage } from "../testing/stage.js";

const CALL = "1846023554563377723";
const END = { at: 9000, cause: "answered" } as const;

let stage: Stage;
let client: FakeClient;

beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.close());

/** The client knows a call of Alice with Bob, as it stands when all ring. */
function ringing(mode: "advanced" | "general", ...others: string[]): FakeCall {
  return client.add({ alias: CALL, mode, legs: legs("alice", "bob", ...others) });
}

/** The client knows a call that Alice is in, and so are the others. */
function talking(...others: string[]): FakeCall {
  const call = ringing("advanced");
  call.set(...["bob", ...others].map((user) => [user, "accepted", { acceptedAt: 2000 }] as const));
  return call;
}

describe("at the caller", () => {
  beforeEach(async () => {
    client = await stage.login("alice");
  });

  test("an invitation tells the states, then the creation, then resolves", async () => {
    const call = new FakeCall(client, { alias: CALL, legs: legs("alice", "bob", "carol") });
    client.answers.set("invite", () => {
      client.known.push(call);
      client.tell({ kind: "call_created", call });
      return { call, leftOut: [{ user: "zoe", cause: "unregistered" }], merged: false };
    });
    const config = { timeout: 60, mode: 0, extendedData: "hello" } as const;
    await stage.watch(stage.zim.callInvite(["bob", "carol", "zoe", "bob"], config));

    const callUserList = [
      { userID: "alice", state: 1, extendedData: "" },
      { userID: "bob", state: 0, extendedData: "" },
      { userID: "carol", state: 0, extendedData: "" },
    ];
    const created = { callID: CALL, mode: 0, caller: "alice", extendedData: "", timeout: 90, createTime: 1000 };
    expect(stage.told).toEqual([
      ["callUserStateChanged", { callID: CALL, callUserList }],
      ["callInvitationCreated", { ...created, callUserList }],
      ["promise", { callID: CALL, timeout: 90, errorUserList: [{ userID: "zoe", reason: 6000281 }] }],
    ]);
    expect(client.asked).toEqual([
      [
        "invite",
        ["bob", "carol", "zoe"],
        { mode: "general", media: "video", timeoutS: 60, extendedData: "hello", notReceivedCheck: false },
      ],
    ]);
  });

  test("an invitation whose event never came is told by its reply, once", async () => {
    const call = new FakeCall(client, { alias: CALL, legs: legs("alice", "bob") });
    client.answers.set("invite", () => ({ call, leftOut: [], merged: false }));
    await stage.watch(stage.zim.callInvite(["bob"], {}));
    client.tell({ kind: "call_created", call });
    expect(stage.names).toEqual(["callUserStateChanged alice 1, bob 0", "callInvitationCreated", "promise"]);
  });

  test("who is busy has rejected when the app knows the call, not before", async () => {
    const call = new FakeCall(client, { alias: CALL, legs: legs("alice", "bob", "carol") });
    call.set(["bob", "rejected", { reason: "busy" }]);
    client.answers.set("invite", () => {
      client.tell({ kind: "call_created", call });
      return { call, leftOut: [], merged: false };
    });
    await stage.watch(stage.zim.callInvite(["bob", "carol"], {}));
    expect(stage.names.slice(0, 3)).toEqual([
      "callUserStateChanged alice 1, carol 0, bob 0",
      "callInvitationCreated",
      "promise",
    ]);
    await stage.clock.pass(0);
    expect(stage.names.slice(3)).toEqual(["callUserStateChanged bob 2", "callInvitationRejected"]);
  });

  test("a general call tells the caller who rings, accepts, rejects and was away, in old words as well", () => {
    const call = ringing("general", "carol", "dave", "erin");
    client.tell({ kind: "call_changed", call, changed: call.set(["bob", "received"]) });
    client.tell({ kind: "call_changed", call, changed: call.set(["bob", "accepted", { data: "yes" }]) });
    client.tell({ kind: "call_changed", call, changed: call.set(["carol", "rejected", { data: "no" }]) });
    const changed = call.set(["dave", "timed_out"], ["erin", "timed_out"]);
    client.tell({ kind: "call_ended", call, changed, data: "", end: END });
    expect(stage.names).toEqual([
      "callUserStateChanged bob 5",
      "callUserStateChanged bob 1",
      "callInvitationAccepted",
      "callUserStateChanged carol 2",
      "callInvitationRejected",
      "callUserStateChanged dave 6, erin 6",
      "callInviteesAnsweredTimeout",
    ]);
    expect(stage.told.filter(([name]) => name.startsWith("callInvit"))).toEqual([
      ["callInvitationAccepted", { callID: CALL, invitee: "bob", extendedData: "yes" }],
      ["callInvitationRejected", { callID: CALL, invitee: "carol", extendedData: "no" }],
      ["callInviteesAnsweredTimeout", { callID: CALL, invitees: ["dave", "erin"] }],
    ]);
  });

  test("an advanced call speaks no old words", () => {
    const call = ringing("advanced", "carol", "dave");
    const answers = [
      ["bob", "accepted"],
      ["carol", "rejected"],
      ["dave", "timed_out"],
    ] as const;
    for (const answer of answers) client.tell({ kind: "call_changed", call, changed: call.set(answer) });
    expect(stage.names).toEqual([1, 2, 6].map((state, at) => `callUserStateChanged ${answers[at]?.[0]} ${state}`));
  });

  test("an invitee on whose devices nothing rang is told", () => {
    const call = ringing("general");
    client.tell({ kind: "call_changed", call, changed: call.set(["bob", "not_yet_received"]) });
    expect(stage.names).toEqual(["callUserStateChanged bob 9"]);
  });

  test("taking the whole call back tells the own state, then resolves", async () => {
    const call = ringing("general", "carol");
    answerCancel(call);
    await stage.watch(stage.zim.callCancel([], CALL, { extendedData: "sorry" }));
    expect(stage.told).toEqual([
      ["callUserStateChanged", { callID: CALL, callUserList: [{ userID: "alice", state: 3, extendedData: "sorry" }] }],
      ["promise", { callID: CALL, errorInvitees: [] }],
    ]);
    expect(client.asked).toEqual([["cancel", CALL, { data: "sorry", invitees: [] }]]);
  });

  test("taking everyone's invitation back by a list tells theirs, then resolves", async () => {
    const call = ringing("general", "carol");
    answerCancel(call);
    await stage.watch(stage.zim.callCancel(["bob", "carol"], CALL, {}));
    expect(stage.names).toEqual(["callUserStateChanged bob 10, carol 10", "promise"]);
  });

  test("taking one invitation back tells the one, and who could not be taken back", async () => {
    const call = ringing("advanced", "carol");
    client.answers.set("cancel", () => {
      client.tell({ kind: "call_changed", call, changed: call.set(["bob", "be_canceled"]) });
      return [{ user: "carol", cause: "already_accepted" }];
    });
    const result = await stage.watch(stage.zim.callCancel(["bob", "carol"], CALL, {}));
    expect(stage.names).toEqual(["callUserStateChanged bob 10", "promise"]);
    expect(result.errorInvitees).toEqual(["carol"]);
  });

  test("a caller who was away too long learns that the call was taken back", () => {
    const call = ringing("general");
    const changed = call.set(["alice", "canceled"], ["bob", "be_canceled"]);
    client.tell({ kind: "call_ended", call, changed, data: "", end: { at: 9000, cause: "caller_lost" } });
    expect(stage.names).toEqual(["callUserStateChanged alice 3, bob 10"]);
  });

  test("two who call each other get one call, in which both are", async () => {
    const call = new FakeCall(client, { alias: CALL, caller: "bob", inviter: "bob", legs: legs("bob") });
    call.set(["alice", "accepted"]);
    client.answers.set("invite", () => {
      client.tell({ kind: "merged", call });
      return { call, leftOut: [], merged: true };
    });
    const result = await stage.watch(stage.zim.callInvite(["bob"], {}));
    expect(stage.names).toEqual(["callUserStateChanged bob 1, alice 1", "promise"]);
    expect(result.callID).toBe(CALL);
  });

  test("inviting more tells them, then resolves", async () => {
    const call = talking();
    client.answers.set("add", () => {
      client.tell({ kind: "call_changed", call, changed: call.set(["dave", "inviting"]) });
      return [{ user: "bob", cause: "already_in_call" }];
    });
    await stage.watch(stage.zim.callingInvite(["dave", "bob"], CALL, {}));
    expect(stage.names).toEqual(["callUserStateChanged dave 0", "promise"]);
    expect(stage.told.at(-1)?.[1]).toEqual({ callID: CALL, errorUserList: [{ userID: "bob", reason: 6000283 }] });
  });

  test("quitting tells the own state, then resolves with the times", async () => {
    const call = talking();
    client.answers.set("quit", () => {
      const changed = call.set(["alice", "quit", { acceptedAt: 2000, leftAt: 7000, data: "bye" }]);
      client.tell({ kind: "call_changed", call, changed });
    });
    await stage.watch(stage.zim.callQuit(CALL, { extendedData: "bye" }));
    expect(stage.told).toEqual([
      ["callUserStateChanged", { callID: CALL, callUserList: [{ userID: "alice", state: 7, extendedData: "bye" }] }],
      ["promise", { callID: CALL, createTime: 1000, acceptTime: 2000, quitTime: 7000 }],
    ]);
  });

  test("ending tells the end, then the own state, then resolves with the times", async () => {
    const call = talking();
    const end = { at: 8000, by: "alice", cause: "ended" } as const;
    client.answers.set("end", () => {
      const changed = call.set(["alice", "ended", { acceptedAt: 2000, leftAt: 8000 }]);
      call.state = { ...call.state, end };
      client.tell({ kind: "call_ended", call, changed, by: "alice", data: "bye", end });
    });
    await stage.watch(stage.zim.callEnd(CALL, { extendedData: "bye" }));
    const ended = {
      callID: CALL,
      mode: 1,
      caller: "alice",
      operatedUserID: "alice",
      extendedData: "bye",
      endTime: 8000,
    };
    expect(stage.told).toEqual([
      ["callInvitationEnded", ended],
      ["callUserStateChanged", { callID: CALL, callUserList: [{ userID: "alice", state: 8, extendedData: "bye" }] }],
      ["promise", { callID: CALL, createTime: 1000, acceptTime: 2000, endTime: 8000 }],
    ]);
  });

  test("the others' quitting and joining are told as their states", () => {
    const call = talking("carol");
    client.tell({ kind: "call_changed", call, changed: call.set(["carol", "quit"]) });
    client.tell({ kind: "call_changed", call, changed: call.set(["dave", "accepted"]) });
    expect(stage.names).toEqual(["callUserStateChanged carol 7", "callUserStateChanged dave 1"]);
  });

  test("the last one's quitting is told without an end of its own", () => {
    const call = talking();
    const changed = call.set(["bob", "quit"]);
    client.tell({ kind: "call_ended", call, changed, data: "", end: { at: 9000, cause: "all_left" } });
    expect(stage.names).toEqual(["callUserStateChanged bob 7"]);
  });

  test("an end by a policy is told with nobody as its cause", () => {
    const call = talking();
    const changed = call.set(["bob", "quit"]);
    client.tell({ kind: "call_ended", call, changed, data: "", end: { at: 9000, cause: "last_one_left" } });
    expect(stage.names).toEqual(["callInvitationEnded", "callUserStateChanged bob 7"]);
    expect(stage.told[0]?.[1]).toMatchObject({ operatedUserID: "", endTime: 9000 });
  });

  test("a call that is found after a fresh start is not created anew", async () => {
    const call = ringing("advanced");
    client.online();
    client.tell({ kind: "call_created", call });
    expect(stage.names).toEqual([]);
    await settled();
    const later = new FakeCall(client, { alias: "5", legs: legs("alice", "bob") });
    client.tell({ kind: "call_created", call: later });
    expect(stage.names).toEqual(["callUserStateChanged alice 1, bob 0", "callInvitationCreated"]);
  });
});

/** Takes a call back as the server does: everyone's state changes in one step. */
function answerCancel(call: FakeCall): void {
  client.answers.set("cancel", () => {
    const others = call.state.legs
      .filter(({ user }) => user !== "alice")
      .map(({ user }) => [user, "be_canceled"] as const);
    const changed = call.set(["alice", "canceled", { data: "sorry" }], ...others);
    client.tell({ kind: "call_ended", call, changed, data: "", end: { at: 9000, by: "alice", cause: "canceled" } });
    return [];
  });
}

describe("at an invitee", () => {
  let call: FakeCall;
  beforeEach(async () => {
    client = await stage.login("bob");
    call = ringing("advanced", "carol");
    call.state = { ...call.state, phase: "ringing", extendedData: "come" };
    client.tell({ kind: "incoming", call, remainingMs: 59_001 });
  });
  const told = () => stage.names.slice(1);

  test("an invitation is told whole, with the time that is left rounded up", () => {
    const callUserList = [
      { userID: "alice", state: 1, extendedData: "" },
      { userID: "bob", state: 0, extendedData: "" },
      { userID: "carol", state: 0, extendedData: "" },
    ];
    const received = { callID: CALL, mode: 1, caller: "alice", inviter: "alice", extendedData: "come", timeout: 60 };
    expect(stage.told).toEqual([["callInvitationReceived", { ...received, createTime: 1000, callUserList }]]);
  });

  test("the own ring comes back as a state", () => {
    client.tell({ kind: "call_changed", call, changed: call.set(["bob", "received"]) });
    expect(told()).toEqual(["callUserStateChanged bob 5"]);
  });

  test.each([
    ["accept", "callAccept", "accepted", 1],
    ["reject", "callReject", "rejected", 2],
  ] as const)("to %s tells the own state, then resolves", async (asked, method, status, state) => {
    client.answers.set(asked, () => {
      client.tell({ kind: "ring_stopped", call, reason: "answered_here", data: "" });
      client.tell({ kind: "call_changed", call, changed: call.set(["bob", status, { data: "well" }]) });
    });
    await stage.watch(stage.zim[method](CALL, { extendedData: "well" }));
    expect(stage.told.slice(1)).toEqual([
      ["callUserStateChanged", { callID: CALL, callUserList: [{ userID: "bob", state, extendedData: "well" }] }],
      ["promise", { callID: CALL }],
    ]);
  });

  test.each([
    ["accepted", "answered_elsewhere", 1],
    ["rejected", "declined_elsewhere", 2],
  ] as const)("another device of the user that has %s is told as the own state alone", (status, reason, state) => {
    client.tell({ kind: "ring_stopped", call, reason, data: "" });
    client.tell({ kind: "call_changed", call, changed: call.set(["bob", status]) });
    expect(told()).toEqual([`callUserStateChanged bob ${state}`]);
  });

  test("the call taken back tells who did, then the states", () => {
    const changed = call.set(["alice", "canceled"], ["bob", "be_canceled"]);
    client.tell({ kind: "ring_stopped", call, reason: "canceled", by: "alice", data: "sorry" });
    client.tell({
      kind: "call_ended",
      call,
      changed,
      by: "alice",
      data: "sorry",
      end: { at: 9000, by: "alice", cause: "canceled" },
    });
    expect(stage.told.slice(1)).toEqual([
      ["callInvitationCancelled", { callID: CALL, mode: 1, inviter: "alice", extendedData: "sorry" }],
      [
        "callUserStateChanged",
        {
          callID: CALL,
          callUserList: [
            { userID: "alice", state: 3, extendedData: "sorry" },
            { userID: "bob", state: 10, extendedData: "" },
          ],
        },
      ],
    ]);
  });

  test("the own invitation taken back while the call goes on is told as well, also where nothing rings any more", () => {
    client.tell({ kind: "ring_stopped", call, reason: "ignored", data: "" });
    client.tell({ kind: "call_changed", call, changed: call.set(["bob", "be_canceled"]) });
    expect(told()).toEqual(["callInvitationCancelled", "callUserStateChanged bob 10"]);
  });

  test("another's invitation taken back is a state of theirs", () => {
    client.tell({ kind: "call_changed", call, changed: call.set(["carol", "be_canceled"]) });
    expect(told()).toEqual(["callUserStateChanged carol 10"]);
  });

  test("not answering in time tells the timeout, then the own state", () => {
    const changed = call.set(["bob", "timed_out"]);
    client.tell({ kind: "ring_stopped", call, reason: "unanswered", data: "" });
    client.tell({ kind: "call_changed", call, changed });
    expect(told()).toEqual(["callInvitationTimeout", "callUserStateChanged bob 6"]);
  });

  test("the own clock tells the same without a network, and the server does not repeat it", () => {
    client.tell({ kind: "ring_stopped", call, reason: "timed_out", data: "" });
    expect(told()).toEqual(["callInvitationTimeout", "callUserStateChanged bob 6"]);
    client.tell({ kind: "call_changed", call, changed: call.set(["bob", "timed_out"], ["carol", "timed_out"]) });
    expect(told().slice(2)).toEqual(["callUserStateChanged carol 6"]);
  });

  test("an end while it rings tells the end, then the state of who ended it", () => {
    const changed = call.set(["alice", "ended"]);
    client.tell({ kind: "ring_stopped", call, reason: "ended", by: "alice", data: "" });
    client.tell({ kind: "call_ended", call, changed, by: "alice", data: "bye", end: { at: 9000, cause: "ended" } });
    expect(told()).toEqual(["callInvitationEnded", "callUserStateChanged alice 8"]);
  });

  test("a second invitation to the same call is told like the first", () => {
    client.tell({ kind: "ring_stopped", call, reason: "unanswered", data: "" });
    client.tell({ kind: "call_changed", call, changed: call.set(["bob", "timed_out"]) });
    call.set(["bob", "inviting"]);
    client.tell({ kind: "incoming", call, remainingMs: 30_000 });
    client.tell({ kind: "ring_stopped", call, reason: "unanswered", data: "" });
    client.tell({ kind: "call_changed", call, changed: call.set(["bob", "timed_out"]) });
    expect(told().slice(2)).toEqual(["callInvitationReceived", "callInvitationTimeout", "callUserStateChanged bob 6"]);
  });

  test("joining resolves, and tells nothing of the own part", async () => {
    client.answers.set("join", () => {
      const changed = call.set(["bob", "accepted", { acceptedAt: 5000 }]);
      client.tell({ kind: "call_changed", call, changed });
    });
    const result = await stage.watch(stage.zim.callJoin(CALL, { extendedData: "here" }));
    expect(told()).toEqual(["promise"]);
    expect(result).toMatchObject({ callID: CALL, createTime: 1000, joinTime: 5000, extendedData: "come" });
    expect(result.callUserList).toContainEqual({ userID: "bob", state: 1, extendedData: "" });
  });

  test("a general call tells its old words to nobody but the caller", () => {
    const general = client.add({ alias: "7", mode: "general", legs: legs("alice", "bob", "carol") });
    client.tell({ kind: "call_changed", call: general, changed: general.set(["carol", "accepted"]) });
    expect(told()).toEqual(["callUserStateChanged carol 1"]);
  });

  test("a change of the main device alone is nobody's business", () => {
    client.tell({ kind: "call_changed", call, changed: [] });
    expect(told()).toEqual([]);
  });
});
