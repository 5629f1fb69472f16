// What is refused here, what the server's refusals are called, and what is not covered.
import { OffhookError } from "@offhook/client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeCall, legs, type FakeClient } from "../testing/fake_client.js";
import { Stage } from "../testing/stage.js";
import type { ZIM } from "./zim.js";
import { UNCOVERED } from "./uncovered.js";

let stage: Stage;
let client: FakeClient;
beforeEach(async () => {
  stage = new Stage();
  client = await stage.login("alice");
});
afterEach(() => stage.close());

type Ask = (zim: ZIM) => Promise<unknown>;
const anything = (value: unknown) => value as never;

test.each<[string, Ask, number]>([
  ["a ring of 601 seconds", (zim) => zim.callInvite(["bob"], { timeout: 601 }), 6000001],
  ["a ring of one and a half", (zim) => zim.callInvite(["bob"], { timeout: 1.5 }), 6000001],
  ["a ring of less than nothing", (zim) => zim.callInvite(["bob"], { timeout: -1 }), 6000001],
  ["nobody", (zim) => zim.callInvite([], {}), 6000001],
  ["invitees that are no list", (zim) => zim.callInvite(anything("bob"), {}), 6000001],
  ["a callID of 21 characters", (zim) => zim.callAccept("1".repeat(21)), 6000001],
  ["an empty callID", (zim) => zim.callReject(""), 6000001],
  ["a callID that is a number", (zim) => zim.callQuit(anything(5)), 6000001],
  ["a call that nobody knows", (zim) => zim.callEnd("5"), 6000276],
  ["nobody to be invited as well", (zim) => zim.callingInvite([], "5"), 6000001],
  ["no users to ask about", (zim) => zim.queryUsersInfo([]), 6000001],
  ["a user who is no text", (zim) => zim.queryUsersInfo(anything(["bob", 1])), 6000001],
  ["more than ten users", (zim) => zim.queryUsersInfo(Array.from({ length: 11 }, (_, at) => `user-${at}`)), 6000012],
  ["a name that is no text", (zim) => zim.updateUserName(anything(5)), 6000001],
  ["a name of 257 bytes", (zim) => zim.updateUserName("é".repeat(128) + "x"), 6000001],
  ["a picture's address of 501 bytes", (zim) => zim.updateUserAvatarUrl("x".repeat(501)), 6000001],
  [
    "a rule for pushes",
    (zim) => zim.updateUserOfflinePushRule({ onlinePlatforms: [6], notToReceiveOfflinePushPlatforms: [] }),
    6000013,
  ],
  ["half a rule for pushes", (zim) => zim.updateUserOfflinePushRule(anything({})), 6000001],
  ["a page that no list ended with", (zim) => zim.queryCallInvitationList({ count: 5, nextFlag: 9 }), 6000001],
  ["a room without a name", (zim) => zim.enterRoom(anything({})), 6000001],
  ["attributes of a room that one is not in", (zim) => zim.queryRoomAllAttributes("r"), 6000321],
  ["attributes that are no texts", (zim) => zim.setRoomAttributes(anything({ a: 1 }), "r"), 6000001],
  ["a message to a room that one is not in", (zim) => zim.sendMessage({ type: 1 }, "r", 1), 6000203],
  ["a message to a user", (zim) => zim.sendMessage({ type: 1 }, "bob", 0), 6000001],
])("%s is refused", async (_what, ask, code) => {
  await expect(ask(stage.zim)).rejects.toMatchObject({ code, message: expect.any(String) as string });
  const asked = client.asked.map(([method]) => method);
  expect(asked.filter((method) => method !== "history")).toEqual([]);
});

test.each([undefined, 0])("a ring of %s lasts 90 seconds", async (timeout) => {
  const call = new FakeCall(client, { alias: "5", legs: legs("alice", "bob") });
  client.answers.set("invite", () => ({ call, leftOut: [], merged: false }));
  await stage.zim.callInvite(["bob"], { ...(timeout === undefined ? {} : { timeout }) });
  expect(client.asked[0]?.[2]).toMatchObject({ timeoutS: 90 });
});

test("invitees are named once, and what is no text is dropped", async () => {
  const call = new FakeCall(client, { alias: "5", legs: legs("alice", "bob") });
  client.answers.set("invite", () => ({ call, leftOut: [], merged: false }));
  await stage.zim.callInvite(anything(["bob", 1, "carol", "bob", null]), {});
  expect(client.asked[0]?.[1]).toEqual(["bob", "carol"]);
});

test.each([
  ['{"type":0}', "audio"],
  ['{"is_video":false}', "audio"],
  ['{"type":1}', "video"],
  ["null", "video"],
  ["not JSON", "video"],
  ["", "video"],
])("what the kits write into %s is what the caller wants to send", async (extendedData, media) => {
  const call = new FakeCall(client, { alias: "5", legs: legs("alice", "bob") });
  client.answers.set("invite", () => ({ call, leftOut: [], merged: false }));
  await stage.zim.callInvite(["bob"], { extendedData });
  expect(client.asked[0]?.[2]).toMatchObject({ media });
});

test.each([
  ['{"reason":"busy"}', "busy"],
  ['{"reason":"decline"}', "declined"],
  ["", "declined"],
])("a rejection with %s is for the reason that it names", async (extendedData, reason) => {
  client.add({ alias: "5", legs: legs("bob", "alice") });
  await stage.zim.callReject("5", { extendedData });
  expect(client.asked).toEqual([["reject", "5", { data: extendedData, reason }]]);
});

