import { describe, expect, it } from "vitest";
import { displayName, hueOf, initial, safeAvatarUrl } from "./names.js";

describe("a name", () => {
  it("is the user's id if there is none, or nothing of it can be shown", () => {
    expect(displayName(undefined, "bob")).toBe("bob");
    expect(displayName("", "bob")).toBe("bob");
    expect(displayName("\u202e\u0000\u200b  ", "bob")).toBe("bob");
    expect(displayName("", "\u202e")).toBe("?");
  });

  it("stands on one line, without marks that hide or reorder what stands beside it", () => {
    expect(displayName("Bob\n\tKeller\u202e\u2066 x", "bob")).toBe("Bob Keller x");
    expect(displayName("a\ud800b", "bob")).toBe("a b");
  });

  it("keeps what scripts need: joiners, marks, right-to-left letters", () => {
    expect(displayName("👩‍🚀 יצחק", "x")).toBe("👩‍🚀 יצחק");
    expect(displayName("می‌خواهم", "x")).toBe("می‌خواهم");
  });

  it("is cut by letters as people count them", () => {
    const long = displayName("👩‍🚀".repeat(70), "x");
    expect(long).toBe(`${"👩‍🚀".repeat(64)}…`);
  });
});

describe("an avatar", () => {
  it("bears the first letter, whatever it is", () => {
    expect(initial("élan")).toBe("É");
    expect(initial("👩‍🚀 Ada")).toBe("👩‍🚀");
    expect(initial("王小明")).toBe("王");
    expect(initial("")).toBe("?");
  });

  it("has a color that depends on the id alone, and differs among few", () => {
    expect(hueOf("bob")).toBe(hueOf("bob"));
    expect(new Set(Array.from({ length: 64 }, (_, index) => hueOf(`user-${index}`))).size).toBe(8);
  });

  it("is loaded over https or from the page's own place, and from nowhere else", () => {
    const page = "http://app.test/room";
    expect(safeAvatarUrl("https://cdn.test/a.png", page)).toBe("https://cdn.test/a.png");
    expect(safeAvatarUrl("/a.png", page)).toBe("http://app.test/a.png");
    for (const url of [
      "http://cdn.test/a.png",
      "javascript:alert(1)",
      "data:image/png,x",
      "blob:http://app.test/x",
      "",
      "http://",
    ])
      expect(safeAvatarUrl(url, page), url).toBeUndefined();
  });
});
