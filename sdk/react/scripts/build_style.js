// Bundles src/style into dist/style.css: one file, minified, without anything that a strict policy would refuse.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: [at("../src/style/index.css")],
  outfile: at("../dist/style.css"),
  bundle: true,
  minify: true,
  // What the kit needs of a browser: light-dark(), oklch(), container queries.
  target: ["chrome123", "firefox120", "safari17.5"],
});
