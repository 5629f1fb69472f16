// What the ZIM façade rejects with, and what it makes of the client's errors.
import { OffhookError } from "@offhook/client";
import type { LoginFailure } from "../shared/session.js";
import type { ZIMErrorCode } from "./enums.js";
import {
  BAD_PARAMETER,
  BAD_TOKEN,
  FAILED,
  NETWORK_FAILED,
  NOT_LOGGED_IN,
  NO_NETWORK,
  TIMED_OUT,
  TOO_OFTEN,
} from "./numbers.js";

/** A rejection: a number of the ZIM packages and a sentence for the developer. Both survive `JSON.stringify`. */
export class ZIMFailure extends Error {
  override readonly name = "ZIMError";
  constructor(
    readonly code: ZIMErrorCode,
    message: string,
  ) {
    super(message);
    Object.defineProperty(this, "message", { value: message, enumerable: true });
  }
}

/** Says which parameter is wrong. */
export function badParameter(name: string): ZIMFailure {
  return new ZIMFailure(BAD_PARAMETER, `${name} is invalid`);
}

/** Says that a method of the reference package is not there. */
export function notCovered(name: string): ZIMFailure {
  return new ZIMFailure(BAD_PARAMETER, `${name} is not covered by @offhook/zim; see docs/sdk/migration.md`);
}

/** The nearest number for what went wrong in the client. */
export function failureOf(error: unknown): ZIMFailure {
  if (error instanceof ZIMFailure) return error;
  const { code, details } = error instanceof OffhookError ? error : {};
  const number = details?.problem?.zim_code ?? LOCAL[code ?? ""] ?? FAILED;
  return new ZIMFailure(number as ZIMErrorCode, error instanceof Error ? error.message : String(error));
}

/** The number for a login that failed. */
export function failureOfLogin(failure: LoginFailure): ZIMFailure {
  switch (failure.kind) {
    case "refused":
      return new ZIMFailure(failure.problem.zim_code as ZIMErrorCode, failure.problem.message);
    case "stopped":
      return new ZIMFailure(failure.reason === "unauthenticated" ? BAD_TOKEN : NETWORK_FAILED, failure.reason);
    case "timed_out":
      return new ZIMFailure(NO_NETWORK, "the server cannot be reached");
  }
}

const LOCAL: Readonly<Record<string, ZIMErrorCode>> = {
  disconnected: NO_NETWORK,
  not_connected: NOT_LOGGED_IN,
  timed_out: TIMED_OUT,
  too_many_requests: TOO_OFTEN,
  unreadable: NETWORK_FAILED,
};
