// The pictures of a call: of two the other fills the place, of more a grid, or one large and the others beside it.
import type { CallState, Room, RoomState, UserId } from "@offhook/client";
import { type CSSProperties, type ReactElement, useState } from "react";
import { useDesk, useLocalCamera } from "../../hooks/desk.js";
import { others } from "../../desk/state.js";
import { Faces } from "../avatar.js";
import { classes } from "../classes.js";
import { CornerTile } from "./corner_tile.js";
import { type Box, gridBoxes, speakerBoxes } from "./layout.js";
import { TileView, useTakeBack } from "./tile.js";
import { type Tile, tilesOf } from "./tiles.js";
import { useSize } from "./use_size.js";
import { OwnVideo } from "./video.js";

/** How a group is shown. */
export type GroupView = "grid" | "speaker";

export interface PicturesProps {
  call: CallState;
  room: Room | undefined;
  state: RoomState | undefined;
  view: GroupView;
}

export function Pictures({ call, room, state, view }: PicturesProps): ReactElement {
  const { state: desk } = useDesk();
  const tiles = tilesOf(call, state, desk.me);
  return isPair(tiles) ? (
    <Pair call={call} tiles={tiles} room={room} />
  ) : (
    <Group call={call} tiles={tiles} room={room} view={view} speaker={state?.activeSpeaker} />
  );
}

/** One other at most, and nobody on the way. */
export function isPair(tiles: readonly Tile[]): boolean {
  return tiles.length <= 2 && tiles.every((tile) => tile.kind === "person");
}

function Pair({ call, tiles, room }: Pick<GroupProps, "call" | "room" | "tiles">): ReactElement {
  const own = useLocalCamera();
  const { state } = useDesk();
  const other = tiles.find((tile) => tile.kind === "person" && !tile.isMe);
  const large = other ?? (own ? tiles[0] : undefined);
  return (
    <div className="oh-pictures oh-pair">
      {large ? (
        <TileView key={large.key} tile={large} room={room} avatar="huge" />
      ) : (
        <div className="oh-tile oh-tile-away">
          <Faces users={others(call, state.me)} size="large" />
        </div>
      )}
      {other && own && (
        <CornerTile>
          <OwnVideo track={own} />
        </CornerTile>
      )}
    </div>
  );
}

interface GroupProps {
  call: CallState;
  tiles: readonly Tile[];
  room: Room | undefined;
  view: GroupView;
  speaker: UserId | undefined;
}

function Group({ call, tiles, room, view, speaker }: GroupProps): ReactElement {
  const [place, ref] = useSize();
  const [pinned, setPinned] = useState<string>();
  const lastSpeaker = useLast(speaker);
  const takeBack = useTakeBack(call);
  const large = largeTile(tiles, pinned, view, lastSpeaker);
  const boxes = large
    ? speakerBoxes(tiles.length, tiles.indexOf(large), place)
    : gridBoxes(tiles.length, { left: 0, top: 0, ...place });
  // In the order of their keys, so that a tile that moves is the same element, and its picture goes on.
  const drawn = tiles
    .map((tile, index) => ({ tile, box: boxes[index] ?? { left: 0, top: 0, width: 0, height: 0 } }))
    .sort((one, other) => (one.tile.key < other.tile.key ? -1 : 1));
  return (
    <div ref={ref} className={classes("oh-pictures oh-group", large && "oh-group-speaker")}>
      {drawn.map(({ tile, box }) => (
        <TileView
          key={tile.key}
          tile={tile}
          room={room}
          style={boxStyle(box)}
          avatar={box.height < 90 ? "small" : box.height < 170 ? "medium" : box.height < 380 ? "large" : "huge"}
          isPinned={tile.key === pinned}
          onPin={tile === large && tile.key !== pinned ? undefined : () => setPinned(otherThan(pinned, tile.key))}
          onTakeBack={takeBack(tile.user)}
        />
      ))}
    </div>
  );
}

function otherThan(pinned: string | undefined, key: string): string | undefined {
  return pinned === key ? undefined : key;
}

function boxStyle({ left, top, width, height }: Box): CSSProperties {
  return { insetInlineStart: left, top, width, height };
}

function largeTile(tiles: readonly Tile[], pinned: string | undefined, view: GroupView, speaker: UserId | undefined) {
  const chosen = tiles.find((tile) => tile.key === pinned) ?? tiles.find((tile) => tile.kind === "screen");
  if (chosen || view === "grid") return chosen;
  const others = tiles.filter((tile) => tile.kind === "person" && !tile.isMe);
  return others.find((tile) => tile.user === speaker) ?? others[0] ?? tiles[0];
}

/** Who spoke last stays large in a silence. */
function useLast(speaker: UserId | undefined): UserId | undefined {
  const [last, setLast] = useState(speaker);
  if (speaker !== undefined && speaker !== last) setLast(speaker);
  return speaker ?? last;
}
