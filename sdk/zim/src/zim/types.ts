// The shapes that the ZIM packages declare for login, users, calls and rooms.
import type {
  ZIMCallInvitationMode,
  ZIMCallState,
  ZIMCallUserState,
  ZIMConnectionEvent,
  ZIMConnectionState,
  ZIMConversationType,
  ZIMCXHandleType,
  ZIMErrorCode,
  ZIMMessagePriority,
  ZIMMessageType,
  ZIMPlatformType,
  ZIMRoomAttributesUpdateAction,
  ZIMUserOnlineStatus,
} from "./enums.js";
import type { ZIM } from "./zim.js";

/** What a method rejects with. */
export interface ZIMError {
  code: ZIMErrorCode;
  message: string;
}

/** The app, and what the reference has no need of: the server. */
export interface ZIMAppConfig {
  appID: number;
  /** `https://calls.example`, or the whole `wss://calls.example/v1/ws`. Default: `ZIM.setAdvancedConfig("server", …)`. */
  server?: string;
}
export interface ZIMLogConfig {
  logLevel: "debug" | "disable" | "error" | "info" | "report" | "warn";
}
export interface ZIMLoginConfig {
  /** At most 256 bytes; `""` keeps the one that the server knows. */
  userName: string;
  /** A JWT of the app, or a token of the format token04. */
  token: string;
  /** Resolve at once, and connect meanwhile. */
  isOfflineLogin: boolean;
  /** Not covered. */
  customStatus: string;
  customStatusDuration: number;
}
export interface ZIMLogoutConfig {
  isClearDB: boolean;
}

export interface ZIMUserInfo {
  userID: string;
  userName: string;
  userAvatarUrl: string;
  userExtendedData: string;
}
export interface ZIMUserFullInfo {
  baseInfo: ZIMUserInfo;
  userAvatarUrl: string;
  extendedData: string;
}
export interface ZIMUserOfflinePushRule {
  onlinePlatforms: ZIMPlatformType[];
  notToReceiveOfflinePushPlatforms: ZIMPlatformType[];
}
export interface ZIMUserRule {
  offlinePushRule: ZIMUserOfflinePushRule;
}
export interface ZIMUserStatus {
  userID: string;
  onlineStatus: ZIMUserOnlineStatus;
  onlinePlatforms: ZIMPlatformType[];
  customStatus: string;
  customStatusExpiredTime: number;
  lastUpdateTime: number;
  lastOnlineStatusUpdateTime: number;
  lastCustomStatusUpdateTime: number;
}
export interface ZIMSelfUserInfo {
  userFullInfo: ZIMUserFullInfo;
  userRule: ZIMUserRule;
  userStatus: ZIMUserStatus;
}
export interface ZIMErrorUserInfo {
  userID: string;
  reason: number;
}
export interface ZIMUsersInfoQueryConfig {
  isQueryFromServer: boolean;
}

/** Nothing of it is sent unless `title` and `content` both say something; the server may push by itself then. */
export interface ZIMPushConfig {
  title: string;
  content: string;
  payload: string;
  resourcesID: string;
  threadID: string;
  enableBadge: boolean;
  badgeIncrement: number;
  voIPConfig?: ZIMVoIPConfig;
}
export interface ZIMVoIPConfig {
  iOSVoIPHandleType: ZIMCXHandleType;
  iOSVoIPHandleValue: string;
  iOSVoIPHasVideo: boolean;
}

export interface ZIMCallInviteConfig {
  /** In whole seconds, at most 600; 0 for 90. */
  timeout: number;
  mode: ZIMCallInvitationMode;
  /** At most 2 KiB. */
  extendedData: string;
  enableNotReceivedCheck?: boolean;
  pushConfig?: ZIMPushConfig;
}
export interface ZIMCallingInviteConfig {
  pushConfig?: ZIMPushConfig;
}
export interface ZIMCallJoinConfig {
  extendedData: string;
}
export interface ZIMCallQuitConfig {
  extendedData: string;
  pushConfig?: ZIMPushConfig;
}
export type ZIMCallEndConfig = ZIMCallQuitConfig;
export type ZIMCallCancelConfig = ZIMCallQuitConfig;
export type ZIMCallAcceptConfig = ZIMCallJoinConfig;
export type ZIMCallRejectConfig = ZIMCallJoinConfig;
export interface ZIMCallInvitationQueryConfig {
  /** Above 100 for 100; below 1 for none. */
  count: number;
  nextFlag?: number;
}

