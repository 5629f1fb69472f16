// A user's picture, or the first letter of their name on a color that they always have.
import type { UserId } from "@offhook/client";
import { type CSSProperties, type ReactElement, useState } from "react";
import { useUsers } from "../hooks/desk.js";
import { hueOf, initial, safeAvatarUrl } from "../text/names.js";

/** Custom properties are set by CSSOM, which a strict policy permits. */
export function hueStyle(user: UserId): CSSProperties {
  return { "--oh-hue": hueOf(user) } as CSSProperties;
}

export type AvatarSize = "huge" | "large" | "medium" | "small";

/** Decoration: the name must stand beside it. */
export function Avatar({ user, size = "medium" }: { user: UserId; size?: AvatarSize }): ReactElement {
  const person = useUsers([user]).get(user);
  const url = safeAvatarUrl(person?.avatarUrl, globalThis.location.href);
  const [broken, setBroken] = useState<string>();
  return (
    <span className={`oh-avatar oh-avatar-${size}`} style={hueStyle(user)} aria-hidden="true">
      {url !== undefined && url !== broken ? (
        <img src={url} alt="" referrerPolicy="no-referrer" draggable={false} onError={() => setBroken(url)} />
      ) : (
        initial(person?.name ?? user)
      )}
    </span>
  );
}

/** As many faces as fit, overlapping. */
export function Faces({ users, size }: { users: readonly UserId[]; size: AvatarSize }): ReactElement {
  return (
    <span className="oh-faces">
      {users.slice(0, 4).map((user) => (
        <Avatar key={user} user={user} size={size} />
      ))}
    </span>
  );
}
