// Why a device cannot be recorded, out of what the browser says.
import type { LocalTrouble } from "../api/local_media.js";

const TROUBLES: ReadonlyMap<unknown, LocalTrouble> = new Map([
  ["NotAllowedError", "denied"],
  ["SecurityError", "denied"],
  ["NotFoundError", "missing"],
  ["OverconstrainedError", "missing"],
  ["AbortError", "taken"],
  ["NotReadableError", "taken"],
]);

/** What an error of `getUserMedia` or `getDisplayMedia` means for its user. */
export function troubleOf(error: unknown): LocalTrouble {
  return TROUBLES.get((error as Partial<Error> | undefined)?.name) ?? "failed";
}
