// A call made small: a card that floats above the app's page, or stands in a window of its own.
import type { CallState } from "@offhook/client";
import { type PointerEvent, type ReactElement, useRef, useState } from "react";
import { useKit } from "../context.js";
import { others, type Part } from "../desk/state.js";
import { useDesk, useWords } from "../hooks/desk.js";
import { useLocalMedia, useRoom } from "../hooks/room.js";
import { hueStyle } from "./avatar.js";
import { IconButton } from "./buttons.js";
import { classes } from "./classes.js";
import { TileView } from "./pictures/tile.js";
import { type Tile, tilesOf } from "./pictures/tiles.js";
import { Timer } from "./timer.js";
import { useCallTitle } from "./titles.js";

export interface SmallCallProps {
  call: CallState;
  part: Part;
  /** It stands alone, and fills its window. */
  isWindow?: boolean;
  onExpand: () => void;
}

export function SmallCall({ call: state, isWindow, onExpand }: SmallCallProps): ReactElement {
  const words = useWords();
  const { client } = useKit();
  const { desk, state: deskState } = useDesk();
  const room = useRoom(client.call(state.id));
  const { media, state: own } = useLocalMedia();
  const title = useCallTitle(state);
  const { shift, ...drag } = useFloat();
  const tile = mostImportant(tilesOf(state, room?.state, deskState.me), room?.state.activeSpeaker);
  const isOn = own.microphone.status === "on" || own.microphone.status === "starting";
  return (
    <section
      className={classes("oh-small oh-night", isWindow && "oh-small-window")}
      aria-label={words.small_call}
      style={{
        ...hueStyle(others(state, deskState.me)[0] ?? state.caller),
        ...(isWindow ? {} : { transform: `translate(${shift.x}px, ${shift.y}px)` }),
      }}
    >
      <div className="oh-small-picture" {...(isWindow ? {} : drag)}>
        {tile && <TileView tile={tile} room={room?.room} avatar="medium" />}
      </div>
      <div className="oh-small-bar">
        <div className="oh-small-text">
          <bdi className="oh-small-title">{title}</bdi>
          <span className="oh-soft">
            {state.activeSince === undefined ? words.calling : <Timer since={state.activeSince} />}
          </span>
        </div>
        <IconButton
          icon={isOn ? "microphone" : "microphone_off"}
          label={isOn ? words.mute : words.unmute}
          onClick={() => void media.setMicrophone(!isOn)}
        />
        <IconButton icon="expand" label={words.expand} onClick={onExpand} />
        <IconButton icon="hang_up" tone="end" label={words.hang_up} onClick={() => void desk.hangUp(state.id)} />
      </div>
    </section>
  );
}

/** What one would look at: a screen, who speaks, the first of the others. */
function mostImportant(tiles: readonly Tile[], speaker: string | undefined): Tile | undefined {
  const people = tiles.filter((tile) => tile.kind === "person" && !tile.isMe);
  return (
    tiles.find((tile) => tile.kind === "screen") ??
    people.find((tile) => tile.user === speaker) ??
    people.find((tile) => tile.kind === "person" && tile.camera) ??
    people[0] ??
    tiles[0]
  );
}

/** Lets itself be drawn elsewhere. It has a place by itself that covers little, so the keyboard need not move it. */
function useFloat() {
  const [shift, setShift] = useState({ x: 0, y: 0 });
  const from = useRef<{ x: number; y: number }>(undefined);
  const end = () => {
    from.current = undefined;
  };
  return {
    shift,
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      from.current = { x: event.clientX - shift.x, y: event.clientY - shift.y };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (!from.current) return;
      const wanted = { x: event.clientX - from.current.x, y: event.clientY - from.current.y };
      setShift(inside(event.currentTarget.closest(".oh-small"), shift, wanted));
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
}

interface Point {
  x: number;
  y: number;
}

/** As near to what is wanted as the card stays inside its place. */
function inside(card: Element | null, now: Point, wanted: Point): Point {
  const place = card?.parentElement?.getBoundingClientRect();
  const box = card?.getBoundingClientRect();
  if (!place || !box) return wanted;
  return {
    x: within(wanted.x, now.x + place.left - box.left, now.x + place.right - box.right),
    y: within(wanted.y, now.y + place.top - box.top, now.y + place.bottom - box.bottom),
  };
}

function within(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
