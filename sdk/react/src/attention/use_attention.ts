// What a page does to be noticed: ring, title, notification, vibration; and the sounds of a call's way.
import { useEffect, useRef } from "react";
import type { CallState } from "@offhook/client";
import { useKit } from "../context.js";
import type { Scene, Stage } from "../desk/stage.js";
import type { Settings } from "../desk/state.js";
import { useName } from "../hooks/desk.js";
import { notifyWhileHidden } from "./notification.js";
import type { Ringing, Signal } from "./sound.js";
import { blinkTitle } from "./title.js";
import { vibrate } from "./vibration.js";

/** Makes the page heard and seen as its stage demands. For one component of a page. */
export function useAttention(stage: Stage, settings: Settings): void {
  const { sound } = useKit();
  const { sounds } = settings;
  const ringing = ringingOf(stage);
  useEffect(() => sound.setOn(sounds), [sound, sounds]);
  useEffect(() => sound.play(ringing), [sound, ringing]);
  useEffect(() => () => sound.play(undefined), [sound]);
  useSignals(stage.scene);
  useRing(stage.scene.kind === "incoming" ? stage.scene.call : stage.rings[0], settings.notifications);
}

function ringingOf({ scene, rings }: Stage): Ringing | undefined {
  if (scene.kind === "incoming") return "ring";
  if (rings.length > 0) return "waiting";
  return scene.kind === "waiting" && scene.call.legs.some((leg) => leg.status === "received") ? "ringback" : undefined;
}

function useSignals(scene: Scene): void {
  const { sound } = useKit();
  const now = signalled(scene);
  const before = useRef<Signal>(undefined);
  useEffect(() => {
    if (now === "connected" && before.current !== now) sound.signal(now);
    if (now === undefined && before.current === "connected") sound.signal("ended");
    before.current = now;
  }, [now, sound]);
}

function signalled(scene: Scene): Signal | undefined {
  return scene.kind === "talking" && scene.call.phase !== "ringing" ? "connected" : undefined;
}

const NOBODY = "";

function useRing(call: CallState | undefined, notifies: boolean): void {
  const { clock, words } = useKit();
  const name = useName(call?.inviter ?? NOBODY);
  const id = call?.id;
  const title = words.is_calling(name);
  const body = call?.media === "audio" ? words.incoming_voice : words.incoming_video;
  useEffect(() => (id === undefined ? undefined : blinkTitle(document, title, clock)), [id, title, clock]);
  useEffect(() => (id === undefined ? undefined : vibrate(clock)), [id, clock]);
  useEffect(
    () => (id === undefined || !notifies ? undefined : notifyWhileHidden(document, { title, body, tag: id })),
    [id, notifies, title, body],
  );
}
