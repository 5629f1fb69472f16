// Being somebody on some device: the client, who is around, and the trace of it all.
import { type Client, OffhookClient } from "@offhook/client";
import { People } from "../people/people.js";
import { TraceLog } from "../trace/trace_log.js";
import { deviceOfTab, thisTab } from "./device.js";

/** One user on one device. */
export interface Session {
  readonly user: string;
  readonly device: string;
  readonly client: Client;
  readonly people: People;
  readonly trace: TraceLog;
  /** Lets go of everything, as if the tab were closed. */
  close(): void;
}

/** Events after which somebody may be in another state than before. */
const MOVES = ["call_changed", "call_created", "call_ended", "connection", "incoming", "ring_stopped"] as const;

/** Becomes somebody, and connects. @param device the id of the device; default: one that belongs to the tab */
export async function openSession(user: string, device?: string): Promise<Session> {
  const id = device ?? (await deviceOfTab(thisTab()));
  const now = () => performance.now();
  const client = new OffhookClient({ url: location.origin, device: id, getToken: () => tokenOf(user), now, user });
  const trace = new TraceLog();
  const people = new People({ me: user, ask: askForPeople, every: whileVisible, storage: browserStorage() });
  const stops = [
    trace.follow(client, now),
    ...MOVES.map((kind) => client.on(kind, () => people.refresh())),
    people.start(),
  ];
  client.connect();
  const close = () => {
    for (const stop of stops) stop();
    client.close();
  };
  return { user, device: id, client, people, trace, close };
}

/** A token for whoever asks: the endpoint is there on a development server alone. @returns `null` if there is none for this user */
async function tokenOf(user: string): Promise<string | null> {
  const answer = await fetch(`/dev/token?${new URLSearchParams({ user }).toString()}`);
  if (answer.status === 401 || answer.status === 403) return null;
  if (!answer.ok) throw new Error(`the server gave no token (${answer.status})`);
  return answer.text();
}

/** Who is around. @throws if the server cannot be asked */
export async function askForPeople(also: readonly string[]): Promise<unknown> {
  const answer = await fetch(`/dev/people?${new URLSearchParams({ also: also.join(",") }).toString()}`);
  if (!answer.ok) throw new Error(`the server did not say who is here (${answer.status})`);
  return answer.json();
}

/** Does something again and again while somebody can see it, and at once when the page is looked at again. */
export function whileVisible(milliseconds: number, act: () => void): () => void {
  const actIfSeen = () => {
    if (document.visibilityState === "visible") act();
  };
  const timer = setInterval(actIfSeen, milliseconds);
  document.addEventListener("visibilitychange", actIfSeen);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", actIfSeen);
  };
}

/** The browser's storage, where it lets us have one. */
export function browserStorage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