export interface ZIMCallUserInfo {
  userID: string;
  state: ZIMCallUserState;
  extendedData: string;
}
export interface ZIMCallInfo {
  callID: string;
  caller: string;
  inviter: string;
  /** In milliseconds since the UNIX epoch, on the server's clock; so is `endTime`, 0 while the call lives. */
  createTime: number;
  endTime: number;
  state: ZIMCallState;
  mode: ZIMCallInvitationMode;
  extendedData: string;
  callUserList: ZIMCallUserInfo[];
}

export interface ZIMTokenRenewedResult {
  token: string;
}
export interface ZIMUserNameUpdatedResult {
  userName: string;
}
export interface ZIMUserAvatarUrlUpdatedResult {
  userAvatarUrl: string;
}
export interface ZIMUserExtendedDataUpdatedResult {
  extendedData: string;
}
export interface ZIMUserOfflinePushRuleUpdatedResult {
  offlinePushRule: ZIMUserOfflinePushRule;
}
export interface ZIMUsersInfoQueriedResult {
  userList: ZIMUserFullInfo[];
  errorUserList: ZIMErrorUserInfo[];
}
export interface ZIMSelfUserInfoQueriedResult {
  selfUserInfo: ZIMSelfUserInfo;
}
export interface ZIMCallInvitationSentResult {
  callID: string;
  timeout: number;
  errorUserList: ZIMErrorUserInfo[];
}
export interface ZIMCallingInvitationSentResult {
  callID: string;
  errorUserList: ZIMErrorUserInfo[];
}
export interface ZIMCallCancelSentResult {
  callID: string;
  errorInvitees: string[];
}
export interface ZIMCallAcceptanceSentResult {
  callID: string;
}
export type ZIMCallRejectionSentResult = ZIMCallAcceptanceSentResult;
export interface ZIMCallJoinSentResult {
  callID: string;
  createTime: number;
  joinTime: number;
  extendedData: string;
  callUserList: ZIMCallUserInfo[];
}
export interface ZIMCallQuitSentResult {
  callID: string;
  createTime: number;
  acceptTime: number;
  quitTime: number;
}
export interface ZIMCallEndSentResult {
  callID: string;
  createTime: number;
  acceptTime: number;
  endTime: number;
}
export interface ZIMCallInvitationListQueriedResult {
  callList: ZIMCallInfo[];
  /** For the next page; 0 at the end. */
  nextFlag: number;
}

export interface ZIMRoomInfo {
  roomID: string;
  roomName: string;
}
export interface ZIMRoomEnteredResult {
  roomInfo: { baseInfo: ZIMRoomInfo };
}
export interface ZIMRoomLeftResult {
  roomID: string;
}
export interface ZIMMessage {
  type: ZIMMessageType;
  messageID?: string;
  localMessageID?: string;
  senderUserID?: string;
  conversationID?: string;
  conversationType?: ZIMConversationType;
  direction?: 0 | 1;
  sentStatus?: 0 | 1 | 2;
  timestamp?: number;
  orderKey?: number;
  extendedData?: string;
}
export interface ZIMTextMessage extends ZIMMessage {
  type: typeof ZIMMessageType.Text;
  message: string;
}
export interface ZIMCommandMessage extends ZIMMessage {
  type: typeof ZIMMessageType.Command;
  message: Uint8Array;
}
export interface ZIMMessageSendConfig {
  priority: ZIMMessagePriority;
}
export interface ZIMMessageSentResult {
  message: ZIMMessage;
}
export interface ZIMRoomAttributesSetConfig {
  /** None of the three makes a difference: everyone in the room may set, and what is set stays until the room is empty. */
  isForce: boolean;
  isDeleteAfterOwnerLeft: boolean;
  isUpdateOwner: boolean;
}
export interface ZIMRoomAttributesOperatedResult {
  roomID: string;
  errorKeys: string[];
}
export interface ZIMRoomAttributesQueriedResult {
  roomID: string;
  roomAttributes: Record<string, string>;
}
export interface ZIMRoomAttributesUpdateInfo {
  action: ZIMRoomAttributesUpdateAction;
  roomAttributes: Record<string, string>;
}

