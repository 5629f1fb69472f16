// Logging in and out, tokens, and what becomes of the connection.
import { OffhookError, type Problem } from "@offhook/client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { settled } from "../testing/clock.js";
import { legs } from "../testing/fake_client.js";
import { JWT, Stage, TOKEN04 } from "../testing/stage.js";
import { ZIM } from "./zim.js";

const REFUSAL: Problem = { code: "token_invalid", message: "no", retryable: false, zim_code: 6000103 };
const CONNECTED = ["connectionStateChanged", { state: 2, event: 0, extendedData: "" }];

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.close());

/** Has a login refused by the server. */
async function refuse(): Promise<void> {
  await settled();
  stage.client.tell({ kind: "refused", problem: REFUSAL });
  stage.client.connection({ state: "stopped", reason: "unauthenticated" });
}

const login = (user = "alice", token = JWT) => stage.zim.login(user, { userName: "Alice", token });

describe("logging in", () => {
  test("a first login tells that it is connected, then resolves", async () => {
    const promise = stage.watch(login());
    await settled();
    expect(stage.told).toEqual([]);
    stage.client.connection({ state: "connecting" });
    stage.client.online();
    await promise;
    expect(stage.told).toEqual([CONNECTED, ["promise", undefined]]);
  });

  test("the older form says the same", async () => {
    const promise = stage.zim.login({ userID: "alice", userName: "Alice" }, TOKEN04);
    await settled();
    stage.client.online();
    await promise;
    const { url, app, user, name, getToken } = stage.client.options;
    expect({ url, app, user, name }).toEqual({ url: "https://calls.example", app: 1, user: "alice", name: "Alice" });
    expect(await getToken()).toBe(TOKEN04);
    expect(await getToken()).toBeNull();
  });

  test("a later login of the instance tells that it reconnects first", async () => {
    await stage.login("alice");
    stage.zim.logout();
    stage.told.length = 0;
    const promise = login();
    stage.client.online();
    await promise;
    expect(stage.told[0]).toEqual(["connectionStateChanged", { state: 3, event: 1, extendedData: "" }]);
    expect(stage.told[1]).toEqual(CONNECTED);
  });

  test("the same user joins the login that is on its way, and the newest token counts", async () => {
    const first = login();
    const second = login("alice", TOKEN04);
    await settled();
    stage.client.online();
    await Promise.all([first, second]);
    expect(stage.clients).toHaveLength(1);
    expect(stage.client.asked).toContainEqual(["renewToken", TOKEN04]);
  });

  test("the same user who is logged in resolves at once", async () => {
    await stage.login("alice");
    await login();
    expect(stage.clients).toHaveLength(1);
    expect(stage.client.asked).toEqual([]);
  });

  test.each(["on its way", "done"])("another user is refused while a login is %s", async (when) => {
    if (when === "done") await stage.login("alice");
    else void login().catch(() => undefined);
    await expect(login("bob")).rejects.toMatchObject({ code: 6000111 });
  });

  test("offline it resolves at once and tells that it connects", async () => {
    await stage.zim.login("alice", { userName: "", token: JWT, isOfflineLogin: true });
    expect(stage.told).toEqual([["connectionStateChanged", { state: 1, event: 1, extendedData: "" }]]);
    stage.client.online();
    expect(stage.told[1]).toEqual(CONNECTED);
  });

  test("a server that cannot be reached fails after ten seconds, and may be tried again at once", async () => {
    const promise = login().catch((error: unknown) => error);
    await stage.clock.pass(9_999);
    expect(stage.client.isClosed).toBe(false);
    await stage.clock.pass(1);
    expect(await promise).toMatchObject({ code: 6000104 });
    expect(stage.client.isClosed).toBe(true);
    void login().catch(() => undefined);
    await settled();
    expect(stage.clients).toHaveLength(2);
  });

  test("without a server it says how to name one", async () => {
    stage.zim.destroy();
    const zim = ZIM.create({ appID: 1 });
    await expect(zim?.login("alice", { token: JWT })).rejects.toMatchObject({
      code: 6000001,
      message: expect.stringContaining("ZIM.create({ appID, server })") as string,
    });
    zim?.destroy();
  });

  test("the server may be named as an advanced setting", async () => {
    stage.zim.destroy();
    ZIM.setAdvancedConfig("server", "https://other.example");
    const zim = ZIM.create(1);
    void zim?.login("alice", { token: JWT }).catch(() => undefined);
    await settled();
    expect(stage.client.options.url).toBe("https://other.example");
    zim?.destroy();
  });
});

