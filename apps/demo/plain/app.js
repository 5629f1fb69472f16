// The demo of signaling: joins the session, what is known of calls, and the views. `/` asks who one is, `/u/<user>` acts as them.
import { begin, callsIn, isRinging, legOf, mayJoin, newestFirst, reduce } from "./calls.js";
import { avatar, el } from "./dom.js";
import { announce, byId, CUT, drawConnection, drawTitle } from "./page.js";
import { drawChoice, KNOWN, People } from "./people.js";
import { CallMedia } from "./room/call_media.js";
import { clock, Session } from "./session.js";
import { Sound } from "./sound.js";
import { sceneOf, Stage } from "./stage.js";
import { deviceId, Kept } from "./storage.js";
import { Trace } from "./trace.js";
import { leftOutWords, problemWords } from "./words.js";

const TICK_MS = 250;
/** An invite that could not be sent for this long is taken back: nobody wants to ring people long after they pressed. */
const INVITE_LIFE_MS = 15_000;
const READ_EVERY_MS = 15_000;
const READ_AT_ONCE = 3;

/**
 * What the views may ask for.
 * @typedef {object} Actions
 * @property {(users: string[], media: string) => void} invite
 * @property {() => void} cancelDialing
 * @property {(call: string) => void} accept
 * @property {(call: string) => void} reject
 * @property {(call: string) => void} silence
 * @property {(call: string) => void} hangUp before anybody accepted
 * @property {(call: string) => void} leave
 * @property {(call: string) => void} endForAll
 * @property {(call: string) => void} join
 * @property {(call: string, user: string) => void} add
 * @property {(call: string, user: string) => void} takeBack
 * @property {() => void} toggleAdding
 * @property {() => void} dismiss
 * @property {() => void} older
 * @property {(user: string) => void} select
 * @property {() => void} selectNobody
 * @property {(user: string) => void} keepContact
 * @property {(change: object) => void} choose
 */

class Demo {
  #me;
  #device;
  #kept;
  #state;
  #session;
  #media;
  #sound;
  #stage;
  #people;
  #trace;
  #isAdding = false;
  #isPressed = false;
  /** Rings that were acknowledged, and calls whose end was asked for, so that each happens once. */
  #acknowledged = new Set();
  #ending = new Set();
  /** Stands for the invite that was sent last. @type {AbortController | null} */
  #dialed = null;
  #place = null;

  constructor(me, device) {
    this.#me = me;
    this.#device = device;
    this.#kept = new Kept(me, KNOWN);
    const { place, calls } = this.#kept.session();
    this.#state = begin(me, device, calls);
    this.#place = place;
    const actions = this.#actions();
    this.#trace = new Trace(byId("trace-body"));
    this.#stage = new Stage(byId("stage"), actions);
    this.#people = new People(byId("people"), actions);
    this.#sound = new Sound(() => this.#draw());
    this.#sound.isMuted = this.#kept.desk.isMuted;
    this.#session = new Session({ device, place, fetchToken: () => fetchToken(me), listener: this.#listener() });
    const request = (type, body) => this.#session.request(type, body);
    this.#media = new CallMedia({ me, request, onChange: () => this.#draw() });
  }

