// The shape of the ZPNs web package: registers a browser for pushes of calls. Over Web Push and the server's own key, so that
// nothing of Firebase is needed.
import { OffhookError, type Client } from "@offhook/client";
import { subscribeToPushes, unsubscribeFromPushes, type Subscribing } from "@offhook/client/push";
import { clientOf, followLogins } from "../shared/logins.js";
import { callListener } from "../shared/platform.js";
import { ZIM } from "../zim/zim.js";

/** Where the service worker lies that the reference has apps copy, and ours is to lie as well. */
const SERVICE_WORKER = "/firebase-messaging-sw.js";

/** Of the reference's error codes. */
const REGISTER_FAILED = 6000404;
const UNREGISTER_FAILED = 6000405;

/**
 * What of a config counts here. The fields of Firebase (`apiKey`, `vapidKey` and the others) are taken and left alone: the key
 * is the server's.
 */
export interface ZPNsConfig {
  /** The app's service worker, which calls `handlePushes` of `@offhook/client/service-worker`. Default: `/firebase-messaging-sw.js`. */
  serviceWorkerUrl?: string;
  /** The push resource. Default: `default`. */
  resourcesID?: string;
  readonly [other: string]: unknown;
}

export interface ZPNsRegisterMessage {
  /** Names the registration in logs; it is no address. `""` if it failed. */
  pushID: string;
  /** 0, or why it failed: 6000404. */
  errorCode: number;
}

/** What listens to each event. */
export interface ZPNsEventHandler {
  registered: (message: ZPNsRegisterMessage) => void;
}

/** What registers; replaced in tests. */
export interface ZPNsParts {
  /** Asks the user, while the press is recent. */
  readonly ask: () => Promise<unknown>;
  readonly subscribe: (client: Client, subscribing: Subscribing) => Promise<() => void>;
  readonly unsubscribe: (client: Client) => Promise<void>;
}

let parts: ZPNsParts = {
  ask: async () => {
    if (typeof Notification !== "undefined") await Notification.requestPermission();
  },
  subscribe: subscribeToPushes,
  unsubscribe: unsubscribeFromPushes,
};

/** @returns how to put back what was there */
export function replaceZpnsParts(others: ZPNsParts): () => void {
  const before = parts;
  parts = others;
  return () => (parts = before);
}

let instance: ZPNs | undefined;

/** One instance for a page. */
export class ZPNs {
  readonly #listeners: Partial<ZPNsEventHandler> = {};
  #stopLogins: () => void = () => undefined;
  #stopClient: () => void = () => undefined;
  #zim: ZIM | null = null;

  static getInstance(): ZPNs {
    instance ??= new ZPNs();
    return instance;
  }

  private constructor() {
    // `getInstance` makes it.
  }

  /** Listens to an event, in place of whoever listened to it before. */
  on<Name extends keyof ZPNsEventHandler>(type: Name, listener: ZPNsEventHandler[Name]): void {
    Object.assign(this.#listeners, { [type]: listener });
  }

  /** Listens no more. */
  off(type: keyof ZPNsEventHandler): void {
    Object.assign(this.#listeners, { [type]: undefined });
  }

  /**
   * Asks the user for permission and registers this browser, now or with the login that comes, and with every later one. To be
   * called because the user pressed something. `registered` tells how it came out; rejects with the same.
   *
   * @returns the pushID, once there is a login; `""` before
   */
  async register(config: ZPNsConfig = {}, zim: ZIM | null = ZIM.getInstance()): Promise<string> {
    this.#forget();
    if (!zim) throw this.#failed(new OffhookError("not_connected", "create a ZIM instance first"));
    const subscribing: Subscribing = {
      serviceWorkerUrl: config.serviceWorkerUrl ?? SERVICE_WORKER,
      ...(config.resourcesID !== undefined && config.resourcesID !== "" && { resource: config.resourcesID }),
    };
    this.#zim = zim;
    this.#stopLogins = followLogins(zim, (client) => {
      this.#stopClient();
      void this.#register(client, subscribing).catch(() => undefined);
    });
    const client = clientOf(zim);
    if (client) return this.#register(client, subscribing);
    await parts.ask();
    return "";
  }

  /** The server forgets where this browser is reached. */
  async unregister(): Promise<void> {
    const client = this.#zim && clientOf(this.#zim);
    this.#forget();
    try {
      if (client) await parts.unsubscribe(client);
    } catch (error) {
      throw new ZPNsFailure(UNREGISTER_FAILED, error);
    }
  }

  async #register(client: Client, subscribing: Subscribing): Promise<string> {
    try {
      this.#stopClient = await parts.subscribe(client, subscribing);
      const pushID = `web:${client.state.device}`;
      this.#tell({ pushID, errorCode: 0 });
      return pushID;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #failed(error: unknown): ZPNsFailure {
    const failure = new ZPNsFailure(REGISTER_FAILED, error);
    this.#tell({ pushID: "", errorCode: failure.code });
    return failure;
  }

  #tell(message: ZPNsRegisterMessage): void {
    const { registered } = this.#listeners;
    if (typeof registered === "function") callListener(() => registered(message));
  }

  #forget(): void {
    this.#stopLogins();
    this.#stopClient();
    this.#stopLogins = this.#stopClient = () => undefined;
    this.#zim = null;
  }
}

/** Why it failed: a number of the reference's, and what the client said in `cause`. */
export class ZPNsFailure extends Error {
  override readonly name = "ZPNsError";
  constructor(
    readonly code: number,
    override readonly cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause));
  }
}
