import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, pair, spotlight } from "./layout.js";
import { encodings, isTcp, offered, onlyCodec, onlyTcp, Turns, wishes } from "./negotiation.js";
import { begin, reduce, tiles } from "./roster.js";
import { digest } from "./statistics.js";

const ALICE = { user: "alice", presence: "flowing" };
const BOB = { user: "bob", presence: "joined" };
const CAMERA = { stream: "bob-camera", user: "bob", tracks: [{ source: "microphone" }, { source: "camera" }] };
const SCREEN = { stream: "bob-screen", user: "bob", tracks: [{ source: "screen" }] };

function play(...inputs) {
  const view = { room: "r", role: "member", members: [ALICE, BOB], streams: [CAMERA] };
  const entered = reduce(begin("alice", "r"), { type: "reply.room", body: view });
  return inputs.reduce((state, [type, body]) => reduce(state, { type, body: { room: "r", ...body } }), entered);
}

test("others stand first, the own picture last, a screen before everything", () => {
  const state = play(["room.streams", { added: [SCREEN] }]);
  const shown = tiles(state).map(({ key, isMine, hasPicture }) => [key, isMine, hasPicture]);
  assert.deepEqual(shown, [
    ["screen/bob-screen", false, true],
    ["user/bob", false, true],
    ["user/alice", true, false],
  ]);
});

test("a change takes the place of what it changes, also if it is heard twice", () => {
  const flowing = { ...BOB, presence: "flowing" };
  const state = play(
    ["room.members", { changed: [flowing] }],
    ["room.members", { added: [flowing, { user: "carol", presence: "joined" }] }],
  );
  const words = state.members.map(({ user, presence }) => `${user} ${presence}`);
  assert.deepEqual(words, ["alice flowing", "bob flowing", "carol joined"]);
});

test("who leaves takes their streams along, whichever is heard first", () => {
  const gone = { removed: [{ user: "bob", cause: "left" }] };
  const state = play(["room.members", gone], ["room.streams", { removed: ["bob-camera"] }]);
  assert.deepEqual([state.members, state.streams], [[ALICE], []]);
});

test("a muted camera shows no picture, a muted microphone is marked", () => {
  const muted = { ...CAMERA, tracks: CAMERA.tracks.map((track) => ({ ...track, muted: true })) };
  const [before] = tiles(play());
  assert.deepEqual([before.hasPicture, before.isSilent], [true, false]);
  const [after] = tiles(play(["room.streams", { changed: [muted] }]));
  assert.deepEqual([after.hasPicture, after.isSilent], [false, true]);
});

test("sections, layers and qualities are those that were told last", () => {
  const section = { stream: "bob-camera", source: "camera", user: "bob" };
  const high = { tracks: [{ stream: "bob-camera", source: "camera", layer: "high" }] };
  const low = { tracks: [{ stream: "bob-camera", source: "camera", layer: "low" }] };
  const quality = { downlink_bps: 9, rtt_ms: 7, members: [{ user: "bob", downlink: 5, uplink: 2 }] };
  const state = play(
    ["room.offer", { negotiation: 1, sdp: "", tracks: [{ mid: "3", ...section }] }],
    ["room.layers", high],
    ["room.layers", low],
    ["room.quality", quality],
  );
  assert.deepEqual(state.sections, { 3: section });
  assert.deepEqual(state.layers, { "bob-camera/camera": "low" });
  assert.deepEqual(state.own, { downlinkBps: 9, rttMs: 7 });
  assert.deepEqual(state.quality.bob, { downlink: 5, uplink: 2 });
});

test("levels that are not told are silence", () => {
  const loud = ["room.levels", { active: "bob", levels: [{ user: "bob", level: 60 }] }];
  assert.deepEqual(play(loud).levels, { bob: 60 });
  const state = play(loud, ["room.levels", { levels: [] }]);
  assert.deepEqual([state.active, state.levels], [null, {}]);
});

test("people read what people wrote; commands are for apps", () => {
  const state = play(
    ["room.message", { from: "bob", kind: "broadcast", data: "<b>hello</b>" }],
    ["room.message", { from: "bob", kind: "command", data: "beep" }],
    ["said", { data: "hello bob" }],
  );
  assert.deepEqual(state.messages, [
    { from: "bob", text: "<b>hello</b>" },
    { from: "alice", text: "hello bob" },
  ]);
});

test("an event that is not known changes nothing", () => {
  const state = play();
  assert.equal(reduce(state, { type: "room.confetti", body: { room: "r" } }), state);
});

test("a server's offer that comes while the own is unanswered is passed over", () => {
  const turns = new Turns();
  const before = turns.arrive(1);
  assert.equal(turns.counts(before), true);
  turns.open();
  assert.equal(turns.arrive(2), null, "it is void as soon as ours arrives");
  assert.equal(turns.counts(before), false, "and so is the one that waited");
  turns.close({ voids: 2 });
  const after = turns.arrive(3);
  assert.equal(turns.counts(after), true);
});

test("a server's offer that the answer has called void is passed over, the next is not", () => {
  const turns = new Turns();
  turns.open();
  turns.close({ voids: 4 });
  assert.equal(turns.arrive(4), null);
  assert.notEqual(turns.arrive(5), null);
  turns.open();
  turns.close();
  assert.equal(turns.arrive(4), null, "a refusal says nothing of it");
  turns.open();
  turns.close({});
  assert.notEqual(turns.arrive(1), null, "another stay has numbers of its own");
});