test("the server's refusals keep their numbers", async () => {
  client.add({ alias: "5", legs: legs("bob", "alice") });
  const problem = { code: "general_mode", message: "not in this mode", retryable: false, zim_code: 6000286 } as const;
  client.answers.set("quit", () => {
    throw new OffhookError("general_mode", problem.message, { problem });
  });
  await expect(stage.zim.callQuit("5")).rejects.toMatchObject({ code: 6000286, message: "not in this mode" });
});

test.each([
  ["disconnected", 6000104],
  ["timed_out", 6000105],
  ["not_connected", 6000121],
  ["too_many_requests", 6000004],
] as const)("a request that %s has a number of its own", async (code, number) => {
  client.add({ alias: "5", legs: legs("bob", "alice") });
  client.answers.set("accept", () => {
    throw new OffhookError(code, "well");
  });
  await expect(stage.zim.callAccept("5")).rejects.toMatchObject({ code: number });
});

test("what is rejected with can be written as JSON", async () => {
  const error: unknown = await stage.zim.callAccept("").catch((thrown: unknown) => thrown);
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({ code: 6000001, message: expect.any(String) as string });
});

describe("what is not covered", () => {
  test.each(UNCOVERED)("%s says so", async (name) => {
    const method = (stage.zim as unknown as Record<string, () => Promise<never>>)[name];
    await expect(method?.()).rejects.toMatchObject({
      code: 6000001,
      message: `${name} is not covered by @offhook/zim; see docs/sdk/migration.md`,
    });
  });
});

describe("a call that this device does not know", () => {
  test("is looked for in the history", async () => {
    const call = new FakeCall(client, { alias: "77", mode: "advanced", legs: legs("bob", "alice") });
    client.past.push(call);
    await stage.zim.callJoin("77");
    expect(client.asked).toEqual([
      ["history", { limit: 100 }],
      ["join", "77", { data: "" }],
    ]);
  });
});

describe("the list of calls", () => {
  test("shows calls as the reference does, and goes on where it ended", async () => {
    const ended = new FakeCall(client, {
      alias: "8",
      mode: "advanced",
      legs: legs("alice", "bob"),
      end: { at: 5000, cause: "ended" },
    });
    client.answers.set("history", (page) =>
      (page as { cursor?: string }).cursor ? { calls: [] } : { calls: [ended.state], next: "there" },
    );
    const first = await stage.zim.queryCallInvitationList({ count: 500 });
    const callUserList = [
      { userID: "alice", state: 1, extendedData: "" },
      { userID: "bob", state: 0, extendedData: "" },
    ];
    const shown = {
      callID: "8",
      caller: "alice",
      inviter: "alice",
      createTime: 1000,
      endTime: 5000,
      state: 2,
      mode: 1,
    };
    expect(first.callList).toEqual([{ ...shown, extendedData: "", callUserList }]);
    expect(first.nextFlag).toBeGreaterThan(0);
    const last = await stage.zim.queryCallInvitationList({ count: 20, nextFlag: first.nextFlag });
    expect(last).toEqual({ callList: [], nextFlag: 0 });
    expect(client.asked).toEqual([
      ["history", { limit: 100 }],
      ["history", { limit: 20, cursor: "there" }],
    ]);
  });

  test.each([0, -1, Number.NaN])("of %s calls is empty without asking", async (count) => {
    await expect(stage.zim.queryCallInvitationList({ count })).resolves.toEqual({ callList: [], nextFlag: 0 });
    expect(client.asked).toEqual([]);
  });
});

describe("users", () => {
  test("are shown with whom nobody registered", async () => {
    client.answers.set("users", () => ({
      users: [{ user: "bob", name: "Bob", avatarUrl: "https://x", extendedData: "e" }],
      unknown: ["zoe"],
    }));
    await expect(stage.zim.queryUsersInfo(["bob", "zoe"])).resolves.toEqual({
      userList: [
        {
          baseInfo: { userID: "bob", userName: "Bob", userAvatarUrl: "https://x", userExtendedData: "e" },
          userAvatarUrl: "https://x",
          extendedData: "e",
        },
      ],
      errorUserList: [{ userID: "zoe", reason: 6000011 }],
    });
  });

  test("of whom none is registered are an error", async () => {
    client.answers.set("users", () => ({ users: [], unknown: ["zoe"] }));
    await expect(stage.zim.queryUsersInfo(["zoe"])).rejects.toMatchObject({ code: 6000011 });
  });

  test("change their own profile", async () => {
    await expect(stage.zim.updateUserName("A")).resolves.toEqual({ userName: "A" });
    await expect(stage.zim.updateUserAvatarUrl("https://a")).resolves.toEqual({ userAvatarUrl: "https://a" });
    await expect(stage.zim.updateUserExtendedData("x")).resolves.toEqual({ extendedData: "x" });
    expect(client.asked).toEqual([
      ["updateUser", { name: "A" }],
      ["updateUser", { avatarUrl: "https://a" }],
      ["updateUser", { extendedData: "x" }],
    ]);
  });

  test("see themselves", async () => {
    const { selfUserInfo } = await stage.zim.querySelfUserInfo();
    expect(selfUserInfo.userFullInfo.baseInfo).toMatchObject({ userID: "alice", userName: "ALICE" });
    expect(selfUserInfo.userStatus).toMatchObject({ userID: "alice", onlineStatus: 0, onlinePlatforms: [6] });
  });

  test("may set the empty rule for pushes", async () => {
    const rule = { onlinePlatforms: [], notToReceiveOfflinePushPlatforms: [] };
    await expect(stage.zim.updateUserOfflinePushRule(rule)).resolves.toEqual({ offlinePushRule: rule });
  });
});
