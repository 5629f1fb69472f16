// The trace of a session: every frame and event, and what follows from them for each leg. Pure.
import type { ClientEvent, TraceLine } from "@offhook/client";
import { assertNever } from "../assert_never.js";
import { bodyOf, callOf, type EndGlimpse, type Frame, glimpses, type Glimpse, leftOut, text } from "./read.js";

/** One line of the trace. */
export type Entry = { readonly id: number; readonly at: number; readonly call?: string } & Content;

/** What a line says. */
export type Content =
  /** A frame on the wire, or a note of the client. */
  | { readonly kind: "frame"; readonly direction: TraceLine["direction"]; readonly type: string; readonly frame: Frame }
  /** An event that the client told the app. */
  | { readonly kind: "event"; readonly name: ClientEvent["kind"]; readonly event: Frame }
  /** A party of a call stands otherwise than before; `from` is absent for one that was not known. */
  | {
      readonly kind: "leg";
      readonly user: string;
      readonly from?: string;
      readonly to: string;
      readonly reason?: string;
    }
  /** What the server has decided. */
  | { readonly kind: "decision"; readonly decision: Decision };

/** What the server has decided. */
export type Decision =
  | { readonly kind: "ended"; readonly end: EndGlimpse }
  | { readonly kind: "left_out"; readonly user: string; readonly cause: string }
  /** The user's part in the call is on this device from now on. */
  | { readonly kind: "main_device"; readonly device: string }
  | { readonly kind: "merged" }
  | { readonly kind: "refused"; readonly request: string; readonly code: string };

/** A call as far as the trace knows it. */
export interface TracedCall {
  readonly id: string;
  readonly seq: number;
  readonly legs: ReadonlyMap<string, string>;
  readonly mainDevice?: string;
  readonly end?: EndGlimpse;
}

/** The whole trace, at one moment. */
export interface Trace {
  /** Oldest first. */
  readonly entries: readonly Entry[];
  /** By id; the one that was heard of last is the last. */
  readonly calls: ReadonlyMap<string, TracedCall>;
  /** The types of requests that wait for their answer, by id. */
  readonly requests: ReadonlyMap<number, string>;
  readonly nextId: number;
}

/** What can happen to a trace. `at` is in milliseconds on the page's clock. */
export type TraceInput =
  | { readonly kind: "clear" }
  | { readonly kind: "event"; readonly at: number; readonly event: ClientEvent }
  | { readonly kind: "line"; readonly line: TraceLine };

/** More costs the browser time with each new line; less forgets the beginning of a long call. */
const MOST_ENTRIES = 600;
/** Of older calls a trace has nothing to tell. */
const MOST_CALLS = 20;
/** Frames and room events that come all the time and say little of what happens. */
const REGULAR = new Set(["heartbeat", "room.levels", "room.quality"]);

/** A trace of nothing. */
export const EMPTY: Trace = { entries: [], calls: new Map(), requests: new Map(), nextId: 1 };

export function reduce(trace: Trace, input: TraceInput): Trace {
  switch (input.kind) {
    case "clear":
      return { ...trace, entries: [] };
    case "event":
      return add(trace, input.at, [told(input.event)]);
    case "line":
      return takeLine(trace, input.line);
    default:
      return assertNever(input);
  }
}

/** Whether a line comes all the time, and is left out unless asked for. */
export function isRegular(entry: Entry): boolean {
  switch (entry.kind) {
    case "frame":
      return REGULAR.has(entry.type);
    case "event":
      // The frame above it says the same.
      return entry.name === "room";
    case "decision":
    case "leg":
      return false;
    default:
      return assertNever(entry);
  }
}

/** The call that was heard of last. */
export function latestCall(trace: Trace): TracedCall | undefined {
  return [...trace.calls.values()].at(-1);
}

type Line = Content & { readonly call?: string };

