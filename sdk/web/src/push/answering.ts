// Answers of a device that is not logged in: over HTTPS, with the credential that its ring brought.
import type { CallId, CallView, RoomToken } from "../generated/frames.js";
import { given } from "../given.js";
import type { Clock } from "../room/clock.js";

/** What became of an answer. */
export type Answer =
  | { readonly isDone: true; readonly view?: CallView; readonly room?: RoomToken }
  /** A code of docs/protocol.md, or `unreachable`: no answer came while it rang. */
  | { readonly isDone: false; readonly code: string };

export interface AnsweringPort extends Clock {
  readonly fetch: typeof fetch;
}

/** How an answer is asked for. */
export interface AnswerRequest {
  /** The server: `https://calls.example`. */
  readonly server: string;
  readonly verb: "accept" | "reject" | "ringing";
  readonly call: CallId;
  readonly credential: string;
  /** Until when it is asked again if the server cannot be reached, on the clock of the port. */
  readonly until: number;
}

/** The pause before the next try, doubled each time up to the second. Shorter would flood a server that comes back. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;

/** How long one try may take, in milliseconds. Longer holds up the next one on a network that has changed. */
const TRY_MS = 10_000;

/** Asks until there is an answer, or the ring is over. Never rejects. To ask twice is harmless: the server says so. */
export async function askInvitation(port: AnsweringPort, request: AnswerRequest): Promise<Answer> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const answer = await askOnce(port, request);
    if (answer) return answer;
    if (port.now() + pause >= request.until) return { isDone: false, code: "unreachable" };
    await new Promise<void>((resolve) => void port.after(pause, resolve));
  }
}

/** @returns null if it is worth another try */
async function askOnce(port: AnsweringPort, request: AnswerRequest): Promise<Answer | null> {
  const { call, credential, server, verb } = request;
  // As a method of the port it would be called upon the port, which browsers refuse.
  const { fetch } = port;
  const abort = new AbortController();
  const stop = port.after(TRY_MS, () => abort.abort());
  try {
    const reply = await fetch(`${server}/v1/invitations/${encodeURIComponent(call)}/${verb}`, {
      method: "POST",
      headers: { authorization: `Bearer ${credential}` },
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: abort.signal,
    });
    if (reply.status >= 500 || reply.status === 429) return null;
    const body = (await reply.json().catch(() => ({}))) as { call?: CallView; code?: unknown; room?: RoomToken } | null;
    if (reply.ok) return given({ isDone: true as const, view: body?.call, room: body?.room });
    return { isDone: false, code: typeof body?.code === "string" ? body.code : `http_${reply.status}` };
  } catch {
    return null;
  } finally {
    stop();
  }
}
