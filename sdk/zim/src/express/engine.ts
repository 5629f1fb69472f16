// The shape of the Express web package, as far as a call needs it, over an Offhook room.
import { given } from "../shared/given.js";
import { callListener } from "../shared/platform.js";
import { Session } from "../shared/session.js";
import { devices, requirements } from "./devices.js";
import { failureOf, failureOfLogin, ZegoFailure } from "./failure.js";
import { DISCONNECTED, LOGIN_FAILED, NOT_LOGGED_IN, NO_ROOM, NO_USER, TOO_MANY_ROOMS } from "./numbers.js";
import { capture, captureTrack, ZegoLocalStream } from "./local_stream.js";
import { every, tellLevels, tellStatistics } from "./meters.js";
import { playThrough, ZegoRemoteView } from "./remote_view.js";
import { roomOf } from "../shared/seat.js";
import { RoomLogin } from "./room_login.js";
import type { Emit } from "./emit.js";
import type * as t from "./types.js";

/** The version of the reference whose shape this is, and our own. */
const VERSION = "3.12.0+offhook.0.1.0";

const DONE: t.ZegoServerResponse = { errorCode: 0, extendedData: "" };

/** An engine: one room at a time, one user. */
export class ZegoExpressEngine {
  /** Writes nothing: this package has no log. */
  readonly logger = { debug: silent, error: silent, info: silent, warn: silent };
  readonly #listeners = new Map<string, Set<(...told: never[]) => void>>();
  #login: RoomLogin | undefined;
  #session: Session | undefined;
  /** The login that counts; leaving makes none count. */
  #attempt: object | undefined;
  #entering: { readonly id: string; readonly done: Promise<boolean> } | undefined;
  #isSilent = false;
  #stopStatistics: (() => void) | undefined;
  #stopLevels: (() => void) | undefined;

  /** @param server Your Offhook server. May be empty where a ZIM instance of the same app and user is logged in. */
  constructor(
    private readonly appID: number,
    private readonly server: string | readonly string[],
  ) {}

  getVersion(): string {
    return VERSION;
  }

  /** What the browser can do: everything, or the one that is named (`webRTC`, `camera`, `H264`, …). */
  checkSystemRequirements(type?: string): ReturnType<typeof requirements> {
    return requirements(type);
  }

  setLogConfig(): boolean {
    return true;
  }

  /** Listens to an event, beside whoever does so already. */
  on<Name extends keyof t.ZegoListeners>(event: Name, listener: t.ZegoListeners[Name]): boolean {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return true;
  }

  /** One listener hears no more; or none does. */
  off<Name extends keyof t.ZegoListeners>(event: Name, listener?: t.ZegoListeners[Name]): boolean {
    return listener ? this.#listeners.get(event)?.delete(listener) === true : this.#listeners.delete(event);
  }

