// @vitest-environment jsdom
// Logging into rooms, what becomes of a room, and what is told of others.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { settled } from "../testing/clock.js";
import { ALICE, BOB, ExpressStage, refusal } from "../testing/express_stage.js";
import { legs } from "../testing/fake_client.js";
import { stream, track } from "../testing/fake_media.js";
import { someone, streamOf, type FakeRoom } from "../testing/fake_room.js";
import { JWT } from "../testing/stage.js";

let stage: ExpressStage;
beforeEach(() => {
  stage = new ExpressStage();
});
afterEach(async () => {
  await stage.close();
  vi.unstubAllGlobals();
});

describe("logging into a room", () => {
  test("tells the room's state, then who and what is there, then resolves", async () => {
    await stage.enter(
      { userUpdate: true },
      someone("bob", { streams: [streamOf("bob", "bob_main", { extraInfo: "x" })] }),
    );
    expect(stage.told).toEqual([
      ["roomStateUpdate", "lobby", "CONNECTING", 0, ""],
      ["roomStateChanged", "lobby", "LOGINING", 0, ""],
      ["roomStateUpdate", "lobby", "CONNECTED", 0, ""],
      ["roomStateChanged", "lobby", "LOGINED", 0, ""],
      ["roomOnlineUserCountUpdate", "lobby", 2],
      ["roomUserUpdate", "lobby", "ADD", [BOB]],
      ["roomStreamUpdate", "lobby", "ADD", [{ streamID: "bob_main", user: BOB, extraInfo: "x" }], ""],
    ]);
  });

  test("connects with the token, and enters without receiving everything unasked", async () => {
    const room = await stage.enter({ maxMemberCount: 2 });
    const { app, name, url, user } = stage.client.options;
    expect({ app, name, url, user }).toEqual({ app: 1, name: "Alice", url: "https://calls.example", user: "alice" });
    expect(await stage.client.options.getToken()).toBe(JWT);
    expect(room.asked[0]).toEqual(["enter", { subscribeAll: false, maxMembers: 2 }]);
  });

  test("leads into the room of the call whose id it is", async () => {
    const login = stage.engine.loginRoom("5", JWT, ALICE);
    await settled();
    const call = stage.client.add({ alias: "5", legs: legs("alice", "bob") });
    stage.client.online();
    await login;
    expect(stage.client.room(call.id).state.stay.phase).toBe("in");
    expect(stage.told[0]).toEqual(["roomStateUpdate", "5", "CONNECTING", 0, ""]);
  });

  test("tells users to whom it matters alone", async () => {
    await stage.enter({}, someone("bob"));
    expect(stage.news).toEqual([]);
  });

  test.each([
    ["room_full", 1002034, 1002034],
    ["room_token_invalid", 1102016, 1102016],
    ["internal", 6000272, 1002033],
  ])("that is refused with %s says so in numbers of rooms", async (code, zimCode, shown) => {
    const login = stage.engine.loginRoom("lobby", JWT, ALICE).catch((error: unknown) => error);
    await settled();
    stage.client.room("lobby").answers.set("enter", () => Promise.reject(refusal(code, zimCode)));
    stage.client.online();
    expect(await login).toMatchObject({ code: shown, errorCode: shown });
    expect(stage.states.slice(2)).toEqual([
      ["DISCONNECTED", shown],
      ["LOGIN_FAILED", shown],
    ]);
    expect(stage.client.isClosed, "nobody needs the session any more").toBe(true);
  });

  test.each([
    ["token_invalid", 1102016],
    ["token_expired", 1102018],
  ])("with a token that is refused with %s fails with %i", async (code, shown) => {
    const login = stage.engine.loginRoom("lobby", JWT, ALICE).catch((error: unknown) => error);
    await settled();
    stage.client.tell({ kind: "refused", problem: { code, message: "no", retryable: false, zim_code: 6000103 } });
    stage.client.connection({ state: "stopped", reason: "unauthenticated" });
    expect(await login).toMatchObject({ code: shown });
  });

  test("without a network fails after ten seconds", async () => {
    const login = stage.engine.loginRoom("lobby", JWT, ALICE).catch((error: unknown) => error);
    await stage.clock.pass(10_000);
    expect(await login).toMatchObject({ code: 1002031 });
  });

  test("twice is once, and another room is one too many", async () => {
    await stage.enter();
    await expect(stage.engine.loginRoom("lobby", JWT, ALICE)).resolves.toBe(true);
    await expect(stage.engine.loginRoom("other", JWT, ALICE)).rejects.toMatchObject({ code: 1002001 });
  });

  test.each([
    ["", "alice", 1002011],
    ["lobby", "", 1002005],
  ])("as %j %j is none", async (room, userID, code) => {
    await expect(stage.engine.loginRoom(room, JWT, { userID, userName: "" })).rejects.toMatchObject({ code });
  });

  test("tells of streams that may be played at once", async () => {
    const media = stream(track("video"));
    const playing: Promise<MediaStream>[] = [];
    stage.engine.on("roomStreamUpdate", (_room, _update, [first]) => {
      playing.push(stage.engine.startPlayingStream(first?.streamID ?? ""));
    });
    const tracks = [{ source: "camera", isMuted: false, media }] as const;
    await stage.enter({}, someone("bob", { streams: [streamOf("bob", "b", { tracks })] }));
    expect((await playing[0])?.getTracks()).toEqual(media.getTracks());
  });

  test.each(["connecting", "entering"])("that is left while %s is none", async (when) => {
    const login = stage.engine.loginRoom("lobby", JWT, ALICE).catch((error: unknown) => error);
    await settled();
    const room = stage.client.room("lobby");
    let enter: () => void = () => undefined;
    room.answers.set("enter", () => new Promise<void>((resolve) => (enter = resolve)));
    if (when === "entering") stage.client.online();
    await settled();
    await stage.engine.logoutRoom();
    if (when === "connecting") stage.client.online();
    enter();
    expect(await login).toMatchObject({ code: 1000002 });
    expect(stage.client.isClosed).toBe(true);
    expect(stage.states.filter(([state]) => state === "CONNECTED")).toEqual([]);
    room.answers.clear();
    await stage.enter();
  });

  test("may be tried again after it failed", async () => {
    await expect(stage.engine.loginRoom("", JWT, ALICE)).rejects.toMatchObject({ code: 1002011 });
    await stage.enter();
  });
});

