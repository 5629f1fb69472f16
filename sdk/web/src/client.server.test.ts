// @vitest-environment jsdom
// The client against a real server: `offhook dev`, at the address in OFFHOOK_TEST_SERVER.
import { afterEach, describe, expect, test, vi } from "vitest";
import { OffhookClient } from "./client.js";
import type { Call } from "./api/call.js";
import type { ClientOptions, SocketLike } from "./api/client.js";
import type { ClientEvent, EventOf } from "./api/events.js";

const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
const SERVER = process?.env["OFFHOOK_TEST_SERVER"];

if (SERVER === undefined) {
  test.skip("needs the address of an `offhook dev` in OFFHOOK_TEST_SERVER", () => undefined);
} else {
  describe(`against ${SERVER}`, () => scenarios(SERVER));
}

/** A user's client, its sockets, and what it has been told. */
interface Party {
  readonly client: OffhookClient;
  readonly sockets: SocketLike[];
  /** The next event of this kind, or the one that came since the last look. */
  next<Kind extends ClientEvent["kind"]>(kind: Kind): Promise<EventOf<Kind>>;
}

function scenarios(server: string) {
  const parties: Party[] = [];
  /** Users of one run never meet those of another. */
  const run = Math.random().toString(36).slice(2, 8);

  afterEach(() => {
    for (const { client } of parties.splice(0)) client.close();
  });

  async function party(name: string, options: Partial<ClientOptions> = {}): Promise<Party> {
    const user = `${name}-${run}`;
    const sockets: SocketLike[] = [];
    const client = new OffhookClient({
      url: server,
      getToken: () => tokenOf(server, user),
      device: `${name}-laptop`,
      openSocket: (url, subprotocol) => {
        const socket = new WebSocket(url, subprotocol) as SocketLike;
        sockets.push(socket);
        return socket;
      },
      ...options,
    });
    const made = { client, sockets, next: listening(client) };
    parties.push(made);
    client.connect();
    await online(made);
    return made;
  }

  test("a call rings, is accepted, heard of on both sides, and hung up", async () => {
    const [alice, bob] = [await party("alice"), await party("bob")];
    const { call: outgoing, leftOut } = await alice.client.invite([`bob-${run}`, `nobody-${run}`], { media: "audio" });
    expect(leftOut).toMatchObject([{ cause: "unregistered" }]);
    expect(outgoing.state).toMatchObject({ phase: "calling", media: "audio", mode: "advanced" });
    const { call: incoming, remainingMs } = await bob.next("incoming");
    expect(incoming.id).toBe(outgoing.id);
    expect(remainingMs).toBeGreaterThan(80_000);
    await until(outgoing, () => outgoing.state.legs.some(({ status }) => status === "received"));
    await incoming.accept({ data: "hello" });
    await until(outgoing, () => outgoing.state.phase === "active");
    expect(outgoing.state.legs).toMatchObject([{}, { data: "hello", status: "accepted" }]);
    expect(incoming.state).toMatchObject({ phase: "active", ringStopped: "answered_here" });
    await incoming.hangUp({ data: "bye" });
    const ended = await alice.next("call_ended");
    expect(ended).toMatchObject({ by: `bob-${run}`, data: "bye", end: { cause: "ended" } });
    expect([incoming.state.phase, outgoing.state.phase]).toStrictEqual(["over", "over"]);
    const { calls } = await alice.client.history();
    expect(calls.map(({ id }) => id)).toContain(outgoing.id);
  });

  test("a client whose connection was cut resumes and hears what it missed", async () => {
    const [alice, bob] = [await party("carol"), await party("dave")];
    const { call } = await alice.client.invite([`dave-${run}`]);
    await bob.next("incoming");
    bob.client.disconnect();
    await call.hangUp();
    bob.client.connect();
    await online(bob);
    expect(bob.client.state.connection).toMatchObject({ resumed: true });
    expect(await bob.next("ring_stopped")).toMatchObject({ reason: "canceled", by: `carol-${run}` });
    // The network drops; nobody asked for it.
    bob.sockets.at(-1)?.close();
    await until(bob.client, () => bob.client.state.connection.state === "backoff");
    await online(bob);
    expect(bob.client.state.connection).toMatchObject({ resumed: true });
  });

  test("an invite that is taken back at once rings nobody for long", async () => {
    const [alice, bob] = [await party("erin"), await party("frank")];
    const abort = new AbortController();
    const invited = alice.client.invite([`frank-${run}`], { signal: abort.signal });
    abort.abort();
    await expect(invited).rejects.toMatchObject({ code: "aborted" });
    await until(alice.client, () => alice.client.state.calls[0]?.end?.cause === "canceled");
    const { calls } = await bob.client.history();
    expect(calls).toMatchObject([{ id: alice.client.state.calls[0]?.id, end: { cause: "canceled" } }]);
    // Whether it rang at all depends on who was faster.
    await until(bob.client, () => bob.client.state.calls.every(({ phase }) => phase === "over"));
  });

  test("a newer connection of the same device replaces the older", async () => {
    const older = await party("grace");
    await party("grace");
    await until(older.client, () => older.client.state.connection.state === "stopped");
    expect(older.client.state.connection).toStrictEqual({ state: "stopped", reason: "replaced" });
  });

  test("a call of the general mode is active after it was accepted", async () => {
    const [alice, bob] = [await party("heidi"), await party("ivan")];
    const { call } = await alice.client.invite([`ivan-${run}`], { mode: "general" });
    const { call: incoming } = await bob.next("incoming");
    await incoming.accept();
    await alice.next("call_ended");
    expect([call.state.phase, incoming.state.phase]).toStrictEqual(["active", "active"]);
    await incoming.hangUp();
    expect(incoming.state.phase).toBe("over");
  });

  test("a profile is changed and read, a token renewed, a session logged out", async () => {
    const judy = await party("judy", { name: "Judy" });
    expect(await judy.client.updateUser({ extendedData: "{}" })).toMatchObject({ name: "Judy", extendedData: "{}" });
    const { unknown, users } = await judy.client.users([`judy-${run}`, `nobody-${run}`]);
    expect([users.length, unknown]).toStrictEqual([1, [`nobody-${run}`]]);
    // A token counts in whole seconds, and only one that ends later than the present one is taken.
    const renew = async () => judy.client.renewToken(await tokenOf(server, `judy-${run}`));
    expect(await vi.waitFor(renew, { interval: 100, timeout: 3_000 })).toBeGreaterThan(1_000);
    await judy.client.logout();
    expect(judy.client.state.connection).toStrictEqual({ state: "stopped", reason: "logged_out" });
  });
}

async function tokenOf(server: string, user: string): Promise<string> {
  const answer = await fetch(`${server}/dev/token?user=${encodeURIComponent(user)}`);
  return (await answer.text()).trim();
}

function listening(client: OffhookClient): Party["next"] {
  const told: ClientEvent[] = [];
  let wake: () => void = () => undefined;
  client.on("event", (event) => {
    told.push(event);
    wake();
  });
  return async <Kind extends ClientEvent["kind"]>(kind: Kind) => {
    for (;;) {
      const at = told.findIndex((event) => event.kind === kind);
      const [found] = at < 0 ? [] : told.splice(at, 1);
      if (found !== undefined) return found as EventOf<Kind>;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
}

async function online({ client }: Party): Promise<void> {
  await until(client, () => client.state.connection.state === "online");
}

function until(followed: Call | OffhookClient, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = followed.subscribe(look);
    look();
    function look() {
      if (!isSo()) return;
      stop();
      resolve();
    }
  });
}
