// The driver of the machine: its socket, its one timer, its source of tokens. Knows nothing about calls.
import { SUBPROTOCOL } from "./generated/frames.js";
import type { SocketLike, TraceLine } from "./api/client.js";
import { readFrame } from "./machine/frames.js";
import { begin, step, wakeAt } from "./machine/machine.js";
import type { Config, Handle, Input, MachineEvent, Output, Result } from "./machine/port.js";
import type { State } from "./machine/state.js";
import type { Surroundings } from "./surroundings.js";
import { tried } from "./tried.js";

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

/** The close of a server that has heard nothing for too long. */
export const LOST = 4411;

/**
 * How many turns of promises a reply has before the frame after it is taken. Browsers give every frame a turn of its own;
 * Node may hand over several at once, and then what awaits the reply would hear of them in the wrong order.
 */
const TURNS_FOR_A_REPLY = 16;

/** What drives a machine. */
export interface Driver {
  /** What the machine knows. */
  state(): State;
  /** Handles an input, or queues it while another one is being told of. */
  feed(input: Input): void;
  /** Lets go of everything. Requests that wait fail. */
  close(): void;
}

/** Begins with a client that is not connected. */
export function drive({ config, getToken, url }: Target, around: Surroundings, ears: Ears): Driver {
  let state = begin(config);
  /** What is to be handled next; the socket's only when nobody is thinking about a reply. */
  const inputs: Input[] = [];
  let fromSocket: Input[] = [];
  let isBusy = false;
  let isHeld = false;
  let isClosed = false;
  /** Which question for a token is to be answered, and which attempt to open a socket is under way. */
  let question = 0;
  let opening = 0;
  let socket: SocketLike | null = null;
  let timer: { readonly at: number; readonly stop: () => void } | null = null;

  return { state: () => state, feed, close };

  function feed(input: Input): void {
    if (!isClosed) {
      inputs.push(input);
      run();
    } else if (input.kind === "request") {
      ears.resolved(input.handle, { error: { type: "not_connected" } });
    }
  }

  function close(): void {
    feed({ kind: "disconnect" });
    isClosed = true;
    timer?.stop();
  }

  function run(): void {
    if (isBusy) return;
    isBusy = true;
    for (let input = next(); input; input = next()) take(input);
    isBusy = false;
    arm();
  }

  function next(): Input | undefined {
    return inputs.shift() ?? (isHeld ? undefined : fromSocket.shift());
  }

  function take(input: Input): void {
    const { state: after, outputs } = step(state, input, { now: around.now(), random: around.random() });
    state = after;
    ears.moved(state, outputs);
    outputs.forEach(carryOut);
    ears.done(input);
  }

  function carryOut(output: Output): void {
    switch (output.kind) {
      case "close_socket":
        closeSocket();
        return;
      case "event":
        ears.event(output.event);
        return;
      case "need_token":
        void askToken();
        return;
      case "open_socket":
        void openSocket();
        return;
      case "resolve":
        ears.resolved(output.handle, output.result);
        if (!isHeld) void hold();
        return;
      case "send": {
        const text = JSON.stringify(output.frame);
        ears.trace("out", text);
        // A socket that cannot be used says so by closing.
        tried(() => socket?.send(text));
        return;
      }
    }
  }

  async function hold(): Promise<void> {
    isHeld = true;
    for (let turn = 0; turn < TURNS_FOR_A_REPLY; turn += 1) await Promise.resolve();
    isHeld = false;
    run();
  }

  async function askToken(): Promise<void> {
    const asked = ++question;
    note("token_asked");
    let answer: Input;
    try {
      const token = await getToken();
      answer = token === null ? { kind: "token_gone" } : { kind: "token", token };
    } catch (error) {
      note("token_failed", { message: String(error) });
      answer = { kind: "token_failed" };
    }
    if (asked === question) feed(answer);
  }

  async function openSocket(): Promise<void> {
    const attempted = ++opening;
    const device = await around.device.claim();
    if (attempted !== opening) return;
    state = { ...state, config: { ...state.config, device } };
    try {
      socket = around.openSocket(url, SUBPROTOCOL);
      listen(socket);
    } catch (error) {
      note("socket_failed", { message: String(error) });
      feed({ kind: "socket_failed" });
    }
  }

  function listen(opened: SocketLike): void {
    let isOpen = false;
    opened.onopen = () => {
      isOpen = true;
      note("socket_opened");
      feed({ kind: "socket_opened" });
    };
    opened.onmessage = ({ data }) => {
      ears.trace("in", data);
      hear({ kind: "frame", frame: readFrame(data) });
    };
    opened.onerror = () => {
      if (!isOpen) gone({ kind: "socket_failed" });
    };
    opened.onclose = ({ code }) => {
      note("socket_closed", { code });
      gone(isOpen ? { kind: "socket_closed", code: code ?? null } : { kind: "socket_failed" });
      // The heartbeat of a hidden page comes once a minute, and the server's pings may end at a proxy. This is no timer.
      if (code === LOST) hear({ kind: "awake" });
    };
  }

  function hear(input: Input): void {
    fromSocket.push(input);
    run();
  }

  /** The socket is no more; what it brought before is still worth hearing. */
  function gone(input: Input): void {
    forgetSocket();
    hear(input);
  }

  function closeSocket(): void {
    opening += 1;
    fromSocket = [];
    const closed = forgetSocket();
    tried(() => closed?.close(1000));
  }

  function forgetSocket(): SocketLike | null {
    const forgotten = socket;
    socket = null;
    if (forgotten) forgotten.onopen = forgotten.onmessage = forgotten.onclose = forgotten.onerror = null;
    return forgotten;
  }

  function arm(): void {
    const at = isClosed ? null : wakeAt(state);
    if (timer?.at === at) return;
    timer?.stop();
    timer = null;
    if (at === null) return;
    const ms = Math.min(Math.max(0, Math.ceil(at - around.now())), LONGEST_TIMER_MS);
    timer = { at, stop: around.after(ms, () => wake(at)) };
  }

  function wake(at: number): void {
    timer = null;
    const isLate = around.now() - at > SLEPT_MS;
    feed({ kind: "timeout" });
    if (isLate) feed({ kind: "awake" });
  }

  function note(type: string, more: Readonly<Record<string, unknown>> = {}): void {
    ears.trace("note", JSON.stringify({ type, ...more }));
  }
}
