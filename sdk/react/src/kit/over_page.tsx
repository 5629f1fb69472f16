// How a call came out, and what can be done now: on the whole page after a call, in a card after a ring.
import type { CallState } from "@offhook/client";
import { type ReactElement, useEffect, useRef } from "react";
import { useKit } from "../context.js";
import { isMissed, type Outcome, type OutcomeKind, outcomeOf } from "../desk/outcome.js";
import { mediaOf, others, type Part } from "../desk/state.js";
import { useDesk, useUsers, useWords } from "../hooks/desk.js";
import { useLook } from "../hooks/use_look.js";
import { span } from "../text/times.js";
import { outcomeWords } from "../words/legs.js";
import { Faces, hueStyle } from "./avatar.js";
import { IconButton, RoundButton, TextButton } from "./buttons.js";
import { classes } from "./classes.js";
import { useFirstFocus } from "./focus.js";
import { Icon } from "./icons.js";
import { useTitle } from "./titles.js";

export interface OverProps {
  call: CallState;
  part?: Part | undefined;
}

/** After these the call may live on. */
const GOES_ON: ReadonlySet<OutcomeKind> = new Set(["answered_elsewhere", "left", "lost", "moved", "taken_over"]);
/** How long the farewell of a call stands that the user ended; a touch keeps it. In milliseconds. */
const FAREWELL_MS = 4_000;

/** After a call that this page was in. */
export function OverPage({ call, part }: OverProps): ReactElement {
  const over = useOver(call, part);
  const words = useWords();
  const first = useFirstFocus<HTMLDivElement>();
  const keep = useFarewell(isKnown(over.outcome), over.close);
  useLook(call.id, mayJoin(call, over.outcome));
  return (
    <div
      ref={first}
      role="region"
      aria-label={over.title}
      tabIndex={-1}
      className="oh-page oh-wash oh-over"
      style={hueStyle(over.partners[0] ?? call.caller)}
      onPointerMove={keep}
      onKeyDown={keep}
    >
      <div className="oh-over-text">
        <Faces users={over.partners} size={over.partners.length > 1 ? "large" : "huge"} />
        {!over.title.includes(over.names) && (
          <p className="oh-over-who">
            <bdi>{over.names}</bdi>
          </p>
        )}
        <div role="status">
          <h2 className={classes("oh-title", isMissed(over.outcome.kind) && "oh-missed")}>{over.title}</h2>
          {over.detail && <p className="oh-sub">{over.detail}</p>}
        </div>
      </div>
      <div className="oh-over-actions">
        <RoundButton icon="close" word={words.close} onClick={over.close} />
        {over.next && <RoundButton icon={over.next.icon} tone="accept" word={over.next.word} onClick={over.next.go} />}
      </div>
    </div>
  );
}

/** After a ring: a card that leaves the page alone. */
export function OverCard({ call }: OverProps): ReactElement {
  const over = useOver(call, undefined);
  const words = useWords();
  const missed = isMissed(over.outcome.kind);
  const keep = useFarewell(over.outcome.kind === "answered_elsewhere", over.close);
  return (
    <section
      className="oh-card"
      role="status"
      aria-label={over.title}
      style={hueStyle(over.partners[0] ?? call.caller)}
      onPointerMove={keep}
      onKeyDown={keep}
    >
      <Faces users={over.partners} size="small" />
      <div className="oh-card-text">
        <strong className={classes(missed && "oh-missed")}>
          {missed && <Icon name="arrow_missed" />}
          {over.title}
        </strong>
        <bdi>{over.names}</bdi>
        {over.detail && <span className="oh-soft">{over.detail}</span>}
      </div>
      <IconButton icon="close" label={words.close} onClick={over.close} />
      {over.next && (
        <div className="oh-card-actions">
          <TextButton tone="accept" icon={over.next.icon} word={over.next.word} onClick={over.next.go} />
        </div>
      )}
    </section>
  );
}

function useOver(call: CallState, part: Part | undefined) {
  const words = useWords();
  const { desk, state } = useDesk();
  const partners = others(call, state.me);
  const people = useUsers(partners);
  const names = useTitle(partners);
  const outcome = outcomeOf(call, state.me, part);
  const { title, detail } = outcomeWords(words, outcome, (user) => people.get(user)?.name ?? user);
  const lasted = outcome.talkedMs === undefined ? "" : words.lasted(span(outcome.talkedMs));
  const media = mediaOf(call.media);
  const icon = media === "video" ? ("camera" as const) : ("phone" as const);
  return {
    outcome,
    partners,
    names,
    title,
    detail: [detail, lasted].filter(Boolean).join(" "),
    close: () => desk.close(call.id),
    next: state.connection.state === "stopped" ? undefined : next(),
  };

  function next() {
    if (mayJoin(call, outcome)) return { icon, word: nextWord(words, outcome), go: () => void desk.join(call.id) };
    if (partners.length === 0 || outcome.kind === "removed") return undefined;
    const word = isMissed(outcome.kind) ? words.call_back : words.call_again;
    return { icon, word, go: () => void desk.place(partners, { media }) };
  }
}

function nextWord(words: ReturnType<typeof useWords>, { kind }: Outcome): string {
  return kind === "left" || kind === "lost" ? words.rejoin : words.take_here;
}

/** A call that lives on can be entered; not by one who was put out. */
function mayJoin(call: CallState, { kind }: Outcome): boolean {
  return call.end === undefined && call.mode !== "general" && GOES_ON.has(kind);
}

/** What the user did themselves needs no long farewell. */
function isKnown({ kind }: Outcome): boolean {
  return kind === "hung_up" || kind === "canceled" || kind === "declined" || kind === "ended";
}

/** Closes by itself after a while, unless it is touched. @returns what a touch calls */
function useFarewell(isOn: boolean, close: () => void): () => void {
  const { clock } = useKit();
  const latest = useRef(close);
  const callOff = useRef<() => void>(undefined);
  useEffect(() => {
    latest.current = close;
  });
  useEffect(() => {
    if (!isOn) return undefined;
    callOff.current = clock.after(FAREWELL_MS, () => latest.current());
    return () => callOff.current?.();
  }, [clock, isOn]);
  return () => callOff.current?.();
}
