// States of parties, kinds of outcome and of quality, in words.
import type { Leg, LocalTrouble, UserId } from "@offhook/client";
import type { Outcome } from "../desk/outcome.js";
import type { Words } from "./index.js";

/** Where a party of a call stands. */
export function legWords(
  words: Words,
  { delivery, status, reason }: Pick<Leg, "delivery" | "reason" | "status">,
): string {
  switch (status) {
    case "inviting":
      return deliveryWords(words, delivery) ?? words.leg_inviting;
    case "not_yet_received":
      return deliveryWords(words, delivery) ?? words.leg_not_yet_received;
    case "received":
      return words.leg_received;
    case "accepted":
      return words.leg_accepted;
    case "rejected":
      return reason === "busy" ? words.leg_busy : words.leg_rejected;
    case "timed_out":
      return words.leg_timed_out;
    case "quit":
      return words.leg_quit;
    case "ended":
      return words.leg_ended;
    case "canceled":
    case "be_canceled":
      return words.leg_canceled;
    default:
      return status;
  }
}

/** How far an invitation has got, where that says more than that there is one. */
function deliveryWords(words: Words, delivery: Leg["delivery"]): string | undefined {
  switch (delivery) {
    case "push_accepted":
    case "delivered":
      return words.leg_waking;
    case "ringing":
      return words.leg_received;
    default:
      return undefined;
  }
}

/** How a call came out: a title, and a sentence or `""`. @param nameOf how users are called */
export function outcomeWords(
  words: Words,
  { kind, who }: Outcome,
  nameOf: (user: UserId) => string,
): { title: string; detail: string } {
  const name = who === undefined ? "" : nameOf(who);
  switch (kind) {
    case "answered_elsewhere":
      return { title: words.out_answered_elsewhere, detail: words.out_answered_elsewhere_detail };
    case "busy":
      return { title: words.out_busy(name), detail: "" };
    case "canceled":
      return { title: words.out_canceled, detail: "" };
    case "connection_lost":
      return { title: words.out_connection_lost, detail: words.out_connection_lost_detail };
    case "cut_off":
      return { title: words.out_connection_lost, detail: "" };
    case "declined":
      return { title: words.out_declined, detail: "" };
    case "ended":
      return { title: words.out_ended, detail: "" };
    case "ended_by":
      return { title: words.out_ended_by(name), detail: "" };
    case "everyone_left":
      return { title: words.out_everyone_left, detail: "" };
    case "hung_up":
      return { title: words.out_hung_up, detail: "" };
    case "left_by":
      return { title: words.notice_left(name), detail: "" };
    case "left":
      return { title: words.out_left, detail: words.out_left_detail };
    case "lost":
      return { title: words.out_connection_lost, detail: words.out_lost_detail };
    case "missed":
      return { title: words.out_missed, detail: words.out_missed_detail };
    case "missed_canceled":
      return { title: words.out_missed_canceled, detail: name ? words.out_missed_canceled_detail(name) : "" };
    case "moved":
      return { title: words.out_moved, detail: words.out_answered_elsewhere_detail };
    case "nobody_answered":
      return { title: words.out_nobody_answered, detail: "" };
    case "ongoing":
      return { title: words.out_ongoing, detail: "" };
    case "rejected":
      return { title: words.out_rejected(name), detail: "" };
    case "removed":
      return { title: words.out_removed, detail: "" };
    case "ringing":
      return { title: words.out_ringing, detail: "" };
    case "taken_over":
      return { title: words.out_taken_over, detail: "" };
    case "too_long":
      return { title: words.out_too_long, detail: "" };
    case "unanswered":
      return { title: words.out_unanswered(name), detail: "" };
  }
}

/** 0–5, as `Participant.uplink` has it. */
export function qualityWord(words: Words, quality: number): string {
  const all = [
    words.quality_unknown,
    words.quality_bad,
    words.quality_poor,
    words.quality_fair,
    words.quality_good,
    words.quality_excellent,
  ];
  return all[quality] ?? words.quality_unknown;
}

/** Why a device gives nothing, and what can be done about it. */
export function troubleWords(
  words: Words,
  source: "both" | "camera" | "microphone",
  trouble: LocalTrouble,
): { title: string; way: string } {
  const way = words[`${trouble}_way`];
  if (source === "both" && (trouble === "denied" || trouble === "missing" || trouble === "insecure"))
    return { title: words[`both_${trouble}`], way };
  return { title: words[`${source === "camera" ? "camera" : "microphone"}_${trouble}`], way };
}
