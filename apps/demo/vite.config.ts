// How the demo app is built: from the sources of the SDKs, into files that the server's strict Content-Security-Policy lets in.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const source = (path: string) => new URL(`../../sdk/${path}`, import.meta.url).pathname;

/** Where `offhook dev` listens, for `npm run dev`. */
const SERVER = "http://127.0.0.1:7400";

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: [
      { find: /^@offhook\/client$/, replacement: source("web/src/index.ts") },
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
