// A phone that sleeps: what its screen shows, and how it answers.
import type { Answer, AnswerRequest } from "@offhook/client/push";
import type { Answered } from "@offhook/client";
import { beforeEach, describe, expect, test } from "vitest";
import { Phone, type PhoneParts } from "./phone.js";

const NOW = 1_763_700_000_000;
let now: number;
let timers: { at: number; act: () => void }[];
let asked: string[];
let answers: ((answer: Answer) => void)[];
let awake: (Answered | undefined)[];
let kept: Map<string, string>;
let phone: Phone;

const parts = (): PhoneParts => ({
  user: "bob",
  device: "asleep",
  now: () => now,
  after: (ms, act) => {
    const timer = { at: now + ms, act };
    timers.push(timer);
    return () => (timers = timers.filter((other) => other !== timer));
  },
  answer: ({ call, credential, verb }: Omit<AnswerRequest, "server">) => {
    asked.push(`${verb} ${call} with ${credential}`);
    return new Promise((resolve) => answers.push(resolve));
  },
  storage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
  onAwake: (answered) => awake.push(answered),
});

beforeEach(() => {
  [now, timers, asked, answers, awake] = [NOW, [], [], [], []];
  kept = new Map();
  phone = new Phone(parts());
});

function push(own: object = {}): void {
  const ring = {
    v: 1,
    kind: "ring",
    call: "call-1",
    seq: 1,
    to: "bob",
    caller: "alice",
    media: "video",
    credential: "secret",
  };
  const time = { age_ms: 0, remaining_ms: 30_000, ring_until_ms: NOW + 30_000 };
  phone.push(JSON.stringify({ title: "Alice", body: "Video call", offhook: { ...ring, ...time, ...own } }));
}

function advance(ms: number): void {
  now += ms;
  for (const timer of timers.filter(({ at }) => at <= now)) {
    timers = timers.filter((other) => other !== timer);
    timer.act();
  }
}

async function told(answer: Answer): Promise<void> {
  answers.at(-1)?.(answer);
  await Promise.resolve();
}

const screen = () => phone.value.face?.kind ?? "dark";
const did = () => phone.value.came.map((each) => each.did);

describe("a phone that sleeps", () => {
  test("is dark, is woken by a ring, and says so to the server", () => {
    expect(screen()).toBe("dark");
    push();
    expect([screen(), did(), asked]).toEqual(["ringing", ["rang"], ["ringing call-1 with secret"]]);
  });

  test("shows the end of a ring as a missed call, by a stop and by its own clock", () => {
    push();
    push({ kind: "stop", seq: 2, reason: "canceled" });
    expect(screen()).toBe("missed");
    push({ call: "call-2" });
    advance(30_000);
    expect(screen()).toBe("missed");
  });

  test("does not ring for what is late, double, older than what it knows, or somebody else's", () => {
    push({ ring_until_ms: NOW });
    expect(screen()).toBe("missed");
    phone.sleep();
    push({ to: "carol", call: "call-2" });
    expect([screen(), did()[0]]).toEqual(["dark", "nothing"]);
    push({ call: "call-3" });
    push({ call: "call-3" });
    expect(did()[0]).toBe("quiet");
    phone.push("{");
    expect([screen(), did()[0], phone.value.came[0]?.document]).toEqual(["ringing", "nothing", null]);
  });

  test("knows over a reload of its page what it knew", () => {
    push({ kind: "stop", seq: 2, reason: "canceled" });
    phone = new Phone(parts());
    push();
    expect(screen()).toBe("missed");
  });

  test("rings on over a reload of its page, until its time is over", () => {
    push();
    timers = [];
    phone = new Phone(parts());
    expect(screen()).toBe("ringing");
    advance(30_000);
    expect(screen()).toBe("missed");
  });

  test("says for a moment that another device has answered", () => {
    push();
    push({ kind: "stop", seq: 2, reason: "answered_elsewhere" });
    expect(screen()).toBe("note");
    advance(4_000);
    expect(screen()).toBe("dark");
  });

  test("accepts by the credential, and then is awake with the way into the room", async () => {
    push();
    phone.press("accept");
    expect([asked.at(-1), phone.value.isAnswering]).toEqual(["accept call-1 with secret", true]);
    const room = { token: "t", expires_in_ms: 120_000 };
    await told({ isDone: true, room });
    expect(awake).toMatchObject([{ kind: "accepted", call: "call-1", device: "asleep", room }]);
  });

  test("tells why it cannot accept any more, and stays asleep", async () => {
    push();
    phone.press("accept");
    await told({ isDone: false, code: "answered_elsewhere" });
    expect(phone.value.face).toMatchObject({ kind: "note", note: "answered_elsewhere" });
    expect([awake, phone.value.isAnswering]).toEqual([[], false]);
  });

  test("goes dark with a decline", () => {
    push();
    phone.press("decline");
    expect([asked.at(-1), screen()]).toEqual(["reject call-1 with secret", "dark"]);
    advance(30_000);
    expect(screen()).toBe("dark");
  });
});
