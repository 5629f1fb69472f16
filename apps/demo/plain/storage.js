// What a tab remembers over a reload, in its sessionStorage: one tab is one device.

const DEVICE = "offhook.device";
/** Calls beyond these are asked for anew. */
const KEPT_CALLS = 40;
const LOCK_WAIT_MS = 600;

/**
 * The device id of this tab. A duplicated tab takes the other's storage along, so the id is held by a lock for the life of
 * the tab, and who does not get the lock becomes a new device.
 * @returns {Promise<string>}
 */
export async function deviceId() {
  const kept = sessionStorage.getItem(DEVICE);
  if (kept && (await hold(kept))) return kept;
  if (kept) sessionStorage.clear();
  const fresh = `tab-${crypto.randomUUID().slice(0, 8)}`;
  sessionStorage.setItem(DEVICE, fresh);
  await hold(fresh);
  return fresh;
}

/** Waits a little: the page before a reload may not have let go yet. */
function hold(name) {
  return new Promise((resolve) => {
    const forever = () => {
      resolve(true);
      return new Promise(() => {});
    };
    navigator.locks.request(name, { signal: AbortSignal.timeout(LOCK_WAIT_MS) }, forever).catch(() => resolve(false));
  });
}

/** The session's place in the event log with the calls known there, and the desk: contacts and settings. */
export class Kept {
  #session;
  #desk;
  /** @type {import("./people.js").Desk & {isTraceOpen: boolean}} */
  desk;

  /** @param {string} user @param {string[]} known users offered as contacts */
  constructor(user, known) {
    this.#session = `offhook.session.${user}`;
    this.#desk = `offhook.desk.${user}`;
    const contacts = known.filter((other) => other !== user);
    const first = { contacts, selected: [], mode: "advanced", timeoutS: 30, isMuted: false, isTraceOpen: false };
    this.desk = { ...first, ...read(this.#desk) };
  }

  /** @param {Partial<Kept["desk"]>} change */
  change(change) {
    this.desk = { ...this.desk, ...change };
    sessionStorage.setItem(this.#desk, JSON.stringify(this.desk));
  }

  /** @returns {{place: import("./session.js").Place | null, calls: Record<string, import("./calls.js").Call>}} */
  session() {
    return { place: null, calls: {}, ...read(this.#session) };
  }

  /** Both in one entry: an offset must never be newer than the calls beside it. */
  keepSession(place, calls) {
    const newest = Object.keys(calls).sort().slice(-KEPT_CALLS);
    const kept = Object.fromEntries(newest.map((id) => [id, calls[id]]));
    sessionStorage.setItem(this.#session, JSON.stringify({ place, calls: kept }));
  }
}

function read(key) {
  const text = sessionStorage.getItem(key);
  return text ? JSON.parse(text) : {};
}
