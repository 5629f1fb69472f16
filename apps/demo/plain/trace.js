// The live trace: every frame in and out, as it was on the wire but for tokens.
import { el } from "./dom.js";

const KEPT = 400;
const NEAR_END_PX = 40;
const DIRECTIONS = { in: "←", out: "→", note: "·" };
/** Fields that let their bearer in. */
const SECRETS = new Set(["credential", "token"]);
/** Frames that come all the time and say little of what happens. */
const REGULAR = new Set(["heartbeat", "room.levels", "room.quality"]);
const SPOKEN = { in: "received", out: "sent", note: "note" };

export class Trace {
  #list;
  #hidesHeartbeats = true;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#list = el("ol", { class: "trace-list", tabindex: "0", "aria-label": "Frames, oldest first" });
    const heartbeats = el("input", { type: "checkbox", onchange: () => this.#showHeartbeats(heartbeats.checked) });
    place.append(
      el(
        "div",
        { class: "trace-tools" },
        el("label", { class: "tick" }, heartbeats, "Heartbeats and levels"),
        el("button", { type: "button", class: "plain", onclick: () => this.#list.replaceChildren() }, "Clear"),
      ),
      this.#list,
    );
    this.#showHeartbeats(false);
  }

  /** @param {"in" | "note" | "out"} direction @param {import("./session.js").Frame | string} what */
  add(direction, what) {
    const isAtEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < NEAR_END_PX;
    this.#list.append(row(direction, what));
    while (this.#list.childElementCount > KEPT) this.#list.firstElementChild.remove();
    if (isAtEnd) this.showNewest();
  }

  showNewest() {
    this.#list.scrollTop = this.#list.scrollHeight;
  }

  #showHeartbeats(shown) {
    this.#hidesHeartbeats = !shown;
    this.#list.classList.toggle("without-heartbeats", this.#hidesHeartbeats);
  }
}

function row(direction, what) {
  const head = [
    el("span", { class: "trace-time" }, time()),
    el(
      "span",
      { class: "trace-direction" },
      el("span", { "aria-hidden": "true" }, DIRECTIONS[direction]),
      el("span", { class: "spoken" }, SPOKEN[direction]),
    ),
  ];
  if (typeof what === "string") {
    return el(
      "li",
      { class: "trace-row trace-note" },
      el("p", {}, ...head, el("span", { class: "trace-short" }, what)),
    );
  }
  const shown = JSON.parse(JSON.stringify(what, (key, value) => (SECRETS.has(key) ? "…" : value)));
  return el(
    "li",
    {
      class: `trace-row trace-${direction} ${REGULAR.has(what.type) ? "trace-heartbeat" : ""} ${what.type === "problem" ? "trace-problem" : ""}`,
    },
    el(
      "details",
      { ontoggle: (event) => event.target.open && event.target.scrollIntoView({ block: "nearest" }) },
      el(
        "summary",
        {},
        ...head,
        el("b", { class: "trace-type" }, what.type),
        el("span", { class: "trace-short" }, short(shown)),
      ),
      el("pre", { tabindex: "0" }, JSON.stringify(shown, null, 2)),
    ),
  );
}

/** What tells this frame from the next, in a few words. */
function short({ type, id, offset, body = {} }) {
  const call = body?.call;
  const view = typeof call === "object" && call !== null ? call : body;
  const legs = view?.changed ?? view?.legs;
  const parts = [
    id !== undefined && `#${id}`,
    offset !== undefined && `@${offset}`,
    type === "heartbeat" && `offset ${body.offset}`,
    type === "welcome" && (body.snapshot ? `reset, ${body.snapshot.calls.length} live` : "resumed"),
    type === "hello" && (body.resume ? `resume ${body.resume.epoch}/${body.resume.offset}` : body.device),
    body?.code,
    body?.invitees?.join(", "),
    body?.calls && `${body.calls.length} calls`,
    view?.seq !== undefined && `seq ${view.seq}`,
    legs?.map((leg) => `${leg.user} ${leg.status}`).join(", "),
    view?.end?.cause,
  ];
  return parts.filter(Boolean).join(" · ");
}

function time() {
  const now = new Date();
  const two = (number) => String(number).padStart(2, "0");
  return `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}.${String(now.getMilliseconds()).padStart(3, "0")}`;
}
