// @vitest-environment jsdom
import { OffhookError } from "@offhook/client";
import { afterEach, describe, expect, it } from "vitest";
import { active, CREATED_AT, leg, ME, ringing } from "../testing/fake_client.js";
import { participant } from "../testing/fake_room.js";
import { render, type Stage } from "../testing/render.js";
import { CallButtons } from "./call_button.js";
import { CallKit } from "./call_kit.js";

let stage: Stage;
afterEach(() => stage.unmount());

const start = async (options: Parameters<typeof render>[1] = {}) => {
  stage = await render(
    <>
      <CallButtons users="bob" />
      <CallKit />
    </>,
    options,
  );
  return stage;
};
const room = () => stage.client.callById("call-1").room_;
const talk = (changes: Parameters<typeof active>[0] = {}, refusal?: OffhookError) =>
  stage.do(async () => {
    const call = stage.client.put(active(changes));
    call.room_.refusal = refusal;
    await stage.desk().join(call.id);
  });

describe("waiting", () => {
  it("shows what the other side sees of the call, read out as it changes", async () => {
    await start();
    await stage.click("button", "Voice call to bob");
    expect(stage.get("region", "Calling bob")).toBe(document.activeElement);
    expect(stage.text()).toContain("Calling…");
    await stage.do(() => stage.client.changeLegs("call-1", leg("bob", "received")));
    expect(stage.all("status").some((each) => each.textContent === "Ringing…")).toBe(true);
    await stage.do(() => stage.client.changeLegs("call-1", leg("bob", "not_yet_received")));
    expect(stage.text()).toContain("Not reached yet");
  });

  it("tells how far the call has got, and asks to be told", async () => {
    await start();
    await stage.click("button", "Voice call to bob");
    expect(stage.client.invited).toMatchObject({ deliveryUpdates: true });
    const delivery = (step: string) => stage.client.changeLegs("call-1", leg("bob", "inviting", { delivery: step }));
    await stage.do(() => delivery("queued"));
    expect(stage.text()).toContain("Calling…");
    await stage.do(() => delivery("push_accepted"));
    expect(stage.text()).toContain("Waking their phone…");
    await stage.do(() => delivery("ringing"));
    expect(stage.all("status").some((each) => each.textContent === "Ringing…")).toBe(true);
    await stage.do(() => stage.client.changeLegs("call-1", leg("bob", "rejected", { delivery: "ringing" })));
    expect(stage.text()).not.toContain("Ringing…");
  });

  it("is ended by one press, before the server knows of the call and after", async () => {
    await start();
    stage.client.beforeInvited = () => new Promise(() => undefined);
    await stage.click("button", "Video call to bob");
    expect(stage.text()).toContain("Connecting…");
    await stage.click("button", "Cancel");
    expect(stage.find("region")).toBeUndefined();
    stage.client.beforeInvited = () => Promise.resolve();
    await stage.click("button", "Video call to bob");
    await stage.click("button", "Cancel");
    expect(stage.client.asked.at(-1)).toBe("call-1 hangUp");
    expect(stage.get("region", "Call canceled")).toBeDefined();
  });

  it("of a group shows each, and takes single invitations back", async () => {
    await start();
    await stage.do(() => stage.desk().place(["bob", "carol", "dave"], { media: "audio" }));
    await stage.do(() => stage.client.changeLegs("call-1", leg("bob", "received"), leg("carol", "rejected")));
    const tiles = stage.all("listitem").map((each) => each.textContent);
    expect(tiles).toEqual(["BbobRinging…Take back", "CcarolDeclined", "DdaveCalling…Take back"]);
    await stage.click("button", "Take back the invitation of dave");
    expect(stage.client.asked.at(-1)).toBe("call-1 cancel dave");
  });

  it("says why a call was not placed, and tries again", async () => {
    await start();
    stage.client.refusal = new OffhookError("nobody_registered", "raw text of a server");
    await stage.click("button", "Voice call to bob");
    expect(stage.get("alert").textContent).toBe("Nobody of this name is known here.");
    expect(stage.text()).not.toContain("raw text");
    stage.client.refusal = undefined;
    await stage.click("button", "Try again");
    expect(stage.get("region", "Calling bob")).toBeDefined();
  });

  it.each([
    ["denied", "denied", /Camera and microphone are blocked/],
    ["missing", "missing", /No camera and no microphone/],
    ["insecure", "insecure", /https/],
    ["taken", undefined, /camera is in use by another program/],
    [undefined, "taken", /microphone is in use.*cannot hear you/],
    ["failed", "lost", /microphone was disconnected/],
  ] as const)("explains devices that give nothing: camera %s, microphone %s", async (camera, microphone, words) => {
    await start();
    const off = (source: "camera" | "microphone", trouble: typeof camera | typeof microphone) =>
      ({ source, status: "off", ...(trouble ? { trouble } : {}) }) as const;
    stage.media.change({ camera: off("camera", camera), microphone: off("microphone", microphone) });
    await stage.click("button", "Video call to bob");
    const alert = stage.get("alert");
    expect(alert.textContent).toMatch(words);
    const isHopeless = camera === "insecure";
    expect(alert.querySelector("button") === null).toBe(isHopeless);
  });
});

