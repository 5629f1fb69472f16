// The bar of a call: microphone, camera, screen, people, more, and the way out.
import type { CallState, LocalDevice, LocalMedia, LocalMediaState, RoomState } from "@offhook/client";
import { type ReactElement, useState } from "react";
import { isWaiting } from "../desk/state.js";
import { useDesk, useWords } from "../hooks/desk.js";
import { useLocalMedia } from "../hooks/room.js";
import { RoundButton } from "./buttons.js";
import { devicesOf } from "./device_choice.js";
import { Icon } from "./icons.js";
import { Menu, MenuGroup, MenuItem } from "./menu.js";
import type { GroupView } from "./pictures/pictures.js";

export interface CallControlsProps {
  call: CallState;
  room: RoomState | undefined;
  panel: "people" | "settings" | undefined;
  onPanel: (panel: "people" | "settings" | undefined) => void;
  /** Absent where there is only one view. */
  view?: GroupView | undefined;
  onView: (view: GroupView) => void;
  onFullScreen?: (() => void) | undefined;
  onPictureInPicture?: (() => void) | undefined;
  onMinimize?: (() => void) | undefined;
  onHangUp: () => void;
}

export function CallControls(props: CallControlsProps): ReactElement {
  const { call, panel, onPanel, onHangUp } = props;
  const words = useWords();
  const { state: desk } = useDesk();
  const leaves = leavesOthers(call, desk.me);
  return (
    <div className="oh-controls" role="group" aria-label={words.call}>
      <MicrophoneControl />
      <CameraControl />
      <ScreenControl />
      {call.mode !== "general" && (
        <RoundButton
          icon="people"
          word={words.people}
          className="oh-wide"
          aria-expanded={panel === "people"}
          tone={panel === "people" ? "off" : "quiet"}
          onClick={() => onPanel(panel === "people" ? undefined : "people")}
        />
      )}
      <MoreMenu {...props} />
      <RoundButton
        icon="hang_up"
        tone="end"
        className="oh-hang-up"
        word={leaves ? words.leave : words.hang_up}
        onClick={onHangUp}
      />
    </div>
  );
}

/** Whether others talk on without the user. */
export function leavesOthers(call: CallState, me: string | undefined): boolean {
  const live = call.legs.filter((leg) => leg.user !== me && (leg.status === "accepted" || isWaiting(leg.status)));
  return live.length > 1;
}

export function MicrophoneControl(): ReactElement {
  const words = useWords();
  const { media, state } = useLocalMedia();
  const { status, trouble } = state.microphone;
  const isOn = status === "on" || status === "starting";
  return (
    <DeviceControl label={words.choose_microphone} kinds={["microphone", "speaker"]}>
      <RoundButton
        icon={isOn ? "microphone" : "microphone_off"}
        tone={isOn ? "quiet" : "off"}
        word={isOn ? words.mute : words.unmute}
        className={trouble && "oh-round-trouble"}
        aria-busy={status === "starting"}
        aria-keyshortcuts="m"
        onClick={() => void media.setMicrophone(!isOn)}
      />
    </DeviceControl>
  );
}

export function CameraControl(): ReactElement {
  const words = useWords();
  const { media, state } = useLocalMedia();
  const { status, trouble } = state.camera;
  const isOn = status === "on" || status === "starting";
  return (
    <DeviceControl label={words.choose_camera} kinds={["camera"]}>
      <RoundButton
        icon={isOn ? "camera" : "camera_off"}
        tone={isOn ? "quiet" : "off"}
        word={isOn ? words.camera_off : words.camera_on}
        className={trouble && "oh-round-trouble"}
        aria-busy={status === "starting"}
        aria-keyshortcuts="v"
        onClick={() => void media.setCamera(!isOn)}
      />
    </DeviceControl>
  );
}

function ScreenControl(): ReactElement | null {
  const words = useWords();
  const { media, state } = useLocalMedia();
  if (!canShare()) return null;
  const isOn = state.screen.status === "on";
  return (
    <RoundButton
      icon={isOn ? "screen_stop" : "screen"}
      tone={isOn ? "off" : "quiet"}
      className="oh-wide"
      word={isOn ? words.stop_sharing_short : words.share_short}
      label={isOn ? words.stop_sharing : words.share_screen}
      onClick={() => toggleScreen(media, isOn)}
    />
  );
}

function toggleScreen(media: LocalMedia, isOn: boolean): void {
  if (isOn) media.stopScreen();
  else void media.shareScreen();
}

