// A room's dealings with its server: entering, leaving, being put out, and what it tells of others.
import { beforeEach, describe, expect, test, vi } from "vitest";
import { OffhookError } from "../api/error.js";
import type { RoomState } from "../api/room.js";
import { cut, FakeStream, FakeWorld, refusal, rest, roomView, streamOf } from "../testing/fake_media.js";

beforeEach(() => {
  vi.stubGlobal("MediaStream", FakeStream);
});

const bob = { user: "bob", presence: "flowing" as const, name: "Bob" };

describe("entering", () => {
  test("asks for a token, joins, and offers over the TURN servers that it was told", async () => {
    const world = new FakeWorld();
    world.answers["room.join"] = () => roomView({ ice_servers: [{ urls: ["turn:x"] }] });
    await world.room.enter({ subscribeAll: false, maxMembers: 4, transport: "relay" });
    expect(world.types()).toEqual(["room.token", "room.join", "room.offer"]);
    expect(world.bodies("room.join")).toEqual([{ token: "fresh", subscribe_all: false, max_members: 4 }]);
    expect(world.peer.configuration).toEqual({
      bundlePolicy: "max-bundle",
      iceTransportPolicy: "relay",
      iceServers: [{ urls: ["turn:x"] }],
    });
    expect(world.room.state.stay).toEqual({ phase: "in", isConnected: false });
    world.peer.become("connected");
    expect(world.room.state.stay).toEqual({ phase: "in", isConnected: true });
  });

  test("with a token asks at once, the connection made, before anything else that waits for its turn", () => {
    const world = new FakeWorld();
    world.token = "given";
    const entered = world.room.enter();
    expect(world.types()).toEqual(["room.join"]);
    expect(world.peers).toHaveLength(1);
    return entered;
  });

  test("who has nothing to publish offers a data channel, since an offer needs something", async () => {
    const world = new FakeWorld();
    await world.room.enter();
    expect(world.peer.channels).toHaveLength(1);
    expect(world.published()).toEqual([]);
  });

  test("the token that came with a call is used, and replaced if it has expired", async () => {
    const used = new FakeWorld();
    used.token = "given";
    await used.room.enter();
    expect(used.types()).toEqual(["room.join", "room.offer"]);
    const expired = new FakeWorld();
    expired.token = "given";
    expired.answers["room.join"] = ({ token }: { token: string }) =>
      token === "given" ? refusal("room_token_expired") : roomView();
    await expired.room.enter();
    expect(expired.types()).toEqual(["room.join", "room.token", "room.join", "room.offer"]);
  });

  test("a refusal is told, and leaves nothing behind", async () => {
    const world = new FakeWorld();
    world.answers["room.join"] = () => refusal("room_full");
    await expect(world.room.enter()).rejects.toMatchObject({ code: "room_full" });
    expect(world.room.state.stay).toMatchObject({ phase: "out", error: { code: "room_full" } });
    expect(world.peer.signalingState).toBe("closed");
    expect(world.types()).not.toContain("room.leave");
  });

  test("whose first offer is refused does not stay as a member without media", async () => {
    const world = new FakeWorld();
    world.answers["room.offer"] = () => refusal("bad_sdp");
    await expect(world.room.enter()).rejects.toMatchObject({ code: "bad_sdp" });
    expect(world.types().at(-1)).toBe("room.leave");
  });

  test("a connection that is cut meanwhile does not fail it", async () => {
    const world = new FakeWorld();
    let tries = 0;
    world.answers["room.join"] = () => ((tries += 1) === 1 ? cut() : roomView());
    const entered = world.room.enter();
    await world.clock.pass(1_000);
    await entered;
    expect(world.room.state.stay.phase).toBe("in");
  });

  test("asked for twice it happens once", async () => {
    const world = new FakeWorld();
    await Promise.all([world.room.enter(), world.room.enter()]);
    expect(world.types()).toEqual(["room.token", "room.join", "room.offer"]);
  });

  test("while in it renews the role, and media goes on", async () => {
    const world = await FakeWorld.entered(["microphone"]);
    const streams = [{ ...streamOf("alice", "microphone"), stream: "mine" }];
    const members = [{ user: "alice", presence: "flowing" as const }];
    world.answers["room.join"] = () => roomView({ role: "host", members, streams });
    await world.room.enter();
    await rest();
    expect(world.types()).toEqual(["room.token", "room.join"]);
    expect(world.room.state.role).toBe("host");
    expect(world.peers).toHaveLength(1);
  });

  test("while the server takes it for a new stay, it is one", async () => {
    const world = await FakeWorld.entered(["microphone"]);
    await world.room.enter();
    await rest();
    expect(world.peers).toHaveLength(2);
    expect(world.published()).toEqual(["mine/microphone@own0"]);
  });

  test("as a viewer publishes nothing more, and as a member the same again", async () => {
    const world = await FakeWorld.entered(["microphone"]);
    const members = [{ user: "alice", presence: "flowing" as const }];
    world.answers["room.join"] = () => roomView({ role: "viewer", members });
    await world.room.enter();
    await rest();
    expect(world.peer.transceivers[0]?.sender.track).toBeNull();
    await expect(world.room.publish({ name: "x", tracks: [] })).rejects.toMatchObject({ code: "role_forbids" });
    world.answers["room.join"] = () => roomView({ members });
    await world.room.enter();
    await rest();
    expect(world.published()).toEqual(["mine/microphone@own0"]);
    expect(world.peer.transceivers[0]?.sender.track).not.toBeNull();
  });

  test("leaving meanwhile ends it, and says so", async () => {
    const world = new FakeWorld();
    let answer: (view: unknown) => void = () => undefined;
    world.answers["room.join"] = () => new Promise((resolve) => (answer = resolve));
    const entered = world.room.enter();
    await rest();
    const left = world.room.leave();
    answer(roomView());
    await expect(entered).rejects.toMatchObject({ code: "aborted" });
    await left;
    expect(world.types()).toEqual(["room.token", "room.join", "room.leave"]);
    expect(world.room.state.stay).toEqual({ phase: "out", cause: "left" });
  });

  test("without WebRTC is refused as unsupported", async () => {
    const { createRoom } = await import("./room.js");
    const room = createRoom({
      id: "r",
      me: () => "alice",
      ask: () => Promise.reject(cut()),
      takeToken: () => undefined,
    });
    await expect(room.enter()).rejects.toMatchObject({ code: "unsupported" });
  });
});

