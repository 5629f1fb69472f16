// The session of a client: connecting, coming back, tokens, listeners, what it shows and what it hides.
import { describe, expect, test, vi } from "vitest";
import { OffhookClient } from "./client.js";
import type { TraceLine } from "./api/client.js";
import { CALL, event, settled, Stage, view, welcome } from "./testing/fake_world.js";

describe("connecting", () => {
  test("a client asks for a token, greets and is online", async () => {
    const stage = new Stage({ name: "Bob", app: 7 });
    expect(stage.client.state).toStrictEqual({
      connection: { state: "disconnected" },
      device: "laptop-1",
      calls: [],
    });
    stage.client.connect();
    await settled();
    const { socket } = stage.world;
    expect(socket.url).toBe("wss://calls.example/v1/ws");
    socket.onopen?.();
    const hello = { app: 7, device: "laptop-1", name: "Bob", platform: "web", token: "token-1" };
    expect(socket.written()).toStrictEqual([{ type: "hello", body: hello }]);
    await stage.hear(welcome({ snapshot: { calls: [] } }));
    expect(stage.told()).toStrictEqual(["connecting", "online"]);
    expect(stage.client.state.user).toBe("bob");
    expect(stage.client.state.connection).toStrictEqual({ state: "online", resumed: false, user: "bob" });
  });

  test.each([
    ["http://127.0.0.1:8088", "ws://127.0.0.1:8088/v1/ws"],
    ["https://calls.example/", "wss://calls.example/v1/ws"],
    ["https://example/calls", "wss://example/calls/v1/ws"],
    ["wss://calls.example/v1/ws", "wss://calls.example/v1/ws"],
  ])("the server %s is reached at %s", async (url, socketUrl) => {
    const stage = new Stage({ url });
    stage.client.connect();
    await settled();
    expect(stage.world.socket.url).toBe(socketUrl);
  });

  test("a lost connection is waited out and resumed, and a request waits for it", async () => {
    const stage = new Stage();
    const first = await stage.online();
    await stage.hear(event("call.invited", 1, view()));
    first.drop();
    const { connection } = stage.client.state;
    expect(connection).toStrictEqual({ state: "backoff", retryAt: stage.world.now + 250 });
    const asked = stage.client.users(["alice"]);
    await stage.world.advance(250);
    expect(stage.world.sockets).toHaveLength(2);
    stage.world.socket.onopen?.();
    expect(stage.world.socket.written()[0]?.["body"]).toMatchObject({ resume: { epoch: 1, offset: 1 } });
    await stage.hear(welcome({ offset: 1 }));
    expect(stage.client.state.connection).toMatchObject({ state: "online", resumed: true });
    expect(stage.world.socket.types()).toStrictEqual(["call.acknowledge", "user.query"]);
    await stage.hear({ type: "reply.users", id: 2, body: { users: [{ user: "alice", name: "Alice" }] } });
    const alice = { user: "alice", name: "Alice", avatarUrl: "", extendedData: "" };
    await expect(asked).resolves.toStrictEqual({ users: [alice], unknown: [] });
  });

  test("a socket that cannot be opened is tried again", async () => {
    const stage = new Stage();
    stage.client.connect();
    await settled();
    stage.world.socket.onerror?.();
    expect(stage.told()).toStrictEqual(["connecting", "backoff"]);
    await stage.world.advance(250);
    expect(stage.world.sockets).toHaveLength(2);
  });

  test("a device that was replaced stays away, and what it knew is void", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    await stage.hear(event("call.invited", 1, view()));
    const call = stage.client.call(CALL);
    socket.drop(4410);
    expect(stage.told()).toStrictEqual(["incoming", "ring_stopped session_over", "stopped"]);
    expect(stage.client.state.connection).toStrictEqual({ state: "stopped", reason: "replaced" });
    expect(call?.state).toMatchObject({ phase: "over", ringStopped: "session_over" });
    await stage.world.advance(600_000);
    expect(stage.world.sockets).toHaveLength(1);
  });

  test("what is asked of a client that nobody connected is refused", async () => {
    const stage = new Stage();
    await expect(stage.client.history()).rejects.toMatchObject({ code: "not_connected" });
  });

  test("what is asked of a client that was closed is refused, and it stays closed", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    const asked = stage.client.history();
    stage.client.close();
    expect(socket.isClosed).toBe(true);
    await expect(asked).rejects.toMatchObject({ code: "disconnected", details: { maybeApplied: true } });
    await expect(stage.client.history()).rejects.toMatchObject({ code: "not_connected" });
    stage.client.connect();
    await stage.world.advance(600_000);
    expect(stage.world.sockets).toHaveLength(1);
  });

  test("a client that thought better of it opens no socket", async () => {
    let found: (id: string) => void = () => undefined;
    const claim = () => new Promise<string>((resolve) => (found = resolve));
    const stage = new Stage({}, { device: { id: "tab-1", claim, release: () => undefined } });
    stage.client.connect();
    await settled();
    stage.client.disconnect();
    found("tab-2");
    await settled();
    expect(stage.world.sockets).toHaveLength(0);
  });

  test("a client that was stopped may be connected again, and its calls are back", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    await stage.hear(event("call.invited", 1, view()));
    const call = stage.client.call(CALL);
    socket.drop(4410);
    expect(call?.state.phase).toBe("over");
    await stage.online([view()]);
    expect(call?.state).toMatchObject({ phase: "ringing" });
    expect(call?.state).not.toHaveProperty("ringStopped");
  });

  test("a logout ends the session for good", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    const out = stage.client.logout();
    await stage.hear({ type: "reply.done", id: 1 });
    await out;
    expect(socket.isClosed).toBe(true);
    expect(stage.client.state.connection).toStrictEqual({ state: "stopped", reason: "logged_out" });
  });
});

