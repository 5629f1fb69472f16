import { OffhookError } from "@offhook/client";
import { beforeEach, describe, expect, it } from "vitest";
import type { KitOptions } from "../options.js";
import { active, callState, FakeClient, leg, ME, ringing } from "../testing/fake_client.js";
import { FakeClock } from "../testing/fake_clock.js";
import { FakeKeep } from "../testing/fake_keep.js";
import { FakeMedia } from "../testing/fake_media.js";
import { participant } from "../testing/fake_room.js";
import { Desk } from "./desk.js";
import { outcomeOf } from "./outcome.js";
import { stageOf } from "./stage.js";

let client: FakeClient;
let clock: FakeClock;
let media: FakeMedia;
let session: FakeKeep;

beforeEach(() => {
  client = new FakeClient();
  clock = new FakeClock();
  media = new FakeMedia();
  session = new FakeKeep();
});

function open(options: KitOptions = {}): { desk: Desk; stop: () => void } {
  const desk = new Desk({ client, clock, createMedia: () => media, session }, options);
  return { desk, stop: desk.start() };
}

const scene = (desk: Desk) => stageOf(desk.state).scene;
const roomOf = (id = "call-1") => client.callById(id).room_;

describe("recording", () => {
  it("begins with a call or an accept, and not before", async () => {
    const { desk } = open();
    client.put(ringing());
    expect(media.asked).toEqual([]);
    await desk.accept("call-1");
    expect(media.asked).toEqual(["start camera microphone"]);
  });

  it("comes before a page that may be long to draw", async () => {
    const { desk } = open();
    client.put(ringing());
    const asked: number[] = [];
    desk.subscribe(() => asked.push(media.asked.length));
    await desk.accept("call-1");
    expect(asked[0]).toBe(1);
  });

  it("is of sound alone for a voice call, and for a video call that is accepted so", async () => {
    const { desk } = open();
    await desk.place(["bob"], { media: "audio" });
    expect(media.asked).toEqual(["start microphone"]);
    await desk.hangUp("call-1");
    client.put(ringing({ id: "call-2" }));
    await desk.accept("call-2", "audio");
    expect(media.asked).toEqual(["start microphone", "stop", "start microphone"]);
  });

  it("ends with the call, whoever ends it", async () => {
    const { desk } = open();
    client.put(ringing());
    await desk.accept("call-1");
    client.change("call-1", { phase: "over" });
    expect(media.asked.at(-1)).toBe("stop");
  });

  it("ends when the user hangs up, although the server does not answer", async () => {
    const { desk } = open();
    await desk.place(["bob"]);
    client.refusal = new OffhookError("timed_out", "no answer");
    await desk.hangUp("call-1");
    expect(media.asked.at(-1)).toBe("stop");
    expect(scene(desk)).toMatchObject({ kind: "over" });
  });

  it("ends when an accept comes too late", async () => {
    const { desk } = open();
    client.put(ringing());
    client.refusal = new OffhookError("call_ended", "over");
    await desk.accept("call-1");
    expect(media.asked).toEqual(["start camera microphone", "stop"]);
  });
});

describe("the room", () => {
  it("is entered when somebody is there: not while a call of two rings", async () => {
    const { desk } = open();
    await desk.place(["bob"]);
    expect(roomOf().asked).toEqual([]);
    client.change("call-1", { phase: "active" });
    expect(roomOf().asked).toEqual(["use", "enter"]);
  });

  it("of a group is entered at once, and of two as well if the app wants it", async () => {
    await open().desk.place(["bob", "carol"]);
    expect(roomOf().asked).toEqual(["use", "enter"]);
    client = new FakeClient();
    await open({ enterEarly: true }).desk.place(["bob"]);
    expect(roomOf().asked).toEqual(["use", "enter"]);
  });

  it("is left when the call is over, and when the page goes", async () => {
    const { desk, stop } = open();
    await desk.join(client.put(active()).id);
    client.change("call-1", { phase: "over" });
    expect(roomOf().asked.slice(-2)).toEqual(["unuse", "leave"]);
    await desk.join(client.put(active({ id: "call-2" })).id);
    stop();
    expect(roomOf("call-2").asked.at(-1)).toBe("leave");
  });

  it("is entered again by itself after a loss, with pauses", async () => {
    const { desk } = open();
    await desk.join(client.put(active()).id);
    const room = roomOf();
    await Promise.resolve();
    room.change({ stay: { phase: "out", cause: "lost" } });
    expect(room.asked).toEqual(["use", "enter"]);
    clock.pass(1_000);
    expect(room.asked).toEqual(["use", "enter", "enter"]);
  });

  it("that refuses is told of, tried again if that may help, and when the user says so", async () => {
    const { desk } = open();
    const room = client.put(active()).room_;
    room.refusal = new OffhookError("room_full", "full", { isRetryable: true, retryAfterMs: 3_000 });
    await desk.join("call-1");
    await Promise.resolve();
    expect(desk.state.parts.get("call-1")?.refusal?.code).toBe("room_full");
    clock.pass(2_999);
    expect(room.asked).toEqual(["use", "enter"]);
    clock.pass(1);
    await settled();
    room.refusal = undefined;
    desk.retryRoom();
    await settled();
    expect(desk.state.parts.get("call-1")).not.toHaveProperty("refusal");
  });

  it("puts this page out: the part ends, and the farewell says why", async () => {
    const { desk } = open();
    await desk.join(client.put(active()).id);
    await settled();
    roomOf().change({ stay: { phase: "out", cause: "kicked" } });
    expect(scene(desk)).toMatchObject({ kind: "over", part: { putOut: "kicked" } });
    expect(client.asked).toContain("call-1 quit");
    expect(media.asked.at(-1)).toBe("stop");
  });
});

