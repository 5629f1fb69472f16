// One stay in a room: enters it over the session, publishes what this device records, receives what the server offers.
// It knows frames and WebRTC, and nothing of how a room looks.
import { encodings, isTcp, offered, onlyCodec, onlyTcp, Turns, wishes } from "./negotiation.js";
import { begin, reduce, trackKey } from "./roster.js";
import { digest } from "./statistics.js";

/**
 * @typedef {import("./roster.js").Source} Source
 * @typedef {{phase: "entering" | "in" | "out", cause?: string, problem?: {code?: string, message: string}}} Stay
 * @typedef {{stream: string, source: Source, muted: boolean, track: MediaStreamTrack, transceiver: RTCRtpTransceiver}} Sent
 * @typedef {{codec: string | null, isRelayOnly: boolean, isSimulcast: boolean, isTcpOnly: boolean}} Options
 * @typedef {object} Listener
 * @property {() => void} onChange something to be shown is new
 * @property {(problem: {code?: string, message: string}) => void} onProblem something that was asked was refused
 */

/** How this browser behaves unless a test asks for something else. @type {Options} */
export const USUAL = { codec: null, isRelayOnly: false, isSimulcast: true, isTcpOnly: false };

export class Room {
  #request;
  #listener;
  #options;
  /** @type {Stay} */
  #stay = { phase: "out" };
  #state;
  /** @type {RTCPeerConnection | null} */
  #connection = null;
  /** @type {Sent[]} */
  #sent = [];
  #turns = new Turns();
  /** Negotiations happen one after the other. */
  #chain = Promise.resolve();
  #asked = new Map();
  /** Candidates that were found before the offer that they belong to was sent. @type {string[] | null} */
  #early = [];
  #digest = null;
  #screens = 0;

  /**
   * @param {{me: string, request: (type: string, body?: object) => Promise<any>, listener: Listener, options?: Options}} parts
   */
  constructor({ me, request, listener, options = USUAL }) {
    this.#request = request;
    this.#listener = listener;
    this.#options = options;
    this.#state = begin(me, "");
  }

  get stay() {
    return this.#stay;
  }

  get state() {
    return this.#state;
  }

  get name() {
    return this.#state.room;
  }

  /** Others are told how far this device is; it knows for itself. */
  get isConnected() {
    return this.#connection?.connectionState === "connected";
  }

  /** What this device publishes. */
  get sent() {
    return this.#sent;
  }

