// Offers and answers between a room and its server, glare, and what is done when they do not understand each other.
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  audioTrack,
  cameraTrack,
  cut,
  FakeStream,
  FakeWorld,
  refusal,
  rest,
  roomView,
  streamOf,
} from "../testing/fake_media.js";

beforeEach(() => {
  vi.stubGlobal("MediaStream", FakeStream);
});

const camera = { mid: "v1", stream: "bob-main", source: "camera" };
const microphone = { mid: "a1", stream: "bob-main", source: "microphone" };

async function withBob(): Promise<FakeWorld> {
  const world = await FakeWorld.entered();
  world.hear("room.members", { added: [{ user: "bob", presence: "flowing" }] });
  world.hear("room.streams", { added: [streamOf("bob", "camera", "microphone")] });
  world.asked.splice(0);
  return world;
}

describe("an offer of the server", () => {
  test("is answered with its number, and its tracks are given out", async () => {
    const world = await withBob();
    await world.offer(7, [camera, microphone]);
    expect(world.bodies("room.answer")).toEqual([{ negotiation: 7, room: "r", sdp: "own answer" }]);
    expect(world.track("bob", "camera")?.media).toBeInstanceOf(FakeStream);
    expect(world.track("bob", "microphone")?.media).toBeInstanceOf(FakeStream);
  });

  test("gives out the same stream as long as the track is the same", async () => {
    const world = await withBob();
    await world.offer(7, [camera]);
    const { media } = world.track("bob", "camera") ?? {};
    await world.offer(8, [camera, microphone]);
    expect(world.track("bob", "camera")?.media).toBe(media);
    // Its section carries the screen of another stream from now on: the receiving track is the same, the picture is not.
    world.hear("room.streams", { changed: [streamOf("bob", "screen")] });
    await world.offer(9, [{ ...camera, source: "screen" }, microphone]);
    expect(world.track("bob", "screen")?.media).toBeInstanceOf(FakeStream);
    expect(world.track("bob", "screen")?.media).not.toBe(media);
  });

  test("that names sections which are not there harms nothing", async () => {
    const world = await withBob();
    world.hear("room.offer", {
      negotiation: 7,
      sdp: "offer v1",
      tracks: [
        { ...camera, user: "bob" },
        { mid: "nowhere", stream: "bob-main", source: "microphone", user: "bob" },
      ],
    });
    await rest();
    expect(world.track("bob", "camera")?.media).toBeDefined();
    expect(world.track("bob", "microphone")?.media).toBeUndefined();
    expect(world.problems).toEqual([]);
  });

  test("that is void by the time of its answer is no problem", async () => {
    const world = await withBob();
    world.answers["room.answer"] = () => refusal("negotiation_over");
    await world.offer(7, [camera]);
    expect(world.problems).toEqual([]);
    expect(world.peers).toHaveLength(1);
  });

  test("whose answer the server does not like is begun anew over another connection", async () => {
    const world = await withBob();
    world.answers["room.answer"] = () => refusal("bad_sdp");
    await world.offer(7, [camera]);
    expect(world.peers).toHaveLength(2);
  });

  test("that the browser cannot use is begun anew over another connection", async () => {
    const world = await withBob();
    await world.offer(7, [{ ...camera, mid: "bad" }]);
    expect(world.peers).toHaveLength(2);
    expect(world.types().at(-1)).toBe("room.offer");
    expect(world.room.state.stay.phase).toBe("in");
  });

  test("that cannot be used time and again is told, and not begun anew for ever", async () => {
    const world = await withBob();
    for (let number = 1; number < 12; number += 1) {
      await world.offer(number, [{ ...camera, mid: "bad" }]);
    }
    expect(world.peers).toHaveLength(4);
    expect(world.problems).toContain("media_failed");
  });
});

