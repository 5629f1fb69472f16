// Where rooms and the session meet: what a room asks of the session, and what the session tells a room.
import type { Request, RoomEvent, UserId } from "../generated/frames.js";
import type { Room } from "../api/room.js";
import type { ReplyTo } from "./replies.js";

/** What a room needs of the client that it belongs to. */
export interface RoomPort {
  readonly id: string;
  /** Who this is; a room is not entered before the client knows. */
  readonly me: () => UserId | undefined;
  /** Asks the server. Rejects with an `OffhookError`. Replies come before the events that happen while the request is carried out. */
  readonly ask: <Asked extends Request>(request: Asked) => Promise<ReplyTo<Asked>>;
  /** The room token that came with the call, once, if there is one that has not expired. */
  readonly takeToken: () => string | undefined;
  /** Makes media connections. Default: the global `RTCPeerConnection`. */
  readonly openConnection?: (configuration: RTCConfiguration) => RTCPeerConnection;
}

/** A room as its client drives it. */
export interface DrivenRoom extends Room {
  /** Something happened in this room. `room.reset` also comes after every new connection. */
  hear(event: RoomEvent): void;
  /** The session is over for good: the room is left without a word to the server. */
  sessionOver(): void;
}
