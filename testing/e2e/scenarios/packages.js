// The packages without a browser: their own tests that want a real server, against ours.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Program } from "../lib/program.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const TESTS = ["sdk/web/src/client.server.test.ts", "sdk/zim/src/zim/zim.server.test.ts"];

export async function againstTheServer({ offhook, start }) {
  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
  const environment = { OFFHOOK_TEST_SERVER: offhook.base, NO_COLOR: "1" };
  const program = start(new Program(process.execPath, [vitest, "run", "--root", ROOT, ...TESTS], environment));
  const code = await program.ended;
  const passed = /Tests\s+(\d+) passed \(\1\)/.exec(program.words);
  if (code !== 0 || !passed) throw new Error(`vitest ended with ${code}:\n${program.words}`);
  return `${passed[1]} tests of client and façades`;
}
