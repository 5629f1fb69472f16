// A call that goes on: pictures, what is in the way, and the bar.
import type { Call, CallState } from "@offhook/client";
import { type KeyboardEvent, type ReactElement, useEffect, useRef, useState } from "react";
import { useKit } from "../context.js";
import type { Part } from "../desk/state.js";
import { others } from "../desk/state.js";
import { useDesk, useLocalCamera, useWords } from "../hooks/desk.js";
import { useLocalMedia, useRoom } from "../hooks/room.js";
import { hueStyle } from "./avatar.js";
import { CallControls, leavesOthers, useHangUp } from "./call_controls.js";
import { CallHeader } from "./call_header.js";
import { classes } from "./classes.js";
import { useFirstFocus } from "./focus.js";
import { Panel } from "./panel.js";
import { PeoplePanel } from "./people_panel.js";
import { type GroupView, isPair, Pictures } from "./pictures/pictures.js";
import { tilesOf } from "./pictures/tiles.js";
import { canOpenWindow, showVideoInWindow } from "./pip.js";
import { Question } from "./question.js";
import type { Autoplay } from "./remote_sound.js";
import { SettingsPanel } from "./settings_panel.js";
import { useCallTitle } from "./titles.js";
import { TextButton } from "./buttons.js";
import {
  ConnectionTrouble,
  MediaTrouble,
  PermissionNote,
  RoomTrouble,
  SessionTrouble,
  SoundTrouble,
  TroubleBar,
} from "./trouble.js";

export interface CallPageProps {
  call: CallState;
  part: Part;
  autoplay: Autoplay;
  /** Opens a window of the call's own; where a browser has none, it shows the largest picture in one of its own. */
  onOpenWindow?: (() => void) | undefined;
}

/** After so long without a touch the bars of a video call make room. In milliseconds. */
const RESTING_MS = 4_000;

export function CallPage({ call: state, part, autoplay, onOpenWindow }: CallPageProps): ReactElement {
  const words = useWords();
  const { client, options } = useKit();
  const { desk, state: deskState } = useDesk();
  const call = client.call(state.id);
  const room = useRoom(call);
  const title = useCallTitle(state);
  const [panel, setPanel] = useState<"people" | "settings">();
  const [view, setView] = useState<GroupView>("grid");
  const hangUp = useHangUp(state, options.confirmHangUp === true);
  const first = useFirstFocus<HTMLDivElement>();
  const tiles = tilesOf(state, room?.state, deskState.me);
  const hasPicture = useHasPicture(call);
  const isTwo = isPair(tiles);
  const rest = useResting(hasPicture && isTwo && panel === undefined && !hangUp.isAsking);
  const onKeyDown = useShortcuts();
  const openWindow = windowOpener(onOpenWindow);
  const leaves = leavesOthers(state, deskState.me);
  return (
    <div
      ref={first}
      role="region"
      aria-label={words.in_call_with(title)}
      tabIndex={-1}
      className={classes(
        "oh-page oh-call",
        isTwo && !hasPicture && "oh-call-voice",
        hasPicture || !isTwo ? "oh-night" : "oh-wash",
        isTwo && hasPicture && "oh-call-full",
        rest.isResting && "oh-resting",
        panel && "oh-with-panel",
      )}
      style={hueStyle(others(state, deskState.me)[0] ?? state.caller)}
      onKeyDown={onKeyDown}
      {...rest.listeners}
    >
      <div className="oh-call-stage">
        <CallHeader
          call={state}
          room={room?.state}
          onMinimize={() => desk.show("small")}
          onPictureInPicture={openWindow}
        />
        <div className="oh-troubles">
          <ConnectionTrouble />
          <SessionTrouble />
          <RoomTrouble part={part} room={room?.state} />
          <SoundTrouble autoplay={autoplay} />
          <PermissionNote />
          <MediaTrouble />
          <SharingNote />
        </div>
        <Pictures call={state} room={room?.room} state={room?.state} view={view} />
        <CallControls
          call={state}
          room={room?.state}
          panel={panel}
          onPanel={setPanel}
          view={isTwo ? undefined : view}
          onView={setView}
          onFullScreen={fullScreenToggle()}
          onPictureInPicture={openWindow}
          onHangUp={hangUp.ask}
        />
      </div>
      {panel && (
        <Panel title={panel === "people" ? words.people : words.settings} onClose={() => setPanel(undefined)}>
          {panel === "people" ? <PeoplePanel call={state} room={room?.state} /> : <SettingsPanel />}
        </Panel>
      )}
      {hangUp.isAsking && (
        <Question
          title={words.hang_up_question}
          detail={leaves ? words.leave_detail : words.hang_up_detail(title)}
          yes={leaves ? words.leave : words.hang_up}
          no={words.stay}
          onYes={hangUp.leave}
          onNo={hangUp.stay}
        />
      )}
    </div>
  );
}

/** Who shows their screen should not forget it. */
function SharingNote(): ReactElement | null {
  const words = useWords();
  const { media, state } = useLocalMedia();
  if (state.screen.status !== "on") return null;
  return (
    <TroubleBar title={words.you_share} isNote>
      <TextButton word={words.stop_sharing} onClick={() => media.stopScreen()} />
    </TroubleBar>
  );
}

/** Whether anybody's picture is to be seen: then the page is dark. */
function useHasPicture(call: Call | undefined): boolean {
  const own = useLocalCamera();
  const room = useRoom(call);
  const { state } = useDesk();
  if (!call) return false;
  const tiles = tilesOf(call.state, room?.state, state.me);
  return (
    own !== undefined ||
    tiles.some((tile) => tile.kind === "screen" || (tile.kind === "person" && !tile.isMe && tile.camera))
  );
}

function useShortcuts(): (event: KeyboardEvent<HTMLElement>) => void {
  const { media, state } = useLocalMedia();
  return (event) => {
    const isTyping = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "m") void media.setMicrophone(state.microphone.status !== "on");
    if (key === "v") void media.setCamera(state.camera.status !== "on");
  };
}

/** Whether nobody has touched the page for a while. The keyboard's focus inside the bars keeps them, by the styles. */
function useResting(isOn: boolean): {
  isResting: boolean;
  listeners: { onPointerMove: () => void; onPointerDown: () => void; onKeyUp: () => void };
} {
  const { clock } = useKit();
  const [isResting, setResting] = useState(false);
  const callOff = useRef<() => void>(undefined);
  const [start] = useState(() => () => {
    callOff.current?.();
    callOff.current = clock.after(RESTING_MS, () => setResting(true));
  });
  useEffect(() => {
    if (isOn) start();
    return () => callOff.current?.();
  }, [isOn, start]);
  const wake = () => {
    setResting(false);
    if (isOn) start();
  };
  return { isResting: isOn && isResting, listeners: { onPointerMove: wake, onPointerDown: wake, onKeyUp: wake } };
}

/** The page as it is drawn at the moment of a click. */
function drawnPage(): HTMLElement | null {
  return document.querySelector<HTMLElement>(".oh-call");
}

function fullScreenToggle(): (() => void) | undefined {
  if (!document.fullscreenEnabled) return undefined;
  return () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else
      drawnPage()
        ?.requestFullscreen()
        .catch(() => undefined);
  };
}

/** A window of its own, or the browser's for one picture; absent where there is neither. */
function windowOpener(open: (() => void) | undefined): (() => void) | undefined {
  if (open && canOpenWindow()) return open;
  if (!document.pictureInPictureEnabled) return undefined;
  return () => showVideoInWindow(drawnPage());
}
