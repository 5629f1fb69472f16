import { beforeEach, describe, expect, test } from "vitest";
import { People, type PeopleParts, peopleOf } from "./people.js";

const ANSWER = [
  { user: "alice", name: "", online: true, in_call: false },
  { user: "bob", name: "Bob", online: false, in_call: false },
  { user: "carol", name: "", online: true, in_call: true },
  { user: "dave", name: "", online: true, in_call: false },
];

describe("people", () => {
  test("those who are here come first, and one is not among them", () => {
    expect(peopleOf(ANSWER, ["dave"], "alice")).toEqual([
      { user: "carol", name: "carol", presence: "in_call", isAdded: false },
      { user: "dave", name: "dave", presence: "online", isAdded: true },
      { user: "bob", name: "Bob", presence: "offline", isAdded: false },
    ]);
  });

  test("an answer that is none leaves nobody", () => {
    for (const answer of [null, "x", { user: "bob" }, [null, { user: 3 }]])
      expect(peopleOf(answer, [], "alice")).toEqual([]);
  });
});

describe("a server that is asked", () => {
  let asked: (readonly string[])[];
  let answer: () => Promise<unknown>;
  let ticks: (() => void)[];
  let kept: Map<string, string>;
  let parts: PeopleParts;

  beforeEach(() => {
    asked = [];
    ticks = [];
    kept = new Map();
    answer = () => Promise.resolve(ANSWER);
    parts = {
      me: "alice",
      ask: (also) => {
        asked.push(also);
        return answer();
      },
      every: (_, act) => {
        ticks.push(act);
        return () => undefined;
      },
      storage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
    };
  });

  /** Until every promise that waits for nothing else is settled. */
  const settled = async () => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };

  test("tells of contacts that were added, also after a reload", async () => {
    const people = new People(parts);
    people.add("zoe");
    people.add("alice");
    await settled();
    expect(asked).toEqual([["zoe"]]);
    new People(parts).refresh();
    expect(asked.at(-1)).toEqual(["zoe"]);
    people.remove("zoe");
    await settled();
    expect(asked.at(-1)).toEqual([]);
  });

  test("is not asked twice at once, but again if something happened meanwhile", async () => {
    const people = new People(parts);
    people.start();
    people.refresh();
    people.refresh();
    expect(asked).toHaveLength(1);
    await settled();
    expect(asked).toHaveLength(2);
    ticks[0]?.();
    expect(asked).toHaveLength(3);
  });

  test("that fails leaves what is known, and says that it is old", async () => {
    const people = new People(parts);
    people.refresh();
    await settled();
    const before = people.value.people;
    answer = () => Promise.reject(new Error("gone"));
    people.refresh();
    await settled();
    expect(people.value).toEqual({ people: before, isStale: true });
    answer = () => Promise.resolve(ANSWER);
    people.refresh();
    await settled();
    expect(people.value.isStale).toBe(false);
  });

  test("that says the same again wakes nobody", async () => {
    const people = new People(parts);
    people.refresh();
    await settled();
    let told = 0;
    people.subscribe(() => (told += 1));
    people.refresh();
    await settled();
    expect(told).toBe(0);
  });
});
