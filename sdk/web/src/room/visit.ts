// One stay in a room: enters it, keeps a media connection to it, and mends that when it breaks.
import type { OfferedStream, RoomView, ServerOffer } from "../generated/frames.js";
import { OffhookError } from "../api/error.js";
import type { EnterOptions } from "../api/room.js";
import { given } from "../given.js";
import type { Clock } from "./clock.js";
import { Connection } from "./connection.js";
import { Turns } from "./negotiation.js";
import { isPassing, offhookError, Patience } from "./patience.js";
import type { RoomPort } from "./port.js";
import { offeredStreams, type Publications } from "./publishing.js";
import { Recovery } from "./recovery.js";

/** So many connections may be given up within a minute because browser and server do not understand each other. */
const MOST_RENEWALS = 3;
const MINUTE_MS = 60_000;

/** What a stay needs of its room. Nothing of it is called once the stay is over. */
export interface VisitParts {
  readonly port: RoomPort;
  readonly clock: Clock;
  readonly options: EnterOptions;
  /** Whether entering goes on after failures that may pass. */
  readonly isPatient: boolean;
  /** What is to be published now. */
  readonly publications: () => Publications;
  /** The room as it is. */
  readonly onView: (view: RoomView) => void;
  readonly onOffered: (streams: OfferedStream[]) => void;
  readonly onMedia: (media: ReadonlyMap<string, MediaStream>) => void;
  readonly onState: () => void;
  readonly onProblem: (error: OffhookError) => void;
  /** The server does not know this device in the room any more. */
  readonly onLost: () => void;
}

export class Visit {
  /** Whether the server has said that this device is in. */
  isJoined = false;
  /** Whether media ever flowed. */
  hasConnected = false;
  /** Whether it came to the first offer, or not: what changes meanwhile is told after that. Never rejects. */
  readonly settled: Promise<void>;
  readonly patience: Patience;
  #settle: () => void = () => undefined;
  readonly #parts: VisitParts;
  readonly #recovery: Recovery;
  readonly #turns = new Turns();
  #connection: Connection | undefined;
  #iceServers: RTCIceServer[] | undefined;
  /** When connections were given up. */
  #renewals: number[] = [];
  #isOver = false;
  #isReading = false;

