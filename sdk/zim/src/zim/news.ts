// What the client tells of calls, as the events of the ZIM packages, in their order: first the one that names what
// happened, then the changes of state, then the three that only the inviter of a general call hears.
import type { Call, CallState, ClientEvent, EndCause, EventOf, Leg } from "@offhook/client";
import { platform } from "../shared/platform.js";
import { callUser, invitation, isOpen, modeNumber } from "./views.js";
import type { Raise } from "./raise.js";

/** How many calls are remembered. More costs memory, fewer might tell the end of an old one twice. */
const MAX_CALLS = 128;

/** What has been told of a call, and what is being done to it. */
interface Told {
  /** Its creation, at the caller. */
  creation: boolean;
  /** How the invitation of this user was last told. */
  invitation: "canceled" | "none" | "open" | "rung_out" | "timed_out";
  /** Which of the own requests is on its way, for those whose own part the reference does not tell, or tells otherwise. */
  deed?: "cancel_all" | "cancel_some" | "join";
  /** Invitees who had answered when the call was created: to be told once the app knows the call. */
  early: readonly Leg[];
}

/** Who did something, and what they sent along. */
interface Deed {
  readonly by?: string | undefined;
  readonly data: string;
}

/** Tells of calls. */
export class CallNews {
  readonly #told = new Map<string, Told>();
  /** The session began anew just now: calls that come up are found, not created. */
  #isBeginning = false;
  #invites = 0;

  constructor(
    private readonly raise: Raise,
    private readonly me: string,
  ) {}

  /** Takes an event of the client. */
  hear(event: ClientEvent): void {
    switch (event.kind) {
      case "connection":
        if (event.connection.state === "online" && !event.connection.resumed) this.#begin();
        return;
      case "call_created":
        if (event.call.state.caller === this.me && !this.#isBeginning) this.created(event.call.state);
        return;
      case "incoming":
        return this.incoming(event.call.state, event.remainingMs);
      case "ring_stopped":
        return this.#ringStopped(event);
      case "call_changed":
        return this.#changed(event.call.state, event.changed, { data: "" });
      case "call_ended":
        return this.#ended(event);
      case "merged":
        this.#of(event.call.state).creation = true;
        return this.#states(event.call.state, event.call.state.legs);
      case "refused":
      case "room":
      case "token_needed":
      case "token_renewed":
      case "token_will_expire":
        return;
    }
  }

  /** This user is invited; `remainingMs` is how long it rings from now. */
  incoming(call: CallState, remainingMs: number): void {
    this.#of(call).invitation = "open";
    const inviter = call.inviter;
    this.raise("callInvitationReceived", { ...invitation(call, Math.ceil(remainingMs / 1000)), inviter });
  }

  /** The user created a call. Harmless to repeat. */
  created(call: CallState): void {
    const told = this.#of(call);
    if (told.creation || told.deed === "join") return;
    told.creation = true;
    told.early = call.legs.filter((leg) => leg.user !== this.me && !isOpen(leg.status) && leg.status !== "accepted");
    const legs = call.legs.map((leg): Leg =>
      told.early.includes(leg) ? { user: leg.user, status: "inviting", data: "" } : leg,
    );
    const atFirst = { ...call, legs };
    this.#states(call, legs);
    this.raise("callInvitationCreated", invitation(atFirst, Math.ceil(call.timeoutMs / 1000)));
    if (this.#invites === 0) this.#tellEarly(call, told);
  }

  /** Does what creates a call, and tells of it before it gives it back. */
  async inviting<Invited extends { readonly call: Call; readonly merged: boolean }>(
    invite: () => Promise<Invited>,
  ): Promise<Invited> {
    this.#invites += 1;
    try {
      const invited = await invite();
      const { state } = invited.call;
      if (!invited.merged) this.created(state);
      this.#tellEarly(state, this.#of(state));
      return invited;
    } finally {
      this.#invites -= 1;
    }
  }

  /** Does what the reference tells its own device nothing of, or in other words. */
  async doing<Result>(
    call: CallState,
    deed: NonNullable<Told["deed"]>,
    request: () => Promise<Result>,
  ): Promise<Result> {
    const told = this.#of(call);
    told.deed = deed;
    try {
      return await request();
    } finally {
      delete told.deed;
    }
  }

  /** The calls that come up before the turn is over were there before. */
  #begin(): void {
    this.#isBeginning = true;
    queueMicrotask(() => (this.#isBeginning = false));
  }

  #of(call: CallState): Told {
    const known = this.#told.get(call.id);
    if (known) return known;
    const told: Told = { creation: false, invitation: "none", early: [] };
    this.#told.set(call.id, told);
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= MAX_CALLS) break;
      this.#told.delete(oldest);
    }
    return told;
  }

