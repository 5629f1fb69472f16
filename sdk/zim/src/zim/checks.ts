// What a method takes, before the server is asked: the reference package's own checks, with its codes.
import { badParameter, ZIMFailure } from "./failure.js";
import { BAD_TOKEN, OTHER_TOKEN } from "./numbers.js";

/** The longest ring, and the one of an invitation that names none, in seconds. */
const MAX_TIMEOUT_S = 600;
const DEFAULT_TIMEOUT_S = 90;

const SHORTEST_TOKEN = 31;

/** Users, each once; what is no text is dropped. */
export function users(value: unknown, name: string): string[] {
  const named = optionalUsers(value, name);
  if (named.length === 0) throw badParameter(name);
  return named;
}

/** As `users`, where none means all. */
export function optionalUsers(value: unknown, name: string): string[] {
  if (!Array.isArray(value)) throw badParameter(name);
  return [...new Set(value.filter((user): user is string => typeof user === "string"))];
}

/** A text of 1 to so many characters. */
export function id(value: unknown, name: string, longest: number): string {
  if (typeof value === "string" && value !== "" && value.length <= longest) return value;
  throw badParameter(name);
}

/** How long a call rings, in seconds. */
export function timeout(value: unknown = 0): number {
  const seconds = Number(value);
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= MAX_TIMEOUT_S) return seconds || DEFAULT_TIMEOUT_S;
  throw badParameter("timeout");
}

/** What is sent along; whatever is no text counts as none. */
export function extendedData(config: { extendedData?: unknown } | undefined): string {
  return typeof config?.extendedData === "string" ? config.extendedData : "";
}

/** A text of at most so many bytes of UTF-8. */
export function text(value: unknown, name: string, maxBytes: number): string {
  if (typeof value === "string" && new TextEncoder().encode(value).length <= maxBytes) return value;
  throw badParameter(name);
}

/**
 * A token: either one of the format token04, whose wrapping is looked at as the reference does, or a JWT, which the server
 * alone can judge.
 */
export function token(value: unknown): string {
  const isLong = typeof value === "string" && value.length >= SHORTEST_TOKEN;
  if (isLong && /^(04[A-Za-z0-9+/]+={0,2}|[\w-]+\.[\w-]+\.[\w-]+)$/.test(value)) return value;
  throw new ZIMFailure(isLong && !value.startsWith("04") ? OTHER_TOKEN : BAD_TOKEN, "the token is invalid");
}
