// Which lines of a trace are shown, and how they are copied. Pure.
import { assertNever } from "../assert_never.js";
import type { Words } from "../words/en.js";
import { brief, briefEvent } from "./brief.js";
import { type Entry, isRegular } from "./log.js";

/** What the user wants to see. */
export interface Choice {
  readonly frames: boolean;
  readonly events: boolean;
  /** Legs and decisions. */
  readonly outcomes: boolean;
  /** Heartbeats, levels and the like. */
  readonly regular: boolean;
  /** Only lines that have this in them, whatever its case. */
  readonly search: string;
  /** Only lines about this call. */
  readonly call?: string;
}

export const EVERYTHING: Choice = { frames: true, events: true, outcomes: true, regular: false, search: "" };

/** The lines to show. */
export function chosen(entries: readonly Entry[], choice: Choice, words: Words): readonly Entry[] {
  const wanted = choice.search.trim().toLowerCase();
  return entries.filter((entry) => {
    if (!choice[sortOf(entry)] || (isRegular(entry) && !choice.regular)) return false;
    if (choice.call !== undefined && entry.call !== choice.call) return false;
    return (
      wanted === "" ||
      JSON.stringify([sentence(entry, words), content(entry)])
        .toLowerCase()
        .includes(wanted)
    );
  });
}

function sortOf(entry: Entry): "events" | "frames" | "outcomes" {
  switch (entry.kind) {
    case "frame":
      return "frames";
    case "event":
      return "events";
    case "decision":
    case "leg":
      return "outcomes";
    default:
      return assertNever(entry);
  }
}

/** What a line opens to; absent if the line says all. */
export function content(entry: Entry): unknown {
  switch (entry.kind) {
    case "frame":
      return entry.frame;
    case "event":
      return entry.event;
    case "decision":
    case "leg":
      return undefined;
    default:
      return assertNever(entry);
  }
}

/** What a line says, in a heading and a few words. */
export function sentence(entry: Entry, words: Words): { readonly head: string; readonly rest: string } {
  switch (entry.kind) {
    case "frame":
      return { head: entry.type, rest: brief(entry.frame) };
    case "event":
      return { head: entry.name, rest: briefEvent(entry.event) };
    case "leg":
      return { head: entry.user, rest: words.trace.leg(entry.from, entry.to, entry.reason) };
    case "decision":
      return words.trace.decision(entry.decision);
    default:
      return assertNever(entry);
  }
}

/** The time of a line on this computer's clock: `12:34:56.789`. @param origin of the page's clock, milliseconds since 1970 */
export function timeOf(at: number, origin: number): string {
  const time = new Date(origin + at);
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes, seconds] = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two);
  return `${hours ?? ""}:${minutes ?? ""}:${seconds ?? ""}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

/** A line as text, for a report. */
export function asText(entry: Entry, words: Words, origin: number): string {
  const { head, rest } = sentence(entry, words);
  const shown = content(entry);
  const json = shown === undefined ? "" : ` ${JSON.stringify(shown)}`;
  return `${timeOf(entry.at, origin)} ${markOf(entry)} ${[head, rest].filter((part) => part !== "").join(" ")}${json}`;
}

/** A sign for the sort of a line. */
export function markOf(entry: Entry): string {
  switch (entry.kind) {
    case "frame":
      return { in: "←", out: "→", note: "·" }[entry.direction];
    case "event":
      return "!";
    case "leg":
      return "○";
    case "decision":
      return "◆";
    default:
      return assertNever(entry);
  }
}