describe("a login that the server refuses", () => {
  test("rejects with its code, and the same one is refused for ten seconds without asking again", async () => {
    const first = login().catch((error: unknown) => error);
    await refuse();
    expect(await first).toMatchObject({ code: 6000103, message: "no" });
    expect(stage.told).toEqual([]);

    await stage.clock.pass(9_999);
    await expect(login()).rejects.toMatchObject({ code: 6000103 });
    expect(stage.clients).toHaveLength(1);
    void login("alice", TOKEN04).catch(() => undefined);
    await settled();
    expect(stage.clients, "another token is another login").toHaveLength(2);
  });

  test("is asked for again after ten seconds", async () => {
    const first = login().catch((error: unknown) => error);
    await refuse();
    await first;
    await stage.clock.pass(10_000);
    void login().catch(() => undefined);
    await settled();
    expect(stage.clients).toHaveLength(2);
  });
});

describe("tokens", () => {
  test.each([
    ["x", 6000103],
    ["", 6000103],
    [undefined, 6000103],
    ["x".repeat(40), 6000107],
    [`03${TOKEN04.slice(2)}`, 6000107],
    [`${TOKEN04}!`, 6000103],
  ])("%s is refused here with %i", async (token, code) => {
    await expect(stage.zim.login("alice", { token } as { token: string })).rejects.toMatchObject({ code });
    expect(stage.clients).toEqual([]);
  });

  test("the end of the token is announced in whole seconds", async () => {
    const client = await stage.login("alice");
    client.tell({ kind: "token_will_expire", remainingMs: 59_999 });
    expect(stage.told).toEqual([["tokenWillExpire", { second: 59 }]]);
  });

  test("a renewal gives the token back, and two at once are one too many", async () => {
    const client = await stage.login("alice");
    await expect(stage.zim.renewToken(TOKEN04)).resolves.toEqual({ token: TOKEN04 });
    await expect(stage.zim.renewToken(TOKEN04)).rejects.toMatchObject({ code: 6000004 });
    await stage.clock.pass(500);
    await stage.zim.renewToken(TOKEN04);
    expect(client.asked.filter(([method]) => method === "renewToken")).toHaveLength(2);
  });

  test("a renewal is looked at like a login's", async () => {
    await stage.login("alice");
    await expect(stage.zim.renewToken("x")).rejects.toMatchObject({ code: 6000103 });
  });
});

describe("the connection", () => {
  test("that breaks is told once, and once when it is back", async () => {
    const client = await stage.login("alice");
    client.connection({ state: "backoff", retryAt: 1 });
    client.connection({ state: "connecting" });
    client.connection({ state: "backoff", retryAt: 2 });
    client.online(true);
    expect(stage.told).toEqual([["connectionStateChanged", { state: 3, event: 3, extendedData: "" }], CONNECTED]);
  });

  test.each([
    ["kicked_out", 4],
    ["replaced", 4],
    ["unauthenticated", 5],
    ["bad_frame", 2],
  ] as const)("that was %s ends the login with %i", async (reason, event) => {
    const client = await stage.login("alice");
    client.connection({ state: "stopped", reason });
    expect(stage.told).toEqual([
      ["connectionStateChanged", { state: 0, event, extendedData: expect.any(String) as string }],
    ]);
    await expect(stage.zim.callAccept("5")).rejects.toMatchObject({ code: 6000121 });
    client.tell({ kind: "token_will_expire", remainingMs: 1000 });
    expect(stage.told, "nothing more is told of it").toHaveLength(1);
    expect(client.isClosed).toBe(true);
    const again = login("bob");
    stage.client.online();
    await again;
  });

  test("that was taken says so in JSON", async () => {
    const client = await stage.login("alice");
    client.connection({ state: "stopped", reason: "kicked_out" });
    const { extendedData } = stage.told[0]?.[1] as { extendedData: string };
    expect(JSON.parse(extendedData)).toEqual({ reason: 1, message: expect.any(String) as string });
  });
});

