// A person whose app speaks to our façades as it spoke to the closed packages.
import { Person } from "./person.js";
import { until } from "./until.js";

export class FacadePerson extends Person {
  #server = "";

  /** @param {{browser: import("playwright-core").Browser, site: import("./bundle.js").Site, offhook: import("./offhook.js").Offhook}} parts */
  static async login({ browser, site, offhook }, name) {
    const person = await super.open(browser, name, site.base);
    person.#server = offhook.nextBase();
    await person.#login();
    return person;
  }

  /** Loads the page again: the app logs in anew, and has forgotten everything. */
  async reload() {
    await this.page.reload();
    await this.#login();
  }

  async #login() {
    const answer = await fetch(`${this.#server}/dev/token?user=${this.name}`);
    await until(`${this.name}'s app runs`, () => this.page.evaluate(() => "app" in globalThis));
    await this.page.evaluate(
      ([server, user, token]) => globalThis.app.login(server, user, token),
      [this.#server, this.name, await answer.text()],
    );
  }

  /** @param {string} method of the ZIM object */
  zim(method, ...args) {
    return this.page.evaluate(([name, rest]) => globalThis.app.zim(name, ...rest), [method, args]);
  }

  /** @param {string} method of the engine */
  engine(method, ...args) {
    return this.page.evaluate(([name, rest]) => globalThis.app.engine(name, ...rest), [method, args]);
  }

  /** @param {string} room */
  talk(room, options = { video: true }) {
    return this.page.evaluate(([id, how]) => globalThis.app.talk(id, how), [room, options]);
  }

  /** @param {string} room */
  leave(room) {
    return this.page.evaluate((id) => globalThis.app.leave(id), room);
  }

  mute(kind, isMuted) {
    return this.page.evaluate(([what, on]) => globalThis.app.mute(what, on), [kind, isMuted]);
  }

  /** Everything that was told, as `[name, ...arguments]`. */
  told() {
    return this.page.evaluate(() => globalThis.app.told);
  }

  /** The first event of a name that holds. @returns its arguments */
  async hearsOf(name, holds = () => true) {
    const all = await until(
      `${this.name} is told ${name}`,
      () => this.told(),
      (told) => told.some(([what, ...rest]) => what === name && holds(...rest)),
    );
    return all.find(([what, ...rest]) => what === name && holds(...rest)).slice(1);
  }

  /** The names of what was told, in order, and of user states who is in which. */
  async story() {
    const words = (name, event) =>
      name === "callUserStateChanged"
        ? `state ${event.callUserList.map(({ userID, state }) => `${userID} ${state}`).join(", ")}`
        : name;
    return (await this.told()).filter(([name]) => /^call/.test(name)).map(([name, event]) => words(name, event));
  }
}
