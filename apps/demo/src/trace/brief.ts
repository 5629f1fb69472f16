// What tells a frame from the next, in a few words. The words are the wire's own.
import { bodyOf, type Frame, glimpses, list, number, record, text } from "./read.js";

/** More would fill the pane with one line; the rest is in what the line opens to. */
const MOST = 4;

/** A frame of the wire, or a note of the client. */
export function brief(frame: Frame): string {
  const body = bodyOf(frame);
  const [id, offset] = [number(frame["id"]), number(frame["offset"]) ?? number(body["offset"])];
  return joined([
    id === undefined ? undefined : `#${id}`,
    offset === undefined ? undefined : `@${offset}`,
    text(body["code"]),
    named(list(body["invitees"]).map(text)),
    ...glimpses(frame)
      .slice(0, 1)
      .map(({ seq, legs }) => joined([`seq ${seq}`, named(legs.map(({ user, status }) => `${user} ${status}`))])),
    frame["type"] === "reply.calls" ? `× ${list(body["calls"]).length}` : undefined,
    ...briefRoom(body),
    text(frame["message"]) ?? text(frame["reason"]),
  ]);
}

/** An event of the client: the state that came of it, and why. */
export function briefEvent(event: Frame): string {
  const nested = record(event["connection"] ?? event["event"] ?? event["call"]);
  const said = text(nested["state"]) ?? text(nested["type"]) ?? text(nested["phase"]);
  return joined([said, text(event["reason"]), text(event["by"])]);
}

/** Who came and went, and what is sent. */
function briefRoom(body: Frame): (string | undefined)[] {
  return [
    signed("+", body["added"]),
    signed("±", body["changed"], body["legs"] ?? body["seq"]),
    signed("−", body["removed"]),
    named([...list(body["streams"]), ...list(body["tracks"]), ...list(body["wishes"])].map(one)),
    text(body["stream"]),
    text(body["cause"]),
  ];
}

/** @param other a field with which the list means something else: legs of a call */
function signed(sign: string, value: unknown, other?: unknown): string | undefined {
  const all = other === undefined ? list(value).map(one) : [];
  return named(all.map((each) => (each === undefined ? undefined : `${sign}${each}`)));
}

/** A member, stream, track or wish. */
function one(value: unknown): string | undefined {
  const { stream, user, source, layer, presence, width, height } = record(value);
  const name = text(value) ?? text(stream) ?? text(user);
  if (name === undefined) return undefined;
  const size = number(width) === undefined ? undefined : `${number(width) ?? 0}×${number(height) ?? 0}`;
  const parts = [name, text(source), text(layer), presence === "joined" ? undefined : text(presence), size];
  return parts.filter((part) => part !== undefined).join(" ");
}

function named(names: readonly (string | undefined)[]): string | undefined {
  const known = names.filter((name) => name !== undefined);
  const rest = known.length > MOST ? ` … ${known.length - MOST}` : "";
  return known.length === 0 ? undefined : `${known.slice(0, MOST).join(", ")}${rest}`;
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(" · ");
}
