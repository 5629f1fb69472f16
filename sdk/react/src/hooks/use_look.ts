// Keeps what is said of a call true that goes on without this device: the server tells of such calls only who asks.
import type { CallId } from "@offhook/client";
import { useEffect } from "react";
import { useKit } from "../context.js";
import { useDesk } from "./desk.js";

/** How often the server is asked, in milliseconds. Longer, and a call that is over is offered for longer. */
const LOOK_EVERY_MS = 5_000;

/** Reads the call at once and again and again, while `isOn` and the server can be asked. */
export function useLook(id: CallId, isOn: boolean): void {
  const { client, clock } = useKit();
  const { connection } = useDesk().state;
  const mayAsk = isOn && connection.state === "online";
  useEffect(() => {
    if (!mayAsk) return undefined;
    // What cannot be read stays as it is known.
    const look = () =>
      void client
        .call(id)
        ?.read()
        .catch(() => undefined);
    look();
    return clock.every(LOOK_EVERY_MS, look);
  }, [client, clock, id, mayAsk]);
}
