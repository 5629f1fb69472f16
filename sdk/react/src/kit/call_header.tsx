// The top of a call: with whom, how long, how well; and the ways to make it smaller.
import type { CallState, RoomState } from "@offhook/client";
import type { ReactElement } from "react";
import { useDesk, useWords } from "../hooks/desk.js";
import { qualityWord } from "../words/legs.js";
import { IconButton } from "./buttons.js";
import { QualityBars } from "./icons.js";
import { worse } from "./pictures/tiles.js";
import { Timer } from "./timer.js";
import { useCallTitle } from "./titles.js";

export interface CallHeaderProps {
  call: CallState;
  room: RoomState | undefined;
  onMinimize: () => void;
  onPictureInPicture?: (() => void) | undefined;
}

export function CallHeader({ call, room, onMinimize, onPictureInPicture }: CallHeaderProps): ReactElement {
  const words = useWords();
  const title = useCallTitle(call);
  return (
    <div className="oh-call-header">
      <div className="oh-call-who">
        <h2 className="oh-call-title">
          <bdi>{title}</bdi>
        </h2>
        <p className="oh-call-sub">
          <CallSub call={call} />
          <Quality room={room} />
        </p>
      </div>
      <div className="oh-call-tools">
        {onPictureInPicture && (
          <IconButton
            icon="picture_in_picture"
            label={words.picture_in_picture}
            className="oh-wide"
            onClick={onPictureInPicture}
          />
        )}
        <IconButton icon="minimize" label={words.minimize} onClick={onMinimize} />
      </div>
    </div>
  );
}

function CallSub({ call }: { call: CallState }): ReactElement {
  const words = useWords();
  if (call.phase === "alone") return <span>{words.alone}</span>;
  if (call.activeSince === undefined) return <span>{words.connecting}</span>;
  return <Timer since={call.activeSince} />;
}

/** The own connection: bars, with a word for those who do not see them, and for everybody when it is weak. */
function Quality({ room }: { room: RoomState | undefined }): ReactElement | null {
  const words = useWords();
  const { state } = useDesk();
  const me = room?.participants.find(({ user }) => user === state.me);
  const quality = me ? worse(me.uplink, me.downlink) : 0;
  if (quality === 0) return null;
  const word = words.quality(qualityWord(words, quality));
  return (
    <span className={`oh-quality oh-quality-${quality}`} title={word}>
      <QualityBars quality={quality} />
      {quality <= 2 ? words.weak_own : <span className="oh-spoken">{word}</span>}
    </span>
  );
}
