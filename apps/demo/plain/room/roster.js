// What this device knows about a room, as one pure function: `reduce(state, input)`.
// No connection, no clock, no document. What it is told stands in docs/protocol.md, "Rooms".

const KEPT_MESSAGES = 200;

/**
 * @typedef {"camera" | "microphone" | "screen" | "screen_audio"} Source
 * @typedef {{user: string, name?: string, presence: "connected" | "flowing" | "joined" | "reconnecting"}} Member
 * @typedef {{stream: string, user: string, extra_info?: string, tracks: {source: Source, muted?: boolean}[]}} Stream
 * @typedef {{stream: string, source: Source, user: string}} Section what a media section of the server's offer carries
 * @typedef {{from: string, text: string}} Message
 *
 * @typedef {object} State
 * @property {string} me
 * @property {string} room
 * @property {string} role
 * @property {Member[]} members in the order in which they came
 * @property {Stream[]} streams in the order in which they came
 * @property {Record<string, Section>} sections by `a=mid`
 * @property {Record<string, string>} layers by `trackKey`
 * @property {Record<string, number>} levels 0 to 100, by user; who is silent is not named
 * @property {string | null} active who speaks most
 * @property {Record<string, {downlink: number, uplink: number}>} quality 5 excellent to 1 bad, 0 unknown, by user
 * @property {{downlinkBps: number, rttMs: number}} own connection
 * @property {Message[]} messages
 *
 * @typedef {object} Tile
 * @property {string} key
 * @property {string} user
 * @property {Source} source of the picture
 * @property {string | null} stream null if the user shows no picture
 * @property {boolean} isMine
 * @property {boolean} hasPicture
 * @property {boolean} isSilent the microphone is muted, or there is none
 */

/** @param {string} me @param {string} room @returns {State} */
export function begin(me, room) {
  return {
    me,
    room,
    role: "",
    members: [],
    streams: [],
    sections: {},
    layers: {},
    levels: {},
    active: null,
    quality: {},
    own: { downlinkBps: 0, rttMs: 0 },
    messages: [],
  };
}

/** @param {string} stream @param {string} source */
export function trackKey(stream, source) {
  return `${stream}/${source}`;
}

/**
 * @param {State} state
 * @param {{type: string, body: any}} input a `reply.room`, an event of the room, or `said`: what this user sent
 * @returns {State}
 */
export function reduce(state, { type, body }) {
  switch (type) {
    case "reply.room":
      return { ...state, role: body.role, members: body.members, streams: body.streams };
    case "room.members":
      return { ...state, ...withoutTheGone(state, body), members: change(state.members, body, "user", userOf) };
    case "room.streams":
      return { ...state, streams: change(state.streams, body, "stream", (id) => id) };
    case "room.offer":
      return { ...state, sections: Object.fromEntries(body.tracks.map(({ mid, ...section }) => [mid, section])) };
    case "room.layers":
      return { ...state, layers: { ...state.layers, ...Object.fromEntries(body.tracks.map(layer)) } };
    case "room.levels":
      return {
        ...state,
        active: body.active ?? null,
        levels: Object.fromEntries(body.levels.map((level) => [level.user, level.level])),
      };
    case "room.quality":
      return {
        ...state,
        own: { downlinkBps: body.downlink_bps, rttMs: body.rtt_ms },
        quality: Object.fromEntries(body.members.map(({ user, downlink, uplink }) => [user, { downlink, uplink }])),
      };
    case "room.message":
      return body.kind === "broadcast" ? say(state, body.from, body.data) : state;
    case "said":
      return say(state, state.me, body.data);
    default:
      return state; // The server may be newer.
  }
}

/**
 * What is to be shown, the screens first, the own picture last.
 * @param {State} state
 * @returns {Tile[]}
 */
export function tiles(state) {
  const screens = state.streams.filter((stream) => has(stream, "screen"));
  const others = state.members.filter(({ user }) => user !== state.me);
  const me = state.members.filter(({ user }) => user === state.me);
  return [
    ...screens.map((stream) => tile(state, stream.user, "screen", stream)),
    ...[...others, ...me].map(({ user }) => {
      const stream = state.streams.find((each) => each.user === user && has(each, "camera"));
      return tile(state, user, "camera", stream);
    }),
  ];
}

function tile(state, user, source, stream) {
  const picture = stream?.tracks.find((track) => track.source === source);
  const voices = state.streams.filter((each) => each.user === user && has(each, "microphone"));
  const isSilent = voices.every((each) => each.tracks.some((track) => track.source === "microphone" && track.muted));
  return {
    key: source === "screen" ? `screen/${stream.stream}` : `user/${user}`,
    user,
    source,
    stream: stream?.stream ?? null,
    isMine: user === state.me,
    hasPicture: picture !== undefined && !picture.muted,
    isSilent,
  };
}

function has(stream, source) {
  return stream.tracks.some((track) => track.source === source);
}

function layer({ stream, source, layer: word }) {
  return [trackKey(stream, source), word];
}

function userOf(removed) {
  return removed.user;
}

function withoutTheGone(state, { removed = [] }) {
  const gone = new Set(removed.map(userOf));
  return { streams: state.streams.filter(({ user }) => !gone.has(user)) };
}

/** Takes over what is added, changed and removed. Something that is added twice stands once. */
function change(known, { added = [], changed = [], removed = [] }, key, idOf) {
  const gone = new Set(removed.map(idOf));
  const news = new Map([...added, ...changed].map((each) => [each[key], each]));
  const kept = known.filter((each) => !gone.has(each[key])).map((each) => news.get(each[key]) ?? each);
  const isKnown = new Set(known.map((each) => each[key]));
  return [...kept, ...[...news.values()].filter((each) => !isKnown.has(each[key]))];
}

function say(state, from, text) {
  return { ...state, messages: [...state.messages, { from, text }].slice(-KEPT_MESSAGES) };
}
