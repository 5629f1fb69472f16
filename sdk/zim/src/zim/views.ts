// Calls and users in the shapes of the ZIM packages.
import type { CallMode, CallState, Leg, LegStatus, User } from "@offhook/client";
import { ZIMCallInvitationMode, ZIMCallState, ZIMCallUserState } from "./enums.js";
import type { ZIMCallInfo, ZIMCallUserInfo, ZIMUserFullInfo } from "./types.js";

const STATES: Readonly<Record<string, ZIMCallUserState>> = {
  inviting: ZIMCallUserState.Inviting,
  accepted: ZIMCallUserState.Accepted,
  rejected: ZIMCallUserState.Rejected,
  canceled: ZIMCallUserState.Cancelled,
  received: ZIMCallUserState.Received,
  timed_out: ZIMCallUserState.Timeout,
  quit: ZIMCallUserState.Quit,
  ended: ZIMCallUserState.Ended,
  not_yet_received: ZIMCallUserState.NotYetReceived,
  be_canceled: ZIMCallUserState.BeCancelled,
};

/** The number of a state. */
export function userState(status: LegStatus): ZIMCallUserState {
  return STATES[status] ?? ZIMCallUserState.Unknown;
}

/** Whether the user may still answer. */
export function isOpen(status: LegStatus): boolean {
  return status === "inviting" || status === "received" || status === "not_yet_received";
}

/** The number of a mode. */
export function modeNumber(mode: CallMode): ZIMCallInvitationMode {
  return mode === "advanced" ? ZIMCallInvitationMode.Advanced : ZIMCallInvitationMode.General;
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
    state: call.end ? ZIMCallState.Ended : ZIMCallState.Started,
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
