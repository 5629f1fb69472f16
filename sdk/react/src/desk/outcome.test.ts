import type { CallState } from "@offhook/client";
import { describe, expect, it } from "vitest";
import { active, callState, CREATED_AT, leg, ME, ringing } from "../testing/fake_client.js";
import { outcomeOf } from "./outcome.js";
import type { Part } from "./state.js";

const PART: Part = { media: "video", step: "in", added: new Set() };
const LEAVING: Part = { ...PART, step: "leaving" };
const over = (changes: Partial<CallState>) => callState({ phase: "over", ...changes });
const placed = (bob: ReturnType<typeof leg>, cause: string) =>
  over({ legs: [leg(ME, "accepted"), bob], end: { at: CREATED_AT, cause } });
const rung = (mine: string, changes: Partial<CallState> = {}) =>
  ringing({ phase: "over", legs: [leg("bob", "accepted"), leg(ME, mine)], ...changes });
const ended = (by: string | undefined, cause = "ended") =>
  active({ phase: "over", end: { at: CREATED_AT + 5_000, cause, ...(by === undefined ? {} : { by }) } });

describe("a call that the user placed", () => {
  it.each([
    [placed(leg("bob", "rejected", { reason: "busy" }), "rejected"), { kind: "busy", who: "bob" }],
    [placed(leg("bob", "rejected", { reason: "declined" }), "rejected"), { kind: "rejected", who: "bob" }],
    [placed(leg("bob", "timed_out"), "unanswered"), { kind: "unanswered", who: "bob" }],
    [placed(leg("bob", "be_canceled"), "caller_lost"), { kind: "connection_lost" }],
    [over({ legs: [leg(ME, "canceled"), leg("bob", "be_canceled")] }), { kind: "canceled" }],
    [
      over({ legs: [leg(ME, "accepted"), leg("bob", "timed_out"), leg("carol", "rejected")] }),
      { kind: "nobody_answered" },
    ],
  ])("that nobody took, tells why: %#", (call, outcome) => expect(outcomeOf(call, ME)).toEqual(outcome));

  it("that was talked in, tells who ended it and how long it lasted", () => {
    expect(outcomeOf(ended(ME), ME)).toEqual({ kind: "hung_up", talkedMs: 5_000 });
    expect(outcomeOf(ended("bob"), ME)).toEqual({ kind: "ended_by", who: "bob", talkedMs: 5_000 });
    expect(outcomeOf(ended(undefined, "last_one_left"), ME)).toMatchObject({ kind: "everyone_left" });
    expect(outcomeOf(ended(undefined, "max_age"), ME)).toMatchObject({ kind: "too_long" });
    expect(outcomeOf(ended(undefined, "of_a_newer_server"), ME)).toMatchObject({ kind: "ended" });
  });
});

describe("a call that rang here", () => {
  it.each([
    [rung("timed_out"), { kind: "missed", who: "bob" }],
    [rung("be_canceled", { end: { at: 0, by: "dave", cause: "canceled" } }), { kind: "missed_canceled", who: "dave" }],
    [rung("received"), { kind: "missed_canceled", who: "bob" }],
    [rung("ended", { isMissed: true }), { kind: "missed_canceled", who: "bob" }],
    [rung("rejected"), { kind: "declined" }],
    [rung("accepted", { ringStopped: "answered_elsewhere" }), { kind: "answered_elsewhere" }],
    [ringing({ phase: "elsewhere" }), { kind: "answered_elsewhere" }],
    [ringing(), { kind: "ringing" }],
  ])("tells whether it was missed: %#", (call, outcome) => expect(outcomeOf(call, ME)).toEqual(outcome));
});

describe("a call that this page was in", () => {
  it("tells at once what the user did, before the server has answered", () => {
    expect(outcomeOf(callState(), ME, LEAVING)).toEqual({ kind: "canceled" });
    expect(outcomeOf(active(), ME, LEAVING)).toEqual({ kind: "hung_up" });
    const legs = [leg(ME, "accepted"), leg("bob", "accepted"), leg("carol", "received")];
    expect(outcomeOf(active({ legs }), ME, LEAVING)).toEqual({ kind: "left" });
  });

  it("tells that it went to another device, to another window, or on without the user", () => {
    expect(outcomeOf(active({ phase: "elsewhere" }), ME, PART)).toEqual({ kind: "moved" });
    expect(outcomeOf(active(), ME, { ...PART, putOut: "taken_over" })).toEqual({ kind: "taken_over" });
    expect(outcomeOf(active(), ME, { ...PART, putOut: "kicked" })).toEqual({ kind: "removed" });
    const legs = [leg(ME, "quit"), leg("bob", "accepted")];
    expect(outcomeOf(active({ phase: "over", legs }), ME, PART)).toEqual({ kind: "left" });
  });

  it("tells no more that it goes on once it is over", () => {
    expect(outcomeOf(ended("bob"), ME, { ...PART, putOut: "taken_over" })).toMatchObject({ kind: "ended_by" });
    const legs = [leg(ME, "quit"), leg("bob", "accepted"), leg("carol", "accepted")];
    expect(outcomeOf(active({ phase: "over", legs }), ME, LEAVING)).toEqual({ kind: "left" });
    const end = { at: CREATED_AT, by: "bob", cause: "ended" };
    expect(outcomeOf(active({ phase: "over", legs, end }), ME, LEAVING)).toMatchObject({ kind: "hung_up" });
  });

  it("tells that the connection was lost: for so long that the server let go, or with the session", () => {
    const legs = [leg(ME, "quit"), leg("bob", "accepted")];
    expect(outcomeOf(active({ phase: "over", legs }), ME, { ...PART, wasAway: true })).toEqual({ kind: "lost" });
    expect(outcomeOf(active({ phase: "over" }), ME, PART)).toEqual({ kind: "cut_off" });
  });
});