export interface ZIMEventOfConnectionStateChangedResult {
  state: ZIMConnectionState;
  event: ZIMConnectionEvent;
  /** JSON, or `""`. */
  extendedData: string;
}
export interface ZIMEventOfTokenWillExpireResult {
  second: number;
}
export interface ZIMEventOfUserInfoUpdatedResult {
  info: ZIMUserFullInfo;
}
export interface ZIMEventOfUserRuleUpdatedResult {
  userRule: ZIMUserRule;
}
export interface ZIMEventOfUserStatusUpdatedResult {
  userStatusList: ZIMUserStatus[];
}
export interface ZIMEventOfCallInvitationCreatedResult {
  callID: string;
  mode: ZIMCallInvitationMode;
  caller: string;
  extendedData: string;
  /** In seconds. */
  timeout: number;
  createTime: number;
  callUserList: ZIMCallUserInfo[];
}
export interface ZIMEventOfCallInvitationReceivedResult extends ZIMEventOfCallInvitationCreatedResult {
  inviter: string;
}
export interface ZIMEventOfCallInvitationCancelledResult {
  callID: string;
  mode: ZIMCallInvitationMode;
  inviter: string;
  extendedData: string;
}
export interface ZIMEventOfCallInvitationTimeoutResult {
  callID: string;
  mode: ZIMCallInvitationMode;
}
export interface ZIMEventOfCallInvitationEndedResult {
  callID: string;
  mode: ZIMCallInvitationMode;
  caller: string;
  operatedUserID: string;
  extendedData: string;
  endTime: number;
}
export interface ZIMEventOfCallUserStateChangedResult {
  callID: string;
  callUserList: ZIMCallUserInfo[];
}
export interface ZIMEventOfCallInvitationAcceptedResult {
  callID: string;
  invitee: string;
  extendedData: string;
}
export type ZIMEventOfCallInvitationRejectedResult = ZIMEventOfCallInvitationAcceptedResult;
export interface ZIMEventOfCallInviteesAnsweredTimeoutResult {
  callID: string;
  invitees: string[];
}
export interface ZIMEventOfReceiveConversationMessageResult {
  messageList: ZIMMessage[];
  fromConversationID: string;
}
export interface ZIMEventOfConversationMessageReceivedResult extends ZIMEventOfReceiveConversationMessageResult {
  info: { isOfflineMessage: boolean };
}
export interface ZIMEventOfRoomAttributesUpdatedResult {
  roomID: string;
  infos: ZIMRoomAttributesUpdateInfo[];
}

/** What each event brings. */
export interface ZIMEvents {
  error: ZIMError;
  connectionStateChanged: ZIMEventOfConnectionStateChangedResult;
  tokenWillExpire: ZIMEventOfTokenWillExpireResult;
  userInfoUpdated: ZIMEventOfUserInfoUpdatedResult;
  userRuleUpdated: ZIMEventOfUserRuleUpdatedResult;
  userStatusUpdated: ZIMEventOfUserStatusUpdatedResult;
  callInvitationCreated: ZIMEventOfCallInvitationCreatedResult;
  callInvitationReceived: ZIMEventOfCallInvitationReceivedResult;
  callInvitationCancelled: ZIMEventOfCallInvitationCancelledResult;
  callInvitationEnded: ZIMEventOfCallInvitationEndedResult;
  callInvitationRejected: ZIMEventOfCallInvitationRejectedResult;
  callInvitationAccepted: ZIMEventOfCallInvitationAcceptedResult;
  callInvitationTimeout: ZIMEventOfCallInvitationTimeoutResult;
  callInviteesAnsweredTimeout: ZIMEventOfCallInviteesAnsweredTimeoutResult;
  callUserStateChanged: ZIMEventOfCallUserStateChangedResult;
  receiveRoomMessage: ZIMEventOfReceiveConversationMessageResult;
  roomMessageReceived: ZIMEventOfConversationMessageReceivedResult;
  roomAttributesUpdated: ZIMEventOfRoomAttributesUpdatedResult;
}

/** What listens to each event. */
export type ZIMEventHandler = { [Name in keyof ZIMEvents]: (zim: ZIM, data: ZIMEvents[Name]) => void };
