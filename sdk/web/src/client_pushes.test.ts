// Pushes as a client asks for them: what is sent along, where the device is reached, and how far an invitation has got.
import { expect, test } from "vitest";
import type { Answered } from "./api/push.js";
import { CALL, CALL_2, calling, event, legs, placed, problem, replyCall, Stage, view } from "./testing/fake_world.js";

const WIRE = {
  title: "Bob",
  body: "Video call",
  payload: "{}",
  resource: "calls",
  thread: "bob",
  badge: 2,
  voip: { handle: "0123", handle_kind: "phone", has_video: true },
};
const PUSH = { ...WIRE, voip: { handle: "0123", handleKind: "phone", hasVideo: true } };

test("an invite sends a push and the wish for its delivery along, and nothing of it unasked", async () => {
  const stage = new Stage();
  const socket = await stage.online();
  void stage.client.invite(["alice"], { push: PUSH, deliveryUpdates: true });
  void stage.client.invite(["alice"]);
  const [asked, plain] = socket.written();
  expect(asked).toMatchObject({ type: "call.invite", body: { push: WIRE, delivery_updates: true } });
  expect(plain?.["body"]).not.toHaveProperty("push");
  expect(plain?.["body"]).not.toHaveProperty("delivery_updates");
});

test("whatever ends a ring, or begins another, can send a push along", async () => {
  const stage = new Stage();
  const call = await calling(stage);
  const push = { title: "", voip: {} };
  for (const asked of [call.add(["carol"], { push }), call.cancel({ push }), call.quit({ push }), call.end({ push })])
    asked.catch(() => undefined);
  const written = stage.world.socket.written();
  expect(written.map(({ type }) => type)).toStrictEqual(["call.add", "call.cancel", "call.quit", "call.end"]);
  for (const { body } of written) expect(body).toMatchObject({ call: CALL, push });
});

test("a step of the delivery is a change of the leg, told once", async () => {
  const stage = new Stage();
  const call = await calling(stage);
  const changed = [{ user: "alice", status: "inviting", delivery: "push_accepted" }];
  await stage.hear(event("call.changed", 2, { call: CALL, seq: 2, changed }));
  expect(stage.told()).toStrictEqual(["call_changed"]);
  expect(call.state.legs[1]).toMatchObject({ user: "alice", delivery: "push_accepted" });
  await stage.hear(event("call.changed", 3, { call: CALL, seq: 3, changed }));
  expect(stage.told()).toStrictEqual([]);
});

test("a page of past calls says which were missed", async () => {
  const stage = new Stage();
  await stage.online();
  const asked = stage.client.history();
  const end = { at: 1, cause: "unanswered" };
  const calls = [view({ missed: true, status: "ended", end }), placed({ call: CALL_2 })];
  await stage.hear({ type: "reply.calls", id: 1, body: { calls } });
  expect((await asked).calls.map(({ isMissed }) => isMissed)).toStrictEqual([true, false]);
});

test.each(["timed_out", "be_canceled"])(
  "a call whose ring ended as %s was missed, as its event says",
  async (status) => {
    const stage = new Stage();
    await stage.online();
    await stage.hear(event("call.invited", 1, view()));
    expect(stage.client.call(CALL)?.state.isMissed).toBe(false);
    const end = { at: 1, cause: "unanswered" };
    await stage.hear(event("call.unanswered", 2, { call: CALL, seq: 2, changed: [{ user: "bob", status }], end }));
    expect(stage.client.call(CALL)?.state.isMissed).toBe(true);
  },
);

