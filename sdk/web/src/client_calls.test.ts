// Calls of a client: what rings, what each phase is, which rooms they have, and how long they are remembered.
import { describe, expect, test } from "vitest";
import type { CallPhase } from "./api/call.js";
import type { CallView } from "./generated/frames.js";
import {
  CALL,
  CALL_2,
  calling,
  event,
  legs,
  placed,
  problem,
  replyCall,
  Stage,
  view,
  welcome,
} from "./testing/fake_world.js";

describe("a ring", () => {
  test("is told, acknowledged, counted down on this device's clock, and accepted", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    await stage.hear(event("call.invited", 1, view({ extended_data: "<b>hi</b>" })));
    const [incoming] = stage.events.splice(0);
    expect(incoming).toMatchObject({ kind: "incoming", remainingMs: 30_000 });
    expect(socket.types()).toStrictEqual(["call.acknowledge"]);
    const call = stage.client.call(CALL);
    expect(incoming).toHaveProperty("call", call);
    expect(call?.state).toStrictEqual({
      id: CALL,
      alias: "1846023554563377723",
      seq: 1,
      mode: "advanced",
      media: "video",
      caller: "alice",
      inviter: "alice",
      extendedData: "<b>hi</b>",
      legs: [
        { user: "alice", status: "accepted", data: "" },
        { user: "bob", status: "inviting", data: "" },
      ],
      phase: "ringing",
      ringUntil: stage.world.now + 30_000,
      timeoutMs: 30_000,
      isWaiting: false,
      isMissed: false,
      createdAt: 1_763_700_000_000,
    });
    const accepted = call?.accept({ data: "hello" });
    expect(socket.written()).toStrictEqual([{ type: "call.accept", id: 2, body: { call: CALL, data: "hello" } }]);
    const changed = legs("bob accepted");
    await stage.hear(event("call.changed", 2, { call: CALL, seq: 2, changed, main_device: "laptop-1" }));
    expect(stage.told()).toStrictEqual(["ring_stopped answered_here", "call_changed"]);
    await stage.hear(
      replyCall(2, view({ seq: 2, legs: legs("alice accepted", "bob accepted"), main_device: "laptop-1" })),
    );
    await accepted;
    expect(call?.state).toMatchObject({ phase: "active", activeSince: stage.world.now, ringStopped: "answered_here" });
    expect(call?.state).not.toHaveProperty("ringUntil");
  });

  test("ends by its own clock, and then the call is silenced until the server says more", async () => {
    const stage = new Stage();
    await stage.online();
    await stage.hear(event("call.invited", 1, view({ remaining_ms: 20_000 })));
    stage.told();
    await stage.world.advance(20_000);
    expect(stage.told()).toStrictEqual(["ring_stopped timed_out"]);
    expect(stage.client.call(CALL)?.state).toMatchObject({ phase: "silenced", ringStopped: "timed_out" });
    const end = { at: 5, cause: "unanswered" };
    await stage.hear(event("call.unanswered", 2, { call: CALL, seq: 2, changed: legs("bob timed_out"), end }));
    expect(stage.told()).toStrictEqual(["call_ended"]);
    expect(stage.client.call(CALL)?.state).toMatchObject({ phase: "over", end });
  });

  test("is silenced on this device at once, before the server has heard of it", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    await stage.hear(event("call.invited", 1, view()));
    const call = stage.client.call(CALL);
    void call?.ignore();
    expect(call?.state).toMatchObject({ phase: "silenced", ringStopped: "ignored" });
    expect(socket.types()).toStrictEqual(["call.acknowledge", "call.ignore"]);
    await stage.hear(event("call.invited", 2, view({ seq: 3, remaining_ms: 20_000 })));
    expect(call?.state.phase, "another invitation is another ring").toBe("ringing");
    expect(call?.state).not.toHaveProperty("ringStopped");
  });

  test("is acknowledged by the app, if the app says so", async () => {
    const stage = new Stage({ acknowledge: false });
    const socket = await stage.online();
    await stage.hear(event("call.invited", 1, view()));
    expect(socket.types()).toStrictEqual([]);
    void stage.client.call(CALL)?.acknowledge();
    expect(socket.types()).toStrictEqual(["call.acknowledge"]);
  });

  test("is rejected with a reason, and told as declined here", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    await stage.hear(event("call.invited", 1, view()));
    socket.written();
    stage.told();
    const rejected = stage.client.call(CALL)?.reject({ reason: "busy" });
    expect(socket.written()[0]?.["body"]).toStrictEqual({ call: CALL, data: "", reason: "busy" });
    await stage.hear(event("call.changed", 2, { call: CALL, seq: 2, changed: legs("bob rejected") }));
    await stage.hear(replyCall(2));
    await rejected;
    expect(stage.told()).toStrictEqual(["ring_stopped declined_here", "call_changed"]);
    expect(stage.client.call(CALL)?.state.phase).toBe("over");
  });

  test("that came too late to accept shows how the call ended before the refusal is told", async () => {
    const stage = new Stage();
    await stage.online();
    await stage.hear(event("call.invited", 1, view()));
    const call = stage.client.call(CALL);
    const accepted = call?.accept().catch((error: unknown) => [error, call.state.phase]);
    const ended = view({
      seq: 4,
      status: "ended",
      legs: legs("alice canceled", "bob be_canceled"),
      end: { at: 9, by: "alice", cause: "canceled" },
    });
    await stage.hear(problem(2, "call_ended", ended));
    const [error, phase] = (await accepted) as [unknown, CallPhase];
    expect(phase).toBe("over");
    expect(error).toMatchObject({ code: "call_ended", details: { call: { phase: "over", end: { by: "alice" } } } });
    expect(stage.told()).toStrictEqual(["incoming", "ring_stopped canceled", "call_ended"]);
  });
});

