// Frames as a trace may show them: whoever sees one must not be able to act as the user, or to learn where they are.
import type { TraceLine } from "./api/client.js";

/** What lets its bearer in, or tells where they are. */
const HIDDEN = new Set(["candidate", "credential", "sdp", "token"]);

/** A frame of the wire without its secrets, each of which becomes "…" and its length. */
export function withoutSecrets(text: unknown): TraceLine["frame"] {
  try {
    const frame: unknown = JSON.parse(String(text), (name, value: unknown) =>
      HIDDEN.has(name) && value !== "" ? `… (${String(value).length})` : value,
    );
    if (typeof frame === "object" && frame !== null && "type" in frame) return { ...frame, type: String(frame.type) };
  } catch {
    // It is no frame; the line says so.
  }
  return { type: "unreadable", length: String(text).length };
}