describe("an invite", () => {
  it("that fails stays on the stage with its reason, until it is put away or tried again", async () => {
    const { desk } = open();
    client.refusal = new OffhookError("nobody_registered", "nobody");
    await desk.place(["zoe"]);
    expect(scene(desk)).toMatchObject({ kind: "dialing", dialing: { problem: { code: "nobody_registered" } } });
    expect(media.asked.at(-1)).toBe("stop");
    desk.stopDialing();
    expect(scene(desk)).toEqual({ kind: "idle" });
  });

  it("is taken back before there is a call, and hung up if it was placed all the same", async () => {
    const { desk } = open();
    let arrive = () => {};
    client.beforeInvited = () => new Promise((resolve) => (arrive = resolve));
    const placing = desk.place(["bob"]);
    desk.stopDialing();
    expect(scene(desk)).toEqual({ kind: "idle" });
    arrive();
    await placing;
    await settled();
    expect(client.asked).toContain("call-1 hangUp");
    expect(media.asked.at(-1)).toBe("stop");
  });

  it("during a call is not made, and said so", async () => {
    const { desk } = open();
    await desk.join(client.put(active()).id);
    await desk.place(["carol"]);
    expect(client.asked).not.toContain("invite carol video");
    expect(desk.state.notices).toMatchObject([{ kind: "already_in_call" }]);
  });

  it("calls nobody twice, and not the user", async () => {
    const { desk } = open();
    await desk.place(["bob", "bob", ME]);
    await desk.place([ME]);
    expect(client.asked).toEqual(["invite bob video"]);
  });

  it("tells who could not be invited, for a while", async () => {
    const { desk } = open();
    client.leftOut = [{ user: "zoe", cause: "unregistered" }];
    await desk.place(["bob", "zoe"]);
    expect(desk.state.notices).toMatchObject([{ kind: "left_out", user: "zoe" }]);
    clock.pass(6_000);
    expect(desk.state.notices).toEqual([]);
  });
});

describe("a second ring", () => {
  it("is shown beside the call, and accepting it ends the call first", async () => {
    const { desk } = open();
    await desk.join(client.put(active()).id);
    client.put(ringing({ id: "call-2", caller: "carol" }));
    expect(stageOf(desk.state)).toMatchObject({ scene: { kind: "talking" }, rings: [{ id: "call-2" }] });
    await desk.accept("call-2");
    expect(client.asked).toEqual(["call-1 hangUp", "call-2 accept"]);
    expect(scene(desk)).toMatchObject({ kind: "talking", call: { id: "call-2" } });
  });

  it("is declined as busy where the user wants that, and never shown", async () => {
    const { desk } = open({ busy: "reject" });
    await desk.join(client.put(active()).id);
    client.put(ringing({ id: "call-2" }));
    expect(client.asked).toEqual(["call-2 reject busy"]);
    expect(stageOf(desk.state).rings).toEqual([]);
  });

  it("while nothing else goes on rings, whatever is set for calls during calls", () => {
    const { desk } = open({ busy: "reject" });
    client.put(ringing());
    expect(scene(desk)).toMatchObject({ kind: "incoming" });
  });
});

describe("do not disturb", () => {
  it("silences this device alone, at once, and shows nothing", () => {
    const { desk } = open({ doNotDisturb: true });
    client.put(ringing());
    expect(client.asked).toEqual(["call-1 ignore"]);
    client.change("call-1", { phase: "over", legs: [leg("bob", "canceled"), leg(ME, "be_canceled")] });
    expect(scene(desk)).toEqual({ kind: "idle" });
  });
});

describe("after a reload", () => {
  it("this tab goes on in its call, with what it sent", async () => {
    const first = open();
    await first.desk.join(client.put(active()).id);
    await media.setMicrophone(false);
    const kept = new FakeKeep();
    for (const [key, value] of session.kept) kept.setItem(key, value);
    first.stop();
    session = kept;
    media = new FakeMedia();
    const { desk } = open();
    expect(scene(desk)).toMatchObject({ kind: "talking" });
    expect(media.asked).toEqual(["start camera"]);
  });

  it("another tab is only told of the call", () => {
    const { desk } = open();
    client.put(active());
    expect(scene(desk)).toMatchObject({ kind: "return" });
    expect([media.asked, roomOf().asked]).toEqual([[], []]);
  });

  it("starts again where React begins effects twice", async () => {
    const desk = new Desk({ client, clock, createMedia: () => media, session }, {});
    const stop = desk.start();
    await desk.join(client.put(active()).id);
    stop();
    desk.start();
    expect(media.asked).toEqual(["start camera microphone", "stop", "start camera microphone"]);
    expect(roomOf().asked).toEqual(["use", "enter", "unuse", "leave", "use", "enter"]);
  });
});

