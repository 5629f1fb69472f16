// The traces of testing/conformance, replayed by the machine. Their form is told there.
/// <reference types="vite/client" />
import { expect, test } from "vitest";
import type { Request } from "../generated/frames.js";
import { readFrame } from "./frames.js";
import { begin, step, wakeAt } from "./machine.js";
import { configOf } from "./port.js";
import type { ConnectionState, Input, MachineEvent, Output, RequestError } from "./port.js";

type Written = string | Readonly<Record<string, unknown>>;

interface Step {
  readonly at_ms: number;
  readonly random?: number;
  readonly input: Written;
  readonly expect: readonly unknown[];
  readonly wake_at_ms: number | null;
}

interface Trace {
  readonly name: string;
  readonly steps: readonly Step[];
}

const TRACES = Object.values(
  import.meta.glob<Trace>("../../../../testing/conformance/*.json", { eager: true, import: "default" }),
);

test("the traces are there", () => {
  expect(TRACES.length).toBeGreaterThanOrEqual(50);
});

test.each(TRACES)("the machine follows: $name", (trace) => {
  let state = begin({ ...configOf("phone-1", "ios"), app: 1, name: "Bob" });
  for (const [at, { at_ms, random = 0, input, expect: expected, wake_at_ms }] of trace.steps.entries()) {
    const next = step(state, inputOf(input), { now: at_ms, random });
    const place = `${trace.name}, step ${at} at ${at_ms} ms`;
    expect(next.outputs.map(written), place).toStrictEqual(expected);
    expect(wakeAt(next.state), `${place}: the next timeout`).toBe(wake_at_ms);
    state = next.state;
  }
});

function inputOf(input: Written): Input {
  if (typeof input === "string") return { kind: input } as Input;
  const [[kind, content] = ["", undefined]] = Object.entries(input);
  switch (kind) {
    case "frame":
      return { kind, frame: readFrame(JSON.stringify(content)) };
    case "request": {
      const { handle, frame } = content as { handle: number; frame: Request };
      return { kind, handle, request: withDefaults(frame) };
    }
    case "socket_closed":
      return { kind, code: (content as { code: number | null }).code };
    case "token":
      return { kind, token: content as string };
    default:
      throw new Error(`no such input: ${kind}`);
  }
}

/** The traces show requests with everything that they leave to the server, as the Rust client writes them. */
function withDefaults(request: Request): Request {
  switch (request.type) {
    case "call.accept":
    case "call.join":
      return { ...request, body: { data: "", ...request.body } };
    case "call.reject":
      return { ...request, body: { data: "", reason: "declined", ...request.body } };
    case "call.list":
      return { ...request, body: { limit: 20, ...request.body } };
    case "call.invite": {
      const defaults = { extended_data: "", media: "video", mode: "general", not_received_check: false, timeout_s: 0 };
      return { ...request, body: { ...defaults, ...request.body } };
    }
    default:
      return request;
  }
}

function written(output: Output): unknown {
  switch (output.kind) {
    case "event":
      return { output: output.kind, event: eventOf(output.event) };
    case "resolve":
      return "reply" in output.result
        ? { output: output.kind, handle: output.handle, reply: output.result.reply.type }
        : { output: output.kind, handle: output.handle, error: errorOf(output.result.error) };
    case "send":
      return { output: output.kind, frame: JSON.parse(JSON.stringify(output.frame)) as unknown };
    case "close_socket":
    case "need_token":
    case "open_socket":
      return { output: output.kind };
  }
}

/** What an event bears of a call is shortened to what the machine adds to the frame. */
function eventOf(event: MachineEvent): unknown {
  switch (event.kind) {
    case "call_changed":
      return {
        type: event.kind,
        call: event.call,
        changed: event.changed.map(({ user, status }) => ({ user, status })),
      };
    case "call_created":
    case "merged":
      return { type: event.kind, call: event.call };
    case "call_ended":
      return {
        type: event.kind,
        by: event.by ?? null,
        call: event.call,
        cause: event.end?.cause ?? null,
        changed: event.changed.map(({ user, status }) => ({ user, status })),
        data: event.data,
      };
    case "connection":
      return { type: event.kind, ...event.connection } satisfies ConnectionState & { type: string };
    case "incoming":
      return { type: event.kind, call: event.call, remaining_ms: event.remainingMs };
    case "refused":
      return { type: event.kind, code: event.problem.code };
    case "ring_stopped":
      return { type: event.kind, by: event.by ?? null, call: event.call, data: event.data, reason: event.reason };
    case "room":
      return { type: event.event.type, room: event.event.body.room };
    case "token_needed":
      return { type: event.kind };
  }
}

function errorOf(error: RequestError): unknown {
  return error.type === "problem" ? { type: error.type, code: error.problem.code } : error;
}
