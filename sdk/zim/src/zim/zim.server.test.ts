// @vitest-environment jsdom
// The façade over the real client and a real server: `offhook dev`, at the address in OFFHOOK_TEST_SERVER.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ZIMEvents } from "./types.js";
import type { ZIM } from "./zim.js";

const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
const SERVER = process?.env["OFFHOOK_TEST_SERVER"];

if (SERVER === undefined) {
  test.skip("needs the address of an `offhook dev` in OFFHOOK_TEST_SERVER", () => undefined);
} else {
  describe(`against ${SERVER}`, () => scenarios(SERVER));
}

const CALLS = [
  "callInvitationAccepted",
  "callInvitationCancelled",
  "callInvitationCreated",
  "callInvitationEnded",
  "callInvitationReceived",
  "callInvitationRejected",
  "callInvitationTimeout",
  "callInviteesAnsweredTimeout",
  "callUserStateChanged",
] as const;

/** A user's instance, and what it has told of calls. */
interface Party {
  readonly zim: ZIM;
  readonly user: string;
  /** The names of what was told; changes of state with who changed to what. */
  readonly told: string[];
  readonly data: { readonly [Name in keyof ZIMEvents]?: ZIMEvents[Name] };
  /** Waits until the last that was told is this. */
  until(told: string): Promise<void>;
}