describe("the farewell", () => {
  it("outlives the client's memory of the call, until it is put away", async () => {
    let backs = 0;
    const { desk } = open({ onBack: () => (backs += 1) });
    await desk.join(client.put(active()).id);
    client.change("call-1", { phase: "over" });
    client.forget("call-1");
    expect(scene(desk)).toMatchObject({ kind: "over" });
    desk.close("call-1");
    expect([scene(desk), backs]).toEqual([{ kind: "idle" }, 1]);
  });

  it("is not given for what the user did to a ring, here or elsewhere", async () => {
    const { desk } = open();
    client.put(ringing());
    await desk.reject("call-1");
    expect(scene(desk)).toEqual({ kind: "idle" });
    client.put(ringing({ id: "call-2" }));
    client.change("call-2", { phase: "over", ringStopped: "declined_elsewhere" });
    expect(scene(desk)).toEqual({ kind: "idle" });
  });

  it("is not given for calls that were over before this page was opened", () => {
    client.put(callState({ phase: "over" }));
    expect(scene(open().desk)).toEqual({ kind: "idle" });
  });

  it("of a call that goes on elsewhere lets the user come back", async () => {
    const { desk } = open();
    await desk.join(client.put(active()).id);
    client.change("call-1", { phase: "elsewhere" });
    expect(scene(desk)).toMatchObject({ kind: "over" });
    await desk.join("call-1");
    expect(client.asked).toContain("call-1 join");
    expect(scene(desk)).toMatchObject({ kind: "talking" });
  });
});

describe("a call in vain", () => {
  const declined = [leg(ME, "accepted"), leg("bob", "rejected", { reason: "busy" })];

  it("is ended for the server once, and told as what it was, before and after the server has done so", async () => {
    const { desk } = open();
    await desk.place(["bob"]);
    client.refusal = new OffhookError("timed_out", "no answer");
    client.change("call-1", { phase: "alone", legs: declined });
    client.change("call-1", { seq: 9 });
    await settled();
    const told = () => {
      const now = scene(desk);
      return now.kind === "over" ? outcomeOf(now.call, ME, now.part).kind : now.kind;
    };
    expect([client.asked, told(), media.asked.at(-1)]).toEqual([["invite bob video", "call-1 end"], "busy", "stop"]);
    client.change("call-1", { phase: "over", end: { at: 0, by: ME, cause: "ended" } });
    expect(told()).toBe("busy");
  });

  it("is one whose only other has gone", async () => {
    const { desk } = open();
    await desk.join(client.put(active()).id);
    const legs = [leg(ME, "accepted"), leg("bob", "quit", { acceptedAt: 0 })];
    client.change("call-1", { phase: "alone", legs });
    await settled();
    expect(client.asked).toEqual(["call-1 end"]);
    const now = scene(desk);
    expect(now.kind === "over" && outcomeOf(now.call, ME, now.part)).toMatchObject({ kind: "left_by", who: "bob" });
  });

  it("is not a group that somebody has been in: others can be called in again", async () => {
    const { desk } = open();
    const legs = [leg(ME, "accepted"), leg("bob", "quit", { acceptedAt: 0 }), leg("carol", "rejected")];
    await desk.join(client.put(active({ phase: "alone", legs })).id);
    expect([client.asked, scene(desk).kind]).toEqual([[], "talking"]);
  });
});

describe("a group", () => {
  it("tells who comes, goes and declines; a call of two does not need to", async () => {
    const { desk } = open();
    const legs = [leg(ME, "accepted"), leg("bob", "accepted"), leg("carol", "received"), leg("dave", "received")];
    await desk.join(client.put(active({ legs })).id);
    client.changeLegs("call-1", leg("carol", "accepted"), leg("dave", "rejected", { reason: "busy" }));
    client.changeLegs("call-1", leg("bob", "quit"), leg("carol", "timed_out"));
    expect(desk.state.notices.map(({ kind }) => kind)).toEqual(["entered", "busy", "left", "unanswered"]);
  });

  it("lets the user take back whom they have added", async () => {
    const { desk } = open();
    await desk.join(client.put(active({ caller: "bob" })).id);
    roomOf().change({ participants: [participant(ME, { isMe: true })] });
    await desk.add("call-1", ["carol"]);
    expect([...(desk.state.parts.get("call-1")?.added ?? [])]).toEqual(["carol"]);
    await desk.takeBack("call-1", "carol");
    expect(client.asked.slice(-2)).toEqual(["call-1 add carol", "call-1 cancel carol"]);
  });
});

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}
