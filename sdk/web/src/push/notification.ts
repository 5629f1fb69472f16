// What is shown of a call, as a browser's notification.
import { given } from "../given.js";
import type { Face } from "./ringing.js";
import type { PushTexts } from "./texts.js";

/** What browsers know beside what TypeScript does. */
export type RingNotification = NotificationOptions & {
  readonly actions?: readonly { readonly action: string; readonly title: string }[];
  readonly renotify?: boolean;
  readonly timestamp?: number;
};

/** The mark by which a later notification of a call takes the place of the one before. */
export function tagOf(call: string | undefined): string {
  return `offhook-${call ?? "nothing"}`;
}

/** Whether a notification asks to be answered. */
export function isRinging({ data }: Pick<Notification, "data">): boolean {
  return (data as { isRinging?: unknown } | null)?.isRinging === true;
}

/** @param now in milliseconds since the UNIX epoch */
export function notificationOf(
  face: Face,
  texts: PushTexts,
  now: number,
  icon?: string,
): { title: string; options: RingNotification } {
  if (face.kind === "nothing") {
    return { title: texts.nothing, options: given({ tag: tagOf(undefined), silent: true, icon }) };
  }
  const { document, name } = face.ring;
  const { ageMs, body, call, credential, kind, media, title } = document;
  const common = given({ tag: tagOf(call), icon, timestamp: now - ageMs });
  switch (face.kind) {
    case "ringing": {
      const answers = [
        { action: "accept", title: texts.accept },
        { action: "decline", title: texts.decline },
      ];
      return {
        title: name,
        options: {
          ...common,
          body: body || (media === "audio" ? texts.voiceCall : texts.videoCall),
          data: { call, isRinging: true },
          // It stays until it is answered or over, and a sound comes with each new ring of a call.
          requireInteraction: true,
          renotify: !face.isQuiet,
          silent: face.isQuiet,
          actions: credential === undefined ? [] : answers,
        },
      };
    }
    case "missed": {
      // The word that a call was missed brings texts for it; the end of a ring has none that are sure to fit.
      const isWorded = kind === "missed" && title !== "";
      const lines = isWorded ? { title, body } : { title: texts.missed(name), body: "" };
      return { title: lines.title, options: { ...common, body: lines.body, data: { call }, silent: face.isQuiet } };
    }
    case "note":
      return { title: name, options: { ...common, body: texts.notes[face.note], data: { call }, silent: true } };
  }
}