describe("what a call is to this device", () => {
  const here = { main_device: "laptop-1" };
  test.each<[string, Partial<CallView>, CallPhase]>([
    ["called by bob, alice rings", { caller: "bob", legs: legs("bob accepted", "alice received") }, "calling"],
    ["with alice", { legs: legs("alice accepted", "bob accepted"), ...here }, "active"],
    ["left by alice", { legs: legs("alice quit", "bob accepted"), ...here }, "alone"],
    ["on the phone", { legs: legs("alice accepted", "bob accepted"), main_device: "phone-1" }, "elsewhere"],
    ["left by bob", { legs: legs("alice accepted", "bob quit") }, "over"],
    ["silenced", { legs: legs("alice accepted", "bob received"), ignored: true }, "silenced"],
    ["a word of tomorrow", { legs: legs("alice accepted", "bob pondering"), remaining_ms: 0 }, "silenced"],
  ])("%s", async (_, more, phase) => {
    const stage = new Stage();
    await stage.online([view(more)]);
    const call = stage.client.callById(CALL);
    const read = call.read();
    const asked = stage.world.socket.written().find(({ type }) => type === "call.read");
    await stage.hear(replyCall(asked?.["id"] as number, view(more)));
    expect((await read).phase).toBe(phase);
    expect(call.state.phase).toBe(phase);
  });

  test("talk that begins tomorrow by the server's own times begins at this moment", async () => {
    const stage = new Stage();
    const accepted = [
      { user: "alice", status: "accepted" },
      { user: "bob", status: "accepted", accepted_at: 1_863_700_000_000 },
    ];
    await stage.online([view({ ...here, legs: accepted })]);
    expect(stage.client.call(CALL)?.state.activeSince).toBe(stage.world.now);
  });

  test("a reply that is older than what is known changes nothing", async () => {
    const stage = new Stage();
    await stage.online();
    const call = stage.client.callById(CALL);
    const [newer, older] = [call.read(), call.read()];
    await stage.hear(replyCall(1, view({ seq: 7, status: "ended", legs: legs("alice quit", "bob quit") })));
    await stage.hear(replyCall(2, view({ seq: 6, legs: legs("alice quit", "bob quit") })));
    await Promise.all([newer, older]);
    expect(call.state.seq).toBe(7);
  });

  test("a known call is in a page of calls what it is at the moment", async () => {
    const stage = new Stage();
    await stage.online();
    await stage.hear(event("call.invited", 1, view()));
    const page = stage.client.history();
    await stage.hear({ type: "reply.calls", id: 2, body: { calls: [view()] } });
    expect((await page).calls[0]).toBe(stage.client.call(CALL)?.state);
  });

  test("talk that began before this page did is dated by the distance of the server's own times", async () => {
    const stage = new Stage();
    await stage.world.advance(1_000_000);
    const since = 1_763_700_004_000;
    const accepted = [
      { user: "alice", status: "accepted" },
      { user: "bob", status: "accepted", accepted_at: since },
    ];
    await stage.online([view({ ...here, age_ms: 64_000, legs: accepted, seq: 3 })]);
    expect(stage.client.call(CALL)?.state.activeSince).toBe(stage.world.now - 60_000);
  });

  test("a call is found by its alias, and is one object for ever", async () => {
    const stage = new Stage();
    await stage.online();
    const before = stage.client.callById(CALL);
    expect(before.state).toMatchObject({ phase: "over", seq: 0, alias: "115583911387494971" });
    expect(stage.client.state.calls).toStrictEqual([]);
    await stage.hear(event("call.invited", 1, view()));
    expect(stage.client.call("1846023554563377723")).toBe(before);
    expect(stage.client.call(CALL)).toBe(before);
    expect(stage.client.call("nothing")).toBeUndefined();
  });

  test("a nonsensical id is refused by the server, and breaks nothing here", async () => {
    const stage = new Stage();
    await stage.online();
    expect(stage.client.callById("<b>").state).toMatchObject({ phase: "over", alias: "0" });
  });
});

