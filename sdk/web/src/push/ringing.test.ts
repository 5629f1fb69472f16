// What a device makes of pushes: late ones, double ones, those of others, and the answers of its user.
import { describe, expect, test } from "vitest";
import { NOW, OFFHOOK, push } from "../testing/pushes.js";
import { reduceRing } from "./ringing.js";
import type { KnownRings, RingContext, RingInput, RingOutput } from "./ringing.js";

const { call } = OFFHOOK;
const BOB: RingContext = { user: "bob", device: "laptop-1", isPageVisible: false };

/** A device, and what it was told. */
class Device {
  known: KnownRings = [];
  now = NOW;
  context = BOB;

  /** @returns what is to be done, each in a few words */
  take(input: RingInput): string[] {
    return this.outputs(input).map(brief);
  }

  outputs(input: RingInput): readonly RingOutput[] {
    const step = reduceRing(this.known, input, this.now, this.context);
    this.known = step.known;
    return step.outputs;
  }

  push(own: object = {}, outer: object = {}): string[] {
    return this.take({ kind: "push", document: push(own, outer) });
  }

  press(button: "accept" | "decline" | "open"): string[] {
    return this.take({ kind: "pressed", call, button });
  }

  refused(code: string): string[] {
    return this.take({ kind: "told", call, answer: { isDone: false, code } });
  }
}

function brief(output: RingOutput): string {
  switch (output.kind) {
    case "show": {
      const { face } = output;
      if (face.kind === "nothing") return "show nothing";
      if (face.kind === "note") return `show ${face.note}`;
      return `show ${face.kind}${face.isQuiet ? " quietly" : ""}`;
    }
    case "ask":
      return `ask ${output.verb} with ${output.credential} for ${output.until - NOW}`;
    case "wait":
      return `wait ${output.until - NOW}`;
    case "leave":
      return `leave ${output.answered.kind}`;
    case "close":
    case "close_soon":
    case "open":
    case "take_back":
      return output.kind;
  }
}

const RING = ["show ringing", "ask ringing with secret for 30000", "wait 30000"];
const NOTHING = ["show nothing", "close_soon"];

function ringing(): Device {
  const device = new Device();
  device.push();
  return device;
}

describe("a ring", () => {
  test("rings, says so to the server, and waits for its end", () => {
    expect(new Device().push()).toEqual(RING);
  });

  test.each([
    ["what is left of it", { remaining_ms: 5_000 }, 5_000],
    ["the server's end", { ring_until_ms: NOW + 7_000 }, 7_000],
    ["the longest that an invite may ask for", { remaining_ms: 1e9, ring_until_ms: NOW + 1e9 }, 600_000],
  ])("rings no longer than %s", (_, own, until) => {
    expect(new Device().push(own).at(-1)).toBe(`wait ${until}`);
  });

  test.each([
    ["nothing was left when it was sent", { remaining_ms: 0 }],
    ["its end is past", { ring_until_ms: NOW }],
    ["it was held for long", { ring_until_ms: NOW - 60_000 }],
  ])("is a missed call, and does not ring, if %s", (_, own) => {
    expect(new Device().push(own)).toEqual(["show missed"]);
  });

  test("is silent where a page is in sight, which rings itself", () => {
    const device = new Device();
    device.context = { ...BOB, isPageVisible: true };
    expect(device.push()[0]).toBe("show ringing quietly");
  });

  test("for somebody else shows nothing of it, and rings for whomever where nobody is known", () => {
    const device = new Device();
    expect(device.push({ to: "carol" })).toEqual(NOTHING);
    expect(device.known).toEqual([]);
    device.context = { isPageVisible: false };
    expect(device.push({ to: "carol" })).toEqual(RING);
  });

  test("without a credential rings, and has nothing to tell the server with", () => {
    expect(new Device().push({ credential: undefined })).toEqual(["show ringing", "wait 30000"]);
  });

  test("rings once, however often it comes", () => {
    expect(ringing().push()).toEqual(["show ringing quietly"]);
  });

  test("rings quietly on while a later step comes, and anew if it is an invitation after the end of the last", () => {
    const device = ringing();
    expect(device.push({ seq: 2 })[0]).toBe("show ringing quietly");
    device.push({ kind: "stop", seq: 3, reason: "canceled" });
    expect(device.push({ seq: 4 })).toEqual(RING);
  });

  test("that comes after its stop shows the missed call once more, without a sound", () => {
    const device = new Device();
    device.push({ kind: "stop", seq: 3, reason: "canceled" });
    expect(device.push()).toEqual(["show missed quietly"]);
  });

  test("becomes a missed call when its time is over, and not before", () => {
    const device = ringing();
    device.now += 29_999;
    expect(device.take({ kind: "time", call })).toEqual(["wait 30000"]);
    device.now += 1;
    expect(device.take({ kind: "time", call })).toEqual(["show missed quietly"]);
    expect(device.take({ kind: "time", call })).toEqual([]);
  });

  test("that comes again when its time is over does not ring again", () => {
    const device = ringing();
    device.now += 30_000;
    expect(device.push()).toEqual(["show missed quietly"]);
  });
});

