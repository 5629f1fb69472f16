// Which rooms this device is in. What happens in them is the room's to follow; this only knows when the thread is lost.
import type { Request, RoomEvent, RoomId } from "../generated/frames.js";
import type { Result } from "./port.js";
import type { Turn } from "./state.js";

/** A request was carried out, or was not. */
export function roomAnswered(turn: Turn, request: Request, result: Result): void {
  if ("error" in result) {
    const isOut = result.error.type === "problem" && result.error.problem.code === "not_in_room";
    if (isOut && request.type === "room.read") remove(turn, request.body.room);
  } else if (result.reply.type === "reply.room") {
    const { room } = result.reply.body;
    if (!turn.state.rooms.includes(room)) turn.set({ rooms: [...turn.state.rooms, room].sort() });
  } else if (request.type === "room.leave") {
    remove(turn, request.body.room);
  }
}

/** Something happened in a room. */
export function roomHeard(turn: Turn, event: RoomEvent): void {
  if (event.type === "room.left") remove(turn, event.body.room);
  turn.tell({ kind: "room", event });
}

/** The connection is a new one: whatever happened meanwhile is lost. */
export function roomsReset(turn: Turn): void {
  for (const room of turn.state.rooms) {
    turn.tell({ kind: "room", event: { type: "room.reset", body: { room } } });
  }
}

function remove(turn: Turn, room: RoomId): void {
  turn.set({ rooms: turn.state.rooms.filter((known) => known !== room) });
}
