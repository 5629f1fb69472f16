// Who is logged in by which instance, for the façade of pushes, which follows the logins of a ZIM instance.
import type { Client } from "@offhook/client";

const present = new WeakMap<object, Client>();
const followers = new WeakMap<object, Set<(client: Client) => void>>();

/** An instance has a client now, or none. */
export function loggedIn(instance: object, client: Client | undefined): void {
  if (!client) {
    present.delete(instance);
    return;
  }
  if (present.get(instance) === client) return;
  present.set(instance, client);
  for (const follow of followers.get(instance) ?? []) follow(client);
}

/** The client of an instance that is logged in. */
export function clientOf(instance: object): Client | undefined {
  return present.get(instance);
}

/** Tells of each client that the instance logs in with, from now on. @returns how to stop that */
export function followLogins(instance: object, follow: (client: Client) => void): () => void {
  const all = followers.get(instance) ?? new Set();
  followers.set(instance, all.add(follow));
  return () => all.delete(follow);
}