  constructor(parts: VisitParts) {
    this.#parts = parts;
    this.settled = new Promise((resolve) => (this.#settle = resolve));
    this.patience = new Patience(parts.clock, () => this.#isOver);
    this.#recovery = new Recovery(parts.clock, {
      restart: async () => this.#connection?.restart(),
      renew: () => this.renew(),
    });
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  get isConnected(): boolean {
    return this.#connection?.isConnected ?? false;
  }

  /** Enters and offers. Rejects if that is refused, or the stay is over meanwhile. */
  async enter(): Promise<void> {
    const { options, port } = this.#parts;
    // Names of streams bear the user's: who that is may be known only once the server has answered.
    if (port.me() !== undefined) this.#prepare();
    const view = await this.#join(options.token ?? port.takeToken());
    // From here to the own offer nothing is waited for: the next frame may be an offer of the server.
    this.#check();
    this.isJoined = true;
    this.#take(view);
    const connection = this.#connection ?? this.#prepare();
    connection.start(this.#iceServers);
    await Promise.all([connection.senders.carry(this.#parts.publications()), this.offer()]);
    this.#check();
    this.#settle();
  }

  /** Enters once more while in: with the name and the role of a new token. */
  async enterAgain(token: string | undefined): Promise<void> {
    const view = await this.#join(token);
    this.#check();
    this.#take(view);
    const me = view.members.find(({ user }) => user === this.#parts.port.me());
    // The server thinks that this is a new stay: the one before was lost on it.
    if (this.hasConnected && me?.presence === "joined") await this.renew();
  }

  /** Offers what is published now, over whatever connection there is in the end. */
  async offer(): Promise<void> {
    for (;;) {
      const connection = this.#connection;
      if (!connection) return;
      try {
        await connection.offer();
        return;
      } catch (error) {
        if (this.#isOver || connection === this.#connection) throw error;
      }
    }
  }

  async carry(publications: Publications): Promise<void> {
    await this.#connection?.senders.carry(publications);
  }

  hear(offer: ServerOffer): void {
    void this.#connection?.hear(offer);
  }

  /** Reads the room, as after events may have been lost, and makes the server offer again what was not answered. */
  async read(): Promise<void> {
    this.patience.wake();
    const connection = this.#connection;
    if (!this.isJoined || this.#isReading || !connection) return;
    this.#isReading = true;
    try {
      const view = await connection.inTurn(() => {
        this.#isReading = false;
        return this.patience.ask(() =>
          this.#parts.port.ask({ type: "room.read", body: { room: this.#parts.port.id } }),
        );
      });
      if (this.#isOver) return;
      this.#take(view);
      this.#recovery.now();
    } catch (error) {
      this.#isReading = false;
      if (connection === this.#connection) this.#refused(error);
      else await this.read();
    }
  }

  /** Ends the stay without a word to the server. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#settle();
    this.patience.wake();
    this.#recovery.stop();
    this.#connection?.close();
  }

  /** Waits for nothing: an app that draws because of what it has just heard would keep the browser from it. */
  #prepare(): Connection {
    const connection = this.#connect();
    connection.warmUp();
    return connection;
  }

  #check(): void {
    if (this.#isOver) throw new OffhookError("aborted", "the room was left before it was entered");
  }

  #take(view: RoomView): void {
    this.#iceServers = view.ice_servers;
    this.#parts.onView(view);
  }

  async #freshToken(): Promise<string> {
    const { port } = this.#parts;
    const { token } = await this.#asked(() => port.ask({ type: "room.token", body: { room: port.id } }));
    this.#check();
    return token;
  }

  /** A token that came with a call may have expired while it rang. */
  async #join(given: string | undefined): Promise<RoomView> {
    if (given === undefined) return this.#joinWith(await this.#freshToken());
    try {
      return await this.#joinWith(given);
    } catch (error) {
      const { code } = offhookError(error);
      if (this.#isOver || (code !== "room_token_expired" && code !== "room_token_invalid")) throw error;
      return this.#joinWith(await this.#freshToken());
    }
  }

  #joinWith(token: string): Promise<RoomView> {
    const { options, port } = this.#parts;
    const body = given({ token, subscribe_all: options.subscribeAll, max_members: options.maxMembers });
    return this.#asked(() => port.ask({ type: "room.join", body }));
  }

  /** Whoever waits for entering is told what is in the way; a connection that was cut is none of it. */
  #asked<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const { isPatient } = this.#parts;
    return this.patience.ask(ask, (error) =>
      isPatient ? isPassing(error) : offhookError(error).code === "disconnected",
    );
  }

  /** Makes a connection that carries what is published, in place of the present one. */
  #connect(): Connection {
    const { options, port, publications } = this.#parts;
    const old = this.#connection;
    const connection: Connection = new Connection({
      peer: openPeer(port, options),
      turns: this.#turns,
      coding: options,
      offer: (sdp, streams) => {
        const body = { room: port.id, sdp, streams };
        return this.patience.ask(() => port.ask({ type: "room.offer", body }));
      },
      answer: (negotiation, sdp) => this.#answer(connection, negotiation, sdp),
      streams: (senders) => offeredStreams(publications(), (key) => senders.midOf(key)),
      onOffered: this.#parts.onOffered,
      onMedia: this.#parts.onMedia,
      onState: (state) => this.#see(state),
      onRefusal: (error, whose) => this.#refused(error, whose),
    });
    this.#connection = connection;
    old?.close();
    void connection.senders.carry(publications()); // New sections are there at once.
    return connection;
  }

  async #answer(connection: Connection, negotiation: number, sdp: string): Promise<void> {
    const { port } = this.#parts;
    const isStale = () => connection !== this.#connection;
    try {
      const body = { negotiation, room: port.id, sdp };
      await this.patience.ask(
        () => port.ask({ type: "room.answer", body }),
        (error) => isPassing(error) && !isStale(),
      );
    } catch (error) {
      // A newer offer is on its way.
      if (offhookError(error).code !== "negotiation_over") throw error;
    }
  }

  #see(state: RTCPeerConnectionState): void {
    if (state === "connected") this.hasConnected = true;
    this.#recovery.see(state);
    this.#parts.onState();
  }

  /** Another connection, with another fingerprint: the server drops the one before. */
  async renew(): Promise<void> {
    const connection = this.#connect();
    this.#parts.onMedia(new Map());
    this.#parts.onState();
    connection.start(this.#iceServers);
    await this.offer();
  }

  #refused(error: unknown, whose?: "own" | "server"): void {
    if (this.#isOver) return;
    const { code } = offhookError(error);
    if (code === "not_in_room") this.#parts.onLost();
    else if (whose === undefined) this.#parts.onProblem(offhookError(error));
    // Whoever offered is told.
    else if (whose === "server" || !(error instanceof OffhookError)) this.#misunderstood(error);
  }

  /** Browser and server are of different minds about the connection. Another one begins from nothing. */
  #misunderstood(error: unknown): void {
    const now = this.#parts.clock.now();
    this.#renewals = [...this.#renewals.filter((at) => now - at < MINUTE_MS), now];
    if (this.#renewals.length > MOST_RENEWALS) {
      this.#parts.onProblem(offhookError(error));
      return;
    }
    this.renew().catch((later: unknown) => this.#isOver || this.#parts.onProblem(offhookError(later)));
  }
}

function openPeer(port: RoomPort, { transport = "all" }: EnterOptions): RTCPeerConnection {
  const configuration: RTCConfiguration = { bundlePolicy: "max-bundle", iceTransportPolicy: transport };
  if (port.openConnection) return port.openConnection(configuration);
  if (typeof RTCPeerConnection === "undefined") {
    throw new OffhookError("unsupported", "this browser has no WebRTC");
  }
  return new RTCPeerConnection(configuration);
}
