// Users' profiles.
import type { Client } from "@offhook/client";
import { MAX_NAME } from "./asking.js";
import * as check from "./checks.js";
import { ZIMErrorCode, ZIMPlatformType, ZIMUserOnlineStatus } from "./enums.js";
import { badParameter, ZIMFailure } from "./failure.js";
import { fullUser } from "./views.js";
import type { ZIMSelfUserInfo, ZIMUserOfflinePushRule, ZIMUsersInfoQueriedResult } from "./types.js";

/** How many users may be asked about at once, and how long their texts may be, in bytes. */
const MAX_USERS = 10;
const MAX_URL = 500;
const MAX_EXTENDED_DATA = 2048;

/** Asks about users, and changes the own one. */
export class Users {
  constructor(private readonly client: Client) {}

  async rename(name: string): Promise<string> {
    return (await this.client.updateUser({ name: check.text(name, "userName", MAX_NAME) })).name;
  }

  async picture(url: string): Promise<string> {
    return (await this.client.updateUser({ avatarUrl: check.text(url, "userAvatarUrl", MAX_URL) })).avatarUrl;
  }

  async annotate(data: string): Promise<string> {
    const extendedData = check.text(data, "extendedData", MAX_EXTENDED_DATA);
    return (await this.client.updateUser({ extendedData })).extendedData;
  }

  pushRule(rule: ZIMUserOfflinePushRule): ZIMUserOfflinePushRule {
    const lists = [rule.onlinePlatforms, rule.notToReceiveOfflinePushPlatforms] as unknown[];
    if (!lists.every(Array.isArray)) throw badParameter("offlinePushRule must hold two arrays");
    if (lists.every((list) => (list as unknown[]).length === 0)) return rule;
    throw new ZIMFailure(
      ZIMErrorCode.CommonModuleUnsupportedRequest,
      "rules for pushes are not covered by @offhook/zim",
    );
  }

  async query(userIDs: unknown): Promise<ZIMUsersInfoQueriedResult> {
    const users = check.users(userIDs, "userIDs");
    if (users.length !== new Set(userIDs as unknown[]).size) throw badParameter("userIDs must hold texts alone");
    if (users.length > MAX_USERS) {
      throw new ZIMFailure(ZIMErrorCode.CommonModuleUserInfoQueriedLimit, `at most ${MAX_USERS} users at once`);
    }
    const found = await this.client.users(users);
    const reason = ZIMErrorCode.CommonModuleUserIsNotExist;
    if (found.users.length === 0) throw new ZIMFailure(reason, "none of the users is registered");
    return {
      userList: found.users.map(fullUser),
      errorUserList: found.unknown.map((userID) => ({ userID, reason })),
    };
  }

  async self(user: string): Promise<ZIMSelfUserInfo> {
    const { users } = await this.client.users([user]);
    return {
      userFullInfo: fullUser(users[0] ?? { user, name: "", avatarUrl: "", extendedData: "" }),
      userRule: { offlinePushRule: { onlinePlatforms: [], notToReceiveOfflinePushPlatforms: [] } },
      userStatus: {
        userID: user,
        onlineStatus: ZIMUserOnlineStatus.Online,
        onlinePlatforms: [ZIMPlatformType.Web],
        customStatus: "",
        customStatusExpiredTime: 0,
        lastUpdateTime: 0,
        lastOnlineStatusUpdateTime: 0,
        lastCustomStatusUpdateTime: 0,
      },
    };
  }
}
