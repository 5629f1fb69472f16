// "Ring me when this tab is closed": subscribes the browser, and says what is in the way if it cannot.
import { OffhookError } from "@offhook/client";
import { pushStatus, subscribeToPushes, unsubscribeFromPushes } from "@offhook/client/push";
import { useClient, useConnection } from "@offhook/react";
import { type ReactNode, useEffect, useId, useState } from "react";
import { useWords, type Words } from "../words/index.js";

/** Lies at the root, so that its scope is the whole app. */
export const SERVICE_WORKER = { serviceWorkerUrl: "/service-worker.js" };

type Standing = "busy" | "off" | "on";

export function RingSwitch(): ReactNode {
  const { wake } = useWords();
  const client = useClient();
  const isOnline = useConnection().state === "online";
  const [standing, setStanding] = useState<Standing>("off");
  const [why, setWhy] = useState<keyof Words["wake"]>();
  const hint = useId();
  useEffect(() => {
    if (!isOnline) return;
    const ended = new AbortController();
    const show = async () => {
      const status = await pushStatus(client);
      if (!ended.signal.aborted) setStanding(status === "on" ? "on" : "off");
    };
    void show();
    return () => ended.abort();
  }, [client, isOnline]);
  const change = async (isWanted: boolean) => {
    setStanding("busy");
    setWhy(undefined);
    try {
      // Each login registers it again, as long as this page is there.
      if (isWanted) await subscribeToPushes(client, SERVICE_WORKER);
      else await unsubscribeFromPushes(client);
      setStanding(isWanted ? "on" : "off");
    } catch (error) {
      setStanding(isWanted ? "off" : "on");
      setWhy(reasonOf(error));
    }
  };
  return (
    <section className="ring-switch">
      <label className="setting-row">
        <span className="setting-label">{wake.ring}</span>
        <input
          type="checkbox"
          role="switch"
          className="switch"
          aria-describedby={hint}
          checked={standing === "on"}
          disabled={!isOnline || standing === "busy"}
          onChange={({ target }) => void change(target.checked)}
        />
      </label>
      <p id={hint} className="setting-hint">
        {wake.hint}
      </p>
      <p role="status" className={`setting-hint ${why ? "field-bad" : ""}`}>
        {standing === "busy" ? wake.waiting : why && wake[why]}
      </p>
    </section>
  );
}

function reasonOf(error: unknown): keyof Words["wake"] {
  switch (error instanceof OffhookError ? error.code : undefined) {
    case "push_denied":
      return "denied";
    case "push_no_key":
      return "no_key";
    case "push_unsupported":
      return "unsupported";
    default:
      return "failed";
  }
}
