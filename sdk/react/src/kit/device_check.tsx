// Trying camera, microphone and speaker before a call; nobody else sees or hears it.
import type { LocalDevice, LocalMedia, LocalMediaState } from "@offhook/client";
import { type ReactElement, useEffect, useId, useState } from "react";
import { useKit } from "../context.js";
import { useDesk, useSound, useWords } from "../hooks/desk.js";
import { useStore } from "../hooks/use_store.js";
import { troubleWords } from "../words/legs.js";
import { TextButton } from "./buttons.js";
import { devicesOf } from "./device_choice.js";
import { Icon } from "./icons.js";
import { OwnVideo } from "./pictures/video.js";
import { Root } from "./root.js";
import { TroubleBar, troubleOf } from "./trouble.js";

/** Records nothing before the user asks for it, and nothing once it is gone. */
export function DeviceCheck(): ReactElement {
  const { createMedia } = useKit();
  const { desk } = useDesk();
  const [media] = useState(() => createMedia({ chosen: desk.state.settings.devices }));
  const state = useStore(media);
  const { chosen } = state;
  useEffect(() => () => media.stop(), [media]);
  useEffect(() => {
    if (!isSame(chosen, desk.state.settings.devices)) desk.set({ devices: chosen });
  }, [chosen, desk]);
  return (
    <Root className="oh-devices">
      <Check media={media} state={state} />
    </Root>
  );
}

function isSame(one: Record<string, string | undefined>, other: Record<string, string | undefined>): boolean {
  return ["camera", "microphone", "speaker"].every((kind) => one[kind] === other[kind]);
}

function Check({ media, state }: { media: LocalMedia; state: LocalMediaState }): ReactElement {
  const words = useWords();
  const { sound } = useSound();
  const [isTrying, setTrying] = useState(false);
  const { track } = state.camera;
  const start = () => {
    setTrying(true);
    void media.start({ camera: true, microphone: true });
  };
  const stop = () => {
    setTrying(false);
    media.stop();
  };
  return (
    <section className="oh-check">
      <h3 className="oh-section-title">{words.device_check}</h3>
      <div className="oh-check-picture">
        {track ? <OwnVideo track={track} /> : <Icon name={isTrying ? "camera_off" : "camera"} />}
        {!isTrying && <TextButton tone="accept" word={words.device_check_start} onClick={start} />}
      </div>
      <p className="oh-soft">{words.device_check_detail}</p>
      {isTrying && <CheckTrouble media={media} state={state} />}
      <DeviceSelect kind="camera" media={media} state={state} />
      <DeviceSelect kind="microphone" media={media} state={state} />
      {isTrying && <Level media={media} state={state} />}
      <DeviceSelect kind="speaker" media={media} state={state} />
      <div className="oh-check-actions">
        <TextButton icon="sound" word={words.test_sound} onClick={() => sound.signal("test")} />
        {isTrying && <TextButton word={words.device_check_stop} onClick={stop} />}
      </div>
    </section>
  );
}

function CheckTrouble({ media, state }: { media: LocalMedia; state: LocalMediaState }): ReactElement | null {
  const words = useWords();
  const found = troubleOf(state);
  if (!found) return null;
  const { title, way } = troubleWords(words, found.source, found.trouble);
  return (
    <TroubleBar title={title} detail={way}>
      <TextButton word={words.try_again} onClick={() => void media.start({ camera: true, microphone: true })} />
    </TroubleBar>
  );
}

function Level({ media, state }: { media: LocalMedia; state: LocalMediaState }): ReactElement {
  const words = useWords();
  useEffect(() => media.meter(), [media]);
  return (
    <div className="oh-level-line">
      <meter className="oh-level" min={0} max={100} value={state.level} aria-label={words.level} />
      <span className="oh-soft">{words.speak_now}</span>
    </div>
  );
}

export interface DeviceSelectProps {
  kind: LocalDevice["kind"];
  media: LocalMedia;
  state: LocalMediaState;
}

/** A choice of devices of one kind; nothing where there is none. */
export function DeviceSelect({ kind, media, state }: DeviceSelectProps): ReactElement | null {
  const words = useWords();
  const id = useId();
  const devices = devicesOf(state, kind);
  useEffect(() => void media.refreshDevices(), [media]);
  if (devices.length === 0) return null;
  return (
    <div className="oh-select">
      <label htmlFor={id}>{words[kind]}</label>
      <select
        id={id}
        value={state.chosen[kind] ?? ""}
        onChange={(event) => void media.choose(kind, event.target.value || undefined)}
      >
        <option value="">{words.device_default}</option>
        {devices.map((device, index) => (
          <option key={device.id} value={device.id}>
            {device.label || words.device_unnamed(index + 1)}
          </option>
        ))}
      </select>
    </div>
  );
}
