// Debian's Chromium with a fake camera and microphone. It looks nothing up outside this machine.
import { chromium } from "playwright-core";

const PATH = "/usr/bin/chromium";
const FLAGS = [
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  // A machine without any network but loopback must do.
  "--allow-loopback-in-peer-connection",
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
];

/** @param {string[]} [flags] beside the usual ones; where they say something else than those, they count */
export function launch(flags = []) {
  // Chromium's sandbox refuses to run as root, which is who runs in a container.
  const asRoot = process.getuid() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({
    executablePath: PATH,
    headless: true,
    chromiumSandbox: asRoot.length === 0,
    args: [...FLAGS, ...asRoot, ...flags],
  });
}
