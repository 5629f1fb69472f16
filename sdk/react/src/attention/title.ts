// The title of the tab, which says who calls while it rings.
import type { Clock } from "../clock.js";

const PERIOD_MS = 1_200;

/** Shows a text in turn with the page's own title. @returns how to stop that, which gives the title back */
export function blinkTitle(page: Pick<Document, "title">, text: string, clock: Clock): () => void {
  let own = page.title;
  page.title = text;
  const stop = clock.every(PERIOD_MS, () => {
    // The app may have named its page anew meanwhile.
    if (page.title === text) page.title = own;
    else {
      own = page.title;
      page.title = text;
    }
  });
  return () => {
    stop();
    if (page.title === text) page.title = own;
  };
}
