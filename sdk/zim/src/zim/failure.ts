// What the ZIM façade rejects with, and what it makes of the client's errors.
import { OffhookError } from "@offhook/client";
import type { LoginFailure } from "../shared/session.js";
import { ZIMErrorCode } from "./enums.js";

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

/** Says that a parameter is wrong. */
export function badParameter(message: string): ZIMFailure {
  return new ZIMFailure(ZIMErrorCode.CommonModuleParamsInvalid, message);
}

/** Says that there is no instance, or no longer. */
export function notInitialized(): ZIMFailure {
  return new ZIMFailure(ZIMErrorCode.CommonModuleNotInit, "the instance was destroyed");
}

/** Says that a method of the reference package is not there. */
export function notCovered(name: string): ZIMFailure {
  return badParameter(`${name} is not covered by @offhook/zim; see docs/sdk/migration.md`);
}

/** The nearest number for what went wrong in the client. */
export function failureOf(error: unknown): ZIMFailure {
  if (error instanceof ZIMFailure) return error;
  if (!(error instanceof OffhookError)) {
    return new ZIMFailure(ZIMErrorCode.Failed, error instanceof Error ? error.message : String(error));
  }
  const { problem } = error.details;
  return new ZIMFailure((problem?.zim_code ?? localCode(error)) as ZIMErrorCode, error.message);
}

/** The number for a login that failed. */
export function failureOfLogin(failure: LoginFailure): ZIMFailure {
  switch (failure.kind) {
    case "refused":
      return new ZIMFailure(failure.problem.zim_code as ZIMErrorCode, failure.problem.message);
    case "stopped":
      return failure.reason === "unauthenticated"
        ? new ZIMFailure(ZIMErrorCode.NetworkModuleTokenInvalid, "the server did not take the token")
        : new ZIMFailure(ZIMErrorCode.NetworkModuleCommonError, `the session was stopped: ${failure.reason}`);
    case "timed_out":
      return new ZIMFailure(ZIMErrorCode.NetworkModuleNetworkError, "the server cannot be reached");
  }
}

function localCode(error: OffhookError): ZIMErrorCode {
  switch (error.code) {
    case "not_connected":
      return ZIMErrorCode.NetworkModuleUserIsNotLogged;
    case "disconnected":
      return ZIMErrorCode.NetworkModuleNetworkError;
    case "timed_out":
      return ZIMErrorCode.NetworkModuleRequestTimeout;
    case "too_many_requests":
      return ZIMErrorCode.CommonModuleTriggerSDKFrequencyLimit;
    case "unreadable":
      return ZIMErrorCode.NetworkModuleCommonError;
    default:
      return ZIMErrorCode.Failed;
  }
}
