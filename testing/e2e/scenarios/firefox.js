// The same calls, with Firefox for one of those who take part, or for both.
import { cameraForScreen, launchFirefox } from "../lib/firefox.js";

/**
 * Plays a scenario in which some come with Firefox, and all others with Chromium.
 * @param {(parts: object) => Promise<string>} scenario
 * @param {...number} places of those with Firefox, in the order in which the scenario lets people come
 */
export function withFirefox(scenario, ...places) {
  return (parts) => {
    let come = 0;
    const newContext = async (look) => {
      const place = come;
      come += 1;
      if (!places.includes(place)) return parts.browser.newContext(look);
      const firefox = await launchFirefox();
      parts.start({ end: () => firefox.close() });
      const context = await firefox.newContext(look);
      await context.addInitScript(cameraForScreen);
      return context;
    };
    return scenario({ ...parts, browser: { newContext } });
  };
}
