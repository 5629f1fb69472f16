// A place in a room, which a ZIM instance and an Express engine of the same user may share.
import type { Call, Client, EnterOptions, Room } from "@offhook/client";

/** How many hold a room. */
const holders = new WeakMap<Room, number>();

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
export async function sit(room: Room, options: EnterOptions): Promise<void> {
  holders.set(room, (holders.get(room) ?? 0) + 1);
  try {
    if (room.state.stay.phase !== "in") await room.enter(options);
  } catch (error) {
    stand(room);
    throw error;
  }
}

/** Gets up. @returns how many others still sit there */
function stand(room: Room): number {
  const others = Math.max(0, (holders.get(room) ?? 0) - 1);
  holders.set(room, others);
  return others;
}

/** Gets up, and leaves the room if nobody else sits there. */
export async function leave(room: Room): Promise<void> {
  if (stand(room) === 0) await room.leave();
}
