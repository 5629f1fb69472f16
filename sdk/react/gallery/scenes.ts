// Every state of every screen: what happened before it.
import { OffhookError } from "@offhook/client";
import type { Desk } from "../src/index.js";
import type { callState, FakeClient } from "../src/testing/fake_client.js";
import { active, CREATED_AT, leg, ME, ringing } from "../src/testing/fake_client.js";
import type { FakeMedia } from "../src/testing/fake_media.js";
import { type FakeRoom, participant } from "../src/testing/fake_room.js";

export interface World {
  readonly client: FakeClient;
  readonly media: FakeMedia;
  readonly desk: Desk;
}

export interface SceneScript {
  /** Called once the kit stands. */
  readonly run: (world: World) => unknown;
  /** The app's page shows history, settings, or the device check. */
  readonly shelf?: "check" | "history" | "settings";
  readonly confirmHangUp?: boolean;
}

const now = () => performance.now();
const ago = (seconds: number) => now() - seconds * 1_000;

async function enter({ client, desk }: World, changes: Parameters<typeof active>[0] = {}): Promise<FakeRoom> {
  const call = client.put(active({ activeSince: ago(194), ...changes }));
  await desk.join(call.id);
  return call.room_;
}

async function pair(world: World, me: Sends, bob: Sends, media: "audio" | "video" = "video"): Promise<FakeRoom> {
  const room = await enter(world, { media });
  await world.media.setCamera(me.camera === true);
  await world.media.setMicrophone(true);
  room.change({
    participants: [participant(ME, { isMe: true, ...me }), participant("bob", bob)],
    activeSpeaker: "bob",
  });
  return room;
}

type Sends = Parameters<typeof participant>[1] & {};

const GROUP = ["bob", "carol", "dave", "erin"];

async function group(
  world: World,
  waiting: readonly string[] = [],
  users: readonly string[] = GROUP,
): Promise<FakeRoom> {
  const room = await enter(world, {
    legs: [
      leg(ME, "accepted"),
      ...users.map((user) => leg(user, "accepted", { acceptedAt: CREATED_AT })),
      ...waiting.map((user) => leg(user, "received")),
    ],
  });
  await world.media.setCamera(true);
  await world.media.setMicrophone(true);
  room.change({
    role: "host",
    activeSpeaker: "carol",
    participants: [
      participant(ME, { isMe: true, camera: true }),
      ...users.map((user, index) =>
        participant(user, {
          camera: index !== 1,
          microphone: index === 2 ? "muted" : "on",
          level: user === "carol" ? 55 : 0,
          presence: index === 3 ? "reconnecting" : "flowing",
          downlink: index === 0 ? 2 : 5,
        }),
      ),
    ],
  });
  return room;
}

function click(selector: string): void {
  setTimeout(() => document.querySelector<HTMLElement>(selector)?.click(), 400);
}

async function ended(world: World, changes: Parameters<typeof callState>[0]): Promise<void> {
  await enter(world);
  world.client.change("call-1", { phase: "over", ...changes });
}

const ENDED = { at: CREATED_AT + 194_000, cause: "ended" };

