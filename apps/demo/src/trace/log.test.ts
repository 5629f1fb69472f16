import type { ClientEvent, TraceLine } from "@offhook/client";
import { describe, expect, test } from "vitest";
import { en } from "../words/en.js";
import { zh } from "../words/zh.js";
import { asText, chosen, EVERYTHING, sentence } from "./choose.js";
import { EMPTY, type Entry, isRegular, latestCall, reduce, type Trace } from "./log.js";

const CALL = "019aa2f4-7c00-7a3b-9c4d-1e2f3a4b5c6d";

function line(direction: TraceLine["direction"], frame: TraceLine["frame"], at = 0): TraceLine {
  return { direction, at, frame };
}

function play(...lines: TraceLine[]): Trace {
  return lines.reduce((trace, each) => reduce(trace, { kind: "line", line: each }), EMPTY);
}

/** What the trace says, a line each, without the frames. */
function outcomes(trace: Trace): string[] {
  return chosen(trace.entries, { ...EVERYTHING, frames: false, events: false }, en).map((entry) => {
    const { head, rest } = sentence(entry, en);
    return `${head}: ${rest}`;
  });
}

const view = (seq: number, legs: Record<string, string>, more: object = {}) => ({
  call: CALL,
  seq,
  legs: Object.entries(legs).map(([user, status]) => ({ user, status })),
  ...more,
});
const invite = line("out", { type: "call.invite", id: 1, body: { invitees: ["bob"] } });
const invited = line("in", {
  type: "reply.invited",
  id: 1,
  body: { call: view(1, { alice: "accepted", bob: "inviting" }), left_out: [{ user: "zoe", cause: "unregistered" }] },
});

describe("legs and decisions", () => {
  test("every step of a leg is a line, from the first invitation to the end", () => {
    const change = (seq: number, status: string, more: object = {}) =>
      line("in", {
        type: "call.changed",
        offset: seq,
        body: { call: CALL, seq, changed: [{ user: "bob", status }], ...more },
      });
    const ended = line("in", {
      type: "call.ended",
      offset: 4,
      body: {
        call: CALL,
        seq: 4,
        by: "bob",
        changed: [{ user: "bob", status: "ended" }],
        end: { cause: "ended", by: "bob" },
      },
    });
    const trace = play(invite, invited, change(2, "received"), change(3, "accepted", { main_device: "tab-1" }), ended);
    expect(outcomes(trace)).toEqual([
      "zoe: is not known here",
      "alice: in the call",
      "bob: invited",
      "bob: invited → ringing",
      "bob: ringing → in the call",
      "Main device: tab-1",
      "bob: in the call → ended the call",
      "Call over: somebody hung up, by bob",
    ]);
    expect(latestCall(trace)?.legs.get("bob")).toBe("ended");
  });

  test("what is heard twice is told once", () => {
    const again = line("in", {
      type: "reply.call",
      id: 2,
      body: { call: view(1, { alice: "accepted", bob: "inviting" }) },
    });
    expect(outcomes(play(invited, again))).toEqual(outcomes(play(invited)));
  });

  test("an older view of a call undoes nothing", () => {
    const accepted = line("in", {
      type: "call.changed",
      offset: 3,
      body: { call: CALL, seq: 3, changed: [{ user: "bob", status: "accepted" }] },
    });
    const trace = play(invited, accepted);
    const late = reduce(trace, { kind: "line", line: invited });
    expect(latestCall(late)?.legs.get("bob")).toBe("accepted");
    expect(outcomes(late).filter((words) => words.startsWith("bob"))).toEqual([
      "bob: invited",
      "bob: invited → in the call",
    ]);
  });

  test("a refusal names what was asked", () => {
    const accept = line("out", { type: "call.accept", id: 9, body: { call: CALL } });
    const problem = line("in", {
      type: "problem",
      id: 9,
      body: { code: "call_ended", call: view(5, { bob: "timed_out" }, { end: { cause: "unanswered" } }) },
    });
    const trace = play(accept, problem);
    expect(outcomes(trace)).toEqual([
      "Refused: call.accept: call_ended",
      "bob: did not answer",
      "Call over: nobody answered",
    ]);
    expect(trace.requests.size).toBe(0);
    expect(trace.entries.every(({ call }) => call === CALL)).toBe(true);
  });

  test("a snapshot tells how every call stands", () => {
    const welcome = line("in", {
      type: "welcome",
      body: { snapshot: { calls: [view(3, { bob: "received" })], ended: [] } },
    });
    expect(outcomes(play(welcome))).toEqual(["bob: ringing"]);
  });

  test("a frame that is nonsense is a line and nothing else", () => {
    for (const body of [
      null,
      3,
      "x",
      [],
      { call: { seq: "1" } },
      { call: CALL, seq: 1, legs: 3 },
      { call: CALL, seq: 2, changed: [null] },
    ])
      expect(outcomes(play(line("in", { type: "call.changed", body })))).toEqual([]);
  });
});

