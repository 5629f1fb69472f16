// The page's part: subscribes the browser to pushes, and keeps the server told where it is reached.
import type { CallState, RingStopReason } from "../api/call.js";
import type { Client } from "../api/client.js";
import { OffhookError } from "../api/error.js";
import type { DeviceAddress, UserId } from "../generated/frames.js";
import { given } from "../given.js";
import { tried } from "../tried.js";
import type { PushDocument } from "./document.js";
import { NUDGE, SETTLED, SUBSCRIPTION } from "./kept.js";
import { online } from "./online.js";
import type { KeptSubscription, Settled } from "./kept.js";
import { browserShelf } from "./shelf.js";
import type { Shelf } from "./shelf.js";

/** Which service worker gets the pushes, and how they are sent. */
export interface Subscribing {
  /** The app's service worker, which calls `handlePushes`. */
  registration?: ServiceWorkerRegistration;
  /** Where it lies, in place of a registration. */
  serviceWorkerUrl?: string | URL;
  /** The app's push resource. Default: `default`. */
  resource?: string;
}

/** What of a browser is used; for tests. */
export interface PushSurroundings {
  readonly notifications: Pick<typeof Notification, "permission" | "requestPermission"> | undefined;
  readonly serviceWorkers:
    Pick<ServiceWorkerContainer, "addEventListener" | "getRegistration" | "register"> | undefined;
  readonly hasPushes: boolean;
  readonly shelf: Shelf;
}

/** How pushes stand for who is logged in. `off`: not subscribed here; `denied`: the user forbids notifications. */
export type PushStatus = "denied" | "off" | "on" | "unsupported";

/**
 * Subscribes this browser to pushes of calls, and registers it at this login and every later one of the client. Asks the user
 * for permission, so it must be called because the user pressed something. Call it again with every page: who has
 * permitted is not asked again; `keepSubscribed` does nothing where they have not.
 *
 * @returns how to stop following the client; the browser stays subscribed
 * @throws OffhookError `push_unsupported`, `push_denied`, `push_no_key`, `push_failed`, or what the server refused
 */
export async function subscribeToPushes(
  client: Client,
  subscribing: Subscribing,
  surroundings: Partial<PushSurroundings> = {},
): Promise<() => void> {
  const around = pushSurroundings(surroundings);
  const { notifications } = supported(around);
  // Before anything is waited for: browsers ask only as long as the press is recent.
  const permission =
    notifications.permission === "default" ? await notifications.requestPermission() : notifications.permission;
  if (permission !== "granted") {
    throw new OffhookError("push_denied", "notifications are not permitted; the user can permit them in the settings");
  }
  return follow(client, subscribing, around);
}

/**
 * As `subscribeToPushes`, without a question: for the start of a page. Waits for the client to connect.
 *
 * @returns undefined if this user has not subscribed here, or notifications are not permitted any more
 */
export async function keepSubscribed(
  client: Client,
  subscribing: Subscribing,
  surroundings: Partial<PushSurroundings> = {},
): Promise<(() => void) | undefined> {
  const around = pushSurroundings(surroundings);
  await online(client);
  return (await statusOf(client, around)) === "on" ? follow(client, subscribing, around) : undefined;
}

/** How pushes stand here for the client's user: `off` as long as that is not known. Never rejects. */
export async function pushStatus(
  client: Pick<Client, "state">,
  surroundings: Partial<PushSurroundings> = {},
): Promise<PushStatus> {
  return statusOf(client, pushSurroundings(surroundings));
}

/** Ends it: the server forgets this device, and the browser its subscription. Harmless if there is none. */
export async function unsubscribeFromPushes(
  client: Client,
  { registration }: { registration?: ServiceWorkerRegistration } = {},
  surroundings: Partial<PushSurroundings> = {},
): Promise<void> {
  const { serviceWorkers, shelf } = pushSurroundings(surroundings);
  await forgetSubscription(shelf);
  const subscribed = registration ?? (await serviceWorkers?.getRegistration());
  const subscription = await subscribed?.pushManager.getSubscription();
  await subscription?.unsubscribe().catch(() => false);
  await client.unregisterDevice();
}