describe("a push that is none of ours", () => {
  test("is passed over, and something is shown, as browsers demand", () => {
    expect(new Device().take({ kind: "push", document: null })).toEqual(NOTHING);
  });
});

describe("the end of a ring", () => {
  test.each(["canceled", "timed_out", "ended", "of_a_newer_server"])(
    "as %s is a missed call without a sound",
    (reason) => {
      expect(ringing().push({ kind: "stop", seq: 2, reason })).toEqual(["show missed quietly"]);
    },
  );

  test.each(["answered_elsewhere", "rejected_elsewhere"])("as %s is a sentence that goes", (reason) => {
    expect(ringing().push({ kind: "stop", seq: 2, reason })).toEqual([`show ${reason}`, "close_soon"]);
  });

  test("keeps the name by which the ring called who calls, and no credential", () => {
    const device = ringing();
    device.push({ kind: "stop", seq: 2, reason: "canceled" }, { title: "Another text" });
    expect(device.known).toMatchObject([{ name: "Alice", stage: "over" }]);
    expect(JSON.stringify(device.known)).not.toContain("secret");
  });

  test("told twice is shown twice, by the stop and by the word that it was missed", () => {
    const device = ringing();
    device.push({ kind: "stop", seq: 2, reason: "timed_out" });
    expect(device.push({ kind: "missed", seq: 2 })).toEqual(["show missed quietly"]);
  });

  test("sounds where nothing has rung", () => {
    expect(new Device().push({ kind: "missed", seq: 2 })).toEqual(["show missed"]);
  });

  test("ends the ring of its own step, too", () => {
    const device = ringing();
    device.push({ kind: "stop", seq: 1, reason: "canceled" });
    expect(device.known).toMatchObject([{ stage: "over" }]);
  });

  test("of an earlier step does not end a later ring", () => {
    const device = new Device();
    device.push({ seq: 4 });
    expect(device.push({ kind: "stop", seq: 3, reason: "canceled" })).toEqual(["show ringing quietly"]);
    expect(device.known[0]?.stage).toBe("ringing");
  });
});

describe("accepting", () => {
  test("asks the server as long as it rings, and tells the page that it is under way", () => {
    expect(ringing().press("accept")).toEqual(["leave accepting", "ask accept with secret for 30000"]);
  });

  test("done, leaves the way into the room for the page, and opens it", () => {
    const device = ringing();
    device.press("accept");
    const room = { token: "t", expires_in_ms: 120_000 };
    const outputs = device.outputs({ kind: "told", call, answer: { isDone: true, room } });
    expect(outputs).toMatchObject([
      { kind: "leave", answered: { kind: "accepted", call, at: NOW, user: "bob", device: "laptop-1", room } },
      { kind: "open" },
    ]);
    expect(JSON.stringify(device.known)).not.toContain("secret");
  });

  test.each([
    ["answered_elsewhere", "answered_elsewhere"],
    ["call_ended", "call_ended"],
    ["ring_over", "ring_over"],
    ["token_expired", "token_expired"],
    ["unreachable", "unreachable"],
    ["token_invalid", "failed"],
  ])("refused with %s is told in a sentence, and the page has nothing to go on with", (code, note) => {
    const device = ringing();
    device.press("accept");
    expect(device.refused(code)).toEqual(["take_back", `show ${note}`]);
  });

  test("goes on when the ring ends meanwhile: the server's word tells more", () => {
    const device = ringing();
    device.press("accept");
    device.now += 30_000;
    expect(device.take({ kind: "time", call })).toEqual([]);
    expect(device.push({ kind: "stop", seq: 2, reason: "canceled" })).toEqual(NOTHING);
    expect(device.push()).toEqual(NOTHING);
    expect(device.refused("call_ended")).toEqual(["take_back", "show call_ended"]);
  });

  test("is not disturbed by another ring of the call", () => {
    const device = ringing();
    device.press("accept");
    expect(device.push({ seq: 2 })).toEqual(NOTHING);
    expect(device.known).toMatchObject([{ stage: "answering" }]);
  });

  test("twice asks once", () => {
    const device = ringing();
    device.press("accept");
    expect(device.press("accept")).toEqual(["open"]);
  });

  test("too late is told at once, and asks nobody", () => {
    const device = ringing();
    device.now += 30_000;
    expect(device.press("accept")).toEqual(["show ring_over"]);
  });

  test("without the right to answer is left to the page", () => {
    const device = new Device();
    device.push({ credential: undefined });
    expect(device.press("accept")).toEqual(["leave tapped", "open"]);
  });

  test("on this device is no missed call, whatever comes later", () => {
    const device = ringing();
    device.press("accept");
    device.take({ kind: "told", call, answer: { isDone: true } });
    expect(device.push({ kind: "stop", seq: 2, reason: "answered_elsewhere" })).toEqual(NOTHING);
    expect(device.push({ kind: "stop", seq: 5, reason: "ended" })).toEqual(NOTHING);
  });
});

