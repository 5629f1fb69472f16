// A menu that opens from a button: arrows move, Escape closes, the focus returns.
import { type KeyboardEvent, type ReactElement, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { classes } from "./classes.js";
import { Icon, type IconName } from "./icons.js";

export interface MenuProps {
  /** Makes the button. */
  trigger: (props: TriggerProps) => ReactElement;
  label: string;
  className?: string | undefined;
  children: ReactNode;
}

/** What the button that opens a menu must bear. */
export interface TriggerProps {
  "aria-controls": string;
  "aria-expanded": boolean;
  "aria-haspopup": "menu";
  onClick: () => void;
}

const ITEMS = "[role^='menuitem']:not(:disabled)";

export function Menu({ trigger, label, className, children }: MenuProps): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const place = useRef<HTMLDivElement>(null);
  const close = () => {
    setOpen(false);
    place.current?.querySelector<HTMLElement>("[aria-haspopup='menu']")?.focus();
  };
  useOutside(place, isOpen, () => setOpen(false));
  return (
    <div ref={place} className={classes("oh-menu-place", className)}>
      {trigger({
        "aria-controls": id,
        "aria-expanded": isOpen,
        "aria-haspopup": "menu",
        onClick: () => setOpen((was) => !was),
      })}
      {isOpen && (
        <MenuList id={id} label={label} onClose={close}>
          {children}
        </MenuList>
      )}
    </div>
  );
}

function MenuList(props: { id: string; label: string; onClose: () => void; children: ReactNode }): ReactElement {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const all = visibleItems(list.current);
    (all.find((item) => item.getAttribute("aria-checked") === "true") ?? all[0])?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const all = visibleItems(list.current);
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = next(event.key, at, all.length);
    if (event.key === "Escape" || event.key === "Tab") {
      // The page below has its own meaning for Escape.
      event.stopPropagation();
      props.onClose();
    } else if (to !== undefined) {
      event.preventDefault();
      all[to]?.focus();
    }
  };
  return (
    <div
      ref={list}
      id={props.id}
      role="menu"
      aria-label={props.label}
      className="oh-menu"
      onKeyDown={onKeyDown}
      onClick={(event) => {
        if ((event.target as Element).closest(ITEMS)) props.onClose();
      }}
    >
      {props.children}
    </div>
  );
}

export interface MenuItemProps {
  word: string;
  icon?: IconName | undefined;
  /** Of a choice: whether it is the chosen one. */
  isChosen?: boolean | undefined;
  className?: string | undefined;
  tone?: "end" | undefined;
  onChoose: () => void;
}

export function MenuItem({ word, icon, isChosen, className, tone, onChoose }: MenuItemProps): ReactElement {
  const isChoice = isChosen !== undefined;
  return (
    <button
      type="button"
      tabIndex={-1}
      role={isChoice ? "menuitemradio" : "menuitem"}
      className={classes("oh-menu-item", tone && `oh-menu-item-${tone}`, className)}
      {...(isChoice ? { "aria-checked": isChosen } : {})}
      onClick={onChoose}
    >
      <span className="oh-menu-mark">
        {isChoice ? isChosen && <Icon name="check" /> : icon && <Icon name={icon} />}
      </span>
      <span className="oh-menu-word">{word}</span>
    </button>
  );
}

/** Items that belong together, under a title. */
export function MenuGroup({ title, children }: { title: string; children: ReactNode }): ReactElement {
  return (
    <div role="group" aria-label={title} className="oh-menu-group">
      <div className="oh-menu-title" aria-hidden="true">
        {title}
      </div>
      {children}
    </div>
  );
}

/** Some items are for narrow places only. */
function visibleItems(list: Element | null): HTMLElement[] {
  const all = [...(list?.querySelectorAll<HTMLElement>(ITEMS) ?? [])];
  return all.filter((item) => getComputedStyle(item).display !== "none");
}

function next(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case "ArrowDown":
      return (at + 1) % count;
    case "ArrowUp":
      return (at - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}

function useOutside(place: { readonly current: Element | null }, isOn: boolean, call: () => void): void {
  useEffect(() => {
    if (!isOn) return undefined;
    const page = place.current?.ownerDocument ?? document;
    const listen = (event: Event) => {
      if (!(event.target instanceof Node) || !place.current?.contains(event.target)) call();
    };
    page.addEventListener("pointerdown", listen, { capture: true });
    return () => page.removeEventListener("pointerdown", listen, { capture: true });
  });
}
