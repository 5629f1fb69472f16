// The pictures and voices of a room. An element lives as long as what it shows, so that nothing flickers or falls silent.
import { avatar, el, icon } from "../dom.js";
import { pair, spotlight } from "./layout.js";
import { tiles, trackKey } from "./roster.js";
import { bitrateWords, layerWord, presenceWord, qualityWord } from "./words.js";

/** Between pictures, in pixels; the style sheet has the same. */
const GAP = 12;
/** A resize comes in many steps; only where it comes to rest matters. */
const REST_MS = 150;
/** From this level on a tile is marked as speaking, even if somebody else speaks more. */
const AUDIBLE = 25;

/** @typedef {import("./room.js").Room} Room */

export class Tiles {
  /** The element to put somewhere. */
  place = el("div", { class: "pictures", role: "list", "aria-label": "Pictures" });
  #voices = el("div", { hidden: true });
  /** @type {Map<string, {box: HTMLElement, video: HTMLVideoElement, face: HTMLElement, name: HTMLElement, facts: HTMLElement, size: HTMLElement}>} */
  #boxes = new Map();
  /** @type {Map<string, HTMLAudioElement>} */
  #audio = new Map();
  /** @type {Room | null} */
  #room = null;
  #pinned = "";
  #resting = 0;
  #isSilenced = false;
  #onSilenced;