  /**
   * Enters and publishes.
   * @param {string} room
   * @param {MediaStreamTrack[]} tracks of the microphone and the camera; none to receive only
   * @param {string} [token] asked for if not given
   */
  async enter(room, tracks, token) {
    this.#hangUp();
    this.#state = begin(this.#state.me, room);
    this.#be({ phase: "entering" });
    performance.mark("room.enter");
    const connection = this.#connect();
    try {
      this.#publish(connection, tracks);
      // The first offer takes a browser as long as joining takes the server; made anew below, it is quick.
      connection.createOffer().catch(() => {});
      const view = await this.#join(room, token);
      if (connection !== this.#connection) return;
      // No await from here to the own offer: the next frame may be an offer of the server.
      this.#take({ type: "reply.room", body: view });
      connection.setConfiguration({ ...connection.getConfiguration(), iceServers: view.ice_servers ?? [] });
      await this.#offer();
      if (connection === this.#connection) this.#be({ phase: "in" });
    } catch (problem) {
      if (connection !== this.#connection) return;
      this.#hangUp();
      this.#be({ phase: "out", problem });
    }
  }

  /** What the session heard. @param {{type: string, body?: any}} frame */
  hear({ type, body }) {
    if (body?.room !== this.#state.room || this.#stay.phase === "out") return;
    if (type === "room.reset") this.readAnew();
    else if (type === "room.left") this.#isOut(body.cause);
    else if (type === "room.offer") this.#answer(body);
    else this.#take({ type, body });
  }

  /** After events may have been lost: a new session, or one that was too slow. */
  async readAnew() {
    if (this.#stay.phase !== "in") return;
    const connection = this.#connection;
    try {
      const view = await this.#request("room.read", { room: this.#state.room });
      if (connection === this.#connection) this.#take({ type: "reply.room", body: view });
    } catch (problem) {
      if (problem.code === "not_in_room" && connection === this.#connection) await this.enterAgain();
      else this.#listener.onProblem(problem);
    }
  }

  /** Enters the same room anew, with what is recorded now. */
  enterAgain() {
    const own = this.#sent.filter(({ source }) => source === "camera" || source === "microphone");
    return this.enter(
      this.#state.room,
      own.map(({ track }) => track),
    );
  }

  leave() {
    if (this.#stay.phase === "out") return;
    this.#request("room.leave", { room: this.#state.room }).catch(() => {}); // Being out already is what was wanted.
    this.#isOut("left");
  }

  /** @param {Source} source @param {boolean} muted */
  async mute(source, muted) {
    const sent = this.#sent.find((each) => each.source === source);
    if (!sent || sent.muted === muted) return;
    sent.muted = muted;
    sent.track.enabled = !muted;
    this.#listener.onChange();
    await this.#ask("room.update_stream", {
      room: this.#state.room,
      stream: sent.stream,
      muted: [{ source, muted }],
    });
  }

  /** Publishes a screen, or a window. @param {MediaStream} screen */
  async share(screen) {
    const stream = this.#streamName("screen", (this.#screens += 1));
    for (const track of screen.getTracks()) {
      this.#send(this.#connection, track, track.kind === "video" ? "screen" : "screen_audio", stream);
      track.onended = () => this.unshare();
    }
    await this.#offer().catch(this.#listener.onProblem);
    this.#listener.onChange();
  }

  async unshare() {
    const shared = this.#sent.filter(({ source }) => source === "screen" || source === "screen_audio");
    if (shared.length === 0) return;
    this.#sent = this.#sent.filter((each) => !shared.includes(each));
    for (const { track, transceiver } of shared) {
      track.onended = null;
      track.stop();
      transceiver.direction = "inactive";
      await transceiver.sender.replaceTrack(null);
    }
    this.#listener.onChange();
    await this.#offer().catch(this.#listener.onProblem);
  }

  /** @param {string} text for everyone else */
  async say(text) {
    const isSaid = await this.#ask("room.send", { room: this.#state.room, data: text });
    if (isSaid) this.#take({ type: "said", body: { data: text } });
    return isSaid;
  }

  /** Says how large tracks are shown. @param {Parameters<typeof wishes>[1]} shown */
  async show(shown) {
    if (this.#stay.phase === "out") return;
    const asked = wishes(this.#asked, shown);
    if (asked.length === 0) return;
    for (const { stream, source, width, height } of asked) this.#asked.set(trackKey(stream, source), { width, height });
    await this.#ask("room.subscribe", { room: this.#state.room, wishes: asked });
  }

  /** The receiving track, once the server has offered it. @param {string} stream @param {Source} source */
  track(stream, source) {
    const is = (section) => section.stream === stream && section.source === source;
    const mid = Object.keys(this.#state.sections).find((each) => is(this.#state.sections[each]));
    const transceivers = this.#connection?.getTransceivers() ?? [];
    return transceivers.find((each) => mid !== undefined && each.mid === mid)?.receiver.track ?? null;
  }

  /** @returns {Promise<import("./statistics.js").Digest | null>} */
  async statistics() {
    if (!this.#connection) return null;
    const reports = await this.#connection.getStats();
    this.#digest = digest(reports.values(), this.#digest);
    return this.#digest;
  }

  /** A token that came with a call may have expired while it rang. */
  async #join(room, token) {
    if (token) {
      try {
        return await this.#request("room.join", { token });
      } catch (problem) {
        if (problem.code !== "room_token_expired") throw problem;
      }
    }
    const fresh = await this.#request("room.token", { room });
    return this.#request("room.join", { token: fresh.token });
  }

  #connect() {
    const connection = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      iceTransportPolicy: this.#options.isRelayOnly ? "relay" : "all",
    });
    this.#connection = connection;
    this.#early = [];
    connection.onicecandidate = ({ candidate }) => this.#found(candidate?.candidate ?? "");
    connection.ontrack = () => this.#listener.onChange();
    connection.onconnectionstatechange = () => {
      // New addresses, the same room: the network has changed, or the server's view of it.
      if (connection.connectionState === "failed") {
        connection.restartIce();
        this.#offer().catch(this.#listener.onProblem);
      }
      this.#listener.onChange();
    };
    return connection;
  }

  #publish(connection, tracks) {
    const stream = this.#streamName("camera", 0);
    for (const track of tracks) this.#send(connection, track, track.kind === "video" ? "camera" : "microphone", stream);
    // A description needs something to describe, also of someone who only watches.
    if (tracks.length === 0) connection.createDataChannel("room");
  }

  #send(connection, track, source, stream) {
    const sendEncodings = encodings(source, this.#options, track.getSettings().height ?? 720);
    const transceiver = connection.addTransceiver(track, {
      direction: "sendonly",
      ...(sendEncodings ? { sendEncodings } : {}),
    });
    const { codec } = this.#options;
    if (codec && track.kind === "video")
      transceiver.setCodecPreferences(onlyCodec(RTCRtpSender.getCapabilities("video").codecs, codec));
    this.#sent.push({ stream, source, track, transceiver, muted: !track.enabled });
  }

  /** Offers what is published now. Rejects with what the server refused. */
  #offer() {
    return this.#inTurn(async (connection) => {
      await connection.setLocalDescription(await connection.createOffer());
      this.#turns.open();
      let answer;
      try {
        const sdp = this.#narrow(connection.localDescription.sdp);
        const streams = offered(this.#sent.map(({ transceiver, ...sent }) => ({ ...sent, mid: transceiver.mid })));
        const asked = this.#request("room.offer", { room: this.#state.room, sdp, streams });
        this.#tellEarlyCandidates();
        answer = await asked;
      } catch (problem) {
        this.#turns.close();
        if (connection.signalingState !== "closed") await connection.setLocalDescription({ type: "rollback" });
        throw problem;
      }
      this.#turns.close(answer);
      if (connection !== this.#connection) return;
      await connection.setRemoteDescription({ type: "answer", sdp: this.#narrow(answer.sdp) });
    });
  }

  #answer(offer) {
    const ticket = this.#turns.arrive(offer.negotiation);
    if (ticket === null) return;
    this.#inTurn(async (connection) => {
      if (!this.#turns.counts(ticket)) return;
      await connection.setRemoteDescription({ type: "offer", sdp: this.#narrow(offer.sdp) });
      this.#take({ type: "room.offer", body: offer });
      await connection.setLocalDescription(await connection.createAnswer());
      const { negotiation, room } = offer;
      const sdp = this.#narrow(connection.localDescription.sdp);
      await this.#request("room.answer", { negotiation, room, sdp });
    }).catch((problem) => {
      // What was answered has been voided, so this connection and the server's no longer fit together.
      if (problem.code === "negotiation_over") return this.enterAgain();
      this.#listener.onProblem(problem);
    });
  }

  /** Does this after what was begun before, unless the connection is another by then. */
  #inTurn(act) {
    const connection = this.#connection;
    const turn = this.#chain.then(() => (connection && connection === this.#connection ? act(connection) : undefined));
    this.#chain = turn.catch(() => {}); // Whoever asked is told; the next one may succeed.
    return turn;
  }

  #narrow(sdp) {
    return this.#options.isTcpOnly ? onlyTcp(sdp) : sdp;
  }

  #found(candidate) {
    if (this.#options.isTcpOnly && candidate && !isTcp(candidate)) return;
    if (this.#early) this.#early.push(candidate);
    else this.#tellCandidate(candidate);
  }

  #tellEarlyCandidates() {
    for (const candidate of this.#early ?? []) this.#tellCandidate(candidate);
    this.#early = null;
  }

  /** The server meets us without them, too, so nothing hangs on the answer. */
  #tellCandidate(candidate) {
    this.#request("room.candidate", { room: this.#state.room, candidate }).catch(() => {});
  }

  async #ask(type, body) {
    try {
      await this.#request(type, body);
      return true;
    } catch (problem) {
      if (this.#stay.phase !== "out") this.#listener.onProblem(problem);
      return false;
    }
  }

  #isOut(cause) {
    this.#hangUp();
    this.#state = { ...begin(this.#state.me, this.#state.room), messages: this.#state.messages };
    this.#be({ phase: "out", cause });
  }

  #hangUp() {
    this.#connection?.close();
    this.#connection = null;
    for (const { source, track } of this.#sent) if (source !== "camera" && source !== "microphone") track.stop();
    this.#sent = [];
    this.#asked.clear();
    this.#turns = new Turns();
    this.#chain = Promise.resolve();
    this.#digest = null;
  }

  /** Names are unique in the room, so they carry the user's, in the letters that names of streams may have. */
  #streamName(what, number) {
    const letters = [...this.#state.me].map((letter) =>
      /[A-Za-z0-9]/.test(letter) ? letter : `_${letter.codePointAt(0)}_`,
    );
    return `${letters.join("")}-${what}${number || ""}`;
  }

  #take(input) {
    this.#state = reduce(this.#state, input);
    this.#listener.onChange();
  }

  #be(stay) {
    this.#stay = stay;
    this.#listener.onChange();
  }
}
