// A media room: what its members know and publish, over one stay after another.
import type { LeaveCause, Presence, Request, RoomEvent, TrackSource, UserId } from "../generated/frames.js";
import type { LocalMedia } from "../api/local_media.js";
import type { EnterOptions, RoomEvents, RoomState, RoomStatistics, Stay, StreamToPublish, Wish } from "../api/room.js";
import { given } from "../given.js";
import { Listeners } from "../listeners.js";
import { Views } from "./attach.js";
import { systemClock, type Clock } from "./clock.js";
import { OwnStreams } from "./own_streams.js";
import { isPassing, offhookError } from "./patience.js";
import type { DrivenRoom, RoomPort } from "./port.js";
import type { ReplyTo } from "./replies.js";
import { emptyRoster, keep, participants, reduce, trackKeys, type Roster, type RosterInput } from "./roster.js";
import { digest, type ByteCounts } from "./statistics.js";
import { Visit } from "./visit.js";
import { Wishes } from "./wishes.js";

/** So often in a row a lost stay is taken up again although media never came to flow. */
const MOST_FRUITLESS_STAYS = 3;

/** Makes a room of a session. It is out until it is entered. */
export function createRoom(port: RoomPort, clock: Clock = systemClock): DrivenRoom {
  return new MediaRoom(port, clock);
}

