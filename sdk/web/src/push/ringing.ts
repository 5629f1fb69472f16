// What a device makes of pushes: what it shows, asks and remembers. Pure; a service worker, or a page that plays a phone,
// carries it out.
//
// ```text
//           ring              accept               done
// (nothing) ────▶ ringing ───────────▶ answering ───────▶ answered
//                  │  │ decline           │ refused
//                  │  └──────────▶ declining ──▶ over
//                  │ its time, stop, missed
//                  └──────────▶ over
// ```
//
// Pushes come late, twice, and in any order. What counts is the step of the call that a push tells of (`seq`): who has seen
// a later one passes over it.
import type { Answered } from "../api/push.js";
import type { CallId, DeviceId, UserId } from "../generated/frames.js";
import { given } from "../given.js";
import type { Answer } from "./answering.js";
import type { PushDocument } from "./document.js";

/** How many calls are remembered. Fewer lets a very late push of an old call ring again. */
const MAX_KNOWN = 50;

/** The longest ring, in milliseconds: the longest that an invite may ask for. */
const MAX_RING_MS = 600_000;

/** A call of which a push has told. */
export interface KnownRing {
  readonly document: PushDocument;
  /** Who calls, in the words of the ring. */
  readonly name: string;
  readonly stage: "answered" | "answering" | "declining" | "over" | "ringing";
  /** Until when it rings, or rang, on this device's clock. */
  readonly until: number;
}

/** Everything that is remembered, the latest last. It never changes; a newer one takes its place. */
export type KnownRings = readonly KnownRing[];

/** What is shown of a call. */
export type Face =
  /** `isQuiet`: a page of the app rings itself, or this has rung before. */
  | { readonly kind: "ringing"; readonly ring: KnownRing; readonly isQuiet: boolean }
  | { readonly kind: "missed"; readonly ring: KnownRing; readonly isQuiet: boolean }
  /** A sentence: why it does not ring any more, or could not be answered. */
  | { readonly kind: "note"; readonly ring: KnownRing; readonly note: Note }
  /** Nothing that concerns who uses this device. Browsers want something to be shown for every push. */
  | { readonly kind: "nothing" };

/** Why a call does not ring any more, or could not be answered. */
export type Note =
  "answered_elsewhere" | "call_ended" | "failed" | "rejected_elsewhere" | "ring_over" | "token_expired" | "unreachable";

/** What comes to a device. */
export type RingInput =
  /** A push; `null` if it cannot be read. */
  | { readonly kind: "push"; readonly document: PushDocument | null }
  /** A page of the app, which is connected, knows that the ring is over, as if by a stop. */
  | { readonly kind: "settled"; readonly document: PushDocument }
  /** The time of a ring may be over. */
  | { readonly kind: "time"; readonly call: CallId }
  /** The user has pressed a button of what is shown, or it itself. */
  | { readonly kind: "pressed"; readonly call: CallId; readonly button: "accept" | "decline" | "open" }
  /** What the server said to an answer. */
  | { readonly kind: "told"; readonly call: CallId; readonly answer: Answer };

/** What is to be done, in this order. */
export type RingOutput =
  | { readonly kind: "show"; readonly face: Face }
  /** What is shown of the call is to go. */
  | { readonly kind: "close"; readonly call: CallId }
  /** What is shown has been seen in a moment, and can go. */
  | { readonly kind: "close_soon"; readonly call?: CallId }
  /** Give `time` back at that time. */
  | { readonly kind: "wait"; readonly call: CallId; readonly until: number }
  /** Ask the server, again and again until then if it cannot be reached, and give `told` back for an answer. */
  | {
      readonly kind: "ask";
      readonly verb: "accept" | "reject" | "ringing";
      readonly call: CallId;
      readonly credential: string;
      readonly until: number;
    }
  /** Keep this for the page. */
  | { readonly kind: "leave"; readonly answered: Answered }
  /** What was kept of this call is void. */
  | { readonly kind: "take_back"; readonly call: CallId }
  /** Show a page of the app. */
  | { readonly kind: "open"; readonly ring?: KnownRing };

/** Who uses this device, and what else rings on it. */
export interface RingContext {
  /** Absent if it is not known: then nothing is passed over for it. */
  readonly user?: UserId | undefined;
  readonly device?: DeviceId | undefined;
  /** A page of the app is in sight, and rings itself. */
  readonly isPageVisible: boolean;
}

/** What is remembered from now on, and what is to be done. */
export interface RingStep {
  readonly known: KnownRings;
  readonly outputs: readonly RingOutput[];
}

