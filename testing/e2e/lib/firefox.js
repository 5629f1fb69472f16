// Debian's Firefox with a fake camera and microphone, driven over WebDriver BiDi. It looks nothing up outside this machine.
import { access } from "node:fs/promises";
import { firefox } from "playwright-core";

const PATH = "/usr/bin/firefox-esr";
const PREFERENCES = {
  // What a click on "Allow" would do. Without it, Firefox hides all addresses but one from the page.
  "permissions.default.camera": 1,
  "permissions.default.microphone": 1,
  "media.navigator.streams.fake": true,
  "media.autoplay.default": 0,
  // Media comes in at 127.0.0.1 alone here, which Firefox pairs with no other address of this machine.
  "media.peerconnection.ice.loopback": true,
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  "network.dns.disabled": true,
};
/** Of what playwright asks at the start, the one thing that Firefox 153 cannot do yet: prefer dark colors, and the like. */
const UNKNOWN = "emulation.setMediaFeaturesOverride";

/** A Firefox for one person: it gives camera and microphone to the window that has the focus, and lets all others wait. */
export async function launchFirefox() {
  await access(PATH).catch(() => {
    throw new Error(`${PATH} is missing: install it with apt-get install --no-install-recommends firefox-esr`);
  });
  const browser = await firefox.launch({ channel: "moz-firefox", executablePath: PATH, firefoxUserPrefs: PREFERENCES });
  // There is no way around it but inside.
  const session = browser._connection.toImpl(browser)._browserSession;
  const send = session.send.bind(session);
  session.send = (method, parameters) => (method === UNKNOWN ? Promise.resolve({}) : send(method, parameters));
  return browser;
}

/** Runs in the page before anything else: a Firefox without a display has no screen to show, so its camera stands for one. */
export function cameraForScreen() {
  const { mediaDevices } = navigator;
  if (mediaDevices) mediaDevices.getDisplayMedia = () => mediaDevices.getUserMedia({ video: true });
}