  /** Who was busy or away has answered before the app can know the call's id: it hears so after it does. */
  #tellEarly(call: CallState, told: Told): void {
    const { early } = told;
    told.early = [];
    if (early.length > 0) platform().later(() => this.#changed(call, early, { data: "" }), 0);
  }

  #ringStopped({ call: { state }, reason, by, data }: EventOf<"ring_stopped">): void {
    if (reason === "canceled") this.#canceled(state, { by, data });
    if (reason === "unanswered") this.#unanswered(state);
    if (reason === "timed_out") {
      this.#unanswered(state);
      this.#of(state).invitation = "rung_out";
      this.#states(state, [{ user: this.me, status: "timed_out", data: "" }]);
    }
  }

  #canceled(call: CallState, { by, data }: Deed): void {
    const told = this.#of(call);
    if (told.invitation === "canceled") return;
    told.invitation = "canceled";
    const inviter = by ?? call.inviter;
    this.raise("callInvitationCancelled", {
      callID: call.alias,
      mode: modeNumber(call.mode),
      inviter,
      extendedData: data,
    });
  }

  #unanswered(call: CallState): void {
    const told = this.#of(call);
    if (told.invitation === "timed_out" || told.invitation === "rung_out") return;
    told.invitation = "timed_out";
    this.raise("callInvitationTimeout", { callID: call.alias, mode: modeNumber(call.mode) });
  }

  #ended({ call: { state }, changed, by, data, end }: EventOf<"call_ended">): void {
    const deed = { by: by ?? end?.by, data };
    if (endsForAll(end?.cause) && this.#isThere(state)) {
      this.raise("callInvitationEnded", {
        callID: state.alias,
        mode: modeNumber(state.mode),
        caller: state.caller,
        operatedUserID: deed.by ?? "",
        extendedData: data,
        endTime: end?.at ?? 0,
      });
    }
    this.#changed(state, changed, deed);
  }

  #changed(call: CallState, changed: readonly Leg[], deed: Deed): void {
    const told = this.#of(call);
    const own = changed.find((leg) => leg.user === this.me);
    let legs = this.#asTheReferenceTells(changed, told);
    if (own?.status === "be_canceled") this.#canceled(call, deed);
    if (own?.status === "timed_out") {
      // The own clock may have told it already, together with the state.
      if (told.invitation === "rung_out") legs = legs.filter((leg) => leg !== own);
      this.#unanswered(call);
    }
    this.#states(
      call,
      legs.map((leg) => (leg.user === deed.by && leg.data === "" ? { ...leg, data: deed.data } : leg)),
    );
    if (call.mode !== "advanced" && call.caller === this.me) this.#answers(call, legs);
  }

  /** Of what the own request did, the part that the reference tells its device. */
  #asTheReferenceTells(changed: readonly Leg[], { deed }: Told): readonly Leg[] {
    const isMine = (leg: Leg) => leg.user === this.me;
    switch (deed) {
      case "cancel_all":
        return changed.filter((leg) => isMine(leg) || leg.status !== "be_canceled");
      case "cancel_some":
      case "join":
        return changed.filter((leg) => !isMine(leg));
      default:
        return changed;
    }
  }

  #states(call: CallState, legs: readonly Leg[]): void {
    if (legs.length > 0) this.raise("callUserStateChanged", { callID: call.alias, callUserList: legs.map(callUser) });
  }

  /** Deprecated for long, and yet all that some kits listen to. */
  #answers(call: CallState, legs: readonly Leg[]): void {
    const late: string[] = [];
    for (const { user, status, data } of legs.filter((leg) => leg.user !== this.me)) {
      const answer = { callID: call.alias, invitee: user, extendedData: data };
      if (status === "accepted") this.raise("callInvitationAccepted", answer);
      if (status === "rejected") this.raise("callInvitationRejected", answer);
      if (status === "timed_out") late.push(user);
    }
    if (late.length > 0) this.raise("callInviteesAnsweredTimeout", { callID: call.alias, invitees: late });
  }

  /** Whether this user rang or was in the call until now. */
  #isThere(call: CallState): boolean {
    const status = call.legs.find((leg) => leg.user === this.me)?.status;
    return status === undefined || status === "accepted" || status === "ended" || isOpen(status);
  }
}

/** Whether an end is nobody's answer: it has an event of its own. */
function endsForAll(cause: EndCause | undefined): boolean {
  switch (cause) {
    case "all_left":
    case "answered":
    case "caller_lost":
    case "canceled":
    case "rejected":
    case "unanswered":
      return false;
    default:
      return true;
  }
}
