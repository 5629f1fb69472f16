// A call's room, and what this device records, as hooks.
import type { Call, LocalMedia, LocalMediaState, Room, RoomState } from "@offhook/client";
import { useEffect, useMemo } from "react";
import { useKit } from "../context.js";
import { useStore } from "./use_store.js";

/** The media room of a call. It is entered by the kit, or by `room.enter()`. */
export function useRoom(call: Call | undefined): { room: Room; state: RoomState } | undefined {
  const { directory } = useKit();
  const room = useMemo(() => call?.room(), [call]);
  const state = useStore(room);
  useEffect(() => {
    for (const { user, name } of state?.participants ?? []) directory.learn(user, name);
  }, [directory, state?.participants]);
  return useMemo(() => (room && state ? { room, state } : undefined), [room, state]);
}

/** What this device records for calls. Looking at it records nothing. */
export function useLocalMedia(): { media: LocalMedia; state: LocalMediaState } {
  const { desk } = useKit();
  const { media } = desk;
  const state = useStore(media);
  return useMemo(() => ({ media, state }), [media, state]);
}
