// The calls that the client knows: what the machine says of them, and what only this device knows.
import type { CallState } from "./api/call.js";
import { goesOn, phaseOf, stateOf, talkingSince, unknownEntry } from "./call_state.js";
import type { Entry, Self } from "./call_state.js";
import type { CallId, CallView } from "./generated/frames.js";
import { Listeners } from "./listeners.js";
import { ringUntil } from "./machine/call.js";
import type { MachineEvent, Output } from "./machine/port.js";
import type { Calls, KnownCall } from "./machine/state.js";

/** How many calls that are over stay known, the newest. More holds memory, fewer makes an app forget what it still shows. */
const MAX_OVER = 50;

/** A call, and those who follow it. */
interface Kept {
  entry: Entry;
  state: CallState;
  /** What the machine knew when the entry was made; `null` if it does not know the call. */
  source: KnownCall | null;
  readonly listeners: Listeners<CallState>;
}

/** Changes are noted, and told only when `settle` says so: everything is up to date before anybody hears of anything. */
export class CallBook {
  readonly #all = new Map<CallId, Kept>();
  readonly #now: () => number;
  readonly #forgotten: (call: CallId) => void;
  #self: Self;
  #changed = new Set<Kept>();
  #list: readonly CallState[] = [];

  /** @param forgotten told of each call that is not known any more */
  constructor(self: Self, now: () => number, forgotten: (call: CallId) => void) {
    this.#self = self;
    this.#now = now;
    this.#forgotten = forgotten;
  }

  /** Known calls, newest first; the same list as long as nothing of it changes. */
  get list(): readonly CallState[] {
    return this.#list;
  }

  /** The id of a known call, by id or alias. */
  find(name: string): CallId | undefined {
    return this.#all.has(name) ? name : this.#list.find(({ alias }) => alias === name)?.id;
  }

  stateOf(call: CallId): CallState {
    return this.#kept(call).state;
  }

  subscribe(call: CallId, listener: (state: CallState) => void): () => void {
    return this.#kept(call).listeners.add(listener);
  }

  /** How a view looks that is not to be kept, as one of a page of past calls. */
  look(view: CallView): CallState {
    const kept = this.#all.get(view.call);
    if (kept && kept.entry.view.seq >= view.seq) return kept.state;
    return stateOf({ view, heardAt: this.#now(), isHeld: false, closed: null }, this.#self);
  }

  /** Takes over what the machine knows after an input, and what it tells. */
  sync(self: Self, calls: Calls, outputs: readonly Output[]): void {
    // Another user's calls are none of this one's business.
    if (this.#self.user !== undefined && self.user !== this.#self.user) this.#forgetAll();
    this.#self = self;
    for (const output of outputs) if (output.kind === "event") this.#hear(output.event);
    for (const known of calls.known.values()) {
      const kept = this.#kept(known.view.call);
      if (kept.source !== known) this.#take(kept, known);
    }
    const isSessionOver = calls.me.user === "";
    for (const kept of this.#all.values()) {
      const wasKnown = kept.source !== null || (isSessionOver && kept.state.phase !== "over");
      if (wasKnown && !calls.known.has(kept.state.id)) this.#lose(kept, isSessionOver);
    }
  }

  /** Takes in a view that the machine does not keep, because it is none of a call that lives here. */
  learn(view: CallView): CallState {
    const kept = this.#kept(view.call);
    if (!kept.source && view.seq >= kept.entry.view.seq) {
      this.#change(kept, { view, heardAt: this.#now() });
    }
    return kept.state;
  }

  /** This device has just entered or placed the call, says a reply. */
  entered(view: CallView): void {
    this.learn(view);
    const kept = this.#kept(view.call);
    if (!kept.entry.isHeld && goesOn(kept.entry.view, this.#self)) this.#change(kept, { isHeld: true });
  }

  /** This device is out of a call whose mode knows no leaving. */
  left(call: CallId): void {
    const kept = this.#all.get(call);
    if (kept?.entry.view.mode !== "general" || kept.entry.closed !== null) return;
    this.#change(kept, { closed: "left" });
  }

  /** Brings the list up to date. @returns what tells the followers, or `null` if nothing has changed */
  settle(): (() => void) | null {
    if (this.#changed.size === 0) return null;
    const changed = this.#changed;
    this.#changed = new Set();
    this.#prune();
    const states = [...this.#all.values()].map(({ state }) => state);
    this.#list = states.filter(({ seq }) => seq > 0).sort(newestFirst);
    return () => {
      for (const { listeners, state } of changed) listeners.tell(state);
    };
  }

  #hear(event: MachineEvent): void {
    if (event.kind !== "incoming" && event.kind !== "ring_stopped") return;
    const kept = this.#kept(event.call);
    const ringStopped = event.kind === "ring_stopped" ? event.reason : undefined;
    // Until when it rings, if it does, is what the machine says next.
    this.#change(kept, { ringStopped, ringUntil: undefined });
  }

  #take(kept: Kept, known: KnownCall): void {
    const { entry } = kept;
    kept.source = known;
    this.#change(kept, {
      view: known.view,
      heardAt: known.heardAt,
      ringUntil: ringUntil(known) ?? undefined,
      isHeld: entry.isHeld || goesOn(known.view, this.#self),
      closed: entry.closed === "void" ? null : entry.closed,
    });
  }

  /** The machine does not know the call any more: the session is over, or the server has forgotten it. */
  #lose(kept: Kept, isSessionOver: boolean): void {
    kept.source = null;
    const goesOn = kept.state.phase !== "over" && !(kept.entry.isHeld && !isSessionOver);
    this.#change(kept, { ringUntil: undefined, ...(goesOn && { closed: "void" }) });
  }

  #kept(call: CallId): Kept {
    const known = this.#all.get(call);
    if (known) return known;
    const entry = unknownEntry(call);
    const kept = { entry, state: stateOf(entry, this.#self), source: null, listeners: new Listeners<CallState>() };
    this.#all.set(call, kept);
    return kept;
  }

  #change(kept: Kept, changes: Partial<Entry>): void {
    const entry = { ...kept.entry, ...changes };
    const isActive = phaseOf(entry, this.#self) === "active";
    const since = isActive ? talkingSince(entry, this.#self.user, this.#now()) : undefined;
    kept.entry = { ...entry, activeSince: entry.activeSince ?? since };
    kept.state = stateOf(kept.entry, this.#self);
    this.#changed.add(kept);
  }

  #prune(): void {
    const over = [...this.#all.values()].filter(({ state }) => state.phase === "over");
    over.sort((one, other) => newestFirst(one.state, other.state));
    for (const { listeners, state } of over.slice(MAX_OVER)) {
      // Whoever follows a call may want to see it again.
      if (listeners.isEmpty) this.#forget(state.id);
    }
  }

  #forgetAll(): void {
    for (const kept of this.#all.values()) {
      if (kept.source) this.#lose(kept, true);
      this.#forget(kept.state.id);
    }
  }

  #forget(call: CallId): void {
    this.#all.delete(call);
    this.#forgotten(call);
  }
}

/** Ids are in the order of creation. */
function newestFirst(one: CallState, other: CallState): number {
  return one.id < other.id ? 1 : -1;
}
