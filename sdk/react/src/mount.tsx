// The kit for people without React.
import type { Client, UserId } from "@offhook/client";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import type { PlaceOptions } from "./desk/desk.js";
import { CallKit, type CallKitProps } from "./kit/call_kit.js";
import { useDesk } from "./hooks/desk.js";
import type { KitOptions } from "./options.js";
import { OffhookProvider } from "./provider.js";

export interface MountOptions extends KitOptions, CallKitProps {
  client: Client;
}

/** A kit that has been placed. */
export interface Mounted {
  /** Changes options; what is not named stays. */
  update(changes: Partial<Omit<MountOptions, "client">>): void;
  /** Calls users, with the kit's pages. */
  call(users: readonly UserId[], options?: PlaceOptions): void;
  unmount(): void;
}

/** Places the kit in an element. */
export function mount(element: Element, options: MountOptions): Mounted {
  const root = createRoot(element);
  let now = options;
  let place: ((users: readonly UserId[], how?: PlaceOptions) => void) | undefined;
  const waiting: (() => void)[] = [];
  const onReady = (ready: typeof place) => {
    place = ready;
    for (const each of waiting.splice(0)) each();
  };
  const render = () => {
    const { place: where, ...rest } = now;
    root.render(
      <StrictMode>
        <OffhookProvider {...rest}>
          <CallKit {...(where === undefined ? {} : { place: where })} />
          <Reach onReady={onReady} />
        </OffhookProvider>
      </StrictMode>,
    );
  };
  render();
  return {
    update: (changes) => {
      now = { ...now, ...changes };
      render();
    },
    call: (users, how) => {
      if (place) place(users, how);
      else waiting.push(() => place?.(users, how));
    },
    unmount: () => root.unmount(),
  };
}

/** Hands the desk to those outside of React. */
function Reach({
  onReady,
}: {
  onReady: (place: (users: readonly UserId[], how?: PlaceOptions) => void) => void;
}): null {
  const { desk } = useDesk();
  onReady((users, how) => void desk.place(users, how));
  return null;
}
