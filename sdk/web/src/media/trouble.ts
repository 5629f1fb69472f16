// Why a device cannot be recorded, out of what the browser says.
import type { LocalTrouble } from "../api/local_media.js";

/** What an error of `getUserMedia` or `getDisplayMedia` means for its user. */
export function troubleOf(error: unknown): LocalTrouble {
  switch (nameOf(error)) {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "AbortError":
    case "NotReadableError":
      return "taken";
    default:
      return "failed";
  }
}

/** Whether the device that was asked for is not there; another one may be. */
export function isMissing(error: unknown): boolean {
  return troubleOf(error) === "missing";
}

function nameOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "name" in error ? error.name : undefined;
}
