// Placing a call, thinking better of it, and hanging up.
import { describe, expect, test } from "vitest";
import {
  CALL,
  calling,
  event,
  legs,
  placed,
  problem,
  replyCall,
  settled,
  Stage,
  view,
  welcome,
} from "./testing/fake_world.js";

describe("an invite", () => {
  test("bears a random key, and its call is told before the reply", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    const invited = stage.client.invite(["alice", "zoe"], { media: "audio", timeoutS: 45, extendedData: "x" });
    expect(socket.written()).toStrictEqual([
      {
        type: "call.invite",
        id: 1,
        body: {
          extended_data: "x",
          invitees: ["alice", "zoe"],
          key: "id-1",
          media: "audio",
          mode: "advanced",
          not_received_check: false,
          timeout_s: 45,
        },
      },
    ]);
    await stage.hear(event("call.created", 1, placed()));
    const left_out = [{ user: "zoe", cause: "unregistered" }];
    const room = { token: "room-token", expires_in_ms: 120_000 };
    await stage.hear({ type: "reply.invited", id: 1, body: { call: placed(), left_out, room } });
    const { call, leftOut, merged } = await invited;
    expect([call.state.phase, leftOut, merged]).toStrictEqual(["calling", left_out, false]);
    expect(stage.told()).toStrictEqual(["call_created"]);
    await stage.hear(event("call.changed", 2, { call: CALL, seq: 2, changed: legs("alice accepted") }));
    expect(call.state).toMatchObject({ phase: "active", activeSince: stage.world.now });
  });

  test("is repeated under the same key after the connection was lost", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    const invited = stage.client.invite(["alice"]);
    socket.drop();
    await stage.world.advance(250);
    stage.world.socket.onopen?.();
    stage.world.socket.written();
    await stage.hear(welcome());
    expect(stage.world.socket.written()).toMatchObject([{ type: "call.invite", id: 1, body: { key: "id-1" } }]);
    await stage.hear({ type: "reply.invited", id: 1, body: { call: placed() } });
    await expect(invited).resolves.toMatchObject({ call: { id: CALL } });
  });

  test("that is taken back before it was sent is not sent", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    await expect(stage.client.invite(["alice"], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "aborted",
    });
    expect(socket.types()).toStrictEqual([]);
  });

  test("that is taken back before its reply is canceled by its key", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    const abort = new AbortController();
    const invited = stage.client.invite(["alice"], { signal: abort.signal });
    socket.written();
    abort.abort();
    await expect(invited).rejects.toMatchObject({ code: "aborted" });
    expect(socket.written()).toStrictEqual([{ type: "call.cancel", id: 2, body: { key: "id-1" } }]);
    await stage.hear(problem(1, "canceled"));
    await stage.hear(replyCall(2));
    await stage.world.advance(200_000);
    expect(socket.types()).not.toContain("call.cancel");
  });

  test("that is taken back without a server is taken back when there is one", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    const abort = new AbortController();
    const invited = stage.client.invite(["alice"], { signal: abort.signal });
    socket.drop();
    abort.abort();
    await expect(invited).rejects.toMatchObject({ code: "aborted" });
    // The network is gone for longer than a request may take.
    await stage.world.advance(25_000);
    await stage.welcomeAgain();
    expect(stage.world.socket.written()).toMatchObject([{ type: "call.cancel", body: { key: "id-1" } }]);
  });

  test("that cannot be taken back is left to ring out", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    const abort = new AbortController();
    stage.client.invite(["alice"], { signal: abort.signal, timeoutS: 20 }).catch(() => undefined);
    abort.abort();
    socket.drop();
    let greetings = 0;
    for (let second = 0; second < 60; second += 1) {
      await stage.world.advance(1_000);
      greetings = stage.world.sockets.length;
    }
    await stage.welcomeAgain();
    expect(greetings).toBeGreaterThan(0);
    expect(stage.world.socket.types()).not.toContain("call.cancel");
  });

  test("that was answered cannot be taken back by its signal", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    const abort = new AbortController();
    const invited = stage.client.invite(["alice"], { signal: abort.signal });
    await stage.hear({ type: "reply.invited", id: 1, body: { call: placed() } });
    await invited;
    socket.written();
    abort.abort();
    expect(socket.types()).toStrictEqual([]);
  });

  test("that is taken back and accepted at the same moment is ended", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    const abort = new AbortController();
    stage.client.invite(["alice"], { signal: abort.signal }).catch(() => undefined);
    abort.abort();
    await settled();
    await stage.hear(event("call.created", 1, placed()));
    await stage.hear(event("call.changed", 2, { call: CALL, seq: 2, changed: legs("alice accepted") }));
    socket.written();
    const active = placed({ seq: 2, legs: legs("bob accepted", "alice accepted") });
    await stage.hear(problem(2, "already_accepted", active));
    expect(socket.written()).toMatchObject([{ type: "call.end", body: { call: CALL } }]);
  });
});

