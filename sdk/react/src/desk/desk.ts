// The desk: what the user does with calls on this page. It owns the part in a call: its room, and what is recorded for it.
import type {
  Call,
  CallId,
  Client,
  InviteOptions,
  LocalMedia,
  LocalMediaState,
  OffhookError,
  UserId,
} from "@offhook/client";
import type { Clock } from "../clock.js";
import { type KitOptions, RING_S, type CreateMedia } from "../options.js";
import { Store } from "../store.js";
import { type DeskInput, emptyDesk, reduce } from "./reduce.js";
import { type Keep, keepPart, keepSettings, readPart, readSettings } from "./settings.js";
import { liveCall, stageOf, turnedAway } from "./stage.js";
import {
  type DeskState,
  isInVain,
  isLive,
  type Media,
  mediaOf,
  type NoticeText,
  type Part,
  type Settings,
  type View,
} from "./state.js";
import { asOffhookError, Stay } from "./stay.js";

/** How long a notice stands. Long enough to read it twice. */
const NOTICE_MS = 6_000;

/** How a call is placed; what is absent is as the options say. */
export type PlaceOptions = Pick<InviteOptions, "extendedData" | "mode" | "timeoutS"> & { media?: Media };

/** What a desk needs. */
export interface DeskSetup {
  client: Client;
  clock: Clock;
  createMedia: CreateMedia;
  storage?: Keep | undefined;
  session?: Keep | undefined;
}

/** One page's desk. Its methods never reject: what went wrong becomes a notice, or stands in the state. */
export class Desk {
  readonly #setup: DeskSetup;
  readonly #store: Store<DeskState>;
  #options: KitOptions;
  #media: LocalMedia | undefined;
  #stay: { id: CallId; stay: Stay } | undefined;
  #abort: AbortController | undefined;
  #isRecording = false;
  #notices = 0;
  readonly #turnedAway = new Set<CallId>();
  readonly #ended = new Set<CallId>();

  constructor(setup: DeskSetup, options: KitOptions) {
    this.#setup = setup;
    this.#options = options;
    this.#store = new Store(emptyDesk(readSettings(setup.storage, given(options))));
  }

