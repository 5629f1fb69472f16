// The service worker's part: carries out what the machine of rings decides, with notifications, windows and requests.
import type { DeviceId, UserId } from "../generated/frames.js";
import { systemClock } from "../room/clock.js";
import { tried } from "../tried.js";
import { askInvitation } from "./answering.js";
import type { AnsweringPort } from "./answering.js";
import { NUDGE, RINGS, SETTLED, SUBSCRIPTION, keepAnswered, takeBack } from "./kept.js";
import type { KeptSubscription, Settled } from "./kept.js";
import { isRinging, notificationOf, tagOf } from "./notification.js";
import { readPush } from "./document.js";
import { reduceRing } from "./ringing.js";
import type { KnownRing, KnownRings, RingContext, RingInput, RingOutput } from "./ringing.js";
import { browserShelf } from "./shelf.js";
import type { Shelf } from "./shelf.js";
import { ENGLISH } from "./texts.js";
import type { PushTexts } from "./texts.js";

/** A call that rings, for who decides what to open. Texts come from other people. */
export interface Invitation {
  readonly call: string;
  /** The name of at most 20 digits that ZIM-shaped clients know the call by. */
  readonly alias: string;
  readonly caller: UserId;
  readonly to: UserId;
  readonly media: string;
  /** What the caller sent along for pushes. */
  readonly payload: string;
  /** The device that was registered here: a page that answers must be the same (`ClientOptions.device`). */
  readonly device?: DeviceId;
}

/** How pushes are handled. All of it may be left out. */
export interface PushHandling {
  /** The server: `https://calls.example`. Default: where the worker comes from. */
  apiUrl?: string;
  /** What notifications say. Default: English. */
  texts?: Partial<PushTexts>;
  /** The picture beside a notification. */
  icon?: string;
  /** What is opened where no page is. Default: the worker's scope with `?offhook-call=<id>`. */
  openUrl?: (invitation: Invitation) => string;
  /** Whether an open page is one that can take the call. Default: every page of the worker's scope. */
  isPageOf?: (url: URL, invitation: Invitation) => boolean;
}

/** What of a service worker is used; the types of workers and of pages do not go together. */
export interface WorkerScope {
  readonly location: { readonly origin: string };
  readonly registration: Pick<ServiceWorkerRegistration, "getNotifications" | "showNotification"> & {
    readonly scope: string;
    readonly pushManager: Pick<PushManager, "subscribe">;
  };
  readonly clients: {
    matchAll(options: { includeUncontrolled: boolean; type: "window" }): Promise<readonly WindowOfApp[]>;
    openWindow(url: string): Promise<unknown>;
  };
  addEventListener(type: string, listener: (event: never) => void): void;
}

