// The service worker: what it shows, asks and opens, and what it leaves for the page.
import { beforeEach, describe, expect, test } from "vitest";
import { FakeWorker } from "../testing/fake_worker.js";
import type { Reply } from "../testing/fake_worker.js";
import { NOW, OFFHOOK, push, pushText } from "../testing/pushes.js";
import { takeKept } from "./kept.js";
import { handlePushes } from "./worker.js";

const { call } = OFFHOOK;
const TAG = `offhook-${call}`;
const API = `https://calls.example/v1/invitations/${call}`;
const BOB = { user: "bob", device: "laptop-1" };

let worker: FakeWorker;

beforeEach(async () => {
  worker = new FakeWorker();
  handlePushes({ apiUrl: "https://calls.example/", icon: "/icon.png" }, worker.surroundings);
  await worker.shelf.change("subscription", () => [{ ...BOB, key: "BA1H" }, undefined]);
});

const left = () => takeKept(worker.shelf, BOB, worker.now);
const problem = (code: string, status = 409): Reply => ({ status, body: { code } });
const never = new Promise<Reply>(() => undefined);

describe("a ring", () => {
  test("is shown until it is answered, with both answers, and the server is told", async () => {
    await worker.push(pushText());
    expect(worker.shown.get(TAG)).toEqual({
      title: "Alice",
      options: {
        tag: TAG,
        body: "Video call",
        icon: "/icon.png",
        data: { call, isRinging: true },
        requireInteraction: true,
        renotify: true,
        silent: false,
        timestamp: NOW - 2_000,
        actions: [
          { action: "accept", title: "Accept" },
          { action: "decline", title: "Decline" },
        ],
      },
    });
    expect(worker.asked).toEqual([`POST ${API}/ringing with Bearer secret`]);
  });

  test("is shown before the server answers, and becomes a missed call when its time is over", async () => {
    worker.replies = [never];
    await worker.push(pushText());
    expect(worker.shown.get(TAG)?.title).toBe("Alice");
    await worker.advance(30_000);
    expect(worker.shown.get(TAG)).toMatchObject({
      title: "Missed call from Alice",
      options: { silent: true, body: "" },
    });
    expect(worker.shown.get(TAG)?.options).not.toHaveProperty("actions");
  });

  test("makes no sound beside a page that is in sight, and does beside one that is not", async () => {
    worker.window("/", "hidden");
    await worker.push(pushText());
    expect(worker.shown.get(TAG)?.options).toMatchObject({ silent: false, renotify: true });
    worker.window("/", "visible");
    await worker.push(pushText({ call: "call-2" }));
    expect(worker.shown.get("offhook-call-2")?.options).toMatchObject({ silent: true, renotify: false });
  });

  test("rings although the browser forbids storage", async () => {
    worker.shelf.isForbidden = true;
    await worker.push(pushText());
    expect(worker.shown.get(TAG)?.options).toMatchObject({ silent: false });
  });

  test("without lines of its own says who calls, and what", async () => {
    await worker.push(pushText({ media: "audio" }, { title: "", body: "" }));
    expect(worker.shown.get(TAG)).toMatchObject({ title: "alice", options: { body: "Voice call" } });
  });

  test("for somebody else shows nothing of it, and what is shown goes", async () => {
    await worker.push(pushText({ to: "carol" }));
    expect([...worker.shown.values()].map(({ title }) => title)).toEqual(["Nothing new"]);
    await worker.advance(4_000);
    expect(worker.shown.size).toBe(0);
  });

  test.each([null, "", "{", '{"title":"News"}'])("that is none (%j) shows something all the same", async (text) => {
    await worker.push(text);
    expect(worker.shows).toBe(1);
    expect(worker.asked).toEqual([]);
  });
});

