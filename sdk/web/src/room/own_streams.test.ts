// What a device publishes: what needs an offer, what only a word, and what nothing but another track.
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  audioTrack,
  cameraTrack,
  FakeLocalMedia,
  FakeStream,
  FakeWorld,
  refusal,
  rest,
  roomView,
} from "../testing/fake_media.js";

beforeEach(() => {
  vi.stubGlobal("MediaStream", FakeStream);
});

describe("publishing", () => {
  test("before entering is remembered, and offered at once", async () => {
    const world = new FakeWorld();
    const name = await world.room.publish({ tracks: [{ source: "camera", track: cameraTrack().asTrack }] });
    expect(name).toBe("alice-camera");
    await world.room.enter();
    expect(world.published()).toEqual(["alice-camera/camera@own0"]);
    expect(world.types()).toEqual(["room.token", "room.join", "room.offer"]);
  });

  test("without a name and without a user is refused", async () => {
    const world = new FakeWorld();
    world.me = undefined;
    const published = world.room.publish({ tracks: [{ source: "camera", track: cameraTrack().asTrack }] });
    await expect(published).rejects.toMatchObject({ code: "not_connected" });
  });

  test("begins muted if asked to, or if the track is disabled", async () => {
    const world = await FakeWorld.entered();
    const [asked, disabled] = [cameraTrack(), audioTrack()];
    disabled.enabled = false;
    const tracks = [
      { source: "camera" as const, track: asked.asTrack, isMuted: true },
      { source: "microphone" as const, track: disabled.asTrack },
    ];
    await world.room.publish({ name: "x", extraInfo: "{}", tracks });
    expect(world.published()).toEqual(["x/camera@own0!", "x/microphone@own1!"]);
    expect(world.bodies("room.offer")).toMatchObject([{ streams: [{ stream: "x", extra_info: "{}" }] }]);
    expect(asked.enabled).toBe(false);
    expect(world.track("alice", "camera")).toEqual({ source: "camera", isMuted: true });
  });

  test("the same again with another track needs no offer", async () => {
    const world = await FakeWorld.entered(["camera"]);
    const other = cameraTrack();
    await world.room.publish({ name: "mine", tracks: [{ source: "camera", track: other.asTrack }] });
    expect(world.types()).toEqual([]);
    expect(world.peer.transceivers[0]?.sender.track).toBe(other);
  });

  test("no more leaves the section for the next track of its kind", async () => {
    const world = await FakeWorld.entered(["camera", "microphone"]);
    await world.room.unpublish("mine");
    expect(world.published()).toEqual([]);
    expect(world.peer.transceivers.map(({ direction }) => direction)).toEqual(["inactive", "inactive"]);
    await world.room.unpublish("mine");
    expect(world.types()).toEqual(["room.offer"]);
    const track = cameraTrack();
    await world.room.publish({ name: "other", tracks: [{ source: "camera", track: track.asTrack }] });
    expect(world.published()).toEqual(["other/camera@own0"]);
    expect(world.peer.transceivers).toHaveLength(2);
    expect(world.peer.transceivers[0]).toMatchObject({ direction: "sendonly", sender: { track } });
  });

  test("a section carries only what it was made for", async () => {
    const world = await FakeWorld.entered(["camera"]);
    await world.room.unpublish("mine");
    await world.room.publish({ name: "x", tracks: [{ source: "screen", track: cameraTrack().asTrack }] });
    expect(world.published()).toEqual(["x/screen@own1"]);
  });

  test("two at once are told one after the other, so that the refused one stands in nobody's way", async () => {
    const world = await FakeWorld.entered();
    world.answers["room.offer"] = ({ streams }: { streams: { stream: string }[] }) =>
      streams.some(({ stream }) => stream === "taken") ? refusal("stream_taken") : { sdp: "answer" };
    const publish = (name: string) =>
      world.room.publish({ name, tracks: [{ source: "screen", track: cameraTrack().asTrack }] });
    const [first, second, third] = await Promise.allSettled([publish("a"), publish("taken"), publish("b")]);
    expect([first.status, second.status, third.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(world.published()).toEqual(["a/screen@own0", "b/screen@own1"]);
  });
});

describe("muting", () => {
  test("falls silent here first, and says so once", async () => {
    const world = await FakeWorld.entered(["microphone"]);
    let answer: () => void = () => undefined;
    world.answers["room.update_stream"] = () => new Promise<void>((resolve) => (answer = resolve));
    const track = world.peer.transceivers[0]?.sender.track;
    const muted = world.room.mute("mine", "microphone", true);
    expect(track?.enabled).toBe(false);
    await rest();
    expect(world.track("alice", "microphone")?.isMuted).toBe(false); // As the server sees it.
    answer();
    await muted;
    await world.room.mute("mine", "microphone", true);
    expect(world.types()).toEqual(["room.update_stream"]);
    expect(world.track("alice", "microphone")?.isMuted).toBe(true);
  });

  test("that finds the device out of the room enters it again", async () => {
    const world = await FakeWorld.entered(["microphone"]);
    world.answers["room.update_stream"] = world.answers["room.read"] = () => refusal("not_in_room");
    await world.room.mute("mine", "microphone", true);
    await rest();
    expect(world.published()).toEqual(["mine/microphone@own0!"]);
    expect(world.room.state.stay.phase).toBe("in");
  });

  test("of what is not published is refused here", async () => {
    const world = await FakeWorld.entered(["microphone"]);
    await expect(world.room.mute("mine", "camera", true)).rejects.toMatchObject({ code: "stream_not_found" });
    await expect(world.room.setExtraInfo("x", "")).rejects.toMatchObject({ code: "stream_not_found" });
    expect(world.types()).toEqual([]);
  });

  test("that changes twice before the server has heard ends as wished, with one word about it", async () => {
    const world = await FakeWorld.entered(["microphone"]);
    await Promise.all([
      world.room.mute("mine", "microphone", true),
      world.room.mute("mine", "microphone", false),
      world.room.mute("mine", "microphone", true),
    ]);
    expect(world.bodies("room.update_stream")).toEqual([
      { room: "r", stream: "mine", muted: [{ source: "microphone", muted: true }] },
    ]);
  });

  test("in one breath with publishing waits for it", async () => {
    const world = await FakeWorld.entered();
    const track = audioTrack();
    const published = world.room.publish({ name: "x", tracks: [{ source: "microphone", track: track.asTrack }] });
    const muted = world.room.mute("x", "microphone", true);
    const named = world.room.setExtraInfo("x", "{}");
    await Promise.all([published, muted, named]);
    expect(track.enabled).toBe(false);
    expect(world.room.state.participants[0]?.streams).toMatchObject([
      { name: "x", extraInfo: "{}", tracks: [{ source: "microphone", isMuted: true }] },
    ]);
  });

  test("a track that takes over is as silent as the one before", async () => {
    const world = await FakeWorld.entered(["microphone"]);
    await world.room.mute("mine", "microphone", true);
    const track = audioTrack();
    await world.room.replaceTrack("mine", "microphone", track.asTrack);
    expect(track.enabled).toBe(false);
    expect(world.peer.transceivers[0]?.sender.track).toBe(track);
    expect(world.types()).toEqual(["room.update_stream"]);
  });
});

test("extra info is told, and one that is refused is as it was", async () => {
  const world = await FakeWorld.entered(["microphone"]);
  await world.room.setExtraInfo("mine", '{"hand":true}');
  expect(world.room.state.participants[0]?.streams[0]?.extraInfo).toBe('{"hand":true}');
  world.answers["room.update_stream"] = () => refusal("too_large");
  await expect(world.room.setExtraInfo("mine", "x".repeat(2_000))).rejects.toMatchObject({ code: "too_large" });
  await world.room.mute("mine", "microphone", false);
  expect(world.bodies("room.update_stream")).toHaveLength(2);
});

test("a smaller camera takes over with fewer sizes", async () => {
  const world = await FakeWorld.entered(["camera"]);
  await world.room.replaceTrack("mine", "camera", cameraTrack(360).asTrack);
  const active = () => world.peer.transceivers[0]?.sender.getParameters().encodings.map((each) => each.active);
  expect(active()).toEqual([true, true, false]);
  await world.room.replaceTrack("mine", "camera", cameraTrack(720).asTrack);
  expect(active()).toEqual([true, true, true]);
});

describe("local media that is used", () => {
  async function using(record: readonly ("camera" | "microphone")[] = ["camera", "microphone"]) {
    const world = new FakeWorld();
    const media = new FakeLocalMedia();
    for (const source of record) media.record(source, source === "camera" ? cameraTrack() : audioTrack());
    const stop = world.room.use(media.asMedia);
    await world.room.enter();
    return { world, media, stop };
  }

  test("is published with the first offer", async () => {
    const { world } = await using();
    expect(world.published()).toEqual(["alice-main/microphone@own0", "alice-main/camera@own1"]);
    expect(world.types()).toEqual(["room.token", "room.join", "room.offer"]);
  });

  test("is published although only the server said who this is", async () => {
    const world = new FakeWorld();
    world.me = undefined;
    world.answers["room.join"] = () => {
      world.me = "alice";
      return roomView();
    };
    const media = new FakeLocalMedia();
    media.record("camera", cameraTrack());
    world.room.use(media.asMedia);
    await world.room.enter();
    expect(world.published()).toEqual(["alice-main/camera@own0"]);
  });

  /** Enters while the user is still asked for the camera, and the server has not answered the first offer. */
  async function starting() {
    const world = new FakeWorld();
    const media = new FakeLocalMedia();
    media.record("camera", undefined, "starting");
    world.room.use(media.asMedia);
    let answer: () => void = () => undefined;
    world.answers["room.offer"] = () => new Promise((resolve) => (answer = () => resolve({ sdp: "answer" })));
    const entered = world.room.enter();
    await rest();
    return { world, media, entered, answer: () => answer() };
  }

  test("that is still starting has its place in the first offer, muted, and needs no second one", async () => {
    const { world, media, entered, answer } = await starting();
    expect(world.published()).toEqual(["alice-main/camera@own0!"]);
    const track = cameraTrack();
    media.record("camera", track);
    await rest();
    expect(world.peer.transceivers[0]?.sender.track).toBe(track);
    expect(world.types()).toEqual(["room.token", "room.join", "room.offer"]);
    answer();
    await entered;
    await rest();
    expect(world.types().slice(3)).toEqual(["room.update_stream"]);
    expect(world.track("alice", "camera")?.isMuted).toBe(false);
  });

  test("that starts small before the first answer is sent in fewer sizes after it", async () => {
    const { world, media, entered, answer } = await starting();
    const active = () => world.peer.transceivers[0]?.sender.getParameters().encodings.map((each) => each.active);
    media.record("camera", cameraTrack(360));
    await rest();
    expect(active()).toEqual([true, true, true]);
    answer();
    await entered;
    await rest();
    expect(active()).toEqual([true, true, false]);
  });

  test("that does not start stays muted", async () => {
    const { world, media, entered, answer } = await starting();
    media.record("camera");
    answer();
    await entered;
    await rest();
    expect(world.types()).toEqual(["room.token", "room.join", "room.offer"]);
    expect(world.track("alice", "camera")?.isMuted).toBe(true);
  });

  test("a camera that goes off and on is muted and replaced, without an offer", async () => {
    const { world, media } = await using();
    world.asked.splice(0);
    media.record("camera");
    await rest();
    expect(world.peer.transceivers[1]?.sender.track).toBeNull();
    expect(world.track("alice", "camera")?.isMuted).toBe(true);
    const track = cameraTrack();
    media.record("camera", track);
    await rest();
    expect(world.peer.transceivers[1]?.sender.track).toBe(track);
    expect(world.track("alice", "camera")?.isMuted).toBe(false);
    expect(world.types()).toEqual(["room.update_stream", "room.update_stream"]);
  });

  test("a muted microphone is told", async () => {
    const { world, media } = await using();
    world.asked.splice(0);
    media.record("microphone", world.peer.transceivers[0]?.sender.track ?? audioTrack(), "muted");
    await rest();
    expect(world.bodies("room.update_stream")).toEqual([
      { room: "r", stream: "alice-main", muted: [{ source: "microphone", muted: true }] },
    ]);
  });

  test("a camera that appears for the first time is offered", async () => {
    const { world, media } = await using(["microphone"]);
    media.record("camera", cameraTrack());
    await rest();
    expect(world.published()).toEqual(["alice-main/microphone@own0", "alice-main/camera@own1"]);
  });

  test("a screen comes and goes with its sound, over the same sections each time", async () => {
    const { world, media } = await using(["microphone"]);
    for (let time = 0; time < 2; time += 1) {
      media.record("screen", cameraTrack(), undefined, audioTrack());
      await rest();
      expect(world.published().slice(1)).toEqual(["alice-screen/screen@own1", "alice-screen/screen_audio@own2"]);
      media.record("screen");
      await rest();
      expect(world.published()).toEqual(["alice-main/microphone@own0"]);
    }
    expect(world.peer.transceivers).toHaveLength(3);
  });

  test("what is measured a few times a second costs no word", async () => {
    const { world, media } = await using();
    world.asked.splice(0);
    for (let level = 0; level < 20; level += 1) media.say({ level });
    await rest();
    expect(world.types()).toEqual([]);
  });

  test("is published no more once it is not used, unless it is used again at once", async () => {
    const { world, media, stop } = await using();
    world.asked.splice(0);
    stop();
    const stopAgain = world.room.use(media.asMedia);
    await rest();
    expect(world.types()).toEqual([]);
    stopAgain();
    stopAgain();
    await rest();
    expect(world.published()).toEqual([]);
    expect(world.types()).toEqual(["room.offer"]);
    media.record("camera", cameraTrack());
    await rest();
    expect(world.types()).toEqual(["room.offer"]);
  });

  test("is published again after leaving and entering", async () => {
    const { world } = await using();
    await world.room.leave();
    await world.room.enter();
    expect(world.published()).toEqual(["alice-main/microphone@own0", "alice-main/camera@own1"]);
  });

  test("a refusal is told as a problem, since nobody asked", async () => {
    const { world, media } = await using(["microphone"]);
    world.answers["room.offer"] = ({ streams }: { streams: unknown[] }) =>
      streams.length > 1 ? refusal("too_many_tracks") : { sdp: "answer" };
    media.record("screen", cameraTrack());
    await rest();
    expect(world.problems).toEqual(["too_many_tracks"]);
  });
});
