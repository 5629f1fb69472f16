// Every sentence of the app, in English. What a call says is the kit's.
import type { Decision } from "../trace/log.js";

const LEG_WORDS: Readonly<Record<string, string>> = {
  accepted: "in the call",
  be_canceled: "invitation taken back",
  canceled: "took the call back",
  ended: "ended the call",
  inviting: "invited",
  not_yet_received: "not reached yet",
  quit: "left",
  received: "ringing",
  rejected: "rejected",
  timed_out: "did not answer",
};
const CAUSE_WORDS: Readonly<Record<string, string>> = {
  all_left: "everybody has left",
  answered: "everybody has answered",
  caller_left: "the caller has left",
  caller_lost: "the caller was lost",
  canceled: "it was taken back",
  ended: "somebody hung up",
  last_one_left: "nobody else was left",
  max_age: "it reached its greatest age",
  rejected: "nobody accepted",
  unanswered: "nobody answered",
};
const LEFT_OUT_WORDS: Readonly<Record<string, string>> = {
  already_accepted: "has accepted already",
  already_in_call: "is in the call already",
  not_ringing: "does not ring",
  unregistered: "is not known here",
};

const leg = (status: string, reason?: string): string =>
  reason === "busy" ? "busy" : (LEG_WORDS[status] ?? status.replaceAll("_", " "));

