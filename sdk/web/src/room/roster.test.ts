// What is known of a room, and that it stays the same object while it is the same.
import { describe, expect, test } from "vitest";
import { streamOf } from "../testing/fake_media.js";
import {
  emptyRoster,
  keep,
  participants,
  reduce,
  trackKey,
  trackKeys,
  type Roster,
  type RosterInput,
} from "./roster.js";

const alice = { user: "alice", presence: "joined" as const };
const bob = { user: "bob", name: "Bob", presence: "flowing" as const };

function after(...inputs: readonly object[]): Roster {
  return inputs.reduce<Roster>((roster, input) => reduce(roster, input as RosterInput), emptyRoster("alice"));
}

const view = {
  type: "reply.room",
  body: { room: "r", role: "member", members: [alice, bob], streams: [streamOf("bob", "microphone", "camera")] },
};
const people = (roster: Roster, before: ReturnType<typeof participants> = []) =>
  participants(roster, "flowing", before);

describe("the roster", () => {
  test("is the room that was read, in the order in which they came", () => {
    expect(people(after(view))).toEqual([
      { user: "alice", name: "", isMe: true, presence: "flowing", streams: [], level: 0, uplink: 0, downlink: 0 },
      {
        user: "bob",
        name: "Bob",
        isMe: false,
        presence: "flowing",
        streams: [
          {
            name: "bob-main",
            user: "bob",
            extraInfo: "",
            tracks: [
              { source: "microphone", isMuted: false },
              { source: "camera", isMuted: false },
            ],
          },
        ],
        level: 0,
        uplink: 0,
        downlink: 0,
      },
    ]);
  });

  test("what is told twice stands once, at its first place", () => {
    const added = { type: "room.members", body: { room: "r", added: [{ ...bob, name: "Robert" }] } };
    const stream = { type: "room.streams", body: { room: "r", added: [streamOf("bob", "camera", "camera")] } };
    const now = people(after(view, added, added, stream, stream));
    expect(now.map(({ name, user }) => [user, name])).toEqual([
      ["alice", ""],
      ["bob", "Robert"],
    ]);
    expect(now[1]?.streams.map(({ tracks }) => tracks.map(({ source }) => source))).toEqual([["camera"]]);
  });

  test("streams go with whoever published them, and so does what is known of both", () => {
    const gone = { type: "room.members", body: { room: "r", removed: [{ user: "bob", cause: "left" }] } };
    const layers = {
      type: "room.layers",
      body: { room: "r", tracks: [{ stream: "bob-main", source: "camera", layer: "off" }] },
    };
    const levels = { type: "room.levels", body: { room: "r", active: "bob", levels: [{ user: "bob", level: 60 }] } };
    const there = after(view, layers, levels);
    expect(there).toMatchObject({ activeSpeaker: "bob" });
    const left = reduce(there, gone as RosterInput);
    expect([left.streams, left.layers.size, left.activeSpeaker]).toEqual([[], 0, undefined]);
  });

  test("a stream of somebody unknown is shown once they are there", () => {
    const stream = { type: "room.streams", body: { room: "r", added: [streamOf("carol", "camera")] } };
    const carol = { type: "room.members", body: { room: "r", added: [{ user: "carol", presence: "joined" }] } };
    expect(people(after(view, stream))).toHaveLength(2);
    expect(people(after(view, stream, carol))[2]?.streams).toHaveLength(1);
  });

  test("sound has no layer, and nobody receives themselves", () => {
    const media = new Map([
      [trackKey("bob-main", "camera"), {} as MediaStream],
      [trackKey("alice-main", "camera"), {} as MediaStream],
    ]);
    const tracks = ["microphone", "camera"].map((source) => ({ stream: "bob-main", source, layer: "high" }));
    const now = people(
      after(
        view,
        { type: "own", streams: [streamOf("alice", "camera")] },
        { type: "media", media },
        { type: "room.layers", body: { room: "r", tracks } },
      ),
    );
    expect(now[0]?.streams[0]?.tracks).toEqual([{ source: "camera", isMuted: false }]);
    expect(now[1]?.streams[0]?.tracks).toEqual([
      { source: "microphone", isMuted: false },
      { source: "camera", isMuted: false, layer: "high", media: media.get("bob-main/camera") },
    ]);
  });

  test("names of users and streams that are names of the language harm nothing", () => {
    const odd = { user: "__proto__", presence: "flowing" };
    const stream = { stream: "constructor", user: "__proto__", tracks: [{ source: "camera" }] };
    const roster = after(
      { type: "room.members", body: { room: "r", added: [odd] } },
      { type: "room.streams", body: { room: "r", added: [stream] } },
      { type: "room.levels", body: { room: "r", levels: [{ user: "__proto__", level: 9 }] } },
    );
    expect(people(roster)[0]).toMatchObject({ user: "__proto__", level: 9, streams: [{ name: "constructor" }] });
  });

  test("what did not change is the same object, whatever else did", () => {
    const before = people(after(view));
    const levels = { type: "room.levels", body: { room: "r", levels: [{ user: "alice", level: 30 }] } };
    const now = people(after(view, levels), before);
    expect(now).not.toBe(before);
    expect(now[1]).toBe(before[1]);
    expect(people(after(view, view), before)).toBe(before);
  });

  test("the own streams take the place of what was known of them", () => {
    const own = (...sources: string[]) => ({ type: "own", streams: [streamOf("alice", ...sources)] });
    const roster = after(view, own("camera"), own("camera", "microphone"));
    expect([...trackKeys(roster.streams)]).toEqual([
      "bob-main/microphone",
      "bob-main/camera",
      "alice-main/camera",
      "alice-main/microphone",
    ]);
  });
});

test("a value is kept only if every field is the same", () => {
  const before: { a: number; b?: number } = { a: 1 };
  expect(keep(before, { a: 1 })).toBe(before);
  expect(keep(before, { a: 2 })).toEqual({ a: 2 });
  expect(keep(before, { a: 1, b: 2 })).toEqual({ a: 1, b: 2 });
  expect(keep({ a: 1, b: 2 }, before)).toBe(before);
});
