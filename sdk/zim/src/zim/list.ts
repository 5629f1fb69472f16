// Pages of calls. The reference counts on in numbers, the server in texts.
import type { Client } from "@offhook/client";
import { given } from "../shared/given.js";
import { badParameter } from "./failure.js";
import { callInfo } from "./views.js";
import type { ZIMCallInvitationListQueriedResult, ZIMCallInvitationQueryConfig } from "./types.js";

/** The most calls of a page, and the most pages that can be gone on from. */
const MAX_COUNT = 100;
const MAX_FLAGS = 100;

/** Remembers where pages go on. */
export class CallList {
  readonly #cursors = new Map<number, string>();
  #flags = 0;

  async page(client: Client, config: ZIMCallInvitationQueryConfig): Promise<ZIMCallInvitationListQueriedResult> {
    const { count, nextFlag = 0 } = config;
    if (!(count >= 1)) return { callList: [], nextFlag: 0 };
    const cursor = this.#cursors.get(nextFlag);
    if (nextFlag !== 0 && cursor === undefined) throw badParameter("nextFlag");
    const limit = Math.min(Math.floor(count), MAX_COUNT);
    const { calls, next } = await client.history(given({ limit, cursor }));
    return { callList: calls.map(callInfo), nextFlag: next === undefined ? 0 : this.#flag(next) };
  }

  #flag(cursor: string): number {
    this.#flags += 1;
    this.#cursors.set(this.#flags, cursor);
    this.#cursors.delete(this.#flags - MAX_FLAGS);
    return this.#flags;
  }
}
