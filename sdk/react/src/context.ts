// What the provider hands down to hooks and parts.
import type { Client } from "@offhook/client";
import { createContext, useContext } from "react";
import type { Sound } from "./attention/sound.js";
import type { Clock } from "./clock.js";
import type { Desk } from "./desk/desk.js";
import type { Directory } from "./desk/directory.js";
import type { CreateMedia, KitOptions } from "./options.js";
import type { Words } from "./words/index.js";

/** Everything below a provider shares it. */
export interface Kit {
  readonly client: Client;
  readonly clock: Clock;
  readonly createMedia: CreateMedia;
  readonly desk: Desk;
  readonly directory: Directory;
  /** For numbers, lists and dates. */
  readonly locale: string;
  readonly options: KitOptions;
  readonly sound: Sound;
  readonly words: Words;
}

export const KitContext = createContext<Kit | undefined>(undefined);

/** What the provider above has. Throws where there is none. */
export function useKit(): Kit {
  const kit = useContext(KitContext);
  if (!kit) throw new Error("place this inside an OffhookProvider");
  return kit;
}
