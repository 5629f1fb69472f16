// What opens beside a call: at its end in a wide place, from below in a narrow one.
import { type KeyboardEvent, type ReactElement, type ReactNode, useId } from "react";
import { useWords } from "../hooks/desk.js";
import { IconButton } from "./buttons.js";
import { useFirstFocus, useFocusReturn } from "./focus.js";

export interface PanelProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

export function Panel({ title, onClose, children }: PanelProps): ReactElement {
  const words = useWords();
  const titleId = useId();
  useFocusReturn(true);
  const first = useFirstFocus<HTMLElement>();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onClose();
  };
  return (
    <aside ref={first} className="oh-panel" aria-labelledby={titleId} tabIndex={-1} onKeyDown={onKeyDown}>
      <header className="oh-panel-header">
        <h2 id={titleId} className="oh-panel-title">
          {title}
        </h2>
        <IconButton icon="close" label={words.close} onClick={onClose} />
      </header>
      <div className="oh-panel-body">{children}</div>
    </aside>
  );
}
