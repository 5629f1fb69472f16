// What stands around the views: the tab's title, the state of the connection, and what is said aloud.
import { callsIn, legOf } from "./calls.js";
import { legWord, mediaWord } from "./words.js";

const TITLE_TURN_MS = 1_000;
const CONNECTION_WORDS = { connecting: "Connecting", open: "Connected", stopped: "Offline", waiting: "Reconnecting" };

/** Why a session stands still that was cut on purpose. */
export const CUT = "The connection was cut by hand.";

/** @param {string} id */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * Alternates while it rings, so that the tab is found among others.
 * @param {import("./calls.js").State} state
 * @param {number} now
 */
export function drawTitle(state, now) {
  const [ringing] = callsIn(state, ["ringing"]);
  const turns = Math.floor(now / TITLE_TURN_MS) % 2 === 0;
  const rings = ringing && (turns ? `${ringing.inviter} is calling` : mediaWord(ringing.media));
  const title = rings || `${state.me} · Offhook`;
  if (document.title !== title) document.title = title;
}

/** @param {import("./session.js").Connection} connection @param {number} now */
export function drawConnection({ phase, retryAt, why }, now) {
  const wait = phase === "waiting" ? `in ${Math.max(0, Math.ceil((retryAt - now) / 1000))} s` : "";
  setText(byId("countdown"), wait);
  setText(byId("connection"), CONNECTION_WORDS[phase]);
  document.body.dataset.connection = phase;
  setText(byId("offline-why"), why ?? "");
  byId("offline").hidden = phase !== "stopped";
  setText(byId("cut"), why === CUT ? "Connect again" : "Cut the connection");
}

/**
 * Tells who cannot see it that it rings, and what became of the others in the call.
 * @param {import("./calls.js").State} before
 * @param {import("./calls.js").State} after
 */
export function announce(before, after) {
  const staged = after.calls[after.stage ?? ""];
  const was = staged && before.calls[staged.id];
  const legs = was ? staged.legs.filter((leg) => leg.user !== after.me) : [];
  const news = legs.filter((leg) => legOf(was, leg.user)?.status !== leg.status);
  if (news.length > 0) byId("news").textContent = news.map((leg) => `${leg.user}: ${legWord(leg)}`).join(", ");
  const rang = new Set(callsIn(before, ["ringing"]).map((call) => call.id));
  for (const call of callsIn(after, ["ringing"]).filter(({ id }) => !rang.has(id))) {
    byId("announcement").textContent = `Incoming ${mediaWord(call.media).toLowerCase()} from ${call.inviter}`;
  }
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
