// What the development server pushes, as its stream tells it, and what can be done about it.

/** What becomes of pushes. */
export type PushMode = "deliver" | "double" | "hold" | "late" | "lose";
export const MODES: readonly PushMode[] = ["deliver", "hold", "late", "double", "lose"];

const KINDS = ["missed", "ring", "stop"] as const;
const STATES = ["delivered", "held", "lost"] as const;

/** One push. */
export interface PushEntry {
  readonly id: string;
  readonly atMs: number;
  readonly user: string;
  readonly device: string;
  readonly kind: (typeof KINDS)[number];
  readonly state: (typeof STATES)[number];
  readonly caller: string;
  /** The whole document, for a look. */
  readonly document: unknown;
}

/** Reads one event of the stream: every push, newest first. What is none is left out. */
export function readPushes(data: string): readonly PushEntry[] {
  let all: unknown;
  try {
    all = JSON.parse(data);
  } catch {
    return [];
  }
  return Array.isArray(all) ? all.flatMap((each: unknown) => entryOf(each) ?? []) : [];
}

function entryOf(value: unknown): PushEntry | undefined {
  const { at_ms, caller, device, document, id, kind, state, user } = (value ?? {}) as Record<string, unknown>;
  const known = KINDS.find((each) => each === kind);
  const stands = STATES.find((each) => each === state);
  if ((typeof id !== "string" && typeof id !== "number") || typeof at_ms !== "number" || !known || !stands)
    return undefined;
  return {
    id: String(id),
    atMs: at_ms,
    user: text(user),
    device: text(device),
    kind: known,
    state: stands,
    caller: text(caller),
    document,
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A document as it may be shown: who sees a credential could answer the call. */
export function documentText(document: unknown): string {
  const hide = (name: string, value: unknown) =>
    name === "credential" && typeof value === "string" ? `… (${value.length})` : value;
  return JSON.stringify(document ?? null, hide, 2);
}

/** What becomes of pushes now. @throws if the server cannot be asked */
export async function readMode(): Promise<PushMode | undefined> {
  const answer = await fetch("/dev/push/mode");
  if (!answer.ok) throw new Error(`the server did not say what becomes of pushes (${answer.status})`);
  const { mode } = (await answer.json()) as { mode?: unknown };
  return MODES.find((known) => known === mode);
}

/** @throws if the server does not take it */
export async function setMode(mode: PushMode): Promise<void> {
  await post("/dev/push/mode", { mode });
}

/** Decides about a push that is held. @throws if the server does not take it */
export async function decide(id: string, what: "deliver" | "lose"): Promise<void> {
  await post(`/dev/push/${encodeURIComponent(id)}/${what}`);
}

/** Gives a sleeping phone an address. @throws if the server does not take it */
export async function registerPhone(user: string, device: string): Promise<void> {
  await post(phonePath(user, device));
}

/** Where a phone hears its pushes. */
export function phonePath(user: string, device: string): string {
  return `/dev/push/devices/${encodeURIComponent(user)}/${encodeURIComponent(device)}`;
}

async function post(path: string, body?: object): Promise<void> {
  const answer = await fetch(path, {
    method: "POST",
    ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`the server refused ${path} (${answer.status})`);
}
