// The small steps between what an app asks a ZIM instance for and what the client is asked.
import type { Call, Client, LeftOut, MediaKind } from "@offhook/client";
import { callOf } from "../shared/seat.js";
import type { LoginFailure } from "../shared/session.js";
import * as check from "./checks.js";
import { ZIMErrorCode } from "./enums.js";
import { badParameter, failureOfLogin, ZIMFailure } from "./failure.js";
import type { ZIMErrorUserInfo, ZIMLoginConfig, ZIMUserInfo } from "./types.js";

/** How many bytes a user's id and name may have. */
const MAX_USER = 32;
export const MAX_NAME = 256;

/** Who wants to log in: of `login(userID, config)`, or of the older `login(userInfo, token)`. */
export function wishOf(who: unknown, how: unknown) {
  const isOlder = typeof who === "object" && who !== null;
  const { userID, userName } = (isOlder ? who : { userID: who, ...(how as object) }) as Partial<ZIMUserInfo>;
  const config = (isOlder ? { token: how } : (how ?? {})) as Partial<ZIMLoginConfig>;
  const token = check.token(config.token);
  const user = check.text(userID, "userID", MAX_USER);
  if (user === "") throw badParameter("userID must not be empty");
  return {
    user,
    token,
    name: check.text(userName ?? "", "userName", MAX_NAME),
    isOffline: config.isOfflineLogin === true,
  };
}

/** What became of a login, for its promise. */
export function loginResult(failure: LoginFailure | undefined): void {
  if (failure) throw failureOfLogin(failure);
}

/** The call of that id, which the user must have had to do with. */
export async function knownCall(client: Client, callID: unknown): Promise<Call> {
  const call = await callOf(client, check.callID(callID));
  if (call) return call;
  throw new ZIMFailure(ZIMErrorCode.CallModuleDoesNotExist, "no such call, or none that the user has to do with");
}

/** A user who could not be invited. */
export function leftOutUser({ user, cause }: LeftOut): ZIMErrorUserInfo {
  return {
    userID: user,
    reason:
      cause === "unregistered"
        ? ZIMErrorCode.CallModuleInviteUserDoesNotExist
        : ZIMErrorCode.CallModuleUserAlreadyInTheCall,
  };
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
  const leg = state.legs.find((party) => party.user === user);
  return { createTime: state.createdAt, acceptTime: leg?.acceptedAt ?? 0, leftAt: leg?.leftAt ?? 0 };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null ? (read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