describe("a call", () => {
  it("of two attaches the other’s picture, and shows the time", async () => {
    await start();
    await talk();
    await stage.do(() =>
      room().change({ participants: [participant(ME, { isMe: true }), participant("bob", { camera: true })] }),
    );
    expect(room().asked).toContain("attach bob_main camera");
    await stage.pass(65_000);
    expect(stage.get("timer").textContent).toBe("1:05");
  });

  it.each([
    ["muted", "flowing", true],
    ["absent", "flowing", true],
    ["on", "flowing", false],
    ["absent", "joined", false],
  ] as const)("of two tells of a microphone that is %s of one who is %s: %s", async (microphone, presence, isTold) => {
    await start();
    await talk();
    await stage.do(() => room().change({ participants: [participant("bob", { microphone, presence })] }));
    expect(stage.get("group", "bob").textContent.includes("Muted")).toBe(isTold);
  });

  it("does not call a picture paused whose sender is away", async () => {
    await start();
    await talk();
    const bob = participant("bob", { camera: true });
    const still = { layer: "off", media: {} as MediaStream } as const;
    const paused = bob.streams.map((stream) => ({
      ...stream,
      tracks: stream.tracks.map((track) => (track.source === "camera" ? { ...track, ...still } : track)),
    }));
    await stage.do(() => room().change({ participants: [{ ...bob, streams: paused }] }));
    expect(stage.get("group", "bob").textContent).toContain("Picture paused");
    await stage.do(() => room().change({ participants: [{ ...bob, streams: paused, presence: "reconnecting" }] }));
    expect(stage.get("group", "bob").textContent).toContain("Reconnecting");
    expect(stage.get("group", "bob").textContent).not.toContain("Picture paused");
  });

  it("lets go of a picture that is not shown any more", async () => {
    await start();
    await talk();
    await stage.do(() => room().change({ participants: [participant("bob", { camera: true })] }));
    await stage.do(() => room().change({ participants: [participant("bob")] }));
    expect(room().asked.at(-1)).toBe("detach bob_main camera");
  });

  it("is muted by its button and by a key, and says so by the button’s name", async () => {
    await start();
    await talk();
    await stage.click("button", "Mute");
    expect(stage.media.state.microphone.status).toBe("muted");
    await stage.press("m", stage.get("region"));
    expect(stage.media.state.microphone.status).toBe("on");
    expect(stage.find("button", "Mute")).toBeDefined();
    await stage.press("v", stage.get("region"));
    expect(stage.media.state.camera.status).toBe("off");
    expect(stage.find("button", "Start video")).toBeDefined();
  });

  it("is hung up at once, or after a question if the app wants one", async () => {
    await start({ confirmHangUp: true });
    await talk();
    await stage.click("button", "Hang up");
    expect(stage.client.asked).toEqual([]);
    expect(document.activeElement).toBe(stage.get("button", "Stay"));
    await stage.press("Escape");
    expect(stage.find("alertdialog")).toBeUndefined();
    expect(document.activeElement?.textContent).not.toBe("Stay");
    await stage.click("button", "Hang up");
    const [, yes] = stage.get("alertdialog", "Hang up?").querySelectorAll("button");
    await stage.do(() => yes?.click());
    expect(stage.client.asked).toEqual(["call-1 hangUp"]);
    expect(stage.get("region", "Call ended")).toBeDefined();
  });

  it("goes on while the server is away, and says so once, quietly", async () => {
    await start();
    await talk();
    await stage.do(() => stage.client.connection({ state: "backoff", retryAt: 5_000 }));
    expect(stage.all("status").map((each) => each.textContent)).toContain("Reconnecting… the call goes on.");
    expect(stage.find("button", "Mute")).toBeDefined();
  });

  it("without media on the server says so, and offers no hopeless second try", async () => {
    await start();
    await talk({}, new OffhookError("media_unavailable", "none"));
    expect(stage.get("alert").textContent).toContain("This server carries no sound and picture.");
    expect(stage.find("button", "Try again")).toBeUndefined();
  });

  it("offers to enter a full room again", async () => {
    await start();
    await talk({}, new OffhookError("room_full", "full"));
    room().refusal = undefined;
    await stage.click("button", "Try again");
    expect(stage.find("alert")).toBeUndefined();
  });

  it("is made small, goes on, leaves the page in reach, and comes back", async () => {
    await start();
    await talk();
    await stage.click("button", "Minimize");
    expect(stage.find("region")).toBeUndefined();
    expect(room().asked).not.toContain("leave");
    expect(stage.get("button", "Voice call to bob").closest("[inert]")).toBeNull();
    await stage.click("button", "Back to the call");
    expect(stage.get("region", "Call with bob")).toBeDefined();
  });

  it("tells that the weak connection is the user’s own, in words", async () => {
    await start();
    await talk();
    await stage.do(() =>
      room().change({ participants: [participant(ME, { isMe: true, uplink: 1 }), participant("bob")] }),
    );
    expect(stage.text()).toContain("Your connection is weak");
  });
});