/** Phones share no screens from a page. */
function canShare(): boolean {
  const devices = navigator.mediaDevices as { getDisplayMedia?: unknown } | undefined;
  return typeof devices?.getDisplayMedia === "function";
}

interface DeviceControlProps {
  label: string;
  kinds: readonly LocalDevice["kind"][];
  children: ReactElement;
}

/** A button, and beside it the devices that it may work with, if there is a choice. */
function DeviceControl({ label, kinds, children }: DeviceControlProps): ReactElement {
  const { media, state } = useLocalMedia();
  const hasChoice = kinds.some((kind) => devicesOf(state, kind).length > 1);
  return (
    <div className="oh-device-control">
      {children}
      {hasChoice && (
        <Menu
          label={label}
          className="oh-wide oh-device-menu"
          trigger={(trigger) => (
            <button type="button" className="oh-device-open" aria-label={label} title={label} {...trigger}>
              <Icon name="chevron_down" />
            </button>
          )}
        >
          {kinds.map((kind) => (
            <DeviceItems key={kind} kind={kind} media={media} state={state} />
          ))}
        </Menu>
      )}
    </div>
  );
}

function DeviceItems(props: {
  kind: LocalDevice["kind"];
  media: LocalMedia;
  state: LocalMediaState;
}): ReactElement | null {
  const { kind, media, state } = props;
  const words = useWords();
  const devices = devicesOf(state, kind);
  if (devices.length === 0) return null;
  const chosen = state.chosen[kind];
  return (
    <MenuGroup title={words[kind]}>
      <MenuItem
        word={words.device_default}
        isChosen={!devices.some(({ id }) => id === chosen)}
        onChoose={() => void media.choose(kind, undefined)}
      />
      {devices.map(({ id, label }, index) => (
        <MenuItem
          key={id}
          word={label || words.device_unnamed(index + 1)}
          isChosen={id === chosen}
          onChoose={() => void media.choose(kind, id)}
        />
      ))}
    </MenuGroup>
  );
}

function MoreMenu(props: CallControlsProps): ReactElement {
  const { call, onPanel, view, onView, onFullScreen, onPictureInPicture } = props;
  const words = useWords();
  const { desk, state } = useDesk();
  const { media, state: own } = useLocalMedia();
  const isSharing = own.screen.status === "on";
  const mayEnd = call.caller === state.me && call.mode !== "general" && leavesOthers(call, state.me);
  return (
    <Menu
      label={words.more}
      className="oh-more"
      trigger={(trigger) => <RoundButton icon="more" word={words.more} {...trigger} />}
    >
      {canShare() && (
        <MenuItem
          className="oh-narrow"
          icon={isSharing ? "screen_stop" : "screen"}
          word={isSharing ? words.stop_sharing : words.share_screen}
          onChoose={() => toggleScreen(media, isSharing)}
        />
      )}
      {call.mode !== "general" && (
        <MenuItem className="oh-narrow" icon="people" word={words.people} onChoose={() => onPanel("people")} />
      )}
      {own.camera.status === "on" && devicesOf(own, "camera").length > 1 && (
        <MenuItem icon="flip" word={words.flip_camera} onChoose={() => void media.flipCamera()} />
      )}
      {view && (
        <MenuItem
          icon={view === "grid" ? "speaker_view" : "grid"}
          word={view === "grid" ? words.view_speaker : words.view_grid}
          onChoose={() => onView(view === "grid" ? "speaker" : "grid")}
        />
      )}
      {onPictureInPicture && (
        <MenuItem icon="picture_in_picture" word={words.picture_in_picture} onChoose={onPictureInPicture} />
      )}
      {onFullScreen && (
        <MenuItem
          icon={document.fullscreenElement ? "full_screen_leave" : "full_screen"}
          word={document.fullscreenElement ? words.full_screen_leave : words.full_screen}
          onChoose={onFullScreen}
        />
      )}
      <MenuItem icon="settings" word={words.settings} onChoose={() => onPanel("settings")} />
      {mayEnd && (
        <MenuItem icon="hang_up" tone="end" word={words.end_for_all} onChoose={() => void desk.endForAll(call.id)} />
      )}
    </Menu>
  );
}

/** Whether the call has been asked to be left; the answer comes from a question, if the app wants one. */
export function useHangUp(
  call: CallState,
  confirm: boolean,
): { isAsking: boolean; ask: () => void; stay: () => void; leave: () => void } {
  const { desk } = useDesk();
  const [isAsking, setAsking] = useState(false);
  const leave = () => void desk.hangUp(call.id);
  return {
    isAsking,
    ask: confirm ? () => setAsking(true) : leave,
    stay: () => setAsking(false),
    leave,
  };
}