function scenarios(server: string) {
  const parties: Party[] = [];
  const run = Math.random().toString(36).slice(2, 8);
  let alice: Party;
  let bob: Party;

  beforeEach(async () => {
    [alice, bob] = [await party("alice"), await party("bob")];
  });
  afterEach(() => {
    for (const { zim } of parties.splice(0)) zim.destroy();
  });

  async function party(name: string): Promise<Party> {
    // A page has one instance; each user has a page.
    vi.resetModules();
    const { ZIM: Fresh } = await import("./zim.js");
    const zim = Fresh.create({ appID: 1, server });
    if (!zim) throw new Error("a fresh page has an instance already");
    const user = `${name}-${run}-${parties.length}`;
    const told: string[] = [];
    const data: Record<string, unknown> = {};
    let wake: () => void = () => undefined;
    const note = (line: string) => {
      told.push(line.replaceAll(`-${run}`, ""));
      wake();
    };
    for (const event of CALLS) {
      zim.on(event, (_zim: unknown, payload: unknown) => {
        data[event] = payload;
        if (event !== "callUserStateChanged") return note(event);
        const { callUserList } = payload as ZIMEvents["callUserStateChanged"];
        note(`${event} ${callUserList.map(({ state, userID }) => `${userID.split("-")[0]} ${state}`).join(", ")}`);
      });
    }
    const token = (await (await fetch(`${server}/dev/token?user=${user}`)).text()).trim();
    await zim.login(user, { userName: name, token });
    const until = async (line: string) => {
      while (told.at(-1) !== line) await new Promise<void>((resolve) => (wake = resolve));
    };
    const made: Party = { zim, user, told, data, until };
    parties.push(made);
    return made;
  }

  /** Alice calls, and Bob rings. */
  async function ring(mode: 0 | 1): Promise<string> {
    const { callID } = await alice.zim.callInvite([bob.user], { mode, timeout: 60, extendedData: "come" });
    alice.told.push("promise");
    await alice.until("callUserStateChanged bob 5");
    await bob.until("callUserStateChanged bob 5");
    expect(alice.told).toEqual([
      "callUserStateChanged alice 1, bob 0",
      "callInvitationCreated",
      "promise",
      "callUserStateChanged bob 5",
    ]);
    expect(bob.told).toEqual(["callInvitationReceived", "callUserStateChanged bob 5"]);
    expect(bob.data.callInvitationReceived).toMatchObject({ callID, mode, timeout: 60, extendedData: "come" });
    alice.told.length = 0;
    bob.told.length = 0;
    return callID;
  }

  test("a general call is answered and over", async () => {
    const callID = await ring(0);
    await bob.zim.callAccept(callID, { extendedData: "yes" });
    expect(bob.told).toEqual(["callUserStateChanged bob 1"]);
    await alice.until("callInvitationAccepted");
    expect(alice.told).toEqual(["callUserStateChanged bob 1", "callInvitationAccepted"]);
    expect(alice.data.callInvitationAccepted).toEqual({ callID, invitee: bob.user, extendedData: "yes" });
    await expect(alice.zim.callCancel([], callID)).rejects.toMatchObject({ code: 6000276 });
  });

  test("a general call is turned down", async () => {
    const callID = await ring(0);
    await bob.zim.callReject(callID, { extendedData: '{"reason":"decline"}' });
    expect(bob.told).toEqual(["callUserStateChanged bob 2"]);
    await alice.until("callInvitationRejected");
    expect(alice.told).toEqual(["callUserStateChanged bob 2", "callInvitationRejected"]);
  });

  test.each([
    ["without a list", [], ["callUserStateChanged alice 3"]],
    ["by a list", ["bob"], ["callUserStateChanged bob 10"]],
  ])("a call is taken back %s", async (_how, listed, atAlice) => {
    const callID = await ring(1);
    const invitees = listed.map(() => bob.user);
    await expect(alice.zim.callCancel(invitees, callID, { extendedData: "sorry" })).resolves.toEqual({
      callID,
      errorInvitees: [],
    });
    expect(alice.told).toEqual(atAlice);
    await bob.until("callUserStateChanged alice 3, bob 10");
    expect(bob.told).toEqual(["callInvitationCancelled", "callUserStateChanged alice 3, bob 10"]);
    expect(bob.data.callInvitationCancelled).toMatchObject({ callID, inviter: alice.user, extendedData: "sorry" });
  });

  test("nobody answers in time", async () => {
    const { callID } = await alice.zim.callInvite([bob.user], { timeout: 1 });
    await bob.until("callUserStateChanged bob 6");
    expect(bob.told.slice(-2)).toEqual(["callInvitationTimeout", "callUserStateChanged bob 6"]);
    await alice.until("callInviteesAnsweredTimeout");
    expect(alice.told.slice(-2)).toEqual(["callUserStateChanged bob 6", "callInviteesAnsweredTimeout"]);
    await expect(bob.zim.callAccept(callID)).rejects.toMatchObject({ code: 6000276 });
    expect(bob.told.filter((line) => line.includes("Timeout"))).toHaveLength(1);
  });

  test("an advanced call grows, is left, joined again and ended", async () => {
    const carol = await party("carol");
    const callID = await ring(1);
    await bob.zim.callAccept(callID);
    await alice.until("callUserStateChanged bob 1");
    alice.told.length = 0;
    bob.told.length = 0;

    const added = await alice.zim.callingInvite([carol.user], callID);
    expect(added.errorUserList).toEqual([]);
    expect(alice.told[0]).toBe("callUserStateChanged carol 0");
    await carol.until("callUserStateChanged carol 5");
    expect(carol.told).toEqual(["callInvitationReceived", "callUserStateChanged carol 5"]);
    await carol.zim.callAccept(callID);
    await bob.until("callUserStateChanged carol 1");
    expect(bob.told).toEqual([0, 5, 1].map((state) => `callUserStateChanged carol ${state}`));

    const left = await bob.zim.callQuit(callID, { extendedData: "bye" });
    expect(bob.told.at(-1)).toBe("callUserStateChanged bob 7");
    expect(left.quitTime).toBeGreaterThanOrEqual(left.acceptTime);
    expect(left.acceptTime).toBeGreaterThan(0);
    await alice.until("callUserStateChanged bob 7");
    bob.told.length = 0;

    const joined = await bob.zim.callJoin(callID, { extendedData: "back" });
    expect(bob.told, "joining tells nothing of the own part").toEqual([]);
    expect(joined.callUserList.find(({ userID }) => userID === bob.user)).toMatchObject({ state: 1 });
    await expect(bob.zim.callJoin(callID)).rejects.toMatchObject({ code: 6000283 });
    await carol.until("callUserStateChanged bob 1");
    alice.told.length = 0;
    carol.told.length = 0;

    const ended = await bob.zim.callEnd(callID, { extendedData: "over" });
    expect(bob.told).toEqual(["callInvitationEnded", "callUserStateChanged bob 8"]);
    expect(ended.endTime).toBeGreaterThan(0);
    for (const other of [alice, carol]) {
      await other.until("callUserStateChanged bob 8");
      expect(other.told).toEqual(["callInvitationEnded", "callUserStateChanged bob 8"]);
      expect(other.data.callInvitationEnded).toMatchObject({ operatedUserID: bob.user, extendedData: "over" });
    }
    const { callList } = await carol.zim.queryCallInvitationList({ count: 1 });
    expect(callList[0]).toMatchObject({ callID, state: 2, mode: 1, caller: alice.user, inviter: alice.user });
  });

  test("who may not, may not, in the numbers of the reference", async () => {
    const carol = await party("carol");
    const callID = await ring(1);
    await expect(bob.zim.callCancel([], callID)).rejects.toMatchObject({ code: 6000273 });
    await expect(carol.zim.callAccept(callID)).rejects.toMatchObject({ code: 6000276 });
    await expect(alice.zim.callInvite(["nobody-at-all"], {})).rejects.toMatchObject({ code: 6000281 });
    const some = await carol.zim.callInvite([alice.user, "nobody-at-all"], { mode: 1 });
    expect(some.errorUserList).toEqual([{ userID: "nobody-at-all", reason: 6000281 }]);
    const general = await carol.zim.callInvite([bob.user], { mode: 0 });
    await expect(carol.zim.callQuit(general.callID)).rejects.toMatchObject({ code: 6000286 });
  });

  test("an invitee who comes later is told with the time that is left", async () => {
    const carol = await party("carol");
    carol.zim.destroy();
    const { callID } = await alice.zim.callInvite([carol.user], { timeout: 60 });
    vi.resetModules();
    const { ZIM: Fresh } = await import("./zim.js");
    const zim = Fresh.create({ appID: 1, server });
    const received = new Promise<ZIMEvents["callInvitationReceived"]>((resolve) =>
      zim?.on("callInvitationReceived", (_zim, data) => resolve(data)),
    );
    const token = (await (await fetch(`${server}/dev/token?user=${carol.user}`)).text()).trim();
    await zim?.login(carol.user, { token });
    const { callID: rung, timeout } = await received;
    expect(rung).toBe(callID);
    expect(timeout).toBeGreaterThan(50);
    zim?.destroy();
  });

  test("users are found by what they call themselves", async () => {
    await alice.zim.updateUserExtendedData("hello");
    const { errorUserList, userList } = await bob.zim.queryUsersInfo([alice.user, "nobody-at-all"]);
    expect(userList[0]).toMatchObject({ baseInfo: { userID: alice.user, userName: "alice" }, extendedData: "hello" });
    expect(errorUserList).toEqual([{ userID: "nobody-at-all", reason: 6000011 }]);
  });

  test("a token that is none is refused with its number", async () => {
    vi.resetModules();
    const { ZIM: Fresh } = await import("./zim.js");
    const zim = Fresh.create({ appID: 1, server });
    const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";
    await expect(zim?.login("alice", { token })).rejects.toMatchObject({ code: 6000103 });
    zim?.destroy();
  });
}
