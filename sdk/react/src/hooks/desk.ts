// What the kit shows and does, as hooks: for apps that draw their own pages.
import { useEffect, useLayoutEffect, useMemo } from "react";
import type { UserId } from "@offhook/client";
import { useKit } from "../context.js";
import type { Sound } from "../attention/sound.js";
import type { Desk } from "../desk/desk.js";
import type { Person } from "../desk/directory.js";
import { type Stage, stageOf } from "../desk/stage.js";
import type { DeskState } from "../desk/state.js";
import { displayName } from "../text/names.js";
import type { Words } from "../words/index.js";
import { useStore } from "./use_store.js";

/** Places, accepts, leaves calls as the kit does, with media and room. */
export function useDesk(): { desk: Desk; state: DeskState } {
  const { desk } = useKit();
  const state = useStore(desk);
  return useMemo(() => ({ desk, state }), [desk, state]);
}

/** What the kit shows at this moment. */
export function useStage(): Stage {
  const state = useStore(useKit().desk);
  return useMemo(() => stageOf(state), [state]);
}

/** The kit's sentences, in the present language. */
export function useWords(): Words {
  return useKit().words;
}

/** The page's sound: whether the browser permits it, and how to unlock it from a click. */
export function useSound(): { sound: Sound; isUnlocked: boolean } {
  const { sound } = useKit();
  const { isUnlocked } = useStore(sound);
  return useMemo(() => ({ sound, isUnlocked }), [sound, isUnlocked]);
}

/** Who users are. Asked for once, and kept; until then their names are their ids. */
export function useUsers(users: readonly UserId[]): ReadonlyMap<UserId, Person & { readonly name: string }> {
  const { directory } = useKit();
  const known = useStore(directory);
  const key = users.join("\n");
  useLayoutEffect(() => directory.want(key === "" ? [] : key.split("\n")), [directory, key]);
  return useMemo(() => {
    const all = key === "" ? [] : key.split("\n");
    return new Map(
      all.map((user) => {
        const person = known.get(user);
        return [user, { ...person, name: displayName(person?.name, user) }];
      }),
    );
  }, [known, key]);
}

/** The name of a user, as {@link useUsers}. */
export function useName(user: UserId): string {
  return useUsers([user]).get(user)?.name ?? user;
}

/** Names for a sentence: "Bob, Carol and Dave". */
export function useNames(users: readonly UserId[]): string {
  const { locale } = useKit();
  const known = useUsers(users);
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(
    users.map((user) => known.get(user)?.name ?? user),
  );
}

/** Calls back once the provider's connection is there again. */
export function useOnline(call: () => void): void {
  const { client } = useKit();
  const isOnline = useStore(client).connection.state === "online";
  useEffect(() => {
    if (isOnline) call();
  }, [isOnline, call]);
}

/** The own camera's track, while it records. */
export function useLocalCamera(): MediaStreamTrack | undefined {
  const { desk } = useKit();
  const { camera } = useStore(desk.media);
  return camera.status === "on" ? camera.track : undefined;
}
