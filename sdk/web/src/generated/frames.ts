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
  /** For their devices that must be woken. */
  push?: PushConfig;
}

/** An ICE candidate that was found after the description was sent. */
export interface AddCandidate {
  /** As in an `a=candidate` line; empty for "no more". */
  candidate: Hidden;
  /** The room. */
  room: RoomId;
}

/** Answers an offer of the server. */
export interface AnswerMedia {
  /** The number of the offer. */
  negotiation: number;
  /** The room. */
  room: RoomId;
  /** The description; at most 48 KiB. */
  sdp: Hidden;
}

/** Which of Apple's two services gave a token out. */
export type ApnsEnvironment =
  | "production"
  | "sandbox";

/** The app. */
export type AppId = number;

/** Asks with which key a browser subscribes to pushes of this app. */
export interface AskPushKey {
  /** The push resource; absent for `default`. */
  resource?: Opaque;
}

/** Asks for a room token: of a call that the user is in, or of a room that the app's policy opens to them. */
export interface AskRoomToken {
  /** The room; a call's room bears the call's id. */
  room: RoomId;
}

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
  /** To accept and join: the way into the call's room. Absent where the server carries no media. */
  room?: RoomToken;
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
  /** The receiver missed it: it rang for them and ended without an answer on any of their devices. */
  missed?: boolean;
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
  /** What its room carried, once that is over. */
  usage?: UsageView;
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
  /** For devices that were woken and are away again. Absent for the texts of the resource that rang them. */
  push?: PushConfig;
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
  | "bad_sdp"
  | "call_ended"
  | "call_not_found"
  | "canceled"
  | "general_mode"
  | "internal"
  | "key_reused"
  | "kicked"
  | "media_busy"
  | "media_unavailable"
  | "negotiation_over"
  | "no_invitees"
  | "nobody_registered"
  | "not_caller"
  | "not_found"
  | "not_in_room"
  | "not_invited"
  | "not_joined"
  | "push_invalid"
  | "rate_limited"
  | "ring_over"
  | "role_forbids"
  | "room_forbidden"
  | "room_full"
  | "room_token_expired"
  | "room_token_invalid"
  | "store_unavailable"
  | "stream_not_found"
  | "stream_taken"
  | "token_expired"
  | "token_invalid"
  | "token_too_long"
  | "too_large"
  | "too_many_invitees"
  | "too_many_rooms"
  | "too_many_tracks"
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
  /** The session description cannot be read, or asks for something that the server does not offer. */
  bad_sdp: { http: 400, retryable: false, zim: 1003001 },
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
  /** The user was removed from the room and may not come back. */
  kicked: { http: 403, retryable: false, zim: 1002055 },
  /** The server's media threads are full; try again, or elsewhere. */
  media_busy: { http: 503, retryable: true, zim: 1002033 },
  /** This server carries no media. */
  media_unavailable: { http: 501, retryable: false, zim: 1002033 },
  /** The offer that was answered has been replaced by a later one. */
  negotiation_over: { http: 409, retryable: false, zim: 1003001 },
  /** No user was named to invite. */
  no_invitees: { http: 422, retryable: false, zim: 6000001 },
  /** None of the named users is registered. */
  nobody_registered: { http: 422, retryable: false, zim: 6000281 },
  /** The user did not invite whom they want to cancel. */
  not_caller: { http: 403, retryable: false, zim: 6000273 },
  /** There is no such place. */
  not_found: { http: 404, retryable: false, zim: 6000001 },
  /** The device is not in the room, or no longer. */
  not_in_room: { http: 409, retryable: false, zim: 1002053 },
  /** The user is not invited to this call. */
  not_invited: { http: 403, retryable: false, zim: 6000274 },
  /** The user is not in the call. */
  not_joined: { http: 409, retryable: false, zim: 6000276 },
  /** What is said of pushes cannot be used: a resource, an address, or what goes along with an invitation. */
  push_invalid: { http: 422, retryable: false, zim: 6000001 },
  /** Requests came faster than permitted. */
  rate_limited: { http: 429, retryable: true, zim: 6000005 },
  /** The invitation is no longer open. */
  ring_over: { http: 409, retryable: false, zim: 6000276 },
  /** The role that the room token gives does not permit this. */
  role_forbids: { http: 403, retryable: false, zim: 1103019 },
  /** The app's policy opens no such room to this user. */
  room_forbidden: { http: 403, retryable: false, zim: 1002016 },
  /** The room has as many members as it may have. */
  room_full: { http: 409, retryable: true, zim: 1002034 },
  /** The room token has expired. */
  room_token_expired: { http: 401, retryable: false, zim: 1102018 },
  /** The room token is not one of this app, user, device and room. */
  room_token_invalid: { http: 401, retryable: false, zim: 1102016 },
  /** The server cannot store at the moment; nothing was done. */
  store_unavailable: { http: 503, retryable: true, zim: 6000272 },
  /** No such stream in the room. */
  stream_not_found: { http: 404, retryable: false, zim: 1004002 },
  /** The stream's name is taken in this room. */
  stream_taken: { http: 409, retryable: false, zim: 1003028 },
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
  /** The user is in as many rooms as the app permits. */
  too_many_rooms: { http: 409, retryable: false, zim: 1002001 },
  /** More tracks than one user may publish. */
  too_many_tracks: { http: 422, retryable: false, zim: 1003001 },
  /** No such type of frame. */
  unknown_type: { http: 400, retryable: false, zim: 6000001 },
  /** Nobody of this name is registered. */
  user_not_found: { http: 404, retryable: false, zim: 6000011 },
} as const;

