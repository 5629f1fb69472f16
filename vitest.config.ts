// Unit tests of the TypeScript packages, against their sources. Those that need a document say so in their first line.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      "@offhook/client/push": source("sdk/web/src/push.ts"),
      "@offhook/client/service-worker": source("sdk/web/src/service_worker.ts"),
      "@offhook/client/sound": source("sdk/web/src/sound.ts"),
      "@offhook/client": source("sdk/web/src/index.ts"),
      "@offhook/react": source("sdk/react/src/index.ts"),
      "@offhook/zim": source("sdk/zim/src/index.ts"),
    },
  },
  test: { include: ["sdk/*/src/**/*.test.{ts,tsx}", "apps/demo/src/**/*.test.{ts,tsx}"], passWithNoTests: false },
});
