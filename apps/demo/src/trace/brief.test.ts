import { expect, test } from "vitest";
import { brief } from "./brief.js";

const FRAMES: readonly (readonly [object, string])[] = [
  [{ type: "heartbeat", body: { offset: 41 } }, "@41"],
  [{ type: "call.invite", id: 1, body: { invitees: ["bob", "carol"] } }, "#1 · bob, carol"],
  [
    { type: "call.changed", offset: 5, body: { call: "c", seq: 3, changed: [{ user: "bob", status: "accepted" }] } },
    "@5 · seq 3 · bob accepted",
  ],
  [{ type: "problem", id: 6, body: { code: "call_ended" } }, "#6 · call_ended"],
  [{ type: "reply.calls", id: 7, body: { calls: [{}, {}] } }, "#7 · × 2"],
  [
    {
      type: "room.members",
      body: {
        room: "r",
        added: [{ user: "carol", presence: "joined" }],
        changed: [{ user: "bob", presence: "reconnecting" }],
        removed: [{ user: "dave", cause: "lost" }],
      },
    },
    "+carol · ±bob reconnecting · −dave",
  ],
  [
    {
      type: "room.streams",
      body: { room: "r", added: [{ stream: "carol_main", user: "carol" }], removed: ["dave_main"] },
    },
    "+carol_main · −dave_main",
  ],
  [
    { type: "room.layers", body: { room: "r", tracks: [{ stream: "bob_main", source: "camera", layer: "medium" }] } },
    "bob_main camera medium",
  ],
  [
    {
      type: "room.subscribe",
      id: 9,
      body: { room: "r", wishes: [{ stream: "bob_main", source: "camera", width: 320, height: 180 }] },
    },
    "#9 · bob_main camera 320×180",
  ],
  [{ type: "room.left", body: { room: "r", cause: "taken_over" } }, "taken_over"],
  [{ type: "room.offer", body: { tracks: "abcdef".split("").map((user) => ({ user })) } }, "a, b, c, d … 2"],
  [{ type: "something.new" }, ""],
];

test.each(FRAMES)("%j", (frame, words) => {
  expect(brief({ ...frame })).toBe(words);
});