describe("tokens", () => {
  test("a token that will end is asked for anew and renewed, and both are told", async () => {
    const getToken = vi.fn(() => Promise.resolve<string | null>("token-2"));
    const stage = new Stage({ getToken });
    const socket = await stage.online();
    await stage.hear({ type: "token_will_expire", body: { remaining_ms: 60_000 } });
    expect(getToken).toHaveBeenCalledTimes(2);
    expect(stage.events.splice(0)).toStrictEqual([{ kind: "token_will_expire", remainingMs: 60_000 }]);
    expect(socket.written()).toStrictEqual([{ type: "session.renew_token", id: 1, body: { token: "token-2" } }]);
    await stage.hear({ type: "reply.token", id: 1, body: { expires_in_ms: 3_600_000 } });
    expect(stage.events.splice(0)).toStrictEqual([{ kind: "token_renewed", expiresInMs: 3_600_000 }]);
  });

  test.each([
    ["failed", () => Promise.reject(new Error("away"))],
    ["had none", () => Promise.resolve(null)],
  ] as const)("a connect while online asks a source at once that %s when the token was to end", async (_, answer) => {
    const getToken = vi.fn<() => Promise<string | null>>(() => Promise.resolve("token-2"));
    const stage = new Stage({ getToken });
    const socket = await stage.online();
    stage.client.connect();
    expect(getToken).toHaveBeenCalledTimes(1);
    getToken.mockImplementationOnce(answer);
    await stage.hear({ type: "token_will_expire", body: { remaining_ms: 60_000 } });
    expect(stage.told()).toContain("token_needed");
    expect(socket.types()).toStrictEqual([]);
    stage.client.connect();
    stage.client.connect();
    await settled();
    expect(getToken).toHaveBeenCalledTimes(3);
    expect(socket.types()).toStrictEqual(["session.renew_token"]);
    await stage.hear({ type: "reply.token", id: 1, body: { expires_in_ms: 3_600_000 } });
    stage.client.connect();
    await stage.world.advance(6_000);
    expect(getToken).toHaveBeenCalledTimes(3);
    expect(stage.world.sockets).toHaveLength(1);
  });

  test("a source that fails is told of and asked again, one that has none stops the client", async () => {
    const getToken = vi.fn<() => Promise<string | null>>().mockRejectedValueOnce(new Error("away"));
    const stage = new Stage({ getToken });
    getToken.mockResolvedValueOnce(null);
    stage.client.connect();
    await settled();
    expect(stage.told()).toStrictEqual(["connecting", "token_needed", "backoff"]);
    await stage.world.advance(250);
    expect(stage.told()).toStrictEqual(["connecting", "token_needed", "stopped"]);
    expect(stage.client.state.connection).toStrictEqual({ state: "stopped", reason: "unauthenticated" });
  });

  test("a second question for a token voids the first", async () => {
    const answers: ((token: string) => void)[] = [];
    const getToken = () => new Promise<string>((resolve) => answers.push(resolve));
    const stage = new Stage({ getToken });
    stage.client.connect();
    await stage.world.advance(30_250);
    answers[1]?.("token-2");
    await settled();
    const socket = await stage.welcome();
    answers[0]?.("token-1");
    await settled();
    expect(socket.types()).toStrictEqual([]);
  });

  test("after two refusals the client stops, and when asked to it tries twice again", async () => {
    const stage = new Stage();
    const refuse = async () => {
      await settled();
      stage.world.socket.onopen?.();
      stage.world.socket.drop(4401);
      await settled();
    };
    stage.client.connect();
    await refuse();
    await stage.world.advance(250);
    await refuse();
    expect(stage.told()).toStrictEqual(["connecting", "backoff", "connecting", "stopped"]);
    stage.client.connect();
    await refuse();
    expect(stage.told()).toStrictEqual(["connecting", "backoff"]);
  });

  test("a warning that a token ends means nothing before the session has begun", async () => {
    const stage = new Stage();
    stage.client.connect();
    await settled();
    stage.world.socket.onopen?.();
    await stage.hear({ type: "token_will_expire", body: { remaining_ms: 1 } });
    expect(stage.told()).toStrictEqual(["connecting"]);
  });

  test("an app renews by itself, and the new token is used for the next connection", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    const renewed = stage.client.renewToken("token-9");
    expect(socket.types()).toStrictEqual(["session.renew_token"]);
    await stage.hear({ type: "reply.token", id: 1, body: { expires_in_ms: 1_000_000 } });
    await expect(renewed).resolves.toBe(1_000_000);
    socket.drop();
    await stage.world.advance(250);
    stage.world.socket.onopen?.();
    expect(stage.world.socket.written()[0]?.["body"]).toMatchObject({ token: "token-9" });
  });

  test("a token that the server refuses to renew with is not used", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    const renewed = stage.client.renewToken("of-somebody-else");
    const body = { code: "token_invalid", message: "no", retryable: false, zim_code: 6_000_103 };
    await stage.hear({ type: "problem", id: 1, body });
    await expect(renewed).rejects.toMatchObject({ code: "token_invalid", details: { isRetryable: false } });
    socket.drop();
    await stage.world.advance(250);
    stage.world.socket.onopen?.();
    expect(stage.world.socket.written()[0]?.["body"]).toMatchObject({ token: "token-1" });
  });

  test("a token that comes while there is no session is taken by the next welcome", async () => {
    const getToken = vi.fn<() => Promise<string | null>>().mockReturnValue(new Promise(() => undefined));
    const stage = new Stage({ getToken });
    stage.client.connect();
    const renewed = stage.client.renewToken("token-9");
    await settled();
    stage.world.socket.onopen?.();
    expect(stage.world.socket.written()[0]?.["body"]).toMatchObject({ token: "token-9" });
    await stage.hear(welcome({ snapshot: { calls: [] } }));
    await stage.hear({ type: "reply.calls", id: 1, body: { calls: [] } });
    await expect(renewed).resolves.toBe(3_600_000);
  });

  test("a token for a client that nobody connects is kept", async () => {
    const getToken = vi.fn(() => Promise.resolve("token-1"));
    const stage = new Stage({ getToken });
    await expect(stage.client.renewToken("token-9")).rejects.toMatchObject({ code: "not_connected" });
    stage.client.connect();
    await settled();
    expect(getToken).not.toHaveBeenCalled();
    stage.world.socket.onopen?.();
    expect(stage.world.socket.written()[0]?.["body"]).toMatchObject({ token: "token-9" });
  });
});

