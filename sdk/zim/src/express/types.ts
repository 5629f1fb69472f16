// The shapes of the Express web package that a call needs.
import type { ZegoLocalStream } from "./local_stream.js";

export interface ZegoUser {
  userID: string;
  userName: string;
}
export interface ZegoRoomConfig {
  /** Whether `roomUserUpdate` is told. Default false. */
  userUpdate?: boolean;
  /** What the first one says counts; 0 (default) for the server's limit. */
  maxMemberCount?: number;
}
export interface ZegoServerResponse {
  errorCode: number;
  extendedData: string;
}
export interface ZegoStream {
  streamID: string;
  user: ZegoUser;
  /** Text of another user: never to become HTML. */
  extraInfo: string;
}
export interface ZegoDevice {
  deviceID: string;
  deviceName: string;
}
export interface ZegoStreamState<State> {
  streamID: string;
  state: State;
  errorCode: number;
  extendedData: string;
}
export interface ZegoSoundLevel {
  streamID: string;
  /** 0–100. */
  soundLevel: number;
  type: "pull" | "push";
}
export interface ZegoRoomExtraInfo {
  key: string;
  value: string;
  updateUser: ZegoUser;
  updateTime: number;
}
export interface ZegoMessage {
  fromUser: ZegoUser;
  /** Text of another user: never to become HTML. */
  message: string;
  sendTime: number;
  messageID: number;
}
/** What the browser counts about a stream; bitrates in kilobits a second. */
export interface ZegoStreamQuality {
  streamID: string;
  video: {
    videoBitrate: number;
    videoFPS: number;
    frameWidth: number;
    frameHeight: number;
    videoPacketsLostRate: number;
  };
  audio: { audioBitrate: number; audioPacketsLostRate: number };
  currentRoundTripTime: number;
}

/** How video is captured. */
export interface ZegoVideoCapture {
  input?: string;
  /** 1 for 240 lines, 2 for 480, 3 for 720. Default: 480. */
  quality?: 1 | 2 | 3 | 4;
  facingMode?: "environment" | "user";
  width?: ConstrainULong;
  height?: ConstrainULong;
  frameRate?: ConstrainDouble;
}
/** How sound is captured: echo cancellation, noise suppression and gain control are on unless they are turned off. */
export interface ZegoAudioCapture {
  input?: string;
  AEC?: boolean;
  ANS?: boolean;
  AGC?: boolean;
}
/** The camera and the microphone; in the older form everything stands side by side. */
export interface ZegoCameraCapture
  extends Omit<ZegoVideoCapture, "input" | "quality">, Omit<ZegoAudioCapture, "input"> {
  /** Default true. */
  video?: ZegoVideoCapture | boolean;
  /** Default true. */
  audio?: ZegoAudioCapture | boolean;
  videoInput?: string;
  audioInput?: string;
  videoQuality?: 1 | 2 | 3 | 4;
}
type Custom = MediaStream | MediaStreamTrack;
/** What a local stream is made of. Default: camera and microphone. */
export interface ZegoStreamSource {
  camera?: ZegoCameraCapture;
  screen?: boolean | { audio?: unknown; video?: ZegoVideoCapture | boolean };
  custom?: { video?: { source: Custom }; audio?: { source: Custom }; source?: Custom };
}
/** What the older and the newer calls take alike. */
export type AnyLocalStream = MediaStream | ZegoLocalStream;

export interface ZegoPublishOption {
  /** At most 1 KiB. */
  extraInfo?: string;
}
export interface ZegoPlayOption {
  /** Default true. */
  video?: boolean;
  audio?: boolean;
}
export interface ZegoViewOption {
  mirror?: boolean;
  objectFit?: "contain" | "cover" | "fill";
  muted?: boolean;
}

type RoomState = "CONNECTED" | "CONNECTING" | "DISCONNECTED";
export type RoomChange =
  "KICKOUT" | "LOGIN_FAILED" | "LOGINED" | "LOGINING" | "LOGOUT" | "RECONNECT_FAILED" | "RECONNECTED" | "RECONNECTING";
type Update = "ADD" | "DELETE";
type Status = "MUTE" | "OPEN";
export type PublisherState = "NO_PUBLISH" | "PUBLISH_REQUESTING" | "PUBLISHING";
export type PlayerState = "NO_PLAY" | "PLAY_REQUESTING" | "PLAYING";

/** What each event brings. */
export interface ZegoEvents {
  roomStateUpdate: [roomID: string, state: RoomState, errorCode: number, extendedData: string];
  roomStateChanged: [roomID: string, reason: RoomChange, errorCode: number, extendedData: string];
  roomUserUpdate: [roomID: string, updateType: Update, userList: ZegoUser[]];
  roomOnlineUserCountUpdate: [roomID: string, count: number];
  roomStreamUpdate: [roomID: string, updateType: Update, streamList: ZegoStream[], extendedData: string];
  streamExtraInfoUpdate: [roomID: string, streamList: ZegoStream[]];
  roomExtraInfoUpdate: [roomID: string, roomExtraInfoList: ZegoRoomExtraInfo[]];
  publisherStateUpdate: [result: ZegoStreamState<PublisherState>];
  playerStateUpdate: [result: ZegoStreamState<PlayerState>];
  publishQualityUpdate: [streamID: string, stats: ZegoStreamQuality];
  playQualityUpdate: [streamID: string, stats: ZegoStreamQuality];
  remoteCameraStatusUpdate: [streamID: string, status: Status];
  remoteMicStatusUpdate: [streamID: string, status: Status];
  soundLevelUpdate: [soundLevelList: ZegoSoundLevel[]];
  capturedSoundLevelUpdate: [level: number];
  networkQuality: [userID: string, upstreamQuality: number, downstreamQuality: number];
  IMRecvBroadcastMessage: [roomID: string, chatData: ZegoMessage[]];
  IMRecvCustomCommand: [roomID: string, fromUser: ZegoUser, command: string];
  tokenWillExpire: [roomID: string];
  screenSharingEnded: [stream: MediaStream];
}
/** What listens to each event. */
export type ZegoListeners = { [Name in keyof ZegoEvents]: (...told: ZegoEvents[Name]) => void };
