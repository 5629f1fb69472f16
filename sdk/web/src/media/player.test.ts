// The voices of a room, in elements that a test makes.
import { beforeEach, describe, expect, test, vi } from "vitest";
import { FakeLocalMedia, FakeStream, FakeTrack, FakeWorld, rest, streamOf } from "../testing/fake_media.js";
import { playSound } from "./player.js";
import { playOn } from "./speaker.js";

class FakeAudio {
  srcObject: unknown = null;
  volume = 1;
  sinkId = "";
  plays = 0;
  static isBlocked = false;
  static reason = "NotAllowedError";

  play(): Promise<void> {
    this.plays += 1;
    const refusal = Object.assign(new Error("no"), { name: FakeAudio.reason });
    return FakeAudio.isBlocked ? Promise.reject(refusal) : Promise.resolve();
  }

  setSinkId(id: string): Promise<void> {
    if (id === "gone") return Promise.reject(new Error("no such device"));
    this.sinkId = id;
    return Promise.resolve();
  }
}

beforeEach(() => {
  vi.stubGlobal("MediaStream", FakeStream);
  FakeAudio.isBlocked = false;
  FakeAudio.reason = "NotAllowedError";
});

const sections = [
  { mid: "a1", stream: "bob-main", source: "microphone" },
  { mid: "v1", stream: "bob-main", source: "camera" },
];

async function heard(media?: FakeLocalMedia) {
  const world = await FakeWorld.entered();
  world.hear("room.members", { added: [{ user: "bob", presence: "flowing" }] });
  world.hear("room.streams", { added: [streamOf("bob", "microphone", "camera")] });
  const elements: FakeAudio[] = [];
  const newElement = () => {
    const element = new FakeAudio();
    elements.push(element);
    return element as unknown as HTMLAudioElement;
  };
  const player = playSound(world.room, media ? { media: media.asMedia } : {}, newElement);
  await world.offer(1, sections);
  await world.clock.pass(100);
  return { world, player, elements };
}

describe("sound", () => {
  test("is played as it comes, each voice once, and pictures are not", async () => {
    const { elements, world } = await heard();
    expect(elements).toHaveLength(1);
    expect(elements[0]?.srcObject).toBe(world.track("bob", "microphone")?.media);
    world.hear("room.levels", { levels: [{ user: "bob", level: 50 }] });
    expect(elements[0]?.plays).toBe(1);
  });

  test("ends with whoever makes it, and with the player", async () => {
    const { elements, player, world } = await heard();
    world.hear("room.members", { removed: [{ user: "bob", cause: "left" }] });
    expect(elements[0]?.srcObject).toBeNull();
    player.stop();
    world.hear("room.members", { added: [{ user: "bob", presence: "flowing" }] });
    world.hear("room.streams", { added: [streamOf("bob", "microphone")] });
    expect(elements).toHaveLength(1);
  });

  test("that the browser keeps silent is told, and heard after a click", async () => {
    FakeAudio.isBlocked = true;
    const { elements, player } = await heard();
    const told: boolean[] = [];
    player.subscribe(({ isBlocked }) => told.push(isBlocked));
    expect(player.state).toEqual({ isBlocked: true });
    await player.resume();
    expect(player.state).toEqual({ isBlocked: true });
    FakeAudio.isBlocked = false;
    await player.resume();
    expect(told).toEqual([false]);
    expect(elements[0]?.plays).toBe(3);
  });

  test("that the browser keeps silent is tried again once the page records, and not with every word of it", async () => {
    FakeAudio.isBlocked = true;
    const media = new FakeLocalMedia();
    const { elements, player } = await heard(media);
    FakeAudio.isBlocked = false;
    media.record("microphone", undefined, "starting");
    await rest();
    expect(player.state).toEqual({ isBlocked: true });
    media.record("microphone", new FakeTrack("audio"));
    await rest();
    expect(player.state).toEqual({ isBlocked: false });
    media.say({ level: 50 });
    expect(elements[0]?.plays).toBe(2);
  });

  test("that was taken away before it began is not blocked", async () => {
    FakeAudio.isBlocked = true;
    FakeAudio.reason = "AbortError";
    const { player } = await heard();
    expect(player.state).toEqual({ isBlocked: false });
  });

  test("of somebody who went while it was blocked blocks nothing any more", async () => {
    FakeAudio.isBlocked = true;
    const { player, world } = await heard();
    world.hear("room.members", { removed: [{ user: "bob", cause: "left" }] });
    expect(player.state).toEqual({ isBlocked: false });
  });

  test("comes from the speaker that is chosen, now and later", async () => {
    const media = new FakeLocalMedia();
    media.say({ chosen: { speaker: "s1" } });
    const { elements, player } = await heard(media);
    expect(elements[0]?.sinkId).toBe("s1");
    media.say({ chosen: { speaker: "s2" } });
    await rest();
    expect(elements[0]?.sinkId).toBe("s2");
    player.stop();
    media.say({ chosen: {} });
    expect(elements[0]?.sinkId).toBe("s2");
  });

  test("is as loud as asked for, within reason", async () => {
    const { elements, player, world } = await heard();
    player.setVolume(7);
    expect(elements[0]?.volume).toBe(1);
    player.setVolume(0.25);
    world.hear("room.streams", { added: [{ stream: "x", user: "bob", tracks: [{ source: "screen_audio" }] }] });
    await world.offer(2, [...sections, { mid: "a2", stream: "x", source: "screen_audio" }]);
    expect(elements.map(({ volume }) => volume)).toEqual([0.25, 0.25]);
  });
});

test("an element plays on a device if the browser can, and says whether it does", async () => {
  const element = new FakeAudio();
  const audio = element as unknown as HTMLMediaElement;
  expect(await playOn(audio, "s1")).toBe(true);
  expect(await playOn(audio, "gone")).toBe(false);
  expect(await playOn(audio, undefined)).toBe(true);
  expect(element.sinkId).toBe("");
  const old = { play: () => undefined } as unknown as HTMLMediaElement;
  expect(await playOn(old, "s1")).toBe(false);
  expect(await playOn(old, undefined)).toBe(true);
});
