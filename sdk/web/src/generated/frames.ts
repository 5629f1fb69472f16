// Generated from crates/signaling by `cargo xtask codegen`. Do not edit.

/** The WebSocket subprotocol of these frames. */
export const SUBPROTOCOL = "offhook.v1";

/** The largest frame of a client, in bytes. */
export const MAX_FRAME_BYTES = 65536;

/** The largest frame of the server, in bytes. */
export const MAX_SERVER_FRAME_BYTES = 16777216;

/** Answers a call; this device becomes the main device. */
export interface Accept {
  /** The call. */
  call: CallId;
  /** Shown to the others; at most 2 KiB. Default: `""`. */
  data?: Opaque;
}

/** Tells that this device rings for the call. */
export interface Acknowledge {
  /** The call. */
  call: CallId;
}

/** Invites more users into a call of the advanced mode. */
export interface Add {
  /** The call. */
  call: CallId;
  /** Whom. */
  invitees: UserId[];
}

/** The app. */
export type AppId = number;

/** Answers a call. */
export interface CallAcceptRequestFrame {
  type: "call.accept";
  body: Accept;
  id: RequestId;
}

/** Tells that this device rings. */
export interface CallAcknowledgeRequestFrame {
  type: "call.acknowledge";
  body: Acknowledge;
  id: RequestId;
}

/** Invites more users. */
export interface CallAddRequestFrame {
  type: "call.add";
  body: Add;
  id: RequestId;
}

/** Takes invitations back. */
export interface CallCancelRequestFrame {
  type: "call.cancel";
  body: Cancel;
  id: RequestId;
}

/** The receiver's invitation was taken back: stop ringing. */
export interface CallCanceledEventFrame {
  type: "call.canceled";
  /** The last event before this one that was meant for this device. Absent: `offset` − 1. */
  after?: Offset;
  body: Happening;
  offset: Offset;
}

/** Parties changed their state. */
export interface CallChangedEventFrame {
  type: "call.changed";
  /** The last event before this one that was meant for this device. Absent: `offset` − 1. */
  after?: Offset;
  body: Happening;
  offset: Offset;
}

/** A call of the receiver was created: on this device, or by the app's back end. */
export interface CallCreatedEventFrame {
  type: "call.created";
  /** The last event before this one that was meant for this device. Absent: `offset` − 1. */
  after?: Offset;
  body: CallView;
  offset: Offset;
}

/** Ends a call for all. */
export interface CallEndRequestFrame {
  type: "call.end";
  body: End;
  id: RequestId;
}

/** The call was ended for all. */
export interface CallEndedEventFrame {
  type: "call.ended";
  /** The last event before this one that was meant for this device. Absent: `offset` − 1. */
  after?: Offset;
  body: Happening;
  offset: Offset;
}

/** The id of a call: a UUIDv7. */
export type CallId = string;

/** Silences the ring on this device alone. */
export interface CallIgnoreRequestFrame {
  type: "call.ignore";
  body: Ignore;
  id: RequestId;
}

/** Places a call. */
export interface CallInviteRequestFrame {
  type: "call.invite";
  body: Invite;
  id: RequestId;
}

/** The receiver is invited: ring for `remaining_ms`, unless that is 0. */
export interface CallInvitedEventFrame {
  type: "call.invited";
  /** The last event before this one that was meant for this device. Absent: `offset` − 1. */
  after?: Offset;
  body: CallView;
  offset: Offset;
}

/** Enters a call uninvited, or moves the user's part in it to this device. */
export interface CallJoinRequestFrame {
  type: "call.join";
  body: Join;
  id: RequestId;
}

/** Lists the user's calls, newest first. */
export interface CallListRequestFrame {
  type: "call.list";
  body: ListCalls;
  id: RequestId;
}

/** Two users called each other at once; the receiver's attempt became this accepted call. */
export interface CallMergedEventFrame {
  type: "call.merged";
  /** The last event before this one that was meant for this device. Absent: `offset` − 1. */
  after?: Offset;
  body: CallView;
  offset: Offset;
}

/** When a call is over. */
export type CallMode =
  | "advanced"
  | "general"
  | (string & {});

