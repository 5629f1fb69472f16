// A phone that sleeps: it hears pushes and nothing else, rings by the same rules as a service worker, and answers by the
// credential of the ring. It has no session and opens no socket.
import {
  type Answer,
  type AnswerRequest,
  type Face,
  type KnownRings,
  type PushDocument,
  readPush,
  reduceRing,
  type RingInput,
  type RingOutput,
} from "@offhook/client/push";
import type { Answered } from "@offhook/client";
import { Store } from "../store.js";

/** What a push did to the phone. */
export type Did = "missed" | "note" | "nothing" | "quiet" | "rang";

/** A push that came. */
export interface Came {
  readonly id: number;
  /** `null` if it could not be read. */
  readonly document: PushDocument | null;
  readonly did: Did;
}

/** The phone at one moment. */
export interface PhoneState {
  /** What is on the screen; absent while it is dark. */
  readonly face?: Face;
  /** The server is being asked for an answer. */
  readonly isAnswering: boolean;
  /** Newest first. */
  readonly came: readonly Came[];
}

/** What a phone needs of the place where it lies. */
export interface PhoneParts {
  readonly user: string;
  readonly device: string;
  /** In milliseconds since the UNIX epoch. */
  readonly now: () => number;
  /** @returns how to stop that */
  readonly after: (ms: number, act: () => void) => () => void;
  readonly answer: (request: Omit<AnswerRequest, "server">) => Promise<Answer>;
  /** What is kept over a reload: a later step must stay known. */
  readonly storage: Pick<Storage, "getItem" | "setItem"> | undefined;
  /** The user has answered, and wants to talk. */
  readonly onAwake: (answered: Answered | undefined) => void;
}

/** How long a sentence stands on the screen, in milliseconds. */
const NOTE_MS = 4_000;
const MOST_CAME = 8;

export class Phone extends Store<PhoneState> {
  readonly #parts: PhoneParts;
  #known: KnownRings;
  #left: Answered | undefined;
  #stops = new Set<() => void>();
  #count = 0;

  constructor(parts: PhoneParts) {
    super({ isAnswering: false, came: [] });
    this.#parts = parts;
    this.#known = readKnown(parts);
    for (const ring of this.#known.filter(({ stage }) => stage === "ringing")) {
      if (parts.now() < ring.until) this.#show({ kind: "ringing", ring, isQuiet: true });
      this.take({ kind: "time", call: ring.document.call });
    }
  }

  /** A push has come, as its document's JSON. */
  push(data: string): void {
    const document = readPush(data);
    const outputs = this.#decide({ kind: "push", document });
    this.#count += 1;
    const came = [{ id: this.#count, document, did: didOf(outputs) }, ...this.value.came].slice(0, MOST_CAME);
    this.set({ ...this.value, came });
    this.#carryOut(outputs);
  }

  /** A button of the screen. */
  press(button: "accept" | "decline"): void {
    const { face } = this.value;
    if (face?.kind !== "ringing") return;
    this.set({ ...this.value, isAnswering: button === "accept" });
    this.take({ kind: "pressed", call: face.ring.document.call, button });
    if (button === "decline") this.sleep();
  }

  /** The screen goes dark. */
  sleep(): void {
    this.set({ came: this.value.came, isAnswering: false });
  }

  /** Lets go of timers. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#stops.clear();
  }

  take(input: RingInput): void {
    this.#carryOut(this.#decide(input));
  }

  #decide(input: RingInput): readonly RingOutput[] {
    const { device, now, storage, user } = this.#parts;
    const { known, outputs } = reduceRing(this.#known, input, now(), { user, device, isPageVisible: false });
    this.#known = known;
    try {
      storage?.setItem(keyOf(this.#parts), JSON.stringify(known));
    } catch {
      // A full store: then it is known until the page is loaded again.
    }
    return outputs;
  }

  #carryOut(outputs: readonly RingOutput[]): void {
    for (const output of outputs) this.#carryOutOne(output);
  }

  #carryOutOne(output: RingOutput): void {
    const { answer, now, onAwake } = this.#parts;
    switch (output.kind) {
      case "show":
        this.#show(output.face);
        return;
      case "close":
        this.sleep();
        return;
      case "close_soon":
        this.#later(NOTE_MS, () => {
          if (this.value.face?.kind === "note") this.sleep();
        });
        return;
      case "wait":
        this.#later(Math.max(0, output.until - now()), () => this.take({ kind: "time", call: output.call }));
        return;
      case "ask": {
        const { call, credential, until, verb } = output;
        const asked = answer({ call, credential, until, verb });
        if (verb !== "ringing") void asked.then((told) => this.take({ kind: "told", call, answer: told }));
        return;
      }
      case "leave":
        this.#left = output.answered;
        return;
      case "take_back":
        this.#left = undefined;
        return;
      case "open":
        onAwake(this.#left);
        return;
    }
  }

  #show(face: Face): void {
    // What does not concern its user does not light the screen, nor does what it shows already.
    if (face.kind === "nothing") return;
    const isSame = face.kind === "ringing" && face.isQuiet && this.value.face?.kind === "ringing";
    if (!isSame) this.set({ face, isAnswering: false, came: this.value.came });
  }

  #later(ms: number, act: () => void): void {
    const stop = this.#parts.after(ms, () => {
      this.#stops.delete(stop);
      act();
    });
    this.#stops.add(stop);
  }
}

function didOf(outputs: readonly RingOutput[]): Did {
  const shown = outputs.find((output) => output.kind === "show");
  const face = shown?.kind === "show" ? shown.face : undefined;
  if (!face || face.kind === "nothing") return "nothing";
  if (face.kind === "note") return "note";
  if (face.kind === "missed") return "missed";
  return face.isQuiet ? "quiet" : "rang";
}

function keyOf({ device, user }: Pick<PhoneParts, "device" | "user">): string {
  return `offhook.demo.phone.${user}.${device}`;
}

function readKnown(parts: PhoneParts): KnownRings {
  try {
    // Written by this class alone; what somebody else has put there is their own fault.
    return JSON.parse(parts.storage?.getItem(keyOf(parts)) ?? "[]") as KnownRings;
  } catch {
    return [];
  }
}
