// @vitest-environment jsdom
// Recording and publishing, playing and showing.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { settled } from "../testing/clock.js";
import { ExpressStage, refusal } from "../testing/express_stage.js";
import { stream, track } from "../testing/fake_media.js";
import { someone, streamOf, type FakeRoom } from "../testing/fake_room.js";

let stage: ExpressStage;
beforeEach(() => {
  stage = new ExpressStage();
});
afterEach(async () => {
  await stage.close();
  vi.unstubAllGlobals();
});

describe("publishing", () => {
  let room: FakeRoom;
  beforeEach(async () => {
    room = await stage.enter({});
    stage.told.length = 0;
  });

  test("a stream tells that it is asked for, then that it is there", async () => {
    const local = await stage.engine.createZegoStream({
      camera: { audio: true, video: { quality: 3, input: "cam-1" } },
    });
    expect(stage.devices.asked).toEqual([
      {
        video: { height: { ideal: 720 }, deviceId: { exact: "cam-1" } },
        audio: { echoCancellation: true, autoGainControl: true, noiseSuppression: true },
      },
    ]);
    expect(stage.engine.startPublishingStream("alice_main", local, { extraInfo: "hello" })).toBe(true);
    await settled();
    const tracks = local.getTracks().map((each) => {
      return { source: each.kind === "audio" ? "microphone" : "camera", track: each, isMuted: false };
    });
    expect(room.asked.at(-1)).toEqual(["publish", { name: "alice_main", extraInfo: "hello", tracks }]);
    expect(stage.told.map(([, state]) => state)).toEqual([
      { streamID: "alice_main", state: "PUBLISH_REQUESTING", errorCode: 0, extendedData: "" },
      { streamID: "alice_main", state: "PUBLISHING", errorCode: 0, extendedData: "" },
    ]);
    expect(stage.engine.stopPublishingStream("alice_main")).toBe(true);
    expect(stage.engine.stopPublishingStream("alice_main")).toBe(false);
    expect(room.asked.at(-1)).toEqual(["unpublish", "alice_main"]);
    expect(stage.told.at(-1)?.[1]).toMatchObject({ state: "NO_PUBLISH", errorCode: 0 });
  });

  test("the older form gives a stream of the browser's, and takes it", async () => {
    const local = await stage.engine.createStream({ camera: { video: false, audio: true, audioInput: "mic-1" } });
    expect(stage.devices.asked[0]).toMatchObject({ video: false, audio: { deviceId: { exact: "mic-1" } } });
    expect(stage.engine.startPublishingStream("a", local)).toBe(true);
    const tracks = [{ source: "microphone", track: local.getTracks()[0], isMuted: false }];
    expect(room.asked.at(-1)).toEqual(["publish", { name: "a", extraInfo: "", tracks }]);
  });

  test("a screen is one, and its end is told", async () => {
    const local = await stage.engine.createZegoStream({ screen: { audio: true } });
    stage.engine.startPublishingStream("a", local);
    const [, published] = room.asked.at(-1) as [string, { tracks: { source: string }[] }];
    expect(published.tracks.map(({ source }) => source)).toEqual(["screen_audio", "screen"]);
    stage.told.length = 0;
    local.getVideoTracks()[0]?.dispatchEvent(new Event("ended"));
    expect(stage.told).toEqual([["screenSharingEnded", local.stream]]);
  });

  test("what the app brings is published as camera and microphone", async () => {
    const source = stream(track("video"), track("audio"));
    const local = await stage.engine.createZegoStream({ custom: { source } });
    stage.engine.startPublishingStream("a", local);
    const [, published] = room.asked.at(-1) as [string, { tracks: { source: string }[] }];
    expect(published.tracks.map(({ source: name }) => name)).toEqual(["camera", "microphone"]);
    expect(stage.devices.asked).toEqual([]);
  });

  test.each([
    ["here", 1003028],
    ["elsewhere", 1003028],
  ])("a name that is taken %s is refused with %i", async (where, code) => {
    const local = await stage.engine.createZegoStream();
    if (where === "here") stage.engine.startPublishingStream("a", local);
    else room.answers.set("publish", () => Promise.reject(refusal("stream_taken", 1003028)));
    expect(stage.engine.startPublishingStream("a", local)).toBe(where === "elsewhere");
    await settled();
    expect(stage.told).toContainEqual([
      "publisherStateUpdate",
      { streamID: "a", state: "NO_PUBLISH", errorCode: code, extendedData: "" },
    ]);
  });

  test("a name with a space is none, and without a room there is nothing to publish in", async () => {
    const local = await stage.engine.createZegoStream();
    expect(stage.engine.startPublishingStream("a b", local)).toBe(false);
    expect(stage.told.at(-1)?.[1]).toMatchObject({ state: "NO_PUBLISH", errorCode: 1003001 });
    await stage.engine.logoutRoom();
    expect(stage.engine.startPublishingStream("a", local)).toBe(false);
  });

  test.each([
    ["NotAllowedError", 1103064],
    ["NotReadableError", 1103065],
    ["NotFoundError", 1103061],
  ])("a device that fails with %s fails with %i", async (name, code) => {
    stage.devices.refuse(name);
    await expect(stage.engine.createZegoStream()).rejects.toMatchObject({ code });
  });

  test("muting silences the track, and tells the others", async () => {
    const local = await stage.engine.createZegoStream();
    stage.engine.startPublishingStream("a", local);
    stage.engine.mutePublishStreamVideo(local, true);
    stage.engine.mutePublishStreamAudio(local.stream, true);
    stage.engine.mutePublishStreamAudio(local.stream, false);
    expect(local.getVideoTracks()[0]?.enabled).toBe(false);
    expect(local.getAudioTracks()[0]?.enabled).toBe(true);
    expect(room.asked.slice(-3)).toEqual([
      ["mute", "a", "camera", true],
      ["mute", "a", "microphone", true],
      ["mute", "a", "microphone", false],
    ]);
  });

  test("a microphone that is muted is so in the streams to come", async () => {
    stage.engine.muteMicrophone(true);
    expect(stage.engine.isMicrophoneMuted()).toBe(true);
    const local = await stage.engine.createZegoStream();
    stage.engine.startPublishingStream("a", local);
    const [, published] = room.asked.at(-1) as [string, { tracks: { source: string; isMuted: boolean }[] }];
    expect(published.tracks.map(({ isMuted, source }) => [source, isMuted])).toEqual([
      ["microphone", true],
      ["camera", false],
    ]);
    stage.engine.muteMicrophone(false);
    expect(room.asked.at(-1)).toEqual(["mute", "a", "microphone", false]);
    expect(local.getAudioTracks()[0]?.enabled).toBe(true);
  });

  test("another device takes the place of the first, which goes dark", async () => {
    const local = await stage.engine.createZegoStream();
    stage.engine.startPublishingStream("a", local);
    const [former] = local.getVideoTracks();
    await expect(stage.engine.useVideoDevice(local, "cam-2")).resolves.toEqual({ errorCode: 0, extendedData: "" });
    const [next] = local.getVideoTracks();
    expect(stage.devices.asked.at(-1)).toEqual({ video: { deviceId: { exact: "cam-2" } } });
    expect(room.asked.at(-1)).toEqual(["replaceTrack", "a", "camera", next]);
    expect((former as unknown as { isStopped: boolean }).isStopped).toBe(true);
    await stage.engine.useAudioDevice(local, "mic-2");
    expect(room.asked.at(-1)).toEqual(["replaceTrack", "a", "microphone", local.getAudioTracks()[0]]);
    await stage.engine.useFrontCamera(local, false);
    expect(stage.devices.asked.at(-1)).toEqual({ video: { facingMode: "environment" } });
  });

  test("a camera that is turned off is dark, and comes back", async () => {
    const local = await stage.engine.createZegoStream();
    stage.engine.startPublishingStream("a", local);
    const [former] = local.getVideoTracks();
    await stage.engine.enableVideoCaptureDevice(local, false);
    expect((former as unknown as { isStopped: boolean }).isStopped).toBe(true);
    expect(room.asked.slice(-2)).toEqual([
      ["mute", "a", "camera", true],
      ["replaceTrack", "a", "camera", null],
    ]);
    await stage.engine.enableVideoCaptureDevice(local, true);
    const [next] = local.getVideoTracks();
    expect(room.asked.slice(-2)).toEqual([
      ["replaceTrack", "a", "camera", next],
      ["mute", "a", "camera", false],
    ]);
  });

  test("another size is asked of the camera", async () => {
    const local = await stage.engine.createZegoStream();
    await stage.engine.setVideoConfig(local, { width: 640, height: 360, frameRate: 15 });
    const [camera] = local.getVideoTracks() as unknown as { applied: unknown[] }[];
    expect(camera?.applied).toEqual([{ width: 640, height: 360, frameRate: 15 }]);
  });

  test("a stream that is destroyed is dark", async () => {
    const local = await stage.engine.createStream();
    stage.engine.destroyStream(local);
    expect((local.getTracks() as unknown as { isStopped: boolean }[]).every(({ isStopped }) => isStopped)).toBe(true);
  });
});

