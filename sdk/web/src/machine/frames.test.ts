// The wire's edge: what is a frame, what is not, and what of it is left over.
import { expect, test } from "vitest";
import { event, view } from "../testing/fake_world.js";
import { readFrame } from "./frames.js";

const read = (frame: unknown) => readFrame(JSON.stringify(frame));
const heartbeat = (more: string) => readFrame(`{"type":"heartbeat","body":{"offset":1,"more":${more}}}`);

test("null is the same as absent, and unknown fields do no harm", () => {
  const body = { ...view(), end: null, waiting: null, mood: { of: ["the", "day"] } };
  const frame = read({ ...event("call.invited", 1, body), after: null, mood: 1 });
  expect(frame).toMatchObject({ type: "call.invited", offset: 1, body: view() });
  expect(frame).not.toHaveProperty("after");
  expect(frame).not.toHaveProperty("body.end");
});

test("a body may be absent where it says nothing", () => {
  expect(read({ type: "reply.call", id: 1 })).toStrictEqual({ type: "reply.call", id: 1, body: {} });
  expect(read({ type: "reply.done", id: 1, body: null })).toMatchObject({ type: "reply.done" });
});

test("a frame nests no deeper than a frame may", () => {
  expect(heartbeat("[".repeat(14) + "]".repeat(14)).type).toBe("heartbeat");
  expect(heartbeat("[".repeat(15) + "]".repeat(15)).type).toBe("unreadable");
  expect(heartbeat("[".repeat(100_000) + "]".repeat(100_000)).type).toBe("unreadable");
});

test("an answer that cannot be read still tells which request it answers", () => {
  expect(read({ type: "reply.calls", id: 7, body: { calls: "none" } })).toStrictEqual({ type: "unreadable", id: 7 });
  expect(read({ type: "reply.of_tomorrow", id: 7 })).toStrictEqual({ type: "unreadable", id: 7 });
});

test.each([
  ["bytes", new ArrayBuffer(8)],
  ["no JSON", "{"],
  ["an array", "[]"],
  ["null", "null"],
  ["no type", "{}"],
  ["a type that is no text", '{"type":1}'],
  ["a reply without id", '{"type":"reply.done"}'],
  ["an id that is no number", '{"type":"reply.done","id":"1"}'],
  ["an id before all ids", '{"type":"reply.done","id":-1}'],
  ["an event without place", JSON.stringify({ type: "call.invited", body: view() })],
  ["an event at place zero", JSON.stringify(event("call.invited", 0, view()))],
  ["an event after itself", JSON.stringify({ ...event("call.invited", 3, view()), after: 3 })],
  ["a name of every object", '{"type":"toString"}'],
  ["the prototype of every object", '{"type":"__proto__"}'],
])("%s is unreadable, and that is all", (_, data) => {
  expect(readFrame(data)).toStrictEqual({ type: "unreadable" });
});

test.each([
  ["half a leg", { legs: [{ user: "bob" }] }],
  ["a user of spaces", { caller: "a b" }],
  ["a word without end", { media: "x".repeat(65) }],
  ["half a version", { seq: 1.5 }],
  ["a version beyond all numbers", { seq: 2 ** 53 }],
  ["legs that are none", { legs: { length: 1 } }],
  ["a flag that is a word", { ignored: "no" }],
])("a call with %s is unreadable", (_, more) => {
  expect(read(event("call.invited", 1, { ...view(), ...more })).type).toBe("unreadable");
});
