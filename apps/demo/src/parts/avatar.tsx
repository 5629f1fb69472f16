// The round sign of a person: the first letter of their name, on the color that the kit gives them.
import { hueOf } from "@offhook/react";
import type { CSSProperties, ReactNode } from "react";
import type { Presence } from "../people/people.js";

interface AvatarProps {
  user: string;
  name: string;
  size?: "large" | "medium" | "small";
  /** Shown as a dot; words must stand beside it. */
  presence?: Presence;
}

/** Nothing for a screen reader: the name stands beside it. */
export function Avatar({ user, name, size = "medium", presence }: AvatarProps): ReactNode {
  // Set by CSSOM, which a strict policy permits.
  const hue = { "--oh-hue": hueOf(user) } as CSSProperties;
  return (
    <span className={`avatar avatar-${size}`} style={hue} aria-hidden="true">
      {(Array.from(name)[0] ?? "?").toUpperCase()}
      {presence && <span className={`dot dot-${presence}`} />}
    </span>
  );
}
