// @vitest-environment jsdom
// Messages, tokens, devices, and the engine itself.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { settled } from "../testing/clock.js";
import { BOB, ExpressStage, refusal } from "../testing/express_stage.js";
import { someone, type FakeRoom } from "../testing/fake_room.js";
import { TOKEN04 } from "../testing/stage.js";

let stage: ExpressStage;
beforeEach(() => {
  stage = new ExpressStage();
});
afterEach(async () => {
  await stage.close();
  vi.unstubAllGlobals();
});

describe("messages", () => {
  let room: FakeRoom;
  beforeEach(async () => {
    room = await stage.enter({}, someone("bob"));
    stage.told.length = 0;
    room.asked.length = 0;
  });

  test("to people and to apps are sent as what they are", async () => {
    const done = { errorCode: 0, extendedData: "" };
    await expect(stage.engine.sendBroadcastMessage("lobby", "hello")).resolves.toEqual(done);
    await expect(stage.engine.sendCustomCommand("lobby", { remove: ["bob"] }, ["bob"])).resolves.toEqual(done);
    await stage.engine.sendCustomCommand("lobby", "all");
    expect(room.asked).toEqual([
      ["send", "hello", { kind: "broadcast" }],
      ["send", '{"remove":["bob"]}', { kind: "command", to: ["bob"] }],
      ["send", "all", { kind: "command", to: [] }],
    ]);
  });

  test("from people and from apps are told as what they are", () => {
    room.receive("bob", "hello", "broadcast");
    room.receive("bob", "off", "command");
    room.receive("bob", "zim.message:[1,2,3]", "command");
    expect(stage.told).toEqual([
      [
        "IMRecvBroadcastMessage",
        "lobby",
        [{ fromUser: BOB, message: "hello", sendTime: expect.any(Number) as number, messageID: 1 }],
      ],
      ["IMRecvCustomCommand", "lobby", BOB, "off"],
    ]);
  });

  test("that fail reject with a number", async () => {
    room.answers.set("send", () => Promise.reject(refusal("role_forbids", 1103019)));
    await expect(stage.engine.sendBroadcastMessage("lobby", "x")).rejects.toMatchObject({ code: 1103019 });
  });

  test("the room's extra info is kept by who is there", async () => {
    await stage.engine.setRoomExtraInfo("lobby", "live", "1");
    expect(room.asked).toEqual([["send", expect.stringContaining('"live"'), { kind: "command" }]]);
    expect(stage.told.at(-1)).toMatchObject([
      "roomExtraInfoUpdate",
      "lobby",
      [{ key: "live", value: "1", updateUser: { userID: "alice" } }],
    ]);
    room.receive("bob", 'express.room:{"live":{"value":"0","by":"bob","at":9000000000000}}');
    expect(stage.told.at(-1)).toMatchObject([
      "roomExtraInfoUpdate",
      "lobby",
      [{ key: "live", value: "0", updateUser: BOB }],
    ]);
  });

  test("the extra info of a stream is the room's affair", async () => {
    await stage.engine.setStreamExtraInfo("a", "hand");
    expect(room.asked).toEqual([["setExtraInfo", "a", "hand"]]);
  });
});

describe("tokens", () => {
  test("that end are announced by room, and a renewal makes the new role count", async () => {
    const room = await stage.enter({});
    stage.client.tell({ kind: "token_will_expire", remainingMs: 30_000 });
    expect(stage.news).toEqual([["tokenWillExpire", "lobby"]]);
    room.asked.length = 0;
    expect(stage.engine.renewToken(TOKEN04, "lobby")).toBe(true);
    await settled();
    expect(stage.client.asked).toContainEqual(["renewToken", TOKEN04]);
    expect(room.asked).toEqual([["enter", { subscribeAll: false }]]);
  });

  test("outside of a room are nobody's", () => {
    expect(stage.engine.renewToken(TOKEN04)).toBe(false);
  });
});

describe("the engine", () => {
  test("says what it stands for", () => {
    expect(stage.engine.getVersion()).toMatch(/^3\.12\.0\+/);
    stage.engine.logger.info("anything");
  });

  test("lists devices", async () => {
    await expect(stage.engine.getCameras()).resolves.toEqual([{ deviceID: "cam-1", deviceName: "Camera" }]);
    await expect(stage.engine.getMicrophones()).resolves.toEqual([{ deviceID: "mic-1", deviceName: "Microphone" }]);
    await expect(stage.engine.getSpeakers()).resolves.toEqual([{ deviceID: "out-1", deviceName: "Speaker" }]);
  });

  test("says what the browser can do", async () => {
    await expect(stage.engine.checkSystemRequirements("webRTC")).resolves.toMatchObject({ result: false });
    await expect(stage.engine.checkSystemRequirements()).resolves.toMatchObject({
      webRTC: false,
      camera: true,
      microphone: true,
    });
    vi.stubGlobal("RTCPeerConnection", () => undefined);
    const codecs = [{ mimeType: "video/VP8" }];
    vi.stubGlobal("RTCRtpSender", { getCapabilities: () => ({ codecs }) });
    await expect(stage.engine.checkSystemRequirements("VP8")).resolves.toMatchObject({ result: true });
    await expect(stage.engine.checkSystemRequirements("H264")).resolves.toMatchObject({ result: false });
  });

  test("has as many listeners to an event as there are, and one that throws keeps none from hearing", async () => {
    const heard: string[] = [];
    const first = () => {
      heard.push("first");
      throw new Error("of the app");
    };
    stage.engine.on("tokenWillExpire", first);
    stage.engine.on("tokenWillExpire", () => heard.push("second"));
    await stage.enter({});
    stage.client.tell({ kind: "token_will_expire", remainingMs: 1 });
    expect(stage.engine.off("tokenWillExpire", first)).toBe(true);
    stage.client.tell({ kind: "token_will_expire", remainingMs: 1 });
    stage.engine.off("tokenWillExpire");
    stage.client.tell({ kind: "token_will_expire", remainingMs: 1 });
    expect(heard).toEqual(["first", "second", "second"]);
    expect(stage.thrown).toHaveLength(1);
  });

  test("that is destroyed leaves its room", async () => {
    const room = await stage.enter({});
    stage.engine.destroyEngine();
    await settled();
    expect(room.state.stay.phase).toBe("out");
    expect(stage.client.isClosed).toBe(true);
  });
});