describe("declining", () => {
  test("asks the server, and shows nothing when it is done", () => {
    const device = ringing();
    expect(device.press("decline")).toEqual(["ask reject with secret for 30000"]);
    expect(device.take({ kind: "told", call, answer: { isDone: true } })).toEqual([]);
    expect(device.push({ kind: "missed", seq: 3 })).toEqual(NOTHING);
  });

  test("refused is told in a sentence that goes", () => {
    const device = ringing();
    device.press("decline");
    expect(device.refused("answered_elsewhere")).toEqual(["show answered_elsewhere", "close_soon"]);
  });
});

describe("a press on what is shown", () => {
  test("opens the app without an answer, and the page learns which call", () => {
    const device = ringing();
    expect(device.press("open")).toEqual(["leave tapped", "open"]);
    expect(device.known[0]?.stage).toBe("ringing");
  });

  test("of a missed call, or one that is not known any more, opens the app alone", () => {
    const device = ringing();
    device.push({ kind: "stop", seq: 2, reason: "canceled" });
    expect(device.press("open")).toEqual(["open"]);
    expect(new Device().press("open")).toEqual(["open"]);
  });
});

describe("a ring that a page has settled", () => {
  const settle = (device: Device, reason: string, seq = 2) =>
    device.take({ kind: "settled", document: push({ kind: "stop", seq, reason }) });

  test("goes, if it was answered there, and does not become a missed call", () => {
    const device = ringing();
    expect(settle(device, "answered_here")).toEqual(["close"]);
    device.now += 30_000;
    expect(device.take({ kind: "time", call })).toEqual([]);
    expect(device.push({ kind: "missed", seq: 2 })).toEqual(NOTHING);
  });

  test("is a missed call beside a page that is not in sight, and goes beside one that is", () => {
    expect(settle(ringing(), "canceled")).toEqual(["show missed quietly"]);
    const device = ringing();
    device.context = { ...BOB, isPageVisible: true };
    expect(settle(device, "canceled")).toEqual(["close"]);
  });

  test("before its push came does not ring any more", () => {
    const device = new Device();
    expect(settle(device, "answered_here")).toEqual([]);
    expect(device.push()).toEqual(NOTHING);
    expect(device.push({ seq: 3 })).toEqual(RING);
  });

  test("in an earlier step, or while the worker answers, changes nothing", () => {
    const device = new Device();
    device.push({ seq: 4 });
    expect(settle(device, "canceled", 3)).toEqual([]);
    device.press("accept");
    expect(settle(device, "canceled", 5)).toEqual([]);
    expect(device.known[0]?.stage).toBe("answering");
  });
});

test("an answer to what nobody asked changes nothing", () => {
  const device = ringing();
  expect(device.refused("ring_over")).toEqual([]);
  expect(new Device().refused("ring_over")).toEqual([]);
});

test("fifty calls are remembered, the latest", () => {
  const device = new Device();
  for (let each = 0; each < 60; each += 1) device.push({ call: `call-${each}` });
  expect(device.known).toHaveLength(50);
  expect(device.known[0]?.document.call).toBe("call-10");
});
