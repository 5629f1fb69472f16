// What the user chooses: disturbance, a second call, sounds, notifications, devices.
import { type ReactElement, type ReactNode, useId, useState } from "react";
import { askToNotify, notificationPermit } from "../attention/notification.js";
import { liveCall } from "../desk/stage.js";
import { useDesk, useWords } from "../hooks/desk.js";
import { useLocalMedia } from "../hooks/room.js";
import { TextButton } from "./buttons.js";
import { DeviceCheck, DeviceSelect } from "./device_check.js";
import { Root } from "./root.js";

/** To be placed anywhere; the call page has it as well. */
export function SettingsPanel(): ReactElement {
  const { state } = useDesk();
  return (
    <Root className="oh-settings">
      <CallSettings />
      {liveCall(state) ? <CallDevices /> : <DeviceCheck />}
    </Root>
  );
}

function CallSettings(): ReactElement {
  const words = useWords();
  const { desk, state } = useDesk();
  const { doNotDisturb, busy, sounds } = state.settings;
  return (
    <>
      <Switch
        word={words.do_not_disturb}
        detail={words.do_not_disturb_detail}
        isOn={doNotDisturb}
        onChange={(isOn) => desk.set({ doNotDisturb: isOn })}
      />
      <fieldset className="oh-choices">
        <legend className="oh-section-title">{words.second_call}</legend>
        <Choice
          word={words.second_call_ask}
          detail={words.second_call_ask_detail}
          isChosen={busy === "ask"}
          onChoose={() => desk.set({ busy: "ask" })}
        />
        <Choice
          word={words.second_call_reject}
          detail={words.second_call_reject_detail}
          isChosen={busy === "reject"}
          onChoose={() => desk.set({ busy: "reject" })}
        />
      </fieldset>
      <Switch
        word={words.sounds}
        detail={words.sounds_detail}
        isOn={sounds}
        onChange={(isOn) => desk.set({ sounds: isOn })}
      />
      <NotificationSwitch />
    </>
  );
}

function NotificationSwitch(): ReactElement | null {
  const words = useWords();
  const { desk, state } = useDesk();
  const [permit, setPermit] = useState(notificationPermit);
  if (permit === "unsupported") return null;
  if (permit === "default")
    return (
      <Line word={words.notifications} detail={words.notifications_detail}>
        <TextButton word={words.notifications_allow} onClick={() => void askToNotify().then(setPermit)} />
      </Line>
    );
  return (
    <Switch
      word={words.notifications}
      detail={permit === "denied" ? words.notifications_blocked : words.notifications_detail}
      isOn={permit === "granted" && state.settings.notifications}
      isDisabled={permit === "denied"}
      onChange={(isOn) => desk.set({ notifications: isOn })}
    />
  );
}

function Line({ word, detail, children }: { word: string; detail: string; children: ReactNode }): ReactElement {
  return (
    <div className="oh-setting">
      <span className="oh-setting-text">
        <span className="oh-setting-word">{word}</span>
        <span className="oh-soft">{detail}</span>
      </span>
      {children}
    </div>
  );
}

interface SwitchProps {
  word: string;
  detail: string;
  isOn: boolean;
  isDisabled?: boolean;
  onChange: (isOn: boolean) => void;
}

function Switch({ word, detail, isOn, isDisabled = false, onChange }: SwitchProps): ReactElement {
  const [id, detailId] = [useId(), useId()];
  return (
    <div className="oh-setting">
      <span className="oh-setting-text">
        <label htmlFor={id} className="oh-setting-word">
          {word}
        </label>
        <span id={detailId} className="oh-soft">
          {detail}
        </span>
      </span>
      <input
        id={id}
        type="checkbox"
        role="switch"
        className="oh-switch"
        aria-describedby={detailId}
        checked={isOn}
        disabled={isDisabled}
        onChange={(event) => onChange(event.target.checked)}
      />
    </div>
  );
}

function Choice(props: { word: string; detail: string; isChosen: boolean; onChoose: () => void }): ReactElement {
  const { word, detail, isChosen, onChoose } = props;
  const [id, detailId] = [useId(), useId()];
  const { name } = { name: "offhook-second-call" };
  return (
    <div className="oh-choice">
      <input id={id} type="radio" name={name} aria-describedby={detailId} checked={isChosen} onChange={onChoose} />
      <span className="oh-setting-text">
        <label htmlFor={id}>{word}</label>
        <span id={detailId} className="oh-soft">
          {detail}
        </span>
      </span>
    </div>
  );
}

function CallDevices(): ReactElement {
  const words = useWords();
  const { media, state } = useLocalMedia();
  return (
    <section className="oh-devices">
      <h3 className="oh-section-title">{words.devices}</h3>
      <DeviceSelect kind="microphone" media={media} state={state} />
      <DeviceSelect kind="speaker" media={media} state={state} />
      <DeviceSelect kind="camera" media={media} state={state} />
    </section>
  );
}