/** What each word stands for. */
export const CALL_MODES = {
  /** When ended, quit by all or canceled. */
  advanced: { zim: 1 },
  /** When every invitee has answered. */
  general: { zim: 0 },
} as const;

/** Leaves a call. */
export interface CallQuitRequestFrame {
  type: "call.quit";
  body: Quit;
  id: RequestId;
}

/** Reads one call. */
export interface CallReadRequestFrame {
  type: "call.read";
  body: ReadCall;
  id: RequestId;
}

/** Declines a call on all devices. */
export interface CallRejectRequestFrame {
  type: "call.reject";
  body: Reject;
  id: RequestId;
}

/** The call after the request. */
export interface CallReply {
  /** The call as it now is; absent for a cancel by key that left a tombstone, and for acknowledge and ignore. */
  call?: CallView;
  /** Named users to whom the request could not be applied. */
  left_out?: LeftOut[];
}

/** The version of a call, from 1. */
export type CallSeq = number;

/** Whether a call lives. */
export type CallStatus =
  | "ended"
  | "started"
  | (string & {});

/** What each word stands for. */
export const CALL_STATUSES = {
  /** It is over. */
  ended: { zim: 2 },
  /** It lives. */
  started: { zim: 1 },
} as const;

/** The receiver did not answer in time: stop ringing. */
export interface CallUnansweredEventFrame {
  type: "call.unanswered";
  /** The last event before this one that was meant for this device. Absent: `offset` − 1. */
  after?: Offset;
  body: Happening;
  offset: Offset;
}

/** One call, whole, as one of its users sees it. */
export interface CallView {
  /** How long ago it was created, on the server's clock, in milliseconds. */
  age_ms: number;
  /** The name of at most 20 digits that ZIM-shaped clients know it by. */
  alias: string;
  /** The call. */
  call: CallId;
  /** Who created it. */
  caller: UserId;
  /** When it was created; for display, never for decisions. */
  created_at: Timestamp;
  /** How it ended; absent while it lives. */
  end?: EndView;
  /** What the caller sent along. */
  extended_data?: Opaque;
  /** Whether the ring was silenced on the receiving device. */
  ignored?: boolean;
  /** Who invited the receiver; the caller for the caller themself. */
  inviter: UserId;
  /** The parties. */
  legs: LegView[];
  /** The receiver's main device in the call, if they have one. */
  main_device?: DeviceId;
  /** What the caller wants to send. */
  media: MediaKind;
  /** When the call is over. */
  mode: CallMode;
  /** How long the receiver's ring lasts from now, in milliseconds; 0 if it does not ring. */
  remaining_ms: number;
  /** The version of the call that this view shows. */
  seq: CallSeq;
  /** Whether it lives. */
  status: CallStatus;
  /** How long each invitee rings, in milliseconds. */
  timeout_ms: number;
  /** The call was merged from an audio and a video call; the caller may offer video. */
  upgrade_offered?: boolean;
  /** The receiver rings although in another call (call waiting). */
  waiting?: boolean;
}

/** A page of calls. */
export interface Calls {
  /** Newest first. */
  calls: CallView[];
  /** Where the next page begins; absent at the end. */
  next?: string;
}

/**
 * Takes invitations back. Names the call by its id, or by the key of an invite whose reply has not arrived: then a
 * tombstone refuses the invite if it comes later.
 */
export interface Cancel {
  /** The call, if its id is known. */
  call?: CallId;
  /** Shown to those who rang; at most 2 KiB. Default: `""`. */
  data?: Opaque;
  /** Whose invitation; empty for the whole call. Default: `[]`. */
  invitees?: UserId[];
  /** The key of the invite, if the id is not known. */
  key?: IdempotencyKey;
}

/** What a client sends. */
export type ClientFrame =
  | ClientHeartbeatFrame
  | HelloFrame
  | RequestFrame;

export interface ClientHeartbeatFrame {
  type: "heartbeat";
  body: Heartbeat;
}

/** Why the server closes a connection. */
export type CloseCode =
  | "bad_frame"
  | "going_away"
  | "kicked_out"
  | "logged_out"
  | "lost"
  | "rate_limited"
  | "replaced"
  | "slow_reader"
  | "token_expired"
  | "unauthenticated"
  | (string & {});