describe("what is told", () => {
  test("of other rooms, and after the end, changes nothing", async () => {
    const world = await FakeWorld.entered();
    world.room.hear({ type: "room.members", body: { room: "s", added: [bob] } });
    expect(world.room.state.participants).toHaveLength(1);
    world.hear("room.left", { cause: "kicked" });
    world.hear("room.members", { added: [bob] });
    expect(world.room.state).toMatchObject({ stay: { phase: "out", cause: "kicked" }, participants: [] });
  });

  test("a state is told only if it is another one", async () => {
    const world = await FakeWorld.entered();
    const told: RoomState[] = [];
    world.room.subscribe((state) => told.push(state));
    world.hear("room.members", { added: [bob] });
    world.hear("room.members", { changed: [bob] });
    world.hear("room.levels", { levels: [] });
    expect(told).toHaveLength(1);
    expect(told[0]?.participants.map(({ user }) => user)).toEqual(["alice", "bob"]);
  });

  test("the own presence is what the connection says", async () => {
    const world = await FakeWorld.entered();
    const presence = () => world.room.state.participants[0]?.presence;
    expect(presence()).toBe("flowing");
    world.peer.become("disconnected");
    expect(presence()).toBe("reconnecting");
  });

  test("messages go to whoever listens, once", async () => {
    const world = await FakeWorld.entered();
    const heard: unknown[] = [];
    const stop = world.room.on("message", (message) => heard.push(message));
    world.hear("room.message", { from: "bob", kind: "broadcast", data: "<b>hi</b>" });
    stop();
    world.hear("room.message", { from: "bob", kind: "broadcast", data: "again" });
    expect(heard).toEqual([{ from: "bob", kind: "broadcast", data: "<b>hi</b>" }]);
  });

  test("a frame of a newer server is passed over", async () => {
    const world = await FakeWorld.entered();
    const before = world.room.state;
    world.hear("room.weather" as never, { sunny: true });
    expect(world.room.state).toBe(before);
  });
});

