// One call as an object: everything that can be asked for, over what the client knows of it.
import type { Call, CallState, WithData } from "./api/call.js";
import type { Room } from "./api/room.js";
import type { Ask } from "./asking.js";
import type { CallId, CallReply, CallView, LeftOut, UserId } from "./generated/frames.js";
import { hangUp } from "./hang_up.js";

/** What a call needs of the client that it belongs to. */
export interface CallPort {
  readonly me: () => UserId | undefined;
  readonly ask: Ask;
  readonly stateOf: (call: CallId) => CallState;
  readonly subscribe: (call: CallId, listener: (state: CallState) => void) => () => void;
  /** Takes in a call that a reply tells of. */
  readonly learn: (view: CallView) => CallState;
  /** This device has entered a call: the reply brings the call, and the way into its room. */
  readonly entered: (reply: Pick<CallReply, "call" | "room">) => void;
  /** This device is out of a call. */
  readonly left: (call: CallId) => void;
  readonly room: (call: CallId) => Room;
  /** Leaves the room of a call, if there is one. */
  readonly leaveRoom: (call: CallId) => Promise<void>;
}

export class OffhookCall implements Call {
  readonly #port: CallPort;

  constructor(
    readonly id: CallId,
    port: CallPort,
  ) {
    this.#port = port;
  }

  get state(): CallState {
    return this.#port.stateOf(this.id);
  }

  subscribe(listener: (state: CallState) => void): () => void {
    return this.#port.subscribe(this.id, listener);
  }

  async accept({ data = "" }: WithData = {}): Promise<void> {
    this.#port.entered(await this.#port.ask({ type: "call.accept", body: { call: this.id, data } }));
  }

  async reject({ data = "", reason = "declined" }: WithData & { reason?: "busy" | "declined" } = {}): Promise<void> {
    this.#learn(await this.#port.ask({ type: "call.reject", body: { call: this.id, data, reason } }));
  }

  async ignore(): Promise<void> {
    await this.#port.ask({ type: "call.ignore", body: { call: this.id } });
  }

  async acknowledge(): Promise<void> {
    await this.#port.ask({ type: "call.acknowledge", body: { call: this.id } });
  }

  async cancel({ data = "", invitees = [] }: WithData & { invitees?: readonly UserId[] } = {}): Promise<LeftOut[]> {
    const body = { call: this.id, data, invitees: [...invitees] };
    return this.#learn(await this.#port.ask({ type: "call.cancel", body }));
  }

  async add(invitees: readonly UserId[]): Promise<LeftOut[]> {
    return this.#learn(await this.#port.ask({ type: "call.add", body: { call: this.id, invitees: [...invitees] } }));
  }

  async join({ data = "" }: WithData = {}): Promise<void> {
    this.#port.entered(await this.#port.ask({ type: "call.join", body: { call: this.id, data } }));
  }

  async quit({ data = "" }: WithData = {}): Promise<void> {
    this.#learn(await this.#port.ask({ type: "call.quit", body: { call: this.id, data } }));
  }

  async end({ data = "" }: WithData = {}): Promise<void> {
    this.#learn(await this.#port.ask({ type: "call.end", body: { call: this.id, data } }));
  }

  async hangUp({ data = "" }: WithData = {}): Promise<void> {
    const { me, ask, left, leaveRoom } = this.#port;
    const { state } = this;
    // Nothing is sent or heard from here on, whether or not the server can be reached.
    const leaving = leaveRoom(this.id);
    try {
      await hangUp(state, me(), ask, { data });
    } finally {
      left(this.id);
      await leaving;
    }
  }

  async read(): Promise<CallState> {
    this.#learn(await this.#port.ask({ type: "call.read", body: { call: this.id } }));
    return this.state;
  }

  room(): Room {
    return this.#port.room(this.id);
  }

  #learn({ call, left_out = [] }: CallReply): LeftOut[] {
    if (call !== undefined) this.#port.learn(call);
    return left_out;
  }
}
