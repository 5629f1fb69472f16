// Pushes as a server sends them to a browser.
import { readPush } from "../push/document.js";
import type { PushDocument } from "../push/document.js";

/** When tests happen, by every clock. */
export const NOW = 1_763_700_002_000;

export const OFFHOOK = {
  v: 1,
  kind: "ring",
  call: "019aa2f4-7c00-7a3b-9c4d-1e2f3a4b5c6d",
  seq: 1,
  to: "bob",
  caller: "alice",
  media: "video",
  age_ms: 2_000,
  remaining_ms: 30_000,
  ring_until_ms: NOW + 30_000,
};

/** A push; of its own part what the test says is otherwise. */
export function pushText(own: object = {}, outer: object = {}): string {
  const lines = { title: "Alice", body: "Video call", payload: '{"room":1}', call_id: "1846023554563377723" };
  const offhook = { ...OFFHOOK, credential: "secret", ...own };
  return JSON.stringify({ ...lines, zego: { version: 1 }, offhook, ...outer });
}

export function push(own: object = {}, outer: object = {}): PushDocument {
  const document = readPush(pushText(own, outer));
  if (!document) throw new Error("the push cannot be read");
  return document;
}
