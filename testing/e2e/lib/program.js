// Programs that a scenario needs beside the browser: started here, ended here, by their own process alone.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { createSocket } from "node:dgram";

/** The last lines of a program, for the error if it fails. */
const KEPT_LINES = 40;

export class Program {
  #child;
  #lines = [];
  #ended;

  /** @param {string} path @param {string[]} args @param {Record<string, string>} [environment] */
  constructor(path, args, environment = {}) {
    this.#child = spawn(path, args, { env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => this.#lines.push(...text.split("\n").filter(Boolean)));
      stream.on("data", () => this.#lines.splice(0, this.#lines.length - KEPT_LINES));
    }
    this.#ended = new Promise((resolve) => {
      this.#child.on("exit", (code, signal) => resolve(code ?? signal));
      this.#child.on("error", (error) => resolve(error.message));
    });
  }

  get id() {
    return this.#child.pid;
  }

  get isRunning() {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined;
  }

  /** What it printed last. */
  get words() {
    return this.#lines.join("\n");
  }

  /** Waits for its end by itself. @returns {Promise<number | string>} */
  get ended() {
    return this.#ended;
  }

  async end() {
    if (this.isRunning) this.#child.kill("SIGTERM");
    const late = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    await this.#ended;
    clearTimeout(late);
  }
}

/**
 * A port that nobody uses at this moment, and that many more at these distances, neither over TCP nor over UDP.
 * @param {number[]} [more]
 * @returns {Promise<number>}
 */
export async function freePort(more = []) {
  for (;;) {
    const port = await anyPort();
    const others = await Promise.all(more.map((distance) => isFree(port + distance)));
    if ((await isFree(port)) && others.every(Boolean)) return port;
  }
}

async function anyPort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function isFree(port) {
  const [server, socket] = [createServer(), createSocket("udp4")];
  const opened = (one, open) =>
    new Promise((resolve) => {
      one.once("error", () => resolve(false));
      open(() => resolve(true));
    });
  const open = await Promise.all([
    opened(server, (done) => server.listen(port, "127.0.0.1", done)),
    opened(socket, (done) => socket.bind(port, "127.0.0.1", done)),
  ]);
  server.close();
  socket.close();
  return open.every(Boolean);
}
