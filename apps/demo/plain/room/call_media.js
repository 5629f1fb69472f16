// Sound and picture of a call: the room that bears the call's id, entered when somebody is there to talk to.
import { controls, controlsKey } from "./controls.js";
import { record, release } from "./devices.js";
import { Room } from "./room.js";
import { Tiles } from "./tiles.js";
import { causeWords, problemWords } from "./words.js";

const COUNT_EVERY_MS = 1_000;

/**
 * What the stage shows of it.
 * @typedef {object} View
 * @property {HTMLElement} place the pictures
 * @property {() => HTMLElement[]} controls
 * @property {string} sentence what is wrong, if something is
 * @property {string} key changes when the view does
 */

export class CallMedia {
  #room;
  #tiles = new Tiles({ onSilenced: () => this.#changed() });
  /** The call whose room this is, or was. @type {string | null} */
  #call = null;
  #tracks = [];
  /** Ways into rooms that came with replies, by call. @type {Map<string, string>} */
  #ways = new Map();
  #numbers = null;
  #sentence = "";
  #counting = 0;
  #onChange;

  /** @param {{me: string, request: (type: string, body?: object) => Promise<any>, onChange: () => void}} parts */
  constructor({ me, request, onChange }) {
    this.#onChange = onChange;
    const onProblem = (problem) => this.#tell(problemWords(problem));
    this.#room = new Room({ me, request, listener: { onChange: () => this.#changed(), onProblem } });
  }

  /** @returns {View | null} null while there is no room */
  get view() {
    if (this.#call === null) return null;
    const { phase, cause, problem } = this.#room.stay;
    const why = problem ? problemWords(problem) : phase === "out" && cause && cause !== "left" ? causeWords(cause) : "";
    const silence = this.#tiles.isSilenced ? "The browser keeps this page silent until you click in it." : "";
    const sentence = silence || why || this.#sentence;
    return {
      place: this.#tiles.place,
      controls: () => (phase === "in" ? controls(this.#room, (text) => this.#tell(text)) : []),
      sentence,
      key: JSON.stringify([this.#call, phase, sentence, controlsKey(this.#room)]),
    };
  }

  /** Keeps a way into a call's room that came with a reply. @param {any} reply */
  keepWay(reply) {
    if (reply.call && reply.room) this.#ways.set(reply.call.call, reply.room.token);
  }

  /** Goes where the user talks. @param {import("../calls.js").Call | null} call in which there is somebody to talk to */
  follow(call) {
    const id = call?.id ?? null;
    if (id === this.#call) return;
    this.#leave();
    this.#call = id;
    if (call) this.#enter(call);
  }

  hear(frame) {
    this.#room.hear(frame);
  }

  readAnew() {
    this.#room.readAnew();
  }

  async #enter({ id, media }) {
    const wanted = { audio: true, video: media !== "audio", height: 720 };
    const tracks = await record(wanted, (sentence) => this.#tell(sentence));
    if (this.#call !== id) {
      release(tracks);
      return;
    }
    this.#tracks = tracks;
    this.#counting = setInterval(() => this.#count(), COUNT_EVERY_MS);
    await this.#room.enter(id, tracks, this.#ways.get(id));
    this.#ways.delete(id);
  }

  #leave() {
    clearInterval(this.#counting);
    this.#room.leave();
    release(this.#tracks);
    this.#tracks = [];
    this.#sentence = "";
    this.#numbers = null;
  }

  async #count() {
    this.#numbers = await this.#room.statistics();
    this.#tiles.draw(this.#room, this.#numbers);
  }

  #tell(sentence) {
    this.#sentence = sentence;
    this.#changed();
  }

  #changed() {
    this.#tiles.draw(this.#room, this.#numbers);
    this.#onChange();
  }
}
