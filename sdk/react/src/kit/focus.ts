// Where the keyboard is.
import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";

/** Focuses the element when it appears, so that its label is read and the keyboard begins there. */
export function useFirstFocus<Element extends HTMLElement>(): RefObject<Element | null> {
  const ref = useRef<Element>(null);
  useEffect(() => ref.current?.focus({ preventScroll: true }), []);
  return ref;
}

/** Gives the focus back to what had it, when the component goes. @param isOn whether it takes the focus at all */
export function useFocusReturn(isOn: boolean): void {
  const before = useRef<Element | null>(null);
  // Looked at before, and given back after, the effects of what takes the focus.
  useLayoutEffect(() => {
    if (isOn) before.current = document.activeElement;
  }, [isOn]);
  useEffect(() => {
    if (!isOn) return undefined;
    return () => {
      const element = before.current;
      // A page that was removed meanwhile has nothing to focus.
      if (element instanceof HTMLElement && element.isConnected) element.focus({ preventScroll: true });
    };
  }, [isOn]);
}

/** The elements that the keyboard may reach in a place, in their order. */
export function focusable(place: Element): HTMLElement[] {
  const wanted = "button:not(:disabled), a[href], input:not(:disabled), select:not(:disabled), [tabindex='0']";
  return [...place.querySelectorAll<HTMLElement>(wanted)];
}
