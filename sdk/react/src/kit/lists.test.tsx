// @vitest-environment jsdom
import { OffhookError } from "@offhook/client";
import { afterEach, describe, expect, it } from "vitest";
import { active, callState, CREATED_AT, FakeClient, leg, ME, ringing } from "../testing/fake_client.js";
import { FakeKeep } from "../testing/fake_keep.js";
import { render, type Stage } from "../testing/render.js";
import { CallHistory } from "./call_history.js";
import { SettingsPanel } from "./settings_panel.js";

let stage: Stage;
afterEach(() => stage.unmount());

describe("the history", () => {
  const missed = ringing({
    id: "missed",
    phase: "over",
    media: "audio",
    createdAt: CREATED_AT - 86_400_000,
    legs: [leg("bob", "accepted"), leg(ME, "timed_out")],
  });
  const talked = active({
    id: "talked",
    phase: "over",
    legs: [leg(ME, "accepted"), leg("bob", "ended", { acceptedAt: CREATED_AT })],
    end: { at: CREATED_AT + 65_000, by: "bob", cause: "ended" },
  });
  const rows = () => stage.all("listitem").map((each) => each.textContent);

  it("tells direction, outcome, length and day, newest first, and calls back in kind", async () => {
    const client = new FakeClient();
    client.past = [missed, talked];
    stage = await render(<CallHistory />, { client });
    expect(rows()).toHaveLength(2);
    expect(rows()[0]).toMatch(/^BbobOutgoingVideo call · 1:05/);
    expect(rows()[1]).toMatch(/^BbobIncomingMissed · Voice call ?yesterday/);
    expect(stage.all("listitem")[1]?.className).toContain("oh-history-missed");
    await stage.click("button", "Call bob back");
    expect(client.asked.at(-1)).toBe("invite bob audio");
  });

  it("shows what just happened without being asked", async () => {
    const client = new FakeClient();
    stage = await render(<CallHistory />, { client });
    expect(stage.text()).toContain("No calls yet");
    await stage.do(() =>
      client.put(callState({ phase: "over", legs: [leg(ME, "canceled"), leg("bob", "be_canceled")] })),
    );
    expect(rows()[0]).toContain("Call canceled");
  });

  it("that cannot be loaded says so, and is loaded on demand", async () => {
    const client = new FakeClient();
    client.refusal = new OffhookError("timed_out", "no");
    stage = await render(<CallHistory />, { client });
    expect(stage.text()).toContain("The calls could not be loaded.");
    client.refusal = undefined;
    client.past = [missed];
    await stage.click("button", "Try again");
    expect(rows()).toHaveLength(1);
  });

  it("outlives a server that sends nonsense", async () => {
    const client = new FakeClient();
    client.past = [
      callState({ phase: "over", createdAt: Number.MAX_SAFE_INTEGER, media: "smell", legs: [leg("x", "dancing")] }),
    ];
    stage = await render(<CallHistory />, { client });
    expect(rows()).toHaveLength(1);
  });
});

describe("the settings", () => {
  it("are kept, and what the app says later goes before them", async () => {
    const storage = new FakeKeep();
    stage = await render(<SettingsPanel />, { storage, doNotDisturb: false });
    await stage.do(() => stage.get("switch", "Do not disturb").click());
    await stage.do(() => stage.get("radio", "Decline as busy").click());
    expect(stage.state().settings).toMatchObject({ doNotDisturb: true, busy: "reject" });
    expect(storage.getItem("offhook.kit")).toContain('"busy":"reject"');
    await stage.rerender({ storage, doNotDisturb: false });
    expect(stage.state().settings.doNotDisturb).toBe(true);
    await stage.rerender({ storage, doNotDisturb: true });
    await stage.rerender({ storage, doNotDisturb: false });
    expect(stage.state().settings.doNotDisturb).toBe(false);
  });

  it("try devices only when asked to, and stop when they go", async () => {
    stage = await render(<SettingsPanel />);
    expect(stage.media.asked).toEqual([]);
    await stage.click("button", "Try camera and microphone");
    expect(stage.media.asked).toEqual(["start camera microphone"]);
    await stage.rerender({});
    await stage.unmount();
    expect(stage.media.asked.at(-1)).toBe("stop");
    stage = await render(null);
  });

  it("remember the chosen devices", async () => {
    stage = await render(<SettingsPanel />);
    const select = stage.get("combobox", "Camera") as HTMLSelectElement;
    await stage.do(() => {
      select.value = "cam-2";
      select.dispatchEvent(new Event("change", { bubbles: true }));
    });
    expect(stage.state().settings.devices).toEqual({ camera: "cam-2" });
  });
});
