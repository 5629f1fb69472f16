// How large an element is.
import { useEffect, useState } from "react";
import type { Size } from "./layout.js";

/** Until it is known. */
const UNMEASURED: Size = { width: 640, height: 360 };

/** The size of an element in pixels of the page, and where to hang the hook. */
export function useSize(): [size: Size, ref: (element: HTMLElement | null) => void] {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [size, setSize] = useState<Size>(UNMEASURED);
  useEffect(() => {
    if (!element || typeof ResizeObserver === "undefined") return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const box = entry?.contentRect;
      if (box) setSize({ width: box.width, height: box.height });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return [size, setElement];
}