  get state(): DeskState {
    return this.#store.state;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  /** What records. Making it records nothing. */
  get media(): LocalMedia {
    this.#media ??= this.#createMedia();
    return this.#media;
  }

  /** Follows the client. @returns how to stop that, which leaves rooms but no call */
  start(): () => void {
    const { client } = this.#setup;
    const stops = [
      client.subscribe(() => this.#follow()),
      client.on("call_changed", ({ call, changed }) => {
        for (const leg of changed) this.#tellOf(call, leg.user, leg.status, leg.reason);
      }),
      client.on("token_needed", () => this.#dispatch({ kind: "token_needed", isNeeded: true })),
      client.on("token_renewed", () => this.#dispatch({ kind: "token_needed", isNeeded: false })),
    ];
    this.#follow(true);
    return () => {
      for (const stop of stops) stop();
      this.#stay?.stay.stop();
      this.#stay = undefined;
      this.#stopRecording();
    };
  }

  /** Takes what the app says now. An option that is another than before goes before what the user has chosen. */
  configure(options: KitOptions): void {
    const [before, now] = [given(this.#options), given(options)];
    this.#options = options;
    const changed = Object.entries(now).filter(([key, value]) => before[key as keyof Settings] !== value);
    if (changed.length > 0) this.set(Object.fromEntries(changed));
  }

  /** Changes what the user has chosen. */
  set(changes: Partial<Settings>): void {
    const settings = { ...this.state.settings, ...changes };
    keepSettings(this.#setup.storage, settings);
    this.#dispatch({ kind: "settings", settings });
  }

  /** Calls users. */
  async place(invitees: readonly UserId[], options: PlaceOptions = {}): Promise<void> {
    const users = [...new Set(invitees)].filter((user) => user !== this.state.me);
    if (users.length === 0) return;
    if (this.#isBusy()) return this.#notice({ kind: "already_in_call" });
    this.#putAway();
    const media = options.media ?? "video";
    const abort = new AbortController();
    this.#abort = abort;
    this.#record(media);
    this.#dispatch({ kind: "dialing", dialing: { invitees: users, media } });
    try {
      const { call, leftOut } = await this.#setup.client.invite(users, {
        ...this.#inviteOptions(options),
        media,
        signal: abort.signal,
      });
      if (abort.signal.aborted) return void call.hangUp().catch(() => undefined);
      this.#takePart(call.id, media, "in");
      this.#dispatch({ kind: "dialing", dialing: undefined });
      for (const { user, cause } of leftOut) this.#notice({ kind: "left_out", user, cause });
    } catch (error) {
      if (abort.signal.aborted) return;
      this.#dispatch({ kind: "dialing", dialing: { invitees: users, media, problem: asOffhookError(error) } });
      this.#tend();
    } finally {
      if (this.#abort === abort) this.#abort = undefined;
    }
  }

  /** Takes back an invite that has no call yet, or puts away why there is none. */
  stopDialing(): void {
    this.#abort?.abort();
    this.#dispatch({ kind: "dialing", dialing: undefined });
    this.#tend();
  }

  /** Accepts a call that rings, after leaving the one that goes on. @param media what to send; default: what the caller sends */
  async accept(id: CallId, media?: Media): Promise<void> {
    const call = this.#setup.client.call(id);
    if (!call) return;
    if (this.state.dialing) this.stopDialing();
    const live = liveCall(this.state);
    if (live && live.call.id !== id) {
      await this.hangUp(live.call.id);
      this.close(live.call.id);
    }
    await this.#enter(call, media ?? mediaOf(call.state.media), () => call.accept());
  }

  /** Enters a call again: one that this page was in, one on another device, one that goes on without the user. */
  async join(id: CallId, media?: Media): Promise<void> {
    const call = this.#setup.client.callById(id);
    const isHere = call.state.phase === "active" || call.state.phase === "calling" || call.state.phase === "alone";
    await this.#enter(call, media ?? mediaOf(call.state.media), () => (isHere ? Promise.resolve() : call.join()));
  }

  async reject(id: CallId, reason: "busy" | "declined" = "declined"): Promise<void> {
    await this.#attempt((call) => call.reject({ reason }), id);
  }

  /** Silences the ring on this device alone. */
  async silence(id: CallId): Promise<void> {
    await this.#attempt((call) => call.ignore(), id);
  }

  /** What the red button does. Room and recording end at once, whatever the server says, and when. */
  async hangUp(id: CallId): Promise<void> {
    await this.#leave(id, (call) => call.hangUp());
  }

  /** Ends a call for everyone. */
  async endForAll(id: CallId): Promise<void> {
    await this.#leave(id, (call) => call.end());
  }

  /** Invites more users into a call. */
  async add(id: CallId, users: readonly UserId[]): Promise<void> {
    await this.#attempt(async (call) => {
      const leftOut = await call.add(users);
      this.#dispatch({ kind: "added", call: id, users });
      for (const { user, cause } of leftOut) this.#notice({ kind: "left_out", user, cause });
    }, id);
  }

  /** Takes an invitation back. */
  async takeBack(id: CallId, user: UserId): Promise<void> {
    await this.#attempt((call) => call.cancel({ invitees: [user] }), id);
  }

  /** Puts a user out of the room; hosts only. */
  async remove(id: CallId, user: UserId): Promise<void> {
    await this.#attempt((call) => call.room().remove(user), id);
  }

  /** Puts a call's farewell away. */
  close(id: CallId): void {
    const wasShown = stageOf(this.state).scene.kind === "over";
    this.#dispatch({ kind: "closed", call: id });
    if (wasShown) this.#options.onBack?.();
  }

  /** Tries to enter the room again. */
  retryRoom(): void {
    this.#stay?.stay.retry();
  }

  show(view: View): void {
    this.#dispatch({ kind: "view", view });
  }

  dismissNotice(id: number): void {
    this.#dispatch({ kind: "notice_over", id });
  }

  async #enter(call: Call, media: Media, ask: () => Promise<void>): Promise<void> {
    // First what takes a browser long, before it draws a page.
    this.#record(media);
    this.#takePart(call.id, media, "answering");
    try {
      await ask();
      if (this.state.parts.get(call.id)?.step === "answering") this.#takePart(call.id, media, "in");
    } catch (error) {
      this.#dispatch({ kind: "part_dropped", call: call.id });
      // A call that is over tells of itself.
      if (isLive(call.state)) this.#problem(asOffhookError(error));
    }
    this.#tend();
  }

  async #leave(id: CallId, leave: (call: Call) => Promise<void>): Promise<void> {
    const part = this.state.parts.get(id);
    if (part) this.#dispatch({ kind: "part", call: id, media: part.media, step: "leaving" });
    this.#tend();
    await this.#attempt(leave, id);
  }

  async #attempt(ask: (call: Call) => Promise<unknown>, id: CallId): Promise<void> {
    const call = this.#setup.client.call(id);
    try {
      if (call) await ask(call);
    } catch (error) {
      const problem = asOffhookError(error);
      const isSettled = call === undefined || !isLive(call.state) || problem.code === "call_ended";
      if (!isSettled) this.#problem(problem);
    }
  }

  #takePart(call: CallId, media: Media, step: Part["step"]): void {
    // The reply may be known before the client has told of the state that it brought.
    this.#dispatch({ kind: "client", state: this.#setup.client.state });
    this.#dispatch({ kind: "part", call, media, step });
    this.#tend();
  }

  /** After a reload this tab goes on where it was. */
  #resume(): void {
    const kept = readPart(this.#setup.session);
    const live = liveCall(this.state);
    if (live && !this.#isRecording)
      return this.#start(
        kept?.call === live.call.id ? kept : { camera: live.part.media === "video", microphone: true },
      );
    const call = kept && this.state.calls.find(({ id }) => id === kept.call);
    if (!call || this.state.parts.size > 0) return;
    if (call.phase !== "active" && call.phase !== "calling" && call.phase !== "alone") return;
    this.#takePart(call.id, mediaOf(call.media), "in");
    this.#start(kept);
  }

  /** @param isFirst whether the client was not followed before */
  #follow(isFirst = false): void {
    const before = this.state.connection.state;
    this.#dispatch({ kind: "client", state: this.#setup.client.state });
    if (isFirst || before !== "online") this.#resume();
    this.#turnAway();
    this.#tend();
  }

