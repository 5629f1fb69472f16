// Placing a call, and thinking better of it before there is one.
import type { Call } from "./api/call.js";
import type { Invited, InviteOptions } from "./api/client.js";
import { OffhookError } from "./api/error.js";
import type { Ask } from "./asking.js";
import { unlessTooLate } from "./hang_up.js";
import { given } from "./given.js";
import type * as wire from "./generated/frames.js";
import { pushConfig } from "./push_config.js";
import type { Clock } from "./room/clock.js";
import { Patience } from "./room/patience.js";

/** What an invite needs of the client. */
export interface InvitePort extends Clock {
  readonly ask: Ask;
  readonly callOf: (call: wire.CallId) => Call;
  readonly entered: (reply: wire.Invited) => void;
}

/** How long a call rings if the invite does not say, in seconds. */
const DEFAULT_TIMEOUT_S = 90;

export async function invite(
  port: InvitePort,
  key: string,
  users: readonly string[],
  options: InviteOptions,
): Promise<Invited> {
  const { extendedData = "", media = "video", mode = "advanced", notReceivedCheck = false, signal } = options;
  const { timeoutS = DEFAULT_TIMEOUT_S } = options;
  if (signal?.aborted === true) throw aborted();
  const asked = port.ask({
    type: "call.invite",
    body: given({
      invitees: [...users],
      extended_data: extendedData,
      key,
      media,
      mode,
      not_received_check: notReceivedCheck,
      timeout_s: timeoutS,
      delivery_updates: options.deliveryUpdates,
      push: pushConfig(options.push),
    }),
  });
  // What cannot be taken back rings out by itself.
  const takeBack = () => void takeItBack(port, key, timeoutS).catch(() => undefined);
  const reply = await unlessAborted(asked, signal, takeBack);
  port.entered(reply);
  const { call, left_out = [], merged = false } = reply;
  return { call: port.callOf(call.call), leftOut: left_out, merged };
}

/** Waits for the reply, and no longer than until the signal; then `undo` is up to the rest. */
function unlessAborted<Reply>(asked: Promise<Reply>, signal: AbortSignal | undefined, undo: () => void) {
  if (!signal) return asked;
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
async function takeItBack(port: InvitePort, key: string, timeoutS: number): Promise<void> {
  const until = port.now() + (timeoutS || DEFAULT_TIMEOUT_S) * 1000;
  const patience = new Patience(port, () => port.now() >= until);
  await patience.ask(async () => {
    const call = (await unlessTooLate(port.ask, { type: "call.cancel", body: { key } }))?.details.call;
    if (call) await port.callOf(call.id).hangUp();
  });
}

function aborted(): OffhookError {
  return new OffhookError("aborted", "taken back");
}
