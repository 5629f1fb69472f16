// The own picture in a corner: dragged, moved by the arrow keys, or sent to the next corner by a press.
import { type KeyboardEvent, type PointerEvent, type ReactElement, type ReactNode, useRef, useState } from "react";
import { useWords } from "../../hooks/desk.js";
import { classes } from "../classes.js";
import { type Corner, cornerByKey, nearestCorner, nextCorner } from "./layout.js";

/** Less than this is a press with an unsteady hand. In pixels. */
const DRAG_FROM = 6;

export function CornerTile({ children, className }: { children: ReactNode; className?: string }): ReactElement {
  const words = useWords();
  const [corner, setCorner] = useState<Corner>("top-end");
  const { shift, wasDragged, ...drag } = useDrag(setCorner);
  const onKeyDown = (event: KeyboardEvent<HTMLButtonElement>) => {
    const to = cornerByKey(corner, event.key, isMirrored(event.currentTarget));
    if (!to) return;
    event.preventDefault();
    setCorner(to);
  };
  return (
    <button
      type="button"
      className={classes("oh-corner", `oh-corner-${corner}`, shift && "oh-corner-dragged", className)}
      aria-label={words.own_picture_move}
      style={shift ? { transform: `translate(${shift.x}px, ${shift.y}px)` } : {}}
      onKeyDown={onKeyDown}
      onClick={() => {
        if (!wasDragged()) setCorner(nextCorner(corner));
      }}
      {...drag}
    >
      {children}
    </button>
  );
}

interface Point {
  x: number;
  y: number;
}

function useDrag(settle: (corner: Corner) => void) {
  const [shift, setShift] = useState<Point>();
  const from = useRef<Point>(undefined);
  const dragged = useRef(false);
  const end = (event: PointerEvent<HTMLElement>) => {
    const place = event.currentTarget.offsetParent;
    if (from.current && dragged.current && place) {
      const box = place.getBoundingClientRect();
      const own = event.currentTarget.getBoundingClientRect();
      const middle = { x: own.left + own.width / 2 - box.left, y: own.top + own.height / 2 - box.top };
      settle(nearestCorner(middle, box, isMirrored(event.currentTarget)));
    }
    from.current = undefined;
    setShift(undefined);
  };
  return {
    shift,
    wasDragged: () => dragged.current,
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      from.current = { x: event.clientX, y: event.clientY };
      dragged.current = false;
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (!from.current) return;
      const by = { x: event.clientX - from.current.x, y: event.clientY - from.current.y };
      dragged.current ||= Math.hypot(by.x, by.y) > DRAG_FROM;
      if (dragged.current) setShift(by);
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
}

function isMirrored(element: Element): boolean {
  return getComputedStyle(element).direction === "rtl";
}