describe("listeners", () => {
  test("a listener that throws is reported, and disturbs nobody", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const stage = new Stage();
    const mistake = new Error("mine");
    stage.client.on("incoming", () => {
      throw mistake;
    });
    const second = vi.fn();
    stage.client.on("incoming", second);
    const socket = await stage.online();
    await stage.hear(event("call.invited", 1, view()));
    vi.unstubAllGlobals();
    expect(second).toHaveBeenCalledOnce();
    expect(reported).toHaveBeenCalledWith(mistake);
    expect(socket.types()).toStrictEqual(["call.acknowledge"]);
  });

  test("what a listener asks for is carried out after everybody has been told", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    const order: string[] = [];
    stage.client.on("incoming", ({ call }) => {
      order.push("first");
      void call.accept();
    });
    stage.client.on("incoming", () => order.push("second"));
    await stage.hear(event("call.invited", 1, view()));
    expect(order).toStrictEqual(["first", "second"]);
    expect(socket.types()).toStrictEqual(["call.acknowledge", "call.accept"]);
  });

  test("the state is new before anybody hears, and stays the same while nothing changes", async () => {
    const stage = new Stage();
    await stage.online();
    const before = stage.client.state;
    const seen: unknown[] = [];
    stage.client.on("incoming", ({ call }) => seen.push(call.state.phase, stage.client.state.calls[0]?.phase));
    const stop = stage.client.subscribe(() => seen.push("subscriber"));
    await stage.hear(event("call.invited", 1, view()));
    expect(seen).toStrictEqual(["subscriber", "ringing", "ringing"]);
    const { state } = stage.client;
    expect(state).not.toBe(before);
    await stage.hear({ type: "heartbeat", body: { offset: 1 } });
    expect(stage.client.state).toBe(state);
    stop();
    await stage.world.advance(30_000);
    expect(seen).toHaveLength(3);
  });

  test("a listener that is stopped by another one is told no more", async () => {
    const stage = new Stage();
    await stage.online();
    const second = vi.fn();
    stage.client.on("incoming", () => stop());
    const stop = stage.client.on("incoming", second);
    await stage.hear(event("call.invited", 1, view()));
    expect(second).not.toHaveBeenCalled();
  });

  test("a listener that stopped is told no more", async () => {
    const stage = new Stage();
    const listener = vi.fn();
    const stop = stage.client.on("connection", listener);
    stop();
    await stage.online();
    expect(listener).not.toHaveBeenCalled();
  });
});

