// Which reply belongs to which request.
import type { Reply, Request } from "../generated/frames.js";

type ReplyType<Asked extends Request["type"]> = Asked extends "call.invite"
  ? "reply.invited"
  : Asked extends "call.list"
    ? "reply.calls"
    : Asked extends `call.${string}`
      ? "reply.call"
      : Asked extends "user.query" | "user.update"
        ? "reply.users"
        : Asked extends "session.renew_token"
          ? "reply.token"
          : Asked extends "room.token"
            ? "reply.room_token"
            : Asked extends "room.join" | "room.read"
              ? "reply.room"
              : Asked extends "room.offer"
                ? "reply.answer"
                : Asked extends "device.push_key"
                  ? "reply.push_key"
                  : "reply.done";

type BodyOf<Type> = Extract<Reply, { type: Type }> extends { body: infer Body } ? Body : undefined;

/** The body of the reply to a request; undefined for those that are just done. */
export type ReplyTo<Asked extends Request> = BodyOf<ReplyType<Asked["type"]>>;
