// Who calls in the gallery.
import type { CallState } from "@offhook/client";
import type { Person } from "../src/index.js";
import { active, callState, leg, ME, ringing } from "../src/testing/fake_client.js";

export const PEOPLE: Record<string, Person> = {
  bob: { name: "Bob Keller" },
  carol: { name: "Carol" },
  dave: { name: "Dave Okonkwo" },
  erin: { name: "Erin" },
  frank: { name: "Frank" },
  grace: { name: "Grace" },
  heidi: { name: "王小明" },
  ivan: { name: "יצחק" },
  judy: { name: "Judy with a name that goes on for a while" },
  alice: { name: "Alice" },
  mallory: { name: "<img src=x onerror=alert(1)>\u202egnorw\u202c \u0000 and a very very long name that never ends" },
};

const HOUR = 3_600_000;

/** Some days of calls. */
export function pastCalls(): readonly CallState[] {
  const now = Date.now();
  const one = (index: number, hours: number, call: CallState): CallState => ({
    ...call,
    id: `past-${index}`,
    phase: "over",
    createdAt: now - hours * HOUR,
  });
  const talked = (hours: number, ms: number) => ({
    legs: [
      leg(ME, "accepted", { acceptedAt: now - hours * HOUR }),
      leg("bob", "ended", { acceptedAt: now - hours * HOUR }),
    ],
    end: { at: now - hours * HOUR + ms, by: "bob", cause: "ended" },
  });
  return [
    one(1, 0.2, active({ ...talked(0.2, 312_000) })),
    one(2, 1.5, ringing({ caller: "carol", media: "audio", legs: [leg("carol", "accepted"), leg(ME, "timed_out")] })),
    one(
      3,
      3,
      callState({
        legs: [leg(ME, "canceled"), leg("dave", "be_canceled")],
        end: { at: now, by: ME, cause: "canceled" },
      }),
    ),
    one(4, 26, active({ ...talked(26, 4_512_000), caller: "bob", media: "audio" })),
    one(
      5,
      30,
      callState({
        legs: [leg(ME, "accepted"), leg("erin", "rejected", { reason: "busy" })],
        end: { at: now, cause: "rejected" },
      }),
    ),
    one(
      6,
      80,
      ringing({
        caller: "mallory",
        legs: [leg("mallory", "canceled"), leg(ME, "be_canceled")],
        end: { at: now, by: "mallory", cause: "canceled" },
      }),
    ),
    one(
      7,
      400,
      active({
        legs: [leg(ME, "quit"), leg("bob", "quit"), leg("carol", "quit"), leg("grace", "quit"), leg("heidi", "quit")],
        end: { at: now, cause: "all_left" },
      }),
    ),
  ];
}
