// @vitest-environment jsdom
// Pictures in elements, and what the server is told of their sizes.
import { beforeEach, describe, expect, test, vi } from "vitest";
import { FakeStream, FakeWorld, refusal, rest, streamOf } from "../testing/fake_media.js";

let scale = 1;
let sights: ((entries: { isIntersecting: boolean }[]) => void)[] = [];
let sizes: (() => void)[] = [];

beforeEach(() => {
  scale = 1;
  sights = [];
  sizes = [];
  vi.stubGlobal("MediaStream", FakeStream);
  vi.stubGlobal("devicePixelRatio", 1);
  Object.defineProperty(window, "devicePixelRatio", { get: () => scale, configurable: true });
  const observer = (list: unknown[]) =>
    class {
      constructor(hear: unknown) {
        list.push(hear);
      }
      observe() {}
      disconnect() {}
    };
  vi.stubGlobal("ResizeObserver", observer(sizes));
  vi.stubGlobal("IntersectionObserver", observer(sights));
  isHidden = false;
  Object.defineProperty(document, "visibilityState", {
    get: () => (isHidden ? "hidden" : "visible"),
    configurable: true,
  });
});

let isHidden = false;

function video(width: number, height: number) {
  const element = document.createElement("video");
  const size = { width, height };
  element.getBoundingClientRect = () => size as DOMRect;
  element.play = () => Promise.reject(new Error("taken away"));
  let media: unknown = null;
  Object.defineProperty(element, "srcObject", { get: () => media, set: (next: unknown) => (media = next) });
  return { element, size };
}

async function withBob(): Promise<FakeWorld> {
  const world = await FakeWorld.entered();
  world.hear("room.members", { added: [{ user: "bob", presence: "flowing" }] });
  world.hear("room.streams", { added: [streamOf("bob", "camera", "screen")] });
  return world;
}

interface Subscribe {
  wishes: { source: string; wanted: boolean; width?: number; height?: number }[];
}

function wishes(world: FakeWorld) {
  return world
    .bodies<Subscribe>("room.subscribe")
    .map((body) => body.wishes.map(({ source, wanted, width, height }) => [source, wanted, width, height]));
}

const offered = [{ mid: "v1", stream: "bob-main", source: "camera" }];

