// A page above the app's page, or inside a place of it.
import { type ReactElement, type ReactNode, useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { useFocusReturn } from "./focus.js";
import { Root } from "./root.js";

/** `page`: above everything. `inline`: it fills the element that it is placed in, which needs a height. */
export type Place = "inline" | "page";

export interface LayerProps {
  place: Place;
  /** Takes the whole page: nothing else can be reached meanwhile. */
  isModal: boolean;
  children: ReactNode;
}

/** Holds what the kit shows. */
export function Layer({ place, isModal, children }: LayerProps): ReactElement | null {
  const [host, setHost] = useState<HTMLElement>();
  const isAbove = place === "page";
  useEffect(() => {
    if (!isAbove) return undefined;
    const element = document.createElement("div");
    document.body.append(element);
    // The element is the effect's own: it cannot be made while rendering.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    setHost(element);
    return () => element.remove();
  }, [isAbove]);
  useInert(isAbove && isModal ? host : undefined);
  // After the above: what cannot be reached cannot be focused.
  useFocusReturn(isModal);
  if (!isAbove) return <Root className="oh-layer oh-layer-inline">{children}</Root>;
  return host ? createPortal(<Root className="oh-layer oh-layer-page">{children}</Root>, host) : null;
}

/** Takes everything beside the layer out of reach. An app keeps something in reach by the attribute `data-offhook-beside`. */
function useInert(host: HTMLElement | undefined): void {
  useEffect(() => {
    if (!host) return undefined;
    const beside = [...document.body.children].filter(
      (element): element is HTMLElement =>
        element instanceof HTMLElement &&
        element !== host &&
        !element.inert &&
        !element.hasAttribute("data-offhook-beside") &&
        element.querySelector("[data-offhook-beside]") === null,
    );
    for (const element of beside) element.inert = true;
    return () => {
      for (const element of beside) element.inert = false;
    };
  }, [host]);
}
