// Pictures in elements: which are seen, and how large, so that nothing is sent for what nobody sees.
import type { TrackSource, TrackWish } from "../generated/frames.js";
import type { Clock } from "./clock.js";
import { trackKey } from "./roster.js";

/** A resize comes in many steps, and an element that is moved is taken away and put back: only where it comes to rest matters. */
const REST_MS = 150;

/** How large a picture that floats above the windows is taken to be, whatever became of its page. */
const FLOATING = { width: 640, height: 360 };

/** A picture in an element. */
interface View {
  readonly element: HTMLVideoElement;
  readonly stream: string;
  readonly source: TrackSource;
  isOnScreen: boolean;
  stop: () => void;
}

/** What views need of their room. */
export interface ViewsParts {
  readonly clock: Clock;
  /** What is received, by `trackKey`. */
  readonly mediaOf: (key: string) => MediaStream | undefined;
  /** Called when sizes have come to rest, with a wish for each track that is, or was, shown. */
  readonly onRest: (wishes: TrackWish[]) => void;
}

/** All pictures of a room that are shown in elements. */
export class Views {
  readonly #parts: ViewsParts;
  readonly #all = new Set<View>();
  /** Tracks whose last element went since the last rest. */
  readonly #left = new Map<string, TrackWish>();
  #isResting = false;

  constructor(parts: ViewsParts) {
    this.#parts = parts;
  }

  /** @returns how to stop */
  attach(element: HTMLVideoElement, stream: string, source: TrackSource): () => void {
    const view: View = { element, stream, source, isOnScreen: true, stop: () => undefined };
    // Voices come over elements of their own; a silent picture may play without a click.
    element.muted = true;
    element.autoplay = true;
    element.playsInline = true;
    this.#all.add(view);
    view.stop = this.#watch(view);
    this.#play(view);
    this.#changed();
    return () => this.#detach(view);
  }

  /** What is received is new: elements play it. */
  play(): void {
    for (const view of this.#all) this.#play(view);
  }

  /** Says again what is shown, after the room has changed. */
  review(): void {
    if (this.#all.size > 0) this.#changed();
  }

  #play({ element, source, stream }: View): void {
    const media = this.#parts.mediaOf(trackKey(stream, source)) ?? null;
    if (element.srcObject === media) return;
    element.srcObject = media;
    // Replaced by another picture, or taken away, before it began: whoever did that plays on.
    if (media) void Promise.resolve(element.play()).catch(() => undefined);
  }

  #detach(view: View): void {
    if (!this.#all.delete(view)) return;
    view.stop();
    const { element, source, stream } = view;
    element.srcObject = null;
    this.play(); // Another picture may be attached to it already.
    this.#left.set(trackKey(stream, source), { stream, source, wanted: false });
    this.#changed();
  }

  #watch(view: View): () => void {
    const { element } = view;
    const { ownerDocument: page } = element;
    // Of the element's own window, which may be a small one that floats above the others.
    const place = page.defaultView;
    const changed = () => this.#changed();
    const sizes = place?.ResizeObserver && new place.ResizeObserver(changed);
    const sights =
      place?.IntersectionObserver &&
      new place.IntersectionObserver((entries) => {
        view.isOnScreen = entries.at(-1)?.isIntersecting ?? view.isOnScreen;
        changed();
      });
    sizes?.observe(element);
    sights?.observe(element);
    const events = ["enterpictureinpicture", "leavepictureinpicture"];
    const over = new AbortController();
    const { signal } = over;
    for (const event of events) element.addEventListener(event, changed, { signal });
    page.addEventListener("visibilitychange", changed, { signal });
    return () => {
      sizes?.disconnect();
      sights?.disconnect();
      over.abort();
    };
  }

  #changed(): void {
    if (this.#isResting) return;
    this.#isResting = true;
    this.#parts.clock.after(REST_MS, () => this.#rest());
  }

  #rest(): void {
    this.#isResting = false;
    const wishes = new Map(this.#left);
    this.#left.clear();
    for (const view of this.#all) {
      const key = trackKey(view.stream, view.source);
      const wish = wishOf(view);
      const other = wishes.get(key);
      if (!other || area(wish) > area(other)) wishes.set(key, wish);
    }
    if (wishes.size > 0) this.#parts.onRest([...wishes.values()]);
  }
}

/** Of two elements that show the same picture, the larger counts. */
function area({ height = 0, wanted = true, width = 0 }: TrackWish): number {
  return wanted ? width * height : -1;
}

function wishOf({ element, isOnScreen, source, stream }: View): TrackWish {
  const page = element.ownerDocument;
  if (page.pictureInPictureElement === element) return { stream, source, wanted: true, ...FLOATING };
  const scale = page.defaultView?.devicePixelRatio ?? 1;
  const box = element.getBoundingClientRect();
  const [width, height] = [Math.round(box.width * scale), Math.round(box.height * scale)];
  const wanted = isOnScreen && page.visibilityState !== "hidden" && width > 0 && height > 0;
  return { stream, source, wanted, ...(wanted && { width, height }) };
}
