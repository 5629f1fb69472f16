// Past and present calls, page by page.
import { type CallState, OffhookError } from "@offhook/client";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useKit } from "../context.js";
import { Store } from "../store.js";
import { useOnline } from "./desk.js";
import { useStore } from "./use_store.js";

/** What is known of the history. */
export interface History {
  /** Newest first. */
  readonly calls: readonly CallState[];
  readonly status: "failed" | "loading" | "ready";
  readonly hasMore: boolean;
  readonly problem?: OffhookError;
  loadMore(): void;
  refresh(): void;
}

interface Pages {
  readonly calls: readonly CallState[];
  readonly status: History["status"];
  readonly next?: string;
  readonly problem?: OffhookError;
}

/** Lists calls, and keeps the list up to date. @param limit how many a page, 1–100 */
export function useHistory({ limit = 20 }: { limit?: number } = {}): History {
  const { client } = useKit();
  const [pages] = useState(() => new Store<Pages>({ calls: [], status: "loading" }));
  const state = useStore(pages);
  const load = useCallback(
    async (cursor?: string) => {
      pages.set({ ...pages.state, status: "loading" });
      try {
        const page = await client.history(cursor === undefined ? { limit } : { limit, cursor });
        const known = cursor === undefined ? [] : pages.state.calls;
        pages.set({
          calls: [...known, ...page.calls],
          status: "ready",
          ...(page.next === undefined ? {} : { next: page.next }),
        });
      } catch (error) {
        const problem = error instanceof OffhookError ? { problem: error } : {};
        pages.set({ ...pages.state, status: "failed", ...problem });
      }
    },
    [client, limit, pages],
  );
  const refresh = useCallback(() => void load(), [load]);
  useOnline(refresh);
  useEffect(() => client.on("call_ended", refresh), [client, refresh]);
  const live = useStore(client).calls;
  const next = state.next;
  const loadMore = useCallback(() => void (next === undefined ? undefined : load(next)), [load, next]);
  return useMemo(
    () => ({ ...state, calls: newest(state.calls, live), hasMore: next !== undefined, loadMore, refresh }),
    [state, live, next, loadMore, refresh],
  );
}

/** What the client knows of a call at this moment goes before what a page once said. */
function newest(listed: readonly CallState[], live: readonly CallState[]): readonly CallState[] {
  const now = new Map(live.map((call) => [call.id, call]));
  const ids = new Set(listed.map((call) => call.id));
  const missing = live.filter((call) => !ids.has(call.id));
  return [...missing, ...listed.map((call) => now.get(call.id) ?? call)].sort(
    (one, other) => other.createdAt - one.createdAt,
  );
}
