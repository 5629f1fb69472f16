// What the traces do not tell: what the machine bounds, and what it takes from the generated tables.
import { expect, test } from "vitest";
import { CLOSE_CODES } from "../generated/frames.js";
import { LOST } from "../driver.js";
import { event, legs, view, welcome } from "../testing/fake_world.js";
import { CLOSES } from "./connection.js";
import { readFrame } from "./frames.js";
import { begin, step, wakeAt } from "./machine.js";
import { configOf } from "./port.js";
import type { Input } from "./port.js";
import type { State } from "./state.js";

const NOW = { now: 1_000, random: 0.5 };
const hear = (frame: object): Input => ({ kind: "frame", frame: readFrame(JSON.stringify(frame)) });

function after(inputs: readonly Input[], from = begin(configOf("laptop-1", "web"))): State {
  return inputs.reduce((state, input) => step(state, input, NOW).state, from);
}

const online = () =>
  after([
    { kind: "connect" },
    { kind: "token", token: "t" },
    { kind: "socket_opened" },
    hear(welcome({ snapshot: { calls: [] } })),
  ]);

test("the closes that mean something else than to come back with growing pauses are known by their numbers", () => {
  const final = Object.entries(CLOSE_CODES).filter(([, { reconnect }]) => !reconnect);
  expect(LOST).toBe(CLOSE_CODES.lost.number);
  expect(CLOSES).toStrictEqual(Object.fromEntries(final.map(([word, { number }]) => [number, word])));
});

test("calls that will not be heard of again are forgotten, the oldest first", () => {
  const id = (at: number) => `019aa2f4-${(0x1000 + at).toString(16)}-7a3b-9c4d-1e2f3a4b5c6d`;
  const frames = Array.from({ length: 70 }, (_, at) => {
    const end = { at: 1, cause: "canceled" };
    const canceled = { call: id(at), seq: 2, changed: legs("bob be_canceled"), end };
    const invited = event("call.invited", at * 2 + 1, view({ call: id(at) }));
    return [hear(invited), hear(event("call.canceled", at * 2 + 2, canceled))];
  });
  const { calls } = after(frames.flat(), online());
  expect([...calls.known.keys()]).toStrictEqual(Array.from({ length: 64 }, (_, at) => id(at + 6)));
});

test("an input leaves the state that it is given as it was", () => {
  const before = online();
  const copy = structuredClone(before);
  const { state } = step(before, hear(event("call.invited", 1, view())), NOW);
  expect(state).not.toBe(before);
  expect(before).toStrictEqual(copy);
});

test("of an unanswered question for a token, and of one that nobody answers, no timer comes", () => {
  const warned = after([hear({ type: "token_will_expire", body: { remaining_ms: 60_000 } })], online());
  const gone = after([{ kind: "token_gone" }], warned);
  const connect = (state: State) => step(state, { kind: "connect" }, NOW).outputs;
  expect([wakeAt(warned), wakeAt(gone)]).toStrictEqual([wakeAt(online()), wakeAt(online())]);
  expect([connect(warned), connect(gone)]).toStrictEqual([[], [{ kind: "need_token" }]]);
});

test("a client that is off wants to be woken by nothing, whatever it was about to do", () => {
  const waiting = after([{ kind: "token_failed" }], online());
  expect(wakeAt(waiting)).toBe(6_000);
  expect(wakeAt(after([{ kind: "disconnect" }], waiting))).toBeNull();
});
