// @vitest-environment jsdom
import { afterEach, describe, expect, it } from "vitest";
import { active, FakeClient, leg, ME, ringing } from "../testing/fake_client.js";
import { render, type Stage } from "../testing/render.js";
import { CallKit } from "./call_kit.js";

let stage: Stage;
afterEach(() => stage.unmount());

const start = async (...options: [Parameters<typeof render>[1]?]) => {
  stage = await render(
    <>
      <button type="button">The app’s own</button>
      <CallKit />
    </>,
    options[0],
  );
  return stage;
};
const ring = (changes: Parameters<typeof ringing>[0] = {}) => stage.do(() => stage.client.put(ringing(changes)));

describe("a ring", () => {
  it("is an alert dialog that says who calls and what for, and has the focus itself: no key accepts by accident", async () => {
    await start({ resolveUser: () => ({ name: "Bob Keller" }) });
    await ring();
    const dialog = stage.get("alertdialog", "Bob Keller is calling");
    expect(document.activeElement).toBe(dialog);
    expect(document.getElementById(dialog.getAttribute("aria-describedby") ?? "")?.textContent).toBe(
      "Incoming video call",
    );
    await stage.press("Enter");
    await stage.press(" ");
    expect(stage.client.asked).toEqual([]);
  });

  it("takes the rest of the page out of reach, and gives page and focus back", async () => {
    await start();
    const own = stage.get("button", "The app’s own");
    own.focus();
    await ring();
    expect(own.closest("[inert], *")?.closest("div")?.inert).toBe(true);
    await stage.click("button", "Decline");
    expect(own.closest("div")?.inert).toBe(false);
    expect(document.activeElement).toBe(own);
    expect(stage.find("alertdialog")).toBeUndefined();
  });

  it("is accepted with what the caller sends, or by voice alone", async () => {
    await start();
    await ring();
    await stage.click("button", "Accept");
    expect([stage.client.asked, stage.media.asked]).toEqual([["call-1 accept"], ["start camera microphone"]]);
    await stage.do(() => stage.client.change("call-1", { phase: "over" }));
    await ring({ id: "call-2" });
    await stage.click("button", /^Voice only/);
    expect(stage.media.asked.at(-1)).toBe("start microphone");
  });

  it("of a voice call offers voice, and asks for no camera", async () => {
    await start();
    await ring({ media: "audio" });
    expect(stage.find("button", /^Voice only/)).toBeUndefined();
    await stage.click("button", "Accept");
    expect(stage.media.asked).toEqual(["start microphone"]);
  });

  it("is silenced here by its button and by Escape", async () => {
    await start();
    await ring();
    await stage.press("Escape");
    expect(stage.client.asked).toEqual(["call-1 ignore"]);
    await ring({ id: "call-2" });
    await stage.click("button", /^Silence/);
    expect(stage.client.asked).toEqual(["call-1 ignore", "call-2 ignore"]);
  });

  it("names the others of a group, and who began it", async () => {
    await start();
    const legs = ["dave", "bob", ME, "carol"].map((user) => leg(user, user === ME ? "received" : "accepted"));
    await ring({ caller: "dave", inviter: "bob", legs });
    expect(stage.text()).toContain("with dave and carol");
    expect(stage.text()).toContain("dave started it");
  });

  it("says that nothing is heard before a click", async () => {
    await start();
    await ring();
    expect(stage.text()).toContain("No ringtone yet");
  });

  it("blinks in the title of the tab, which gets its own back", async () => {
    document.title = "My app";
    await start();
    await ring();
    expect(document.title).toBe("bob is calling");
    await stage.pass(1_200);
    expect(document.title).toBe("My app");
    await stage.pass(1_200);
    expect(document.title).toBe("bob is calling");
    await stage.do(() => stage.client.change("call-1", { phase: "silenced", ringStopped: "timed_out" }));
    expect(document.title).toBe("My app");
  });

  it("that was missed leaves a card with a way to call back", async () => {
    await start();
    await ring();
    const legs = [leg("bob", "canceled"), leg(ME, "be_canceled")];
    const end = { at: 0, by: "bob", cause: "canceled" };
    await stage.do(() => stage.client.change("call-1", { phase: "over", ringStopped: "canceled", legs, end }));
    expect(stage.get("status", "Missed call").textContent).toContain("bob stopped calling.");
    await stage.click("button", "Call back");
    expect(stage.client.asked).toEqual(["invite bob video"]);
  });

  it("that another device answered says so, for a short while, and can be taken here", async () => {
    await start();
    await ring();
    await stage.do(() => stage.client.change("call-1", { phase: "elsewhere", ringStopped: "answered_elsewhere" }));
    expect(stage.get("status", "Answered on another device")).toBeDefined();
    expect(stage.find("button", "Take it here")).toBeDefined();
    await stage.pass(4_000);
    expect(stage.find("status", "Answered on another device")).toBeUndefined();
  });
});

describe("a second ring", () => {
  it("in a call is a banner that takes no focus; declining says busy", async () => {
    await start({ client: new FakeClient() });
    await stage.do(() => stage.desk().join(stage.client.put(active()).id));
    const focused = document.activeElement;
    await ring({ id: "call-2", caller: "carol" });
    expect(stage.get("alert", "carol is calling")).toBeDefined();
    expect(document.activeElement).toBe(focused);
    await stage.click("button", "Decline");
    expect(stage.client.asked).toEqual(["call-2 reject busy"]);
  });

  it("in a call can be accepted, which ends that call", async () => {
    await start();
    await stage.do(() => stage.desk().join(stage.client.put(active()).id));
    await ring({ id: "call-2", caller: "carol" });
    await stage.click("button", "End and accept");
    expect(stage.client.asked).toEqual(["call-1 hangUp", "call-2 accept"]);
    expect(stage.get("region", "Call with carol")).toBeDefined();
  });

  it("beside a ring is a banner as well, and declining is declining", async () => {
    await start();
    await ring();
    await ring({ id: "call-2", caller: "carol", createdAt: Date.UTC(2027, 1, 1) });
    expect(stage.get("alertdialog", "bob is calling")).toBeDefined();
    await stage.do(() => stage.get("alert").querySelectorAll("button")[1]?.click());
    expect(stage.client.asked).toEqual(["call-2 reject declined"]);
  });
});

describe("what users call themselves and send along", () => {
  const HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</bdi><script>alert(1)</script>",
    "\u202egnorw\u202c",
    "${alert(1)}{{7*7}}",
    "a".repeat(5_000),
    "\u0000\u0007\u200b",
    "'\"><svg/onload=alert(1)>",
  ];

  it.each(HOSTILE)("is text, wherever it stands: %s", async (name) => {
    await start({ resolveUser: () => ({ name, avatarUrl: "javascript:alert(1)" }) });
    await ring({ extendedData: name });
    expect(document.body.querySelectorAll("img, script, svg[onload]")).toHaveLength(0);
    expect(stage.get("alertdialog").querySelector("h2")?.textContent.length).toBeLessThanOrEqual(65);
    expect(document.title).not.toMatch(/\p{Cc}|[\u202a-\u202e]/u);
    await stage.click("button", "Accept");
    expect(document.body.querySelectorAll("img, script")).toHaveLength(0);
  });
});
