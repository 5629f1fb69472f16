// What the kit knows beside the client: which calls this page takes part in, what it has shown, what the user has set.
import type {
  CallId,
  CallState,
  Connection,
  LeaveCause,
  LeftOutCause,
  MediaKind,
  OffhookError,
  UserId,
} from "@offhook/client";

/** What a call carries, as far as the kit tells them apart. */
export type Media = "audio" | "video";

/** How the kit treats an unknown kind of a newer server: as the one that shows more. */
export function mediaOf(kind: MediaKind): Media {
  return kind === "audio" ? "audio" : "video";
}

/** An invite that has no call yet. */
export interface Dialing {
  readonly invitees: readonly UserId[];
  readonly media: Media;
  /** Why it came to nothing; the user has not put it away yet. */
  readonly problem?: OffhookError;
}

/** This page's part in a call: it was accepted, placed or entered here. */
export interface Part {
  readonly media: Media;
  /** `answering` until the server has said yes; `leaving` once the user has hung up here. */
  readonly step: "answering" | "in" | "leaving";
  /** The connection to the server was lost during the call. */
  readonly wasAway?: true;
  /** Why the room put this page out. */
  readonly putOut?: LeaveCause;
  /** Why the room cannot be entered; absent while it can. */
  readonly refusal?: OffhookError;
  /** Whom the user has invited during the call: theirs to take back. */
  readonly added: ReadonlySet<UserId>;
}

/** Where the call is shown: on the whole page, in a card above it, in a window of its own. */
export type View = "full" | "pip" | "small";

/** Something worth a sentence, for some seconds. */
export type Notice = { readonly id: number } & NoticeText;

export type NoticeText =
  | { readonly kind: "busy" | "declined" | "entered" | "left" | "unanswered"; readonly user: UserId }
  | { readonly kind: "already_in_call" }
  | { readonly kind: "left_out"; readonly user: UserId; readonly cause: LeftOutCause }
  | { readonly kind: "problem"; readonly problem: OffhookError };

/** What the user chooses; kept in this browser. */
export interface Settings {
  /** Nothing rings on this device. */
  readonly doNotDisturb: boolean;
  /** A second call during a call: `ask`, or `reject` it as busy. */
  readonly busy: "ask" | "reject";
  readonly sounds: boolean;
  /** Show a notification when the page is hidden, if the browser permits it. */
  readonly notifications: boolean;
  readonly devices: { readonly camera?: string; readonly microphone?: string; readonly speaker?: string };
}

/** Everything, at one moment. */
export interface DeskState {
  readonly connection: Connection;
  readonly me?: UserId;
  /** Those of the client, and those that it has forgotten while they are still shown here; newest first. */
  readonly calls: readonly CallState[];
  readonly dialing?: Dialing;
  readonly parts: ReadonlyMap<CallId, Part>;
  /** Calls that have rung on this page. */
  readonly rang: ReadonlySet<CallId>;
  /** Calls that the user has put away. */
  readonly closed: ReadonlySet<CallId>;
  readonly view: View;
  readonly notices: readonly Notice[];
  readonly settings: Settings;
  /** The session's token ends, and there is no other. */
  readonly tokenNeeded: boolean;
}

/** Whether the server still counts the user in, or rings them. */
export function isLive(call: CallState): boolean {
  return call.phase !== "over";
}

/** The other parties, in their order. */
export function others(call: CallState, me: UserId | undefined): readonly UserId[] {
  return call.legs.map((leg) => leg.user).filter((user) => user !== me);
}

/**
 * Whether nobody is left to talk to, and nobody can come by themselves: every invitee has turned the call down or missed it, or
 * the only other one has gone. For the server such a call goes on; for people it is over.
 */
export function isInVain({ phase, caller, legs }: CallState): boolean {
  if (phase !== "alone") return false;
  return legs.length <= 2 || legs.every((leg) => leg.user === caller || leg.acceptedAt === undefined);
}

/** Whether a leg rings, or is about to. */
export function isWaiting(status: string): boolean {
  return status === "inviting" || status === "received" || status === "not_yet_received";
}
