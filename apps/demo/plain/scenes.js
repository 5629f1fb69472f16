// What the stage shows in each scene of a call. Functions from what is known to elements; nothing is kept here.
import { isLive, isRinging, mayJoin, phaseOf } from "./calls.js";
import { avatar, el, icon, round, svg } from "./dom.js";
import { legWord, list, liveCount, mediaWord, others, outcome, problemWords } from "./words.js";

/**
 * @typedef {import("./calls.js").Call} Call
 * @typedef {import("./app.js").Actions} Actions
 */

export function idleView(me, contacts) {
  const other = contacts[0] ?? "bob";
  return el(
    "div",
    { class: "scene scene-idle" },
    el("h2", {}, "Nobody is calling"),
    el(
      "p",
      {},
      `You are ${me}. Open `,
      el("a", { href: `/u/${encodeURIComponent(other)}`, target: "_blank" }, `${other} in a second tab`),
      ", put the two side by side, and call.",
    ),
    el(
      "ul",
      { class: "hints" },
      el(
        "li",
        {},
        el("a", { href: `/u/${encodeURIComponent(me)}`, target: "_blank" }, `A second tab as ${me}`),
        " is a second device: both ring, the first answer counts.",
      ),
      el("li", {}, "Open the trace to see every frame as it comes and goes."),
      el("li", {}, "Cut the connection in the trace while it rings: the ring stops on time all the same."),
    ),
  );
}

function heading(text, label) {
  return el("h2", { class: "stage-title", tabindex: "-1", "data-first": true, "aria-label": label ?? null }, text);
}

export function dialingView({ invitees, media }, actions) {
  return el(
    "div",
    { class: "scene" },
    faces(invitees),
    heading(list(invitees)),
    el("p", { class: "stage-sub" }, `${mediaWord(media)} · asking the server`),
    el(
      "div",
      { class: "actions" },
      round({ icon: "hang_up", word: "Cancel", tone: "end", key: "cancel", onclick: actions.cancelDialing }),
    ),
  );
}

function faces(users) {
  const size = users.length > 1 ? "medium" : "large";
  return el("div", { class: "faces" }, ...users.slice(0, 5).map((user) => avatar(user, size)));
}

