// How the desk's state follows from what happens. Pure.
import type { CallId, CallState, ClientState, LeaveCause, OffhookError, UserId } from "@offhook/client";
import { assertNever } from "../assert_never.js";
import type { DeskState, Dialing, Media, NoticeText, Part, Settings, View } from "./state.js";

/** What can happen to a desk. */
export type DeskInput =
  | { readonly kind: "added"; readonly call: CallId; readonly users: readonly UserId[] }
  | { readonly kind: "client"; readonly state: ClientState }
  | { readonly kind: "closed"; readonly call: CallId }
  | { readonly kind: "dialing"; readonly dialing: Dialing | undefined }
  | { readonly kind: "notice"; readonly id: number; readonly text: NoticeText }
  | { readonly kind: "notice_over"; readonly id: number }
  | { readonly kind: "part"; readonly call: CallId; readonly media: Media; readonly step: Part["step"] }
  | { readonly kind: "part_dropped"; readonly call: CallId }
  | { readonly kind: "put_out"; readonly call: CallId; readonly cause: LeaveCause | undefined }
  | { readonly kind: "refusal"; readonly call: CallId; readonly problem: OffhookError | undefined }
  | { readonly kind: "settings"; readonly settings: Settings }
  | { readonly kind: "token_needed"; readonly isNeeded: boolean }
  | { readonly kind: "view"; readonly view: View };

/** A desk that has seen nothing. */
export function emptyDesk(settings: Settings): DeskState {
  return {
    connection: { state: "disconnected" },
    calls: [],
    parts: new Map(),
    rang: new Set(),
    closed: new Set(),
    view: "full",
    notices: [],
    settings,
    tokenNeeded: false,
  };
}

export function reduce(state: DeskState, input: DeskInput): DeskState {
  switch (input.kind) {
    case "added":
      return changePart(state, input.call, (part) => ({ ...part, added: new Set([...part.added, ...input.users]) }));
    case "client":
      return takeClient(state, input.state);
    case "closed":
      return forget(state, input.call);
    case "dialing":
      return withDialing(state, input.dialing);
    case "notice":
      return { ...state, notices: [...state.notices, { ...input.text, id: input.id }] };
    case "notice_over":
      return { ...state, notices: state.notices.filter((notice) => notice.id !== input.id) };
    case "part":
      return takePart(state, input.call, input.media, input.step);
    case "part_dropped":
      return dropPart(state, input.call);
    case "put_out":
      return changePart(state, input.call, ({ putOut: _, ...part }) =>
        input.cause === undefined ? part : { ...part, putOut: input.cause },
      );
    case "refusal":
      return changePart(state, input.call, ({ refusal: _, ...part }) =>
        input.problem === undefined ? part : { ...part, refusal: input.problem },
      );
    case "settings":
      return { ...state, settings: input.settings };
    case "token_needed":
      return { ...state, tokenNeeded: input.isNeeded };
    case "view":
      return { ...state, view: input.view };
    default:
      return assertNever(input);
  }
}

function takeClient(state: DeskState, client: ClientState): DeskState {
  const known = new Set(client.calls.map((call) => call.id));
  const kept = state.calls.filter((call) => !known.has(call.id) && isKept(state, call));
  const ringing = client.calls.filter((call) => call.phase === "ringing").map((call) => call.id);
  const isOnline = client.connection.state === "online";
  return {
    ...state,
    connection: client.connection,
    ...(client.user === undefined ? {} : { me: client.user }),
    calls: [...client.calls, ...kept],
    parts: isOnline ? state.parts : awayFrom(state.parts),
    rang: ringing.every((id) => state.rang.has(id)) ? state.rang : new Set([...state.rang, ...ringing]),
    // Once it rings again, an old farewell is no reason to hide it.
    closed: ringing.some((id) => state.closed.has(id)) ? without(state.closed, ringing) : state.closed,
    tokenNeeded: state.tokenNeeded && (!isOnline || state.connection.state === "online"),
  };
}

/** The server does not hear of this page: it may put it out of its calls. */
function awayFrom(parts: DeskState["parts"]): DeskState["parts"] {
  const isNews = ({ step, wasAway }: Part) => step === "in" && !wasAway;
  if (![...parts.values()].some(isNews)) return parts;
  return new Map([...parts].map(([id, part]) => [id, isNews(part) ? { ...part, wasAway: true } : part]));
}

/** Over and not put away: its farewell is shown although the client has forgotten it. */
function isKept(state: DeskState, call: CallState): boolean {
  return call.phase === "over" && !state.closed.has(call.id) && (state.parts.has(call.id) || state.rang.has(call.id));
}

function withDialing({ dialing: _, ...state }: DeskState, dialing: Dialing | undefined): DeskState {
  return dialing === undefined ? state : { ...state, dialing, view: "full" };
}

function takePart(state: DeskState, call: CallId, media: Media, step: Part["step"]): DeskState {
  const before = state.parts.get(call);
  const part: Part = { media, step, added: before?.added ?? new Set() };
  const isNew = before === undefined;
  return {
    ...state,
    parts: new Map(state.parts).set(call, part),
    closed: step === "leaving" ? state.closed : without(state.closed, [call]),
    view: isNew || step === "leaving" ? "full" : state.view,
  };
}

function changePart(state: DeskState, call: CallId, change: (part: Part) => Part): DeskState {
  const part = state.parts.get(call);
  return part ? { ...state, parts: new Map(state.parts).set(call, change(part)) } : state;
}

function dropPart(state: DeskState, call: CallId): DeskState {
  const parts = new Map(state.parts);
  parts.delete(call);
  return { ...state, parts };
}

function forget(state: DeskState, call: CallId): DeskState {
  const closed = new Set([...state.closed, call]);
  const known = state.calls.filter((each) => each.id !== call || each.phase !== "over");
  return { ...dropPart(state, call), closed, calls: known, view: "full" };
}

function without(ids: ReadonlySet<CallId>, taken: readonly CallId[]): ReadonlySet<CallId> {
  const rest = new Set(ids);
  for (const id of taken) rest.delete(id);
  return rest;
}