describe("being out", () => {
  test("by another device is told, once the room confirms it", async () => {
    const world = await FakeWorld.entered();
    world.answers["room.read"] = () => refusal("not_in_room");
    world.hear("room.left", { cause: "taken_over" });
    await rest();
    expect(world.room.state.stay).toEqual({ phase: "out", cause: "taken_over" });
    expect(world.types()).toEqual(["room.read"]);
    expect(world.peer.signalingState).toBe("closed");
  });

  test("news that belongs to the stay before changes nothing", async () => {
    const world = await FakeWorld.entered();
    world.hear("room.left", { cause: "left" });
    await rest();
    expect(world.room.state.stay.phase).toBe("in");
    expect(world.peers).toHaveLength(1);
  });

  test.each(["lost", "shutdown"])("for %s is entered again with a new token and a new connection", async (cause) => {
    const world = await FakeWorld.entered(["camera"]);
    world.answers["room.read"] = () => refusal("not_in_room");
    world.hear("room.left", { cause });
    await rest();
    expect(world.types().slice(-3)).toEqual(["room.token", "room.join", "room.offer"]);
    expect(world.published()).toEqual(["mine/camera@own0"]);
    expect(world.peers.map(({ signalingState }) => signalingState)).toEqual(["closed", "stable"]);
    expect(world.room.state.stay.phase).toBe("in");
  });

  test("a token of the app is good for one stay", async () => {
    const world = new FakeWorld();
    await world.room.enter({ token: "mine", subscribeAll: false });
    world.peer.become("connected");
    world.answers["room.read"] = () => refusal("not_in_room");
    world.hear("room.reset");
    await rest();
    expect(world.bodies("room.join")).toEqual([
      { token: "mine", subscribe_all: false },
      { token: "fresh", subscribe_all: false },
    ]);
  });

  test("the server is asked again when it said, not earlier", async () => {
    const world = await FakeWorld.entered();
    const busy = new OffhookError("media_busy", "busy", { isRetryable: true, retryAfterMs: 5_000 });
    world.answers["room.join"] = () => busy;
    world.hear("room.left", { cause: "shutdown" });
    await world.clock.pass(4_900);
    expect(world.bodies("room.join")).toHaveLength(1);
    await world.clock.pass(200);
    expect(world.bodies("room.join")).toHaveLength(2);
  });

  test("entering again goes on while the server is away", async () => {
    const world = await FakeWorld.entered();
    let isAway = true;
    world.answers["room.token"] = () => (isAway ? cut() : { token: "fresh" });
    world.hear("room.left", { cause: "shutdown" });
    await world.clock.pass(60_000);
    expect(world.room.state.stay.phase).toBe("entering");
    isAway = false;
    await world.clock.pass(10_000);
    expect(world.room.state.stay.phase).toBe("in");
  });

  test("a stay that is lost again and again without media is given up", async () => {
    const world = new FakeWorld();
    await world.room.enter();
    world.answers["room.read"] = () => refusal("not_in_room");
    for (let time = 0; time < 3; time += 1) {
      expect(world.room.state.stay.phase).toBe("in");
      world.hear("room.left", { cause: "lost" });
      await rest();
    }
    expect(world.room.state.stay).toEqual({ phase: "out", cause: "lost" });
  });

  test("leaving is harmless twice, and forgets what was published", async () => {
    const world = await FakeWorld.entered(["camera"]);
    await world.room.leave();
    await world.room.leave();
    expect(world.types()).toEqual(["room.leave"]);
    await world.room.enter();
    expect(world.published()).toEqual([]);
  });

  test("the end of the session ends the stay without a word", async () => {
    const world = await FakeWorld.entered();
    world.room.sessionOver();
    await rest();
    expect(world.types()).toEqual([]);
    expect(world.room.state.stay).toEqual({ phase: "out" });
    expect(world.clock.waiting).toBe(0);
  });
});

