// One session of one user, shared by a ZIM instance and the Express engines beside it.
import { OffhookError, type Client, type Problem, type StopReason } from "@offhook/client";
import { platform } from "./platform.js";

/** Who logs in where. */
export interface Account {
  readonly server: string;
  readonly app: number;
  readonly user: string;
  readonly name: string;
  readonly token: string;
}

/** Why a session did not begin. */
export type LoginFailure =
  | { readonly kind: "refused"; readonly problem: Problem }
  | { readonly kind: "stopped"; readonly reason: StopReason }
  | { readonly kind: "timed_out" };

/** How long a login may take, in milliseconds. More lets a slow network in, less tells sooner that there is none. */
const LOGIN_TIMEOUT_MS = 10_000;

const open = new Map<string, Session>();
/** Sessions that log out: a new one of the same user does not wait for them, and is not to be replaced by them. */
const leaving = new Map<string, Session>();

/** A session, and who holds it. */
export class Session {
  readonly client: Client;
  #token: string | null;
  #holders = 0;

  private constructor(readonly account: Account) {
    this.#token = account.token;
    this.client = platform().openClient({
      url: account.server,
      // The client keeps a token as long as it is good. A second question means that it is not; the app brings the next one.
      getToken: () => {
        const token = this.#token;
        this.#token = null;
        return Promise.resolve(token);
      },
      app: account.app,
      user: account.user,
      name: account.name,
    });
  }

  /** Takes the session of an account, or opens it. To be given back with `release`. */
  static take(account: Account): Session {
    leaving.get(keyOf(account))?.client.close();
    const session = Session.held(account) ?? new Session(account);
    open.set(keyOf(account), session);
    session.#holders += 1;
    return session;
  }

  /** The session of a user that somebody holds already. */
  static held(account: Pick<Account, "app" | "user">): Session | undefined {
    return open.get(keyOf(account));
  }

  /** Connects. Resolves once it is online, and else with why not. */
  ready(): Promise<LoginFailure | undefined> {
    const { client } = this;
    return new Promise((resolve) => {
      let refusal: Problem | undefined;
      const settle = (failure?: LoginFailure) => {
        stop();
        cancel();
        resolve(failure);
      };
      const cancel = platform().later(() => settle({ kind: "timed_out" }), LOGIN_TIMEOUT_MS);
      const stop = client.on("event", (event) => {
        if (event.kind === "refused") refusal = event.problem;
        if (event.kind !== "connection") return;
        const { connection } = event;
        if (connection.state === "online") settle();
        if (connection.state === "stopped") {
          settle(refusal ? { kind: "refused", problem: refusal } : { kind: "stopped", reason: connection.reason });
        }
      });
      if (client.state.connection.state === "online") settle();
      else client.connect();
    });
  }

  /** Brings a newer token; resolves once the server has taken it. */
  async renew(token: string): Promise<void> {
    if (this.client.state.connection.state !== "online") this.#token = token;
    await this.client.renewToken(token);
    this.#token = null;
  }

  /** Gives the session back; the last one closes it, without a word to the calls. */
  release(): void {
    this.#holders -= 1;
    if (this.#holders <= 0) this.#close();
  }

  /** Logs the device out, for all who hold the session. */
  async logout(): Promise<void> {
    this.#forget();
    const key = keyOf(this.account);
    leaving.set(key, this);
    try {
      // Without a connection there is nobody to tell, and coming back for it would surprise.
      if (this.client.state.connection.state === "online") await this.client.logout();
    } catch (error) {
      if (!(error instanceof OffhookError)) throw error;
    } finally {
      this.client.close();
      if (leaving.get(key) === this) leaving.delete(key);
    }
  }

  #close(): void {
    this.#forget();
    this.client.close();
  }

  #forget(): void {
    if (Session.held(this.account) === this) open.delete(keyOf(this.account));
  }
}

/** A device has one session for each user of an app, so neither server nor token is part of the key. */
function keyOf({ app, user }: Pick<Account, "app" | "user">): string {
  return `${app} ${user}`;
}
