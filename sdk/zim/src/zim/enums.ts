// The enumerations of the ZIM packages: the same names and values, as constant objects that are also types.

/** Defines the type beside each object of numbers. */
type ValueOf<Words> = Words[keyof Words];

/** Where the connection of this device stands. */
export const ZIMConnectionState = { Disconnected: 0, Connecting: 1, Connected: 2, Reconnecting: 3 } as const;
export type ZIMConnectionState = ValueOf<typeof ZIMConnectionState>;

/** Why the connection is where it stands. */
export const ZIMConnectionEvent = {
  Success: 0,
  ActiveLogin: 1,
  LoginTimeout: 2,
  LoginInterrupted: 3,
  KickedOut: 4,
  TokenExpired: 5,
  Unregistered: 6,
} as const;
export type ZIMConnectionEvent = ValueOf<typeof ZIMConnectionEvent>;

/** When a call is over: once all have answered, or once it is ended. */
export const ZIMCallInvitationMode = { Unknown: -1, General: 0, Advanced: 1 } as const;
export type ZIMCallInvitationMode = ValueOf<typeof ZIMCallInvitationMode>;

/** Whether a call lives. */
export const ZIMCallState = { Unknown: -1, Started: 1, Ended: 2 } as const;
export type ZIMCallState = ValueOf<typeof ZIMCallState>;

/** Where a user of a call stands. */
export const ZIMCallUserState = {
  Unknown: -1,
  Inviting: 0,
  Accepted: 1,
  Rejected: 2,
  Cancelled: 3,
  Offline: 4,
  Received: 5,
  Timeout: 6,
  Quit: 7,
  Ended: 8,
  NotYetReceived: 9,
  BeCancelled: 10,
} as const;
export type ZIMCallUserState = ValueOf<typeof ZIMCallUserState>;

/** What a VoIP push calls its caller by. */
export const ZIMCXHandleType = { Generic: 1, PhoneNumber: 2, EmailAddress: 3 } as const;
export type ZIMCXHandleType = ValueOf<typeof ZIMCXHandleType>;

/** What a device is. */
export const ZIMPlatformType = {
  Win: 1,
  IPhoneOS: 2,
  Android: 3,
  MacOS: 4,
  Linux: 5,
  Web: 6,
  MiniProgram: 7,
  IPadOS: 9,
  OHOS: 10,
  Unknown: 32,
} as const;
export type ZIMPlatformType = ValueOf<typeof ZIMPlatformType>;

/** Whether a user is connected. */
export const ZIMUserOnlineStatus = { Online: 0, Offline: 1, Logout: 2, Unknown: 99 } as const;
export type ZIMUserOnlineStatus = ValueOf<typeof ZIMUserOnlineStatus>;

/** What a message is; the first two can be sent to a room. */
export const ZIMMessageType = { Unknown: 0, Text: 1, Command: 2 } as const;
export type ZIMMessageType = ValueOf<typeof ZIMMessageType>;

/** Whom a message is for; rooms alone are covered. */
export const ZIMConversationType = { Unknown: -1, Peer: 0, Room: 1, Group: 2, CommunityChannel: 3 } as const;
export type ZIMConversationType = ValueOf<typeof ZIMConversationType>;

/** How urgent a message is; it makes no difference here. */
export const ZIMMessagePriority = { Low: 1, Medium: 2, High: 3 } as const;
export type ZIMMessagePriority = ValueOf<typeof ZIMMessagePriority>;

/** What was done to attributes of a room. */
export const ZIMRoomAttributesUpdateAction = { Set: 0, Delete: 1 } as const;
export type ZIMRoomAttributesUpdateAction = ValueOf<typeof ZIMRoomAttributesUpdateAction>;

/** The codes that apps compare with. The server knows a few more. */
export const ZIMErrorCode = {
  Success: 0,
  Failed: 1,
  CommonModuleParamsInvalid: 6000001,
  CommonModuleNotInit: 6000002,
  CommonModuleInvalidAppID: 6000003,
  CommonModuleTriggerSDKFrequencyLimit: 6000004,
  CommonModuleUserIsNotExist: 6000011,
  CommonModuleUserInfoQueriedLimit: 6000012,
  CommonModuleUnsupportedRequest: 6000013,
  NetworkModuleCommonError: 6000101,
  NetworkModuleTokenInvalid: 6000103,
  NetworkModuleNetworkError: 6000104,
  NetworkModuleRequestTimeout: 6000105,
  NetworkModuleTokenExpired: 6000106,
  NetworkModuleTokenVersionError: 6000107,
  NetworkModuleUserHasAlreadyLogged: 6000111,
  NetworkModuleUserIsNotLogged: 6000121,
  MessageModuleSendMessageFailed: 6000203,
  CallModuleCancelError: 6000271,
  CallModuleServerError: 6000272,
  CallModuleIsNotInvitor: 6000273,
  CallModuleIsNotInvitee: 6000274,
  CallModuleAlreadyExists: 6000275,
  CallModuleDoesNotExist: 6000276,
  CallModuleInviteUserDoesNotExist: 6000281,
  CallModuleUserAlreadyInTheCall: 6000283,
  MessageModuleMessageExceedsEditTime: 6000286,
  RoomModuleUserIsNotInTheRoom: 6000321,
} as const;
export type ZIMErrorCode = ValueOf<typeof ZIMErrorCode>;