/** What each word stands for. */
export const CLOSE_CODES = {
  /** The client's frames break the protocol; mend the client. */
  bad_frame: { number: 4400, reconnect: false },
  /** The server stops or restarts; reconnect, to another node if there is one. */
  going_away: { number: 4503, reconnect: true },
  /** Another device of the user logged in, and the app permits only so many. */
  kicked_out: { number: 4409, reconnect: false },
  /** The client logged out. */
  logged_out: { number: 4412, reconnect: false },
  /** Nothing was heard from the client for too long; reconnect. */
  lost: { number: 4411, reconnect: true },
  /** Requests came much faster than permitted; reconnect later. */
  rate_limited: { number: 4429, reconnect: true },
  /** A newer connection of the same device took over. */
  replaced: { number: 4410, reconnect: false },
  /** The client does not read what it is sent; reconnect and resume. */
  slow_reader: { number: 4408, reconnect: true },
  /** The token expired and was not renewed; reconnect with a new one. */
  token_expired: { number: 4403, reconnect: false },
  /** No valid token came in time. */
  unauthenticated: { number: 4401, reconnect: false },
} as const;

/** Announces the end of the session; the close code follows. */
export interface Closing {
  /** Why, as the close code says it. */
  code: CloseCode;
  /** A sentence for the developer. */
  message: string;
  /** When to come back, in milliseconds; absent if coming back is of no use. */
  reconnect_in_ms?: number;
}

export interface ClosingFrame {
  type: "closing";
  body: Closing;
}

/** Why a request was not carried out. */
export type Code =
  | "already_accepted"
  | "already_main_device"
  | "answered_elsewhere"
  | "bad_request"
  | "call_ended"
  | "call_not_found"
  | "canceled"
  | "general_mode"
  | "internal"
  | "key_reused"
  | "no_invitees"
  | "nobody_registered"
  | "not_caller"
  | "not_found"
  | "not_invited"
  | "not_joined"
  | "rate_limited"
  | "ring_over"
  | "store_unavailable"
  | "token_expired"
  | "token_invalid"
  | "token_too_long"
  | "too_large"
  | "too_many_invitees"
  | "unknown_type"
  | "user_not_found"
  | (string & {});

/** What each word stands for. */
export const CODES = {
  /** Everyone whose invitation was to be taken back has accepted. */
  already_accepted: { http: 409, retryable: false, zim: 6000271 },
  /** This device already is the user's main device in the call. */
  already_main_device: { http: 409, retryable: false, zim: 6000283 },
  /** Another device of the user answered first. */
  answered_elsewhere: { http: 409, retryable: false, zim: 6000276 },
  /** The request breaks the form that docs/protocol.md gives it. */
  bad_request: { http: 400, retryable: false, zim: 6000001 },
  /** The call is over. */
  call_ended: { http: 409, retryable: false, zim: 6000276 },
  /** No such call, or none that the user has to do with. */
  call_not_found: { http: 404, retryable: false, zim: 6000276 },
  /** The invite was canceled before it arrived. */
  canceled: { http: 409, retryable: false, zim: 6000276 },
  /** A call of the general mode does not know this request. */
  general_mode: { http: 409, retryable: false, zim: 6000286 },
  /** Something broke on the server; it has been logged. */
  internal: { http: 500, retryable: true, zim: 6000272 },
  /** The idempotency key was used for a different request. */
  key_reused: { http: 422, retryable: false, zim: 6000275 },
  /** No user was named to invite. */
  no_invitees: { http: 422, retryable: false, zim: 6000001 },
  /** None of the named users is registered. */
  nobody_registered: { http: 422, retryable: false, zim: 6000281 },
  /** The user did not invite whom they want to cancel. */
  not_caller: { http: 403, retryable: false, zim: 6000273 },
  /** There is no such place. */
  not_found: { http: 404, retryable: false, zim: 6000001 },
  /** The user is not invited to this call. */
  not_invited: { http: 403, retryable: false, zim: 6000274 },
  /** The user is not in the call. */
  not_joined: { http: 409, retryable: false, zim: 6000276 },
  /** Requests came faster than permitted. */
  rate_limited: { http: 429, retryable: true, zim: 6000005 },
  /** The invitation is no longer open. */
  ring_over: { http: 409, retryable: false, zim: 6000276 },
  /** The server cannot store at the moment; nothing was done. */
  store_unavailable: { http: 503, retryable: true, zim: 6000272 },
  /** The token has expired. */
  token_expired: { http: 401, retryable: false, zim: 6000106 },
  /** The token is not one of this app, user and purpose. */
  token_invalid: { http: 401, retryable: false, zim: 6000103 },
  /** The token lives longer than permitted. */
  token_too_long: { http: 401, retryable: false, zim: 6000109 },
  /** The body is larger than permitted. */
  too_large: { http: 413, retryable: false, zim: 6000001 },
  /** More users than one request, or one call, may have. */
  too_many_invitees: { http: 422, retryable: false, zim: 6000272 },
  /** No such type of frame. */
  unknown_type: { http: 400, retryable: false, zim: 6000001 },
  /** Nobody of this name is registered. */
  user_not_found: { http: 404, retryable: false, zim: 6000011 },
} as const;

