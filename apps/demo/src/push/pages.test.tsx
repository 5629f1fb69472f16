// @vitest-environment jsdom
// The pages about pushes: the table with the vendor's part, and the phone that sleeps.
import type { Answered } from "@offhook/client";
import { act, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RouterContext } from "../parts/router.js";
import { Router } from "../route.js";
import { AsleepPage } from "./asleep_page.js";
import { PushesPage } from "./pushes_page.js";

let place: HTMLElement;
let root: Root;
let streams: FakeStream[];
/** What the server was asked, each as "METHOD path body". */
let asked: string[];
let answer: (path: string) => Response;

class FakeStream {
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  isClosed = false;

  constructor(readonly path: string) {
    streams.push(this);
  }

  close(): void {
    this.isClosed = true;
  }
}

beforeEach(() => {
  streams = [];
  asked = [];
  answer = () => Response.json({ mode: "deliver" });
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.stubGlobal("EventSource", FakeStream);
  vi.stubGlobal("WebSocket", () => {
    throw new Error("a phone that sleeps has no connection");
  });
  vi.stubGlobal("fetch", (path: string, options: RequestInit = {}) => {
    const body = typeof options.body === "string" ? options.body : "";
    asked.push(`${options.method ?? "GET"} ${new URL(path, location.origin).pathname} ${body}`.trim());
    return Promise.resolve(answer(path));
  });
  sessionStorage.clear();
  place = document.createElement("div");
  document.body.append(place);
  root = createRoot(place);
});

afterEach(() => {
  act(() => root.unmount());
  place.remove();
  vi.unstubAllGlobals();
});

const settled = () =>
  act(async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  });

async function show(page: ReactNode): Promise<void> {
  act(() => root.render(<RouterContext value={new Router(window)}>{page}</RouterContext>));
  await settled();
}

const named = (name: string) =>
  [...place.querySelectorAll<HTMLElement>("button, input")].find(
    (element) => (element.getAttribute("aria-label") ?? element.textContent) === name,
  );

async function press(name: string): Promise<void> {
  const button = named(name);
  if (!button) throw new Error(`no ${name} in ${place.textContent}`);
  act(() => button.click());
  await settled();
}

const hear = (data: unknown) => act(() => streams.at(-1)?.onmessage?.({ data: JSON.stringify(data) }));

const document_ = (own: object = {}) => ({
  title: "Alice",
  body: "Video call",
  offhook: {
    v: 1,
    kind: "ring",
    call: "call-1",
    seq: 1,
    to: "bob",
    caller: "alice",
    media: "video",
    credential: "secret",
    age_ms: 0,
    remaining_ms: 30_000,
    ring_until_ms: Date.now() + 30_000,
    ...own,
  },
});

const entry = (more: object = {}) => ({
  id: "7",
  at_ms: 1_763_700_000_000,
  user: "bob",
  device: "asleep",
  provider: "webhook",
  resource: "default",
  kind: "ring",
  state: "held",
  seq: 1,
  call: "call-1",
  caller: "alice",
  title: "Alice",
  body: "Video call",
  document: document_(),
  ...more,
});

test("the table shows every push as it stands, and one that is held waits for a decision", async () => {
  await show(<PushesPage />);
  expect(streams[0]?.path).toBe("/dev/push/events");
  expect(place.textContent).toContain("No push yet");
  hear([entry(), entry({ id: "6", kind: "stop", state: "delivered" }), entry({ id: "5", state: "lost" })]);
  const rows = [...place.querySelectorAll("tbody tr")].map((row) => row.textContent.slice(12));
  expect(rows).toEqual([
    "bob asleepringaliceHeldDeliverLose",
    "bob asleepstopaliceDeliveredaccepted",
    "bob asleepringaliceLostno answer",
  ]);
  await press("Deliver the ring to bob");
  await press("Lose the ring to bob");
  expect(asked.slice(-2)).toEqual(["POST /dev/push/7/deliver", "POST /dev/push/7/lose"]);
});

test("the drawer shows what a push says, without its secret, and gives the focus back", async () => {
  await show(<PushesPage />);
  hear([entry()]);
  const name = "What the ring to bob says";
  named(name)?.focus();
  await press(name);
  const drawer = place.querySelector("aside");
  expect(document.activeElement).toBe(drawer);
  expect(drawer?.textContent).toContain('"caller": "alice"');
  expect(place.textContent).not.toContain("secret");
  act(() => {
    drawer?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  });
  expect(place.querySelector("aside")).toBeNull();
  expect(document.activeElement).toBe(named(name));
});

test("the mode is the server's, is changed, and stays as it was if the server does not take it", async () => {
  const chosen = () => place.querySelector<HTMLInputElement>("input:checked")?.value;
  const choose = async (value: string) => {
    act(() => place.querySelector<HTMLInputElement>(`input[value=${value}]`)?.click());
    await settled();
  };
  await show(<PushesPage />);
  expect(chosen()).toBe("deliver");
  await choose("hold");
  expect([chosen(), asked.at(-1)]).toEqual(["hold", 'POST /dev/push/mode {"mode":"hold"}']);
  answer = () => new Response(null, { status: 500 });
  await choose("lose");
  expect(chosen()).toBe("hold");
  expect(place.textContent).toContain("The server did not take it.");
});

test("a table that hears nothing any more says so, and keeps what it has", async () => {
  await show(<PushesPage />);
  hear([entry()]);
  act(() => streams[0]?.onerror?.());
  expect(place.textContent).toContain("The server cannot be reached.");
  expect(place.querySelectorAll("tbody tr")).toHaveLength(1);
});

test("a phone that sleeps has an address and no connection, is woken, and accepts over HTTPS alone", async () => {
  const awake: (Answered | undefined)[] = [];
  await show(<AsleepPage user="bob" onAwake={(answered) => void awake.push(answered)} />);
  expect(asked).toEqual(["POST /dev/push/devices/bob/asleep"]);
  expect(streams.at(-1)?.path).toBe("/dev/push/devices/bob/asleep");
  expect(place.querySelector(".asleep-phone")?.textContent).toBe("Asleep");
  hear(document_());
  await settled();
  const dialog = place.querySelector('[role="alertdialog"]');
  expect(document.activeElement).toBe(dialog);
  expect(dialog?.getAttribute("aria-label")).toBe("Alice, Video call");
  expect(asked.at(-1)).toBe("POST /v1/invitations/call-1/ringing");
  const room = { token: "t", expires_in_ms: 120_000 };
  answer = () => Response.json({ room });
  await press("Accept");
  expect(asked.at(-1)).toBe("POST /v1/invitations/call-1/accept");
  expect(awake).toMatchObject([{ kind: "accepted", call: "call-1", user: "bob", device: "asleep", room }]);
});

test("a phone shows that the ring is over, and goes dark again", async () => {
  await show(<AsleepPage user="bob" onAwake={() => undefined} />);
  hear(document_());
  hear(document_({ kind: "stop", seq: 2, reason: "canceled" }));
  expect(place.querySelector(".asleep-phone")?.textContent).toContain("Missed call");
  await press("Put it back to sleep");
  expect(place.querySelector(".asleep-phone")?.textContent).toBe("Asleep");
  const did = [...place.querySelectorAll("[data-did]")].map((each) => each.textContent);
  expect(did).toEqual(["stopstep 2shown as missed", "ringstep 1rang"]);
});

test("what is left behind is let go of", async () => {
  await show(<AsleepPage user="bob" onAwake={() => undefined} />);
  act(() => root.render(null));
  expect(streams.every(({ isClosed }) => isClosed)).toBe(true);
});
