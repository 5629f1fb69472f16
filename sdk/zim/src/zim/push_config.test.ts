// What of a pushConfig reaches the server, and when nothing does.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeCall, legs, type FakeClient } from "../testing/fake_client.js";
import { Stage } from "../testing/stage.js";
import { pushOf } from "./push_config.js";
import type { ZIMPushConfig } from "./types.js";

const CONFIG: ZIMPushConfig = {
  title: "Alice",
  content: "Video call",
  payload: "{}",
  resourcesID: "calls",
  threadID: "alice",
  enableBadge: true,
  badgeIncrement: 3,
  voIPConfig: { iOSVoIPHandleType: 2, iOSVoIPHandleValue: "0123", iOSVoIPHasVideo: true },
};
const PUSH = {
  title: "Alice",
  body: "Video call",
  payload: "{}",
  resource: "calls",
  thread: "alice",
  badge: 3,
  voip: { handle: "0123", handleKind: "phone", hasVideo: true },
};
const CALL = "1846023554563377723";

test("a whole config becomes a whole push", () => {
  expect(pushOf({ pushConfig: CONFIG })).toEqual({ push: PUSH });
});

test.each([
  [undefined],
  [{}],
  [{ pushConfig: { ...CONFIG, title: "" } }],
  [{ pushConfig: { ...CONFIG, content: "" } }],
  [{ pushConfig: { title: "Alice" } }],
])("no push is sent unless title and content both say something: %#", (config) => {
  expect(pushOf(config)).toEqual({});
});

test.each([
  [{ enableBadge: false }, { badge: undefined }],
  [{ badgeIncrement: 0 }, { badge: 0 }],
  [
    { resourcesID: "", threadID: "", payload: "" },
    { resource: undefined, thread: undefined, payload: undefined },
  ],
  [
    { voIPConfig: { iOSVoIPHandleType: 9 as 1, iOSVoIPHandleValue: "", iOSVoIPHasVideo: false } },
    { voip: { hasVideo: false } },
  ],
])("what says nothing is left out: %#", (changes, expected) => {
  expect(pushOf({ pushConfig: { ...CONFIG, ...changes } }).push).toEqual({ ...PUSH, ...expected });
});

describe("each method that takes a config sends its push", () => {
  let stage: Stage;
  let client: FakeClient;

  beforeEach(async () => {
    stage = new Stage();
    client = await stage.login("alice");
    const call = new FakeCall(client, { alias: CALL, mode: "advanced", legs: legs("alice", "bob") });
    client.known.push(call);
    client.answers.set("invite", () => ({ call, leftOut: [], merged: false }));
  });
  afterEach(() => stage.close());

  const config = { extendedData: "", pushConfig: CONFIG };

  test.each([
    ["invite", () => stage.zim.callInvite(["bob"], config)],
    ["add", () => stage.zim.callingInvite(["carol"], CALL, config)],
    ["cancel", () => stage.zim.callCancel([], CALL, config)],
    ["quit", () => stage.zim.callQuit(CALL, config)],
    ["end", () => stage.zim.callEnd(CALL, config)],
  ])("%s", async (asked, act) => {
    await act();
    const [, ...rest] = client.asked.find(([method]) => method === asked) ?? [];
    expect(rest.at(-1)).toMatchObject({ push: PUSH });
  });
});
