// @offhook/zim: an Offhook client in the shapes of the ZIM and Express web packages.
export * from "./zim/enums.js";
export { ZIMFailure } from "./zim/failure.js";
export type * from "./zim/types.js";
export { ZIM } from "./zim/zim.js";
export { ZPNs, ZPNsFailure } from "./zpns/zpns.js";
export type { ZPNsConfig, ZPNsEventHandler, ZPNsRegisterMessage } from "./zpns/zpns.js";
export { ZegoExpressEngine } from "./express/engine.js";
export { ZegoFailure } from "./express/failure.js";
export { ZegoLocalStream } from "./express/local_stream.js";
export { ZegoRemoteView } from "./express/remote_view.js";
export type * from "./express/types.js";
