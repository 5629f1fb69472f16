// How the parts of the Express façade tell events.
import type { ZegoEvents } from "./types.js";

/** Tells an event to everyone who listens. */
export type Emit = <Name extends keyof ZegoEvents>(name: Name, ...told: ZegoEvents[Name]) => void;
