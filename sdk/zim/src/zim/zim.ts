// The shape of the ZIM web package over an Offhook client: login, users, call invitation, and a little of rooms.
import { loggedIn } from "../shared/logins.js";
import { callListener, platform } from "../shared/platform.js";
import { knownCall, leftOutUser, MAX_NAME, mediaOf, reasonIn, timesOf, wishOf } from "./asking.js";
import * as check from "./checks.js";
import { CallList } from "./list.js";
import type { ZIMConversationType } from "./enums.js";
import * as failure from "./failure.js";
import { Login, type LoginWish } from "./login.js";
import * as numbers from "./numbers.js";
import { pushOf } from "./push_config.js";
import type { Raise } from "./raise.js";
import type * as t from "./types.js";
import { UNCOVERED } from "./uncovered.js";
import { MAX_EXTENDED_DATA, MAX_URL, pushRule, querySelf, queryUsers } from "./users.js";
import { callUser } from "./views.js";

/** The version of the reference whose shape this is, and our own. */
const VERSION = "2.29.0+offhook.0.1.0";

/** For how long the same login is refused without asking the server again, in milliseconds. */
const SAME_REFUSAL_MS = 10_000;

/** How far apart renewals of the token must be, in milliseconds. */
const BETWEEN_RENEWALS_MS = 500;

/** How many characters a room's id may have. */
const MAX_ROOM_ID = 128;

let instance: ZIM | null = null;
const advanced = new Map<string, string>();

/** A login that the server refused. */
interface Refusal {
  readonly failure: failure.ZIMFailure;
  readonly key: string;
  readonly until: number;
}

/** One instance for a page, one user at a time. */
export class ZIM {
  readonly #app: number;
  readonly #server: string | undefined;
  readonly #listeners: { [Name in keyof t.ZIMEvents]?: t.ZIMEventHandler[Name] } = {};
  readonly #list = new CallList();
  #login: Login | undefined;
  #refusal: Refusal | undefined;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #wasIn = false;

  static {
    for (const name of UNCOVERED) {
      Object.defineProperty(this.prototype, name, {
        value: () => Promise.reject(failure.notCovered(name)),
        writable: true,
      });
    }
  }

  /** Makes the instance. @returns null if there is one already */
  static create(appConfig: number | t.ZIMAppConfig): ZIM | null {
    if (instance) return null;
    const { appID, server } =
      typeof appConfig === "number" ? { appID: appConfig } : { server: undefined, ...appConfig };
    if (!Number.isInteger(appID) || appID <= 0) {
      throw new failure.ZIMFailure(numbers.BAD_APP, "appID is invalid");
    }
    instance = new ZIM(appID, server);
    return instance;
  }

  /** The instance, if there is one. */
  static getInstance(): ZIM | null {
    return instance;
  }

  /** The version of the reference package that this stands for, and after `+` that of this one. */
  static getVersion(): string {
    return VERSION;
  }

  /** `server` is where an instance connects that was created without one; other keys change nothing. */
  static setAdvancedConfig(key: string, value: string): void {
    advanced.set(key, value);
  }

  /** Not covered: the servers are where you run them. */
  static setGeofencingConfig(): boolean {
    return false;
  }

  private constructor(app: number, server: string | undefined) {
    this.#app = app;
    this.#server = server;
  }

  /** Changes nothing: this package writes no log. */
  setLogConfig(_config: t.ZIMLogConfig): void {
    return;
  }

  /** Changes nothing, as there is no log. */
  uploadLog(): Promise<void> {
    return this.#answer(() => Promise.resolve());
  }

