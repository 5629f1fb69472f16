// A place in a room, which a ZIM instance and an Express engine of the same user may share.
import type { Call, Client, EnterOptions, Room } from "@offhook/client";

/** Who holds which room of a client. */
const held = new WeakMap<Client, Map<string, number>>();

/** How many calls of the history are looked through for one that the client does not know. */
const HISTORY = 100;

/** The call of a ZIM-shaped id; one that the client does not know is looked for in the history. */
export async function callOf(client: Client, alias: string): Promise<Call | undefined> {
  const known = client.call(alias) ?? named(client, client.state.calls, alias);
  if (known || !/^\d{1,20}$/.test(alias)) return known;
  const { calls } = await client.history({ limit: HISTORY });
  return named(client, calls, alias);
}

function named(client: Client, calls: readonly { id: string; alias: string }[], alias: string): Call | undefined {
  const found = calls.find((call) => call.alias === alias);
  return found && client.callById(found.id);
}

/** The room of that name: the one of the call whose id it is, or one of the app's. */
export async function roomOf(client: Client, id: string): Promise<Room> {
  return (await callOf(client, id))?.room() ?? client.room(id);
}

/** Sits down in a room; enters it if nobody else does. */
export async function sit(client: Client, room: Room, options: EnterOptions): Promise<void> {
  const rooms = held.get(client) ?? new Map<string, number>();
  held.set(client, rooms);
  rooms.set(room.id, (rooms.get(room.id) ?? 0) + 1);
  try {
    if (room.state.stay.phase !== "in") await room.enter(options);
  } catch (error) {
    stand(client, room);
    throw error;
  }
}

/** Gets up. @returns whether somebody else still sits there */
function stand(client: Client, room: Room): boolean {
  const rooms = held.get(client);
  const others = (rooms?.get(room.id) ?? 1) - 1;
  if (others > 0) rooms?.set(room.id, others);
  else rooms?.delete(room.id);
  return others > 0;
}

/** Gets up, and leaves the room if nobody else sits there. */
export async function leave(client: Client, room: Room): Promise<void> {
  if (!stand(client, room)) await room.leave();
}