describe("after events may have been lost", () => {
  test("the room is read, and media goes on", async () => {
    const world = await FakeWorld.entered();
    world.answers["room.read"] = () => roomView({ members: [{ user: "alice", presence: "flowing" }, bob] });
    world.hear("room.reset");
    await rest();
    expect(world.types()).toEqual(["room.read"]);
    expect(world.room.state.participants).toHaveLength(2);
    expect(world.peers).toHaveLength(1);
  });

  test("whom the server has given up enters again, publishing the same", async () => {
    const world = await FakeWorld.entered(["camera", "microphone"]);
    world.answers["room.read"] = () => refusal("not_in_room");
    world.hear("room.reset");
    await rest();
    expect(world.types()).toEqual(["room.read", "room.token", "room.join", "room.offer"]);
    expect(world.published()).toEqual(["mine/camera@own0", "mine/microphone@own1"]);
  });

  test("a read that is cut is made again", async () => {
    const world = await FakeWorld.entered();
    world.answers["room.read"] = () => (world.types().length < 3 ? cut() : roomView());
    world.hear("room.reset");
    await world.clock.pass(5_000);
    expect(world.types()).toEqual(["room.read", "room.read", "room.read"]);
    expect(world.problems).toEqual([]);
  });

  test("what was changed meanwhile is told", async () => {
    const world = await FakeWorld.entered(["microphone"]);
    world.answers["room.update_stream"] = () => (isCut ? cut() : undefined);
    let isCut = true;
    const muted = world.room.mute("mine", "microphone", true);
    await rest();
    isCut = false;
    world.answers["room.read"] = () =>
      roomView({ streams: [{ stream: "mine", user: "alice", tracks: [{ source: "microphone" }] }] });
    world.hear("room.reset");
    await world.clock.pass(1_000);
    await muted;
    expect(world.bodies("room.update_stream").at(-1)).toEqual({
      room: "r",
      stream: "mine",
      muted: [{ source: "microphone", muted: true }],
    });
    expect(world.track("alice", "microphone")?.isMuted).toBe(true);
  });
});

test("a room of a thousand is taken in, and one of them going leaves the others as they are", async () => {
  const world = await FakeWorld.entered();
  const users = Array.from({ length: 1_000 }, (_, index) => `user${index}`);
  world.hear("room.members", { added: users.map((user) => ({ user, presence: "flowing" })) });
  world.hear("room.streams", { added: users.map((user) => streamOf(user, "camera", "microphone")) });
  for (const user of users.slice(0, 50)) world.hear("room.members", { changed: [{ user, presence: "reconnecting" }] });
  world.hear("room.levels", { active: "user7", levels: users.map((user) => ({ user, level: 50 })) });
  const { activeSpeaker, participants } = world.room.state;
  expect(participants).toHaveLength(1_001);
  expect(activeSpeaker).toBe("user7");
  const before = participants.find(({ user }) => user === "user500");
  world.hear("room.members", { removed: [{ user: "user7", cause: "left" }] });
  expect(world.room.state.participants).toHaveLength(1_000);
  expect(world.room.state.activeSpeaker).toBeUndefined();
  expect(world.room.state.participants.find(({ user }) => user === "user500")).toBe(before);
});
