// How much each package weighs in an app that uses all of it: minified by esbuild, compressed by gzip. Fails over budget.
// node sdk/sizes.js
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = (path) => fileURLToPath(new URL(path, import.meta.url));
const SOURCES = {
  "@offhook/client": source("web/src/index.ts"),
  "@offhook/react": source("react/src/index.ts"),
  "@offhook/zim": source("zim/src/index.ts"),
};

/** The packages that an app imports all of, what it brings itself, and how many KiB that may weigh. */
const BUDGETS = [
  { name: "@offhook/client, with media", packages: ["@offhook/client"], brought: [], kib: 25 },
  { name: "@offhook/zim, on top of it", packages: ["@offhook/zim"], brought: ["@offhook/client"], kib: 12 },
  {
    name: "@offhook/react with the client, without React",
    packages: ["@offhook/client", "@offhook/react"],
    brought: ["react", "react-dom", "react/*", "react-dom/*"],
    kib: 60,
  },
];

const measured = await Promise.all(
  BUDGETS.map(async ({ name, packages, brought, kib }) => {
    const { outputFiles } = await build({
      alias: Object.fromEntries(Object.entries(SOURCES).filter(([name]) => !brought.includes(name))),
      bundle: true,
      define: { "process.env.NODE_ENV": '"production"' },
      external: brought,
      format: "esm",
      jsx: "automatic",
      logLevel: "warning",
      minify: true,
      outdir: source("../target/sizes"),
      stdin: { contents: packages.map(all).join("\n"), resolveDir: source("."), loader: "js" },
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

/** Two packages may export the same name; both are kept whole. */
function all(name, index) {
  return `export * as all_${index} from "${name}";`;
}

const over = measured.filter(({ gzip, kib: budget }) => gzip > budget * 1024);
for (const { name } of over) console.error(`${name} is over its budget`);
process.exitCode = over.length === 0 ? 0 : 1;
