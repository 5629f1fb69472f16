// Somebody calls: who, with whom, and what can be done about it.
import type { CallState } from "@offhook/client";
import { type KeyboardEvent, type ReactElement, useId, useState } from "react";
import { mediaOf, others } from "../desk/state.js";
import { useDesk, useName, useNames, useSound, useWords } from "../hooks/desk.js";
import { Avatar, hueStyle } from "./avatar.js";
import { IconButton, RoundButton, TextButton } from "./buttons.js";
import { classes } from "./classes.js";
import { Countdown } from "./countdown.js";
import { useFirstFocus } from "./focus.js";
import { Icon } from "./icons.js";

/**
 * The dialog of a ringing call. The dialog itself has the focus at first, not a button: whoever was writing must not
 * accept by the next stroke of a key. Escape silences the ring here.
 */
export function IncomingDialog({ call }: { call: CallState }): ReactElement {
  const words = useWords();
  const { desk } = useDesk();
  const [titleId, detailId] = [useId(), useId()];
  const first = useFirstFocus<HTMLDivElement>();
  const name = useName(call.inviter);
  const isVideo = mediaOf(call.media) === "video";
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") void desk.silence(call.id);
  };
  return (
    <div className="oh-incoming-place">
      <div
        ref={first}
        role="alertdialog"
        aria-modal="true"
        aria-labelledby={titleId}
        aria-describedby={detailId}
        tabIndex={-1}
        className="oh-incoming oh-wash"
        style={hueStyle(call.inviter)}
        onKeyDown={onKeyDown}
      >
        <IconButton
          icon="bell_off"
          label={words.silence_long}
          className="oh-incoming-silence"
          onClick={() => void desk.silence(call.id)}
        />
        <div className="oh-dial">
          <Countdown call={call} />
          <Avatar user={call.inviter} size="huge" />
        </div>
        <h2 id={titleId} className="oh-title" aria-label={words.is_calling(name)}>
          <bdi>{name}</bdi>
        </h2>
        <IncomingDetail id={detailId} call={call} />
        <SilentNote />
        <div className="oh-incoming-actions">
          <RoundButton icon="hang_up" tone="end" word={words.decline} onClick={() => void desk.reject(call.id)} />
          <RoundButton
            icon={isVideo ? "camera" : "phone"}
            tone="accept"
            word={words.accept}
            onClick={() => void desk.accept(call.id)}
          />
        </div>
        {isVideo && (
          <TextButton
            icon="phone"
            tone="link"
            word={words.accept_voice}
            label={`${words.accept_voice}: ${words.accept}`}
            onClick={() => void desk.accept(call.id, "audio")}
          />
        )}
      </div>
    </div>
  );
}

function IncomingDetail({ id, call }: { id: string; call: CallState }): ReactElement {
  const words = useWords();
  const { state } = useDesk();
  const rest = others(call, state.me).filter((user) => user !== call.inviter);
  const names = useNames(rest);
  const caller = useName(call.caller);
  return (
    <div id={id} className="oh-incoming-detail">
      <p>{mediaOf(call.media) === "video" ? words.incoming_video : words.incoming_voice}</p>
      {rest.length > 0 && <p className="oh-soft">{words.with_people(names)}</p>}
      {call.inviter !== call.caller && <p className="oh-soft">{words.started_by(caller)}</p>}
      {call.isWaiting && <p className="oh-soft">{words.waiting_elsewhere}</p>}
    </div>
  );
}

/** The first press unlocks the sound. The note keeps its place then, or the button under the pointer would move away. */
function SilentNote(): ReactElement | null {
  const words = useWords();
  const { state } = useDesk();
  const { isUnlocked } = useSound();
  const [wasSilent] = useState(!isUnlocked && state.settings.sounds);
  if (!wasSilent) return null;
  return (
    <p className={classes("oh-note", isUnlocked && "oh-note-over")}>
      <Icon name="bell_off" />
      {words.no_ringtone}
    </p>
  );
}
