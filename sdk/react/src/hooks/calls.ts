// The client's state, as hooks.
import type { Call, CallId, CallState, Client, Connection, UserId } from "@offhook/client";
import { useMemo } from "react";
import { useKit } from "../context.js";
import { useStore } from "./use_store.js";

/** The client of the provider above. */
export function useClient(): Client {
  return useKit().client;
}

/** Where the connection stands. */
export function useConnection(): Connection {
  return useStore(useKit().client).connection;
}

/** Who the user is; absent before the first connection. */
export function useMe(): UserId | undefined {
  return useStore(useKit().client).user;
}

/** Calls that the client knows, newest first. */
export function useCalls(): readonly CallState[] {
  return useStore(useKit().client).calls;
}

/** One call: the object to act on, and its state. `undefined` while the client does not know it. */
export function useCall(id: CallId | undefined): { call: Call; state: CallState } | undefined {
  const { client } = useKit();
  const { calls } = useStore(client);
  const state = calls.find((call) => call.id === id);
  const call = id === undefined ? undefined : client.call(id);
  return useMemo(() => (call ? { call, state: state ?? call.state } : undefined), [call, state]);
}

/** Calls that ring on this device, newest first. */
export function useIncoming(): readonly CallState[] {
  const calls = useCalls();
  return useMemo(() => calls.filter((call) => call.phase === "ringing"), [calls]);
}
