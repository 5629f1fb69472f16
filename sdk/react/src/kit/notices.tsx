// Sentences that come and go: who came, who left, what did not work. Each is read out once.
import type { ReactElement } from "react";
import type { Notice } from "../desk/state.js";
import { useDesk, useName, useWords } from "../hooks/desk.js";
import { leftOutWords, problemWords } from "../words/problems.js";
import { IconButton } from "./buttons.js";

export function Notices(): ReactElement {
  const { state } = useDesk();
  return (
    <div className="oh-notices" role="status" aria-live="polite" aria-atomic="false">
      {state.notices.slice(-3).map((notice) => (
        <NoticeView key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function NoticeView({ notice }: { notice: Notice }): ReactElement {
  const words = useWords();
  const { desk } = useDesk();
  const name = useName("user" in notice ? notice.user : "");
  return (
    <div className="oh-notice">
      <span>{textOf(words, notice, name)}</span>
      <IconButton icon="close" label={words.dismiss} onClick={() => desk.dismissNotice(notice.id)} />
    </div>
  );
}

function textOf(words: ReturnType<typeof useWords>, notice: Notice, name: string): string {
  switch (notice.kind) {
    case "already_in_call":
      return words.notice_in_call;
    case "busy":
      return words.notice_busy(name);
    case "declined":
      return words.notice_declined(name);
    case "entered":
      return words.notice_entered(name);
    case "left":
      return words.notice_left(name);
    case "left_out":
      return leftOutWords(words, name, notice.cause);
    case "problem":
      return problemWords(words, notice.problem);
    case "unanswered":
      return words.notice_unanswered(name);
  }
}
