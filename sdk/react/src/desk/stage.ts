// What the kit shows: one scene, and calls that ring beside it. Pure, and the only place that decides it.
import type { CallState } from "@offhook/client";
import { assertNever } from "../assert_never.js";
import { type DeskState, type Dialing, isInVain, isLive, type Part } from "./state.js";

/** What has the stage. */
export type Scene =
  | { readonly kind: "idle" }
  /** The server is being asked, or has refused: `dialing.problem`. */
  | { readonly kind: "dialing"; readonly dialing: Dialing }
  | { readonly kind: "incoming"; readonly call: CallState }
  /** The user's invitees ring, and nobody is there yet. */
  | { readonly kind: "waiting"; readonly call: CallState; readonly part: Part }
  | { readonly kind: "talking"; readonly call: CallState; readonly part: Part }
  /** The user is in it on this device, but not by this page: it was reloaded, or a back end placed the call. */
  | { readonly kind: "return"; readonly call: CallState }
  /** The user is in it on another device. */
  | { readonly kind: "elsewhere"; readonly call: CallState }
  | { readonly kind: "over"; readonly call: CallState; readonly part?: Part };

/** The scene, and the calls that ring besides. */
export interface Stage {
  readonly scene: Scene;
  /** The oldest first. */
  readonly rings: readonly CallState[];
}

/** What is to be shown. */
export function stageOf(state: DeskState): Stage {
  const rings = ringing(state);
  const own = ownScene(state);
  if (own) return { scene: own, rings };
  const [first, ...rest] = rings;
  if (first) return { scene: { kind: "incoming", call: first }, rings: rest };
  return { scene: quietScene(state), rings: [] };
}

/** The call that this page takes part in, and the part. */
export function liveCall(state: DeskState): { call: CallState; part: Part } | undefined {
  for (const call of state.calls) {
    const part = state.parts.get(call.id);
    if (part && part.step !== "leaving" && !part.putOut && isPresent(call, part)) return { call, part };
  }
  return undefined;
}

/** Whether a ringing call is turned away by what the user has set, and how. */
export function turnedAway(state: DeskState, call: CallState): "busy" | "disturbing" | undefined {
  if (call.phase !== "ringing" || state.parts.has(call.id)) return undefined;
  if (state.settings.doNotDisturb) return "disturbing";
  const isBusy = liveCall(state) !== undefined || (state.dialing !== undefined && !state.dialing.problem);
  return isBusy && state.settings.busy === "reject" ? "busy" : undefined;
}

function ringing(state: DeskState): CallState[] {
  return state.calls
    .filter((call) => call.phase === "ringing" && !state.parts.has(call.id) && !turnedAway(state, call))
    .sort((one, other) => one.createdAt - other.createdAt);
}

function isPresent(call: CallState, part: Part): boolean {
  if (part.step === "answering") return isLive(call) || call.end === undefined;
  return call.phase === "active" || call.phase === "calling" || (call.phase === "alone" && !isInVain(call));
}

function ownScene(state: DeskState): Scene | undefined {
  const live = liveCall(state);
  if (live) return { kind: live.call.phase === "calling" ? "waiting" : "talking", ...live };
  return state.dialing && !state.dialing.problem ? { kind: "dialing", dialing: state.dialing } : undefined;
}

function quietScene(state: DeskState): Scene {
  if (state.dialing) return { kind: "dialing", dialing: state.dialing };
  return farewell(state) ?? elsewhere(state) ?? { kind: "idle" };
}

function farewell(state: DeskState): Scene | undefined {
  for (const call of state.calls) {
    if (state.closed.has(call.id)) continue;
    const part = state.parts.get(call.id);
    if (part && !isPresent(call, part)) return { kind: "over", call, part };
    if (part && (part.step === "leaving" || part.putOut)) return { kind: "over", call, part };
    if (!part && state.rang.has(call.id) && isNews(call)) return { kind: "over", call };
  }
  return undefined;
}

/** Whether the user should hear how a ring ended. What they did themselves, here or elsewhere, they know. */
function isNews(call: CallState): boolean {
  switch (call.ringStopped) {
    case "declined_here":
    case "declined_elsewhere":
    case "ignored":
    case undefined:
      return false;
    case "answered_elsewhere":
      return true;
    case "answered_here":
    case "canceled":
    case "ended":
    case "session_over":
    case "timed_out":
    case "unanswered":
      return call.phase === "over";
    default:
      return assertNever(call.ringStopped);
  }
}

function elsewhere(state: DeskState): Scene | undefined {
  const open = state.calls.filter((call) => !state.closed.has(call.id) && !state.parts.has(call.id));
  const here = open.find((call) => call.phase === "active" || call.phase === "calling" || call.phase === "alone");
  if (here) return { kind: "return", call: here };
  const away = open.find((call) => call.phase === "elsewhere" && !state.rang.has(call.id));
  return away && { kind: "elsewhere", call: away };
}
