// Who this installation is to the server. A device has one session at a time, and the newer connection replaces the older.
//
// Two tabs share `localStorage`, and with one id between them each would throw the other out, for ever. So a tab holds a
// lock on the id that it uses (Web Locks; the browser lets go of it when the tab is closed or crashes). The first tab takes
// the id of the installation; one that finds it held takes an id of its own, and keeps it in `sessionStorage`, so that a
// reload comes back as the same device and resumes. A duplicated tab inherits `sessionStorage`: it finds that id held, too.
// Where there are no locks (Node, React Native, insecure pages), there is one client to an id, or the app names the devices.
import type { ClientOptions } from "./api/client.js";
import type { DeviceId } from "./generated/frames.js";
import { tried } from "./tried.js";

const KEY = "offhook.device";

export interface Device {
  /** The best guess, until `claim` has told. */
  readonly id: DeviceId;
  /** Finds an id that nobody else uses, once. */
  claim(): Promise<DeviceId>;
  /** Lets others use it. */
  release(): void;
}

/** Where ids are kept and held; what is absent is done without. */
export interface Places {
  readonly installation?: Pick<Storage, "getItem" | "setItem"> | undefined;
  readonly tab?: Pick<Storage, "getItem" | "setItem"> | undefined;
  readonly locks?: Pick<LockManager, "request"> | undefined;
}

/** The device that the options name, or the one of this installation and tab. */
export function deviceOf(options: Pick<ClientOptions, "device" | "storage">, newId: () => string): Device {
  const { device, storage } = options;
  if (device !== undefined) return { id: device, claim: () => Promise.resolve(device), release: () => undefined };
  // A store of the app's own is not shared by tabs, as far as we know.
  if (storage) return keptDevice({ installation: storage }, newId);
  const { navigator } = globalThis as { navigator?: { locks?: LockManager } };
  const places = { installation: storageOf("localStorage"), tab: storageOf("sessionStorage"), locks: navigator?.locks };
  return keptDevice(places, newId);
}

export function keptDevice({ installation, locks, tab }: Places, newId: () => string): Device {
  const shared = read(installation) ?? write(installation, newId());
  let id = read(tab) ?? shared;
  let claimed: Promise<DeviceId> | undefined;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));

  async function find(): Promise<DeviceId> {
    // Without both there is nothing to find out, or nowhere to keep it.
    if (!locks || !tab) return id;
    for (const candidate of new Set([id, shared, newId()])) {
      if (await hold(locks, candidate, released)) return (id = write(tab, candidate));
    }
    return id;
  }

  return {
    get id() {
      return id;
    },
    claim: () => (claimed ??= find()),
    release,
  };
}

/** Holds the lock until `released`. Resolves to whether it was free; a browser that refuses locks altogether has no say. */
function hold(locks: Pick<LockManager, "request">, id: DeviceId, released: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const request = async () => {
      await locks.request(`${KEY}:${id}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock ? released : undefined;
      });
    };
    request().catch(() => resolve(true));
  });
}

/** The user may have forbidden it. */
function storageOf(name: "localStorage" | "sessionStorage"): Storage | undefined {
  return tried(() => (globalThis as { localStorage?: Storage; sessionStorage?: Storage })[name]);
}

/** The id that is kept there, if there is one that the server would take. */
function read(storage: Places["tab"]): DeviceId | undefined {
  return tried(() => storage?.getItem(KEY)?.match(/^[!-~]{1,64}$/)?.[0]);
}

/** In a full or forbidden store nothing is kept: the id lasts as long as the page. */
function write(storage: Places["tab"], id: DeviceId): DeviceId {
  tried(() => storage?.setItem(KEY, id));
  return id;
}
