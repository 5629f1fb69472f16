// Calls and users in the shapes of the ZIM packages.
import type { CallMode, CallState, Leg, LegStatus, User } from "@offhook/client";
import type { ZIMCallInvitationMode, ZIMCallUserState } from "./enums.js";
import type { ZIMCallInfo, ZIMCallUserInfo, ZIMUserFullInfo } from "./types.js";

/** What `ZIMCallUserState` calls each. */
const STATES: Readonly<Record<string, ZIMCallUserState>> = {
  inviting: 0,
  accepted: 1,
  rejected: 2,
  canceled: 3,
  received: 5,
  timed_out: 6,
  quit: 7,
  ended: 8,
  not_yet_received: 9,
  be_canceled: 10,
};

/** The number of a state. */
export function userState(status: LegStatus): ZIMCallUserState {
  return STATES[status] ?? -1;
}

/** Whether the user may still answer. */
export function isOpen(status: LegStatus): boolean {
  return status === "inviting" || status === "received" || status === "not_yet_received";
}

/** The number of a mode. */
export function modeNumber(mode: CallMode): ZIMCallInvitationMode {
  return mode === "advanced" ? 1 : 0;
}

/** A party of a call. */
export function callUser({ user, status, data }: Leg): ZIMCallUserInfo {
  return { userID: user, state: userState(status), extendedData: data };
}

/** What the events of a new call and of an invitation share. */
export function invitation(call: CallState, timeout: number) {
  return {
    callID: call.alias,
    mode: modeNumber(call.mode),
    caller: call.caller,
    extendedData: call.extendedData,
    timeout,
    createTime: call.createdAt,
    callUserList: call.legs.map(callUser),
  };
}

/** A call in a list. */
export function callInfo(call: CallState): ZIMCallInfo {
  return {
    callID: call.alias,
    caller: call.caller,
    inviter: call.inviter,
    createTime: call.createdAt,
    endTime: call.end?.at ?? 0,
    state: call.end ? 2 : 1,
    mode: modeNumber(call.mode),
    extendedData: call.extendedData,
    callUserList: call.legs.map(callUser),
  };
}

/** A user. */
export function fullUser({ user, name, avatarUrl, extendedData }: User): ZIMUserFullInfo {
  const baseInfo = { userID: user, userName: name, userAvatarUrl: avatarUrl, userExtendedData: extendedData };
  return { baseInfo, userAvatarUrl: avatarUrl, extendedData };
}
