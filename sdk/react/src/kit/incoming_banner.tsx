// A second call, while another one has the stage.
import type { CallState } from "@offhook/client";
import { type ReactElement, useId } from "react";
import { mediaOf } from "../desk/state.js";
import { useDesk, useName, useWords } from "../hooks/desk.js";
import { Avatar, hueStyle } from "./avatar.js";
import { IconButton, TextButton } from "./buttons.js";

export interface IncomingBannerProps {
  call: CallState;
  /** The user is in a call that accepting would end. */
  isBusy: boolean;
}

/** It takes no focus: who is in a call must not press what they did not see coming. */
export function IncomingBanner({ call, isBusy }: IncomingBannerProps): ReactElement {
  const words = useWords();
  const { desk } = useDesk();
  const titleId = useId();
  const name = useName(call.inviter);
  return (
    <section className="oh-banner" role="alert" aria-labelledby={titleId} style={hueStyle(call.inviter)}>
      <Avatar user={call.inviter} size="small" />
      <div className="oh-banner-text">
        <strong id={titleId}>{words.is_calling(name)}</strong>
        <span className="oh-soft">{mediaOf(call.media) === "video" ? words.incoming_video : words.incoming_voice}</span>
      </div>
      <div className="oh-banner-actions">
        <IconButton icon="bell_off" label={words.silence_long} onClick={() => void desk.silence(call.id)} />
        <TextButton
          tone="end"
          icon="hang_up"
          word={words.decline}
          onClick={() => void desk.reject(call.id, isBusy ? "busy" : "declined")}
        />
        <TextButton
          tone="accept"
          icon={mediaOf(call.media) === "video" ? "camera" : "phone"}
          word={isBusy ? words.end_and_accept : words.accept}
          onClick={() => void desk.accept(call.id)}
        />
      </div>
    </section>
  );
}
