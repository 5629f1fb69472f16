// @vitest-environment jsdom
import { act, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { People } from "./people.js";
import { PeoplePage, type Place } from "./people_page.js";

let place: HTMLElement;
let root: Root;

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  place = document.createElement("div");
  document.body.append(place);
  root = createRoot(place);
});

afterEach(() => {
  act(() => root.unmount());
  place.remove();
  vi.unstubAllGlobals();
});

/** Somebody for each name, online. */
async function peopleOf(names: readonly string[]): Promise<People> {
  const answer = names.map((user) => ({ user, name: "", online: true, in_call: false }));
  const people = new People({
    me: "alice",
    ask: (also) =>
      Promise.resolve([...answer, ...also.map((user) => ({ user, name: "", online: false, in_call: false }))]),
    every: () => () => undefined,
    storage: undefined,
  });
  people.refresh();
  await settled();
  return people;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

const show = (page: ReactNode) => act(() => root.render(page));
const named = (name: string) =>
  [...place.querySelectorAll<HTMLElement>("button, input, a")].filter(
    (element) => (element.getAttribute("aria-label") ?? element.textContent) === name,
  );
const press = (name: string) =>
  act(() => {
    const [button] = named(name);
    if (!button) throw new Error(`no ${name} in ${place.textContent}`);
    button.click();
  });
const type = (field: HTMLInputElement, text: string) =>
  act(() => {
    // React listens to the element's own setter.
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

test("a call is placed to the one whose button is pressed, and to nobody while there is a call", async () => {
  const placed: Parameters<Place>[] = [];
  const people = await peopleOf(["bob", "carol"]);
  const page = (isBusy: boolean) => (
    <PeoplePage me="alice" people={people} isBusy={isBusy} onPlace={(...call) => placed.push(call)} />
  );
  show(page(false));
  press("Voice call to carol");
  press("Video call to bob");
  expect(placed).toEqual([
    [["carol"], "audio"],
    [["bob"], "video"],
  ]);
  show(page(true));
  press("Voice call to carol");
  expect(placed).toHaveLength(2);
});

test("a group has nine at most, and is called in the order of the list", async () => {
  const names = Array.from({ length: 11 }, (_, index) => `user-${String(index).padStart(2, "0")}`);
  const placed: Parameters<Place>[] = [];
  const people = await peopleOf(names);
  show(<PeoplePage me="alice" people={people} isBusy={false} onPlace={(...call) => placed.push(call)} />);
  press("Group call");
  const ticks = () => [...place.querySelectorAll<HTMLInputElement>("input[type=checkbox]")];
  for (const index of [10, 3, 4, 5, 6, 7, 8, 9, 0]) act(() => ticks()[index]?.click());
  expect(ticks().filter(({ disabled }) => disabled)).toHaveLength(2);
  expect(place.textContent).toContain("9 of at most 9 chosen");
  press("Voice call");
  expect(placed).toEqual([[["user-00", ...names.slice(3, 11)], "audio"]]);
  expect(named("Group call")).toHaveLength(1);
});

test("a contact that cannot be is refused in words, and one that was added can be removed", async () => {
  const people = await peopleOf(["bob"]);
  show(<PeoplePage me="alice" people={people} isBusy={false} onPlace={() => undefined} />);
  const field = place.querySelector<HTMLInputElement>("#contact");
  if (!field) throw new Error("no field");
  for (const [text, words] of [
    ["two words", "no spaces"],
    ["alice", "That is you"],
  ] as const) {
    type(field, text);
    press("Add a contact");
    expect(place.querySelector("[role=alert]")?.textContent).toContain(words);
  }
  type(field, "zoe");
  press("Add a contact");
  await act(settled);
  press("Remove zoe");
  await act(settled);
  expect(named("Video call to zoe")).toEqual([]);
  expect(place.querySelector("[role=alert]")).toBeNull();
});

test("a name is shown as it is written, whatever it means elsewhere", async () => {
  const people = await peopleOf(["bob"]);
  people.set({
    people: [{ user: "bob", name: "<img src=x onerror=alert(1)>", presence: "online", isAdded: false }],
    isStale: false,
  });
  show(<PeoplePage me="alice" people={people} isBusy={false} onPlace={() => undefined} />);
  expect(place.querySelector("img")).toBeNull();
  expect(place.textContent).toContain("<img src=x onerror=alert(1)>");
});

test("who is alone is told what to do", async () => {
  const people = await peopleOf([]);
  people.add("bob");
  await settled();
  show(<PeoplePage me="alice" people={people} isBusy={false} onPlace={() => undefined} />);
  expect(place.textContent).toContain("Nobody else is here yet.");
  expect(place.querySelector("a[target=_blank]")?.getAttribute("href")).toBe("/u/bob");
});