/** One installation of an app. */
export type DeviceId = string;

/** Ends a call of the advanced mode for all. */
export interface End {
  /** The call. */
  call: CallId;
  /** Shown to the others; at most 2 KiB. Default: `""`. */
  data?: Opaque;
}

/** Why a call ended. */
export type EndCause =
  | "all_left"
  | "answered"
  | "caller_left"
  | "caller_lost"
  | "canceled"
  | "ended"
  | "last_one_left"
  | "max_age"
  | "rejected"
  | "unanswered"
  | (string & {});

/** How a call ended. */
export interface EndView {
  /** When; for display. */
  at: Timestamp;
  /** Who ended it; absent for timers and policies. */
  by?: UserId;
  /** Why. */
  cause: EndCause;
}

/** One life of the event logs. */
export type Epoch = number;

/** What happened. */
export type EventFrame =
  | CallCanceledEventFrame
  | CallChangedEventFrame
  | CallCreatedEventFrame
  | CallEndedEventFrame
  | CallInvitedEventFrame
  | CallMergedEventFrame
  | CallUnansweredEventFrame;

/** What happened to a call that the receiver knows. */
export interface Happening {
  /** Who canceled or ended; absent for changes, timers and policies. */
  by?: UserId;
  /** The call. */
  call: CallId;
  /** The parties whose state changed, with their new states; who acted comes first. */
  changed?: LegView[];
  /** What the acting party sent along with a cancel or end. */
  data?: Opaque;
  /** How the call ended; absent while it lives. */
  end?: EndView;
  /**
   * The receiver's main device in the call, if they have one. If it is not this device, the call was answered
   * elsewhere.
   */
  main_device?: DeviceId;
  /** The call's version after this. */
  seq: CallSeq;
}

/** Shows that a side lives. */
export interface Heartbeat {
  /**
   * Client: the last event it heard. Server: the newest event meant for this device; a client that is behind for
   * longer than a heartbeat has missed something and reconnects.
   */
  offset: Offset;
}

/** The first frame of a client: who it is, and where it stopped listening. */
export interface Hello {
  /** The app, if the client knows it; a token that names its app must not name another. */
  app?: AppId;
  /** This installation of the app. */
  device: DeviceId;
  /** The user's name to show; absent or empty keeps the last one. */
  name?: Opaque;
  /** What the device runs on. */
  platform: Platform;
  /** Where the last session of this device stopped; absent on a fresh start. */
  resume?: Resume;
  /** The user's token. Never in the URL. */
  token: string;
  /**
   * Who the client is. Needed, with `app`, for a token of the format token04; a JWT that names its user must not name
   * another.
   */
  user?: UserId;
}

export interface HelloFrame {
  type: "hello";
  body: Hello;
}

/** The same for every retry. */
export type IdempotencyKey = string;

/** Silences the ring on this device alone. */
export interface Ignore {
  /** The call. */
  call: CallId;
}

