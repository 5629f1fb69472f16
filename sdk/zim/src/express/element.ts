// An element of the page that plays a stream, inside one that the app names.
import { ZegoFailure } from "./failure.js";
import type { ZegoViewOption } from "./types.js";

/** A picture or a sound in the page. */
export class PlayingElement {
  element: HTMLMediaElement | undefined;

  constructor(private readonly kind: "audio" | "video") {}

  /** Plays in an element, or in the one of that id. */
  play(view: HTMLElement | string, stream: MediaStream | undefined, options: ZegoViewOption): void {
    const home = typeof view === "string" ? document.getElementById(view) : view;
    if (!home) throw new ZegoFailure(1000000, "there is no such element in the page");
    this.element ??= document.createElement(this.kind);
    const { element } = this;
    element.autoplay = true;
    element.muted = options.muted === true;
    if (element instanceof HTMLVideoElement) {
      element.playsInline = true;
      Object.assign(element.style, {
        height: "100%",
        objectFit: options.objectFit ?? "contain",
        transform: options.mirror === true ? "scaleX(-1)" : "",
        width: "100%",
      });
    }
    if (element.parentElement !== home) home.append(element);
    if (stream === undefined) return;
    element.srcObject = stream;
    this.resume();
  }

  /** Plays, if the browser permits it by now. */
  resume(): void {
    this.element?.play().catch(() => undefined);
  }

  stop(): void {
    if (!this.element) return;
    this.element.srcObject = null;
    this.element.remove();
    this.element = undefined;
  }
}
