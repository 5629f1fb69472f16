// The connection's dealings with the server, on a peer connection that only keeps the order of things.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Room } from "./room.js";

const MICROPHONE = { kind: "audio", enabled: true, getSettings: () => ({}), stop() {} };
const CAMERA = { kind: "video", enabled: true, getSettings: () => ({ height: 720 }), stop() {} };
const VIEW = { room: "r", role: "member", members: [{ user: "alice", presence: "joined" }], streams: [] };

class FakeConnection {
  static made = [];
  connectionState = "new";
  signalingState = "stable";
  localDescription = null;
  steps = [];
  #transceivers = [];

  constructor(config) {
    this.config = config;
    FakeConnection.made.push(this);
  }

  getConfiguration() {
    return this.config;
  }

  setConfiguration(config) {
    this.config = config;
  }

  addTransceiver(track, { direction }) {
    const sender = { replaceTrack: async (next) => this.steps.push(`replace ${next}`) };
    const transceiver = { mid: null, direction, track, sender, setCodecPreferences() {} };
    this.#transceivers.push(transceiver);
    return transceiver;
  }

  createDataChannel() {
    this.steps.push("data channel");
  }

  getTransceivers() {
    return this.#transceivers;
  }

  async createOffer() {
    return { type: "offer", sdp: "own offer" };
  }

  async createAnswer() {
    return { type: "answer", sdp: "own answer" };
  }

  async setLocalDescription(description) {
    this.steps.push(`local ${description.type}`);
    if (description.type === "offer") this.#transceivers.forEach((each, index) => (each.mid = String(index)));
    this.localDescription = description;
  }

  async setRemoteDescription({ type, sdp }) {
    this.steps.push(`remote ${type} ${sdp}`);
  }

  close() {
    this.connectionState = "closed";
    this.signalingState = "closed";
  }
}

/** A room whose server answers as told; a function is asked each time, and an error is a refusal. */
function stay(answers = {}) {
  const asked = [];
  const problems = [];
  const usual = {
    "room.answer": {},
    "room.join": VIEW,
    "room.leave": {},
    "room.offer": { sdp: "answer" },
    "room.read": VIEW,
    "room.token": { token: "fresh" },
    "room.update_stream": {},
  };
  const request = async (type, body) => {
    asked.push([type, body]);
    const answer = { ...usual, ...answers }[type];
    const given = typeof answer === "function" ? await answer(body) : answer;
    if (given instanceof Error) throw given;
    return given;
  };
  const listener = { onChange() {}, onProblem: (problem) => problems.push(problem.code) };
  const room = new Room({ me: "alice", request, listener });
  const types = () => asked.map(([type]) => type);
  const hear = (type, body) => room.hear({ type, body: { room: "r", ...body } });
  return { room, asked, types, problems, hear };
}

function refusal(code) {
  return Object.assign(new Error(code), { code });
}

function serverOffer(negotiation) {
  return { negotiation, sdp: `offer ${negotiation}`, tracks: [] };
}

/** Lets everything that is under way come to rest. */
function rest() {
  return new Promise((resolve) => setImmediate(resolve));
}

beforeEach(() => {
  FakeConnection.made = [];
  globalThis.RTCPeerConnection = FakeConnection;
});

test("entering asks for a token, joins, and offers every track by its section", async () => {
  const { room, asked, types } = stay({ "room.join": { ...VIEW, ice_servers: [{ urls: ["turn:x"] }] } });
  await room.enter("r", [MICROPHONE, CAMERA]);
  assert.deepEqual(types(), ["room.token", "room.join", "room.offer"]);
  assert.deepEqual(asked[1][1], { token: "fresh" });
  const [stream] = asked[2][1].streams;
  assert.deepEqual(
    stream.tracks.map(({ mid, source, muted }) => [mid, source, muted]),
    [
      ["0", "microphone", false],
      ["1", "camera", false],
    ],
  );
  assert.deepEqual(FakeConnection.made[0].config.iceServers, [{ urls: ["turn:x"] }]);
  assert.equal(room.stay.phase, "in");
});

test("who has nothing to publish offers a data channel, since an offer needs something", async () => {
  const { room, asked } = stay();
  await room.enter("r", []);
  assert.deepEqual(asked.at(-1)[1].streams, []);
  assert.equal(FakeConnection.made[0].steps[0], "data channel");
});

test("a token that came with a call is used, and replaced if it has expired", async () => {
  const used = stay();
  await used.room.enter("r", [], "given");
  assert.deepEqual(used.types(), ["room.join", "room.offer"]);
  const expired = stay({ "room.join": ({ token }) => (token === "given" ? refusal("room_token_expired") : VIEW) });
  await expired.room.enter("r", [], "given");
  assert.deepEqual(expired.types(), ["room.join", "room.token", "room.join", "room.offer"]);
  assert.equal(expired.room.stay.phase, "in");
});