describe("the end of a ring", () => {
  test.each(["canceled", "timed_out", "ended"])("as %s takes its place as a missed call", async (reason) => {
    await worker.push(pushText());
    await worker.push(pushText({ kind: "stop", seq: 2, reason }));
    expect(worker.shown.size).toBe(1);
    expect(worker.shown.get(TAG)).toMatchObject({ title: "Missed call from Alice", options: { silent: true } });
    await worker.advance(600_000);
    expect(worker.shown.size).toBe(1);
    expect(worker.shows).toBe(2);
  });

  test("on another device is said for a moment", async () => {
    await worker.push(pushText());
    await worker.push(pushText({ kind: "stop", seq: 2, reason: "answered_elsewhere" }));
    expect(worker.shown.get(TAG)).toMatchObject({ title: "Alice", options: { body: "Answered on another device" } });
    await worker.advance(4_000);
    expect(worker.shown.size).toBe(0);
  });

  test("that is said for a moment does not take a later ring along", async () => {
    await worker.push(pushText());
    await worker.push(pushText({ kind: "stop", seq: 2, reason: "rejected_elsewhere" }));
    await worker.push(pushText({ seq: 3 }));
    await worker.advance(4_000);
    expect(worker.shown.get(TAG)?.options).toMatchObject({ data: { isRinging: true } });
  });

  test("as the word that it was missed has lines of its own", async () => {
    await worker.push(pushText({ kind: "missed", seq: 2 }, { title: "Missed call", body: "Alice called" }));
    expect(worker.shown.get(TAG)).toMatchObject({
      title: "Missed call",
      options: { body: "Alice called", silent: false },
    });
  });
});

describe("accepting", () => {
  const room = { token: "of-the-room", expires_in_ms: 120_000 };
  const view = { call, seq: 2 };

  test("leaves the answer for the page, and opens one", async () => {
    await worker.push(pushText());
    worker.replies = [{ status: 200, body: { call: view, room } }];
    await worker.click(TAG, "accept");
    expect(worker.asked.at(-1)).toBe(`POST ${API}/accept with Bearer secret`);
    expect(worker.opened).toEqual([`https://app.example/?offhook-call=${call}`]);
    expect(await left()).toEqual({ kind: "accepted", call, ...BOB, at: NOW, room, view });
    expect(await left()).toBeUndefined();
    expect(worker.shown.size).toBe(0);
  });

  test("brings the page to the front that is there, one in sight before others, and nudges it", async () => {
    const [hidden, seen] = [worker.window("/a"), worker.window("/b", "visible")];
    await worker.push(pushText());
    await worker.click(TAG, "accept");
    expect(worker.opened).toEqual([]);
    expect([hidden.isFocused, seen.isFocused]).toEqual([false, true]);
    expect(seen.told).toEqual([{ offhook: "answered" }]);
  });

  test("opens a page before the browser forbids it, if the server takes its time", async () => {
    await worker.push(pushText());
    worker.replies = [never];
    await worker.click(TAG, "accept");
    await worker.advance(699);
    expect(worker.opened).toEqual([]);
    await worker.advance(1);
    expect(worker.opened).toHaveLength(1);
    expect(await left()).toMatchObject({ kind: "accepting", call });
  });

  test("is tried again while it rings, on a network that comes back", async () => {
    await worker.push(pushText());
    worker.replies = ["no network", { status: 503 }, { status: 200, body: { call: view, room } }];
    await worker.click(TAG, "accept");
    await worker.advance(500);
    await worker.advance(1_000);
    expect(worker.asked.filter((each) => each.includes("/accept"))).toHaveLength(3);
    expect(await left()).toMatchObject({ kind: "accepted" });
  });

  test("is given up when the ring is over, and told", async () => {
    await worker.push(pushText());
    worker.replies = ["no network"];
    await worker.click(TAG, "accept");
    await worker.advance(30_000);
    expect(worker.shown.get(TAG)?.options.body).toBe("The call could not be answered: there is no connection");
    expect(await left()).toBeUndefined();
    const tries = worker.asked.length;
    await worker.advance(60_000);
    expect(worker.asked).toHaveLength(tries);
  });

  test.each([
    ["ring_over", "The call was missed: its ring is over", 409],
    ["answered_elsewhere", "Answered on another device", 409],
    ["call_ended", "The call is over", 409],
    ["token_expired", "The call was missed: its ring is over", 401],
    ["token_invalid", "The call could not be answered", 401],
  ])("that is refused with %s becomes a sentence, and opens nothing", async (code, sentence, status) => {
    await worker.push(pushText());
    worker.replies = [problem(code, status)];
    await worker.click(TAG, "accept");
    expect(worker.shown.get(TAG)).toMatchObject({ title: "Alice", options: { body: sentence, silent: true } });
    expect(worker.opened).toEqual([]);
    expect(await left()).toBeUndefined();
  });
});

