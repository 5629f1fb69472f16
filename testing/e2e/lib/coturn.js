// A coturn on loopback, for a client that may be reached through a relay only. Its credentials are minted by our server.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createSocket } from "node:dgram";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, Program } from "./program.js";
import { until } from "./until.js";

const PATH = "/usr/bin/turnserver";

export class Coturn {
  #program;
  #folder;

  constructor(program, folder, port, secret) {
    this.#program = program;
    this.#folder = folder;
    this.url = `turn:127.0.0.1:${port}?transport=udp`;
    this.secret = secret;
    this.port = port;
  }

  static async start() {
    const folder = await mkdtemp(join(tmpdir(), "offhook-coturn-"));
    const [port, secret] = [await freePort(), randomBytes(24).toString("hex")];
    const config = join(folder, "turnserver.conf");
    await writeFile(config, configuration(folder, port, secret), { mode: 0o600 });
    const coturn = new Coturn(new Program(PATH, ["-c", config]), folder, port, secret);
    await until("coturn answers", () => coturn.#answers());
    return coturn;
  }

  async end() {
    await this.#program.end();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Asks what anyone may ask: a STUN binding request (RFC 8489 5). */
  async #answers() {
    if (!this.#program.isRunning) throw new Error(`coturn ended at its start:\n${this.#program.words}`);
    const request = Buffer.concat([Buffer.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]), randomBytes(12)]);
    const socket = createSocket("udp4");
    const answered = new Promise((resolve) => {
      socket.once("message", () => resolve(true));
      socket.once("error", () => resolve(false));
      setTimeout(() => resolve(false), 250);
    });
    socket.send(request, this.port, "127.0.0.1");
    const isThere = await answered;
    socket.close();
    return isThere;
  }
}

/** Relaying to loopback is for tests alone: in production it would open the machine's inner services to everybody. */
function configuration(folder, port, secret) {
  return [
    "listening-ip=127.0.0.1",
    "relay-ip=127.0.0.1",
    `listening-port=${port}`,
    "allow-loopback-peers",
    "use-auth-secret",
    `static-auth-secret=${secret}`,
    "realm=offhook.test",
    "fingerprint",
    "no-tls",
    "no-dtls",
    "no-cli",
    "no-multicast-peers",
    "simple-log",
    `log-file=${join(folder, "turn.log")}`,
    `pidfile=${join(folder, "turn.pid")}`,
    `userdb=${join(folder, "turndb")}`,
    "",
  ].join("\n");
}
