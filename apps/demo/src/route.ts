// Where in the app one is, as the address bar says it. Going elsewhere loads nothing anew.
import { Store } from "./store.js";

/** A page of somebody's app. */
export type Place = "people" | "recents" | "settings";

/** What is shown. */
export type Route =
  /** Who does one want to be? */
  | { readonly page: "choice" }
  /** What the development server pushes. */
  | { readonly page: "pushes" }
  /** The phone of `user`, which sleeps: no session, until it is woken and answers. */
  | { readonly page: "asleep"; readonly user: string }
  /** The app as `user`; `device` names this device, for who wants to say so. */
  | { readonly page: "app"; readonly user: string; readonly place: Place; readonly device?: string };

const PLACES: readonly Place[] = ["people", "recents", "settings"];
/** What the server takes for a user's id. */
const USER = /^[A-Za-z0-9!#$%&()+\-:;<=.>?@[\]^_{}|~]{1,32}$/;
/** What the server takes for a device's id. */
const DEVICE = /^[!-~]{1,64}$/;

/** The device that the sleeping phone is. */
export const ASLEEP = "asleep";

/** Whether the server would take it for a user's id. */
export function isUser(text: string): boolean {
  return USER.test(text);
}

/** The route that an address means. */
export function routeOf({ pathname, search }: { pathname: string; search: string }): Route {
  const [, head, name, place] = pathname.split("/");
  if (head === "dev" && name === "push") return { page: "pushes" };
  const user = head === "u" ? decoded(name ?? "") : "";
  if (!isUser(user)) return { page: "choice" };
  const asked = new URLSearchParams(search);
  const device = asked.get("device") ?? "";
  if (device === ASLEEP && !asked.has("awake")) return { page: "asleep", user };
  return {
    page: "app",
    user,
    place: PLACES.find((known) => known === place) ?? "people",
    ...(DEVICE.test(device) ? { device } : {}),
  };
}

/** The address of a route. */
export function addressOf(route: Route): string {
  switch (route.page) {
    case "choice":
      return "/";
    case "pushes":
      return "/dev/push";
    case "asleep":
      return `/u/${encodeURIComponent(route.user)}?device=${ASLEEP}`;
    case "app":
      return addressOfApp(route);
  }
}

function addressOfApp(route: Extract<Route, { page: "app" }>): string {
  const path = `/u/${encodeURIComponent(route.user)}${route.place === "people" ? "" : `/${route.place}`}`;
  if (route.device === undefined) return path;
  const asked = new URLSearchParams({ device: route.device });
  if (route.device === ASLEEP) asked.set("awake", "1");
  return `${path}?${asked.toString()}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // An address that somebody typed.
  }
}

/** The route of this tab. */
export class Router extends Store<Route> {
  readonly #window: Window;

  constructor(tab: Window) {
    super(routeOf(tab.location));
    this.#window = tab;
    tab.addEventListener("popstate", () => this.set(routeOf(tab.location)));
  }

  /** Goes there; the way back leads here. */
  go(route: Route): void {
    this.#window.history.pushState(null, "", addressOf(route));
    this.set(route);
  }
}