/** Places a call. */
export interface Invite {
  /** Passed to every invitee, for ever the same; at most 2 KiB. Default: `""`. */
  extended_data?: Opaque;
  /** Whom; 1 to 9 users. */
  invitees: UserId[];
  /** Chosen by the client, the same for every retry, so that a retry rings nobody twice. */
  key?: IdempotencyKey;
  /** What the caller wants to send. Default video. */
  media?: MediaKind;
  /** When the call is over. Default general. */
  mode?: CallMode;
  /** Tell `not_yet_received` of invitees on whose devices nothing rang within 5 s. Default no. */
  not_received_check?: boolean;
  /** How long it rings, in whole seconds, 1 to 600; 0 or absent for 90. Default: `0`. */
  timeout_s?: number;
}

/** A placed call. */
export interface Invited {
  /** The call; also the name of its room. */
  call: CallView;
  /** Named users who could not be invited; the others ring. */
  left_out?: LeftOut[];
  /** The callee was calling the caller at the same time: this is their call, accepted. */
  merged?: boolean;
}

/** Enters a call uninvited, or moves the user's part in it to this device (advanced mode). */
export interface Join {
  /** The call. */
  call: CallId;
  /** Shown to the others; at most 2 KiB. Default: `""`. */
  data?: Opaque;
}

/** A named user to whom a request could not be applied. */
export interface LeftOut {
  /** Why. */
  cause: LeftOutCause;
  /** Who. */
  user: UserId;
}

/** Why one of several named users was left out of a request. */
export type LeftOutCause =
  | "already_accepted"
  | "already_in_call"
  | "not_ringing"
  | "unregistered"
  | (string & {});

/** Where a party of a call stands. */
export type LegStatus =
  | "accepted"
  | "be_canceled"
  | "canceled"
  | "ended"
  | "inviting"
  | "not_yet_received"
  | "quit"
  | "received"
  | "rejected"
  | "timed_out"
  | (string & {});

/** What each word stands for. */
export const LEG_STATUSES = {
  /** In the call. */
  accepted: { zim: 1 },
  /** The invitation was taken back. */
  be_canceled: { zim: 10 },
  /** Took the whole call back. */
  canceled: { zim: 3 },
  /** Ended the call for all. */
  ended: { zim: 8 },
  /** Invited; no device rings yet. */
  inviting: { zim: 0 },
  /** Invited; nothing arrived in time for the check. */
  not_yet_received: { zim: 9 },
  /** Left after having accepted. */
  quit: { zim: 7 },
  /** A device rings. */
  received: { zim: 5 },
  /** Turned the invitation down. */
  rejected: { zim: 2 },
  /** Did not answer in time. */
  timed_out: { zim: 6 },
} as const;

/** One party of a call. */
export interface LegView {
  /** When they accepted first; for display. */
  accepted_at?: Timestamp;
  /** What they sent with their last answer. */
  data?: Opaque;
  /** When they left after having accepted; for display. */
  left_at?: Timestamp;
  /** Why they turned the invitation down, if they did. */
  reason?: RejectCause;
  /** Where they stand. */
  status: LegStatus;
  /** Who. */
  user: UserId;
}

/** What a session may do. */
export interface Limits {
  /** The largest frame, in bytes. */
  frame_bytes: number;
  /** Requests in a burst. */
  request_burst: number;
  /** Requests a second, on average. */
  requests_per_s: number;
}

/** Lists the user's calls, newest first. */
export interface ListCalls {
  /** Where the last page ended; absent for the newest. */
  cursor?: string;
  /** How many; 1 to 100. Default 20. */
  limit?: number;
}

/** What a caller wants to send. */
export type MediaKind =
  | "audio"
  | "video"
  | (string & {});

/** A place in the user's event log; the first event is 1. */
export type Offset = number;

/** A text of the app's own making; never looked into. */
export type Opaque = string;

/** What a device runs on; decides which of a user's devices may be logged in together. */
export type Platform =
  | "android"
  | "harmony"
  | "ios"
  | "ipados"
  | "linux"
  | "macos"
  | "mini_program"
  | "web"
  | "windows"
  | (string & {});