describe("leaving", () => {
  test("logging out tells so at once, then the server", async () => {
    const client = await stage.login("alice");
    stage.zim.logout();
    expect(stage.told).toEqual([["connectionStateChanged", { state: 0, event: 0, extendedData: "" }]]);
    await settled();
    expect(client.asked).toEqual([["logout"]]);
    expect(client.isClosed).toBe(true);
    stage.zim.logout();
    expect(stage.told).toHaveLength(1);
    await expect(stage.zim.callAccept("5")).rejects.toMatchObject({ code: 6000121 });
  });

  test("logging out without a connection does not come back for it", async () => {
    const client = await stage.login("alice");
    client.connection({ state: "backoff", retryAt: 1 });
    stage.zim.logout();
    await settled();
    expect(client.asked).toEqual([]);
    expect(client.isClosed).toBe(true);
  });

  test("a logout that fails is nobody's error", async () => {
    const client = await stage.login("alice");
    client.answers.set("logout", () => Promise.reject(new OffhookError("timed_out", "no reply")));
    stage.zim.logout();
    await settled();
    expect(client.isClosed).toBe(true);
  });

  test("destroying tells nothing to anybody, and another instance may follow", async () => {
    const client = await stage.login("alice");
    stage.zim.destroy();
    expect(stage.told).toEqual([]);
    expect(client.asked).toEqual([]);
    expect(client.isClosed).toBe(true);
    await expect(stage.zim.callAccept("5")).rejects.toMatchObject({ code: 6000002 });
    await expect(login()).rejects.toMatchObject({ code: 6000002 });
    expect(ZIM.getInstance()).toBeNull();
    const next = ZIM.create(1);
    expect(next).toBeInstanceOf(ZIM);
    next?.destroy();
  });
});

describe("the instance", () => {
  test("there is one: a second is null", () => {
    expect(ZIM.create({ appID: 1 })).toBeNull();
    expect(ZIM.getInstance()).toBe(stage.zim);
  });

  test("an app without a number is none", () => {
    stage.zim.destroy();
    expect(() => ZIM.create({ appID: 0 })).toThrow(expect.objectContaining({ code: 6000003 }));
  });

  test("has one listener for each event, the last", async () => {
    const client = await stage.login("alice");
    const heard: string[] = [];
    stage.zim.on("tokenWillExpire", () => heard.push("first"));
    stage.zim.on("tokenWillExpire", (zim, { second }) => heard.push(`${zim === stage.zim} ${second}`));
    client.tell({ kind: "token_will_expire", remainingMs: 30_000 });
    stage.zim.off("tokenWillExpire");
    client.tell({ kind: "token_will_expire", remainingMs: 20_000 });
    expect(heard).toEqual(["true 30"]);
  });

  test("a listener that throws does not keep the next event from being told", async () => {
    const client = await stage.login("bob");
    stage.zim.on("callInvitationTimeout", () => {
      throw new Error("of the app");
    });
    const call = client.add({ alias: "5", legs: legs("alice", "bob") });
    client.tell({ kind: "ring_stopped", call, reason: "timed_out", data: "" });
    expect(stage.names).toEqual(["callUserStateChanged bob 6"]);
    expect(stage.thrown).toEqual([new Error("of the app")]);
  });
});
