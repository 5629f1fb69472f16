// A question that must be answered before anything else: yes, or stay.
import { type KeyboardEvent, type ReactElement, useId } from "react";
import { TextButton } from "./buttons.js";
import { focusable, useFirstFocus, useFocusReturn } from "./focus.js";

export interface QuestionProps {
  title: string;
  detail: string;
  yes: string;
  no: string;
  onYes: () => void;
  onNo: () => void;
}

export function Question({ title, detail, yes, no, onYes, onNo }: QuestionProps): ReactElement {
  const [titleId, detailId] = [useId(), useId()];
  useFocusReturn(true);
  const first = useFirstFocus<HTMLButtonElement>();
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      onNo();
    }
    if (event.key === "Tab") holdFocus(event);
  };
  return (
    <div className="oh-scrim" onKeyDown={onKeyDown}>
      <div
        role="alertdialog"
        aria-modal="true"
        aria-labelledby={titleId}
        aria-describedby={detailId}
        className="oh-question"
      >
        <h2 id={titleId} className="oh-question-title">
          {title}
        </h2>
        <p id={detailId} className="oh-soft">
          {detail}
        </p>
        <div className="oh-question-actions">
          <TextButton innerRef={first} word={no} onClick={onNo} />
          <TextButton word={yes} tone="end" onClick={onYes} />
        </div>
      </div>
    </div>
  );
}

/** From the last button to the first, and back: the rest of the call is not to be reached. */
function holdFocus(event: KeyboardEvent<HTMLDivElement>): void {
  const all = focusable(event.currentTarget);
  const [first, last] = [all[0], all.at(-1)];
  const now = event.currentTarget.ownerDocument.activeElement;
  const to = event.shiftKey ? (now === first ? last : undefined) : now === last ? first : undefined;
  if (!to) return;
  event.preventDefault();
  to.focus();
}
