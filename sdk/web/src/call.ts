// One call as an object: everything that can be asked for, over what the client knows of it.
import type { Call, CallState, WithData } from "./api/call.js";
import type { WithPush } from "./api/push.js";
import type { Room } from "./api/room.js";
import type { Ask } from "./asking.js";
import type { CallBook } from "./call_book.js";
import type { CallId, CallReply, CallView, LeftOut, Request, UserId } from "./generated/frames.js";
import { given } from "./given.js";
import { hangUp } from "./hang_up.js";
import { pushConfig } from "./push_config.js";
import type { RoomBook } from "./room_book.js";

/** What a call needs of the client that it belongs to. */
export interface CallPort {
  readonly me: () => UserId | undefined;
  readonly ask: Ask;
  readonly book: Pick<CallBook, "stateOf" | "subscribe">;
  readonly rooms: Pick<RoomBook, "leave" | "room">;
  /** Takes in a call that a reply tells of. */
  readonly learn: (view: CallView) => CallState;
  /** This device has entered a call: the reply brings the call, and the way into its room. */
  readonly entered: (reply: Pick<CallReply, "call" | "room">) => void;
  /** This device is out of a call. */
  readonly left: (call: CallId) => void;
}

/** What can be asked about one call, and is answered by it. */
type CallRequest = Extract<Request, { body: { call?: CallId } }>;

/** What the request says beside the call. */
type MoreOf<Type> = Omit<Extract<CallRequest, { type: Type }>["body"], "call">;

export class OffhookCall implements Call {
  readonly #port: CallPort;

  constructor(
    readonly id: CallId,
    port: CallPort,
  ) {
    this.#port = port;
  }

  get state(): CallState {
    return this.#port.book.stateOf(this.id);
  }

  subscribe(listener: (state: CallState) => void): () => void {
    return this.#port.book.subscribe(this.id, listener);
  }

  async accept({ data = "" }: WithData = {}): Promise<void> {
    this.#port.entered(await this.#ask("call.accept", { data }));
  }

  async reject({ data = "", reason = "declined" }: WithData & { reason?: "busy" | "declined" } = {}): Promise<void> {
    await this.#ask("call.reject", { data, reason });
  }

  async ignore(): Promise<void> {
    await this.#ask("call.ignore");
  }

  async acknowledge(): Promise<void> {
    await this.#ask("call.acknowledge");
  }

  async cancel({
    data = "",
    invitees = [],
    push,
  }: WithData & WithPush & { invitees?: readonly UserId[] } = {}): Promise<LeftOut[]> {
    const more = given({ data, invitees: [...invitees], push: pushConfig(push) });
    const { left_out = [] } = await this.#ask("call.cancel", more);
    return left_out;
  }

  async add(invitees: readonly UserId[], { push }: WithPush = {}): Promise<LeftOut[]> {
    const more = given({ invitees: [...invitees], push: pushConfig(push) });
    const { left_out = [] } = await this.#ask("call.add", more);
    return left_out;
  }

  async join({ data = "" }: WithData = {}): Promise<void> {
    this.#port.entered(await this.#ask("call.join", { data }));
  }

  async quit({ data = "", push }: WithData & WithPush = {}): Promise<void> {
    await this.#ask("call.quit", given({ data, push: pushConfig(push) }));
  }

  async end({ data = "", push }: WithData & WithPush = {}): Promise<void> {
    await this.#ask("call.end", given({ data, push: pushConfig(push) }));
  }

  async hangUp({ data = "" }: WithData = {}): Promise<void> {
    const { me, ask, left, rooms } = this.#port;
    const { state } = this;
    // Nothing is sent or heard from here on, whether or not the server can be reached.
    const leaving = rooms.leave(this.id);
    try {
      await hangUp(state, me(), ask, data);
    } finally {
      left(this.id);
      await leaving;
    }
  }

  async read(): Promise<CallState> {
    await this.#ask("call.read");
    return this.state;
  }

  room(): Room {
    return this.#port.rooms.room(this.id);
  }

  /** Asks about this call, and takes in what the reply tells of it. */
  async #ask<Type extends CallRequest["type"]>(type: Type, more?: MoreOf<Type>): Promise<CallReply> {
    // The type and the rest of its body have been found to fit each other.
    const reply = await this.#port.ask({ type, body: { call: this.id, ...more } } as CallRequest);
    if (reply.call) this.#port.learn(reply.call);
    return reply;
  }
}
