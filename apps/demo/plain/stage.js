// The stage: the one call that is shown large, and the calls that ring beside it.
import { callsIn, phaseOf } from "./calls.js";
import { el, refill } from "./dom.js";
import { banner, dialingView, failedView, idleView, incomingView, liveView, overView } from "./scenes.js";
import { span } from "./words.js";

/**
 * @typedef {import("./calls.js").State} State
 * @typedef {import("./calls.js").Call} Call
 * @typedef {import("./room/call_media.js").View} Media
 * @typedef {{isAdding: boolean, contacts: string[], soundPermitted: boolean, media: Media | null}} Surroundings
 * @typedef {"dialing" | "failed" | "idle" | "incoming" | "live" | "over"} Scene
 */

/**
 * What the stage shows.
 * @param {State} state
 * @returns {{scene: Scene, call: Call | null, beside: Call[]}}
 */
export function sceneOf(state) {
  const ringing = callsIn(state, ["ringing"]).reverse();
  const staged = state.stage === null ? null : state.calls[state.stage];
  if (state.dialing) return { scene: "dialing", call: null, beside: ringing };
  if (staged && ["talking", "calling", "alone"].includes(phaseOf(staged, state))) {
    return { scene: "live", call: staged, beside: ringing };
  }
  if (ringing.length > 0) return { scene: "incoming", call: ringing[0], beside: ringing.slice(1) };
  if (state.failure) return { scene: "failed", call: null, beside: [] };
  return staged ? { scene: "over", call: staged, beside: [] } : { scene: "idle", call: null, beside: [] };
}

export class Stage {
  #place;
  #actions;
  #drawn = "";
  /** A new scene takes the keyboard along to its title, so that no key meant for the last one presses a button of it. */
  #scene = "idle";

  /** @param {HTMLElement} place @param {import("./app.js").Actions} actions */
  constructor(place, actions) {
    this.#place = place;
    this.#actions = actions;
  }

  /**
   * Draws anew if something other than time has changed.
   * @param {State} state
   * @param {Surroundings} around
   */
  draw(state, around) {
    const { scene, call, beside } = sceneOf(state);
    const { dialing, failure, notice, connection } = state;
    const { media, ...rest } = around;
    const key = JSON.stringify([scene, call, beside, dialing, failure, notice, connection.phase, rest, media?.key]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    const banners = beside.map((ringing) => banner(ringing, this.#actions, scene === "live"));
    const content = this.#content(scene, call, state, around);
    const alert = notice ? el("p", { class: "stage-notice", role: "alert" }, notice) : null;
    const away =
      connection.phase !== "open" && scene !== "idle"
        ? el(
            "p",
            { class: "stage-notice" },
            "Not connected. What you press is sent as soon as the server can be reached.",
          )
        : null;
    refill(this.#place, [...banners, alert, away, content].filter(Boolean));
    if (scene !== this.#scene && scene !== "idle" && document.activeElement?.getAttribute("type") !== "text") {
      this.#place.querySelector("[data-first]").focus({ preventScroll: true });
    }
    this.#scene = scene;
    if (around.isAdding) this.#place.querySelector(".add-panel")?.scrollIntoView({ block: "nearest" });
  }

  /** Moves what depends on time alone. @param {number} now on this device's clock */
  tick(now) {
    for (const text of this.#place.querySelectorAll("[data-since]"))
      text.textContent = span(now - Number(text.dataset.since));
    for (const text of this.#place.querySelectorAll("[data-until]")) {
      text.textContent = span(Number(text.dataset.until) - now + 999);
    }
    for (const arc of this.#place.querySelectorAll("[data-arc-until]")) {
      const left = (Number(arc.dataset.arcUntil) - now) / Number(arc.dataset.arcTotal);
      arc.setAttribute("stroke-dashoffset", String(1 - Math.min(1, Math.max(0, left))));
    }
  }

  #content(scene, call, state, around) {
    switch (scene) {
      case "dialing":
        return dialingView(state.dialing, this.#actions);
      case "incoming":
        return incomingView(call, state, this.#actions, around);
      case "live":
        return liveView(call, state, this.#actions, around);
      case "failed":
        return failedView(state.failure, this.#actions);
      case "over":
        return overView(call, state, this.#actions);
      case "idle":
        return idleView(state.me, around.contacts);
    }
  }
}
