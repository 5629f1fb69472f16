// A window of its own for a call: one that holds a document where the browser has it, one that holds a picture elsewhere.

interface DocumentWindows {
  requestWindow(options: { width: number; height: number }): Promise<Window>;
}

/** In pixels. */
const SIZE = { width: 380, height: 300 };

function windows(): DocumentWindows | undefined {
  return (globalThis as { documentPictureInPicture?: DocumentWindows }).documentPictureInPicture;
}

/** Whether the browser opens windows that hold a document. */
export function canOpenWindow(): boolean {
  return windows() !== undefined;
}

/** Opens one with the page's styles; to be called from a click. `undefined` if the browser does not want to. */
export async function openWindow(page: Document): Promise<Window | undefined> {
  try {
    const opened = await windows()?.requestWindow(SIZE);
    if (opened) copyStyles(page, opened.document);
    return opened;
  } catch {
    return undefined;
  }
}

function copyStyles(from: Document, to: Document): void {
  to.documentElement.lang = from.documentElement.lang;
  to.documentElement.dir = from.documentElement.dir;
  for (const sheet of from.querySelectorAll("link[rel='stylesheet'], style")) to.head.append(sheet.cloneNode(true));
}

/** Shows the largest picture of a place in the browser's own window, or takes it back from there. */
export function showVideoInWindow(place: HTMLElement | null): void {
  if (document.pictureInPictureElement) {
    document.exitPictureInPicture().catch(() => undefined);
    return;
  }
  const videos = [...(place?.querySelectorAll("video") ?? [])];
  const largest = videos.sort((one, other) => area(other) - area(one))[0];
  largest?.requestPictureInPicture().catch(() => undefined);
}

function area({ clientWidth, clientHeight }: HTMLVideoElement): number {
  return clientWidth * clientHeight;
}
