// The driver of the machine: its socket, its one timer, its source of tokens. Knows nothing about calls.
import { SUBPROTOCOL } from "./generated/frames.js";
import type { SocketLike, TraceLine } from "./api/client.js";
import { readFrame } from "./machine/frames.js";
import { begin, step, wakeAt } from "./machine/machine.js";
import type { Config, Handle, Input, MachineEvent, Output, Result } from "./machine/port.js";
import type { State } from "./machine/state.js";
import type { Surroundings } from "./surroundings.js";

/** What the driver tells its owner, in this order for each input. */
export interface Ears {
  /** The machine has taken an input. Nothing of it has been told yet. */
  moved(state: State, outputs: readonly Output[]): void;
  event(event: MachineEvent): void;
  resolved(handle: Handle, result: Result): void;
  /** Everything that followed from an input has been told. */
  done(input: Input): void;
  /** What was read, written or noted, as it stands on the wire: to be shown without its secrets. */
  trace(direction: TraceLine["direction"], text: unknown): void;
}

/** Where the socket leads, and who asks. */
export interface Target {
  readonly config: Config;
  readonly getToken: () => Promise<string | null>;
  readonly url: string;
}

/** The longest time that a browser's timer can be set to, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A timer that is so late, in milliseconds, shows that the device slept, or the page was suspended. */
const SLEPT_MS = 5_000;

/**
 * How many turns of promises a reply has before the frame after it is taken. Browsers give every frame a turn of its own;
 * Node may hand over several at once, and then what awaits the reply would hear of them in the wrong order.
 */
const TURNS_FOR_A_REPLY = 16;

export class Driver {
  #state: State;
  readonly #target: Target;
  readonly #around: Surroundings;
  readonly #ears: Ears;
  /** What is to be handled next; the socket's only when nobody is thinking about a reply. */
  readonly #inputs: Input[] = [];
  #fromSocket: Input[] = [];
  #isBusy = false;
  #isHeld = false;
  #isClosed = false;
  #question = 0;
  #socket: SocketLike | null = null;
  /** Which attempt to open a socket is under way. */
  #opening = 0;
  #timer: { readonly at: number; readonly stop: () => void } | null = null;

  constructor(target: Target, around: Surroundings, ears: Ears) {
    this.#target = target;
    this.#around = around;
    this.#ears = ears;
    this.#state = begin(target.config);
  }

  get state(): State {
    return this.#state;
  }

  /** Handles an input, or queues it while another one is being told of. */
  feed(input: Input): void {
    if (this.#isClosed) {
      if (input.kind === "request") this.#ears.resolved(input.handle, { error: { type: "not_connected" } });
      return;
    }
    this.#inputs.push(input);
    this.#run();
  }

  /** Lets go of everything. Requests that wait fail. */
  close(): void {
    this.feed({ kind: "disconnect" });
    this.#isClosed = true;
    this.#timer?.stop();
    this.#question += 1;
  }

  #run(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let input = this.#next(); input !== undefined; input = this.#next()) this.#take(input);
    this.#isBusy = false;
    this.#arm();
  }

  #next(): Input | undefined {
    return this.#inputs.shift() ?? (this.#isHeld ? undefined : this.#fromSocket.shift());
  }

  #take(input: Input): void {
    const { now, random } = this.#around;
    const { state, outputs } = step(this.#state, input, { now: now(), random: random() });
    this.#state = state;
    this.#ears.moved(state, outputs);
    for (const output of outputs) this.#carryOut(output);
    this.#ears.done(input);
  }

  #carryOut(output: Output): void {
    switch (output.kind) {
      case "close_socket":
        this.#closeSocket();
        return;
      case "event":
        this.#ears.event(output.event);
        return;
      case "need_token":
        void this.#askToken();
        return;
      case "open_socket":
        void this.#openSocket();
        return;
      case "resolve":
        this.#ears.resolved(output.handle, output.result);
        if (!this.#isHeld) void this.#hold();
        return;
      case "send": {
        const text = JSON.stringify(output.frame);
        this.#ears.trace("out", text);
        this.#attempt(() => this.#socket?.send(text));
        return;
      }
    }
  }

  /** A socket that cannot be used says so by closing. */
  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#note("socket_trouble", { message: String(error) });
    }
  }

  async #hold(): Promise<void> {
    this.#isHeld = true;
    for (let turn = 0; turn < TURNS_FOR_A_REPLY; turn += 1) await Promise.resolve();
    this.#isHeld = false;
    this.#run();
  }

  async #askToken(): Promise<void> {
    const question = ++this.#question;
    this.#note("token_asked");
    let answer: Input;
    try {
      const token = await this.#target.getToken();
      answer = token === null ? { kind: "token_gone" } : { kind: "token", token };
    } catch (error) {
      this.#note("token_failed", { message: String(error) });
      answer = { kind: "token_failed" };
    }
    if (question === this.#question) this.feed(answer);
  }

  async #openSocket(): Promise<void> {
    const opening = ++this.#opening;
    const device = await this.#around.device.claim();
    if (opening !== this.#opening) return;
    this.#state = { ...this.#state, config: { ...this.#state.config, device } };
    let socket: SocketLike;
    try {
      socket = this.#around.openSocket(this.#target.url, SUBPROTOCOL);
    } catch (error) {
      this.#note("socket_failed", { message: String(error) });
      this.feed({ kind: "socket_failed" });
      return;
    }
    this.#socket = socket;
    this.#listen(socket);
  }

  #listen(socket: SocketLike): void {
    let isOpen = false;
    socket.onopen = () => {
      isOpen = true;
      this.#note("socket_opened");
      this.feed({ kind: "socket_opened" });
    };
    socket.onmessage = ({ data }) => {
      this.#ears.trace("in", data);
      this.#hear({ kind: "frame", frame: readFrame(data) });
    };
    socket.onerror = () => {
      if (!isOpen) this.#gone({ kind: "socket_failed" });
    };
    socket.onclose = ({ code }) => {
      this.#note("socket_closed", { code });
      this.#gone(isOpen ? { kind: "socket_closed", code: code ?? null } : { kind: "socket_failed" });
    };
  }

  #hear(input: Input): void {
    this.#fromSocket.push(input);
    this.#run();
  }

  /** The socket is no more; what it brought before is still worth hearing. */
  #gone(input: Input): void {
    this.#forgetSocket();
    this.#hear(input);
  }

  #closeSocket(): void {
    this.#opening += 1;
    this.#fromSocket = [];
    const socket = this.#forgetSocket();
    this.#attempt(() => socket?.close(1000));
  }

  #forgetSocket(): SocketLike | null {
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    return socket;
  }

  #arm(): void {
    const at = this.#isClosed ? null : wakeAt(this.#state);
    if (this.#timer?.at === at) return;
    this.#timer?.stop();
    if (at === null) {
      this.#timer = null;
      return;
    }
    const ms = Math.min(Math.max(0, Math.ceil(at - this.#around.now())), LONGEST_TIMER_MS);
    this.#timer = { at, stop: this.#around.after(ms, () => this.#wake(at)) };
  }

  #wake(at: number): void {
    this.#timer = null;
    const isLate = this.#around.now() - at > SLEPT_MS;
    this.feed({ kind: "timeout" });
    if (isLate) this.feed({ kind: "awake" });
  }

  #note(type: string, more: Readonly<Record<string, unknown>> = {}): void {
    this.#ears.trace("note", JSON.stringify({ type, ...more }));
  }
}