test("a device is registered and forgotten, and is told the key of its app", async () => {
  const stage = new Stage();
  const socket = await stage.online();
  const address = { provider: "web", endpoint: "https://push.example/7", p256dh: "BC", auth: "BT" } as const;
  const registered = stage.client.registerDevice([address]);
  const keyed = stage.client.pushKey("calls");
  const keyless = stage.client.pushKey();
  const forgotten = stage.client.unregisterDevice();
  expect(socket.written()).toStrictEqual([
    { type: "device.register", id: 1, body: { addresses: [address] } },
    { type: "device.push_key", id: 2, body: { resource: "calls" } },
    { type: "device.push_key", id: 3, body: {} },
    { type: "device.unregister", id: 4 },
  ]);
  await stage.hear({ type: "reply.done", id: 1 });
  await stage.hear({ type: "reply.push_key", id: 2, body: { key: "BA1H" } });
  await stage.hear({ type: "reply.push_key", id: 3, body: {} });
  await stage.hear({ type: "reply.done", id: 4 });
  await registered;
  expect(await keyed).toBe("BA1H");
  expect(await keyless).toBeUndefined();
  await forgotten;
});

test("a trace shows no address of a device", async () => {
  const stage = new Stage();
  await stage.online();
  const lines: string[] = [];
  stage.client.on("trace", ({ frame }) => void lines.push(JSON.stringify(frame)));
  void stage.client.registerDevice([{ provider: "web", endpoint: "https://push.example/7", p256dh: "BC", auth: "se" }]);
  expect(lines).toHaveLength(1);
  expect(lines.join()).not.toMatch(/push\.example|"se"/);
});

const inCall = (more: object = {}) =>
  view({ seq: 2, legs: legs("alice accepted", "bob accepted"), main_device: "laptop-1", ...more });

/** What a service worker has left. */
const answered = (more: Partial<Answered> = {}): Answered => ({
  kind: "accepted",
  call: CALL,
  at: Date.now(),
  room: { token: "of-the-worker", expires_in_ms: 120_000 },
  view: inCall(),
  ...more,
});

test("a call that the service worker has accepted is entered by the token that it was given", async () => {
  const stage = new Stage();
  const socket = await stage.online();
  const resumed = stage.client.resumeAnswered(answered());
  expect(socket.written()).toStrictEqual([{ type: "call.read", id: 1, body: { call: CALL } }]);
  await stage.hear(replyCall(1, inCall()));
  const call = await resumed;
  expect(call.state.phase).toBe("active");
  call.room();
  expect(stage.world.rooms[0]?.port.takeToken()).toBe("of-the-worker");
});

test("a call that is over for the server once it is answered goes on, although the service worker answered it", async () => {
  const stage = new Stage();
  await stage.online();
  const over = inCall({ mode: "general", status: "ended", end: { at: 1, cause: "answered" } });
  const resumed = stage.client.resumeAnswered(answered({ view: over }));
  await stage.hear(replyCall(1, over));
  expect((await resumed).state.phase).toBe("active");
});

test("a token that has run out since is left alone", async () => {
  const stage = new Stage();
  await stage.online();
  const resumed = stage.client.resumeAnswered(answered({ at: Date.now() - 120_000 }));
  await stage.hear(replyCall(1, inCall()));
  (await resumed).room();
  expect(stage.world.rooms[0]?.port.takeToken()).toBeUndefined();
});

test("an acceptance without an answer is asked for again, and a refusal of it is told", async () => {
  const stage = new Stage();
  const socket = await stage.online();
  const resumed = stage.client.resumeAnswered({ kind: "accepting", call: CALL, at: Date.now() });
  expect(socket.types()).toStrictEqual(["call.accept"]);
  await stage.hear(problem(1, "answered_elsewhere"));
  await expect(resumed).rejects.toMatchObject({ code: "answered_elsewhere" });
});

test("a call that was only tapped is learned of, and not answered", async () => {
  const stage = new Stage();
  const socket = await stage.online();
  await stage.hear(event("call.invited", 1, view()));
  socket.written();
  const resumed = stage.client.resumeAnswered({ kind: "tapped", call: CALL, at: Date.now() });
  expect(socket.types()).toStrictEqual(["call.read"]);
  await stage.hear(replyCall(2, view()));
  expect((await resumed).state.phase).toBe("ringing");
});
