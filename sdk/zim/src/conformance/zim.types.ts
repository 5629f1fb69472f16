// Proves at compile time that the ZIM façade has the shape of the reference package, of which nothing but its types is used:
// every covered member can stand in for the reference's, every event brings what the reference's brings, every
// enumeration has the same names and numbers. `tsc --noEmit -p sdk/zim/tsconfig.conformance.json` runs it.
import type * as theirs from "zego-zim-web";
import type * as ours from "@offhook/zim";

/** The members of the class that are covered; all of section 11.1 of the call-semantics reference. */
type Covered =
  | "callAccept"
  | "callCancel"
  | "callEnd"
  | "callingInvite"
  | "callInvite"
  | "callJoin"
  | "callQuit"
  | "callReject"
  | "destroy"
  | "enterRoom"
  | "leaveRoom"
  | "login"
  | "logout"
  | "off"
  | "on"
  | "queryCallInvitationList"
  | "queryRoomAllAttributes"
  | "querySelfUserInfo"
  | "queryUsersInfo"
  | "renewToken"
  | "sendMessage"
  | "setLogConfig"
  | "setRoomAttributes"
  | "updateUserAvatarUrl"
  | "updateUserExtendedData"
  | "updateUserName"
  | "updateUserOfflinePushRule"
  | "uploadLog";

/** Every covered event but those of rooms belongs to section 11.1. */
type CoveredEvent = keyof ours.ZIMEventHandler;

type Assert<Truth extends true> = Truth;
type Fits<Sub, Super> = [Sub] extends [Super] ? true : false;
type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;
type Payload<Handler> = Handler extends (zim: never, data: infer Data) => void ? Data : never;

/** An instance of ours stands in where the covered part of theirs is asked for. `on` and `off` follow below. */
export const member = (zim: ours.ZIM): Pick<theirs.ZIM, Exclude<Covered, "off" | "on">> => zim;

/** `on` and `off`, for each covered event: what they take, ours takes. */
export function listeners<Name extends CoveredEvent>(
  zim: ours.ZIM,
  name: Name,
  listener: ours.ZIMEventHandler[Name],
): void {
  zim.on(name, listener);
  zim.off(name);
}
export type EventsAreTheirs = Assert<Fits<CoveredEvent, keyof theirs.ZIMEventHandler>>;

/** What each event of ours brings can be read as what theirs brings. Our numbers are no members of their enumerations. */
export type PayloadsAreTheirs = Assert<
  Fits<
    { [Name in CoveredEvent]: Payload<ours.ZIMEventHandler[Name]> },
    { [Name in CoveredEvent]: Payload<theirs.ZIMEventHandler[Name]> }
  >
>;

/** Nothing that theirs brings is missing in ours, by name. */
type Whole = {
  [Name in CoveredEvent]: Fits<keyof Payload<theirs.ZIMEventHandler[Name]>, keyof Payload<ours.ZIMEventHandler[Name]>>;
};
export type PayloadsAreWhole = Assert<Whole[CoveredEvent]>;

/** What the app passes, written with their types, is taken by ours. */
export async function asAnAppOfTheirs(
  zim: ours.ZIM,
  given: {
    invite: theirs.ZIMCallInviteConfig;
    more: theirs.ZIMCallingInviteConfig;
    cancel: theirs.ZIMCallCancelConfig;
    accept: theirs.ZIMCallAcceptConfig;
    reject: theirs.ZIMCallRejectConfig;
    join: theirs.ZIMCallJoinConfig;
    quit: theirs.ZIMCallQuitConfig;
    end: theirs.ZIMCallEndConfig;
    list: theirs.ZIMCallInvitationQueryConfig;
    login: theirs.ZIMLoginConfig;
    user: theirs.ZIMUserInfo;
    rule: theirs.ZIMUserOfflinePushRule;
    message: theirs.ZIMTextMessage;
  },
): Promise<theirs.ZIMCallInvitationSentResult> {
  await zim.login("alice", given.login);
  await zim.login(given.user, "token");
  await zim.callingInvite(["bob"], "5", given.more);
  await zim.callCancel(["bob"], "5", given.cancel);
  await zim.callAccept("5", given.accept);
  await zim.callReject("5", given.reject);
  await zim.callJoin("5", given.join);
  await zim.callQuit("5", given.quit);
  await zim.callEnd("5", given.end);
  await zim.queryCallInvitationList(given.list);
  await zim.updateUserOfflinePushRule(given.rule);
  await zim.sendMessage(given.message, "room", 1, { priority: 1 });
  return await zim.callInvite(["bob"], given.invite);
}