export const en = {
  choice: {
    title: "Who are you?",
    lead: "Every tab is a device of its own. Open two people side by side, and call.",
    be: (name: string) => `Be ${name}`,
    newTab: (name: string) => `Open ${name} in a new tab`,
    somebody: "Somebody else",
    hint: "An id of 1 to 32 letters, digits or signs, without spaces",
    go: "Continue",
    rooms: "A room without a call",
    pushes: "Pushes",
  },
  shell: {
    places: { people: "People", recents: "Recents", settings: "Settings" },
    pages: "Pages",
    skip: "Skip to the page",
    call: "Call",
    doNotDisturb: "Do not disturb",
    trace: "Trace",
    me: "You are",
    change: "Be somebody else",
    connection: {
      backoff: (seconds: number) => (seconds > 0 ? `Reconnecting in ${seconds} s` : "Reconnecting"),
      connecting: "Connecting",
      disconnected: "Disconnected",
      online: "Connected",
      stopped: "Offline",
    },
    loggedOut: "You are logged out on this device. Nothing rings here.",
    away: "The server cannot be reached. Calls go on as soon as it is back.",
    connect: "Connect",
    broken: "This page has broken.",
    brokenHint: "That should not happen. A call that goes on is still there when the page is loaded again.",
    reload: "Load it again",
    loading: "One moment",
  },
  people: {
    title: "People",
    presence: { in_call: "In a call", offline: "Offline", online: "Online" },
    stale: "Who is online is not known at the moment.",
    voice: (name: string) => `Voice call to ${name}`,
    video: (name: string) => `Video call to ${name}`,
    alone: "Nobody else is here yet.",
    aloneHint: (name: string) => `Open ${name} in a second window, put the two side by side, and call.`,
    open: (name: string) => `Open ${name}`,
    group: "Group call",
    groupTitle: "Who is to be called?",
    groupVoice: "Voice call",
    groupVideo: "Video call",
    chosen: (count: number, most: number) => `${count} of at most ${most} chosen`,
    stop: "Cancel",
    add: "Add a contact",
    addField: "Id of somebody",
    badId: "An id has 1 to 32 letters, digits or signs, and no spaces.",
    itIsYou: "That is you.",
    remove: (name: string) => `Remove ${name}`,
    none: "No contacts yet. Add somebody by their id.",
  },
  recents: { title: "Recents" },
  wake: {
    ring: "Ring me when this tab is closed",
    hint: "By a notification of this browser, also while no tab is open.",
    waiting: "One moment",
    denied: "This browser does not permit notifications here. Permit them in the settings of the page, and try again.",
    unsupported: "This browser has no Web Push. On iPhone and iPad the page must be on the home screen.",
    no_key: "The server sends no pushes to browsers.",
    failed: "The browser's push service cannot be reached at the moment.",
    tooLate: "That call cannot be answered any more.",
    dismiss: "Close",
  },
  asleep: {
    title: (name: string) => `${name}'s phone`,
    lead: "It sleeps: no connection, no session. A push wakes it, and its answer needs nothing but the push.",
    phone: (name: string) => `The phone of ${name}`,
    dark: "Asleep",
    unreachable: "The server cannot be reached. Pushes do not come.",
    calls: { audio: "Voice call", video: "Video call" },
    accept: "Accept",
    decline: "Decline",
    answering: "Answering",
    left: (seconds: number) => `rings for ${seconds} s`,
    missed: "Missed call",
    notes: {
      answered_elsewhere: "Answered on another device",
      call_ended: "The call is over",
      failed: "The call could not be answered",
      rejected_elsewhere: "Declined on another device",
      ring_over: "Missed: the ring was over",
      token_expired: "Missed: the ring was over",
      unreachable: "No connection",
    },
    put: "Put it back to sleep",
    came: "Pushes that came",
    nothing: "None yet. Call from another window.",
    kinds: { missed: "missed", ring: "ring", stop: "stop" },
    step: (seq: number) => `step ${seq}`,
    unreadable: "unreadable",
    did: {
      missed: "shown as missed",
      note: "said for a moment",
      nothing: "passed over",
      quiet: "known already",
      rang: "rang",
    },
    pushes: "All pushes",
  },
  pushes: {
    title: "Pushes",
    lead: "What this server sends to vendors, and what becomes of it. Here there is no vendor: this page is one.",
    mode: "What becomes of a push",
    modes: {
      deliver: "Delivered",
      double: "Delivered twice",
      hold: "Held, until somebody decides",
      late: "Delivered late",
      lose: "Lost",
    },
    modeFailed: "The server did not take it.",
    away: "The server cannot be reached. This is how it was.",
    columns: { at: "Time", to: "To", kind: "Kind", caller: "Caller", state: "State", verdict: "Verdict" },
    states: { delivered: "Delivered", held: "Held", lost: "Lost" },
    verdicts: { delivered: "accepted", held: "no answer yet", lost: "no answer" },
    none: "No push yet. Call somebody who is asleep.",
    phone: "Open a phone that sleeps",
    deliver: "Deliver",
    lose: "Lose",
    deliverOf: (kind: string, user: string) => `Deliver the ${kind} to ${user}`,
    loseOf: (kind: string, user: string) => `Lose the ${kind} to ${user}`,
    look: (kind: string, user: string) => `What the ${kind} to ${user} says`,
    drawer: "What it says",
    close: "Close",
    table: "Pushes, newest first",
  },
  settings: {
    title: "Settings",
    reaching: "Calls that reach you",
    placing: "Calls that you place",
    mode: "Kind of call",
    modeChoices: {
      advanced: "Until somebody hangs up; people can be added",
      general: "Over for the server once everybody has answered",
    },
    ring: "Let it ring for",
    seconds: (count: number) => `${count} seconds`,
    confirm: "Ask before hanging up",
    look: "Appearance",
    theme: "Colors",
    themeChoices: { auto: "As the system has it", dark: "Dark", light: "Light" },
    language: "Language",
    languageAuto: "As the browser has it",
    about: "This device",
    device: "Device",
    server: "Server",
    logout: "Log out on this device",
    logoutHint: "Nothing rings here until you connect again.",
  },
  trace: {
    title: "Trace",
    close: "Close the trace",
    clear: "Clear",
    copy: "Copy",
    copied: "Copied",
    notCopied: "Not copied",
    cut: "Cut the connection",
    mend: "Connect again",
    search: "Filter",
    show: "What is shown",
    frames: "Frames",
    events: "Events",
    outcomes: "Legs and decisions",
    regular: "Heartbeats",
    thisCall: "This call alone",
    legs: "Legs of the latest call",
    noCall: "No call yet. Place one, and every step appears here.",
    nothing: "Nothing fits the filter.",
    lines: "Lines of the trace, oldest first",
    newest: "To the newest",
    over: (cause: string) => `over: ${CAUSE_WORDS[cause] ?? cause}`,
    legState: leg,
    sent: "sent",
    received: "received",
    kinds: { decision: "decision", event: "event", leg: "leg", note: "note" },
    leg: (from: string | undefined, to: string, reason?: string): string =>
      from === undefined ? leg(to, reason) : `${leg(from)} → ${leg(to, reason)}`,
    decision: (decision: Decision): { head: string; rest: string } => {
      switch (decision.kind) {
        case "ended": {
          const by = decision.end.by === undefined ? "" : `, by ${decision.end.by}`;
          return { head: "Call over", rest: `${CAUSE_WORDS[decision.end.cause] ?? decision.end.cause}${by}` };
        }
        case "left_out":
          return { head: decision.user, rest: LEFT_OUT_WORDS[decision.cause] ?? decision.cause };
        case "main_device":
          return { head: "Main device", rest: decision.device };
        case "merged":
          return { head: "Merged", rest: "two calls of each other became one" };
        case "refused":
          return { head: `Refused: ${decision.request}`, rest: decision.code };
      }
    },
  },
} as const satisfies object;

/** What a language has to say. */
export type Words = Widened<typeof en>;

/** The same shape, with any text in place of each. */
type Widened<Shape> = Shape extends string
  ? string
  : Shape extends (...given: infer Given) => infer Said
    ? (...given: Given) => Widened<Said>
    : { readonly [Key in keyof Shape]: Widened<Shape[Key]> };
