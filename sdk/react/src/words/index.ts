// Which sentences are shown.
import { en } from "./en.js";
import { zh } from "./zh.js";

/** Every sentence: a text, or a function of what stands in it. Names in it are text, never HTML. */
export type Words = typeof en;

/** The languages that the kit speaks by itself. */
export type Language = "en" | "zh";

const ALL: Record<Language, Words> = { en, zh };

/** The sentences of a language, with those of the app in place of the kit's. */
export function wordsOf(language: Language, own?: Partial<Words>): Words {
  return own ? { ...ALL[language], ...own } : ALL[language];
}

/** The first of the user's languages that the kit speaks; English if there is none. */
export function languageOf(wanted: Language | "auto" | undefined, preferred: readonly string[]): Language {
  if (wanted === "en" || wanted === "zh") return wanted;
  for (const each of preferred) {
    const [language] = each.toLowerCase().split("-");
    if (language === "en" || language === "zh") return language;
  }
  return "en";
}
