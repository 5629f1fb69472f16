// Why a device cannot be recorded, out of what the browser says.
import type { LocalTrouble } from "../api/local_media.js";

const TROUBLES: Readonly<Partial<Record<string, LocalTrouble>>> = {
  AbortError: "taken",
  NotAllowedError: "denied",
  NotFoundError: "missing",
  NotReadableError: "taken",
  OverconstrainedError: "missing",
  SecurityError: "denied",
};

/** What an error of `getUserMedia` or `getDisplayMedia` means for its user. */
export function troubleOf(error: unknown): LocalTrouble {
  return TROUBLES[(error as Partial<Error> | undefined)?.name ?? ""] ?? "failed";
}
