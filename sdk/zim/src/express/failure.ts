// What the Express façade rejects with, and the numbers for what went wrong.
import { OffhookError } from "@offhook/client";
import type { LoginFailure } from "../shared/session.js";

// The numbers that this side gives; those of the server's refusals come with them.
export const NOT_LOGGED_IN = 1000002;
export const TOO_MANY_ROOMS = 1002001;
export const NO_USER = 1002005;
export const NO_ROOM = 1002011;
export const LOGIN_TIMED_OUT = 1002031;
export const LOGIN_FAILED = 1002033;
export const TAKEN_OVER = 1002050;
export const INTERRUPTED = 1002052;
export const DISCONNECTED = 1002053;
export const KICKED = 1002055;
export const PUBLISHING_FAILED = 1003001;
export const STREAM_TAKEN = 1003028;
export const NO_STREAM = 1004002;
export const NO_TOKEN = 1102016;
export const TOKEN_EXPIRED = 1102018;
export const CAPTURE_FAILED = 1103061;
export const CAPTURE_DENIED = 1103064;
export const CAPTURE_TAKEN = 1103065;

/** A rejection, with the fields that the reference gives its errors in one place or another. */
export class ZegoFailure extends Error {
  override readonly name = "ZegoError";
  readonly errorCode: number;
  readonly extendedData: string;
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
    this.errorCode = code;
    this.extendedData = message;
  }
}

/** The nearest number for what went wrong. */
export function failureOf(error: unknown, otherwise: number): ZegoFailure {
  if (error instanceof ZegoFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  const problem = error instanceof OffhookError ? error.details.problem : undefined;
  // Calls and rooms have numbers of their own; a refusal of a call says nothing to an app that knows rooms.
  return new ZegoFailure(problem && problem.zim_code < 2_000_000 ? problem.zim_code : otherwise, message);
}

/** The number for a session that did not begin. */
export function failureOfLogin(failure: LoginFailure): ZegoFailure {
  if (failure.kind === "timed_out") return new ZegoFailure(LOGIN_TIMED_OUT, "the server cannot be reached");
  const why = failure.kind === "refused" ? failure.problem.code : failure.reason;
  if (why === "token_expired") return new ZegoFailure(TOKEN_EXPIRED, why);
  return new ZegoFailure(/^token|^unauth/.test(why) ? NO_TOKEN : LOGIN_FAILED, why);
}

/** Why a device cannot be recorded. */
export function captureFailure(error: unknown): ZegoFailure {
  const { message, name } = error as Error;
  const codes: Readonly<Record<string, number>> = { NotAllowedError: CAPTURE_DENIED, NotReadableError: CAPTURE_TAKEN };
  return new ZegoFailure(codes[name] ?? CAPTURE_FAILED, message);
}
