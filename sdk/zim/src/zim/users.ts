// Users' profiles.
import type { Client } from "@offhook/client";
import * as check from "./checks.js";
import { badParameter, ZIMFailure } from "./failure.js";
import { NOT_SUPPORTED, NO_SUCH_USER, TOO_MANY_USERS } from "./numbers.js";
import { fullUser } from "./views.js";
import type { ZIMSelfUserInfo, ZIMUserOfflinePushRule, ZIMUsersInfoQueriedResult } from "./types.js";

/** How many users may be asked about at once, and how long their texts may be, in bytes. */
const MAX_USERS = 10;
export const MAX_URL = 500;
export const MAX_EXTENDED_DATA = 2048;

/** Takes the empty rule alone. */
export function pushRule(rule: ZIMUserOfflinePushRule): ZIMUserOfflinePushRule {
  const lists = [rule.onlinePlatforms, rule.notToReceiveOfflinePushPlatforms] as unknown[];
  if (!lists.every(Array.isArray)) throw badParameter("offlinePushRule");
  if (lists.flat().length > 0) throw new ZIMFailure(NOT_SUPPORTED, "the server has no rules for pushes");
  return rule;
}

/** Asks about users. */
export async function queryUsers(client: Client, userIDs: unknown): Promise<ZIMUsersInfoQueriedResult> {
  const users = check.users(userIDs, "userIDs");
  if (users.length !== new Set(userIDs as unknown[]).size) throw badParameter("userIDs");
  if (users.length > MAX_USERS) throw new ZIMFailure(TOO_MANY_USERS, `at most ${MAX_USERS} users`);
  const found = await client.users(users);
  if (found.users.length === 0) throw new ZIMFailure(NO_SUCH_USER, "no such users");
  return {
    userList: found.users.map(fullUser),
    errorUserList: found.unknown.map((userID) => ({ userID, reason: NO_SUCH_USER })),
  };
}

/** Asks about oneself. */
export async function querySelf(client: Client, user: string): Promise<ZIMSelfUserInfo> {
  const [found = { user, name: "", avatarUrl: "", extendedData: "" }] = (await client.users([user])).users;
  return {
    userFullInfo: fullUser(found),
    userRule: { offlinePushRule: { onlinePlatforms: [], notToReceiveOfflinePushPlatforms: [] } },
    userStatus: {
      userID: user,
      onlineStatus: 0,
      onlinePlatforms: [6],
      customStatus: "",
      customStatusExpiredTime: 0,
      lastUpdateTime: 0,
      lastOnlineStatusUpdateTime: 0,
      lastCustomStatusUpdateTime: 0,
    },
  };
}
