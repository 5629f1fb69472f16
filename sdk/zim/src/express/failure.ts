// What the Express façade rejects with, and the numbers for what went wrong.
import { OffhookError } from "@offhook/client";
import type { LoginFailure } from "../shared/session.js";

/** The numbers that this side gives; those of the server's refusals come with them. */
export const CODE = {
  notLoggedIn: 1000002,
  tooManyRooms: 1002001,
  noUser: 1002005,
  noRoom: 1002011,
  loginTimedOut: 1002031,
  loginFailed: 1002033,
  takenOver: 1002050,
  interrupted: 1002052,
  disconnected: 1002053,
  kicked: 1002055,
  publishingFailed: 1003001,
  streamTaken: 1003028,
  noStream: 1004002,
  noToken: 1102016,
  tokenExpired: 1102018,
  captureFailed: 1103061,
  captureDenied: 1103064,
  captureTaken: 1103065,
} as const;

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
  if (failure.kind === "timed_out") return new ZegoFailure(CODE.loginTimedOut, "the server cannot be reached");
  const isExpired = failure.kind === "refused" && failure.problem.code === "token_expired";
  const isToken =
    failure.kind === "refused" ? failure.problem.code.startsWith("token") : failure.reason === "unauthenticated";
  const message = failure.kind === "refused" ? failure.problem.message : `the session was stopped: ${failure.reason}`;
  return new ZegoFailure(isExpired ? CODE.tokenExpired : isToken ? CODE.noToken : CODE.loginFailed, message);
}

/** Why a device cannot be recorded. */
export function captureFailure(error: unknown): ZegoFailure {
  const name = error instanceof Error ? error.name : "";
  const codes: Readonly<Record<string, number>> = {
    NotAllowedError: CODE.captureDenied,
    NotReadableError: CODE.captureTaken,
  };
  return new ZegoFailure(codes[name] ?? CODE.captureFailed, error instanceof Error ? error.message : String(error));
}