/** How far an invitation has got, as far as the server knows. Told to callers who ask for it. */
export type Delivery =
  | "delivered"
  | "push_accepted"
  | "queued"
  | "ringing"
  | (string & {});

/** Where a device is reached. Never told to anybody again. */
export type DeviceAddress =
  | { environment?: ApnsEnvironment; provider: "apns_alert"; token: string }
  | { environment?: ApnsEnvironment; provider: "apns_voip"; token: string }
  | { provider: "fcm"; token: string }
  | { auth: string; endpoint: string; p256dh: string; provider: "web" }
  | { provider: "webhook"; token: string };

/** One installation of an app. */
export type DeviceId = string;

/** Asks with which key a browser subscribes to pushes. */
export interface DevicePushKeyRequestFrame {
  type: "device.push_key";
  body: AskPushKey;
  id: RequestId;
}

/** Registers where this device is reached when its app does not run. */
export interface DeviceRegisterRequestFrame {
  type: "device.register";
  body: RegisterDevice;
  id: RequestId;
}

/** Forgets where this device is reached. */
export interface DeviceUnregisterRequestFrame {
  type: "device.unregister";
  id: RequestId;
}

/** Ends a call of the advanced mode for all. */
export interface End {
  /** The call. */
  call: CallId;
  /** Shown to the others; at most 2 KiB. Default: `""`. */
  data?: Opaque;
  /** For devices that were woken and are away again. Absent for the texts of the resource that rang them. */
  push?: PushConfig;
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

/** What names a caller in the system's list of calls. */
export type HandleKind =
  | "email"
  | "generic"
  | "phone"
  | (string & {});

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

/** A text that lets its bearer in, or tells where they are: kept out of `Debug`. */
export type Hidden = string;

/** A STUN or TURN server, in the form of the browsers' `RTCIceServer`. */
export interface IceServer {
  /** Absent for STUN. */
  credential?: Hidden;
  /** Where it is. */
  urls: string[];
  /** Absent for STUN. It may bear the user's id. */
  username?: Hidden;
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
  /** Tell the caller how far the invitation has got with each invitee, as `delivery` of their leg. Default no. */
  delivery_updates?: boolean;
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
  /**
   * For devices that must be woken. Absent for the texts of the app's resource `default`, if its policy wakes devices for
   * every invitation.
   */
  push?: PushConfig;
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
  /** The way into the call's room. Absent where the server carries no media. */
  room?: RoomToken;
}

/** Enters a call uninvited, or moves the user's part in it to this device (advanced mode). */
export interface Join {
  /** The call. */
  call: CallId;
  /** Shown to the others; at most 2 KiB. Default: `""`. */
  data?: Opaque;
}

/** Enters a room with a token, or renews the stay: a newer token of the same room and device changes the role. */
export interface JoinRoom {
  /** How many may be in the room; 0 for the app's limit. What the first one says counts. Default: `0`. */
  max_members?: number;
  /** Whether to receive every stream unasked. Default yes. */
  subscribe_all?: boolean;
  /** A room token. */
  token: Hidden;
}

/** How much of a track a device receives. */
export type Layer =
  | "high"
  | "low"
  | "medium"
  | "off"
  | (string & {});

/** What this device receives of each track has changed. */
export interface LayersChanged {
  /** The room. */
  room: RoomId;
  /** The tracks that changed. */
  tracks: TrackLayer[];
}

/** Why somebody is no longer in a room. */
export type LeaveCause =
  | "ended"
  | "kicked"
  | "left"
  | "lost"
  | "shutdown"
  | "taken_over"
  | (string & {});

/** Leaves a room. */
export interface LeaveRoom {
  /** The room. */
  room: RoomId;
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
  /** How far the invitation has got; only for a caller who asked for it, while it rings. */
  delivery?: Delivery;
  /** When they left after having accepted; for display. */
  left_at?: Timestamp;
  /** Why they turned the invitation down, if they did. */
  reason?: RejectCause;
  /** Where they stand. */
  status: LegStatus;
  /** Who. */
  user: UserId;
}

/** How loud everybody is. */
export interface Levels {
  /** Who speaks most; absent if nobody does. */
  active?: UserId;
  /** The loudest first; who is silent is not named. */
  levels: MemberLevel[];
  /** The room. */
  room: RoomId;
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

/** The answer to the client's offer. */
export interface MediaAnswer {
  /** The description. */
  sdp: Hidden;
  /**
   * The number of the server's last offer, if that has not been answered: it is void, and so is every one before it,
   * also where it comes after this reply.
   */
  voids?: number;
}

/** What a caller wants to send. */
export type MediaKind =
  | "audio"
  | "video"
  | (string & {});

/** How loud a user is. */
export interface MemberLevel {
  /** 0 for silence to 100. */
  level: number;
  /** Who. */
  user: UserId;
}

/** How good a user's connection is, each way: 5 excellent, 4 good, 3 fair, 2 poor, 1 bad, 0 unknown. */
export interface MemberQuality {
  /** From the server to the user. */
  downlink: number;
  /** From the user to the server. */
  uplink: number;
  /** Who. */
  user: UserId;
}

/** What one user used of a room. A moment of receiving counts in one tier: that of the sum of all received pixels. */
export interface MemberUsage {
  /** Receiving audio alone, in milliseconds. */
  audio_ms: number;
  /** Beyond 2K, in milliseconds. */
  four_k_ms: number;
  /** Sum of received pixels up to Full HD, in milliseconds. */
  full_hd_ms: number;
  /** Up to HD, in milliseconds. */
  hd_ms: number;
  /** In the room, in milliseconds. */
  present_ms: number;
  /** From the server to the user, in bytes. */
  received_bytes: number;
  /** Up to SD, in milliseconds. */
  sd_ms: number;
  /** From the user to the server, in bytes. */
  sent_bytes: number;
  /** Up to 2K, in milliseconds. */
  two_k_ms: number;
  /** Who. */
  user: UserId;
}

/** A user in a room. */
export interface MemberView {
  /** The display name. */
  name?: Opaque;
  /** How far the user is. */
  presence: Presence;
  /** The user. */
  user: UserId;
}

/** Users came, went or changed. */
export interface MembersChanged {
  /** Who is new. */
  added?: MemberView[];
  /** Whose presence or name is new. */
  changed?: MemberView[];
  /** Who is gone. */
  removed?: RemovedMember[];
  /** The room. */
  room: RoomId;
}

/** What a message in a room is for. */
export type MessageKind =
  | "broadcast"
  | "command"
  | (string & {});

/**
 * The client's session description: what it publishes, whole, each time. It overrides an offer of the server that is
 * under way; the server makes that one again.
 */
export interface OfferMedia {
  /** The room. */
  room: RoomId;
  /** The description; at most 48 KiB. */
  sdp: Hidden;
  /** What it publishes. A stream that is no longer named is no longer published. Default: `[]`. */
  streams?: OfferedStream[];
}

/** A stream in a client's offer. */
export interface OfferedStream {
  /** Shown to the others; at most 1 KiB. Default: `""`. */
  extra_info?: Opaque;
  /** Its name, unique in the room. */
  stream: StreamId;
  /** Its tracks. */
  tracks: OfferedTrack[];
}

/** A track in a client's offer. */
export interface OfferedTrack {
  /** The `a=mid` of its media section. */
  mid: string;
  /** Whether it begins silent. Default: `false`. */
  muted?: boolean;
  /** Where it comes from. */
  source: TrackSource;
}

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

/** How far a user in a room is. */
export type Presence =
  | "connected"
  | "flowing"
  | "joined"
  | "reconnecting"
  | (string & {});

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
  /** The nearest code of the reference's ZIM packages; for rooms, of its Express packages. */
  zim_code: number;
}

export interface ProblemFrame {
  type: "problem";
  body: Problem;
  id?: RequestId;
}

/**
 * What a caller sends along for devices that must be woken, or whose ring ends. Texts that are absent are the
 * resource's.
 */
export interface PushConfig {
  /** What the app's icon counts from now on; 0 to 99. Absent leaves it. */
  badge?: number;
  /** The notification's second line, at most 1 KiB. */
  body?: Opaque;
  /** For the app on the device, untouched; at most 2 KiB. */
  payload?: Opaque;
  /** The app's push resource that says how it is sent; at most 32 bytes. Absent for `default`. */
  resource?: Opaque;
  /** Groups notifications of one conversation; at most 64 bytes. */
  thread?: Opaque;
  /** The notification's first line, at most 256 bytes. */
  title?: Opaque;
  /** What iOS shows of the caller. */
  voip?: VoipConfig;
}

/** With which key a browser subscribes. */
export interface PushKey {
  /**
   * The `applicationServerKey`: an uncompressed point of P-256 in base64url. Absent where the app sends no pushes to
   * browsers.
   */
  key?: string;
}

/** How good the connections are. */
export interface Quality {
  /** What the server believes that it can send to this device, in bits a second. */
  downlink_bps: number;
  /** Everybody, this device's user included. */
  members: MemberQuality[];
  /** The room. */
  room: RoomId;
  /** The round trip between server and device, in milliseconds; 0 while unknown. */
  rtt_ms: number;
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
  /** For devices that were woken and are away again. Absent for the texts of the resource that rang them. */
  push?: PushConfig;
}

/** Reads one call the user takes or took part in. */
export interface ReadCall {
  /** The call. */
  call: CallId;
}

/** Reads a room as it stands. What the server wanted to negotiate is offered again. */
export interface ReadRoom {
  /** The room. */
  room: RoomId;
}

/**
 * Registers where this device is reached when its app does not run, in place of all that it registered before. An
 * address that another device had is that device's no more. Valid until it is unregistered or the device logs out.
 */
export interface RegisterDevice {
  /** Where; 1 to 4 addresses, no two of one kind. */
  addresses: DeviceAddress[];
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

/** Removes a user from the room; only hosts may. */
export interface RemoveMember {
  /** The room. */
  room: RoomId;
  /** Whom. They get no token for this room again. */
  user: UserId;
}

/** A user who is no longer in the room. */
export interface RemovedMember {
  /** Why. */
  cause: LeaveCause;
  /** Who. */
  user: UserId;
}

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

/** To a client's offer of media. */
export interface ReplyAnswerFrame {
  type: "reply.answer";
  body: MediaAnswer;
  id: RequestId;
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
  | ReplyAnswerFrame
  | ReplyCallFrame
  | ReplyCallsFrame
  | ReplyDoneFrame
  | ReplyInvitedFrame
  | ReplyPushKeyFrame
  | ReplyRoomFrame
  | ReplyRoomTokenFrame
  | ReplyTokenFrame
  | ReplyUsersFrame;

/** To an invite. */
export interface ReplyInvitedFrame {
  type: "reply.invited";
  body: Invited;
  id: RequestId;
}

/** To a wish for the key of pushes. */
export interface ReplyPushKeyFrame {
  type: "reply.push_key";
  body: PushKey;
  id: RequestId;
}

/** To entering or reading a room. */
export interface ReplyRoomFrame {
  type: "reply.room";
  body: RoomView;
  id: RequestId;
}

/** To a wish for a room token. */
export interface ReplyRoomTokenFrame {
  type: "reply.room_token";
  body: RoomToken;
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
  | DeviceRegisterRequestFrame
  | DeviceUnregisterRequestFrame
  | DevicePushKeyRequestFrame
  | RoomAnswerRequestFrame
  | RoomCandidateRequestFrame
  | RoomJoinRequestFrame
  | RoomLeaveRequestFrame
  | RoomOfferRequestFrame
  | RoomReadRequestFrame
  | RoomRemoveRequestFrame
  | RoomSendRequestFrame
  | RoomSubscribeRequestFrame
  | RoomTokenRequestFrame
  | RoomUpdateStreamRequestFrame
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

/** Answers an offer of the server. */
export interface RoomAnswerRequestFrame {
  type: "room.answer";
  body: AnswerMedia;
  id: RequestId;
}

/** Adds an ICE candidate. */
export interface RoomCandidateRequestFrame {
  type: "room.candidate";
  body: AddCandidate;
  id: RequestId;
}

/** What a device that is in a room is told. It stands in no log. */
export type RoomEventFrame =
  | RoomLayersEventFrame
  | RoomLeftEventFrame
  | RoomLevelsEventFrame
  | RoomMembersEventFrame
  | RoomMessageEventFrame
  | RoomOfferEventFrame
  | RoomQualityEventFrame
  | RoomResetEventFrame
  | RoomStreamsEventFrame;

/** A media room; a call's room bears the call's id. */
export type RoomId = string;

/** Enters a room. */
export interface RoomJoinRequestFrame {
  type: "room.join";
  body: JoinRoom;
  id: RequestId;
}

/** What this device receives of each track has changed. */
export interface RoomLayersEventFrame {
  type: "room.layers";
  body: LayersChanged;
}

/** Leaves a room. */
export interface RoomLeaveRequestFrame {
  type: "room.leave";
  body: LeaveRoom;
  id: RequestId;
}

/** This device is out of the room. */
export interface RoomLeft {
  /** Why. */
  cause: LeaveCause;
  /** The room. */
  room: RoomId;
}

/** The device is out of the room. */
export interface RoomLeftEventFrame {
  type: "room.left";
  body: RoomLeft;
}

/** How loud everybody is; about five times a second while somebody speaks. */
export interface RoomLevelsEventFrame {
  type: "room.levels";
  body: Levels;
}

/** Users came, went or changed. */
export interface RoomMembersEventFrame {
  type: "room.members";
  body: MembersChanged;
}

/** A message. */
export interface RoomMessage {
  /** The text. */
  data: Opaque;
  /** Who sent it. */
  from: UserId;
  /** What it is for. */
  kind: MessageKind;
  /** The room. */
  room: RoomId;
}

/** A message. */
export interface RoomMessageEventFrame {
  type: "room.message";
  body: RoomMessage;
}

/** The server offers what the device is to receive; answer it with `room.answer`. */
export interface RoomOfferEventFrame {
  type: "room.offer";
  body: ServerOffer;
}

/** Offers what the client publishes. */
export interface RoomOfferRequestFrame {
  type: "room.offer";
  body: OfferMedia;
  id: RequestId;
}

/** How good the connections are; every two seconds. */
export interface RoomQualityEventFrame {
  type: "room.quality";
  body: Quality;
}

/** Reads a room. */
export interface RoomReadRequestFrame {
  type: "room.read";
  body: ReadRoom;
  id: RequestId;
}

/** Removes a user from a room. */
export interface RoomRemoveRequestFrame {
  type: "room.remove";
  body: RemoveMember;
  id: RequestId;
}

/** Events were dropped. */
export interface RoomReset {
  /** The room. */
  room: RoomId;
}

/** Events were dropped because the device read too slowly: read the room. */
export interface RoomResetEventFrame {
  type: "room.reset";
  body: RoomReset;
}

/** What somebody may do in a room. */
export type RoomRole =
  | "host"
  | "member"
  | "viewer"
  | (string & {});

/** Sends a message to others in a room. */
export interface RoomSendRequestFrame {
  type: "room.send";
  body: SendMessage;
  id: RequestId;
}

/** Streams came, went or changed. */
export interface RoomStreamsEventFrame {
  type: "room.streams";
  body: StreamsChanged;
}

/** Says what the device wants to receive. */
export interface RoomSubscribeRequestFrame {
  type: "room.subscribe";
  body: Subscribe;
  id: RequestId;
}

/** A pass into a room. */
export interface RoomToken {
  /** How long one may enter with it, in milliseconds. Who is in stays in. */
  expires_in_ms: number;
  /** For `room.join`. */
  token: Hidden;
}

/** Asks for a room token. */
export interface RoomTokenRequestFrame {
  type: "room.token";
  body: AskRoomToken;
  id: RequestId;
}

/** Changes what the others are told of an own stream. */
export interface RoomUpdateStreamRequestFrame {
  type: "room.update_stream";
  body: UpdateStream;
  id: RequestId;
}

/** A room as one device in it sees it. */
export interface RoomView {
  /** For the client's connection: STUN and TURN servers. Often empty, as the server itself can be reached. */
  ice_servers?: IceServer[];
  /** Everybody in the room, the receiver included. */
  members: MemberView[];
  /** The receiver's role. */
  role: RoomRole;
  /** The room. */
  room: RoomId;
  /** What is published, the receiver's own included. */
  streams: StreamView[];
}

/** Sends a message to others in the room. */
export interface SendMessage {
  /** The text; at most 4 KiB. */
  data: Opaque;
  /** What it is for. Default broadcast. */
  kind?: MessageKind;
  /** The room. */
  room: RoomId;
  /** To whom; empty for everyone else. Default: `[]`. */
  to?: UserId[];
}

/** What a media section of the server's offer carries. */
export interface SentTrack {
  /** The `a=mid` of the section. */
  mid: string;
  /** The track. */
  source: TrackSource;
  /** Its stream. */
  stream: StreamId;
  /** Who publishes it. */
  user: UserId;
}

/** What the server sends. A client ignores types that it does not know. */
export type ServerFrame =
  | ClosingFrame
  | ServerHeartbeatFrame
  | ProblemFrame
  | TokenWillExpireFrame
  | WelcomeFrame
  | EventFrame
  | ReplyFrame
  | RoomEventFrame;

export interface ServerHeartbeatFrame {
  type: "heartbeat";
  body: Heartbeat;
}

/** The server's offer: what the device is to receive. */
export interface ServerOffer {
  /** Its number, for the answer. */
  negotiation: number;
  /** The room. */
  room: RoomId;
  /** The description. */
  sdp: Hidden;
  /** What each media section carries. Sections that are not named carry nothing. */
  tracks: SentTrack[];
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

/** What a participant publishes together. */
export type StreamId = string;

/** A published stream. */
export interface StreamView {
  /** What its publisher says of it. */
  extra_info?: Opaque;
  /** Its name. */
  stream: StreamId;
  /** Its tracks. */
  tracks: TrackView[];
  /** Who publishes it. */
  user: UserId;
}

/** Streams came, went or changed. */
export interface StreamsChanged {
  /** What is new. */
  added?: StreamView[];
  /** What changed its extra info, tracks or mutes. */
  changed?: StreamView[];
  /** What is gone. */
  removed?: StreamId[];
  /** The room. */
  room: RoomId;
}

/** Says what the device wants to receive, and how large it shows it. What is not named stays as it is. */
export interface Subscribe {
  /** The room. */
  room: RoomId;
  /** The wishes. */
  wishes: TrackWish[];
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

/** What this device receives of a track. */
export interface TrackLayer {
  /** How large. */
  layer: Layer;
  /** The track. */
  source: TrackSource;
  /** Its stream. */
  stream: StreamId;
}

/** Whether a track is silent. */
export interface TrackMute {
  /** Whether it is. */
  muted: boolean;
  /** The track. */
  source: TrackSource;
}

/** Where a track comes from; tells sound from picture. */
export type TrackSource =
  | "camera"
  | "microphone"
  | "screen"
  | "screen_audio"
  | (string & {});

/** A published track. */
export interface TrackView {
  /** Whether it is silent. */
  muted?: boolean;
  /** Where it comes from. */
  source: TrackSource;
}

/** What a device wants of one track. */
export interface TrackWish {
  /** The height at which it is shown, in pixels of the screen; 0 for as large as there is. Default: `0`. */
  height?: number;
  /** The track. */
  source: TrackSource;
  /** Its stream. */
  stream: StreamId;
  /** Whether to receive it at all. Default yes. */
  wanted?: boolean;
  /** The width at which it is shown, in pixels of the screen; 0 for as large as there is. Default: `0`. */
  width?: number;
}

/** Changes what the others are told of an own stream. */
export interface UpdateStream {
  /** Shown to the others; at most 1 KiB. */
  extra_info?: Opaque;
  /** Which tracks fall silent, or speak again. A muted track is not forwarded. Default: `[]`. */
  muted?: TrackMute[];
  /** The room. */
  room: RoomId;
  /** The stream. */
  stream: StreamId;
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

/** What a room carried, for the history of its call. */
export interface UsageView {
  /** Each user's share. */
  members: MemberUsage[];
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

/** What iOS shows of a caller. */
export interface VoipConfig {
  /** Names the caller for the system's list of calls; at most 256 bytes. */
  handle?: Opaque;
  /** What the handle is. Default generic. */
  handle_kind?: HandleKind;
  /** Whether it is shown as a video call; absent for what the invite says. */
  has_video?: boolean;
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

/** What happened in a room. */
export type RoomEvent = Unframed<RoomEventFrame>;
