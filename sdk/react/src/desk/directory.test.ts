import { describe, expect, it } from "vitest";
import { FakeClient } from "../testing/fake_client.js";
import { Directory } from "./directory.js";

const settled = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};
const user = (id: string, name: string) => ({ user: id, name, avatarUrl: "", extendedData: "" });

describe("the directory", () => {
  it("asks the server once for each, ten at a time", async () => {
    const client = new FakeClient();
    client.known = [user("u0", "Zero")];
    const directory = new Directory(client);
    const ids = Array.from({ length: 12 }, (_, index) => `u${index}`);
    directory.want(ids);
    directory.want(ids);
    await settled();
    expect(client.askedAbout).toEqual([ids.slice(0, 10).join(" "), "u10 u11"]);
    expect(directory.state.get("u0")?.name).toBe("Zero");
  });

  it("believes the app first, and lets it know nothing, late, or badly", async () => {
    const client = new FakeClient();
    const directory = new Directory(client, (id) => {
      if (id === "now") return { name: "Now" };
      if (id === "late") return Promise.resolve({ name: "Late" });
      if (id === "bad") throw new Error("no");
      return undefined;
    });
    directory.want(["now"]);
    expect(directory.state.get("now")?.name).toBe("Now");
    directory.want(["late", "bad", "none"]);
    await settled();
    expect(directory.state.get("late")?.name).toBe("Late");
    expect(client.askedAbout.join(" ")).toContain("bad");
    expect(client.askedAbout.join(" ")).not.toContain("late");
  });

  it("asks again for those of a request that failed", async () => {
    const client = new FakeClient();
    client.users = () => Promise.reject(new Error("offline"));
    const directory = new Directory(client);
    directory.want(["bob"]);
    await settled();
    client.users = () => Promise.resolve({ users: [user("bob", "Bob")], unknown: [] });
    directory.want(["bob"]);
    await settled();
    expect(directory.state.get("bob")?.name).toBe("Bob");
  });

  it("learns a name from a room only where it has none", () => {
    const directory = new Directory(new FakeClient(), () => ({ name: "Bob Keller" }));
    directory.want(["bob"]);
    directory.learn("bob", "bobby");
    directory.learn("carol", "Carol");
    directory.learn("dave", "");
    expect([...directory.state]).toEqual([
      ["bob", { name: "Bob Keller" }],
      ["carol", { name: "Carol" }],
    ]);
  });
});
