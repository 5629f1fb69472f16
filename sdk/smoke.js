// Are the packages whole as a registry would get them? Each is packed and installed in a fresh folder, where Node imports it,
// TypeScript reads its types, and Vite builds an app with it. Nothing is asked of the network: what else the app needs is
// this workspace's own.
// node sdk/smoke.js
import { execFile } from "node:child_process";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = join(ROOT, "target/smoke");
const PACKAGES = ["web", "zim", "react"];
/** What an app brings itself, as links to what is installed here. */
const BROUGHT = ["react", "react-dom", "scheduler", "@types/react", "@types/react-dom", "csstype"];

const WEB_ENTRIES = ["dist/push.js", "dist/push.d.ts", "dist/service_worker.js", "dist/service_worker.d.ts"];

const FILES = {
  "index.html": `<!doctype html><html lang="en"><head><title>Smoke</title></head>
<body><div id="app"></div><script type="module" src="/main.tsx"></script></body></html>\n`,
  "main.tsx": `import { OffhookClient, createLocalMedia, type CallState } from "@offhook/client";
import { subscribeToPushes, type PushStatus } from "@offhook/client/push";
import * as kit from "@offhook/react";
import "@offhook/react/style.css";
import { createRoot } from "react-dom/client";

const client = new OffhookClient({ url: location.origin, getToken: () => Promise.resolve(null) });
const phases = (calls: readonly CallState[]) => calls.map(({ phase }) => phase).join();
createLocalMedia().stop();
const press = () => subscribeToPushes(client, { serviceWorkerUrl: "/service_worker.js" }).catch(() => "off" satisfies PushStatus);
document.body.addEventListener("click", () => void press());
createRoot(document.getElementById("app") as HTMLElement).render(
  <p>{phases(client.state.calls)} {Object.keys(kit).length}</p>,
);
`,
  "facade.ts": `import { ZIM } from "@offhook/zim";
export const zim: unknown = ZIM;
`,
  "service_worker.ts": `import { handlePushes } from "@offhook/client/service-worker";
handlePushes({ openUrl: ({ call }) => "/?call=" + call });
`,
  "node.mjs": `import { OffhookClient, OffhookError } from "@offhook/client";
import { pushStatus, readPush } from "@offhook/client/push";
import { handlePushes } from "@offhook/client/service-worker";
import * as kit from "@offhook/react";
import * as zim from "@offhook/zim";

const sockets = [];
const client = new OffhookClient({
  url: "https://calls.example",
  getToken: () => Promise.resolve("token"),
  openSocket: (url, subprotocol) => {
    const socket = { url, subprotocol, send() {}, close() {} };
    sockets.push(socket);
    return socket;
  },
});
client.connect();
for (let turn = 0; turn < 20 && sockets.length === 0; turn += 1) await new Promise((resolve) => setImmediate(resolve));
client.close();
const [{ url, subprotocol }] = sockets;
if (url !== "wss://calls.example/v1/ws" || subprotocol !== "offhook.v1") throw new Error(url + " " + subprotocol);
if ((await pushStatus(client)) !== "unsupported" || readPush("{}") !== null) throw new Error("Node has no Web Push");
const heard = [];
handlePushes({}, { scope: { addEventListener: (type) => heard.push(type) } });
if (heard.join() !== "push,notificationclick,message,pushsubscriptionchange") throw new Error(heard.join());
if (!(new OffhookError("aborted", "") instanceof Error)) throw new Error("OffhookError is no Error");
for (const part of [kit, zim]) if (Object.keys(part).length === 0) throw new Error("a package exports nothing");
`,
  "vite.config.js": `export default { build: { target: "es2022" }, logLevel: "warn" };\n`,
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      exactOptionalPropertyTypes: true,
      jsx: "react-jsx",
      lib: ["ES2022", "DOM", "DOM.Iterable"],
      module: "ESNext",
      moduleResolution: "bundler",
      noEmit: true,
      noUncheckedSideEffectImports: false,
      strict: true,
      target: "ES2022",
      types: [],
    },
    files: ["main.tsx", "facade.ts", "service_worker.ts"],
  }),
};

await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });
const tarballs = {};
for (const name of PACKAGES) {
  const { stdout } = await npm(["pack", "--json", "--pack-destination", FOLDER], join(ROOT, "sdk", name));
  const packed = Object.values(JSON.parse(stdout))[0];
  for (const wanted of ["dist/index.js", "dist/index.d.ts", ...(name === "web" ? WEB_ENTRIES : [])])
    if (!packed.files.some(({ path }) => path === wanted))
      throw new Error(`${packed.name} is packed without ${wanted}`);
  const strange = packed.files.find(({ path }) => /\.test\.|tsbuildinfo|testing\//.test(path));
  if (strange) throw new Error(`${packed.name} is packed with ${strange.path}`);
  tarballs[packed.name] = `file:${packed.filename}`;
  console.log(`packed ${packed.name}: ${packed.files.length} files, ${Math.round(packed.size / 1024)} KiB`);
}
const brought = Object.fromEntries(BROUGHT.map((name) => [name, `file:${join(ROOT, "node_modules", name)}`]));
const manifest = { name: "smoke", private: true, type: "module", dependencies: { ...tarballs, ...brought } };
for (const [name, text] of Object.entries({ ...FILES, "package.json": JSON.stringify(manifest) }))
  await writeFile(join(FOLDER, name), text);

await npm(["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--install-links=false"], FOLDER);
await run(process.execPath, ["node.mjs"], { cwd: FOLDER });
console.log("Node imports them, and a client connects");
await run(bin("tsc"), ["--project", "tsconfig.json"], { cwd: FOLDER }).catch(({ stdout }) => {
  throw new Error(`the types do not hold in a fresh app:\n${stdout}`);
});
console.log("TypeScript reads their types");
await run(bin("vite"), ["build"], { cwd: FOLDER });
const built = await readdir(join(FOLDER, "dist/assets"));
for (const kind of [".js", ".css"])
  if (!built.some((file) => file.endsWith(kind))) throw new Error(`Vite built no ${kind}`);
console.log(`Vite builds an app with them: ${built.join(", ")}`);

function npm(args, cwd) {
  return run("npm", args, { cwd });
}

function bin(name) {
  return join(ROOT, "node_modules/.bin", name);
}
