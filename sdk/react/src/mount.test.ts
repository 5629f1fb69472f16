// @vitest-environment jsdom
import { act } from "react";
import { describe, expect, it } from "vitest";
import { mount } from "./mount.js";
import { FakeClient, ringing } from "./testing/fake_client.js";
import { FakeClock } from "./testing/fake_clock.js";
import { FakeMedia } from "./testing/fake_media.js";

const settled = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

describe("mount", () => {
  it("places the kit without React, changes its options, calls, and goes without a trace", async () => {
    (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
    const element = document.createElement("div");
    document.body.append(element);
    const client = new FakeClient();
    const media = new FakeMedia();
    const options = { client, clock: new FakeClock(), createMedia: () => media, storage: null, session: null };
    const kit = await act(async () => {
      const mounted = mount(element, { ...options, language: "en" });
      await settled();
      return mounted;
    });
    await act(async () => {
      client.put(ringing());
      await settled();
    });
    expect(document.body.textContent).toContain("Incoming video call");
    await act(async () => {
      kit.update({ language: "zh" });
      await settled();
    });
    expect(document.body.textContent).toContain("视频来电");
    await act(async () => {
      client.change("call-1", { phase: "silenced", ringStopped: "ignored" });
      kit.call(["bob"], { media: "audio" });
      await settled();
    });
    expect(client.asked).toContain("invite bob audio");
    await act(async () => {
      kit.unmount();
      await settled();
    });
    expect([document.body.children.length, element.childNodes.length]).toEqual([1, 0]);
  });
});