describe("of others", () => {
  test("is told who comes and goes, and their streams before them", async () => {
    const room = await stage.enter();
    stage.told.length = 0;
    room.people(someone("bob", { streams: [streamOf("bob", "bob_main")] }), someone("carol"));
    room.people(someone("carol"));
    const bobs = [{ streamID: "bob_main", user: BOB, extraInfo: "" }];
    expect(stage.told).toEqual([
      ["roomUserUpdate", "lobby", "ADD", [BOB, { userID: "carol", userName: "CAROL" }]],
      ["roomStreamUpdate", "lobby", "ADD", bobs, ""],
      ["roomStreamUpdate", "lobby", "DELETE", bobs, ""],
      ["roomUserUpdate", "lobby", "DELETE", [BOB]],
    ]);
  });

  test("is told what changes about their streams", async () => {
    const room = await stage.enter();
    const bob = (...tracks: { source: "camera" | "microphone"; isMuted: boolean }[]) =>
      room.people(someone("bob", { streams: [streamOf("bob", "b", { tracks })] }));
    bob({ source: "microphone", isMuted: true });
    const before = stage.news.length;
    bob({ source: "microphone", isMuted: false }, { source: "camera", isMuted: false });
    expect(stage.news.slice(2)).toEqual([
      ["remoteCameraStatusUpdate", "b", "MUTE"],
      ["remoteMicStatusUpdate", "b", "MUTE"],
      ["remoteCameraStatusUpdate", "b", "OPEN"],
      ["remoteMicStatusUpdate", "b", "OPEN"],
    ]);
    room.people(someone("bob", { streams: [streamOf("bob", "b", { extraInfo: "hand" })] }));
    expect(stage.news.slice(before + 2)).toEqual([
      ["streamExtraInfoUpdate", "lobby", [{ streamID: "b", user: BOB, extraInfo: "hand" }]],
    ]);
  });

  test("is told how good their connections are, in the reference's grades", async () => {
    const room = await stage.enter({});
    room.people(someone("bob", { uplink: 5, downlink: 3 }));
    room.people(someone("bob", { uplink: 1, downlink: 0 }));
    expect(stage.news).toEqual([
      ["networkQuality", "bob", 0, 2],
      ["networkQuality", "bob", 4, 5],
    ]);
  });

  test("is told how loud they are, while that is wished for", async () => {
    const room = await stage.enter({});
    room.people(someone("bob", { level: 40, streams: [streamOf("bob", "b")] }));
    stage.engine.setSoundLevelDelegate(true, 300);
    await stage.clock.pass(600);
    stage.engine.setSoundLevelDelegate(false);
    await stage.clock.pass(1000);
    const levels = ["soundLevelUpdate", [{ streamID: "b", soundLevel: 40, type: "pull" }]];
    const own = ["capturedSoundLevelUpdate", 0];
    expect(stage.news.slice(1)).toEqual([levels, own, levels, own]);
  });

  test("is told what the browser counts, every three seconds", async () => {
    const room = await stage.enter({});
    const track = { user: "bob", stream: "b", codec: "vp8", packets: 90, lost: 10, frames: 9, width: 640, height: 360 };
    const counted = {
      ...track,
      direction: "received",
      source: "camera",
      bitrate: 500_000,
      framesPerSecond: 30,
    } as const;
    room.counted = { path: "udp", rttMs: 20, tracks: [counted] };
    await stage.clock.pass(3000);
    expect(stage.news).toEqual([
      [
        "playQualityUpdate",
        "b",
        expect.objectContaining({
          streamID: "b",
          currentRoundTripTime: 20,
          video: expect.objectContaining({
            videoBitrate: 500,
            videoFPS: 30,
            frameWidth: 640,
            videoPacketsLostRate: 0.1,
          }) as object,
        }),
      ],
    ]);
  });

  test("is told every thirty seconds how many are there", async () => {
    await stage.enter({});
    await stage.clock.pass(60_000);
    expect(stage.told.filter(([name]) => name === "roomOnlineUserCountUpdate")).toHaveLength(3);
    await stage.engine.logoutRoom();
    await stage.clock.pass(60_000);
    expect(stage.told.filter(([name]) => name === "roomOnlineUserCountUpdate")).toHaveLength(3);
  });
});