async function follow(client: Client, subscribing: Subscribing, around: PushSurroundings): Promise<() => void> {
  const { serviceWorkers } = supported(around);
  const registration = await registrationOf(subscribing, serviceWorkers);
  const renew = () => subscribe(client, registration, subscribing.resource, around.shelf);
  await renew();
  const over = new AbortController();
  // What fails here is tried at the next login; who wants to know asks for it.
  const renewQuietly = () => void renew().catch(() => undefined);
  const stop = client.on("connection", ({ connection }) => {
    if (connection.state === "online" && !connection.resumed) renewQuietly();
    if (connection.state === "stopped" && connection.reason === "logged_out") {
      // The server has forgotten the device with the session; a worker that rings for somebody else would be none of theirs.
      void forgetSubscription(around.shelf);
    }
  });
  const hear = ({ data }: MessageEvent) => {
    if ((data as { [NUDGE]?: unknown } | null)?.[NUDGE] === "subscription") renewQuietly();
  };
  serviceWorkers.addEventListener("message", hear as EventListener, { signal: over.signal });
  const stopSettling = client.on("ring_stopped", ({ call, reason }) => {
    const document = settledDocument(call.state, client.state.user, reason);
    if (document) registration.active?.postMessage({ [NUDGE]: SETTLED, document } satisfies Settled);
  });
  return () => {
    stop();
    stopSettling();
    over.abort();
  };
}

/**
 * What this page knows of a ring that is over: the server sends no stop to a device that is connected, and the notification would
 * become a missed call when its time is over. @returns undefined if the page knows nothing
 */
function settledDocument(
  { alias, caller, id, media, seq }: CallState,
  user: UserId | undefined,
  reason: RingStopReason,
): PushDocument | undefined {
  if (user === undefined || reason === "session_over") return undefined;
  const isMissed = reason === "canceled" || reason === "ended" || reason === "timed_out" || reason === "unanswered";
  return {
    ...{ kind: "stop", call: id, alias, seq, to: user, caller, media },
    ...{ title: "", body: "", payload: "", ageMs: 0, remainingMs: 0, ringUntilMs: 0 },
    reason: isMissed ? "canceled" : "answered_here",
  };
}

/** Makes the subscription what it should be, and tells the server. */
async function subscribe(
  client: Client,
  { pushManager }: Pick<ServiceWorkerRegistration, "pushManager">,
  resource: string | undefined,
  shelf: Shelf,
): Promise<void> {
  const key = await client.pushKey(resource);
  if (key === undefined) {
    throw new OffhookError("push_no_key", "the app sends no pushes to browsers; its push resource needs a web section");
  }
  const address = addressOf(await subscriptionWith(pushManager, key));
  await client.registerDevice([address]);
  const { device, user } = client.state;
  if (user === undefined) return;
  const kept: KeptSubscription = given({ user, device, key, resource });
  // Without it the worker rings for whoever a push is for, and opens a page without naming the device.
  await shelf.change(SUBSCRIPTION, () => [kept, undefined]).catch(() => undefined);
}

/** The subscription that there is, if it is one with this key; a server that has another one cannot use it. */
async function subscriptionWith(pushManager: PushManager, key: string): Promise<PushSubscription> {
  try {
    const present = await pushManager.getSubscription();
    const presentKey = present?.options.applicationServerKey;
    if (present && presentKey && base64Url(presentKey) === key) return present;
    await present?.unsubscribe();
    return await pushManager.subscribe({ applicationServerKey: key, userVisibleOnly: true });
  } catch (error) {
    const isForbidden = error instanceof DOMException && error.name === "NotAllowedError";
    throw isForbidden
      ? new OffhookError("push_denied", "the browser does not permit pushes; the user can permit them in the settings")
      : new OffhookError("push_failed", `the browser's push service gave no subscription: ${String(error)}`, {
          isRetryable: true,
        });
  }
}

