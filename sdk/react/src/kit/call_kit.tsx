// The whole kit: one component that shows whatever the calls need.
import type { CallState } from "@offhook/client";
import { type ReactElement, useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { useAttention } from "../attention/use_attention.js";
import { useKit } from "../context.js";
import type { Scene } from "../desk/stage.js";
import type { Part } from "../desk/state.js";
import { useDesk, useStage } from "../hooks/desk.js";
import { useRoom } from "../hooks/room.js";
import { AwayBar } from "./away_bar.js";
import { CallPage } from "./call_page.js";
import { IncomingBanner } from "./incoming_banner.js";
import { IncomingDialog } from "./incoming_dialog.js";
import { Layer, type Place } from "./layer.js";
import { Notices } from "./notices.js";
import { OverCard, OverPage } from "./over_page.js";
import { openWindow } from "./pip.js";
import { Autoplay, RemoteSound } from "./remote_sound.js";
import { IsInside, Root } from "./root.js";
import { SmallCall } from "./small_call.js";
import { SessionTrouble } from "./trouble.js";
import { DialingPage, FailedPage, WaitingPage } from "./waiting_page.js";

export interface CallKitProps {
  /** `page` (default): above everything. `inline`: it fills the element that it is placed in, which needs a height. */
  place?: Place;
}

/** To be placed once, inside an `OffhookProvider`. It shows nothing while there is nothing to show. */
export function CallKit({ place = "page" }: CallKitProps): ReactElement | null {
  const stage = useStage();
  const { state } = useDesk();
  const [autoplay] = useState(() => new Autoplay());
  useAttention(stage, state.settings);
  const { scene, rings } = stage;
  const shown = shownAs(scene, state.view);
  const callWindow = useCallWindow(shown === "pip");
  const isBusy = scene.kind === "talking" || scene.kind === "waiting" || scene.kind === "dialing";
  // Their pages have a place of their own for what is in the way.
  const hasTroubles = shown === "page" && isBusy && !(scene.kind === "dialing" && scene.dialing.problem);
  return (
    <Layer place={place} isModal={shown === "page"}>
      {shown === "page" && <div className="oh-cover" aria-hidden="true" />}
      {rings.map((call) => (
        <IncomingBanner key={call.id} call={call} isBusy={isBusy} />
      ))}
      <SceneView
        scene={scene}
        shown={shown}
        autoplay={autoplay}
        callWindow={callWindow.opened}
        onOpenWindow={callWindow.open}
      />
      {(scene.kind === "talking" || scene.kind === "waiting") && <Voices call={scene.call} autoplay={autoplay} />}
      <div className="oh-below">
        {!hasTroubles && <SessionTrouble />}
        <Notices />
      </div>
    </Layer>
  );
}

/** Whether the kit has the whole place at this moment: an app with an inline kit takes its own page out of reach then. */
export function useIsCovered(): boolean {
  const { scene } = useStage();
  const { state } = useDesk();
  return shownAs(scene, state.view) === "page";
}

type Shown = "card" | "nothing" | "page" | "pip";

function shownAs(scene: Scene, view: "full" | "pip" | "small"): Shown {
  switch (scene.kind) {
    case "idle":
      return "nothing";
    case "elsewhere":
    case "return":
      return "card";
    case "over":
      return scene.part ? "page" : "card";
    case "dialing":
    case "incoming":
      return "page";
    case "talking":
    case "waiting":
      return view === "full" ? "page" : view === "pip" ? "pip" : "card";
  }
}

interface SceneViewProps {
  scene: Scene;
  shown: Shown;
  autoplay: Autoplay;
  callWindow: Window | undefined;
  onOpenWindow: () => void;
}

function SceneView({ scene, shown, autoplay, callWindow, onOpenWindow }: SceneViewProps): ReactElement | null {
  const { desk } = useDesk();
  switch (scene.kind) {
    case "idle":
      return null;
    case "dialing":
      return scene.dialing.problem ? <FailedPage dialing={scene.dialing} /> : <DialingPage dialing={scene.dialing} />;
    case "elsewhere":
    case "return":
      return <AwayBar call={scene.call} isHere={scene.kind === "return"} />;
    case "incoming":
      return <IncomingDialog key={scene.call.id} call={scene.call} />;
    case "over":
      return scene.part ? <OverPage call={scene.call} part={scene.part} /> : <OverCard call={scene.call} />;
    case "talking":
    case "waiting":
      break;
  }
  if (shown === "pip")
    return callWindow ? <WindowedCall call={scene.call} part={scene.part} place={callWindow} /> : null;
  if (shown === "card") return <SmallCall call={scene.call} part={scene.part} onExpand={() => desk.show("full")} />;
  if (scene.kind === "waiting") return <WaitingPage call={scene.call} />;
  return (
    <CallPage key={scene.call.id} call={scene.call} part={scene.part} autoplay={autoplay} onOpenWindow={onOpenWindow} />
  );
}

function Voices({ call, autoplay }: { call: CallState; autoplay: Autoplay }): ReactElement | null {
  const { client } = useKit();
  const room = useRoom(client.call(call.id));
  return room ? <RemoteSound room={room.room} autoplay={autoplay} /> : null;
}

/** A window of the call's own: opened by a click, closed with the call, and the call comes back when the user closes it. */
function useCallWindow(isWanted: boolean): { opened: Window | undefined; open: () => void } {
  const { desk } = useKit();
  const [opened, setOpened] = useState<Window>();
  useEffect(() => {
    if (!opened || isWanted) return;
    opened.close();
  }, [opened, isWanted]);
  // Here and not in an effect: only a click may open a window.
  const open = () =>
    void openWindow(document).then((next) => {
      if (!next) return;
      next.addEventListener("pagehide", () => {
        setOpened(undefined);
        if (desk.state.view === "pip") desk.show("full");
      });
      setOpened(next);
      desk.show("pip");
    });
  return { opened, open };
}

function WindowedCall({ call, part, place }: { call: CallState; part: Part; place: Window }): ReactElement {
  const { desk } = useDesk();
  return createPortal(
    <IsInside.Provider value={false}>
      <Root className="oh-layer oh-layer-window">
        <SmallCall call={call} part={part} isWindow onExpand={() => desk.show("full")} />
      </Root>
    </IsInside.Provider>,
    place.document.body,
  );
}