describe("a picture in an element", () => {
  test("is played as soon as it is received, silently, and let go of at the end", async () => {
    const world = await withBob();
    const { element } = video(640, 360);
    const detach = world.room.attach(element, "bob-main", "camera");
    expect(element.srcObject).toBeNull();
    expect([element.muted, element.autoplay, element.playsInline]).toEqual([true, true, true]);
    await world.offer(1, offered);
    await world.clock.pass(100);
    expect(element.srcObject).toBe(world.track("bob", "camera")?.media);
    detach();
    detach();
    expect(element.srcObject).toBeNull();
  });

  test("is asked for in pixels of the screen, once sizes have come to rest", async () => {
    const world = await withBob();
    scale = 2;
    const { element, size } = video(100, 50);
    world.room.attach(element, "bob-main", "camera");
    size.width = 300;
    sizes[0]?.();
    size.width = 320;
    size.height = 180;
    sizes[0]?.();
    await world.clock.pass(200);
    expect(wishes(world)).toEqual([[["camera", true, 640, 360]]]);
    size.width = 322;
    sizes[0]?.();
    await world.clock.pass(200);
    expect(wishes(world)).toHaveLength(1);
  });

  test("that scrolls out of sight is not wanted until it is back", async () => {
    const world = await withBob();
    world.room.attach(video(320, 180).element, "bob-main", "camera");
    await world.clock.pass(200);
    sights[0]?.([{ isIntersecting: false }]);
    await world.clock.pass(200);
    sights[0]?.([{ isIntersecting: true }]);
    await world.clock.pass(200);
    expect(wishes(world)).toEqual([
      [["camera", true, 320, 180]],
      [["camera", false, undefined, undefined]],
      [["camera", true, 320, 180]],
    ]);
  });

  test("on a page that nobody looks at is not wanted, unless it floats above the windows", async () => {
    const world = await withBob();
    const { element } = video(320, 180);
    world.room.attach(element, "bob-main", "camera");
    world.room.attach(video(320, 180).element, "bob-main", "screen");
    isHidden = true;
    Object.defineProperty(document, "pictureInPictureElement", { value: element, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
    await world.clock.pass(200);
    expect(wishes(world)).toEqual([
      [
        ["camera", true, 640, 360],
        ["screen", false, undefined, undefined],
      ],
    ]);
    Object.defineProperty(document, "pictureInPictureElement", { value: null, configurable: true });
  });

  test("in two elements is wanted as large as the larger one", async () => {
    const world = await withBob();
    world.room.attach(video(160, 90).element, "bob-main", "camera");
    world.room.attach(video(640, 360).element, "bob-main", "camera");
    await world.clock.pass(200);
    expect(wishes(world)).toEqual([[["camera", true, 640, 360]]]);
  });

  test("that moves from one element to another at once costs no word", async () => {
    const world = await withBob();
    const detach = world.room.attach(video(320, 180).element, "bob-main", "camera");
    await world.clock.pass(200);
    detach();
    const again = world.room.attach(video(320, 180).element, "bob-main", "camera");
    await world.clock.pass(200);
    expect(wishes(world)).toHaveLength(1);
    again();
    await world.clock.pass(200);
    expect(wishes(world)).toEqual([[["camera", true, 320, 180]], [["camera", false, undefined, undefined]]]);
  });

  test("of a stream that is not there yet is asked for when it is, and again when it comes anew", async () => {
    const world = await FakeWorld.entered();
    world.room.attach(video(320, 180).element, "bob-main", "camera");
    await world.clock.pass(200);
    expect(wishes(world)).toEqual([]);
    for (let time = 1; time <= 2; time += 1) {
      world.hear("room.streams", { added: [streamOf("bob", "camera")] });
      await world.clock.pass(200);
      expect(wishes(world)).toHaveLength(time);
      world.hear("room.streams", { removed: ["bob-main"] });
      await world.clock.pass(200);
    }
  });
});

describe("wishes", () => {
  test("are told at once, and those for what has gone meanwhile are forgotten", async () => {
    const world = await withBob();
    await world.room.wish([{ stream: "bob-main", source: "camera", wanted: false }]);
    expect(wishes(world)).toEqual([[["camera", false, 0, 0]]]);
    world.answers["room.subscribe"] = () => refusal("stream_not_found");
    const wished = world.room.wish([{ stream: "bob-main", source: "camera" }]);
    await expect(wished).rejects.toMatchObject({ code: "stream_not_found" });
    expect(world.problems).toEqual([]);
  });

  test("are told again in the next stay", async () => {
    const world = await withBob();
    await world.room.wish([{ stream: "bob-main", source: "camera", width: 320, height: 180 }]);
    world.answers["room.read"] = () => refusal("not_in_room");
    world.answers["room.join"] = () => ({
      room: "r",
      role: "member",
      members: [{ user: "bob", presence: "flowing" }],
      streams: [streamOf("bob", "camera")],
    });
    world.hear("room.reset");
    await rest();
    expect(wishes(world)).toHaveLength(2);
  });

  test("that are many go in portions that the server takes", async () => {
    const world = await FakeWorld.entered();
    const names = Array.from({ length: 300 }, (_, index) => `s${index}`);
    const streams = names.map((stream) => ({ stream, user: "bob", tracks: [{ source: "camera" }] }));
    world.hear("room.streams", { added: streams });
    await world.room.wish(names.map((stream) => ({ stream, source: "camera", wanted: false })));
    expect(wishes(world).map(({ length }) => length)).toEqual([256, 44]);
  });
});
