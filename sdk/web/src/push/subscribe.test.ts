// Subscribing: what is asked of the user, the browser and the server, and when again.
import { beforeEach, describe, expect, test } from "vitest";
import { FakeShelf } from "../testing/fake_shelf.js";
import { CALL, event, legs, settled as turned, Stage, view, welcome } from "../testing/fake_world.js";
import { onAnswered } from "./answered.js";
import { keepAnswered } from "./kept.js";
import { keepSubscribed, pushStatus, subscribeToPushes, unsubscribeFromPushes } from "./subscribe.js";
import type { PushSurroundings } from "./subscribe.js";

/** What is kept takes more turns than what a client does. */
async function settled(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await turned();
}

const KEY = "BA1Hxzyi";
const WORKER = "/service-worker.js";

/** The three of a browser's subscription that are asked for. */
class FakeSubscription {
  readonly options: { applicationServerKey: ArrayBuffer };
  isOver = false;

  constructor(
    readonly endpoint: string,
    key: string,
  ) {
    this.options = { applicationServerKey: bytes(atob(key.replaceAll("-", "+").replaceAll("_", "/"))) };
  }

  getKey(name: string): ArrayBuffer {
    return bytes(name === "auth" ? "\xfb\xff" : "\x04\x01");
  }

  unsubscribe(): Promise<boolean> {
    this.isOver = true;
    return Promise.resolve(true);
  }
}

function bytes(text: string): ArrayBuffer {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0)).buffer;
}

class FakeBrowser {
  readonly shelf = new FakeShelf();
  permission: NotificationPermission = "default";
  /** What the user says. */
  says: NotificationPermission = "granted";
  questions = 0;
  readonly registered: unknown[] = [];
  /** What the worker was told. */
  readonly posted: unknown[] = [];
  subscription: FakeSubscription | null = null;
  subscribed = 0;
  refusal: Error | undefined;
  readonly messages = new EventTarget();

  readonly registration = {
    active: { postMessage: (message: unknown) => this.posted.push(message) },
    pushManager: {
      getSubscription: () => Promise.resolve(this.subscription?.isOver === false ? this.subscription : null),
      subscribe: ({ applicationServerKey }: { applicationServerKey: string }) => {
        if (this.refusal) return Promise.reject(this.refusal);
        this.subscribed += 1;
        this.subscription = new FakeSubscription(`https://push.example/${this.subscribed}`, applicationServerKey);
        return Promise.resolve(this.subscription);
      },
    },
  } as unknown as ServiceWorkerRegistration;

  get surroundings(): PushSurroundings {
    const permission = () => this.permission;
    return {
      hasPushes: true,
      shelf: this.shelf,
      notifications: {
        get permission() {
          return permission();
        },
        requestPermission: () => {
          this.questions += 1;
          this.permission = this.says;
          return Promise.resolve(this.says);
        },
      },
      serviceWorkers: {
        addEventListener: this.messages.addEventListener.bind(this.messages),
        getRegistration: () => Promise.resolve(this.registration),
        register: (url: unknown) => {
          this.registered.push(url);
          return Promise.resolve(this.registration);
        },
      },
    };
  }

  tell(offhook: string): void {
    this.messages.dispatchEvent(new MessageEvent("message", { data: { offhook } }));
  }
}

let stage: Stage;
let browser: FakeBrowser;
/** What the server has been told since the last look, with its keys of the moment. */
let key: string | undefined;

beforeEach(async () => {
  stage = new Stage();
  browser = new FakeBrowser();
  key = KEY;
  await stage.online();
});

/** Answers what the client asks, until it asks no more. @returns the types of what was asked */
async function served(): Promise<string[]> {
  const types: string[] = [];
  for (let turn = 0; turn < 6; turn += 1) {
    await settled();
    for (const { type, id } of stage.world.socket.written()) {
      types.push(type);
      const body = type === "device.push_key" ? { key } : undefined;
      await stage.hear({ type: body ? "reply.push_key" : "reply.done", id, ...(body && { body }) });
    }
  }
  return types;
}

