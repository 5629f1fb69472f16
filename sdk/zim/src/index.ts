// @offhook/zim: an Offhook client in the shapes of the ZIM and Express web packages.
export * from "./zim/enums.js";
export { ZIMFailure } from "./zim/failure.js";
export type * from "./zim/types.js";
export { ZIM } from "./zim/zim.js";