test("a camera goes out in three sizes, each of them plain, a screen in one, sound in none", () => {
  const usual = { codec: null, isSimulcast: true };
  const rids = (height) => encodings("camera", usual, height).map(({ rid }) => rid);
  assert.deepEqual(rids(720), ["q", "h", "f"]);
  assert.deepEqual(rids(360), ["h", "f"], "a third would not be sent");
  const rates = (height) => encodings("camera", usual, height).map(({ maxBitrate }) => maxBitrate);
  assert.deepEqual(rates(720), [200_000, 600_000, 1_700_000]);
  assert.deepEqual(rates(180), [100_000, 200_000], "as much as their size deserves");
  assert.equal(
    encodings("camera", { ...usual, codec: "av1" }, 720).every(({ scalabilityMode }) => scalabilityMode === "L1T1"),
    true,
  );
  assert.equal(encodings("camera", { ...usual, isSimulcast: false }, 720).length, 1);
  assert.equal(encodings("screen", usual).length, 1);
  assert.equal(encodings("microphone", usual), undefined);
});

test("one codec is offered with what repairs it", () => {
  const all = ["video/VP8", "video/rtx", "video/VP9", "video/H264", "video/ulpfec"].map((mimeType) => ({ mimeType }));
  const kept = onlyCodec(all, "vp9").map(({ mimeType }) => mimeType);
  assert.deepEqual(kept, ["video/VP9", "video/rtx", "video/ulpfec"]);
});

test("only what is reached over TCP is left of the candidates", () => {
  const udp = "candidate:1 1 udp 2130706431 127.0.0.1 7 typ host";
  const tcp = "candidate:2 1 tcp 1671430143 127.0.0.1 7 typ host tcptype passive";
  assert.deepEqual([udp, tcp, tcp.replace("tcp", "TCP")].map(isTcp), [false, true, true]);
  const sdp = ["v=0", `a=${udp}`, `a=${tcp}`, "a=end-of-candidates", ""].join("\r\n");
  assert.equal(onlyTcp(sdp), ["v=0", `a=${tcp}`, "a=end-of-candidates", ""].join("\r\n"));
});

test("an offer names streams by the sections that carry their tracks", () => {
  const sent = [
    { stream: "a", source: "microphone", mid: "0", muted: true },
    { stream: "a", source: "camera", mid: "1", muted: false },
    { stream: "s", source: "screen", mid: null, muted: false },
  ];
  assert.deepEqual(offered(sent), [
    {
      stream: "a",
      extra_info: "",
      tracks: [
        { mid: "0", source: "microphone", muted: true },
        { mid: "1", source: "camera", muted: false },
      ],
    },
  ]);
});

test("a size is told when it is new, and not for every pixel", () => {
  const shown = (width, height) => [{ key: "b/camera", stream: "b", source: "camera", width, height }];
  const asked = new Map([["b/camera", { width: 640, height: 360 }]]);
  assert.deepEqual(wishes(asked, shown(644, 362)), []);
  assert.equal(wishes(new Map(), shown(644, 362))[0].wanted, true);
  assert.equal(wishes(asked, shown(320, 180))[0].width, 320);
  assert.equal(wishes(asked, shown(0, 0))[0].wanted, false);
});

test("tiles are as large as the place permits", () => {
  assert.deepEqual(grid(1, { width: 1600, height: 900 }, 10), { width: 1600, height: 900 });
  assert.deepEqual(grid(4, { width: 1610, height: 910 }, 10), { width: 800, height: 450 });
  assert.deepEqual(grid(2, { width: 360, height: 700 }, 10).width, 360, "one above the other on a phone");
  assert.deepEqual(grid(3, { width: 0, height: 0 }, 10), { width: 0, height: 0 });
});

test("of two people the other has all the place, and the own picture a corner of it", () => {
  const phone = { width: 340, height: 600 };
  assert.deepEqual(pair(phone), { large: phone, small: { width: 96, height: 54 } });
  assert.deepEqual(pair({ width: 1600, height: 900 }).small, { width: 208, height: 117 });
});

test("what stands in the light leaves a row for the others", () => {
  const place = { width: 1000, height: 800 };
  const { large, small } = spotlight({ large: 1, small: 3 }, place, 10);
  assert.ok(large.height > 3 * small.height && small.height > 0);
  assert.ok(large.height + 10 + small.height <= place.height);
  assert.deepEqual(spotlight({ large: 0, small: 3 }, place, 10).small, grid(3, place, 10));
});

test("rates are counted between two looks, and from nothing at first", () => {
  const look = (timestamp, bytesReceived) => [
    { id: "c", type: "codec", mimeType: "video/VP8" },
    {
      id: "i",
      type: "inbound-rtp",
      kind: "video",
      codecId: "c",
      trackIdentifier: "t",
      timestamp,
      bytesReceived,
      frameWidth: 320,
    },
    { id: "t", type: "transport", timestamp, selectedCandidatePairId: "p" },
    { id: "p", type: "candidate-pair", timestamp, localCandidateId: "l", currentRoundTripTime: 0.012 },
    { id: "l", type: "local-candidate", timestamp, candidateType: "relay", relayProtocol: "udp", protocol: "udp" },
  ];
  const first = digest(look(1_000, 5_000), null);
  const second = digest(look(3_000, 30_000), first);
  assert.deepEqual([first.inbound[0].bitrate, second.inbound[0].bitrate], [0, 100_000]);
  assert.deepEqual([second.inbound[0].codec, second.inbound[0].width], ["VP8", 320]);
  assert.deepEqual([second.path, second.rttMs], ["relay over udp", 12]);
});
