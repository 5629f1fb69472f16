// @vitest-environment jsdom
// An engine beside a ZIM instance: one session, and rooms that both may be in.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { settled } from "../testing/clock.js";
import { legs, type FakeClient } from "../testing/fake_client.js";
import { putDevices } from "../testing/fake_media.js";
import { JWT, Stage, TOKEN04 } from "../testing/stage.js";
import { ZegoExpressEngine } from "./engine.js";

const ALICE = { userID: "alice", userName: "Alice" };

let stage: Stage;
let client: FakeClient;
let engine: ZegoExpressEngine;
beforeEach(async () => {
  putDevices();
  stage = new Stage();
  client = await stage.login("alice");
  engine = new ZegoExpressEngine(1, "https://calls.example");
});
afterEach(async () => {
  engine.destroyEngine();
  await settled();
  stage.close();
  vi.unstubAllGlobals();
});

test("of the same app and user its session is shared, and the server need not be named", async () => {
  engine = new ZegoExpressEngine(1, "");
  await engine.loginRoom("lobby", TOKEN04, ALICE);
  expect(stage.clients).toHaveLength(1);
  await engine.logoutRoom();
  expect(client.isClosed).toBe(false);
});

test("both may be in one room; it is left with the last", async () => {
  await engine.loginRoom("lobby", TOKEN04, ALICE);
  await stage.zim.enterRoom({ roomID: "lobby", roomName: "" });
  const room = client.room("lobby");
  expect(room.asked.filter(([method]) => method === "enter")).toHaveLength(1);
  room.receive("bob", 'zim.message:[1,"hello",""]');
  expect(stage.names).toEqual(["receiveRoomMessage", "roomMessageReceived"]);
  await engine.logoutRoom();
  expect(room.state.stay.phase).toBe("in");
  const leaving = stage.zim.leaveRoom("lobby");
  await stage.clock.pass(100);
  await leaving;
  expect(room.state.stay.phase).toBe("out");
});

test("of another user it has a session of its own", async () => {
  const login = engine.loginRoom("lobby", JWT, { userID: "bob", userName: "" });
  await settled();
  expect(stage.clients).toHaveLength(2);
  stage.client.online();
  await login;
});

test("that logs in later, the session is there already, and what rings is told", async () => {
  stage.zim.logout();
  await settled();
  const entering = engine.loginRoom("lobby", JWT, ALICE);
  await settled();
  stage.client.online();
  await entering;
  const call = stage.client.add({ alias: "5", caller: "bob", inviter: "bob", legs: legs("bob", "alice") });
  call.state = { ...call.state, phase: "ringing", ringUntil: stage.clock.now() + 20_000 };
  stage.client.state = { ...stage.client.state, calls: [call.state] };
  stage.told.length = 0;
  await stage.zim.login("alice", { token: JWT });
  expect(stage.clients).toHaveLength(2);
  expect(stage.names).toEqual(["connectionStateChanged", "connectionStateChanged", "callInvitationReceived"]);
  expect(stage.told[2]?.[1]).toMatchObject({ callID: "5", timeout: 20 });
});

test("without a server and without an instance it says how to name one", async () => {
  engine = new ZegoExpressEngine(2, "");
  await expect(engine.loginRoom("lobby", JWT, ALICE)).rejects.toMatchObject({
    message: expect.stringContaining("server") as string,
  });
});
