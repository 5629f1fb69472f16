import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, callsIn, mayJoin, phaseOf, reduce } from "./calls.js";
import { link } from "./session.js";
import { outcome } from "./words.js";

const CALL = "019aa2f4-7c00-7a3b-9c4d-1e2f3a4b5c6d";
const ALICE = { user: "alice", status: "accepted" };

function view(legs, more = {}) {
  return {
    call: CALL,
    seq: 1,
    mode: "advanced",
    media: "audio",
    caller: "alice",
    inviter: "alice",
    status: "started",
    created_at: 1_000_000,
    age_ms: 0,
    timeout_ms: 30_000,
    remaining_ms: 30_000,
    legs,
    ...more,
  };
}

function play(user, inputs) {
  return inputs.reduce((state, input) => reduce(state, { now: 0, ...input }), begin(user, "tab-1", {}));
}

function ringAt(user, now = 0) {
  return { kind: "view", now, view: view([ALICE, { user, status: "inviting" }]) };
}

function happening(seq, changed, more = {}) {
  return { kind: "happening", happening: { call: CALL, seq, changed, ...more } };
}

function phase(state) {
  return phaseOf(state.calls[CALL], state);
}

test("an invitation rings until its time is over, even if nothing is heard", () => {
  const ringing = play("bob", [ringAt("bob", 5_000)]);
  assert.equal(phase(ringing), "ringing");
  assert.equal(phase(reduce(ringing, { kind: "tick", now: 34_999 })), "ringing");
  const over = reduce(ringing, { kind: "tick", now: 35_000 });
  assert.equal(phase(over), "rang_out");
  assert.equal(over.stage, CALL, "and the stage says so");
});

test("a ring of which one hears twice does not ring longer", () => {
  const state = play("bob", [ringAt("bob"), { ...ringAt("bob"), now: 2_000 }]);
  assert.equal(state.calls[CALL].ringUntil, 30_000);
});

test("an invitation without remaining time never rings", () => {
  const state = play("bob", [
    { kind: "view", view: view([ALICE, { user: "bob", status: "inviting" }], { remaining_ms: 0 }) },
  ]);
  assert.deepEqual(callsIn(state, ["ringing"]), []);
});

test("an older view or event changes nothing", () => {
  const known = play("bob", [
    ringAt("bob"),
    happening(3, [{ user: "bob", status: "accepted", accepted_at: 1 }], { main_device: "tab-1" }),
  ]);
  assert.equal(reduce(known, happening(2, [{ user: "bob", status: "received" }])), known);
  assert.equal(reduce(known, ringAt("bob")), known);
});

test("an accept on another device stops the ring and says where the call is", () => {
  const state = play("bob", [
    ringAt("bob"),
    happening(2, [{ user: "bob", status: "accepted", accepted_at: 1 }], { main_device: "tab-2" }),
  ]);
  assert.equal(phase(state), "elsewhere");
  assert.equal(outcome(state.calls[CALL], state).title, "Answered on another device");
  assert.equal(mayJoin(state.calls[CALL], state), true);
});

test("a call that is taken back is missed, and the stage says by whom", () => {
  const end = { at: 2, by: "alice", cause: "canceled" };
  const state = play("bob", [
    ringAt("bob"),
    happening(2, [{ user: "bob", status: "be_canceled" }], { by: "alice", end }),
  ]);
  assert.equal(state.stage, CALL);
  assert.deepEqual(outcome(state.calls[CALL], state), {
    title: "Missed call",
    detail: "alice took the call back.",
    isMissed: true,
  });
});

test("a call that was rejected here leaves the stage free", () => {
  const did = { kind: "did", call: CALL, act: "call.reject" };
  const state = play("bob", [ringAt("bob"), did, happening(2, [{ user: "bob", status: "rejected" }])]);
  assert.equal(state.stage, null);
  assert.equal(outcome(state.calls[CALL], state).title, "You rejected the call");
});

test("being invited again rings anew", () => {
  const gone = play("bob", [
    ringAt("bob"),
    { kind: "silenced", call: CALL },
    happening(2, [{ user: "bob", status: "timed_out" }]),
  ]);
  const again = view([ALICE, { user: "bob", status: "inviting" }], { seq: 3 });
  const state = reduce(gone, { kind: "view", now: 60_000, view: again });
  assert.equal(phase(state), "ringing");
  assert.equal(state.calls[CALL].ringUntil, 90_000);
});

test("time in a call counts from the server's distance between acceptance and now", () => {
  const bob = { user: "bob", status: "accepted", accepted_at: 1_004_000 };
  const state = play("bob", [
    { kind: "view", now: 50_000, view: view([ALICE, bob], { age_ms: 10_000, main_device: "tab-1", remaining_ms: 0 }) },
  ]);
  assert.equal(state.calls[CALL].connectedAt, 44_000);
});

test("a snapshot voids what it does not name", () => {
  const state = reduce(play("bob", [ringAt("bob")]), { kind: "snapshot", now: 0, snapshot: { calls: [] } });
  assert.deepEqual(state.calls, {});
  assert.equal(state.stage, null);
  assert.match(state.notice, /gone/, "and says so, if it was alive");
});

test("a caller learns why nobody came", () => {
  const calling = play("alice", [
    {
      kind: "invited",
      view: view([ALICE, { user: "bob", status: "inviting" }], { main_device: "tab-1", remaining_ms: 0 }),
    },
  ]);
  const after = (leg) => {
    const state = reduce(calling, { now: 0, ...happening(2, [{ user: "bob", ...leg }]) });
    assert.equal(phase(state), "alone");
    return outcome(state.calls[CALL], state).title;
  };
  assert.equal(after({ status: "timed_out" }), "No answer");
  assert.equal(after({ status: "rejected", reason: "declined" }), "bob rejected the call");
  assert.equal(after({ status: "rejected", reason: "busy" }), "bob is busy");
});

test("a gap in the chain of events is seen, a repetition passed over", () => {
  assert.equal(link(4, { type: "call.changed", offset: 5 }), "next");
  assert.equal(link(4, { type: "call.changed", offset: 9, after: 4 }), "next");
  assert.equal(link(4, { type: "call.changed", offset: 6 }), "gap");
  assert.equal(link(4, { type: "call.changed", offset: 4 }), "repeated");
});
