// Beside the pictures: who is in the room, what was written, and what the browser counts.
import { avatar, el, refill } from "../dom.js";
import { bitrateWords, presenceWord, qualityWord } from "./words.js";

/** @typedef {import("./room.js").Room} Room */

export class Panel {
  #people = el("ul", { class: "rows" });
  #messages = el("ol", { class: "messages", "aria-live": "polite" });
  #numbers = el("dl", { class: "numbers" });
  #drawn = { people: "", messages: "", numbers: "" };

  /** @param {HTMLElement} place @param {Room} room */
  constructor(place, room) {
    const field = el("input", {
      type: "text",
      name: "message",
      maxlength: 1000,
      autocomplete: "off",
      placeholder: "Write to everyone",
      "aria-label": "Write to everyone",
    });
    const say = async (event) => {
      event.preventDefault();
      const text = field.value.trim();
      if (text && (await room.say(text)) && field.value.trim() === text) field.value = "";
    };
    place.replaceChildren(
      section("People", this.#people),
      section(
        "Chat",
        this.#messages,
        el(
          "form",
          { class: "field", onsubmit: say },
          field,
          el("button", { type: "submit", class: "small small-quiet" }, "Send"),
        ),
      ),
      section("Connection", this.#numbers),
    );
  }

  /** @param {Room} room @param {import("./statistics.js").Digest | null} numbers */
  draw(room, numbers) {
    const { members, messages, quality, streams, levels, me } = room.state;
    const known = members.map((member) =>
      member.user === me && room.isConnected ? { ...member, presence: "flowing" } : member,
    );
    this.#once("people", [known, quality, streams, Object.keys(levels)], () => {
      const rows = known.map((member) => person(member, room.state));
      refill(this.#people, rows.length > 0 ? rows : [hint("Once you are in the room, you see here who else is.")]);
    });
    this.#once("messages", messages, () => {
      refill(
        this.#messages,
        messages.length > 0 ? messages.map((message) => line(message, me)) : [hint("Nothing was written yet.")],
      );
      this.#messages.scrollTop = this.#messages.scrollHeight;
    });
    this.#once("numbers", [numbers?.at, room.state.own], () => refill(this.#numbers, facts(room, numbers)));
  }

  #once(part, shown, draw) {
    const key = JSON.stringify(shown);
    if (this.#drawn[part] === key) return;
    this.#drawn[part] = key;
    draw();
  }
}

function section(title, ...content) {
  return el("section", { "aria-label": title }, el("h2", { class: "section-title" }, title), ...content);
}

function person({ user, name, presence }, { me, quality, streams, levels }) {
  const own = streams.filter((stream) => stream.user === user);
  const shares = own.some(({ tracks }) => tracks.some(({ source }) => source === "screen"));
  const known = [quality[user]?.uplink, quality[user]?.downlink].filter(Boolean);
  const grade = known.length > 0 ? `${qualityWord(Math.min(...known))} connection` : "";
  const words = [presenceWord(presence), shares ? "shares a screen" : "", levels[user] ? "speaking" : "", grade];
  return el(
    "li",
    { class: "row", "data-user": user, "data-presence": presence },
    avatar(user, "small"),
    el(
      "div",
      { class: "recent-text" },
      el("span", { class: "row-name" }, user === me ? `${name || user} (you)` : name || user),
      el("span", { class: "recent-sub" }, words.filter(Boolean).join(" · ")),
    ),
  );
}

function line({ from, text }, me) {
  return el("li", { class: "message" }, el("strong", {}, from === me ? "You" : from), " ", el("span", {}, text));
}

function hint(sentence) {
  return el("li", { class: "hint" }, sentence);
}

/** Pairs of a word and a number. */
function facts(room, numbers) {
  const pairs = [];
  const { rttMs, downlinkBps } = room.state.own;
  if (numbers?.path) pairs.push(["Path", numbers.path]);
  if (rttMs || numbers?.rttMs) pairs.push(["Round trip", `${rttMs || numbers.rttMs} ms`]);
  if (downlinkBps) pairs.push(["Estimated downlink", bitrateWords(downlinkBps)]);
  const sum = (all) => bitrateWords(all.reduce((whole, { bitrate }) => whole + bitrate, 0));
  if (numbers) pairs.push(["Receives", sum(numbers.inbound)], ["Sends", sum(numbers.outbound)]);
  const pictures = (numbers?.outbound ?? []).filter(({ kind }) => kind === "video");
  pictures.sort((one, other) => one.width - other.width);
  for (const { rid, width, height, framesPerSecond, bitrate, codec } of pictures) {
    const what = width ? `${width}×${height}, ${framesPerSecond} fps, ${bitrateWords(bitrate)}` : "paused";
    pairs.push([`Picture${rid ? ` ${rid}` : ""} ${codec}`, what]);
  }
  if (pairs.length === 0) pairs.push(["Connection", "none yet"]);
  return pairs.flatMap(([word, value]) => [el("dt", {}, word), el("dd", {}, value)]);
}