async function subscribe(how: object = { serviceWorkerUrl: WORKER }): Promise<() => void> {
  const asked = subscribeToPushes(stage.client, how, browser.surroundings);
  asked.catch(() => undefined);
  await served();
  return asked;
}

describe("subscribing", () => {
  test("asks the user, then the server for its key, then the browser, and registers what it gave", async () => {
    const asked = subscribeToPushes(
      stage.client,
      { serviceWorkerUrl: WORKER, resource: "calls" },
      browser.surroundings,
    );
    expect(browser.questions).toBe(1);
    await settled();
    expect(browser.registered).toEqual([WORKER]);
    const [question] = stage.world.socket.written();
    expect(question).toMatchObject({ type: "device.push_key", body: { resource: "calls" } });
    await stage.hear({ type: "reply.push_key", id: 1, body: { key: KEY } });
    await settled();
    const [registered] = stage.world.socket.written();
    expect(registered).toMatchObject({
      type: "device.register",
      body: { addresses: [{ provider: "web", endpoint: "https://push.example/1", p256dh: "BAE", auth: "-_8" }] },
    });
    await stage.hear({ type: "reply.done", id: 2 });
    await asked;
    expect(await browser.shelf.read("subscription")).toEqual({
      user: "bob",
      device: "laptop-1",
      key: KEY,
      resource: "calls",
    });
    expect(await pushStatus(stage.client, browser.surroundings)).toBe("on");
  });

  test("keeps a subscription with the server's key, and makes another one of one with another key", async () => {
    await subscribe();
    await subscribe();
    expect(browser.subscribed).toBe(1);
    const old = browser.subscription;
    key = "BBBBBBBB";
    await subscribe();
    expect([old?.isOver, browser.subscribed]).toEqual([true, 2]);
  });

  test("registers again at every login, and not when a session goes on", async () => {
    const stop = await subscribe();
    const { socket } = stage.world;
    socket.drop();
    await stage.welcomeAgain();
    expect(await served()).toEqual([]);
    stage.world.socket.drop();
    await stage.world.advance(20_000);
    stage.world.socket.onopen?.();
    stage.world.socket.written();
    await stage.hear(welcome({ snapshot: { calls: [] } }));
    expect(await served()).toEqual(["device.push_key", "device.register"]);
    stop();
  });

  test("registers again when the browser has another subscription", async () => {
    await subscribe();
    browser.tell("subscription");
    expect(await served()).toEqual(["device.push_key", "device.register"]);
    browser.tell("something");
    expect(await served()).toEqual([]);
  });

  test("follows no more once that is stopped", async () => {
    (await subscribe())();
    browser.tell("subscription");
    expect(await served()).toEqual([]);
  });

  test("takes a registration of the app's own", async () => {
    await subscribe({ registration: browser.registration });
    expect(browser.registered).toEqual([]);
    expect(browser.subscribed).toBe(1);
  });
});

describe("what is in the way is told apart", () => {
  test.each([
    ["push_denied", () => (browser.says = "denied")],
    ["push_denied", () => (browser.says = "default")],
    ["push_denied", () => (browser.refusal = new DOMException("no", "NotAllowedError"))],
    ["push_failed", () => (browser.refusal = new DOMException("no", "AbortError"))],
    ["push_no_key", () => (key = undefined)],
  ])("%s: %s", async (code, arrange) => {
    arrange();
    await expect(subscribe()).rejects.toMatchObject({ code });
    expect(await browser.shelf.read("subscription")).toBeUndefined();
  });

  test("push_unsupported, without a question", async () => {
    const surroundings = { ...browser.surroundings, hasPushes: false };
    const asked = subscribeToPushes(stage.client, { serviceWorkerUrl: WORKER }, surroundings);
    await expect(asked).rejects.toMatchObject({ code: "push_unsupported" });
    expect(browser.questions).toBe(0);
    expect(await pushStatus(stage.client, surroundings)).toBe("unsupported");
  });
});

