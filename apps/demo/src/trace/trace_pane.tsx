// The trace beside the call: how its legs stand, and every line that led there.
import { useClient, useConnection } from "@offhook/react";
import { type ReactNode, useMemo, useState } from "react";
import { Icon } from "../parts/icon.js";
import { useStore } from "../store.js";
import { useWords } from "../words/index.js";
import { asText, type Choice, chosen, EVERYTHING } from "./choose.js";
import { Legs } from "./legs.js";
import { latestCall } from "./log.js";
import { Lines } from "./lines.js";
import type { TraceLog } from "./trace_log.js";

interface TracePaneProps {
  log: TraceLog;
  onClose: () => void;
}

const SORTS = ["frames", "events", "outcomes", "regular"] as const;

export function TracePane({ log, onClose }: TracePaneProps): ReactNode {
  const words = useWords();
  const trace = useStore(log);
  const [wanted, setWanted] = useState<Choice>(EVERYTHING);
  const [isOneCall, setOneCall] = useState(false);
  const call = latestCall(trace);
  const shown = useMemo(() => {
    const choice = isOneCall && call ? { ...wanted, call: call.id } : wanted;
    return chosen(trace.entries, choice, words);
  }, [trace.entries, wanted, isOneCall, call, words]);
  return (
    <aside className="trace" aria-label={words.trace.title}>
      <header className="trace-head">
        <h2 className="trace-title">{words.trace.title}</h2>
        <CutButton />
        <button
          type="button"
          className="icon-button"
          aria-label={words.trace.close}
          title={words.trace.close}
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </header>
      <Legs call={call} />
      <div className="trace-tools">
        <input
          className="field field-small"
          type="search"
          aria-label={words.trace.search}
          placeholder={words.trace.search}
          value={wanted.search}
          onChange={({ target }) => setWanted({ ...wanted, search: target.value })}
        />
        <CopyButton text={() => shown.map((entry) => asText(entry, words, performance.timeOrigin)).join("\n")} />
        <button type="button" className="button button-small" onClick={() => log.clear()}>
          {words.trace.clear}
        </button>
      </div>
      <fieldset className="trace-sorts">
        <legend className="spoken">{words.trace.show}</legend>
        {SORTS.map((sort) => (
          <Tick
            key={sort}
            label={words.trace[sort]}
            isOn={wanted[sort]}
            onChange={(on) => setWanted({ ...wanted, [sort]: on })}
          />
        ))}
        {call && <Tick label={words.trace.thisCall} isOn={isOneCall} onChange={setOneCall} />}
      </fieldset>
      <Lines entries={shown} isEmpty={trace.entries.length === 0} />
    </aside>
  );
}

function Tick({
  label,
  isOn,
  onChange,
}: {
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}): ReactNode {
  return (
    <label className="chip">
      <input type="checkbox" className="chip-box" checked={isOn} onChange={({ target }) => onChange(target.checked)} />
      <span className="chip-word">{label}</span>
    </label>
  );
}

/** Loses the connection as a network would, to see what becomes of a call meanwhile. */
function CutButton(): ReactNode {
  const { trace } = useWords();
  const client = useClient();
  const isCut = useConnection().state === "disconnected";
  return (
    <button
      type="button"
      className="button button-small"
      onClick={() => (isCut ? client.connect() : client.disconnect())}
    >
      {isCut ? trace.mend : trace.cut}
    </button>
  );
}

function CopyButton({ text }: { text: () => string }): ReactNode {
  const { trace } = useWords();
  const [said, setSaid] = useState<"copied" | "copy" | "notCopied">("copy");
  const copy = () => {
    const written = navigator.clipboard.writeText(text());
    written.then(
      () => setSaid("copied"),
      () => setSaid("notCopied"),
    );
  };
  return (
    <button type="button" className="button button-small" onClick={copy} onBlur={() => setSaid("copy")}>
      <span role="status">{trace[said]}</span>
    </button>
  );
}
