// Placing a call, and thinking better of it before there is one.
import type { Call } from "./api/call.js";
import type { Invited, InviteOptions } from "./api/client.js";
import { OffhookError } from "./api/error.js";
import type { Ask } from "./asking.js";
import type * as wire from "./generated/frames.js";

/** What an invite needs of the client. */
export interface InvitePort {
  readonly ask: Ask;
  readonly now: () => number;
  readonly after: (ms: number, act: () => void) => () => void;
  readonly callOf: (call: wire.CallId) => Call;
  readonly entered: (reply: wire.Invited) => void;
}

/** How long a call rings if the invite does not say, in seconds. */
const DEFAULT_TIMEOUT_S = 90;

/** How long after a vain attempt an invite is taken back again, in milliseconds, if the server does not say. */
const PAUSE_MS = 1_000;

export async function invite(port: InvitePort, key: string, users: readonly string[], options: InviteOptions) {
  const { extendedData = "", media = "video", mode = "advanced", notReceivedCheck = false, signal } = options;
  const { timeoutS = DEFAULT_TIMEOUT_S } = options;
  if (signal?.aborted === true) throw aborted();
  const asked = port.ask({
    type: "call.invite",
    body: {
      invitees: [...users],
      extended_data: extendedData,
      key,
      media,
      mode,
      not_received_check: notReceivedCheck,
      timeout_s: timeoutS,
    },
  });
  const takeBack = () => void takeItBack(port, key, port.now() + (timeoutS || DEFAULT_TIMEOUT_S) * 1000);
  return invited(port, await unlessAborted(asked, signal, takeBack));
}

function invited(port: InvitePort, reply: wire.Invited): Invited {
  port.entered(reply);
  const { call, left_out = [], merged = false } = reply;
  return { call: port.callOf(call.call), leftOut: left_out, merged };
}

/** Waits for the reply, and no longer than until the signal; then `undo` is up to the rest. */
function unlessAborted<Reply>(asked: Promise<Reply>, signal: AbortSignal | undefined, undo: () => void) {
  if (signal === undefined) return asked;
  return new Promise<Reply>((resolve, reject) => {
    const abort = () => {
      reject(aborted());
      undo();
    };
    signal.addEventListener("abort", abort, { once: true });
    const settled = () => signal.removeEventListener("abort", abort);
    asked.then(resolve, reject).then(settled, settled);
  });
}

/**
 * Cancels by key until the server has heard it, for no longer than the call can ring. If the invite has not arrived, a
 * tombstone refuses it later; if somebody has accepted meanwhile, the call is hung up.
 */
async function takeItBack(port: InvitePort, key: string, until: number): Promise<void> {
  try {
    await port.ask({ type: "call.cancel", body: { key } });
  } catch (error) {
    if (!(error instanceof OffhookError)) return;
    const { call, isRetryable, retryAfterMs = PAUSE_MS } = error.details;
    if (error.code === "already_accepted" && call !== undefined) {
      await port
        .callOf(call.id)
        .hangUp()
        .catch(() => undefined);
    } else if (isRetryable && port.now() < until) {
      port.after(retryAfterMs, () => void takeItBack(port, key, until));
    }
  }
}

function aborted(): OffhookError {
  return new OffhookError("aborted", "taken back");
}
