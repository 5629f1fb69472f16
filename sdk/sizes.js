// How much each package weighs in an app that uses all of it: minified by esbuild, compressed by gzip. Fails over budget.
// node sdk/sizes.js
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = (path) => fileURLToPath(new URL(path, import.meta.url));
const CLIENT = source("web/src/index.ts");

/** What is bundled, what the app brings itself, and how many bytes it may have. */
const BUDGETS = [
  { name: "@offhook/client, with media", entry: CLIENT, external: [], kib: 25 },
  { name: "@offhook/zim, on top of it", entry: source("zim/src/index.ts"), external: ["@offhook/client"], kib: 12 },
  {
    name: "@offhook/react with the client, without React",
    entry: source("react/src/index.ts"),
    external: ["react", "react-dom", "react/*", "react-dom/*"],
    kib: 60,
  },
];

const measured = await Promise.all(
  BUDGETS.map(async ({ name, entry, external, kib }) => {
    const { outputFiles } = await build({
      alias: external.includes("@offhook/client") ? {} : { "@offhook/client": CLIENT },
      bundle: true,
      define: { "process.env.NODE_ENV": '"production"' },
      entryPoints: [entry],
      external,
      format: "esm",
      jsx: "automatic",
      logLevel: "warning",
      minify: true,
      outdir: source("../target/sizes"),
      target: "es2022",
      write: false,
    });
    const bytes = outputFiles.map(({ contents }) => contents.length).reduce((sum, each) => sum + each, 0);
    const gzip = outputFiles
      .map(({ contents }) => gzipSync(contents, { level: 9 }).length)
      .reduce((sum, each) => sum + each, 0);
    return { name, bytes, gzip, kib };
  }),
);

const kib = (bytes) => (bytes / 1024).toFixed(1).padStart(6);
console.log(`${"package".padEnd(48)}minified    gzip  budget (KiB)`);
for (const { name, bytes, gzip, kib: budget } of measured)
  console.log(`${name.padEnd(48)}  ${kib(bytes)}  ${kib(gzip)}  ${kib(budget * 1024)}`);

const over = measured.filter(({ gzip, kib: budget }) => gzip > budget * 1024);
for (const { name } of over) console.error(`${name} is over its budget`);
process.exitCode = over.length === 0 ? 0 : 1;