describe("a group", () => {
  const legs = [leg(ME, "accepted"), leg("bob", "accepted"), leg("carol", "accepted"), leg("dave", "received")];
  const talk = async (role: "host" | "member" = "host") => {
    await start({ contacts: ["bob", "erin"] });
    await stage.do(() => stage.desk().join(stage.client.put(active({ legs })).id));
    await stage.do(() =>
      room().change({
        role,
        activeSpeaker: "carol",
        participants: [
          participant(ME, { isMe: true }),
          participant("bob", { microphone: "muted" }),
          participant("carol"),
        ],
      }),
    );
  };

  it("has a tile for each, also for who still rings, with a way to take that back", async () => {
    await talk();
    const names = stage.all("group").map((each) => each.getAttribute("aria-label"));
    expect(names.sort()).toEqual(["Call", "alice", "bob", "carol", "dave"]);
    expect(stage.get("group", "bob").textContent).toContain("Muted");
    await stage.click("button", "Take back the invitation of dave");
    expect(stage.client.asked.at(-1)).toBe("call-1 cancel dave");
  });

  it("shows one large, and everybody again", async () => {
    await talk();
    await stage.click("button", "Show carol large");
    await stage.click("button", "Show everyone");
    expect(stage.find("button", "Show everyone")).toBeUndefined();
  });

  it("changes its view from the menu, by keyboard alone", async () => {
    await talk();
    await stage.click("button", "More");
    const menu = stage.get("menu");
    expect(menu.contains(document.activeElement)).toBe(true);
    const first = document.activeElement;
    await stage.press("ArrowUp");
    await stage.press("ArrowDown");
    expect(document.activeElement).toBe(first);
    await stage.press("Escape");
    expect(document.activeElement).toBe(stage.get("button", "More"));
    expect(stage.find("menu")).toBeUndefined();
    await stage.click("button", "More");
    await stage.click("menuitem", "Speaker view");
    await stage.click("button", "More");
    expect(stage.find("menuitem", "Grid view")).toBeDefined();
  });

  it("lists people, adds contacts and ids, rings again, and lets a host remove after a question", async () => {
    await talk();
    await stage.do(() => stage.client.changeLegs("call-1", leg("dave", "timed_out")));
    await stage.click("button", "People");
    expect(stage.find("button", "Add bob")).toBeUndefined();
    await stage.click("button", "Add erin");
    await stage.click("button", "Ring again: dave");
    expect(stage.client.asked.slice(-2)).toEqual(["call-1 add erin", "call-1 add dave"]);
    await stage.click("button", "Remove bob from the call");
    const [, yes] = stage.get("alertdialog", "Remove bob?").querySelectorAll("button");
    await stage.do(() => yes?.click());
    expect(room().asked.at(-1)).toBe("remove bob");
    expect(stage.find("button", "Remove alice from the call")).toBeUndefined();
  });

  it("lets no member remove anybody", async () => {
    await talk("member");
    await stage.click("button", "People");
    expect(stage.all("button").filter((each) => each.ariaLabel?.startsWith("Remove"))).toEqual([]);
  });

  it("is left, or ended for everyone by who began it", async () => {
    await talk();
    expect(stage.find("button", "Leave")).toBeDefined();
    await stage.click("button", "More");
    await stage.click("menuitem", "End for everyone");
    expect(stage.client.asked.at(-1)).toBe("call-1 end");
  });

  it("tells of comings and goings in one place that is read out", async () => {
    await talk();
    await stage.do(() => stage.client.changeLegs("call-1", leg("dave", "accepted")));
    const told = stage.all("status").filter((each) => each.textContent.includes("dave joined"));
    expect(told).toHaveLength(1);
    await stage.pass(6_000);
    expect(stage.text()).not.toContain("dave joined");
  });
});

