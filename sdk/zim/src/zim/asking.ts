// The small steps between what an app asks a ZIM instance for and what the client is asked.
import type { Call, Client, LeftOut, MediaKind } from "@offhook/client";
import { parsed } from "../shared/parsed.js";
import { callOf } from "../shared/seat.js";
import * as check from "./checks.js";
import { ZIMFailure } from "./failure.js";
import { IN_CALL, NOT_REGISTERED, NO_SUCH_CALL } from "./numbers.js";
import type { ZIMErrorUserInfo, ZIMLoginConfig, ZIMUserInfo } from "./types.js";

/** How long a user's id and name, and a call's id, may be. */
const MAX_USER = 32;
export const MAX_NAME = 256;
const MAX_CALL_ID = 20;

/** Who wants to log in: of `login(userID, config)`, or of the older `login(userInfo, token)`. */
export function wishOf(who: unknown, how: unknown) {
  const isOlder = typeof who === "object" && who !== null;
  const { userID, userName = "" } = (isOlder ? who : { userID: who, ...(how as object) }) as Partial<ZIMUserInfo>;
  const config = (isOlder ? { token: how } : (how ?? {})) as Partial<ZIMLoginConfig>;
  return {
    token: check.token(config.token),
    user: check.text(check.id(userID, "userID", MAX_USER), "userID", MAX_USER),
    name: check.text(userName, "userName", MAX_NAME),
    isOffline: config.isOfflineLogin === true,
  };
}

/** The call of that id, which the user must have had to do with. */
export async function knownCall(client: Client, callID: unknown): Promise<Call> {
  const call = await callOf(client, check.id(callID, "callID", MAX_CALL_ID));
  if (call) return call;
  throw new ZIMFailure(NO_SUCH_CALL, "no such call");
}

/** A user who could not be invited. */
export function leftOutUser({ user, cause }: LeftOut): ZIMErrorUserInfo {
  return { userID: user, reason: cause === "unregistered" ? NOT_REGISTERED : IN_CALL };
}

/**
 * What the caller wants to send. The reference does not ask; but its call kits write it into what they send along, as
 * `type` 0 or `is_video` false for voice.
 */
export function mediaOf(extendedData: string): MediaKind {
  const { type, is_video: isVideo } = fieldsOf(extendedData);
  return type === 0 || isVideo === false ? "audio" : "video";
}

/** Why the user rejects, as the call kits of the reference write it. */
export function reasonIn(extendedData: string): "busy" | "declined" {
  return fieldsOf(extendedData)["reason"] === "busy" ? "busy" : "declined";
}

/** When a user came into a call and left it, on the server's clock in milliseconds; 0 if they did not. */
export function timesOf({ state }: Call, user: string) {
  const { acceptedAt = 0, leftAt = 0 } = state.legs.find((party) => party.user === user) ?? {};
  return { createTime: state.createdAt, acceptTime: acceptedAt, leftAt };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  return (parsed(text) ?? {}) as Readonly<Record<string, unknown>>;
}
