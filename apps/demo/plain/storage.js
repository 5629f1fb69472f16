// What a tab remembers over a reload, in its sessionStorage: one tab is one device.

const DEVICE = "offhook.device";
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
