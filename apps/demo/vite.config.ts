// How the demo app is built: from the sources of the SDKs, into files that the server's strict Content-Security-Policy lets in.
import react from "@vitejs/plugin-react";
import { build } from "esbuild";
import { defineConfig, type Plugin } from "vite";

const source = (path: string) => new URL(`../../sdk/${path}`, import.meta.url).pathname;

/** Where `offhook dev` listens, for `npm run dev`. */
const SERVER = "http://127.0.0.1:7400";

/** One script in one file, at the root, so that its scope is the whole app; with a name that does not change. */
const SERVICE_WORKER = "service-worker.js";

/** Builds the service worker: not as a module, which not every browser takes for one. */
function serviceWorker(): Plugin {
  const built = async (minify: boolean) => {
    const { outputFiles } = await build({
      alias: { "@offhook/client/service-worker": source("web/src/service_worker.ts") },
      bundle: true,
      entryPoints: [new URL("src/service_worker.ts", import.meta.url).pathname],
      format: "iife",
      minify,
      target: "es2022",
      write: false,
    });
    return outputFiles[0]?.text ?? "";
  };
  return {
    name: "service-worker",
    async generateBundle() {
      this.emitFile({ type: "asset", fileName: SERVICE_WORKER, source: await built(true) });
    },
    configureServer({ middlewares }) {
      middlewares.use(`/${SERVICE_WORKER}`, (_, response, next) => {
        built(false).then((text) => {
          response.setHeader("content-type", "text/javascript");
          response.end(text);
        }, next);
      });
    },
  };
}

export default defineConfig({
  plugins: [react(), serviceWorker()],
  resolve: {
    alias: [
      { find: /^@offhook\/client$/, replacement: source("web/src/index.ts") },
      { find: /^@offhook\/client\/push$/, replacement: source("web/src/push.ts") },
      { find: /^@offhook\/client\/service-worker$/, replacement: source("web/src/service_worker.ts") },
      { find: /^@offhook\/client\/sound$/, replacement: source("web/src/sound.ts") },
      { find: /^@offhook\/react$/, replacement: source("react/src/index.ts") },
      { find: /^@offhook\/react\/style\.css$/, replacement: source("react/src/style/index.css") },
    ],
  },
  build: {
    // Nothing inline: neither a script that loads the others, nor small pictures as data.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    // These know light-dark(). Rewritten for older ones it would be decided at the root, and a call is dark inside a light page.
    cssTarget: ["chrome123", "edge123", "firefox120", "safari17.5"],
  },
  server: {
    proxy: { "/v1": { target: SERVER, ws: true }, "/dev": SERVER, "/demo": SERVER, "/room": SERVER },
  },
});
