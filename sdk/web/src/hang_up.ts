// What a red button means. The user wants to be out of the call, so a refusal that says they are is no failure.
import { OffhookError } from "./api/error.js";
import type { CallState, WithData } from "./api/call.js";
import type { Ask } from "./asking.js";
import { isRinging } from "./call_state.js";
import type { Code, UserId } from "./generated/frames.js";

/** Refusals that say that the user is not in the call, or that there is none. */
const OUT: ReadonlySet<Code> = new Set([
  "answered_elsewhere",
  "call_ended",
  "call_not_found",
  "not_invited",
  "not_joined",
  "ring_over",
]);

/** Asks for whatever ends the user's part in a call that stands as `call` says. */
export async function hangUp(call: CallState, me: UserId | undefined, ask: Ask, options: WithData): Promise<void> {
  try {
    await leave(call, me, ask, options);
  } catch (error) {
    if (!(error instanceof OffhookError && OUT.has(error.code))) throw error;
  }
}

async function leave(call: CallState, me: UserId | undefined, ask: Ask, options: WithData): Promise<void> {
  const body = { call: call.id, ...options };
  switch (call.phase) {
    case "ringing":
    case "silenced":
      await ask({ type: "call.reject", body });
      return;
    case "calling":
      if (call.caller === me) await takeBack(call, ask, options);
      else await leaveJoined(call, me, ask, options);
      return;
    case "active":
    case "alone":
      await leaveJoined(call, me, ask, options);
      return;
    case "elsewhere":
    case "over":
      // Nothing of it is here.
      return;
  }
}

/** Cancels the whole call. Somebody may have accepted meanwhile, and then the call is ended instead. */
async function takeBack(call: CallState, ask: Ask, options: WithData): Promise<void> {
  try {
    await ask({ type: "call.cancel", body: { call: call.id, ...options } });
  } catch (error) {
    if (!(error instanceof OffhookError) || error.code !== "already_accepted") throw error;
    if (call.mode === "general") await takeBackRest(error.details.call ?? call, ask, options);
    else await ask({ type: "call.end", body: { call: call.id, ...options } });
  }
}

/** Ends a call of two, leaves a larger one. Nobody can leave a call of the general mode; its caller stops what rings. */
async function leaveJoined(call: CallState, me: UserId | undefined, ask: Ask, options: WithData): Promise<void> {
  if (call.mode === "general") {
    if (call.caller === me) await takeBackRest(call, ask, options);
    return;
  }
  const live = call.legs.filter(({ status }) => status === "accepted" || isRinging(status));
  await ask({ type: live.length > 2 ? "call.quit" : "call.end", body: { call: call.id, ...options } });
}

async function takeBackRest(call: CallState, ask: Ask, options: WithData): Promise<void> {
  const invitees = call.legs.filter(({ status }) => isRinging(status)).map(({ user }) => user);
  if (call.end !== undefined || invitees.length === 0) return;
  try {
    await ask({ type: "call.cancel", body: { call: call.id, invitees, ...options } });
  } catch (error) {
    // They have all accepted meanwhile.
    if (!(error instanceof OffhookError) || error.code !== "already_accepted") throw error;
  }
}
