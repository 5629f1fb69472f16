// The page of one room: `/room?user=alice&room=NAME`. Without a user or a room it asks for them.
// For tests: `relay=1` only through TURN, `tcp=1` only over TCP, `codec=vp8|vp9|h264|av1`, `simulcast=0`, `height=360`,
// `camera=0`, `microphone=0`.
import { avatar, el, refill, round } from "../dom.js";
import { Session } from "../session.js";
import { deviceId } from "../storage.js";
import { controls, controlsKey } from "./controls.js";
import { record, release } from "./devices.js";
import { Panel } from "./panel.js";
import { Room, USUAL } from "./room.js";
import { Tiles } from "./tiles.js";
import { causeWords, problemWords } from "./words.js";

const KNOWN = ["alice", "bob", "carol", "dave"];
const COUNT_EVERY_MS = 1_000;
const NOTICE_MS = 8_000;
const CONNECTION_WORDS = { connecting: "Connecting", open: "Connected", stopped: "Offline", waiting: "Reconnecting" };

const query = new URLSearchParams(location.search);

function byId(id) {
  return document.getElementById(id);
}

class Meeting {
  #me;
  #room;
  #name;
  #session;
  #tiles = new Tiles({ onSilenced: () => this.#drawSoon() });
  #panel;
  #tracks = [];
  #numbers = null;
  #notice = "";
  #noticeEnds = 0;
  #isDue = false;
  #drawn = "";

  constructor(me, name, device) {
    this.#me = me;
    this.#name = name;
    this.#session = new Session({ device, place: null, fetchToken: () => fetchToken(me), listener: this.#listener() });
    this.#room = new Room({
      me,
      request: (type, body) => this.#session.request(type, body),
      listener: { onChange: () => this.#drawSoon(), onProblem: (problem) => this.#tell(problemWords(problem)) },
      options: {
        ...USUAL,
        codec: query.get("codec"),
        isRelayOnly: query.get("relay") === "1",
        isSimulcast: query.get("simulcast") !== "0",
        isTcpOnly: query.get("tcp") === "1",
      },
    });
    this.#panel = new Panel(byId("panel"), this.#room);
  }

  start() {
    document.title = `${this.#name} · ${this.#me} · Offhook`;
    byId("room-name").textContent = `Room ${this.#name}`;
    byId("me").append(avatar(this.#me, "small"), el("span", { class: "me-name" }, this.#me));
    byId("waiting").after(this.#tiles.place);
    addEventListener("pagehide", () => this.#room.leave());
    setInterval(() => this.#count(), COUNT_EVERY_MS);
    this.#session.connect();
    this.#enter();
    this.#draw();
  }

  /** @returns {import("../session.js").Listener} */
  #listener() {
    return {
      onConnection: (connection) => {
        document.body.dataset.connection = connection.phase;
        byId("connection").textContent = CONNECTION_WORDS[connection.phase];
        if (connection.why) this.#tell(connection.why);
      },
      onWelcome: () => this.#room.readAnew(),
      onRoom: (frame) => this.#room.hear(frame),
      onEvent: () => {},
      onPlace: () => {},
      onTrace: () => {},
    };
  }

  async #enter() {
    release(this.#tracks);
    const wanted = {
      audio: query.get("microphone") !== "0",
      video: query.get("camera") !== "0",
      height: Number(query.get("height") ?? 720),
    };
    this.#tracks = await record(wanted, (sentence) => this.#tell(sentence));
    await this.#room.enter(this.#name, this.#tracks);
  }

  #leave() {
    this.#room.leave();
    release(this.#tracks);
  }

  #tell(sentence) {
    this.#notice = sentence;
    clearTimeout(this.#noticeEnds);
    this.#noticeEnds = setTimeout(() => this.#tell(""), NOTICE_MS);
    this.#drawSoon();
  }

  async #count() {
    this.#numbers = await this.#room.statistics();
    this.#draw();
  }

  /** Many things change at once; they are drawn together. */
  #drawSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  #draw() {
    const { phase, cause, problem } = this.#room.stay;
    document.body.dataset.stay = phase;
    this.#tiles.draw(this.#room, this.#numbers);
    this.#panel.draw(this.#room, this.#numbers);
    const sentence = this.#tiles.isSilenced
      ? "The browser keeps this page silent until you click in it."
      : this.#notice;
    byId("notice").hidden = sentence === "";
    byId("notice").textContent = sentence;
    const key = `${phase} ${cause} ${problem?.code} ${controlsKey(this.#room)}`;
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.#drawFrame(phase, cause, problem);
  }

  #drawFrame(phase, cause, problem) {
    const isFirst = phase === "out" && !cause && !problem;
    const why = problem ? problemWords(problem) : cause ? causeWords(cause) : "";
    byId("waiting").hidden = phase === "in";
    refill(byId("waiting"), [
      el("h1", { class: "stage-title" }, phase === "entering" || isFirst ? "Entering the room" : "Not in the room"),
      el("p", { class: "stage-sub" }, phase === "out" ? why || "Waiting for the camera and the microphone." : ""),
    ]);
    const again = { icon: "video", word: "Enter again", tone: "accept", key: "enter", onclick: () => this.#enter() };
    const leave = { icon: "hang_up", word: "Leave", tone: "end", key: "leave", onclick: () => this.#leave() };
    refill(
      byId("controls"),
      phase === "out"
        ? isFirst
          ? []
          : [round(again)]
        : [...controls(this.#room, (text) => this.#tell(text)), round(leave)],
    );
  }
}

async function fetchToken(user) {
  const response = await fetch(`/dev/token?user=${encodeURIComponent(user)}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text.trim();
}

function drawChoice(room) {
  const field = el("input", { type: "text", name: "room", maxlength: 64, required: true, autocomplete: "off" });
  field.value = room || "lobby";
  const go = (user) => () => {
    if (!field.reportValidity()) return;
    location.assign(`/room?${new URLSearchParams({ user, room: field.value.trim() })}`);
  };
  byId("choice").replaceChildren(
    el("h1", {}, "Enter a room"),
    el(
      "p",
      { class: "lead" },
      "Each tab is a person. Open two of them in the same room, and they see and hear each other.",
    ),
    el("label", { class: "room-field" }, "Room", field),
    el(
      "ul",
      { class: "choices" },
      ...KNOWN.map((user) =>
        el(
          "li",
          {},
          el(
            "button",
            { type: "button", class: "choice", onclick: go(user) },
            avatar(user, "medium"),
            el("span", { class: "choice-name" }, user),
          ),
        ),
      ),
    ),
  );
}

const [user, room] = [query.get("user"), query.get("room")];
if (user && room) {
  byId("meeting").hidden = false;
  byId("bar-tools").hidden = false;
  new Meeting(user, room, await deviceId()).start();
} else {
  byId("choice").hidden = false;
  drawChoice(room);
}