describe("the choice of lines", () => {
  const heartbeat = line("in", { type: "heartbeat", body: { offset: 3 } });
  const other = line("in", {
    type: "call.invited",
    offset: 7,
    body: view(1, { carol: "inviting" }, { call: "other" }),
  });
  const shown = (choice: Partial<typeof EVERYTHING> & { call?: string }) =>
    chosen(play(heartbeat, invited, other).entries, { ...EVERYTHING, ...choice }, en).map(
      (entry) => sentence(entry, en).head,
    );

  test("leaves out what comes all the time", () => {
    expect(shown({ outcomes: false })).toEqual(["reply.invited", "call.invited"]);
    expect(shown({ outcomes: false, regular: true })).toContain("heartbeat");
  });

  test("finds what is asked for, in the line and in what it opens to", () => {
    expect(shown({ search: "CAROL", outcomes: false })).toEqual(["call.invited"]);
    expect(shown({ search: "unregistered", frames: true, outcomes: false })).toEqual(["reply.invited"]);
  });

  test("can be one call's alone", () => {
    expect(shown({ call: "other" })).toEqual(["call.invited", "carol"]);
  });

  test("a line copied says when, what and everything in it", () => {
    const [entry] = chosen(play(invite).entries, EVERYTHING, en) as [Entry];
    expect(asText(entry, en, new Date(2026, 0, 2, 3, 4, 5, 6).getTime())).toBe(
      '03:04:05.006 → call.invite #1 · bob {"type":"call.invite","id":1,"body":{"invitees":["bob"]}}',
    );
  });
});

describe("events", () => {
  test("an event's call is kept as the state it had", () => {
    const state = { id: CALL, phase: "ringing" };
    const event = { kind: "incoming", call: { id: CALL, state }, remainingMs: 5 } as unknown as ClientEvent;
    const [entry] = reduce(EMPTY, { kind: "event", at: 5, event }).entries as [Entry];
    expect(entry).toMatchObject({ kind: "event", name: "incoming", call: CALL, event: { call: state } });
    expect(sentence(entry, en)).toEqual({ head: "incoming", rest: "ringing" });
  });

  test("what happens in a room is told by its frame, and levels come all the time", () => {
    const event = { kind: "room", event: { type: "room.members", body: {} } } as unknown as ClientEvent;
    expect(reduce(EMPTY, { kind: "event", at: 0, event }).entries.map(isRegular)).toEqual([true]);
    const frames = play(line("in", { type: "room.members", body: {} }), line("in", { type: "room.levels", body: {} }));
    expect(frames.entries.map(isRegular)).toEqual([false, true]);
  });
});

test("a long trace forgets its beginning and keeps its numbers apart", () => {
  const many = Array.from({ length: 900 }, (_, index) => line("in", { type: "call.x", offset: index }));
  const trace = play(...many);
  expect(trace.entries).toHaveLength(600);
  expect(new Set(trace.entries.map(({ id }) => id)).size).toBe(600);
  expect(reduce(trace, { kind: "clear" }).entries).toEqual([]);
});

test("every decision has words in every language", () => {
  const decisions = [
    { kind: "ended", end: { cause: "something_new", by: "bob" } },
    { kind: "left_out", user: "bob", cause: "something_new" },
    { kind: "main_device", device: "tab" },
    { kind: "merged" },
    { kind: "refused", request: "call.accept", code: "something_new" },
  ] as const;
  for (const words of [en, zh])
    for (const decision of decisions) expect(words.trace.decision(decision).rest).not.toBe("");
});