  /**
   * Enters a room. The id of a call leads into the call's room. Shares the session of a ZIM instance of the same app and user
   * if there is one; else connects with the token.
   */
  async loginRoom(roomID: string, token: string, user: t.ZegoUser, config: t.ZegoRoomConfig = {}): Promise<boolean> {
    if (typeof roomID !== "string" || roomID === "") throw new ZegoFailure(NO_ROOM, "roomID is empty");
    if (!user.userID) throw new ZegoFailure(NO_USER, "userID is empty");
    if (this.#entering?.id === roomID) return this.#entering.done;
    if (this.#entering) throw new ZegoFailure(TOO_MANY_ROOMS, "the engine is in a room already");
    const done = this.#enter(roomID, token, user, config);
    this.#entering = { id: roomID, done };
    return done;
  }

  /** Leaves the room, whatever it is called. */
  async logoutRoom(_roomID?: string): Promise<void> {
    const [login, session] = [this.#login, this.#session];
    this.#forget();
    if (login) await login.leave();
    else session?.release();
  }

  /** Takes a new token; the role that it gives takes effect. @returns whether it is on its way */
  renewToken(token: string, _roomID?: string): boolean {
    const login = this.#login;
    if (!login) return false;
    this.#session
      ?.renew(token)
      .then(() => login.enterAgain())
      .catch(() => undefined);
    return true;
  }

  /** Leaves the room and lets go of everything. The engine is of no use after it. */
  destroyEngine(): void {
    this.setSoundLevelDelegate(false);
    void this.logoutRoom().catch(() => undefined);
    this.#listeners.clear();
  }

  /** Records camera and microphone, the screen, or what the app brings. */
  createZegoStream(source: t.ZegoStreamSource = {}): Promise<ZegoLocalStream> {
    return this.#capture(source);
  }

  /** As `createZegoStream`, in the older form. */
  async createStream(source: t.ZegoStreamSource = {}): Promise<MediaStream> {
    return (await this.#capture(source)).stream;
  }

  destroyStream(stream: t.AnyLocalStream): void {
    ZegoLocalStream.of(stream).destroy();
  }

  /** Publishes a stream; `publisherStateUpdate` tells what becomes of it. @returns false if it cannot be tried */
  startPublishingStream(streamID: string, stream: t.AnyLocalStream, option: t.ZegoPublishOption = {}): boolean {
    return this.#login?.publishing.start(streamID, stream, option.extraInfo ?? "", this.#isSilent) ?? false;
  }

  stopPublishingStream(streamID: string): boolean {
    return this.#login?.publishing.stop(streamID) ?? false;
  }

  /** Plays a stream of another; resolves as soon as it comes, or a second after a part of it came. */
  async startPlayingStream(streamID: string, option: t.ZegoPlayOption = {}): Promise<MediaStream> {
    return this.#in().playing.start(streamID, option);
  }

  stopPlayingStream(streamID: string): void {
    this.#login?.playing.stop(streamID);
  }

  /** What shows a stream that is played. */
  createRemoteStreamView(stream: MediaStream): ZegoRemoteView {
    const name = this.#login?.playing.nameOf(stream);
    if (!this.#login || name === undefined) return new ZegoRemoteView({ stream, attach: undefined });
    const { playing, room } = this.#login;
    const isScreen = playing.remote(name)?.tracks.some(({ source }) => source === "screen") === true;
    const attach = (element: HTMLVideoElement) => room.attach(element, name, isScreen ? "screen" : "camera");
    return new ZegoRemoteView({ stream, attach });
  }

  mutePublishStreamVideo(stream: t.AnyLocalStream, mute: boolean): boolean {
    return this.#mute("video", mute, stream);
  }
  mutePublishStreamAudio(stream: t.AnyLocalStream, mute: boolean): boolean {
    return this.#mute("audio", mute, stream);
  }
  mutePlayStreamVideo(streamID: string, mute: boolean): boolean {
    return this.#login?.playing.want(streamID, { video: !mute }) ?? false;
  }
  mutePlayStreamAudio(streamID: string, mute: boolean): boolean {
    return this.#login?.playing.want(streamID, { audio: !mute }) ?? false;
  }
  /** Silences the microphone in every stream, also in those that are yet to be published. */
  muteMicrophone(mute: boolean): boolean {
    this.#isSilent = mute;
    this.#login?.publishing.mute("audio", mute);
    return true;
  }
  isMicrophoneMuted(): boolean {
    return this.#isSilent;
  }

  setStreamExtraInfo(streamID: string, extraInfo: string): Promise<t.ZegoServerResponse> {
    return this.#ask(({ room }) => room.setExtraInfo(streamID, extraInfo));
  }

  /** Kept by those who are in the room, and told to who comes; gone when the last has left. */
  setRoomExtraInfo(_roomID: string, key: string, value: string): Promise<t.ZegoServerResponse> {
    return this.#ask(({ table, user }) => table.set({ [key]: value }, user.userID, Date.now()));
  }

  /** Sends a command to some, or to everyone else. */
  sendCustomCommand(
    _roomID: string,
    command: object | string,
    to: readonly string[] = [],
  ): Promise<t.ZegoServerResponse> {
    const data = typeof command === "string" ? command : JSON.stringify(command);
    return this.#ask(({ room }) => room.send(data, { kind: "command", to }));
  }

  sendBroadcastMessage(_roomID: string, message: string): Promise<t.ZegoServerResponse> {
    return this.#ask(({ room }) => room.send(message, { kind: "broadcast" }));
  }

  getCameras(): Promise<t.ZegoDevice[]> {
    return devices("videoinput");
  }
  getMicrophones(): Promise<t.ZegoDevice[]> {
    return devices("audioinput");
  }
  getSpeakers(): Promise<t.ZegoDevice[]> {
    return devices("audiooutput");
  }

  useVideoDevice(stream: t.AnyLocalStream, deviceID: string): Promise<t.ZegoServerResponse> {
    return this.#record(stream, { video: { deviceId: { exact: deviceID } } });
  }
  useAudioDevice(stream: t.AnyLocalStream, deviceID: string): Promise<t.ZegoServerResponse> {
    return this.#record(stream, { audio: { deviceId: { exact: deviceID } } });
  }
  /** From the camera that faces the user to the other, or back. */
  useFrontCamera(stream: t.AnyLocalStream, enable: boolean): Promise<t.ZegoServerResponse> {
    return this.#record(stream, { video: { facingMode: enable ? "user" : "environment" } });
  }
  /** Plays an element through a speaker. Resolves to false where the browser cannot choose. */
  useAudioOutputDevice(element: HTMLMediaElement, deviceID: string): Promise<boolean> {
    return playThrough(element, deviceID);
  }

  /** Turns the camera of a stream on or off; off, its light is off. */
  async enableVideoCaptureDevice(stream: t.AnyLocalStream, enable: boolean): Promise<boolean> {
    const local = ZegoLocalStream.of(stream);
    if (enable) {
      if (local.getVideoTracks().length === 0) await this.#record(local, { video: true });
      this.#login?.publishing.mute("video", false, local);
    } else {
      this.#login?.publishing.mute("video", true, local);
      await this.#login?.publishing.replace(local, "video", null);
      local.drop("video");
    }
    return true;
  }

  /** Sends a track of the app's in place of that of the same kind. */
  async replaceTrack(stream: t.AnyLocalStream, track: MediaStreamTrack): Promise<t.ZegoServerResponse> {
    const local = ZegoLocalStream.of(stream);
    await this.#login?.publishing.replace(local, track.kind as "audio" | "video", track);
    local.put(track);
    return DONE;
  }

  /** Records at another size or speed; the largest bitrate is the browser's affair. */
  async setVideoConfig(stream: t.AnyLocalStream, wanted: t.ZegoVideoCapture): Promise<t.ZegoServerResponse> {
    const { frameRate, height, width } = wanted;
    const constraints = given({ frameRate, height, width });
    for (const track of ZegoLocalStream.of(stream).getVideoTracks()) await track.applyConstraints(constraints);
    return DONE;
  }

  /** Tells how loud everybody is, every `interval` milliseconds. */
  setSoundLevelDelegate(enable: boolean, interval = 1000): void {
    this.#stopLevels?.();
    this.#stopLevels = enable
      ? every(interval, () => this.#login && tellLevels(this.#login.room, this.#emit))
      : undefined;
  }

  readonly #emit: Emit = (name, ...told) => {
    for (const listener of [...(this.#listeners.get(name) ?? [])] as ((...told: unknown[]) => void)[]) {
      callListener(() => listener(...told));
    }
  };

  async #open(token: string, { userID, userName }: t.ZegoUser): Promise<Session> {
    const [server = ""] = typeof this.server === "string" ? [this.server] : this.server;
    const account = { app: this.appID, server, user: userID, name: userName, token };
    if (server === "" && !Session.held(account)) {
      throw new ZegoFailure(LOGIN_FAILED, "no server: name one with new ZegoExpressEngine(appID, server)");
    }
    const session = Session.take(account);
    const failure = await session.ready();
    if (!failure) return session;
    session.release();
    throw failureOfLogin(failure);
  }

  async #enter(id: string, token: string, user: t.ZegoUser, config: t.ZegoRoomConfig): Promise<boolean> {
    const attempt = {};
    this.#attempt = attempt;
    const goOn = () => {
      if (this.#attempt !== attempt) throw new ZegoFailure(NOT_LOGGED_IN, "the room was left meanwhile");
    };
    try {
      const session = await this.#open(token, user);
      if (this.#attempt !== attempt) session.release();
      goOn();
      this.#session = session;
      const room = await roomOf(session.client, id);
      goOn();
      const login = new RoomLogin(id, user, session, room, config, this.#emit, () => this.#forget());
      this.#login = login;
      const isWished = () => this.#listeners.has("publishQualityUpdate") || this.#listeners.has("playQualityUpdate");
      this.#stopStatistics = tellStatistics(room, this.#emit, isWished);
      await login.begin();
      goOn();
      return true;
    } catch (error) {
      if (this.#attempt === attempt) {
        this.#session?.release();
        this.#forget();
      }
      throw failureOf(error, LOGIN_FAILED);
    }
  }

  #forget(): void {
    this.#attempt = undefined;
    this.#stopStatistics?.();
    this.#login = undefined;
    this.#session = undefined;
    this.#entering = undefined;
  }

  #in(): RoomLogin {
    if (this.#login) return this.#login;
    throw new ZegoFailure(NOT_LOGGED_IN, "the engine is in no room");
  }

  async #ask(request: (login: RoomLogin) => Promise<void>): Promise<t.ZegoServerResponse> {
    try {
      await request(this.#in());
      return DONE;
    } catch (error) {
      throw failureOf(error, DISCONNECTED);
    }
  }

  async #capture(source: t.ZegoStreamSource): Promise<ZegoLocalStream> {
    const local = await capture(source);
    if (local.picture === "screen") {
      const ended = () => this.#emit("screenSharingEnded", local.stream);
      local.getVideoTracks()[0]?.addEventListener("ended", ended, { once: true });
    }
    return local;
  }

  async #record(stream: t.AnyLocalStream, constraints: MediaStreamConstraints): Promise<t.ZegoServerResponse> {
    return this.replaceTrack(stream, await captureTrack(constraints));
  }

  #mute(kind: "audio" | "video", isMuted: boolean, stream: t.AnyLocalStream): boolean {
    const local = ZegoLocalStream.of(stream);
    for (const track of local.getTracks().filter((each) => each.kind === kind)) track.enabled = !isMuted;
    this.#login?.publishing.mute(kind, isMuted, local);
    return true;
  }
}

function silent(..._told: unknown[]): void {
  return;
}