describe("hanging up", () => {
  const asked = async (stage: Stage) => {
    await settled();
    return stage.world.socket.written().map(({ type, body }) => ({ type, ...(body as object) }));
  };

  test("rejects a ring", async () => {
    const stage = new Stage();
    await stage.online();
    await stage.hear(event("call.invited", 1, view()));
    stage.world.socket.written();
    void stage.client.call(CALL)?.hangUp({ data: "later" });
    expect(await asked(stage)).toStrictEqual([{ type: "call.reject", call: CALL, data: "later" }]);
  });

  test("takes back a call that nobody has accepted, and leaves its room", async () => {
    const stage = new Stage();
    const call = await calling(stage);
    call.room();
    const done = call.hangUp();
    expect(stage.world.rooms[0]?.hasLeft).toBe(true);
    expect(await asked(stage)).toStrictEqual([{ type: "call.cancel", call: CALL, data: "" }]);
    await stage.hear(
      replyCall(2, placed({ seq: 2, status: "ended", legs: legs("bob canceled", "alice be_canceled") })),
    );
    await done;
    expect(call.state.phase).toBe("over");
  });

  test("ends a call whose callee accepted in that moment", async () => {
    const stage = new Stage();
    const call = await calling(stage);
    const done = call.hangUp();
    await settled();
    stage.world.socket.written();
    await stage.hear(problem(2, "already_accepted", placed({ seq: 2, legs: legs("bob accepted", "alice accepted") })));
    expect(await asked(stage)).toStrictEqual([{ type: "call.end", call: CALL, data: "" }]);
    await stage.hear(replyCall(3, placed({ seq: 3, status: "ended", end: { at: 1, cause: "ended", by: "bob" } })));
    await done;
    expect(call.state.phase).toBe("over");
  });

  test("ends a call of two, and leaves a larger one", async () => {
    const two = new Stage();
    const callOfTwo = await calling(two);
    await two.hear(event("call.changed", 2, { call: CALL, seq: 2, changed: legs("alice accepted") }));
    void callOfTwo.hangUp();
    expect(await asked(two)).toMatchObject([{ type: "call.end" }]);
    const three = new Stage();
    const callOfThree = await calling(three);
    const changed = legs("alice accepted", "carol inviting");
    await three.hear(event("call.changed", 2, { call: CALL, seq: 2, changed }));
    void callOfThree.hangUp();
    expect(await asked(three)).toMatchObject([{ type: "call.quit" }]);
  });

  test("stops what rings in a call of the general mode, which nobody can leave", async () => {
    const stage = new Stage();
    const call = await calling(stage, {
      mode: "general",
      legs: legs("bob accepted", "alice inviting", "carol inviting"),
    });
    const taken = call.hangUp();
    await settled();
    stage.world.socket.written();
    const now = placed({ mode: "general", seq: 2, legs: legs("bob accepted", "alice accepted", "carol received") });
    await stage.hear(problem(2, "already_accepted", now));
    expect(await asked(stage)).toStrictEqual([{ type: "call.cancel", call: CALL, data: "", invitees: ["carol"] }]);
    await stage.hear(problem(3, "already_accepted"));
    await taken;
    expect(call.state.phase).toBe("over");
  });

  test("of a call of the general mode, by one who only takes part, is this device's own affair", async () => {
    const stage = new Stage();
    const here = {
      main_device: "laptop-1",
      mode: "general",
      legs: legs("alice accepted", "bob accepted", "carol received"),
    };
    const socket = await stage.online([view(here)]);
    const call = stage.client.callById(CALL);
    expect(call.state.phase).toBe("active");
    await call.hangUp();
    expect([call.state.phase, socket.types()]).toStrictEqual(["over", []]);
  });

  test("is content with a call that is over already", async () => {
    const stage = new Stage();
    const call = await calling(stage);
    const done = call.hangUp();
    await settled();
    await stage.hear(problem(2, "call_ended", placed({ seq: 2, status: "ended", end: { at: 1, cause: "rejected" } })));
    await expect(done).resolves.toBeUndefined();
    await expect(call.hangUp()).resolves.toBeUndefined();
    expect(stage.world.socket.types()).toStrictEqual(["call.cancel"]);
  });

  test("tells when the server could not be reached", async () => {
    const stage = new Stage();
    const call = await calling(stage);
    stage.world.socket.drop();
    const done = call.hangUp().catch((error: unknown) => error);
    await stage.world.advance(10_000);
    expect(await done).toMatchObject({ code: "timed_out", details: { maybeApplied: false } });
  });
});
