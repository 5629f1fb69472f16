import { describe, expect, it } from "vitest";
import { FakeKeep } from "../testing/fake_keep.js";
import { DEFAULT_SETTINGS, keepPart, keepSettings, readPart, readSettings } from "./settings.js";

describe("what the user has chosen", () => {
  it("comes back, and goes before what the app says", () => {
    const keep = new FakeKeep();
    keepSettings(keep, { ...DEFAULT_SETTINGS, busy: "reject", devices: { camera: "cam-2" } });
    expect(readSettings(keep, { busy: "ask" })).toEqual({
      ...DEFAULT_SETTINGS,
      busy: "reject",
      devices: { camera: "cam-2" },
    });
  });

  it.each(["", "null", "[]", "{", '"x"', '{"busy":7,"sounds":"no","devices":{"camera":{}}}', '{"devices":null}'])(
    "is believed only where it fits: %s",
    (text) => {
      const keep = new FakeKeep();
      keep.setItem("offhook.kit", text);
      keep.setItem("offhook.part", text);
      expect(readSettings(keep, {})).toEqual(DEFAULT_SETTINGS);
      expect(readPart(keep)).toBeUndefined();
    },
  );

  it("need not be kept: a browser may forbid it", () => {
    const forbidden = () => {
      throw new DOMException("no", "SecurityError");
    };
    const keep = { getItem: forbidden, setItem: forbidden, removeItem: forbidden };
    keepSettings(keep, DEFAULT_SETTINGS);
    keepPart(keep, undefined);
    expect(readSettings(keep, { sounds: false }).sounds).toBe(false);
    expect(readSettings(undefined, {})).toEqual(DEFAULT_SETTINGS);
  });
});