  start() {
    byId("me").append(avatar(this.#me, "small"), el("span", { class: "me-name" }, this.#me));
    byId("device").textContent = this.#device;
    byId("reconnect").addEventListener("click", () => this.#session.connect());
    byId("cut").addEventListener("click", () => {
      if (this.#state.connection.why === CUT) this.#session.connect();
      else this.#session.cut(CUT);
    });
    byId("trace-toggle").addEventListener("click", () => this.#toggleTrace());
    byId("trace-close").addEventListener("click", () => this.#toggleTrace());
    addEventListener("pointerdown", () => (this.#isPressed = true), { capture: true });
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => this.#release(), { capture: true });
    addEventListener("online", () => this.#state.connection.phase === "waiting" && this.#session.connect());
    setInterval(() => this.#tick(), TICK_MS);
    setInterval(() => this.#readWhatGoesOn(), READ_EVERY_MS);
    this.#openTrace(this.#kept.desk.isTraceOpen);
    this.#draw();
    this.#session.connect();
  }

  /** @returns {import("./session.js").Listener} */
  #listener() {
    return {
      onConnection: (connection) => this.#take({ kind: "connection", connection }),
      onTrace: (direction, frame) => this.#trace.add(direction, frame),
      onPlace: (place) => this.#keep(place),
      onRoom: (frame) => this.#media.hear(frame),
      onWelcome: (body, resumed) => {
        if (!resumed) this.#take({ kind: "snapshot", snapshot: body.snapshot });
        if (!resumed || newestFirst(this.#state.calls).length === 0) this.#past();
        this.#media.readAnew();
      },
      onEvent: ({ type, body }) => this.#hear(type, body),
    };
  }

  #hear(type, body) {
    if (type === "call.invited" || type === "call.created" || type === "call.merged")
      this.#take({ kind: "view", view: body });
    else if (this.#state.calls[body.call]) this.#take({ kind: "happening", happening: body });
    else if (body.call) this.#ask("call.read", body.call);
  }

  /** Every change goes through here: the state, then what follows from it, then the views. */
  #take(input) {
    const before = this.#state;
    this.#state = reduce(before, { now: clock(), ...input });
    if (this.#state === before) return;
    if (this.#state.stage !== before.stage) this.#isAdding = false;
    announce(before, this.#state);
    this.#acknowledgeRings();
    this.#endWhatNobodyIsIn();
    this.#media.follow(callsIn(this.#state, ["talking"])[0] ?? null);
    if (this.#place) this.#keep(this.#place);
    this.#draw();
  }

  #keep(place) {
    this.#place = place;
    this.#kept.keepSession(place, this.#state.calls);
  }

  #acknowledgeRings() {
    for (const call of callsIn(this.#state, ["ringing"])) {
      const ring = `${call.id} ${call.ringSeq}`;
      if (this.#acknowledged.has(ring)) continue;
      this.#acknowledged.add(ring);
      this.#session.request("call.acknowledge", { call: call.id }).catch((problem) => this.#learnFrom(problem));
    }
  }

  /** The server keeps an advanced call open while one party waits in it. Whoever is left alone by everyone hangs up. */
  #endWhatNobodyIsIn() {
    for (const call of callsIn(this.#state, ["alone"])) {
      const wasTalkedIn = call.legs.some((leg) => leg.user !== this.#me && leg.accepted_at);
      const isOver = call.legs.length === 2 || (call.caller === this.#me && !wasTalkedIn);
      if (call.mode !== "advanced" || !isOver || this.#ending.has(call.id)) continue;
      this.#ending.add(call.id);
      this.#ask("call.end", call.id);
    }
  }

  /** Asks about one call and takes over the answer, or the truth that comes with a refusal. */
  async #ask(type, call, more = {}) {
    this.#take({ kind: "did", call, act: type });
    try {
      const reply = await this.#session.request(type, { call, ...more });
      this.#media.keepWay(reply);
      if (reply.call) this.#take({ kind: "view", view: reply.call });
      if (reply.left_out) this.#take({ kind: "notice", text: leftOutWords(reply.left_out) });
      return true;
    } catch (problem) {
      this.#learnFrom(problem);
      this.#take({ kind: "notice", text: problemWords(problem) });
      return false;
    }
  }

  #learnFrom(problem) {
    if (problem.call) this.#take({ kind: "view", view: problem.call });
  }

  async #past(cursor) {
    try {
      const page = await this.#session.request("call.list", cursor ? { limit: 20, cursor } : { limit: 20 });
      this.#take({ kind: "past", calls: page.calls ?? [], next: page.next });
    } catch (problem) {
      this.#take({ kind: "notice", text: problemWords(problem) });
    }
  }

  async #invite(invitees, media) {
    const { mode, timeoutS } = this.#kept.desk;
    const dialing = { key: crypto.randomUUID(), invitees, media, mode };
    this.#kept.change({ selected: [] });
    this.#take({ kind: "dialing", dialing });
    const body = { invitees, mode, media, timeout_s: timeoutS, key: dialing.key, not_received_check: true };
    const life = new AbortController();
    const timer = setTimeout(() => life.abort(), INVITE_LIFE_MS);
    this.#dialed = life;
    try {
      const reply = await this.#session.request("call.invite", body, { signal: life.signal });
      clearTimeout(timer);
      this.#media.keepWay(reply);
      if (this.#state.dialing?.key === dialing.key) this.#take({ kind: "invited", view: reply.call });
      else this.#take({ kind: "view", view: reply.call });
      if (reply.left_out) this.#take({ kind: "notice", text: leftOutWords(reply.left_out) });
    } catch (problem) {
      if (problem.code === "no_answer_from_server") this.#takeBackByKey(dialing.key);
      if (this.#state.dialing?.key !== dialing.key) return;
      this.#take({ kind: "not_invited", failure: { dialing, code: problem.code, message: problem.message } });
    }
  }

  /** Works before the call's id is known, and also if the invite never arrived. */
  #takeBackByKey(key) {
    this.#session.request("call.cancel", { key }).then(
      (reply) => reply.call && this.#take({ kind: "view", view: reply.call }),
      (problem) => this.#learnFrom(problem),
    );
  }

  async #accept(call) {
    for (const other of callsIn(this.#state, ["talking", "calling", "alone"])) this.#hangUp(other.id);
    await this.#ask("call.accept", call);
  }

  async #hangUp(id) {
    const call = this.#state.calls[id];
    const wasAccepted = call.legs.some((leg) => leg.user !== this.#me && leg.accepted_at);
    if (call.mode === "general" && wasAccepted) this.#close(call);
    else if (call.caller === this.#me && !wasAccepted) {
      // Whoever accepts in the same moment wins; then the call is ended instead.
      const isCanceled = await this.#ask("call.cancel", id);
      if (!isCanceled && legOf(this.#state.calls[id], this.#me)?.status === "accepted") this.#ask("call.end", id);
    } else this.#ask(call.legs.length === 2 ? "call.end" : "call.quit", id);
  }

  /** The general mode knows no leaving: who called stops the rings that are left, anyone else just turns away. */
  #close(call) {
    const ringing = call.legs.filter(isRinging).map((leg) => leg.user);
    if (call.caller === this.#me && ringing.length > 0) this.#ask("call.cancel", call.id, { invitees: ringing });
    else this.#take({ kind: "closed", call: call.id });
  }

  /** @returns {Actions} */
  #actions() {
    const desk = (change) => {
      this.#kept.change(change);
      this.#sound.isMuted = this.#kept.desk.isMuted;
      this.#draw();
    };
    return {
      invite: (users, media) => this.#invite(users, media),
      cancelDialing: () => {
        this.#take({ kind: "not_invited", failure: null });
        this.#dialed.abort();
      },
      accept: (call) => this.#accept(call),
      reject: (call) => {
        const isBusy = callsIn(this.#state, ["talking", "calling"]).length > 0;
        this.#ask("call.reject", call, { reason: isBusy ? "busy" : "declined" });
      },
      silence: (call) => {
        this.#take({ kind: "silenced", call });
        this.#session.request("call.ignore", { call }).catch((problem) => this.#learnFrom(problem));
      },
      hangUp: (call) => this.#hangUp(call),
      leave: (call) => this.#ask("call.quit", call),
      endForAll: (call) => this.#ask("call.end", call),
      join: (call) => this.#ask("call.join", call).then((isIn) => isIn && this.#take({ kind: "shown", call })),
      add: (call, user) => {
        this.#isAdding = false;
        this.#ask("call.add", call, { invitees: [user] });
      },
      takeBack: (call, user) => this.#ask("call.cancel", call, { invitees: [user] }),
      toggleAdding: () => {
        this.#isAdding = !this.#isAdding;
        this.#draw();
      },
      dismiss: () => this.#take({ kind: "shown", call: null }),
      older: () => this.#past(this.#state.olderCalls),
      select: (user) => {
        const { selected } = this.#kept.desk;
        desk({ selected: selected.includes(user) ? selected.filter((other) => other !== user) : [...selected, user] });
      },
      selectNobody: () => desk({ selected: [] }),
      keepContact: (user) => {
        const { contacts } = this.#kept.desk;
        if (user !== this.#me && !contacts.includes(user)) desk({ contacts: [...contacts, user] });
      },
      choose: desk,
    };
  }

  /** Who is out of a call hears no more of it, so whether it can still be joined has to be asked. */
  #readWhatGoesOn() {
    const isBusy = callsIn(this.#state, ["talking", "calling", "alone"]).length > 0;
    if (isBusy || document.hidden || this.#state.connection.phase !== "open") return;
    for (const call of newestFirst(this.#state.calls)
      .filter((each) => mayJoin(each, this.#state))
      .slice(0, READ_AT_ONCE)) {
      const learn = (reply) => this.#take({ kind: "view", view: reply.call });
      this.#session.request("call.read", { call: call.id }).then(learn, (problem) => this.#learnFrom(problem));
    }
  }

  #tick() {
    const now = clock();
    if (callsIn(this.#state, ["ringing"]).length > 0) this.#take({ kind: "tick", now });
    this.#stage.tick(now);
    drawTitle(this.#state, now);
    drawConnection(this.#state.connection, now);
  }

  /** A view that is replaced under a pressed button would lose the click, so it waits for the release. */
  #release() {
    this.#isPressed = false;
    setTimeout(() => this.#draw());
  }

  #draw() {
    if (this.#isPressed) return;
    const { scene } = sceneOf(this.#state);
    document.body.dataset.scene = scene;
    const contacts = this.#kept.desk.contacts;
    this.#stage.draw(this.#state, {
      isAdding: this.#isAdding,
      contacts,
      soundPermitted: this.#sound.isPermitted || this.#sound.isMuted,
      media: this.#media.view,
    });
    this.#people.draw(this.#state, this.#kept.desk);
    this.#stage.tick(clock());
    drawConnection(this.#state.connection, clock());
    drawTitle(this.#state, clock());
    this.#playWhatFits();
  }

  #playWhatFits() {
    const rings = callsIn(this.#state, ["ringing"]).length > 0;
    const talks = callsIn(this.#state, ["talking"]).length > 0;
    const waits = callsIn(this.#state, ["calling"]).some((call) => call.legs.some((leg) => leg.status === "received"));
    this.#sound.play(rings && !talks ? "ring" : waits ? "ringback" : null);
  }

  #toggleTrace() {
    this.#kept.change({ isTraceOpen: !this.#kept.desk.isTraceOpen });
    this.#openTrace(this.#kept.desk.isTraceOpen);
    byId(this.#kept.desk.isTraceOpen ? "trace-close" : "trace-toggle").focus();
  }

  #openTrace(isOpen) {
    byId("trace").hidden = !isOpen;
    document.body.dataset.trace = isOpen ? "open" : "closed";
    byId("trace-toggle").setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.#trace.showNewest();
  }
}

async function fetchToken(user) {
  const response = await fetch(`/dev/token?user=${encodeURIComponent(user)}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text.trim();
}

const path = /^\/u\/([^/]+)\/?$/.exec(location.pathname);
if (path) {
  const me = decodeURIComponent(path[1]);
  byId("desk").hidden = false;
  byId("bar-tools").hidden = false;
  new Demo(me, await deviceId()).start();
} else {
  byId("choice").hidden = false;
  drawChoice(byId("choice"));
}