describe("glare", () => {
  const publish = (world: FakeWorld) =>
    world.room.publish({ name: "x", tracks: [{ source: "camera", track: cameraTrack().asTrack }] });

  test("a server's offer that comes before the answer to the own one is passed over, the next is answered", async () => {
    const world = await withBob();
    let answer: (answer: unknown) => void = () => undefined;
    world.answers["room.offer"] = () => new Promise((resolve) => (answer = resolve));
    const published = publish(world);
    await rest();
    await world.offer(1, [camera]);
    answer({ sdp: "answer", voids: 1 });
    await published;
    await world.offer(2, [camera]);
    const remote = world.peer.steps.filter((step) => step.startsWith("remote")).slice(1);
    expect(remote).toEqual(["remote answer", "remote offer v1"]);
    expect(world.bodies("room.answer")).toMatchObject([{ negotiation: 2 }]);
  });

  test("one that comes after it and is void is passed over too, the next is answered", async () => {
    const world = await withBob();
    world.answers["room.offer"] = () => ({ sdp: "answer", voids: 1 });
    await publish(world);
    await world.offer(1, [{ ...camera, mid: "v1" }]);
    expect(world.types()).toEqual(["room.offer"]);
    await world.offer(2, [{ ...camera, mid: "v2" }]);
    const remote = world.peer.steps.filter((step) => step.startsWith("remote")).slice(1);
    expect(remote).toEqual(["remote answer", "remote offer v2"]);
    expect(world.bodies("room.answer")).toMatchObject([{ negotiation: 2 }]);
    expect(world.peers).toHaveLength(1);
  });

  test("what comes after an answer that voids nothing is answered at once", async () => {
    const world = await withBob();
    await publish(world);
    await world.offer(1, [camera]);
    expect(world.bodies("room.answer")).toMatchObject([{ negotiation: 1 }]);
    expect(world.clock.waiting).toBe(0);
  });

  test("what the server offers right behind its answer is answered, while that is still being applied", async () => {
    const world = await withBob();
    const { peer } = world;
    const apply = peer.setRemoteDescription.bind(peer);
    let applyNow: () => void = () => undefined;
    peer.setRemoteDescription = async (description) => {
      if (description.type === "answer") await new Promise<void>((resolve) => (applyNow = resolve));
      await apply(description);
    };
    world.answers["room.offer"] = () => ({ sdp: "answer", voids: 1 });
    const published = publish(world);
    await rest();
    await world.offer(1, [{ ...camera, mid: "v1" }]);
    await world.offer(2, [{ ...camera, mid: "v2" }]);
    applyNow();
    await published;
    await rest();
    expect(world.bodies("room.answer")).toMatchObject([{ negotiation: 2 }]);
    expect(peer.steps.filter((step) => step.startsWith("remote offer"))).toEqual(["remote offer v2"]);
  });

  test("a stay that the server has forgotten begins anew with its first offer", async () => {
    const world = await withBob();
    world.answers["room.offer"] = () => ({ sdp: "answer", voids: 7 });
    await publish(world);
    world.answers["room.offer"] = () => ({ sdp: "answer" });
    await world.room.publish({ name: "y", tracks: [{ source: "microphone", track: audioTrack().asTrack }] });
    await world.offer(1, [camera]);
    expect(world.bodies("room.answer")).toMatchObject([{ negotiation: 1 }]);
  });

  test("an own offer waits until the server's is answered", async () => {
    const world = await withBob();
    await rest();
    let answered: () => void = () => undefined;
    world.answers["room.answer"] = () => new Promise<void>((resolve) => (answered = resolve));
    await world.offer(1, [camera]);
    const published = world.room.publish({ name: "x", tracks: [{ source: "camera", track: cameraTrack().asTrack }] });
    await rest();
    expect(world.types()).toEqual(["room.answer"]);
    answered();
    await published;
    expect(world.types()).toEqual(["room.answer", "room.offer"]);
  });
});

describe("an own offer", () => {
  test("that is refused is replaced by what the server took before, never rolled back", async () => {
    const world = await FakeWorld.entered(["microphone"]);
    world.answers["room.offer"] = ({ streams }: { streams: unknown[] }) =>
      streams.length > 1 ? refusal("too_many_tracks") : { sdp: "answer" };
    const tracks = [{ source: "screen" as const, track: cameraTrack().asTrack }];
    await expect(world.room.publish({ name: "x", tracks })).rejects.toMatchObject({ code: "too_many_tracks" });
    expect(world.types()).toEqual(["room.offer", "room.offer"]);
    expect(world.published()).toEqual(["mine/microphone@own0"]);
    expect(world.peer.steps.join()).not.toContain("rollback");
    expect(world.peer.signalingState).toBe("stable");
    expect(world.peer.transceivers[1]).toMatchObject({ direction: "inactive", sender: { track: null } });
  });

  test("an offer of the server that crossed a refused one is made again, and answered", async () => {
    const world = await withBob();
    const crossing = () => world.hear("room.offer", { negotiation: 1, sdp: "offer v1", tracks: [] });
    let isFirst = true;
    world.answers["room.offer"] = () => {
      if (!isFirst) return { sdp: "answer" };
      isFirst = false;
      crossing();
      return refusal("stream_taken");
    };
    const tracks = [{ source: "camera" as const, track: cameraTrack().asTrack }];
    await expect(world.room.publish({ name: "x", tracks })).rejects.toMatchObject({ code: "stream_taken" });
    await world.offer(2, [camera]);
    expect(world.bodies("room.answer")).toMatchObject([{ negotiation: 2 }]);
  });

  test("that did not get through is sent again as it is", async () => {
    const world = await FakeWorld.entered();
    let isCut = true;
    world.answers["room.offer"] = () => (isCut ? cut() : { sdp: "answer" });
    const published = world.room.publish({ name: "x", tracks: [{ source: "camera", track: cameraTrack().asTrack }] });
    await world.clock.pass(30_000);
    isCut = false;
    world.hear("room.reset");
    await published;
    const texts = world.bodies<{ sdp: string }>("room.offer").map(({ sdp }) => sdp);
    expect(new Set(texts).size).toBe(1);
    expect(world.problems).toEqual([]);
  });

  test("that only the browser does not like is made over another connection", async () => {
    const world = await FakeWorld.entered(["microphone"]);
    const first = world.peer;
    first.setRemoteDescription = () => Promise.reject(new Error("no"));
    await world.room.publish({ name: "x", tracks: [{ source: "screen", track: cameraTrack().asTrack }] });
    expect(world.peers).toHaveLength(2);
    expect(world.published()).toEqual(["mine/microphone@own0", "x/screen@own1"]);
  });

  test("to a server that does not know the device any more enters it again", async () => {
    const world = await FakeWorld.entered(["microphone"]);
    let isLost = true;
    world.answers["room.offer"] = () => (isLost ? ((isLost = false), refusal("not_in_room")) : { sdp: "answer" });
    await world.room.publish({ name: "x", tracks: [{ source: "screen", track: cameraTrack().asTrack }] });
    await rest();
    expect(world.types()).toEqual(["room.offer", "room.token", "room.join", "room.offer"]);
    expect(world.published()).toEqual(["mine/microphone@own0", "x/screen@own1"]);
    expect(world.room.state.stay.phase).toBe("in");
  });
});