describe("a call of the general mode", () => {
  const answered = { at: 5, cause: "answered" };

  test("is over for the server once answered, and active here until it is hung up", async () => {
    const stage = new Stage();
    const call = await calling(stage, { mode: "general" });
    await stage.hear(event("call.changed", 2, { call: CALL, seq: 2, changed: legs("alice accepted"), end: answered }));
    expect(stage.told()).toStrictEqual(["call_ended"]);
    expect(call.state).toMatchObject({ phase: "active", end: answered, activeSince: stage.world.now });
    await call.hangUp();
    expect(call.state.phase).toBe("over");
    expect(stage.world.socket.types(), "nobody can quit it").toStrictEqual([]);
  });

  test("goes on although the client has heard of many others since", async () => {
    const stage = new Stage();
    const call = await calling(stage, { mode: "general" });
    await stage.hear(event("call.changed", 2, { call: CALL, seq: 2, changed: legs("alice accepted"), end: answered }));
    for (let at = 0; at < 70; at += 1) {
      const other = `019aa2f4-${(0x9000 + at).toString(16)}-7a3b-9c4d-1e2f3a4b5c6d`;
      await stage.hear(event("call.invited", at * 2 + 3, view({ call: other })));
      const changed = legs("bob be_canceled");
      await stage.hear(
        event("call.canceled", at * 2 + 4, { call: other, seq: 2, changed, end: { at: 1, cause: "canceled" } }),
      );
    }
    expect(call.state.phase).toBe("active");
    stage.world.socket.drop(4409);
    expect(call.state.phase).toBe("over");
  });

  test("is over when its room is left", async () => {
    const stage = new Stage();
    const call = await calling(stage, { mode: "general" });
    call.room();
    await stage.hear(event("call.changed", 2, { call: CALL, seq: 2, changed: legs("alice accepted"), end: answered }));
    stage.world.rooms[0]?.be("out");
    expect(call.state.phase, "a room that was never entered is not left").toBe("active");
    stage.world.rooms[0]?.be("in");
    stage.world.rooms[0]?.be("out");
    expect(call.state.phase).toBe("over");
  });

  test("that was answered on another device is over here", async () => {
    const stage = new Stage();
    await stage.online();
    await stage.hear(event("call.invited", 1, view({ mode: "general" })));
    const changed = legs("bob accepted");
    await stage.hear(event("call.changed", 2, { call: CALL, seq: 2, changed, end: answered, main_device: "phone-1" }));
    const state = stage.client.call(CALL)?.state;
    expect(state).toMatchObject({ phase: "over", ringStopped: "answered_elsewhere" });
  });

  test("of the past is over", async () => {
    const stage = new Stage();
    await stage.online();
    const past = placed({
      mode: "general",
      status: "ended",
      end: answered,
      legs: legs("bob accepted", "alice accepted"),
    });
    const page = stage.client.history({ limit: 5 });
    await stage.hear({ type: "reply.calls", id: 1, body: { calls: [past], next: "more" } });
    const { calls, next } = await page;
    expect([calls.map(({ phase }) => phase), next]).toStrictEqual([["over"], "more"]);
    expect(stage.client.state.calls).toStrictEqual([]);
  });

  test("that this device accepted without knowing it is active", async () => {
    const stage = new Stage();
    await stage.online();
    const call = stage.client.callById(CALL);
    const accepted = call.accept();
    const both = legs("alice accepted", "bob accepted");
    const more = { mode: "general", status: "ended", end: answered, legs: both, main_device: "laptop-1" };
    await stage.hear(replyCall(1, view({ ...more, seq: 2 })));
    await accepted;
    expect(call.state.phase).toBe("active");
  });
});

