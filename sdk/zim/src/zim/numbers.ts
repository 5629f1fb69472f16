// The numbers of the ZIM packages that this side gives or looks for, apart from the enumerations that name them: an app that
// does not compare loads no names, and as this file imports nothing, bundlers put each number where it is used.

// Of `ZIMErrorCode`; the codes of the server's refusals come with them.
export const FAILED = 1;
export const BAD_PARAMETER = 6000001;
export const NOT_INITIALIZED = 6000002;
export const BAD_APP = 6000003;
export const TOO_OFTEN = 6000004;
export const NO_SUCH_USER = 6000011;
export const TOO_MANY_USERS = 6000012;
export const NOT_SUPPORTED = 6000013;
export const NETWORK_FAILED = 6000101;
export const BAD_TOKEN = 6000103;
export const NO_NETWORK = 6000104;
export const TIMED_OUT = 6000105;
export const OTHER_TOKEN = 6000107;
export const OTHER_USER = 6000111;
export const NOT_LOGGED_IN = 6000121;
export const NOT_SENT = 6000203;
export const NO_SUCH_CALL = 6000276;
export const NOT_REGISTERED = 6000281;
export const IN_CALL = 6000283;
export const NOT_IN_ROOM = 6000321;

// Of `ZIMConnectionState`.
export const DISCONNECTED = 0;
export const CONNECTING = 1;
export const CONNECTED = 2;
export const RECONNECTING = 3;

// Of `ZIMConnectionEvent`.
export const SUCCESS = 0;
export const ACTIVE_LOGIN = 1;
export const LOGIN_TIMEOUT = 2;
export const LOGIN_INTERRUPTED = 3;
export const KICKED_OUT = 4;
export const TOKEN_EXPIRED = 5;

// Of `ZIMCallInvitationMode`, `ZIMConversationType`, `ZIMMessageType` and `ZIMRoomAttributesUpdateAction`.
export const ADVANCED = 1;
export const ROOM = 1 as const;
export const TEXT = 1;
export const COMMAND = 2;
export const SET = 0;
