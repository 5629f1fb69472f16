// The user calls, and nobody is there yet: whom, what they see of it, and the own picture as the others will see it.
import type { CallState, UserId } from "@offhook/client";
import type { ReactElement, ReactNode } from "react";
import { useKit } from "../context.js";
import { type Dialing, isWaiting, others } from "../desk/state.js";
import { useDesk, useLocalCamera, useName, useWords } from "../hooks/desk.js";
import { legWords } from "../words/legs.js";
import { problemWords } from "../words/problems.js";
import { Avatar, Faces, hueStyle } from "./avatar.js";
import { RoundButton, TextButton } from "./buttons.js";
import { CameraControl, MicrophoneControl } from "./call_controls.js";
import { classes } from "./classes.js";
import { useFirstFocus } from "./focus.js";
import { useTakeBack } from "./pictures/tile.js";
import { OwnVideo } from "./pictures/video.js";
import { useTitle } from "./titles.js";
import { ConnectionTrouble, MediaTrouble, PermissionNote, SessionTrouble } from "./trouble.js";

/** A call that rings at the others. */
export function WaitingPage({ call }: { call: CallState }): ReactElement {
  const words = useWords();
  const { desk, state } = useDesk();
  const invitees = others(call, state.me);
  const only = invitees.length === 1 ? call.legs.find((leg) => leg.user === invitees[0]) : undefined;
  return (
    <Frame
      users={invitees}
      sub={only ? legWords(words, only) : words.calling}
      onCancel={() => void desk.hangUp(call.id)}
    >
      {!only && <Invitees call={call} users={invitees} />}
    </Frame>
  );
}

/** The server is being asked. */
export function DialingPage({ dialing }: { dialing: Dialing }): ReactElement {
  const words = useWords();
  const { desk } = useDesk();
  return <Frame users={dialing.invitees} sub={words.asking_server} onCancel={() => desk.stopDialing()} />;
}

/** The server said no, or nothing. */
export function FailedPage({ dialing }: { dialing: Dialing }): ReactElement {
  const words = useWords();
  const { desk } = useDesk();
  const { options } = useKit();
  const first = useFirstFocus<HTMLDivElement>();
  const title = useTitle(dialing.invitees);
  const close = () => {
    desk.stopDialing();
    options.onBack?.();
  };
  return (
    <div
      ref={first}
      role="region"
      aria-label={words.call_failed}
      tabIndex={-1}
      className="oh-page oh-wash oh-over"
      style={hueStyle(dialing.invitees[0] ?? "")}
    >
      <div className="oh-over-text">
        <Faces users={dialing.invitees} size={dialing.invitees.length > 1 ? "large" : "huge"} />
        <p className="oh-over-who">
          <bdi>{title}</bdi>
        </p>
        <h2 className="oh-title">{words.call_failed}</h2>
        {dialing.problem && <p role="alert">{problemWords(words, dialing.problem)}</p>}
      </div>
      <div className="oh-over-actions">
        <RoundButton icon="close" word={words.close} onClick={close} />
        <RoundButton
          icon={dialing.media === "video" ? "camera" : "phone"}
          tone="accept"
          word={words.try_again}
          onClick={() => void desk.place(dialing.invitees, { media: dialing.media })}
        />
      </div>
    </div>
  );
}

interface FrameProps {
  users: readonly UserId[];
  sub: string;
  onCancel: () => void;
  children?: ReactNode;
}

function Frame({ users, sub, onCancel, children }: FrameProps): ReactElement {
  const words = useWords();
  const first = useFirstFocus<HTMLDivElement>();
  const title = useTitle(users);
  const own = useLocalCamera();
  return (
    <div
      ref={first}
      role="region"
      aria-label={words.calling_people(title)}
      tabIndex={-1}
      className={classes("oh-page oh-waiting", own ? "oh-night oh-waiting-video" : "oh-wash")}
      style={hueStyle(users[0] ?? "")}
    >
      {own && (
        <div className="oh-waiting-picture">
          <OwnVideo track={own} />
        </div>
      )}
      <div className="oh-troubles">
        <ConnectionTrouble />
        <SessionTrouble />
        <PermissionNote />
        <MediaTrouble />
      </div>
      <div className="oh-waiting-text">
        {users.length === 1 && (
          <span className="oh-dial oh-dial-calling">
            <Avatar user={users[0] ?? ""} size={own ? "large" : "huge"} />
          </span>
        )}
        <h2 className="oh-title">
          <bdi>{title}</bdi>
        </h2>
        <p className="oh-sub" role="status">
          {sub}
        </p>
        {children}
      </div>
      <div className="oh-controls" role="group" aria-label={words.call}>
        <MicrophoneControl />
        <CameraControl />
        <RoundButton icon="hang_up" tone="end" className="oh-hang-up" word={words.cancel} onClick={onCancel} />
      </div>
    </div>
  );
}

function Invitees({ call, users }: { call: CallState; users: readonly UserId[] }): ReactElement {
  const takeBack = useTakeBack(call);
  return (
    <ul className="oh-invitees">
      {users.map((user) => (
        <Invitee key={user} call={call} user={user} onTakeBack={takeBack(user)} />
      ))}
    </ul>
  );
}

function Invitee(props: { call: CallState; user: UserId; onTakeBack: (() => void) | undefined }): ReactElement {
  const { call, user, onTakeBack } = props;
  const words = useWords();
  const name = useName(user);
  const leg = call.legs.find((each) => each.user === user);
  const isLive = leg !== undefined && isWaiting(leg.status);
  return (
    <li className={classes("oh-invitee", isLive ? "oh-invitee-waiting" : "oh-invitee-out")}>
      <Avatar user={user} size="large" />
      <bdi className="oh-invitee-name">{name}</bdi>
      <span className="oh-soft">{leg && legWords(words, leg)}</span>
      {isLive && onTakeBack && (
        <TextButton tone="link" word={words.take_back} label={words.take_back_of(name)} onClick={onTakeBack} />
      )}
    </li>
  );
}