  #turnAway(): void {
    for (const call of this.state.calls) {
      const why = turnedAway(this.state, call);
      if (!why || this.#turnedAway.has(call.id)) continue;
      this.#turnedAway.add(call.id);
      if (why === "busy") void this.reject(call.id, "busy");
      else void this.silence(call.id);
    }
  }

  /** What is over for people is ended for the server too. */
  #endInVain(): void {
    for (const call of this.state.calls) {
      if (!isInVain(call) || this.state.parts.get(call.id)?.step !== "in" || this.#ended.has(call.id)) continue;
      this.#ended.add(call.id);
      // Not by hanging up, which would be told as the user's own doing.
      void this.#attempt((each) => each.end(), call.id);
    }
  }

  /** Holds the stay to the call that is live, and the recording with it. */
  #tend(): void {
    this.#endInVain();
    const live = liveCall(this.state);
    const call = live && this.#mayEnter(live.call.id) ? this.#setup.client.call(live.call.id) : undefined;
    if (this.#stay && this.#stay.id !== live?.call.id) {
      this.#stay.stay.stop();
      this.#stay = undefined;
      keepPart(this.#setup.session, undefined);
    }
    if (!live && !isAsking(this.state)) this.#stopRecording();
    if (!call || this.#stay) return;
    this.#stay = { id: call.id, stay: this.#enterRoom(call) };
    this.#keepPart(this.media.state);
  }

  #stopRecording(): void {
    if (!this.#isRecording) return;
    this.#isRecording = false;
    this.#media?.stop();
  }

  #mayEnter(id: CallId): boolean {
    const call = this.state.calls.find((each) => each.id === id);
    if (call?.phase === "active" || call?.phase === "alone") return this.state.parts.get(id)?.step === "in";
    return call?.phase === "calling" && (call.legs.length > 2 || this.#options.enterEarly === true);
  }

  #enterRoom(call: Call): Stay {
    const { id } = call;
    return new Stay(call, this.media, this.#setup.clock, {
      onPutOut: (cause) => {
        if (cause === "ended" && isLive(call.state) && call.state.mode === "advanced") return;
        this.#dispatch({ kind: "put_out", call: id, cause });
        if (cause === "kicked") void call.quit().catch(() => undefined);
        this.#tend();
      },
      onRefusal: (problem) => this.#dispatch({ kind: "refusal", call: id, problem }),
      onProblem: (problem) => this.#problem(problem),
    });
  }

  #record(media: Media): void {
    this.#start({ microphone: true, camera: media === "video" });
  }

  #start(wanted: { camera: boolean; microphone: boolean }): void {
    this.#isRecording = true;
    void this.media.start({ camera: wanted.camera, microphone: wanted.microphone });
  }

  #createMedia(): LocalMedia {
    const { devices } = this.state.settings;
    const media = this.#setup.createMedia({ chosen: devices });
    let before: LocalMediaState = media.state;
    media.subscribe((state) => {
      if (state.chosen !== before.chosen) this.set({ devices: state.chosen });
      before = state;
      this.#keepPart(state);
    });
    return media;
  }

  #keepPart({ camera, microphone }: LocalMediaState): void {
    const id = this.#stay?.id;
    if (id === undefined) return;
    const isOn = (status: string) => status === "on" || status === "starting";
    keepPart(this.#setup.session, { call: id, camera: isOn(camera.status), microphone: isOn(microphone.status) });
  }

  #inviteOptions(options: PlaceOptions): InviteOptions {
    const extendedData = options.extendedData ?? this.#options.extendedData;
    return {
      mode: options.mode ?? this.#options.mode ?? "advanced",
      timeoutS: options.timeoutS ?? this.#options.timeoutS ?? RING_S,
      // Whoever waits wants to know what for.
      deliveryUpdates: true,
      ...(extendedData === undefined ? {} : { extendedData }),
    };
  }

  #isBusy(): boolean {
    return liveCall(this.state) !== undefined || isAsking(this.state);
  }

  /** Whoever calls again has seen how the last call came out. */
  #putAway(): void {
    const { scene } = stageOf(this.state);
    if (scene.kind === "over") this.#dispatch({ kind: "closed", call: scene.call.id });
  }

  #tellOf(call: Call, user: UserId, status: string, reason: string | undefined): void {
    const isMine = user === this.state.me || !this.state.parts.has(call.id);
    // In a call of two the page itself shows it.
    if (isMine || call.state.legs.length < 3) return;
    if (status === "accepted") this.#notice({ kind: "entered", user });
    else if (status === "quit") this.#notice({ kind: "left", user });
    else if (status === "timed_out") this.#notice({ kind: "unanswered", user });
    else if (status === "rejected") this.#notice({ kind: reason === "busy" ? "busy" : "declined", user });
  }

  #problem(problem: OffhookError): void {
    if (problem.code !== "aborted") this.#notice({ kind: "problem", problem });
  }

  #notice(text: NoticeText): void {
    this.#notices += 1;
    const id = this.#notices;
    this.#dispatch({ kind: "notice", id, text });
    this.#setup.clock.after(NOTICE_MS, () => this.dismissNotice(id));
  }

  #dispatch(input: DeskInput): void {
    this.#store.set(reduce(this.state, input));
  }
}

/** Whether the server has not answered an invite yet. */
function isAsking({ dialing }: DeskState): boolean {
  return dialing !== undefined && !dialing.problem;
}

function given({ busy, doNotDisturb, sounds }: KitOptions): Partial<Settings> {
  return {
    ...(busy === undefined ? {} : { busy }),
    ...(doNotDisturb === undefined ? {} : { doNotDisturb }),
    ...(sounds === undefined ? {} : { sounds }),
  };
}
