// What the service worker has left for the page: a call that was accepted or tapped while no page was there.
import type { Client } from "../api/client.js";
import type { Answered } from "../api/push.js";
import { NUDGE, takeKept } from "./kept.js";
import { online } from "./online.js";
import { browserShelf } from "./shelf.js";
import type { Shelf } from "./shelf.js";

/** What of a browser is used; for tests. */
export interface AnsweredSurroundings {
  readonly serviceWorkers: Pick<ServiceWorkerContainer, "addEventListener"> | undefined;
  readonly shelf: Shelf;
  /** In milliseconds since the UNIX epoch. */
  readonly now: () => number;
}

/**
 * Takes what the service worker has left for this user and device, once: whoever takes it has it. To be handed to
 * `client.resumeAnswered`. Waits for the client to connect; never rejects. @returns undefined if there is nothing, or it is ten minutes old
 */
export async function takeAnswered(
  client: Pick<Client, "on" | "state">,
  surroundings: Partial<AnsweredSurroundings> = {},
): Promise<Answered | undefined> {
  const { now, shelf } = answeredSurroundings(surroundings);
  await online(client);
  return takeKept(shelf, client.state, now()).catch(() => undefined);
}

/**
 * Tells of everything that the service worker has left, and leaves from now on, each once. To be called when the page
 * starts. @returns how to stop that
 */
export function onAnswered(
  client: Pick<Client, "on" | "state">,
  listener: (answered: Answered) => void,
  surroundings: Partial<AnsweredSurroundings> = {},
): () => void {
  const around = answeredSurroundings(surroundings);
  const over = new AbortController();
  const take = async () => {
    const answered = await takeAnswered(client, around);
    if (answered && !over.signal.aborted) listener(answered);
  };
  const hear = ({ data }: MessageEvent) => {
    if ((data as { [NUDGE]?: unknown } | null)?.[NUDGE] === "answered") void take();
  };
  around.serviceWorkers?.addEventListener("message", hear as EventListener, { signal: over.signal });
  void take();
  return () => over.abort();
}

function answeredSurroundings(surroundings: Partial<AnsweredSurroundings>): AnsweredSurroundings {
  const { navigator } = globalThis as { navigator?: { serviceWorker?: ServiceWorkerContainer } };
  return {
    serviceWorkers: navigator?.serviceWorker,
    now: () => Date.now(),
    shelf: surroundings.shelf ?? browserShelf(),
    ...surroundings,
  };
}
