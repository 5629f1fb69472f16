// A person in a tab of their own, told what to do through the page's buttons and asked what the browser counted.
import { until, untilStill } from "./until.js";
import { witness } from "./witness.js";

/** What Firefox tells as an error of a page, and is none. */
const NO_FAULTS = [
  /establish a connection to the server/, // A network that is cut.
  /sha256-YjaKGiklmzC6wjXA513HAMmzus8VE61XCOT\+SmwNZWA=/, // The style "body {}", by which playwright takes a screenshot.
];

export class Person {
  #context;

  constructor(name, context, page) {
    this.name = name;
    this.page = page;
    this.#context = context;
  }

  /**
   * @param {import("playwright-core").Browser} browser
   * @param {string} name
   * @param {string} url
   * @param {{viewport?: {width: number, height: number}, colorScheme?: "dark" | "light", context?: import("playwright-core").BrowserContext, before?: (page: import("playwright-core").Page) => Promise<void>}} [look]
   *   `context`: another tab of the same browser; `before` happens before the page is opened
   */
  static async open(browser, name, url, { context: shared, before, ...look } = {}) {
    const context = shared ?? (await browser.newContext({ viewport: { width: 1280, height: 800 }, ...look }));
    const page = await context.newPage();
    await page.addInitScript(witness);
    await before?.(page);
    const person = new this(name, context, page);
    page.on("pageerror", (error) => {
      if (NO_FAULTS.some((words) => words.test(error.message))) return;
      person.error ??= `${name}'s page failed: ${error.stack ?? error.message}`;
    });
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) person.error ??= `${name}'s page: ${message.text()}`;
    });
    await page.goto(url);
    return person;
  }

  /** Enters a room on the room's own page. */
  static enter(browser, base, name, room, { look, ...switches } = {}) {
    const query = new URLSearchParams({ user: name, room, height: "360", ...switches });
    return Person.open(browser, name, `${base}/room?${query}`, look);
  }

  /** Presses a button by what it says. @param {string | RegExp} words */
  press(words) {
    return this.page.getByRole("button", { name: words, exact: true }).click();
  }

  /** @param {string} method of the witness */
  ask(method, ...args) {
    if (this.error) throw new Error(this.error);
    return this.page.evaluate(([name, rest]) => globalThis.witness[name](...rest), [method, args]);
  }

  received(user, source) {
    return this.ask("received", user, source);
  }

  /** Frames of the user's picture are decoded, now and not only once. */
  async sees(user, source = "camera", holds = () => true) {
    const what = `${this.name} sees ${user}'s ${source}`;
    const first = await until(
      what,
      () => this.received(user, source),
      (seen) => seen !== null && seen.frames > 0,
    );
    const grows = (seen) => seen !== null && seen.frames >= first.frames + 5 && holds(seen);
    return until(`${what} move`, () => this.received(user, source), grows);
  }

  /** Sound arrives that is not silence, now and not only once. The fake microphone beeps once a second. */
  async hears(user, source = "microphone") {
    const what = `${this.name} hears ${user}`;
    const first = await until(
      what,
      () => this.received(user, source),
      (heard) => heard !== null && heard.packets > 0,
    );
    const grows = (heard) =>
      heard !== null &&
      heard.packets >= first.packets + 20 &&
      heard.samples > first.samples &&
      heard.energy > first.energy;
    return until(`${what} speak`, () => this.received(user, source), grows);
  }

  /** No frame, or no packet, has come for a while. */
  seesNothingMoveOf(user, source = "camera") {
    const count = async () => (await this.received(user, source))?.frames ?? -1;
    return untilStill(`${user}'s ${source} stands still for ${this.name}`, count, 1_000);
  }

  hearsNothingOf(user) {
    const count = async () => (await this.received(user, "microphone"))?.packets ?? -1;
    return untilStill(`${user} is silent for ${this.name}`, count, 1_000);
  }

  /** The page lists exactly these. @param {string[]} names */
  isTogetherWith(names) {
    const wanted = [...names].sort().join();
    const listed = () =>
      this.page.locator("#panel [data-user]").evaluateAll((rows) =>
        rows
          .map((row) => row.dataset.user)
          .sort()
          .join(),
      );
    return until(`${this.name} is in the room with ${wanted}`, listed, (names) => names === wanted);
  }

  /** Another tab beside this one shares what the browser keeps for the site. */
  get context() {
    return this.#context;
  }

  close() {
    return this.#context.close();
  }
}
