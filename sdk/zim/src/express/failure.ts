// What the Express façade rejects with, and the numbers for what went wrong.
import { OffhookError } from "@offhook/client";
import type { LoginFailure } from "../shared/session.js";
import {
  CAPTURE_DENIED,
  CAPTURE_FAILED,
  CAPTURE_TAKEN,
  LOGIN_FAILED,
  LOGIN_TIMED_OUT,
  NO_TOKEN,
  TOKEN_EXPIRED,
} from "./numbers.js";

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
