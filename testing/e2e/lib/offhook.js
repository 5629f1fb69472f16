// Our server, as a person would start it to try it out.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, Program } from "./program.js";
import { until } from "./until.js";

/** So far above the listener `offhook dev` takes media in. */
const MEDIA_PORT = 10;

export class Offhook {
  #program;
  #folder;

  #bases;
  #turn = 0;

  constructor(program, path, folder, bases) {
    this.#program = program;
    this.#folder = folder;
    this.#bases = bases;
    this.path = path;
  }

  /** Nodes that run already, as `cargo xtask cluster` writes of them. @param {string} path of the binary @param {string} folder */
  static async ofCluster(path, folder) {
    const bases = (await nodesIn(folder)).map(({ url }) => url);
    return new Offhook(null, path, folder, bases);
  }

  /** Where the next person comes in: each through another node. */
  nextBase() {
    this.#turn += 1;
    return this.#bases[(this.#turn - 1) % this.#bases.length];
  }

  /** Where tools come in. */
  get base() {
    return this.#bases[0];
  }

  /** Ends a node as a crash would, by the address that leads to it first; it starts again by itself, some ten seconds later. */
  async kill(base) {
    const node = (await nodesIn(this.#folder)).find(({ url }) => url === base);
    if (!node?.process) throw new Error(`no node runs at ${base}`);
    process.kill(node.process, "SIGKILL");
    return node.name;
  }

  /** Waits until all nodes are there. */
  isWhole() {
    const all = async () => (await nodesIn(this.#folder)).every(({ process: id }) => id !== null && isAlive(id));
    return until("all nodes are there", all);
  }

  /** @param {string} path of the binary @param {{turn?: import("./coturn.js").Coturn}} [parts] */
  static async start(path, { turn } = {}) {
    const port = await freePort([MEDIA_PORT]);
    const [turnArgs, secret] = turn ? [["--turn", turn.url], { OFFHOOK_TURN_SECRET: turn.secret }] : [[], {}];
    const folder = await mkdtemp(join(tmpdir(), "offhook-e2e-"));
    // What is tested is open to this machine alone.
    const places = ["--listen", `127.0.0.1:${port}`, "--media-ip", "127.0.0.1"];
    const args = ["dev", ...places, "--folder", folder, ...turnArgs];
    const offhook = new Offhook(new Program(path, args, secret), path, folder, [`http://127.0.0.1:${port}`]);
    await until("the server is ready", () => offhook.#isReady());
    return offhook;
  }

  /** `offhook` as a client of this server. @param {string} command @param {string[]} args */
  client(command, args) {
    return new Program(this.path, [command, "--server", this.base, ...args]);
  }

  /** A token of a user that lives for so many seconds, signed with the server's own key. */
  async token(user, seconds) {
    const config = join(this.#folder, "token.toml");
    const keys = await readFile(join(this.#folder, "dev-keys.toml"), "utf8");
    await writeFile(config, `[[apps]]\nid = 1\n${keys.replaceAll("[[keys]]", "[[apps.keys]]")}`);
    const args = ["--config", config, "--app", "1", "--user", user, "--lifetime-s", `${seconds}`];
    const { stdout } = await promisify(execFile)(this.path, ["token", ...args]);
    return stdout.trim();
  }

  get words() {
    return this.#program.words;
  }

  async end() {
    if (!this.#program) return; // Whoever started the nodes ends them.
    await this.#program.end();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #isReady() {
    if (!this.#program.isRunning) throw new Error(`the server ended at its start:\n${this.#program.words}`);
    const answer = await fetch(`${this.base}/v1/ready`).catch(() => null);
    return answer?.ok ?? false;
  }
}

/** @returns {Promise<{name: string, process: number | null, url: string}[]>} */
async function nodesIn(folder) {
  return JSON.parse(await readFile(join(folder, "nodes.json"), "utf8"));
}

function isAlive(id) {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}
