// @offhook/client/service-worker: rings while no page is open. For the app's service worker.
export { handlePushes } from "./push/worker.js";
export { readPush } from "./push/document.js";
export type { Invitation, PushHandling, WindowOfApp, WorkerScope, WorkerSurroundings } from "./push/worker.js";
export type { PushDocument } from "./push/document.js";
export type { PushTexts } from "./push/texts.js";
