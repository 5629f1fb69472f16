// The numbers that this side gives; those of the server's refusals come with them. As this file imports nothing, bundlers put
// each where it is used.
export const NOT_LOGGED_IN = 1000002;
export const TOO_MANY_ROOMS = 1002001;
export const NO_USER = 1002005;
export const NO_ROOM = 1002011;
export const LOGIN_TIMED_OUT = 1002031;
export const LOGIN_FAILED = 1002033;
export const TAKEN_OVER = 1002050;
export const INTERRUPTED = 1002052;
export const DISCONNECTED = 1002053;
export const KICKED = 1002055;
export const PUBLISHING_FAILED = 1003001;
export const STREAM_TAKEN = 1003028;
export const NO_STREAM = 1004002;
export const NO_TOKEN = 1102016;
export const TOKEN_EXPIRED = 1102018;
export const CAPTURE_FAILED = 1103061;
export const CAPTURE_DENIED = 1103064;
export const CAPTURE_TAKEN = 1103065;
