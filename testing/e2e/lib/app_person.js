// A person who uses the demo app, by what its buttons say; judged by what the browser counts.
import { Person } from "./person.js";
import { until } from "./until.js";

const PREFERENCES = "offhook.demo.preferences";

export class AppPerson extends Person {
  /**
   * Opens the app as `name`, and waits until it is connected.
   * @param {{browser: import("playwright-core").Browser, offhook: import("./offhook.js").Offhook}} parts
   * @param {string} name
   * @param {{path?: string, preferences?: object, look?: object, connected?: boolean, prepare?: (page: import("playwright-core").Page) => Promise<void>}} [how]
   */
  static async use({ browser, offhook }, name, { path = "", preferences, look, connected = true, prepare } = {}) {
    const before = async (page) => {
      if (preferences) await page.addInitScript(keep, [PREFERENCES, JSON.stringify(preferences)]);
      await prepare?.(page);
    };
    const person = await super.open(browser, name, `${offhook.nextBase()}/u/${encodeURIComponent(name)}${path}`, {
      ...look,
      before,
    });
    if (connected) await person.isConnected();
    return person;
  }

  isConnected() {
    return until(
      `${this.name} is connected`,
      () => this.page.evaluate(() => document.documentElement.dataset.connection),
      (state) => state === "online",
    );
  }

  /** Calls others, by the buttons of the list. */
  async call(name, kind = "Video") {
    await this.page.getByRole("button", { name: new RegExp(`^${kind} call to ${name}$`, "i") }).click();
  }

  async callGroup(names, kind = "Video") {
    await this.press("Group call");
    for (const name of names) await this.page.getByRole("checkbox", { name: new RegExp(name, "i") }).check();
    await this.press(`${kind} call`);
  }

  /** Presses a button, as a hand does: the pointer moves first, which brings back the bars of a call that was left alone. */
  async press(words) {
    await this.stir();
    await super.press(words);
  }

  async stir() {
    const { width, height } = this.page.viewportSize();
    for (const step of [0, 1]) await this.page.mouse.move(width / 2 + step, height / 2 + step);
  }

  /** The dialog of a ring. */
  get ring() {
    return this.page.getByRole("alertdialog");
  }

  async rings() {
    await this.ring.waitFor({ state: "visible", timeout: 60_000 });
  }

  async ringIsOver() {
    await this.ring.waitFor({ state: "detached", timeout: 60_000 });
  }

  /** A sentence is on the page. @param {string | RegExp} sentence */
  async reads(sentence) {
    await this.page.getByText(sentence).first().waitFor({ state: "visible", timeout: 60_000 });
  }

  /** It is no longer there. @param {string | RegExp} sentence */
  async readsNoMore(sentence) {
    await until(
      `${this.name} no longer reads ${sentence}`,
      () => this.page.getByText(sentence).count(),
      (count) => count === 0,
    );
  }

  /** In a call of two: the other cannot be heard, and the page says so. */
  async readsIsMuted(name) {
    await this.page.getByRole("group", { name, exact: true }).getByText("Muted").waitFor({ timeout: 60_000 });
  }

  /** In a call of two: the other's picture is gone, not merely still. */
  async hasNoPictureOf(name) {
    const video = this.page.getByRole("group", { name, exact: true }).locator("video");
    await video.waitFor({ state: "detached", timeout: 60_000 });
  }

  /** So many pictures move, and so many voices speak. */
  async seesAndHears(pictures, voices) {
    const before = await this.ask("inbound");
    const grew = (now, kind, field, by) =>
      now.filter((each) => {
        const was = before.find(({ id }) => id === each.id)?.[field] ?? 0;
        return each.kind === kind && each[field] >= was + by;
      });
    return until(
      `${this.name} sees ${pictures} and hears ${voices}`,
      async () => {
        const now = await this.ask("inbound");
        return {
          pictures: grew(now, "video", "frames", 5),
          voices: grew(now, "audio", "packets", 20),
          all: now.length,
        };
      },
      (seen) => seen.pictures.length === pictures && seen.voices.length >= voices,
    );
  }

  /** No media flows in any more. */
  isOut() {
    return until(
      `${this.name} is out of the room`,
      () => this.ask("connections"),
      (all) => all.length === 0,
    );
  }
}

function keep([key, text]) {
  localStorage.setItem(key, text);
}
