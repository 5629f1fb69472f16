// The pushes of a development server: what was sent, and what becomes of it.
import { until } from "./until.js";

export class Pushes {
  #base;

  /** @param {import("./offhook.js").Offhook} offhook */
  constructor(offhook) {
    this.#base = `${offhook.base}/dev/push`;
  }

  /** @param {"deliver" | "double" | "hold" | "late" | "lose"} mode what happens to pushes from now on */
  become(mode) {
    return this.#post("mode", { mode });
  }

  deliver(id) {
    return this.#post(`${id}/deliver`);
  }

  /** Delivers all that are held for a user and say this. */
  async deliverAll(user, kind) {
    const held = (await this.all()).filter((push) => push.user === user && push.kind === kind && push.state === "held");
    for (const { id } of held) await this.deliver(id);
  }

  /** Everything that was sent, newest first. */
  async all() {
    const ended = new AbortController();
    const answer = await fetch(`${this.#base}/events`, { signal: ended.signal });
    let text = "";
    const decoder = new TextDecoder();
    try {
      for await (const piece of answer.body) {
        text += decoder.decode(piece, { stream: true });
        const line = /^data: (.*)\n\n/m.exec(text);
        if (line) return JSON.parse(line[1]);
      }
    } finally {
      ended.abort();
    }
    throw new Error("the server shows no pushes");
  }

  /** The newest push of which this holds. @param {(push: {id: string, user: string, kind: string, state: string, document: object}) => boolean} is */
  async one(is) {
    return until(
      "a push was sent",
      async () => (await this.all()).find(is),
      (found) => found !== undefined,
    );
  }

  async #post(path, body) {
    const answer = await fetch(`${this.#base}/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`/dev/push/${path} answers ${answer.status}`);
  }
}