export const SCENES: Record<string, SceneScript> = {
  "incoming-video": { run: ({ client }) => client.put(ringing({ ringUntil: now() + 42_000 })) },
  "incoming-voice": { run: ({ client }) => client.put(ringing({ media: "audio", ringUntil: now() + 42_000 })) },
  "incoming-group": {
    run: ({ client }) =>
      client.put(
        ringing({
          caller: "dave",
          inviter: "bob",
          ringUntil: now() + 20_000,
          legs: [leg("dave", "accepted"), leg("bob", "accepted"), leg(ME, "received"), leg("carol", "received")],
        }),
      ),
  },
  "incoming-hostile": {
    run: ({ client }) => client.put(ringing({ caller: "mallory", ringUntil: now() + 42_000 })),
  },
  "incoming-two": {
    run: ({ client }) => {
      client.put(ringing({ ringUntil: now() + 42_000 }));
      client.put(
        ringing({
          id: "call-2",
          caller: "carol",
          media: "audio",
          createdAt: CREATED_AT + 1,
          ringUntil: now() + 50_000,
        }),
      );
    },
  },
  dialing: {
    run: ({ client, desk }) => {
      client.beforeInvited = () => new Promise(() => undefined);
      void desk.place(["bob"], { media: "audio" });
    },
  },
  "waiting-voice": {
    run: async ({ client, desk }) => {
      await desk.place(["bob"], { media: "audio" });
      client.changeLegs("call-1", leg("bob", "received"));
    },
  },
  "waiting-video": {
    run: async ({ client, desk }) => {
      await desk.place(["bob"]);
      client.changeLegs("call-1", leg("bob", "received"));
    },
  },
  "waiting-group": {
    run: async ({ client, desk }) => {
      await desk.place(["bob", "carol", "dave", "erin"], { media: "audio" });
      client.changeLegs("call-1", leg("bob", "received"), leg("carol", "rejected"), leg("dave", "not_yet_received"));
    },
  },
  "waiting-denied": {
    run: async ({ media, desk }) => {
      const trouble = { status: "off", trouble: "denied" } as const;
      media.change({ camera: { source: "camera", ...trouble }, microphone: { source: "microphone", ...trouble } });
      await desk.place(["bob"]);
    },
  },
  failed: {
    run: ({ client, desk }) => {
      client.refusal = new OffhookError("nobody_registered", "nobody of this name");
      return desk.place(["zoe"], { media: "audio" });
    },
  },
  "call-voice": { run: (world) => pair(world, {}, { level: 40 }, "audio") },
  "call-video": { run: (world) => pair(world, { camera: true }, { camera: true }) },
  "call-video-menu": {
    run: async (world) => {
      await pair(world, { camera: true }, { camera: true });
      click(".oh-more button");
    },
  },
  "call-video-devices": {
    run: async (world) => {
      await pair(world, { camera: true }, { camera: true });
      click(".oh-device-open");
    },
  },
  "call-other-off": { run: (world) => pair(world, { camera: true }, { level: 30 }) },
  "call-weak": {
    run: async (world) => {
      await pair(world, { camera: true, uplink: 2 }, { camera: true });
      world.client.connection({ state: "backoff", retryAt: now() + 5_000 });
    },
  },
  "call-confirm": {
    confirmHangUp: true,
    run: async (world) => {
      await pair(world, { camera: true }, { camera: true });
      click(".oh-hang-up");
    },
  },
  "call-second": {
    run: async (world) => {
      await pair(world, { camera: true }, { camera: true });
      world.client.put(ringing({ id: "call-2", caller: "carol", media: "audio", ringUntil: now() + 50_000 }));
    },
  },
  "call-muted-taken": {
    run: async (world) => {
      await pair(world, {}, { camera: true });
      world.media.change({ microphone: { source: "microphone", status: "off", trouble: "taken" } });
    },
  },
  "call-alone": {
    run: async (world) => {
      await enter(world, {
        phase: "alone",
        legs: [leg(ME, "accepted"), leg("bob", "quit", { acceptedAt: CREATED_AT }), leg("carol", "timed_out")],
      });
    },
  },
  "call-no-media": {
    run: async (world) => {
      const call = world.client.put(active({ activeSince: ago(12), media: "audio" }));
      call.room_.refusal = new OffhookError("media_unavailable", "no media");
      await world.desk.join(call.id);
    },
  },
  "group-grid": { run: (world) => group(world, ["frank"]) },
  "group-nine": {
    run: async (world) => group(world, ["heidi"], ["bob", "carol", "dave", "erin", "frank", "grace", "ivan", "judy"]),
  },
  "group-speaker": {
    run: async (world) => {
      await group(world, ["frank"]);
      click("[aria-label='Show Carol large'], [aria-label='放大Carol']");
    },
  },
  "group-screen": {
    run: async (world) => {
      const room = await group(world);
      room.change({
        participants: room.state.participants.map((each) =>
          each.user === "erin" ? participant("erin", { camera: true, screen: true }) : each,
        ),
      });
      await world.media.shareScreen();
    },
  },
  "group-people": {
    run: async (world) => {
      await group(world, ["frank"]);
      world.client.changeLegs("call-1", leg("erin", "quit"));
      click(".oh-controls .oh-round[aria-expanded]:not([aria-haspopup])");
    },
  },
  "group-settings": {
    run: async (world) => {
      await group(world);
      click(".oh-more button");
      setTimeout(() => click(".oh-menu-item:last-of-type, .oh-menu-item:nth-last-child(2)"), 300);
    },
  },
  small: {
    run: async (world) => {
      await pair(world, { camera: true }, { camera: true });
      world.desk.show("small");
    },
  },
  "small-voice": {
    run: async (world) => {
      await pair(world, {}, { level: 20 }, "audio");
      world.desk.show("small");
      world.client.put(ringing({ id: "call-2", caller: "carol", media: "audio", ringUntil: now() + 50_000 }));
    },
  },
  "over-hung-up": {
    run: async (world) => {
      await enter(world, { createdAt: CREATED_AT });
      await world.desk.hangUp("call-1");
      world.client.change("call-1", { end: { ...ENDED, by: ME } });
    },
  },
  "over-by": { run: (world) => ended(world, { end: { ...ENDED, by: "bob" } }) },
  "over-rejected": {
    run: async ({ client, desk }) => {
      await desk.place(["bob"]);
      const legs = [leg(ME, "accepted"), leg("bob", "rejected", { reason: "declined" })];
      client.change("call-1", { phase: "over", legs, end: { at: CREATED_AT, cause: "rejected" } });
    },
  },
  "over-busy": {
    run: async ({ client, desk }) => {
      await desk.place(["bob"], { media: "audio" });
      const legs = [leg(ME, "accepted"), leg("bob", "rejected", { reason: "busy" })];
      client.change("call-1", { phase: "over", legs, end: { at: CREATED_AT, cause: "rejected" } });
    },
  },
  "over-unanswered": {
    run: async ({ client, desk }) => {
      await desk.place(["bob"]);
      const legs = [leg(ME, "accepted"), leg("bob", "timed_out")];
      client.change("call-1", { phase: "over", legs, end: { at: CREATED_AT, cause: "unanswered" } });
    },
  },
  "over-left": {
    run: async (world) => {
      await group(world);
      world.client.change("call-1", {
        phase: "over",
        legs: [leg(ME, "quit"), ...GROUP.map((user) => leg(user, "accepted"))],
      });
    },
  },
  "over-removed": {
    run: async (world) => {
      const room = await group(world);
      room.change({ stay: { phase: "out", cause: "kicked" } });
    },
  },
  "card-missed": {
    run: ({ client }) => {
      client.put(ringing());
      client.change("call-1", {
        phase: "over",
        ringStopped: "canceled",
        legs: [leg("bob", "canceled"), leg(ME, "be_canceled")],
        end: { at: CREATED_AT, by: "bob", cause: "canceled" },
      });
    },
  },
  "card-answered-elsewhere": {
    run: ({ client }) => {
      client.put(ringing());
      client.change("call-1", {
        phase: "elsewhere",
        ringStopped: "answered_elsewhere",
        legs: [leg("bob", "accepted"), leg(ME, "accepted")],
      });
    },
  },
  "card-elsewhere": { run: ({ client }) => client.put(active({ phase: "elsewhere" })) },
  "card-return": { run: ({ client }) => client.put(active()) },
  "session-replaced": { run: ({ client }) => client.connection({ state: "stopped", reason: "replaced" }) },
  "session-ended": { run: ({ client }) => client.connection({ state: "stopped", reason: "unauthenticated" }) },
  notices: {
    run: ({ client, desk }) => {
      client.refusal = new OffhookError("rate_limited", "too much");
      client.put(ringing());
      void desk.reject("call-1");
    },
  },
  history: { shelf: "history", run: () => undefined },
  "history-empty": { shelf: "history", run: () => undefined },
  settings: { shelf: "settings", run: () => undefined },
  check: { shelf: "check", run: () => click(".oh-check .oh-text-button-accept") },
};
