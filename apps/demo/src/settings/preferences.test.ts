import { expect, test } from "vitest";
import { FIRST, PreferencesStore } from "./preferences.js";

function storage(text?: string) {
  const kept = new Map(text === undefined ? [] : [["offhook.demo.preferences", text]]);
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

test("choices are there after a reload", () => {
  const keep = storage();
  new PreferencesStore(keep).change({ theme: "dark", language: "zh", ringS: 15 });
  expect(new PreferencesStore(keep).value).toEqual({ ...FIRST, theme: "dark", language: "zh", ringS: 15 });
});

test("what does not fit is not believed", () => {
  for (const text of [
    "",
    "nonsense",
    "[]",
    "null",
    `{"theme":"pink","language":7,"ringS":4000,"mode":"x","confirmHangUp":"yes"}`,
  ])
    expect(new PreferencesStore(storage(text)).value).toEqual(FIRST);
});

test("a browser that forbids storage keeps choices for the life of the page", () => {
  const forbidden = () => {
    throw new DOMException("forbidden", "SecurityError");
  };
  const store = new PreferencesStore({ getItem: forbidden, setItem: forbidden });
  store.change({ theme: "light" });
  expect(store.value.theme).toBe("light");
});
