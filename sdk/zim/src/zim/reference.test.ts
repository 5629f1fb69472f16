// @vitest-environment jsdom
// The reference package itself as a judge of what it refuses by itself. Only what it does without a connection: its login asks
// a server, and any attempt to reach one fails this test.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { TOKEN04 } from "../testing/stage.js";
import { ZIM as Ours } from "./zim.js";

/** The part of either package that is compared. */
interface Judged {
  login(user: unknown, how: unknown): Promise<void>;
  destroy(): void;
  renewToken(token: string): Promise<unknown>;
  callInvite(invitees: string[], config: object): Promise<unknown>;
  callAccept(callID: string, config: object): Promise<unknown>;
  queryCallInvitationList(config: object): Promise<unknown>;
  queryUsersInfo(users: string[], config: object): Promise<unknown>;
  updateUserName(name: string): Promise<unknown>;
}
interface JudgedStatics {
  create(config: { appID: number }): Judged | null;
  getInstance(): Judged | null;
  getVersion(): string;
}

const attempts: string[] = [];
let Theirs: JudgedStatics;

beforeAll(async () => {
  const trap = (name: string) =>
    vi.fn((url: unknown) => {
      attempts.push(`${name} ${String(url)}`);
      throw new Error("no network in tests");
    });
  for (const name of ["WebSocket", "XMLHttpRequest", "fetch"]) vi.stubGlobal(name, trap(name));
  // It keeps records in a database of the browser, which jsdom has not; that none opens changes nothing here.
  vi.stubGlobal("indexedDB", { open: () => ({}) });
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockReturnValue();
  ({ ZIM: Theirs } = (await import("zego-zim-web")) as unknown as { ZIM: JudgedStatics });
});
afterAll(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const code = (promise: Promise<unknown> | undefined): Promise<unknown> =>
  Promise.resolve(promise).then(
    () => "resolved",
    (error: unknown) => (error as { code: number }).code,
  );

/** Everything that both are asked, and what each says. */
async function judge(zim: JudgedStatics): Promise<Record<string, unknown>> {
  const said: Record<string, unknown> = { "no instance yet": zim.getInstance() ?? null };
  const first = zim.create({ appID: 1 });
  said["a second instance"] = zim.create({ appID: 1 });
  said["the instance"] = zim.getInstance() === first;
  for (const [name, token] of Object.entries({
    "a short token": "x",
    "no token": undefined,
    "a long text": "x".repeat(40),
    "another version": `03${TOKEN04.slice(2)}`,
  })) {
    said[name] = await code(first?.login("alice", { userName: "", token }));
    said[`${name}, in the older form`] = await code(first?.login({ userID: "alice", userName: "" }, token));
  }
  said["an invitation before the login"] = await code(first?.callInvite(["bob"], { timeout: 601 }));
  said["an answer before the login"] = await code(first?.callAccept("1".repeat(21), {}));
  said["a renewal before the login"] = await code(first?.renewToken("x"));
  said["a list before the login"] = await code(first?.queryCallInvitationList({ count: 1 }));
  said["a question before the login"] = await code(first?.queryUsersInfo([], {}));
  said["a name before the login"] = await code(first?.updateUserName("Alice"));
  first?.destroy();
  said["an invitation after the end"] = await code(first?.callInvite(["bob"], {}));
  return said;
}

test("what is refused without a connection is refused with the same numbers", async () => {
  const theirs = await judge(Theirs);
  expect(await judge(Ours as unknown as JudgedStatics)).toEqual(theirs);
  expect(theirs).toMatchObject({
    "a second instance": null,
    "a short token": 6000103,
    "another version": 6000107,
    "an invitation before the login": 6000121,
    "an invitation after the end": 6000002,
  });
  expect(attempts, "the reference tried to reach its servers").toEqual([]);
});

test("the version that stands before the plus is the one that is compared with", () => {
  expect(Ours.getVersion().split("+")[0]).toBe(Theirs.getVersion());
});
