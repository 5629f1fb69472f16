// What the user has chosen beside what the kit keeps: looks, language, how calls are placed. Kept in this browser, for all tabs.
import { record } from "../trace/read.js";
import { Store } from "../store.js";
import type { Language } from "../words/index.js";

/** Choices, each with a beginning that fits everybody. */
export interface Preferences {
  readonly language: Language | "auto";
  readonly theme: "auto" | "dark" | "light";
  readonly mode: "advanced" | "general";
  /** How long a call that is placed rings, in seconds. */
  readonly ringS: number;
  readonly confirmHangUp: boolean;
}

export const RING_CHOICES_S: readonly number[] = [15, 30, 60, 90];
export const FIRST: Preferences = {
  language: "auto",
  theme: "auto",
  mode: "advanced",
  ringS: 60,
  confirmHangUp: false,
};

const KEY = "offhook.demo.preferences";

/** The user's choices; another tab's changes are taken over. */
export class PreferencesStore extends Store<Preferences> {
  readonly #storage: Pick<Storage, "getItem" | "setItem"> | undefined;

  constructor(storage: Pick<Storage, "getItem" | "setItem"> | undefined) {
    super(read(storage));
    this.#storage = storage;
  }

  change(changes: Partial<Preferences>): void {
    this.set({ ...this.value, ...changes });
    try {
      this.#storage?.setItem(KEY, JSON.stringify(this.value));
    } catch {
      // Full or forbidden: the choice holds until the page is closed.
    }
  }

  /** Follows what other tabs choose. @returns how to stop that */
  follow(tab: Pick<Window, "addEventListener" | "removeEventListener">): () => void {
    const take = ({ key }: StorageEvent) => {
      if (key === KEY || key === null) this.set(read(this.#storage));
    };
    tab.addEventListener("storage", take);
    return () => tab.removeEventListener("storage", take);
  }
}

/** What is read back may be anything, and is believed only where it fits. */
function read(storage: Pick<Storage, "getItem"> | undefined): Preferences {
  let kept: Readonly<Record<string, unknown>>;
  try {
    kept = record(JSON.parse(storage?.getItem(KEY) ?? "{}"));
  } catch {
    kept = {};
  }
  const { language, theme, mode, ringS, confirmHangUp } = kept;
  return {
    language: language === "en" || language === "zh" ? language : FIRST.language,
    theme: theme === "dark" || theme === "light" ? theme : FIRST.theme,
    mode: mode === "general" ? mode : FIRST.mode,
    ringS: RING_CHOICES_S.find((choice) => choice === ringS) ?? FIRST.ringS,
    confirmHangUp: confirmHangUp === true,
  };
}
