// How the legs of a call stand.
import type { ReactNode } from "react";
import { Avatar } from "../parts/avatar.js";
import { useWords } from "../words/index.js";
import type { TracedCall } from "./log.js";

/** Statuses by what they look like; the word says which it is. */
const LOOKS: Readonly<Record<string, string>> = {
  accepted: "in",
  inviting: "rings",
  not_yet_received: "rings",
  received: "rings",
};

export function Legs({ call }: { call: TracedCall | undefined }): ReactNode {
  const { trace } = useWords();
  if (!call) return <p className="trace-none">{trace.noCall}</p>;
  return (
    <section className="legs">
      <ul className="legs-list" tabIndex={0} aria-label={trace.legs}>
        {[...call.legs].map(([user, status]) => (
          <li key={user} className={`leg leg-${LOOKS[status] ?? "out"}`}>
            <Avatar user={user} name={user} size="small" />
            <span className="leg-user">{user}</span>
            <span className="leg-status">{trace.legState(status)}</span>
          </li>
        ))}
      </ul>
      <p className="legs-call">
        <code>{call.id}</code>
        <span>seq {call.seq}</span>
        {call.end && <span>{trace.over(call.end.cause)}</span>}
      </p>
    </section>
  );
}
