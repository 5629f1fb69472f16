// What notifications say. The lines of a ring come with its push; these are the rest, in English unless the app has others.
import type { Note } from "./ringing.js";

/** The texts of notifications. */
export interface PushTexts {
  readonly accept: string;
  readonly decline: string;
  /** The second line of a ring whose push has none. */
  readonly videoCall: string;
  readonly voiceCall: string;
  /** @param name who called, as the ring named them */
  readonly missed: (name: string) => string;
  /** Why a call does not ring any more, or could not be answered. */
  readonly notes: Readonly<Record<Note, string>>;
  /** For a push that does not concern who uses this browser; it is seen for a moment. */
  readonly nothing: string;
}

export const ENGLISH: PushTexts = {
  accept: "Accept",
  decline: "Decline",
  videoCall: "Video call",
  voiceCall: "Voice call",
  missed: (name) => `Missed call from ${name}`,
  notes: {
    answered_elsewhere: "Answered on another device",
    call_ended: "The call is over",
    failed: "The call could not be answered",
    rejected_elsewhere: "Declined on another device",
    ring_over: "The call was missed: its ring is over",
    token_expired: "The call was missed: its ring is over",
    unreachable: "The call could not be answered: there is no connection",
  },
  nothing: "Nothing new",
};
