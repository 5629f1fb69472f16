// An app written for the closed packages, with its imports swapped: it calls, answers and talks through the façades alone.
import { ZegoExpressEngine, ZIM } from "@offhook/zim";

/** Everything that is told of calls, in the order of its coming, by name. */
const CALL_EVENTS = [
  "callInvitationAccepted",
  "callInvitationCancelled",
  "callInvitationCreated",
  "callInvitationEnded",
  "callInvitationReceived",
  "callInvitationRejected",
  "callInvitationTimeout",
  "callInviteesAnsweredTimeout",
  "callUserStateChanged",
  "connectionStateChanged",
];
const ROOM_EVENTS = [
  "IMRecvBroadcastMessage",
  "IMRecvCustomCommand",
  "playerStateUpdate",
  "publisherStateUpdate",
  "remoteCameraStatusUpdate",
  "remoteMicStatusUpdate",
  "roomStateUpdate",
  "roomStreamUpdate",
  "roomUserUpdate",
  "streamExtraInfoUpdate",
];
const APP_ID = 1;

class App {
  told = [];
  #zim;
  #engine;
  #local;
  #server;
  #token;
  #user;

  async login(server, user, token) {
    this.#server = server;
    this.#user = user;
    this.#token = token;
    this.#zim = ZIM.create({ appID: APP_ID, server });
    for (const name of CALL_EVENTS) this.#zim.on(name, (_, event) => this.told.push([name, event]));
    await this.#zim.login(user, { userName: `The ${user}`, token, isOfflineLogin: false });
  }

  logout() {
    this.#zim.logout();
  }

  /** Any method of the ZIM object. @returns what it resolved with, or `{code, message}` */
  async zim(method, ...args) {
    try {
      return (await this.#zim[method](...args)) ?? null;
    } catch ({ code, message }) {
      return { code, message };
    }
  }

  /** Enters the room, publishes and plays whatever others publish. */
  async talk(room, { video }) {
    this.#engine = new ZegoExpressEngine(APP_ID, this.#server);
    for (const name of ROOM_EVENTS)
      this.#engine.on(name, (...args) => this.told.push([name, ...JSON.parse(JSON.stringify(args))]));
    this.#engine.on("roomStreamUpdate", (_, kind, streams) => {
      for (const { streamID, user } of streams) {
        if (kind === "ADD") void this.#play(streamID, user.userID);
        else for (const place of document.querySelectorAll(`[data-stream="${CSS.escape(streamID)}"]`)) place.remove();
      }
    });
    const user = { userID: this.#user, userName: `The ${this.#user}` };
    const isIn = await this.#engine.loginRoom(room, this.#token, user, { userUpdate: true });
    this.#local = await this.#engine.createZegoStream({ camera: { audio: true, video } });
    this.stream = `${room}_${this.#user}_main`;
    this.#engine.startPublishingStream(this.stream, this.#local, { extraInfo: '{"isCameraOn":true}' });
    return isIn;
  }

  async engine(method, ...args) {
    try {
      return (await this.#engine[method](...args)) ?? null;
    } catch ({ code, message }) {
      return { code, message };
    }
  }

  mute(kind, isMuted) {
    const method = kind === "camera" ? "mutePublishStreamVideo" : "mutePublishStreamAudio";
    return this.#engine[method](this.#local, isMuted);
  }

  leave(room) {
    this.#engine.destroyStream(this.#local);
    this.#engine.logoutRoom(room);
    document.querySelector("main").replaceChildren();
  }

  async #play(stream, user) {
    const media = await this.#engine.startPlayingStream(stream);
    for (const [source, kind] of [
      ["camera", "video"],
      ["microphone", "audio"],
    ]) {
      const element = document.createElement(kind);
      element.autoplay = true;
      element.srcObject = new MediaStream(kind === "video" ? media.getVideoTracks() : media.getAudioTracks());
      const place = kind === "video" ? document.createElement("div") : element;
      Object.assign(place.dataset, { user, source, stream });
      if (place !== element) place.append(element);
      document.querySelector("main").append(place);
    }
  }
}

globalThis.app = new App();