describe("the room's state", () => {
  let room: FakeRoom;
  beforeEach(async () => {
    room = await stage.enter({ userUpdate: true }, someone("bob"));
    stage.told.length = 0;
  });

  test("follows the connection, and tells the differences once it is back", async () => {
    stage.client.connection({ state: "backoff", retryAt: 1 });
    stage.client.connection({ state: "connecting" });
    stage.client.online(true);
    room.people();
    await settled();
    expect(stage.states).toEqual([
      ["CONNECTING", 1002052],
      ["RECONNECTING", 1002052],
      ["CONNECTED", 0],
      ["RECONNECTED", 0],
    ]);
    expect(stage.news).toEqual([["roomUserUpdate", "lobby", "DELETE", [BOB]]]);
  });

  test("follows a room that is entered again by itself", () => {
    room.become({ stay: { phase: "entering" } });
    room.become({ stay: { phase: "in", isConnected: true } });
    expect(stage.states.map(([state]) => state)).toEqual(["CONNECTING", "RECONNECTING", "CONNECTED", "RECONNECTED"]);
  });

  test.each([
    ["taken_over", "KICKOUT", 1002050],
    ["kicked", "KICKOUT", 1002055],
    ["ended", "LOGOUT", 0],
    ["lost", "RECONNECT_FAILED", 1002053],
    ["shutdown", "RECONNECT_FAILED", 1002053],
  ] as const)("after having been put out with %s is %s", async (cause, change, code) => {
    room.become({ stay: { phase: "out", cause }, participants: [] });
    expect(stage.states).toEqual([
      ["DISCONNECTED", code],
      [change, code],
    ]);
    expect(stage.news, "of a room that one is out of nothing is told").toEqual([]);
    expect(stage.client.isClosed).toBe(true);
    await expect(stage.engine.sendBroadcastMessage("lobby", "x")).rejects.toMatchObject({ code: 1000002 });
  });

  test("after a return that failed is the end", () => {
    room.become({ stay: { phase: "entering" } });
    room.become({ stay: { phase: "out" } });
    expect(stage.states.slice(2)).toEqual([
      ["DISCONNECTED", 1002053],
      ["RECONNECT_FAILED", 1002053],
    ]);
  });

  test("after leaving is told, and the session is given back", async () => {
    await stage.engine.logoutRoom("lobby");
    expect(stage.states).toEqual([
      ["DISCONNECTED", 0],
      ["LOGOUT", 0],
    ]);
    expect(room.state.stay.phase).toBe("out");
    expect(stage.client.isClosed).toBe(true);
    await stage.engine.logoutRoom();
    expect(stage.states, "leaving twice is leaving once").toHaveLength(2);
    await stage.enter();
  });
});