export function incomingView(call, state, actions, around) {
  const rest = others(call, state.me).filter((user) => user !== call.inviter);
  const inviter = call.inviter === call.caller ? "" : ` · ${call.caller} started it`;
  return el(
    "div",
    { class: "scene scene-incoming" },
    el("div", { class: "dial" }, avatar(call.inviter, "large"), arc(call)),
    heading(call.inviter, `${call.inviter} is calling`),
    el(
      "p",
      { class: "stage-sub" },
      `Incoming ${mediaWord(call.media).toLowerCase()}${rest.length > 0 ? ` with ${list(rest)}` : ""}${inviter}`,
    ),
    el("p", { class: "stage-time" }, "Rings for ", el("span", { "data-until": call.ringUntil }), " more"),
    !around.soundPermitted &&
      el(
        "p",
        { class: "stage-note" },
        "No ringtone yet: browsers keep a page silent until you click or press a key in it.",
      ),
    el(
      "div",
      { class: "actions" },
      round({ icon: "hang_up", word: "Reject", tone: "end", key: "reject", onclick: () => actions.reject(call.id) }),
      round({
        icon: "silent",
        word: "Silence here",
        tone: "quiet",
        key: "silence",
        onclick: () => actions.silence(call.id),
      }),
      round({
        icon: call.media === "audio" ? "phone" : "video",
        word: "Accept",
        tone: "accept",
        key: "accept",
        onclick: () => actions.accept(call.id),
      }),
    ),
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
export function banner(call, actions, isBusy) {
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

export function liveView(call, state, actions, around) {
  const phase = phaseOf(call, state);
  const names = others(call, state.me);
  const present = call.legs.filter((leg) => leg.user !== state.me && isLive(leg)).map((leg) => leg.user);
  const isPair = call.legs.length === 2;
  const media = phase === "talking" ? around.media : null;
  const shown = isPair ? call.legs.filter((leg) => leg.user !== state.me) : call.legs;
  const faced = media ? shown.filter(isRinging) : shown; // Who is in the room shows a picture there.
  return el(
    "div",
    { class: `scene scene-live scene-${phase}` },
    media?.place,
    faced.length > 0 &&
      el(
        "div",
        { class: isPair ? "tiles tiles-one" : "tiles" },
        ...faced.map((leg) => tile(leg, call, state, actions, isPair)),
      ),
    heading(list(present.length > 0 ? present : names)),
    progress(call, phase, state.me),
    media?.sentence && el("p", { class: "stage-notice", role: "alert" }, media.sentence),
    around.isAdding && addPanel(call, around.contacts, actions),
    el("div", { class: "actions" }, ...(media?.controls() ?? []), ...liveActions(call, phase, isPair, actions, around)),
  );
}

function progress(call, phase, me) {
  const what = mediaWord(call.media);
  if (phase === "talking") {
    return el(
      "p",
      { class: "stage-sub" },
      `${what} · `,
      el("span", { class: "timer", role: "timer", "data-since": call.connectedAt }),
    );
  }
  if (phase === "alone") return el("p", { class: "stage-sub" }, `${what} · you are alone in the call`);
  return el("p", { class: "stage-sub" }, call.caller === me ? `Outgoing ${what.toLowerCase()}` : what);
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
    el(
      "span",
      { class: `chip chip-${presence} ${word === "busy" || word === "rejected" ? "chip-refused" : ""}` },
      word,
    ),
    mayTakeBack &&
      el(
        "button",
        {
          type: "button",
          class: "plain",
          "data-key": `back-${leg.user}`,
          onclick: () => actions.takeBack(call.id, leg.user),
          "aria-label": `Take back the invitation of ${leg.user}`,
        },
        "Take back",
      ),
  );
}

function liveActions(call, phase, isPair, actions, around) {
  const end = (word, onclick, key) => round({ icon: "hang_up", word, tone: "end", key, onclick });
  const add = round({
    icon: "add",
    word: around.isAdding ? "Close list" : "Add people",
    tone: "quiet",
    key: "add",
    onclick: actions.toggleAdding,
  });
  if (call.mode === "general")
    return phase === "calling"
      ? [end("Cancel", () => actions.hangUp(call.id), "hang-up")]
      : [end("Close", () => actions.hangUp(call.id), "hang-up")];
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
  const field = el("input", {
    type: "text",
    name: "user",
    maxlength: 32,
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    placeholder: "Another user’s id",
    "aria-label": "Another user’s id",
    "data-key": "add-field",
  });
  const add = (event) => {
    event.preventDefault();
    if (field.value.trim()) actions.add(call.id, field.value.trim());
    field.value = "";
  };
  return el(
    "div",
    { class: "add-panel" },
    ...absent.map((user) =>
      el(
        "button",
        { type: "button", class: "person-chip", "data-key": `add-${user}`, onclick: () => actions.add(call.id, user) },
        avatar(user, "small"),
        user,
        icon("add"),
      ),
    ),
    absent.length === 0 && el("p", {}, "Everyone of your list is in the call."),
    el(
      "form",
      { class: "field", onsubmit: add },
      field,
      el("button", { type: "submit", class: "small small-quiet" }, "Add"),
    ),
  );
}

export function failedView({ dialing, ...problem }, actions) {
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
      round({
        icon: "phone",
        word: "Try again",
        tone: "accept",
        key: "again",
        onclick: () => actions.invite(dialing.invitees, dialing.media),
      }),
    ),
  );
}

export function overView(call, state, actions) {
  const { title, detail, isMissed } = outcome(call, state);
  const names = others(call, state.me);
  const phase = phaseOf(call, state);
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
      mayJoin(call, state)
        ? round({ icon: "phone", word: join, tone: "accept", key: "join", onclick: () => actions.join(call.id) })
        : round({
            icon: call.media === "audio" ? "phone" : "video",
            word: "Call back",
            tone: "accept",
            key: "again",
            onclick: () => actions.invite(names, call.media),
          }),
    ),
  );
}
