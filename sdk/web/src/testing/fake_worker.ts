// A service worker's surroundings in the hands of a test: notifications, windows, the server, and time.
import type { WindowOfApp, WorkerScope } from "../push/worker.js";
import type { RingNotification } from "../push/notification.js";
import { FakeShelf } from "./fake_shelf.js";
import { settled } from "./fake_world.js";
import { NOW } from "./pushes.js";

export type Reply = { status: number; body?: object } | "no network";

class FakeWindow implements WindowOfApp {
  readonly told: unknown[] = [];
  isFocused = false;

  constructor(
    readonly url: string,
    readonly visibilityState: string,
  ) {}

  focus(): Promise<unknown> {
    this.isFocused = true;
    return Promise.resolve();
  }

  postMessage(message: unknown): void {
    this.told.push(message);
  }
}

interface Shown {
  title: string;
  options: RingNotification;
}

export class FakeWorker {
  now = NOW;
  readonly shelf = new FakeShelf();
  /** What is on the screen, by tag. */
  readonly shown = new Map<string, Shown>();
  /** How often something was shown. */
  shows = 0;
  readonly windows: FakeWindow[] = [];
  readonly opened: string[] = [];
  /** Whether something was kept for the page, for each that was opened. */
  readonly keptWhenOpened: boolean[] = [];
  readonly subscribed: unknown[] = [];
  /** What the server was asked, each as "POST url with authorization". */
  readonly asked: string[] = [];
  /** What the server says next; the last one again and again. `undefined` for no answer yet. */
  replies: (Promise<Reply> | Reply)[] = [{ status: 200, body: {} }];
  readonly #listeners = new Map<string, (event: never) => void>();
  #timers: { at: number; act: () => void }[] = [];

  readonly scope: WorkerScope = {
    location: { origin: "https://app.example" },
    registration: {
      scope: "https://app.example/",
      showNotification: (title: string, options: RingNotification = {}) => {
        this.shows += 1;
        this.shown.set(options.tag ?? "", { title, options });
        return Promise.resolve();
      },
      getNotifications: ({ tag = "" } = {}) => {
        const found = this.shown.get(tag);
        const notification = { data: found?.options.data as unknown, close: () => this.shown.delete(tag) };
        return Promise.resolve(found ? [notification as unknown as Notification] : []);
      },
      pushManager: {
        subscribe: (options) => {
          this.subscribed.push(options);
          return Promise.reject(new Error("of no use here"));
        },
      },
    },
    clients: {
      matchAll: () => Promise.resolve(this.windows),
      openWindow: (url) => {
        this.keptWhenOpened.push(this.shelf.kept.has("answered"));
        return Promise.resolve(this.opened.push(url));
      },
    },
    addEventListener: (type, listener) => this.#listeners.set(type, listener),
  };

  readonly after = (ms: number, act: () => void) => {
    const timer = { at: this.now + ms, act };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((other) => other !== timer));
  };

  readonly fetch = (async (url: string, options: RequestInit) => {
    const { authorization } = options.headers as Record<string, string>;
    this.asked.push(`${options.method ?? ""} ${url} with ${authorization ?? ""}`);
    const [next, ...more] = this.replies;
    if (more.length > 0) this.replies = more;
    const reply = await next;
    if (!reply || reply === "no network") throw new TypeError("no network");
    return new Response(JSON.stringify(reply.body ?? {}), { status: reply.status });
  }) as typeof fetch;

  /** What `handlePushes` needs of it. */
  get surroundings() {
    return { scope: this.scope, shelf: this.shelf, fetch: this.fetch, after: this.after, now: () => this.now };
  }

  window(path: string, visibilityState: "hidden" | "visible" = "hidden"): FakeWindow {
    const window = new FakeWindow(`https://app.example${path}`, visibilityState);
    this.windows.push(window);
    return window;
  }

  /** A push comes. @returns its work, which lasts as long as the ring */
  async push(text: string | null): Promise<void> {
    await this.happen("push", { data: text === null ? null : { text: () => text } });
  }

  /** The user presses a notification, which browsers do not close by themselves. */
  async click(tag: string, action = ""): Promise<void> {
    const data = this.shown.get(tag)?.options.data as unknown;
    await this.happen("notificationclick", { action, notification: { data, close: () => this.shown.delete(tag) } });
  }

  async happen(type: string, more: object = {}): Promise<void> {
    const event = { ...more, waitUntil: () => undefined };
    this.#listeners.get(type)?.(event as never);
    await carriedOut();
  }

  /** Lets time pass; what is due happens at its time. */
  async advance(ms: number): Promise<void> {
    const until = this.now + ms;
    await carriedOut();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= until).sort((one, other) => one.at - other.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.now = Math.max(this.now, next.at);
      next.act();
      await carriedOut();
    }
    this.now = until;
  }
}

/** What keeps and asks takes more turns than a client does. */
async function carriedOut(): Promise<void> {
  for (let round = 0; round < 6; round += 1) await settled();
}