test("declining tells the server, and nothing is left", async () => {
  await worker.push(pushText());
  await worker.click(TAG, "decline");
  expect(worker.asked.at(-1)).toBe(`POST ${API}/reject with Bearer secret`);
  await worker.advance(600_000);
  expect([worker.shown.size, worker.opened.length, await left()]).toEqual([0, 0, undefined]);
});

test("a press beside the answers opens the page, which learns of the call, and does not answer", async () => {
  await worker.push(pushText());
  await worker.click(TAG);
  expect(worker.asked).toHaveLength(1);
  expect(worker.opened).toHaveLength(1);
  // What it is to find must be there before the page.
  expect(worker.keptWhenOpened).toEqual([true]);
  expect(await left()).toMatchObject({ kind: "tapped", call });
});

test("what was left for another user or device, or long ago, is not taken", async () => {
  await worker.push(pushText());
  await worker.click(TAG);
  expect(await takeKept(worker.shelf, { user: "carol", device: "laptop-1" }, NOW)).toBeUndefined();
  expect(await takeKept(worker.shelf, { user: "bob", device: "tablet-1" }, NOW)).toBeUndefined();
  expect(await takeKept(worker.shelf, BOB, NOW + 600_001)).toBeUndefined();
  expect(await left()).toBeUndefined();
});

test("an app of several people says which page is whose, and what to open", async () => {
  worker = new FakeWorker();
  await worker.shelf.change("subscription", () => [{ ...BOB, key: "BA1H" }, undefined]);
  const openUrl = ({ to, device = "", call: id }: { to: string; device?: string; call: string }) =>
    `/u/${to}?device=${device}&offhook-call=${id}`;
  const isPageOf = ({ pathname }: URL, { to }: { to: string }) => pathname === `/u/${to}`;
  handlePushes({ openUrl, isPageOf }, worker.surroundings);
  const alice = worker.window("/u/alice", "visible");
  await worker.push(pushText());
  expect(worker.shown.get(TAG)?.options.silent).toBe(false);
  expect(worker.asked).toEqual([`POST https://app.example/v1/invitations/${call}/ringing with Bearer secret`]);
  await worker.click(TAG, "accept");
  expect(worker.opened).toEqual([`/u/bob?device=laptop-1&offhook-call=${call}`]);
  expect(alice.isFocused).toBe(false);
});

test("another subscription of the browser is made with the same key, and open pages register it", async () => {
  const page = worker.window("/");
  await worker.happen("pushsubscriptionchange");
  expect(worker.subscribed).toEqual([{ applicationServerKey: "BA1H", userVisibleOnly: true }]);
  expect(page.told).toEqual([{ offhook: "subscription" }]);
});

test("a page that has settled a ring tells the worker, which takes the notification away", async () => {
  await worker.push(pushText());
  const document = push({ kind: "stop", seq: 2, reason: "answered_here" });
  await worker.happen("message", { data: { offhook: "settled", document } });
  expect(worker.shown.size).toBe(0);
  await worker.advance(30_000);
  expect(worker.shown.size).toBe(0);
  await worker.happen("message", { data: "of the app's own" });
  await worker.happen("message", { data: null });
  expect(worker.shows).toBe(1);
});
