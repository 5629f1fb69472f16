// Our server, as a person would start it to try it out.
import { freePort, Program } from "./program.js";
import { until } from "./until.js";

/** So far above the listener `offhook dev` takes media in. */
const MEDIA_PORT = 10;

export class Offhook {
  #program;

  constructor(program, path, port) {
    this.#program = program;
    this.path = path;
    this.base = `http://127.0.0.1:${port}`;
  }

  /** @param {string} path of the binary @param {{turn?: import("./coturn.js").Coturn}} [parts] */
  static async start(path, { turn } = {}) {
    const port = await freePort([MEDIA_PORT]);
    const [turnArgs, secret] = turn ? [["--turn", turn.url], { OFFHOOK_TURN_SECRET: turn.secret }] : [[], {}];
    const program = new Program(path, ["dev", "--listen", `127.0.0.1:${port}`, ...turnArgs], secret);
    const offhook = new Offhook(program, path, port);
    await until("the server is ready", () => offhook.#isReady());
    return offhook;
  }

  /** `offhook` as a client of this server. @param {string} command @param {string[]} args */
  client(command, args) {
    return new Program(this.path, [command, "--server", this.base, ...args]);
  }

  get words() {
    return this.#program.words;
  }

  end() {
    return this.#program.end();
  }

  async #isReady() {
    if (!this.#program.isRunning) throw new Error(`the server ended at its start:\n${this.#program.words}`);
    const answer = await fetch(`${this.base}/v1/ready`).catch(() => null);
    return answer?.ok ?? false;
  }
}
