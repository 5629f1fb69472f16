// Which device a tab is. Each tab is one of its own, and stays it over reloads.

const KEY = "offhook.demo.device";
/** The page before a reload may not have let go of its id yet. Longer would keep a duplicated tab waiting. */
const LOCK_WAIT_MS = 600;

/** What a tab has for this; given from outside so that tests need no browser. */
export interface TabParts {
  readonly locks: Pick<LockManager, "request"> | undefined;
  readonly storage: Pick<Storage, "getItem" | "setItem">;
  readonly random: () => string;
}

/**
 * The device id of this tab. A duplicated tab takes the other's storage along, so the id is held by a lock for the life of
 * the tab, and who does not get the lock is a new device.
 */
export async function deviceOfTab({ locks, storage, random }: TabParts): Promise<string> {
  const kept = storage.getItem(KEY);
  if (kept !== null && (await hold(locks, kept))) return kept;
  const fresh = `tab-${random()}`;
  storage.setItem(KEY, fresh);
  await hold(locks, fresh);
  return fresh;
}

function hold(locks: TabParts["locks"], name: string): Promise<boolean> {
  if (!locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const forever = (): Promise<never> => {
      resolve(true);
      return new Promise(() => undefined);
    };
    locks.request(name, { signal: AbortSignal.timeout(LOCK_WAIT_MS) }, forever).catch(() => resolve(false));
  });
}

/** The parts of the tab that this runs in. */
export function thisTab(): TabParts {
  return {
    locks: "locks" in navigator ? navigator.locks : undefined,
    storage: storageOfTab(),
    random: () => crypto.getRandomValues(new Uint32Array(1))[0]?.toString(16) ?? "",
  };
}

/** A browser that forbids storage makes each loading of the page a new device. */
function storageOfTab(): TabParts["storage"] {
  try {
    return sessionStorage;
  } catch {
    return { getItem: () => null, setItem: () => undefined };
  }
}
