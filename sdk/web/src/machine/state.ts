// Everything that the machine knows, as one value that never changes, and the turn in which it is replaced by the next.
import type {
  CallId,
  CallSeq,
  CallView,
  ClientFrame,
  DeviceId,
  Request,
  RequestId,
  Resume,
  RoomId,
  UserId,
} from "../generated/frames.js";
import type { StopReason } from "../api/client.js";
import type { Online } from "./online.js";
import type { Config, Handle, MachineEvent, Output } from "./port.js";

/**
 * One device of one user.
 *
 * ```text
 *                connect             token               opened             welcome
 * disconnected ──────────▶ asking_token ─────▶ opening ─────────▶ greeting ─────────▶ online
 *      ▲                        ▲   │ none        │ failed           │ closed, silence   │ closed, silence,
 *      │ disconnect             │   ▼             ▼                  ▼                   ▼ an event is missing
 *   (any state)              backoff: a drawn pause, or the one that the server named
 *
 * stopped: kicked out, replaced, logged out, two tokens refused, bad frames. Only another connect leaves it.
 * ```
 */
export type Phase =
  | { readonly is: "asking_token" | "backoff" | "greeting" | "opening"; readonly until: number }
  | { readonly is: "disconnected" }
  | { readonly is: "online"; readonly session: Online }
  | { readonly is: "stopped"; readonly reason: StopReason };

export interface State {
  /** Failed attempts to connect since the last long session. */
  readonly attempts: number;
  readonly calls: Calls;
  readonly config: Config;
  readonly phase: Phase;
  /** The last event heard, in the log that is resumed; `null` calls for a snapshot. */
  readonly position: Resume | null;
  readonly requests: Requests;
  /** The rooms that this device is in, as far as it has heard, in the order of their names. */
  readonly rooms: readonly RoomId[];
  readonly token: TokenState;
}

/** What is known of the user's token. Times are on the driver's clock. */
export interface TokenState {
  /**
   * When to ask the source again: the session needs a token that the server has not taken, and the source is not being
   * asked. A wish of the app comes before it; `Infinity` waits for one, as the source has no other token, or the server
   * has not taken the one that it gave.
   */
  readonly askAgain: number | null;
  readonly current: string | null;
  readonly expires: number | null;
  /** The last token was refused, and none has been accepted since. */
  readonly refused: boolean;
}

/** Who looks at a call; the user is empty before the first welcome, and when the session is over for good. */
export interface Me {
  readonly device: DeviceId;
  readonly user: UserId;
}

/** The calls that this device knows. */
export interface Calls {
  /** In the order of their ids, which is that of their creation. */
  readonly known: ReadonlyMap<CallId, KnownCall>;
  readonly me: Me;
  /** What was passed over of calls that are not known, because a reply is to tell of them, or never came. */
  readonly passedOver: ReadonlyMap<CallId, Newest>;
}

export const NO_CALLS: Calls = { known: new Map(), me: { device: "", user: "" }, passedOver: new Map() };

/** One call as this device knows it: what it heard last, not what is. */
export interface KnownCall {
  /** Steps of the call were not heard: only the parties that changed since are known as they are. */
  readonly hasGap: boolean;
  /** When `view.age_ms` was true. */
  readonly heardAt: number;
  /** The app asked to reject the call on this device. */
  readonly rejectedHere: boolean;
  readonly ring: Ring;
  readonly view: CallView;
}

/** Where the ring of this device stands for the user's present invitation. */
export type Ring =
  /** It has not rung. */
  | { readonly is: "silent" }
  | { readonly is: "ringing"; readonly until: number }
  /** It has rung, and does not ring again. */
  | { readonly is: "over" };

/** The newest that was heard of a call. */
export interface Newest {
  readonly isOver: boolean;
  readonly seq: CallSeq;
}

/** Requests that wait for their reply, over the end of a connection if need be. */
export interface Requests {
  readonly last: RequestId;
  /** In the order in which they were asked. */
  readonly waiting: ReadonlyMap<RequestId, Waiting>;
}

export interface Waiting {
  readonly purpose: Purpose;
  readonly request: Request;
  /** Whether it was ever written to a socket. */
  readonly sent: boolean;
  readonly until: number;
}

/** For whom a request was sent: the app, or the client's own rings, missed calls and tokens. */
export type Purpose =
  | { readonly is: "acknowledge" }
  | { readonly is: "app"; readonly handle: Handle }
  | { readonly is: "read" }
  | { readonly is: "renew" };

/** One input being handled. It is the only thing that changes, and nobody outside sees it. */
export class Turn {
  readonly out: Output[] = [];

  constructor(
    public state: State,
    readonly now: number,
    /** From 0 to below 1. */
    readonly random: number,
  ) {}

  set(changes: Partial<State>): void {
    this.state = { ...this.state, ...changes };
  }

  setCalls(changes: Partial<Calls>): void {
    this.set({ calls: { ...this.state.calls, ...changes } });
  }

  setSession(session: Online): void {
    this.set({ phase: { is: "online", session } });
  }

  known(call: CallId): KnownCall | undefined {
    return this.state.calls.known.get(call);
  }

  setToken(changes: Partial<TokenState>): void {
    this.set({ token: { ...this.state.token, ...changes } });
  }

  push(output: Output): void {
    this.out.push(output);
  }

  send(frame: ClientFrame): void {
    this.push({ kind: "send", frame });
  }

  tell(event: MachineEvent): void {
    this.push({ kind: "event", event });
  }
}

/** Keeps the compiler watching that every case is decided. */
export function assertNever(value: never): never {
  throw new Error(`undecided: ${JSON.stringify(value)}`);
}
