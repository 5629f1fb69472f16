// Which language the app speaks.
import { createContext, useContext } from "react";
import { en, type Words } from "./en.js";
import { zh } from "./zh.js";

export type { Words } from "./en.js";

/** A language that there are words in. */
export type Language = "en" | "zh";

const WORDS: Readonly<Record<Language, Words>> = { en, zh };

/** The words of a language. */
export function wordsOf(language: Language): Words {
  return WORDS[language];
}

/** The first language of the browser's that there are words in; English if there is none. */
export function spoken(wanted: readonly string[]): Language {
  const known = wanted.map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => tag === "en" || tag === "zh");
  return known ?? "en";
}

export const WordsContext = createContext<Words>(en);

/** The app's words, in the language that the user chose. */
export function useWords(): Words {
  return useContext(WordsContext);
}