describe("rooms", () => {
  test("a call's room finds the token that came with the call, once, and while it is good", async () => {
    const stage = new Stage();
    await stage.online();
    await stage.hear(event("call.invited", 1, view()));
    const call = stage.client.callById(CALL);
    const accepted = call.accept();
    const room = { token: "room-token", expires_in_ms: 120_000 };
    await stage.hear(replyCall(2, view({ seq: 2, legs: legs("alice accepted", "bob accepted") }), { room }));
    await accepted;
    expect(call.room()).toBe(stage.client.room(CALL));
    const port = stage.world.rooms[0]?.port;
    expect([port?.id, port?.me(), port?.takeToken(), port?.takeToken()]).toStrictEqual([
      CALL,
      "bob",
      "room-token",
      undefined,
    ]);
    const again = call.join();
    await stage.hear(replyCall(3, view({ seq: 3 }), { room }));
    await again;
    await stage.world.advance(120_000);
    expect(port?.takeToken()).toBeUndefined();
  });

  test("a room hears its own events, before the app does, and is told when the session is over", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    stage.client.room("a");
    stage.client.room("b");
    const [a, b] = stage.world.rooms;
    const seen: unknown[] = [];
    stage.client.on("room", () => seen.push(a?.heard.length));
    await stage.hear({ type: "room.message", body: { room: "a", data: "hi", from: "alice", kind: "broadcast" } });
    expect([a?.heard.length, b?.heard.length, seen]).toStrictEqual([1, 0, [1]]);
    socket.drop();
    expect(a?.isOver).toBe(false);
    await stage.world.advance(250);
    stage.world.socket.drop(4409);
    expect(a?.isOver, "a socket that never opened says nothing of the session").toBe(false);
    await stage.world.advance(1_000);
    await stage.welcome();
    stage.world.socket.drop(4409);
    expect([a?.isOver, b?.isOver]).toStrictEqual([true, true]);
  });

  test("a room that is in is read anew after a new connection", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    stage.client.room("a");
    const [room] = stage.world.rooms;
    const asked = room?.port.ask({ type: "room.join", body: { token: "t" } });
    await stage.hear({ type: "reply.room", id: 1, body: { room: "a", role: "member", members: [], streams: [] } });
    await expect(asked).resolves.toMatchObject({ role: "member" });
    socket.drop();
    await stage.world.advance(250);
    await stage.welcome({});
    expect(room?.heard).toStrictEqual([{ type: "room.reset", body: { room: "a" } }]);
  });

  test("what is too large for the server is not sent", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    stage.client.room("a");
    const sdp = "\u{1f600}".repeat(17_000);
    const asked = stage.world.rooms[0]?.port.ask({ type: "room.offer", body: { room: "a", sdp } });
    await expect(asked).rejects.toMatchObject({ code: "too_large" });
    expect(socket.types()).toStrictEqual([]);
  });
});

