// States and outcomes in words, from this user's point of view.
import { isLive, isRinging, legOf, phaseOf } from "./calls.js";

const LEG_WORDS = {
  inviting: "inviting",
  not_yet_received: "not reached yet",
  received: "ringing",
  accepted: "in the call",
  rejected: "rejected",
  timed_out: "no answer",
  quit: "left",
  ended: "hung up",
  canceled: "took it back",
  be_canceled: "taken back",
};
const LEFT_OUT_WORDS = {
  unregistered: "is not known here",
  already_in_call: "is in the call already",
  already_accepted: "has accepted already",
  not_ringing: "is not ringing any more",
};
const PROBLEM_WORDS = {
  nobody_registered: "Nobody of this name is known here. Users become known when they log in for the first time.",
  no_answer_from_server: "The server could not be reached, so the call was taken back.",
  rate_limited: "Too many requests in a short time.",
  answered_elsewhere: "The call was answered on another device.",
  call_ended: "The call is over.",
  ring_over: "The invitation is not open any more.",
  already_main_device: "The call is on this device already.",
  too_many_invitees: "That is more people than one call may have.",
};

/** @param {import("./calls.js").Leg} leg */
export function legWord(leg) {
  if (leg.status === "rejected" && leg.reason === "busy") return "busy";
  return LEG_WORDS[leg.status] ?? leg.status;
}

/** @param {{user: string, cause: string}[]} leftOut */
export function leftOutWords(leftOut) {
  return leftOut.map(({ user, cause }) => `${user} ${LEFT_OUT_WORDS[cause] ?? cause}.`).join(" ");
}

/** @param {{code: string, message: string}} problem */
export function problemWords(problem) {
  return PROBLEM_WORDS[problem.code] ?? `${problem.message} (${problem.code})`;
}

/** @param {string} media */
export function mediaWord(media) {
  return media === "audio" ? "Voice call" : "Video call";
}

/** @param {string[]} names */
export function list(names) {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** @param {number} ms */
export function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** The others in a call, for a title. @param {import("./calls.js").Call} call @param {string} me */
export function others(call, me) {
  return call.legs.map((leg) => leg.user).filter((user) => user !== me);
}

/**
 * How a call came out for this user.
 * @param {import("./calls.js").Call} call
 * @param {import("./calls.js").State} self
 * @returns {{title: string, detail: string, isMissed: boolean}}
 */
export function outcome(call, self) {
  const phase = phaseOf(call, self);
  const plain = (title, detail = "") => ({ title, detail, isMissed: false });
  const missed = (title, detail = "") => ({ title, detail, isMissed: true });
  if (phase === "elsewhere") {
    const wasHere = call.did === "call.accept" || call.did === "call.join";
    const is = call.caller === self.me ? "On another device" : "Answered on another device";
    return plain(wasHere ? "Moved to another device" : is, "The call goes on there.");
  }
  if (phase === "rang_out")
    return missed("Missed call", "The ringing time is over; the server will say how the call ended.");
  if (phase === "silenced") return plain("Silenced here", "It still rings on your other devices.");
  const mine = legOf(call, self.me);
  if (!mine) return plain("Over");
  if (call.caller === self.me) return outgoing(call, self, mine, plain);
  return incoming(call, self, mine, plain, missed);
}

function incoming(call, self, mine, plain, missed) {
  const here = call.mainDevice === null || call.mainDevice === self.device;
  switch (mine.status) {
    case "rejected":
      return plain(call.did === "call.reject" ? "You rejected the call" : "Rejected on another device");
    case "timed_out":
      return missed("Missed call", "Nobody answered in time.");
    case "be_canceled":
      if (call.end?.cause === "caller_lost") return missed("Missed call", `${call.caller} lost the connection.`);
      return missed("Missed call", `${call.end?.by ?? call.inviter} took the call back.`);
    case "quit":
      return plain("You left the call", call.status === "ended" ? talked(call, self.me) : "It goes on without you.");
    default:
      if (isRinging(mine)) return missed("Missed call", "The call ended before you answered.");
      if (!here) return plain("Answered on another device", talked(call, self.me));
      return ended(call, self, plain);
  }
}

function outgoing(call, self, mine, plain) {
  if (call.end?.cause === "caller_lost") return plain("Call taken back", "Your connection was lost for too long.");
  if (mine.status === "canceled") return plain("You took the call back");
  const invited = call.legs.filter((leg) => leg.user !== self.me);
  if (invited.some((leg) => leg.accepted_at || leg.status === "accepted")) {
    return mine.status === "quit" && call.status !== "ended"
      ? plain("You left the call", "It goes on without you.")
      : ended(call, self, plain);
  }
  const each = list(invited.map((leg) => `${leg.user}: ${legWord(leg)}`));
  if (invited.length > 1)
    return plain(invited.every((leg) => leg.status === "timed_out") ? "No answer" : "Nobody accepted", each);
  const [leg] = invited;
  if (leg?.status === "rejected") {
    return plain(leg.reason === "busy" ? `${leg.user} is busy` : `${leg.user} rejected the call`);
  }
  return plain(leg?.status === "timed_out" ? "No answer" : "You took the call back");
}

function ended(call, self, plain) {
  const by = call.end?.by;
  const time = talked(call, self.me);
  const who = by === self.me ? "You" : by;
  switch (call.end?.cause) {
    case "answered":
      return plain(
        call.caller === self.me ? `${list(acceptedBy(call))} accepted` : "You accepted",
        "In this mode the invitation is over once everyone has answered. The media room would be open now.",
      );
    case "ended":
      return plain(call.legs.length > 2 ? `${who} ended the call for everyone` : `${who} hung up`, time);
    case "all_left":
      return plain("Everyone has left", time);
    case "last_one_left":
      return plain("The others have left", time);
    case "caller_left":
      return plain(`${call.caller} left`, time);
    case "max_age":
      return plain("The call reached its longest age", time);
    case undefined:
      return plain("You left the call");
    default:
      return plain("The call is over", call.end ? `${call.end.cause}. ${time}` : time);
  }
}

function acceptedBy(call) {
  return call.legs.filter((leg) => leg.user !== call.caller && leg.accepted_at).map((leg) => leg.user);
}

/** Between points of the server's clock alone. */
function talked(call, me) {
  const from = call.legs
    .filter((leg) => leg.accepted_at && (call.caller === me || leg.user === me))
    .map((leg) => leg.accepted_at);
  const until = legOf(call, me)?.left_at ?? call.end?.at;
  return from.length > 0 && until ? `It lasted ${span(until - Math.min(...from))}.` : "";
}

/** How many are in the call or ring. @param {import("./calls.js").Call} call */
export function liveCount(call) {
  return call.legs.filter(isLive).length;
}
