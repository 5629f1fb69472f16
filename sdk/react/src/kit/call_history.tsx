// Past and present calls: who, which way, when, how long; and a way to call back.
import type { CallState } from "@offhook/client";
import type { ReactElement } from "react";
import { useKit } from "../context.js";
import { isMissed, type Outcome, outcomeOf } from "../desk/outcome.js";
import { mediaOf, others } from "../desk/state.js";
import { useDesk, useUsers, useWords } from "../hooks/desk.js";
import { useHistory } from "../hooks/use_history.js";
import { fullTime, span, whenOf } from "../text/times.js";
import { outcomeWords } from "../words/legs.js";
import { Faces } from "./avatar.js";
import { IconButton, TextButton } from "./buttons.js";
import { classes } from "./classes.js";
import { Icon } from "./icons.js";
import { Root } from "./root.js";
import { useTitle } from "./titles.js";

export interface CallHistoryProps {
  /** Calls a page, 1–100. Default 20. */
  limit?: number;
}

/** The list. It keeps itself up to date. */
export function CallHistory({ limit = 20 }: CallHistoryProps): ReactElement {
  const words = useWords();
  const { calls, status, hasMore, loadMore, refresh } = useHistory({ limit });
  return (
    <Root className="oh-history">
      {calls.length > 0 && (
        <ul className="oh-list" aria-label={words.history}>
          {calls.map((call) => (
            <HistoryRow key={call.id} call={call} />
          ))}
        </ul>
      )}
      {calls.length === 0 && status === "ready" && <EmptyHistory />}
      <div role="status">
        {status === "loading" && calls.length === 0 && <p className="oh-soft">{words.history_loading}</p>}
        {status === "failed" && <p>{words.history_failed}</p>}
      </div>
      {status === "failed" && <TextButton word={words.try_again} onClick={refresh} />}
      {hasMore && (
        <TextButton tone="link" word={words.history_more} disabled={status === "loading"} onClick={loadMore} />
      )}
    </Root>
  );
}

function EmptyHistory(): ReactElement {
  const words = useWords();
  return (
    <div className="oh-empty">
      <Icon name="phone" />
      <p className="oh-empty-title">{words.history_empty}</p>
      <p className="oh-soft">{words.history_empty_detail}</p>
    </div>
  );
}

function HistoryRow({ call }: { call: CallState }): ReactElement {
  const words = useWords();
  const { clock, locale } = useKit();
  const { desk, state } = useDesk();
  const users = others(call, state.me);
  const names = useTitle(users);
  const outcome = outcomeOf(call, state.me);
  const missed = isMissed(outcome.kind);
  const isOutgoing = call.caller === state.me;
  const direction = isOutgoing ? words.direction_outgoing : words.direction_incoming;
  const media = mediaOf(call.media);
  return (
    <li className={classes("oh-row oh-history-row", missed && "oh-history-missed")}>
      <Faces users={users.slice(0, users.length > 1 ? 2 : 1)} size="small" />
      <span className="oh-row-text">
        <bdi className="oh-row-name">{names}</bdi>
        <span className="oh-row-detail">
          <Icon name={missed ? "arrow_missed" : isOutgoing ? "arrow_out" : "arrow_in"} />
          <span className="oh-spoken">{direction}</span>
          <span className="oh-row-what">{useDetail(call, outcome)}</span>
        </span>
      </span>
      <time className="oh-row-time" dateTime={isoTime(call.createdAt)} title={fullTime(call.createdAt, locale)}>
        {whenOf(call.createdAt, clock.wall(), locale)}
      </time>
      {users.length > 0 && (
        <IconButton
          icon={media === "video" ? "camera" : "phone"}
          label={media === "video" ? words.call_back_video(names) : words.call_back_voice(names)}
          className="oh-icon-button-call"
          onClick={() => void desk.place(users, { media })}
        />
      )}
    </li>
  );
}

/** How long, or why not at all. */
function useDetail(call: CallState, outcome: Outcome): string {
  const words = useWords();
  const people = useUsers(outcome.who === undefined ? [] : [outcome.who]);
  const kind = mediaOf(call.media) === "video" ? words.video_call : words.voice_call;
  if (outcome.talkedMs !== undefined) return `${kind} · ${span(outcome.talkedMs)}`;
  if (isMissed(outcome.kind)) return `${words.direction_missed} · ${kind}`;
  return outcomeWords(words, outcome, (user) => people.get(user)?.name ?? user).title;
}

/** A server's time may be nonsense. */
function isoTime(at: number): string {
  return Math.abs(at) < 8.64e15 ? new Date(at).toISOString() : "";
}
