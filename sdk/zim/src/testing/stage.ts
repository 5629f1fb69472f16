// A ZIM instance over a fake client, and a list of everything it tells.
import { replacePlatform } from "../shared/platform.js";
import { ZIM } from "../zim/zim.js";
import type { ZIMEvents } from "../zim/types.js";
import { settled, TestClock } from "./clock.js";
import { FakeClient } from "./fake_client.js";

/** A token as the server's own apps make them. */
export const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";
/** A token whose wrapping is that of token04. */
export const TOKEN04 = `04${"QUJD".repeat(20)}`;

const EVENTS: Readonly<Record<keyof ZIMEvents, true>> = {
  error: true,
  connectionStateChanged: true,
  tokenWillExpire: true,
  userInfoUpdated: true,
  userRuleUpdated: true,
  userStatusUpdated: true,
  callInvitationCreated: true,
  callInvitationReceived: true,
  callInvitationCancelled: true,
  callInvitationEnded: true,
  callInvitationRejected: true,
  callInvitationAccepted: true,
  callInvitationTimeout: true,
  callInviteesAnsweredTimeout: true,
  callUserStateChanged: true,
  receiveRoomMessage: true,
  roomMessageReceived: true,
  roomAttributesUpdated: true,
};

/** What was told, in order; promises that the test watches stand in the same list. */
export type Told = (readonly [name: string, data: unknown])[];

/** Clocks and clients that a test moves. */
export class Surroundings {
  readonly clock = new TestClock();
  readonly clients: FakeClient[] = [];
  /** What listeners threw. */
  readonly thrown: unknown[] = [];
  readonly restore = replacePlatform({
    openClient: (options) => {
      const client = new FakeClient(options);
      this.clients.push(client);
      return client;
    },
    now: this.clock.now,
    wallClock: this.clock.wallClock,
    later: this.clock.later,
    report: (thrown) => this.thrown.push(thrown),
  });

  /** The client that was opened last. */
  get client(): FakeClient {
    const client = this.clients.at(-1);
    if (!client) throw new Error("no client was opened");
    return client;
  }
}

/** A ZIM instance, what it is over, and what it told. */
export class Stage extends Surroundings {
  readonly zim: ZIM;
  readonly told: Told = [];

  constructor() {
    super();
    ZIM.getInstance()?.destroy();
    const zim = ZIM.create({ appID: 1, server: "https://calls.example" });
    if (!zim) throw new Error("there is an instance already");
    this.zim = zim;
    for (const name of Object.keys(EVENTS) as (keyof ZIMEvents)[]) {
      zim.on(name, (_zim: ZIM, data: unknown) => this.told.push([name, data]));
    }
  }

  /** Logs a user in, and forgets what was told of it. */
  async login(user: string): Promise<FakeClient> {
    const login = this.zim.login(user, { userName: "", token: JWT });
    await settled();
    this.client.online();
    await login;
    this.told.length = 0;
    this.client.asked.length = 0;
    return this.client;
  }

  /** Notes in the list when a promise is done. */
  async watch<Result>(promise: Promise<Result>): Promise<Result> {
    const result = await promise;
    this.told.push(["promise", result]);
    return result;
  }

  /** Only the names of what was told, and of changes of state who changed to what. */
  get names(): string[] {
    return this.told.map(([name, data]) => {
      if (name !== "callUserStateChanged") return name;
      const { callUserList } = data as ZIMEvents["callUserStateChanged"];
      return `${name} ${callUserList.map(({ userID, state }) => `${userID} ${state}`).join(", ")}`;
    });
  }

  /** Takes the stage down. */
  close(): void {
    this.zim.destroy();
    this.restore();
  }
}