/** @param now this device's clock, in milliseconds since the UNIX epoch */
export function reduceRing(known: KnownRings, input: RingInput, now: number, context: RingContext): RingStep {
  if (input.kind === "push") return pushed(known, input.document, now, context);
  const call = input.kind === "settled" ? input.document.call : input.call;
  const ring = known.find(({ document }) => document.call === call);
  switch (input.kind) {
    case "settled":
      return settled(known, ring, input.document, context);
    case "time":
      return timePassed(known, ring, now);
    case "pressed":
      return pressed(known, ring, input.button, now, context);
    case "told":
      return ring ? told(known, ring, input.answer, now, context) : { known, outputs: [] };
  }
}

function pushed(known: KnownRings, document: PushDocument | null, now: number, context: RingContext): RingStep {
  const isOurs = document && (context.user === undefined || document.to === context.user);
  if (!isOurs) return { known, outputs: nothing() };
  const before = known.find((ring) => ring.document.call === document.call);
  if (before && isStale(before, document)) return { known, outputs: again(before, now) };
  switch (document.kind) {
    case "ring":
      return rung(known, before, document, now, context);
    case "stop":
      return stopped(known, before, document);
    case "missed":
      return over(known, before, document, before !== undefined);
  }
}

/** The end of a ring may be told twice, by the stop and the word that it was missed; a ring rings once. */
function isStale({ document: { seq }, stage }: KnownRing, document: PushDocument): boolean {
  if (document.kind !== "ring") return document.seq < seq;
  return document.seq <= seq || isAnswering({ stage });
}

/** What is known, once more and without a sound. */
function again(ring: KnownRing, now: number): RingOutput[] {
  const { stage } = ring;
  if (stage === "ringing" && now < ring.until) return [show({ kind: "ringing", ring, isQuiet: true })];
  if (stage === "over" && isMissed(ring)) return [show({ kind: "missed", ring, isQuiet: true })];
  return stage === "ringing" ? [show({ kind: "missed", ring, isQuiet: true })] : nothing();
}

function rung(
  known: KnownRings,
  before: KnownRing | undefined,
  document: PushDocument,
  now: number,
  { isPageVisible }: RingContext,
): RingStep {
  const { call, caller, credential, remainingMs, ringUntilMs, title } = document;
  const until = now + Math.min(remainingMs, ringUntilMs - now, MAX_RING_MS);
  const name = title || caller;
  if (until <= now) {
    const ring: KnownRing = { document: withoutCredential(document), name, stage: "over", until: now };
    return { known: put(known, ring), outputs: [show({ kind: "missed", ring, isQuiet: isPageVisible })] };
  }
  const ring: KnownRing = { document, name, stage: "ringing", until };
  const isQuiet = isPageVisible || (before?.stage === "ringing" && now < before.until);
  const outputs: RingOutput[] = [show({ kind: "ringing", ring, isQuiet })];
  if (credential !== undefined) outputs.push({ kind: "ask", verb: "ringing", call, credential, until });
  return { known: put(known, ring), outputs: [...outputs, { kind: "wait", call, until }] };
}

function stopped(known: KnownRings, before: KnownRing | undefined, document: PushDocument): RingStep {
  const { reason } = document;
  if (reason !== "answered_elsewhere" && reason !== "rejected_elsewhere") return over(known, before, document, true);
  if (before && isAnswering(before)) return { known, outputs: nothing() };
  const ring = ended(before, document);
  const outputs = before?.stage === "answered" ? nothing() : passing({ kind: "note", ring, note: reason });
  return { known: put(known, ring), outputs };
}

/** What was settled on a page is shown by it, if it can be seen. A push that comes after that does not ring. */
function settled(
  known: KnownRings,
  before: KnownRing | undefined,
  document: PushDocument,
  { isPageVisible }: RingContext,
): RingStep {
  if (before && (isAnswering(before) || document.seq < before.document.seq)) return { known, outputs: [] };
  const ring = ended(before, document);
  const outputs: RingOutput[] =
    before?.stage !== "ringing"
      ? []
      : isMissed(ring) && !isPageVisible
        ? [show({ kind: "missed", ring, isQuiet: true })]
        : [{ kind: "close", call: document.call }];
  return { known: put(known, ring), outputs };
}

/** The ring is over without an answer, unless this device has given one. */
function over(known: KnownRings, before: KnownRing | undefined, document: PushDocument, isQuiet: boolean): RingStep {
  // What the server says to the answer tells more.
  if (before && isAnswering(before)) return { known, outputs: nothing() };
  const ring = ended(before, document);
  const hasAnswered = before !== undefined && before.stage !== "ringing" && !isMissed(before);
  const outputs = hasAnswered ? nothing() : [show({ kind: "missed", ring, isQuiet })];
  return { known: put(known, ring), outputs };
}

