// One tile: a picture or a face, who it is, and how they are.
import type { Room, UserId } from "@offhook/client";
import { type CSSProperties, type ReactElement, type ReactNode } from "react";
import { useDesk, useLocalCamera, useName, useWords } from "../../hooks/desk.js";
import { legWords } from "../../words/legs.js";
import { Avatar, type AvatarSize, hueStyle } from "../avatar.js";
import { IconButton } from "../buttons.js";
import { classes } from "../classes.js";
import { Icon } from "../icons.js";
import type { Tile } from "./tiles.js";
import { OwnVideo, RemoteVideo } from "./video.js";

export interface TileViewProps {
  tile: Tile;
  room: Room | undefined;
  /** Where it stands. Default: it fills its place. */
  style?: CSSProperties | undefined;
  avatar?: AvatarSize | undefined;
  /** Shows it large, or everybody again; absent where there is nothing to choose. */
  onPin?: (() => void) | undefined;
  isPinned?: boolean | undefined;
  /** Takes the invitation back; absent where it is not the user's. */
  onTakeBack?: (() => void) | undefined;
}

export function TileView(props: TileViewProps): ReactElement {
  const { tile } = props;
  switch (tile.kind) {
    case "person":
      return <PersonTile {...props} tile={tile} />;
    case "screen":
      return <ScreenTile {...props} tile={tile} />;
    case "waiting":
      return <WaitingTile {...props} tile={tile} />;
  }
}

type Of<Kind extends Tile["kind"]> = TileViewProps & { tile: Extract<Tile, { kind: Kind }> };

function PersonTile({ tile, room, avatar = "large", ...props }: Of<"person">): ReactElement {
  const words = useWords();
  const name = useName(tile.user);
  const own = useLocalCamera();
  const track = tile.isMe ? own : undefined;
  const remote = tile.isMe ? undefined : tile.camera;
  const note = tile.presence === "reconnecting" ? words.reconnecting_user : undefined;
  const isComing = tile.presence === "absent" || tile.presence === "joined";
  // Whoever is there without a microphone is heard as little as one who has muted it.
  const isMuted = tile.microphone !== "on" && !isComing && tile.presence !== "unknown";
  return (
    <Frame {...props} user={tile.user} isSpeaking={tile.isSpeaking} name={name} isPicture={!!track || !!remote}>
      {track && <OwnVideo track={track} />}
      {remote && room && <RemoteVideo room={room} stream={remote.stream} source="camera" />}
      {!track && !remote && <Face user={tile.user} size={avatar} level={tile.level} />}
      {(note ?? (isComing && !tile.isMe)) && <p className="oh-tile-state">{note ?? words.connecting}</p>}
      {remote?.isPaused && !note && <p className="oh-tile-state">{words.picture_paused}</p>}
      <Label name={tile.isMe ? words.you : name} isMuted={isMuted} isSpeaking={tile.isSpeaking} />
    </Frame>
  );
}

function ScreenTile({ tile, room, ...props }: Of<"screen">): ReactElement {
  const words = useWords();
  const name = useName(tile.user);
  return (
    <Frame {...props} user={tile.user} name={words.shares_screen(name)} isPicture className="oh-tile-screen">
      {room && <RemoteVideo room={room} stream={tile.screen.stream} source="screen" />}
      <Label name={words.shares_screen(name)} />
    </Frame>
  );
}

function WaitingTile({ tile, onTakeBack, avatar = "large", ...props }: Of<"waiting">): ReactElement {
  const words = useWords();
  const name = useName(tile.user);
  return (
    <Frame {...props} onPin={undefined} user={tile.user} name={name} className="oh-tile-waiting">
      <Face user={tile.user} size={avatar} level={0} />
      <p className="oh-tile-state">{legWords(words, tile)}</p>
      <Label name={name} />
      {onTakeBack && (
        <IconButton icon="close" label={words.take_back_of(name)} className="oh-tile-corner" onClick={onTakeBack} />
      )}
    </Frame>
  );
}

interface FrameProps extends Pick<TileViewProps, "isPinned" | "onPin" | "style"> {
  user: UserId;
  name: string;
  isPicture?: boolean;
  isSpeaking?: boolean;
  className?: string;
  children: ReactNode;
}

function Frame({
  user,
  name,
  isPicture,
  isSpeaking,
  isPinned,
  onPin,
  style,
  className,
  children,
}: FrameProps): ReactElement {
  const words = useWords();
  return (
    <div
      role="group"
      aria-label={name}
      className={classes("oh-tile", isPicture && "oh-tile-picture", isSpeaking && "oh-tile-speaking", className)}
      style={{ ...hueStyle(user), ...style }}
    >
      {children}
      {onPin && (
        <IconButton
          icon={isPinned ? "grid" : "expand"}
          label={isPinned ? words.show_all : words.show_large(name)}
          className="oh-tile-corner oh-tile-pin"
          onClick={onPin}
        />
      )}
    </div>
  );
}

function Label({ name, isMuted, isSpeaking }: { name: string; isMuted?: boolean; isSpeaking?: boolean }): ReactElement {
  const words = useWords();
  return (
    <span className={classes("oh-tile-label", isMuted && "oh-tile-muted")}>
      {isMuted && (
        <>
          <Icon name="microphone_off" />
          <span className="oh-spoken oh-tile-word">{words.is_muted}</span>
        </>
      )}
      {isSpeaking && !isMuted && <Icon name="sound" />}
      <bdi className="oh-tile-name">{name}</bdi>
    </span>
  );
}

/** A face whose halo is as large as the voice is loud. */
export function Face({ user, size, level }: { user: UserId; size: AvatarSize; level: number }): ReactElement {
  return (
    <span className="oh-face" style={{ "--oh-level": Math.min(1, level / 60) } as CSSProperties}>
      <Avatar user={user} size={size} />
    </span>
  );
}

/** Whether an invitation may be taken back by this user. */
export function useTakeBack(call: { id: string; caller: UserId }): (user: UserId) => (() => void) | undefined {
  const { desk, state } = useDesk();
  const part = state.parts.get(call.id);
  return (user) =>
    call.caller === state.me || part?.added.has(user) ? () => void desk.takeBack(call.id, user) : undefined;
}
