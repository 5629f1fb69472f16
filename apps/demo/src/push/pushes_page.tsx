// The page at `/dev/push`: every push that the server has made, what became of it, and the vendor's part in one's own hands.
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Icon } from "../parts/icon.js";
import { ASLEEP } from "../route.js";
import { Page } from "../shell/page.js";
import { TopBar } from "../shell/top_bar.js";
import { useWords } from "../words/index.js";
import {
  decide,
  documentText,
  MODES,
  type PushEntry,
  type PushMode,
  readMode,
  readPushes,
  setMode,
} from "./push_log.js";
import { useStream } from "./use_stream.js";

const EVENTS = "/dev/push/events";

export function PushesPage(): ReactNode {
  const { asleep, pushes: words } = useWords();
  const [entries, setEntries] = useState<readonly PushEntry[]>([]);
  const [chosen, setChosen] = useState<string>();
  const isReached = useStream(EVENTS, (data) => setEntries(readPushes(data)));
  const shown = entries.find(({ id }) => id === chosen);
  const phone = (
    <a className="button" href={`/u/bob?device=${ASLEEP}`} target="_blank" rel="noreferrer">
      <Icon name="moon" />
      {words.phone}
    </a>
  );
  return (
    <>
      <TopBar />
      <div className={`pushes ${shown ? "pushes-open" : ""}`}>
        <Page title={words.title} tools={phone}>
          <p className="pushes-lead">{words.lead}</p>
          <Modes />
          {!isReached && (
            <p className="pushes-away" role="status">
              {words.away}
            </p>
          )}
          {entries.length === 0 ? (
            <p className="hint">{words.none}</p>
          ) : (
            <Table entries={entries} chosen={chosen} onChoose={setChosen} />
          )}
        </Page>
        {shown && (
          <Drawer
            key={shown.id}
            entry={shown}
            title={words.look(asleep.kinds[shown.kind], shown.user)}
            onClose={() => setChosen(undefined)}
          />
        )}
      </div>
    </>
  );
}

/** What becomes of pushes from now on. */
function Modes(): ReactNode {
  const { pushes: words } = useWords();
  const [mode, setShown] = useState<PushMode>();
  const [isRefused, setRefused] = useState(false);
  useEffect(() => {
    const ended = new AbortController();
    readMode().then(
      (found) => !ended.signal.aborted && setShown(found),
      () => undefined,
    );
    return () => ended.abort();
  }, []);
  const choose = (wanted: PushMode) => {
    const before = mode;
    setShown(wanted);
    setMode(wanted).then(
      () => setRefused(false),
      () => {
        setShown(before);
        setRefused(true);
      },
    );
  };
  return (
    <fieldset className="pushes-modes">
      <legend className="field-label">{words.mode}</legend>
      {MODES.map((each) => (
        <label key={each} className="chip">
          <input
            type="radio"
            name="mode"
            className="chip-box"
            value={each}
            checked={each === mode}
            onChange={() => choose(each)}
          />
          <span className="chip-word">{words.modes[each]}</span>
        </label>
      ))}
      <p className="field-hint field-bad" role="status">
        {isRefused && words.modeFailed}
      </p>
    </fieldset>
  );
}

interface TableProps {
  entries: readonly PushEntry[];
  chosen: string | undefined;
  onChoose: (id: string) => void;
}

const COLUMNS = ["at", "to", "kind", "caller", "state", "verdict"] as const;

function Table({ entries, chosen, onChoose }: TableProps): ReactNode {
  const { pushes: words } = useWords();
  return (
    <div className="pushes-scroll card">
      <table className="pushes-table">
        <caption className="spoken">{words.table}</caption>
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} scope="col">
                {words.columns[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} isChosen={entry.id === chosen} onChoose={() => onChoose(entry.id)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ entry, isChosen, onChoose }: { entry: PushEntry; isChosen: boolean; onChoose: () => void }): ReactNode {
  const { asleep, pushes: words } = useWords();
  const { atMs, caller, device, id, kind, state, user } = entry;
  const word = asleep.kinds[kind];
  // The stream tells what became of it; what the server does not take stays as it was.
  const act = (what: "deliver" | "lose") => void decide(id, what).catch(() => undefined);
  return (
    <tr className={isChosen ? "pushes-chosen" : undefined} data-push={id} data-state={state}>
      <td>
        <time dateTime={new Date(atMs).toISOString()}>{clockTime(atMs)}</time>
      </td>
      <td>
        <bdi>{user}</bdi> <code className="pushes-device">{device}</code>
      </td>
      <td>
        <button type="button" className="pushes-look" aria-label={words.look(word, user)} onClick={onChoose}>
          {word}
        </button>
      </td>
      <td>
        <bdi>{caller}</bdi>
      </td>
      <td>
        <span className={`pushes-state pushes-state-${state}`}>{words.states[state]}</span>
      </td>
      <td>
        {state === "held" ? (
          <span className="pushes-acts">
            <button
              type="button"
              className="button button-small button-main"
              aria-label={words.deliverOf(word, user)}
              onClick={() => act("deliver")}
            >
              {words.deliver}
            </button>
            <button
              type="button"
              className="button button-small"
              aria-label={words.loseOf(word, user)}
              onClick={() => act("lose")}
            >
              {words.lose}
            </button>
          </span>
        ) : (
          <span className="pushes-verdict">{words.verdicts[state]}</span>
        )}
      </td>
    </tr>
  );
}

/** The whole document of a push, beside the table. */
function Drawer({ entry, title, onClose }: { entry: PushEntry; title: string; onClose: () => void }): ReactNode {
  const { pushes: words } = useWords();
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    place.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <aside
      ref={place}
      className="pushes-drawer"
      aria-label={title}
      tabIndex={-1}
      onKeyDown={({ key }) => key === "Escape" && onClose()}
    >
      <header className="trace-head">
        <h2 className="trace-title">{words.drawer}</h2>
        <button type="button" className="icon-button" aria-label={words.close} title={words.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {/* It may be longer than the screen, and must be reached by keyboard. */}
      <pre className="pushes-document" tabIndex={0}>
        {documentText(entry.document)}
      </pre>
    </aside>
  );
}

/** To the millisecond: what follows upon what is often decided there. */
function clockTime(atMs: number): string {
  const at = new Date(atMs);
  const two = (part: number) => String(part).padStart(2, "0");
  const seconds = `${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
  return `${two(at.getHours())}:${two(at.getMinutes())}:${seconds}`;
}
