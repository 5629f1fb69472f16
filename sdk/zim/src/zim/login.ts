// One login of a ZIM instance, from the asking for it to its end.
import type { Client, ClientEvent, Connection, StopReason } from "@offhook/client";
import { platform } from "../shared/platform.js";
import { Session, type Account, type LoginFailure } from "../shared/session.js";
import type { ZIMConnectionEvent, ZIMConnectionState } from "./enums.js";
import { failureOfLogin } from "./failure.js";
import { CallNews } from "./news.js";
import {
  ACTIVE_LOGIN,
  CONNECTED,
  CONNECTING,
  DISCONNECTED,
  KICKED_OUT,
  LOGIN_INTERRUPTED,
  LOGIN_TIMEOUT,
  RECONNECTING,
  SUCCESS,
  TOKEN_EXPIRED,
} from "./numbers.js";
import { ZimRooms } from "./rooms.js";
import type { Raise } from "./raise.js";

/** How a session that ends by itself is told. */
const ENDS: Readonly<Record<StopReason, readonly [event: ZIMConnectionEvent, details?: object]>> = {
  bad_frame: [LOGIN_TIMEOUT],
  kicked_out: [KICKED_OUT, { reason: 1, message: "another device of the user logged in" }],
  logged_out: [SUCCESS],
  replaced: [KICKED_OUT, { reason: 2, message: "this device connected anew" }],
  unauthenticated: [TOKEN_EXPIRED],
};

/** How a login is asked for. */
export interface LoginWish {
  readonly account: Account;
  /** Resolve at once, and connect meanwhile. */
  readonly isOffline: boolean;
  /** This instance was logged in before. */
  readonly isAgain: boolean;
}

/** One login. */
export class Login {
  readonly user: string;
  readonly news: CallNews;
  readonly rooms: ZimRooms;
  /** Resolves with why it failed, if it did. */
  readonly ready: Promise<LoginFailure | undefined>;
  /** The app may ask for things. */
  isIn = false;
  readonly #session: Session;
  readonly #stop: () => void;
  #state: ZIMConnectionState = DISCONNECTED;
  #token: string;

  constructor(
    { account, isOffline, isAgain }: LoginWish,
    private readonly raise: Raise,
    /** The session has ended by itself. */
    private readonly over: () => void,
  ) {
    this.user = account.user;
    this.#token = account.token;
    this.#session = Session.take(account);
    this.news = new CallNews(raise, account.user);
    this.rooms = new ZimRooms(this.client, account.user, raise);
    this.#stop = this.client.on("event", (event) => this.#hear(event));
    if (isOffline) this.#show(CONNECTING, ACTIVE_LOGIN);
    else if (isAgain) this.#show(RECONNECTING, ACTIVE_LOGIN);
    this.ready = isOffline ? this.#beginLater() : this.#begin();
  }

  get client(): Client {
    return this.#session.client;
  }

  /** The same user logs in again: the newest token counts. */
  async again(token: string): Promise<LoginFailure | undefined> {
    if (token !== this.#token) {
      this.#token = token;
      // A token that is no better than the one in use changes nothing.
      const renewed = this.renew(token).catch(() => undefined);
      if (this.isIn) await renewed;
    }
    return this.ready;
  }

  async renew(token: string): Promise<void> {
    await this.#session.renew(token);
    this.#token = token;
  }

  /** Logs the device out; the events are told at once. */
  logout(): Promise<void> {
    this.#detach();
    this.#show(DISCONNECTED, SUCCESS);
    return this.#session.logout();
  }

  /** Lets go without a word, to the app or to the server: pushes still come. */
  drop(): void {
    this.#detach();
    this.#session.release();
  }

  async #begin(): Promise<LoginFailure | undefined> {
    const isOnline = this.client.state.connection.state === "online";
    const failure = await this.#session.ready();
    if (failure) {
      this.drop();
      this.#show(DISCONNECTED, LOGIN_TIMEOUT);
    } else if (isOnline) {
      this.#adopt();
    }
    return failure;
  }

  #beginLater(): Promise<undefined> {
    this.isIn = true;
    this.client.connect();
    return Promise.resolve(undefined);
  }

  /** Another façade has the session already: what the app would have heard is told now. */
  #adopt(): void {
    this.#online();
    for (const call of this.client.state.calls) {
      const remainingMs = (call.ringUntil ?? 0) - platform().now();
      if (call.phase === "ringing" && remainingMs > 0) this.news.incoming(call, remainingMs);
    }
  }

  #hear(event: ClientEvent): void {
    switch (event.kind) {
      case "connection":
        this.news.hear(event);
        return this.#connection(event.connection);
      case "refused":
        if (this.isIn) this.raise("error", failureOfLogin({ kind: "refused", problem: event.problem }));
        return;
      case "token_will_expire":
        return this.raise("tokenWillExpire", { second: Math.floor(event.remainingMs / 1000) });
      default:
        return this.news.hear(event);
    }
  }

  #connection(connection: Connection): void {
    switch (connection.state) {
      case "online":
        return this.#online();
      case "backoff":
      case "connecting":
        if (this.#state === CONNECTED) {
          this.#show(RECONNECTING, LOGIN_INTERRUPTED);
        }
        return;
      case "stopped":
        if (this.isIn) this.#stopped(connection.reason);
        return;
      case "disconnected":
        return;
    }
  }

  #online(): void {
    this.isIn = true;
    this.#show(CONNECTED, SUCCESS);
  }

  #stopped(reason: StopReason): void {
    this.#detach();
    this.#session.release();
    this.over();
    const [event, details] = ENDS[reason];
    this.#show(DISCONNECTED, event, details && JSON.stringify(details));
  }

  #detach(): void {
    this.isIn = false;
    this.#stop();
    this.rooms.close();
  }

  #show(state: ZIMConnectionState, event: ZIMConnectionEvent, extendedData = ""): void {
    if (state === this.#state) return;
    this.#state = state;
    this.raise("connectionStateChanged", { state, event, extendedData });
  }
}