describe("what the server may send", () => {
  test.each([
    ["no JSON", "}{"],
    ["no object", "[1]"],
    ["no text", 7],
    ["a type that every object has", '{"type":"constructor","body":{}}'],
    ["a prototype", '{"__proto__":{"type":"heartbeat"},"body":{}}'],
    ["a hostile call", '{"type":"call.invited","offset":1,"body":{"call":"<script>","legs":7}}'],
    ["a view without legs", JSON.stringify(event("call.invited", 1, { ...view(), legs: undefined }))],
    ["an offset before its time", JSON.stringify({ ...event("call.invited", 1, view()), after: 9 })],
    ["depth", `{"type":"heartbeat","body":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`],
    ["a future type", '{"type":"future.thing","body":{"x":1}}'],
  ])("%s is passed over", async (_, data) => {
    const stage = new Stage();
    const socket = await stage.online();
    socket.onmessage?.({ data });
    await settled();
    expect(stage.told()).toStrictEqual([]);
    expect(socket.isClosed).toBe(false);
    await stage.hear({ type: "heartbeat", body: { offset: 0, more: { of: "it" } } });
    expect(stage.client.state.connection.state).toBe("online");
  });

  test("words and fields of a newer server survive", async () => {
    const stage = new Stage();
    await stage.online();
    const body = { ...view({ mode: "eternal", media: "smell" }), mood: "good", end: null, waiting: null };
    await stage.hear(event("call.invited", 1, body));
    expect(stage.client.call(CALL)?.state).toMatchObject({ mode: "eternal", media: "smell", phase: "ringing" });
    const changed = [{ user: "alice", status: "dancing" }];
    await stage.hear(event("call.changed", 2, { call: CALL, seq: 2, changed }));
    expect(stage.told()).toStrictEqual(["incoming", "call_changed"]);
  });

  test("more requests than may wait are refused at once", async () => {
    const stage = new Stage();
    await stage.online();
    const waiting = Array.from({ length: 64 }, () => stage.client.history().catch(() => undefined));
    await expect(stage.client.history()).rejects.toMatchObject({
      code: "too_many_requests",
      details: { isRetryable: true },
    });
    stage.client.close();
    await Promise.all(waiting);
  });

  test("a reply of another kind is unreadable", async () => {
    const stage = new Stage();
    await stage.online();
    const asked = stage.client.history();
    await stage.hear({ type: "reply.done", id: 1 });
    await expect(asked).rejects.toMatchObject({ code: "unreadable" });
  });

  test("a reply is thought about before what came right after it", async () => {
    const stage = new Stage();
    const socket = await stage.online();
    const order: string[] = [];
    const asked = stage.client.history().then(async () => {
      await Promise.resolve();
      order.push("reply");
    });
    stage.client.on("incoming", () => order.push("incoming"));
    socket.receive({ type: "reply.calls", id: 1, body: { calls: [] } });
    socket.receive(event("call.invited", 1, view()));
    await settled();
    await asked;
    expect(order).toStrictEqual(["reply", "incoming"]);
  });
});

