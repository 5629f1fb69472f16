// What a method takes, before the server is asked: the reference package's own checks, with its codes.
import { ZIMErrorCode } from "./enums.js";
import { badParameter, ZIMFailure } from "./failure.js";

/** The longest ring, and the one of an invitation that names none, in seconds. */
const MAX_TIMEOUT_S = 600;
const DEFAULT_TIMEOUT_S = 90;

const SHORTEST_TOKEN = 31;

/** Users, each once; what is no text is dropped. */
export function users(value: unknown, name: string): string[] {
  const named = optionalUsers(value, name);
  if (named.length === 0) throw badParameter(`${name} must name at least one user`);
  return named;
}

/** As `users`, where none means all. */
export function optionalUsers(value: unknown, name: string): string[] {
  if (!Array.isArray(value)) throw badParameter(`${name} must be an array`);
  return [...new Set(value.filter((user): user is string => typeof user === "string"))];
}

/** The id of a call: a text of 1–20 characters. */
export function callID(value: unknown): string {
  if (typeof value === "string" && value.length > 0 && value.length <= 20) return value;
  throw badParameter("callID must be a text of 1 to 20 characters");
}

/** How long a call rings, in seconds. */
export function timeout(value: unknown): number {
  const seconds = value === undefined ? 0 : Number(value);
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= MAX_TIMEOUT_S) return seconds || DEFAULT_TIMEOUT_S;
  throw badParameter(`timeout must be a whole number of seconds, at most ${MAX_TIMEOUT_S}`);
}

/** What is sent along; whatever is no text counts as none. */
export function extendedData(config: { extendedData?: unknown } | undefined): string {
  return typeof config?.extendedData === "string" ? config.extendedData : "";
}

/** A text of at most so many bytes of UTF-8. */
export function text(value: unknown, name: string, maxBytes: number): string {
  if (typeof value === "string" && new TextEncoder().encode(value).length <= maxBytes) return value;
  throw badParameter(`${name} must be a text of at most ${maxBytes} bytes`);
}

/** The id of a room. */
export function roomID(value: unknown): string {
  if (typeof value === "string" && value !== "" && value.length <= 128) return value;
  throw badParameter("roomID must be a text of 1 to 128 characters");
}

/**
 * A token: either one of the format token04, whose wrapping is looked at as the reference does, or a JWT, which the server
 * alone can judge.
 */
export function token(value: unknown): string {
  if (typeof value !== "string" || value.length < SHORTEST_TOKEN) throw invalidToken();
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(value)) return value;
  if (!value.startsWith("04")) {
    throw new ZIMFailure(ZIMErrorCode.NetworkModuleTokenVersionError, "the token is neither a JWT nor of version 04");
  }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value.slice(2))) throw invalidToken();
  return value;
}

function invalidToken(): ZIMFailure {
  return new ZIMFailure(ZIMErrorCode.NetworkModuleTokenInvalid, "the token is invalid");
}
