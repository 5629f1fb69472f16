// The people one may call, the calls of late, and the page on which one chooses who to be.
import { callsIn, mayJoin, newestFirst, phaseOf } from "./calls.js";
import { avatar, el, icon, refill } from "./dom.js";
import { list, mediaWord, others, outcome } from "./words.js";

export const KNOWN = ["alice", "bob", "carol"];
/** What the server takes for a user's id. */
const USER = /^[A-Za-z0-9!#$%&()+\-:;<=.>?@[\]^_{}|~]{1,32}$/;
const MODES = [
  ["advanced", "Until someone hangs up", "People can be added and leave while it lasts."],
  ["general", "Until everyone has answered", "The invitation alone; what follows is the app’s matter."],
];
const RING_TIMES_S = [10, 30, 60, 90];

/** @typedef {{contacts: string[], selected: string[], mode: string, timeoutS: number, isMuted: boolean}} Desk */

/** @param {HTMLElement} place */
export function drawChoice(place) {
  const field = userField("who");
  const go = (event) => {
    event.preventDefault();
    if (check(field)) location.assign(`/u/${encodeURIComponent(field.value.trim())}`);
  };
  place.replaceChildren(
    el("h1", {}, "Who are you?"),
    el("p", { class: "lead" }, "Each tab is a device. Open two people in two tabs, side by side, and call."),
    el(
      "ul",
      { class: "choices" },
      ...KNOWN.map((user) =>
        el(
          "li",
          {},
          el(
            "a",
            { class: "choice", href: `/u/${user}` },
            avatar(user, "medium"),
            el("span", { class: "choice-name" }, user),
          ),
          el(
            "a",
            { class: "choice-tab", href: `/u/${user}`, target: "_blank", "aria-label": `Open ${user} in a new tab` },
            "New tab",
          ),
        ),
      ),
    ),
    el(
      "form",
      { class: "field", onsubmit: go, novalidate: true },
      field,
      el("button", { type: "submit", class: "small small-accept" }, "Continue"),
    ),
  );
}

function userField(key) {
  return el("input", {
    type: "text",
    name: "user",
    maxlength: 32,
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    placeholder: "Someone else’s id",
    "aria-label": "Someone else’s id",
    "data-key": key,
    oninput: (event) => event.target.setCustomValidity(""),
  });
}

function check(field) {
  const isUser = USER.test(field.value.trim());
  field.setCustomValidity(isUser ? "" : "An id has 1 to 32 letters, digits or signs, and no spaces.");
  return field.reportValidity();
}

export class People {
  #place;
  #actions;
  #drawn = "";
  /** One call at a time: none can be started from here while one is on. */
  #isBusy = false;

  /** @param {HTMLElement} place @param {import("./app.js").Actions} actions */
  constructor(place, actions) {
    this.#place = place;
    this.#actions = actions;
  }

  /** @param {import("./calls.js").State} state @param {Desk} desk */
  draw(state, desk) {
    this.#isBusy = callsIn(state, ["talking", "calling", "alone"]).length > 0 || state.dialing !== null;
    const key = JSON.stringify([state.calls, state.olderCalls, this.#isBusy, desk]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    refill(this.#place, [
      el(
        "section",
        { "aria-label": "People" },
        el("h2", { class: "section-title" }, "People"),
        this.#contacts(desk),
        this.#someoneElse(),
        this.#group(desk),
      ),
      this.#options(desk),
      el(
        "section",
        { "aria-label": "Recent calls" },
        el("h2", { class: "section-title" }, "Recent calls"),
        ...this.#recents(state),
      ),
    ]);
  }

  #contacts({ contacts, selected }) {
    const row = (user) => {
      const tick = el("input", {
        type: "checkbox",
        checked: selected.includes(user),
        "data-key": `select-${user}`,
        onchange: () => this.#actions.select(user),
        "aria-label": `Select ${user} for a group call`,
      });
      return el(
        "li",
        { class: "row" },
        el("label", { class: "row-who" }, tick, avatar(user, "small"), el("span", { class: "row-name" }, user)),
        this.#call("phone", `Voice call to ${user}`, [user], "audio"),
        this.#call("video", `Video call to ${user}`, [user], "video"),
      );
    };
    return el("ul", { class: "rows" }, ...contacts.map(row));
  }

  #call(name, label, users, media) {
    return el(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": label,
        title: label,
        disabled: this.#isBusy,
        "data-key": `${media}-${users.join()}`,
        onclick: () => this.#actions.invite(users, media),
      },
      icon(name),
    );
  }

  #someoneElse() {
    const field = userField("someone");
    const keep = (event) => {
      event.preventDefault();
      if (!check(field)) return;
      const user = field.value.trim();
      field.value = "";
      this.#actions.keepContact(user);
    };
    return el(
      "form",
      { class: "field", onsubmit: keep, novalidate: true },
      field,
      el("button", { type: "submit", class: "small small-quiet" }, "Add to list"),
    );
  }

  #group({ selected }) {
    if (selected.length === 0) return el("p", { class: "hint" }, "Tick several people to call them together.");
    const start = (name, word, media) =>
      el(
        "button",
        {
          type: "button",
          class: "small small-accept",
          disabled: this.#isBusy,
          "data-key": `group-${media}`,
          onclick: () => this.#actions.invite(selected, media),
        },
        icon(name),
        word,
      );
    return el(
      "div",
      { class: "group" },
      el("p", {}, `Call ${list(selected)}${selected.length > 1 ? " together" : ""}`),
      el(
        "div",
        { class: "group-actions" },
        start("phone", "Voice", "audio"),
        start("video", "Video", "video"),
        el(
          "button",
          { type: "button", class: "plain", "data-key": "group-clear", onclick: this.#actions.selectNobody },
          "Clear",
        ),
      ),
    );
  }

  #options({ mode, timeoutS, isMuted }) {
    const modes = MODES.map(([value, word, meaning]) =>
      el(
        "label",
        { class: "option" },
        el("input", {
          type: "radio",
          name: "mode",
          value,
          checked: value === mode,
          "data-key": `mode-${value}`,
          onchange: () => this.#actions.choose({ mode: value }),
        }),
        el("span", {}, el("strong", {}, word), " ", el("code", {}, value), el("small", {}, meaning)),
      ),
    );
    const times = RING_TIMES_S.map((seconds) =>
      el("option", { value: seconds, selected: seconds === timeoutS }, `${seconds} s`),
    );
    return el(
      "details",
      { class: "options", open: this.#place.querySelector(".options")?.open ?? false },
      el(
        "summary",
        { "data-key": "options" },
        "Call settings",
        el("span", { class: "summary-now" }, `${mode}, rings ${timeoutS} s${isMuted ? ", silent" : ""}`),
      ),
      el("fieldset", {}, el("legend", {}, "A call lasts"), ...modes),
      el(
        "label",
        { class: "option option-line" },
        "Rings for",
        el(
          "select",
          { "data-key": "time", onchange: (event) => this.#actions.choose({ timeoutS: Number(event.target.value) }) },
          ...times,
        ),
      ),
      el(
        "label",
        { class: "option option-line" },
        el("input", {
          type: "checkbox",
          checked: !isMuted,
          "data-key": "sound",
          onchange: (event) => this.#actions.choose({ isMuted: !event.target.checked }),
        }),
        "Play ring tones",
      ),
    );
  }

  #recents(state) {
    const live = new Set(callsIn(state, ["ringing", "calling", "talking", "alone"]).map((call) => call.id));
    const past = newestFirst(state.calls).filter((call) => !live.has(call.id));
    if (past.length === 0) return [el("p", { class: "hint" }, "No calls yet.")];
    return [
      el("ul", { class: "rows" }, ...past.map((call) => this.#recent(call, state))),
      state.olderCalls &&
        el(
          "button",
          { type: "button", class: "plain", "data-key": "older", onclick: this.#actions.older },
          "Older calls",
        ),
    ].filter(Boolean);
  }

  #recent(call, state) {
    const { title, isMissed } = outcome(call, state);
    const names = others(call, state.me);
    const direction = call.caller === state.me ? "outgoing" : "incoming";
    const phase = phaseOf(call, state);
    const goesOn = mayJoin(call, state);
    return el(
      "li",
      { class: `row recent ${isMissed ? "recent-missed" : ""}` },
      el("span", { class: "recent-direction" }, icon(direction), el("span", { class: "spoken" }, direction)),
      el(
        "div",
        { class: "recent-text" },
        el("span", { class: "row-name" }, list(names)),
        el("span", { class: "recent-sub" }, title),
      ),
      !goesOn &&
        el("time", { class: "recent-time", datetime: new Date(call.createdAt).toISOString() }, when(call.createdAt)),
      phase === "silenced"
        ? this.#step("Accept", `accept-${call.id}`, () => this.#actions.accept(call.id))
        : goesOn
          ? this.#step(phase === "elsewhere" ? "Take over" : "Join", `join-${call.id}`, () =>
              this.#actions.join(call.id),
            )
          : this.#again(call, names),
    );
  }

  #step(word, key, onclick) {
    return el(
      "button",
      { type: "button", class: "small small-accept", disabled: this.#isBusy, "data-key": key, onclick },
      word,
    );
  }

  #again(call, names) {
    const label = `${mediaWord(call.media)} to ${list(names)} again`;
    return el(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": label,
        title: label,
        disabled: this.#isBusy,
        "data-key": `again-${call.id}`,
        onclick: () => this.#actions.invite(names, call.media),
      },
      icon(call.media === "audio" ? "phone" : "video"),
    );
  }
}

function when(at) {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString([], isToday ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" });
}
