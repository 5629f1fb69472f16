// What this app does with a call that nobody took: it is over. For the server it would go on, because somebody else could be
// added to it; an app that wants that leaves this out.
import type { CallState } from "@offhook/client";
import { useClient, useDesk } from "@offhook/react";
import { useEffect } from "react";

/** Ends the user's call once every invitee has turned it down or missed it. */
export function useNobodyLeft(): void {
  const client = useClient();
  const { calls, parts } = useDesk().state;
  useEffect(() => {
    const mine = calls.filter((call) => parts.get(call.id)?.step === "in" && isInVain(call));
    // Not by hanging up, which would be told as the user's own doing. A call that cannot be ended is over, or stays shown.
    for (const { id } of mine)
      void client
        .call(id)
        ?.end()
        .catch(() => undefined);
  }, [client, calls, parts]);
}

/** Whether the user is alone in a call that nobody else has ever been in. */
export function isInVain({ phase, caller, legs }: Pick<CallState, "caller" | "legs" | "phase">): boolean {
  return phase === "alone" && legs.every((leg) => leg.user === caller || leg.acceptedAt === undefined);
}
