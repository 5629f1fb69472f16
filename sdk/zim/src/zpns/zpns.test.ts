// ZPNs: what is registered when, and how it is told.
import type { Client } from "@offhook/client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { settled } from "../testing/clock.js";
import { JWT, Stage } from "../testing/stage.js";
import { replaceZpnsParts, ZPNs, type ZPNsRegisterMessage } from "./zpns.js";

let stage: Stage;
let asked: string[];
let told: ZPNsRegisterMessage[];
let refusal: Error | undefined;
let restore: () => void;

const ask =
  (what: string) =>
  (client: Client, subscribing?: object): Promise<() => void> => {
    asked.push(`${what} ${client.state.connection.state} ${JSON.stringify(subscribing ?? null)}`);
    return refusal ? Promise.reject(refusal) : Promise.resolve(() => void asked.push("stop"));
  };

beforeEach(() => {
  stage = new Stage();
  [asked, told, refusal] = [[], [], undefined];
  const unsubscribe = async (client: Client) => {
    await ask("unsubscribe")(client);
  };
  const question = () => Promise.resolve(asked.push("question"));
  restore = replaceZpnsParts({ ask: question, subscribe: ask("subscribe"), unsubscribe });
  ZPNs.getInstance().on("registered", (message) => told.push(message));
});

afterEach(async () => {
  refusal = undefined;
  await ZPNs.getInstance().unregister();
  restore();
  stage.close();
});

const HOW = '{"serviceWorkerUrl":"/firebase-messaging-sw.js"}';

test("a browser is registered for the user who is logged in, and told so; keys of Firebase are left alone", async () => {
  await stage.login("alice");
  const pushID = await ZPNs.getInstance().register({ apiKey: "of Firebase", vapidKey: "BA" }, stage.zim);
  expect(asked).toEqual([`subscribe online ${HOW}`]);
  expect(told).toEqual([{ pushID, errorCode: 0 }]);
  expect(pushID).toBe("web:device-1");
});

test("who registers before the login is asked at once, and registered with each login that comes", async () => {
  expect(await ZPNs.getInstance().register({ resourcesID: "calls", serviceWorkerUrl: "/sw.js" }, stage.zim)).toBe("");
  expect(asked).toEqual(["question"]);
  await stage.login("alice");
  await settled();
  const how = '{"serviceWorkerUrl":"/sw.js","resource":"calls"}';
  expect(asked.slice(1)).toEqual([`subscribe online ${how}`]);
  stage.zim.logout();
  const login = stage.zim.login("bob", { userName: "", token: JWT });
  await settled();
  stage.client.online();
  await login;
  await settled();
  expect(asked.slice(2)).toEqual(["stop", `subscribe online ${how}`]);
  expect(told).toHaveLength(2);
});

test("what fails is told with the reference's number, and rejects with the client's reason", async () => {
  await stage.login("alice");
  refusal = new Error("notifications are not permitted");
  const registered = ZPNs.getInstance().register({}, stage.zim);
  await expect(registered).rejects.toMatchObject({ code: 6000404, cause: refusal });
  expect(told).toEqual([{ pushID: "", errorCode: 6000404 }]);
});

test("without a ZIM instance there is nobody to register", async () => {
  stage.zim.destroy();
  await expect(ZPNs.getInstance().register()).rejects.toMatchObject({ code: 6000404 });
});

test("unregistering is for the server, and ends the following of logins", async () => {
  await stage.login("alice");
  const zpns = ZPNs.getInstance();
  await zpns.register({}, stage.zim);
  await zpns.unregister();
  expect(asked.slice(1)).toEqual(["stop", "unsubscribe online null"]);
  await stage.login("alice").catch(() => undefined);
  expect(asked).toHaveLength(3);
});
