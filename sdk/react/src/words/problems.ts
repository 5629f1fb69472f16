// What went wrong, in words.
import type { LeftOutCause, OffhookError } from "@offhook/client";
import type { Words } from "./index.js";

/** A refusal or an error, as a sentence. */
export function problemWords(words: Words, { code }: OffhookError): string {
  switch (code) {
    case "answered_elsewhere":
    case "already_main_device":
      return words.problem_answered_elsewhere;
    case "call_ended":
    case "call_not_found":
    case "canceled":
    case "ring_over":
    case "not_joined":
      return words.problem_call_over;
    case "disconnected":
      return words.problem_disconnected;
    case "kicked":
      return words.problem_kicked;
    case "media_unavailable":
      return words.room_no_media;
    case "nobody_registered":
    case "user_not_found":
      return words.problem_nobody;
    case "not_connected":
    case "timed_out":
    case "store_unavailable":
      return words.problem_offline;
    case "rate_limited":
    case "too_many_requests":
      return words.problem_rate;
    case "role_forbids":
    case "room_forbidden":
    case "not_caller":
    case "not_invited":
      return words.problem_forbidden;
    case "room_full":
      return words.room_full;
    case "token_expired":
    case "token_invalid":
      return words.problem_sign_in;
    case "too_many_invitees":
      return words.problem_too_many;
    case "unsupported":
      return words.room_unsupported;
    default:
      return words.problem_other(code);
  }
}

/** Why somebody could not be invited. */
export function leftOutWords(words: Words, name: string, cause: LeftOutCause): string {
  switch (cause) {
    case "unregistered":
      return words.left_unregistered(name);
    case "already_in_call":
    case "already_accepted":
      return words.left_in_call(name);
    default:
      return words.left_other(name);
  }
}
