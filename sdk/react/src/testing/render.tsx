// Draws parts of the kit into a page of jsdom, in a world that stands still until told.
import { act, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { type DeskState } from "../desk/state.js";
import type { Desk } from "../desk/desk.js";
import { useDesk } from "../hooks/desk.js";
import type { KitOptions } from "../options.js";
import { OffhookProvider } from "../provider.js";
import { FakeClient } from "./fake_client.js";
import { FakeClock } from "./fake_clock.js";
import { FakeMedia } from "./fake_media.js";

/** What a test acts on. Each method waits until React has drawn what follows. */
export interface Stage {
  readonly client: FakeClient;
  readonly clock: FakeClock;
  readonly media: FakeMedia;
  readonly desk: () => Desk;
  readonly state: () => DeskState;
  /** Does something, and waits for what comes of it. */
  do(act: () => unknown): Promise<void>;
  click(role: string, name: string | RegExp): Promise<void>;
  press(key: string, element?: Element): Promise<void>;
  pass(milliseconds: number): Promise<void>;
  /** All text of the page. */
  text(): string;
  find(role: string, name?: string | RegExp): HTMLElement | undefined;
  get(role: string, name?: string | RegExp): HTMLElement;
  all(role: string): HTMLElement[];
  rerender(options: KitOptions): Promise<void>;
  unmount(): Promise<void>;
}

interface Given extends KitOptions {
  client?: FakeClient;
  clock?: FakeClock;
  media?: FakeMedia;
}

/** Draws children inside a provider. */
export async function render(children: ReactNode, given: Given = {}): Promise<Stage> {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  // jsdom plays nothing.
  HTMLMediaElement.prototype.play = () => Promise.resolve();
  const { client = new FakeClient(), clock = new FakeClock(), media = new FakeMedia(), ...options } = given;
  client.now = () => clock.now();
  const place = document.createElement("div");
  document.body.append(place);
  const root = createRoot(place);
  const seen: { desk?: Desk } = {};
  const draw = (now: KitOptions) =>
    act(async () => {
      root.render(
        <OffhookProvider
          client={client}
          clock={clock}
          createMedia={() => media}
          language="en"
          storage={null}
          session={null}
          {...now}
        >
          {children}
          <Reach onDesk={(desk) => (seen.desk = desk)} />
        </OffhookProvider>,
      );
      await settled();
    });
  await draw(options);
  const desk = () => {
    if (!seen.desk) throw new Error("nothing was drawn");
    return seen.desk;
  };
  const doing = (call: () => unknown) =>
    act(async () => {
      await call();
      await settled();
    });
  const find = (role: string, name?: string | RegExp) => all(role).find((each) => isNamed(each, name));
  const get = (role: string, name?: string | RegExp) => {
    const found = find(role, name);
    if (!found) throw new Error(`no ${role} ${String(name)} in: ${document.body.textContent}`);
    return found;
  };
  return {
    client,
    clock,
    media,
    desk,
    state: () => desk().state,
    do: doing,
    click: (role, name) => doing(() => get(role, name).click()),
    press: (key, element = document.activeElement ?? document.body) =>
      doing(() => element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))),
    pass: (milliseconds) => doing(() => clock.pass(milliseconds)),
    text: () => document.body.textContent,
    find,
    get,
    all,
    rerender: draw,
    unmount: () =>
      act(async () => {
        root.unmount();
        place.remove();
        await settled();
      }),
  };
}

/** Promises that hang on each other need a few turns. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

function Reach({ onDesk }: { onDesk: (desk: Desk) => void }): null {
  const { desk } = useDesk();
  onDesk(desk);
  return null;
}

const BY_TAG: Record<string, string> = {
  button: "button:not([role])",
  checkbox: "input[type='checkbox']:not([role])",
  combobox: "select",
  heading: "h1, h2, h3",
  img: "img",
  list: "ul",
  listitem: "li",
  radio: "input[type='radio']",
  textbox: "input:not([type])",
};

function all(role: string): HTMLElement[] {
  const selector = [`[role='${role}']`, BY_TAG[role]].filter(Boolean).join(", ");
  return [...document.body.querySelectorAll<HTMLElement>(selector)].filter(
    (each) => !each.closest("[aria-hidden='true']"),
  );
}

function isNamed(element: HTMLElement, name: string | RegExp | undefined): boolean {
  if (name === undefined) return true;
  const own = nameOf(element);
  return typeof name === "string" ? own === name : name.test(own);
}

/** The name that a screen reader says, as far as the kit's parts need it. */
export function nameOf(element: HTMLElement): string {
  const by = element.getAttribute("aria-labelledby");
  if (by !== null)
    return by
      .split(" ")
      .map(
        (id) =>
          document.getElementById(id)?.getAttribute("aria-label") ?? document.getElementById(id)?.textContent ?? "",
      )
      .join(" ");
  const label = element.getAttribute("aria-label");
  if (label !== null) return label;
  const labels = [...document.querySelectorAll("label")];
  const own = element.id === "" ? undefined : labels.find((each) => each.htmlFor === element.id);
  if (own) return own.textContent;
  return element.textContent.trim();
}
