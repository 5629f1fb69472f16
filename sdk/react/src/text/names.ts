// What users call themselves, made fit for being shown: it is their text, and may be anything.
import type { UserId } from "@offhook/client";

/** More makes titles and notifications unreadable. In characters as people count them. */
const LONGEST_NAME = 64;
// Controls, invisible marks, and the marks that turn the direction of what follows them.
const UNSHOWABLE = /[\p{Cc}\p{Cs}\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/** A name on one line, without marks that could reorder or hide what stands beside it; the user's id if nothing is left. */
export function displayName(name: string | undefined, user: UserId): string {
  return tidy(name ?? "") || tidy(user) || "?";
}

function tidy(text: string): string {
  const line = text.replace(UNSHOWABLE, " ").replace(/\s+/gu, " ").trim();
  const letters = graphemes(line);
  return letters.length > LONGEST_NAME ? `${letters.slice(0, LONGEST_NAME).join("")}…` : line;
}

/** The letter of an avatar. */
export function initial(name: string): string {
  return (graphemes(name)[0] ?? "?").toLocaleUpperCase();
}

function graphemes(text: string): string[] {
  return Array.from(new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text), ({ segment }) => segment);
}

/** Hues that go well with each other and with the kit's green and red. In degrees. */
const HUES = [152, 82, 236, 55, 302, 196, 268, 110];

/** A color, in degrees, that a user always has. */
export function hueOf(user: UserId): number {
  // FNV-1a: ids that differ in one letter get colors far from each other.
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(user)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  // The last letters of an id move the low bits most; a multiplication carries all of them into the high ones.
  return HUES[Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 29] ?? 152;
}

/** The address of a picture if it may be loaded: over https, or from where the page comes from. */
export function safeAvatarUrl(url: string | undefined, page: string): string | undefined {
  if (!url) return undefined;
  try {
    const address = new URL(url, page);
    const isOfPage = address.origin === new URL(page).origin && /^https?:$/.test(address.protocol);
    return address.protocol === "https:" || isOfPage ? address.href : undefined;
  } catch {
    return undefined;
  }
}
