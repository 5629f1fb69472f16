// Rooms of the ZIM façade: messages and attributes among those who are in, and a leaving that takes its time.
import { afterEach, beforeEach, expect, test } from "vitest";
import { settled } from "../testing/clock.js";
import { legs, type FakeClient } from "../testing/fake_client.js";
import type { FakeRoom } from "../testing/fake_room.js";
import { Stage } from "../testing/stage.js";

let stage: Stage;
let client: FakeClient;
let room: FakeRoom;
beforeEach(async () => {
  stage = new Stage();
  client = await stage.login("alice");
  room = client.room("lobby");
  await stage.zim.enterRoom({ roomID: "lobby", roomName: "Lobby" });
});
afterEach(() => stage.close());

/** The last thing that was sent into the room. */
const sent = () => room.asked.filter(([method]) => method === "send").at(-1) ?? [];

test("entering wants no media, and asks those who are in for the attributes", () => {
  expect(room.asked).toEqual([
    ["enter", { subscribeAll: false }],
    ["send", "zim.attributes:?", { kind: "command" }],
  ]);
});

test("the id of a call names the call's room", async () => {
  const call = client.add({ alias: "5", legs: legs("alice", "bob") });
  await expect(stage.zim.enterRoom({ roomID: "5", roomName: "" })).resolves.toMatchObject({
    roomInfo: { baseInfo: { roomID: "5" } },
  });
  expect(client.room(call.id).state.stay.phase).toBe("in");
});

test.each([
  ["a text", { type: 1, message: "hello", extendedData: "x" }],
  ["a command", { type: 2, message: Uint8Array.of(1, 2, 255), extendedData: "" }],
] as const)("%s arrives as it was sent", async (_what, message) => {
  const { message: done } = await stage.zim.sendMessage(message, "lobby", 1, { priority: 1 });
  expect(done).toMatchObject({ conversationID: "lobby", senderUserID: "alice", direction: 0, sentStatus: 1 });
  room.receive("bob", sent()[1] as string);
  const received = { ...message, senderUserID: "bob", conversationID: "lobby", conversationType: 1, direction: 1 };
  expect(stage.names).toEqual(["receiveRoomMessage", "roomMessageReceived"]);
  expect(stage.told[0]?.[1]).toMatchObject({ fromConversationID: "lobby", messageList: [received] });
  expect(stage.told[1]?.[1]).toMatchObject({ messageList: [received], info: { isOfflineMessage: false } });
});

test.each([
  ["nothing", { type: 1, message: "" }],
  ["no bytes", { type: 2, message: new Uint8Array() }],
  ["a picture", { type: 11, message: "x" }],
])("%s cannot be sent", async (_what, message) => {
  await expect(stage.zim.sendMessage(message as { type: 1 }, "lobby", 1)).rejects.toMatchObject({ code: 6000001 });
});

test.each([
  "hello",
  "zim.message:",
  "zim.message:null",
  "zim.message:[1]",
  'zim.message:[1,5,""]',
  'zim.message:[9,"x",""]',
  "zim.attributes:",
  "zim.attributes:null",
  'zim.attributes:{"a":5}',
  'zim.attributes:{"a":{"value":1,"by":"bob","at":1}}',
  'zim.attributes:{"a":{"value":"x","by":"bob","at":1e99}}',
])("what others write into a room may be anything: %s", (data) => {
  room.receive("mallory", data);
  expect(stage.told).toEqual([]);
});

test("attributes are set at everyone who is in", async () => {
  await stage.zim.setRoomAttributes({ ban: "[]" }, "lobby");
  expect(stage.told).toEqual([
    ["roomAttributesUpdated", { roomID: "lobby", infos: [{ action: 0, roomAttributes: { ban: "[]" } }] }],
  ]);
  await expect(stage.zim.queryRoomAllAttributes("lobby")).resolves.toEqual({
    roomID: "lobby",
    roomAttributes: { ban: "[]" },
  });
});

test("of two values that were set at once the same wins everywhere", () => {
  const write = (by: string) => room.receive(by, `zim.attributes:{"a":{"value":"${by}'s","by":"${by}","at":5}}`);
  write("bob");
  write("carol");
  write("bob");
  expect(stage.told.map(([, data]) => data)).toMatchObject([
    { infos: [{ roomAttributes: { a: "bob's" } }] },
    { infos: [{ roomAttributes: { a: "carol's" } }] },
  ]);
});

test("nobody can fill the memory of others", () => {
  const many = Object.fromEntries(
    Array.from({ length: 65 }, (_, at) => [`key-${at}`, { value: "x", by: "bob", at: 5 }]),
  );
  room.receive("bob", `zim.attributes:${JSON.stringify(many)}`);
  expect(stage.told).toEqual([]);
});

test("an older value does not take a newer one's place", async () => {
  await stage.zim.setRoomAttributes({ a: "new" }, "lobby");
  room.receive("bob", 'zim.attributes:{"a":{"value":"old","by":"bob","at":5}}');
  expect((await stage.zim.queryRoomAllAttributes("lobby")).roomAttributes).toEqual({ a: "new" });
});

test("a key that is a word of the language is a key like others", () => {
  room.receive("bob", 'zim.attributes:{"__proto__":{"value":"x","by":"bob","at":5}}');
  expect(Object.getPrototypeOf({}) as object).toBe(Object.prototype);
  expect(stage.names).toEqual(["roomAttributesUpdated"]);
});

test("who asks for the attributes is told, alone", async () => {
  room.receive("bob", "zim.attributes:?");
  expect(sent()[1], "there is nothing to tell yet").toBe("zim.attributes:?");
  await stage.zim.setRoomAttributes({ a: "1" }, "lobby");
  room.receive("bob", "zim.attributes:?");
  expect(sent()).toEqual(["send", expect.stringContaining('"a"'), { kind: "command", to: ["bob"] }]);
});

test("leaving resolves a hundred milliseconds later at the soonest", async () => {
  const promise = stage.watch(stage.zim.leaveRoom("lobby"));
  await stage.clock.pass(99);
  expect(room.state.stay.phase).toBe("out");
  expect(stage.names).toEqual([]);
  await stage.clock.pass(1);
  await expect(promise).resolves.toEqual({ roomID: "lobby" });
});

test("leaving a room that one is not in is harmless", async () => {
  const promise = stage.zim.leaveRoom("elsewhere");
  await stage.clock.pass(100);
  await expect(promise).resolves.toEqual({ roomID: "elsewhere" });
});

test("a room that was left tells nothing more, and may be entered again", async () => {
  const promise = stage.zim.leaveRoom("lobby");
  await stage.clock.pass(100);
  await promise;
  room.receive("bob", 'zim.message:[1,"x",""]');
  expect(stage.names).toEqual([]);
  await stage.zim.enterRoom({ roomID: "lobby", roomName: "" });
  await settled();
  room.receive("bob", 'zim.message:[1,"x",""]');
  expect(stage.names).toEqual(["receiveRoomMessage", "roomMessageReceived"]);
});
