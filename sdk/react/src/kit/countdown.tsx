// How long it still rings: a ring around a face that runs out.
import type { CallState } from "@offhook/client";
import type { ReactElement } from "react";
import { useNow } from "../hooks/use_now.js";

/** Decoration; the ring ends by itself in any case. */
export function Countdown({ call }: { call: Pick<CallState, "ringUntil" | "timeoutMs"> }): ReactElement | null {
  const now = useNow();
  if (call.ringUntil === undefined) return null;
  const left = Math.min(1, Math.max(0, (call.ringUntil - now) / Math.max(1, call.timeoutMs)));
  return (
    <svg className="oh-countdown" viewBox="0 0 100 100" aria-hidden="true" focusable="false">
      <circle className="oh-countdown-way" cx="50" cy="50" r="48.5" />
      <circle
        className="oh-countdown-left"
        cx="50"
        cy="50"
        r="48.5"
        pathLength="1"
        strokeDasharray="1"
        strokeDashoffset={1 - left}
      />
    </svg>
  );
}