class MediaRoom implements DrivenRoom {
  readonly #port: RoomPort;
  readonly #clock: Clock;
  readonly #views: Views;
  readonly #wishes: Wishes;
  readonly #own: OwnStreams;
  readonly #changes = new Listeners<RoomState>();
  readonly #listeners: { readonly [Kind in keyof RoomEvents]: Listeners<RoomEvents[Kind]> } = {
    message: new Listeners(),
    problem: new Listeners(),
  };
  #stay: Stay = { phase: "out" };
  #roster: Roster;
  #state: RoomState;
  #visit: Visit | undefined;
  #entering: Promise<void> | undefined;
  #options: EnterOptions = {};
  #counts: ByteCounts = new Map();
  #fruitless = 0;

  constructor(port: RoomPort, clock: Clock) {
    this.#port = port;
    this.#clock = clock;
    this.#roster = emptyRoster(port.me() ?? "");
    this.#state = stateOf(port.id, this.#stay, this.#roster, "joined", undefined);
    this.#wishes = new Wishes((wishes) => port.ask({ type: "room.subscribe", body: { room: port.id, wishes } }));
    this.#own = new OwnStreams({
      port,
      visit: () => this.#visit,
      role: () => this.#roster.role,
      known: () => this.#roster.streams.filter(({ user }) => user === this.#roster.me),
      onTold: (streams) => this.#take({ type: "own", streams }),
      onProblem: (error) => this.#listeners.problem.tell(error),
    });
    this.#views = new Views({
      clock,
      mediaOf: (key) => this.#roster.media.get(key),
      onRest: (wishes) => void this.#wishes.want(wishes).catch((error: unknown) => this.#wishFailed(error)),
    });
  }

  get id(): string {
    return this.#port.id;
  }

  get state(): RoomState {
    return this.#state;
  }

  subscribe(listener: (state: RoomState) => void): () => void {
    return this.#changes.add(listener);
  }

  on<Kind extends keyof RoomEvents>(kind: Kind, listener: (event: RoomEvents[Kind]) => void): () => void {
    return this.#listeners[kind].add(listener);
  }

  enter(options: EnterOptions = {}): Promise<void> {
    if (this.#entering) return this.#entering;
    this.#options = options;
    // What has changed with the role is told by taking the reply.
    if (this.#visit) return this.#visit.enterAgain(options.token ?? this.#port.takeToken());
    this.#fruitless = 0;
    return this.#begin(options, false);
  }

  async leave(): Promise<void> {
    this.#own.forget();
    if (!this.#visit) return;
    this.#end({ phase: "out", cause: "left" });
    // Being out already, or lost before long, is what was wanted.
    await this.#ask({ type: "room.leave", body: { room: this.id } }).catch(() => undefined);
  }

  use(media: LocalMedia): () => void {
    return this.#own.use(media);
  }

  publish(stream: StreamToPublish): Promise<string> {
    return this.#own.publish(stream);
  }

  unpublish(name: string): Promise<void> {
    return this.#own.unpublish(name);
  }

  replaceTrack(name: string, source: TrackSource, track: MediaStreamTrack | null): Promise<void> {
    return this.#own.replaceTrack(name, source, track);
  }

  mute(name: string, source: TrackSource, isMuted: boolean): Promise<void> {
    return this.#own.mute(name, source, isMuted);
  }

  setExtraInfo(name: string, extraInfo: string): Promise<void> {
    return this.#own.setExtraInfo(name, extraInfo);
  }

  wish(wishes: readonly Wish[]): Promise<void> {
    return this.#wishes.want(
      wishes.map(({ height = 0, source, stream, wanted = true, width = 0 }) => ({
        stream,
        source,
        wanted,
        width,
        height,
      })),
    );
  }

  attach(element: HTMLVideoElement, stream: string, source: TrackSource): () => void {
    return this.#views.attach(element, stream, source);
  }

  async send(data: string, { kind, to }: { kind?: string; to?: readonly UserId[] } = {}): Promise<void> {
    const body = given({ room: this.id, data, kind, to: to && [...to] });
    await this.#ask({ type: "room.send", body });
  }

  async remove(user: UserId): Promise<void> {
    await this.#ask({ type: "room.remove", body: { room: this.id, user } });
  }

  async statistics(): Promise<RoomStatistics> {
    const connection = this.#visit?.connection;
    if (!connection) return { tracks: [], path: "", rttMs: 0 };
    const { me } = this.#roster;
    const reports = new Map<string, Record<string, unknown>>();
    (await connection.peer.getStats()).forEach((report: Record<string, unknown>, id) => reports.set(id, report));
    const { counts, statistics } = digest(reports, (mid, way) => connection.ownerOf(mid, way, me), this.#counts);
    this.#counts = counts;
    return statistics;
  }

  hear(event: RoomEvent): void {
    const visit = this.#visit;
    // What comes before this device is in belongs to a stay before.
    if (!visit || event.body.room !== this.id) return;
    if (event.type === "room.reset") return void visit.read();
    if (!visit.isJoined) return;
    switch (event.type) {
      case "room.left":
        void this.#putOut(visit, event.body.cause);
        break;
      case "room.message": {
        const { data, from, kind } = event.body;
        this.#listeners.message.tell({ from, kind, data });
        break;
      }
      case "room.offer":
        visit.hear(event.body);
        break;
      case "room.layers":
      case "room.levels":
      case "room.members":
      case "room.quality":
      case "room.streams":
        this.#take(event);
        break;
      default:
        break; // The server may be newer.
    }
  }

  sessionOver(): void {
    if (this.#visit) this.#end({ phase: "out" });
  }

  /** Begins a stay. What is heard of it counts only as long as it is the present one. */
  #begin(options: EnterOptions, isPatient: boolean): Promise<void> {
    const only =
      <Told extends unknown[]>(hear: (...told: Told) => void) =>
      (...told: Told) => {
        if (this.#visit === visit) hear(...told);
      };
    const visit: Visit = new Visit({
      port: this.#port,
      clock: this.#clock,
      options,
      isPatient,
      publications: () => this.#own.wanted,
      onView: only((view) => {
        this.#own.followAtOnce(); // Only now it may be known who this is.
        this.#take({ type: "reply.room", body: view });
      }),
      onOffered: only((offered) => {
        const { me } = this.#roster;
        this.#take({ type: "own", streams: offered.map((stream) => ({ ...stream, user: me })) });
      }),
      onMedia: only((media) => this.#take({ type: "media", media })),
      onState: only(() => this.#refresh()),
      onProblem: only((error) => this.#listeners.problem.tell(error)),
      onLost: only(() => this.#lost(visit, "lost")),
    });
    this.#visit?.close();
    this.#visit = visit;
    this.#counts = new Map();
    this.#take({ type: "media", media: new Map() });
    this.#be({ phase: "entering" });
    this.#wishes.beginAnew();
    this.#own.followAtOnce();
    const entering = this.#enter(visit).finally(() => {
      if (this.#entering === entering) this.#entering = undefined;
    });
    this.#entering = entering;
    return entering;
  }

  async #enter(visit: Visit): Promise<void> {
    try {
      await visit.enter();
    } catch (error) {
      const problem = offhookError(error);
      if (visit === this.#visit) {
        this.#end({ phase: "out", error: problem });
        if (visit.isJoined) void this.#ask({ type: "room.leave", body: { room: this.id } }).catch(() => undefined);
      }
      throw problem;
    }
    this.#be({ phase: "in", isConnected: visit.isConnected });
    this.#own.reconcile();
  }

  /** What came before this may be news of a stay before: the room itself says whether this device is in. */
  async #putOut(visit: Visit, cause: LeaveCause): Promise<void> {
    if (cause === "left" || cause === "lost" || cause === "taken_over") {
      const view = await this.#ask({ type: "room.read", body: { room: this.id } }).catch(() => undefined);
      if (visit !== this.#visit) return;
      if (view) return this.#take({ type: "reply.room", body: view });
    }
    this.#lost(visit, cause);
  }

  /** Whom only the network, or the server, has put out comes back. */
  #lost(visit: Visit, cause: LeaveCause): void {
    this.#fruitless = visit.hasConnected ? 0 : this.#fruitless + 1;
    const isComingBack = (cause === "lost" || cause === "shutdown") && this.#stay.phase === "in";
    if (!isComingBack || this.#fruitless >= MOST_FRUITLESS_STAYS) return this.#end({ phase: "out", cause });
    const { token: _, ...options } = this.#options;
    this.#begin(options, true).catch(() => undefined); // The state says so.
  }

  #end(stay: Stay): void {
    this.#visit?.close();
    this.#visit = undefined;
    this.#entering = undefined;
    this.#roster = emptyRoster(this.#port.me() ?? "");
    this.#wishes.see(new Set());
    this.#views.play();
    this.#be(stay);
  }

  #take(input: RosterInput): void {
    const before = this.#roster;
    const me = this.#port.me() ?? before.me;
    this.#roster = reduce(me === before.me ? before : { ...before, me }, input);
    const { media, streams } = this.#roster;
    if (media !== before.media) this.#views.play();
    if (streams !== before.streams) {
      this.#wishes.see(trackKeys(streams.filter(({ user }) => user !== this.#roster.me)));
      this.#wishes.tell().catch((error: unknown) => this.#wishFailed(error));
      this.#views.review();
    }
    this.#refresh();
    // Entering offers everything by itself.
    if (input.type === "reply.room" && this.#stay.phase === "in") this.#own.reconcile();
  }

  #be(stay: Stay): void {
    this.#stay = stay;
    this.#refresh();
  }

  #refresh(): void {
    if (this.#stay.phase === "in") {
      this.#stay = keep(this.#stay, { phase: "in", isConnected: this.#visit?.isConnected ?? false });
    }
    const visit = this.#visit;
    const presence = visit?.isConnected ? "flowing" : visit?.hasConnected ? "reconnecting" : "joined";
    const next = stateOf(this.id, this.#stay, this.#roster, presence, this.#state);
    if (next === this.#state) return;
    this.#state = next;
    this.#changes.tell(next);
  }

  /** Wishes for what has just gone, or that did not get through, are told again with the next change. */
  #wishFailed(error: unknown): void {
    const problem = offhookError(error);
    if (isPassing(problem) || problem.code === "stream_not_found" || problem.code === "not_in_room") return;
    this.#listeners.problem.tell(problem);
  }

  #ask<Asked extends Request>(request: Asked): Promise<ReplyTo<Asked>> {
    return this.#port.ask(request);
  }
}

function stateOf(
  id: string,
  stay: Stay,
  roster: Roster,
  ownPresence: Presence,
  before: RoomState | undefined,
): RoomState {
  const { activeSpeaker, downlinkBps, role, rttMs } = roster;
  const all = participants(roster, ownPresence, before?.participants ?? []);
  return keep<RoomState>(before, given({ id, stay, role, participants: all, activeSpeaker, downlinkBps, rttMs }));
}
