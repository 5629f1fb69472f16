// What becomes of a room, as the events of the Express package: the differences between one state and the next.
import type { Participant, RemoteStream, RoomState, TrackSource } from "@offhook/client";
import type { ZegoStream, ZegoUser } from "./types.js";
import type { Emit } from "./emit.js";

/** Which of our five grades of a connection is which of theirs: excellent 0, good 1, medium 2, bad 3, dead 4, unknown 5. */
const QUALITIES = [5, 4, 3, 2, 1, 0];

/** What is told of the tracks of which sources. */
const STATUS_EVENTS = [
  ["remoteCameraStatusUpdate", ["camera", "screen"]],
  ["remoteMicStatusUpdate", ["microphone", "screen_audio"]],
] as const;

interface Published {
  readonly user: ZegoUser;
  readonly stream: RemoteStream;
}

/** A participant as the reference shows them. */
export function userOf({ user, name }: Pick<Participant, "name" | "user">): ZegoUser {
  return { userID: user, userName: name };
}

/** Tells of the others in a room. */
export class RoomNews {
  #users = new Map<string, Participant>();
  #streams = new Map<string, Published>();

  constructor(
    private readonly emit: Emit,
    private readonly room: string,
    private readonly tellsUsers: boolean,
  ) {}

  /** Takes the next state. What has gone is told first, streams before their users. */
  take({ participants }: RoomState): void {
    const others = participants.filter(({ isMe }) => !isMe);
    const users = new Map(others.map((other) => [other.user, other]));
    const streams = new Map(
      others.flatMap((other) => other.streams.map((stream) => [stream.name, { user: userOf(other), stream }] as const)),
    );
    const [usersBefore, before] = [this.#users, this.#streams];
    this.#users = users;
    this.#streams = streams;
    this.#tellStreams("DELETE", without(before, streams));
    this.#tellUsers("DELETE", without(usersBefore, users));
    this.#tellUsers("ADD", without(users, usersBefore));
    this.#tellStreams("ADD", without(streams, before));
    for (const [name, { stream, user }] of streams) this.#tellChanges(user, before.get(name)?.stream, stream);
    for (const participant of participants) this.#tellQuality(participant, usersBefore.get(participant.user));
  }

  /** Forgets everybody: what comes next is all new. */
  forget(): void {
    this.#users.clear();
    this.#streams.clear();
  }

  #tellUsers(update: "ADD" | "DELETE", users: readonly Participant[]): void {
    if (users.length > 0 && this.tellsUsers) this.emit("roomUserUpdate", this.room, update, users.map(userOf));
  }

  #tellStreams(update: "ADD" | "DELETE", streams: readonly Published[]): void {
    if (streams.length > 0) this.emit("roomStreamUpdate", this.room, update, streams.map(streamInfo), "");
  }

  #tellChanges(user: ZegoUser, was: RemoteStream | undefined, is: RemoteStream): void {
    if (was === is) return;
    if (was && was.extraInfo !== is.extraInfo) {
      this.emit("streamExtraInfoUpdate", this.room, [streamInfo({ user, stream: is })]);
    }
    for (const [event, sources] of STATUS_EVENTS) {
      const status = statusOf(is, sources);
      // Who comes is taken to be open until told otherwise.
      if (status !== (was ? statusOf(was, sources) : "OPEN")) this.emit(event, is.name, status);
    }
  }

  #tellQuality({ isMe, user, uplink, downlink }: Participant, was: Participant | undefined): void {
    if (isMe || (was?.uplink === uplink && was.downlink === downlink) || uplink + downlink === 0) return;
    this.emit("networkQuality", user, QUALITIES[uplink] ?? 5, QUALITIES[downlink] ?? 5);
  }
}

function streamInfo({ stream, user }: Published): ZegoStream {
  return { streamID: stream.name, user, extraInfo: stream.extraInfo };
}

function statusOf({ tracks }: RemoteStream, sources: readonly TrackSource[]): "MUTE" | "OPEN" {
  return tracks.some(({ isMuted, source }) => !isMuted && sources.includes(source)) ? "OPEN" : "MUTE";
}

function without<Value>(all: ReadonlyMap<string, Value>, others: ReadonlyMap<string, unknown>): Value[] {
  return [...all].filter(([key]) => !others.has(key)).map(([, value]) => value);
}
