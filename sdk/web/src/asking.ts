// Requests as promises: which reply belongs to which, and what becomes of those that bring none.
import { OffhookError } from "./api/error.js";
import type { CallState } from "./api/call.js";
import { MAX_FRAME_BYTES } from "./generated/frames.js";
import type { CallView, Reply, Request } from "./generated/frames.js";
import { given } from "./given.js";
import type { Handle, RequestError, Result } from "./machine/port.js";
import type { ReplyTo } from "./room/replies.js";

/** Asks the server. Rejects with an `OffhookError`. */
export type Ask = <Asked extends Request>(request: Asked) => Promise<ReplyTo<Asked>>;

/** What the id of a request takes at most, in bytes. */
const ID_BYTES = 32;

/** The requests that wait for their reply. */
export class Asking {
  #last: Handle = 0;
  readonly #waiting = new Map<Handle, { resolve: (reply: Reply) => void; reject: (error: OffhookError) => void }>();
  readonly #send: (handle: Handle, request: Request) => void;
  readonly #learn: (view: CallView) => CallState;

  /**
   * @param send hands a request to the machine
   * @param learn takes in the call that a refusal tells of
   */
  constructor(send: (handle: Handle, request: Request) => void, learn: (view: CallView) => CallState) {
    this.#send = send;
    this.#learn = learn;
  }

  readonly ask: Ask = async <Asked extends Request>(request: Asked) => {
    if (isTooLarge(request)) throw new OffhookError("too_large", "the request is too large");
    const handle = ++this.#last;
    const reply = await new Promise<Reply>((resolve, reject) => {
      this.#waiting.set(handle, { resolve, reject });
      this.#send(handle, request);
    });
    if (reply.type !== replyTypeOf(request.type)) throw unreadable();
    // The type of the reply is the one of the request, and its body has been checked at the wire.
    return ("body" in reply ? reply.body : undefined) as ReplyTo<Asked>;
  };

  resolved(handle: Handle, result: Result): void {
    const waiting = this.#waiting.get(handle);
    this.#waiting.delete(handle);
    if ("reply" in result) waiting?.resolve(result.reply);
    else waiting?.reject(this.#errorOf(result.error));
  }

  #errorOf(error: RequestError): OffhookError {
    switch (error.type) {
      case "disconnected":
        return new OffhookError(error.type, "the connection ended before the reply", applied(error.maybe_applied));
      case "not_connected":
        return new OffhookError(error.type, "not connected; call connect()");
      case "problem": {
        const { problem } = error;
        const { call, code, message, retry_after_ms, retryable } = problem;
        const known = call && this.#learn(call);
        const details = given({ isRetryable: retryable, problem, retryAfterMs: retry_after_ms, call: known });
        return new OffhookError(code, message, details);
      }
      case "timed_out":
        return new OffhookError(error.type, "no reply in time", applied(error.maybe_applied));
      case "too_many_requests":
        return new OffhookError(error.type, "too many requests are waiting", { isRetryable: true });
      case "unreadable":
        return unreadable();
    }
  }
}

function applied(maybeApplied: boolean) {
  return { isRetryable: true, maybeApplied };
}

/** A reply that says something else than it should. */
export function unreadable(): OffhookError {
  return new OffhookError("unreadable", "the reply cannot be read", { maybeApplied: true });
}

/** A frame that is too large counts against the session; after some of them the server closes it. */
function isTooLarge(request: Request): boolean {
  return new TextEncoder().encode(JSON.stringify(request)).length > MAX_FRAME_BYTES - ID_BYTES;
}

/** What is answered otherwise than by the call, or by nothing. */
const REPLIES: { readonly [Type in Request["type"]]?: Reply["type"] } = {
  "call.invite": "reply.invited",
  "call.list": "reply.calls",
  "device.push_key": "reply.push_key",
  "room.join": "reply.room",
  "room.offer": "reply.answer",
  "room.read": "reply.room",
  "room.token": "reply.room_token",
  "session.renew_token": "reply.token",
  "user.query": "reply.users",
  "user.update": "reply.users",
};

function replyTypeOf(type: Request["type"]): Reply["type"] {
  return REPLIES[type] ?? (type.startsWith("call.") ? "reply.call" : "reply.done");
}
