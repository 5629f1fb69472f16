// @offhook/client/push: pushes of calls, in the page. Apart from the rest: an app without them does not load it.
export { onAnswered, takeAnswered, type AnsweredSurroundings } from "./push/answered.js";
export {
  keepSubscribed,
  pushStatus,
  subscribeToPushes,
  unsubscribeFromPushes,
  type PushStatus,
  type PushSurroundings,
  type Subscribing,
} from "./push/subscribe.js";
/** What a device makes of pushes, for devices that are no service workers. */
export { askInvitation, type Answer, type AnsweringPort, type AnswerRequest } from "./push/answering.js";
export { readPush, type PushDocument } from "./push/document.js";
export {
  reduceRing,
  type Face,
  type KnownRing,
  type KnownRings,
  type Note,
  type RingContext,
  type RingInput,
  type RingOutput,
  type RingStep,
} from "./push/ringing.js";
