// The gallery: every screen of the kit, with a client that is not one. Not shipped.
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at("."),
  plugins: [react()],
  resolve: { alias: { "@offhook/client/sound": at("../../web/src/sound.ts"), "@offhook/client": at("./client.ts") } },
  server: { host: "127.0.0.1", hmr: false },
});