/** The statics, by hand: theirs give back their own class. */
type Statics = "create" | "getInstance" | "getVersion" | "setAdvancedConfig";
type Given<Name extends Statics> = Parameters<(typeof theirs.ZIM)[Name]>;
type Taken = { [Name in Statics]: Fits<Given<Name>, Parameters<(typeof ours.ZIM)[Name]>> };
export type StaticsTakeTheSame = Assert<Taken[Statics]>;
export type StaticsGiveTheSame = [
  Assert<Same<ReturnType<typeof ours.ZIM.create>, ours.ZIM | null>>,
  Assert<Same<ReturnType<typeof ours.ZIM.getInstance>, ours.ZIM | null>>,
  Assert<Same<ReturnType<typeof ours.ZIM.getVersion>, ReturnType<typeof theirs.ZIM.getVersion>>>,
  Assert<Same<ReturnType<typeof ours.ZIM.setAdvancedConfig>, ReturnType<typeof theirs.ZIM.setAdvancedConfig>>>,
];

/** The enumerations that are whole: the same names, the same numbers. */
type Numbers<Enumeration> = { [Name in keyof Enumeration]: `${Enumeration[Name] & number}` };
type SameEnumeration<Ours, Theirs> = Same<Numbers<Ours>, Numbers<Theirs>>;
export type EnumerationsAreTheSame = [
  Assert<SameEnumeration<typeof ours.ZIMCallInvitationMode, typeof theirs.ZIMCallInvitationMode>>,
  Assert<SameEnumeration<typeof ours.ZIMCallState, typeof theirs.ZIMCallState>>,
  Assert<SameEnumeration<typeof ours.ZIMCallUserState, typeof theirs.ZIMCallUserState>>,
  Assert<SameEnumeration<typeof ours.ZIMConnectionEvent, typeof theirs.ZIMConnectionEvent>>,
  Assert<SameEnumeration<typeof ours.ZIMConnectionState, typeof theirs.ZIMConnectionState>>,
  Assert<SameEnumeration<typeof ours.ZIMConversationType, typeof theirs.ZIMConversationType>>,
  Assert<SameEnumeration<typeof ours.ZIMCXHandleType, typeof theirs.ZIMCXHandleType>>,
  Assert<SameEnumeration<typeof ours.ZIMMessagePriority, typeof theirs.ZIMMessagePriority>>,
  Assert<SameEnumeration<typeof ours.ZIMPlatformType, typeof theirs.ZIMPlatformType>>,
  Assert<SameEnumeration<typeof ours.ZIMRoomAttributesUpdateAction, typeof theirs.ZIMRoomAttributesUpdateAction>>,
  Assert<SameEnumeration<typeof ours.ZIMUserOnlineStatus, typeof theirs.ZIMUserOnlineStatus>>,
];

/** Those of which a part is there: every name is theirs, with their number. */
type PartOf<Ours, Theirs> =
  Fits<keyof Ours, keyof Theirs> extends true
    ? Same<Numbers<Ours>, Numbers<Pick<Theirs, keyof Ours & keyof Theirs>>>
    : false;
export type PartsAreTheirs = [
  Assert<PartOf<typeof ours.ZIMErrorCode, typeof theirs.ZIMErrorCode>>,
  Assert<PartOf<typeof ours.ZIMMessageType, typeof theirs.ZIMMessageType>>,
];
