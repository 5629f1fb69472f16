// What the stream of the development server says, and what of it may be shown.
import { expect, test } from "vitest";
import { documentText, readPushes } from "./push_log.js";

const PUSH = {
  id: "1",
  at_ms: 5,
  user: "bob",
  device: "asleep",
  kind: "ring",
  state: "held",
  caller: "alice",
  document: { offhook: { credential: "secret" } },
};

test("every push of an event is read, and what is none is left out", () => {
  const read = readPushes(JSON.stringify([PUSH, { ...PUSH, id: 2, kind: "stop" }, { ...PUSH, kind: "hum" }, null, 7]));
  expect(read.map(({ id, kind, atMs }) => [id, kind, atMs])).toEqual([
    ["1", "ring", 5],
    ["2", "stop", 5],
  ]);
});

test.each(["", "{", "{}", "null"])("%j is no event", (data) => expect(readPushes(data)).toEqual([]));

test("a credential is not shown, and everything else is", () => {
  const shown = documentText({ title: "Alice", offhook: { credential: "secret", seq: 1 } });
  expect(shown).not.toContain("secret");
  expect(JSON.parse(shown)).toEqual({ title: "Alice", offhook: { credential: "… (6)", seq: 1 } });
});