export interface WindowOfApp {
  readonly url: string;
  readonly visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

/** What the worker's surroundings give; for tests. */
export interface WorkerSurroundings extends AnsweringPort {
  readonly scope: WorkerScope;
  readonly shelf: Shelf;
}

/** How long what concerns nobody is shown, in milliseconds. */
const PASSING_MS = 4_000;

/**
 * How long a window waits for the server's word to an acceptance, in milliseconds. A browser lets a worker open windows for a
 * short time after a click alone, Firefox for a second.
 */
const PATIENCE_MS = 700;

interface Extendable {
  waitUntil(work: Promise<unknown>): void;
}

interface PushHappening extends Extendable {
  readonly data: { text(): string } | null;
}

interface PageHappening extends Extendable {
  readonly data: unknown;
}

interface NotificationHappening extends Extendable {
  readonly action: string;
  readonly notification: { readonly data: unknown; close(): void };
}

/**
 * Rings for calls while no page is open. To be called in the app's service worker, at once when it starts.
 *
 * ```ts
 * import { handlePushes } from "@offhook/client/service-worker";
 * handlePushes({ apiUrl: "https://calls.example", icon: "/icon.png" });
 * ```
 *
 * Other pushes of the app are not seen here: a listener of the app's own may handle what `readPush` gives null for.
 */
export function handlePushes(handling: PushHandling = {}, given: Partial<WorkerSurroundings> = {}): void {
  const scope = given.scope ?? (globalThis as unknown as WorkerScope);
  const around = { ...systemClock, fetch: globalThis.fetch, shelf: given.shelf ?? browserShelf(), ...given, scope };
  const worker = new PushWorker(handling, around);
  scope.addEventListener("push", (event: PushHappening) => {
    const document = readPush(tried(() => event.data?.text()));
    event.waitUntil(worker.take({ kind: "push", document }));
  });
  scope.addEventListener("notificationclick", (event: NotificationHappening) => {
    const { action, notification } = event;
    notification.close();
    const { call } = (notification.data ?? {}) as { call?: string };
    const button = action === "accept" || action === "decline" ? action : "open";
    event.waitUntil(call === undefined ? worker.open() : worker.take({ kind: "pressed", call, button }));
  });
  scope.addEventListener("message", (event: PageHappening) => {
    const { [NUDGE]: kind, document } = (event.data ?? {}) as Partial<Settled>;
    if (kind === SETTLED && document) event.waitUntil(worker.take({ kind: "settled", document }));
  });
  scope.addEventListener("pushsubscriptionchange", (event: Extendable) => event.waitUntil(worker.resubscribe()));
}

class PushWorker {
  readonly #handling: PushHandling;
  readonly #around: WorkerSurroundings;
  readonly #texts: PushTexts;

  constructor(handling: PushHandling, around: WorkerSurroundings) {
    this.#handling = handling;
    this.#around = around;
    this.#texts = { ...ENGLISH, ...handling.texts };
  }

  /** Decides, remembers and carries out; resolves when all that follows is done. */
  async take(input: RingInput): Promise<void> {
    const { now, shelf } = this.#around;
    const kept = await this.#subscription();
    const context: RingContext = {
      user: kept?.user,
      device: kept?.device,
      isPageVisible: await this.#isPageVisible(input),
    };
    const decide = (before: unknown) => {
      const { known, outputs } = reduceRing((before as KnownRings | undefined) ?? [], input, now(), context);
      return [known, outputs] as const;
    };
    // Where nothing can be kept, every push is the first one: it rings all the same.
    const outputs = await shelf.change(RINGS, decide).catch(() => decide(undefined)[1]);
    const tasks: Promise<void>[] = [];
    for (const output of outputs) {
      const task = this.#carryOut(output).catch(() => undefined);
      // What is kept for a page must be there before the page; what is shown does not wait for the network.
      if (output.kind === "leave" || output.kind === "take_back") await task;
      tasks.push(task);
    }
    await Promise.all(tasks);
  }