describe("what a client remembers", () => {
  test("calls that are over stay for a while, newest first, and the oldest are forgotten", async () => {
    const stage = new Stage();
    await stage.online();
    const id = (at: number) => `019aa2f4-${(0x1000 + at).toString(16)}-7a3b-9c4d-1e2f3a4b5c6d`;
    for (let at = 0; at < 55; at += 1) {
      const call = id(at);
      await stage.hear(event("call.invited", at * 2 + 1, view({ call })));
      const end = { at: 1, cause: "canceled" };
      await stage.hear(event("call.canceled", at * 2 + 2, { call, seq: 2, changed: legs("bob be_canceled"), end }));
    }
    const { calls } = stage.client.state;
    expect(calls.map((call) => call.id)).toStrictEqual(Array.from({ length: 50 }, (_, at) => id(54 - at)));
    expect(stage.client.call(id(4))).toBeUndefined();
  });

  test("a call that somebody follows is not forgotten", async () => {
    const stage = new Stage();
    await stage.online();
    const id = (at: number) => `019aa2f4-${(0x1000 + at).toString(16)}-7a3b-9c4d-1e2f3a4b5c6d`;
    const stop = stage.client.callById(id(0)).subscribe(() => undefined);
    const hear = async (at: number) => {
      await stage.hear(event("call.invited", at * 2 + 1, view({ call: id(at) })));
      const end = { at: 1, cause: "canceled" };
      const changed = legs("bob be_canceled");
      await stage.hear(event("call.canceled", at * 2 + 2, { call: id(at), seq: 2, changed, end }));
    };
    for (let at = 0; at < 55; at += 1) await hear(at);
    expect(stage.client.call(id(0))?.state.phase).toBe("over");
    stop();
    await hear(55);
    expect(stage.client.call(id(0))).toBeUndefined();
  });

  test("a call that the server has forgotten is over", async () => {
    const stage = new Stage();
    const call = await calling(stage);
    stage.world.socket.drop();
    await stage.world.advance(250);
    stage.world.socket.onopen?.();
    await stage.hear(welcome({ epoch: 2, snapshot: { calls: [] } }));
    expect(stage.told()).toStrictEqual(["backoff", "connecting", "online", "call_ended"]);
    expect(call.state.phase).toBe("over");
  });

  test("calls of another user are none of this one's", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    await stage.hear(event("call.invited", 1, view()));
    stage.client.room("a");
    socket.drop();
    await stage.world.advance(250);
    stage.world.socket.onopen?.();
    const theirs = view({ call: CALL_2, legs: legs("alice accepted", "carol inviting") });
    await stage.hear(welcome({ user: "carol", epoch: 2, snapshot: { calls: [theirs] } }));
    expect(stage.client.state.user).toBe("carol");
    expect(stage.world.rooms[0]?.isOver).toBe(true);
    expect(stage.client.state.calls.map(({ id, phase }) => [id, phase])).toStrictEqual([[CALL_2, "ringing"]]);
  });

  test("another user's name is changed nowhere, the own one is", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    const changed = stage.client.updateUser({ avatarUrl: "https://pictures.example/1" });
    expect(socket.written()[0]?.["body"]).toStrictEqual({ avatar_url: "https://pictures.example/1" });
    await stage.hear({ type: "reply.users", id: 1, body: { users: [{ user: "bob", name: "Bob" }] } });
    await expect(changed).resolves.toStrictEqual({ user: "bob", name: "Bob", avatarUrl: "", extendedData: "" });
  });
});