/** What each word stands for. */
export const PLATFORMS = {
  /** Android. */
  android: { zim: 3 },
  /** HarmonyOS. */
  harmony: { zim: 10 },
  /** iPhone. */
  ios: { zim: 2 },
  /** iPad. */
  ipados: { zim: 9 },
  /** Linux. */
  linux: { zim: 5 },
  /** macOS. */
  macos: { zim: 4 },
  /** A mini program inside another app. */
  mini_program: { zim: 7 },
  /** A browser. */
  web: { zim: 6 },
  /** Windows. */
  windows: { zim: 1 },
} as const;

/** Why a request was not carried out, and what can be done. REST wraps the same fields into RFC 9457. */
export interface Problem {
  /**
   * The call as it now is, if the request named one and the sender has to do with it: a late request learns the
   * outcome it missed.
   */
  call?: CallView;
  /** The stable code. */
  code: Code;
  /** A sentence for the developer: what is wrong, and what to do. */
  message: string;
  /** When to try again, in milliseconds, if that may help. */
  retry_after_ms?: number;
  /** Whether the same request may succeed later. */
  retryable: boolean;
  /** The nearest code of the reference's ZIM packages. */
  zim_code: number;
}

export interface ProblemFrame {
  type: "problem";
  body: Problem;
  id?: RequestId;
}

/** Asks about users. */
export interface QueryUsers {
  /** Whom; 1 to 10 users. */
  users: UserId[];
}

/** Leaves a call of the advanced mode; the others stay. */
export interface Quit {
  /** The call. */
  call: CallId;
  /** Shown to the others; at most 2 KiB. Default: `""`. */
  data?: Opaque;
}

/** Reads one call the user takes or took part in. */
export interface ReadCall {
  /** The call. */
  call: CallId;
}

/** Declines a call on all of the user's devices. */
export interface Reject {
  /** The call. */
  call: CallId;
  /** Shown to the others; at most 2 KiB. Default: `""`. */
  data?: Opaque;
  /** Why. Default declined. */
  reason?: RejectCause;
}

/** Why an invitation was turned down. */
export type RejectCause =
  | "busy"
  | "declined"
  | (string & {});

/** Replaces the token of this session by a later one of the same user. */
export interface RenewToken {
  /** The new token. */
  token: string;
}

/** A renewed token. */
export interface Renewed {
  /** How long the new token lives from now, in milliseconds. */
  expires_in_ms: number;
}

/** To accept, acknowledge, add, cancel, end, ignore, join, quit, read, reject: the call as it now is. */
export interface ReplyCallFrame {
  type: "reply.call";
  body: CallReply;
  id: RequestId;
}

/** To a list of calls. */
export interface ReplyCallsFrame {
  type: "reply.calls";
  body: Calls;
  id: RequestId;
}

/** To a request that has nothing to tell. */
export interface ReplyDoneFrame {
  type: "reply.done";
  id: RequestId;
}

/** The answer to a request that was carried out. */
export type ReplyFrame =
  | ReplyCallFrame
  | ReplyCallsFrame
  | ReplyDoneFrame
  | ReplyInvitedFrame
  | ReplyTokenFrame
  | ReplyUsersFrame;

/** To an invite. */
export interface ReplyInvitedFrame {
  type: "reply.invited";
  body: Invited;
  id: RequestId;
}

/** To a renewal of the token. */
export interface ReplyTokenFrame {
  type: "reply.token";
  body: Renewed;
  id: RequestId;
}

/** To a query about users, or a change of the own profile. */
export interface ReplyUsersFrame {
  type: "reply.users";
  body: Users;
  id: RequestId;
}

/** What a client asks for. */
export type RequestFrame =
  | CallAcceptRequestFrame
  | CallAcknowledgeRequestFrame
  | CallAddRequestFrame
  | CallCancelRequestFrame
  | CallEndRequestFrame
  | CallIgnoreRequestFrame
  | CallInviteRequestFrame
  | CallJoinRequestFrame
  | CallListRequestFrame
  | UserQueryRequestFrame
  | CallQuitRequestFrame
  | CallReadRequestFrame
  | CallRejectRequestFrame
  | SessionRenewTokenRequestFrame
  | SessionLogoutRequestFrame
  | UserUpdateRequestFrame;

