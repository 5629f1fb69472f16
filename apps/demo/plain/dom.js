// Elements, icons and avatars. Text goes in as text nodes alone: no name and no message ever becomes markup.

const SVG = "http://www.w3.org/2000/svg";
const TONES = 6;
/** Strokes on a grid of 24; a handset is drawn filled. */
const ICONS = {
  add: ["M12 5v14", "M5 12h14"],
  back: ["M15 5l-7 7 7 7"],
  camera: [
    "M4 7.5h10a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 15V9A1.5 1.5 0 0 1 4 7.5z",
    "M15.5 11l6-3.5v9l-6-3.5",
  ],
  camera_off: [
    "M9.5 7.5H14A1.5 1.5 0 0 1 15.5 9v4.5",
    "M14.5 16.4a1.5 1.5 0 0 1-.5.1H4A1.5 1.5 0 0 1 2.5 15V9A1.5 1.5 0 0 1 4 7.5h1",
    "M15.5 11l6-3.5v9",
    "M3 3l18 18",
  ],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  incoming: ["M18 6L7 17", "M7 8v9h9"],
  microphone: ["M12 3.5a3 3 0 0 1 3 3V11a3 3 0 0 1-6 0V6.5a3 3 0 0 1 3-3z", "M5.5 11a6.5 6.5 0 0 0 13 0", "M12 17.5v3"],
  microphone_off: [
    "M9 9.5V11a3 3 0 0 0 4.5 2.6",
    "M9.2 5.4A3 3 0 0 1 15 6.5V11",
    "M5.5 11a6.5 6.5 0 0 0 10.4 5.2",
    "M18.5 11a6.5 6.5 0 0 1-.6 2.7",
    "M12 17.5v3",
    "M4 4l16 16",
  ],
  outgoing: ["M6 18L17 7", "M8 7h9v9"],
  screen: ["M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z", "M9 20.5h6", "M12 17v3.5"],
  silent: ["M6.5 16.5v-5a5.5 5.5 0 0 1 8.6-4.5", "M17.5 11v5.5h-9", "M4.5 16.5h1", "M10.5 19.5h3", "M4.5 4.5l15 15"],
  trace: ["M4 7h10", "M4 12h16", "M4 17h7"],
  video: [
    "M4 7.5h10a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 15V9A1.5 1.5 0 0 1 4 7.5z",
    "M15.5 11l6-3.5v9l-6-3.5",
  ],
};
const HANDSET =
  "M7.6 3.4 5.4 3.9C4 4.3 3.2 5.5 3.4 7c.9 7 6.6 12.7 13.6 13.6 1.5.2 2.7-.6 3.1-2l.5-2.2" +
  "c.1-.6-.2-1.2-.7-1.5l-3.4-1.7c-.5-.2-1.1-.1-1.5.3l-1.4 1.5c-2.3-1.1-4.1-2.9-5.2-5.2l1.5-1.4" +
  "c.4-.4.5-1 .3-1.5L8.7 4.1c-.2-.5-.6-.8-1.1-.7z";

/**
 * @param {string} tag
 * @param {Record<string, any>} [props] attributes; `onclick` and the like are listeners; false and null leave out
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** @param {string} tag @param {Record<string, string | number>} attributes */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** @param {string} name a key of `ICONS`, `phone` or `hang_up` */
export function icon(name) {
  const isHandset = name === "phone" || name === "hang_up";
  const paths = isHandset ? [svg("path", { d: HANDSET })] : ICONS[name].map((d) => svg("path", { d }));
  const kind = isHandset ? "icon icon-filled" : "icon";
  const turned = name === "hang_up" ? " icon-down" : "";
  return svg(
    "svg",
    { viewBox: "0 0 24 24", class: kind + turned, "aria-hidden": "true", focusable: "false" },
    ...paths,
  );
}

/** @param {string} user @param {"large" | "medium" | "small"} size */
export function avatar(user, size) {
  const initials = user
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .split(" ")
    .slice(0, 2);
  const letters =
    initials
      .map((word) => [...word][0] ?? "")
      .join("")
      .toUpperCase() || "?";
  let sum = 0;
  for (const letter of user) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return el("span", { class: `avatar avatar-${size} tone-${sum % TONES}`, "aria-hidden": "true" }, letters);
}

/**
 * A large round action with its word beneath.
 * @param {{icon: string, word: string, tone: string, key: string, onclick: () => void, label?: string, isDisabled?: boolean}} parts
 */
export function round({ icon: name, word, tone, key, onclick, label, isDisabled = false }) {
  const named = { "data-key": key, "aria-label": label ?? null, disabled: isDisabled };
  return el(
    "button",
    { type: "button", class: `round round-${tone}`, ...named, onclick },
    el("span", { class: "round-disk" }, icon(name)),
    el("span", { class: "round-word" }, word),
  );
}

/**
 * Puts new content into a place and keeps the keyboard where it was, by `data-key`.
 * @param {HTMLElement} place
 * @param {Node[]} children
 */
export function refill(place, children) {
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.getAttribute("data-key");
  const typed = focused instanceof HTMLInputElement && focused.type === "text" ? focused.value : null;
  place.replaceChildren(...children);
  if (!focused) return;
  const next = key ? place.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
  if (typed !== null && next instanceof HTMLInputElement) next.value = typed;
  (next ?? place.querySelector("[data-first]") ?? place).focus({ preventScroll: true });
}
