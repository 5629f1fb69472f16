// Buttons that place a call, anywhere in an app.
import type { UserId } from "@offhook/client";
import type { ReactElement, ReactNode } from "react";
import type { PlaceOptions } from "../desk/desk.js";
import type { Media } from "../desk/state.js";
import { useDesk, useWords } from "../hooks/desk.js";
import { classes } from "./classes.js";
import { Icon } from "./icons.js";
import { Root } from "./root.js";
import { useTitle } from "./titles.js";

export interface CallButtonProps extends Pick<PlaceOptions, "extendedData" | "mode" | "timeoutS"> {
  /** Whom to call: one, or several at once. */
  users: UserId | readonly UserId[];
  /** Default: `video`. */
  media?: Media;
  /** Show words beside the icon. Default: the icon alone. */
  hasWord?: boolean;
  disabled?: boolean;
  className?: string;
  /** In place of the icon and the word. */
  children?: ReactNode;
}

/** Places a call. */
export function CallButton(props: CallButtonProps): ReactElement {
  return (
    <Root className="oh-inline">
      <PlainCallButton {...props} />
    </Root>
  );
}

function PlainCallButton(props: CallButtonProps): ReactElement {
  const { users, media = "video", hasWord = false, disabled = false, className, children, ...options } = props;
  const words = useWords();
  const { desk, state } = useDesk();
  const all = typeof users === "string" ? [users] : users;
  const names = useTitle(all);
  const isOff = disabled || all.length === 0 || state.connection.state === "stopped";
  const label = media === "audio" ? words.call_user_voice(names) : words.call_user_video(names);
  return (
    <button
      type="button"
      className={classes(
        hasWord ? "oh-text-button oh-text-button-accept" : "oh-icon-button oh-icon-button-call",
        className,
      )}
      disabled={isOff}
      aria-label={label}
      title={label}
      onClick={() => void desk.place(all, { ...options, media })}
    >
      {children ?? (
        <>
          <Icon name={media === "audio" ? "phone" : "camera"} />
          {hasWord && <span>{media === "audio" ? words.voice_call : words.video_call}</span>}
        </>
      )}
    </button>
  );
}

/** A voice and a video button side by side. */
export function CallButtons(props: Omit<CallButtonProps, "children" | "media">): ReactElement {
  return (
    <Root className="oh-inline">
      <PlainCallButton {...props} media="audio" />
      <PlainCallButton {...props} media="video" />
    </Root>
  );
}
