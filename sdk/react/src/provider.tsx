// The provider: a client, and what the app says about the kit, for everything below.
import { type Client, createLocalMedia } from "@offhook/client";
import { type ReactElement, type ReactNode, useEffect, useMemo, useState } from "react";
import { Sound } from "./attention/sound.js";
import { systemClock } from "./clock.js";
import { type Kit, KitContext } from "./context.js";
import { Desk } from "./desk/desk.js";
import { Directory } from "./desk/directory.js";
import { browserStorage, type Keep } from "./desk/settings.js";
import type { KitOptions } from "./options.js";
import { languageOf, wordsOf } from "./words/index.js";

export interface OffhookProviderProps extends KitOptions {
  client: Client;
  children?: ReactNode;
}

/** Gives hooks and parts their client. Another client is another desk: what the kit knew is gone. */
export function OffhookProvider({ client, children, ...options }: OffhookProviderProps): ReactElement {
  const own = useOwned(client, options);
  const { desk, directory, sound } = own;
  useEffect(() => sound.watch(window), [sound]);
  useEffect(() => desk.start(), [desk]);
  useEffect(() => {
    desk.configure(options);
    directory.setResolve(options.resolveUser);
  });
  const language = languageOf(options.language, navigator.languages);
  const words = useMemo(() => wordsOf(language, options.words), [language, options.words]);
  const kit: Kit = { ...own, client, words, options, locale: localeOf(language) };
  return <KitContext.Provider value={kit}>{children}</KitContext.Provider>;
}

/** What lives as long as the client. */
function useOwned(
  client: Client,
  options: KitOptions,
): Pick<Kit, "clock" | "createMedia" | "desk" | "directory" | "sound"> {
  // What cannot change later is taken from the first options.
  const [first] = useState(options);
  return useMemo(() => {
    const clock = first.clock ?? systemClock;
    const createMedia = first.createMedia ?? createLocalMedia;
    const setup = {
      client,
      clock,
      createMedia,
      storage: keepOf(first.storage, "localStorage"),
      session: keepOf(first.session, "sessionStorage"),
    };
    return {
      clock,
      createMedia,
      desk: new Desk(setup, first),
      directory: new Directory(client, first.resolveUser),
      sound: new Sound(clock),
    };
  }, [client, first]);
}

function keepOf(given: Keep | null | undefined, kind: "localStorage" | "sessionStorage"): Keep | undefined {
  return given === null ? undefined : (given ?? browserStorage(kind));
}

/** The user's own flavor of the language, for dates and numbers. */
function localeOf(language: string): string {
  return navigator.languages.find((each) => each.toLowerCase().split("-")[0] === language) ?? language;
}
