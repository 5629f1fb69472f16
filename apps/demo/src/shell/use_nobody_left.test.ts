import type { Leg } from "@offhook/client";
import { expect, test } from "vitest";
import { isInVain } from "./use_nobody_left.js";

const alice: Leg = { user: "alice", status: "accepted", data: "" };
const bob = (more: Partial<Leg>): Leg => ({ user: "bob", status: "rejected", data: "", ...more });

test("a call that nobody took is in vain, one that somebody has left is not", () => {
  const call = (phase: "alone" | "calling", leg: Leg) => isInVain({ phase, caller: "alice", legs: [alice, leg] });
  expect(call("alone", bob({}))).toBe(true);
  expect(call("alone", bob({ status: "quit", acceptedAt: 5 }))).toBe(false);
  expect(call("calling", bob({ status: "received" }))).toBe(false);
});
