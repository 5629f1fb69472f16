// The kit's buttons: round ones with a word below, small round ones, and plain ones with a word.
import type { ButtonHTMLAttributes, ReactElement, Ref } from "react";
import { classes } from "./classes.js";
import { Icon, type IconName } from "./icons.js";

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children" | "type">;

export interface RoundButtonProps extends Native {
  icon: IconName;
  /** Stands below, and is the name. */
  word: string;
  /** A fuller name, where the word is short. It should begin with the word. */
  label?: string | undefined;
  /** `off`: something is turned off by it, shown inverted. */
  tone?: "accept" | "end" | "off" | "quiet" | undefined;
  innerRef?: Ref<HTMLButtonElement> | undefined;
}

/** A large round button with its word below. */
export function RoundButton({
  icon,
  word,
  label,
  tone = "quiet",
  innerRef,
  ...native
}: RoundButtonProps): ReactElement {
  return (
    <button
      {...native}
      type="button"
      ref={innerRef}
      className={classes("oh-round", `oh-round-${tone}`, native.className)}
      {...(label === undefined ? {} : { "aria-label": label })}
    >
      <span className="oh-round-disk">
        <Icon name={icon} />
      </span>
      <span className="oh-round-word">{word}</span>
    </button>
  );
}

export interface IconButtonProps extends Native {
  icon: IconName;
  /** The name; also shown as a tooltip. */
  label: string;
  tone?: "accept" | "end" | "plain" | undefined;
  innerRef?: Ref<HTMLButtonElement> | undefined;
}

/** A small round button without a word. */
export function IconButton({ icon, label, tone = "plain", innerRef, ...native }: IconButtonProps): ReactElement {
  return (
    <button
      {...native}
      type="button"
      ref={innerRef}
      className={classes("oh-icon-button", `oh-icon-button-${tone}`, native.className)}
      aria-label={label}
      title={label}
    >
      <Icon name={icon} />
    </button>
  );
}

export interface TextButtonProps extends Native {
  word: string;
  icon?: IconName | undefined;
  label?: string | undefined;
  tone?: "accept" | "end" | "link" | "quiet" | undefined;
  type?: "button" | "submit" | undefined;
  innerRef?: Ref<HTMLButtonElement> | undefined;
}

/** A button with a word. */
export function TextButton(props: TextButtonProps): ReactElement {
  const { word, icon, label, tone = "quiet", type = "button", innerRef, ...native } = props;
  return (
    <button
      {...native}
      type={type}
      ref={innerRef}
      className={classes("oh-text-button", `oh-text-button-${tone}`, native.className)}
      {...(label === undefined ? {} : { "aria-label": label })}
    >
      {icon && <Icon name={icon} />}
      <span>{word}</span>
    </button>
  );
}
