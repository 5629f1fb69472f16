// Goes on with what was answered while no page was there: by a notification's button, or on a phone that slept.
import type { Answered } from "@offhook/client";
import { keepSubscribed, onAnswered } from "@offhook/client/push";
import { useClient, useConnection, useDesk } from "@offhook/react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useWords } from "../words/index.js";
import { SERVICE_WORKER } from "./ring_switch.js";

interface ResumeProps {
  /** What this page itself has answered before it had a session. */
  answered?: Answered | undefined;
}

/** Shows nothing, unless the call is over meanwhile. */
export function Resume({ answered }: ResumeProps): ReactNode {
  const { wake } = useWords();
  const client = useClient();
  const { desk } = useDesk();
  useSubscription();
  const [isTooLate, setTooLate] = useState(false);
  const taken = useRef<Answered>(undefined);
  useEffect(() => {
    const go = async (found: Answered) => {
      try {
        const call = await client.resumeAnswered(found);
        // One that was only tapped rings here, if it still does.
        if (found.kind !== "tapped") await desk.join(call.id);
      } catch {
        setTooLate(true);
      }
    };
    if (answered && taken.current !== answered) {
      taken.current = answered;
      void go(answered);
    }
    return onAnswered(client, (found) => void go(found));
  }, [client, desk, answered]);
  if (!isTooLate) return null;
  return (
    <div className="banner" role="alert">
      <p>{wake.tooLate}</p>
      <button type="button" className="button" onClick={() => setTooLate(false)}>
        {wake.dismiss}
      </button>
    </div>
  );
}

/** A browser that was subscribed is registered again with every login of a page: that tells the server that it lives. */
function useSubscription(): void {
  const client = useClient();
  const isOnline = useConnection().state === "online";
  useEffect(() => {
    if (!isOnline) return;
    const ended = new AbortController();
    let stop: (() => void) | undefined;
    const keep = async () => {
      stop = await keepSubscribed(client, SERVICE_WORKER).catch(() => undefined);
      if (ended.signal.aborted) stop?.();
    };
    void keep();
    return () => {
      ended.abort();
      stop?.();
    };
  }, [client, isOnline]);
}