describe("the trace", () => {
  test("shows every frame, and no secret", async () => {
    const lines: TraceLine[] = [];
    const stage = new Stage({ getToken: () => Promise.resolve("a-secret") });
    stage.client.on("trace", (line) => lines.push(line));
    await stage.online();
    const room = stage.world.rooms[0] ?? stage.client.room("r");
    expect(room).toBeDefined();
    const port = stage.world.rooms[0]?.port;
    const asked = port?.ask({ type: "room.offer", body: { room: "r", sdp: "v=0 a-secret", streams: [] } });
    void port?.ask({ type: "room.candidate", body: { room: "r", candidate: "candidate:a-secret" } });
    await stage.hear({ type: "reply.answer", id: 1, body: { sdp: "v=0 a-secret" } });
    await asked;
    stage.world.socket.onmessage?.({ data: "a-secret that is no frame" });
    expect(JSON.stringify(lines)).not.toContain("a-secret");
    expect(lines.map(({ direction, frame }) => `${direction} ${frame.type}`)).toStrictEqual([
      "note token_asked",
      "note socket_opened",
      "out hello",
      "in welcome",
      "out room.offer",
      "out room.candidate",
      "in reply.answer",
      "in unreadable",
    ]);
    expect(lines[2]?.frame).toMatchObject({ body: { token: "… (8)" } });
    expect(lines[2]?.at).toBe(1_000);
  });
});

test("without a browser there is a clock, a random id, and no page to come back to", () => {
  const client = new OffhookClient({ url: "http://127.0.0.1:1", getToken: () => Promise.resolve(null) });
  expect(client.state.device).toMatch(/^[\da-f]{32}$/);
  client.close();
});
