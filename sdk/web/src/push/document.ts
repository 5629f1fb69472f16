// What a push says. It comes from afar: past this file every field has its type, or there is no document.
import type { CallId, MediaKind, UserId } from "../generated/frames.js";
import { given } from "../given.js";
import { tried } from "../tried.js";

/** The version of the documents that this package reads. */
const VERSION = 1;

/** A push about a call. Texts come from other people: never to become HTML. */
export interface PushDocument {
  readonly kind: "missed" | "ring" | "stop";
  readonly call: CallId;
  /** The name of at most 20 digits that ZIM-shaped clients know the call by. */
  readonly alias: string;
  /** The step of the call that it tells of. */
  readonly seq: number;
  /** Whom it is for. */
  readonly to: UserId;
  readonly caller: UserId;
  readonly media: MediaKind;
  /** The two lines; `""` if none. */
  readonly title: string;
  readonly body: string;
  /** What the caller sent along for pushes; `""` if nothing. */
  readonly payload: string;
  /** How old the ring was and how much of it was left when the push was sent, in milliseconds. */
  readonly ageMs: number;
  readonly remainingMs: number;
  /** When it ends, by the server's clock. */
  readonly ringUntilMs: number;
  /** The right to answer. A secret; of a ring alone. */
  readonly credential?: string;
  /** Of a stop: `answered_elsewhere`, `canceled`, `ended`, `rejected_elsewhere`, `timed_out`. */
  readonly reason?: string;
}

const KINDS = ["missed", "ring", "stop"] as const;

type Fields = Readonly<Record<string, unknown>>;

/** Reads a push, as a text or as what its JSON stood for. @returns null if it is none of this package's */
export function readPush(data: unknown): PushDocument | null {
  const outer = fieldsOf(data);
  // Where only texts can be carried, this is JSON in a text.
  const own = fieldsOf(outer?.["offhook"]);
  if (!outer || own?.["v"] !== VERSION) return null;
  const kind = KINDS.find((known) => known === own["kind"]);
  const [call, to, caller] = [nameOf(own["call"]), nameOf(own["to"]), nameOf(own["caller"])];
  const seq = countOf(own["seq"]);
  if (!kind || call === undefined || to === undefined || caller === undefined || seq === undefined) return null;
  return given({
    kind,
    call,
    alias: textOf(outer["call_id"]) ?? "",
    seq,
    to,
    caller,
    media: own["media"] === "audio" ? ("audio" as const) : ("video" as const),
    title: textOf(outer["title"]) ?? "",
    body: textOf(outer["body"]) ?? "",
    payload: textOf(outer["payload"]) ?? "",
    ageMs: countOf(own["age_ms"]) ?? 0,
    remainingMs: countOf(own["remaining_ms"]) ?? 0,
    ringUntilMs: countOf(own["ring_until_ms"]) ?? 0,
    credential: kind === "ring" ? textOf(own["credential"]) : undefined,
    reason: kind === "stop" ? (textOf(own["reason"]) ?? "ended") : undefined,
  });
}

function fieldsOf(value: unknown): Fields | undefined {
  const read = typeof value === "string" ? tried(() => JSON.parse(value) as unknown) : value;
  return typeof read === "object" && read !== null && !Array.isArray(read) ? (read as Fields) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Calls and users; a call's becomes a part of an address. */
function nameOf(value: unknown): string | undefined {
  return typeof value === "string" && /^[!-~]{1,256}$/.test(value) ? value : undefined;
}

function countOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
