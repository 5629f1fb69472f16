// The user is in a call that this page does not show: on another device, or here before the page was opened.
import type { CallState } from "@offhook/client";
import type { ReactElement } from "react";
import { mediaOf } from "../desk/state.js";
import { useDesk, useWords } from "../hooks/desk.js";
import { useLook } from "../hooks/use_look.js";
import { Faces } from "./avatar.js";
import { IconButton, TextButton } from "./buttons.js";
import { useCallTitle } from "./titles.js";

export function AwayBar({ call, isHere }: { call: CallState; isHere: boolean }): ReactElement {
  const words = useWords();
  const { desk, state } = useDesk();
  const title = useCallTitle(call);
  const users = call.legs.map((leg) => leg.user).filter((user) => user !== state.me);
  const isVideo = mediaOf(call.media) === "video";
  useLook(call.id, !isHere);
  return (
    <section className="oh-card" role="status" aria-label={isHere ? words.return_title : words.elsewhere_title}>
      <Faces users={users.slice(0, 2)} size="small" />
      <div className="oh-card-text">
        <strong>{isHere ? words.return_title : words.elsewhere_title}</strong>
        <span>{words.return_detail(title)}</span>
      </div>
      <IconButton icon="close" label={words.close} onClick={() => desk.close(call.id)} />
      <div className="oh-card-actions">
        {isHere && (
          <TextButton tone="end" icon="hang_up" word={words.hang_up} onClick={() => void desk.hangUp(call.id)} />
        )}
        {(isHere || call.mode !== "general") && (
          <TextButton
            tone="accept"
            icon={isVideo ? "camera" : "phone"}
            word={isHere ? (isVideo ? words.join_video : words.join_voice) : words.take_here}
            onClick={() => void desk.join(call.id)}
          />
        )}
      </div>
    </section>
  );
}
