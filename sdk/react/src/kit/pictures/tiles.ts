// What is shown of a call: one tile for everybody who is in it or rings, and one for every shared screen. Pure.
import type {
  CallState,
  Delivery,
  Participant,
  Presence,
  RemoteStream,
  RoomState,
  TrackSource,
  UserId,
} from "@offhook/client";
import { isWaiting } from "../../desk/state.js";

/** A picture that can be attached. */
export interface Picture {
  readonly stream: string;
  /** The connection is too narrow for it at the moment. */
  readonly isPaused: boolean;
}

export type Tile =
  | {
      readonly kind: "person";
      readonly key: string;
      readonly user: UserId;
      readonly isMe: boolean;
      readonly camera?: Picture;
      readonly microphone: "absent" | "muted" | "on";
      /** 0–100. */
      readonly level: number;
      readonly isSpeaking: boolean;
      /** `absent`: has accepted, and is not in the room yet; `unknown`: this device is not in the room itself. */
      readonly presence: Presence | "absent" | "unknown";
      /** 0–5; the worse of what they send and receive. */
      readonly quality: number;
    }
  | { readonly kind: "screen"; readonly key: string; readonly user: UserId; readonly screen: Picture }
  | {
      readonly kind: "waiting";
      readonly key: string;
      readonly user: UserId;
      readonly status: string;
      readonly delivery?: Delivery;
    };

/** Those of a call: the others first, in their order; shared screens before them, this user after, who rings last. */
export function tilesOf(call: CallState, room: RoomState | undefined, me: UserId | undefined): readonly Tile[] {
  const participants = room?.participants ?? [];
  const present = new Map(participants.map((participant) => [participant.user, participant]));
  const isOut = room?.stay.phase === "out";
  const accepted = call.legs.filter((leg) => leg.status === "accepted").map((leg) => leg.user);
  const users = [...new Set([...accepted, ...participants.map(({ user }) => user)])];
  const people = users.map((user) => personOf(user, isOut ? undefined : present.get(user), room, me));
  const waiting = call.legs
    .filter((leg) => isWaiting(leg.status) && !present.has(leg.user) && leg.user !== me)
    .map(({ user, status, delivery }): Tile => {
      return { kind: "waiting", key: `waiting ${user}`, user, status, ...(delivery === undefined ? {} : { delivery }) };
    });
  return [
    ...participants.filter(({ isMe }) => !isMe).flatMap(screensOf),
    ...people.filter((tile) => !tile.isMe),
    ...people.filter((tile) => tile.isMe),
    ...waiting,
  ];
}

type Person = Extract<Tile, { kind: "person" }>;

function personOf(
  user: UserId,
  participant: Participant | undefined,
  room: RoomState | undefined,
  me: UserId | undefined,
): Person {
  const camera = participant && pictureOf(participant.streams, "camera");
  return {
    kind: "person",
    key: `person ${user}`,
    user,
    isMe: user === me,
    ...(camera ? { camera } : {}),
    microphone: participant ? microphoneOf(participant.streams) : "absent",
    level: participant?.level ?? 0,
    isSpeaking: room?.activeSpeaker === user,
    presence: participant?.presence ?? (room?.stay.phase === "out" ? "unknown" : "absent"),
    quality: participant ? worse(participant.uplink, participant.downlink) : 0,
  };
}

function screensOf({ user, streams }: Participant): Tile[] {
  return streams.flatMap((stream): Tile[] => {
    const screen = pictureOf([stream], "screen");
    return screen ? [{ kind: "screen", key: `screen ${stream.name}`, user, screen }] : [];
  });
}

function pictureOf(streams: readonly RemoteStream[], source: TrackSource): Picture | undefined {
  for (const { name, tracks } of streams) {
    const track = tracks.find((each) => each.source === source && !each.isMuted);
    if (track) return { stream: name, isPaused: track.layer === "off" && track.media !== undefined };
  }
  return undefined;
}

/** Whether somebody with these streams can be heard. */
export function microphoneOf(streams: readonly RemoteStream[]): Person["microphone"] {
  const tracks = streams.flatMap((stream) => stream.tracks).filter(({ source }) => source === "microphone");
  if (tracks.length === 0) return "absent";
  return tracks.some((track) => !track.isMuted) ? "on" : "muted";
}

/** Of two qualities, 0 being none. */
export function worse(one: number, other: number): number {
  return one === 0 || other === 0 ? Math.max(one, other) : Math.min(one, other);
}
