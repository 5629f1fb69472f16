// The lines of the trace, oldest first; the newest stay in sight while one reads there.
import { type ReactNode, useLayoutEffect, useRef, useState } from "react";
import { useWords, type Words } from "../words/index.js";
import { content, markOf, sentence, timeOf } from "./choose.js";
import type { Entry } from "./log.js";

/** How near to the end counts as reading there. */
const NEAR_END_PX = 48;

export function Lines({ entries, isEmpty }: { entries: readonly Entry[]; isEmpty: boolean }): ReactNode {
  const { trace } = useWords();
  const place = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const newest = entries.at(-1)?.id;
  const goToEnd = () => {
    const { current } = place;
    if (current) current.scrollTop = current.scrollHeight;
  };
  useLayoutEffect(() => {
    if (isAtEnd) goToEnd();
  }, [isAtEnd, newest]);
  const look = () => {
    const { current } = place;
    if (current) setAtEnd(current.scrollHeight - current.scrollTop - current.clientHeight < NEAR_END_PX);
  };
  return (
    <div className="lines">
      <div className="lines-scroll" ref={place} onScroll={look} role="region" aria-label={trace.lines} tabIndex={0}>
        {entries.length === 0 && !isEmpty && <p className="trace-none">{trace.nothing}</p>}
        <ol className="lines-list">
          {entries.map((entry) => (
            <Line key={entry.id} entry={entry} />
          ))}
        </ol>
      </div>
      {!isAtEnd && (
        <button type="button" className="button button-small lines-newest" onClick={goToEnd}>
          {trace.newest}
        </button>
      )}
    </div>
  );
}

function Line({ entry }: { entry: Entry }): ReactNode {
  const words = useWords();
  const shown = content(entry);
  const [isOpen, setOpen] = useState(false);
  const line = <LineWords entry={entry} words={words} />;
  const kind = `line line-${entry.kind === "frame" ? entry.direction : entry.kind} ${isProblem(entry) ? "line-problem" : ""}`;
  if (shown === undefined) return <li className={kind}>{line}</li>;
  return (
    <li className={kind}>
      <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary className="line-summary">{line}</summary>
        {isOpen && <pre className="line-content">{JSON.stringify(shown, null, 2)}</pre>}
      </details>
    </li>
  );
}

function LineWords({ entry, words }: { entry: Entry; words: Words }): ReactNode {
  const { head, rest } = sentence(entry, words);
  return (
    <>
      <span className="line-time">{timeOf(entry.at, performance.timeOrigin)}</span>
      <span className="line-mark" aria-hidden="true">
        {markOf(entry)}
      </span>
      <span className="spoken">{kindOf(entry, words)}</span>
      <b className="line-head">{head}</b>
      <span className="line-rest">{rest}</span>
    </>
  );
}

function isProblem(entry: Entry): boolean {
  if (entry.kind === "decision") return entry.decision.kind === "refused";
  return entry.kind === "frame" && entry.type === "problem";
}

function kindOf(entry: Entry, { trace }: Words): string {
  if (entry.kind !== "frame") return trace.kinds[entry.kind];
  return { in: trace.received, note: trace.kinds.note, out: trace.sent }[entry.direction];
}
