// The one class of errors that this package rejects with.
import type { Problem, Code } from "../generated/frames.js";
import type { CallState } from "./call.js";

/** What can go wrong on this side of the wire. */
export type LocalErrorCode =
  /** The request was taken back by its `AbortSignal`. */
  | "aborted"
  /** The connection ended before the reply came, and the request could not be repeated. */
  | "disconnected"
  /** The media connection could not be made or negotiated. */
  | "media_failed"
  /** The client is not connected, and nobody asked it to be. */
  | "not_connected"
  /** The user, or the browser's settings, forbid notifications. Ask the user to permit them in the settings of the page. */
  | "push_denied"
  /** The browser's push service could not be reached, or refused. Try again later. */
  | "push_failed"
  /** The app sends no pushes to browsers: the server has no push resource with `web` for it. */
  | "push_no_key"
  /** This browser, or this page, has no Web Push. On iPhone and iPad the page must be on the home screen. */
  | "push_unsupported"
  /** No reply came in time. */
  | "timed_out"
  /** Too many requests wait for their reply already. */
  | "too_many_requests"
  /** The reply could not be read: the server is of another version. */
  | "unreadable"
  /** This browser, or this page, cannot do it: no WebRTC, no secure origin. */
  | "unsupported";

/** Every rejection of this package. */
export class OffhookError extends Error {
  override readonly name = "OffhookError";
  constructor(
    /** Stable: a code of docs/protocol.md, or a local one. */
    readonly code: LocalErrorCode | Code,
    message: string,
    readonly details: {
      /** Whether the same may succeed later. */
      readonly isRetryable?: boolean;
      readonly retryAfterMs?: number;
      /** Whether the server may have carried it out although no reply came. Events will tell. */
      readonly maybeApplied?: boolean;
      /** The call as it now is, if the refusal told. */
      readonly call?: CallState;
      /** The server's refusal. */
      readonly problem?: Problem;
    } = {},
  ) {
    super(message);
  }
}
