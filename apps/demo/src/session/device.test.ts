import { expect, test } from "vitest";
import { deviceOfTab, type TabParts } from "./device.js";

/** A browser's locks and a tab's storage; `held` are the ids that other tabs hold. */
function tab(entries: [string, string][] = [], held: readonly string[] = []): TabParts {
  const storage = new Map(entries);
  const request = (name: string, _: unknown, granted: () => Promise<never>) =>
    held.includes(name) ? Promise.reject(new Error("the wait is over")) : granted();
  return {
    locks: { request: request as unknown as LockManager["request"] },
    storage: { getItem: (key) => storage.get(key) ?? null, setItem: (key, value) => void storage.set(key, value) },
    random: () => "f00d",
  };
}

test("a tab is the same device after a reload", async () => {
  const parts = tab();
  const first = await deviceOfTab(parts);
  expect(first).toBe("tab-f00d");
  expect(await deviceOfTab({ ...parts, random: () => "beef" })).toBe(first);
});

test("a duplicated tab is a device of its own", async () => {
  const original = tab();
  const first = await deviceOfTab(original);
  const copy = { ...tab([["offhook.demo.device", first]], [first]), random: () => "beef" };
  expect(await deviceOfTab(copy)).toBe("tab-beef");
});

test("a browser without locks does as well", async () => {
  expect(await deviceOfTab({ ...tab([["offhook.demo.device", "tab-1"]]), locks: undefined })).toBe("tab-1");
});
