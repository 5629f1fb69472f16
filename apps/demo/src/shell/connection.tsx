// Where the connection stands, in a word, and how to bring it back where the kit does not tell.
import type { Connection } from "@offhook/client";
import { useClient, useConnection, useNow } from "@offhook/react";
import { type ReactNode, useEffect, useState } from "react";
import { useWords, type Words } from "../words/index.js";

/** A dot and a word, in the bar. */
export function ConnectionWord(): ReactNode {
  const words = useWords();
  const connection = useConnection();
  const retryAt = connection.state === "backoff" ? connection.retryAt : undefined;
  const now = useNow(retryAt === undefined ? 0 : 1_000);
  const seconds = retryAt === undefined ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1_000));
  useEffect(() => {
    // For whoever drives the page from outside.
    const { dataset } = document.documentElement;
    dataset["connection"] = connection.state;
    return () => {
      delete dataset["connection"];
    };
  }, [connection.state]);
  return (
    <p className={`connection connection-${connection.state}`}>
      <span className="connection-dot" aria-hidden="true" />
      {/* The countdown is for the eye: read aloud each second it would be noise. */}
      <span role="status" className="spoken">
        {wordOf(connection, 0, words)}
      </span>
      <span className="connection-word" aria-hidden="true">
        {wordOf(connection, seconds, words)}
      </span>
    </p>
  );
}

/** A sentence above the page while there is no connection and none comes by itself, or it takes long. */
export function ConnectionBanner(): ReactNode {
  const words = useWords();
  const client = useClient();
  const connection = useConnection();
  const why = sentenceOf(connection, useIsAway(connection), words);
  if (why === undefined) return null;
  return (
    <div className="banner" role="alert">
      <p>{why}</p>
      <button type="button" className="button" onClick={() => client.connect()}>
        {words.shell.connect}
      </button>
    </div>
  );
}

function wordOf(connection: Connection, seconds: number, { shell }: Words): string {
  return connection.state === "backoff" ? shell.connection.backoff(seconds) : shell.connection[connection.state];
}

/** Whether the connection was lost and has not come back: also while it is being tried. */
function useIsAway({ state }: Connection): boolean {
  const [isAway, setAway] = useState(false);
  const now = state === "backoff" || (state === "connecting" && isAway);
  if (now !== isAway) setAway(now);
  return now;
}

function sentenceOf(connection: Connection, isAway: boolean, { shell }: Words): string | undefined {
  switch (connection.state) {
    case "backoff":
    case "connecting":
      return isAway ? shell.away : undefined;
    case "stopped":
      // Of the other reasons the kit tells, with the way on that each has.
      return connection.reason === "logged_out" ? shell.loggedOut : undefined;
    case "disconnected":
      return shell.connection.disconnected;
    case "online":
      return undefined;
  }
}
