import { describe, expect, test } from "vitest";
import { addressOf, type Route, routeOf } from "./route.js";

const at = (address: string): Route => routeOf(new URL(address, "http://127.0.0.1:7400"));

describe("a phone that sleeps", () => {
  test("is a page without a session, and the app once it is awake", () => {
    expect(at("/u/bob?device=asleep")).toEqual({ page: "asleep", user: "bob" });
    expect(at("/u/bob?device=asleep&awake=1")).toMatchObject({ page: "app", device: "asleep" });
  });
});

describe("routes", () => {
  test("an address and its route mean each other", () => {
    const routes: Route[] = [
      { page: "choice" },
      { page: "pushes" },
      { page: "asleep", user: "bob" },
      { page: "app", user: "bob", place: "people", device: "asleep" },
      { page: "app", user: "alice", place: "people" },
      { page: "app", user: "a&b=<c>?", place: "recents" },
      { page: "app", user: "bob", place: "settings", device: "phone 2/3".replace(" ", "-") },
    ];
    expect(routes.map((route) => at(addressOf(route)))).toEqual(routes);
  });

  test("what nobody can be leads to the choice, and a page that is not there to people", () => {
    expect(at("/u/")).toEqual({ page: "choice" });
    expect(at("/u/%E0%A4%A")).toEqual({ page: "choice" });
    expect(at("/u/two%20words")).toEqual({ page: "choice" });
    expect(at(`/u/${"a".repeat(33)}`)).toEqual({ page: "choice" });
    expect(at("/u/bob/nowhere")).toEqual({ page: "app", user: "bob", place: "people" });
    expect(at("/u/bob?device=two%20words")).toEqual({ page: "app", user: "bob", place: "people" });
  });
});
