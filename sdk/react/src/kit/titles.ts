// Whom a call is with, in one line.
import type { CallState, UserId } from "@offhook/client";
import { others } from "../desk/state.js";
import { useDesk, useNames, useWords } from "../hooks/desk.js";

/** More are counted. */
const NAMED = 3;

/** The names of users, the last of many only counted. */
export function useTitle(users: readonly UserId[]): string {
  const words = useWords();
  const named = users.length > NAMED ? users.slice(0, NAMED - 1) : users;
  const names = useNames(named, users.length > NAMED ? "unit" : "conjunction");
  return users.length > NAMED ? words.people_and_more(names, users.length - named.length) : names;
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
