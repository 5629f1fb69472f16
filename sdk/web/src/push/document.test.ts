// What is a push of ours, and what is not.
import { expect, test } from "vitest";
import { OFFHOOK, pushText } from "../testing/pushes.js";
import { readPush } from "./document.js";

test("a ring is read with everything that a device needs to ring and to answer", () => {
  expect(readPush(pushText({ kind: "ring" }))).toStrictEqual({
    kind: "ring",
    call: OFFHOOK.call,
    alias: "1846023554563377723",
    seq: 1,
    to: "bob",
    caller: "alice",
    media: "video",
    title: "Alice",
    body: "Video call",
    payload: '{"room":1}',
    ageMs: 2_000,
    remainingMs: 30_000,
    ringUntilMs: OFFHOOK.ring_until_ms,
    credential: "secret",
  });
});

test("a map of texts, as Firebase carries it, says the same", () => {
  const document = JSON.parse(pushText({ kind: "ring" })) as { offhook: object };
  const data = { ...document, offhook: JSON.stringify(document.offhook) };
  expect(readPush(data)).toStrictEqual(readPush(document));
});

test("only a ring bears a credential, only a stop a reason, and one without a reason is an end", () => {
  expect(readPush(pushText({ kind: "stop", credential: "x" }))).not.toHaveProperty("credential");
  expect(readPush(pushText({ kind: "stop" }))?.reason).toBe("ended");
  expect(readPush(pushText({ kind: "stop", reason: "canceled" }))?.reason).toBe("canceled");
  expect(readPush(pushText({ kind: "missed", reason: "canceled" }))).not.toHaveProperty("reason");
});

test.each([
  ["nothing", undefined],
  ["no JSON", "{"],
  ["a list", "[]"],
  ["another app's", '{"title":"News"}'],
  ["another version", pushText({ v: 2 })],
  ["no version", pushText({ v: undefined })],
  ["a kind of tomorrow", pushText({ kind: "hum" })],
  ["no call", pushText({ call: undefined })],
  ["a call that is a path", pushText({ call: "../a b" })],
  ["nobody whom it is for", pushText({ to: "" })],
  ["a step that is none", pushText({ seq: -1 })],
])("what has %s is passed over", (_, text) => {
  expect(readPush(text)).toBeNull();
});
