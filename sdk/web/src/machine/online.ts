// A welcomed session: heartbeats either way, silence, and whether an event is missing.
import type { Offset, Welcome } from "../generated/frames.js";

/** The shortest and longest heartbeat that is taken from a server; a slip in its settings shall neither spin nor silence a client. */
const MIN_HEARTBEAT_MS = 1_000;
const MAX_HEARTBEAT_MS = 300_000;

/** The longest silence that is taken from a server, in milliseconds. */
const MAX_LOST_AFTER_MS = 3_600_000;

/**
 * How long after a call was read in vain it is read again, in milliseconds. Less bothers a server in trouble, more leaves
 * the app with what is no longer true.
 */
const READ_AGAIN_AFTER_MS = 1_000;

/**
 * How long a server may take to show that it is still there when the client overslept, or the device may have slept, in
 * milliseconds. More leaves rings unheard, less drops a connection that is only slow.
 */
const PROBE_MS = 5_000;

/**
 * By how much the timers of a hidden page may be late, and more, in milliseconds. A client that is later slept with its whole
 * device, and was lost by its server long ago: it comes back at once instead of asking.
 */
const OVERSLEPT_MS = 120_000;

export interface Online {
  /** When the first heartbeat went out that nothing was heard after. */
  readonly asked: number | null;
  /** The server spoke of an event that has not come, and until when it is waited for. */
  readonly behind: { readonly newest: Offset; readonly until: number } | null;
  /** Where a resumed session began, until the first event has come. */
  readonly began: Offset | null;
  /** `null` while the driver does not read. */
  readonly heard: number | null;
  readonly heartbeatMs: number;
  readonly lostAfterMs: number;
  readonly nextHeartbeat: number;
  /** When calls may be read again, because one was read in vain. */
  readonly readAgain: number | null;
  readonly since: number;
  /** A frame came that this version does not know; it may have been an event. */
  readonly unreadable: boolean;
}

export function beginSession(now: number, welcome: Welcome): Online {
  const { heartbeat_ms, lost_after_ms, offset, snapshot } = welcome;
  const heartbeatMs = Math.min(Math.max(heartbeat_ms, MIN_HEARTBEAT_MS), MAX_HEARTBEAT_MS);
  return {
    asked: null,
    behind: null,
    began: snapshot ? null : offset,
    heard: now,
    heartbeatMs,
    lostAfterMs: Math.max(Math.min(lost_after_ms, MAX_LOST_AFTER_MS), heartbeatMs),
    nextHeartbeat: now + heartbeatMs,
    readAgain: null,
    since: now,
    unreadable: false,
  };
}

export function heardAt(online: Online, now: number): Online {
  return online.heard === null ? online : { ...online, asked: null, heard: now };
}

export function pause(online: Online): Online {
  return { ...online, heard: null };
}

export function resume(online: Online, now: number): Online {
  // The event that is missing may lie in the socket.
  const behind = online.behind && { ...online.behind, until: now + online.heartbeatMs };
  return { ...online, behind, heard: now };
}

/** Gives the server little time to be heard, whatever was heard before. */
export function probe(online: Online, now: number): Online {
  const heard = Math.min(online.heard ?? now, now - online.lostAfterMs + PROBE_MS);
  return { ...asking(online, now), heard };
}

/** A heartbeat goes out. */
export function asking(online: Online, now: number): Online {
  return { ...online, asked: online.asked ?? now, nextHeartbeat: now + online.heartbeatMs };
}

export function pauseReading(online: Online, now: number): Online {
  return { ...online, readAgain: now + READ_AGAIN_AFTER_MS };
}

/** Whether calls of which a part was missed may be read at this moment. */
export function mayRead({ readAgain }: Online, now: number): boolean {
  return readAgain === null || readAgain <= now;
}

/**
 * Whether resuming at `offset` would meet the same gap: the event is there, but this version cannot read it, or the
 * server's own log has the gap.
 */
export function isResumingVain({ began, unreadable }: Online, offset: Offset): boolean {
  return unreadable || began === offset;
}

/** Counts an event as heard. */
export function moved(online: Online, offset: Offset): Online {
  const behind = online.behind && online.behind.newest > offset ? online.behind : null;
  return { ...online, behind, began: null };
}

/** The server says what its newest event is. */
export function newest(online: Online, now: number, own: Offset, offset: Offset): Online {
  if (offset <= own || online.behind) return online;
  return { ...online, behind: { newest: offset, until: now + online.heartbeatMs } };
}

export function nextDeadline(online: Online): number {
  return Math.min(lostAt(online), missingAt(online), online.readAgain ?? Infinity, online.nextHeartbeat);
}

/** When the server is lost. Only an unanswered heartbeat shows that: a client whose own timer was late has not asked yet. */
export function lostAt({ asked, heard, heartbeatMs, lostAfterMs }: Online): number {
  if (heard === null) return Infinity;
  const silent = heard + lostAfterMs;
  if (asked === null) return silent + OVERSLEPT_MS;
  return Math.max(silent, asked + Math.min(PROBE_MS, lostAfterMs - heartbeatMs));
}

/** When an event of which the server spoke counts as missing. */
export function missingAt({ behind, heard }: Online): number {
  return heard === null || !behind ? Infinity : behind.until;
}
