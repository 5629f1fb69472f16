// Whom a call is with, in one line.
import type { CallState, UserId } from "@offhook/client";
import { others } from "../desk/state.js";
import { useDesk, useNames, useUsers, useWords } from "../hooks/desk.js";

/** More are counted. */
const NAMED = 3;

/** The names of users, the last of many only counted. */
export function useTitle(users: readonly UserId[]): string {
  const words = useWords();
  const all = useNames(users);
  const people = useUsers(users);
  if (users.length <= NAMED) return all;
  const named = users.slice(0, NAMED - 1).map((user) => people.get(user)?.name ?? user);
  return words.people_and_more(named.join(words.list_separator), users.length - named.length);
}

/** Whom a call is with: those who are in it or ring; if there are none, those who were. */
export function useCallTitle(call: CallState): string {
  const { state } = useDesk();
  return useTitle(partners(call, state.me));
}

export function partners(call: CallState, me: UserId | undefined): readonly UserId[] {
  const all = others(call, me);
  const present = all.filter((user) => {
    const status = call.legs.find((leg) => leg.user === user)?.status;
    return status === "accepted" || status === "inviting" || status === "received" || status === "not_yet_received";
  });
  return present.length > 0 ? present : all;
}
