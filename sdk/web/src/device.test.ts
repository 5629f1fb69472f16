// Which device a page is to the server, with other tabs around.
import { expect, test } from "vitest";
import { deviceOf, keptDevice } from "./device.js";

class FakeStorage {
  readonly #kept = new Map<string, string>();
  getItem(key: string): string | null {
    return this.#kept.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#kept.set(key, value);
  }
}

/** Locks of one browser: whoever asks gets one that is free, until it lets go. */
class FakeLocks {
  readonly held = new Set<string>();
  readonly request = (async (name: string, _: LockOptions, act: (lock: Lock | null) => Promise<void> | undefined) => {
    if (this.held.has(name)) return act(null);
    this.held.add(name);
    await act({ name, mode: "exclusive" });
    this.held.delete(name);
  }) as unknown as LockManager["request"];
}

const ids = () => {
  let last = 0;
  return () => `id-${++last}`;
};

test("the first tab is the installation, another one is itself, and both stay who they are", async () => {
  const [installation, locks, newId] = [new FakeStorage(), new FakeLocks(), ids()];
  const [one, other] = [new FakeStorage(), new FakeStorage()];
  const first = keptDevice({ installation, tab: one, locks }, newId);
  const second = keptDevice({ installation, tab: other, locks }, newId);
  expect(first.id).toBe(second.id);
  const [mine, theirs] = [await first.claim(), await second.claim()];
  expect(mine).toBe("id-1");
  expect(theirs).not.toBe(mine);
  expect([first.id, second.id]).toStrictEqual([mine, theirs]);

  first.release();
  second.release();
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  const again = keptDevice({ installation, tab: other, locks }, newId);
  expect(await again.claim(), "a reload comes back as the same device").toBe(theirs);
});

test("a duplicated tab does not take the device of the tab that it was made from", async () => {
  const [installation, locks, newId, tab] = [new FakeStorage(), new FakeLocks(), ids(), new FakeStorage()];
  const original = await keptDevice({ installation, tab, locks }, newId).claim();
  expect(await keptDevice({ installation, tab, locks }, newId).claim()).not.toBe(original);
});

test("a browser that refuses locks has one device", async () => {
  const refusing = { request: () => Promise.reject(new Error("not here")) } as unknown as LockManager;
  const device = keptDevice({ installation: new FakeStorage(), tab: new FakeStorage(), locks: refusing }, ids());
  expect(await device.claim()).toBe("id-1");
});

test("a device is kept where the app says, and named by the app if it likes", async () => {
  const storage = new FakeStorage();
  const { id } = deviceOf({ storage }, ids());
  expect(deviceOf({ storage }, () => "another").id).toBe(id);
  expect(await deviceOf({ storage }, () => "another").claim()).toBe(id);
  expect(await deviceOf({ storage, device: "phone-7" }, ids()).claim()).toBe("phone-7");
});

test("a store that is broken, or holds nonsense, is done without", () => {
  const broken = {
    getItem: () => {
      throw new Error("forbidden");
    },
    setItem: () => {
      throw new Error("full");
    },
  };
  expect(deviceOf({ storage: broken }, ids()).id).toBe("id-1");
  const nonsense = new FakeStorage();
  nonsense.setItem("offhook.device", "with spaces");
  expect(deviceOf({ storage: nonsense }, ids()).id).toBe("id-1");
});