describe("the farewell", () => {
  const end = (cause: string, bob: Parameters<typeof leg>, mine = "accepted") => ({
    phase: "over" as const,
    legs: [leg(ME, mine), leg(...bob)],
    end: { at: CREATED_AT + 9_000, cause },
  });

  it.each([
    [end("rejected", ["bob", "rejected", { reason: "busy" }]), "bob is busy"],
    [end("rejected", ["bob", "rejected"]), "bob declined"],
    [end("unanswered", ["bob", "timed_out"]), "bob did not answer"],
    [end("caller_lost", ["bob", "be_canceled"]), "The connection was lost"],
  ])("says how it came out, and calls again: %#", async (changes, title) => {
    await start();
    await stage.click("button", "Video call to bob");
    await stage.do(() => stage.client.change("call-1", changes));
    expect(stage.get("region", title)).toBe(document.activeElement);
    await stage.click("button", "Call again");
    expect(stage.client.asked.at(-1)).toBe("invite bob video");
  });

  it("of the user’s own making goes by itself, unless it is touched", async () => {
    let backs = 0;
    await start({ onBack: () => (backs += 1) });
    await stage.do(() => stage.desk().join(stage.client.put(active()).id));
    await stage.click("button", "Hang up");
    expect(stage.text()).toContain("It lasted 1:00.");
    await stage.pass(3_999);
    expect(stage.find("region", "Call ended")).toBeDefined();
    await stage.pass(1);
    expect(stage.find("region", "Call ended")).toBeUndefined();
    expect(backs).toBe(1);
    await stage.do(() => stage.desk().join(stage.client.put(active({ id: "call-2" })).id));
    await stage.click("button", "Hang up");
    await stage.press("Shift", stage.get("region", "Call ended"));
    await stage.pass(60_000);
    expect(stage.find("region", "Call ended")).toBeDefined();
  });

  it("of others’ making stays until it is closed", async () => {
    await start();
    await stage.do(() => stage.desk().join(stage.client.put(active()).id));
    await stage.do(() =>
      stage.client.change("call-1", { phase: "over", end: { at: CREATED_AT + 9_000, by: "bob", cause: "ended" } }),
    );
    await stage.pass(60_000);
    expect(stage.text()).toContain("bob hung up");
    await stage.click("button", "Close");
    expect(stage.find("region")).toBeUndefined();
  });

  it("of one who was removed offers no way back", async () => {
    await start();
    await stage.do(() => stage.desk().join(stage.client.put(active()).id));
    await stage.do(() => room().change({ stay: { phase: "out", cause: "kicked" } }));
    expect(stage.get("region", "You were removed from the call")).toBeDefined();
    expect(stage.find("button", "Join again") ?? stage.find("button", "Call again")).toBeUndefined();
  });
});

