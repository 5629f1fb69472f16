// Frames as a trace may show them: whoever sees one must not be able to act as the user, or to learn where they are.
import type { TraceLine } from "./api/client.js";
import { tried } from "./tried.js";

/** What lets its bearer in, or tells where they are. */
const HIDDEN = new Set(["auth", "candidate", "credential", "endpoint", "sdp", "token"]);

/** A frame of the wire without its secrets, each of which becomes "…" and its length. */
export function withoutSecrets(text: unknown): TraceLine["frame"] {
  const hide = (name: string, value: unknown) =>
    HIDDEN.has(name) && value !== "" ? `… (${String(value).length})` : value;
  const frame: unknown = tried(() => JSON.parse(String(text), hide) as unknown);
  const isFrame = typeof frame === "object" && frame !== null && "type" in frame;
  return isFrame ? { ...frame, type: String(frame.type) } : { type: "unreadable", length: String(text).length };
}
