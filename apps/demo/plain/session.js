// One session with the gateway: token, hello, resume, heartbeats, requests, reconnecting.
// It knows frames and the chain of events, and nothing about what calls mean.

const SUBPROTOCOL = "offhook.v1";
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 32_000;
const RETRIES = 3;
/** After these the server does not want the same client back by itself. */
const FINAL_CLOSES = new Map([
  [4400, "The server could not read what this page sent."],
  [4401, "The server did not accept the token."],
  [4409, "Another device of this user logged in, and the app permits only so many."],
  [4410, "This device is connected in a newer tab."],
  [4412, "Logged out."],
]);

/**
 * @typedef {{epoch: number, offset: number}} Place the last event that was handled
 * @typedef {{type: string, id?: number, offset?: number, after?: number, body?: any}} Frame
 * @typedef {{phase: "connecting" | "open" | "stopped" | "waiting", retryAt?: number, why?: string}} Connection
 * @typedef {{code: string, message: string, retryable: boolean, call?: any}} Problem
 * @typedef {object} Listener
 * @property {(connection: Connection) => void} onConnection
 * @property {(body: any, resumed: boolean) => void} onWelcome before any event of the connection
 * @property {(frame: Frame) => void} onEvent each event once, in order
 * @property {(frame: Frame) => void} onRoom what happens in a room; these events stand in no log
 * @property {(place: Place) => void} onPlace after the event, or the snapshot, was handled
 * @property {(direction: "in" | "note" | "out", frame: Frame | string) => void} onTrace
 */

/**
 * Where an event stands in the chain of events of this device.
 * @param {number} own offset of the last event handled
 * @param {Frame} frame
 * @returns {"gap" | "next" | "repeated"}
 */
export function link(own, frame) {
  if (frame.offset <= own) return "repeated";
  return own < (frame.after ?? frame.offset - 1) ? "gap" : "next";
}

/** Milliseconds on this device's own clock, comparable across reloads of the tab. */
export function clock() {
  return performance.timeOrigin + performance.now();
}

export class Session {
  #device;
  #fetchToken;
  #listener;
  /** @type {Place | null} */
  #place;
  /** @type {WebSocket | null} */
  #socket = null;
  #isOpen = false;
  /** Grows with every connection, so that what belongs to an old one is passed over. */
  #turn = 0;
  #attempt = 0;
  #nextId = 1;
  /** @type {Map<number, {frame: Frame, tries: number, resolve: (body: any) => void, reject: (problem: Problem) => void}>} */
  #waiting = new Map();
  #closing = null;
  #welcome = null;
  #timers = { beat: 0, lost: 0, retry: 0 };

  /**
   * @param {{device: string, place: Place | null, fetchToken: () => Promise<string>, listener: Listener}} parts
   */
  constructor({ device, place, fetchToken, listener }) {
    this.#device = device;
    this.#place = place;
    this.#fetchToken = fetchToken;
    this.#listener = listener;
  }

