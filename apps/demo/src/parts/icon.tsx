// The app's own icons: strokes on a grid of 24, drawn for this app.
import type { ReactNode } from "react";

const PATHS = {
  add: ["M12 5v14", "M5 12h14"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  copy: [
    "M9 9h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1z",
    "M16 6V5a1 1 0 0 0-1-1H6a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h1",
  ],
  group: [
    "M9 11.5a3.25 3.25 0 1 0 0-6.5 3.25 3.25 0 0 0 0 6.5z",
    "M3 19c.4-3 2.8-4.75 6-4.75S14.6 16 15 19",
    "M15.5 5.3a3.25 3.25 0 0 1 0 6",
    "M17.5 14.7c1.9.6 3.2 2.1 3.5 4.3",
  ],
  moon: ["M19.5 14.2A7.75 7.75 0 0 1 9.8 4.5a7.75 7.75 0 1 0 9.7 9.7z"],
  open: [
    "M14 4h6v6",
    "M20 4l-9 9",
    "M18 14v4.5a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 4 18.5v-11A1.5 1.5 0 0 1 5.5 6H10",
  ],
  people: ["M12 11.5a3.75 3.75 0 1 0 0-7.5 3.75 3.75 0 0 0 0 7.5z", "M5 20c.5-3.6 3.3-5.5 7-5.5s6.5 1.9 7 5.5"],
  phone: [
    "M7.5 4H5.2C4.5 4 4 4.6 4 5.3 4.4 13 11 19.6 18.7 20c.7 0 1.3-.5 1.3-1.2v-2.3c0-.6-.4-1.1-1-1.2l-3.1-.6c-.4-.1-.9.1-1.1.4l-1 1.3a13 13 0 0 1-6.2-6.2l1.3-1c.3-.2.5-.7.4-1.1L8.7 5c-.1-.6-.6-1-1.2-1z",
  ],
  recents: ["M12 7v5.2l3.4 2", "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17z"],
  search: ["M11 17.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13z", "M15.8 15.8L20 20"],
  settings: ["M4 7h9", "M17 7h3", "M15 5v4", "M4 12h3", "M11 12h9", "M9 10v4", "M4 17h7", "M15 17h5", "M13 15v4"],
  trace: ["M4 6h10", "M4 10.5h16", "M4 15h7", "M4 19.5h13"],
  video: [
    "M4.5 6.5h9A1.5 1.5 0 0 1 15 8v8a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 16V8a1.5 1.5 0 0 1 1.5-1.5z",
    "M15 11l6-3.5v9L15 13",
  ],
} as const;

/** The icons there are. */
export type IconName = keyof typeof PATHS;

/** A picture beside words, or in a button that has a label; nothing for a screen reader. */
export function Icon({ name }: { name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {PATHS[name].map((path) => (
        <path key={path} d={path} />
      ))}
    </svg>
  );
}
