// The stage: the one call that is shown large, and the calls that ring beside it.
import { callsIn, isLive, isRinging, legOf, phaseOf } from "./calls.js";
import { avatar, el, icon, refill, round, svg } from "./dom.js";
import { legWord, list, liveCount, mediaWord, others, outcome, problemWords, span } from "./words.js";

/**
 * @typedef {import("./calls.js").State} State
 * @typedef {import("./calls.js").Call} Call
 * @typedef {{isAdding: boolean, contacts: string[], soundPermitted: boolean}} Surroundings
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
    const key = JSON.stringify([scene, call, beside, dialing, failure, notice, connection.phase, around]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    const banners = beside.map((ringing) => banner(ringing, this.#actions, scene === "live"));
    const content = this.#content(scene, call, state, around);
    const alert = notice ? el("p", { class: "stage-notice", role: "alert" }, notice) : null;
    const away = connection.phase !== "open" && scene !== "idle" ? el("p", { class: "stage-notice" }, "Not connected. What you press is sent as soon as the server can be reached.") : null;
    refill(this.#place, [...banners, content, alert, away].filter(Boolean));
  }

  /** Moves what depends on time alone. @param {number} now on this device's clock */
  tick(now) {
    for (const text of this.#place.querySelectorAll("[data-since]")) text.textContent = span(now - Number(text.dataset.since));
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

function idleView(me, contacts) {
  const other = contacts[0] ?? "bob";
  return el(
    "div",
    { class: "scene scene-idle" },
    el("h2", {}, "Nobody is calling"),
    el("p", {}, `You are ${me}. Open `, el("a", { href: `/u/${encodeURIComponent(other)}`, target: "_blank" }, `${other} in a second tab`), ", put the two side by side, and call."),
    el(
      "ul",
      { class: "hints" },
      el("li", {}, el("a", { href: `/u/${encodeURIComponent(me)}`, target: "_blank" }, `A second tab as ${me}`), " is a second device: both ring, the first answer counts."),
      el("li", {}, "Open the trace to see every frame as it comes and goes."),
      el("li", {}, "Cut the connection in the trace while it rings: the ring stops on time all the same."),
    ),
  );
}

function heading(text, label) {
  return el("h2", { class: "stage-title", tabindex: "-1", "data-first": true, "aria-label": label ?? null }, text);
}

function dialingView({ invitees, media }, actions) {
  return el(
    "div",
    { class: "scene" },
    faces(invitees),
    heading(list(invitees)),
    el("p", { class: "stage-sub" }, `${mediaWord(media)} · asking the server`),
    el("div", { class: "actions" }, round({ icon: "hang_up", word: "Cancel", tone: "end", key: "cancel", onclick: actions.cancelDialing })),
  );
}

function faces(users) {
  const size = users.length > 1 ? "medium" : "large";
  return el("div", { class: "faces" }, ...users.slice(0, 5).map((user) => avatar(user, size)));
}

function incomingView(call, state, actions, around) {
  const rest = others(call, state.me).filter((user) => user !== call.inviter);
  const inviter = call.inviter === call.caller ? "" : ` · ${call.caller} started it`;
  return el(
    "div",
    { class: "scene scene-incoming" },
    el("div", { class: "dial" }, avatar(call.inviter, "large"), arc(call)),
    heading(call.inviter, `${call.inviter} is calling`),
    el("p", { class: "stage-sub" }, `Incoming ${mediaWord(call.media).toLowerCase()}${rest.length > 0 ? ` with ${list(rest)}` : ""}${inviter}`),
    el("p", { class: "stage-time" }, "Rings for ", el("span", { "data-until": call.ringUntil }), " more"),
    el(
      "div",
      { class: "actions" },
      round({ icon: "hang_up", word: "Reject", tone: "end", key: "reject", onclick: () => actions.reject(call.id) }),
      round({ icon: "silent", word: "Silence here", tone: "quiet", key: "silence", onclick: () => actions.silence(call.id) }),
      round({ icon: call.media === "audio" ? "phone" : "video", word: "Accept", tone: "accept", key: "accept", onclick: () => actions.accept(call.id) }),
    ),
    !around.soundPermitted && el("p", { class: "stage-note" }, "No ringtone yet: browsers keep a page silent until you click or press a key in it."),
  );
}

function arc(call) {
  const circle = { cx: 50, cy: 50, r: 47, pathLength: 1, "stroke-dasharray": 1 };
  return svg(
    "svg",
    { viewBox: "0 0 100 100", class: "arc", "aria-hidden": "true" },
    svg("circle", { ...circle, class: "arc-track" }),
    svg("circle", { ...circle, class: "arc-left", "data-arc-until": call.ringUntil, "data-arc-total": call.timeoutMs }),
  );
}

/** A call that rings while another one, or another ring, has the stage. */
function banner(call, actions, isBusy) {
  return el(
    "section",
    { class: "banner", "aria-label": `${call.inviter} is calling` },
    avatar(call.inviter, "small"),
    el(
      "div",
      { class: "banner-text" },
      el("strong", {}, call.inviter),
      el("span", {}, `${mediaWord(call.media)} · `, el("span", { "data-until": call.ringUntil })),
    ),
    small("Silence", "quiet", `silence-${call.id}`, () => actions.silence(call.id)),
    small(isBusy ? "Busy" : "Reject", "end", `reject-${call.id}`, () => actions.reject(call.id)),
    small(isBusy ? "End and accept" : "Accept", "accept", `accept-${call.id}`, () => actions.accept(call.id)),
  );
}

function small(word, tone, key, onclick) {
  return el("button", { type: "button", class: `small small-${tone}`, "data-key": key, onclick }, word);
}

function liveView(call, state, actions, around) {
  const phase = phaseOf(call, state);
  const names = others(call, state.me);
  const isPair = call.legs.length === 2;
  const shown = isPair ? call.legs.filter((leg) => leg.user !== state.me) : call.legs;
  return el(
    "div",
    { class: `scene scene-live scene-${phase}` },
    el("div", { class: isPair ? "tiles tiles-one" : "tiles" }, ...shown.map((leg) => tile(leg, call, state, actions, isPair))),
    heading(list(names)),
    progress(call, phase, state.me),
    el("p", { class: "stage-note" }, "Signaling only: no sound or picture yet."),
    around.isAdding && addPanel(call, around.contacts, actions),
    el("div", { class: "actions" }, ...liveActions(call, phase, isPair, actions, around)),
  );
}

function progress(call, phase, me) {
  const what = mediaWord(call.media);
  if (phase === "talking") {
    return el("p", { class: "stage-sub" }, `${what} · `, el("span", { class: "timer", role: "timer", "data-since": call.connectedAt }));
  }
  if (phase === "alone") return el("p", { class: "stage-sub" }, `${what} · you are alone in the call`);
  const rings = call.legs.some((leg) => leg.user !== me && leg.status === "received");
  return el("p", { class: "stage-sub waits", role: "status" }, `${what} · ${rings ? "ringing" : "inviting"}`);
}

function tile(leg, call, state, actions, isPair) {
  const isMine = leg.user === state.me;
  const word = legWord(leg);
  const presence = leg.status === "accepted" ? "in" : isRinging(leg) ? "waiting" : "out";
  const mayTakeBack = isRinging(leg) && call.caller === state.me && !isPair;
  return el(
    "div",
    { class: `tile tile-${presence}` },
    avatar(leg.user, isPair ? "large" : "medium"),
    !isPair && el("span", { class: "tile-name" }, isMine ? "You" : leg.user),
    el("span", { class: `chip chip-${presence} ${word === "busy" || word === "rejected" ? "chip-refused" : ""}` }, word),
    mayTakeBack && el("button", { type: "button", class: "plain", "data-key": `back-${leg.user}`, onclick: () => actions.takeBack(call.id, leg.user), "aria-label": `Take back the invitation of ${leg.user}` }, "Take back"),
  );
}

function liveActions(call, phase, isPair, actions, around) {
  const end = (word, onclick, key) => round({ icon: "hang_up", word, tone: "end", key, onclick });
  const add = round({ icon: "add", word: around.isAdding ? "Done adding" : "Add people", tone: "quiet", key: "add", onclick: actions.toggleAdding });
  if (call.mode === "general") return phase === "calling" ? [end("Cancel", () => actions.hangUp(call.id), "hang-up")] : [end("Close", () => actions.hangUp(call.id), "hang-up")];
  if (phase === "calling" && !call.connectedAt) return [add, end("Cancel", () => actions.hangUp(call.id), "hang-up")];
  if (isPair || liveCount(call) < 2) return [add, end("Hang up", () => actions.endForAll(call.id), "hang-up")];
  return [
    add,
    round({ icon: "close", word: "End for all", tone: "quiet", key: "end", onclick: () => actions.endForAll(call.id) }),
    end("Leave", () => actions.leave(call.id), "hang-up"),
  ];
}

function addPanel(call, contacts, actions) {
  const absent = contacts.filter((user) => !call.legs.some((leg) => leg.user === user && isLive(leg)));
  const field = el("input", { type: "text", name: "user", maxlength: 32, autocomplete: "off", autocapitalize: "none", spellcheck: "false", placeholder: "Another user’s id", "aria-label": "Another user’s id", "data-key": "add-field" });
  const add = (event) => {
    event.preventDefault();
    if (field.value.trim()) actions.add(call.id, field.value.trim());
    field.value = "";
  };
  return el(
    "div",
    { class: "add-panel" },
    ...absent.map((user) => el("button", { type: "button", class: "person-chip", "data-key": `add-${user}`, onclick: () => actions.add(call.id, user) }, avatar(user, "small"), user, icon("add"))),
    absent.length === 0 && el("p", {}, "Everyone of your list is in the call."),
    el("form", { class: "field", onsubmit: add }, field, el("button", { type: "submit", class: "small small-quiet" }, "Add")),
  );
}

function failedView({ dialing, ...problem }, actions) {
  return el(
    "div",
    { class: "scene scene-over" },
    faces(dialing.invitees),
    el("p", { class: "stage-who" }, list(dialing.invitees)),
    heading("The call was not placed"),
    el("p", { class: "stage-sub" }, problemWords(problem)),
    el(
      "div",
      { class: "actions" },
      round({ icon: "close", word: "Close", tone: "quiet", key: "close", onclick: actions.dismiss }),
      round({ icon: "phone", word: "Try again", tone: "accept", key: "again", onclick: () => actions.invite(dialing.invitees, dialing.media) }),
    ),
  );
}

function overView(call, state, actions) {
  const { title, detail, isMissed } = outcome(call, state);
  const names = others(call, state.me);
  const phase = phaseOf(call, state);
  const goesOn = call.status !== "ended" && call.mode === "advanced" && legOf(call, state.me);
  const join = phase === "elsewhere" ? "Take it here" : "Join";
  return el(
    "div",
    { class: `scene scene-over ${isMissed ? "scene-missed" : ""}` },
    faces(names),
    el("p", { class: "stage-who" }, list(names)),
    heading(title),
    el("p", { class: "stage-sub" }, detail || mediaWord(call.media)),
    el(
      "div",
      { class: "actions" },
      round({ icon: "close", word: "Close", tone: "quiet", key: "close", onclick: actions.dismiss }),
      goesOn && phase !== "rang_out"
        ? round({ icon: "phone", word: join, tone: "accept", key: "join", onclick: () => actions.join(call.id) })
        : round({ icon: call.media === "audio" ? "phone" : "video", word: "Call back", tone: "accept", key: "again", onclick: () => actions.invite(names, call.media) }),
    ),
  );
}