  /** Connects now, whatever was waited for. */
  async connect() {
    this.#drop();
    const turn = this.#turn;
    this.#listener.onConnection({ phase: "connecting" });
    let token;
    try {
      token = await this.#fetchToken();
    } catch (error) {
      if (turn === this.#turn) this.#comeBack(`no token: ${error.message}`);
      return;
    }
    if (turn !== this.#turn) return;
    const url = new URL("/v1/ws", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url, SUBPROTOCOL);
    this.#socket = socket;
    this.#arm("lost", LONGEST_PAUSE_MS, () => this.#lose("no welcome came"));
    socket.onopen = () => this.#sayHello(token);
    socket.onmessage = (message) => {
      if (turn === this.#turn) this.#hear(message.data);
    };
    socket.onclose = (close) => {
      if (turn === this.#turn) this.#closed(close.code);
    };
  }

  /** Cuts the connection, as a lost network would, and stays away until `connect`. */
  cut(why) {
    this.#drop();
    this.#listener.onTrace("note", why);
    this.#listener.onConnection({ phase: "stopped", why });
  }

  /**
   * Asks, and asks again after a lost connection, until there is an answer.
   * @param {string} type
   * @param {object} [body]
   * @param {{signal?: AbortSignal}} [options] forgets a request that was not answered, and never sends it if it was not sent
   * @returns {Promise<any>} the reply's body; rejects with a `Problem`
   */
  request(type, body, { signal } = {}) {
    const id = this.#nextId++;
    const frame = body === undefined ? { type, id } : { type, id, body };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { frame, tries: 0, resolve, reject });
      if (this.#isOpen) this.#send(frame);
      signal?.addEventListener("abort", () => {
        if (!this.#waiting.delete(id)) return;
        reject({ code: "no_answer_from_server", message: "the server could not be reached", retryable: true });
      });
    });
  }

  #sayHello(token) {
    const resume = this.#place ? { resume: this.#place } : {};
    this.#send({ type: "hello", body: { device: this.#device, platform: "web", token, ...resume } });
  }

  #send(frame) {
    this.#socket.send(JSON.stringify(frame));
    this.#listener.onTrace("out", frame);
  }

  #hear(text) {
    /** @type {Frame} */
    const frame = JSON.parse(text);
    const body = frame.body ?? {};
    this.#listener.onTrace("in", frame);
    if (this.#welcome)
      this.#arm("lost", this.#welcome.lost_after_ms, () => this.#lose("nothing was heard for too long"));
    if (frame.type === "welcome") this.#enter(body);
    else if (frame.type === "heartbeat") this.#compare(body.offset);
    else if (frame.type === "closing") this.#closing = body;
    else if (frame.type === "token_will_expire") this.#renew();
    else if (frame.id !== undefined) this.#settle(frame.id, frame.type === "problem" ? body : null, body);
    else if (frame.offset !== undefined) this.#follow(frame);
    else if (frame.type.startsWith("room.")) this.#listener.onRoom(frame);
    // A frame of a type that is not known is passed over: the server may be newer.
  }

  #enter(body) {
    this.#welcome = body;
    this.#attempt = 0;
    this.#place = { epoch: body.epoch, offset: body.offset };
    this.#listener.onWelcome(body, body.snapshot === undefined || body.snapshot === null);
    this.#listener.onPlace(this.#place);
    this.#isOpen = true;
    this.#listener.onConnection({ phase: "open" });
    this.#arm("lost", body.lost_after_ms, () => this.#lose("nothing was heard for too long"));
    this.#beatLater();
    for (const { frame } of this.#waiting.values()) this.#send(frame);
  }

  #follow(frame) {
    const step = link(this.#place.offset, frame);
    if (step === "repeated") return;
    if (step === "gap") {
      this.#lose("an event is missing: resume");
      return;
    }
    this.#listener.onEvent(frame);
    this.#place = { ...this.#place, offset: frame.offset };
    this.#listener.onPlace(this.#place);
  }

  #compare(newest) {
    if (newest > this.#place.offset) this.#lose("the heartbeat names an event that is missing: resume");
    else this.#beatLater();
  }

  /** Armed by what arrives, not by an interval: browsers slow down the intervals of hidden tabs to one a minute. */
  #beatLater() {
    this.#arm("beat", this.#welcome.heartbeat_ms, () => {
      this.#send({ type: "heartbeat", body: { offset: this.#place.offset } });
    });
  }

  #renew() {
    this.#fetchToken()
      .then((token) => this.request("session.renew_token", { token }))
      .catch((error) => this.#listener.onTrace("note", `the token was not renewed: ${error.message}`));
  }

  #settle(id, problem, body) {
    const asked = this.#waiting.get(id);
    if (!asked) return;
    if (problem?.retryable && asked.tries < RETRIES) {
      asked.tries += 1;
      setTimeout(() => {
        if (this.#isOpen && this.#waiting.has(id)) this.#send(asked.frame);
      }, problem.retry_after_ms ?? 1_000);
      return;
    }
    this.#waiting.delete(id);
    if (problem) asked.reject(problem);
    else asked.resolve(body);
  }

  #closed(code) {
    const comesBack = this.#closing?.reconnect_in_ms;
    const final = FINAL_CLOSES.get(code);
    if (final && comesBack === undefined) {
      this.#drop();
      this.#listener.onTrace("note", `closed with ${code}`);
      this.#listener.onConnection({ phase: "stopped", why: final });
      return;
    }
    this.#comeBack(`closed with ${code}`, comesBack);
  }

  /** The connection is of no use any more: come back at once. */
  #lose(why) {
    this.#listener.onTrace("note", why);
    this.connect();
  }

  #comeBack(why, pauseAsked) {
    this.#drop();
    const growing = Math.min(FIRST_PAUSE_MS * 2 ** this.#attempt, LONGEST_PAUSE_MS) * (0.5 + Math.random());
    const pause = pauseAsked ?? growing;
    this.#attempt += 1;
    this.#listener.onTrace("note", `${why}; again in ${(pause / 1000).toFixed(1)} s`);
    this.#listener.onConnection({ phase: "waiting", retryAt: clock() + pause });
    this.#arm("retry", pause, () => this.connect());
  }

  #drop() {
    this.#turn += 1;
    for (const name of Object.keys(this.#timers)) clearTimeout(this.#timers[name]);
    this.#isOpen = false;
    this.#welcome = null;
    this.#closing = null;
    this.#socket?.close();
    this.#socket = null;
  }

  #arm(name, ms, act) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(act, ms);
  }
}