test("a refusal leaves nothing behind, and says why", async () => {
  const { room } = stay({ "room.offer": refusal("bad_sdp") });
  await room.enter("r", [CAMERA]);
  assert.deepEqual([room.stay.phase, room.stay.problem.code], ["out", "bad_sdp"]);
  assert.equal(FakeConnection.made[0].connectionState, "closed");
});

test("a server's offer is answered with its number", async () => {
  const { room, asked, hear } = stay();
  await room.enter("r", [CAMERA]);
  hear("room.offer", serverOffer(7));
  await rest();
  assert.deepEqual(asked.at(-1), ["room.answer", { negotiation: 7, room: "r", sdp: "own answer" }]);
});

test("a server's offer that crosses the own one is passed over; the next is answered", async () => {
  let answer;
  const { room, asked, hear } = stay({ "room.offer": () => new Promise((resolve) => (answer = resolve)) });
  const entered = room.enter("r", [CAMERA]);
  await rest();
  hear("room.offer", serverOffer(1));
  answer({ sdp: "answer" });
  await entered;
  hear("room.offer", serverOffer(2));
  await rest();
  const remote = FakeConnection.made[0].steps.filter((step) => step.startsWith("remote"));
  assert.deepEqual(remote, ["remote answer answer", "remote offer offer 2"]);
  assert.equal(asked.at(-1)[1].negotiation, 2);
});

test("a server's offer that is void is passed over after the answer, too", async () => {
  const { room, asked, hear } = stay({ "room.offer": { sdp: "answer", voids: 1 } });
  await room.enter("r", [CAMERA]);
  hear("room.offer", serverOffer(1));
  await rest();
  assert.equal(asked.at(-1)[0], "room.offer");
  hear("room.offer", serverOffer(2));
  await rest();
  assert.equal(asked.at(-1)[1].negotiation, 2);
});

test("an answer that came too late is no problem: the server has offered anew", async () => {
  const { room, problems, hear } = stay({ "room.answer": refusal("negotiation_over") });
  await room.enter("r", [CAMERA]);
  hear("room.offer", serverOffer(1));
  await rest();
  assert.deepEqual(problems, []);
});

test("a lost session reads the room; one that the server has given up enters again", async () => {
  const kept = stay();
  await kept.room.enter("r", [CAMERA]);
  await kept.room.readAnew();
  assert.deepEqual(kept.types().slice(3), ["room.read"]);
  assert.equal(FakeConnection.made.length, 1, "media goes on");
  const lost = stay({ "room.read": refusal("not_in_room") });
  await lost.room.enter("r", [CAMERA]);
  await lost.room.readAnew();
  assert.deepEqual(lost.types().slice(3), ["room.read", "room.token", "room.join", "room.offer"]);
  assert.equal(lost.room.sent[0].track, CAMERA);
});

test("events of another room, and events after the end, change nothing", async () => {
  const { room, hear } = stay();
  await room.enter("r", [CAMERA]);
  const added = { added: [{ user: "bob", presence: "joined" }] };
  room.hear({ type: "room.members", body: { room: "s", ...added } });
  assert.equal(room.state.members.length, 1);
  hear("room.left", { cause: "kicked" });
  hear("room.members", added);
  assert.deepEqual([room.stay.phase, room.stay.cause, room.state.members], ["out", "kicked", []]);
  assert.equal(FakeConnection.made[0].connectionState, "closed");
});

test("muting falls silent here first, and says so once", async () => {
  const { room, asked } = stay();
  await room.enter("r", [MICROPHONE]);
  await room.mute("microphone", true);
  await room.mute("microphone", true);
  assert.equal(MICROPHONE.enabled, false);
  assert.equal(asked.filter(([type]) => type === "room.update_stream").length, 1);
  assert.deepEqual(asked.at(-1)[1].muted, [{ source: "microphone", muted: true }]);
  MICROPHONE.enabled = true;
});

test("a screen is offered beside the camera, and no longer named once it is over", async () => {
  const { room, asked } = stay();
  await room.enter("r", [CAMERA]);
  const track = { ...CAMERA };
  await room.share({ getTracks: () => [track] });
  const named = () => asked.at(-1)[1].streams.flatMap(({ tracks }) => tracks.map(({ source }) => source));
  assert.deepEqual(named(), ["camera", "screen"]);
  track.onended();
  await rest();
  assert.deepEqual(named(), ["camera"]);
});