  /** @param {{onSilenced: () => void}} listener told when the browser keeps the page silent */
  constructor({ onSilenced }) {
    this.#onSilenced = onSilenced;
    this.place.append(this.#voices);
    new ResizeObserver(() => this.#arrange()).observe(this.place);
    addEventListener("pointerdown", () => this.#unsilence());
  }

  get isSilenced() {
    return this.#isSilenced;
  }

  /** @param {Room} room @param {import("./statistics.js").Digest | null} numbers */
  draw(room, numbers) {
    this.#room = room;
    const shown = room.stay.phase === "out" ? [] : tiles(room.state);
    const keys = new Set(shown.map(({ key }) => key));
    for (const [key, { box }] of this.#boxes) {
      if (keys.has(key)) continue;
      box.remove();
      this.#boxes.delete(key);
    }
    for (const tile of shown) this.#drawTile(tile, numbers);
    this.#drawVoices();
    this.#arrange();
  }

  #drawTile(tile, numbers) {
    const { state } = this.#room;
    const parts = this.#boxes.get(tile.key) ?? this.#newBox(tile);
    const own = this.#room.sent.find(({ source }) => source === tile.source);
    const track = tile.isMine ? own?.track : tile.stream && this.#room.track(tile.stream, tile.source);
    const isDark = !track || (tile.isMine ? own.muted : !tile.hasPicture);
    show(parts.video, isDark ? null : track, () => performance.mark("room.first_frame", { detail: tile.user }));
    parts.box.classList.toggle("is-dark", Boolean(isDark));
    parts.box.classList.toggle("is-mirrored", tile.isMine && tile.source === "camera");
    const isLoud = (state.levels[tile.user] ?? 0) >= AUDIBLE || state.active === tile.user;
    parts.box.classList.toggle("is-speaking", tile.source === "camera" && isLoud);
    const isSilent = tile.isMine ? ownIsSilent(this.#room) : tile.isSilent;
    parts.box.classList.toggle("is-silent", tile.source === "camera" && isSilent);
    setText(parts.name, nameOf(tile));
    setText(parts.facts, this.#facts(tile, isDark ? null : track, numbers));
  }

  #newBox(tile) {
    const video = el("video", { playsinline: true, autoplay: true });
    video.muted = true; // Voices have elements of their own.
    const face = avatar(tile.user, "large");
    const name = el("span", { class: "picture-name" });
    const facts = el("span", { class: "picture-facts" });
    const pin = () => {
      this.#pinned = this.#pinned === tile.key ? "" : tile.key;
      this.#arrange();
    };
    const box = el(
      "div",
      { class: "picture", role: "listitem", "data-user": tile.user, "data-source": tile.source },
      face,
      video,
      el(
        "span",
        { class: "picture-line" },
        el("span", { class: "picture-silent" }, icon("microphone_off")),
        name,
        facts,
      ),
      el("button", {
        type: "button",
        class: "picture-pin",
        "aria-label": `Show ${nameOf(tile)} large, or as before`,
        onclick: pin,
      }),
    );
    const parts = { box, video, face, name, facts };
    this.#boxes.set(tile.key, parts);
    this.place.append(box);
    return parts;
  }

  /** How far the user is, if not simply there; else what arrives of the picture. */
  #facts(tile, track, numbers) {
    const { state } = this.#room;
    const member = state.members.find(({ user }) => user === tile.user);
    if (!tile.isMine && member && member.presence !== "flowing" && member.presence !== "connected")
      return presenceWord(member.presence);
    if (tile.isMine) return "";
    const layer = state.layers[trackKey(tile.stream ?? "", tile.source)];
    const arrives = numbers?.inbound.find((each) => track && each.track === track.id);
    const size = arrives?.width ? `${arrives.width}×${arrives.height}, ${arrives.framesPerSecond} fps` : "";
    const rate = arrives?.bitrate ? bitrateWords(arrives.bitrate) : "";
    const uplink = state.quality[tile.user]?.uplink ?? 0;
    const grade = uplink > 0 && uplink < 4 ? `${qualityWord(uplink)} connection` : "";
    return [tile.hasPicture && layer ? layerWord(layer) : "", size, rate, grade].filter(Boolean).join(" · ");
  }

  #drawVoices() {
    const { state } = this.#room;
    const voices = state.streams
      .filter(({ user }) => user !== state.me)
      .flatMap(({ stream, user, tracks }) => tracks.map(({ source }) => ({ stream, user, source })))
      .filter(({ source }) => source === "microphone" || source === "screen_audio");
    const keys = new Set(voices.map(({ stream, source }) => trackKey(stream, source)));
    for (const [key, audio] of this.#audio) {
      if (keys.has(key) && this.#room.stay.phase !== "out") continue;
      audio.srcObject = null;
      audio.remove();
      this.#audio.delete(key);
    }
    if (this.#room.stay.phase === "out") return;
    for (const { stream, user, source } of voices) {
      const key = trackKey(stream, source);
      const audio = this.#audio.get(key) ?? el("audio", { autoplay: true, "data-user": user, "data-source": source });
      if (!this.#audio.has(key)) this.#voices.append(audio);
      this.#audio.set(key, audio);
      const track = this.#room.track(stream, source);
      if (track && carry(audio, track)) this.#play(audio);
    }
  }

  #play(audio) {
    audio.play().catch((error) => {
      if (error.name !== "NotAllowedError") return; // Replaced by another track, or taken away.
      this.#isSilenced = true;
      this.#onSilenced();
    });
  }

  #unsilence() {
    if (!this.#isSilenced) return;
    this.#isSilenced = false;
    for (const audio of this.#audio.values()) this.#play(audio);
    this.#onSilenced();
  }

  /** Screens and the pinned tile stand large, the others in a row below. Of two people the other has all the place. */
  #arrange() {
    const order = this.#room && this.#room.stay.phase !== "out" ? tiles(this.#room.state) : [];
    const isPinned = order.some(({ key }) => key === this.#pinned);
    const isPair = order.length === 2 && !isPinned && order.every(({ source }) => source === "camera");
    const isLarge = ({ key, source, isMine }) =>
      isPinned ? key === this.#pinned : isPair ? !isMine : source === "screen";
    const large = order.filter(isLarge);
    const small = order.filter((tile) => !isLarge(tile));
    const place = { width: this.place.clientWidth, height: this.place.clientHeight };
    const sizes = isPair ? pair(place) : spotlight({ large: large.length, small: small.length }, place, GAP);
    for (const [index, tile] of [...large, ...small].entries()) {
      const { box } = this.#boxes.get(tile.key);
      const { width, height } = isLarge(tile) ? sizes.large : sizes.small;
      box.style.order = String(index);
      box.style.width = `${width}px`;
      box.style.height = `${height}px`;
      box.classList.toggle("is-small", width < 240);
      box.classList.toggle("is-corner", isPair && tile.isMine);
    }
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.#tellSizes(), REST_MS);
  }

  #tellSizes() {
    if (!this.#room) return;
    const shown = tiles(this.#room.state).filter((tile) => !tile.isMine && tile.stream && this.#boxes.has(tile.key));
    const sized = shown.map(({ key, stream, source }) => {
      const { clientWidth, clientHeight } = this.#boxes.get(key).box;
      const scale = globalThis.devicePixelRatio;
      const size = { width: Math.round(clientWidth * scale), height: Math.round(clientHeight * scale) };
      return { key: trackKey(stream, source), stream, source, ...size };
    });
    this.#room.show(sized);
  }
}

function nameOf({ user, source, isMine }) {
  if (source === "screen") return isMine ? "Your screen" : `${user}’s screen`;
  return isMine ? "You" : user;
}

function ownIsSilent(room) {
  return room.sent.find(({ source }) => source === "microphone")?.muted ?? true;
}

/** Whether the element was given a track that it did not play before. */
function carry(element, track) {
  if (element.srcObject?.getTracks()[0] === track) return false;
  element.srcObject = new MediaStream([track]);
  return true;
}

function show(video, track, onFirstFrame) {
  if (!track) {
    if (video.srcObject) video.srcObject = null;
  } else if (carry(video, track)) video.requestVideoFrameCallback(onFirstFrame);
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