function takeLine(trace: Trace, { direction, at, frame }: TraceLine): Trace {
  const call = callOf(frame);
  const own: Line = { kind: "frame", direction, type: frame.type, frame, ...(call === undefined ? {} : { call }) };
  const noted = note(trace, direction, frame);
  if (direction !== "in") return add(noted, at, [own]);
  const decided: Line[] = [];
  let calls = trace.calls;
  for (const glimpse of glimpses(frame)) {
    const [known, lines] = compare(calls.get(glimpse.call), glimpse);
    decided.push(...lines);
    if (known) calls = newest(calls, known);
  }
  return add({ ...noted, calls }, at, [own, ...answers(trace, frame, call), ...decided]);
}

/** Remembers what was asked under which id, until it is answered. */
function note(trace: Trace, direction: TraceLine["direction"], frame: Frame): Trace {
  const id = frame["id"];
  if (typeof id !== "number") return trace;
  const requests = new Map(trace.requests);
  if (direction === "out") requests.set(id, text(frame["type"]) ?? "");
  else requests.delete(id);
  return { ...trace, requests };
}

/** What the frame says beside how calls stand. */
function answers(trace: Trace, frame: Frame, call: string | undefined): Line[] {
  const about = call === undefined ? {} : { call };
  const lines: Line[] = leftOut(frame).map((each) => ({
    ...about,
    kind: "decision",
    decision: { kind: "left_out", ...each },
  }));
  const body = bodyOf(frame);
  const code = text(body["code"]);
  if (frame["type"] === "problem" && code !== undefined) {
    const id = frame["id"];
    const request = (typeof id === "number" ? trace.requests.get(id) : undefined) ?? "session";
    lines.push({ ...about, kind: "decision", decision: { kind: "refused", request, code } });
  }
  if (frame["type"] === "call.merged" || body["merged"] === true)
    lines.push({ ...about, kind: "decision", decision: { kind: "merged" } });
  return lines;
}

/** What is new in a glimpse of a call; nothing if it is not newer than what is known. */
function compare(known: TracedCall | undefined, glimpse: Glimpse): [TracedCall | undefined, Line[]] {
  if (known && glimpse.seq <= known.seq) return [undefined, []];
  const call = glimpse.call;
  const legs = new Map(known?.legs);
  const lines: Line[] = [];
  for (const { user, status: to, reason } of glimpse.legs) {
    const from = legs.get(user);
    legs.set(user, to);
    if (from === to) continue;
    const why = reason === undefined ? {} : { reason };
    lines.push({ call, kind: "leg", user, ...(from === undefined ? {} : { from }), to, ...why });
  }
  const { mainDevice, end } = glimpse;
  if (mainDevice !== undefined && mainDevice !== known?.mainDevice)
    lines.push({ call, kind: "decision", decision: { kind: "main_device", device: mainDevice } });
  if (end && !known?.end) lines.push({ call, kind: "decision", decision: { kind: "ended", end } });
  const device = mainDevice ?? known?.mainDevice;
  const over = end ?? known?.end;
  const now: TracedCall = {
    id: call,
    seq: glimpse.seq,
    legs,
    ...(device === undefined ? {} : { mainDevice: device }),
    ...(over === undefined ? {} : { end: over }),
  };
  return [now, lines];
}

function newest(calls: ReadonlyMap<string, TracedCall>, call: TracedCall): ReadonlyMap<string, TracedCall> {
  const rest = [...calls].filter(([id]) => id !== call.id).slice(1 - MOST_CALLS);
  return new Map([...rest, [call.id, call]]);
}

/** An event as the trace keeps it: a call's object goes, its state stays. */
function told(event: ClientEvent): Line {
  const name = event.kind;
  if (!("call" in event)) return { kind: "event", name, event: { ...event } };
  return { kind: "event", name, call: event.call.id, event: { ...event, call: event.call.state } };
}

function add(trace: Trace, at: number, lines: readonly Line[]): Trace {
  const entries = lines.map((line, index): Entry => ({ ...line, id: trace.nextId + index, at }));
  return {
    ...trace,
    entries: [...trace.entries, ...entries].slice(-MOST_ENTRIES),
    nextId: trace.nextId + lines.length,
  };
}
