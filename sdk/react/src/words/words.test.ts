import { describe, expect, it } from "vitest";
import { en } from "./en.js";
import { languageOf, wordsOf } from "./index.js";
import { zh } from "./zh.js";

const said = (word: unknown): string =>
  typeof word === "function" ? (word as (...parts: unknown[]) => string)("Ada", 3) : String(word);

describe("the languages", () => {
  it("have the same sentences, none of them empty", () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
    for (const words of [en, zh]) for (const [key, word] of Object.entries(words)) expect(said(word), key).not.toBe("");
  });

  it("put into a sentence what the sentence is about", () => {
    for (const [key, word] of Object.entries(en)) {
      if (typeof word !== "function") continue;
      const [one, other] = [said(word), said(zh[key as keyof typeof zh])];
      for (const part of ["Ada", "3"]) expect(other.includes(part), `${key}: ${part}`).toBe(one.includes(part));
    }
  });

  it("are translated: no Chinese sentence is the English one", () => {
    for (const [key, word] of Object.entries(en)) expect(said(zh[key as keyof typeof zh]), key).not.toBe(said(word));
  });

  it("count as the language does", () => {
    expect(en.people_count(1)).toBe("1 person");
    expect(en.people_count(2)).toBe("2 people");
    expect(en.people_and_more("Bob", 1)).toBe("Bob + 1 other");
    expect(zh.people_count(1)).toBe("1 人");
  });
});

describe("the language", () => {
  it("is what the app wants, else the first of the user's that the kit speaks", () => {
    expect(languageOf("zh", ["en"])).toBe("zh");
    expect(languageOf("auto", ["fr-CH", "zh-Hans-CN", "en"])).toBe("zh");
    expect(languageOf(undefined, ["fr"])).toBe("en");
    expect(languageOf(undefined, [])).toBe("en");
  });

  it("takes sentences of the app in place of the kit's", () => {
    const words = wordsOf("en", { accept: "Pick up" });
    expect([words.accept, words.decline]).toEqual(["Pick up", "Decline"]);
  });
});