describe("the session", () => {
  it.each([
    ["replaced", "Use here", /another window/],
    ["kicked_out", "Sign in again", /signed out here/],
    ["unauthenticated", "Sign in again", /sign-in has ended/],
  ] as const)("that is %s is explained, with a way on", async (reason, button, words) => {
    const signedIn: string[] = [];
    await start({ onSignIn: () => signedIn.push("sign in") });
    await stage.do(() => stage.client.connection({ state: "stopped", reason }));
    expect(stage.get("alert").textContent).toMatch(words);
    expect((stage.get("button", "Voice call to bob") as HTMLButtonElement).disabled).toBe(true);
    await stage.click("button", button);
    expect([...stage.client.asked, ...signedIn]).toEqual([reason === "replaced" ? "connect" : "sign in"]);
  });

  it("whose token ends is told of while there is time", async () => {
    await start();
    await stage.do(() => stage.client.tell({ kind: "token_needed" }));
    expect(stage.get("alert").textContent).toContain("Your sign-in ends soon");
    await stage.click("button", "Try again");
    expect(stage.client.asked).toEqual(["connect"]);
    await stage.do(() => stage.client.tell({ kind: "token_renewed", expiresInMs: 60_000 }));
    expect(stage.find("alert")).toBeUndefined();
  });

  it("whose token cannot be had while it is away does not speak of what is to come, and does not cover what else is wrong", async () => {
    await start();
    await talk();
    await stage.do(() => stage.client.connection({ state: "backoff", retryAt: 9_000 }));
    await stage.do(() => stage.client.tell({ kind: "token_needed" }));
    const alert = stage.get("alert");
    expect(alert.textContent).toContain("could not be renewed");
    expect(alert.previousElementSibling?.textContent).toContain("Reconnecting");
  });

  it("that ends in a call is said to have ended, and nothing is offered that cannot be done", async () => {
    await start();
    await talk();
    await stage.do(() => stage.client.connection({ state: "stopped", reason: "unauthenticated" }));
    await stage.do(() => stage.client.change("call-1", { phase: "over" }));
    expect(stage.get("region", "The connection was lost")).toBeDefined();
    expect(stage.find("button", "Call again")).toBeUndefined();
  });
});

describe("a call that this page is not in", () => {
  it("on another device is offered without a fuss", async () => {
    await start();
    await stage.do(() => stage.client.put(active({ phase: "elsewhere" })));
    expect(stage.get("status", "You are in a call on another device")).toBeDefined();
    await stage.click("button", "Take it here");
    expect(stage.client.asked).toEqual(["call-1 join"]);
  });

  it("on another device is asked about, and no longer offered once it is over", async () => {
    await start();
    await stage.do(() => stage.client.put(active({ phase: "elsewhere" })));
    expect(stage.client.read).toEqual(["call-1"]);
    stage.client.truth.set("call-1", { phase: "over", end: { at: CREATED_AT, by: "bob", cause: "ended" } });
    await stage.pass(5_000);
    expect(stage.find("status", "You are in a call on another device")).toBeUndefined();
    await stage.pass(60_000);
    expect(stage.client.read).toEqual(["call-1", "call-1"]);
  });

  it("any more, as it moved, is asked about until it is over", async () => {
    await start();
    await talk();
    expect(stage.client.read).toEqual([]);
    await stage.do(() => stage.client.change("call-1", { phase: "elsewhere" }));
    expect(stage.get("region", "Moved to another device")).toBeDefined();
    stage.client.truth.set("call-1", { phase: "over", end: { at: CREATED_AT, by: "bob", cause: "ended" } });
    await stage.pass(5_000);
    expect(stage.get("region", "bob hung up")).toBeDefined();
    expect(stage.get("button", "Call again")).toBeDefined();
  });

  it("on this device is offered too, with nothing recorded meanwhile", async () => {
    await start();
    await stage.do(() => stage.client.put(active()));
    expect(stage.media.asked).toEqual([]);
    await stage.click("button", "Join with video");
    expect(stage.client.asked).toEqual([]);
    expect(stage.get("region", "Call with bob")).toBeDefined();
  });
});

describe("Chinese", () => {
  it("is what every page speaks", async () => {
    await start({ language: "zh", resolveUser: () => ({ name: "王小明" }) });
    await stage.do(() => stage.client.put(ringing()));
    expect(stage.get("alertdialog", "王小明来电")).toBeDefined();
    await stage.click("button", "接听");
    expect(stage.get("region", "与王小明通话")).toBeDefined();
    await stage.click("button", "挂断");
    expect(stage.get("region", "通话已结束")).toBeDefined();
  });
});
