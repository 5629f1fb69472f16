// The rules of negotiating.
import { describe, expect, test } from "vitest";
import { encodings, newWishes, onlyCodec, streamName, Turns } from "./negotiation.js";

describe("turns", () => {
  const counts = (turns: Turns, negotiation: number) => {
    const ticket = turns.arrive(negotiation);
    return ticket !== undefined && turns.counts(ticket);
  };

  test("an offer of the server counts while no own one is unanswered", () => {
    expect(counts(new Turns(), 1)).toBe(true);
  });

  test("it is passed over while the own one is unanswered", () => {
    const turns = new Turns();
    turns.open();
    expect(turns.arrive(1)).toBeUndefined();
    turns.close({ voids: 1 });
    expect(counts(turns, 2)).toBe(true);
  });

  test("what the answer voids is passed over after it as well, and nothing else is", () => {
    const turns = new Turns();
    turns.open();
    turns.close({ voids: 4 });
    expect(turns.arrive(3)).toBeUndefined();
    expect(turns.arrive(4)).toBeUndefined();
    expect(counts(turns, 5)).toBe(true);
  });

  test("an answer that voids nothing, or does not say so, leaves the first that comes to count", () => {
    const turns = new Turns();
    turns.open();
    turns.close({});
    expect(counts(turns, 1)).toBe(true);
  });

  test("only the latest answer counts: a server that has forgotten the stay numbers from the beginning", () => {
    const turns = new Turns();
    turns.open();
    turns.close({ voids: 7 });
    turns.open();
    turns.close({});
    expect(counts(turns, 1)).toBe(true);
  });

  test("it counts no longer once an own one has overtaken it, or a newer one of the server", () => {
    const turns = new Turns();
    const first = turns.arrive(1);
    const second = turns.arrive(2);
    expect(first && turns.counts(first)).toBe(false);
    expect(second && turns.counts(second)).toBe(true);
    turns.open();
    expect(second && turns.counts(second)).toBe(false);
  });

  test("nor once an answer has called it void: that of a connection that was given up may have come before", () => {
    const turns = new Turns();
    turns.open();
    turns.open();
    turns.close({});
    const ticket = turns.arrive(1);
    expect(ticket && turns.counts(ticket)).toBe(true);
    turns.close({ voids: 1 });
    expect(ticket && turns.counts(ticket)).toBe(false);
  });
});

describe("encodings", () => {
  const shape = (all: RTCRtpEncodingParameters[]) =>
    all.map(({ active, maxBitrate, rid, scaleResolutionDownBy }) => [rid, active, scaleResolutionDownBy, maxBitrate]);

  test("a camera is sent in three sizes, a small one in two, a screen in one, sound plainly", () => {
    expect(shape(encodings("camera", {}, 720))).toEqual([
      ["q", true, 4, 200_000],
      ["h", true, 2, 600_000],
      ["f", true, 1, 1_700_000],
    ]);
    expect(shape(encodings("camera", {}, 360))).toEqual([
      ["h", true, 2, 200_000],
      ["f", true, 1, 600_000],
    ]);
    expect(encodings("screen", {}, 1_080)).toHaveLength(1);
    expect(encodings("camera", { simulcast: false }, 1_080)).toEqual([
      { active: true, scaleResolutionDownBy: 1, maxBitrate: 3_000_000 },
    ]);
    expect(encodings("microphone", {}, 0)).toEqual([]);
  });

  test("a small camera in the place of a large one leaves the largest of three unused", () => {
    expect(shape(encodings("camera", {}, 360, 3))).toEqual([
      ["q", true, 2, 200_000],
      ["h", true, 1, 600_000],
      ["f", false, 1, 600_000],
    ]);
    expect(shape(encodings("camera", {}, 720, 2))).toEqual([
      ["h", true, 2, 600_000],
      ["f", true, 1, 1_700_000],
    ]);
  });

  test("codecs that would make one scalable stream of the three are told not to", () => {
    expect(encodings("camera", { codec: "av1" }, 720)[0]).toMatchObject({ scalabilityMode: "L1T1" });
    expect(encodings("camera", { codec: "vp8" }, 720)[0]).not.toHaveProperty("scalabilityMode");
  });
});

test("a codec is preferred with what repairs its packets, and none if this browser has it not", () => {
  const all = ["video/VP8", "video/rtx", "video/H264", "video/ulpfec"].map((mimeType) => ({ mimeType }));
  expect(onlyCodec(all, "h264").map(({ mimeType }) => mimeType)).toEqual(["video/H264", "video/rtx", "video/ulpfec"]);
  expect(onlyCodec(all, "av1")).toEqual(all);
});

test("names of streams hold letters that they may hold, and no two users get the same", () => {
  expect(streamName("alice", "main")).toBe("alice-main");
  expect(streamName("a-b", "main")).toBe("a_45_b-main");
  expect(streamName("a_45_b", "main")).toBe("a_95_45_95_b-main");
  expect(streamName("~".repeat(32), "main")).toMatch(/^[A-Za-z0-9_-]{1,256}$/);
});

test("a wish is worth a request if its size really changed", () => {
  const wish = { stream: "s", source: "camera" as const, wanted: true, width: 640, height: 360 };
  const asked = new Map([["s/camera", wish]]);
  const isNew = (change: object) => newWishes(asked, [{ ...wish, ...change }]).length === 1;
  expect(isNew({})).toBe(false);
  expect(isNew({ width: 660, height: 372 })).toBe(false); // Less than a twentieth.
  expect(isNew({ width: 680, height: 383 })).toBe(true);
  expect(isNew({ wanted: false })).toBe(true);
  expect(isNew({ width: 0, height: 0 })).toBe(true); // As large as there is.
  expect(isNew({ source: "screen" })).toBe(true);
  const small = { ...wish, width: 40, height: 30 };
  expect(newWishes(new Map([["s/camera", small]]), [{ ...small, width: 47 }])).toEqual([]); // Less than 8 pixels.
  const unwanted = { ...wish, wanted: false };
  expect(newWishes(new Map([["s/camera", unwanted]]), [{ ...unwanted, width: 10 }])).toEqual([]);
});