/** Chosen by the client; its reply bears the same. Unique among the requests that wait for a reply. */
export type RequestId = number;

/** A place in the user's event log. */
export interface Resume {
  /** The log's life. */
  epoch: Epoch;
  /** The last event heard. */
  offset: Offset;
}

/** What the server sends. A client ignores types that it does not know. */
export type ServerFrame =
  | ClosingFrame
  | ServerHeartbeatFrame
  | ProblemFrame
  | TokenWillExpireFrame
  | WelcomeFrame
  | EventFrame
  | ReplyFrame;

export interface ServerHeartbeatFrame {
  type: "heartbeat";
  body: Heartbeat;
}

/** Logs this device out: it gets no pushes any more, and the session closes. */
export interface SessionLogoutRequestFrame {
  type: "session.logout";
  id: RequestId;
}

/** Replaces the token of this session. */
export interface SessionRenewTokenRequestFrame {
  type: "session.renew_token";
  body: RenewToken;
  id: RequestId;
}

/** The state that a client begins with when it cannot resume. */
export interface Snapshot {
  /** Every call that lives and concerns the user, oldest first. The ones that ring for them have `remaining_ms`. */
  calls: CallView[];
  /** Calls that ended lately, newest first: how the ones ended that the client may still believe alive. */
  ended?: CallView[];
}

/** Milliseconds since the UNIX epoch, server clock. */
export type Timestamp = number;

/** The token expires soon: renew it on this connection. */
export interface TokenWillExpire {
  /** How soon, in milliseconds. */
  remaining_ms: number;
}

export interface TokenWillExpireFrame {
  type: "token_will_expire";
  body: TokenWillExpire;
}

/** Changes the user's own profile; what is absent stays. */
export interface UpdateUser {
  /** At most 500 bytes. */
  avatar_url?: Opaque;
  /** At most 2 KiB. */
  extended_data?: Opaque;
  /** At most 256 bytes. */
  name?: Opaque;
}

/** A user of the app. */
export type UserId = string;

/** Asks about users. */
export interface UserQueryRequestFrame {
  type: "user.query";
  body: QueryUsers;
  id: RequestId;
}

/** Changes the user's own profile. */
export interface UserUpdateRequestFrame {
  type: "user.update";
  body: UpdateUser;
  id: RequestId;
}

/** What is known of a user. */
export interface UserView {
  /** Where their picture is. */
  avatar_url?: Opaque;
  /** Whatever the app keeps with the user. */
  extended_data?: Opaque;
  /** The name to show. */
  name?: Opaque;
  /** The user. */
  user: UserId;
}

/** What is known of users. */
export interface Users {
  /** Named users whom nobody registered. */
  unknown?: UserId[];
  /** The others. */
  users: UserView[];
}

/** The server's answer to hello. */
export interface Welcome {
  /** The life of the event log that offsets belong to. */
  epoch: Epoch;
  /** How often the client is to send a heartbeat, in milliseconds. */
  heartbeat_ms: number;
  /** What this session may do. */
  limits: Limits;
  /** After how long a silence, in milliseconds, either side counts the other as lost. */
  lost_after_ms: number;
  /**
   * Where this session begins in the log. Resumed: the client's own offset, the missed events follow. Otherwise:
   * the offset that the snapshot stands for.
   */
  offset: Offset;
  /** The state to begin with; absent if the session was resumed, else everything the client knew is void. */
  snapshot?: Snapshot;
  /** How long the token lives, in milliseconds. */
  token_expires_in_ms: number;
  /** Who the token says the client is. */
  user: UserId;
}

export interface WelcomeFrame {
  type: "welcome";
  body: Welcome;
}

/** A frame of a union, without what its envelope holds beside type and body. */
export type Unframed<Frame> = Frame extends unknown ? Omit<Frame, "after" | "id" | "offset"> : never;

/** What a client asks for, before it has an id. */
export type Request = Unframed<RequestFrame>;

/** The answer to a request that was carried out, without the request's id. */
export type Reply = Unframed<ReplyFrame>;

/** What happened, without its place in the log. */
export type EventBody = Unframed<EventFrame>;
