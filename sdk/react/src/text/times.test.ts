import { describe, expect, it } from "vitest";
import { fullTime, span, whenOf } from "./times.js";

describe("a length", () => {
  it("is told in minutes and seconds, and in hours from an hour on", () => {
    expect(span(0)).toBe("0:00");
    expect(span(65_999)).toBe("1:05");
    expect(span(3_600_000)).toBe("1:00:00");
    expect(span(-5)).toBe("0:00");
  });
});

describe("a point in time", () => {
  const now = new Date(2026, 4, 13, 18, 0).getTime();
  const at = (day: number, hour: number) => new Date(2026, 4, day, hour, 5).getTime();

  it("is told as people do: the time, yesterday, the day, the date", () => {
    expect(whenOf(at(13, 9), now, "en-GB")).toBe("9:05");
    expect(whenOf(at(12, 23), now, "en-GB")).toBe("yesterday");
    expect(whenOf(at(9, 9), now, "en-GB")).toBe("Saturday");
    expect(whenOf(at(1, 9), now, "en-GB")).toBe("1 May");
    expect(whenOf(at(-365, 9), now, "en-GB")).toBe("30 Apr 2025");
    expect(whenOf(at(12, 9), now, "zh")).toBe("昨天");
  });

  it("may be nonsense, and is then left out", () => {
    expect(fullTime(Number.MAX_VALUE, "en")).toBe("");
    expect(fullTime(Number.NaN, "en")).toBe("");
  });
});