function addressOf(subscription: PushSubscription): DeviceAddress {
  const [p256dh, auth] = [subscription.getKey("p256dh"), subscription.getKey("auth")];
  if (!p256dh || !auth) throw new OffhookError("push_unsupported", "the browser's subscription has no keys");
  return { provider: "web", endpoint: subscription.endpoint, p256dh: base64Url(p256dh), auth: base64Url(auth) };
}

async function statusOf({ state }: Pick<Client, "state">, around: PushSurroundings): Promise<PushStatus> {
  const { hasPushes, notifications, serviceWorkers, shelf } = around;
  if (!hasPushes || !notifications || !serviceWorkers) return "unsupported";
  if (notifications.permission === "denied") return "denied";
  const kept = (await shelf.read(SUBSCRIPTION).catch(() => undefined)) as KeptSubscription | undefined;
  return notifications.permission === "granted" && kept !== undefined && kept.user === state.user ? "on" : "off";
}

function forgetSubscription(shelf: Shelf): Promise<void> {
  return shelf.change(SUBSCRIPTION, () => [undefined, undefined]).catch(() => undefined);
}

async function registrationOf(
  { registration, serviceWorkerUrl }: Subscribing,
  serviceWorkers: Pick<ServiceWorkerContainer, "register">,
): Promise<ServiceWorkerRegistration> {
  const found = registration ?? (serviceWorkerUrl && (await serviceWorkers.register(trusted(serviceWorkerUrl))));
  if (!found) throw new OffhookError("push_unsupported", "name the service worker: registration or serviceWorkerUrl");
  await active(found);
  return found;
}

/** A browser subscribes with an active worker alone. */
function active({ active, installing, waiting }: ServiceWorkerRegistration): Promise<void> {
  const coming = installing ?? waiting;
  if (active || !coming) return Promise.resolve();
  return new Promise((resolve, reject) => {
    coming.addEventListener("statechange", () => {
      if (coming.state === "activated") resolve();
      if (coming.state === "redundant") reject(new OffhookError("push_failed", "the service worker did not start"));
    });
  });
}

interface TrustedPolicy {
  createScriptURL(url: string): string;
}

/** A page may make a policy of one name once. */
let policy: TrustedPolicy | undefined;

/**
 * A page that demands Trusted Types permits the policy `offhook-service-worker` in its Content-Security-Policy, or registers the
 * worker itself.
 */
function trusted(url: string | URL): string | URL {
  const { trustedTypes } = globalThis as {
    trustedTypes?: { createPolicy(name: string, rules: TrustedPolicy): TrustedPolicy };
  };
  policy ??= tried(() => trustedTypes?.createPolicy("offhook-service-worker", { createScriptURL: (text) => text }));
  return policy?.createScriptURL(String(url)) ?? url;
}

interface Supported {
  readonly notifications: NonNullable<PushSurroundings["notifications"]>;
  readonly serviceWorkers: NonNullable<PushSurroundings["serviceWorkers"]>;
}

function supported({ hasPushes, notifications, serviceWorkers }: PushSurroundings): Supported {
  if (hasPushes && notifications && serviceWorkers) return { notifications, serviceWorkers };
  throw new OffhookError(
    "push_unsupported",
    "this browser has no Web Push, or the page is not secure; on iPhone and iPad it must be on the home screen",
  );
}

function pushSurroundings(surroundings: Partial<PushSurroundings>): PushSurroundings {
  const { navigator, Notification, PushManager } = globalThis as {
    navigator?: { serviceWorker?: ServiceWorkerContainer };
    Notification?: typeof globalThis.Notification;
    PushManager?: unknown;
  };
  return {
    notifications: Notification,
    serviceWorkers: navigator?.serviceWorker,
    hasPushes: PushManager !== undefined,
    shelf: surroundings.shelf ?? browserShelf(),
    ...surroundings,
  };
}

function base64Url(bytes: ArrayBuffer): string {
  const text = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
