// What a frame says about calls, read with care: a trace must not fail on what it does not know.

/** A call as some frame shows it: all of its legs, or those that changed. */
export interface Glimpse {
  readonly call: string;
  readonly seq: number;
  readonly legs: readonly LegGlimpse[];
  readonly mainDevice?: string;
  readonly end?: EndGlimpse;
}

/** One party. */
export interface LegGlimpse {
  readonly user: string;
  readonly status: string;
  readonly reason?: string;
}

/** How a call ended. */
export interface EndGlimpse {
  readonly cause: string;
  readonly by?: string;
}

/** A frame as the client tells of it. */
export type Frame = Readonly<Record<string, unknown>>;

/** The frame's content. */
export function bodyOf(frame: Frame): Frame {
  return record(frame["body"]);
}

/** What the frame shows of calls; most show one or none. */
export function glimpses(frame: Frame): readonly Glimpse[] {
  const body = bodyOf(frame);
  const snapshot = record(body["snapshot"]);
  const candidates = [
    ...list(snapshot["ended"]),
    ...list(snapshot["calls"]),
    record(body["call"]),
    ...(text(frame["type"])?.startsWith("call.") ? [body] : []),
  ];
  return candidates.map(glimpse).filter((found) => found !== undefined);
}

/** The call that a frame is about, if it is about one. */
export function callOf(frame: Frame): string | undefined {
  const body = bodyOf(frame);
  return text(body["call"]) ?? text(record(body["call"])["call"]) ?? text(body["room"]);
}

/** The parties that the server could not do it for. */
export function leftOut(frame: Frame): readonly { readonly user: string; readonly cause: string }[] {
  return list(bodyOf(frame)["left_out"]).flatMap((each) => {
    const [user, cause] = [text(record(each)["user"]), text(record(each)["cause"])];
    return user === undefined || cause === undefined ? [] : [{ user, cause }];
  });
}

function glimpse(value: unknown): Glimpse | undefined {
  const view = record(value);
  const [call, seq] = [text(view["call"]), number(view["seq"])];
  if (call === undefined || seq === undefined) return undefined;
  const mainDevice = text(view["main_device"]);
  const end = endOf(view["end"]);
  return {
    call,
    seq,
    legs: list(view["changed"] ?? view["legs"]).flatMap(legOf),
    ...(mainDevice === undefined ? {} : { mainDevice }),
    ...(end === undefined ? {} : { end }),
  };
}

function legOf(value: unknown): LegGlimpse[] {
  const leg = record(value);
  const [user, status, reason] = [text(leg["user"]), text(leg["status"]), text(leg["reason"])];
  if (user === undefined || status === undefined) return [];
  return [{ user, status, ...(reason === undefined ? {} : { reason }) }];
}

function endOf(value: unknown): EndGlimpse | undefined {
  const end = record(value);
  const [cause, by] = [text(end["cause"]), text(end["by"])];
  return cause === undefined ? undefined : { cause, ...(by === undefined ? {} : { by }) };
}

/** The value if it is an object, else an empty one. */
export function record(value: unknown): Frame {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Frame) : {};
}

/** The value if it is a list, else an empty one. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** The value if it is a text. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The value if it is a number. */
export function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
