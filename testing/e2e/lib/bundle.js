// A page around a package of ours, built from its sources and served on loopback by a host of its own: as an app of somebody
// else would be.
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = (path) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>An app</title></head>
<body><main></main><script type="module" src="/app.js"></script></body></html>`;

export class Site {
  #server;

  constructor(server) {
    this.#server = server;
    this.base = `http://127.0.0.1:${server.address().port}`;
  }

  /** @param {string} entry the script of the page, a file */
  static async start(entry) {
    const built = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: "esm",
      target: "es2022",
      alias: {
        "@offhook/client/push": source("sdk/web/src/push.ts"),
        "@offhook/client": source("sdk/web/src/index.ts"),
        "@offhook/zim": source("sdk/zim/src/index.ts"),
      },
    });
    const script = built.outputFiles[0].text;
    const server = createServer((request, response) => {
      const isScript = request.url === "/app.js";
      response.setHeader("content-type", isScript ? "text/javascript; charset=utf-8" : "text/html; charset=utf-8");
      response.end(isScript ? script : PAGE);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Site(server);
  }

  end() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}
