// Where in the app one is, as the address bar says it. Going elsewhere loads nothing anew.
import { Store } from "./store.js";

/** A page of somebody's app. */
export type Place = "people" | "recents" | "settings";

/** What is shown. */
export type Route =
  /** Who does one want to be? */
  | { readonly page: "choice" }
  /** The app as `user`; `device` names this device, for who wants to say so. */
  | { readonly page: "app"; readonly user: string; readonly place: Place; readonly device?: string };

const PLACES: readonly Place[] = ["people", "recents", "settings"];
/** What the server takes for a user's id. */
const USER = /^[A-Za-z0-9!#$%&()+\-:;<=.>?@[\]^_{}|~]{1,32}$/;
/** What the server takes for a device's id. */
const DEVICE = /^[!-~]{1,64}$/;

/** Whether the server would take it for a user's id. */
export function isUser(text: string): boolean {
  return USER.test(text);
}

/** The route that an address means. */
export function routeOf({ pathname, search }: { pathname: string; search: string }): Route {
  const [, head, name, place] = pathname.split("/");
  const user = head === "u" ? decoded(name ?? "") : "";
  if (!isUser(user)) return { page: "choice" };
  const device = new URLSearchParams(search).get("device") ?? "";
  return {
    page: "app",
    user,
    place: PLACES.find((known) => known === place) ?? "people",
    ...(DEVICE.test(device) ? { device } : {}),
  };
}

/** The address of a route. */
export function addressOf(route: Route): string {
  if (route.page === "choice") return "/";
  const path = `/u/${encodeURIComponent(route.user)}${route.place === "people" ? "" : `/${route.place}`}`;
  return route.device === undefined ? path : `${path}?${new URLSearchParams({ device: route.device }).toString()}`;
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