describe("playing", () => {
  let room: FakeRoom;
  const sound = track("audio");
  const picture = track("video");
  const bob = (...tracks: { source: "camera" | "microphone"; media?: MediaStream }[]) =>
    someone("bob", {
      streams: [streamOf("bob", "b", { tracks: tracks.map((each) => ({ isMuted: false, ...each })) })],
    });
  const both = () => bob({ source: "microphone", media: stream(sound) }, { source: "camera", media: stream(picture) });
  const player = () => stage.told.filter(([name]) => name === "playerStateUpdate").map(([, result]) => result);

  beforeEach(async () => {
    room = await stage.enter({});
    stage.told.length = 0;
  });

  test("resolves with one stream of everything as soon as it is there", async () => {
    room.people(bob({ source: "microphone" }, { source: "camera" }));
    const playing = stage.engine.startPlayingStream("b");
    expect(room.asked.at(-1)).toEqual([
      "wish",
      [
        { stream: "b", source: "microphone", wanted: true },
        { stream: "b", source: "camera", wanted: true },
      ],
    ]);
    room.people(bob({ source: "microphone", media: stream(sound) }, { source: "camera" }));
    await settled();
    expect(player()).toMatchObject([{ state: "PLAY_REQUESTING" }]);
    room.people(both());
    const played = await playing;
    expect(played.getTracks()).toEqual([sound, picture]);
    room.people(bob({ source: "camera", media: stream(picture) }));
    expect(played.getTracks()).toEqual([picture]);
    await expect(stage.engine.startPlayingStream("b")).resolves.toBe(played);
    expect(player()).toMatchObject([{ state: "PLAY_REQUESTING" }, { state: "PLAYING" }]);
    expect(
      room.asked.filter(([method]) => method === "wish"),
      "each is wished for once",
    ).toHaveLength(1);
  });

  test("does not wait for ever for a part that does not come", async () => {
    room.people(bob({ source: "microphone", media: stream(sound) }, { source: "camera" }));
    const playing = stage.engine.startPlayingStream("b");
    await stage.clock.pass(1000);
    const played = await playing;
    expect(played.getTracks()).toEqual([sound]);
    room.people(both());
    expect(played.getTracks(), "the rest comes when it comes").toEqual([sound, picture]);
  });

  test("without the picture does not ask for it, until it is wanted", async () => {
    room.people(both());
    const played = await stage.engine.startPlayingStream("b", { video: false });
    expect(played.getTracks()).toEqual([sound]);
    expect(stage.engine.mutePlayStreamVideo("b", false)).toBe(true);
    expect(played.getTracks()).toEqual([sound, picture]);
    expect(stage.engine.mutePlayStreamAudio("b", true)).toBe(true);
    expect(played.getTracks()).toEqual([picture]);
    expect(room.asked.at(-1)).toEqual(["wish", [{ stream: "b", source: "microphone", wanted: false }]]);
    expect(stage.engine.mutePlayStreamAudio("nobody's", true)).toBe(false);
  });

  test("is over when it is stopped, or published no more", async () => {
    room.people(both());
    await stage.engine.startPlayingStream("b");
    stage.engine.stopPlayingStream("b");
    expect(room.asked.at(-1)).toMatchObject(["wish", [{ wanted: false }, { wanted: false }]]);
    await stage.engine.startPlayingStream("b");
    room.people();
    expect(player()).toMatchObject([
      {},
      { state: "PLAYING" },
      { state: "NO_PLAY", errorCode: 0 },
      {},
      {},
      { state: "NO_PLAY" },
    ]);
  });

  test("of a track that went and came back is wished for anew", async () => {
    room.people(both());
    await stage.engine.startPlayingStream("b");
    room.people(bob({ source: "microphone", media: stream(sound) }));
    room.people(both());
    expect(room.asked.at(-1)).toEqual(["wish", [{ stream: "b", source: "camera", wanted: true }]]);
  });

  test("of what nobody publishes waits ten seconds", async () => {
    const playing = stage.engine.startPlayingStream("b").catch((error: unknown) => error);
    await stage.clock.pass(9_999);
    expect(player()).toMatchObject([{ state: "PLAY_REQUESTING" }]);
    await stage.clock.pass(1);
    expect(await playing).toMatchObject({ code: 1004002 });
    expect(player().at(-1)).toMatchObject({ state: "NO_PLAY", errorCode: 1004002 });
  });

  test("what is published a little later is played then", async () => {
    const playing = stage.engine.startPlayingStream("b");
    await stage.clock.pass(5000);
    room.people(both());
    expect((await playing).getTracks()).toEqual([sound, picture]);
  });

  test("in no room is refused", async () => {
    await stage.engine.logoutRoom();
    await expect(stage.engine.startPlayingStream("b")).rejects.toMatchObject({ code: 1000002 });
  });

  test("in a view shows the picture at its visible size, and sounds beside it", async () => {
    room.people(both());
    const played = await stage.engine.startPlayingStream("b");
    const home = document.createElement("div");
    home.id = "home";
    document.body.append(home);
    vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
    Object.defineProperty(HTMLMediaElement.prototype, "srcObject", { writable: true, value: null, configurable: true });
    const view = stage.engine.createRemoteStreamView(played);
    view.play("home", { objectFit: "cover", mirror: true });
    const [video, audio] = [home.querySelector("video"), home.querySelector("audio")];
    expect(room.asked.at(-1)).toEqual(["attach", video, "b", "camera"]);
    expect([video?.muted, video?.style.objectFit, video?.style.transform]).toEqual([true, "cover", "scaleX(-1)"]);
    expect([audio?.srcObject, audio?.muted]).toEqual([played, false]);
    view.setVolume(50);
    expect(audio?.volume).toBe(0.5);
    view.stop();
    expect(room.asked.at(-1)).toEqual(["detach", "b", "camera"]);
    expect(home.children).toHaveLength(0);
    expect(() => stage.engine.createRemoteStreamView(played).play("nowhere")).toThrow();
    vi.restoreAllMocks();
  });
});
