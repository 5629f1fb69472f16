// The kit's icons: a grid of 24, one width of line, the color of the text. They say nothing to a screen reader.
import type { ReactElement, ReactNode } from "react";

const SHAPES = {
  add: <path d="M12 5v14M5 12h14" />,
  add_person: (
    <>
      <circle cx="10" cy="8" r="3.75" />
      <path d="M3 20c.6-3.9 3.3-6 7-6 1.5 0 2.8.3 3.9.9M18 14v6M15 17h6" />
    </>
  ),
  arrow_in: <path d="M18 6 7 17M7 8.5V17h8.5" />,
  arrow_missed: <path d="M3 7.5 10.5 15 20 5.5M14 5.5h6v6M4 19.5h16" />,
  arrow_out: <path d="M6 18 17 7M8.5 7H17v8.5" />,
  bell_off: (
    <>
      <path d="M8.2 5.4A6 6 0 0 1 18 10c0 3 .6 4.8 1.4 6M16 17.5H4.5C5.3 16.2 6 14.2 6 11c0-1 .2-1.8.5-2.6" />
      <path d="M10 20.5c1 .9 3 .9 4 0M3.5 3.5l17 17" />
    </>
  ),
  camera: (
    <>
      <rect x="2.5" y="6" width="13" height="12" rx="3" />
      <path d="m15.5 11 4.3-2.9c.7-.5 1.7 0 1.7.9v6c0 .9-1 1.4-1.7.9L15.5 13" />
    </>
  ),
  camera_off: (
    <>
      <path d="M9 6h3.5a3 3 0 0 1 3 3v2l4.3-2.9c.7-.5 1.7 0 1.7.9v6c0 .9-1 1.4-1.7.9L17 14.5M15.3 16A3 3 0 0 1 12.5 18h-7a3 3 0 0 1-3-3V9a3 3 0 0 1 2-2.8" />
      <path d="m3.5 3.5 17 17" />
    </>
  ),
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  chevron_down: <path d="m6 9.5 6 6 6-6" />,
  close: <path d="M6 6l12 12M18 6 6 18" />,
  expand: <path d="M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7" />,
  flip: (
    <>
      <path d="M4 11a8 8 0 0 1 13.7-4.6L20 8.5M20 4v4.5h-4.5M20 13a8 8 0 0 1-13.7 4.6L4 15.5M4 20v-4.5h4.5" />
      <circle cx="12" cy="12" r="2" />
    </>
  ),
  full_screen: (
    <path d="M4 9V6.5A2.5 2.5 0 0 1 6.5 4H9M15 4h2.5A2.5 2.5 0 0 1 20 6.5V9M20 15v2.5a2.5 2.5 0 0 1-2.5 2.5H15M9 20H6.5A2.5 2.5 0 0 1 4 17.5V15" />
  ),
  full_screen_leave: (
    <path d="M9 4v2.5A2.5 2.5 0 0 1 6.5 9H4M20 9h-2.5A2.5 2.5 0 0 1 15 6.5V4M15 20v-2.5a2.5 2.5 0 0 1 2.5-2.5H20M4 15h2.5A2.5 2.5 0 0 1 9 17.5V20" />
  ),
  grid: (
    <>
      <rect x="3.5" y="4.5" width="7.5" height="6.5" rx="1.5" />
      <rect x="13" y="4.5" width="7.5" height="6.5" rx="1.5" />
      <rect x="3.5" y="13" width="7.5" height="6.5" rx="1.5" />
      <rect x="13" y="13" width="7.5" height="6.5" rx="1.5" />
    </>
  ),
  hang_up: (
    <path d="M2.8 14.2c-.6-1 0-2.6 1.2-3.5C6.2 9.1 9 8.3 12 8.3s5.8.8 8 2.4c1.2.9 1.8 2.5 1.2 3.5l-.7 1.2c-.4.7-1.2 1-2 .7l-2.5-.9c-.8-.3-1.2-1-1.1-1.8l.2-1.3a10.5 10.5 0 0 0-6.2 0l.2 1.3c.1.8-.3 1.5-1.1 1.8l-2.5.9c-.8.3-1.6 0-2-.7z" />
  ),
  microphone: (
    <>
      <rect x="9" y="3" width="6" height="11" rx="3" />
      <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />
    </>
  ),
  microphone_off: (
    <>
      <path d="M9.3 4.7A3 3 0 0 1 15 6v5M14.2 13A3 3 0 0 1 9 11V9M5.5 11.5a6.5 6.5 0 0 0 10.8 4.9M18.5 11.5c0 .9-.2 1.7-.5 2.5M12 18v3" />
      <path d="m3.5 3.5 17 17" />
    </>
  ),
  minimize: <path d="M20 10h-6V4M14 10l7-7M4 14h6v6M10 14l-7 7" />,
  more: (
    <>
      <circle cx="5.5" cy="12" r=".6" />
      <circle cx="12" cy="12" r=".6" />
      <circle cx="18.5" cy="12" r=".6" />
    </>
  ),
  people: (
    <>
      <circle cx="9" cy="8.5" r="3.5" />
      <path d="M2.5 19.5c.5-3.5 2.9-5.5 6.5-5.5s6 2 6.5 5.5M15.5 5.3a3.5 3.5 0 0 1 0 6.4M17.5 14.5c2.2.6 3.6 2.3 4 5" />
    </>
  ),
  phone: (
    <path d="M7.7 3.7c.8-.3 1.6.1 1.9.8l1.2 2.7c.3.7.1 1.4-.5 1.9l-1.2.9c1 2.3 2.6 3.9 4.9 4.9l.9-1.2c.5-.6 1.2-.8 1.9-.5l2.7 1.2c.7.3 1.1 1.1.8 1.9l-.6 1.7c-.5 1.4-1.9 2.2-3.3 1.9C9.9 18.7 5.3 14.1 4.1 7.6c-.3-1.4.5-2.8 1.9-3.3z" />
  ),
  picture_in_picture: (
    <>
      <path d="M20.5 10V7.5A2.5 2.5 0 0 0 18 5H6a2.5 2.5 0 0 0-2.5 2.5v9A2.5 2.5 0 0 0 6 19h3.5" />
      <rect x="12.5" y="13" width="8" height="6" rx="1.5" />
    </>
  ),
  remove_person: (
    <>
      <circle cx="10" cy="8" r="3.75" />
      <path d="M3 20c.6-3.9 3.3-6 7-6 1.5 0 2.8.3 3.9.9M15.5 15.5l5 5M20.5 15.5l-5 5" />
    </>
  ),
  screen: (
    <>
      <rect x="3" y="4.5" width="18" height="12.5" rx="2.5" />
      <path d="M12 13.5v-5.5M9.5 10.2 12 7.8l2.5 2.4M8.5 20.5h7" />
    </>
  ),
  screen_stop: (
    <>
      <rect x="3" y="4.5" width="18" height="12.5" rx="2.5" />
      <path d="m9.8 8.5 4.4 4.5M14.2 8.5 9.8 13M8.5 20.5h7" />
    </>
  ),
  settings: (
    <>
      <path d="M4 7.5h9M19 7.5h1M4 16.5h1M11 16.5h9" />
      <circle cx="16" cy="7.5" r="2.5" />
      <circle cx="8" cy="16.5" r="2.5" />
    </>
  ),
  sound: (
    <path d="M4 9.8v4.4c0 .7.5 1.2 1.2 1.2h2.6l4.2 3.4V5.2L7.8 8.6H5.2C4.5 8.6 4 9.1 4 9.8zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11" />
  ),
  speaker_view: (
    <>
      <rect x="3.5" y="4.5" width="17" height="9.5" rx="2" />
      <path d="M4.5 18.5h3M10.5 18.5h3M16.5 18.5h3" />
    </>
  ),
  warning: <path d="M12 4.5 21 19.5H3L12 4.5zM12 10.5v4M12 17v.1" />,
} satisfies Record<string, ReactNode>;

/** The name of an icon. */
export type IconName = keyof typeof SHAPES;

const FILLED: ReadonlySet<IconName> = new Set(["hang_up", "phone"]);
/** Those that point along the line of writing. */
const TURNED: ReadonlySet<IconName> = new Set(["arrow_in", "arrow_out", "arrow_missed", "sound"]);

export function Icon({ name }: { name: IconName }): ReactElement {
  const classes = ["oh-icon", FILLED.has(name) && "oh-icon-filled", TURNED.has(name) && "oh-icon-turned"];
  return (
    <svg className={classes.filter(Boolean).join(" ")} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {SHAPES[name]}
    </svg>
  );
}

/** Bars of a connection, 0–5; what they mean must be said beside them. */
export function QualityBars({ quality }: { quality: number }): ReactElement {
  return (
    <svg className="oh-icon oh-bars" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {[1, 2, 3, 4].map((bar) => (
        <rect
          key={bar}
          className={quality > bar || (quality === 1 && bar === 1) ? "oh-bar-on" : "oh-bar-off"}
          x={1 + bar * 4}
          y={18 - bar * 3}
          width="2.5"
          height={bar * 3}
          rx="1"
        />
      ))}
    </svg>
  );
}
