// How the parts of the ZIM façade tell events.
import type { ZIMEvents } from "./types.js";

/** Raises an event. */
export type Raise = <Name extends keyof ZIMEvents>(name: Name, data: ZIMEvents[Name]) => void;