  /** Shows the app. */
  async open(ring?: KnownRing): Promise<void> {
    const { clients, registration } = this.#around.scope;
    const { openUrl } = this.#handling;
    const invitation = ring && (await this.#invitationOf(ring));
    const [page] = await this.#pages(invitation);
    if (page) {
      // Another window may have what is in front, and a browser may not permit it at all.
      await page.focus().catch(() => undefined);
      page.postMessage({ [NUDGE]: "answered" });
      return;
    }
    const url = new URL(registration.scope);
    if (invitation) url.searchParams.set("offhook-call", invitation.call);
    await clients.openWindow(invitation && openUrl ? openUrl(invitation) : url.href);
  }

  /**
   * The browser has another subscription now, or none. One is made with the same key, so that it is there when a page next
   * opens, and pages that are open register it: that needs a login, which a worker has not.
   */
  async resubscribe(): Promise<void> {
    const { pushManager } = this.#around.scope.registration;
    const kept = await this.#subscription();
    if (kept) {
      const options = { applicationServerKey: kept.key, userVisibleOnly: true };
      await pushManager.subscribe(options).catch(() => undefined);
    }
    for (const page of await this.#pages()) page.postMessage({ [NUDGE]: "subscription" });
  }

  async #carryOut(output: RingOutput): Promise<void> {
    const { after, now, scope, shelf } = this.#around;
    switch (output.kind) {
      case "show": {
        const { title, options } = notificationOf(output.face, this.#texts, now(), this.#handling.icon);
        await scope.registration.showNotification(title, options);
        return;
      }
      case "close":
        await this.#close(output.call, () => true);
        return;
      case "close_soon":
        // Not waited for. Chrome looks at what is shown once the event is over, and shows a text of its own if there is nothing;
        // Firefox and Safari count what was shown, and end a subscription that shows nothing. If the worker is gone before
        // that, a quiet sentence stays.
        // Another ring of the call may have taken its place by then.
        after(PASSING_MS, () => void this.#close(output.call, (shown) => !isRinging(shown)));
        return;
      case "wait":
        await new Promise<void>((resolve) => void after(Math.max(0, output.until - now()), resolve));
        await this.take({ kind: "time", call: output.call });
        return;
      case "ask":
        await this.#ask(output);
        return;
      case "leave":
        await keepAnswered(shelf, output.answered);
        return;
      case "take_back":
        await takeBack(shelf, output.call);
        return;
      case "open":
        await this.open(output.ring);
        return;
    }
  }

  async #ask(request: Extract<RingOutput, { kind: "ask" }>): Promise<void> {
    const { apiUrl } = this.#handling;
    const server = (apiUrl ?? this.#around.scope.location.origin).replace(/\/+$/, "");
    const asked = askInvitation(this.#around, { server, ...request });
    if (request.verb === "ringing") {
      await asked;
      return;
    }
    const told = asked.then((answer) => this.take({ kind: "told", call: request.call, answer }));
    if (request.verb === "accept") {
      const isSlow = Symbol();
      const slow = new Promise<symbol>((resolve) => void this.#around.after(PATIENCE_MS, () => resolve(isSlow)));
      // The page goes on with the acceptance, whatever becomes of it.
      if ((await Promise.race([asked, slow])) === isSlow) await this.#openFor(request.call).catch(() => undefined);
    }
    await told;
  }

  async #openFor(call: string): Promise<void> {
    const known = ((await this.#around.shelf.read(RINGS)) as KnownRings | undefined) ?? [];
    await this.open(known.find(({ document }) => document.call === call));
  }

  async #close(call: string | undefined, isPast: (shown: Notification) => boolean): Promise<void> {
    const tag = tagOf(call);
    const shown = await this.#around.scope.registration.getNotifications({ tag });
    for (const notification of shown) if (isPast(notification)) notification.close();
  }

  async #isPageVisible(input: RingInput): Promise<boolean> {
    if (!("document" in input) || !input.document) return false;
    const pages = await this.#pages(await this.#invitationOf({ document: input.document }));
    return pages.some(({ visibilityState }) => visibilityState === "visible");
  }

  /** Open pages of the app, those in sight first. */
  async #pages(invitation?: Invitation): Promise<readonly WindowOfApp[]> {
    const { clients, registration } = this.#around.scope;
    const { isPageOf = () => true } = this.#handling;
    const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
    const own = pages.filter(({ url }) => url.startsWith(registration.scope));
    const fit = invitation ? own.filter(({ url }) => isPageOf(new URL(url), invitation)) : own;
    const rank = ({ visibilityState }: WindowOfApp) => Number(visibilityState !== "visible");
    return [...fit].sort((one, other) => rank(one) - rank(other));
  }

  async #invitationOf({ document }: Pick<KnownRing, "document">): Promise<Invitation> {
    const { alias, call, caller, media, payload, to } = document;
    const device = (await this.#subscription())?.device;
    return { alias, call, caller, media, payload, to, ...(device !== undefined && { device }) };
  }

  async #subscription(): Promise<KeptSubscription | undefined> {
    const kept = await this.#around.shelf.read(SUBSCRIPTION).catch(() => undefined);
    return kept as KeptSubscription | undefined;
  }
}
