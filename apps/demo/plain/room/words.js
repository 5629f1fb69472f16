// States, causes and problems of rooms in words, from this user's point of view.

const PROBLEM_WORDS = {
  bad_sdp: "The server could not make sense of what this browser offers.",
  kicked: "You were removed from this room and cannot come back.",
  media_busy: "The server carries as many calls as it can. Try again in a moment.",
  media_unavailable: "This server carries no sound and picture.",
  not_in_room: "You are no longer in the room.",
  rate_limited: "That was too much in a short time.",
  role_forbids: "Your role in this room does not permit that.",
  room_forbidden: "This room is not open to you.",
  room_full: "The room is full.",
  room_token_expired: "The way into the room has expired.",
  room_token_invalid: "The server did not accept the way into the room.",
  too_large: "That is too long to send.",
  too_many_rooms: "You are in as many rooms as you may be.",
  too_many_tracks: "You publish as much as you may already.",
};
const CAUSE_WORDS = {
  ended: "The room is over.",
  kicked: "You were removed from the room.",
  left: "You left the room.",
  lost: "The connection did not come back in time.",
  shutdown: "The server stops.",
  taken_over: "You entered the room on another device.",
};
const PRESENCE_WORDS = {
  connected: "connected",
  flowing: "in the room",
  joined: "connecting",
  reconnecting: "reconnecting",
};
const LAYER_WORDS = { high: "large", low: "small", medium: "medium", off: "paused" };
const QUALITY_WORDS = ["unknown", "bad", "poor", "fair", "good", "excellent"];
const DEVICE_WORDS = {
  NotAllowedError: "The browser may not use it.",
  NotFoundError: "None was found.",
  NotReadableError: "Another program uses it.",
  OverconstrainedError: "None is fit for it.",
};

/** @param {{code?: string, message: string}} problem */
export function problemWords(problem) {
  return PROBLEM_WORDS[problem.code] ?? (problem.code ? `${problem.message} (${problem.code})` : problem.message);
}

/** @param {string} cause */
export function causeWords(cause) {
  return CAUSE_WORDS[cause] ?? `You are out of the room (${cause}).`;
}

/** @param {string} presence */
export function presenceWord(presence) {
  return PRESENCE_WORDS[presence] ?? presence;
}

/** @param {string} layer */
export function layerWord(layer) {
  return LAYER_WORDS[layer] ?? layer;
}

/** @param {number} grade */
export function qualityWord(grade) {
  return QUALITY_WORDS[grade] ?? "unknown";
}

/** @param {string} what like "Camera and microphone" @param {Error} error of `getUserMedia` */
export function deviceWords(what, error) {
  return `${what}: ${DEVICE_WORDS[error.name] ?? error.message}`;
}

/** @param {number} bitrate in bits a second */
export function bitrateWords(bitrate) {
  if (bitrate < 1_000_000) return `${Math.round(bitrate / 1_000)} kbit/s`;
  return `${(bitrate / 1_000_000).toFixed(1)} Mbit/s`;
}
