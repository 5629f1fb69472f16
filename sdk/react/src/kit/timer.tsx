// How long somebody talks already.
import type { ReactElement } from "react";
import { useWords } from "../hooks/desk.js";
import { useNow } from "../hooks/use_now.js";
import { span } from "../text/times.js";

/** @param since on the clock of the client */
export function Timer({ since }: { since: number }): ReactElement {
  const words = useWords();
  const now = useNow();
  return (
    <span className="oh-timer" role="timer" aria-label={words.duration} aria-live="off">
      {span(now - since)}
    </span>
  );
}