describe("at the start of a page", () => {
  test("nobody is asked, and who has not subscribed is not subscribed", async () => {
    const how = { serviceWorkerUrl: WORKER };
    expect(await keepSubscribed(stage.client, how, browser.surroundings)).toBeUndefined();
    browser.permission = "granted";
    expect(await keepSubscribed(stage.client, how, browser.surroundings)).toBeUndefined();
    expect([browser.questions, browser.subscribed]).toEqual([0, 0]);
  });

  test("who has subscribed is registered again, and another user is not", async () => {
    await subscribe();
    const kept = keepSubscribed(stage.client, { serviceWorkerUrl: WORKER }, browser.surroundings);
    expect(await served()).toEqual(["device.push_key", "device.register"]);
    expect(await kept).toBeDefined();
    await browser.shelf.change("subscription", () => [{ user: "carol", device: "laptop-1", key: KEY }, undefined]);
    expect(await pushStatus(stage.client, browser.surroundings)).toBe("off");
  });

  test("who forbids notifications since is told so", async () => {
    await subscribe();
    browser.permission = "denied";
    expect(await pushStatus(stage.client, browser.surroundings)).toBe("denied");
  });
});

test("unsubscribing is for the browser and for the server", async () => {
  await subscribe();
  const over = unsubscribeFromPushes(stage.client, {}, browser.surroundings);
  expect(await served()).toEqual(["device.unregister"]);
  await over;
  expect(browser.subscription?.isOver).toBe(true);
  expect(await pushStatus(stage.client, browser.surroundings)).toBe("off");
});

test.each([
  ["accepted", "answered_here"],
  ["be_canceled", "canceled"],
])("the worker is told that a ring is over: %s", async (status, reason) => {
  await subscribe();
  await stage.hear(event("call.invited", 1, view()));
  expect(browser.posted).toEqual([]);
  const changed = legs(`bob ${status}`);
  await stage.hear(event("call.changed", 2, { call: CALL, seq: 2, changed, main_device: "laptop-1" }));
  const document = { kind: "stop", call: CALL, seq: 2, to: "bob", caller: "alice", reason };
  expect(browser.posted).toMatchObject([{ offhook: "settled", document }]);
});

test("a logout forgets who is subscribed, as the server does", async () => {
  await subscribe();
  await stage.hear({ type: "closing", body: { code: "logged_out", message: "" } });
  stage.world.socket.drop(4412);
  await settled();
  expect(await browser.shelf.read("subscription")).toBeUndefined();
});

test("a page hears of what was left for it, at its start and when the worker says so, each once", async () => {
  const { serviceWorkers, shelf } = browser.surroundings;
  const heard: string[] = [];
  const leave = (call: string) => keepAnswered(shelf, { kind: "tapped", call, at: 1_000, user: "bob" });
  await leave("one");
  const around = { serviceWorkers, shelf, now: () => 1_000 };
  const stop = onAnswered(stage.client, ({ call }) => void heard.push(call), around);
  await settled();
  expect(heard).toEqual(["one"]);
  await leave("two");
  browser.tell("answered");
  browser.tell("answered");
  await settled();
  expect(heard).toEqual(["one", "two"]);
  stop();
  await leave("three");
  browser.tell("answered");
  await settled();
  expect(heard).toEqual(["one", "two"]);
});

test("what was left waits for the client to be connected: before, nobody knows whose it is", async () => {
  stage = new Stage();
  const { serviceWorkers, shelf } = browser.surroundings;
  await keepAnswered(shelf, { kind: "tapped", call: "one", at: 1_000, user: "bob", device: "laptop-1" });
  const heard: string[] = [];
  onAnswered(stage.client, ({ call }) => void heard.push(call), { serviceWorkers, shelf, now: () => 1_000 });
  await settled();
  expect(heard).toEqual([]);
  await stage.online();
  await settled();
  expect(heard).toEqual(["one"]);
});

test("a page that starts is registered again once it is connected", async () => {
  await subscribe();
  stage = new Stage();
  const kept = keepSubscribed(stage.client, { serviceWorkerUrl: WORKER }, browser.surroundings);
  stage.client.connect();
  await settled();
  stage.world.socket.onopen?.();
  stage.world.socket.written();
  await stage.hear(welcome({ snapshot: { calls: [] } }));
  expect(await served()).toEqual(["device.push_key", "device.register"]);
  expect(await kept).toBeDefined();
});
