// What a red button means. The user wants to be out of the call, so a refusal that says they are is no failure.
import { OffhookError } from "./api/error.js";
import type { CallState } from "./api/call.js";
import type { Ask } from "./asking.js";
import { isRinging } from "./call_state.js";
import type { Code, Request, UserId } from "./generated/frames.js";

/** Refusals that say that the user is not in the call, that there is none, or that nobody is left to be canceled. */
const TOO_LATE: ReadonlySet<Code> = new Set([
  "already_accepted",
  "answered_elsewhere",
  "call_ended",
  "call_not_found",
  "not_invited",
  "not_joined",
  "ring_over",
]);

/** Asks for whatever ends the user's part in a call that stands as `call` says. */
export async function hangUp(call: CallState, me: UserId | undefined, ask: Ask, data: string): Promise<void> {
  const body = { call: call.id, data };
  const isMine = call.caller === me;
  switch (call.phase) {
    case "ringing":
    case "silenced":
      await unlessTooLate(ask, { type: "call.reject", body });
      return;
    case "active":
    case "alone":
    case "calling":
      if (call.phase === "calling" && isMine) {
        const refusal = await unlessTooLate(ask, { type: "call.cancel", body });
        // Somebody has accepted in that moment: what was to be taken back is there to be ended.
        if (refusal?.code === "already_accepted") await leave(refusal.details.call ?? call, "call.end");
      } else {
        const live = call.legs.filter(({ status }) => status === "accepted" || isRinging(status));
        await leave(call, live.length > 2 ? "call.quit" : "call.end");
      }
      return;
    case "elsewhere":
    case "over":
      // Nothing of it is here.
      return;
  }

  /** Nobody can leave a call of the general mode; its caller stops what still rings. */
  async function leave({ end, legs, mode }: CallState, type: "call.end" | "call.quit"): Promise<void> {
    if (mode !== "general") {
      await unlessTooLate(ask, { type, body });
      return;
    }
    const invitees = legs.filter(({ status }) => isRinging(status)).map(({ user }) => user);
    if (!isMine || end || invitees.length === 0) return;
    await unlessTooLate(ask, { type: "call.cancel", body: { ...body, invitees } });
  }
}

/** @returns the refusal, if it came too late to matter */
export async function unlessTooLate(ask: Ask, request: Request): Promise<OffhookError | null> {
  try {
    await ask(request);
    return null;
  } catch (error) {
    if (error instanceof OffhookError && TOO_LATE.has(error.code)) return error;
    throw error;
  }
}