function timePassed(known: KnownRings, ring: KnownRing | undefined, now: number): RingStep {
  if (ring?.stage !== "ringing") return { known, outputs: [] };
  const { call } = ring.document;
  if (now < ring.until) return { known, outputs: [{ kind: "wait", call, until: ring.until }] };
  const missed = ended(ring, ring.document);
  return { known: put(known, missed), outputs: [show({ kind: "missed", ring: missed, isQuiet: true })] };
}

function pressed(
  known: KnownRings,
  ring: KnownRing | undefined,
  button: "accept" | "decline" | "open",
  now: number,
  context: RingContext,
): RingStep {
  if (ring?.stage !== "ringing") return { known, outputs: [given({ kind: "open" as const, ring })] };
  const { document, until } = ring;
  const { call, credential } = document;
  if (now >= until) {
    const late = ended(ring, document);
    return { known: put(known, late), outputs: [show({ kind: "note", ring: late, note: "ring_over" })] };
  }
  // Without the right to answer, the page answers.
  if (button === "open" || credential === undefined) {
    return { known, outputs: [left("tapped", ring, now, context), { kind: "open", ring }] };
  }
  const ask = { kind: "ask", call, credential, until } as const;
  if (button === "decline") {
    return { known: put(known, { ...ring, stage: "declining" }), outputs: [{ ...ask, verb: "reject" }] };
  }
  const outputs: RingOutput[] = [left("accepting", ring, now, context), { ...ask, verb: "accept" }];
  return { known: put(known, { ...ring, stage: "answering" }), outputs };
}

function told(known: KnownRings, ring: KnownRing, answer: Answer, now: number, context: RingContext): RingStep {
  const { call } = ring.document;
  const isAccepting = ring.stage === "answering";
  if (!isAnswering(ring)) return { known, outputs: [] };
  if (answer.isDone) {
    // A call that was declined is over here, and was not missed.
    const done: KnownRing = {
      ...ring,
      document: { ...withoutCredential(ring.document), reason: "answered_here" },
      stage: isAccepting ? "answered" : "over",
    };
    const { room, view } = answer;
    const outputs: RingOutput[] = isAccepting
      ? [left("accepted", done, now, context, given({ room, view })), { kind: "open", ring: done }]
      : [];
    return { known: put(known, done), outputs };
  }
  const refused: KnownRing = {
    ...ring,
    document: { ...withoutCredential(ring.document), reason: answer.code },
    stage: "over",
  };
  const face: Face = { kind: "note", ring: refused, note: noteOf(answer.code) };
  const outputs: RingOutput[] = isAccepting
    ? [{ kind: "take_back", call }, show(face)]
    : // Who declined wanted silence, and has it: the sentence does not stay.
      passing(face);
  return { known: put(known, refused), outputs };
}

function noteOf(code: string): Note {
  switch (code) {
    case "answered_elsewhere":
    case "call_ended":
    case "ring_over":
    case "token_expired":
    case "unreachable":
      return code;
    default:
      return "failed";
  }
}

/** Whether a call that is over, or was never heard ringing, counts as missed here. */
function isMissed({ document: { kind, reason }, stage }: KnownRing): boolean {
  if (stage !== "over") return false;
  return kind !== "stop" ? reason === undefined : reason === "canceled" || reason === "ended" || reason === "timed_out";
}

/** The server has been asked, and has not said anything yet. */
function isAnswering({ stage }: Pick<KnownRing, "stage">): boolean {
  return stage === "answering" || stage === "declining";
}

/** The name by which the ring called who calls stays: later pushes have other titles. */
function ended(before: KnownRing | undefined, document: PushDocument): KnownRing {
  const own = document.kind === "ring" ? document.title : "";
  return {
    document: withoutCredential(document),
    name: before?.name ?? (own || document.caller),
    stage: "over",
    until: before?.until ?? 0,
  };
}

function withoutCredential({ credential: _, ...rest }: PushDocument): PushDocument {
  return rest;
}

function left(
  kind: Answered["kind"],
  { document: { call, to } }: KnownRing,
  at: number,
  { device }: RingContext,
  more: Pick<Answered, "room" | "view"> = {},
): RingOutput {
  return { kind: "leave", answered: given({ kind, call, at, user: to, device, ...more }) };
}

function show(face: Face): RingOutput {
  return { kind: "show", face };
}

function passing(face: Extract<Face, { ring: KnownRing }>): RingOutput[] {
  return [show(face), { kind: "close_soon", call: face.ring.document.call }];
}

function nothing(): RingOutput[] {
  return [show({ kind: "nothing" }), { kind: "close_soon" }];
}

function put(known: KnownRings, ring: KnownRing): KnownRings {
  return [...known.filter(({ document }) => document.call !== ring.document.call), ring].slice(-MAX_KNOWN);
}
