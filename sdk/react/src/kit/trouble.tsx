// What is in the way, in words, with a way on.
import type { LocalMediaState, LocalTrouble, RoomState } from "@offhook/client";
import type { ReactElement, ReactNode } from "react";
import { useKit } from "../context.js";
import type { Part } from "../desk/state.js";
import { useDesk, useWords } from "../hooks/desk.js";
import { useLocalMedia } from "../hooks/room.js";
import { useStore } from "../hooks/use_store.js";
import { troubleWords } from "../words/legs.js";
import { problemWords } from "../words/problems.js";
import { TextButton } from "./buttons.js";
import { classes } from "./classes.js";
import { Icon } from "./icons.js";
import type { Autoplay } from "./remote_sound.js";

export interface TroubleBarProps {
  title: string;
  detail?: string | undefined;
  /** It ends by itself: nothing has to be done. */
  isPassing?: boolean | undefined;
  /** Nothing is wrong; it should be known. */
  isNote?: boolean | undefined;
  children?: ReactNode;
}

/** A sentence about something that is wrong, read out once, and what can be done. */
export function TroubleBar({ title, detail, isPassing, isNote, children }: TroubleBarProps): ReactElement {
  const isQuiet = isPassing === true || isNote === true;
  return (
    <div className={classes("oh-trouble", isQuiet && "oh-trouble-quiet")} role={isQuiet ? "status" : "alert"}>
      {isPassing && <span className="oh-spinner" aria-hidden="true" />}
      {!isPassing && <Icon name={isNote ? "screen" : "warning"} />}
      <div className="oh-trouble-text">
        <strong>{title}</strong>
        {detail && <span>{detail}</span>}
      </div>
      {children && <div className="oh-trouble-actions">{children}</div>}
    </div>
  );
}

/** Camera or microphone that give nothing although they should. */
export function MediaTrouble(): ReactElement | null {
  const words = useWords();
  const { media, state } = useLocalMedia();
  const found = troubleOf(state);
  if (!found) return <ScreenTrouble state={state} />;
  const { source, trouble } = found;
  const { title, way } = troubleWords(words, source, trouble);
  const isHeard = source === "camera";
  const retry = () => {
    if (source === "both") void media.start({ camera: true, microphone: true });
    else if (source === "camera") void media.setCamera(true);
    else void media.setMicrophone(true);
  };
  return (
    <TroubleBar title={title} detail={isHeard ? way : `${words.others_cannot_hear} ${way}`}>
      {trouble !== "insecure" && <TextButton word={words.try_again} onClick={retry} />}
    </TroubleBar>
  );
}

/** The own system does not let itself be shown. */
function ScreenTrouble({ state }: { state: LocalMediaState }): ReactElement | null {
  const words = useWords();
  const { trouble } = state.screen;
  if (!trouble || trouble === "lost") return null;
  return <TroubleBar title={trouble === "denied" ? words.screen_denied : words.screen_failed} />;
}

/** What has trouble; both as one where they have the same. */
export function troubleOf({
  camera,
  microphone,
}: Pick<LocalMediaState, "camera" | "microphone">):
  { source: "both" | "camera" | "microphone"; trouble: LocalTrouble } | undefined {
  if (microphone.trouble && microphone.trouble === camera.trouble) {
    const isOne =
      microphone.trouble === "denied" || microphone.trouble === "missing" || microphone.trouble === "insecure";
    return { source: isOne ? "both" : "microphone", trouble: microphone.trouble };
  }
  if (microphone.trouble) return { source: "microphone", trouble: microphone.trouble };
  return camera.trouble && { source: "camera", trouble: camera.trouble };
}

/** The browser asks the user at this moment. */
export function PermissionNote(): ReactElement | null {
  const words = useWords();
  const { state } = useLocalMedia();
  const isAsking = state.camera.status === "starting" || state.microphone.status === "starting";
  const isFirst = state.devices.length > 0 && state.devices.every((device) => device.label === "");
  return isAsking && isFirst ? <TroubleBar isPassing title={words.permission_asked} /> : null;
}

/** The server is away; what is known of the call goes on. */
export function ConnectionTrouble(): ReactElement | null {
  const words = useWords();
  const { state } = useDesk();
  switch (state.connection.state) {
    case "backoff":
    case "connecting":
    case "disconnected":
      return <TroubleBar isPassing title={words.server_away} />;
    case "online":
    case "stopped":
      return null;
  }
}

/** The room: refused, left, or without media at the moment. */
export function RoomTrouble({ part, room }: { part: Part; room: RoomState | undefined }): ReactElement | null {
  const words = useWords();
  const { desk, state } = useDesk();
  if (part.refusal && room?.stay.phase === "out")
    return (
      <TroubleBar title={words.room_refused} detail={problemWords(words, part.refusal)}>
        {part.refusal.code !== "media_unavailable" && (
          <TextButton word={words.try_again} onClick={() => desk.retryRoom()} />
        )}
      </TroubleBar>
    );
  if (room?.stay.phase === "out" && room.stay.cause !== undefined)
    return (
      <TroubleBar isPassing title={words.room_away}>
        <TextButton word={words.try_again} onClick={() => desk.retryRoom()} />
      </TroubleBar>
    );
  const isCut = room?.stay.phase === "in" && !room.stay.isConnected && state.connection.state === "online";
  const wasFlowing = room?.participants.some((one) => one.isMe && one.presence === "reconnecting");
  return isCut && wasFlowing ? <TroubleBar isPassing title={words.media_away} /> : null;
}

/** The browser plays no sound before a click. */
export function SoundTrouble({ autoplay }: { autoplay: Autoplay }): ReactElement | null {
  const words = useWords();
  const { sound } = useKit();
  if (useStore(autoplay) === "free") return null;
  const unlock = () => {
    autoplay.unlock();
    sound.unlock();
  };
  return (
    <TroubleBar title={words.sound_blocked}>
      <TextButton tone="accept" word={words.sound_on} onClick={unlock} />
    </TroubleBar>
  );
}

/** The session is over, or about to be: nobody can call until the user does something. */
export function SessionTrouble(): ReactElement | null {
  const words = useWords();
  const { client, options } = useKit();
  const { state } = useDesk();
  const { connection } = state;
  const signIn = (
    <TextButton
      tone="accept"
      word={options.onSignIn ? words.sign_in : words.try_again}
      onClick={() => (options.onSignIn ? options.onSignIn() : client.connect())}
    />
  );
  if (connection.state !== "stopped") {
    if (!state.tokenNeeded) return null;
    const title = connection.state === "online" ? words.token_needed : words.token_failed;
    return <TroubleBar title={title}>{signIn}</TroubleBar>;
  }
  switch (connection.reason) {
    case "bad_frame":
      return <TroubleBar title={words.stopped_bad_frame} />;
    case "kicked_out":
      return <TroubleBar title={words.stopped_kicked}>{signIn}</TroubleBar>;
    case "logged_out":
      return null;
    case "replaced":
      return (
        <TroubleBar title={words.stopped_replaced}>
          <TextButton tone="accept" word={words.use_here} onClick={() => client.connect()} />
        </TroubleBar>
      );
    case "unauthenticated":
      return <TroubleBar title={words.stopped_unauthenticated}>{signIn}</TroubleBar>;
  }
}