describe("a connection that breaks", () => {
  test("for a moment mends itself", async () => {
    const world = await FakeWorld.entered();
    world.peer.become("disconnected");
    await world.clock.pass(2_000);
    world.peer.become("connected");
    await world.clock.pass(60_000);
    expect(world.types()).toEqual([]);
  });

  test("for longer goes on over other addresses", async () => {
    const world = await FakeWorld.entered();
    world.peer.become("disconnected");
    await world.clock.pass(3_000);
    expect(world.peer.steps).toContain("restart");
    expect(world.bodies("room.offer")).toMatchObject([{ sdp: expect.stringContaining("restart") as string }]);
    world.peer.become("connected");
    await world.clock.pass(60_000);
    expect(world.peers).toHaveLength(1);
  });

  test("for good is replaced, once a restart did not help", async () => {
    const world = await FakeWorld.entered(["camera"]);
    world.peer.become("failed");
    await world.clock.pass(10_000);
    expect(world.peers.map(({ signalingState }) => signalingState)).toEqual(["closed", "stable"]);
    expect(world.published()).toEqual(["mine/camera@own0"]);
    world.peer.become("connected");
    await world.clock.pass(60_000);
    expect(world.peers).toHaveLength(2);
  });

  test("twice is mended twice in the same way", async () => {
    const world = await FakeWorld.entered();
    for (let time = 1; time <= 2; time += 1) {
      world.peer.become("failed");
      await rest();
      world.peer.become("connected");
      expect(world.peer.steps.filter((step) => step === "restart")).toHaveLength(time);
    }
    expect(world.peers).toHaveLength(1);
  });

  test("whose restart is refused is replaced", async () => {
    const world = await FakeWorld.entered(["camera"]);
    world.answers["room.offer"] = ({ sdp }: { sdp: string }) =>
      sdp.includes("restart") ? refusal("bad_sdp") : { sdp: "answer" };
    world.peer.become("failed");
    await world.clock.pass(10_000);
    expect(world.peers).toHaveLength(2);
  });

  test("while signaling is away too is mended when that is back", async () => {
    const world = await FakeWorld.entered();
    let isCut = true;
    world.answers["room.offer"] = () => (isCut ? cut() : { sdp: "answer" });
    world.peer.become("failed");
    await world.clock.pass(40_000);
    expect(world.peers).toHaveLength(1);
    isCut = false;
    world.answers["room.read"] = () => roomView();
    world.hear("room.reset");
    await rest();
    world.peer.become("connected");
    expect(world.room.state.stay).toEqual({ phase: "in", isConnected: true });
  });

  test("while the device slept is replaced at once", async () => {
    const world = await FakeWorld.entered();
    world.peer.become("disconnected");
    world.clock.sleep(50_000);
    world.hear("room.reset");
    await rest();
    expect(world.peers).toHaveLength(2);
    expect(world.peers[0]?.steps).not.toContain("restart");
  });

  test("and the stay over, nothing goes on", async () => {
    const world = await FakeWorld.entered();
    world.peer.become("failed");
    await world.room.leave();
    await world.clock.pass(100_000);
    expect(world.peers).toHaveLength(1);
    expect(world.types()).toEqual(["room.leave"]);
  });
});

test("sound alone is negotiated first, and a picture is added later", async () => {
  const world = await FakeWorld.entered();
  await world.room.publish({ name: "x", tracks: [{ source: "microphone", track: audioTrack().asTrack }] });
  expect(world.published()).toEqual(["x/microphone@own0"]);
  const tracks = [
    { source: "microphone" as const, track: audioTrack().asTrack },
    { source: "camera" as const, track: cameraTrack().asTrack },
  ];
  await world.room.publish({ name: "x", tracks });
  expect(world.published()).toEqual(["x/microphone@own0", "x/camera@own1"]);
});