  /** Listens to an event, in place of whoever listened to it before. */
  on<Name extends keyof t.ZIMEventHandler>(type: Name, listener: t.ZIMEventHandler[Name]): void {
    Object.assign(this.#listeners, { [type]: listener });
  }

  /** Listens no more. */
  off(type: keyof t.ZIMEventHandler): void {
    Object.assign(this.#listeners, { [type]: undefined });
  }

  /** Lets go of everything without a word to the server: the user counts as offline after a while, and pushes still come. */
  destroy(): void {
    this.#login?.drop();
    this.#login = undefined;
    loggedIn(this, undefined);
    if (instance === this) instance = null;
  }

  /** Logs a user in; the first login registers them. */
  login(userInfo: Pick<t.ZIMUserInfo, "userID" | "userName">, token: string): Promise<void>;
  login(userID: string, config: Partial<t.ZIMLoginConfig>): Promise<void>;
  async login(who: unknown, how: unknown): Promise<void> {
    if (instance !== this) throw new failure.ZIMFailure(numbers.NOT_INITIALIZED, "the instance was destroyed");
    const { user, name, token, isOffline } = wishOf(who, how);
    if (this.#login) {
      if (this.#login.user === user) {
        const why = await this.#login.again(token);
        if (why) throw failure.failureOfLogin(why);
        return;
      }
      throw new failure.ZIMFailure(numbers.OTHER_USER, "another user is logged in");
    }
    const server = this.#server ?? advanced.get("server");
    if (!server) throw failure.badParameter("server: see ZIM.create({ appID, server }), which");
    const key = JSON.stringify([user, token]);
    if (this.#refusal?.key === key && platform().now() < this.#refusal.until) throw this.#refusal.failure;

    const account = { app: this.#app, server, user, name, token };
    const login = this.#begin({ account, isOffline, isAgain: this.#wasIn });
    const why = await login.ready;
    if (!why) {
      this.#wasIn = true;
      if (this.#holds(login)) loggedIn(this, login.client);
      return;
    }
    this.#forget(login);
    const refusal = { key, failure: failure.failureOfLogin(why), until: platform().now() + SAME_REFUSAL_MS };
    if (why.kind !== "timed_out") this.#refusal = refusal;
    throw refusal.failure;
  }

  /** Logs out; this device gets no pushes any more. */
  logout(_config?: t.ZIMLogoutConfig): void {
    const login = this.#login;
    this.#login = undefined;
    loggedIn(this, undefined);
    if (login) void login.logout();
  }

  /** Takes a new token of the user, which must end later than the present one. */
  renewToken(token: string): Promise<t.ZIMTokenRenewedResult> {
    return this.#answer(async (login) => {
      check.token(token);
      const now = platform().now();
      if (now - this.#renewedAt < BETWEEN_RENEWALS_MS) {
        throw new failure.ZIMFailure(numbers.TOO_OFTEN, "the token was renewed just now");
      }
      this.#renewedAt = now;
      await login.renew(token);
      return { token };
    });
  }

  updateUserName(userName: string): Promise<t.ZIMUserNameUpdatedResult> {
    return this.#answer(async ({ client }) => {
      const { name } = await client.updateUser({ name: check.text(userName, "userName", MAX_NAME) });
      return { userName: name };
    });
  }

  updateUserAvatarUrl(userAvatarUrl: string): Promise<t.ZIMUserAvatarUrlUpdatedResult> {
    return this.#answer(async ({ client }) => {
      const { avatarUrl } = await client.updateUser({ avatarUrl: check.text(userAvatarUrl, "userAvatarUrl", MAX_URL) });
      return { userAvatarUrl: avatarUrl };
    });
  }

  updateUserExtendedData(extendedData: string): Promise<t.ZIMUserExtendedDataUpdatedResult> {
    return this.#answer(async ({ client }) => {
      const changes = { extendedData: check.text(extendedData, "extendedData", MAX_EXTENDED_DATA) };
      return { extendedData: (await client.updateUser(changes)).extendedData };
    });
  }

  /** Takes the empty rule alone: the server knows no other. */
  updateUserOfflinePushRule(rule: t.ZIMUserOfflinePushRule): Promise<t.ZIMUserOfflinePushRuleUpdatedResult> {
    return this.#answer(() => Promise.resolve({ offlinePushRule: pushRule(rule) }));
  }

  queryUsersInfo(userIDs: string[], _config?: t.ZIMUsersInfoQueryConfig): Promise<t.ZIMUsersInfoQueriedResult> {
    return this.#answer(({ client }) => queryUsers(client, userIDs));
  }

  querySelfUserInfo(): Promise<t.ZIMSelfUserInfoQueriedResult> {
    return this.#answer(async ({ client, user }) => ({ selfUserInfo: await querySelf(client, user) }));
  }

  /** Calls users. */
  callInvite(invitees: string[], config: Partial<t.ZIMCallInviteConfig> = {}): Promise<t.ZIMCallInvitationSentResult> {
    return this.#answer(async ({ client, news }) => {
      const users = check.users(invitees, "invitees");
      const extendedData = check.extendedData(config);
      const options = {
        mode: config.mode === numbers.ADVANCED ? "advanced" : "general",
        media: mediaOf(extendedData),
        timeoutS: check.timeout(config.timeout),
        extendedData,
        notReceivedCheck: config.enableNotReceivedCheck === true,
        ...pushOf(config),
      } as const;
      const { call, leftOut } = await news.inviting(() => client.invite(users, options));
      const timeout = Math.ceil(call.state.timeoutMs / 1000);
      return { callID: call.state.alias, timeout, errorUserList: leftOut.map(leftOutUser) };
    });
  }

  /** Takes invitations back: those of `invitees`, or the whole call if there are none. */
  callCancel(
    invitees: string[],
    callID: string,
    config?: Partial<t.ZIMCallCancelConfig>,
  ): Promise<t.ZIMCallCancelSentResult> {
    return this.#answer(async ({ client, news }) => {
      const users = check.optionalUsers(invitees, "invitees");
      const call = await knownCall(client, callID);
      const deed = users.length > 0 ? "cancel_some" : "cancel_all";
      const options = { data: check.extendedData(config), invitees: users, ...pushOf(config) };
      const leftOut = await news.doing(call.state, deed, () => call.cancel(options));
      return { callID, errorInvitees: leftOut.map(({ user }) => user) };
    });
  }

  callAccept(callID: string, config?: Partial<t.ZIMCallAcceptConfig>): Promise<t.ZIMCallAcceptanceSentResult> {
    return this.#answer(async ({ client }) => {
      await (await knownCall(client, callID)).accept({ data: check.extendedData(config) });
      return { callID };
    });
  }

  callReject(callID: string, config?: Partial<t.ZIMCallRejectConfig>): Promise<t.ZIMCallRejectionSentResult> {
    return this.#answer(async ({ client }) => {
      const data = check.extendedData(config);
      await (await knownCall(client, callID)).reject({ data, reason: reasonIn(data) });
      return { callID };
    });
  }

  /** Invites more users into an advanced call. */
  callingInvite(
    invitees: string[],
    callID: string,
    config?: t.ZIMCallingInviteConfig,
  ): Promise<t.ZIMCallingInvitationSentResult> {
    return this.#answer(async ({ client }) => {
      const users = check.users(invitees, "invitees");
      const leftOut = await (await knownCall(client, callID)).add(users, pushOf(config));
      return { callID, errorUserList: leftOut.map(leftOutUser) };
    });
  }

  /** Enters an advanced call uninvited, or moves the user's part in it to this device. */
  callJoin(callID: string, config?: Partial<t.ZIMCallJoinConfig>): Promise<t.ZIMCallJoinSentResult> {
    return this.#answer(async ({ client, news, user }) => {
      const call = await knownCall(client, callID);
      await news.doing(call.state, "join", () => call.join({ data: check.extendedData(config) }));
      const { createdAt, extendedData, legs } = call.state;
      const joinTime = legs.find((leg) => leg.user === user)?.acceptedAt ?? 0;
      return { callID, createTime: createdAt, joinTime, extendedData, callUserList: legs.map(callUser) };
    });
  }

  /** Leaves an advanced call; the others stay. */
  callQuit(callID: string, config?: Partial<t.ZIMCallQuitConfig>): Promise<t.ZIMCallQuitSentResult> {
    return this.#answer(async ({ client, user }) => {
      const call = await knownCall(client, callID);
      await call.quit({ data: check.extendedData(config), ...pushOf(config) });
      const { createTime, acceptTime, leftAt } = timesOf(call, user);
      return { callID, createTime, acceptTime, quitTime: leftAt };
    });
  }

  /** Ends an advanced call for all. */
  callEnd(callID: string, config?: Partial<t.ZIMCallEndConfig>): Promise<t.ZIMCallEndSentResult> {
    return this.#answer(async ({ client, user }) => {
      const call = await knownCall(client, callID);
      await call.end({ data: check.extendedData(config), ...pushOf(config) });
      const { createTime, acceptTime, leftAt } = timesOf(call, user);
      return { callID, createTime, acceptTime, endTime: call.state.end?.at ?? leftAt };
    });
  }

  /** Lists the user's calls, newest first. */
  queryCallInvitationList(config: t.ZIMCallInvitationQueryConfig): Promise<t.ZIMCallInvitationListQueriedResult> {
    return this.#answer(({ client }) => this.#list.page(client, config));
  }

  /** Enters an Offhook room for its messages; a call's id names the call's room. */
  enterRoom(roomInfo: t.ZIMRoomInfo, _config?: unknown): Promise<t.ZIMRoomEnteredResult> {
    return this.#answer(async ({ rooms }) => {
      await rooms.enter(check.id((roomInfo as Partial<t.ZIMRoomInfo> | undefined)?.roomID, "roomID", MAX_ROOM_ID));
      return { roomInfo: { baseInfo: { roomID: roomInfo.roomID, roomName: roomInfo.roomName } } };
    });
  }

  /** Leaves; resolves no sooner than 100 ms later. Harmless if the user is not in. */
  leaveRoom(roomID: string): Promise<t.ZIMRoomLeftResult> {
    return this.#answer(async ({ rooms }) => {
      await rooms.leave(roomID);
      return { roomID };
    });
  }

  /** Sends a text or a command to a room that the user is in; other conversations are not covered. */
  sendMessage(
    message: t.ZIMMessage,
    toConversationID: string,
    conversationType: ZIMConversationType,
    _config?: t.ZIMMessageSendConfig,
    _notification?: unknown,
  ): Promise<t.ZIMMessageSentResult> {
    return this.#answer(async ({ rooms }) => {
      if (conversationType !== numbers.ROOM) throw failure.notCovered("sendMessage to users and groups");
      return { message: await rooms.send(message, toConversationID) };
    });
  }

  /** Sets attributes, at everyone who is in the room. */
  setRoomAttributes(
    roomAttributes: Record<string, string>,
    roomID: string,
    _config?: t.ZIMRoomAttributesSetConfig,
  ): Promise<t.ZIMRoomAttributesOperatedResult> {
    return this.#answer(async ({ rooms }) => {
      const values = Object.values(roomAttributes) as unknown[];
      if (values.length === 0 || values.some((value) => typeof value !== "string")) {
        throw failure.badParameter("roomAttributes");
      }
      await rooms.setAttributes(roomAttributes, roomID);
      return { roomID, errorKeys: [] };
    });
  }

  /** The attributes as far as this device has heard of them; of the others `roomAttributesUpdated` tells. */
  queryRoomAllAttributes(roomID: string): Promise<t.ZIMRoomAttributesQueriedResult> {
    return this.#answer(({ rooms }) => Promise.resolve({ roomID, roomAttributes: rooms.attributes(roomID) }));
  }

  readonly #raise: Raise = (name, data) => {
    const listener = this.#listeners[name] as ((zim: ZIM, data: unknown) => void) | undefined;
    if (typeof listener === "function") callListener(() => listener(this, data));
  };

  #begin(wish: LoginWish): Login {
    const login = new Login(wish, this.#raise, () => this.#forget(login));
    this.#login = login;
    return login;
  }

  #holds(login: Login): boolean {
    return this.#login === login;
  }

  #forget(login: Login): void {
    if (!this.#holds(login)) return;
    this.#login = undefined;
    loggedIn(this, undefined);
  }

  /** Does what needs a login, and says in numbers what went wrong. */
  async #answer<Result>(ask: (login: Login) => Promise<Result>): Promise<Result> {
    if (instance !== this) throw new failure.ZIMFailure(numbers.NOT_INITIALIZED, "the instance was destroyed");
    if (!this.#login?.isIn) throw new failure.ZIMFailure(numbers.NOT_LOGGED_IN, "nobody is logged in");
    try {
      return await ask(this.#login);
    } catch (error) {
      throw failure.failureOf(error);
    }
  }
}
