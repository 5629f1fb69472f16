// @offhook/client: call invitation and media rooms for browsers, Node and React Native.
export type * from "./api/call.js";
export type * from "./api/client.js";
export type * from "./api/events.js";
export type * from "./api/local_media.js";
export type * from "./api/push.js";
export type * from "./api/room.js";
export { OffhookClient } from "./client.js";
export { createLocalMedia } from "./media/local_media.js";
export { OffhookError, type LocalErrorCode } from "./api/error.js";
export type {
  AppId,
  CallId,
  CallMode,
  CallStatus,
  CallView,
  Code,
  Delivery,
  DeviceAddress,
  DeviceId,
  EndCause,
  HandleKind,
  Layer,
  LeaveCause,
  LeftOut,
  LeftOutCause,
  LegStatus,
  MediaKind,
  MessageKind,
  Platform,
  Presence,
  Problem,
  RejectCause,
  RoomEvent,
  RoomRole,
  RoomToken,
  TrackSource,
  UserId,
} from "./generated/frames.js";
/** The frames of the wire, for tools that look at them. */
export type * as wire from "./generated/frames.js";
